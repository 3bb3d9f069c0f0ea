"""How the phrases of a sentence belong together, for every language alike; what differs is in the words and `eastern`.

Long because the rules share what was said before: they are one walk from left to right over the phrases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from auteur.adapters.engines.previs.reading.languages.draft import Draft, Entity, Someone, Something
from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.languages.names import Names
from auteur.adapters.engines.previs.reading.shot import Shot, Where
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry

_FRAME = ("size", "kind", "angle", "over_shoulder", "pov")
_SINGLE = ("time_of_day", "season", "camera_height", "aspect", "lens_mm", "stop")
_NOUNS = ("person", "thing", "clothing", "body", "place", "name")
_VERBS = ("pose", "action", "state", "look", "look_toward", "hold", "wear")
SILENT = frozenset({
    "function", "camera", "conjunction", "contrast", "of", "with", "to", "from", "through", "relation", "number",
    "pronoun", "object", "light_word", "localiser", "particle", "article", "we", "shot",
})  # fmt: skip
"""Words that carry no picture of their own: that no field took them is no news."""
_ENDS = frozenset({".", ";", "!", "?", "\n", "..."})
_PAUSES = frozenset({",", ":", "(", ")", "-", "--"})
_ANIMALS = frozenset({
    "dog", "cat", "horse", "cow", "goat", "sheep", "bird", "seagull", "crow", "pigeon", "chicken", "wolf", "fox",
    "donkey", "bull",
})  # fmt: skip
_TOO_BIG = _ANIMALS | frozenset({
    "car", "truck", "bus", "taxi", "van", "train", "tram", "bicycle", "motorcycle", "boat", "ship", "plane",
    "helicopter", "cart", "wheelchair", "pram", "tractor", "table", "bed", "sofa", "door", "window", "wall", "tree",
    "building", "tower", "stairs", "fire", "piano", "bench", "counter", "fence", "gate", "mirror", "fireplace",
})  # fmt: skip
_STRUCTURES = frozenset({
    "train", "bridge", "church", "house", "castle", "hut", "barn", "tent", "ruin", "car", "temple", "cathedral",
})  # fmt: skip
"""Places that can be seen from another one."""
_FLAT = frozenset({"floor", "sofa", "bench", "chair", "armchair", "table", "stairs", "bicycle", "sand"})
"""What nobody is in, whatever the language says: Spanish *en el sofá* is on it."""
_GLOWS = {
    "candle": "candle", "fire": "fire", "fireplace": "fire", "lamp": "lamp", "lamppost": "lamp", "bulb": "lamp",
    "window": "window", "screen": "screen", "television": "screen", "phone": "screen",
}  # fmt: skip
_SIDEWAYS = {
    ("truck", "left"): "truck_left", ("truck", "right"): "truck_right", ("pan", "left"): "pan_left",
    ("pan", "right"): "pan_right", ("pan", "up"): "tilt_up", ("pan", "down"): "tilt_down",
    ("crane", "up"): "crane_up", ("crane", "down"): "crane_down", ("push_in", "forward"): "push_in",
}  # fmt: skip
_MOVE_SPEEDS = ("slow", "medium", "fast")


@dataclass
class _Clause:
    """What waits for its noun, from a comma to the next."""

    negated: bool = False
    verbs: list[Item] = field(default_factory=list)
    looks: bool = False
    holds: bool = False
    wears: bool = False
    count: int | None = None
    definite: bool = False
    traits: list[Item] = field(default_factory=list)
    link: str | None = None
    relation: str | None = None
    move: dict[str, Any] | None = None
    side: Item | None = None
    primary: Entity | None = None
    object: Something | None = None
    nouns: int = 0
    deed: str | None = None
    lone: bool = True


class Walk:
    """One walk over the phrases of a prompt. ``names``: what may be somebody's name."""

    def __init__(self, prompt: str, items: Sequence[Item], language: str, names: Names) -> None:
        self.prompt = prompt
        self.items = list(items)
        self.language = language
        self.names = names
        self.draft = Draft(language)
        self.clause = _Clause()
        self.subjects: list[Someone] = []
        self.last: Entity | None = None
        self.last_noun: tuple[int, Item] | None = None
        self.waits: Where | None = None
        self.speed: str | None = None
        self.shoulder: str | None = None
        self.pov = False
        self.emptied: list[Item] = []
        self.deserted: list[Item] = []
        self.took: set[int] = set()
        self.her: Item | None = None

    def read(self) -> Shot:
        """The shot that the phrases say."""
        at = 0
        while at < len(self.items):
            at = self._step(at)
        self._end_clause()
        self._finish()
        return self.draft.shot(self._not_understood())

    # what stands where

    def _near(self, at: int, step: int, *, over: Sequence[str] = ("function",)) -> Item | None:
        """The next phrase that is none of ``over``, within the clause."""
        at += step
        while 0 <= at < len(self.items):
            item = self.items[at]
            if item.role == MARK:
                return None
            if item.role not in over:
                return item
            at += step
        return None

    def _noun_after(self, at: int) -> Item | None:
        over = ("function", "colour", "trait", "number", "speed", "of", "article", "particle")
        item = self._near(at, 1, over=over)
        return item if item is not None and (item.has(*_NOUNS) or item.role in (UNKNOWN, "light_word")) else None

    def _take(self, item: Item, name: str) -> None:
        self.took.add(item.start)
        self.draft.span(item.start, item.end, item.text, name, item.read_as, self._value(item, name))
        for entry in item.attributes:
            self._frame_value(entry.role, entry.value)

    def _value(self, item: Item, name: str) -> str | None:
        """What the words say in the terms of the field that they went into."""
        entry = item.sense(*_TERMS.get(name, ()))
        return entry.value if entry is not None else None

    # one phrase

    def _step(self, at: int) -> int:
        item = self.items[at]
        role = self._role(item, at)
        if role == MARK:
            self._mark(item.value)
            return at + 1
        if role == "int_ext":
            return self._heading(at)
        handler = getattr(self, f"_on_{role}", None)
        if handler is not None:
            handler(item.only(role), at)
        elif role not in SILENT and role != UNKNOWN:
            if self.clause.negated and role in ("light", "weather", "style"):
                self.draft.add("without", item.sense(role).value)  # type: ignore[union-attr]
                self._take(item, "without")
            elif role in (*_SINGLE, "weather", "light", "style", "kind", "dutch", "focus", "compound"):
                self._frame_value(role, item.sense(role).value)  # type: ignore[union-attr]
                self._take(item, _FIELD.get(role, role))
        if role in SILENT:
            self.took.add(item.start)
        if role not in ("function", "conjunction"):
            self.clause.lone = False
        return at + 1

    def _role(self, item: Item, at: int) -> str:
        """Which of its senses counts here."""
        if len(item.senses) == 1 and item.role not in ("size", "int_ext"):
            return item.role
        before = self.items[at - 1] if at else None
        if (
            item.has("int_ext")
            and len(item.text) == 1
            and before is not None
            and not (before.role == MARK and before.value in _ENDS)
        ):
            return next((e.role for e in item.senses if e.role != "int_ext"), "localiser")
        if item.has("size") and (
            item.has("trait", "thing", "place", "side") or (item.text.islower() and item.value in ("extreme_close_up",))
        ):
            alone = self.clause.lone or (before is not None and before.has(*_FRAME, "move"))
            after = self.items[at + 1] if at + 1 < len(self.items) else None
            follows = (
                after is None or after.role == MARK or after.has("of", "relation", "to", "person") or after.has(*_FRAME)
            )
            if not (alone and follows):
                return next((e.role for e in item.senses if e.role != "size"), "size")
            return "size"
        if item.has("place") and item.has("negation"):
            noun = before is not None and before.has("place")
            return (
                "negation"
                if noun or ((self._noun_after(at) or item).has("place") and self._noun_after(at) is not None)
                else "place"
            )
        if item.has("place") and item.has("thing"):
            listed = before is None or before.role == MARK or before.has(*_FRAME, "of", "time_of_day", "weather")
            inside = self.clause.relation == "in" or (self.clause.link is None and listed and not self.clause.count)
            return "place" if inside and (self.draft.place is None or self.clause.relation == "in") else "thing"
        if item.has("side") and item.has("direction", "relation"):
            return item.role
        if item.has("number") and item.has("function"):
            return "number"
        if item.has("person") and item.has("trait"):
            following = self._noun_after(at)
            if following is not None and following.has(*_NOUNS):
                return "trait"
            if before is not None and before.has("person", "thing", "place"):
                return "trait"
            return "person"
        if item.has("thing") and item.has("action", "pose", "state", "move"):
            article = before is not None and before.has("number", "article", "of", "colour", "function", "with")
            return (
                "thing"
                if article and not (before and before.text.casefold() in _CLITICS)
                else next(e.role for e in item.senses if e.role != "thing")
            )
        prepositions = [e.role for e in item.senses if e.role in ("of", "with", "relation", "to", "from", "through")]
        if prepositions:
            return self._preposition(item, at, prepositions)
        return item.role

    def _preposition(self, item: Item, at: int, roles: Sequence[str]) -> str:
        if (
            self.clause.link in ("relation", "with", "origin", "target")
            and item.has("function")
            and item.text.casefold() in _ARTICLES
        ):
            return "function"
        before = self._near(at, -1)
        after = self._noun_after(at)
        touching = self.items[at - 1] if at else None
        if (
            before is not None
            and before.has("move", "speed", "direction")
            and self.clause.move is not None
            and not self.clause.nouns
        ):
            for role in ("from", "to", "through", "of", "relation", "with"):
                if role in roles and not (role == "from" and after is None):
                    if role == "from" and "of" in roles and not self._to_follows(at):
                        return "of"
                    return role
        moving = self.clause.move
        if moving is not None and "to" in roles and moving.get("origin") and not moving.get("target"):
            return "to"
        if (self.shoulder == "of" and "relation" in roles) or self.shoulder == "on":
            return next((role for role in ("to", "relation", "of") if role in roles), roles[0])
        if (
            "of" in roles
            and touching is not None
            and (touching.has(*_NOUNS, "light_word", *_FRAME) or touching.role == UNKNOWN)
        ):
            return "of"
        if (
            "with" in roles
            and after is not None
            and (after.has("clothing") or len(set(roles) - {"with", "to", "function"}) == 0)
        ):
            return "with"
        if "from" in roles and self.clause.move is not None and self._to_follows(at):
            return "from"
        if "relation" in roles:
            return "relation"
        return roles[0]

    def _to_follows(self, at: int) -> bool:
        for item in self.items[at + 1 :]:
            if item.role == MARK:
                return False
            if item.has("to"):
                return True
        return False

    def _mark(self, value: str) -> None:
        if value in _ENDS:
            self._end_clause()
            self.waits = None
            self.shoulder = None
        elif value in _PAUSES or value in ("/", "\u2014", "\u3001"):
            move = self.clause.move if value == ":" else None
            self._end_clause()
            if move is not None and move["kind"] in ("tracking", "steadicam"):
                self.clause.move, self.clause.link = move, "move"

    # marks of the camera

    def _frame_value(self, role: str, value: str) -> None:
        draft = self.draft
        if role == "compound":
            for part in value.split():
                self._frame_value(*part.split(":", 1))
        elif role in ("lens_mm", "stop"):
            draft.single.setdefault(role, float(value))
        elif role == "dutch":
            draft.single["dutch"] = True
        elif role in ("size", "angle"):
            draft.single.setdefault(role, value)
        elif role in ("kind", "weather", "light", "style"):
            draft.add(role, value)
        else:
            draft.single.setdefault(role, value)

    def _on_size(self, item: Item, at: int) -> None:
        self._frame_value("size", item.value)
        self._take(item, "size")
        self.clause.link = "frame"

    def _on_kind(self, item: Item, at: int) -> None:
        if item.value == "over_the_shoulder":
            self._on_over_shoulder(item, at)
            return
        if item.value == "pov":
            self._on_pov(item, at)
            return
        if self.clause.negated:
            self._take(item, "without")
            return
        self._frame_value("kind", item.value)
        self._take(item, "kind")
        self.clause.link = "frame"

    def _on_angle(self, item: Item, at: int) -> None:
        self._frame_value("angle", item.value)
        self._take(item, "angle")
        self.clause.link = "frame"

    def _on_over_shoulder(self, item: Item, at: int) -> None:
        self.draft.add("kind", "over_the_shoulder")
        self._take(item, "kind")
        before = self._near(at, -1, over=("function", "of", "particle"))
        if (
            self.draft.shoulder_of is None
            and self.language in ("ja", "zh", "fr", "it")
            and before is not None
            and isinstance(self.last, Someone)
            and self.clause.nouns
        ):
            self.draft.shoulder_of = self.last.who
            self.shoulder = "on"
        else:
            self.shoulder = "of"

    def _on_pov(self, item: Item, at: int) -> None:
        self.draft.add("kind", "pov")
        self._take(item, "kind")
        if self.language in ("ja", "zh") and isinstance(self.last, Someone) and self.clause.nouns:
            self._eyes_of(self.last)
        else:
            self.pov = True

    def _eyes_of(self, one: Someone) -> None:
        self.draft.single["pov_of"] = one.who
        if one in self.draft.people:
            self.draft.people.remove(one)
        self.subjects = [each for each in self.subjects if each is not one]
        self.last = None

    def _on_move(self, item: Item, at: int) -> None:
        if self.clause.negated:
            self._take(item, "without")
            return
        kind = item.value
        if kind in ("zoom", "tilt_weak"):
            kind = "zoom_in" if kind == "zoom" else "tilt_up"
        move: dict[str, Any] = {"kind": kind, "speed": self.speed}
        for end in ("left", "right", "up", "down"):
            if kind in (f"truck_{end}", f"pan_{end}"):
                move["direction"] = end
        self.speed = None
        self.draft.moves.append(move)
        self.clause.move = move
        self.clause.link = "move"
        self._take(item, "moves")

    def _on_speed(self, item: Item, at: int) -> None:
        after = self._near(at, 1, over=("function", "camera", "side", "direction", "particle"))
        if (after is not None and after.has("move")) or (self.clause.move is None and self._move_ahead(at)):
            self.speed = item.value
        elif (self.clause.move is not None and not self.clause.nouns) or (
            self.clause.move and self.clause.move["speed"] is None
        ):
            self.clause.move["speed"] = item.value
        elif (
            self.draft.moves
            and self.clause.lone
            and self.draft.moves[-1]["speed"] is None
            and self._near(at, 1) is None
        ):
            self.draft.moves[-1]["speed"] = item.value
        else:
            return
        self._take(item, "moves")

    def _move_ahead(self, at: int) -> bool:
        for item in self.items[at + 1 :]:
            if item.role == MARK or item.has("pose", "action"):
                return False
            if item.has("move"):
                return True
        return False

    def _on_direction(self, item: Item, at: int) -> None:
        self._turn(item, item.value)

    def _turn(self, item: Item, value: str) -> None:
        """A direction: of the move, of a look, or of who or what goes there."""
        move = self.clause.move or (
            self.draft.moves[-1]
            if self.draft.moves and self.clause.lone and not self.clause.nouns and not self.clause.verbs
            else None
        )
        if move is not None and move.get("direction") is None and not self.clause.looks:
            move["direction"] = value
            move["kind"] = _SIDEWAYS.get((move["kind"], value), move["kind"])
            self._take(item, "moves")
        elif self.clause.looks and self.subjects and value in ("left", "right", "up", "down"):
            self._set("look", value)
            self.clause.looks = False
            self._take(item, "people")
        elif isinstance(self.last, Something) and self.clause.primary is self.last:
            self.last.direction = value
            self._take(item, "props")
        elif self.subjects and value in ("left", "right"):
            self._set("direction", value)
            self._take(item, "people")

    def _set(self, name: str, value: str) -> None:
        for one in self.subjects:
            if getattr(one, name) is None:
                setattr(one, name, value)

    # what is there

    def _on_number(self, item: Item, at: int) -> None:
        after = self._noun_after(at)
        if after is None and isinstance(self.last, Entity) and self.clause.nouns and self.language in ("ja", "zh"):
            self.last.count = int(item.value)
            self._take(item, "people" if isinstance(self.last, Someone) else "props")
            return
        self.clause.count = int(item.value)
        if after is not None and item.value != "1":
            self._take(item, "people" if after.has("person") else "props")
        elif item.value == "1" or after is not None:
            self.took.add(item.start)

    def _on_article(self, item: Item, at: int) -> None:
        self.clause.definite = True

    def _on_colour(self, item: Item, at: int) -> None:
        self._on_trait(item, at)

    def _on_trait(self, item: Item, at: int) -> None:
        before = self.items[at - 1] if at else None
        romance = self.language in ("fr", "es", "it", "pt")
        if romance and item.role == "colour" and before is not None and before.has("light", "light_word"):
            self.draft.add("light", item.value)
            self._take(item, "light")
            return
        if romance and before is not None and before.has("clothing") and self.last_noun is not None and self.subjects:
            self._take(item, "people")
            return
        if (
            romance
            and before is not None
            and before.has(*_NOUNS)
            and self.last_noun is not None
            and self.last_noun[0] == at - 1
        ):
            if self.last is not None and not self.clause.negated:
                self.last.traits.append(item.value)
            self._take(item, self._field_of(self.last_noun[1]))
            self.last_noun = (at, self.last_noun[1])
        elif self._noun_after(at) is not None or (self._near(at, 1, over=("function", "particle")) or item).has(
            "colour", "trait"
        ):
            self.clause.traits.append(item)
        elif self.last is not None and self.clause.nouns:
            self.last.traits.append(item.value)
            self._take(item, "people" if isinstance(self.last, Someone) else "props")

    def _field_of(self, item: Item) -> str:
        if item.has("place") and not item.has("person"):
            return "place"
        return "people" if item.has("person", "clothing", "body") or item.role == UNKNOWN else "props"

    def _on_of(self, item: Item, at: int) -> None:
        if (self.clause.link in ("frame", "move") and not self.clause.nouns) or self.shoulder or self.pov:
            return
        before = self.items[at - 1] if at else None
        if before is not None and (before.has(*_NOUNS, "light_word", "colour", "trait") or before.role == UNKNOWN):
            bare = item.text.casefold().rstrip("'\u2019") in ("de", "di", "d", "von")
            article = self.items[at + 1] if at + 1 < len(self.items) else None
            bare = bare and not (
                (article is not None and article.has("number", "article"))
                or (article is not None and article.text.casefold() in _ARTICLES)
            )
            self.clause.link = "of" if bare else "of_the"
            if before.role == "light_word" or (self.last_noun is not None and self.last_noun[1].role == "light_word"):
                self.clause.link = "glow"

    def _on_object(self, item: Item, at: int) -> None:
        self.clause.link = "object"

    def _on_with(self, item: Item, at: int) -> None:
        self.clause.link = "with"

    def _on_to(self, item: Item, at: int) -> None:
        if self.shoulder is not None and (self.draft.shoulder_of or self.shoulder == "on"):
            self.shoulder = "on"
        elif self.clause.move is not None and self.clause.link in ("move", "origin", "frame", None):
            self.clause.link = "target"
        elif self.clause.looks:
            self.clause.link = None
        else:
            self.clause.link = "toward"

    def _on_from(self, item: Item, at: int) -> None:
        if self.clause.move is None and self.draft.moves and self.clause.lone and self._to_follows(at):
            self.clause.move = self.draft.moves[-1]
        if self.clause.move is not None:
            self.clause.link = "origin"

    def _on_through(self, item: Item, at: int) -> None:
        self.clause.link = "along"

    def _on_relation(self, item: Item, at: int) -> None:
        if self.shoulder is not None:
            if self.draft.shoulder_of is not None:
                self.shoulder = "on"
            return
        if (
            self.clause.link in ("frame", "move")
            and not self.clause.nouns
            and item.value in ("on", "in_front_of", "above", "in")
        ):
            after = self._noun_after(at)
            if after is not None and not (after.has("place") and item.value == "in"):
                self.clause.link = "target" if self.clause.move is not None and self.clause.link == "move" else "frame"
                return
        if self.clause.looks and item.value in ("on", "in", "against"):
            return
        self.clause.relation = item.value
        self.clause.link = "relation"

    headed = False

    def _on_negation(self, item: Item, at: int) -> None:
        if item.value == "no":
            self.clause.negated = True
            self._take(item, "without")
        elif item.value == "nobody":
            speaks = self._near(at, 1)
            if speaks is not None and speaks.has("action") and self.language not in ("ja", "zh"):
                self.clause.negated = True  # nobody speaks: that takes nobody away
                return
            self.draft.add("without", "people")
            self._take(item, "without")
        else:
            before = self.items[at - 1] if at else None
            after = self._noun_after(at)
            if self.last is not None and before is not None and before.has("thing") and self.last_noun is not None:
                self.last.traits.append("empty")
                self._take(item, "props")
            elif after is not None and after.has("thing") and not after.has("place"):
                self.clause.traits.append(item.only("negation", "empty"))
            else:
                self.emptied.append(item)

    def _on_own_relation(self, item: Item, at: int) -> None:
        if not self.draft.people:
            return
        to = self.draft.people[-1].who
        if isinstance(self.last, Something) and self.clause.primary is self.last:
            self._relate(self.last, item.value, to)
            self._take(item, "props")
        elif isinstance(self.clause.primary, Someone) and len(self.draft.people) > 1:
            self._relate(self.clause.primary, item.value, self.draft.people[-2].who)
            self._take(item, "people")
        else:
            self.waits = Where(relation=item.value, to=to)
            self._take(item, "people")

    def _on_opposite(self, item: Item, at: int) -> None:
        if sum(one.count for one in self.subjects) >= 2 and self._noun_after(at) is None:
            self._do(item.only("facing", "each_other"))
        else:
            self._on_relation(item.only("relation", "in_front_of"), at)

    def _on_name(self, item: Item, at: int) -> None:
        self._person(item, at, item.text)

    def _on_contrast(self, item: Item, at: int) -> None:
        self._end_clause()

    def _on_pronoun(self, item: Item, at: int) -> None:
        if self.clause.link == "relation" and self.clause.relation and self.draft.people:
            self.waits = Where(relation=self.clause.relation, to=self.draft.people[-1].who)
            self.clause.link = self.clause.relation = None
            return
        if item.value == "they" and len(self.draft.people) >= 2:
            self.subjects = self.draft.people[-2:]
        elif not self.draft.people:
            self.her = item

    def _on_unknown(self, item: Item, at: int) -> None:
        name = self.names.at(
            self.items, at, bool(self.shoulder or self.pov or self.clause.link in ("frame", "target", "of"))
        )
        if not name:
            self.last_noun = None
            return
        before = self.items[at - 1] if at else None
        if (
            before is not None
            and isinstance(self.last, Someone)
            and self.last_noun is not None
            and self.last_noun[0] == at - 1
        ):
            self.last.traits.append(self.last.who)
            self.last.who = name
            self._take(item, "people")
            self.last_noun = (at, item)
            return
        self._person(item, at, name)

    def _on_person(self, item: Item, at: int) -> None:
        alone = self.clause.lone and self.clause.count is None and not self.clause.definite
        if item.text.casefold() == "personne" and alone and (self._near(at, 1) is None):
            self.draft.add("without", "people")
            self._take(item, "without")
            return
        self._person(item, at, item.value)

    def _person(self, item: Item, at: int, who: str) -> None:
        clause, draft = self.clause, self.draft
        count, again = clause.count, self._again(at)
        clause.count, clause.definite = None, False
        if clause.negated:
            draft.add("without", "people" if who in ("person", "people", "crowd") else who)
            self._take(item, "without")
            return
        if (
            clause.link == "of"
            and self.last is not None
            and self.last_noun is not None
            and not self.last_noun[1].has("body")
            and not who[:1].isupper()
        ):
            self._take(item, self._field_of(self.last_noun[1]))
            if isinstance(self.last, Someone) and self.last.who in ("person", "people", "crowd", "couple"):
                self.last.who = who
                self.last.count = max(self.last.count, count or 1)
            clause.link = None
            return
        if (
            clause.link == "of_the"
            and self.last_noun is not None
            and self.last_noun[1].has("thing", "place", "person")
            and self.last is not None
        ):
            self._take(item, self._field_of(self.last_noun[1]))
            clause.link = None
            return
        one = draft.person(who, count, again=again or (count is None and self.language in ("ja", "zh")))
        if count and one.count == 1:
            one.count = count
        if who in ("couple", "twin", "people") and one.count == 1:
            one.count = 2
        for trait in clause.traits:
            one.traits.append(trait.value)
            self._take(trait, "people")
        clause.traits = []
        self._take(item, "people")
        self._person_links(one)
        self.last, self.last_noun = one, (at, item)
        clause.nouns += 1
        clause.link = None

    def _person_links(self, one: Someone) -> None:
        clause, draft = self.clause, self.draft
        if self.pov:
            self.pov = False
            self._eyes_of(one)
            return
        if self.shoulder is not None:
            if self.shoulder == "of" and draft.shoulder_of is None:
                draft.shoulder_of = one.who
            elif draft.shoulder_on is None:
                draft.shoulder_on = one.who
                self.shoulder = None
            self._becomes_subject(one)
            return
        if clause.link in ("target", "origin") and clause.move is not None:
            clause.move[clause.link] = one.who
        elif (
            clause.move is not None
            and clause.link in ("move", "frame", None)
            and clause.move["kind"] in ("tracking", "steadicam")
            and not clause.nouns
        ):
            clause.move["follows"] = one.who
        if clause.looks and self.subjects and one not in self.subjects and clause.link in (None, "toward", "target"):
            self._set("looking_at", one.who)
            clause.looks = False
            return
        if clause.link == "relation" and clause.relation and (clause.primary is not None or self.subjects):
            anchor = clause.primary or self.subjects[-1]
            if anchor is not one:
                self._relate(anchor, clause.relation, one.who)
                clause.relation = None
                return
        if clause.holds and self.subjects and one not in self.subjects:
            for each in self.subjects:
                each.holding.append(one.who)
            clause.holds = False
            return
        if clause.link == "with" and clause.primary is not None:
            return
        self._becomes_subject(one)

    def _becomes_subject(self, one: Someone) -> None:
        clause = self.clause
        together = (
            clause.primary is not None
            and isinstance(clause.primary, Someone)
            and self._joined
            and clause.primary in self.subjects
        )
        self.subjects = [*self.subjects, one] if together and one not in self.subjects else [one]
        if together and isinstance(clause.primary, Someone) and one.where is None:
            one.where = clause.primary.where
        clause.primary = one
        self._joined = False
        for verb in clause.verbs:
            self._do(verb)
        clause.verbs = []
        if self.waits is not None and one.where is None:
            one.where = self.waits
            self.waits = None
        if clause.side is not None:
            self._put(one, clause.side)
            clause.side = None

    _joined = False

    def _on_conjunction(self, item: Item, at: int) -> None:
        before = self.items[at - 1] if at else None
        self._joined = before is not None and (before.has("person") or before.role == UNKNOWN)

    def _again(self, at: int) -> bool:
        """Whether an article says that it is one that was spoken of."""
        before = self.items[at - 1] if at else None
        return before is not None and before.text.casefold() in _DEFINITE

    def _on_body(self, item: Item, at: int) -> None:
        if self.clause.negated:
            self.draft.add("without", item.value)
            self._take(item, "without")
            return
        if (
            item.value == "shoulder"
            and isinstance(self.last, Someone)
            and self.clause.nouns
            and self.draft.shoulder_of is None
            and self.clause.relation in ("above", "on", None)
            and self._over(at)
        ):
            self.draft.add("kind", "over_the_shoulder")
            self.draft.shoulder_of, self.shoulder = self.last.who, "on"
            self._take(item, "kind")
            return
        self._take(item, "people")
        for trait in self.clause.traits:
            self._take(trait, "people")
        self.clause.traits = []
        self.clause.count = None
        self.last_noun = (at, item)
        if self.clause.link == "relation":
            self.clause.link = self.clause.relation = None

    def _over(self, at: int) -> bool:
        senses = [one.sense("relation") for one in self.items[max(0, at - 4) : at]]
        return any(entry is not None and entry.value == "above" for entry in senses)

    def _on_clothing(self, item: Item, at: int) -> None:
        clause = self.clause
        if (
            not clause.negated
            and not isinstance(clause.primary, Someone)
            and self.language in ("ja", "zh")
            and self._person_ahead(at)
        ):
            self._dress(item, wait=True)
            return
        inside = clause.link == "relation" and clause.relation == "in"
        if (
            clause.negated
            or not self.subjects
            or (clause.link in ("relation", "frame", "target") and not (clause.wears or inside))
        ):
            forward = clause.wears and not clause.negated
            if forward:
                self._dress(item)
                return
            self._on_thing(item, at)
            return
        self._dress(item)
        self.last_noun = (at, item)

    def _dress(self, item: Item, *, wait: bool = False) -> None:
        clause = self.clause
        if self.subjects and not clause.verbs and not wait:
            for one in self.subjects:
                if item.value not in one.wearing:
                    one.wearing.append(item.value)
        else:
            clause.verbs.append(item)
        for trait in clause.traits:
            self._take(trait, "people")
        clause.traits, clause.count, clause.link, clause.relation = [], None, None, None
        self._take(item, "people")

    def _on_thing(self, item: Item, at: int) -> None:
        clause, draft = self.clause, self.draft
        what, count = item.value, clause.count
        clause.count, clause.definite = None, False
        if clause.negated:
            if clause.link != "relation":
                draft.add("without", what)
            self._take(item, "without")
            for trait in clause.traits:
                self._take(trait, "without")
            clause.traits = []
            return
        if clause.link == "glow":
            if what in _GLOWS:
                draft.add("light", _GLOWS[what])
                self._take(item, "light")
                if self.last_noun is not None:
                    self._take(self.last_noun[1], "light")
                if what != "window":
                    clause.link = None
                    return
        elif (
            clause.link == "of"
            and self.last_noun is not None
            and self.last_noun[1].has("thing", "place", "body", "clothing")
        ):
            self._take(item, self._field_of(self.last_noun[1]))  # a noun of a noun is its attribute
            clause.link = None
            return
        again = self._again(at) or count is None
        one = draft.prop(what, count, again=again)
        for trait in clause.traits:
            one.traits.append(trait.value)
            self._take(trait, "props")
        clause.traits = []
        self._take(item, "props")
        self._thing_links(one, at)
        self.last, self.last_noun = one, (at, item)
        clause.nouns += 1
        clause.link = None

    def _thing_links(self, one: Something, at: int) -> None:
        clause, draft = self.clause, self.draft
        if self.shoulder == "on" and draft.shoulder_on is None:
            draft.shoulder_on, self.shoulder = one.what, None
            return
        if clause.link in ("target", "origin") and clause.move is not None:
            clause.move[clause.link] = one.what
        if clause.looks and self.subjects and clause.link != "relation":
            self._set("looking_at", one.what)
            clause.looks = False
            return
        if clause.holds or (clause.link == "with" and self.subjects and one.what not in _TOO_BIG):
            if self.subjects and not clause.verbs:
                for each in self.subjects:
                    if one.what not in each.holding:
                        each.holding.append(one.what)
            else:
                clause.verbs.append(Item(one.what, 0, 0, (Entry("held", one.what),)))
            clause.holds = False
            return
        if clause.link == "relation" and clause.relation:
            self._relate_or_wait(clause.relation, one.what)
            return
        if clause.link in ("with", "of_the", "toward", "along"):
            return
        if (isinstance(clause.primary, Someone) and clause.deed is not None) or clause.link == "object":
            clause.object = one  # what somebody does something with
            return
        clause.primary = one
        if self.waits is not None and one.relation is None:
            one.relation, one.to = self.waits.relation, self.waits.to
            self.waits = None
        if clause.side is not None:
            self._put(one, clause.side)
            clause.side = None
        if not self.subjects or not clause.verbs:
            return

    def _relate_or_wait(self, relation: str, to: str) -> None:
        clause = self.clause
        anchor: Entity | None = clause.primary
        if clause.object is not None and clause.deed in ("put", "cut", "drop"):
            anchor = clause.object
        elif (
            isinstance(anchor, Something)
            and anchor.relation
            and isinstance(self.last, Something)
            and self.last is not anchor
            and self.last.relation is None
            and self.last.what != to
        ):
            anchor = self.last
        if anchor is None and (clause.verbs or not clause.nouns) and self._subject_ahead():
            anchor = None
        elif anchor is None and self.subjects:
            anchor = self.subjects[-1]
            if (
                isinstance(self.last, Something)
                and self.last.relation is None
                and self.last.what not in (one for each in self.subjects for one in each.holding)
                and not clause.verbs
                and self.last is self.draft.props[-1]
                and self._last_primary is self.last
            ):
                anchor = self.last
        if anchor is None:
            self.waits = Where(relation="on" if relation == "in" and to in _FLAT else relation, to=to)
        else:
            self._relate(anchor, relation, to)
        clause.relation = None

    _last_primary: Entity | None = None
    _here = 0

    def _subject_ahead(self) -> bool:
        """Whether somebody or something comes in this clause who can be there."""
        for item in self.items[self._here + 1 :]:
            if item.role == MARK:
                return False
            if item.has("person", "thing") or (item.role == UNKNOWN and self.names.known(item.text)):
                return True
        return False

    def _relate(self, one: Entity, relation: str, to: str) -> None:
        relation = "on" if relation == "in" and to in _FLAT else relation
        if isinstance(one, Someone):
            members = self.subjects if one in self.subjects else [one]
            for each in members:
                leans = each.pose == "lean" and relation in ("on", "beside", "in")
                each.where = each.where or Where(relation="against" if leans else relation, to=to)
        elif one.relation is None and one.what != to:
            one.relation, one.to = relation, to

    def _on_place(self, item: Item, at: int) -> None:
        clause, draft = self.clause, self.draft
        if clause.negated:
            if clause.link != "relation":
                draft.add("without", item.value)
            self._take(item, "without")
            return
        if draft.place not in (None, item.value) and clause.link is None and item.value in _STRUCTURES:
            self._on_thing(item, at)
            return
        if clause.link == "of" and self.last_noun is not None and self.last_noun[1].has("thing", "clothing"):
            self._take(item, self._field_of(self.last_noun[1]))
            clause.link = None
            return
        if (
            clause.link in ("of", "of_the")
            and self.last_noun is not None
            and self.last_noun[1].has("place")
            and draft.place is not None
        ):
            draft.place_in = draft.place_in or item.value
            self._take(item, "place")
        else:
            first = draft.at(item.value, item.text)
            self._take(item, "place")
            if (
                not first
                and draft.place_in is None
                and clause.relation == "in"
                and item.value not in (draft.place, "room")
            ):
                draft.place_in = item.value
            elif (clause.link == "relation" and clause.relation not in (None, "in", "on")) or (
                not first and clause.link == "relation"
            ):
                self._relate_or_wait(clause.relation or "in", item.value)
            if clause.looks and self.subjects:
                self._set("looking_at", item.value)
                clause.looks = False
            if clause.link in ("target", "origin") and clause.move is not None:
                clause.move[clause.link] = item.value
        for trait in clause.traits:
            self._take(trait, "place")
        clause.traits, clause.count, clause.link, clause.relation = [], None, None, None
        self.last_noun = (at, item)

    def _on_light_word(self, item: Item, at: int) -> None:
        self.last_noun = (at, item)
        for trait in self.clause.traits:
            if trait.has("colour") or trait.value in ("warm", "cold"):
                self.draft.add("light", trait.value)
                self._take(trait, "light")
                self._take(item, "light")
        self.clause.traits = []
        after = self._near(at, 1)
        if (
            after is not None
            and after.has("colour", "trait")
            and after.value in (*_COLOURS, "warm", "cold")
            and self.language in ("fr", "es", "it", "pt")
        ):
            self.draft.add("light", after.value)
            self._take(item, "light")

    # what somebody does

    def _on_pose(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_action(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_state(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_look(self, item: Item, at: int) -> None:
        self.clause.looks = True
        self.clause.link = None
        self._verb(item, at)

    def _on_look_toward(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_facing(self, item: Item, at: int) -> None:
        if self.clause.looks and item.value == "camera":
            item = item.only("look_toward", "camera")
            self.clause.looks = False
        self._verb(item, at)

    def _on_wear(self, item: Item, at: int) -> None:
        self.clause.wears = True
        self.took.add(item.start)
        self._take(item, "people")

    def _on_hold(self, item: Item, at: int) -> None:
        self._take(item, "people")
        before = self.items[at - 1] if at else None
        if (
            isinstance(self.last, Something)
            and self.subjects
            and before is not None
            and before.has("thing", "colour", "trait")
            and self.last.what not in _TOO_BIG
        ):
            for one in self.subjects:
                if self.last.what not in one.holding:
                    one.holding.append(self.last.what)
            return
        self.clause.holds = True
        self.clause.link = None

    def _verb(self, item: Item, at: int) -> None:
        clause = self.clause
        if clause.negated:
            self._take(item, "without")
            return
        if item.role == "state" and not self._person_ahead(at) and not isinstance(clause.primary, Someone):
            self._take(item, "props")
            return
        has_subject = isinstance(clause.primary, Someone) or (
            not clause.nouns and bool(self.subjects) and not self._person_ahead(at)
        )
        if item.forward or not has_subject:
            if (
                isinstance(clause.primary, Something)
                and not item.forward
                and item.role != "look"
                and not self._person_ahead(at)
            ):
                self._take(item, "props")
                return
            clause.verbs.append(item)
        else:
            self._do(item)
        if clause.link not in ("relation",):
            clause.link = None

    def _person_ahead(self, at: int) -> bool:
        for item in self.items[at + 1 :]:
            if item.role == MARK:
                return False
            if item.has("person") or (
                item.role == UNKNOWN and self.names.at(self.items, self.items.index(item), False)
            ):
                return True
            if item.has("look", "hold") and self.subjects:
                return False
        return False

    def _do(self, item: Item) -> None:
        role, value = item.role, item.value
        if role == "held":
            for one in self.subjects:
                if value not in one.holding:
                    one.holding.append(value)
            return
        if role == "clothing":
            for one in self.subjects:
                if value not in one.wearing:
                    one.wearing.append(value)
            return
        self._take(item, "people")
        if role == "pose":
            self._set("pose", value)
            for one in self.subjects:
                if value == "lean" and one.where is not None and one.where.relation in ("on", "beside", "in"):
                    one.where = Where(relation="against", to=one.where.to)
            if value in ("sleep", "walk", "run", "jump", "dance", "fight", "embrace", "swim", "climb"):
                self._set("action", value)
        elif role == "action":
            self._set("action", value)
            self.clause.deed = value
        elif role == "look_toward":
            self._set("look", value)
        elif role == "facing":
            self._set("facing", value)
            if value == "camera":
                return

    def _on_side(self, item: Item, at: int) -> None:
        before = self._near(at, -1)
        if (
            self.clause.move is not None
            and not self.clause.nouns
            and (before is None or before.has("move", "speed", "camera", "to"))
            and item.value != "center"
        ):
            self._turn(item, item.value)
            return
        if self.clause.looks and self.subjects and item.value in ("left", "right"):
            self._turn(item, item.value)
            return
        self._placed(item, at)

    def _on_depth(self, item: Item, at: int) -> None:
        self._placed(item, at)

    def _placed(self, item: Item, at: int) -> None:
        before = self._near(at, -1, over=("function", "from", "of", "relation"))
        if item.role == "side" and before is not None and before.has("light", "light_word"):
            self.draft.add("light", "side")
            self._take(item, "light")
            return
        target: Entity | None = self.clause.primary
        if target is None and self.clause.nouns and self.last is not None and not isinstance(self.last, Someone):
            target = self.last
        if target is None and not self._noun_before_pause(at):
            target = self._last_primary or (self.subjects[-1] if self.subjects else None)
            if (
                target is None
                or self._colon_or_noun_after_pause(at)
                or (item.role == "side" and target.side is not None)
            ):
                target = None
        if target is None:
            self.clause.side = item
            return
        self._put(target, item)

    def _noun_before_pause(self, at: int) -> bool:
        for item in self.items[at + 1 :]:
            if item.role == MARK:
                return False
            if item.has("person", "thing") or (item.role == UNKNOWN and self.names.known(item.text)):
                return True
        return False

    def _colon_or_noun_after_pause(self, at: int) -> bool:
        """``On the left: Ana``, and a side that begins a sentence: what comes next is meant."""
        after = self.items[at + 1] if at + 1 < len(self.items) else None
        if after is not None and after.role == MARK and after.value == ":":
            return True
        before = self.items[at - 1] if at else None
        return before is None or (before.role == MARK and before.value in _ENDS)

    def _put(self, one: Entity, item: Item) -> None:
        group = self.subjects if isinstance(one, Someone) and one in self.subjects else [one]
        for each in group if item.value == "center" or item.role == "depth" else [one]:
            if item.role == "side":
                each.side = each.side or item.value  # type: ignore[assignment]
            else:
                each.depth = each.depth or item.value  # type: ignore[assignment]
        self._take(item, "people" if isinstance(one, Someone) else "props")

    # the ends

    def _end_clause(self) -> None:
        clause = self.clause
        if self.her is not None and (clause.verbs or clause.holds) and not self.draft.people:
            who = self.her.value
            self.draft.span(self.her.start, self.her.end, self.her.text, "people")
            one = self.draft.person(who, 2 if who == "they" else 1, again=False)
            self.subjects = [one]
            self.her = None
        if clause.verbs and not self.subjects and self.draft.people:
            self.subjects = [self.draft.people[-1]]
        if clause.verbs and self.subjects:
            for verb in clause.verbs:
                self._do(verb)
        if "pov_of" in self.draft.single:
            for verb in clause.verbs:
                if verb.role in ("look", "look_toward"):
                    self._take(verb, "pov_of")
        for trait in clause.traits:
            if self.last is not None:
                self.last.traits.append(trait.value)
                self._take(trait, "people" if isinstance(self.last, Someone) else "props")
        if clause.primary is not None:
            self._last_primary = clause.primary
        side = clause.side
        self.clause = _Clause(side=side)
        self.last_noun = None

    def _heading(self, at: int) -> int:
        """``INT. PLACE - TIME``: to the next stop, comma or word of the camera."""
        item = self.items[at]
        self.draft.single.setdefault("int_ext", item.sense("int_ext").value)  # type: ignore[union-attr]
        self._take(item, "int_ext")
        at += 1
        dotted = (
            at < len(self.items) and self.items[at].role == MARK and self.items[at].value in (".", "-", ":", "\u00b7")
        )
        written = item.text.isupper() or dotted or self.language in ("zh", "ja")
        if not written:
            return at
        while (
            at < len(self.items) and self.items[at].role == MARK and self.items[at].value in (".", "-", ":", "\u00b7")
        ):
            at += 1
        part: list[Item] = []
        while at < len(self.items):
            each = self.items[at]
            if each.role == MARK and each.value != "-" and each.value != "/":
                break
            if each.role == MARK:
                self._heading_part(part)
                part = []
            elif each.has("size", "kind", "move", "over_shoulder", "lens_mm") and not each.has("place", "time_of_day"):
                break
            else:
                part.append(each)
            at += 1
        self._heading_part(part)
        self._end_clause()
        return at

    def _heading_part(self, part: Sequence[Item]) -> None:
        rest: list[Item] = []
        for item in part:
            if item.has("time_of_day") and not (item.has("place")):
                self.draft.single.setdefault("time_of_day", item.sense("time_of_day").value)  # type: ignore[union-attr]
                self._take(item, "time_of_day")
            elif item.has("weather", "season") and not item.has("place", "thing"):
                entry = item.sense("weather", "season")
                self._frame_value(entry.role, entry.value)  # type: ignore[union-attr]
                self._take(item, entry.role)  # type: ignore[union-attr]
            else:
                rest.append(item)
        named = next((item for item in rest if item.has("place")), None) or next(
            (i for i in rest if i.has("thing")), None
        )
        meant = [
            item for item in rest if item.role not in ("function", "of", "relation", "number", "camera", "conjunction")
        ]
        if named is None and not (meant and any(item.role == UNKNOWN for item in meant)):
            return
        if named is None and all(self.names.is_story(item.text) for item in meant):
            return
        words = self.prompt[rest[0].start : rest[-1].end]
        name = named.sense("place", "thing").value if named is not None else words.casefold()  # type: ignore[union-attr]
        if self.draft.place is not None and name != self.draft.place:
            self.draft.place_in = self.draft.place if self.headed else None
            if not self.headed:
                self.draft.place_words.clear()
        self.headed = True
        self.draft.place = name
        self.draft.place_words.append(words)
        self.draft.span(rest[0].start, rest[-1].end, words, "place", value=name)
        for item in rest:
            self.took.add(item.start)

    def _finish(self) -> None:
        draft = self.draft
        for item in self.emptied:
            if not draft.people and (draft.place is not None or not draft.props):
                draft.add("without", "people")
                self._take(item, "without")
        if draft.place is None and draft.props and self.language in ("ja", "zh"):
            return

    def _not_understood(self) -> list[str]:
        spans = self.draft.spans
        return [
            item.text
            for item in self.items
            if item.role != MARK
            and item.role not in SILENT
            and item.start not in self.took
            and not any(span.start <= item.start and item.end <= span.end for span in spans)
            and any(sign.isalnum() for sign in item.text)
        ]


_FIELD = {"compound": "size"}
_TERMS = {
    "size": ("size",), "kind": ("kind", "over_shoulder", "pov"), "angle": ("angle",), "moves": ("move",),
    "time_of_day": ("time_of_day",), "weather": ("weather",), "season": ("season",), "light": ("light",),
    "place": ("place",), "lens_mm": ("lens_mm",), "stop": ("stop",),
}  # fmt: skip
"""By field, the roles whose values are the field's own terms."""
_CLITICS = frozenset({"se", "si", "sich", "s'"})
_COLOURS = ("red", "blue", "green", "yellow", "white", "orange", "pink", "violet", "golden")
_ARTICLES = frozenset({
    "la", "le", "les", "l'", "el", "los", "las", "der", "die", "das", "dem", "den", "il", "lo", "i", "gli", "o", "a",
    "os", "as", "un", "une", "una", "uno", "um", "uma", "ein", "einem", "einer", "eines",
})  # fmt: skip
_DEFINITE = frozenset({
    "la", "le", "les", "l'", "l\u2019", "el", "los", "las", "der", "die", "das", "dem", "den", "des", "il", "lo", "i",
    "gli", "o", "a", "os", "as", "do", "da", "no", "na", "ao", "del", "al", "della", "dello", "dell'", "alla", "nel",
    "nella", "sul", "sulla", "du", "au", "aux", "im", "am", "zum", "zur", "vom", "beim", "su", "sa", "son", "ses",
    "seu", "sua", "seine", "ihre", "sein", "ihr", "seinen", "ihren", "seinem", "ihrem",
})  # fmt: skip
