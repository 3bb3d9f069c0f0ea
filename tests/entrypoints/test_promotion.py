"""A take promoted through the real app, with the engine that is built in."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.domain.events import Position
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.composition import composition, edges, likeness, shift
from tests.ears import Hearer
from tests.entrypoints.test_http import assert_shape, ended
from tests.waiting import awaited

TASKS = "/api/v1/projects/film/tasks"
PRESETS = {
    "draft": {"steps": 1, "resolution": "96x96"},
    "high": {"steps": 2, "resolution": "192x192"},
    "ultra": {"steps": 3, "resolution": "256x128"},
}


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    settings = load_settings(
        workspace_root=tmp_path, backend="memory", shutdown_drain=0.0, quality_presets=PRESETS, default_quality="draft"
    )
    made = build(settings)
    async with lifetime(made):
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def a_take(http: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    params = {"prompt": "two shot on a pier at dusk", **changes.pop("params", {})}
    body = {"task_type": "text_to_image", "params": params, "quality": "draft", **changes}
    return await ended(http, (await http.post(TASKS, json=body)).headers["location"])


async def test_a_draft_is_promoted_with_its_seed_and_each_says_of_the_other(http: httpx.AsyncClient) -> None:
    draft = await a_take(http, shot="12A", metadata={"board": 4})
    key = {"Idempotency-Key": "promote-12A"}
    answers = [await http.post(f"{TASKS}/{draft['task_id']}/promote", json={}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    high = await ended(http, answers[0].headers["location"])
    assert (high["status"], high["quality"], high["shot"], high["take"]) == ("succeeded", "high", "12A", 2)
    assert (high["promoted_from"], high["metadata"]) == (draft["task_id"], {})
    assert high["result"]["seed"] == draft["result"]["seed"]
    assert (high["params"]["width_px"], high["params"]["steps"]) == (192, 2)
    draft = (await http.get(f"{TASKS}/{draft['task_id']}")).json()
    assert draft["promoted_to"] == [high["task_id"]]
    clash = await http.post(f"{TASKS}/{draft['task_id']}/promote", json={"quality": "ultra"}, headers=key)
    assert_shape(clash, 409, "IDEMPOTENCY_CONFLICT")
    for task in (draft, high):
        lineage = (await http.get(f"{TASKS}/{task['task_id']}/lineage")).json()
        assert [(one["task_id"], one["quality"], one["engine"]) for one in lineage["tasks"]] == [
            (draft["task_id"], "draft", "previs"),
            (high["task_id"], "high", "previs"),
        ]
        assert lineage["tasks"][1]["poster"]["name"] == "frame.png"
        assert (lineage["gone"], lineage["partial"]) == ([], False)


async def test_a_preset_of_another_shape_does_not_change_the_frame(http: httpx.AsyncClient) -> None:
    for params in ({}, {"aspect": "16:9"}):
        draft = await a_take(http, params=params)
        promoted = await http.post(f"{TASKS}/{draft['task_id']}/promote", json={"quality": "ultra"})
        ultra = await ended(http, promoted.headers["location"])
        before, after = (task["result"]["artifacts"][0] for task in (draft, ultra))
        assert abs(after["width_px"] / after["height_px"] / (before["width_px"] / before["height_px"]) - 1) < 0.02
        assert abs(after["width_px"] * after["height_px"] / (256 * 128) - 1) < 0.03
        assert ultra["origins"]["seed"] == "take"


@pytest.mark.parametrize("params", [{}, {"aspect": "16:9"}, {"width_px": 128, "height_px": 64}])
async def test_what_is_promoted_is_composed_as_its_take_was(
    http: httpx.AsyncClient, container: Container, params: dict[str, Any]
) -> None:
    take = await a_take(http, params={**params, "steps": 4, "seed": 7})
    promote = f"{TASKS}/{take['task_id']}/promote"
    free = {name: None for name in params if name != "aspect"}
    kept, other = [
        await ended(http, (await http.post(promote, json={"params": {**free, **changes}})).headers["location"])
        for changes in ({}, {"seed": 16})
    ]
    before = composition(take["params"])
    assert len(before.heads) == 2
    assert before.off(composition(kept["params"])) < 0.02
    assert before.off(composition(other["params"])) > 0.02
    workspace = container.settings().workspace
    seen, again, elsewhere = (edges(workspace / t["result"]["artifacts"][0]["path"]) for t in (take, kept, other))
    assert shift(seen, again) < 0.02
    assert likeness(seen, again) > 0.8 > 0.5 > likeness(seen, elsewhere)


async def test_a_frame_is_promoted_to_a_moving_shot_of_itself(http: httpx.AsyncClient) -> None:
    draft = await a_take(http)
    body = {"task_type": "image_to_video", "params": {"duration_s": 0.5}}
    shot = await ended(http, (await http.post(f"{TASKS}/{draft['task_id']}/promote", json=body)).headers["location"])
    assert shot["status"] == "succeeded", shot
    assert shot["params"]["source_image"] == draft["result"]["artifacts"][0]["path"].removeprefix("film/")
    assert shot["promoted_from"] == draft["task_id"]


async def test_what_cannot_be_promoted_says_why(http: httpx.AsyncClient) -> None:
    draft = await a_take(http)
    promote = f"{TASKS}/{draft['task_id']}/promote"
    for body, status, code in (
        ({"quality": "ultar"}, 422, "UNKNOWN_QUALITY"),
        ({"engine": "nobody"}, 422, "UNKNOWN_ENGINE"),
        ({"task_type": "smell"}, 422, "UNKNOWN_TASK_TYPE"),
        ({"params": {"lens_mm": -1}}, 422, "INVALID_PARAMS"),
        ({"params": []}, 422, "VALIDATION_ERROR"),
        ({"colour": "red"}, 422, "VALIDATION_ERROR"),
    ):
        assert_shape(await http.post(promote, json=body), status, code)
    assert_shape(await http.post(f"{TASKS}/none/promote", json={}), 404, "TASK_NOT_FOUND")
    assert_shape(await http.get(f"{TASKS}/none/lineage"), 404, "TASK_NOT_FOUND")
    long = {"task_type": "text_to_image", "params": {"prompt": "x", "steps": 200}}
    stopped = f"{TASKS}/{(await http.post(TASKS, json=long)).json()['task_id']}"
    await http.post(f"{stopped}/cancel")
    cancelled = await ended(http, stopped)
    body = assert_shape(await http.post(f"{stopped}/promote", json={}), 409, "TASK_NOT_MADE")
    assert cancelled["status"] in body["error"]["message"]
    await http.delete(f"{TASKS}/{draft['task_id']}")
    assert_shape(await http.post(promote, json={}), 410, "TASK_DELETED")


async def test_every_listener_hears_what_was_made_of_what(http: httpx.AsyncClient, container: Container) -> None:
    draft = await a_take(http)
    position = (await http.get("/api/v1/projects/film")).json()["position"]
    made = (await http.post(f"{TASKS}/{draft['task_id']}/promote", json={"metadata": {"card": 1}})).json()
    following = Hearer(container.feed()).follow("film", Position.parse(position), resumes=True)
    async with awaited("the promotion to be told"), following as hearer:
        await hearer.until(lambda: any(message["type"] == "task_promoted" for message in hearer.messages))
        heard = hearer.messages
    heard = heard[: 1 + next(n for n, message in enumerate(heard) if message["type"] == "task_promoted")]
    started = next(message for message in heard if message["type"] == "task_started")
    assert (started["promoted_from"], started["metadata"]) == (draft["task_id"], {"card": 1})
    assert (heard[-1]["task_id"], heard[-1]["promoted_to"]) == (draft["task_id"], made["task_id"])
