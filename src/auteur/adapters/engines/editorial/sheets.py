"""Pages of a PDF in any script: faces, text that fits where it is put, pictures as sRGB, the same bytes each time."""

import io
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import OutputIntentSubType
from fpdf.output import PDFICCProfile
from PIL import Image, ImageCms

from auteur.adapters.engines.editorial.arrows import Arrow
from auteur.adapters.fonts import Face, fonts

Box = tuple[float, float, float, float]
"""x, y, width, height."""

PAPERS = {"a4": (297.0, 210.0), "letter": (279.4, 215.9)}
"""Landscape, millimetres."""
PLAIN = "plain"
"""The face of most texts, and what stands in for no other."""
_LARGE_BYTES = 8 << 20
_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_ARROW, _OUTLINE = (214, 52, 28), (255, 255, 255)
_JPEG_QUALITY = 88


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """The profile of sRGB as LittleCMS makes it, without the time at which it did (ICC.1, 7.2.8)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)
    profile[84:100] = bytes(16)  # the digest of the profile, over its date too
    return bytes(profile)


class Sheets:
    """A document that grows. Lengths are millimetres, sizes of text points. ``texts``: all that will be set, so that
    only the faces that are needed are embedded."""

    def __init__(self, paper: str, title: str, texts: Sequence[str]) -> None:
        self.width, self.height = PAPERS[paper]
        pdf = FPDF(orientation="landscape", unit="mm", format=paper)
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.set_creation_date(_DAY)
        pdf.set_title(title)
        pdf.set_creator("auteur")
        pdf.set_producer("auteur")
        pdf.c_margin = 0
        self._folder = tempfile.TemporaryDirectory()  # the faces are read until the document is written
        text = "".join(texts)
        pieces = fonts().pieces(text)
        found = dict.fromkeys(piece.face for piece in pieces if piece.face is not None)
        plain = fonts().bundled[0]
        pdf.add_font(PLAIN, "", plain.path)
        pdf.add_font(PLAIN, "B", plain.path, variations={"wght": 700.0})
        others = [face for face in found if face != plain]
        for number, face in enumerate(others):
            path, index = face.path, face.index
            if path.stat().st_size > _LARGE_BYTES:
                path, index = _small(face, text, Path(self._folder.name) / f"{number}.otf"), 0
            pdf.add_font(f"face{number}", "", path, collection_font_number=index)
        pdf.set_fallback_fonts([f"face{number}" for number in range(len(others))], exact_match=False)
        pdf.set_text_shaping(True)
        pdf.add_output_intent(
            OutputIntentSubType.PDFA, "sRGB IEC61966-2.1", "sRGB", "http://www.color.org",
            PDFICCProfile(contents=srgb_profile(), n=3, alternate="DeviceRGB"), "sRGB IEC61966-2.1",
        )  # fmt: skip
        self.pdf = pdf

    def page(self) -> None:
        """The next page."""
        self.pdf.add_page()

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
        color: tuple[int, int, int] = (25, 25, 28),
        align: str = "L",
    ) -> float:
        """Sets the text in lines below ``y`` and answers where the next may begin. What does not fit into ``height``
        ends in an ellipsis; without a height it is one line."""
        text = "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
        if not text:
            return y
        pdf, line = self.pdf, size * 0.3528 * 1.28
        pdf.set_font(PLAIN, "B" if bold else "", size)
        pdf.set_text_color(*color)
        lines = self._lines(text, width, line)
        most = max(1, int((height or line) / line + 1e-6))
        if len(lines) > most:
            lines = [*lines[: most - 1], self._shortened(lines[most - 1], width)]
        for one in lines:
            pdf.set_xy(x, y)
            pdf.cell(width, line, one.rstrip("\n"), align=align)
            y += line
        return y

    def _lines(self, text: str, width: float, line: float) -> list[str]:
        found: list[str] = []
        for paragraph in text.split("\n"):
            found += self.pdf.multi_cell(width, line, paragraph, dry_run=True, output="LINES", align="L")  # type: ignore[arg-type]
        return found

    def _shortened(self, text: str, width: float) -> str:
        text = text.rstrip()
        while text and self.pdf.get_string_width(text + "…") > width:
            text = text[:-1].rstrip()
        return text + "…"

    def picture(self, picture: Image.Image, x: float, y: float, width: float, height: float) -> Box:
        """Sets the whole picture into the box; answers where it lies: x, y, width, height."""
        shape = picture.width / picture.height
        wide, tall = (width, width / shape) if shape > width / height else (height * shape, height)
        x, y = x + (width - wide) / 2, y + (height - tall) / 2
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        self.pdf.image(data, x, y, wide, tall)
        return x, y, wide, tall

    def frame(self, x: float, y: float, width: float, height: float, color: int = 120) -> None:
        """A thin line around a box."""
        self.pdf.set_draw_color(color)
        self.pdf.set_line_width(0.2)
        self.pdf.rect(x, y, width, height)

    def line(self, x0: float, y0: float, x1: float, y1: float, color: int = 170) -> None:
        """A thin line."""
        self.pdf.set_draw_color(color)
        self.pdf.set_line_width(0.2)
        self.pdf.line(x0, y0, x1, y1)

    def arrows(self, arrows: Sequence[Arrow], box: Box) -> None:
        """Draws moves over a picture that lies in the box, with a light edge, so that they stand out on any ground."""
        x, y, wide, tall = box
        weight = max(0.5, min(wide, tall) / 70)
        for color, extra in ((_OUTLINE, 0.55), (_ARROW, 0.0)):
            for arrow in arrows:
                points = [(x + px * wide, y + py * tall) for px, py in arrow.points]
                self._stroke(points, color, weight + extra, arrow)
        self.pdf.set_dash_pattern()

    def _stroke(
        self, points: list[tuple[float, float]], color: tuple[int, int, int], weight: float, arrow: Arrow
    ) -> None:
        pdf = self.pdf
        pdf.set_draw_color(*color)
        pdf.set_fill_color(*color)
        pdf.set_line_width(weight)
        if arrow.is_dashed:
            pdf.set_dash_pattern(dash=2.2, gap=1.6)
        else:
            pdf.set_dash_pattern()
        pdf.polyline(points)
        pdf.set_dash_pattern()
        if arrow.has_head:
            self._head(points[-2], points[-1], weight)
            if arrow.is_double:
                self._head(points[1], points[0], weight)

    def _head(self, before: tuple[float, float], end: tuple[float, float], weight: float) -> None:
        dx, dy = end[0] - before[0], end[1] - before[1]
        long = max((dx * dx + dy * dy) ** 0.5, 1e-6)
        ux, uy, size = dx / long, dy / long, weight * 4
        tip = (end[0] + ux * size * 0.6, end[1] + uy * size * 0.6)
        back = (end[0] - ux * size * 0.5, end[1] - uy * size * 0.5)
        sides = [(back[0] - uy * size * 0.6 * s, back[1] + ux * size * 0.6 * s) for s in (-1, 1)]
        self.pdf.set_line_width(weight * 0.6)
        self.pdf.polygon([tip, *sides], style="DF")

    def write(self, path: Path) -> None:
        """The document's bytes into a file."""
        path.write_bytes(bytes(self.pdf.output()))
        self._folder.cleanup()


def _small(face: Face, text: str, path: Path) -> Path:
    """The face with the letters of the text alone, in regular weight: of the whole one, 65 000 glyphs, another weight
    than its thinnest takes minutes to make."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    options = subset.Options(layout_features=["*"], notdef_outline=True)
    with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
        chosen = subset.Subsetter(options)
        chosen.populate(text=text)
        chosen.subset(font)
        if "fvar" in font:
            instancer.instantiateVariableFont(font, {"wght": 400}, inplace=True)
        font.save(path)
    return path
