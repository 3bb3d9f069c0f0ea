"""Which words of a sentence became what of its shot, which became nothing, and which words would say something else.

For a person to correct: the page underlines the words and offers the vocabulary in their place. Positions are in code
points of the prompt, as Python counts them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from auteur.adapters.engines.previs.reading.reader import (
    ANGLES,
    INDOORS,
    LENS,
    MOVES,
    OUTDOORS,
    PERSON,
    PLACES,
    POSES,
    PROPS,
    SIZES,
    STOP,
    TIMES,
    WEATHERS,
    Shot,
    Table,
    count_people,
    finds,
)

_TABLES: Mapping[str, Table] = {
    "size": SIZES, "angle": ANGLES, "time_of_day": TIMES, "weather": WEATHERS, "place": PLACES, "props": PROPS,
    "pose": POSES, "move": MOVES,
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_PEOPLE = re.compile(rf"\b(?:(?P<first>\w+)\s+)?(?:(?P<second>\w+)\s+)?\b(?P<who>{PERSON})\b", re.I)
_COUNTS = re.compile(r"\d{1,2}|two|three|four|five|six|lone|one", re.I)
_SMALL = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "her", "his", "in", "into", "is", "it", "its",
    "near", "of", "on", "onto", "or", "over", "shot", "shots", "some", "that", "the", "their", "then", "there",
    "this", "through", "to", "towards", "under", "up", "was", "were", "while", "who", "with",
})  # fmt: skip
"""Words that carry no picture of their own: that they became nothing is no news."""

_SAID_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "size": {"close_up": "close-up", "extreme_close_up": "extreme close-up", "medium_close_up": "medium close-up",
             "over_the_shoulder": "over-the-shoulder", "two_shot": "two-shot", "insert": "insert shot",
             "extreme_wide": "extreme wide shot", "cowboy": "cowboy shot", "full": "full shot",
             "medium": "medium shot", "wide": "wide shot"},
    "angle": {"high": "high angle", "low": "low angle", "dutch": "dutch angle", "eye": "eye level"},
    "time_of_day": {"golden": "golden hour"},
    "weather": {"clear": "clear sky"},
    "props": {"tree": "a tree"},
    "pose": {"sit": "sitting", "run": "running", "walk": "walking", "raise": "waving", "lie": "lying"},
    "move": {"hold": "static", "drift": "drifting"},
}  # fmt: skip
_NUMBERS: Mapping[str, Mapping[str, str]] = {
    "people": {"1": "one person", "2": "two people", "3": "three people", "5": "five people", "7": "a crowd"},
    "lens_mm": {str(mm): f"{mm} mm" for mm in (18, 24, 28, 35, 50, 75, 85, 100, 135)},
    "f_stop": {stop: f"f/{stop}" for stop in ("1.4", "2", "2.8", "4", "5.6", "8", "11", "16")},
}

VOCABULARY: Mapping[str, Mapping[str, str]] = {
    **{
        subject: {name: _SAID_OTHERWISE.get(subject, {}).get(name, name.replace("_", " ")) for name, _ in table}
        for subject, table in _TABLES.items()
    },
    **_NUMBERS,
}
"""By subject, what a shot may have there, each with words that say it. Where a sentence says several of a subject of
the first eight, the earlier in the table wins; but props, which are all there."""

OFFERED: dict[str, Any] = {
    subject: [{"name": name, "words": words} for name, words in names.items()] for subject, names in VOCABULARY.items()
}
"""The same as lists, which keep their order in a JSON Schema."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Words from ``start`` up to, not including, ``end`` say ``name`` of ``subject``. ``used``: the shot has it; where
    it has not, other words or a parameter decided."""

    start: int
    end: int
    subject: str
    name: str
    used: bool


def meanings(prompt: str, shot: Shot) -> list[Meaning]:
    """What the words of the prompt say, in their order. ``shot``: what was made of them."""
    found = [meaning for subject in _TABLES for meaning in _widest(_said(prompt, shot, subject))]
    found += [*_people(prompt, shot), *_numbers(prompt, shot), *_sides(prompt, shot)]
    return sorted(found, key=lambda meaning: (meaning.start, -meaning.end, meaning.subject))


def unread(prompt: str, found: list[Meaning]) -> list[tuple[int, int]]:
    """The words that became nothing, by start and end; those that carry no picture of their own are not among them."""
    return [
        word.span()
        for word in _WORD.finditer(prompt)
        if word[0].lower() not in _SMALL
        and not any(meaning.start < word.end() and word.start() < meaning.end for meaning in found)
    ]


def as_data(prompt: str, shot: Shot) -> dict[str, Any]:
    """Plain data, for the result: ``words`` and ``unread``."""
    found = meanings(prompt, shot)
    return {"words": [asdict(one) for one in found], "unread": [list(span) for span in unread(prompt, found)]}


def _said(prompt: str, shot: Shot, subject: str) -> Iterator[Meaning]:
    has = getattr(shot, subject)
    for name, pattern in _TABLES[subject]:
        for match in finds(prompt, pattern):
            yield Meaning(*match.span(), subject, name, name in has if subject == "props" else name == has)


def _widest(found: Iterator[Meaning]) -> list[Meaning]:
    """Without those that lie within another one: a close-up is no find of its own in an extreme close-up."""
    known = list(found)
    return [
        one
        for one in known
        if not any(
            (other.start <= one.start and one.end <= other.end)
            and (other.end - other.start > one.end - one.start or (other.used and not one.used))
            for other in known
        )
    ]


def _people(prompt: str, shot: Shot) -> Iterator[Meaning]:
    for match in _PEOPLE.finditer(prompt):
        name, used = str(count_people(match[0])), shot.people > 0
        for part in ("first", "second"):
            if match[part] and _COUNTS.fullmatch(match[part]):
                yield Meaning(*match.span(part), "people", name, used)
        yield Meaning(*match.span("who"), "people", name, used)


def _numbers(prompt: str, shot: Shot) -> Iterator[Meaning]:
    """The first of each counts."""
    for subject, pattern, least, most in (("lens_mm", LENS, 8, 400), ("f_stop", STOP, 0.95, 32)):
        for at, match in enumerate(pattern.finditer(prompt)):
            meant = min(max(float(match[1]), least), most)
            yield Meaning(*match.span(), subject, match[1], at == 0 and getattr(shot, subject) == meant)


def _sides(prompt: str, shot: Shot) -> Iterator[Meaning]:
    for pattern, interior in ((INDOORS, True), (OUTDOORS, False)):
        for match in pattern.finditer(prompt):
            yield Meaning(*match.span(), "interior", "interior" if interior else "exterior", shot.interior is interior)
