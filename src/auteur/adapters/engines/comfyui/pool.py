"""Several ComfyUI servers as one: who is up, who has what a workflow needs, who is the least busy.

A server is asked when a task wants it, not all the time. One that went down is asked anew in the background; when it is
back, what it can do is read anew, and prompts of tasks that went on elsewhere are stopped there.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import structlog

from auteur.adapters.background import end
from auteur.adapters.engines.comfyui.client import ComfyClient, ServerAwayError
from auteur.adapters.engines.comfyui.needs import lacking
from auteur.adapters.engines.comfyui.states import Ended, Standing
from auteur.domain.errors import HandlerError

log = structlog.get_logger(__name__)

_QUICK_S, _WHOLE_S = 10.0, 60.0
_FRESH_S = 0.5
_READ_AGAIN_S = 300.0
_STRAY_S, _MOST_STRAYS = 2.0, 200

Workflow = Mapping[str, Mapping[str, Any]]


@dataclass(eq=False)
class Server:
    """One server. ``slots``: how many prompts of ours it holds at a time; ``queue``: how many of everybody's it had
    when it was asked last."""

    client: ComfyClient
    slots: int
    busy: int = 0
    queue: int = 0
    up: bool = False
    reason: str = "it has not answered yet"
    system: Mapping[str, Any] = field(default_factory=dict)
    object_info: Mapping[str, Any] = field(default_factory=dict)
    asked_at: float = float("-inf")
    read_at: float = float("-inf")
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> str:
        """Its address, without what may be secret in its url."""
        parts = urlsplit(self.client.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @property
    def version(self) -> str:
        """Of ComfyUI, as it says itself."""
        return str((self.system.get("system") or {}).get("comfyui_version") or "unknown")

    @property
    def devices(self) -> list[str]:
        """What it computes on."""
        return [str(device.get("name")) for device in self.system.get("devices") or () if isinstance(device, dict)]

    async def ask(self) -> None:
        """Finds out whether it is up and how busy; all that it can do where that is unknown or old. Never raises."""
        async with self.asking:
            now = time.monotonic()
            if now - self.asked_at < _FRESH_S:
                return
            is_whole = not self.up or now - self.read_at > _READ_AGAIN_S
            try:
                async with asyncio.timeout(_WHOLE_S if is_whole else _QUICK_S):
                    self.queue = await self.client.queue_remaining()
                    if is_whole:
                        self.client.forget_version()
                        self.system = await self._told(self.client.system())
                        self.object_info = await self._told(self.client.object_info())
                        self.read_at = time.monotonic()
            except TimeoutError:
                self.is_away("it does not answer in time")
            except ServerAwayError as error:
                self.is_away(
                    "nobody answers there" if error.refused else f"it does not answer as ComfyUI does: {error}"
                )
            else:
                if not self.up:
                    log.info("a ComfyUI server is up", server=self.name, version=self.version)
                self.up, self.reason = True, ""
            self.asked_at = time.monotonic()

    @staticmethod
    async def _told(answer: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        """The answer; nothing where a proxy before the server does not let that question through."""
        try:
            return await answer
        except ServerAwayError as error:
            if not error.answered:
                raise
            return {}

    def is_away(self, reason: str) -> None:
        """Notes that it does not answer."""
        if self.up:
            log.warning("a ComfyUI server is away", server=self.name, reason=reason)
        self.up, self.reason = False, reason

    def lacks(self, workflow: Workflow, filled_later: Collection[tuple[str, str]]) -> list[str]:
        """What the workflow needs and the server has not, a line each; nothing where it does not say what it has."""
        return lacking(workflow, self.object_info, filled_later) if self.object_info else []


class ServerPool:
    """The servers. ``patience_s``: how long a task waits for one to be up. Open it as a context manager."""

    def __init__(self, servers: Sequence[Server], patience_s: float) -> None:
        self.servers = tuple(servers)
        self.patience_s = patience_s
        self._stack = AsyncExitStack()
        self._freed = asyncio.Condition()
        self._beside: set[asyncio.Task[None]] = set()
        self._asking: dict[Server, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        for server in self.servers:
            await self._stack.enter_async_context(server.client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await end(self._beside)
        await self._stack.aclose()

    @property
    def is_open(self) -> bool:
        """Whether its servers can be asked now."""
        return all(server.client.is_open for server in self.servers)

    async def ask_all(self, limit_s: float) -> None:
        """Asks every server, at the same time; one that is slow stays as it is known, and is asked on."""
        await asyncio.wait([self._asked(server) for server in self.servers], timeout=limit_s)

    @asynccontextmanager
    async def reserve(
        self,
        workflow: Workflow,
        filled_later: Collection[tuple[str, str]],
        avoid: Collection[Server],
        on_wait: Callable[[str], None],
    ) -> AsyncIterator[Server]:
        """The least busy server that is up and has what the workflow needs, one of its slots held meanwhile; those to
        ``avoid`` only where there is no other. ``on_wait``: told why there is none yet.

        Raises `HandlerError` where none is up within the patience, to be tried again, or where none has what is needed.
        """
        server = await self._choose(workflow, filled_later, avoid, on_wait)
        try:
            yield server
        finally:
            server.busy -= 1
            async with self._freed:
                self._freed.notify_all()

    async def _choose(
        self,
        workflow: Workflow,
        filled_later: Collection[tuple[str, str]],
        avoid: Collection[Server],
        on_wait: Callable[[str], None],
    ) -> Server:
        waits_since = time.monotonic()
        while True:
            await asyncio.gather(*(server.ask() for server in self.servers if server.up))
            asked = [self._asked(server) for server in self.servers if not server.up]
            fit = [server for server in self.servers if server.up and not server.lacks(workflow, filled_later)]
            free = [server for server in fit if server.busy < server.slots]
            free = [server for server in free if server not in avoid] or ([] if set(fit) - set(avoid) else free)
            if free:
                server = min(free, key=lambda server: (max(server.queue, server.busy), server.busy))
                server.busy += 1  # before anything is awaited: the next that chooses sees it
                return server
            if fit:
                on_wait("Waiting for a ComfyUI server that has room.")
                await self._room(1.0)
                waits_since = time.monotonic()
                continue
            waited_s = time.monotonic() - waits_since
            if waited_s > self.patience_s or (not asked and all(server.up for server in self.servers)):
                raise self._why_none(workflow, filled_later)
            on_wait("Waiting for a ComfyUI server that is up.")
            if asked:
                await asyncio.wait(asked, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            if not any(server.up for server in self.servers):
                await asyncio.sleep(_FRESH_S)

    async def _room(self, limit_s: float) -> None:
        """Returns when a slot was given back, or after the limit."""
        try:
            async with asyncio.timeout(limit_s), self._freed:
                await self._freed.wait()
        except TimeoutError:
            pass

    def _why_none(self, workflow: Workflow, filled_later: Collection[tuple[str, str]]) -> HandlerError:
        lacks = {server.name: server.lacks(workflow, filled_later) for server in self.servers if server.up}
        if not lacks:
            return HandlerError("No ComfyUI server answers; the operator's page says why.", retryable=True)
        least = min(lacks.values(), key=len)
        more = f", and {len(least) - 3} more" if len(least) > 3 else ""
        return HandlerError(f"No ComfyUI server has what this needs: {'; '.join(least[:3])}{more}.", lacking=least[:20])

    def has_other(self, server: Server, workflow: Workflow, filled_later: Collection[tuple[str, str]]) -> bool:
        """Whether another server that is up could do the work."""
        others = (other for other in self.servers if other is not server and other.up)
        return any(not other.lacks(workflow, filled_later) for other in others)

    def disown(self, server: Server, prompt_id: str) -> None:
        """Has a prompt stopped whose result nobody waits for any more, as soon as its server answers."""
        if len(self._beside) < _MOST_STRAYS:
            self._in_background(self._stop_stray(server, prompt_id))

    async def _stop_stray(self, server: Server, prompt_id: str) -> None:
        while True:
            try:
                state = await server.client.state(prompt_id)
                if isinstance(state, Ended) or state is Standing.UNKNOWN:
                    return
                await server.client.cancel(prompt_id)
            except ServerAwayError as error:
                if error.refused and len(self.servers) == 1:
                    return  # what it held in memory is gone with it
            await asyncio.sleep(_STRAY_S)

    def _asked(self, server: Server) -> "asyncio.Task[None]":
        """The server being asked, beside everything else: one that does not answer keeps nobody waiting."""
        asking = self._asking.get(server)
        if asking is None or asking.done():
            asking = self._asking[server] = self._in_background(server.ask())
        return asking

    def _in_background(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task
