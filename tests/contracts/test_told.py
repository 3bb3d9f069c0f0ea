"""What clients are told of a log is the same live, from the newest events and from the file, in every process."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic_core import to_json

from auteur.adapters.log.codec import encode_event
from auteur.adapters.log.redis import bus as redis_bus
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.sqlite import owing
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase, begin_new_epoch
from auteur.adapters.webhooks import payload
from auteur.domain.errors import HistoryLostError
from auteur.domain.events import Event, Position, ProjectDeleted, RecordedEvent, ToldPage
from auteur.domain.ports import ProgressBus
from auteur.domain.signing import SigningSecret
from auteur.domain.task import Artifact, TaskResult
from auteur.domain.webhooks import Webhook, ending_type
from auteur.protocol.outgoing import render
from auteur.protocol.translate import to_message
from auteur.protocol.views import reached_under
from tests.backends import BACKENDS, ground
from tests.contracts.test_progress_bus import cancelled, failed, progressed, requeued, started, succeeded, take
from tests.fakes import START, queued
from tests.servers import RedisServer
from tests.waiting import LONG_S

Pair = tuple[ProgressBus, ProgressBus]
SAID: list[Event] = [
    queued(), started(), progressed(), requeued(), started(2), progressed(2), succeeded(2),
    queued("t-2", shot="12A"), failed(0, task_id="t-2"), queued("t-3", shot="12A"), cancelled(0, task_id="t-3"),
]  # fmt: skip
ROOM = 1 << 20


@pytest.fixture(params=BACKENDS)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as found:
        yield found.buses


def made(recorded: RecordedEvent) -> str:
    """As it is told where nothing was kept."""
    message = to_message(RecordedEvent(recorded.position, recorded.event))
    return "" if message is None else render(message)


def texts(page: ToldPage | None) -> list[str]:
    """All of a page as clients hear it."""
    assert page is not None
    return [told if isinstance(told, str) else made(told) for told in page.told]


async def test_what_is_told_is_the_same_live_and_later_in_every_process(pair: Pair) -> None:
    here, there = pair
    live: dict[ProgressBus, list[RecordedEvent]] = {here: [], there: []}

    async def listen(bus: ProgressBus) -> None:
        async with contextlib.aclosing(bus.subscribe("film", None)) as events:
            async for recorded in events:
                live[bus].append(recorded)
                if len(live[bus]) == len(SAID):
                    return

    listening = [asyncio.create_task(listen(bus)) for bus in pair]
    published = []
    for event in SAID:
        published.append(await here.publish(event))
        while any(len(heard) < len(published) for heard in live.values()):
            await asyncio.sleep(0)
    async with asyncio.timeout(LONG_S):
        await asyncio.gather(*listening)
    expected = [made(recorded) for recorded in published]
    for bus in pair:
        assert [made(r) if r.text is None else r.text for r in live[bus]] == expected
        page = await bus.told("film", None, 100, ROOM)
        assert texts(page) == expected
        assert page is not None
        assert (page.first, page.position) == (published[0].position, published[-1].position)
        assert not page.is_last
        later = await take(bus, len(SAID))
        assert [made(r) if r.text is None else r.text for r in later] == expected


async def test_a_page_goes_on_where_one_ended_and_holds_no_more_than_it_may(pair: Pair) -> None:
    here, there = pair
    published = [await here.publish(event) for event in SAID]
    found: list[str] = []
    after: Position | None = None
    while (page := await there.told("film", after, 3, 1)) is not None:
        assert 1 <= len(page.told) <= 3
        found += texts(page)
        after = page.position
    assert found == [made(recorded) for recorded in published]
    assert await there.told("film", None, 2, ROOM) is not None
    assert len(texts(await there.told("film", None, 2, ROOM))) == 2
    assert await there.told("nothing", None, 9, ROOM) is None
    with pytest.raises(HistoryLostError):
        await there.told("film", Position("another", 1), 9, ROOM)


async def test_of_a_deleted_project_the_end_is_told_as_the_last(pair: Pair) -> None:
    here, _ = pair
    for event in SAID:
        await here.publish(event)
    await here.publish(ProjectDeleted(project_id="film", at=START))
    for bus in pair:
        page = await bus.told("film", None, 9, ROOM)
        assert page is not None
        assert page.is_last
        assert [made(r) for r in await bus.history("film", None, 9)] == texts(page)


async def test_most_of_what_is_told_was_kept(pair: Pair) -> None:
    """Else the others would hold for a log that keeps nothing."""
    here, there = pair
    if type(here).__name__ == "MemoryProgressBus":
        return  # it keeps the events themselves
    for event in SAID:
        await here.publish(event)
    page = await there.told("film", None, 100, ROOM)
    assert page is not None
    assert sum(isinstance(told, str) for told in page.told) >= len(SAID) - 2
    assert all(isinstance(told, str) for told in page.told[1:7])


# --- webhooks: what a receiver is told ------------------------------------------------------------------------------


_FRAME = Artifact(
    name="frame.png", kind="image", path="film/t-4/1/a frame.png", media_type="image/png", size_bytes=9, sha256="0" * 64
)
_FILMED = TaskResult(engine="e", artifacts=(_FRAME,), params={"prompt": 'ü "told":{'}, seed=3)


def sent(recorded: RecordedEvent) -> bytes:
    """What a receiver is told where nothing was kept: field by field of the message."""
    message, kind = to_message(recorded), ending_type(recorded.event)
    assert message is not None
    data = message.model_dump(mode="json", exclude_none=True)
    return to_json({"type": kind, "timestamp": recorded.event.at, "data": data})


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_receiver_is_told_what_was_kept_byte_for_byte(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with ground(backend, tmp_path, lambda: request.getfixturevalue("redis_server")) as found:
        webhook = Webhook(
            webhook_id=f"wh_{1:032x}", project_id="film", url="https://receiver.example/",
            keys=(SigningSecret.drawn(),), created_at=START,
        )  # fmt: skip
        await found.webhooks[0].add(webhook, at_most=5)
        filmed = [queued("t-4"), started(task_id="t-4"), replace(succeeded(task_id="t-4"), result=_FILMED)]
        published = [await found.buses[0].publish(event) for event in SAID + filmed]
        expected = [sent(recorded) for recorded in published if ending_type(recorded.event) is not None]
        claims = await found.outboxes[1].claim(
            START + timedelta(days=1), lease_s=30, limit=100, per_endpoint=100, rest_after=3
        )
        owed = sorted((claim.delivery for claim in claims), key=lambda delivery: delivery.recorded.position.seq)
        assert [payload(delivery) for delivery in owed] == expected
        assert len(expected) == 4
        with reached_under("/studio"):  # a text that names files is made anew for who has them elsewhere
            assert [payload(delivery) for delivery in owed] == [sent(delivery.recorded) for delivery in owed]
        if backend != "memory":  # it keeps the events themselves
            assert all(delivery.recorded.text for delivery in owed)


async def test_what_waits_for_a_receiver_in_a_file_of_before_is_told_as_well(tmp_path: Path) -> None:
    async with ground("sqlite", tmp_path, lambda: pytest.fail("no server is needed")) as found:
        webhook = Webhook(
            webhook_id=f"wh_{1:032x}", project_id="film", url="https://receiver.example/",
            keys=(SigningSecret.drawn(),), created_at=START,
        )  # fmt: skip
        await found.webhooks[0].add(webhook, at_most=5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owing, "encode_told", encode_event)
            published = [await found.buses[0].publish(event) for event in SAID]
        claims = await found.outboxes[1].claim(
            START + timedelta(days=1), lease_s=30, limit=100, per_endpoint=100, rest_after=3
        )
        owed = [claim.delivery for claim in claims]
        assert [delivery.recorded.text for delivery in owed] == [None] * 3
        expected = [sent(recorded) for recorded in published if ending_type(recorded.event) is not None]
        assert sorted(map(payload, owed)) == sorted(expected)


# --- SQLite: of an auteur of before, and of another epoch ------------------------------------------------------------


async def test_what_a_file_of_before_has_kept_is_told_as_well(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    async with SqliteDatabase(path) as database:
        bus = SqliteProgressBus(database)
        expected = [made(await bus.publish(event)) for event in SAID]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE events DROP COLUMN told")
        connection.execute("ALTER TABLE events DROP COLUMN told_in")
        connection.commit()
    async with SqliteDatabase(path) as database:
        bus = SqliteProgressBus(database)
        assert texts(await bus.told("film", None, 100, ROOM)) == expected
        expected.append(made(await bus.publish(queued("t-9"))))
        assert texts(await bus.told("film", None, 100, ROOM)) == expected


async def test_what_was_kept_in_another_epoch_is_told_with_the_positions_of_this(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    async with SqliteDatabase(path) as database:
        bus = SqliteProgressBus(database)
        before = [made(await bus.publish(event)) for event in SAID]
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        begin_new_epoch(connection)
    async with SqliteDatabase(path) as database:
        bus = SqliteProgressBus(database)
        told = texts(await bus.told("film", None, 100, ROOM))
        assert told == [made(recorded) for recorded in await bus.history("film", None, 100)]
        assert told == [made(r) if r.text is None else r.text for r in await bus.history("film", None, 100)]
        assert not set(told) & set(before)
        assert all(f'"position":"{database.epoch}-' in text for text in told)


# --- Redis: a process of before ----------------------------------------------------------------------------------


async def test_a_message_of_a_process_of_before_is_told_as_well(tmp_path: Path, redis_server: RedisServer) -> None:
    async with ground("redis", tmp_path, lambda: redis_server) as found:
        here, there = found.buses
        assert isinstance(here, RedisProgressBus)
        heard: list[RecordedEvent] = []

        async def listen() -> None:
            async with contextlib.aclosing(there.subscribe("film", None)) as events:
                async for recorded in events:
                    heard.append(recorded)
                    if len(heard) == 2:
                        return

        listening = asyncio.create_task(listen())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(redis_bus, "encode_told", encode_event)
            published = [await here.publish(queued()), await here.publish(started())]
        async with asyncio.timeout(LONG_S):
            await listening
        assert [recorded.text for recorded in heard] == [None, None]
        assert texts(await there.told("film", None, 9, ROOM)) == [made(recorded) for recorded in published]
