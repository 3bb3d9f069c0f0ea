"""Out of doors where people have built: streets, squares, roads, bridges, harbours, roofs.

Long because it is a list: one place after another.
"""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import BLACK, BRICK, CONCRETE, STEEL, STONE, WHITE, WOOD, scaled
from auteur.adapters.engines.previs.staging.pieces import Look, put, spread
from auteur.adapters.engines.previs.staging.places.site import Site, place


@place("city")
def city(b: Site) -> None:
    b.floor((0.075, 0.075, 0.08), "road", 4.9)
    glow = (2.6, 1.7, 0.75) if b.dark else (0.0, 0.0, 0.0)
    for side in (-1, 1):
        z = 14.0
        while z > -100:
            deep, wide, high = b.rng.uniform(10, 17), b.rng.uniform(9, 14), b.rng.uniform(12, 46)
            wall = b.rng.choice(((0.3, 0.26, 0.22), (0.22, 0.23, 0.26), (0.33, 0.18, 0.13), (0.4, 0.38, 0.35)))
            with b.s.thing("building"):
                b.s.box(
                    (side * (8.5 + wide / 2), 0, z - deep / 2),
                    (wide, high, deep * 0.97),
                    wall,
                    glow=glow,
                    pattern="windows",
                    scale=b.rng.uniform(2.2, 3.2),
                )
                b.s.box((side * (8.4 + wide / 2), 0, z - deep / 2), (wide, 3.2, deep * 0.9), scaled(wall, 0.5))
                if z > -50:
                    lit: Vector = (1.6, 1.1, 0.6) if b.dark else (0.05, 0.05, 0.05)
                    b.s.box((side * 8.36, 0.5, z - deep / 2), (0.1, 2.1, deep * 0.5), (0.06, 0.07, 0.08), glow=lit)
            z -= deep
        with b.s.thing("pavement"):
            b.s.box((side * 6.9, 0, -45), (3.2, 0.14, 130), (0.3, 0.3, 0.3))
        for k in range(4):
            put(b.s, "lamp post", (side * 5.7, 0.14, 2.0 - 13 * k), look=Look(dark=b.dark and k < 3))
        b.walls.append((side * 8.5, 14, side * 8.5, -100))
    put(b.s, "car", (-3.6, 0, -9.0), 0.0, look=Look(dark=b.dark))
    put(b.s, "car", (3.6, 0, -24.0), math.pi, look=Look(dark=False))
    b.piece("bin", 6.2, -4.0, y=0.14)
    b.ridges = ((0.22, 1.0), (0.13, 1.0))
    b.clear = (-2.6, -6.0, 2.6, 6.0)


@place("crossing")
def crossing(b: Site) -> None:
    city(b)
    with b.s.thing("crossing"):
        for x in spread(8, 1.15):
            b.s.box((x, 0.0, -2.5), (0.55, 0.012, 3.4), (0.6, 0.6, 0.58))
    for x in (-5.6, 5.6):
        put(b.s, "traffic light", (x, 0.14, -4.6), look=Look(dark=True))
    for side in (-1, 1):
        put(
            b.s,
            "neon sign",
            (side * 7.9, 0.8, -6.0),
            -side * 1.2,
            look=Look(dark=b.dark, traits=(("magenta",), ("cyan",))[side > 0]),
        )


@place("alley")
def alley(b: Site) -> None:
    b.floor((0.08, 0.08, 0.085), "earth", 1.6)
    for side in (-1, 1):
        z = 6.0
        while z > -30:
            deep = b.rng.uniform(6, 9)
            wall = b.rng.choice((BRICK, scaled(BRICK, 0.7), (0.2, 0.18, 0.17), (0.24, 0.2, 0.15)))
            with b.s.thing("building"):
                b.s.box(
                    (side * 4.3, 0, z - deep / 2),
                    (4.8, b.rng.uniform(9, 14), deep),
                    wall,
                    pattern="windows",
                    scale=2.6,
                    glow=(1.6, 1.0, 0.45) if b.dark else (0, 0, 0),
                )
                b.s.box((side * 4.28, 0, z - deep / 2), (4.8, 3.0, deep), scaled(wall, 0.8), pattern="earth", scale=0.6)
            z -= deep
        b.walls.append((side * 1.9, 6, side * 1.9, -30))
    with b.s.thing("building"):
        b.s.box((0, 0, -31), (8, 12, 1), scaled(BRICK, 0.6))
    with b.s.thing("fire escape"):
        for y in (3.2, 6.0):
            b.s.box((-1.5, y, -5.0), (0.9, 0.06, 3.0), BLACK)
            b.s.box((-1.06, y + 0.9, -5.0), (0.04, 0.05, 3.0), BLACK)
            for z in spread(5, 0.7):
                b.s.limb((-1.06, y, -5.0 + z), (-1.06, y + 0.95, -5.0 + z), 0.014, BLACK)
        b.s.limb((-1.4, 3.2, -4.0), (-1.4, 6.0, -6.0), 0.05, BLACK)
    b.piece("dumpster", 1.3, -3.6, -math.pi / 2)
    b.piece("bin", -1.5, -1.6)
    b.piece("crate", 1.5, -6.2, 0.3)
    with b.s.thing("door"):
        b.s.box((-1.86, 0, -1.8 - 6), (0.1, 2.1, 1.0), (0.16, 0.05, 0.04))
    with b.s.thing("lamp"):
        b.s.limb((1.9, 3.3, -2.0), (1.4, 3.4, -2.0), 0.03, BLACK)
        b.s.limb((1.4, 3.2, -2.0), (1.4, 3.4, -2.0), 0.22, BLACK, taper=0.4)
        b.s.ball((1.4, 3.2, -2.0), 0.09, (1, 1, 1), glow=(16, 10, 4) if b.dark else (0.3, 0.3, 0.3))
    if b.dark:
        b.s.light((1.3, 2.9, -1.9), (9, 5.8, 2.6))
        put(b.s, "neon sign", (-1.75, 0.9, -11.0), math.pi / 2, look=Look(dark=True, traits=("crimson",)))
    b.clear = (-1.2, -5.0, 1.0, 5.0)


@place("market street")
def market_street(b: Site) -> None:
    b.floor((0.26, 0.23, 0.19), "tiles", 0.6)
    for side in (-1, 1):
        for k in range(4):
            b.facade(side * 7.0, 2.0 - 7.2 * k, 7.0, b.rng.uniform(7, 10), 6.0, -side * math.pi / 2, shop=True)
        for k in range(4):
            b.piece("market stall", side * 3.6, -1.2 - 3.6 * k, -side * math.pi / 2)
    b.facade(0, -28, 10, 10, 6, 0.0, shop=True)
    with b.s.thing("bunting"):
        for z in (-3.0, -9.0):
            b.s.limb((-6.5, 5.4, z), (0, 4.7, z), 0.012, BLACK)
            b.s.limb((0, 4.7, z), (6.5, 5.4, z), 0.012, BLACK)
            for k, x in enumerate(spread(8, 1.4)):
                y = 4.7 + 0.7 * abs(x) / 6.5
                tint = ((0.4, 0.04, 0.03), (0.5, 0.4, 0.05), (0.05, 0.15, 0.3))[k % 3]
                lit: Vector = (3.0, 2.0, 0.9) if b.dark else (0, 0, 0)
                b.s.limb((x, y - 0.34, z), (x, y, z), 0.02, tint, taper=7, glow=lit, flat=0.3)
        if b.dark:
            for z in (-2.0, -8.0):
                for x in (-2.4, 2.4):
                    b.s.light((x, 2.9, z), (6, 4, 1.9))
    b.piece("crate", -2.0, -3.0, 0.3)
    b.piece("basket", 2.1, -1.4)
    b.clear = (-1.8, -9.0, 1.8, 6.0)


@place("village square")
def village_square(b: Site) -> None:
    b.floor((0.28, 0.25, 0.2), "tiles", 0.7)
    for k, x in enumerate((-16.0, -9.0)):
        b.facade(x, -15.0 + 0.5 * k, 6.6, b.rng.uniform(6, 8), 6, 0.0, shop=bool(k))
    b.facade(13.5, -15.0, 7.0, b.rng.uniform(6, 8), 6, 0.0, shop=True)
    for side in (-1, 1):
        for k in range(2):
            b.facade(side * 15.0, -4.0 - 7.2 * k, 6.8, b.rng.uniform(5.5, 7.5), 6, -side * math.pi / 2, shop=k == 0)
    b.piece("church", 2.5, -22.0)
    b.piece("fountain", -4.6, -6.5)
    b.piece("bench", 5.2, -4.0, -0.4)
    for x, z in ((7.5, -7.5), (-9.5, -9.5)):
        b.tree("tree", x, z, 6.5)
    for x in (-2.6, 6.0):
        put(b.s, "lamp post", (x, 0, -9.5), look=Look(dark=b.dark))
    b.ridges = ((0.06, 0.4),)
    b.clear = (-2.6, -4.5, 4.0, 6.0)


@place("village")
def village(b: Site) -> None:
    b.floor((0.2, 0.18, 0.09), "earth", 6.0)
    for k, x in enumerate((-19.0, -9.5, 10.0, 20.0, -4.5)):
        b.piece("house", x + b.rng.uniform(-1, 1), -12.0 - 5 * (k % 3) - 6 * (k > 3), b.rng.uniform(-0.3, 0.3))
    b.piece("church", 7.0, -36.0)
    for x, z in b.around(9, 16, 50):
        b.tree(b.rng.choice(("tree", "tree", "pine")), x, z, b.rng.uniform(5, 9))
    b.piece("fence", -6.0, -7.0)
    b.piece("fence", 6.0, -7.0)
    with b.s.thing("path"):
        b.s.box((0, 0.0, -14), (2.6, 0.015, 40), (0.34, 0.29, 0.2))
    b.ridges = ((0.07, 0.4), (0.045, 0.5))


def _road(b: Site, wide: float = 3.4) -> None:
    b.floor((0.2, 0.19, 0.09), "earth", 7.0)
    with b.s.thing("road"):
        b.s.box((0, 0, -120), (wide * 2, 0.02, 270), (0.075, 0.075, 0.08), pattern="road", scale=wide - 0.2)


@place("road")
def road(b: Site) -> None:
    _road(b)
    for k in range(7):
        with b.s.thing("pole"):
            x, z = -7.5, 2.0 - 18.0 * k
            b.s.limb((x, 0, z), (x, 7.0, z), 0.12, WOOD)
            b.s.box((x, 6.3, z), (1.6, 0.12, 0.12), WOOD)
        with b.s.thing("wire"):
            for dx in (-0.7, 0.7):
                b.s.limb((x + dx, 6.4, z), (x + dx, 6.4, z - 18), 0.015, BLACK)
    wooded = any(word in trait for trait in b.traits for word in ("forest", "wood"))
    for x, z in b.around(9, 16, 80):
        if abs(x) > 10:
            b.tree("tree", x, z, b.rng.uniform(6, 10))
    for k in range(54 if wooded else 0):
        x, z = (1 if k % 2 else -1) * (6.2 + b.rng.random() * 12), 14.0 - 1.6 * k + b.rng.uniform(-1, 1)
        b.tree("pine" if k % 3 or any("pine" in trait for trait in b.traits) else "tree", x, z, b.rng.uniform(7, 12))
    put(b.s, "sign", (4.8, 0, -9.0))
    b.piece("fence", 9.0, -6.0, math.pi / 2)
    b.piece("fence", 9.0, -10.0, math.pi / 2)
    b.ridges = ((0.07, 0.4), (0.045, 0.5))
    b.clear = (-2.8, -8.0, 2.8, 6.0)


@place("desert road")
def desert_road(b: Site) -> None:
    _road(b)
    b.floor((0.52, 0.34, 0.18), "earth", 9.0)
    for x, z in b.around(5, 50, 110):
        if abs(x) > 22:
            high, wide = b.rng.uniform(9, 22), b.rng.uniform(6, 14)
            with b.s.thing("mesa"):
                b.s.limb((x, 0, z), (x, high * 0.45, z), wide * 1.5, (0.38, 0.17, 0.09), taper=0.72)
                b.s.limb(
                    (x, high * 0.4, z), (x, high, z), wide, (0.42, 0.19, 0.1), taper=0.92, pattern="stripes", scale=2.6
                )
    for x, z in b.around(7, 7, 34):
        if abs(x) > 5.5:
            put(b.s, "cactus", (x, 0, z), x)
    for k in range(6):
        with b.s.thing("post"):
            for side in (-1, 1):
                b.s.box((side * 4.0, 0, 2 - 9 * k), (0.12, 0.9, 0.08), WHITE)
    put(b.s, "sign", (5.0, 0, -8.0))
    b.ridges = ((0.06, 0.5),)
    b.clear = (-2.8, -8.0, 2.8, 6.0)


@place("mountain road")
def mountain_road(b: Site) -> None:
    _road(b, 3.0)
    b.floor((0.16, 0.16, 0.12), "earth", 6.0)
    with b.s.thing("rock face"):
        for k in range(8):
            z = 5.0 - 9 * k
            b.s.ball(
                (9.5 + 0.8 * (k % 3), 0, z),
                (5.5, b.rng.uniform(6, 12), 6.5),
                scaled(STONE, b.rng.uniform(0.6, 0.9)),
                turn=k,
            )
    with b.s.thing("guardrail"):
        b.s.box((-3.7, 0.45, -28), (0.06, 0.3, 70), scaled(STEEL, 1.3))
        for k in range(12):
            b.s.box((-3.75, 0, 5 - 5.5 * k), (0.1, 0.65, 0.1), STEEL)
    for k in range(5):
        b.tree("pine", b.rng.uniform(-14, -7), -4.0 - 9 * k, b.rng.uniform(6, 10))
    for x, z in ((-40, -100), (10, -130), (60, -120)):
        high = b.rng.uniform(30, 50)
        with b.s.thing("mountain"):
            b.s.limb((x, 0, z), (x, high, z), high * 0.9, (0.2, 0.2, 0.22), taper=0.03, pattern="earth", scale=14)
            b.s.limb((x, high * 0.66, z), (x, high * 1.01, z), high * 0.32, (0.8, 0.82, 0.86), taper=0.04)
    put(b.s, "sign", (-4.4, 0, -12.0))
    b.ridges = ((0.3, 0.6), (0.2, 0.7))
    b.clear = (-2.4, -8.0, 2.4, 6.0)


@place("bridge")
def bridge(b: Site) -> None:
    b.floor((0.1, 0.12, 0.09), "earth", 6.0)
    b.sea_z = 40.0
    with b.s.thing("bridge"):
        b.s.box((0, -0.2, -20), (6.0, 0.32, 62), scaled(STONE, 1.0), pattern="tiles", scale=0.7)
        for side in (-1, 1):
            b.s.box((side * 3.0, 0.1, -20), (0.35, 0.95, 62), STONE)
            b.s.box((side * 3.0, 1.05, -20), (0.5, 0.12, 62), scaled(STONE, 1.2))
            for k in range(4):
                b.s.box((side * 3.0, 0.1, 4 - 14.0 * k), (0.8, 1.5, 0.8), scaled(STONE, 1.1))
        for k in range(5):  # the arches, seen from aside
            b.s.limb((-3.2, -6, -3 - 10.0 * k), (3.2, -6, -3 - 10.0 * k), 1.4, scaled(STONE, 0.6))
    for side in (-1, 1):
        for k in range(4):
            put(b.s, "lamp post", (side * 2.9, 1.1, -3.0 - 14 * k), look=Look(dark=b.dark and k < 2))
        b.walls.append((side * 2.9, 10, side * 2.9, -50))
    glow = (2.2, 1.5, 0.7) if b.dark else (0.0, 0.0, 0.0)
    for k in range(7):
        with b.s.thing("building"):
            x = -48 + 16 * k
            b.s.box(
                (x, 0, -62),
                (b.rng.uniform(9, 14), b.rng.uniform(9, 20), 8),
                (0.34, 0.3, 0.25),
                pattern="windows",
                scale=2.5,
                glow=glow,
            )
    b.ridges = ((0.08, 1.0),)
    b.clear = (-2.2, -7.0, 2.2, 6.0)


def _sag(z: float) -> float:
    """How high the boards of a rope bridge are: level where the action is, up to the cliffs behind."""
    return 0.9 * (max(abs(z + 3.5) - 6.0, 0.0) / 12) ** 2


@place("rope bridge")
def rope_bridge(b: Site) -> None:
    b.ground = None  # a gorge, and mist in it
    with b.s.thing("bridge"):
        for k in range(34):
            z = 5.0 - 0.9 * k
            sag = _sag(z)
            b.s.box(
                (0, sag - 0.06, z),
                (1.7, 0.06, 0.6),
                scaled(WOOD, b.rng.uniform(0.8, 1.5)),
                turn=b.rng.uniform(-0.03, 0.03),
            )
        for side in (-1, 1):
            for k in range(10):
                z0, z1 = 5.0 - 3.1 * k, 5.0 - 3.1 * (k + 1)
                y0, y1 = _sag(z0), _sag(z1)
                b.s.limb((side * 0.95, y0 + 1.05, z0), (side * 0.95, y1 + 1.05, z1), 0.035, (0.34, 0.25, 0.13))
                b.s.limb((side * 0.9, y0, z0), (side * 0.95, y0 + 1.05, z0), 0.02, (0.34, 0.25, 0.13))
    for z in (6.0, -26.0):
        for side in (-1, 1):
            with b.s.thing("post"):
                b.s.limb((side * 1.0, -1, z), (side * 1.0, 1.8, z), 0.14, WOOD)
    with b.s.thing("cliff"):
        for x, z, r in ((-6, -34, 9), (6, -35, 10), (0, -40, 12), (-14, -36, 10), (15, -38, 11)):
            b.s.ball((x, -5, z), (r, 6.5, 9), scaled(STONE, b.rng.uniform(0.6, 0.9)), turn=x)
    for x, z in ((-7, -30), (8, -31), (-12, -34), (13, -35)):
        with b.s.placed((x, 1.0, z)):
            b.tree("pine", 0, 0, b.rng.uniform(7, 11))
    b.ridges = ((0.32, 0.6), (0.2, 0.7))
    b.clear = (-0.5, -9.0, 0.5, 4.0)
    b.spots = [((0, 0, 0.0), math.pi / 6), ((0, 0, -1.6), 0.0), ((0, 0, -3.4), 0.0), ((0, 0, -6.0), 0.0)]


@place("harbour")
def harbour(b: Site) -> None:
    b.floor((0.24, 0.23, 0.21), "tiles", 0.9)
    b.sea_z = -5.0
    with b.s.thing("quay"):
        b.s.box((0, -0.3, -4.6), (60, 0.45, 0.8), scaled(STONE, 1.2))
        for k in range(5):
            b.s.limb((-8 + 4.0 * k, 0, -4.4), (-8 + 4.0 * k, 0.55, -4.4), 0.16, BLACK, taper=1.4)
    with b.s.thing("breakwater"):
        for k in range(9):
            b.s.ball(
                (14 + 4.2 * k, 0, -42),
                (3.2, b.rng.uniform(1.0, 1.9), 2.6),
                scaled(STONE, b.rng.uniform(0.6, 0.9)),
                turn=k,
            )
        b.s.limb((13, 1, -42), (13, 6.5, -42), 0.9, WHITE, taper=0.7)
        b.s.limb((13, 6.5, -42), (13, 7.6, -42), 0.6, (0.5, 0.06, 0.04), glow=(6, 0.6, 0.4) if b.dark else (0, 0, 0))
    put(b.s, "trawler", (-9.0, -0.4, -12.5), 1.4, look=Look(dark=b.dark))
    put(b.s, "sailboat", (7.5, -0.2, -14.0), 0.5, look=Look(dark=b.dark))
    put(b.s, "sailboat", (13.0, -0.2, -17.0), 0.8, look=Look(dark=b.dark))
    b.piece("crate", -3.0, -2.6, 0.2)
    b.piece("crate", -3.7, -2.9, -0.1)
    b.piece("barrel", 3.2, -3.2)
    put(b.s, "rope", (1.6, 0, -3.5))
    for x in (-6.5, 6.5):
        put(b.s, "lamp post", (x, 0, -3.6), look=Look(dark=b.dark))
    for k in range(3):
        b.facade(-16.0, 1.0 - 7.0 * k + 6, 6.6, 7, 6, math.pi / 2, shop=k == 1)
    b.ridges = ((0.03, 0.5),)
    b.clear = (-2.4, -2.0, 2.6, 6.0)


@place("pier")
def pier(b: Site) -> None:
    b.floor((0.3, 0.25, 0.17), "earth", 4.0)
    b.sea_z = 6.0
    with b.s.thing("pier"):
        b.s.box((0, 0.75, -12), (3.6, 0.16, 36), scaled(WOOD, 1.7), pattern="planks", scale=0.25)
        for side in (-1, 1):
            for k in range(8):
                b.s.limb((side * 1.7, -1, 5 - 4.6 * k), (side * 1.7, 1.7, 5 - 4.6 * k), 0.13, scaled(WOOD, 0.8))
            b.s.limb((side * 1.7, 1.62, 5), (side * 1.7, 1.62, -27.5), 0.035, (0.36, 0.27, 0.15))
    with b.s.thing("hut"):
        b.s.box((0, 0.9, -27), (2.6, 2.2, 2.6), WHITE)
        b.s.limb((0, 3.1, -27), (0, 4.5, -27), 2.2, (0.3, 0.06, 0.05), taper=0.05)
    put(b.s, "rope", (-1.2, 0.91, -1.4))
    put(b.s, "lamp post", (1.5, 0.91, -7), look=Look(dark=b.dark))
    put(b.s, "boat", (4.2, -0.15, -5.0), 0.3)
    b.clear = (-1.3, -8.0, 1.3, 4.0)
    b.spots = [((x, 0.91, z), 0.0) for z in (-0.5, -2.4, -4.2) for x in (0.0, -0.8, 0.8)]


@place("rooftop")
def rooftop(b: Site) -> None:
    b.floor((0.16, 0.155, 0.15), "tiles", 1.0)
    with b.s.thing("parapet"):
        b.s.box((0, 0, -5.2), (16, 0.95, 0.4), scaled(BRICK, 0.9))
        b.s.box((0, 0.95, -5.2), (16, 0.12, 0.55), CONCRETE)
        for side in (-1, 1):
            b.s.box((side * 7.8, 0, 0), (0.4, 0.95, 10.8), scaled(BRICK, 0.8))
    b.walls += [(-7.8, -5.0, 7.8, -5.0), (-7.6, -5, -7.6, 5.4), (7.6, -5, 7.6, 5.4)]
    with b.s.thing("stair house"):
        b.s.box((-5.4, 0, -2.6), (3.0, 2.7, 3.0), scaled(BRICK, 1.1))
        b.s.box((-4.6, 0, -1.06), (1.0, 2.1, 0.1), (0.1, 0.12, 0.14))
    with b.s.thing("water tower"):
        for x in (4.2, 5.8):
            for z in (-4.2, -2.8):
                b.s.limb((x, 0, z), (x, 2.4, z), 0.1, BLACK)
        b.s.limb((5, 2.4, -3.5), (5, 5.0, -3.5), 1.3, scaled(WOOD, 1.1))
        b.s.limb((5, 5.0, -3.5), (5, 6.2, -3.5), 1.45, BLACK, taper=0.05)
    with b.s.thing("vent"):
        b.s.limb((2.0, 0, -3.6), (2.0, 1.0, -3.6), 0.3, scaled(STEEL, 1.3))
        b.s.ball((2.0, 1.05, -3.6), (0.4, 0.25, 0.4), scaled(STEEL, 1.3))
        b.s.box((-1.6, 0, -3.4), (1.2, 0.9, 0.9), scaled(STEEL, 1.2))
    with b.s.thing("aerial"):
        b.s.limb((-5.4, 2.7, -3), (-5.4, 5.4, -3), 0.03, BLACK)
        for k in range(3):
            b.s.box((-5.4, 4.4 + 0.35 * k, -3), (1.1 - 0.25 * k, 0.03, 0.03), BLACK)
    glow = (2.6, 1.7, 0.75) if b.dark else (0.0, 0.0, 0.0)
    for k in range(11):
        x, z = -60 + 12 * k + b.rng.uniform(-3, 3), -22 - 14 * (k % 3)
        high = b.rng.uniform(4, 26)
        with b.s.thing("building"):
            b.s.box(
                (x, -4, z),
                (b.rng.uniform(8, 12), high, 10),
                (0.22, 0.21, 0.22),
                pattern="windows",
                scale=b.rng.uniform(2.2, 3),
                glow=glow,
            )
    if b.dark:
        put(b.s, "neon sign", (5.6, 1.4, -9.0), -0.3, look=Look(dark=True, traits=("red",)))
        b.s.light((-4.6, 2.6, -0.4), (5, 3.4, 1.6))
    b.ridges = ((0.16, 1.0), (0.1, 1.0))
    b.clear = (-3.4, -4.4, 3.4, 5.0)


@place("car park")
def car_park(b: Site) -> None:
    b.floor((0.09, 0.09, 0.095), "earth", 3.0)
    with b.s.thing("lines"):
        for k in range(8):
            b.s.box((-10.5 + 3.0 * k, 0.0, -9.0), (0.12, 0.012, 5.0), (0.55, 0.55, 0.52))
    for k, x in enumerate((-9.0, -3.0, 3.0, 9.0)):
        if k != 1:
            put(b.s, "car", (x, 0, -9.0), math.pi * (k % 2), look=Look(dark=False))
    put(b.s, "van", (-6.0, 0, -9.0), 0.0)
    for x in (-8.0, 8.0):
        put(b.s, "lamp post", (x, 0, -5.6), look=Look(dark=b.dark))
    with b.s.thing("building"):
        b.s.box(
            (0, 0, -26),
            (46, 8, 10),
            (0.34, 0.34, 0.35),
            pattern="windows",
            scale=3.4,
            glow=(2, 1.8, 1.3) if b.dark else (0, 0, 0),
        )
        b.s.box((0, 4.5, -20.9), (10, 1.4, 0.2), (0.05, 0.12, 0.3), glow=(0.2, 0.6, 1.6) if b.dark else (0, 0, 0))
    b.ridges = ((0.08, 1.0),)
    b.clear = (-4.0, -5.5, 4.0, 6.0)


@place("petrol station")
def petrol_station(b: Site) -> None:
    b.floor((0.13, 0.13, 0.13), "earth", 3.0)
    with b.s.thing("roof"):
        b.s.box((0, 4.4, -5.0), (13, 0.6, 8), WHITE)
        b.s.box((0, 4.45, -0.95), (13.1, 0.5, 0.1), (0.4, 0.03, 0.03), glow=(1.6, 0.1, 0.08) if b.dark else (0, 0, 0))
        for x in (-3.5, 3.5):
            b.s.box((x, 0, -5), (0.4, 4.4, 0.4), WHITE)
            b.s.box((x, 4.36, -5), (1.6, 0.05, 3.0), WHITE, glow=(4, 4, 3.6) if b.dark else (0.2, 0.2, 0.2))
    for x in (-3.5, 3.5):
        with b.s.thing("pump"):
            b.s.box((x, 0, -3.6), (0.7, 1.7, 0.5), (0.4, 0.05, 0.04))
            b.s.box((x, 1.05, -3.33), (0.5, 0.4, 0.03), BLACK, glow=(0.4, 0.7, 0.4))
            b.s.limb((x + 0.38, 1.2, -3.5), (x + 0.42, 0.3, -3.3), 0.025, BLACK)
        if b.dark:
            b.s.light((x, 3.9, -4.6), (12, 12, 10.5))
    with b.s.thing("shop"):
        b.s.box((0, 0, -12), (11, 3.4, 4), scaled(WHITE, 0.8))
        b.s.box((0, 0.4, -9.95), (8, 2.2, 0.1), (0.08, 0.1, 0.11), glow=(2.0, 1.9, 1.5) if b.dark else (0.1, 0.1, 0.1))
    put(b.s, "car", (4.9, 0, -5.0), 0.0, look=Look(dark=b.dark))
    b.ridges = ((0.06, 0.5),)
    b.clear = (-2.8, -3.4, 2.6, 6.0)


@place("courtyard")
def courtyard(b: Site) -> None:
    b.floor((0.3, 0.27, 0.22), "tiles", 0.8)
    b.facade(0, -9, 14, 8, 5, 0.0)
    for side in (-1, 1):
        b.facade(side * 7.2, -2.0, 13, 8, 5, -side * math.pi / 2)
    b.piece("well", 2.4, -4.2)
    b.piece("bench", -4.6, -5.0, 0.6)
    b.tree("tree", -3.0, -6.4, 6.0)
    for x in (-5.6, 5.6):
        put(b.s, "potted plant", (x, 0, -7.6))
    b.clear = (-3.0, -3.4, 3.4, 5.0)


@place("arena")
def arena(b: Site) -> None:
    b.floor((0.46, 0.36, 0.23), "earth", 4.0)
    for ring in range(4):
        for k in range(13):
            a = math.pi * (k / 12 - 0.0)
            r = 15 + 2.4 * ring
            at, heading = (r * math.cos(a), 0, -3 - r * math.sin(a)), math.atan2(-math.cos(a), math.sin(a))
            with b.s.thing("tribune"), b.s.placed(at, heading):
                b.s.box((0, 0, 0), (r * 0.27, 2.2 + 1.4 * ring, 2.5), scaled(STONE, 0.8 + 0.16 * ring + 0.1 * (k % 2)))
    for k in (2, 6, 10):
        a = math.pi * k / 12
        with (
            b.s.placed((14.0 * math.cos(a), 0, -3 - 14.0 * math.sin(a)), math.atan2(-math.cos(a), math.sin(a))),
            b.s.thing("gate"),
        ):
            b.s.box((0, 0, 0.3), (2.0, 1.8, 0.3), BLACK)
    for x, tint in ((-9, "red"), (9, "blue")):
        put(b.s, "flag", (x, 4.0, -14.0), look=Look(traits=(tint,)))
    b.clear = (-6.0, -8.0, 6.0, 6.0)


@place("stadium")
def stadium(b: Site) -> None:
    arena(b)
    b.floor((0.06, 0.17, 0.05), "earth", 4.0)
    with b.s.thing("lines"):
        b.s.box((0, 0, -6), (0.14, 0.012, 18), (0.6, 0.6, 0.58))
        b.s.box((0, 0, -6), (24, 0.012, 0.14), (0.6, 0.6, 0.58))
    with b.s.thing("goal"):
        for x in (-3.6, 3.6):
            b.s.limb((x, 0, -13), (x, 2.4, -13), 0.06, WHITE)
        b.s.limb((-3.6, 2.4, -13), (3.6, 2.4, -13), 0.06, WHITE)
    for x in (-14, 14):
        with b.s.thing("floodlight"):
            b.s.limb((x, 0, -20), (x, 15, -20), 0.25, STEEL)
            b.s.box((x, 15, -19.8), (3.4, 2, 0.3), WHITE, glow=(8, 8, 7.4) if b.dark else (0.4, 0.4, 0.4))
