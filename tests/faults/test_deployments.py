"""The faults that an embedded service and a fleet can meet: disks, files, clients and processes, each on both."""

import asyncio
import contextlib
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checks
from tests.faults.checks import broken, figures, held_by, measured_of
from tests.faults.deployments import Embedded, Fleet
from tests.faults.lives import p1_one_ending, p8_nothing_made_unasked
from tests.faults.matrix import keep, long
from tests.faults.stage import Stage
from tests.faults.test_faults import (
    DELETES,
    FOLLOWS,
    LATER,
    answers_lost,
    connections_cut,
    log_deleted,
    nothing,
    server_frozen,
    server_full,
    server_killed,
)
from tests.places import fill, make_read_only, make_writable, small_file_system
from tests.waiting import awaited

Fault = Callable[[Any], Awaitable[None]]
AWAY_S = 5.0
NOT_ALIVE = (checks.p12_refused_in_time,)


# --- faults of the embedded service --------------------------------------------------------------------------------


def service_killed(away_s: float, times: int = 1) -> Fault:
    async def fault(stage: Embedded) -> None:
        for _ in range(times):
            await stage.replicas[0].kill()
            await asyncio.sleep(away_s)
            await stage.restart()
            await asyncio.sleep(away_s if times > 1 else 0)

    return fault


async def service_frozen(stage: Embedded) -> None:
    stage.replicas[0].freeze()
    await asyncio.sleep(20)
    stage.replicas[0].thaw()


async def file_deleted(stage: Embedded) -> None:
    """The file goes under a running service, which is then started again."""
    for path in (stage.workspace / ".auteur").glob("auteur.db*"):
        path.unlink()
    await asyncio.sleep(3)
    await stage.replicas[0].kill()
    await stage.restart()


async def file_locked(stage: Embedded) -> None:
    """Somebody else writes to it, and takes long."""
    holds = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); time.sleep(5)"
    holder = await asyncio.create_subprocess_exec(
        "python3", "-c", holds, str(stage.workspace / ".auteur" / "auteur.db")
    )
    await holder.wait()


# --- faults of disks and clients, on either ------------------------------------------------------------------------


async def log_disk_full(stage: Stage) -> None:
    hog = stage.directory / "small-log" / "hog"
    fill(hog)
    await asyncio.sleep(AWAY_S)
    hog.unlink()


async def workspace_full(stage: Stage) -> None:
    hog = stage.directory / "workspace" / "hog"
    fill(hog)
    await asyncio.sleep(AWAY_S)
    hog.unlink()


async def workspace_read_only(stage: Stage) -> None:
    make_read_only(stage.directory / "workspace")
    await asyncio.sleep(AWAY_S)
    make_writable(stage.directory / "workspace")


async def all_clients_cut_once(stage: Stage) -> None:
    async with awaited("everybody to be there"):
        while not all(watched.seen for watched in stage.record.watched):
            await asyncio.sleep(0.05)
    assert stage.cut_clients() > 450
    await asyncio.sleep(1)


async def all_clients_cut_again_and_again(stage: Stage) -> None:
    for _ in range(25):
        stage.cut_clients()
        await asyncio.sleep(0.2)


@contextlib.contextmanager
def disks(directory: Path, embedded: bool) -> Iterator[None]:
    """The workspace on a small disk, and the log on another."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(small_file_system(directory / "small-log", "24m"))
        stack.enter_context(small_file_system(directory / "workspace", "24m"))
        if embedded:
            private = directory / "workspace" / ".auteur"
            private.mkdir()
            subprocess.run(["mount", "--bind", str(directory / "small-log"), str(private)], check=True)
            stack.callback(subprocess.run, ["umount", "-l", str(private)], check=True)
        yield


EMBEDDED = [
    pytest.param("the log's disk full for 5 s", log_disk_full, {"disks": True}, (), FOLLOWS),
    pytest.param("nothing", nothing, {}, (), (), marks=long),
    pytest.param("the service killed for 0.2 s, five times", service_killed(0.2, 5), {}, NOT_ALIVE, (), marks=long),
    pytest.param("the service killed for 5 s", service_killed(5), {}, NOT_ALIVE, (), marks=long),
    pytest.param("the service frozen for 20 s", service_frozen, {}, NOT_ALIVE, (), marks=long),
    pytest.param("the log deleted", file_deleted, {}, (*NOT_ALIVE, *DELETES), LATER, marks=long),
    pytest.param("the log locked for 5 s", file_locked, {}, (), FOLLOWS, marks=long),
]
FLEET = [
    pytest.param("the log's disk full for 5 s", log_disk_full, {"disks": True}, (), FOLLOWS, marks=long),
    pytest.param("nothing", nothing, {}, (), (), marks=long),
    pytest.param("Redis killed for 0.2 s", server_killed(0.2), {}, (), FOLLOWS, marks=long),
    pytest.param("Redis killed for 5 s", server_killed(5), {}, (), FOLLOWS, marks=long),
    pytest.param("Redis killed for 30 s", server_killed(30), {}, (), FOLLOWS, marks=long),
    pytest.param("Redis frozen for 10 s", server_frozen, {}, (), FOLLOWS, marks=long),
    pytest.param("every Redis connection cut each 200 ms", connections_cut(10), {}, (), (), marks=long),
    pytest.param("answers of writes lost for 10 s", answers_lost(10), {}, (), (), marks=long),
    pytest.param("Redis full for 5 s", server_full, {}, (), (), marks=long),
    pytest.param("the log deleted", log_deleted, {}, (), (), marks=long),
]
BOTH = [
    pytest.param("the workspace full for 5 s", workspace_full, {"disks": True}, (), FOLLOWS, marks=long),
    pytest.param("the workspace read-only for 5 s", workspace_read_only, {"disks": True}, (), FOLLOWS, marks=long),
    pytest.param("500 clients cut at once", all_clients_cut_once, {"clients": 500}, NOT_ALIVE, (), marks=long),
    pytest.param(
        "every client cut each 200 ms", all_clients_cut_again_and_again, {"clients": 12}, NOT_ALIVE, (), marks=long
    ),
]


@pytest.mark.parametrize(("name", "fault", "ground", "exempt", "also"), [*EMBEDDED, *BOTH])
@pytest.mark.timeout(300)
async def test_an_embedded_service_keeps_its_promises_over(
    tmp_path: Path, name: str, fault: Fault, ground: dict[str, Any], exempt: tuple[Any, ...], also: tuple[Any, ...]
) -> None:
    await hold(Embedded(tmp_path, sockets=sockets_for(ground, 3)), name, fault, ground, exempt, also)


@pytest.mark.parametrize(("name", "fault", "ground", "exempt", "also"), [*FLEET, *BOTH])
@pytest.mark.timeout(300)
async def test_a_fleet_keeps_its_promises_over(
    tmp_path: Path, name: str, fault: Fault, ground: dict[str, Any], exempt: tuple[Any, ...], also: tuple[Any, ...]
) -> None:
    stage = Fleet(tmp_path, sockets=sockets_for(ground, 6))
    if ground.get("disks"):
        stage.server.directory = tmp_path / "small-log"
    await hold(stage, name, fault, ground, exempt, also)


def sockets_for(ground: dict[str, Any], places: int) -> int:
    return -(-ground.get("clients", 2 * places) // places)


async def hold(
    stage: Embedded | Fleet,
    name: str,
    fault: Fault,
    ground: dict[str, Any],
    exempt: tuple[Any, ...],
    also: tuple[Any, ...],
) -> None:
    """Plays the fault, and checks and keeps what everybody saw."""
    with contextlib.ExitStack() as here:
        if ground.get("disks"):
            here.enter_context(disks(stage.directory, stage.on == "embedded"))
        async with stage:
            record = await stage.play(fault)
            lives = await stage.lives()
    said = broken(record, without=exempt, also=also)
    held = held_by(without=exempt, also=also)
    if not also or also != LATER:
        # of what was recorded before its log was deleted the log says nothing; what others heard is checked still
        since = record.outage[0] if fault is log_deleted else 0.0
        accepted = {asked.task_id: asked.sent_at or 0.0 for asked in record.asked if asked.task_id}
        kept = [task_id for task_id, at in accepted.items() if at >= since]
        said += [*p1_one_ending(lives, kept), *p8_nothing_made_unasked(lives, accepted)]
        held |= {"P1", "P8"}
    measured = {promise: seen for promise, seen in measured_of(record).items() if promise in held}
    keep(name, stage.on, held, broken=said, figures=measured)
    assert said == [], figures(record)
    assert figures(record)["accepted"] > 5
    assert "Traceback" not in record.log, record.log[-5000:]
