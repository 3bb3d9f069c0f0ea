"""Tells who follows a project which places its waiting tasks have: thinned, in step with the log, nothing kept.

Places change for everybody who waits when one task starts. So there is one mirror of the line for each project that
somebody follows, kept by its events, and one telling for all who follow it, at most once in `EVERY_S`: of the places
that have changed since, the first ones exactly and those far behind in steps. Whoever missed one, or has just come, is
told all of the first ones instead. While nobody follows a project, or nothing of it changes, nothing runs.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog

from auteur.adapters.background import end
from auteur.adapters.live.listening import PlacesListener, Tell
from auteur.domain.errors import HistoryLostError, ProjectDeletedError, UnavailableError
from auteur.domain.events import ProjectDeleted
from auteur.domain.ports import Clock, ProgressBus, StateStore, WorkerRegistry
from auteur.domain.task import TaskRequest
from auteur.domain.waiting import Load, Pace, Place, PlacesTold, WaitingLine, start_estimates

log = structlog.get_logger(__name__)

EVERY_S = 1.0
"""How often a project's places are told at most."""
GUESS_EVERY_S = 5.0
"""How often what runs may change what was guessed, where no place changes."""
EXACT = 20
"""Up to here a place is told whenever it changes; from here on in steps."""
MOST = 100
"""How many places one telling has, and for how many a start is guessed."""
MOST_MISSED = 1000
"""How many places are told to somebody who has missed one."""
_SOON_S = 0.05
_LINGER_S = 5.0
"""How long a mirror is kept for who comes back."""
_AGAIN_S = 1.0
_LOAD_KEPT_S, _LOAD_KEPT_MOST_S = 2.0, 20.0
_LOAD_SHARE = 100
"""How many times longer what all ask of the workers is kept than reading it takes, within these bounds."""
_DRIFT, _DRIFT_S = 0.25, 2.0
"""By how much a start must have moved to be told again: of the time that is left, and at least so many seconds."""


def step_of(place: int) -> int:
    """What must change before a place is told again: the place itself, then its tens, then its hundreds."""
    if place <= EXACT:
        return place
    return EXACT + place // 10 if place <= 10 * EXACT else 10 * EXACT + place // 100


@dataclass(slots=True, eq=False)
class _Watched:
    """One project that somebody follows. ``due``: when to look next; ``told``: by task, the step of its place and when
    it starts, as told last; ``waiting``: how many wait, as told last."""

    listeners: set[PlacesListener] = field(default_factory=set)
    line: WaitingLine | None = None
    told: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    waiting: int = 0
    due: float = math.inf
    last: float = -math.inf
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: "list[asyncio.Task[None]]" = field(default_factory=list)
    leaving: asyncio.TimerHandle | None = None

    def look(self, at: float) -> None:
        """Not later than then."""
        if at < self.due:
            self.due = at
            self.changed.set()


class PlacesWatch:
    """One per process. ``weights``: of the lanes; ``stands_still``: whether a task waits for more than its turn."""

    def __init__(
        self,
        bus: ProgressBus,
        store: StateStore,
        registry: WorkerRegistry,
        clock: Clock,
        *,
        weights: Mapping[str, int],
        stands_still: Callable[[TaskRequest], bool] = lambda request: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._store = store
        self._registry = registry
        self._clock = clock
        self._weights = weights
        self._stands_still = stands_still
        self._monotonic = monotonic
        self._watched: dict[str, _Watched] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._load = Load()
        self._load_until = -math.inf
        self.pace = Pace()

    @property
    def projects(self) -> list[str]:
        """Whose line is mirrored now."""
        return list(self._watched)

    @contextlib.contextmanager
    def attend(self, project_id: str, tell: Tell) -> Iterator[PlacesListener]:
        """One conversation more, as long as it is entered; it is told nothing before it has `heard` its greeting."""
        watched = self._watched.get(project_id)
        if watched is None:
            watched = self._watched[project_id] = _Watched()
        if watched.leaving is not None:
            watched.leaving.cancel()
            watched.leaving = None
        listener = PlacesListener(tell, lambda: self._begin(project_id, watched))
        watched.listeners.add(listener)
        try:
            yield listener
        finally:
            watched.listeners.discard(listener)
            if not watched.listeners and self._watched.get(project_id) is watched:
                if watched.tasks:
                    loop = asyncio.get_running_loop()
                    watched.leaving = loop.call_later(_LINGER_S, self._drop, project_id, watched)
                else:
                    del self._watched[project_id]

    def _begin(self, project_id: str, watched: _Watched) -> None:
        """Somebody wants to be told: soon, and the first of them has the line mirrored."""
        self._look(watched, _SOON_S)
        if not watched.tasks:
            watched.tasks = [
                asyncio.create_task(self._follow(project_id, watched), name="places-follow"),
                asyncio.create_task(self._tell_on(project_id, watched), name="places-tell"),
            ]

    async def close(self) -> None:
        """Ends all that runs."""
        for project_id, watched in list(self._watched.items()):
            self._drop(project_id, watched)
        await end(list(self._ending))

    def _drop(self, project_id: str, watched: _Watched) -> None:
        if watched.leaving is not None:
            watched.leaving.cancel()
        if self._watched.get(project_id) is watched:
            del self._watched[project_id]
        for task in watched.tasks:
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            task.cancel()

    def _look(self, watched: _Watched, after_s: float) -> None:
        """Soon, but never more often than `EVERY_S`."""
        now = self._monotonic()
        watched.look(max(now + after_s, watched.last + EVERY_S))

    async def _follow(self, project_id: str, watched: _Watched) -> None:
        while True:
            try:
                line = await WaitingLine.read(self._store, project_id, self._clock, self._monotonic)
                whole = (await self._store.counts(project_id)).position
                if line.position == whole:
                    self._show(watched, line)
                async with contextlib.aclosing(self._bus.subscribe(project_id, line.position)) as events:
                    async for recorded in events:
                        if isinstance(recorded.event, ProjectDeleted):
                            return
                        moved = line.take(recorded, self.pace)
                        if watched.line is not line:  # what the reading knew of later is true from there on
                            if whole is None or recorded.position.seq >= whole.seq:
                                self._show(watched, line)
                        elif len(line) or moved:
                            self._look(watched, _SOON_S if moved else GUESS_EVERY_S)
            except HistoryLostError:
                continue
            except ProjectDeletedError:
                return
            except UnavailableError:
                await asyncio.sleep(_AGAIN_S)
            except Exception:
                log.exception("the line of a project cannot be followed", project_id=project_id)
                await asyncio.sleep(_AGAIN_S)

    def _show(self, watched: _Watched, line: WaitingLine) -> None:
        watched.line = line
        self._look(watched, _SOON_S)

    async def _tell_on(self, project_id: str, watched: _Watched) -> None:
        while True:
            wait_s = watched.due - self._monotonic()
            if wait_s > 0:
                watched.changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if wait_s == math.inf else wait_s):
                        await watched.changed.wait()
                continue
            watched.due, watched.last = math.inf, self._monotonic()
            if watched.line is None or not watched.listeners:
                continue
            try:
                load = await self._current_load() if len(watched.line) else self._load
                self._tell(project_id, watched, load)
            except UnavailableError:
                self._look(watched, _AGAIN_S)
            except Exception:
                log.exception("places cannot be told", project_id=project_id)

    async def _current_load(self) -> Load:
        """What all ask of the workers; as old as it may be for what it costs."""
        if self._monotonic() >= self._load_until:
            began = time.process_time()
            self._load = await Load.read(self._store, self._registry, self._weights)
            kept_s = max(_LOAD_KEPT_S, _LOAD_SHARE * (time.process_time() - began))
            self._load_until = self._monotonic() + min(kept_s, _LOAD_KEPT_MOST_S)
        return self._load

    def _tell(self, project_id: str, watched: _Watched, load: Load) -> None:
        line, now = watched.line, self._monotonic()
        assert line is not None
        order = [task_id for task_id, _ in line.waiting()]
        starts = start_estimates(line, self.pace, load, stands_still=self._stands_still, horizon=MOST)

        def place(number: int) -> Place:
            starts_in_s = starts[number] if number < len(starts) else None
            rounded = None if starts_in_s is None else round(starts_in_s, 1)
            return Place(task_id=order[number], queue_position=number + 1, starts_in_s=rounded)

        def told(numbers: list[int]) -> PlacesTold:
            at = self._clock()
            return PlacesTold(
                project_id=project_id, at=at, waiting=len(order), places=tuple(place(number) for number in numbers)
            )

        changed: list[int] = []
        known, watched.told = watched.told, {}
        for number, task_id in enumerate(order):
            starts_in_s = starts[number] if number < len(starts) else None
            step, start = step_of(number + 1), None if starts_in_s is None else now + starts_in_s
            before = known.get(task_id)
            if before is not None and before[0] == step and not _has_moved(before[1], start, now):
                watched.told[task_id] = before
            elif len(changed) < MOST:
                changed.append(number)
                watched.told[task_id] = step, start
            else:  # the nearest first; this one after them
                self._look(watched, EVERY_S)
                if before is not None:
                    watched.told[task_id] = before
        first = range(min(len(order), MOST))
        owed = {"nothing": told(changed), "first": told([*first, *(number for number in changed if number >= MOST)])}
        nothing_new = not changed and len(order) == watched.waiting
        watched.waiting = len(order)
        for listener in watched.listeners:
            if not listener.greeted or (listener.owed == "nothing" and listener.later is None and nothing_new):
                continue
            if listener.owed == "first" and not order:
                listener.owed = "nothing"
                continue
            if listener.later is not None:  # it has not come so far yet as to hear the one before: this takes its place
                listener.owed, listener.later = "missed", None
            if listener.owed == "missed" and "missed" not in owed:
                owed["missed"] = told(list(range(min(len(order), MOST_MISSED))))
            if listener.offer(owed[listener.owed], line.position):
                listener.owed = "nothing"
            else:
                listener.owed = "first" if listener.owed == "nothing" else listener.owed
                self._look(watched, EVERY_S)
        soonest = min((start for _, start in watched.told.values() if start is not None), default=None)
        if soonest is not None:  # a start that has passed is no longer true, though nothing happened
            watched.look(max(soonest + _DRIFT_S, now + GUESS_EVERY_S))


def _has_moved(before: float | None, start: float | None, now: float) -> bool:
    """Whether a start that was told is not where it was. What was to start by now, and now is, was told as such."""
    if before is None or start is None:
        return before is not start
    if before <= now and start <= now + _DRIFT_S:
        return False
    return abs(start - before) > max(_DRIFT_S, _DRIFT * (start - now))
