"""Submit, read, mark, cancel, delete."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.domain.archive import ProjectArchive
from auteur.domain.commands import CancelTask, DeleteTask, MarkTask
from auteur.domain.dispatcher import Submission, TaskDispatcher
from auteur.domain.errors import AuteurError
from auteur.domain.ports import NewId, StateStore
from auteur.domain.project import ProjectReader, parse_words
from auteur.domain.state import TaskQuery, TaskReading
from auteur.domain.task import TaskStatus, parse_project_id
from auteur.entrypoints.http.bodies import read_body, takes
from auteur.entrypoints.http.parameters import IdempotencyKey, Limit, TrueOrFalse
from auteur.entrypoints.http.plain_route import PlainRoute
from auteur.protocol.incoming import GenerationRequest, Marks
from auteur.protocol.views import TaskListView, TaskView


def task_routes(
    dispatcher: TaskDispatcher, store: StateStore, reader: ProjectReader, archive: ProjectArchive, new_id: NewId
) -> APIRouter:
    """Submit, read, mark, cancel, delete."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["tasks"])

    async def submit_task(
        project_id: str,
        request: Request,
        response: Response,
        idempotency_key: IdempotencyKey = None,
    ) -> TaskView:
        """The same ``Idempotency-Key`` with the same body is the same task, however often it is sent."""
        parse_project_id(project_id)
        asked = await read_body(request, GenerationRequest)
        command = asked.command(project_id, idempotency_key or new_id(), request.state.request_id)
        submission = await dispatcher.submit(command)
        task = submission.task
        audit(
            "task accepted",
            project_id=project_id,
            task_id=task.task_id,
            task_type=asked.task_type,
            repeated=submission.repeated,
        )
        response.headers["Location"] = f"/api/v1/projects/{project_id}/tasks/{task.task_id}"
        return await answer_of(submission, store)

    router.add_api_route(
        "/tasks",
        submit_task,
        methods=["POST"],
        route_class_override=PlainRoute,
        status_code=202,
        summary="Ask for a task",
        response_model=TaskView,
        openapi_extra=takes(GenerationRequest),
    )

    @router.get("/tasks", summary="Tasks, newest first", response_model=TaskListView)
    async def list_tasks(
        project_id: str,
        status: Annotated[list[TaskStatus] | None, Query(description="May be given several times")] = None,
        task_type: Annotated[str | None, Query(max_length=128)] = None,
        quality: Annotated[str | None, Query(max_length=64)] = None,
        favourite: TrueOrFalse | None = None,
        shot: Annotated[str | None, Query(max_length=64)] = None,
        q: Annotated[str | None, Query(max_length=200, description="Words of prompt, shot and metadata")] = None,
        limit: Limit = 50,
        cursor: Annotated[str | None, Query(max_length=64, description="`next` of the last page or state")] = None,
    ) -> TaskListView:
        """Ask for the next page with the same filters. A cursor of a project's state needs none."""
        query = TaskQuery(
            statuses=frozenset(status or TaskStatus),
            task_type=task_type,
            quality=quality,
            favourite=favourite,
            shot=shot,
            words=parse_words(q) if q is not None else (),
        )
        return TaskListView.of(*await reader.page(project_id, query, cursor, limit))

    @router.get("/tasks/{task_id}", summary="One task", response_model=TaskView)
    async def read_task(project_id: str, task_id: str) -> TaskView:
        return await view(parse_project_id(project_id), task_id)

    @router.post("/tasks/{task_id}/cancel", summary="Ask for a task to stop", response_model=TaskView)
    async def cancel_task(project_id: str, task_id: str) -> TaskView:
        """Harmless to repeat; a task that has ended stays as it is."""
        reading = await dispatcher.cancel(CancelTask(project_id=project_id, task_id=task_id))
        audit("cancel asked for", project_id=project_id, task_id=task_id)
        return view_of(reading)

    @router.patch(
        "/tasks/{task_id}",
        summary="Mark a task as a favourite, or circle a take of its shot",
        response_model=TaskView,
        openapi_extra=takes(Marks),
    )
    async def mark_task(project_id: str, task_id: str, request: Request) -> TaskView:
        """What is left out stays as it is. Of the takes of a shot one at most is circled."""
        parse_project_id(project_id)
        marks = await read_body(request, Marks)
        command = MarkTask(
            project_id=project_id, task_id=task_id, favourite=marks.favourite, circled=marks.circled
        )  # fmt: skip
        marking = await archive.mark(command)
        audit("task marked", project_id=project_id, task_id=task_id, recorded=marking.recorded)
        return view_of(marking.reading)

    @router.delete("/tasks/{task_id}", status_code=204, summary="Remove an ended task, record and files")
    async def delete_task(project_id: str, task_id: str) -> Response:
        """Harmless to repeat. The task's id cannot be used again."""
        await archive.delete_task(DeleteTask(project_id=project_id, task_id=task_id))
        audit("task deleted", project_id=project_id, task_id=task_id)
        return Response(status_code=204)

    async def view(project_id: str, task_id: str) -> TaskView:
        return view_of(await store.task(project_id, task_id))

    return router


async def answer_of(submission: Submission, store: StateStore) -> TaskView:
    """What was accepted, as it was: nothing is read again. What was accepted before, as it is now; as it was, where
    that cannot be read any more: to refuse it then would be untrue."""
    if not submission.repeated:
        return accepted_view(submission)
    task = submission.task
    try:
        return view_of(await store.task(task.project_id, task.task_id))
    except AuteurError:
        return accepted_view(submission)


def accepted_view(submission: Submission) -> TaskView:
    """What was accepted, as it was accepted: its place in the queue is known where that was just now."""
    task = submission.task
    waits = task.status is TaskStatus.QUEUED and not submission.repeated
    return TaskView.of(task, task.request.queue_position if waits else None)


def view_of(reading: TaskReading) -> TaskView:
    """The wire's view of a task that was read."""
    return TaskView.of(reading.task, reading.queue_position)
