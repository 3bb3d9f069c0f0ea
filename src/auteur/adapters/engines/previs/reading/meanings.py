"""Which words of a sentence became what of its shot, which became nothing, and which words would say something else.

For a person to correct: the page underlines the words and offers the vocabulary in their place. Positions are in code
points of the prompt, as Python counts them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from auteur.adapters.engines.previs.reading.shot import Shot, Span
from auteur.adapters.engines.previs.reading.tokens import tokens


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
