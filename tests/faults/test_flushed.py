"""Everything on the server is deleted at each step of a task's way: between any two commands that are sent for it.

What was recorded before is gone with the records, and is missed by nobody; what is recorded afterwards has its ending,
and needs nobody who sweeps for that.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.queue.taskiq import TaskiqWorker
from auteur.adapters.redis.line import Line
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import TaskNotFoundError
from auteur.domain.events import Ending, Event
from auteur.domain.ports import HandlerResult, TaskContext
from auteur.domain.state import TaskReading
from auteur.domain.task import Task, TaskStatus
from auteur.entrypoints import fleet
from auteur.entrypoints.container import Container, lifetime
from tests.adapters.test_road import Nothing, a_process
from tests.fakes import a_command
from tests.faults.checks import p6_what_came_after_is_not_lost
from tests.faults.record import Asked, Record
from tests.servers import RedisServer
from tests.waiting import awaited

MOST_STEPS = 60
"""More than a task has."""


class Held(Nothing):
    """Makes nothing, and takes until the gate opens."""

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        self.started.set()
        await self.gate.wait()
        return await super().run(task, context)


class Flush:
    """Deletes everything before the ``step``-th command that is sent for the ``project``. ``at``: which that was, None
    as long as there were not so many; ``recorded``: whether the task had been accepted by then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, project: str, step: int) -> None:
        self._project = project.encode()
        self._left = step
        self.at: str | None = None
        self.recorded = False
        ask = Line.ask

        async def asked(line: Line, commands: Sequence[Any]) -> list[Any]:
            """All in one trip: nothing else can happen between the deletion and what it is to precede."""
            together: list[Any] = []
            for command in commands:
                if self._is_next(command):
                    together.append(("FLUSHALL",))
                together.append(command)
            answers = await ask(line, together)
            return [answer for answer, command in zip(answers, together, strict=True) if command != ("FLUSHALL",)]

        monkeypatch.setattr(Line, "ask", asked)

    def _is_next(self, command: Sequence[Any]) -> bool:
        if self.at is not None:
            return False
        said = [part if isinstance(part, bytes) else str(part).encode() for part in command]
        if said[0] not in (b"XACK", b"XDEL") and not any(self._project in part for part in said):
            return False
        self._left -= 1
        if not self._left:
            self.at = " ".join(part.decode("utf-8", "replace")[:40] for part in said[:8])
            return True
        self.recorded |= b"TaskQueued" in said
        return False


class House:
    """A replica that runs nothing and a worker, in this process, on a server of their own."""

    def __init__(self, server: RedisServer, service: Container, worker: Container, handler: Held) -> None:
        self.server = server
        self.handler = handler
        self.dispatcher: TaskDispatcher = service.dispatcher()
        self.sweepers: list[TaskDispatcher] = [self.dispatcher, worker.dispatcher()]
        """One of them leads."""
        self.store = service.store()
        self.bus = service.bus()
        taking = worker.parts().taking()
        assert isinstance(taking, TaskiqWorker)
        self._taking = taking
        self.registry = service.registry()

    async def reading(self, project: str, task_id: str) -> TaskReading | None:
        try:
            return await self.store.task(project, task_id)
        except TaskNotFoundError:
            return None

    async def ended(self, project: str, task_id: str) -> None:
        async with awaited("the task to end"):
            while (known := await self.reading(project, task_id)) is None or not known.task.ended:
                await asyncio.sleep(0.01)
        assert known.task.status is TaskStatus.SUCCEEDED

    async def idle(self) -> None:
        """Returns when the worker holds nothing."""
        async with awaited("the worker to hold nothing"):
            while self._taking._deliveries or self._taking.pool.running:
                await asyncio.sleep(0.005)

    async def history(self, project: str) -> Sequence[Event]:
        return [recorded.event for recorded in await self.bus.history(project, None, 1000)]


@asynccontextmanager
async def a_house(directory: Path) -> AsyncIterator[House]:
    server = RedisServer(directory / "own").start()
    try:
        handler = Held()
        service = a_process(server, directory, handler, works=False)
        worker = a_process(server, directory, handler, works=True)
        async with lifetime(service), lifetime(worker):
            house = House(server, service, worker, handler)
            handler.gate.set()
            known = await house.dispatcher.submit(a_command("first", "first"))
            await house.ended("first", known.task.task_id)
            await house.idle()
            yield house
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def nobody_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missed on the way is not found later."""
    monkeypatch.setattr(fleet, "_SWEEP_S", 3600.0)


async def play(house: House, monkeypatch: pytest.MonkeyPatch, step: int, *, begun: bool, repeated: bool) -> Flush:
    """A task to whose way the deletion comes, the same request again, and another. ``begun``: another came before, so
    that its project is known; ``repeated``: asked for once more before it has ended."""
    project = f"film-{step}"
    if begun:
        before = (await house.dispatcher.submit(a_command("m-0", project))).task
        await house.ended(project, before.task_id)
        await house.idle()
    house.handler.gate.clear()
    house.handler.started.clear()
    with monkeypatch.context() as patched:
        flush = Flush(patched, project, step)
        submitted = (await house.dispatcher.submit(a_command("m-1", project))).task
        if flush.at is None:  # further on its way then
            async with awaited("it to be begun, or not to be any more"):
                while flush.at is None and not house.handler.started.is_set():
                    await asyncio.sleep(0.005)
        if flush.at is not None and not flush.recorded:
            assert {known.project_id for known in await house.store.unfinished()} == {project}, (
                "whoever sweeps finds it"
            )
        if repeated:
            await house.dispatcher.submit(a_command("m-1", project))
        house.handler.gate.set()
        await house.idle()
    kept = await house.reading(project, submitted.task_id)
    if flush.at is None:
        assert kept is not None
        return flush
    if not repeated:
        assert (kept is not None) == (not flush.recorded), "what was recorded before is gone, what was after is there"
    again = await house.dispatcher.submit(a_command("m-1", project))
    assert again.repeated is (kept is not None)
    other = (await house.dispatcher.submit(a_command("m-2", project))).task
    for task_id in (submitted.task_id, other.task_id):
        await house.ended(project, task_id)
    await house.idle()
    endings = Counter(event.task_id for event in await house.history(project) if isinstance(event, Ending))
    assert endings == {submitted.task_id: 1, other.task_id: 1}
    return flush


@pytest.mark.parametrize("begun", [False, True], ids=["a new project", "one that is known"])
@pytest.mark.parametrize("repeated", [False, True], ids=["asked for once", "asked for again while it runs"])
async def test_wherever_everything_is_deleted_what_is_recorded_afterwards_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bool, repeated: bool
) -> None:
    recorded: list[bool] = []
    async with a_house(tmp_path) as house:
        for step in range(1, MOST_STEPS):
            flush = await play(house, monkeypatch, step, begun=begun, repeated=repeated)
            if flush.at is None:
                break
            recorded.append(flush.recorded)
    assert flush.at is None, "there are more steps than were thought of"
    # looked up, entered and recorded; sent, begun, ended, acknowledged and taken out of its queue
    assert recorded == sorted(recorded)
    assert (recorded.count(False) >= 3, recorded.count(True) >= 5) == (True, True)


async def test_what_is_accepted_once_more_while_an_attempt_of_before_runs_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_house(tmp_path) as house:
        house.handler.gate.clear()
        house.handler.started.clear()
        before = await house.dispatcher.submit(a_command("m-1", "film"))
        async with awaited("it to be begun"):
            await house.handler.started.wait()
        house.handler.started.clear()
        with monkeypatch.context() as patched:
            Flush(patched, "film", step=1)
            again = await house.dispatcher.submit(a_command("m-1", "film"))
        assert (again.task.task_id, again.repeated) == (before.task.task_id, False)
        async with awaited("it to be begun anew, although nothing has ended"):
            await house.handler.started.wait()
        house.handler.gate.set()
        await house.ended("film", again.task.task_id)
        await house.idle()
        told = Counter(type(event).__name__ for event in await house.history("film"))
    assert told == {"TaskQueued": 1, "TaskStarted": 1, "TaskSucceeded": 1}


async def test_a_sweep_goes_on_wherever_everything_is_deleted_while_it_ends_a_task_whose_record_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    async with a_house(tmp_path) as house:
        for step in range(1, MOST_STEPS):
            project = f"film-{step}"
            house.handler.gate.clear()
            house.handler.started.clear()
            task_id = (await house.dispatcher.submit(a_command("m-1", project))).task.task_id
            async with awaited("it to be begun"):
                await house.handler.started.wait()
            assert house.server.ask("DEL", f"{tmp_path.name}:{{{project}}}:task:{task_id}") == b":1"
            with monkeypatch.context() as patched:
                flush = Flush(patched, project, step)
                for sweeper in house.sweepers:
                    await sweeper.recover()
            ended.append(any(isinstance(event, Ending) for event in await house.history(project)))
            house.handler.gate.set()
            await house.idle()
            if flush.at is None:
                break
    assert flush.at is None, "there are more steps than were thought of"
    assert ended.count(False) >= 2, "looked at, and ended in vain"
    assert ended[-1], "its record was lost, and everything else is there"


def test_the_harness_knows_what_was_asked_for_before_everything_was_deleted_from_what_came_after() -> None:
    """The answer may come later than what it tells of was deleted, however slow the machine."""
    told = {"accepted_at": 14.0, "task_id": "t-1"}
    record = Record(outage=(10.0, 13.0), asked=[Asked("film", "before", 9.0, sent_at=9.9, **told)])
    assert list(p6_what_came_after_is_not_lost(record)) == []
    record.asked.append(Asked("film", "after", 9.0, sent_at=10.6, **{**told, "task_id": "t-2"}))
    assert list(p6_what_came_after_is_not_lost(record)) == ["P6 t-2 was accepted and has no ending"]
