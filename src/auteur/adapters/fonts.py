"""Which font a text is set in: by what it covers, letter by letter, among the bundled fonts and those of the system.

Bundled: Noto Sans and its sisters for twenty scripts (`manimgx-fonts`); Chinese, Japanese and Korean with the extra
`auteur[cjk]`. What those do not cover is looked for among the system's fonts; what nobody covers is named.

    for piece in fonts().pieces("Σκηνή 1: 台所"):
        piece.text, piece.face.path, piece.face.index

Nothing is opened before it is asked for. Faces are tried in one fixed order, so that a text looks the same every time
on machines with the same fonts.
"""

import functools
import importlib.util
import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_BUNDLED = ("manimgx_fonts", "manimgx_fonts_cjk")
_FIRST = ("NotoSans[",)
_LAST = ("NotoSansSymbols", "NotoSansCJK", "NotoEmoji")
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_MOST_SYSTEM_FONTS = 400
_PREFERRED = (
    "noto",
    "dejavu",
    "droid",
    "wqy",
    "liberation",
    "freesans",
    "unifont",
    "pingfang",
    "hiragino",
    "msyh",
    "arial",
)
_JAPANESE, _KOREAN, _SIMPLIFIED, _TRADITIONAL = 0, 1, 2, 3
"""Faces of Noto Sans CJK in its collection; Hong Kong's follows. They differ in how Han characters are drawn."""
_ONLY_TRADITIONAL = frozenset("這個們來對時說會國過為後還沒電話裡樣從開關門問間見車東馬鳥魚龍風飛書畫")
_NAMED_NOWHERE = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
"""Characters that are never drawn: they join, part or turn what stands beside them."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font. ``index``: in a collection; ``system``: whether it was found on this machine rather than bundled."""

    path: Path
    index: int = 0
    system: bool = False

    @property
    def name(self) -> str:
        """The file's name without its axes and suffix, as ``NotoSansArabic``."""
        return self.path.stem.partition("[")[0]

    def covers(self, letters: str) -> bool:
        """Whether it has a glyph for each of the characters that are drawn."""
        known = _characters(self.path, self.index)
        return all(ord(letter) in known or letter in _NAMED_NOWHERE for letter in letters)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that one face sets. ``face``: None where nobody covers it."""

    text: str
    face: Face | None


class Fonts:
    """The faces there are, in the order in which they are tried. ``system``: folders to look for more."""

    def __init__(self, bundled: Sequence[Path], system: Sequence[Path] = ()) -> None:
        self._files = sorted(bundled, key=lambda path: (_rank(path.name), path.name))
        self._folders = system
        self._elsewhere: list[Face] | None = None

    @property
    def bundled(self) -> list[Face]:
        """What came with the installation; of a collection its first face."""
        return [Face(path) for path in self._files]

    def pieces(self, text: str, *, of: str = "") -> list[Piece]:
        """The text in parts, each as long as one face covers it. A space, a point or a digit stays with what is before
        it where that face has it. ``of``: what the text is a part of: by it is told which country's Han characters are
        meant where the part alone does not say."""
        pieces: list[Piece] = []
        han = _han(text, of)
        for cluster in self._coverable(text, han):
            last = pieces[-1].face if pieces else None
            stays = last is not None and not _decides(cluster) and last.covers(cluster)
            face = last if stays else self._face(cluster, han)
            if pieces and pieces[-1].face == face:
                pieces[-1] = Piece(pieces[-1].text + cluster, face)
            else:
                pieces.append(Piece(cluster, face))
        return pieces

    def missing(self, text: str) -> list[str]:
        """The characters that no face covers, each once, in the order of the text."""
        lost = (piece.text for piece in self.pieces(text) if piece.face is None)
        return list(dict.fromkeys(letter for part in lost for letter in part if not letter.isspace()))

    def _coverable(self, text: str, han: int) -> Iterator[str]:
        """The letters; one that no face covers as a whole, as a mark on a letter of another script, in its parts."""
        for cluster in clusters(text):
            whole = len(cluster) == 1 or self._face(cluster, han) is not None
            yield from (cluster,) if whole else cluster

    def _face(self, cluster: str, han: int) -> Face | None:
        for path in self._files:
            face = Face(path, han if "CJK" in path.name else 0)
            if face.covers(cluster):
                return face
        return next((face for face in self._system() if face.covers(cluster)), None)

    def _system(self) -> list[Face]:
        if self._elsewhere is None:
            found = {path for folder in self._folders for path in _below(folder)}
            ranked = sorted(found, key=lambda path: (_preference(path.name), path.name, str(path)))
            self._elsewhere = [Face(path, 0, system=True) for path in ranked[:_MOST_SYSTEM_FONTS]]
        return self._elsewhere


def clusters(text: str) -> Iterator[str]:
    """What a reader takes for one letter: a character with the marks, joiners and halves that belong to it. A short
    form of Unicode's UAX 29 that never parts what is drawn together."""
    held = ""
    for letter in text:
        if held and _extends(held, letter):
            held += letter
        else:
            if held:
                yield held
            held = letter
    if held:
        yield held


def _extends(before: str, letter: str) -> bool:
    if letter == "\n" or before[-1] == "\n":
        return False
    if unicodedata.category(letter) in ("Mn", "Me", "Mc") or letter in _NAMED_NOWHERE or letter in "\u0e33\u0eb3":
        return True
    if before[-1] == "\u200d":
        return True
    last = before[-1]
    if unicodedata.category(last) == "Mn" and unicodedata.combining(last) == 9:  # a virama joins what follows
        return unicodedata.category(letter) == "Lo"
    if 0x1F1E6 <= ord(letter) <= 0x1F1FF:
        return len(before) == 1 and 0x1F1E6 <= ord(last) <= 0x1F1FF
    if 0x1F3FB <= ord(letter) <= 0x1F3FF:
        return True
    return 0x1160 <= ord(letter) <= 0x11FF and 0x1100 <= ord(last) <= 0x11FF


def _decides(cluster: str) -> bool:
    """Whether it belongs to a script, as letters do, so that the font is chosen by it."""
    return unicodedata.category(cluster[0])[0] == "L"


def _han(*texts: str) -> int:
    """Which country's Han characters are meant, by what stands beside them; the first text that says so decides."""
    return next((found for text in texts if (found := _said_of_han(text)) is not None), _SIMPLIFIED)


@functools.lru_cache(maxsize=64)  # a film's whole text is asked for each of its words
def _said_of_han(text: str) -> int | None:
    if any("\u3040" <= letter <= "\u30ff" for letter in text):
        return _JAPANESE
    if any("\uac00" <= letter <= "\ud7af" or "\u1100" <= letter <= "\u11ff" for letter in text):
        return _KOREAN
    return _TRADITIONAL if any(letter in _ONLY_TRADITIONAL for letter in text) else None


@functools.lru_cache(maxsize=64)
def _characters(path: Path, index: int) -> frozenset[int]:
    """What the font has glyphs for; nothing where the file cannot be read as one."""
    import uharfbuzz

    try:
        return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)), index).unicodes)
    except (OSError, ValueError, RuntimeError, uharfbuzz.HarfBuzzError):
        return frozenset()


def _rank(name: str) -> int:
    late = next((index for index, part in enumerate(_LAST, 2) if name.startswith(part)), 1)
    return 0 if name.startswith(_FIRST) else late


def _preference(name: str) -> int:
    plain = name.casefold()
    known = next((index for index, part in enumerate(_PREFERRED) if part in plain), len(_PREFERRED))
    slanted = any(part in plain for part in ("italic", "oblique", "bold", "mono", "serif", "condensed", "light"))
    return known + len(_PREFERRED) * slanted


def _below(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        yield from (Path(where) / name for name in names if name.casefold().endswith(_SUFFIXES))


def _packaged() -> list[Path]:
    """The files of the packages that bring fonts, those that are installed."""
    found = []
    for package in _BUNDLED:
        known = importlib.util.find_spec(package)
        for place in (known.submodule_search_locations or ()) if known is not None else ():
            found += [path for path in Path(place).iterdir() if path.suffix in _SUFFIXES and "Italic" not in path.name]
    return found


def _folders() -> list[Path]:
    """Where this system keeps fonts."""
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        return [Path("C:/Windows/Fonts")]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]


@functools.cache
def fonts() -> Fonts:
    """The fonts of this installation and this machine."""
    return Fonts(_packaged(), _folders())
