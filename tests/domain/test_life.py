"""Any sequence of calls, by any number of workers: the promises hold, and the records agree with the log."""

import asyncio
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.errors import ConflictError, NotFoundError
from auteur.domain.events import (
    CancelRequested,
    Event,
    RecordedEvent,
    TaskCancelled,
    TaskEvent,
    TaskFailed,
    TaskProgressed,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.guard import record_after
from auteur.domain.task import Failure, Task, TaskResult, TaskStatus
from tests.fakes import of, queued

TASKS = st.sampled_from(["t-1", "t-2", "t-3"])
ATTEMPTS = st.integers(0, 4)


class LifeOfTasks(RuleBasedStateMachine):
    """Publishes whatever Hypothesis likes; the guards must keep the log sane."""

    def __init__(self) -> None:
        super().__init__()
        self.hub = MemoryHub()
        self.bus = MemoryProgressBus(self.hub)
        self.store = MemoryStateStore(self.hub)

    def tell(self, event: Event) -> bool:
        try:
            asyncio.run(self.bus.publish(event))
        except (ConflictError, NotFoundError):
            return False
        return True

    @rule(task=TASKS)
    def queue(self, task: str) -> None:
        known = task in {e.task_id for e in self.log()}
        assert self.tell(queued(task)) is not known

    @rule(task=TASKS, attempt=ATTEMPTS)
    def start(self, task: str, attempt: int) -> None:
        self.tell(TaskStarted(**of(task), attempt=attempt, worker="w"))

    @rule(task=TASKS, attempt=ATTEMPTS, progress=st.floats(0, 1))
    def progress(self, task: str, attempt: int, progress: float) -> None:
        self.tell(TaskProgressed(**of(task), attempt=attempt, progress=progress))

    @rule(task=TASKS, attempt=ATTEMPTS, reason=st.sampled_from(["shutdown", "retry"]))
    def requeue_running(self, task: str, attempt: int, reason: Any) -> None:
        self.tell(TaskRequeued(**of(task), attempt=attempt, reason=reason))

    @rule(task=TASKS, attempt=ATTEMPTS)
    def succeed(self, task: str, attempt: int) -> None:
        result = TaskResult(engine="e", artifacts=(), params={})
        self.tell(TaskSucceeded(**of(task), attempt=attempt, result=result, duration_s=1))

    @rule(task=TASKS, attempt=ATTEMPTS)
    def fail(self, task: str, attempt: int) -> None:
        self.tell(TaskFailed(**of(task), attempt=attempt, failure=Failure(code="X", message="x")))

    @rule(task=TASKS, attempt=ATTEMPTS)
    def cancel(self, task: str, attempt: int) -> None:
        self.tell(CancelRequested(**of(task)))
        self.tell(TaskCancelled(**of(task), attempt=attempt))

    def recorded(self) -> list[RecordedEvent]:
        return self.hub.projects["film"].log if "film" in self.hub.projects else []

    def log(self) -> list[TaskEvent]:
        return [recorded.event for recorded in self.recorded()]  # type: ignore[misc]

    @invariant()
    def each_task_is_queued_once_and_first_and_ends_at_most_once_and_last(self) -> None:
        for task in {event.task_id for event in self.log()}:
            life = [event for event in self.log() if event.task_id == task]
            assert isinstance(life[0], TaskQueued)
            assert not any(isinstance(event, TaskQueued) for event in life[1:])
            endings = [isinstance(event, TaskSucceeded | TaskFailed | TaskCancelled) for event in life]
            assert sum(endings) <= 1
            assert True not in endings[:-1]

    @invariant()
    def attempts_only_ascend(self) -> None:
        for task in {event.task_id for event in self.log()}:
            begun = [e.attempt for e in self.log() if isinstance(e, TaskStarted) and e.task_id == task]
            assert begun == sorted(set(begun))

    @invariant()
    def each_record_is_what_the_whole_log_makes_of_it(self) -> None:
        tasks: dict[str, Task | None] = {}
        for known in self.recorded():
            task_id = known.event.task_id  # type: ignore[union-attr]
            tasks[task_id] = record_after(tasks.get(task_id), known.event, known.position.seq)
        for task_id, task in tasks.items():
            assert task is not None
            assert asyncio.run(self.store.task("film", task_id)).task == task
            assert task.ended == (task.ended_at is not None)
            assert (task.status is TaskStatus.SUCCEEDED) == (task.result is not None)


TestLifeOfTasks = LifeOfTasks.TestCase
TestLifeOfTasks.settings = settings(max_examples=60, stateful_step_count=30)
