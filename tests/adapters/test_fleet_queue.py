"""The fleet's queue on a real server: nothing is lost, nothing alive disturbed, nothing kept from who could do it."""

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from auteur.adapters.background import end
from auteur.adapters.queue.local import SoleWorkerRegistry
from auteur.adapters.queue.streams import StreamBrokers
from auteur.adapters.queue.taskiq import TaskiqQueue, TaskiqWorker, queue_name
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import BusUnavailableError, EngineDownError, EngineElsewhereError, UnavailableError
from auteur.domain.ports import Worker
from auteur.domain.task import Task, TaskStatus
from tests.fakes import START, a_request
from tests.servers import RedisServer
from tests.waiting import awaited

LEASE_S = 1.0
QUEUE = queue_name("interactive", "scripted", "script")


def a_task(number: int, project: str = "film", **changes: Any) -> Task:
    values: dict[str, Any] = {
        "task_id": f"t-{number}",
        "project_id": project,
        "request": a_request(),
        "metadata": {},
        "status": TaskStatus.QUEUED,
        "queued_at": START,
        "queued_seq": number,
    }
    return Task(**{**values, **changes})


class Machine:
    """One process' side of the queue: brokers, a queue to send by, and a worker whose work the test decides."""

    def __init__(self, server: RedisServer, prefix: str, slots: int = 1) -> None:
        self.brokers = StreamBrokers(server.url, prefix=f"{prefix}queue:", lease_s=LEASE_S)
        self.database = RedisDatabase.at(server.url, prefix=prefix)
        workers = SoleWorkerRegistry(
            Worker(name="w", since=START, lanes=("interactive",), task_types=("scripted",), slots=slots)
        )
        self.queue = TaskiqQueue(self.brokers, workers, self.count, self.database.claim, lambda request: "script")
        self.begun: list[str] = []
        self.done: list[str] = []
        self.gone: list[str | None] = []
        self.refused: list[tuple[str, str]] = []
        self.gate = asyncio.Event()
        self.fault: Callable[[str], Awaitable[None]] | None = None
        self.releasing: Callable[[str], Awaitable[None]] | None = None
        self.worker = TaskiqWorker(
            self.brokers,
            self.queue,
            [QUEUE],
            self.run,
            refuse=self.refuse,
            release=self.release,
            slots=slots,
            lane_weights={},
        )

    async def count(self) -> int:
        return 7

    async def refuse(self, project_id: str, task_id: str) -> None:
        self.refused.append((project_id, task_id))

    async def release(self, project_id: str, task_id: str) -> None:
        if self.releasing is not None:
            await self.releasing(task_id)
        raise BusUnavailableError("away")  # must not matter

    async def run(self, project_id: str, task_id: str, gone: str | None) -> None:
        self.begun.append(task_id)
        self.gone.append(gone)
        if self.fault is not None:
            await self.fault(task_id)
        await self.gate.wait()
        self.done.append(task_id)

    async def die(self) -> None:
        """As a kill would: nothing is said, nothing handed back."""
        await end(self.worker._pulling)
        self.worker._send_back = forget  # type: ignore[method-assign,assignment]
        await self.worker.close(0)
        await self.brokers.__aexit__()


async def forget(delivery: object) -> None:
    """What a dead worker sends back."""


@pytest.fixture
async def machine(redis_server: RedisServer) -> AsyncIterator[Callable[..., Awaitable[Machine]]]:
    prefix = f"test-{uuid.uuid4().hex}:"
    async with contextlib.AsyncExitStack() as stack:

        async def make(slots: int = 1, *, works: bool = True) -> Machine:
            made = Machine(redis_server, prefix, slots)
            await stack.enter_async_context(made.database)
            await stack.enter_async_context(made.brokers)
            if works:
                await stack.enter_async_context(made.worker)
            return made

        yield make


async def until(condition: Callable[[], object], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


Make = Callable[..., Awaitable[Machine]]


async def test_a_task_is_run_and_leaves_nothing_in_the_queue(machine: Make, redis_server: RedisServer) -> None:
    one = await machine()
    one.gate.set()
    for number in range(30):
        await one.queue.enqueue(a_task(number))
    await until(lambda: len(one.done) == 30)
    assert one.begun == [f"t-{number}" for number in range(30)]
    stream = one.brokers(QUEUE).queue_name  # type: ignore[attr-defined]
    await until(lambda: redis_server.ask("XLEN", stream) == b":0")


async def test_a_task_is_sent_once_however_often_and_by_whomever_it_is_enqueued(machine: Make) -> None:
    one, two = await machine(slots=5), await machine(works=False)
    one.gate.set()
    for _ in range(5):
        await one.queue.enqueue(a_task(1))
        await two.queue.enqueue(a_task(1))
    await one.queue.enqueue(a_task(2))
    await until(lambda: "t-2" in one.done)
    assert one.begun == ["t-1", "t-2"]


async def test_a_task_that_runs_for_many_leases_is_not_given_to_another(machine: Make) -> None:
    one = await machine()
    await one.queue.enqueue(a_task(1))
    await until(lambda: one.begun)
    two = await machine()
    await asyncio.sleep(4 * LEASE_S)
    assert two.begun == []
    one.gate.set()
    await until(lambda: one.done)


async def test_what_a_dead_worker_had_taken_comes_to_another_on_an_idle_queue(machine: Make) -> None:
    dying = await machine()
    await dying.queue.enqueue(a_task(1))
    await until(lambda: dying.begun)
    await dying.die()
    two = await machine()
    two.gate.set()
    await until(lambda: two.done == ["t-1"], 5 * LEASE_S)


async def test_a_busy_worker_keeps_nothing_from_an_idle_one(machine: Make) -> None:
    busy = await machine()
    await busy.queue.enqueue(a_task(1))
    await until(lambda: busy.begun)
    for number in range(2, 6):
        await busy.queue.enqueue(a_task(number))
    await asyncio.sleep(0.3)
    idle = await machine()
    idle.gate.set()
    await until(lambda: len(idle.done) == 4, 8)
    assert busy.begun == ["t-1"]
    busy.gate.set()


async def test_two_workers_share_without_a_loss(machine: Make) -> None:
    one, two = await machine(slots=3), await machine(slots=3)
    one.gate.set()
    two.gate.set()
    await asyncio.gather(*(one.queue.enqueue(a_task(number)) for number in range(100)))
    await until(lambda: len(one.done) + len(two.done) >= 100)
    assert Counter(one.done + two.done) == Counter(f"t-{number}" for number in range(100))
    assert one.done
    assert two.done


async def test_a_task_that_is_taken_over_goes_first_and_names_who_is_gone(machine: Make) -> None:
    one = await machine(works=False)
    for number in range(5):
        await one.queue.enqueue(a_task(number))
    await one.queue.enqueue(a_task(9, attempt=1, worker="lost", status=TaskStatus.RUNNING))
    worker = await machine()
    worker.gate.set()
    await until(lambda: len(worker.done) == 6)
    assert (worker.begun[0], worker.gone[0]) == ("t-9", "lost")
    assert set(worker.gone[1:]) == {None}


async def test_a_stopped_worker_sends_back_what_it_had(machine: Make) -> None:
    one = await machine()
    await one.queue.enqueue(a_task(1))
    await until(lambda: one.begun)
    await one.worker.close(0)
    two = await machine()
    two.gate.set()
    await until(lambda: two.done == ["t-1"], LEASE_S)


async def test_a_run_that_broke_off_is_tried_again_here(machine: Make) -> None:
    one = await machine(slots=2)
    one.gate.set()
    failures = 2

    async def fault(task_id: str) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise BusUnavailableError("away")

    one.fault = fault
    await one.queue.enqueue(a_task(1))
    await until(lambda: one.done == ["t-1"])
    assert one.begun == ["t-1"] * 3


async def test_what_is_sent_again_while_the_end_of_its_run_is_told_is_run_again(
    machine: Make, redis_server: RedisServer
) -> None:
    one = await machine(slots=2)
    one.gate.set()

    async def releasing(task_id: str) -> None:
        if len(one.begun) == 1:
            one.releasing = None
            await one.queue.kick(a_task(1))
            async with awaited("the message to be taken"):
                while not one.worker._deliveries:
                    await asyncio.sleep(0.01)

    one.releasing = releasing
    await one.queue.enqueue(a_task(1))
    async with awaited("it to be run again"):
        while one.done != ["t-1"] * 2:
            await asyncio.sleep(0.01)
    stream = one.brokers(QUEUE).queue_name  # type: ignore[attr-defined]
    async with awaited("nothing of it to be left"):
        while one.worker._deliveries or redis_server.ask("XLEN", stream) != b":0":
            await asyncio.sleep(0.01)


async def test_a_task_of_whose_end_nobody_can_be_told_leaves_all_the_same(machine: Make) -> None:
    one = await machine(slots=2)
    one.gate.set()
    told: list[str] = []

    async def releasing(task_id: str) -> None:
        told.append(task_id)
        raise ValueError("something is written that nobody can read")

    one.releasing = releasing
    with capture_logs() as logs:
        await one.queue.enqueue(a_task(1))
        async with awaited("it to leave"):
            while not told or one.worker.pool.running or await one.worker.pool.depth():
                await asyncio.sleep(0.01)
    assert (one.begun, told) == (["t-1"], ["t-1"])
    assert [entry["event"] for entry in logs] == ["task runner failed; the task waits again"]


async def test_a_task_that_is_accepted_again_by_a_log_that_began_anew_is_sent_again(machine: Make) -> None:
    one, two = await machine(), await machine(works=False)
    one.gate.set()
    await two.queue.enqueue(a_task(1))
    await two.queue.enqueue(a_task(1, queued_at=START + timedelta(microseconds=1)))
    async with awaited("it to be run for each"):
        while one.done != ["t-1"] * 2:
            await asyncio.sleep(0.01)


async def test_the_queue_outlives_a_flush(machine: Make, tmp_path: Any) -> None:
    server = RedisServer(tmp_path / "own").start()
    try:
        one = Machine(server, "x:")
        one.gate.set()
        async with one.database, one.brokers, one.worker:
            await one.queue.enqueue(a_task(1))
            await until(lambda: one.done)
            server.ask("FLUSHALL")
            await one.queue.kick(a_task(2))
            await until(lambda: "t-2" in one.done)
    finally:
        server.stop()


async def test_a_queue_that_is_away_says_so_and_what_was_not_sent_can_be_sent_again(tmp_path: Any) -> None:
    server = RedisServer(tmp_path / "own").start()
    try:
        one = Machine(server, "x:")
        async with one.database, one.brokers:
            server.kill()
            with pytest.raises(UnavailableError):
                await one.queue.enqueue(a_task(1))
            server.start()
            one.gate.set()
            async with one.worker:
                for _ in range(20):  # connections of before the restart may fail once more
                    with contextlib.suppress(UnavailableError):
                        await one.queue.enqueue(a_task(1))
                await until(lambda: one.done == ["t-1"])
    finally:
        server.stop()


async def test_it_wants_to_hold_as_many_of_one_project_as_the_pool_can_run_and_two_more(machine: Make) -> None:
    one = await machine(slots=3, works=False)
    assert await one.queue.ahead("interactive") == 5
    assert await one.queue.ahead("heavy") == 2
    assert await one.queue.depth() == 7


async def test_a_task_whose_engine_is_down_is_put_aside_and_holds_no_slot(
    machine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EngineDownError, "retry_after_s", 0.1)
    one = await machine()
    down = {"t-1", "t-2"}

    async def fault(task_id: str) -> None:
        if task_id in down:
            raise EngineDownError("comfyui")

    one.fault = fault
    one.gate.set()
    for number in (1, 2, 3):
        await one.queue.enqueue(a_task(number))
    await until(lambda: one.done == ["t-3"])
    await until(lambda: one.begun.count("t-1") > 2)
    assert one.done == ["t-3"]
    down.clear()
    await until(lambda: sorted(one.done) == ["t-1", "t-2", "t-3"])


async def test_what_is_put_aside_is_sent_back_at_once_by_who_stops(machine: Make) -> None:
    one, other = await machine(), await machine(works=False)

    async def fault(task_id: str) -> None:
        raise EngineDownError("comfyui")

    one.fault = fault
    await one.queue.enqueue(a_task(1))
    await until(lambda: one.begun and not one.worker.pool.running)
    await one.worker.close(0)
    other.gate.set()
    async with other.worker:
        await until(lambda: other.done == ["t-1"])


async def test_a_task_goes_to_the_queue_of_an_engine_that_another_worker_has(machine: Make) -> None:
    one, other = await machine(), await machine(works=False)

    async def fault(task_id: str) -> None:
        raise EngineElsewhereError("other")

    one.fault = fault
    other.worker._queues = [queue_name("interactive", "scripted", "other")]
    other.gate.set()
    async with other.worker:
        await one.queue.enqueue(a_task(1))
        await until(lambda: other.done == ["t-1"])
    assert one.begun == ["t-1"]
