"""Numbers by their unit: millimetres of a lens, stops, ratios, heights, ages and years are told apart."""

from auteur.adapters.engines.previs.reading.draft import ShotDraft
from auteur.adapters.engines.previs.reading.lexing import Piece

_SHORTEST_MM, _LONGEST_MM = 4, 2000
_FASTEST, _SLOWEST = 0.5, 64
_LENSES = frozenset({
    12, 14, 16, 18, 20, 21, 24, 25, 27, 28, 29, 32, 35, 40, 50, 55, 58, 65, 75, 80, 85, 90, 100, 105, 110, 120, 135,
    150, 180, 200, 250, 300, 400, 500, 600, 800,
})  # fmt: skip
"""Focal lengths that lenses are made in: what a number without a unit may mean."""
_STOPS = frozenset({"1.2", "1.3", "1.4", "1.8", "2.8", "5.6"})
"""Stops that are written without their letter after a lens."""
_RATIOS = frozenset({(16, 10), (16, 9), (14, 9), (21, 9), (4, 3), (18, 9), (9, 16), (3, 2)})
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
        if value is None:
            continue
        if (last := _bare_lens(pieces, at, value)) is not None:
            draft.lens_mm = draft.lens_mm or value
            _mark(pieces, at, last, "lens_mm")
            continue
        if after is None:
            continue
        if _clock(pieces, at) is not None:
            continue
        unit = after.get("unit")
        if unit is not None and unit.value == "mm":
            end = at + 2
            if _SHORTEST_MM <= value <= _LONGEST_MM and not _is_film(pieces, end):
                draft.lens_mm = draft.lens_mm or value
                if end < len(pieces) and pieces[end].norm in ("lens", "prime", "macro", "anamorphic"):
                    end += 1
                _mark(pieces, at, end, "lens_mm")
                if (bare := _bare_stop(pieces, end)) is not None:
                    draft.stop = draft.stop or float(pieces[bare].norm)
                    _mark(pieces, bare, bare + 1, "stop")
        elif after.norm in (":", "x") and at + 2 < len(pieces) and pieces[at + 2].kind == "number":
            second = _float(pieces[at + 2].norm)
            if second and 0.2 < value / second < 5 and after.tokens[0].glued:
                draft.aspect = draft.aspect or f"{piece.norm}:{pieces[at + 2].norm}"
                _mark(pieces, at, at + 3, "aspect")
                _option(pieces, at)
        elif unit is not None and unit.value in _METRES and _of_camera(pieces, at):
            draft.camera_height = round(value * _METRES[unit.value], 2)
            _mark(pieces, at, at + 2, "camera_height")


def _bare_stop(pieces: list[Piece], end: int) -> int | None:
    """Where a stop without its letter stands after a lens: 50mm 1.4."""
    at = end + 1 if end < len(pieces) and pieces[end].norm == "," else end
    if at >= len(pieces) or pieces[at].norm not in _STOPS:
        return None
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    return at if after is None or (after.kind != "word" and after.norm not in (":", "x")) else None


def _bare_lens(pieces: list[Piece], at: int, value: float) -> int | None:
    """Where a lens without its unit ends: on the 135, 100 macro, an 85 at T2, swap to the 40."""
    if value not in _LENSES:
        return None
    before, after = pieces[at - 1] if at else None, pieces[at + 1] if at + 1 < len(pieces) else None
    if after is not None and after.tokens[0].glued and after.kind == "word":
        return None
    if after is not None and after.norm in ("macro", "prime", "lens", "anamorphic"):
        return at + 2
    stop = after.tokens[0].norm in ("f", "t") and after.kind == "word" if after is not None else False
    if after is not None and after.norm in (",", "at", "@", "/", "wide open") and at + 2 < len(pieces):
        then, glued = pieces[at + 2], pieces[at + 3] if at + 3 < len(pieces) else None
        stop = stop or (then.norm in ("f", "t") and glued is not None and (glued.kind == "number" or glued.norm == "/"))
    if after is not None and after.norm == "wide open":
        stop = True
    ends = after is None or after.kind in ("mark", "line") or stop
    meant = before is not None and before.has("article") and before.norm in ("the", "a", "an", "this", "that")
    whole = pieces[at - 2] if at > 1 else None
    led = (
        whole is None
        or whole.has("relation", "path", "with", "favour")
        or whole.kind in ("mark", "line")
        or whole.norm in ("use", "try", "go", "stay", "put", "want")
    )
    if meant and ends and led:
        return at + 1
    alone = before is None or before.kind in ("mark", "line")
    return at + 1 if stop and (alone or meant) else None


def read_clocks(pieces: list[Piece], draft: ShotDraft) -> None:
    """Takes times of the clock out of the text: before the headings, which name them, too."""
    for at, piece in enumerate(pieces):
        clock = _clock(pieces, at) if piece.kind == "number" and piece.field is None else None
        if clock is not None and clock[0] is not None:
            draft.time_of_day = draft.time_of_day or _of_day(clock[0])
            _mark(pieces, at, clock[1], "time_of_day")


def _clock(pieces: list[Piece], at: int) -> tuple[int | None, int] | None:
    """The hour of a time told in figures, and where it ends; None as the hour where nothing says which half of the
    day: a watch that shows 3:47."""
    end = at + 1
    value = _float(pieces[at].norm)
    if value is None or value != int(value) or value > 24:
        return None
    minutes = False
    if end + 1 < len(pieces) and pieces[end].norm == ":" and pieces[end].tokens[0].glued:
        text = pieces[end + 1].norm
        if pieces[end + 1].kind != "number" or len(text) != 2 or not text.isdecimal() or int(text) > 59:
            return None
        if (int(value), int(text)) in _RATIOS or (at and pieces[at - 1].has("aspect")) or pieces[at - 1].norm == "ar":
            return None
        minutes, end = True, end + 2
    half = "".join(piece.norm for piece in pieces[end : end + 4]).replace(" ", "")
    for mark in ("a.m.", "p.m.", "a.m", "p.m", "am", "pm"):
        if half.startswith(mark) and 0 < value <= 12 and (mark[1] == "." or pieces[end].norm == mark):
            length, stop = 0, end
            while stop < len(pieces) and length < len(mark):
                length += len(pieces[stop].norm.replace(" ", ""))
                stop += 1
            return int(value) % 12 + (12 if mark[0] == "p" else 0), stop
    if pieces[end].norm == "in the morning" if end < len(pieces) else False:
        return int(value) % 12, end + 1
    return (None, end) if minutes else None


def _of_day(hour: int) -> str:
    """The time of day at an hour, 0 to 23."""
    for until, name in ((5, "night"), (6, "dawn"), (12, "morning"), (13, "noon"), (18, "afternoon"), (21, "evening")):
        if hour < until:
            return name
    return "night"


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
        "look",
        "feel",
        "vibe",
        "aesthetic",
    )


def _of_camera(pieces: list[Piece], at: int) -> bool:
    """Whether a length speaks of the camera's height."""
    near = [piece.norm for piece in pieces[max(0, at - 5) : at + 5]]
    spoken = any(word in ("camera", "lens", "the camera", "the lens", "cam") for word in near)
    height = any(word in ("height", "high", "off", "above", "up", "at") for word in near)
    return spoken and height
