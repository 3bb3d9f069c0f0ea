"""What is asked for and told of a film's hand-over: its board, its cut, its cameras, and what geometry finds."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from auteur.domain.continuity import Finding
from auteur.domain.dispatcher import Submission
from auteur.domain.film_export import USUAL, Continuity, ExportFilm
from auteur.domain.film_library import parse_resource_name
from auteur.protocol.model import Model

Export = Literal[
    "film_board", "film_contact_sheet", "film_shot_list", "film_animatic", "film_cut", "film_cameras",
    "film_keyframes", "film_plans", "film_continuity",
]  # fmt: skip


class ExportRequest(Model):
    """What to hand over of a film. Each is a task of its own, and waits for the takes that are still being made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    make: list[Export] = Field(
        default_factory=lambda: list(USUAL),  # type: ignore[arg-type]
        min_length=1,
        max_length=9,
        description="Task types, each once.",
        examples=[["film_board", "film_cut"]],
    )
    params: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="By task type, what differs from its defaults.",
        examples=[{"film_board": {"per_page": 6}}],
    )
    scenes: list[str] | None = Field(None, min_length=1, max_length=5000, description="Only these, by number.")
    quality: str | None = Field(None, max_length=64, examples=["draft"], description="Of the animatic.")

    def command(self, project_id: str, name: str, message_id: str, request_id: str | None) -> ExportFilm:
        """The command that this asks for."""
        return ExportFilm(
            project_id=project_id, name=parse_resource_name(name), message_id=message_id, make=tuple(self.make),
            params=self.params, scenes=self.scenes, quality=self.quality, request_id=request_id,
        )  # fmt: skip


class ExportsView(Model):
    """``tasks``: by task type, its id."""

    name: str
    tasks: dict[str, str] = Field(examples=[{"film_board": "8d3b6c1e-6a0c-4a52-9a35-0d7b6e9e5f11"}])

    @classmethod
    def of(cls, name: str, submissions: Sequence[Submission]) -> Self:
        return cls(name=name, tasks={done.task.request.task_type: done.task.task_id for done in submissions})


class FindingView(Model):
    """What two shots of a scene do to each other: a warning. ``kind``: ``line`` (180 degrees), ``thirty_degrees``,
    ``eyeline``, ``screen_direction`` or ``sizes``; ``second`` comes after ``first`` in the cut."""

    kind: Literal["line", "thirty_degrees", "eyeline", "screen_direction", "sizes"]
    scene: str
    first: str
    second: str
    reason: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            kind=finding.kind, scene=finding.scene, first=finding.first, second=finding.second, reason=finding.reason
        )


class ContinuityView(Model):
    """``not_checked``: shots without a take, or of no scene, or whose take does not say where its camera was."""

    name: str
    findings: list[FindingView]
    not_checked: list[str]

    @classmethod
    def of(cls, name: str, found: Continuity) -> Self:
        return cls(name=name, findings=list(map(FindingView.of, found.findings)), not_checked=list(found.not_checked))
