"""What is read of projects: values, each true at one position of the log or of one moment."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auteur.domain.events import Position
from auteur.domain.task import Artifact, Task, TaskStatus

_RUN = re.compile(r"[^\W_]+")
# scripts written without spaces: each character is a word, so that a word inside a sentence is found
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def words_of(text: str) -> Iterator[str]:
    """The words of a text as they are searched for: lower case, without accents."""
    plain = text.casefold()
    if plain.isascii():
        yield from _RUN.findall(plain)
        return
    plain = unicodedata.normalize("NFKD", plain)
    for run in _RUN.findall("".join(c for c in plain if not unicodedata.combining(c))):
        yield from _UNSPACED.sub(lambda match: f" {match[0]} ", run).split()


def searched_text(task: Task) -> str:
    """The text in which a task is searched for: its prompt, its shot and the values of its metadata."""
    return text_searched_in(task.request.params.get("prompt"), task.request.shot, task.metadata)


def text_searched_in(prompt: Any, shot: str | None, metadata: Mapping[str, Any]) -> str:
    """The same, of what a task has of them; what is neither text nor a whole number is not searched."""
    values = [prompt, shot, *metadata.values()]
    return " ".join(word for value in values if isinstance(value, str | int) for word in words_of(str(value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQuery:
    """Which tasks are meant; what is None or empty does not matter.

    ``words``: each must begin a word of the task's `searched_text`.
    """

    statuses: frozenset[TaskStatus] = frozenset(TaskStatus)
    task_type: str | None = None
    quality: str | None = None
    favourite: bool | None = None
    shot: str | None = None
    words: tuple[str, ...] = ()

    def matches(self, task: Task) -> bool:
        """Whether the task is meant."""
        return (
            task.status in self.statuses
            and self.task_type in (None, task.request.task_type)
            and self.quality in (None, task.request.quality)
            and self.favourite in (None, task.favourite)
            and self.shot in (None, task.request.shot)
            and (not self.words or self.finds(searched_text(task)))
        )

    def finds(self, searched: str) -> bool:
        """Whether the words find what has that `searched_text`."""
        words = searched.split()
        return all(any(word.startswith(wanted) for word in words) for wanted in self.words)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task without an ending. ``attempt``: the newest begun; ``worker``: who holds it. ``waits_for``: the tasks that
    it needs, where it is blocked; some of them may have ended. ``lost``: somebody deleted its record behind our back;
    then nothing else is known of it."""

    project_id: str
    task_id: str
    attempt: int
    worker: str | None
    lane: str
    task_type: str
    queued_at: datetime
    waits_for: frozenset[str] = frozenset()
    lost: bool = False

    @property
    def waits_for_worker(self) -> bool:
        """Whether nothing is missing but somebody who takes it up."""
        return self.worker is None and not self.waits_for


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReading:
    """One task at one position. ``queue_position``: its place among the project's waiting tasks, 1 is next."""

    task: Task
    position: Position
    queue_position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """Some tasks in order. ``next_seq``: the ``queued_seq`` to go on from, None at the end. ``partial``: the search
    stopped at its bound before the page was full; there may be more from there on."""

    tasks: Sequence[Task]
    next_seq: int | None = None
    queue_positions: Mapping[str, int] = field(default_factory=dict)
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The takes that one was made of, and those that were made of it. ``tasks``: the first of all, then what was made
    of each; ``gone``: those that were deleted; ``partial``: there are more, or there may be."""

    tasks: Sequence[Task]
    gone: Sequence[str] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCounts:
    """How many tasks stand where. ``waiting`` and ``running``: by lane, those that wait for a worker and those that
    have one. ``size_bytes``: of all results."""

    position: Position | None = None
    by_status: Mapping[TaskStatus, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    running: Mapping[str, int] = field(default_factory=dict)
    size_bytes: int = 0

    def of(self, *statuses: TaskStatus) -> int:
        """How many tasks are in one of these."""
        return sum(self.by_status.get(status, 0) for status in statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """A project at one position: the open tasks in the order of acceptance, and the newest ended ones, newest first."""

    project_id: str
    counts: ProjectCounts
    open: TaskPage
    ended: TaskPage

    @property
    def position(self) -> Position | None:
        """Where in the log this was true; None before the first event."""
        return self.counts.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A shot and its takes. ``takes``: how many there are; ``last_take``: the highest number given.

    ``poster``: of the circled take, else of the newest that was made.
    """

    name: str
    takes: int
    last_take: int
    circled_task_id: str | None = None
    circled_take: int | None = None
    poster: Artifact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSummary:
    """A project in a list. ``active_at``: when a task was last accepted or ended, about."""

    project_id: str
    by_status: Mapping[TaskStatus, int]
    size_bytes: int
    active_at: datetime
    poster: Artifact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """Projects, the one active last first. ``next``: where to go on from, None at the end."""

    projects: Sequence[ProjectSummary]
    next: str | None = None


ENDED_FROM_NEWEST = "ended"
"""The cursor for all ended tasks, newest first."""


def open_cursor(seq: int) -> str:
    """The cursor for the open tasks after this one, and then all ended ones."""
    return f"open.{seq}"


def ended_cursor(seq: int) -> str:
    """The cursor for the ended tasks before this one."""
    return f"ended.{seq}"
