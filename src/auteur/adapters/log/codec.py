"""Events and snapshots as bytes: JSON with a schema version, readable by every later auteur."""

from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from auteur.domain.events import Event, Position
from auteur.domain.project import ProjectState

SCHEMA_VERSION = 1

_EVENTS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Event)}
_STATE = TypeAdapter(ProjectState)


class UnreadableRecordError(ValueError):
    """Stored bytes that this version of auteur does not understand."""


def encode_event(event: Event) -> bytes:
    """One event as bytes."""
    kind = type(event).__name__
    return to_json({"v": SCHEMA_VERSION, "kind": kind, "event": _EVENTS[kind].dump_python(event, mode="json")})


def decode_event(data: bytes) -> Event:
    """The event that `encode_event` wrote. Raises `UnreadableRecordError`."""
    record = _open(data)
    if record.get("kind") not in _EVENTS:
        raise UnreadableRecordError(f"unknown kind of event: {record.get('kind')!r}")
    event: Event = _EVENTS[record["kind"]].validate_python(record["event"])
    return event


def encode_state(state: ProjectState) -> bytes:
    """One snapshot as bytes."""
    return to_json({"v": SCHEMA_VERSION, "state": _STATE.dump_python(state, mode="json")})


def decode_state(data: bytes) -> ProjectState:
    """The snapshot that `encode_state` wrote. Raises `UnreadableRecordError`."""
    return _STATE.validate_python(_open(data)["state"])


def is_newer(candidate: Position | None, kept: Position | None) -> bool:
    """Whether a snapshot at ``candidate`` replaces one at ``kept``: newest seq wins within an epoch."""
    if kept is None or candidate is None:
        return kept is None
    return candidate.epoch != kept.epoch or candidate.seq > kept.seq


def _open(data: bytes) -> dict[str, Any]:
    record = from_json(data)
    if not isinstance(record, dict) or record.get("v") != SCHEMA_VERSION:
        raise UnreadableRecordError("a record of another schema version")
    return record
