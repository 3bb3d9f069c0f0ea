"""The file, and the one thread that speaks to it."""

import asyncio
import contextlib
import os
import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self, TypeVar

from auteur.adapters.causes import MISSING, cause_of
from auteur.adapters.log.sqlite.carry import carry_over
from auteur.adapters.log.sqlite.schema import SCHEMA, boot_id, upgrade
from auteur.domain.errors import BusUnavailableError, Cause

_BUSY_MS = 5000
_CACHE_KIB = 8 << 10
_PROBE_BUSY_MS = 300
_PROBE_BYTES = 4 << 10
_MOST_TOGETHER = 64
"""Transactions of one commit: what is refused late costs the others their time."""

T = TypeVar("T")
U = TypeVar("U")


@dataclass(slots=True)
class _Job:
    """What somebody waits for. ``synced``: of a transaction, whether it must survive a loss of power; None: no
    transaction of ours. ``then``: makes of what came of it what is answered, in the event loop, whoever still waits.
    ``outcome``: once it ran."""

    work: Callable[[sqlite3.Connection], Any]
    waiting: "asyncio.Future[Any]"
    synced: bool | None = None
    then: Callable[[Any], Any] | None = None
    outcome: Any = None
    error: BaseException | None = None


class SqliteDatabase:
    """One file, spoken to by one thread. Open with ``async with``.

    Transactions that wait at the same time are committed together (a group commit): each still counts or does not by
    itself, and nobody is answered before the commit.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = os.fspath(path)
        self.epoch = ""
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: sqlite3.Connection | None = None
        self._is_synced: bool | None = None

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
        cancelled meanwhile, and must not raise."""
        outcome: U = await self._do(work, synced, then)
        return outcome

    async def _do(
        self,
        work: Callable[[sqlite3.Connection], Any],
        synced: bool | None,
        then: Callable[[Any], Any] | None = None,
    ) -> Any:
        if self._thread is None or self._loop is None:
            raise RuntimeError("the database is not open")
        waiting: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put(_Job(work, waiting, synced, then))
        return await waiting

    def _serve(self) -> None:
        """The file's thread: takes what waits, and answers all of it at once."""
        taken: deque[_Job | None] = deque()
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
                    first.outcome = self._run(first.work)
                except BaseException as error:
                    first.error = error
            assert self._loop is not None
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_answer, jobs)
            del jobs, first

    def _run_together(self, jobs: "list[_Job]") -> None:
        """One transaction of all; what is refused is taken back by itself."""

        def together(connection: sqlite3.Connection) -> None:
            self._require_file()
            synced = any(job.synced for job in jobs)
            if synced is not self._is_synced:
                connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
                self._is_synced = synced
            connection.execute("BEGIN IMMEDIATE")
            try:
                if len(jobs) == 1:
                    jobs[0].outcome = jobs[0].work(connection)
                else:
                    for job in jobs:
                        _run_within(connection, job)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

        try:
            self._run(together)
        except BaseException as error:
            for job in jobs:  # also who was refused: that was judged by what was not committed now
                job.error = error

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
            raise _unavailable(MISSING)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                _keep_private(self.path)
                self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise _unavailable(cause_of(error)) from error

    def _open(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.executescript(SCHEMA)
        upgrade(connection)
        carry_over(connection)
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


def _run_within(connection: sqlite3.Connection, job: _Job) -> None:
    """One of several. What goes wrong with the file itself is raised: it concerns all."""
    connection.execute("SAVEPOINT one")
    try:
        job.outcome = job.work(connection)
    except (sqlite3.OperationalError, OSError):
        raise
    except BaseException as error:
        job.error = _unavailable(cause_of(error)) if isinstance(error, sqlite3.Error) else error
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")


def _answer(jobs: list[_Job]) -> None:
    for job in jobs:
        outcome = job.outcome
        if job.then is not None and job.error is None:
            outcome = job.then(outcome)
        if job.waiting.done():
            continue  # who asked was cancelled
        if job.error is not None:
            job.waiting.set_exception(job.error)
        else:
            job.waiting.set_result(outcome)


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


def _unavailable(cause: Cause) -> BusUnavailableError:
    return BusUnavailableError("The project database cannot be used now.", cause=cause)


def _new_epoch() -> str:
    return uuid.uuid4().hex[:8]
