"""What a reader returns: a shot as plain data, in the field's terms. What the words do not say is None or empty.

Nothing here is assumed: a default (day, clear, eye level, 50 mm) is the stage's business and stands in its `assumed`.
Values are English canonical words whatever the language of the prompt; names stay as they were written.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

SIZES = (
    "extreme_close_up", "close_up", "medium_close_up", "medium", "medium_wide", "full", "wide", "extreme_wide",
)  # fmt: skip
"""How much of the subject fills the frame, from near to far."""
KINDS = (
    "single", "two_shot", "three_shot", "group", "over_the_shoulder", "pov", "insert", "cutaway", "establishing",
    "master", "reaction", "aerial",
)  # fmt: skip
ANGLES = ("eye", "low", "high", "overhead", "worms_eye")
"""Of the camera's axis; roll is `Shot.dutch`, the height of the lens is `Shot.camera_height`."""
CAMERA_HEIGHTS = ("ground", "knee", "hip", "shoulder", "eye", "above")
MOVES = (
    "static", "pan_left", "pan_right", "pan", "tilt_up", "tilt_down", "push_in", "pull_out", "truck_left",
    "truck_right", "truck", "crane_up", "crane_down", "pedestal_up", "pedestal_down", "orbit", "zoom_in", "zoom_out",
    "dolly_zoom", "handheld", "steadicam", "tracking", "whip_pan", "rack_focus",
)  # fmt: skip
TIMES_OF_DAY = (
    "dawn", "morning", "noon", "day", "afternoon", "golden_hour", "dusk", "evening", "blue_hour", "night",
)  # fmt: skip
WEATHERS = ("clear", "overcast", "rain", "storm", "snow", "fog", "haze", "wind", "dust")
SEASONS = ("spring", "summer", "autumn", "winter")
LIGHTS = (
    "backlit", "silhouette", "rim", "side", "top", "hard", "soft", "low_key", "high_key", "natural", "practical",
    "neon", "fluorescent", "candle", "fire", "torch", "lamp", "window", "moon", "headlights", "screen", "shafts",
    "flicker", "lens_flare",
)  # fmt: skip
"""Colours of light may stand beside these, as they were said."""
POSES = (
    "stand", "sit", "lie", "kneel", "crouch", "lean", "walk", "run", "jump", "dance", "ride", "reach", "embrace",
    "fight", "climb", "fall", "swim", "crawl", "bow", "sleep",
)  # fmt: skip
RELATIONS = (
    "on", "under", "beside", "left_of", "right_of", "behind", "in_front_of", "in", "above", "between", "against",
    "around",
)  # fmt: skip

Side = Literal["left", "center", "right"]
Depth = Literal["foreground", "background"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Words of the prompt and the field they went into. ``start`` and ``end`` count code points; ``text`` is what
    stands there, ``read_as`` what it was corrected to, None if it was written right; ``value``: what the words say
    in the field's terms, where the field has terms."""

    start: int
    end: int
    text: str
    field: str
    read_as: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMove:
    """One of `MOVES`. ``speed``: slow, medium, fast; ``direction``: left, right, up, down, clockwise …; where it
    begins, where it ends and what it follows, in the prompt's words."""

    kind: str
    speed: str | None = None
    direction: str | None = None
    origin: str | None = None
    target: str | None = None
    follows: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Plain data; the two ends are called ``from`` and ``to`` there."""
        return {
            "kind": self.kind, "speed": self.speed, "direction": self.direction, "from": self.origin,
            "to": self.target, "follows": self.follows,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A relation of `RELATIONS` to something that is named."""

    relation: str
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person or a group that does one thing together. ``who``: a name, or a noun in the singular. ``facing``: camera,
    away, profile, left, right, each_other; ``look``: left, right, up, down, camera, away;
    ``direction``: where they move."""

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
    holding: tuple[str, ...] = ()
    wearing: tuple[str, ...] = ()
    where: Where | None = None
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prop:
    """A thing, an animal, a vehicle, a piece of furniture, a door or a window. ``what``: a noun in the singular;
    ``direction``: where it moves."""

    what: str
    count: int = 1
    relation: str | None = None
    to: str | None = None
    side: Side | None = None
    depth: Depth | None = None
    direction: str | None = None
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRead:
    """``name``: the innermost place, canonical; ``within``: what contains it; ``words``: as said."""

    name: str
    within: str | None = None
    words: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Plain data; what contains the place is called ``in`` there."""
        return {"name": self.name, "in": self.within, "words": list(self.words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverShoulder:
    """``of``: whose shoulder is in the foreground; ``on``: who or what is seen."""

    of: str | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """``depth``: shallow or deep; ``on``: what is sharp."""

    depth: Literal["shallow", "deep"] | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A shot, as far as its words say. ``camera_height``: one of `CAMERA_HEIGHTS`, or metres; ``lens_mm``: focal
    length; ``stop``: f or T number; ``aspect``: as ``2.39:1``; ``not_understood``: every word of meaning that no field
    took, in the prompt's own spelling; ``read_by``: ``rules``, or the language model's name."""

    read_by: str = "rules"
    language: str = "en"
    size: str | None = None
    kind: tuple[str, ...] = ()
    over_shoulder: OverShoulder | None = None
    pov_of: str | None = None
    angle: str | None = None
    dutch: bool = False
    camera_height: str | float | None = None
    lens_mm: float | None = None
    stop: float | None = None
    focus: Focus | None = None
    moves: tuple[CameraMove, ...] = ()
    aspect: str | None = None
    int_ext: Literal["INT", "EXT", "INT/EXT"] | None = None
    place: PlaceRead | None = None
    time_of_day: str | None = None
    weather: tuple[str, ...] = ()
    season: str | None = None
    light: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    props: tuple[Prop, ...] = ()
    without: tuple[str, ...] = ()
    off_screen: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    reads: tuple[Span, ...] = ()

    @property
    def head_count(self) -> int:
        """How many people are in the shot."""
        return sum(person.count for person in self.people)

    def as_data(self) -> dict[str, Any]:
        """Plain data: what a task's result carries as ``understood``."""
        data: dict[str, Any] = asdict(self)
        data["moves"] = [move.as_data() for move in self.moves]
        data["place"] = self.place and self.place.as_data()
        return {key: _listed(value) for key, value in data.items()}


def shot_of(data: Mapping[str, Any]) -> Shot:
    """The shot of plain data that `Shot.as_data` gave; what it does not know is left out."""
    known = {field.name for field in fields(Shot)}
    given: dict[str, Any] = {name: _tupled(value) for name, value in data.items() if name in known}
    ends = {"from": "origin", "to": "target"}
    given["moves"] = tuple(
        CameraMove(**{ends.get(name, name): value for name, value in move.items()}) for move in data.get("moves", ())
    )
    if place := data.get("place"):
        given["place"] = PlaceRead(name=place["name"], within=place["in"], words=tuple(place["words"]))
    for name, kind in (("over_shoulder", OverShoulder), ("focus", Focus)):
        if data.get(name):
            given[name] = kind(**data[name])
    given["people"] = tuple(
        Person(**{**_values(one), "where": Where(**one["where"]) if one.get("where") else None})
        for one in data.get("people", ())
    )
    given["props"] = tuple(Prop(**_values(one)) for one in data.get("props", ()))
    given["reads"] = tuple(Span(**one) for one in data.get("reads", ()))
    return Shot(**given)


def _values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tupled(value) for name, value in data.items()}


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _listed(value: Any) -> Any:
    """The same with lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {key: _listed(each) for key, each in value.items()}
    return [_listed(each) for each in value] if isinstance(value, (list, tuple)) else value
