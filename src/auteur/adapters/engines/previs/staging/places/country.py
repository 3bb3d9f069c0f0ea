"""Out of doors where little is built: shores, woods, fields, hills, water, snow, gardens and graves.

Long because it is a list: one place after another.
"""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import LEAF, STONE, WHITE, WOOD, scaled
from auteur.adapters.engines.previs.staging.pieces import Look, put, spread
from auteur.adapters.engines.previs.staging.places.site import Site, place

_SAND: Vector = (0.42, 0.33, 0.2)


def _rock(b: Site, x: float, z: float, size: float) -> None:
    put(b.s, "rock", (x, 0, z), x, look=Look(size_m=(0.0, size, 0.0)))


def _grass(b: Site, scale: float = 7.0) -> None:
    tint: Vector = {"autumn": (0.24, 0.19, 0.07), "winter": (0.2, 0.18, 0.12), "spring": (0.13, 0.22, 0.05)}.get(
        b.season or "", (0.12, 0.18, 0.05)
    )
    b.floor(tint, "earth", scale)


@place("coast")
def coast(b: Site) -> None:
    b.floor((0.36, 0.29, 0.19), "earth", 5.0)
    b.sea_z = -7.0
    for x, z in b.around(12, 4, 16):
        _rock(b, x, max(z, -7), b.rng.uniform(0.3, 1.2))
    side = b.rng.choice((-1, 1))
    for k in range(6):
        with b.s.thing("cliff"):
            b.s.ball((side * (26 + 5 * k), -1, -16 - 9 * k), (13, 7 + 2.5 * k, 11), scaled(STONE, 0.8), turn=k)
    b.ridges = ((0.015, 0.5),)
    b.clear = (-3.0, -3.4, 3.0, 6.0)


@place("beach")
def beach(b: Site) -> None:
    b.floor(_SAND, "earth", 5.0)
    b.sea_z = -7.5
    for x, z in ((-9, -2.5), (11, -4), (-15, -9)):
        with b.s.thing("dune"):
            b.s.ball((x, -0.3, z), (4.5, 1.1, 2.4), _SAND, turn=x)
    put(b.s, "umbrella", (3.2, 0, -2.8), look=Look(traits=("red",)))
    with b.s.placed((-4.0, 0, -4.0), 0.4, scale=2.1):
        put(b.s, "umbrella", (0, 0, 0), look=Look(traits=("yellow",)))
    put(b.s, "rug", (-3.2, 0, -3.6), 0.3, look=Look(traits=("blue",)))
    put(b.s, "boat", (7.0, 0.1, -6.0), 2.4)
    put(b.s, "log", (-6.0, 0, 0.5), 0.5)
    b.ridges = ((0.012, 0.4),)
    b.clear = (-2.6, -4.0, 2.6, 6.0)


@place("desert")
def desert(b: Site) -> None:
    b.floor((0.52, 0.34, 0.18), "earth", 9.0)
    _dunes(b, 10, (0.5, 0.31, 0.16))
    for x, z in b.around(4, 55, 110):
        high, wide = b.rng.uniform(9, 20), b.rng.uniform(6, 14)
        with b.s.thing("mesa"):
            b.s.limb((x, 0, z), (x, high * 0.45, z), wide * 1.5, (0.38, 0.17, 0.09), taper=0.72)
            b.s.limb(
                (x, high * 0.4, z), (x, high, z), wide, (0.42, 0.19, 0.1), taper=0.92, pattern="stripes", scale=2.6
            )
    for x, z in b.around(6, 6, 26):
        put(b.s, "cactus", (x, 0, z), x)
    b.ridges = ((0.06, 0.5),)


def _dunes(b: Site, count: int, color: Vector) -> None:
    for x, z in b.around(count, 16, 90):
        with b.s.thing("dune"):
            b.s.ball((x, -1.2, z), (b.rng.uniform(9, 22), b.rng.uniform(2.2, 5), b.rng.uniform(5, 11)), color)


@place("dune")
def dune(b: Site) -> None:
    color: Vector = (0.46, 0.2, 0.08) if "red" in b.traits else (0.52, 0.34, 0.17)
    b.floor(color, "earth", 9.0)
    _dunes(b, 14, scaled(color, 0.95))
    for x, z in ((-14, -20), (12, -32), (-2, -50)):
        with b.s.thing("dune"):
            b.s.limb((x, -0.5, z), (x + 4, 7.0, z - 3), 15, color, taper=0.03, flat=0.6)
    b.ridges = ((0.05, 0.3),)


@place("moon")
def moon(b: Site) -> None:
    b.floor((0.24, 0.24, 0.25), "earth", 9.0)
    for x, z in b.around(10, 4, 40):
        _rock(b, x, z, b.rng.uniform(0.2, 0.9))
    for x, z in b.around(5, 9, 30):
        with b.s.thing("crater"):
            b.s.limb((x, -0.05, z), (x, 0.25, z), 2.6, (0.2, 0.2, 0.21), taper=0.86)
            b.s.limb((x, 0.2, z), (x, 0.26, z), 2.1, (0.07, 0.07, 0.075))
    b.ridges = ((0.08, 0.5),)


@place("forest")
def forest(b: Site) -> None:
    pine = b.rng.random() < 0.6
    b.floor((0.17, 0.1, 0.04) if b.season == "autumn" else (0.1, 0.1, 0.045), "earth", 4.0)
    for x, z in b.around(14, 4.5, 18):
        kind = "pine" if (b.rng.random() < 0.85) == pine else b.rng.choice(("tree", "birch"))
        b.tree(kind, x, z, b.rng.uniform(8, 14))
    leaf = {"autumn": (0.3, 0.13, 0.03), "winter": (0.12, 0.11, 0.1)}.get(b.season or "", (0.045, 0.085, 0.035))
    for x, z in b.around(34, 16, 46):  # those behind: a trunk and a crown
        high = b.rng.uniform(9, 16)
        with b.s.thing("tree"):
            b.s.limb((x, 0, z), (x, high * 0.6, z), high * 0.03, scaled(WOOD, 0.5))
            if pine:
                b.s.limb(
                    (x, high * 0.2, z), (x, high, z), high * 0.18, scaled(leaf, b.rng.uniform(0.7, 1.2)), taper=0.03
                )
            else:
                b.s.ball(
                    (x, high * 0.72, z), (high * 0.22, high * 0.28, high * 0.22), scaled(leaf, b.rng.uniform(0.7, 1.2))
                )
    for x, z in b.around(10, 2.5, 12):
        put(b.s, "bush", (x, 0, z), x, look=Look(season=b.season))
    b.piece("log", 3.4, -2.8, 0.5)
    b.ridges = ((0.16, 0.9), (0.11, 0.9))


@place("jungle")
def jungle(b: Site) -> None:
    b.floor((0.07, 0.09, 0.03), "earth", 3.0)
    for x, z in b.around(9, 4, 16):
        b.tree("palm", x, z, 7)
    for x, z in b.around(20, 6, 30):
        with b.s.thing("tree"):
            b.s.limb((x, 0, z), (x, 10, z), 0.4, scaled(WOOD, 0.5))
            b.s.ball((x, 10.5, z), (4, 2.6, 4), scaled(LEAF, b.rng.uniform(0.5, 1.1)))
    for x, z in b.around(16, 2.5, 12):
        put(b.s, "bush", (x, 0, z), x)
    b.ridges = ((0.2, 0.9),)


@place("mountain")
def mountain(b: Site) -> None:
    b.floor((0.17, 0.18, 0.09), "earth", 7.0)
    for x, z in b.around(8, 70, 150):
        high, wide = b.rng.uniform(26, 62), b.rng.uniform(24, 46)
        with b.s.thing("mountain"):
            b.s.limb((x, 0, z), (x, high, z), wide, (0.2, 0.2, 0.22), taper=0.03, pattern="earth", scale=14)
            b.s.limb((x, high * 0.66, z), (x, high * 1.01, z), wide * 0.36, (0.8, 0.82, 0.86), taper=0.04)
    for x, z in b.around(20, 9, 55):
        b.tree("pine", x, z, b.rng.uniform(5, 10))
    for x, z in b.around(8, 3, 18):
        _rock(b, x, z, b.rng.uniform(0.4, 1.5))
    b.ridges = ((0.3, 0.6), (0.2, 0.7))


@place("cave", interior=True)
def cave(b: Site) -> None:
    b.floor(scaled(STONE, 0.4), "earth", 2.0)
    for x, z in b.ring(18, 4.6, 6.0):
        if z < 3.0:
            with b.s.thing("rock"):
                b.s.ball((x, 0.6, z), (2.2, b.rng.uniform(2.4, 4), 2.2), scaled(STONE, b.rng.uniform(0.6, 0.9)), turn=x)
    for x, z in b.around(8, 2.5, 5):
        with b.s.thing("stalactite"):
            b.s.limb((x, 4.2, z), (x, b.rng.uniform(2.4, 3.2), z), 0.3, scaled(STONE, 0.6), taper=0.08)
    with b.flat((0, 4.0, 0), (0, 1, 0)), b.s.thing("ceiling"):
        b.s.ball((0, 5.6, -1), (8, 2.2, 8), scaled(STONE, 0.35))
    glow: Vector = (0.03, 0.04, 0.07) if b.dark else (2.2, 2.3, 2.2)
    with b.s.thing("opening"):
        b.s.ball((-1.6, 1.2, -5.6), (1.1, 1.5, 0.5), WHITE, glow=glow)
    b.s.light((-1.2, 2.0, -3.6), (1.2, 1.3, 1.6) if b.dark else (7.0, 7.0, 6.4))
    b.s.light((2.0, 2.6, 1.2), (1.6, 1.3, 1.0))
    b.ceiling_m = 3.6


@place("field")
def field(b: Site) -> None:
    b.floor((0.21, 0.24, 0.07) if b.season != "winter" else (0.2, 0.18, 0.12), "earth", 8.0)
    for x, z in b.around(10, 26, 95):
        b.tree("tree", x, z, b.rng.uniform(6, 11))
    for k in range(6):
        b.piece("fence", -12 + 4.0 * k, -11.0)
    for x, z in b.around(5, 14, 44):
        put(b.s, "hay bale", (x, 0, z), x)
    b.ridges = ((0.09, 0.3), (0.05, 0.4))


@place("wheat field")
def wheat_field(b: Site) -> None:
    b.floor((0.5, 0.36, 0.11), "earth", 3.0)
    for x, z in b.ring(70, 1.9, 9.0):  # sheaves: what stands near; the rest is the ground's colour
        with b.s.thing("wheat"):
            b.s.limb(
                (x, 0, z),
                (x + b.rng.uniform(-0.15, 0.15), b.rng.uniform(0.55, 0.85), z),
                0.05,
                scaled((0.55, 0.4, 0.12), b.rng.uniform(0.8, 1.2)),
                taper=2.2,
            )
    for x, z in b.around(7, 40, 95):
        b.tree("tree", x, z, b.rng.uniform(6, 10))
    b.ridges = ((0.06, 0.3),)


@place("farm")
def farm(b: Site) -> None:
    b.floor((0.26, 0.21, 0.1), "earth", 6.0)
    b.piece("barn", -9.0, -20.0, 0.3)
    b.piece("house", 10.0, -16.0, -0.3)
    b.piece("cart", -4.2, -6.0, 0.7)
    b.piece("hay bale", 4.4, -5.0, 0.3)
    b.piece("hay bale", 5.8, -5.8, -0.2)
    for k in range(4):
        b.piece("fence", -14.0 + 4.0 * k, -9.5)
    for x, z in ((2.4, -3.4), (3.1, -4.2), (-2.6, -3.0)):
        put(b.s, "chicken", (x, 0, z), x)
    put(b.s, "windmill", (24, 0, -52), -0.3)
    for x, z in b.around(6, 30, 70):
        b.tree("tree", x, z, b.rng.uniform(6, 9))
    b.ridges = ((0.06, 0.4),)


@place("park")
def park(b: Site) -> None:
    _grass(b)
    with b.s.thing("path"):
        b.s.box((0, 0, -10), (2.6, 0.014, 44), (0.4, 0.35, 0.26))
    for side in (-1, 1):
        for k in range(4):
            b.tree("tree", side * b.rng.uniform(5.0, 7.5), -3.5 - 8 * k, b.rng.uniform(6, 9))
        b.piece("bench", side * 2.1, -3.4, -side * math.pi / 2)
        put(b.s, "lamp post", (side * 1.9, 0, -7.5), look=Look(dark=b.dark))
    b.piece("bench", 0.0, -13.0)
    b.piece("statue", 0.0, -22.0)
    for x, z in b.around(6, 8, 30):
        if abs(x) > 4:
            put(b.s, "bush", (x, 0, z), x, look=Look(season=b.season))
    b.piece("bin", 2.0, -5.2)
    b.ridges = ((0.12, 0.9), (0.08, 1.0))
    b.clear = (-1.6, -6.0, 1.6, 6.0)


@place("garden")
def garden(b: Site) -> None:
    _grass(b)
    b.piece("house", 0.0, -16.0)
    for x in (-6.4, 6.4):
        for k in range(3):
            put(b.s, "hedge", (x, 0, -1.5 - 4.0 * k), math.pi / 2)
    for side in (-1, 1):
        with b.s.thing("flower bed"):
            b.s.box((side * 3.6, 0, -5.5), (3.0, 0.12, 1.2), (0.1, 0.06, 0.04))
        if b.season != "winter":
            for k in range(7):
                with b.s.placed((side * 3.6 - 1.2 + 0.4 * k, 0.1, -5.5 + 0.2 * (k % 3)), scale=1.4):
                    put(b.s, "flower", look=Look(traits=(("red",), ("yellow",), ("pink",))[k % 3]))
    b.piece("bench", 3.4, -2.6, -0.6)
    b.piece("round table", -3.0, -2.4)
    b.piece("chair", -3.7, -2.4, math.pi / 2)
    b.piece("chair", -2.3, -2.4, -math.pi / 2)
    b.tree("tree", 5.0, -8.0, 6.0)
    with b.s.thing("path"):
        b.s.box((0, 0, -5), (1.4, 0.014, 18), (0.42, 0.37, 0.28))
    b.clear = (-1.8, -4.0, 2.0, 6.0)


@place("playground")
def playground(b: Site) -> None:
    _grass(b)
    b.piece("swing", -3.4, -4.0, 0.2)
    with b.s.thing("slide"):
        b.s.box((3.0, 1.7, -5.0), (0.9, 0.1, 0.9), (0.05, 0.15, 0.4))
        b.s.limb((3.0, 1.8, -4.6), (3.0, 0.15, -1.9), 0.34, (0.5, 0.06, 0.04), flat=0.2)
        for x in (2.6, 3.4):
            for z in (-5.4, -4.6):
                b.s.limb((x, 0, z), (x, 2.6, z), 0.05, (0.5, 0.4, 0.05))
    with b.s.thing("sandpit"):
        b.s.box((0.2, 0, -7.5), (3.4, 0.2, 2.6), _SAND)
    b.piece("bench", 6.0, -3.4, -1.0)
    for x, z in b.around(8, 12, 30):
        b.tree("tree", x, z, b.rng.uniform(6, 9))
    b.ridges = ((0.09, 1.0),)


@place("cemetery")
def cemetery(b: Site) -> None:
    _grass(b)
    for row in range(4):
        for k, x in enumerate(spread(7, 2.3)):
            if abs(x) < 0.6:
                continue
            b.piece(
                "grave" if row == 0 and k in (2, 4) else "gravestone",
                x + b.rng.uniform(-0.2, 0.2),
                -2.6 - 2.7 * row,
                b.rng.uniform(-0.1, 0.1),
            )
    with b.s.thing("path"):
        b.s.box((0, 0, -8), (1.5, 0.014, 26), (0.34, 0.3, 0.24))
    b.piece("gate", 0.0, -16.0)
    for side in (-1, 1):
        for k in range(2):
            put(b.s, "low wall", (side * (3.4 + 3.0 * k), 0, -16.0))
            put(b.s, "low wall", (side * 10.0, 0, -6.5 - 3.2 * k), math.pi / 2)
    for x, z, kind in (
        (-8.5, -12, "poplar"),
        (8.5, -12, "poplar"),
        (-7.6, -5.5, "tree"),
        (12, -20, "tree"),
        (-14, -22, "poplar"),
    ):
        b.tree(kind, x, z, b.rng.uniform(8, 12))
    with b.s.placed((-9.0, 0, -30), 0.2):
        put(b.s, "church", look=Look(dark=b.dark))
    b.ridges = ((0.07, 0.5),)
    b.clear = (-2.2, -2.0, 2.2, 6.0)


@place("lake")
def lake(b: Site) -> None:
    _grass(b, 5.0)
    b.sea_z = -6.0
    _shore(b, -52)
    with b.s.thing("jetty"):
        b.s.box((3.6, 0.25, -8.0), (1.5, 0.1, 7.0), scaled(WOOD, 1.5), pattern="planks", scale=0.25)
        for z in (-5.5, -8.0, -11.0):
            for x in (2.95, 4.25):
                b.s.limb((x, -0.5, z), (x, 0.7, z), 0.08, WOOD)
    put(b.s, "boat", (5.8, -0.15, -8.8), 0.2)
    for x, z in ((-6.5, -3.5), (-9.5, -5.0), (8.5, -3.6)):
        b.tree("birch", x, z, 8.0)
    for x in (-3.4, -2.7, 1.4):
        put(b.s, "bush", (x, 0, -5.4), x, look=Look(season=b.season))
    b.ridges = ((0.2, 0.6), (0.12, 0.8))
    b.clear = (-2.4, -3.6, 2.0, 6.0)


def _shore(b: Site, z: float) -> None:
    """The other side of a water: a low bank with trees."""
    with b.s.thing("bank"):
        for k in range(7):
            b.s.ball((-60 + 20 * k, -0.5, z), (13, 2.0, 5), (0.1, 0.12, 0.05), turn=0.0)
    for k in range(12):
        high = b.rng.uniform(6, 11)
        with b.s.thing("tree"):
            x = -55 + 10 * k + b.rng.uniform(-3, 3)
            b.s.limb((x, 0.5, z), (x, high, z), high * 0.2, (0.04, 0.075, 0.035), taper=0.05)


@place("frozen lake")
def frozen_lake(b: Site) -> None:
    b.floor((0.6, 0.66, 0.72), "earth", 26.0)
    with b.s.thing("ice"):
        for _ in range(9):
            a = b.rng.uniform(0, math.pi)
            x, z = b.rng.uniform(-14, 14), b.rng.uniform(-26, 2)
            b.s.box((x, 0, z), (b.rng.uniform(4, 11), 0.006, 0.05), (0.3, 0.4, 0.48), turn=a)
    b.ridges = ((0.13, 0.6), (0.08, 0.7))
    b.clear = (-4.0, -8.0, 4.0, 6.0)


@place("snowfield")
def snowfield(b: Site) -> None:
    b.floor((0.7, 0.73, 0.78), "earth", 20.0)
    for x, z in b.around(10, 12, 60):
        with b.s.thing("snowdrift"):
            b.s.ball(
                (x, -0.5, z), (b.rng.uniform(5, 12), b.rng.uniform(1, 2.2), b.rng.uniform(3, 7)), (0.72, 0.75, 0.8)
            )
    for x, z in b.around(9, 20, 60):
        put(b.s, "pine", (x, 0, z), x, look=Look(season="winter", size_m=(0, b.rng.uniform(5, 9), 0)))
    b.ridges = ((0.26, 0.6), (0.15, 0.7))


@place("river")
def river(b: Site) -> None:
    _grass(b, 5.0)
    b.sea_z = -4.0
    _shore(b, -20)
    with b.s.thing("rock"):
        for x, z in ((-5.0, -5.5), (-3.2, -8.0), (2.4, -7.0), (5.5, -10.0), (0.5, -11.5)):
            b.s.ball((x, 0, z), (b.rng.uniform(0.5, 1.1), 0.45, 0.6), scaled(STONE, 0.9), turn=x)
    for x, z in ((-6.0, -2.6), (7.0, -2.8), (10.0, -3.2)):
        b.tree("tree", x, z, 7.5)
    for x in (-3.6, -2.2, 3.2, 4.6):
        put(b.s, "bush", (x, 0, -3.4), x, look=Look(season=b.season))
    b.piece("log", -2.6, -1.6, 0.4)
    b.ridges = ((0.1, 0.6),)
    b.clear = (-1.8, -2.4, 3.0, 6.0)


@place("sea")
def sea(b: Site) -> None:
    b.floor((0.1, 0.14, 0.15), "earth", 5.0)
    b.sea_z = 80.0
    b.clear = (-4.0, -6.0, 4.0, 6.0)


@place("hill")
def hill(b: Site) -> None:
    _grass(b, 9.0)
    for left, deep, r, high in ((-26, -40, 30, 9), (24, -52, 34, 12), (-4, -80, 46, 16)):
        with b.s.thing("hill"):
            b.s.ball((left, -2, deep), (r, high, r * 0.7), (0.11, 0.16, 0.05))
    b.tree("tree", 6.5, -10.0, 8.0)
    for x, z in b.around(8, 30, 70):
        b.tree("tree", x, z, b.rng.uniform(5, 8))
    for x, z in b.around(5, 3, 12):
        _rock(b, x, z, b.rng.uniform(0.2, 0.6))
    b.ridges = ((0.12, 0.4), (0.08, 0.4))


@place("camp")
def camp(b: Site) -> None:
    forest(b)
    b.piece("tent", -3.4, -4.2, 0.6)
    b.piece("campfire", 0.9, -1.6)
    b.piece("stump", 2.4, -1.9, -1.2)
    b.piece("cooler", -1.6, -2.4, 0.3)
    b.clear = (-1.4, -1.0, 3.0, 5.0)


@place("mine")
def mine(b: Site) -> None:
    b.floor((0.12, 0.11, 0.1), "earth", 4.0)
    b.piece("pit head", -2.0, -18.0)
    for left, deep, r in ((-18, -30, 9), (14, -36, 12), (26, -26, 8)):
        with b.s.thing("heap"):
            b.s.limb(
                (left, 0, deep), (left, r * 0.7, deep), r, (0.07, 0.065, 0.06), taper=0.1, pattern="earth", scale=5
            )
    with b.s.thing("track"):
        for x in (3.2, 4.3):
            b.s.box((x, 0, -10), (0.07, 0.09, 26), (0.3, 0.3, 0.3))
        for k in range(10):
            b.s.box((3.75, 0, 1 - 2.2 * k), (1.7, 0.05, 0.24), scaled(WOOD, 0.6))
    with b.s.thing("mine cart"):
        b.s.box((3.75, 0.4, -5.0), (1.1, 0.8, 1.6), (0.2, 0.12, 0.08))
        b.s.ball((3.75, 1.2, -5.0), (0.5, 0.25, 0.7), (0.03, 0.03, 0.03))
    b.ridges = ((0.06, 0.5),)
    b.clear = (-3.0, -4.0, 2.4, 6.0)


@place("battlefield")
def battlefield(b: Site) -> None:
    b.floor((0.16, 0.12, 0.08), "earth", 4.0)
    for x in (-3.4, -1.8, 1.8, 3.4):
        b.piece("sandbags", x, -2.6 - abs(x) * 0.2)
    for x, z in b.around(6, 8, 30):
        put(b.s, "tree", (x, 0, z), x, look=Look(traits=("dead",), size_m=(0, b.rng.uniform(3, 6), 0)))
    with b.s.thing("wire"):
        for k in range(8):
            x = -9 + 2.4 * k
            b.s.limb((x, 0, -8), (x + 0.3, 1.2, -8), 0.04, WOOD)
            b.s.limb((x, 0.9, -8), (x + 2.4, 0.5, -8.2), 0.012, (0.1, 0.08, 0.07))
            b.s.limb((x, 0.4, -8.2), (x + 2.4, 1.0, -8), 0.012, (0.1, 0.08, 0.07))
    b.ridges = ((0.04, 0.6),)


@place("studio")
def studio(b: Site) -> None:
    """A neutral ground, where nothing is known of the place: a floor that rises into a backdrop."""
    b.floor((0.3, 0.3, 0.3), "plain", 1.0)


@place("stage", interior=True)
def stage(b: Site) -> None:
    """The same indoors: three plain walls."""
    b.floor((0.26, 0.25, 0.24), "planks", 0.4)
    b.room(9.0, 4.0, 4.4, 3.2, (0.36, 0.36, 0.37), skirting=False)
