"""The shortest way out of a socket: had while nothing waits, and never behind a close frame."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from auteur.adapters.live.line import EXTENSION, Write, text_frame
from auteur.entrypoints.edge.sockets import SocketProtocol
from tests.waiting import awaited
from tests.websocket.serving import served

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@asynccontextmanager
async def line() -> AsyncIterator[tuple[SocketProtocol, ClientConnection]]:
    """A served socket's line, and its client."""
    opened: asyncio.Future[SocketProtocol] = asyncio.get_running_loop().create_future()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        opened.set_result(scope["extensions"][EXTENSION])
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async with (
        served(app, sent_bytes=64 << 10) as url,
        connect(url, compression=None, max_queue=1, ping_interval=None) as client,
    ):
        yield await opened, client


@pytest.mark.parametrize("loop", LOOPS)
def test_what_waits_takes_the_shortest_way_until_nothing_does(loop: str) -> None:
    async def tried() -> None:
        async with awaited("what is written"), line() as (served, client):
            told: list[Write | None] = []
            write = served.direct(told.append)
            assert write is not None
            frame = text_frame("x" * (32 << 10))
            written = 0
            while not told:
                assert not served.waiting(), "as soon as something waits it is told"
                write(frame)
                written += 1
            assert told == [None], "told once, amid the write that had no room"
            assert served.waiting()
            waited = asyncio.create_task(served.fallen_to(served.waiting() - 1))
            for _ in range(written):
                assert len(await client.recv()) == 32 << 10
            await waited
            while len(told) < 2:
                await asyncio.sleep(0.001)
            assert not served.waiting()
            assert [way is not None for way in told] == [False, True]
            assert served.direct(None) is not None

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(tried())


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("by", ["the client", "us", "a lost connection"])
def test_nothing_follows_a_close_frame(loop: str, by: str) -> None:
    async def tried() -> None:
        async with awaited("the end"), line() as (served, client):
            told: list[Write | None] = []
            assert served.direct(told.append) is not None
            if by == "us":
                served.hang_up(1012)
                assert told == [None], "at once"
            elif by == "the client":
                closing = asyncio.create_task(client.close())
            else:
                client.transport.abort()
            while not told:
                await asyncio.sleep(0)
            assert told == [None]
            assert served.direct(None) is None
            served.write(text_frame("too late"))
            await client.wait_closed()
            with suppress(ConnectionClosed):
                pytest.fail(f"heard behind it: {await client.recv()!r}")
            if by == "the client":
                await closing

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(tried())
