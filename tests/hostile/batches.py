"""Batches that contradict themselves, refer to what is not there, or are too many."""

from typing import Any

from tests.hostile.entry import FILM, TINY, accepted, http, post, refused

WRONG = refused(422, 400)


def _batch(*requests: Any, **content: Any) -> bytes:
    return post(f"{FILM}/batches", {"requests": list(requests), **content})


def _frame(name: str | None = None, **content: Any) -> dict[str, Any]:
    return {
        "task_type": "text_to_image",
        "quality": "draft",
        "params": TINY,
        **({"name": name} if name else {}),
        **content,
    }


def _move(source: Any, name: str | None = None) -> dict[str, Any]:
    return {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": {"from_task": source}},
            **({"name": name} if name else {})}  # fmt: skip


NAMES = {
    "of nothing": "",
    "of a space": " ",
    "with a line break": "frame\n",
    "with a NUL": "frame\0",
    "with a hash": "#frame",
    "with a slash": "../frame",
    "of 64 letters": "a" * 64,
    "of a number": 7,
    "of a list": ["a"],
    "beyond ASCII": "fráme",
    "that begins with a dot": ".frame",
}
REFERENCES = {
    "a name that nobody has": "#nobody",
    "a hash and no name": "#",
    "two hashes": "##frame",
    "a name with a line break": "#frame\n",
    "a name in other letters": "#FRAME",
    "a name with a NUL": "#fra\0me",
    "a name of 10 000 letters": "#" + "a" * 10_000,
    "a number": 7,
    "a list": ["#frame"],
    "nothing": None,
    "a task of another project": "@ELSEWHERE@",
    "a task that was deleted": "@GONE@",
    "a task that was stopped": "@STOPPED@",
}
CIRCLES = {
    "one that waits for itself": [_move("#a", "a")],
    "two that wait for each other": [_move("#b", "a"), _move("#a", "b")],
    "a circle of a hundred": [_move(f"#n{(n + 1) % 100}", f"n{n}") for n in range(100)],
    "a circle of five hundred": [_move(f"#n{(n + 1) % 500}", f"n{n}") for n in range(500)],
    "a circle and a tail": [_move("#b", "a"), _move("#a", "b"), _move("#a", "c"), _frame("d")],
}
BODIES = {
    "nothing": {"requests": []},
    "null": {"requests": None},
    "an object": {"requests": {"a": _frame()}},
    "words": {"requests": ["a"]},
    "null among requests": {"requests": [_frame(), None]},
    "a list among requests": {"requests": [[_frame()]]},
    "501 requests": {"requests": [_frame()] * 501},
    "10 000 requests of nothing": {"requests": [{}] * 10_000},
    "100 000 numbers": {"requests": [1] * 100_000},
    "a field that there is not": {"requests": [_frame()], "evil": 1},
    "a batch in a batch": {"requests": [{"requests": [_frame()]}]},
    "a list without a body": [_frame()],
}

ENTRIES = [
    *(http(f"a batch of {name}", post(f"{FILM}/batches", body), to=WRONG) for name, body in BODIES.items()),
    *(http(f"a name {name}", _batch({**_frame(), "name": value}), to=WRONG) for name, value in NAMES.items()),
    *(http(f"refers to {name}", _batch(_frame("frame"), _move(value)), to=WRONG) for name, value in REFERENCES.items()),
    *(http(f"waits in {name}", post(f"{FILM}/batches", {"requests": requests}), to=WRONG)
      for name, requests in CIRCLES.items()),
    http("a name twice", _batch(_frame("a"), _frame("a")), to=WRONG),
    http("a name that is taken five hundred times", _batch(*[_frame("a")] * 500), to=WRONG),
    http("five hundred wrong requests", _batch(*[_frame(quality="lo")] * 500), to=WRONG),
    http("five hundred requests that wait for nobody", _batch(*[_move("nobody")] * 500), to=WRONG),
    http("a wrong one at the end", _batch(*[_move("#a")] * 20, _frame("a"), _frame(quality="lo")), to=WRONG),
    http("one that wants what another does not make", _batch(_frame("a"), {"task_type": "image_to_video", "params":
         {"source_image": {"from_task": "#a", "artifact": "../../etc/passwd"}}}), to=WRONG | accepted(202)),
    http("a project named in it", _batch(_frame(project_id="other")), to=WRONG),
    http("a batch in a deleted project", post("/api/v1/projects/gone/batches", {"requests": [_frame()]}),
         to=refused(410)),
    http("five hundred names of 8 000 letters that nobody has", lambda: _batch(
        *[_move(f"#{n}" + "a" * 8000) for n in range(500)]), to=WRONG),
    http("five hundred tasks of 8 000 letters that there are not", lambda: _batch(
        *[_move(f"{n}" + "a" * 8000) for n in range(500)]), to=WRONG),
    http("five hundred task types of 128 letters that there are not", _batch(
        *[_frame(task_type="a" * 128)] * 500), to=WRONG),
    http("five hundred parameters of 4 000 letters that there are not", lambda: _batch(
        *[_frame(params={**TINY, "a" * 4000: 1})] * 500), to=WRONG),
    http("five hundred requests of a hundred parameters that there are not", lambda: _batch(
        *[_frame(params={**TINY, **{f"p{n}": 1 for n in range(100)}})] * 500), to=WRONG),
    http("a batch with a key of a task", post(f"{FILM}/batches", {"requests": [_move("@RUNNING@")]},
         "Idempotency-Key: @KEY@\"}{"), to=accepted(202)),
]  # fmt: skip
