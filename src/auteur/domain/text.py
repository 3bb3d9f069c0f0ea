"""What a text may hold, by its kind: a line, as a name or an id is, or prose, as a prompt is.

Neither holds what no one can see and a terminal, a log or another program may obey: control characters (C0, DEL, C1),
halves of surrogate pairs, and the code points that Unicode gives to no character. Prose may have line breaks and tabs;
a line has none, and nothing that turns the direction of writing, by which a name can be made to look like another.
"""

import re
from collections.abc import Mapping
from typing import Any

_UNSEEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
_BREAKS = "\t\n\r\u2028\u2029"
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"

_NOT_IN_PROSE = re.compile(f"[{_UNSEEN}]")
_NOT_IN_A_FILE_NAME = re.compile("[\x00-\x1f\x7f]")
_NOT_IN_A_LINE = re.compile(f"[{_UNSEEN}{_BREAKS}{_DIRECTIONS}]")
_NOT_SHOWN = re.compile(f"[{_UNSEEN}{_DIRECTIONS}]")

_MOST_PROBLEMS = 20
_LONGEST_FIELD = 128
_LONG = 4096


def line_problem(text: str) -> str | None:
    """What is wrong with a name, an id or a key, in words that follow what it is; None where nothing is."""
    return _problem(text, _NOT_IN_A_LINE)


def prose_problem(text: str) -> str | None:
    """The same of a prompt, a caption and whatever else people write."""
    return _problem(text, _NOT_IN_PROSE)


def file_name_problem(text: str) -> str | None:
    """The same of the name that a file had where it comes from: in whatever encoding, and told to nobody here."""
    return _problem(text, _NOT_IN_A_FILE_NAME)


def shown(text: str) -> str:
    """The text as a terminal may be given it: what nobody sees, and what turns the direction, is an escape."""
    return text if text.isprintable() else _NOT_SHOWN.sub(lambda met: f"\\u{ord(met[0]):04x}", text)


def problems_in(values: Mapping[str, Any], inside: str = "") -> list[dict[str, str]]:
    """What is wrong with texts in JSON, at any depth, as ``{"field", "message"}`` each; the first 20.

    Names are lines, values prose; what a ``data:`` url holds is bytes, and is looked at by who reads it.
    ``inside``: the field in which they are. No text is repeated.
    """
    if _is_clean(values):
        return []
    problems: list[dict[str, str]] = []
    unseen: list[tuple[str, Any]] = [(inside, values)]
    while unseen and len(problems) < _MOST_PROBLEMS:
        field, value = unseen.pop()
        if isinstance(value, str):
            if problem := prose_problem(value):
                problems.append({"field": field, "message": problem})
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                if isinstance(name, str) and (problem := line_problem(name)):
                    problems.append({"field": field or "params", "message": f"has a name that {problem}"})
                else:
                    unseen.append((f"{field}.{name}".lstrip(".")[:_LONGEST_FIELD], inner))
        elif isinstance(value, list | tuple):
            unseen += ((f"{field}.{place}"[:_LONGEST_FIELD], inner) for place, inner in enumerate(value))
    return problems[:_MOST_PROBLEMS]


def _is_clean(values: Mapping[str, Any]) -> bool:
    """Whether there is surely nothing wrong, at a tenth of the cost: so it is with almost all that is asked for."""
    texts: list[str] = []
    for value in values.values():
        kind = type(value)
        if kind is str:
            texts.append(value if len(value) < _LONG or value[:5].lower() != "data:" else "")
        elif kind is list or kind is dict or kind is tuple:
            return False
    prose = "".join(texts).replace("\n", "").replace("\t", "").replace("\r", "")
    return prose.isprintable() and "".join(values).isprintable()


def _problem(text: str, refused: re.Pattern[str]) -> str | None:
    if text.isprintable() or (len(text) >= _LONG and text[:5].lower() == "data:"):  # the first is done by C
        return None
    found = refused.search(text)
    return None if found is None else f"must not hold the character U+{ord(found[0]):04X}"
