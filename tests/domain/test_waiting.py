"""The line of those who wait: a mirror that is what the store would answer, and guesses that a run bears out."""

import contextlib
import heapq
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.errors import AuteurError
from auteur.domain.events import (
    Event,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.task import Failure, TaskResult, TaskStatus
from auteur.domain.waiting import Load, Pace, WaitingLine, start_estimates
from tests.fakes import START, Office, a_request, of, queued

STEPS = ("queue", "block", "unblock", "start", "progress", "requeue", "succeed", "fail", "cancel")
LIVES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), max_size=40)
RESULT = TaskResult(engine="e", artifacts=(), params={}, seed=None, metrics={}, understood={})


def event_for(step: str, number: int, attempt: int) -> Event:
    task_id = f"t-{number}"
    about: dict[str, Any] = of(task_id)
    match step:
        case "queue":
            return queued(task_id)
        case "block":
            return queued(task_id, waits_for=("t-9",))
        case "unblock":
            return TaskUnblocked(**about)
        case "start":
            return TaskStarted(**about, attempt=attempt + 1, worker="w")
        case "progress":
            return TaskProgressed(**about, attempt=attempt, progress=0.5)
        case "requeue":
            return TaskRequeued(**about, attempt=attempt, reason="shutdown")
        case "succeed":
            return TaskSucceeded(**about, attempt=attempt, result=RESULT, duration_s=1.0)
        case "fail":
            return TaskFailed(**about, attempt=attempt, failure=Failure(code="X", message="x"))
    return TaskCancelled(**about, attempt=attempt)


class Line(WaitingLine):
    """As it is; the mutants are other ones."""


async def differs(line_type: type[WaitingLine], lives: list[tuple[str, int]], read_after: int) -> list[Any]:
    """Where a line that was read in the midst of it, and took all events since the beginning again, is not what the
    store answers. An event that the guard refuses did not happen."""
    hub = MemoryHub()
    bus, store = MemoryProgressBus(hub), MemoryStateStore(hub)
    line: WaitingLine | None = None
    wrong: list[Any] = []
    for number, (step, task) in enumerate(lives):
        if number == read_after:
            line = await line_type.read(store, "film", lambda: START)
            for known in await bus.history("film", None, 1000):  # harmless: it knows of them already
                line.take(known)
        with contextlib.suppress(AuteurError):
            known_task = hub.projects["film"].tasks.get(f"t-{task}") if "film" in hub.projects else None
            recorded = await bus.publish(event_for(step, task, known_task.attempt if known_task else 0))
            if line is not None:
                before = [task_id for task_id, _ in line.waiting()]
                moved = line.take(recorded)
                now = [task_id for task_id, _ in line.waiting()]
                if moved != (before != now):
                    wrong.append(("told that it moved", moved, before, now))
                told = {task_id: place for place, task_id in enumerate(now, 1)}
                if told != await places(store):
                    wrong.append((step, told, await places(store)))
                if line.position != recorded.position:
                    wrong.append(("position", line.position))
    return wrong


async def places(store: MemoryStateStore) -> dict[str, int]:
    return dict((await store.open_tasks("film", limit=1000, status=TaskStatus.QUEUED)).queue_positions)


@settings(max_examples=150)
@given(LIVES, st.integers(0, 20))
async def test_at_every_position_the_line_is_what_the_store_answers(
    lives: list[tuple[str, int]], read_after: int
) -> None:
    assert await differs(Line, lives, read_after) == []


class LastAgain(Line):
    """Who comes back waits behind all others."""

    def take(self, recorded: RecordedEvent, pace: Pace | None = None) -> bool:
        if isinstance(recorded.event, TaskRequeued) and recorded.event.task_id in self._open:
            self._open[recorded.event.task_id].seq = recorded.position.seq
        return super().take(recorded, pace)


class CancelsNobody(Line):
    def take(self, recorded: RecordedEvent, pace: Pace | None = None) -> bool:
        if isinstance(recorded.event, TaskCancelled):
            self.position = recorded.position
            return False
        return super().take(recorded, pace)


class BlockedWait(Line):
    def take(self, recorded: RecordedEvent, pace: Pace | None = None) -> bool:
        moved = super().take(recorded, pace)
        for task_id, known in self._open.items():
            if known.status is TaskStatus.BLOCKED:
                moved = self._set(task_id, known, TaskStatus.QUEUED) or moved
        return moved


class SaysNothing(Line):
    def take(self, recorded: RecordedEvent, pace: Pace | None = None) -> bool:
        super().take(recorded, pace)
        return False


@pytest.mark.parametrize("mutant", [LastAgain, CancelsNobody, BlockedWait, SaysNothing])
async def test_a_line_that_is_kept_wrongly_is_found(mutant: type[Line]) -> None:
    lives = [
        *(("queue", n) for n in range(3)), ("start", 0), ("requeue", 0), ("block", 3), ("cancel", 1), ("unblock", 3),
    ]  # fmt: skip
    assert await differs(Line, lives, 0) == []
    assert await differs(mutant, lives, 0)


async def test_a_line_holds_nothing_of_what_has_ended_and_no_parameters() -> None:
    hub = MemoryHub()
    bus, store = MemoryProgressBus(hub), MemoryStateStore(hub)
    line = await WaitingLine.read(store, "film", lambda: START)
    for number in range(3):
        line.take(await bus.publish(queued(f"t-{number}", params={"prompt": "x" * 1000})))
    line.take(await bus.publish(TaskStarted(**of("t-0"), attempt=1, worker="w")))
    pace = Pace()
    line.take(await bus.publish(TaskSucceeded(**of("t-0"), attempt=1, result=RESULT, duration_s=7.0)), pace)
    assert set(line._open) == {"t-1", "t-2"}
    assert all(known.request.params == {} for known in line._open.values())
    assert pace.of(a_request()) == 7.0, "what was made tells how long the next one takes"


# --- when they start -------------------------------------------------------------------------------------------------


async def a_line(waiting: int, *, running: int = 0, estimate_s: float | None = 10.0, lane: str = "l") -> WaitingLine:
    bus = MemoryProgressBus(MemoryHub())
    line = WaitingLine("film", lambda: 1000.0)
    for number in range(running + waiting):
        event = queued(f"t-{number}", estimate_s=estimate_s, lane=lane)
        line.take(await bus.publish(event))
    for number in range(running):
        line.take(await bus.publish(TaskStarted(**of(f"t-{number}"), attempt=1, worker="w")))
    return line


def load(slots: int = 2, lanes: tuple[str, ...] = ("l",), **given: Any) -> Load:
    return Load(slots={lanes: slots}, **given)


async def test_what_finds_a_free_slot_starts_now_and_the_others_as_slots_fall_free() -> None:
    assert start_estimates(await a_line(5), Pace(), load()) == [0, 0, 10, 10, 20]
    assert start_estimates(await a_line(3, running=2), Pace(), load()) == [10, 10, 20]


async def test_nobody_guesses_where_nothing_is_known_and_where_nobody_works() -> None:
    line = await a_line(3, estimate_s=None)
    assert start_estimates(line, Pace(), load(slots=2)) == [0, None, None], "how long the first one runs is not known"
    pace = Pace()
    pace.learn(a_request(lane="l"), 4.0)
    assert start_estimates(line, pace, load(slots=1)) == [0, 4, 8], "now it is"
    assert start_estimates(await a_line(2), Pace(), load(slots=0)) == [None, None]
    assert start_estimates(await a_line(2), Pace(), load(lanes=("another",))) == [None, None]
    assert start_estimates(await a_line(2), Pace(), load(), stands_still=lambda request: True) == [None, None]


async def test_a_guess_that_was_wrong_makes_the_next_one_better() -> None:
    pace = Pace()
    for _ in range(20):
        pace.learn(a_request(estimate_s=10.0), 30.0)
    assert pace.of(a_request(estimate_s=5.0)) == pytest.approx(15.0)


async def test_what_runs_says_itself_how_long_it_goes_on() -> None:
    now = 1000.0
    bus = MemoryProgressBus(MemoryHub())
    line = WaitingLine("film", lambda: now)
    for number in range(2):
        line.take(await bus.publish(queued(f"t-{number}", estimate_s=10.0, lane="l")))
    line.take(await bus.publish(TaskStarted(**of("t-0"), attempt=1, worker="w")))
    assert start_estimates(line, Pace(), load(slots=1)) == [10]
    now += 20
    line.take(await bus.publish(TaskProgressed(**of("t-0"), attempt=1, progress=0.5)))
    assert start_estimates(line, Pace(), load(slots=1)) == [20], "half of it took twenty seconds"
    now += 15
    assert start_estimates(line, Pace(), load(slots=1)) == [5]
    now += 15
    (overdue,) = start_estimates(line, Pace(), load(slots=1))
    assert overdue is not None
    assert overdue > 5, "it runs longer than it said: nobody is told that it ends now"


def turns(own: int, rivals: list[int], slots: int, runs_s: float) -> list[float]:
    """What the queue does: projects take turns, ours the last of each round; when each of ours starts."""
    free = [0.0] * slots
    left, starts = [*rivals], []
    while len(starts) < own:
        for rival in range(len(left)):
            if left[rival]:
                left[rival] -= 1
                heapq.heapreplace(free, free[0] + runs_s)
        starts.append(free[0])
        heapq.heapreplace(free, free[0] + runs_s)
    return starts


@pytest.mark.parametrize("rivals", [[], [3], [50], [2, 9], [40, 40, 40]])
@pytest.mark.parametrize("slots", [1, 3])
async def test_a_guess_knows_that_projects_take_turns(rivals: list[int], slots: int) -> None:
    """Within one task of every rival, who may have had its turn of the round or not."""
    waiting = {(f"other-{number}", "l"): n for number, n in enumerate(rivals)}
    guessed = start_estimates(await a_line(12), Pace(), load(slots, waiting=waiting))
    for guess, start in zip(guessed, turns(12, rivals, slots, 10.0), strict=True):
        assert guess is not None
        assert abs(guess - start) <= 10.0 * (len(rivals) / slots + 1)
    if sum(rivals) > 12:
        alone = start_estimates(await a_line(12), Pace(), load(slots))
        assert guessed[-1] > 1.5 * alone[-1]  # type: ignore[operator]


async def test_a_heavy_lane_waits_for_the_turns_of_a_light_one() -> None:
    waiting = {("other", "light"): 100, ("film", "heavy"): 3}
    lanes = ("heavy", "light")
    line = await a_line(3, lane="heavy")
    together = load(1, lanes, waiting=waiting, weights={"light": 4, "heavy": 1})
    guessed = start_estimates(line, Pace(), together)
    assert guessed[1:] == [50, 100], "four light ones between each two"


async def test_of_the_load_who_waits_for_a_worker_and_who_has_one_is_counted(tmp_path: Any) -> None:
    office = Office(tmp_path)
    for number in range(3):
        await office.bus.publish(queued(f"t-{number}", "film" if number else "other"))
    await office.bus.publish(queued("t-9", waits_for=("t-1",)))
    await office.bus.publish(TaskStarted(**of("t-1"), attempt=1, worker="w"))
    read = await Load.read(office.store, office.registry, {})
    assert dict(read.waiting) == {("other", "interactive"): 1, ("film", "interactive"): 1}
    assert dict(read.running) == {("film", "interactive"): 1}
