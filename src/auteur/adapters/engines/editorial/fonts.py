"""Faces for any script: what is bundled, what covers a text, and Pillow's and fpdf2's ways to them."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

PLAIN = "NotoSans"
CJK = "NotoSansCJK"


@lru_cache(maxsize=1)
def faces() -> dict[str, Path]:
    """By name, as ``NotoSansArabic``, the files that are installed; Noto Sans first, Chinese, Japanese and Korean last,
    where the extra ``cjk`` is."""
    found: dict[str, Path] = {}
    for package in ("manimgx_fonts", "manimgx_fonts_cjk"):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).glob("*.tt[fc]")):
                name = path.name.partition("[")[0].partition("-VF")[0]
                if "Italic" not in name and "Emoji" not in name:
                    found[name] = path
    first = {PLAIN: found[PLAIN]} if PLAIN in found else {}
    return first | found


@lru_cache(maxsize=64)
def _covered(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


def needed(text: str) -> list[str]:
    """The faces that a text needs: Noto Sans, and for each character that it has not the first that has it."""
    names = [PLAIN]
    missing = {ord(letter) for letter in text if letter.isprintable() and not letter.isspace()}
    for name, path in faces().items():
        if not missing:
            break
        if name in names or missing & _covered(path):
            covered = missing & _covered(path)
            if covered and name not in names:
                names.append(name)
            missing -= covered
    return names


def uncovered(text: str) -> str:
    """The characters of a text that no installed face has, each once."""
    missing = dict.fromkeys(letter for letter in text if letter.isprintable() and not letter.isspace())
    for path in faces().values():
        if not missing:
            break
        missing = {letter: None for letter in missing if ord(letter) not in _covered(path)}
    return "".join(missing)


@lru_cache(maxsize=64)
def _face(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(faces()[name]), size_px)


def face_for(text: str, size_px: int) -> ImageFont.FreeTypeFont:
    """The face for a short text in one script: the one that has most of it."""
    letters = {ord(letter) for letter in text if not letter.isspace()}
    best = max(needed(text), key=lambda name: len(letters & _covered(faces()[name])))
    return _face(best, size_px)
