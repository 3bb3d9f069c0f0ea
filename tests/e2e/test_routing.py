"""Two engines for one task type in a real service: wished, preferred, down, back, and fallen back from."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.studio import TINY, Message, Service, Worker
from tests.faults.bystander import timed
from tests.plugins import make_rival
from tests.servers import RedisServer
from tests.waiting import awaited

FRAME = {"prompt": "a field", "width_px": 64, "height_px": 64}
EAGER = {"engine_order": '{"*": ["rival"]}', "engine_check_interval": "0.2"}


class Switch:
    """Brings the rival down and up again, in every process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set("up")

    def set(self, state: str) -> None:
        self.path.write_text(state)


@pytest.fixture
def switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Switch:
    make_rival(tmp_path / "site")
    monkeypatch.setenv("STUDIO_SITE", str(tmp_path / "site"))
    return Switch(tmp_path / "switch")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path / "redis").start()
    yield running
    running.stop()


@pytest.fixture
def workers() -> list[Worker]:
    """Those that run the service's tasks; none, if it runs them itself."""
    return []


@pytest.fixture(params=["embedded", "fleet"])
async def service(
    request: pytest.FixtureRequest, tmp_path: Path, switch: Switch, workers: list[Worker]
) -> AsyncIterator[Service]:
    """A service with both engines; in a fleet its tasks are run by two workers that have both."""
    settings: dict[str, Any] = {**EAGER, "rival_switch": switch.path}
    (tmp_path / "workspace").mkdir()
    if request.param == "fleet":
        url = request.getfixturevalue("server").url
        settings |= {"redis_url": url}
        workers += [await Worker(tmp_path / "workspace", **settings).start() for _ in range(2)]
        settings |= {"run_tasks": "false"}
    running = await Service(tmp_path / "workspace", **settings).start()
    yield running
    for process in (running, *workers):
        await process.kill()
        assert "Traceback" not in process.log, process.log[-4000:]


async def until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    async with awaited(what):
        while not await look():
            await asyncio.sleep(0.05)


async def rival_is(service: Service, up: bool) -> None:
    async def look() -> bool:
        async with service.http() as http:
            told = (await http.get("/health")).json()["engines"]
        return [engine["up"] for engine in told if engine["engine"] == "rival"] == [up]

    await until(look, f"the rival is not told to be {'up' if up else 'down'}")


async def know_that_rival_is_down(workers: list[Worker]) -> None:
    """Each asks for itself: one that has not yet may begin a task, and puts it back."""
    async with awaited("every worker to know that the rival is down"):
        while not all(any(line["event"] == "an engine is down" for line in worker.log_lines) for worker in workers):
            await asyncio.sleep(0.05)


async def ask(service: Service, **request: Any) -> Message:
    async with service.http() as http:
        answer = await http.post(
            "/api/v1/projects/film/tasks",
            json={"task_type": "text_to_image", "quality": "draft", "params": FRAME, **request},
        )
        assert answer.status_code == 202, answer.text
        told: Message = answer.json()
        return told


async def ended(service: Service, task: Message) -> Message:
    found: Message = {}

    async def look() -> bool:
        async with service.http() as http:
            found.update((await http.get(f"/api/v1/projects/film/tasks/{task['task_id']}")).json())
        return found["status"] in ("succeeded", "failed", "cancelled")

    await until(look, f"the task has not ended: {found}")
    return found


async def test_the_first_of_the_order_makes_it_unless_another_is_wished(service: Service) -> None:
    task = await ask(service)
    assert task["engine"] == "rival"
    result = (await ended(service, task))["result"]
    assert (result["engine"], result["routing"]["reason"]) == ("rival", "first")
    wished = await ended(service, await ask(service, engine="previs", params=TINY))
    assert (wished["result"]["engine"], wished["result"]["routing"]["reason"]) == ("previs", "asked")
    async with service.http() as http:
        body = {"task_type": "text_to_image", "params": FRAME, "engine": "cog"}
        refused = await http.post("/api/v1/projects/film/tasks", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "UNKNOWN_ENGINE")
    assert refused.json()["error"]["details"]["known"] == ["rival", "previs"]


async def test_an_engine_that_is_down_is_shown_everywhere_and_the_service_stays_ready(
    service: Service, switch: Switch
) -> None:
    switch.set("down")
    await rival_is(service, up=False)
    async with service.http() as http:
        health = (await http.get("/health")).json()
        assert health["status"] == "healthy"
        told = {"part": "engines", "code": "engine_down", "cause": "rival: no server answers"}
        assert told in health["notes"]
        assert (await http.get("/health/ready")).status_code == 200
        (rival,) = [e for e in (await http.get("/api/v1/info")).json()["engine_status"] if e["engine"] == "rival"]
        assert rival == {"engine": "rival", "task_types": ["text_to_image"], "up": False, "reason": "no server answers"}
        types = {t["name"]: t for t in (await http.get("/api/v1/task-types")).json()["task_types"]}
        frames = types["text_to_image"]
        assert [(e["engine"], e["up"], e["reason"]) for e in frames["engines"]] == [
            ("rival", False, "no server answers"), ("previs", True, ""),
        ]  # fmt: skip
        assert frames["engine"] == "rival"
        assert "sampler" in frames["params_schema"]["properties"]
        assert "style" in frames["engines"][1]["params_schema"]["properties"]
        assert re.search(
            r'auteur_engine_up\{engine="rival",task_type="text_to_image"\} 0\.0', (await http.get("/metrics")).text
        )
    task = await ask(service)
    assert task["engine"] == "previs"
    assert (await ended(service, task))["result"]["routing"]["passed_over"] == {"rival": "no server answers"}
    switch.set("up")
    await rival_is(service, up=True)
    assert (await ask(service))["engine"] == "rival"


async def test_a_task_that_wished_for_an_engine_waits_for_it_and_others_go_before(
    service: Service, switch: Switch, workers: list[Worker]
) -> None:
    switch.set("down")
    await rival_is(service, up=False)
    await know_that_rival_is_down(workers)
    async with service.socket() as socket:
        waiting = [await socket.start(params=FRAME, engine="rival") for _ in range(4)]
        notice = next(m["notice"] for m in socket.heard if m["type"] == "task_started")
        assert notice == "The engine rival is down (no server answers); the task waits for it."
        assert (await ask(service, engine="previs", params=TINY)).get("notice") is None
        async with service.http() as http:
            read = (await http.get(f"/api/v1/projects/film/tasks/{waiting[0]}")).json()
            (listed,) = [
                t for t in (await http.get("/api/v1/projects/film")).json()["tasks"] if t["task_id"] == waiting[0]
            ]
        assert (read["notice"], listed["notice"]) == (notice, notice), "who reads it is told as who hears it"
        other = await socket.start(params=TINY, engine="previs")
        assert (await socket.ending(other))["result"]["engine"] == "previs"
        early = [m for m in socket.heard if m.get("task_id") in waiting and m["type"] != "task_started"]
        assert early == [], [(m["type"], m.get("stage"), m.get("message"), m.get("attempt")) for m in early]
        switch.set("up")
        for task in waiting:
            assert (await socket.ending(task))["result"]["engine"] == "rival"
    events = await service.events()
    started = [m for m in events if m["type"] == "progress" and m["stage"] == "started" and m["task_id"] in waiting]
    assert [m["attempt"] for m in started] == [1] * 4, "waiting costs no attempt"


async def test_a_task_under_which_the_engine_falls_goes_to_the_next_one(service: Service, switch: Switch) -> None:
    switch.set("falls")
    task = await ended(service, await ask(service, params={**FRAME, "sampler": "euler", "seed": 3}))
    result = task["result"]
    assert (result["engine"], result["routing"]["reason"]) == ("previs", "fallback")
    assert result["routing"]["left_out"] == ["sampler"]
    assert result["params"]["prompt"] == "a field"
    assert result["seed"] == 3
    assert task["engine"] == "rival", "what was accepted is told as it was"


async def test_an_engine_that_hangs_stalls_nothing(service: Service, switch: Switch) -> None:
    switch.set("hangs")
    await rival_is(service, up=False)
    for _ in range(10):
        async with timed() as answer:
            assert (await ask(service))["engine"] == "previs"
        assert answer.is_within(1.5), f"{answer.took_s} s: nobody waits for an engine that is known to hang"


async def test_tasks_that_wait_go_on_after_a_restart(tmp_path: Path, switch: Switch) -> None:
    switch.set("down")
    first = Service(tmp_path, **EAGER, rival_switch=switch.path)
    await first.start()
    await rival_is(first, up=False)
    task = await ask(first, engine="rival")
    await first.kill()
    second = await first.again()
    try:
        await rival_is(second, up=False)
        switch.set("up")
        assert (await ended(second, task))["result"]["engine"] == "rival"
    finally:
        await second.kill()


async def test_tasks_that_wait_too_long_fail_with_the_reason(tmp_path: Path, switch: Switch) -> None:
    switch.set("down")
    service = await Service(tmp_path, **EAGER, rival_switch=switch.path, engine_wait="0.5").start()
    try:
        await rival_is(service, up=False)
        failed = await ended(service, await ask(service, engine="rival"))
        assert failed["error"] == {
            "code": "ENGINE_DOWN",
            "message": "The engine rival is down: no server answers.",
            "details": {"engine": "rival"},
        }
    finally:
        await service.kill()


async def test_workers_take_only_what_they_have_an_engine_for_and_hand_on_what_another_can_make(
    tmp_path: Path, switch: Switch, server: RedisServer
) -> None:
    """One worker with the rival only, one with previs only, and a service that knows both."""
    settings: dict[str, Any] = {**EAGER, "redis_url": server.url, "rival_switch": switch.path}
    rival = await Worker(tmp_path, **settings, engines="rival", container_name="rival").start()
    service = await Service(tmp_path, **settings, run_tasks="false").start()
    processes: list[Service] = [service, rival]
    try:
        first = await ask(service, params=TINY | {"style": "board"}, engine="previs")
        assert (await ended(service, await ask(service)))["result"]["engine"] == "rival"
        async with service.http() as http:
            still = (await http.get(f"/api/v1/projects/film/tasks/{first['task_id']}")).json()
        assert still["status"] == "queued", "nobody at work has previs"
        previs = await Worker(tmp_path, **settings, engines="storyboard", container_name="previs").start()
        processes.append(previs)
        assert (await ended(service, first))["result"]["engine"] == "previs"
        switch.set("falls")  # under the task, at a worker that has nothing else
        task = await ended(service, await ask(service, params={**FRAME, "sampler": "euler"}))
        assert (task["result"]["engine"], task["result"]["routing"]["reason"]) == ("previs", "fallback")
        assert task["result"]["routing"]["left_out"] == ["sampler"]
    finally:
        for process in processes:
            await process.kill()
