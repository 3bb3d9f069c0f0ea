"""A body as a frame sees it: where a shot may cut it, how large its head is, how wide it stands."""

import math
from collections.abc import Mapping

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.floor import between
from auteur.adapters.engines.previs.staging.stage import PersonMark

HEAD_M = 0.125
"""Half the height of a head with its hair, of a body of `NORMAL_M`."""
NORMAL_M = 1.76
SHARES: Mapping[str, float] = {
    "extreme_close_up": 0.4, "close_up": 0.37, "medium_close_up": 0.34, "medium": 0.31, "medium_wide": 0.24,
}  # fmt: skip
"""How far down the frame the eyes are, by size: near the upper third."""
SPANS_M: Mapping[str, float] = {
    "extreme_close_up": 0.18, "close_up": 0.5, "medium_close_up": 0.72, "medium": 1.05, "medium_wide": 1.45,
    "full": 2.15, "wide": 4.2, "extreme_wide": 13.0,
}  # fmt: skip
"""How much of the world the frame is high at the subject, where a body does not say it by being cut: one that lies."""
FIGURES: Mapping[str, float] = {"full": 0.84, "wide": 0.4, "extreme_wide": 0.12}
"""The share of the frame's height that a standing figure has."""


def eyes(mark: PersonMark) -> Vector:
    """The point between the eyes."""
    return between(mark.joints["left_eye"], mark.joints["right_eye"])


def head(mark: PersonMark) -> Vector:
    """The middle of the head."""
    return between(between(mark.joints["left_ear"], mark.joints["right_ear"]), mark.joints["crown"], 0.1)


def head_radius(mark: PersonMark) -> float:
    """Of a ball around the head, hair included."""
    return HEAD_M * mark.height_m / NORMAL_M


def shoulders(mark: PersonMark) -> Vector:
    """The point between the shoulders."""
    return between(mark.joints["left_shoulder"], mark.joints["right_shoulder"])


def hips(mark: PersonMark) -> Vector:
    """The point between the hips."""
    return between(mark.joints["left_hip"], mark.joints["right_hip"])


def is_upright(mark: PersonMark) -> bool:
    """Whether the head is above the hips: a body that the frame cuts from below."""
    return mark.joints["crown"][1] - hips(mark)[1] > 0.42 * mark.height_m / NORMAL_M


def is_on_its_legs(mark: PersonMark) -> bool:
    """Whether the hips are where a standing body has them, more or less."""
    return hips(mark)[1] - min(joint[1] for joint in mark.joints.values()) > 0.4 * mark.height_m


def lower_edge(mark: PersonMark, size: str) -> Vector:
    """The point of an upright body at which the frame of that size ends: never at a joint.

    Source of the cuts: Thompson and Bowen, Grammar of the Shot.
    """
    top, bottom = shoulders(mark), hips(mark)
    if size == "extreme_close_up":
        return between(mark.joints["chin"], eyes(mark), -0.05)
    if size == "close_up":
        return between(top, bottom, 0.12)
    if size == "medium_close_up":
        return between(top, bottom, 0.4)
    if size == "medium":
        return between(top, bottom, 0.88)
    knees = between(mark.joints["left_knee"], mark.joints["right_knee"])
    if is_on_its_legs(mark):
        return between(bottom, knees, 0.55)
    low = between(bottom, knees, 0.5)
    return (low[0], low[1] - 0.12, low[2])


def towards(heading: float) -> Vector:
    """The direction on the floor of a heading."""
    return (math.sin(heading), 0.0, math.cos(heading))


def outline(mark: PersonMark) -> list[Vector]:
    """Points that stand for the whole of a body, ends of fingers and toes included."""
    top = mark.joints["crown"]
    return [*mark.joints.values(), (top[0], top[1] + 0.02, top[2])]
