"""What the service tells over HTTP, and inside messages. Frozen. It may grow: what this client does not know is left
out.

Times are aware datetimes, durations seconds, sizes bytes, shares 0 to 1. What has no value is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that a task made. ``kind``: ``image``, ``video``, ``audio``, ``control``, ``data`` or ``file``. ``path``
    is relative to the workspace, ``url`` to the host that was asked."""

    name: str
    kind: str
    url: str
    path: str
    media_type: str
    size_bytes: int
    sha256: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Why just this engine made it. ``passed_over``: engines that came before it, each with why it was not taken."""

    reason: str
    message: str
    passed_over: Json = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a task made. ``params`` are effective: send them again, get it again."""

    engine: str
    artifacts: tuple[Artifact, ...]
    params: Json
    seed: int | None = None
    metrics: Json = field(default_factory=dict)
    understood: Json = field(default_factory=dict)
    routing: Routing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a task ended badly."""

    code: str
    message: str
    details: Json = field(default_factory=dict)


OPEN = frozenset({"blocked", "queued", "running"})
"""The statuses of a task that has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task, wherever it is read. ``status``: ``blocked``, ``queued``, ``running``, ``succeeded``, ``failed`` or
    ``cancelled``."""

    task_id: str
    project_id: str
    task_type: str
    quality: str
    status: str
    progress: float
    params: Json
    queued_at: datetime
    engine: str | None = None
    stage: str | None = None
    message: str | None = None
    preview_url: str | None = None
    origins: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    shot: str | None = None
    take: int | None = None
    favourite: bool = False
    circled: bool = False
    attempt: int = 0
    queue_position: int | None = None
    notice: str | None = None
    waits_for: tuple[str, ...] = ()
    promoted_from: str | None = None
    promoted_to: tuple[str, ...] = ()
    cancel_requested: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None
    result: Result | None = None
    error: Failure | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """A page of tasks. ``next``: the cursor of the next page, None at the end. ``partial``: the search stopped before
    the page was full."""

    tasks: tuple[Task, ...]
    next: str | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A take in a lineage: enough to show it."""

    task_id: str
    task_type: str
    quality: str
    status: str
    queued_at: datetime
    engine: str | None = None
    shot: str | None = None
    take: int | None = None
    seed: int | None = None
    promoted_from: str | None = None
    promoted_to: tuple[str, ...] = ()
    poster: Artifact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The takes that a task was made of, and those that were made of it. ``gone``: those that were deleted.
    ``partial``: there may be more."""

    task_id: str
    tasks: tuple[Relative, ...]
    gone: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The tasks of a batch in the order of its requests, and the ids of those that have a name by it."""

    tasks: tuple[Task, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many tasks stand where. ``size_bytes``: what their files take."""

    blocked: int = 0
    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    size_bytes: int = 0

    @property
    def open(self) -> int:
        """How many have not ended."""
        return self.blocked + self.queued + self.running

    @property
    def total(self) -> int:
        """How many there are."""
        return self.open + self.succeeded + self.failed + self.cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project at a position: its open tasks, then the newest ended ones. ``next``: the cursor for the rest."""

    project_id: str
    position: str
    counts: Counts
    tasks: tuple[Task, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSummary:
    """A project in a list. ``active_at``: when a task was last accepted or ended."""

    project_id: str
    counts: Counts
    active_at: datetime
    poster: Artifact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    """A page of projects, the one active last first. ``next``: the cursor of the next page, None at the end."""

    projects: tuple[ProjectSummary, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A shot. ``takes``: how many there are; ``last_take``: the highest number given."""

    shot: str
    takes: int
    last_take: int
    circled_task_id: str | None = None
    circled_take: int | None = None
    poster: Artifact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotPage:
    """A page of shots by name. ``next``: the cursor of the next page, None at the end."""

    shots: tuple[Shot, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A picture, a sound or a script that was taken in. Give ``path`` or ``url`` as an input of a task."""

    path: str
    url: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskType:
    """What can be asked for. ``params_schema``: JSON Schema of its parameters. ``qualities``: what each preset means
    here. ``engines``: who makes it, the first choice first."""

    name: str
    engine: str
    summary: str
    params_schema: Json
    inputs: tuple[Json, ...] = ()
    controls: tuple[str, ...] = ()
    qualities: Json = field(default_factory=dict)
    engines: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskTypes:
    """All that can be asked for."""

    task_types: tuple[TaskType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The presets by name, and which one counts where none is named."""

    default: str
    qualities: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """Name, versions, limits. Who has to sign in and has not is told the first five alone."""

    name: str
    version: str
    protocol_version: int
    access: str
    links: Json
    task_types: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    engine_status: tuple[Json, ...] = ()
    qualities: tuple[str, ...] = ()
    default_quality: str | None = None
    workers: Json | None = None
    limits: Json = field(default_factory=dict)
