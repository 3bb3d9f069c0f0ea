"""Faults on purpose, and what everybody saw. A short pass runs with all tests; ``make faults`` runs every one."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checks
from tests.faults.checks import broken, figures, held_by, measured_of
from tests.faults.matrix import IN_FULL, keep, long
from tests.faults.record import Record, now
from tests.faults.stage import Stage
from tests.waiting import awaited


def report(name: str, record: Record, held: Iterable[str] = (), said: Iterable[str] = ()) -> None:
    """Keeps the figures where ``AUTEUR_FAULTS`` names a file, for docs/reliability.md."""
    if IN_FULL:
        keep(name, "replicas", held, broken=said, figures=measured_of(record))
        with open(os.environ["AUTEUR_FAULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"fault": name, **figures(record)}) + "\n")


# --- the faults ----------------------------------------------------------------------------------------------------


async def nothing(stage: Stage) -> None:
    await asyncio.sleep(1)


def server_killed(away_s: float) -> Callable[[Stage], Awaitable[None]]:
    async def fault(stage: Stage) -> None:
        stage.server.kill()
        await asyncio.sleep(away_s)
        await asyncio.to_thread(stage.server.start)

    return fault


async def server_frozen(stage: Stage) -> None:
    stage.server.freeze()
    await asyncio.sleep(10)
    stage.server.thaw()


def connections_cut(lasting_s: float) -> Callable[[Stage], Awaitable[None]]:
    async def fault(stage: Stage) -> None:
        for _ in range(int(lasting_s / 0.2)):
            for proxy in stage.proxies:
                proxy.cut()
            await asyncio.sleep(0.2)

    return fault


def answers_lost(lasting_s: float) -> Callable[[Stage], Awaitable[None]]:
    async def fault(stage: Stage) -> None:
        for proxy in stage.proxies:
            proxy.lose_answers = True
        await asyncio.sleep(lasting_s)
        for proxy in stage.proxies:
            proxy.lose_answers = False
        assert (
            sum(proxy.lost for proxy in stage.proxies) > 1
        )  # what a process asks shares a connection, and so its loss

    return fault


async def server_full(stage: Stage) -> None:
    stage.server.ask("CONFIG", "SET", "maxmemory", "1")
    await asyncio.sleep(5)
    stage.server.ask("CONFIG", "SET", "maxmemory", "0")


async def log_deleted(stage: Stage) -> None:
    for project in stage.projects:
        assert stage.server.ask("DEL", f"auteur:project:{{{project}}}:log") == b":1"
    await asyncio.sleep(3)


async def meta_deleted(stage: Stage) -> None:
    for project in stage.projects:
        assert stage.server.ask("DEL", f"auteur:project:{{{project}}}:meta") == b":1"
    await asyncio.sleep(3)


async def everything_flushed(stage: Stage) -> None:
    assert stage.server.ask("FLUSHALL") == b"+OK"
    await asyncio.sleep(3)


async def replica_killed(stage: Stage) -> None:
    await stage.replicas[0].kill()
    await asyncio.sleep(3)
    port = stage.replicas[0].url.rpartition(":")[2]
    stage.replicas[0].port = port
    await stage.replicas[0].start()


async def replica_cut_off(stage: Stage) -> None:
    """Its notifier is lost again and again while the other replica goes on."""
    for _ in range(10):
        stage.server.ask("CLIENT", "KILL", "TYPE", "pubsub")
        await asyncio.sleep(0.3)


# --- what must hold ------------------------------------------------------------------------------------------------

NOT_ALIVE = (checks.p12_refused_in_time,)
DELETES, LATER = (checks.p6_nothing_accepted_is_lost,), (checks.p6_what_came_after_is_not_lost,)
FOLLOWS = (checks.p12_readiness_follows,)


@pytest.mark.parametrize(
    ("name", "fault", "exempt", "also"),
    [
        pytest.param("nothing", nothing, (), ()),
        pytest.param("server killed for 1 s", server_killed(1), (), FOLLOWS),
        pytest.param("every connection cut each 200 ms for 4 s", connections_cut(4), (), ()),
        pytest.param("answers of writes lost for 4 s", answers_lost(4), (), ()),
        pytest.param("log deleted", log_deleted, (), ()),
        pytest.param("server killed for 0.2 s", server_killed(0.2), (), FOLLOWS, marks=long),
        pytest.param("server killed for 5 s", server_killed(5), (), FOLLOWS, marks=long),
        pytest.param("server killed for 30 s", server_killed(30), (), FOLLOWS, marks=long),
        pytest.param("server frozen for 10 s", server_frozen, (), FOLLOWS, marks=long),
        pytest.param("every connection cut each 200 ms for 30 s", connections_cut(30), (), (), marks=long),
        pytest.param("answers of writes lost for 20 s", answers_lost(20), (), (), marks=long),
        pytest.param("server full for 5 s", server_full, (), (), marks=long),
        pytest.param("everything flushed", everything_flushed, DELETES, LATER, marks=long),
        pytest.param("a replica killed for 3 s", replica_killed, NOT_ALIVE, (), marks=long),
        pytest.param("notifications cut", replica_cut_off, (), (), marks=long),
    ],
)
async def test_the_promises_hold_over(
    tmp_path: Path, name: str, fault: Any, exempt: tuple[Any, ...], also: tuple[Any, ...]
) -> None:
    async with Stage(tmp_path) as stage:
        record = await stage.play(fault)
    said = broken(record, without=exempt, also=also)
    report(name, record, held_by(without=exempt, also=also), said)
    assert said == [], figures(record)
    assert figures(record)["accepted"] > 5
    assert "Traceback" not in record.log, record.log[-5000:]


@long
async def test_the_promises_hold_over_a_deleted_head_of_a_log_that_was_trimmed(tmp_path: Path) -> None:
    async with Stage(tmp_path, projects=("film",), tasks_per_s=10, history_events=200) as stage:
        record = await stage.play(meta_deleted, lead_s=10)
    report("head of the log deleted", record, held_by(), said := broken(record))
    assert said == [], figures(record)
    assert figures(record)["told_anew"] >= 4
    assert figures(record)["events"] > 250


@pytest.mark.parametrize(
    ("planted", "fault", "promises"),
    [
        ("no_gap_filling", replica_cut_off, {"P3", "P4"}),
        ("no_epoch", everything_flushed, {"P2", "P3", "P5"}),
        ("retries_on_writes", answers_lost(3), {"P2"}),
        ("no_result_kept", nothing, {"P5"}),
    ],
)
async def test_the_harness_catches(tmp_path: Path, planted: str, fault: Any, promises: set[str]) -> None:
    async with Stage(tmp_path, planted=planted) as stage:
        stage.patience_s = 8
        record = await stage.play(fault)
    assert promises & {said.split()[0] for said in broken(record)}, broken(record)


async def test_replicas_start_without_the_server_and_are_ready_soon_after_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        await stage.open_replicas(until="/health/live")
        for replica in stage.replicas:
            async with replica.http() as http:
                assert (await http.get("/health/ready")).status_code == 503
                health = (await http.get("/health")).json()
                assert health["checks"]["redis"] == "unavailable"
                refused = await http.post(
                    "/api/v1/projects/film/tasks", json={"task_type": "text_to_image", "params": {"prompt": "a field"}}
                )
                assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        stage.server.start()
        began = now()
        async with awaited("both replicas to be ready"):
            for replica in stage.replicas:
                async with replica.http() as http:
                    while (await http.get("/health/ready")).status_code != 200:
                        await asyncio.sleep(0.05)
        keep("start without Redis", "replicas", ["P12"], figures={"P12": {"ready, s": round(now() - began, 2)}})
        async with stage.replicas[0].socket() as here, stage.replicas[1].socket() as there:
            task_id = await here.start()
            assert (await there.ending(task_id))["type"] == "complete"
    finally:
        stage.server.stop()
        await stage.__aexit__()
