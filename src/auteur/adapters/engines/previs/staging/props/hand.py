"""What hands take and tables carry. Each stands on its foot; ``grip`` is where a hand closes round it.

Long because it is a list: one thing after another.
"""

import math

from auteur.adapters.engines.previs.staging.materials import (
    BLACK,
    BRASS,
    CLOTH,
    LEAF,
    PAPER,
    STEEL,
    WARM,
    WHITE,
    WOOD,
    Props,
    scaled,
)
from auteur.adapters.engines.previs.staging.pieces import Look, piece, spread


@piece((0.12, 0.1, 0.1), grip=(0.04, 0.05, 0.0))
def cup(s: Props, look: Look) -> None:
    color = look.color(WHITE)
    s.limb((0, 0, 0), (0, 0.012, 0), 0.08, color)
    s.limb((0, 0.012, 0), (0, 0.095, 0), 0.034, color, taper=1.35)
    s.limb((0, 0.09, 0), (0, 0.096, 0), 0.041, (0.05, 0.025, 0.012))
    s.ball((0.055, 0.055, 0), (0.02, 0.026, 0.008), color)


@piece((0.08, 0.16, 0.08), grip=(0, 0.06, 0))
def glass(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.14, 0), 0.032, scaled((0.45, 0.5, 0.52), 1.0), taper=1.2)
    s.limb((0, 0.02, 0), (0, 0.09, 0), 0.0335, look.color((0.4, 0.18, 0.04)), taper=1.12)


@piece((0.08, 0.2, 0.08), name="wine glass", grip=(0, 0.06, 0))
def wine_glass(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.006, 0), 0.035, (0.5, 0.52, 0.54))
    s.limb((0, 0, 0), (0, 0.1, 0), 0.006, (0.5, 0.52, 0.54))
    s.ball((0, 0.15, 0), (0.042, 0.055, 0.042), (0.5, 0.52, 0.54))
    s.ball((0, 0.138, 0), (0.043, 0.035, 0.043), look.color((0.3, 0.01, 0.03)))


@piece((0.08, 0.3, 0.08), grip=(0, 0.1, 0))
def bottle(s: Props, look: Look) -> None:
    color = look.color((0.02, 0.08, 0.03))
    s.limb((0, 0, 0), (0, 0.18, 0), 0.038, color)
    s.limb((0, 0.18, 0), (0, 0.23, 0), 0.038, color, taper=0.38)
    s.limb((0, 0.23, 0), (0, 0.3, 0), 0.0145, color)
    s.limb((0, 0.05, 0), (0, 0.14, 0), 0.039, PAPER)


@piece((0.28, 0.03, 0.28), grip=(0.12, 0.015, 0))
def plate(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.02, 0), 0.09, look.color(WHITE), taper=1.5)
    s.ball((0, 0.025, 0), (0.08, 0.025, 0.07), (0.4, 0.2, 0.06))


@piece((0.24, 0.12, 0.24), grip=(0, 0.05, 0), hands=2)
def bowl(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.1, 0), 0.06, look.color((0.3, 0.32, 0.36)), taper=1.9)
    s.limb((0, 0.095, 0), (0, 0.102, 0), 0.1, scaled(look.color((0.3, 0.32, 0.36)), 0.4))


@piece((0.36, 0.2, 0.28), grip=(0.2, 0.15, 0))
def pot(s: Props, look: Look) -> None:
    color = look.color((0.3, 0.06, 0.04))
    s.limb((0, 0, 0), (0, 0.17, 0), 0.14, color)
    s.limb((0, 0.17, 0), (0, 0.19, 0), 0.145, scaled(color, 0.7), taper=0.7)
    s.ball((0, 0.2, 0), 0.02, BLACK)
    for x in (-0.16, 0.16):
        s.ball((x, 0.13, 0), (0.04, 0.012, 0.03), BLACK)


@piece((0.36, 0.12, 0.2), name="bread", grip=(0, 0.05, 0))
def bread(s: Props, look: Look) -> None:
    s.ball((0, 0.06, 0), (0.17, 0.065, 0.09), (0.35, 0.17, 0.06))
    for x in (-0.08, 0.0, 0.08):
        s.ball((x, 0.115, 0), (0.012, 0.012, 0.05), (0.55, 0.36, 0.18))


@piece((0.1, 0.1, 0.1), grip=(0, 0.03, 0))
def apple(s: Props, look: Look) -> None:
    s.ball((0, 0.045, 0), (0.045, 0.042, 0.045), look.color((0.4, 0.03, 0.02)))
    s.limb((0, 0.08, 0), (0.008, 0.105, 0), 0.004, WOOD)


@piece((0.09, 0.09, 0.09), grip=(0, 0.03, 0))
def orange(s: Props, look: Look) -> None:
    s.ball((0, 0.043, 0), 0.043, (0.6, 0.2, 0.02))


@piece((0.16, 0.035, 0.23), grip=(0, 0.02, 0), hands=2)
def book(s: Props, look: Look) -> None:
    color = look.color(s.rng.choice(CLOTH))
    if look.has("open"):
        for side in (-1, 1):
            s.box((0.085 * side, 0.005, 0), (0.17, 0.02, 0.24), PAPER, roll=0.12 * side)
        s.box((0, 0, 0), (0.36, 0.008, 0.25), color)
        return
    s.box((0, 0, 0), (0.16, 0.035, 0.23), color)
    s.box((0.004, 0.005, 0.002), (0.158, 0.026, 0.231), PAPER)


@piece((0.56, 0.02, 0.4), grip=(0, 0.01, 0.0), hands=2)
def newspaper(s: Props, look: Look) -> None:
    for side in (-1, 1):
        s.box((0.135 * side, 0.004, 0), (0.27, 0.006, 0.38), PAPER, roll=0.08 * side)
        s.box((0.135 * side, 0.012, -0.15), (0.23, 0.004, 0.05), (0.05, 0.05, 0.05), roll=0.08 * side)
        for k in range(3):
            s.box((0.135 * side, 0.012, -0.06 + 0.09 * k), (0.22, 0.003, 0.05), (0.3, 0.29, 0.27), roll=0.08 * side)


@piece((0.2, 0.012, 0.27), grip=(0, 0.005, 0))
def letter(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.2, 0.004, 0.27), PAPER, turn=0.1)
    for k in range(6):
        s.box((-0.01, 0.004, -0.09 + 0.03 * k), (0.14, 0.001, 0.008), (0.12, 0.12, 0.2), turn=0.1)


@piece((0.15, 0.01, 0.07), grip=(0, 0.003, 0))
def ticket(s: Props, look: Look) -> None:
    color = look.color((0.62, 0.5, 0.3))
    s.box((-0.015, 0, 0), (0.09, 0.003, 0.06), color)
    s.box((0.045, 0, 0.004), (0.035, 0.003, 0.06), color, turn=0.2)
    for k in range(3):
        s.box((-0.015, 0.003, -0.015 + 0.014 * k), (0.06, 0.001, 0.005), BLACK)


@piece((0.09, 0.012, 0.03), grip=(-0.02, 0.005, 0))
def key(s: Props, look: Look) -> None:
    color = look.color(BRASS)
    s.limb((-0.03, 0, 0), (-0.03, 0.008, 0), 0.017, color)
    s.limb((-0.03, 0.001, 0), (-0.03, 0.0085, 0), 0.009, BLACK)
    s.limb((-0.015, 0.004, 0), (0.045, 0.004, 0), 0.004, color)
    for x, deep in ((0.034, 0.014), (0.043, 0.018)):
        s.box((x, 0.001, deep / 2), (0.006, 0.006, deep), color)


@piece((0.075, 0.012, 0.15), grip=(0, 0.005, 0))
def phone(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.075, 0.01, 0.15), look.color(BLACK))
    s.box(
        (0, 0.0095, 0),
        (0.068, 0.002, 0.138),
        (0.05, 0.08, 0.1),
        glow=(0.5, 1.0, 1.5) if look.dark else (0.12, 0.2, 0.26),
    )


@piece((0.24, 0.16, 0.2), name="telephone", grip=(0, 0.13, 0))
def telephone(s: Props, look: Look) -> None:
    color = look.color(BLACK)
    s.limb((0, 0, 0), (0, 0.1, 0), 0.12, color, taper=0.6)
    s.limb((0, 0.055, 0.07), (0, 0.075, 0.105), 0.05, PAPER)
    s.limb((-0.1, 0.13, 0), (0.1, 0.13, 0), 0.016, color)
    for x in (-0.1, 0.1):
        s.limb((x, 0.09, 0), (x, 0.135, 0), 0.03, color, taper=0.75)


@piece((0.34, 0.24, 0.26), grip=(0, 0.01, 0), hands=2)
def laptop(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.34, 0.018, 0.24), (0.3, 0.3, 0.31))
    s.box((0, 0.0175, 0.0), (0.29, 0.003, 0.1), BLACK)
    s.box((0, 0.01, -0.15), (0.34, 0.23, 0.012), (0.3, 0.3, 0.31), tilt=-0.25)
    s.box((0, 0.02, -0.142), (0.31, 0.2, 0.006), (0.05, 0.08, 0.1), tilt=-0.25, glow=(0.5, 0.9, 1.3))
    s.light((0, 0.2, 0.12), (0.2, 0.36, 0.5))


@piece((0.11, 0.29, 0.11), grip=(0, 0.06, 0))
def candle(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.012, 0), 0.055, BRASS)
    high = 0.06 if look.has("burned", "burnt", "low") else 0.2
    s.limb((0, 0.012, 0), (0, high, 0), 0.024, (0.72, 0.66, 0.5))
    s.ball((0, high + 0.045, 0), (0.013, 0.042, 0.013), (1, 1, 1), glow=(22, 13, 4.5))
    s.light((0, high + 0.1, 0.05), (1.7, 0.95, 0.36))


@piece((0.18, 0.36, 0.18), grip=(0, 0.34, 0))
def lantern(s: Props, look: Look) -> None:
    color = look.color(BLACK)
    s.limb((0, 0, 0), (0, 0.04, 0), 0.085, color)
    s.limb((0, 0.04, 0), (0, 0.2, 0), 0.06, (0.8, 0.6, 0.3), glow=(6, 3.4, 1.2))
    s.limb((0, 0.2, 0), (0, 0.28, 0), 0.09, color, taper=0.3)
    for x in (-0.07, 0.07):
        s.limb((x, 0.02, 0), (x, 0.22, 0), 0.008, color)
    s.ball((0, 0.32, 0), (0.05, 0.05, 0.006), color)
    s.light((0, 0.13, 0.2), (3.2, 1.8, 0.7))


@piece((0.06, 0.06, 0.2), name="flashlight", grip=(0, 0.03, -0.04), along=True)
def flashlight(s: Props, look: Look) -> None:
    s.limb((0, 0.03, -0.1), (0, 0.03, 0.06), 0.02, look.color(BLACK))
    s.limb((0, 0.03, 0.06), (0, 0.03, 0.1), 0.02, BLACK, taper=1.5)
    s.limb((0, 0.03, 0.098), (0, 0.03, 0.104), 0.028, (1, 1, 1), glow=(12, 11, 9))


@piece((0.15, 0.7, 0.15), name="torch", grip=(0, 0.15, 0))
def torch(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.45, 0), 0.018, WOOD, taper=1.5)
    s.ball((0, 0.48, 0), (0.05, 0.06, 0.05), (0.08, 0.05, 0.03))
    for x, z in ((0, 0), (0.025, 0.02), (-0.02, -0.02)):
        s.limb((x, 0.47, z), (x * 1.5, 0.7, z), 0.055, (1, 0.5, 0.1), taper=0.04, glow=(9, 3.6, 0.7))
    s.light((0, 0.65, 0.12), (7, 3.2, 1.0))


@piece((1.0, 0.95, 1.0), grip=(0, 0.1, 0))
def umbrella(s: Props, look: Look) -> None:
    color = look.color((0.05, 0.05, 0.07))
    s.limb((0, 0, 0), (0, 0.95, 0), 0.01, BLACK)
    s.limb((0, 0.66, 0), (0, 0.8, 0), 0.56, color, taper=0.62)
    s.limb((0, 0.8, 0), (0, 0.9, 0), 0.348, color, taper=0.06)


@piece((0.14, 0.37, 0.13), name="flower", grip=(0, 0.1, 0))
def flower(s: Props, look: Look) -> None:
    color = look.color((0.5, 0.03, 0.05))
    s.limb((0, 0, 0), (0, 0.33, 0), 0.006, LEAF)
    s.ball((0.03, 0.16, 0), (0.05, 0.012, 0.02), LEAF, turn=0.4)
    s.ball((0, 0.35, 0), 0.022, (0.55, 0.4, 0.05))
    for k in range(5):
        a = k * math.tau / 5
        s.ball((0.035 * math.cos(a), 0.35, 0.035 * math.sin(a)), (0.03, 0.02, 0.03), color)


@piece((0.3, 0.45, 0.3), name="bouquet", grip=(0, 0.1, 0))
def bouquet(s: Props, look: Look) -> None:
    color = look.color((0.65, 0.6, 0.58))
    s.limb((0, 0, 0), (0, 0.22, 0), 0.03, LEAF, taper=2.8)
    for k in range(9):
        a, r = k * 2.4, 0.04 * math.sqrt(k)
        s.ball((r * math.cos(a), 0.28 - 0.4 * r, r * math.sin(a)), 0.04, scaled(color, 1 - 0.25 * (k % 3)))


@piece((0.7, 0.5, 0.25), grip=(0, 0.48, 0))
def suitcase(s: Props, look: Look) -> None:
    color = look.color((0.2, 0.1, 0.05))
    s.box((0, 0.02, 0), (0.66, 0.4, 0.2), color)
    for x in (-0.2, 0.2):
        s.box((x, 0.015, 0), (0.05, 0.41, 0.21), scaled(color, 0.5))
        s.box((x, 0.36, 0.105), (0.04, 0.05, 0.01), BRASS)
    s.limb((-0.09, 0.47, 0), (0.09, 0.47, 0), 0.014, BLACK)
    for x in (-0.09, 0.09):
        s.limb((x, 0.42, 0), (x, 0.47, 0), 0.012, BLACK)


@piece((0.4, 0.42, 0.16), grip=(0, 0.4, 0))
def bag(s: Props, look: Look) -> None:
    color = look.color((0.16, 0.07, 0.04))
    s.box((0, 0, 0), (0.38, 0.24, 0.14), color)
    s.limb((-0.19, 0.24, 0), (0.19, 0.24, 0), 0.07, color)
    for x in (-0.1, 0.1):
        s.limb((x, 0.28, 0), (x * 0.4, 0.4, 0), 0.01, BLACK)
    s.limb((-0.04, 0.4, 0), (0.04, 0.4, 0), 0.011, BLACK)
    s.box((0, 0.16, 0.075), (0.06, 0.06, 0.01), BRASS)


@piece((0.36, 0.5, 0.2), name="backpack", grip=(0, 0.48, 0))
def backpack(s: Props, look: Look) -> None:
    color = look.color((0.05, 0.13, 0.09))
    s.ball((0, 0.25, 0), (0.18, 0.26, 0.11), color)
    s.box((0, 0.08, 0.09), (0.24, 0.18, 0.06), scaled(color, 0.7))
    for x in (-0.1, 0.1):
        s.limb((x, 0.1, -0.1), (x, 0.44, -0.1), 0.02, BLACK)


@piece((0.05, 0.16, 0.22), grip=(0, 0.04, -0.05), along=True, name="gun")
def gun(s: Props, look: Look) -> None:
    color = look.color((0.03, 0.03, 0.035))
    s.box((0, 0.09, 0.03), (0.026, 0.035, 0.19), color)
    s.box((0, 0.075, 0.02), (0.024, 0.02, 0.13), scaled(color, 1.6))
    s.box((0, -0.01, -0.05), (0.028, 0.11, 0.045), (0.07, 0.04, 0.02), tilt=-0.2)
    s.ball((0, 0.06, 0.005), (0.006, 0.018, 0.02), color)


@piece((0.06, 0.2, 1.1), grip=(0, 0.02, -0.12), hands=2, along=True)
def rifle(s: Props, look: Look) -> None:
    s.limb((0, 0.07, 0.0), (0, 0.07, 0.68), 0.011, BLACK)
    s.box((0, 0.025, 0.1), (0.04, 0.05, 0.5), WOOD)
    s.box((0, 0.0, -0.3), (0.04, 0.11, 0.26), WOOD, tilt=0.14)
    s.box((0, 0.03, -0.1), (0.034, 0.06, 0.2), (0.08, 0.08, 0.085))
    s.box((0, -0.06, 0.02), (0.026, 0.1, 0.06), BLACK)
    s.limb((0, 0.115, -0.12), (0, 0.115, 0.08), 0.016, BLACK)


@piece((0.03, 0.03, 0.32), grip=(0, 0.01, -0.09), along=True)
def knife(s: Props, look: Look) -> None:
    s.box((0, 0, -0.09), (0.02, 0.022, 0.12), look.color((0.06, 0.03, 0.02)))
    s.box((0, 0.002, 0.07), (0.004, 0.032, 0.19), (0.55, 0.56, 0.58))


@piece((0.14, 0.05, 1.0), grip=(0, 0.02, -0.38), along=True)
def sword(s: Props, look: Look) -> None:
    s.limb((0, 0.02, -0.48), (0, 0.02, -0.28), 0.016, (0.05, 0.03, 0.03))
    s.box((0, 0.0, -0.27), (0.14, 0.04, 0.025), BRASS)
    s.box((0, 0.005, 0.1), (0.012, 0.032, 0.74), (0.55, 0.56, 0.58))


@piece((0.04, 0.04, 1.2), name="stick", grip=(0, 0.02, -0.3), along=True)
def stick(s: Props, look: Look) -> None:
    s.limb((0, 0.02, -0.6), (0, 0.02, 0.6), 0.016, look.color(WOOD), taper=0.7)


@piece((0.04, 0.95, 0.1), name="cane", grip=(0, 0.93, 0))
def cane(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.92, 0), 0.014, look.color(WOOD))
    s.limb((0, 0.92, -0.05), (0, 0.92, 0.06), 0.016, WOOD)


@piece((0.28, 1.5, 0.11), name="broom", grip=(0, 1.0, 0), hands=2)
def broom(s: Props, look: Look) -> None:
    s.limb((0, 0.2, 0), (0, 1.5, 0), 0.014, WOOD)
    s.limb((0, 0.0, 0), (0, 0.28, 0), 0.14, (0.4, 0.3, 0.1), taper=0.3, flat=0.4)


@piece((0.13, 0.34, 0.04), name="hammer", grip=(0, 0.1, 0))
def hammer(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.32, 0), 0.014, WOOD)
    s.box((0, 0.3, 0), (0.13, 0.045, 0.04), STEEL)


@piece((0.2, 1.0, 0.04), name="axe", grip=(0, 0.25, 0), hands=2)
def axe(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.85, 0), 0.018, WOOD)
    s.box((0.07, 0.74, 0), (0.18, 0.14, 0.02), STEEL)


@piece((0.3, 1.4, 0.05), name="spade", grip=(0, 0.8, 0), hands=2)
def spade(s: Props, look: Look) -> None:
    s.limb((0, 0.3, 0), (0, 1.2, 0), 0.016, WOOD)
    s.box((0, 0.0, 0), (0.2, 0.32, 0.015), STEEL)
    s.limb((-0.06, 1.2, 0), (0.06, 1.2, 0), 0.015, WOOD)


@piece((0.01, 0.01, 0.08), name="cigarette", grip=(0, 0.0, -0.03), along=True)
def cigarette(s: Props, look: Look) -> None:
    s.limb((0, 0.004, -0.04), (0, 0.004, 0.035), 0.004, WHITE)
    s.ball((0, 0.004, 0.038), 0.005, (0.5, 0.1, 0.02), glow=(6, 1.6, 0.2))


@piece((0.24, 0.24, 0.24), grip=(0, 0.1, 0), hands=2)
def ball(s: Props, look: Look) -> None:
    color = look.color((0.5, 0.05, 0.04))
    s.ball((0, 0.11, 0), 0.11, color)
    s.limb((0, 0.1, 0), (0, 0.12, 0), 0.111, WHITE)


@piece((0.4, 0.15, 1.0), grip=(0, 0.07, 0.25), hands=2)
def guitar(s: Props, look: Look) -> None:
    color = look.color((0.35, 0.17, 0.05))
    s.ball((0, 0.05, -0.3), (0.2, 0.05, 0.19), color)
    s.ball((0, 0.05, -0.08), (0.15, 0.048, 0.15), color)
    s.limb((0, 0.096, -0.14), (0, 0.102, -0.14), 0.05, BLACK)
    s.box((0, 0.07, 0.24), (0.05, 0.025, 0.55), (0.08, 0.05, 0.03))
    s.box((0, 0.065, 0.52), (0.075, 0.02, 0.14), BLACK)


@piece((0.22, 0.1, 0.6), name="violin", grip=(0, 0.04, 0.2), hands=2)
def violin(s: Props, look: Look) -> None:
    s.ball((0, 0.04, -0.16), (0.1, 0.03, 0.1), (0.28, 0.1, 0.03))
    s.ball((0, 0.04, -0.02), (0.08, 0.03, 0.08), (0.28, 0.1, 0.03))
    s.box((0, 0.055, 0.14), (0.028, 0.02, 0.26), BLACK)


@piece((0.06, 0.2, 0.06), name="microphone", grip=(0, 0.06, 0))
def microphone(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.15, 0), 0.014, BLACK, taper=1.4)
    s.ball((0, 0.17, 0), 0.028, STEEL)


@piece((0.16, 0.13, 0.14), name="camera", grip=(0.06, 0.05, 0), hands=2)
def camera(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.14, 0.09, 0.06), BLACK)
    s.limb((0, 0.045, 0.02), (0, 0.045, 0.1), 0.036, (0.05, 0.05, 0.055))
    s.limb((0, 0.045, 0.098), (0, 0.045, 0.102), 0.028, (0.06, 0.08, 0.14))
    s.box((0, 0.09, 0), (0.05, 0.03, 0.05), BLACK)


@piece((0.2, 0.28, 0.02), name="photograph", grip=(0, 0.05, 0))
def photograph(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.2, 0.26, 0.015), WOOD, tilt=-0.15)
    s.box((0, 0.025, 0.01), (0.15, 0.2, 0.008), PAPER, tilt=-0.15)
    s.ball((0, 0.15, 0.016), (0.035, 0.045, 0.004), (0.3, 0.2, 0.14))
    s.ball((0, 0.06, 0.018), (0.06, 0.05, 0.004), (0.06, 0.06, 0.09))


@piece((0.3, 0.3, 0.1), name="clock", grip=(0, 0.05, 0))
def clock(s: Props, look: Look) -> None:
    s.limb((0, 0.15, -0.04), (0, 0.15, 0.04), 0.15, look.color(BRASS))
    s.limb((0, 0.15, 0.038), (0, 0.15, 0.045), 0.13, PAPER)
    for k in range(12):
        a = k * math.tau / 12
        s.box((0.11 * math.sin(a), 0.143 + 0.11 * math.cos(a), 0.046), (0.01, 0.014, 0.004), BLACK)
    s.box((0.0, 0.15, 0.048), (0.01, 0.09, 0.004), BLACK)
    s.box((0.03, 0.147, 0.048), (0.07, 0.01, 0.004), BLACK)


@piece((0.34, 0.24, 0.26), name="box", grip=(0, 0.1, 0), hands=2)
def box(s: Props, look: Look) -> None:
    color = look.color((0.4, 0.27, 0.14))
    s.box((0, 0, 0), (0.34, 0.24, 0.26), color)
    s.box((0, 0.235, 0), (0.06, 0.008, 0.262), scaled(color, 1.5))


@piece((0.3, 0.3, 0.3), name="gift", grip=(0, 0.1, 0), hands=2)
def gift(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.28, 0.2, 0.28), look.color((0.4, 0.03, 0.05)))
    s.box((0, -0.002, 0), (0.05, 0.206, 0.286), (0.6, 0.45, 0.1))
    s.box((0, -0.002, 0), (0.286, 0.206, 0.05), (0.6, 0.45, 0.1))
    for x in (-0.05, 0.05):
        s.ball((x, 0.23, 0), (0.055, 0.035, 0.03), (0.6, 0.45, 0.1))


@piece((0.28, 0.36, 0.2), name="teddy bear", grip=(0, 0.15, 0))
def teddy_bear(s: Props, look: Look) -> None:
    color = look.color((0.3, 0.16, 0.06))
    s.ball((0, 0.12, 0), (0.09, 0.11, 0.08), color)
    s.ball((0, 0.27, 0.01), 0.075, color)
    s.ball((0, 0.255, 0.075), (0.035, 0.028, 0.025), scaled(color, 1.8))
    for x in (-1, 1):
        s.ball((0.06 * x, 0.33, 0), 0.028, color)
        s.ball((0.11 * x, 0.15, 0.03), (0.05, 0.035, 0.04), color)
        s.ball((0.07 * x, 0.035, 0.08), (0.04, 0.04, 0.06), color)
        s.ball((0.028 * x, 0.285, 0.075), 0.009, BLACK)


@piece((0.02, 0.02, 0.02), name="ring", grip=(0, 0.01, 0))
def ring(s: Props, look: Look) -> None:
    s.limb((0, 0, -0.002), (0, 0, 0.002), 0.011, BRASS)
    s.ball((0, 0.013, 0), 0.005, (0.7, 0.8, 0.9), glow=(0.3, 0.35, 0.4))


@piece((0.6, 0.02, 0.4), name="map", grip=(0, 0.01, 0), hands=2)
def map_(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.6, 0.004, 0.42), PAPER)
    for k in range(5):
        s.box((-0.2 + 0.1 * k, 0.004, 0.02 * (k % 3)), (0.12, 0.001, 0.012), (0.3, 0.1, 0.05), turn=0.8 * k)
    s.ball((0.12, 0.004, -0.06), (0.09, 0.002, 0.06), (0.1, 0.25, 0.4))


@piece((0.05, 0.12, 0.05), name="chess piece", grip=(0, 0.06, 0))
def chess_piece(s: Props, look: Look) -> None:
    color = look.color(WHITE)
    s.limb((0, 0, 0), (0, 0.07, 0), 0.022, color, taper=0.5)
    s.ball((0, 0.08, 0), 0.016, color)


@piece((0.42, 0.14, 0.42), name="chessboard", grip=(0, 0, 0), hands=2)
def chessboard(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.42, 0.03, 0.42), WOOD)
    s.box((0, 0.03, 0), (0.384, 0.004, 0.384), WHITE, pattern="tiles", scale=0.048)
    for row, color in ((-0.168, (0.03, 0.03, 0.03)), (-0.12, (0.03, 0.03, 0.03)), (0.12, WHITE), (0.168, WHITE)):
        for x in spread(5, 0.08):
            high = 0.09 if abs(row) > 0.15 else 0.055
            s.limb((x, 0.034, row), (x, 0.034 + high, row), 0.017, color, taper=0.45)


@piece((0.23, 0.12, 0.27), name="shoe", grip=(0, 0.06, -0.08))
def shoe(s: Props, look: Look) -> None:
    color = look.color((0.12, 0.04, 0.03))
    for x in (-0.07, 0.07):
        s.ball((x, 0.035, 0.03), (0.045, 0.04, 0.13), color)
        s.limb((x, 0.03, -0.06), (x, 0.11, -0.07), 0.042, color)


@piece((0.3, 0.32, 0.3), name="bucket", grip=(0, 0.38, 0))
def bucket(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.28, 0), 0.11, look.color(STEEL), taper=1.35)
    s.limb((0, 0.275, 0), (0, 0.282, 0), 0.135, (0.05, 0.07, 0.08))
    for x in (-1, 1):
        s.limb((0.14 * x, 0.27, 0), (0, 0.39, 0), 0.007, BLACK)


@piece((0.4, 0.32, 0.3), name="basket", grip=(0, 0.34, 0))
def basket(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.18, 0), 0.16, (0.3, 0.18, 0.07), taper=1.25)
    for k in range(5):
        a = k * math.tau / 5
        s.ball((0.09 * math.cos(a), 0.19, 0.09 * math.sin(a)), 0.05, look.color((0.5, 0.15, 0.03)))
    for x in (-1, 1):
        s.limb((0.18 * x, 0.18, 0), (0.06 * x, 0.34, 0), 0.01, WOOD)
    s.limb((-0.06, 0.34, 0), (0.06, 0.34, 0), 0.01, WOOD)


@piece((0.5, 0.7, 0.02), name="cloth", grip=(0, 0.6, 0))
def cloth(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.4, 0.6, 0.015), look.color(WHITE))


@piece((0.1, 0.73, 0.07), name="leash", grip=(0, 0.88, 0))
def leash(s: Props, look: Look) -> None:
    color = look.color((0.3, 0.04, 0.03))
    s.limb((0, 0.9, 0), (0.02, 0.35, 0.03), 0.007, color)
    s.limb((0.02, 0.35, 0.03), (0.07, 0.5, 0.04), 0.007, color)
    s.limb((0.07, 0.5, 0.04), (0.08, 0.2, 0.05), 0.007, color)
    s.ball((0.08, 0.19, 0.05), 0.016, STEEL)


@piece((0.2, 0.4, 0.1), name="trophy", grip=(0, 0.1, 0))
def trophy(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.14, 0.06, 0.14), BLACK)
    s.limb((0, 0.06, 0), (0, 0.18, 0), 0.02, BRASS)
    s.limb((0, 0.18, 0), (0, 0.36, 0), 0.04, BRASS, taper=2.0)
    for x in (-0.1, 0.1):
        s.ball((x, 0.28, 0), (0.035, 0.06, 0.012), BRASS)


@piece((0.3, 0.5, 0.3), name="vase", grip=(0, 0.12, 0))
def vase(s: Props, look: Look) -> None:
    s.ball((0, 0.11, 0), (0.08, 0.11, 0.08), look.color((0.08, 0.15, 0.3)))
    s.limb((0, 0.18, 0), (0, 0.25, 0), 0.035, look.color((0.08, 0.15, 0.3)), taper=1.4)
    for k in range(5):
        a = k * math.tau / 5
        tip = (0.1 * math.cos(a), 0.42 + 0.03 * (k % 2), 0.1 * math.sin(a))
        s.limb((0, 0.24, 0), tip, 0.005, LEAF)
        s.ball(tip, 0.035, scaled((0.5, 0.06, 0.08), 0.8 + 0.3 * (k % 2)))


@piece((0.4, 0.24, 0.18), name="radio", grip=(0, 0.24, 0))
def radio(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.4, 0.24, 0.16), look.color(WOOD))
    s.box((-0.07, 0.05, 0.082), (0.2, 0.14, 0.01), (0.4, 0.33, 0.2))
    s.limb((0.12, 0.12, 0.08), (0.12, 0.12, 0.1), 0.045, BRASS)


@piece((0.4, 0.34, 0.35), name="typewriter", grip=(0, 0.05, 0), hands=2)
def typewriter(s: Props, look: Look) -> None:
    s.box((0, 0, 0.05), (0.34, 0.08, 0.3), BLACK, tilt=0.1)
    s.box((0, 0.06, -0.08), (0.34, 0.1, 0.12), BLACK)
    s.limb((-0.2, 0.18, -0.08), (0.2, 0.18, -0.08), 0.025, (0.1, 0.1, 0.1))
    s.box((0, 0.18, -0.1), (0.22, 0.16, 0.004), PAPER, tilt=-0.15)
    for row in range(3):
        for x in spread(6, 0.045):
            s.ball((x, 0.095 - 0.012 * row, 0.06 + 0.05 * row), 0.014, PAPER)


@piece((0.4, 0.5, 0.4), name="table lamp", grip=(0, 0.1, 0))
def _desk_lamp(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.02, 0), 0.1, BRASS)
    s.limb((0, 0, 0), (0, 0.3, 0), 0.014, BRASS)
    s.limb((0, 0.28, 0), (0, 0.46, 0), 0.16, look.color((0.7, 0.55, 0.3)), taper=0.55, glow=scaled(WARM, 0.5))
    s.light((0, 0.3, 0.16), (2.4, 1.4, 0.65))


@piece((0.91, 0.31, 0.3), name="child", grip=(0, 0.3, 0), hands=2)
def carried_child(s: Props, look: Look) -> None:
    """Carried in two arms: across, the head at the left."""
    skin = (0.5, 0.33, 0.24)
    s.ball((0.02, 0.1, 0), (0.2, 0.12, 0.12), look.color((0.25, 0.3, 0.4)))
    s.ball((0.32, 0.18, 0.02), (0.1, 0.11, 0.1), skin)
    s.ball((0.36, 0.21, 0.0), (0.095, 0.1, 0.1), (0.06, 0.03, 0.02))
    s.limb((-0.12, 0.12, 0), (-0.34, 0.2, 0.06), 0.065, (0.06, 0.08, 0.14), taper=0.8)
    s.limb((-0.34, 0.2, 0.06), (-0.42, -0.1, 0.1), 0.05, (0.06, 0.08, 0.14), taper=0.7)
    s.limb((0.1, 0.16, 0.08), (-0.08, 0.08, 0.15), 0.035, look.color((0.25, 0.3, 0.4)))
