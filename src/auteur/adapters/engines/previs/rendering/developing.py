"""From light to display: a filmic picture, or ink on paper."""

import math

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Array
from auteur.adapters.engines.previs.rendering.patterns import sample


def picture(light: Array, exposure: float, fall: str | None, speckle: Array, seconds: float = 0.0) -> NDArray[np.uint8]:
    """Display RGB of linear light, shape (height, width, 3). ``fall``: ``rain`` or ``snow`` in front of it, as far down
    as it has come after so many seconds."""
    light = light * exposure
    height_px, width_px, _ = light.shape
    y, x = np.ogrid[-1 : 1 : height_px * 1j, -1 : 1 : width_px * 1j]
    light *= (1 - 0.22 * (x * x + y * y) ** 1.5 / 2.8).astype(np.float32)[..., None]
    if fall:
        light = light + _falling(light, fall, speckle, seconds)
    # a filmic curve; the fit by Narkowicz, "ACES Filmic Tone Mapping Curve", 2016
    curve = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14)
    return (np.clip(curve, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


GRADES = ("black_and_white", "sepia", "teal_and_orange")
"""Ways to colour a picture when it is developed."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def graded(shown: NDArray[np.uint8], grade: str | None) -> NDArray[np.uint8]:
    """The display picture in the colours of one of the `GRADES`; itself for None. Raises ValueError for another."""
    if grade is None:
        return shown
    grey = shown.astype(np.float32) @ _LUMA
    if grade == "black_and_white":
        return np.repeat((grey + 0.5).astype(np.uint8)[..., None], 3, axis=2)
    share = grey[..., None] / 255
    if grade == "sepia":
        toned = grey[..., None] * (np.array([0.86, 0.68, 0.48], np.float32) * (1 - share) + share)
    elif grade == "teal_and_orange":
        cast = np.array([-26, 4, 22], np.float32) * (1 - share) + np.array([22, 4, -26], np.float32) * share
        toned = 0.85 * shown + 0.15 * grey[..., None] + cast * 4 * share * (1 - share)
    else:
        raise ValueError(f"there is no grade {grade}")
    return (np.clip(toned, 0, 255) + 0.5).astype(np.uint8)


def board(tone: Array, edges: Array, exposure: float, noise: Array) -> NDArray[np.uint8]:
    """Ink on paper: outlines, and hatching where it is dark. Display RGB, shape (height, width, 3).

    ``tone``: linear luminance; ``edges``: share of the passes that saw an outline; both of shape (height, width).
    """
    height_px, width_px = tone.shape
    shade = tone * exposure
    shade = np.clip(shade / (shade + 0.35), 0, 1)
    y, x = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    pitch = max(height_px / 150, 3.0)
    wobble = sample(noise, x / 6, y / 6) * 2.5
    ink = np.zeros_like(shade)
    for threshold, angle in ((0.46, 0.8), (0.3, -0.65), (0.17, 0.1)):
        across = (x * math.sin(angle) + y * math.cos(angle) + wobble * 2) / pitch % 1.0
        depth = np.clip((threshold - shade) * 9, 0, 1)
        ink = np.maximum(ink, np.clip((depth * 0.46 - np.abs(across - 0.5)) * pitch, 0, 1) * 0.75)
    lines = np.clip(edges * 1.5, 0, 1)
    ink = np.maximum(ink, lines)
    paper = np.array([0.965, 0.95, 0.915], np.float32) * (0.985 + 0.03 * wobble[..., None] / 2.5)
    page = paper * (0.9 + 0.1 * shade[..., None])
    page = page * (1 - ink[..., None]) + np.array([0.09, 0.09, 0.11], np.float32) * ink[..., None]
    return (np.clip(page, 0, 1) * 255 + 0.5).astype(np.uint8)


LAYERS = (1.0, 1.7, 2.6)
"""How far away the sheets of rain or snow are, against the nearest."""
_STREAK, _FLAKE = 0.022, 0.16
"""Cells of the noise for each line of a picture of 540 lines, downwards: a drop is long, a flake as high as wide."""
_LINES_A_SECOND = {"rain": 1350.0, "snow": 95.0}
"""How fast the nearest sheet falls: 9 m/s and 0.7 m/s where the picture is 3.7 m high."""


def fallen(fall: str, seconds: float, size: int = 512) -> tuple[float, ...]:
    """How far each sheet has come, in cells of a noise tile of that size, which it then begins again."""
    cells = _STREAK if fall == "rain" else _FLAKE
    # twice as far away, half as fast in the picture, of cells half as high: all sheets pass as many cells a second
    return tuple(_LINES_A_SECOND[fall] / depth * seconds * cells * depth % size for depth in LAYERS)


def _falling(light: Array, fall: str, speckle: Array, seconds: float) -> Array:
    """Rain as streaks or snow as flakes, in the picture's plane, as bright as what is behind."""
    height_px, width_px, _ = light.shape
    y, x = np.mgrid[0:height_px, 0:width_px].astype(np.float32) * np.float32(540 / height_px)
    layers = np.zeros(x.shape, np.float32)
    for depth, down in zip(LAYERS, fallen(fall, seconds, len(speckle)), strict=True):
        if fall == "rain":
            spark = sample(speckle, (x + y * 0.16) * 0.55 * depth, y * _STREAK * depth + (depth * 70 - down))
            layers += np.clip(spark - 0.74, 0, 1) * 1.5
        else:
            sway = 6 * np.sin(y / 40 * depth)
            spark = sample(speckle, (x + sway) * _FLAKE * depth, y * _FLAKE * depth + (depth * 70 - down))
            layers += np.clip((spark - 0.86) * 9, 0, 1) * 0.8
    veil = light.mean(axis=(0, 1)) + np.float32(0.25) * light
    falling: Array = layers[..., None] * veil
    return falling
