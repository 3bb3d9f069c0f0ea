"""A socket that is carried on when its application has returned: nothing of what led to it stays, its end is told."""

import asyncio
import gc
import json
import weakref
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request

from auteur.adapters.live.line import EXTENSION, SocketLine, text_frame
from auteur.domain.events import TaskStarted, TaskSucceeded
from auteur.domain.task import Artifact, TaskResult
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.edge.conversing import Gate, Inbox
from auteur.entrypoints.edge.sockets import SocketProtocol
from auteur.entrypoints.settings import load_settings
from tests.fakes import of, queued
from tests.waiting import awaited
from tests.websocket.serving import served

under: ContextVar[str] = ContextVar("under")


class Watched(dict[str, Any]):
    """A scope's state that can be referred to weakly."""


async def test_nothing_of_what_led_to_a_conversation_stays_as_long_as_it_does() -> None:
    led: list[weakref.ref[Any]] = []
    requests: list[Request] = []
    told: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = state = Watched(large=bytearray(1 << 20))
        led.append(weakref.ref(state))
        await receive()
        await send({"type": "websocket.accept"})
        line: SocketProtocol = scope["extensions"][EXTENSION]
        requests.append(line.request)
        under.set("this client")

        async def converse() -> None:
            while (message := await receive())["type"] == "websocket.receive":
                line.write(text_frame(f"{message['text']} {under.get()}"))

        line.at_end(lambda: told.append("first"))
        line.at_end(lambda: told.append("second"))
        line.carry_on(converse)

    async with awaited("the conversation"), served(app) as url:
        async with connect(url, compression=None) as client:
            for number in range(3):
                await client.send(str(number))
                assert await client.recv() == f"{number} this client", "in the task that it was opened in"
            gc.collect()
            assert led[0]() is None
            assert list(requests[0].headers.raw_items()) == [], "the parser keeps it"
            assert told == []
        while not told:
            await asyncio.sleep(0.001)
        assert told == ["second", "first"]


@pytest.mark.parametrize("how", ["refused", "fails", "fails to open", "returns"])
async def test_the_end_is_told_once_however_it_comes(how: str) -> None:
    told: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        line: SocketLine = scope["extensions"][EXTENSION]
        line.at_end(lambda: told.append("over"))

        def broken() -> None:
            raise RuntimeError("one that is told fails")

        line.at_end(broken)
        await receive()
        if how == "fails to open":
            raise RuntimeError(how)
        if how == "refused":
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept"})

        async def converse() -> None:
            assert told == []
            if how == "fails":
                raise RuntimeError(how)

        line.carry_on(converse)

    async with awaited("the end"), served(app) as url:
        with pytest.raises((InvalidStatus, ConnectionClosed)) as met:
            async with connect(url) as client:
                await client.recv()
        while not told:
            await asyncio.sleep(0.001)
        assert told == ["over"]
        if isinstance(met.value, ConnectionClosed):
            assert met.value.rcvd is not None
            assert met.value.rcvd.code == 1011, "a conversation that says no code has one"


async def test_an_open_socket_counts_and_is_told_links_as_it_was_reached(tmp_path: Path) -> None:
    """What middleware says of a socket holds when it has returned."""
    operator = "operator-" + "o" * 40
    container = build(
        load_settings(
            workspace_root=tmp_path, backend="memory", token=operator, principal_sockets=1, root_path="/studio"
        )
    )
    app = create_app(container, opened=True)
    async with awaited("the conversations"), lifetime(container), served(app) as url:
        secret, _ = await container.token_office().create("Ada", ["*"], ["read"], None)
        shown = {"Authorization": f"Bearer {secret}"}
        for _ in range(2):
            while True:  # until the one before has ended
                try:
                    client = await connect(f"{url}/studio/ws/film", additional_headers=shown)
                    break
                except InvalidStatus:
                    await asyncio.sleep(0.01)
            async with client:
                assert json.loads(await client.recv())["type"] == "connected"
                with pytest.raises(InvalidStatus) as second:
                    await connect(f"{url}/ws/film", additional_headers=shown)
                assert second.value.response.status_code == 429
                task_id = str(uuid4())
                frame = Artifact(
                    name="frame.png",
                    kind="image",
                    path=f"film/{task_id}/1/frame.png",
                    media_type="image/png",
                    size_bytes=9,
                    sha256="0" * 64,
                )
                made = TaskResult(engine="e", artifacts=(frame,), params={}, seed=1)
                for event in (
                    queued(task_id),
                    TaskStarted(**of(task_id), attempt=1, worker=container.worker().name),
                    TaskSucceeded(**of(task_id), attempt=1, result=made, duration_s=1.0),
                ):
                    await container.bus().publish(event)
                told = [json.loads(await client.recv()) for _ in range(3)]
                assert told[-1]["result"]["artifacts"][0]["url"].startswith("/studio/api/v1/")


async def test_messages_wait_in_order_and_none_is_lost_with_who_waited_for_it() -> None:
    inbox = Inbox()
    assert inbox.empty()
    waiting = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait({"number": 1})
    waiting.cancel()  # it has come already, and is not taken
    with pytest.raises(asyncio.CancelledError):
        await waiting
    inbox.put_nowait({"number": 2})
    assert not inbox.empty()
    assert [(await inbox.get())["number"] for _ in range(2)] == [1, 2]
    assert inbox.empty()
    later = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait({"number": 3})
    assert (await later)["number"] == 3
    assert inbox.empty()


async def test_a_gate_lets_all_through_that_wait_and_shuts_again() -> None:
    gate = Gate()
    assert gate.is_set()
    await gate.wait()
    for _ in range(2):
        gate.clear()
        gate.clear()
        waiting = [asyncio.create_task(gate.wait()) for _ in range(2)]
        await asyncio.sleep(0)
        assert not gate.is_set()
        assert not any(each.done() for each in waiting)
        gate.set()
        assert gate.is_set()
        await asyncio.gather(*waiting)
