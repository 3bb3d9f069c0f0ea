"""Server-sent events from places that there are not."""

from tests.hostile.entry import FILM, accepted, get, head, http, refused
from tests.hostile.framing import BAD

_EVENTS = f"{FILM}/events"
WRONG = refused(422, 400, 410, 431) | BAD

IDS = {
    "words": "yesterday",
    "a negative number": "-1",
    "a number without an epoch": "7",
    "another epoch": "0000-7",
    "a place ahead of the log": "@EPOCH@-999999999",
    "eighteen digits": "@EPOCH@-999999999999999999",
    "a thousand digits": "@EPOCH@-" + "9" * 1000,
    "two to the 63rd": "@EPOCH@-9223372036854775808",
    "a fraction": "@EPOCH@-1.5",
    "a place before the first": "@EPOCH@--1",
    "an epoch and no number": "@EPOCH@-",
    "a bookmark of Redis": "$",
    "a star": "*",
    "quotes": '"\'"',
    "8 000 letters": "a" * 8000,
    "bytes beyond ASCII": "\udcff\udcfe",
    "a number of zeroes": "@EPOCH@-" + "0" * 50,
}
QUERIES = {
    "nothing": "",
    "a NUL": "%00",
    "a line break": "@POSITION@%0a",
    "digits that only look so": "@EPOCH@-%D9%A3",
    "bytes that are no UTF-8": "%ff%fe",
    "a lone surrogate": "%ed%a0%80",
}

ENTRIES = [
    *(http(f"a last id of {name}", get(_EVENTS, f"Last-Event-ID: {value}"), to=accepted() | WRONG)
      for name, value in IDS.items()),
    *(http(f"after {name}", get(f"{_EVENTS}?after={value}"), to=accepted() | WRONG) for name, value in QUERIES.items()),
    http("a last id and another place", get(f"{_EVENTS}?after=0", "Last-Event-ID: @POSITION@"), to=accepted()),
    http("two last ids", get(_EVENTS, "Last-Event-ID: @POSITION@", "Last-Event-ID: 0"), to=accepted() | WRONG),
    http("events of a deleted project", get("/api/v1/projects/gone/events"), to=refused(410)),
    http("events of a deleted project from a place", get("/api/v1/projects/gone/events?after=0"), to=refused(410)),
    http("events of a project that nobody has", get("/api/v1/projects/nobody/events"), to=accepted()),
    http("events with a body", head("GET", _EVENTS, "Content-Length: 5") + b"hello", to=accepted() | BAD),
    http("events of a range", get(_EVENTS, "Range: bytes=0-5", "If-None-Match: *"), to=accepted()),
]  # fmt: skip
