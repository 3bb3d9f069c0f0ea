"""Furniture and fittings: what people sit at, lie on, lean on and put things on.

Long because it is a list: one piece after another.
"""

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import (
    BLACK,
    BRASS,
    CLOTH,
    STEEL,
    STONE,
    WHITE,
    WOOD,
    Props,
    scaled,
)
from auteur.adapters.engines.previs.staging.pieces import Look, piece, spread


def _legs(s: Props, wide: float, deep: float, high: float, color: Vector, thick: float = 0.06) -> None:
    for x in (-1, 1):
        for z in (-1, 1):
            s.box((x * (wide - thick) / 2, 0, z * (deep - thick) / 2), (thick, high, thick), color)


@piece((1.7, 0.77, 0.95), top_m=0.77, lean_m=0.77)
def table(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0.72, 0), (1.7, 0.05, 0.95), color, pattern="planks", scale=0.18)
    _legs(s, 1.6, 0.86, 0.72, scaled(color, 0.8))


@piece((0.85, 0.74, 0.85), name="round table", top_m=0.74, lean_m=0.74)
def round_table(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.limb((0, 0.7, 0), (0, 0.74, 0), 0.42, color)
    s.limb((0, 0, 0), (0, 0.7, 0), 0.05, BLACK)
    s.limb((0, 0, 0), (0, 0.03, 0), 0.24, BLACK)


@piece((1.1, 0.42, 0.6), name="low table", top_m=0.42)
def low_table(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0.37, 0), (1.1, 0.05, 0.6), color)
    _legs(s, 1.06, 0.56, 0.37, scaled(color, 0.7), 0.05)


@piece((1.5, 0.75, 0.75), top_m=0.75, lean_m=0.75)
def desk(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0.71, 0), (1.5, 0.04, 0.75), color, pattern="planks", scale=0.2)
    for x in (-0.55, 0.55):
        s.box((x, 0, 0), (0.36, 0.71, 0.68), scaled(color, 0.75))
        for k in range(3):  # drawers, on the side of who sits there
            s.box((x, 0.06 + 0.22 * k, -0.345), (0.3, 0.18, 0.02), scaled(color, 1.1))
    s.box((0, 0.2, 0.3), (0.8, 0.5, 0.03), scaled(color, 0.8))


@piece((0.5, 1.0, 0.52), seat_m=0.46)
def chair(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice((WOOD, (0.26, 0.05, 0.05), (0.08, 0.13, 0.18))))
    s.box((0, 0.42, 0.01), (0.46, 0.05, 0.46), color)
    for y in (0.62, 0.8, 0.93):
        s.box((0, y, -0.21), (0.42, 0.07, 0.03), color)
    for x in (-0.2, 0.2):
        s.box((x, 0, -0.21), (0.045, 1.0, 0.045), scaled(color, 0.8))
        s.box((x, 0, 0.2), (0.045, 0.42, 0.045), scaled(color, 0.8))


@piece((0.6, 1.05, 0.6), name="office chair", seat_m=0.47)
def office_chair(s: Props, look: Look) -> None:
    color = look.color((0.03, 0.035, 0.05))
    s.box((0, 0.42, 0.02), (0.5, 0.08, 0.48), color)
    s.box((0, 0.55, -0.22), (0.46, 0.5, 0.06), color, tilt=-0.08)
    s.limb((0, 0.08, 0), (0, 0.42, 0), 0.03, STEEL)
    for turn in (0.3, 1.35, 2.4):
        s.box((0, 0.04, 0), (0.56, 0.04, 0.05), BLACK, turn=turn)
    for x in (-0.27, 0.27):
        s.box((x, 0.64, 0), (0.05, 0.04, 0.3), BLACK)


@piece((0.4, 0.72, 0.4), seat_m=0.72)
def stool(s: Props, look: Look) -> None:
    color = look.color((0.3, 0.05, 0.04))
    s.limb((0, 0.66, 0), (0, 0.72, 0), 0.19, color)
    s.limb((0, 0.02, 0), (0, 0.66, 0), 0.03, STEEL)
    s.limb((0, 0, 0), (0, 0.03, 0), 0.2, STEEL)
    s.limb((0, 0.24, 0), (0, 0.26, 0), 0.16, STEEL)


@piece((0.42, 0.44, 0.42), name="low stool", seat_m=0.44)
def low_stool(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0.39, 0), (0.42, 0.05, 0.4), color)
    _legs(s, 0.4, 0.38, 0.39, scaled(color, 0.8), 0.05)


@piece((0.92, 0.95, 0.9), seat_m=0.44)
def armchair(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice(CLOTH[:4]))
    s.box((0, 0.1, 0.02), (0.6, 0.24, 0.8), scaled(color, 0.8))
    s.box((0, 0.32, 0.06), (0.56, 0.13, 0.68), scaled(color, 1.2))
    s.box((0, 0.3, -0.34), (0.62, 0.62, 0.18), color, tilt=-0.1)
    for x in (-0.38, 0.38):
        s.box((x, 0.08, 0.02), (0.16, 0.52, 0.82), color)
        s.limb((x, 0.6, -0.38), (x, 0.6, 0.43), 0.09, color)


@piece((2.1, 0.85, 0.95), seat_m=0.44, bed_m=0.46, lean_m=0.6, seats=3)
def sofa(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice(CLOTH[:4]))
    s.box((0, 0.08, 0.02), (1.8, 0.26, 0.88), scaled(color, 0.8))
    for x in spread(3, 0.58):
        s.box((x, 0.32, 0.08), (0.56, 0.13, 0.74), scaled(color, 1.2))
        s.box((x, 0.42, -0.3), (0.56, 0.4, 0.16), scaled(color, 1.1), tilt=-0.15)
    s.box((0, 0.1, -0.4), (2.0, 0.72, 0.14), color)
    for x in (-0.97, 0.97):
        s.box((x, 0.06, 0.02), (0.18, 0.54, 0.9), color)
        s.limb((x, 0.6, -0.42), (x, 0.6, 0.47), 0.1, color)


@piece((1.8, 0.85, 0.6), seat_m=0.45, bed_m=0.46, lean_m=0.8, seats=3)
def bench(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    for z in (-0.14, 0.02, 0.18):
        s.box((0, 0.42, z), (1.8, 0.04, 0.13), color)
    for y in (0.55, 0.7):
        s.box((0, y, -0.25), (1.8, 0.11, 0.04), color, tilt=-0.15)
    for x in (-0.75, 0.75):
        s.box((x, 0, 0), (0.06, 0.43, 0.42), BLACK)
        s.box((x, 0.4, -0.27), (0.06, 0.45, 0.05), BLACK, tilt=-0.15)


@piece((2.6, 0.95, 0.55), seat_m=0.45, bed_m=0.46, seats=4)
def pew(s: Props, look: Look) -> None:
    color = look.color((0.16, 0.08, 0.04))
    s.box((0, 0.41, 0.0), (2.6, 0.05, 0.42), color)
    s.box((0, 0.41, -0.23), (2.6, 0.54, 0.05), color, tilt=-0.1)
    for x in (-1.3, 1.3):
        s.box((x, 0, -0.05), (0.08, 0.95, 0.5), scaled(color, 0.8))


@piece((1.65, 1.1, 2.1), bed_m=0.6, seat_m=0.56, lean_m=1.0, seats=2)
def bed(s: Props, look: Look) -> None:
    wide = 0.95 if look.has("single", "small", "narrow") else 1.9 if look.has("big", "large", "double") else 1.6
    color = look.color(s.rng.choice(CLOTH[:5]))
    s.box((0, 0.1, 0), (wide, 0.28, 2.05), WOOD)
    s.box((0, 0.38, 0), (wide - 0.04, 0.18, 2.0), (0.66, 0.64, 0.6))
    s.box((0, 0.53, 0.35), (wide + 0.04, 0.07, 1.36), color)
    s.box((0, 0.53, -0.36), (wide + 0.05, 0.075, 0.2), WHITE)
    s.box((0, 0, -1.04), (wide + 0.1, 1.1, 0.07), WOOD)
    s.box((0, 0, 1.04), (wide + 0.1, 0.6, 0.06), WOOD)
    for x in (-wide / 4, wide / 4) if wide > 1.2 else (0.0,):
        s.ball((x, 0.6, -0.72), (0.3, 0.08, 0.2), WHITE)


@piece((0.95, 1.1, 2.1), name="hospital bed", bed_m=0.8, seat_m=0.78, lean_m=0.9)
def hospital_bed(s: Props, look: Look) -> None:
    s.box((0, 0.55, 0), (0.9, 0.06, 2.0), STEEL)
    s.box((0, 0.61, 0.05), (0.86, 0.14, 1.9), WHITE)
    s.box((0, 0.72, 0.4), (0.9, 0.06, 1.2), look.color((0.2, 0.4, 0.45)))
    s.ball((0, 0.8, -0.72), (0.3, 0.08, 0.2), WHITE)
    for z, high in ((-1.02, 1.1), (1.02, 0.95)):
        s.box((0, 0.55, z), (0.9, high - 0.55, 0.04), (0.6, 0.62, 0.6))
    for x in (-0.44, 0.44):
        s.box((x, 0.85, -0.2), (0.03, 0.04, 1.0), STEEL)
        for z in (-0.9, 0.9):
            s.box((x * 0.9, 0.1, z), (0.04, 0.5, 0.04), STEEL)
            s.ball((x * 0.9, 0.07, z), 0.07, BLACK)


@piece((1.0, 0.55, 2.0), bed_m=0.5, seat_m=0.48)
def bunk(s: Props, look: Look) -> None:
    s.box((0, 0.3, 0), (0.9, 0.06, 2.0), STEEL)
    s.box((0, 0.36, 0), (0.88, 0.12, 1.95), (0.4, 0.4, 0.38))
    s.ball((0, 0.52, -0.75), (0.26, 0.07, 0.18), (0.6, 0.6, 0.57))
    _legs(s, 0.9, 2.0, 0.34, STEEL, 0.05)


@piece((0.5, 0.5, 0.42), name="night table", top_m=0.5)
def night_table(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.5, 0.5, 0.42), look.color(WOOD))
    s.box((0, 0.28, 0.215), (0.42, 0.16, 0.02), scaled(WOOD, 1.4))


@piece((1.1, 2.1, 0.4), name="bookcase", lean_m=1.2)
def bookcase(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0, -0.16), (1.1, 2.1, 0.06), scaled(color, 0.7))
    for x in (-0.53, 0.53):
        s.box((x, 0, 0), (0.05, 2.1, 0.4), color)
    for k in range(5):
        s.box((0, 0.06 + 0.5 * k, 0), (1.06, 0.04, 0.38), color)
        if k < 4:
            left = -0.48
            while left < 0.38:  # books, by the handful
                wide = s.rng.uniform(0.12, 0.3)
                s.box(
                    (left + wide / 2, 0.1 + 0.5 * k, 0.03), (wide - 0.015, s.rng.uniform(0.24, 0.38), 0.24),
                    scaled(s.rng.choice(CLOTH), 1.2),
                )  # fmt: skip
                left += wide


@piece((1.2, 1.9, 0.45), name="shelf", lean_m=1.2, top_m=0.95)
def shelf(s: Props, look: Look) -> None:
    color = look.color(STEEL)
    for x in (-0.57, 0.57):
        for z in (-0.19, 0.19):
            s.box((x, 0, z), (0.04, 1.9, 0.04), color)
    for y in (0.1, 0.55, 1.0, 1.45):
        s.box((0, y, 0), (1.2, 0.03, 0.44), color)
        for x in spread(3, 0.36):
            high = s.rng.uniform(0.16, 0.34)
            s.box((x, y + 0.03, 0.02), (s.rng.uniform(0.2, 0.32), high, 0.3), s.rng.choice((*CLOTH, (0.4, 0.28, 0.15))))


@piece((0.9, 2.0, 0.6), lean_m=1.2)
def wardrobe(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0, 0), (1.1, 2.0, 0.58), color)
    for x in (-0.27, 0.27):
        s.box((x, 0.1, 0.29), (0.5, 1.8, 0.03), scaled(color, 1.3))
        s.ball((x * 0.2, 1.0, 0.32), 0.025, BRASS)


@piece((1.1, 0.85, 0.5), name="chest of drawers", top_m=0.85, lean_m=0.85)
def chest_of_drawers(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0.05, 0), (1.1, 0.8, 0.48), color)
    for k in range(3):
        s.box((0, 0.1 + 0.25 * k, 0.24), (1.0, 0.21, 0.03), scaled(color, 1.3))
        for x in (-0.25, 0.25):
            s.ball((x, 0.2 + 0.25 * k, 0.27), 0.02, BRASS)


@piece((2.2, 1.06, 0.6), top_m=1.06, lean_m=1.06)
def counter(s: Props, look: Look) -> None:
    color = look.color((0.14, 0.07, 0.04))
    s.box((0, 0, 0), (2.1, 1.0, 0.5), color)
    for x in spread(4, 0.52):
        s.box((x, 0.12, 0.255), (0.44, 0.74, 0.02), scaled(color, 1.4))
    s.box((0, 1.0, 0.02), (2.2, 0.06, 0.62), (0.3, 0.3, 0.3) if look.has("zinc") else scaled(color, 1.8))


@piece((1.2, 0.9, 0.6), top_m=0.9, lean_m=0.9)
def sink(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (1.2, 0.86, 0.58), look.color((0.5, 0.5, 0.46)))
    s.box((0, 0.86, 0), (1.2, 0.04, 0.6), (0.55, 0.56, 0.56))
    s.box((0, 0.885, 0.02), (0.6, 0.02, 0.4), (0.12, 0.13, 0.14))
    s.limb((0, 0.9, -0.22), (0, 1.15, -0.22), 0.018, STEEL)
    s.limb((0, 1.15, -0.22), (0, 1.13, 0.0), 0.016, STEEL)
    for x in (-0.3, 0.3):
        s.box((x, 0.1, 0.295), (0.56, 0.7, 0.02), scaled((0.5, 0.5, 0.46), 1.15))


@piece((0.62, 0.9, 0.62), top_m=0.9, lean_m=0.9)
def stove(s: Props, look: Look) -> None:
    color = look.color((0.05, 0.05, 0.055))
    s.box((0, 0, 0), (0.62, 0.9, 0.6), color)
    s.box((0, 0.3, 0.31), (0.48, 0.34, 0.02), (0.2, 0.1, 0.04), glow=(0.25, 0.09, 0.02) if look.dark else (0, 0, 0))
    s.box((0, 0.68, 0.33), (0.5, 0.03, 0.03), STEEL)
    for x in (-0.15, 0.15):
        for z in (-0.15, 0.13):
            s.limb((x, 0.9, z), (x, 0.92, z), 0.1, (0.12, 0.12, 0.12))
    for x in spread(4, 0.13):
        s.ball((x, 0.8, 0.31), 0.022, STEEL)


@piece((0.75, 1.85, 0.7), lean_m=1.4)
def refrigerator(s: Props, look: Look) -> None:
    color = look.color(WHITE)
    s.box((0, 0, 0), (0.75, 1.85, 0.68), color)
    s.box((0, 1.28, 0.345), (0.74, 0.02, 0.01), (0.2, 0.2, 0.2))
    for y, high in ((0.75, 0.45), (1.36, 0.3)):
        s.box((-0.3, y, 0.36), (0.03, high, 0.03), STEEL)


@piece((0.75, 0.6, 1.7), bed_m=0.3, seat_m=0.58)
def bathtub(s: Props, look: Look) -> None:
    s.box((0, 0.06, 0), (0.75, 0.5, 1.7), look.color(WHITE))
    s.box((0, 0.55, 0), (0.6, 0.02, 1.5), (0.2, 0.34, 0.38))
    for x in (-0.34, 0.34):
        s.limb((x, 0.57, -0.82), (x, 0.57, 0.82), 0.04, WHITE)
    for z in (-0.82, 0.82):
        s.limb((-0.34, 0.57, z), (0.34, 0.57, z), 0.04, WHITE)
    s.limb((0, 0.58, -0.84), (0, 0.82, -0.84), 0.02, STEEL)
    s.limb((0, 0.82, -0.84), (0, 0.78, -0.68), 0.02, STEEL)


@piece((0.4, 0.8, 0.7), seat_m=0.43)
def toilet(s: Props, look: Look) -> None:
    s.limb((0, 0, 0.05), (0, 0.38, 0.08), 0.13, WHITE, taper=1.4)
    s.ball((0, 0.4, 0.1), (0.19, 0.04, 0.25), WHITE)
    s.box((0, 0.38, -0.24), (0.4, 0.42, 0.18), WHITE)


@piece((0.6, 0.9, 0.5), top_m=0.86, lean_m=0.86)
def basin(s: Props, look: Look) -> None:
    s.limb((0, 0, -0.05), (0, 0.75, -0.05), 0.09, WHITE)
    s.ball((0, 0.84, 0), (0.3, 0.11, 0.24), WHITE)
    s.ball((0, 0.9, 0.02), (0.22, 0.05, 0.16), (0.3, 0.33, 0.34))
    s.limb((0, 0.9, -0.2), (0, 1.05, -0.2), 0.015, STEEL)
    s.limb((0, 1.05, -0.2), (0, 1.03, -0.05), 0.013, STEEL)


@piece((1.75, 1.18, 0.58), name="fireplace", lean_m=1.15, top_m=1.18)
def fireplace(s: Props, look: Look) -> None:
    color = look.color(STONE)
    for x in (-0.62, 0.62):
        s.box((x, 0, 0), (0.32, 1.1, 0.5), color)
    s.box((0, 0.85, 0), (1.56, 0.25, 0.5), color)
    s.box((0, 1.1, 0.02), (1.75, 0.08, 0.58), scaled(color, 1.3))
    s.box((0, 0, -0.22), (0.95, 0.86, 0.06), (0.015, 0.012, 0.01))
    for k in range(4):
        x = -0.21 + 0.14 * k
        s.limb((x, 0.1, 0), (x * 0.7, 0.42 + 0.1 * (k % 2), 0), 0.09, (0.1, 0.05, 0), taper=0.05, glow=(7, 2.6, 0.4))
    s.limb((-0.35, 0.08, 0.05), (0.35, 0.1, 0.02), 0.07, (0.06, 0.035, 0.02))
    s.light((0, 0.5, 0.5), (8, 3.4, 1.0))


@piece((1.45, 1.25, 0.65), top_m=1.25, lean_m=1.25)
def piano(s: Props, look: Look) -> None:
    color = look.color((0.025, 0.02, 0.02))
    s.box((0, 0, -0.15), (1.45, 1.22, 0.34), color)
    s.box((0, 1.22, -0.15), (1.5, 0.03, 0.4), scaled(color, 1.5))
    s.box((0, 0.62, 0.14), (1.45, 0.1, 0.3), color)
    s.box((0, 0.72, 0.18), (1.25, 0.015, 0.14), WHITE)
    for x in spread(12, 0.1):
        s.box((x, 0.735, 0.15), (0.045, 0.012, 0.08), BLACK)
    for x in (-0.68, 0.68):
        s.box((x, 0, 0.2), (0.08, 0.62, 0.1), color)
    s.box((0, 0.86, 0.05), (0.5, 0.28, 0.02), PAPER_, tilt=-0.2)


PAPER_: Vector = (0.7, 0.67, 0.6)


@piece((1.6, 1.1, 2.5), name="grand piano", top_m=1.0, lean_m=1.0)
def grand_piano(s: Props, look: Look) -> None:
    color = look.color((0.02, 0.018, 0.018))
    s.box((0, 0.65, 0.55), (1.5, 0.3, 0.9), color)
    s.ball((-0.1, 0.8, -0.4), (0.65, 0.15, 1.0), color)
    s.box((0.2, 0.98, -0.4), (1.2, 0.03, 1.7), color, roll=0.6)
    s.box((0, 0.72, 1.05), (1.3, 0.04, 0.2), WHITE)
    for x, z in ((-0.6, 0.8), (0.6, 0.8), (-0.1, -1.0)):
        s.limb((x, 0, z), (x, 0.66, z), 0.05, color, taper=1.4)


@piece((2.1, 1.86, 0.95), name="altar", top_m=1.0, lean_m=1.0)
def altar(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (1.9, 0.95, 0.8), STONE)
    s.box((0, 0.95, 0), (2.1, 0.06, 0.95), WHITE)
    s.box((0, 0.5, 0.42), (0.9, 0.5, 0.03), (0.55, 0.5, 0.35))
    for x in (-0.75, 0.75):
        s.limb((x, 1.01, 0), (x, 1.35, 0), 0.03, WHITE)
        s.ball((x, 1.39, 0), (0.015, 0.045, 0.015), (1, 1, 1), glow=(20, 12, 4))
    s.box((0, 1.01, -0.2), (0.06, 0.85, 0.06), BRASS)
    s.box((0, 1.5, -0.2), (0.45, 0.06, 0.06), BRASS)


@piece((0.65, 1.2, 0.5), name="lectern", top_m=1.1, lean_m=1.1)
def lectern(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0, 0), (0.4, 1.05, 0.35), color)
    s.box((0, 1.05, 0), (0.62, 0.05, 0.46), scaled(color, 1.3), tilt=0.35)


@piece((0.65, 0.8, 1.0), name="school desk", top_m=0.74, lean_m=0.74, seat_m=0.42)
def school_desk(s: Props, look: Look) -> None:
    color = look.color(WOOD)
    s.box((0, 0.7, 0.3), (0.65, 0.035, 0.45), color)
    for x in (-0.28, 0.28):
        s.box((x, 0, 0.3), (0.035, 0.7, 0.4), BLACK)
    s.box((0, 0.4, -0.28), (0.4, 0.035, 0.38), color)
    s.box((0, 0.55, -0.46), (0.4, 0.25, 0.03), color)
    for x in (-0.18, 0.18):
        s.box((x, 0, -0.28), (0.03, 0.42, 0.36), BLACK)


@piece((2.6, 0.02, 1.8), name="rug")
def rug(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice(((0.3, 0.06, 0.05), (0.06, 0.12, 0.2), (0.25, 0.2, 0.1))))
    s.box((0, 0.004, 0), (2.6, 0.012, 1.8), color)
    s.box((0, 0.008, 0), (2.2, 0.012, 1.4), scaled(color, 1.7))


@piece((1.6, 2.4, 0.2), name="curtain")
def curtain(s: Props, look: Look) -> None:
    color = look.color((0.3, 0.03, 0.03))
    for k, x in enumerate(spread(8, 0.2)):
        s.limb(
            (x, 0.02, 0.03 * (k % 2)), (x, 2.35, 0.03 * (k % 2)), 0.115, scaled(color, 0.8 + 0.4 * (k % 2)), flat=0.7
        )
    s.limb((-0.85, 2.38, 0), (0.85, 2.38, 0), 0.025, BRASS)


@piece((1.0, 1.95, 0.82), name="throne", seat_m=0.5)
def throne(s: Props, look: Look) -> None:
    color = look.color((0.4, 0.28, 0.06))
    s.box((0, 0, 0), (0.85, 0.48, 0.75), color)
    s.box((0, 0.45, 0.02), (0.66, 0.08, 0.66), (0.35, 0.02, 0.04))
    s.box((0, 0.48, -0.34), (0.85, 1.3, 0.1), color)
    s.box((0, 0.6, -0.28), (0.6, 0.9, 0.04), (0.35, 0.02, 0.04))
    for x in (-0.4, 0.4):
        s.box((x, 0.48, 0.02), (0.1, 0.24, 0.7), color)
        s.ball((x, 1.85, -0.34), 0.1, color)
