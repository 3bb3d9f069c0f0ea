"""SIGTERM with nobody there, with clients that listen, with work in hand, and with clients that never read (P11)."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.studio import TINY, Listener, Service, endings
from tests.e2e.test_watching import open_sockets, stalled_socket
from tests.faults import bystander
from tests.faults.matrix import keep, long
from tests.faults.record import Waits, now
from tests.faults.site import Site, site_of
from tests.waiting import awaited

DRAIN_S, CONNECTIONS_S, MARGIN_S = 3.0, 3.0, 4.0
GRACE_S = DRAIN_S + CONNECTIONS_S + MARGIN_S
"""What is given work in hand, what connections are given after it, and what the rest of an orderly end may take."""

SETTINGS = {"shutdown_drain": DRAIN_S, "ws_messages_per_second": 1000, "engine_priority": "normal"}
SLOW = {**TINY, "steps": 200, "width_px": 256, "height_px": 256}
NOTE = {"note": "x" * 4000}


@pytest.fixture
async def site(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    async with site_of(request.param, tmp_path, **SETTINGS) as made:
        yield made


async def exit_s(process: Service) -> float:
    """How long a stop takes, to an exit code of 0."""
    began = time.monotonic()
    assert await process.stop() == 0
    return time.monotonic() - began


async def enough_to_stall(socket: Listener) -> None:
    """History enough that a client which does not read fills its buffers: the kernel's and ours."""
    for seed in range(50):
        await socket.ending(await socket.start({**TINY, "seed": seed}, metadata=NOTE))


SHORT = [("fleet", "busy")]
CASES = [(on, clients) for on in ("embedded", "replicas", "fleet") for clients in ("nobody", "idle", "busy", "stalled")]


@pytest.mark.parametrize(
    ("site", "clients"),
    [pytest.param(*case, marks=() if case in SHORT else long) for case in CASES],
    indirect=["site"],
)
@pytest.mark.timeout(900)
async def test_a_stop_tells_everybody_and_ends_within_its_grace(site: Site, clients: str) -> None:
    waits = Waits()
    watching = asyncio.create_task(bystander.watch(waits))
    running: str | None = None
    bookmark: str | None = None
    try:
        async with contextlib.AsyncExitStack() as stack:
            count = 0 if clients == "nobody" else 20
            listeners = [await stack.enter_async_context(site.service.socket()) for _ in range(count)]
            if clients == "stalled":
                await enough_to_stall(listeners[0])
                async with site.service.http() as http:
                    idle = await open_sockets(http)
                    for _ in range(20):
                        stack.callback((await stalled_socket(site.service)).close)
                    async with awaited("the stalled sockets to be open"):
                        while await open_sockets(http) < idle + 20:
                            await asyncio.sleep(0.05)
            if clients in ("busy", "stalled"):
                running = await listeners[0].start(SLOW)
                await listeners[0].wait(lambda m: m.get("task_id") == running and m.get("progress", 0) > 0)
            began = now()
            took = {"API exit, s": await exit_s(site.service)}
            codes = {await listener.closed() for listener in listeners}
            bookmark = listeners[0].heard[-1]["position"] if listeners else None
            if site.worker is not None:
                took["worker exit, s"] = await exit_s(site.worker)
            ended = now()
    finally:
        watching.cancel()
        await asyncio.wait({watching})
    left = await whole_again(site, running, bookmark)
    worst = {name: round(seconds, 1) for name, seconds in took.items()}
    limit_s = waits.limit_s(GRACE_S, began, ended)
    said = [f"P11 {name} {seconds}" for name, seconds in took.items() if seconds > limit_s]
    keep(f"SIGTERM, clients: {clients}", site.on, ["P1", "P3", "P6", "P11"], broken=said,
         figures={"P11": {**worst, "tasks without an owner": left}})  # fmt: skip
    assert codes <= {1012}, codes
    assert left == 0
    assert max(took.values()) <= limit_s, took


async def whole_again(site: Site, running: str | None, bookmark: str | None) -> int:
    """Starts it again; how many tasks are then without an owner: accepted, and not made."""
    await site.open()
    back = site.service
    if running is None:
        return 0
    async with back.socket(after=bookmark) as socket:
        await socket.ending(running)
        assert socket.heard[0]["recovered"] is True
        positions = [int(m["position"].rpartition("-")[2]) for m in socket.heard if m is not socket.heard[0]]
        first = int(socket.heard[0]["position"].rpartition("-")[2])
        assert positions == list(range(first + 1, first + 1 + len(positions)))
    found = endings(await back.events())
    return sum(ending != ["complete"] for ending in found.values())
