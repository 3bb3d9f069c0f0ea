"""A backup that is made while people work, and the service that runs on it elsewhere."""

import asyncio
import contextlib
import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.studio import TINY
from tests.e2e.test_keeping import running
from tests.entrypoints.test_cli import auteur
from tests.places import files_in
from tests.servers import RedisServer
from tests.waiting import LONG_S

pytestmark = pytest.mark.timeout(400)  # many processes start, on whatever machine
FILM = "/api/v1/projects/film"
BODY = {"task_type": "text_to_image", "params": TINY, "quality": "draft"}


async def tasks_of(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        answer = (await http.get(f"{FILM}/tasks", params=query)).raise_for_status().json()
        tasks += answer["tasks"]
        cursor = answer["next"]
    return tasks


async def ended(http: httpx.AsyncClient, number: int) -> list[dict[str, Any]]:
    """The tasks, when so many have succeeded."""
    async with asyncio.timeout(LONG_S):
        while True:
            made = [task for task in await tasks_of(http) if task["status"] == "succeeded"]
            if len(made) >= number:
                return made
            await asyncio.sleep(0.05)


async def work_on(http: httpx.AsyncClient) -> None:
    """Somebody asks for pictures and deletes older ones, until they are stopped."""
    while True:
        asked = await http.post(f"{FILM}/tasks", json=BODY)
        assert asked.status_code == 202, asked.text
        made = [task for task in await tasks_of(http) if task["status"] == "succeeded"]
        if len(made) > 6:
            await http.delete(f"{FILM}/tasks/{made[-1]['task_id']}")


async def check_all_files(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Every file that a record names is served, with the digest that the record has; the tasks that succeeded."""
    made = [task for task in await tasks_of(http) if task["status"] == "succeeded"]
    for task in made:
        for artifact in task["result"]["artifacts"]:
            answer = await http.get(artifact["url"])
            assert answer.status_code == 200, (task["task_id"], artifact["url"])
            assert hashlib.sha256(answer.content).hexdigest() == artifact["sha256"]
    return made


async def test_a_backup_made_under_load_runs_elsewhere_with_every_file(tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    async with running(tmp_path / "studio") as service, service.http() as http:
        for _ in range(8):
            await http.post(f"{FILM}/tasks", json=BODY)
        await ended(http, 8)
        working = [asyncio.create_task(work_on(http)) for _ in range(2)]
        backups = []
        for number in range(2):
            target = tmp_path / f"{number}.tar"
            code, out, err = await auteur(tmp_path / "studio", "backup", str(target))
            assert (code, err) == (0, ""), err
            assert out.startswith(f"{target}: ")
            backups.append(target)
        for one in working:
            one.cancel()
        await asyncio.wait(working)
        assert all(one.cancelled() for one in working), "whoever works hears nothing of it"
    for backup in backups:
        root = tmp_path / backup.stem
        code, out, err = await auteur(tmp_path, "restore", str(backup), "--workspace", str(root))
        assert code == 0, err
        assert out.startswith(f"{root}: ")
        async with running(root) as service, service.http() as http:
            made = await check_all_files(http)
            assert len(made) >= 6
            async with asyncio.timeout(LONG_S):  # what was open then is made now
                while {task["status"] for task in await tasks_of(http)} - {"succeeded", "cancelled"}:
                    await asyncio.sleep(0.05)
            await check_all_files(http)
        code, out, err = await auteur(root, "gc")
        assert (code, out) == (0, ""), "nothing is there that no record names"


async def test_a_bookmark_of_before_is_told_that_history_was_lost(tmp_path: Path) -> None:
    """The restored log is an older state: its next events have numbers that others had already."""
    (tmp_path / "studio").mkdir()
    async with running(tmp_path / "studio") as service:
        async with service.socket() as socket:
            await socket.ending(await socket.start())
            before = socket.heard[-1]["position"]
        assert (await auteur(tmp_path / "studio", "backup", str(tmp_path / "b.tar")))[0] == 0
        async with service.socket() as socket:
            await socket.ending(await socket.start())
            after = socket.heard[-1]["position"]
    for number in range(2):
        root = tmp_path / f"elsewhere-{number}"
        assert (await auteur(tmp_path, "restore", str(tmp_path / "b.tar"), "--workspace", str(root)))[0] == 0
    epochs = set()
    for number in range(2):
        async with running(tmp_path / f"elsewhere-{number}") as service:
            for bookmark in (before, after):
                async with service.socket(after=bookmark) as socket:
                    greeting = await socket.wait(lambda message: message["type"] == "connected")
                    assert not greeting["recovered"]
                    assert len(greeting["state"]["tasks"]) == 1
                    epochs.add(greeting["position"].rpartition("-")[0])
    assert len(epochs) == 2, "two that were restored from one backup are two logs"


async def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    studio.mkdir()
    code, out, err = await auteur(studio, "restore", str(tmp_path / "none.tar"))
    assert (code, out) == (1, "")
    assert err == f"auteur: {tmp_path / 'none.tar'}: No such file or directory\n"
    (tmp_path / "other").write_text("no backup at all, but some text" * 100)
    code, out, err = await auteur(studio, "restore", str(tmp_path / "other"))
    assert (code, out) == (1, "")
    assert err.startswith(f"auteur: {tmp_path / 'other'} cannot be used: ")
    assert err.count("\n") == 1
    assert files_in(studio) in ([], [".auteur/lock"])
    async with running(studio) as service, service.socket() as socket:
        await socket.ending(await socket.start())
        assert (await auteur(studio, "backup", str(tmp_path)))[0] == 0, "a directory: the name says when"
        (made,) = tmp_path.glob("auteur-*.tar")
        code, out, err = await auteur(studio, "backup", str(made))
        assert (code, out, err) == (1, "", f"auteur: {made} is there already\n")
        code, out, err = await auteur(studio, "restore", str(made))
        assert (code, out) == (1, "")
        assert "not empty" in err
    code, _, err = await auteur(tmp_path / "studio", "backup", str(studio / "b.tar"))
    assert code == 1
    assert "in the workspace itself" in err
    code, _, err = await auteur(studio, "backup")
    assert code == 2
    assert "Traceback" not in err


async def test_a_record_whose_file_was_taken_away_by_hand_is_named(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    studio.mkdir()
    async with running(studio) as service, service.socket() as socket:
        for _ in range(2):
            ending = await socket.ending(await socket.start())
        lost = ending["result"]["artifacts"][0]
        (path,) = studio.rglob(f"{ending['task_id']}/1/{lost['name']}")
        path.unlink()
        code, out, err = await auteur(studio, "backup", str(tmp_path / "b.tar"))
    assert code == 1
    assert str(path.relative_to(studio)) in err
    assert out.startswith(str(tmp_path / "b.tar")), "the rest is worth keeping"
    code, _, err = await auteur(tmp_path, "restore", str(tmp_path / "b.tar"), "--workspace", str(tmp_path / "again"))
    assert code == 0
    assert str(path.relative_to(studio)) in err


# --- Redis ---------------------------------------------------------------------------------------------------------


async def saved(server: RedisServer) -> None:
    """Returns when a snapshot that was begun now is on the disk."""
    with contextlib.suppress(FileNotFoundError):
        (server.directory / "dump.rdb").unlink()
    assert server.ask("BGSAVE").startswith(b"+")
    async with asyncio.timeout(LONG_S):
        while not (server.directory / "dump.rdb").exists():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", ["snapshot", "append-only file"])
async def test_redis_and_the_workspace_run_on_another_server(way: str, tmp_path: Path) -> None:
    """As docs/operations.md says: Redis first, then the workspace; on another server, on another port."""
    (tmp_path / "studio").mkdir()
    server = RedisServer(tmp_path / "redis").start()
    other = RedisServer(tmp_path / "other")
    try:
        async with running(tmp_path / "studio", redis_url=server.url) as service, service.http() as http:
            for _ in range(6):
                await http.post(f"{FILM}/tasks", json=BODY)
            made = await ended(http, 6)
            bookmark = (await http.get(FILM)).json()["position"]
            other.directory.mkdir()
            if way == "snapshot":
                await saved(server)
                shutil.copy(server.directory / "dump.rdb", other.directory)
            else:
                assert server.ask("CONFIG", "SET", "auto-aof-rewrite-percentage", "0") == b"+OK"
                shutil.copytree(server.directory / "appendonlydir", other.directory / "appendonlydir")
            for _ in range(3):  # after the copy: of these nothing is known there
                await http.post(f"{FILM}/tasks", json=BODY)
            await ended(http, 9)
            later = (await http.get(FILM)).json()["position"]
            code, out, err = await auteur(tmp_path / "studio", "backup", str(tmp_path / "b.tar"), redis_url=server.url)
            assert code == 0, err
            assert "the log is not in the workspace" in err
            assert "files" in out
        server.stop()
        root = tmp_path / "again"
        code, _, err = await auteur(tmp_path, "restore", str(tmp_path / "b.tar"), "--workspace", str(root))
        assert code == 0, err
        if way == "snapshot":  # a server that finds an append-only file, or is told to keep one, reads no snapshot
            other.settings = ("--appendonly", "no", "--dbfilename", "dump.rdb")
        other.start()
        if way == "snapshot":
            assert other.ask("CONFIG", "SET", "appendonly", "yes") == b"+OK"
        async with running(root, redis_url=other.url) as service, service.http() as http:
            again = await check_all_files(http)
            assert {task["task_id"] for task in again} >= {task["task_id"] for task in made}
            for position in (bookmark, later):
                async with service.socket(after=position) as socket:
                    greeting = await socket.wait(lambda message: message["type"] == "connected")
                    assert not greeting["recovered"], "a server that starts is another run, and so another epoch"
            async with service.socket() as socket:
                await socket.ending(await socket.start())
    finally:
        server.stop()
        other.stop()


def test_the_restored_log_is_one_that_was_closed_in_good_order(tmp_path: Path) -> None:
    from auteur.adapters.log.sqlite.snapshot import begin_anew

    path = tmp_path / "auteur.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)")
        connection.execute("CREATE TABLE events (body)")
        connection.execute("INSERT INTO meta VALUES ('epoch', 'old'), ('open_since_boot', 'another machine')")
    begin_anew(path)
    with closing(sqlite3.connect(path)) as connection:
        meta = dict(connection.execute("SELECT name, value FROM meta"))
    assert set(meta) == {"epoch"}
    assert meta["epoch"] != "old"
