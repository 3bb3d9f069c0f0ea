"""A film as values: a script in scenes, the shots that it asks for, and the cut that joins them.

Times are frames at a rational rate; nothing here is a float of seconds that would have to be rounded later.
"""

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

RATES = {
    "23.976": Fraction(24000, 1001),
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "30": Fraction(30),
}
"""Frames a second by the name that people write."""
MIN_RATE, MAX_RATE = 12, 60
_NTSC = Fraction(1000, 1001)
_SAID = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,20}|/[0-9]{1,6})?")
"""Short, and without an exponent: a fraction of ``1e99999999`` is a number of so many digits, and minutes of work."""


def frame_rate(said: int | float | str) -> Fraction:
    """The exact rate that a number or a name stands for: 23.976 and ``"23.976"`` are 24000/1001, ``"30000/1001"`` is
    itself, whole numbers are whole. Raises `ValueError` for what is no rate from `MIN_RATE` to `MAX_RATE`."""
    text = str(said).strip()
    if _SAID.fullmatch(text) is None:
        raise ValueError("is no frame rate")
    try:
        asked = Fraction(text)
    except ZeroDivisionError:
        raise ValueError("is no frame rate") from None
    rate = asked
    if asked.denominator != 1:
        rate = math.ceil(asked) * _NTSC
        if abs(rate - asked) > Fraction(1, 200):
            raise ValueError("is neither whole nor one of 23.976, 29.97, 47.952 and 59.94")
    if not MIN_RATE * _NTSC <= rate <= MAX_RATE:
        raise ValueError(f"is not between {MIN_RATE} and {MAX_RATE} frames a second")
    return rate


def rate_number(rate: Fraction) -> int | float:
    """The number that people write for the rate: 24 as it is, 24000/1001 as 23.976. `frame_rate` gives it back."""
    return rate.numerator if rate.denominator == 1 else round(float(rate), 3)


def frames_in(duration_s: float, rate: Fraction) -> int:
    """How many frames so many seconds are: the nearest whole number, at least one."""
    return max(1, round(Fraction(duration_s) * rate))


ElementKind = Literal[
    "action", "dialogue", "parenthetical", "transition", "note", "lyrics", "centered", "synopsis", "section",
    "page_break", "shot",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptElement:
    """A paragraph of a script. ``line``: where it begins in the file, from 1; ``character``: who speaks, as the cue
    says, without its extension; ``extension``: V.O., O.S. …; ``is_dual``: spoken beside the speech before it;
    ``cue_line``: where the cue stands, the same for all that belongs to one speech; ``page``: of the script."""

    kind: ElementKind
    text: str
    line: int
    character: str | None = None
    extension: str | None = None
    is_dual: bool = False
    cue_line: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptScene:
    """A heading and what stands under it. ``number``: the writer's own, None where he gave none; ``place`` and ``time``
    are split from the heading; ``page``: of the script, from 1, by its length."""

    heading: str
    line: int
    page: int = 1
    number: str | None = None
    int_ext: Literal["INT", "EXT", "INT/EXT", "EST"] | None = None
    place: str | None = None
    time: str | None = None
    section: str | None = None
    elements: tuple[ScriptElement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a person says in a shot."""

    character: str
    text: str
    extension: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmShot:
    """A shot that a script or a shot list asks for. ``name``: as ``12-3``, kept while its words stay; ``prompt``: what
    the reader of shots gets; ``set_name`` and ``cast``: resources of the project; ``frames``: its length in the cut;
    ``dissolve_frames``: how long it is dissolved into from the one before, 0 for a cut; ``line``: of the script;
    ``by_hand``: somebody set its length, which a changed script leaves as it is; ``task_id``: its take."""

    name: str
    prompt: str
    scene: str | None = None
    heading: str | None = None
    line: int | None = None
    page: int | None = None
    action: str = ""
    speeches: tuple[Speech, ...] = ()
    notes: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    set_name: str | None = None
    frames: int = 0
    dissolve_frames: int = 0
    by_hand: bool = False
    task_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What was read of a file. ``title_page``: key to text; ``before``: what stands before the first heading;
    ``shots``: of a shot list, which has no scenes of its own; ``warnings``: what could not be read, a sentence each
    with its line."""

    title: str | None = None
    title_page: dict[str, str] = field(default_factory=dict)
    before: tuple[ScriptElement, ...] = ()
    scenes: tuple[ScriptScene, ...] = ()
    shots: tuple[FilmShot, ...] = ()
    warnings: tuple[str, ...] = ()
