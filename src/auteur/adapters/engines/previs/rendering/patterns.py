"""What is on a surface: noise, and patterns that give a tint of the colour and a share of the glow, by place."""

from collections.abc import Callable
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Array

Scale = Any


def fractal_noise(seed: int, size: int = 512, slope: float = 1.6) -> Array:
    """A tile of 1/f noise from 0 to 1, shape (size, size), by spectral synthesis."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(random.standard_normal((size, size))) / frequency**slope
    spectrum[0, 0] = 0
    tile = np.fft.irfft2(spectrum, s=(size, size))
    ranks = np.clip((tile - tile.mean()) / (tile.std() * 4) + 0.5, 0, 1)
    noise: Array = ranks.astype(np.float32)
    return noise


def sample(tile: Array, x: Array, y: Array) -> Array:
    """The noise tile at (x, y), wrapped and bilinear."""
    size = tile.shape[0]
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    flat, rest = tile.reshape(-1), 1 - fx
    xi, yi = x0.astype(np.intp) & (size - 1), (y0.astype(np.intp) & (size - 1)) * size
    xj, yj = (xi + 1) & (size - 1), (yi + size) & (size * size - 1)
    upper: Array = flat.take(yi + xi)
    upper *= rest
    upper += flat.take(yi + xj) * fx
    lower = flat.take(yj + xi)
    lower *= rest
    lower += flat.take(yj + xj) * fx
    upper *= 1 - fy
    lower *= fy
    upper += lower
    return upper


# Each of them: where, the normal there, the material's scale (a number, or one a point), and a tile of noise.


def _windows(p: list[Array], n: list[Array], scale: Scale, noise: Array) -> tuple[Array, Array]:
    across = np.where(np.abs(n[0]) > np.abs(n[2]), p[2], p[0]) / np.float32(scale)
    floor = p[1] / np.float32(scale * 1.15)
    pane = (across % 1 > 0.28) & (across % 1 < 0.8) & (floor % 1 > 0.3) & (floor % 1 < 0.85) & (np.abs(n[1]) < 0.5)
    at_home = sample(noise, np.floor(across) * 53 + 0.5, np.floor(floor) * 37 + 0.5) > 0.52
    return np.where(pane, np.float32(0.3), np.float32(1)), (pane & at_home).astype(np.float32)


def _stripes(p: list[Array], n: list[Array], scale: Scale, noise: Array) -> tuple[Array, Array]:
    band = np.floor(p[1] / np.float32(scale)) % 2
    return np.where(band > 0, np.float32(0.32), np.float32(1)), np.ones_like(p[0])


def _planks(p: list[Array], n: list[Array], scale: Scale, noise: Array) -> tuple[Array, Array]:
    along = p[0] / np.float32(scale)
    seam = np.clip(np.abs(along % 1 - 0.5) * 24 - 11, 0, 1)
    grain = sample(noise, np.floor(along) * 71 + p[0] * 40, p[2] * 4 + p[1] * 4)
    return (0.75 + 0.5 * grain) * (1 - 0.55 * seam), np.ones_like(p[0])


def _tiles(p: list[Array], n: list[Array], scale: Scale, noise: Array) -> tuple[Array, Array]:
    x, z = np.floor(p[0] / np.float32(scale)), np.floor((p[2] + p[1]) / np.float32(scale))
    return np.where((x + z) % 2 > 0, np.float32(0.55), np.float32(1)), np.ones_like(p[0])


def _earth(p: list[Array], n: list[Array], scale: Scale, noise: Array) -> tuple[Array, Array]:
    coarse = sample(noise, p[0] / np.float32(scale) * 5, p[2] / np.float32(scale) * 5)
    fine = sample(noise, p[0] * 60, p[2] * 60 + p[1] * 30)
    return 0.45 + 0.75 * coarse + 0.35 * (fine - 0.5), np.ones_like(p[0])


def _road(p: list[Array], n: list[Array], scale: Scale, noise: Array) -> tuple[Array, Array]:
    tint = 0.8 + 0.4 * sample(noise, p[0] * 30, p[2] * 30)
    across = np.abs(p[0])
    line = (across < 0.09) & (p[2] / 4 % 1 < 0.55)
    kerb = (across > np.float32(scale)) & (across < np.float32(scale + 0.16))
    return np.where(line, np.float32(5), np.where(kerb, np.float32(2.4), tint)), np.ones_like(p[0])


PATTERNS: dict[str, Callable[..., tuple[Array, Array]]] = {
    "windows": _windows,
    "stripes": _stripes,
    "planks": _planks,
    "tiles": _tiles,
    "earth": _earth,
    "road": _road,
}
