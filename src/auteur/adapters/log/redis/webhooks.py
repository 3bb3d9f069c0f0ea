"""`WebhookStore` on Redis."""

from collections.abc import Sequence
from typing import Any

from auteur.adapters.log.redis.record import hook_in, hook_value
from auteur.adapters.log.redis.scripts import HOOKS, meta_key
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import ProjectDeletedError, TooManyWebhooksError, WebhookNotFoundError
from auteur.domain.webhooks import Webhook


class RedisWebhookStore:
    """`WebhookStore` on a `RedisDatabase`, the same one as the bus."""

    def __init__(self, database: RedisDatabase) -> None:
        self._database = database

    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        await self._do("add", webhook.project_id, webhook.webhook_id, hook_value(webhook), at_most)

    async def webhook(self, project_id: str, webhook_id: str) -> Webhook:
        value = await self._read(project_id, "HGET", webhook_id)
        if value is None:
            raise WebhookNotFoundError(project_id, webhook_id)
        return hook_in(value)

    async def webhooks(self, project_id: str) -> Sequence[Webhook]:
        found = map(hook_in, await self._read(project_id, "HVALS"))
        return sorted(found, key=lambda webhook: (webhook.created_at, webhook.webhook_id))

    async def replace(self, webhook: Webhook) -> None:
        await self._do("replace", webhook.project_id, webhook.webhook_id, hook_value(webhook), 0)

    async def remove(self, project_id: str, webhook_id: str) -> None:
        """What is owed to it goes when it is met."""
        await self._do("remove", project_id, webhook_id, b"", 0)

    async def _read(self, project_id: str, command: str, *fields: str) -> Any:
        meta = meta_key(self._database, project_id)
        deleted, found = await self._database.execute(
            ("HGET", meta, "deleted"), (command, f"{meta.removesuffix('meta')}wh:hooks", *fields)
        )
        if deleted == b"1":
            raise ProjectDeletedError(project_id)
        return found

    async def _do(self, what: str, project_id: str, webhook_id: str, value: bytes, at_most: int) -> None:
        key = meta_key(self._database, project_id)
        _, said = await self._database.evaluate(HOOKS, [key], what, webhook_id, value, at_most)
        if said == b"DELETED":
            raise ProjectDeletedError(project_id)
        if said == b"MANY":
            raise TooManyWebhooksError(at_most)
        if said == b"UNKNOWN":
            raise WebhookNotFoundError(project_id, webhook_id)
