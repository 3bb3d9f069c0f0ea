"""However often the line is cut and the service killed: each event once, in order, equal to the log.

Short here; ``make clients`` makes it long: CLIENT_CUTS=1000, CLIENT_KILLS=10.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from auteur.client import AsyncAuteur, Auteur, AuteurError, Connected, Event, Queue
from auteur.client import subscription as followed
from auteur.client.http import Http
from auteur.client.lines import Line, open_socket
from auteur.client.subscription import Subscription
from tests.client.conftest import QUICK
from tests.client.cutting import Cutter
from tests.e2e.studio import TINY, Message, Service
from tests.waiting import LONG_S, awaited

CUTS = int(os.environ.get("CLIENT_CUTS", "40"))
KILLS = int(os.environ.get("CLIENT_KILLS", "2"))
LAST = "the last"
busy_service = pytest.mark.parametrize(
    "service", [{"history_events": 200_000, "principal_requests_per_second": 100_000}], indirect=True
)


@asynccontextmanager
async def busy(studio: AsyncAuteur) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Somebody works in the project: tasks, and marks on them, as fast as they are taken. Gives what ends it: then
    nothing more happens, and the id of the task that is the last is returned."""
    stopped = asyncio.Event()

    async def work() -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            with suppress(AuteurError):  # the service may be away
                task = await studio.submit("film", "text_to_image", {**TINY, "seed": number}, quality="draft")
                for marks in range(20):
                    await studio.mark("film", task.task_id, favourite=marks % 2 == 0)

    async def stop() -> str:
        stopped.set()
        await working
        while (await studio.project("film")).counts.open:  # one that was begun again ends later than it was asked for
            await asyncio.sleep(0.05)
        task = await studio.submit("film", "text_to_image", TINY, quality="draft", metadata={"note": LAST})
        await studio.result("film", task.task_id)
        return task.task_id

    working = asyncio.create_task(work())
    try:
        yield stop
    finally:
        stopped.set()
        await asyncio.wait({working})


def wrong_in(heard: list[Event], log: list[Message]) -> str:
    """What of it is not the log: nothing, where each event came once and in order."""
    told, kept = [event.position for event in heard], [message["position"] for message in log]
    if [event.data for event in heard] == log:
        return ""
    twice = len(told) - len(set(told))
    return (
        f"{len(set(kept) - set(told))} of {len(kept)} lost, {twice} twice, in order: {told == sorted(told, key=_seq)}"
    )


def _seq(position: str | None) -> int:
    return int((position or "").rpartition("-")[2])


async def cut(service: Service, cutter: Cutter, over: Any, cuts: int) -> tuple[str, list[Event], Subscription]:
    """Follows a busy project over a line that is cut so often; what was wrong with what was heard."""
    heard: list[Event] = []
    cutter.cuts_left, cutter.repeat_old = cuts, 0.2
    async with AsyncAuteur(service.url) as near, AsyncAuteur(cutter.url, backoff=QUICK) as far:
        async with busy(near) as stop, far.open("film", after="0", over=over) as events:
            ending: asyncio.Task[str] | None = None
            async with awaited(f"the last event after {cuts} cuts", LONG_S + cuts):
                async for event in events:
                    if isinstance(event, Connected):
                        assert event.recovered, "nothing was lost"
                        continue
                    if isinstance(event, Queue):
                        continue
                    heard.append(event)
                    if cutter.cuts >= cuts and ending is None:
                        ending = asyncio.create_task(stop())  # type: ignore[arg-type]
                    if event.type == "complete" and event.data["metadata"].get("note") == LAST:
                        break
                if ending is not None:
                    await ending
        return wrong_in(heard, await service.events()), heard, events


@busy_service
@pytest.mark.parametrize("over", ["socket", "stream"])
@pytest.mark.timeout(3600)
async def test_however_often_the_line_is_cut_each_event_is_told_once_and_in_order(
    service: Service, cutter: Cutter, over: str
) -> None:
    wrong, heard, events = await cut(service, cutter, over, CUTS)
    assert wrong == ""
    assert cutter.cuts >= CUTS
    assert events.connections > CUTS // 2, "some were cut before they were there"
    assert cutter.repeated > 0, "the service was asked from an older position, and told again what was told"
    print(f"{over}: {cutter.cuts} cuts, {events.connections} connections, {len(heard)} events, "
          f"{cutter.repeated} times asked from an older position")  # fmt: skip


@busy_service
async def test_a_client_that_tells_twice_what_it_is_told_twice_is_found(
    service: Service, cutter: Cutter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "_is_behind", lambda position, last: True)
    wrong, _, _ = await cut(service, cutter, "socket", 10)
    assert "twice" in wrong
    assert ", 0 twice" not in wrong


@busy_service
async def test_a_client_that_comes_back_without_its_position_is_found(
    service: Service, cutter: Cutter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgetful(http: Http, project_id: str, after: str | None, heartbeat_s: float) -> Line:
        return await open_socket(http, project_id, after if after == "0" else None, heartbeat_s)

    monkeypatch.setitem(followed._LINES, "socket", forgetful)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="nothing was lost"):
        await cut(service, cutter, "socket", 10)


@pytest.mark.timeout(3600)
async def test_however_often_the_service_is_killed_each_event_is_told_once_and_in_order(tmp_path: Path) -> None:
    service = await Service(tmp_path, history_events=200_000, principal_requests_per_second=100_000).start()
    heard: list[Event] = []
    kills = 0
    async with AsyncExitStack() as ending, Cutter(int(service.url.rpartition(":")[2])) as way:
        ending.push_async_callback(lambda: service.kill())  # the one that is there then

        async def kill_and_restart() -> None:
            nonlocal service, kills
            await service.kill()
            service = await service.again()
            way.lead_to(int(service.url.rpartition(":")[2]))
            kills += 1

        async with (
            AsyncAuteur(way.url, backoff=QUICK, patience_s=LONG_S) as studio,
            busy(studio) as stop,
            studio.open("film", after="0") as events,
        ):
            harm: asyncio.Task[Any] | None = None
            last_kill = 0
            async with awaited(f"the last event after {KILLS} kills", LONG_S * (KILLS + 1)):
                async for event in events:
                    if isinstance(event, Connected):
                        assert event.recovered, "nothing was lost"
                        continue
                    if isinstance(event, Queue):
                        continue
                    heard.append(event)
                    if (harm is None or harm.done()) and len(heard) > last_kill + 40:
                        last_kill = len(heard)
                        if kills < KILLS:
                            harm = asyncio.create_task(kill_and_restart())
                        elif harm is None or harm.get_name() != "stop":
                            harm = asyncio.create_task(stop(), name="stop")  # type: ignore[arg-type]
                    if event.type == "complete" and event.data["metadata"].get("note") == LAST:
                        break
                assert harm is not None
                await harm
        assert kills == KILLS
        assert wrong_in(heard, await service.events()) == ""
        print(f"{kills} kills, {events.connections} connections, {len(heard)} events")


@busy_service
async def test_who_waits_without_asyncio_hears_the_same(service: Service, cutter: Cutter) -> None:
    cutter.cuts_left, cutter.repeat_old = 10, 0.2

    def follow() -> list[Event]:
        heard = []
        with Auteur(cutter.url, backoff=QUICK) as studio, studio.open("film", after="0") as events:
            for event in events:
                if not isinstance(event, Connected | Queue):
                    heard.append(event)
                    if event.type == "complete" and event.data["metadata"].get("note") == LAST:
                        break
        return heard

    async with AsyncAuteur(service.url) as near, busy(near) as stop:
        following = asyncio.create_task(asyncio.to_thread(follow))
        async with awaited("the cuts"):
            while cutter.cuts < 10:
                await asyncio.sleep(0.02)
        await stop()
        async with awaited("the last event"):
            heard = await following
    assert wrong_in(heard, await service.events()) == ""
