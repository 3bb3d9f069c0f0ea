"""What one client costs the service in memory, whatever it is told and whether it reads or not."""

import asyncio
import contextlib
import gc
import sys
import uuid

import pytest

from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import text_frame
from auteur.adapters.live.outbox import Outbox, TooSlowError
from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.errors import UnavailableError
from auteur.domain.project import ProjectReader
from auteur.domain.state import ProjectState
from auteur.protocol.dialects.legacy import LegacyDialect
from auteur.protocol.projects import ProjectView
from tests.ears import Hearer, SlowLine
from tests.fakes import TickingClock, queued
from tests.waiting import LONG_S, awaited


def outbox_on(limits: SessionLimits) -> tuple[Outbox, SlowLine]:
    line = SlowLine(reads=False)
    return Outbox(line, limits), line


@pytest.mark.parametrize("letter", ["a", "é", "日", "🎬"])
async def test_what_waits_for_a_client_is_bounded_in_bytes_whatever_its_letters(letter: str) -> None:
    limits = SessionLimits(outbox_messages=10_000, slow_after_s=0)
    outbox, line = outbox_on(limits)
    with contextlib.suppress(TooSlowError):
        while True:
            await outbox.put(text_frame(letter * 5000))
    assert limits.outbox_bytes - 25_000 < line.waiting() <= limits.outbox_bytes


async def test_what_waits_for_a_client_is_bounded_in_messages() -> None:
    outbox, line = outbox_on(SessionLimits(outbox_messages=10, slow_after_s=0))
    outbox.tell(b"the first is on its way")
    assert [outbox.tell(b"x") for _ in range(12)] == [True] * 10 + [False] * 2
    with pytest.raises(TooSlowError):
        await outbox.put(b"one more")
    line.take(4)
    assert [outbox.tell(b"x") for _ in range(4)] == [True] * 3 + [False]


async def test_one_larger_than_the_bound_passes_when_nothing_else_waits() -> None:
    limits = SessionLimits(slow_after_s=0)
    outbox, line = outbox_on(limits)
    large = b"x" * (3 * limits.outbox_bytes)
    for _ in range(3):
        await outbox.put(large)
        assert not outbox.tell(b"y")
        line.take()


async def test_what_has_to_wait_keeps_its_turn() -> None:
    outbox, line = outbox_on(SessionLimits(outbox_messages=2, slow_after_s=LONG_S))
    told = [b"%d" % number for number in range(9)]
    assert all(map(outbox.tell, told[:3]))
    putting = [asyncio.create_task(outbox.put(frame)) for frame in told[3:6]]
    await asyncio.sleep(0)
    line.take(2)
    assert not outbox.tell(b"somebody who was not waiting"), "though there is room for it"
    while not all(task.done() for task in putting):
        await asyncio.sleep(0)
        line.take(1)
    line.take()
    for frame in told[6:]:
        assert outbox.tell(frame)
        line.take()
    assert line.taken == told


async def test_who_takes_a_little_at_a_time_is_waited_for_and_who_takes_nothing_is_not() -> None:
    limits = SessionLimits(outbox_bytes=40_000, slow_after_s=0.05)
    outbox, line = outbox_on(limits)
    for _ in range(4):
        outbox.tell(b"x" * 10_000)
    putting = asyncio.create_task(outbox.put(b"y" * 35_000))
    for _ in range(3):
        await asyncio.sleep(0.03)
        line.take(1)
        assert not putting.done()
    line.take(1)
    await putting
    with pytest.raises(TooSlowError):
        await outbox.put(b"z" * 10_000)


def states_held() -> int:
    """How many states there are in memory; the examples of the documents have one."""
    return sum(type(held) in (ProjectState, ProjectView) for held in gc.get_objects())


async def test_the_state_that_a_client_was_greeted_with_is_not_held_while_it_is_followed() -> None:
    hub = MemoryHub()
    bus = MemoryProgressBus(hub)
    feed = ProjectFeed(bus, ProjectReader(MemoryStateStore(hub)), TickingClock(), lambda: str(uuid.uuid4()))
    await bus.publish(queued())
    before = states_held()
    async with awaited("what is told"), Hearer(feed).follow("film", None, resumes=False) as hearer:
        await hearer.until(lambda: hearer.is_level)
        assert '"t-1"' in hearer.texts[0]
        gc.collect()
        assert states_held() == before, "and no more of them than others hold"
        frame = hearer.line.taken.pop(0)
        assert sys.getrefcount(frame) == 2, "here, and by the count itself"
        await bus.publish(queued("t-2"))
        await hearer.until(lambda: hearer.texts)
        assert '"t-2"' in hearer.texts[0]


class CountingReader(ProjectReader):
    """How often a state was read."""

    readings = 0

    async def state(self, project_id: str, *, ended_limit: int | None = None) -> ProjectState:
        self.readings += 1
        await asyncio.sleep(0)
        return await super().state(project_id, ended_limit=ended_limit)


async def test_who_has_no_bookmark_shares_a_greeting_and_misses_nothing_after_it() -> None:
    hub = MemoryHub()
    bus, reader = MemoryProgressBus(hub), CountingReader(MemoryStateStore(hub))
    feed = ProjectFeed(bus, reader, TickingClock(), lambda: str(uuid.uuid4()), dialect=LegacyDialect())
    await bus.publish(queued())

    async def follow(last: str) -> list[str]:
        async with Hearer(feed).follow("film", None, resumes=False) as hearer:
            await hearer.until(lambda: any(f'"{last}"' in text for text in hearer.texts))
            return [name for text in hearer.texts for name in ("t-1", "t-2", "t-3") if f'"{name}"' in text]

    first = [asyncio.create_task(follow("t-2")) for _ in range(50)]
    await asyncio.sleep(0.01)
    await bus.publish(queued("t-2"))
    late = [asyncio.create_task(follow("t-3")) for _ in range(50)]
    await asyncio.sleep(0.01)
    await bus.publish(queued("t-3"))
    async with awaited("all to hear the last"):
        assert await asyncio.gather(*first) == [["t-1", "t-2"]] * 50
        assert await asyncio.gather(*late) == [["t-1", "t-2", "t-3"]] * 50, "what came after the greeting was made, too"
    assert reader.readings == 1


async def test_a_greeting_that_failed_is_not_kept() -> None:
    hub = MemoryHub()
    bus, reader = MemoryProgressBus(hub), ProjectReader(MemoryStateStore(hub))
    feed = ProjectFeed(bus, reader, TickingClock(), lambda: str(uuid.uuid4()), dialect=LegacyDialect())
    away = True

    async def state(project_id: str, **limits: object) -> ProjectState:
        if away:
            raise UnavailableError("The log is away.")
        return await ProjectReader.state(reader, project_id)

    reader.state = state  # type: ignore[method-assign]
    await bus.publish(queued())
    async with awaited("what is told"):
        for _ in range(2):
            async with Hearer(feed).follow("film", None, resumes=False) as hearer:
                await hearer.ended.wait()
                assert isinstance(hearer.why, UnavailableError)
                assert not hearer.texts
        away = False
        async with Hearer(feed).follow("film", None, resumes=False) as hearer:
            await hearer.until(lambda: hearer.texts)
            assert '"t-1"' in hearer.texts[0]


async def test_what_may_be_dropped_takes_half_of_the_room() -> None:
    outbox, _ = outbox_on(SessionLimits(outbox_messages=10, slow_after_s=0))
    assert [outbox.offer(b"x") for _ in range(8)] == [True] * 6 + [False] * 2, "the first is on its way"
    for _ in range(5):
        await outbox.put(b"an event")
    with pytest.raises(TooSlowError):
        await outbox.put(b"one more")
