"""Batches over HTTP and from the command line."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.adapters.queue.local import LocalTaskQueue
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.entrypoints.test_cli import auteur
from tests.waiting import LONG_S

BATCHES = "/api/v1/projects/film/batches"
TINY = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1, "seed": 1}
MOVE = {"duration_s": 0.5, "fps": 12, "width_px": 64, "height_px": 64, "steps": 1}


def a_frame(name: str | None = None, **params: Any) -> dict[str, Any]:
    named = {"name": name} if name else {}
    return {**named, "task_type": "text_to_image", "quality": "draft", "params": {**TINY, **params}}


def a_shot(of: str, name: str | None = None) -> dict[str, Any]:
    named = {"name": name} if name else {}
    params = {**MOVE, "source_image": {"from_task": of}}
    return {**named, "task_type": "image_to_video", "quality": "draft", "params": params}


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A service that accepts and, for the while, runs nothing."""
    made = build(load_settings(workspace_root=tmp_path, backend="memory", shutdown_drain=0.0))
    async with lifetime(made):
        queue = made.queue()
        assert isinstance(queue, LocalTaskQueue)
        queue._max_concurrent = 0
        transport = httpx.ASGITransport(create_app(made, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", timeout=LONG_S) as client:
            yield client


async def test_a_batch_of_five_hundred_is_possible_as_it_is_installed(http: httpx.AsyncClient) -> None:
    words = "a field " * 60
    whole = [a_frame(prompt=words) for _ in range(500)]
    answer = await http.post(BATCHES, json={"requests": whole})
    assert answer.status_code == 202
    assert len({task["task_id"] for task in answer.json()["tasks"]}) == 500
    assert [task["queue_position"] for task in answer.json()["tasks"]] == list(range(1, 501))
    chain = [a_frame("0"), *(a_shot(f"#{number - 1}", str(number)) for number in range(1, 500))]
    answer = await http.post(BATCHES, json={"requests": chain})
    assert answer.status_code == 202
    counts = (await http.get("/api/v1/projects/film")).json()["counts"]
    assert (counts["queued"], counts["blocked"]) == (501, 499)
    assert counts["running"] == 0


async def test_a_chain_of_five_hundred_that_is_cancelled_at_its_head_ends_whole(http: httpx.AsyncClient) -> None:
    chain = [a_frame("0"), *(a_shot(f"#{number - 1}", str(number)) for number in range(1, 500))]
    names = (await http.post(BATCHES, json={"requests": chain})).json()["names"]
    await http.post(f"/api/v1/projects/film/tasks/{names['0']}/cancel")
    counts = (await http.get("/api/v1/projects/film")).json()["counts"]
    assert (counts["cancelled"], counts["failed"], counts["blocked"]) == (1, 499, 0)
    last = (await http.get(f"/api/v1/projects/film/tasks/{names['499']}")).json()["error"]
    assert last["details"]["first"] == {
        "from_task": names["0"], "code": "TASK_CANCELLED", "message": "The task was cancelled.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"requests": []}, 422, "requests"),
        ({"requests": [a_frame()] * 501}, 422, "requests"),
        ({"requests": [a_frame(), {**a_frame(), "colour": 1}]}, 422, "requests.1.colour"),
        ({"requests": [a_frame("#a")]}, 422, "requests.0.name"),
        ({"requests": [a_frame("a" * 64)]}, 422, "requests.0.name"),
        ({"requests": [a_frame("a\n")]}, 422, "requests.0.name"),
        ({"requests": 7}, 422, "requests"),
        ({"tasks": [a_frame()]}, 422, "requests"),
    ],
)
async def test_a_body_that_is_no_batch_is_refused_by_field(
    http: httpx.AsyncClient, body: dict[str, Any], status: int, field: str
) -> None:
    answer = await http.post(BATCHES, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["details"]["problems"][0]["field"] == field


async def test_what_is_no_json_is_refused_and_a_body_over_the_limit_too(http: httpx.AsyncClient) -> None:
    assert (await http.post(BATCHES, content=b"{}")).status_code == 415
    kind = {"Content-Type": "application/json"}
    assert (await http.post(BATCHES, content=b"{", headers=kind)).json()["error"]["code"] == "INVALID_MESSAGE"
    large = await http.post(BATCHES, content=b" " * ((4 << 20) + 1), headers=kind)
    assert (large.status_code, large.json()["error"]["details"]) == (413, {"limit_bytes": 4 << 20})


async def test_a_batch_from_the_command_line_is_made_with_no_service(tmp_path: Path) -> None:
    board = tmp_path / "board.json"
    board.write_text(json.dumps([a_shot("#frame"), a_frame("frame")]))
    code, out, err = await auteur(tmp_path, "batch", "board.json")
    assert code == 0, err
    made = dict(line.split(" ", 1) for line in out.splitlines())
    assert Path(made.pop("frame")).name == "frame.png"
    (shot,) = made.values()
    assert Path(shot).name == "shot.mp4"
    assert Path(shot).is_file()


async def test_a_file_that_is_no_batch_and_a_batch_that_is_refused_are_told_by_request(tmp_path: Path) -> None:
    board = tmp_path / "board.json"
    for expected, text, words in (
        (1, "{", "board.json is not JSON"),
        (1, '{"requests": [{"task_type": 1}]}', "requests.0.task_type"),
        (1, '[{"task_type": "a", "task_type": "b", "params": {}}]', "board.json: 0.task_type is given more than once"),
        (3, json.dumps([a_frame(), a_shot("#nobody")]), "request 1: params.source_image no request of this batch"),
    ):
        board.write_text(text)
        code, out, err = await auteur(tmp_path, "batch", "board.json")
        assert (code, out) == (expected, "")
        assert words in " ".join(err.split())
