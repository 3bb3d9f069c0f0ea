"""Webhooks of a project, and what could not be delivered to them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.domain.subscribing import WebhookOffice
from auteur.entrypoints.http.bodies import read_body, takes
from auteur.entrypoints.http.parameters import Limit
from auteur.protocol.webhooks import (
    DeadLetterListView,
    ReplayView,
    SecretWebhookView,
    WebhookCreation,
    WebhookListView,
    WebhookPatch,
    WebhookView,
)


def webhook_routes(office: WebhookOffice) -> APIRouter:
    """Create, list, read, change, rotate, remove; dead letters and their replay. Each needs `manage`."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["webhooks"])

    @router.post(
        "/webhooks",
        status_code=201,
        summary="Have a receiver be told of every ending",
        response_model=SecretWebhookView,
        openapi_extra=takes(WebhookCreation),
    )
    async def create_webhook(project_id: str, request: Request, response: Response) -> SecretWebhookView:
        """The secret is shown this once. Messages are signed as Standard Webhooks has it."""
        asked = await read_body(request, WebhookCreation)
        webhook = await office.create(project_id, asked.url, asked.types, asked.description)
        audit("webhook created", project_id=project_id, webhook_id=webhook.webhook_id)
        response.headers["Location"] = f"/api/v1/projects/{project_id}/webhooks/{webhook.webhook_id}"
        return SecretWebhookView.of(webhook)

    @router.get("/webhooks", summary="Webhooks, the oldest first", response_model=WebhookListView)
    async def list_webhooks(project_id: str) -> WebhookListView:
        return WebhookListView.of(await office.all(project_id))

    @router.get("/webhooks/{webhook_id}", summary="One webhook", response_model=WebhookView)
    async def read_webhook(project_id: str, webhook_id: str) -> WebhookView:
        return WebhookView.of(await office.read(project_id, webhook_id))

    @router.patch(
        "/webhooks/{webhook_id}",
        summary="Change a webhook, enable or disable it",
        response_model=WebhookView,
        openapi_extra=takes(WebhookPatch),
    )
    async def change_webhook(project_id: str, webhook_id: str, request: Request) -> WebhookView:
        """What is left out stays. It counts for what waits already, too."""
        asked = await read_body(request, WebhookPatch)
        webhook = await office.change(project_id, webhook_id, asked.changes())
        audit(
            "webhook changed",
            project_id=project_id,
            webhook_id=webhook.webhook_id,
            changed=sorted(asked.model_fields_set),
            enabled=webhook.disabled is None,
        )
        return WebhookView.of(webhook)

    @router.post(
        "/webhooks/{webhook_id}/secret", summary="Draw a new secret for a webhook", response_model=SecretWebhookView
    )
    async def rotate_secret(project_id: str, webhook_id: str) -> SecretWebhookView:
        """It is shown this once. For a while messages carry a signature by the one before, too."""
        webhook = await office.rotate(project_id, webhook_id)
        audit("webhook secret rotated", project_id=project_id, webhook_id=webhook.webhook_id)
        return SecretWebhookView.of(webhook)

    @router.delete("/webhooks/{webhook_id}", status_code=204, summary="Remove a webhook, and what waits for it")
    async def remove_webhook(project_id: str, webhook_id: str) -> Response:
        await office.remove(project_id, webhook_id)
        audit("webhook removed", project_id=project_id, webhook_id=webhook_id)
        return Response(status_code=204)

    @router.get("/dead-letters", summary="Messages that were given up, newest first", response_model=DeadLetterListView)
    async def list_dead_letters(
        project_id: str,
        limit: Limit = 50,
        cursor: Annotated[str | None, Query(max_length=256, description="`next` of the last page")] = None,
    ) -> DeadLetterListView:
        """Of webhooks that are there, and of tasks' own."""
        return DeadLetterListView.of(await office.dead_letters(project_id, after=cursor, limit=limit))

    @router.post("/dead-letters/replay", summary="Send all dead letters again", response_model=ReplayView)
    async def replay_dead_letters(project_id: str) -> ReplayView:
        """Each under the id that it had, as if it had happened now: it is tried for as long again."""
        replayed = await office.replay_all(project_id)
        audit("dead letters replayed", project_id=project_id, replayed=replayed)
        return ReplayView(replayed=replayed)

    @router.post("/dead-letters/{delivery_id}/replay", summary="Send a dead letter again", response_model=ReplayView)
    async def replay_dead_letter(project_id: str, delivery_id: str) -> ReplayView:
        await office.replay(project_id, delivery_id)
        audit("dead letter replayed", project_id=project_id, delivery_id=delivery_id)
        return ReplayView(replayed=1)

    return router
