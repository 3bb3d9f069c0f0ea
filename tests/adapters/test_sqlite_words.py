"""Whoever was accepted is found by its words, whether they were entered already or not."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.adapters.log.sqlite.words import AT_A_TIME, enter_words
from auteur.domain.events import TaskCancelled, TaskDeleted, TaskQueued
from auteur.domain.state import TaskQuery, words_of
from tests.fakes import of, queued


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with SqliteDatabase(tmp_path / "a.db") as opened:
        yield opened


def saying(task_id: str, prompt: str, project_id: str = "film") -> TaskQueued:
    return queued(task_id, project_id, params={"prompt": prompt})


async def found(database: SqliteDatabase, text: str, project_id: str = "film") -> list[str]:
    query = TaskQuery(words=tuple(words_of(text)))
    page = await SqliteStateStore(database).tasks(project_id, query, before_seq=None, limit=2000)
    return [task.task_id for task in page.tasks]


async def entered(database: SqliteDatabase) -> int:
    """How many records have their words entered."""
    return int((await database.call(lambda file: file.execute("SELECT count(*) FROM words").fetchone()))[0])


async def remove(bus: SqliteProgressBus, task_id: str) -> None:
    await bus.publish(TaskCancelled(**of(task_id), attempt=0))
    await bus.publish(TaskDeleted(**of(task_id), reason="request"))


async def test_an_acceptance_enters_no_words_and_is_found_by_them_at_once(database: SqliteDatabase) -> None:
    bus = SqliteProgressBus(database)
    for number in range(AT_A_TIME + 3):
        await bus.publish(saying(f"t-{number}", f"lighthouse {number}"))
        assert (await found(database, f"light {number}"))[:1] == [f"t-{number}"]
        assert await entered(database) == (0 if number < AT_A_TIME - 1 else AT_A_TIME)
    assert len(await found(database, "lighthouse")) == AT_A_TIME + 3
    assert await found(database, "lighthouse", "other") == []


async def test_who_deletes_the_newest_hands_its_words_to_nobody(database: SqliteDatabase) -> None:
    """Its number is given again."""
    bus = SqliteProgressBus(database, words_at_a_time=2)
    for task_id in ("t-1", "t-2", "t-3"):
        await bus.publish(saying(task_id, "lighthouse"))
    for gone in ("t-3", "t-2"):  # one whose words wait, and one whose words were entered
        await remove(bus, gone)
    assert await found(database, "lighthouse") == ["t-1"]
    await bus.publish(saying("t-4", "harbour"))
    assert (await found(database, "lighthouse"), await found(database, "harbour")) == (["t-1"], ["t-4"])
    for task_id in ("t-5", "t-6", "t-7"):
        await bus.publish(saying(task_id, "harbour"))
    assert await entered(database) > 1
    assert await found(database, "lighthouse") == ["t-1"]
    assert await found(database, "harbour") == ["t-7", "t-6", "t-5", "t-4"]


async def test_what_waits_when_a_process_ends_is_entered_by_the_next(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus = SqliteProgressBus(database, words_at_a_time=10_000)
        events = [saying(f"t-{number}", "lighthouse") for number in range(1200)]
        await asyncio.gather(*(bus.publish(event) for event in events))
        assert await entered(database) == 0
        assert len(await found(database, "light")) == 1200
    async with SqliteDatabase(tmp_path / "a.db") as database:
        assert await entered(database) == 1200
        assert len(await found(database, "light")) == 1200


async def test_a_file_of_before_has_its_words_already(tmp_path: Path) -> None:
    """Of a release that entered them with each record; and of one that went on with a file of now for a while."""
    path = tmp_path / "a.db"
    async with SqliteDatabase(path) as database:
        for task_id in ("t-1", "t-2"):
            await SqliteProgressBus(database).publish(saying(task_id, "lighthouse"))
    async with SqliteDatabase(path):
        pass  # its words were entered
    for forgotten in (
        "DELETE FROM meta WHERE name = 'words_up_to'",
        "UPDATE meta SET value = '1' WHERE name = 'words_up_to'",
    ):
        with sqlite3.connect(path) as connection:
            connection.execute(forgotten)
        connection.close()
        async with SqliteDatabase(path) as database:
            assert await entered(database) == 2
            assert await found(database, "light") == ["t-2", "t-1"]


async def test_words_that_could_not_be_entered_wait_for_the_next_time(database: SqliteDatabase) -> None:
    bus = SqliteProgressBus(database, words_at_a_time=2)
    await bus.publish(saying("t-1", "lighthouse"))

    def refuse(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TRIGGER full BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'full'); END")

    await database.transact(refuse)
    await bus.publish(saying("t-2", "lighthouse"))
    assert await entered(database) == 0
    assert await found(database, "light") == ["t-2", "t-1"]
    await database.transact(lambda connection: connection.execute("DROP TRIGGER full").fetchall())
    for task_id in ("t-3", "t-4"):
        await bus.publish(saying(task_id, "lighthouse"))
    assert await entered(database) == 4
    assert await found(database, "light") == ["t-4", "t-3", "t-2", "t-1"]


@given(
    texts=st.lists(st.text(max_size=20) | st.text("abAÄßé灯台 _-'\"*", max_size=12), min_size=1, max_size=8),
    asked=st.lists(st.text(max_size=6) | st.text("abAÄßé灯台 _-'\"*", min_size=1, max_size=3), min_size=1, max_size=8),
)
async def test_what_waits_is_found_by_the_same_words_as_what_was_entered(
    tmp_path_factory: pytest.TempPathFactory, texts: Sequence[str], asked: Sequence[str]
) -> None:
    async with SqliteDatabase(tmp_path_factory.mktemp("words") / "a.db") as database:
        bus = SqliteProgressBus(database)
        for text, number in zip(texts, itertools.count()):
            await bus.publish(saying(f"t-{number}", text))
        questions = [text for text in [*asked, *(text[:3] for text in texts)] if tuple(words_of(text))]
        waiting = [await found(database, text) for text in questions]
        assert await entered(database) == 0
        await database.transact(enter_words)
        assert await entered(database) == len(texts)
        assert [await found(database, text) for text in questions] == waiting
