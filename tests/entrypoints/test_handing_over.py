"""A film of a script, handed over at one door: every file of it made by the service, and opened."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import opentimelineio as otio
import pytest
from pypdf import PdfReader

from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.waiting import LONG_S, awaited

PROJECT = "/api/v1/projects/film"
SCRIPT = """Title: Two Doors

INT. KITCHEN - NIGHT

Maria sits at the table.

MARIA
You could have called.

EXT. FIELD - DAY

A man walks.
"""
TINY = {"width_px": 96, "height_px": 64, "steps": 1}


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    made = build(load_settings(workspace_root=tmp_path, backend="memory", shutdown_drain=0.0))
    async with lifetime(made):
        transport = httpx.ASGITransport(create_app(made, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", timeout=LONG_S) as client:
            yield client


async def ended(http: httpx.AsyncClient, task_id: str) -> dict[str, Any]:
    task: dict[str, Any] = {}
    async with awaited(f"task {task_id} to end"):
        while task.get("status") not in ("succeeded", "failed", "cancelled"):
            await asyncio.sleep(0.05)
            answer = await http.get(f"{PROJECT}/tasks/{task_id}")
            assert answer.status_code == 200, answer.text
            task = answer.json()
    return task


async def a_film(http: httpx.AsyncClient) -> dict[str, Any]:
    request = {"name": "pilot", "script": SCRIPT, "file": "pilot.fountain", "quality": "draft", "params": TINY}
    answer = await http.post(f"{PROJECT}/films", json=request)
    assert answer.status_code == 202, answer.text
    film: dict[str, Any] = answer.json()
    return film


async def test_a_film_of_a_script_is_handed_over_while_its_takes_are_still_made(http: httpx.AsyncClient) -> None:
    film = await a_film(http)
    wanted = ["film_board", "film_animatic", "film_cut", "film_cameras", "film_plans"]
    params = {"film_board": {"per_page": 2}, "film_animatic": {"width_px": 96, "height_px": 64}}
    asked = {"make": wanted, "params": params, "quality": "draft"}
    answer = await http.post(f"{PROJECT}/films/pilot/exports", json=asked, headers={"Idempotency-Key": "one"})
    assert answer.status_code == 202, answer.text
    again = await http.post(f"{PROJECT}/films/pilot/exports", json=asked, headers={"Idempotency-Key": "one"})
    assert again.json() == answer.json()
    files: dict[str, bytes] = {}
    for task_type, task_id in answer.json()["tasks"].items():
        task = await ended(http, task_id)
        assert task["status"] == "succeeded", (task_type, task)
        for made in task["result"]["artifacts"]:
            files[made["name"]] = (await http.get(made["url"])).content
            assert len(files[made["name"]]) == made["size_bytes"] > 0
    names = [shot["name"] for shot in film["shots"]]
    board = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(files["board.pdf"])).pages)
    assert all(name in board for name in names)
    assert "You could have called." in board
    timeline = otio.adapters.read_from_string(files["cut.otio"].decode(), "otio_json")
    assert [clip.name for clip in timeline.find_clips()] == names
    assert [clip.duration().to_frames() for clip in timeline.find_clips()] == [shot["frames"] for shot in film["shots"]]
    assert all(clip.metadata["auteur"]["camera"]["focal_mm"] > 0 for clip in timeline.find_clips())
    assert {f"{name}.usda" for name in names} | {f"{name}-plan.svg" for name in names} <= set(files)
    animatic = next(task for kind, task in answer.json()["tasks"].items() if kind == "film_animatic")
    told = (await ended(http, animatic))["result"]["understood"]
    assert told["frames"] == sum(shot["frames"] for shot in film["shots"])
    answer = await http.get(f"{PROJECT}/films/pilot/continuity")
    assert answer.status_code == 200
    assert answer.json()["not_checked"] == []


async def test_what_cannot_be_handed_over_is_refused_by_name(http: httpx.AsyncClient) -> None:
    await a_film(http)
    door = f"{PROJECT}/films/pilot/exports"
    assert (await http.post(f"{PROJECT}/films/other/exports", json={})).status_code == 404
    assert (await http.get(f"{PROJECT}/films/other/continuity")).status_code == 404
    for wrong in ({"make": ["film_poster"]}, {"make": []}, {"scenes": ["no such scene"]},
                  {"make": ["film_cut", "film_cut"]}, {"make": ["film_cut"], "params": {"film_board": {}}},
                  {"make": ["film_cut"], "params": {"film_cut": {"formats": ["doc"]}}}):  # fmt: skip
        answer = await http.post(door, json=wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["error"]["details"]["problems"], wrong


async def test_a_film_with_more_words_than_a_request_carries_is_handed_over_as_a_file(http: httpx.AsyncClient) -> None:
    shots = [{"name": f"1-{n}", "prompt": "a field", "action": "word " * 60, "frames": 24} for n in range(300)]
    body = {"title": "Long", "shots": shots}
    assert (await http.put(f"{PROJECT}/films/long", json=body)).status_code == 200
    answer = await http.post(f"{PROJECT}/films/long/exports", json={"make": ["film_shot_list"]})
    assert answer.status_code == 202, answer.text
    task = await ended(http, answer.json()["tasks"]["film_shot_list"])
    assert task["status"] == "succeeded", task
    assert task["result"]["params"]["shots_file"].startswith("uploads/")
    [listed, _] = task["result"]["artifacts"]
    assert (await http.get(listed["url"])).text.count("\n") == 301
