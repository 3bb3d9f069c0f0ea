"""Blocks a shot: turns what was understood into a set of simple forms, a camera and a sky."""

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.previs.reading import Shot
from auteur.adapters.previs.render import Camera, Form, Material, PointLight, Set, Sky, Vector

SENSOR_WIDTH_MM = 24.89
"""Super 35, 4-perf."""

_SKIN = ((0.55, 0.36, 0.26), (0.36, 0.22, 0.15), (0.62, 0.45, 0.34), (0.2, 0.12, 0.08))
_CLOTH = (
    (0.32, 0.06, 0.05),
    (0.05, 0.11, 0.25),
    (0.35, 0.31, 0.22),
    (0.06, 0.15, 0.1),
    (0.05, 0.05, 0.06),
    (0.5, 0.34, 0.1),
)
_WOOD = (0.22, 0.12, 0.06)
_STONE = (0.28, 0.27, 0.25)
_WHITE = (0.75, 0.73, 0.69)
_WARM: Vector = (5.0, 2.7, 1.1)


class Props:
    """A growing heap of forms with the means to add to it. Angles in radians, everything else in metres."""

    def __init__(self, rng: random.Random) -> None:
        self.forms: list[Form] = []
        self.lights: list[PointLight] = []
        self.rng = rng

    def ball(self, at: Vector, size: Vector, color: Vector, *, turn: float = 0.0, glow: Vector = (0, 0, 0)) -> None:
        self._add("ball", _turned(turn) @ np.diag(size), at, Material(color, glow))

    def box(
        self,
        at: Vector,
        size: Vector,
        color: Vector,
        *,
        turn: float = 0.0,
        glow: Vector = (0, 0, 0),
        pattern: str = "plain",
        scale: float = 1.0,
        shadow: bool = True,
    ) -> None:
        """``at``: the middle of its foot. ``size``: whole width, height and depth."""
        half = np.diag([size[0] / 2, size[1] / 2, size[2] / 2])
        middle = (at[0], at[1] + size[1] / 2, at[2])
        self._add("box", _turned(turn) @ half, middle, Material(color, glow, pattern, scale), shadow=shadow)

    def limb(
        self,
        foot: Vector,
        head: Vector,
        radius: float,
        color: Vector,
        *,
        taper: float = 1.0,
        pattern: str = "plain",
        scale: float = 1.0,
        glow: Vector = (0, 0, 0),
    ) -> None:
        """A cone frustum from one point to another."""
        a, b = np.array(foot, float), np.array(head, float)
        axis = b - a
        side = np.cross(axis, [1.0, 0.0, 0.0] if abs(axis[0]) < 0.9 * np.linalg.norm(axis) else [0.0, 0.0, 1.0])
        side *= radius / np.linalg.norm(side)
        other = np.cross(side, axis)
        other *= radius / np.linalg.norm(other)
        matrix = np.stack([side, axis, other], axis=1)
        self._add("cone", matrix, foot, Material(color, glow, pattern, scale), taper=taper)

    def light(self, at: Vector, power: Vector) -> None:
        self.lights.append(PointLight(at, power))

    def _add(
        self,
        shape: str,
        matrix: NDArray[np.float64],
        at: Vector,
        material: Material,
        *,
        taper: float = 1.0,
        shadow: bool = True,
    ) -> None:
        self.forms.append(Form(shape, np.asarray(matrix, float), np.array(at, float), material, taper, shadow))


def _turned(angle: float) -> NDArray[np.float64]:
    """A turn about the vertical: +z goes towards +x."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


# --- light ------------------------------------------------------------------------------------------------------------

# time of day: zenith, horizon, sun colour, sun height in degrees, exposure, stars
_TIMES: dict[str, tuple[Vector, Vector, Vector, float, float, float]] = {
    "dawn": ((0.16, 0.24, 0.45), (0.95, 0.55, 0.42), (2.2, 1.15, 0.65), 6, 0.8, 0.0),
    "morning": ((0.2, 0.38, 0.75), (0.75, 0.78, 0.8), (3.0, 2.5, 1.9), 27, 0.62, 0.0),
    "day": ((0.17, 0.36, 0.8), (0.68, 0.78, 0.9), (3.3, 3.0, 2.6), 48, 0.5, 0.0),
    "noon": ((0.14, 0.34, 0.82), (0.7, 0.8, 0.92), (3.8, 3.6, 3.2), 74, 0.4, 0.0),
    "afternoon": ((0.2, 0.36, 0.7), (0.8, 0.74, 0.66), (3.2, 2.6, 1.8), 30, 0.6, 0.0),
    "golden": ((0.2, 0.26, 0.46), (1.15, 0.56, 0.22), (3.4, 1.5, 0.5), 7, 0.72, 0.0),
    "dusk": ((0.03, 0.055, 0.17), (0.5, 0.2, 0.14), (0.6, 0.22, 0.12), 1.5, 0.85, 0.0),
    "night": ((0.006, 0.011, 0.03), (0.022, 0.034, 0.065), (0.13, 0.17, 0.26), 38, 2.3, 1.0),
}
_DARK = frozenset({"dusk", "night", "dawn"})


def _mix(a: Vector, b: Vector, share: float) -> Vector:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _scaled(a: Vector, by: float) -> Vector:
    return (a[0] * by, a[1] * by, a[2] * by)


def _weather(shot: Shot, sky: Sky, exposure: float) -> tuple[Sky, float, Vector, float, str | None]:
    """Sky, haze per metre, its colour, exposure, what falls."""
    grey = sum(sky.horizon) / 3
    veil = _mix(sky.horizon, (grey, grey, grey * 1.05), 0.6)
    dull: dict[str, tuple[float, float, float, float, str | None]] = {
        # how grey, how much sun is left, haze, clouds, what falls
        "clear": (0.0, 1.0, 0.0012, 0.35, None),
        "overcast": (0.75, 0.18, 0.004, 0.0, None),
        "fog": (0.85, 0.15, 0.045, 0.0, None),
        "rain": (0.8, 0.14, 0.014, 0.0, "rain"),
        "storm": (0.85, 0.1, 0.01, 1.0, "rain"),
        "snow": (0.75, 0.25, 0.016, 0.0, "snow"),
    }
    grade, sun, haze, clouds, fall = dull[shot.weather]
    dim = 0.55 if shot.weather == "storm" else 0.85 if grade else 1.0
    changed = Sky(
        zenith=_scaled(_mix(sky.zenith, veil, grade), dim),
        horizon=_scaled(_mix(sky.horizon, veil, grade), dim),
        sun=sky.sun,
        sun_color=_scaled(sky.sun_color, sun),
        sun_size=sky.sun_size if sun > 0.5 else 0.25,
        clouds=clouds,
        stars=sky.stars * (sun > 0.5),
        disc=1.0 if sun > 0.5 else 0.0,
        ridges=tuple((h, r, _mix(c, veil, min(haze * 14, 0.85))) for h, r, c in sky.ridges),
    )
    return changed, haze, _scaled(veil, dim), exposure * (1.1 if grade else 1.0), fall


# --- people -----------------------------------------------------------------------------------------------------------


def _person(set_: Props, at: Vector, facing: float, pose: str, height: float = 1.76) -> None:
    """A mannequin. ``facing``: 0 looks towards +z."""
    rng = set_.rng
    skin, shirt, legs = rng.choice(_SKIN), rng.choice(_CLOTH), rng.choice(_CLOTH)
    hair = rng.choice(((0.03, 0.02, 0.02), (0.12, 0.07, 0.03), (0.3, 0.2, 0.08), (0.35, 0.33, 0.32)))
    s = height / 1.76
    c, sn = math.cos(facing), math.sin(facing)

    def to(x: float, y: float, z: float) -> Vector:
        return (at[0] + s * (x * c + z * sn), at[1] + s * y, at[2] + s * (z * c - x * sn))

    drop = {"sit": 0.46, "lie": 0.72}.get(pose, 0.0)
    stride = {"walk": 0.28, "run": 0.48}.get(pose, rng.uniform(0.0, 0.06))
    lean = {"run": 0.16, "walk": 0.05}.get(pose, 0.0)
    hip, chest, neck = 0.94 - drop, 1.36 - drop, 1.5 - drop
    for side in (-1, 1):
        step = stride * side
        top = to(0.1 * side, hip, 0)
        if pose in ("sit", "lie"):
            knee, ankle = to(0.13 * side, hip + 0.02, 0.44), to(0.13 * side, 0.06 if pose == "sit" else 0.12, 0.5)
        else:
            knee, ankle = to(0.11 * side, 0.5, step * 0.6 + 0.05), to(0.11 * side, 0.09, step - 0.04 * abs(step))
        set_.limb(top, knee, 0.095 * s, legs, taper=0.72)
        set_.ball(knee, (0.072 * s,) * 3, legs)
        set_.limb(knee, ankle, 0.068 * s, legs, taper=0.66)
        foot = (ankle[0] + 0.07 * s * sn, max(ankle[1] - 0.04 * s, 0.045), ankle[2] + 0.07 * s * c)
        set_.ball(foot, (0.055 * s, 0.05 * s, 0.14 * s), (0.05, 0.04, 0.035), turn=facing)
        shoulder = to(0.2 * side, chest + 0.06, lean)
        if pose == "raise" and (side == 1 or rng.random() < 0.6):
            elbow, hand = to(0.36 * side, chest + 0.26, lean + 0.06), to(0.32 * side, chest + 0.54, lean + 0.12)
        elif pose in ("sit", "run"):
            swing = -step if pose == "run" else 0.0
            elbow, hand = to(0.27 * side, chest - 0.22, lean + swing * 0.5), to(0.2 * side, chest - 0.3, lean + 0.26)
        else:
            out = rng.uniform(0.24, 0.3)
            elbow = to(out * side, chest - 0.23, lean - step * 0.4)
            hand = to((out + 0.01) * side, chest - 0.49, lean - step * 0.7 + 0.07)
        set_.ball(shoulder, (0.082 * s,) * 3, shirt)
        set_.limb(shoulder, elbow, 0.062 * s, shirt, taper=0.8)
        set_.ball(elbow, (0.05 * s,) * 3, shirt)
        set_.limb(elbow, hand, 0.047 * s, shirt, taper=0.72)
        set_.ball(hand, (0.048 * s,) * 3, skin)
    set_.ball(to(0, hip + 0.02, 0), (0.165 * s, 0.13 * s, 0.12 * s), legs, turn=facing)
    set_.limb(to(0, hip, 0), to(0, chest + 0.08, lean), 0.145 * s, shirt, taper=1.22)
    set_.ball(to(0, chest + 0.08, lean), (0.19 * s, 0.1 * s, 0.125 * s), shirt, turn=facing)
    set_.limb(to(0, neck - 0.05, lean), to(0, neck + 0.07, lean + 0.01), 0.058 * s, skin)
    head = to(0, neck + 0.17, lean + 0.03)
    set_.ball(head, (0.083 * s, 0.12 * s, 0.1 * s), skin, turn=facing)
    set_.ball(to(0, neck + 0.2, lean + 0.006), (0.09 * s, 0.105 * s, 0.103 * s), hair, turn=facing)
    set_.ball(to(0, neck + 0.155, lean + 0.13), (0.014 * s, 0.026 * s, 0.022 * s), skin, turn=facing)
    for side in (-1, 1):
        set_.ball(to(0.032 * side, neck + 0.185, lean + 0.115), (0.013 * s, 0.009 * s, 0.012 * s), (0.02, 0.02, 0.02))
    if rng.random() < 0.28:
        set_.limb(to(0, neck + 0.24, lean + 0.02), to(0, neck + 0.26, lean + 0.02), 0.17 * s, hair)
        set_.limb(to(0, neck + 0.25, lean + 0.02), to(0, neck + 0.36, lean + 0.02), 0.1 * s, hair, taper=0.85)


# --- props: each stands at (x, z), and answers its height ----------------------------------------------------------


def _lighthouse(s: Props, x: float, z: float, dark: bool) -> float:
    s.ball((x, -0.6, z), (7.5, 2.6, 6.5), _STONE)
    s.ball((x - 4, -0.5, z + 2), (4.5, 1.7, 4), _STONE)
    s.limb((x, 1.6, z), (x, 18, z), 2.4, _WHITE, taper=0.58, pattern="stripes", scale=3.3)
    s.limb((x, 18, z), (x, 18.35, z), 2.1, (0.1, 0.1, 0.11))
    for k in range(10):
        angle = k * math.tau / 10
        post = (x + 1.95 * math.cos(angle), 18.3, z + 1.95 * math.sin(angle))
        s.limb(post, (post[0], 19.2, post[2]), 0.05, (0.1, 0.1, 0.11))
    s.limb((x, 18.3, z), (x, 20.4, z), 1.05, (0.5, 0.55, 0.55), glow=(9, 6.6, 3.2) if dark else (0.15, 0.15, 0.13))
    s.limb((x, 20.4, z), (x, 21.9, z), 1.45, (0.35, 0.05, 0.04), taper=0.05)
    s.box((x + 5.2, 1.2, z + 0.6), (4.6, 2.8, 3.6), _WHITE)
    s.box((x + 5.2, 4.0, z + 0.6), (5.0, 0.4, 4.0), (0.3, 0.07, 0.05))
    s.box((x + 4.2, 2.1, z + 2.42), (0.8, 1, 0.04), (0.1, 0.1, 0.1), glow=_scaled(_WARM, 0.5) if dark else (0, 0, 0))
    if dark:
        s.light((x, 19.3, z + 3), (90, 66, 32))
    return 22.0


def _car(s: Props, x: float, z: float, dark: bool) -> float:
    paint = s.rng.choice(
        ((0.4, 0.03, 0.03), (0.03, 0.1, 0.3), (0.45, 0.42, 0.36), (0.04, 0.04, 0.045), (0.5, 0.35, 0.05))
    )
    s.box((x, 0.32, z), (4.4, 0.62, 1.78), paint)
    s.box((x - 0.2, 0.94, z), (2.3, 0.52, 1.56), (0.03, 0.035, 0.04))
    s.box((x - 0.2, 1.44, z), (2.1, 0.06, 1.5), paint)
    for side in (-1, 1):
        for end in (-1.35, 1.35):
            s.limb((x + end, 0.34, z + 0.72 * side), (x + end, 0.34, z + 0.93 * side), 0.34, (0.02, 0.02, 0.02))
        lamp: Vector = (12, 10.5, 7.5) if dark else (0.5, 0.5, 0.45)
        s.ball((x + 2.2, 0.68, z + 0.62 * side), (0.05, 0.1, 0.16), (0.8, 0.8, 0.7), glow=lamp)
        s.ball(
            (x - 2.2, 0.7, z + 0.62 * side),
            (0.04, 0.09, 0.16),
            (0.4, 0.02, 0.02),
            glow=(2.5, 0.08, 0.05) if dark else (0.1, 0, 0),
        )
    if dark:
        s.light((x + 3.6, 0.8, z), (7, 6, 4.2))
    return 1.5


def _boat(s: Props, x: float, z: float, dark: bool) -> float:
    s.ball((x, 0.35, z), (3.4, 0.85, 1.1), (0.3, 0.08, 0.06))
    s.box((x, 0.7, z), (5.4, 0.2, 1.7), _WOOD, pattern="planks", scale=0.25)
    s.box((x - 0.8, 0.9, z), (1.6, 1.0, 1.1), _WHITE)
    s.limb((x + 0.6, 0.8, z), (x + 0.6, 7.2, z), 0.07, _WOOD)
    s.box((x + 1.9, 1.7, z), (2.4, 3.6, 0.05), (0.75, 0.7, 0.6))
    if dark:
        s.ball((x - 0.1, 1.6, z + 0.6), (0.12, 0.12, 0.12), (1, 1, 1), glow=_WARM)
        s.light((x - 0.1, 1.7, z + 1.2), (3, 1.7, 0.7))
    return 6.0


def _house(s: Props, x: float, z: float, dark: bool) -> float:
    wall = s.rng.choice(((0.6, 0.55, 0.47), (0.45, 0.22, 0.15), (0.35, 0.4, 0.42), _WOOD))
    w, d, h = s.rng.uniform(6, 9), s.rng.uniform(5, 7), s.rng.uniform(2.8, 4.4)
    s.box((x, 0, z), (w, h, d), wall)
    pitch = 0.62
    slope = np.array([[math.cos(pitch), -math.sin(pitch), 0], [math.sin(pitch), math.cos(pitch), 0], [0, 0, 1]])
    run = w / 2 / math.cos(pitch) + 0.3
    for side in (-1, 1):
        turn = slope if side < 0 else slope.T
        middle = (x + side * w / 4, h + w / 4 * math.tan(pitch), z)
        s._add("box", turn @ np.diag([run / 2, 0.1, d / 2 + 0.4]), middle, Material((0.16, 0.08, 0.06)))
    s.limb((x + w * 0.25, h, z), (x + w * 0.25, h + w * 0.42, z), 0.4, (0.3, 0.15, 0.12))
    glow = _scaled(_WARM, 0.45) if dark else (0.0, 0.0, 0.0)
    for k in (-0.28, 0.28):
        s.box((x + w * k, 1.1, z + d / 2), (1.0, 1.2, 0.08), (0.06, 0.07, 0.08), glow=glow)
        s.box((x + w / 2, 1.1, z + d * k), (0.08, 1.2, 1.0), (0.06, 0.07, 0.08), glow=glow)
    s.box((x, 0, z + d / 2), (0.95, 2.05, 0.1), (0.18, 0.05, 0.04))
    if dark:
        s.light((x, 1.8, z + d / 2 + 1.5), (4, 2.2, 0.9))
    return h + w * 0.36


def _tower(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0, z), (x, 15, z), 3.0, _STONE, taper=0.85, pattern="earth", scale=4)
    s.limb((x, 15, z), (x, 16.6, z), 3.1, _STONE)
    for k in range(8):
        angle = k * math.tau / 8
        s.box((x + 2.8 * math.cos(angle), 16.6, z + 2.8 * math.sin(angle)), (0.9, 0.9, 0.9), _STONE, turn=-angle)
    glow = _WARM if dark else (0.0, 0.0, 0.0)
    s.box((x, 8.5, z + 2.62), (0.6, 1.4, 0.3), (0.03, 0.03, 0.03), glow=glow)
    return 17.5


def _tent(s: Props, x: float, z: float, dark: bool) -> float:
    glow: Vector = (0.9, 0.42, 0.12) if dark else (0, 0, 0)
    s.limb((x, 0, z), (x, 2.0, z), 1.75, (0.5, 0.27, 0.08), taper=0.02, glow=glow)
    s.limb((x, 0, z + 0.35), (x, 1.35, z + 0.55), 1.25, (0.06, 0.04, 0.03), taper=0.02)
    return 2.0


def _campfire(s: Props, x: float, z: float, dark: bool) -> float:
    for k in range(7):
        angle = k * math.tau / 7
        s.ball((x + 0.55 * math.cos(angle), 0.06, z + 0.55 * math.sin(angle)), (0.17, 0.13, 0.15), _STONE, turn=angle)
    for k in range(4):
        angle = k * 0.8
        end = (x + 0.45 * math.cos(angle), 0.06, z + 0.45 * math.sin(angle))
        s.limb(end, (x - end[0] * 0 - 0.1 * math.cos(angle), 0.36, z - 0.1 * math.sin(angle)), 0.07, (0.05, 0.03, 0.02))
    for k in range(5):
        lift, lean = s.rng.uniform(0.5, 1.1), s.rng.uniform(-0.13, 0.13)
        s.limb(
            (x + lean, 0.12, z + s.rng.uniform(-0.15, 0.15)),
            (x + lean * 2, 0.2 + lift, z),
            0.16,
            (0.1, 0.05, 0.0),
            taper=0.03,
            glow=(7.5, 2.6 + 0.3 * k, 0.35),
        )
    s.light((x, 0.9, z + 0.15), (14, 6, 1.7))
    return 1.2


def _table(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.72, z), (1.7, 0.05, 0.95), _WOOD, pattern="planks", scale=0.18)
    for dx in (-0.76, 0.76):
        for dz in (-0.4, 0.4):
            s.box((x + dx, 0, z + dz), (0.07, 0.72, 0.07), _WOOD)
    s.limb((x + 0.4, 0.77, z), (x + 0.4, 0.86, z), 0.05, _WHITE, taper=1.15)
    s.limb((x - 0.3, 0.77, z + 0.1), (x - 0.3, 0.785, z + 0.1), 0.14, _WHITE)
    s.ball((x, 0.83, z - 0.12), (0.16, 0.07, 0.16), (0.5, 0.14, 0.05))
    return 0.9


def _chair(s: Props, x: float, z: float, dark: bool) -> float:
    color = s.rng.choice((_WOOD, (0.3, 0.05, 0.05), (0.08, 0.13, 0.18)))
    s.box((x, 0.42, z), (0.5, 0.07, 0.5), color)
    s.box((x, 0.45, z - 0.23), (0.5, 0.6, 0.06), color)
    for dx in (-0.21, 0.21):
        for dz in (-0.21, 0.21):
            s.box((x + dx, 0, z + dz), (0.05, 0.42, 0.05), color)
    return 1.05


def _bench(s: Props, x: float, z: float, dark: bool) -> float:
    for k in range(3):
        s.box((x, 0.42, z - 0.16 + 0.16 * k), (1.8, 0.05, 0.13), _WOOD)
        s.box((x, 0.52 + 0.15 * k, z - 0.26), (1.8, 0.12, 0.05), _WOOD)
    for dx in (-0.75, 0.75):
        s.box((x + dx, 0, z), (0.07, 0.44, 0.45), (0.05, 0.05, 0.05))
    return 0.95


def _bed(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.12, z), (1.6, 0.3, 2.05), _WOOD)
    s.box((x, 0.42, z), (1.55, 0.18, 2.0), (0.6, 0.58, 0.55))
    s.box((x, 0.5, z + 0.35), (1.62, 0.14, 1.35), s.rng.choice(_CLOTH))
    s.box((x, 0, z - 1.05), (1.7, 1.1, 0.08), _WOOD)
    for dx in (-0.38, 0.38):
        s.ball((x + dx, 0.66, z - 0.75), (0.3, 0.09, 0.2), _WHITE)
    return 1.1


def _lamp(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0, z), (x, 0.04, z), 0.17, (0.05, 0.05, 0.05))
    s.limb((x, 0, z), (x, 1.55, z), 0.02, (0.05, 0.05, 0.05))
    s.limb((x, 1.45, z), (x, 1.8, z), 0.24, (0.8, 0.65, 0.4), taper=0.6, glow=(3.2, 2.1, 1.0))
    s.light((x, 1.5, z + 0.2), (3.6, 2.2, 1.0))
    return 1.8


def _street_lamp(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0, z), (x, 4.6, z), 0.09, (0.04, 0.04, 0.045), taper=0.6)
    s.ball((x, 4.75, z), (0.22, 0.26, 0.22), (0.7, 0.65, 0.5), glow=(9, 6, 2.6) if dark else (0.2, 0.2, 0.2))
    if dark:
        s.light((x, 4.3, z), (13, 8.5, 3.8))
    return 5.0


def _candle(s: Props, x: float, z: float, dark: bool, y: float = 0.77) -> float:
    s.limb((x, y, z), (x, y + 0.2, z), 0.03, (0.7, 0.65, 0.5))
    s.ball((x, y + 0.25, z), (0.014, 0.045, 0.014), (1, 1, 1), glow=(22, 13, 4.5))
    s.light((x, y + 0.34, z + 0.06), (1.7, 0.95, 0.36))
    return y + 0.3


def _cup(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0.77, z), (x, 0.785, z), 0.085, _WHITE)
    s.limb((x, 0.785, z), (x, 0.87, z), 0.034, _WHITE, taper=1.35)
    s.limb((x, 0.866, z), (x, 0.871, z), 0.041, (0.05, 0.025, 0.012))
    s.ball((x + 0.055, 0.83, z), (0.018, 0.025, 0.007), _WHITE)
    return 0.87


def _book(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.77, z), (0.24, 0.035, 0.32), s.rng.choice(_CLOTH), turn=0.4)
    s.box((x, 0.805, z), (0.22, 0.012, 0.3), _WHITE, turn=0.25)
    return 0.82


def _phone(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.77, z), (0.36, 0.02, 0.25), (0.05, 0.05, 0.055))
    s.box((x, 0.79, z - 0.12), (0.36, 0.24, 0.015), (0.05, 0.05, 0.055))
    s.box((x, 0.805, z - 0.105), (0.33, 0.2, 0.006), (0.05, 0.08, 0.1), glow=(0.5, 1.1, 1.7))
    s.light((x, 0.95, z + 0.15), (0.25, 0.5, 0.8))
    return 1.03


def _door(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0, z), (1.1, 2.2, 0.12), (0.1, 0.06, 0.04))
    s.box((x, 0, z + 0.05), (0.92, 2.08, 0.08), s.rng.choice(((0.3, 0.05, 0.04), _WOOD, (0.05, 0.14, 0.13))))
    s.ball((x + 0.36, 1.0, z + 0.14), (0.04, 0.04, 0.04), (0.6, 0.45, 0.15))
    return 2.2


def _rock(s: Props, x: float, z: float, dark: bool, size: float = 1.0) -> float:
    for _ in range(4):
        r = size * s.rng.uniform(0.35, 1.0)
        at = (x + s.rng.uniform(-0.7, 0.7) * size, r * 0.25, z + s.rng.uniform(-0.7, 0.7) * size)
        tone = s.rng.uniform(0.7, 1.2)
        s.ball(at, (r * 1.15, r * s.rng.uniform(0.6, 1.1), r), _scaled(_STONE, tone), turn=s.rng.uniform(0, 3))
    return size


def _tree(s: Props, x: float, z: float, dark: bool, height: float = 8.0, pine: bool = False) -> float:
    trunk = _scaled(_WOOD, 0.6)
    s.limb((x, 0, z), (x, height * 0.6, z), height * 0.035, trunk, taper=0.5)
    leaf = _scaled(s.rng.choice(((0.06, 0.13, 0.04), (0.09, 0.15, 0.04), (0.05, 0.1, 0.05))), s.rng.uniform(0.8, 1.3))
    if pine:
        for k in range(3):
            foot = height * (0.2 + 0.24 * k)
            s.limb((x, foot, z), (x, foot + height * 0.4, z), height * (0.21 - 0.05 * k), leaf, taper=0.02)
    else:
        for _ in range(5):
            r = height * s.rng.uniform(0.15, 0.23)
            at = (
                x + s.rng.uniform(-0.16, 0.16) * height,
                height * s.rng.uniform(0.58, 0.85),
                z + s.rng.uniform(-0.16, 0.16) * height,
            )
            s.ball(at, (r * 1.15, r * 0.9, r * 1.1), _scaled(leaf, s.rng.uniform(0.8, 1.25)))
    return height


def _horse(s: Props, x: float, z: float, dark: bool) -> float:
    coat = s.rng.choice(((0.18, 0.08, 0.04), (0.04, 0.03, 0.03), (0.5, 0.45, 0.4)))
    return _animal(s, x, z, coat, 1.0)


def _dog(s: Props, x: float, z: float, dark: bool) -> float:
    return _animal(s, x, z, s.rng.choice(((0.2, 0.12, 0.06), (0.05, 0.05, 0.05), (0.4, 0.3, 0.18))), 0.4)


def _animal(s: Props, x: float, z: float, coat: Vector, k: float) -> float:
    s.ball((x, 1.15 * k, z), (0.85 * k, 0.34 * k, 0.3 * k), coat)
    for dx, dz in ((-0.55, -0.15), (-0.5, 0.15), (0.55, -0.15), (0.6, 0.15)):
        s.limb((x + dx * k, 0, z + dz * k), (x + dx * k, 1.1 * k, z + dz * k), 0.06 * k, coat, taper=1.9)
    s.limb((x + 0.65 * k, 1.2 * k, z), (x + 1.1 * k, 1.85 * k, z), 0.22 * k, coat, taper=0.62)
    s.limb((x + 1.02 * k, 1.86 * k, z), (x + 1.5 * k, 1.6 * k, z), 0.14 * k, coat, taper=0.6)
    s.limb((x - 0.8 * k, 1.25 * k, z), (x - 1.05 * k, 0.6 * k, z), 0.08 * k, _scaled(coat, 0.5), taper=0.4)
    for dz in (-0.06, 0.06):
        s.limb((x + 1.03 * k, 1.92 * k, z + dz * k), (x + 1.0 * k, 2.08 * k, z + dz * k), 0.05 * k, coat, taper=0.1)
    return 2.0 * k


_ON_A_TABLE = {"cup": _cup, "book": _book, "phone": _phone, "candle": _candle}
_BUILD: dict[str, Callable[[Props, float, float, bool], float]] = {
    "lighthouse": _lighthouse, "car": _car, "boat": _boat, "house": _house, "tower": _tower, "tent": _tent,
    "campfire": _campfire, "table": _table, "chair": _chair, "bench": _bench, "bed": _bed, "lamp": _lamp,
    "door": _door, "rock": _rock, "tree": _tree, "horse": _horse, "dog": _dog,
}  # fmt: skip
_LARGE = frozenset({"lighthouse", "house", "tower", "tree"})


# --- places: forms around the origin, leaving room for the action there -----------------------------------------------


class _Place:
    """What a place gives: forms, ground, silhouettes far off (height, roughness), and where its water begins."""

    def __init__(self, ground: Material | None, ridges: Sequence[tuple[float, float]] = (), sea_z: float | None = None):
        self.ground = ground
        self.ridges = ridges
        self.sea_z = sea_z


def _around(s: Props, count: int, near: float, far: float) -> list[tuple[float, float]]:
    """Places on the floor behind and beside the action, never between it and the camera."""
    spots = []
    for _ in range(count):
        distance = near + (far - near) * s.rng.random() ** 0.7
        angle = s.rng.uniform(-0.2, math.pi + 0.2)
        spots.append((distance * math.cos(angle), -distance * math.sin(angle)))
    return spots


def _coast(s: Props, dark: bool) -> _Place:
    for x, z in _around(s, 14, 4, 16):
        _rock(s, x, max(z, -7), dark, s.rng.uniform(0.3, 1.2))
    side = s.rng.choice((-1, 1))
    for k in range(6):
        s.ball((side * (26 + 5 * k), -1, -16 - 9 * k), (13, 7 + 2.5 * k, 11), _scaled(_STONE, 0.8), turn=k)
    return _Place(Material((0.36, 0.29, 0.19), pattern="earth", scale=5), ((0.015, 0.5),), sea_z=-7.0)


def _desert(s: Props, dark: bool) -> _Place:
    for x, z in _around(s, 9, 14, 90):
        s.ball((x, -1.2, z), (s.rng.uniform(8, 22), s.rng.uniform(2.2, 5), s.rng.uniform(5, 11)), (0.5, 0.31, 0.16))
    for x, z in _around(s, 5, 45, 110):
        high, wide = s.rng.uniform(9, 22), s.rng.uniform(6, 14)
        s.limb((x, 0, z), (x, high * 0.45, z), wide * 1.5, (0.38, 0.17, 0.09), taper=0.72)
        s.limb((x, high * 0.4, z), (x, high, z), wide, (0.42, 0.19, 0.1), taper=0.92, pattern="stripes", scale=2.6)
    for x, z in _around(s, 7, 5, 26):
        high = s.rng.uniform(1.4, 3)
        s.limb((x, 0, z), (x, high, z), 0.2, (0.1, 0.16, 0.06), taper=0.9)
        s.ball((x, high, z), (0.18, 0.18, 0.18), (0.1, 0.16, 0.06))
        s.limb((x, high * 0.5, z), (x + 0.5, high * 0.55, z), 0.12, (0.1, 0.16, 0.06))
        s.limb((x + 0.5, high * 0.5, z), (x + 0.5, high * 0.9, z), 0.12, (0.1, 0.16, 0.06))
    return _Place(Material((0.52, 0.34, 0.18), pattern="earth", scale=9), ((0.06, 0.5),))


def _forest(s: Props, dark: bool) -> _Place:
    pine = s.rng.random() < 0.6
    for x, z in _around(s, 64, 4.5, 46):
        _tree(s, x, z, dark, s.rng.uniform(7, 15), pine if s.rng.random() < 0.85 else not pine)
    for x, z in _around(s, 22, 2.5, 14):
        size = s.rng.uniform(0.2, 0.55)
        s.ball((x, size * 0.4, z), (size * 1.3, size, size), (0.05, 0.1, 0.03), turn=x)
    return _Place(Material((0.1, 0.1, 0.045), pattern="earth", scale=4), ((0.16, 0.9), (0.11, 0.9)))


def _mountain(s: Props, dark: bool) -> _Place:
    for x, z in _around(s, 8, 70, 150):
        high, wide = s.rng.uniform(26, 62), s.rng.uniform(24, 46)
        s.limb((x, 0, z), (x, high, z), wide, (0.2, 0.2, 0.22), taper=0.03, pattern="earth", scale=14)
        s.limb((x, high * 0.66, z), (x, high * 1.01, z), wide * 0.36, (0.8, 0.82, 0.86), taper=0.04)
    for x, z in _around(s, 26, 9, 55):
        _tree(s, x, z, dark, s.rng.uniform(5, 10), True)
    for x, z in _around(s, 9, 3, 18):
        _rock(s, x, z, dark, s.rng.uniform(0.4, 1.5))
    return _Place(Material((0.17, 0.18, 0.09), pattern="earth", scale=7), ((0.3, 0.6), (0.2, 0.7)))


def _city(s: Props, dark: bool) -> _Place:
    glow = (2.6, 1.7, 0.75) if dark else (0.0, 0.0, 0.0)
    for side in (-1, 1):
        z = 14.0
        while z > -110:
            deep, wide, high = s.rng.uniform(9, 16), s.rng.uniform(9, 14), s.rng.uniform(12, 46)
            wall = s.rng.choice(((0.3, 0.26, 0.22), (0.22, 0.23, 0.26), (0.33, 0.18, 0.13), (0.4, 0.38, 0.35)))
            s.box(
                (side * (8.5 + wide / 2), 0, z - deep / 2), (wide, high, deep * 0.97), wall,
                glow=glow, pattern="windows", scale=s.rng.uniform(2.2, 3.2),
            )  # fmt: skip
            s.box((side * (8.4 + wide / 2), 0, z - deep / 2), (wide, 3.2, deep * 0.9), _scaled(wall, 0.5))
            z -= deep
        s.box((side * 6.9, 0, -50), (3.2, 0.14, 140), (0.3, 0.3, 0.3))
        for k in range(5):
            _street_lamp(s, side * 5.7, 2.0 - 12 * k, dark and k < 3)
    return _Place(Material((0.075, 0.075, 0.08), pattern="road", scale=4.9), ((0.22, 1.0), (0.13, 1.0)))


def _village(s: Props, dark: bool) -> _Place:
    for k, x in enumerate((-24.0, -13.0, 13.0, 25.0, -7.0, 7.5)):
        _house(s, x + s.rng.uniform(-1, 1), -12.0 - 5 * (k % 3) - 9 * (k > 3), dark)
    for x, z in _around(s, 12, 16, 50):
        _tree(s, x, z, dark, s.rng.uniform(5, 9), s.rng.random() < 0.3)
    _house(s, 0, -34, dark)
    s.limb((0, 3, -34), (0, 13, -34), 1.6, _STONE)
    s.limb((0, 13, -34), (0, 19, -34), 1.9, (0.1, 0.1, 0.12), taper=0.03)
    return _Place(Material((0.2, 0.18, 0.09), pattern="earth", scale=6), ((0.07, 0.4), (0.045, 0.5)))


def _field(s: Props, dark: bool) -> _Place:
    for x, z in _around(s, 10, 26, 95):
        _tree(s, x, z, dark, s.rng.uniform(6, 11))
    for k in range(22):
        x = -30.0 + 2.9 * k
        s.box((x, 0, -11), (0.12, 1.15, 0.12), _WOOD)
    for y in (0.5, 0.95):
        s.box((0, y, -11), (64, 0.09, 0.05), _WOOD)
    for x, z in _around(s, 6, 14, 44):
        s.limb((x - 0.6, 0.65, z), (x + 0.6, 0.65, z), 0.65, (0.48, 0.36, 0.12))
    return _Place(Material((0.21, 0.24, 0.07), pattern="earth", scale=8), ((0.09, 0.3), (0.05, 0.4)))


def _walls(s: Props, wide: float, deep: float, high: float, color: Vector, pattern: str = "plain") -> None:
    """A stage set: three walls, no ceiling, the camera's side open. Walls do not shade: light comes from the grid."""
    s.box((0, 0, -deep / 2 - 0.1), (wide + 0.4, high, 0.2), color, pattern=pattern, shadow=False)
    for side in (-1, 1):
        at = (side * (wide / 2 + 0.1), 0.0, -deep / 2 + deep * 0.6)
        s.box(at, (0.2, high, deep * 1.25), _scaled(color, 0.9), pattern=pattern, shadow=False)
    s.box((0, 0, -deep / 2 + 0.01), (wide, 0.12, 0.06), _WHITE, shadow=False)


def _window(s: Props, x: float, z: float, dark: bool, glow: Vector) -> None:
    s.box((x, 0.95, z), (1.5, 1.5, 0.1), _WHITE, shadow=False)
    s.box((x, 1.03, z + 0.03), (1.34, 1.34, 0.1), (0.1, 0.12, 0.15), glow=glow, shadow=False)
    s.box((x, 1.0, z + 0.06), (0.06, 1.4, 0.1), _WHITE, shadow=False)
    s.box((x, 1.66, z + 0.06), (1.4, 0.06, 0.1), _WHITE, shadow=False)


def _room(s: Props, dark: bool) -> _Place:
    _walls(s, 7, 6.4, 4.8, s.rng.choice(((0.42, 0.36, 0.27), (0.2, 0.28, 0.27), (0.4, 0.24, 0.2), (0.33, 0.35, 0.4))))
    _window(s, s.rng.choice((-1.8, 1.6)), -3.2, dark, (0.012, 0.02, 0.05) if dark else (2.4, 2.5, 2.6))
    s.box((2.9, 0, -2.7), (1.1, 2.1, 0.45), _WOOD)
    for y in (0.5, 1.0, 1.5):
        for k in range(6):
            s.box((2.5 + 0.15 * k, y, -2.46), (0.1, s.rng.uniform(0.22, 0.34), 0.12), s.rng.choice(_CLOTH))
    s.box((-0.1, 1.5, -3.18), (1.0, 0.75, 0.05), s.rng.choice(_CLOTH), shadow=False)
    _lamp(s, -2.9, -2.5, dark)
    _chair(s, -2.0, -1.7, dark)
    s.box((0, 0.005, -0.6), (3.4, 0.015, 2.4), s.rng.choice(((0.3, 0.06, 0.05), (0.06, 0.12, 0.2))))
    return _Place(Material((0.3, 0.18, 0.1), pattern="planks", scale=0.2))


def _kitchen(s: Props, dark: bool) -> _Place:
    _walls(s, 6.4, 5.6, 4.6, (0.62, 0.6, 0.52))
    _window(s, 0.2, -2.8, dark, (0.012, 0.02, 0.05) if dark else (2.6, 2.6, 2.5))
    s.box((-0.6, 0, -2.45), (4.2, 0.88, 0.62), (0.2, 0.34, 0.33))
    s.box((-0.6, 0.88, -2.43), (4.3, 0.05, 0.68), (0.5, 0.48, 0.45))
    for k in range(6):
        s.box((-2.4 + 0.7 * k, 0.15, -2.13), (0.62, 0.62, 0.02), (0.24, 0.4, 0.38))
    for x in (-2.2, -1.4, 1.5):
        s.box((x, 1.6, -2.62), (0.74, 0.75, 0.36), (0.24, 0.4, 0.38))
    s.box((2.45, 0, -2.35), (0.85, 1.85, 0.75), _WHITE)
    s.box((2.12, 0.9, -1.96), (0.04, 0.5, 0.04), (0.3, 0.3, 0.3))
    s.limb((-1.6, 0.93, -2.4), (-1.6, 1.12, -2.4), 0.13, (0.4, 0.08, 0.05))
    s.limb((0, 1.95, -0.5), (0, 2.25, -0.5), 0.3, (0.5, 0.1, 0.06), taper=0.35, glow=(0.5, 0.3, 0.12))
    s.limb((0, 2.25, -0.5), (0, 4, -0.5), 0.012, (0.02, 0.02, 0.02))
    s.light((0, 1.85, -0.4), (1.0, 0.65, 0.32) if dark else (0.9, 0.7, 0.45))
    return _Place(Material((0.55, 0.52, 0.47), pattern="tiles", scale=0.5))


def _corridor(s: Props, dark: bool) -> _Place:
    wall = s.rng.choice(((0.3, 0.33, 0.34), (0.36, 0.28, 0.2), (0.25, 0.3, 0.26)))
    for side in (-1, 1):
        s.box((side * 1.75, 0, -14), (0.2, 2.9, 44), wall, shadow=False)
        for k in range(7):
            s.box((side * 1.64, 0, 1.5 - 5 * k), (0.08, 2.1, 1.0), _scaled(_WOOD, 0.8), shadow=False)
    s.box((0, 2.9, -14), (3.7, 0.1, 44), _scaled(wall, 1.2), shadow=False)
    s.box((0, 0, -36), (3.7, 2.9, 0.1), wall, glow=(0.25, 0.3, 0.35), shadow=False)
    for k in range(6):
        z = 2.0 - 6 * k
        s.box((0, 2.85, z), (0.5, 0.05, 1.5), _WHITE, glow=(3.4, 3.3, 2.8), shadow=False)
        if k < 5:
            s.light((0, 2.5, z), (2.6, 2.5, 2.1))
    return _Place(Material((0.22, 0.2, 0.18), pattern="tiles", scale=0.6))


_PLACES: dict[str, Callable[[Props, bool], _Place]] = {
    "coast": _coast, "desert": _desert, "forest": _forest, "mountain": _mountain, "city": _city, "village": _village,
    "field": _field, "room": _room, "kitchen": _kitchen, "corridor": _corridor,
}  # fmt: skip

# share of the subject's height that fills the frame's height; how far up the subject the camera looks
_FRAMING = {
    "extreme_close_up": (0.15, 0.925), "close_up": (0.3, 0.9), "medium_close_up": (0.46, 0.84), "medium": (0.66, 0.76),
    "cowboy": (0.86, 0.66), "two_shot": (0.72, 0.76), "over_the_shoulder": (0.5, 0.86), "full": (1.28, 0.52),
    "wide": (3.1, 0.62), "extreme_wide": (7.5, 0.8), "insert": (0.9, 0.5),
}  # fmt: skip


def block(shot: Shot, aspect: float, seed: int) -> tuple[Set, Camera]:
    """Builds the set and places the camera as a real one would be. ``aspect``: width over height.

    Deterministic: the same shot, aspect and seed give the same set.
    """
    rng = random.Random(seed)
    heap = Props(rng)
    dark = shot.time_of_day in _DARK or shot.weather == "storm"
    place = _PLACES[shot.place](heap, dark)
    subject, height, facing_at = _cast(heap, shot, dark)
    camera, distance = _place_camera(shot, subject, height, facing_at, aspect, rng)
    sky, exposure = _sky(shot, place, camera, rng)
    sky, haze, haze_color, exposure, fall = _weather(shot, sky, exposure)
    ground = place.ground
    if fall == "snow" and ground is not None and not shot.interior:
        ground = Material((0.72, 0.75, 0.8), pattern="earth", scale=20)
    if shot.interior:
        haze = 0.0 if shot.weather != "fog" else 0.05
        fall = None
        exposure *= 1.15
    stage = {"room": 5.0, "kitchen": 5.0, "corridor": 8.0}.get(shot.place, min(max(distance * 0.8, 12.0), 60.0))
    world = Set(
        forms=tuple(heap.forms),
        lights=tuple(heap.lights[:8]),
        sky=sky,
        ground=ground,
        haze=haze,
        haze_color=haze_color,
        sea_z=place.sea_z,
        stage_m=stage,
        exposure=exposure,
        bounce=0.3 if shot.interior else 0.14,
        fall=fall,
    )
    return world, camera


def _cast(s: Props, shot: Shot, dark: bool) -> tuple[Vector, float, Vector]:
    """Puts props and people on their marks; answers the subject's foot, its height, and where it looks."""
    rng = s.rng
    spots = [(0.0, 0.0), (2.6, -1.2), (-2.8, -1.6), (4.2, -3.2), (-4.4, -3.0), (1.4, -4.0)]
    if shot.interior:
        spots = [(0.0, -0.4), (1.7, -1.3), (-1.7, -1.5), (1.9, 0.3), (-1.9, 0.2), (0.4, -1.9)]
    small = [prop for prop in shot.props if prop in _ON_A_TABLE]
    props = [prop for prop in shot.props if prop in _BUILD]
    if small and "table" not in props:
        props.append("table")
    if shot.place == "kitchen" and "table" not in props:
        props.append("table")
    main = next((prop for prop in props if prop in _LARGE), props[0] if props else None)
    subject: Vector = (0.0, 0.0, 0.0)
    height = 1.76
    if main in _LARGE and not shot.interior:
        back = 0.0 if not shot.people else -14.0 if main != "tree" else -5.0
        side = rng.uniform(-2, 2) if not shot.people else rng.choice((-1, 1)) * 6.0
        tall = _BUILD[main](s, side, back, dark)
        if not shot.people:
            subject, height = (side, 0.0, back), tall
        props.remove(main)
    free = list(spots)
    if shot.people:
        free = free[1:]
    for index, prop in enumerate(props[:5]):
        x, z = free[index % len(free)]
        if prop == "boat" and shot.place == "coast":
            z -= 17
        if prop == "car" and shot.place == "city":
            z -= 3
        if prop == "lamp" and not shot.interior:
            tall = _street_lamp(s, x, z, True)
        else:
            tall = _BUILD[prop](s, x, z, dark or shot.interior)
        if prop == "table":
            for k, thing in enumerate(small):
                _ON_A_TABLE[thing](s, x - 0.35 + 0.3 * k, z + 0.18, dark)
        if not shot.people and index == 0 and height == 1.76:
            subject, height = (x, 0.0, z), max(tall, 0.4)
            if shot.size == "insert" and small:
                subject, height = (x - 0.35, 0.72, z + 0.18), 0.26
    if not shot.people and not props and main is None:
        height = 3.2 if not shot.interior else 2.0
    looks = _people(s, shot)
    return subject, height, looks


def _people(s: Props, shot: Shot) -> Vector:
    rng = s.rng
    turn = rng.uniform(-0.5, 0.5)
    pose = shot.pose or rng.choice(("stand", "stand", "walk"))
    sitting = pose in ("sit", "lie")
    if shot.size == "over_the_shoulder":
        _person(s, (0.0, 0.0, 0.0), rng.uniform(-0.15, 0.15), pose)
        _person(s, (0.62, 0.0, 1.0), math.pi + 0.5, pose)
        return (0.0, 0.0, 1.0)
    for index in range(shot.people):
        if shot.people == 1:
            at, facing = (0.0, 0.0, 0.0), turn
        elif shot.people == 2:
            side = -1 if index == 0 else 1
            at, facing = (0.42 * side, 0.0, rng.uniform(-0.1, 0.1)), -side * rng.uniform(0.45, 0.9)
        else:
            row = index % 4
            at = ((row - 1.5) * 0.85 + rng.uniform(-0.2, 0.2), 0.0, -0.95 * (index // 4) + rng.uniform(-0.25, 0.25))
            facing = rng.uniform(-0.4, 0.4)
        if sitting:
            s.box((at[0], 0, at[2] - 0.05), (0.5, 0.42, 0.46), _WOOD, turn=facing)
        _person(s, at, facing, pose, rng.uniform(1.62, 1.86))
    return (math.sin(turn), 0.0, math.cos(turn))


def _place_camera(
    shot: Shot, subject: Vector, height: float, looks: Vector, aspect: float, rng: random.Random
) -> tuple[Camera, float]:
    share, up = _FRAMING[shot.size]
    if shot.people and shot.size in ("wide", "extreme_wide") and not shot.interior and shot.props:
        share *= 1.35  # leave room for what stands around them
    if not shot.people and height > 3:
        share = {"wide": 1.5, "extreme_wide": 3.0}.get(shot.size, share)
        up = 0.5
    if shot.interior:
        share = min(share, 1.9)
    frame_m = height * share
    focal = shot.lens_mm / SENSOR_WIDTH_MM
    width_m = frame_m * aspect
    distance = max(width_m * focal, 0.35)
    if shot.interior:
        distance = min(distance, 7.5 if shot.place != "corridor" else 9.0)
    seated = 0.3 if shot.pose in ("sit", "lie") and shot.people else 0.0
    look = height * up - seated * (height / 1.76)
    around = {"over_the_shoulder": 0.12}.get(shot.size, rng.uniform(-0.42, 0.42) * (0.5 if shot.interior else 1.0))
    lift, look_up = {
        "low": (-0.24, 0.1), "high": (0.55, -0.05), "overhead": (1.42, 0.0), "dutch": (0.02, 0.0),
    }.get(shot.angle, (0.02 if height < 4 else -0.015, 0.0))  # fmt: skip
    target = np.array([subject[0], subject[1] + look + look_up * frame_m, subject[2]])
    thirds = rng.choice((-1, 1)) * (0.13 if shot.people == 1 or height > 3 else 0.04) * width_m
    if shot.size in ("wide", "extreme_wide"):
        target[0] += thirds
        target[1] += 0.06 * frame_m
    away = np.array([math.sin(around) * math.cos(lift), math.sin(lift), math.cos(around) * math.cos(lift)])
    at = target + away * distance
    if shot.angle == "eye":
        at[1] = max(min(at[1], 1.7 if height < 4 else 2.4), 0.5 if height < 1.0 else 1.0)
        if shot.people and shot.size not in ("wide", "extreme_wide", "full"):
            at[1] = target[1] + 0.02
    at[1] = max(at[1], 0.16)
    aperture = shot.lens_mm / 1000 / shot.f_stop
    camera = Camera(
        at=(float(at[0]), float(at[1]), float(at[2])),
        target=(float(target[0]), float(target[1]), float(target[2])),
        focal=focal,
        roll=rng.choice((-1, 1)) * 0.21 if shot.angle == "dutch" else 0.0,
        aperture_m=aperture,
        focus_m=distance,
    )
    return camera, distance


def _sky(shot: Shot, place: _Place, camera: Camera, rng: random.Random) -> tuple[Sky, float]:
    zenith, horizon, sun_color, high, exposure, stars = _TIMES[shot.time_of_day]
    ahead = math.atan2(camera.target[0] - camera.at[0], -(camera.target[2] - camera.at[2]))
    low = high < 12
    # a low sun is in the picture or just out of it; a high one lights from the side
    azimuth = ahead + rng.choice((-1, 1)) * (rng.uniform(0.12, 0.3) if low else rng.uniform(0.9, 2.1))
    rise = math.radians(high)
    sun: Vector = (
        math.sin(azimuth) * math.cos(rise),
        math.sin(rise),
        -math.cos(azimuth) * math.cos(rise),
    )
    if shot.interior:  # the key comes over the camera's shoulder, as from a lamp on the grid
        key = rng.choice((-1, 1)) * rng.uniform(0.7, 1.1)
        sun = (math.sin(key) * 0.7, 0.75, math.cos(key) * 0.7)
        dim = {"night": 0.4, "dusk": 0.5, "dawn": 0.6}.get(shot.time_of_day, 1.0)
        tint: Vector = (0.16, 0.2, 0.3) if dim < 0.6 else (1.6, 1.45, 1.2)
        soft: Vector = (0.05, 0.055, 0.07) if dim < 0.6 else (0.42, 0.42, 0.44)
        return Sky(
            zenith=soft, horizon=soft, sun=sun, sun_color=tint, sun_size=0.12, disc=0.0
        ), 0.85 if dim < 0.6 else 0.72
    ridges = []
    for index, (tall, rough) in enumerate(place.ridges):
        share = 0.55 - 0.25 * index
        ridges.append((tall, rough, _mix(_scaled(zenith, 0.35), horizon, share)))
    return (
        Sky(
            zenith=zenith,
            horizon=horizon,
            sun=sun,
            sun_color=sun_color,
            sun_size=0.015,
            stars=stars,
            disc=0.35 if shot.time_of_day == "night" else 1.0,
            ridges=tuple(ridges),
        ),
        exposure,
    )
