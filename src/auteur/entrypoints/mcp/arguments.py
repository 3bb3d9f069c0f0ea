"""What a model gives to each tool. Strict like every door: unknown names are refused; what the service judges itself
(task types, qualities, parameters, words) is passed on to it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ProjectId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="The project's id: letters, digits, '.', '_', '-'. A new one begins with its first task.",
    ),
]
TaskId = Annotated[str, Field(min_length=1, max_length=64, description="The task's id, as submit_task answered it.")]
Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=255,
        pattern="^[ -~]+$",
        description="Drawn anew for each new wish, as a UUID. The same key with the same arguments is the same task, "
        "however often it is sent: repeat it after an answer that was lost. Drawn for you when left out.",
    ),
]
Status = Literal["blocked", "queued", "running", "succeeded", "failed", "cancelled"]
Metadata = Annotated[
    dict[str, str | int | float | bool | None], Field(description="Your own notes, flat; they come back with the task.")
]
LONGEST_WAIT_S, USUAL_WAIT_S = 300, 30
WIDEST_PX, USUAL_WIDTH_PX = 1024, 512


class Arguments(BaseModel):
    """What the arguments of all tools have in common."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class Describe(Arguments):
    """Of what the service can make."""

    task_type: str | None = Field(None, max_length=128, description="Tell the parameters of this task type in full.")


class ListProjects(Arguments):
    """A page of projects."""

    limit: int = Field(20, ge=1, le=100, description="How many at most.")
    cursor: str | None = Field(None, max_length=256, description="`next` of the page before.")


class Submit(Arguments):
    """A wish for one task."""

    project_id: ProjectId
    task_type: str = Field(min_length=1, max_length=128, description="What is to be made.")
    params: dict[str, Any] = Field(description="As the task type has them; describe_service tells each in full.")
    quality: str | None = Field(None, max_length=64, description="How much care it takes; drafts are quick.")
    shot: str | None = Field(
        None, min_length=1, max_length=64, description="The shot that it is a take of, as 12A; takes are counted."
    )
    engine: str | None = Field(
        None, min_length=1, max_length=64, description="The engine that shall make it; else the first that is up."
    )
    metadata: Metadata = Field(default_factory=dict)
    idempotency_key: Key = None


class Watch(Arguments):
    """A task to wait for."""

    project_id: ProjectId
    task_id: TaskId
    wait_s: float = Field(
        USUAL_WAIT_S, ge=0, le=LONGEST_WAIT_S,
        description="Seconds to wait for its end at most. If it has not ended by then, ask again.",
    )  # fmt: skip


class ListTasks(Arguments):
    """A page of a project's tasks."""

    project_id: ProjectId
    status: list[Status] | None = Field(None, max_length=6, description="Only tasks that stand so.")
    task_type: str | None = Field(None, max_length=128, description="Only of this type.")
    quality: str | None = Field(None, max_length=64, description="Only of this quality.")
    favourite: bool | None = Field(None, description="Only favourites, or only others.")
    shot: str | None = Field(None, max_length=64, description="Only takes of this shot.")
    words: str | None = Field(None, max_length=200, description="Words of prompt, shot and metadata.")
    limit: int = Field(20, ge=1, le=100, description="How many at most.")
    cursor: str | None = Field(None, max_length=64, description="`next` of the page before, with the same filters.")


class Show(Arguments):
    """A task, with what it made."""

    project_id: ProjectId
    task_id: TaskId
    artifact: str | None = Field(
        None, min_length=1, max_length=255, description="The file to show, by its name in `artifacts`; else the first."
    )
    picture: bool = Field(True, description="Whether to show the picture, or a film's first frame.")
    width_px: int = Field(
        USUAL_WIDTH_PX, ge=64, le=WIDEST_PX,
        description="How wide the picture shall be: 64, 128, 256, 512 or 1024; never wider than it is.",
    )  # fmt: skip


class Promote(Arguments):
    """How a take shall be made again."""

    project_id: ProjectId
    task_id: TaskId
    quality: str | None = Field(None, max_length=64, description="The quality; else the next higher one.")
    engine: str | None = Field(None, min_length=1, max_length=64, description="Another engine; else the take's own.")
    task_type: str | None = Field(
        None, min_length=1, max_length=128, description="Another task type; else the take's own."
    )
    params: dict[str, Any] = Field(
        default_factory=dict, description="Parameters that shall differ; null for one that is left out."
    )
    shot: str | None = Field(None, min_length=1, max_length=64, description="Another shot; else the take's own.")
    metadata: Metadata = Field(default_factory=dict)
    idempotency_key: Key = None


class Cancel(Arguments):
    """A task to stop."""

    project_id: ProjectId
    task_id: TaskId


class Upload(Arguments):
    """A picture of the folder that was opened for it."""

    project_id: ProjectId
    file: str = Field(
        min_length=1, max_length=1024, description="The picture's path inside the folder, as ref/sea.png."
    )
