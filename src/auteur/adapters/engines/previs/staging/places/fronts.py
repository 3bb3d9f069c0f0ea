"""Buildings from the pavement before them: what an exterior of a bakery, a hospital or a courthouse is."""

import math
from collections.abc import Iterable

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import BLACK, CLOTH, CONCRETE, STEEL, STONE, WHITE, WOOD, scaled
from auteur.adapters.engines.previs.staging.pieces import Look, put, spread
from auteur.adapters.engines.previs.staging.places.site import Site, place

_FRONT_M = -4.6
"""Where the building stands, behind the action."""
_GLASS: Vector = (0.07, 0.08, 0.09)
_TABLES = ("cafe", "café", "coffee", "restaurant", "bistro", "diner", "trattoria", "ice cream", "brasserie")


def _lit(b: Site, color: Vector = (1.5, 1.05, 0.6)) -> Vector:
    return color if b.dark else (0.04, 0.04, 0.045)


def _street(b: Site) -> None:
    """A pavement before the building, and a row of others beside it."""
    b.floor((0.075, 0.075, 0.08), "earth", 4.0)
    with b.s.thing("pavement"):
        b.s.box((0, -0.1, -1.6), (60, 0.115, 6.8), (0.34, 0.33, 0.31), pattern="tiles", scale=0.9)
    for side in (-1, 1):
        for k in range(3):
            b.facade(side * (9.6 + 8.0 * k), _FRONT_M, 7.9, b.rng.uniform(8, 13), 7, 0.0, shop=(k + side) % 2 == 0)
        put(b.s, "lamp post", (side * 6.4, 0.0, 1.2), look=Look(dark=b.dark))
    b.ridges = ((0.16, 1.0), (0.1, 1.0))
    b.clear = (-3.0, -2.6, 3.0, 5.0)


def _lamp(b: Site, foot: Vector, top: Vector, wide: float) -> None:
    """A globe on its arm or post, which lights what is before it."""
    with b.s.thing("lamp"):
        b.s.limb(foot, top, 0.25 * wide, BLACK)
        b.s.ball(top, wide, WHITE, glow=(8.5, 6, 3.3) if b.dark else (0.35, 0.35, 0.35))
    if b.dark:
        b.s.light((top[0], top[1] - 0.15, top[2] + 0.4), (2.6, 1.8, 0.9))


def _says(b: Site, words: Iterable[str]) -> bool:
    said = " ".join(b.traits).lower()
    return any(word in said for word in words)


@place("storefront")
def storefront(b: Site) -> None:
    _street(b)
    z, wide = _FRONT_M, 11.0
    wall = b.rng.choice(((0.42, 0.36, 0.28), (0.36, 0.19, 0.14), (0.47, 0.44, 0.38), (0.3, 0.31, 0.3)))
    paint, cloth = b.rng.sample(CLOTH, 2)
    with b.s.placed((0, 0, z)):
        with b.s.thing("building"):
            glow: Vector = (2.0, 1.4, 0.7) if b.dark else (0, 0, 0)
            b.s.box((0, 3.7, -3.5), (wide, 7.0, 7), wall, pattern="windows", scale=2.4, glow=glow)
            b.s.box((0, 0, -3.6), (wide, 3.7, 7), scaled(paint, 0.45))
            for x in (-5.3, -1.75, 1.05, 5.3):
                b.s.box((x, 0, 0.06), (0.36, 3.1, 0.26), scaled(paint, 0.6))
            b.s.box((0, 3.05, 0.1), (wide, 0.62, 0.3), scaled(paint, 0.8))
            b.s.box((0, 3.2, 0.27), (5.2, 0.34, 0.03), scaled(WHITE, 0.8))
        with b.s.thing("window"):
            for x, broad in ((-3.52, 3.2), (3.18, 3.9)):
                b.s.box((x, 0, 0.04), (broad, 0.7, 0.24), scaled(paint, 0.7))
                b.s.box((x, 0.72, 0.0), (broad, 2.3, 0.08), _GLASS, glow=_lit(b))
                for k in spread(3, broad / 3):
                    b.s.box((x + k, 0.72, 0.06), (0.05, 2.3, 0.05), scaled(paint, 0.5))
                b.s.box((x, 0.74, 0.1), (broad, 0.06, 0.3), scaled(WOOD, 1.2))
        with b.s.thing("door"):
            b.s.box((-0.35, 0.0, 0.0), (1.5, 2.4, 0.1), scaled(paint, 0.9))
            b.s.box((-0.35, 0.85, 0.06), (1.1, 1.35, 0.02), _GLASS, glow=_lit(b))
            b.s.box((-0.35, 2.44, 0.0), (1.5, 0.5, 0.06), _GLASS, glow=_lit(b))
            b.s.ball((0.2, 1.05, 0.12), 0.05, scaled(STEEL, 1.3))
            b.s.box((-0.35, -0.02, 0.35), (1.9, 0.1, 0.6), scaled(STONE, 1.1))
        with b.s.thing("awning"):
            for k, x in enumerate(spread(14, 0.75)):
                b.s.box((x, 2.78, 0.75), (0.75, 0.05, 1.5), cloth if k % 2 else scaled(WHITE, 0.85), tilt=0.28)
        for x in (-2.9, 2.3):
            _lamp(b, (x, 3.75, 0.1), (x, 3.86, 0.58), 0.09)
    b.walls.append((-wide / 2, z, wide / 2, z))
    if _says(b, _TABLES):
        for x in (-3.9, 3.6):
            b.piece("table", x, z + 1.7, look=Look(dark=b.dark, size_m=(0.7, 0.75, 0.7)))
            for side in (-1, 1):
                b.piece("chair", x + side * 0.75, z + 1.7, -side * math.pi / 2)
    else:
        b.piece("bench", 3.4, z + 0.85)
    for x in (-5.0, 0.95):
        put(b.s, "potted plant", (x, 0, z + 0.7), look=Look(dark=b.dark, season=b.season))
    put(b.s, "bicycle", (-7.2, 0, z + 1.0), math.pi / 2, look=Look(dark=b.dark))


@place("entrance")
def entrance(b: Site) -> None:
    """Of a hospital, an office, a station: glass doors under a canopy."""
    _street(b)
    z, wide = _FRONT_M - 1.4, 22.0
    wall = b.rng.choice((scaled(CONCRETE, 1.2), (0.42, 0.4, 0.36), (0.33, 0.2, 0.15), (0.3, 0.34, 0.38)))
    with b.s.placed((0, 0, z)):
        with b.s.thing("building"):
            glow: Vector = (1.5, 1.3, 0.9) if b.dark else (0, 0, 0)
            b.s.box((0, 3.6, -6.0), (wide, 11.0, 12), wall, pattern="windows", scale=2.2, glow=glow)
            b.s.box((0, 0, -6.1), (wide, 3.6, 12), scaled(wall, 0.75))
            for side in (-1, 1):
                for k in range(3):
                    b.s.box(
                        (side * (5.2 + 2.2 * k), 0.9, 0.0), (1.6, 1.7, 0.06), _GLASS, glow=_lit(b, (1.1, 1.1, 0.95))
                    )
        with b.s.thing("canopy"):
            b.s.box((0, 3.2, 1.6), (7.6, 0.34, 3.4), scaled(STEEL, 0.8))
            b.s.box((0, 3.58, 3.28), (5.0, 0.62, 0.08), (0.05, 0.12, 0.25), glow=_lit(b, (0.1, 0.3, 0.7)))
            b.s.box((0, 3.76, 3.33), (3.6, 0.24, 0.03), WHITE, glow=_lit(b, (2.2, 2.2, 2.2)))
            for x in (-3.5, 3.5):
                b.s.limb((x, 0, 3.0), (x, 3.2, 3.0), 0.09, STEEL)
        with b.s.thing("door"):
            for x in spread(4, 1.3):
                b.s.box((x, 0.05, 0.0), (1.22, 2.5, 0.06), _GLASS, glow=_lit(b, (1.3, 1.25, 1.05)))
                b.s.box((x - 0.6, 0.05, 0.05), (0.06, 2.5, 0.06), scaled(STEEL, 1.1))
            b.s.box((0, 2.56, 0.02), (5.4, 0.12, 0.12), STEEL)
        with b.s.thing("steps"):
            for k in range(2):
                b.s.box((0, 0.0, 1.2 - 0.45 * k), (8.6 - 0.6 * k, 0.1 * (k + 1), 1.6), scaled(CONCRETE, 1.3))
        if b.dark:
            for x in (-2.0, 2.0):
                b.s.light((x, 2.9, 1.8), (9, 8.4, 7.0))
    b.walls.append((-wide / 2, z, wide / 2, z))
    for x in (-5.2, 5.2):
        put(b.s, "potted plant", (x, 0, z + 1.0), look=Look(dark=b.dark, season=b.season))
    b.piece("bench", -6.8, z + 1.3)
    b.piece("bin", 6.6, z + 1.2)


@place("portico")
def portico(b: Site) -> None:
    """Of a court, a museum, a theatre: columns over a flight of steps."""
    _street(b)
    z, wide, stone = _FRONT_M - 3.4, 20.0, scaled(STONE, 1.45)
    with b.s.placed((0, 0, z)):
        with b.s.thing("building"):
            b.s.box((0, 0, -6), (wide, 8.4, 11), scaled(stone, 0.85))
            b.s.box((0, 7.2, 0.4), (wide, 1.2, 3.2), stone)
            for k in range(5):
                b.s.box((0, 8.4 + 0.42 * k, 0.5), (wide - 4.0 * k, 0.42, 3.4), scaled(stone, 0.95))
            for x in (-7.6, -5.4, 5.4, 7.6):
                b.s.box((x, 1.6, -0.46), (1.1, 3.6, 0.08), _GLASS, glow=_lit(b))
        for x in spread(6, 3.3):
            with b.s.thing("column"):
                b.s.limb((x, 1.0, 1.2), (x, 7.0, 1.2), 0.46, stone, taper=0.84)
                b.s.box((x, 6.9, 1.2), (1.2, 0.3, 1.2), stone)
                b.s.box((x, 0.9, 1.2), (1.2, 0.24, 1.2), stone)
        with b.s.thing("door"):
            b.s.box((0, 0.96, -0.44), (2.6, 4.3, 0.14), scaled(WOOD, 0.75))
            b.s.box((0, 0.96, -0.34), (0.05, 4.3, 0.04), BLACK)
            for side in (-1, 1):
                b.s.ball((side * 0.2, 2.3, -0.32), 0.07, (0.5, 0.38, 0.1))
        with b.s.thing("steps"):
            for k in range(6):
                b.s.box((0, 0.0, 3.6 - 0.42 * k), (wide - 0.4 * k, 0.16 * (k + 1), 1.0), scaled(stone, 1.0 + 0.02 * k))
            b.s.box((0, 0.0, 0.4), (wide, 0.96, 2.6), stone)
        for x in (-4.6, 4.6):
            _lamp(b, (x, 0.96, 2.0), (x, 3.1, 2.0), 0.2)
    b.walls.append((-wide / 2, z + 3.6, wide / 2, z + 3.6))
