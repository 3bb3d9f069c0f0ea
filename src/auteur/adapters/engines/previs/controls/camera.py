"""The camera as numbers that another program can use."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.tracing import camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging.sensors import sharpness
from auteur.adapters.engines.previs.staging.stage import Lens


def describe(camera: Camera, width_px: int, height_px: int, lens: Lens | None = None) -> dict[str, Any]:
    """Where the camera stands and what it sees, as plain data. Metres; x right, y up, z towards the default camera.

    ``rotation``: quaternion x, y, z, w from the camera's axes (x right, y up, looking along -z, as in glTF) to the
    set's. A point ``v`` pixels right of, up from and ahead of the camera lies on the picture at
    ``x = width_px / 2 + focal_px * right / ahead``, ``y = height_px / 2 - focal_px * up / ahead``, counted from the
    picture's upper left corner; a pixel's centre is at a half. ``horizon_y_px``: where the horizon crosses the
    picture's middle column, None if it looks straight up or down. ``height_m``: of the lens above the set's floor;
    ``tilt_deg``: of its axis, upwards.

    With a ``lens`` also what a camera report has: ``sensor`` (``name``, ``width_mm``, ``height_mm``), ``frame_mm``
    (width and height of the part of it that the picture uses), ``focal_mm``, ``stop``, ``focus_m`` along the axis, and
    from where to where the picture is sharp, ``sharp_from_m`` and ``sharp_to_m`` (None: without end).
    """
    right, up, ahead = camera_axes(camera)
    focal_px = camera.focal * width_px
    level = abs(up[1]) > 1e-6
    told = {} if lens is None else _lens(lens)
    return told | {
        "position_m": _plain(camera.at),
        "look_at_m": _plain(camera.target),
        "right": _plain(right),
        "up": _plain(up),
        "ahead": _plain(ahead),
        "rotation": _plain(quaternion(np.stack([right, up, -ahead], axis=1))),
        "height_m": round(float(camera.at[1]), 6),
        "tilt_deg": round(math.degrees(math.asin(max(-1.0, min(1.0, float(ahead[1]))))), 6),
        "roll_deg": round(math.degrees(camera.roll), 6),
        "xfov_deg": round(math.degrees(2 * math.atan(0.5 / camera.focal)), 9),
        "yfov_deg": round(math.degrees(2 * math.atan(0.5 * height_px / focal_px)), 9),
        "focal_px": round(focal_px, 9),
        "width_px": width_px,
        "height_px": height_px,
        "horizon_y_px": round(height_px / 2 + focal_px * ahead[1] / up[1], 3) if level else None,
    }


def _lens(lens: Lens) -> dict[str, Any]:
    sensor, sharp = lens.sensor, sharpness(lens)
    return {
        "sensor": {"name": sensor.name, "width_mm": sensor.width_mm, "height_mm": sensor.height_mm},
        "frame_mm": [round(lens.frame_width_mm, 6), round(lens.frame_height_mm, 6)],
        "focal_mm": lens.focal_mm,
        "stop": lens.stop,
        "focus_m": round(lens.focus_m, 6),
        "sharp_from_m": round(sharp.near_m, 3),
        "sharp_to_m": None if sharp.far_m is None else round(sharp.far_m, 3),
    }


def project(points: NDArray[np.float64], camera: Camera, width_px: int, height_px: int) -> NDArray[np.float64]:
    """Where points of the set lie on the picture: x and y in pixels, and the distance along the camera's axis.

    Shapes (n, 3) to (n, 3). What is behind the camera has a distance below 0, and no place.
    """
    away = np.asarray(points, float) - np.array(camera.at)
    right, up, ahead = (away @ axis for axis in camera_axes(camera))
    scale = camera.focal * width_px / np.where(np.abs(ahead) < 1e-9, 1e-9, ahead)
    return np.stack([width_px / 2 + right * scale, height_px / 2 - up * scale, ahead], axis=1)


def quaternion(turn: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """The rotation matrix as x, y, z, w. The largest of the four is found first, so that nothing is divided by zero."""
    m = turn
    trace = m[0, 0] + m[1, 1] + m[2, 2]
    squares = [m[0, 0], m[1, 1], m[2, 2], trace]
    largest = int(np.argmax(squares))
    if largest == 3:
        q = [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], 1 + trace]
    else:
        i, j, k = largest, (largest + 1) % 3, (largest + 2) % 3
        q = [0.0, 0.0, 0.0, m[k, j] - m[j, k]]
        q[i] = 1 + 2 * m[i, i] - trace
        q[j] = m[j, i] + m[i, j]
        q[k] = m[k, i] + m[i, k]
    x, y, z, w = np.array(q, float) / np.linalg.norm(q)
    return float(x), float(y), float(z), float(w)


def _plain(vector: Any) -> list[float]:
    return [round(float(value), 9) + 0.0 for value in vector]
