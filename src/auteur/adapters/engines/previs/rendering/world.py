"""What is rendered, as values: a set, its sky and its lights, and the camera before it.

Units: metres, linear light. Axes: x right, y up, z towards the default camera.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from auteur.adapters.engines.previs.rendering.forms import Form, Material, Vector


@dataclass(frozen=True, slots=True)
class PointLight:
    """A practical: a lamp in the picture. ``power``: linear RGB at one metre."""

    at: Vector
    power: Vector


@dataclass(frozen=True, slots=True)
class Sky:
    """What is behind everything, and how it lights. Colours are linear RGB.

    ``sun`` points towards the light; ``sun_size`` is its angular radius in radians; ``ridges`` are distant silhouettes,
    nearest last: height (tangent), roughness (0 smooth to 1 blocky) and colour.
    """

    zenith: Vector
    horizon: Vector
    sun: Vector
    sun_color: Vector
    sun_size: float = 0.02
    clouds: float = 0.0
    stars: float = 0.0
    disc: float = 1.0
    ridges: tuple[tuple[float, float, Vector], ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """``at`` looks at ``target``. ``focal``: focal length over sensor width. ``aperture_m``: lens diameter."""

    at: Vector
    target: Vector
    focal: float
    roll: float = 0.0
    aperture_m: float = 0.0
    focus_m: float = 10.0


@dataclass(frozen=True, slots=True)
class Thing:
    """What some forms are together: ``kind`` in a word or two, as ``person``; ``name``: as ``person 2``, its own."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Figure:
    """Where a person's joints are. ``thing``: its index among the set's things; ``joints``: by name, as
    ``left_elbow``; left and right are the person's own."""

    thing: int
    joints: Mapping[str, Vector]


@dataclass(frozen=True, slots=True)
class Set:
    """Everything in front of the camera. ``ground``: its material, None for no ground; ``sea_z``: the ground is water
    beyond this depth (behind -z); ``haze``: extinction per metre; ``stage_m``: radius around the target that casts
    shadows; ``fall``: what falls from the sky, ``rain`` or ``snow``; ``things``: what its forms are pieces of;
    ``figures``: the people among them; ``grade``: one of `GRADES`, how the picture is coloured at last."""

    forms: tuple[Form, ...]
    lights: tuple[PointLight, ...]
    sky: Sky
    ground: Material | None
    haze: float = 0.0
    haze_color: Vector = (0.5, 0.5, 0.5)
    sea_z: float | None = None
    stage_m: float = 20.0
    exposure: float = 1.0
    bounce: float = 0.12
    fall: str | None = None
    things: tuple[Thing, ...] = ()
    figures: tuple[Figure, ...] = ()
    grade: str | None = None
