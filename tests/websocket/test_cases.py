"""The service's WebSocket against the cases of Autobahn's suite, each in a conversation of its own."""

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.waiting import LONG_S
from tests.websocket import cases
from tests.websocket.cases import BINARY, CLOSE, CONT, DROPPED, PONG, TEXT, Case, Heard
from tests.websocket.echo import MAX_SIZE

FRAMES_AT_ONCE = 1000


class Echo:
    """The protocol with an echo behind it, in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    async def tried(self, case: Case) -> str | None:
        """What is wrong, if anything."""
        async with asyncio.timeout(LONG_S):
            heard, code = await self._talk(case)
        if code not in case.codes:
            return f"{case.number}: closed with {code}, not {sorted(case.codes)}"
        if case.heard is not None and heard != list(case.heard):
            return f"{case.number}: heard {len(heard)} messages {str(heard)[:200]}, not {str(case.heard)[:200]}"
        return None

    async def _talk(self, case: Case) -> tuple[list[Heard], int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer
        saying = asyncio.create_task(_say(writer, case.sent))
        heard: list[Heard] = []
        try:
            if case.says_goodbye:
                code = await _listen(reader, heard, most=len(case.heard or ()))
                await saying
                if code is not None:
                    return heard, code
                writer.write(cases.close())
            code = await _listen(reader, heard)
            assert code is not None
            return heard, code
        finally:
            saying.cancel()
            await asyncio.wait({saying})
            writer.close()


async def _say(writer: asyncio.StreamWriter, chunks: tuple[bytes, ...]) -> None:
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()


async def _listen(reader: asyncio.StreamReader, heard: list[Heard], most: int = sys.maxsize) -> int | None:
    """Adds the messages and pongs until there are ``most``, or until the close frame, whose code it returns; `DROPPED`
    where the connection ends without one."""
    begun: list[bytes] = []
    kind = 0
    try:
        while len(heard) < most:
            first, second = await reader.readexactly(2)
            assert not second & 128, "a server's frames are not masked"
            size = second & 127
            if size >= 126:
                size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
            payload = await reader.readexactly(size)
            match first & 15:
                case 8:
                    return int.from_bytes(payload[:2], "big") if payload else 1005
                case 0 | 1 | 2 as opcode:
                    kind = kind if opcode == CONT else opcode
                    begun.append(payload)
                    if first & 128:
                        heard.append((kind, b"".join(begun)))
                        begun.clear()
                case 10:
                    heard.append((PONG, payload))
                case 9:
                    pass
                case other:
                    raise AssertionError(f"a frame of kind {other}")
    except (asyncio.IncompleteReadError, OSError):
        return DROPPED
    return None


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.websocket.echo"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            yield Echo(process, int(process.stdout.readline()))
        finally:
            process.kill()


GROUPS: dict[str, Callable[[], Iterator[Case]]] = {
    "framing": cases.framing,
    "pings and pongs": cases.pings,
    "reserved bits and opcodes": cases.reserved,
    "fragments": cases.fragments,
    "texts": cases.texts,
    "closing": cases.closing,
    "limits": lambda: cases.limits(MAX_SIZE, FRAMES_AT_ONCE),
}


@pytest.mark.parametrize("group", GROUPS)
async def test_every_case_ends_as_the_protocol_says(echo: Echo, group: str) -> None:
    tried = list(GROUPS[group]())
    assert len({case.number for case in tried}) == len(tried)
    wrong = [said for case in tried if (said := await echo.tried(case)) is not None]
    assert wrong == [], f"{len(wrong)} of {len(tried)}"
    assert echo.process.poll() is None


async def test_a_case_that_ends_otherwise_is_found(echo: Echo) -> None:
    for case in (
        cases.case("code", cases.close(), code=1002),
        cases.well("message", cases.frame(TEXT, b"a"), heard=[(TEXT, b"b")]),
        cases.well("kind", cases.frame(TEXT, b"a"), heard=[(BINARY, b"a")]),
        cases.well("order", cases.frame(TEXT, b"a"), cases.frame(TEXT, b"b"), heard=[(TEXT, b"b"), (TEXT, b"a")]),
        cases.case("dropped", cases.frame(CLOSE), code=DROPPED),
    ):
        assert await echo.tried(case) is not None, case.number
