"""Data as the last release before this one leaves it, made by its own code, in the midst of work.

Its code comes out of the repository's history; where that is not there, what it made is kept in
``tests/fixtures/before-engines``. ``python -m tests.old_release`` makes that anew.
"""

import asyncio
import contextlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.e2e.studio import TINY, Service
from tests.servers import RedisServer

COMMIT = "b407b0d5a7"
"""What landed before several engines, chains, batches and promotions came."""
KEPT = Path(__file__).parent / "fixtures" / "before-engines"
REPOSITORY = Path(__file__).parents[1]
FILM = "/api/v1/projects/film"
SLOW = {**TINY, "width_px": 128, "height_px": 128, "steps": 200}
REPEATED = {"task_type": "text_to_image", "quality": "draft", "params": TINY, "shot": "12A"}


@dataclass
class Before:
    """What was left: ``told`` is what the release said of it last; ``server`` where its log is, None if embedded.
    ``is_same_run``: a server that was started since has another epoch."""

    workspace: Path
    server: RedisServer | None
    told: dict[str, Any]
    is_same_run: bool = True

    @property
    def settings(self) -> dict[str, object]:
        return {} if self.server is None else {"redis_url": self.server.url}


def old_code(place: Path) -> Path | None:
    """Its sources, unpacked; None without history."""
    archive = subprocess.run(["git", "archive", COMMIT, "src"], cwd=REPOSITORY, capture_output=True, check=False)
    if archive.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tape:
        tape.extractall(place)  # `filter` came with 3.11.4
    return place / "src"


@contextlib.contextmanager
def as_of(source: Path) -> Iterator[None]:
    """Services that are started meanwhile run that code."""
    before = os.environ.get("STUDIO_SITE")
    os.environ["STUDIO_SITE"] = str(source)
    try:
        yield
    finally:
        del os.environ["STUDIO_SITE"]
        if before is not None:
            os.environ["STUDIO_SITE"] = before


async def make(source: Path, place: Path, *, on_redis: bool) -> Before:
    """Has that release work, and kills it in the midst of a task, with others waiting."""
    workspace = place / "workspace"
    workspace.mkdir(parents=True)
    server = RedisServer(place / "redis").start() if on_redis else None
    before = Before(workspace, server, {})
    with as_of(source):
        service = await Service(
            workspace, max_concurrent_tasks=1, engines="storyboard,animatic", **before.settings
        ).start()
    try:
        async with service.http() as http, service.socket() as socket:
            assert (await http.post(f"{FILM}/batches", json={})).status_code == 404, "that release knew no batches"
            picture = io.BytesIO()
            Image.new("RGB", (32, 24), "teal").save(picture, "PNG")
            brought = await http.post(f"{FILM}/uploads", files={"file": ("still.png", picture.getvalue())})
            still = brought.json()["url"]
            takes = [await socket.start(shot="12A") for _ in range(3)]
            video = {"source_image": still, "duration_s": 0.5, "steps": 1}
            film = await socket.start(video, task_type="image_to_video", metadata={"scene": "harbour"})
            for task_id in (*takes, film):
                await socket.ending(task_id)
            repeated = await http.post(f"{FILM}/tasks", json=REPEATED, headers={"Idempotency-Key": "once"})
            await socket.ending(repeated.json()["task_id"])
            await http.patch(f"{FILM}/tasks/{takes[0]}", json={"favourite": True})
            await http.patch(f"{FILM}/tasks/{takes[1]}", json={"circled": True})
            await http.delete(f"{FILM}/tasks/{takes[2]}")
            middle = (await http.get(FILM)).json()["position"]
            running = await socket.start(SLOW)
            cancelled = await socket.start()
            waiting = [await socket.start({**TINY, "seed": seed}) for seed in range(3)]
            await http.post(f"{FILM}/tasks/{cancelled}/cancel")
            await socket.ending(cancelled)
            await socket.wait(lambda m: m.get("task_id") == running and m["type"] == "progress" and m["progress"] > 0)
            before.told = {
                "tasks": (await http.get(f"{FILM}/tasks", params={"limit": 50})).json()["tasks"],
                "middle": middle,
                "open": [running, *waiting],
                "deleted": takes[2],
                "repeated": repeated.json()["task_id"],
                "upload": still,
            }
            await service.kill()
            before.told["position"] = socket.heard[-1]["position"]
    finally:
        await service.kill()
    return before


def kept(place: Path, *, on_redis: bool) -> Before:
    """What it made once."""
    name = "redis" if on_redis else "sqlite"
    with tarfile.open(KEPT / f"{name}.tar.gz") as tape:
        tape.extractall(place)
    server = RedisServer(place / "redis").start() if on_redis else None
    return Before(place / "workspace", server, json.loads((place / "told.json").read_text()), not on_redis)


async def _keep() -> None:
    KEPT.mkdir(exist_ok=True)
    for name in ("sqlite", "redis"):
        with tempfile.TemporaryDirectory() as folder:
            source = old_code(Path(folder, "old"))
            assert source is not None, f"needs the history with {COMMIT}"
            place = Path(folder, "data")
            before = await make(source, place, on_redis=name == "redis")
            if before.server is not None:
                before.server.stop()
                (place / "redis" / "server.log").unlink()
            for other in ("service.json", "lock"):
                (before.workspace / ".auteur" / other).unlink(missing_ok=True)
            (place / "told.json").write_text(json.dumps(before.told, indent=1))
            with tarfile.open(KEPT / f"{name}.tar.gz", "w:gz") as tape:
                for entry in sorted(place.iterdir()):
                    tape.add(entry, entry.name)


if __name__ == "__main__":
    shutil.rmtree(KEPT, ignore_errors=True)
    asyncio.run(_keep())
