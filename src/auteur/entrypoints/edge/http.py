"""uvicorn's HTTP/1.1 with an edge: what is no request is refused before it is kept, and whoever is slow has an end.

Long because a connection is one machine of states, which is read in one place.
"""

import asyncio
import contextlib
import contextvars
import re
from functools import partial
from typing import Any, cast

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from auteur.entrypoints.edge.answers import refusal, written
from auteur.entrypoints.edge.connections import Slot, TooManyError
from auteur.entrypoints.edge.framing import ChunkReader, HeadReader, RefusedError, bad_request
from auteur.entrypoints.edge.limits import Edge
from auteur.entrypoints.edge.proxies import plain_address
from auteur.entrypoints.edge.requests import Framed, frame
from auteur.entrypoints.edge.responding import Lingering, respond, too_many
from auteur.entrypoints.edge.sockets import Admission, SocketProtocol
from auteur.entrypoints.edge.watch import Watch
from auteur.entrypoints.http.middleware import TOLD, request_id_of

log = structlog.get_logger(__name__)

_HEAD, _BODY, _CHUNKS, _ENDED = range(4)
_MOST_HELD_BYTES = 64 << 10  # of requests that wait for the one before them
_MOST_UNHEARD_BYTES = 16 << 20  # of what still comes after an answer
_UPGRADE = re.compile(rb"(?im)^upgrade:.*\r\n")


class EdgeProtocol(HttpToolsProtocol):
    """One connection. Heads and chunks are judged here (`framing`, `requests`), then read by httptools: where the two
    do not agree on where a request ends, the connection does.

    Requests that come before the answer to an earlier one wait as bytes, so that a refusal never overtakes an answer.
    """

    def __init__(self, *args: Any, edge: Edge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._edge = edge
        self._head = HeadReader(edge.max_head_bytes)
        self._state = _HEAD
        self._left = self._unheard = 0
        self._chunks: ChunkReader | None = None
        self._framed: Framed | None = None
        self._refused: RefusedError | None = None
        self._held = b""
        self._context: contextvars.Context | None = None
        self._slot: Slot | None = None
        self._brought: Slot | None = None  # what a trusted proxy brings is counted for whom it brings
        self._peer = ""
        self._is_proxy = self._is_to_be_overlooked = False
        self._begun_at = 0.0
        self._watch = Watch(self.loop, self._is_due)

    # --- the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            self._peer = plain_address(self.client[0])
            self.client = (self._peer, self.client[1])
            self._is_proxy = self._peer in self._edge.proxies
        try:
            self._slot = self._edge.connections.enter(self._peer, self, is_bounded=self._edge.is_bounded(self._peer))
        except TooManyError as error:
            self._refuse(too_many(error))
            return
        self._begun_at = self.loop.time()
        self._watch.expect(self._begun_at + self._edge.deadlines.line)

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = _ENDED
        self._let_go()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.message_event.set()
        super().connection_lost(exc)

    def evict(self) -> None:
        """Makes room for somebody else, while nothing of this connection is being handled."""
        self._state = _ENDED
        self._let_go()
        self.transport.abort()

    def _let_go(self) -> None:
        self._held = b""
        self._watch.end()
        self._edge.lingering.discard(self)
        for slot in (self._slot, self._brought):
            if slot is not None:
                slot.leave()
        self._slot = self._brought = None

    # --- what comes

    def data_received(self, data: bytes) -> None:
        if self._held:
            data = self._held + data
            self._held = b""
        try:
            self._read(data)
        except RefusedError as refused:
            self._refuse(refused)

    def _read(self, data: bytes) -> None:
        while data:
            if self._state == _HEAD:
                data = self._read_head(data)
            elif self._state == _BODY:
                data = self._read_body(data)
            elif self._state == _CHUNKS:
                data = self._read_chunks(data)
            else:
                self._overhear(data)
                return

    def _read_head(self, data: bytes) -> bytes:
        if self.cycle is not None and not self.cycle.response_complete:
            self._hold(data)
            return b""
        found = self._head.feed(data)
        if found is None:
            if not self._begun_at:
                self._begun_at = self.loop.time()
            limit = self._edge.deadlines.head if self._head.has_request_line else self._edge.deadlines.line
            self._watch.expect(self._begun_at + limit)
            return b""
        head, rest = found
        self._watch.due = None
        self._feed(head)
        if self._framed is None and self._is_to_be_overlooked:
            self._is_to_be_overlooked = False
            self.parser = httptools.HttpRequestParser(self)
            self._feed(_UPGRADE.sub(b"", head))
        framed = self._framed
        if framed is None:
            raise bad_request("The request cannot be read.")
        self._framed = None
        if framed.opens_socket:
            self._open_socket(framed, rest)
            return b""
        if framed.length is None:
            self._state, self._chunks = _CHUNKS, ChunkReader()
        elif framed.length:
            self._state, self._left = _BODY, framed.length
        else:
            self._agree()
            return rest
        self.cycle.transport = cast(asyncio.Transport, Lingering(self.transport, self.linger))
        self._expect_body(0)
        return rest

    def _read_body(self, data: bytes) -> bytes:
        part = data if len(data) <= self._left else data[: self._left]
        self._left -= len(part)
        self._feed(part)
        if self._left:
            self._expect_body(len(part))
            return b""
        self._end_body()
        return data[len(part) :]

    def _read_chunks(self, data: bytes) -> bytes:
        assert self._chunks is not None
        handed, read, is_over = self._chunks.feed(data)
        if handed:
            self._feed(data[:handed])
        if self._state != _CHUNKS:
            return data[read:]
        if is_over:
            self._feed(b"\r\n")
            self._end_body()
            return data[read:]
        self._expect_body(read)
        self._held = data[read:]
        if self._chunks.turn_is_over:
            self._pause()
            self.loop.call_soon(self._go_on)
        return b""

    def _end_body(self) -> None:
        self._state, self._chunks, self._watch.due = _HEAD, None, None
        self._agree()
        if self.cycle.response_complete:
            self._rest()

    def _rest(self) -> None:
        """Everything that was asked is answered."""
        if self._slot is not None:
            self._slot.rest()
        self._begun_at = 0.0
        self._watch.expect(self.loop.time() + self._edge.deadlines.keep_alive)

    def _agree(self) -> None:
        """The parser has to see the end of the request where we see it."""
        if self.cycle.more_body and not self.cycle.response_complete:
            raise bad_request("The request cannot be read.")

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # a handshake, which is all that is let through as one
        except httptools.HttpParserError:
            if self._is_to_be_overlooked:
                return
            refused, self._refused = self._refused, None
            raise refused or bad_request("The request cannot be read.") from None

    def _hold(self, data: bytes) -> None:
        """Keeps what comes too early, and looks away when it is much."""
        self._held = data
        self._context = self._context or contextvars.copy_context()  # the next request is not the heir of this one
        if len(data) > _MOST_HELD_BYTES:
            self._pause()

    def _pause(self) -> None:
        self.flow.pause_reading()

    def _go_on(self) -> None:
        if self._state != _ENDED and not self.transport.is_closing():
            self.flow.resume_reading()
            held, self._held = self._held, b""
            self.data_received(held)

    def _overhear(self, data: bytes) -> None:
        """What still comes after an answer that ends the connection: not kept, and not for ever."""
        self._unheard += len(data)
        if self._unheard > _MOST_UNHEARD_BYTES:
            self.transport.abort()

    # --- httptools says what it reads

    def on_headers_complete(self) -> None:
        try:
            version = self.parser.get_http_version()
            framed = frame(self.parser.get_method(), self.url, version, self.headers)
            if self.parser.should_upgrade() != framed.opens_socket:
                # a wish to speak what we do not may be overlooked (RFC 9110, 7.8); the parser would stop here for ever
                self._is_to_be_overlooked = not framed.opens_socket
                raise bad_request("The request cannot be read.")
            if self._is_proxy:
                self._believe()
        except RefusedError as refused:
            self._refused = refused
            raise
        self.url = framed.target
        self._framed = framed
        if self._slot is not None:
            self._slot.work()
        super().on_headers_complete()

    def _believe(self) -> None:
        """Takes from a trusted proxy whom it brings. Raises `RefusedError`."""
        brought = self._edge.proxies.read_headers(self.headers)
        if brought.scheme is not None:
            self.scope["scheme"] = brought.scheme
        if brought.host is not None:
            self.headers[:] = [(name, value) for name, value in self.headers if name != b"host"]
            self.headers.append((b"host", brought.host))
        if brought.client is not None:
            self.scope["client"] = (brought.client, 0)
            try:
                self._brought = self._edge.connections.enter_through_proxy(brought.client)
            except TooManyError as error:
                raise too_many(error) from None

    def _should_upgrade(self) -> bool:
        return self._framed is not None and self._framed.opens_socket

    def on_body(self, body: bytes) -> None:
        if self.cycle.response_complete:
            self._unheard += len(body)
            if self._unheard > _MOST_UNHEARD_BYTES:
                self.transport.abort()
            return
        super().on_body(body)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, partial(respond, app, cycle))

    def on_response_complete(self) -> None:
        if self._brought is not None:
            self._brought.leave()
            self._brought = None
        self.server_state.total_requests += 1
        if self._state == _ENDED or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._state == _HEAD:
            self._rest()
            if self._held:
                self.loop.call_soon(self._go_on, context=self._context)

    # --- sockets

    def _open_socket(self, framed: Framed, rest: bytes) -> None:
        self.connections.discard(self)
        self._state = _ENDED
        slots = tuple(slot for slot in (self._slot, self._brought) if slot is not None)
        for slot in slots:
            slot.hand_over()
        self._slot = self._brought = None
        self._let_go()
        begun_at = self._begun_at or self.loop.time()
        admission = Admission(
            self.scope["client"], self.scope["scheme"] == "https", slots, begun_at + self._edge.deadlines.handshake
        )
        make = cast(Any, self.ws_protocol_class)
        protocol: SocketProtocol = make(
            config=self.config, server_state=self.server_state, app_state=self.app_state, admission=admission
        )
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        lines = [b"GET " + framed.target + b" HTTP/1.1", *(name + b": " + value for name, value in self.headers)]
        protocol.data_received(b"\r\n".join([*lines, b"", b""]))
        if not protocol.handshake_initiated:
            protocol.refuse(400, "BAD_REQUEST", "The handshake cannot be read.")
        elif rest and not self.transport.is_closing():
            protocol.data_received(rest)
        # a socket lives for hours: what referred to itself would be kept until somebody looks for circles
        self.parser = None  # type: ignore[assignment]
        del self._watch

    # --- deadlines

    def _expect_body(self, size: int) -> None:
        self._watch.expect(self._edge.deadlines.body_due(self._watch.due, self.loop.time(), size))

    def _is_due(self) -> None:
        if self._state == _ENDED:  # it has had time to read why
            self.transport.abort()
        elif self._state in (_BODY, _CHUNKS) and self.flow.read_paused:  # we do not read, so nobody is slow
            self._watch.expect(self.loop.time() + self._edge.deadlines.body)
        elif self._state == _HEAD and not self._head.is_begun:
            self.transport.close()  # it asked for nothing, so it is told nothing
        else:
            what = "head" if self._state == _HEAD else "body"
            self._refuse(RefusedError(408, "REQUEST_TIMEOUT", f"The {what} of the request did not come in time."))

    # --- refusals

    def _refuse(self, refused: RefusedError) -> None:
        """Answers, if nothing else was answered, and ends the connection."""
        headers = self.headers if self._state in (_BODY, _CHUNKS) else ()
        request_id = request_id_of(headers)
        log.debug(
            "request refused",
            request_id=request_id,
            client=self._peer,
            status=refused.status,
            code=refused.code,
            reason=refused.message,
        )
        cycle = self.cycle
        self._state = _ENDED
        if cycle is not None and not cycle.response_complete:
            cycle.scope["state"][TOLD] = True
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self._let_go()
                self.transport.abort()
                return
        self.transport.write(written(refusal(refused, request_id)))
        self.linger()

    def linger(self) -> None:
        """Ends the connection from our side, and gives the client a moment to read. Closed at once, what it sends
        meanwhile would reset the connection, and the answer be lost."""
        self._state = _ENDED
        self._let_go()
        lingering = self._edge.lingering
        if len(lingering) >= self._edge.most_lingering or not self.transport.can_write_eof():
            self.transport.close()
            return
        lingering.add(self)
        with contextlib.suppress(OSError, RuntimeError):
            self.transport.write_eof()
        self.flow.resume_reading()
        self._watch.expect(self.loop.time() + self._edge.deadlines.linger)

    def shutdown(self) -> None:
        if self._state == _ENDED:
            self.transport.close()
        else:
            super().shutdown()
