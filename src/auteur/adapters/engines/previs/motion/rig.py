"""A camera as a crew speaks of it: where it stands, how far it is panned, tilted and rolled, its lens, its focus."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.tracing import camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera

Point = NDArray[np.float64]


@dataclass(slots=True)
class Rig:
    """One moment of a move, which the parts of the move change in turn.

    ``at``: metres; ``pan``: radians to the right from -z, ``tilt``: up from the level, ``roll``: as `Camera` has it;
    ``focal``: focal length over the frame's width; ``subject``: the point that the shot is about, on the axis where
    nothing has panned away from it; ``focus_m``: along the axis, None for wherever the subject is.
    """

    at: Point
    pan: float
    tilt: float
    roll: float
    focal: float
    subject: Point
    focus_m: float | None = None

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """The rig that stands as the camera does; its subject is what the lens is focused on."""
        right, _, ahead = camera_axes(camera)
        pan, tilt = aim(ahead)
        level, above = _upright(pan, tilt)
        at = np.array(camera.at, float)
        return cls(
            at=at,
            pan=pan,
            tilt=tilt,
            roll=math.atan2(float(right @ above), float(right @ level)),
            focal=camera.focal,
            subject=at + ahead * camera.focus_m,
        )

    @property
    def ahead(self) -> Point:
        """Where it looks, of unit length."""
        return direction(self.pan, self.tilt)

    @property
    def right(self) -> Point:
        """Level, to its right."""
        return np.array([math.cos(self.pan), 0.0, math.sin(self.pan)])

    @property
    def subject_m(self) -> float:
        """How far the subject is along the axis; never nearer than a lens can focus."""
        return max(float((self.subject - self.at) @ self.ahead), 0.1)

    def look_at(self, point: Point) -> None:
        """Pans and tilts until the point is in the middle; the pan goes the shorter way round."""
        pan, tilt = aim(point - self.at)
        self.pan += math.remainder(pan - self.pan, math.tau)
        self.tilt = tilt

    def camera(self, *, stop_m: float) -> Camera:
        """The camera for the renderer. ``stop_m``: the lens' diameter at a focal length of 1 (of the frame's width);
        it grows with the focal length, so that the stop stays."""
        ahead = self.ahead
        focus_m = self.focus_m if self.focus_m is not None else self.subject_m
        target = self.at + ahead * max(self.subject_m, 0.5)
        plain = Camera(at=_vector(self.at), target=_vector(target), focal=self.focal)
        right0, up0, _ = camera_axes(plain)
        level, above = _upright(self.pan, self.tilt)
        right = level * math.cos(self.roll) + above * math.sin(self.roll)
        return Camera(
            at=plain.at,
            target=plain.target,
            focal=self.focal,
            roll=math.atan2(float(right @ up0), float(right @ right0)),
            aperture_m=stop_m * self.focal,
            focus_m=focus_m,
        )


def aim(ahead: Point) -> tuple[float, float]:
    """The pan and tilt of a direction. Straight up and straight down have a pan of 0."""
    flat = math.hypot(ahead[0], ahead[2])
    return (math.atan2(ahead[0], -ahead[2]) if flat > 1e-9 else 0.0), math.atan2(ahead[1], flat)


def direction(pan: float, tilt: float) -> Point:
    """The direction of a pan and a tilt."""
    flat = math.cos(tilt)
    return np.array([math.sin(pan) * flat, math.sin(tilt), -math.cos(pan) * flat])


def turned(point: Point, about: Point, angle: float) -> Point:
    """The point carried round the vertical through ``about``, clockwise as seen from above for angles above 0."""
    x, z = point[0] - about[0], point[2] - about[2]
    c, s = math.cos(angle), math.sin(angle)
    return np.array([about[0] + x * c - z * s, point[1], about[2] + x * s + z * c])


def _upright(pan: float, tilt: float) -> tuple[Point, Point]:
    """Right and up of a camera without roll."""
    right = np.array([math.cos(pan), 0.0, math.sin(pan)])
    return right, np.cross(right, direction(pan, tilt))


def _vector(point: Point) -> tuple[Any, Any, Any]:
    return float(point[0]), float(point[1]), float(point[2])
