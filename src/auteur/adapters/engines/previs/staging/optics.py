"""Where things lie in the frame, and how a camera is turned so that they lie where they should.

Places in the frame are shares of its width and height from its upper left corner: ``u`` to the right, ``v`` down.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.tracing import camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera

Points = NDArray[np.float64]
_STEEPEST = math.radians(88.5)
"""Beyond it a camera cannot tell its up from ahead; who looks straight down says so with a target below."""


def seen(points: Sequence[Vector] | Points, camera: Camera, aspect: float) -> Points:
    """Where points of the set lie in the frame: u, v, and metres along the camera's axis. Shapes (n, 3) to (n, 3).

    What is behind the camera has a distance below 0, and no place. ``aspect``: width over height.
    """
    away = np.asarray(points, float).reshape(-1, 3) - np.array(camera.at)
    right, up, ahead = (away @ axis for axis in camera_axes(camera))
    depth = np.where(np.abs(ahead) < 1e-9, 1e-9, ahead)
    return np.stack(
        [0.5 + camera.focal * right / depth, 0.5 - camera.focal * aspect * up / depth, ahead], axis=1
    )  # fmt: skip


def turned(camera: Camera, yaw: float, pitch: float, reach_m: float = 1.0) -> Camera:
    """The same camera looking elsewhere. ``yaw``: 0 along -z, growing towards +x; ``pitch``: upwards."""
    pitch = max(-_STEEPEST, min(_STEEPEST, pitch))
    x, y, z = camera.at
    flat = math.cos(pitch) * reach_m
    target = (x + math.sin(yaw) * flat, y + math.sin(pitch) * reach_m, z - math.cos(yaw) * flat)
    return replace(camera, target=target)


def angles(camera: Camera) -> tuple[float, float]:
    """Yaw and pitch of the camera's axis, as `turned` takes them."""
    x, y, z = (b - a for a, b in zip(camera.at, camera.target, strict=True))
    return math.atan2(x, -z), math.atan2(y, math.hypot(x, z))


def aimed(camera: Camera, anchor: Vector, u: float, v: float, aspect: float) -> Camera:
    """The same camera, panned and tilted so that the anchor lies at (u, v) of the frame. Its roll stays."""
    x, y, z = (b - a for a, b in zip(camera.at, anchor, strict=True))
    reach = max(math.sqrt(x * x + y * y + z * z), 1e-3)
    yaw, pitch = math.atan2(x, -z), math.atan2(y, math.hypot(x, z))
    c, s = math.cos(camera.roll), math.sin(camera.roll)
    want_x, want_y = (u - 0.5) / camera.focal, (0.5 - v) / (camera.focal * aspect)
    # the wanted place as an offset along the level axes: right and up of a camera without roll
    level_x, level_y = want_x * c - want_y * s, want_x * s + want_y * c
    now = turned(camera, yaw - math.atan(level_x), pitch - math.atan(level_y), reach)
    for _ in range(4):
        at_u, at_v, depth = seen([anchor], now, aspect)[0]
        if depth <= 0:
            break
        off_x, off_y = (at_u - u) / camera.focal, (v - at_v) / (camera.focal * aspect)
        if abs(off_x) + abs(off_y) < 1e-5:
            break
        yaw, pitch = angles(now)
        level_x, level_y = off_x * c - off_y * s, off_x * s + off_y * c
        now = turned(camera, yaw + level_x / max(math.cos(pitch), 0.05), pitch + level_y, reach)
    return now


def horizon_v(camera: Camera, aspect: float) -> float | None:
    """Where the horizon crosses the frame's middle column, as a share of its height; None straight up or down."""
    _, up, ahead = camera_axes(camera)
    return None if abs(up[1]) < 1e-6 else 0.5 + camera.focal * aspect * float(ahead[1]) / float(up[1])
