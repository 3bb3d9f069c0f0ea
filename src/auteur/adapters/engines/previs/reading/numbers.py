"""Numbers by their unit: millimetres of a lens, stops, ratios, heights, ages and years are told apart."""

from auteur.adapters.engines.previs.reading.draft import ShotDraft
from auteur.adapters.engines.previs.reading.lexing import Piece

_SHORTEST_MM, _LONGEST_MM = 4, 2000
_FASTEST, _SLOWEST = 0.5, 64
_METRES = {"m": 1.0, "cm": 0.01, "ft": 0.3048}


def read_numbers(pieces: list[Piece], draft: ShotDraft) -> None:
    """Takes lens, stop, aspect and the height of the camera out of the text."""
    for at, piece in enumerate(pieces):
        if piece.field is not None:
            continue
        if piece.has("aspect") and _is_aspect(pieces, at):
            draft.aspect = draft.aspect or piece.get("aspect").value  # type: ignore[union-attr]
            _mark(pieces, at, at + 1, "aspect")
            _option(pieces, at)
            continue
        if piece.norm in ("f", "t") and (number := _stop(pieces, at)) is not None:
            stop, end = number
            draft.stop = draft.stop or stop
            _mark(pieces, at, end, "stop")
            continue
        if piece.kind != "number":
            continue
        after = pieces[at + 1] if at + 1 < len(pieces) else None
        value = _float(piece.norm)
        if value is None or after is None:
            continue
        unit = after.get("unit")
        if unit is not None and unit.value == "mm":
            end = at + 2
            if _SHORTEST_MM <= value <= _LONGEST_MM and not _is_film(pieces, end):
                draft.lens_mm = draft.lens_mm or value
                if end < len(pieces) and pieces[end].norm in ("lens", "prime", "macro", "anamorphic"):
                    end += 1
                _mark(pieces, at, end, "lens_mm")
        elif after.norm in (":", "x") and at + 2 < len(pieces) and pieces[at + 2].kind == "number":
            second = _float(pieces[at + 2].norm)
            if second and 0.2 < value / second < 5 and after.tokens[0].glued:
                draft.aspect = draft.aspect or f"{piece.norm}:{pieces[at + 2].norm}"
                _mark(pieces, at, at + 3, "aspect")
                _option(pieces, at)
        elif unit is not None and unit.value in _METRES and _of_camera(pieces, at):
            draft.camera_height = round(value * _METRES[unit.value], 2)
            _mark(pieces, at, at + 2, "camera_height")


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _mark(pieces: list[Piece], start: int, end: int, field: str) -> None:
    for piece in pieces[start:end]:
        piece.field, piece.group = field, pieces[start].start + 1


def _is_aspect(pieces: list[Piece], at: int) -> bool:
    """A bare 1.85 is a ratio unless it stands by a unit or after a stop's letter."""
    piece = pieces[at]
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    before = pieces[at - 1] if at else None
    if len(piece.tokens) > 1 or piece.kind == "word":
        if piece.norm in ("vertical", "academy", "widescreen", "scope", "flat") and after is not None and after.noun:
            return after.has("unit") or after.norm in ("frame", "video")
        return True
    if after is not None and after.has("unit"):
        return False
    return not (before is not None and before.norm in ("f", "t", "/"))


def _option(pieces: list[Piece], at: int) -> None:
    """``--ar`` before a ratio."""
    if (at >= 2 and pieces[at - 1].norm == "ar" and pieces[at - 2].norm in ("--", "-")) or (
        at >= 1 and pieces[at - 1].norm in ("aspect", "ratio", "ar")
    ):
        pieces[at - 1].field = "aspect"


def _stop(pieces: list[Piece], at: int) -> tuple[float, int] | None:
    index = at + 1
    if index < len(pieces) and pieces[index].norm in ("/", "-"):
        index += 1
    if index >= len(pieces) or pieces[index].kind != "number":
        return None
    value = _float(pieces[index].norm)
    if value is None or not _FASTEST <= value <= _SLOWEST:
        return None
    if index + 1 < len(pieces) and pieces[index + 1].has("unit") and pieces[index + 1].tokens[0].glued:
        return None
    joined = index > at + 1 or pieces[index].tokens[0].glued
    return (value, index + 1) if joined else None


def _is_film(pieces: list[Piece], after: int) -> bool:
    """Shot on 35mm film names no lens."""
    return after < len(pieces) and pieces[after].norm in (
        "film",
        "stock",
        "photograph",
        "photo",
        "print",
        "negative",
        "still",
    )


def _of_camera(pieces: list[Piece], at: int) -> bool:
    """Whether a length speaks of the camera's height."""
    near = [piece.norm for piece in pieces[max(0, at - 5) : at + 5]]
    spoken = any(word in ("camera", "lens", "the camera", "the lens", "cam") for word in near)
    height = any(word in ("height", "high", "off", "above", "up", "at") for word in near)
    return spoken and height
