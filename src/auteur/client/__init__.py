"""auteur's client, for programs in Python: `Auteur`, and `AsyncAuteur` for those on asyncio.

    from auteur.client import Auteur

    with Auteur("http://127.0.0.1:8000") as studio:
        task = studio.submit("film", "text_to_image", {"prompt": "wide shot of a lighthouse at dusk"}, quality="draft")
        for event in studio.watch("film", task.task_id):
            print(event.type)

It knows the wire and nothing of the service: what it stands on is httpx and websockets. docs/clients.md has the rest.
"""

from auteur.client.backoff import Backoff
from auteur.client.blocking import Auteur, BlockingSubscription
from auteur.client.errors import (
    AuteurError,
    ConflictError,
    DeletedError,
    FaultError,
    ForbiddenError,
    InvalidRequestError,
    LimitExceededError,
    NotAuteurError,
    NotFoundError,
    ServiceError,
    TaskFailedError,
    UnauthenticatedError,
    UnavailableError,
    UnreachableError,
)
from auteur.client.events import (
    Complete,
    Connected,
    Event,
    Failed,
    Progress,
    ProjectDeleted,
    Queue,
    QueuePlace,
    TaskDeleted,
    TaskImported,
    TaskMarked,
    TaskPromoted,
    TaskStarted,
    is_ending,
)
from auteur.client.models import (
    Artifact,
    Batch,
    Counts,
    Failure,
    Info,
    Lineage,
    Project,
    ProjectPage,
    ProjectSummary,
    Quality,
    Relative,
    Result,
    Routing,
    Shot,
    Task,
    TaskPage,
    TaskType,
    Upload,
)
from auteur.client.studio import AsyncAuteur
from auteur.client.subscription import Subscription

__all__ = [
    "Artifact",
    "AsyncAuteur",
    "Auteur",
    "AuteurError",
    "Backoff",
    "Batch",
    "BlockingSubscription",
    "Complete",
    "ConflictError",
    "Connected",
    "Counts",
    "DeletedError",
    "Event",
    "Failed",
    "Failure",
    "FaultError",
    "ForbiddenError",
    "Info",
    "InvalidRequestError",
    "LimitExceededError",
    "Lineage",
    "NotAuteurError",
    "NotFoundError",
    "Progress",
    "Project",
    "ProjectDeleted",
    "ProjectPage",
    "ProjectSummary",
    "Quality",
    "Queue",
    "QueuePlace",
    "Relative",
    "Result",
    "Routing",
    "ServiceError",
    "Shot",
    "Subscription",
    "Task",
    "TaskDeleted",
    "TaskFailedError",
    "TaskImported",
    "TaskMarked",
    "TaskPage",
    "TaskPromoted",
    "TaskStarted",
    "TaskType",
    "UnauthenticatedError",
    "UnavailableError",
    "UnreachableError",
    "Upload",
    "is_ending",
]
