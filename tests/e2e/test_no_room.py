"""A workspace that fills up, or may no longer be written, under a running service."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.studio import TINY, Service
from tests.places import files_in, fill, make_read_only, make_writable, small_file_system
from tests.waiting import awaited

UPLOADS = "/api/v1/projects/film/uploads"
LARGE = {**TINY, "width_px": 1024, "height_px": 1024}


def a_picture(side_px: int) -> dict[str, tuple[str, bytes]]:
    data = io.BytesIO()
    Image.effect_noise((side_px, side_px), 90).save(data, "PNG")
    return {"file": ("a.png", data.getvalue())}


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Service]:
    """A service whose log lies elsewhere, so that only its files run out of room."""
    with small_file_system(tmp_path / "small", "4m") as place:
        service = await Service(place, backend="memory").start()
        yield service
        await service.kill()
        assert "Traceback" not in service.log, service.log[-4000:]
        assert '"level": "error"' not in service.log, service.log[-4000:]


async def test_an_upload_without_room_is_answered_507_and_taken_when_there_is_room(small: Service) -> None:
    hog = small.workspace / "hog"
    fill(hog)
    before = files_in(small.workspace)
    async with small.http() as http:
        answer = await http.post(UPLOADS, files=a_picture(600))
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "WORKSPACE_FULL")
        assert int(answer.headers["retry-after"]) > 0
        assert files_in(small.workspace) == before
        assert not (small.workspace / "film").exists()
        assert (await http.get("/health/ready")).status_code == 503
        hog.unlink()
        assert (await http.post(UPLOADS, files=a_picture(600))).status_code == 201
        assert (await http.get("/health/ready")).status_code == 200


async def test_a_task_without_room_is_tried_again_and_made_when_there_is_room(small: Service) -> None:
    hog = small.workspace / "hog"
    async with small.socket() as socket, small.http() as http:
        source = (await http.post(UPLOADS, files=a_picture(300))).json()["path"]
        for kind, params in (
            ("text_to_image", LARGE),
            ("image_to_video", {"source_image": source, "duration_s": 2, "seed": 1}),
        ):
            fill(hog)
            task = await socket.start(params, task_type=kind)
            await socket.wait(lambda m, task=task: m.get("task_id") == task and m.get("stage") == "queued")
            hog.unlink()
            end = await socket.ending(task)
            assert end["type"] == "complete", end
            assert end["result"]["artifacts"][0]["size_bytes"] > 1000
            (attempt,) = (small.workspace / "film" / task).iterdir()
            assert int(attempt.name) > 1, "what the attempts before it had begun is gone"
            assert not list(attempt.rglob("*.partial"))


async def test_a_task_that_waits_for_room_can_be_cancelled_and_leaves_nothing(small: Service) -> None:
    fill(small.workspace / "hog")
    before = files_in(small.workspace)
    async with small.socket() as socket:
        task = await socket.start(LARGE)
        waits = await socket.wait(lambda m: m.get("stage") == "queued")
        assert waits["message"] == "Waits until files can be kept again"
        await socket.say("cancel", task_id=task)
        end = await socket.ending(task)
    assert end["error_code"] == "TASK_CANCELLED", end
    # the worker may still be removing what it had begun when somebody ends the task
    async with awaited("what was begun to be gone"):
        while files_in(small.workspace) != before:
            await asyncio.sleep(0.01)


async def test_a_workspace_that_becomes_read_only_is_said_and_taken_up_again(small: Service) -> None:
    (small.workspace / ".auteur" / "service.json").read_text()
    make_read_only(small.workspace)
    async with small.socket() as socket, small.http() as http:
        answer = await http.post(UPLOADS, files=a_picture(50))
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "WORKSPACE_READ_ONLY")
        task = await socket.start()
        await socket.wait(lambda m: m.get("stage") == "queued")
        make_writable(small.workspace)
        assert (await socket.ending(task))["type"] == "complete"


async def test_a_full_temporary_directory_is_no_fault_of_the_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_file_system(tmp_path / "tmp", "64k") as place:
        monkeypatch.setenv("TMPDIR", str(place))
        service = await Service(tmp_path).start()
        try:
            async with service.http() as http:
                answer = await http.post(UPLOADS, files=a_picture(1500))  # held in memory up to a megabyte, then there
                assert (answer.status_code, answer.json()["error"]["code"]) == (507, "WORKSPACE_FULL")
                assert (await http.post(UPLOADS, files=a_picture(50))).status_code == 201
        finally:
            await service.kill()
