"""What is said in the existing frontend's dialect, and how its socket is asked for: the same rules as elsewhere."""

import json
from typing import Any

from tests.hostile.entry import GOES_ON, TINY, Said, closed_with, http, refused, said, says, socket
from tests.hostile.framing import BAD as BAD_ORIGIN
from tests.hostile.handshakes import BAD_UPGRADE, OPENS, PATHS
from tests.hostile.messages import BAD, BODIES, NOBODY, NOT_OPENED, TASKS
from tests.hostile.origins import FETCHED, FOREIGN, ORIGINS
from tests.hostile.wire import frame, handshake

STAGE = "/legacy/ws/stage"
_ASKED: dict[str, Any] = {"id": "@KEY@", "task_type": "text_to_image", "quality": "draft", "params": TINY}


def _in_envelope(message: dict[str, Any]) -> Said:
    payload = {name: value for name, value in message.items() if name != "type"}
    return said({"type": message["type"], "payload": payload, "timestamp": "2026-11-26T09:00:00Z"})


def _start(**changes: Any) -> Said:
    return said({"type": "start_generation", "payload": {**_ASKED, **changes}, "timestamp": 1764147600000})


ENVELOPES = {
    "a payload of a list": {"type": "start_generation", "payload": [1]},
    "a payload of a text": {"type": "start_generation", "payload": "x" * 60_000},
    "a payload of nothing": {"type": "start_generation", "payload": {}},
    "a payload with a type of its own": {"type": "cancel", "payload": {"type": "delete_project", "task_id": "@SMADE@"}},
    "a payload without its envelope": {"type": "start_generation", **_ASKED},
    "a timestamp of a list": {"type": "heartbeat", "timestamp": [1]},
    "a field beside the payload": {"type": "heartbeat", "payload": {}, "evil": 1},
    "a field of 60 000 letters": {"type": "start_generation", "payload": {"x" * 60_000: 1}},
    "five thousand fields": {"type": "start_generation", "payload": {f"f{n}": 1 for n in range(5000)}},
    "a type of the other side": {"type": "task_complete", "payload": {"task_id": "@SMADE@", "result": {}}},
    "another project in the payload": {"type": "start_generation", "payload": {**_ASKED, "project_id": "film"}},
    "a project to be deleted without its name": {"type": "delete_project", "payload": {}},
}
REFERENCES: dict[str, Any] = {
    "of 60 000 letters": "x" * 60_000,
    "of 4 000 names": ["name"] * 4000,
    "of many levels": json.loads("[" * 25 + "]" * 25),
    "with a NUL": "a\0b",
    "of an object of 200 fields": {f"f{n}": n for n in range(200)},
    "that look like JSON": '["',
    "of a path": "../../etc/passwd",
    "of escapes of a terminal": ["\x1b[2J\x1b]0;evil\x07"],
}

ENTRIES = [
    *(socket(f"as it is: {name}", said(body), path=STAGE, to=BAD | GOES_ON) for name, body in BODIES.items()),
    *(socket(f"in the envelope: {name}", _in_envelope(message), path=STAGE, to=BAD) for name, message in TASKS.items()),
    *(socket(f"in the envelope: {name}", _in_envelope(message), path=STAGE, to=says(*codes))
      for name, (message, codes) in NOBODY.items()),
    *(socket(f"envelope: {name}", said(message), path=STAGE, to=BAD) for name, message in ENVELOPES.items()),
    *(socket(f"references {name}", _start(character_refs=value), path=STAGE,
             to=BAD | says("MESSAGE_TOO_LARGE", "VALIDATION_ERROR", "INVALID_REQUEST") | GOES_ON)
      for name, value in REFERENCES.items()),
    socket("references twice", _start(style_refs=None, metadata={"style_refs": "x"}), path=STAGE, to=BAD),
    socket("the same five times", _start() * 5, path=STAGE, to=GOES_ON),
    socket("the same key with another body", _start() + _start(quality="high"), path=STAGE,
           to=says("IDEMPOTENCY_CONFLICT")),
    socket("sixty heartbeats at once", said({"type": "heartbeat"}) * 60, path=STAGE, to=says("RATE_LIMITED") | GOES_ON),
    socket("nine hundred heartbeats at once", said({"type": "heartbeat"}) * 900, path=STAGE,
           to=says("RATE_LIMITED") | GOES_ON | closed_with(4008)),
    socket("a bookmark, which it has none of", said({"type": "heartbeat"}), path=f"{STAGE}?after=yesterday",
           to=GOES_ON),
    socket("a binary frame", frame(2, b"{}"), path=STAGE, to=says("INVALID_MESSAGE")),
    *(socket(f"in the project {name}", said({"type": "heartbeat"}), path=path,
             to=says("INVALID_PROJECT_ID") | closed_with(1000) | NOT_OPENED)
      for name, path in (
        ("of a path", "/legacy/ws/..%2fetc"),
        ("of a NUL", "/legacy/ws/a%00b"),
        ("of 129 letters", "/legacy/ws/" + "a" * 129),
        ("of a line break", "/legacy/ws/stage%0a"),
      )),
    socket("in the project that was deleted", said({"type": "heartbeat"}), path="/legacy/ws/gone",
           to=says("PROJECT_DELETED") | closed_with(1000) | GOES_ON | NOT_OPENED),
    *(http(f"path: {name}", handshake("/legacy" + path), to=OPENS | BAD_UPGRADE | refused(421))
      for name, path in PATHS.items() if path.startswith("/ws")),
    *(http(f"origin: {name}, opens a socket", handshake(STAGE, f"Origin: {origin}"), to=FOREIGN | BAD_ORIGIN)
      for name, origin in ORIGINS.items()),
    *(http(f"fetched: {name}, opens a socket", handshake(STAGE, *lines), to=FOREIGN)
      for name, lines in FETCHED.items()),
]  # fmt: skip
