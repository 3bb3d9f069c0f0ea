"""The contract suites are worth something only if they fail for an adapter that breaks the contract: mutants of each
adapter that they must catch."""

import asyncio
import contextlib
import inspect
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryProject
from auteur.adapters.log.sqlite import bus as sqlite_bus
from auteur.adapters.log.sqlite import records as sqlite_records
from auteur.adapters.redis.database import Script
from auteur.domain.errors import HistoryLostError, TaskExistsError
from auteur.domain.events import Event, Position, RecordedEvent, TaskEvent, TaskProgressed, TaskStarted, TaskSucceeded
from auteur.domain.task import TaskStatus
from tests.backends import HISTORY, Ground, ground, memory_ground
from tests.contracts import test_progress_bus, test_state_store

PROMISES: dict[str, Callable[[Any], Awaitable[None]]] = {
    name: test
    for suite in (test_progress_bus, test_state_store)
    for name, test in vars(suite).items()
    if name.startswith("test_") and list(inspect.signature(test).parameters) in (["pair"], ["world"])
}
# asked of no mutant: it follows so many projects that on a busy machine its time would be up, and that counts as caught
del PROMISES["test_what_was_said_of_projects_that_were_followed_and_deleted_is_not_kept_in_memory"]
RECORDS = [name for name in PROMISES if name in vars(test_state_store)]


World = Callable[[], "contextlib.AbstractAsyncContextManager[Ground]"]


class Rewording:
    """What a mutant says in other words: ``before`` becomes ``after``."""

    def __init__(self, before: str, after: str) -> None:
        self.before, self.after, self.was_met = before, after, False

    def __call__(self, source: str) -> str:
        self.was_met = self.was_met or self.before in source
        return source.replace(self.before, self.after)


async def broken_by(world: World, names: list[str], rewording: Rewording | None = None) -> list[str]:
    """Which promises the adapters of a world break; one is enough. ``rewording``: by what they were made to; where it
    changed nothing until then, no promise was tried, and the test fails."""
    broken = await _broken_by(world, names)
    if rewording is not None and not rewording.was_met:
        pytest.fail(f"the mutant no longer fits: nobody says {rewording.before!r} until {broken or 'the end'}")
    return broken


async def _broken_by(world: World, names: list[str]) -> list[str]:
    for name in names:
        promise = PROMISES[name]
        try:
            async with asyncio.timeout(5), world() as there:
                given = there.buses if list(inspect.signature(promise).parameters) == ["pair"] else there
                await promise(given)
        except (Exception, pytest.fail.Exception):
            return [name]
    return []


# --- memory --------------------------------------------------------------------------------------------------------


def mutated(bus: type[MemoryProgressBus]) -> World:
    @contextlib.asynccontextmanager
    async def world() -> AsyncIterator[Ground]:
        hub = MemoryHub(history_limit=HISTORY)
        yield memory_ground(hub, bus)

    return world


def record(hub: MemoryHub, event: Event) -> tuple[MemoryProject, str]:
    assert isinstance(event, TaskEvent)
    return hub.projects.setdefault(event.project_id, MemoryProject()), event.task_id


class QueuesTwice(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        try:
            return await super().publish(event)
        except TaskExistsError:
            project, task_id = record(self._hub, event)
            project.keep(task_id, project.tasks[task_id], None)
            return await super().publish(event)


class EndsTwice(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskSucceeded):
            project, task_id = record(self._hub, event)
            project.tasks[task_id] = replace(project.tasks[task_id], status=TaskStatus.RUNNING, worker="w")
        return recorded


class TrustsOldAttempts(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskStarted):
            project, task_id = record(self._hub, event)
            project.tasks[task_id] = replace(project.tasks[task_id], attempt=1)
        return recorded


class ChecksThenWrites(MemoryProgressBus):
    """Not atomic: somebody else gets between the question and the append."""

    async def publish(self, event: Event) -> RecordedEvent:
        project, task_id = record(self._hub, event)
        before = project.tasks.get(task_id)
        await asyncio.sleep(0)
        project.keep(task_id, project.tasks.get(task_id), before)
        return await super().publish(event)


class SkipsNumbers(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskProgressed):
            log = self._hub.projects[event.project_id].log
            log[-1] = RecordedEvent(Position(recorded.position.epoch, recorded.position.seq + 1), event)
        return recorded


class TellsOnlyWhatIsLive(MemoryProgressBus):
    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        project = self._hub.projects.get(project_id)
        return super().subscribe(project_id, project.log[-1].position if project and project.log else None)


class TellsTheLastAgain(MemoryProgressBus):
    async def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        async for recorded in super().subscribe(project_id, after):
            yield recorded
            yield recorded


class NotifiesOnlyAtHome(MemoryProgressBus):
    """Live notice that does not leave the process."""

    def __init__(self, hub: MemoryHub) -> None:
        shared = MemoryHub(history_limit=hub.history_limit, epoch=hub.epoch)
        shared.projects = hub.projects
        super().__init__(shared)


class LosesSilently(MemoryProgressBus):
    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        try:
            return await super().history(project_id, after, limit)
        except HistoryLostError:
            return await super().history(project_id, None, limit)


class KeepsEverything(MemoryProgressBus):
    def __init__(self, hub: MemoryHub) -> None:
        super().__init__(hub)
        hub.history_limit = 10**9


class MixesProjects(MemoryProgressBus):
    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        return [r for name in sorted(self._hub.projects) for r in await super().history(name, None, limit)][:limit]


class RecordsWithoutEvent(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskProgressed):
            self._hub.projects[event.project_id].log.pop()
        return recorded


class AppendsWithoutRecord(MemoryProgressBus):
    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        if not isinstance(event, TaskProgressed):
            super()._change(project, event, seq)


class DeletesWithoutTombstone(MemoryProgressBus):
    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        super()._change(project, event, seq)
        project.tombstones.clear()


class CirclesSeveral(MemoryProgressBus):
    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        project.circled.clear()
        super()._change(project, event, seq)


class ForgetsToCount(MemoryProgressBus):
    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        counted = project.size_bytes
        super()._change(project, event, seq)
        project.size_bytes = counted


class GivesATakeTwice(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        takes = self._hub.projects[event.project_id].takes
        takes.update({shot: take // 2 for shot, take in takes.items()})
        return recorded


class KeepsWaiting(MemoryProgressBus):
    """What waits for a task is not forgotten when it waits no longer."""

    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        waiting = {origin: set(tasks) for origin, tasks in project.dependants.items()}
        super()._change(project, event, seq)
        for origin, tasks in waiting.items():
            project.dependants.setdefault(origin, set()).update(tasks & set(project.tasks))


class AppendsOneByOne(MemoryProgressBus):
    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        return [await self.publish(event) for event in events]


MEMORY_MUTANTS = [
    QueuesTwice, EndsTwice, TrustsOldAttempts, ChecksThenWrites, SkipsNumbers, TellsOnlyWhatIsLive, TellsTheLastAgain,
    NotifiesOnlyAtHome, LosesSilently, KeepsEverything, MixesProjects, RecordsWithoutEvent, AppendsWithoutRecord,
    DeletesWithoutTombstone, CirclesSeveral, ForgetsToCount, GivesATakeTwice, KeepsWaiting, AppendsOneByOne,
]  # fmt: skip


async def test_adapters_that_keep_their_promises_break_none() -> None:
    assert len(PROMISES) > 30
    assert await broken_by(mutated(MemoryProgressBus), list(PROMISES)) == []


@pytest.mark.parametrize("mutant", MEMORY_MUTANTS, ids=lambda mutant: mutant.__name__)
async def test_memory_that_breaks_a_promise_is_caught(mutant: type[MemoryProgressBus]) -> None:
    assert await broken_by(mutated(mutant), list(PROMISES)) != []


# --- SQLite --------------------------------------------------------------------------------------------------------


class Deaf:
    """A connection that does not carry some statements out."""

    def __init__(self, connection: sqlite3.Connection, unheard: Rewording) -> None:
        self._connection = connection
        self._unheard = unheard

    def execute(self, statement: str, *values: Any) -> Any:
        if self._unheard(statement) != statement:
            return self._connection.execute("SELECT 1 WHERE 0")
        return self._connection.execute(statement, *values)


SQLITE_MUTANTS = {
    "record without event": "INSERT INTO events",
    "event without record": "UPDATE tasks SET progress",
    "ending without record": "UPDATE tasks SET status",
    "marks without record": "UPDATE tasks SET favourite",
    "delete without tombstone": "INSERT INTO tombstones",
    "delete without words": "DELETE FROM words",
    "several circled": "UPDATE tasks SET circled = 0",
    "takes given twice": "INSERT OR REPLACE INTO shots",
    "no history limit": "DELETE FROM events",
    "deleted project lives": "UPDATE projects SET deleted",
    "nothing counted": "UPDATE projects SET queued",
    "keeps waiting": "DELETE FROM waits",
    "promotions without record": "UPDATE tasks SET promoted_to",
}


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Rewording:
    """Has the bus write through a connection that does not hear what the parameter names."""
    write, keep = sqlite_records.write_record, sqlite_bus.SqliteProgressBus._keep
    unheard = Rewording(request.param, "")

    def write_record(connection: sqlite3.Connection, *args: Any) -> Any:
        return write(Deaf(connection, unheard), *args)  # type: ignore[arg-type]

    def _keep(self: Any, connection: sqlite3.Connection, *args: Any) -> None:
        keep(self, Deaf(connection, unheard), *args)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite_bus, "write_record", write_record)
    monkeypatch.setattr(sqlite_bus.SqliteProgressBus, "_keep", _keep)
    return unheard


def never() -> Any:
    raise AssertionError("no server is needed here")


def in_files(tmp_path: Path) -> World:
    directories: Iterator[Path] = (tmp_path / str(number) for number in range(1000))
    return lambda: ground("sqlite", next(directories), never)


@pytest.mark.parametrize("unheard", SQLITE_MUTANTS.values(), ids=SQLITE_MUTANTS, indirect=True)
async def test_sqlite_that_breaks_a_promise_is_caught(unheard: Rewording, tmp_path: Path) -> None:
    assert await broken_by(in_files(tmp_path), list(PROMISES), unheard) != []


async def test_sqlite_as_it_is_breaks_none(tmp_path: Path) -> None:
    assert await broken_by(in_files(tmp_path), RECORDS) == []


# --- Redis ---------------------------------------------------------------------------------------------------------

REDIS_MUTANTS = {
    "record without event": (
        "redis.call('XADD', key('log')", "if said.kind ~= 'TaskProgressed' then redis.call('XADD', key('log')"
    ),
    "event without record": ("redis.call('HSET', record, unpack(set))", "local unheard = record"),
    "fields that stay": ("redis.call('HDEL', record, unpack(had))", "local unheard = had"),
    "guard of before": ("if kind == 'TaskStarted' then worker = said.worker end", ""),
    "delete without tombstone": (
        "redis.call('DEL', record)\n    redis.call('SADD', key('deleted'), task)", "redis.call('DEL', record)"
    ),
    "deleted record stays": ("    redis.call('DEL', record)\n", ""),
    "several circled": (
        "redis.call('HSET', key('circled'), shot, task)", "redis.call('HSET', key('circled'), task, task)"
    ),
    "takes given twice": ("  redis.call('HSET', key('takes'), shot, take)\n", ""),
    "no history limit": ("'MAXLEN', '=', ARGV[2], number(seq)", "number(seq)"),
    "status not moved": ("        redis.call('ZADD', key(status), guard.seq, task)\n", ""),
    "lanes not counted": ("count_lane(guard.status, guard.lane, -1)", "local unheard = 1"),
    "deleted project lives": ("redis.call('HSET', KEYS[1], 'deleted', '1')", "local unheard = 1"),
    "size of what went stays": ("redis.call('HINCRBY', KEYS[1], 'size', '-' .. number(size))", "local unheard = 1"),
    "keeps waiting": ("            wait_for(waits, task)\n", ""),
    "nobody waits": ("wait_for(said.waits, task, guard.seq)", "local unheard = 1"),
    "blocked is begun": ("if guard.status == 'blocked' then return {'BLOCKED', i} end", ""),
    "unblocked twice": ("if guard.status ~= 'blocked' then return {'FREE', i} end", ""),
    "writes before all is asked": (
        "if refused then return refused end\n",
        "if refused then return refused end\n  if said.begins then redis.call('HSET', said.record, 'g', 'x') end\n",
    ),
    "promotions overwritten": ("    if has('o') then\n", "    if false then\n"),
    "promotions without end": ("math.max(#lines - 49, 1)", "1"),
    "handed back not counted": ("guard.handed + (has('h') and 1 or 0)", "guard.handed"),
}  # fmt: skip


@pytest.mark.parametrize("name", REDIS_MUTANTS)
async def test_redis_that_breaks_a_promise_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rewording, whole = Rewording(*REDIS_MUTANTS[name]), Script.text

    def text(self: Script, run: str) -> str:
        source = whole(self, run)
        if not self.name.startswith("publish"):
            return source
        mutant = rewording(source)
        if name == "record without event":
            mutant = mutant.replace("'k', take)\n", "'k', take) end\n", 1)
        return mutant

    monkeypatch.setattr(Script, "text", text)
    assert await broken_by(lambda: ground("fakeredis", tmp_path, never), list(PROMISES), rewording) != []


async def test_a_mutant_that_changes_nothing_is_no_mutant() -> None:
    """Also one of adapters that break a promise for another reason."""
    for mutant in (MemoryProgressBus, QueuesTwice):
        with pytest.raises(pytest.fail.Exception, match="no longer fits"):
            await broken_by(mutated(mutant), list(PROMISES), Rewording("what nobody says", ""))


async def test_redis_as_it_is_breaks_none(tmp_path: Path) -> None:
    assert await broken_by(lambda: ground("fakeredis", tmp_path, never), RECORDS) == []
