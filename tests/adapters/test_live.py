"""What one client costs the service in memory, whatever it is told and whether it reads or not."""

import asyncio
import contextlib
import gc
import sys
import uuid

import pytest

from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.outbox import Outbox, TooSlowError
from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.errors import UnavailableError
from auteur.domain.project import ProjectReader
from auteur.domain.state import ProjectState
from auteur.protocol.dialects.legacy import LegacyDialect
from auteur.protocol.projects import ProjectView
from tests.fakes import TickingClock, queued
from tests.waiting import LONG_S


@pytest.mark.parametrize("letter", ["a", "é", "日", "🎬"])
async def test_what_waits_for_a_client_is_bounded_in_memory_whatever_its_letters(letter: str) -> None:
    limits = SessionLimits(outbox_messages=10_000, slow_after_s=0)
    outbox, held = Outbox(limits), 0
    with contextlib.suppress(TooSlowError):
        while True:
            text = letter * 5000
            await outbox.put(text)
            held += sys.getsizeof(text)
    assert limits.outbox_bytes - 25_000 < held <= limits.outbox_bytes


async def test_what_was_sent_makes_room_and_is_not_held_while_nothing_follows() -> None:
    limits = SessionLimits(slow_after_s=0)
    outbox, sent = Outbox(limits), asyncio.Queue[int]()

    async def send() -> None:
        async for text in outbox.texts():
            sent.put_nowait(len(text))
            del text

    sending = asyncio.create_task(send())
    large = "x" * limits.outbox_bytes
    held_at_first = sys.getrefcount(large)
    for _ in range(3):
        await outbox.put(large)
        assert await sent.get() == len(large)
        await outbox.emptied()
    assert sys.getrefcount(large) == held_at_first
    sending.cancel()
    await asyncio.wait({sending})


def states_held() -> int:
    """How many states there are in memory; the examples of the documents have one."""
    return sum(type(held) in (ProjectState, ProjectView) for held in gc.get_objects())


async def test_the_state_that_a_client_was_greeted_with_is_not_held_while_it_is_followed() -> None:
    hub = MemoryHub()
    bus = MemoryProgressBus(hub)
    feed = ProjectFeed(bus, ProjectReader(MemoryStateStore(hub)), TickingClock(), lambda: str(uuid.uuid4()))
    await bus.publish(queued())
    before = states_held()
    async with contextlib.aclosing(feed.follow("film", None, resumes=False)) as messages:
        greeting, _ = await anext(messages)
        assert '"t-1"' in greeting
        following = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0)
        gc.collect()
        assert states_held() == before, "and no more of them than others hold"
        held_at_most = sys.getrefcount(greeting)
        assert held_at_most == 2, "here, and by the count itself"
        await bus.publish(queued("t-2"))
        told, _ = await following
    assert '"t-2"' in told


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
        heard: list[str] = []
        async with contextlib.aclosing(feed.follow("film", None, resumes=False)) as messages:
            async for text, _ in messages:
                heard += [name for name in ("t-1", "t-2", "t-3") if f'"{name}"' in text]
                if heard[-1] == last:
                    return heard
        raise AssertionError("a feed never ends")

    first = [asyncio.create_task(follow("t-2")) for _ in range(50)]
    await asyncio.sleep(0.01)
    await bus.publish(queued("t-2"))
    late = [asyncio.create_task(follow("t-3")) for _ in range(50)]
    await asyncio.sleep(0.01)
    await bus.publish(queued("t-3"))
    async with asyncio.timeout(LONG_S):
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
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await anext(feed.follow("film", None, resumes=False))
    away = False
    text, _ = await anext(feed.follow("film", None, resumes=False))
    assert '"t-1"' in text


async def test_what_may_be_dropped_takes_half_of_the_room() -> None:
    outbox = Outbox(SessionLimits(outbox_messages=10, slow_after_s=0))
    assert [outbox.offer("x") for _ in range(7)] == [True] * 5 + [False] * 2
    for _ in range(5):
        await outbox.put("an event")
    with pytest.raises(TooSlowError):
        await outbox.put("one more")
