"""The board as PDF: the shots in their order, one to nine a page, and what a crew must know of each below it."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.editorial.arrows import arrows_for
from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.facts import dialogue_words, lens_words, move_words, moves_of, size_words
from auteur.adapters.engines.editorial.lists import CAMERA_REPORT, camera_report
from auteur.adapters.engines.editorial.plans import plan_of
from auteur.adapters.engines.editorial.sheets import Sheets
from auteur.adapters.engines.plan import as_picture
from auteur.adapters.fonts import fonts
from auteur.domain.continuity import Finding

_GRID = {1: (1, 1), 2: (2, 1), 3: (3, 1), 4: (2, 2), 5: (3, 2), 6: (3, 2), 7: (3, 3), 8: (3, 3), 9: (3, 3)}
"""Columns and rows by shots a page."""
_MARGIN, _GUTTER, _HEAD = 10.0, 5.0, 9.0
_PX_A_MM = 7.0
_MISSING = (226, 226, 224)
_WARNING = (164, 84, 0)
_QUIET = (105, 108, 114)
_SPOKEN = (35, 65, 110)
_REPORT_ROWS = 24


def write_board(
    cut: Cut,
    findings: Sequence[Finding],
    params: Mapping[str, Any],
    path: Path,
    report: Callable[[Mapping[str, Any]], None],
) -> dict[str, Any]:
    """Writes the board. Answers what was understood: pages, and the characters for which no face is installed."""
    texts = [cut.title, cut.rate_name, *(text for shot in cut.shots for text in _texts(shot))]
    texts += [finding.reason for finding in findings]
    sheets = Sheets(params["paper"], cut.title, [*texts, "…·→"])
    per_page = params["per_page"]
    pages = math.ceil(len(cut.shots) / per_page)
    reports = math.ceil(len(cut.shots) / _REPORT_ROWS) if params["camera_report"] else 0
    for number in range(pages):
        sheets.page()
        _head(sheets, cut, number + 1, pages + reports)
        for place, shot in enumerate(cut.shots[number * per_page : (number + 1) * per_page]):
            cell = _cell(sheets, per_page, place)
            _panel(sheets, cut, shot, cell, params, [one for one in findings if one.second == shot.name])
            done = number * per_page + place + 1
            said = {"stage": "drawing", "message": f"Shot {done} of {len(cut.shots)}"}
            report({"progress": 0.95 * done / len(cut.shots), **said})
    for number in range(reports):
        sheets.page()
        _head(sheets, cut, pages + number + 1, pages + reports)
        _report(sheets, camera_report(cut)[number * _REPORT_ROWS : (number + 1) * _REPORT_ROWS])
    sheets.write(path)
    return {"pages": pages + reports, "shots": len(cut.shots), "not_in_fonts": "".join(fonts().missing("".join(texts)))}


def _texts(shot: CutShot) -> list[str]:
    about = shot.shot
    return [
        shot.name, about.get("scene") or "", about.get("heading") or "", about.get("action", ""),
        about.get("prompt", ""), dialogue_words(about), *about.get("notes", ()), about.get("set_name") or "",
    ]  # fmt: skip


def _head(sheets: Sheets, cut: Cut, page: int, pages: int) -> None:
    width = sheets.width - 2 * _MARGIN
    sheets.text(_MARGIN, _MARGIN - 3, width * 0.7, cut.title, size=12, bold=True)
    length = f"{len(cut.shots)} shots · {cut.frames} frames at {cut.rate_name} · page {page} of {pages}"
    sheets.text(_MARGIN, _MARGIN - 2, width, length, size=8, color=_QUIET, align="R")
    sheets.line(_MARGIN, _MARGIN + 4, sheets.width - _MARGIN, _MARGIN + 4)


def _cell(sheets: Sheets, per_page: int, place: int) -> tuple[float, float, float, float]:
    columns, rows = _GRID[per_page]
    wide = (sheets.width - 2 * _MARGIN - (columns - 1) * _GUTTER) / columns
    tall = (sheets.height - 2 * _MARGIN - _HEAD - (rows - 1) * _GUTTER) / rows
    column, row = place % columns, place // columns
    return _MARGIN + column * (wide + _GUTTER), _MARGIN + _HEAD - 3 + row * (tall + _GUTTER), wide, tall


def _panel(
    sheets: Sheets,
    cut: Cut,
    shot: CutShot,
    cell: tuple[float, float, float, float],
    params: Mapping[str, Any],
    findings: Sequence[Finding],
) -> None:
    x, y, wide, tall = cell
    columns, rows = _GRID[params["per_page"]]
    small = max(5.2, 8.5 - 0.5 * (columns * rows - 1)) if columns * rows > 1 else 11.0
    understood = shot.take.understood
    plan = plan_of(shot, 480, 360) if params["plans"] else None
    share = 0.62 if columns * rows > 1 else 0.74
    shown_wide = wide * 0.7 if plan else wide
    aspect = shot.take.width_px / shot.take.height_px if shot.take.height_px else 16 / 9
    picture_tall = min(tall * share, shown_wide / aspect)
    near = round(shown_wide * _PX_A_MM), round(picture_tall * _PX_A_MM)
    box = sheets.picture(_shown(shot, near), x, y, shown_wide, picture_tall)
    sheets.frame(*box)
    if shot.take.path is None:
        middle = box[1] + box[3] / 2 - 2
        sheets.text(box[0], middle, box[2], "no take yet", size=small, color=_QUIET, align="C")
    if params["arrows"]:
        sheets.arrows(arrows_for(moves_of(understood)), box)
    if plan is not None:
        place = sheets.picture(as_picture(plan), x + wide * 0.72, y, wide * 0.28, picture_tall)
        sheets.frame(*place, 200)
    bottom, at = y + tall, y + picture_tall + 1.2
    seconds = f"{float(shot.frames / cut.rate):.1f} s"
    told = [size_words(understood), lens_words(shot.take.camera), move_words(understood), seconds]
    page = f"p. {shot.shot['page']}" if shot.shot.get("page") else ""
    sheets.text(x, at, wide * 0.2, shot.name, size=small + 1.5, bold=True)
    sheets.text(x, at + 0.4, wide, page, size=small, color=_QUIET, align="R")
    number = min(wide * 0.2, sheets.pdf.get_string_width(shot.name) + 6)
    words = " · ".join(part for part in told if part)
    at = sheets.text(x + number, at + 0.3, wide - number - wide * 0.1, words, size=small, color=_QUIET) + 0.6
    if heading := shot.shot.get("heading"):
        scene = shot.shot.get("scene")
        at = sheets.text(x, at, wide, f"{scene}  {heading}" if scene else heading, size=small - 0.7, color=_QUIET)
    for text, color, most in (
        (shot.shot.get("action") or shot.shot.get("prompt", ""), (25, 25, 28), 0.55),
        (dialogue_words(shot.shot), _SPOKEN, 0.7),
        ("\n".join(shot.shot.get("notes", ())), _QUIET, 1.0),
        ("\n".join(f"! {one.kind.replace('_', ' ')}: {one.reason}" for one in findings), _WARNING, 1.0),
    ):
        line = small * 0.3528 * 1.28
        if text and bottom - at >= line:
            at = sheets.text(x, at, wide, text, size=small, height=(bottom - at) * most, color=color)


def _shown(shot: CutShot, near: tuple[int, int]) -> Image.Image:
    picture = shot.take.picture(near)
    if picture is None:
        return Image.new("RGB", (160, 90), _MISSING)
    if picture.width > near[0]:
        picture.thumbnail((near[0], near[0]), Image.Resampling.LANCZOS)
    return picture


def _report(sheets: Sheets, rows: Sequence[Sequence[str]]) -> None:
    keep = [CAMERA_REPORT.index(name) for name in CAMERA_REPORT if name not in ("Take", "Rate")]
    weights = [1.8 if CAMERA_REPORT[index] in ("Shot", "Frame mm", "Move", "Sensor") else 1.0 for index in keep]
    unit = (sheets.width - 2 * _MARGIN) / sum(weights)
    y = _MARGIN + _HEAD
    for number, row in enumerate([CAMERA_REPORT, *rows]):
        x = _MARGIN
        for index, weight in zip(keep, weights, strict=True):
            sheets.text(x, y, unit * weight - 1, str(row[index]), size=6.5, bold=number == 0)
            x += unit * weight
        y += 7.0
        sheets.line(_MARGIN, y - 2.2, sheets.width - _MARGIN, y - 2.2, 215)
