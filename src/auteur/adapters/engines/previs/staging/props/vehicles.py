"""What people ride and drive, at true size. Bonnet, bow and beak point to +z.

Long because it is a list: one vehicle after another.
"""

import math

from auteur.adapters.engines.previs.staging.materials import BLACK, GLASS, STEEL, WARM, WHITE, WOOD, Props, scaled
from auteur.adapters.engines.previs.staging.pieces import Look, piece, spread

_PAINTS = ((0.4, 0.03, 0.03), (0.03, 0.1, 0.3), (0.45, 0.42, 0.36), (0.04, 0.04, 0.045), (0.06, 0.16, 0.1))
_PANE = scaled(GLASS, 0.5)


def _wheel(s: Props, x: float, z: float, radius: float, wide: float = 0.2) -> None:
    s.limb((x - wide / 2, radius, z), (x + wide / 2, radius, z), radius, (0.02, 0.02, 0.02))
    s.limb((x - wide / 2 - 0.01, radius, z), (x + wide / 2 + 0.01, radius, z), radius * 0.55, (0.3, 0.3, 0.31))


def _lamps(s: Props, look: Look, x: float, y: float, front: float, rear: float) -> None:
    lit = look.dark
    for side in (-1, 1):
        s.ball(
            (x * side, y, front), (0.15, 0.09, 0.05), (0.8, 0.8, 0.7), glow=(12, 10.5, 7.5) if lit else (0.5, 0.5, 0.45)
        )
        s.ball(
            (x * side, y, rear), (0.15, 0.08, 0.04), (0.4, 0.02, 0.02), glow=(2.5, 0.08, 0.05) if lit else (0.1, 0, 0)
        )
    if lit:
        s.light((0, y + 0.1, front + 1.4), (7, 6, 4.2))


@piece((1.8, 1.48, 4.4), lean_m=0.95, seat_m=0.9, large=True)
def car(s: Props, look: Look) -> None:
    paint = look.color(s.rng.choice(_PAINTS))
    s.box((0, 0.3, 0), (1.76, 0.42, 4.35), paint)
    s.box((0, 0.7, 1.45), (1.68, 0.18, 1.4), paint, tilt=0.06)
    s.box((0, 0.7, -1.75), (1.68, 0.22, 0.85), paint)
    s.box((0, 0.72, -0.3), (1.72, 0.22, 2.2), paint)
    s.box((0, 0.92, -0.35), (1.5, 0.5, 1.9), _PANE)
    s.box((0, 0.85, 0.68), (1.46, 0.68, 0.05), _PANE, tilt=-0.75)
    s.box((0, 0.86, -1.4), (1.46, 0.6, 0.05), _PANE, tilt=0.6)
    s.box((0, 1.42, -0.4), (1.46, 0.06, 1.55), paint)
    for x in (-0.75, 0.75):
        for z in (0.25, -0.4, -1.15):
            s.box((x, 0.9, z), (0.04, 0.54, 0.07), paint)
    for z in (2.2, -2.2):
        s.box((0, 0.32, z), (1.7, 0.16, 0.08), scaled(STEEL, 1.2))
    for x in (-0.82, 0.82):
        for z in (1.4, -1.35):
            _wheel(s, x, z, 0.33)
    _lamps(s, look, 0.64, 0.62, 2.19, -2.18)
    s.box((0, 0.5, 2.18), (0.8, 0.16, 0.03), BLACK)


def _seen_taxi(s: Props, look: Look) -> None:
    car(s, Look(dark=look.dark, traits=(*look.traits, "yellow"), season=look.season))
    s.box((0, 1.48, -0.3), (0.6, 0.16, 0.22), WHITE, glow=(1.2, 1.0, 0.4) if look.dark else (0.2, 0.2, 0.1))


@piece((1.8, 1.65, 4.4), lean_m=0.95, large=True)
def taxi(s: Props, look: Look) -> None:
    _seen_taxi(s, look)


@piece((1.8, 1.6, 4.4), name="police car", lean_m=0.95, large=True)
def police_car(s: Props, look: Look) -> None:
    car(s, Look(dark=look.dark, traits=("black",)))
    for x in (-0.89, 0.89):
        s.box((x, 0.34, -0.3), (0.02, 0.5, 1.9), WHITE)
    s.box((0, 1.48, -0.3), (1.1, 0.1, 0.3), BLACK)
    s.box((-0.32, 1.5, -0.3), (0.42, 0.13, 0.28), (0.4, 0.02, 0.02), glow=(5, 0.2, 0.2))
    s.box((0.32, 1.5, -0.3), (0.42, 0.13, 0.28), (0.02, 0.04, 0.4), glow=(0.2, 0.6, 6))
    s.light((0.4, 1.9, 0.2), (0.6, 1.4, 7))
    s.light((-0.6, 1.9, 0.2), (6, 0.5, 0.4))


@piece((2.0, 2.3, 5.2), lean_m=1.2, large=True)
def van(s: Props, look: Look) -> None:
    paint = look.color(s.rng.choice((*_PAINTS, WHITE)))
    s.box((0, 0.35, -0.5), (1.95, 1.9, 4.1), paint)
    s.box((0, 0.35, 2.0), (1.9, 0.75, 1.1), paint)
    s.box((0, 1.05, 1.6), (1.75, 1.05, 0.06), _PANE, tilt=-0.45)
    s.box((0, 0.9, 1.4), (1.85, 1.15, 0.6), paint, tilt=-0.2)
    for x in (-0.97, 0.97):
        s.box((x, 1.3, 1.0), (0.03, 0.6, 0.75), _PANE)
        for z in (1.6, -1.5):
            _wheel(s, x * 0.92, z, 0.36)
    s.box((0, 0.35, 2.56), (1.8, 0.2, 0.08), BLACK)
    _lamps(s, look, 0.72, 0.85, 2.55, -2.56)


@piece((2.0, 2.5, 5.2), name="police van", lean_m=1.2, large=True)
def police_van(s: Props, look: Look) -> None:
    van(s, Look(dark=look.dark, traits=("navy",)))
    for x in (-0.985, 0.985):
        s.box((x, 0.9, -0.5), (0.02, 0.35, 4.0), WHITE)
    s.box((0, 2.26, 0.8), (1.2, 0.16, 0.3), (0.02, 0.04, 0.4), glow=(0.2, 0.7, 6))
    s.light((0, 2.8, 1.2), (0.6, 1.5, 7))


@piece((2.1, 2.6, 5.6), lean_m=1.2, large=True, bed_m=0.8)
def ambulance(s: Props, look: Look) -> None:
    van(s, Look(dark=look.dark, traits=("white",)))
    for x in (-0.985, 0.985):
        s.box((x, 1.0, -0.6), (0.02, 0.3, 3.8), (0.5, 0.05, 0.02))
        s.box((x, 1.45, -0.6), (0.03, 0.6, 0.18), (0.5, 0.03, 0.03))
        s.box((x, 1.66, -0.6), (0.03, 0.18, 0.6), (0.5, 0.03, 0.03))
    s.box((0, 2.26, 0.8), (1.2, 0.16, 0.3), (0.02, 0.04, 0.4), glow=(0.2, 0.7, 6))


@piece((2.5, 3.4, 8.0), lean_m=1.4, large=True)
def truck(s: Props, look: Look) -> None:
    paint = look.color(s.rng.choice(_PAINTS))
    s.box((0, 1.0, -1.2), (2.45, 2.4, 5.4), look.color(scaled(WHITE, 0.7)))
    s.box((0, 0.6, -0.4), (1.0, 0.3, 7.4), BLACK)
    s.box((0, 0.6, 2.8), (2.3, 2.0, 1.7), paint)
    s.box((0, 1.6, 3.66), (2.1, 0.8, 0.05), _PANE)
    for x in (-1.16, 1.16):
        s.box((x, 1.6, 2.95), (0.03, 0.75, 0.9), _PANE)
        for z in (2.75, -1.9, -3.0):
            _wheel(s, x * 0.9, z, 0.5, 0.3)
    s.box((0, 0.75, 3.68), (1.6, 0.5, 0.06), STEEL)
    s.box((0, 0.5, 3.72), (2.3, 0.22, 0.1), STEEL)
    _lamps(s, look, 0.9, 0.85, 3.7, -3.92)


@piece((2.5, 3.1, 11.0), lean_m=1.4, large=True)
def bus(s: Props, look: Look) -> None:
    paint = look.color((0.42, 0.05, 0.04))
    s.box((0, 0.4, 0), (2.5, 2.6, 10.8), paint)
    s.box((0, 1.45, 0), (2.53, 0.95, 9.8), _PANE, glow=(0.7, 0.6, 0.35) if look.dark else (0, 0, 0))
    for z in spread(6, 1.65):
        s.box((0, 1.4, z), (2.55, 1.05, 0.12), paint)
    s.box((0, 1.1, 5.41), (2.2, 1.4, 0.04), _PANE, glow=(0.4, 0.36, 0.2) if look.dark else (0, 0, 0))
    s.box((0, 2.62, 5.43), (1.6, 0.26, 0.04), BLACK, glow=(0.9, 0.6, 0.1))
    for x in (-1.15, 1.15):
        for z in (3.6, -3.2):
            _wheel(s, x, z, 0.5, 0.28)
    _lamps(s, look, 0.95, 0.8, 5.42, -5.42)


@piece((0.6, 1.1, 1.75), seat_m=0.95, lean_m=0.95, ride=True)
def bicycle(s: Props, look: Look) -> None:
    paint = look.color((0.3, 0.04, 0.04))
    for z in (0.52, -0.52):
        for k in range(12):  # a rim of short limbs: a solid disc would be no bicycle
            a, b = k * math.tau / 12, (k + 1) * math.tau / 12
            rim = [(0.0, 0.34 + 0.33 * math.sin(t), z + 0.33 * math.cos(t)) for t in (a, b)]
            s.limb(rim[0], rim[1], 0.016, BLACK)
        s.limb((-0.03, 0.34, z), (0.03, 0.34, z), 0.03, STEEL)
    crank, seat, head = (0, 0.3, -0.08), (0, 0.85, -0.22), (0, 0.82, 0.36)
    hub = (0, 0.34, -0.52)
    for start, end in ((crank, seat), (seat, head), (crank, head), (crank, hub), (seat, hub)):
        s.limb(start, end, 0.018, paint)
    s.limb((0, 0.34, 0.52), (0, 1.0, 0.33), 0.018, paint)
    s.limb((-0.28, 1.0, 0.3), (0.28, 1.0, 0.3), 0.014, BLACK)
    s.ball((0, 0.95, -0.24), (0.08, 0.035, 0.13), BLACK)
    s.limb((0, 0.85, -0.22), (0, 0.94, -0.24), 0.014, STEEL)
    s.limb((-0.09, 0.3, -0.08), (0.09, 0.3, -0.08), 0.06, STEEL)


@piece((0.8, 1.2, 2.1), seat_m=0.8, lean_m=0.85, ride=True)
def motorcycle(s: Props, look: Look) -> None:
    paint = look.color((0.3, 0.03, 0.03))
    for z in (0.72, -0.68):
        _wheel(s, 0, z, 0.31, 0.13)
    s.ball((0, 0.78, 0.16), (0.15, 0.13, 0.28), paint)
    s.box((0, 0.72, -0.32), (0.24, 0.1, 0.62), BLACK)
    s.box((0, 0.32, 0.0), (0.3, 0.36, 0.42), STEEL)
    for x in (-0.09, 0.09):
        s.limb((x, 0.31, 0.72), (x, 0.95, 0.45), 0.03, STEEL)
    s.limb((-0.36, 1.02, 0.36), (0.36, 1.02, 0.36), 0.018, BLACK)
    s.ball((0, 0.86, 0.56), (0.11, 0.11, 0.08), (0.8, 0.8, 0.7), glow=(12, 10, 7) if look.dark else (0.3, 0.3, 0.3))
    s.limb((0.16, 0.3, 0.2), (0.16, 0.36, -0.9), 0.045, (0.4, 0.4, 0.42))
    s.box((0, 0.6, -0.75), (0.16, 0.06, 0.5), paint, tilt=-0.2)
    if look.dark:
        s.light((0, 0.9, 1.6), (5, 4.4, 3.2))


@piece((3.0, 3.9, 40.0), lean_m=1.4, large=True)
def train(s: Props, look: Look) -> None:
    """An engine and a carriage behind it."""
    paint = look.color((0.05, 0.12, 0.22))
    for middle, long in ((-1.0, 14.0), (-17.5, 17.0)):
        s.box((0, 0.9, middle), (2.9, 2.7, long), paint)
        s.limb((0, 3.2, middle - long / 2), (0, 3.2, middle + long / 2), 1.45, scaled(paint, 0.6))
        s.box((0, 0.45, middle), (2.4, 0.5, long * 0.9), BLACK)
        s.box((0, 2.0, middle), (2.94, 0.85, long * 0.92), _PANE, glow=(1.1, 0.9, 0.5) if look.dark else (0, 0, 0))
        for k in range(int(long // 1.7)):
            s.box((0, 1.95, middle - long / 2 + 1.1 + 1.7 * k), (2.97, 0.95, 0.35), paint)
    s.box((0, 1.9, 6.0), (2.3, 1.1, 0.06), _PANE)
    s.box((0, 0.9, 6.02), (2.9, 0.4, 0.06), (0.5, 0.4, 0.05))
    for z in (4.0, -5.5, -11.5, -23.0):
        for x in (-1.1, 1.1):
            _wheel(s, x, z, 0.45, 0.2)
    _lamps(s, look, 0.9, 1.5, 6.05, -26.0)


@piece((3.52, 0.7, 4.56), seat_m=0.55, lean_m=0.7, large=True, seats=1)
def boat(s: Props, look: Look) -> None:
    """A rowing boat, open: who sits in it sits on its bench."""
    paint = look.color((0.26, 0.08, 0.06))
    for side in (-1, 1):
        s.box((0.62 * side, 0.1, -0.3), (0.06, 0.55, 3.4), paint, roll=-0.25 * side)
        with s.placed((0.38 * side, 0.12, 1.85), -0.46 * side):
            s.box((0, 0, 0), (0.06, 0.58, 1.45), paint, roll=-0.15 * side)
    s.box((0, 0.1, -2.0), (1.25, 0.5, 0.06), paint)
    s.box((0, 0.06, -0.2), (1.1, 0.06, 3.6), WOOD, pattern="planks", scale=0.15)
    for z in (-1.2, 0.0, 1.2):
        s.box((0, 0.45, z), (1.25 - 0.25 * (z > 1), 0.05, 0.28), scaled(WOOD, 1.5))
    for side in (-1, 1):
        s.limb((0.7 * side, 0.62, 0.3), (1.5 * side, 0.2, -0.5), 0.025, (0.4, 0.28, 0.15))
        s.ball((1.6 * side, 0.15, -0.6), (0.16, 0.02, 0.09), (0.4, 0.28, 0.15))


@piece((2.6, 9.0, 8.0), lean_m=1.4, large=True)
def sailboat(s: Props, look: Look) -> None:
    s.ball((0, 0.45, 0), (1.25, 0.95, 3.9), look.color((0.68, 0.67, 0.63)))
    s.box((0, 1.0, -0.6), (1.7, 0.14, 5.2), WOOD)
    s.box((0, 1.1, -0.3), (1.1, 0.55, 2.2), WHITE)
    s.limb((0, 1.0, 0.7), (0, 9.0, 0.7), 0.06, (0.5, 0.4, 0.25))
    for k in range(6):  # a sail that narrows upwards, in strips
        deep = 3.4 * (1 - k / 6.5)
        s.box((0, 1.9 + 1.12 * k, 0.6 - deep / 2), (0.03, 1.13, deep), (0.74, 0.72, 0.66))
        if k < 5:
            s.box((0.05, 1.6 + 1.12 * k, 0.8 + deep * 0.36), (0.03, 1.13, deep * 0.66), (0.7, 0.68, 0.62))


@piece((4.4, 8.0, 14.0), lean_m=1.4, large=True)
def trawler(s: Props, look: Look) -> None:
    paint = look.color((0.06, 0.15, 0.25))
    s.ball((0, 0.9, 0), (2.2, 1.7, 7.2), paint)
    s.box((0, 0.6, -1.0), (3.9, 1.4, 9.6), paint)
    s.box((0, 1.95, -1.0), (4.0, 0.12, 9.8), WHITE)
    s.box((0, 2.0, 1.8), (2.5, 2.4, 2.8), WHITE)
    s.box((0, 3.2, 1.85), (2.54, 0.7, 2.6), _PANE, glow=scaled(WARM, 0.3) if look.dark else (0, 0, 0))
    s.box((0, 4.3, 1.7), (2.9, 0.15, 3.3), (0.4, 0.06, 0.04))
    s.limb((0, 2, -2.6), (0, 8.0, -2.6), 0.12, (0.5, 0.4, 0.2))
    s.limb((0, 3.2, -2.6), (0, 6.4, -6.0), 0.08, (0.5, 0.4, 0.2))
    s.limb((0, 7.8, -2.6), (0, 2.6, 6.4), 0.02, BLACK)
    s.limb((0, 7.8, -2.6), (0, 2.0, -6.0), 0.02, BLACK)
    s.limb((-0.9, 4.4, 0.9), (-0.9, 5.6, 0.9), 0.3, (0.4, 0.06, 0.04))
    for z in (-5.4, -4.0):
        s.ball((0.9, 2.3, z), (0.5, 0.35, 0.5), (0.5, 0.3, 0.08))
    if look.dark:
        s.ball((0, 5.0, 3.3), 0.15, (1, 1, 1), glow=WARM)
        s.light((0, 5.0, 4.2), (14, 9, 4))


@piece((20.0, 34.0, 110.0), large=True)
def ship(s: Props, look: Look) -> None:
    """A liner, far off."""
    s.box((0, 0, -4), (17, 8, 86), look.color((0.03, 0.04, 0.07)))
    s.limb((0, 0, 38), (0, 8.2, 46), 8.5, look.color((0.03, 0.04, 0.07)), taper=1.1)
    s.box(
        (0, 8, -4), (16, 5, 66), WHITE, pattern="windows", scale=2.4, glow=(2.2, 1.6, 0.8) if look.dark else (0, 0, 0)
    )
    s.box(
        (0, 13, 2), (13, 4, 46), WHITE, pattern="windows", scale=2.2, glow=(2.2, 1.6, 0.8) if look.dark else (0, 0, 0)
    )
    for z in (-16, 0, 16):
        s.limb((0, 16, z), (0, 28, z - 2.5), 3.0, (0.45, 0.1, 0.03))
        s.limb((0, 25, z - 1.9), (0, 28.1, z - 2.52), 3.05, BLACK)
    s.limb((0, 12, 36), (0, 30, 35), 0.4, (0.4, 0.3, 0.1))


@piece((10.0, 3.8, 12.0), lean_m=1.4, large=True)
def helicopter(s: Props, look: Look) -> None:
    paint = look.color((0.05, 0.1, 0.16))
    s.ball((0, 1.7, 1.0), (1.1, 1.15, 2.3), paint)
    s.ball((0, 1.75, 2.1), (0.95, 0.85, 1.35), _PANE)
    s.limb((0, 2.0, -0.6), (0, 2.4, -6.6), 0.55, paint, taper=0.28)
    s.box((0, 2.2, -6.6), (0.1, 1.6, 0.8), paint, tilt=-0.3)
    s.limb((0.12, 3.0, -6.7), (0.16, 3.0, -6.7), 0.9, (0.12, 0.12, 0.12))
    s.limb((0, 2.7, 0.6), (0, 3.4, 0.6), 0.16, BLACK)
    for a in (0.5, 0.5 + math.pi / 2):
        s.box((0, 3.4, 0.6), (10.4, 0.05, 0.3), BLACK, turn=a)
    for x in (-0.95, 0.95):
        s.limb((x, 0.08, -1.2), (x, 0.08, 2.6), 0.06, BLACK)
        for z in (-0.2, 1.8):
            s.limb((x, 0.1, z), (x * 0.6, 1.0, z), 0.05, BLACK)
    if look.dark:
        s.ball((0, 0.7, 2.6), 0.16, (1, 1, 1), glow=(20, 19, 16))
        s.ball((0, 3.6, -6.8), 0.1, (1, 0, 0), glow=(8, 0.3, 0.2))


@piece((34.0, 11.0, 38.0), lean_m=2.0, large=True)
def plane(s: Props, look: Look) -> None:
    s.limb((0, 4.2, -15), (0, 4.2, 13), 2.0, WHITE)
    s.ball((0, 4.2, 13), (2.0, 2.0, 4.0), WHITE)
    s.limb((0, 4.2, -15), (0, 5.0, -21), 2.0, WHITE, taper=0.2)
    for side in (-1, 1):
        with s.placed((0, 3.2, 0), -0.5 * side):
            s.box((8.8 * side, 0, -1.5), (17.6, 0.35, 3.4), scaled(WHITE, 0.8))
        s.limb((5.2 * side, 2.1, -0.4), (5.2 * side, 2.1, 3.4), 0.95, STEEL)
        s.box((3.2 * side, 5.0, -18.6), (6.0, 0.25, 2.2), WHITE)
    s.box((0, 5.4, -18.2), (0.35, 5.8, 3.6), look.color((0.05, 0.12, 0.32)), tilt=-0.4)
    s.box((0, 4.6, 15.1), (1.9, 0.55, 1.4), _PANE)
    for z in spread(14, 1.7):
        s.box((0, 4.4, z - 1), (4.03, 0.42, 0.5), _PANE)
    for x, z in ((0, 11), (-2.4, -1.5), (2.4, -1.5)):
        s.limb((x, 0.6, z), (x, 2.6, z), 0.16, STEEL)
        _wheel(s, x, z, 0.6, 0.5)


@piece((8.8, 4.2, 8.8), name="spaceship", large=True)
def spaceship(s: Props, look: Look) -> None:
    s.limb((0, 1.0, 0), (0, 2.0, 0), 2.0, STEEL, taper=2.2)
    s.limb((0, 2.0, 0), (0, 3.0, 0), 4.4, scaled(STEEL, 1.2), taper=0.45)
    s.ball((0, 3.0, 0), (1.7, 1.2, 1.7), scaled(GLASS, 1.2), glow=(0.2, 0.5, 0.6))
    for k in range(8):
        a = k * math.tau / 8
        s.ball((3.6 * math.cos(a), 1.85, 3.6 * math.sin(a)), 0.2, (1, 1, 1), glow=(1, 4, 5))
    for a in (0.5, 2.6, 4.7):
        s.limb((2.6 * math.cos(a), 0, 2.6 * math.sin(a)), (1.8 * math.cos(a), 1.2, 1.8 * math.sin(a)), 0.12, STEEL)


@piece((0.7, 1.0, 1.1), name="wheelchair", seat_m=0.5)
def wheelchair(s: Props, look: Look) -> None:
    seat = look.color((0.05, 0.06, 0.12))
    s.box((0, 0.46, 0), (0.46, 0.05, 0.45), seat)
    s.box((0, 0.5, -0.22), (0.46, 0.45, 0.04), seat)
    for x in (-0.29, 0.29):
        for k in range(10):
            a, b = k * math.tau / 10, (k + 1) * math.tau / 10
            s.limb(
                (x, 0.31 + 0.3 * math.sin(a), 0.3 * math.cos(a) - 0.08),
                (x, 0.31 + 0.3 * math.sin(b), 0.3 * math.cos(b) - 0.08),
                0.014,
                BLACK,
            )
        s.limb((x, 0.1, 0.4), (x, 0.48, 0.2), 0.014, STEEL)
        s.limb((x, 0.5, -0.22), (x, 0.95, -0.3), 0.014, STEEL)
        s.box((x, 0.66, 0.0), (0.04, 0.03, 0.3), BLACK)
        s.ball((x, 0.07, 0.38), 0.07, BLACK)
    s.box((0, 0.1, 0.45), (0.4, 0.03, 0.16), STEEL)


@piece((0.7, 1.0, 2.0), name="stretcher", bed_m=0.8)
def stretcher(s: Props, look: Look) -> None:
    s.box((0, 0.74, 0), (0.6, 0.1, 1.95), (0.6, 0.5, 0.1))
    s.box((0, 0.84, -0.75), (0.5, 0.06, 0.3), WHITE)
    for z in (-0.8, 0.8):
        s.limb((-0.25, 0.05, z), (0.25, 0.74, -z), 0.02, STEEL)
        for x in (-0.28, 0.28):
            s.ball((x, 0.06, z), 0.06, BLACK)


@piece((0.5, 0.95, 0.8), name="pram")
def pram(s: Props, look: Look) -> None:
    color = look.color((0.04, 0.06, 0.14))
    s.ball((0, 0.62, 0), (0.24, 0.22, 0.42), color)
    s.ball((0, 0.8, -0.18), (0.25, 0.24, 0.26), scaled(color, 1.5))
    s.limb((-0.22, 0.95, 0.5), (0.22, 0.95, 0.5), 0.016, BLACK)
    for x in (-0.22, 0.22):
        s.limb((x, 0.7, 0.2), (x, 0.95, 0.5), 0.012, STEEL)
        for z in (-0.3, 0.3):
            _wheel(s, x, z, 0.17, 0.03)
    s.limb((0, 0.2, -0.3), (0, 0.2, 0.3), 0.012, STEEL)


@piece((2.2, 2.9, 4.2), lean_m=1.2, seat_m=1.5, large=True)
def tractor(s: Props, look: Look) -> None:
    paint = look.color((0.05, 0.2, 0.05))
    for x in (-0.9, 0.9):
        _wheel(s, x, -1.0, 0.85, 0.42)
        _wheel(s, x * 0.85, 1.4, 0.42, 0.26)
    s.box((0, 0.75, 1.0), (0.7, 0.75, 2.0), paint)
    s.box((0, 0.6, -0.8), (0.9, 0.5, 1.3), paint)
    for x in (-0.6, 0.6):
        for z in (-1.4, -0.1):
            s.limb((x, 1.0, z), (x, 2.75, z), 0.04, BLACK)
        s.box((x * 1.5, 1.5, -1.0), (0.42, 0.1, 1.4), paint)
    s.box((0, 2.72, -0.75), (1.4, 0.1, 1.6), paint)
    s.limb((0.2, 1.5, 1.2), (0.2, 2.3, 1.2), 0.05, BLACK)
    _lamps(s, look, 0.25, 1.2, 2.0, -1.45)


@piece((3.6, 2.4, 7.5), lean_m=1.6, large=True)
def tank(s: Props, look: Look) -> None:
    paint = look.color((0.09, 0.1, 0.05))
    for x in (-1.4, 1.4):
        s.box((x, 0.1, 0), (0.6, 0.8, 5.6), scaled(paint, 0.6))
        for k in range(6):
            s.limb((x - 0.32, 0.42, -2.3 + 0.92 * k), (x + 0.32, 0.42, -2.3 + 0.92 * k), 0.36, BLACK)
    s.box((0, 0.6, 0), (2.4, 0.8, 5.8), paint)
    s.box((0, 1.35, -0.3), (2.2, 0.75, 2.8), scaled(paint, 1.2))
    s.limb((0, 1.7, 1.0), (0, 1.75, 4.6), 0.1, paint, taper=0.8)
    s.limb((0.4, 2.1, -0.6), (0.4, 2.25, -0.6), 0.4, scaled(paint, 0.8))


@piece((3.2, 3.4, 8.0), lean_m=1.4, large=True)
def digger(s: Props, look: Look) -> None:
    paint = look.color((0.6, 0.4, 0.03))
    for x in (-1.1, 1.1):
        s.box((x, 0, -0.8), (0.6, 0.8, 3.4), BLACK)
    s.box((0, 0.8, -1.0), (2.4, 1.0, 2.8), paint)
    s.box((-0.6, 1.8, -0.4), (1.0, 1.5, 1.4), _PANE)
    s.box((-0.6, 3.2, -0.4), (1.1, 0.1, 1.5), paint)
    s.limb((0.5, 1.6, 0.2), (0.5, 3.3, 2.2), 0.2, paint)
    s.limb((0.5, 3.3, 2.2), (0.5, 1.2, 3.7), 0.16, paint)
    s.box((0.5, 0.3, 3.6), (1.1, 0.9, 0.8), scaled(STEEL, 0.6), tilt=0.3)


@piece((9.0, 14.0, 9.0), large=True, name="hot air balloon", hung_m=0.0)
def hot_air_balloon(s: Props, look: Look) -> None:
    paints = ((0.45, 0.03, 0.02), (0.6, 0.45, 0.05), (0.03, 0.1, 0.35))
    s.ball((0, 9.2, 0), (4.4, 4.6, 4.4), look.color(paints[0]))
    s.limb((0, 3.4, 0), (0, 6.6, 0), 0.9, look.color(paints[0]), taper=4.0)
    for k in range(8):
        a = k * math.tau / 8
        s.ball((0.25 * math.cos(a), 9.2, 0.25 * math.sin(a)), (0.9, 4.62, 4.3), paints[1 + k % 2], turn=-a)
    for x in (-0.55, 0.55):
        for z in (-0.55, 0.55):
            s.limb((x, 1.0, z), (x * 1.3, 3.6, z * 1.3), 0.02, BLACK)
    s.box((0, 0, 0), (1.3, 1.1, 1.3), (0.4, 0.26, 0.1), pattern="planks", scale=0.2)


@piece((6.0, 8.0, 26.0), large=True)
def airship(s: Props, look: Look) -> None:
    skin = look.color(scaled(STEEL, 1.5))
    s.ball((0, 5.0, 0), (3.0, 3.0, 13.0), skin)
    s.box((0, 1.2, 3.0), (1.4, 1.2, 5.0), scaled(skin, 0.6))
    for side in (-1, 1):
        s.box((side * 2.2, 4.9, -11.0), (2.6, 0.2, 3.0), scaled(skin, 0.7))
        s.box((0, 5.0 + side * 2.0 - 1.2, -11.0), (0.2, 2.6, 3.0), scaled(skin, 0.7))


@piece((3.6, 6.0, 22.0), large=True)
def submarine(s: Props, look: Look) -> None:
    hull = look.color((0.05, 0.06, 0.07))
    s.ball((0, 0.6, 0), (1.8, 1.6, 11.0), hull)
    s.box((0, 1.8, 1.5), (1.1, 2.4, 3.6), hull)
    s.limb((0, 4.0, 1.2), (0, 6.0, 1.2), 0.08, hull)
    s.box((0, 3.0, 2.0), (3.2, 0.12, 0.9), hull)
    s.box((0, 0.8, -10.2), (0.2, 2.2, 1.2), hull)


@piece((4.0, 18.0, 4.0), large=True)
def rocket(s: Props, look: Look) -> None:
    skin = look.color(WHITE)
    s.limb((0, 1.2, 0), (0, 13.0, 0), 1.3, skin)
    s.limb((0, 13.0, 0), (0, 18.0, 0), 1.3, skin, taper=0.05)
    s.limb((0, 0, 0), (0, 1.2, 0), 1.1, BLACK, taper=0.7)
    for k in range(4):
        with s.placed((0, 0, 0), k * math.pi / 2):
            s.box((1.9, 0.4, 0), (1.4, 2.6, 0.15), (0.42, 0.03, 0.02))
    s.limb((0, 8.0, 0), (0, 8.8, 0), 1.32, (0.42, 0.03, 0.02))
