"""JSON as it is taken in: bounded in depth, finite, each name once; its problems told without the caller's values."""

import math
from typing import Any

import jiter
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from auteur.domain import strict_json
from auteur.domain.errors import InvalidMessageError

MAX_JSON_DEPTH = 32
_MAX_PROBLEMS = 20
_MAX_FIELD_LENGTH = 128
_LARGEST_INTEGER = 2**63 - 1
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TWICE = "Detected duplicate key"

Place = tuple[str | int, ...]


def read_json(text: str | bytes) -> Any:
    """JSON in which each name is given once, without NaN, infinities, integers of more than 64 bits, lone surrogates or
    more than `MAX_JSON_DEPTH` levels. Raises `InvalidMessageError`, that names the field where there is one."""
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        # pydantic's own parser, which lets a name that is given twice pass where pydantic calls it
        data = jiter.from_json(body, allow_inf_nan=False, cache_mode="none", catch_duplicate_keys=True)
    except ValueError as error:
        raise _why_not(body, str(error)) from None
    level: list[Any] = [data]
    for _ in range(MAX_JSON_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is dict:
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif (kind is int or kind is float) and not _is_taken(value):
                raise _problem("A number is too large.", _place_of_number(data), "is too large a number")
        if not below:
            return data
        level = below
    raise InvalidMessageError(f"The JSON is nested deeper than {MAX_JSON_DEPTH} levels.")


def _why_not(body: bytes, said: str) -> InvalidMessageError:
    """``said``: by the parser. It names a line and a column, and nothing that stands there but a name."""
    if body.startswith(_BYTE_ORDER_MARK):
        return InvalidMessageError("This is not JSON: it begins with a byte order mark; send UTF-8 without one.")
    if not said.startswith(_TWICE):
        return InvalidMessageError(f"This is not JSON: {said}.")
    try:
        strict_json.loads(body)
    except strict_json.DuplicateNameError as error:
        return _problem("A name is given more than once.", error.path, "is given more than once")
    except ValueError:  # and what follows is no JSON
        return InvalidMessageError("This is not JSON.")
    return InvalidMessageError("A name is given more than once.")


def _is_taken(number: float) -> bool:
    """Whether it is one that other programs hold as well: finite, and an integer within 64 bits."""
    return math.isfinite(number) if type(number) is float else abs(number) <= _LARGEST_INTEGER


def _place_of_number(data: Any) -> Place:
    found = (place for place, value in strict_json.nodes(data) if type(value) in (int, float) and not _is_taken(value))
    return strict_json.path_to(next(found))


def _problem(message: str, place: Place, said: str) -> InvalidMessageError:
    return InvalidMessageError(message, problems=[{"field": field_of(place) or "body", "message": said}])


def field_of(place: tuple[str | int, ...]) -> str:
    """The name of a field by where it is, as ``params.prompt``; no longer than it may be, whatever the caller names."""
    return ".".join(str(part)[:_MAX_FIELD_LENGTH] for part in place)[:_MAX_FIELD_LENGTH]


def problems_of(error: ValidationError, *, root: str, skip: int = 0) -> list[dict[str, str]]:
    """What a model refused, as ``{"field", "message"}`` each, without the caller's values; the first 20.

    ``root``: the name of what has no name below the model. ``skip``: how many parts of each place say nothing to the
    caller, as the tag of a discriminated union does.
    """
    return [
        {"field": field_of(problem["loc"][skip:]) or root, "message": _words_of(problem)}
        for problem in error.errors(include_url=False, include_input=False)[:_MAX_PROBLEMS]
    ]


def _words_of(problem: ErrorDetails) -> str:
    if problem["type"] == "union_tag_invalid":  # its own words repeat the tag that was given, of any length
        return f"Input should be one of {problem['ctx']['expected_tags']}"
    return problem["msg"]
