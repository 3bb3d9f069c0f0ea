"""What the last release left is taken over: tasks, files, marks and bookmarks, and the work it was killed at."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.test_keeping import running
from tests.entrypoints.test_cli import auteur
from tests.old_release import FILM, KEPT, REPEATED, Before, kept, make, old_code
from tests.waiting import LONG_S

pytestmark = pytest.mark.timeout(400)  # many processes start, on whatever machine


@pytest.fixture(
    params=[
        "embedded",
        pytest.param("redis", marks=pytest.mark.skipif(not os.environ.get("AUTEUR_FAULTS"), reason="make faults")),
    ]
)
async def before(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Before]:
    """As its own code leaves it now, where the history has that; and as it left it once."""
    on_redis = request.param == "redis"
    source = None if os.environ.get("AUTEUR_KEPT_RELEASE") else old_code(tmp_path / "old")
    if source is None:
        found = kept(tmp_path / "data", on_redis=on_redis)
    else:
        found = await make(source, tmp_path / "data", on_redis=on_redis)
    yield found
    if found.server is not None:
        found.server.stop()


async def test_all_that_the_last_release_left_is_there_and_goes_on(before: Before) -> None:
    told = before.told
    async with running(before.workspace, **before.settings) as service, service.http() as http:
        async with service.socket(after=told["position"]) as socket:
            greeting = await socket.wait(lambda message: message["type"] == "connected")
            assert greeting["recovered"] == before.is_same_run, "its bookmarks are honoured"
            for task_id in told["open"]:  # what it was killed at, and what waited
                assert (await socket.ending(task_id))["type"] == "complete"
        tasks = {task["task_id"]: task for task in (await http.get(f"{FILM}/tasks?limit=100")).json()["tasks"]}
        assert {task["task_id"] for task in told["tasks"]} <= tasks.keys()
        for known in (task for task in told["tasks"] if task["ended_at"]):
            now = tasks[known["task_id"]]
            assert {name: now[name] for name in known} == known
            for artifact in (known["result"] or {"artifacts": []})["artifacts"]:
                content = (await http.get(artifact["url"])).raise_for_status().content
                assert hashlib.sha256(content).hexdigest() == artifact["sha256"]
        assert (await http.get(told["upload"])).is_success
        assert (await http.get(f"{FILM}/tasks/{told['deleted']}")).status_code == 410
        repeated = await http.post(f"{FILM}/tasks", json=REPEATED, headers={"Idempotency-Key": "once"})
        assert repeated.json()["task_id"] == told["repeated"], "a request that is sent again is known"
        async with service.socket(after=told["middle"]) as socket:
            greeting = await socket.wait(lambda message: message["type"] == "connected")
            assert greeting["recovered"] == before.is_same_run
            takes = [task["take"] for task in told["tasks"] if task["shot"] == "12A"]
            new = await socket.start(shot="12A")
            await socket.ending(new)
            made = (await http.get(f"{FILM}/tasks/{new}")).json()
            assert made["take"] == max(takes) + 1
            asked = {"source_image": {"from_task": told["repeated"]}, "duration_s": 0.5, "steps": 1}
            of_before = await socket.start(asked, task_type="image_to_video")
            assert (await socket.ending(of_before))["type"] == "complete", "what is new works with what is old"
            async with asyncio.timeout(LONG_S):
                promoted = await http.post(f"{FILM}/tasks/{told['repeated']}/promote", json={"params": {"seed": 5}})
                assert promoted.status_code == 202, promoted.text
                assert (await socket.ending(promoted.json()["task_id"]))["type"] == "complete"


async def test_what_the_last_release_left_can_be_backed_up_by_this_one_at_once(before: Before, tmp_path: Path) -> None:
    """Before this release has opened the log: a careful operator does it in that order."""
    code, _, err = await auteur(before.workspace, "backup", str(tmp_path / "b.tar"), **before.settings)
    assert code == 0, err
    root = tmp_path / "again"
    code, _, err = await auteur(tmp_path, "restore", str(tmp_path / "b.tar"), "--workspace", str(root))
    assert code == 0, err
    async with running(root, **before.settings) as service, service.http() as http:
        for known in (task for task in before.told["tasks"] if task["result"]):
            for artifact in known["result"]["artifacts"]:
                content = (await http.get(artifact["url"])).raise_for_status().content
                assert hashlib.sha256(content).hexdigest() == artifact["sha256"]


def test_what_it_made_once_is_kept_for_who_has_no_history() -> None:
    assert {path.name for path in KEPT.glob("*.tar.gz")} == {"sqlite.tar.gz", "redis.tar.gz"}
