"""The machine loses its power while SQLite's file is open: the file is replayed from every length that was on the disk.

What SQLite had synced is there afterwards; of what came after it anything may be, in part, or as garbage.
"""

import asyncio
import bisect
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from auteur.adapters.log.sqlite import database as sqlite_database
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.domain.errors import HistoryLostError
from auteur.domain.events import Event, RecordedEvent, TaskCancelled, TaskProgressed
from auteur.domain.state import TaskQuery
from tests.contracts.test_state_store import failed, fold, started, succeeded
from tests.e2e.studio import TINY, Service, endings
from tests.fakes import of, queued
from tests.faults.matrix import IN_FULL, keep, long

HEADER, FRAME = 32, 24 + 4096
"""Of a write-ahead log and of each page in it, in bytes."""

SEED = 20261126
NEVER = 10_000


@dataclass
class Written:
    """A log as it was written. ``log``: the write-ahead log; ``size_after``: of each event, how long that was when the
    event was answered for."""

    file: bytes = b""
    log: bytes = b""
    recorded: list[RecordedEvent] = field(default_factory=list)
    size_after: list[int] = field(default_factory=list)

    def on_the_disk(self, length: int) -> list[RecordedEvent]:
        return [known for known, size in zip(self.recorded, self.size_after, strict=True) if size <= length]


def a_story(tasks: int) -> Iterator[Event]:
    """Tasks that wait, run and end in every way."""
    for number in range(tasks):
        task_id = f"t-{number}"
        yield queued(task_id)
        if number % 6:
            yield started(task_id)
            yield TaskProgressed(**of(task_id), attempt=1, progress=0.5, message="half of it")
        if number % 6 > 2:
            yield (succeeded, failed, lambda named: TaskCancelled(**of(named), attempt=1))[number % 3](task_id)


@pytest.fixture
async def written(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Written]:
    """``request.param``: how many tasks, and after how many of them their words are entered, in a commit of its own."""
    tasks, words_at_a_time = request.param
    path, found = tmp_path / "live" / "auteur.db", Written()
    async with SqliteDatabase(path) as database:
        bus = SqliteProgressBus(database, words_at_a_time=words_at_a_time)
        await database.call(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        # what is copied below is the file before any of it: a disk on which a page came before its log is none there is
        await database.call(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall())
        found.file = path.read_bytes()
        for event in a_story(tasks):
            found.recorded.append(await bus.publish(event))
            found.size_after.append(path.with_name("auteur.db-wal").stat().st_size)
        found.log = path.with_name("auteur.db-wal").read_bytes()
        assert found.size_after == sorted(found.size_after), "it was not begun anew meanwhile"
        yield found


async def replay(
    directory: Path, file: bytes, log: bytes, told: list[RecordedEvent], written: Written, *, more: int = 0
) -> None:
    """Opens what the disk holds as the service does after the machine has started again, and looks at all of it.
    ``more``: so many events after those that were told may be there, too."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / "auteur.db").write_bytes(file)
    (directory / "auteur.db-wal").write_bytes(log)
    async with SqliteDatabase(directory / "auteur.db") as database:
        bus, store = SqliteProgressBus(database), SqliteStateStore(database)
        found = await bus.history("film", None, 10_000)
        assert len(told) <= len(found) <= len(told) + more, "what was synced, and nothing else"
        told = written.recorded[: len(found)]
        assert [known.event for known in found] == [known.event for known in told]
        assert [known.position.seq for known in found] == list(range(1, len(found) + 1))
        tasks = fold(found)
        page = await store.tasks("film", TaskQuery(), before_seq=None, limit=10_000)
        assert {task.task_id: task for task in page.tasks} == tasks, "records are their events"
        by_words = await store.tasks("film", TaskQuery(words=("7",)), before_seq=None, limit=10_000)
        assert by_words.tasks == page.tasks, "each is found by what it says, whether its words were entered or wait"
        left = {task.task_id for task in tasks.values() if not task.ended}
        assert {task.task_id for task in await store.unfinished()} == left, "all that was accepted is taken up"
        before = written.recorded[0].position.epoch
        assert database.epoch != before
        for known in written.recorded[:: max(len(written.recorded) // 5, 1)]:
            with pytest.raises(HistoryLostError):
                await bus.history("film", known.position, 10)
        again = await bus.publish(queued("afterwards"))
        assert again.position.seq == len(found) + 1
        (sound,) = await database.call(lambda connection: connection.execute("PRAGMA integrity_check").fetchone())
        assert sound == "ok"


def cuts(written: Written, every: int) -> list[int]:
    """Lengths: at the edge of every page, and at odd bytes before and behind it; one of ``every`` so many pages."""
    chance = random.Random(SEED)
    edges = range(HEADER, len(written.log) + 1, FRAME * every)
    odd = [edge + off for edge in edges for off in (-1, 1, 23, chance.randrange(24, FRAME))]
    return sorted({length for length in (0, 1, HEADER - 1, *edges, *odd) if 0 <= length <= len(written.log)})


def same(log: bytes, whole: bytes) -> int:
    """Up to where both are the same."""
    return bisect.bisect_right(range(1, len(whole) + 1), 0, key=lambda length: log[:length] != whole[:length])


@pytest.fixture
def another_run(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The machine starts again."""
    return lambda: monkeypatch.setattr(sqlite_database, "boot_id", lambda: "the next run of the machine")


@pytest.mark.parametrize("written", [(16 if IN_FULL else 12, NEVER)], indirect=True)
@pytest.mark.timeout(600)
async def test_a_log_that_was_cut_at_any_byte_is_what_was_synced_before_it(
    tmp_path: Path, written: Written, another_run: Callable[[], None]
) -> None:
    another_run()
    lengths = cuts(written, 1 if IN_FULL else 4)
    for length in lengths:
        await replay(tmp_path / "cut", written.file, written.log[:length], written.on_the_disk(length), written)
    figures = {"P6": {"lengths of the log replayed": len(lengths)}}
    keep("power lost: the log cut", "embedded", ["P1", "P2", "P3", "P5", "P6"], figures=figures)


@pytest.mark.parametrize("written", [(16 if IN_FULL else 12, NEVER)], indirect=True)
@pytest.mark.timeout(600)
async def test_garbage_behind_what_was_synced_changes_nothing(
    tmp_path: Path, written: Written, another_run: Callable[[], None]
) -> None:
    another_run()
    chance = random.Random(SEED)
    lengths = cuts(written, 6 if IN_FULL else 40)
    for length in lengths:
        behind = len(written.log) - length
        whole_pages = HEADER + (length - HEADER) // FRAME * FRAME if length >= HEADER else 0
        hole = min(whole_pages + FRAME, len(written.log))  # the first page is lost, those after it are not
        for log in (
            written.log[:length] + bytes(behind),
            written.log[:length] + chance.randbytes(behind),
            written.log[:whole_pages] + bytes(hole - whole_pages) + written.log[hole:],
        ):
            told = written.on_the_disk(same(log, written.log))  # a page may end with the zeros that came instead
            await replay(tmp_path / "garbage", written.file, log, told, written)
    figures = {"P6": {"lengths of the log replayed": 3 * len(lengths)}}
    keep("power lost: garbage behind the log", "embedded", ["P1", "P2", "P3", "P5", "P6"], figures=figures)


@pytest.mark.parametrize("written", [(16 if IN_FULL else 12, NEVER)], indirect=True)
@pytest.mark.timeout(600)
async def test_a_file_half_written_from_its_log_is_mended_by_the_log(
    tmp_path: Path, written: Written, another_run: Callable[[], None]
) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "auteur.db").write_bytes(written.file)
    (tmp_path / "done" / "auteur.db-wal").write_bytes(written.log)
    with sqlite3.connect(tmp_path / "done" / "auteur.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        after = (tmp_path / "done" / "auteur.db").read_bytes()
    connection.close()
    another_run()
    chance = random.Random(SEED)
    for _ in range(200 if IN_FULL else 8):
        pages = [
            (after if chance.random() < 0.5 else written.file)[start : start + 4096].ljust(4096, b"\0")
            for start in range(0, len(after), 4096)
        ]
        if chance.random() < 0.5:  # the last one that reached the disk did so in part
            pages[-1] = pages[-1][: chance.randrange(4096)]
        await replay(tmp_path / "half", b"".join(pages), written.log, written.recorded, written)
    keep("power lost: the file half written", "embedded", ["P1", "P2", "P3", "P5", "P6"])


@pytest.mark.parametrize("written", [(16 if IN_FULL else 6, 2)], indirect=True)
@pytest.mark.timeout(600)
async def test_words_that_were_entered_in_part_or_not_at_all_are_found_all_the_same(
    tmp_path: Path, written: Written, another_run: Callable[[], None]
) -> None:
    another_run()
    lengths = cuts(written, 1 if IN_FULL else 6)
    for length in lengths:  # the words' own commit may come between an event and the look at how long the log is
        told = written.on_the_disk(length)
        await replay(tmp_path / "words", written.file, written.log[:length], told, written, more=1)
    figures = {"P6": {"lengths of the log replayed": len(lengths)}}
    keep("power lost: words entered apart", "embedded", ["P1", "P2", "P3", "P5", "P6"], figures=figures)


@long
@pytest.mark.timeout(300)
async def test_a_service_goes_on_from_what_the_disk_held_while_it_ran(tmp_path: Path) -> None:
    """Copies are made under a service at work, each cut somewhere, and started as on a machine that has restarted."""
    live, chance = tmp_path / "live", random.Random(SEED)
    live.mkdir()
    log = live / ".auteur" / "auteur.db-wal"
    service = await Service(live, max_concurrent_tasks=1).start()
    accepted: list[tuple[str, int]] = []
    copies: list[tuple[Path, str, list[str]]] = []
    try:
        async with service.socket() as socket:
            for number in range(30):
                accepted.append((await socket.start({**TINY, "seed": number, "steps": 10}), log.stat().st_size))
                if number % 5 == 4:
                    copies.append(a_copy(live, tmp_path / f"copy-{number}", chance, accepted))
                await asyncio.sleep(0.1)
            bookmark = socket.heard[-1]["position"]
    finally:
        await service.kill()
    lost = 0
    for place, said, there in copies:
        back = await Service(place, module=("tests.faults.planted", "another_run")).start()
        try:
            async with back.socket(after=bookmark) as socket:
                hello = await socket.wait(lambda m: m["type"] == "connected")
                assert hello["recovered"] is False, said
                for task_id in there:
                    async with back.http() as http:
                        known = await http.get(f"/api/v1/projects/film/tasks/{task_id}")
                        lost += known.status_code != 200
                        if known.json().get("status") in ("queued", "running"):
                            await socket.ending(task_id, 120)
            told = endings(await back.events())
            assert {task_id: told[task_id] for task_id in there} == {task_id: ["complete"] for task_id in there}, said
        finally:
            await back.kill()
            assert "Traceback" not in back.log, back.log[-4000:]
    figures = {"P6": {"accepted and vanished": lost}}
    keep("power lost: a service at work", "embedded", ["P1", "P2", "P3", "P6"], figures=figures)
    assert lost == 0


def a_copy(
    live: Path, place: Path, chance: random.Random, accepted: list[tuple[str, int]]
) -> tuple[Path, str, list[str]]:
    """The disk as it is, the log cut somewhere behind an acceptance; and which tasks had been accepted by then."""
    shutil.copytree(live, place, ignore=shutil.ignore_patterns("*.db-shm", "lock", "service.json"))
    log = place / ".auteur" / "auteur.db-wal"
    whole = log.stat().st_size
    assert whole >= accepted[-1][1], "the log was not begun anew"
    length = chance.randrange(accepted[len(accepted) // 2][1], whole + 1)
    with log.open("ab") as file:
        file.truncate(length)
    return place, f"{length} of {whole} bytes", [task_id for task_id, size in accepted if size <= length]
