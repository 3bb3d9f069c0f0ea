"""Sets, casts and films of a project: put, read, list and delete, each with its version; films made of scripts."""

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.adapters.engines.inputs import NOT_THERE, in_project
from auteur.domain.errors import (
    ArtifactNotFoundError,
    DocumentChangedError,
    DocumentNotFoundError,
    InvalidParamsError,
    InvalidRequestError,
)
from auteur.domain.film import RATES, Script
from auteur.domain.film_library import Document, DocumentKind
from auteur.domain.film_making import FilmMaker
from auteur.domain.ports import ArtifactStore, NewId
from auteur.domain.resources import ResourceKeeper
from auteur.domain.task import parse_project_id
from auteur.entrypoints.http.bodies import body_of, json_body, read_body, takes
from auteur.entrypoints.http.files import bytes_response
from auteur.entrypoints.http.parameters import DIGITS, IdempotencyKey, Limit
from auteur.protocol.film import (
    CastBody,
    CastListView,
    CastView,
    FilmBody,
    FilmHeadView,
    FilmListView,
    FilmMadeView,
    FilmRequest,
    FilmView,
    SetBody,
    SetListView,
    SetView,
)

Cursor = Annotated[str | None, Query(max_length=256, description="`next` of the last page")]
FilmLimit = Annotated[int, Query(ge=1, le=20), DIGITS]
View = TypeVar("View", SetView, CastView, FilmView)
_TAG = re.compile(r'"([0-9]{1,9}-[0-9a-f]{16})"')
_CONDITIONED: dict[str, Any] = {
    "parameters": [
        {
            "name": name, "in": "header", "required": False, "schema": {"type": "string", "maxLength": 64},
            "description": said, "example": example,
        }
        for name, said, example in (
            ("If-Match", "Only if it is as this ETag says.", '"3-0f3a5c6e7b8d9a01"'),
            ("If-None-Match", "`*`: only if there is none.", "*"),
        )
    ]
}  # fmt: skip


def library_routes(keeper: ResourceKeeper, maker: FilmMaker, artifacts: ArtifactStore, new_id: NewId) -> APIRouter:
    """Reading needs `read`, putting and making `submit`, deleting `manage`."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["film"])

    @router.post(
        "/films",
        status_code=202,
        summary="Make a film of a script, or bring it up to the script",
        response_model=FilmMadeView,
        openapi_extra=takes(FilmRequest),
    )
    async def make_film(
        project_id: str, request: Request, response: Response, idempotency_key: IdempotencyKey = None
    ) -> FilmMadeView:
        """Scenes become shots, and all shots that have no take, or would look otherwise, one batch. The same
        ``Idempotency-Key`` with the same script is the same takes."""
        parse_project_id(project_id)
        data = await json_body(request)
        asked = await asyncio.to_thread(body_of, data, FilmRequest)  # it may be large: read beside the event loop
        script = await script_of(asked, project_id, artifacts)
        command = asked.command(project_id, script, idempotency_key or new_id(), request.state.request_id)
        made = await maker.make(command)
        if made.document is not None:
            audit("film made", project_id=project_id, film=made.name, tasks=len(made.submissions))
            response.headers["Location"] = f"/api/v1/projects/{project_id}/films/{made.name}"
        return FilmMadeView.of(made)

    async def put(project_id: str, kind: DocumentKind, name: str, request: Request, model: type[BaseModel]) -> Document:
        asked = await read_body(request, model)
        expected = await _expected(keeper, project_id, kind, name, request)
        document = await keeper.put(project_id, kind, name, asked.model_dump_json(), expected=expected)
        audit(f"{kind} put", project_id=project_id, name=document.name, version=document.version)
        return document

    async def read(
        project_id: str, kind: DocumentKind, name: str, request: Request, show: Callable[[Document], BaseModel]
    ) -> Response:
        document = await keeper.read(project_id, kind, name)
        data = show(document).model_dump_json().encode()
        headers = {"Cache-Control": "private, no-cache"}
        return bytes_response(request, data, etag=document.tag, media_type="application/json", headers=headers)

    async def delete(project_id: str, kind: DocumentKind, name: str, request: Request) -> Response:
        expected = await _expected(keeper, project_id, kind, name, request)
        await keeper.remove(project_id, kind, name, expected=expected)
        audit(f"{kind} deleted", project_id=project_id, name=name[:64])
        return Response(status_code=204)

    @router.put(
        "/sets/{name}",
        summary="Keep a set",
        response_model=SetView,
        openapi_extra=takes(SetBody) | _CONDITIONED,
    )
    async def put_set(project_id: str, name: str, request: Request, response: Response) -> SetView:
        return _told(response, SetView.of(await put(project_id, "set", name, request, SetBody)))

    @router.get("/sets/{name}", summary="One set", response_model=SetView)
    async def read_set(project_id: str, name: str, request: Request) -> Response:
        return await read(project_id, "set", name, request, SetView.of)

    @router.get("/sets", summary="Sets by name", response_model=SetListView)
    async def list_sets(project_id: str, limit: Limit = 50, cursor: Cursor = None) -> SetListView:
        found, after = await keeper.page(project_id, "set", after=cursor, limit=limit)
        return SetListView(sets=[SetView.of(one) for one in found], next=after)

    @router.delete("/sets/{name}", status_code=204, summary="Delete a set", openapi_extra=_CONDITIONED)
    async def delete_set(project_id: str, name: str, request: Request) -> Response:
        """Takes keep what they were made with."""
        return await delete(project_id, "set", name, request)

    @router.put(
        "/cast/{name}",
        summary="Keep a cast member",
        response_model=CastView,
        openapi_extra=takes(CastBody) | _CONDITIONED,
    )
    async def put_cast(project_id: str, name: str, request: Request, response: Response) -> CastView:
        return _told(response, CastView.of(await put(project_id, "cast", name, request, CastBody)))

    @router.get("/cast/{name}", summary="One cast member", response_model=CastView)
    async def read_cast(project_id: str, name: str, request: Request) -> Response:
        return await read(project_id, "cast", name, request, CastView.of)

    @router.get("/cast", summary="The cast by name", response_model=CastListView)
    async def list_cast(project_id: str, limit: Limit = 50, cursor: Cursor = None) -> CastListView:
        found, after = await keeper.page(project_id, "cast", after=cursor, limit=limit)
        return CastListView(cast=[CastView.of(one) for one in found], next=after)

    @router.delete("/cast/{name}", status_code=204, summary="Delete a cast member", openapi_extra=_CONDITIONED)
    async def delete_cast(project_id: str, name: str, request: Request) -> Response:
        """Takes keep what they were made with."""
        return await delete(project_id, "cast", name, request)

    @router.put(
        "/films/{name}",
        summary="Keep a film",
        response_model=FilmView,
        openapi_extra=takes(FilmBody) | _CONDITIONED,
    )
    async def put_film(project_id: str, name: str, request: Request, response: Response) -> FilmView:
        """For order, durations and dissolves that were set by hand. Nothing is made."""
        return _told(response, FilmView.of(await put(project_id, "film", name, request, FilmBody)))

    @router.get("/films/{name}", summary="One film with its shots", response_model=FilmView)
    async def read_film(project_id: str, name: str, request: Request) -> Response:
        return await read(project_id, "film", name, request, FilmView.of)

    @router.get("/films", summary="Films by name", response_model=FilmListView)
    async def list_films(project_id: str, limit: FilmLimit = 10, cursor: Cursor = None) -> FilmListView:
        found, after = await keeper.page(project_id, "film", after=cursor, limit=limit)
        return FilmListView(films=await asyncio.to_thread(lambda: [FilmHeadView.of(one) for one in found]), next=after)

    @router.delete("/films/{name}", status_code=204, summary="Delete a film", openapi_extra=_CONDITIONED)
    async def delete_film(project_id: str, name: str, request: Request) -> Response:
        """Its takes stay on the board."""
        return await delete(project_id, "film", name, request)

    return router


async def script_of(asked: FilmRequest, project_id: str, artifacts: ArtifactStore) -> Script:
    """The script that a request holds, or that it names among the files of the project.

    Raises `InvalidRequestError`, `UnreadableScriptError` among them, and `UnavailableError`.
    """
    from auteur.adapters.scripts.reading import read_script, require_size  # readers of scripts, which no start needs

    name = asked.file
    if asked.script_file is None:
        try:
            data = asked.data()
        except ValueError as error:
            raise _wrong("script_base64", str(error)) from None
    else:
        try:
            path = in_project(asked.script_file, project_id, "script_file")
            found = await artifacts.find(project_id, path)
        except InvalidParamsError as error:
            raise _wrong("script_file", error.details["problems"][0]["message"]) from None
        except ArtifactNotFoundError:
            raise _wrong("script_file", NOT_THERE) from None
        require_size(found.size_bytes)
        async with aclosing(await found.open(0, found.size_bytes)) as chunks:
            data = b"".join([chunk async for chunk in chunks])
        name = name or path
    return await asyncio.to_thread(read_script, data, name, RATES[asked.rate])


def _wrong(field: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError("The request cannot be used.", problems=[{"field": field, "message": problem}])


def _told(response: Response, view: View) -> View:
    response.headers["ETag"] = view.etag
    return view


async def _expected(
    keeper: ResourceKeeper, project_id: str, kind: DocumentKind, name: str, request: Request
) -> int | None:
    """The version that If-Match or If-None-Match ask for; None where neither is given. Raises
    `DocumentChangedError`, `InvalidRequestError` for a condition that is none."""
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if match is None and none_match is None:
        return None
    tag = _TAG.fullmatch((match or "").strip())
    if match is None and none_match is not None and none_match.strip() == "*":
        return 0
    if none_match is not None or (tag is None and (match or "").strip() != "*"):
        field = "If-Match" if match is not None else "If-None-Match"
        problem = 'is one ETag that was given here, or "*"' if match is not None else 'is "*"'
        raise _wrong(field, problem)
    try:
        document = await keeper.read(project_id, kind, name)
    except DocumentNotFoundError:
        raise DocumentChangedError(kind, name, None) from None
    if tag is not None and tag[1] != document.tag:
        raise DocumentChangedError(kind, name, document.version)
    return document.version
