"""Headers: how they are written, how many there are, and what they say."""

from tests.hostile.entry import CLOSED, FILM, accepted, get, head, http, refused, submit, task
from tests.hostile.framing import BAD

MANY = BAD | refused(431)
_MADE = f"{FILM}/artifacts/@MADE@/1/frame.png"


def _get(*lines: str, path: str = "/health/live") -> bytes:
    return head("GET", path, *lines)


def _raw(lines: bytes) -> bytes:
    return b"GET /health/live HTTP/1.1\r\nHost: @HOST@\r\nX-Request-ID: @ID@\r\n" + lines + b"\r\n\r\n"


WRITTEN = {
    "a header without a colon": (b"nothing", BAD),
    "a header without a name": (b": value", BAD),
    "a header without a value": (b"X-Empty:", accepted()),
    "a space before the colon": (b"X-Space : y", BAD),
    "a space within a name": (b"X Space: y", BAD),
    "a name in parentheses": (b"X(y): z", BAD),
    "a name beyond ASCII": ("Façade: y".encode(), BAD),
    "a NUL in a name": (b"X-\0: y", BAD),
    "a NUL in a value": (b"X-Nul: a\0b", BAD),
    "a bell in a value": (b"X-Bell: a\x07b", BAD | accepted()),
    "a carriage return in a value": (b"X-CR: a\rb", BAD),
    "a line feed before a header": (b"X-LF: a\nX-Other: b", BAD | accepted()),
    "a folded header": (b"X-Folded: a\r\n b", BAD | accepted()),
    "a first header that is folded": (b" X-Folded: a", BAD | accepted()),
    "a value beyond ASCII": (b"X-Raw: \xff\xfe\xe9", BAD | accepted()),
}

SIZES = {
    "a header of 20 KB": (lambda: _get("X: " + "a" * 20_000), MANY | accepted()),
    "a header of 100 KB": (lambda: _get("X: " + "a" * 100_000), MANY),
    "a header of 1 MB": (lambda: _get("X: " + "a" * 1_000_000), MANY),
    "a header of 16 MB": (lambda: _get("X: " + "a" * 16_000_000), MANY),
    "a name of 100 KB": (lambda: _get("X" * 100_000 + ": y"), MANY),
    "200 headers": (lambda: _get(*[f"X-{n}: y" for n in range(200)]), MANY | accepted()),
    "5 000 headers": (lambda: _get(*[f"X-{n}: y" for n in range(5000)]), MANY),
    "100 000 headers": (lambda: _get(*["X: y"] * 100_000), MANY),
    "cookies of 100 KB": (lambda: _get("Cookie: " + "a=b; " * 20_000), MANY),
    "an id of 10 KB": (lambda: _get("X-Request-Id: " + "a" * 10_000), MANY | accepted()),
    "an endless first header": (
        lambda: b"GET /health/live HTTP/1.1\r\nX: " + b"a" * 2_000_000, MANY | refused(408)
    ),
}  # fmt: skip

SAID = {
    "an id with a line break escaped": (["X-Request-Id: a%0d%0ab"], accepted()),
    "an id that would forge a log line": (['X-Request-Id: ","level":"error","x":"'], accepted()),
    "an id of spaces": (["X-Request-Id:    "], accepted()),
    "an expectation that nobody knows": (["Expect: the-unexpected"], accepted() | refused(417)),
    "a wish for HTTP/2": (["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ"],
                          accepted() | BAD),
    "an upgrade to something": (["Connection: Upgrade", "Upgrade: something/1"], accepted() | BAD),
    "an upgrade without a name": (["Connection: Upgrade", "Upgrade: "], accepted() | BAD),
    "a forwarded host": (["X-Forwarded-Host: evil.example", "Forwarded: host=evil.example"], accepted()),
    "forwarded addresses": (["X-Forwarded-For: 127.0.0.1, ::1, evil'--", "X-Forwarded-Proto: gopher"], accepted()),
    "a forwarded prefix": (["X-Forwarded-Prefix: //evil.example", "X-Script-Name: /x"], accepted()),
    "another path to be served": (["X-Original-URL: /api/v1/info", "X-Rewrite-URL: /metrics"], accepted()),
    "another method": (["X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE"], accepted()),
    "a proxy": (["Proxy: http://evil.example", "Proxy-Connection: keep-alive"], accepted()),
    "a connection that drops headers": (["Connection: close, host, content-length"], accepted() | BAD),
    "a keep-alive without end": (["Keep-Alive: timeout=99999999999999999999, max=-1"], accepted()),
    "a password that is no base64": (["Authorization: Basic %%%"], accepted() | refused(401)),
    "an authorization of nothing": (["Authorization:"], accepted() | refused(401)),
    "an authorization in bytes": (["Authorization: Bearer \udcff\udcfe"], accepted() | refused(401) | BAD),
    "a token of 5 000 letters": (["Authorization: Bearer " + "a" * 5000], accepted() | refused(401) | MANY),
    "languages without end": (["Accept-Language: " + ",".join(["a"] * 2000)], accepted() | MANY),
    "a kind that is not made": (["Accept: application/x-nothing;q=0"], accepted() | refused(406)),
    "encodings that nobody knows": (["Accept-Encoding: bomb;q=2, identity;q=0"], accepted() | refused(406)),
}  # fmt: skip

RANGES = {
    "a range that is no number": "bytes=a-b",
    "a range that is negative": "bytes=--5",
    "a range of nothing": "bytes=-",
    "a range turned round": "bytes=10-5",
    "a range of another unit": "lines=1-5",
    "a range without an equals sign": "bytes",
    "a range of eighteen digits": "bytes=0-999999999999999999",
    "a range of a hundred digits": "bytes=" + "9" * 100 + "-",
    "a thousand ranges": "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 2000, 2)),
    "a thousand ranges that overlap": "bytes=" + ",".join(["0-"] * 1000),
    "a range in Arabic digits": "bytes=٠-٥",
    "a range with commas only": "bytes=,,,,",
    "a range with spaces": "bytes = 0 - 5",
    "a range behind the end": "bytes=999999-",
    "the last no bytes": "bytes=-0",
}
DATES = {
    "a date of the year zero": "If-Modified-Since: Mon, 01 Jan 0000 00:00:00 GMT",
    "a date of the year 99999": "If-Modified-Since: Fri, 31 Dec 99999 23:59:59 GMT",
    "a date without a zone": "If-Modified-Since: Mon, 01 Jan 2024 00:00:00",
    "a date with a zone of 99 hours": "If-Modified-Since: Mon, 01 Jan 2024 00:00:00 +9999",
    "a date that is a word": "If-Modified-Since: yesterday",
    "a date of letters without end": "If-Modified-Since: " + "Mon, " * 1000,
    "a date with parentheses in parentheses": "If-Modified-Since: " + "(" * 2000,
    "tags without end": "If-None-Match: " + '"a",' * 1000,
    "a tag that does not close": 'If-None-Match: "' + "a" * 4000,
    "a tag of quotes": "If-None-Match: " + '"' * 4000,
    "a condition on a range that is no tag": "If-Range: \x7f\x7f",
}

KEYS = {
    "a key of nothing": ["Idempotency-Key:"],
    "a key of 256 letters": ["Idempotency-Key: " + "k" * 256],
    "a key of 8 000 letters": ["Idempotency-Key: " + "k" * 8000],
}
ODD_KEYS = {
    "a key of bytes beyond ASCII": ["Idempotency-Key: @KEY@\udcff\udcfe"],
    "a key of quotes and braces": ["Idempotency-Key: @KEY@\"}{'\\"],
    "a key that is a path": ["Idempotency-Key: ../../@KEY@"],
    "a key with a tab in it": ["Idempotency-Key: @KEY@\tb"],
}

TYPES = {
    "no content type": "",
    "text as a content type": "text/plain",
    "a form as a content type": "application/x-www-form-urlencoded",
    "a content type of semicolons": ";;;;",
    "a content type without a subtype": "application",
    "a content type that begins right": "application/jsonp",
    "two content types in one line": "text/plain, application/json",
    "a content type of 4 000 letters": "a" * 4000,
    "a multipart body for a task": "multipart/form-data; boundary=x",
    "a content type beyond ASCII": "applicatïon/json",
}
CHARSETS = {
    "a charset that nobody knows": "application/json; charset=klingon",
    "a charset that is a codec of Python's": "application/json; charset=zlib",
    "a charset that unpacks": "application/json; charset=unicode_escape",
    "a charset with a NUL in it": "application/json; charset=utf-8%00",
    "a charset in quotes that do not close": 'application/json; charset="utf-8',
}

ENTRIES = [
    *(http(name, _raw(lines), to=to) for name, (lines, to) in WRITTEN.items()),
    *(http(name, data, to=to, heavy="16 MB" in name or "100 000" in name) for name, (data, to) in SIZES.items()),
    *(http(name, _get(*lines), to=to) for name, (lines, to) in SAID.items()),
    *(http(name, _get(f"Range: {value}", path=_MADE), to=accepted(200, 206) | refused(416) | MANY)
      for name, value in RANGES.items()),
    *(http(name, _get(value, path=_MADE), to=accepted(200, 304) | MANY) for name, value in DATES.items()),
    *(http(name, submit(task(), *lines), to=refused(400, 422, 431)) for name, lines in KEYS.items()),
    *(http(name, submit(task(), *lines), to=accepted(202) | refused(400, 422)) for name, lines in ODD_KEYS.items()),
    *(http(name, submit(task(), kind=value), to=refused(415) | BAD) for name, value in TYPES.items()),
    *(http(name, submit(task(), kind=value), to=accepted(202) | refused(415) | BAD)
      for name, value in CHARSETS.items()),
    http("a body said to be packed", submit(task(), "Content-Encoding: gzip"), to=accepted(202) | refused(400, 415)),
    http("a content type twice", submit(task(), "Content-Type: text/plain"), to=accepted(202) | refused(400, 415)),
    http("a key twice", submit(task(), "Idempotency-Key: @KEY@", "Idempotency-Key: other"),
         to=accepted(202) | refused(400, 422)),
    http("an id twice", get("/health/live", "X-Request-ID: other"), to=accepted() | CLOSED),
    http("a range of a thumbnail", get(f"{_MADE}?width=64", "Range: bytes=0-5"), to=accepted(200, 206)),
]  # fmt: skip
