"""Files made to hurt whoever opens them, sent to a real service: it lives, answers others, and its log stays a log."""

import asyncio
import base64
import json
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.e2e.studio import Service
from tests.hostile_pictures import Hostile, hostile_pictures
from tests.stills import COOL, WARM, halves, saved

UPLOADS = "/api/v1/projects/film/uploads"
ANNOUNCED = ("auteur ", "workspace ", "engines give way")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")


def decoding(service: Service, jobs: str = "decoding") -> list[int]:
    """The processes that the service has to decode in. ``jobs``: those for ``picture_jobs`` or ``film_jobs`` alone."""
    assert service.process is not None
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == service.process.pid and jobs.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, ValueError):
            continue
    return found


def assert_is_a_log(service: Service) -> None:
    """Every line is ours or one JSON object, and none names a folder of this machine or shows a traceback."""
    for line in service.log.splitlines():
        if line and not line.startswith(ANNOUNCED):
            told = json.loads(line)
            assert told["level"] in ("debug", "info", "warning"), line
            if told["event"] in ("said by a child process", "a library warns"):
                assert sys.prefix not in line
                assert str(service.workspace) not in line


async def send(http: httpx.AsyncClient, hostile: Hostile) -> bool:
    """Whether it was taken in."""
    answer = await http.post(UPLOADS, files={"file": ("still.png", hostile.data)})
    assert answer.status_code in (201, 415), (hostile.name, answer.text)
    body = answer.json()
    if answer.status_code == 415:
        assert set(body) == {"error", "request_id", "timestamp"}, hostile.name
        assert body["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
        assert "image/png" in body["error"]["details"]["supported"]
        return False
    small = await http.get(body["url"], params={"width": 64})
    assert small.status_code in (200, 422), (hostile.name, small.text)
    assert small.status_code == 200 or small.json()["error"]["code"] == "UNREADABLE_IMAGE"
    return True


@LINUX
@pytest.mark.timeout(600)
async def test_hostile_pictures_are_answered_and_leave_the_service_as_it_was(service: Service) -> None:
    assert not decoding(service), "none before the first picture"
    lives = True

    async def look() -> int:
        """Others are answered all the while."""
        looks = 0
        async with service.http() as http:
            while lives:
                assert (await http.get("/health/live")).status_code == 200
                looks += 1
        return looks

    looking = asyncio.create_task(look())
    waiting = list(hostile_pictures())
    async with service.http() as http:
        http.timeout = httpx.Timeout(240)

        async def send_on() -> None:
            while waiting:
                hostile = waiting.pop()
                taken = await send(http, hostile)
                assert hostile.taken in (taken, None), (hostile.name, taken)

        await asyncio.gather(*(send_on() for _ in range(4)))
        assert await send(http, Hostile("ordinary", saved(halves("RGB", WARM, COOL), "JPEG")))
    lives = False
    assert await looking
    assert 1 <= len(decoding(service, "picture_jobs")) <= 2
    assert len(decoding(service, "film_jobs")) <= 2, (
        "one that looks whole films through, one that looks at the first frame"
    )
    assert_is_a_log(service)
    assert [line for line in service.log_lines if line["event"] == "said by a child process"], "what they say is heard"


@pytest.mark.timeout(300)
async def test_a_hostile_picture_as_an_input_by_url_is_said_by_field(service: Service) -> None:
    names = ("png-bomb", "tiff-whose-directories-loop", "postscript-that-runs-a-program", "webp-of-a-huge-canvas")
    async with service.http() as http:
        for hostile in hostile_pictures():
            if hostile.name not in names:
                continue
            url = f"data:image/png;base64,{base64.b64encode(hostile.data).decode()}"
            params = {"source_image": url, "duration_s": 0.5}
            answer = await http.post(
                "/api/v1/projects/film/tasks", json={"task_type": "image_to_video", "params": params}
            )
            assert answer.status_code == 422, answer.text
            assert answer.json()["error"]["details"]["problems"][0]["field"] == "source_image"
    assert_is_a_log(service)


@LINUX
@pytest.mark.timeout(300)
async def test_a_child_that_is_killed_costs_its_picture_at_most(service: Service) -> None:
    whole = Hostile("ordinary", saved(halves("RGB", WARM, COOL), "PNG"))
    async with service.http() as http:
        for _ in range(3):
            assert await send(http, whole)
            for child in decoding(service):
                os.kill(child, signal.SIGKILL)
        assert await send(http, whole)
