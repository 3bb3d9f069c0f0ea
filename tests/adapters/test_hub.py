"""All who follow a project hear the same, each event once and in order, whoever of them reads slowly or comes when."""

import asyncio
import contextlib
import gc
import random
import uuid
from collections.abc import AsyncGenerator, Callable

import pytest

from auteur.adapters.live.conversations import Conversations
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.hub import Ear, ProjectHub
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.outbox import TooSlowError
from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.access import ANONYMOUS, EVERYTHING, Principal
from auteur.domain.errors import (
    BusUnavailableError,
    ProjectDeletedError,
    ShuttingDownError,
    UnauthenticatedError,
    UnavailableError,
)
from auteur.domain.events import Position, ProjectDeleted, RecordedEvent
from auteur.domain.project import ProjectReader
from tests.ears import Hearer
from tests.fakes import START, TickingClock, queued
from tests.waiting import awaited

TIGHT = SessionLimits(outbox_messages=3, slow_after_s=1000)
ROOMY = SessionLimits(outbox_messages=40, outbox_bytes=16 << 10, slow_after_s=1000)
"""So much may wait as is written at once at most, so it is written the shortest way while nothing waits."""


class CountingBus(MemoryProgressBus):
    """How often somebody began to follow, and how many do now."""

    def __init__(self, hub: MemoryHub) -> None:
        super().__init__(hub)
        self.begun = 0
        self.open = 0

    async def subscribe(  # type: ignore[override]
        self, project_id: str, after: Position | None
    ) -> AsyncGenerator[RecordedEvent, None]:
        self.begun += 1
        self.open += 1
        try:
            async with contextlib.aclosing(super().subscribe(project_id, after)) as events:
                async for recorded in events:
                    yield recorded
        finally:
            self.open -= 1


def house(**hub: int) -> tuple[CountingBus, ProjectFeed]:
    log = MemoryHub(**hub)
    bus = CountingBus(log)
    return bus, ProjectFeed(bus, ProjectReader(MemoryStateStore(log)), TickingClock(), lambda: str(uuid.uuid4()))


def seqs(hearer: Hearer) -> list[int]:
    """Of the events that it has heard since its last greeting."""
    messages = hearer.messages
    begins = max(number for number, message in enumerate(messages) if message["type"] == "connected")
    return [int(message["position"].rpartition("-")[2]) for message in messages[begins:]]


async def test_however_many_follow_one_reads_the_log_and_nothing_runs_for_each() -> None:
    bus, feed = house()
    await bus.publish(queued())
    async with contextlib.AsyncExitStack() as stack, awaited("what is told"):
        hearers = [
            await stack.enter_async_context(Hearer(feed).follow("film", None, resumes=False)) for _ in range(100)
        ]
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: hearer.is_level)
        assert (bus.begun, bus.open) == (1, 1)
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert names.count("hub") == 1
        assert len(names) <= 2, "and this test's own"
        for number in range(5):
            await bus.publish(queued(f"t-{number + 2}"))
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: seqs(hearer) == [1, 2, 3, 4, 5, 6])
        assert len({tuple(hearer.texts[1:]) for hearer in hearers}) == 1, "the same bytes for all"
    async with awaited("the log to be left"):
        while bus.open:
            await asyncio.sleep(0)


async def story(seed: int) -> None:
    """Clients come and go, with bookmarks and without, and read when they like, while events come."""
    dice = random.Random(seed)
    bus, feed = house()
    await bus.publish(queued("t-1"))
    published = 1

    def limits() -> SessionLimits:
        return dice.choice([TIGHT, ROOMY])

    async with contextlib.AsyncExitStack() as stack:
        hearers: list[tuple[Hearer, int]] = []
        for _ in range(60):
            match dice.choice(["come", "come back", "event", "event", "events", "read", "stall", "pause"]):
                case "come":
                    hearer = Hearer(feed, limits(), reads=dice.random() < 0.5)
                    await stack.enter_async_context(hearer.follow("film", None, resumes=False))
                    hearers.append((hearer, 0))
                case "come back":
                    after = dice.randint(0, published)
                    hearer = Hearer(feed, limits(), reads=dice.random() < 0.5)
                    bookmark = Position(bus._hub.epoch, after) if after else None
                    await stack.enter_async_context(hearer.follow("film", bookmark, resumes=True))
                    hearers.append((hearer, after))
                case "event" | "events" as many:
                    for _ in range(1 if many == "event" else dice.randint(2, 30)):
                        published += 1
                        await bus.publish(queued(f"t-{published}"))
                case "read" if hearers:
                    hearer, _ = dice.choice(hearers)
                    hearer.line.take(dice.randint(1, 5))
                case "stall" if hearers:
                    hearer, _ = dice.choice(hearers)
                    hearer.line.reads = not hearer.line.reads
                    hearer.line.take()
                case _:
                    for _ in range(dice.randint(0, 20)):
                        await asyncio.sleep(0)
        for hearer, _ in hearers:
            hearer.line.reads = True
            hearer.line.take()
        async with awaited("all to have heard all"):
            assert not any(hearer.ended.is_set() for hearer, _ in hearers), "nobody was ended"
            for hearer, after in hearers:
                await hearer.until(lambda hearer=hearer: hearer.texts and seqs(hearer)[-1] == published)
                await hearer.until(lambda hearer=hearer: hearer.is_level)
                first = seqs(hearer)[0]
                assert seqs(hearer) == list(range(first, published + 1)), f"each once, in order (seed {seed})"
                if after:
                    assert first == after
                assert [m["type"] for m in hearer.messages].count("connected") == 1, "nothing was lost"
                assert not hearer.line.written_amiss, "the shortest way is for as long as nothing waits"
        texts = [dict(zip(h.positions[1:], h.texts[1:], strict=True)) for h, _ in hearers]
        for one in texts:
            for position, text in one.items():
                assert all(other.get(position, text) == text for other in texts)


@pytest.mark.parametrize("seed", range(40))
async def test_each_hears_each_event_once_whoever_stalls_and_comes_when(seed: int) -> None:
    await story(seed)


async def test_what_is_read_at_once_is_written_at_once_and_the_shortest_way_where_nothing_waits() -> None:
    bus, feed = house()
    await bus.publish(queued())
    async with (
        awaited("what is told"),
        Hearer(feed).follow("film", None, resumes=False) as quick,
        Hearer(feed).follow("film", None, resumes=False) as slow,
        Hearer(feed, TIGHT).follow("film", None, resumes=False) as bounded,
    ):
        for hearer in (quick, slow, bounded):
            await hearer.until(lambda hearer=hearer: hearer.is_level)
        slow.line.reads = False
        await asyncio.gather(*(bus.publish(queued(f"t-{number + 2}")) for number in range(20)))
        for hearer in (quick, bounded):
            await hearer.until(lambda hearer=hearer: seqs(hearer) == list(range(1, 22)))
        assert 0 < quick.line.written_directly < 20
        assert not bounded.line.written_directly, "more than may wait for it must not be written at once"
        assert slow.line.written_directly == 1, "then something waits"
        slow.line.reads = True
        slow.line.take()
        await slow.until(lambda: seqs(slow) == list(range(1, 22)))
        await bus.publish(queued("t-22"))
        await slow.until(lambda: seqs(slow)[-1] == 22)
        assert slow.line.written_directly == 2, "nothing waits any more"


def forgets_the_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProjectHub, "_let_go", lambda self, ear: None)


def admits_the_late(monkeypatch: pytest.MonkeyPatch) -> None:
    join = ProjectHub.join

    def anybody(self: ProjectHub, ear: Ear, position: Position | None) -> bool:
        return join(self, ear, position) or join(self, ear, self._here.position)

    monkeypatch.setattr(ProjectHub, "join", anybody)


def admits_the_early_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    join = ProjectHub.join

    def at_once(self: ProjectHub, ear: Ear, position: Position | None) -> bool:
        here = self._here.position
        ahead = position is not None and here is not None and position.seq > here.seq
        return join(self, ear, here if ahead else position)

    monkeypatch.setattr(ProjectHub, "join", at_once)


def tells_twice_where_it_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = ProjectHub._let_go

    def earlier(self: ProjectHub, ear: Ear) -> None:
        lagged = ear.lagged

        def from_before(position: Position | None) -> None:
            ear.lagged = lagged
            lagged(position and Position(position.epoch, max(position.seq - 1, 0)))

        ear.lagged = from_before
        let_go(self, ear)

    monkeypatch.setattr(ProjectHub, "_let_go", earlier)


def writes_directly_to_whom_something_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProjectHub, "redirected", lambda self, ear, way: None)


def tells_together_whom_it_should_tell_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    join = ProjectHub.join

    def before_what_was_read(self: ProjectHub, ear: Ear, position: Position | None) -> bool:
        is_amid = self._read and any(at == position for _, at in self._read)
        return join(self, ear, self._here.position if is_amid else position)

    monkeypatch.setattr(ProjectHub, "join", before_what_was_read)


@pytest.mark.parametrize(
    "plant",
    [
        forgets_the_slow,
        admits_the_late,
        admits_the_early_at_once,
        tells_twice_where_it_was_left,
        writes_directly_to_whom_something_waits_for,
        tells_together_whom_it_should_tell_in_between,
    ],
)
async def test_a_hub_that_loses_or_doubles_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    async def stories() -> None:
        for seed in range(40):
            await story(seed)

    with pytest.raises(AssertionError):
        await stories()


async def test_who_does_not_read_follows_by_itself_and_comes_back_when_it_reads() -> None:
    bus, feed = house()
    await bus.publish(queued())
    async with awaited("what is told"), Hearer(feed, TIGHT).follow("film", None, resumes=False) as hearer:
        await hearer.until(lambda: hearer.is_level)
        hearer.line.reads = False
        for number in range(50):
            await bus.publish(queued(f"t-{number + 2}"))
        while hearer.followed < 2:
            await asyncio.sleep(0)
        assert hearer.ear.hub is None
        assert len(hearer.line._held) <= TIGHT.outbox_messages + 1, "what it has not taken stays in the log"
        hearer.line.reads = True
        hearer.line.take()
        await hearer.until(lambda: seqs(hearer) == list(range(1, 52)))
        await hearer.until(lambda: hearer.is_level)


async def test_a_deleted_project_is_told_as_the_last_to_all() -> None:
    bus, feed = house()
    async with contextlib.AsyncExitStack() as stack, awaited("the end"):
        hearers = [await stack.enter_async_context(Hearer(feed).follow("film", None, resumes=False)) for _ in range(3)]
        slow = await stack.enter_async_context(Hearer(feed, TIGHT, reads=False).follow("film", None, resumes=False))
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: hearer.is_level)
        await bus.publish(ProjectDeleted(project_id="film", at=START))
        for hearer in hearers:
            await hearer.ended.wait()
        slow.line.reads = True
        slow.line.take()
        await slow.ended.wait()
        for hearer in (*hearers, slow):
            assert isinstance(hearer.why, ProjectDeletedError)
            assert hearer.messages[-1]["type"] == "project_deleted"
    async with Hearer(feed).follow("film", None, resumes=False) as late, awaited("the end"):
        await late.ended.wait()
        assert isinstance(late.why, ProjectDeletedError)
        assert not late.texts, "it was gone before"


async def test_a_log_that_begins_anew_is_told_with_a_greeting() -> None:
    """As after a restore: all who were level are greeted again with what there is, and told that they missed some."""
    bus, feed = house()
    await bus.publish(queued("t-1"))
    async with contextlib.AsyncExitStack() as stack, awaited("what is told"):
        hearers = [await stack.enter_async_context(Hearer(feed).follow("film", None, resumes=False)) for _ in range(5)]
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: hearer.is_level)
        bus._hub.epoch = "another"
        bus._hub.projects.clear()
        await bus.publish(queued("t-9"))
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: len(hearer.texts) >= 2)
            greeting = next(m for m in hearer.messages[1:] if m["type"] == "connected")
            assert not greeting["recovered"]
            assert [task["task_id"] for task in greeting["state"]["tasks"]] == ["t-9"]
        await bus.publish(queued("t-10"))
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: '"t-10"' in hearer.texts[-1])
            await hearer.until(lambda hearer=hearer: hearer.is_level)


@pytest.mark.parametrize("fault", [BusUnavailableError("away"), RuntimeError("a fault of the hub's own")])
async def test_what_cannot_be_followed_is_said_to_all_once(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    bus, feed = house()
    await bus.publish(queued("t-1"))

    def fail(self: ProjectHub, recorded: RecordedEvent) -> None:
        raise fault

    monkeypatch.setattr(ProjectHub, "_tell", fail)
    async with contextlib.AsyncExitStack() as stack, awaited("the end"):
        hearers = [await stack.enter_async_context(Hearer(feed).follow("film", None, resumes=False)) for _ in range(3)]
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: hearer.is_level)
        await bus.publish(queued("t-2"))
        for hearer in hearers:
            await hearer.ended.wait()
            assert isinstance(hearer.why, UnavailableError)
            assert hearer.followed == 1


async def test_a_fault_at_the_end_of_a_turn_is_said_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    bus, feed = house()
    await bus.publish(queued("t-1"))

    def fail(self: ProjectHub, *args: object) -> None:
        raise RuntimeError("a fault of the hub's own")

    async with contextlib.AsyncExitStack() as stack, awaited("the end"):
        hearers = [await stack.enter_async_context(Hearer(feed).follow("film", None, resumes=False)) for _ in range(3)]
        for hearer in hearers:
            await hearer.until(lambda hearer=hearer: hearer.is_level)
        monkeypatch.setattr(ProjectHub, "_tell_together", fail)
        await bus.publish(queued("t-2"))
        for hearer in hearers:
            await hearer.ended.wait()
            assert isinstance(hearer.why, UnavailableError)


async def test_nobody_that_left_is_held() -> None:
    bus, feed = house()
    await bus.publish(queued())
    for _ in range(20):
        async with Hearer(feed).follow("film", None, resumes=False) as hearer, awaited("to be level"):
            await hearer.until(lambda hearer=hearer: hearer.is_level)
    del hearer
    async with awaited("the log to be left"):
        while bus.open or len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)
    gc.collect()
    assert not [held for held in gc.get_objects() if type(held) is ProjectHub and held._bus is bus]
    assert not feed._hubs


def person(name: str) -> Principal:
    return Principal(id=name, name=name, grants=(EVERYTHING,))


async def test_a_stop_ends_all_conversations_and_one_task_waits_for_it() -> None:
    closing = asyncio.Event()

    async def never(principal: Principal) -> None:
        await asyncio.Event().wait()

    conversations = Conversations(closing, never)
    heard: list[Exception] = []
    ends = [(lambda error, number=number: heard.append(error)) for number in range(50)]
    with contextlib.ExitStack() as stack:
        for number, end in enumerate(ends):
            stack.enter_context(conversations.attend([ANONYMOUS, person("ana")][number % 2], end))
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1 + 1 + 2
        closing.set()
        async with awaited("all to be told"):
            while len(heard) < 50:
                await asyncio.sleep(0)
        assert all(isinstance(error, ShuttingDownError) for error in heard)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_who_is_denied_is_ended_everywhere_and_nobody_else() -> None:
    gone = {"ana": asyncio.Event(), "ben": asyncio.Event()}

    async def denied(principal: Principal) -> None:
        await gone[principal.id].wait()

    conversations = Conversations(asyncio.Event(), denied)
    heard: list[str] = []

    def end_of(name: str) -> Callable[[Exception], None]:
        def end(error: Exception) -> None:
            assert isinstance(error, UnauthenticatedError)
            heard.append(name)

        return end

    with contextlib.ExitStack() as stack:
        for name in ("ana", "ben", "ana", "ben", "ana"):
            stack.enter_context(conversations.attend(person(name), end_of(name)))
        gone["ana"].set()
        async with awaited("ana to be ended"):
            while len(heard) < 3:
                await asyncio.sleep(0)
        with conversations.attend(person("ana"), end_of("ana")):  # what she came with counts no more: found again
            async with awaited("ana to be ended again"):
                while len(heard) < 4:
                    await asyncio.sleep(0)
        assert heard == ["ana"] * 4


async def test_the_only_client_of_a_project_is_let_go_when_it_does_not_read() -> None:
    """And nothing turns in circles until then."""
    bus, feed = house()
    await bus.publish(queued())
    limits = SessionLimits(outbox_messages=3, slow_after_s=0.2)
    async with awaited("it to be let go"), Hearer(feed, limits).follow("film", None, resumes=False) as hearer:
        await hearer.until(lambda: hearer.is_level)
        hearer.line.reads = False
        for number in range(50):
            await bus.publish(queued(f"t-{number + 2}"))
        await hearer.ended.wait()
        assert isinstance(hearer.why, TooSlowError)
        assert bus.begun == 1
