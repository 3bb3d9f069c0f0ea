"""What is read of the service itself: what it is, what can be asked of it, and how it is."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from auteur.protocol.model import ALWAYS_TOLD, Model
from auteur.protocol.outgoing import PROTOCOL_VERSION

Access = Literal["anonymous", "token", "unknown"]
"""Whether whoever asks must show a token; unknown as long as the store of tokens cannot be asked."""


class LinksView(Model):
    """Where more is read: paths on the host that was asked."""

    documentation: str
    openapi: str
    asyncapi: str
    session: str


class EngineStatusView(Model):
    """An engine with what it makes. ``up``: whether it can work now; ``reason``: why not, empty where it can or where
    that is not for who asks."""

    engine: str
    task_types: list[str]
    up: bool
    reason: str


class WorkersView(Model):
    """Who is at work, with how many places in all, and for which task types nobody is."""

    present: int
    slots: int
    unserved_task_types: list[str]


class LimitsView(Model):
    """What the service holds its callers to."""

    max_concurrent_tasks: int
    max_queued_per_project: int
    max_queued: int
    max_body_bytes: int
    max_upload_bytes: int
    ws_messages_per_second: int
    history_events: int


class InfoView(Model):
    """What this service is. Who has not signed in where that is needed is told the first five; the rest is left out
    then. ``workers`` is null while it cannot be known."""

    name: str
    version: str
    protocol_version: int = Field(examples=[PROTOCOL_VERSION])
    access: Access
    links: LinksView
    task_types: list[str] | None = None
    engines: list[str] | None = None
    engine_status: list[EngineStatusView] | None = None
    qualities: list[str] | None = None
    default_quality: str | None = None
    workers: WorkersView | None = None
    limits: LimitsView | None = None


class TaskInputView(Model):
    """A parameter that names a file of the project. ``control``: the control pass that it takes; null where it takes
    any picture. ``many``: it is a list of such files."""

    name: str
    kind: str
    control: str | None
    many: bool


class PresetView(Model):
    """What a quality means for a task type: the parameters that it fills in, the lane that the task goes by, and for
    how long it may run."""

    parameters: dict[str, Any]
    lane: str
    timeout_s: float


class OfferView(Model):
    """What an engine makes of a task type. ``params_schema``: JSON Schema of the parameters. ``controls``: the control
    passes that it leaves beside its picture where its parameter ``control`` lists them."""

    engine: str
    summary: str
    params_schema: dict[str, Any]
    inputs: list[TaskInputView]
    controls: list[str]
    qualities: dict[str, PresetView]


class EngineOfferView(OfferView):
    """One of the engines that make a task type, and whether it can work now."""

    up: bool
    reason: str


class TaskTypeView(OfferView):
    """A task type, as the first of its engines makes it; and all of them, in the order in which they are asked."""

    name: str
    engines: list[EngineOfferView]


class TaskTypeListView(Model):
    """Everything that can be asked for."""

    task_types: list[TaskTypeView]


class QualityView(Model):
    """A quality: its preset, and what that means for each task type."""

    preset: dict[str, Any]
    task_types: dict[str, PresetView]


class QualityListView(Model):
    """The qualities by name. ``default``: of a request that names none."""

    default: str
    qualities: dict[str, QualityView]


class FailingView(Model):
    """A part that cannot be used. ``code`` is stable, for programs; ``cause`` is for people."""

    part: str
    code: str
    cause: str


PartStatus = Literal["ok", "unavailable", "not_used"]


class ChecksView(Model):
    """Each part of the service in a word."""

    database: PartStatus
    redis: PartStatus
    workspace: PartStatus
    api: Literal["ok", "stopping"]
    workers: PartStatus


class HealthView(Model):
    """How the service is. ``failing``: why a task cannot be accepted now; ``notes``: what else a person should know."""

    status: Literal["healthy", "unhealthy"]
    timestamp: datetime
    service: str
    version: str
    access: Access
    checks: ChecksView
    engines: list[EngineStatusView]
    failing: list[FailingView]
    notes: list[FailingView]


class LivenessView(Model):
    """The process answers."""

    model_config = ALWAYS_TOLD

    status: Literal["alive"] = "alive"


class ReadinessView(Model):
    """Whether a task would be accepted now, and each part that keeps it from that."""

    status: Literal["ready", "not_ready"]
    failing: list[FailingView]
