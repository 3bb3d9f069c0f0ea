"""What is sent to a server's edge over a bare connection, and what has to become of it.

A verdict is the statuses of all answers on that connection, in order, before the server ends it: ``()`` is an end
without a word. The server answers what it takes with 200.
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any

from tests.waiting import LONG_S

HEAD = b"Host: localhost\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
GET = b"GET /echo HTTP/1.1\r\n" + HEAD + b"\r\n"


@dataclass(frozen=True)
class Answer:
    """One answer as it was read."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def get(headers: bytes = HEAD, target: bytes = b"/echo", version: bytes = b"HTTP/1.1", method: bytes = b"GET") -> bytes:
    return b"%s %s %s\r\n%s\r\n" % (method, target, version, headers)


def post(headers: bytes, body: bytes = b"", target: bytes = b"/echo") -> bytes:
    return get(HEAD + headers, target, method=b"POST") + body


def chunked(body: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked\r\n", body)


def handshake(headers: bytes = KEY + VERSION, target: bytes = b"/ws/film", method: bytes = b"GET") -> bytes:
    return get(HEAD + UPGRADE + headers, target, method=method)


def many(count: int) -> bytes:
    return b"".join(b"X-%d: a\r\n" % number for number in range(count))


TAKEN: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "a plain request": (GET, (200,)),
    "two on one connection": (GET + GET, (200, 200)),
    "fifty at once": (GET * 50, (200,) * 50),
    "an empty line before": (b"\r\n" + GET, (200,)),
    "HTTP/1.0 without a Host": (get(b"", version=b"HTTP/1.0"), (200,)),
    "an address with its host": (get(target=b"http://localhost:80/echo?a=b"), (200,)),
    "a query with odd but plain characters": (get(target=b"/echo?a={b}|c"), (200,)),
    "two slashes": (get(target=b"//echo"), (200,)),
    "a Host in brackets": (get(b"Host: [::1]:8000\r\n"), (200,)),
    "many headers, but not too many": (get(HEAD + many(99)), (200,)),
    "a long header, but not too long": (get(HEAD + b"Cookie: " + b"a" * 7899 + b"\r\n"), (200,)),
    "a value in Latin-1, and a tab": (get(HEAD + b"X: a\t\xe9\r\n"), (200,)),
    "an empty value": (get(HEAD + b"X:\r\n"), (200,)),
    "a body": (post(b"Content-Length: 3\r\n", b"abc"), (200,)),
    "a body, then another request": (post(b"Content-Length: 3\r\n", b"abc") + GET, (200, 200)),
    "chunks": (chunked(b"3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n"), (200,)),
    "chunks, then another request": (chunked(b"3\r\nabc\r\n0\r\n\r\n") + GET, (200, 200)),
    "an extension": (chunked(b'3;name="value"\r\nabc\r\n0\r\n\r\n'), (200,)),
    "a trailer": (chunked(b"3\r\nabc\r\n0\r\nX-Digest: 1\r\n\r\n") + GET, (200, 200)),
    "a thousand small chunks": (chunked(b"1\r\na\r\n" * 1000 + b"0\r\n\r\n") + GET, (200, 200)),
    "a wish for HTTP/2, overlooked": (
        get(HEAD + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAA\r\n") + GET,
        (200, 200),
    ),
    "an end that is announced": (get(HEAD + b"Connection: close\r\n") + GET, (200,)),
}

REFUSED: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "no version": (b"GET /echo\r\n\r\n", (400,)),
    "a method alone": (b"GET\r\n\r\n", (400,)),
    "no request at all": (b"hello there, service of pictures\r\n\r\n", (400,)),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500, (400,)),
    "HTTP/2 from the start": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (505,)),
    "HTTP/3.0": (get(version=b"HTTP/3.0"), (505,)),
    "HTTP/0.9": (get(version=b"HTTP/0.9"), (505,)),
    "HTTP/1.2": (get(version=b"HTTP/1.2"), (400,)),
    "a version in small letters": (get(version=b"http/1.1"), (400,)),
    "two spaces": (b"GET  /echo HTTP/1.1\r\n" + HEAD + b"\r\n", (400,)),
    "a tab": (b"GET\t/echo HTTP/1.1\r\n" + HEAD + b"\r\n", (400,)),
    "a space at the end": (b"GET /echo HTTP/1.1 \r\n" + HEAD + b"\r\n", (400,)),
    "a space in the address": (get(target=b"/ec ho"), (400,)),
    "a fragment": (get(target=b"/echo#a"), (400,)),
    "an address beyond ASCII": (get(target=b"/\xc3\xa9"), (400,)),
    "NUL in the address": (get(target=b"/ec\0ho"), (400,)),
    "an address without a slash": (get(target=b"echo"), (400,)),
    "an address without anything": (get(target=b"?a"), (400,)),
    "an address for everything": (get(target=b"*", method=b"OPTIONS"), (501,)),
    "CONNECT": (get(target=b"localhost:80", method=b"CONNECT"), (501,)),
    "an unknown method": (get(method=b"BREW"), (501,)),
    "a method in small letters": (get(method=b"get"), (501,)),
    "no method's letters": (get(method=b"G(T"), (400,)),
    "a line that ends in LF": (b"GET /echo HTTP/1.1\n" + HEAD + b"\r\n", (400,)),
    "a header that ends in LF": (get(b"Host: localhost\nX: a\r\n"), (400,)),
    "a head that ends in LF LF": (b"GET /echo HTTP/1.1\nHost: localhost\n\n", (400,)),
    "a line that ends in CR": (b"GET /echo HTTP/1.1\rHost: localhost\r\r", (400,)),
    "CR in a value": (get(HEAD + b"X: a\rb\r\n"), (400,)),
    "LF in a value": (get(HEAD + b"X: a\nb: c\r\n"), (400,)),
    "NUL in a value": (get(HEAD + b"X: a\0b\r\n"), (400,)),
    "NUL in a name": (get(HEAD + b"X\0: a\r\n"), (400,)),
    "DEL in a value": (get(HEAD + b"X: a\x7f\r\n"), (400,)),
    "a vertical tab in a value": (get(HEAD + b"X: a\x0bb\r\n"), (400,)),
    "a folded header": (get(HEAD + b"X: a\r\n b\r\n"), (400,)),
    "a fold at once": (get(b" X: a\r\n" + HEAD), (400,)),
    "a space before the colon": (get(HEAD + b"Content-Length : 0\r\n"), (400,)),
    "a header without a name": (get(HEAD + b": a\r\n"), (400,)),
    "a header without a colon": (get(HEAD + b"nonsense\r\n"), (400,)),
    "a name with brackets": (get(HEAD + b"X(a): b\r\n"), (400,)),
    "a name beyond ASCII": (get(HEAD + b"X-\xe9: b\r\n"), (400,)),
    "too many headers": (get(HEAD + many(100)), (431,)),
    "a hundred thousand headers": (get(HEAD + many(100_000)), (431,)),
    "a header too long": (get(HEAD + b"Cookie: " + b"a" * 7901 + b"\r\n"), (431,)),
    "a name too long": (get(HEAD + b"X" * 129 + b": a\r\n"), (431,)),
    "headers too large in all": (get(HEAD + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 7000) for n in range(5))), (431,)),
    "megabytes of one header": (get(HEAD + b"X: " + b"a" * (4 << 20) + b"\r\n"), (431,)),
    "megabytes of a name": (get(HEAD + b"X" * (4 << 20)), (431,)),
    "an address too long": (get(target=b"/" + b"a" * 8000), (414,)),
    "megabytes of an address": (get(target=b"/" + b"a" * (4 << 20)), (414,)),
    "megabytes of a method": (b"A" * (4 << 20), (414,)),
    "no Host": (get(b""), (400,)),
    "an empty Host": (get(b"Host:\r\n"), (400,)),
    "two Hosts": (get(HEAD + b"Host: localhost\r\n"), (400,)),
    "two Hosts in other letters": (get(HEAD + b"hOST: evil.example\r\n"), (400,)),
    "a user in Host": (get(b"Host: me@localhost\r\n"), (400,)),
    "a user and a password in Host": (get(b"Host: a:b@localhost\r\n"), (400,)),
    "a path in Host": (get(b"Host: localhost/a\r\n"), (400,)),
    "a scheme in Host": (get(b"Host: http://localhost\r\n"), (400,)),
    "a comma in Host": (get(b"Host: localhost, evil.example\r\n"), (400,)),
    "a space in Host": (get(b"Host: local host\r\n"), (400,)),
    "a port that is none": (get(b"Host: localhost:99999\r\n"), (400,)),
    "a port in letters": (get(b"Host: localhost:http\r\n"), (400,)),
    "a port of nothing": (get(b"Host: localhost:\r\n"), (400,)),
    "an address that is none": (get(b"Host: [::g]\r\n"), (400,)),
    "an open bracket": (get(b"Host: [::1\r\n"), (400,)),
    "a name with an escape": (get(b"Host: local%68ost\r\n"), (400,)),
    "a name beyond ASCII in Host": (get(b"Host: b\xfccher.example\r\n"), (400,)),
    "a user in the address": (get(target=b"http://me@localhost/echo"), (400,)),
    "an address with no host": (get(target=b"http:///echo"), (400,)),
    "an address of another scheme": (get(target=b"ftp://localhost/echo"), (400,)),
    "an address with a host and no Host": (get(b"", target=b"http://localhost/echo"), (400,)),
    "length and chunks": (post(b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n") + GET, (400,)),
    "chunks and length": (post(b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", b"0\r\n\r\n") + GET, (400,)),
    "two lengths": (post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"), (400,)),
    "two equal lengths": (post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), (400,)),
    "two lengths in one": (post(b"Content-Length: 3, 3\r\n", b"abc"), (400,)),
    "a length with a sign": (post(b"Content-Length: +3\r\n", b"abc"), (400,)),
    "a length below zero": (post(b"Content-Length: -3\r\n", b"abc"), (400,)),
    "a length in hexadecimals": (post(b"Content-Length: 0x3\r\n", b"abc"), (400,)),
    "a length in letters": (post(b"Content-Length: three\r\n", b"abc"), (400,)),
    "a length with an underscore": (post(b"Content-Length: 1_0\r\n", b"0123456789"), (400,)),
    "a length of nothing": (post(b"Content-Length:\r\n", b"abc"), (400,)),
    "a length of twenty digits": (post(b"Content-Length: 18446744073709551619\r\n", b"abc"), (400,)),
    "two codings": (post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), (400,)),
    "chunked twice": (post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), (400,)),
    "chunked, but not at last": (post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"), (400,)),
    "a coding that is not known": (post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), (501,)),
    "identity": (post(b"Transfer-Encoding: identity\r\n", b"abc"), (501,)),
    "a coding in quotes": (post(b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n"), (400,)),
    "a coding with a parameter": (post(b"Transfer-Encoding: chunked;a=b\r\n", b"0\r\n\r\n"), (400,)),
    "chunks in HTTP/1.0": (
        b"POST /echo HTTP/1.0\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        (400,),
    ),
    "a size with a sign": (chunked(b"+3\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size below zero": (chunked(b"-3\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size with 0x": (chunked(b"0x3\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size with a space before": (chunked(b" 3\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size with a space behind": (chunked(b"3 \r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size with a space before its extension": (chunked(b"3 ;a\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size with an underscore": (chunked(b"0_3\r\nabc\r\n0\r\n\r\n"), (400,)),
    "no size": (chunked(b"\r\nabc\r\n0\r\n\r\n"), (400,)),
    "an extension alone": (chunked(b";a\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size of seventeen digits": (chunked(b"00000000000000003\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a size that ends in LF": (chunked(b"3\nabc\r\n0\r\n\r\n"), (400,)),
    "a size that ends in CR": (chunked(b"3\rabc\r\n0\r\n\r\n"), (400,)),
    "an extension too long": (chunked(b"3;" + b"a" * 256 + b"\r\nabc\r\n0\r\n\r\n"), (400,)),
    "a megabyte of an extension": (chunked(b"3;" + b"a" * (1 << 20)), (400,)),
    "LF in an extension": (chunked(b"3;a\nb\r\nabc\r\n0\r\n\r\n"), (400,)),
    "many extensions": (chunked((b"1;" + b"a" * 200 + b"\r\na\r\n") * 30 + b"0\r\n\r\n"), (400,)),
    "a chunk too long": (chunked(b"3\r\nabcd\r\n0\r\n\r\n"), (400,)),
    "a chunk that ends in LF": (chunked(b"3\r\nabc\n0\r\n\r\n"), (400,)),
    "a trailer that is none": (chunked(b"0\r\nnonsense\r\n\r\n"), (400,)),
    "a trailer that ends in LF": (chunked(b"0\r\nX: a\n\r\n"), (400,)),
    "a megabyte of trailers": (chunked(b"0\r\n" + many(100_000)), (431,)),
    "one that is taken, one that is not": (GET + get(b""), (200, 400)),
    "one that is not, one that would be": (get(b"") + GET, (400,)),
    "a handshake with a long header": (handshake(KEY + VERSION + b"X: " + b"a" * 9000 + b"\r\n"), (431,)),
    "a handshake with megabytes": (handshake(KEY + VERSION + b"X: " + b"a" * (4 << 20) + b"\r\n"), (431,)),
    "a handshake with many headers": (handshake(KEY + VERSION + many(120)), (431,)),
    "a handshake with a long address": (handshake(target=b"/ws/" + b"a" * 8190), (414,)),
    "a handshake by POST": (handshake(method=b"POST"), (405,)),
    "a handshake without a key": (handshake(VERSION), (400,)),
    "a handshake with two keys": (handshake(KEY + KEY + VERSION), (400,)),
    "a handshake with a short key": (handshake(b"Sec-WebSocket-Key: YWJj\r\n" + VERSION), (400,)),
    "a handshake with a key that is none": (handshake(b"Sec-WebSocket-Key: !\r\n" + VERSION), (400,)),
    "a handshake of version 8": (handshake(KEY + b"Sec-WebSocket-Version: 8\r\n"), (426,)),
    "a handshake without a version": (handshake(KEY), (426,)),
    "a handshake in HTTP/1.0": (
        b"GET /ws/film HTTP/1.0\r\n" + HEAD + UPGRADE + KEY + VERSION + b"\r\n",
        (400,),
    ),
    "a handshake with a body": (handshake(KEY + VERSION + b"Content-Length: 3\r\n") + b"abc", (400,)),
    "a handshake with chunks": (handshake(KEY + VERSION + b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", (400,)),
    "a handshake with a subprotocol that is none": (
        handshake(KEY + VERSION + b"Sec-WebSocket-Protocol: ,(\r\n"),
        (400,),
    ),
}

SLOW: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "nothing": (b"", ()),
    "half a line": (b"GET /ec", (408,)),
    "an empty line": (b"\r\n", (408,)),
    "a line": (b"GET /echo HTTP/1.1\r\n", (408,)),
    "half a head": (b"GET /echo HTTP/1.1\r\nHost: local", (408,)),
    "a head without its end": (b"GET /echo HTTP/1.1\r\nHost: localhost\r\n", (408,)),
    "no body": (post(b"Content-Length: 3\r\n"), (408,)),
    "half a body": (post(b"Content-Length: 3\r\n", b"a"), (408,)),
    "half a size": (chunked(b"3"), (408,)),
    "half a chunk": (chunked(b"3\r\na"), (408,)),
    "chunks without an end": (chunked(b"3\r\nabc\r\n"), (408,)),
    "trailers without an end": (chunked(b"0\r\nX: a\r\n"), (408,)),
    "a request, and no other": (GET, (200,)),
    "a request, and half another": (GET + b"GET", (200, 408)),
    "half a handshake": (handshake()[:-2], (408,)),
    "a megabyte a client may send for a handshake": (handshake(KEY + VERSION + many(50))[:-2], (408,)),
}


async def converse(port: int, *parts: bytes) -> list[Answer]:
    """Sends the parts, and reads all answers until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""

    async def send() -> None:
        with contextlib.suppress(OSError):
            for part in parts:
                writer.write(part)
                await writer.drain()

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(LONG_S):
            with contextlib.suppress(ConnectionResetError):
                while data := await reader.read(1 << 16):
                    received += data
    finally:
        sending.cancel()
        await asyncio.wait({sending})
        writer.transport.abort()
        await asyncio.sleep(0)
    return answers_in(received)


def answers_in(received: bytes) -> list[Answer]:
    """The answers that were received, each whole."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        version, status = line.split(" ")[:2]
        assert version == "HTTP/1.1", line
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if status == "101":
            return [*found, Answer(101, headers, rest)]
        length = int(headers["content-length"])
        assert len(rest) >= length, "an answer was cut off"
        found.append(Answer(int(status), headers, rest[:length]))
        received = rest[length:]
    return found
