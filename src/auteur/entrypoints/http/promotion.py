"""A take made again, and the takes that are of one kin."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.domain.ports import NewId, StateStore
from auteur.domain.project import ProjectReader
from auteur.domain.promotion import TakePromoter
from auteur.domain.task import parse_project_id
from auteur.entrypoints.http.bodies import read_body, takes
from auteur.entrypoints.http.parameters import IdempotencyKey
from auteur.entrypoints.http.tasks import answer_of
from auteur.protocol.incoming import PromotionRequest
from auteur.protocol.views import LineageView, TaskView


def promotion_routes(promoter: TakePromoter, store: StateStore, reader: ProjectReader, new_id: NewId) -> APIRouter:
    """Promote a take, read where it comes from and what became of it."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}/tasks/{task_id}", tags=["tasks"])

    @router.post(
        "/promote",
        status_code=202,
        summary="Make a take again at another quality, or by another engine",
        response_model=TaskView,
        openapi_extra=takes(PromotionRequest),
    )
    async def promote_task(
        project_id: str,
        task_id: str,
        request: Request,
        response: Response,
        idempotency_key: IdempotencyKey = None,
    ) -> TaskView:
        """With the take's seed, words and shape of the frame; `{}` is the next higher quality. Answers with the new
        task. The same ``Idempotency-Key`` with the same body is the same task, however often it is sent."""
        parse_project_id(project_id)
        asked = await read_body(request, PromotionRequest)
        command = asked.promotion(project_id, task_id, idempotency_key or new_id(), request.state.request_id)
        submission = await promoter.promote(command)
        made = submission.task
        audit(
            "take promoted",
            project_id=project_id,
            task_id=made.task_id,
            promoted_from=task_id,
            repeated=submission.repeated,
        )
        response.headers["Location"] = f"/api/v1/projects/{project_id}/tasks/{made.task_id}"
        return await answer_of(submission, store)

    @router.get("/lineage", summary="What a take was made of, and what was made of it", response_model=LineageView)
    async def read_lineage(project_id: str, task_id: str) -> LineageView:
        """From whichever end it is asked for; up to 100 takes."""
        return LineageView.of(task_id, await reader.lineage(project_id, task_id))

    return router
