"""A scene's heading, taken apart: number, interior or exterior, place, time."""

import re
from typing import Literal, NamedTuple

IntExt = Literal["INT", "EXT", "INT/EXT", "EST"]

_INSIDE = "INT|INTERIOR|INNEN|INTÉRIEUR|INTERIEUR|INTERNO|INTERIOR|ИНТ|屋内|室内|内景"
_OUTSIDE = "EXT|EXTERIOR|AUSSEN|AUẞEN|AUßEN|EXTÉRIEUR|EXTERIEUR|ESTERNO|НАТ|ЭКСТ|屋外|室外|外景"
_NATURAL = re.compile(
    r"(?:(?:INT|EXT)\.?[ ]?/[ ]?(?:INT|EXT)|I\.?/E|E\.?/I|INT|EXT|EST)(?:\.|(?=\s))", re.IGNORECASE
)  # fmt: skip
_ANY = re.compile(
    rf"(?:(?P<both>(?:{_INSIDE})\.?[ ]?/[ ]?(?:{_OUTSIDE})|(?:{_OUTSIDE})\.?[ ]?/[ ]?(?:{_INSIDE})|I\.?/E|E\.?/I)"
    rf"|(?P<inside>{_INSIDE})|(?P<outside>{_OUTSIDE})|(?P<est>EST))(?:\.|:|(?=[\s\u3000])|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[ \t]*#([\w.\-–]+)#[ \t]*")
_DASH = re.compile(r"\s+[-–—―]{1,3}\s*(?=\S)|(?<=\S)[–—―]{1,3}\s+|(?<=\S)-{1,3}\s+")
_TIGHT = re.compile(r"[–—―]|\.\s+|,\s+|\u3000+|\s[\u30fb・]\s?")
_REMARK = re.compile(r"\s*[(\[（][^()\[\]（）]*[)\]）]\s*")
_TIMES = re.compile(
    r"(?:(?:early|late|mid|pre|next|the|same|that|following|magic|golden|blue)[\s-]+)*"
    r"(?:day|night|morning|noon|midday|afternoon|evening|dusk|dawn|sunset|sunrise|twilight|midnight|hour|continuous|"
    r"later|same(?: time)?|moments? later|\d{1,2}(?::\d\d)?\s?[ap]\.?m\.?|tag|nacht|morgen|abend|mittag|dämmerung|jour|"
    r"nuit|matin|soir|aube|crépuscule|día|dia|noche|noite|mañana|manhã|tarde|amanecer|giorno|notte|mattina|sera|alba|"
    r"tramonto|день|ночь|утро|вечер|рассвет|закат|朝|昼|夜|夕|夕方|深夜|日|晨|傍晚)\.?",
    re.IGNORECASE,
)
_ROOMS = re.compile(
    r"(?:\w+[\s-]+){0,3}(?:kitchen|bathroom|bedroom|room|hall|hallway|corridor|stairs|stairwell|staircase|attic|cellar|"
    r"basement|office|lobby|garden|yard|porch|roof|rooftop|deck|bridge|cabin|garage|lounge|bar|entrance|"
    r"moving|parked|driving|travelling|traveling|stationary)",
    re.IGNORECASE,
)
_WRITTEN_OUT = ("INNEN", "AUSSEN", "INTERNO", "ESTERNO")
_STORY = re.compile(
    r"\b(?:flash[\s-]?(?:back|forward)s?|montage|intercut|series of shots|dream(?: sequence)?|titles?|end of|back to|"
    r"earlier|later|ago|rückblende|continuous)\b",
    re.IGNORECASE,
)  # fmt: skip


class Heading(NamedTuple):
    """``text``: without number, forcing dot and outer blanks."""

    text: str
    number: str | None
    int_ext: IntExt | None
    place: str | None
    time: str | None


def is_natural(line: str) -> bool:
    """Whether the line is a heading by itself: it begins with INT, EXT, EST, INT/EXT or I/E in either case and a dot
    or blank; or, in capitals, with the same in another language and a dot."""
    if _NATURAL.match(line):
        return bool(line[_NATURAL.match(line).end() :].strip(" ."))  # type: ignore[union-attr]
    met = _ANY.match(line)
    if met is None or line[met.end() - 1] != "." or any(map(str.islower, line)) or not line[met.end() :].strip():
        return False
    return not met[0].isascii() or met[0].startswith(_WRITTEN_OUT)


def split(line: str, number: str | None = None) -> Heading:
    """A heading taken apart. ``number``: where the file's format keeps it apart; else it stands between # and #."""
    text = line.strip()
    cut = text.rfind("#", 0, max(len(text) - 1, 0))
    if cut >= 0 and (met := _NUMBER.fullmatch(text, cut)) is not None:
        number, text = met[1], text[:cut].rstrip()
    met = _ANY.match(text)
    if met is None:
        if _STORY.search(text):  # it tells when in the story, not where
            return Heading(text, number, None, None, None)
        place, time = _place_and_time(text, only_known=True)
        return Heading(text, number, None, place, time)
    int_ext: IntExt = "INT/EXT" if met["both"] else "INT" if met["inside"] else "EXT" if met["outside"] else "EST"
    place, time = _place_and_time(text[met.end() :].strip(" \t:"), only_known=False)
    return Heading(text, number, int_ext, place, time)


def _place_and_time(text: str, *, only_known: bool) -> tuple[str | None, str | None]:
    """Split at the last dash between blanks. ``only_known``: only where a time of day or of the story follows."""
    dashes = list(_DASH.finditer(text))
    if dashes:
        cut = dashes[-1]
        place, time = text[: cut.start()].rstrip(), _without_remark(text[cut.end() :])
        fits = _TIMES.fullmatch(time) if only_known else time and not _ROOMS.fullmatch(time)
        if fits and place:
            return place, time
    for cut in reversed(list(_TIGHT.finditer(text))[-8:]):
        place, time = text[: cut.start()].rstrip(), _without_remark(text[cut.end() :])
        if place and _TIMES.fullmatch(time):
            return place, time.rstrip(".")
    return text or None, None


def _without_remark(text: str) -> str:
    """The words before a year or a remark in brackets at the end."""
    text = text.strip()
    while text and text[-1] in ")]）":
        cut = max(text.rfind(mark) for mark in "([（")
        if cut <= 0 or _REMARK.fullmatch(text, cut) is None:
            break
        text = text[:cut].rstrip()
    return text
