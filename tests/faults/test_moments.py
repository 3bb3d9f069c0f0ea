"""Whoever runs a task is killed, frozen or blocked at each moment of its life; then what everybody saw, and the log."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.studio import TINY, Service, endings, is_ending
from tests.faults import checks
from tests.faults.checks import broken, figures, measured_of
from tests.faults.deployments import Embedded, Fleet, struck_at
from tests.faults.lives import (
    Harm,
    Lives,
    hand_over_s,
    p1_files_of_the_winner,
    p1_one_ending,
    p7_taken_over_from_the_lost_alone,
    p8_nothing_made_unasked,
)
from tests.faults.matrix import keep, long
from tests.faults.moments import AWAY_S
from tests.faults.record import Record
from tests.faults.stage import Stage
from tests.waiting import awaited

HAND_OVER_S = 15.0
NOT_THERE = (checks.p12_refused_in_time,)
SHORT = [("before_ending", "kill")]
MOMENTS = ["at_claim", "begun", "mid_run", "files_kept", "before_ending", "after_ending"]
CASES = [
    *((moment, "kill") for moment in MOMENTS),
    *((moment, "freeze") for moment in ("begun", "mid_run", "files_kept", "before_ending", "after_ending")),
    ("mid_run", "block"),
]
every_case = pytest.mark.parametrize(
    ("moment", "how"), [pytest.param(*case, marks=() if case in SHORT else long) for case in CASES]
)


async def away(process: Service, how: str) -> None:
    """Until it is gone for good, or has been away for as long as it is to be."""
    assert process.process is not None
    if how == "kill":
        await process.process.wait()
        return
    await asyncio.sleep(AWAY_S)
    if how == "freeze":
        process.thaw()


async def wrong(stage: Embedded | Fleet, record: Record, harm: Harm) -> tuple[list[str], Lives]:
    """All that broke, and the log. A woken worker has a while to find that what it made is not wanted."""
    accepted = [asked.task_id for asked in record.asked if asked.task_id]
    async with awaited("the files of lost attempts to be gone"):
        while True:
            lives = await stage.lives()
            left = list(p1_files_of_the_winner(lives, stage.workspace))
            if not left:
                break
            await asyncio.sleep(0.2)

    def of_the_log() -> Iterator[str]:
        yield from p1_one_ending(lives, accepted)
        yield from p7_taken_over_from_the_lost_alone(lives, [harm])
        yield from p8_nothing_made_unasked(lives, accepted)

    return [*broken(record, without=NOT_THERE if stage.on == "embedded" else ()), *of_the_log(), *left], lives


def tell(name: str, stage: Stage, record: Record, said: list[str], overs: list[float]) -> None:
    measured = measured_of(record)
    if stage.on == "embedded":
        del measured["P12"]
    if overs:
        measured["P7"] = {"hand-over, s": round(max(overs), 1)}
    held = ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", *(["P12"] if stage.on == "fleet" else [])]
    keep(name, stage.on, held, broken=said, figures=measured)


def worker_of(lives: Lives, pid: int) -> str:
    """Its name in the log: whoever began a task there under that process id."""
    workers = {getattr(event, "worker", "") for life in lives.values() for event in life}
    return next((name for name in workers if f"/{pid}/" in name), "nobody")


@every_case
@pytest.mark.timeout(300)
async def test_a_fleet_keeps_its_promises_when_a_worker_is_struck(tmp_path: Path, moment: str, how: str) -> None:
    stage = Fleet(tmp_path)
    struck: list[Harm] = []

    async def fault(_: Stage) -> None:
        worker = await stage.struck((moment, how))
        struck.append(Harm(worker.name, how, await struck_at(worker)))
        await away(worker, how)

    async with stage:
        record = await stage.play(fault)
        said, lives = await wrong(stage, record, struck[0])
    overs = hand_over_s(lives, struck)
    tell(f"a worker: {how} {moment}", stage, record, said, overs)
    assert said == [], figures(record)
    assert how == "kill" or "Traceback" not in record.log, record.log[-5000:]
    assert max(overs, default=0.0) <= record.waits.limit_s(HAND_OVER_S, *record.outage)
    if moment in ("begun", "mid_run", "files_kept", "before_ending"):
        assert overs, "what it held was taken over"


@every_case
@pytest.mark.timeout(300)
async def test_an_embedded_service_keeps_its_promises_when_it_is_struck(tmp_path: Path, moment: str, how: str) -> None:
    stage = Embedded(tmp_path, moment=(moment, how))
    harms: list[Harm] = []

    async def fault(_: Stage) -> None:
        service = await stage.struck()
        assert service.process is not None
        pid = service.process.pid
        began = await struck_at(service)
        await away(service, how)
        if how == "kill":
            await stage.restart()
        harms.append(Harm(worker_of(await stage.lives(), pid), how, began))

    async with stage:
        record = await stage.play(fault)
        said, lives = await wrong(stage, record, harms[0])
    overs = hand_over_s(lives, harms)
    tell(f"a worker: {how} {moment}", stage, record, said, overs)
    assert said == [], figures(record)
    assert "Traceback" not in record.log, record.log[-5000:]
    if how != "kill":
        assert overs == [], "it is alive, and goes on itself"
    elif moment in ("begun", "mid_run", "files_kept", "before_ending"):
        assert overs


@long
@pytest.mark.timeout(300)
async def test_a_task_that_takes_its_service_down_every_time_ends(tmp_path: Path) -> None:
    allowed, workspace = tmp_path / "allowed", tmp_path / "workspace"
    allowed.touch()
    workspace.mkdir()
    doomed = Service(workspace, module=("tests.faults.moments", "begun", "kill", str(allowed)))
    await doomed.start()
    async with doomed.http() as http:
        body = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
        with contextlib.suppress(httpx.TransportError):  # it may be dead before it has answered
            await http.post("/api/v1/projects/film/tasks", json=body, headers={"Idempotency-Key": "deadly"})
    for _ in range(2):
        assert doomed.process is not None
        async with awaited("the service to be killed by its task"):
            await doomed.process.wait()
        doomed = Service(workspace, module=doomed.module)
        with contextlib.suppress(AssertionError):  # it may be dead before it is ready
            await doomed.start()
    await doomed.kill()
    back = await Service(workspace).start()
    try:
        async with back.socket(after="0") as socket:
            ending = await socket.wait(is_ending)
        told = endings(await back.events())
    finally:
        await back.kill()
    keep("a task that kills every time", "embedded", ["P1", "P6", "P7"], figures={"P7": {"attempts": 3}})
    assert (ending["error_code"], ending["details"]["attempts"]) == ("WORKER_LOST", 3)
    assert list(told.values()) == [["WORKER_LOST"]]
