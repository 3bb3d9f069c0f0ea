"""What grows, lies about or goes on four legs. Each stands at (x, z) and answers its height in metres."""

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import STONE, WOOD, Props, scaled, thing


@thing
def rock(s: Props, x: float, z: float, dark: bool, size: float = 1.0) -> float:
    for _ in range(4):
        r = size * s.rng.uniform(0.35, 1.0)
        at = (x + s.rng.uniform(-0.7, 0.7) * size, r * 0.25, z + s.rng.uniform(-0.7, 0.7) * size)
        tone = s.rng.uniform(0.7, 1.2)
        s.ball(at, (r * 1.15, r * s.rng.uniform(0.6, 1.1), r), scaled(STONE, tone), turn=s.rng.uniform(0, 3))
    return size


@thing
def tree(s: Props, x: float, z: float, dark: bool, height: float = 8.0, pine: bool = False) -> float:
    trunk = scaled(WOOD, 0.6)
    s.limb((x, 0, z), (x, height * 0.6, z), height * 0.035, trunk, taper=0.5)
    leaf = scaled(s.rng.choice(((0.06, 0.13, 0.04), (0.09, 0.15, 0.04), (0.05, 0.1, 0.05))), s.rng.uniform(0.8, 1.3))
    if pine:
        for k in range(3):
            foot = height * (0.2 + 0.24 * k)
            s.limb((x, foot, z), (x, foot + height * 0.4, z), height * (0.21 - 0.05 * k), leaf, taper=0.02)
    else:
        for _ in range(5):
            r = height * s.rng.uniform(0.15, 0.23)
            at = (
                x + s.rng.uniform(-0.16, 0.16) * height,
                height * s.rng.uniform(0.58, 0.85),
                z + s.rng.uniform(-0.16, 0.16) * height,
            )
            s.ball(at, (r * 1.15, r * 0.9, r * 1.1), scaled(leaf, s.rng.uniform(0.8, 1.25)))
    return height


@thing
def horse(s: Props, x: float, z: float, dark: bool) -> float:
    coat = s.rng.choice(((0.18, 0.08, 0.04), (0.04, 0.03, 0.03), (0.5, 0.45, 0.4)))
    return animal(s, x, z, coat, 1.0)


@thing
def dog(s: Props, x: float, z: float, dark: bool) -> float:
    return animal(s, x, z, s.rng.choice(((0.2, 0.12, 0.06), (0.05, 0.05, 0.05), (0.4, 0.3, 0.18))), 0.4)


def animal(s: Props, x: float, z: float, coat: Vector, k: float) -> float:
    s.ball((x, 1.15 * k, z), (0.85 * k, 0.34 * k, 0.3 * k), coat)
    for dx, dz in ((-0.55, -0.15), (-0.5, 0.15), (0.55, -0.15), (0.6, 0.15)):
        s.limb((x + dx * k, 0, z + dz * k), (x + dx * k, 1.1 * k, z + dz * k), 0.06 * k, coat, taper=1.9)
    s.limb((x + 0.65 * k, 1.2 * k, z), (x + 1.1 * k, 1.85 * k, z), 0.22 * k, coat, taper=0.62)
    s.limb((x + 1.02 * k, 1.86 * k, z), (x + 1.5 * k, 1.6 * k, z), 0.14 * k, coat, taper=0.6)
    s.limb((x - 0.8 * k, 1.25 * k, z), (x - 1.05 * k, 0.6 * k, z), 0.08 * k, scaled(coat, 0.5), taper=0.4)
    for dz in (-0.06, 0.06):
        s.limb((x + 1.03 * k, 1.92 * k, z + dz * k), (x + 1.0 * k, 2.08 * k, z + dz * k), 0.05 * k, coat, taper=0.1)
    return 2.0 * k
