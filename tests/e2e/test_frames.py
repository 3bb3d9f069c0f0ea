"""A client that takes no frame beyond 256 KiB, on a project of thousands of tasks, some as large as they may be.

``AUTEUR_TASKS=100000`` makes that many.
"""

import asyncio
import json
import os
import random
import socket as sockets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic_core import to_json
from websockets.asyncio.client import ClientConnection, connect

from auteur.domain.events import TaskImported
from auteur.domain.task import Artifact, Task, TaskRequest, TaskResult, TaskStatus
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.edge.limits import Edge
from auteur.entrypoints.server import room_for, server_config
from auteur.entrypoints.settings import load_settings
from auteur.protocol.incoming import MAX_METADATA_BYTES, MAX_PARAMS_BYTES
from tests.fakes import START
from tests.keeping import make_in, wait_in
from tests.servers import RedisServer
from tests.waiting import LONG_S, awaited

TASKS = int(os.environ.get("AUTEUR_TASKS", "3000"))
FRAME = 256 << 10
FILM = "/api/v1/projects/film"

LETTERS = {"ascii": "x", "four bytes each": "🎬", "three bytes each": "灯", "six bytes each": "\x01"}


def as_large_as_may_be(letter: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Params and metadata."""
    each = len(to_json(letter)) - 2
    params = {"prompt": letter * ((MAX_PARAMS_BYTES - 24) // each), "seed": 1}
    metadata = {"note": letter * ((MAX_METADATA_BYTES - 24) // each)}
    assert MAX_PARAMS_BYTES - 30 < len(to_json(params)) <= MAX_PARAMS_BYTES
    assert MAX_METADATA_BYTES - 30 < len(to_json(metadata)) <= MAX_METADATA_BYTES
    return params, metadata


def imported(number: int, letter: str | None, project: str = "film") -> TaskImported:
    params, metadata = as_large_as_may_be(letter) if letter else ({"prompt": f"shot {number}", "seed": 1}, {})
    name = str(uuid.UUID(int=number))
    at = START + timedelta(seconds=number)
    artifact = Artifact(
        name="frame.png", kind="image", path=f"{project}/{name}/1/frame.png", media_type="image/png", size_bytes=9,
        sha256="ab" * 32, width_px=64, height_px=64,
    )  # fmt: skip
    task = Task(
        task_id=name, project_id=project, metadata=metadata, status=TaskStatus.SUCCEEDED, queued_at=at, queued_seq=1,
        progress=1.0, attempt=1, started_at=at, ended_at=at,
        request=TaskRequest(
            task_type="text_to_image", quality="draft", params=params, origins=dict.fromkeys(params, "caller"),
            lane="interactive", timeout_s=30, message_id=name, fingerprint="f", queue_position=1,
        ),
        result=TaskResult(engine="test", artifacts=(artifact,), params=params, seed=1),
    )  # fmt: skip
    return TaskImported(project_id=project, task_id=name, at=at, metadata=metadata, task=task)


@pytest.fixture(params=["sqlite", "redis"])
async def container(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Container]:
    where: dict[str, Any] = {"backend": "sqlite"}
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        where = {"redis_url": server.url, "redis_state_prefix": f"{tmp_path.name}:"}
    made = build(load_settings(workspace_root=tmp_path, shutdown_drain=0.0, log_level="ERROR", **where))
    async with lifetime(made, resume=False):  # what waits is not taken up
        yield made


@asynccontextmanager
async def served(container: Container) -> AsyncIterator[str]:
    """The address of a real server in this process."""
    listener = sockets.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(container, opened=True, port=port)
    server = uvicorn.Server(server_config(app, Edge.of(container.settings(), room_for)))
    listener.listen()  # so that who comes before the server waits
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield f"127.0.0.1:{port}"
    finally:
        container.closing().set()  # sockets are told to come back, as at every stop
        server.should_exit = True
        await running
        listener.close()


async def hear(connection: ClientConnection, kind: str) -> dict[str, Any]:
    async with awaited(f"a message of the type {kind}"):
        while True:
            text = await connection.recv(decode=False)
            assert len(text) <= FRAME
            message: dict[str, Any] = json.loads(text)
            if message["type"] == kind:
                return message


async def rest_of(http: httpx.AsyncClient, state: dict[str, Any], limit: int = 100) -> list[str]:
    """All tasks, from the state on by its cursor."""
    seen = [task["task_id"] for task in state["tasks"]]
    cursor = state["next"]
    while cursor is not None:
        answer = await http.get(f"{FILM}/tasks", params={"cursor": cursor, "limit": limit})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen += [task["task_id"] for task in page["tasks"]]
        cursor = page["next"]
    return seen


async def test_it_connects_pages_through_all_hears_what_happens_and_resumes(container: Container) -> None:
    bus = container.bus()
    drawn = random.Random(7)
    letters = list(LETTERS.values())
    for number in range(TASKS):
        newest = number >= TASKS - 40
        letter = letters[number % len(letters)] if newest or drawn.random() < 0.01 else None
        await bus.publish(imported(number, letter))
    everything = [str(uuid.UUID(int=number)) for number in reversed(range(TASKS))]
    async with served(container) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=LONG_S) as http:
        async with connect(f"ws://{address}/ws/film", max_size=FRAME) as connection:
            greeting = await hear(connection, "connected")
            state = greeting["state"]
            assert state["counts"]["succeeded"] == TASKS
            assert state["next"] is not None
            assert await rest_of(http, state) == everything, "each task once, newest first"
            whole = await http.get(FILM)
            assert len(whole.content) <= FRAME
            params, metadata = as_large_as_may_be("🎬")
            live = await make_in(bus, None, params=params, metadata=metadata)
            assert (await hear(connection, "task_started"))["params"]["prompt"] == params["prompt"]
            assert (await hear(connection, "progress"))["task_id"] == live.task_id
            done = await hear(connection, "complete")
        missed = [await make_in(bus, None, params=params, metadata=metadata) for _ in range(3)]
        again = f"ws://{address}/ws/film?after={done['position']}"
        async with connect(again, max_size=FRAME) as connection:
            greeting = await hear(connection, "connected")
            assert greeting["recovered"]
            for event in missed:
                assert (await hear(connection, "complete"))["task_id"] == event.task_id
        async with connect(f"ws://{address}/ws/film", max_size=FRAME) as connection:
            state = (await hear(connection, "connected"))["state"]
            newest = [event.task_id for event in [live, *missed][::-1]]
            assert await rest_of(http, state, 200) == newest + everything


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
async def test_more_open_tasks_than_one_greeting_holds_are_met_by_its_cursor(container: Container, letter: str) -> None:
    bus = container.bus()
    params, metadata = as_large_as_may_be(letter)
    ended = [(await make_in(bus, None, params=params, metadata=metadata)).task_id for _ in range(5)]
    waiting = [(await wait_in(bus, params=params, metadata=metadata)).task_id for _ in range(20)]
    async with served(container) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=LONG_S) as http:
        async with connect(f"ws://{address}/ws/film", max_size=FRAME) as connection:
            state = (await hear(connection, "connected"))["state"]
        assert 0 < len(state["tasks"]) < len(waiting)
        assert (state["counts"]["queued"], state["counts"]["succeeded"]) == (20, 5)
        assert [task["queue_position"] for task in state["tasks"]] == list(range(1, len(state["tasks"]) + 1))
        assert await rest_of(http, state, 3) == waiting + ended[::-1]


async def test_a_task_as_large_as_may_be_that_is_known_again_fits_too(container: Container) -> None:
    async with served(container) as address, connect(f"ws://{address}/ws/film", max_size=FRAME) as connection:
        await hear(connection, "connected")
        for number, letter in enumerate(LETTERS.values()):
            await container.bus().publish(imported(number, letter))
            assert (await hear(connection, "task_imported"))["task_id"] == str(uuid.UUID(int=number))
