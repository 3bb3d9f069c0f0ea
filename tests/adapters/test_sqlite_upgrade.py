"""A file of a release that knew nothing of blocked tasks goes on working."""

import sqlite3
from pathlib import Path

from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.domain.events import TaskStarted, TaskUnblocked
from auteur.domain.task import TaskStatus
from tests.fakes import of, queued


async def a_file_of_before(path: Path) -> None:
    """As the release before left it: without the column, the table and the index that came with blocked tasks."""
    async with SqliteDatabase(path) as database, SqliteProgressBus(database) as bus:
        await bus.publish(queued("t-1"))
        await bus.publish(queued("t-2"))
        await bus.publish(TaskStarted(**of("t-2"), attempt=1, worker="w"))
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE waits")
        connection.execute("DROP INDEX open_by_acceptance")
        connection.execute("DROP INDEX ended_by_status")
        connection.execute("CREATE INDEX tasks_by_status ON tasks (project_id, status, queued_seq)")
        connection.execute("ALTER TABLE projects DROP COLUMN blocked")
        connection.execute(
            "CREATE INDEX tasks_open ON tasks (project_id, queued_seq) WHERE status IN ('queued', 'running')"
        )
    connection.close()


async def indexes(database: SqliteDatabase) -> set[str]:
    rows = await database.call(
        lambda file: file.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    )
    return {name for (name,) in rows}


async def test_a_file_of_before_there_were_blocked_tasks_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    await a_file_of_before(path)
    for time in range(2):
        async with SqliteDatabase(path) as database, SqliteProgressBus(database) as bus:
            assert not {"tasks_open", "tasks_by_status"} & await indexes(database)
            assert {"open_by_acceptance", "ended_by_status"} <= await indexes(database)
            store = SqliteStateStore(database)
            await bus.publish(queued(f"t-{3 + time}", waits_for=("t-1",)))
            counts = await store.counts("film")
            assert dict(counts.by_status) == {
                TaskStatus.BLOCKED: 1 + time, TaskStatus.QUEUED: 1, TaskStatus.RUNNING: 1,
            }  # fmt: skip
            assert len(await store.unfinished()) == 3 + time
            assert len((await store.dependants("film", "t-1", limit=9)).tasks) == 1 + time
    async with SqliteDatabase(path) as database, SqliteProgressBus(database) as bus:
        await bus.publish(TaskUnblocked(**of("t-3")))
        assert (await SqliteStateStore(database).counts("film")).of(TaskStatus.QUEUED) == 2


async def test_two_that_open_a_file_of_before_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    await a_file_of_before(path)
    async with SqliteDatabase(path) as one, SqliteDatabase(path) as other:
        assert len(await SqliteStateStore(one).unfinished()) == len(await SqliteStateStore(other).unfinished()) == 2
