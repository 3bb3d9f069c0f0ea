"""From a snapshot of a whole project and the events after it to records: how data of before is carried over."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auteur.domain.events import Beginning, Event, TaskEvent
from auteur.domain.task import Task


def fold(snapshot_seq: int, snapshot: Mapping[str, Task], events: Iterable[tuple[int, Event]]) -> list[Task]:
    """The tasks that snapshot and kept events tell of, in the order of acceptance.

    Events that the snapshot covers tell of tasks that it had forgotten; of those that it holds it has the last word.
    """
    tasks: dict[str, Task] = {}
    for seq, event in events:
        if not isinstance(event, TaskEvent) or (seq <= snapshot_seq and event.task_id in snapshot):
            continue
        if isinstance(event, Beginning):
            tasks[event.task_id] = event.record(seq)
        else:
            known = tasks.get(event.task_id) or snapshot.get(event.task_id)
            if known is not None:  # else its beginning is trimmed, and it ended before the snapshot was made
                tasks[event.task_id] = _as_before(known, known.after(event))
    return sorted({**snapshot, **tasks}.values(), key=lambda task: task.queued_seq)


def _as_before(known: Task, task: Task) -> Task:
    """What was said last stayed with an ended task; it shall not be lost."""
    return replace(task, stage=known.stage, message=known.message, preview=known.preview) if task.ended else task
