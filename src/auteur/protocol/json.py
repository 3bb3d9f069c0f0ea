"""JSON as it is taken in: bounded in depth, finite, and its problems told without the caller's values."""

import math
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from auteur.domain.errors import InvalidMessageError

MAX_JSON_DEPTH = 32
_MAX_PROBLEMS = 20
_MAX_NAME_LENGTH = 128


def read_json(text: str | bytes) -> Any:
    """JSON without NaN, infinities, lone surrogates or more than `MAX_JSON_DEPTH` levels. Raises
    `InvalidMessageError`."""
    try:
        data = from_json(text, allow_inf_nan=False, cache_strings="none")
    except ValueError:
        raise InvalidMessageError("This is not JSON.") from None
    level: list[Any] = [data]
    for _ in range(MAX_JSON_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise InvalidMessageError("A number is too large.")
        if not below:
            return data
        level = below
    raise InvalidMessageError(f"The JSON is nested deeper than {MAX_JSON_DEPTH} levels.")


def problems_of(error: ValidationError, *, root: str, skip: int = 0) -> list[dict[str, str]]:
    """What a model refused, as ``{"field", "message"}`` each, without the caller's values; the first 20.

    ``root``: the name of what has no name below the model. ``skip``: how many parts of each place say nothing to the
    caller, as the tag of a discriminated union does.
    """
    return [
        {
            "field": ".".join(str(part)[:_MAX_NAME_LENGTH] for part in problem["loc"][skip:]) or root,
            "message": _words_of(problem),
        }
        for problem in error.errors(include_url=False, include_input=False)[:_MAX_PROBLEMS]
    ]


def _words_of(problem: ErrorDetails) -> str:
    if problem["type"] == "union_tag_invalid":  # its own words repeat the tag that was given, of any length
        return f"Input should be one of {problem['ctx']['expected_tags']}"
    return problem["msg"]
