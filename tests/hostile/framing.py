"""Requests that are not framed as HTTP has it, or in two ways at once."""

from tests.hostile.entry import CLOSED, FILM, End, accepted, get, head, http, post, refused, submit, task

BAD = refused(400) | CLOSED
"""Whoever cannot be understood may be hung up on, but not answered with anything else."""
_INNER = b"GET /api/v1/info HTTP/1.1\r\nHost: @HOST@\r\nX-Request-ID: smuggled\r\n\r\n"
_HOST = b"Host: @HOST@\r\nX-Request-ID: @ID@\r\n"


def _line(line: bytes) -> bytes:
    return line + b"\r\n" + _HOST + b"\r\n"


def _with(*lines: str, body: bytes = b"", path: str = f"{FILM}/tasks") -> bytes:
    return head("POST", path, "Content-Type: application/json", *lines) + body


LINES = {
    "an empty line and no more, then a request": (b"\r\n" + get("/health/live"), accepted() | BAD),
    "fifty empty lines before a request": (b"\r\n" * 50 + get("/health/live"), accepted() | BAD),
    "no version": (b"GET /health/live\r\n\r\n", BAD | refused(421)),
    "version 0.9": (_line(b"GET /health/live HTTP/0.9"), BAD | refused(505)),
    "version 1.2": (_line(b"GET /health/live HTTP/1.2"), accepted() | BAD | refused(505)),
    "version 2.0": (_line(b"GET /health/live HTTP/2.0"), BAD | refused(505)),
    "version 1": (_line(b"GET /health/live HTTP/1"), BAD | refused(505)),
    "version 1.1 and more": (_line(b"GET /health/live HTTP/1.1.1"), BAD | refused(505)),
    "version -1.1": (_line(b"GET /health/live HTTP/-1.1"), BAD | refused(505)),
    "version in small letters": (_line(b"GET /health/live http/1.1"), BAD | refused(505)),
    "another protocol": (_line(b"GET /health/live SPDY/1.1"), BAD | refused(505)),
    "no path": (_line(b"GET  HTTP/1.1"), BAD),
    "no method": (_line(b" /health/live HTTP/1.1"), BAD),
    "spaces before the method": (_line(b"   GET /health/live HTTP/1.1"), BAD),
    "tabs instead of spaces": (_line(b"GET\t/health/live\tHTTP/1.1"), BAD),
    "two spaces before the path": (_line(b"GET  /health/live HTTP/1.1"), BAD | accepted()),
    "two spaces before the version": (_line(b"GET /health/live  HTTP/1.1"), BAD | accepted()),
    "something behind the version": (_line(b"GET /health/live HTTP/1.1 x"), BAD),
    "a space in the path": (_line(b"GET /health /live HTTP/1.1"), BAD),
    "a path without a slash": (_line(b"GET health/live HTTP/1.1"), BAD | refused(404)),
    "a path of an asterisk": (_line(b"GET * HTTP/1.1"), BAD | refused(404, 501)),
    "a fragment in the path": (_line(b"GET /health/live#x HTTP/1.1"), accepted() | BAD | refused(404)),
    "a NUL in the path": (_line(b"GET /health/li\0ve HTTP/1.1"), BAD | refused(404)),
    "a carriage return in the path": (_line(b"GET /health/li\rve HTTP/1.1"), BAD | refused(404)),
    "a delete character in the path": (_line(b"GET /health/li\x7fve HTTP/1.1"), BAD | refused(404)),
    "bytes beyond ASCII in the path": (_line(b"GET /\xff\xfe\xe9 HTTP/1.1"), BAD | refused(404)),
    "UTF-8 in the path": (_line("GET /fête HTTP/1.1".encode()), BAD | refused(404)),
    "a method in small letters": (_line(b"get /health/live HTTP/1.1"), BAD | refused(405, 501)),
    "a method that nobody knows": (_line(b"BREW /health/live HTTP/1.1"), BAD | refused(405, 501)),
    "a method of WebDAV": (_line(b"PROPFIND /health/live HTTP/1.1"), BAD | refused(405, 501)),
    "a method of a thousand letters": (_line(b"G" * 1000 + b" /health/live HTTP/1.1"), BAD | refused(405, 501)),
    "a method with odd characters": (_line(b"G(E)T /health/live HTTP/1.1"), BAD | refused(405, 501)),
    "a request to a proxy": (_line(b"CONNECT example.org:443 HTTP/1.1"), BAD | refused(404, 405, 501)),
    "TRACE": (_line(b"TRACE /health/live HTTP/1.1"), BAD | refused(405, 501)),
    "PRI of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD | refused(505)),
    "a hello of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5a" * 200, BAD),
    "a greeting of SOCKS": (b"\x05\x01\x00", BAD),
    "a greeting of SSH": (b"SSH-2.0-OpenSSH_9.2p1\r\n", BAD),
    "a command of Redis": (b"*1\r\n$4\r\nPING\r\n", BAD),
    "a mail": (b"EHLO example.org\r\n", BAD),
    "zeroes": (b"\0" * 512, BAD),
    "line feeds without carriage returns": (
        b"GET /health/live HTTP/1.1\nHost: @HOST@\nX-Request-ID: @ID@\n\n", accepted() | BAD
    ),
    "carriage returns without line feeds": (b"GET /health/live HTTP/1.1\rHost: @HOST@\r\r", BAD),
    "a path of 64 KiB": (_line(b"GET /" + b"a" * (64 << 10) + b" HTTP/1.1"), BAD | refused(414)),
    "a query of 64 KiB": (_line(b"GET /health/live?" + b"a" * (64 << 10) + b" HTTP/1.1"), BAD | refused(414)),
    "a path of 1 MiB": (_line(b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1"), BAD | refused(414)),
}  # fmt: skip

LENGTHS = {
    "a negative length": ("Content-Length: -1", BAD),
    "a length that is no number": ("Content-Length: many", BAD),
    "a length of nothing": ("Content-Length:", BAD),
    "a length with a plus": ("Content-Length: +2", BAD),
    "a length in hexadecimal": ("Content-Length: 0x2", BAD),
    "a length with an underscore": ("Content-Length: 1_0", BAD),
    "a length with a fraction": ("Content-Length: 2.0", BAD),
    "a length in Arabic digits": ("Content-Length: ٢", BAD),
    "a length of a hundred digits": ("Content-Length: " + "9" * 100, BAD | refused(413)),
    "a length of a terabyte": ("Content-Length: 1099511627776", BAD | refused(413)),
    "a length of two to the 64th": ("Content-Length: 18446744073709551616", BAD | refused(413)),
    "a length twice in one line": ("Content-Length: 2, 2", BAD),
    "two lengths in one line": ("Content-Length: 2, 3", BAD),
    "a list of codings": ("Transfer-Encoding: gzip, chunked", BAD | refused(501)),
    "a coding that nobody knows": ("Transfer-Encoding: cow", BAD | refused(501)),
    "identity as a coding": ("Transfer-Encoding: identity", BAD | refused(501)),
    "chunked twice": ("Transfer-Encoding: chunked, chunked", BAD),
    "chunked and then another": ("Transfer-Encoding: chunked, gzip", BAD | refused(501)),
    "chunked in quotes": ('Transfer-Encoding: "chunked"', BAD | refused(501)),
    "chunked behind a vertical tab": ("Transfer-Encoding: \x0bchunked", BAD | refused(501)),
    "a coding of nothing": ("Transfer-Encoding:", BAD | refused(501)),
}

CHUNKS = {
    "a chunk without a size": b"\r\n{}\r\n0\r\n\r\n",
    "a chunk with a negative size": b"-2\r\n{}\r\n0\r\n\r\n",
    "a chunk with a size in words": b"two\r\n{}\r\n0\r\n\r\n",
    "a chunk with a size in 0x": b"0x2\r\n{}\r\n0\r\n\r\n",
    "a chunk with a plus": b"+2\r\n{}\r\n0\r\n\r\n",
    "a chunk of a hundred digits": b"f" * 100 + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk of 2 to the 64th": b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk that is longer than it says": b"2\r\n{}}\r\n0\r\n\r\n",
    "a chunk with spaces before its size": b"   2\r\n{}\r\n0\r\n\r\n",
    "a chunk of 20 000 zeroes before its size": b"0" * 20_000 + b"2\r\n{}\r\n0\r\n\r\n",
    "a chunk whose extension is 64 KiB": b"2;" + b"x" * (64 << 10) + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk with a bare line feed in its extension": b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    "chunks that end with line feeds": b"2\n{}\n0\n\n",
    "a trailer of a length": b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
    "a trailer of a host": b"2\r\n{}\r\n0\r\nHost: evil.example\r\n\r\n",
    "a trailer of 64 KiB": b"2\r\n{}\r\n0\r\nX: " + b"x" * (64 << 10) + b"\r\n\r\n",
    "a thousand trailers": b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
}

ENTRIES = [
    *(http(name, data, to=to) for name, (data, to) in LINES.items()),
    *(http(name, _with(line, body=b"{}"), to=to) for name, (line, to) in LENGTHS.items()),
    *(
        http(name, _with("Transfer-Encoding: chunked", body=body), to=BAD | refused(413, 422, 431))
        for name, body in CHUNKS.items()
    ),
    http("a length and chunks together", _with("Content-Length: 4", "Transfer-Encoding: chunked",
         body=b"0\r\n\r\n" + _INNER), to=BAD),
    http("chunks and then a length", _with("Transfer-Encoding: chunked", "Content-Length: 4",
         body=b"0\r\n\r\n" + _INNER), to=BAD),
    http("two lengths that differ", _with("Content-Length: 2", f"Content-Length: {2 + len(_INNER)}",
         body=b"{}" + _INNER), to=BAD),
    http("two lengths that agree", _with("Content-Length: 2", "Content-Length: 2", body=b"{}"), to=BAD | refused(422)),
    http("a request in the body of a GET", head("GET", "/health/live", f"Content-Length: {len(_INNER)}") + _INNER,
         to=accepted() | BAD),
    http("chunked with a space before the colon", _with("Transfer-Encoding : chunked", "Content-Length: 2",
         body=b"{}"), to=BAD),
    http("chunked on a folded line", _with("Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"), to=BAD | refused(501)),
    http("chunked in HTTP/1.0", b"POST /api/v1/projects/film/tasks HTTP/1.0\r\nHost: @HOST@\r\nX-Request-ID: @ID@\r\n"
         b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
         to=BAD | refused(422)),
    http("HTTP/1.0 without a host", b"GET /health/live HTTP/1.0\r\n\r\n", to=BAD | refused(421) | accepted()),
    http("a body where none is wanted", post("/health/live", {"a": 1}, method="GET"), to=accepted() | BAD),
    http("chunks of one byte, a thousand", _with("Transfer-Encoding: chunked",
         body=b"1\r\n \r\n" * 1000 + b"2\r\n{}\r\n0\r\n\r\n"), to=refused(400, 422) | CLOSED),
    http("a body over the limit", lambda: submit(task({"prompt": "x" * 300_000})), to=refused(413)),
    http("a body over the limit in chunks", lambda: _with("Transfer-Encoding: chunked",
         body=(b"10000\r\n" + b"x" * 65536 + b"\r\n") * 5 + b"0\r\n\r\n"), to=refused(413)),
    http("a body of 5 MB for a batch", lambda: post(f"{FILM}/batches", b" " * 5_000_000), to=refused(413), heavy=True),
    http("a body of 70 MB for an upload", lambda: post(f"{FILM}/uploads", b"x" * 70_000_000,
         kind="multipart/form-data; boundary=b"), to=refused(413), heavy=True),
    http("ten requests at once", get("/health/live") * 10, to=accepted()),
    http("a hundred requests at once", get("/api/v1/info") * 100, to=accepted(), heavy=True),
    http("a request behind one that closes", head("GET", "/health/live", "Connection: close") + _INNER,
         to=accepted() | CLOSED),
    http("a request and a half", get("/health/live") + b"GET /health/live HTTP/1.1\r\nHo", End.RESET, to=CLOSED),
    http("half a request line", b"GET /heal", End.RESET, to=CLOSED),
    http("half a head", b"GET /health/live HTTP/1.1\r\nHost: @HOS", End.RESET, to=CLOSED),
    http("half a body", _with("Content-Length: 1000", body=b'{"task_type": "text'), End.RESET, to=CLOSED),
    http("half a chunk", _with("Transfer-Encoding: chunked", body=b"400\r\n{"), End.RESET, to=CLOSED),
    http("half an upload", head("POST", f"{FILM}/uploads", "Content-Type: multipart/form-data; boundary=b",
         "Content-Length: 100000") + b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc',
         End.RESET, to=CLOSED),
    http("half a body, and that nothing more comes", _with("Content-Length: 1000", body=b'{"task_type": "text'),
         End.HALF_CLOSE, to=BAD | refused(408)),
    http("half a head, and that nothing more comes", b"GET /health/live HTTP/1.1\r\nHost: @HOS", End.HALF_CLOSE,
         to=BAD | refused(408)),
    http("nothing, and that nothing more comes", End.HALF_CLOSE, to=CLOSED | refused(408)),
    http("gone while an answer is written", get("/api/openapi.json") * 5, End.RESET, to=CLOSED),
    # those that never end; a deadline of the service must
    http("nothing at all", b"", to=CLOSED | refused(408), slow=True),
    http("one letter and no more", b"G", to=CLOSED | refused(408), slow=True),
    http("a request line and no more", b"GET /health/live HTTP/1.1\r\n", to=CLOSED | refused(408), slow=True),
    http("a head without its end", head("GET", "/health/live")[:-2], to=CLOSED | refused(408), slow=True),
    http("a header a second", head("GET", "/health/live")[:-2],
         *[step for n in range(24) for step in (f"X-{n}: y\r\n".encode(), 1.0)], to=CLOSED | refused(408), slow=True),
    http("a head byte by byte", *[step for byte in get("/health/live")[:-2] for step in (bytes([byte]), 0.5)],
         to=CLOSED | refused(400, 408, 421), slow=True),
    http("a body that does not come", _with("Content-Length: 20"), to=CLOSED | refused(408), slow=True),
    http("a body byte by byte", _with("Content-Length: 100"), *[step for _ in range(50) for step in (b" ", 0.5)],
         to=CLOSED | refused(408), slow=True),
    http("chunks that do not end", _with("Transfer-Encoding: chunked"),
         *[step for _ in range(24) for step in (b"1\r\n \r\n", 1.0)], to=CLOSED | refused(408), slow=True),
    http("an upload that stands still", head("POST", f"{FILM}/uploads", "Content-Type: multipart/form-data; boundary=b",
         "Content-Length: 100000") + b"--b\r\n", to=CLOSED | refused(408), slow=True),
]  # fmt: skip
