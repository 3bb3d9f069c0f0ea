"""Frames that are not framed as RFC 6455 has it, or too many of them. Each conversation was opened properly."""

import struct

from tests.hostile.entry import CLOSED, GOES_ON, End, closed_with, says, socket
from tests.hostile.wire import BINARY, CLOSE, CONT, PING, PONG, TEXT, close, frame, text

BROKEN = closed_with(1002) | CLOSED
TOO_BIG = closed_with(1009) | CLOSED | says("MESSAGE_TOO_LARGE")
NO_TEXT = closed_with(1007) | CLOSED
DONE = closed_with(1000, 1002, 1005, 1007, 1012) | CLOSED
_PING = b'{"type": "ping"}'

RESERVED = {f"opcode {code}": frame(code, b"x") for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)}
BITS = {f"reserved bits {bits:03b}": frame(TEXT, _PING, rsv=bits) for bits in (1, 2, 4, 7)}
CLOSES = {
    f"a close with the code {code}": close(code)
    for code in (0, 999, 1004, 1005, 1006, 1012, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
}

ENTRIES = [
    *(socket(name, data, to=BROKEN) for name, data in {**RESERVED, **BITS}.items()),
    *(socket(name, data, to=DONE | closed_with(1012)) for name, data in CLOSES.items()),
    socket("a frame that is not masked", frame(TEXT, _PING, masked=False), to=BROKEN),
    socket("a ping that is not masked", frame(PING, b"x", masked=False), to=BROKEN),
    socket("a close that is not masked", frame(CLOSE, struct.pack(">H", 1000), masked=False), to=BROKEN | DONE),
    socket("a ping of 126 bytes", frame(PING, b"x" * 126), to=BROKEN),
    socket("a ping of 64 KiB", frame(PING, b"x" * 65536), to=BROKEN | TOO_BIG),
    socket("a ping in parts", frame(PING, b"x", fin=False), to=BROKEN),
    socket("a close of 126 bytes", close(1000, b"x" * 124), to=BROKEN),
    socket("a close of one byte", frame(CLOSE, b"\x03"), to=BROKEN),
    socket("a close in parts", frame(CLOSE, struct.pack(">H", 1000), fin=False), to=BROKEN),
    socket("a close whose reason is no UTF-8", close(1000, b"\xff\xfe"), to=BROKEN | NO_TEXT),
    socket("a close and then a message", close(1000) + text({"type": "ping"}), to=DONE),
    socket("two closes", close(1000) + close(1001), to=DONE),
    socket("a length in more bits than it needs", frame(TEXT, _PING, form=64), to=BROKEN | GOES_ON),
    socket("a length of 16 bits for a short frame", frame(TEXT, _PING, form=16), to=BROKEN | GOES_ON),
    socket("a length of 63 bits", frame(TEXT, b"", length=(1 << 63) - 1, form=64), to=TOO_BIG | BROKEN),
    socket("a length of 64 bits", frame(TEXT, b"", length=(1 << 64) - 1, form=64), to=TOO_BIG | BROKEN),
    socket("a length of 4 GiB", frame(TEXT, b"x" * 100, length=1 << 32, form=64), to=TOO_BIG),
    socket("a continuation of nothing", frame(CONT, b"x"), to=BROKEN),
    socket("a text within a text", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), to=BROKEN),
    socket("bytes within a text", frame(TEXT, b"a", fin=False) + frame(BINARY, b"b"), to=BROKEN),
    socket("a ping within a text", frame(TEXT, _PING[:5], fin=False) + frame(PING, b"x") + frame(CONT, _PING[5:]),
           to=GOES_ON),
    socket("a text in frames of one byte", b"".join(
        [frame(TEXT, _PING[:1], fin=False), *(frame(CONT, bytes([b]), fin=False) for b in _PING[1:]), frame(CONT)]),
        to=GOES_ON),
    socket("a hundred empty parts of a text", frame(TEXT, _PING, fin=False) + frame(CONT, fin=False) * 100
           + frame(CONT), to=GOES_ON),
    socket("a hundred thousand empty parts", lambda: frame(TEXT, fin=False) + frame(CONT, fin=False) * 100_000,
           to=CLOSED),
    socket("a hundred thousand pings", lambda: frame(PING) * 100_000, to=CLOSED),
    socket("a hundred thousand pongs", lambda: frame(PONG, b"x") * 100_000, to=CLOSED),
    socket("a hundred thousand empty texts", lambda: frame(TEXT) * 100_000,
           to=CLOSED | says("INVALID_MESSAGE", "RATE_LIMITED") | closed_with(4008, 1012)),
    socket("a hundred pings at once", frame(PING, b"x" * 125) * 100, to=GOES_ON),
    socket("a pong that nobody asked for", frame(PONG, b"x" * 125), to=GOES_ON),
    socket("a text that is no UTF-8", frame(TEXT, b"\xff\xfe"), to=NO_TEXT),
    socket("a text that ends within a letter", frame(TEXT, b'{"type": "\xc3'), to=NO_TEXT),
    socket("a text with a surrogate", frame(TEXT, b'"\xed\xa0\x80"'), to=NO_TEXT),
    socket("a letter in two frames", frame(TEXT, b'"\xc3', fin=False) + frame(CONT, b'\xa9"'),
           to=says("INVALID_MESSAGE")),
    socket("a text of 70 KB", frame(TEXT, b'"' + b"x" * 70_000 + b'"'), to=TOO_BIG),
    socket("a text of 900 KB", lambda: frame(TEXT, b'"' + b"x" * 900_000 + b'"'), to=TOO_BIG),
    socket("a text of 2 MB", lambda: frame(TEXT, b"x" * 2_000_000), to=TOO_BIG),
    socket("a text of 2 MB in parts", lambda: frame(TEXT, fin=False) + frame(CONT, b"x" * 20_000, fin=False) * 100
           + frame(CONT), to=TOO_BIG),
    socket("bytes of nothing", frame(BINARY), to=says("INVALID_MESSAGE")),
    socket("a message as bytes", frame(BINARY, _PING), to=says("INVALID_MESSAGE")),
    socket("bytes of 70 KB", frame(BINARY, b"\0" * 70_000), to=says("INVALID_MESSAGE", "MESSAGE_TOO_LARGE") | TOO_BIG),
    socket("a request of HTTP within the conversation", b"GET / HTTP/1.1\r\nHost: @HOST@\r\n\r\n", to=BROKEN),
    socket("zeroes within the conversation", b"\0" * 100, to=BROKEN),
    socket("gone at once", End.RESET, to=CLOSED),
    socket("gone within a frame", frame(TEXT, _PING)[:6], End.RESET, to=CLOSED),
    socket("gone after half a frame's head", b"\x81", End.RESET, to=CLOSED),
    socket("nothing more comes, without a close", End.HALF_CLOSE, to=DONE),
    socket("half a frame, and nothing more comes", frame(TEXT, b"x" * 100)[:20], End.HALF_CLOSE, to=DONE),
]  # fmt: skip
