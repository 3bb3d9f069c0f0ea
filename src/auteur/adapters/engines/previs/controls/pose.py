"""The people's poses, in the format and the drawing of OpenPose.

Source: Cao et al., OpenPose, 2017; the 18 keypoints of its COCO model, and the drawing that pose ControlNets were
trained on.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from auteur.adapters.engines.previs.controls.camera import project
from auteur.adapters.engines.previs.controls.primary import Primary
from auteur.adapters.engines.previs.rendering.forms import Form
from auteur.adapters.engines.previs.rendering.world import Camera, Figure, Set

KEYPOINTS = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear",
)  # fmt: skip
_LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13), (1, 0),
    (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
_COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0), (0, 255, 85),
    (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255),
    (255, 0, 170), (255, 0, 85),
)  # fmt: skip
_DIGITS = 3
_LIMB_SHADE = 0.6
_STICK_SHARE = 4 / 512
"""Half a limb's width and a joint's radius as a share of the picture's shorter side."""

_FACE = frozenset({"nose", "right_eye", "left_eye", "right_ear", "left_ear"})
_FACE_M, _FLESH_M = 0.06, 0.2
"""How much of the person itself may be before what counts as seen: a feature of the face is on top, a joint inside."""


def people(world: Set, seen: Primary, camera: Camera) -> list[dict[str, Any]]:
    """Each person as OpenPose tells it, in the order of the set: ``pose_keypoints_2d`` x, y, confidence in pixels,
    ``pose_keypoints_3d`` x, y, z, confidence in metres of the set.

    On the picture confidence is 1 for what is seen, and 0 at (0, 0) for what is hidden or out of the frame. A joint is
    seen where the limb that it is in is seen, or flesh that is not thicker than a body before it; or beside its person,
    where its pixel is wider than what is left of that. In the set every joint is known.
    """
    told = []
    for figure in world.figures:
        places = np.array([figure.joints[name] for name in KEYPOINTS])
        shown = _shown(world, figure, places, seen, camera)
        told.append(
            {
                "person_id": [world.figures.index(figure)],
                "name": world.things[figure.thing].name,
                "pose_keypoints_2d": [float(v) for point in shown for v in point],
                "face_keypoints_2d": [],
                "hand_left_keypoints_2d": [],
                "hand_right_keypoints_2d": [],
                "pose_keypoints_3d": [round(float(v), 6) for place in places for v in (*place, 1)],
            }
        )
    return told


def _shown(
    world: Set, figure: Figure, places: NDArray[np.float64], seen: Primary, camera: Camera
) -> list[tuple[float, float, int]]:
    """Where the joints are on the picture, and which of them can be seen."""
    height_px, width_px = seen.depth.shape
    shown = []
    for name, (exact_x, exact_y, depth) in zip(KEYPOINTS, project(places, camera, width_px, height_px), strict=True):
        # as it is told: rounded it may lie in the next pixel, and what is seen there is what counts
        x, y = round(float(exact_x), _DIGITS), round(float(exact_y), _DIGITS)
        if depth <= 0 or not (0 <= x < width_px and 0 <= y < height_px):
            shown.append((0.0, 0.0, 0))
            continue
        there = int(y), int(x)
        form = world.forms[seen.form[there]] if seen.form[there] >= 0 else None
        before = depth - float(seen.depth[there])
        if form is None or form.thing != figure.thing:
            # the pixel's middle passes it by: it is on the picture if the person is, not if another hides all the rest
            visible = before <= 0 and _is_beside(world, figure, there, seen)
        elif name in _FACE:
            visible = before <= _FACE_M
        else:
            visible = before <= _FLESH_M or _is_in(form, np.array(figure.joints[name]))
        shown.append((x, y, 1) if visible else (0.0, 0.0, 0))
    return shown


def _is_beside(world: Set, figure: Figure, there: tuple[int, int], seen: Primary) -> bool:
    """Whether one of the pixels around shows the person."""
    y, x = there
    around = seen.form[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
    return any(world.forms[index].thing == figure.thing for index in around[around >= 0])


def _is_in(form: Form, point: NDArray[np.float64]) -> bool:
    """Whether the point is in the form, a limb's end included."""
    x, y, z = np.linalg.solve(form.matrix, point - form.at)
    if form.shape == "cone":
        return bool(-1e-6 <= y <= 1 + 1e-6 and math.hypot(x, z) <= 1 + (form.taper - 1) * y)
    return bool(form.shape == "ball" and x * x + y * y + z * z <= 1)


def drawing(told: list[dict[str, Any]], width_px: int, height_px: int) -> Image.Image:
    """Limbs and joints on black, in the usual colours and order."""
    picture = Image.new("RGB", (width_px, height_px))
    draw = ImageDraw.Draw(picture)
    thick = max(1.0, min(width_px, height_px) * _STICK_SHARE)
    bodies = [np.array(person["pose_keypoints_2d"]).reshape(-1, 3) for person in told]
    for (start, end), colour in zip(_LIMBS, _COLOURS, strict=False):
        for body in bodies:
            if body[start][2] and body[end][2]:
                draw.polygon(_stick(body[start], body[end], thick), fill=tuple(int(c * _LIMB_SHADE) for c in colour))
    for joint, colour in enumerate(_COLOURS):
        for body in bodies:
            x, y, confidence = body[joint]
            if confidence:
                draw.ellipse((x - thick, y - thick, x + thick, y + thick), fill=colour)
    return picture


def _stick(start: NDArray[np.float64], end: NDArray[np.float64], thick: float) -> list[tuple[float, float]]:
    """An ellipse from joint to joint, as a polygon."""
    (x0, y0), (x1, y1) = start[:2], end[:2]
    length, angle = math.hypot(x1 - x0, y1 - y0) / 2, math.atan2(y1 - y0, x1 - x0)
    c, s = math.cos(angle), math.sin(angle)
    turns = [k * math.tau / 48 for k in range(48)]
    round_it = [(length * math.cos(t), thick * math.sin(t)) for t in turns]
    return [((x0 + x1) / 2 + c * a - s * b, (y0 + y1) / 2 + s * a + c * b) for a, b in round_it]
