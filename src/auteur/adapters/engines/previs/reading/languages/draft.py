"""A shot while it is being read: people and props that gain a place, a pose and a look as the sentence goes on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from auteur.adapters.engines.previs.reading.shot import (
    CameraMove,
    Depth,
    Focus,
    OverShoulder,
    Person,
    PlaceRead,
    Prop,
    Shot,
    Side,
    Span,
    Where,
)


@dataclass(slots=True)
class Someone:
    """A person or a group."""

    who: str
    count: int = 1
    side: Side | None = None
    depth: Depth | None = None
    pose: str | None = None
    action: str | None = None
    facing: str | None = None
    look: str | None = None
    looking_at: str | None = None
    direction: str | None = None
    holding: list[str] = field(default_factory=list)
    wearing: list[str] = field(default_factory=list)
    where: Where | None = None
    traits: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Something:
    """A thing, an animal or a vehicle."""

    what: str
    count: int = 1
    relation: str | None = None
    to: str | None = None
    side: Side | None = None
    depth: Depth | None = None
    direction: str | None = None
    traits: list[str] = field(default_factory=list)


Entity = Someone | Something


@dataclass
class Draft:
    """What was read so far. ``single``: fields of a shot with one value; ``lists``: those with many."""

    language: str
    single: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    people: list[Someone] = field(default_factory=list)
    props: list[Something] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    place: str | None = None
    place_in: str | None = None
    place_words: list[str] = field(default_factory=list)
    shoulder_of: str | None = None
    shoulder_on: str | None = None
    spans: list[Span] = field(default_factory=list)

    def span(
        self, start: int, end: int, text: str, name: str, read_as: str | None = None, value: str | None = None
    ) -> None:
        """Words that went into a field."""
        one = Span(start=start, end=end, text=text, field=name, read_as=read_as, value=value)
        if text and not any((each.start, each.end, each.field) == (start, end, name) for each in self.spans):
            self.spans.append(one)

    def add(self, name: str, value: str) -> None:
        """One of many values, each once."""
        values = self.lists.setdefault(name, [])
        if value not in values:
            values.append(value)

    def person(self, who: str, count: int | None, *, again: bool) -> Someone:
        """The person of that name, or a new one. ``again``: it may be one that was spoken of before."""
        known = next((one for one in self.people if one.who == who), None)
        if known is not None and (again or who[:1].isupper()):
            return known
        one = Someone(who, count or 1)
        self.people.append(one)
        return one

    def prop(self, what: str, count: int | None, *, again: bool) -> Something:
        """The thing, or a new one."""
        known = next((one for one in self.props if one.what == what), None)
        if known is not None and again:
            known.count = max(known.count, count or 1)
            return known
        one = Something(what, count or 1)
        self.props.append(one)
        return one

    def at(self, name: str, words: str, *, within: str | None = None) -> bool:
        """The place, unless there is one already; whether it was taken."""
        if self.place is not None and self.place != name:
            return False
        self.place = name
        self.place_in = self.place_in or within
        if words and words not in self.place_words:
            self.place_words.append(words)
        return True

    def _many(self, name: str) -> tuple[str, ...]:
        return tuple(self.lists.get(name, ()))

    def shot(self, not_understood: Sequence[str]) -> Shot:
        """As it stands."""
        kinds = self.lists.get("kind", [])
        if self.single.get("pov_of") is not None and "pov" not in kinds:
            kinds = [*kinds, "pov"]
        shoulder = OverShoulder(of=self.shoulder_of, on=self.shoulder_on)
        focus = self.single.pop("focus", None)
        return Shot(
            read_by="rules",
            language=self.language,
            kind=tuple(kinds),
            over_shoulder=shoulder if "over_the_shoulder" in kinds and (shoulder.of or shoulder.on) else None,
            focus=Focus(depth=focus) if focus else None,
            moves=tuple(CameraMove(**move) for move in self.moves),
            place=(self.place and PlaceRead(name=self.place, within=self.place_in, words=tuple(self.place_words)))
            or None,
            people=tuple(_person(one) for one in self.people),
            props=tuple(_prop(one) for one in self.props),
            not_understood=tuple(not_understood),
            reads=tuple(sorted(self.spans, key=lambda span: (span.start, span.end))),
            weather=self._many("weather"),
            light=self._many("light"),
            without=self._many("without"),
            off_screen=self._many("off_screen"),
            style=self._many("style"),
            **self.single,
        )


def _person(one: Someone) -> Person:
    return Person(
        who=one.who, count=one.count, side=one.side, depth=one.depth, pose=one.pose, action=one.action,
        facing=one.facing, look=one.look, looking_at=one.looking_at, direction=one.direction,
        holding=tuple(one.holding), wearing=tuple(one.wearing), where=one.where, traits=tuple(one.traits),
    )  # fmt: skip


def _prop(one: Something) -> Prop:
    return Prop(
        what=one.what, count=one.count, relation=one.relation, to=one.to, side=one.side, depth=one.depth,
        direction=one.direction, traits=tuple(one.traits),
    )  # fmt: skip
