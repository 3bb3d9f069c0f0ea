"""What every `StateStore` promises."""

import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.adapters.memory import MemoryHub, MemoryStateStore
from auteur.adapters.sqlite import SqliteDatabase, SqliteStateStore
from auteur.domain.events import Event, Position, RecordedEvent, TaskStarted, TaskSucceeded
from auteur.domain.ports import StateStore
from auteur.domain.project import ProjectState
from auteur.domain.task import Artifact, TaskResult
from tests.fakes import of, queued

Pair = tuple[StateStore, StateStore]


@pytest.fixture(params=["memory", "sqlite"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    if request.param == "memory":
        hub = MemoryHub()
        yield MemoryStateStore(hub), MemoryStateStore(hub)
        return
    async with contextlib.AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(SqliteDatabase(tmp_path / "s.db")) for _ in range(2)]
        yield SqliteStateStore(first), SqliteStateStore(second)


def states() -> list[ProjectState]:
    artifact = Artifact(
        name="a.png", kind="image", path="film/t/1/a.png", media_type="image/png", size_bytes=3, sha256="ab"
    )
    result = TaskResult(engine="e", artifacts=(artifact,), params={"x": [1, {"y": None}]}, seed=4, metrics={"s": 0.5})
    events: list[Event] = [
        queued(),
        TaskStarted(**of(), attempt=1, worker="w"),
        TaskSucceeded(**of(), attempt=1, result=result, duration_s=2.5),
    ]
    recorded = [RecordedEvent(Position("e1", seq), event) for seq, event in enumerate(events, 1)]
    return list(
        itertools.accumulate(recorded, lambda state, r: state.apply(r), initial=ProjectState(project_id="film"))
    )[1:]


async def test_an_unknown_project_has_no_snapshot(pair: Pair) -> None:
    assert await pair[0].load("film") is None


async def test_a_snapshot_comes_back_as_it_was(pair: Pair) -> None:
    for state in states():
        await pair[0].save(state)
        assert await pair[1].load("film") == state


async def test_the_newest_snapshot_wins_in_whatever_order_they_are_saved(pair: Pair) -> None:
    for order in itertools.permutations(states()):
        for index, state in enumerate(order):
            await pair[index % 2].save(state)
        assert await pair[0].load("film") == states()[-1]


async def test_a_snapshot_of_a_new_epoch_replaces_the_old(pair: Pair) -> None:
    await pair[0].save(states()[-1])
    begun_again = ProjectState(project_id="film").apply(RecordedEvent(Position("e2", 1), queued("t-9")))
    await pair[1].save(begun_again)
    assert await pair[0].load("film") == begun_again


async def test_projects_are_independent(pair: Pair) -> None:
    await pair[0].save(states()[0])
    assert await pair[1].load("other") is None
