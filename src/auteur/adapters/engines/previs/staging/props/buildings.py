"""Buildings and other large things that a shot is set before, fronts to +z."""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import (
    BLACK,
    BRICK,
    GLASS,
    STEEL,
    STONE,
    WARM,
    WHITE,
    WOOD,
    Props,
    scaled,
)
from auteur.adapters.engines.previs.staging.pieces import Look, piece

_PANE = scaled(GLASS, 0.6)


def _gable(s: Props, wide: float, deep: float, foot: float, pitch: float, color: Vector) -> float:
    """A roof whose ridge runs along z; answers how high it is."""
    run = wide / 2 / math.cos(pitch) + 0.35
    rise = wide / 2 * math.tan(pitch)
    for side in (-1, 1):
        at = (side * (wide / 4 + 0.1), foot + rise / 2 - 0.12, 0.0)
        s.box(at, (run, 0.18, deep + 0.8), color, roll=-side * pitch)
    steps = 4
    for k in range(steps):  # the gables behind it, in steps
        share = 1 - (k + 0.5) / steps
        s.box((0, foot + rise * k / steps, 0), (wide * share, rise / steps, deep * 0.98), scaled(color, 1.6))
    return foot + rise


@piece((9.0, 6.5, 7.0), lean_m=1.4, large=True)
def house(s: Props, look: Look) -> None:
    wall = look.color(s.rng.choice(((0.6, 0.55, 0.47), (0.45, 0.22, 0.15), (0.35, 0.4, 0.42), WOOD)))
    w, d, h = s.rng.uniform(7, 9), s.rng.uniform(6, 7), s.rng.uniform(2.9, 4.2)
    s.box((0, 0, 0), (w, h, d), wall)
    pitch, roof = 0.62, (0.16, 0.08, 0.06)
    run = d / 2 / math.cos(pitch) + 0.35
    rise = d / 2 * math.tan(pitch)
    for side in (-1, 1):
        s.box((0, h + rise / 2 - 0.1, side * (d / 4 + 0.1)), (w + 0.7, 0.18, run), roof, tilt=side * pitch)
    for k in range(3):
        s.box((0, h + rise * k / 3, 0), (w * 0.985, rise / 3, d * (1 - (k + 0.5) / 3)), wall)
    s.box((w * 0.28, h, 0), (0.7, rise + 0.9, 0.7), BRICK)
    glow = scaled(WARM, 0.45) if look.dark else (0.0, 0.0, 0.0)
    for share in (-0.3, 0.3):
        s.box((w * share, 1.0, d / 2), (1.3, 1.35, 0.1), WHITE)
        s.box((w * share, 1.06, d / 2 + 0.02), (1.1, 1.2, 0.1), _PANE, glow=glow)
        s.box((w / 2, 1.0, d * share), (0.1, 1.2, 1.0), _PANE, glow=glow)
        s.box((-w / 2, 1.0, d * share), (0.1, 1.2, 1.0), _PANE, glow=glow)
    s.box((0, 0, d / 2), (1.1, 2.15, 0.08), WHITE)
    s.box((0, 0, d / 2 + 0.03), (0.95, 2.05, 0.08), (0.18, 0.05, 0.04))
    s.box((0, 0, d / 2 + 0.5), (1.6, 0.16, 0.9), STONE)
    if look.dark:
        s.light((0, 1.9, d / 2 + 1.6), (4, 2.2, 0.9))


@piece((6.0, 4.5, 5.0), lean_m=1.4, large=True)
def cabin(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (5.6, 2.5, 4.4), WOOD, pattern="stripes", scale=0.25)
    _gable(s, 5.6, 4.4, 2.5, 0.6, (0.1, 0.06, 0.04))
    glow = scaled(WARM, 0.5) if look.dark else (0.0, 0.0, 0.0)
    for x in (-1.7, 1.7):
        s.box((x, 1.0, 2.2), (1.0, 0.95, 0.08), _PANE, glow=glow)
    s.box((0, 0, 2.2), (0.95, 2.0, 0.1), (0.07, 0.04, 0.02))
    s.box((0, 0, 3.0), (5.4, 0.18, 1.7), WOOD)
    for x in (-2.5, 2.5):
        s.limb((x, 0, 3.7), (x, 2.4, 3.7), 0.08, WOOD)
    if look.dark:
        s.light((0, 1.8, 3.4), (4, 2.2, 0.9))


@piece((12.0, 9.0, 14.0), lean_m=1.4, large=True)
def barn(s: Props, look: Look) -> None:
    paint = look.color((0.33, 0.05, 0.03))
    s.box((0, 0, 0), (10, 4.5, 12), paint)
    _gable(s, 10, 12, 4.5, 0.7, (0.12, 0.12, 0.13))
    s.box((0, 0, 6.02), (3.8, 3.9, 0.1), scaled(paint, 0.5))
    for a, b in (((-1.8, 0.1, 6.1), (1.8, 3.8, 6.1)), ((1.8, 0.1, 6.1), (-1.8, 3.8, 6.1))):
        s.limb(a, b, 0.09, WHITE)
    for x in (-1.9, 1.9):
        s.box((x, 0, 6.06), (0.2, 3.9, 0.1), WHITE)
    s.box((0, 3.85, 6.06), (4.0, 0.2, 0.1), WHITE)
    s.box((0, 5.2, 5.9), (1.2, 1.2, 0.4), BLACK)


@piece((11.0, 24.0, 22.0), lean_m=1.4, large=True)
def church(s: Props, look: Look) -> None:
    wall = look.color(scaled(STONE, 1.3))
    s.box((0, 0, -6), (9.5, 7, 16), wall)
    with s.placed((0, 0, -6)):
        _gable(s, 9.5, 16.0, 7.0, 0.85, (0.1, 0.1, 0.12))
    s.box((0, 0, 3.2), (4.6, 14, 4.6), wall)
    s.limb((0, 14, 3.2), (0, 23, 3.2), 3.1, (0.08, 0.09, 0.11), taper=0.02)
    s.box((0, 22.6, 3.2), (0.16, 1.8, 0.16), (0.5, 0.4, 0.1))
    s.box((0, 23.6, 3.2), (0.9, 0.16, 0.16), (0.5, 0.4, 0.1))
    s.box((0, 0, 5.5), (2.0, 2.6, 0.2), WOOD)
    s.limb((0, 2.6, 5.42), (0, 2.6, 5.62), 1.0, WOOD)
    s.box((0, 10, 5.5), (1.2, 2.2, 0.15), BLACK)
    s.limb((0, 5.8, 5.45), (0, 5.8, 5.6), 0.9, _PANE, glow=scaled(WARM, 0.5) if look.dark else (0, 0, 0))
    for side in (-1, 1):
        for z in (-2, -6, -10):
            s.box((side * 4.75, 2.2, z), (0.1, 3.2, 1.1), _PANE, glow=scaled(WARM, 0.4) if look.dark else (0, 0, 0))
    for k in range(4):
        s.box((0, 0, 6.4 - 0.35 * k), (6.4 - 0.5 * k, 0.16 * (k + 1), 1.6), scaled(STONE, 1.1))


@piece((14.0, 22.0, 14.0), large=True)
def lighthouse(s: Props, look: Look) -> None:
    s.ball((0, -0.6, 0), (7.5, 2.6, 6.5), STONE)
    s.ball((-4, -0.5, 2), (4.5, 1.7, 4), STONE)
    s.limb((0, 1.6, 0), (0, 18, 0), 2.4, WHITE, taper=0.58, pattern="stripes", scale=3.3)
    s.limb((0, 18, 0), (0, 18.35, 0), 2.1, (0.1, 0.1, 0.11))
    for k in range(10):
        a = k * math.tau / 10
        s.limb(
            (1.95 * math.cos(a), 18.3, 1.95 * math.sin(a)), (1.95 * math.cos(a), 19.2, 1.95 * math.sin(a)), 0.05, BLACK
        )
    s.limb((0, 18.3, 0), (0, 20.4, 0), 1.05, (0.5, 0.55, 0.55), glow=(9, 6.6, 3.2) if look.dark else (0.15, 0.15, 0.13))
    s.limb((0, 20.4, 0), (0, 21.9, 0), 1.45, (0.35, 0.05, 0.04), taper=0.05)
    s.box((5.2, 1.2, 0.6), (4.6, 2.8, 3.6), WHITE)
    s.box((5.2, 4.0, 0.6), (5.0, 0.4, 4.0), (0.3, 0.07, 0.05))
    s.box((4.2, 2.1, 2.42), (0.8, 1, 0.04), BLACK, glow=scaled(WARM, 0.5) if look.dark else (0, 0, 0))
    if look.dark:
        s.light((0, 19.3, 3), (90, 66, 32))


@piece((6.5, 17.5, 6.5), lean_m=1.4, large=True)
def tower(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 15, 0), 3.0, STONE, taper=0.85, pattern="earth", scale=4)
    s.limb((0, 15, 0), (0, 16.6, 0), 3.1, STONE)
    for k in range(8):
        a = k * math.tau / 8
        s.box((2.8 * math.cos(a), 16.6, 2.8 * math.sin(a)), (0.9, 0.9, 0.9), STONE, turn=-a)
    s.box((0, 8.5, 2.62), (0.6, 1.4, 0.3), BLACK, glow=WARM if look.dark else (0, 0, 0))


@piece((30.0, 22.0, 20.0), lean_m=1.4, large=True)
def castle(s: Props, look: Look) -> None:
    wall = look.color(STONE)
    s.box((0, 0, 0), (22, 9, 14), wall, pattern="earth", scale=4)
    for k in range(9):
        s.box((-9.6 + 2.4 * k, 9, 6.6), (1.2, 1.1, 0.8), wall)
    for x, z, high in ((-11, 7, 15), (11, 7, 15), (-6, -6, 20), (7, -6, 17)):
        s.limb((x, 0, z), (x, high, z), 2.4, wall, taper=0.92, pattern="earth", scale=3)
        s.limb((x, high, z), (x, high + 5, z), 2.8, (0.1, 0.07, 0.09), taper=0.03)
        s.box((x, high - 4, z + 2.25), (0.5, 1.3, 0.3), BLACK, glow=WARM if look.dark else (0, 0, 0))
    s.box((0, 0, 6.9), (3.6, 4.0, 0.5), (0.1, 0.06, 0.04))
    s.limb((0, 4, 6.7), (0, 4, 7.15), 1.8, (0.1, 0.06, 0.04))


@piece((10.0, 14.0, 8.0), lean_m=1.4, large=True)
def windmill(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 9, 0), 3.2, WHITE, taper=0.62)
    s.limb((0, 9, 0), (0, 11.5, 0), 2.2, (0.2, 0.1, 0.06), taper=0.2)
    for k in range(4):
        a = k * math.tau / 4 + 0.4
        tip = (6.2 * math.cos(a), 9.4 + 6.2 * math.sin(a), 2.8)
        s.limb((0, 9.4, 2.6), tip, 0.12, WOOD)
        with s.placed((3.6 * math.cos(a + 0.12), 9.4 + 3.6 * math.sin(a + 0.12), 2.8)):
            s.box((0, -0.5, 0), (4.6, 1.0, 0.06), (0.6, 0.55, 0.45), roll=a)
    s.box((0, 0, 3.1), (1.0, 2.0, 0.2), WOOD)


@piece((16.0, 22.0, 12.0), lean_m=1.4, large=True)
def building(s: Props, look: Look) -> None:
    wall = look.color(s.rng.choice(((0.3, 0.26, 0.22), (0.22, 0.23, 0.26), (0.33, 0.18, 0.13), (0.4, 0.38, 0.35))))
    glow = (2.6, 1.7, 0.75) if look.dark else (0.0, 0.0, 0.0)
    high = look.size_m[1] if look.size_m else 22.0
    s.box((0, 0, 0), (16, high, 12), wall, glow=glow, pattern="windows", scale=2.7)
    s.box((0, 0, 0.2), (16.1, 3.4, 12), scaled(wall, 0.5))
    s.box((0, high, 0), (16.4, 0.6, 12.4), scaled(wall, 0.7))
    s.box((0, 0, 6.15), (2.0, 2.6, 0.2), _PANE, glow=scaled(WARM, 0.3) if look.dark else (0, 0, 0))


@piece((13.25, 14.78, 11.12), name="pit head", large=True)
def pit_head(s: Props, look: Look) -> None:
    """The winding tower of a mine and its house."""
    for x in (-2.2, 2.2):
        s.limb((x, 0, 0), (x * 0.6, 13, 0), 0.25, STEEL)
        s.limb((x, 0, -7), (x * 0.6, 13, 0), 0.22, STEEL)
    for y in (3.5, 7, 10.5):
        s.box((0, y, 0), (4.4 - y * 0.13, 0.22, 0.3), STEEL)
    for x in (-0.7, 0.7):
        for k in range(14):
            a, b = k * math.tau / 14, (k + 1) * math.tau / 14
            rim = [(x, 13 + 1.7 * math.sin(t), 1.7 * math.cos(t)) for t in (a, b)]
            s.limb(rim[0], rim[1], 0.12, BLACK)
    s.box((6.5, 0, -6), (8, 5, 6), BRICK)
    s.box((6.5, 5, -6), (8.6, 0.6, 6.6), (0.1, 0.1, 0.1))
    for x in (4.5, 8.5):
        s.box((x, 1.5, -2.95), (1.2, 1.8, 0.1), _PANE)
