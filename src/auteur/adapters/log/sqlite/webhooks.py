"""`WebhookStore` in one SQLite file."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from auteur.adapters.log.outbox import decode_webhook, encode_webhook
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.owing import insert_webhook
from auteur.domain.errors import ProjectDeletedError, TooManyWebhooksError, WebhookNotFoundError
from auteur.domain.webhooks import Webhook


class SqliteWebhookStore:
    """`WebhookStore` on a `SqliteDatabase`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        def write(connection: sqlite3.Connection) -> None:
            require_project(connection, webhook.project_id)
            (there,) = connection.execute(
                "SELECT count(*) FROM webhooks WHERE project_id = ? AND task_id = ''", (webhook.project_id,)
            ).fetchone()
            if there >= at_most:
                raise TooManyWebhooksError(at_most)
            insert_webhook(connection, webhook)

        await self._database.transact(write)

    async def webhook(self, project_id: str, webhook_id: str) -> Webhook:
        def read(connection: sqlite3.Connection) -> Webhook:
            require_project(connection, project_id)
            row = connection.execute(
                "SELECT disabled, body FROM webhooks WHERE project_id = ? AND webhook_id = ? AND task_id = ''",
                (project_id, webhook_id),
            ).fetchone()
            if row is None:
                raise WebhookNotFoundError(project_id, webhook_id)
            return webhook_in(*row)

        return await self._database.read(read)

    async def webhooks(self, project_id: str) -> Sequence[Webhook]:
        def read(connection: sqlite3.Connection) -> Sequence[Webhook]:
            require_project(connection, project_id)
            rows = connection.execute(
                "SELECT disabled, body FROM webhooks WHERE project_id = ? AND task_id = '' ORDER BY number",
                (project_id,),
            )
            return [webhook_in(*row) for row in rows]

        return await self._database.read(read)

    async def replace(self, webhook: Webhook) -> None:
        def write(connection: sqlite3.Connection) -> None:
            require_project(connection, webhook.project_id)
            changed = connection.execute(
                "UPDATE webhooks SET types = ?, disabled = ?, body = ?"
                " WHERE project_id = ? AND webhook_id = ? AND task_id = ''",
                (
                    " ".join(webhook.types), webhook.disabled, encode_webhook(replace(webhook, disabled=None)),
                    webhook.project_id, webhook.webhook_id,
                ),
            )  # fmt: skip
            if not changed.rowcount:
                raise WebhookNotFoundError(webhook.project_id, webhook.webhook_id)

        await self._database.transact(write)

    async def remove(self, project_id: str, webhook_id: str) -> None:
        def write(connection: sqlite3.Connection) -> None:
            require_project(connection, project_id)
            key = (project_id, webhook_id)
            removed = connection.execute(
                "DELETE FROM webhooks WHERE project_id = ? AND webhook_id = ? AND task_id = ''", key
            )
            if not removed.rowcount:
                raise WebhookNotFoundError(project_id, webhook_id)
            connection.execute("DELETE FROM deliveries WHERE project_id = ? AND endpoint = ?", key)
            connection.execute("DELETE FROM endpoints WHERE project_id = ? AND endpoint = ?", key)

        await self._database.transact(write)


def require_project(connection: sqlite3.Connection, project_id: str) -> None:
    """Raises `ProjectDeletedError`."""
    row = connection.execute("SELECT deleted FROM projects WHERE project_id = ?", (project_id,)).fetchone()
    if row is not None and row[0]:
        raise ProjectDeletedError(project_id)


def webhook_in(disabled: Any, body: bytes) -> Webhook:
    """The webhook in a row."""
    return replace(decode_webhook(body), disabled=disabled)
