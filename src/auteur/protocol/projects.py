"""What is read of projects, and inside messages: their state at one position, their shots, and the list of all."""

from datetime import datetime
from typing import Any, Self

from pydantic import GetJsonSchemaHandler, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from auteur.domain.state import (
    ENDED_FROM_NEWEST,
    ProjectCounts,
    ProjectState,
    ProjectSummary,
    Shot,
    ended_cursor,
    open_cursor,
)
from auteur.protocol.model import ALWAYS_TOLD, Model
from auteur.protocol.views import ArtifactView, TaskView, task_views

MAX_STATE_BYTES = 192 << 10
"""What the tasks of one `ProjectView` take at most: with all that is around them, a frame stays below 256 KiB."""


class CountsView(Model):
    """How many tasks stand where. ``size_bytes``: what their files take."""

    model_config = ALWAYS_TOLD

    blocked: int = 0
    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    size_bytes: int = 0

    @classmethod
    def of(cls, counts: ProjectCounts | ProjectSummary) -> Self:
        """The wire's view of counts."""
        return cls(size_bytes=counts.size_bytes, **{status.value: n for status, n in counts.by_status.items()})


class ProjectView(Model):
    """A project at a position: its open tasks in the order of acceptance, then the newest ended ones, newest first; as
    many as there is room for. ``next``: the cursor for the rest, for `GET …/tasks`; null if this is all."""

    project_id: str
    position: str
    counts: CountsView
    tasks: list[TaskView]
    next: str | None

    @model_serializer(mode="wrap")
    def _always_say_next(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {**write(self), "next": self.next}  # also where what does not apply is left out

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Of the fields: what the serializer returns is no less."""
        fields: Any = {name: part for name, part in core_schema.items() if name != "serialization"}
        return handler(fields)

    @classmethod
    def of(cls, state: ProjectState, limit_bytes: int = MAX_STATE_BYTES) -> Self:
        """The wire's view of a state, its tasks within the limit."""
        tasks: list[TaskView] = []
        next_cursor: str | None = ENDED_FROM_NEWEST
        for page, cursor in ((state.open, open_cursor), (state.ended, ended_cursor)):
            for view, task in zip(task_views(page), page.tasks, strict=True):
                limit_bytes -= len(view.model_dump_json().encode())
                if limit_bytes < 0 and tasks:
                    break
                tasks.append(view)
                next_cursor = cursor(task.queued_seq)
            else:
                if page.next_seq is None:
                    next_cursor = ENDED_FROM_NEWEST if page is state.open else None
                    continue
            break
        return cls(
            project_id=state.project_id,
            position=str(state.position or 0),
            counts=CountsView.of(state.counts),
            tasks=tasks,
            next=next_cursor,
        )


class ShotView(Model):
    """A shot. ``takes``: how many there are; ``last_take``: the highest number given."""

    shot: str
    takes: int
    last_take: int
    circled_task_id: str | None
    circled_take: int | None
    poster: ArtifactView | None

    @classmethod
    def of(cls, project_id: str, shot: Shot) -> Self:
        """The wire's view of a shot."""
        return cls(
            shot=shot.name,
            takes=shot.takes,
            last_take=shot.last_take,
            circled_task_id=shot.circled_task_id,
            circled_take=shot.circled_take,
            poster=ArtifactView.of(project_id, shot.poster) if shot.poster else None,
        )


class ShotListView(Model):
    """A page of shots by name. ``next``: the cursor of the next page, null at the end."""

    shots: list[ShotView]
    next: str | None


class ProjectSummaryView(Model):
    """A project in a list. ``active_at``: when a task was last accepted or ended."""

    project_id: str
    counts: CountsView
    active_at: datetime
    poster: ArtifactView | None

    @classmethod
    def of(cls, summary: ProjectSummary) -> Self:
        """The wire's view of a summary."""
        poster = summary.poster
        return cls(
            project_id=summary.project_id,
            counts=CountsView.of(summary),
            active_at=summary.active_at,
            poster=ArtifactView.of(summary.project_id, poster) if poster else None,
        )


class ProjectListView(Model):
    """A page of projects, the one active last first. ``next``: the cursor of the next page, null at the end."""

    projects: list[ProjectSummaryView]
    next: str | None
