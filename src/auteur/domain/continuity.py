"""Shots of one scene checked against each other by geometry: what an editor would stumble over.

From what takes record of their stage: where the camera stood, where people stood, faced and looked. Findings are
warnings with a reason, never refusals: rules are broken on purpose, too. The rules are those of the textbooks (Arijon,
*Grammar of the Film Language*; Thompson and Bowen, *Grammar of the Shot*).

Units: metres and degrees. Axes: x right, y up, z towards the default camera; a heading is 0 towards +z and grows
towards +x.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Vector = tuple[float, float, float]
Kind = Literal["line", "thirty_degrees", "eyeline", "screen_direction", "sizes"]

SIZES = (
    "extreme_close_up", "close_up", "medium_close_up", "medium", "medium_wide", "full", "wide", "extreme_wide",
)  # fmt: skip
ON_THE_LINE_DEG = 12.0
"""A camera nearer to the line, as seen from the middle between the two, stands on it and may go on to either side."""
LEAST_TURN_DEG = 30.0
LOOK_TOLERANCE_DEG = 35.0
MONOTONOUS = 4
"""Shots of one size in a row that are one too many."""
_NEUTRAL = math.sin(math.radians(10))
"""Who looks or walks nearer to the camera's axis has no direction on the screen."""
_SAME_PLACE_M = 0.75
_SIZE_LIMITS = (0.2, 0.4, 0.55, 0.78, 1.05, 1.7, 4.5)
"""How many heights of a person the frame takes in, from one size to the next."""
_MOVING = frozenset({"walk", "run", "ride", "crawl", "swim"})
_APART = frozenset({"insert", "cutaway", "pov", "aerial"})
"""Kinds of shots that no rule of two people's space is asked of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPerson:
    """Who stands where. ``facing_deg``: of the body; ``look_deg``: of the eyes; ``looking_at``: whom the words name."""

    name: str
    at: tuple[float, float]
    height_m: float
    facing_deg: float
    look_deg: float
    pose: str = "stand"
    in_frame: bool = True
    looking_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedShot:
    """A shot as it was staged. ``size``: one of `SIZES` as read, None where the words say none; ``yfov_deg``: how much
    the picture takes in from top to bottom; ``camera``, ``right``, ``ahead``: at its first frame;
    ``camera_end``: where the camera stands at its last; ``shoulder``: who is in the foreground, seen from behind."""

    name: str
    scene: str
    camera: Vector
    right: Vector
    ahead: Vector
    camera_end: Vector
    yfov_deg: float
    size: str | None = None
    kinds: frozenset[str] = frozenset()
    shoulder: str | None = None
    people: tuple[StagedPerson, ...] = ()

    @property
    def subjects(self) -> tuple[StagedPerson, ...]:
        """Whom the shot shows; a shoulder in the foreground is not shown."""
        return tuple(person for person in self.people if person.in_frame and person.name != self.shoulder)

    @property
    def drawn_size(self) -> str | None:
        """The size as read, else by how much of whom it shows fills the frame; None where it shows nobody."""
        if self.size is not None or not self.subjects:
            return self.size
        shown = 2 * math.tan(math.radians(self.yfov_deg) / 2) * math.hypot(*_towards(self.subjects, self.camera))
        share = shown / max(person.height_m for person in self.subjects)
        return SIZES[sum(share >= limit for limit in _SIZE_LIMITS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What two shots do to each other. ``first`` and ``second``: their names, in the order of the cut; ``reason``: a
    sentence."""

    kind: Kind
    scene: str
    first: str
    second: str
    reason: str

    def as_data(self) -> dict[str, str]:
        """Plain data."""
        return {
            "kind": self.kind, "scene": self.scene, "first": self.first, "second": self.second, "reason": self.reason,
        }  # fmt: skip


def check(shots: Sequence[StagedShot]) -> list[Finding]:
    """What geometry finds between the shots, each scene by itself, in the order of the cut."""
    scenes: dict[str, list[StagedShot]] = {}
    for shot in shots:
        scenes.setdefault(shot.scene, []).append(shot)
    places = {shot.name: place for place, shot in enumerate(shots)}
    found = [finding for scene in scenes.values() for finding in _scene(scene)]
    return sorted(found, key=lambda finding: (places[finding.second], places[finding.first], finding.kind))


# --- what a take recorded ---------------------------------------------------------------------------------------------


def staged_shot(
    name: str, scene: str | None, understood: Mapping[str, Any], camera_end: Sequence[float] | None = None
) -> StagedShot | None:
    """A shot from `result.understood`; None where that does not say where the camera was, or the scene is not known."""
    camera = _mapping(understood.get("camera"))
    at, right, ahead = (_vector(camera.get(key)) for key in ("position_m", "right", "ahead"))
    if scene is None or at is None or right is None or ahead is None:
        return None
    looks = {
        str(person.get("who")): str(person["looking_at"])
        for person in map(_mapping, _list(understood.get("people")))
        if person.get("looking_at")
    }
    people = []
    for told in map(_mapping, _list(_mapping(understood.get("stage")).get("people"))):
        place = _vector(told.get("at_m"))
        facing, look, height = (_number(told.get(key)) for key in ("facing_deg", "look_deg", "height_m"))
        if place is None or facing is None:
            continue
        people.append(
            StagedPerson(
                name=str(told.get("name")), at=(place[0], place[2]), height_m=height or 1.7, facing_deg=facing,
                look_deg=facing if look is None else look, pose=str(told.get("pose") or "stand"),
                in_frame=told.get("in_frame") is not False, looking_at=looks.get(str(told.get("name"))),
            )
        )  # fmt: skip
    size = understood.get("size")
    over = _mapping(understood.get("over_shoulder")).get("of")
    return StagedShot(
        name=name, scene=scene, camera=at, right=right, ahead=ahead, camera_end=_vector(camera_end) or at,
        yfov_deg=_number(camera.get("yfov_deg")) or 30.0, size=size if size in SIZES else None,
        kinds=frozenset(map(str, _list(understood.get("kind")))),
        shoulder=str(over) if over else None, people=tuple(people),
    )  # fmt: skip


# --- the rules --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Space:
    """What a scene has established so far. ``places``: where people were seen last; ``sides``: by pair, the side of its
    line that the camera keeps, and the shot that did so last; ``across``: the shot that broke it last."""

    places: dict[str, StagedPerson] = field(default_factory=dict)
    sides: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    across: dict[tuple[str, str], str] = field(default_factory=dict)

    def meet(self, shot: StagedShot) -> set[str]:
        """People of the shot are where it says. Where one is elsewhere than he was, the stage is another, nothing is
        known of who is not seen, and the lines to that one run anew. Answers who is elsewhere."""
        moved = set()
        for person in shot.people:
            known = self.places.get(person.name)
            if known is not None and math.dist(known.at, person.at) > _SAME_PLACE_M:
                moved.add(person.name)
                for key in [pair for pair in self.sides if person.name in pair]:
                    del self.sides[key]
                if person.pose not in _MOVING:
                    self.places.clear()
                    break
        self.places.update({person.name: person for person in shot.people})
        return moved


def _scene(shots: Sequence[StagedShot]) -> Iterator[Finding]:
    space = _Space()
    before: StagedShot | None = None
    run: list[StagedShot] = []
    for shot in shots:
        moved = space.meet(shot)
        crossed = list(_line(shot, space))
        yield from crossed
        if before is not None:
            yield from _thirty(before, shot)
            yield from _screen_direction(before, shot)
            if not crossed and not moved.intersection(person.name for person in shot.subjects):
                yield from _answers(before, shot, space)
        yield from _misses(shot, space, before)
        if shot.drawn_size is None or (run and run[-1].drawn_size != shot.drawn_size):
            run = []
        if shot.drawn_size is not None:
            run.append(shot)
        if len(run) == MONOTONOUS:
            told = f"{_named(shot.drawn_size)}: the {MONOTONOUS}th in a row"
            yield _finding("sizes", run[0], shot, f"{shot.name} is a {told}, since {run[0].name}.")
        before = shot


def _line(shot: StagedShot, space: _Space) -> Iterator[Finding]:
    """The 180-degree line: between two people, the camera stays on one side, unless it stands on the line or crosses it
    while it runs."""
    pair = _pair(shot, space)
    if pair is None:
        return
    one, other = pair
    key = (one.name, other.name)
    begin, end = (_side(one.at, other.at, at) for at in (shot.camera, shot.camera_end))
    known = space.sides.get(key)
    if known is not None and begin and begin != known[0]:
        if space.across.get(key) != known[1]:  # a second shot from there has moved the line for good
            space.across[key] = known[1]
            reason = (
                f"{shot.name} sees {one.name} and {other.name} from the other side of the line between them than "
                f"{known[1]}: they change sides of the picture."
            )
            yield Finding(kind="line", scene=shot.scene, first=known[1], second=shot.name, reason=reason)
            return
    elif begin:
        space.across.pop(key, None)
    if end:
        space.sides[key] = end, shot.name
    else:
        space.sides.pop(key, None)


def _pair(shot: StagedShot, space: _Space) -> tuple[StagedPerson, StagedPerson] | None:
    """The two people between whom the shot's line runs, by name: those that it shows, or whom it shows and whom that
    one looks at."""
    if shot.kinds & _APART:
        return None
    shown = [person for person in shot.people if person.in_frame]
    if shot.shoulder is not None and len(shown) < 2:
        shown += [person for name, person in space.places.items() if name == shot.shoulder and person not in shown]
    if len(shown) == 1:
        partner = _looked_at(shown[0], space)
        shown += [] if partner is None else [partner]
    if len(shown) != 2 or math.dist(shown[0].at, shown[1].at) < 0.2:
        return None
    first, second = sorted(shown, key=lambda person: person.name)
    return first, second


def _looked_at(person: StagedPerson, space: _Space) -> StagedPerson | None:
    others = [known for name, known in space.places.items() if name != person.name]
    if person.looking_at is not None:
        return next((other for other in others if other.name == person.looking_at), None)
    towards = [(abs(_turn(person.look_deg, _heading(person.at, other.at))), other) for other in others]
    near = min(towards, key=lambda one: one[0], default=None)
    return near[1] if near is not None and near[0] <= LOOK_TOLERANCE_DEG else None


def _side(one: tuple[float, float], other: tuple[float, float], camera: Vector) -> int:
    """On which side of the line the camera stands, 1 or -1; 0 on the line."""
    middle = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    along, away = _heading(one, other), _heading(middle, (camera[0], camera[2]))
    turn = _turn(along, away)
    if min(abs(turn), 180 - abs(turn)) < ON_THE_LINE_DEG:
        return 0
    return 1 if turn > 0 else -1


def _thirty(before: StagedShot, shot: StagedShot) -> Iterator[Finding]:
    """The 30-degree rule: two shots of one subject in a row differ by an angle that is seen, or by a size."""
    subjects = {person.name for person in shot.subjects}
    if not subjects or subjects != {person.name for person in before.subjects}:
        return
    if (before.kinds | shot.kinds) & _APART or before.drawn_size != shot.drawn_size:
        return
    turn = _between(_towards(before.subjects, before.camera_end), _towards(shot.subjects, shot.camera))
    if turn < LEAST_TURN_DEG:
        told = f"{shot.name} shows {_all(subjects)} as {before.name} does, {turn:.0f} degrees from there at one size"
        yield _finding(
            "thirty_degrees", before, shot, f"{told}: the picture jumps. Turn by 30 degrees or change the size."
        )


def _screen_direction(before: StagedShot, shot: StagedShot) -> Iterator[Finding]:
    """Who walks from left to right goes on so in the next shot."""
    for person in shot.subjects:
        known = next((one for one in before.subjects if one.name == person.name), None)
        if known is None or person.pose not in _MOVING or known.pose not in _MOVING:
            continue
        was, now = _across(known.facing_deg, before), _across(person.facing_deg, shot)
        if was * now < 0:
            told = f"{person.name} goes to the {_side_word(was)} in {before.name} and to the {_side_word(now)}"
            yield _finding("screen_direction", before, shot, f"{told} in {shot.name}: as if back again.")


def _answers(before: StagedShot, shot: StagedShot, space: _Space) -> Iterator[Finding]:
    """Looks answer looks: of two who look at each other in shots in a row, one looks left and the other right."""
    if len(before.subjects) != 1 or len(shot.subjects) != 1 or (before.kinds | shot.kinds) & _APART:
        return
    one, other = before.subjects[0], shot.subjects[0]
    if one.name == other.name or not _meet(one, other, space):
        return
    was, now = _across(one.look_deg, before), _across(other.look_deg, shot)
    if was * now > 0:
        told = f"{one.name} in {before.name} and {other.name} in {shot.name} both look to the {_side_word(now)}"
        yield _finding("eyeline", before, shot, f"{told}: they do not look at each other.")


def _meet(one: StagedPerson, other: StagedPerson, space: _Space) -> bool:
    """Whether two are meant to look at each other, each by what is said of him, else by where he looks."""
    seen = [_looked_at(person, space) for person in (one, other)]
    return [None if found is None else found.name for found in seen] == [other.name, one.name]


def _misses(shot: StagedShot, space: _Space, before: StagedShot | None) -> Iterator[Finding]:
    """Who is said to look at somebody is turned to where that one stands, in this shot or when last seen."""
    for person in shot.subjects:
        target = space.places.get(person.looking_at or "")
        if target is None or target.name == person.name:
            continue
        away = abs(_turn(person.look_deg, _heading(person.at, target.at)))
        if away > LOOK_TOLERANCE_DEG:
            told = f"{person.name} looks {away:.0f} degrees past {target.name} in {shot.name}"
            yield _finding("eyeline", before or shot, shot, f"{told}, who stands elsewhere.")


# --- geometry ---------------------------------------------------------------------------------------------------------


def _towards(people: Iterable[StagedPerson], camera: Vector) -> Vector:
    """From the middle of the people's heads to the camera."""
    listed = list(people)
    x = sum(person.at[0] for person in listed) / len(listed)
    z = sum(person.at[1] for person in listed) / len(listed)
    y = sum(person.height_m for person in listed) / len(listed) * 0.9
    return camera[0] - x, camera[1] - y, camera[2] - z


def _between(one: Vector, other: Vector) -> float:
    long = math.hypot(*one) * math.hypot(*other)
    if not long:
        return 0.0
    return math.degrees(math.acos(min(max(sum(a * b for a, b in zip(one, other, strict=True)) / long, -1.0), 1.0)))


def _heading(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.degrees(math.atan2(other[0] - one[0], other[1] - one[1]))


def _turn(one: float, other: float) -> float:
    """From one heading to another, the short way, -180 to 180."""
    return math.remainder(other - one, 360.0)


def _across(heading_deg: float, shot: StagedShot) -> float:
    """Where a heading points on the screen: 1 right, -1 left, 0 neither."""
    turn = math.radians(heading_deg)
    share = math.sin(turn) * shot.right[0] + math.cos(turn) * shot.right[2]
    return 0.0 if abs(share) < _NEUTRAL else math.copysign(1.0, share)


def _side_word(side: float) -> str:
    return "right" if side > 0 else "left"


def _named(size: str | None) -> str:
    return (size or "").replace("_", " ")


def _all(names: Iterable[str]) -> str:
    listed = sorted(names)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


def _finding(kind: Kind, first: StagedShot, second: StagedShot, reason: str) -> Finding:
    return Finding(kind=kind, scene=second.scene, first=first.name, second=second.name, reason=reason)


# --- reading what is not ours -----------------------------------------------------------------------------------------


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _number(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None


def _vector(value: Any) -> Vector | None:
    found = [_number(one) for one in _list(value)]
    if len(found) != 3 or any(one is None for one in found):
        return None
    return found[0], found[1], found[2]  # type: ignore[return-value]
