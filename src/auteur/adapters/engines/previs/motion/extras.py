"""Who walks in a shot, whence and how far, and whom the camera follows."""

from dataclasses import replace

import numpy as np

from auteur.adapters.engines.previs.motion import clear, marks
from auteur.adapters.engines.previs.motion.walking import GAITS, Walk
from auteur.adapters.engines.previs.reading.shot import CameraMove, Shot
from auteur.adapters.engines.previs.staging.stage import PersonMark, Stage

_SAMPLES = 33
_UP = np.array([0.0, 1.0, 0.0])
_ON_FOOT = frozenset({"walk", "run", "march", "stroll", "stride", "chase", "jog", "flee", "wander", "approach"})


def walks(shot: Shot, stage: Stage, seconds: float, follows: CameraMove | None, notes: list[str]) -> list[Walk]:
    """Who walks or turns: those whose pose or action says so, and whom the camera follows."""
    walks = []
    wanted = follows and marks.person(stage, follows.follows or follows.target)
    for mark in stage.people:
        thing = _thing(stage, mark)
        if thing is None:
            continue
        said = _words(shot, mark)
        gait = "run" if mark.pose == "run" or said & {"run", "chase", "flee", "sprint"} else None
        gait = gait or ("walk" if mark.pose == "walk" or said & _ON_FOOT or mark is wanted else None)
        if mark.pose in ("sit", "lie", "kneel", "crouch", "sleep"):
            gait = None
        if gait is not None:
            walks.append(_walk(stage, mark, thing, gait, seconds, mark is wanted, notes))
        elif said & {"turn", "spin", "pivot"}:
            walks.append(Walk(mark, thing, GAITS["walk"], length_m=0.0, turn_rad=2.1, seconds=seconds))
    return walks


def can_follow(walk: Walk, stage: Stage, seconds: float, notes: list[str]) -> Walk:
    """The walk of the followed, no longer than the camera can go beside it."""
    solid = clear.Solid(stage, without=frozenset({walk.thing}))
    at = np.array(stage.camera.at, float)
    beside = solid.touched(at)
    times = np.linspace(0, seconds, _SAMPLES)
    way = at + np.array([walk.place(float(time)) for time in times]) - walk.place(0.0)
    for count in range(2, len(way) + 1):
        free, what = solid.free(way[count - 2 : count], beside=beside)
        if not free:
            length = max(walk.gone_m(float(times[max(count - 3, 0)])), 0.05)
            notes.append(f"{walk.mark.name} goes {length:.1f} m and stands: the camera meets {what} beside them")
            return replace(walk, length_m=length)
    return walk


def _walk(
    stage: Stage, mark: PersonMark, thing: int, gait: str, seconds: float, followed: bool, notes: list[str]
) -> Walk:
    """The way of one who walks. Whoever comes towards the camera ends on their mark, who goes away begins on it, and
    who crosses has it in the middle; who is followed begins on it."""
    length = GAITS[gait].speed_m * mark.height_m / 1.76 * seconds
    towards = np.array(stage.camera.at, float) - np.array(mark.at, float)
    ahead = np.array([np.sin(mark.facing_rad), 0.0, np.cos(mark.facing_rad)])
    faced = float(towards @ ahead) / max(float(np.hypot(towards[0], towards[2])), 1e-6)
    before = 0.0 if followed or faced < -0.5 else length if faced > 0.5 else length / 2
    solid = clear.Solid(stage, without=frozenset({thing}))
    back = _clear_m(solid, mark, -before)
    on = _clear_m(solid, mark, length - before)
    whole = back + on
    if whole < length - 0.05:
        notes.append(f"{mark.name} goes {whole:.1f} m and stands: something is in the way")
    return Walk(mark, thing, GAITS[gait], -back, whole if whole < length - 0.05 else None, 0.0, seconds)


def _clear_m(solid: clear.Solid, mark: PersonMark, length: float) -> float:
    """How far from their mark a person can go, forwards or, below 0, backwards: metres, never below 0."""
    ahead = np.array([np.sin(mark.facing_rad), 0.0, np.cos(mark.facing_rad)])
    foot = np.array(mark.at, float)
    beside = solid.touched(foot + 0.6 * _UP) | solid.touched(foot + 1.2 * _UP)
    steps = max(int(abs(length) / 0.2), 1)
    for step in range(1, steps + 1):
        to = length * step / steps
        for height in (0.6, 1.2):
            pair = np.array([foot + ahead * (length * (step - 1) / steps), foot + ahead * to]) + height * _UP
            if not solid.free(pair, beside=beside, room_m=0.25)[0]:
                return abs(length) * (step - 1) / steps
    return abs(length)


def followed(walks: list[Walk], stage: Stage, follows: CameraMove | None) -> Walk | None:
    if follows is None:
        return None
    wanted = marks.person(stage, follows.follows or follows.target)
    on_foot = [walk for walk in walks if walk.length_m != 0]
    return next((walk for walk in on_foot if walk.mark is wanted), on_foot[0] if on_foot else None)


def _words(shot: Shot, mark: PersonMark) -> set[str]:
    """What the shot says that the person does."""
    name = mark.name.casefold()
    said: set[str] = set()
    for person in shot.people:
        if person.who.casefold() in name or name in person.who.casefold():
            for word in f"{person.action or ''} {person.pose or ''}".casefold().split():
                said |= {word, word.removesuffix("ing"), word.removesuffix("s"), word.removesuffix("ning")}
    return said


def _thing(stage: Stage, mark: PersonMark) -> int | None:
    """The set's thing that is this person: the figure whose feet are nearest to the mark, if it can walk."""
    best, near = None, 0.6
    for figure in stage.world.figures:
        if not {"left_ankle", "right_ankle", "left_hip", "neck", "left_wrist"} <= set(figure.joints):
            continue
        feet = (np.array(figure.joints["left_ankle"]) + np.array(figure.joints["right_ankle"])) / 2
        off = float(np.hypot(feet[0] - mark.at[0], feet[2] - mark.at[2]))
        if off < near:
            best, near = figure.thing, off
    return best
