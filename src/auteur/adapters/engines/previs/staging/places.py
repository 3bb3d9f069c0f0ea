"""The places: sets around the action, which happens at the origin and is seen from +z."""

import math
from collections.abc import Callable, Sequence

from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.staging.materials import CLOTH, STONE, WHITE, WOOD, Props, scaled
from auteur.adapters.engines.previs.staging.nature import rock, tree
from auteur.adapters.engines.previs.staging.props import chair, house, lamp, street_lamp

# --- places: forms around the origin, leaving room for the action there -----------------------------------------------


class Place:
    """What a place gives: forms, ground, silhouettes far off (height, roughness), and where its water begins."""

    def __init__(self, ground: Material | None, ridges: Sequence[tuple[float, float]] = (), sea_z: float | None = None):
        self.ground = ground
        self.ridges = ridges
        self.sea_z = sea_z


def _around(s: Props, count: int, near: float, far: float) -> list[tuple[float, float]]:
    """Places on the floor behind and beside the action, never between it and the camera."""
    spots = []
    for _ in range(count):
        distance = near + (far - near) * s.rng.random() ** 0.7
        angle = s.rng.uniform(-0.2, math.pi + 0.2)
        spots.append((distance * math.cos(angle), -distance * math.sin(angle)))
    return spots


def _coast(s: Props, dark: bool) -> Place:
    for x, z in _around(s, 14, 4, 16):
        rock(s, x, max(z, -7), dark, s.rng.uniform(0.3, 1.2))
    side = s.rng.choice((-1, 1))
    for k in range(6):
        with s.thing("cliff"):
            s.ball((side * (26 + 5 * k), -1, -16 - 9 * k), (13, 7 + 2.5 * k, 11), scaled(STONE, 0.8), turn=k)
    return Place(Material((0.36, 0.29, 0.19), pattern="earth", scale=5), ((0.015, 0.5),), sea_z=-7.0)


def _desert(s: Props, dark: bool) -> Place:
    for x, z in _around(s, 9, 14, 90):
        with s.thing("dune"):
            s.ball((x, -1.2, z), (s.rng.uniform(8, 22), s.rng.uniform(2.2, 5), s.rng.uniform(5, 11)), (0.5, 0.31, 0.16))
    for x, z in _around(s, 5, 45, 110):
        high, wide = s.rng.uniform(9, 22), s.rng.uniform(6, 14)
        with s.thing("mesa"):
            s.limb((x, 0, z), (x, high * 0.45, z), wide * 1.5, (0.38, 0.17, 0.09), taper=0.72)
            s.limb((x, high * 0.4, z), (x, high, z), wide, (0.42, 0.19, 0.1), taper=0.92, pattern="stripes", scale=2.6)
    for x, z in _around(s, 7, 5, 26):
        high = s.rng.uniform(1.4, 3)
        with s.thing("cactus"):
            s.limb((x, 0, z), (x, high, z), 0.2, (0.1, 0.16, 0.06), taper=0.9)
            s.ball((x, high, z), (0.18, 0.18, 0.18), (0.1, 0.16, 0.06))
            s.limb((x, high * 0.5, z), (x + 0.5, high * 0.55, z), 0.12, (0.1, 0.16, 0.06))
            s.limb((x + 0.5, high * 0.5, z), (x + 0.5, high * 0.9, z), 0.12, (0.1, 0.16, 0.06))
    return Place(Material((0.52, 0.34, 0.18), pattern="earth", scale=9), ((0.06, 0.5),))


def _forest(s: Props, dark: bool) -> Place:
    pine = s.rng.random() < 0.6
    for x, z in _around(s, 64, 4.5, 46):
        tree(s, x, z, dark, s.rng.uniform(7, 15), pine if s.rng.random() < 0.85 else not pine)
    for x, z in _around(s, 22, 2.5, 14):
        size = s.rng.uniform(0.2, 0.55)
        with s.thing("bush"):
            s.ball((x, size * 0.4, z), (size * 1.3, size, size), (0.05, 0.1, 0.03), turn=x)
    return Place(Material((0.1, 0.1, 0.045), pattern="earth", scale=4), ((0.16, 0.9), (0.11, 0.9)))


def _mountain(s: Props, dark: bool) -> Place:
    for x, z in _around(s, 8, 70, 150):
        high, wide = s.rng.uniform(26, 62), s.rng.uniform(24, 46)
        with s.thing("mountain"):
            s.limb((x, 0, z), (x, high, z), wide, (0.2, 0.2, 0.22), taper=0.03, pattern="earth", scale=14)
            s.limb((x, high * 0.66, z), (x, high * 1.01, z), wide * 0.36, (0.8, 0.82, 0.86), taper=0.04)
    for x, z in _around(s, 26, 9, 55):
        tree(s, x, z, dark, s.rng.uniform(5, 10), True)
    for x, z in _around(s, 9, 3, 18):
        rock(s, x, z, dark, s.rng.uniform(0.4, 1.5))
    return Place(Material((0.17, 0.18, 0.09), pattern="earth", scale=7), ((0.3, 0.6), (0.2, 0.7)))


def _city(s: Props, dark: bool) -> Place:
    glow = (2.6, 1.7, 0.75) if dark else (0.0, 0.0, 0.0)
    for side in (-1, 1):
        z = 14.0
        while z > -110:
            deep, wide, high = s.rng.uniform(9, 16), s.rng.uniform(9, 14), s.rng.uniform(12, 46)
            wall = s.rng.choice(((0.3, 0.26, 0.22), (0.22, 0.23, 0.26), (0.33, 0.18, 0.13), (0.4, 0.38, 0.35)))
            with s.thing("building"):
                s.box(
                    (side * (8.5 + wide / 2), 0, z - deep / 2), (wide, high, deep * 0.97), wall,
                    glow=glow, pattern="windows", scale=s.rng.uniform(2.2, 3.2),
                )  # fmt: skip
                s.box((side * (8.4 + wide / 2), 0, z - deep / 2), (wide, 3.2, deep * 0.9), scaled(wall, 0.5))
            z -= deep
        with s.thing("pavement"):
            s.box((side * 6.9, 0, -50), (3.2, 0.14, 140), (0.3, 0.3, 0.3))
        for k in range(5):
            street_lamp(s, side * 5.7, 2.0 - 12 * k, dark and k < 3)
    return Place(Material((0.075, 0.075, 0.08), pattern="road", scale=4.9), ((0.22, 1.0), (0.13, 1.0)))


def _village(s: Props, dark: bool) -> Place:
    for k, x in enumerate((-24.0, -13.0, 13.0, 25.0, -7.0, 7.5)):
        house(s, x + s.rng.uniform(-1, 1), -12.0 - 5 * (k % 3) - 9 * (k > 3), dark)
    for x, z in _around(s, 12, 16, 50):
        tree(s, x, z, dark, s.rng.uniform(5, 9), s.rng.random() < 0.3)
    house(s, 0, -34, dark)
    with s.thing("church tower"):
        s.limb((0, 3, -34), (0, 13, -34), 1.6, STONE)
        s.limb((0, 13, -34), (0, 19, -34), 1.9, (0.1, 0.1, 0.12), taper=0.03)
    return Place(Material((0.2, 0.18, 0.09), pattern="earth", scale=6), ((0.07, 0.4), (0.045, 0.5)))


def _field(s: Props, dark: bool) -> Place:
    for x, z in _around(s, 10, 26, 95):
        tree(s, x, z, dark, s.rng.uniform(6, 11))
    with s.thing("fence"):
        for k in range(22):
            x = -30.0 + 2.9 * k
            s.box((x, 0, -11), (0.12, 1.15, 0.12), WOOD)
        for y in (0.5, 0.95):
            s.box((0, y, -11), (64, 0.09, 0.05), WOOD)
    for x, z in _around(s, 6, 14, 44):
        with s.thing("hay bale"):
            s.limb((x - 0.6, 0.65, z), (x + 0.6, 0.65, z), 0.65, (0.48, 0.36, 0.12))
    return Place(Material((0.21, 0.24, 0.07), pattern="earth", scale=8), ((0.09, 0.3), (0.05, 0.4)))


def _walls(s: Props, wide: float, deep: float, high: float, color: Vector, pattern: str = "plain") -> None:
    """A stage set: three walls, no ceiling, the camera's side open. Walls do not shade: light comes from the grid."""
    with s.thing("wall"):
        s.box((0, 0, -deep / 2 - 0.1), (wide + 0.4, high, 0.2), color, pattern=pattern, shadow=False)
    for side in (-1, 1):
        at = (side * (wide / 2 + 0.1), 0.0, -deep / 2 + deep * 0.6)
        with s.thing("wall"):
            s.box(at, (0.2, high, deep * 1.25), scaled(color, 0.9), pattern=pattern, shadow=False)
    with s.thing("skirting"):
        s.box((0, 0, -deep / 2 + 0.01), (wide, 0.12, 0.06), WHITE, shadow=False)


def _window(s: Props, x: float, z: float, dark: bool, glow: Vector) -> None:
    with s.thing("window"):
        s.box((x, 0.95, z), (1.5, 1.5, 0.1), WHITE, shadow=False)
        s.box((x, 1.03, z + 0.03), (1.34, 1.34, 0.1), (0.1, 0.12, 0.15), glow=glow, shadow=False)
        s.box((x, 1.0, z + 0.06), (0.06, 1.4, 0.1), WHITE, shadow=False)
        s.box((x, 1.66, z + 0.06), (1.4, 0.06, 0.1), WHITE, shadow=False)


def _room(s: Props, dark: bool) -> Place:
    _walls(s, 7, 6.4, 4.8, s.rng.choice(((0.42, 0.36, 0.27), (0.2, 0.28, 0.27), (0.4, 0.24, 0.2), (0.33, 0.35, 0.4))))
    _window(s, s.rng.choice((-1.8, 1.6)), -3.2, dark, (0.012, 0.02, 0.05) if dark else (2.4, 2.5, 2.6))
    with s.thing("bookcase"):
        s.box((2.9, 0, -2.7), (1.1, 2.1, 0.45), WOOD)
        for y in (0.5, 1.0, 1.5):
            for k in range(6):
                s.box((2.5 + 0.15 * k, y, -2.46), (0.1, s.rng.uniform(0.22, 0.34), 0.12), s.rng.choice(CLOTH))
    with s.thing("picture"):
        s.box((-0.1, 1.5, -3.18), (1.0, 0.75, 0.05), s.rng.choice(CLOTH), shadow=False)
    lamp(s, -2.9, -2.5, dark)
    chair(s, -2.0, -1.7, dark)
    with s.thing("rug"):
        s.box((0, 0.005, -0.6), (3.4, 0.015, 2.4), s.rng.choice(((0.3, 0.06, 0.05), (0.06, 0.12, 0.2))))
    return Place(Material((0.3, 0.18, 0.1), pattern="planks", scale=0.2))


def _kitchen(s: Props, dark: bool) -> Place:
    _walls(s, 6.4, 5.6, 4.6, (0.62, 0.6, 0.52))
    _window(s, 0.2, -2.8, dark, (0.012, 0.02, 0.05) if dark else (2.6, 2.6, 2.5))
    with s.thing("counter"):
        s.box((-0.6, 0, -2.45), (4.2, 0.88, 0.62), (0.2, 0.34, 0.33))
        s.box((-0.6, 0.88, -2.43), (4.3, 0.05, 0.68), (0.5, 0.48, 0.45))
        for k in range(6):
            s.box((-2.4 + 0.7 * k, 0.15, -2.13), (0.62, 0.62, 0.02), (0.24, 0.4, 0.38))
    for x in (-2.2, -1.4, 1.5):
        with s.thing("cupboard"):
            s.box((x, 1.6, -2.62), (0.74, 0.75, 0.36), (0.24, 0.4, 0.38))
    with s.thing("refrigerator"):
        s.box((2.45, 0, -2.35), (0.85, 1.85, 0.75), WHITE)
        s.box((2.12, 0.9, -1.96), (0.04, 0.5, 0.04), (0.3, 0.3, 0.3))
    with s.thing("pot"):
        s.limb((-1.6, 0.93, -2.4), (-1.6, 1.12, -2.4), 0.13, (0.4, 0.08, 0.05))
    with s.thing("lamp"):
        s.limb((0, 1.95, -0.5), (0, 2.25, -0.5), 0.3, (0.5, 0.1, 0.06), taper=0.35, glow=(0.5, 0.3, 0.12))
        s.limb((0, 2.25, -0.5), (0, 4, -0.5), 0.012, (0.02, 0.02, 0.02))
    s.light((0, 1.85, -0.4), (1.0, 0.65, 0.32) if dark else (0.9, 0.7, 0.45))
    return Place(Material((0.55, 0.52, 0.47), pattern="tiles", scale=0.5))


def _corridor(s: Props, dark: bool) -> Place:
    wall = s.rng.choice(((0.3, 0.33, 0.34), (0.36, 0.28, 0.2), (0.25, 0.3, 0.26)))
    for side in (-1, 1):
        with s.thing("wall"):
            s.box((side * 1.75, 0, -14), (0.2, 2.9, 44), wall, shadow=False)
        for k in range(7):
            with s.thing("door"):
                s.box((side * 1.64, 0, 1.5 - 5 * k), (0.08, 2.1, 1.0), scaled(WOOD, 0.8), shadow=False)
    with s.thing("ceiling"):
        s.box((0, 2.9, -14), (3.7, 0.1, 44), scaled(wall, 1.2), shadow=False)
    with s.thing("wall"):
        s.box((0, 0, -36), (3.7, 2.9, 0.1), wall, glow=(0.25, 0.3, 0.35), shadow=False)
    for k in range(6):
        z = 2.0 - 6 * k
        with s.thing("lamp"):
            s.box((0, 2.85, z), (0.5, 0.05, 1.5), WHITE, glow=(3.4, 3.3, 2.8), shadow=False)
        if k < 5:
            s.light((0, 2.5, z), (2.6, 2.5, 2.1))
    return Place(Material((0.22, 0.2, 0.18), pattern="tiles", scale=0.6))


PLACES: dict[str, Callable[[Props, bool], Place]] = {
    "coast": _coast, "desert": _desert, "forest": _forest, "mountain": _mountain, "city": _city, "village": _village,
    "field": _field, "room": _room, "kitchen": _kitchen, "corridor": _corridor,
}  # fmt: skip
