"""Replicas are restarted one after another, under load, behind a balancer: nobody is lost, and nobody is refused."""

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.e2e.studio import Service
from tests.faults.balancer import Balancer
from tests.faults.checks import broken, figures, held_by
from tests.faults.record import Cut, Record
from tests.faults.stage import Stage
from tests.faults.test_faults import NOT_ALIVE, report

GOING_AWAY = 1012
pytestmark = pytest.mark.timeout(400)


class Front:
    """The balancer, as a replica that all clients know."""

    def __init__(self, balancer: Balancer, behind: list[Service]) -> None:
        self.url = balancer.url
        self.process: Any = SimpleNamespace(returncode=None)
        self._behind = behind

    @property
    def log(self) -> str:
        return "\n".join(replica.log for replica in self._behind)

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=30)


class BalancedStage(Stage):
    """Two replicas that clients reach through a balancer alone."""

    behind: list[Service]
    balancer: Balancer
    exits: list[int]

    async def open_replicas(self, until: str = "/health/ready") -> None:
        workspace = self.directory / "workspace"
        workspace.mkdir(exist_ok=True)
        self.exits = []
        self.behind = [Service(workspace, redis_url=self.server.url, **self.settings) for _ in range(2)]
        await asyncio.gather(*(replica.start(until=until) for replica in self.behind))
        for replica in self.behind:
            replica.port = replica.url.rpartition(":")[2]
            self._stack.push_async_callback(replica.kill)
        self.balancer = await self._stack.enter_async_context(
            Balancer(lambda: [int(replica.port) for replica in self.behind])
        )
        for replica in self.behind:
            await self.balancer.until_ready(int(replica.port))
        self.replicas = [Front(self.balancer, self.behind)]  # type: ignore[list-item]


async def restarted_one_after_another(stage: Stage) -> None:
    """As an orchestrator does: SIGTERM, again on the same port, and the next only when that one is ready."""
    assert isinstance(stage, BalancedStage)
    for replica in stage.behind:
        stage.exits.append(await replica.stop())
        await replica.start()
        await stage.balancer.until_ready(int(replica.port))


def told_why(record: Record) -> set[int | None]:
    """How conversations ended that did not last to the end."""
    return {seen.code for watched in record.watched for seen in watched.seen[:-1] if isinstance(seen, Cut)}


def refusals(record: Record) -> set[tuple[int, bool]]:
    """With which status requests were refused that were accepted later, and whether that said when to come back."""
    return {(status, again) for asked in record.asked for _, _, status, again in asked.refused}


@pytest.mark.parametrize("rounds", [1, *([4] if os.environ.get("AUTEUR_FAULTS") else [])])
async def test_a_rolling_restart_loses_nobody(tmp_path: Path, rounds: int) -> None:
    async def fault(stage: Stage) -> None:
        for _ in range(rounds):
            await restarted_one_after_another(stage)

    async with BalancedStage(tmp_path, projects=("film-a", "film-b"), tasks_per_s=2) as stage:
        record = await stage.play(fault)
        taken = dict(stage.balancer.taken)
    said = broken(record, without=NOT_ALIVE)
    report(f"rolling restart, {rounds} rounds", record, held_by(without=NOT_ALIVE), said)
    assert said == [], figures(record)
    assert refusals(record) <= {(503, True), (0, False)}, "not now; or the connection went with its replica"
    assert figures(record)["accepted"] > 5
    assert figures(record)["told_anew"] == 0, "every bookmark was honoured by the other replica"
    assert stage.exits == [0] * (2 * rounds)
    assert len(taken) == 2
    assert all(taken.values()), "both replicas had clients"
    assert GOING_AWAY in told_why(record), "clients are told that the service goes away"
    assert "Traceback" not in record.log, record.log[-5000:]


async def test_who_is_killed_instead_is_missed_by_those_it_served(tmp_path: Path) -> None:
    """The check that nobody is told of the restart can fail: a replica that is killed says nothing."""

    async def killed(stage: Stage) -> None:
        assert isinstance(stage, BalancedStage)
        for replica in stage.behind:
            await replica.kill()
            await replica.start()
            await stage.balancer.until_ready(int(replica.port))

    async with BalancedStage(tmp_path, projects=("film",), tasks_per_s=1) as stage:
        record = await stage.play(killed)
    assert GOING_AWAY not in told_why(record)
    assert broken(record, without=NOT_ALIVE) == [], "nothing is lost all the same"
