"""The promises, checked on the log itself: what every task went through, and which worker had it when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auteur.domain.events import (
    Ending,
    Event,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)

Lives = Mapping[str, Sequence[Event]]
"""By task, its events in the order of the log."""


@dataclass
class Harm:
    """What was done to a worker: ``kind`` killed, frozen or stopped; gone from ``begin`` to ``end``."""

    worker: str
    kind: str
    begin: datetime
    end: datetime | None = None
    exit_s: float | None = None
    code: int | None = None


def p1_one_ending(lives: Lives, accepted: Iterable[str]) -> Iterator[str]:
    """Every accepted task has one ending, and nothing of it follows."""
    for task_id in accepted:
        life = lives.get(task_id, ())
        endings = [event for event in life if isinstance(event, Ending)]
        if len(endings) != 1 or life[-1] is not endings[0]:
            yield f"P1 {task_id} has {len(endings)} endings, and {len(life)} events"


def p7_taken_over_from_the_lost_alone(lives: Lives, harms: Iterable[Harm]) -> Iterator[str]:
    """No attempt begins while the worker of the one before is alive, and what a replaced attempt says is refused."""
    by_worker = {harm.worker: harm for harm in harms}
    for life in lives.values():
        for before, after in hand_overs(life):
            harm = by_worker.get(before.worker)
            if harm is None or after.at < harm.begin:
                yield f"P7 {before.task_id}: attempt {after.attempt} although {before.worker} was alive"
        newest = 0
        for event in life:
            if isinstance(event, TaskStarted):
                newest = event.attempt
            elif isinstance(event, TaskProgressed | TaskSucceeded) and event.attempt != newest:
                yield f"P7 {event.task_id}: {type(event).__name__} of attempt {event.attempt} during attempt {newest}"


def p8_nothing_made_unasked(lives: Lives, accepted: Iterable[str]) -> Iterator[str]:
    """A request is one task, however often it was sent."""
    for task_id in lives.keys() - set(accepted):
        yield f"P8 {task_id} was made and nobody was told"


def p1_files_of_the_winner(lives: Lives, workspace: Path) -> Iterator[str]:
    """In the workspace lie the winning attempt's files and no other's."""
    for task_id, life in lives.items():
        won = [str(event.attempt) for event in life if isinstance(event, TaskSucceeded)]
        place = workspace / life[0].project_id / task_id
        left = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
        if left != won:
            yield f"P1 {task_id} won with attempt {won} and left {left}"


def hand_overs(life: Iterable[Event]) -> list[tuple[TaskStarted, TaskStarted]]:
    """Attempts that followed another without its being handed back."""
    pairs, open_attempt = [], None
    for event in life:
        if isinstance(event, TaskStarted):
            if open_attempt is not None:
                pairs.append((open_attempt, event))
            open_attempt = event
        elif isinstance(event, TaskRequeued):
            open_attempt = None
    return pairs


def hand_over_s(lives: Lives, harms: Iterable[Harm]) -> list[float]:
    """For each task that was taken over: from the harm to the next attempt's start."""
    by_worker = {harm.worker: harm for harm in harms}
    return [
        (after.at - max(by_worker[before.worker].begin, before.at)).total_seconds()
        for life in lives.values()
        for before, after in hand_overs(life)
        if before.worker in by_worker
    ]
