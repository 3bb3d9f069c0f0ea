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
from auteur.domain.project import ProjectReader
from auteur.domain.state import ProjectState
from auteur.protocol.projects import ProjectView
from tests.fakes import TickingClock, queued


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


async def test_the_state_that_a_client_was_greeted_with_is_not_held_while_it_is_followed() -> None:
    hub = MemoryHub()
    bus = MemoryProgressBus(hub)
    feed = ProjectFeed(bus, ProjectReader(MemoryStateStore(hub)), TickingClock(), lambda: str(uuid.uuid4()))
    await bus.publish(queued())
    async with contextlib.aclosing(feed.follow("film", None, resumes=False)) as messages:
        greeting, _ = await anext(messages)
        assert '"t-1"' in greeting
        following = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0)
        gc.collect()
        assert [held for held in gc.get_objects() if isinstance(held, (ProjectState, ProjectView))] == []
        held_at_most = sys.getrefcount(greeting)
        assert held_at_most == 2, "here, and by the count itself"
        await bus.publish(queued("t-2"))
        told, _ = await following
    assert '"t-2"' in told
