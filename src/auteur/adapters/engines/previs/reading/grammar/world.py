"""Weather, season, hour and light, and the things that give it."""

from auteur.adapters.engines.previs.reading.draft import PropDraft
from auteur.adapters.engines.previs.reading.grammar.framing import Framing
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts

_SIMPLE = ("weather", "season", "light", "light_colour", "style")
_SOURCES = {
    "candle": "candle",
    "lamp": "lamp",
    "lantern": "lamp",
    "window": "window",
    "fire": "fire",
    "campfire": "fire",
    "bonfire": "fire",
    "torch": "torch",
    "flashlight": "torch",
    "moon": "moon",
    "television": "screen",
    "tv": "screen",
    "monitor": "screen",
    "computer": "screen",
    "laptop": "screen",
    "phone": "screen",
    "bulb": "lamp",
    "chandelier": "practical",
    "fireplace": "fire",
    "streetlamp": "lamp",
    "street lamp": "lamp",
    "desk lamp": "lamp",
    "neon sign": "neon",
    "brazier": "fire",
    "stove": "fire",
    "match": "flicker",
    "lighter": "flicker",
    "fridge": "practical",
    "oil lamp": "lamp",
    "light bulb": "lamp",
    "headlamp": "torch",
    "head torch": "torch",
    "spark": "flicker",
    "firework": "flicker",
}
"""The light that a thing gives."""
_LONE = frozenset(
    {"candle", "lamp", "lantern", "fire", "campfire", "bonfire", "torch", "oil lamp", "brazier", "streetlamp"}
)
"""Things that a list names for no other reason."""


class World(Framing):
    """Weather, hours, light and style."""

    def _lying_snow(self, index: int) -> int | None:
        """Snow on the far peaks lies there, and falls on nobody."""
        on = self.at(index + 1)
        if on is None or on.norm not in ("on", "upon", "on top of", "atop"):
            return None
        phrase = self.nouns.parse(index + 2)
        if phrase is None or phrase.value not in facts()["high_land"]:
            return None
        self.mark(index, index + 2, "place")
        return index + 2

    def on_world(self, index: int) -> int | None:
        """Weather, season, time, light and style, where they are no part of a noun phrase."""
        piece = self.p[index]
        entry = piece.get("time_of_day")
        if entry is not None and self._is_time(index):
            if self.draft.time_of_day is None or self._better_time(entry.value):
                self.draft.time_of_day = entry.value
            self.mark(index, index + 1, "time_of_day")
            return index + 1
        land = self.nouns.parse(index) if piece.norm.startswith("snow") else None
        if land is not None and land.plural and land.value in facts()["high_land"] and land.end > index + 1:
            return None  # snow-covered mountains
        if piece.has("weather") and piece.norm.split()[-1] == "snow" and (lies := self._lying_snow(index)):
            return lies
        entry = piece.get(*_SIMPLE)
        if entry is None and (entry := piece.get("light_adjective")) is not None:
            after = self.at(index + 1)
            lit = after is not None and (
                after.has("light") or (after.has("time_of_day") and after.norm.endswith("light"))
            )
            if after is None or not lit or after.field is not None:
                return None
            self.world("light", entry.value, "")
            self.mark(index, index + 1, "light")
            return index + 1
        if entry is None:
            return None
        single = len(piece.tokens) == 1
        if single and (piece.noun is not None or piece.verb is not None or piece.has("trait")):
            before, after = self.at(index - 1), self.at(index + 1)
            if (
                before is not None
                and before.field is None
                and before.has("article", "number", "owner")
                and (piece.noun is not None or (after is not None and after.noun))
            ):
                return None
            named = before is not None and before.field is None and before.has("article")
            if piece.verb is not None and self.subject_now() and self.clause and entry.role != "light" and not named:
                return None
        phrase = self.nouns.parse(index)
        if phrase is not None and phrase.end > index + 1 and single and entry.role != "style":
            return None
        if single and phrase is not None and entry.role == "style" and piece.has("trait"):
            return None
        if entry.role == "light_colour" and single and not self._stands_alone(index):
            glow = self.at(index + 1)
            if glow is None or glow.field is not None or not glow.has("light") or len(glow.tokens) < 2:
                return None  # warm window light is warm
        if entry.role == "light" and entry.value == "silhouette" and not self.draft.people:
            before, after = self.at(index - 1), self.at(index + 1)
            if (
                before is not None
                and before.has("article")
                and after is not None
                and (after.verb or after.has("relation"))
            ):
                self.subject_is(self.cast._new("figure", 1))
        self.world(entry.role, entry.value, piece.norm)
        self.mark(index, index + 1, "light" if entry.role == "light_colour" else entry.role)
        if entry.role == "weather":
            for word in piece.norm.split()[:-1]:  # morning mist has its hour
                hour = next((o for o in self.vocabulary.phrases.get((word,), ()) if o.role == "time_of_day"), None)
                if hour is not None:
                    self.world("time_of_day", hour.value, "")
        if entry.role == "light":
            words = piece.norm.split()
            for at in range(1, len(words)):  # soft window light is both
                for one in self.vocabulary.phrases.get(tuple(words[at:]), ()):
                    if one.role == "light":
                        self.world("light", one.value, "")
            for word in words[:-1]:  # soft morning light has its hour
                hour = next((o for o in self.vocabulary.phrases.get((word,), ()) if o.role == "time_of_day"), None)
                if hour is not None:
                    self.world("time_of_day", hour.value, "")
            source = next((word for word in ("lamp", "lantern", "lamps", "candles") if word in words), None)
            if source is not None and not {"lit", "light"} & set(words[1:2]):
                self.cast.prop(NounPhrase(index, role="thing", value=source.removesuffix("s")))
            after = self.at(index + 1)
            if (
                after is not None
                and after.has("direction", "side")
                and after.norm.startswith(("from", "on", "camera", "frame"))
            ):
                self.world("light", "side", "")
                self.mark(index + 1, index + 2, "light")
                return index + 2
        return index + 1

    def _better_time(self, value: str) -> bool:
        return self.draft.time_of_day == "day" and value != "day"

    def _is_time(self, index: int) -> bool:
        piece, before, after = self.p[index], self.at(index - 1), self.at(index + 1)
        if piece.norm in ("day", "days", "nights", "mornings", "evenings"):
            if after is not None and after.norm == "of":
                return False
            if before is not None and before.has("trait", "number", "quantity", "owner") and before.field is None:
                return False
        phrase = self.nouns.parse(index)
        return phrase is None or phrase.end == index + 1

    def world(self, role: str, value: str, said: str) -> None:
        draft = self.draft
        if role == "weather" and value not in draft.weather:
            draft.weather.append(value)
        elif role == "season":
            draft.season = draft.season or value
        elif role in ("light", "light_colour") and value not in draft.light:
            draft.light.append(value)
        elif role == "style" and said not in draft.style:
            draft.style.append(said)
        elif role == "time_of_day":
            draft.time_of_day = draft.time_of_day or value

    def lone_light(self, phrase: NounPhrase) -> None:
        """A lamp in a list, with nothing said of it, is there for its light: ``night, candle, handheld``."""
        if phrase.value in _LONE and self.wanted is None:
            self.world("light", _SOURCES[phrase.value], "")

    def on_light_source(self, index: int) -> int | None:
        """``lit by two candles``: the thing stands there, and its light falls."""
        piece = self.p[index]
        if piece.has("as_light"):
            near = next((one for one in reversed(self.clause) if isinstance(one, PropDraft)), None)
            near = near or (self.last if isinstance(self.last, PropDraft) else None)
            if near is None or (source := _SOURCES.get(near.what)) is None:
                return None
            self.world("light", source, "")
            self.mark(index, index + 1, "light")
            return index + 1
        if not piece.has("by_light"):
            return None
        phrase = self.nouns.parse(index + 1)
        if phrase is None:
            return None
        source = _SOURCES.get(phrase.value)
        if source is None:
            return None
        self.world("light", source, "")
        self.mark(index, index + 1, "light")
        if phrase.role == "thing" and phrase.value != "moon":
            self.cast.prop(phrase)
        self._take(phrase, "light")
        return phrase.end
