"""What is said in a conversation that is framed as it should be."""

import json
from typing import Any

from tests.hostile.entry import GOES_ON, TINY, Said, closed_with, hears, refused, said, says, socket
from tests.hostile.wire import frame

NOT_OPENED = refused(
    400, 404, 410, 422, code=("RESOURCE_NOT_FOUND", "INVALID_PROJECT_ID", "VALIDATION_ERROR", "PROJECT_DELETED")
)
"""A conversation that is refused before it begins."""
BAD = says("INVALID_MESSAGE", "INVALID_PARAMS", "INVALID_BATCH", "VALIDATION_ERROR")
_START = {"type": "start_generation", "id": "@KEY@", "task_type": "text_to_image", "quality": "draft", "params": TINY}


def _asked(**changes: Any) -> Said:
    """A request for a task."""
    return said({**_START, **changes})


BODIES = {
    "nothing": "",
    "a word": "ping",
    "a list": "[]",
    "null": "null",
    "a number": "1",
    "an object of nothing": "{}",
    "levels without end": "[" * 60_000,
    "NaN": '{"type": "ping", "timestamp": NaN}',
    "a number too large": '{"type": "ping", "timestamp": 1e400}',
    "a lone surrogate": '{"type": "\\ud800"}',
    "a type that there is not": '{"type": "stop"}',
    "a type of 60 000 letters": json.dumps({"type": "x" * 60_000}),
    "a type of null": '{"type": null}',
    "a type of a list": '{"type": ["ping"]}',
    "a type of an object": '{"type": {"ping": 1}}',
    "a type with a line break": '{"type": "ping\\n"}',
    "a type twice": '{"type": "stop", "type": "ping"}',
    "an id that is none": '{"type": "ping", "id": "seven"}',
    "an id of a number": '{"type": "ping", "id": 7}',
    "an id of a hundred digits": json.dumps({"type": "ping", "id": int("9" * 100)}),
    "an id of a list": '{"type": "ping", "id": []}',
    "an id with a line break": '{"type": "ping", "id": "6f0c5d5e-64a5-4d1b-9d5a-4f2b1c9e7a10\\n"}',
    "another project": '{"type": "ping", "project_id": "film"}',
    "a project of null bytes": '{"type": "ping", "project_id": "stage\\u0000"}',
    "a time that is none": '{"type": "ping", "timestamp": "yesterday"}',
    "a time of the year 99999": '{"type": "ping", "timestamp": "99999-01-01T00:00:00Z"}',
    "a time of a hundred digits": '{"type": "ping", "timestamp": ' + "9" * 100 + "}",
    "a field that there is not": '{"type": "ping", "evil": 1}',
    "a field of 60 000 letters": json.dumps({"type": "ping", "x" * 60_000: 1}),
    "five thousand fields": json.dumps({"type": "ping", **{f"f{n}": 1 for n in range(5000)}}),
}

TASKS = {
    "cancel without a task": {"type": "cancel"},
    "cancel of a task of nothing": {"type": "cancel", "task_id": ""},
    "cancel of a task of 65 letters": {"type": "cancel", "task_id": "a" * 65},
    "cancel of a number": {"type": "cancel", "task_id": 7},
    "delete of a list": {"type": "delete_task", "task_id": ["@SMADE@"]},
    "mark of nothing": {"type": "mark", "task_id": "@SMADE@"},
    "mark of null": {"type": "mark", "task_id": "@SMADE@", "favourite": None, "circled": None},
    "mark of a word": {"type": "mark", "task_id": "@SMADE@", "favourite": "yes"},
    "mark of a number": {"type": "mark", "task_id": "@SMADE@", "circled": 1},
    "delete of a project without its name": {"type": "delete_project"},
    "delete of another project": {"type": "delete_project", "project_id": "film"},
    "promotion without a task": {"type": "promote"},
    "promotion with a quality of a number": {"type": "promote", "task_id": "@SMADE@", "quality": 3},
    "a batch of nothing": {"type": "start_batch", "requests": []},
    "a batch of an object": {"type": "start_batch", "requests": {}},
    "a batch of words": {"type": "start_batch", "requests": ["a"]},
    "a batch of 501": {"type": "start_batch", "requests": [{"task_type": "a", "params": {}}] * 501},
    "metadata that is not flat": {**_START, "metadata": {"a": {"b": 1}}},
    "metadata of 5 000 bytes": {**_START, "metadata": {"a": "x" * 5000}},
    "parameters that are a list": {**_START, "params": []},
    "parameters of 40 KB": {**_START, "params": {"prompt": "a", "x": "y" * 40_000}},
}
NOBODY = {
    **{
        f"{what} of {name}": ({"type": what, "task_id": task_id, **more}, codes)
        for what, more in (("cancel", {}), ("delete_task", {}), ("promote", {}), ("mark", {"favourite": True}))
        for name, task_id, codes in (
            ("nobody", "nobody", ("TASK_NOT_FOUND", "INVALID_MESSAGE", "VALIDATION_ERROR")),
            ("a path", "../film", ("TASK_NOT_FOUND", "INVALID_MESSAGE", "VALIDATION_ERROR")),
            ("a name with a NUL", "a\0b", ("TASK_NOT_FOUND", "INVALID_MESSAGE", "VALIDATION_ERROR")),
            ("a name with a line break", "@SMADE@\n", ("TASK_NOT_FOUND", "INVALID_MESSAGE", "VALIDATION_ERROR")),
            ("a task of another project", "@MADE@", ("TASK_NOT_FOUND",)),
            ("a star", "*", ("TASK_NOT_FOUND", "INVALID_MESSAGE", "VALIDATION_ERROR")),
        )
    },
    "cancel of what has ended": ({"type": "cancel", "task_id": "@SMADE@"}, ("TASK_ENDED",)),
    "cancel of what was deleted": ({"type": "cancel", "task_id": "@SGONE@"}, ("TASK_DELETED",)),
    "delete of what runs": ({"type": "delete_task", "task_id": "@SRUNNING@"}, ("TASK_OPEN",)),
    "delete of what is blocked": ({"type": "delete_task", "task_id": "@SBLOCKED@"}, ("TASK_OPEN",)),
    "promotion of what runs": ({"type": "promote", "task_id": "@SRUNNING@"}, ("TASK_NOT_MADE",)),
    "promotion of what was stopped": ({"type": "promote", "task_id": "@SSTOPPED@"}, ("TASK_NOT_MADE",)),
    "promotion of what was deleted": ({"type": "promote", "task_id": "@SGONE@"}, ("TASK_DELETED",)),
    "mark of what was deleted": ({"type": "mark", "task_id": "@SGONE@", "favourite": True}, ("TASK_DELETED",)),
    "circling a task without a shot": (
        {"type": "mark", "task_id": "@SRUNNING@", "circled": True}, ("VALIDATION_ERROR", "CONFLICT")
    ),
    "delete of a project that is busy": ({"type": "delete_project", "project_id": "stage"}, ("PROJECT_BUSY",)),
}  # fmt: skip
PARAMS = {
    "a prompt with a NUL": {"prompt": "a\0b"},
    "a prompt with escapes of a terminal": {"prompt": "\x1b[2J\x1b]0;evil\x07"},
    "a prompt of a lone surrogate": {"prompt": "\ud800"},
    "a source that is a path": {"source_image": "../../etc/passwd"},
}

ENTRIES = [
    *(socket(f"said: {name}", said(body), to=BAD) for name, body in BODIES.items()),
    *(socket(f"said: {name}", said(message), to=BAD) for name, message in TASKS.items()),
    *(socket(f"said: {name}", said(message), to=says(*codes)) for name, (message, codes) in NOBODY.items()),
    *(socket(f"said: {name}", _asked(params={**TINY, **params}), to=says("INVALID_PARAMS", "INVALID_MESSAGE"))
      for name, params in PARAMS.items()),
    socket("said: the same five times", _asked() * 5, to=hears("task_started")),
    socket("said: the same key with another body", _asked() + _asked(quality="high"), to=says("IDEMPOTENCY_CONFLICT")),
    socket("said: the same key for a batch", _asked() + said(
        {"type": "start_batch", "id": "@KEY@", "requests": [{"task_type": "text_to_image", "params": TINY}]}),
        to=says("IDEMPOTENCY_CONFLICT") | hears("batch_started", "task_started")),
    socket("said: a batch that waits for itself", said({"type": "start_batch", "requests": [
        {"task_type": "image_to_video", "name": "a", "params": {"source_image": {"from_task": "#a"}}}]}),
        to=says("INVALID_BATCH")),
    socket("said: sixty pings at once", said({"type": "ping"}) * 60, to=says("RATE_LIMITED") | hears("pong")),
    socket("said: sixty lies at once", said("[]") * 60, to=says("RATE_LIMITED", "INVALID_MESSAGE")),
    socket("said: nine hundred lies at once", said("[]") * 900, to=says("RATE_LIMITED", "INVALID_MESSAGE")
           | closed_with(4008)),
    socket("said: nine hundred requests at once", _asked() * 900, to=says("RATE_LIMITED") | closed_with(4008)),
    socket("said: a mark and its contrary, ten times", (
        said({"type": "mark", "task_id": "@SOTHER@", "favourite": True})
        + said({"type": "mark", "task_id": "@SOTHER@", "favourite": False})) * 5, to=GOES_ON),
    socket("said: sixteen inputs to be fetched", said(
        {"type": "start_generation", "task_type": "image_to_video",
         "params": {"source_image": "https://127.0.0.1:1/a.png"}}) * 16,
        to=says("INVALID_PARAMS", "RATE_LIMITED") | GOES_ON),
    socket("said: sixteen inputs to be fetched, and gone", said(
        {"type": "start_generation", "task_type": "image_to_video",
         "params": {"source_image": "data:image/png;base64,AAAA"}}) * 16, frame(8),
        to=says("INVALID_PARAMS") | closed_with(1000, 1005, 1012)),
    *(socket(f"after a bookmark: {name}", said({"type": "ping"}), path=f"/ws/stage?after={value}", to=to)
      for name, value, to in (
        ("words", "yesterday", says("VALIDATION_ERROR", "INVALID_MESSAGE", "INVALID_POSITION") | closed_with(4400)),
        ("ahead of the log", "@EPOCH@-999999999", GOES_ON),
        ("another epoch", "0000-7", GOES_ON),
        ("eighteen digits", "@EPOCH@-999999999999999999",
         GOES_ON | says("VALIDATION_ERROR", "INVALID_MESSAGE") | closed_with(4400)),
        ("a line break", "@POSITION@%0a", says("VALIDATION_ERROR", "INVALID_MESSAGE") | closed_with(4400)),
      )),
    *(socket(f"in the project {name}", said({"type": "ping"}), path=path,
             to=says("INVALID_PROJECT_ID") | closed_with(4400) | NOT_OPENED)
      for name, path in (
        ("of a path", "/ws/..%2fetc"),
        ("of a NUL", "/ws/a%00b"),
        ("of 129 letters", "/ws/" + "a" * 129),
        ("of bytes that are no UTF-8", "/ws/%ff%fe"),
        ("of a line break", "/ws/stage%0a"),
      )),
    socket("in the project that was deleted", said({"type": "ping"}), path="/ws/gone",
           to=says("PROJECT_DELETED") | closed_with(4410) | GOES_ON | NOT_OPENED),
]  # fmt: skip
