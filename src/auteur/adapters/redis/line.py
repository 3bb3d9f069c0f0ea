"""One connection that all callers of a process share, each with its own answer.

redis-py lends each command a connection of its own: a write, a task and two timers each. Here what is asked in one turn
of the loop goes out in one write, and answers are handed out as they come, in the order in which they were asked for.
redis-py makes the connection (TLS, password, database), and knows what errors mean.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis.asyncio.connection import DefaultParser
from redis.exceptions import ConnectionError, RedisError

Command = Sequence[Any]

_NOT_YET = object()


class _Asked:
    """What one caller has asked together: its answers as they come, and who waits for all of them."""

    __slots__ = ("_answers", "_count", "waiting")

    def __init__(self, waiting: "asyncio.Future[list[Any]]", count: int) -> None:
        self.waiting = waiting
        self._answers: list[Any] = []
        self._count = count

    def take(self, answer: Any) -> bool:
        """One more. Whether it was the last."""
        self._answers.append(answer)
        if len(self._answers) < self._count:
            return False
        if not self.waiting.done():
            self.waiting.set_result(self._answers)
        return True

    def fail(self, error: Exception) -> None:
        """There will be no answer."""
        if not self.waiting.done():
            self.waiting.set_exception(error)
            self.waiting.exception()  # seen, also where nobody waits for it any more


class _Wire(asyncio.Protocol):
    """What lies beneath the line as long as it lasts. ``lost``: told once of its end."""

    def __init__(self, lost: Callable[["_Wire", Exception], None]) -> None:
        self._lost = lost
        self._reader = hiredis.Reader(notEnoughData=_NOT_YET, replyError=DefaultParser.parse_error)
        self.waiting: deque[_Asked] = deque()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not _NOT_YET:
                if self.waiting and self.waiting[0].take(answer):
                    self.waiting.popleft()
        except hiredis.HiredisError as error:
            self._lost(self, ConnectionError(str(error)))

    def connection_lost(self, error: Exception | None) -> None:
        self._lost(self, error or ConnectionError("the server has closed the connection"))


class Line:
    """The shared connection; made when first asked, and anew after it was lost.

    ``connection``: makes one of redis-py's, not yet connected. ``deadline_s``: how long an answer may take, connecting
    included; a line on which one is late is given up, for every later answer would be, too.
    """

    def __init__(self, connection: Callable[[], Any], *, deadline_s: float) -> None:
        self._make = connection
        self._deadline_s = deadline_s
        self._wire: _Wire | None = None
        self._transport: asyncio.Transport | None = None
        self._connection: Any = None
        self._unsent: list[tuple[bytes, _Asked]] = []
        self._connecting: asyncio.Task[None] | None = None

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """The answers, errors of the server among them as values, in one trip with whatever others ask now. What a
        caller has asked who is cancelled meanwhile may happen. Raises what keeps the server from answering at all."""
        loop = asyncio.get_running_loop()
        if not self._unsent:
            loop.call_soon(self._send)
        asked = _Asked(loop.create_future(), len(commands))
        self._unsent.append((b"".join([hiredis.pack_command(tuple(command)) for command in commands]), asked))
        late = loop.call_later(self._deadline_s, self._give_up, asked)
        try:
            return await asked.waiting
        finally:
            late.cancel()

    async def close(self) -> None:
        """Ends the line; what is not answered yet never is."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait({self._connecting})
        if self._wire is not None:
            self._on_lost(self._wire, ConnectionError("the line was closed"))

    def _send(self) -> None:
        if self._wire is not None and self._transport is not None and self._transport.is_closing():
            self._on_lost(self._wire, ConnectionError("the connection is closed"))  # which we are told of later
        if self._transport is None or self._wire is None:
            if self._connecting is None:
                self._connecting = asyncio.create_task(self._connect(), name="redis-line")
            return
        unsent = [(data, asked) for data, asked in self._unsent if not asked.waiting.done()]
        self._unsent = []
        self._wire.waiting.extend(asked for _, asked in unsent)
        self._transport.write(b"".join(data for data, _ in unsent))

    async def _connect(self) -> None:
        connection = self._make()
        try:
            async with asyncio.timeout(self._deadline_s):
                await connection.connect()
            if connection._writer.is_closing() or connection._reader.at_eof():  # as nobody would tell us later
                raise ConnectionError("the server has closed the connection")
        except BaseException as error:
            with contextlib.suppress(RedisError, OSError):
                await connection.disconnect(nowait=True)
            unsent, self._unsent = self._unsent, []
            cause: Exception = ConnectionError("the line was closed")
            if isinstance(error, RedisError | OSError):
                cause = error
            elif isinstance(error, Exception):  # uvloop's RuntimeError, of a connection that was cut while it was made
                cause = ConnectionError(str(error))
            for _, asked in unsent:
                asked.fail(cause)
            if not isinstance(error, Exception):
                raise
            return
        finally:
            self._connecting = None
        self._connection, self._wire = connection, _Wire(self._on_lost)
        self._transport = connection._writer.transport  # which redis-py shows nobody
        self._transport.set_protocol(self._wire)
        self._send()

    def _give_up(self, asked: "_Asked") -> None:
        error = TimeoutError("no answer in time")
        if self._wire is not None and asked in self._wire.waiting:
            self._on_lost(self._wire, error)
        asked.fail(error)  # where it waits for the connection, too

    def _on_lost(self, wire: _Wire, error: Exception) -> None:
        if wire is self._wire and self._transport is not None:
            self._transport.abort()
            self._connection._close()
            self._wire = self._transport = self._connection = None
        waiting, wire.waiting = wire.waiting, deque()
        for asked in waiting:
            asked.fail(error)
