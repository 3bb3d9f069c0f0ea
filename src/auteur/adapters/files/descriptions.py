"""What takes say of themselves in the `take.json` beside their files, and in which order it is made known again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from auteur.domain.errors import InvalidProjectIdError, InvalidRequestError
from auteur.domain.ports import Described
from auteur.domain.task import Task, TaskStatus, parse_project_id, parse_shot

TASK = TypeAdapter(Task)
LARGEST_BYTES = 4 << 20


@dataclass(slots=True)
class Known:
    """A description that could be read, without its content: there may be a hundred thousand. ``path``: where it lies,
    below the root."""

    path: str
    project_id: str
    shot: str | None
    take: int
    order: tuple[datetime, int, int]

    @classmethod
    def of(cls, path: str, task: Task) -> "Known":
        order = (task.queued_at, task.queued_seq, -task.attempt)
        return cls(path, task.project_id, task.request.shot, task.take or 0, order)


def in_order(found: Iterable[Known]) -> Iterator[Known]:
    """As the tasks were accepted. The takes of a shot come in the order of their numbers whatever the clocks said then,
    and of two attempts of one task the later one comes first."""
    by_shot: dict[tuple[str, str], list[Known]] = {}
    all_found = list(found)
    for known in all_found:
        if known.shot is not None:
            by_shot.setdefault((known.project_id, known.shot), []).append(known)
    takes = {shot: iter(sorted(some, key=lambda known: (known.take, known.order))) for shot, some in by_shot.items()}
    for known in sorted(all_found, key=lambda known: (known.project_id, known.order)):
        yield known if known.shot is None else next(takes[known.project_id, known.shot])


def too_large(path: str) -> Described:
    """That what lies there is no description."""
    return Described(path=path, problem="it is too large to be one")


def read(path: str, body: bytes) -> Described:
    """The record, if it is of the place where it lies."""
    try:
        task = TASK.validate_json(body)
        parse_project_id(task.project_id)
        shot_is_named = task.request.shot in (None, parse_shot(task.request.shot or "-"))
    except (ValueError, InvalidProjectIdError, InvalidRequestError):
        return Described(path=path, problem="it cannot be understood")
    if path.rpartition("/")[0] != f"{task.project_id}/{task.task_id}/{task.attempt}":
        return Described(path=path, problem="it belongs to another place")
    made = task.status is TaskStatus.SUCCEEDED and task.result is not None
    times = (task.queued_at, task.started_at, task.ended_at)
    if not made or not shot_is_named or any(at is None or at.tzinfo is None for at in times):
        return Described(path=path, problem="it does not tell of a result")
    for artifact in task.result.artifacts if task.result else ():
        if "/" in artifact.name or f"{path.rpartition('/')[0]}/{artifact.name}" != artifact.path:
            return Described(path=path, problem="it names a file of another place")
    return Described(path=path, task=task)
