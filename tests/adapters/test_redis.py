"""What only a real server can do to the log: stop, lose, fill up, freeze; and what the adapters make of it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from structlog.testing import capture_logs

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.scripts import READ
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.queue.presence import RedisWorkerRegistry
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import (
    AuteurError,
    BusUnavailableError,
    HistoryLostError,
    TaskDeletedError,
    TaskEndedError,
    TaskExistsError,
    TaskNotFoundError,
)
from auteur.domain.events import (
    CancelRequested,
    Event,
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.ports import Worker
from auteur.domain.state import OpenTask
from auteur.domain.task import Failure, Task, TaskResult
from tests.backends import redis_databases
from tests.fakes import START, of, queued
from tests.servers import RedisServer
from tests.waiting import LONG_S

T = TypeVar("T")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server to do harm to."""
    own = RedisServer(tmp_path / "redis").start()
    yield own
    own.stop()


class House:
    """One process' worth of adapters."""

    def __init__(self, server: RedisServer, **options: float) -> None:
        self.database = RedisDatabase.at(server.url, deadline_s=options.pop("deadline_s", 1.5))
        self.bus = RedisProgressBus(self.database, **options)  # type: ignore[arg-type]
        self.store = RedisStateStore(self.database)

    async def __aenter__(self) -> "House":
        await self.bus.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.bus.__aexit__()
        await self.database.__aexit__()

    async def live(self, task_id: str = "t-1", progress: int = 3) -> Position:
        """A task that runs; where the log stands then."""
        await self.bus.publish(queued(task_id))
        last = await self.bus.publish(TaskStarted(**of(task_id), attempt=1, worker="w"))
        for number in range(progress):
            last = await self.bus.publish(progressed(number / 10, task_id))
        return last.position

    async def delete(self, *names: str) -> None:
        await self.database.execute(("DEL", *[self.database.key(f"{{film}}:{name}") for name in names]))

    async def look(self) -> tuple[str, object]:
        """Which run of the server answers, and with what."""
        return await self.database.evaluate(READ, [self.database.key("{film}:meta")], 0, 0)

    async def load(self) -> "Known":
        state = await self.store.project("film", open_limit=99, ended_limit=99)
        return Known(state.position, {task.task_id: task for task in (*state.open.tasks, *state.ended.tasks)})


@dataclass(frozen=True)
class Known:
    """What is known of the project."""

    position: Position | None
    tasks: dict[str, Task]


def progressed(progress: float = 0.5, task_id: str = "t-1") -> TaskProgressed:
    return TaskProgressed(**of(task_id), attempt=1, progress=progress)


def started(task_id: str) -> TaskStarted:
    return TaskStarted(**of(task_id), attempt=1, worker="w")


def succeeded(task_id: str = "t-1", attempt: int = 1) -> TaskSucceeded:
    result = TaskResult(engine="e", artifacts=(), params={})
    return TaskSucceeded(**of(task_id), attempt=attempt, duration_s=1.0, result=result)


# --- the law -------------------------------------------------------------------------------------------------------

TASKS = st.sampled_from(["t-1", "t-2"])
ATTEMPTS = st.integers(0, 3)
EVENTS = st.one_of(
    st.builds(queued, TASKS),
    st.builds(lambda t, a: TaskStarted(**of(t), attempt=a, worker="some worker"), TASKS, ATTEMPTS),
    st.builds(lambda t, a: TaskProgressed(**of(t), attempt=a, progress=0.5), TASKS, ATTEMPTS),
    st.builds(lambda t, a: TaskRequeued(**of(t), attempt=a, reason="retry"), TASKS, ATTEMPTS),
    st.builds(succeeded, TASKS, ATTEMPTS),
    st.builds(lambda t, a: TaskFailed(**of(t), attempt=a, failure=Failure(code="X", message="x")), TASKS, ATTEMPTS),
    st.builds(lambda t: CancelRequested(**of(t)), TASKS),
    st.builds(lambda t, a: TaskCancelled(**of(t), attempt=a), TASKS, ATTEMPTS),
)


@given(st.lists(EVENTS, max_size=25))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_script_keeps_the_same_law_as_the_domain(redis_server: RedisServer, events: list[Event]) -> None:
    async def compare() -> None:
        memory = MemoryProgressBus(MemoryHub())
        async with redis_databases("redis", lambda: redis_server)[0] as database:
            redis = RedisProgressBus(database)
            for event in events:
                assert await said_by(redis, event) == await said_by(memory, event), event

    asyncio.run(compare())


async def once_back(ask: Callable[[], Awaitable[T]]) -> T:
    """The first answer of a server that was away."""
    async with asyncio.timeout(LONG_S):
        while True:
            with contextlib.suppress(BusUnavailableError):
                return await ask()
            await asyncio.sleep(0.02)


async def said_by(bus: RedisProgressBus | MemoryProgressBus, event: Event) -> object:
    try:
        return (await bus.publish(event)).position.seq
    except AuteurError as error:
        return type(error), error.message


# --- the server stops ----------------------------------------------------------------------------------------------


async def test_a_restart_begins_an_epoch_and_loses_nothing_that_was_kept(server: RedisServer) -> None:
    async with House(server) as house, House(server) as other:
        before = await house.live(progress=5)
        await other.load()
        server.kill()
        with pytest.raises(BusUnavailableError):
            await house.bus.publish(progressed())
        server.start()
        with pytest.raises(HistoryLostError):
            await house.bus.history("film", before, 9)
        state = await house.load()
        assert state.position is not None
        assert (state.position.seq, state.position.epoch != before.epoch) == (before.seq, True)
        assert state.tasks["t-1"].attempt == 1
        assert await other.load() == state
        assert (await other.bus.publish(succeeded())).position == Position(state.position.epoch, before.seq + 1)
        with pytest.raises(TaskEndedError):
            await house.bus.publish(progressed())


async def test_a_server_that_lost_its_newest_events_uses_no_position_twice(server: RedisServer) -> None:
    async with House(server) as house:
        before = await house.live()
        server.kill()
        for file in (server.directory / "appendonlydir").iterdir():  # all of it, as if nothing had been written
            file.unlink()
        server.start()
        with pytest.raises(TaskNotFoundError):
            await once_back(lambda: house.bus.publish(progressed()))
        again = await house.live("t-2")
        assert again.seq == before.seq
        assert again.epoch != before.epoch
        with pytest.raises(HistoryLostError):
            await house.bus.history("film", before, 9)


async def test_a_listener_hears_of_a_restart_and_goes_on(server: RedisServer) -> None:
    async with House(server) as house:
        before = await house.live()
        listening = asyncio.create_task(anext(house.bus.subscribe("film", before)))
        await asyncio.sleep(0.1)
        server.kill()
        await asyncio.sleep(0.5)
        server.start()
        with pytest.raises(HistoryLostError):
            async with asyncio.timeout(LONG_S):
                await listening
        after = (await house.load()).position
        async with contextlib.aclosing(house.bus.subscribe("film", after)) as events:
            await house.bus.publish(succeeded())
            assert (await anext(events)).event == succeeded()


async def test_everything_is_refused_soon_while_the_server_is_frozen(server: RedisServer) -> None:
    async with House(server) as house:
        await house.live()
        server.freeze()
        began = time.monotonic()
        answers = await asyncio.gather(
            house.bus.publish(progressed()),
            house.bus.history("film", None, 9),
            house.store.projects(after=None, limit=9),
            house.store.unfinished(),
            house.bus.check(),
            *(house.bus.publish(queued(f"t-{n}")) for n in range(2, 100)),
            return_exceptions=True,
        )
        took = time.monotonic() - began
        server.thaw()
        assert {type(answer) for answer in answers} == {BusUnavailableError}
        assert took < 2.5
        # what was refused may have happened all the same; the log is whole
        last = await once_back(lambda: house.bus.publish(CancelRequested(**of())))
        log = await house.bus.history("film", None, 999)
        assert [r.position.seq for r in log[: last.position.seq]] == list(range(1, last.position.seq + 1))


async def test_a_flushed_script_cache_is_not_noticed(server: RedisServer) -> None:
    async with House(server) as house:
        before = await house.live()
        assert server.ask("SCRIPT", "FLUSH") == b"+OK"
        assert (await house.bus.publish(progressed())).position == Position(before.epoch, before.seq + 1)


async def test_while_the_scripts_are_loaded_again_nobody_is_answered_for_another_run(server: RedisServer) -> None:
    """Those that are loaded already would answer, though it is not known yet of which run."""
    async with House(server) as house:
        before = await house.live()
        run = house.database._run
        for _ in range(5):
            assert server.ask("SCRIPT", "FLUSH") == b"+OK"
            house.database._run = ""  # as whoever is refused first leaves it
            learning = asyncio.create_task(house.database._know(READ))
            looking: list[asyncio.Task[tuple[str, object]]] = []
            while not learning.done():  # who is refused waits for it, so that each looks once
                looking.append(asyncio.create_task(house.look()))
                await asyncio.sleep(0.001)
            assert {answered for answered, _ in await asyncio.gather(*looking)} == {run}
        assert (await house.bus.history("film", None, 99))[-1].position == before


# --- the notifier --------------------------------------------------------------------------------------------------


async def test_the_last_event_is_heard_although_the_doorbell_did_not_ring(server: RedisServer) -> None:
    async with House(server, look_interval_s=0.2) as house:
        silent = RedisProgressBus(house.database, channel="another channel")
        before = await house.live()
        async with contextlib.aclosing(house.bus.subscribe("film", before)) as events:
            waiting = asyncio.create_task(anext(events))
            await asyncio.sleep(0.1)
            await silent.publish(progressed(0.8))
            async with asyncio.timeout(LONG_S):
                assert (await waiting).event == progressed(0.8)


async def test_what_was_said_while_the_reader_was_cut_off_is_heard(server: RedisServer) -> None:
    async with House(server, look_interval_s=10 * LONG_S) as house:
        before = await house.live()
        heard: list[RecordedEvent] = []

        async def listen() -> None:
            async with contextlib.aclosing(house.bus.subscribe("film", before)) as events:
                heard.extend([await anext(events) for _ in range(20)])

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0.1)
        for number in range(20):
            if number % 4 == 0:
                server.ask("CLIENT", "KILL", "TYPE", "pubsub")
            await house.bus.publish(progressed(number / 20))
        async with asyncio.timeout(LONG_S):
            await listening
        assert [r.position.seq for r in heard] == list(range(before.seq + 1, before.seq + 21))


async def test_a_listener_that_comes_back_at_once_misses_nothing_said_in_between(server: RedisServer) -> None:
    async with House(server, look_interval_s=10 * LONG_S) as house:
        before = await house.live()
        async with contextlib.aclosing(house.bus.subscribe("film", before)) as events:
            waiting = asyncio.create_task(anext(events))
            await asyncio.sleep(0.1)
            bookmark = (await house.bus.publish(progressed(0.6))).position
            assert (await waiting).position == bookmark
        missed = await house.bus.publish(progressed(0.7))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(LONG_S), contextlib.aclosing(house.bus.subscribe("film", bookmark)) as events:
            assert await anext(events) == missed


async def test_strange_messages_on_the_channel_disturb_nobody(server: RedisServer) -> None:
    async with House(server) as house:
        before = await house.live()
        async with contextlib.aclosing(house.bus.subscribe("film", before)) as events:
            waiting = asyncio.create_task(anext(events))
            await asyncio.sleep(0.1)
            for strange in (
                "",
                "hello",
                '{"project_id":"film","position":"x","record":{}}',
                '{"project_id":"film"',
                "\x00",
            ):
                server.ask("PUBLISH", "auteur:progress:{film}", strange)
            await house.bus.publish(progressed(0.9))
            async with asyncio.timeout(LONG_S):
                assert (await waiting).event == progressed(0.9)


# --- keys are deleted behind our back ------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [["log"], ["meta"], ["meta", "log"]], ids="-".join)
async def test_what_was_deleted_is_said_and_no_task_is_forgotten(server: RedisServer, names: list[str]) -> None:
    async with House(server, look_interval_s=0.2) as house, House(server) as other:
        before = await house.live(progress=4)
        await house.live("t-2", progress=0)
        await house.bus.publish(succeeded("t-2"))
        listening = asyncio.create_task(anext(house.bus.subscribe("film", before)))
        await asyncio.wait({listening}, timeout=3)  # t-2's first event
        position = listening.result().position
        waiting = asyncio.create_task(anext(house.bus.subscribe("film", Position(position.epoch, position.seq + 2))))
        await asyncio.sleep(0.1)
        with capture_logs() as logs:
            await house.delete(*names)
            with pytest.raises(HistoryLostError):
                async with asyncio.timeout(LONG_S):
                    await waiting
        assert [entry["log_level"] for entry in logs] == ["error"]
        here, there = await house.load(), await other.load()
        assert here == there
        assert here.position != position
        with pytest.raises(TaskExistsError):
            await house.bus.publish(queued())
        with pytest.raises(TaskEndedError):
            await house.bus.publish(succeeded("t-2"))
        assert [t for t in here.tasks.values() if not t.ended and t.task_id != "t-1"] == [], "t-2 had ended"
        assert await house.store.unfinished() == [OpenTask("film", "t-1", 1, "w", "interactive", "scripted", START)]
        ending = await house.bus.publish(succeeded())
        assert ending.position.epoch != position.epoch
        here, there = await house.load(), await other.load()
        assert here == there
        assert here.tasks["t-1"].ended


async def test_a_record_that_was_deleted_is_missed_and_its_task_ends(server: RedisServer) -> None:
    async with House(server) as house:
        await house.live()
        await house.delete("task:t-1")
        (lost,) = await house.store.unfinished()
        assert (lost.task_id, lost.lost) == ("t-1", True)
        with pytest.raises(TaskNotFoundError):
            await house.bus.publish(progressed())
        failure = Failure(code="RECORD_LOST", message="x")
        await house.bus.publish(TaskFailed(**of(), attempt=0, failure=failure))
        assert await house.store.unfinished() == []
        with pytest.raises(TaskDeletedError):
            await house.bus.publish(queued())


async def test_a_flushed_server_begins_again_and_says_so(server: RedisServer) -> None:
    async with House(server, look_interval_s=0.2) as house:
        before = await house.live()
        waiting = asyncio.create_task(anext(house.bus.subscribe("film", before)))
        await asyncio.sleep(0.1)
        server.ask("FLUSHALL")
        with pytest.raises(HistoryLostError):
            async with asyncio.timeout(LONG_S):
                await waiting
        assert (await house.load()).tasks == {}
        again = await house.live("t-2", progress=1)
        assert again.epoch != before.epoch
        assert list((await house.load()).tasks) == ["t-2"]


# --- it is full, or does not fit -----------------------------------------------------------------------------------


async def test_a_full_server_takes_endings_but_no_new_work(server: RedisServer) -> None:
    async with House(server) as house:
        await house.live()
        server.ask("CONFIG", "SET", "maxmemory", "1")
        with pytest.raises(BusUnavailableError) as refused:
            await house.bus.publish(queued("t-2"))
        assert "full" in refused.value.message
        with pytest.raises(BusUnavailableError):
            await house.bus.publish(progressed())
        assert (await house.load()).tasks["t-1"].attempt == 1
        await house.bus.publish(succeeded())
        assert (await house.load()).tasks["t-1"].ended
        server.ask("CONFIG", "SET", "maxmemory", "0")
        await house.live("t-2")


async def test_foreign_data_under_a_projects_key_is_an_error_of_the_house(server: RedisServer) -> None:
    async with House(server) as house:
        meta = house.database.key("{film}:meta")
        await house.database.execute(("SET", meta, "something else"))
        with pytest.raises(BusUnavailableError):
            await house.bus.publish(queued())


async def test_refused_credentials_are_said_to_the_operator_and_not_to_the_user(tmp_path: Path) -> None:
    closed = RedisServer(tmp_path / "closed")
    closed.start()
    try:
        closed.ask("CONFIG", "SET", "requirepass", "hunter2")
        url = closed.url.replace("//", "//:hunter3@")
        with capture_logs() as logs:
            async with RedisDatabase.at(url) as database:
                with pytest.raises(BusUnavailableError) as refused:
                    await RedisProgressBus(database).check()
        assert "hunter" not in f"{refused.value.message} {refused.value.details} {logs}"
        assert [line["cause"] for line in logs] == ["wrong password"]
    finally:
        closed.stop()


async def test_an_unsafe_server_is_named_to_the_operator(tmp_path: Path) -> None:
    unsafe = RedisServer(tmp_path / "unsafe", "--appendonly", "no", "--maxmemory-policy", "allkeys-lru").start()
    try:
        async with House(unsafe) as house:
            with capture_logs() as logs:
                await house.live()
        said = " ".join(entry["event"] for entry in logs)
        assert "appendonly" in said
        assert "noeviction" in said
    finally:
        unsafe.stop()


async def test_an_ending_says_how_many_wait(server: RedisServer) -> None:
    async with House(server) as house:
        for event in (queued("t-1"), queued("t-2"), queued("t-3", waits_for=("t-2",)), started("t-1")):
            assert (await house.bus.publish(event)).waiting is None
        assert (await house.bus.publish(succeeded("t-1"))).waiting == 2
        assert (await house.bus.publish(TaskCancelled(**of("t-2"), attempt=0))).waiting == 1, (
            "what is blocked waits, too"
        )
        assert (await house.bus.publish(TaskCancelled(**of("t-3"), attempt=0))).waiting == 0


async def test_lanes_are_right_where_what_was_counted_was_deleted(server: RedisServer) -> None:
    async with House(server) as house:
        for name in ("t-1", "t-2"):
            await house.bus.publish(queued(name))
        await house.delete("meta")
        await house.bus.publish(TaskStarted(**of("t-1"), attempt=1, worker="w"))
        counts = await house.store.counts("film")
        assert (counts.waiting, counts.running) == ({"interactive": 1}, {"interactive": 1})


# --- the lists of all projects ------------------------------------------------------------------------------------


async def written_to_lists(house: House, event: Event) -> set[str]:
    """The lists that were written as the event was published."""
    await house.database.execute(("CONFIG", "RESETSTAT"))
    await house.bus.publish(event)
    (stats,) = await house.database.execute(("INFO", "commandstats"))
    assert stats["cmdstat_zadd"]["calls"] >= 2  # the index, and when the project was active
    return {"all"} if "cmdstat_sadd" in stats else {"active"}


async def test_a_project_is_entered_once_in_a_while_and_stays_listed_whoever_takes_it_off(server: RedisServer) -> None:
    async with House(server) as house, House(server) as other:
        assert await written_to_lists(house, queued("t-1")) == {"all"}
        await house.bus.publish(TaskCancelled(**of("t-1"), attempt=0))
        assert await other.store.unfinished() == [], "nothing is open, and it is looked at again"
        assert await written_to_lists(house, queued("t-2")) == {"active"}
        assert [known.task_id for known in await other.store.unfinished()] == ["t-2"]
        assert await written_to_lists(other, queued("t-3")) == {"all"}, "each process for itself"
        house.bus._lists._listed["film"] = (house.bus._lists._listed["film"][0], time.monotonic() - 31)
        assert await written_to_lists(house, queued("t-4")) == {"all"}


async def test_a_project_whose_only_event_was_looked_at_stays_among_those_that_get_too_old(server: RedisServer) -> None:
    async with House(server) as house, House(server, history_age_s=0.0) as forgetful:
        await house.bus.publish(queued("t-1"))
        server.ask("ZADD", "auteur:project:trimmable", "0", "film")
        assert await forgetful.bus.trim() == 0, "the newest stays"
        assert await written_to_lists(house, queued("t-2")) == {"active"}
        server.ask("ZADD", "auteur:project:trimmable", "XX", "0", "film")
        assert await forgetful.bus.trim() == 1


@pytest.mark.parametrize("loss", ["flushed", "restarted"])
async def test_a_project_is_entered_again_where_the_server_has_lost_its_lists(server: RedisServer, loss: str) -> None:
    async with House(server) as house:
        await house.bus.publish(queued("t-1"))
        if loss == "flushed":
            server.ask("FLUSHALL")
        else:
            names = ("unfinished", "trimmable", "retained")
            await house.database.execute(("DEL", *[house.database.key(name) for name in names]))
            server.kill()
            server.start()
            async with asyncio.timeout(LONG_S):
                while True:
                    with contextlib.suppress(BusUnavailableError):
                        await house.bus.check()
                        break
                    await asyncio.sleep(0.05)
        await house.bus.publish(queued("t-2"))
        assert "t-2" in [known.task_id for known in await house.store.unfinished()]
        for name in ("trimmable", "retained"):
            assert await house.database.execute(("ZCARD", house.database.key(name))) == [1]


# --- retention -----------------------------------------------------------------------------------------------------


async def test_old_events_go_and_records_stay(server: RedisServer) -> None:
    async with House(server) as house, House(server, history_age_s=0.0) as forgetful:
        await house.live(progress=5)
        state = await house.load()
        server.ask("ZADD", "auteur:project:trimmable", "0", "film")
        assert await forgetful.bus.trim() == 6
        assert [r.position.seq for r in await house.bus.history("film", None, 99)] == [7]
        assert await house.load() == state
        await forgetful.bus.publish(succeeded())
        assert [r.position.seq for r in await house.bus.history("film", None, 99)] == [8], "what comes lets the old go"
        assert await forgetful.bus.trim() == 0
        assert [known.project_id for known in (await house.store.projects(after=None, limit=9)).projects] == ["film"]
        with pytest.raises(TaskExistsError):
            await house.bus.publish(queued())


async def test_only_projects_in_which_something_is_too_old_are_looked_at(server: RedisServer) -> None:
    async with House(server, history_age_s=3600.0) as house:
        await house.live(progress=9)
        assert await house.bus.trim() == 0
        due = await house.database.execute(("ZRANGEBYSCORE", house.database.key("trimmable"), "-inf", "+inf"))
        assert due == [[b"film"]]


async def test_young_events_stay(server: RedisServer) -> None:
    async with House(server) as house:
        await house.live(progress=9)
        assert await house.bus.trim() == 0


async def test_a_deletion_that_never_came_purges_nothing(server: RedisServer) -> None:
    async with House(server) as house:
        await house.live()
        server.ask("SADD", "auteur:project:purging", "film")  # as a process killed before it published leaves it
        assert await house.store.purging() == []
        assert await house.store.purge("film", 99)
        assert list((await house.load()).tasks) == ["t-1"]


# --- who is at work ------------------------------------------------------------------------------------------------


async def test_a_worker_that_falls_silent_is_gone_after_its_lease(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as here, RedisDatabase.at(server.url) as there:
        async with RedisWorkerRegistry(here, worker=Worker(name="here", since=START), lease_s=0.6) as registry:
            silent = RedisWorkerRegistry(there, worker=Worker(name="silent", since=START), lease_s=0.6)
            await silent.expired(["somebody"])
            assert await registry.expired(["silent", "stranger", "here"]) == set(), "too early to tell"
            await asyncio.sleep(0.8)
            assert await registry.expired(["silent", "stranger", "here"]) == {"silent", "stranger"}
        assert server.ask("ZCARD", "auteur:project:workers") == b":0", "who leaves says so"


async def test_after_an_outage_everybody_gets_the_time_to_come_back(server: RedisServer) -> None:
    async with (
        RedisDatabase.at(server.url, deadline_s=0.3) as here,
        RedisDatabase.at(server.url) as there,
        RedisWorkerRegistry(here, worker=Worker(name="here", since=START), lease_s=1) as registry,
    ):
        await asyncio.sleep(1.3)
        assert await registry.expired(["other"]) == {"other"}
        server.kill()
        await asyncio.sleep(1.2)
        server.start()
        assert await once_back(lambda: registry.expired(["other"])) == set()
        async with RedisWorkerRegistry(there, worker=Worker(name="other", since=START), lease_s=1):
            for _ in range(15):
                await asyncio.sleep(0.1)
                assert await registry.expired(["other"]) == set()


async def test_after_everything_was_deleted_everybody_gets_the_time_to_say_that_they_are_there(
    server: RedisServer,
) -> None:
    at_s = 0.0
    async with RedisDatabase.at(server.url) as here:
        registry = RedisWorkerRegistry(
            here, worker=Worker(name="here", since=START), lease_s=60, monotonic=lambda: at_s
        )  # fmt: skip

        async def after_a_lease() -> Collection[str]:
            nonlocal at_s
            for _ in range(3):
                assert await registry.expired(["other"]) == set(), "too early to tell"
                at_s += 25
            return await registry.expired(["other"])

        assert await after_a_lease() == {"other"}
        server.ask("FLUSHALL")
        assert await after_a_lease() == {"other"}


async def test_a_strange_entry_in_the_roster_ends_nobodys_lease(server: RedisServer) -> None:
    server.ask("ZADD", "auteur:project:workers", "99999999999999", "no worker at all")
    here = RedisWorkerRegistry(RedisDatabase.at(server.url), worker=Worker(name="here", since=START), lease_s=0.6)
    with capture_logs() as logs:
        async with here._database, here:
            await asyncio.sleep(1.5)
            assert server.ask("ZCARD", "auteur:project:workers") == b":2", "ours was renewed beside it"
    assert "the registry cannot be read" in {entry["event"] for entry in logs}


async def test_a_project_that_somebody_asks_for_something_while_retention_looks_stays_on_its_list(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (database, _) = redis_databases("redis", lambda: redis_server)
    async with database, RedisProgressBus(database) as bus:
        store = RedisStateStore(database)
        await bus._lists.enter([queued("t1")])
        assert await store.overdue(datetime.now(UTC), 9) == []  # nothing of it is there yet
        monkeypatch.setattr(bus._lists, "entering", lambda event: ())
        await bus.publish(queued("t1"))
        monkeypatch.undo()
        await bus.publish(TaskStarted(**of("t1"), attempt=1, worker="w"))
        await bus.publish(TaskCancelled(**of("t1"), attempt=1))
        assert await store.overdue(datetime.now(UTC) + timedelta(days=1), 9) == ["film"]
