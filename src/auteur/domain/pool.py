"""The pool of workers: what waits and runs by lane, who is at work, and what nobody can do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auteur.domain.ports import Clock, StateStore, Worker, WorkerRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStatus:
    """One look. ``waiting`` and ``running``: tasks by lane; ``oldest_wait_s``: of the task that waits longest, by lane;
    ``unserved``: waiting tasks by task type that no worker takes; ``blocked``: tasks that wait for other tasks."""

    waiting: Mapping[str, int]
    running: Mapping[str, int]
    oldest_wait_s: Mapping[str, float]
    workers: Sequence[Worker]
    unserved: Mapping[str, int]
    blocked: int = 0


class PoolMonitor:
    """Looks over all projects; what it costs grows with the tasks that are open."""

    def __init__(self, store: StateStore, registry: WorkerRegistry, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock

    async def read(self) -> PoolStatus:
        """The pool as it is now. Raises `BusUnavailableError`."""
        workers = await self._registry.workers()
        waiting: Counter[str] = Counter()
        running: Counter[str] = Counter()
        unserved: Counter[str] = Counter()
        blocked = 0
        oldest_wait_s: dict[str, float] = {}
        now = self._clock()
        for task in await self._store.unfinished():
            if task.worker is not None:
                running[task.lane] += 1
                continue
            if not task.waits_for_worker:
                blocked += 1
                continue
            waiting[task.lane] += 1
            waited_s = max((now - task.queued_at).total_seconds(), 0.0)  # the clock may have been put back
            oldest_wait_s[task.lane] = max(oldest_wait_s.get(task.lane, 0.0), waited_s)
            if not any(worker.takes(task.lane, task.task_type) for worker in workers):
                unserved[task.task_type] += 1
        return PoolStatus(
            waiting=waiting,
            running=running,
            oldest_wait_s=oldest_wait_s,
            workers=workers,
            unserved=unserved,
            blocked=blocked,
        )
