"""Sends an input as it is, byte by byte, and writes down what comes of it. Knows HTTP and frames by itself: no client
library would send what is sent here."""

import asyncio
import contextlib
import json
import socket as sockets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.hostile.entry import End, Entry, Said, Step
from tests.hostile.wire import CLOSE, TEXT, handshake, text
from tests.waiting import LONG_S

PATIENCE_S = LONG_S
"""How long an answer is awaited: longer than any deadline of the service."""
_LIMIT = 4 << 20


@dataclass
class Answer:
    """An answer of HTTP. ``body`` of an endless one: its first event."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True

    @property
    def closes(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


@dataclass
class Outcome:
    """What came. ``end``: ``closed``, ``open`` (and the next request was answered as it should), ``nothing`` within
    `PATIENCE_S`, or what is wrong with the connection afterwards."""

    answers: list[Answer] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    close_code: int | None = None
    end: str = "open"
    took_s: float = 0.0

    def __str__(self) -> str:
        parts = [f"{a.status} {a.body[:200]!r}" for a in self.answers]
        parts += [f"{m.get('type')} {m.get('error_code', '')} {str(m.get('message', ''))[:100]}" for m in self.messages]
        parts += [f"close code {self.close_code}"] if self.close_code is not None else []
        return ", ".join([*parts, self.end])


async def exchange(host: str, port: int, entry: Entry, render: Callable[[bytes], bytes]) -> Outcome:
    """Sends the entry to the service. ``render``: puts in what the tokens stand for."""
    outcome = Outcome()
    steps = await asyncio.to_thread(_prepare, entry.steps, render)
    began = asyncio.get_running_loop().time()
    reader, writer = await asyncio.open_connection(host, port, limit=_LIMIT)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await (_converse if entry.socket is not None else _ask)(reader, writer, entry, steps, render, outcome)
    except TimeoutError:
        outcome.end = "nothing"
    except (ConnectionError, asyncio.IncompleteReadError):
        outcome.end = "closed"
    finally:
        outcome.took_s = asyncio.get_running_loop().time() - began
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return outcome


Prepared = bytes | float | End
"""A step whose bytes are made."""


def _prepare(steps: Sequence[Step], render: Callable[[bytes], bytes]) -> list[Prepared]:
    """Makes all bytes, before a connection is opened: who is late with them would meet a deadline that is not meant."""

    def one(step: Step) -> Prepared:
        match step:
            case bytes():
                return render(step)
            case Said():
                return b"".join(text(render(message)) for message in step.messages)
            case float() | End():
                return step
            case _:
                return render(step())

    return [one(step) for step in steps]


async def _send(writer: asyncio.StreamWriter, steps: list[Prepared]) -> None:
    """Whoever breaks the connection off while it is sent is heard by who reads."""
    with contextlib.suppress(ConnectionError):
        for step in steps:
            match step:
                case bytes():
                    writer.write(step)
                case float():
                    await asyncio.sleep(step)
                case End.HALF_CLOSE:
                    writer.write_eof()
                case End.RESET:
                    raw = writer.get_extra_info("socket")
                    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
            await writer.drain()


async def _ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    entry: Entry,
    steps: list[Prepared],
    render: Callable[[bytes], bytes],
    outcome: Outcome,
) -> None:
    sending = asyncio.create_task(_send(writer, steps))
    try:
        if End.RESET in steps:
            await sending
            outcome.end = "closed"
            return
        bodiless = steps[0][:5] == b"HEAD " if isinstance(steps[0], bytes) else False
        answer = await _answer(reader, bodiless=bodiless)
        outcome.answers.append(answer)
        if answer.closes or not answer.whole:
            if answer.whole:
                await reader.read()  # until it is closed: as was said
            outcome.end = "closed"
            return
        # the connection stays: it must be of use, and the next answer must be that of the next request
        await sending
        asked = b"GET /health/live HTTP/1.1\r\nHost: @HOST@\r\nX-Request-ID: canary\r\nConnection: close\r\n\r\n"
        with contextlib.suppress(ConnectionError):
            writer.write(render(asked))
        while True:
            answer = await _answer(reader, bodiless=False)
            if answer.headers.get("x-request-id") == "canary":
                outcome.end = "open" if answer.status == 200 else f"the next request was answered {answer.status}"
                return
            outcome.answers.append(answer)
    finally:
        sending.cancel()
        await asyncio.wait([sending])


async def _answer(reader: asyncio.StreamReader, *, bodiless: bool) -> Answer:
    """The next answer; interim ones are left out. Raises `IncompleteReadError` where the connection ends first."""
    while True:
        begin, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1").split("\r\n")
        version, status, *_ = begin.split(" ")
        assert version == "HTTP/1.1", begin[:200]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        found = Answer(int(status), headers, b"")
        if found.status == 101:
            found.whole = False
            return found
        if found.status >= 200:
            break
    if bodiless or found.status in (204, 304):
        return found
    if headers.get("content-type", "").startswith("text/event-stream"):
        found.body, found.whole = await reader.readuntil(b"\n\n"), False
    elif headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            found.body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
    elif "content-length" in headers:
        found.body = await reader.readexactly(int(headers["content-length"]))
    else:
        found.body = await reader.read()
    return found


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    entry: Entry,
    steps: list[Prepared],
    render: Callable[[bytes], bytes],
    outcome: Outcome,
) -> None:
    assert entry.socket is not None
    writer.write(render(handshake(entry.socket)))
    opened = await _answer(reader, bodiless=False)
    if opened.status != 101:
        outcome.answers.append(opened)
        outcome.end = "closed"
        return
    legacy = entry.socket.startswith("/legacy/")
    sending = asyncio.create_task(_send(writer, [*steps, text(_CANARY_OF_LEGACY if legacy else _CANARY_OF_OURS)]))
    try:
        while True:
            opcode, payload = await _frame(reader)
            if opcode == CLOSE:
                outcome.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
                outcome.end = "closed"
                return
            if opcode != TEXT:
                continue
            message = json.loads(payload)
            if legacy:  # judged by what it says
                message = {**message["payload"], "type": message["type"].replace("task_error", "error")}
            if message.get("reply_to") == _CANARY:
                outcome.end = "open"
                return
            outcome.messages.append(message)
    finally:
        sending.cancel()
        await asyncio.wait([sending])


_CANARY = "ca4a4700-0000-4000-8000-000000000000"
_CANARY_OF_OURS = {"type": "ping", "id": _CANARY}
_CANARY_OF_LEGACY = {"type": "cancel", "payload": {"id": _CANARY, "task_id": "nobody"}}


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    assert not second & 0x80, "the service masks its frames"
    length = second & 0x7F
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2), "big")
    elif length == 127:
        length = int.from_bytes(await reader.readexactly(8), "big")
    return first & 0x0F, await reader.readexactly(length)
