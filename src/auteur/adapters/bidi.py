"""In which order the parts of a line stand, from left to right, where it holds scripts of both directions.

The Unicode Bidirectional Algorithm (UAX 9) for plain lines: paragraph level, weak and neutral types, implicit levels,
reordering; embeddings and isolates, which nobody types into a caption, are taken for neutral.
"""

import unicodedata
from collections.abc import Sequence

_STRONG = {"L": "L", "R": "R", "AL": "R"}
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN"})


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs to the left: so does the paragraph (rules P2 and P3)."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in _STRONG:
            return kind != "L"
    return False


def levels(text: str, *, right_to_left: bool) -> list[int]:
    """The embedding level of each character: even ones run to the right, odd ones to the left."""
    base = 1 if right_to_left else 0
    sides = "R" if base else "L"
    kinds = _weak([unicodedata.bidirectional(letter) or "L" for letter in text], sides)
    kinds = _neutral(kinds, sides)
    made = []
    for kind in kinds:  # rules I1 and I2
        if base == 0:
            made.append(0 if kind == "L" else 1 if kind == "R" else 2)
        else:
            made.append(1 if kind == "R" else 2)
    for index in range(len(text) - 1, -1, -1):  # rule L1: what is blank at the end runs as the paragraph does
        if unicodedata.bidirectional(text[index]) not in ("WS", "B", "S", "BN"):
            break
        made[index] = base
    return made


def order(of: Sequence[int]) -> list[int]:
    """The places of parts with these levels as they are seen, from left to right (rule L2)."""
    seen = list(range(len(of)))
    odd = [level for level in of if level % 2]
    for level in range(max(of, default=0), min(odd, default=1) - 1, -1):
        start = 0
        while start < len(seen):
            end = start
            while end < len(seen) and of[seen[end]] >= level:
                end += 1
            seen[start:end] = seen[start:end][::-1]
            start = max(end, start + 1)
    return seen


def _weak(kinds: list[str], sides: str) -> list[str]:
    """Rules W1 to W7: marks, digits, and what stands between and beside digits."""
    kinds = list(kinds)
    before, strong = sides, sides
    for index, kind in enumerate(kinds):
        if kind == "NSM":
            kind = before
        if kind in _STRONG:
            strong = kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        kinds[index] = before = kind
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for index in range(1, len(kinds) - 1):
        pair = kinds[index - 1], kinds[index + 1]
        if (kinds[index] in ("ES", "CS") and pair == ("EN", "EN")) or (kinds[index] == "CS" and pair == ("AN", "AN")):
            kinds[index] = pair[0]
    _spread(kinds)
    strong = sides
    for index, kind in enumerate(kinds):
        if kind in ("ES", "CS", "ET"):
            kinds[index] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
    return kinds


def _spread(kinds: list[str]) -> None:
    """Signs such as a per cent or a currency belong to the digits beside them (rule W5)."""
    for step in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        back = -1 if step.step > 0 else 1
        for index in step:
            if kinds[index] == "ET" and kinds[index + back] == "EN":
                kinds[index] = "EN"


def _neutral(kinds: list[str], sides: str) -> list[str]:
    """Rules N1 and N2: what has no direction takes that of both its sides, or the paragraph's."""
    kinds = list(kinds)
    index = 0
    while index < len(kinds):
        end = index
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > index:
            left = _side(kinds[index - 1]) if index else sides
            right = _side(kinds[end]) if end < len(kinds) else sides
            kinds[index:end] = [left if left == right else sides] * (end - index)
        index = max(end, index + 1)
    return kinds


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"
