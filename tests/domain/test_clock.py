"""A wall clock that steps, back an hour or ahead, in the middle of things: no ending changes, no time runs back."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from auteur.domain.commands import CancelTask
from auteur.domain.errors import HandlerError
from auteur.domain.events import TaskCancelled, TaskFailed, TaskProgressed, TaskStarted, TaskSucceeded
from auteur.domain.executor import Executor
from auteur.domain.state import TaskReading
from auteur.domain.task import Task, TaskStatus
from tests.fakes import START, Office
from tests.waiting import LONG_S

STEPS = [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-4000)]


class WallClock:
    """Stands still until the test sets it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class SteppingOffice(Office):
    """An office whose wall clock and monotonic clock are the test's."""

    def __init__(self, root: Path, **limits: float) -> None:
        super().__init__(root, **limits)
        self.wall = WallClock()
        self.elapsed_s = 1000.0
        self.dispatcher._clock = self.wall
        self.archive._clock = self.wall
        self.executor = self.at_work("w-1")

    def at_work(self, name: str) -> Executor:
        return Executor(
            self.bus, self.store, self.artifacts, self.registry, self.router, self.wall,
            worker=name, limits=self.limits, monotonic=lambda: self.elapsed_s,
            on_crash=lambda task, error: self.crashes.append(error),
        )  # fmt: skip

    async def task(self, task_id: str) -> Task:
        return (await self.store.task("film", task_id)).task


@pytest.fixture(params=STEPS, ids=["an hour back", "an hour ahead", "years back"])
def step(request: pytest.FixtureRequest) -> timedelta:
    return request.param  # type: ignore[no-any-return]


async def begun(office: SteppingOffice) -> tuple[str, asyncio.Task[None]]:
    office.handler.waits = True
    task = await office.submit(params={"steps": 1})
    job = asyncio.create_task(office.executor.run("film", task.task_id))
    await asyncio.wait_for(office.handler.started.wait(), LONG_S)
    return task.task_id, job


def assert_time_runs_on(task: Task) -> None:
    assert task.started_at is not None
    assert task.ended_at is not None
    assert task.queued_at <= task.started_at <= task.ended_at


async def test_a_step_during_the_work_changes_neither_ending_nor_duration(tmp_path: Path, step: timedelta) -> None:
    office = SteppingOffice(tmp_path)
    task_id, job = await begun(office)
    office.wall.now += step
    office.elapsed_s += 7.5
    office.handler.gate.set()
    await asyncio.wait_for(job, LONG_S)
    ending = (await office.events())[-1]
    assert isinstance(ending, TaskSucceeded)
    assert ending.duration_s == 7.5
    task = await office.task(task_id)
    assert_time_runs_on(task)
    assert task.ended_at == START + timedelta(seconds=7.5), "the attempt's own seconds, not the wall clock's"
    assert office.artifacts.notes[task_id].ended_at == task.ended_at, "and so it is described beside the files"


async def test_estimates_come_from_the_time_that_passed(tmp_path: Path, step: timedelta) -> None:
    office = SteppingOffice(tmp_path, progress_interval_s=0)
    _, job = await begun(office)
    office.handler.gate.set()
    office.wall.now += step
    await asyncio.wait_for(job, LONG_S)
    told = [event for event in await office.events() if isinstance(event, TaskProgressed)]
    assert all(event.eta_s is None or 0 <= event.eta_s < 60 for event in told)
    times = [event.at for event in await office.events()]
    assert times == sorted(times), "nothing later is said to have been earlier"


async def test_a_step_between_acceptance_and_start_puts_nothing_before_the_acceptance(
    tmp_path: Path, step: timedelta
) -> None:
    office = SteppingOffice(tmp_path)
    task = await office.submit()
    office.wall.now += step
    await asyncio.wait_for(office.executor.run("film", task.task_id), LONG_S)
    started = next(event for event in await office.events() if isinstance(event, TaskStarted))
    assert started.at >= task.queued_at
    assert_time_runs_on(await office.task(task.task_id))


async def test_a_step_between_two_attempts_keeps_them_in_order(tmp_path: Path, step: timedelta) -> None:
    office = SteppingOffice(tmp_path)
    office.handler.error, office.handler.raise_times = HandlerError("Not now.", retryable=True), 2
    task = await office.submit()
    run = office.handler.run

    async def run_and_step(*given: object) -> object:
        office.wall.now += step
        return await run(*given)  # type: ignore[arg-type]

    office.handler.run = run_and_step  # type: ignore[method-assign, assignment]
    await asyncio.wait_for(office.executor.run("film", task.task_id), LONG_S)
    begun_at = [event.at for event in await office.events() if isinstance(event, TaskStarted)]
    assert len(begun_at) == 3
    assert begun_at == sorted(begun_at)
    known = await office.task(task.task_id)
    assert known.status is TaskStatus.SUCCEEDED
    assert_time_runs_on(known)


async def test_a_clock_that_jumps_ahead_ends_no_attempt_early_nor_one_that_goes_back_late(
    tmp_path: Path, step: timedelta
) -> None:
    office = SteppingOffice(tmp_path)
    task_id, job = await begun(office)
    office.wall.now += step
    for _ in range(50):
        await asyncio.sleep(0)
    assert not job.done(), "its time limit counts seconds that passed"
    office.handler.gate.set()
    await asyncio.wait_for(job, LONG_S)
    assert (await office.task(task_id)).status is TaskStatus.SUCCEEDED


def cancelling(office: SteppingOffice, task_id: str) -> Callable[[], "asyncio.Future[TaskReading]"]:
    command = CancelTask(project_id="film", task_id=task_id)
    return lambda: asyncio.ensure_future(office.dispatcher.cancel(command))


async def test_a_running_task_that_is_cancelled_after_a_step_ends_after_it_began(
    tmp_path: Path, step: timedelta
) -> None:
    office = SteppingOffice(tmp_path)
    task_id, job = await begun(office)
    office.wall.now += step
    office.elapsed_s += 2
    await cancelling(office, task_id)()
    await asyncio.wait_for(job, LONG_S)
    assert isinstance((await office.events())[-1], TaskCancelled)
    assert_time_runs_on(await office.task(task_id))


async def test_a_waiting_task_that_is_cancelled_after_a_step_ends_after_it_was_accepted(
    tmp_path: Path, step: timedelta
) -> None:
    office = SteppingOffice(tmp_path)
    task = await office.submit()
    office.wall.now += step
    ended = (await cancelling(office, task.task_id)()).task
    assert ended.status is TaskStatus.CANCELLED
    assert ended.ended_at is not None
    assert ended.ended_at >= ended.queued_at


async def test_a_task_that_nobody_understands_is_refused_after_a_step_not_before_it_came(
    tmp_path: Path, step: timedelta
) -> None:
    office = SteppingOffice(tmp_path)
    task = await office.submit()
    office.wall.now += step
    await office.dispatcher.refuse("film", task.task_id)
    failed = (await office.events())[-1]
    assert isinstance(failed, TaskFailed)
    assert failed.at >= task.queued_at


async def test_a_task_taken_over_by_another_machine_with_an_earlier_clock_begins_after_its_first_attempt(
    tmp_path: Path, step: timedelta
) -> None:
    office = SteppingOffice(tmp_path)
    task = await office.submit()
    about = {"project_id": "film", "task_id": task.task_id, "metadata": task.metadata}
    first = TaskStarted(**about, at=START + timedelta(minutes=5), attempt=1, worker="w-gone")  # type: ignore[arg-type]
    await office.bus.publish(first)
    office.registry.absent.add("w-gone")
    office.wall.now += step
    await asyncio.wait_for(office.at_work("w-2").run("film", task.task_id, "w-gone"), LONG_S)
    known = await office.task(task.task_id)
    assert known.started_at is not None
    assert known.started_at >= first.at
    assert_time_runs_on(known)
