"""Sets that have, together, everything a renderer must draw: each shape, pattern, weather, sky and way of looking."""

import math
from dataclasses import replace

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Form, Material, Vector
from auteur.adapters.engines.previs.rendering.world import Camera, PointLight, Set, Sky

EYE = Camera(at=(0.4, 1.7, 7.0), target=(0.0, 1.2, 0.0), focal=1.4, aperture_m=0.02, focus_m=7.0)
DAY = Sky(
    zenith=(0.17, 0.36, 0.8), horizon=(0.68, 0.78, 0.9), sun=(0.48, 0.72, 0.5), sun_color=(3.3, 3.0, 2.6), clouds=0.5
)
NIGHT = Sky(
    zenith=(0.01, 0.014, 0.04), horizon=(0.03, 0.04, 0.08), sun=(-0.5, 0.6, 0.62), sun_color=(0.2, 0.25, 0.35),
    stars=1.0, disc=0.35, ridges=((0.22, 1.0, (0.01, 0.01, 0.02)), (0.1, 0.4, (0.02, 0.02, 0.03))),
)  # fmt: skip
DUSK = Sky(
    zenith=(0.05, 0.08, 0.2), horizon=(0.6, 0.3, 0.2), sun=(0.1, 0.05, -0.99), sun_color=(1.2, 0.5, 0.3),
    clouds=0.35, ridges=((0.05, 0.0, (0.1, 0.08, 0.12)),),
)  # fmt: skip


def turned(about: Vector, angle: float) -> np.ndarray:
    """A turn about an axis of unit length."""
    x, y, z = about
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def form(shape: str, at: Vector, size: Vector, color: Vector, *, turn: float = 0.0, **how: object) -> Form:
    material = Material(color, **{name: how.pop(name) for name in ("glow", "pattern", "scale") if name in how})  # type: ignore[arg-type]
    matrix = turned((0.6, 0.8, 0.0), turn) @ np.diag(size)
    return Form(shape, matrix, np.array(at, float), material, **how)  # type: ignore[arg-type]


def people() -> tuple[Form, ...]:
    """Balls and limbs close together, some very small, as a person has them."""
    forms = []
    for x in (-0.7, 0.5):
        forms += [
            form("cone", (x, 0.0, 0.3), (0.16, 0.9, 0.13), (0.1, 0.1, 0.3), taper=0.8),
            form("cone", (x, 0.85, 0.3), (0.2, 0.6, 0.14), (0.4, 0.1, 0.08), taper=1.3, turn=0.1),
            form("ball", (x, 1.62, 0.32), (0.09, 0.12, 0.1), (0.55, 0.36, 0.26), turn=0.4),
            form("ball", (x + 0.03, 1.65, 0.42), (0.013, 0.009, 0.012), (0.02, 0.02, 0.02)),
            form("cone", (x, 1.72, 0.32), (0.17, 0.03, 0.17), (0.03, 0.02, 0.02), taper=0.0),
        ]
    return tuple(forms)


def street() -> tuple[Form, ...]:
    walls = [
        form("box", (side * 5.0, 6.0, -6.0 * k), (1.5, 6.0, 2.6), (0.3, 0.26, 0.22), pattern="windows", scale=1.4,
             glow=(2.6, 1.7, 0.7))
        for side in (-1, 1) for k in range(4)
    ]  # fmt: skip
    return (*walls, form("cone", (1.6, 0.0, -1.0), (0.06, 3.4, 0.06), (0.1, 0.1, 0.1)))


def room() -> tuple[Form, ...]:
    return (
        form("box", (0.0, 1.5, -3.0), (4.0, 1.5, 0.1), (0.4, 0.36, 0.27), pattern="stripes", scale=0.3, shadow=False),
        form("box", (-3.0, 1.5, 0.0), (0.1, 1.5, 4.0), (0.3, 0.34, 0.3), pattern="tiles", scale=0.5, shadow=False),
        form("box", (0.8, 0.4, -0.6), (0.7, 0.4, 0.4), (0.22, 0.12, 0.06), pattern="planks", scale=0.2, turn=0.5),
        # left-handed, as a mirrored piece of furniture is
        form("cone", (-1.3, 0.0, -0.8), (-0.3, 1.1, 0.3), (0.5, 0.1, 0.06), taper=0.35),
        form("box", (0.6, 2.4, -0.4), (-0.3, 0.04, 0.6), (0.7, 0.7, 0.7), glow=(3.0, 2.8, 2.4)),
    )


def outdoors(forms: tuple[Form, ...], sky: Sky, pattern: str, **how: object) -> Set:
    ground = Material((0.3, 0.28, 0.2), pattern=pattern, scale=5.0)
    return Set(forms=forms, sky=sky, ground=ground, stage_m=9.0, **{"lights": (), "haze": 0.003, **how})  # type: ignore[arg-type]


SHELL = form("box", (2.2, 1.9, 6.0), (1.0, 1.0, 1.0), (0.4, 0.4, 0.4))

LAMPS = tuple(PointLight((x, 2.6, 1.0 - x), (1.2, 0.8, 0.4)) for x in (-2.0, -1.0, 0.0, 1.0, 2.0))

SETS: dict[str, tuple[Set, Camera]] = {
    "by day": (outdoors(people(), DAY, "earth"), EYE),
    "street by night": (outdoors((*street(), *people()), NIGHT, "road", lights=LAMPS, exposure=2.0), EYE),
    "sea at dusk": (
        outdoors(people(), DUSK, "earth", sea_z=-2.0, exposure=0.9),
        replace(EYE, at=(0.0, 1.1, 8.0), roll=0.2),
    ),
    "fog": (outdoors((*street(), *people()), DAY, "plain", haze=0.06, haze_color=(0.5, 0.5, 0.55)), EYE),
    "rain": (outdoors(street(), DAY, "road", fall="rain"), EYE),
    "snow": (outdoors(people(), replace(DAY, clouds=0.0), "plain", fall="snow"), replace(EYE, focal=2.4)),
    "room": (
        Set(forms=(*room(), *people()), lights=LAMPS[:1], sky=replace(DAY, clouds=0.0, disc=0.0, sun_size=0.12),
            ground=Material((0.3, 0.18, 0.1), pattern="planks", scale=0.2), stage_m=5.0, bounce=0.3),
        EYE,
    ),
    "through a long lens": (outdoors(people(), DAY, "tiles"), replace(EYE, target=(0.52, 1.64, 0.4), focal=22.0)),
    "from above, in the air": (
        Set(forms=people(), lights=LAMPS[:3], sky=NIGHT, ground=None, stage_m=9.0, exposure=1.5),
        replace(EYE, at=(0.1, 6.0, 0.6)),
    ),
    "from inside a box": (outdoors((SHELL, *people()), DAY, "earth"), replace(EYE, at=(2.2, 1.9, 6.0))),
    "nothing at all": (outdoors((), DUSK, "earth"), EYE),
}  # fmt: skip
