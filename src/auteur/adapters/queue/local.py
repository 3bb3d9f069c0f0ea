"""`TaskQueue` inside one process: slots, lanes, and a fair turn for every project."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import structlog

from auteur.domain.errors import AuteurError, EngineDownError, ShuttingDownError
from auteur.domain.executor import Sent
from auteur.domain.ports import Worker
from auteur.domain.task import Task

log = structlog.get_logger(__name__)

Run = Callable[[str, str, str | None], Awaitable[None]]
"""`Executor.run`: project id, task id, and a worker that is known to be gone."""


class RunSent(Protocol):
    """The same, with what is known of a task that was sent."""

    def __call__(
        self, project_id: str, task_id: str, gone: str | None, sent: Sent | None = None, /
    ) -> Awaitable[None]: ...


Key = tuple[str, str]
_LOOKS_PER_S = 50


class SoleWorkerRegistry:
    """`WorkerRegistry` of a house with one worker: every other is one that was here before and is gone."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    async def workers(self) -> Sequence[Worker]:
        return [self._worker]

    async def is_leader(self) -> bool:
        return True

    async def expired(self, workers: Collection[str]) -> Collection[str]:
        return {worker for worker in workers if worker != self._worker.name}


class LocalTaskQueue:
    """Runs at most ``max_concurrent`` tasks at a time with ``run`` (`Executor.run`).

    Lanes share the slots by weight (``lane_weights``, unknown lanes weigh 1): with draft 4 and ultra 1, four draft
    tasks start for each ultra one while both wait, and neither ever stands still. Within a lane the projects take
    turns, within a project the order of acceptance holds. A task whose engine is down is put aside, holds no slot, and
    is tried again after a while.
    """

    def __init__(
        self, run: Run, *, max_concurrent: int, lane_weights: Mapping[str, int], retry_delay_s: float = 1.0
    ) -> None:
        self._run = run
        self._max_concurrent = max_concurrent
        self._weights = lane_weights
        self._retry_delay_s = retry_delay_s
        self._lanes: dict[str, OrderedDict[str, deque[Task]]] = {}
        self._credit: dict[str, int] = {}
        self._waiting: set[Key] = set()
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._aside: dict[Key, asyncio.TimerHandle] = {}
        self._closed = False
        self.room = asyncio.Event()
        """Set while a task that came now would begin at once."""
        self._show_room()

    @property
    def running(self) -> int:
        """How many tasks run now."""
        return len(self._running)

    async def enqueue(self, task: Task) -> None:
        if self._closed:
            raise ShuttingDownError("The service is stopping and takes no new work.")
        key = (task.project_id, task.task_id)
        if key not in self._waiting and key not in self._running and key not in self._aside:
            self._wait(key, task)

    def _wait(self, key: Key, task: Task) -> None:
        self._waiting.add(key)
        self._lanes.setdefault(task.request.lane, OrderedDict()).setdefault(task.project_id, deque()).append(task)
        self._start_next()

    async def ahead(self, lane: str) -> int | None:
        return None  # it is fair by itself

    async def left(self, task: Task) -> None:
        """Returns when the task does not run here (any more)."""
        while (running := self._running.get((task.project_id, task.task_id))) is not None:
            await asyncio.wait({running})

    def withdraw(self, task: Task) -> bool:
        """Takes a waiting task back out; False if it does not wait here (any more)."""
        key = (task.project_id, task.task_id)
        if key not in self._waiting:
            return False
        self._waiting.discard(key)
        self._show_room()
        projects = self._lanes[task.request.lane]
        projects[task.project_id] = deque(t for t in projects[task.project_id] if t.task_id != task.task_id)
        if not projects[task.project_id]:
            del projects[task.project_id]
        return True

    async def depth(self) -> int:
        return len(self._waiting) + len(self._aside)

    async def close(self, drain_s: float) -> None:
        """Starts nothing more, gives running tasks ``drain_s`` to end, then has them handed back."""
        self._closed = True
        for timer in self._aside.values():
            timer.cancel()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=drain_s)
        left = list(self._running.values())
        for running in left:
            running.cancel()
        if left:
            await asyncio.wait(left)

    def _start_next(self) -> None:
        while not self._closed and len(self._running) < self._max_concurrent and self._waiting:
            task = self._take()
            key = (task.project_id, task.task_id)
            self._waiting.discard(key)
            self._running[key] = asyncio.create_task(self._run_one(task), name=f"task-{task.task_id}")
        self._show_room()

    def _show_room(self) -> None:
        if len(self._running) + len(self._waiting) < self._max_concurrent:
            self.room.set()
        else:
            self.room.clear()

    def _take(self) -> Task:
        """Smooth weighted round-robin over the lanes, plain round-robin over the lane's projects."""
        open_lanes = [lane for lane, projects in self._lanes.items() if projects]
        for lane in open_lanes:
            self._credit[lane] = self._credit.get(lane, 0) + self._weights.get(lane, 1)
        lane = max(open_lanes, key=lambda name: self._credit[name])
        self._credit[lane] -= sum(self._weights.get(name, 1) for name in open_lanes)
        projects = self._lanes[lane]
        project_id, tasks = projects.popitem(last=False)
        task = tasks.popleft()
        if tasks:
            projects[project_id] = tasks  # back to the end of the turn
        elif not projects:
            self._credit[lane] = 0
        return task

    async def _run_one(self, task: Task) -> None:
        key = (task.project_id, task.task_id)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**_log_context(task))
        again, aside_s = False, None
        try:
            await self._run(task.project_id, task.task_id, task.worker)
        except EngineDownError as down:
            aside_s = down.retry_after_s
        except AuteurError as error:
            log.warning("task could not be run; it waits again", code=error.code, reason=error.message)
            again = True
            await asyncio.sleep(self._retry_delay_s)
        except Exception:
            log.exception("task runner failed; the task waits again")
            again = True
            await asyncio.sleep(self._retry_delay_s)
        finally:
            del self._running[key]
            if not self._closed:
                if aside_s is not None:
                    self._put_aside(key, task, aside_s)
                if again:
                    await self.enqueue(task)
                self._start_next()

    def _put_aside(self, key: Key, task: Task, delay_s: float) -> None:
        """It waits again after the delay; the more there are, the later, so that many cost no more than a few."""

        def again() -> None:
            del self._aside[key]
            self._wait(key, task)

        delay_s = max(delay_s, len(self._aside) / _LOOKS_PER_S)
        self._aside[key] = asyncio.get_running_loop().call_later(delay_s, again)


def _log_context(task: Task) -> dict[str, Any]:
    return {
        "request_id": task.request.request_id,
        "project_id": task.project_id,
        "task_id": task.task_id,
        "task_type": task.request.task_type,
    }
