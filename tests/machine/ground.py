"""A real service that a machine drives step by step: an event loop of its own, who listens, and what was heard.

The machine's rules are plain functions, as Hypothesis wants them; what needs an event loop runs in a thread that has
one. Nothing here looks into the service: it is asked over HTTP, and listened to over WebSocket and SSE.
"""

import asyncio
import contextlib
import json
import threading
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.e2e.studio import AS_IT_IS, Service
from tests.faults.record import Cut, Heard, Record, Watched, now
from tests.servers import RedisServer

PATIENCE_S = 120.0
Result = TypeVar("Result")


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ground", daemon=True)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(PATIENCE_S * 2)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Listener:
    """One client that only listens, on a socket or a stream, and comes back with its bookmark when it is told to."""

    def __init__(self, service: Service, watched: Watched, kind: str) -> None:
        self._service = service
        self._kind = kind
        self.watched = watched
        self._listening: asyncio.Task[None] | None = None

    @property
    def position(self) -> str | None:
        heard = [seen for seen in self.watched.seen if isinstance(seen, Heard)]
        return heard[-1].message["position"] if heard else self.watched.bookmark

    @property
    def is_here(self) -> bool:
        return self._listening is not None and not self._listening.done()

    async def come(self) -> None:
        """Connects, and returns when it was greeted or turned away."""
        greeted = asyncio.Event()
        listen = self._on_socket if self._kind == "socket" else self._on_stream
        self._listening = asyncio.create_task(listen(greeted))
        waiting = asyncio.create_task(greeted.wait())
        await asyncio.wait({self._listening, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE_S)
        waiting.cancel()

    async def go(self) -> None:
        """Leaves in mid-word: what was on its way is lost."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
            if not self._listening.cancelled():
                self._listening.result()  # what a listener could not make sense of
            self._listening = None
            self.watched.seen.append(Cut(now()))

    def _hear(self, text: str, greeted: asyncio.Event) -> None:
        message = json.loads(text)
        if message.get("position") is not None:
            self.watched.seen.append(Heard(now(), message))
            greeted.set()

    async def _on_socket(self, greeted: asyncio.Event) -> None:
        address = f"{self._service.url.replace('http', 'ws', 1)}/ws/{self.watched.project}"
        address += f"?after={self.position}" if self.position else ""
        with contextlib.suppress(WebSocketException, OSError):
            async with connect(address, max_size=None, open_timeout=PATIENCE_S) as socket:
                async for text in socket:
                    self._hear(str(text), greeted)

    async def _on_stream(self, greeted: asyncio.Event) -> None:
        url = f"/api/v1/projects/{self.watched.project}/events"
        headers = {"Last-Event-ID": self.position} if self.position else {}
        with contextlib.suppress(httpx.TransportError):
            async with self._service.http() as http, http.stream("GET", url, headers=headers) as stream:
                event_id = None
                async for line in stream.aiter_lines():
                    if line.startswith("id: "):
                        event_id = line[4:]
                    elif not line:
                        event_id = None
                    elif line.startswith("data: "):
                        assert json.loads(line[6:]).get("position") == event_id, "an event's id is not its position"
                        self._hear(line[6:], greeted)


class Speaker:
    """A socket that says something, and waits for the answer to it."""

    def __init__(self, service: Service, project: str) -> None:
        self._service = service
        self._project = project

    async def say(self, type_: str, message_id: str, until: str | None = None, **content: Any) -> dict[str, Any]:
        """The answer. ``until``: its type, where events that answer too come before it; or that of the event of the
        task that is the only answer."""
        address = f"{self._service.url.replace('http', 'ws', 1)}/ws/{self._project}"
        async with asyncio.timeout(PATIENCE_S), connect(address, max_size=None, open_timeout=PATIENCE_S) as socket:
            await socket.send(json.dumps({"id": message_id, "type": type_, **content}))
            return await self._answer(socket, message_id, until, content.get("task_id"))

    @staticmethod
    async def _answer(socket: ClientConnection, message_id: str, until: str | None, task_id: Any) -> dict[str, Any]:
        async for text in socket:
            message: dict[str, Any] = json.loads(text)
            is_reply = message.get("reply_to") == message_id
            if is_reply and message["type"] in (until or message["type"], "error"):
                return message
            if task_id is not None and (message["type"], message.get("task_id")) == (until, task_id):
                return message
        raise AssertionError("the socket ended without an answer")


class Ground:
    """``mode``: embedded, or a fleet of two replicas on one Redis; ``planted``: a fault of the software itself.
    `services` are those that are asked."""

    def __init__(self, directory: Path, mode: str, *, planted: str | None = None) -> None:
        self.loop = Loop()
        self._directory = directory
        self._module = ("tests.machine.planted", planted) if planted else AS_IT_IS
        self._server = RedisServer(directory / "redis") if mode == "fleet" else None
        self.services: list[Service] = []
        self.listeners: list[Listener] = []
        self.record = Record()
        self.log = ""

    def open(self) -> None:
        workspace = self._directory / "workspace"
        workspace.mkdir(parents=True)
        settings: dict[str, object] = {"log_level": "WARNING", "worker_lease": 2}
        if self._server is not None:
            self._server.start()
            settings["redis_url"] = self._server.url
        for _ in range(1 if self._server is None else 2):
            service = Service(workspace, module=self._module, **settings)
            self.services.append(service)
            self.loop.run(service.start())

    def close(self) -> None:
        for service in self.services:
            self.loop.run(service.kill())
            self.log += service.log
        if self._server is not None:
            self._server.stop()
        self.loop.close()

    def ask(self, number: int, method: str, path: str, **content: Any) -> httpx.Response:
        """One request of one replica."""
        return self.loop.run(self._ask(number, method, path, **content))

    async def _ask(self, number: int, method: str, path: str, **content: Any) -> httpx.Response:
        async with self.services[number].http() as http:
            return await http.request(method, path, **content)

    def say(self, number: int, project: str, type_: str, **content: Any) -> dict[str, Any]:
        message_id = content.pop("message_id", None) or str(uuid.uuid4())
        return self.loop.run(Speaker(self.services[number], project).say(type_, message_id, **content))

    def listen(self, number: int, project: str, kind: str, bookmark: str | None) -> Listener:
        watched = Watched(project, number, bookmark)
        self.record.watched.append(watched)
        listener = Listener(self.services[number], watched, kind)
        self.listeners.append(listener)
        self.loop.run(listener.come())
        return listener

    def kill_and_restart(self, number: int) -> None:
        """As a crash would, at the same address."""
        service = self.services[number]
        self.loop.run(service.kill())
        service.port = service.url.rpartition(":")[2]
        self.log += service.log
        service.log = ""
        self.loop.run(service.start())
