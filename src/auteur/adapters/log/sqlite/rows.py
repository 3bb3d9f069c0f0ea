"""Records as rows of the table ``tasks``: its columns are the record's fields, and what is searched by."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from pydantic_core import from_json, to_json

from auteur.adapters.log.codec import FAILURE, REQUEST, decode_result, encode_result
from auteur.adapters.log.sqlite.words import remove_words
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

_SAID = tuple(sorted(_PLAIN))
_said = attrgetter(*_SAID)
_INSERTED = (
    "project_id", "task_id", "queued_seq", "task_type", "quality", "lane", "shot", "take", "status", "queued_at",
    "started_at", "ended_at", "metadata", "request", "failure", "result", "size_bytes", "pictured", "promoted_to",
    *_SAID,
)  # fmt: skip
_INSERT = f"INSERT INTO tasks ({', '.join(_INSERTED)}) VALUES ({', '.join('?' * len(_INSERTED))})"


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


def insert(connection: sqlite3.Connection, task: Task) -> None:
    """Writes a record that begins."""
    request, result = task.request, task.result
    cursor = connection.execute(
        _INSERT,
        (
            task.project_id, task.task_id, task.queued_seq, request.task_type, request.quality, request.lane,
            request.shot, task.take, task.status.value, stamp(task.queued_at),
            None if task.started_at is None else stamp(task.started_at),
            None if task.ended_at is None else stamp(task.ended_at),
            to_json(dict(task.metadata)), REQUEST.dump_json(request),
            None if task.failure is None else FAILURE.dump_json(task.failure),
            None if result is None else encode_result(result, request),
            0 if result is None else result.size_bytes,
            result is not None and result.poster is not None,
            " ".join(task.promoted_to),
            *_said(task),
        ),
    )  # fmt: skip
    for origin in task.needs:
        connection.execute("INSERT OR IGNORE INTO waits VALUES (?, ?, ?)", (task.project_id, origin, cursor.lastrowid))


def remove(connection: sqlite3.Connection, number: int) -> None:
    """Removes a record by its row's number, and its words."""
    connection.execute("DELETE FROM tasks WHERE number = ?", (number,))
    remove_words(connection, number)


def stamp(at: datetime) -> str:
    """A time as text that sorts as times do: aware UTC, with microseconds."""
    return at.isoformat(timespec="microseconds")
