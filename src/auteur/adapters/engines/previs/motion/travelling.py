"""Moves in which the camera goes somewhere: how far follows from the shot's framing; see docs/camera.md."""

import math

import numpy as np

from auteur.adapters.engines.previs.motion import marks
from auteur.adapters.engines.previs.motion.planning import (
    BY_SPEED,
    CLOSEST_M,
    LONGEST_MM,
    SHORTEST_MM,
    Moment,
    Motion,
    Plan,
    hand_of,
)
from auteur.adapters.engines.previs.motion.rig import Rig, aim, turned
from auteur.adapters.engines.previs.reading.shot import CameraMove

_SAME_M = 0.3
"""Within which two marks are one."""


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
    angle = math.radians(degrees) * hand_of(move, {"left", "clockwise"}, {"right", "counterclockwise", "anticlockwise"})
    plan.told["degrees"] = degrees

    def go(rig: Rig, moment: Moment) -> None:
        by = angle * moment.done * moment.reach
        rig.at = turned(rig.at, rig.subject, by)
        rig.pan += by

    return go


def truck(move: CameraMove, plan: Plan) -> Motion:
    """Travels to the side without turning."""
    side = -1 if move.kind.endswith("left") else 1 if move.kind.endswith("right") else 0
    side = side or hand_of(move, {"right"}, {"left"})
    length = min(max(0.75 * plan.width_m, 0.5), 6.0) * BY_SPEED.get(move.speed or "", 1.0)
    way = plan.base.right * (side * length)
    plan.told["metres"] = round(length, 3)

    def go(rig: Rig, moment: Moment) -> None:
        rig.at = rig.at + way * ((moment.done - 0.5) * moment.reach)

    return go


def pedestal(move: CameraMove, plan: Plan) -> Motion:
    """Rises or sinks, its axis level as it was."""
    up = 1 if move.kind.endswith("up") else -1
    length = min(max(0.6 * plan.height_m, 0.25), 3.0) * BY_SPEED.get(move.speed or "", 1.0)
    length = min(length, 2 * max(float(plan.base.at[1]) - 0.15, 0.1))
    plan.told["metres"] = round(length, 3)

    def go(rig: Rig, moment: Moment) -> None:
        rig.at = rig.at + np.array([0.0, up * length * (moment.done - 0.5) * moment.reach, 0.0])

    return go


def crane(move: CameraMove, plan: Plan) -> Motion:
    """Rises from the framing, or sinks to it, and keeps looking at the subject."""
    up = move.kind.endswith("up")
    length = min(max(0.9 * plan.height_m, 1.0), 9.0) * BY_SPEED.get(move.speed or "", 1.0)
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
    face = marks.face(plan.stage)
    if aimed is not None and face is not None and np.linalg.norm(aimed - face) < _SAME_M:
        aimed = None
    # what the way leads to stays where it is in the picture: of a person the eyes, so that no head is cut
    held = np.zeros(3) if face is None else face - plan.base.subject
    lens = plan.stage.lens
    third = math.atan(0.5 * lens.frame_height_mm / lens.frame_width_mm / plan.base.focal) / 3
    lift = third if aimed is not None and marks.names_person(plan.stage, move.target) else 0.0
    if move.kind == "push_in":
        ratio = max(ratio, min(CLOSEST_M / plan.base.subject_m, 1.0))

    def go(rig: Rig, moment: Moment) -> None:
        to = rig.subject + held if aimed is None else aimed
        rig.at = to + (rig.at - to) * ratio ** (moment.done * moment.reach)
        if aimed is not None:
            to_pan, to_tilt = aim(aimed - rig.at)
            rig.pan += math.remainder(to_pan - rig.pan, math.tau) * moment.done
            rig.tilt += (to_tilt - lift - rig.tilt) * moment.done
            rig.subject = rig.subject + (aimed - rig.subject) * moment.done

    return go


def dolly_zoom(move: CameraMove, plan: Plan) -> Motion:
    """Goes along its axis, and the focal length follows, f = f0 d / d0: the subject's width stays, all else changes."""
    inwards = hand_of(move, {"in", "forward", "forwards"}, {"out", "back", "backward", "backwards"}, otherwise=1) > 0
    ratio = (0.5 if inwards else 2.0) ** BY_SPEED.get(move.speed or "", 1.0)
    here = plan.base.focal * plan.frame_mm
    ratio = min(max(here * ratio, SHORTEST_MM), LONGEST_MM) / here
    if inwards:
        ratio = max(ratio, min(CLOSEST_M / plan.base.subject_m, 1.0))
    plan.told["to_mm"] = round(here * ratio, 2)

    def go(rig: Rig, moment: Moment) -> None:
        before = rig.subject_m
        rig.at = rig.at + rig.ahead * before * (1 - ratio ** (moment.done * moment.reach))
        rig.focal *= rig.subject_m / before

    return go
