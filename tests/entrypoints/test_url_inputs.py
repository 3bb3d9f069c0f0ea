"""Inputs by url through the real app, from a real TLS server that the operator has listed."""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import WrongSettingError, load_settings
from tests.e2e.studio import Service
from tests.entrypoints.test_http import assert_shape, ended
from tests.https_server import AUTHORITY, HttpsServer, body, silence
from tests.stills import saved

TASKS = "/api/v1/projects/film/tasks"


@pytest.fixture
async def server() -> AsyncIterator[HttpsServer]:
    async with HttpsServer().serving() as server:
        server.answers["/still.png"] = body(saved(Image.new("RGB", (96, 64), "teal"), "PNG"))
        yield server


@pytest.fixture
async def container(tmp_path: Path, server: HttpsServer) -> AsyncIterator[Container]:
    settings = load_settings(
        workspace_root=tmp_path,
        backend="memory",
        shutdown_drain=0.0,
        url_input_hosts=f"localhost:{server.port}",
        url_input_ca_file=AUTHORITY,
    )
    made = build(settings)
    async with lifetime(made):
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


def move(url: str) -> dict[str, Any]:
    return {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": url, "duration_s": 0.5}}


async def test_a_still_of_a_listed_host_is_moved_and_its_url_is_told_to_nobody(
    http: httpx.AsyncClient, server: HttpsServer
) -> None:
    server.answers["/still.png?token=secret"] = server.answers["/still.png"]
    url = f"https://localhost:{server.port}/still.png?token=secret"
    for _ in range(2):
        answer = await http.post(TASKS, json=move(url), headers={"Idempotency-Key": "shot-1"})
        assert answer.status_code == 202, answer.text
    task = await ended(http, answer.headers["location"])
    assert task["status"] == "succeeded"
    assert len(server.heard) == 1, "a repeat is the same task, and brings nothing in"
    path = task["params"]["source_image"]
    assert path.startswith("uploads/")
    assert "secret" not in str(task)
    assert (await http.get(f"/api/v1/projects/film/artifacts/{path}")).status_code == 200


async def test_shots_that_name_one_url_at_the_same_time_bring_it_in_once(
    container: Container, server: HttpsServer
) -> None:
    url = f"https://localhost:{server.port}/still.png"
    asked = (container.fetcher().fetch("film", "source_image", url, "image") for _ in range(4))
    assert len({*await asyncio.gather(*asked)}) == 1
    assert len(server.heard) == 1


async def test_a_data_url_may_be_as_large_as_the_body(http: httpx.AsyncClient, container: Container) -> None:
    file = io.BytesIO()
    Image.effect_noise((360, 360), 90).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    assert 100_000 < len(data) < container.settings().max_body_bytes - 1000
    answer = await http.post(TASKS, json=move(f"data:image/png;base64,{data}"))
    assert answer.status_code == 202, answer.text
    assert answer.json()["params"]["source_image"].startswith("uploads/")
    long = {"task_type": "text_to_image", "params": {"prompt": f"data:{'x' * 60_000}"}}
    assert_shape(await http.post(TASKS, json=long), 422, "INVALID_PARAMS")


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/still.png", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://169.254.169.254/"],
)
async def test_what_lies_inside_the_network_is_refused_by_the_inputs_name(http: httpx.AsyncClient, url: str) -> None:
    body = assert_shape(await http.post(TASKS, json=move(url)), 422, "INVALID_PARAMS")
    assert body["error"]["details"]["problems"] == [
        {"field": "source_image", "message": "cannot be fetched: no public host answers there"}
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("url_input_hosts", "a b"), ("url_input_hosts", "*.example"), ("url_input_ca_file", "/nowhere.pem"),
     ("url_inputs", "yes"), ("url_input_timeout", "-17")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(WrongSettingError, match=f"BACKEND_{name.upper()}") as wrong:
        load_settings(**{name: value})
    assert value not in str(wrong.value)


async def test_what_has_to_be_fetched_holds_up_nothing_that_is_said_after_it(
    tmp_path: Path, server: HttpsServer
) -> None:
    server.answers["/silent"] = silence
    service = await Service(
        tmp_path, url_input_hosts=f"localhost:{server.port}", url_input_ca_file=AUTHORITY, url_input_timeout=2
    ).start()
    try:
        async with service.socket() as socket:
            url = f"https://localhost:{server.port}/silent"
            asked = [await socket.say("start_generation", **move(url)) for _ in range(3)]
            ping = await socket.say("ping")
            assert (await socket.answer(ping))["type"] == "pong"
            assert not any(message.get("reply_to") in asked for message in socket.heard)
            for message_id in asked:  # nothing comes, and that is said to each
                problem = await socket.answer(message_id)
                assert problem["error_code"] == "INVALID_PARAMS"
                assert "cannot be fetched within 2 s" in problem["message"]
    finally:
        await service.kill()
