"""A project's state, and its log as server-sent events."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.adapters.live.conversations import Conversations
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.sse import server_sent
from auteur.domain.archive import ProjectArchive
from auteur.domain.commands import DeleteProject
from auteur.domain.errors import (
    ShuttingDownError,
)
from auteur.domain.events import Position
from auteur.domain.ports import StateStore
from auteur.domain.project import ProjectReader
from auteur.domain.task import parse_project_id
from auteur.entrypoints.http.parameters import Limit
from auteur.protocol.projects import ProjectListView, ProjectSummaryView, ProjectView, ShotListView, ShotView


def project_routes(
    store: StateStore,
    reader: ProjectReader,
    archive: ProjectArchive,
    feed: ProjectFeed,
    closing: asyncio.Event,
    conversations: Conversations,
    limits: SessionLimits,
) -> APIRouter:
    """All projects; one project's state and shots; its log as server-sent events."""
    router = APIRouter(prefix="/api/v1/projects", tags=["projects"])

    @router.get("", summary="Projects, the one active last first", response_model=ProjectListView)
    async def list_projects(
        request: Request,
        limit: Limit = 50,
        cursor: Annotated[str | None, Query(max_length=256, description="`next` of the last page")] = None,
    ) -> ProjectListView:
        """Those that who asks may see. A page may have fewer than there is room for, and still a `next`."""
        page = await reader.projects(request.state.principal, after=cursor, limit=limit)
        return ProjectListView(projects=[ProjectSummaryView.of(known) for known in page.projects], next=page.next)

    @router.get("/{project_id}", summary="The project's state with its position", response_model=ProjectView)
    async def read_project(project_id: str) -> ProjectView:
        """Open tasks and the newest ended ones; `next` leads through the rest of them, by `GET …/tasks?cursor=`."""
        return ProjectView.of(await reader.state(project_id))

    @router.delete("/{project_id}", status_code=204, summary="Remove a project whose tasks have ended")
    async def delete_project(project_id: str) -> Response:
        """Records, files and history. Harmless to repeat. The project's id cannot be used again."""
        await archive.delete_project(DeleteProject(project_id=project_id))
        audit("project deleted", project_id=project_id)
        return Response(status_code=204)

    @router.get("/{project_id}/shots", summary="Shots by name, with their takes", response_model=ShotListView)
    async def list_shots(
        project_id: str,
        limit: Limit = 50,
        cursor: Annotated[str | None, Query(max_length=64, description="`next` of the last page")] = None,
    ) -> ShotListView:
        found = await store.shots(parse_project_id(project_id), after=cursor, limit=limit + 1)
        shots = [ShotView.of(project_id, shot) for shot in found[:limit]]
        return ShotListView(shots=shots, next=shots[-1].shot if len(found) > limit else None)

    @router.get(
        "/{project_id}/events", summary="The project's log as server-sent events", response_class=StreamingResponse
    )
    async def follow_events(
        request: Request,
        project_id: str,
        after: Annotated[str | None, Query(description="A position, or 0 for the oldest event kept")] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        """Each event's data is the socket's message, its id the position; `Last-Event-ID` resumes."""
        parse_project_id(project_id)
        if closing.is_set():
            raise ShuttingDownError("The service is stopping.")
        await store.counts(project_id)  # who comes back to a deleted project is told so, not greeted
        bookmark = last_event_id or after
        # both are looked at, although one counts: what is no position is refused wherever it stands
        first, last = (Position.parse(given) if given else None for given in (after, last_event_id))
        position = last if last_event_id else first
        return StreamingResponse(
            server_sent(
                feed,
                project_id,
                position,
                resumes=bookmark is not None,
                conversations=conversations,
                principal=request.state.principal,
                limits=limits,
            ),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router
