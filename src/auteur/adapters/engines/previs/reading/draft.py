"""A shot while it is being read: the same parts as `Shot`, but they can still change.

One for all languages: English walks over pieces, the others over items, and what they fill is this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

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

_MOVING = frozenset({
    "walk", "run", "jump", "dance", "ride", "climb", "fall", "swim", "crawl", "fight", "embrace", "sleep", "bow",
})  # fmt: skip


@dataclass(slots=True, eq=False)
class PersonDraft:
    """Someone, or a group. ``gender``: female, male or unknown; ``named``: by name; ``collective``: a noun that means
    several; ``single``: the noun was singular, so that a pronoun may speak of it."""

    who: str
    count: int = 1
    gender: str = ""
    named: bool = False
    collective: bool = False
    side: Side | None = None
    depth: Depth | None = None
    pose: str | None = None
    action: str | None = None
    facing: str | None = None
    look: str | None = None
    looking_at: str | None = None
    direction: str | None = None
    pronoun: bool = False
    """Made by a pronoun that pointed to nobody; whoever is named next may be meant."""
    holding: list[str] = field(default_factory=list)
    wearing: list[str] = field(default_factory=list)
    relation: str | None = None
    to: str | None = None
    traits: list[str] = field(default_factory=list)
    part: bool = False
    """Made by a part of a body whose owner nobody named."""
    lent: set[str] = field(default_factory=set)
    """Fields that were said of the group out of which this one was named, and that own words replace."""

    @property
    def name(self) -> str:
        return self.who

    @property
    def where(self) -> Where | None:
        """In relation to whom or what."""
        return Where(relation=self.relation, to=self.to) if self.relation else None

    @where.setter
    def where(self, where: Where | None) -> None:
        self.relation, self.to = (where.relation, where.to) if where is not None else (None, None)

    def frozen(self) -> Person:
        action = self.action or (self.pose if self.pose in _MOVING else None)
        return Person(
            who=self.who,
            count=self.count,
            side=self.side,
            depth=self.depth,
            pose=self.pose,
            action=action,
            facing=self.facing,
            look=self.look,
            looking_at=self.looking_at,
            direction=self.direction,
            holding=tuple(dict.fromkeys(self.holding)),
            wearing=tuple(dict.fromkeys(self.wearing)),
            where=self.where,
            traits=tuple(dict.fromkeys(self.traits)),
        )


@dataclass(slots=True, eq=False)
class PropDraft:
    """A thing."""

    what: str
    count: int = 1
    relation: str | None = None
    to: str | None = None
    side: Side | None = None
    depth: Depth | None = None
    direction: str | None = None
    role: str = ""
    traits: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.what

    def frozen(self) -> Prop:
        return Prop(
            what=self.what,
            count=self.count,
            relation=self.relation,
            to=self.to,
            side=self.side,
            depth=self.depth,
            direction=self.direction,
            traits=tuple(dict.fromkeys(self.traits)),
        )


@dataclass(slots=True, eq=False)
class MoveDraft:
    """A camera's move."""

    kind: str
    speed: str | None = None
    direction: str | None = None
    origin: str | None = None
    target: str | None = None
    follows: str | None = None
    said: dict[str, str] = field(default_factory=dict)
    """How its ends were named: a face, where the end is somebody."""
    way: str = ""
    """The word of place after a move that has no direction of its own: over, into, away."""
    pieces: list[Any] = field(default_factory=list)
    """The words that name it, to be given back where it cannot be told which way it goes."""

    def frozen(self) -> CameraMove:
        return CameraMove(
            kind=self.kind,
            speed=self.speed,
            direction=self.direction,
            origin=self.origin,
            target=self.target,
            follows=self.follows,
        )


@dataclass(slots=True, eq=False)
class ShotDraft:
    """What was read so far."""

    size: str | None = None
    kind: list[str] = field(default_factory=list)
    shoulder_of: str | None = None
    shoulder_on: str | None = None
    pov_of: str | None = None
    angle: str | None = None
    dutch: bool = False
    camera_height: str | float | None = None
    lens_mm: float | None = None
    stop: float | None = None
    focus: Focus | None = None
    moves: list[MoveDraft] = field(default_factory=list)
    aspect: str | None = None
    int_ext: Literal["INT", "EXT", "INT/EXT"] | None = None
    place: PlaceRead | None = None
    time_of_day: str | None = None
    weather: list[str] = field(default_factory=list)
    season: str | None = None
    light: list[str] = field(default_factory=list)
    people: list[PersonDraft] = field(default_factory=list)
    props: list[PropDraft] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    off_screen: list[str] = field(default_factory=list)
    style: list[str] = field(default_factory=list)

    @property
    def over_shoulder(self) -> OverShoulder | None:
        if "over_the_shoulder" not in self.kind:
            return None
        return OverShoulder(of=self.shoulder_of, on=self.shoulder_on)

    def frozen(self, language: str, not_understood: Sequence[str], reads: Sequence[Span]) -> Shot:
        """As it stands, with what became of every word."""
        return Shot(
            language=language,
            size=self.size,
            kind=tuple(self.kind),
            over_shoulder=self.over_shoulder,
            pov_of=self.pov_of,
            angle=self.angle,
            dutch=self.dutch,
            camera_height=self.camera_height,
            lens_mm=self.lens_mm,
            stop=self.stop,
            focus=self.focus,
            moves=tuple(move.frozen() for move in self.moves),
            aspect=self.aspect,
            int_ext=self.int_ext,
            place=self.place,
            time_of_day=self.time_of_day,
            weather=tuple(self.weather),
            season=self.season,
            light=tuple(self.light),
            people=tuple(person.frozen() for person in self.people),
            props=tuple(prop.frozen() for prop in self.props),
            without=tuple(self.without),
            off_screen=tuple(self.off_screen),
            style=tuple(self.style),
            not_understood=tuple(not_understood),
            reads=tuple(reads),
        )
