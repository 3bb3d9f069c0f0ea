"""The embedded default: log, guards and snapshots in one file, safe after ``kill -9``, nothing to install."""

import asyncio
import contextlib
import sqlite3
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from auteur.adapters.log.codec import decode_event, decode_state, encode_event, encode_state, is_newer
from auteur.adapters.log.notifier import Notifier, RecentEvents
from auteur.domain.errors import BusUnavailableError, HistoryLostError
from auteur.domain.events import Event, Position, RecordedEvent, TaskProgressed
from auteur.domain.guard import TaskGuard, admit
from auteur.domain.ports import OpenTask
from auteur.domain.project import ProjectState

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (project_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    project_id TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (project_id, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS guards (
    project_id TEXT NOT NULL, task_id TEXT NOT NULL,
    attempt INTEGER NOT NULL, worker TEXT, ended INTEGER NOT NULL,
    PRIMARY KEY (project_id, task_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS open_tasks ON guards (project_id, task_id) WHERE NOT ended;
CREATE TABLE IF NOT EXISTS snapshots (
    project_id TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
"""

T = TypeVar("T")


class SqliteDatabase:
    """The file, and the one thread that speaks to it. Open with ``async with``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.epoch = ""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        await self.call(self._open)
        return self

    async def __aexit__(self, *exc: object) -> None:
        with contextlib.suppress(BusUnavailableError):
            await self.call(self._close)
        self._connection = None
        self._thread.shutdown()

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs the work in the file's thread, in order. Raises `BusUnavailableError`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    async def transact(self, work: Callable[[sqlite3.Connection], T], *, synced: bool = True) -> T:
        """Like `call`, all or nothing, alone among all processes.

        A process may be killed at any time without harm. ``synced``: the machine may lose its power, too.
        """

        def alone(connection: sqlite3.Connection) -> T:
            connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

        return await self.call(alone)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise BusUnavailableError("The project database cannot be used now.") from error

    def _open(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA journal_mode = WAL")
        _migrate(connection)
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)", (_new_epoch(),))
        open_since = connection.execute("SELECT value FROM meta WHERE name = 'open_since_boot'").fetchone()
        if open_since is not None and open_since[0] != _boot_id():
            _begin_epoch(connection)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('open_since_boot', ?)", (_boot_id(),))
        connection.execute("COMMIT")
        (self.epoch,) = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()

    def _close(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("DELETE FROM meta WHERE name = 'open_since_boot'")
        connection.close()


def _migrate(connection: sqlite3.Connection) -> None:
    """Files of before knew whether a task was running, not by whom."""
    if "running" in [column[1] for column in connection.execute("PRAGMA table_info (guards)")]:
        connection.execute("ALTER TABLE guards ADD COLUMN worker TEXT")
        connection.execute("UPDATE guards SET worker = 'unknown' WHERE running")
        connection.execute("ALTER TABLE guards DROP COLUMN running")


def _new_epoch() -> str:
    return uuid.uuid4().hex[:8]


def _boot_id() -> str:
    """Names the machine's current run; unique, and so never the same again, where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(uuid.uuid4())


def _begin_epoch(connection: sqlite3.Connection) -> None:
    """The machine stopped while the file was open: the newest events, not synced, may be lost and their numbers used
    again. What is kept holds; what clients remember of positions does not."""
    epoch = _new_epoch()
    connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
    for project_id, body in connection.execute("SELECT project_id, body FROM snapshots").fetchall():
        state = decode_state(body)
        if state.position is not None:
            state = replace(state, position=Position(epoch, state.position.seq))
        connection.execute(
            "UPDATE snapshots SET epoch = ?, body = ? WHERE project_id = ?", (epoch, encode_state(state), project_id)
        )


class SqliteProgressBus:
    """`ProgressBus` on a `SqliteDatabase`.

    Other processes' events are noticed within ``poll_interval_s`` while anybody listens here. ``history_limit``:
    events kept per project. Open with ``async with``, after the database.
    """

    def __init__(self, database: SqliteDatabase, *, history_limit: int = 10_000, poll_interval_s: float = 0.1) -> None:
        self._database = database
        self._history_limit = history_limit
        self._poll_interval_s = poll_interval_s
        self._notifier = Notifier()
        self._poller: asyncio.Task[None] | None = None
        self._recent = RecentEvents()

    async def __aenter__(self) -> Self:
        self._poller = asyncio.create_task(self._poll(), name="sqlite-poller")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.wait({self._poller})

    async def publish(self, event: Event) -> RecordedEvent:
        # a caller that is cancelled meanwhile does not undo the append: it is shown to the others all the same
        return await asyncio.shield(asyncio.create_task(self._publish(event)))

    async def _publish(self, event: Event) -> RecordedEvent:
        body = encode_event(event)
        # progress may be lost with the machine's power, nothing else: one sync fewer for most events
        synced = not isinstance(event, TaskProgressed)
        seq = await self._database.transact(lambda connection: self._append(connection, event, body), synced=synced)
        recorded = RecordedEvent(Position(self._database.epoch, seq), event)
        self._recent.add(recorded)
        self._notifier.notify(event.project_id)
        return recorded

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._notifier.follow(project_id, after, self._newest)

    async def _newest(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        """Like `history`, but from memory where the newest events lie there: listeners that keep up read no file."""
        kept = self._recent.after(project_id, after, limit)
        return await self.history(project_id, after, limit) if kept is None else kept

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        rows = await self._database.call(lambda connection: self._read(connection, project_id, after, limit))
        epoch = self._database.epoch
        return [RecordedEvent(Position(epoch, seq), decode_event(body)) for seq, body in rows]

    async def projects(self) -> Sequence[str]:
        rows = await self._database.call(
            lambda connection: connection.execute("SELECT project_id FROM heads ORDER BY project_id").fetchall()
        )
        return [project_id for (project_id,) in rows]

    async def unfinished(self) -> Sequence[OpenTask]:
        rows = await self._database.call(
            lambda connection: connection.execute(
                "SELECT project_id, task_id, attempt, worker FROM guards WHERE NOT ended"
            ).fetchall()
        )
        return [OpenTask(*row) for row in rows]

    async def check(self) -> None:
        await self._database.call(lambda connection: connection.execute("SELECT 1 FROM meta").fetchone())

    def _append(self, connection: sqlite3.Connection, event: Event, body: bytes) -> int:
        key = (event.project_id, event.task_id)
        row = connection.execute(
            "SELECT attempt, worker, ended FROM guards WHERE project_id = ? AND task_id = ?", key
        ).fetchone()
        guard = admit(TaskGuard(row[0], row[1], bool(row[2])) if row else None, event)
        connection.execute(
            "INSERT INTO guards (project_id, task_id, attempt, worker, ended) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker, ended = excluded.ended",
            (*key, guard.attempt, guard.worker, guard.ended),
        )
        (seq,) = connection.execute(
            "INSERT INTO heads VALUES (?, 1) ON CONFLICT DO UPDATE SET seq = seq + 1 RETURNING seq",
            (event.project_id,),
        ).fetchone()
        connection.execute("INSERT INTO events VALUES (?, ?, ?)", (event.project_id, seq, body))
        connection.execute(
            "DELETE FROM events WHERE project_id = ? AND seq <= ?", (event.project_id, seq - self._history_limit)
        )
        return int(seq)

    def _read(
        self, connection: sqlite3.Connection, project_id: str, after: Position | None, limit: int
    ) -> list[tuple[int, bytes]]:
        connection.execute("BEGIN")  # one view of head and events
        try:
            if after is not None:
                head = connection.execute("SELECT seq FROM heads WHERE project_id = ?", (project_id,)).fetchone()
                newest = head[0] if head else 0
                (oldest,) = connection.execute(
                    "SELECT min(seq) FROM events WHERE project_id = ?", (project_id,)
                ).fetchone()
                reaches = (oldest or newest + 1) - 1 <= after.seq <= newest
                if after.epoch != self._database.epoch or not reaches:
                    raise HistoryLostError(project_id, str(after))
            return connection.execute(
                "SELECT seq, body FROM events WHERE project_id = ? AND seq > ? ORDER BY seq LIMIT ?",
                (project_id, after.seq if after else 0, limit),
            ).fetchall()
        finally:
            connection.execute("COMMIT")

    async def _poll(self) -> None:
        seen: Any = None
        while True:
            await asyncio.sleep(self._poll_interval_s)
            if not self._notifier.listeners:
                continue
            with contextlib.suppress(BusUnavailableError):
                version = await self._database.call(
                    lambda connection: connection.execute("PRAGMA data_version").fetchone()
                )
                if version != seen:
                    seen = version
                    self._recent.clear()  # another process has written: the file knows more than we do
                    self._notifier.notify_all_projects()


class SqliteStateStore:
    """`StateStore` on a `SqliteDatabase`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def load(self, project_id: str) -> ProjectState | None:
        row = await self._database.call(
            lambda connection: connection.execute(
                "SELECT body FROM snapshots WHERE project_id = ?", (project_id,)
            ).fetchone()
        )
        return decode_state(row[0]) if row else None

    async def save(self, state: ProjectState) -> None:
        body = encode_state(state)

        def keep(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                "SELECT epoch, seq FROM snapshots WHERE project_id = ?", (state.project_id,)
            ).fetchone()
            if state.position is not None and is_newer(state.position, Position(*row) if row else None):
                connection.execute(
                    "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)",
                    (state.project_id, state.position.epoch, state.position.seq, body),
                )

        await self._database.transact(keep)
