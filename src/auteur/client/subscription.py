"""What happens in a project, over any number of connections: each event once, in order, and every loss said."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from auteur.client.backoff import Backoff
from auteur.client.errors import AuteurError, NotAuteurError, ServiceError, UnauthenticatedError, UnreachableError
from auteur.client.events import Connected, Event, ProjectDeleted, event_of
from auteur.client.http import Http
from auteur.client.lines import Line, LineEndedError, open_socket, open_stream

Over = Literal["socket", "stream"]
_LINES: Mapping[str, Callable[[Http, str, str | None, float], Awaitable[Line]]] = {
    "socket": open_socket,
    "stream": open_stream,
}
_STAYED_S = 10.0
"""A connection that stayed so long, or told an event, was a good one: the next loss is the first."""


class Subscription:
    """An async iterator of `Event`. It opens its connection when it is first asked for an event, and makes a new one,
    from where it was, whenever that is lost.

    It holds one event and at most a few frames: who does not ask for the next leaves the rest in the service. Asking is
    harmless to give up: no event is lost by it. It ends when the project was deleted.

    Raises, when asked for an event, and is over then: `AuteurError` where coming back is of no use (close codes 4400 to
    4499, refused handshakes), and `UnreachableError` where the service stayed away for ``give_up_after_s``.

    ``among``: those that are open, for who has to close them all; it is one of them from its first connection
    to its end.
    """

    def __init__(
        self,
        http: Http,
        project_id: str,
        *,
        after: str | None,
        over: Over,
        heartbeat_s: float,
        give_up_after_s: float | None,
        backoff: Backoff,
        on_connection: Callable[[bool, str], None] | None,
        among: "set[Subscription]",
    ) -> None:
        self.position = after
        """Behind the last event that was told: give it to `open` as ``after``, to go on from there another time."""
        self.is_connected = False
        """Whether what is known is as it is now; False while the connection is away, and what is known may be stale."""
        self.connections = 0
        """How many connections it took so far."""
        self._http = http
        self._project_id = project_id
        self._open = _LINES[over]
        self._heartbeat_s = heartbeat_s
        self._give_up_after_s = give_up_after_s
        self._backoff = backoff
        self._on_connection = on_connection
        self._among = among
        self._line: Line | None = None
        self._is_over = False
        self._is_greeted = False
        self._failures = 0
        self._opened_at = 0.0
        self._away_since: float | None = None
        self._retry_after_s: float | None = None
        self._said: Mapping[str, Any] | None = None
        self._shown: Mapping[str, str] = {}
        self._was_renewed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._is_over:
            raise StopAsyncIteration
        while True:
            try:
                event = self._read(await (self._line or await self._connect()).receive())
            except LineEndedError as ended:
                if self._is_over:  # somebody else closed it meanwhile
                    raise StopAsyncIteration from None
                await self._come_back_after(ended)
            except AuteurError as error:
                if isinstance(error, UnauthenticatedError) and await self._is_renewed():
                    await self._come_back_after(LineEndedError("what was shown no longer counts"))
                    continue
                await self.aclose()
                raise self._in_its_own_words(error) from None
            else:
                if event is None:
                    continue
                if isinstance(event, ProjectDeleted):
                    await self.aclose()
                return event

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the conversation; nothing follows. Again is harmless."""
        self._is_over = True
        self._among.discard(self)
        await self._hang_up()

    # --- the connection ----------------------------------------------------------------------------------------------

    async def _connect(self) -> Line:
        """A new connection, after the pause that the last failure asks for."""
        self._among.add(self)
        if self._failures:
            await asyncio.sleep(self._backoff.wait_s(self._failures, self._retry_after_s))
        self._away_since = self._away_since or time.monotonic()
        self._shown = await self._http.shown()
        line = await self._open(self._http, self._project_id, self.position, self._heartbeat_s)
        if self._is_over:  # somebody else closed it meanwhile
            self._among.discard(self)
            await line.close()
            raise LineEndedError("it was closed here")
        self._line = line
        self._opened_at = time.monotonic()
        self.connections += 1
        return line

    async def _come_back_after(self, ended: LineEndedError) -> None:
        """Counts a loss, and gives up where it is time for that."""
        now = time.monotonic()
        if self._line is not None and now - self._opened_at > _STAYED_S:
            self._failures = 0
        self._failures += 1
        self._retry_after_s = ended.retry_after_s
        await self._hang_up()
        self._away_since = self._away_since or now
        self._tell_connection(False, ended.why)
        if self._give_up_after_s is not None and now - self._away_since >= self._give_up_after_s:
            await self.aclose()
            raise UnreachableError(f"No service answers at {self._http.url}: {ended.why}") from None

    async def _is_renewed(self) -> bool:
        """Whether something else is shown by now than what was refused; once between two greetings: a token that is
        always new may never count."""
        if self._was_renewed:
            return False
        self._was_renewed = await self._http.shows_something_else(self._shown)
        return self._was_renewed

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    def _tell_connection(self, is_connected: bool, why: str) -> None:
        if is_connected != self.is_connected or not is_connected:
            self.is_connected = is_connected
            if self._on_connection is not None:
                self._on_connection(is_connected, why)

    # --- what is told ------------------------------------------------------------------------------------------------

    def _read(self, text: str) -> Event | None:
        """The message as an event; None for what is told already, or told to nobody."""
        try:
            message = json.loads(text)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise NotAuteurError("What was told is no message.")
        if message.get("type") == "connected":
            return self._greeted(message)
        if message.get("type") == "error" and message.get("task_id") is None:
            self._said = message  # why it will be closed
            return None
        position = message.get("position")
        if position is not None:
            if not _is_behind(position, self.position):
                return None
            self._failures = 0
        event = event_of(message)
        self.position = event.position or self.position
        return event

    def _in_its_own_words(self, error: AuteurError) -> AuteurError:
        """The error as the service explained it, where it did so before it closed."""
        if self._said is None or not isinstance(error, ServiceError):
            return error
        return type(error)(
            str(self._said.get("message")),
            code=str(self._said.get("error_code")),
            status=error.status,
            details=self._said.get("details"),
        )

    def _greeted(self, message: Mapping[str, Any]) -> Connected | None:
        """The greeting, where it says something new: the first, and one with a state instead of what was missed."""
        self._away_since, self._was_renewed = None, False
        had_a_position, is_first = self.position is not None, not self._is_greeted
        event = event_of(message, lost=had_a_position and message.get("state") is not None)
        assert isinstance(event, Connected)
        self._is_greeted = True
        self._tell_connection(True, "")
        if event.state is not None:
            self.position = event.position
        elif not is_first:
            return None
        return event


def _is_behind(position: str, last: str | None) -> bool:
    """Whether it comes after the last one in the log. Of another epoch, or of a form that is not known here: it does,
    unless it is the very same."""
    epoch, _, seq = position.rpartition("-")
    last_epoch, _, last_seq = (last or "").rpartition("-")
    if epoch and epoch == last_epoch and seq.isdecimal() and last_seq.isdecimal():
        return int(seq) > int(last_seq)
    return position != last
