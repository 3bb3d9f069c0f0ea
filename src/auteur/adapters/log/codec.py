"""Events and records as JSON with a schema version, readable by every later auteur."""

from dataclasses import replace
from math import isfinite
from typing import Any, get_args

from pydantic_core import from_json, to_json

from auteur.domain.events import Beginning, Event, Position, RecordedEvent, TaskProgressed, TaskQueued
from auteur.domain.task import Failure, Task, TaskRequest, TaskResult
from auteur.protocol.model import Adapter
from auteur.protocol.texts import draft_text, finish_text

SCHEMA_VERSION = 1

_EVENTS: dict[str, Adapter[Any]] = {kind.__name__: Adapter(kind) for kind in get_args(Event)}
_BESIDE = {"webhook"}
_TOLD, _FROM = b',"told":', b',"from":'
_LAST = b'{"v":1,"kind":"ProjectDeleted",'
_TASKS = Adapter(dict[str, Task])
REQUEST = Adapter(TaskRequest)
RESULT = Adapter(TaskResult)
FAILURE = Adapter(Failure)


class UnreadableRecordError(ValueError):
    """Stored bytes that this version of auteur does not understand."""


def encode_event(event: Event) -> bytes:
    """One event as bytes. What is kept beside the log, for it holds a secret, is not among them."""
    kind = type(event).__name__
    if _is_json(event):
        body = _EVENTS[kind].dump_json(event, exclude=_BESIDE)
        return b'{"v":%d,"kind":"%b","event":%b}' % (SCHEMA_VERSION, kind.encode(), body)
    data = _EVENTS[kind].dump_python(event, mode="json", exclude=_BESIDE)
    return to_json({"v": SCHEMA_VERSION, "kind": kind, "event": data})


def _is_json(event: Event) -> bool:
    """Whether the event is of the kinds that most are, and each of its numbers is one in JSON: then it is written in
    one go, the same in half of the time. What is no number there is kept all the same, as it is read again."""
    if isinstance(event, TaskProgressed):
        return isfinite(event.progress) and isfinite(event.eta_s or 0)
    if isinstance(event, TaskQueued):
        return isfinite(event.request.timeout_s) and isfinite(event.request.estimate_s or 0)
    return False


def encode_told(event: Event) -> bytes:
    """One event with what clients hear of it (`draft_text`) behind it: ``…,"told":{…},"from":<where that begins>}``;
    without, where that is known only when the log has given a take.

    Whoever knows nothing of that reads it as what `encode_event` writes.
    """
    record = encode_event(event)
    draft = None if isinstance(event, TaskQueued) and event.request.shot is not None else draft_text(event)
    if draft is None:
        return record
    return b"%b%b%b%b%d}" % (record[:-1], _TOLD, draft.encode(), _FROM, len(record) - 1 + len(_TOLD))


def kept_draft(data: bytes) -> str | None:
    """The draft in what `encode_told` wrote; None where there is none."""
    begin, end = _told_in(data)
    return data[begin:end].decode() if begin else None


def _told_in(data: bytes) -> tuple[int, int]:
    """Where the draft begins and ends, 0 and 0 where there is none: no record ends with a number otherwise."""
    end = data.rfind(_FROM)
    begin = data[end + len(_FROM) : -1]
    return (int(begin), end) if end > 0 and begin.isdigit() else (0, 0)


def decode_event(data: bytes) -> Event:
    """The event that `encode_event` or `encode_told` wrote. Raises `UnreadableRecordError`."""
    begin, _ = _told_in(data)
    record = _open(data[: begin - len(_TOLD)] + b"}" if begin else data)
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


class StoredEvent(RecordedEvent):
    """An event as it lies in a log: decoded, and its text made whole, when somebody asks. ``take``: what the log gave
    beside it, 0 for none: what was written before it was given does not say it. ``event``,
    ``text``: where they are known."""

    __slots__ = ("_body", "_take", "_text", "project_id")

    def __init__(
        self,
        position: Position,
        project_id: str,
        body: bytes,
        *,
        take: int = 0,
        event: Event | None = None,
        text: str | None = None,
    ) -> None:
        self.position = position
        self.waiting = None
        self.project_id = project_id
        self._body = body
        self._take = take
        self._event = event
        self._text = text

    @property
    def event(self) -> Event:
        """What happened. Raises `UnreadableRecordError`."""
        if self._event is None:
            self._event = with_take(decode_event(self._body), self._take)
        return self._event

    @property
    def is_last(self) -> bool:
        return self._body.startswith(_LAST)

    @property
    def text(self) -> str | None:
        if self._text is None and not self._take and (draft := kept_draft(self._body)) is not None:
            self._text = finish_text(draft, self.project_id, self.position)
        return self._text


def stored_event(position: Position, body: bytes) -> StoredEvent:
    """An event that is kept apart from its log, decoded now, with the text that was kept beside it. Raises
    `UnreadableRecordError`."""
    event = decode_event(body)
    return StoredEvent(position, event.project_id, body, event=event)


def with_take(event: Event, take: int) -> Event:
    """The event as it was recorded: with the take that the log gave."""
    return replace(event, take=take) if take and isinstance(event, Beginning) else event
