"""The shot list and the camera report as CSV: UTF-8 with its mark, so that spreadsheets read every script."""

import csv
import io
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.facts import (
    action_words,
    angle_words,
    dialogue_words,
    lens_words,
    move_words,
    size_words,
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

SHOT_LIST = (
    "Shot", "Scene", "Heading", "Page", "Size", "Angle", "Move", "Lens", "Action", "Dialogue", "Cast", "Set",
    "Frames", "Seconds", "In", "Dissolve", "Notes", "Take",
)  # fmt: skip
CAMERA_REPORT = (
    "Shot", "Scene", "Take", "Lens mm", "Stop", "Sensor", "Frame mm", "Height m", "Tilt deg", "Roll deg", "Pan deg",
    "Focus m", "Field deg", "Move", "Travel m", "Frames", "Rate",
)  # fmt: skip


def shot_list(cut: Cut) -> list[list[str]]:
    """A row a shot under `SHOT_LIST`."""
    rows = []
    for shot in cut.shots:
        about, understood = shot.shot, shot.take.understood
        rows.append(
            [
                shot.name, about.get("scene") or "", about.get("heading") or "", str(about.get("page") or ""),
                size_words(understood), angle_words(understood), move_words(understood), lens_words(shot.take.camera),
                action_words(about), dialogue_words(about),
                ", ".join(about.get("cast", ())), about.get("set_name") or "", str(shot.frames),
                f"{float(shot.frames / cut.rate):.3f}", str(shot.at), str(shot.dissolve or ""),
                "\n".join(about.get("notes", ())), shot.take.reference or "",
            ]
        )  # fmt: skip
    return rows


def camera_report(cut: Cut) -> list[list[str]]:
    """A row a shot under `CAMERA_REPORT`; empty cells where a take does not say where its camera was."""
    return [_camera_row(cut, shot) for shot in cut.shots]


def _camera_row(cut: Cut, shot: CutShot) -> list[str]:
    camera = shot.take.camera
    row = [shot.name, shot.shot.get("scene") or "", shot.take.reference or ""]
    if camera is None:
        return [*row, *[""] * 10, move_words(shot.take.understood), "", str(shot.frames), cut.rate_name]
    first = camera.samples[0]
    right, up, back = first.axes
    pan = math.degrees(math.atan2(-back[0], back[2]))
    tilt = math.degrees(math.asin(min(max(-back[1], -1.0), 1.0)))
    roll = round(math.degrees(math.atan2(right[1], up[1])), 3) + 0.0
    field = 2 * math.degrees(math.atan(camera.frame_width_mm / 2 / first.focal_mm))
    places = [sample.position_m for sample in camera.samples]
    travel = sum(math.dist(a, b) for a, b in pairwise(places))
    return [
        *row, camera.focal_words.removesuffix(" mm"), f"{camera.stop:.3g}" if camera.stop else "", camera.sensor,
        f"{camera.frame_width_mm:.2f} x {camera.frame_height_mm:.2f}", f"{first.position_m[1]:.2f}", f"{tilt:.1f}",
        f"{roll:.1f}", f"{pan:.1f}", f"{first.focus_m:.2f}", f"{field:.1f}", move_words(shot.take.understood),
        f"{travel:.2f}", str(shot.frames), cut.rate_name,
    ]  # fmt: skip


def as_csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The table as RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _harmless(cell: Any) -> str:
    text = str(cell)
    if text.startswith(_FORMULA):
        try:
            float(text)
        except ValueError:
            return f"'{text}"
    return text
