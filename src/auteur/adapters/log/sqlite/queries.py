"""Questions to the table of records, each answered from an index."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from auteur.adapters.log.codec import REQUEST, decode_result
from auteur.adapters.log.sqlite.rows import COLUMNS, read_row
from auteur.adapters.log.sqlite.words import found_by_words
from auteur.domain.state import Shot, TaskPage, TaskQuery
from auteur.domain.task import Artifact, Task, TaskStatus

OPEN = "status IN ('blocked', 'queued', 'running')"
"""As the index of open tasks says it: SQLite takes an index of some rows only where it is told that no others count."""
_ENDED = "status IN ('succeeded', 'failed', 'cancelled')"


def page_of_tasks(
    connection: sqlite3.Connection,
    project_id: str,
    query: TaskQuery,
    before_seq: int | None,
    limit: int,
    project_number: int | None,
) -> TaskPage:
    """A page, newest first. ``project_number``: needed where the query has words."""
    where, values = ["project_id = ?"], [project_id]
    if before_seq is not None:
        where.append("queued_seq < ?")
        values.append(before_seq)  # type: ignore[arg-type]
    for column in ("task_type", "quality", "shot"):
        if (wanted := getattr(query, column)) is not None:
            where.append(f"{column} = ?")
            values.append(wanted)
    if query.favourite is not None:
        where.append("favourite" if query.favourite else "NOT favourite")
    if query.words:
        found, asked = found_by_words(connection, project_id, project_number or 0, query)
        where.append(found)
        values.extend(asked)
    if query.statuses == frozenset(TaskStatus):
        rows = _newest(connection, where, values, limit + 1)
    else:  # each from its own index, so that what lies between costs nothing
        rows = sorted(
            (
                row
                for status in query.statuses
                for row in _newest(connection, [*where, having(status)], values, limit + 1, is_open=not status.ended)
            ),
            key=lambda row: -row[3],
        )
    return _page(connection, project_id, rows, limit)


def _newest(
    connection: sqlite3.Connection, where: list[str], values: list[Any], limit: int, *, is_open: bool = False
) -> list[tuple[Any, ...]]:
    """``is_open``: who asks for open tasks walks through no others, whatever else he asks for."""
    tasks = "tasks INDEXED BY open_by_acceptance" if is_open else "tasks"
    return connection.execute(
        f"SELECT {COLUMNS} FROM {tasks} WHERE {' AND '.join(where)} ORDER BY queued_seq DESC LIMIT ?", (*values, limit)
    ).fetchall()


def having(status: TaskStatus) -> str:
    """That a record has the status, in words that name its index."""
    return f"{_ENDED if status.ended else OPEN} AND status = '{status.value}'"


def page_of_open_tasks(
    connection: sqlite3.Connection, project_id: str, after_seq: int, limit: int, status: TaskStatus | None
) -> TaskPage:
    """The open tasks accepted after a seq, the oldest first."""
    only = OPEN if status is None else f"{OPEN} AND status = '{status.value}'"
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM tasks INDEXED BY open_by_acceptance WHERE project_id = ? AND queued_seq > ? AND {only}"
        " ORDER BY queued_seq LIMIT ?",
        (project_id, after_seq, limit + 1),
    ).fetchall()
    return _page(connection, project_id, rows, limit)


def page_of_dependants(
    connection: sqlite3.Connection, project_id: str, task_id: str, after_seq: int, limit: int
) -> TaskPage:
    """The open tasks that have waited for a task, the oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM tasks WHERE number IN (SELECT number FROM waits WHERE project_id = ? AND origin = ?)"
        " AND queued_seq > ? ORDER BY queued_seq LIMIT ?",
        (project_id, task_id, after_seq, limit + 1),
    ).fetchall()
    return _page(connection, project_id, rows, limit)


def waits_of_all(connection: sqlite3.Connection) -> dict[int, frozenset[str]]:
    """What each open task has waited for, by the number of its row."""
    found: dict[int, set[str]] = {}
    for number, origin in connection.execute("SELECT number, origin FROM waits"):
        found.setdefault(number, set()).add(origin)
    return {number: frozenset(origins) for number, origins in found.items()}


def _page(connection: sqlite3.Connection, project_id: str, rows: list[tuple[Any, ...]], limit: int) -> TaskPage:
    tasks = [read_row(row) for row in rows[:limit]]
    return TaskPage(
        tasks=tasks,
        next_seq=tasks[-1].queued_seq if len(rows) > limit and tasks else None,
        queue_positions=queue_positions(connection, project_id, tasks),
    )


def queue_positions(connection: sqlite3.Connection, project_id: str, tasks: Sequence[Task]) -> dict[str, int]:
    """The place of each waiting task among the project's waiting ones."""
    waiting = [task for task in tasks if task.status is TaskStatus.QUEUED]
    if not waiting:
        return {}
    seqs = [
        seq
        for (seq,) in connection.execute(
            f"SELECT queued_seq FROM tasks WHERE project_id = ? AND {having(TaskStatus.QUEUED)} ORDER BY queued_seq",
            (project_id,),
        )
    ]
    places = {seq: place for place, seq in enumerate(seqs, 1)}
    return {task.task_id: places[task.queued_seq] for task in waiting}


def shot(connection: sqlite3.Connection, project_id: str, name: str, last_take: int) -> Shot:
    """A shot with its takes."""
    key = (project_id, name)
    (takes,) = connection.execute("SELECT count(*) FROM tasks WHERE project_id = ? AND shot = ?", key).fetchone()
    circled = connection.execute(
        "SELECT task_id, take FROM tasks WHERE project_id = ? AND shot = ? AND circled", key
    ).fetchone()
    chosen = poster(connection, project_id, "shot = ? AND circled", name) if circled else None
    return Shot(
        name=name,
        takes=takes,
        last_take=last_take,
        circled_task_id=circled[0] if circled else None,
        circled_take=circled[1] if circled else None,
        poster=chosen or poster(connection, project_id, "shot = ?", name, order="take"),
    )


def poster(
    connection: sqlite3.Connection, project_id: str, where: str, *values: Any, order: str = "queued_seq"
) -> Artifact | None:
    """The picture of the newest task that is meant and has one."""
    row = connection.execute(
        f"SELECT request, result FROM tasks WHERE project_id = ? AND {where} AND pictured"
        f" ORDER BY {order} DESC LIMIT 1",
        (project_id, *values),
    ).fetchone()
    if row is None:
        return None
    return decode_result(row[1], REQUEST.validate_json(row[0])).poster
