"""What is done to records while processes die: deleting, losing them, and carrying over what was there before them."""

import asyncio
import contextlib
import gzip
import hashlib
import io
import json
import tarfile
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskImported
from auteur.domain.task import TaskResult, TaskStatus
from tests.adapters.test_carry import BEFORE, NEW_FIELDS, brought_back, expected
from tests.fakes import queued
from tests.faults import checks
from tests.faults.checks import broken, figures, held_by
from tests.faults.matrix import long
from tests.faults.planted import HELD
from tests.faults.record import Asked, Cut, Heard, Watched, now, place
from tests.faults.stage import FRAME, Stage
from tests.faults.test_faults import NOT_ALIVE, report
from tests.servers import RedisServer
from tests.waiting import awaited

LONGER = {**FRAME, "steps": 60}


async def until(condition: Callable[[], object], what: str = "what was to happen") -> None:
    async with awaited(what):
        while not condition():
            await asyncio.sleep(0.005)


def number(server: RedisServer, *words: str) -> int:
    """A number that the server answers; 0 if it does not."""
    answer = server.ask(*words)
    return int(answer[1:]) if answer[:1] == b":" else 0


async def killed_meanwhile(stage: Stage, work: Coroutine[Any, Any, Any], condition: Callable[[], object]) -> None:
    """The first replica does some work, stops half-way, and is killed there once the condition holds."""
    held(stage).touch()
    working = asyncio.create_task(work)
    await until(lambda: condition() or working.done())
    assert not working.done(), "it was done before it could be killed"
    await stage.replicas[0].kill()
    with contextlib.suppress(httpx.TransportError):
        await working


def held(stage: Stage) -> Path:
    return stage.directory / "workspace" / HELD


async def back_again(stage: Stage) -> None:
    stage.replicas[0].port = stage.replicas[0].url.rpartition(":")[2]
    await stage.replicas[0].start()


async def answered(http: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """What is answered by a machine that has time for it: a slow one may refuse at first."""
    async with awaited(f"{method} {path} to be answered"):
        while (answer := await http.request(method, path)).status_code == 503:
            await asyncio.sleep(0.2)
    return answer


async def ask_for(stage: Stage, project: str, params: dict[str, Any]) -> str:
    """Has a task accepted, that the checks then follow like any other; its id. A slow machine may refuse at first."""
    asked = Asked(project, str(uuid.uuid4()), now())
    stage.record.asked.append(asked)
    body = {"task_type": "text_to_image", "quality": "draft", "params": params}
    async with stage.replicas[0].http() as http:
        path, headers = f"/api/v1/projects/{project}/tasks", {"Idempotency-Key": asked.key}
        async with awaited("the task to be accepted"):
            asked.sent_at = now()
            while (response := await http.post(path, json=body, headers=headers)).status_code == 503:
                await asyncio.sleep(0.2)
                asked.sent_at = now()
    answer = response.raise_for_status().json()
    asked.accepted_at, asked.task_id = now(), answer["task_id"]
    return str(answer["task_id"])


# --- deleting ------------------------------------------------------------------------------------------------------

MANY = 2000


async def fill(stage: Stage, project: str) -> None:
    """A project of many ended tasks, with files."""
    async with RedisDatabase.at(stage.server.url, deadline_s=10) as database:
        bus = RedisProgressBus(database)
        result = TaskResult(engine="none", artifacts=(), params={})
        for count in range(MANY):
            task_id = str(uuid.UUID(int=count))
            task = replace(
                queued(task_id, project, shot=f"{count % 300}").record(0),
                status=TaskStatus.SUCCEEDED,
                result=result,
                progress=1.0,
                ended_at=datetime.now(UTC),
            )
            await bus.publish(
                TaskImported(project_id=project, task_id=task_id, at=datetime.now(UTC), metadata={}, task=task)
            )
    for count in range(0, MANY, 100):
        home = stage.directory / "workspace" / project / str(uuid.UUID(int=count)) / "1"
        home.mkdir(parents=True)
        (home / "frame.png").write_bytes(b"a picture")


def keys_left(server: RedisServer, project: str) -> int:
    """How many keys the project has."""
    return number(server, "EVAL", f"return #redis.call('KEYS', 'auteur:project:{{{project}}}:*')", "0")


@long  # the other process looks once a minute
async def test_a_project_whose_deletion_was_killed_is_purged_by_another_process(tmp_path: Path) -> None:
    async def fault(stage: Stage) -> None:
        records = ("ZCARD", "auteur:project:{old}:succeeded")

        async def delete() -> None:
            async with stage.replicas[0].http() as http:
                await http.delete("/api/v1/projects/old")

        await killed_meanwhile(stage, delete(), lambda: 0 < number(stage.server, *records) < MANY)
        assert number(stage.server, *records) > 0
        held(stage).unlink()
        # what of it may be left: what says that it is deleted, and its last event
        await until(lambda: keys_left(stage.server, "old") == 2 and not number(stage.server, "SCARD", PURGING))
        await back_again(stage)

    async with Stage(tmp_path, planted="stops_purging") as stage:
        await fill(stage, "old")
        watching = [Watched("old", replica) for replica in (0, 1)]
        stage.record.watched += watching
        for watched in watching:
            stage.watch(watched)
        record = await stage.play(fault)
        for replica in stage.replicas:
            async with replica.http() as http:
                gone = await answered(http, "GET", "/api/v1/projects/old")
                assert (gone.status_code, gone.json()["error"]["code"]) == (410, "PROJECT_DELETED")
                body = {"task_type": "text_to_image", "params": FRAME}
                again = await http.post("/api/v1/projects/old/tasks", json=body)
                assert again.json()["error"]["code"] == "PROJECT_DELETED"
                assert (await answered(http, "DELETE", "/api/v1/projects/old")).status_code == 204
        assert not (tmp_path / "workspace" / "old").exists()
    said = broken(record, without=NOT_ALIVE)
    report("API killed while it deleted a project", record, held_by(without=NOT_ALIVE), said)
    assert said == [], figures(record)
    for watched in watching:
        assert [cut.code for cut in watched.seen if isinstance(cut, Cut)][-1] == 4410
    told = [heard.message["type"] for heard in watching[1].events]
    assert told == ["project_deleted"], "it lived through it, and was told"
    assert "Traceback" not in record.log, record.log[-5000:]


PURGING = "auteur:project:purging"


async def test_tasks_whose_deletion_was_killed_are_gone_and_their_files_go_with_the_repeat(tmp_path: Path) -> None:
    tasks = "/api/v1/projects/film-a/tasks"

    async def fault(stage: Stage) -> None:
        async with stage.replicas[1].http() as http:
            doomed = [await ask_for(stage, "film-a", FRAME) for _ in range(6)]
            async with awaited("all of them to be made"):
                for task_id in doomed:
                    while (await answered(http, "GET", f"{tasks}/{task_id}")).json()["status"] != "succeeded":
                        await asyncio.sleep(0.02)

            async def delete() -> None:
                async with stage.replicas[0].http() as asked_first:
                    for task_id in doomed:
                        answer = await answered(asked_first, "DELETE", f"{tasks}/{task_id}")
                        assert answer.status_code == 204

            tombstones = ("SCARD", "auteur:project:{film-a}:deleted")
            await killed_meanwhile(stage, delete(), lambda: number(stage.server, *tombstones) >= 3)
            home = tmp_path / "workspace" / "film-a"
            answers = [await answered(http, "GET", f"{tasks}/{task_id}") for task_id in doomed]
            gone = number(stage.server, *tombstones)
            assert [answer.status_code for answer in answers] == [410] * gone + [200] * (6 - gone)
            there = [(home / task_id).exists() for task_id in doomed]
            assert there == [False] * (gone - 1) + [True] * (7 - gone), "killed between a record and its files"
            held(stage).unlink()
            for task_id in doomed:
                assert (await answered(http, "DELETE", f"{tasks}/{task_id}")).status_code == 204
                assert not (home / task_id).exists()
                answer = await answered(http, "GET", f"{tasks}/{task_id}")
                assert (answer.status_code, answer.json()["error"]["code"]) == (410, "TASK_DELETED")
        await back_again(stage)

    async with Stage(tmp_path, planted="stops_removing") as stage:
        record = await stage.play(fault)
    said = broken(record, without=NOT_ALIVE)
    report("API killed while it deleted tasks", record, held_by(without=NOT_ALIVE), said)
    assert said == [], figures(record)
    assert "Traceback" not in record.log, record.log[-5000:]


# --- losing --------------------------------------------------------------------------------------------------------


async def test_an_open_task_whose_record_is_deleted_behind_our_back_ends_in_record_lost(tmp_path: Path) -> None:
    lost: set[str] = set()

    async def fault(stage: Stage) -> None:
        running = ("ZCARD", "auteur:project:{film-a}:running")
        asked = [await ask_for(stage, "film-a", LONGER) for _ in range(12)]
        await until(lambda: number(stage.server, *running))
        for task_id in asked:
            is_open = [stage.server.ask("ZSCORE", f"auteur:project:{{film-a}}:{s}", task_id) for s in OPEN]
            if (
                set(is_open) != {b"$-1"}
                and stage.server.ask("DEL", f"auteur:project:{{film-a}}:task:{task_id}") == b":1"
            ):
                lost.add(task_id)
        await asyncio.sleep(1)

    async with Stage(tmp_path) as stage:
        record = await stage.play(fault)
    said = broken(record)
    report("records of open tasks deleted", record, held_by(), said)
    assert said == [], figures(record)
    endings = {
        heard.message["task_id"]: heard.message["error_code"]
        for watched in record.watched
        for heard in watched.events
        if heard.message["type"] == "error"
    }
    assert len(lost) > 3
    # one that ended between our look and our deleting keeps its ending
    assert {task_id for task_id, code in endings.items() if code == "RECORD_LOST"} >= set(endings) & lost
    assert len(set(endings) & lost) > 3
    assert "Traceback" not in record.log, record.log[-5000:]


OPEN = ("queued", "running")

# --- carrying over -------------------------------------------------------------------------------------------------


class Before(Stage):
    """What the release of before left on a server: replicas of today are started on it."""

    async def __aenter__(self) -> "Before":
        self.server.start()
        self._stack.callback(self.server.stop)
        keys = json.loads(gzip.decompress((BEFORE / "redis" / "keys.json.gz").read_bytes()))
        async with RedisDatabase.at(self.server.url, deadline_s=10) as database:
            await brought_back(database, keys)
            self.run = str((await database.describe())["run_id"])[:8]
        (self.directory / "workspace").mkdir()
        with tarfile.open(fileobj=io.BytesIO((BEFORE / "redis" / "workspace.tar.gz").read_bytes())) as files:
            files.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later has it
            files.extractall(self.directory / "workspace")
        return self

    def bookmark(self, position: str) -> str:
        """A position of before, as clients have it that were served from this server."""
        epoch, seq = place(position)
        return f"{epoch}{self.run}-{seq}"


@pytest.mark.parametrize("killed", [False, True], ids=["in peace", "killed half-way"])
async def test_projects_of_before_are_carried_over_by_replicas_that_start_at_once(tmp_path: Path, killed: bool) -> None:
    before = expected("redis")

    async def fault(stage: Stage) -> None:
        if not killed:
            return
        server = stage.server

        def is_half_way() -> bool:
            return number(server, "ZCARD", "auteur:project:{long}:succeeded") > 0

        await until(is_half_way)
        assert server.ask("HGET", "auteur:project:{long}:meta", "v") == b"$-1", "it was carried over already"
        for replica in stage.replicas:
            await replica.kill()
        server.kill()
        held(stage).unlink()
        await asyncio.to_thread(server.start)
        stage.replicas[0].port, stage.replicas[1].port = (r.url.rpartition(":")[2] for r in stage.replicas)
        await asyncio.gather(*(replica.start() for replica in stage.replicas))

    projects = tuple(before["projects"])
    planted = "stops_carrying" if killed else None
    async with Before(tmp_path, projects=projects, planted=planted, sockets=1) as stage:
        assert isinstance(stage, Before)
        if killed:
            held(stage).touch()
        for project, known in before["projects"].items():
            history = [tuple(line.values()) if isinstance(line, dict) else line for line in known["history"]]
            stage.record.untold |= {(project, place(at)[1]) for at, kind, _ in history if kind == "CancelRequested"}
            stage.record.carried[project] = known["head_seq"]
            for replica in (0, 1):
                for mark in (history[0][0], known["position"]):
                    watched = Watched(project, replica, stage.bookmark(mark))
                    stage.record.watched.append(watched)
                    stage.watch(watched)
        await stage.open_replicas(until="/health/live")
        record = await stage.play(fault, lead_s=0)
        for replica in (0, 1):
            for project, known in before["projects"].items():
                tasks = {task["task_id"]: task for task in record.pages[replica, project]}
                for task in known["tasks"]:
                    here = {name: value for name, value in tasks[task["task_id"]].items() if name not in NEW_FIELDS}
                    assert task["status"] in OPEN or here == task, task["task_id"]
                    assert here["status"] not in OPEN, task["task_id"]
            async with stage.replicas[replica].http() as http:
                for path, (size, digest) in before["files"].items():
                    project, _, name = path.partition("/")
                    if project in projects and record.pages[replica, project] and _is_result(record, replica, path):
                        file = await http.get(f"/api/v1/projects/{project}/artifacts/{name}")
                        assert (len(file.content), hashlib.sha256(file.content).hexdigest()) == (size, digest), path
        for name in ("state", "ended"):
            assert all(not number(stage.server, "EXISTS", f"auteur:project:{{{p}}}:{name}") for p in projects)
    exempt = (*NOT_ALIVE, checks.p12_refused_in_time) if killed else ()
    name, said = "projects of before carried over", broken(record, without=exempt)
    report(f"{name}, killed half-way" if killed else name, record, held_by(without=exempt), said)
    assert said == [], figures(record)
    if not killed:
        greetings = [w.seen[0].message for w in record.watched if w.bookmark and isinstance(w.seen[0], Heard)]
        assert len(greetings) == 4 * len(projects)
        assert all(greeting["recovered"] for greeting in greetings), "their bookmarks hold"
    assert "Traceback" not in record.log, record.log[-5000:]


def _is_result(record: Any, replica: int, path: str) -> bool:
    """Whether a task's record names the file."""
    project = path.partition("/")[0]
    return any(
        artifact["path"] == path
        for task in record.pages[replica, project]
        if task["result"]
        for artifact in task["result"]["artifacts"]
    )
