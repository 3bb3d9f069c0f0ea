"""Who waits for a worker, at which place, and when each may start: a mirror of one project's line, kept by its events.

A place is the task's among the waiting tasks of its project in the order of acceptance, as `StateStore` tells it. A
start is a guess: a list schedule of what runs and waits, over the slots of whoever takes the lane, in the turns that
lanes and projects take. Where a duration is not known that the guess stands on, there is none.
"""

import heapq
import time
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Self, TypeVar

from auteur.domain.events import (
    Position,
    RecordedEvent,
    TaskEvent,
    TaskImported,
    TaskProgressed,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.ports import Clock, StateStore, WorkerRegistry
from auteur.domain.task import Task, TaskRequest, TaskStatus

_PAGE = 200
_LEARNS = 0.3
"""What the newest duration weighs against all before it."""
_TELLING_SHARE = 0.05
"""From which progress on a running task tells by itself how long it will go on."""
_OVERDUE = 0.25
"""Of what runs longer than was thought: how much more of its time it is given."""
_MOST_FED = 2000
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A waiting task's place, 1 is next. ``starts_in_s``: None where nobody can say."""

    task_id: str
    queue_position: int
    starts_in_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesTold:
    """Places of a project, as they are at one moment; of the tasks that it does not name nothing is said.
    ``waiting``: how many tasks of the project wait in all."""

    project_id: str
    at: datetime
    waiting: int
    places: tuple[Place, ...]


@dataclass(slots=True)
class OpenEntry:
    """What the line knows of one open task. ``request``: without its parameters. The rest is of what runs:
    ``since``, when its attempt began, and ``left_s``, how long it then still took by its own word, said at ``said``;
    both by the monotonic clock."""

    seq: int
    request: TaskRequest
    status: TaskStatus
    since: float = 0.0
    said: float = 0.0
    left_s: float | None = None


@dataclass(slots=True)
class Pace:
    """How long tasks take: the engine's guess, by as much as it was wrong of late; else what the like have taken."""

    _wrong_by: dict[tuple[str, str | None], float] = field(default_factory=dict)
    _took_s: dict[tuple[str, str | None, str], float] = field(default_factory=dict)
    _lanes_s: dict[str, float] = field(default_factory=dict)

    def learn(self, request: TaskRequest, duration_s: float) -> None:
        """A task was made, in so many seconds of running."""
        if request.estimate_s:
            _average(self._wrong_by, (request.task_type, request.engine), duration_s / request.estimate_s)
        _average(self._took_s, (request.task_type, request.engine, request.quality), duration_s)
        _average(self._lanes_s, request.lane, duration_s)

    def of(self, request: TaskRequest) -> float | None:
        """How long the task will run, about."""
        if request.estimate_s:
            return request.estimate_s * self._wrong_by.get((request.task_type, request.engine), 1.0)
        return self._took_s.get((request.task_type, request.engine, request.quality))

    def of_lane(self, lane: str) -> float | None:
        """How long a task of the lane runs, about."""
        return self._lanes_s.get(lane)


def _average(known: dict[Key, float], key: Key, newest: float) -> None:
    before = known.get(key)
    known[key] = newest if before is None else before + _LEARNS * (newest - before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What all projects ask of the workers. ``waiting`` and ``running``: by project and lane. ``slots``: by the lanes
    of a worker, how many tasks all workers of these lanes run at a time. ``weights``: how often a lane has its turn."""

    waiting: Mapping[tuple[str, str], int] = field(default_factory=dict)
    running: Mapping[tuple[str, str], int] = field(default_factory=dict)
    slots: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    async def read(cls, store: StateStore, registry: WorkerRegistry, weights: Mapping[str, int]) -> Self:
        """As it is now; costs what is open. Raises `BusUnavailableError`."""
        waiting: Counter[tuple[str, str]] = Counter()
        running: Counter[tuple[str, str]] = Counter()
        for known in await store.unfinished():
            if not known.lost and not known.waits_for:
                (running if known.worker is not None else waiting)[known.project_id, known.lane] += 1
        slots: Counter[tuple[str, ...]] = Counter()
        for worker in await registry.workers():
            slots[worker.lanes] += worker.slots
        return cls(waiting=waiting, running=running, slots=slots, weights=weights)

    def lanes_beside(self, lane: str) -> frozenset[str]:
        """The lanes that share workers with this one, it itself included."""
        return frozenset(name for lanes, slots in self.slots.items() if slots and lane in lanes for name in lanes)

    def slots_for(self, lane: str) -> int:
        """How many tasks of the lane could run at a time."""
        return sum(slots for lanes, slots in self.slots.items() if lane in lanes)


class WaitingLine:
    """The open tasks of one project. Made of a reading (`read`), kept true by `take`; at `position` it is what the
    store would answer."""

    def __init__(self, project_id: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.project_id = project_id
        self.position: Position | None = None
        self._monotonic = monotonic
        self._open: dict[str, OpenEntry] = {}
        self._queued: list[tuple[int, str]] = []

    @classmethod
    async def read(
        cls, store: StateStore, project_id: str, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> Self:
        """The line as it is now or later: what happens after its `position` is to be taken, and what it knows of that
        already does no harm. Raises `BusUnavailableError`, `ProjectDeletedError`."""
        line = cls(project_id, monotonic)
        line.position = (await store.counts(project_id)).position
        after_seq: int | None = 0
        while after_seq is not None:
            page = await store.open_tasks(project_id, after_seq=after_seq, limit=_PAGE)
            for task in page.tasks:
                line._know(task)
                if task.status is TaskStatus.RUNNING and task.started_at is not None:
                    ran_s = max((clock() - task.started_at).total_seconds(), 0.0)
                    line._runs(line._open[task.task_id], ran_s, task.progress)
            after_seq = page.next_seq
        return line

    def __len__(self) -> int:
        """How many wait."""
        return len(self._queued)

    def waiting(self) -> Iterator[tuple[str, OpenEntry]]:
        """Those that wait, the next one first."""
        return ((task_id, self._open[task_id]) for _, task_id in self._queued)

    def running(self) -> Iterator[OpenEntry]:
        """Those that have a worker."""
        return (known for known in self._open.values() if known.status is TaskStatus.RUNNING)

    def take(self, recorded: RecordedEvent, pace: Pace | None = None) -> bool:
        """One more event. True where places have changed. ``pace``: learns how long it took."""
        self.position = recorded.position
        event, before = recorded.event, len(self._queued)
        if not isinstance(event, TaskEvent):
            return False
        known = self._open.get(event.task_id)
        match event:
            case TaskQueued() | TaskImported():
                self._know(event.record(recorded.position.seq))
                return len(self._queued) != before
            case _ if known is None:
                return False
            case TaskProgressed():
                self._runs(known, self._monotonic() - known.since, event.progress, event.eta_s)
                return False
            case TaskUnblocked() | TaskRequeued():
                return self._set(event.task_id, known, TaskStatus.QUEUED)
            case TaskStarted():
                moved = self._set(event.task_id, known, TaskStatus.RUNNING)
                self._runs(known, 0.0, 0.0, None)
                return moved
        status = event.changes().get("status")
        if status is None or not TaskStatus(status).ended:
            return False
        if isinstance(event, TaskSucceeded) and pace is not None:
            pace.learn(known.request, event.duration_s)
        self._set(event.task_id, known, TaskStatus(status))
        del self._open[event.task_id]
        return len(self._queued) != before

    def _know(self, task: Task) -> None:
        if task.ended or task.task_id in self._open:
            return
        bare = replace(task.request, params={}, origins={}, waits_for=(), message_id="", fingerprint="", notice=None)
        entry = OpenEntry(task.queued_seq, bare, TaskStatus.BLOCKED)
        self._open[task.task_id] = entry
        self._set(task.task_id, entry, task.status)

    def _set(self, task_id: str, known: OpenEntry, status: TaskStatus) -> bool:
        """Whether it waits now and did not, or the other way round."""
        was, known.status = known.status, status
        if (was is TaskStatus.QUEUED) == (status is TaskStatus.QUEUED):
            return False
        place = (known.seq, task_id)
        if status is TaskStatus.QUEUED:
            insort(self._queued, place)
        else:
            del self._queued[bisect_left(self._queued, place)]
        return True

    def _runs(self, known: OpenEntry, ran_s: float, progress: float, eta_s: float | None = None) -> None:
        now = self._monotonic()
        known.since, known.said = now - ran_s, now
        if eta_s is not None:
            known.left_s = eta_s
        else:
            known.left_s = ran_s * (1 - progress) / progress if progress >= _TELLING_SHARE else None

    def left_s(self, known: OpenEntry, pace: Pace) -> float | None:
        """How long a running task will go on, about."""
        now = self._monotonic()
        ran_s, expected_s = now - known.since, pace.of(known.request)
        if known.left_s is not None:
            left_s = known.left_s - (now - known.said)
        elif expected_s is not None:
            left_s = expected_s - ran_s
        else:
            return None
        return left_s if left_s > 0 else ran_s * _OVERDUE


def start_estimates(
    line: WaitingLine,
    pace: Pace,
    load: Load,
    *,
    stands_still: Callable[[TaskRequest], bool] = lambda request: False,
    horizon: int = 100,
) -> Sequence[float | None]:
    """In how many seconds each of the first ``horizon`` waiting tasks starts, about; None where nobody can say.

    ``stands_still``: whether a task waits for more than its turn, as for an engine that is down; others go before it.
    """
    estimates: list[float | None] = []
    schedules: dict[str, _Schedule] = {}
    for _, known in islice(line.waiting(), horizon):
        if stands_still(known.request):
            estimates.append(None)
            continue
        lane = known.request.lane
        if lane not in schedules:
            schedules[lane] = _Schedule.of(line, pace, load, lane)
        estimates.append(schedules[lane].take(pace.of(known.request)))
    return estimates


class _Schedule:
    """When the slots of one lane fall free, and what comes between the tasks of one project there. ``rivals``: for each
    other project, and ``lanes``: for each other lane, how many tasks wait; the latter with the turns of that lane for
    one of this. ``mean_s``: how long one of them runs; None where nobody knows."""

    def __init__(
        self,
        free_at: list[float],
        mean_s: float | None,
        rivals: Collection[int],
        lanes: Collection[tuple[int, float]],
    ) -> None:
        self._free_at = free_at
        heapq.heapify(self._free_at)
        self._mean_s = mean_s
        self._rivals = rivals
        self._lanes = lanes
        self._taken = 0
        self._fed = 0
        self._is_known = bool(free_at)

    @classmethod
    def of(cls, line: WaitingLine, pace: Pace, load: Load, lane: str) -> Self:
        beside = load.lanes_beside(lane)
        same = [pace.of(known.request) for _, known in islice(line.waiting(), _PAGE) if known.request.lane == lane]
        guesses = [guess for guess in same if guess is not None]
        mean_s = pace.of_lane(lane) or (sum(guesses) / len(guesses) if guesses else None)
        own = [line.left_s(known, pace) for known in line.running() if known.request.lane in beside]
        others = sum(n for (project, name), n in load.running.items() if name in beside and project != line.project_id)
        slots = load.slots_for(lane)
        busy = [*own, *(None if mean_s is None else mean_s / 2 for _ in range(others))]
        known_s = [left_s if left_s is not None else mean_s for left_s in busy]
        free = [0.0] * max(slots - len(known_s), 0)
        if not free and any(left_s is None for left_s in known_s):
            return cls([], None, (), ())
        ends = sorted(left_s for left_s in known_s if left_s is not None)
        rivals = [n for (project, name), n in load.waiting.items() if name == lane and project != line.project_id]
        weights, waiting = load.weights, Counter[str]()
        for (_, name), n in load.waiting.items():
            if name in beside and name != lane:
                waiting[name] += n
        lanes = [(n, weights.get(name, 1) / weights.get(lane, 1)) for name, n in waiting.items()]
        return cls([*free, *ends][:slots], mean_s, rivals, lanes)

    def take(self, runs_s: float | None) -> float | None:
        """When the next task of the project starts. ``runs_s``: how long it will run then."""
        if not self._is_known:
            return None
        before = self._before()
        if before > self._fed and self._mean_s is None:
            self._is_known = False
            return None
        while self._fed < min(before, _MOST_FED):
            heapq.heapreplace(self._free_at, self._free_at[0] + (self._mean_s or 0.0))
            self._fed += 1
        if self._fed < before:
            self._is_known = False
            return None
        starts_in_s = self._free_at[0]
        self._taken += 1
        lasts_s = runs_s if runs_s is not None else self._mean_s
        if lasts_s is None:
            self._is_known = False  # of whatever comes after it
        else:
            heapq.heapreplace(self._free_at, starts_in_s + lasts_s)
        return starts_in_s

    def _before(self) -> int:
        """How many tasks of others have had their turn before the next one here has its own. Where projects take
        turns, each other one has had as many as this one, and half of them one more."""
        in_lane = self._taken + sum(min(n, self._taken + 0.5) for n in self._rivals)
        return round(in_lane - self._taken + sum(min(n, in_lane * turns) for n, turns in self._lanes))
