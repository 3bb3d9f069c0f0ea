"""Text in pictures, in any script: shaped, in the order in which it is read, broken where it may be, never cut.

Each line is set in the faces that cover it (`adapters.fonts`), shaped by Pillow's raqm (HarfBuzz), and the parts of a
line that runs both ways stand as the Unicode Bidirectional Algorithm has them.
"""

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from PIL import Image, ImageDraw, ImageFont, features

from auteur.adapters.bidi import is_right_to_left, levels, order
from auteur.adapters.fonts import Face, Fonts, clusters, fonts

_WEIGHT = 500
_LEADING = 1.32
_SMALLEST_PX, _TINIEST_PX = 7.0, 2.0
_NEAR = 0.04
"""How far the widths of parts may be from their line's, as a share: kerning, and letters that join across parts."""
_NEVER_FIRST = frozenset(
    "、。，．・：；？！）］｝」』】〕〉》〟’”…‥ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ)]}!?,.;:%ฯๆ"
)
_NEVER_LAST = frozenset("（［｛「『【〔〈《〝‘“([{$£¥")
_THAI_LEADING = frozenset("เแโใไ")


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one face and one direction."""

    text: str
    face: Face
    right_to_left: bool


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption as it is laid over frames. ``layer``: RGBA of the frame's size; ``lines``: as they were broken;
    ``size_px``: of the letters; ``missing``: the characters for which there is no font."""

    layer: Image.Image
    lines: tuple[str, ...]
    size_px: float
    missing: tuple[str, ...]

    @property
    def note(self) -> str | None:
        """What is to be said about it, in a sentence; None where all of it is drawn."""
        return missing_note(self.missing)


def missing_note(missing: Sequence[str]) -> str | None:
    """The sentence that says which characters have no font, and what would bring one."""
    if not missing:
        return None
    named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing[:4])
    more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
    han = any(unicodedata.name(letter, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL")) for letter in missing)
    return f"There is no font here for {named}{more}{': install auteur[cjk]' if han else ''}."


def caption(text: str, width_px: int, height_px: int, *, from_: Fonts | None = None) -> Caption:
    """The text in the lower third of a frame, in the middle, white with a dark edge, as large as it fits: three lines
    at its usual size, more lines of smaller letters where it is longer."""
    typesetter = Typesetter(from_ or fonts(), text)
    missing = typesetter.fonts.missing(text)
    said = typesetter.readable(text)
    size, lines = typesetter.fit(said, 0.84 * width_px, 0.4 * height_px, largest=max(14.0, height_px / 22))
    if len(lines) * _LEADING * size > 0.4 * height_px:  # a frame as small as a stamp: all of it, however small
        size, lines = typesetter.fit(said, 0.9 * width_px, 0.84 * height_px, largest=size, smallest=_TINIEST_PX)
    layer = Image.new("RGBA", (width_px, height_px), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    bottom = 0.94 * height_px - 0.3 * size
    for index, line in enumerate(lines):
        y = bottom - (len(lines) - 1 - index) * _LEADING * size
        typesetter.draw(
            draw, (width_px / 2, y), line, size, fill=(255, 255, 255, 245), edge=(0, 0, 0, 200), align="middle"
        )
    return Caption(layer, tuple(lines), size, tuple(missing))


class Typesetter:
    """Sets lines in the fonts that there are. Sizes in pixels. ``of``: what the lines are parts of, as
    `Fonts.pieces` has it."""

    def __init__(self, fonts: Fonts, of: str = "") -> None:
        self.fonts = fonts
        self.of = of

    def readable(self, text: str) -> str:
        """The text with an ellipsis for what no font covers: better than boxes, and it is said beside."""
        parts: list[str] = []
        for piece in self.fonts.pieces(text, of=self.of):
            part = piece.text if piece.face is not None else "…"
            if not (part == "…" and parts and parts[-1] == "…"):
                parts.append(part)
        return "".join(parts)

    def runs(self, line: str, *, right_to_left: bool | None = None) -> list[Run]:
        """The line's parts from left to right. ``right_to_left``: as its paragraph; None: as its own letters do."""
        runs: list[Run] = []
        depth = levels(line, right_to_left=is_right_to_left(line) if right_to_left is None else right_to_left)
        place = 0
        found: list[tuple[str, Face, int]] = []
        for piece in self.fonts.pieces(line, of=self.of):
            if piece.face is None:
                place += len(piece.text)
                continue
            marked = zip(piece.text, depth[place : place + len(piece.text)], strict=True)
            for level, letters in groupby(marked, key=lambda one: one[1]):
                found.append(("".join(letter for letter, _ in letters), piece.face, level))
            place += len(piece.text)
        for index in order([level for _, _, level in found]):
            text, face, level = found[index]
            runs.append(Run(text, face, bool(level % 2)))
        return runs

    def width(self, line: str, size: float) -> float:
        """How wide the line is."""
        return sum(self._advance(run, size) for run in self.runs(line))

    def wrap(self, text: str, width: float, size: float) -> list[str]:
        """The text in lines no wider than that, broken between words, in scripts without spaces between letters; and
        within a word only where it is too long for a line by itself."""
        lines: list[str] = []
        known: dict[str, float] = {}

        def fits(line: str, so_far: float, part: str) -> tuple[bool, float]:
            """Whether the part goes on the line, and how wide it is then, by its parts; only where that is near the
            end is the line measured as a whole."""
            for one in (part, part.rstrip()):
                if one not in known:
                    known[one] = self.width(one, size)
            shown = so_far + known[part.rstrip()]
            near = abs(shown - width) <= _NEAR * width
            return self.width((line + part).rstrip(), size) <= width if near else shown <= width, so_far + known[part]

        for paragraph in text.split("\n"):
            line, so_far = "", 0.0
            for part in _breakable(paragraph):
                goes, wide = fits(line, so_far, part)
                if goes:
                    line, so_far = line + part, wide
                    continue
                if line.strip():
                    lines.append(line.rstrip())
                    line, so_far = "", 0.0
                part = part.lstrip()
                for letter in [part] if fits("", 0.0, part)[0] else clusters(part):
                    goes, wide = fits(line, so_far, letter)
                    if line and not goes:
                        lines.append(line.rstrip())
                        line, wide = "", fits("", 0.0, letter)[1]
                    line, so_far = line + letter, wide
            lines.append(line.rstrip())
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def fit(
        self,
        text: str,
        width: float,
        height: float,
        *,
        largest: float,
        smallest: float = _SMALLEST_PX,
        lines: int = 3,
    ) -> tuple[float, list[str]]:
        """The largest size between the two at which the text stands in so few lines, or, where it is well below the
        largest, in as many as the height has room for; and those lines. All of the text is in them at any size."""
        size = largest
        while True:
            broken = self.wrap(text, width, size)
            room = int(height / (_LEADING * size))
            room = min(room, lines) if size > 0.62 * largest else room
            if len(broken) <= room or size <= smallest:
                return size, broken
            size = max(size * 0.93, smallest)

    def draw(
        self,
        draw: ImageDraw.ImageDraw,
        at: tuple[float, float],
        line: str,
        size: float,
        *,
        fill: tuple[int, ...],
        edge: tuple[int, ...] | None = None,
        align: str = "left",
    ) -> None:
        """One line; ``at``: where its baseline begins, ends or has its middle, as ``align`` says (left, right, middle).
        ``edge``: the colour of an outline."""
        runs = self.runs(line)
        whole = sum(self._advance(run, size) for run in runs)
        x = at[0] - {"left": 0.0, "middle": whole / 2, "right": whole}[align]
        stroke = max(1, round(size / 16)) if edge is not None else 0
        placed = []
        for run in runs:
            placed.append((x, run))
            x += self._advance(run, size)
        for outline in (True, False) if stroke else (False,):  # all edges first: none lies over the letter beside it
            for left, run in placed:
                draw.text(
                    (left, at[1]),
                    run.text,
                    font=font(run.face, size),
                    anchor="ls",
                    fill=edge if outline else fill,
                    stroke_width=stroke if outline else 0,
                    stroke_fill=edge if outline else None,
                    **_how(run),
                )

    def _advance(self, run: Run, size: float) -> float:
        return float(font(run.face, size).getlength(run.text, **_how(run)))


@functools.lru_cache(maxsize=128)
def font(face: Face, size: float) -> ImageFont.FreeTypeFont:
    """The face at a size, of medium weight where its weight can be chosen."""
    made = ImageFont.truetype(str(face.path), size, index=face.index)
    try:
        axes = made.get_variation_axes()
    except (OSError, NotImplementedError):
        return made
    if axes:
        made.set_variation_by_axes(
            [_WEIGHT if b"eight" in _bytes(axis["name"]) else axis["default"] or 0 for axis in axes]
        )
    return made


def _bytes(name: str | bytes | None) -> bytes:
    return name.encode() if isinstance(name, str) else name or b""


def _how(run: Run) -> dict[str, Any]:
    """How Pillow is told the direction; a Pillow without raqm cannot be told, and draws letters as they stand."""
    if not features.check("raqm"):
        return {}
    return {"direction": "rtl" if run.right_to_left else "ltr"}


def _breakable(text: str) -> list[str]:
    """The text in parts between which a line may end; the space that parts them stays with what is before it."""
    parts: list[str] = []
    letters = list(clusters(text))
    held = ""
    for index, letter in enumerate(letters):
        held += letter
        following = letters[index + 1] if index + 1 < len(letters) else None
        if following is None:
            break
        if letter.isspace():
            ends = not following.isspace()
        elif letter[-1] in "-‐–—/" and following.isalpha():
            ends = True
        else:
            ends = (_apart(letter) or _apart(following)) and not following.isspace()
            ends = ends and following[0] not in _NEVER_FIRST and letter[0] not in _NEVER_LAST
        if ends:
            parts.append(held)
            held = ""
    return [*parts, held] if held else parts


def _apart(letter: str) -> bool:
    """Whether its script has no spaces between words, so that a line may end beside it."""
    code = ord(letter[0])
    if 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF:  # Thai, Lao, Burmese, Khmer
        return letter[0] not in _THAI_LEADING
    return 0x2E80 <= code <= 0x31FF or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFFEF
