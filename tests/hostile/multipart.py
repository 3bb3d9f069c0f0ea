"""Forms: boundaries, parts and their headers."""

from tests.hostile.entry import CLOSED, FILM, accepted, get, http, post, refused
from tests.hostile.framing import BAD
from tests.hostile.ground import picture

BAD_FORM = refused(400, 413, 415, 422) | CLOSED
_PICTURE = picture()
_FILE = b'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + _PICTURE


def _form(*parts: bytes, end: bytes = b"--b--\r\n", kind: str = "multipart/form-data; boundary=b") -> bytes:
    return post(f"{FILM}/uploads", b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + end, kind=kind)


KINDS = {
    "no boundary": "multipart/form-data",
    "a boundary of nothing": "multipart/form-data; boundary=",
    "a boundary of quotes": 'multipart/form-data; boundary=""',
    "a boundary that is another": "multipart/form-data; boundary=other",
    "a boundary of 4 000 letters": "multipart/form-data; boundary=" + "b" * 4000,
    "a boundary with a line break escaped": "multipart/form-data; boundary=b%0d%0a",
    "a boundary beyond ASCII": "multipart/form-data; boundary=bé",
    "a boundary of bytes": "multipart/form-data; boundary=\udcff",
    "two boundaries": "multipart/form-data; boundary=b; boundary=c",
    "a boundary in another letter": "multipart/form-data; BOUNDARY=c",
    "a boundary written as RFC 2231 has it": "multipart/form-data; boundary*=utf-8''c",
    "a mixed form": "multipart/mixed; boundary=b",
    "a form of another kind": "multipart/form-dataevil; boundary=c",
    "a charset that is a codec": "multipart/form-data; charset=zlib; boundary=c",
    "a picture itself": "image/png",
    "bytes": "application/octet-stream",
}
PARTS = {
    "a part without headers": [b"\r\n" + _PICTURE],
    "a part without a name": [b"Content-Disposition: form-data\r\n\r\nx"],
    "a part without a disposition": [b"X: y\r\n\r\nx"],
    "a part of another name": [_FILE.replace(b'"file"', b'"other"')],
    "a name of nothing": [_FILE.replace(b'"file"', b'""')],
    "a name with a NUL": [_FILE.replace(b'"file"', b'"fi\0le"')],
    "a name in bytes": [_FILE.replace(b'"file"', b'"\xff\xfe"')],
    "a name whose quotes do not close": [_FILE.replace(b'"file"', b'"file')],
    "a field instead of a file": [b'Content-Disposition: form-data; name="file"\r\n\r\nx'],
    "two files": [_FILE, _FILE],
    "a hundred files": [_FILE] * 100,
    "a hundred fields": [b'Content-Disposition: form-data; name="x"\r\n\r\ny'] * 100,
    "a field of 2 MB": [b'Content-Disposition: form-data; name="x"\r\n\r\n' + b"y" * 2_000_000],
    "a header of 100 KB in a part": [b"X: " + b"y" * 100_000 + b"\r\n" + _FILE],
    "5 000 headers in a part": [b"X: y\r\n" * 5000 + _FILE],
    "a header without a colon in a part": [b"nothing\r\n" + _FILE],
    "a header of a NUL in a part": [b"X\0: y\r\n" + _FILE],
    "a form in a form": [b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" + _FILE + b"\r\n--c--"],
    "no parts": [],
}
HEADS = {
    "a file name in bytes": _FILE.replace(b'"a.png"', b'"\xff\xfe.png"'),
    "a file name as RFC 2231 has it": _FILE.replace(b'filename="a.png"', b"filename*=utf-8''%ff%fe.png"),
    "a file name by a codec": _FILE.replace(b'filename="a.png"', b"filename*=zlib''abc"),
    "a part that is packed": b"Content-Encoding: gzip\r\n" + _FILE,
    "a part in base64": b"Content-Transfer-Encoding: base64\r\n" + _FILE,
    "a part with a length": b"Content-Length: 5\r\n" + _FILE,
    "a part whose charset is none": b"Content-Type: text/plain; charset=klingon\r\n" + _FILE,
    "a disposition twice": b'Content-Disposition: form-data; name="x"\r\n' + _FILE,
}

ENTRIES = [
    *(http(name, _form(_FILE, kind=kind), to=BAD_FORM) for name, kind in KINDS.items() if name != "two boundaries"),
    http("two boundaries", _form(_FILE, kind=KINDS["two boundaries"]), to=BAD_FORM | accepted(201)),
    *(http(name, _form(*parts), to=BAD_FORM) for name, parts in PARTS.items()),
    *(http(name, _form(part), to=BAD_FORM | accepted(201)) for name, part in HEADS.items()),
    http("a form without its end", _form(_FILE, end=b""), to=BAD_FORM),
    http("a form with half its end", _form(_FILE, end=b"--b"), to=BAD_FORM),
    http("a form with something behind it", _form(_FILE, end=b"--b--\r\nsomething\r\n--b\r\n"),
         to=BAD_FORM | accepted(201)),
    http("a form with something before it", post(f"{FILM}/uploads", b"something\r\n--b\r\n" + _FILE + b"\r\n--b--\r\n",
         kind="multipart/form-data; boundary=b"), to=BAD_FORM | accepted(201)),
    http("a form with line feeds only", post(f"{FILM}/uploads", b"--b\n" + _FILE.replace(b"\r\n", b"\n") + b"\n--b--\n",
         kind="multipart/form-data; boundary=b"), to=BAD_FORM | accepted(201)),
    http("a form of boundaries", post(f"{FILM}/uploads", b"--b\r\n" * 50_000, kind="multipart/form-data; boundary=b"),
         to=BAD_FORM),
    http("a form of a million carriage returns", lambda: post(f"{FILM}/uploads", b"--b\r\n" + b"\r" * 1_000_000,
         kind="multipart/form-data; boundary=b"), to=BAD_FORM),
    http("a form of half boundaries", lambda: _form(_FILE + b"\r\n--" * 200_000), to=BAD_FORM | accepted(201)),
    http("a form of nothing", post(f"{FILM}/uploads", b"", kind="multipart/form-data; boundary=b"), to=BAD_FORM),
    http("a form to a route that takes none", post("/api/v1/info", b"--b--", kind="multipart/form-data; boundary=b"),
         to=refused(405)),
    http("a form for the uploads' folder", get(f"{FILM}/artifacts/uploads/"), to=refused(404) | BAD),
]  # fmt: skip
