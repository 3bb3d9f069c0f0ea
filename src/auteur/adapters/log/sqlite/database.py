"""The file, and the one thread that speaks to it."""

import asyncio
import contextlib
import os
import sqlite3
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from auteur.adapters.causes import MISSING, cause_of
from auteur.adapters.log.sqlite.carry import carry_over
from auteur.adapters.log.sqlite.schema import SCHEMA, boot_id, upgrade
from auteur.domain.errors import BusUnavailableError, Cause

_BUSY_MS = 5000
_CACHE_KIB = 8 << 10
_PROBE_BUSY_MS = 300
_PROBE_BYTES = 4 << 10

T = TypeVar("T")


class SqliteDatabase:
    """One file, spoken to by one thread. Open with ``async with``."""

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

        def alone(connection: sqlite3.Connection) -> T:
            self._require_file()
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

    async def check_writable(self) -> None:
        """Returns if the file could be written now, after writing to it. Raises `BusUnavailableError` with its cause.

        Waits a short while only for another process that writes.
        """

        def write(connection: sqlite3.Connection) -> None:
            self._require_file()
            connection.execute(f"PRAGMA busy_timeout = {_PROBE_BUSY_MS}")
            try:
                connection.execute("PRAGMA synchronous = NORMAL")
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
        if not self.path.exists():
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
