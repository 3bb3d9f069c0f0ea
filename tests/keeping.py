"""Tasks made through the log's own port, with real files and no engine: thousands in seconds."""

import io
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from auteur.domain.events import TaskQueued, TaskStarted, TaskSucceeded
from auteur.domain.ports import DRAFT_SUFFIX, ArtifactStore, Draft, ProgressBus
from auteur.domain.task import Artifact, TaskRequest, TaskResult

_DRAFT = Draft(name="frame.png", kind="image", media_type="image/png", width_px=32, height_px=18)


def _picture() -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (32, 18), "orange").save(into, "PNG")
    return into.getvalue()


PICTURE = _picture()


async def wait_in(
    bus: ProgressBus,
    project_id: str = "film",
    *,
    params: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **request: Any,
) -> TaskQueued:
    """A task that waits; nobody takes it up."""
    name = str(uuid.uuid4())
    asked = {
        "task_type": "text_to_image", "quality": "draft", "params": {"prompt": "a field", "seed": 1, **(params or {})},
        "origins": {}, "lane": "interactive", "timeout_s": 30.0, "message_id": name, "fingerprint": "f",
        "queue_position": 1, **request,
    }  # fmt: skip
    event = TaskQueued(
        project_id=project_id,
        task_id=name,
        at=datetime.now(UTC),
        metadata=metadata or {},
        request=TaskRequest(**asked),
    )
    recorded = (await bus.publish(event)).event
    assert isinstance(recorded, TaskQueued)
    return recorded


async def make_in(
    bus: ProgressBus, artifacts: ArtifactStore | None, project_id: str = "film", **request: Any
) -> TaskQueued:
    """A task that has succeeded. Without ``artifacts`` there is a record of a file and no file."""
    queued = await wait_in(bus, project_id, **request)
    about = {"project_id": project_id, "task_id": queued.task_id, "at": queued.at, "metadata": queued.metadata}
    await bus.publish(TaskStarted(**about, attempt=1, worker="test"))
    if artifacts is None:
        path = f"{project_id}/{queued.task_id}/1/frame.png"
        made: tuple[Artifact, ...] = (
            Artifact(
                name="frame.png", kind="image", path=path, media_type="image/png", size_bytes=9, sha256="ab" * 32
            ),
        )  # fmt: skip
    else:
        directory = await artifacts.begin(project_id, queued.task_id, 1)
        (directory / f"frame.png{DRAFT_SUFFIX}").write_bytes(PICTURE)
        made = await artifacts.commit(project_id, queued.task_id, 1, [_DRAFT])
    result = TaskResult(engine="test", artifacts=made, params=queued.request.params, seed=1)
    ending = TaskSucceeded(**about, attempt=1, result=result, duration_s=0.5)
    if artifacts is not None:
        task = replace(queued.record(1).after(TaskStarted(**about, attempt=1, worker="test")), worker=None)
        await artifacts.describe(task.after(ending))
    await bus.publish(ending)
    return queued
