"""Things of all sorts, at true size: instruments, fruit, machines of the street, waters, what stands on a fairground.

Long because it is a list: one thing after another.
"""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import (
    BLACK,
    BRASS,
    BRICK,
    GLASS,
    LEAF,
    PAPER,
    STEEL,
    STONE,
    WHITE,
    WOOD,
    Props,
    scaled,
)
from auteur.adapters.engines.previs.staging.pieces import Look, piece, spread

_RED: Vector = (0.42, 0.03, 0.02)
_GREEN: Vector = (0.05, 0.16, 0.04)
_STRAW: Vector = (0.5, 0.38, 0.16)
_WATER: Vector = (0.05, 0.075, 0.085)


def _shine(look: Look) -> Vector:
    return (0.015, 0.02, 0.035) if look.dark else (0.1, 0.14, 0.17)


# --- instruments ------------------------------------------------------------------------------------------------------


@piece((0.34, 0.5, 0.34), grip=(0, 0.46, 0))
def bell(s: Props, look: Look) -> None:
    metal = look.color(BRASS)
    s.limb((0, 0, 0), (0, 0.1, 0), 0.17, metal, taper=0.78)
    s.limb((0, 0.1, 0), (0, 0.32, 0), 0.133, metal, taper=0.72)
    s.ball((0, 0.32, 0), (0.097, 0.06, 0.097), metal)
    s.limb((0, 0.36, 0), (0, 0.5, 0), 0.022, WOOD)
    s.ball((0, 0.01, 0), 0.035, scaled(STEEL, 0.6))


@piece((1.02, 1.29, 0.4))
def gong(s: Props, look: Look) -> None:
    for x in (-0.48, 0.48):
        s.limb((x, 0, 0), (x, 1.28, 0), 0.03, WOOD)
        s.box((x, 0, 0), (0.06, 0.05, 0.4), WOOD)
    s.limb((-0.5, 1.27, 0), (0.5, 1.27, 0), 0.025, WOOD)
    s.limb((0, 0.72, -0.02), (0, 0.72, 0.02), 0.38, BRASS)
    s.ball((0, 0.72, 0.02), (0.12, 0.12, 0.04), scaled(BRASS, 1.3))


@piece((1.7, 1.21, 0.82), name="drum kit")
def drum_kit(s: Props, look: Look) -> None:
    shell = look.color(_RED)
    s.limb((0, 0.32, -0.2), (0, 0.32, 0.3), 0.32, shell)
    s.limb((0, 0.32, 0.3), (0, 0.32, 0.31), 0.3, WHITE)
    for x, y, z, r in ((-0.4, 0.5, -0.3, 0.18), (0.42, 0.42, -0.25, 0.22), (-0.16, 0.72, 0.1, 0.14)):
        s.limb((x, y, z), (x, y + 0.2, z), r, shell)
        s.limb((x, y + 0.2, z), (x, y + 0.21, z), r * 0.96, WHITE)
        s.limb((x, 0, z), (x, y, z), 0.012, STEEL)
    for x, y in ((-0.62, 1.15), (0.6, 1.2)):
        s.limb((x, 0, 0.1), (x, y, 0.1), 0.012, STEEL)
        s.limb((x, y, 0.1), (x, y + 0.015, 0.1), 0.24, BRASS, taper=0.2)


@piece((0.4, 0.36, 0.4), grip=(0.16, 0.3, 0), lean_m=0.3)
def drum(s: Props, look: Look) -> None:
    s.limb((0, 0.02, 0), (0, 0.34, 0), 0.19, look.color(_RED))
    for y in (0.0, 0.32):
        s.limb((0, y, 0), (0, y + 0.04, 0), 0.2, scaled(WOOD, 1.6))
    s.limb((0, 0.355, 0), (0, 0.36, 0), 0.185, WHITE)


@piece((0.83, 1.71, 0.4))
def harp(s: Props, look: Look) -> None:
    gold = look.color(BRASS)
    s.limb((0.36, 0.06, 0), (0.36, 1.7, 0), 0.035, gold)
    s.limb((0.36, 0.08, 0), (-0.34, 1.15, 0), 0.07, scaled(WOOD, 1.4), taper=0.6)
    s.limb((-0.36, 1.15, 0), (-0.05, 1.32, 0), 0.04, gold)
    s.limb((-0.05, 1.32, 0), (0.36, 1.68, 0), 0.04, gold)
    s.box((0.15, 0, 0), (0.6, 0.08, 0.4), gold)
    for k in range(9):
        share = (k + 1) / 10
        x = 0.33 - 0.62 * share
        s.limb((x, 0.12 + 1.0 * share, 0), (x, 1.62 - 0.45 * share, 0), 0.004, WHITE)


@piece((0.03, 0.66, 0.04), grip=(0, 0.2, 0), along=True)
def flute(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.66, 0), 0.015, look.color(scaled(STEEL, 1.4)))
    for k in range(6):
        s.ball((0, 0.12 + 0.07 * k, 0.015), 0.009, BLACK)


@piece((0.07, 0.66, 0.07), grip=(0, 0.3, 0), along=True)
def clarinet(s: Props, look: Look) -> None:
    s.limb((0, 0.1, 0), (0, 0.66, 0), 0.015, BLACK)
    s.limb((0, 0, 0), (0, 0.1, 0), 0.034, BLACK, taper=0.45)
    for k in range(5):
        s.ball((0, 0.18 + 0.07 * k, 0.016), 0.01, STEEL)


@piece((0.13, 0.18, 0.54), grip=(0, 0.1, 0))
def trumpet(s: Props, look: Look) -> None:
    brass = look.color(scaled(BRASS, 1.2))
    s.limb((0, 0.12, -0.26), (0, 0.12, 0.16), 0.011, brass)
    s.limb((0, 0.12, 0.14), (0, 0.12, 0.28), 0.014, brass, taper=4.6)
    s.limb((0, 0.05, -0.08), (0, 0.05, 0.14), 0.011, brass)
    for z in (-0.04, 0.0, 0.04):
        s.limb((0, 0.03, z), (0, 0.18, z), 0.014, brass)


@piece((0.27, 0.75, 0.18), grip=(0, 0.4, 0))
def saxophone(s: Props, look: Look) -> None:
    brass = look.color(scaled(BRASS, 1.2))
    s.limb((-0.05, 0.1, 0), (-0.05, 0.68, 0), 0.035, brass, taper=0.4)
    s.limb((-0.05, 0.68, 0), (0.06, 0.74, 0), 0.014, brass)
    s.ball((0.0, 0.07, 0), (0.08, 0.07, 0.05), brass)
    s.limb((0.05, 0.08, 0), (0.1, 0.36, 0), 0.045, brass, taper=2.0)
    for k in range(4):
        s.ball((-0.05, 0.22 + 0.1 * k, 0.035), 0.016, scaled(BRASS, 0.7))


@piece((0.44, 0.34, 0.2), grip=(0.18, 0.17, 0))
def accordion(s: Props, look: Look) -> None:
    for x in (-0.18, 0.18):
        s.box((x, 0, 0), (0.08, 0.34, 0.2), look.color(_RED))
    for k in range(7):
        s.box((-0.12 + 0.04 * k, 0.02, 0), (0.022, 0.3, 0.18), BLACK if k % 2 else scaled(WHITE, 0.6))
    s.box((0.21, 0.03, 0.05), (0.02, 0.28, 0.06), WHITE)


@piece((0.46, 1.56, 0.15), grip=(0, 1.1, 0))
def cello(s: Props, look: Look) -> None:
    wood = look.color((0.28, 0.1, 0.03))
    s.ball((0, 0.42, 0), (0.23, 0.24, 0.07), wood)
    s.ball((0, 0.8, 0), (0.18, 0.2, 0.06), wood)
    s.limb((0, 0.3, 0.06), (0, 1.45, 0.05), 0.022, BLACK)
    s.ball((0, 1.5, 0.04), (0.03, 0.06, 0.03), wood)
    s.limb((0, 0, 0), (0, 0.2, 0), 0.008, STEEL)


@piece((0.5, 1.35, 0.45), name="music stand")
def music_stand(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 1.05, 0), 0.012, BLACK)
    for k in range(3):
        a = k * math.tau / 3
        s.limb((0, 0.22, 0), (0.2 * math.cos(a), 0.0, 0.2 * math.sin(a)), 0.01, BLACK)
    s.box((0, 1.02, 0), (0.46, 0.32, 0.015), BLACK, tilt=-0.35)
    s.box((0, 1.05, 0.02), (0.36, 0.26, 0.008), PAPER, tilt=-0.35)


# --- food -------------------------------------------------------------------------------------------------------------


@piece((0.21, 0.09, 0.04), grip=(0, 0.05, 0))
def banana(s: Props, look: Look) -> None:
    last: Vector = (-0.09, 0.08, 0)
    for k in range(1, 6):
        there = (-0.09 + 0.036 * k, 0.03 + 0.05 * (k / 2.5 - 1) ** 2, 0.0)
        s.limb(last, there, 0.019, look.color((0.62, 0.46, 0.05)))
        last = there
    s.ball(last, 0.012, BLACK)


@piece((0.16, 0.14, 0.14), grip=(0, 0.13, 0))
def grape(s: Props, look: Look) -> None:
    tint = look.color((0.14, 0.02, 0.12))
    for k in range(16):
        a, y = k * 2.4, 0.02 + 0.0055 * k
        r = 0.062 - 0.0024 * k
        s.ball((r * math.cos(a), y, r * math.sin(a)), 0.021, scaled(tint, 0.8 + 0.05 * (k % 5)))
    s.limb((0, 0.08, 0), (0.01, 0.14, 0), 0.005, WOOD)


@piece((0.26, 0.18, 0.2), grip=(0, 0.09, 0))
def melon(s: Props, look: Look) -> None:
    s.ball((0, 0.09, 0), (0.13, 0.09, 0.1), look.color(_GREEN))
    for k in (-1, 0, 1):
        s.ball((0, 0.091, 0.02 * k), (0.128, 0.0895, 0.012), scaled(_GREEN, 0.5))


@piece((0.16, 0.31, 0.16), grip=(0, 0.1, 0))
def pineapple(s: Props, look: Look) -> None:
    s.ball((0, 0.11, 0), (0.075, 0.11, 0.075), (0.42, 0.24, 0.04))
    for k in range(7):
        a = k * math.tau / 7
        s.limb((0, 0.2, 0), (0.08 * math.cos(a), 0.31, 0.08 * math.sin(a)), 0.018, _GREEN, taper=0.1)


@piece((0.29, 0.06, 0.07), grip=(-0.06, 0.03, 0))
def carrot(s: Props, look: Look) -> None:
    s.limb((-0.08, 0.03, 0), (0.12, 0.025, 0), 0.03, (0.6, 0.2, 0.02), taper=0.15)
    for k in (-1, 0, 1):
        s.limb((-0.08, 0.03, 0), (-0.17, 0.05, 0.03 * k), 0.012, _GREEN, taper=0.3)


@piece((0.25, 0.2, 0.26), grip=(0, 0.1, 0))
def cabbage(s: Props, look: Look) -> None:
    leaf = look.color((0.16, 0.28, 0.09))
    s.ball((0, 0.1, 0), (0.1, 0.1, 0.1), leaf)
    for k in range(5):
        a = k * math.tau / 5
        at = (0.06 * math.cos(a), 0.07, 0.06 * math.sin(a))
        s.ball(at, (0.075, 0.075, 0.06), scaled(leaf, 0.8), turn=a)


@piece((0.1, 0.12, 0.1), grip=(0, 0.04, 0))
def mushroom(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.08, 0), 0.018, WHITE)
    s.ball((0, 0.08, 0), (0.05, 0.035, 0.05), look.color((0.35, 0.22, 0.12)))


@piece((0.2, 0.09, 0.19), grip=(0, 0.05, 0))
def cheese(s: Props, look: Look) -> None:
    for k in range(4):  # a wedge, in slices
        s.box((-0.09 + 0.05 * k, 0, 0), (0.05, 0.09, 0.17 - 0.04 * k), (0.62, 0.45, 0.1))
    for x, z in ((-0.08, 0.087), (-0.02, 0.066), (0.03, 0.046)):
        s.ball((x, 0.05, z), 0.014, (0.4, 0.28, 0.05))


@piece((0.23, 0.07, 0.12), grip=(0, 0.03, 0))
def meat(s: Props, look: Look) -> None:
    s.ball((0, 0.03, 0), (0.1, 0.03, 0.06), (0.32, 0.07, 0.05))
    s.ball((0.01, 0.045, 0), (0.06, 0.02, 0.035), (0.48, 0.18, 0.14))
    s.limb((-0.13, 0.03, 0), (-0.08, 0.03, 0), 0.014, WHITE)


@piece((0.09, 0.2, 0.09), grip=(0, 0.05, 0), name="ice cream")
def ice_cream(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.12, 0), 0.008, _STRAW, taper=4.5)
    s.ball((0, 0.145, 0), 0.044, look.color((0.62, 0.4, 0.42)))


@piece((0.12, 0.05, 0.12), grip=(0, 0.025, 0))
def bun(s: Props, look: Look) -> None:
    s.ball((0, 0.02, 0), (0.06, 0.02, 0.06), (0.42, 0.24, 0.09))
    s.ball((0, 0.035, 0), (0.056, 0.03, 0.056), (0.48, 0.28, 0.11))


@piece((0.12, 0.14, 0.12), grip=(0, 0.07, 0), name="tin can")
def tin_can(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.13, 0), 0.045, scaled(STEEL, 1.3))
    s.limb((0, 0.02, 0), (0, 0.11, 0), 0.046, look.color(_RED))


@piece((0.14, 0.08, 0.09), grip=(0, 0.04, 0))
def soap(s: Props, look: Look) -> None:
    s.ball((0, 0.025, 0), (0.055, 0.025, 0.035), look.color((0.62, 0.58, 0.5)))


# --- what is carried and worn, lying ----------------------------------------------------------------------------------


@piece((0.31, 0.23, 0.31), grip=(0, 0.06, 0.12))
def helmet(s: Props, look: Look) -> None:
    shell = look.color((0.12, 0.13, 0.08))
    s.ball((0, 0.08, 0), (0.13, 0.15, 0.15), shell)
    s.limb((0, 0.05, 0), (0, 0.07, 0), 0.155, scaled(shell, 0.8))


@piece((0.34, 0.13, 0.34), grip=(0, 0.02, 0.15))
def hat(s: Props, look: Look) -> None:
    felt = look.color((0.12, 0.08, 0.05))
    s.limb((0, 0, 0), (0, 0.012, 0), 0.17, felt)
    s.limb((0, 0.01, 0), (0, 0.13, 0), 0.1, felt, taper=0.85)
    s.limb((0, 0.015, 0), (0, 0.04, 0), 0.102, BLACK)


@piece((0.25, 0.12, 0.25), grip=(0, 0.03, 0.1))
def crown(s: Props, look: Look) -> None:
    gold = look.color(BRASS)
    s.limb((0, 0, 0), (0, 0.06, 0), 0.1, gold, taper=1.08)
    for k in range(8):
        a = k * math.tau / 8
        at = (0.105 * math.cos(a), 0.05, 0.105 * math.sin(a))
        s.limb(at, (at[0] * 1.1, 0.12, at[2] * 1.1), 0.022, gold, taper=0.1)
        s.ball((at[0] * 1.02, 0.03, at[2] * 1.02), 0.012, _RED)


@piece((0.65, 0.88, 0.1), grip=(0, 0.5, 0))
def clothes(s: Props, look: Look) -> None:
    """A garment on its hanger."""
    cloth = look.color((0.1, 0.14, 0.25))
    s.box((0, 0.05, 0), (0.42, 0.62, 0.06), cloth)
    for side in (-1, 1):
        s.limb((0.2 * side, 0.68, 0), (0.27 * side, 0.2, 0), 0.055, cloth, flat=0.5)
    s.limb((-0.22, 0.7, 0), (0.22, 0.7, 0), 0.05, cloth, flat=0.5)
    s.limb((0, 0.72, 0), (0, 0.88, 0), 0.007, STEEL)


@piece((0.16, 0.05, 0.16), grip=(0, 0.025, 0))
def spectacles(s: Props, look: Look) -> None:
    for x in (-0.035, 0.035):
        s.limb((x, 0.025, 0.06), (x, 0.025, 0.064), 0.026, BLACK)
        s.limb((x, 0.025, 0.062), (x, 0.025, 0.067), 0.021, scaled(GLASS, 2.5))
        s.limb((x * 1.9, 0.03, 0.06), (x * 1.9, 0.025, -0.07), 0.004, BLACK)
    s.limb((-0.012, 0.03, 0.062), (0.012, 0.03, 0.062), 0.004, BLACK)


@piece((0.18, 0.22, 0.22), grip=(0, 0.1, 0))
def skull(s: Props, look: Look) -> None:
    bone = look.color((0.55, 0.5, 0.4))
    s.ball((0, 0.14, -0.01), (0.075, 0.08, 0.1), bone)
    s.box((0, 0.02, 0.045), (0.08, 0.07, 0.07), bone)
    for x in (-0.03, 0.03):
        s.ball((x, 0.125, 0.075), (0.022, 0.022, 0.02), BLACK)
    s.limb((0, 0.085, 0.088), (0, 0.1, 0.086), 0.012, BLACK, taper=0.3)


@piece((0.34, 0.06, 0.08), grip=(0, 0.03, 0), along=True)
def bone(s: Props, look: Look) -> None:
    tint = (0.55, 0.5, 0.4)
    s.limb((-0.13, 0.03, 0), (0.13, 0.03, 0), 0.016, tint)
    for x in (-0.14, 0.14):
        for z in (-0.018, 0.018):
            s.ball((x, 0.03, z), 0.025, tint)


@piece((0.06, 0.3, 0.02), grip=(0, 0.04, 0), along=True)
def feather(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.3, 0), 0.004, WHITE)
    s.ball((0, 0.2, 0), (0.03, 0.1, 0.006), look.color((0.6, 0.58, 0.54)))


@piece((0.12, 0.02, 0.1), grip=(0, 0.01, 0))
def leaf(s: Props, look: Look) -> None:
    tint = look.color((0.4, 0.16, 0.03) if look.season in ("autumn", None) else LEAF)
    s.ball((0.01, 0.008, 0), (0.045, 0.004, 0.03), tint)
    s.limb((-0.06, 0.008, 0), (0.04, 0.01, 0), 0.003, scaled(tint, 0.6))


@piece((0.14, 0.07, 0.12), grip=(0, 0.03, 0))
def shell(s: Props, look: Look) -> None:
    for k in range(5):
        a = (k - 2) * 0.4
        s.limb((0, 0.01, -0.04), (0.06 * math.sin(a), 0.03, 0.05 * math.cos(a)), 0.006, (0.6, 0.45, 0.35), taper=3.0)
    s.ball((0, 0.015, -0.03), (0.02, 0.015, 0.02), (0.5, 0.35, 0.28))


@piece((0.7, 0.95, 0.14), grip=(0, 0.45, -0.05))
def shield(s: Props, look: Look) -> None:
    paint = look.color(_RED)
    s.ball((0, 0.55, 0), (0.32, 0.38, 0.06), paint)
    s.limb((0, 0.4, 0), (0, 0.04, 0), 0.28, paint, taper=0.1, flat=0.2)
    s.ball((0, 0.52, 0.05), (0.07, 0.07, 0.04), STEEL)


@piece((0.5, 0.16, 0.4), grip=(0, 0.08, 0), lean_m=0.16)
def cushion(s: Props, look: Look) -> None:
    s.ball((0, 0.08, 0), (0.26, 0.085, 0.2), look.color((0.6, 0.55, 0.48)))
    s.box((0, 0.03, 0), (0.42, 0.1, 0.32), look.color((0.6, 0.55, 0.48)))


@piece((0.26, 0.03, 0.09), grip=(0, 0.02, 0))
def handcuffs(s: Props, look: Look) -> None:
    for x in (-0.08, 0.08):
        for k in range(10):
            a = k * math.tau / 10
            b = (k + 1) * math.tau / 10
            s.limb(
                (x + 0.04 * math.cos(a), 0.02, 0.04 * math.sin(a)),
                (x + 0.04 * math.cos(b), 0.02, 0.04 * math.sin(b)),
                0.008,
                STEEL,
            )
    s.limb((-0.04, 0.02, 0), (0.04, 0.02, 0), 0.007, STEEL)


@piece((0.4, 0.45, 0.22), grip=(0, 0.44, 0))
def scales(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.42, 0), 0.012, BRASS)
    s.limb((0, 0, 0), (0, 0.03, 0), 0.08, BRASS, taper=0.6)
    s.limb((-0.18, 0.41, 0), (0.18, 0.41, 0), 0.008, BRASS)
    for x in (-0.18, 0.18):
        s.limb((x, 0.2, 0), (x, 0.41, 0), 0.003, BRASS)
        s.limb((x, 0.18, 0), (x, 0.2, 0), 0.035, BRASS, taper=2.0)


@piece((0.24, 0.24, 0.1), grip=(0, 0.12, 0))
def cog(s: Props, look: Look) -> None:
    metal = look.color(scaled(BRASS, 0.8))
    s.limb((0, 0.12, -0.025), (0, 0.12, 0.025), 0.095, metal)
    s.limb((0, 0.12, -0.03), (0, 0.12, 0.03), 0.03, BLACK)
    for k in range(10):
        a = k * math.tau / 10
        s.box((0.1 * math.cos(a), 0.1 + 0.1 * math.sin(a), 0), (0.035, 0.035, 0.05), metal, roll=a)


@piece((0.07, 0.12, 0.07), grip=(0, 0.05, 0))
def grenade(s: Props, look: Look) -> None:
    s.ball((0, 0.05, 0), (0.035, 0.05, 0.035), (0.06, 0.08, 0.03))
    s.limb((0, 0.09, 0), (0, 0.12, 0), 0.012, STEEL)
    s.limb((0, 0.12, 0), (0.03, 0.06, 0), 0.006, STEEL)


@piece((0.22, 0.55, 0.22), grip=(0, 0.5, 0))
def cylinder(s: Props, look: Look) -> None:
    """A bottle of gas, an extinguisher."""
    s.limb((0, 0, 0), (0, 0.4, 0), 0.085, look.color(_RED))
    s.ball((0, 0.4, 0), (0.085, 0.07, 0.085), look.color(_RED))
    s.limb((0, 0.45, 0), (0, 0.52, 0), 0.02, BLACK)
    s.limb((0, 0.5, 0), (0.1, 0.48, 0.05), 0.012, BLACK)


@piece((0.5, 0.4, 0.4), grip=(0, 0.38, 0))
def birdcage(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.03, 0), 0.19, BRASS)
    for k in range(14):
        a = k * math.tau / 14
        x, z = 0.18 * math.cos(a), 0.18 * math.sin(a)
        s.limb((x, 0.02, z), (x, 0.3, z), 0.005, BRASS)
        s.limb((x, 0.3, z), (0, 0.42, 0), 0.005, BRASS)
    s.ball((0, 0.14, 0), (0.03, 0.035, 0.05), (0.6, 0.45, 0.05))


@piece((0.45, 0.75, 0.3), grip=(0, 0.7, 0))
def sack(s: Props, look: Look) -> None:
    cloth = look.color((0.36, 0.28, 0.17))
    s.ball((0, 0.28, 0), (0.23, 0.28, 0.2), cloth)
    s.limb((0, 0.5, 0), (0, 0.7, 0), 0.09, cloth, taper=1.3)
    s.limb((0, 0.54, 0), (0, 0.58, 0), 0.085, WOOD)


# --- what is ridden and played with -----------------------------------------------------------------------------------


@piece((0.24, 0.16, 0.8), grip=(0, 0.08, 0))
def skateboard(s: Props, look: Look) -> None:
    s.box((0, 0.11, 0), (0.2, 0.02, 0.62), look.color(_RED))
    for z, tilt in ((0.35, -0.35), (-0.35, 0.35)):
        s.box((0, 0.125, z), (0.2, 0.02, 0.16), look.color(_RED), tilt=tilt)
    for x in (-0.08, 0.08):
        for z in (-0.22, 0.22):
            s.limb((x - 0.02, 0.035, z), (x + 0.02, 0.035, z), 0.035, WHITE)


@piece((0.6, 1.95, 0.16), grip=(0.2, 0.9, 0), lean_m=1.0)
def surfboard(s: Props, look: Look) -> None:
    s.ball((0, 0.97, 0), (0.26, 0.97, 0.045), look.color((0.6, 0.5, 0.3)))
    s.ball((0, 0.97, 0.02), (0.03, 0.95, 0.04), _RED)


@piece((0.3, 1.75, 0.12), grip=(0, 0.9, 0))
def skis(s: Props, look: Look) -> None:
    for x in (-0.07, 0.07):
        s.box((x, 0, 0), (0.085, 1.65, 0.02), look.color(_RED))
        s.box((x, 1.62, 0.03), (0.085, 0.15, 0.02), look.color(_RED), tilt=0.4)


@piece((0.55, 0.35, 1.2), seat_m=0.3, ride=True)
def sled(s: Props, look: Look) -> None:
    for x in (-0.2, 0.2):
        s.box((x, 0, 0), (0.04, 0.05, 1.1), STEEL)
        s.limb((x, 0.03, 0.55), (x, 0.3, 0.6), 0.02, WOOD)
        for z in (-0.35, 0.25):
            s.limb((x, 0.03, z), (x, 0.26, z), 0.02, WOOD)
    for x in spread(4, 0.13):
        s.box((x, 0.26, -0.05), (0.1, 0.03, 1.1), scaled(WOOD, 1.6))


@piece((0.71, 1.0, 0.02), grip=(0, 0.3, 0))
def kite(s: Props, look: Look) -> None:
    tint = look.color(_RED)
    for k in range(8):
        share = (k + 0.5) / 8
        wide = 0.8 * (share / 0.65 if share < 0.65 else (1 - share) / 0.35)
        s.box((0, 0.2 + 0.8 * share - 0.05, 0), (wide, 0.1, 0.012), tint if k % 2 else scaled(tint, 0.7))
    s.limb((0, 0.2, 0), (0.1, 0.0, 0), 0.006, WHITE)


@piece((0.55, 1.78, 0.26), grip=(0, 0.9, 0))
def skeleton(s: Props, look: Look) -> None:
    tint = (0.55, 0.5, 0.4)
    s.ball((0, 1.68, 0), (0.08, 0.1, 0.1), tint)
    for x in (-0.03, 0.03):
        s.ball((x, 1.69, 0.085), 0.02, BLACK)
    s.limb((0, 0.95, -0.02), (0, 1.58, -0.02), 0.022, tint)
    for k in range(6):
        y = 1.46 - 0.055 * k
        s.ball((0, y, 0), (0.15, 0.014, 0.1), tint)
    s.ball((0, 0.95, 0), (0.15, 0.06, 0.08), tint)
    for side in (-1, 1):
        s.limb((0.18 * side, 1.46, 0), (0.24 * side, 1.16, 0), 0.018, tint)
        s.limb((0.24 * side, 1.16, 0), (0.26 * side, 0.86, 0.05), 0.014, tint)
        s.limb((0.09 * side, 0.93, 0), (0.1 * side, 0.5, 0.02), 0.022, tint)
        s.limb((0.1 * side, 0.5, 0.02), (0.1 * side, 0.04, 0), 0.018, tint)
        s.ball((0.1 * side, 0.03, 0.06), (0.04, 0.03, 0.1), tint)


# --- what stands about ------------------------------------------------------------------------------------------------


@piece((0.8, 3.6, 0.8), lean_m=1.4, large=True)
def pillar(s: Props, look: Look) -> None:
    stone = look.color(scaled(STONE, 1.5))
    s.box((0, 0, 0), (0.8, 0.25, 0.8), stone)
    s.limb((0, 0.25, 0), (0, 3.3, 0), 0.3, stone, taper=0.86)
    s.box((0, 3.3, 0), (0.75, 0.28, 0.75), stone)


@piece((0.6, 1.0, 0.6), top_m=1.0, lean_m=1.0)
def plinth(s: Props, look: Look) -> None:
    stone = look.color(scaled(STONE, 1.6))
    s.box((0, 0, 0), (0.6, 0.1, 0.6), stone)
    s.box((0, 0.1, 0), (0.46, 0.8, 0.46), stone)
    s.box((0, 0.9, 0), (0.58, 0.1, 0.58), stone)


@piece((1.6, 9.0, 1.6), large=True)
def obelisk(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (1.6, 0.8, 1.6), scaled(STONE, 1.3))
    for k in range(6):
        wide = 1.1 - 0.09 * k
        s.box((0, 0.8 + 1.25 * k, 0), (wide, 1.25, wide), scaled(STONE, 1.5))
    s.limb((0, 8.3, 0), (0, 9.0, 0), 0.4, scaled(STONE, 1.5), taper=0.05)


@piece((22.0, 14.0, 22.0), large=True)
def pyramid(s: Props, look: Look) -> None:
    sand = look.color((0.5, 0.36, 0.2))
    for k in range(14):
        wide = 22.0 * (1 - k / 14)
        s.box((0, k, 0), (wide, 1.0, wide), scaled(sand, 0.9 + 0.02 * (k % 3)))


@piece((5.2, 14.31, 2.94), large=True)
def pylon(s: Props, look: Look) -> None:
    for x in (-1, 1):
        for z in (-1, 1):
            s.limb((1.4 * x, 0, 1.4 * z), (0.25 * x, 13.6, 0.25 * z), 0.07, STEEL)
    for k in range(5):
        y = 1.5 + 2.6 * k
        r = 1.4 - 1.15 * y / 13.6
        for a in ((-r, -r, r, -r), (r, -r, r, r), (r, r, -r, r), (-r, r, -r, -r)):
            s.limb((a[0], y, a[1]), (a[2], y, a[3]), 0.04, STEEL)
            s.limb((a[0], y, a[1]), (a[2] * 0.84, y + 2.4, a[3] * 0.84), 0.03, STEEL)
    for y, wide in ((10.5, 2.6), (12.6, 1.9)):
        s.limb((-wide, y, 0), (wide, y, 0), 0.07, STEEL)


@piece((1.8, 8.0, 0.22), large=True)
def mast(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 8.0, 0), 0.11, look.color(WOOD), taper=0.6)
    s.limb((-0.9, 7.2, 0), (0.9, 7.2, 0), 0.06, look.color(WOOD))
    for x in (-0.7, 0.7):
        s.limb((x, 7.2, 0), (x, 7.4, 0), 0.05, WHITE)


@piece((0.2, 1.1, 0.2), lean_m=1.0)
def post(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 1.05, 0), 0.09, look.color(WOOD))
    s.ball((0, 1.05, 0), (0.1, 0.05, 0.1), look.color(WOOD))


@piece((0.5, 0.7, 0.5), lean_m=0.7)
def bollard(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.55, 0), 0.16, scaled(BLACK, 3))
    s.ball((0, 0.58, 0), (0.24, 0.11, 0.24), scaled(BLACK, 3))


@piece((2.4, 0.06, 0.26), grip=(0, 0.03, 0))
def plank(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (2.4, 0.05, 0.25), look.color(scaled(WOOD, 1.5)), pattern="planks", scale=0.3)


@piece((2.2, 1.1, 0.8), lean_m=1.0)
def barricade(s: Props, look: Look) -> None:
    for x in (-0.9, 0.9):
        for z in (-0.3, 0.3):
            s.limb((x, 0, z), (x, 1.05, 0), 0.04, WOOD)
    for y in (0.5, 0.85):
        for k, x in enumerate(spread(6, 0.36)):
            s.box((x, y, 0.05), (0.36, 0.2, 0.04), WHITE if k % 2 else _RED)


@piece((1.4, 1.0, 2.4), lean_m=0.9)
def cannon(s: Props, look: Look) -> None:
    s.limb((0, 0.7, -0.8), (0, 0.85, 1.15), 0.19, scaled(BLACK, 3), taper=0.65)
    s.ball((0, 0.7, -0.85), 0.16, scaled(BLACK, 3))
    for x in (-0.5, 0.5):
        s.limb((x - 0.05, 0.5, 0), (x + 0.05, 0.5, 0), 0.5, WOOD)
        s.limb((x - 0.06, 0.5, 0), (x + 0.06, 0.5, 0), 0.1, STEEL)
    s.box((0, 0.4, -0.5), (0.5, 0.15, 1.5), WOOD, tilt=0.2)


@piece((1.09, 1.51, 0.2), lean_m=1.2)
def anchor(s: Props, look: Look) -> None:
    iron = look.color(scaled(BLACK, 3))
    s.limb((0, 0.1, 0), (0, 1.3, 0), 0.06, iron)
    s.limb((-0.3, 1.15, 0), (0.3, 1.15, 0), 0.045, iron)
    for side in (-1, 1):
        s.limb((0, 0.1, 0), (0.45 * side, 0.3, 0), 0.06, iron)
        s.limb((0.45 * side, 0.28, 0), (0.52 * side, 0.52, 0), 0.1, iron, taper=0.1)
    for k in range(8):
        a, b = k * math.tau / 8, (k + 1) * math.tau / 8
        s.limb(
            (0.11 * math.cos(a), 1.38 + 0.11 * math.sin(a), 0), (0.11 * math.cos(b), 1.38 + 0.11 * math.sin(b), 0),
            0.025, iron,
        )  # fmt: skip


@piece((0.6, 1.8, 0.5), lean_m=1.5)
def pump(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.6, 0.12, 0.5), STONE)
    s.box((0, 0.12, 0), (0.5, 1.5, 0.4), look.color(_RED))
    s.box((0, 1.1, 0.2), (0.36, 0.3, 0.02), WHITE, glow=(0.5, 0.5, 0.4) if look.dark else (0, 0, 0))
    s.box((0, 1.62, 0), (0.54, 0.18, 0.44), WHITE)
    s.limb((0.27, 1.0, 0.05), (0.36, 0.5, 0.12), 0.02, BLACK)
    s.limb((0.36, 0.5, 0.12), (0.27, 0.95, 0.16), 0.02, BLACK)


@piece((1.0, 0.65, 0.14), lean_m=0.6)
def radiator(s: Props, look: Look) -> None:
    for x in spread(9, 0.11):
        s.box((x, 0.08, 0), (0.085, 0.55, 0.11), look.color(WHITE))
    s.limb((-0.5, 0.12, 0), (0.5, 0.12, 0), 0.02, WHITE)


@piece((0.45, 0.6, 0.25), grip=(0, 0.2, 0))
def fan(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.02, 0), 0.13, BLACK)
    s.limb((0, 0, 0), (0, 0.36, 0), 0.018, BLACK)
    for k in range(4):
        a = k * math.tau / 4 + 0.4
        s.ball((0.09 * math.cos(a), 0.38 + 0.09 * math.sin(a), 0), (0.075, 0.045, 0.01), scaled(STEEL, 1.4))
    for k in range(14):
        a, b = k * math.tau / 14, (k + 1) * math.tau / 14
        s.limb(
            (0.2 * math.cos(a), 0.38 + 0.2 * math.sin(a), 0.03), (0.2 * math.cos(b), 0.38 + 0.2 * math.sin(b), 0.03),
            0.008, STEEL,
        )  # fmt: skip
    s.ball((0, 0.38, 0.02), 0.04, BLACK)


@piece((0.75, 1.05, 0.65), lean_m=1.0)
def safe(s: Props, look: Look) -> None:
    s.box((0, 0.05, 0), (0.75, 1.0, 0.6), look.color((0.08, 0.09, 0.1)))
    s.box((0, 0.12, 0.3), (0.62, 0.86, 0.03), (0.13, 0.14, 0.15))
    s.limb((0.08, 0.6, 0.3), (0.08, 0.6, 0.35), 0.07, STEEL)
    for k in range(3):
        a = k * math.tau / 3 + 0.5
        s.limb((-0.14, 0.55, 0.34), (-0.14 + 0.12 * math.cos(a), 0.55 + 0.12 * math.sin(a), 0.34), 0.015, STEEL)


@piece((2.6, 4.2, 1.6), large=True)
def gallows(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (2.4, 0.9, 1.6), WOOD, pattern="planks", scale=0.3)
    s.limb((-0.9, 0.9, 0), (-0.9, 4.2, 0), 0.11, WOOD)
    s.limb((-1.0, 4.1, 0), (0.9, 4.1, 0), 0.1, WOOD)
    s.limb((-0.9, 3.3, 0), (-0.2, 4.05, 0), 0.07, WOOD)
    s.limb((0.7, 3.0, 0), (0.7, 4.1, 0), 0.025, _STRAW)
    for k in range(8):
        a, b = k * math.tau / 8, (k + 1) * math.tau / 8
        s.limb(
            (0.7 + 0.15 * math.cos(a), 2.85 + 0.18 * math.sin(a), 0),
            (0.7 + 0.15 * math.cos(b), 2.85 + 0.18 * math.sin(b), 0), 0.022, _STRAW,
        )  # fmt: skip


@piece((14.0, 16.5, 3.0), name="ferris wheel", large=True)
def ferris_wheel(s: Props, look: Look) -> None:
    for z in (-1.0, 1.0):
        for side in (-4, 4):
            s.limb((side, 0, z * 1.4), (0, 9.0, z), 0.2, scaled(STEEL, 1.3))
    paints = (_RED, (0.6, 0.45, 0.05), (0.03, 0.1, 0.35), _GREEN)
    for k in range(12):
        a, b = k * math.tau / 12, (k + 1) * math.tau / 12
        x, y = 6.6 * math.cos(a), 9.0 + 6.6 * math.sin(a)
        for z in (-0.7, 0.7):
            s.limb((0, 9.0, z), (x, y, z), 0.06, WHITE)
            s.limb((x, y, z), (6.6 * math.cos(b), 9.0 + 6.6 * math.sin(b), z), 0.08, WHITE)
        s.box((x, y - 1.2, 0), (1.2, 1.0, 1.1), paints[k % 4], glow=(0.6, 0.4, 0.15) if look.dark else (0, 0, 0))
    s.limb((0, 9.0, -1.1), (0, 9.0, 1.1), 0.35, STEEL)


@piece((6.5, 4.8, 6.5), large=True)
def carousel(s: Props, look: Look) -> None:
    s.limb((0, 0, 0), (0, 0.35, 0), 3.1, (0.4, 0.1, 0.08))
    s.limb((0, 0.35, 0), (0, 3.2, 0), 0.6, (0.6, 0.5, 0.3))
    s.limb((0, 3.2, 0), (0, 4.6, 0), 3.2, _RED, taper=0.05)
    s.limb((0, 3.0, 0), (0, 3.3, 0), 3.2, WHITE)
    for k in range(8):
        a = k * math.tau / 8
        x, z = 2.4 * math.cos(a), 2.4 * math.sin(a)
        s.limb((x, 0.35, z), (x, 3.1, z), 0.04, BRASS)
        s.ball((x, 1.25, z), (0.2, 0.24, 0.5), WHITE, turn=a)
        s.limb((x, 1.4, z), (x - 0.5 * math.sin(a), 1.85, z + 0.5 * math.cos(a)), 0.14, WHITE, taper=0.6)
    if look.dark:
        s.light((0, 2.6, 2.6), (6, 4, 2))


@piece((3.0, 2.6, 2.0), lean_m=1.0)
def awning(s: Props, look: Look) -> None:
    for x in (-1.4, 1.4):
        s.limb((x, 0, 0.8), (x, 2.2, 0.8), 0.035, STEEL)
    for k, x in enumerate(spread(8, 0.37)):
        s.box((x, 2.3, 0), (0.37, 0.04, 2.0), look.color(_RED) if k % 2 else WHITE, tilt=0.18)


@piece((2.0, 0.9, 0.9), name="wood pile")
def wood_pile(s: Props, look: Look) -> None:
    for row in range(4):
        for x in spread(7 - row, 0.26):
            s.limb((x, 0.13 + 0.22 * row, -0.4), (x, 0.13 + 0.22 * row, 0.4), 0.125, scaled(WOOD, 0.8))
            s.limb((x, 0.13 + 0.22 * row, 0.4), (x, 0.13 + 0.22 * row, 0.405), 0.115, scaled(WOOD, 2.4))


@piece((1.91, 0.46, 1.41))
def debris(s: Props, look: Look) -> None:
    for _ in range(16):
        x, z = s.rng.uniform(-0.8, 0.8), s.rng.uniform(-0.6, 0.6)
        size = s.rng.uniform(0.12, 0.4)
        color = scaled(s.rng.choice((STONE, BRICK, WOOD, STEEL)), s.rng.uniform(0.6, 1.1))
        at = (x, s.rng.uniform(0, 0.3) * (1 - abs(x)), z)
        s.box(at, (size, size * 0.5, size * 0.8), color, turn=x * 5, roll=z)


@piece((0.8, 0.02, 0.5), name="spill")
def spill(s: Props, look: Look) -> None:
    tint = look.color((0.2, 0.004, 0.004))
    for x, z, wide, deep in ((0, 0, 0.3, 0.24), (0.2, 0.1, 0.2, 0.16), (-0.22, -0.06, 0.18, 0.14)):
        s.ball((x, 0.003, z), (wide, 0.005, deep), tint, shadow=False)


@piece((0.8, 0.02, 0.5), name="stain")
def stain(s: Props, look: Look) -> None:
    """Mud, or what was spilled that is no blood."""
    tint = look.color((0.09, 0.055, 0.03))
    for x, z, wide, deep in ((0, 0, 0.3, 0.24), (0.2, 0.1, 0.2, 0.16), (-0.22, -0.06, 0.18, 0.14)):
        s.ball((x, 0.003, z), (wide, 0.005, deep), tint, shadow=False)


@piece((0.95, 0.02, 0.25), name="tracks")
def tracks(s: Props, look: Look) -> None:
    """Prints of feet, or of tyres."""
    for k in range(5):
        s.ball((-0.4 + 0.2 * k, 0.003, 0.09 * (-1) ** k), (0.075, 0.004, 0.035), (0.05, 0.045, 0.04), shadow=False)


# --- waters and ice ---------------------------------------------------------------------------------------------------


@piece((7.5, 0.09, 5.03), name="pond", large=True)
def pond(s: Props, look: Look) -> None:
    s.ball((0, 0.0, 0), (3.4, 0.03, 2.2), _WATER, glow=_shine(look), shadow=False)
    for k in range(18):
        a = k * math.tau / 18
        at = (3.45 * math.cos(a), 0, 2.25 * math.sin(a))
        s.ball(at, (0.3, 0.09, 0.22), scaled(STONE, 0.7 + 0.05 * (k % 5)), turn=a, shadow=False)


@piece((17.4, 0.1, 3.06), name="stream", large=True)
def stream(s: Props, look: Look) -> None:
    for k in range(8):
        x = -7 + 2 * k
        z = 0.35 * math.sin(x * 0.5)
        s.ball((x, 0.0, z), (1.7, 0.03, 0.95), _WATER, glow=_shine(look), shadow=False)
        for side in (-1, 1):
            s.ball((x + 0.4, 0, z + side * 0.98), (0.4, 0.1, 0.2), scaled(STONE, 0.8), shadow=False)


@piece((1.4, 0.28, 1.1))
def snowdrift(s: Props, look: Look) -> None:
    s.ball((0, 0, 0), (0.7, 0.28, 0.55), (0.72, 0.75, 0.8))


@piece((0.5, 0.4, 0.4), grip=(0, 0.2, 0))
def ice(s: Props, look: Look) -> None:
    s.box((0, 0, 0), (0.4, 0.3, 0.3), (0.5, 0.6, 0.66), turn=0.3)


@piece((1.32, 1.6, 0.84), lean_m=1.2)
def snowman(s: Props, look: Look) -> None:
    white: Vector = (0.72, 0.75, 0.8)
    s.ball((0, 0.38, 0), 0.42, white)
    s.ball((0, 0.98, 0), 0.3, white)
    s.ball((0, 1.4, 0), 0.2, white)
    s.limb((0, 1.4, 0.18), (0, 1.38, 0.38), 0.035, (0.6, 0.2, 0.02), taper=0.1)
    for x in (-0.07, 0.07):
        s.ball((x, 1.46, 0.18), 0.025, BLACK)
    for side in (-1, 1):
        s.limb((0.25 * side, 1.05, 0), (0.65 * side, 1.3, 0), 0.02, WOOD)


@piece((0.8, 0.8, 0.02), name="web", hung_m=1.2)
def web(s: Props, look: Look) -> None:
    for k in range(8):
        a = k * math.tau / 8
        s.limb((0, 1.6, 0), (0.4 * math.cos(a), 1.6 + 0.4 * math.sin(a), 0), 0.003, WHITE)
        for r in (0.13, 0.24, 0.35):
            b = (k + 1) * math.tau / 8
            s.limb(
                (r * math.cos(a), 1.6 + r * math.sin(a), 0), (r * math.cos(b), 1.6 + r * math.sin(b), 0), 0.002, WHITE
            )
