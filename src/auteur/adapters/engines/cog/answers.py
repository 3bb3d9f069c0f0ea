"""What a server answers where there is no picture -> the error that the task ends with, or is tried again for."""

from collections.abc import Mapping
from typing import Any

from auteur.adapters.engines.cog.schema import ModelSchema
from auteur.adapters.engines.cog.words import error_of, plain
from auteur.domain.errors import HandlerError

_CRASHED = "Worker crashed"
_NOT_UPLOADED = "Failed to upload output"
_NOT_USABLE = "Input validation error: "

LOST = {
    "gone": "The model's server ended while it worked.",
    "anew": "The model's server was started again while it worked.",
    "dead": "The model's worker died while it worked.",
    "idle": "The model's server knows no more of the prediction and told no end of it.",
}
"""By what was found of a server: why no end of a prediction will come."""


def refused(body: Mapping[str, Any], schema: ModelSchema) -> HandlerError:
    """The inputs that it will not take, by our names. Happens only where the model changed since it was asked."""
    problems = []
    detail = body.get("detail")
    for problem in detail if isinstance(detail, list) else []:
        place = [str(part) for part in problem.get("loc") or () if part not in ("body", "input")]
        field = schema.our_name(place[0]) if place else "params"
        problems.append({"field": field, "message": plain(problem.get("msg"))})
    said = "; ".join(f"{problem['field']}: {problem['message']}" for problem in problems[:3])
    return HandlerError(f"The model refuses its input: {said or 'it does not say why'}.", problems=problems or None)


def failed(body: Mapping[str, Any]) -> HandlerError:
    """The end of a prediction that did not succeed."""
    said = str(body.get("error") or "")
    if body["status"] == "canceled":
        return HandlerError("The prediction was cancelled at the model's server.", retryable=True)
    if said.startswith(_CRASHED):
        return HandlerError("The model's worker crashed while it worked.", retryable=True)
    if said.startswith(_NOT_UPLOADED):
        return HandlerError("The model could not upload what it made.", retryable=True)
    if said.startswith(_NOT_USABLE):
        return HandlerError(f"The model refuses its input: {plain(said.removeprefix(_NOT_USABLE))}.")
    return HandlerError(f"The model failed: {error_of(said)}.")
