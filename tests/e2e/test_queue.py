"""Places in the queue, on real services: what GET shows, what a greeting shows and what is told live agree."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.studio import LONG, TINY, Listener, Service
from tests.servers import RedisServer
from tests.waiting import awaited

FILM = "/api/v1/projects/film"


@contextlib.asynccontextmanager
async def a_full_house(on: str, directory: Path, redis_server: RedisServer) -> AsyncIterator[Service]:
    """Where what is asked for waits: behind a long task, or on a fleet at which nobody works."""
    settings: dict[str, Any] = {"max_concurrent_tasks": 1, "ws_messages_per_second": 200, "shutdown_drain": 0.1}
    if on == "fleet":
        settings |= {"redis_url": redis_server.url, "redis_state_prefix": "places:", "run_tasks": "false"}
    service = await Service(directory, **settings).start()
    try:
        if on == "embedded":
            async with service.socket("another") as socket:
                long = await socket.start(LONG)
                await socket.wait(lambda m: m.get("task_id") == long and m["type"] == "progress" and m["progress"] > 0)
        yield service
    finally:
        await service.kill()


async def told(socket: Listener, condition: Callable[[dict[str, int]], bool], what: str) -> dict[str, int]:
    """What its user sees of the queue, once it is so."""
    async with awaited(what):
        while not condition(known(socket)):
            await asyncio.sleep(0.02)
    return known(socket)


def known(socket: Listener) -> dict[str, int]:
    return {task["task_id"]: task["queue_position"] for message in socket.places for task in message["tasks"]}


async def as_read(http: httpx.AsyncClient) -> dict[str, int]:
    state = (await http.get(FILM)).json()
    return {task["task_id"]: task["queue_position"] for task in state["tasks"] if task["status"] == "queued"}


@pytest.mark.parametrize("on", ["embedded", "fleet"])
async def test_what_is_read_and_what_is_told_agree(on: str, tmp_path: Path, redis_server: RedisServer) -> None:
    async with a_full_house(on, tmp_path, redis_server) as service, service.http() as http, service.socket() as socket:
        ids = [await socket.start({**TINY, "seed": number}) for number in range(6)]
        first = await told(socket, lambda places: len(places) == 6, "six places")
        assert first == await as_read(http) == {task_id: place for place, task_id in enumerate(ids, 1)}
        await socket.say("cancel", task_id=ids[1])
        await socket.ending(ids[1])
        second = await told(socket, lambda places: places[ids[5]] == 5, "those behind it to move up")
        assert {task_id: place for task_id, place in second.items() if task_id != ids[1]} == await as_read(http)
        for task_id, place in (await as_read(http)).items():
            assert (await http.get(f"{FILM}/tasks/{task_id}")).json()["queue_position"] == place
        async with service.socket() as late:
            greeting = await late.wait(lambda m: m["type"] == "connected")
            greeted = {task["task_id"]: task.get("queue_position") for task in greeting["state"]["tasks"]}
            live = await told(late, lambda places: len(places) == 5, "who comes late to be told")
            read = await as_read(http)
            assert live == read
            assert {task_id: place for task_id, place in greeted.items() if task_id in read} == read
        starts = [task.get("starts_in_s") for message in socket.places for task in message["tasks"]]
        if on == "fleet":
            assert set(starts) == {None}, "nobody works there: nobody can say when it starts"
        else:
            assert any(start is not None for start in starts)
        for message in socket.places:
            assert "position" not in message
            assert message["waiting"] <= 6


async def test_a_start_is_about_when_it_was_said_to_be(tmp_path: Path) -> None:
    """Within a factor of three, or three seconds, of a task of a kind that was made before."""
    params = {**TINY, "width_px": 128, "height_px": 128, "steps": 60}
    service = await Service(tmp_path, max_concurrent_tasks=1, engine_priority="normal").start()
    try:
        async with service.socket() as socket:
            await socket.ending(await socket.start(params))
            ids = [await socket.start({**params, "seed": number}) for number in range(5)]
            for task_id in ids:
                await socket.ending(task_id)
            begun = {m["task_id"]: m["timestamp"] for m in socket.heard if m.get("stage") == "started"}
            guesses = [
                (message["timestamp"], task["starts_in_s"], begun[task["task_id"]])
                for message in socket.places
                for task in message["tasks"]
                if "starts_in_s" in task
            ]
            assert guesses
            wrong = [guess for guess in guesses if not _near(*guess)]
            assert len(wrong) <= len(guesses) / 4, (wrong, guesses)
    finally:
        await service.kill()


def _near(said_at: str, starts_in_s: float, began_at: str) -> bool:
    took_s = (datetime.fromisoformat(began_at) - datetime.fromisoformat(said_at)).total_seconds()
    return abs(took_s - starts_in_s) < 3 or starts_in_s / 3 < took_s < starts_in_s * 3


async def test_on_a_stream_of_events_a_place_has_no_id_and_moves_no_bookmark(tmp_path: Path) -> None:
    async with a_full_house("embedded", tmp_path, None) as service, service.http() as http:  # type: ignore[arg-type]
        body = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
        task_id = (await http.post(f"{FILM}/tasks", json=body)).json()["task_id"]
        events: list[dict[str, str]] = [{}]
        async with awaited("a place on the stream"), http.stream("GET", f"{FILM}/events") as stream:
            async for line in stream.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    events[-1][name] = value
                elif (message := json.loads(events[-1].get("data", "{}"))).get("type") == "queue":
                    break
                else:
                    events.append({})
        assert "id" not in events[-1]
        assert message["tasks"][0]["task_id"] == task_id
        assert message["tasks"][0]["queue_position"] == 1
        assert [event["id"] for event in events[:-1] if "data" in event] == [
            json.loads(event["data"])["position"] for event in events[:-1] if "data" in event
        ]
