"""Submit, read, cancel."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from auteur.domain.commands import CancelTask
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import (
    InvalidRequestError,
    TaskNotFoundError,
)
from auteur.domain.ports import NewId
from auteur.domain.task import TaskStatus, parse_project_id
from auteur.domain.tracker import ProjectTracker
from auteur.entrypoints.http.errors import ERRORS, UnsupportedMediaTypeError
from auteur.protocol.incoming import GenerationRequest
from auteur.protocol.json import problems_of, read_json
from auteur.protocol.views import TaskListView, TaskView

log = structlog.get_logger(__name__)


def task_routes(dispatcher: TaskDispatcher, tracker: ProjectTracker, new_id: NewId) -> APIRouter:
    """Submit, read, cancel."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["tasks"], responses=ERRORS)

    @router.post(
        "/tasks",
        status_code=202,
        summary="Ask for a task",
        response_model=TaskView,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": GenerationRequest.model_json_schema()}},
            }
        },
    )
    async def submit(
        project_id: str,
        request: Request,
        response: Response,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    ) -> TaskView:
        """The same ``Idempotency-Key`` with the same body is the same task, however often it is sent."""
        parse_project_id(project_id)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaTypeError("Send the request as application/json.", supported=["application/json"])
        data = read_json(await request.body())
        try:
            asked = GenerationRequest.model_validate(data)
        except ValidationError as error:
            raise InvalidRequestError("The request cannot be used.", problems=problems_of(error)) from None
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

    @router.get("/tasks", summary="Tasks, newest first", response_model=TaskListView)
    async def list_tasks(
        project_id: str,
        status: TaskStatus | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(pattern=r"^\d{1,15}$", description="`next` of the last page")] = None,
    ) -> TaskListView:
        state = await tracker.load(parse_project_id(project_id))
        places = {task.task_id: place for place, task in enumerate(state.waiting, 1)}
        before = int(cursor) if cursor else None
        found = [
            task
            for task in sorted(state.tasks.values(), key=lambda task: -task.queued_seq)
            if (status is None or task.status is status) and (before is None or task.queued_seq < before)
        ]
        page = found[:limit]
        return TaskListView(
            tasks=[TaskView.of(task, places.get(task.task_id)) for task in page],
            next=str(page[-1].queued_seq) if len(found) > limit else None,
        )

    @router.get("/tasks/{task_id}", summary="One task", response_model=TaskView)
    async def read_task(project_id: str, task_id: str) -> TaskView:
        return await view(parse_project_id(project_id), task_id)

    @router.post("/tasks/{task_id}/cancel", summary="Ask for a task to stop", response_model=TaskView)
    async def cancel(project_id: str, task_id: str) -> TaskView:
        """Harmless to repeat; a task that has ended stays as it is."""
        await dispatcher.cancel(CancelTask(project_id=project_id, task_id=task_id))
        log.info("cancel asked for", project_id=project_id, task_id=task_id)
        return await view(project_id, task_id)

    async def view(project_id: str, task_id: str) -> TaskView:
        state = await tracker.load(project_id)
        task = state.tasks.get(task_id)
        if task is None:
            raise TaskNotFoundError(project_id, task_id)
        return TaskView.of(task, state.queue_position(task_id))

    return router
