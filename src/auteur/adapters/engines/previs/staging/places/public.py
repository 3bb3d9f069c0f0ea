"""Rooms that are open to many: work, law, worship, drink, learning.

Long because it is a list: one place after another.
"""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import (
    BLACK,
    BRASS,
    CLOTH,
    CONCRETE,
    STEEL,
    STONE,
    WHITE,
    WOOD,
    scaled,
)
from auteur.adapters.engines.previs.staging.pieces import Look, put, spread
from auteur.adapters.engines.previs.staging.places.site import Post, Site, place, steps

_DARK_WOOD: Vector = (0.12, 0.06, 0.03)


@place("office", interior=True)
def office(b: Site) -> None:
    b.floor((0.16, 0.17, 0.2), "earth", 2.0)

    def back() -> None:
        for x in (-3.0, -1.0, 1.0, 3.0):
            b.window(x, wide=1.7, sill=0.9, high=1.5)

    b.room(
        9.0,
        4.6,
        4.0,
        2.8,
        (0.5, 0.5, 0.48),
        on_back=back,
        on_left=lambda: b.door(-1.5, pane=True),
        on_right=lambda: b.hang("wall clock", 0.5),
    )
    for x, z in ((0.0, -1.1), (-2.9, -2.6), (2.9, -2.6), (0.0, -3.4)):
        b.piece("desk", x, z)
        b.piece("office chair", x, z - 0.75)
        put(b.s, "computer", (x - 0.35, 0.75, z), 3.1416)
    put(b.s, "telephone", (0.45, 0.75, -1.0))
    b.piece("shelf", -4.1, -0.6, 1.5708)
    put(b.s, "potted plant", (4.0, 0, -4.1))
    b.tubes(((-2, -2.6), (2, -2.6), (-2, 0.4), (2, 0.4)), 2.8)
    b.clear = (-3.4, -0.4, 3.6, 3.4)


@place("corridor", interior=True)
def corridor(b: Site) -> None:
    b.floor((0.22, 0.2, 0.18), "tiles", 0.6)
    wall = b.rng.choice(((0.3, 0.33, 0.34), (0.36, 0.28, 0.2), (0.25, 0.3, 0.26)))
    _passage(b, wall, 3.4, 2.8, scaled(WOOD, 0.8))


def _passage(b: Site, wall: Vector, wide: float, high: float, door: Vector, doors: int = 5) -> None:
    """A corridor along z, 30 m of it."""
    x = wide / 2

    def row() -> None:
        for k in spread(doors, 5.2):
            b.door(k, color=door)

    b.wall((-x, -26), (x, -26), high, scaled(wall, 1.1), on_it=lambda: b.door(0.0, wide=1.5, pane=True))
    b.wall((x, -26), (x, 4), high, wall, on_it=row)
    if b.front:
        b.wall((x, 4), (-x, 4), high, wall)
    b.wall((-x, 4), (-x, -26), high, wall, on_it=row)
    b.lid(wide, 26, 4, high, scaled((0.5, 0.5, 0.48), 0.9))
    b.tubes([(0, 1.5 - 5.0 * k) for k in range(6)], high, lit=5)
    b.clear = (-x + 0.45, -8, x - 0.45, 3.4)


@place("hospital corridor", interior=True)
def hospital_corridor(b: Site) -> None:
    b.floor((0.42, 0.46, 0.44), "tiles", 0.9)
    _passage(b, (0.5, 0.56, 0.54), 3.6, 2.7, (0.3, 0.44, 0.48), 4)
    for side in (-1, 1):
        with b.s.thing("railing"):
            b.s.box((side * 1.72, 0.9, -11), (0.06, 0.12, 29), (0.2, 0.34, 0.36), shadow=False)
    b.piece("hospital bed", 1.15, -4.6)
    b.piece("chair", -1.45, -2.4, 1.5708)
    b.piece("chair", -1.45, -3.0, 1.5708)
    with b.s.thing("sign"):
        b.s.box((0, 2.25, -8), (1.6, 0.32, 0.06), (0.03, 0.2, 0.12), glow=(0.1, 0.7, 0.35))


@place("hospital room", interior=True)
def hospital_room(b: Site) -> None:
    b.floor((0.44, 0.47, 0.46), "tiles", 0.6)
    b.room(
        6.4,
        3.0,
        3.4,
        2.7,
        (0.52, 0.58, 0.57),
        on_back=lambda: b.window(1.7, wide=1.8),
        on_left=lambda: b.door(-1.2, wide=1.2, pane=True),
    )
    b.piece("hospital bed", -0.6, -1.8)
    b.piece("chair", 1.1, -1.6, -0.9)
    b.piece("night table", 0.5, -2.6)
    with b.s.thing("drip"):
        b.s.limb((-1.5, 0, -2.5), (-1.5, 2.0, -2.5), 0.018, STEEL)
        b.s.ball((-1.5, 1.85, -2.5), (0.07, 0.13, 0.04), (0.6, 0.64, 0.66))
        b.s.box((-1.5, 1.0, -2.42), (0.36, 0.3, 0.2), (0.2, 0.22, 0.22), glow=(0.05, 0.5, 0.2))
    put(b.s, "curtain", (-2.7, 0, -1.4), 1.5708, look=Look(traits=("teal",)))
    b.tubes(((0, -1.6), (0, 0.8)), 2.7)
    b.clear = (-0.2, -0.4, 2.6, 3.0)


@place("surgery", interior=True)
def surgery(b: Site) -> None:
    b.floor((0.44, 0.47, 0.46), "tiles", 0.5)
    b.room(
        6.4,
        3.0,
        3.4,
        2.7,
        (0.58, 0.6, 0.58),
        on_back=steps(lambda: b.window(1.6), lambda: b.hang("painting", -1.6)),
        on_left=lambda: b.door(-1.0),
    )
    b.piece("desk", 0.6, -1.4, 0.3)
    b.piece("office chair", 0.4, -2.1, 0.3)
    b.piece("chair", 1.0, -0.5, 3.4)
    put(b.s, "computer", (0.3, 0.75, -1.4), 3.4)
    b.piece("stretcher", -2.3, -1.8)
    b.piece("shelf", 2.8, -2.4, -1.5708)
    b.tubes(((-1, -1.4), (1, -1.4)), 2.7)


@place("bar", interior=True)
def bar(b: Site) -> None:
    b.floor((0.2, 0.12, 0.07), "planks", 0.18)

    def back() -> None:
        with b.s.thing("shelf"):
            b.s.box((0, 1.05, 0.05), (5.0, 1.7, 0.06), scaled(BRASS, 0.35), glow=(0.28, 0.16, 0.06))
            for y in (1.1, 1.55, 2.0):
                b.s.box((0, y, 0.18), (5.1, 0.04, 0.28), _DARK_WOOD)
        for y in (1.14, 1.59):
            for k, x in enumerate(spread(13, 0.36)):
                with b.s.thing("bottle"):
                    tint = ((0.05, 0.14, 0.05), (0.3, 0.14, 0.03), (0.4, 0.4, 0.42), (0.14, 0.03, 0.03))[
                        (k + int(y * 3)) % 4
                    ]
                    b.s.limb((x, y, 0.2), (x, y + 0.3, 0.2), 0.045, tint, taper=0.35)

    b.room(
        8.0,
        3.8,
        4.2,
        3.0,
        (0.16, 0.08, 0.06),
        on_back=back,
        ceiling=(0.1, 0.07, 0.05),
        on_left=lambda: b.door(-1.4, pane=True),
        on_right=lambda: b.window(1.2),
    )
    for x in (-2.2, 0.0, 2.2):
        b.piece("counter", x, -2.3)
    for x in (-2.4, -1.2, 0.0, 1.2, 2.4):
        b.piece("stool", x, -1.65)
    for x in (-1.4, 1.4):
        put(b.s, "hanging lamp", (x, 0, -2.3), look=Look(traits=("green",)))
    b.things_on(1.06, -2.6, 2.6, -2.2, 5, ("glass", "bottle", "cup"))
    for x, z in ((-2.9, 0.9), (2.9, 0.6)):
        b.piece("round table", x, z)
        b.piece("chair", x, z - 0.75)
        b.piece("chair", x, z + 0.75, math.pi)
    b.clear = (-2.2, -1.2, 2.2, 3.4)
    b.spots = [
        ((-0.6, 0, -1.2), math.pi),
        ((0.6, 0, -1.2), math.pi),
        ((0, 0, -2.95), 0.0),
        ((0, 0, 0.4), 0.0),
        ((-1.2, 0, 0.8), 0.3),
        ((1.2, 0, 0.8), -0.3),
    ]


@place("cafe", interior=True)
def cafe(b: Site) -> None:
    b.floor((0.5, 0.46, 0.38), "tiles", 0.45)

    def back() -> None:
        b.window(-2.2, wide=2.6, sill=0.5, high=2.0)
        b.window(1.0, wide=2.6, sill=0.5, high=2.0)
        b.door(3.2, pane=True)

    b.room(8.4, 3.6, 4.0, 2.9, (0.4, 0.28, 0.16), on_back=back, on_left=lambda: b.hang("blackboard", 0.5))
    for x, z in ((0.0, -1.0), (-2.4, -1.9), (2.4, -1.8), (-2.3, 1.0), (2.5, 0.8)):
        b.piece("round table", x, z)
        b.piece("chair", x - 0.65, z, math.pi / 2)
        b.piece("chair", x + 0.65, z, -math.pi / 2)
        put(b.s, "cup", (x + 0.12, 0.74, z + 0.1))
    b.piece("counter", -3.6, -0.6, 1.5708)
    for x in (-1.6, 1.6):
        put(b.s, "hanging lamp", (x, 0, -1.4))
    b.clear = (-1.6, -0.4, 1.8, 3.2)


@place("restaurant", interior=True)
def restaurant(b: Site) -> None:
    b.floor((0.22, 0.07, 0.06), "earth", 2.0)
    b.room(
        9.0,
        4.4,
        4.2,
        3.2,
        (0.36, 0.3, 0.2),
        on_back=steps(
            lambda: b.window(-2.4, wide=1.8), lambda: b.window(2.4, wide=1.8), lambda: b.hang("painting", 0.0)
        ),
        on_left=lambda: b.door(-1.6, wide=1.3),
    )
    for x, z in ((0.0, -1.1), (-2.8, -2.4), (2.8, -2.4), (-2.9, 0.8), (2.9, 0.8)):
        with b.s.placed((x, 0, z)), b.s.thing("table"):
            b.s.limb((0, 0.08, 0), (0, 0.72, 0), 0.6, scaled(WHITE, 0.9), taper=0.95)
            b.s.limb((0, 0.72, 0), (0, 0.75, 0), 0.58, WHITE)
        b.piece("chair", x - 0.8, z, math.pi / 2)
        b.piece("chair", x + 0.8, z, -math.pi / 2)
        put(b.s, "candle", (x, 0.75, z), look=Look(traits=("low",)))
        put(b.s, "wine glass", (x + 0.22, 0.75, z + 0.15))
    put(b.s, "chandelier", (0, -1.2, -1.0))
    b.clear = (-1.8, -0.2, 1.8, 3.4)


@place("shop", interior=True)
def shop(b: Site) -> None:
    b.floor((0.46, 0.44, 0.4), "tiles", 0.6)
    b.room(
        7.6,
        3.8,
        4.0,
        2.9,
        (0.5, 0.48, 0.42),
        on_left=lambda: b.window(0.4, wide=2.6, sill=0.5, high=1.9),
        on_right=lambda: b.door(1.2, pane=True),
    )
    for x in (-2.4, 0.0, 2.4):
        with b.s.placed((x, 0, -3.5)):
            b.goods(2.2, 2.2, 0.4, 4, 7)
    b.piece("counter", 0.6, -1.9)
    with b.s.thing("cash register"):
        b.s.box((1.2, 1.06, -1.9), (0.4, 0.26, 0.36), (0.1, 0.1, 0.11))
        b.s.box((1.2, 1.3, -1.98), (0.3, 0.14, 0.04), (0.05, 0.08, 0.06), glow=(0.1, 0.6, 0.3))
    b.piece("crate", -2.6, -1.4, 0.2)
    b.piece("basket", -2.6, -1.4, y=0.6)
    b.tubes(((-1.5, -1.4), (1.5, -1.4)), 2.9)
    b.clear = (-2.2, -1.0, 2.8, 3.4)


@place("supermarket", interior=True)
def supermarket(b: Site) -> None:
    b.floor((0.55, 0.55, 0.53), "tiles", 0.6)
    b.room(12.0, 12.0, 4.0, 3.4, (0.6, 0.6, 0.58), skirting=False)
    for x, heading in ((-1.7, math.pi / 2), (1.7, -math.pi / 2)):
        for k in range(3):
            with b.s.placed((x, 0, -1.2 - 3.3 * k), heading):
                b.goods(3.2, 1.9, 0.5, 3, 8)
    b.tubes([(x, z) for x in (-3, 0, 3) for z in (-9, -5, -1)], 3.4)
    b.clear = (-1.2, -8.0, 1.2, 3.4)


@place("church", interior=True)
def church(b: Site) -> None:
    b.floor(scaled(STONE, 1.1), "tiles", 0.8)

    def side() -> None:
        for x in spread(4, 3.6):
            b.window(x, wide=1.1, sill=2.6, high=2.6, arched=True)

    def back() -> None:
        with b.s.thing("window"):
            b.s.limb(
                (0, 4.9, 0.0),
                (0, 4.9, 0.1),
                1.3,
                (0.1, 0.1, 0.1),
                glow=(0.05, 0.06, 0.12) if b.dark else (1.6, 1.2, 2.0),
                shadow=False,
            )
            for k in range(6):
                a = k * math.pi / 3
                tint = ((0.5, 0.05, 0.05), (0.05, 0.15, 0.5), (0.5, 0.4, 0.05))[k % 3]
                b.s.limb(
                    (0.75 * math.cos(a), 4.9 + 0.75 * math.sin(a), 0.08),
                    (0.75 * math.cos(a), 4.9 + 0.75 * math.sin(a), 0.13),
                    0.34,
                    tint,
                    glow=scaled(tint, 0.4 if b.dark else 3.5),
                    shadow=False,
                )

    wall = scaled(STONE, 1.5)
    b.wall((-5, -11), (5, -11), 8, wall, on_it=back, skirting=False)
    b.wall((5, -11), (5, 5), 8, wall, on_it=side, skirting=False)
    if b.front:
        b.wall((5, 5), (-5, 5), 8, wall, on_it=lambda: b.door(0.0, wide=2.0, high=3.0), skirting=False)
    b.wall((-5, 5), (-5, -11), 8, wall, on_it=side, skirting=False)
    with b.s.thing("steps"):
        b.s.box((0, 0, -8.6), (8.0, 0.16, 4.6), scaled(STONE, 1.3))
        b.s.box((0, 0.16, -8.9), (7.4, 0.16, 3.8), scaled(STONE, 1.3))
    b.piece("altar", 0.0, -9.0, y=0.32)
    with b.s.thing("cross"):
        b.s.box((0, 1.6, -10.8), (0.24, 2.1, 0.16), scaled(WOOD, 0.7))
        b.s.box((0, 2.9, -10.8), (1.3, 0.24, 0.16), scaled(WOOD, 0.7))
    for side_ in (-1, 1):
        for k in range(5):
            b.piece("pew", side_ * 2.35, -5.6 + 1.6 * k, math.pi)
        for k in range(3):
            with b.s.thing("column"):
                b.s.limb((side_ * 4.2, 0, -8.5 + 4.5 * k), (side_ * 4.2, 7.0, -8.5 + 4.5 * k), 0.34, scaled(STONE, 1.7))
                b.s.box((side_ * 4.2, 0, -8.5 + 4.5 * k), (0.9, 0.4, 0.9), scaled(STONE, 1.4))
        with b.flat((side_ * 3, 8, 0), (0.0, 1.0, 0.0)), b.s.thing("ceiling"):
            b.s.box((side_ * 2.6, 8.6, -3), (6.4, 0.16, 16.4), scaled(WOOD, 0.8), roll=-side_ * 0.5, shadow=False)
    b.piece("lectern", 2.6, -7.6, -0.3, y=0.16)
    with b.s.thing("rug"):
        b.s.box((0, 0.005, -1.5), (1.3, 0.012, 12), (0.3, 0.03, 0.04))
    b.clear, b.ceiling_m = (-0.6, -7.0, 0.6, 4.0), 8.0
    b.spots = [
        ((0, 0, 0.0), math.pi),
        ((0, 0.32, -7.8), 0.0),
        ((-0.5, 0.32, -7.9), 0.8),
        ((0.5, 0.32, -7.9), -0.8),
        ((0, 0, -4.0), 0.0),
    ]


@place("courtroom", interior=True)
def courtroom(b: Site) -> None:
    b.floor((0.28, 0.17, 0.1), "planks", 0.2)

    def back() -> None:
        with b.s.thing("panel"):
            for x in spread(5, 1.9):
                b.s.box((x, 0.3, 0.03), (1.6, 3.0, 0.05), scaled(WOOD, 0.9), shadow=False)
            b.s.limb((0, 3.3, 0.04), (0, 3.3, 0.1), 0.55, BRASS)
            b.s.limb((0, 3.3, 0.09), (0, 3.3, 0.12), 0.42, scaled(BRASS, 0.4))
        b.door(-4.2)

    b.room(
        10.5,
        5.4,
        4.2,
        4.4,
        scaled(WOOD, 1.5),
        on_back=back,
        on_left=lambda: b.window(1.0, sill=1.4, high=2.2),
        on_right=lambda: b.window(1.5, sill=1.4, high=2.2),
    )
    with b.s.thing("judge's bench"):
        b.s.box((0, 0, -4.1), (5.0, 0.8, 2.0), scaled(WOOD, 0.7))
        b.s.box((0, 0.5, -3.3), (4.4, 1.1, 0.2), scaled(WOOD, 0.9))
        b.s.box((0, 1.58, -3.35), (4.6, 0.07, 0.55), scaled(WOOD, 1.3))
        for x in spread(4, 1.05):
            b.s.box((x, 0.65, -3.18), (0.85, 0.75, 0.04), scaled(WOOD, 1.3))
    b.piece("armchair", 0.0, -4.2, y=0.8)
    put(b.s, "hammer", (0.5, 1.65, -3.4), 1.2)
    b.posts.append(
        Post(
            who=frozenset({"judge", "magistrate"}), thing="judge's bench", called=frozenset({"bench", "desk", "dais"}),
            at=(0.0, 0.8, -4.15), pose="sit", seat_m=0.45,
        )
    )  # fmt: skip
    b.piece("lectern", 2.6, -2.7, -0.5)
    for x in (-1.6, 1.6):
        b.piece("table", x, 0.4, math.pi)
        b.piece("chair", x - 0.4, 1.2, math.pi)
        b.piece("chair", x + 0.4, 1.2, math.pi)
    with b.s.thing("jury box"):
        b.s.box((-4.3, 0, -1.4), (0.16, 1.0, 3.6), scaled(WOOD, 0.9))
        for z in spread(4, 0.8):
            b.s.box((-4.85, 0.45, -1.4 + z), (0.5, 0.06, 0.55), _DARK_WOOD)
            b.s.box((-5.05, 0.5, -1.4 + z), (0.06, 0.6, 0.55), _DARK_WOOD)
    put(b.s, "flag", (3.2, 0, -4.8))
    b.clear = (-3.4, -2.2, 3.6, 0.0)
    b.spots = [((0, 0.0, -1.4), math.pi), ((0, 0.8, -4.1), 0.0), ((1.6, 0, -0.6), math.pi), ((-1.6, 0, -0.6), math.pi)]


@place("theatre", interior=True)
def theatre(b: Site) -> None:
    b.floor((0.16, 0.03, 0.03), "earth", 2.0)
    with b.s.thing("stage"):
        b.s.box((0, 0, -5.0), (11.0, 0.0 + 1.0, 7.0), scaled(WOOD, 0.9), pattern="planks", scale=0.3)
    b.wall((-7, -8.6), (7, -8.6), 7.0, (0.05, 0.05, 0.06), skirting=False)
    for side in (-1, 1):
        with b.s.placed((side * 4.6, 1.0, -3.6), scale=2.2):
            put(b.s, "curtain", (0, 0, 0))
        with b.s.thing("wall"):
            b.s.box((side * 6.4, 0, -1.6), (1.6, 7.0, 0.4), (0.3, 0.2, 0.08))
    with b.s.placed((0, 5.0, -1.7)), b.s.thing("curtain"):
        for k, x in enumerate(spread(8, 1.45)):
            b.s.ball((x, 0.6, 0), (0.85, 0.9, 0.2), scaled((0.3, 0.03, 0.03), 0.8 + 0.4 * (k % 2)))
    with b.s.thing("wall"):
        b.s.box((0, 6.0, -1.55), (14.4, 1.2, 0.4), (0.3, 0.2, 0.08))
    for row in range(3):
        for x in spread(9, 0.62):
            with b.s.thing("seat"):
                b.s.box((x, 0.0, 0.9 + 1.0 * row), (0.54, 0.95, 0.14), (0.26, 0.02, 0.03))
    for x in (-2.5, 0.0, 2.5):
        with b.s.thing("lamp"):
            b.s.limb((x, 5.6, -1.9), (x * 0.9, 5.2, -2.4), 0.16, BLACK, taper=1.3)
        b.s.light((x, 4.2, -3.2), (9, 7.5, 5))
    b.clear, b.ceiling_m = (-3.4, -7.0, 3.4, -2.0), None
    b.spots = [((x, 1.0, z), 0.0) for z in (-3.6, -5.2) for x in (0.0, -1.2, 1.2, -2.6, 2.6)]


@place("ballroom", interior=True)
def ballroom(b: Site) -> None:
    b.floor((0.42, 0.28, 0.15), "tiles", 1.2)

    def long() -> None:
        for x in spread(4, 4.4):
            b.window(x, wide=1.8, sill=0.5, high=3.8, arched=True)

    def back() -> None:
        b.door(0.0, wide=2.4, high=3.2, color=scaled(WHITE, 0.9))
        for x in (-4.6, 4.6):
            b.hang("mirror", x, y=1.2)

    wall = (0.52, 0.46, 0.34)
    b.wall((-8, -14), (8, -14), 7.5, wall, on_it=back)
    b.wall((8, -14), (8, 6), 7.5, wall, on_it=long)
    if b.front:
        b.wall((8, 6), (-8, 6), 7.5, wall)
    b.wall((-8, 6), (-8, -14), 7.5, wall, on_it=long)
    b.lid(16, 14, 6, 7.5, (0.6, 0.56, 0.46))
    for z in (-9.0, -2.0):
        with b.s.placed((0, 1.4, z), scale=1.6):
            put(b.s, "chandelier", (0, -0.6, 0))
    for x in (-7.2, 7.2):
        for z in (-11.0, -4.0):
            with b.s.thing("column"):
                b.s.limb((x, 0, z), (x, 7.4, z), 0.36, WHITE)
    b.clear = (-6.4, -12.0, 6.4, 5.0)


@place("prison cell", interior=True)
def prison_cell(b: Site) -> None:
    b.floor(scaled(CONCRETE, 0.8), "earth", 2.0)
    wall = (0.3, 0.33, 0.3)
    b.room(3.4, 2.2, 2.4, 2.7, wall, pattern="stripes", scale=1.35, skirting=False, ceiling=scaled(wall, 0.7),
           on_back=lambda: b.window(0.5, wide=0.7, sill=1.8, high=0.6))  # fmt: skip
    with b.s.thing("bars"):
        for x in spread(4, 0.16):
            b.s.limb((0.5 + x, 1.75, -2.05), (0.5 + x, 2.45, -2.05), 0.016, BLACK)
    b.piece("bunk", -1.15, -0.9)
    b.piece("toilet", 1.2, -1.6)
    b.piece("basin", 1.4, -0.6, -1.5708)
    with b.flat((0, 0, 2.3), (0, 0, 1)), b.s.thing("bars"):
        if b.front:
            for x in spread(17, 0.2):
                b.s.limb((x, 0, 2.3), (x, 2.7, 2.3), 0.022, BLACK)
    b.s.light((0, 2.4, 0), (2.0, 2.0, 1.7))
    b.clear = (-0.5, -1.5, 1.0, 2.0)


@place("library", interior=True)
def library(b: Site) -> None:
    b.floor((0.24, 0.14, 0.08), "planks", 0.2)
    b.room(
        9.0,
        4.4,
        4.2,
        4.2,
        (0.22, 0.24, 0.2),
        on_back=lambda: b.window(0.0, wide=1.6, sill=1.0, high=2.6, arched=True),
        on_left=lambda: b.door(-2.4),
    )
    for x, z, heading in ((-2.8, -4.0, 0.0), (2.8, -4.0, 0.0), (-4.1, -1.0, math.pi / 2), (4.1, -1.0, -math.pi / 2)):
        with b.s.placed((x, 0, z), heading):
            b.goods(3.0, 3.2, 0.36, 6, 9)
    put(b.s, "ladder", (-2.0, 0, -3.3))
    b.piece("table", 0.0, -1.3)
    b.piece("chair", -0.4, -2.1)
    b.piece("chair", 0.4, -0.5, math.pi)
    put(b.s, "table lamp", (0.0, 0.77, -1.3), look=Look(dark=True, traits=("green",)))
    put(b.s, "book", (0.5, 0.77, -1.2), 0.3, look=Look(traits=("open",)))
    b.clear = (-2.8, -0.2, 2.8, 3.6)


@place("classroom", interior=True)
def classroom(b: Site) -> None:
    b.floor((0.36, 0.26, 0.16), "planks", 0.2)

    def windows() -> None:
        for x in spread(3, 2.2):
            b.window(x, wide=1.6, sill=1.0, high=1.5)

    b.room(
        8.0,
        4.2,
        4.6,
        3.0,
        (0.5, 0.5, 0.4),
        on_back=steps(lambda: b.hang("blackboard", 0.0), lambda: b.hang("wall clock", 2.8)),
        on_left=windows,
        on_right=lambda: b.door(2.8),
    )
    b.piece("desk", 1.9, -3.0)
    put(b.s, "apple", (1.7, 0.75, -2.9))
    for row in range(3):
        for x in (-2.4, 0.0, 2.4):
            b.piece("school desk", x, 0.1 + 1.5 * row - 0.4, math.pi)
    b.tubes(((-2, -1), (2, -1), (-2, 2.4), (2, 2.4)), 3.0)
    b.clear = (-3.0, -3.4, 1.0, -1.2)
    b.spots = [((-0.6, 0, -2.6), 0.0), ((0.6, 0, -2.2), 0.0), ((-1.2, 0, -0.4), math.pi), ((1.2, 0, -0.4), math.pi)]


@place("workshop", interior=True)
def workshop(b: Site) -> None:
    b.floor(scaled(CONCRETE, 0.9), "earth", 2.5)

    def back() -> None:
        b.window(2.0, wide=1.8)
        with b.s.thing("tools"):
            b.s.box((-1.2, 1.2, 0.03), (3.0, 1.2, 0.05), scaled(WOOD, 1.7))
            for k, x in enumerate(spread(9, 0.3)):
                b.s.limb((-1.2 + x, 1.45, 0.1), (-1.2 + x, 1.95 + 0.1 * (k % 3), 0.1), 0.02, STEEL)
                b.s.box(
                    (-1.2 + x, 1.95 + 0.1 * (k % 3), 0.1), (0.12, 0.06, 0.04), (STEEL, BLACK, (0.3, 0.05, 0.03))[k % 3]
                )

    b.room(7.6, 3.6, 3.8, 3.2, (0.34, 0.33, 0.29), on_back=back, skirting=False, on_right=lambda: b.door(1.4))
    b.piece("table", -1.2, -3.0)
    put(b.s, "hammer", (-1.5, 0.77, -2.9), 1.2)
    put(b.s, "clock", (-0.8, 0.77, -3.1))
    put(b.s, "table lamp", (-0.3, 0.77, -3.1), look=Look(dark=True))
    b.piece("machine", 2.7, -1.6, -0.6)
    b.piece("shelf", -3.4, -1.4, 1.5708)
    b.piece("stool", -1.0, -2.2)
    b.piece("crate", 3.0, 0.6, 0.4)
    b.tubes(((-1, -1), (2, -1)), 3.2, lit=2)
    b.clear = (-2.6, -1.8, 1.8, 3.2)


@place("factory", interior=True)
def factory(b: Site) -> None:
    b.floor(CONCRETE, "earth", 4.0)

    def tall() -> None:
        for x in spread(5, 4.2):
            b.window(x, wide=2.8, sill=3.4, high=2.6)

    wall = (0.3, 0.24, 0.2)
    b.wall(
        (-9, -18),
        (9, -18),
        8,
        wall,
        skirting=False,
        on_it=lambda: b.door(0.0, wide=4.0, high=4.2, color=(0.16, 0.2, 0.24)),
    )
    b.wall((9, -18), (9, 6), 8, wall, skirting=False, on_it=tall)
    if b.front:
        b.wall((9, 6), (-9, 6), 8, wall, skirting=False)
    b.wall((-9, 6), (-9, -18), 8, wall, skirting=False, on_it=tall)
    with b.flat((0, 8, 0), (0, 1, 0)), b.s.thing("ceiling"):
        b.s.box((0, 8, -6), (18, 0.2, 24), (0.12, 0.12, 0.12), shadow=False)
        for k in range(6):
            b.s.box((0, 7.3, 4 - 4.2 * k), (18, 0.3, 0.3), STEEL, shadow=False)
    for x, z in ((-4.2, -3.0), (4.2, -3.0), (-4.2, -7.5), (4.2, -7.5), (-4.2, -12.0), (4.2, -12.0)):
        b.piece("machine", x, z, math.pi / 2 * (1 if x < 0 else -1), look=Look(dark=b.dark))
    with b.s.thing("pipe"):
        for y in (5.2, 5.7):
            b.s.limb((-8.6, y, 5), (-8.6, y, -17), 0.2, scaled(STEEL, 0.8))
    for x, z in ((-2.0, -4.5), (2.2, -9.5)):
        b.piece("crate", x, z, 0.3)
    for z in (-1.0, -7.0, -13.0):
        with b.s.thing("lamp"):
            b.s.limb((0, 5.6, z), (0, 5.95, z), 0.5, BLACK, taper=0.3)
            b.s.ball((0, 5.6, z), 0.2, (1, 1, 1), glow=(12, 11, 8))
        b.s.light((0, 5.0, z), (16, 14, 10))
    b.clear, b.ceiling_m = (-2.6, -10.0, 2.6, 5.0), 8.0


@place("warehouse", interior=True)
def warehouse(b: Site) -> None:
    b.floor(CONCRETE, "earth", 4.0)
    wall = (0.26, 0.28, 0.3)
    b.wall(
        (-9, -18),
        (9, -18),
        7,
        wall,
        skirting=False,
        on_it=lambda: b.door(2.5, wide=3.6, high=3.8, color=(0.3, 0.3, 0.28)),
    )
    b.wall((9, -18), (9, 6), 7, wall, skirting=False)
    if b.front:
        b.wall((9, 6), (-9, 6), 7, wall, skirting=False)
    b.wall((-9, 6), (-9, -18), 7, wall, skirting=False)
    b.lid(18, 18, 6, 7, (0.1, 0.1, 0.1))
    for side in (-1, 1):
        for k in range(3):
            for y in (0.0, 1.0, 2.0):
                with b.s.thing("crate"):
                    b.s.box(
                        (side * 4.6, y, -2.5 - 4.2 * k),
                        (1.7, 0.9, 1.5),
                        scaled((0.34, 0.22, 0.1), b.rng.uniform(0.7, 1.2)),
                        turn=b.rng.uniform(-0.08, 0.08),
                    )
            b.piece("barrel", side * 3.0, -3.4 - 4.2 * k)
    for z in (-1.0, -7.0, -13.0):
        with b.s.thing("lamp"):
            b.s.limb((0, 5.6, z), (0, 5.95, z), 0.5, BLACK, taper=0.3)
            b.s.ball((0, 5.6, z), 0.2, (1, 1, 1), glow=(12, 11, 8))
        b.s.light((0, 5.0, z), (14, 12, 8))
    b.clear, b.ceiling_m = (-2.4, -9.0, 2.4, 5.0), 7.0


@place("laboratory", interior=True)
def laboratory(b: Site) -> None:
    b.floor((0.5, 0.52, 0.53), "tiles", 0.6)
    b.room(
        7.4,
        3.6,
        3.6,
        2.8,
        (0.55, 0.58, 0.6),
        on_back=steps(lambda: b.window(-1.8, wide=1.8), lambda: b.window(1.8, wide=1.8)),
        on_left=lambda: b.door(-1.0, pane=True),
    )
    for x, z in ((0.0, -1.2), (0.0, -3.1)):
        with b.s.placed((x, 0, z)), b.s.thing("counter"):
            b.s.box((0, 0, 0), (4.2, 0.88, 0.7), (0.5, 0.52, 0.54))
            b.s.box((0, 0.88, 0), (4.3, 0.05, 0.8), (0.08, 0.09, 0.1))
    for k, x in enumerate(spread(7, 0.5)):
        with b.s.thing("flask"):
            tint = ((0.05, 0.4, 0.1), (0.5, 0.1, 0.05), (0.05, 0.2, 0.5))[k % 3]
            b.s.limb((x, 0.93, -1.2), (x, 1.1, -1.2), 0.09, tint, taper=0.25, glow=scaled(tint, 0.3))
            b.s.limb((x, 1.1, -1.2), (x, 1.22, -1.2), 0.022, (0.5, 0.55, 0.55))
    put(b.s, "computer", (1.4, 0.93, -3.1))
    b.piece("stool", -0.8, -2.0)
    b.tubes(((-1.4, -1.2), (1.4, -1.2)), 2.8)
    b.clear = (-2.6, -0.6, 2.6, 3.2)


@place("lobby", interior=True)
def lobby(b: Site) -> None:
    b.floor((0.5, 0.46, 0.4), "tiles", 1.0)
    b.room(
        11.0,
        6.0,
        4.4,
        4.0,
        (0.4, 0.32, 0.22),
        on_back=steps(
            lambda: b.hang("wall clock", 0.0),
            lambda: b.door(3.4, wide=1.4, high=2.3, color=STEEL),
            lambda: b.door(-3.4, wide=1.4, high=2.3, color=STEEL),
        ),
        on_left=lambda: b.window(0.0, wide=3.0, sill=0.3, high=2.8),
    )
    for x in (-1.1, 1.1):
        b.piece("counter", x, -3.6)
    b.piece("sofa", -4.2, -0.6, 1.5708)
    b.piece("low table", -2.9, -0.6, 1.5708)
    for x in (-4.8, 4.8):
        put(b.s, "potted plant", (x, 0, -5.2))
    for x in (-2.6, 2.6):
        with b.s.thing("column"):
            b.s.limb((x, 0, -1.6), (x, 4.0, -1.6), 0.3, scaled(WHITE, 0.9))
    put(b.s, "chandelier", (0, -0.6, -1.0))
    b.clear = (-2.2, -2.8, 3.6, 3.8)


@place("gym", interior=True)
def gym(b: Site) -> None:
    b.floor((0.42, 0.27, 0.13), "planks", 0.3)
    b.room(
        12.0,
        7.0,
        5.0,
        5.0,
        (0.4, 0.42, 0.44),
        on_left=lambda: b.window(0.0, sill=3.0, wide=4.0, high=1.4),
        on_right=lambda: b.door(2.0, wide=1.6),
    )
    with b.s.thing("ring"):
        b.s.box((0, 0, -2.6), (5.4, 0.5, 5.4), (0.1, 0.16, 0.32))
        for x in (-2.6, 2.6):
            for z in (-5.2, 0.0):
                b.s.limb((x, 0.5, z), (x, 1.9, z), 0.08, (0.4, 0.04, 0.04))
        for y in (0.9, 1.3, 1.7):
            for x in (-2.6, 2.6):
                b.s.limb((x, y, -5.2), (x, y, 0.0), 0.022, WHITE)
            b.s.limb((-2.6, y, -5.2), (2.6, y, -5.2), 0.022, WHITE)
    for x in (-4.6, 4.6):
        with b.s.thing("punch bag"):
            b.s.limb((x, 0.9, -4.0), (x, 2.1, -4.0), 0.2, (0.25, 0.04, 0.03))
            b.s.limb((x, 2.1, -4.0), (x, 5.0, -4.0), 0.015, BLACK)
    b.piece("bench", -4.6, 0.6, 1.5708)
    b.tubes(((0, -3.4), (0, 0.6)), 5.0)
    b.spots = [((0.0, 0.5, -2.2), 0.0), ((-0.8, 0.5, -2.6), 0.8), ((0.8, 0.5, -2.6), -0.8), ((0, 0, 1.0), 0.0)]
    b.clear = (-2.4, -4.8, 2.4, 3.6)


@place("museum", interior=True)
def museum(b: Site) -> None:
    b.floor((0.4, 0.3, 0.2), "planks", 0.24)

    def row() -> None:
        for x in spread(3, 2.8):
            with b.s.placed((x, 0.2, 0), scale=1.3):
                b.hang("painting", 0.0, y=-0.3)

    b.room(
        9.0,
        5.0,
        4.4,
        4.0,
        (0.3, 0.1, 0.1),
        on_back=row,
        on_left=row,
        on_right=steps(lambda: b.door(-3.0, wide=1.6, high=2.6, open_=True)),
    )
    b.piece("bench", 0.0, -0.8, math.pi)
    with b.s.placed((3.0, 0, -3.0), -0.6, scale=0.7):
        put(b.s, "statue")
    b.s.light((0, 3.4, -3), (6, 5.6, 5))
    b.clear = (-3.4, -3.6, 3.4, 3.8)


@place("castle hall", interior=True)
def castle_hall(b: Site) -> None:
    b.floor(scaled(STONE, 0.9), "tiles", 1.0)

    def side() -> None:
        for x in spread(3, 4.0):
            b.window(x, wide=0.7, sill=3.0, high=2.2, arched=True)

    def banners() -> None:
        for x, tint in ((-2.8, CLOTH[0]), (2.8, CLOTH[1])):
            with b.s.thing("banner"):
                b.s.box((x, 2.6, 0.06), (1.1, 2.8, 0.04), tint, shadow=False)
                b.s.box((x, 2.6, 0.09), (0.36, 2.8, 0.03), BRASS, shadow=False)

    wall = scaled(STONE, 0.9)
    how = {"pattern": "earth", "scale": 1.6, "skirting": False}
    b.wall((-5.5, -10), (5.5, -10), 7, wall, on_it=banners, **how)  # type: ignore[arg-type]
    b.wall((5.5, -10), (5.5, 5), 7, wall, on_it=side, **how)  # type: ignore[arg-type]
    if b.front:
        b.wall((5.5, 5), (-5.5, 5), 7, wall, on_it=lambda: b.door(0.0, wide=2.2, high=3.0), **how)  # type: ignore[arg-type]
    b.wall((-5.5, 5), (-5.5, -10), 7, wall, on_it=side, **how)  # type: ignore[arg-type]
    with b.s.thing("steps"):
        b.s.box((0, 0, -8.4), (5.0, 0.2, 3.0), STONE)
        b.s.box((0, 0.2, -8.7), (4.0, 0.2, 2.2), STONE)
    b.piece("throne", 0.0, -9.0, y=0.4)
    with b.s.thing("rug"):
        b.s.box((0, 0.006, -2.4), (1.5, 0.012, 10), (0.34, 0.02, 0.03))
    for x in (-4.2, 4.2):
        for z in (-7.0, -2.4):
            with b.s.thing("column"):
                b.s.limb((x, 0, z), (x, 7, z), 0.5, scaled(STONE, 1.2))
            put(b.s, "torch", (x * 0.86, 1.9, z))
    with b.flat((0, 7, 0), (0, 1, 0)), b.s.thing("ceiling"):
        for k in range(5):
            b.s.box((0, 6.7, 3.5 - 3.4 * k), (11, 0.35, 0.35), scaled(WOOD, 0.5), shadow=False)
        b.s.box((0, 7.05, -2.5), (11, 0.1, 15), scaled(WOOD, 0.3), shadow=False)
    b.clear, b.ceiling_m = (-3.2, -6.5, 3.2, 4.0), 7.0


@place("waiting room", interior=True)
def waiting_room(b: Site) -> None:
    b.floor((0.42, 0.44, 0.44), "tiles", 0.5)
    b.room(
        6.8,
        3.0,
        3.6,
        2.7,
        (0.42, 0.48, 0.46),
        on_back=steps(
            lambda: b.hang("painting", -1.4), lambda: b.hang("wall clock", 0.6), lambda: b.door(2.4, pane=True)
        ),
        on_left=lambda: b.window(0.4, wide=2.0),
    )
    for x in spread(4, 0.7):
        b.piece("chair", x - 0.6, -2.4)
    for z in spread(3, 0.7):
        b.piece("chair", -2.9, z - 0.6, 1.5708)
    b.piece("low table", -1.0, -1.2)
    b.things_on(0.42, -1.3, -0.7, -1.2, 2, ("newspaper", "book"))
    put(b.s, "potted plant", (3.0, 0, -2.5))
    b.tubes(((0, -1), (0, 1.4)), 2.7)
    b.clear = (-2.0, -0.8, 2.8, 3.2)


@place("police station", interior=True)
def police_station(b: Site) -> None:
    office(b)


@place("interrogation room", interior=True)
def interrogation_room(b: Site) -> None:
    b.floor(scaled(CONCRETE, 0.8), "tiles", 0.6)
    b.room(
        4.6,
        2.6,
        3.0,
        2.7,
        (0.2, 0.24, 0.26),
        on_back=lambda: b.window(0.0, wide=2.2, sill=1.1, high=0.9),
        on_left=lambda: b.door(-1.2, color=STEEL),
        skirting=False,
    )
    b.piece("table", 0.0, -0.7)
    b.piece("chair", 0.0, -1.55)
    b.piece("chair", 0.0, 0.2, math.pi)
    put(b.s, "hanging lamp", (0, 0, -0.7))
    b.clear = (-1.8, -2.0, 1.8, 2.6)
