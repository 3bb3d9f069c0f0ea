"""Pages of a PDF in any script: faces, text that fits where it is put, pictures as sRGB, the same bytes each time."""

import io
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageCms

from auteur.adapters.bidi import is_right_to_left
from auteur.adapters.engines.captions import Run, Typesetter
from auteur.adapters.engines.editorial.arrows import Arrow
from auteur.adapters.engines.editorial.letters import Letters
from auteur.adapters.engines.editorial.pdf import Color, Document
from auteur.adapters.fonts import Face, clusters, fonts

Box = tuple[float, float, float, float]
"""x, y, width, height."""

PAPERS = {"a4": (297.0, 210.0), "letter": (279.4, 215.9)}
"""Landscape, millimetres."""
_REGULAR, _BOLD = 400, 700
_POINT_MM = 0.3528
_LEADING = 1.28
_ARROW, _OUTLINE = (214, 52, 28), (255, 255, 255)
_DASH = (2.2, 1.6)
_JPEG_QUALITY = 88


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """The profile of sRGB as LittleCMS makes it, without the time at which it did (ICC.1, 7.2.8)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)
    profile[84:100] = bytes(16)  # the digest of the profile, over its date too
    return bytes(profile)


class _Setter(Typesetter):
    """Sets lines at a weight, with HarfBuzz's own widths. A line is as wide as its words, each of which is measured
    once."""

    def __init__(self, weight: int, of: str) -> None:
        super().__init__(fonts(), of)
        self._letters = cache(lambda face: Letters(face, weight))
        self._measured = cache(lambda word: sum(self._advance(run, 1.0) for run in self.runs(word)))

    def letters(self, face: Face) -> Letters:
        """The face at this weight."""
        return self._letters(face)

    def width(self, line: str, size: float) -> float:
        words = line.split(" ")
        return size * (sum(map(self._measured, words)) + (len(words) - 1) * self._measured(" "))

    def _advance(self, run: Run, size: float) -> float:
        return self._letters(run.face).width(run.text, right_to_left=run.right_to_left) * size / 1000


class Sheets:
    """A document that grows. Lengths are millimetres, sizes of text points. ``texts``: all that will be set: by it is
    told which country's Han characters are meant in a line of these alone."""

    def __init__(self, paper: str, title: str, texts: Sequence[str] = ()) -> None:
        self.width, self.height = PAPERS[paper]
        self._document = Document(self.width, self.height, title=title, profile=srgb_profile())
        of = "\n".join(texts)
        self._setters = {is_bold: _Setter(_BOLD if is_bold else _REGULAR, of) for is_bold in (False, True)}

    def page(self) -> None:
        """The next page."""
        self._document.page()

    def text(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        *,
        size: float,
        height: float | None = None,
        bold: bool = False,
        color: Color = (25, 25, 28),
        align: str = "start",
    ) -> float:
        """Sets the text in lines below ``y`` and answers where the next may begin. What does not fit into ``height``
        ends in an ellipsis; without a height it is one line. ``align``: left, right, middle, or start, which is at the
        side where the text's script begins."""
        setter, line = self._setters[bold], line_mm(size)
        if height is None:
            text, lines = " ".join(text.split()), []
            said = setter.readable(text)
            if said and setter.width(said, size) * _POINT_MM > width:
                lines = [(self._shortened(setter, said, width, size), is_right_to_left(said))]
            elif said:
                lines = [(said, is_right_to_left(said))]
        else:
            lines, most = self._lines(setter, text, width, size), max(1, int(height / line + 1e-6))
            if len(lines) > most:
                rest = " ".join(more for more, _ in lines[most - 1 : most + 1])
                lines = [*lines[: most - 1], (self._shortened(setter, rest, width, size), lines[most - 1][1])]
        for one, from_right in lines:
            room = width - setter.width(one, size) * _POINT_MM
            left = {"left": 0.0, "middle": room / 2, "right": room, "start": room if from_right else 0.0}[align]
            runs = [
                (letters, letters.shape(run.text, right_to_left=run.right_to_left))
                for run in setter.runs(one, right_to_left=from_right)
                if (letters := setter.letters(run.face))
            ]
            self._document.text(runs, x + left, y + line / 2 + 0.3 * size * _POINT_MM, size, color)
            y += line
        return y

    def lines_of(self, text: str, width: float, *, size: float) -> int:
        """How many lines a text takes."""
        return len(self._lines(self._setters[False], text, width, size))

    def width_of(self, text: str, *, size: float, bold: bool = False) -> float:
        """How wide a line is."""
        setter = self._setters[bold]
        return setter.width(setter.readable(text), size) * _POINT_MM

    def _lines(self, setter: Typesetter, text: str, width: float, size: float) -> list[tuple[str, bool]]:
        """The lines, and whether their paragraph runs to the left."""
        found: list[tuple[str, bool]] = []
        for paragraph in text.splitlines():
            if words := " ".join(paragraph.split()):
                said = setter.readable(words)
                found += [(line, is_right_to_left(said)) for line in setter.wrap(said, width / _POINT_MM, size)]
        return found

    def _shortened(self, setter: Typesetter, text: str, width: float, size: float) -> str:
        letters = list(clusters(text.rstrip()))
        while letters and setter.width("".join(letters) + "…", size) * _POINT_MM > width:
            letters.pop()
        return "".join(letters).rstrip() + "…"

    def picture(self, picture: Image.Image, x: float, y: float, width: float, height: float) -> Box:
        """Sets the whole picture into the box's upper left corner; answers where it lies: x, y, width, height."""
        shape = picture.width / picture.height
        wide, tall = (width, width / shape) if shape > width / height else (height * shape, height)
        data = io.BytesIO()
        picture.convert("RGB").save(data, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        self._document.picture(data.getvalue(), picture.size, x, y, wide, tall)
        return x, y, wide, tall

    def frame(self, x: float, y: float, width: float, height: float, color: int = 120) -> None:
        """A thin line around a box."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self._document.path(corners, stroke=(color,) * 3, width=0.2, is_closed=True)

    def line(self, x0: float, y0: float, x1: float, y1: float, color: int = 170) -> None:
        """A thin line."""
        self._document.path([(x0, y0), (x1, y1)], stroke=(color,) * 3, width=0.2)

    def arrows(self, arrows: Sequence[Arrow], box: Box) -> None:
        """Draws moves over a picture that lies in the box, with a light edge, so that they stand out on any ground."""
        x, y, wide, tall = box
        weight = max(0.5, min(wide, tall) / 70)
        for color, edge in ((_OUTLINE, max(0.5, 0.6 * weight)), (_ARROW, 0.0)):
            for arrow in arrows:
                points = [(x + px * wide, y + py * tall) for px, py in arrow.points]
                dash = _DASH if arrow.is_dashed else None
                self._document.path(points, stroke=color, width=weight + edge, dash=dash)
                if arrow.has_head:
                    self._head(points[-2], points[-1], weight, edge, color)
                    if arrow.is_double:
                        self._head(points[1], points[0], weight, edge, color)

    def _head(
        self, before: tuple[float, float], end: tuple[float, float], weight: float, edge: float, color: Color
    ) -> None:
        dx, dy = end[0] - before[0], end[1] - before[1]
        long = max((dx * dx + dy * dy) ** 0.5, 1e-6)
        ux, uy, size = dx / long, dy / long, weight * 4
        tip = (end[0] + ux * size * 0.6, end[1] + uy * size * 0.6)
        back = (end[0] - ux * size * 0.5, end[1] - uy * size * 0.5)
        sides = [(back[0] - uy * size * 0.6 * s, back[1] + ux * size * 0.6 * s) for s in (-1, 1)]
        self._document.path([tip, *sides], stroke=color, fill=color, width=weight * 0.6 + edge, is_closed=True)

    def write(self, path: Path) -> None:
        """The document's bytes into a file."""
        self._document.write(path)


def line_mm(size: float) -> float:
    """How high a line of text of a size in points is."""
    return size * _POINT_MM * _LEADING
