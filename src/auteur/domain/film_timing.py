"""How long a shot is, in frames: as somebody wrote it, or from what is said and done in it.

Speech runs at 2.5 words a second, 150 a minute: the lower end of the 150 to 190 of Tauroza and Allison, "Speech Rates
in British English" (Applied Linguistics 11, 1990), for actors leave room; half a second lies between two speeches. For
what is done, a page is a minute, as production reckons: 55 lines of ten words are nine words a second where a page is
full; action has as much white as words, so here it is half of that. A shot has two seconds at least, a minute at most.
"""

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from auteur.domain.film import Speech

WORDS_A_SECOND = Fraction(5, 2)
ACTION_WORDS_A_SECOND = Fraction(9, 2)
_BETWEEN_SPEECHES_S = Fraction(1, 2)
_SHORTEST_S, _LONGEST_S = Fraction(2), Fraction(60)
_WITHOUT_BLANKS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_LETTERS_A_WORD = 2
_CLOCK = re.compile(r"\d{1,3}(?:[:;]\d{1,3}){1,3}")
_SAID = re.compile(
    r"(?:(?P<minutes>\d{1,4}(?:[.,]\d{1,3})?)\s*(?:m|min|mins|minutes?|')\s*)?"
    r"(?:(?P<seconds>\d{1,5}(?:[.,]\d{1,3})?)\s*(?:s|secs?|seconds?|sekunden|secondes?|segundos?|''|\"|″|秒)?)?"
    r"(?:\s*\+?\s*(?P<frames>\d{1,7})\s*(?:f|fr|frames?|コマ|帧))?",
    re.IGNORECASE,
)  # fmt: skip
_FRAMES = re.compile(r"(\d{1,7})\s*(?:f|fr|frames?|bilder|コマ|帧)", re.IGNORECASE)


def words_in(text: str) -> int:
    """How many words; of writing without blanks two letters count as one."""
    whole = len(_WITHOUT_BLANKS.findall(text))
    return sum(any(map(str.isalnum, word)) for word in _WITHOUT_BLANKS.sub(" ", text).split()) + math.ceil(
        whole / _LETTERS_A_WORD
    )


def frames_for(action: str, speeches: Sequence[Speech], rate: Fraction) -> int:
    """The frames that a shot needs in which these things are said, and these done beside it."""
    said_s = sum((words_in(speech.text) / WORDS_A_SECOND + _BETWEEN_SPEECHES_S for speech in speeches), Fraction(0))
    done_s = words_in(action) / ACTION_WORDS_A_SECOND
    return seconds_to_frames(min(max(said_s, done_s, _SHORTEST_S), _LONGEST_S), rate)


def seconds_to_frames(seconds: Fraction, rate: Fraction) -> int:
    """The nearest whole frame, at least one."""
    return max(1, math.floor(seconds * rate + Fraction(1, 2)))


def frames_of(said: str, rate: Fraction) -> int:
    """A length as people write it (``3``, ``2.5 s``, ``0:05``, ``00:00:02:12``, ``48f``); 0 where it is none.

    Of a time code the last number counts frames where there are four, seconds else.
    """
    text = said.strip()[:64]
    if (met := _FRAMES.fullmatch(text)) is not None:
        return int(met[1])
    if _CLOCK.fullmatch(text):
        numbers = [int(number) for number in re.split("[:;]", text)]
        frames = numbers.pop() if len(numbers) == 4 else 0
        seconds = sum(number * 60**place for place, number in enumerate(reversed(numbers)))
        return (seconds_to_frames(Fraction(seconds), rate) if seconds else 0) + frames
    if text and (met := _SAID.fullmatch(text)) is not None:
        minutes_said, seconds_said = (Fraction((met[each] or "0").replace(",", ".")) for each in ("minutes", "seconds"))
        total = minutes_said * 60 + seconds_said
        frames = int(met["frames"] or 0)
        return (seconds_to_frames(total, rate) if total else 0) + frames
    return 0
