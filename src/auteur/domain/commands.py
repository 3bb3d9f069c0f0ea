"""What can be asked for. Imperative; of all that they say only the texts are checked here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auteur.domain.errors import InvalidParamsError, InvalidRequestError
from auteur.domain.signing import TaskWebhook
from auteur.domain.text import line_problem, problems_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """``task_id``: the take that is promoted. ``inherited``: the parameters that it had though no caller had asked for
    them. ``body``: what the caller said, by which a repeat is known. ``passes``: what is asked for together with it, to
    have the control passes that it takes."""

    task_id: str
    inherited: frozenset[str]
    body: Sequence[Any]
    passes: "StartGeneration | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartGeneration:
    """Make something.

    ``message_id`` is the idempotency key within the project: the same id with the same body is the same task.
    ``quality`` None means the configured default. ``shot`` names the shot that this is a take of. ``engine`` names the
    engine that shall make it; None: the first that is up. ``metadata`` comes back on every event of the task.
    ``promotion``: what is to be known where it is made of another task. ``webhook``: who shall hear of its ending.
    ``offered``: parameters that are added where the engine that is chosen takes sets or a cast, and has them, too.
    """

    project_id: str
    task_type: str
    params: Mapping[str, Any]
    message_id: str
    quality: str | None = None
    shot: str | None = None
    engine: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    promotion: Promotion | None = None
    webhook: TaskWebhook | None = None
    offered: Mapping[str, Any] = field(default_factory=dict)

    def check_texts(self) -> None:
        """Returns if no text holds what a text of its kind may not (`auteur.domain.text`), whoever asks for it.

        Raises `InvalidParamsError` and `InvalidRequestError` that name the field.
        """
        if problems := problems_in(self.params):
            raise InvalidParamsError(problems)
        problems = problems_in(self.metadata, "metadata")
        for name, text in (("message_id", self.message_id), ("shot", self.shot)):
            if text is not None and (problem := line_problem(text)):
                problems.append({"field": name, "message": problem})
        if problems:
            raise InvalidRequestError("The request cannot be used.", problems=problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteTask:
    """Make a take again at another quality, or by another engine.

    ``message_id`` as of `StartGeneration`. ``quality`` None: the next higher one, or the take's own where anything else
    differs. ``engine`` None: the take's own where that makes the task type. ``params``: what differs; None for what
    shall be left out. ``shot`` None: the take's.
    """

    project_id: str
    task_id: str
    message_id: str
    quality: str | None = None
    engine: str | None = None
    task_type: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    shot: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBatch:
    """Make several things, all or none.

    ``message_id`` is the idempotency key, as for one; that of the requests is the same. ``names``: by which a request
    may refer to the output of another, as ``{"from_task": "#frame-1"}``; None for one that has none.
    """

    project_id: str
    message_id: str
    requests: Sequence[StartGeneration]
    names: Sequence[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTask:
    """Stop a task."""

    project_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkTask:
    """Make a task a favourite, circle a take of its shot, or take either back; None leaves it as it is."""

    project_id: str
    task_id: str
    favourite: bool | None = None
    circled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTask:
    """Remove an ended task, record and files."""

    project_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteProject:
    """Remove a project, records and files."""

    project_id: str
