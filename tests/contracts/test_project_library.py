"""What every `ProjectLibrary` promises: documents by project, kind and name, each with its version, that go with their
project.

Each test gets the ground of two processes, writes in one and reads in the other.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from auteur.domain.errors import (
    DocumentChangedError,
    DocumentNotFoundError,
    ProjectDeletedError,
    TooManyDocumentsError,
)
from auteur.domain.events import ProjectDeleted, TaskCancelled
from auteur.domain.film_library import Document, DocumentKind
from tests.backends import BACKENDS, Ground, ground
from tests.fakes import START, of, queued


@pytest.fixture(params=BACKENDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as there:
        yield there


async def put(
    world: Ground,
    name: str = "kitchen",
    body: str = '{"place":"kitchen"}',
    *,
    kind: DocumentKind = "set",
    project_id: str = "film",
    expected: int | None = None,
    at_most: int = 10,
    side: int = 0,
) -> Document:
    at = START + timedelta(seconds=side)
    return await world.libraries[side].put(project_id, kind, name, body, at, expected=expected, at_most=at_most)


async def names(world: Ground, kind: DocumentKind = "set", after: str | None = None, limit: int = 100) -> list[str]:
    found = await world.libraries[1].documents("film", kind, after=after, limit=limit)
    return [document.name for document in found]


async def test_what_one_process_puts_another_reads_whole(world: Ground) -> None:
    body = '{"layout": "a table\\nunder the window · Küche, кухня, 台所 \\u0000"}'
    given = await put(world, "küche", body)
    assert await world.libraries[1].document("film", "set", "küche") == given
    assert given == Document(
        project_id="film", kind="set", name="küche", version=1, updated_at=START, body=body
    )  # fmt: skip


async def test_each_putting_is_a_version_and_has_a_tag_of_its_own(world: Ground) -> None:
    first = await put(world, body="{}")
    second = await put(world, body="[]", side=1)
    again = await put(world, body="{}")
    assert [first.version, second.version, again.version] == [1, 2, 3]
    assert len({first.tag, second.tag, again.tag}) == 3
    assert second.updated_at == START + timedelta(seconds=1)
    assert (await world.libraries[1].document("film", "set", "kitchen")).body == "{}"


async def test_who_expects_another_version_changes_nothing(world: Ground) -> None:
    await put(world, body="{}")
    with pytest.raises(DocumentChangedError) as told:
        await put(world, body="[]", expected=0, side=1)
    assert told.value.details["version"] == 1
    with pytest.raises(DocumentChangedError):
        await put(world, body="[]", expected=2)
    with pytest.raises(DocumentChangedError) as absent:
        await put(world, "hall", expected=1)
    assert "version" not in absent.value.details
    assert (await put(world, body="[1]", expected=1, side=1)).version == 2
    assert (await put(world, "hall", expected=0)).version == 1


async def test_of_those_who_expect_the_same_version_one_puts(world: Ground) -> None:
    await put(world)
    tried = await asyncio.gather(
        *(put(world, body=f"[{number}]", expected=1, side=number % 2) for number in range(6)), return_exceptions=True
    )
    done = [one for one in tried if isinstance(one, Document)]
    assert len(done) == 1
    assert sum(isinstance(one, DocumentChangedError) for one in tried) == 5
    assert (await world.libraries[0].document("film", "set", "kitchen")).body == done[0].body


async def test_a_kind_has_its_limit_and_what_is_there_may_still_change(world: Ground) -> None:
    await put(world, "a", at_most=2)
    await put(world, "b", at_most=2, side=1)
    with pytest.raises(TooManyDocumentsError):
        await put(world, "c", at_most=2)
    assert (await put(world, "b", at_most=2)).version == 2
    assert (await put(world, "c", kind="cast", at_most=2)).version == 1
    assert (await put(world, "c", project_id="other", at_most=2)).version == 1
    await world.libraries[1].remove("film", "set", "a", expected=None)
    assert (await put(world, "c", at_most=2)).version == 1


async def test_however_many_put_at_a_time_the_limit_holds(world: Ground) -> None:
    tried = await asyncio.gather(
        *(put(world, f"set-{number}", at_most=3, side=number % 2) for number in range(8)), return_exceptions=True
    )
    assert sum(isinstance(one, Document) for one in tried) == 3
    assert len(await names(world)) == 3


async def test_pages_go_by_name_and_meet_each_once(world: Ground) -> None:
    given = ["b", "a-1", "a", "zoë", "ö", "дом", "家", "a2", "🎬"]
    for place, name in enumerate(given):
        await put(world, name, side=place % 2)
    await put(world, "elsewhere", kind="film")
    assert await names(world) == sorted(given)
    met: list[str] = []
    while page := await names(world, after=met[-1] if met else None, limit=2):
        assert len(page) <= 2
        met += page
    assert met == sorted(given)
    assert await names(world, kind="film") == ["elsewhere"]
    assert await names(world, kind="cast") == []


async def test_what_is_removed_is_gone_and_may_come_again(world: Ground) -> None:
    first = await put(world)
    with pytest.raises(DocumentChangedError):
        await world.libraries[1].remove("film", "set", "kitchen", expected=2)
    await world.libraries[1].remove("film", "set", "kitchen", expected=1)
    for side in world.libraries:
        with pytest.raises(DocumentNotFoundError):
            await side.document("film", "set", "kitchen")
        with pytest.raises(DocumentNotFoundError):
            await side.remove("film", "set", "kitchen", expected=None)
    assert await names(world) == []
    again = await put(world, expected=0, body="[]")
    assert again.version == 1
    assert again.tag != first.tag


async def test_with_their_project_documents_go_and_none_comes_after(world: Ground) -> None:
    await world.buses[0].publish(queued())
    await world.buses[0].publish(TaskCancelled(**of(), attempt=0))
    await put(world)
    await put(world, "clara", kind="cast")
    await put(world, "film", "{}" * 50_000, kind="film")
    await put(world, project_id="other")
    await world.buses[1].publish(ProjectDeleted(project_id="film", at=START))
    while not await world.stores[0].purge("film", 100):
        pass
    for call in (
        world.libraries[0].document("film", "set", "kitchen"),
        world.libraries[1].documents("film", "cast", after=None, limit=5),
        world.libraries[0].remove("film", "set", "kitchen", expected=None),
        put(world),
        put(world, side=1, kind="film"),
    ):
        with pytest.raises(ProjectDeletedError):
            await call
    assert (await world.libraries[0].document("other", "set", "kitchen")).version == 1


async def test_a_document_makes_no_project_of_its_own(world: Ground) -> None:
    """The list of projects tells of logs; what has only a set is not among them, and harms no reading of it."""
    await put(world)
    assert (await world.stores[1].projects(after=None, limit=10)).projects == []
    assert (await world.stores[0].counts("film")).of() == 0
    with contextlib.suppress(DocumentNotFoundError):
        await world.libraries[0].document("nowhere", "set", "kitchen")
