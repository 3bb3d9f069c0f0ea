"""uvicorn's WebSocket with a budget of frames, an end to every handshake, and one line for one that breaks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from auteur.adapters.live.line import Write
from auteur.entrypoints.edge.answers import socket_refusal
from auteur.entrypoints.edge.connections import Slot
from auteur.entrypoints.edge.conversing import Gate, Inbox, converse

log = structlog.get_logger(__name__)

_FRAMES_PER_S, _FRAMES_BURST = 200, 1000  # ten times the messages a socket may send
_SLICE_BYTES = 4096
_MOST_EARLY_BYTES = 64 << 10
_LINGER_S = 2.0
_INTERNAL_ERROR, _NOT_UTF8 = 1011, 1007


@dataclass(frozen=True, slots=True)
class Admission:
    """What the edge knows of a handshake that it lets in. ``slots``: left when the socket ends; ``answer_by``: on the
    loop's clock."""

    client: tuple[str, int] | None
    is_secure: bool
    slots: tuple[Slot, ...]
    answer_by: float


class SocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket.

    Size limits count payload only, so a client may send empty frames for ever, and each costs the event loop some
    microseconds: measured, one such client kept all others from an answer for over 30 s. Whoever sends more frames than
    any conversation needs is cut off.
    """

    _told: Callable[[Write | None], None] | None = None
    _is_direct = _has_goal = _has_said_close = False
    _conversation: Callable[[], Awaitable[None]] | None = None

    def __init__(self, *args: Any, admission: Admission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._admission = admission
        self._frames_left = float(_FRAMES_BURST)
        self._frames_at = self.loop.time()
        self._early = b""
        self._answer_timer: asyncio.TimerHandle | None = None
        self._at_end: list[Callable[[], None]] = []
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        self.conn.reject = socket_refusal  # type: ignore[method-assign,assignment]
        self.app = partial(converse, self.app, self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)  # as soon as something waits, it is known
        self.client = self._admission.client
        self.scheme = "wss" if self._admission.is_secure else "ws"
        self._answer_timer = self.loop.call_at(self._admission.answer_by, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        for slot in self._admission.slots:
            slot.leave()
        self._answered()
        super().connection_lost(exc)
        self._redirect()

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated and not self.handshake_complete:  # there is no conversation to say it in yet
            self._early += data
            if len(self._early) > _MOST_EARLY_BYTES:
                self.transport.abort()
            return
        if self._early:
            data, self._early = self._early + data, b""
        for start in range(0, len(data), _SLICE_BYTES):
            super().data_received(data[start : start + _SLICE_BYTES])
            if self._frames_left < 0:
                log.debug("socket cut off: it sends too many frames", client=self._name)
                self.transport.abort()
            if self.transport.is_closing():
                self._redirect()
                return

    def start_keepalive(self) -> None:
        """Called when the handshake has been answered."""
        super().start_keepalive()
        self._answered()
        if self._early:
            self.loop.call_soon(self._hear_early)

    def _answered(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _hear_early(self) -> None:
        if self._early and not self.transport.is_closing():
            self.data_received(b"")

    def handle_events(self) -> None:
        now = self.loop.time()
        earned = (now - self._frames_at) * _FRAMES_PER_S
        self._frames_left, self._frames_at = min(self._frames_left + earned, _FRAMES_BURST), now
        super().handle_events()

    def handle_cont(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_bytes(event)

    def handle_ping(self) -> None:
        self._frames_left -= 1
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.fail(_NOT_UTF8)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """The client broke the protocol: it is told the code, and has a moment to read it. Closed at once, what it has
        sent meanwhile would reset the connection, and the code be lost."""
        if self.close_sent or self.conn.close_sent is None:
            self.transport.close()
            return
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        log.debug("socket closed: it broke the protocol", client=self._name, code=int(code), reason=reason)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": int(code), "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.close_timer = self.loop.call_later(_LINGER_S, self.transport.close)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, frame: bytes) -> None:
        """`SocketLine`: past the application's messages, which cost as much again as the writing."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)

    def carry_on(self, conversation: Callable[[], Awaitable[None]]) -> None:
        self._conversation = conversation

    def carried_on(self) -> Callable[[], Awaitable[None]] | None:
        """What is to be held now that the application has returned. What the handshake was made of goes."""
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            self.request.headers.clear()  # the parser keeps the request
            del self.request, self.response, self.scope
        return conversation

    def at_end(self, call: Callable[[], None]) -> None:
        self._at_end.append(call)

    def ended(self) -> None:
        """The conversation is over."""
        while self._at_end:
            try:
                self._at_end.pop()()
            except Exception:
                log.exception("the end of a socket cannot be told")

    def waiting(self) -> int:
        return self.transport.get_write_buffer_size()

    async def fallen_to(self, waiting_bytes: int) -> None:
        self._has_goal = True
        self._redirect()
        try:
            while not self.disconnected and self.waiting() > waiting_bytes:
                self.transport.set_write_buffer_limits(high=waiting_bytes, low=waiting_bytes)
                await self.writable.wait()
        finally:
            self._has_goal = False
            if not self.disconnected:
                self.transport.set_write_buffer_limits(high=0)
            self._redirect()

    def direct(self, told: Callable[[Write | None], None] | None) -> Write | None:
        self._told = None
        self._redirect()
        self._told = told
        return self.transport.write if self._is_direct else None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._redirect()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._redirect()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._redirect()

    def shutdown(self) -> None:
        super().shutdown()
        self._redirect()

    @property
    def close_sent(self) -> bool:
        """Whether nothing may follow what was written."""
        return self._has_said_close

    @close_sent.setter
    def close_sent(self, has_said_close: bool) -> None:  # by our hand, and by uvicorn's
        self._has_said_close = has_said_close
        if has_said_close:
            self._redirect()

    def _redirect(self) -> None:
        """Tells who wants to know, where it has changed, whether `transport.write` does for whoever writes a frame."""
        is_direct = not (self._has_said_close or self.disconnected or self._has_goal)
        is_direct = is_direct and self.writable.is_set() and not self.transport.is_closing()
        if is_direct != self._is_direct:
            self._is_direct = is_direct
            if self._told is not None:
                self._told(self.transport.write if is_direct else None)

    def hang_up(self, code: int) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """It is not there any more, or does not read: what waits for it would wait for minutes still."""
        super().keepalive_timeout()
        self.loop.call_later(_LINGER_S, self.transport.abort)

    def refuse(self, status: int, code: str, message: str) -> None:
        """Answers a handshake that was not answered yet, and ends the connection."""
        if self.initial_response is None and not self.handshake_complete and not self.transport.is_closing():
            self.conn.send_response(socket_refusal(status, "", code, message))
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.disconnected = self.handshake_complete = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.transport.close()

    def fail(self) -> None:
        """Ends a conversation that the application could not go on with."""
        if not self.handshake_complete:
            self.refuse(500, "INTERNAL_ERROR", "Something went wrong here; the operator's log has it.")
        elif not self.close_sent and not self.transport.is_closing():
            self.conn.send_close(_INTERNAL_ERROR)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True

    def _give_up(self) -> None:
        self._answer_timer = None
        if not self.handshake_complete:
            log.debug("handshake not answered in time", client=self._name)
            self.refuse(503, "NOT_ANSWERED", "The socket could not be opened in time; come back later.")

    @property
    def _name(self) -> str:
        return self.client[0] if self.client else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
