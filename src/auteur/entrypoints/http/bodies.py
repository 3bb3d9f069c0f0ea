"""Bodies of requests: of the kind that they say they are, in UTF-8, and as they are.

No word of a header is handed to a codec: what is not UTF-8 is refused by its name, not decoded by it.
"""

import re
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from auteur.domain.errors import InvalidRequestError
from auteur.entrypoints.http.errors import UnsupportedMediaTypeError
from auteur.protocol.film import CastBody, FilmBody, FilmRequest, SetBody
from auteur.protocol.film_export import ExportRequest
from auteur.protocol.incoming import BatchRequest, GenerationRequest, Marks, PromotionRequest
from auteur.protocol.json import problems_of, read_json
from auteur.protocol.webhooks import WebhookCreation, WebhookPatch

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^"';\s]*)""", re.IGNORECASE)
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})

BODIES: tuple[type[BaseModel], ...] = (
    BatchRequest,
    CastBody,
    ExportRequest,
    FilmBody,
    FilmRequest,
    GenerationRequest,
    Marks,
    PromotionRequest,
    SetBody,
    WebhookCreation,
    WebhookPatch,
)
"""What routes read by themselves, for the document: their schemas are made when somebody asks for that."""

Body = TypeVar("Body", bound=BaseModel)


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Of an operation: that it takes one of `BODIES`."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def check_kind(request: Request, media_type: str, message: str) -> None:
    """Returns if the body says that it is of the media type, in UTF-8, and not packed.

    Raises `UnsupportedMediaTypeError`. ``message``: what it says of another media type.
    """
    given = request.headers.getlist("content-type")
    if len(given) != 1 or given[0].partition(";")[0].strip().lower() != media_type:
        raise UnsupportedMediaTypeError(message, supported=[media_type])
    if any(charset.lower() not in _UTF_8 for charset in _CHARSET.findall(given[0])):
        raise UnsupportedMediaTypeError("Send the request in UTF-8.", supported=[f"{media_type}; charset=utf-8"])
    packed = ",".join(request.headers.getlist("content-encoding")).strip().lower()
    if packed not in ("", "identity"):
        raise UnsupportedMediaTypeError("Send the body as it is, without a Content-Encoding.", supported=["identity"])


async def read_body(request: Request, model: type[Body]) -> Body:
    """The request's JSON body as the model. Raises `UnsupportedMediaTypeError`, `InvalidMessageError`,
    `InvalidRequestError` that names what is wrong."""
    return body_of(await json_body(request), model)


async def json_body(request: Request) -> bytes:
    """The request's body, which is said to be JSON. Raises `UnsupportedMediaTypeError`."""
    check_kind(request, "application/json", "Send the request as application/json.")
    return await request.body()


def body_of(data: bytes, model: type[Body]) -> Body:
    """A body as the model. Raises `InvalidMessageError`, `InvalidRequestError` that names what is wrong."""
    return read_as(model, read_json(data))


def read_as(model: type[Body], said: Any) -> Body:
    """What JSON says, as the model. Raises `InvalidRequestError` that names what is wrong."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise InvalidRequestError("The request cannot be used.", problems=problems_of(error, root="body")) from None
