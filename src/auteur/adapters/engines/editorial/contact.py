"""The contact sheet: every shot small, in rows, with its name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from auteur.adapters.engines.captions import Typesetter
from auteur.adapters.engines.editorial import ENGINE
from auteur.adapters.engines.editorial.cut import Cut
from auteur.adapters.engines.editorial.facts import lens_words, size_words
from auteur.adapters.engines.stills import save_png
from auteur.adapters.fonts import fonts

_GROUND, _INK, _QUIET, _EMPTY = (24, 25, 27), (236, 236, 236), (160, 163, 168), (58, 59, 62)
MOST_PIXELS = 80_000_000


def write_sheet(
    cut: Cut, params: Mapping[str, Any], path: Path, report: Callable[[Mapping[str, Any]], None]
) -> tuple[int, int]:
    """Writes the sheet as PNG; answers its size in pixels. A film too long for one picture gets more columns."""
    columns, width = params["columns"], params["width_px"]
    shapes = [shot.take.width_px / shot.take.height_px for shot in cut.shots if shot.take.height_px]
    aspect = sorted(shapes)[len(shapes) // 2] if shapes else 16 / 9
    while True:
        gap = max(4, width // 160)
        wide = (width - gap * (columns + 1)) // columns
        tall, line = round(wide / aspect), max(14, wide // 14)
        rows = -(-len(cut.shots) // columns)
        height = gap + rows * (tall + 2 * line + gap)
        if width * height <= MOST_PIXELS or wide < 48:
            break
        columns += 1
    sheet = Image.new("RGB", (width, height), _GROUND)
    draw, setter = ImageDraw.Draw(sheet), Typesetter(fonts())
    for index, shot in enumerate(cut.shots):
        x = gap + index % columns * (wide + gap)
        y = gap + index // columns * (tall + 2 * line + gap)
        picture = shot.take.picture((wide, tall))
        if picture is None:
            draw.rectangle((x, y, x + wide - 1, y + tall - 1), fill=_EMPTY)
        else:
            sheet.paste(ImageOps.pad(picture, (wide, tall), Image.Resampling.LANCZOS, color=(0, 0, 0)), (x, y))
        base = y + tall + line * 1.1
        setter.draw(draw, (x, base), setter.readable(shot.name), line, fill=_INK)
        about = " ".join(part for part in (size_words(shot.take.understood), lens_words(shot.take.camera)) if part)
        small = max(9, line * 3 // 4)
        if about:
            setter.draw(draw, (x + wide, base), about, small, fill=_QUIET, align="right")
        report({"progress": 0.95 * (index + 1) / len(cut.shots), "stage": "drawing", "message": f"Shot {shot.name}"})
    facts = {"engine": ENGINE, "task_type": "film_contact_sheet", "params": params}
    save_png(sheet, path, facts=facts, description=cut.title)
    return sheet.size
