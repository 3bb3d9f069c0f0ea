"""What a task is: its request, its life, and what it leaves behind."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, Self

from auteur.domain.errors import InvalidProjectIdError, InvalidRequestError
from auteur.domain.text import line_problem

_PROJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def parse_project_id(text: str) -> str:
    """The text, if it is a project id. Raises `InvalidProjectIdError`."""
    if not _PROJECT_ID.fullmatch(text):
        raise InvalidProjectIdError(
            "A project id starts with a letter or digit and has up to 128 of A-Z a-z 0-9 . _ -",
            pattern=_PROJECT_ID.pattern,
        )
    return text


MAX_SHOT_LENGTH = 64


def parse_shot(text: str) -> str:
    """The name of a shot, without the space around it. Raises `InvalidRequestError`."""
    name = text if line_problem(text) else text.strip()  # a line break is no space: a name is matched whole
    if not name or len(name) > MAX_SHOT_LENGTH or not name.isprintable():
        problem = f"A shot is named by 1 to {MAX_SHOT_LENGTH} printable characters, as 12A."
        raise InvalidRequestError(problem, problems=[{"field": "shot", "message": problem}])
    return name


class TaskStatus(StrEnum):
    """Where a task stands."""

    BLOCKED = "blocked"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """True for the three from which nothing leads on."""
        return not TRANSITIONS[self]


OPEN = (TaskStatus.BLOCKED, TaskStatus.QUEUED, TaskStatus.RUNNING)
ENDED = (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)

TRANSITIONS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.BLOCKED: frozenset({TaskStatus.QUEUED, TaskStatus.FAILED, TaskStatus.CANCELLED}),
    TaskStatus.QUEUED: frozenset({TaskStatus.RUNNING, TaskStatus.FAILED, TaskStatus.CANCELLED}),
    # running -> running is the next attempt taking over from a lost one; running -> queued is handing back
    TaskStatus.RUNNING: frozenset(TaskStatus) - {TaskStatus.BLOCKED},
    TaskStatus.SUCCEEDED: frozenset(),
    TaskStatus.FAILED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}
"""The legal moves. An ended status has none."""


@dataclass(frozen=True, slots=True)
class TaskInput:
    """A parameter that names a file of the project: an artifact, an upload, or another task's output.

    ``kind``: ``image``, ``video`` or ``audio``, or ``visual``: either of the first two, a film before its stills.
    ``control``: the control pass that it takes, as ``depth``; None where it takes any picture.
    ``many``: it is a list of such files.
    """

    name: str
    kind: str = "image"
    control: str | None = None
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskType:
    """What a handler offers under one name.

    ``params_schema``: JSON Schema of the parameters. ``preset_parameters``: which of ``steps``, ``width_px`` and
    ``height_px`` a quality preset fills in; ``presets``: by quality, parameters that this type has instead of those.
    ``inputs``: the parameters that name files. ``controls``: the control passes that it leaves beside its picture when
    its parameter ``control`` lists them. ``resources``: the parameters that name sets or cast members of the project,
    one or a list: the engine is given what they are. ``makes_files``: whether its tasks leave any; else they are given
    no directory.
    """

    name: str
    engine: str
    summary: str
    params_schema: Mapping[str, Any]
    preset_parameters: frozenset[str]
    inputs: tuple[TaskInput, ...] = ()
    controls: frozenset[str] = frozenset()
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    resources: Mapping[str, Literal["set", "cast"]] = field(default_factory=dict)
    makes_files: bool = True


CONTROL_FILES: Mapping[str, str] = {
    "depth": "control-depth.png",
    "normals": "control-normals.png",
    "lineart": "control-lineart.png",
    "segmentation": "control-segmentation.png",
    "pose": "control-pose.png",
    "set": "control-set.glb",
}
"""By control pass, the file that an engine's input of this pass is given; what lies beside it has names of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file that a task made. ``path`` is relative to the workspace, with forward slashes."""

    name: str
    kind: str
    path: str
    media_type: str
    size_bytes: int
    sha256: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


RoutingReason = Literal["only", "asked", "first", "next", "fallback"]
"""Why an engine makes a task: no other does, it was asked for, it is the first of the order, those before it were down
when the task was accepted, or when it was to run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Why just this engine. ``passed_over``: engines that came before it, each with why it was not taken;
    ``left_out``: parameters of the caller's own that it does not take."""

    reason: RoutingReason
    passed_over: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The same as a sentence."""
        said = {
            "only": "It is the only engine for this task type.",
            "asked": "It was asked for.",
            "first": "It is the first of the order.",
            "next": "It was the first of the order that was up.",
            "fallback": "It took the place of an engine that was down.",
        }[self.reason]
        passed = " ".join(f"{engine}: {why.rstrip('.')}." for engine, why in self.passed_over.items())
        left = f"Left out, as it does not take them: {', '.join(self.left_out)}." if self.left_out else ""
        return " ".join(part for part in (said, passed, left) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What a task made and everything needed to make it again.

    ``params`` are the effective ones; ``understood`` is what the engine read out of them, to be corrected by people.
    ``routing``: why this engine made it; None in records of before there was a choice.
    """

    engine: str
    artifacts: tuple[Artifact, ...]
    params: Mapping[str, Any]
    seed: int | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    understood: Mapping[str, Any] = field(default_factory=dict)
    routing: Routing | None = None

    @property
    def size_bytes(self) -> int:
        """What its files take in the workspace."""
        return sum(artifact.size_bytes for artifact in self.artifacts)

    @property
    def poster(self) -> Artifact | None:
        """The picture that stands for it; what only controls other engines does not."""
        pictures = (artifact for artifact in self.artifacts if artifact.media_type.startswith("image/"))
        return next((picture for picture in pictures if picture.kind != "control"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a task ended badly, as recorded."""

    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """What was accepted; it never changes.

    ``params`` are effective, ``origins`` says where each came from (``caller``, ``preset``, ``engine``, or ``take``:
    the task that it was promoted from had it so, though no caller asked). ``promoted_from``: that task.
    ``queue_position``: the task's place among the project's waiting tasks when it was accepted, 1 is next; 0 where it
    waited for other tasks. ``waits_for``: the tasks whose outputs it needs and that had not succeeded then.
    ``estimate_s``: the engine's guess of the running time, None if it makes none. ``fingerprint``: digest of the
    request's body, so that a repeat can be told from a mix-up. ``shot``: the shot that it is a take of, as "12A".
    ``notice``: what the client should know from the start. ``engine``: whose parameters these are, and ``routing``: why
    it was chosen; None in records of before there was a choice. ``trace``: where those who tell traces go on.
    """

    task_type: str
    quality: str
    params: Mapping[str, Any]
    origins: Mapping[str, str]
    lane: str
    timeout_s: float
    message_id: str
    fingerprint: str
    queue_position: int
    request_id: str | None = None
    shot: str | None = None
    estimate_s: float | None = None
    notice: str | None = None
    waits_for: tuple[str, ...] = ()
    promoted_from: str | None = None
    engine: str | None = None
    routing: Routing | None = None
    trace: str | None = None


MAX_PROMOTIONS = 50
"""How many of the tasks that were made of it a record names, the newest."""


class Change(Protocol):
    """What an event does to the record of its task."""

    def changes(self) -> Mapping[str, Any]:
        """The fields that it sets, by name."""
        ...

    def counts(self) -> str | None:
        """The field that grows by one, if there is one."""
        ...

    def adds(self) -> str | None:
        """The task that is added to `Task.promoted_to`, if there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The record of one task: what the log's events have made of it so far.

    ``progress``: 0.0 to 1.0. ``attempt``: 0 before the first start; ``worker``: who holds it, None while
    nobody does. ``handed_back``: attempts that were given up in good order and do not count against the limit.
    ``queued_seq``: where in the project's log it was accepted. ``preview``: path relative to the project. ``take``: its
    number among the takes of its shot, 1 is the first. ``circled``: the one take of its shot that was chosen.
    ``promoted_to``: the newest `MAX_PROMOTIONS` tasks that were made of it.
    """

    task_id: str
    project_id: str
    request: TaskRequest
    metadata: Mapping[str, Any]
    status: TaskStatus
    queued_at: datetime
    queued_seq: int
    take: int | None = None
    progress: float = 0.0
    stage: str | None = None
    message: str | None = None
    preview: str | None = None
    attempt: int = 0
    worker: str | None = None
    handed_back: int = 0
    cancel_requested: bool = False
    favourite: bool = False
    circled: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: TaskResult | None = None
    failure: Failure | None = None
    promoted_to: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """True once the log holds the task's ending."""
        return self.status.ended

    @property
    def blocked(self) -> bool:
        """True while it waits for outputs of other tasks."""
        return self.status is TaskStatus.BLOCKED

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The tasks whose outputs a blocked task waits for; some of them may have succeeded already."""
        return self.request.waits_for if self.blocked else ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The tasks whose files an open task may still use: those that it has waited for, and those that its parameters
        name. Each once."""
        return () if self.ended else tuple(dict.fromkeys((*self.request.waits_for, *_named_in(self.request.params))))

    @property
    def attempts_lost(self) -> int:
        """Attempts begun so far that were not handed back in good order."""
        return self.attempt - self.handed_back

    @property
    def size_bytes(self) -> int:
        """What its files take in the workspace."""
        return self.result.size_bytes if self.result else 0

    @property
    def poster(self) -> Artifact | None:
        """The picture that stands for what it made."""
        return self.result.poster if self.result else None

    def about(self, at: datetime) -> dict[str, Any]:
        """What every event of the task carries; ``at``: when it happens."""
        return {"project_id": self.project_id, "task_id": self.task_id, "at": at, "metadata": self.metadata}

    def no_earlier(self, now: datetime) -> datetime:
        """The time for what happens to the task now: never before what happened to it, though the wall clock steps."""
        return max(now, self.queued_at, self.started_at or self.queued_at)

    def after(self, event: Change) -> Self:
        """The record after one more event of the task: the one definition of what an event changes.

        Raises `ValueError` on a transition that is not legal: the log's guard prevents those.
        """
        changes = dict(event.changes())
        counted = event.counts()
        if counted is not None:
            changes[counted] = getattr(self, counted) + 1
        added = event.adds()
        if added is not None:
            changes["promoted_to"] = with_promotion(self.promoted_to, added)
        status = changes.get("status", self.status)
        if "status" in changes and status not in TRANSITIONS[self.status]:
            raise ValueError(f"task {self.task_id}: {self.status} cannot become {status}")
        return replace(self, **changes)


_ID = r"[^/\s]{1,64}"
_FILE_OF_TASK = re.compile(rf"({_ID})/[0-9]+/[^/]+")


def _named_in(value: Any) -> Iterator[str]:
    """The tasks of whose files parameters speak: by path in the project, or by what the task makes. That a text may
    look like such a path does no harm."""
    if isinstance(value, int | float):
        return  # most parameters, known at once
    if isinstance(value, str):
        if "/" in value and (match := _FILE_OF_TASK.fullmatch(value)):
            yield match[1]
    elif isinstance(value, Mapping):
        origin = value.get("from_task")
        if isinstance(origin, str) and re.fullmatch(_ID, origin):
            yield origin
        for inside in value.values():
            yield from _named_in(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from _named_in(inside)


def with_promotion(known: tuple[str, ...], task_id: str) -> tuple[str, ...]:
    """The tasks that were made of one, with another at the end; each once. On Redis `publish.lua` says the same."""
    return (*(one for one in known if one != task_id), task_id)[-MAX_PROMOTIONS:]
