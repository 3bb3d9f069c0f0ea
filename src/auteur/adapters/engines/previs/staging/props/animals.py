"""Animals at true size, heads to +z. What goes on four legs is one builder with proportions of its own for each.

Long because it is a list: one animal after another.
"""

import math
from dataclasses import dataclass

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import BLACK, WHITE, Props, scaled
from auteur.adapters.engines.previs.staging.pieces import Look, piece


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beast:
    """Metres: ``back``: height of the back; ``long``: of the trunk; ``deep``: half its depth; ``neck``: how far the
    head is above and before the breast; ``head``: half its length; ``ears``: their length, pricked or (negative)
    hanging."""

    back: float
    long: float
    deep: float
    neck: tuple[float, float]
    head: float
    leg: float
    ears: float
    tail: tuple[float, float]
    muzzle: float = 0.55
    hump: float = 0.0


def _beast(s: Props, b: _Beast, coat: Vector, marks: Vector | None = None) -> None:
    middle = b.back - b.deep
    half = b.long / 2
    s.limb((0, middle, -half * 0.75), (0, middle + b.deep * 0.08, half * 0.7), b.deep * 0.92, coat, taper=1.05)
    s.ball((0, middle + b.deep * 0.05, -half * 0.72), (b.deep * 0.95, b.deep, b.deep * 1.1), coat)
    s.ball(
        (0, middle + b.deep * (0.12 + b.hump), half * 0.68),
        (b.deep * 0.98, b.deep * (1.08 + b.hump), b.deep * 1.1),
        coat,
    )
    for x in (-1, 1):
        for z, bend in ((half * 0.72, 0.02), (-half * 0.8, -0.06)):
            knee = (x * b.deep * 0.55, middle * 0.52, z + bend * b.back)
            s.limb((x * b.deep * 0.6, middle, z), knee, b.leg * 1.7, coat, taper=0.6)
            s.limb(knee, (x * b.deep * 0.55, 0.02, z), b.leg, coat, taper=0.75)
            s.ball(
                (x * b.deep * 0.55, b.leg * 0.6, z + b.leg * 0.6),
                (b.leg * 0.95, b.leg * 0.7, b.leg * 1.5),
                scaled(coat, 0.5),
            )
    breast = (0.0, middle + b.deep * 0.35, half * 0.8)
    poll = (0.0, breast[1] + b.neck[0], breast[2] + b.neck[1])
    s.limb(breast, poll, b.deep * 0.62, coat, taper=0.66)
    s.ball(poll, (b.head * 0.5, b.head * 0.52, b.head * 0.62), coat)
    nose = (0.0, poll[1] - b.head * 0.42, poll[2] + b.head * 1.25)
    s.limb((0, poll[1] - 0.05 * b.head, poll[2] + b.head * 0.2), nose, b.head * 0.4, marks or coat, taper=b.muzzle)
    s.ball(nose, (b.head * 0.2, b.head * 0.16, b.head * 0.14), BLACK)
    for x in (-1, 1):
        s.ball((x * b.head * 0.4, poll[1] + b.head * 0.12, poll[2] + b.head * 0.38), b.head * 0.085, BLACK)
        if b.ears >= 0:
            s.limb(
                (x * b.head * 0.32, poll[1] + b.head * 0.3, poll[2]),
                (x * b.head * 0.48, poll[1] + b.head * 0.35 + b.ears, poll[2] - 0.1 * b.head),
                b.head * 0.2,
                coat,
                taper=0.15,
            )
        else:
            s.ball(
                (x * b.head * 0.55, poll[1] + b.ears * 0.3, poll[2]),
                (b.head * 0.12, -b.ears, b.head * 0.24),
                scaled(coat, 0.6),
            )
    tail = (0.0, middle + b.deep * 0.4, -half - b.deep * 0.3)
    s.limb(tail, (0, tail[1] + b.tail[0], tail[2] - b.tail[1]), b.leg * 0.9, scaled(coat, 0.7), taper=0.5)


@piece((0.6, 2.2, 2.5), seat_m=1.5, lean_m=1.3, ride=True)
def horse(s: Props, look: Look) -> None:
    coat = look.color(s.rng.choice(((0.18, 0.08, 0.04), (0.05, 0.035, 0.03), (0.5, 0.45, 0.4))))
    b = _Beast(
        back=1.55, long=1.45, deep=0.32, neck=(0.62, 0.48), head=0.3, leg=0.07, ears=0.13, tail=(-0.75, 0.2), muzzle=0.7
    )
    _beast(s, b, coat)
    mane = scaled(coat, 0.35)
    for k in range(5):  # a mane down the neck
        s.ball((0, 2.0 - 0.13 * k, 0.98 - 0.11 * k), (0.05, 0.12, 0.09), mane)
    s.limb((0, 1.25, -0.95), (0, 0.6, -1.05), 0.09, mane, taper=0.5)
    if look.has("saddled", "saddle"):
        s.ball((0, 1.55, 0.0), (0.28, 0.08, 0.3), (0.12, 0.05, 0.02))


@piece((0.25, 0.75, 0.95))
def dog(s: Props, look: Look) -> None:
    coat = look.color(s.rng.choice(((0.24, 0.13, 0.06), (0.05, 0.05, 0.05), (0.42, 0.3, 0.17))))
    b = _Beast(
        back=0.56, long=0.55, deep=0.115, neck=(0.17, 0.13), head=0.125, leg=0.03, ears=-0.085, tail=(0.24, 0.16)
    )
    _beast(s, b, coat)
    s.limb((0, 0.6, 0.3), (0, 0.63, 0.325), 0.075, (0.4, 0.03, 0.02))


@piece((0.3, 0.9, 1.4))
def wolf(s: Props, look: Look) -> None:
    coat = look.color((0.16, 0.155, 0.15))
    b = _Beast(
        back=0.78, long=0.8, deep=0.16, neck=(0.14, 0.22), head=0.16, leg=0.04, ears=0.1, tail=(-0.3, 0.24), muzzle=0.5
    )
    _beast(s, b, coat, scaled(coat, 1.7))


@piece((0.2, 0.45, 0.9))
def fox(s: Props, look: Look) -> None:
    coat = look.color((0.42, 0.14, 0.03))
    b = _Beast(
        back=0.38,
        long=0.44,
        deep=0.085,
        neck=(0.09, 0.12),
        head=0.1,
        leg=0.022,
        ears=0.08,
        tail=(-0.02, 0.1),
        muzzle=0.25,
    )
    _beast(s, b, coat, WHITE)
    s.ball((0, 0.32, -0.45), (0.06, 0.06, 0.19), coat)
    s.ball((0, 0.32, -0.61), (0.045, 0.045, 0.06), WHITE)


@piece((0.16, 0.36, 0.5))
def cat(s: Props, look: Look) -> None:
    coat = look.color(s.rng.choice(((0.4, 0.2, 0.06), (0.05, 0.05, 0.05), (0.3, 0.28, 0.26))))
    if look.has("curled", "asleep", "sleeping", "lying"):
        s.ball((0, 0.1, 0), (0.2, 0.1, 0.17), coat)
        s.ball((0.12, 0.13, 0.12), (0.075, 0.065, 0.075), coat)
        for x in (0.08, 0.16):
            s.limb((x, 0.17, 0.12), (x, 0.24, 0.12), 0.028, coat, taper=0.1)
        s.limb((-0.18, 0.05, 0.05), (0.05, 0.05, 0.2), 0.03, scaled(coat, 0.7))
        return
    b = _Beast(
        back=0.27,
        long=0.3,
        deep=0.07,
        neck=(0.1, 0.05),
        head=0.075,
        leg=0.018,
        ears=0.05,
        tail=(0.26, 0.02),
        muzzle=0.6,
    )
    _beast(s, b, coat)


@piece((0.7, 1.5, 2.4), lean_m=1.2)
def cow(s: Props, look: Look) -> None:
    coat = look.color((0.62, 0.58, 0.52))
    b = _Beast(
        back=1.4, long=1.5, deep=0.38, neck=(0.14, 0.36), head=0.28, leg=0.075, ears=0.08, tail=(-0.8, 0.1), muzzle=0.8
    )
    _beast(s, b, coat)
    for x, y, z in ((0.3, 1.15, 0.15), (-0.32, 1.1, -0.3), (0.28, 1.0, -0.55), (-0.3, 1.2, 0.45)):
        s.ball((x, y, z), (0.12, 0.2, 0.25), (0.06, 0.03, 0.02))
    for x in (-1, 1):
        s.limb((0.14 * x, 1.47, 0.98), (0.32 * x, 1.66, 1.02), 0.04, (0.6, 0.55, 0.42), taper=0.15)
    s.ball((0, 0.66, -0.4), (0.16, 0.12, 0.18), (0.6, 0.36, 0.3))


@piece((0.62, 1.0, 1.02))
def sheep(s: Props, look: Look) -> None:
    wool = look.color((0.62, 0.59, 0.5))
    b = _Beast(
        back=0.68,
        long=0.62,
        deep=0.17,
        neck=(0.12, 0.16),
        head=0.12,
        leg=0.03,
        ears=-0.06,
        tail=(-0.1, 0.03),
        muzzle=0.6,
    )
    _beast(s, b, (0.08, 0.07, 0.06))
    for x, y, z, r in (
        (0, 0.62, 0, 0.27),
        (0.1, 0.58, 0.24, 0.2),
        (-0.1, 0.58, 0.24, 0.2),
        (0.1, 0.58, -0.24, 0.21),
        (-0.1, 0.58, -0.24, 0.21),
    ):
        s.ball((x, y, z), (r, r * 0.9, r), wool)
    s.ball((0, 0.93, 0.44), (0.09, 0.07, 0.09), wool)


@piece((0.35, 0.9, 1.1))
def goat(s: Props, look: Look) -> None:
    coat = look.color((0.55, 0.52, 0.46))
    b = _Beast(
        back=0.7,
        long=0.62,
        deep=0.16,
        neck=(0.22, 0.16),
        head=0.12,
        leg=0.028,
        ears=-0.07,
        tail=(0.1, 0.05),
        muzzle=0.55,
    )
    _beast(s, b, coat)
    for x in (-1, 1):
        s.limb((0.04 * x, 0.98, 0.41), (0.1 * x, 1.18, 0.28), 0.02, (0.2, 0.17, 0.12), taper=0.3)
    s.limb((0, 0.78, 0.56), (0, 0.64, 0.57), 0.03, scaled(coat, 0.7), taper=0.1)


@piece((0.4, 0.8, 1.2))
def pig(s: Props, look: Look) -> None:
    b = _Beast(
        back=0.68, long=0.8, deep=0.24, neck=(0.03, 0.2), head=0.16, leg=0.04, ears=0.09, tail=(0.06, 0.06), muzzle=0.85
    )
    _beast(s, b, look.color((0.6, 0.34, 0.3)))


@piece((0.5, 1.6, 1.8))
def deer(s: Props, look: Look) -> None:
    coat = look.color((0.28, 0.15, 0.07))
    b = _Beast(
        back=1.05, long=0.9, deep=0.2, neck=(0.46, 0.2), head=0.16, leg=0.035, ears=0.13, tail=(-0.12, 0.04), muzzle=0.5
    )
    _beast(s, b, coat)
    for x in (-1, 1):
        s.limb((0.05 * x, 1.5, 0.5), (0.26 * x, 1.85, 0.38), 0.022, (0.3, 0.22, 0.13), taper=0.6)
        s.limb((0.26 * x, 1.85, 0.38), (0.22 * x, 2.15, 0.5), 0.014, (0.3, 0.22, 0.13), taper=0.4)
        s.limb((0.17 * x, 1.7, 0.43), (0.2 * x, 1.9, 0.62), 0.013, (0.3, 0.22, 0.13), taper=0.4)


@piece((0.9, 1.2, 2.0))
def bear(s: Props, look: Look) -> None:
    coat = look.color((0.09, 0.05, 0.03))
    b = _Beast(
        back=1.15,
        long=1.2,
        deep=0.4,
        neck=(0.02, 0.4),
        head=0.3,
        leg=0.12,
        ears=0.06,
        tail=(-0.05, 0.05),
        muzzle=0.55,
        hump=0.12,
    )
    _beast(s, b, coat, scaled(coat, 2.0))


@piece((2.38, 3.12, 4.78), ride=True, seat_m=2.9)
def elephant(s: Props, look: Look) -> None:
    coat = look.color((0.19, 0.18, 0.18))
    b = _Beast(
        back=2.9, long=2.4, deep=0.85, neck=(0.25, 0.6), head=0.6, leg=0.24, ears=0.0, tail=(-1.2, 0.1), muzzle=0.6
    )
    _beast(s, b, coat)
    for x in (-1, 1):
        s.ball((0.75 * x, 2.5, 1.75), (0.5, 0.62, 0.1), scaled(coat, 0.8), turn=0.5 * x)
        s.limb((0.22 * x, 2.05, 2.3), (0.3 * x, 1.75, 2.85), 0.07, (0.65, 0.62, 0.5), taper=0.3)
    s.limb((0, 2.25, 2.35), (0, 1.0, 2.65), 0.2, coat, taper=0.6)
    s.limb((0, 1.0, 2.65), (0, 0.45, 2.9), 0.12, coat, taper=0.7)


@piece((0.9, 1.1, 2.2))
def lion(s: Props, look: Look) -> None:
    coat = look.color((0.42, 0.27, 0.1))
    b = _Beast(
        back=1.05, long=1.2, deep=0.25, neck=(0.2, 0.26), head=0.24, leg=0.075, ears=0.05, tail=(-0.2, 0.7), muzzle=0.7
    )
    _beast(s, b, coat)
    s.ball((0, 1.08, 0.66), (0.36, 0.42, 0.24), scaled((0.2, 0.09, 0.03), 1.0))


@piece((0.16, 0.29, 0.4))
def bird(s: Props, look: Look) -> None:
    coat = look.color((0.05, 0.05, 0.06))
    if look.has("flying", "overhead", "distant", "circling") or (look.size_m and look.size_m[1] > 1):
        s.ball((0, 0, 0), (0.1, 0.09, 0.24), coat)
        for x in (-1, 1):
            s.box((0.32 * x, 0.06, 0), (0.5, 0.03, 0.2), coat, roll=0.45 * x)
            s.box((0.72 * x, 0.1, -0.04), (0.4, 0.025, 0.14), coat, roll=-0.3 * x)
        return
    s.ball((0, 0.15, 0), (0.065, 0.07, 0.12), coat, tilt=-0.4)
    s.ball((0, 0.24, 0.08), 0.048, coat)
    s.limb((0, 0.235, 0.12), (0, 0.225, 0.18), 0.014, (0.5, 0.3, 0.03), taper=0.1)
    s.box((0, 0.11, -0.15), (0.06, 0.015, 0.14), scaled(coat, 0.7), tilt=-0.3)
    for x in (-1, 1):
        s.ball((0.06 * x, 0.16, -0.02), (0.02, 0.05, 0.11), scaled(coat, 1.6), tilt=-0.3)
        s.limb((0.025 * x, 0, 0.02), (0.025 * x, 0.1, 0), 0.006, (0.4, 0.25, 0.05))
        s.ball((0.03 * x, 0.255, 0.11), 0.009, WHITE)


@piece((0.24, 0.55, 0.51))
def chicken(s: Props, look: Look) -> None:
    coat = look.color((0.6, 0.56, 0.48))
    s.ball((0, 0.25, 0), (0.12, 0.14, 0.18), coat)
    s.limb((0, 0.28, 0.1), (0, 0.44, 0.16), 0.06, coat, taper=0.6)
    s.ball((0, 0.46, 0.17), 0.05, coat)
    s.ball((0, 0.52, 0.17), (0.012, 0.03, 0.045), (0.5, 0.03, 0.02))
    s.limb((0, 0.45, 0.21), (0, 0.44, 0.26), 0.015, (0.6, 0.4, 0.03), taper=0.1)
    s.ball((0, 0.36, -0.18), (0.03, 0.14, 0.07), scaled(coat, 0.7))
    for x in (-0.04, 0.04):
        s.limb((x, 0, 0.02), (x, 0.15, 0), 0.01, (0.6, 0.4, 0.03))


@piece((0.15, 0.3, 0.8), grip=(0, 0.1, 0))
def fish(s: Props, look: Look) -> None:
    scales = look.color((0.3, 0.34, 0.38))
    s.ball((0, 0.1, 0), (0.045, 0.09, 0.24), scales)
    s.limb((0, 0.1, -0.18), (0, 0.1, -0.36), 0.02, scales, taper=4.0, flat=0.25)
    s.ball((0, 0.19, 0), (0.008, 0.05, 0.09), scaled(scales, 0.6))
    for x in (-0.035, 0.035):
        s.ball((x, 0.12, 0.17), 0.016, BLACK)


@piece((0.18, 0.43, 0.42))
def rabbit(s: Props, look: Look) -> None:
    coat = look.color((0.35, 0.28, 0.22))
    s.ball((0, 0.13, -0.05), (0.09, 0.12, 0.14), coat)
    s.ball((0, 0.22, 0.1), (0.06, 0.065, 0.075), coat)
    for x in (-1, 1):
        s.ball((0.028 * x, 0.34, 0.06), (0.02, 0.09, 0.022), coat)
        s.ball((0.05 * x, 0.24, 0.14), 0.012, BLACK)
        s.ball((0.06 * x, 0.03, 0.05), (0.03, 0.03, 0.08), coat)
    s.ball((0, 0.12, -0.2), 0.045, WHITE)


@piece((0.07, 0.07, 0.37))
def rat(s: Props, look: Look) -> None:
    s.ball((0, 0.035, 0), (0.035, 0.035, 0.08), look.color((0.12, 0.1, 0.09)))
    s.limb((0, 0.035, 0.05), (0, 0.03, 0.13), 0.028, (0.12, 0.1, 0.09), taper=0.2)
    s.limb((0, 0.02, -0.07), (0.03, 0.01, -0.24), 0.006, (0.4, 0.25, 0.22))


@piece((0.2, 0.2, 1.0))
def snake(s: Props, look: Look) -> None:
    coat = look.color((0.12, 0.17, 0.04))
    last: Vector = (0.0, 0.03, -0.6)
    for k in range(9):
        there = (0.13 * math.sin(k * 1.3), 0.03 + (0.05 * max(k - 6, 0)), -0.5 + 0.13 * k)
        s.limb(last, there, 0.028, scaled(coat, 0.8 + 0.4 * (k % 2)))
        last = there
    s.ball(last, (0.035, 0.025, 0.05), coat)


@piece((0.88, 4.42, 2.78), lean_m=1.6, large=True)
def giraffe(s: Props, look: Look) -> None:
    coat = look.color((0.5, 0.33, 0.12))
    b = _Beast(back=2.5, long=1.5, deep=0.42, neck=(1.75, 0.7), head=0.3, leg=0.09, ears=0.16, tail=(-0.9, 0.15))
    _beast(s, b, coat)
    for k in range(14):
        x, y = (0.4 if k % 2 else -0.4), 1.9 + 0.09 * (k % 5)
        s.ball((x, y, -0.7 + 0.11 * k), (0.04, 0.1, 0.1), (0.22, 0.1, 0.03))
    for x in (-0.07, 0.07):
        s.limb((x, 4.15, 1.3), (x, 4.42, 1.3), 0.025, coat)


@piece((0.8, 2.3, 2.7), seat_m=1.9, lean_m=1.3, ride=True)
def camel(s: Props, look: Look) -> None:
    coat = look.color((0.42, 0.27, 0.12))
    b = _Beast(back=1.7, long=1.5, deep=0.36, neck=(0.5, 0.75), head=0.27, leg=0.08, ears=0.08, tail=(-0.5, 0.12))
    _beast(s, b, coat)
    s.ball((0, 1.75, -0.1), (0.24, 0.34, 0.36), coat)


@piece((0.52, 1.55, 1.28), lean_m=1.0)
def kangaroo(s: Props, look: Look) -> None:
    coat = look.color((0.34, 0.2, 0.11))
    s.ball((0, 0.55, -0.1), (0.2, 0.32, 0.24), coat)
    s.limb((0, 0.6, -0.05), (0, 1.15, 0.12), 0.16, coat, taper=0.6)
    s.ball((0, 1.28, 0.2), (0.09, 0.1, 0.14), coat)
    s.limb((0, 1.27, 0.28), (0, 1.22, 0.4), 0.06, coat, taper=0.6)
    s.limb((0, 0.45, -0.25), (0, 0.05, -0.85), 0.09, coat, taper=0.3)
    for side in (-1, 1):
        s.limb((0.06 * side, 1.34, 0.16), (0.09 * side, 1.55, 0.14), 0.04, coat, taper=0.3)
        s.limb((0.14 * side, 0.95, 0.12), (0.12 * side, 0.75, 0.3), 0.04, coat, taper=0.6)
        s.limb((0.16 * side, 0.5, -0.1), (0.18 * side, 0.12, 0.05), 0.1, coat, taper=0.5)
        s.ball((0.18 * side, 0.05, 0.18), (0.05, 0.05, 0.22), coat)


@piece((0.4, 0.7, 0.5))
def monkey(s: Props, look: Look) -> None:
    coat = look.color((0.2, 0.12, 0.06))
    s.ball((0, 0.24, 0), (0.13, 0.18, 0.12), coat)
    s.ball((0, 0.5, 0.04), (0.1, 0.11, 0.1), coat)
    s.ball((0, 0.49, 0.11), (0.07, 0.075, 0.05), (0.45, 0.3, 0.2))
    for side in (-1, 1):
        s.ball((0.11 * side, 0.52, 0.03), (0.03, 0.045, 0.02), (0.45, 0.3, 0.2))
        s.ball((0.028 * side, 0.52, 0.15), 0.012, BLACK)
        s.limb((0.12 * side, 0.36, 0.03), (0.15 * side, 0.1, 0.16), 0.04, coat, taper=0.7)
        s.limb((0.08 * side, 0.1, 0.02), (0.16 * side, 0.03, 0.2), 0.05, coat, taper=0.7)
    s.limb((0, 0.1, -0.1), (0.06, 0.4, -0.32), 0.022, coat)


@piece((1.1, 1.5, 1.0))
def gorilla(s: Props, look: Look) -> None:
    coat = look.color((0.035, 0.033, 0.035))
    s.ball((0, 0.72, -0.1), (0.36, 0.48, 0.34), coat)
    s.ball((0, 1.08, 0.1), (0.42, 0.3, 0.3), coat)
    s.ball((0, 1.36, 0.28), (0.17, 0.2, 0.18), coat)
    s.ball((0, 1.32, 0.4), (0.12, 0.12, 0.07), (0.1, 0.09, 0.09))
    for side in (-1, 1):
        s.limb((0.38 * side, 1.1, 0.15), (0.44 * side, 0.08, 0.42), 0.13, coat, taper=0.8)
        s.limb((0.24 * side, 0.5, -0.15), (0.28 * side, 0.06, -0.1), 0.16, coat, taper=0.7)
        s.ball((0.045 * side, 1.38, 0.45), 0.016, BLACK)


@piece((1.2, 0.6, 1.2))
def octopus(s: Props, look: Look) -> None:
    skin = look.color((0.35, 0.1, 0.08))
    s.ball((0, 0.32, 0), (0.2, 0.28, 0.2), skin)
    for x in (-0.09, 0.09):
        s.ball((x, 0.26, 0.17), 0.04, WHITE)
    for k in range(8):
        a = k * math.tau / 8
        elbow = (0.32 * math.cos(a), 0.12, 0.32 * math.sin(a))
        s.limb((0.1 * math.cos(a), 0.12, 0.1 * math.sin(a)), elbow, 0.06, skin, taper=0.7)
        s.limb(elbow, (0.6 * math.cos(a + 0.4), 0.03, 0.6 * math.sin(a + 0.4)), 0.042, skin, taper=0.2)


@piece((0.24, 0.1, 0.24))
def spider(s: Props, look: Look) -> None:
    dark = look.color((0.05, 0.04, 0.035))
    s.ball((0, 0.05, -0.05), (0.04, 0.035, 0.05), dark)
    s.ball((0, 0.045, 0.02), 0.025, dark)
    for k in range(4):
        for side in (-1, 1):
            z = 0.05 - 0.03 * k
            knee = (0.07 * side, 0.1, z * 1.6)
            s.limb((0.02 * side, 0.05, z * 0.5), knee, 0.006, dark)
            s.limb(knee, (0.12 * side, 0.0, z * 2.2), 0.005, dark)


@piece((0.1, 0.06, 0.16))
def insect(s: Props, look: Look) -> None:
    dark = look.color((0.07, 0.05, 0.02))
    for z, r in ((-0.045, 0.03), (0.0, 0.02), (0.035, 0.016)):
        s.ball((0, 0.03, z), (r * 0.8, r * 0.8, r * 1.2), dark)
    for k in range(3):
        for side in (-1, 1):
            s.limb((0.01 * side, 0.03, 0.02 - 0.02 * k), (0.05 * side, 0.0, 0.04 - 0.035 * k), 0.003, dark)
    for side in (-1, 1):
        s.ball((0.03 * side, 0.05, -0.03), (0.025, 0.003, 0.04), scaled(WHITE, 0.6), turn=0.5 * side)


@piece((0.29, 0.15, 0.16))
def butterfly(s: Props, look: Look) -> None:
    wing = look.color((0.6, 0.25, 0.02))
    s.limb((0, 0.08, -0.05), (0, 0.08, 0.06), 0.008, BLACK)
    for side in (-1, 1):
        s.ball((0.075 * side, 0.11, 0.02), (0.07, 0.035, 0.055), wing)
        s.ball((0.055 * side, 0.09, -0.05), (0.05, 0.02, 0.04), scaled(wing, 0.6))


@piece((0.6, 0.35, 0.8))
def turtle(s: Props, look: Look) -> None:
    skin = (0.16, 0.19, 0.08)
    s.ball((0, 0.12, 0), (0.26, 0.2, 0.32), look.color((0.14, 0.12, 0.04)))
    s.limb((0, 0.14, 0.26), (0, 0.2, 0.42), 0.06, skin)
    s.ball((0, 0.21, 0.44), (0.07, 0.06, 0.08), skin)
    for x in (-1, 1):
        for z in (-0.2, 0.22):
            s.ball((0.24 * x, 0.05, z), (0.09, 0.06, 0.08), skin)


@piece((0.18, 0.13, 0.18))
def frog(s: Props, look: Look) -> None:
    skin = look.color((0.08, 0.24, 0.04))
    s.ball((0, 0.055, 0), (0.06, 0.05, 0.075), skin)
    for x in (-1, 1):
        s.ball((0.032 * x, 0.1, 0.045), 0.02, skin)
        s.ball((0.035 * x, 0.105, 0.06), 0.01, BLACK)
        s.ball((0.075 * x, 0.03, -0.03), (0.025, 0.03, 0.05), skin)
        s.ball((0.05 * x, 0.02, 0.06), (0.014, 0.02, 0.03), skin)


@piece((0.07, 0.08, 0.14))
def snail(s: Props, look: Look) -> None:
    s.ball((0, 0.015, 0.01), (0.02, 0.015, 0.065), (0.35, 0.28, 0.18))
    s.ball((0, 0.045, -0.01), (0.022, 0.035, 0.035), look.color((0.3, 0.16, 0.07)))
    for x in (-0.012, 0.012):
        s.limb((x, 0.03, 0.06), (x * 1.5, 0.06, 0.075), 0.003, (0.35, 0.28, 0.18))


@piece((0.45, 0.16, 0.3))
def crab(s: Props, look: Look) -> None:
    tint = look.color((0.5, 0.1, 0.03))
    s.ball((0, 0.08, 0), (0.12, 0.05, 0.09), tint)
    for side in (-1, 1):
        s.limb((0.1 * side, 0.09, 0.05), (0.19 * side, 0.1, 0.14), 0.02, tint)
        s.ball((0.2 * side, 0.1, 0.17), (0.045, 0.035, 0.06), tint)
        s.ball((0.04 * side, 0.14, 0.07), 0.014, BLACK)
        for k in range(3):
            s.limb((0.1 * side, 0.08, -0.06 + 0.05 * k), (0.22 * side, 0.0, -0.1 + 0.06 * k), 0.012, tint, taper=0.3)


@piece((3.2, 2.2, 9.0), large=True)
def whale(s: Props, look: Look) -> None:
    skin = look.color((0.08, 0.1, 0.13))
    s.ball((0, 0.9, 0.9), (1.1, 1.0, 2.9), skin)
    s.limb((0, 0.9, -1.0), (0, 0.8, -3.7), 0.85, skin, taper=0.25)
    s.ball((0, 0.55, 1.1), (0.9, 0.6, 2.4), (0.5, 0.5, 0.48))
    for side in (-1, 1):
        s.ball((0.8 * side, 0.85, -4.0), (0.8, 0.08, 0.4), skin, turn=0.4 * side)
        s.ball((1.3 * side, 0.5, 1.2), (0.6, 0.08, 0.3), skin, turn=-0.5 * side)
        s.ball((0.93 * side, 0.95, 2.4), 0.07, BLACK)


@piece((1.1, 1.2, 3.2), large=True)
def shark(s: Props, look: Look) -> None:
    skin = look.color((0.22, 0.25, 0.28))
    s.ball((0, 0.45, 0.2), (0.3, 0.32, 1.1), skin)
    s.limb((0, 0.45, -0.5), (0, 0.5, -1.45), 0.25, skin, taper=0.25)
    s.limb((0, 0.65, 0.1), (0, 1.15, -0.18), 0.24, skin, taper=0.1, flat=0.2)
    s.limb((0, 0.5, -1.4), (0, 1.0, -1.65), 0.14, skin, taper=0.2, flat=0.3)
    for side in (-1, 1):
        s.ball((0.42 * side, 0.35, 0.25), (0.28, 0.03, 0.14), skin, turn=-0.5 * side)
        s.ball((0.19 * side, 0.52, 0.95), 0.03, BLACK)
    s.ball((0, 0.33, 0.35), (0.24, 0.22, 0.9), (0.6, 0.6, 0.58))


@piece((0.5, 0.85, 0.95))
def swan(s: Props, look: Look) -> None:
    coat = look.color(WHITE)
    s.ball((0, 0.22, -0.05), (0.2, 0.2, 0.38), coat)
    s.limb((0, 0.3, 0.22), (0, 0.55, 0.34), 0.06, coat, taper=0.8)
    s.limb((0, 0.55, 0.34), (0, 0.76, 0.28), 0.048, coat, taper=0.9)
    s.ball((0, 0.78, 0.32), (0.05, 0.05, 0.08), coat)
    s.limb((0, 0.77, 0.38), (0, 0.75, 0.47), 0.025, (0.6, 0.22, 0.02), taper=0.4)
    for side in (-1, 1):
        s.ball((0.16 * side, 0.3, -0.12), (0.06, 0.13, 0.3), scaled(coat, 0.9))


@piece((0.3, 0.4, 0.5))
def duck(s: Props, look: Look) -> None:
    coat = look.color((0.26, 0.2, 0.13))
    s.ball((0, 0.14, -0.03), (0.11, 0.11, 0.19), coat)
    s.limb((0, 0.18, 0.1), (0, 0.3, 0.14), 0.04, coat)
    s.ball((0, 0.32, 0.15), (0.05, 0.05, 0.06), (0.03, 0.16, 0.07))
    s.ball((0, 0.31, 0.22), (0.03, 0.012, 0.04), (0.6, 0.4, 0.03))
    for x in (-0.04, 0.04):
        s.limb((x, 0.06, 0), (x, 0.0, 0.02), 0.012, (0.6, 0.3, 0.03))


@piece((0.35, 0.75, 0.3))
def penguin(s: Props, look: Look) -> None:
    s.ball((0, 0.33, 0), (0.15, 0.31, 0.14), (0.03, 0.03, 0.04))
    s.ball((0, 0.3, 0.035), (0.12, 0.26, 0.12), WHITE)
    s.ball((0, 0.66, 0.01), (0.08, 0.085, 0.09), (0.03, 0.03, 0.04))
    s.limb((0, 0.66, 0.08), (0, 0.64, 0.16), 0.02, (0.6, 0.35, 0.03), taper=0.2)
    for side in (-1, 1):
        s.ball((0.16 * side, 0.36, 0), (0.025, 0.18, 0.06), (0.03, 0.03, 0.04))
        s.ball((0.07 * side, 0.02, 0.06), (0.05, 0.02, 0.08), (0.6, 0.35, 0.03))


@piece((0.7, 2.1, 1.2))
def ostrich(s: Props, look: Look) -> None:
    s.ball((0, 1.15, -0.1), (0.3, 0.3, 0.45), (0.03, 0.03, 0.03))
    s.ball((0, 1.2, -0.5), (0.2, 0.16, 0.2), WHITE)
    s.limb((0, 1.25, 0.25), (0, 1.9, 0.42), 0.06, (0.5, 0.35, 0.3), taper=0.7)
    s.ball((0, 1.95, 0.46), (0.06, 0.06, 0.09), (0.5, 0.35, 0.3))
    s.limb((0, 1.94, 0.52), (0, 1.92, 0.64), 0.035, (0.5, 0.35, 0.12), taper=0.4)
    for side in (-1, 1):
        s.limb((0.13 * side, 1.0, -0.05), (0.14 * side, 0.55, -0.1), 0.07, (0.5, 0.35, 0.3), taper=0.5)
        s.limb((0.14 * side, 0.55, -0.1), (0.14 * side, 0.03, 0.0), 0.035, (0.5, 0.35, 0.3))
        s.ball((0.14 * side, 0.02, 0.06), (0.04, 0.02, 0.1), (0.5, 0.35, 0.3))


@piece((1.49, 1.0, 0.67))
def peacock(s: Props, look: Look) -> None:
    blue = look.color((0.01, 0.08, 0.3))
    s.ball((0, 0.4, 0), (0.12, 0.13, 0.22), blue)
    s.limb((0, 0.46, 0.15), (0, 0.74, 0.22), 0.05, blue, taper=0.7)
    s.ball((0, 0.77, 0.24), (0.04, 0.045, 0.06), blue)
    for k in range(11):
        a = math.pi * (k + 0.5) / 11
        tip = (0.7 * math.cos(a), 0.4 + 0.55 * math.sin(a), -0.3)
        s.limb((0, 0.4, -0.2), tip, 0.03, (0.03, 0.2, 0.08), taper=2.2, flat=0.3)
        s.ball(tip, (0.05, 0.05, 0.02), (0.02, 0.12, 0.35))
    for x in (-0.05, 0.05):
        s.limb((x, 0, 0.02), (x, 0.3, 0), 0.012, (0.3, 0.25, 0.2))


@piece((0.8, 0.6, 1.6))
def seal(s: Props, look: Look) -> None:
    skin = look.color((0.1, 0.1, 0.11))
    s.limb((0, 0.2, 0.3), (0, 0.12, -0.7), 0.24, skin, taper=0.35)
    s.ball((0, 0.24, 0.3), (0.25, 0.22, 0.35), skin)
    s.limb((0, 0.3, 0.4), (0, 0.5, 0.6), 0.16, skin, taper=0.75)
    s.ball((0, 0.52, 0.66), (0.11, 0.1, 0.14), skin)
    for side in (-1, 1):
        s.ball((0.3 * side, 0.06, 0.2), (0.2, 0.03, 0.1), skin, turn=-0.5 * side)
        s.ball((0.12 * side, 0.1, -0.8), (0.1, 0.03, 0.15), skin)


@piece((0.9, 0.5, 3.2), large=True)
def crocodile(s: Props, look: Look) -> None:
    skin = look.color((0.09, 0.11, 0.05))
    s.ball((0, 0.22, 0), (0.3, 0.18, 0.75), skin)
    s.limb((0, 0.2, -0.6), (0.25, 0.08, -1.6), 0.2, skin, taper=0.15)
    s.limb((0, 0.22, 0.65), (0, 0.2, 1.5), 0.17, skin, taper=0.5, flat=0.6)
    for side in (-1, 1):
        s.ball((0.09 * side, 0.34, 0.85), 0.045, skin)
        for z in (-0.45, 0.45):
            s.limb((0.26 * side, 0.18, z), (0.42 * side, 0.03, z + 0.1), 0.07, skin, taper=0.7)
    for k in range(8):
        s.ball((0, 0.38 - 0.02 * k, 0.3 - 0.2 * k), (0.05, 0.05, 0.06), scaled(skin, 0.7))


@piece((6.0, 3.6, 6.5), large=True)
def dragon(s: Props, look: Look) -> None:
    skin = look.color((0.1, 0.16, 0.05))
    b = _Beast(back=2.0, long=2.6, deep=0.65, neck=(1.3, 0.9), head=0.5, leg=0.17, ears=0.35, tail=(-1.2, 2.6))
    _beast(s, b, skin)
    for side in (-1, 1):
        elbow = (1.5 * side, 3.4, -0.2)
        s.limb((0.4 * side, 1.9, 0.2), elbow, 0.1, skin)
        for k in range(4):
            s.limb(elbow, ((2.9 - 0.6 * k) * side, 2.4 - 0.4 * k, -1.0 - 0.2 * k), 0.1, skin, taper=0.4)
            tip = ((2.2 - 0.45 * k) * side, 2.85 - 0.3 * k, -0.7 - 0.1 * k)
            s.ball(tip, (0.42, 0.5, 0.05), scaled(skin, 1.6), turn=0.5 * side)
