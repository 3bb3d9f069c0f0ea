"""What clients do to a service, on each deployment: many of them, foreign, hostile, and those who change their mind."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.e2e import test_watching
from tests.e2e.studio import LONG, TINY, endings
from tests.e2e.test_refusing import UNUSABLE
from tests.e2e.test_watching import open_sockets
from tests.faults import bystander
from tests.faults.bystander import timed
from tests.faults.matrix import keep, long
from tests.faults.record import Waits, now
from tests.faults.site import Site, site_of
from tests.faults.stalled import loop_worked_s, resident_kib
from tests.soak.looking import Held, Looker
from tests.waiting import awaited

TASKS = "/api/v1/projects/film/tasks"
BODY = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
WARM, CONNECTS, AT_A_TIME, POOL = 1000, 10_000, 20, 16
everywhere = pytest.mark.parametrize(
    "site", [pytest.param(on, marks=long) for on in ("embedded", "fleet")], indirect=True
)


@pytest.fixture
async def site(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    async with site_of(request.param, tmp_path, ws_messages_per_second=1000, engine_priority="normal") as made:
        yield made


async def come_and_go(site: Site, times: int) -> None:
    """Opens so many conversations, hears the greeting of each, and leaves; every third without a word."""
    url, left = f"{site.service.url.replace('http', 'ws', 1)}/ws/film", iter(range(times))

    async def visit() -> None:
        for number in left:
            # one that finds the log away for a moment is told to come back, and went all the same
            with contextlib.suppress(ConnectionClosed):
                async with connect(url, open_timeout=None, max_size=None) as socket:
                    await socket.recv()
                    if number % 3 == 0:
                        socket.transport.abort()

    await asyncio.gather(*(visit() for _ in range(AT_A_TIME)))


async def at_rest(site: Site, http: httpx.AsyncClient, looker: Looker) -> Held:
    """What it holds when nobody is there, and nothing is kept for who may come back."""
    assert site.service.process is not None
    async with awaited("no socket to be open"):
        while await open_sockets(http):
            await asyncio.sleep(0.05)
    async with awaited("what lingers to be gone"):
        while True:
            held = await looker.look(site.service.process.pid)
            if not any(name.startswith(("places", "hub", "follow")) for name in held.tasks):
                return held
            await asyncio.sleep(0.5)


@pytest.mark.parametrize("on", [pytest.param(on, marks=long) for on in ("embedded", "fleet")])
@pytest.mark.timeout(1800)
async def test_ten_thousand_connects_leave_nothing(on: str, tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.mkdir()
    looker, inside = Looker(told), ("tests.soak.inside", str(told))
    async with site_of(on, tmp_path, module=inside, ws_messages_per_second=1000) as site, site.service.http() as http:
        await come_and_go(site, WARM)
        before = await at_rest(site, http, looker)
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(500):
                await stack.enter_async_context(site.service.socket(open_timeout=None))
            idle_kib = resident_kib(site.service) / 500 - before.memory_mb * 1024 / 500
        before = await at_rest(site, http, looker)
        await come_and_go(site, CONNECTS)
        after = await at_rest(site, http, looker)
    left, tasks = after.descriptors - before.descriptors, after.task_count - before.task_count
    grown_kib, blocks = (after.memory_mb - before.memory_mb) * 1024, after.blocks - before.blocks
    figures = {
        "grown, KiB": round(grown_kib), "objects left": blocks, "descriptors left": left, "tasks left": tasks,
        "an idle socket, KiB": round(idle_kib),
    }  # fmt: skip
    kept = 0 if on == "embedded" else POOL  # connections to Redis, which are kept however many came
    found = {
        f"{left} descriptors are left": left > kept,
        f"tasks are left: {after.tasks}, before {before.tasks}": tasks > 0,
        f"{blocks} blocks of memory are left": blocks > CONNECTS / 10,
        f"it has grown by {grown_kib:.0f} KiB": grown_kib >= 16 << 10,
    }
    said = [f"P16 {what}" for what, is_so in found.items() if is_so]
    keep("10 000 connects and disconnects", on, ["P16"], broken=said, figures={"P16": figures})
    assert not said, figures


@everywhere
async def test_a_hundred_repeats_at_once_are_one_task(site: Site) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    async with site.service.http() as http:
        answers = await asyncio.gather(*(http.post(TASKS, json=BODY, headers=key) for _ in range(100)))
        other = await http.post(TASKS, json={**BODY, "params": {**TINY, "seed": 9}}, headers=key)
    told = {answer.json()["task_id"] for answer in answers}
    async with site.service.socket(after="0") as socket:
        for task in told:
            await socket.ending(task)
    made = endings(await site.service.events())
    keep("100 repeats at once", site.on, ["P8"], figures={"P8": {"duplicates": len(made) - 1}})
    assert (len(told), list(made.values()), other.status_code) == (1, [["complete"]], 409)


@everywhere
async def test_tasks_are_cancelled_while_they_wait_and_while_they_run(site: Site) -> None:
    worst = {"waiting, s": 0.0, "running, s": 0.0}
    async with site.service.socket() as socket:
        for _ in range(6):
            running = [await socket.start(LONG) for _ in range(3)]
            for task in running[:2]:
                await socket.wait(lambda m, task=task: m.get("task_id") == task and m.get("progress", 0) > 0)
            waiting = await socket.start(LONG)
            for kind, tasks, promised_s in (("waiting, s", [waiting], 2), ("running, s", running, 13)):
                for task in tasks:
                    async with timed() as cancel:
                        await socket.say("cancel", task_id=task)
                        assert (await socket.ending(task))["error_code"] == "TASK_CANCELLED"
                    worst[kind] = max(worst[kind], round(cancel.took_s, 2))
                    assert cancel.is_within(promised_s), cancel.took_s
                    again = await socket.answer(await socket.say("cancel", task_id=task))
                    assert again["error_code"] == "TASK_ENDED"
    keep("24 cancels", site.on, ["P9"], figures={"P9": worst})


@pytest.mark.parametrize("site", [pytest.param("embedded", marks=long), "fleet"], indirect=True)
async def test_a_foreign_page_is_let_in_nowhere(site: Site) -> None:
    await test_watching.test_a_foreign_page_opens_no_socket_and_changes_nothing(site.service)
    await test_watching.test_cors_is_open_for_the_frontend_only(site.service)
    keep("a foreign page", site.on, ["P15"], figures={"P15": {"accepted": 0}})


async def hostile(site: Site, rounds: int) -> list[int]:
    """Much of what should not be sent, by eight at once; the status of every answer."""
    statuses: list[int] = []
    bodies = [
        b"[" * 200_000, b"{" * 200_000, b'{"a":' * 40_000, b'"' + b"\\ud800" * 30_000 + b'"', b"\xff" * 262_144,
        json.dumps({**BODY, "metadata": {"a": "x" * 200_000}}).encode(), b"1" * 200_000, b"0" * 262_145,
        json.dumps({**BODY, "params": {f"k{n}": n for n in range(9000)}}).encode(),
    ]  # fmt: skip

    async def send() -> None:
        async with site.service.http() as http:
            for _ in range(rounds):
                for body in bodies:
                    answer = await http.post(TASKS, content=body, headers={"Content-Type": "application/json"})
                    statuses.append(answer.status_code)
                file = ("x.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 3_000_000)
                answer = await http.post("/api/v1/projects/film/uploads", files={"file": file})
                statuses.append(answer.status_code)

    async def talk() -> None:
        async with site.service.socket() as socket:
            for _ in range(rounds):
                for frame, _ in UNUSABLE.values():
                    await socket.connection.send(frame)
            await socket.answer(await socket.say("ping"))

    await asyncio.gather(*(send() for _ in range(5)), *(talk() for _ in range(3)))
    return statuses


@everywhere
async def test_hostile_input_answers_no_500_and_stops_nobody(site: Site) -> None:
    waits, probed, worked = Waits(), list[float](), list[float]()
    watching = asyncio.create_task(bystander.watch(waits))

    async def probe() -> None:
        async with site.service.http() as http:
            while True:
                began, worked_s = now(), loop_worked_s(site.service)
                assert (await http.get("/health/live")).status_code == 200
                probed.append(now() - began)
                worked.append(loop_worked_s(site.service) - worked_s)
                await asyncio.sleep(0.02)

    probing = asyncio.create_task(probe())
    statuses = await hostile(site, 4)
    for one in (probing, watching):
        one.cancel()
    await asyncio.wait({probing, watching})
    figures: dict[str, Any] = {
        "500s": statuses.count(500),
        "loop busy with others at most, ms": round(max(worked) * 1000),
        "others waited at most, ms": round(max(probed) * 1000),
        "a bystander waited at most, ms": round(waits.worst_s * 1000),
    }
    keep("hostile input", site.on, ["P13"], figures={"P13": figures})
    assert set(statuses) <= {400, 413, 415, 422, 429}, set(statuses)
    assert max(worked) <= 0.25, figures
