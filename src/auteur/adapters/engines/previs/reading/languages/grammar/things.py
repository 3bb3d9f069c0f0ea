"""Things with their relations, places, and light by its source."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.languages.grammar.people import People
from auteur.adapters.engines.previs.reading.languages.items import MARK, Item
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, facts

_ANIMALS = frozenset({
    "dog", "cat", "horse", "cow", "goat", "sheep", "bird", "seagull", "crow", "pigeon", "chicken", "wolf", "fox",
    "donkey", "bull",
})  # fmt: skip
TOO_BIG = _ANIMALS | frozenset({
    "car", "truck", "bus", "taxi", "van", "train", "tram", "bicycle", "motorcycle", "boat", "ship", "plane",
    "helicopter", "cart", "wheelchair", "pram", "tractor", "table", "bed", "sofa", "door", "window", "wall", "tree",
    "building", "tower", "stairs", "fire", "piano", "bench", "counter", "fence", "gate", "mirror", "fireplace",
})  # fmt: skip
_STRUCTURES = frozenset({
    "train", "bridge", "church", "house", "castle", "hut", "barn", "tent", "ruin", "car", "temple", "cathedral",
})  # fmt: skip
"""Places that can be seen from another one."""
_GLOWS = {
    "candle": "candle", "fire": "fire", "fireplace": "fire", "lamp": "lamp", "lamppost": "lamp", "bulb": "lamp",
    "window": "window", "screen": "screen", "television": "screen", "phone": "screen",
}  # fmt: skip
_LONE = frozenset({"candle", "fire", "lamp", "lamppost", "bulb"})
"""Things that a list names for no other reason than their light."""
_COLOURS = ("red", "blue", "green", "yellow", "white", "orange", "pink", "violet", "golden")


class Things(People):
    """Things, and what they are related to."""

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
        if what in _LONE and self._is_alone(at):
            draft.add("light", _GLOWS[what])
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

    def _is_alone(self, at: int) -> bool:
        """Whether a list names nothing else between two commas."""
        near = (self.items[at - 1] if at else None, self.items[at + 1] if at + 1 < len(self.items) else None)
        return all(one is None or one.role == MARK for one in near)

    def _thing_links(self, one: PropDraft, at: int) -> None:
        clause, draft = self.clause, self.draft
        if self.shoulder == "on" and draft.shoulder_on is None:
            draft.shoulder_on, self.shoulder = one.what, None
            return
        if clause.link in ("target", "origin") and clause.move is not None:
            setattr(clause.move, clause.link, one.what)
        if clause.looks and self.subjects and clause.link != "relation":
            self._set("looking_at", one.what)
            clause.looks = False
            return
        if clause.holds or (clause.link == "with" and self.subjects and one.what not in TOO_BIG):
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
        if (isinstance(clause.primary, PersonDraft) and clause.deed is not None) or clause.link == "object":
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

    def _on_place(self, item: Item, at: int) -> None:
        clause, draft = self.clause, self.draft
        if clause.negated:
            if clause.link != "relation":
                draft.add("without", item.value)
            self._take(item, "without")
            return
        if draft.place_name not in (None, item.value) and clause.link is None and item.value in _STRUCTURES:
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
            and draft.place_name is not None
        ):
            draft.place_in = draft.place_in or item.value
            self._take(item, "place")
        else:
            first = draft.at(item.value, item.text)
            self._take(item, "place")
            if first and clause.relation == "in_front_of" and item.value not in facts()["faced_indoors"]:
                draft.first("int_ext", "EXT")  # in front of the bakery
            if (
                not first
                and draft.place_in is None
                and clause.relation == "in"
                and clause.primary is None
                and item.value not in (draft.place_name, "room")
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
                setattr(clause.move, clause.link, item.value)
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
