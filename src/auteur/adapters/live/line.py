"""One client's way out, whatever server carries it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Write = Callable[[bytes], None]
"""Sends a frame, or keeps what the client does not take at once. Returns at once."""

EXTENSION = "auteur.line"
"""Where the scope of a socket has its `SocketLine`, among its extensions: put there by the server, whichever it is."""


class Line(Protocol):
    """Frames leave in the order in which they were written. Nothing is written to one that ends, and nothing raised."""

    def write(self, frame: bytes) -> None:
        """Sends the frame, or keeps it until the client has taken what was written before it. Returns at once."""
        ...

    def waiting(self) -> int:
        """How many bytes were written and not yet taken by the client, as far as this process can know."""
        ...

    async def fallen_to(self, waiting_bytes: int) -> None:
        """Returns when at most so many bytes wait, or when nobody will ever take them."""
        ...

    def direct(self, told: "Callable[[Write | None], None] | None") -> "Write | None":
        """The shortest way out, good for as long as nothing waits and the line does not end; None while that is not so.
        From now on ``told`` hears at once whenever it is had and whenever it is gone, also amid a write; None: nobody
        does."""
        ...


class SocketLine(Line, Protocol):
    """A WebSocket's, opened already."""

    def carry_on(self, conversation: Callable[[], Awaitable[None]]) -> None:
        """Has the conversation held, in the same task, when the application has returned: a socket stays for hours, and
        nothing of what led to it shall stay as long. To be said before it returns."""
        ...

    def at_end(self, call: Callable[[], None]) -> None:
        """Has it called when the conversation is over, or the handshake refused; what is said last is called first."""
        ...

    def hang_up(self, code: int) -> None:
        """Closes it with a code, behind what waits. Who does not take that in some seconds is cut off."""
        ...


def text_frame(text: str) -> bytes:
    """The text as one unmasked, uncompressed frame of a WebSocket server (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
