"""Rooms that people live in.

Long because it is a list: one place after another.
"""

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import CLOTH, CONCRETE, STEEL, STONE, WOOD, scaled
from auteur.adapters.engines.previs.staging.pieces import Look, put
from auteur.adapters.engines.previs.staging.places.site import Site, place, steps

_WALLS: tuple[Vector, ...] = ((0.42, 0.36, 0.27), (0.2, 0.28, 0.27), (0.4, 0.24, 0.2), (0.33, 0.35, 0.4))


@place("room", interior=True)
def room(b: Site) -> None:
    b.floor((0.3, 0.18, 0.1), "planks", 0.2)
    side = b.rng.choice((-1, 1))

    def back() -> None:
        b.window(1.7 * side)
        b.hang("painting", -0.2 * side)

    b.room(
        7.4,
        3.2,
        3.6,
        2.8,
        b.rng.choice(_WALLS),
        on_back=back,
        on_left=lambda: b.door(-0.9),
        on_right=lambda: b.window(0.8),
        on_front=lambda: b.door(1.4),
    )
    b.piece("bookcase", -2.6 * side, -2.95)
    b.piece("lamp", 3.2, -2.6)
    b.piece("armchair", -2.3, -1.4, 0.9)
    put(b.s, "rug", (0, 0, -0.4))


@place("living room", interior=True)
def living_room(b: Site) -> None:
    b.floor((0.32, 0.2, 0.12), "planks", 0.2)

    def back() -> None:
        b.window(-2.2)
        b.window(2.2)
        b.hang("painting", 0.0)

    b.room(
        8.0,
        3.4,
        3.8,
        2.8,
        b.rng.choice(_WALLS),
        on_back=back,
        on_left=lambda: b.door(1.0, open_=True),
        on_right=lambda: b.window(0.0),
        on_front=lambda: b.hang("mirror", -1.0),
    )
    b.piece("sofa", 0.0, -2.3)
    b.piece("armchair", 2.4, -1.0, -1.0)
    b.piece("low table", 0.3, -1.1)
    b.piece("lamp", -1.7, -2.8)
    b.piece("bookcase", -3.7, -0.6, 1.5708)
    put(b.s, "rug", (0.2, 0, -1.0))
    put(b.s, "potted plant", (3.5, 0, -2.9))
    b.clear = (-2.6, -0.6, 2.6, 3.2)


@place("bedroom", interior=True)
def bedroom(b: Site) -> None:
    b.floor((0.3, 0.2, 0.14), "planks", 0.18)

    def back() -> None:
        b.window(1.9)
        b.hang("painting", -0.9)

    b.room(6.6, 3.0, 3.4, 2.7, b.rng.choice(((0.3, 0.34, 0.42), (0.45, 0.38, 0.36), (0.36, 0.4, 0.34))), on_back=back,
           on_left=lambda: b.door(-1.6), on_right=lambda: b.window(0.2))  # fmt: skip
    b.piece("bed", -0.9, -1.85, look=Look(traits=("double",)))
    for x in (-2.2, 0.4):
        b.piece("night table", x, -2.7)
        put(b.s, "table lamp", (x, 0.5, -2.7), look=Look(dark=b.dark))
    b.piece("wardrobe", 2.9, -1.0, -1.5708)
    b.piece("chair", 2.2, -2.4, -0.5)
    put(b.s, "rug", (0.6, 0, 0.2))
    b.clear = (0.3, -1.2, 2.6, 3.0)


@place("kitchen", interior=True)
def kitchen(b: Site) -> None:
    b.floor((0.55, 0.52, 0.47), "tiles", 0.5)
    front = b.rng.choice(((0.2, 0.34, 0.33), (0.5, 0.46, 0.36), (0.16, 0.2, 0.3), (0.36, 0.16, 0.1)))

    def back() -> None:
        b.window(0.2, wide=1.3, sill=1.15, high=1.1)
        for x in (-2.3, -1.5, 1.5):
            with b.s.thing("cupboard"):
                b.s.box((x, 1.45, 0.18), (0.74, 0.75, 0.34), scaled(front, 1.2))
                b.s.ball((x + 0.28, 1.55, 0.36), 0.02, STEEL)

    b.room(
        6.4,
        2.9,
        3.4,
        2.7,
        (0.62, 0.6, 0.52),
        on_back=back,
        on_left=lambda: b.door(0.6, pane=True),
        on_right=lambda: b.window(-0.4),
    )
    with b.s.thing("counter"):
        b.s.box((-2.1, 0, -2.58), (1.7, 0.86, 0.6), front)
        b.s.box((1.55, 0, -2.58), (1.2, 0.86, 0.6), front)
        b.s.box((-0.7, 0.86, -2.56), (4.5, 0.05, 0.66), (0.5, 0.48, 0.45))
        b.s.box((1.55, 0.86, -2.56), (1.2, 0.05, 0.66), (0.5, 0.48, 0.45))
        for x in (-2.6, -1.9, 1.3, 1.85):
            b.s.box((x, 0.12, -2.27), (0.5, 0.62, 0.02), scaled(front, 1.3))
    b.piece("sink", 0.2, -2.55)
    b.piece("stove", -0.92, -2.55)
    b.piece("refrigerator", 2.6, -2.45)
    put(b.s, "pot", (-1.05, 0.92, -2.6))
    b.things_on(0.91, -2.8, -1.4, -2.6, 4, ("bottle", "cup", "bowl", "bread"))
    put(b.s, "hanging lamp", (0, 0, -0.5))
    b.clear = (-2.6, -1.9, 2.6, 2.9)


@place("bathroom", interior=True)
def bathroom(b: Site) -> None:
    b.floor((0.5, 0.52, 0.52), "tiles", 0.3)
    b.room(
        4.2,
        2.2,
        2.6,
        2.6,
        (0.34, 0.46, 0.47),
        on_back=steps(lambda: b.hang("mirror", -0.7), lambda: b.window(1.2, wide=0.8, sill=1.4, high=0.8)),
        on_left=lambda: b.door(-0.6),
    )
    with b.s.thing("wall"):
        for x, z, wide, deep in ((0, -2.16, 4.2, 0.06), (-2.06, 0.2, 0.06, 4.7), (2.06, 0.2, 0.06, 4.7)):
            b.s.box((x, 0, z), (wide, 1.2, deep), (0.68, 0.68, 0.66), pattern="tiles", scale=0.2, shadow=False)
    b.piece("bathtub", 1.6, -1.0)
    b.piece("basin", -0.7, -1.85)
    b.piece("toilet", -1.65, -1.1, 1.5708)
    put(b.s, "rug", (0, 0, 0.2), look=Look(traits=("white",)))
    b.s.light((-0.7, 2.2, -1.6), (2.0, 1.9, 1.7))


@place("dining room", interior=True)
def dining_room(b: Site) -> None:
    b.floor((0.26, 0.15, 0.08), "planks", 0.2)
    b.room(
        7.6,
        3.6,
        3.8,
        2.9,
        (0.3, 0.1, 0.09),
        on_back=steps(lambda: b.window(-2.2), lambda: b.window(2.2), lambda: b.hang("painting", 0.0)),
        on_left=lambda: b.door(-1.0),
    )
    b.piece("table", 0.0, -0.9)
    for x in (-0.45, 0.45):
        b.piece("chair", x, -1.75)
        b.piece("chair", x, -0.05, 3.1416)
    b.piece("chest of drawers", 0.0, -3.3)
    put(b.s, "candle", (0, 0.77, -0.9))
    b.things_on(0.77, -0.7, 0.7, -0.9, 4, ("plate", "wine glass", "bowl"))
    put(b.s, "hanging lamp", (0, 0, -0.9))


@place("attic", interior=True)
def attic(b: Site) -> None:
    b.floor((0.24, 0.15, 0.08), "planks", 0.22)
    b.wall((-3.4, -4.2), (3.4, -4.2), 3.3, scaled(WOOD, 1.2), pattern="planks", scale=0.3, skirting=False,
           on_it=lambda: b.window(0.0, wide=1.0, sill=1.1, high=1.2))  # fmt: skip
    if b.front:
        b.wall((3.4, 3.6), (-3.4, 3.6), 3.3, scaled(WOOD, 1.2), pattern="planks", scale=0.3, skirting=False)
    for side in (-1, 1):
        with b.flat((side * 3.2, 0.5, 0), (side * 0.75, 0.66, 0)), b.s.thing("ceiling"):
            b.s.box((side * 1.75, 1.75, -0.3), (4.5, 0.12, 7.9), scaled(WOOD, 0.7), roll=-side * 0.72, shadow=False)
            for z in (-3.2, -1.6, 0.0, 1.6):
                b.s.box((side * 1.7, 1.66, z), (4.4, 0.16, 0.16), scaled(WOOD, 0.45), roll=-side * 0.72, shadow=False)
        b.walls.append((side * 3.3, -4.2, side * 3.3, 3.6))
    for x, z, kind in (
        (-2.3, -2.6, "crate"),
        (-1.7, -3.3, "chest of drawers"),
        (2.2, -2.8, "crate"),
        (2.1, -1.6, "suitcase"),
    ):
        b.piece(kind, x, z, b.rng.uniform(-0.5, 0.5))
    b.piece("crate", 2.2, -2.8, 0.3, y=0.6)
    put(b.s, "bulb", (0, 0, -1.2), look=Look(dark=True))
    b.clear, b.ceiling_m = (-1.6, -2.4, 1.6, 3.0), 3.3


@place("cellar", interior=True)
def cellar(b: Site) -> None:
    b.floor((0.16, 0.15, 0.14), "earth", 3.0)
    b.room(
        6.2,
        3.4,
        3.4,
        2.4,
        scaled(STONE, 0.6),
        pattern="earth",
        scale=1.2,
        skirting=False,
        ceiling=scaled(STONE, 0.4),
        on_back=lambda: b.window(1.6, wide=0.7, sill=1.75, high=0.4),
        on_left=lambda: b.door(-0.8, color=scaled(WOOD, 0.5)),
    )
    for k in range(7):
        with b.s.thing("stairs"):
            b.s.box((2.55, 0.0, -0.4 - 0.36 * k), (1.0, 0.26 * (k + 1), 0.36), scaled(WOOD, 0.7))
    for x, z in ((-2.5, -2.7), (-1.8, -2.9), (-2.6, -1.9)):
        b.piece("barrel", x, z)
    b.piece("shelf", -0.4, -3.1)
    with b.s.thing("pipe"):
        b.s.limb((-3.0, 2.2, -3.25), (3.0, 2.2, -3.25), 0.06, STEEL)
    put(b.s, "bulb", (0, -0.2, -0.5), look=Look(dark=True))
    b.clear = (-2.0, -2.2, 1.8, 2.9)


@place("stairs", interior=True)
def stairs(b: Site) -> None:
    b.floor((0.28, 0.17, 0.1), "planks", 0.2)
    b.room(
        6.4,
        6.0,
        3.6,
        5.6,
        (0.4, 0.36, 0.3),
        ceiling=None,
        on_left=lambda: b.door(1.0),
        on_back=lambda: b.window(0.0, sill=3.2, wide=1.4, high=1.6),
    )
    for k in range(14):
        with b.s.thing("stairs"):
            b.s.box((0, 0, -1.4 - 0.3 * k), (2.4, 0.18 * (k + 1), 0.3), scaled(WOOD, 1.3 if k % 2 else 1.1))
    with b.s.thing("railing"):
        for x in (-1.2, 1.2):
            b.s.limb((x, 1.0, -1.3), (x, 3.5, -5.5), 0.045, scaled(WOOD, 0.6))
            b.s.limb((x, 0, -1.25), (x, 1.15, -1.25), 0.07, scaled(WOOD, 0.6))
            for k in range(1, 13, 2):
                b.s.limb((x, 0.18 * k, -1.5 - 0.3 * k), (x, 1.05 + 0.18 * k, -1.5 - 0.3 * k), 0.018, scaled(WOOD, 0.5))
    put(b.s, "rug", (0, 0, 0.8), 1.5708, look=Look(traits=("red",)))
    b.s.light((0, 3.2, -0.5), (4, 3, 2))
    b.clear = (-2.6, -1.0, 2.6, 3.2)
    b.spots = [((0.0, 0.0, -0.4), 0.0), ((-0.6, 0.36, -1.7), 0.0), ((0.5, 1.08, -2.9), 0.0), ((0.0, 0.0, 0.8), 3.1416)]


@place("hallway", interior=True)
def hallway(b: Site) -> None:
    b.floor((0.28, 0.18, 0.1), "planks", 0.2)
    b.room(
        3.0,
        4.6,
        3.6,
        2.7,
        (0.42, 0.38, 0.3),
        on_back=lambda: b.door(0.0, color=(0.2, 0.05, 0.04)),
        on_left=steps(lambda: b.door(-1.5), lambda: b.hang("mirror", 1.4)),
        on_right=lambda: b.door(1.2),
    )
    b.piece("chest of drawers", -1.15, -1.5, 1.5708)
    put(b.s, "telephone", (-1.15, 0.85, -1.4), 1.5708)
    with b.s.thing("coat rack"):
        b.s.box((1.46, 1.6, -2.6), (0.06, 0.1, 1.0), WOOD)
        for k, z in enumerate((-2.95, -2.6, -2.25)):
            b.s.limb((1.36, 0.9, z), (1.4, 1.65, z), 0.15, CLOTH[k], taper=0.5, flat=0.6)
    put(b.s, "rug", (0, 0, -1.0), 1.5708)
    b.s.light((0, 2.3, -1.0), (2.6, 2.0, 1.2))


@place("garage", interior=True)
def garage(b: Site) -> None:
    b.floor(CONCRETE, "earth", 3.0)

    def door_up() -> None:
        with b.s.thing("door"):
            for k in range(5):
                b.s.box((0.6, 0.05 + 0.5 * k, 0.05), (3.4, 0.46, 0.06), (0.5, 0.5, 0.48), shadow=False)

    b.room(8.0, 4.2, 4.0, 2.9, scaled(CONCRETE, 1.2), on_back=door_up, skirting=False, on_left=lambda: b.door(1.2))
    b.piece("car", 1.6, -1.6, 0.0)
    b.piece("table", -3.3, -2.0, 1.5708)
    put(b.s, "hammer", (-3.3, 0.77, -1.8))
    b.piece("shelf", -3.6, -3.7, 0.6)
    for k in range(2):
        put(b.s, "tyre", (-2.6, 0.2 * k, 0.4))
    b.tubes(((0.0, -1.0), (-2.4, -1.0)), 2.9)
    b.clear = (-2.6, -0.4, 0.3, 3.4)


@place("fireside", interior=True)
def fireside(b: Site) -> None:
    b.floor((0.2, 0.12, 0.07), "planks", 0.24)
    b.room(
        7.0,
        3.2,
        3.6,
        2.7,
        scaled(WOOD, 1.6),
        pattern="stripes",
        scale=0.28,
        ceiling=scaled(WOOD, 0.9),
        on_left=lambda: b.window(0.2),
        on_right=lambda: b.door(0.8),
    )
    b.piece("fireplace", 0.0, -2.9)
    b.piece("armchair", -1.7, -1.5, 0.8)
    b.piece("armchair", 1.7, -1.5, -0.8)
    b.piece("log", 2.6, -2.8, 0.2)
    put(b.s, "rug", (0, 0, -1.0), look=Look(traits=("brown",)))
    with b.s.thing("mounted head"):
        b.s.ball((0, 2.0, -3.0), (0.14, 0.2, 0.2), (0.2, 0.12, 0.06))
