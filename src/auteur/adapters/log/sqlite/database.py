"""The file, and the one thread that speaks to it.

Long because who may use the connection, and when, is one story: the thread, and the event loop while it rests.
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self, TypeVar

from auteur.adapters.causes import MISSING, cause_of
from auteur.adapters.log.sqlite.carry import carry_over
from auteur.adapters.log.sqlite.jobs import Job, run_all, run_each, unavailable
from auteur.adapters.log.sqlite.schema import SCHEMA, boot_id, upgrade
from auteur.adapters.log.sqlite.words import enter_words
from auteur.domain.errors import BusUnavailableError

_BUSY_MS = 5000
_CACHE_KIB = 8 << 10
_PROBE_BUSY_MS = 300
_PROBE_BYTES = 4 << 10
_MOST_TOGETHER = 64
"""Transactions of one commit: what is refused late costs the others their time."""
_WAL_PAGES = 1000
"""As SQLite has it: from so many on, a commit puts what it finds into the file itself, and waits for the disk."""
_TIDY_EVERY = 150
"""Commits in the event loop, of some pages each, between two at which the file's thread does that."""
_SLOW_S, _AWAY_S, _AWAY_MOST_S = 0.05, 1.0, 60.0
"""A commit in the event loop that took so long is the last for a while, and for twice as long each time that the next
one does, too: the disk is busy, and everybody waits for it."""

T = TypeVar("T")
U = TypeVar("U")


class SqliteDatabase:
    """One file, spoken to by one thread. Open with ``async with``.

    Transactions that wait at the same time are committed together (a group commit): each still counts or does not by
    itself, and nobody is answered before the commit. What need not survive a loss of power waits for no disk: it is
    done in the event loop, without a word to the thread and back, as long as the thread has nothing to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = os.fspath(path)
        self.epoch = ""
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: sqlite3.Connection | None = None
        self._is_synced: bool | None = None
        self._soon: list[Job] = []
        self._given = 0  # to the thread, and not answered yet
        self._here = False  # whether the connection is set for the event loop, where nothing may wait
        self._commits_here = 0
        self._away_until, self._away_s = 0.0, _AWAY_S

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._serve, name="sqlite", daemon=True)
        self._thread.start()
        try:
            await self.call(self._open)
        except BaseException:
            self._jobs.put(None)
            self._thread = None
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        with contextlib.suppress(BusUnavailableError):
            await self.call(self._close)
        self._connection = None
        thread, self._thread = self._thread, None
        self._jobs.put(None)
        if thread is not None:
            await asyncio.to_thread(thread.join)

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs the work in the file's thread, in order. Raises `BusUnavailableError`."""
        outcome: T = await self._do(work, None)
        return outcome

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `call`, with one view of the file from beginning to end."""

        def at_once(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("COMMIT")

        return await self.call(at_once)

    async def transact(self, work: Callable[[sqlite3.Connection], T], *, synced: bool = True) -> T:
        """Like `call`, all or nothing, alone among all processes.

        A process may be killed at any time without harm. ``synced``: the machine may lose its power, too.
        """
        outcome: T = await self._do(work, synced)
        return outcome

    async def transact_then(
        self, work: Callable[[sqlite3.Connection], T], then: Callable[[T], U], *, synced: bool = True
    ) -> U:
        """The same; answers what ``then`` makes of it, which is called in the event loop also when the caller is
        cancelled meanwhile, and must not raise. Work that need not be ``synced`` is small: it may be done in the event
        loop."""
        outcome: U = await self._do(work, synced, then, small=not synced)
        return outcome

    def later(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Has the thread do it behind what waits, all or nothing, and nobody hears how it went: it is asked for again
        when there is more of it. It need not survive a loss of power. Nothing, where the database is closed."""
        if self._thread is None or self._loop is None:
            return
        job = Job(work, self._loop.create_future(), synced=False)
        job.waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._give(job)

    async def _do(
        self,
        work: Callable[[sqlite3.Connection], Any],
        synced: bool | None,
        then: Callable[[Any], Any] | None = None,
        *,
        small: bool = False,
    ) -> Any:
        if self._thread is None or self._loop is None:
            raise RuntimeError("the database is not open")
        job = Job(work, self._loop.create_future(), synced, then)
        if not small or self._given or self._connection is None:
            self._give(job)
        else:
            if not self._soon:
                self._loop.call_soon(self._run_here)
            self._soon.append(job)
        return await job.waiting

    def _give(self, job: Job) -> None:
        """To the thread, behind what was asked before."""
        for earlier in (*self._soon, job):
            self._given += 1
            self._jobs.put(earlier)
        self._soon = []

    def _run_here(self) -> None:
        """What was asked in one turn of the loop, in one transaction; in the thread where something stands in the way.
        The thread waits for jobs now, so that the connection is ours."""
        jobs, self._soon = self._soon, []
        began = time.monotonic()
        if not jobs:
            return
        if began < self._away_until or len(jobs) > _MOST_TOGETHER or not self._run_together(jobs, here=True):
            for job in jobs:
                self._give(job)
            return
        if time.monotonic() - began > _SLOW_S:
            self._away_until = time.monotonic() + self._away_s
            self._away_s = min(2 * self._away_s, _AWAY_MOST_S)
        else:
            self._away_s = _AWAY_S
        self._commits_here += 1
        if self._commits_here % _TIDY_EVERY == 0:
            self._give(Job(_tidy, asyncio.get_running_loop().create_future()))
        for job in jobs:
            job.answer()

    def _serve(self) -> None:
        """The file's thread: takes what waits, and answers all of it at once."""
        taken: deque[Job | None] = deque()
        while (first := taken.popleft() if taken else self._jobs.get()) is not None:
            jobs = [first]
            if first.synced is not None:
                with contextlib.suppress(Empty):
                    while len(taken) < _MOST_TOGETHER:
                        taken.append(self._jobs.get_nowait())
                while taken and taken[0] is not None and taken[0].synced is not None:
                    jobs.append(taken[0])
                    taken.popleft()
                self._run_together(jobs)
            else:
                try:
                    first.outcome = self._run(self._in_thread(first.work))
                except BaseException as error:
                    first.error = error
            assert self._loop is not None
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._answer, jobs)
            del jobs, first

    def _answer(self, jobs: list[Job]) -> None:
        self._given -= len(jobs)
        for job in jobs:
            job.answer()

    def _set_for(self, connection: sqlite3.Connection, *, here: bool) -> None:
        """In the event loop a commit waits for nobody: for no other process, and for no disk."""
        if here is not self._here:
            connection.execute(f"PRAGMA busy_timeout = {0 if here else _BUSY_MS}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {0 if here else _WAL_PAGES}")
            self._here = here

    def _in_thread(self, work: Callable[[sqlite3.Connection], T]) -> Callable[[sqlite3.Connection], T]:
        def set_for_it(connection: sqlite3.Connection) -> T:
            self._set_for(connection, here=False)
            return work(connection)

        return set_for_it

    def _run_together(self, jobs: list[Job], *, here: bool = False) -> bool:
        """One transaction of all; what is refused is taken back by itself. False where nothing of it was done, as
        ``here`` nobody can wait: another process writes, or something is to be taken back."""

        def together(connection: sqlite3.Connection) -> bool:
            self._require_file()
            self._set_for(connection, here=here)
            synced = any(job.synced for job in jobs)
            if synced is not self._is_synced:
                connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
                self._is_synced = synced
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if here and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    return False
                raise
            try:
                if not run_all(connection, jobs):
                    connection.execute("ROLLBACK")
                    if here:
                        return False
                    connection.execute("BEGIN IMMEDIATE")
                    run_each(connection, jobs)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return True

        try:
            return self._run(together)
        except BaseException as error:
            for job in jobs:  # also who was refused: that was judged by what was not committed now
                job.error = error
            return True

    async def check_writable(self) -> None:
        """Returns if the file could be written now, after writing to it. Raises `BusUnavailableError` with its cause.

        Waits a short while only for another process that writes.
        """

        def write(connection: sqlite3.Connection) -> None:
            self._require_file()
            connection.execute(f"PRAGMA busy_timeout = {_PROBE_BUSY_MS}")
            try:
                connection.execute("PRAGMA synchronous = NORMAL")
                self._is_synced = False
                connection.execute("BEGIN IMMEDIATE")
                # about as much as accepting a task: BEGIN alone is granted on a full disk
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('probe', ?)", ("." * _PROBE_BYTES,))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")

        await self.call(write)

    def _require_file(self) -> None:
        """Raises `BusUnavailableError` if the file was deleted under our hands: what is written then goes nowhere."""
        if not os.path.exists(self._name):
            raise unavailable(MISSING)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                _keep_private(self.path)
                self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise unavailable(cause_of(error)) from error

    def _open(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.executescript(SCHEMA)
        upgrade(connection)
        carry_over(connection)
        connection.execute("BEGIN IMMEDIATE")
        while enter_words(connection):
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)", (_new_epoch(),))
        open_since = connection.execute("SELECT value FROM meta WHERE name = 'open_since_boot'").fetchone()
        if open_since is not None and open_since[0] != boot_id():
            # the machine stopped while the file was open: the newest events, not synced, may be lost and their numbers
            # used again; the records hold, what clients remember of positions does not
            begin_new_epoch(connection)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('open_since_boot', ?)", (boot_id(),))
        connection.execute("COMMIT")
        (self.epoch,) = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()

    def _close(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("DELETE FROM meta WHERE name = 'open_since_boot'")
        connection.close()


def _tidy(connection: sqlite3.Connection) -> None:
    """Puts what was committed into the file itself, as SQLite does by itself in the thread."""
    with contextlib.suppress(sqlite3.Error):  # the next one meets it, too, or whoever writes
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def begin_new_epoch(connection: sqlite3.Connection) -> None:
    """No position of before is honoured from here on: those who come with one are told that history was lost."""
    connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (_new_epoch(),))


def _keep_private(path: Path) -> None:
    """Has the file, and what SQLite lays beside it, be its owner's alone: it holds secrets of webhooks."""
    with contextlib.suppress(OSError):  # what is wrong with the file, whoever opens it is told in his own words
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        for beside in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.chmod(f"{path}{beside}", 0o600)


def _new_epoch() -> str:
    return uuid.uuid4().hex[:8]
