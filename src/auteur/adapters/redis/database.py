"""One Redis server: connections with deadlines, scripts bound to the server's run, and what fails there said once."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Self, TypeVar, cast

import structlog
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import ConnectionError, NoPermissionError, NoScriptError, RedisError

from auteur.adapters.background import within
from auteur.adapters.redis.address import RedisAddress
from auteur.adapters.redis.causes import UNSUPPORTED, Telling, no_permission, refused, translated, unavailable
from auteur.adapters.redis.line import Line
from auteur.adapters.redis.scripts import PROBE, RIGHTS, SCRIPTS, Script
from auteur.adapters.redis.server import risks_of, unsupported
from auteur.adapters.redis.subscriber import Subscriber
from auteur.domain.errors import BusUnavailableError, Cause

__all__ = ["RedisDatabase", "Script", "Subscriber"]  # what whoever speaks to Redis needs

log = structlog.get_logger(__name__)

T = TypeVar("T")

_CONNECTIONS = 32
_QUIET_S = 5.0
"""How long nothing must have failed before a server counts as mended."""
_LATE = no_permission("PUBLISH, so live events come late")


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
        self._may_write = ""  # the run at which our rights were tried
        self._line: Line | None = None
        self._told: set[Cause] = set()
        self._in_log = Telling(self._tell)
        self._late: Cause | None = None
        self._failed_at = 0.0

    @classmethod
    def at(cls, url: str, *, prefix: str = "auteur:project:", deadline_s: float = 1.5) -> Self:
        """A database at an address that `RedisAddress` reads. Raises `AddressError`."""
        patience = {"socket_timeout": deadline_s * 0.9, "socket_connect_timeout": deadline_s * 0.9}
        pool: Any = RedisAddress.parse(url).pool(ConnectionPool, **patience)
        client: Redis = Redis.from_pool(pool)
        database = cls(client, prefix=prefix, deadline_s=deadline_s)
        database._line = Line(pool.make_connection, deadline_s=deadline_s)
        return database

    async def __aenter__(self) -> Self:
        """Raises `BusUnavailableError` for a server that can never do; one that is away may yet come."""
        try:
            await self._in_time(lambda: self._know(PROBE))
        except BusUnavailableError as error:
            if error.cause in UNSUPPORTED:
                await self.__aexit__()
                raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        with contextlib.suppress(TimeoutError):  # what was given up puts its connection in order
            async with asyncio.timeout(self._deadline_s):
                for _ in range(_CONNECTIONS):
                    await self._free.acquire()
        if self._line is not None:
            await self._line.close()
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    async def describe(self) -> Mapping[str, Any]:
        """What the server says of itself (INFO). Raises `BusUnavailableError`."""
        return await self._in_time(self._client.info)

    def key(self, name: str) -> str:
        """A key that belongs to no project; no project's begins like it."""
        return f"{self._prefix}{name}"

    def new_token(self) -> str:
        """A name for a log that begins: alphanumeric, never the same twice."""
        return secrets.token_hex(4)

    async def evaluate(self, script: Script, keys: Sequence[str], *args: Any) -> tuple[str, Any]:
        """Runs the script; returns the server's run that answered, and the answer. Raises `BusUnavailableError`.

        Once, if it writes; a reading script is tried again over a connection that was cut. The run is eight letters
        that are others after every restart of the server.
        """
        return await self.evaluate_after((), script, keys, *args)

    async def evaluate_after(
        self, first: Sequence[Sequence[Any]], script: Script, keys: Sequence[str], *args: Any
    ) -> tuple[str, Any]:
        """The same after plain commands, in one trip with them. They may be done although the script is refused."""
        with self._in_log:
            answer = await self._evaluate_soon(script, keys, args, first)
        if not script.flags:  # one that the server would have refused if it could not be written
            self._tell_mended()
        return answer

    async def check_writable(self, channel: str = "") -> Cause | None:
        """Returns if what a submit does could be done now, after doing it in keys of its own.

        ``channel``: where events are rung for. A user without it keeps no task out, for readers find by themselves what
        is appended; it is said in the log, and returned. Raises `BusUnavailableError` with its cause.
        """
        _, answer = await self._in_time(lambda: self._evaluate(PROBE, *self._probe(channel)))
        cause = _refusal(answer)
        if cause is not None:
            self._tell(cause)
            raise unavailable(cause)
        self._tell_mended()
        late = _LATE if answer[0] == b"NO_CHANNEL" else None
        if late is not None and late != self._late:
            log.warning("redis can be used, but", code=late.code, cause=late.words)
        self._late = late
        return late

    async def _evaluate_soon(
        self, script: Script, keys: Sequence[str], args: Sequence[Any], first: Sequence[Sequence[Any]]
    ) -> tuple[str, Any]:
        """With whatever else is asked now, where nothing need be found out before."""
        run, digest = self._run, self._digests.get(script.name)
        if run and digest is not None and (script.reads or self._may_write == run):
            called = ("EVALSHA", digest, len(keys), *keys, *args)
            try:
                *_, answer = await self._ask(*first, called)
            except NoPermissionError:
                self._may_write = ""  # taken from us since
                raise
            except NoScriptError:  # refused before it ran: a restarted server, or somebody flushed its scripts
                self._run = ""
            except (ConnectionError, BusUnavailableError):
                if not script.reads:
                    raise
            else:
                return run, answer
        elif first:
            await self._ask(*first)
        return await self._in_time(lambda: self._evaluate(script, keys, args))

    async def _evaluate(self, script: Script, keys: Sequence[str], args: Sequence[Any]) -> tuple[str, Any]:
        cuts_left = 2 if script.reads else 0
        while True:
            try:
                run, digest = await self._know(script)
                if not script.reads and script is not PROBE and self._may_write != run:
                    await self._try_rights()
                return run, await self._client.evalsha(digest, len(keys), *keys, *args)
            except NoPermissionError:
                self._may_write = ""  # taken from us since
                raise
            except NoScriptError:  # refused before it ran: a restarted server, or somebody flushed its scripts
                self._run = ""
            except ConnectionError:
                if not cuts_left:
                    raise
                cuts_left -= 1

    async def _try_rights(self) -> None:
        """Before the first write: a script that lacks a right half-way would leave half of what it writes."""
        run, digest = await self._know(RIGHTS)
        keys, args = self._probe("")
        cause = _refusal(await self._client.evalsha(digest, len(keys), *keys, *args))
        if cause is not None:
            raise unavailable(cause)
        self._may_write = run

    def _probe(self, channel: str) -> tuple[list[str], list[str]]:
        """Keys and arguments of `probe.lua`; no project has an empty id."""
        keys = [self.key("health"), f"{self._prefix}{{}}:health", self.key("queue:health")]
        return keys, [f"{channel}:{{}}" if channel else ""]

    async def execute(self, *commands: Sequence[Any]) -> list[Any]:
        """Sends plain commands together; returns their answers. Raises `BusUnavailableError`."""
        with self._in_log:
            return await self._ask(*commands)

    async def _ask(self, *commands: Sequence[Any]) -> list[Any]:
        """The answers to the commands, which are done in their order, all of them. Raises the first error that is
        answered, or what keeps the server from answering."""
        if self._line is None:
            pipeline = self._client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return await within(self._deadline_s, lambda: self._in_turn(pipeline.execute))
        answers = await self._line.ask(commands)
        for number, (command, answer) in enumerate(zip(commands, answers, strict=True)):
            if isinstance(answer, Exception):
                raise answer
            if (read := self._client.response_callbacks.get(command[0])) is not None:
                answers[number] = read(answer)
        return answers

    async def claim(self, name: str, for_s: float) -> bool:
        """True for the first of all processes that claims the name, until the time is over.

        Raises `BusUnavailableError`.
        """
        (first,) = await self.execute(("SET", self.key(f"claim:{name}"), "1", "NX", "PX", int(for_s * 1000)))
        return first is not None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Subscriber]:
        """A connection of its own that hears channels. Raises `BusUnavailableError`."""
        connection: Any = cast("Any", self._client.connection_pool).make_connection()
        try:
            with translated():
                async with asyncio.timeout(self._deadline_s):
                    await connection.connect()
            yield Subscriber(connection, self._deadline_s)
        except BusUnavailableError as error:
            if error.cause is not None and error.cause.code == "no_permission":  # a lost connection is no such trouble
                self._tell(error.cause)
            raise
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
                        load = server.script_load
                        digests = {known.name: await load(self._text(known, run)) for known in SCRIPTS.values()}
                    self._run, self._digests = run, digests  # together: nobody answers for a run with another's script
        return self._run, self._digests[script.name]

    async def _ask_run(self, server: Redis) -> str:
        found = await server.info()
        if (cause := unsupported(found)) is not None:
            raise unavailable(cause)
        for risk in risks_of(found):
            log.warning(risk)
        return str(found["run_id"])[:8]

    def _text(self, script: Script, run: str) -> str:
        return script.text(run)

    async def _in_time(self, work: Callable[[], Awaitable[T]]) -> T:
        """The work's outcome, within the deadline. If it is given up, or its caller is cancelled, its connection is put
        in order behind the caller's back."""
        with self._in_log:
            return await within(self._deadline_s, lambda: self._in_turn(work))

    async def _in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        async with self._free:
            try:
                return await work()
            except RuntimeError as error:  # uvloop's word for a transport that was closed under the hands of redis-py
                raise ConnectionError("the transport is closed") from error

    def _tell(self, cause: Cause) -> None:
        """Says in the log what is wrong, once until it is mended: every request, timer and probe meets it."""
        self._failed_at = time.monotonic()
        if cause not in self._told:
            self._told.add(cause)
            log.warning("redis cannot be used", code=cause.code, cause=cause.words)

    def _tell_mended(self) -> None:
        if self._told and time.monotonic() - self._failed_at > _QUIET_S:
            log.info("redis can be used again", after=sorted(cause.code for cause in self._told))
            self._told.clear()


def _refusal(answer: Sequence[bytes]) -> Cause | None:
    """Why `probe.lua` did not come through, None if it did."""
    if answer[0] != b"REFUSED":
        return None
    return refused(*[part.decode("utf-8", "replace") for part in answer[1:]])
