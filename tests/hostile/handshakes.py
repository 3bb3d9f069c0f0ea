"""Requests for a socket that are odd before it is open."""

from tests.hostile.entry import CLOSED, Verdict, http, post, refused
from tests.hostile.framing import BAD
from tests.hostile.wire import frame, handshake, text

OPENS = Verdict(statuses=frozenset({101}))
BAD_UPGRADE = refused(400, 403, 404, 405, 426, 431) | CLOSED
_GOOD = handshake("/ws/stage")


def _without(*names: str) -> bytes:
    lines = [line for line in _GOOD.split(b"\r\n") if not line.startswith(tuple(name.encode() for name in names))]
    return b"\r\n".join(lines)


def _with(name: str, value: str) -> bytes:
    return _without(name).replace(b"\r\n\r\n", f"\r\n{name}: {value}\r\n\r\n".encode())


CHANGED = {
    "no key": _without("Sec-WebSocket-Key"),
    "a key of nothing": _with("Sec-WebSocket-Key", ""),
    "a key of fifteen bytes": _with("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4P"),
    "a key of seventeen bytes": _with("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEBE="),
    "a key that is no base64": _with("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!=="),
    "a key of 4 000 letters": _with("Sec-WebSocket-Key", "A" * 4000),
    "two keys": _GOOD.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n"),
    "no version": _without("Sec-WebSocket-Version"),
    "version 0": _with("Sec-WebSocket-Version", "0"),
    "version 8": _with("Sec-WebSocket-Version", "8"),
    "version 99": _with("Sec-WebSocket-Version", "99"),
    "version of letters": _with("Sec-WebSocket-Version", "thirteen"),
    "two versions": _GOOD.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Version: 8\r\n\r\n"),
    "no connection": _without("Connection"),
    "no upgrade": _without("Upgrade"),
    "another upgrade": _with("Upgrade", "websocket2"),
    "POST": _GOOD.replace(b"GET ", b"POST ", 1),
    "OPTIONS": _GOOD.replace(b"GET ", b"OPTIONS ", 1),
    "HTTP/1.0": _GOOD.replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "a key of the Hixie draft": _without("Sec-WebSocket").replace(
        b"\r\n\r\n", b"\r\nSec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 3 4\r\n\r\n12345678"
    ),
}
FINE = {
    "a list of upgrades": _with("Upgrade", "h2c, websocket"),
    "a subprotocol that nobody speaks": handshake("/ws/stage", "Sec-WebSocket-Protocol: chat, superchat"),
    "a subprotocol of nothing": handshake("/ws/stage", "Sec-WebSocket-Protocol: "),
    "a subprotocol with spaces": handshake("/ws/stage", "Sec-WebSocket-Protocol: a b"),
    "a thousand subprotocols": handshake("/ws/stage", "Sec-WebSocket-Protocol: " + ", ".join(["p"] * 1000)),
    "an extension that nobody knows": handshake("/ws/stage", "Sec-WebSocket-Extensions: bomb; size=99"),
    "an extension that is not closed": handshake("/ws/stage", 'Sec-WebSocket-Extensions: permessage-deflate; x="'),
    "compression with a window of 99 bits": handshake(
        "/ws/stage", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99"
    ),
    "compression five hundred times": handshake(
        "/ws/stage", "Sec-WebSocket-Extensions: " + ", ".join(["permessage-deflate"] * 500)
    ),
    "a body": handshake("/ws/stage", "Content-Length: 5") + b"hello",
    "a body in chunks": handshake("/ws/stage", "Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n",
}
PATHS = {
    "no project": "/ws/",
    "no project and no slash": "/ws",
    "a path in the project": "/ws/stage/../film",
    "the project of a path": "/ws/../etc/passwd",
    "an escaped path": "/ws/..%2f..%2fetc%2fpasswd",
    "a NUL in the project": "/ws/a%00b",
    "a line break in the project": "/ws/stage%0a",
    "a space in the project": "/ws/a%20b",
    "bytes that are no UTF-8 in the project": "/ws/%ff%fe",
    "an overlong slash in the project": "/ws/%c0%af",
    "a project of 129 letters": "/ws/" + "a" * 129,
    "a project of 4 000 letters": "/ws/" + "a" * 4000,
    "a project that begins with a dot": "/ws/.auteur",
    "a project beyond ASCII": "/ws/caf%C3%A9",
    "a project that is a format": "/ws/%25s%25n",
    "another path for sockets": "/socket.io/?EIO=4&transport=websocket",
    "the page": "/",
    "a route of HTTP": "/api/v1/info",
    "a probe": "/health/live",
}
POSITIONS = {
    "a bookmark of nothing": "",
    "a bookmark of words": "yesterday",
    "a negative bookmark": "-1",
    "a bookmark of another epoch": "0000-7",
    "a bookmark ahead of the log": "@EPOCH@-999999999",
    "a bookmark of eighteen digits": "@EPOCH@-999999999999999999",
    "a bookmark of a thousand digits": "@EPOCH@-" + "9" * 1000,
    "a bookmark in Arabic digits": "@EPOCH@-٣".encode().decode("latin-1"),
    "a bookmark with a line break": "@POSITION@%0a",
    "a bookmark with a NUL": "@POSITION@%00",
    "a bookmark with a star": "*",
    "a bookmark of Redis": "$",
    "a range of Redis": "(1-0",
    "a bookmark of 4 000 letters": "a" * 4000,
    "a bookmark twice": "@POSITION@&after=0",
}


def _opened(path: str) -> bytes:
    """With a frame behind it, so that a conversation is one."""
    return handshake(path)


ENTRIES = [
    *(http(name, data, to=BAD_UPGRADE | (OPENS if name in ("two versions", "HTTP/1.0") else CLOSED))
      for name, data in CHANGED.items() if name != "no upgrade"),
    http("no upgrade", CHANGED["no upgrade"], to=BAD_UPGRADE),
    *(http(name, data, to=OPENS | BAD_UPGRADE) for name, data in FINE.items()),
    *(http(f"path: {name}", _opened(path), to=OPENS | BAD_UPGRADE | refused(421)) for name, path in PATHS.items()),
    *(http(f"bookmark: {name}", _opened(f"/ws/stage?after={value}"), to=OPENS | BAD)
      for name, value in POSITIONS.items()),
    http("a deleted project", _opened("/ws/gone"), to=OPENS | refused(410)),
    http("a query of 4 000 letters", _opened("/ws/stage?" + "q=" + "a" * 4000), to=OPENS | BAD | refused(414)),
    http("a frame before the answer", handshake("/ws/stage") + text({"type": "ping"}), to=OPENS | BAD),
    http("a thousand frames before the answer", handshake("/ws/stage") + frame(9) * 1000, to=OPENS | BAD),
    http("two requests for a socket", handshake("/ws/stage") * 2, to=OPENS | BAD),
    http("a request behind the request for a socket", handshake("/ws/stage") + post("/api/v1/info", {}),
         to=OPENS | BAD),
    http("a request for a socket without its end", _GOOD[:-2], to=CLOSED | refused(408), slow=True),
    http("a request for a socket byte by byte", *[step for byte in _GOOD[:-4] for step in (bytes([byte]), 0.3)],
         to=CLOSED | refused(400, 408, 421), slow=True),
    http("a request for a socket with a header of 100 KB", handshake("/ws/stage", "X: " + "a" * 100_000),
         to=BAD | refused(431)),
    http("a request for a socket with 5 000 headers", handshake("/ws/stage", *["X: y"] * 5000),
         to=BAD | refused(431)),
    http("an endless request for a socket", _GOOD[:-2] + b"X: " + b"a" * 2_000_000, to=BAD | refused(408, 431),
         slow=True),
]  # fmt: skip
