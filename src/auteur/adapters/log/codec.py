"""Events and records as JSON with a schema version, readable by every later auteur."""

from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from auteur.domain.events import Event
from auteur.domain.task import Failure, Task, TaskRequest, TaskResult

SCHEMA_VERSION = 1

_EVENTS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Event)}
_TASKS = TypeAdapter(dict[str, Task])
REQUEST = TypeAdapter(TaskRequest)
RESULT = TypeAdapter(TaskResult)
FAILURE = TypeAdapter(Failure)


class UnreadableRecordError(ValueError):
    """Stored bytes that this version of auteur does not understand."""


def encode_event(event: Event) -> bytes:
    """One event as bytes. What is kept beside the log, for it holds a secret, is not among them."""
    kind = type(event).__name__
    data = _EVENTS[kind].dump_python(event, mode="json", exclude={"webhook"})
    return to_json({"v": SCHEMA_VERSION, "kind": kind, "event": data})


def decode_event(data: bytes) -> Event:
    """The event that `encode_event` wrote. Raises `UnreadableRecordError`."""
    record = _open(data)
    if record.get("kind") not in _EVENTS:
        raise UnreadableRecordError(f"unknown kind of event: {record.get('kind')!r}")
    event: Event = _EVENTS[record["kind"]].validate_python(record["event"])
    return event


def decode_snapshot(data: bytes) -> tuple[int, dict[str, Task]]:
    """Seq and tasks of a snapshot of a whole project, as auteur kept them before there were records.

    Raises `UnreadableRecordError`.
    """
    state = _open(data)["state"]
    position = state.get("position")
    return position["seq"] if position else 0, _TASKS.validate_python(state["tasks"])


def encode_result(result: TaskResult, request: TaskRequest) -> bytes:
    """A result beside its request: parameters and engine's choice, which are mostly the request's, are not written
    twice."""
    data = RESULT.dump_python(result, mode="json")
    if result.params == request.params:
        data.pop("params")
    if result.routing == request.routing:
        data.pop("routing")
    return to_json(data)


def decode_result(data: bytes, request: TaskRequest) -> TaskResult:
    """The result that `encode_result` wrote."""
    return RESULT.validate_python({"params": request.params, "routing": request.routing, **from_json(data)})


def _open(data: bytes) -> dict[str, Any]:
    record = from_json(data)
    if not isinstance(record, dict) or record.get("v") != SCHEMA_VERSION:
        raise UnreadableRecordError("a record of another schema version")
    return record
