"""The cut: shots in a row with their lengths in frames, where each begins, and what is dissolved.

A dissolve begins where its shot begins: the shot before is held on below it, the clip's next frames where there are
some, else its last one. So the length of the film is the sum of its shots, and a list for CMX says the same.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from auteur.adapters.engines.editorial.takes import Take
from auteur.domain.film import RATES

_WORDS_A_SECOND = Fraction(5, 2)
_BREATH_S = Fraction(1)
_SILENT_WORDS_A_SECOND = Fraction(4)
_LEAST_S, _MOST_SILENT_S = Fraction(2), Fraction(8)
_STEM_BYTES = 180
"""A file's name may have 255 bytes on most systems, with what is added to it."""
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShot:
    """A shot of the cut. ``at``: its first frame, from 0; ``frames``: its length; ``dissolve``: how many of these show
    the shot before, too; ``tail``: how many frames the next one needs of it behind its end; ``stem``: its name as
    the name of a file, its own in the cut."""

    index: int
    name: str
    stem: str
    shot: Mapping[str, Any]
    take: Take
    at: int
    frames: int
    dissolve: int
    tail: int = 0

    @property
    def end(self) -> int:
        """The first frame that is no longer its own."""
        return self.at + self.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A film of shots at a rate."""

    title: str
    rate: Fraction
    rate_name: str
    shots: tuple[CutShot, ...]

    @property
    def frames(self) -> int:
        """The length of the film."""
        return self.shots[-1].end


def make_cut(params: Mapping[str, Any], takes: Sequence[Take]) -> Cut:
    """The cut that parameters ask for. A dissolve is never longer than the shorter of its two shots, and the first shot
    has none."""
    rate = RATES[params["rate"]]
    lengths = [
        shot.get("frames") or _own_length(take, rate) or spoken_frames(shot, rate)
        for shot, take in zip(params["shots"], takes, strict=True)
    ]
    dissolves = [0] * len(lengths)
    for index, shot in enumerate(params["shots"]):
        if index:
            dissolves[index] = min(shot.get("dissolve_frames", 0), lengths[index], lengths[index - 1])
    found, at, stems = [], 0, _stems([shot["name"] for shot in params["shots"]])
    for index, (shot, take) in enumerate(zip(params["shots"], takes, strict=True)):
        found.append(
            CutShot(
                index=index, name=shot["name"], stem=stems[index], shot=shot, take=take, at=at, frames=lengths[index],
                dissolve=dissolves[index], tail=dissolves[index + 1] if index + 1 < len(lengths) else 0,
            )
        )  # fmt: skip
        at += lengths[index]
    title = " ".join("".join(each if each.isprintable() else " " for each in params["title"]).split()) or "Untitled"
    return Cut(title=title, rate=rate, rate_name=params["rate"], shots=tuple(found))


def spoken_frames(shot: Mapping[str, Any], rate: Fraction) -> int:
    """How long a shot is that says nothing of its length: by what is spoken, else by what is done.

    150 words a minute with a second of breath; a silent shot by its action, 2 to 8 seconds. Where a script has no
    spaces, two characters count as a word.
    """
    spoken = sum(count_words(speech["text"]) for speech in shot.get("speeches", ()))
    if spoken:
        seconds = max(_LEAST_S, spoken / _WORDS_A_SECOND + _BREATH_S)
    else:
        done = count_words(shot.get("action") or shot.get("prompt", ""))
        seconds = min(max(_LEAST_S, done / _SILENT_WORDS_A_SECOND), _MOST_SILENT_S)
    return math.floor(seconds * rate + Fraction(1, 2))


def count_words(text: str) -> Fraction:
    """Words of a text in any script."""
    joined = len(_WITHOUT_SPACES.findall(text))
    return len(_WORD.findall(_WITHOUT_SPACES.sub(" ", text))) + Fraction(joined, 2)


def source_frame(shot: CutShot, frame: int, rate: Fraction) -> int:
    """Which frame of the take's file stands at a frame of the cut; the last one stays when there is no more.

    A film at another rate is shown at its own speed: the frame whose time it is.
    """
    if shot.take.rate is None:
        return 0
    within = math.floor(Fraction(frame - shot.at) * shot.take.rate / rate)
    return min(max(within, 0), shot.take.frames - 1)


def _own_length(take: Take, rate: Fraction) -> int:
    return max(1, math.floor(take.frames / take.rate * rate + Fraction(1, 2))) if take.rate else 0


def _stems(names: Sequence[str]) -> list[str]:
    """File names of shots: letters, digits, dash and underscore; each its own, also where capitals do not count."""
    taken: set[str] = set()
    stems = []
    for name in names:
        plain = re.sub(r"[^\w-]+", "_", name).strip("_").encode()[:_STEM_BYTES].decode(errors="ignore") or "shot"
        stem, number = plain, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}_{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return stems
