"""What a model is told: the service's own views, without what only programs need."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from auteur.entrypoints.mcp.arguments import Status

ENDED = ("succeeded", "failed", "cancelled")


class Answer(BaseModel):
    """What the answers of all tools have in common: what has no value is left out."""

    model_config = ConfigDict(extra="forbid")


class ArtifactTold(Answer):
    """A file that a task made. ``path``: what the inputs of other tasks name it by; ``uri``: to read it as a
    resource."""

    name: str
    kind: str
    media_type: str
    path: str
    uri: str
    size_bytes: int
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


class FailureTold(Answer):
    """Why a task ended badly."""

    code: str
    message: str
    details: dict[str, Any] | None = None


class TaskTold(Answer):
    """A task. ``params``: as asked; once it succeeded, as they were in effect: send them again, get it again."""

    task_id: str
    project_id: str
    task_type: str
    quality: str
    status: Status
    ended: bool
    progress: float = Field(ge=0, le=1)
    stage: str | None = None
    message: str | None = None
    queue_position: int | None = None
    shot: str | None = None
    take: int | None = None
    engine: str | None = None
    seed: int | None = None
    params: dict[str, Any] | None = None
    prompt: str | None = None
    metadata: dict[str, Any] | None = None
    artifacts: list[ArtifactTold] | None = None
    error: FailureTold | None = None
    notice: str | None = None
    understood: dict[str, Any] | None = None
    waits_for: list[str] | None = None
    promoted_from: str | None = None
    promoted_to: list[str] | None = None
    favourite: bool | None = None
    circled: bool | None = None
    cancel_requested: bool | None = None
    queued_at: str
    ended_at: str | None = None

    @classmethod
    def of(cls, view: Mapping[str, Any], *, briefly: bool = False, fully: bool = False) -> Self:
        """From the service's `TaskView`. ``briefly``: as one of many; ``fully``: with what was read in the words."""
        result, failure = view.get("result") or {}, view.get("error")
        params = result.get("params") or view["params"]
        told = {
            "ended": view["status"] in ENDED,
            "engine": result.get("engine") or view.get("engine"),
            "seed": result.get("seed"),
            "artifacts": [artifact_told(view["project_id"], made) for made in result.get("artifacts", ())] or None,
            "error": None if failure is None else FailureTold(**{**failure, "details": failure["details"] or None}),
            # false, and nothing, say what is so for most
            **{name: view.get(name) or None for name in ("waits_for", "promoted_to", "metadata", "cancel_requested")},
            **{name: view.get(name) or None for name in ("favourite", "circled")},
        }
        more = {"prompt": params.get("prompt")} if briefly else {"params": params}
        if fully:
            more["understood"] = result.get("understood") or None
        names = cls.model_fields.keys() - told.keys() - {"params", "prompt", "understood"}
        return cls(**{name: view.get(name) for name in names}, **told, **more)


def artifact_told(project_id: str, made: Mapping[str, Any]) -> ArtifactTold:
    """From the service's `ArtifactView`."""
    fields = {name: made.get(name) for name in ArtifactTold.model_fields if name != "uri"}
    return ArtifactTold(**fields, uri=artifact_uri(project_id, made["path"]))


def artifact_uri(project_id: str, path: str) -> str:
    """The resource that a file is. ``path``: relative to the workspace."""
    return f"auteur://{project_id}/artifacts/{path.removeprefix(f'{project_id}/')}"


class Submitted(Answer):
    """A task was accepted. ``idempotency_key``: repeats this very wish."""

    task: TaskTold
    idempotency_key: str
    next_step: str


class Watched(Answer):
    """How a task stands after the wait."""

    task: TaskTold
    ended: bool
    next_step: str


class Shown(Answer):
    """A task. ``pictured``: the file whose picture goes with it, if one does."""

    task: TaskTold
    pictured: str | None = None
    why_not: str | None = None


class Cancelled(Answer):
    """A task was asked to stop, or had ended before."""

    task: TaskTold
    next_step: str


class TasksTold(Answer):
    """A page of tasks, newest first. ``next``: the cursor of the next page. ``partial``: the search for words stopped
    before the page was full; go on with ``next``."""

    tasks: list[TaskTold]
    next: str | None = None
    partial: bool | None = None


class ProjectTold(Answer):
    """A project. ``tasks``: how many stand where."""

    project_id: str
    tasks: dict[str, int]
    active_at: str


class ProjectsTold(Answer):
    """A page of projects, the one active last first. ``next``: the cursor of the next page."""

    projects: list[ProjectTold]
    next: str | None = None


class EngineTold(Answer):
    """Who makes a task type. ``reason``: why it is not up."""

    engine: str
    up: bool
    reason: str | None = None


class TaskTypeTold(Answer):
    """What can be made. ``params_schema``: only of the one that was asked for, and of each engine that makes it."""

    name: str
    summary: str
    engines: list[EngineTold]
    inputs: list[str] | None = None
    controls: list[str] | None = None
    params_schemas: dict[str, Any] | None = None


class ServiceTold(Answer):
    """What the service is and can make. ``you``: as whom it is asked, and what that may do in which projects."""

    name: str
    version: str
    access: Literal["anonymous", "token", "unknown"]
    you: dict[str, Any] | None = None
    qualities: list[str]
    default_quality: str
    task_types: list[TaskTypeTold]
    limits: dict[str, Any]


class UploadTold(Answer):
    """A picture that was taken in. ``path``: what inputs name it by."""

    path: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str
