"""The contract suite is worth something only if it fails for a bus that breaks the contract: mutants it must catch."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import pytest

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus
from auteur.domain.errors import HistoryLostError, TaskExistsError
from auteur.domain.events import Event, Position, RecordedEvent, TaskProgressed, TaskStarted, TaskSucceeded
from auteur.domain.guard import TaskGuard
from auteur.domain.ports import ProgressBus
from tests.contracts import test_progress_bus as contract

PROMISES: dict[str, Callable[[object], Awaitable[None]]] = {
    name: test
    for name, test in vars(contract).items()
    if name.startswith("test_") and list(inspect.signature(test).parameters) == ["pair"]
}


class QueuesTwice(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        try:
            return await super().publish(event)
        except TaskExistsError:
            del self._hub.guards[(event.project_id, event.task_id)]
            return await super().publish(event)


class EndsTwice(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskSucceeded):
            self._hub.guards[(event.project_id, event.task_id)] = TaskGuard(event.attempt, worker="w")
        return recorded


class TrustsOldAttempts(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskStarted):
            self._hub.guards[(event.project_id, event.task_id)] = TaskGuard(1, worker="w")
        return recorded


class ChecksThenWrites(MemoryProgressBus):
    """Not atomic: somebody else gets between the question and the append."""

    async def publish(self, event: Event) -> RecordedEvent:
        before = self._hub.guards.get((event.project_id, event.task_id))
        await asyncio.sleep(0)
        if before is None:
            self._hub.guards.pop((event.project_id, event.task_id), None)
        else:
            self._hub.guards[(event.project_id, event.task_id)] = before
        return await super().publish(event)


class SkipsNumbers(MemoryProgressBus):
    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        if isinstance(event, TaskProgressed):
            log = self._hub.logs[event.project_id]
            log[-1] = RecordedEvent(Position(recorded.position.epoch, recorded.position.seq + 1), event)
        return recorded


class TellsOnlyWhatIsLive(MemoryProgressBus):
    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        log = self._hub.logs.get(project_id, [])
        return super().subscribe(project_id, log[-1].position if log else None)


class TellsTheLastAgain(MemoryProgressBus):
    async def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        async for recorded in super().subscribe(project_id, after):
            yield recorded
            yield recorded


class RingsOnlyAtHome(MemoryProgressBus):
    """Live notice that does not leave the process."""

    def __init__(self, hub: MemoryHub) -> None:
        shared = MemoryHub(history_limit=hub.history_limit, epoch=hub.epoch)
        shared.logs, shared.guards = hub.logs, hub.guards
        super().__init__(shared)


class LosesSilently(MemoryProgressBus):
    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        try:
            return await super().history(project_id, after, limit)
        except HistoryLostError:
            return await super().history(project_id, None, limit)


class KeepsEverything(MemoryProgressBus):
    def __init__(self, hub: MemoryHub) -> None:
        super().__init__(hub)
        hub.history_limit = 10**9


class MixesProjects(MemoryProgressBus):
    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        return [r for name in sorted(self._hub.logs) for r in await super().history(name, None, limit)][:limit]


MUTANTS = [
    QueuesTwice,
    EndsTwice,
    TrustsOldAttempts,
    ChecksThenWrites,
    SkipsNumbers,
    TellsOnlyWhatIsLive,
    TellsTheLastAgain,
    RingsOnlyAtHome,
    LosesSilently,
    KeepsEverything,
    MixesProjects,
]


async def broken_by(bus: type[MemoryProgressBus]) -> list[str]:
    broken = []
    for name, promise in PROMISES.items():
        hub = MemoryHub(history_limit=contract.HISTORY)
        pair: tuple[ProgressBus, ProgressBus] = (bus(hub), bus(hub))
        try:
            async with asyncio.timeout(0.5):
                await promise(pair)
        except (Exception, pytest.fail.Exception):
            broken.append(name)
    return broken


async def test_a_bus_that_keeps_its_promises_breaks_none() -> None:
    assert len(PROMISES) > 12
    assert await broken_by(MemoryProgressBus) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
async def test_a_bus_that_breaks_a_promise_is_caught(mutant: type[MemoryProgressBus]) -> None:
    assert await broken_by(mutant) != []
