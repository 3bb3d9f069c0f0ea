"""JSON as it is taken in: bounded in depth, finite, and its problems told without the caller's values."""

import math
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from auteur.domain.errors import InvalidMessageError

MAX_JSON_DEPTH = 32


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


def problems_of(error: ValidationError) -> list[dict[str, str]]:
    """What a model refused, as ``{"field", "message"}`` each, without the caller's values."""
    tags = {"start_generation", "cancel", "mark", "delete_task", "delete_project", "ping"}
    return [
        {
            "field": ".".join(str(part) for part in problem["loc"] if part not in tags) or "type",
            "message": problem["msg"],
        }
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ][:20]
