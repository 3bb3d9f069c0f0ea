"""The existing frontend's client against real services: what it hears, when it comes back, and when it stays away."""

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from auteur.entrypoints.container import token_office
from auteur.entrypoints.settings import load_settings
from tests.e2e.studio import HOME, TINY, Service, Worker
from tests.legacy import LegacyClient, play, told_in_short
from tests.servers import RedisServer
from tests.waiting import awaited

ASKED: dict[str, Any] = {"task_type": "text_to_image", "quality": "draft", "params": TINY}


def address(service: Service, project: str = "film") -> str:
    return f"{service.url.replace('http', 'ws', 1)}/legacy/ws/{project}"


def skeleton(lines: list[str]) -> list[str]:
    """What passes however fast the machine is: without progress, and without how often it came in vain. What is cut
    off may hear of it or not."""
    kept = [line for line in lines if "task_progress" not in line and "does not answer" not in line]
    return ["   closed" if line in ("   closed with 1012", "   closed with 1006") else line for line in kept]


def recorded() -> list[str]:
    return (HOME / "docs" / "legacy-session.md").read_text().split("```\n")[1].splitlines()


async def test_a_session_on_both_sides_of_a_restart_is_the_recorded_one(tmp_path: Path) -> None:
    client, names, state = await play(tmp_path)
    short = told_in_short(client.passed, names)
    assert sorted(skeleton(short)) == sorted(skeleton(recorded())), "and in the same order, each for itself:"
    for name in names.values():
        own = [[line for line in skeleton(lines) if line.split()[-1:] == [name]] for lines in (short, recorded())]
        assert own[0] == own[1]
    assert "   closed with 1012" in short, "told that the service stops, and that it may come back"
    assert "closed with 1012" in "".join(recorded())
    closed = next(one.at for one in client.passed if one.what == "closed")
    tries = [one.at for one in client.passed if one.what in ("failed", "opened") and one.at > closed]
    waited = [later - earlier for earlier, later in itertools.pairwise([closed, *tries])]
    seconds = (1, 2, 4, 8, 16, 32)
    assert all(gap >= second for gap, second in zip(waited, seconds, strict=False)), "it doubles from one second"
    for frame in client.heard:
        assert set(frame) == {"type", "payload", "timestamp"}
        assert frame["type"] in ("heartbeat", "task_progress", "task_complete", "task_error")
        assert frame["payload"]["project_id"] == "film"
    seen = {task_id: kind for task_id, (kind, _) in client.tasks.items()}
    ends = {"succeeded": "task_complete", "failed": "task_error", "cancelled": "task_error"}
    assert seen == {task["task_id"]: ends[task["status"]] for task in state["tasks"]}
    first = next(task_id for task_id, name in names.items() if name == "A")
    told = [f for f in client.heard if f["type"] == "task_complete" and f["payload"]["task_id"] == first]
    assert len(told) == 2, "its ending is told again after the restart"
    again = [{name: value for name, value in frame["payload"].items() if name not in ("duration",)} for frame in told]
    assert again[0] == again[1], "and says the same"
    assert told[0]["payload"]["character_refs"] == ["anna", "ben"]
    assert told[0]["payload"]["style_refs"] is None
    assert told[0]["payload"]["location_ref"] == {"id": 7, "name": "Pier"}
    task = next(task for task in state["tasks"] if task["task_id"] == first)
    assert task["metadata"] == {
        "character_refs": '["anna","ben"]', "style_refs": None, "location_ref": '{"id":7,"name":"Pier"}'
    }  # fmt: skip


async def test_both_dialects_hear_the_same_of_one_task(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    try:
        client = LegacyClient(address(service))
        async with service.socket() as socket, client.running():
            await client.until(lambda: bool(client.passed), "the socket to open")
            await client.say("heartbeat")
            await client.hears("heartbeat")
            ours = await socket.start()
            theirs = await client.start(**ASKED)
            for task_id in (ours, theirs):
                done = await socket.ending(task_id)
                frame = await client.hears("task_complete", task_id)
                assert frame["payload"]["result"] == done["result"]
                assert frame["payload"]["duration"] == done["duration"]
                assert frame["timestamp"] == done["timestamp"]
    finally:
        await service.kill()


async def test_on_a_fleet_it_is_the_same(tmp_path: Path, redis_server: RedisServer) -> None:
    settings = {"redis_url": redis_server.url, "redis_state_prefix": "legacy-dialect:"}
    service = await Service(tmp_path, run_tasks="false", **settings).start()
    worker = await Worker(tmp_path, **settings).start()
    try:
        client = LegacyClient(address(service))
        async with client.running():
            await client.until(lambda: bool(client.passed), "the socket to open")
            task_id = await client.start(**ASKED)
            await client.hears("task_complete", task_id)
        late = LegacyClient(address(service))
        async with late.running():
            await late.hears("task_complete", task_id)
    finally:
        await worker.kill()
        await service.kill()


async def test_who_is_refused_comes_ever_more_seldom_and_hears_nothing(tmp_path: Path) -> None:
    """A page that is refused before its socket is open is told 1006 and no reason, so it goes on; at its pace."""
    service = await Service(tmp_path, require_token=True, token="t" * 40, frontend_url="http://studio.example").start()
    try:
        stranger = LegacyClient(address(service), second_s=0.02)
        foreign = LegacyClient(
            address(service),
            headers={"Authorization": "Bearer " + "t" * 40, "Origin": "http://evil.example"},
            second_s=0.02,
        )
        async with stranger.running(), foreign.running():
            for refused in (stranger, foreign):
                await refused.until(lambda r=refused: len(r.passed) >= 6, "six tries")  # type: ignore[misc]
                assert {one.what for one in refused.passed} == {"failed"}
                gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(refused.passed)]
                assert all(gap >= 0.02 * 2**number for number, gap in enumerate(gaps))
        known = LegacyClient(address(service), headers={"Authorization": "Bearer " + "t" * 40})
        async with known.running():
            await known.until(lambda: bool(known.passed), "who may come in to be let in")
            assert known.passed[0].what == "opened"
    finally:
        await service.kill()


async def test_whose_token_is_revoked_is_told_so_and_stays_away(tmp_path: Path) -> None:
    async with token_office(load_settings(workspace_root=tmp_path)) as office:
        secret, token = await office.create("page", ["film"], ["read"], None)
        service = await Service(tmp_path, require_token=True).start()
        try:
            client = LegacyClient(address(service), headers={"Authorization": f"Bearer {secret}"})
            async with client.running():
                await client.until(lambda: bool(client.passed), "the socket to open")
                await client.say("start_generation", **ASKED)
                refused = await client.hears("task_error")
                assert refused["payload"]["error_code"] == "FORBIDDEN"
                await office.revoke(token.token_id)
                await client.until(lambda: client.is_away, "it to stay away")
            assert client.heard[-1]["payload"]["error_code"] == "UNAUTHENTICATED"
        finally:
            await service.kill()


@pytest.mark.parametrize("project", ["-film", "a" * 129])
async def test_a_project_that_cannot_be_is_told_and_keeps_it_away(tmp_path: Path, project: str) -> None:
    service = await Service(tmp_path).start()
    try:
        client = LegacyClient(address(service, project))
        async with client.running():
            await client.until(lambda: client.is_away, "it to stay away")
        assert client.heard[-1]["payload"]["error_code"] == "INVALID_PROJECT_ID"
    finally:
        await service.kill()


async def test_endings_of_the_time_away_are_told_although_others_came_since(tmp_path: Path) -> None:
    """It was away while thirty tasks ended, three times as many as a state tells elsewhere."""
    service = await Service(tmp_path, ws_messages_per_second=100).start()
    try:
        async with service.socket() as socket:
            ids = [await socket.start({**TINY, "seed": number}) for number in range(30)]
            for task_id in ids:
                await socket.ending(task_id)
            client = LegacyClient(address(service))
            async with client.running(), awaited("all endings"):
                for task_id in ids:
                    await client.hears("task_complete", task_id)
            told = [f["payload"]["task_id"] for f in client.heard if f["type"] == "task_complete"]
            assert told == ids, "each once, the oldest first"
    finally:
        await service.kill()


async def test_two_hundred_who_come_at_once_are_all_greeted_and_leave_nothing(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    try:
        async with service.socket() as socket:
            done = await socket.ending(await socket.start())
        clients = [LegacyClient(address(service)) for _ in range(200)]
        async with awaited("all to be greeted"):
            await asyncio.gather(*(greeted(client, done["task_id"]) for client in clients))
        async with service.http() as http, awaited("all to be gone"):
            while "auteur_websockets_open 0.0" not in (await http.get("/metrics")).text:
                await asyncio.sleep(0.1)
        assert all(line["level"] != "error" for line in service.log_lines), json.dumps(service.log_lines[-5:])
    finally:
        await service.kill()


async def greeted(client: LegacyClient, task_id: str) -> None:
    async with client.running():
        await client.hears("task_complete", task_id)
