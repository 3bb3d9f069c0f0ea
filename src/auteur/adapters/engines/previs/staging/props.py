"""The prop room: simple forms that read as what they are, a few lines each.

Each prop stands at (x, z) and answers its height in metres; where it is ``dark``, its lamps are lit.
"""

import math
from collections.abc import Callable

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.staging.materials import CLOTH, STONE, WARM, WHITE, WOOD, Props, scaled, thing
from auteur.adapters.engines.previs.staging.nature import dog, horse, rock, tree


@thing
def lighthouse(s: Props, x: float, z: float, dark: bool) -> float:
    s.ball((x, -0.6, z), (7.5, 2.6, 6.5), STONE)
    s.ball((x - 4, -0.5, z + 2), (4.5, 1.7, 4), STONE)
    s.limb((x, 1.6, z), (x, 18, z), 2.4, WHITE, taper=0.58, pattern="stripes", scale=3.3)
    s.limb((x, 18, z), (x, 18.35, z), 2.1, (0.1, 0.1, 0.11))
    for k in range(10):
        angle = k * math.tau / 10
        post = (x + 1.95 * math.cos(angle), 18.3, z + 1.95 * math.sin(angle))
        s.limb(post, (post[0], 19.2, post[2]), 0.05, (0.1, 0.1, 0.11))
    s.limb((x, 18.3, z), (x, 20.4, z), 1.05, (0.5, 0.55, 0.55), glow=(9, 6.6, 3.2) if dark else (0.15, 0.15, 0.13))
    s.limb((x, 20.4, z), (x, 21.9, z), 1.45, (0.35, 0.05, 0.04), taper=0.05)
    s.box((x + 5.2, 1.2, z + 0.6), (4.6, 2.8, 3.6), WHITE)
    s.box((x + 5.2, 4.0, z + 0.6), (5.0, 0.4, 4.0), (0.3, 0.07, 0.05))
    s.box((x + 4.2, 2.1, z + 2.42), (0.8, 1, 0.04), (0.1, 0.1, 0.1), glow=scaled(WARM, 0.5) if dark else (0, 0, 0))
    if dark:
        s.light((x, 19.3, z + 3), (90, 66, 32))
    return 22.0


@thing
def car(s: Props, x: float, z: float, dark: bool) -> float:
    paint = s.rng.choice(
        ((0.4, 0.03, 0.03), (0.03, 0.1, 0.3), (0.45, 0.42, 0.36), (0.04, 0.04, 0.045), (0.5, 0.35, 0.05))
    )
    s.box((x, 0.32, z), (4.4, 0.62, 1.78), paint)
    s.box((x - 0.2, 0.94, z), (2.3, 0.52, 1.56), (0.03, 0.035, 0.04))
    s.box((x - 0.2, 1.44, z), (2.1, 0.06, 1.5), paint)
    for side in (-1, 1):
        for end in (-1.35, 1.35):
            s.limb((x + end, 0.34, z + 0.72 * side), (x + end, 0.34, z + 0.93 * side), 0.34, (0.02, 0.02, 0.02))
        lamp: Vector = (12, 10.5, 7.5) if dark else (0.5, 0.5, 0.45)
        s.ball((x + 2.2, 0.68, z + 0.62 * side), (0.05, 0.1, 0.16), (0.8, 0.8, 0.7), glow=lamp)
        s.ball(
            (x - 2.2, 0.7, z + 0.62 * side),
            (0.04, 0.09, 0.16),
            (0.4, 0.02, 0.02),
            glow=(2.5, 0.08, 0.05) if dark else (0.1, 0, 0),
        )
    if dark:
        s.light((x + 3.6, 0.8, z), (7, 6, 4.2))
    return 1.5


@thing
def boat(s: Props, x: float, z: float, dark: bool) -> float:
    s.ball((x, 0.35, z), (3.4, 0.85, 1.1), (0.3, 0.08, 0.06))
    s.box((x, 0.7, z), (5.4, 0.2, 1.7), WOOD, pattern="planks", scale=0.25)
    s.box((x - 0.8, 0.9, z), (1.6, 1.0, 1.1), WHITE)
    s.limb((x + 0.6, 0.8, z), (x + 0.6, 7.2, z), 0.07, WOOD)
    s.box((x + 1.9, 1.7, z), (2.4, 3.6, 0.05), (0.75, 0.7, 0.6))
    if dark:
        s.ball((x - 0.1, 1.6, z + 0.6), (0.12, 0.12, 0.12), (1, 1, 1), glow=WARM)
        s.light((x - 0.1, 1.7, z + 1.2), (3, 1.7, 0.7))
    return 6.0


@thing
def house(s: Props, x: float, z: float, dark: bool) -> float:
    wall = s.rng.choice(((0.6, 0.55, 0.47), (0.45, 0.22, 0.15), (0.35, 0.4, 0.42), WOOD))
    w, d, h = s.rng.uniform(6, 9), s.rng.uniform(5, 7), s.rng.uniform(2.8, 4.4)
    s.box((x, 0, z), (w, h, d), wall)
    pitch = 0.62
    slope = np.array([[math.cos(pitch), -math.sin(pitch), 0], [math.sin(pitch), math.cos(pitch), 0], [0, 0, 1]])
    run = w / 2 / math.cos(pitch) + 0.3
    for side in (-1, 1):
        turn = slope if side < 0 else slope.T
        middle = (x + side * w / 4, h + w / 4 * math.tan(pitch), z)
        s.add("box", turn @ np.diag([run / 2, 0.1, d / 2 + 0.4]), middle, Material((0.16, 0.08, 0.06)))
    s.limb((x + w * 0.25, h, z), (x + w * 0.25, h + w * 0.42, z), 0.4, (0.3, 0.15, 0.12))
    glow = scaled(WARM, 0.45) if dark else (0.0, 0.0, 0.0)
    for k in (-0.28, 0.28):
        s.box((x + w * k, 1.1, z + d / 2), (1.0, 1.2, 0.08), (0.06, 0.07, 0.08), glow=glow)
        s.box((x + w / 2, 1.1, z + d * k), (0.08, 1.2, 1.0), (0.06, 0.07, 0.08), glow=glow)
    s.box((x, 0, z + d / 2), (0.95, 2.05, 0.1), (0.18, 0.05, 0.04))
    if dark:
        s.light((x, 1.8, z + d / 2 + 1.5), (4, 2.2, 0.9))
    return h + w * 0.36


@thing
def tower(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0, z), (x, 15, z), 3.0, STONE, taper=0.85, pattern="earth", scale=4)
    s.limb((x, 15, z), (x, 16.6, z), 3.1, STONE)
    for k in range(8):
        angle = k * math.tau / 8
        s.box((x + 2.8 * math.cos(angle), 16.6, z + 2.8 * math.sin(angle)), (0.9, 0.9, 0.9), STONE, turn=-angle)
    glow = WARM if dark else (0.0, 0.0, 0.0)
    s.box((x, 8.5, z + 2.62), (0.6, 1.4, 0.3), (0.03, 0.03, 0.03), glow=glow)
    return 17.5


@thing
def tent(s: Props, x: float, z: float, dark: bool) -> float:
    glow: Vector = (0.9, 0.42, 0.12) if dark else (0, 0, 0)
    s.limb((x, 0, z), (x, 2.0, z), 1.75, (0.5, 0.27, 0.08), taper=0.02, glow=glow)
    s.limb((x, 0, z + 0.35), (x, 1.35, z + 0.55), 1.25, (0.06, 0.04, 0.03), taper=0.02)
    return 2.0


@thing
def campfire(s: Props, x: float, z: float, dark: bool) -> float:
    for k in range(7):
        angle = k * math.tau / 7
        s.ball((x + 0.55 * math.cos(angle), 0.06, z + 0.55 * math.sin(angle)), (0.17, 0.13, 0.15), STONE, turn=angle)
    for k in range(4):
        angle = k * 0.8
        end = (x + 0.45 * math.cos(angle), 0.06, z + 0.45 * math.sin(angle))
        s.limb(end, (x - end[0] * 0 - 0.1 * math.cos(angle), 0.36, z - 0.1 * math.sin(angle)), 0.07, (0.05, 0.03, 0.02))
    for k in range(5):
        lift, lean = s.rng.uniform(0.5, 1.1), s.rng.uniform(-0.13, 0.13)
        s.limb(
            (x + lean, 0.12, z + s.rng.uniform(-0.15, 0.15)),
            (x + lean * 2, 0.2 + lift, z),
            0.16,
            (0.1, 0.05, 0.0),
            taper=0.03,
            glow=(7.5, 2.6 + 0.3 * k, 0.35),
        )
    s.light((x, 0.9, z + 0.15), (14, 6, 1.7))
    return 1.2


@thing
def table(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.72, z), (1.7, 0.05, 0.95), WOOD, pattern="planks", scale=0.18)
    for dx in (-0.76, 0.76):
        for dz in (-0.4, 0.4):
            s.box((x + dx, 0, z + dz), (0.07, 0.72, 0.07), WOOD)
    s.limb((x + 0.4, 0.77, z), (x + 0.4, 0.86, z), 0.05, WHITE, taper=1.15)
    s.limb((x - 0.3, 0.77, z + 0.1), (x - 0.3, 0.785, z + 0.1), 0.14, WHITE)
    s.ball((x, 0.83, z - 0.12), (0.16, 0.07, 0.16), (0.5, 0.14, 0.05))
    return 0.9


@thing
def chair(s: Props, x: float, z: float, dark: bool) -> float:
    color = s.rng.choice((WOOD, (0.3, 0.05, 0.05), (0.08, 0.13, 0.18)))
    s.box((x, 0.42, z), (0.5, 0.07, 0.5), color)
    s.box((x, 0.45, z - 0.23), (0.5, 0.6, 0.06), color)
    for dx in (-0.21, 0.21):
        for dz in (-0.21, 0.21):
            s.box((x + dx, 0, z + dz), (0.05, 0.42, 0.05), color)
    return 1.05


@thing
def bench(s: Props, x: float, z: float, dark: bool) -> float:
    for k in range(3):
        s.box((x, 0.42, z - 0.16 + 0.16 * k), (1.8, 0.05, 0.13), WOOD)
        s.box((x, 0.52 + 0.15 * k, z - 0.26), (1.8, 0.12, 0.05), WOOD)
    for dx in (-0.75, 0.75):
        s.box((x + dx, 0, z), (0.07, 0.44, 0.45), (0.05, 0.05, 0.05))
    return 0.95


@thing
def bed(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.12, z), (1.6, 0.3, 2.05), WOOD)
    s.box((x, 0.42, z), (1.55, 0.18, 2.0), (0.6, 0.58, 0.55))
    s.box((x, 0.5, z + 0.35), (1.62, 0.14, 1.35), s.rng.choice(CLOTH))
    s.box((x, 0, z - 1.05), (1.7, 1.1, 0.08), WOOD)
    for dx in (-0.38, 0.38):
        s.ball((x + dx, 0.66, z - 0.75), (0.3, 0.09, 0.2), WHITE)
    return 1.1


@thing
def lamp(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0, z), (x, 0.04, z), 0.17, (0.05, 0.05, 0.05))
    s.limb((x, 0, z), (x, 1.55, z), 0.02, (0.05, 0.05, 0.05))
    s.limb((x, 1.45, z), (x, 1.8, z), 0.24, (0.8, 0.65, 0.4), taper=0.6, glow=(3.2, 2.1, 1.0))
    s.light((x, 1.5, z + 0.2), (3.6, 2.2, 1.0))
    return 1.8


@thing
def street_lamp(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0, z), (x, 4.6, z), 0.09, (0.04, 0.04, 0.045), taper=0.6)
    s.ball((x, 4.75, z), (0.22, 0.26, 0.22), (0.7, 0.65, 0.5), glow=(9, 6, 2.6) if dark else (0.2, 0.2, 0.2))
    if dark:
        s.light((x, 4.3, z), (13, 8.5, 3.8))
    return 5.0


@thing
def candle(s: Props, x: float, z: float, dark: bool, y: float = 0.77) -> float:
    s.limb((x, y, z), (x, y + 0.2, z), 0.03, (0.7, 0.65, 0.5))
    s.ball((x, y + 0.25, z), (0.014, 0.045, 0.014), (1, 1, 1), glow=(22, 13, 4.5))
    s.light((x, y + 0.34, z + 0.06), (1.7, 0.95, 0.36))
    return y + 0.3


@thing
def cup(s: Props, x: float, z: float, dark: bool) -> float:
    s.limb((x, 0.77, z), (x, 0.785, z), 0.085, WHITE)
    s.limb((x, 0.785, z), (x, 0.87, z), 0.034, WHITE, taper=1.35)
    s.limb((x, 0.866, z), (x, 0.871, z), 0.041, (0.05, 0.025, 0.012))
    s.ball((x + 0.055, 0.83, z), (0.018, 0.025, 0.007), WHITE)
    return 0.87


@thing
def book(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.77, z), (0.24, 0.035, 0.32), s.rng.choice(CLOTH), turn=0.4)
    s.box((x, 0.805, z), (0.22, 0.012, 0.3), WHITE, turn=0.25)
    return 0.82


@thing
def phone(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0.77, z), (0.36, 0.02, 0.25), (0.05, 0.05, 0.055))
    s.box((x, 0.79, z - 0.12), (0.36, 0.24, 0.015), (0.05, 0.05, 0.055))
    s.box((x, 0.805, z - 0.105), (0.33, 0.2, 0.006), (0.05, 0.08, 0.1), glow=(0.5, 1.1, 1.7))
    s.light((x, 0.95, z + 0.15), (0.25, 0.5, 0.8))
    return 1.03


@thing
def door(s: Props, x: float, z: float, dark: bool) -> float:
    s.box((x, 0, z), (1.1, 2.2, 0.12), (0.1, 0.06, 0.04))
    s.box((x, 0, z + 0.05), (0.92, 2.08, 0.08), s.rng.choice(((0.3, 0.05, 0.04), WOOD, (0.05, 0.14, 0.13))))
    s.ball((x + 0.36, 1.0, z + 0.14), (0.04, 0.04, 0.04), (0.6, 0.45, 0.15))
    return 2.2


ON_A_TABLE = {"cup": cup, "book": book, "phone": phone, "candle": candle}
BUILD: dict[str, Callable[[Props, float, float, bool], float]] = {
    "lighthouse": lighthouse, "car": car, "boat": boat, "house": house, "tower": tower, "tent": tent,
    "campfire": campfire, "table": table, "chair": chair, "bench": bench, "bed": bed, "lamp": lamp,
    "door": door, "rock": rock, "tree": tree, "horse": horse, "dog": dog,
}  # fmt: skip
LARGE = frozenset({"lighthouse", "house", "tower", "tree"})
