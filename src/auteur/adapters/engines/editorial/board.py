"""The board as PDF: the shots in their order, one to nine a page, and what a crew must know of each below it."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.editorial.arrows import arrows_for
from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.facts import (
    action_words,
    dialogue_words,
    lens_words,
    move_words,
    moves_of,
    size_words,
)
from auteur.adapters.engines.editorial.lists import CAMERA_REPORT, camera_report
from auteur.adapters.engines.editorial.plans import plan_of
from auteur.adapters.engines.editorial.sheets import Box, Sheets, line_mm
from auteur.adapters.engines.plan import as_picture
from auteur.adapters.fonts import fonts
from auteur.domain.continuity import Finding

_GRID = {1: (1, 1), 2: (1, 2), 3: (1, 3), 4: (2, 2), 5: (3, 2), 6: (3, 2), 7: (3, 3), 8: (3, 3), 9: (3, 3)}
"""Columns and rows by shots a page; few of upright pictures stand side by side."""
_UPRIGHT_GRID = {**_GRID, 2: (2, 1), 3: (3, 1)}
_BELOW, _BESIDE = 0.62, 0.55
"""The most of a panel's height that a picture takes above its words, and of its width beside them."""
_LEAST_WORDS = 34.0
_MARGIN, _GUTTER, _HEAD = 10.0, 5.0, 9.0
_PX_A_MM = 7.0
_MISSING = (226, 226, 224)
_WARNING = (164, 84, 0)
_QUIET = (105, 108, 114)
_SPOKEN = (35, 65, 110)
_REPORT_ROWS = 24
_LETTERS = {1: 11.0, 2: 10.0, 3: 8.5, 4: 7.5, 5: 7.0, 6: 7.0, 7: 6.0, 8: 6.0, 9: 6.0}
"""Sizes of letters in points, by shots a page."""


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
    sheets = Sheets(params["paper"], cut.title, texts)
    per_page, aspect = params["per_page"], _aspect(cut)
    grid = (_UPRIGHT_GRID if aspect < 1 else _GRID)[per_page]
    pages = math.ceil(len(cut.shots) / per_page)
    reports = math.ceil(len(cut.shots) / _REPORT_ROWS) if params["camera_report"] else 0
    for number in range(pages):
        sheets.page()
        _head(sheets, cut, number + 1, pages + reports)
        for place, shot in enumerate(cut.shots[number * per_page : (number + 1) * per_page]):
            cell = _cell(sheets, grid, place)
            found = [one for one in findings if one.second == shot.name]
            _panel(sheets, cut, shot, cell, aspect, params, found)
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
    sheets.text(_MARGIN, _MARGIN - 2, width, length, size=8, color=_QUIET, align="right")
    sheets.line(_MARGIN, _MARGIN + 4, sheets.width - _MARGIN, _MARGIN + 4)


def _aspect(cut: Cut) -> float:
    """The shape of most pictures."""
    shapes = sorted(shot.take.width_px / shot.take.height_px for shot in cut.shots if shot.take.height_px)
    return shapes[len(shapes) // 2] if shapes else 16 / 9


def _cell(sheets: Sheets, grid: tuple[int, int], place: int) -> Box:
    columns, rows = grid
    wide = (sheets.width - 2 * _MARGIN - (columns - 1) * _GUTTER) / columns
    tall = (sheets.height - 2 * _MARGIN - _HEAD - (rows - 1) * _GUTTER) / rows
    column, row = place % columns, place // columns
    return _MARGIN + column * (wide + _GUTTER), _MARGIN + _HEAD - 3 + row * (tall + _GUTTER), wide, tall


def _panel(
    sheets: Sheets, cut: Cut, shot: CutShot, cell: Box, aspect: float, params: Mapping[str, Any],
    findings: Sequence[Finding],
) -> None:  # fmt: skip
    x, y, wide, tall = cell
    plan = plan_of(shot, 480, 360) if params["plans"] else None
    if shot.take.height_px:
        aspect = shot.take.width_px / shot.take.height_px
    over = (0.7 if params["plans"] else 1.0) * wide
    below = min(over, (0.74 if params["per_page"] == 1 else _BELOW) * tall * aspect)
    beside = min(_BESIDE * wide, wide - _LEAST_WORDS, tall * aspect)
    is_beside = beside > below
    width = beside if is_beside else below
    box = sheets.picture(_shown(shot, width, aspect), x, y, width, width / aspect)
    sheets.frame(*box)
    size = _LETTERS[params["per_page"]]
    if shot.take.path is None:
        sheets.text(x, y + box[3] / 2 - 2, width, "no take yet", size=size, color=_QUIET, align="middle")
    if params["arrows"]:
        sheets.arrows(arrows_for(moves_of(shot.take.understood)), box)
    left = x + width + 3 if is_beside else x
    words = left, y if is_beside else y + box[3] + 1.2, x + wide - left, y + tall
    if plan is not None and is_beside:
        height = min(0.4 * tall, words[2] * plan.height / plan.width)
        sheets.frame(*sheets.picture(as_picture(plan), left, y + tall - height, words[2], height), 200)
        words = (*words[:3], y + tall - height - 1.5)
    elif plan is not None:
        sheets.frame(*sheets.picture(as_picture(plan), x + width + 4, y, wide - width - 4, box[3]), 200)
    _about(sheets, cut, shot, words, size, findings)


def _about(sheets: Sheets, cut: Cut, shot: CutShot, place: Box, size: float, findings: Sequence[Finding]) -> None:
    """Sets what is to be known of a shot; ``place``: left, top, width, bottom."""
    x, at, wide, bottom = place
    understood = shot.take.understood
    page = f"p. {shot.shot['page']}" if shot.shot.get("page") else ""
    paged = sheets.width_of(page, size=size) + 2
    sheets.text(x, at + 0.4, wide, page, size=size, color=_QUIET, align="right")
    named = min((wide - paged) * 0.45, sheets.width_of(shot.name, size=size + 1.5, bold=True) + 0.2)
    sheets.text(x, at, named, shot.name, size=size + 1.5, bold=True)
    seconds = f"{float(shot.frames / cut.rate):.1f} s"
    told = [size_words(understood), lens_words(shot.take.camera), move_words(understood), seconds]
    about, room = " · ".join(part for part in told if part), wide - named - 3 - paged
    if sheets.width_of(about, size=size) > room:  # a line of its own, two where it needs them
        at += line_mm(size + 1.5)
        lines = min(2, sheets.lines_of(about, wide, size=size))
        at = sheets.text(x, at, wide, about, size=size, height=lines * line_mm(size), color=_QUIET) + 0.3
    else:
        at = sheets.text(x + named + 3, at + 0.3, room, about, size=size, color=_QUIET) + 0.6
    if heading := shot.shot.get("heading"):
        scene = shot.shot.get("scene")
        at = sheets.text(x, at, wide, f"{scene}  {heading}" if scene else heading, size=size - 0.7, color=_QUIET)
    parts = [
        (action_words(shot.shot), (25, 25, 28)),
        (dialogue_words(shot.shot), _SPOKEN),
        ("\n".join(shot.shot.get("notes", ())), _QUIET),
        ("\n".join(f"! {one.kind.replace('_', ' ')}: {one.reason}" for one in findings), _WARNING),
    ]
    line = line_mm(size)
    wanted = [sheets.lines_of(text, wide, size=size) for text, _ in parts]
    for (text, color), lines in zip(parts, _shared(wanted, int((bottom - at) / line + 1e-6)), strict=True):
        if lines:
            at = sheets.text(x, at, wide, text, size=size, height=lines * line, color=color)


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """Lines for each part of a text: as many as it wants where there is room for all, else in turns, so that none is
    left out because another is long."""
    given = [0] * len(wanted)
    while room > 0 and given != list(wanted):
        for index, most in enumerate(wanted):
            if given[index] < most and room > 0:
                given[index] += 1
                room -= 1
    return given


def _shown(shot: CutShot, width: float, aspect: float) -> Image.Image:
    near = round(width * _PX_A_MM), round(width / aspect * _PX_A_MM)
    picture = shot.take.picture(near)
    if picture is None:
        return Image.new("RGB", (160, max(1, round(160 / aspect))), _MISSING)
    if picture.width > near[0]:
        picture.thumbnail((near[0], near[0] * 4), Image.Resampling.LANCZOS)
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
