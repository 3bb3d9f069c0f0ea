"""A face as a document sets and carries it: shaped by HarfBuzz, and cut down to the glyphs that were set.

Of a face whose weight can be chosen one weight is carried, so that every reader of the document shows the same.
"""

from dataclasses import dataclass
from itertools import groupby

import uharfbuzz as hb

from auteur.adapters.engines.editorial.truetype import Part, with_composites
from auteur.adapters.fonts import Face

_SHAPED_ELSEWHERE = (
    "BASE",
    "DSIG",
    "GDEF",
    "GPOS",
    "GSUB",
    "OS/2",
    "STAT",
    "cmap",
    "name",
    "post",
    "vhea",
    "vmtx",
    "VORG",
)
"""What a document's reader never asks for: its text is shaped already, and its glyphs are called by number."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a reader takes for a letter, as it is drawn: the numbers of its glyphs with how far right and up each stands
    from where the cluster begins, and how far the next one is, in the font's units."""

    text: str
    parts: tuple[Part, ...]
    advance: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A code that draws, its width, and how far right and up of the pen; lengths in thousandths of the size."""

    code: int
    width: float
    right: float = 0.0
    up: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """The part of a face that a document carries. By codes, which count from 1: ``glyphs``, the numbers of what they
    draw in the part, ``widths`` and ``texts``. ``box``: around all glyphs."""

    program: bytes
    is_truetype: bool
    glyphs: dict[int, int]
    widths: dict[int, float]
    texts: dict[int, str]
    box: tuple[int, int, int, int]


class Letters:
    """A face at a weight, and what was set in it."""

    def __init__(self, face: Face, weight: int) -> None:
        self.name = "".join(letter for letter in face.name if letter.isascii() and letter.isalnum()) or "Face"
        self._face = hb.Face(hb.Blob.from_file_path(str(face.path)), face.index)
        self._font = hb.Font(self._face)
        self._unit: float = 1000 / self._face.upem
        self._axes = {axis.tag: axis.default_value for axis in self._face.axis_infos}
        for axis in self._face.axis_infos:
            if axis.tag == "wght":
                self._axes["wght"] = min(max(weight, axis.min_value), axis.max_value)
        self._font.set_variations(self._axes)
        self.is_truetype = "glyf" in self._face.table_tags
        self._shaped: dict[tuple[str, bool], tuple[Cluster, ...]] = {}
        self._codes: dict[tuple[tuple[Part, ...], int, str], int] = {}
        self._said: dict[int, str] = {}

    def shape(self, text: str, *, right_to_left: bool) -> tuple[Cluster, ...]:
        """The clusters of a text of one direction, from left to right as they are seen."""
        key = text, right_to_left
        if (found := self._shaped.get(key)) is not None:
            return found
        buffer = hb.Buffer()
        buffer.add_codepoints([ord(letter) for letter in text])
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if right_to_left else "ltr"
        hb.shape(self._font, buffer)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        starts = sorted({info.cluster for info in infos})
        ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
        clusters: list[Cluster] = []
        for start, group in groupby(zip(infos, places, strict=True), key=lambda pair: pair[0].cluster):
            pen, parts = 0, list[Part]()
            for info, place in group:
                parts.append((info.codepoint, pen + place.x_offset, place.y_offset))
                pen += place.x_advance
            clusters.append(Cluster(text[start : ends[start]], tuple(parts), pen))
        self._shaped[key] = tuple(clusters)
        return self._shaped[key]

    def width(self, text: str, *, right_to_left: bool) -> float:
        """How wide it is, in thousandths of the size."""
        return self._unit * sum(cluster.advance for cluster in self.shape(text, right_to_left=right_to_left))

    def advance(self, cluster: Cluster) -> float:
        """How far the next cluster is, in thousandths of the size."""
        return self._unit * cluster.advance

    def show(self, cluster: Cluster) -> tuple[tuple[Shown, ...], bool]:
        """What draws the cluster in the document, and whether its code says the cluster's letters, too.

        Of TrueType it is always one that does: a glyph has a code for each of the letters that it draws, and several
        glyphs become one. PostScript's outlines cannot be joined; a glyph of them says what it drew first.
        """
        stands = len(cluster.parts) == 1 and cluster.parts[0][1:] == (0, 0)
        if self.is_truetype and not stands:
            code = self._codes.setdefault((cluster.parts, cluster.advance, cluster.text), len(self._codes) + 1)
            return (Shown(code, self._unit * cluster.advance),), True
        first, *others = cluster.parts
        shown = (self._shown(*first, cluster.text), *(self._shown(*part, "") for part in others))
        return shown, self.is_truetype or (not others and self._said[first[0]] == cluster.text)

    def _shown(self, number: int, right: int, up: int, text: str) -> Shown:
        said = self._said.setdefault(number, text)
        width = round(self._font.get_glyph_h_advance(number))
        key = ((number, 0, 0),), width, text if self.is_truetype else said
        code = self._codes.setdefault(key, len(self._codes) + 1)
        return Shown(code, self._unit * width, self._unit * right, self._unit * up)

    def embedded(self) -> Embedded:
        """What was used of the face, at its weight: TrueType's outlines, or PostScript's (Compact Font Format)."""
        flags = hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NOTDEF_OUTLINE
        if not self.is_truetype:
            flags |= hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.DOWNGRADE_CFF2
            flags |= hb.SubsetFlags.CFF_IDENTITY_CHARSET
        wanted = hb.SubsetInput()
        wanted.glyph_set.set({0, *(number for parts, _, _ in self._codes for number, _, _ in parts)})
        wanted.flags = flags
        wanted.drop_table_tag_set.update(int.from_bytes(tag.encode()) for tag in _SHAPED_ELSEWHERE)
        for axis, value in self._axes.items():
            wanted.pin_axis_location(self._face, axis, value)
        plan = hb.SubsetPlan(self._face, wanted)
        part, moved = plan.execute(), dict(plan.old_to_new_glyph_mapping)
        joined: list[tuple[tuple[Part, ...], int]] = []
        glyphs, count = {}, part.glyph_count
        for (parts, advance, _), code in self._codes.items():
            own = tuple((moved[number], right, up) for number, right, up in parts)
            if len(own) == 1 and own[0][1:] == (0, 0):
                glyphs[code] = own[0][0]
            else:
                glyphs[code] = count + len(joined)
                joined.append((own, advance))
        extents = self._font.get_font_extents("ltr")
        program = (
            with_composites({tag: part.reference_table(tag).data for tag in part.table_tags}, joined)
            if self.is_truetype
            else part.reference_table("CFF ").data
        )
        return Embedded(
            program=program,
            is_truetype=self.is_truetype,
            glyphs=glyphs,
            widths={code: self._unit * advance for (_, advance, _), code in self._codes.items()},
            texts={code: text for (_, _, text), code in self._codes.items()},
            box=(-500, round(extents.descender * self._unit), 2000, round(extents.ascender * self._unit)),
        )
