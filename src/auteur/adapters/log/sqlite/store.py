"""`StateStore` in one SQLite file."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.queries import (
    OPEN,
    page_of_dependants,
    page_of_open_tasks,
    page_of_tasks,
    poster,
    queue_positions,
    shot,
    waits_of_all,
)
from auteur.adapters.log.sqlite.rows import COLUMNS, read_row, remove, stamp
from auteur.domain.errors import (
    InvalidRequestError,
    ProjectDeletedError,
    TaskDeletedError,
    TaskForgottenError,
    TaskNotFoundError,
)
from auteur.domain.events import Position
from auteur.domain.state import (
    OpenTask,
    ProjectCounts,
    ProjectPage,
    ProjectState,
    ProjectSummary,
    Shot,
    TaskPage,
    TaskQuery,
    TaskReading,
)
from auteur.domain.task import ENDED, Task, TaskStatus, parse_project_id

_STATUSES = ", ".join(status.value for status in TaskStatus)
_REMOVABLE = "ended_at IS NOT NULL AND NOT favourite AND NOT circled"


class SqliteStateStore:
    """`StateStore` on a `SqliteDatabase`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def task(self, project_id: str, task_id: str) -> TaskReading:
        def read(connection: sqlite3.Connection) -> TaskReading:
            _, seq, *_ = self._project(connection, project_id)
            key = (project_id, task_id)
            row = connection.execute(
                f"SELECT {COLUMNS} FROM tasks WHERE project_id = ? AND task_id = ?", key
            ).fetchone()  # fmt: skip
            if row is None:
                buried = connection.execute(
                    "SELECT forgotten FROM tombstones WHERE project_id = ? AND task_id = ?", key
                ).fetchone()
                if buried is None:
                    raise TaskNotFoundError(project_id, task_id)
                raise (TaskForgottenError if buried[0] else TaskDeletedError)(project_id, task_id)
            task = read_row(row)
            places = queue_positions(connection, project_id, [task])
            position = Position(self._database.epoch, seq)
            return TaskReading(task=task, position=position, queue_position=places.get(task_id))

        return await self._database.read(read)

    async def task_and_open(self, project_id: str, task_id: str) -> tuple[TaskReading | None, ProjectCounts]:
        async def known() -> TaskReading | None:
            with contextlib.suppress(TaskNotFoundError):
                return await self.task(project_id, task_id)
            return None

        reading, counts = await asyncio.gather(known(), self.counts(project_id))
        return reading, counts

    async def counts(self, project_id: str) -> ProjectCounts:
        return await self._database.read(lambda connection: self._counts(connection, project_id))

    async def project(self, project_id: str, *, open_limit: int, ended_limit: int) -> ProjectState:
        ended = TaskQuery(statuses=frozenset(ENDED))

        def read(connection: sqlite3.Connection) -> ProjectState:
            return ProjectState(
                project_id=project_id,
                counts=self._counts(connection, project_id),
                open=page_of_open_tasks(connection, project_id, 0, open_limit, None),
                ended=page_of_tasks(connection, project_id, ended, None, ended_limit, None),
            )

        return await self._database.read(read)

    async def tasks(self, project_id: str, query: TaskQuery, *, before_seq: int | None, limit: int) -> TaskPage:
        def read(connection: sqlite3.Connection) -> TaskPage:
            number, *_ = self._project(connection, project_id)
            return page_of_tasks(connection, project_id, query, before_seq, limit, number)

        return await self._database.read(read)

    async def open_tasks(
        self, project_id: str, *, after_seq: int = 0, limit: int, status: TaskStatus | None = None
    ) -> TaskPage:
        def read(connection: sqlite3.Connection) -> TaskPage:
            self._project(connection, project_id)
            return page_of_open_tasks(connection, project_id, after_seq, limit, status)

        return await self._database.read(read)

    async def dependants(self, project_id: str, task_id: str, *, after_seq: int = 0, limit: int) -> TaskPage:
        def read(connection: sqlite3.Connection) -> TaskPage:
            self._project(connection, project_id)
            return page_of_dependants(connection, project_id, task_id, after_seq, limit)

        return await self._database.read(read)

    async def oldest_ended(
        self, project_id: str, limit: int, *, ended_before: datetime | None = None
    ) -> Sequence[Task]:
        before = "\uffff" if ended_before is None else stamp(ended_before)
        rows = await self._database.call(
            lambda connection: connection.execute(
                f"SELECT {COLUMNS} FROM tasks WHERE project_id = ? AND {_REMOVABLE} AND ended_at < ?"
                " AND NOT EXISTS (SELECT 1 FROM waits WHERE project_id = tasks.project_id AND origin = tasks.task_id)"
                " ORDER BY queued_seq LIMIT ?",
                (project_id, before, limit),
            ).fetchall()
        )
        return [read_row(row) for row in rows]

    async def unfinished(self) -> Sequence[OpenTask]:
        def read(connection: sqlite3.Connection) -> Sequence[OpenTask]:
            waits = waits_of_all(connection)
            rows = connection.execute(
                "SELECT number, status, queued_at, project_id, task_id, attempt, worker, lane, task_type"
                f" FROM tasks INDEXED BY open_by_acceptance WHERE {OPEN}"
            )
            found = []
            for number, status, queued_at, project_id, task_id, attempt, worker, lane, task_type in rows:
                at = datetime.fromisoformat(queued_at)
                waits_for = waits.get(number, frozenset()) if status == "blocked" else frozenset()
                found.append(OpenTask(project_id, task_id, attempt, worker, lane, task_type, at, waits_for))
            return found

        return await self._database.read(read)

    async def shots(self, project_id: str, *, after: str | None, limit: int) -> Sequence[Shot]:
        def read(connection: sqlite3.Connection) -> Sequence[Shot]:
            self._project(connection, project_id)
            rows = connection.execute(
                "SELECT shot, last_take FROM shots WHERE project_id = ? AND shot > ? ORDER BY shot LIMIT ?",
                (project_id, after or "", limit),
            ).fetchall()
            return [shot(connection, project_id, *row) for row in rows]

        return await self._database.read(read)

    async def projects(self, *, after: str | None, limit: int) -> ProjectPage:
        active_at, name = _read_place(after)

        def read(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            rows = connection.execute(
                f"SELECT project_id, active_at, size_bytes, {_STATUSES} FROM projects"
                " WHERE NOT deleted AND (active_at, project_id) < (?, ?)"
                " ORDER BY active_at DESC, project_id DESC LIMIT ?",
                (active_at, name, limit + 1),
            ).fetchall()
            return [(*row, poster(connection, row[0], "pictured")) for row in rows]

        rows = await self._database.read(read)
        page = [_summary(*row) for row in rows[:limit]]
        more = len(rows) > limit
        return ProjectPage(projects=page, next=f"{rows[limit - 1][1]}/{page[-1].project_id}" if more else None)

    async def overdue(self, ended_before: datetime, limit: int) -> Sequence[str]:
        rows = await self._database.call(
            lambda connection: connection.execute(
                f"SELECT DISTINCT project_id FROM tasks WHERE ended_at < ? AND {_REMOVABLE} LIMIT ?",
                (stamp(ended_before), limit),
            ).fetchall()
        )
        return [project_id for (project_id,) in rows]

    async def purge(self, project_id: str, limit: int) -> bool:
        def remove_some(connection: sqlite3.Connection) -> bool:
            found = connection.execute(
                "SELECT number FROM projects WHERE project_id = ? AND deleted", (project_id,)
            ).fetchone()
            if found is None:
                return True
            rows = connection.execute("SELECT number FROM tasks WHERE project_id = ? LIMIT ?", (project_id, limit))
            numbers = [number for (number,) in rows]
            for number in numbers:
                remove(connection, number)
            owed = connection.execute(
                "DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries WHERE project_id = ? LIMIT ?)",
                (project_id, limit),
            ).rowcount
            if len(numbers) < limit and owed < limit:
                for table in ("shots", "tombstones"):
                    connection.execute(f"DELETE FROM {table} WHERE project_id = ?", (project_id,))
                connection.execute("UPDATE projects SET purged = 1 WHERE number = ?", found)
            return len(numbers) < limit and owed < limit

        return await self._database.transact(remove_some)

    async def purging(self) -> Sequence[str]:
        rows = await self._database.call(
            lambda connection: connection.execute(
                "SELECT project_id FROM projects WHERE deleted AND NOT purged"
            ).fetchall()
        )
        return [project_id for (project_id,) in rows]

    def _project(self, connection: sqlite3.Connection, project_id: str) -> tuple[Any, ...]:
        """Number, head and counts of a project; zeros for an unknown one. Raises `ProjectDeletedError`."""
        row: tuple[Any, ...] | None = connection.execute(
            f"SELECT number, seq, deleted, size_bytes, {_STATUSES} FROM projects WHERE project_id = ?", (project_id,)
        ).fetchone()
        if row is None:
            return (0, 0, 0, 0, *[0] * len(TaskStatus))
        if row[2]:
            raise ProjectDeletedError(project_id)
        return row

    def _counts(self, connection: sqlite3.Connection, project_id: str) -> ProjectCounts:
        _, seq, _, size_bytes, *by_status = self._project(connection, project_id)
        by_lane: dict[str, dict[str, int]] = {"blocked": {}, "queued": {}, "running": {}}
        for lane, status, count in connection.execute(
            "SELECT lane, status, count(*) FROM tasks INDEXED BY open_by_acceptance"
            f" WHERE project_id = ? AND {OPEN} GROUP BY lane, status",
            (project_id,),
        ):
            by_lane[status][lane] = count
        return ProjectCounts(
            position=Position(self._database.epoch, seq) if seq else None,
            by_status={status: n for status, n in zip(TaskStatus, by_status, strict=True) if n},
            waiting=by_lane["queued"],
            running=by_lane["running"],
            size_bytes=size_bytes,
        )


def _read_place(after: str | None) -> tuple[str, str]:
    if after is None:
        return "\uffff", ""
    active_at, _, name = after.partition("/")
    try:
        if datetime.fromisoformat(active_at).tzinfo is None:
            raise ValueError
        return active_at, parse_project_id(name)
    except (ValueError, InvalidRequestError):
        raise InvalidRequestError("This is no place in the list of projects.") from None


def _summary(project_id: str, active_at: str, size_bytes: int, *rest: Any) -> ProjectSummary:
    *by_status, poster = rest
    return ProjectSummary(
        project_id=project_id,
        by_status={status: n for status, n in zip(TaskStatus, by_status, strict=True) if n},
        size_bytes=size_bytes,
        active_at=datetime.fromisoformat(active_at),
        poster=poster,
    )
