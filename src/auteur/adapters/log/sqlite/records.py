"""What an event does to the record of its task, in the transaction that appends it."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from auteur.adapters.log.codec import REQUEST
from auteur.adapters.log.sqlite.rows import columns_of, insert, remove, stamp
from auteur.domain.events import Beginning, Event, ProjectDeleted, TakeCircled, TaskDeleted, TaskEvent, TaskImported
from auteur.domain.guard import admit, take_after
from auteur.domain.task import TaskStatus, with_promotion


@dataclass(frozen=True, slots=True)
class _Known:
    """What must be known of a record to change it."""

    number: int
    status: TaskStatus
    attempt: int
    worker: str | None
    size_bytes: int

    @property
    def blocked(self) -> bool:
        return self.status is TaskStatus.BLOCKED

    @property
    def ended(self) -> bool:
        return self.status.ended


@dataclass(frozen=True, slots=True)
class Found:
    """What must be known of a project to append to it, and of the record that changes. ``number``: None where nothing
    was appended yet. ``buried``: there was such a record, and it was deleted."""

    number: int | None
    seq: int
    deleted: bool
    open_tasks: int
    record: _Known | None
    buried: bool = False


_FIND = """
SELECT p.number, p.seq, p.deleted, p.blocked + p.queued + p.running,
       CASE WHEN t.number IS NULL
            THEN EXISTS (SELECT 1 FROM tombstones WHERE project_id = p.project_id AND task_id = ?2) END,
       t.number, t.status, t.attempt, t.worker, t.size_bytes
FROM projects AS p LEFT JOIN tasks AS t ON t.project_id = p.project_id AND t.task_id = ?2 WHERE p.project_id = ?1
"""


def find(connection: sqlite3.Connection, event: Event) -> Found:
    """What is known of the event's project and record."""
    task_id = event.task_id if isinstance(event, TaskEvent) else ""
    row = connection.execute(_FIND, (event.project_id, task_id)).fetchone()
    if row is None:
        return Found(None, 0, False, 0, None)
    number, seq, deleted, open_tasks, buried, *known = row
    record = None if known[0] is None else _Known(known[0], TaskStatus(known[1]), *known[2:])
    return Found(number, seq, bool(deleted), open_tasks, record, bool(buried))


def write_record(connection: sqlite3.Connection, event: Event, found: Found) -> Event:
    """Changes the record as the event says, if it is admitted, and counts the event; returns it as it is to be
    recorded. Raises what `guard.admit` raises."""
    assert not isinstance(event, ProjectDeleted)
    key = (event.project_id, event.task_id)
    known, project_number, seq = found.record, found.number, found.seq + 1
    admit(known, event, deleted=found.buried)
    if isinstance(event, Beginning):
        return _begin(connection, event, project_number, seq)
    assert known is not None
    assert project_number is not None
    if isinstance(event, TaskDeleted):
        remove(connection, known.number)
        connection.execute("INSERT INTO tombstones (project_id, task_id) VALUES (?, ?)", key)
        _count(connection, project_number, seq, {known.status.value: -1, "size_bytes": -known.size_bytes})
        return event
    if isinstance(event, TakeCircled) and event.circled:
        connection.execute(
            "UPDATE tasks SET circled = 0 WHERE project_id = ? AND shot = ? AND circled", (event.project_id, event.shot)
        )
    _update(connection, event, known, project_number, seq)
    return event


def _begin(connection: sqlite3.Connection, event: Beginning, project_number: int | None, seq: int) -> Event:
    if project_number is None:
        (project_number,) = connection.execute(
            "INSERT INTO projects (project_id, seq, active_at) VALUES (?, ?, ?) RETURNING number",
            (event.project_id, seq, stamp(event.at)),
        ).fetchone()
    take = _next_take(connection, event)
    recorded = event if take == event.take else replace(event, take=take)
    task = recorded.record(seq)
    insert(connection, task)
    _count(connection, project_number, seq, {task.status.value: 1, "size_bytes": task.size_bytes}, event.at)
    return recorded


def _next_take(connection: sqlite3.Connection, event: Beginning) -> int | None:
    shot = (event.task if isinstance(event, TaskImported) else event).request.shot
    if shot is None:
        return None
    row = connection.execute(
        "SELECT last_take FROM shots WHERE project_id = ? AND shot = ?", (event.project_id, shot)
    ).fetchone()
    take = take_after(event, row[0] if row else 0)
    connection.execute("INSERT OR REPLACE INTO shots VALUES (?, ?, ?)", (event.project_id, shot, take))
    return take


def _update(connection: sqlite3.Connection, event: TaskEvent, known: _Known, project_number: int, seq: int) -> None:
    changes = event.changes()
    request = None
    if changes.get("result") is not None:
        (body,) = connection.execute("SELECT request FROM tasks WHERE number = ?", (known.number,)).fetchone()
        request = REQUEST.validate_json(body)
    columns = columns_of(changes, request)
    if (added := event.adds()) is not None:
        (before,) = connection.execute("SELECT promoted_to FROM tasks WHERE number = ?", (known.number,)).fetchone()
        columns["promoted_to"] = " ".join(with_promotion(tuple(before.split()), added))
    sets = [f"{name} = ?" for name in columns]
    if counted := event.counts():
        sets.append(f"{counted} = {counted} + 1")
    if sets:
        connection.execute(
            f"UPDATE tasks SET {', '.join(sets)} WHERE number = ?", (*columns.values(), known.number)
        )  # fmt: skip
    status = columns.get("status", known.status.value)
    if status == known.status.value:
        connection.execute("UPDATE projects SET seq = ? WHERE number = ?", (seq, project_number))
    else:
        if TaskStatus(status).ended:
            connection.execute("DELETE FROM waits WHERE number = ?", (known.number,))
        counts = {known.status.value: -1, status: 1, "size_bytes": columns.get("size_bytes", 0)}
        _count(connection, project_number, seq, counts, event.at if TaskStatus(status).ended else None)


def _count(
    connection: sqlite3.Connection,
    project_number: int,
    seq: int,
    counts: dict[str, int],
    active_at: datetime | None = None,
) -> None:
    values: list[Any] = [*counts.values(), seq]
    if active_at is not None:
        values.append(stamp(active_at))
    connection.execute(_counting(tuple(counts), active_at is not None), (*values, project_number))


@cache
def _counting(names: tuple[str, ...], is_active: bool) -> str:
    sets = [*(f"{name} = {name} + ?" for name in names), "seq = ?", *(["active_at = ?"] if is_active else [])]
    return f"UPDATE projects SET {', '.join(sets)} WHERE number = ?"
