"""Data of before there were records is carried over: every task, file and position that was there is there.

``tests/fixtures/before-records`` was written by that release, and holds what it answered of it.
"""

import asyncio
import base64
import contextlib
import gzip
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.codec import encode_event
from auteur.adapters.log.redis import carry
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import BusUnavailableError, HistoryLostError, TaskDeletedError, TaskForgottenError
from auteur.domain.events import Position, TaskCancelled, TaskFailed
from auteur.domain.ports import ProgressBus, StateStore
from auteur.domain.state import ProjectCounts, TaskQuery
from auteur.domain.task import Failure, TaskStatus
from auteur.protocol.views import TaskView
from tests.backends import redis_databases
from tests.fakes import of, queued
from tests.servers import RedisServer
from tests.waiting import awaited

BEFORE = Path(__file__).parents[1] / "fixtures" / "before-records"
NEW_FIELDS = {"shot", "take", "favourite", "circled", "waits_for", "promoted_from", "promoted_to"}


def expected(backend: str) -> Any:
    return json.loads(gzip.decompress((BEFORE / backend / "expected.json.gz").read_bytes()))


class Carried:
    """The data as the present release sees it, beside what the release of before said of it."""

    def __init__(self, bus: ProgressBus, store: StateStore, expected: Any, epoch_suffix: str = "") -> None:
        self.bus = bus
        self.store = store
        self.expected = expected
        self._suffix = epoch_suffix

    def position(self, text: str) -> Position:
        """A position of before, as it reads here: on Redis the server's run belongs to it."""
        epoch, _, seq = text.rpartition("-")
        return Position(epoch + self._suffix, int(seq))

    async def tasks(self, project_id: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        before_seq: int | None = None
        while True:
            page = await self.store.tasks(project_id, TaskQuery(), before_seq=before_seq, limit=100)
            for task in page.tasks:
                place = page.queue_positions.get(task.task_id)
                assert task.task_id not in found
                found[task.task_id] = TaskView.of(task, place).model_dump(mode="json")
            before_seq = page.next_seq
            if before_seq is None:
                return found


def unpacked(tmp_path: Path) -> Path:
    path = tmp_path / "auteur.db"
    path.write_bytes(gzip.decompress((BEFORE / "sqlite" / "auteur.db.gz").read_bytes()))
    return path


def replay(keys: Any, prefix: str) -> list[list[bytes]]:
    """The commands that bring the keys back, under another prefix."""
    commands = []
    for command in keys["data"]:
        words = [word.encode() if isinstance(word, str) else base64.b64decode(word["base64"]) for word in command]
        words[1] = words[1].replace(b"auteur:project:", prefix.encode(), 1)
        commands.append(words)
    return commands


async def brought_back(database: RedisDatabase, keys: Any) -> None:
    commands = replay(keys, database.key(""))
    for start in range(0, len(commands), 200):
        await database.execute(*commands[start : start + 200])


@pytest.fixture(params=["sqlite", "redis"])
async def carried(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Carried]:
    if request.param == "sqlite":
        async with SqliteDatabase(unpacked(tmp_path)) as database:
            yield Carried(SqliteProgressBus(database), SqliteStateStore(database), expected("sqlite"))
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
    here = redis_databases("redis", lambda: server)[0]
    async with here:
        await brought_back(here, keys)
        bus, store = RedisProgressBus(here), RedisStateStore(here)
        run = str((await here.describe())["run_id"])[:8]
        yield Carried(bus, store, expected("redis"), run)


async def test_every_task_that_was_there_is_there_as_it_was(carried: Carried) -> None:
    for project_id, before in carried.expected["projects"].items():
        now = await carried.tasks(project_id)
        for task in before["tasks"]:
            here = {name: value for name, value in now[task["task_id"]].items() if name not in NEW_FIELDS}
            assert here == task, task["task_id"]
        state = await carried.store.project(project_id, open_limit=50, ended_limit=5)
        open_before = [task["task_id"] for task in before["tasks"] if task["status"] in ("queued", "running")]
        assert [task.task_id for task in state.open.tasks] == open_before
        counts = {status.value: n for status, n in state.counts.by_status.items()}
        assert sum(counts.values()) == len(now) >= len(before["tasks"])


async def test_what_no_view_tells_of_a_task_is_as_it_was(carried: Carried) -> None:
    for project_id, before in carried.expected["projects"].items():
        for task_id, hidden in before["hidden"].items():
            task = (await carried.store.task(project_id, task_id)).task
            for name in ("queued_seq", "worker", "handed_back", "preview"):
                assert getattr(task, name) == hidden[name], (task_id, name)
            for name in ("lane", "timeout_s", "message_id", "fingerprint"):
                if name in hidden:
                    assert getattr(task.request, name) == hidden[name], (task_id, name)


async def test_every_position_that_could_be_honoured_can_be(carried: Carried) -> None:
    for project_id, before in carried.expected["projects"].items():
        history = [[carried.position(position), kind, task_id] for position, kind, task_id in _lines(before["history"])]
        read = await carried.bus.history(project_id, None, 10_000)
        assert [[r.position, type(r.event).__name__, getattr(r.event, "task_id", None)] for r in read] == history
        head = carried.position(before["position"])
        assert head.seq == before["head_seq"]
        assert await carried.bus.history(project_id, head, 9) == []
        assert (await carried.store.counts(project_id)).position == head
        if before["oldest_seq"] > 1:
            with pytest.raises(HistoryLostError):
                await carried.bus.history(project_id, Position(head.epoch, before["oldest_seq"] - 2), 9)


async def test_what_was_open_is_open_and_goes_on(carried: Carried) -> None:
    before = {(known["project_id"], known["task_id"]): known for known in map(_open, carried.expected["unfinished"])}
    now = {(known.project_id, known.task_id): known for known in await carried.store.unfinished()}
    assert set(now) == set(before)
    for key, known in now.items():
        assert (known.attempt, known.worker) == (before[key]["attempt"], before[key]["worker"])


async def test_ids_of_which_nothing_else_is_known_stay_used(carried: Carried) -> None:
    long = carried.expected["projects"]["long"]
    assert len(long["known_only_to_guards"]) > 100
    for task_id in long["known_only_to_guards"][:5]:
        with pytest.raises(TaskDeletedError):
            await carried.bus.publish(queued(task_id, "long"))
        with pytest.raises(TaskForgottenError):
            await carried.store.task("long", task_id)


async def test_new_events_follow_the_old_ones(carried: Carried) -> None:
    head = carried.position(carried.expected["projects"]["second"]["position"])
    recorded = await carried.bus.publish(queued("a-new-one", "second"))
    assert recorded.position == Position(head.epoch, head.seq + 1)


async def patiently(store: RedisStateStore) -> ProjectCounts:
    """On a busy machine Redis may not answer in time; then again, as who asks would."""
    async with awaited("the project to be carried over"):
        while True:
            with contextlib.suppress(BusUnavailableError):
                return await store.counts("long")


async def test_many_processes_carry_the_same_project_over_once(redis_server: RedisServer) -> None:
    keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
    here, there = redis_databases("redis", lambda: redis_server)
    async with here, there:
        await brought_back(here, keys)
        stores = [RedisStateStore(database) for database in (here, there)]
        counts = await asyncio.gather(*(patiently(stores[number % 2]) for number in range(8)))
        assert all(count == counts[0] for count in counts)
        before = expected("redis")["projects"]["long"]
        assert sum(counts[0].by_status.values()) >= len(before["tasks"])
        waiting = sum(task["status"] == "queued" for task in before["tasks"])
        assert sum(counts[0].waiting.values()) == waiting


async def test_a_project_of_before_that_nobody_asks_for_is_carried_over_when_its_old_events_go(
    redis_server: RedisServer,
) -> None:
    keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
    async with redis_databases("redis", lambda: redis_server)[0] as here:
        await brought_back(here, keys)
        bus, store = RedisProgressBus(here, history_age_s=0), RedisStateStore(here)
        assert await bus.trim() > 0
        for project_id, before in expected("redis")["projects"].items():
            (left,) = await here.execute(("XLEN", here.key(f"{{{project_id}}}:log")))
            assert left <= 1, project_id
            page = await store.tasks(project_id, TaskQuery(), before_seq=None, limit=10_000)
            assert {task["task_id"] for task in before["tasks"]} <= {task.task_id for task in page.tasks}
        assert (await here.execute(("EXISTS", here.key("projects")))) == [0]


async def test_a_project_of_before_that_cannot_be_read_does_not_keep_others_from_being_trimmed(
    redis_server: RedisServer,
) -> None:
    keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
    async with redis_databases("redis", lambda: redis_server)[0] as here:
        await brought_back(here, keys)
        (head,) = await here.execute(("HGET", here.key("{second}:meta"), "seq"))
        after = str(int(head) + 1)
        entry = ("e", b'{"kind":"unheard_of"}', "t", "1")
        await here.execute(("XADD", here.key("{second}:log"), f"{after}-0", *entry))
        await here.execute(("HSET", here.key("{second}:meta"), "seq", after))
        bus = RedisProgressBus(here, history_age_s=0)
        assert await bus.trim() > 0
        assert await bus.trim() == 0, "it is looked at later"
        (left,) = await here.execute(("XLEN", here.key("{long}:log")))
        assert left <= 1


async def test_whoever_asks_while_a_project_is_carried_over_waits_for_it(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
    written = []
    write = carry._write

    async def counting(*args: Any, last: bool) -> bool:
        written.append(last)
        return await write(*args, last=last)

    monkeypatch.setattr(carry, "_write", counting)
    async with redis_databases("redis", lambda: redis_server)[0] as here:
        await brought_back(here, keys)
        counts = await asyncio.gather(*(RedisStateStore(here).counts("long") for _ in range(12)))
        assert all(count == counts[0] for count in counts)
    assert written.count(True) == 1, "twelve would take twelve times as long, and nobody else would be served"


async def test_what_a_process_of_before_adds_while_a_project_is_carried_over_is_in_the_records(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
    async with redis_databases("redis", lambda: redis_server)[0] as here:
        await brought_back(here, keys)
        before = expected("redis")["projects"]["second"]
        waiting = [task["task_id"] for task in before["tasks"] if task["status"] == "queued"]
        write = carry._write

        async def interrupted(*args: Any, last: bool) -> bool:
            if not last:
                return await write(*args, last=last)
            cancelled = TaskCancelled(project_id="second", task_id=waiting[0], at=datetime.now(UTC), attempt=0)
            home, seq = here.key("{second}:"), before["head_seq"] + 1
            appended = ("XADD", f"{home}log", f"{seq}-0", "e", encode_event(cancelled), "t", 1)
            await here.execute(appended, ("HSET", f"{home}meta", "seq", seq))
            monkeypatch.setattr(carry, "_write", write)
            return await write(*args, last=last)

        monkeypatch.setattr(carry, "_write", interrupted)
        store = RedisStateStore(here)
        counts = await store.counts("second")
        assert counts.by_status[TaskStatus.CANCELLED] == 1
        assert sum(counts.by_status.values()) == len(before["tasks"]), "each is in one status"
        assert counts.of(TaskStatus.QUEUED) == len(waiting) - 1 == sum(counts.waiting.values())
        assert (await store.task("second", waiting[0])).task.status is TaskStatus.CANCELLED


async def test_a_file_of_an_even_earlier_time_is_carried_over_too(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        connection.execute("CREATE TABLE heads (project_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID")
        connection.execute("INSERT INTO heads VALUES ('film', 7)")
        connection.execute(
            "CREATE TABLE guards (project_id TEXT NOT NULL, task_id TEXT NOT NULL, attempt INTEGER NOT NULL,"
            " running INTEGER NOT NULL, ended INTEGER NOT NULL, PRIMARY KEY (project_id, task_id)) WITHOUT ROWID"
        )
        connection.executemany("INSERT INTO guards VALUES ('film', ?, ?, ?, ?)", [("t-1", 1, 1, 0), ("t-3", 1, 0, 1)])
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus = SqliteProgressBus(database)
        (ending,) = await bus.history("film", None, 9)
        assert isinstance(ending.event, TaskFailed), "an open task of which nothing is known has its ending"
        assert (ending.position.seq, ending.event.task_id, ending.event.failure.code) == (8, "t-1", "RECORD_LOST")
        with pytest.raises(TaskDeletedError):
            await bus.publish(queued("t-3"))


def _lines(history: Any) -> list[list[Any]]:
    return [list(line.values()) if isinstance(line, dict) else line for line in history]


def _open(known: Any) -> dict[str, Any]:
    return (
        known
        if isinstance(known, dict)
        else dict(zip(("project_id", "task_id", "attempt", "worker"), known, strict=True))
    )


async def test_every_project_that_was_listed_is_listed(carried: Carried) -> None:
    page = await carried.store.projects(after=None, limit=50)
    assert {known.project_id for known in page.projects} == set(carried.expected["projects"])
    again = await carried.store.projects(after=None, limit=50)
    assert [known.project_id for known in again.projects] == [known.project_id for known in page.projects]


async def test_an_open_task_of_which_only_a_guard_is_left_on_redis_ends(redis_server: RedisServer) -> None:
    here = redis_databases("redis", lambda: redis_server)[0]
    async with here:
        key = here.key("{film}:")
        await here.execute(
            ("SADD", here.key("projects"), "film"),
            ("SADD", here.key("unfinished"), "film"),
            ("HSET", f"{key}meta", "token", "abcd0123", "seq", "0", "base", "0"),
            ("HSET", f"{key}open", "t-1", "1 somebody"),
        )
        bus, store = RedisProgressBus(here), RedisStateStore(here)
        (lost,) = await store.unfinished()
        assert (lost.task_id, lost.lost) == ("t-1", True)
        failure = Failure(code="RECORD_LOST", message="x")
        await bus.publish(TaskFailed(**of(), attempt=0, failure=failure))
        assert await store.unfinished() == []
        assert (await store.counts("film")).by_status == {}
