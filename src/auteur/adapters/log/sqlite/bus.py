"""`ProgressBus` in one SQLite file."""

import asyncio
import contextlib
import math
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from typing import Any, Self

from auteur.adapters.background import end
from auteur.adapters.log.codec import StoredEvent, encode_event
from auteur.adapters.log.notifier import PAGE_BYTES, Notifier, RecentEvents
from auteur.adapters.log.outbox import taken_apart
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.owing import end_belongings, keep_own, owe
from auteur.adapters.log.sqlite.records import find, write_record
from auteur.adapters.log.sqlite.words import AT_A_TIME, enter_words
from auteur.domain.errors import BusUnavailableError, HistoryLostError, ProjectBusyError, ProjectDeletedError
from auteur.domain.events import (
    Event,
    Position,
    ProjectDeleted,
    RecordedEvent,
    TaskImported,
    TaskProgressed,
    TaskQueued,
    ToldPage,
)
from auteur.domain.guard import check_together
from auteur.protocol.texts import draft_text, finish_text

_AFTER = "FROM events WHERE project_id = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"
_READ = f"SELECT seq, body, CASE told_in WHEN ?1 THEN told END {_AFTER}"
_READ_TOLD = f"SELECT seq, CASE told_in WHEN ?1 THEN told END, CASE told_in WHEN ?1 THEN NULL ELSE body END {_AFTER}"
"""A text names its position, and is true in the epoch in which it was written."""

_Appended = tuple[RecordedEvent, bytes, str | None]
"""The event as it was recorded, as it lies in the log, and as clients hear it."""


class SqliteProgressBus:
    """`ProgressBus` on a `SqliteDatabase`.

    Other processes' events are noticed within ``poll_interval_s`` while anybody listens here. ``history_limit``:
    events kept per project. ``words_at_a_time``: of so many records the words are entered at a time. Open with
    ``async with``, after the database.
    """

    def __init__(
        self,
        database: SqliteDatabase,
        *,
        history_limit: int = 10_000,
        poll_interval_s: float = 0.1,
        words_at_a_time: int = AT_A_TIME,
    ) -> None:
        self._database = database
        self._history_limit = history_limit
        self._poll_interval_s = poll_interval_s
        self._words_at_a_time = words_at_a_time
        self._words_wait = 0  # of so many records that were accepted here
        self._recent = RecentEvents()
        self._notifier = Notifier(left=self._recent.forget)  # of a deleted project nothing stays
        self._poller: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._poller = asyncio.create_task(self._poll(), name="sqlite-poller")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._poller is not None:
            await end([self._poller])

    async def publish(self, event: Event) -> RecordedEvent:
        # progress may be lost with the machine's power, nothing else: one sync fewer for most events
        # a caller that is cancelled meanwhile does not undo the append: it is shown to the others all the same
        return await self._database.transact_then(
            lambda connection: self._append(connection, event), self._show, synced=not isinstance(event, TaskProgressed)
        )

    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        check_together(events)
        if not events:
            return []
        return await self._database.transact_then(
            lambda connection: [self._append(connection, event) for event in events],
            lambda appended: [self._show(one) for one in appended],
            synced=not all(isinstance(event, TaskProgressed) for event in events),
        )

    def _show(self, appended: _Appended) -> RecordedEvent:
        recorded, body, text = appended
        event = recorded.event
        project_id = event.project_id
        if self._notifier.is_followed(project_id):
            self._recent.add(StoredEvent(recorded.position, project_id, body, event=event, text=text))
        else:
            self._recent.forget(project_id)  # what is not kept must not look as if there were nothing after it
        self._notifier.notify(project_id)
        if isinstance(event, (TaskQueued, TaskImported)):
            self._words_wait += 1
            if self._words_wait >= self._words_at_a_time:
                self._words_wait = 0
                self._database.later(enter_words)
        return recorded

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._notifier.follow(project_id, after, self._newest)

    async def _newest(self, project_id: str, after: Position | None, limit: int) -> Iterable[RecordedEvent]:
        """Like `history`, but of `PAGE_BYTES`, and from memory where the newest events lie there: listeners that keep
        up read no file."""
        kept = self._recent.after(project_id, after, limit)
        return await self._page(project_id, after, limit, PAGE_BYTES) if kept is None else kept

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        return list(await self._page(project_id, after, limit))

    async def told(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        epoch = self._database.epoch
        rows, is_last = await self._database.read(
            lambda connection: self._read_told(connection, project_id, after, limit, most_bytes)
        )
        if not rows:
            return None
        told = [
            StoredEvent(Position(epoch, seq), project_id, body) if text is None else text for seq, text, body in rows
        ]
        return ToldPage(Position(epoch, rows[0][0]), told, is_last)

    async def _page(
        self, project_id: str, after: Position | None, limit: int, most_bytes: float = math.inf
    ) -> Iterator[RecordedEvent]:
        """As they lie in the log until they are taken: an event takes many times its bytes."""
        rows = await self._database.read(
            lambda connection: self._read(connection, project_id, after, limit, most_bytes)
        )
        epoch = self._database.epoch
        return (StoredEvent(Position(epoch, seq), project_id, body, text=text) for seq, body, text in rows)

    async def check(self) -> None:
        await self._database.check_writable()

    def _append(self, connection: sqlite3.Connection, event: Event) -> _Appended:
        project_id = event.project_id
        found = find(connection, event)
        seq = found.seq
        position = Position(self._database.epoch, seq + 1)
        if found.deleted:
            raise ProjectDeletedError(project_id)
        if isinstance(event, ProjectDeleted):
            if found.open_tasks:
                raise ProjectBusyError(project_id, found.open_tasks)
            end_belongings(connection, project_id)
            connection.execute("UPDATE projects SET seq = ? WHERE number = ?", (seq + 1, found.number))
        else:
            event, own = taken_apart(event)
            event = write_record(connection, event, found)
            if own is not None and isinstance(event, TaskQueued):
                keep_own(connection, event, own)
        recorded = RecordedEvent(position, event)
        owe(connection, recorded)
        body, draft = encode_event(event), draft_text(event)
        text = None if draft is None else finish_text(draft, project_id, position)
        self._keep(connection, event, seq + 1, body, text)
        return recorded, body, text

    def _keep(self, connection: sqlite3.Connection, event: Event, seq: int, body: bytes, text: str | None) -> None:
        project_id = event.project_id
        connection.execute(
            "INSERT INTO events (project_id, seq, body, told, told_in) VALUES (?, ?, ?, ?, ?)",
            (project_id, seq, body, text, None if text is None else self._database.epoch),
        )
        last_dropped = seq - 1 if isinstance(event, ProjectDeleted) else seq - self._history_limit
        if last_dropped > 0:
            connection.execute("DELETE FROM events WHERE project_id = ? AND seq <= ?", (project_id, last_dropped))
        if isinstance(event, ProjectDeleted):
            connection.execute("UPDATE projects SET deleted = 1 WHERE project_id = ?", (project_id,))

    def _read(
        self, connection: sqlite3.Connection, project_id: str, after: Position | None, limit: int, most_bytes: float
    ) -> list[tuple[int, bytes, str | None]]:
        self._require(connection, project_id, after)
        found = connection.execute(_READ, (self._database.epoch, project_id, after.seq if after else 0, limit))
        return _some(found, most_bytes)

    def _read_told(
        self, connection: sqlite3.Connection, project_id: str, after: Position | None, limit: int, most_bytes: int
    ) -> tuple[list[Any], bool]:
        """Seq, and text or event, of each; and whether nothing can follow."""
        head, deleted = self._require(connection, project_id, after)
        found = connection.execute(_READ_TOLD, (self._database.epoch, project_id, after.seq if after else 0, limit))
        rows = _some(found, most_bytes)
        return rows, deleted and bool(rows) and rows[-1][0] == head

    def _require(self, connection: sqlite3.Connection, project_id: str, after: Position | None) -> tuple[int, bool]:
        """The newest seq, and whether the project was deleted. Raises `HistoryLostError`."""
        row = connection.execute("SELECT seq, deleted FROM projects WHERE project_id = ?", (project_id,)).fetchone()
        newest, deleted = row or (0, False)
        if after is not None:
            (oldest,) = connection.execute("SELECT min(seq) FROM events WHERE project_id = ?", (project_id,)).fetchone()
            reaches = (oldest or newest + 1) - 1 <= after.seq <= newest
            if after.epoch != self._database.epoch or not reaches:
                raise HistoryLostError(project_id, str(after))
        return newest, bool(deleted)

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


def _some(found: Iterable[Any], most_bytes: float) -> list[Any]:
    """Rows until so many bytes of them are there, and one at least."""
    rows = []
    for row in found:
        rows.append(row)
        most_bytes -= len(row[1] or "") + len(row[2] or "")
        if most_bytes <= 0:
            break
    return rows
