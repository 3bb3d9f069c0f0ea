"""The camera's moves as arrows over a picture, as a storyboard artist draws them.

Points are shares of the picture's width and height from its upper left corner; whoever draws scales them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line with a head at its end, and one at its beginning where it goes both ways. ``is_dashed``: the lens moves,
    not the camera."""

    points: tuple[Point, ...]
    is_double: bool = False
    is_dashed: bool = False
    has_head: bool = True


def _corners(inward: bool, dashed: bool = False) -> tuple[Arrow, ...]:
    found = []
    for x in (0.0, 1.0):
        for y in (0.0, 1.0):
            outer, inner = (abs(x - 0.05), abs(y - 0.07)), (abs(x - 0.22), abs(y - 0.26))
            found.append(Arrow((outer, inner) if inward else (inner, outer), is_dashed=dashed))
    return tuple(found)


def _wave(y: float, swings: float, tall: float) -> tuple[Point, ...]:
    return tuple((0.2 + 0.6 * t / 40, y + tall * math.sin(2 * math.pi * swings * t / 40)) for t in range(41))


def _arc(turn: int) -> tuple[Point, ...]:
    steps = [math.radians(angle) for angle in range(200, 341, 7)]
    points = [(0.5 + 0.34 * math.cos(a), 0.62 - 0.3 * math.sin(a)) for a in steps]
    return tuple(points if turn > 0 else reversed(points))


_LOW, _HIGH = 0.86, 0.14
_BOX = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7), (0.3, 0.3))
_ARROWS: Mapping[str, tuple[Arrow, ...]] = {
    "pan_left": (Arrow(((0.8, _HIGH), (0.2, _HIGH))),),
    "pan_right": (Arrow(((0.2, _HIGH), (0.8, _HIGH))),),
    "pan": (Arrow(((0.2, _HIGH), (0.8, _HIGH)), is_double=True),),
    "whip_pan": (
        Arrow(((0.15, _HIGH), (0.85, _HIGH))), Arrow(((0.2, 0.2), (0.6, 0.2)), has_head=False),
        Arrow(((0.2, 0.08), (0.6, 0.08)), has_head=False),
    ),
    "tilt_up": (Arrow(((0.92, 0.8), (0.92, 0.2))),),
    "tilt_down": (Arrow(((0.92, 0.2), (0.92, 0.8))),),
    "push_in": _corners(inward=True),
    "pull_out": _corners(inward=False),
    "zoom_in": (*_corners(inward=True, dashed=True), Arrow(_BOX, is_dashed=True, has_head=False)),
    "zoom_out": (*_corners(inward=False, dashed=True), Arrow(_BOX, is_dashed=True, has_head=False)),
    "dolly_zoom": (*_corners(inward=True), Arrow(_BOX, is_dashed=True, has_head=False)),
    "truck_left": (Arrow(((0.85, _LOW), (0.15, _LOW))), Arrow(((0.85, 0.93), (0.15, 0.93)), has_head=False)),
    "truck_right": (Arrow(((0.15, _LOW), (0.85, _LOW))), Arrow(((0.15, 0.93), (0.85, 0.93)), has_head=False)),
    "truck": (
        Arrow(((0.15, _LOW), (0.85, _LOW)), is_double=True), Arrow(((0.15, 0.93), (0.85, 0.93)), has_head=False),
    ),
    "crane_up": (Arrow(((0.1, 0.88), (0.1, 0.5), (0.16, 0.14))),),
    "crane_down": (Arrow(((0.16, 0.14), (0.1, 0.5), (0.1, 0.88))),),
    "pedestal_up": (Arrow(((0.08, 0.85), (0.08, 0.15))),),
    "pedestal_down": (Arrow(((0.08, 0.15), (0.08, 0.85))),),
    "orbit": (Arrow(_arc(1)),),
    "tracking": (Arrow(((0.15, _LOW), (0.85, _LOW))),),
    "steadicam": (Arrow(_wave(_LOW, 1.0, 0.03)),),
    "handheld": (Arrow(_wave(_LOW, 4.0, 0.02), has_head=False),),
    "rack_focus": (Arrow(((0.32, 0.5), (0.68, 0.5)), is_dashed=True),),
}  # fmt: skip
DRAWN = frozenset(_ARROWS)


def arrows_for(moves: Sequence[str]) -> list[Arrow]:
    """The arrows of the moves, in their order; a move that nobody draws has none."""
    return [arrow for move in moves for arrow in _ARROWS.get(move, ())]
