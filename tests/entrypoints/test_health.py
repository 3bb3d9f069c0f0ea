"""Readiness says whether a task could be accepted now, and if not, why: in the answer and once in the log."""

import asyncio
import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from auteur.domain.errors import BusUnavailableError
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.servers import RedisServer
from tests.waiting import LONG_S, awaited

READY = (200, {"status": "ready", "failing": []})
TASKS = "/api/v1/projects/film/tasks"
BODY = {"task_type": "text_to_image", "params": {"prompt": "a field", "width": 64, "height": 64}, "quality": "draft"}


@asynccontextmanager
async def service(workspace: Path, **settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Container]]:
    container = build(load_settings(workspace_root=workspace, shutdown_drain=0.0, max_concurrent_tasks=1, **settings))
    async with lifetime(container):
        transport = httpx.ASGITransport(create_app(container, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
            yield http, container


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    own = RedisServer(tmp_path / "redis").start()
    yield own
    own.stop()


async def ready(http: httpx.AsyncClient) -> tuple[int, Any]:
    answer = await http.get("/health/ready")
    return answer.status_code, answer.json()


def not_ready(part: str, code: str, cause: str) -> tuple[int, Any]:
    return 503, {"status": "not_ready", "failing": [{"part": part, "code": code, "cause": cause}]}


async def test_a_read_only_redis_is_told_with_its_cause_everywhere(tmp_path: Path, server: RedisServer) -> None:
    async with service(tmp_path / "work", redis_url=server.url) as (http, _):
        assert await ready(http) == READY
        with capture_logs() as logs:
            server.ask("REPLICAOF", "127.0.0.1", "1")
            for _ in range(5):
                assert await ready(http) == not_ready("redis", "read_only_replica", "read-only replica")
            report = (await http.get("/health")).json()
            assert report["checks"]["redis"] == "unavailable"
            assert report["failing"] == [{"part": "redis", "code": "read_only_replica", "cause": "read-only replica"}]
            refused = await http.post(TASKS, json=BODY)
            assert refused.status_code == 503
            assert refused.json()["error"]["details"] == {"cause": "read_only_replica"}
        assert [line["cause"] for line in logs if "cause" in line] == ["read-only replica"]
        server.ask("REPLICAOF", "NO", "ONE")
        assert await ready(http) == READY
        assert (await http.post(TASKS, json=BODY)).status_code == 202


async def test_a_user_without_evalsha_is_not_ready(tmp_path: Path, server: RedisServer) -> None:
    server.ask("ACL", "SETUSER", "film", "on", ">pw", "~*", "&*", "+@all", "-evalsha")
    async with service(tmp_path / "work", redis_url=server.url.replace("//", "//film:pw@")) as (http, _):
        assert await ready(http) == not_ready("redis", "no_permission", "no permission for EVALSHA")


async def test_no_probe_takes_longer_than_a_second_while_redis_is_frozen(tmp_path: Path, server: RedisServer) -> None:
    async with service(tmp_path / "work", redis_url=server.url) as (http, _):
        assert await ready(http) == READY
        server.freeze()
        took_s = []
        for _ in range(3):
            begun = time.monotonic()
            answers = await asyncio.gather(*(ready(http) for _ in range(20)))
            took_s.append(time.monotonic() - begun)
            assert {status for status, _ in answers} == {503}
            assert {part["part"] for _, body in answers for part in body["failing"]} == {"redis"}
        assert min(took_s) < 1  # each would wait as long; the others may have met a busy machine
        server.thaw()
        async with asyncio.timeout(LONG_S):
            while await ready(http) != READY:
                await asyncio.sleep(0.05)


async def test_a_locked_database_is_told_and_a_free_one_again(tmp_path: Path) -> None:
    async with service(tmp_path) as (http, container):
        assert await ready(http) == READY
        with capture_logs() as logs:
            other = sqlite3.connect(container.settings().private_directory / "auteur.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            for _ in range(3):
                async with awaited("the database to say why"):  # on a busy machine it may not have the time to
                    while (told := await ready(http)) != not_ready("database", "locked", "locked by another process"):
                        assert told != READY
            other.execute("ROLLBACK")
            other.close()
            assert await ready(http) == READY
        said = [(line["event"], line.get("cause")) for line in logs if "part" in line]
        assert said[-1] == ("can be used again", None)
        assert ("cannot be used", "locked by another process") in said
        assert len(said) == len(set(said)), "once, however often it is asked"


async def test_a_database_without_room_is_told(tmp_path: Path) -> None:
    async with service(tmp_path) as (http, container):
        assert await ready(http) == READY

        def fill(connection: sqlite3.Connection) -> None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
            connection.execute("DELETE FROM meta WHERE name = 'probe'")
            connection.execute("CREATE TABLE filler (content BLOB)")

            # what is left of the file is used up, page by page, in rows of the probe's size at last
            with contextlib.suppress(sqlite3.OperationalError):
                while True:
                    connection.execute("INSERT INTO filler VALUES (zeroblob(900))")
            while True:
                connection.execute("INSERT INTO filler VALUES (zeroblob(4096))")

        with pytest.raises(BusUnavailableError):
            await container.parts().database().call(fill)
        assert await ready(http) == not_ready("database", "disk_full", "disk full")
        database = container.parts().database()
        await database.call(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))
        assert await ready(http) == READY


async def test_a_database_that_was_deleted_is_told(tmp_path: Path) -> None:
    async with service(tmp_path) as (http, container):
        (container.settings().private_directory / "auteur.db").unlink()
        assert await ready(http) == not_ready("database", "missing", "missing")


async def test_a_workspace_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    async with service(tmp_path, backend="memory") as (http, container):
        private = container.settings().private_directory
        private.chmod(0o500)
        if os.access(private, os.W_OK):
            pytest.skip("this user may write everywhere")
        assert await ready(http) == not_ready("workspace", "no_permission", "no permission to write")
        private.chmod(0o700)
        assert await ready(http) == READY


async def test_a_hanging_workspace_holds_one_thread_and_no_probe(tmp_path: Path) -> None:
    async with service(tmp_path, backend="memory") as (http, container):
        assert await ready(http) == READY
        pipe = container.settings().private_directory / f".probe-{os.getpid()}"
        os.mkfifo(pipe)  # opening it waits for a reader, as a lost server of files does
        before = threading.active_count()
        took_s = []
        for _ in range(3):
            begun = time.monotonic()
            answers = await asyncio.gather(*(ready(http) for _ in range(50)))
            took_s.append(time.monotonic() - begun)
            assert answers == [not_ready("workspace", "no_answer", "no answer within 0.7 s")] * 50
        assert min(took_s) < 1
        assert threading.active_count() <= before + 1
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        async with asyncio.timeout(LONG_S):
            while await ready(http) != READY:
                await asyncio.sleep(0.02)
        os.close(reader)


async def test_a_full_queue_and_a_stopping_service_take_nothing(tmp_path: Path) -> None:
    async with service(tmp_path, backend="memory", max_queued=1) as (http, container):
        shot = {**BODY, "params": {**BODY["params"], "width": 1024, "height": 1024}, "quality": "ultra"}
        for number in range(3):
            if (await http.post(TASKS, json={**shot, "metadata": {"n": number}})).status_code == 429:
                break
        assert await ready(http) == not_ready("queue", "queue_full", "as many tasks wait as may")
        container.closing().set()
        status, found = await ready(http)
        assert (status, [part["code"] for part in found["failing"]]) == (503, ["stopping", "queue_full"])
        assert (await http.get("/health/live")).status_code == 200
