"""What the rules of another language share: the clause, who acts, what was named last."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from auteur.adapters.engines.previs.reading.draft import MoveDraft, PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.languages.draft import Draft, Entity
from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.languages.names import Names
from auteur.adapters.engines.previs.reading.shot import Where

NOUNS = ("person", "thing", "clothing", "body", "place", "name")
_VERBS = ("pose", "action", "state", "look", "look_toward", "hold", "wear")
ENDS = frozenset({".", ";", "!", "?", "\n", "..."})
_MOVE_SPEEDS = ("slow", "medium", "fast")


@dataclass
class Clause:
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
    move: MoveDraft | None = None
    side: Item | None = None
    primary: Entity | None = None
    object: PropDraft | None = None
    nouns: int = 0
    deed: str | None = None
    lone: bool = True


_TERMS = {
    "size": ("size",), "kind": ("kind", "over_shoulder", "pov"), "angle": ("angle",), "moves": ("move",),
    "time_of_day": ("time_of_day",), "weather": ("weather",), "season": ("season",), "light": ("light",),
    "place": ("place",), "lens_mm": ("lens_mm",), "stop": ("stop",),
}  # fmt: skip
"""By field, the roles whose values are the field's own terms."""


class State:
    """One walk over the phrases of a prompt. ``names``: what may be somebody's name."""

    headed = False
    _joined = False
    _last_primary: Entity | None = None
    _here = 0

    def __init__(self, prompt: str, items: Sequence[Item], language: str, names: Names) -> None:
        self.prompt = prompt
        self.items = list(items)
        self.language = language
        self.names = names
        self.draft = Draft()
        self.clause = Clause()
        self.subjects: list[PersonDraft] = []
        self.last: Entity | None = None
        self.last_noun: tuple[int, Item] | None = None
        self.undirected: list[tuple[MoveDraft, Item]] = []
        self.waits: Where | None = None
        self.speed: str | None = None
        self.shoulder: str | None = None
        self.pov = False
        self.emptied: list[Item] = []
        self.deserted: list[Item] = []
        self.sides: list[int] = []
        self.took: set[int] = set()
        self.her: Item | None = None

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
        return item if item is not None and (item.has(*NOUNS) or item.role in (UNKNOWN, "light_word")) else None

    def _take(self, item: Item, name: str) -> None:
        self.took.add(item.start)
        self.draft.span(item.start, item.end, item.text, name, item.read_as, self._value(item, name))
        for entry in item.attributes:
            self._frame_value(entry.role, entry.value)

    def _value(self, item: Item, name: str) -> str | None:
        """What the words say in the terms of the field that they went into."""
        entry = item.sense(*_TERMS.get(name, ()))
        return entry.value if entry is not None else None

    def _set(self, name: str, value: str) -> None:
        for one in self.subjects:
            if getattr(one, name) is None:
                setattr(one, name, value)

    def _field_of(self, item: Item) -> str:
        if item.has("place") and not item.has("person"):
            return "place"
        return "people" if item.has("person", "clothing", "body") or item.role == UNKNOWN else "props"

    def _subject_ahead(self) -> bool:
        """Whether somebody or something comes in this clause who can be there."""
        for item in self.items[self._here + 1 :]:
            if item.role == MARK:
                return False
            if item.has("person", "thing") or (item.role == UNKNOWN and self.names.known(item.text)):
                return True
        return False

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
        return before is None or (before.role == MARK and before.value in ENDS)

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
            and before.has(*NOUNS)
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
            self._take(item, "people" if isinstance(self.last, PersonDraft) else "props")

    def _on_article(self, item: Item, at: int) -> None:
        self.clause.definite = True

    def _on_colour(self, item: Item, at: int) -> None:
        self._on_trait(item, at)

    def _on_number(self, item: Item, at: int) -> None:
        after = self._noun_after(at)
        if after is None and isinstance(self.last, Entity) and self.clause.nouns and self.language in ("ja", "zh"):
            self.last.count = int(item.value)
            self._take(item, "people" if isinstance(self.last, PersonDraft) else "props")
            return
        self.clause.count = int(item.value)
        if after is not None and item.value != "1":
            self._take(item, "people" if after.has("person") else "props")
        elif item.value == "1" or after is not None:
            self.took.add(item.start)

    # --- rules of the modules above that those below ask for ---

    def _frame_value(self, role: str, value: str) -> None:
        raise NotImplementedError

    def _do(self, item: Item) -> None:
        raise NotImplementedError

    def _end_clause(self) -> None:
        raise NotImplementedError

    def _put(self, one: Entity, item: Item) -> None:
        raise NotImplementedError

    def _on_thing(self, item: Item, at: int) -> None:
        raise NotImplementedError
