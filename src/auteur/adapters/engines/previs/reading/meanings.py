"""Which words of a sentence became what of its shot, which became nothing, and which words would say something else.

For a person to correct: the page underlines the words and offers the vocabulary in their place. Positions are in code
points of the prompt, as Python counts them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from auteur.adapters.engines.previs.reading.shot import (
    ANGLES,
    KINDS,
    LIGHTS,
    MOVES,
    SEASONS,
    SIZES,
    TIMES_OF_DAY,
    WEATHERS,
    Shot,
    Span,
)
from auteur.adapters.engines.previs.reading.tokens import tokens

_SAID: Mapping[str, Mapping[str, str]] = {
    "size": {"close_up": "close-up", "extreme_close_up": "extreme close-up", "medium_close_up": "medium close-up",
             "medium": "medium shot", "medium_wide": "medium wide shot", "full": "full shot", "wide": "wide shot",
             "extreme_wide": "extreme wide shot"},
    "kind": {"single": "clean single", "two_shot": "two-shot", "three_shot": "three-shot", "group": "group shot",
             "over_the_shoulder": "over-the-shoulder", "pov": "POV", "insert": "insert shot",
             "establishing": "establishing shot", "master": "master shot", "reaction": "reaction shot",
             "aerial": "aerial shot"},
    "angle": {"eye": "eye level", "low": "low angle", "high": "high angle", "worms_eye": "worm's eye"},
    "weather": {"clear": "clear sky"},
    "light": {"rim": "rim light", "side": "side light", "top": "top light", "hard": "hard light", "soft": "soft light",
              "low_key": "low-key", "high_key": "high-key", "natural": "natural light", "practical": "practical lights",
              "candle": "candlelight", "fire": "firelight", "torch": "torchlight", "lamp": "lamplight",
              "window": "window light", "moon": "moonlight", "screen": "screen glow", "shafts": "shafts of light",
              "flicker": "flickering light"},
    "moves": {"static": "static camera", "truck": "lateral dolly", "tracking": "tracking shot"},
}  # fmt: skip
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "size": tuple(reversed(SIZES)), "kind": KINDS, "angle": ANGLES, "moves": MOVES, "time_of_day": TIMES_OF_DAY,
    "weather": WEATHERS, "season": SEASONS, "light": LIGHTS,
}  # fmt: skip

VOCABULARY: Mapping[str, Mapping[str, str]] = {
    **{
        field: {name: _SAID.get(field, {}).get(name, name.replace("_", " ")) for name in names}
        for field, names in _FIELDS.items()
    },
    "lens_mm": {str(mm): f"{mm} mm" for mm in (18, 24, 28, 35, 50, 75, 85, 100, 135)},
    "stop": {stop: f"f/{stop}" for stop in ("1.4", "2", "2.8", "4", "5.6", "8", "11", "16")},
}
"""By field, what a shot may have there, each with words that say it. Of size, angle, time, season, lens and stop the
first words count; the others add up."""

OFFERED: dict[str, Any] = {
    field: [{"name": name, "words": words} for name, words in names.items()] for field, names in VOCABULARY.items()
}
"""The same as lists, which keep their order in a JSON Schema."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Words from ``start`` up to, not including, ``end`` say ``name`` of ``subject``, a field of the shot. ``used``:
    the shot has it; where it has not, other words or a parameter decided."""

    start: int
    end: int
    subject: str
    name: str
    used: bool


def meanings(shot: Shot) -> list[Meaning]:
    """What the words of the prompt say, in their order."""
    data = shot.as_data()
    return [Meaning(span.start, span.end, span.field, *_named(span, data)) for span in shot.reads]


def _named(span: Span, data: Mapping[str, Any]) -> tuple[str, bool]:
    """What the words say in the field's own terms, and whether the shot has that."""
    has = data.get(span.field)
    if span.value is None:
        return span.read_as or span.text, True
    if span.field == "moves":
        kinds = [move["kind"] for move in has or []]
        return span.value, span.value in kinds
    if isinstance(has, list):
        return span.value, span.value in has
    if span.field in ("lens_mm", "stop"):
        return span.value, has is not None and float(span.value) == has
    if span.field == "place":
        return span.value, has is not None and span.value in (has["name"], has["in"])
    if isinstance(has, bool):
        return span.value, has
    return span.value, has is None or span.value == str(has)


def unread(prompt: str, shot: Shot) -> list[tuple[int, int]]:
    """Where the words stand that became nothing, in the prompt's order."""
    wanted = list(shot.not_understood)
    taken = {at for span in shot.reads for at in range(span.start, span.end)}
    found: list[tuple[int, int]] = []
    for token in tokens(prompt):
        if not wanted or token.start in taken:
            continue
        if wanted[0].startswith(token.text) and prompt.startswith(wanted[0], token.start):
            found.append((token.start, token.start + len(wanted.pop(0))))
    return found


def as_data(prompt: str, shot: Shot) -> dict[str, Any]:
    """Plain data, for the result: ``words`` and ``unread``."""
    return {"words": [asdict(one) for one in meanings(shot)], "unread": [list(at) for at in unread(prompt, shot)]}
