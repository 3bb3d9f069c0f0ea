"""Places in the queue as they are told: in step with the log, thinned, bounded, and nothing while nothing changes."""

import asyncio
import contextlib
import itertools
import math
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.live import places
from auteur.adapters.live.listening import PlacesListener
from auteur.adapters.live.places import EXACT, MOST, PlacesWatch, step_of
from auteur.domain.errors import ProjectDeletedError
from auteur.domain.events import (
    Position,
    ProjectDeleted,
    RecordedEvent,
    TaskCancelled,
    TaskEvent,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
)
from auteur.domain.ports import Worker
from auteur.domain.task import Task, TaskStatus
from auteur.domain.waiting import PlacesTold, WaitingLine
from tests.backends import BACKENDS, Ground, ground
from tests.fakes import START, Attendance, of, queued
from tests.waiting import awaited

WORKER = Worker(name="w", since=START, lanes=("interactive",), slots=2)


@dataclass
class Conversation:
    """A client as the session serves it: follows the log from where it was greeted, and is told places beside that."""

    there: Ground
    watch: PlacesWatch
    project: str = "film"
    told: list[tuple[Position | None, PlacesTold, float]] = field(default_factory=list)
    has_room: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    listener: PlacesListener | None = None

    def tell(self, told: PlacesTold) -> bool:
        assert self.listener is not None
        if self.has_room:
            self.told.append((self.listener.position, told, time.monotonic()))
            self.more.set()
        return self.has_room

    @contextlib.asynccontextmanager
    async def here(self) -> "AsyncIterator[Conversation]":
        self.gate.set()
        position = (await self.there.stores[1].counts(self.project)).position
        with self.watch.attend(self.project, self.tell) as self.listener:
            self.listener.heard(position)
            following = asyncio.create_task(self._follow(position))
            try:
                yield self
            finally:
                following.cancel()
                await asyncio.wait({following})

    async def _follow(self, position: Position | None) -> None:
        with contextlib.suppress(ProjectDeletedError):
            async with contextlib.aclosing(self.there.buses[1].subscribe(self.project, position)) as events:
                async for recorded in events:
                    await self.gate.wait()
                    assert self.listener is not None
                    self.listener.heard(recorded.position)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with awaited("places to be told"):
            while not condition():
                self.more.clear()
                await self.more.wait()

    @property
    def known(self) -> dict[str, int]:
        """What its user sees: the newest of each task."""
        return {place.task_id: place.queue_position for _, told, _ in self.told for place in told.places}


@pytest.fixture(params=BACKENDS)
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as made:
        yield made


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground("memory", tmp_path, lambda: pytest.fail("no server")) as made:
        yield made


@contextlib.asynccontextmanager
async def watching(there: Ground) -> AsyncIterator[PlacesWatch]:
    """Listens where the second process is; what happens, happens in the first."""
    registry = Attendance(present=[WORKER])
    watch = PlacesWatch(there.buses[1], there.stores[1], registry, lambda: START, weights={})
    try:
        yield watch
    finally:
        await watch.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(places, "EVERY_S", 0.1)
    monkeypatch.setattr(places, "_SOON_S", 0.005)
    return 0.1


def places_by_seq(recorded: list[RecordedEvent]) -> dict[int, dict[str, int]]:
    """The fold of the log, as it was at each position: who waited at which place."""
    tasks: dict[str, Task] = {}
    found: dict[int, dict[str, int]] = {0: {}}
    for known in recorded:
        event = known.event
        assert isinstance(event, TaskEvent)
        if isinstance(event, TaskQueued):
            tasks[event.task_id] = event.record(known.position.seq)
        else:
            tasks[event.task_id] = tasks[event.task_id].after(event)
        waiting = sorted((t for t in tasks.values() if t.status is TaskStatus.QUEUED), key=lambda t: t.queued_seq)
        found[known.position.seq] = {task.task_id: place for place, task in enumerate(waiting, 1)}
    return found


async def a_busy_line(there: Ground, waiting: int = 12) -> AsyncIterator[RecordedEvent]:
    """Tasks come, start, are cancelled in the midst of it, and come back."""
    bus = there.buses[0]
    for number in range(waiting):
        yield await bus.publish(queued(f"t-{number}"))
    for number in range(waiting):
        if number % 4 == 3:
            yield await bus.publish(TaskCancelled(**of(f"t-{number}"), attempt=0))
            continue
        yield await bus.publish(TaskStarted(**of(f"t-{number}"), attempt=1, worker="w"))
        if number % 4 == 1:
            yield await bus.publish(TaskRequeued(**of(f"t-{number}"), attempt=1, reason="shutdown"))
            yield await bus.publish(TaskStarted(**of(f"t-{number}"), attempt=2, worker="w"))


async def untrue(there: Ground) -> list[Any]:
    """What was told otherwise than it was at the position where the client then stood. One reads at once, one in
    fits and starts."""
    recorded = []
    async with watching(there) as watch:
        prompt, slow = Conversation(there, watch), Conversation(there, watch)
        async with prompt.here(), slow.here():
            number = 0
            async for known in a_busy_line(there):
                recorded.append(known)
                number += 1
                if number % 5 == 0:
                    slow.gate.clear()
                elif number % 5 == 3:
                    slow.gate.set()
                await asyncio.sleep(0.05)  # not to wait for anything: so that tellings fall between events
            slow.gate.set()
            recorded.append(await there.buses[0].publish(queued("last")))
            for conversation in (prompt, slow):
                await conversation.until(
                    lambda told=conversation.told: "last" in {p.task_id for _, t, _ in told for p in t.places}
                )  # type: ignore[misc]
    truth = places_by_seq(recorded)
    return [
        (position, place)
        for conversation in (prompt, slow)
        for position, told, _ in conversation.told
        for place in told.places
        if truth[position.seq if position else 0].get(place.task_id) != place.queue_position
        or told.waiting != len(truth[position.seq if position else 0])
    ]


@pytest.mark.usefixtures("quick")
async def test_what_is_told_is_so_where_the_client_stands_in_the_log(there: Ground) -> None:
    assert await untrue(there) == []


@pytest.mark.usefixtures("quick")
async def test_what_is_told_last_is_what_the_store_answers(there: Ground) -> None:
    async with watching(there) as watch, Conversation(there, watch).here() as conversation:
        async for _ in a_busy_line(there, 15):
            pass
        for number in range(8):
            await there.buses[0].publish(queued(f"late-{number}"))
        await there.buses[0].publish(TaskCancelled(**of("late-2"), attempt=0))
        page = await there.stores[0].open_tasks("film", limit=200, status=TaskStatus.QUEUED)
        waiting = dict(page.queue_positions)
        assert len(waiting) == 7
        await conversation.until(lambda: {t: p for t, p in conversation.known.items() if t in waiting} == waiting)


@pytest.mark.usefixtures("quick")
async def test_who_comes_later_is_told_soon_and_who_left_no_more(there: Ground) -> None:
    for number in range(3):
        await there.buses[0].publish(queued(f"t-{number}"))
    async with watching(there) as watch:
        first = Conversation(there, watch)
        async with first.here():
            await first.until(lambda: len(first.known) == 3)
            async with Conversation(there, watch).here() as second:
                await second.until(lambda: second.known == {"t-0": 1, "t-1": 2, "t-2": 3})
        told = len(first.told)
        async with Conversation(there, watch).here() as third:
            await there.buses[0].publish(TaskStarted(**of("t-0"), attempt=1, worker="w"))
            await third.until(lambda: third.known.get("t-2") == 2)
        assert len(first.told) == told


@pytest.mark.usefixtures("quick")
async def test_who_tells_what_the_client_cannot_know_yet_is_found(
    memory: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(self: PlacesListener, told: PlacesTold, at: Position | None) -> bool:
        return self._give(told)

    monkeypatch.setattr(PlacesListener, "offer", at_once)
    assert await untrue(memory)


@pytest.mark.usefixtures("quick")
async def test_who_counts_the_running_among_the_waiting_is_found(
    memory: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = WaitingLine.take

    def take(self: WaitingLine, recorded: RecordedEvent, pace: Any = None) -> bool:
        if isinstance(recorded.event, TaskStarted):
            self.position = recorded.position
            return True
        return start(self, recorded, pace)

    monkeypatch.setattr(WaitingLine, "take", take)
    assert await untrue(memory)


async def test_a_flood_of_changes_is_told_once_in_a_while(memory: Ground, quick: float) -> None:
    async with watching(memory) as watch, Conversation(memory, watch).here() as conversation:
        for number in range(300):
            await memory.buses[0].publish(queued(f"t-{number}"))
        began = time.monotonic()
        for number in range(250):
            await memory.buses[0].publish(TaskStarted(**of(f"t-{number}"), attempt=1, worker="w"))
            await asyncio.sleep(0.001)
        # far behind, places are told in steps: whoever was told 55 a moment before is not told 50
        await conversation.until(lambda: step_of(conversation.known.get("t-299", 300)) == step_of(50))
        took_s = time.monotonic() - began
        moments = [at for _, _, at in conversation.told]
        assert all(later - earlier > quick * 0.9 for earlier, later in itertools.pairwise(moments))
        assert len(moments) <= took_s / quick + 4


async def test_what_one_start_tells_does_not_grow_with_who_waits(memory: Ground, quick: float) -> None:
    told = {}
    for waiting in (200, 1000):
        project = f"film-{waiting}"
        async with watching(memory) as watch, Conversation(memory, watch, project).here() as conversation:
            for number in range(waiting):
                await memory.buses[0].publish(queued(f"t-{number}", project, estimate_s=None))
            await conversation.until(lambda c=conversation, n=waiting: len(c.known) == n)  # type: ignore[misc]
            before = len(conversation.told)
            await memory.buses[0].publish(TaskStarted(**of("t-0", project), attempt=1, worker="w"))
            await conversation.until(lambda c=conversation, n=before: len(c.told) > n)  # type: ignore[misc]
            told[waiting] = sum(len(one.places) for _, one, _ in conversation.told[before:])
            assert len(conversation.told) == before + 1
            assert max(len(one.places) for _, one, _ in conversation.told) <= MOST
    assert told[1000] <= told[200] + (1000 - 200) // 100 + 1
    assert told[200] <= EXACT + (200 - EXACT) // 10 + 2


def test_far_behind_a_place_is_told_in_steps() -> None:
    steps = [step_of(place) for place in range(1, 2001)]
    assert steps == sorted(steps), "no place has a step of one before it"
    assert len(set(steps[:EXACT])) == EXACT
    assert all(steps.count(step) <= 10 for step in set(steps[: 10 * EXACT]))


@pytest.mark.usefixtures("quick")
async def test_nothing_runs_while_nothing_changes_and_ends_when_nobody_listens(
    memory: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_LINGER_S", 0.05)
    before = asyncio.all_tasks()
    async with watching(memory) as watch:
        async with Conversation(memory, watch).here() as conversation:
            await memory.buses[0].publish(queued("t-0", estimate_s=None))
            await conversation.until(lambda: conversation.known == {"t-0": 1})
            watched = watch._watched["film"]
            async with awaited("the next look"):
                while watched.due != math.inf and conversation.told[-1][1].places[0].starts_in_s is None:
                    await asyncio.sleep(0.01)
            told = len(conversation.told)
            await memory.buses[0].publish(queued("elsewhere", "another"))
            assert watched.due == math.inf or conversation.told[-1][1].places[0].starts_in_s == 0.0
            assert len(conversation.told) == told
        async with awaited("the mirror to be gone"):
            while watch.projects:
                await asyncio.sleep(0.01)
        async with awaited("what ran for it to have ended"):
            while asyncio.all_tasks() - before:
                await asyncio.sleep(0.01)


@pytest.mark.usefixtures("quick")
async def test_how_many_wait_is_told_also_where_no_place_changes_and_when_nobody_waits_any_more(there: Ground) -> None:
    async with watching(there) as watch, Conversation(there, watch).here() as conversation:
        for number in range(3):
            await there.buses[0].publish(queued(f"t-{number}"))
        await conversation.until(lambda: len(conversation.known) == 3)
        for left in (2, 1, 0):
            await there.buses[0].publish(TaskCancelled(**of(f"t-{left}"), attempt=0))
            await conversation.until(lambda n=left: conversation.told[-1][1].waiting == n)  # type: ignore[misc]
        async with Conversation(there, watch).here() as late:
            await there.buses[0].publish(queued("t-9"))
            await late.until(lambda: late.known == {"t-9": 1})
            assert all(told.waiting for _, told, _ in late.told), "an empty line is nothing to tell"


@pytest.mark.usefixtures("quick")
async def test_who_had_no_room_is_told_all_when_it_has(memory: Ground) -> None:
    async with watching(memory) as watch, Conversation(memory, watch).here() as conversation:
        conversation.has_room = False
        for number in range(5):
            await memory.buses[0].publish(queued(f"t-{number}"))
        await memory.buses[0].publish(TaskStarted(**of("t-0"), attempt=1, worker="w"))
        await asyncio.sleep(0.3)  # what is refused meanwhile is refused several times
        assert conversation.told == []
        conversation.has_room = True
        await conversation.until(lambda: conversation.known == {"t-1": 1, "t-2": 2, "t-3": 3, "t-4": 4})


@pytest.mark.usefixtures("quick")
async def test_a_start_that_is_past_is_told_anew(memory: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "GUESS_EVERY_S", 0.1)
    monkeypatch.setattr(places, "_DRIFT_S", 0.05)
    for number in range(3):
        await memory.buses[0].publish(queued(f"t-{number}", estimate_s=0.3))
    for number in range(2):
        await memory.buses[0].publish(TaskStarted(**of(f"t-{number}"), attempt=1, worker="w"))
    async with watching(memory) as watch, Conversation(memory, watch).here() as conversation:
        await conversation.until(lambda: len(conversation.told) >= 2)
        at = [told.places[0].starts_in_s for _, told, _ in conversation.told]
        moments = [moment for _, _, moment in conversation.told]
        assert all(start is not None and start > 0 for start in at), "it goes on although it should have ended"
        assert moments[1] + (at[1] or 0) > moments[0] + (at[0] or 0)


@pytest.mark.usefixtures("quick")
async def test_the_end_of_a_project_is_the_end_of_its_line(there: Ground) -> None:
    await there.buses[0].publish(queued("t-0"))
    async with watching(there) as watch, Conversation(there, watch).here() as conversation:
        await conversation.until(lambda: conversation.known == {"t-0": 1})
        await there.buses[0].publish(TaskCancelled(**of("t-0"), attempt=0))
        await there.buses[0].publish(ProjectDeleted(project_id="film", at=START))
        async with awaited("the mirror to have heard of it"):
            while not watch._watched["film"].tasks[0].done():
                await asyncio.sleep(0.01)
