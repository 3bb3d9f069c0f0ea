"""What every `StateStore` promises, beside the log whose fold it keeps."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.domain.events import Event, TaskStarted, TaskSucceeded
from auteur.domain.project import ProjectState
from auteur.domain.task import Artifact, TaskResult
from auteur.domain.tracker import ProjectTracker
from tests.backends import BACKENDS, Ground, ground
from tests.fakes import of, queued


@pytest.fixture(params=BACKENDS)
async def given(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as there:
        yield there


async def states(given: Ground) -> list[ProjectState]:
    """The fold after each of three events, published for it."""
    artifact = Artifact(
        name="a.png", kind="image", path="film/t/1/a.png", media_type="image/png", size_bytes=3, sha256="ab"
    )
    result = TaskResult(engine="e", artifacts=(artifact,), params={"x": [1, {"y": None}]}, seed=4, metrics={"s": 0.5})
    events: list[Event] = [
        queued(),
        TaskStarted(**of(), attempt=1, worker="w"),
        TaskSucceeded(**of(), attempt=1, result=result, duration_s=2.5),
    ]
    recorded = [await given.buses[0].publish(event) for event in events]
    return list(
        itertools.accumulate(recorded, lambda state, r: state.apply(r), initial=ProjectState(project_id="film"))
    )[1:]


async def test_an_unknown_project_has_no_snapshot(given: Ground) -> None:
    assert await given.stores[0].load("film") is None


async def test_a_snapshot_comes_back_as_it_was(given: Ground) -> None:
    for state in await states(given):
        await given.stores[0].save(state)
        assert await given.stores[1].load("film") == state


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_newest_snapshot_wins_in_whatever_order_they_are_saved(given: Ground, order: tuple[int, ...]) -> None:
    saved = await states(given)
    for index, number in enumerate(order):
        await given.stores[index % 2].save(saved[number])
    assert await given.stores[0].load("film") == saved[-1]


async def test_a_snapshot_of_a_log_that_began_again_replaces_the_old(given: Ground) -> None:
    await given.stores[0].save((await states(given))[-1])
    await given.lose_history()
    recorded = await given.buses[0].publish(queued("t-9"))
    begun_again = ProjectState(project_id="film").apply(recorded)
    await given.stores[1].save(begun_again)
    assert await given.stores[0].load("film") == begun_again


async def test_the_state_goes_on_from_the_snapshot(given: Ground) -> None:
    saved = await states(given)
    await given.stores[0].save(saved[1])
    tracker = ProjectTracker(given.buses[1], given.stores[1])
    assert await tracker.load("film") == saved[-1]


async def test_projects_are_independent(given: Ground) -> None:
    await given.stores[0].save((await states(given))[0])
    assert await given.stores[1].load("other") is None
