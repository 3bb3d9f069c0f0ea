"""A connection of its own on which channels are heard."""

from collections.abc import AsyncGenerator, Collection
from typing import Any

from auteur.adapters.background import within
from auteur.adapters.redis.causes import translated

_PING_S = 1.0


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
            with translated():
                answer = await self._connection.read_response(timeout=_PING_S)
            if answer is None:  # a silence: is anybody there?
                await self._send("PING")
                with translated():
                    answer = await self._connection.read_response()
            if isinstance(answer, list) and answer[0] == b"message":
                yield answer[1].decode(), answer[2]
            elif isinstance(answer, list) and answer[0] == b"subscribe":
                yield answer[1].decode(), None

    async def _send(self, *words: str) -> None:
        with translated():
            await within(self._deadline_s, lambda: self._connection.send_command(*words, check_health=False))
