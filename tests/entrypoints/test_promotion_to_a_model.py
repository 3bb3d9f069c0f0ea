"""A previs take promoted to an engine of a package that takes a depth pass: made of the set, wired, and handed over."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.entrypoints.test_http import ended
from tests.plugins import make_package

TASKS = "/api/v1/projects/film/tasks"
PAINTER = '''
"""Paints over a depth pass: here, by leaving it as it is."""

import shutil

from auteur.adapters.engines.inputs import FileInput, find_picture, is_deferred, locate
from auteur.adapters.engines.parameters import Parameters
from auteur.domain.ports import DRAFT_SUFFIX, Draft, HandlerResult
from auteur.domain.task import TaskInput, TaskType


class PaintParameters(Parameters):
    prompt: str
    seed: int
    depth_image: FileInput


class Painter:
    def __init__(self, artifacts):
        self._artifacts = artifacts

    @property
    def task_types(self):
        return (TaskType(name="paint", engine="painter", summary="", params_schema=PaintParameters.model_json_schema(),
                         preset_parameters=frozenset(), inputs=(TaskInput("depth_image", control="depth"),)),)

    def check(self, task_type, params):
        return PaintParameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        effective = PaintParameters.read(params).model_dump(exclude_none=True)
        if not is_deferred(effective["depth_image"]):
            effective["depth_image"], _ = await find_picture(
                self._artifacts, project_id, "depth_image", effective["depth_image"]
            )
        return effective

    def estimate_s(self, task_type, params):
        return None

    async def run(self, task, context):
        depth = await locate(self._artifacts, task.project_id, task.request.params["depth_image"])
        shutil.copy(depth, context.directory / f"painted.png{DRAFT_SUFFIX}")
        return HandlerResult(drafts=(Draft(name="painted.png", kind="image", media_type="image/png"),))


def make(tools):
    return Painter(tools.artifacts)
'''


@pytest.fixture
async def http(tmp_path: Path, site: Path) -> AsyncIterator[httpx.AsyncClient]:
    make_package(site, "studio_painter", {"painter": "studio_painter.engine:make"}, {"engine": PAINTER})
    container = build(load_settings(workspace_root=tmp_path / "w", backend="memory", shutdown_drain=0.0))
    async with lifetime(container):
        transport = httpx.ASGITransport(create_app(container, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            yield client


@pytest.mark.parametrize("control", [None, ["depth"]])
async def test_a_take_is_handed_over_with_the_depth_of_its_set(
    http: httpx.AsyncClient, control: list[str] | None
) -> None:
    small = {"prompt": "two shot on a pier", "width_px": 96, "height_px": 64, "steps": 1}
    asked = {**small, **({"control": control} if control else {})}
    body = {"task_type": "text_to_image", "quality": "draft", "params": asked, "shot": "3"}
    take = await ended(http, (await http.post(TASKS, json=body)).headers["location"])
    answer = await http.post(f"{TASKS}/{take['task_id']}/promote", json={"task_type": "paint"})
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == ("queued" if control else "blocked")
    painted = await ended(http, answer.headers["location"])
    assert painted["status"] == "succeeded", painted
    assert (painted["result"]["seed"], painted["params"]["prompt"]) == (take["result"]["seed"], "two shot on a pier")
    source = answer.json()["params"]["depth_image"]
    maker = take if control else await ended(http, f"{TASKS}/{source['from_task']}")

    def file_of(task: dict[str, Any], name: str) -> dict[str, Any]:
        return next(file for file in task["result"]["artifacts"] if file["name"] == name)

    assert maker["result"]["seed"] == take["result"]["seed"]
    assert file_of(maker, "frame.png")["width_px"] == 96
    assert file_of(painted, "painted.png")["sha256"] == file_of(maker, "control-depth.png")["sha256"]
    assert len((await http.get(TASKS)).json()["tasks"]) == (2 if control else 3)
