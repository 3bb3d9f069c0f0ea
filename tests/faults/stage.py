"""Two replicas, a server, clients that come back, people who ask for tasks, and somebody who looks at their health."""

import asyncio
import contextlib
import itertools
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.e2e.studio import AS_IT_IS, Service, Worker
from tests.faults import bystander
from tests.faults.client import OPEN
from tests.faults.proxy import Proxy
from tests.faults.record import Asked, Cut, Heard, Probed, Record, Watched, now, place
from tests.servers import RedisServer
from tests.waiting import LONG_S

GONE_FOR_GOOD = 4400
FRAME = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 8, "seed": 1}
Fault = Callable[["Stage"], Awaitable[None]]


class Patience:
    """Lasts as long as something happens now and then: nothing for ``silence_s``, and it is at its end."""

    def __init__(self, silence_s: float) -> None:
        self._silence_s = silence_s
        self._last = (-1, now())

    def lasts(self, happened: int) -> bool:
        """``happened``: a number that grows with everything that happens."""
        if happened != self._last[0]:
            self._last = (happened, now())
        return now() - self._last[1] < self._silence_s


class Stage:
    """``planted``: a fault of the software itself, by its name in `planted`. ``sockets``: how many for each project and
    replica; ``settings``: of the replicas."""

    on = "replicas"

    def __init__(
        self,
        directory: Path,
        *,
        planted: str | None = None,
        projects: Sequence[str] = ("film-a", "film-b", "film-c"),
        sockets: int = 2,
        tasks_per_s: float = 4.0,
        **settings: object,
    ) -> None:
        self.directory = directory
        self.server = RedisServer(directory / "redis")
        self.settings = settings
        self.projects = projects
        self.sockets = sockets
        self.tasks_per_s = tasks_per_s
        self.planted = planted
        self.record = Record()
        self.proxies: list[Proxy] = []
        self.replicas: list[Service] = []
        self.workers: list[Worker] = []
        self.conversations: set[ClientConnection] = set()
        self._stack = contextlib.AsyncExitStack()
        self._actors: list[asyncio.Task[None]] = []
        self._authors: list[asyncio.Task[None]] = []
        self.patience_s = LONG_S
        """How long nothing has to happen at the end: a slow machine may take as long as it takes."""

    async def __aenter__(self) -> Self:
        self.server.start()
        self._stack.callback(self.server.stop)
        await self.open_replicas()
        return self

    async def open_replicas(self, until: str = "/health/ready") -> None:
        workspace = self.directory / "workspace"
        workspace.mkdir(exist_ok=True)
        module = ("tests.faults.planted", self.planted) if self.planted else AS_IT_IS
        for _ in range(2):
            proxy = await self._stack.enter_async_context(Proxy(self.server.port))
            self.proxies.append(proxy)
            self.replicas.append(Service(workspace, module=module, redis_url=proxy.url, **self.settings))
        await asyncio.gather(*(replica.start(until=until) for replica in self.replicas))
        for replica in self.replicas:
            self._stack.push_async_callback(replica.kill)

    async def __aexit__(self, *exc: object) -> None:
        for actor in [*self._actors, *self._authors]:
            actor.cancel()
        if self._actors or self._authors:
            await asyncio.wait([*self._actors, *self._authors])
        await self._stack.aclose()
        self.record.log = "\n".join(process.log for process in (*self.replicas, *self.workers))

    async def play(self, fault: Fault, *, lead_s: float = 1.5, settle_s: float = 1.5) -> Record:
        """Traffic, the fault in the midst of it, traffic, and the time for everything to end."""
        self._actors.append(asyncio.create_task(bystander.watch(self.record.waits)))
        for number in range(len(self.replicas)):
            self._actors.append(asyncio.create_task(self._probe(number)))
            for project in self.projects:
                for _ in range(self.sockets):
                    watched = Watched(project, number)
                    self.record.watched.append(watched)
                    self.watch(watched)
        asking = asyncio.create_task(self._ask_on())
        await asyncio.sleep(lead_s)
        if lead_s:
            await self._under_way()
        began = now()
        await fault(self)
        self.record.outage = (began, now())
        await asyncio.sleep(settle_s)
        asking.cancel()
        await asyncio.wait({asking})
        await self._all_ended()
        return self.record

    async def _under_way(self) -> None:
        """However slow the machine: something has happened in every project, and everybody is there and knows it. Who
        knows of nothing has no bookmark that an epoch could end, and would hear what others heard in the one before."""
        patience = Patience(LONG_S)
        while set(self.projects) - {watched.project for watched in self.record.watched if watched.events} or not all(
            place(self._bookmark(watched) or "")[0]
            for watched in self.record.watched
            if watched.replica in self.alive()
        ):
            assert patience.lasts(self._happened()), "not everybody came, or nothing was made"
            await asyncio.sleep(0.05)

    def _happened(self) -> int:
        """Grows with everything that anybody sees."""
        heard = sum(len(watched.seen) for watched in self.record.watched)
        return heard + sum(asked.accepted_at is not None for asked in self.record.asked)

    def alive(self) -> list[int]:
        """The replicas that run."""
        return [
            number
            for number, replica in enumerate(self.replicas)
            if replica.process is not None and replica.process.returncode is None
        ]

    def cut_clients(self) -> int:
        """Breaks every conversation without a word; how many there were."""
        cut, self.conversations = self.conversations, set()
        for conversation in cut:
            conversation.transport.abort()
        return len(cut)

    # --- clients ---------------------------------------------------------------------------------------------------

    def watch(self, watched: Watched) -> None:
        """Has another client come, and come back, until the end."""
        self._actors.append(asyncio.create_task(self._watch(watched)))

    async def _watch(self, watched: Watched) -> None:
        """A client as the README writes one: comes back with its bookmark, whatever happens."""
        position, closed_as = watched.bookmark, 0
        while len(self.replicas) <= watched.replica:
            await asyncio.sleep(0.01)
        while closed_as < GONE_FOR_GOOD:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                url = self.replicas[watched.replica].url.replace("http", "ws", 1)
                address = f"{url}/ws/{watched.project}" + (f"?after={position}" if position else "")
                async with connect(address, max_size=None, open_timeout=20, ping_interval=None) as socket:
                    self.conversations.add(socket)
                    try:
                        async for text in socket:
                            message = json.loads(text)
                            position = message.get("position", position)
                            if message["type"] != "queue":  # places are no events
                                watched.seen.append(Heard(now(), message))
                    finally:
                        self.conversations.discard(socket)
                        watched.seen.append(Cut(now(), socket.close_code))
                        closed_as = socket.close_code or 0
            await asyncio.sleep(random.uniform(0.05, 0.2))

    async def _ask_on(self) -> None:
        for project in itertools.cycle(self.projects):
            asked = Asked(project, str(uuid.uuid4()), now())
            self.record.asked.append(asked)
            self._authors.append(asyncio.create_task(self._ask(asked)))
            await asyncio.sleep(random.uniform(0.5, 1.5) / self.tasks_per_s)

    async def _ask(self, asked: Asked) -> None:
        """Asks with one key until the task is accepted, at whichever replica."""
        body = {"task_type": "text_to_image", "quality": "draft", "params": FRAME}
        # each time over another connection: a kept one may be ended, as it has been idle for long, just when it is used
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_keepalive_connections=0)) as http:
            while asked.accepted_at is None:
                replica = self.replicas[random.choice(self.alive() or [0])]
                began, status, again = now(), 0, False
                try:
                    response = await http.post(
                        f"{replica.url}/api/v1/projects/{asked.project}/tasks",
                        json=body,
                        headers={"Idempotency-Key": asked.key},
                    )
                except httpx.TransportError as error:
                    asked.lost.append(repr(error))
                else:
                    status, again = response.status_code, "retry-after" in response.headers
                    if status in (200, 202):
                        asked.sent_at, asked.accepted_at = began, now()
                        asked.task_id = response.json()["task_id"]
                        return
                asked.refused.append((began, now() - began, status, again))
                await asyncio.sleep(random.uniform(0.2, 0.6))

    async def _probe(self, number: int) -> None:
        async with httpx.AsyncClient(timeout=60) as http:
            while True:
                for path in ("/health/live", "/health/ready"):
                    began, status, causes = now(), 0, frozenset[str]()
                    with contextlib.suppress(httpx.TransportError):
                        answer = await http.get(f"{self.replicas[number].url}{path}")
                        status = answer.status_code
                        causes = frozenset(failing["code"] for failing in answer.json().get("failing", ()))
                    self.record.probed.append(Probed(began, now() - began, number, path, status, causes))
                await asyncio.sleep(0.1)

    async def _all_ended(self) -> None:
        """Waits until everything accepted has ended and everybody has heard it; the checks say if not."""
        patience = Patience(self.patience_s)
        while patience.lasts(self._happened()):
            states = await self._states()
            done = states and all(asked.accepted_at is not None for asked in self.record.asked)
            open_tasks = any(state["counts"][status] for _, state in states for status in OPEN)
            heads = {(number, state["project_id"]): state["position"] for number, state in states}
            behind = [
                watched
                for watched in self.record.watched
                if watched.replica in self.alive()
                and self._bookmark(watched) != heads.get((watched.replica, watched.project))
            ]
            if done and not open_tasks and not behind:
                break
            await asyncio.sleep(0.2)
        self.record.states = await self._states()
        for number, state in self.record.states:
            self.record.pages[number, state["project_id"]] = await self.pages(number, state["project_id"])

    @staticmethod
    def _bookmark(watched: Watched) -> Any:
        heard = [s for s in watched.seen if isinstance(s, Heard)]
        return heard[-1].message["position"] if heard else None

    async def _states(self) -> list[tuple[int, dict[str, Any]]]:
        states = []
        async with httpx.AsyncClient(timeout=60) as http:
            for number in self.alive():
                for project in self.projects:
                    with contextlib.suppress(httpx.TransportError):
                        response = await http.get(f"{self.replicas[number].url}/api/v1/projects/{project}")
                        if response.status_code == 200:
                            states.append((number, response.json()))
        return states

    async def pages(self, number: int, project: str) -> list[dict[str, Any]]:
        """All tasks that the replica knows of the project, as a client pages through them."""
        tasks: list[dict[str, Any]] = []
        cursor: str | None = ""
        async with self.replicas[number].http() as http:
            while cursor is not None:
                query = {"limit": 50} | ({"cursor": cursor} if cursor else {})
                answer = (await http.get(f"/api/v1/projects/{project}/tasks", params=query)).raise_for_status().json()
                tasks += answer["tasks"]
                cursor = answer["next"]
        return tasks
