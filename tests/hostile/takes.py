"""Promotion, marks, cancels and deletions of takes that are not there, not made, or not asked for so."""

from typing import Any

from tests.hostile.entry import FILM, accepted, called, get, head, http, post, refused

WRONG = refused(422, 400)
_TAKE = f"{FILM}/tasks/@MADE@"


def _promote(take: str = "@MADE@", **content: Any) -> bytes:
    return post(f"{FILM}/tasks/{take}/promote", content)


def _mark(body: Any, task_id: str = "@OTHER@") -> bytes:
    return post(f"{FILM}/tasks/{task_id}", body, method="PATCH")


PROMOTIONS: dict[str, list[Any]] = {
    "quality": ["", "lo", 7, "high\n", "x" * 65],
    "engine": ["", "nobody", "previs\n", "../previs"],
    "task_type": ["", "text_to_smell", 7, "image_to_video\n"],
    "params": [[], "a", {"prompt": None}, {"seed": -1}, {"evil": 1}, {"prompt": "a\0b"}, {"x": "y" * 40_000}],
    "shot": ["", "  ", "a\nb", "x" * 65],
    "metadata": [{"a": {"b": 1}}, {"a": "x" * 5000}],
    "promoted_from": ["@OTHER@"],
    "task_id": ["@OTHER@"],
}
MARKS: dict[str, Any] = {
    "nothing": {},
    "null": None,
    "nulls": {"favourite": None, "circled": None},
    "a list": [True],
    "a number": {"favourite": 1},
    "a word": {"circled": "true"},
    "a list for a mark": {"favourite": [True]},
    "a mark that there is not": {"favourite": True, "deleted": True},
    "a status": {"status": "succeeded"},
    "a shot": {"shot": "12B"},
    "the same mark twice": b'{"favourite": true, "favourite": false}',
}
NAMES = {
    "nobody": "nobody",
    "a path": "..%2f..%2fetc",
    "a NUL": "a%00b",
    "a line break": "@MADE@%0a",
    "a line break and a head": "@MADE@%0d%0aX-Evil:1",
    "bytes that are no UTF-8": "%ff%fe",
    "a lone surrogate in UTF-8": "%ed%a0%80",
    "4 000 letters": "a" * 4000,
    "a star": "*",
    "an id with a space behind it": "@MADE@%20",
    "a task of another project": "@SMADE@",
    "a pattern of Redis": "%5Ba-z%5D%3F",
    "a format": "%25s%25n",
    "an emoji": "%F0%9F%8E%AC",
}
DOORS: dict[str, bytes] = {
    "reads": get(f"{FILM}/tasks/@NAME@"),
    "reads the kin of": get(f"{FILM}/tasks/@NAME@/lineage"),
    "cancels": head("POST", f"{FILM}/tasks/@NAME@/cancel"),
    "deletes": head("DELETE", f"{FILM}/tasks/@NAME@"),
    "marks": _mark({"favourite": True}, "@NAME@"),
    "promotes": _promote("@NAME@"),
}
NOT_THERE = refused(404, 422, 400, 414)


ENTRIES = [
    *(http(f"promotes with {name} {called(value)}", _promote(**{name: value}), to=WRONG)
      for name, values in PROMOTIONS.items() for value in values if (name, value) != ("task_type", "")),
    *(http(f"marks with {name}", _mark(body), to=WRONG) for name, body in MARKS.items()),
    *(http(f"{door} {name}", data.replace(b"@NAME@", value.encode()), to=NOT_THERE)
      for door, data in DOORS.items() for name, value in NAMES.items()),
    http("promotes what runs", _promote("@RUNNING@"), to=refused(409)),
    http("promotes what is blocked", _promote("@BLOCKED@"), to=refused(409)),
    http("promotes what was stopped", _promote("@STOPPED@"), to=refused(409)),
    http("promotes what was deleted", _promote("@GONE@"), to=refused(410)),
    http("promotes into a film of itself", _promote(task_type="image_to_video"), to=accepted(202)),
    http("promotes into a film of a task that waits for it", _promote(task_type="image_to_video",
         params={"source_image": {"from_task": "@BLOCKED@"}}), to=accepted(202) | WRONG),
    http("promotes into a film of nothing", _promote(task_type="image_to_video", params={"source_image": None}),
         to=accepted(202) | WRONG),
    http("promotes to what it is", _promote(quality="draft"), to=accepted(202) | WRONG),
    http("promotes with a body of a list", post(f"{_TAKE}/promote", [], ), to=WRONG),
    http("promotes without a body", head("POST", f"{_TAKE}/promote", "Content-Length: 0"), to=refused(400, 415, 422)),
    http("marks what was deleted", _mark({"favourite": True}, "@GONE@"), to=refused(410)),
    http("circles what runs and has no shot", _mark({"circled": True}, "@RUNNING@"), to=refused(422, 409, 400)),
    http("cancels what has ended", head("POST", f"{FILM}/tasks/@STOPPED@/cancel"), to=accepted()),
    http("cancels what was deleted", head("POST", f"{FILM}/tasks/@GONE@/cancel"), to=refused(410)),
    http("cancels with a body", post(f"{FILM}/tasks/@STOPPED@/cancel", {"evil": "x" * 10_000}), to=accepted() | WRONG),
    http("deletes what runs", head("DELETE", f"{FILM}/tasks/@RUNNING@"), to=refused(409)),
    http("deletes what is blocked", head("DELETE", f"{FILM}/tasks/@BLOCKED@"), to=refused(409)),
    http("deletes what was deleted", head("DELETE", f"{FILM}/tasks/@GONE@"), to=accepted(204)),
    http("deletes a project that is busy", head("DELETE", FILM), to=refused(409)),
    http("deletes a project that was deleted", head("DELETE", "/api/v1/projects/gone"), to=accepted(204)),
    http("deletes a project that never was", head("DELETE", "/api/v1/projects/never"), to=accepted(204) | refused(404)),
    http("reads a project that was deleted", get("/api/v1/projects/gone"), to=refused(410)),
    http("reads the kin of what was promoted", get(f"{_TAKE}/lineage"), to=accepted()),
]  # fmt: skip
