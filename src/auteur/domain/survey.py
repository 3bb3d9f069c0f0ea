"""What the floor looks like: what waits and runs by lane, who is at work, and what nobody can do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auteur.domain.ports import Clock, Roster, Worker
from auteur.domain.tracker import ProjectTracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One look. ``waiting`` and ``running``: tasks by lane; ``oldest_wait_s``: of the task that waits longest, by lane;
    ``unserved``: waiting tasks by task type that no worker takes."""

    waiting: Mapping[str, int]
    running: Mapping[str, int]
    oldest_wait_s: Mapping[str, float]
    workers: Sequence[Worker]
    unserved: Mapping[str, int]


class FloorSurvey:
    """Looks over all projects; what it costs grows with the tasks that are open."""

    def __init__(self, tracker: ProjectTracker, roster: Roster, clock: Clock) -> None:
        self._tracker = tracker
        self._roster = roster
        self._clock = clock

    async def take(self) -> Survey:
        """The floor as it is now. Raises `BusUnavailableError`."""
        crew = await self._roster.crew()
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
                if not any(worker.takes(lane, task_type) for worker in crew):
                    unserved[task_type] += 1
        return Survey(waiting=waiting, running=running, oldest_wait_s=oldest_wait_s, workers=crew, unserved=unserved)
