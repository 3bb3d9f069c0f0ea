"""A film handed over: its board, its cut and its cameras asked for as tasks, and its continuity."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.domain.film_export import FilmExporter
from auteur.domain.film_library import parse_resource_name
from auteur.domain.ports import NewId
from auteur.domain.task import parse_project_id
from auteur.entrypoints.http.bodies import body_of, json_body, takes
from auteur.entrypoints.http.parameters import IdempotencyKey
from auteur.protocol.film_export import ContinuityView, ExportRequest, ExportsView


def hand_over_routes(exporter: FilmExporter, new_id: NewId) -> APIRouter:
    """Asking needs `submit`, reading `read`."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["film"])

    @router.post(
        "/films/{name}/exports",
        status_code=202,
        summary="Hand a film over: board, contact sheet, lists, animatic, cut, cameras, keyframes, plans",
        response_model=ExportsView,
        openapi_extra=takes(ExportRequest),
    )
    async def export_film(
        project_id: str, name: str, request: Request, idempotency_key: IdempotencyKey = None
    ) -> Response:
        """Each is a task with progress and files; it waits for takes that are still being made. A shot without a take
        that could be used has a card in its place. The same ``Idempotency-Key`` with the same body is the same
        tasks, as long as the film stays as it is."""
        parse_project_id(project_id)
        asked = await asyncio.to_thread(body_of, await json_body(request), ExportRequest)
        command = asked.command(project_id, name, idempotency_key or new_id(), request.state.request_id)
        submissions = await exporter.export(command)
        audit("film handed over", project_id=project_id, film=command.name, tasks=len(submissions))
        view = ExportsView.of(command.name, submissions)
        return Response(view.model_dump_json(), 202, media_type="application/json")

    @router.get(
        "/films/{name}/continuity",
        summary="What geometry finds between the shots of each scene",
        response_model=ContinuityView,
    )
    async def read_continuity(project_id: str, name: str) -> ContinuityView:
        """The 180-degree line, the 30-degree rule, eyelines, screen direction, and sizes that stay the same. Findings
        are warnings, each with its reason."""
        parse_project_id(project_id)
        return ContinuityView.of(parse_resource_name(name), await exporter.continuity(project_id, name))

    return router
