"""One Redis server: connections with deadlines, scripts bound to the server's run, and its errors translated."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self, TypeVar, cast

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError, NoScriptError, OutOfMemoryError, RedisError

from auteur.adapters.background import within
from auteur.domain.errors import BusUnavailableError

log = structlog.get_logger(__name__)

T = TypeVar("T")

_CONNECTIONS = 32
_PING_S = 1.0


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script made of files in ``package``. ``flags``: what the server must know of it beforehand."""

    package: str
    name: str
    flags: str
    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        _SCRIPTS[self.name] = self

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.flags == "no-writes"

    def text(self, run: str) -> str:
        """The script for one run of a server: a restarted one does not know it, and so nobody misses the restart."""
        source = resources.files(self.package)
        parts = [(source / f"{part}.lua").read_text(encoding="utf-8") for part in self.parts]
        flags = f" flags={self.flags}" if self.flags else ""
        return "\n".join([f"#!lua{flags}", f"local RUN = '{run}'", *parts])


_SCRIPTS: dict[str, Script] = {}
"""Every script there is: those who speak to the server write them beside their own code."""


class RedisDatabase:
    """The server behind ``client``, under keys that begin with ``prefix``. Nothing is sent before the first call.

    Every call ends within ``deadline_s``, waiting for a connection included, and is tried once: a write whose answer
    was lost may have happened. ``prefix``: the story's ``auteur:project:``. One project's keys share a hash tag, and
    so one slot of a cluster.
    """

    def __init__(self, client: Redis, *, prefix: str = "auteur:project:", deadline_s: float = 1.5) -> None:
        self._client = client
        self._prefix = prefix
        self._deadline_s = deadline_s
        self._free = asyncio.Semaphore(_CONNECTIONS)
        self._learning = asyncio.Lock()
        self._run = ""
        self._digests: dict[str, str] = {}

    @classmethod
    def at(cls, url: str, *, prefix: str = "auteur:project:", deadline_s: float = 1.5) -> Self:
        """A database at a ``redis://``, ``rediss://`` or ``unix://`` address."""
        client: Redis = Redis.from_url(
            url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
            socket_timeout=deadline_s * 0.9,
            socket_connect_timeout=deadline_s * 0.9,
            socket_keepalive=True,
        )
        return cls(client, prefix=prefix, deadline_s=deadline_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        with contextlib.suppress(TimeoutError):  # what was given up puts its connection in order
            async with asyncio.timeout(self._deadline_s):
                for _ in range(_CONNECTIONS):
                    await self._free.acquire()
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    async def describe(self) -> Mapping[str, Any]:
        """What the server says of itself (INFO). Raises `BusUnavailableError`."""
        return await self._in_time(self._client.info)

    def key(self, name: str) -> str:
        """A key that belongs to no project; no project's begins like it."""
        return f"{self._prefix}{name}"

    def keys_of(self, project_id: str) -> list[str]:
        """The keys of one project, as `project.lua` numbers them."""
        return [f"{self._prefix}{{{project_id}}}:{name}" for name in ("meta", "log", "state", "open", "ended")]

    def new_token(self) -> str:
        """A name for a log that begins: alphanumeric, never the same twice."""
        return secrets.token_hex(4)

    async def evaluate(self, script: Script, keys: Sequence[str], *args: Any) -> tuple[str, Any]:
        """Runs the script; returns the server's run that answered, and the answer. Raises `BusUnavailableError`.

        Once, if it writes; a reading script is tried again over a connection that was cut. The run is eight letters
        that are others after every restart of the server.
        """
        return await self._in_time(lambda: self._evaluate(script, keys, args))

    async def _evaluate(self, script: Script, keys: Sequence[str], args: Sequence[Any]) -> tuple[str, Any]:
        cuts_left = 2 if script.reads else 0
        while True:
            try:
                run, digest = await self._know(script)
                return run, await self._client.evalsha(digest, len(keys), *keys, *args)
            except NoScriptError:  # refused before it ran: a restarted server, or somebody flushed its scripts
                self._run = ""
            except ConnectionError:
                if not cuts_left:
                    raise
                cuts_left -= 1

    async def execute(self, *commands: Sequence[Any]) -> list[Any]:
        """Sends plain commands together; returns their answers. Raises `BusUnavailableError`."""
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return await self._in_time(pipeline.execute)

    async def claim(self, name: str, for_s: float) -> bool:
        """True for the first of all processes that claims the name, until the time is over.

        Raises `BusUnavailableError`.
        """
        (first,) = await self.execute(("SET", self.key(f"claim:{name}"), "1", "NX", "PX", int(for_s * 1000)))
        return first is not None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Subscriber"]:
        """A connection of its own that hears channels. Raises `BusUnavailableError`."""
        connection: Any = cast("Any", self._client.connection_pool).make_connection()
        try:
            with _translated():
                async with asyncio.timeout(self._deadline_s):
                    await connection.connect()
            yield Subscriber(connection, self._deadline_s)
        finally:
            with contextlib.suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)

    async def _know(self, script: Script) -> tuple[str, str]:
        """The server's run, and the script's digest there. Both are asked on one connection, and so of one server."""
        if not self._run or script.name not in self._digests:
            async with self._learning:
                if not self._run or script.name not in self._digests:
                    async with self._client.client() as server:
                        run = await self._ask_run(server)
                        for known in _SCRIPTS.values():
                            self._digests[known.name] = await server.script_load(self._text(known, run))
                    self._run = run
        return self._run, self._digests[script.name]

    async def _ask_run(self, server: Redis) -> str:
        found = await server.info()
        for risk in risks_of(found):
            log.warning(risk)
        return str(found["run_id"])[:8]

    def _text(self, script: Script, run: str) -> str:
        return script.text(run)

    async def _in_time(self, work: Callable[[], Awaitable[T]]) -> T:
        """The work's outcome, within the deadline. If it is given up, or its caller is cancelled, its connection is put
        in order behind the caller's back."""
        with _translated():
            return await within(self._deadline_s, lambda: self._in_turn(work))

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        async with self._free:
            try:
                return await work()
            except RuntimeError as error:  # uvloop's word for a transport that was closed under the hands of redis-py
                raise ConnectionError("the transport is closed") from error


class Subscriber:
    """Hears channels until the connection is lost."""

    def __init__(self, connection: Any, deadline_s: float) -> None:
        self._connection = connection
        self._deadline_s = deadline_s

    async def tune(self, *, to: Collection[str] = (), out_of: Collection[str] = ()) -> None:
        """Begins to hear channels, and ceases to hear others. Raises `BusUnavailableError`."""
        for command, channels in (("SUBSCRIBE", to), ("UNSUBSCRIBE", out_of)):
            if channels:
                await self._send(command, *channels)

    async def messages(self) -> AsyncGenerator[tuple[str, bytes | None], None]:
        """Channels with what is said on them. None: from here on nothing is missed there.

        Raises `BusUnavailableError` when the connection is lost or the server does not answer any more.
        """
        while True:
            with _translated():
                answer = await self._connection.read_response(timeout=_PING_S)
            if answer is None:  # a silence: is anybody there?
                await self._send("PING")
                with _translated():
                    answer = await self._connection.read_response()
            if isinstance(answer, list) and answer[0] == b"message":
                yield answer[1].decode(), answer[2]
            elif isinstance(answer, list) and answer[0] == b"subscribe":
                yield answer[1].decode(), None

    async def _send(self, *words: str) -> None:
        with _translated():
            await within(self._deadline_s, lambda: self._connection.send_command(*words, check_health=False))


def risks_of(server: Mapping[str, Any]) -> list[str]:
    """How a server, by what it says of itself, may lose what was accepted."""
    risks = []
    if not server.get("aof_enabled"):
        risks.append("redis keeps no append-only file, so what it holds is lost when it stops: set appendonly yes")
    if server.get("maxmemory_policy", "noeviction") != "noeviction":
        risks.append("redis evicts what it holds when it is full: set maxmemory-policy noeviction")
    return risks


@contextlib.contextmanager
def _translated() -> Any:
    """Redis' errors end here: every one is `BusUnavailableError`, with words that show nothing of the inside."""
    try:
        yield
    except OutOfMemoryError as error:
        raise BusUnavailableError("The event log is full; no new work can be taken.") from error
    except (RedisError, OSError, TimeoutError, EOFError) as error:
        if isinstance(error, AuthenticationError):
            log.error("redis refuses the credentials")
        raise BusUnavailableError("The event log cannot be reached now.") from error
