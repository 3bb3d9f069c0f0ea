"""A document in PDF (ISO 32000-1), written object by object: pictures, lines, and text in any script.

Text is placed glyph by glyph as it was shaped, in the part of a face that the document carries, and says its letters
to whoever searches or copies it: by the face's table where a glyph always draws the same letters, else beside it. The
same drawing is the same bytes. Lengths are millimetres from the upper left corner, sizes of text points.
"""

import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from auteur.adapters.engines.editorial.letters import Cluster, Embedded, Letters

Color = tuple[int, int, int]
Point = tuple[float, float]
Run = tuple[Letters, Sequence[Cluster]]
"""A part of a line in one face, and its clusters from left to right."""

_POINTS_A_MM = 72 / 25.4
_DAY = b"(D:20000101000000Z)"
_MAPPED_AT_ONCE = 100
_WORTH_MOVING = 0.5
_CMAP = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
%s
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class Document:
    """A document that grows page by page, all of one size. ``profile``: an ICC profile of what its colours mean."""

    def __init__(self, width: float, height: float, *, title: str, profile: bytes) -> None:
        self.width, self.height = width, height
        self._objects: list[bytes] = []
        self._pages: list[tuple[list[bytes | Callable[[], bytes]], dict[str, int]]] = []
        self._faces: dict[Letters, str] = {}
        self._embedded: dict[Letters, Embedded] = {}
        self._title = title
        self._profile = self._stream(b"/N 3 /Alternate /DeviceRGB", profile)

    def page(self) -> None:
        """The next page."""
        self._pages.append(([], {}))

    def picture(self, jpeg: bytes, size: tuple[int, int], x: float, y: float, width: float, height: float) -> None:
        """A JPEG of three colours, so many pixels wide and high, stretched over a box."""
        told = f"/Type /XObject /Subtype /Image /Width {size[0]} /Height {size[1]} /BitsPerComponent 8"
        told += f" /ColorSpace [/ICCBased {self._profile} 0 R] /Filter /DCTDecode"
        number = self._stream(told.encode(), jpeg, is_packed=True)
        self._pages[-1][1][f"I{number}"] = number
        matrix = _numbers(width * _POINTS_A_MM, 0, 0, height * _POINTS_A_MM, *self._at((x, y + height)))
        self._draw(f"q {matrix} cm /I{number} Do Q".encode())

    def path(
        self,
        points: Sequence[Point],
        *,
        stroke: Color,
        width: float,
        fill: Color | None = None,
        is_closed: bool = False,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """A line through the points. ``dash``: how long its pieces and the gaps between them are."""
        told = [f"q {_color(stroke)} RG {_numbers(width * _POINTS_A_MM)} w 1 j"]
        if fill is not None:
            told.append(f"{_color(fill)} rg")
        if dash is not None:
            told.append(f"[{_numbers(*(part * _POINTS_A_MM for part in dash))}] 0 d")
        told += [f"{_numbers(*self._at(point))} {'l' if index else 'm'}" for index, point in enumerate(points)]
        told.append(("b" if fill is not None else "s") if is_closed else "S")
        self._draw(" ".join([*told, "Q"]).encode())

    def text(self, runs: Sequence[Run], x: float, y: float, size: float, color: Color) -> None:
        """A line of text; ``x`` and ``y``: where its baseline begins."""
        left, base = self._at((x, y))
        for letters, clusters in runs:
            name = self._faces.setdefault(letters, f"F{len(self._faces) + 1}")
            head = f"BT {_color(color)} rg /{name} {_numbers(size)} Tf 1 0 0 1 {_numbers(left, base)} Tm "
            for cluster in clusters:
                letters.show(cluster)
            self._pages[-1][0].append(self._later(head.encode(), letters, clusters, size))
            left += sum(map(letters.advance, clusters)) * size / 1000

    def write(self, path: Path) -> None:
        """The document's bytes into a file."""
        fonts = " ".join(f"/{name} {self._font(letters)} 0 R" for letters, name in self._faces.items())
        space = f"/ColorSpace << /DefaultRGB [/ICCBased {self._profile} 0 R] >>"
        contents = [
            self._stream(b"", b"\n".join(part if isinstance(part, bytes) else part() for part in drawn))
            for drawn, _ in self._pages
        ]
        tree = len(self._objects) + len(self._pages) + 1
        box = _numbers(self.width * _POINTS_A_MM, self.height * _POINTS_A_MM)
        pages = []
        for content, (_, pictures) in zip(contents, self._pages, strict=True):
            shown = " ".join(f"/{name} {number} 0 R" for name, number in pictures.items())
            resources = f"<< {space} /Font << {fonts} >> /XObject << {shown} >> >>"
            told = f"/Type /Page /Parent {tree} 0 R /MediaBox [0 0 {box}] /Contents {content} 0 R"
            pages.append(self._object(f"<< {told} /Resources {resources} >>"))
        kids = " ".join(f"{page} 0 R" for page in pages)
        self._object(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>")
        intent = (
            "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1)"
            f" /RegistryName (http://www.color.org) /Info (sRGB IEC61966-2.1) /DestOutputProfile {self._profile} 0 R >>"
        )
        shown = "/ViewerPreferences << /DisplayDocTitle true >>"
        catalog = self._object(f"<< /Type /Catalog /Pages {tree} 0 R /OutputIntents [{intent}] {shown} >>")
        title = b"<< /Title " + _words(self._title) + b" /Creator (auteur) /Producer (auteur) /CreationDate " + _DAY
        path.write_bytes(self._file(catalog, self._object(title + b" >>")))

    def _at(self, point: Point) -> Point:
        return point[0] * _POINTS_A_MM, (self.height - point[1]) * _POINTS_A_MM

    def _draw(self, told: bytes) -> None:
        self._pages[-1][0].append(told)

    def _later(self, head: bytes, letters: Letters, clusters: Sequence[Cluster], size: float) -> Callable[[], bytes]:
        """PostScript's glyphs are called by their numbers in what is carried, known when all of the text is set."""
        return lambda: head + _shown(letters, self._embedded[letters], clusters, size) + b"ET"

    def _object(self, told: bytes | str) -> int:
        self._objects.append(told if isinstance(told, bytes) else told.encode())
        return len(self._objects)

    def _stream(self, told: bytes, data: bytes, *, is_packed: bool = False) -> int:
        if not is_packed:
            data, told = zlib.compress(data, 6), told + b" /Filter /FlateDecode"
        return self._object(b"<< %s /Length %d >>\nstream\n%s\nendstream" % (told, len(data), data))

    def _font(self, letters: Letters) -> int:
        part = self._embedded[letters] = letters.embedded()
        tag = sha256(part.program).digest()
        name = f"{''.join(chr(65 + value % 26) for value in tag[:6])}+{letters.name}"
        if part.is_truetype:
            file = self._stream(b"/Length1 %d" % len(part.program), part.program)
            drawn = b"".join(part.glyphs.get(code, 0).to_bytes(2) for code in range(len(part.glyphs) + 1))
            kind, key = f"/CIDFontType2 /CIDToGIDMap {self._stream(b'', drawn)} 0 R", "FontFile2"
        else:
            file = self._stream(b"/Subtype /CIDFontType0C", part.program)
            kind, key = "/CIDFontType0", "FontFile3"
        box = part.box
        told = f"/FontName /{name} /Flags 4 /FontBBox [{_numbers(*box)}] /ItalicAngle 0 /Ascent {box[3]}"
        told += f" /Descent {box[1]} /CapHeight 714 /StemV 80 /{key} {file} 0 R"
        descriptor = self._object(f"<< /Type /FontDescriptor {told} >>")
        widths = sorted((_code(part, code), width) for code, width in part.widths.items())
        listed = " ".join(f"{code} [{_numbers(width)}]" for code, width in widths)
        system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        told = f"/BaseFont /{name} {system} /FontDescriptor {descriptor} 0 R /DW 1000 /W [{listed}]"
        font = self._object(f"<< /Type /Font /Subtype {kind} {told} >>")
        texts = self._stream(b"", _letters_of({_code(part, code): text for code, text in part.texts.items()}))
        told = f"/BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{font} 0 R] /ToUnicode {texts} 0 R"
        return self._object(f"<< /Type /Font /Subtype /Type0 {told} >>")

    def _file(self, catalog: int, about: int) -> bytes:
        body, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
        for number, told in enumerate(self._objects, 1):
            places.append(len(body))
            body += b"%d 0 obj\n%s\nendobj\n" % (number, told)
        own, start = sha256(body).hexdigest()[:32].encode(), len(body)
        body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        body += b"".join(b"%010d 00000 n \n" % place for place in places)
        body += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R" % (len(places) + 1, catalog, about)
        body += b" /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n" % (own, own, start)
        return bytes(body)


def _shown(letters: Letters, part: Embedded, clusters: Sequence[Cluster], size: float) -> bytes:
    """The operators that show the clusters (9.4.3). What no code says stands beside it (14.9.4)."""
    parts: list[bytes] = []
    shown: list[bytes] = []
    owed, risen = 0.0, 0.0

    def show() -> None:
        if shown:
            parts.append(b"[" + b"".join(shown) + b"] TJ ")
            shown.clear()

    for cluster in clusters:
        codes, is_said = letters.show(cluster)
        if not is_said:
            show()
            parts.append(b"/Span << /ActualText " + _words(cluster.text) + b" >> BDC ")
        pen = 0.0
        for one in codes:
            if abs(one.up - risen) > _WORTH_MOVING:
                show()
                risen = one.up
                parts.append(f"{_numbers(risen * size / 1000)} Ts ".encode())
            if abs(move := owed + pen - one.right) > _WORTH_MOVING:
                shown.append(_numbers(move).encode())
                pen -= move
            shown.append(b"<%04x>" % _code(part, one.code))
            pen += one.width
        owed += pen - letters.advance(cluster)
        if not is_said:
            show()
            parts.append(b"EMC ")
    show()
    return b"".join(parts) + (b"0 Ts " if risen else b"")


def _code(part: Embedded, code: int) -> int:
    """The code in the document: PostScript's glyphs have none but their numbers."""
    return code if part.is_truetype else part.glyphs[code]


def _letters_of(texts: dict[int, str]) -> bytes:
    """The table from codes to letters (9.10.3)."""
    rows = [b"<%04x> <%s>" % (code, _hex(text)) for code, text in sorted(texts.items()) if text]
    blocks = []
    for start in range(0, len(rows), _MAPPED_AT_ONCE):
        some = rows[start : start + _MAPPED_AT_ONCE]
        blocks.append(b"%d beginbfchar\n%s\nendbfchar" % (len(some), b"\n".join(some)))
    return _CMAP % b"\n".join(blocks)


def _hex(text: str) -> bytes:
    return text.encode("utf-16-be", "replace").hex().encode()


def _words(text: str) -> bytes:
    return b"<feff" + _hex(text) + b">"


def _numbers(*values: float) -> str:
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value)}" for value in values)


def _color(color: Color) -> str:
    return _numbers(*(part / 255 for part in color))
