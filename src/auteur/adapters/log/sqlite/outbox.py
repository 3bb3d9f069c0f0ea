"""`WebhookOutbox` in one SQLite file.

A row of ``endpoints`` says when somebody should look there; it is there as long as anything waits for the endpoint, so
that what is due is found by one index whatever else waits, rests or was delivered.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from auteur.adapters.log.codec import stored_event
from auteur.adapters.log.outbox import DISABLED, EXPIRED_AT_ONCE, RECEIVER_DOWN, Place, microseconds, moment
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.owing import look_early
from auteur.adapters.log.sqlite.webhooks import require_project, webhook_in
from auteur.domain.errors import DeadLetterNotFoundError
from auteur.domain.events import Position
from auteur.domain.webhooks import Backlog, Claim, DeadLetters, Delivery, Verdict

_COLUMNS = "delivery_id, webhook_id, endpoint, epoch, seq, body, since, attempts, died_at, reason"
_WAITING = "project_id = ? AND endpoint = ? AND died_at IS NULL"
_FREE = "(NOT leased OR due_at <= ?)"
_COUNTED = 100_000
_LOOKS = 25


class SqliteWebhookOutbox:
    """`WebhookOutbox` on a `SqliteDatabase`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def claim(
        self, now: datetime, *, lease_s: float, limit: int, per_endpoint: int, rest_after: int
    ) -> Sequence[Claim]:
        at = microseconds(now)
        due = await self._database.call(
            lambda connection: connection.execute(
                "SELECT 1 FROM endpoints WHERE look_at <= ? LIMIT 1", (at,)
            ).fetchone()
        )
        if due is None:  # as mostly: nobody is kept from writing
            return []
        lease_end = at + int(lease_s * 1e6)

        def take(connection: sqlite3.Connection) -> list[Claim]:
            claims: list[Claim] = []
            for project_id, endpoint, failures, rests_until in connection.execute(
                "SELECT project_id, endpoint, failures, rests_until FROM endpoints WHERE look_at <= ?"
                " ORDER BY look_at, number LIMIT ?",
                (at, limit),
            ).fetchall():
                key = (project_id, endpoint)
                most = 1 if failures >= rest_after else per_endpoint
                leased, first_end = _leased(connection, key, at)
                room = 0 if rests_until > at else min(most - leased, limit - len(claims))
                for _ in range(_LOOKS if room > 0 else 0):
                    found = _due(connection, key, at, room)
                    new = [c for row in found for c in self._claimed(connection, row, at, lease_end, failures)]
                    claims += new
                    if new or not found:  # else all were of who hears nothing any more, and are gone
                        break
                leased, first_end = _leased(connection, key, at)
                _look_again(connection, key, at, not_before=first_end if leased >= most else 0)
                if len(claims) >= limit:
                    break
            return claims

        return await self._database.transact(take, synced=False)

    def _claimed(
        self, connection: sqlite3.Connection, found: tuple[Any, ...], at: int, lease_end: int, failures: int
    ) -> list[Claim]:
        number, project_id, *columns = found
        row = connection.execute(
            "SELECT disabled, body FROM webhooks WHERE project_id = ? AND webhook_id = ?", (project_id, columns[1])
        ).fetchone()
        if row is None:
            connection.execute("DELETE FROM deliveries WHERE number = ?", (number,))
            return []
        if row[0] is not None:
            _bury(connection, number, at, DISABLED)
            return []
        connection.execute(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = ?, leased = 1 WHERE number = ?",
            (lease_end, number),
        )
        columns[7] += 1
        return [Claim(webhook=webhook_in(*row), delivery=_delivery(columns), failures=failures)]

    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        at = microseconds(verdict.at)
        key = (claim.delivery.project_id, claim.delivery.endpoint)

        def write(connection: sqlite3.Connection) -> bool:
            row = connection.execute(
                "SELECT number, attempts, died_at FROM deliveries WHERE project_id = ? AND delivery_id = ?",
                (claim.delivery.project_id, claim.delivery.delivery_id),
            ).fetchone()
            if row is None:
                return False
            number, attempts, died_at = row
            if not verdict.taken and (died_at is not None or attempts != claim.delivery.attempts):
                return False
            if verdict.taken:
                connection.execute("DELETE FROM deliveries WHERE number = ?", (number,))
                if claim.webhook.task_id is not None:
                    _remove_own(connection, claim.delivery.project_id, claim.webhook.webhook_id)
                connection.execute(
                    "UPDATE endpoints SET failures = 0, rests_until = 0 WHERE project_id = ? AND endpoint = ?", key
                )
            else:
                self._refused(connection, claim, verdict, number)
            _look_again(connection, key, at)
            return True

        return await self._database.transact(write, synced=False)

    def _refused(self, connection: sqlite3.Connection, claim: Claim, verdict: Verdict, number: int) -> None:
        at, key = microseconds(verdict.at), (claim.delivery.project_id, claim.delivery.endpoint)
        if verdict.gone or verdict.again_at is None:
            _bury(connection, number, at, verdict.reason)
        else:
            connection.execute(
                "UPDATE deliveries SET due_at = ?, leased = 0, reason = ? WHERE number = ?",
                (microseconds(verdict.again_at), verdict.reason, number),
            )
        if verdict.gone:
            connection.execute(
                "UPDATE webhooks SET disabled = 'gone' WHERE project_id = ? AND webhook_id = ? AND task_id = ''",
                (claim.delivery.project_id, claim.webhook.webhook_id),
            )
        connection.execute(
            "UPDATE endpoints SET failures = failures + 1, rests_until = ? WHERE project_id = ? AND endpoint = ?",
            (microseconds(verdict.rest_until) if verdict.rest_until else 0, *key),
        )
        if verdict.given_up_before is not None:
            connection.execute(
                "UPDATE deliveries SET died_at = ?, leased = 0, reason = iif(reason = '', ?, reason) WHERE number IN"
                f" (SELECT number FROM (SELECT number, leased, since FROM deliveries WHERE {_WAITING}"
                " ORDER BY due_at LIMIT ?) WHERE NOT leased AND since <= ?)",
                (at, RECEIVER_DOWN, *key, EXPIRED_AT_ONCE, microseconds(verdict.given_up_before)),
            )

    async def dead(self, project_id: str, *, after: str | None, limit: int) -> DeadLetters:
        begin = Place.parse(after) if after is not None else None

        def read(connection: sqlite3.Connection) -> DeadLetters:
            require_project(connection, project_id)
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE project_id = ? AND died_at IS NOT NULL"
                " AND (died_at, delivery_id) < (?, ?) ORDER BY died_at DESC, delivery_id DESC LIMIT ?",
                (project_id, begin.died_us if begin else 1 << 62, begin.delivery_id if begin else "", limit + 1),
            ).fetchall()
            last = Place(rows[limit - 1][8], rows[limit - 1][0]) if len(rows) > limit else None
            return DeadLetters(
                deliveries=[_delivery(row) for row in rows[:limit]], next=None if last is None else str(last)
            )

        return await self._database.read(read)

    async def replay(self, project_id: str, delivery_id: str | None, now: datetime, *, limit: int) -> int:
        at = microseconds(now)

        def write(connection: sqlite3.Connection) -> int:
            require_project(connection, project_id)
            rows = connection.execute(
                "SELECT number, endpoint FROM deliveries WHERE project_id = ? AND died_at IS NOT NULL"
                + (" AND delivery_id = ?" if delivery_id is not None else "")
                + " ORDER BY died_at, delivery_id LIMIT ?",
                (project_id, *([] if delivery_id is None else [delivery_id]), limit),
            ).fetchall()
            if delivery_id is not None and not rows:
                raise DeadLetterNotFoundError(project_id, delivery_id)
            for number, endpoint in rows:
                connection.execute(
                    "UPDATE deliveries SET died_at = NULL, attempts = 0, since = ?, due_at = ?, leased = 0"
                    " WHERE number = ?",
                    (at, at, number),
                )
                look_early(connection, project_id, endpoint, at)
            return len(rows)

        return await self._database.transact(write)

    async def expire(self, died_before: datetime, limit: int) -> int:
        def write(connection: sqlite3.Connection) -> int:
            rows = connection.execute(
                "SELECT number, project_id, webhook_id FROM deliveries WHERE died_at < ? ORDER BY died_at LIMIT ?",
                (microseconds(died_before), limit),
            ).fetchall()
            for number, project_id, webhook_id in rows:
                connection.execute("DELETE FROM deliveries WHERE number = ?", (number,))
                _remove_own(connection, project_id, webhook_id)
            return len(rows)

        return await self._database.transact(write, synced=False)

    async def backlog(self) -> Backlog:
        def read(connection: sqlite3.Connection) -> Backlog:
            (waiting,) = connection.execute(
                "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE died_at IS NULL LIMIT ?)", (_COUNTED,)
            ).fetchone()
            (oldest,) = connection.execute("SELECT min(since) FROM deliveries WHERE died_at IS NULL").fetchone()
            return Backlog(waiting, None if oldest is None else moment(oldest))

        return await self._database.read(read)


def _leased(connection: sqlite3.Connection, key: tuple[str, str], at: int) -> tuple[int, int]:
    """How many of the endpoint's deliveries somebody has, and when the first lease ends."""
    leased, first_end = connection.execute(
        f"SELECT count(*), min(due_at) FROM deliveries WHERE {_WAITING} AND leased AND due_at > ?", (*key, at)
    ).fetchone()
    return leased, first_end or 0


def _due(connection: sqlite3.Connection, key: tuple[str, str], at: int, room: int) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"SELECT number, project_id, {_COLUMNS} FROM deliveries WHERE {_WAITING} AND due_at <= ?"
        " ORDER BY due_at, delivery_id LIMIT ?",
        (*key, at, room),
    ).fetchall()


def _look_again(connection: sqlite3.Connection, key: tuple[str, str], at: int, not_before: int = 0) -> None:
    """Writes when the endpoint is to be looked at next; takes it off where nothing waits for it."""
    (free,) = connection.execute(
        f"SELECT min(due_at) FROM deliveries WHERE {_WAITING} AND {_FREE}", (*key, at)
    ).fetchone()
    _, first_end = _leased(connection, key, at)
    due = free if free is not None else first_end
    if not due:
        connection.execute("DELETE FROM endpoints WHERE project_id = ? AND endpoint = ?", key)
        return
    connection.execute(
        "UPDATE endpoints SET look_at = max(?, ?, rests_until) WHERE project_id = ? AND endpoint = ?",
        (due, not_before, *key),
    )


def _bury(connection: sqlite3.Connection, number: int, at: int, reason: str) -> None:
    connection.execute(
        "UPDATE deliveries SET died_at = ?, leased = 0, reason = ? WHERE number = ?", (at, reason, number)
    )


def _remove_own(connection: sqlite3.Connection, project_id: str, webhook_id: str) -> None:
    """A task's own webhook has heard all there is for it."""
    connection.execute(
        "DELETE FROM webhooks WHERE project_id = ? AND webhook_id = ? AND task_id != ''", (project_id, webhook_id)
    )


def _delivery(row: Sequence[Any]) -> Delivery:
    name, webhook_id, endpoint, epoch, seq, body, since, attempts, died_at, reason = row
    return Delivery(
        delivery_id=name,
        webhook_id=webhook_id,
        endpoint=endpoint,
        recorded=stored_event(Position(epoch, seq), body),
        since=moment(since),
        attempts=attempts,
        died_at=None if died_at is None else moment(died_at),
        reason=reason,
    )
