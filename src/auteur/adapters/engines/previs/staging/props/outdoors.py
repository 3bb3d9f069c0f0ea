"""What stands out of doors, or is built in: trees, stones, lamps, doors, signs, fires, and what is on walls.

Long because it is a list: one piece after another.
"""

import math

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import (
    BLACK,
    BRASS,
    CLOTH,
    GLASS,
    LEAF,
    PAPER,
    STEEL,
    STONE,
    WARM,
    WHITE,
    WOOD,
    Props,
    scaled,
)
from auteur.adapters.engines.previs.staging.pieces import Look, piece, put, spread

_AUTUMN = ((0.42, 0.13, 0.02), (0.5, 0.26, 0.03), (0.3, 0.07, 0.02), (0.36, 0.2, 0.04))
_SPRING = ((0.16, 0.26, 0.06), (0.5, 0.3, 0.33), (0.2, 0.28, 0.07))
_SUMMER = ((0.06, 0.13, 0.04), (0.09, 0.15, 0.04), (0.05, 0.1, 0.05))
TREADS, TREAD_M = 4, (3.6, 0.17, 0.36)
"""How many treads `steps` have, and how wide, high and deep one is."""
SNOW: Vector = (0.72, 0.75, 0.8)


def _crown(s: Props, look: Look, high: float, wide: float, low: float, count: int = 6) -> None:
    """Leaves of the season, or bare branches."""
    if look.season == "winter" or look.has("bare", "dead"):
        for _ in range(7):
            a, rise = s.rng.uniform(0, math.tau), s.rng.uniform(0.5, 0.95)
            at = (0.0, high * s.rng.uniform(0.35, 0.6), 0.0)
            tip = (wide * math.cos(a) * s.rng.uniform(0.5, 1), high * rise, wide * math.sin(a) * s.rng.uniform(0.5, 1))
            s.limb(at, tip, high * 0.014, scaled(WOOD, 0.5), taper=0.2)
        return
    if look.has("cherry", "almond"):  # in blossom
        look = Look(traits=("pink",), season=look.season)
    tones = {"autumn": _AUTUMN, "spring": _SPRING}.get(look.season or "", _SUMMER)
    leaf = look.color(s.rng.choice(tones))
    for k in range(count):
        r = wide * s.rng.uniform(0.5, 0.7)
        a = k * math.tau / count
        spread_m = wide * (0.0 if k == 0 else 0.5)
        at = (spread_m * math.cos(a), s.rng.uniform(low, 0.85) * high if k else 0.82 * high, spread_m * math.sin(a))
        s.ball(at, (r * 1.1, r * 0.85, r * 1.05), scaled(leaf, s.rng.uniform(0.75, 1.25)), turn=a)


@piece((5.0, 8.0, 5.0), lean_m=1.4, large=True)
def tree(s: Props, look: Look) -> None:
    high = look.size_m[1] if look.size_m else 8.0
    trunk = scaled(WOOD, 0.6)
    s.limb((0, 0, 0), (0, high * 0.62, 0), high * 0.035, trunk, taper=0.5)
    for a in (0.4, 2.6):
        s.limb(
            (0, high * 0.35, 0), (high * 0.16 * math.cos(a), high * 0.6, high * 0.16 * math.sin(a)), high * 0.016, trunk
        )
    _crown(s, look, high, high * 0.3, 0.55)


@piece((3.6, 10.0, 3.6), lean_m=1.4, large=True)
def pine(s: Props, look: Look) -> None:
    high = look.size_m[1] if look.size_m else 10.0
    leaf = scaled(s.rng.choice(((0.03, 0.08, 0.04), (0.04, 0.1, 0.05))), s.rng.uniform(0.8, 1.3))
    s.limb((0, 0, 0), (0, high * 0.4, 0), high * 0.026, scaled(WOOD, 0.6))
    for k in range(3):
        foot = high * (0.16 + 0.25 * k)
        s.limb((0, foot, 0), (0, foot + high * 0.38, 0), high * (0.19 - 0.045 * k), leaf, taper=0.03)
        if look.season == "winter":
            s.limb((0, foot + high * 0.14, 0), (0, foot + high * 0.385, 0), high * (0.13 - 0.03 * k), SNOW, taper=0.03)


@piece((2.4, 14.0, 2.4), lean_m=1.4, large=True)
def poplar(s: Props, look: Look) -> None:
    high = look.size_m[1] if look.size_m else 14.0
    s.limb((0, 0, 0), (0, high * 0.5, 0), high * 0.02, scaled(WOOD, 0.7))
    if look.season == "winter":
        _crown(s, look, high, high * 0.08, 0.4)
        return
    leaf = s.rng.choice(_AUTUMN if look.season == "autumn" else _SUMMER)
    s.ball((0, high * 0.56, 0), (high * 0.08, high * 0.44, high * 0.08), leaf)
    s.ball((0.05 * high, high * 0.42, 0), (high * 0.06, high * 0.24, high * 0.06), scaled(leaf, 1.2))


@piece((2.85, 8.18, 3.36), lean_m=1.4, large=True)
def birch(s: Props, look: Look) -> None:
    high = look.size_m[1] if look.size_m else 9.0
    s.limb((0, 0, 0), (0, high * 0.8, 0), high * 0.016, (0.6, 0.58, 0.52), taper=0.5, pattern="stripes", scale=0.35)
    _crown(s, look, high, high * 0.17, 0.5, 5)


@piece((4.0, 7.0, 4.0), lean_m=1.4, large=True)
def palm(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0.5, 6.0, 0), 0.2, (0.24, 0.16, 0.09), taper=0.6)
    for k in range(8):
        a = k * math.tau / 8
        middle = (0.5 + 1.1 * math.cos(a), 6.5, 1.1 * math.sin(a))
        s.limb((0.5, 6.0, 0), middle, 0.14, (0.07, 0.16, 0.04), taper=1.3)
        s.limb(middle, (0.5 + 2.1 * math.cos(a), 5.6, 2.1 * math.sin(a)), 0.18, (0.07, 0.16, 0.04), taper=0.08)


@piece((1.4, 1.0, 1.2))
def bush(s: Props, look: Look) -> None:
    if look.season == "winter":
        for k in range(6):
            a = k * math.tau / 6
            s.limb((0, 0, 0), (0.5 * math.cos(a), 0.8, 0.5 * math.sin(a)), 0.018, scaled(WOOD, 0.6), taper=0.3)
        return
    leaf = look.color(s.rng.choice(_AUTUMN if look.season == "autumn" else ((0.05, 0.11, 0.03), (0.07, 0.13, 0.04))))
    for x, z, r in ((-0.35, 0, 0.4), (0.3, 0.1, 0.45), (0, -0.2, 0.5)):
        s.ball((x, r * 0.9, z), (r * 1.1, r, r), leaf)


@piece((3.6, 0.68, 1.9), lean_m=0.5)
def steps(s: Props, look: Look) -> None:
    """Four treads up to the back, and a landing."""
    for k in range(TREADS):
        deep = 1.9 - TREAD_M[2] * k
        s.box((0, TREAD_M[1] * k, -0.95 + deep / 2), (3.6, TREAD_M[1], deep), look.color(scaled(STONE, 1.3 + 0.12 * k)))


@piece((4.0, 1.3, 0.7), name="hedge", lean_m=1.2)
def hedge(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (4.0, 1.25, 0.6), LEAF, pattern="earth", scale=0.8)


@piece((0.71, 1.98, 0.36))
def cactus(s: Props, look: Look) -> None:
    green = (0.1, 0.16, 0.06)
    s.limb((0, 0, 0), (0, 1.8, 0), 0.18, green)
    s.ball((0, 1.8, 0), 0.18, green)
    s.limb((0, 0.9, 0), (0.42, 0.95, 0), 0.11, green)
    s.limb((0.42, 0.9, 0), (0.42, 1.5, 0), 0.11, green)
    s.ball((0.42, 1.5, 0), 0.11, green)


@piece((0.5, 0.8, 0.5), name="potted plant")
def potted_plant(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.3, 0), 0.13, (0.32, 0.13, 0.07), taper=1.35)
    for k in range(8):
        a = k * math.tau / 8
        s.limb((0, 0.28, 0), (0.3 * math.cos(a), 0.75 + 0.12 * (k % 2), 0.3 * math.sin(a)), 0.05, LEAF, taper=0.15)


@piece((2.1, 1.1, 2.0), seat_m=0.55, lean_m=0.9)
def rock(s: Props, look: Look) -> None:
    size = 1.0 if look.size_m is None else look.size_m[1]
    for _ in range(4):
        r = size * s.rng.uniform(0.35, 1.0)
        at = (s.rng.uniform(-0.7, 0.7) * size, r * 0.25, s.rng.uniform(-0.7, 0.7) * size)
        s.ball(at, (r * 1.15, r * s.rng.uniform(0.6, 1.1), r), scaled(STONE, s.rng.uniform(0.7, 1.2)), turn=at[0] * 3)


@piece((0.56, 0.42, 0.56), seat_m=0.42, name="stump")
def stump(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.42, 0), 0.28, scaled(WOOD, 0.8), taper=0.88)
    s.limb((0, 0.415, 0), (0, 0.425, 0), 0.23, (0.4, 0.26, 0.13))


@piece((3.0, 0.45, 0.5), seat_m=0.42, name="log", seats=3)
def log(s: Props, look: Look) -> None:
    s.limb((-1.5, 0.22, 0), (1.5, 0.22, 0), 0.22, scaled(WOOD, 0.8), taper=0.9)
    s.limb((1.49, 0.22, 0), (1.51, 0.22, 0), 0.19, (0.4, 0.26, 0.13))


@piece((0.7, 1.0, 0.25), name="gravestone", lean_m=0.95)
def gravestone(s: Props, look: Look) -> None:
    tone = scaled(STONE, s.rng.uniform(0.8, 1.3))
    if s.rng.random() < 0.35:
        s.box((0, 0, 0), (0.13, 1.1, 0.12), tone)
        s.box((0, 0.68, 0), (0.5, 0.13, 0.12), tone)
        s.box((0, 0, 0), (0.6, 0.16, 0.4), scaled(tone, 0.8))
        return
    s.box((0, 0, 0), (0.62, 0.7, 0.14), tone)
    s.limb((0, 0.7, -0.07), (0, 0.7, 0.07), 0.31, tone)
    s.box((0, 0, 0), (0.76, 0.12, 0.3), scaled(tone, 0.8))
    for y in (0.42, 0.52, 0.62):
        s.box((0, y, 0.072), (0.36, 0.025, 0.006), scaled(tone, 0.4))


@piece((0.9, 1.01, 2.25), name="grave")
def grave(s: Props, look: Look) -> None:
    put(s, "gravestone", (0, 0, -1.0))
    s.ball((0, 0.0, 0.1), (0.45, 0.22, 1.0), (0.12, 0.08, 0.05))
    for x in (-0.1, 0.12):
        s.ball((x, 0.24, 0.1), 0.06, (0.5, 0.05, 0.08))


@piece((0.71, 0.87, 2.0), name="coffin", lean_m=0.9)
def coffin(s: Props, look: Look) -> None:
    s.box((0, 0.45, 0), (0.62, 0.36, 1.95), scaled(WOOD, 0.8))
    s.box((0, 0.81, 0), (0.66, 0.06, 2.0), scaled(WOOD, 1.2))
    for z in (-0.6, 0.6):
        s.box((0, 0, z), (0.5, 0.45, 0.06), BLACK)
        for x in (-0.32, 0.32):
            s.ball((x, 0.62, z), 0.035, BRASS)


@piece((0.5, 4.9, 0.5), name="lamp post", lean_m=1.4)
def lamp_post(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.5, 0), 0.14, BLACK, taper=0.6)
    s.limb((0, 0.5, 0), (0, 4.3, 0), 0.07, BLACK, taper=0.7)
    s.limb((0, 4.3, 0), (0, 4.36, 0), 0.2, BLACK)
    s.limb((0, 4.36, 0), (0, 4.8, 0), 0.14, (0.7, 0.65, 0.5), taper=1.35, glow=(9, 6, 2.6) if look.dark else (0.2,) * 3)
    s.limb((0, 4.8, 0), (0, 5.0, 0), 0.24, BLACK, taper=0.1)
    if look.dark:
        s.light((0, 4.3, 0.3), (13, 8.5, 3.8))


@piece((0.5, 1.75, 0.5), name="lamp", lean_m=1.0)
def lamp(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.04, 0), 0.17, BLACK)
    s.limb((0, 0, 0), (0, 1.5, 0), 0.02, BRASS)
    glow: Vector = (3.2, 2.1, 1.0) if look.dark else (1.2, 0.85, 0.5)
    s.limb((0, 1.42, 0), (0, 1.75, 0), 0.24, look.color((0.8, 0.65, 0.4)), taper=0.6, glow=glow)
    s.light((0, 1.45, 0.25), (3.6, 2.2, 1.0))


@piece((0.48, 0.26, 0.48), name="hanging lamp", hung_m=1.86)
def hanging_lamp(s: Props, look: Look) -> None:
    """Hangs: its foot is 1.9 m above the floor."""
    s.limb((0, 1.9, 0), (0, 2.12, 0), 0.24, look.color((0.06, 0.1, 0.08)), taper=0.3)
    s.ball((0, 1.92, 0), 0.07, (1, 0.9, 0.7), glow=scaled(WARM, 2.2))
    s.limb((0, 2.1, 0), (0, 2.9, 0), 0.008, BLACK)
    s.light((0, 1.75, 0), (3.4, 2.1, 0.95))


@piece((0.08, 0.17, 0.08), name="bulb", hung_m=1.96)
def bulb(s: Props, look: Look) -> None:
    """A bare bulb that hangs 2 m above the floor."""
    s.ball((0, 2.02, 0), (0.04, 0.055, 0.04), (1, 0.9, 0.7), glow=(30, 22, 11))
    s.limb((0, 2.07, 0), (0, 2.13, 0), 0.022, BLACK)
    s.limb((0, 2.1, 0), (0, 2.9, 0), 0.006, BLACK)
    s.light((0, 1.95, 0), (4.5, 3.2, 1.7))


@piece((1.56, 0.4, 1.56), name="chandelier", hung_m=3.3)
def chandelier(s: Props, look: Look) -> None:
    """Hangs 3.2 m above the floor."""
    s.limb((0, 3.5, 0), (0, 6.0, 0), 0.015, BRASS)
    s.ball((0, 3.5, 0), (0.12, 0.2, 0.12), BRASS)
    for k in range(8):
        a = k * math.tau / 8
        tip = (0.75 * math.cos(a), 3.45, 0.75 * math.sin(a))
        s.limb((0, 3.4, 0), tip, 0.018, BRASS)
        s.ball((tip[0], 3.6, tip[2]), (0.03, 0.09, 0.03), (1, 0.8, 0.5), glow=(9, 5.6, 2.4))
    s.light((0, 3.2, 0), (9, 6, 3))


@piece((1.0, 2.15, 0.14), name="door", lean_m=1.3)
def door(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice(((0.3, 0.05, 0.04), WOOD, (0.05, 0.14, 0.13))))
    frame = scaled(WHITE, 0.6)
    for x in (-0.5, 0.5):
        s.box((x, 0, 0), (0.09, 2.15, 0.16), frame)
    s.box((0, 2.08, 0), (1.09, 0.09, 0.16), frame)
    if look.has("open", "ajar"):
        s.box((0, 0, -0.03), (0.9, 2.08, 0.02), BLACK)
        with s.placed((-0.45, 0, 0.05), 0.9):
            s.box((0.45, 0, 0), (0.9, 2.06, 0.05), color)
            s.ball((0.82, 1.0, 0.05), 0.035, BRASS)
        return
    s.box((0, 0, 0.0), (0.92, 2.08, 0.07), color)
    for y, high in ((0.18, 0.7), (1.05, 0.85)):
        for x in (-0.2, 0.2):
            s.box((x, y, 0.04), (0.28, high, 0.02), scaled(color, 1.35))
    s.ball((0.37, 1.0, 0.08), 0.035, BRASS)


@piece((1.2, 2.2, 0.5))
def doorway(s: Props, look: Look) -> None:
    """Open on what is dark: one stands in it."""
    frame = look.color(scaled(WHITE, 0.6))
    for x in (-0.53, 0.53):
        s.box((x, 0, 0.1), (0.12, 2.15, 0.2), frame)
    s.box((0, 2.08, 0.1), (1.18, 0.12, 0.2), frame)
    s.box((0, 0, -0.3), (1.18, 2.2, 0.03), (0.015, 0.015, 0.02))
    for x in (-0.56, 0.56):
        s.box((x, 0, -0.1), (0.06, 2.2, 0.4), scaled(frame, 0.5))
    s.box((0, 2.16, -0.1), (1.18, 0.04, 0.4), scaled(frame, 0.5))


@piece((1.64, 1.55, 0.2), name="window", hung_m=0.87)
def window(s: Props, look: Look) -> None:
    """Its sill is 0.9 m above the floor."""
    glow: Vector = (0.012, 0.02, 0.05) if look.dark else (2.4, 2.5, 2.6)
    s.box((0, 0.9, 0), (1.5, 1.5, 0.12), WHITE, shadow=False)
    s.box((0, 0.98, 0.03), (1.34, 1.34, 0.1), (0.1, 0.12, 0.15), glow=glow, shadow=False)
    s.box((0, 0.95, 0.06), (0.05, 1.4, 0.1), WHITE, shadow=False)
    s.box((0, 1.62, 0.06), (1.4, 0.05, 0.1), WHITE, shadow=False)
    s.box((0, 0.87, 0.08), (1.64, 0.05, 0.2), WHITE, shadow=False)


@piece((3.5, 2.71, 0.5), name="gate", lean_m=1.2)
def gate(s: Props, look: Look) -> None:
    for x in (-1.5, 1.5):
        s.box((x, 0, 0), (0.4, 2.3, 0.4), STONE)
        s.box((x, 2.3, 0), (0.5, 0.12, 0.5), scaled(STONE, 1.2))
        s.ball((x, 2.55, 0), 0.16, STONE)
    for x in spread(11, 0.25):
        s.limb((x, 0.08, 0), (x, 1.75 + 0.25 * math.cos(x), 0), 0.016, BLACK)
    for y in (0.25, 1.55):
        s.box((0, y, 0), (2.6, 0.05, 0.04), BLACK)


@piece((4.0, 1.1, 0.12), name="fence", lean_m=1.05)
def fence(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    for x in spread(3, 1.95):
        s.box((x, 0, 0), (0.12, 1.15, 0.12), color)
    for y in (0.45, 0.9):
        s.box((0, y, 0), (4.0, 0.1, 0.05), color)


@piece((3.0, 1.0, 0.06), name="railing", lean_m=1.0)
def railing(s: Props, look: Look) -> None:
    color = look.color(BLACK)
    s.box((0, 0.97, 0), (3.0, 0.05, 0.06), color)
    s.box((0, 0.1, 0), (3.0, 0.03, 0.03), color)
    for x in spread(9, 0.37):
        s.limb((x, 0, 0), (x, 0.98, 0), 0.014, color)


@piece((3.0, 1.1, 0.4), name="low wall", lean_m=1.0, seat_m=0.6)
def low_wall(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (3.0, 1.0, 0.35), look.color(STONE), pattern="earth", scale=1.0)
    s.box((0, 1.0, 0), (3.1, 0.08, 0.45), scaled(look.color(STONE), 1.2))


@piece((3.0, 0.16, 0.6), name="kerb", seat_m=0.16, seats=3)
def kerb(s: Props, look: Look) -> None:
    """The edge of a pavement, with some of it: stones in a row, as high as a step."""
    for x in spread(4, 0.75):
        s.box((x, 0, 0.2), (0.74, 0.16, 0.2), scaled(look.color(STONE), 1.25))
    s.box((0, 0, -0.1), (3.0, 0.15, 0.4), look.color(STONE), pattern="earth", scale=1.0)


@piece((3.0, 2.6, 0.2), name="wall", lean_m=1.4)
def wall(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (3.0, 2.6, 0.2), look.color(scaled(STONE, 1.2)), pattern="earth", scale=1.5)


@piece((0.6, 0.9, 0.6), name="barrel", seat_m=0.9, lean_m=0.9, top_m=0.9)
def barrel(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.limb((0, 0, 0), (0, 0.45, 0), 0.26, color, taper=1.2)
    s.limb((0, 0.45, 0), (0, 0.9, 0), 0.312, color, taper=0.83)
    for y in (0.12, 0.42, 0.74):
        s.limb((0, y, 0), (0, y + 0.05, 0), 0.318 if y == 0.42 else 0.298, STEEL)


@piece((0.8, 0.6, 0.6), name="crate", seat_m=0.6, lean_m=0.6, top_m=0.6)
def crate(s: Props, look: Look) -> None:
    color = look.color((0.3, 0.19, 0.09))
    s.box((0, 0, 0), (0.78, 0.58, 0.58), color)
    for y in (0.02, 0.48):
        s.box((0, y, 0), (0.82, 0.1, 0.62), scaled(color, 1.3))
    for x in (-0.36, 0.36):
        s.box((x, 0.05, 0), (0.1, 0.5, 0.625), scaled(color, 1.3))


@piece((1.56, 0.59, 0.38), name="sandbags", lean_m=0.6, seat_m=0.55)
def sandbags(s: Props, look: Look) -> None:
    for row in range(3):
        for x in spread(3 - row % 2, 0.5):
            s.ball((x, 0.1 + 0.19 * row, 0), (0.28, 0.11, 0.19), (0.34, 0.28, 0.17))


@piece((3.0, 2.0, 3.0), large=True)
def tent(s: Props, look: Look) -> None:
    color = look.color((0.42, 0.3, 0.12))
    glow: Vector = scaled(color, 1.5) if look.dark else (0, 0, 0)
    for side in (-1, 1):
        s.box((0.68 * side, -0.2, 0), (0.04, 2.4, 2.8), color, roll=0.62 * side, glow=glow)
    s.limb((0, 0, 1.35), (0, 1.95, 1.35), 0.03, WOOD)
    s.box((0, 0, -1.3), (1.3, 0.9, 0.04), scaled(color, 0.7), glow=scaled(glow, 0.6))
    s.box((0, 0.9, -1.3), (0.66, 0.5, 0.04), scaled(color, 0.7), glow=scaled(glow, 0.6))
    for x, z in ((-1.9, 1.5), (1.9, 1.5), (-1.9, -1.5), (1.9, -1.5)):
        s.limb((x, 0, z), (x * 0.35, 1.35, z * 0.93), 0.01, PAPER)
    if look.dark:
        s.light((0, 1.0, 1.7), (2.4, 1.3, 0.5))


@piece((1.3, 1.0, 1.3))
def campfire(s: Props, look: Look) -> None:
    for k in range(8):
        a = k * math.tau / 8
        s.ball((0.55 * math.cos(a), 0.06, 0.55 * math.sin(a)), (0.17, 0.13, 0.15), STONE, turn=a)
    for k in range(4):
        a = k * math.tau / 4 + 0.4
        s.limb(
            (0.45 * math.cos(a), 0.06, 0.45 * math.sin(a)),
            (-0.08 * math.cos(a), 0.34, -0.08 * math.sin(a)),
            0.06,
            BLACK,
        )
    for k in range(5):
        lift, lean = s.rng.uniform(0.5, 1.0), s.rng.uniform(-0.13, 0.13)
        s.limb(
            (lean, 0.12, s.rng.uniform(-0.15, 0.15)), (lean * 2, 0.2 + lift, 0), 0.15, (0.1, 0.05, 0.0), taper=0.03,
            glow=(7.5, 2.6 + 0.3 * k, 0.35),
        )  # fmt: skip
    s.light((0, 0.9, 0.15), (14, 6, 1.7))


@piece((1.6, 0.02, 1.0))
def puddle(s: Props, look: Look) -> None:
    """Water that lies on a street: dark, and as bright as what it gives back."""
    shine: Vector = (0.015, 0.02, 0.035) if look.dark else (0.16, 0.19, 0.22)
    for x, z, wide, deep in ((0, 0, 0.55, 0.4), (0.4, 0.12, 0.38, 0.3), (-0.38, -0.1, 0.4, 0.28)):
        s.ball((x, 0.004, z), (wide, 0.006, deep), (0.05, 0.055, 0.065), glow=shine, shadow=False)


@piece((2.4, 3.5, 2.0), large=True, name="fire")
def fire(s: Props, look: Look) -> None:
    """A large one, as a house burns."""
    for k in range(9):
        x, z = s.rng.uniform(-1, 1), s.rng.uniform(-0.7, 0.7)
        high = s.rng.uniform(1.2, 3.2) * (1.2 - abs(x))
        s.limb(
            (x, 0, z),
            (x * 0.7, max(high, 0.6), z),
            0.4,
            (0.1, 0.05, 0),
            taper=0.03,
            glow=(3.4, 1.0 + 0.16 * (k % 4), 0.14),
        )
    for x in (-0.6, 0.3):
        s.ball((x, 3.4, -0.2), (0.7, 0.5, 0.5), (0.03, 0.03, 0.03))
    s.light((0, 1.6, 1.6), (13, 5.4, 1.5))


@piece((1.11, 0.22, 0.71), name="rope", seat_m=None)
def rope(s: Props, look: Look) -> None:
    for k in range(3):
        s.limb(
            (0, 0.07 * k, 0), (0, 0.07 * k + 0.065, 0), 0.34 - 0.03 * k, scaled((0.42, 0.32, 0.18), 0.8 + 0.3 * (k % 2))
        )
    s.limb((0, 0.205, 0), (0, 0.215, 0), 0.17, BLACK)
    s.limb((0.3, 0.04, 0), (0.75, 0.02, 0.35), 0.03, (0.42, 0.32, 0.18))


@piece((0.49, 2.92, 0.79), name="ladder", lean_m=1.4)
def ladder(s: Props, look: Look) -> None:
    color = look.color((0.38, 0.25, 0.12))
    with s.placed((0, 0, 0), turn=np.array([[1, 0, 0], [0, 0.97, 0.24], [0, -0.24, 0.97]])):
        for x in (-0.22, 0.22):
            s.box((x, 0, 0), (0.05, 3.0, 0.07), color)
        for k in range(9):
            s.box((0, 0.25 + 0.31 * k, 0), (0.44, 0.04, 0.05), color)


@piece((1.4, 3.56, 1.4), lean_m=0.9, large=True)
def statue(s: Props, look: Look) -> None:
    tone = look.color((0.32, 0.33, 0.31))
    s.box((0, 0, 0), (1.2, 1.1, 1.2), STONE)
    s.box((0, 1.1, 0), (1.4, 0.12, 1.4), scaled(STONE, 1.2))
    s.limb((0, 1.2, 0), (0, 2.3, 0), 0.34, tone, taper=0.6)
    s.limb((0, 2.2, 0), (0, 2.75, 0), 0.2, tone, taper=1.2)
    s.ball((0, 3.05, 0), (0.14, 0.19, 0.16), tone)
    s.limb((0.25, 2.7, 0), (0.5, 3.1, 0.2), 0.08, tone)
    s.limb((0.5, 3.1, 0.2), (0.52, 3.55, 0.3), 0.06, tone)
    s.limb((-0.24, 2.7, 0), (-0.35, 2.1, 0.1), 0.085, tone)


@piece((3.6, 2.2, 3.6), seat_m=0.5, lean_m=0.6, large=True)
def fountain(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.5, 0), 1.8, STONE)
    s.limb((0, 0.49, 0), (0, 0.505, 0), 1.55, (0.1, 0.2, 0.24))
    s.limb((0, 0.4, 0), (0, 1.4, 0), 0.2, STONE, taper=0.8)
    s.limb((0, 1.3, 0), (0, 1.5, 0), 0.35, STONE, taper=2.2)
    s.limb((0, 1.5, 0), (0, 2.1, 0), 0.1, STONE)
    s.ball((0, 2.15, 0), 0.18, STONE)
    for k in range(8):
        a = k * math.tau / 8
        s.limb(
            (0.72 * math.cos(a), 1.5, 0.72 * math.sin(a)),
            (0.95 * math.cos(a), 0.5, 0.95 * math.sin(a)),
            0.03,
            (0.6, 0.7, 0.75),
        )


@piece((0.9, 2.4, 0.1), name="sign", lean_m=1.2)
def sign(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 2.4, 0), 0.035, STEEL)
    s.box((0, 1.75, 0.04), (0.8, 0.55, 0.03), look.color((0.55, 0.5, 0.1)))
    s.box((0, 1.79, 0.057), (0.7, 0.47, 0.006), look.color((0.62, 0.58, 0.2)))
    for y in (1.88, 2.02, 2.14):
        s.box((0, y, 0.062), (0.5, 0.05, 0.006), BLACK)


@piece((2.2, 0.9, 0.2), name="neon sign", hung_m=2.6)
def neon_sign(s: Props, look: Look) -> None:
    """Hangs 2.6 m above the floor; letters that are none."""
    color = look.color((0.45, 0.03, 0.3))
    s.box((0, 2.6, -0.06), (2.2, 0.9, 0.08), BLACK)
    top = max(color)
    lit = scaled(color, (6 if look.dark else 1.5) / top)
    for k, x in enumerate(spread(5, 0.4)):
        s.limb((x - 0.12, 2.75, 0.02), (x - 0.12, 3.3, 0.02), 0.025, (1, 1, 1), glow=lit)
        if k % 2:
            s.limb((x - 0.12, 3.28, 0.02), (x + 0.1, 3.28, 0.02), 0.025, (1, 1, 1), glow=lit)
        s.limb(
            (x - 0.12, 2.77 + 0.25 * (k % 3 == 0), 0.02),
            (x + 0.1, 2.77 + 0.25 * (k % 3 == 0), 0.02),
            0.025,
            (1, 1, 1),
            glow=lit,
        )
    if look.dark:
        s.light((0, 2.9, 0.6), scaled(color, 6 / top))


@piece((3.6, 1.7, 0.2), name="departures board", hung_m=3.3)
def departures_board(s: Props, look: Look) -> None:
    """Hangs 3.3 m above the floor."""
    s.box((0, 3.3, 0), (3.6, 1.7, 0.2), BLACK)
    for row in range(6):
        for x, wide in ((-1.35, 0.5), (-0.35, 1.2), (0.75, 0.4), (1.35, 0.45)):
            s.box(
                (x, 3.45 + 0.25 * row, 0.105), (wide * s.rng.uniform(0.6, 1), 0.12, 0.01), BLACK, glow=(1.6, 1.1, 0.15)
            )
    for x in (-1.4, 1.4):
        s.limb((x, 5.0, 0), (x, 6.5, 0), 0.03, STEEL)


@piece((1.2, 0.75, 0.2), name="tv")
def tv(s: Props, look: Look) -> None:
    s.box((0, 0.05, 0), (1.2, 0.7, 0.05), BLACK)
    s.box((0, 0.08, 0.028), (1.14, 0.64, 0.006), (0.05, 0.08, 0.1), glow=(0.5, 0.85, 1.3))
    s.box((0, 0, 0), (0.4, 0.03, 0.2), BLACK)
    s.light((0, 0.4, 0.5), (0.9, 1.5, 2.2))


@piece((0.55, 0.46, 0.38), name="computer")
def computer(s: Props, look: Look) -> None:
    s.box((0, 0.12, 0), (0.55, 0.34, 0.04), BLACK)
    s.box((0, 0.14, 0.022), (0.51, 0.3, 0.005), (0.05, 0.08, 0.1), glow=(0.4, 0.7, 0.9))
    s.limb((0, 0, 0), (0, 0.14, 0), 0.03, BLACK)
    s.box((0, 0, 0.28), (0.42, 0.02, 0.14), (0.1, 0.1, 0.1))


@piece((0.84, 1.16, 0.06), name="mirror", lean_m=1.3, hung_m=1.07)
def mirror(s: Props, look: Look) -> None:
    """Hangs 1.1 m above the floor."""
    s.ball((0, 1.65, 0), (0.42, 0.58, 0.03), BRASS)
    s.ball((0, 1.65, 0.012), (0.36, 0.52, 0.03), scaled(GLASS, 3.4), glow=(0.08, 0.09, 0.1))


@piece((1.0, 0.8, 0.06), name="painting", hung_m=1.4)
def painting(s: Props, look: Look) -> None:
    """Hangs 1.4 m above the floor: a landscape."""
    s.box((0, 1.4, 0), (1.05, 0.8, 0.05), BRASS)
    s.box((0, 1.46, 0.02), (0.9, 0.66, 0.025), (0.25, 0.35, 0.48))
    s.box((0, 1.46, 0.028), (0.9, 0.24, 0.02), s.rng.choice(CLOTH))
    s.ball((0.2, 1.95, 0.028), (0.07, 0.07, 0.012), (0.7, 0.6, 0.3))


@piece((0.54, 0.54, 0.09), name="wall clock", hung_m=2.2)
def wall_clock(s: Props, look: Look) -> None:
    """Hangs 2.2 m above the floor."""
    with s.placed((0, 2.2, 0), scale=1.8):
        s.limb((0, 0.15, -0.02), (0, 0.15, 0.02), 0.15, BLACK)
        s.limb((0, 0.15, 0.018), (0, 0.15, 0.025), 0.135, PAPER)
        s.box((0.0, 0.15, 0.026), (0.012, 0.1, 0.006), BLACK)
        s.box((0.03, 0.146, 0.026), (0.08, 0.012, 0.006), BLACK)


@piece((3.2, 1.32, 0.12), name="blackboard", hung_m=0.88)
def blackboard(s: Props, look: Look) -> None:
    """Hangs 0.9 m above the floor."""
    s.box((0, 0.9, 0), (3.2, 1.3, 0.05), WOOD)
    s.box((0, 0.95, 0.02), (3.08, 1.2, 0.03), (0.03, 0.08, 0.05))
    for k in range(4):
        s.box((-0.7 + 0.2 * k, 1.2 + 0.22 * k, 0.04), (0.9 + 0.2 * (k % 2), 0.03, 0.004), (0.5, 0.52, 0.5))
    s.box((0, 0.88, 0.06), (3.0, 0.03, 0.08), WOOD)


@piece((2.2, 2.3, 1.6), name="market stall", lean_m=0.9, top_m=0.9, large=False)
def market_stall(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice(((0.45, 0.05, 0.04), (0.05, 0.2, 0.1), (0.5, 0.36, 0.06), (0.06, 0.12, 0.32))))
    for x in (-1.05, 1.05):
        for z, high in ((-0.7, 2.35), (0.7, 2.05)):
            s.limb((x, 0, z), (x, high, z), 0.03, WOOD)
    for k, x in enumerate(spread(6, 0.38)):
        s.box((x, 2.18, 0), (0.38, 0.03, 1.75), color if k % 2 else WHITE, tilt=0.21)
    s.box((0, 0.1, 0.1), (2.1, 0.72, 1.0), scaled(WOOD, 0.9), pattern="planks", scale=0.2)
    s.box((0, 0.8, 0.1), (2.2, 0.06, 1.1), WOOD)
    for k, x in enumerate(spread(4, 0.52)):
        fruit = ((0.6, 0.22, 0.02), (0.4, 0.03, 0.03), (0.1, 0.25, 0.04), (0.6, 0.45, 0.05))[k]
        s.box((x, 0.86, 0.15), (0.48, 0.1, 0.8), (0.3, 0.2, 0.1))
        for z in (-0.1, 0.15, 0.4):
            s.ball((x, 0.95, z), (0.2, 0.09, 0.13), fruit)


@piece((0.62, 0.93, 0.62), name="bin")
def bin_(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.85, 0), 0.26, look.color((0.14, 0.16, 0.15)), taper=1.12)
    s.limb((0, 0.85, 0), (0, 0.93, 0), 0.31, (0.1, 0.11, 0.1), taper=0.6)


@piece((1.6, 1.3, 1.0), name="dumpster", lean_m=1.2)
def dumpster(s: Props, look: Look) -> None:
    color = look.color((0.04, 0.13, 0.07))
    s.box((0, 0.12, 0), (1.7, 1.0, 1.0), color)
    s.box((0, 1.12, 0), (1.76, 0.1, 1.06), scaled(color, 0.6), tilt=0.05)
    for x in (-0.6, 0.0, 0.6):
        s.box((x, 0.15, 0.51), (0.08, 0.9, 0.03), scaled(color, 1.4))


@piece((0.48, 1.32, 0.48), name="mailbox", lean_m=1.1)
def mailbox(s: Props, look: Look) -> None:
    color = look.color((0.4, 0.03, 0.03))
    s.limb((0, 0, 0), (0, 1.2, 0), 0.22, color)
    s.ball((0, 1.2, 0), (0.24, 0.12, 0.24), color)
    s.box((0, 1.05, 0.21), (0.24, 0.035, 0.04), BLACK)


@piece((0.95, 2.4, 0.95), name="phone box")
def phone_box(s: Props, look: Look) -> None:
    color = look.color((0.42, 0.02, 0.02))
    s.box((0, 0, 0), (0.86, 2.3, 0.86), scaled(GLASS, 1.2), glow=(0.5, 0.4, 0.2) if look.dark else (0, 0, 0))
    for x in (-0.43, 0.43):
        for z in (-0.43, 0.43):
            s.box((x, 0, z), (0.1, 2.35, 0.1), color)
    s.box((0, 2.2, 0), (0.98, 0.3, 0.98), color)
    for y in (0.1, 0.6, 1.1, 1.6):
        s.box((0, y, 0), (0.9, 0.04, 0.9), color)


@piece((1.46, 1.1, 3.15), name="cart", lean_m=1.0)
def cart(s: Props, look: Look) -> None:
    s.box((0, 0.6, 0), (1.2, 0.08, 1.9), WOOD)
    for x in (-0.6, 0.6):
        s.box((x, 0.65, 0), (0.06, 0.45, 1.9), WOOD)
        s.limb((x * 1.15 - 0.03, 0.55, 0), (x * 1.15 + 0.03, 0.55, 0), 0.55, (0.1, 0.06, 0.04))
        s.limb((x * 1.15 - 0.04, 0.55, 0), (x * 1.15 + 0.04, 0.55, 0), 0.42, (0.3, 0.2, 0.1))
    for x in (-0.4, 0.4):
        s.limb((x, 0.62, 0.9), (x, 0.5, 2.2), 0.035, WOOD)


@piece((1.9, 2.49, 1.6), name="well", lean_m=0.9)
def well(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.85, 0), 0.8, STONE)
    s.limb((0, 0.84, 0), (0, 0.86, 0), 0.6, BLACK)
    for x in (-0.75, 0.75):
        s.box((x, 0.8, 0), (0.12, 1.4, 0.12), WOOD)
    for side in (-1, 1):
        s.box((0, 2.2, 0.35 * side), (1.9, 0.06, 0.85), scaled(WOOD, 0.6), tilt=0.6 * side)
    s.limb((-0.75, 1.8, 0), (0.75, 1.8, 0), 0.05, WOOD)


@piece((1.25, 4.0, 0.15), name="flag")
def flag(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 4.0, 0), 0.03, STEEL)
    color = look.color((0.4, 0.03, 0.03))
    for k in range(4):
        s.box(
            (0.17 + 0.3 * k, 3.1 - 0.03 * k, 0.03 * (k % 2)),
            (0.31, 0.85, 0.03),
            scaled(color, 1 - 0.25 * (k % 2)),
            turn=0.3 * (-1) ** k,
        )


@piece((1.0, 1.9, 0.82), name="vending machine", lean_m=1.4)
def vending_machine(s: Props, look: Look) -> None:
    color = look.color((0.35, 0.04, 0.05))
    s.box((0, 0, 0), (1.0, 1.9, 0.75), color)
    s.box((-0.1, 0.6, 0.37), (0.7, 1.2, 0.03), (0.1, 0.12, 0.14), glow=(1.2, 1.3, 1.4))
    for y in (0.75, 1.1, 1.45):
        for x in spread(4, 0.16):
            s.limb((x - 0.1, y, 0.4), (x - 0.1, y + 0.2, 0.4), 0.05, s.rng.choice(CLOTH))
    s.light((0, 1.2, 0.9), (1.4, 1.5, 1.6))


@piece((1.23, 1.3, 1.3), name="hay bale", seat_m=0.9, lean_m=1.1)
def hay_bale(s: Props, look: Look) -> None:
    s.limb((-0.6, 0.65, 0), (0.6, 0.65, 0), 0.65, (0.48, 0.36, 0.12))
    for x in (-0.61, 0.6):
        s.limb((x, 0.65, 0), (x + 0.02, 0.65, 0), 0.4, (0.36, 0.26, 0.09))


@piece((1.6, 2.1, 0.64), name="scarecrow")
def scarecrow(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 1.9, 0), 0.03, WOOD)
    s.limb((-0.8, 1.45, 0), (0.8, 1.45, 0), 0.03, WOOD)
    s.limb((0, 0.8, 0), (0, 1.5, 0), 0.3, (0.16, 0.2, 0.28), taper=0.6)
    s.limb((-0.75, 1.45, 0), (0.75, 1.45, 0), 0.1, (0.16, 0.2, 0.28))
    s.ball((0, 1.75, 0), 0.16, (0.5, 0.4, 0.2))
    s.limb((0, 1.85, 0), (0, 1.88, 0), 0.32, (0.3, 0.2, 0.08))
    s.limb((0, 1.88, 0), (0, 2.1, 0), 0.17, (0.3, 0.2, 0.08), taper=0.5)


@piece((0.62, 0.43, 0.38), name="cooler", seat_m=0.45)
def cooler(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.6, 0.36, 0.36), look.color((0.05, 0.15, 0.4)))
    s.box((0, 0.36, 0), (0.62, 0.07, 0.38), WHITE)


@piece((2.0, 2.2, 0.6), name="rack")
def rack(s: Props, look: Look) -> None:
    """Clothes on a rail."""
    for x in (-0.8, 0.8):
        s.limb((x, 0, 0), (x, 1.7, 0), 0.02, STEEL)
        s.box((x, 0, 0), (0.04, 0.04, 0.5), STEEL)
    s.limb((-0.85, 1.68, 0), (0.85, 1.68, 0), 0.02, STEEL)
    for x in spread(7, 0.2):
        s.limb((x, 0.7, 0), (x, 1.6, 0), 0.17, s.rng.choice(CLOTH), taper=0.7, flat=1.0)


@piece((1.6, 1.5, 0.9), name="machine", lean_m=1.0)
def machine(s: Props, look: Look) -> None:
    color = look.color((0.1, 0.2, 0.16))
    s.box((0, 0, 0), (1.6, 0.8, 0.9), color)
    s.box((-0.4, 0.8, -0.1), (0.7, 0.7, 0.6), scaled(color, 0.8))
    s.limb((0.1, 1.05, 0), (0.8, 1.05, 0), 0.16, STEEL)
    s.limb((0.5, 0.8, 0.2), (0.5, 1.3, 0.2), 0.05, STEEL)
    for k in range(3):
        s.ball(
            (-0.6 + 0.2 * k, 1.25, 0.21),
            0.04,
            ((0.5, 0.03, 0.02), (0.05, 0.3, 0.06), (0.5, 0.4, 0.05))[k],
            glow=(0.3, 0.1, 0.05),
        )


@piece((0.64, 0.21, 0.64), name="tyre", seat_m=0.25)
def tyre(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.2, 0), 0.32, BLACK)
    s.limb((0, 0.19, 0), (0, 0.21, 0), 0.18, (0.1, 0.1, 0.1))


@piece((0.4, 0.75, 0.4), name="traffic cone")
def traffic_cone(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.4, 0.04, 0.4), BLACK)
    s.limb((0, 0.04, 0), (0, 0.72, 0), 0.15, (0.6, 0.13, 0.02), taper=0.15)
    s.limb((0, 0.3, 0), (0, 0.44, 0), 0.106, WHITE, taper=0.72)


@piece((0.32, 3.45, 0.32), name="traffic light")
def traffic_light(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 3.2, 0), 0.06, BLACK)
    s.box((0, 2.5, 0.1), (0.32, 0.95, 0.24), BLACK)
    for k, glow in enumerate(((0.02, 0.3, 0.04), (0.2, 0.13, 0.01), (5.0, 0.2, 0.1))):
        s.ball((0, 2.65 + 0.3 * k, 0.22), (0.1, 0.1, 0.04), (0.1, 0.1, 0.1), glow=glow)


@piece((2.7, 2.45, 1.5), name="swing", seat_m=0.5)
def swing(s: Props, look: Look) -> None:
    for x in (-1.3, 1.3):
        for z in (-0.7, 0.7):
            s.limb((x, 0, z), (x, 2.4, 0), 0.05, look.color((0.4, 0.05, 0.04)))
    s.limb((-1.3, 2.4, 0), (1.3, 2.4, 0), 0.05, look.color((0.4, 0.05, 0.04)))
    s.box((0, 0.47, 0), (0.5, 0.04, 0.24), WOOD)
    for x in (-0.22, 0.22):
        s.limb((x, 0.5, 0), (x, 2.4, 0), 0.012, STEEL)


@piece((0.5, 0.5, 0.5), name="block")
def block(s: Props, look: Look) -> None:
    """What stands for a thing that nobody knows how to build: a plain block with a card on each side to write on."""
    wide, high, deep = look.size_m or (0.5, 0.5, 0.5)
    color = look.color((0.34, 0.32, 0.29))
    s.box((0, 0, 0), (wide, high, deep), color)
    card = min(wide, high) * 0.55
    for z in (-1, 1):
        s.box((0, high * 0.5 - card * 0.3, z * deep / 2), (card, card * 0.6, 0.01), PAPER)
        for k in (0.25, 0.5, 0.75):
            s.box(
                (0, high * 0.5 - card * 0.3 + card * 0.6 * k, z * (deep / 2 + 0.006)),
                (card * 0.7, card * 0.04, 0.004),
                BLACK,
            )
