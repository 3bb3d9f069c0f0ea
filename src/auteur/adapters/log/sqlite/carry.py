"""Carries a file of before over: from guards and snapshots of whole projects to a record per task."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

from auteur.adapters.log.carry import fold
from auteur.adapters.log.codec import decode_event, decode_snapshot, encode_event
from auteur.adapters.log.sqlite.rows import insert, stamp
from auteur.domain.errors import RecordLostError
from auteur.domain.events import TaskFailed
from auteur.domain.task import Failure


def carry_over(connection: sqlite3.Connection) -> None:
    """Makes records of all that the file tells of its tasks; does nothing where it is done. All or nothing.

    Tasks that the file remembers only by their guards become tombstones: nothing else is known of them, and their ids
    stay used; those that are open end so.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "guards" not in tables:
        return
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS snapshots (project_id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        heads = connection.execute("SELECT project_id, seq FROM heads").fetchall()
        for number, (project_id, seq) in enumerate(heads, 1):
            _carry_project(connection, number, project_id, seq)
        for table in ("guards", "snapshots", "heads"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _carry_project(connection: sqlite3.Connection, number: int, project_id: str, seq: int) -> None:
    row = connection.execute("SELECT body FROM snapshots WHERE project_id = ?", (project_id,)).fetchone()
    snapshot_seq, snapshot = decode_snapshot(row[0]) if row else (0, {})
    events = connection.execute("SELECT seq, body FROM events WHERE project_id = ? ORDER BY seq", (project_id,))
    tasks = fold(snapshot_seq, snapshot, ((event_seq, decode_event(body)) for event_seq, body in events))
    active_at = max((task.ended_at or task.queued_at for task in tasks), default=None)
    connection.execute(
        "INSERT INTO projects (number, project_id, seq, active_at) VALUES (?, ?, ?, ?)",
        (number, project_id, seq, stamp(active_at or datetime.fromtimestamp(0, UTC))),
    )
    for task in tasks:
        insert(connection, replace(task, project_id=project_id))
    known = {task.task_id for task in tasks}
    guards = connection.execute("SELECT task_id, attempt, ended FROM guards WHERE project_id = ?", (project_id,))
    for task_id, attempt, ended in guards.fetchall():
        if task_id not in known:
            connection.execute("INSERT INTO tombstones VALUES (?, ?, 1)", (project_id, task_id))
            if not ended:
                seq += 1
                _end_lost(connection, project_id, task_id, attempt, seq)
    connection.execute(
        "UPDATE projects SET (queued, running, succeeded, failed, cancelled, size_bytes) = ("
        " SELECT coalesce(sum(status = 'queued'), 0), coalesce(sum(status = 'running'), 0),"
        " coalesce(sum(status = 'succeeded'), 0), coalesce(sum(status = 'failed'), 0),"
        " coalesce(sum(status = 'cancelled'), 0), coalesce(sum(size_bytes), 0) FROM tasks WHERE project_id = ?1)"
        " WHERE project_id = ?1",
        (project_id,),
    )


def _end_lost(connection: sqlite3.Connection, project_id: str, task_id: str, attempt: int, seq: int) -> None:
    error = RecordLostError()
    event = TaskFailed(
        project_id=project_id,
        task_id=task_id,
        at=datetime.now(UTC),
        attempt=attempt,
        failure=Failure(code=error.code, message=error.message),
    )
    row = (project_id, seq, encode_event(event))
    connection.execute("INSERT INTO events (project_id, seq, body) VALUES (?, ?, ?)", row)
    connection.execute("UPDATE projects SET seq = ? WHERE project_id = ?", (seq, project_id))
