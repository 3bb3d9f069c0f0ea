"""The pool of workers: what waits and runs by lane, who is at work, and what nobody can do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auteur.domain.ports import Clock, Worker, WorkerRegistry
from auteur.domain.tracker import ProjectTracker


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStatus:
    """One look. ``waiting`` and ``running``: tasks by lane; ``oldest_wait_s``: of the task that waits longest, by lane;
    ``unserved``: waiting tasks by task type that no worker takes."""

    waiting: Mapping[str, int]
    running: Mapping[str, int]
    oldest_wait_s: Mapping[str, float]
    workers: Sequence[Worker]
    unserved: Mapping[str, int]


class PoolMonitor:
    """Looks over all projects; what it costs grows with the tasks that are open."""

    def __init__(self, tracker: ProjectTracker, registry: WorkerRegistry, clock: Clock) -> None:
        self._tracker = tracker
        self._registry = registry
        self._clock = clock

    async def read(self) -> PoolStatus:
        """The pool as it is now. Raises `BusUnavailableError`."""
        workers = await self._registry.workers()
        waiting: Counter[str] = Counter()
        running: Counter[str] = Counter()
        unserved: Counter[str] = Counter()
        oldest_wait_s: dict[str, float] = {}
        now = self._clock()
        for project_id in sorted({known.project_id for known in await self._tracker.unfinished()}):
            for task in (await self._tracker.load(project_id)).tasks.values():
                lane, task_type = task.request.lane, task.request.task_type
                if task.ended:
                    continue
                if task.worker is not None:
                    running[lane] += 1
                    continue
                waiting[lane] += 1
                oldest_wait_s[lane] = max(oldest_wait_s.get(lane, 0.0), (now - task.queued_at).total_seconds())
                if not any(worker.takes(lane, task_type) for worker in workers):
                    unserved[task_type] += 1
        return PoolStatus(
            waiting=waiting, running=running, oldest_wait_s=oldest_wait_s, workers=workers, unserved=unserved
        )
