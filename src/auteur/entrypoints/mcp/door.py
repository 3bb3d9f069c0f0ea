"""The one module that speaks the Model Context Protocol: the tools and resources as its SDK serves them.

The protocol has two eras, that of the handshake and that of self-contained requests; the SDK tells them apart and
serves both. Over HTTP no session is kept in either: each request says who asks, and is judged like any other.
"""

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import mcp_types as types
import structlog
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from auteur import __version__
from auteur.entrypoints.mcp import resources
from auteur.entrypoints.mcp.calls import Call, Picture, Told
from auteur.entrypoints.mcp.catalogue import Catalogue, CatalogueKeeper, params_schema, schema_of
from auteur.entrypoints.mcp.inside import InsideTransport
from auteur.entrypoints.mcp.room import Address, RefusedError, Room
from auteur.entrypoints.mcp.tools import BY_NAME, TOOLS, Tool
from auteur.protocol.json import problems_of

log = structlog.get_logger(__name__)

Context = ServerRequestContext[Any, Any]
RoomOf = Callable[[Context], AbstractAsyncContextManager[Room]]
_SHOWN = ("authorization", "cookie", "host")
_LONGEST_NAME = 64
_INSTRUCTIONS = (
    "A film studio's generation service. submit_task asks for a picture or a film in a project and answers at once; "
    "watch_task waits for its end, for a bounded time, and is called again while it says that the task has not ended; "
    "show_task shows the picture. Begin with drafts, and promote_task the take that is liked. Takes of one shot share "
    "its name. An error has a code, a sentence, and whether the same request may succeed later (temporary)."
)


def server(room_of: RoomOf, keeper: CatalogueKeeper, pictures: Path | None = None) -> Server[Any]:
    """The tools and resources for whoever connects. ``room_of``: the service, as who makes a request sees it;
    ``pictures``: a folder that pictures may be brought from."""
    logging.getLogger("mcp").setLevel(logging.WARNING)  # what it does is told by our own lines

    described: dict[str, Any] = {}

    async def list_tools(ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        async with room_of(ctx) as room:
            catalogue = await _known(keeper, room)
        if described.get("catalogue") is not catalogue:
            there = [tool for tool in TOOLS if pictures is not None or not tool.needs_folder]
            described.update(catalogue=catalogue, tools=[_described(tool, catalogue) for tool in there])
        return types.ListToolsResult(tools=described["tools"])

    async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = BY_NAME.get(params.name)
        if tool is None or (tool.needs_folder and pictures is None):
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name[:_LONGEST_NAME]!r}.")

        async def tell(progress: float, said: str) -> None:
            await ctx.session.report_progress(progress, 1.0, said)

        try:
            asked = _read(tool, params.arguments or {})
            async with room_of(ctx) as room:
                return _answered(await tool.run(Call(room, keeper, tell, pictures), asked))
        except RefusedError as error:
            return _refused(error)
        except Exception:
            log.exception("a tool failed", tool=tool.name)
            return _refused(RefusedError("INTERNAL_ERROR", "Something went wrong here; the operator's log has it."))

    async def list_resources(ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        async with _told_as_errors(), room_of(ctx) as room:
            page = await resources.listed(room, params.cursor if params is not None else None)
        found = [
            types.Resource(
                uri=f"{resources.SCHEME}{one['project_id']}", name=one["project_id"], mime_type="application/json"
            )
            for one in page["projects"]
        ]
        return types.ListResourcesResult(resources=found, next_cursor=page["next"])

    async def list_templates(
        ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(uri_template=template, name=name, description=said, mime_type=media_type)
                for template, name, said, media_type in resources.TEMPLATES
            ]
        )

    async def read_resource(ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        async with _told_as_errors(), room_of(ctx) as room:
            found = await resources.read(room, uri)
        content: types.TextResourceContents | types.BlobResourceContents
        if found.text is not None:
            content = types.TextResourceContents(uri=uri, mime_type=found.media_type, text=found.text)
        else:
            content = types.BlobResourceContents(uri=uri, mime_type=found.media_type, blob=found.blob or "")
        return types.ReadResourceResult(contents=[content])

    served: Server[Any] = Server(
        "auteur",
        version=__version__,
        title="Auteur",
        instructions=_INSTRUCTIONS,
        get_tool_input_schema=lambda name: None,  # no argument travels in a header
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )
    served.middleware.clear()  # its spans would tell arguments; ours are those of the routes
    return served


async def _known(keeper: CatalogueKeeper, room: Room) -> Catalogue:
    """The catalogue; none at all where it cannot be had, for then the tools are there all the same."""
    try:
        return await keeper.read(room)
    except RefusedError:
        return Catalogue({})


def _described(tool: Tool, catalogue: Catalogue) -> types.Tool:
    takes = schema_of(tool.takes, catalogue)
    fitting = params_schema(catalogue)
    if tool.name == "submit_task" and fitting is not None:
        takes["properties"]["params"] = {**fitting, "description": takes["properties"]["params"]["description"]}
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=takes,
        output_schema=schema_of(tool.gives),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.reads,
            destructive_hint=tool.destroys,
            idempotent_hint=tool.repeats or tool.reads,
            open_world_hint=False,
        ),
    )


def _read(tool: Tool, given: Mapping[str, Any]) -> Any:
    try:
        return tool.takes.model_validate(dict(given))
    except ValidationError as error:
        problems = problems_of(error, root="arguments")
        raise RefusedError("VALIDATION_ERROR", "The arguments cannot be used.", {"problems": problems}) from None


def _answered(told: Told) -> types.CallToolResult:
    structured = told.answer.model_dump(mode="json", exclude_none=True)
    content: list[types.ContentBlock] = [types.TextContent(text=json.dumps(structured, ensure_ascii=False))]
    if told.picture is not None:
        content.append(_image(told.picture))
    return types.CallToolResult(content=content, structured_content=structured)


def _image(picture: Picture) -> types.ImageContent:
    return types.ImageContent(data=picture.data, mime_type=picture.media_type)


def _told(error: RefusedError) -> dict[str, Any]:
    told: dict[str, Any] = {"code": error.code, "message": error.message, "temporary": error.temporary}
    if error.details:
        told["details"] = error.details
    if error.retry_after_s is not None:
        told["retry_after_s"] = error.retry_after_s
    return told


def _refused(error: RefusedError) -> types.CallToolResult:
    """An error that the model reads and can act upon."""
    told = {"error": _told(error)}
    text = json.dumps(told, ensure_ascii=False, default=str)
    return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=told, is_error=True)


@asynccontextmanager
async def _told_as_errors() -> AsyncIterator[None]:
    """For what has no result that could tell of an error."""
    try:
        yield
    except RefusedError as error:
        raise MCPError(types.INVALID_PARAMS, error.message, _told(error)) from None


class MountedDoor:
    """The door at the service itself, as an ASGI application for one route that takes POST alone. Whoever asks has been
    judged before it; every tool then asks ``app`` in their name."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._manager = StreamableHTTPSessionManager(
            server(self._room, CatalogueKeeper()), stateless=True, max_request_body_size=max_body_bytes
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Serves while it is entered."""
        # else its streams are cut as soon as the process is told to stop, before what they wait for could be answered
        AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)

    @asynccontextmanager
    async def _room(self, ctx: Context) -> AsyncIterator[Room]:
        request = ctx.request
        assert isinstance(request, Request), "over HTTP there is one"
        headers = {name: request.headers[name] for name in _SHOWN if name in request.headers}
        headers["x-request-id"] = request.scope["state"]["request_id"]  # one line of questions in the log
        async with httpx.AsyncClient(transport=InsideTransport(self._app, request.scope), trust_env=False) as http:
            yield Room(http, lambda: Address("http://inside"), headers, comes_back=False)
