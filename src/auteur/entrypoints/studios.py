"""What the command line needs of a service, wherever that runs; what it tells are the client's own types."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from auteur.domain.errors import AuteurError

if TYPE_CHECKING:
    from auteur.client import Artifact, Event, ProjectSummary, Task
    from auteur.entrypoints.output import Target

PATIENCE_S = 60.0
"""How long a service that went away is waited for, by a person who waits, too."""


class CommandError(Exception):
    """What somebody asked for cannot be done here; the text is one line. ``exit_code``: as main tells."""

    exit_code = 1


class RefusedError(CommandError):
    """What the service said is wrong."""

    exit_code = 3


class NotReachableError(CommandError):
    """No service answers."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class BatchStarted:
    """A batch was accepted: its tasks in the order of the requests, and those that have a name by it."""

    task_ids: Sequence[str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FilmStarted(BatchStarted):
    """A film was made or brought up to date; ``made``: as `FilmMadeView`."""

    made: Mapping[str, Any]


class WebhookDesk(Protocol):
    """Webhooks of projects and their dead letters, each as HTTP shows it. Every method raises `CommandError`."""

    async def all(self, project_id: str) -> Sequence[Mapping[str, Any]]:
        """The oldest first, without secrets."""
        ...

    async def add(self, project_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A new one with its ``secret``. ``body``: as `WebhookCreation`."""
        ...

    async def change(self, project_id: str, webhook_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """As it is then. ``body``: as `WebhookPatch`."""
        ...

    async def rotate(self, project_id: str, webhook_id: str) -> Mapping[str, Any]:
        """With a new ``secret``."""
        ...

    async def remove(self, project_id: str, webhook_id: str) -> None:
        """Removes it, and what waits for it."""
        ...

    def dead_letters(self, project_id: str) -> AsyncGenerator[Mapping[str, Any], None]:
        """The newest first."""
        ...

    async def replay(self, project_id: str, delivery_id: str | None) -> int:
        """Has one wait again, or all; how many."""
        ...


class Studio(Protocol):
    """A place that makes shots. Every method raises `CommandError`."""

    @property
    def goes_on(self) -> bool:
        """Whether tasks go on there when this process has ended."""
        ...

    async def bring(self, project_id: str, picture: Path) -> str:
        """Takes a local picture in; returns its path, relative to the project."""
        ...

    async def submit(self, project_id: str, request: Mapping[str, Any]) -> "Task":
        """Asks for a task. ``request``: as `GenerationRequest`."""
        ...

    async def promote(self, project_id: str, task_id: str, request: Mapping[str, Any]) -> "Task":
        """Has a take made again; the new task."""
        ...

    def watch(self, project_id: str, task_id: str) -> AsyncGenerator["Event", None]:
        """What happens to a task from now on, up to its ending; that alone where it has ended."""
        ...

    def batch(
        self, project_id: str, requests: Sequence[Mapping[str, Any]]
    ) -> AsyncGenerator["BatchStarted | Event", None]:
        """Asks for several tasks, all or none, and tells `BatchStarted` and then what happens to them, up to the last
        ending."""
        ...

    def film(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator["FilmStarted | Event", None]:
        """Makes a film, ``request`` as `FilmRequest`, and tells `FilmStarted` and then what happens to its tasks, up to
        the last ending; of a dry run, that alone."""
        ...

    def hand_over(
        self, project_id: str, name: str, request: Mapping[str, Any]
    ) -> AsyncGenerator["BatchStarted | Event", None]:
        """Hands a film over, ``request`` as `ExportRequest`, and tells as `batch` does; names are task types."""
        ...

    def documents(self, project_id: str, kind: str) -> AsyncGenerator[Mapping[str, Any], None]:
        """All of ``sets``, ``cast`` or ``films``, by name."""
        ...

    async def document(self, project_id: str, kind: str, name: str) -> Mapping[str, Any]:
        """One of them."""
        ...

    async def put_document(self, project_id: str, kind: str, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keeps one; as it is then."""
        ...

    async def delete_document(self, project_id: str, kind: str, name: str) -> None:
        """Removes one."""
        ...

    @property
    def webhooks(self) -> WebhookDesk:
        """Who is told of its projects' endings."""
        ...

    async def task(self, project_id: str, task_id: str) -> "Task":
        """One task."""
        ...

    def tasks(self, project_id: str, **filters: Any) -> AsyncGenerator["Task", None]:
        """Tasks, newest first. ``filters``: as the client's `tasks`, ``limit`` among them."""
        ...

    def projects(self, limit: int | None) -> AsyncGenerator["ProjectSummary", None]:
        """Projects, the one active last first."""
        ...

    async def cancel(self, project_id: str, task_id: str) -> "Task":
        """Asks for the task to stop."""
        ...

    async def mark(self, project_id: str, task_id: str, marks: Mapping[str, bool]) -> "Task":
        """Marks a task. ``marks``: ``favourite``, ``circled``."""
        ...

    async def delete_task(self, project_id: str, task_id: str) -> None:
        """Removes an ended task, record and files."""
        ...

    async def delete_project(self, project_id: str) -> None:
        """Removes a project whose tasks have ended."""
        ...

    async def fetch(self, artifact: "Artifact", target: "Target | None") -> Path:
        """Where the artifact lies on this machine; at ``target`` if given. Raises `CannotWriteError`, too."""
        ...


@contextmanager
def told_as_of_a_service() -> Iterator[None]:
    """What the domain finds wrong inside is raised as a service elsewhere would have said it."""
    try:
        yield
    except AuteurError as error:
        raise refused(error.message, error.code, error.details) from None


def refused(message: str, code: str, details: Mapping[str, Any]) -> RefusedError:
    """What a service said is wrong: each field that its message does not name has a line, and so has each request of a
    batch."""
    said = ""
    for problem in details.get("problems") or ():
        field, what = problem["field"], problem["message"]
        if "index" in problem:
            said += f"\n  request {problem['index']}: {field} {what}"
        elif f"{field}: {what}" not in message and f"{field} {what}" not in message:
            said += f"\n  {field}: {what}"
    return RefusedError(f"{message} ({code}){said}")
