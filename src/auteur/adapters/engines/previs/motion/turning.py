"""Moves in which the camera stays, and turns, zooms, pulls focus, or is held by a person; see docs/camera.md."""

import math

import numpy as np

from auteur.adapters.engines.previs.motion import marks
from auteur.adapters.engines.previs.motion.easing import steep
from auteur.adapters.engines.previs.motion.planning import (
    BY_SPEED,
    LONGEST_MM,
    SHORTEST_MM,
    Moment,
    Motion,
    Plan,
    hand_of,
)
from auteur.adapters.engines.previs.motion.rig import Point, Rig, aim
from auteur.adapters.engines.previs.motion.sway import BANDS, Sway
from auteur.adapters.engines.previs.reading.shot import CameraMove

_WHIP_S = 0.4
"""How long a whip pan takes, from still to still."""


def zoom(move: CameraMove, plan: Plan) -> Motion:
    """Changes the focal length; the camera stays, so that nothing moves before anything else."""
    ratio = 1 / plan.scale_to(move, -1 if move.kind == "zoom_in" else 1)
    here = plan.base.focal * plan.frame_mm
    ratio = min(max(here * ratio, SHORTEST_MM), LONGEST_MM) / here
    plan.told["to_mm"] = round(here * ratio, 2)
    lift = _kept_in(plan, ratio)

    def go(rig: Rig, moment: Moment) -> None:
        rig.focal *= ratio**moment.done
        rig.tilt += lift * (ratio**moment.done - 1) / (ratio - 1) if lift else 0.0

    return go


def pan(move: CameraMove, plan: Plan) -> Motion:
    """Turns on its foot, from what is named to what is named, or so far with the framing in the middle."""
    xfov = 2 * math.atan(0.5 / plan.base.focal)
    side = (
        -1 if move.kind.endswith("left") else 1 if move.kind.endswith("right") else hand_of(move, {"right"}, {"left"})
    )
    usual = min(max(0.9 * xfov, math.radians(18)), math.radians(75)) * BY_SPEED.get(move.speed or "", 1.0)
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
    usual = min(max(0.8 * yfov, math.radians(10)), math.radians(50)) * BY_SPEED.get(move.speed or "", 1.0)
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
    side = hand_of(move, {"right"}, {"left"})
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


def _kept_in(plan: Plan, ratio: float) -> float:
    """By how much an operator tilts while the lens is zoomed, so that the head in focus is not cut: radians."""
    face = marks.face(plan.stage)
    if face is None or ratio <= 1:
        return 0.0
    high = aim(face - plan.base.at)[1] - plan.base.tilt
    lens = plan.stage.lens
    most = 0.5 * math.atan(0.5 * lens.frame_height_mm / lens.frame_width_mm / (plan.base.focal * ratio))
    return math.copysign(max(abs(high) - most, 0.0), high)


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
