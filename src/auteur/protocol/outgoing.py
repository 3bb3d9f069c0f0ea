"""What clients receive. May grow: a client ignores fields it does not know."""

from datetime import datetime
from typing import Any, Literal

from auteur.protocol.model import ALWAYS_TOLD, Model
from auteur.protocol.projects import ProjectView
from auteur.protocol.views import ProgressShare, ResultView, TaskView

PROTOCOL_VERSION = 1


class ServerMessage(Model):
    """What all have in common. ``position`` is there when the message comes from the project's log."""

    model_config = ALWAYS_TOLD

    id: str
    project_id: str
    timestamp: datetime
    position: str | None = None


class ConnectedMessage(ServerMessage):
    """The first message, and again when history was lost: then ``state`` replaces all that the client knew.

    ``recovered``: everything after the client's position follows, and ``state`` is left out.
    """

    type: Literal["connected"] = "connected"
    recovered: bool
    protocol: int = PROTOCOL_VERSION
    state: ProjectView | None = None


class TaskStartedMessage(ServerMessage):
    """The task was accepted and waits. ``reply_to``: the id of the message that asked for it. ``notice``: that its
    engine was down then, or that no worker for it was at work. ``waits_for``: the tasks whose outputs it needs; it is
    blocked until all are there, and its ``queue_position`` is 0. ``promoted_from``: the task that it was made of."""

    type: Literal["task_started"] = "task_started"
    task_id: str
    reply_to: str
    task_type: str
    quality: str
    engine: str | None = None
    params: dict[str, Any]
    origins: dict[str, str]
    queue_position: int
    shot: str | None = None
    take: int | None = None
    notice: str | None = None
    waits_for: list[str] | None = None
    promoted_from: str | None = None
    metadata: dict[str, Any]


class BatchStartedMessage(ServerMessage):
    """The answer to `StartBatchMessage`, to who asked: the tasks in the order of the requests, and those that have a
    name by it. That each was accepted is told to everybody by its `TaskStartedMessage`, whose ``reply_to`` is the
    same."""

    type: Literal["batch_started"] = "batch_started"
    reply_to: str
    task_ids: list[str]
    names: dict[str, str]
    repeated: bool


class ProgressMessage(ServerMessage):
    """How far the task is. ``progress`` 0.0 says that a worker started it or, with stage ``queued``, that it waits for
    a worker: again, or now that the outputs of other tasks are there."""

    type: Literal["progress"] = "progress"
    task_id: str
    progress: ProgressShare
    attempt: int
    message: str | None = None
    preview_url: str | None = None
    stage: str | None = None
    eta_s: float | None = None
    metadata: dict[str, Any]


class QueuePlace(Model):
    """Where a waiting task stands. ``queue_position``: its place among the waiting tasks of its project, 1 is next, as
    `TaskView` has it. ``starts_in_s``: in how many seconds from ``timestamp`` it starts, about; left out where nobody
    can say: nothing like it was made yet, no worker for it is at work, its engine is down."""

    task_id: str
    queue_position: int
    starts_in_s: float | None = None


class QueueMessage(ServerMessage):
    """Places in the queue that have changed, and when these tasks may start; of waiting tasks that it does not name
    nothing is said. ``waiting``: how many tasks of the project wait for a worker in all; none may be named where only
    that has changed.

    Told soon after the greeting while anything waits, then when something changes, at most once a second. The first 20
    places are told exactly, those behind when they have moved by ten, and beyond the 200th by a hundred; a start, when
    it has moved by a quarter. It is no event of the log: it has no position, is never told again to who comes back, and
    a later one replaces what it says. It never comes before the event that made it so."""

    type: Literal["queue"] = "queue"
    waiting: int
    tasks: list[QueuePlace]


class CompleteMessage(ServerMessage):
    """An ending: the result is there. ``duration``: seconds of running."""

    type: Literal["complete"] = "complete"
    task_id: str
    result: ResultView
    duration: float
    metadata: dict[str, Any]


class ErrorMessage(ServerMessage):
    """With ``task_id``: the other ending. Without: an answer to a message that could not be used."""

    type: Literal["error"] = "error"
    task_id: str | None = None
    reply_to: str | None = None
    error_code: str
    message: str
    details: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class TaskMarkedMessage(ServerMessage):
    """Somebody marked the task, or took a mark back. When ``circled`` is true, no other take of the shot is circled any
    more. What is left out stays as it was. With ``reply_to``: an answer to who asked for what was so already."""

    type: Literal["task_marked"] = "task_marked"
    task_id: str
    reply_to: str | None = None
    favourite: bool | None = None
    circled: bool | None = None
    shot: str | None = None
    take: int | None = None
    metadata: dict[str, Any]


class TaskPromotedMessage(ServerMessage):
    """Another task was made of it: the same shot at another quality, or by another engine. ``promoted_to``: that task,
    which its own ``task_started`` tells of."""

    type: Literal["task_promoted"] = "task_promoted"
    task_id: str
    promoted_to: str
    metadata: dict[str, Any]


class TaskDeletedMessage(ServerMessage):
    """The task is gone, record and files. ``reason``: ``asked``, or the rule: ``age``, ``count``, ``bytes``.
    With ``reply_to``: an answer to who asked for what was so already."""

    type: Literal["task_deleted"] = "task_deleted"
    task_id: str
    reply_to: str | None = None
    reason: str
    metadata: dict[str, Any]


class TaskImportedMessage(ServerMessage):
    """A task that was made before is known again."""

    type: Literal["task_imported"] = "task_imported"
    task_id: str
    task: TaskView
    metadata: dict[str, Any]


class ProjectDeletedMessage(ServerMessage):
    """The project is gone; the socket closes with 4410, and nothing of the project follows."""

    type: Literal["project_deleted"] = "project_deleted"


class PongMessage(ServerMessage):
    """The answer to `PingMessage`."""

    type: Literal["pong"] = "pong"
    reply_to: str


AnyServerMessage = (
    ConnectedMessage
    | TaskStartedMessage
    | BatchStartedMessage
    | ProgressMessage
    | QueueMessage
    | CompleteMessage
    | ErrorMessage
    | TaskMarkedMessage
    | TaskPromotedMessage
    | TaskDeletedMessage
    | TaskImportedMessage
    | ProjectDeletedMessage
    | PongMessage
)


def render(message: ServerMessage) -> str:
    """The message as a text frame; fields that do not apply are left out."""
    return message.model_dump_json(exclude_none=True)
