import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.memory import MemoryHub
from auteur.adapters.queue.local import LocalTaskQueue
from auteur.domain.commands import CancelTask
from auteur.domain.errors import BusUnavailableError, Cause, HandlerError, StoreUnavailableError, WorkspaceFullError
from auteur.domain.events import (
    CancelRequested,
    Event,
    Position,
    RecordedEvent,
    TaskFailed,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.executor import Sent
from auteur.domain.ports import HandlerResult, TaskContext
from auteur.domain.task import Task, TaskResult, TaskStatus, TaskType
from tests.fakes import FailingBus, Office, ScriptedHandler, of
from tests.waiting import LONG_S


async def run(office: Office, **submission: object) -> list[Event]:
    task = await office.submit(**submission)  # type: ignore[arg-type]
    async with asyncio.timeout(LONG_S):
        await office.executor.run("film", task.task_id)
    return await office.events()


async def running(office: Office, **submission: object) -> tuple[str, asyncio.Task[None]]:
    """A task whose handler has begun and waits."""
    office.handler.waits = True
    task = await office.submit(**submission)  # type: ignore[arg-type]
    job = asyncio.create_task(office.executor.run("film", task.task_id))
    async with asyncio.timeout(LONG_S):
        await office.handler.started.wait()
    return task.task_id, job


async def test_a_task_goes_from_start_over_progress_to_its_result(tmp_path: Path) -> None:
    office = Office(tmp_path)
    events = await run(office, params={"steps": 1})
    assert isinstance(events[1], TaskStarted)
    assert events[1].eta_s == 1.5
    end = events[-1]
    assert isinstance(end, TaskSucceeded)
    (artifact,) = end.result.artifacts
    assert (tmp_path / artifact.path).read_text() == "made by attempt 1"
    described = office.artifacts.notes[end.task_id]
    recorded = (await office.store.task("film", end.task_id)).task
    assert described == replace(recorded, queued_seq=described.queued_seq, take=described.take), (
        "take.json is the record"
    )
    assert (end.result.engine, end.result.seed, end.result.params["steps"]) == ("script", 5, 1)
    assert end.duration_s > 0
    assert all(event.metadata == {"shot": 7} for event in events)


async def test_progress_is_thinned_but_the_ending_never(tmp_path: Path) -> None:
    office = Office(tmp_path, progress_interval_s=60)
    events = await run(office, params={"steps": 500})
    assert sum(isinstance(event, TaskProgressed) for event in events) <= 1
    assert isinstance(events[-1], TaskSucceeded)


async def test_progress_ascends_within_an_attempt(tmp_path: Path) -> None:
    office = Office(tmp_path, progress_interval_s=0)
    shares = [e.progress for e in await run(office, params={"steps": 50}) if isinstance(e, TaskProgressed)]
    assert shares == sorted(shares)
    assert shares[-1] <= 1


async def test_a_cancel_stops_the_handler_and_is_the_ending(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task_id, job = await running(office)
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task_id))
    async with asyncio.timeout(LONG_S):
        await job
    assert office.handler.stopped == 1
    assert (await office.kinds())[-1] == "TaskCancelled"
    assert office.artifacts.discarded == [("film", task_id, 1)]


async def test_a_handler_that_will_not_stop_is_left_behind(tmp_path: Path) -> None:
    office = Office(tmp_path, handler=ScriptedHandler(stubborn_s=10 * LONG_S), cancel_grace_s=0.1)
    task_id, job = await running(office)
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task_id))
    async with asyncio.timeout(LONG_S):
        await job
    assert (await office.kinds())[-1] == "TaskCancelled"


async def test_a_cancel_before_the_start_is_heard_at_the_start(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))
    await office.executor.run("film", task.task_id)
    assert office.handler.runs == 0


async def test_a_task_that_runs_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, handler=ScriptedHandler(waits=True))
    task = await office.submit()
    object.__setattr__((await office.store.task("film", task.task_id)).task.request, "timeout_s", 0.05)
    await office.executor.run("film", task.task_id)
    end = (await office.events())[-1]
    assert isinstance(end, TaskFailed)
    assert end.failure.code == "TASK_TIMEOUT"
    assert office.handler.stopped == 1


async def test_what_the_handler_says_is_wrong_reaches_the_user(tmp_path: Path) -> None:
    office = Office(tmp_path, handler=ScriptedHandler(error=HandlerError("No such lens.", lens_mm=7)))
    end = (await run(office))[-1]
    assert isinstance(end, TaskFailed)
    assert (end.failure.code, end.failure.message, end.failure.details) == (
        "HANDLER_ERROR",
        "No such lens.",
        {"lens_mm": 7},
    )


async def test_a_crash_is_told_to_the_operator_and_not_to_the_user(tmp_path: Path) -> None:
    office = Office(tmp_path, handler=ScriptedHandler(error=ZeroDivisionError("/secret/path")))
    end = (await run(office))[-1]
    assert isinstance(end, TaskFailed)
    assert "secret" not in f"{end.failure}"
    assert [str(error) for error in office.crashes] == ["/secret/path"]


async def test_a_handler_that_cancels_itself_has_failed_and_not_timed_out(tmp_path: Path) -> None:
    office = Office(tmp_path, handler=ScriptedHandler(error=asyncio.CancelledError()))  # type: ignore[arg-type]
    end = (await run(office))[-1]
    assert isinstance(end, TaskFailed)
    assert end.failure.code == "HANDLER_ERROR"


async def test_a_temporary_failure_is_tried_again_as_the_next_attempt(tmp_path: Path) -> None:
    handler = ScriptedHandler(error=HandlerError("GPU busy", retryable=True), raise_times=2)
    office = Office(tmp_path, handler=handler)
    events = await run(office)
    assert [e.attempt for e in events if isinstance(e, TaskStarted)] == [1, 2, 3]
    assert [e.reason for e in events if isinstance(e, TaskRequeued)] == ["retry", "retry"]
    assert isinstance(events[-1], TaskSucceeded)


async def test_a_temporary_failure_that_stays_is_the_ending(tmp_path: Path) -> None:
    office = Office(tmp_path, handler=ScriptedHandler(error=HandlerError("GPU busy", retryable=True)))
    events = await run(office)
    assert office.handler.runs == 3
    assert isinstance(events[-1], TaskFailed)
    assert events[-1].failure.message == "GPU busy"


async def test_a_task_that_loses_its_worker_every_time_ends(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    for attempt in (1, 2, 3):
        await office.bus.publish(TaskStarted(**of(task.task_id), attempt=attempt, worker="lost"))
    office.registry.absent.add("lost")
    await office.executor.run("film", task.task_id)
    end = (await office.events())[-1]
    assert isinstance(end, TaskFailed)
    assert end.failure.code == "WORKER_LOST"
    assert office.handler.runs == 0


async def test_a_running_task_of_a_lost_worker_is_taken_over_as_the_next_attempt(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await office.bus.publish(TaskStarted(**of(task.task_id), attempt=1, worker="lost"))
    office.registry.absent.add("lost")
    await office.executor.run("film", task.task_id)
    end = (await office.events())[-1]
    assert isinstance(end, TaskSucceeded)
    assert end.attempt == 2


async def test_stopping_the_worker_hands_the_task_back_and_does_not_count(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for round_ in range(5):
        office.handler.started.clear()
        if round_ == 0:
            task_id, job = await running(office)
        else:
            job = asyncio.create_task(office.executor.run("film", task_id))
            await office.handler.started.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        task = (await office.store.task("film", task_id)).task
        assert (task.status, task.attempts_lost) == (TaskStatus.QUEUED, 0)
    office.handler.gate.set()
    await office.executor.run("film", task_id)
    assert (await office.store.task("film", task_id)).task.status is TaskStatus.SUCCEEDED


async def test_stopping_the_worker_while_the_ending_is_recorded_keeps_the_result(tmp_path: Path) -> None:
    class SlowToAnswer(FailingBus):
        reached = asyncio.Event()

        async def publish(self, event: Event) -> RecordedEvent:
            recorded = await super().publish(event)
            if isinstance(event, TaskSucceeded):
                self.reached.set()
                await asyncio.sleep(0.05)
            return recorded

    bus = SlowToAnswer(MemoryHub())
    office = Office(tmp_path, bus=bus)
    task = await office.submit()
    job = asyncio.create_task(office.executor.run("film", task.task_id))
    await bus.reached.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await office.kinds())[-1] == "TaskSucceeded"
    assert office.artifacts.discarded == []


async def test_a_run_that_broke_off_while_the_bus_was_away_is_taken_up_again(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    bus.before = once(lambda event: isinstance(event, TaskRequeued))
    handler = ScriptedHandler(error=HandlerError("GPU busy", retryable=True), raise_times=1)
    office = Office(tmp_path, handler=handler, bus=bus)
    queue = LocalTaskQueue(office.executor.run, max_concurrent=1, lane_weights={}, retry_delay_s=0.01)
    task = await office.submit()
    await queue.enqueue(task)
    async with asyncio.timeout(LONG_S):
        while queue.running or await queue.depth():
            await asyncio.sleep(0)
    assert (await office.store.task("film", task.task_id)).task.status is TaskStatus.SUCCEEDED


async def test_a_start_whose_answer_was_lost_is_not_begun_again(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    bus.after = once(lambda event: isinstance(event, TaskStarted))
    office = Office(tmp_path, bus=bus)
    events = await run(office)
    assert [e.attempt for e in events if isinstance(e, TaskStarted)] == [1]
    assert isinstance(events[-1], TaskSucceeded)
    assert office.handler.runs == 1


async def test_a_start_waits_until_the_bus_is_back(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    bus.before = once(lambda event: isinstance(event, TaskStarted))
    office = Office(tmp_path, bus=bus)
    assert isinstance((await run(office))[-1], TaskSucceeded)


async def test_two_workers_with_the_same_task_give_one_result(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await asyncio.gather(*(office.worker(f"w-{n}").run("film", task.task_id) for n in range(5)))
    assert (await office.kinds()).count("TaskSucceeded") == 1
    assert office.handler.runs == 1


async def test_a_task_that_is_alive_is_never_started_twice(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task_id, job = await running(office)
    await office.worker("w-2").run("film", task_id)
    assert (await office.kinds()).count("TaskStarted") == 1
    office.handler.gate.set()
    await job
    assert (await office.store.task("film", task_id)).task.status is TaskStatus.SUCCEEDED


async def test_a_worker_that_was_replaced_stops_and_its_result_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task_id, job = await running(office)
    await office.bus.publish(TaskStarted(**of(task_id), attempt=2, worker="another"))
    async with asyncio.timeout(LONG_S):
        await job
    assert office.handler.stopped == 1
    assert office.artifacts.discarded == [("film", task_id, 1)]
    assert (await office.store.task("film", task_id)).task.attempt == 2


async def test_a_task_that_has_ended_is_not_run_again(tmp_path: Path) -> None:
    office = Office(tmp_path)
    await run(office)
    before = await office.events()
    await office.executor.run("film", before[0].task_id)
    assert await office.events() == before


def once(condition: Callable[[Event], bool], times: int = 1) -> Callable[[Event], None]:
    left = times

    def fault(event: Event) -> None:
        nonlocal left
        if left and condition(event):
            left -= 1
            raise BusUnavailableError("away")

    return fault


async def test_an_ending_waits_for_the_bus_to_come_back(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    bus.before = once(lambda event: isinstance(event, TaskSucceeded), times=3)
    events = await run(Office(tmp_path, bus=bus))
    assert isinstance(events[-1], TaskSucceeded)


async def test_an_ending_whose_answer_was_lost_is_not_told_twice_and_keeps_its_files(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    bus.after = once(lambda event: isinstance(event, TaskSucceeded))
    office = Office(tmp_path, bus=bus)
    events = await run(office)
    assert [type(e).__name__ for e in events].count("TaskSucceeded") == 1
    assert office.artifacts.discarded == []


async def test_lost_progress_does_not_disturb_the_task(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    bus.before = once(lambda event: isinstance(event, TaskProgressed), times=99)
    events = await run(Office(tmp_path, bus=bus))
    assert isinstance(events[-1], TaskSucceeded)


async def test_a_workspace_that_cannot_be_written_ends_the_task_after_its_attempts(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.artifacts.readonly = True
    end = (await run(office))[-1]
    assert isinstance(end, TaskFailed)
    assert end.failure.code == "SERVICE_UNAVAILABLE"


async def test_a_task_waits_for_room_however_long_and_loses_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    full = iter(range(7))
    begin = office.artifacts.begin

    async def begin_where_there_is_room(*names: Any) -> Path:
        if next(full, None) is not None:
            raise WorkspaceFullError
        return await begin(*names)

    monkeypatch.setattr(office.artifacts, "begin", begin_where_there_is_room)
    events = await run(office)
    assert isinstance(events[-1], TaskSucceeded)
    assert {event.reason for event in events if isinstance(event, TaskRequeued)} == {"no_room"}
    task = (await office.store.task("film", events[-1].task_id)).task
    assert (task.attempt, task.attempts_lost) == (8, 1), "more than may be lost"


class AwayStore:
    """Takes the place of `commit` and `show`: the store is away until it is let come back."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.back = asyncio.Event(), False
        self._commit = office.artifacts.commit
        for name in ("commit", "show", "check"):
            monkeypatch.setattr(office.artifacts, name, getattr(self, name), raising=False)

    async def commit(self, *given: Any) -> Any:
        await self.check()
        return await self._commit(*given)

    async def show(self, *given: Any) -> None:
        await self.check()

    async def check(self) -> None:
        await asyncio.sleep(0)
        if not self.back:
            self.asked.set()
            raise StoreUnavailableError(Cause("unreachable", "not reachable"))


async def test_what_was_made_is_kept_when_the_store_is_back_and_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    store = AwayStore(office, monkeypatch)
    task = await office.submit()
    object.__setattr__((await office.store.task("film", task.task_id)).task.request, "timeout_s", 0.05)
    job = asyncio.create_task(office.executor.run("film", task.task_id))
    async with asyncio.timeout(LONG_S):
        await store.asked.wait()
        await asyncio.sleep(0.2)  # longer than the task may run: that is for making it
        assert not job.done()
        store.back = True
        await job
    events = await office.events()
    assert isinstance(events[-1], TaskSucceeded)
    assert (office.handler.runs, events[-1].attempt) == (1, 1)
    assert not any(isinstance(event, TaskRequeued) for event in events)


async def test_a_task_whose_result_waits_for_the_store_can_be_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    store = AwayStore(office, monkeypatch)
    task = await office.submit()
    job = asyncio.create_task(office.executor.run("film", task.task_id))
    async with asyncio.timeout(LONG_S):
        await store.asked.wait()
        await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))
        await job
    assert (await office.store.task("film", task.task_id)).task.status is TaskStatus.CANCELLED
    assert ("film", task.task_id, 1) in office.artifacts.discarded


async def test_a_store_that_is_away_for_too_long_costs_the_attempt_and_not_the_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path, retry_delay_s=0.001, record_patience_s=0.002)
    store = AwayStore(office, monkeypatch)
    task = await office.submit()
    job = asyncio.create_task(office.executor.run("film", task.task_id))
    async with asyncio.timeout(LONG_S):
        while not any(isinstance(event, TaskRequeued) for event in await office.events()):
            await asyncio.sleep(0)
        store.back = True
        await job
    events = await office.events()
    assert isinstance(events[-1], TaskSucceeded)
    assert [event.reason for event in events if isinstance(event, TaskRequeued)] == ["no_room"]
    assert office.handler.runs == 2


async def test_a_preview_that_cannot_be_shown_now_does_not_silence_the_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Previewing(ScriptedHandler):
        async def run(self, task: Task, context: TaskContext) -> HandlerResult:
            context.report(0.5, preview="half.jpg")
            await self.gate.wait()
            return await super().run(task, context)

    office = Office(tmp_path, handler=Previewing(), progress_interval_s=0)
    store = AwayStore(office, monkeypatch)
    task = await office.submit()
    job = asyncio.create_task(office.executor.run("film", task.task_id))

    async def half() -> list[TaskProgressed]:
        return [e for e in await office.events() if isinstance(e, TaskProgressed) and e.progress == 0.5]

    async with asyncio.timeout(LONG_S):
        while not await half():
            await asyncio.sleep(0)
        assert [event.preview for event in await half()] == [None]
        store.back = True
        office.handler.gate.set()
        await job


async def test_an_engine_that_says_too_much_is_told_so_in_an_ending_of_bounded_size(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.handler.understood = {"words": ["x" * 1000] * 200}
    end = (await run(office))[-1]
    assert isinstance(end, TaskFailed)
    assert "98304 bytes" in end.failure.message
    chatty = Office(tmp_path / "2", handler=ScriptedHandler(error=HandlerError("y" * 10**6, why=["z" * 10**6])))
    end = (await run(chatty))[-1]
    assert isinstance(end, TaskFailed)
    assert (len(end.failure.message), end.failure.details) == (4096, {})


@pytest.mark.parametrize("is_ended", [False, True], ids=["and not yet known to be", "and ended for that"])
async def test_the_files_of_a_task_whose_record_was_lost_meanwhile_go(tmp_path: Path, is_ended: bool) -> None:
    bus = FailingBus(MemoryHub())
    office = Office(tmp_path, bus=bus)

    def lose(event: Event) -> None:
        project = office.hub.project("film")
        if isinstance(event, TaskSucceeded) and (lost := project.tasks.get(event.task_id)):
            project.keep(event.task_id, lost, None)
            if is_ended:
                project.tombstones.add(event.task_id)

    bus.before = lose
    events = await run(office)
    assert not any(isinstance(event, TaskSucceeded) for event in events)
    assert office.artifacts.discarded == [("film", events[0].task_id, 1)]  # type: ignore[union-attr]


async def test_the_files_of_an_ending_that_was_first_stay_whoever_gave_the_task_up(tmp_path: Path) -> None:
    bus = FailingBus(MemoryHub())
    office = Office(tmp_path, bus=bus)
    task = await office.submit()
    for attempt in (1, 2, 3):
        await office.bus.publish(TaskStarted(**of(task.task_id), attempt=attempt, worker="frozen"))
    office.registry.absent.add("frozen")
    result = TaskResult(engine="e", artifacts=(), params={})

    def wake(event: Event) -> None:
        if isinstance(event, TaskFailed) and not (known := office.hub.projects["film"].tasks[task.task_id]).ended:
            won = TaskSucceeded(**of(task.task_id), attempt=3, result=result, duration_s=1)
            office.hub.projects["film"].keep(task.task_id, known, known.after(won))

    bus.before = wake  # the frozen worker's ending comes just before ours
    await office.executor.run("film", task.task_id, "frozen")
    assert (await office.store.task("film", task.task_id)).task.status is TaskStatus.SUCCEEDED
    assert office.artifacts.discarded == []


async def test_a_task_can_be_cancelled_although_the_log_began_again_meanwhile(tmp_path: Path) -> None:
    office = Office(tmp_path, ScriptedHandler(waits=True))
    task = await office.submit()
    running = asyncio.create_task(office.executor.run("film", task.task_id, None))
    await office.handler.started.wait()
    office.hub.epoch = "begunagain"
    log = office.hub.projects["film"].log
    log[:] = [RecordedEvent(Position("begunagain", known.position.seq), known.event) for known in log]
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))
    async with asyncio.timeout(LONG_S):
        await running
    assert (await office.kinds())[-1] == "TaskCancelled"
    assert office.handler.stopped == 1


async def test_what_is_no_number_is_no_progress(tmp_path: Path) -> None:
    office = Office(tmp_path, ScriptedHandler(says=(float("nan"), 0.5, float("inf"), float("nan"))))
    told = [event.progress for event in await run(office) if isinstance(event, TaskProgressed)]
    assert all(0 <= progress <= 1 for progress in told)


def reads_of(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that are read from here on."""
    read: list[str] = []
    task = office.store.task

    async def counted(project_id: str, task_id: str) -> Any:
        read.append(task_id)
        return await task(project_id, task_id)

    monkeypatch.setattr(office.store, "task", counted)
    return read


async def test_a_task_that_was_sent_is_begun_and_ended_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    read, goes = reads_of(office, monkeypatch), asyncio.Event()
    await office.executor.run("film", task.task_id, None, Sent(task=task, on_ending=goes.set))
    assert read == []
    assert isinstance((await office.events())[-1], TaskSucceeded)
    assert goes.is_set(), "whoever sent it is told when its ending goes to the log"


async def test_a_sent_task_that_was_cancelled_since_is_not_run(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))
    await office.executor.run("film", task.task_id, None, Sent(task=task))
    assert office.handler.runs == 0


async def test_a_cancel_that_was_asked_for_after_the_sending_and_before_the_start_stops_the_handler(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path)
    office.handler.waits = True
    task = await office.submit()
    await office.bus.publish(CancelRequested(**task.about(office.clock())))  # and who asked dies
    async with asyncio.timeout(LONG_S):
        await office.executor.run("film", task.task_id, None, Sent(task=task))
    assert (await office.read(task)).status is TaskStatus.CANCELLED


async def test_a_sent_task_that_was_handed_back_since_is_begun_by_its_next_attempt(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await office.bus.publish(TaskStarted(**task.about(office.clock()), attempt=1, worker="w-0"))
    await office.bus.publish(TaskRequeued(**task.about(office.clock()), attempt=1, reason="shutdown"))
    await office.executor.run("film", task.task_id, None, Sent(task=task))
    assert (await office.read(task)).attempt == 2
    assert office.handler.runs == 1


async def test_a_sent_task_that_another_has_begun_is_left_to_it(tmp_path: Path) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await office.bus.publish(TaskStarted(**task.about(office.clock()), attempt=1, worker="w-0"))
    await office.executor.run("film", task.task_id, None, Sent(task=task))
    assert office.handler.runs == 0
    assert (await office.read(task)).worker == "w-0"


async def test_a_task_type_that_makes_no_files_is_given_no_directory(tmp_path: Path) -> None:
    class Fileless(ScriptedHandler):
        @property
        def task_types(self) -> Sequence[TaskType]:
            return [replace(known, makes_files=False) for known in super().task_types]

        async def run(self, task: Task, context: TaskContext) -> HandlerResult:
            with pytest.raises(HandlerError):
                context.directory  # noqa: B018
            return HandlerResult(drafts=())

    office = Office(tmp_path, handler=Fileless())
    events = await run(office)
    assert isinstance(events[-1], TaskSucceeded)
    assert list(tmp_path.iterdir()) == []
