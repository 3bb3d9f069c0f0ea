"""Nothing costs more because a project is older, counted in what no machine's mood changes.

Embedded in steps of SQLite's virtual machine, on Redis in the commands its scripts carry out and the bytes they move.
In CPU time, and up to 100 000 tasks: benchmarks/growth.py.
"""

import itertools
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import (
    TaskCancelled,
    TaskFailed,
    TaskMarked,
    TaskProgressed,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.ports import ProgressBus, StateStore
from auteur.domain.state import TaskQuery
from auteur.domain.task import Failure, TaskResult, TaskStatus
from tests.fakes import START, of, queued
from tests.servers import RedisServer

YOUNG, OLD = 20, 600
FAILED = 12
"""The first of all: a page of them, and more."""
MOST = 1.3
"""Trees are one level deeper in the old project; whoever walks through it costs thirty times as much."""


@dataclass
class Log:
    """``spent``: what was carried out so far, by unit."""

    bus: ProgressBus
    store: StateStore
    spent: Callable[[], Awaitable[dict[str, int]]]
    database: Any


@asynccontextmanager
async def embedded(directory: Path) -> AsyncIterator[Log]:
    steps = itertools.count()
    async with (
        SqliteDatabase(directory / "log.db") as database,
        SqliteProgressBus(database, poll_interval_s=3600) as bus,
    ):
        await database.call(lambda connection: connection.set_progress_handler(lambda: next(steps) and 0, 1))

        async def spent() -> dict[str, int]:
            return {"steps": next(steps)}

        yield Log(bus, SqliteStateStore(database), spent, database)


@asynccontextmanager
async def on_redis(directory: Path) -> AsyncIterator[Log]:
    """On a server of its own: what others ask is not counted."""
    async with AsyncExitStack() as stack:
        # a project stays on the list of those with open tasks for a while after it was active; here it need not
        stack.enter_context(patch("auteur.adapters.log.redis.store.SUBMITTING_US", 0))
        server = RedisServer(directory).start()
        stack.callback(server.stop)
        database = await stack.enter_async_context(RedisDatabase.at(server.url))
        bus = await stack.enter_async_context(RedisProgressBus(database))

        async def spent() -> dict[str, int]:
            commands, traffic = await database.execute(("INFO", "commandstats"), ("INFO", "stats"))
            calls = sum(said["calls"] for name, said in commands.items() if name.startswith("cmdstat_"))
            return {"commands": calls, "bytes": traffic["total_net_output_bytes"]}

        yield Log(bus, RedisStateStore(database), spent, database)


def life(task_id: str, project_id: str) -> tuple[TaskStarted, TaskProgressed, TaskSucceeded]:
    about = of(task_id, project_id)
    result = TaskResult(engine="e", artifacts=(), params={"steps": 2}, seed=4, metrics={}, understood={})
    return (
        TaskStarted(**about, attempt=1, worker="w"),
        TaskProgressed(**about, attempt=1, progress=0.5),
        TaskSucceeded(**about, attempt=1, result=result, duration_s=1.0),
    )


async def grow(log: Log, first: int, last: int, project_of: Callable[[int], str]) -> None:
    for number in range(first, last):
        task_id = f"t-{number:06}"
        await log.bus.publish(queued(task_id, project_of(number), message_id=f"m-{number:06}"))
        *most, made = life(task_id, project_of(number))
        failure = Failure(code="ENGINE_FAILED", message="m")
        failed = TaskFailed(**of(task_id, project_of(number)), attempt=1, failure=failure)
        for event in (*most, failed if number < FAILED else made):
            await log.bus.publish(event)


async def costs(log: Log, first: int, project_id: str) -> dict[str, int]:
    """The least of several turns, by step and unit, as now and then a page of the file is split."""
    found: dict[str, list[int]] = {}
    for number in range(first, first + 5):
        task_id = f"t-{number:06}"

        async def submit(task_id: str = task_id, number: int = number) -> None:
            await log.store.counts(project_id)
            await log.bus.publish(queued(task_id, project_id, message_id=f"m-{number:06}"))

        async def record(task_id: str = task_id) -> None:
            for event in life(task_id, project_id):
                await log.bus.publish(event)

        async def wait(task_id: str = task_id, number: int = number) -> None:
            for way in ("unblocked", "failed"):
                blocked = f"{task_id}-{way}"
                await log.bus.publish(queued(blocked, project_id, message_id=blocked, waits_for=(task_id,)))

        async def release(task_id: str = task_id) -> None:
            page = await log.store.dependants(project_id, task_id, limit=10)
            first, second = (task.task_id for task in page.tasks)
            await log.bus.publish(TaskUnblocked(**of(first, project_id)))
            failure = Failure(code="INPUT_FAILED", message="m")
            await log.bus.publish(TaskFailed(**of(second, project_id), attempt=0, failure=failure))
            await log.bus.publish(TaskCancelled(**of(first, project_id), attempt=0))

        async def batch(task_id: str = task_id) -> None:
            names = [f"{task_id}-batch-{place}" for place in range(4)]
            await log.bus.publish_all([queued(name, project_id, message_id=name) for name in names])
            await log.bus.publish_all([TaskCancelled(**of(name, project_id), attempt=0) for name in names])

        def page(**query: Any) -> Callable[[], Awaitable[object]]:
            return lambda: log.store.tasks(project_id, TaskQuery(**query), before_seq=None, limit=10)

        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "submit": submit,
            "open tasks": lambda: log.store.open_tasks(project_id, limit=10),
            "unfinished": log.store.unfinished,
            "record": record,
            "read by id": lambda: log.store.task(project_id, "t-000000"),
            "first page": page(),
            "page of a status": page(statuses=frozenset({TaskStatus.SUCCEEDED})),
            "page of what waits of a type": page(statuses=frozenset({TaskStatus.QUEUED}), task_type="scripted"),
            "page of a rare status": page(statuses=frozenset({TaskStatus.FAILED})),
            "wait": wait,
            "sweep": log.store.unfinished,
            "release": release,
            "batch": batch,
            "mark": lambda task_id=task_id: log.bus.publish(  # type: ignore[misc]
                TaskMarked(**of(task_id, project_id), favourite=True)
            ),
            "projects": lambda: log.store.projects(after=None, limit=10),
            "overdue": lambda: log.store.overdue(START, 10),
        }
        for name, step in steps.items():
            before = await log.spent()
            await step()
            after = await log.spent()
            for unit in after:
                found.setdefault(f"{name}, {unit}", []).append(after[unit] - before[unit])
    return {name: min(turns) for name, turns in found.items()}


async def dearer(log: Log, project_of: Callable[[int], str]) -> dict[str, tuple[int, int]]:
    """The steps that cost more when there is more, young and old."""
    await grow(log, 0, YOUNG, lambda _: project_of(0))
    await grow(log, YOUNG, 2 * YOUNG, project_of)
    young = await costs(log, 100_000, project_of(0))
    await grow(log, 2 * YOUNG, OLD, project_of)
    old = await costs(log, 200_000, project_of(0))
    return {name: (young[name], old[name]) for name in young if old[name] > young[name] * MOST}


def one_project(_: int) -> str:
    return "film"


def many_projects(number: int) -> str:
    return f"film-{number:06}"


@pytest.mark.parametrize("opened", [embedded, on_redis])
@pytest.mark.parametrize(
    "project_of", [lambda _: "film", lambda number: f"film-{number:06}"], ids=["tasks", "projects"]
)
async def test_nothing_costs_more_when_there_is_more(
    tmp_path: Path, opened: Callable[[Path], Any], project_of: Callable[[int], str]
) -> None:
    async with opened(tmp_path) as log:
        assert await dearer(log, project_of) == {}


@pytest.mark.parametrize(
    ("index", "step"),
    [
        ("tasks_by_acceptance", "first page"),
        ("ended_by_status", "page of a rare status"),
        ("removable_by_age", "overdue"),
        ("projects_by_activity", "projects"),
    ],
)
async def test_an_index_that_is_missing_is_noticed(tmp_path: Path, index: str, step: str) -> None:
    async with embedded(tmp_path) as log:

        def drop(connection: sqlite3.Connection) -> None:
            connection.execute(f"DROP INDEX {index}")

        await log.database.call(drop)
        assert f"{step}, steps" in await dearer(log, many_projects if step == "projects" else one_project)
