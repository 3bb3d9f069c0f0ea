"""Parameters of requests: taken as the interface's description has them, and in no other way.

What the description calls a number is digits, what it calls true or false is one of these two words, and what may be
given once is given once. In lists a parameter that nobody knows is refused by name: who misspells a filter is not
answered with everything. An address of a file may carry more, which pages add to get round their browser's cache, and
that of an event stream, to which libraries add their bookmark.
"""

import re
from typing import Annotated, Any, get_args, get_origin

from fastapi import Depends, Header, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from auteur.domain.errors import InvalidRequestError

_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_MOST_PROBLEMS = 20
_LONGEST_NAME = 64


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _WHOLE_NUMBER.fullmatch(value):
        raise PydanticCustomError("whole_number", "Input should be a whole number in digits, as 50")
    return int(value)


def _truth(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value not in ("true", "false"):
        raise PydanticCustomError("true_or_false", "Input should be true or false")
    return value == "true"


DIGITS = BeforeValidator(_number)
"""Of a whole number. Stands after its bounds: before them, pydantic tells the document of them in words of its own."""
Limit = Annotated[int, Query(ge=1, le=200), DIGITS]
"""How many a page may have."""
TrueOrFalse = Annotated[bool, BeforeValidator(_truth)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern="^[ -~]+$",
        description="Any printable ASCII, drawn anew for each new request, as a UUID.",
    ),
]


def _described(request: Request) -> dict[str, bool]:
    """The query's parameters of the route that answers, each with whether it may be given several times."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return {}
    told = get_flat_params(route.dependant)
    return {
        one.alias: any(
            get_origin(part) is list for part in (one.field_info.annotation, *get_args(one.field_info.annotation))
        )
        for one in told
        if isinstance(one.field_info, params.Query)
    }


def _check(request: Request, *, strict: bool) -> None:
    given = [name for name, _ in request.query_params.multi_items()]
    keys = request.headers.getlist("idempotency-key")
    if not given and len(keys) < 2:
        return
    known = _described(request)
    problems = [
        {"field": name[:_LONGEST_NAME], "message": said}
        for name in dict.fromkeys(given)
        if (said := _problem(name, given.count(name), known, strict=strict))
    ]
    if len(keys) > 1:
        problems.append({"field": "Idempotency-Key", "message": "is given more than once"})
    if problems:
        raise InvalidRequestError("The request cannot be used.", problems=problems[:_MOST_PROBLEMS])


def _problem(name: str, times: int, known: dict[str, bool], *, strict: bool) -> str | None:
    if name not in known:
        return f"is unknown; known: {', '.join(known) or 'none'}" if strict else None
    return "is given more than once" if times > 1 and not known[name] else None


async def _given_once(request: Request) -> None:
    _check(request, strict=False)


async def _known_and_given_once(request: Request) -> None:
    _check(request, strict=not request.scope["path"].endswith("/events"))


GIVEN_ONCE = Depends(_given_once)
"""Has a route refuse parameters that are given more than once."""
KNOWN_AND_GIVEN_ONCE = Depends(_known_and_given_once)
"""And those that its description does not know."""
