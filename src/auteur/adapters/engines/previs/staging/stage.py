"""What staging makes of a shot: a set to render, the camera before it, and where everybody stands, by name.

Units: metres. Axes: x right, y up, z towards the default camera.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Camera, Set


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A camera's format: what it exposes, before the frame is cropped from it. Millimetres."""

    name: str
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """``focal_mm`` on ``sensor``, of which a frame ``frame_width_mm`` wide and ``frame_height_mm`` high is used."""

    sensor: Sensor
    focal_mm: float
    stop: float
    frame_width_mm: float
    frame_height_mm: float
    focus_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMark:
    """Where a person is. ``name``: as the shot says it, numbered where it says a group. ``at``: on the floor;
    ``facing_rad`` and ``look_rad``: heading of the body and of the eyes, 0 towards +z, growing towards +x;
    ``height_m``: of the body, upright; ``joints``: places by name (crown, chin, left_eye, neck, left_hand …)."""

    name: str
    at: Vector
    facing_rad: float
    look_rad: float
    height_m: float
    pose: str
    joints: Mapping[str, Vector]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropMark:
    """Where a thing is: its footprint's middle and heading, and its size along its own axes."""

    name: str
    at: Vector
    heading_rad: float
    size_m: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class CastMember:
    """What is known of a person beyond the shot: None and empty for what is not. ``name``: as the shot calls them;
    ``full_name``: by which face, hair and build are drawn, whatever the shot calls them; ``build``: a word;
    ``colours``: of the costume, words, the main one first."""

    name: str
    full_name: str | None = None
    height_m: float | None = None
    build: str | None = None
    colours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """``assumed``: what the words left open and was decided here; ``unmet``: what was asked and cannot be met in this
    frame, a sentence each; ``walls``: for the plan, segments on the floor (x, z, x, z)."""

    world: Set
    camera: Camera
    lens: Lens
    people: tuple[PersonMark, ...] = ()
    props: tuple[PropMark, ...] = ()
    walls: tuple[tuple[float, float, float, float], ...] = ()
    assumed: Mapping[str, Any]
    unmet: tuple[str, ...] = ()
