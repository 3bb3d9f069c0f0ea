"""What clients hear of an event, as text: written once, and kept with the event in its log.

A draft is the text without id and position, which the log gives. It depends on nothing but the event, so that it is
true in every epoch of the log, for whoever hears it, and wherever that is sent from.
"""

from typing import Any

from pydantic_core import to_json

from auteur.domain.events import Event, Position, TaskImported, TaskProgressed, TaskQueued
from auteur.protocol.outgoing import render
from auteur.protocol.translate import message_at, message_id
from auteur.protocol.views import artifact_url, reached_at, reached_under

NOT_HEARD = '""'
"""The draft of what clients do not hear."""
_BEGINS = '{"id":"'
_POSITION = '"position":"'
_FILES = "/artifacts/"


def draft_text(event: Event) -> str | None:
    """The text without its id and position; None where it cannot be told apart from them.

    Files are named as they are reached at the root of a host.
    """
    if isinstance(event, TaskProgressed):
        return _draft_progress(event)
    if isinstance(event, TaskQueued):
        return _draft_acceptance(event)
    if isinstance(event, TaskImported):
        return None  # its record says where in the log it is
    with reached_under(""):
        message = message_at(event, "", "", 0)
    return NOT_HEARD if message is None else render(message)


def _draft_progress(event: TaskProgressed) -> str:
    """What most events are: the same as through `ProgressMessage`, in a third of the time."""
    said: dict[str, Any] = {
        "id": "",
        "project_id": event.project_id,
        "timestamp": event.at,
        "position": "",
        "type": "progress",
        "task_id": event.task_id,
        "progress": float(event.progress),
        "attempt": event.attempt,
    }
    if event.message is not None:
        said["message"] = event.message
    if event.preview:
        with reached_under(""):
            said["preview_url"] = artifact_url(event.project_id, event.preview)
    if event.stage is not None:
        said["stage"] = event.stage
    if event.eta_s is not None:
        said["eta_s"] = float(event.eta_s)
    said["metadata"] = dict(event.metadata)
    return to_json(said, inf_nan_mode="null").decode()


def _draft_acceptance(event: TaskQueued) -> str:
    """What makes somebody wait: the same as through `TaskStartedMessage`, in a third of the time."""
    request = event.request
    said: dict[str, Any] = {
        "id": "",
        "project_id": event.project_id,
        "timestamp": event.at,
        "position": "",
        "type": "task_started",
        "task_id": event.task_id,
        "reply_to": request.message_id,
        "task_type": request.task_type,
        "quality": request.quality,
    }
    if request.engine is not None:
        said["engine"] = request.engine
    said["params"], said["origins"] = dict(request.params), dict(request.origins)
    said["queue_position"] = request.queue_position
    if request.shot is not None:
        said["shot"] = request.shot
    if event.take is not None:
        said["take"] = event.take
    if request.notice is not None:
        said["notice"] = request.notice
    if request.waits_for:
        said["waits_for"] = request.waits_for
    if request.promoted_from is not None:
        said["promoted_from"] = request.promoted_from
    said["metadata"] = dict(event.metadata)
    return to_json(said, inf_nan_mode="null").decode()


def finish_text(draft: str, project_id: str, position: Position) -> str:
    """The text of a draft, ``""`` for what clients do not hear."""
    if draft == NOT_HEARD:
        return ""
    name = str(position)
    at = draft.index(_POSITION) + len(_POSITION)
    return f"{_BEGINS}{message_id(project_id, name)}{draft[len(_BEGINS) : at]}{name}{draft[at:]}"


def is_true_here(text: str) -> bool:
    """Whether a text that was kept is right for whoever is rendered for now: where files are reached under a path of a
    proxy, it does not say so."""
    return not reached_at() or _FILES not in text
