"""A stage as plain data: who stands where, through which lens, between which walls.

What a floor plan, a continuity check and another program need, and nothing of how it is rendered.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.controls.camera import describe, project
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging.stage import Lens, PersonMark, PropMark, Stage

_EYES_BELOW_CROWN = 0.065
"""Of a body's height, upright."""


def describe_stage(stage: Stage, width_px: int, height_px: int) -> dict[str, Any]:
    """What `result.understood` carries as ``stage``. Metres and degrees; x right, y up, z towards the default camera.

    A heading is 0 towards +z and grows towards +x. ``eyes_m``: between a person's eyes; ``frame``: where these lie in
    the picture, as shares of its width and height from the upper left corner, None behind the camera; ``in_frame``:
    whether that is inside. ``lens``: see `describe_lens`; ``walls_m``: segments on the floor, x, z, x, z.
    """
    return {
        "lens": describe_lens(stage.lens),
        "people": [_person(person, stage.camera, width_px, height_px) for person in stage.people],
        "props": [_prop(prop) for prop in stage.props],
        "walls_m": [[_round(value) for value in wall] for wall in stage.walls],
    }


def describe_lens(lens: Lens) -> dict[str, Any]:
    """The lens and the sensor behind it. Millimetres; ``frame_…_mm``: the part of the sensor that the frame uses."""
    return {
        "focal_mm": _round(lens.focal_mm),
        "stop": _round(lens.stop),
        "focus_m": _round(lens.focus_m),
        "sensor": lens.sensor.name,
        "sensor_width_mm": _round(lens.sensor.width_mm),
        "sensor_height_mm": _round(lens.sensor.height_mm),
        "frame_width_mm": _round(lens.frame_width_mm),
        "frame_height_mm": _round(lens.frame_height_mm),
    }


def camera_track(
    cameras: Sequence[Camera], lens: Lens, rate: Fraction, width_px: int, height_px: int
) -> dict[str, Any]:
    """A camera frame by frame, as a film's ``camera.json`` holds it beside the film.

    ``rate``: frames a second as text, ``24000/1001``; ``samples``: one a frame, each with ``position_m``, ``rotation``
    (quaternion x, y, z, w as in `describe`), ``focal_mm`` and ``focus_m``.
    """
    samples = []
    for frame, camera in enumerate(cameras):
        told = describe(camera, width_px, height_px)
        samples.append(
            {
                "frame": frame,
                "position_m": told["position_m"],
                "rotation": told["rotation"],
                "focal_mm": _round(camera.focal * lens.frame_width_mm, 9),
                "focus_m": _round(camera.focus_m, 9),
            }
        )
    size = {"width_px": width_px, "height_px": height_px}
    return {"rate": f"{rate.numerator}/{rate.denominator}", "frames": len(samples), **size} | {
        "lens": describe_lens(lens),
        "samples": samples,
    }


def _person(person: PersonMark, camera: Camera, width_px: int, height_px: int) -> dict[str, Any]:
    eyes = _eyes(person)
    x, y, ahead = project(np.array([eyes]), camera, width_px, height_px)[0]
    frame = [_round(x / width_px), _round(y / height_px)] if ahead > 0 else None
    return {
        "name": person.name,
        "at_m": [_round(value) for value in person.at],
        "facing_deg": _degrees(person.facing_rad),
        "look_deg": _degrees(person.look_rad),
        "height_m": _round(person.height_m),
        "pose": person.pose,
        "eyes_m": [_round(value) for value in eyes],
        "frame": frame,
        "in_frame": frame is not None and all(0 <= share <= 1 for share in frame),
    }


def _eyes(person: PersonMark) -> tuple[float, float, float]:
    pair = [person.joints[name] for name in ("left_eye", "right_eye") if name in person.joints]
    if pair:
        return tuple(sum(axis) / len(pair) for axis in zip(*pair, strict=True))
    if "crown" in person.joints:
        x, y, z = person.joints["crown"]
        return x, y - person.height_m * _EYES_BELOW_CROWN, z
    x, y, z = person.at
    return x, y + person.height_m * (1 - _EYES_BELOW_CROWN), z


def _prop(prop: PropMark) -> dict[str, Any]:
    return {
        "name": prop.name,
        "at_m": [_round(value) for value in prop.at],
        "heading_deg": _degrees(prop.heading_rad),
        "size_m": [_round(value) for value in prop.size_m],
    }


def _degrees(radians: float) -> float:
    """From -180, not included, to 180."""
    degrees = math.degrees(math.remainder(radians, math.tau))
    return _round(180.0 if degrees <= -180 else degrees)


def _round(value: float, places: int = 6) -> float:
    return round(float(value), places) + 0.0
