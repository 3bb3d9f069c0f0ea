"""What an event owes to webhooks, in the transaction that appends it."""

import sqlite3
from dataclasses import replace

from auteur.adapters.log.codec import encode_told
from auteur.adapters.log.outbox import encode_webhook, microseconds
from auteur.domain.events import RecordedEvent, TaskEvent, TaskQueued
from auteur.domain.signing import TaskWebhook
from auteur.domain.webhooks import Webhook, delivery_id, ending_type, own_webhook


def keep_own(connection: sqlite3.Connection, event: TaskQueued, given: TaskWebhook) -> None:
    """Keeps the webhook that a task brings with it."""
    insert_webhook(connection, own_webhook(event, given))


def insert_webhook(connection: sqlite3.Connection, webhook: Webhook) -> None:
    """Writes a webhook that begins."""
    connection.execute(
        "INSERT INTO webhooks (project_id, webhook_id, task_id, endpoint, types, disabled, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            webhook.project_id, webhook.webhook_id, webhook.task_id or "", webhook.endpoint, " ".join(webhook.types),
            webhook.disabled, encode_webhook(replace(webhook, disabled=None)),
        ),
    )  # fmt: skip


def owe(connection: sqlite3.Connection, recorded: RecordedEvent) -> None:
    """Enters a delivery of an ending for each who hears of it."""
    event, kind = recorded.event, ending_type(recorded.event)
    if kind is None or not isinstance(event, TaskEvent):
        return
    hearing = connection.execute(
        "SELECT webhook_id, endpoint, types FROM webhooks WHERE project_id = ? AND task_id IN ('', ?)"
        " AND disabled IS NULL ORDER BY number",
        (event.project_id, event.task_id),
    ).fetchall()
    body = encode_told(event) if hearing else b""
    at = microseconds(event.at)
    for webhook_id, endpoint, types in hearing:
        if kind in types.split(" "):
            connection.execute(
                "INSERT INTO deliveries"
                " (project_id, delivery_id, endpoint, webhook_id, epoch, seq, body, since, due_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    event.project_id, delivery_id(recorded, webhook_id), endpoint, webhook_id,
                    recorded.position.epoch, recorded.position.seq, body, at, at,
                ),
            )  # fmt: skip
            look_early(connection, event.project_id, endpoint, at)


def look_early(connection: sqlite3.Connection, project_id: str, endpoint: str, due_at: int) -> None:
    """Has the endpoint be looked at when that is due, unless it rests, or is looked at before."""
    connection.execute(
        "INSERT INTO endpoints (project_id, endpoint, look_at) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
        " SET look_at = min(look_at, max(rests_until, ?3))",
        (project_id, endpoint, due_at),
    )


def end_belongings(connection: sqlite3.Connection, project_id: str) -> None:
    """What belongs to the project and is no task goes with it: its documents and its webhooks; deliveries are purged
    later."""
    connection.execute("DELETE FROM documents WHERE project_id = ?", (project_id,))
    connection.execute("DELETE FROM webhooks WHERE project_id = ?", (project_id,))
    connection.execute("DELETE FROM endpoints WHERE project_id = ?", (project_id,))
