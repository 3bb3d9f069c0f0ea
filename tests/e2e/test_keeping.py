"""What is marked, deleted, let go and known again, through real doors: services, sockets, and the command line."""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.studio import LONG, TINY, Message, Service, environment
from tests.entrypoints.test_cli import SMALL, auteur
from tests.places import files_in
from tests.servers import RedisServer
from tests.waiting import LONG_S, awaited
from tests.warm import command_line

FILM = "/api/v1/projects/film"
BODY = {"task_type": "text_to_image", "params": TINY, "quality": "draft"}


@pytest.fixture(params=["embedded", "redis"])
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, object]:
    """Settings of a service."""
    if request.param == "embedded":
        return {}
    server: RedisServer = request.getfixturevalue("redis_server")
    return {"redis_url": server.url, "redis_state_prefix": f"{tmp_path.name}:"}


@asynccontextmanager
async def running(workspace: Path, **settings: object) -> AsyncIterator[Service]:
    service = await Service(workspace, **settings).start()
    try:
        yield service
    finally:
        await service.stop()
    assert "Traceback" not in service.log, service.log[-4000:]
    assert '"level": "error"' not in service.log, service.log[-4000:]


async def make(http: httpx.AsyncClient, project: str = "film", **body: Any) -> dict[str, Any]:
    """A task that has succeeded, over HTTP."""
    answer = await http.post(f"/api/v1/projects/{project}/tasks", json={**BODY, **body})
    assert answer.status_code == 202, answer.text
    async with awaited("the task to end"):
        while True:
            task: dict[str, Any] = (await http.get(answer.headers["location"])).json()
            if task["ended_at"]:
                assert task["status"] == "succeeded", task
                return task
            await asyncio.sleep(0.05)


async def emptied(*places: Path) -> None:
    """Returns when there is no file any more: files go after the word."""
    async with awaited(f"{places} to be empty"):
        left = True
        while left:
            with contextlib.suppress(FileNotFoundError):  # it goes while it is looked at
                left = any(files_in(place) for place in places)
            await asyncio.sleep(0.02)


async def read_events(service: Service, into: list[Message], connected: asyncio.Event) -> None:
    """What an SSE reader hears, until the stream ends."""
    async with service.http() as http, http.stream("GET", f"{FILM}/events") as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                into.append(json.loads(line[6:]))
                connected.set()


async def test_everybody_hears_of_marks_and_deletions_and_a_project_that_goes_closes_every_door(
    tmp_path: Path, deployment: dict[str, object]
) -> None:
    async with running(tmp_path, **deployment) as service, service.http() as http:
        first, second = await make(http, shot="12A"), await make(http, shot="12A")
        heard: list[Message] = []
        connected = asyncio.Event()
        reader = asyncio.create_task(read_events(service, heard, connected))
        async with service.socket() as one, service.socket() as two:
            async with awaited("the stream to begin"):
                await connected.wait()
            for socket in (one, two):
                await socket.wait(lambda m: m["type"] == "connected")
            await one.say("mark", task_id=first["task_id"], favourite=True)
            await http.patch(f"{FILM}/tasks/{second['task_id']}", json={"circled": True})
            await two.say("delete_task", task_id=first["task_id"])
            gone = await one.wait(lambda m: m["type"] == "task_deleted")
            assert (gone["task_id"], gone["reason"]) == (first["task_id"], "asked")
            assert await one.answer(await one.say("mark", task_id=first["task_id"], favourite=False))
            # what was so already is answered to who asked, and told to nobody else
            answer = await two.answer(await two.say("mark", task_id=second["task_id"], circled=True, favourite=False))
            assert (answer["type"], answer["circled"], answer["take"]) == ("task_marked", True, 2)
            answer = await two.answer(await two.say("delete_task", task_id=first["task_id"]))
            assert (answer["type"], answer["task_id"]) == ("task_deleted", first["task_id"])
            for content, code in (
                ({"type_": "delete_task", "task_id": "nobody"}, "TASK_NOT_FOUND"),
                ({"type_": "mark", "task_id": second["task_id"]}, "INVALID_MESSAGE"),
                ({"type_": "cancel", "task_id": first["task_id"]}, "TASK_DELETED"),
                ({"type_": "delete_project"}, "INVALID_MESSAGE"),
                ({"type_": "delete_project", "project_id": "other"}, "INVALID_MESSAGE"),
            ):
                answer = await one.answer(await one.say(**content))  # type: ignore[arg-type]
                assert answer["error_code"] == code, answer
            busy = await one.start(LONG)
            answer = await two.answer(await two.say("delete_project", project_id="film"))
            assert answer["error_code"] == "PROJECT_BUSY"
            await one.say("cancel", task_id=busy)
            await two.ending(busy)
            await two.say("delete_project", project_id="film")
            assert [await socket.closed() for socket in (one, two)] == [4410, 4410]
        await asyncio.wait_for(reader, LONG_S)
        expected = ["task_marked", "task_marked", "task_deleted", "project_deleted"]
        for told in (one.heard, two.heard, heard):
            about = [m["type"] for m in told if m["type"] in expected and "reply_to" not in m]
            assert about == expected
            assert told[-1]["type"] == "project_deleted"
            circled = next(m for m in told if m.get("circled"))
            assert (circled["shot"], circled["take"]) == ("12A", 2)
        await emptied(tmp_path / "film")
        for after in (None, "0", heard[-1]["position"]):
            async with service.socket(after=after) as late:
                assert await late.closed() == 4410
            last = late.heard[-1]
            told = (last["type"], last.get("error_code"))
            assert told in (("error", "PROJECT_DELETED"), ("project_deleted", None)), late.heard
        assert (await http.get(f"{FILM}/events", params={"after": "0"})).status_code == 410


async def test_by_default_all_stays_and_a_rule_that_is_set_later_lets_go_with_a_word(
    tmp_path: Path, deployment: dict[str, object]
) -> None:
    async with running(tmp_path, **deployment) as service, service.http() as http:
        made = [await make(http, shot="1", params={**TINY, "seed": seed}) for seed in range(4)]
        await http.patch(f"{FILM}/tasks/{made[0]['task_id']}", json={"favourite": True})
        await http.patch(f"{FILM}/tasks/{made[1]['task_id']}", json={"circled": True})
        state = (await http.get(FILM)).json()
        assert state["counts"]["succeeded"] == 4
    async with running(tmp_path, **deployment, retention_tasks=3) as service, service.http() as http:
        async with service.socket() as one, service.socket() as two:
            await one.wait(lambda m: m["type"] == "connected")
            newest = await make(http)
            for socket in (one, two):
                for old in made[2:]:
                    gone = await socket.wait(
                        lambda m, old=old: m["type"] == "task_deleted" and m["task_id"] == old["task_id"]
                    )
                    assert gone["reason"] == "count"
        left = [task["task_id"] for task in (await http.get(f"{FILM}/tasks")).json()["tasks"]]
        assert left == [newest["task_id"], made[1]["task_id"], made[0]["task_id"]]
        await emptied(*(tmp_path / "film" / old["task_id"] for old in made[2:]))
        assert {path.split("/")[0] for path in files_in(tmp_path / "film")} == set(left)
        for old in made[2:]:
            assert (await http.get(old["result"]["artifacts"][0]["url"])).status_code == 404
        events = await service.events()
        assert [m["reason"] for m in events if m["type"] == "task_deleted"] == ["count", "count"]


async def test_what_takes_too_much_room_or_is_too_old_goes(tmp_path: Path, deployment: dict[str, object]) -> None:
    async with running(tmp_path, **deployment, retention_bytes=1) as service, service.socket() as socket:
        task = await socket.start(TINY)
        gone = await socket.wait(lambda m: m["type"] == "task_deleted")
        assert (gone["task_id"], gone["reason"]) == (task, "bytes")
    rule = {**deployment, "retention_days": 1e-6}
    async with running(tmp_path, **rule) as service, service.socket() as socket:
        old = await socket.start(TINY)
        await socket.ending(old)
    async with running(tmp_path, **rule) as service:
        async with service.socket(after="0") as socket:  # at its start already, with nobody asking for anything
            gone = await socket.wait(lambda m: m["type"] == "task_deleted" and m["reason"] == "age")
        assert gone["task_id"] == old
        await emptied(tmp_path / "film")


async def forget(tmp_path: Path, deployment: dict[str, object], server: RedisServer | None) -> None:
    """Loses the log."""
    if server is None:
        (tmp_path / ".auteur" / "auteur.db").unlink()
        for path in (tmp_path / ".auteur").glob("auteur.db-*"):
            path.unlink()
    else:
        from redis.asyncio import Redis

        async with Redis.from_url(server.url) as redis:
            keys = [key async for key in redis.scan_iter(f"{deployment['redis_state_prefix']}*", count=1000)]
            assert keys
            await redis.delete(*keys)


async def test_when_the_log_is_lost_the_files_make_it_again(
    tmp_path: Path, deployment: dict[str, object], request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("redis_server") if deployment else None
    async with running(tmp_path, **deployment) as service, service.http() as http:
        made = [
            await make(http, shot=shot, metadata={"note": "Straße"}, params={**TINY, "seed": seed})
            for seed, shot in enumerate(("12A", "3", "12A", "12A"))
        ]
    await forget(tmp_path, deployment, server)
    spoilt = tmp_path / made[3]["result"]["artifacts"][0]["path"]
    spoilt.write_bytes(spoilt.read_bytes()[:-1])
    code, out, err = await auteur(tmp_path, "gc", "--remove", **deployment)
    assert (code, out) == (0, ""), "what can be made known again is not removed"
    assert "4 results without a record: `auteur import` makes them known again" in err
    code, out, err = await auteur(tmp_path, "import", **deployment)
    assert (code, out.strip()) == (0, "imported 3, already known 0, deleted 0, unreadable or incomplete 1"), err
    assert err.strip() == f"auteur: film/{made[3]['task_id']}/1/take.json: frame.png is not as it was"
    code, out, _ = await auteur(tmp_path, "import", **deployment)
    assert out.strip() == "imported 0, already known 3, deleted 0, unreadable or incomplete 1"
    async with running(tmp_path, **deployment) as service, service.http() as http:
        found = (await http.get(f"{FILM}/tasks")).json()["tasks"]
        for now, then in zip(found, made[2::-1], strict=True):  # newest first
            about = {"started_at": "", "ended_at": ""}
            assert {**now, **about} == {**then, **about}, "result, parameters, seed, shot, take"
            for name in about:  # described just before it was recorded
                apart = datetime.fromisoformat(then[name]) - datetime.fromisoformat(now[name])
                assert timedelta(0) <= apart < timedelta(seconds=5)
        for task in found:
            (artifact,) = task["result"]["artifacts"]
            picture = await http.get(artifact["url"])
            assert (picture.status_code, picture.headers["etag"]) == (200, f'"{artifact["sha256"]}"')
        assert [t["task_id"] for t in (await http.get(f"{FILM}/tasks?q=strasse&shot=3")).json()["tasks"]] == [
            made[1]["task_id"]
        ]
        again = await make(http, shot="12A")
        assert again["take"] == 3
        async with service.socket(after="0") as socket:
            told = await socket.wait(lambda m: m["type"] == "task_imported")
            assert told["task"]["task_id"] == made[0]["task_id"]
        known = json.loads((tmp_path / made[0]["result"]["artifacts"][0]["path"]).with_name("take.json").read_bytes())
        asked = {**BODY, "shot": "12A", "metadata": {"note": "Straße"}, "params": {**TINY, "seed": 0}}
        message = {"type": "start_generation", "id": known["request"]["message_id"], **asked}
        async with service.socket() as socket:
            for _ in range(2):
                await socket.connection.send(json.dumps(message))
            answer = await socket.wait(lambda m: m.get("reply_to") == message["id"])
            assert (answer["type"], answer["task_id"]) == ("task_started", made[0]["task_id"])
        async with service.socket(after="0") as socket:  # the answer was a reply, and no event of the log's
            told = await socket.wait(lambda m: m.get("task_id") == made[0]["task_id"])
            assert told["type"] == "task_imported"


async def test_the_command_line_deletes_through_the_service_or_without_one(tmp_path: Path) -> None:
    made = []
    for _ in range(3):
        code, out, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", "-p", "film", "--shot=7")
        assert code == 0, err
        made.append(Path(out.strip()).parts[-3])
    code, out, err = await auteur(tmp_path, "delete", "-p", "film", made[0])
    assert (code, out, err.strip()) == (2, "", "auteur: nobody can be asked here; say --yes")
    code, out, err = await auteur(tmp_path, "delete", "-p", "film", made[0], "nobody", "--yes")
    assert (code, out.strip()) == (3, f"deleted {made[0]}")
    assert err.strip() == "auteur: Project 'film' has no task 'nobody'. (TASK_NOT_FOUND)"
    assert not (tmp_path / "film" / made[0]).exists()
    async with running(tmp_path) as service, service.http() as http:
        assert [t["take"] for t in (await http.get(f"{FILM}/tasks")).json()["tasks"]] == [3, 2]
        async with service.socket() as socket:
            code, out, err = await auteur(tmp_path, "delete", "-p", "film", made[1], "-y")
            assert (code, out.strip()) == (0, f"deleted {made[1]}"), err
            assert (await socket.wait(lambda m: m["type"] == "task_deleted"))["task_id"] == made[1]
            busy = await socket.start(LONG)
            code, _, err = await auteur(tmp_path, "delete-project", "film", "--yes")
            assert (code, err.count("\n")) == (3, 1)
            assert "(PROJECT_BUSY)" in err
            code, _, err = await auteur(tmp_path, "delete", "-p", "film", busy, "--yes")
            assert (code, "(TASK_OPEN)" in err) == (3, True)
            await socket.say("cancel", task_id=busy)
            await socket.ending(busy)
            code, out, err = await auteur(tmp_path, "delete-project", "film", "--yes")
            assert (code, out.strip()) == (0, "deleted film"), err
            assert await socket.closed() == 4410
        for command in ("gc", "import"):
            code, out, err = await auteur(tmp_path, command)
            assert (code, out) == (1, "")
            assert err.strip() == (
                f"auteur: Another auteur runs on this workspace at {service.url}. "
                f"Stop it first: `auteur {command}` needs the workspace for itself."
            )
    code, _, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", "-p", "film")
    assert (code, "was deleted" in err) == (3, True)
    assert not (tmp_path / "film").exists()


async def test_who_is_asked_and_says_no_keeps_everything(tmp_path: Path) -> None:
    code, out, _ = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", "-p", "film")
    assert code == 0
    for answer, status in (("n\n", 1), ("\n", 1), ("y\n", 0)):
        typed = f"import pty, os, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn([{sys.executable!r}, '-m', 'auteur', 'delete-project', 'film'])))"  # noqa: E501
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", typed, env=environment(tmp_path), cwd=tmp_path,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        said = b""
        async with awaited("the question"):
            while b"[y/N]" not in said:
                chunk = await process.stdout.read(1000)
                assert chunk, said
                said += chunk
            process.stdin.write(answer.encode())
            await process.stdin.drain()
            rest, _ = await process.communicate()
        assert process.returncode == status, said + rest
        assert b"Remove the project film with all its tasks and files, for good?" in said
        assert Path(out.strip()).exists() is (status == 1)


async def test_files_that_no_record_names_are_listed_then_removed_beside_a_running_fleet(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    fleet = {"redis_url": redis_server.url, "redis_state_prefix": f"{tmp_path.name}:"}
    async with running(tmp_path, **fleet) as service, service.http() as http, service.socket() as socket:
        task = await make(http)
        home = tmp_path / "film" / task["task_id"]
        shutil.copytree(home / "1", home / "2")
        (home / "notes.txt").write_text("mine")
        busy = await socket.start(LONG)
        await socket.wait(lambda m: m.get("task_id") == busy and m["type"] == "progress" and m["progress"] > 0)
        before = files_in(tmp_path / "film")
        code, out, err = await auteur(tmp_path, "gc", **fleet)
        assert code == 0, err
        assert out.strip().endswith(f"film/{task['task_id']}/2  (its attempt did not win)")
        assert len(out.strip().splitlines()) == 1, out
        assert "`auteur gc --remove` removes them" in err
        assert set(before) <= set(files_in(tmp_path / "film")), "listing removes nothing"
        code, out, err = await auteur(tmp_path, "gc", "--remove", **fleet)
        assert (code, "removed: 1 item" in err) == (0, True), err
        assert not (home / "2").exists()
        assert (home / "notes.txt").exists()
        assert (await http.get(task["result"]["artifacts"][0]["url"])).status_code == 200
        await socket.say("cancel", task_id=busy)
        assert (await socket.ending(busy))["error_code"] == "TASK_CANCELLED", "it was not disturbed"


async def test_watching_tells_of_marks_and_deletions(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.http() as http:
        watcher = await command_line(
            "auteur", "watch", "film", env=environment(tmp_path), cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert watcher.stdout is not None
        assert b"connected: 0 of 0" in await watcher.stdout.readline()
        task = await make(http, shot="12A")
        path = f"{FILM}/tasks/{task['task_id']}"
        await http.patch(path, json={"favourite": True, "circled": True})
        await http.delete(path)
        await http.delete(FILM)
        out, err = await asyncio.wait_for(watcher.communicate(), LONG_S)
    told = [line.split(" ", 1)[1] for line in out.decode().splitlines()]
    name = task["task_id"][:8]
    assert told[0] == f"{name} queued   text_to_image draft, place 1, 12A take 1"
    assert told[-4:] == [
        f"{name} marked   a favourite", f"{name} marked   circled 12A take 1", f"{name} deleted  asked",
        "the project was deleted",
    ]  # fmt: skip
    assert watcher.returncode == 0, err


async def test_a_rule_of_age_that_is_set_later_reaches_what_is_quiet(
    tmp_path: Path, deployment: dict[str, Any]
) -> None:
    async with running(tmp_path, **deployment) as service, service.socket() as socket:
        old = await socket.start(TINY)
        await socket.ending(old)
    later = {**deployment, "retention_days": 1e-6}
    async with running(tmp_path, **later) as service, service.socket(after="0") as socket:
        gone = await socket.wait(lambda m: m["type"] == "task_deleted")
        assert (gone["task_id"], gone["reason"]) == (old, "age")
