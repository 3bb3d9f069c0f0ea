"""Ask for several tasks at once: all of them, or none."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.ports import NewId
from auteur.domain.task import parse_project_id
from auteur.entrypoints.http.bodies import body_of, json_body, takes
from auteur.entrypoints.http.parameters import IdempotencyKey
from auteur.entrypoints.http.tasks import accepted_view
from auteur.protocol.incoming import BatchRequest
from auteur.protocol.views import BatchView


def batch_routes(dispatcher: TaskDispatcher, new_id: NewId) -> APIRouter:
    """Ask for several tasks at once."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["tasks"])

    @router.post(
        "/batches",
        status_code=202,
        summary="Ask for several tasks, all or none",
        response_model=BatchView,
        openapi_extra=takes(BatchRequest),
    )
    async def submit_batch(
        project_id: str,
        request: Request,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """The same ``Idempotency-Key`` with the same body is the same tasks. An input may name the output of another
        request by its name, ``{"from_task": "#frame-1"}``, or of any task of the project by its id. What is wrong is
        told of every request, up to 100 problems, and then nothing was accepted."""
        parse_project_id(project_id)
        body = await json_body(request)
        # it may be large: read beside the event loop
        asked = await asyncio.to_thread(body_of, body, BatchRequest)
        command = asked.batch(project_id, idempotency_key or new_id(), request.state.request_id)
        submissions = await dispatcher.submit_batch(command)
        audit("batch accepted", project_id=project_id, tasks=len(submissions), repeated=submissions[0].repeated)
        ids = [submission.task.task_id for submission in submissions]
        names = {name: task_id for name, task_id in zip(command.names, ids, strict=True) if name is not None}
        view = BatchView(tasks=[accepted_view(submission) for submission in submissions], names=names)
        return Response(view.model_dump_json(), 202, media_type="application/json")

    return router
