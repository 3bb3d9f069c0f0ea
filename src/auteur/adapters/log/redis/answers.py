"""What is asked of the reading scripts, and what they answer, as values."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from auteur.adapters.log.redis.record import moment, read_record
from auteur.domain.errors import (
    AuteurError,
    InvalidRequestError,
    ProjectBusyError,
    StaleAttemptError,
    TaskBlockedError,
    TaskDeletedError,
    TaskEndedError,
    TaskExistsError,
    TaskNotBlockedError,
    TaskNotFoundError,
    TaskOpenError,
)
from auteur.domain.events import Event, Position, ProjectDeleted
from auteur.domain.state import OpenTask, ProjectCounts, Shot, TaskPage
from auteur.domain.task import TaskStatus, parse_project_id

_STATUSES = tuple(TaskStatus)
_DIGITS = 16
"""Of a time in microseconds; more than a double holds would be another time."""


def ascending(statuses: Sequence[TaskStatus], after_seq: int, limit: int) -> tuple[Any, ...]:
    """A page of `pages.lua`, the oldest first."""
    return ("\n".join(status.value for status in statuses), after_seq, limit + 1, "oldest")


def indexed(index: str, after_seq: int, limit: int) -> tuple[Any, ...]:
    """A page of one index of `pages.lua`, the oldest first."""
    return (index, after_seq, limit + 1, "oldest")


def descending(statuses: Sequence[TaskStatus], before_seq: int | None, limit: int) -> tuple[Any, ...]:
    """A page of `pages.lua`, the newest first."""
    bound = "+inf" if before_seq is None else before_seq
    return ("\n".join(status.value for status in statuses), bound, limit + 1, "newest")


def page_of(project_id: str, records: Sequence[Any], limit: int) -> TaskPage:
    """The page that `pages.lua` answered."""
    page = [record for record in records[:limit] if record[4]]
    return TaskPage(
        tasks=[read_record(project_id, record) for record in page],
        next_seq=int(records[limit - 1][1]) if len(records) > limit else None,
        queue_positions={record[0].decode(): record[2] for record in page if record[2]},
    )


def counts_of(run: str, counts: Sequence[Any]) -> ProjectCounts:
    """The counts that `records.lua` answered."""
    token, seq, size_bytes, by_status, meta = counts
    lanes = {key: int(value) for key, value in pairs_of(meta) if key[1:2] == b":" and int(value) > 0}
    return ProjectCounts(
        position=Position(token.decode() + run, seq) if seq else None,
        by_status={status: n for status, n in zip(_STATUSES, by_status, strict=True) if n},
        waiting={unquote(key[2:].decode()): n for key, n in lanes.items() if key[:1] == b"w"},
        running={unquote(key[2:].decode()): n for key, n in lanes.items() if key[:1] == b"r"},
        size_bytes=size_bytes,
    )


def open_task(project_id: str, task_id: bytes, guard: bytes, waits_for: bytes) -> OpenTask:
    """An open task that `open.lua` answered."""
    if not guard:
        return OpenTask(project_id, task_id.decode(), 0, None, "", "", moment(b"0"), lost=True)
    _, attempt, _, _, lane, task_type, _, queued_at, _, worker = guard.decode().split(" ")
    return OpenTask(
        project_id,
        task_id.decode(),
        int(attempt),
        unquote(worker) or None,
        unquote(lane),
        unquote(task_type),
        moment(queued_at.encode()),
        frozenset(waits_for.decode().split("\n")) if waits_for else frozenset(),
    )


def shot_of(project_id: str, name: bytes, takes: int, last_take: bytes, circled: list[Any], poster: list[Any]) -> Shot:
    """A shot that `shots.lua` answered."""
    chosen = read_record(project_id, circled) if circled else None
    return Shot(
        name=name.decode(),
        takes=takes,
        last_take=int(last_take),
        circled_task_id=chosen.task_id if chosen else None,
        circled_take=chosen.take if chosen else None,
        poster=read_record(project_id, poster).poster if poster else None,
    )


def read_place(after: str | None) -> tuple[str, str | None]:
    """Score and name that a cursor of projects stands for. Raises `InvalidRequestError`."""
    if after is None:
        return "+inf", None
    score, _, name = after.partition("/")
    try:
        if not (score.isdecimal() and score.isascii() and len(score) <= _DIGITS):
            raise ValueError
        return score, parse_project_id(name)
    except (ValueError, InvalidRequestError):
        raise InvalidRequestError("This is no place in the list of projects.") from None


def pairs_of(flat: Any) -> list[tuple[Any, Any]]:
    """Names with values, however the client has answered them."""
    if isinstance(flat, dict):
        return list(flat.items())
    if flat and isinstance(flat[0], tuple | list):
        return [(pair[0], pair[1]) for pair in flat]
    return list(zip(flat[::2], flat[1::2], strict=True))


def task_of(event: Event) -> str:
    """The task that an event is about; empty where it is about the whole project."""
    return "" if isinstance(event, ProjectDeleted) else event.task_id


def refusal(said: bytes, event: Event, *more: Any) -> AuteurError:
    """The error that a refusal of `publish.lua` stands for."""
    project_id, task_id = event.project_id, task_of(event)
    match said:
        case b"EXISTS":
            return TaskExistsError(task_id)
        case b"UNKNOWN":
            return TaskNotFoundError(project_id, task_id)
        case b"GONE":
            return TaskDeletedError(project_id, task_id)
        case b"ENDED":
            return TaskEndedError(task_id)
        case b"BLOCKED":
            return TaskBlockedError(task_id)
        case b"FREE":
            return TaskNotBlockedError(task_id)
        case b"OPEN" if task_id:
            return TaskOpenError(task_id)
        case b"OPEN":
            return ProjectBusyError(project_id, more[0])
    return StaleAttemptError(task_id, getattr(event, "attempt", 0), more[0])
