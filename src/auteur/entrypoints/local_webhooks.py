"""Webhooks of a workspace that is opened in this process: changed here, and told of endings by the next service."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from auteur.adapters.audit import asked_by, audit
from auteur.domain.subscribing import WebhookOffice
from auteur.entrypoints.http.bodies import read_as
from auteur.entrypoints.studios import told_as_of_a_service
from auteur.protocol.webhooks import DeadLetterView, SecretWebhookView, WebhookCreation, WebhookPatch, WebhookView

_PAGE = 50


class EmbeddedWebhooks:
    """A `WebhookDesk` at the office itself. What it changes is told to the audit as over HTTP."""

    def __init__(self, office: WebhookOffice) -> None:
        self._office = office

    async def all(self, project_id: str) -> Sequence[Mapping[str, Any]]:
        with told_as_of_a_service():
            return [WebhookView.of(one).model_dump(mode="json") for one in await self._office.all(project_id)]

    async def add(self, project_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        with told_as_of_a_service():
            asked = read_as(WebhookCreation, body)
            webhook = await self._office.create(project_id, asked.url, asked.types, asked.description)
        _audit("webhook created", project_id=project_id, webhook_id=webhook.webhook_id)
        return SecretWebhookView.of(webhook).model_dump(mode="json")

    async def change(self, project_id: str, webhook_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        with told_as_of_a_service():
            asked = read_as(WebhookPatch, body)
            webhook = await self._office.change(project_id, webhook_id, asked.changes())
        enabled, changed = webhook.disabled is None, sorted(asked.model_fields_set)
        _audit("webhook changed", project_id=project_id, webhook_id=webhook_id, changed=changed, enabled=enabled)
        return WebhookView.of(webhook).model_dump(mode="json")

    async def rotate(self, project_id: str, webhook_id: str) -> Mapping[str, Any]:
        with told_as_of_a_service():
            webhook = await self._office.rotate(project_id, webhook_id)
        _audit("webhook secret rotated", project_id=project_id, webhook_id=webhook_id)
        return SecretWebhookView.of(webhook).model_dump(mode="json")

    async def remove(self, project_id: str, webhook_id: str) -> None:
        with told_as_of_a_service():
            await self._office.remove(project_id, webhook_id)
        _audit("webhook removed", project_id=project_id, webhook_id=webhook_id)

    async def dead_letters(self, project_id: str) -> AsyncGenerator[Mapping[str, Any], None]:
        cursor: str | None = None
        with told_as_of_a_service():
            while True:
                page = await self._office.dead_letters(project_id, after=cursor, limit=_PAGE)
                for delivery in page.deliveries:
                    yield DeadLetterView.of(delivery).model_dump(mode="json")
                cursor = page.next
                if cursor is None:
                    return

    async def replay(self, project_id: str, delivery_id: str | None) -> int:
        with told_as_of_a_service():
            if delivery_id is None:
                replayed = await self._office.replay_all(project_id)
                _audit("dead letters replayed", project_id=project_id, replayed=replayed)
                return replayed
            await self._office.replay(project_id, delivery_id)
        _audit("dead letter replayed", project_id=project_id, delivery_id=delivery_id)
        return 1


def _audit(action: str, **what: Any) -> None:
    asked_by("local", "command line", None)
    audit(action, **what)
