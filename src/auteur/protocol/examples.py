"""One example of everything on the wire, made as the service makes it: from events, records and errors.

Long because there is one of each.

They stand in the documents of the interface, and as files in tests/golden, which the server and its clients are both
held to.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from auteur.domain.errors import InvalidParamsError, UnknownQualityError
from auteur.domain.events import (
    Event,
    Position,
    ProjectDeleted,
    RecordedEvent,
    TakeCircled,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskImported,
    TaskMarked,
    TaskProgressed,
    TaskPromoted,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.state import Lineage, ProjectCounts, ProjectState, ProjectSummary, Shot, TaskPage
from auteur.domain.task import Artifact, Failure, Routing, Task, TaskRequest, TaskResult, TaskStatus
from auteur.domain.waiting import Place, PlacesTold
from auteur.protocol.outgoing import BatchStartedMessage, ConnectedMessage, PongMessage, ServerMessage
from auteur.protocol.projects import ProjectListView, ProjectSummaryView, ProjectView, ShotListView, ShotView
from auteur.protocol.service import (
    ChecksView,
    EngineOfferView,
    EngineStatusView,
    FailingView,
    HealthView,
    InfoView,
    LimitsView,
    LinksView,
    LivenessView,
    PresetView,
    QualityListView,
    QualityView,
    ReadinessView,
    TaskInputView,
    TaskTypeListView,
    TaskTypeView,
    WorkersView,
)
from auteur.protocol.translate import error_message, marked_message, queue_message, to_message
from auteur.protocol.views import BatchView, LineageView, TaskListView, TaskView

PROJECT = "film"
TASK, SECOND, THIRD = "5b0c7a52-9d0e-4c5c-8a41-3f7f2f9f6c11", "c4f6f0b8-51d2-4f0e-9d3b-0a8a6c1d2e22", (
    "8e1f3b1d-7a64-4b7c-b1c9-6f5e4d3c2b33"
)  # fmt: skip
ASKED = "0d9f2c3e-6f0a-4b53-9d5e-1a2b3c4d5e6f"
"""The id of the message that asked, an idempotency key."""
_ANSWER = "f2a4c6e8-1b3d-4f50-8a6c-9e7d5c3b1a09"
_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
_EPOCH = "k3x9"
_METADATA: Mapping[str, Any] = {"user": "ada", "node": 7}
_PARAMS: Mapping[str, Any] = {
    "prompt": "wide shot of a lighthouse at dusk", "width_px": 640, "height_px": 360, "steps": 4, "seed": 1731
}  # fmt: skip
_ORIGINS = {"prompt": "caller", "width_px": "preset", "height_px": "preset", "steps": "preset", "seed": "engine"}


_PLACES = PlacesTold(
    project_id=PROJECT,
    at=_AT,
    waiting=31,
    places=(
        Place(task_id=TASK, queue_position=1, starts_in_s=4.0),
        Place(task_id=SECOND, queue_position=2, starts_in_s=12.5),
        Place(task_id=THIRD, queue_position=31),
    ),
)


def _later(seconds: float) -> datetime:
    return _AT + timedelta(seconds=seconds)


def _artifact(task_id: str, name: str, **changes: Any) -> Artifact:
    values: dict[str, Any] = {
        "kind": "image", "media_type": "image/png", "size_bytes": 184_320, "width_px": 640, "height_px": 360,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", **changes,
    }  # fmt: skip
    return Artifact(name=name, path=f"{PROJECT}/{task_id}/1/{name}", **values)


_REQUEST = TaskRequest(
    task_type="text_to_image",
    quality="draft",
    params=_PARAMS,
    origins=_ORIGINS,
    lane="interactive",
    timeout_s=60.0,
    message_id=ASKED,
    fingerprint="",
    queue_position=1,
    shot="12A",
    engine="storyboard",
)
_RESULT = TaskResult(
    engine="storyboard",
    artifacts=(
        _artifact(TASK, "frame.png"),
        _artifact(TASK, "control-depth.png", kind="control", size_bytes=40_960),
    ),
    params=_PARAMS,
    seed=1731,
    metrics={"render_s": 1.4},
    understood={"subject": "lighthouse", "time": "dusk", "not_understood": []},
    routing=Routing(reason="first"),
)
_FILM = TaskResult(
    engine="animatic",
    artifacts=(
        _artifact(
            SECOND, "shot.mp4", kind="video", media_type="video/mp4", size_bytes=912_000, duration_s=4.0, fps=24.0
        ),
    ),
    params={"source_image": f"{TASK}/1/frame.png", "move": "pan_left", "duration_s": 4.0},
    seed=1731,
    routing=Routing(reason="fallback", passed_over={"comfyui": "it is down"}, left_out=("style",)),
)
_QUEUED = Task(
    task_id=TASK,
    project_id=PROJECT,
    request=_REQUEST,
    metadata=_METADATA,
    status=TaskStatus.QUEUED,
    queued_at=_AT,
    queued_seq=1,
    take=1,
)
_RUNNING = replace(
    _QUEUED,
    status=TaskStatus.RUNNING,
    progress=0.5,
    stage="rendering",
    message="half of it",
    preview=f"{TASK}/1/preview.jpg",
    attempt=1,
    started_at=_later(1),
)
_SUCCEEDED = replace(
    _QUEUED,
    status=TaskStatus.SUCCEEDED,
    progress=1.0,
    attempt=1,
    started_at=_later(1),
    ended_at=_later(3.5),
    result=_RESULT,
    favourite=True,
    circled=True,
    promoted_to=(THIRD,),
)
_BLOCKED = Task(
    task_id=SECOND,
    project_id=PROJECT,
    request=replace(
        _REQUEST,
        task_type="image_to_video",
        engine="animatic",
        shot=None,
        params={"source_image": {"from_task": TASK}, "move": "pan_left", "duration_s": 4.0},
        origins={"source_image": "caller", "move": "caller", "duration_s": "preset"},
        waits_for=(TASK,),
        queue_position=0,
        notice="No worker for image_to_video in the interactive lane is at work; the task waits for one.",
    ),
    metadata={},
    status=TaskStatus.BLOCKED,
    queued_at=_later(0.2),
    queued_seq=2,
)
_FAILURE = Failure(
    code="TASK_TIMEOUT", message="The task ran longer than its limit of 60 s.", details={"timeout_s": 60}
)
_FAILED = replace(
    _QUEUED,
    task_id=THIRD,
    request=replace(_REQUEST, quality="high", promoted_from=TASK),
    status=TaskStatus.FAILED,
    take=2,
    attempt=3,
    queued_at=_later(10),
    queued_seq=3,
    started_at=_later(11),
    ended_at=_later(71),
    failure=_FAILURE,
)
_CANCELLED = replace(_QUEUED, status=TaskStatus.CANCELLED, cancel_requested=True, ended_at=_later(2))
_COUNTS = {TaskStatus.BLOCKED: 1, TaskStatus.SUCCEEDED: 1, TaskStatus.FAILED: 1}
_STATE = ProjectState(
    project_id=PROJECT,
    counts=ProjectCounts(position=Position(_EPOCH, 9), by_status=_COUNTS, size_bytes=225_280),
    open=TaskPage(tasks=[_BLOCKED], queue_positions={}),
    ended=TaskPage(tasks=[_FAILED, _SUCCEEDED], next_seq=1),
)
_SUMMARY = ProjectSummary(
    project_id=PROJECT, by_status=_COUNTS, size_bytes=225_280, active_at=_later(71), poster=_RESULT.poster
)


def incoming() -> Mapping[str, Mapping[str, Any]]:
    """By name, what a client may say. The first part of a name, before any dot, is the message's type."""
    common = {"id": ASKED}
    return {
        "start_generation": {
            **common,
            "type": "start_generation",
            "project_id": PROJECT,
            "timestamp": "2026-11-26T09:00:00Z",
            "task_type": "text_to_image",
            "params": {"prompt": _PARAMS["prompt"]},
            "quality": "draft",
            "shot": "12A",
            "metadata": dict(_METADATA),
        },
        "start_generation.least": {"type": "start_generation", "task_type": "text_to_image", "params": {}},
        "start_batch": {
            **common,
            "type": "start_batch",
            "requests": [
                {"name": "frame-1", "task_type": "text_to_image", "params": {"prompt": _PARAMS["prompt"]}},
                {
                    "task_type": "image_to_video",
                    "params": {"source_image": {"from_task": "#frame-1"}, "move": "pan_left"},
                },
            ],
        },
        "promote": {**common, "type": "promote", "task_id": TASK, "quality": "high"},
        "cancel": {**common, "type": "cancel", "task_id": TASK},
        "mark": {**common, "type": "mark", "task_id": TASK, "favourite": True, "circled": True},
        "delete_task": {**common, "type": "delete_task", "task_id": TASK},
        "delete_project": {**common, "type": "delete_project", "project_id": PROJECT},
        "ping": {**common, "type": "ping"},
    }


def outgoing() -> Mapping[str, ServerMessage]:
    """By name, what a client may hear. The first part of a name, before any dot, is the message's type."""
    about: dict[str, Any] = {"project_id": PROJECT, "task_id": TASK, "metadata": _METADATA}
    answer: dict[str, Any] = {"id": _ANSWER, "project_id": PROJECT, "timestamp": _AT}
    unusable = InvalidParamsError([{"field": "params.width_px", "message": "Input should be a whole number"}])
    unknown = UnknownQualityError("best", ["draft", "standard", "high"])
    events: Mapping[str, Event] = {
        "task_started": TaskQueued(**about, at=_AT, request=_REQUEST, take=1),
        "task_started.blocked": TaskQueued(
            project_id=PROJECT, task_id=SECOND, at=_BLOCKED.queued_at, request=_BLOCKED.request
        ),
        "progress.unblocked": TaskUnblocked(**about, at=_later(0.5)),
        "progress.started": TaskStarted(**about, at=_later(1), attempt=1, worker="", eta_s=2.5),
        "progress": TaskProgressed(
            **about,
            at=_later(2),
            attempt=1,
            progress=0.5,
            stage="rendering",
            message="half of it",
            preview=f"{TASK}/1/preview.jpg",
            eta_s=1.2,
        ),
        "progress.requeued": TaskRequeued(**about, at=_later(2.5), attempt=1, reason="engine_down"),
        "complete": TaskSucceeded(**about, at=_later(3.5), attempt=1, result=_RESULT, duration_s=2.5),
        "complete.film": TaskSucceeded(
            **{**about, "task_id": SECOND}, at=_later(9), attempt=1, result=_FILM, duration_s=5.5
        ),
        "error.failed": TaskFailed(**{**about, "task_id": THIRD}, at=_later(71), attempt=3, failure=_FAILURE),
        "error.cancelled": TaskCancelled(**about, at=_later(2), attempt=1),
        "task_marked": TaskMarked(**about, at=_later(20), favourite=True),
        "task_marked.circled": TakeCircled(**about, at=_later(21), shot="12A", take=1, circled=True),
        "task_promoted": TaskPromoted(**about, at=_later(10), promoted_to=THIRD),
        "task_imported": TaskImported(**about, at=_later(30), task=_SUCCEEDED, take=1),
        "task_deleted": TaskDeleted(**about, at=_later(40), reason="asked"),
        "project_deleted": ProjectDeleted(project_id=PROJECT, at=_later(50)),
    }
    told = {
        name: to_message(RecordedEvent(Position(_EPOCH, seq), event))
        for seq, (name, event) in enumerate(events.items(), start=1)
    }
    messages: dict[str, ServerMessage] = {name: message for name, message in told.items() if message is not None}
    return {
        "connected": ConnectedMessage(**answer, position=f"{_EPOCH}-9", recovered=False, state=ProjectView.of(_STATE)),
        "connected.recovered": ConnectedMessage(**answer, position=f"{_EPOCH}-9", recovered=True),
        **messages,
        "queue": queue_message(_PLACES, _ANSWER),
        "queue.unknown": queue_message(replace(_PLACES, places=_PLACES.places[2:]), _ANSWER),
        "batch_started": BatchStartedMessage(
            **answer, reply_to=ASKED, task_ids=[TASK, SECOND], names={"frame-1": TASK}, repeated=False
        ),
        "error": error_message(PROJECT, _ANSWER, _AT, unusable, ASKED),
        "error.unknown_quality": error_message(PROJECT, _ANSWER, _AT, unknown, ASKED),
        "task_marked.as_it_was": marked_message(task=_SUCCEEDED, **answer, reply_to=ASKED),
        "pong": PongMessage(**answer, reply_to=ASKED),
    }


def views() -> Mapping[str, Any]:
    """By the name of the view, and what is special about it after a dot, what is read over HTTP."""
    preset = PresetView(
        parameters={"steps": 4, "width_px": 640, "height_px": 360}, lane="interactive", timeout_s=60.0
    )  # fmt: skip
    offer: dict[str, Any] = {
        "engine": "storyboard",
        "summary": "A frame of the shot in words.",
        "params_schema": {
            "type": "object",
            "required": ["prompt"],
            "properties": {"prompt": {"type": "string", "minLength": 1}},
            "additionalProperties": False,
        },
        "inputs": [TaskInputView(name="source_image", kind="image", control=None, many=False)],
        "controls": ["depth", "pose"],
        "qualities": {"draft": preset},
    }
    storyboard = EngineStatusView(engine="storyboard", task_types=["text_to_image"], up=True, reason="")
    comfyui = EngineStatusView(engine="comfyui", task_types=["text_to_image"], up=False, reason="no server answers")
    links = LinksView(
        documentation="/api/docs",
        openapi="/api/openapi.json",
        asyncapi="/api/asyncapi.json",
        session="/api/v1/session",
    )
    known: dict[str, Any] = {"name": "Auteur Movie Director API", "version": "1.0.0", "protocol_version": 1}
    disk_full = FailingView(part="workspace", code="disk_full", cause="no room is left")
    checks: dict[str, Any] = {"database": "ok", "redis": "not_used", "api": "ok", "workers": "ok"}
    return {
        "TaskView": TaskView.of(_SUCCEEDED),
        "TaskView.queued": TaskView.of(_QUEUED, 1),
        "TaskView.blocked": TaskView.of(_BLOCKED),
        "TaskView.running": TaskView.of(_RUNNING),
        "TaskView.failed": TaskView.of(_FAILED),
        "TaskView.cancelled": TaskView.of(_CANCELLED),
        "TaskListView": TaskListView.of(TaskPage(tasks=[_FAILED, _SUCCEEDED]), "ended.1"),
        "TaskListView.partial": TaskListView.of(TaskPage(tasks=[], partial=True), "ended.1"),
        "BatchView": BatchView(tasks=[TaskView.of(_QUEUED, 1), TaskView.of(_BLOCKED)], names={"frame-1": TASK}),
        "LineageView": LineageView.of(TASK, Lineage(tasks=[_SUCCEEDED, _FAILED])),
        "ProjectView": ProjectView.of(_STATE),
        "ProjectListView": ProjectListView(projects=[ProjectSummaryView.of(_SUMMARY)], next=None),
        "ShotListView": ShotListView(
            shots=[
                ShotView.of(
                    PROJECT,
                    Shot(
                        name="12A",
                        takes=2,
                        last_take=2,
                        circled_task_id=TASK,
                        circled_take=1,
                        poster=_RESULT.poster,
                    ),
                )
            ],
            next=None,
        ),
        "InfoView": InfoView(
            **known,
            access="anonymous",
            links=links,
            task_types=["image_to_video", "text_to_image"],
            engines=["animatic", "comfyui", "storyboard"],
            engine_status=[storyboard, comfyui],
            qualities=["draft", "standard", "high"],
            default_quality="standard",
            workers=WorkersView(present=1, slots=3, unserved_task_types=[]),
            limits=LimitsView(
                max_concurrent_tasks=3,
                max_queued_per_project=1000,
                max_queued=10_000,
                max_body_bytes=262_144,
                max_upload_bytes=67_108_864,
                ws_messages_per_second=20,
                history_events=10_000,
            ),
        ),
        "InfoView.stranger": InfoView(**known, access="token", links=links),
        "TaskTypeListView": TaskTypeListView(
            task_types=[
                TaskTypeView(name="text_to_image", **offer, engines=[EngineOfferView(**offer, up=True, reason="")])
            ]
        ),
        "QualityListView": QualityListView(
            default="standard",
            qualities={"draft": QualityView(preset=preset.parameters, task_types={"text_to_image": preset})},
        ),
        "HealthView": HealthView(
            status="healthy",
            timestamp=_AT,
            service=known["name"],
            version="1.0.0",
            access="anonymous",
            checks=ChecksView(**checks, workspace="ok"),
            engines=[storyboard],
            failing=[],
            notes=[],
        ),
        "HealthView.unhealthy": HealthView(
            status="unhealthy",
            timestamp=_AT,
            service=known["name"],
            version="1.0.0",
            access="anonymous",
            checks=ChecksView(**checks, workspace="unavailable"),
            engines=[comfyui],
            failing=[disk_full],
            notes=[FailingView(part="engines", code="engine_down", cause="comfyui: no server answers")],
        ),
        "LivenessView": LivenessView(),
        "ReadinessView": ReadinessView(status="ready", failing=[]),
        "ReadinessView.not_ready": ReadinessView(status="not_ready", failing=[disk_full]),
    }
