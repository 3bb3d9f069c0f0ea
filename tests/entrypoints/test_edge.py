"""Bytes on a bare connection to a server behind the edge, each with its verdict."""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect

from auteur.entrypoints.edge.connections import Connections
from auteur.entrypoints.edge.framing import ChunkReader, HeadReader, RefusedError
from auteur.entrypoints.edge.limits import Deadlines, Edge
from auteur.entrypoints.edge.proxies import TrustedProxies
from auteur.entrypoints.edge.watch import Watch
from auteur.entrypoints.server import server_config
from tests.entrypoints.edge_inputs import (
    GET,
    HEAD,
    REFUSED,
    SLOW,
    TAKEN,
    Answer,
    chunked,
    converse,
    get,
    handshake,
    post,
)
from tests.waiting import LONG_S

QUICK = Deadlines(line=0.3, head=0.3, handshake=0.3, body=0.3, keep_alive=0.3)
PATIENT = Deadlines(line=60, head=60, handshake=60, body=60, keep_alive=0.3, linger=60)


class Server:
    """uvicorn behind an edge, in this process; ``seen``: what the application heard of each request."""

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        self.seen: list[dict[str, Any]] = []
        self.ended = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()
        self.port = 0
        self.uvicorn = uvicorn.Server(server_config(self.app, edge))

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._answer(scope, receive, send)
        finally:
            self.ended.set()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/raise":
            raise RuntimeError("as a fault of ours would")
        if scope["path"] == "/nothing":
            return
        if scope["type"] == "websocket":
            await receive()
            await self.hold.wait()
            await send({"type": "websocket.accept"})
            if scope["path"] == "/ws/late":
                raise RuntimeError("as a fault of ours would")
            while (message := await receive())["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": message.get("text") or ""})
            self.seen.append({"code": message["code"]})
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.seen.append({"gone": True})
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
        await self.hold.wait()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        said = {key: scope[key] for key in ("method", "path", "scheme", "client")}
        self.seen.append({**said, "body": len(body), "headers": headers})
        content = json.dumps(said).encode()
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": content})

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(LONG_S):
            while not condition():
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def serving(edge: Edge | None = None) -> AsyncIterator[Server]:
    server = Server(edge or Edge(Connections(1000, 1000), PATIENT))
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server.port = listener.getsockname()[1]
    running = asyncio.create_task(server.uvicorn.serve([listener]))
    await server.until(lambda: server.uvicorn.started)
    try:
        yield server
    finally:
        server.hold.set()
        server.uvicorn.should_exit = server.uvicorn.force_exit = True
        await running


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_word_above_debug(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Any:
    caplog.set_level(logging.DEBUG, "uvicorn.error")
    with structlog.testing.capture_logs() as said:
        yield said
    if "fault_of_ours" not in request.keywords:
        loud = [line for line in said if line["log_level"] not in ("debug", "info")]
        loud += [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
        assert loud == []


@pytest.fixture
def said(_no_word_above_debug: Any) -> Any:
    return _no_word_above_debug


def assert_of_one_shape(answer: Answer) -> None:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert set(answer.json) == {"error", "request_id", "timestamp"}
    assert set(answer.json["error"]) == {"code", "message", "details"}
    assert answer.headers["x-request-id"] == answer.json["request_id"] != ""
    assert len(answer.body) < 600, "an answer does not grow with what it refuses"


def statuses(answers: list[Answer]) -> tuple[int, ...]:
    return tuple(answer.status for answer in answers)


# --- framing


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_a_request_is_answered(server: Server, name: str) -> None:
    sent, verdict = TAKEN[name]
    assert statuses(await converse(server.port, sent)) == verdict


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_request_is_refused_in_the_one_shape(server: Server, said: Any, name: str) -> None:
    sent, verdict = REFUSED[name]
    answers = await converse(server.port, sent)
    assert statuses(answers) == verdict
    assert_of_one_shape(answers[-1])
    assert len([line for line in said if line["log_level"] == "debug"]) <= 1


@pytest.mark.parametrize("name", SLOW)
async def test_what_does_not_come_has_an_end(name: str) -> None:
    sent, verdict = SLOW[name]
    async with serving(Edge(Connections(1000, 1000), QUICK)) as server:
        answers = await converse(server.port, sent)
        assert statuses(answers) == verdict
        if verdict[-1:] == (408,):
            assert_of_one_shape(answers[-1])
        await server.until(lambda: server.edge.connections.count == 0)


def verdict_of(parts: list[bytes]) -> tuple[Any, ...]:
    """What a head and the chunks behind it come to, given in these parts."""
    heads, chunks = HeadReader(32 << 10), None
    body, handed = b"", b""
    try:
        for part in parts:
            if chunks is None:
                found = heads.feed(part)
                if found is None:
                    continue
                chunks, part = ChunkReader(), found[1]
            body += part
            while body:
                for_parser, read, is_over = chunks.feed(body)
                handed += body[:for_parser]
                body = body[read:]
                if is_over:
                    return "whole", handed, len(body)
                if not chunks.turn_is_over:
                    break
    except RefusedError as refused:
        return "refused", refused.status
    return "more", chunks is None


CUT = [sent for sent, _ in (*TAKEN.values(), *REFUSED.values()) if len(sent) < 20_000]


@given(st.sampled_from(CUT), st.data())
def test_how_the_bytes_were_cut_changes_no_verdict(sent: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=12)))
    parts = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    cut, whole = verdict_of([part for part in parts if part]), verdict_of([sent])
    assert cut[:2] == whole[:2]


@pytest.mark.parametrize("name", [name for name in REFUSED if len(REFUSED[name][0]) < 400])
def test_byte_by_byte_is_judged_like_all_at_once(name: str) -> None:
    sent = REFUSED[name][0]
    assert verdict_of([sent[at : at + 1] for at in range(len(sent))])[:2] == verdict_of([sent])[:2]


async def test_what_is_refused_while_an_answer_is_made_does_not_overtake_it(server: Server) -> None:
    server.hold.clear()
    conversing = asyncio.create_task(converse(server.port, GET, b"nonsense\r\n\r\n"))
    await server.until(lambda: server.edge.connections.count == 1)
    server.hold.set()
    assert statuses(await conversing) == (200, 400)


async def test_an_absolute_address_is_for_the_host_it_names(server: Server) -> None:
    await converse(server.port, get(target=b"http://evil.example:81/echo?a=b"))
    await converse(server.port, get(target=b"HTTP://evil.example?a=b"))
    assert [(seen["path"], seen["headers"]["host"]) for seen in server.seen] == [
        ("/echo", "evil.example:81"),
        ("/", "evil.example"),
    ]


async def test_trailers_become_no_headers(server: Server) -> None:
    await converse(server.port, chunked(b"3\r\nabc\r\n0\r\nX-Forwarded-For: 1.1.1.1\r\nHost: evil.example\r\n\r\n"))
    (seen,) = server.seen
    assert seen["body"] == 3
    assert seen["headers"] == {"host": "localhost", "transfer-encoding": "chunked"}


async def test_a_flood_of_small_chunks_lets_others_have_their_turn(server: Server) -> None:
    flood = chunked(b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n")
    flooding = asyncio.create_task(converse(server.port, flood))
    turns = 0
    while not flooding.done():
        assert statuses(await converse(server.port, get(HEAD + b"Connection: close\r\n"))) == (200,)
        turns += 1
    assert statuses(await flooding) == (200,)
    assert turns > 3
    assert max(seen["body"] for seen in server.seen) == 200_000


@pytest.mark.parametrize(
    ("size", "every_s", "lives"),
    [(1000, 1, True), (10_000, 19, True), (600, 1, True), (64 << 20, 1, True), (1, 1, False), (1, 19, False),
     (400, 1, False), (10_000, 21, False)],
)  # fmt: skip
def test_a_body_lives_while_it_comes_at_the_rate_and_does_not_pause(size: int, every_s: int, lives: bool) -> None:
    now, due = 0.0, Deadlines().body_due(None, 0, 0)
    for _ in range(1 + (64 << 20) // size):
        now += every_s
        if now > due or now > 100_000:
            break
        due = Deadlines().body_due(due, now, size)
    assert (now <= due) == lives


class Clock:
    """As much of an event loop as a deadline needs, with a time that is set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any) -> asyncio.TimerHandle:
        self.timers.append(asyncio.TimerHandle(when, callback, (), asyncio.get_running_loop()))
        return self.timers[-1]

    def call_later(self, delay: float, callback: Any) -> asyncio.TimerHandle:
        return self.call_at(self.now + delay, callback)

    def go_on(self, until: float) -> None:
        while due := [timer for timer in self.timers if not timer.cancelled() and timer.when() <= until]:
            first = min(due)
            self.timers.remove(first)
            self.now = max(self.now, first.when())
            first._run()
        self.now = until


@pytest.mark.parametrize("pause_s", [0.001, 0.01, 0.04, 0.06, 0.5])
async def test_a_deadline_that_has_passed_is_kept_whatever_comes_after_it(pause_s: float) -> None:
    clock, ends = Clock(), list[float]()
    watch = Watch(clock, lambda: ends.append(clock.now))  # type: ignore[arg-type]
    watch.expect(1.0)
    while not ends and clock.now < 3:
        clock.go_on(clock.now + pause_s)
        if not ends:
            watch.expect(1.0)
    assert ends
    assert 1 <= ends[0] <= 1.2


async def test_a_deadline_that_moves_on_between_its_looks_has_not_passed() -> None:
    clock, ends = Clock(), list[float]()
    watch = Watch(clock, lambda: ends.append(clock.now))  # type: ignore[arg-type]
    watch.expect(1.0)
    clock.go_on(1.01)
    watch.expect(2.0)
    clock.go_on(1.99)
    assert ends == []
    clock.go_on(2.2)
    assert len(ends) == 1


async def test_a_body_below_the_rate_is_ended_however_steadily_it_comes() -> None:
    deadlines = replace(PATIENT, body=0.5, body_rate=1_000_000)
    async with serving(Edge(Connections(10, 10), deadlines)) as server:

        async def drip() -> None:
            while True:
                writer.write(b"a")
                await asyncio.sleep(0.01)

        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(post(b"Content-Length: 1000000\r\n"))
        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(LONG_S):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        dripping.cancel()
        await asyncio.wait({dripping})
        writer.close()
        await server.until(lambda: server.seen == [{"gone": True}])


async def test_a_client_that_leaves_in_the_middle_of_a_body_leaves_nothing(server: Server, said: Any) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(post(b"Content-Length: 300\r\n", b"abc"))
    await writer.drain()
    await server.until(lambda: server.edge.connections.count == 1)
    writer.transport.abort()
    await server.until(lambda: server.seen == [{"gone": True}])
    await server.until(lambda: server.edge.connections.count == 0)
    assert said == []


@pytest.mark.parametrize("broken", [chunked(b"3\r\nabc\r\nnonsense"), chunked(b"3\r\nabcdefghi")])
async def test_a_body_that_breaks_the_framing_ends_its_request(server: Server, said: Any, broken: bytes) -> None:
    assert statuses(await converse(server.port, broken)) == (400,)
    await server.until(lambda: server.seen == [{"gone": True}])
    assert [(line["event"], line["log_level"]) for line in said] == [("request refused", "debug")]


@pytest.mark.parametrize("path", [b"/raise", b"/nothing"])
@pytest.mark.fault_of_ours
async def test_a_fault_of_ours_is_answered_in_the_one_shape(server: Server, path: bytes) -> None:
    answers = await converse(server.port, get(target=path))
    assert statuses(answers) == (500,)
    assert_of_one_shape(answers[0])
    answers = await converse(server.port, handshake(target=path))
    assert statuses(answers) == (500,)
    assert_of_one_shape(answers[0])


# --- connections


async def test_one_that_has_no_place_is_told_so() -> None:
    async with serving(Edge(Connections(1, 10), PATIENT)) as server:
        server.hold.clear()
        busy = asyncio.create_task(converse(server.port, GET))
        await server.until(lambda: server.uvicorn.server_state.tasks)
        answers = await converse(server.port, GET)
        assert statuses(answers) == (503,)
        assert_of_one_shape(answers[0])
        assert (answers[0].json["error"]["code"], answers[0].headers["retry-after"]) == ("TOO_MANY_CONNECTIONS", "2")
        server.hold.set()
        assert statuses(await busy) == (200,)


async def test_whoever_rests_longest_makes_room() -> None:
    async with serving(Edge(Connections(3, 10), PATIENT)) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        await server.until(lambda: server.edge.connections.count == 3)
        assert statuses(await converse(server.port, GET)) == (200,)
        with contextlib.suppress(ConnectionResetError):
            assert await idle[0][0].read() == b""
        idle[2][1].write(get(HEAD + b"Connection: close\r\n"))
        assert (await idle[2][0].readline()).startswith(b"HTTP/1.1 200")
        for _, writer in idle:
            writer.close()


def test_the_bounds_hold_for_an_address_and_for_all() -> None:
    class Connection:
        evicted = False

        def evict(self) -> None:
            self.evicted = True
            slots[self].leave()

    slots: dict[Connection, Any] = {}

    def enter(address: str, connections: Connections, *, is_bounded: bool = True) -> Connection:
        made = Connection()
        slots[made] = connections.enter(address, made, is_bounded=is_bounded)
        return made

    connections = Connections(6, 2)
    first, second = enter("192.0.2.1", connections), enter("192.0.2.1", connections)
    slots[first].work()
    third = enter("192.0.2.1", connections)
    assert (first.evicted, second.evicted, third.evicted) == (False, True, False)
    slots[third].work()
    with pytest.raises(Exception) as refused:
        enter("192.0.2.1", connections)
    assert refused.value.of_one_address  # type: ignore[attr-defined]
    household = [enter("2001:db8::1", connections), enter("2001:db8::2:3", connections)]
    enter("2001:db8::ffff", connections)
    assert household[0].evicted, "of IPv6 64 bits are one client"
    free = [enter("127.0.0.1", connections, is_bounded=False) for _ in range(2)]
    assert connections.count == 6
    enter("198.51.100.7", connections)
    assert household[1].evicted, "of all that rest the oldest"
    for made in (first, third, *free):
        slots[made].leave()
        slots[made].leave()
    assert connections.count == 2


# --- proxies


PROXIES = "127.0.0.1, 10.0.0.0/8, 2001:db8::/32"


@pytest.mark.parametrize(
    ("headers", "client", "scheme", "host"),
    [
        (b"", "127.0.0.1", "http", "localhost"),
        (b"X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", "http", "localhost"),
        (b"X-Forwarded-For: 1.1.1.1, 192.0.2.1, 10.1.2.3\r\n", "192.0.2.1", "http", "localhost"),
        (b"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", "http", "localhost"),
        (b"X-Forwarded-For: 10.1.1.1, 10.2.2.2\r\n", "10.1.1.1", "http", "localhost"),
        (b"X-Forwarded-For: 192.0.2.1:4711\r\n", "192.0.2.1", "http", "localhost"),
        (b"X-Forwarded-For: [2a00::1]:4711\r\n", "2a00::1", "http", "localhost"),
        (b"X-Forwarded-For: 1.1.1.1, unknown, 10.1.2.3\r\n", "10.1.2.3", "http", "localhost"),
        (b"X-Forwarded-For: nonsense\r\n", "127.0.0.1", "http", "localhost"),
        (b"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", "192.0.2.1", "https", "localhost"),
        (b"X-Forwarded-Proto: gopher\r\n", "127.0.0.1", "http", "localhost"),
        (b"X-Forwarded-Host: films.example\r\n", "127.0.0.1", "http", "films.example"),
        (b"Forwarded: for=192.0.2.1;proto=https;host=films.example\r\n", "192.0.2.1", "https", "films.example"),
        (b'Forwarded: for="[2a00::1]:4711", for=10.0.0.1\r\n', "2a00::1", "http", "localhost"),
        (b"Forwarded: for=_hidden\r\n", "127.0.0.1", "http", "localhost"),
        (b"Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", "http", "localhost"),
    ],
)
async def test_a_proxy_that_is_named_is_believed(headers: bytes, client: str, scheme: str, host: str) -> None:
    headers += b"Connection: close\r\n"
    async with serving(Edge(Connections(10, 10), PATIENT, TrustedProxies.read(PROXIES))) as server:
        assert statuses(await converse(server.port, get(HEAD + headers))) == (200,)
        (seen,) = server.seen
        assert (seen["client"][0], seen["scheme"], seen["headers"]["host"]) == (client, scheme, host)
    async with serving() as server:
        assert statuses(await converse(server.port, get(HEAD + headers))) == (200,)
        (seen,) = server.seen
        assert (seen["client"][0], seen["scheme"], seen["headers"]["host"]) == ("127.0.0.1", "http", "localhost")


@pytest.mark.parametrize(
    "headers",
    [
        b"Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n",
        b"Forwarded: proto=https\r\nX-Forwarded-Proto: http\r\n",
        b"Forwarded: for=192.0.2.1;;=\r\n",
        b"X-Forwarded-Host: me@films.example\r\n",
        b"X-Forwarded-Host: films.example/a\r\n",
    ],
)
async def test_a_proxy_that_contradicts_itself_is_refused(headers: bytes) -> None:
    async with serving(Edge(Connections(10, 10), PATIENT, TrustedProxies.read(PROXIES))) as server:
        assert statuses(await converse(server.port, get(HEAD + headers))) == (400,)


async def test_who_is_behind_a_proxy_is_bounded_alone_and_the_proxy_is_not() -> None:
    async with serving(Edge(Connections(100, 2), PATIENT, TrustedProxies.read("127.0.0.1"))) as server:
        server.hold.clear()
        greedy = [
            asyncio.create_task(converse(server.port, get(HEAD + b"X-Forwarded-For: 192.0.2.1\r\n"))) for _ in range(2)
        ]
        await server.until(lambda: len(server.uvicorn.server_state.tasks) == 2)
        assert statuses(await converse(server.port, get(HEAD + b"X-Forwarded-For: 192.0.2.1\r\n"))) == (429,)
        assert statuses(await converse(server.port, handshake(b"X-Forwarded-For: 192.0.2.1\r\n"))) != (101,)
        others = [
            asyncio.create_task(converse(server.port, get(HEAD + b"X-Forwarded-For: 192.0.2.%d\r\n" % number)))
            for number in range(2, 10)
        ]
        await server.until(lambda: len(server.uvicorn.server_state.tasks) == 10)
        server.hold.set()
        for asking in (*greedy, *others):
            assert statuses(await asking) == (200,)
        assert statuses(await converse(server.port, get(HEAD + b"X-Forwarded-For: 192.0.2.1\r\n"))) == (200,)


# --- sockets


def frame(first: int, payload: bytes = b"", *, masked: bool = True, length: int | None = None) -> bytes:
    size = len(payload) if length is None else length
    marked = 0x80 if masked else 0
    head = bytes([first, marked | size]) if size < 126 else bytes([first, marked | 127]) + size.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if masked else b"") + payload


BROKEN = {
    "an unmasked frame": (frame(0x81, b"a", masked=False), 1002),
    "a reserved bit": (frame(0xC1, b"a"), 1002),
    "compression that was not agreed": (frame(0xC1, b"\xaa\x03\0"), 1002),
    "a reserved opcode": (frame(0x83, b"a"), 1002),
    "a reserved control opcode": (frame(0x8B), 1002),
    "a ping in parts": (frame(0x09, b"a"), 1002),
    "a ping too long": (frame(0x89, b"a" * 126, length=None), 1002),
    "a continuation of nothing": (frame(0x80, b"a"), 1002),
    "a message within a message": (frame(0x01, b"a") + frame(0x81, b"b"), 1002),
    "text that is no UTF-8": (frame(0x81, b"\xff\xfe"), 1007),
    "text that ends within a character": (frame(0x81, b"\xc3"), 1007),
    "a message over the limit": (frame(0x81, length=(1 << 20) + 1), 1009),
    "a message of nine exabytes": (frame(0x82, length=(1 << 63) - 1), 1009),
    "a close of one byte": (frame(0x88, b"\x03"), 1002),
    "a close with a code that is none": (frame(0x88, b"\x00\x01"), 1002),
    "a close with a reason that is no UTF-8": (frame(0x88, b"\x03\xe8\xff"), 1007),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_socket_that_breaks_the_protocol_hears_its_code_and_is_one_line(
    server: Server, said: Any, name: str
) -> None:
    sent, code = BROKEN[name]
    (answer,) = await converse(server.port, handshake(), sent)
    assert answer.status == 101
    assert answer.body[0] == 0x88
    assert int.from_bytes(answer.body[2:4], "big") == code
    await server.until(lambda: server.seen)
    assert server.seen == [{"code": code}]
    assert [(line["event"], line["log_level"]) for line in said] == [("socket closed: it broke the protocol", "debug")]
    await server.until(lambda: server.edge.connections.count == 0)


async def test_a_conversation_goes_through_the_edge(server: Server) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/ws/film") as client:
        await client.send("hello")
        assert await client.recv() == "hello"
        assert server.edge.connections.count == 1
    await server.until(lambda: server.edge.connections.count == 0)


async def test_a_handshake_that_is_not_answered_in_time_is_ended(said: Any) -> None:
    async with serving(Edge(Connections(10, 10), replace(PATIENT, handshake=0.3))) as server:
        server.hold.clear()
        (answer,) = await converse(server.port, handshake())
        assert answer.status == 503
        assert_of_one_shape(answer)
        await server.until(lambda: server.edge.connections.count == 0)
        server.hold.set()
        await server.until(lambda: not server.uvicorn.server_state.tasks)
        assert [line["event"] for line in said if line["log_level"] == "debug"][:1] == [
            "handshake not answered in time"
        ]


@pytest.mark.fault_of_ours
async def test_a_conversation_that_fails_here_is_closed_with_1011(server: Server) -> None:
    (answer,) = await converse(server.port, handshake(target=b"/ws/late"))
    assert (answer.status, answer.body[:1], int.from_bytes(answer.body[2:4], "big")) == (101, b"\x88", 1011)


async def test_sockets_are_counted_and_given_back() -> None:
    async with serving(Edge(Connections(2, 10), PATIENT)) as server:
        address = f"ws://127.0.0.1:{server.port}/ws/film"
        async with connect(address), connect(address):
            assert statuses(await converse(server.port, GET)) == (503,)
        await server.until(lambda: server.edge.connections.count == 0)
        assert statuses(await converse(server.port, GET)) == (200,)
