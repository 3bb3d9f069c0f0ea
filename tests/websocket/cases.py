"""The cases of Autobahn's suite, by its numbers, as frames to send and what must come back.

Written after RFC 6455 and the suite's descriptions, so that they run wherever the tests run; the suite itself wants
Python 2.7. What the service bounds (9.*) is asked at the bound and beyond it.
"""

import itertools
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
Heard = tuple[int, bytes]
DROPPED = -1
"""Instead of a close code: the connection is cut."""


@dataclass(frozen=True)
class Case:
    """``sent``: the bytes, in the chunks in which they are written. ``heard``: the messages and pongs that come back,
    in order, None where that is left to the server; ``codes``: the close codes of which the last thing is one.
    ``says_goodbye``: whether the client closes, as soon as it has heard all."""

    number: str
    sent: tuple[bytes, ...]
    heard: tuple[Heard, ...] | None
    codes: frozenset[int]
    says_goodbye: bool = False


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
    """One frame as a client writes it, masked."""
    size = len(payload)
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([128 | size])
    elif size < 1 << 16:
        head += bytes([128 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([128 | 127]) + struct.pack("!Q", size)
    mask = b"\x37\xfa\x21\x3d"
    stream = (mask * (size // 4 + 1))[:size]
    return head + mask + (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")


def message(payload: bytes, parts: Sequence[bytes] | None = None, opcode: int = TEXT) -> bytes:
    """A message, whole or in the given fragments."""
    parts = [payload] if parts is None else list(parts)
    last = len(parts) - 1
    return b"".join(frame(CONT if n else opcode, part, fin=n == last) for n, part in enumerate(parts))


def close(code: int | None = 1000, reason: bytes = b"") -> bytes:
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def case(number: str, *sent: bytes, heard: Sequence[Heard] | None = (), code: int | set[int] = 1000) -> Case:
    codes = {code} if isinstance(code, int) else code
    return Case(number, sent, None if heard is None else tuple(heard), frozenset(codes))


def well(number: str, *sent: bytes, heard: Sequence[Heard]) -> Case:
    """A conversation that the client closes."""
    return Case(number, sent, tuple(heard), frozenset({1000}), says_goodbye=True)


def octets(data: bytes, size: int = 1) -> tuple[bytes, ...]:
    return tuple(data[start : start + size] for start in range(0, len(data), size))


def framing() -> Iterator[Case]:
    sizes = (0, 125, 126, 127, 128, 65_535, 65_536)
    for group, opcode, unit in (("1.1", TEXT, b"*"), ("1.2", BINARY, b"\xfe")):
        for n, size in enumerate(sizes, 1):
            yield well(f"{group}.{n}", frame(opcode, unit * size), heard=[(opcode, unit * size)])
        chopped = octets(frame(opcode, unit * 65_536), 997)
        yield well(f"{group}.8", *chopped, heard=[(opcode, unit * 65_536)])


def pings() -> Iterator[Case]:
    for n, payload in enumerate((b"", b"Hello", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125), 1):
        yield well(f"2.{n}", frame(PING, payload), heard=[(PONG, payload)])
    yield case("2.5", frame(PING, b"\xfe" * 126), code=1002)
    yield well("2.6", *octets(frame(PING, b"\xfe" * 125)), heard=[(PONG, b"\xfe" * 125)])
    yield well("2.7", frame(PONG), heard=[])
    yield well("2.8", frame(PONG, b"unsolicited"), heard=[])
    yield well("2.9", frame(PONG, b"unsolicited"), frame(PING, b"p"), heard=[(PONG, b"p")])
    ten = [f"payload-{n}".encode() for n in range(10)]
    yield well("2.10", *(frame(PING, one) for one in ten), heard=[(PONG, one) for one in ten])
    chopped = octets(b"".join(frame(PING, one) for one in ten))
    yield well("2.11", *chopped, heard=[(PONG, one) for one in ten])


def reserved() -> Iterator[Case]:
    for rsv in range(1, 8):
        yield case(f"3.{rsv}", frame(TEXT, b"small", rsv=rsv), frame(PING), code=1002)
    for n, opcode in enumerate(range(3, 8), 1):
        yield case(f"4.1.{n}", frame(opcode, b"x" * (n - 1)), frame(PING), code=1002)
    for n, opcode in enumerate(range(11, 16), 1):
        yield case(f"4.2.{n}", frame(opcode, b"x" * (n - 1)), frame(PING), code=1002)


def fragments() -> Iterator[Case]:
    yield case("5.1", frame(PING, b"fragment1", fin=False), frame(CONT, b"fragment2"), code=1002)
    yield case("5.2", frame(PONG, b"fragment1", fin=False), frame(CONT, b"fragment2"), code=1002)
    one, two = frame(TEXT, b"fragment1", fin=False), frame(CONT, b"fragment2")
    whole, ping, pong = (TEXT, b"fragment1fragment2"), frame(PING, b"ping"), (PONG, b"ping")
    yield well("5.3", one, two, heard=[whole])
    yield well("5.4", one + two, heard=[whole])
    yield well("5.5", *octets(one + two), heard=[whole])
    yield well("5.6", one, ping, two, heard=[pong, whole])
    yield well("5.7", one + ping + two, heard=[pong, whole])
    yield well("5.8", *octets(one + ping + two), heard=[pong, whole])
    for n, fin in ((9, True), (10, True), (11, True), (12, False), (13, False), (14, False)):
        stray = frame(CONT, b"non-continuation payload", fin=fin) + frame(TEXT, b"Hello")
        chunks = {0: octets(stray, 24), 1: (stray,), 2: octets(stray)}[n % 3]
        yield case(f"5.{n}", *chunks, code=1002)
    again = frame(CONT, b"fragment3", fin=False) + frame(TEXT, b"fragment4")
    yield case("5.15", one + two + again, heard=None, code=1002)
    for n, fin in ((16, False), (17, True)):
        yield case(f"5.{n}", frame(CONT, b"fragment1", fin=fin) + one + two, code=1002)
    yield case("5.18", one, frame(TEXT, b"fragment2"), code=1002)
    five = [f"fragment{n}".encode() for n in range(1, 6)]
    sent = [frame(TEXT if not n else CONT, part, fin=n == 4) for n, part in enumerate(five)]
    for n, chunks in ((19, [*sent[:2], ping, *sent[2:4], ping, sent[4]]), (20, octets(b"".join(
        [*sent[:2], ping, *sent[2:4], ping, sent[4]])))):  # fmt: skip
        yield well(f"5.{n}", *chunks, heard=[pong, pong, (TEXT, b"".join(five))])


KOSME = "Hello-µ@ßöäüàá-UTF-8!!".encode()
GREEK = "κόσμε".encode()


def valid_text() -> Iterator[tuple[str, bytes]]:
    """6.2, 6.5 and 6.7 to 6.23, by what they are about: what is UTF-8, to its edges."""
    yield "6.5.1", KOSME
    yield "6.5.2", GREEK
    edges = (0x00, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF)
    for n, point in enumerate(edges, 1):
        yield f"6.7.{n}", chr(point).encode()
    planes = ((plane << 16) + low for plane in range(17) for low in (0xFFFE, 0xFFFF))
    for n, point in enumerate(planes, 1):
        yield f"6.22.{n}", chr(point).encode()
    for n, point in enumerate(range(0xFFF9, 0x10000), 1):
        yield f"6.23.{n}", chr(point).encode()
    for n, point in enumerate(range(0xFDD0, 0xFDF0), 1):
        yield f"6.24.{n}", chr(point).encode()


def broken_text() -> Iterator[tuple[str, bytes]]:
    """6.3 and 6.6, 6.8 to 6.21: what is not, of every kind there is."""
    yield "6.3.1", GREEK + b"\xed\xa0\x80" + b"edited"
    yield "6.3.2", GREEK + b"\xf4\x90\x80\x80" + b"edited"
    for n in range(1, len(GREEK)):
        if GREEK[n] & 0xC0 == 0x80:  # cut within a character
            yield f"6.6.{n}", GREEK[:n]
    longer = (b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xf7\xbf\xbf\xbf", b"\xf4\x90\x80\x80")
    for n, text in enumerate((*longer, b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"), 1):
        yield f"6.8.{n}", text
    for n in range(0x80, 0xC0):
        yield f"6.10.{n:x}", bytes([n])
    for n in range(1, 8):
        yield f"6.11.{n}", (b"\x80\xbf" * 4)[:n]
    for n in range(0xC0, 0x100):
        yield f"6.12.{n:x}", bytes([n]) + b" "
    firsts = (b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80")
    lasts = (b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf")
    for n, text in enumerate((*firsts, *lasts, b"".join((*firsts, *lasts))), 1):
        yield f"6.13.{n}", text
    for n, text in enumerate((b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"), 1):
        yield f"6.14.{n}", text
    overlong = [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf"]
    for n, text in enumerate((*overlong, b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80"), 1):
        yield f"6.15.{n}", text
    for n, point in enumerate((0xD800, 0xDB7F, 0xDB80, 0xDBFF, 0xDC00, 0xDF80, 0xDFFF), 1):
        yield f"6.18.{n}", chr(point).encode("utf-8", "surrogatepass")
    for n, pair in enumerate(itertools.product((0xD800, 0xDB7F, 0xDB80, 0xDBFF), (0xDC00, 0xDFFF)), 1):
        yield f"6.19.{n}", "".join(map(chr, pair)).encode("utf-8", "surrogatepass")


def texts() -> Iterator[Case]:
    yield well("6.1.1", frame(TEXT), heard=[(TEXT, b"")])
    yield well("6.1.2", message(b"", [b"", b"", b""]), heard=[(TEXT, b"")])
    yield well("6.1.3", message(b"", [b"", b"payload", b""]), heard=[(TEXT, b"payload")])
    yield well("6.2.1", frame(TEXT, KOSME), heard=[(TEXT, KOSME)])
    yield well("6.2.2", message(b"", [KOSME[:12], KOSME[12:]]), heard=[(TEXT, KOSME)])
    for n, text in ((3, KOSME), (4, GREEK)):  # within characters, too
        yield well(f"6.2.{n}", message(b"", [text[i : i + 1] for i in range(len(text))]), heard=[(TEXT, text)])
    for number, text in valid_text():
        yield well(number, frame(TEXT, text), heard=[(TEXT, text)])
    for number, text in broken_text():
        yield case(number, frame(TEXT, text), code=1007)
    text = GREEK + b"\xf4\x90\x80\x80" + b"edited"
    for n, parts in enumerate(([text[:11], text[11:15], text[15:]], [text[:12], text[12:13], text[13:]]), 1):
        yield case(f"6.4.{n}", message(b"", parts), code=1007)
        yield case(f"6.4.{n + 2}", *octets(frame(TEXT, text), 7 + n), code=1007)


def closing() -> Iterator[Case]:
    hello = frame(TEXT, b"Hello World!")
    yield well("7.1.1", hello, heard=[(TEXT, b"Hello World!")])
    yield case("7.1.2", close(), close())
    yield case("7.1.3", close(), frame(PING))
    yield case("7.1.4", close(), hello)
    # the suite wants 1000; that a message was broken off is said with 1002
    yield case("7.1.5", frame(TEXT, b"fragment1", fin=False), close(), frame(CONT, b"fragment2"), code={1000, 1002})
    large = b"BAsd7&jh23" * 26_000
    yield case("7.1.6", frame(TEXT, large), close(), frame(PING), heard=None)
    yield case("7.3.1", close(None), code={1000, 1005})
    yield case("7.3.2", frame(CLOSE, b"a"), code=1002)
    yield case("7.3.3", close())
    yield case("7.3.4", close(1000, b"Hello World!"))
    yield case("7.3.5", close(1000, b"*" * 123))
    yield case("7.3.6", frame(CLOSE, struct.pack("!H", 1000) + b"*" * 124), code=1002)
    yield case("7.5.1", close(1000, GREEK + b"\xed\xa0\x80"), code=1007)
    for n, code in enumerate((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999), 1):
        yield case(f"7.7.{n}", close(code), code={1000, code})
    for n, code in enumerate((0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999), 1):
        yield case(f"7.9.{n}", close(code), code=1002)
    for n, code in enumerate((5000, 65_535), 1):
        yield case(f"7.13.{n}", close(code), code=1002)


def limits(most_bytes: int, most_frames: int) -> Iterator[Case]:
    """Bounds of the service: ``most_bytes`` of a message, ``most_frames`` at once."""
    kind = ((TEXT, b"BAsd7&jh23"), (BINARY, b"\x00\xfe\x23\xfa\xf0\x12\x13\x14\x15\x16"))
    for group, (opcode, unit) in enumerate(kind, 1):
        full = (unit * (most_bytes // len(unit) + 1))[:most_bytes]
        for n, size in enumerate((1 << 16, 1 << 18, most_bytes), 1):
            yield well(f"9.{group}.{n}", frame(opcode, full[:size]), heard=[(opcode, full[:size])])
        yield case(f"9.{group}.4", frame(opcode, full + b"*"), code=1009)
        for n, size in enumerate((4096, 1 << 16, 1 << 18), 4):
            parts = [full[start : start + size] for start in range(0, most_bytes, size)]
            yield well(f"9.{group + 2}.{n}", message(b"", parts, opcode), heard=[(opcode, full)])
            yield case(f"9.{group + 2}.{n}+", message(b"", [*parts, b"*"], opcode), code=1009)
        small = message(b"", [b"*"] * (most_frames * 3), opcode)
        yield case(f"9.{group + 2}.1", small, code=DROPPED)
        yield well(f"9.{group + 4}.1", *octets(frame(opcode, full[: 1 << 18]), 8192), heard=[(opcode, full[: 1 << 18])])
        many = [os.urandom(64) if opcode == BINARY else f"{n:064}".encode() for n in range(300)]
        sent = b"".join(frame(opcode, one) for one in many)
        yield well(f"9.{group + 6}.1", sent, heard=[(opcode, one) for one in many])
    yield well("10.1.1", message(b"", octets(b"*" * 65_536, 1300)), heard=[(TEXT, b"*" * 65_536)])
