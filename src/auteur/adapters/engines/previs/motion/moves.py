"""The moves of a camera, each as what it does to a rig at a moment. How far each goes follows from the shot's framing.

Where the words name no ends: a push in begins as the shot is framed and ends one size tighter, a pull out one size
wider, zooms likewise; a truck, a pedestal and a pan have the framing in the middle of their way; a tilt, a whip pan and
a crane down end on it; a crane up, an orbit and a dolly zoom begin with it. Terms: S. D. Katz, Film Directing Shot by
Shot, 1991; the list of moves of mediacollege.com.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.motion import marks
from auteur.adapters.engines.previs.motion.easing import steep
from auteur.adapters.engines.previs.motion.rig import Point, Rig, aim, turned
from auteur.adapters.engines.previs.motion.sway import BANDS, Sway
from auteur.adapters.engines.previs.reading.shot import SIZES, CameraMove, Shot
from auteur.adapters.engines.previs.staging.stage import Stage

_SHARES = (0.15, 0.3, 0.46, 0.66, 0.86, 1.28, 3.1, 7.5)
"""By size, how much of a standing person's height the frame is high."""
_CLOSEST_M = 0.4
_SHORTEST_MM, _LONGEST_MM = 8.0, 400.0
_BY_SPEED = {"slow": 0.6, "medium": 1.0, "fast": 1.6}
_WHIP_S = 0.4
"""How long a whip pan takes, from still to still."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``share``: of the time, 0 to 1; ``done``: of the way, after easing; ``seconds``: since the shot began; ``reach``:
    the share of its way on the floor that the camera can go before something stands in it."""

    share: float
    done: float
    seconds: float
    reach: float = 1.0


Motion = Callable[[Rig, Moment], None]


@dataclass(slots=True)
class Plan:
    """What a move is planned from. ``base``: the rig as the shot is framed; ``follow``: where the followed person is at
    so many seconds, from where they were at first; ``degrees``: how far a turn goes where the words say it."""

    shot: Shot
    stage: Stage
    base: Rig
    seconds: float
    rate_hz: float
    seed: int
    follow: Callable[[float], Point] | None = None
    degrees: float | None = None
    told: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def width_m(self) -> float:
        """How wide the frame is where the subject is."""
        return self.base.subject_m / self.base.focal

    @property
    def height_m(self) -> float:
        """How high the frame is there."""
        lens = self.stage.lens
        return self.width_m * lens.frame_height_mm / lens.frame_width_mm

    @property
    def frame_mm(self) -> float:
        """The frame's width on the sensor."""
        return self.stage.lens.frame_width_mm

    def scale_to(self, move: CameraMove, steps: int) -> float:
        """By what the frame's height changes, from the shot's size to ``steps`` sizes on (below 0: tighter), or to the
        size that the words name as the end."""
        size = self.shot.size or "medium"
        here = SIZES.index(size) if size in SIZES else 3
        named = (move.target or "").casefold().replace("-", "_").replace(" ", "_")
        there = SIZES.index(named) if named in SIZES else here + steps * (2 if move.speed == "fast" else 1)
        self.told["to_size"] = SIZES[min(max(there, 0), len(SIZES) - 1)]
        beyond = 0.7 ** max(-there, 0) * 1.5 ** max(there - len(SIZES) + 1, 0)
        ratio = _SHARES[min(max(there, 0), len(SIZES) - 1)] / _SHARES[here] * beyond
        return min(max(ratio, 0.4), 2.5)


def still(move: CameraMove, plan: Plan) -> Motion:
    """A camera on a locked tripod."""
    return lambda rig, moment: None


def follow(move: CameraMove, plan: Plan) -> Motion:
    """Keeps its distance and its side to somebody who walks."""
    track = plan.follow
    if track is None:
        plan.notes.append("nobody walks whom the camera could follow: it travels to the side")
        return truck(move, plan)

    def go(rig: Rig, moment: Moment) -> None:
        way = track(moment.seconds)
        rig.at = rig.at + way
        rig.subject = rig.subject + way

    return go


def orbit(move: CameraMove, plan: Plan) -> Motion:
    """Goes round the subject on an arc and keeps it in the middle."""
    degrees = plan.degrees or {"slow": 45.0, "fast": 180.0}.get(move.speed or "", 90.0)
    angle = math.radians(degrees) * _hand(move, {"left", "clockwise"}, {"right", "counterclockwise", "anticlockwise"})
    plan.told["degrees"] = degrees

    def go(rig: Rig, moment: Moment) -> None:
        by = angle * moment.done * moment.reach
        rig.at = turned(rig.at, rig.subject, by)
        rig.pan += by

    return go


def truck(move: CameraMove, plan: Plan) -> Motion:
    """Travels to the side without turning."""
    side = -1 if move.kind.endswith("left") else 1 if move.kind.endswith("right") else 0
    side = side or _hand(move, {"right"}, {"left"})
    length = min(max(0.75 * plan.width_m, 0.5), 6.0) * _BY_SPEED.get(move.speed or "", 1.0)
    way = plan.base.right * (side * length)
    plan.told["metres"] = round(length, 3)

    def go(rig: Rig, moment: Moment) -> None:
        rig.at = rig.at + way * ((moment.done - 0.5) * moment.reach)

    return go


def pedestal(move: CameraMove, plan: Plan) -> Motion:
    """Rises or sinks, its axis level as it was."""
    up = 1 if move.kind.endswith("up") else -1
    length = min(max(0.6 * plan.height_m, 0.25), 3.0) * _BY_SPEED.get(move.speed or "", 1.0)
    length = min(length, 2 * max(float(plan.base.at[1]) - 0.15, 0.1))
    plan.told["metres"] = round(length, 3)

    def go(rig: Rig, moment: Moment) -> None:
        rig.at = rig.at + np.array([0.0, up * length * (moment.done - 0.5) * moment.reach, 0.0])

    return go


def crane(move: CameraMove, plan: Plan) -> Motion:
    """Rises from the framing, or sinks to it, and keeps looking at the subject."""
    up = move.kind.endswith("up")
    length = min(max(0.9 * plan.height_m, 1.0), 9.0) * _BY_SPEED.get(move.speed or "", 1.0)
    plan.told["metres"] = round(length, 3)

    def go(rig: Rig, moment: Moment) -> None:
        off = rig.pan - aim(rig.subject - rig.at)[0], rig.tilt - aim(rig.subject - rig.at)[1]
        rig.at = rig.at + np.array([0.0, length * moment.reach * (moment.done if up else 1 - moment.done), 0.0])
        rig.look_at(rig.subject)
        rig.pan, rig.tilt = rig.pan + off[0], rig.tilt + off[1]

    return go


def dolly(move: CameraMove, plan: Plan) -> Motion:
    """Goes towards what the shot is about, or what is named, or away from it: the frame one size tighter, or wider."""
    ratio = plan.scale_to(move, -1 if move.kind == "push_in" else 1)
    aimed = marks.find(plan.stage, move.target)
    if move.kind == "push_in":
        ratio = max(ratio, min(_CLOSEST_M / plan.base.subject_m, 1.0))

    def go(rig: Rig, moment: Moment) -> None:
        towards = rig.subject if aimed is None else rig.subject + (aimed - plan.base.subject) * moment.done
        rig.at = rig.subject + (rig.at - rig.subject) * ratio ** (moment.done * moment.reach)
        if aimed is not None:
            rig.look_at(towards)

    return go


def zoom(move: CameraMove, plan: Plan) -> Motion:
    """Changes the focal length; the camera stays, so that nothing moves before anything else."""
    ratio = 1 / plan.scale_to(move, -1 if move.kind == "zoom_in" else 1)
    here = plan.base.focal * plan.frame_mm
    ratio = min(max(here * ratio, _SHORTEST_MM), _LONGEST_MM) / here
    plan.told["to_mm"] = round(here * ratio, 2)

    def go(rig: Rig, moment: Moment) -> None:
        rig.focal *= ratio**moment.done

    return go


def dolly_zoom(move: CameraMove, plan: Plan) -> Motion:
    """Goes along its axis, and the focal length follows, f = f0 d / d0: the subject's width stays, all else changes."""
    inwards = _hand(move, {"in", "forward", "forwards"}, {"out", "back", "backward", "backwards"}, otherwise=1) > 0
    ratio = (0.5 if inwards else 2.0) ** _BY_SPEED.get(move.speed or "", 1.0)
    here = plan.base.focal * plan.frame_mm
    ratio = min(max(here * ratio, _SHORTEST_MM), _LONGEST_MM) / here
    if inwards:
        ratio = max(ratio, min(_CLOSEST_M / plan.base.subject_m, 1.0))
    plan.told["to_mm"] = round(here * ratio, 2)

    def go(rig: Rig, moment: Moment) -> None:
        before = rig.subject_m
        rig.at = rig.at + rig.ahead * before * (1 - ratio ** (moment.done * moment.reach))
        rig.focal *= rig.subject_m / before

    return go


def pan(move: CameraMove, plan: Plan) -> Motion:
    """Turns on its foot, from what is named to what is named, or so far with the framing in the middle."""
    xfov = 2 * math.atan(0.5 / plan.base.focal)
    side = -1 if move.kind.endswith("left") else 1 if move.kind.endswith("right") else _hand(move, {"right"}, {"left"})
    usual = min(max(0.9 * xfov, math.radians(18)), math.radians(75)) * _BY_SPEED.get(move.speed or "", 1.0)
    angle = side * (math.radians(plan.degrees) if plan.degrees else usual)
    first, last = _ends(move, plan)
    if first is None and last is None:
        begin, end = -angle / 2, angle / 2
    elif first is None or last is None:
        begin, end = (last[0] - angle, last[0]) if last is not None else (first[0], first[0] + angle)  # type: ignore[index]
    else:
        begin, end = first[0], first[0] + math.remainder(last[0] - first[0], math.tau)
    plan.told["degrees"] = round(abs(math.degrees(end - begin)), 2)

    def go(rig: Rig, moment: Moment) -> None:
        rig.pan += begin + (end - begin) * moment.done

    return go


def tilt(move: CameraMove, plan: Plan) -> Motion:
    """Tilts up or down: ends as the shot is framed, where no ends are named."""
    lens = plan.stage.lens
    yfov = 2 * math.atan(0.5 * lens.frame_height_mm / lens.frame_width_mm / plan.base.focal)
    up = 1 if move.kind.endswith("up") else -1
    usual = min(max(0.8 * yfov, math.radians(10)), math.radians(50)) * _BY_SPEED.get(move.speed or "", 1.0)
    angle = up * (math.radians(plan.degrees) if plan.degrees else usual)
    first, last = _ends(move, plan)
    end = last[1] if last is not None else (first[1] + angle if first is not None else 0.0)
    begin = first[1] if first is not None else end - angle
    plan.told["degrees"] = round(abs(math.degrees(end - begin)), 2)

    def go(rig: Rig, moment: Moment) -> None:
        rig.tilt = min(max(rig.tilt + begin + (end - begin) * moment.done, -1.55), 1.55)

    return go


def whip_pan(move: CameraMove, plan: Plan) -> Motion:
    """A pan so quick that nothing is to be seen on its way; it ends on the framing, or on what is named."""
    side = _hand(move, {"right"}, {"left"})
    angle = side * math.radians(plan.degrees or 90.0)
    first, last = _ends(move, plan)
    end = last[0] if last is not None else 0.0
    begin = first[0] if first is not None else end - angle
    length = min(_WHIP_S, 0.8 * plan.seconds)
    start = 0.4 * (plan.seconds - length)
    plan.told |= {"degrees": round(abs(math.degrees(end - begin)), 2), "seconds": round(length, 3)}

    def go(rig: Rig, moment: Moment) -> None:
        share = min(max((moment.seconds - start) / length, 0.0), 1.0)
        rig.pan += begin + (end - begin) * steep(share)

    return go


def rack_focus(move: CameraMove, plan: Plan) -> Motion:
    """Pulls the focus from one mark to another, evenly in dioptres, as a focus ring is spaced."""
    near = _depth(plan, move.origin)
    far = _depth(plan, move.target)
    here = plan.base.subject_m
    if near is None and far is None:
        others = sorted(
            (depth for mark in plan.stage.people if (depth := _along(plan, marks.eyes(mark))) > 0.3),
            key=lambda depth: -abs(1 / depth - 1 / here),
        )
        near, far = here, others[0] if others and abs(1 / others[0] - 1 / here) > 0.05 else here * 3
    near, far = near if near is not None else here, far if far is not None else here
    plan.told |= {"from_m": round(near, 3), "to_m": round(far, 3)}

    def go(rig: Rig, moment: Moment) -> None:
        rig.focus_m = 1 / (1 / near + (1 / far - 1 / near) * moment.done)

    return go


def sway(move: CameraMove, plan: Plan) -> Motion:
    """Carried by a person, or floating: see `sway`."""
    carried = Sway(BANDS[move.kind], plan.seed, plan.rate_hz)
    much = {"slow": 0.7, "fast": 1.6}.get(move.speed or "", 1.0)
    near = min(max(plan.base.subject_m / 4, 0.15), 1.0)  # a lens that is near is held with more care

    def go(rig: Rig, moment: Moment) -> None:
        shift, turn = carried.at(moment.seconds)
        shift, turn = shift * much * near, turn * much / max(plan.base.focal, 0.8)
        rig.at = rig.at + rig.right * shift[0] + np.array([0.0, shift[1], 0.0]) + rig.ahead * shift[2]
        rig.pan, rig.tilt, rig.roll = rig.pan + turn[0], rig.tilt + turn[1], rig.roll + turn[2]

    return go


MOVERS: dict[str, Callable[[CameraMove, Plan], Motion]] = {
    "static": still, "tracking": follow, "orbit": orbit, "truck": truck, "truck_left": truck, "truck_right": truck,
    "pedestal_up": pedestal, "pedestal_down": pedestal, "crane_up": crane, "crane_down": crane, "push_in": dolly,
    "pull_out": dolly, "dolly_zoom": dolly_zoom, "zoom_in": zoom, "zoom_out": zoom, "pan": pan, "pan_left": pan,
    "pan_right": pan, "tilt_up": tilt, "tilt_down": tilt, "whip_pan": whip_pan, "rack_focus": rack_focus,
    "handheld": sway, "steadicam": sway, "drift": sway,
}  # fmt: skip
"""By name, in the order in which the parts of one move are done: where the camera is first, how it is held last."""
MOVE_NAMES = tuple(MOVERS)


def _hand(move: CameraMove, positive: set[str], negative: set[str], otherwise: int = 1) -> int:
    """1 or -1 by the direction that the words give."""
    said = set((move.direction or "").casefold().replace("-", "").split())
    return 1 if said & positive else -1 if said & negative else otherwise


def _ends(move: CameraMove, plan: Plan) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Pan and tilt to what is named as the beginning and as the end, from the framing; None where nothing is."""

    def off(words: str | None) -> tuple[float, float] | None:
        point = marks.find(plan.stage, words)
        if point is None:
            return None
        to_pan, to_tilt = aim(point - plan.base.at)
        return math.remainder(to_pan - plan.base.pan, math.tau), to_tilt - plan.base.tilt

    return off(move.origin), off(move.target)


def _along(plan: Plan, point: Point) -> float:
    return float((point - plan.base.at) @ plan.base.ahead)


def _depth(plan: Plan, words: str | None) -> float | None:
    """How far along the axis something is; ``foreground`` and ``background`` are half and three times the subject."""
    said = (words or "").casefold()
    if "foreground" in said or "background" in said:
        return plan.base.subject_m * (0.5 if "foreground" in said else 3.0)
    point = marks.find(plan.stage, words)
    depth = None if point is None else _along(plan, point)
    return depth if depth is not None and depth > 0.2 else None
