"""The HTTP side, by route factories: each signature is the bill of what its routes use."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, StreamingResponse
from PIL import Image
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from auteur import protocol
from auteur.adapters.feed import ProjectFeed
from auteur.adapters.metrics import Metrics
from auteur.adapters.workspace import UPLOADS
from auteur.domain.commands import CancelTask
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import (
    ArtifactNotFoundError,
    AuteurError,
    InvalidMessageError,
    InvalidRequestError,
    ShuttingDownError,
    TaskNotFoundError,
    UnavailableError,
)
from auteur.domain.events import Position
from auteur.domain.ports import ArtifactStore, Clock, NewId, ProgressBus, Roster, TaskHandler
from auteur.domain.quality import QualityMapper
from auteur.domain.survey import FloorSurvey
from auteur.domain.task import TaskStatus, parse_project_id
from auteur.domain.tracker import ProjectTracker
from auteur.entrypoints.errors import UnsupportedMediaTypeError
from auteur.entrypoints.settings import Settings

log = structlog.get_logger(__name__)

PROBE_LIMIT_S = 0.8
_SSE_SILENCE_S = 15.0
_IMAGE_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_MAX_IMAGE_PIXELS = 64_000_000

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": protocol.ErrorView, "description": description}
    for status, description in {
        400: "Not JSON, or no message.",
        403: "A page of a foreign origin.",
        404: "Not there.",
        409: "The id was used for a different request.",
        413: "The body is too large.",
        415: "The body is of another kind.",
        422: "The request cannot be used.",
        429: "A limit is reached; Retry-After says when to come back.",
        500: "Something went wrong here.",
        503: "Not now; Retry-After says when to come back.",
    }.items()
}


class UploadView(BaseModel):
    """A picture that was taken in. Give ``path`` or ``url`` as ``source_image``."""

    path: str
    url: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str


def health_routes(
    settings: Settings,
    bus: ProgressBus,
    artifacts: ArtifactStore,
    roster: Roster,
    closing: asyncio.Event,
    clock: Clock,
) -> APIRouter:
    """Liveness, readiness, and the report for people."""
    router = APIRouter(tags=["health"])
    in_redis = settings.log_backend == "redis"

    async def passes(check: Awaitable[None]) -> str:
        try:
            async with asyncio.timeout(PROBE_LIMIT_S):
                await check
        except (AuteurError, TimeoutError):
            return "unavailable"
        return "ok"

    async def somebody_works() -> None:
        if not any(worker.slots for worker in await roster.crew()):
            raise UnavailableError("Nobody runs tasks.")

    async def report() -> dict[str, Any]:
        log_state, workspace, workers = await asyncio.gather(
            passes(bus.check()), passes(artifacts.check()), passes(somebody_works())
        )
        checks = {
            "api": "stopping" if closing.is_set() else "ok",
            "database": "not_used" if in_redis else log_state,
            "redis": log_state if in_redis else "not_used",
            "workspace": workspace,
        }
        healthy = set(checks.values()) <= {"ok", "not_used"}
        checks["workers"] = workers  # told, but no reason to send nobody here: tasks wait
        return {
            "status": "healthy" if healthy else "unhealthy",
            "timestamp": clock(),
            "service": settings.app_name,
            "version": settings.version,
            "checks": checks,
        }

    @router.get("/health", summary="What works and what does not")
    async def health(response: Response) -> dict[str, Any]:
        found = await report()
        response.status_code = 200 if found["status"] == "healthy" else 503
        return found

    @router.get("/health/live", summary="The process answers")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready", summary="New work can be taken")
    async def ready(response: Response) -> dict[str, str]:
        found = await report()
        response.status_code = 200 if found["status"] == "healthy" else 503
        return {"status": "ready" if found["status"] == "healthy" else "not_ready"}

    return router


def catalogue_routes(
    settings: Settings, handlers: Mapping[str, TaskHandler], mapper: QualityMapper, roster: Roster
) -> APIRouter:
    """What can be asked for."""
    router = APIRouter(prefix="/api/v1", tags=["catalogue"])
    types = sorted((t for handler in set(handlers.values()) for t in handler.task_types), key=lambda t: t.name)

    def presets(task_type: str) -> dict[str, Any]:
        found = {}
        for quality in mapper.qualities:
            resolved = mapper.resolve(task_type, quality, {})
            found[quality] = {
                "parameters": dict(resolved.parameters),
                "lane": resolved.lane,
                "timeout_s": resolved.timeout_s,
            }
        return found

    async def workers() -> dict[str, Any] | None:
        """Who is at work, and for which task types nobody is; None while that cannot be known."""
        try:
            crew = [worker for worker in await roster.crew() if worker.slots]
        except UnavailableError:
            return None
        served = {task_type for worker in crew for task_type in worker.task_types}
        return {
            "present": len(crew),
            "slots": sum(worker.slots for worker in crew),
            "unserved_task_types": sorted({t.name for t in types} - served),
        }

    @router.get("/info", summary="Name, versions, limits")
    async def info() -> dict[str, Any]:
        return {
            "name": settings.app_name,
            "version": settings.version,
            "protocol_version": protocol.PROTOCOL_VERSION,
            "task_types": [t.name for t in types],
            "engines": sorted({t.engine for t in types}),
            "qualities": list(mapper.qualities),
            "default_quality": mapper.default,
            "workers": await workers(),
            "limits": {
                "max_concurrent_tasks": settings.max_concurrent_tasks,
                "max_queued_per_project": settings.max_queued_per_project,
                "max_queued": settings.max_queued,
                "max_body_bytes": settings.max_body_bytes,
                "max_upload_bytes": settings.max_upload_bytes,
                "ws_messages_per_second": settings.ws_messages_per_second,
                "history_events": settings.history_events,
            },
            "links": {"documentation": "/api/docs", "openapi": "/api/openapi.json", "asyncapi": "/api/asyncapi.json"},
        }

    @router.get("/task-types", summary="Task types with the schema of their parameters")
    async def task_types() -> dict[str, Any]:
        return {
            "task_types": [
                {
                    "name": t.name,
                    "engine": t.engine,
                    "summary": t.summary,
                    "params_schema": t.params_schema,
                    "qualities": presets(t.name),
                }
                for t in types
            ]
        }

    @router.get("/quality", summary="Quality presets with what they mean for each task type")
    async def quality() -> dict[str, Any]:
        by_type = {t.name: presets(t.name) for t in types}
        return {
            "default": mapper.default,
            "qualities": {
                name: {
                    "preset": mapper.preset("", name).parameters(),
                    "task_types": {task_type: found[name] for task_type, found in by_type.items()},
                }
                for name in mapper.qualities
            },
        }

    return router


def task_routes(dispatcher: TaskDispatcher, tracker: ProjectTracker, new_id: NewId) -> APIRouter:
    """Submit, read, cancel."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["tasks"], responses=ERRORS)

    @router.post(
        "/tasks",
        status_code=202,
        summary="Ask for a task",
        response_model=protocol.TaskView,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": protocol.GenerationRequest.model_json_schema()}},
            }
        },
    )
    async def submit(
        project_id: str,
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    ) -> protocol.TaskView:
        """The same ``Idempotency-Key`` with the same body is the same task, however often it is sent."""
        parse_project_id(project_id)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaTypeError("Send the request as application/json.", supported=["application/json"])
        data = protocol.read_json(await request.body())
        try:
            asked = protocol.GenerationRequest.model_validate(data)
        except ValidationError as error:
            raise InvalidRequestError("The request cannot be used.", problems=protocol.problems_of(error)) from None
        command = asked.command(project_id, idempotency_key or new_id(), request.state.request_id)
        submission = await dispatcher.submit(command)
        task = submission.task
        log.info(
            "task accepted",
            project_id=project_id,
            task_id=task.task_id,
            task_type=asked.task_type,
            repeated=submission.repeated,
        )
        response.headers["Location"] = f"/api/v1/projects/{project_id}/tasks/{task.task_id}"
        return await view(project_id, task.task_id)

    @router.get("/tasks", summary="Tasks, newest first", response_model=protocol.TaskListView)
    async def list_tasks(
        project_id: str,
        status: TaskStatus | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(pattern=r"^\d{1,15}$", description="`next` of the last page")] = None,
    ) -> protocol.TaskListView:
        state = await tracker.load(parse_project_id(project_id))
        places = {task.task_id: place for place, task in enumerate(state.waiting, 1)}
        before = int(cursor) if cursor else None
        found = [
            task
            for task in sorted(state.tasks.values(), key=lambda task: -task.queued_seq)
            if (status is None or task.status is status) and (before is None or task.queued_seq < before)
        ]
        page = found[:limit]
        return protocol.TaskListView(
            tasks=[protocol.TaskView.of(task, places.get(task.task_id)) for task in page],
            next=str(page[-1].queued_seq) if len(found) > limit else None,
        )

    @router.get("/tasks/{task_id}", summary="One task", response_model=protocol.TaskView)
    async def read_task(project_id: str, task_id: str) -> protocol.TaskView:
        return await view(parse_project_id(project_id), task_id)

    @router.post("/tasks/{task_id}/cancel", summary="Ask for a task to stop", response_model=protocol.TaskView)
    async def cancel(project_id: str, task_id: str) -> protocol.TaskView:
        """Harmless to repeat; a task that has ended stays as it is."""
        await dispatcher.cancel(CancelTask(project_id=project_id, task_id=task_id))
        log.info("cancel asked for", project_id=project_id, task_id=task_id)
        return await view(project_id, task_id)

    async def view(project_id: str, task_id: str) -> protocol.TaskView:
        state = await tracker.load(project_id)
        task = state.tasks.get(task_id)
        if task is None:
            raise TaskNotFoundError(project_id, task_id)
        return protocol.TaskView.of(task, state.queue_position(task_id))

    return router


def project_routes(tracker: ProjectTracker, feed: ProjectFeed, closing: asyncio.Event) -> APIRouter:
    """The state, and the log as server-sent events."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["projects"], responses=ERRORS)

    @router.get("", summary="The project's state with its position", response_model=protocol.ProjectView)
    async def read_project(project_id: str) -> protocol.ProjectView:
        return protocol.ProjectView.of(await tracker.load(parse_project_id(project_id)))

    @router.get("/events", summary="The project's log as server-sent events", response_class=StreamingResponse)
    async def events(
        project_id: str,
        after: Annotated[str | None, Query(description="A position, or 0 for the oldest event kept")] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        """Each event's data is the socket's message, its id the position; `Last-Event-ID` resumes."""
        parse_project_id(project_id)
        if closing.is_set():
            raise ShuttingDownError("The service is stopping.")
        bookmark = last_event_id or after
        position = Position.parse(bookmark) if bookmark else None
        return StreamingResponse(
            _server_sent(feed, project_id, position, resumes=bookmark is not None, closing=closing),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


async def _server_sent(
    feed: ProjectFeed, project_id: str, position: Position | None, *, resumes: bool, closing: asyncio.Event
) -> AsyncIterator[str]:
    stopped = asyncio.create_task(closing.wait())
    try:
        async with aclosing(feed.follow(project_id, position, resumes=resumes)) as told:
            coming: asyncio.Task[tuple[str, str]] | None = None
            try:
                while True:
                    coming = coming or asyncio.create_task(anext(told))
                    await asyncio.wait({coming, stopped}, timeout=_SSE_SILENCE_S, return_when=asyncio.FIRST_COMPLETED)
                    if coming.done():
                        text, at = coming.result()
                        coming = None
                        yield f"id: {at}\ndata: {text}\n\n"
                    elif stopped.done():
                        return
                    else:
                        yield ": still here\n\n"
            except UnavailableError:
                return  # the client comes back with its position
            finally:
                if coming is not None:
                    coming.cancel()
                    await asyncio.wait({coming})
    finally:
        stopped.cancel()


def artifact_routes(artifacts: ArtifactStore, tracker: ProjectTracker, closing: asyncio.Event) -> APIRouter:
    """Results out, pictures in."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["artifacts"], responses=ERRORS)

    @router.head("/artifacts/{path:path}", include_in_schema=False)
    @router.get("/artifacts/{path:path}", summary="A file of the project, with Range", response_class=FileResponse)
    async def read_artifact(project_id: str, path: str) -> FileResponse:
        parse_project_id(project_id)
        owner, _, rest = path.partition("/")
        if owner != UPLOADS:
            await _only_of_the_attempt_that_counts(project_id, owner, rest)
        found = await artifacts.locate(project_id, path)
        return FileResponse(
            found,
            media_type=_media_type(found),
            headers={
                "Cache-Control": "private, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    async def _only_of_the_attempt_that_counts(project_id: str, task_id: str, rest: str) -> None:
        task = (await tracker.load(project_id)).tasks.get(task_id)
        served = task is not None and task.status in (TaskStatus.RUNNING, TaskStatus.SUCCEEDED)
        if not served or task is None or rest.partition("/")[0] != str(task.attempt):
            raise ArtifactNotFoundError(
                "There is no such file in this project; results are listed in the task.", project_id=project_id
            )

    @router.post(
        "/uploads",
        status_code=201,
        summary="Bring a picture: multipart/form-data with one `file`, PNG, JPEG or WebP",
        response_model=UploadView,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["file"],
                            "properties": {"file": {"type": "string", "format": "binary"}},
                        }
                    }
                },
            }
        },
    )
    async def upload(project_id: str, request: Request, response: Response) -> UploadView:
        parse_project_id(project_id)
        if closing.is_set():
            raise ShuttingDownError("The service is stopping.")
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise UnsupportedMediaTypeError(
                "Send the picture as multipart/form-data.", supported=["multipart/form-data"]
            )
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidMessageError("The form has no file named `file`.")
            kind, size = await asyncio.to_thread(_sniff, file)
            digest = hashlib.sha256()

            async def chunks() -> AsyncIterator[bytes]:
                await file.seek(0)
                while chunk := await file.read(1 << 18):
                    digest.update(chunk)
                    yield chunk

            path = await artifacts.receive(project_id, chunks(), _IMAGE_SUFFIXES[kind])
            response.headers["Location"] = protocol.artifact_url(project_id, path)
            return UploadView(
                path=f"{project_id}/{path}",
                url=protocol.artifact_url(project_id, path),
                media_type=Image.MIME[kind],
                width_px=size[0],
                height_px=size[1],
                size_bytes=file.size or 0,
                sha256=digest.hexdigest(),
            )

    return router


def _sniff(file: UploadFile) -> tuple[str, tuple[int, int]]:
    """Kind and size of the picture by its content. Raises `UnsupportedMediaTypeError`, `InvalidRequestError`."""
    file.file.seek(0)
    try:
        with Image.open(file.file, formats=list(_IMAGE_SUFFIXES)) as picture:
            kind, size = picture.format or "", picture.size
            if size[0] * size[1] > _MAX_IMAGE_PIXELS:
                raise InvalidRequestError(
                    f"The picture has more than {_MAX_IMAGE_PIXELS} pixels.", max_pixels=_MAX_IMAGE_PIXELS
                )
            picture.verify()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UnsupportedMediaTypeError(
            "The file is no picture that can be read.", supported=["image/png", "image/jpeg", "image/webp"]
        ) from None
    return kind, size


def _media_type(path: Path) -> str:
    return {
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".webp": "image/webp",
        ".mp4": "video/mp4",
    }.get(path.suffix, "application/octet-stream")


def operator_routes(metrics: Metrics, survey: FloorSurvey) -> APIRouter:
    """What operators and their tools read."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def read_metrics() -> Response:
        with suppress(UnavailableError):  # what was counted here is told all the same
            metrics.show(await survey.take())
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def page_routes(asyncapi: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """The built-in page, and the socket's documentation."""
    router = APIRouter(include_in_schema=False)
    studio = Path(__file__).parent / "studio"

    @router.get("/")
    async def studio_page() -> HTMLResponse:
        return HTMLResponse(
            (studio / "index.html").read_text(encoding="utf-8"),
            headers={
                "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
                "Cache-Control": "no-cache",
            },
        )

    @router.get("/studio/{name}")
    async def studio_file(name: str) -> FileResponse:
        if name not in ("studio.js", "studio.css"):
            raise ArtifactNotFoundError("The page has no such part.")
        return FileResponse(studio / name, headers={"Cache-Control": "no-cache"})

    @router.get("/api")
    async def api() -> RedirectResponse:
        return RedirectResponse("/api/docs")

    @router.get("/api/asyncapi.json")
    async def read_asyncapi() -> Mapping[str, Any]:
        return asyncapi()

    return router
