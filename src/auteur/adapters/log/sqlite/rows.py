"""Records as rows of the table ``tasks``: its columns are the record's fields, and what is searched by."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from auteur.adapters.log.codec import FAILURE, REQUEST, decode_result, encode_result
from auteur.domain.state import searched_text
from auteur.domain.task import Task, TaskRequest, TaskStatus

COLUMNS = (
    "number, project_id, task_id, queued_seq, status, take, favourite, circled, attempt, worker, handed_back,"
    " cancel_requested, progress, stage, message, preview, queued_at, started_at, ended_at, metadata, request, result,"
    " failure, promoted_to"
)
_PLAIN = frozenset(
    ("favourite", "circled", "attempt", "worker", "handed_back", "cancel_requested", "progress", "stage", "message",
     "preview")
)  # fmt: skip


def read_row(row: tuple[Any, ...]) -> Task:
    """The record in a row of `COLUMNS`."""
    (
        _, project_id, task_id, queued_seq, status, take, favourite, circled, attempt, worker, handed_back,
        cancel_requested, progress, stage, message, preview, queued_at, started_at, ended_at, metadata, request, result,
        failure, promoted_to,
    ) = row  # fmt: skip
    asked = REQUEST.validate_json(request)
    return Task(
        task_id=task_id,
        project_id=project_id,
        request=asked,
        metadata=from_json(metadata),
        status=TaskStatus(status),
        queued_at=datetime.fromisoformat(queued_at),
        queued_seq=queued_seq,
        take=take,
        progress=progress,
        stage=stage,
        message=message,
        preview=preview,
        attempt=attempt,
        worker=worker,
        handed_back=handed_back,
        cancel_requested=bool(cancel_requested),
        favourite=bool(favourite),
        circled=bool(circled),
        started_at=datetime.fromisoformat(started_at) if started_at else None,
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        result=None if result is None else decode_result(result, asked),
        failure=None if failure is None else FAILURE.validate_json(failure),
        promoted_to=tuple(promoted_to.split()),
    )


def columns_of(changes: Mapping[str, Any], request: TaskRequest | None) -> dict[str, Any]:
    """A change set as columns. ``request``: the record's, needed where a result is set."""
    columns: dict[str, Any] = {}
    for name, value in changes.items():
        if name in _PLAIN:
            columns[name] = value
        elif name == "status":
            columns[name] = value.value
        elif name in ("started_at", "ended_at"):
            columns[name] = None if value is None else stamp(value)
        elif name == "failure":
            columns[name] = None if value is None else FAILURE.dump_json(value)
        elif name == "result":
            assert request is not None
            columns |= _columns_of_result(value, request)
        else:
            raise ValueError(f"no column for {name}")
    return columns


def _columns_of_result(result: Any, request: TaskRequest) -> dict[str, Any]:
    if result is None:
        return {"result": None}
    return {
        "result": encode_result(result, request),
        "size_bytes": result.size_bytes,
        "pictured": result.poster is not None,
    }


def insert(connection: sqlite3.Connection, task: Task, project_number: int) -> None:
    """Writes a record that begins, and the words it is searched by."""
    request = task.request
    columns: dict[str, Any] = {
        "project_id": task.project_id,
        "task_id": task.task_id,
        "queued_seq": task.queued_seq,
        "task_type": request.task_type,
        "quality": request.quality,
        "lane": request.lane,
        "shot": request.shot,
        "take": task.take,
        "queued_at": stamp(task.queued_at),
        "metadata": to_json(dict(task.metadata)),
        "request": REQUEST.dump_json(request),
        **columns_of(
            {name: getattr(task, name) for name in (*sorted(_PLAIN), "status", "started_at", "ended_at", "failure")},
            None,
        ),
        **_columns_of_result(task.result, request),
        "promoted_to": " ".join(task.promoted_to),
    }
    names = ", ".join(columns)
    cursor = connection.execute(
        f"INSERT INTO tasks ({names}) VALUES ({', '.join('?' * len(columns))})", tuple(columns.values())
    )
    for origin in task.needs:
        connection.execute("INSERT OR IGNORE INTO waits VALUES (?, ?, ?)", (task.project_id, origin, cursor.lastrowid))
    connection.execute(
        "INSERT INTO words (rowid, project, text) VALUES (?, ?, ?)",
        (cursor.lastrowid, project_token(project_number), searched_text(task)),
    )


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Removes a record by its row's number, and its words."""
    connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
    connection.execute("DELETE FROM tasks WHERE number = ?", (number,))


def project_token(project_number: int) -> str:
    """The word that marks a project's rows in the index of words."""
    return f"p{project_number}"


def stamp(at: datetime) -> str:
    """A time as text that sorts as times do: aware UTC, with microseconds."""
    return at.isoformat(timespec="microseconds")
