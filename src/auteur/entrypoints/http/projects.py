"""A project's state, and its log as server-sent events."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.sse import server_sent
from auteur.domain.errors import (
    ShuttingDownError,
)
from auteur.domain.events import Position
from auteur.domain.task import parse_project_id
from auteur.domain.tracker import ProjectTracker
from auteur.entrypoints.http.errors import ERRORS
from auteur.protocol.views import ProjectView


def project_routes(tracker: ProjectTracker, feed: ProjectFeed, closing: asyncio.Event) -> APIRouter:
    """The state, and the log as server-sent events."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["projects"], responses=ERRORS)

    @router.get("", summary="The project's state with its position", response_model=ProjectView)
    async def read_project(project_id: str) -> ProjectView:
        return ProjectView.of(await tracker.load(parse_project_id(project_id)))

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
            server_sent(feed, project_id, position, resumes=bookmark is not None, closing=closing),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router
