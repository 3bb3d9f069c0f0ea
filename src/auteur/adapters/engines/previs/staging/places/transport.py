"""Where people travel and wait: trains and stations, cars from within, boats, aircraft, tunnels.

Long because it is a list: one place after another.
"""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import BLACK, CONCRETE, GLASS, STEEL, WHITE, WOOD, scaled
from auteur.adapters.engines.previs.staging.pieces import PIECES, Look, PieceMark, put, spread
from auteur.adapters.engines.previs.staging.places.site import Opening, Site, place
from auteur.adapters.engines.previs.staging.stage import PropMark


def _seat(b: Site, x: float, z: float, heading: float, wide: float, color: Vector, seats: int, y: float = 0.0) -> None:
    """A bench with a high back, as in carriages and cars."""
    with b.s.placed((x, y, z), heading):
        at = b.s.whole((0, 0, 0))
        with b.s.thing("seat"):
            b.s.box((0, 0.12, 0.04), (wide, 0.3, 0.5), scaled(color, 0.8))
            b.s.box((0, 0.4, 0.04), (wide, 0.08, 0.52), scaled(color, 1.3))
            b.s.box((0, 0.42, -0.24), (wide, 0.72, 0.13), color, tilt=-0.12)
            for k in spread(seats, wide / seats):
                b.s.box((k, 1.05, -0.3), (wide / seats * 0.6, 0.24, 0.1), scaled(color, 1.3), tilt=-0.12)
    kind = "sofa" if seats > 1 else "armchair"
    mark = PropMark(name="seat", at=at, heading_rad=heading, size_m=(wide, 1.25, 0.6))
    b.pieces.append(PieceMark(piece=PIECES[kind], mark=mark))


def _outside(b: Site, z: float, x: float = 0.0, along_x: bool = True) -> None:
    """What goes by behind a pane: the day, or the dark."""
    glow: Vector = (0.02, 0.03, 0.06) if b.dark else (1.5, 1.7, 2.0)
    with b.s.thing("window"):
        size: Vector = (1.5, 0.9, 0.04) if along_x else (0.04, 0.9, 1.5)
        b.s.box((x, 1.0, z), size, GLASS, glow=glow, shadow=False)
        green: Vector = (0.03, 0.05, 0.02)
        low: Vector = (1.5, 0.34, 0.05) if along_x else (0.05, 0.34, 1.5)
        b.s.box((x, 1.0, z), low, green, glow=scaled((0.12, 0.2, 0.07), 0.1 if b.dark else 2.0), shadow=False)


@place("train compartment", interior=True)
def train_compartment(b: Site) -> None:
    b.floor((0.14, 0.11, 0.1), "earth", 1.0)
    wall = scaled(WOOD, 1.5)
    color = b.rng.choice(((0.05, 0.13, 0.1), (0.26, 0.04, 0.04), (0.05, 0.08, 0.2)))

    def back() -> None:
        b.windows.append(_pane(b))
        with b.s.thing("table"):
            b.s.box((0, 0.72, 0.22), (0.7, 0.04, 0.4), WOOD)
        for x in (-1.0, 1.0):
            with b.s.thing("curtain"):
                b.s.limb((x * 0.86, 0.95, 0.06), (x * 0.86, 2.0, 0.06), 0.12, scaled(color, 1.4), flat=0.5)

    b.wall((-1.25, -1.35), (1.25, -1.35), 2.35, wall, on_it=back, skirting=False)

    def rack() -> None:
        with b.s.thing("rack"):
            b.s.box((0, 1.85, 0.22), (1.9, 0.03, 0.4), STEEL)
            b.s.limb((-0.95, 1.92, 0.42), (0.95, 1.92, 0.42), 0.018, (0.5, 0.38, 0.14))
        b.hang("suitcase", 0.3, z=0.22, y=1.88)
        with b.s.thing("picture"):
            b.s.box((-0.4, 1.4, 0.02), (0.5, 0.3, 0.03), (0.3, 0.36, 0.4))

    b.wall((1.25, -1.35), (1.25, 1.2), 2.35, wall, on_it=rack, skirting=False)
    if b.front:
        b.wall(
            (1.25, 1.2),
            (-1.25, 1.2),
            2.35,
            wall,
            on_it=lambda: b.door(0.0, wide=0.8, high=2.0, pane=True),
            skirting=False,
        )
    b.wall((-1.25, 1.2), (-1.25, -1.35), 2.35, wall, on_it=rack, skirting=False)
    b.lid(2.5, 1.35, 1.2, 2.35, scaled(WHITE, 0.7))
    _seat(b, -0.85, -0.15, math.pi / 2, 2.0, color, 3)
    _seat(b, 0.85, -0.15, -math.pi / 2, 2.0, color, 3)
    with b.s.thing("lamp"):
        b.s.limb((0, 2.25, 0), (0, 2.33, 0), 0.14, WHITE, glow=(2.4, 1.9, 1.2))
    b.s.light((0, 2.0, 0), (1.5, 1.15, 0.7))
    b.clear = (-0.5, -0.9, 0.5, 1.0)
    b.spots = [((0, 0, 0.2), 0.0), ((0, 0, -0.4), 0.0), ((0, 0, 0.8), math.pi)]


def _pane(b: Site) -> Opening:
    _outside(b, 0.03)
    with b.s.thing("window"):
        b.s.box((0, 1.42, 0.06), (1.5, 0.03, 0.03), STEEL, shadow=False)
    return Opening(kind="window", at=b.s.whole((0, 0, 0)), heading_rad=b.s.heading, size_m=(1.5, 0.9), sill_m=1.0)


def _carriage(b: Site, color: Vector, long: float, wide: float, seats: bool) -> None:
    """A long carriage along z: windows on both sides, a way in the middle."""
    b.floor((0.15, 0.15, 0.16), "earth", 1.0)
    wall = (0.5, 0.5, 0.47)
    for side in (-1, 1):
        with b.flat((side * wide / 2, 0, 0), (side, 0, 0), (side * wide / 2, -long, side * wide / 2, 3)):
            with b.s.thing("wall"):
                b.s.box((side * (wide / 2 + 0.05), 0, (3 - long) / 2), (0.1, 1.0, long + 3), wall, shadow=False)
                b.s.box((side * (wide / 2 + 0.05), 1.9, (3 - long) / 2), (0.1, 0.5, long + 3), wall, shadow=False)
            for k in range(int((long + 3) // 1.8)):
                z = 2.0 - 1.8 * k
                _outside(b, z, side * (wide / 2 + 0.06), along_x=False)
                with b.s.thing("wall"):
                    b.s.box((side * (wide / 2 + 0.04), 1.0, z - 0.9), (0.12, 0.9, 0.3), wall, shadow=False)
    with b.flat((0, 2.4, 0), (0, 1, 0)), b.s.thing("ceiling"):
        b.s.box((0, 2.4, (3 - long) / 2), (wide, 0.1, long + 3), scaled(WHITE, 0.8), shadow=False)
        for side in (-1, 1):
            b.s.box(
                (side * 0.5, 2.34, (3 - long) / 2), (0.16, 0.04, long + 2), WHITE, glow=(2.6, 2.6, 2.3), shadow=False
            )
    b.wall(
        (-wide / 2, -long),
        (wide / 2, -long),
        2.4,
        scaled(wall, 0.8),
        skirting=False,
        on_it=lambda: b.door(0.0, wide=0.8, high=2.0, pane=True),
    )
    for k in range(int(long // 1.8)):
        z = -0.2 - 1.8 * k
        for side in (-1, 1):
            if seats:
                _seat(b, side * (wide / 2 - 0.55), z, math.pi if k % 2 else 0.0, 0.95, color, 2)
            else:
                _seat(b, side * (wide / 2 - 0.3), z, -side * math.pi / 2, 1.5, color, 3)
    for side in (-1, 1):
        with b.s.thing("rail"):
            b.s.limb((side * 0.55, 0, -1.1), (side * 0.55, 2.35, -1.1), 0.018, (0.5, 0.4, 0.05))
            b.s.limb((side * 0.62, 1.95, 2.5), (side * 0.62, 1.95, -long + 0.4), 0.016, STEEL)
    for z in (-1.0, -4.5):
        b.s.light((0, 2.1, z), (1.8, 1.8, 1.6))
    b.clear, b.ceiling_m = (-0.35, -long + 1, 0.35, 2.6), 2.4
    b.spots = [((0, 0, 0.4 - 0.9 * k), 0.0) for k in range(4)]


@place("train carriage", interior=True)
def train_carriage(b: Site) -> None:
    _carriage(b, (0.06, 0.12, 0.26), 11.0, 2.8, True)


@place("subway carriage", interior=True)
def subway_carriage(b: Site) -> None:
    _carriage(b, (0.05, 0.2, 0.2), 11.0, 2.7, False)


@place("bus", interior=True)
def bus(b: Site) -> None:
    _carriage(b, (0.3, 0.06, 0.05), 9.0, 2.4, True)


@place("plane cabin", interior=True)
def plane_cabin(b: Site) -> None:
    _carriage(b, (0.07, 0.09, 0.16), 12.0, 3.2, True)


@place("platform")
def platform(b: Site) -> None:
    b.floor((0.1, 0.095, 0.09), "earth", 2.0)
    with b.s.thing("platform"):
        b.s.box((2.0, -1.0, -16), (7.0, 1.0, 48), scaled(CONCRETE, 1.1), pattern="tiles", scale=0.8)
        b.s.box((-1.3, -0.99, -16), (0.35, 1.0, 48), (0.6, 0.5, 0.1))
    with b.s.thing("track"):
        for x in (-2.3, -3.7):
            b.s.box((x, 0.0, -16), (0.08, 0.1, 52), STEEL)
        for k in range(16):
            b.s.box((-3.0, 0.0, 4 - 2.6 * k), (2.4, 0.05, 0.3), scaled(WOOD, 0.6))
    with b.s.thing("roof"):
        b.s.box((2.4, 4.2, -14), (6.4, 0.18, 34), scaled(WOOD, 0.6), roll=0.06)
    for k in range(6):
        with b.s.thing("column"):
            b.s.limb((2.4, 0, 1.5 - 6 * k), (2.4, 4.2, 1.5 - 6 * k), 0.12, (0.1, 0.16, 0.14))
            b.s.limb((2.4, 3.4, 1.5 - 6 * k), (0.2, 4.2, 1.5 - 6 * k), 0.06, (0.1, 0.16, 0.14))
    b.piece("bench", 4.2, -2.0, -math.pi / 2)
    b.piece("bench", 4.2, -9.0, -math.pi / 2)
    put(b.s, "wall clock", (1.4, 0.9, -5.0), 0.0)
    with b.s.thing("sign"):
        b.s.box((3.2, 2.6, -3.2), (1.8, 0.45, 0.08), (0.04, 0.08, 0.25))
        b.s.box((3.2, 2.68, -3.15), (1.3, 0.14, 0.03), WHITE)
    with b.s.thing("wall"):
        b.s.box((5.7, 0, -16), (0.3, 3.6, 48), (0.3, 0.15, 0.1), pattern="windows", scale=2.6)
    b.walls.append((5.55, -40, 5.55, 8))
    for k in range(4):
        with b.s.thing("lamp"):
            b.s.ball((1.0, 3.7, -1.0 - 7 * k), 0.16, (0.8, 0.8, 0.7), glow=(9, 7, 4) if b.dark else (0.4, 0.4, 0.4))
        if b.dark:
            b.s.light((1.0, 3.4, -1.0 - 7 * k), (9, 7, 4))
    for x, z in ((-9, -16), (-12, -26), (-8, -34)):
        b.tree("tree", x, z, b.rng.uniform(6, 9))
    b.ridges = ((0.06, 0.5),)
    b.clear = (-0.8, -8.0, 3.4, 5.0)


@place("station concourse", interior=True)
def station_concourse(b: Site) -> None:
    b.floor((0.46, 0.43, 0.37), "tiles", 1.4)
    wall = (0.48, 0.42, 0.32)

    def arches() -> None:
        for x in spread(4, 6.0):
            b.window(x, wide=3.0, sill=4.0, high=4.0, arched=True)

    def back() -> None:
        b.window(0.0, wide=6.0, sill=6.2, high=3.0, arched=True)
        for x in spread(4, 4.4):
            with b.s.thing("arch"):
                b.s.box((x, 0, 0.05), (2.8, 3.2, 0.1), (0.04, 0.04, 0.05), shadow=False)
                b.s.limb((x, 3.2, 0.0), (x, 3.2, 0.11), 1.4, (0.04, 0.04, 0.05), shadow=False)

    b.wall((-11, -20), (11, -20), 12, wall, on_it=back, skirting=False)
    b.wall((11, -20), (11, 8), 12, wall, on_it=arches, skirting=False)
    if b.front:
        b.wall((11, 8), (-11, 8), 12, wall, skirting=False)
    b.wall((-11, 8), (-11, -20), 12, wall, on_it=arches, skirting=False)
    b.lid(22, 20, 8, 12, scaled(wall, 0.7))
    with b.s.placed((0, 1.0, -12), scale=1.5):
        put(b.s, "departures board", (0, -0.8, 0))
    with b.s.thing("clock"):
        for side in (-1, 1):
            b.s.limb((0, 2.9, -6 + 0.3 * side), (0, 2.9, -6 + 0.34 * side), 0.5, WHITE, glow=(0.5, 0.46, 0.36))
        b.s.limb((0, 2.9, -6.28), (0, 2.9, -5.72), 0.56, (0.4, 0.3, 0.1))
        b.s.limb((0, 0, -6), (0, 2.4, -6), 0.14, (0.1, 0.16, 0.14))
        b.s.limb((0, 0, -6), (0, 1.1, -6), 1.3, scaled(WOOD, 0.9))
        for a, long in ((0.4, 0.32), (2.2, 0.4)):
            b.s.limb((0, 2.9, -5.64), (long * math.sin(a), 2.9 + long * math.cos(a), -5.64), 0.025, BLACK)
    for x in (-4.2, 4.2):
        b.piece("bench", x, -3.0, math.pi / 2 if x < 0 else -math.pi / 2)
        b.piece("bench", x, -9.0, math.pi / 2 if x < 0 else -math.pi / 2)
    for x in (-7.5, 7.5):
        for z in (-15.0, -8.0, -1.0):
            with b.s.thing("column"):
                b.s.limb((x, 0, z), (x, 12, z), 0.5, scaled(wall, 1.3))
                b.s.box((x, 0, z), (1.3, 0.8, 1.3), scaled(wall, 0.8))
    for z in (-2.0, -10.0):
        b.s.light((0, 8, z), (26, 22, 15))
    b.clear, b.ceiling_m = (-3.4, -5.0, 3.4, 6.0), 12.0


@place("airport", interior=True)
def airport(b: Site) -> None:
    b.floor((0.42, 0.44, 0.46), "tiles", 1.2)

    def panes() -> None:
        for x in spread(6, 2.9):
            b.window(x, wide=2.7, sill=0.3, high=4.2)

    b.wall((-9, -9), (9, -9), 5, (0.4, 0.42, 0.44), on_it=panes, skirting=False)
    b.wall((9, -9), (9, 6), 5, (0.45, 0.46, 0.47), skirting=False)
    if b.front:
        b.wall((9, 6), (-9, 6), 5, (0.45, 0.46, 0.47), skirting=False)
    b.wall((-9, 6), (-9, -9), 5, (0.45, 0.46, 0.47), skirting=False)
    b.lid(18, 9, 6, 5, (0.5, 0.52, 0.54))
    with b.s.placed((3.0, 0.0, -8.6), 1.2, scale=0.16):  # a plane beyond the panes, as the eye has it
        put(b.s, "plane", (0, 3.0, 0))
    for z in (-2.2, -5.0):
        for x in (-2.6, 2.6):
            _seat(b, x, z, 0.0, 2.8, (0.05, 0.07, 0.1), 4)
    with b.s.placed((-4.6, -0.4, -5.6), 0.5):
        put(b.s, "departures board")
    with b.s.thing("sign"):
        b.s.box((3.6, 3.1, -3.2), (2.2, 0.5, 0.1), BLACK)
        b.s.box((3.2, 3.2, -3.14), (0.9, 0.26, 0.02), (0.6, 0.5, 0.05), glow=(1.2, 0.9, 0.1))
    b.tubes([(x, z) for x in (-3, 3) for z in (-6, -1, 3)], 5.0, long=2.4)
    put(b.s, "suitcase", (-1.2, 0, -1.2), 0.4)
    b.clear = (-3.4, -1.4, 3.4, 5.0)


@place("car interior", interior=True)
def car_interior(b: Site) -> None:
    """Seen from within or through the windscreen: the driver sits at (0.38, 0) and looks to +z."""
    b.floor((0.05, 0.05, 0.055), "road", 4.9)
    cloth, body = (0.09, 0.07, 0.06), (0.12, 0.03, 0.03)
    for x in (-0.38, 0.38):
        _seat(b, x, 0.0, 0.0, 0.56, cloth, 1, 0.06)
    _seat(b, 0.0, -0.98, 0.0, 1.35, cloth, 3, 0.06)
    with b.s.thing("car"):
        b.s.box((0, 0.1, -0.35), (1.6, 0.06, 2.9), BLACK)
        for side in (-1, 1):
            b.s.box((0.78 * side, 0.12, -0.3), (0.1, 0.75, 2.3), scaled(body, 0.6))
            b.s.box((0.74 * side, 0.6, -0.3), (0.06, 0.08, 1.8), cloth)
            for z, lean in ((0.92, 0.62), (-0.42, 0.0), (-1.4, -0.4)):
                b.s.box((0.73 * side, 0.82, z - lean * 0.3), (0.07, 0.66, 0.07), body, tilt=-lean)
        b.s.box((0, 1.42, -0.42), (1.36, 0.06, 1.7), scaled(body, 0.5), shadow=False)
        b.s.box((0, 1.38, 0.42), (1.36, 0.06, 0.1), body)
        b.s.box((0, 0.62, 0.98), (1.5, 0.3, 0.42), (0.035, 0.033, 0.032))
        b.s.box((0, 0.9, 0.88), (1.46, 0.06, 0.4), (0.05, 0.045, 0.042))
        b.s.box((0.38, 0.84, 0.79), (0.34, 0.14, 0.02), BLACK, glow=(0.12, 0.35, 0.22))
        b.s.box((0, 0.62, 0.77), (0.3, 0.2, 0.02), BLACK, glow=(0.12, 0.12, 0.2))
        b.s.box((0, 0.75, 1.9), (1.6, 0.16, 1.5), body, tilt=0.05)
        for k in range(14):
            a, c = k * math.tau / 14, (k + 1) * math.tau / 14
            rim = [(0.38 + 0.18 * math.sin(t), 0.92 + 0.17 * math.cos(t), 0.62 - 0.06 * math.cos(t)) for t in (a, c)]
            b.s.limb(rim[0], rim[1], 0.014, BLACK)
        for a in (1.57, -1.57, math.pi):
            b.s.limb((0.38, 0.92, 0.64), (0.38 + 0.17 * math.sin(a), 0.92 + 0.16 * math.cos(a), 0.62), 0.012, BLACK)
        b.s.box((0, 1.28, 0.5), (0.26, 0.08, 0.02), BLACK)
        b.s.box((0, 1.29, 0.488), (0.24, 0.06, 0.006), GLASS, glow=(0.1, 0.1, 0.11))
        for x in (-0.3, 0.35):
            b.s.limb((x, 0.93, 1.02), (x + 0.42, 1.1, 0.92), 0.008, BLACK)
    for side in (-1, 1):
        for k in range(6):
            look = Look(dark=b.dark, season=b.season)
            if k % 2:
                put(b.s, "lamp post", (side * 6.0, 0, 10.0 + 9 * k), look=Look(dark=b.dark and k < 4))
            else:
                put(b.s, "tree", (side * b.rng.uniform(8, 12), 0, 8 + 10.0 * k), look=look)
    if b.dark:
        b.s.light((0.0, 0.85, 0.62), (0.05, 0.09, 0.06))
    b.ridges = ((0.07, 0.5), (0.04, 0.5))
    b.clear, b.ceiling_m = (-0.6, -1.1, 0.6, 0.3), 1.4
    b.spots = [((0.38, 0, 0), 0.0), ((-0.38, 0, 0), 0.0), ((0.4, 0, -0.98), 0.0), ((-0.4, 0, -0.98), 0.0)]


@place("police van", interior=True)
def police_van(b: Site) -> None:
    b.floor((0.1, 0.1, 0.11), "earth", 0.6)
    wall = (0.3, 0.32, 0.35)

    def panes() -> None:
        for x in (-0.8, 0.8):
            b.window(x, wide=0.7, sill=1.2, high=0.4)

    def rear() -> None:
        b.door(0.0, wide=1.2, high=1.6, color=(0.2, 0.22, 0.24))

    b.wall((-1.0, -2.2), (1.0, -2.2), 1.95, wall, on_it=rear, skirting=False)
    for side in (-1, 1):
        start, end = ((1.0, -2.2), (1.0, 1.4)) if side > 0 else ((-1.0, 1.4), (-1.0, -2.2))
        b.wall(start, end, 1.95, wall, skirting=False, on_it=panes)
        _seat(b, side * 0.74, -0.4, -side * math.pi / 2, 3.2, (0.04, 0.05, 0.07), 4)
    if b.front:
        b.wall((1.0, 1.4), (-1.0, 1.4), 1.95, wall, skirting=False)
    b.lid(2.0, 2.2, 1.4, 1.95, scaled(wall, 0.8))
    with b.s.thing("lamp"):
        b.s.box((0, 1.9, -0.4), (0.2, 0.03, 1.2), WHITE, glow=(0.6, 0.9, 1.6), shadow=False)
    b.s.light((0, 1.7, -1.0), (0.5, 0.8, 1.6))
    b.clear = (-0.3, -1.8, 0.3, 1.2)
    b.spots = [((0, 0, -0.2), 0.0), ((0, 0, -1.0), 0.0), ((0, 0, 0.6), math.pi)]


@place("boat deck")
def boat_deck(b: Site) -> None:
    b.ground, b.sea_z = None, None
    b.floor((0.02, 0.05, 0.06), "earth", 3.0)
    b.sea_z = 60.0
    with b.s.thing("deck"):
        b.s.box((0, 0.02, -1.0), (4.4, 0.5, 10.0), scaled(WOOD, 1.6), pattern="planks", scale=0.22)
        b.s.limb((0, 0.02, -6.0), (0, 0.52, -6.0), 2.2, scaled(WOOD, 1.5))
        for side in (-1, 1):
            b.s.box((side * 2.2, 0.4, -1.0), (0.14, 0.45, 10), WHITE)
    with b.s.thing("railing"):
        for side in (-1, 1):
            b.s.limb((side * 2.15, 1.5, 4.0), (side * 2.15, 1.5, -6.0), 0.03, WHITE)
            b.s.limb((side * 2.15, 1.18, 4.0), (side * 2.15, 1.18, -6.0), 0.018, WHITE)
            for k in range(6):
                b.s.limb((side * 2.15, 0.8, 3.5 - 1.9 * k), (side * 2.15, 1.5, 3.5 - 1.9 * k), 0.022, WHITE)
            b.s.limb((side * 2.15, 1.5, -6.0), (0, 1.6, -8.2), 0.03, WHITE)
    with b.s.thing("cabin"):
        b.s.box((0.0, 0.5, -4.4), (2.4, 1.9, 2.0), WHITE)
        b.s.box((0.0, 1.4, -3.38), (1.9, 0.6, 0.05), GLASS, glow=(0.8, 0.5, 0.2) if b.dark else (0, 0, 0))
        b.s.box((0.0, 2.4, -4.3), (2.8, 0.1, 2.5), (0.3, 0.05, 0.04))
    with b.s.thing("mast"):
        b.s.limb((0, 0.5, -2.6), (0, 7.5, -2.6), 0.09, scaled(WOOD, 1.6))
        for x, z in ((-2.1, 3.6), (2.1, 3.6), (0, -8.0)):
            b.s.limb((0, 7.2, -2.6), (x, 1.0, z), 0.014, BLACK)
    put(b.s, "rope", (-1.5, 0.52, 0.6))
    with b.s.thing("life ring"):
        for k in range(10):
            a, c = k * math.tau / 10, (k + 1) * math.tau / 10
            rim = [(1.75, 1.25 + 0.26 * math.cos(t), -2.9 + 0.26 * math.sin(t)) for t in (a, c)]
            b.s.limb(rim[0], rim[1], 0.05, (0.6, 0.1, 0.03) if k % 5 < 3 else WHITE)
    b.piece("crate", 1.5, 1.2, 0.3, y=0.52)
    b.clear = (-1.6, -2.2, 1.6, 3.4)
    b.spots = [((x, 0.52, z), 0.0) for z in (-1.0, 0.6, 2.0) for x in (0.0, -1.1, 1.1)]


@place("tunnel", interior=True)
def tunnel(b: Site) -> None:
    b.floor((0.06, 0.06, 0.065), "road", 3.4)
    wall = scaled(CONCRETE, 0.7)
    for k in range(9):  # the vault, in rings of five flats
        z = 3.0 - 4.6 * k
        with b.s.thing("wall"):
            for side in (-1, 1):
                b.s.box((side * 4.0, 0, z), (0.4, 2.6, 4.4), scaled(wall, 0.9 + 0.2 * (k % 2)), shadow=False)
                b.s.box(
                    (side * 3.1, 3.0, z),
                    (2.6, 0.3, 4.4),
                    scaled(wall, 0.8 + 0.2 * (k % 2)),
                    roll=-side * 0.75,
                    shadow=False,
                )
            b.s.box((0, 4.0, z), (4.6, 0.3, 4.4), scaled(wall, 0.7), shadow=False)
        with b.s.thing("lamp"):
            for side in (-1, 1):
                b.s.box((side * 2.4, 3.3, z), (0.16, 0.08, 0.9), WHITE, glow=(5, 3.2, 1.1), shadow=False)
        if k < 4:
            b.s.light((0, 3.2, z), (6, 3.9, 1.5))
    with b.s.thing("pavement"):
        for side in (-1, 1):
            b.s.box((side * 3.5, 0, -16), (0.8, 0.18, 42), CONCRETE)
    glow: Vector = (0.02, 0.03, 0.05) if b.dark else (3, 3.2, 3.4)
    with b.s.thing("opening"):
        b.s.box((0, 0, -39), (8, 4.2, 0.2), BLACK, glow=glow, shadow=False)
    for side in (-1, 1):
        b.walls.append((side * 3.8, -38, side * 3.8, 5))
    b.clear, b.ceiling_m = (-2.6, -8.0, 2.6, 4.6), 4.0


@place("spaceship", interior=True)
def spaceship(b: Site) -> None:
    b.floor((0.2, 0.22, 0.25), "tiles", 0.8)
    hull = (0.4, 0.43, 0.47)

    def view() -> None:
        with b.s.thing("window"):
            b.s.box((0, 1.0, 0.02), (5.4, 1.8, 0.1), STEEL, shadow=False)
            b.s.box((0, 1.1, 0.05), (5.2, 1.6, 0.1), (0.004, 0.005, 0.012), glow=(0.004, 0.006, 0.016), shadow=False)
            b.s.ball((1.5, 1.75, 0.02), (0.6, 0.6, 0.12), (0.1, 0.2, 0.4), glow=(0.16, 0.3, 0.55), shadow=False)
            for _ in range(16):
                b.s.ball(
                    (b.rng.uniform(-2.5, 0.8), b.rng.uniform(1.2, 2.6), 0.11),
                    0.016,
                    (1, 1, 1),
                    glow=(2, 2, 2.4),
                    shadow=False,
                )

    b.room(
        7.0,
        3.6,
        4.0,
        2.9,
        hull,
        on_back=view,
        skirting=False,
        ceiling=scaled(hull, 0.6),
        on_left=lambda: b.door(-1.0, wide=1.3, high=2.2, color=STEEL),
    )
    with b.s.thing("console"):
        for x, heading in ((-1.7, 0.3), (1.7, -0.3)):
            with b.s.placed((x, 0, -2.7), heading):
                b.s.box((0, 0, 0), (2.0, 0.75, 0.6), (0.1, 0.11, 0.13))
                b.s.box((0, 0.75, 0.0), (2.0, 0.08, 0.7), (0.16, 0.17, 0.2), tilt=0.3)
                for k, dx in enumerate(spread(5, 0.36)):
                    tint = ((0.1, 1.4, 1.6), (1.6, 0.4, 0.1), (0.2, 1.4, 0.4))[k % 3]
                    b.s.box((dx, 0.82, 0.04), (0.26, 0.02, 0.2), BLACK, tilt=0.3, glow=tint)
    b.piece("office chair", -1.4, -1.7, math.pi + 0.2)
    b.piece("office chair", 1.4, -1.7, math.pi - 0.2)
    for side in (-1, 1):
        for z in (-2.4, -0.4, 1.6):
            with b.s.thing("rib"):
                b.s.box((side * 3.3, 0, z), (0.3, 2.9, 0.24), scaled(hull, 0.7))
                b.s.box((side * 3.13, 0.3, z), (0.04, 2.3, 0.08), WHITE, glow=(0.5, 1.6, 2.2))
    b.tubes(((-1.2, -0.6), (1.2, -0.6)), 2.9, wide=0.16, long=3.0)
    b.s.light((0, 1.4, -2.4), (0.3, 0.8, 1.0))
    b.clear = (-2.4, -1.2, 2.4, 3.4)


@place("elevator", interior=True)
def elevator(b: Site) -> None:
    b.floor((0.2, 0.18, 0.16), "tiles", 0.4)

    def panel() -> None:
        with b.s.thing("panel"):
            b.s.box((0.4, 0.9, 0.02), (0.2, 0.6, 0.02), STEEL)
            for k in range(6):
                b.s.ball(
                    (0.36 + 0.08 * (k % 2), 1.0 + 0.14 * (k // 2), 0.04), 0.02, (1, 0.8, 0.3), glow=(1.4, 0.9, 0.2)
                )

    b.wall(
        (-1.0, -1.0), (1.0, -1.0), 2.4, scaled(STEEL, 1.2), skirting=False, on_it=lambda: b.hang("mirror", 0.0, y=-0.1)
    )
    b.wall((1.0, -1.0), (1.0, 1.0), 2.4, STEEL, skirting=False, on_it=panel)
    if b.front:
        b.wall(
            (1.0, 1.0),
            (-1.0, 1.0),
            2.4,
            scaled(STEEL, 1.3),
            skirting=False,
            on_it=lambda: b.door(0.0, wide=1.2, high=2.2, color=STEEL),
        )
    b.wall((-1.0, 1.0), (-1.0, -1.0), 2.4, STEEL, skirting=False)
    b.lid(2, 1, 1, 2.4, WHITE)
    b.tubes(((0, 0),), 2.4, wide=1.0, long=1.0)
    with b.s.thing("railing"):
        b.s.limb((-0.9, 0.95, -0.94), (0.9, 0.95, -0.94), 0.025, (0.5, 0.4, 0.2))
    b.clear = (-0.7, -0.6, 0.7, 0.8)
