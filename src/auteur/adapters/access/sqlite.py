"""`AccessStore` in a file of its own, beside the log's: the service has it open while the command line writes to it."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from auteur.adapters.access.codec import PASS, TOKEN
from auteur.adapters.causes import cause_of
from auteur.domain.access import Pass, Token
from auteur.domain.errors import BusUnavailableError

T = TypeVar("T")

_BUSY_MS = 2000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tokens (
    number INTEGER PRIMARY KEY, token_id TEXT NOT NULL UNIQUE, revoked_at TEXT, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS passes (
    kind TEXT NOT NULL, digest TEXT NOT NULL, until REAL NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passes_by_end ON passes (until);
CREATE TABLE IF NOT EXISTS sessions (
    owner TEXT NOT NULL, until REAL NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (owner, until, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (until);
"""
_FORGOTTEN_AT_A_TIME = 20


class SqliteAccessStore:
    """`AccessStore` in one file, readable by its owner alone, which is there from the first token or session on: where
    nobody has any, nothing is written and no file is kept open. Open with ``async with``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="access")
        self._connection: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def add_token(self, token: Token) -> None:
        await self._write(
            "INSERT INTO tokens (token_id, body) VALUES (?, ?)", token.token_id, TOKEN.dump_json(token)
        )  # fmt: skip

    async def token(self, token_id: str) -> Token | None:
        rows = await self._do("SELECT body, revoked_at FROM tokens WHERE token_id = ?", token_id)
        return _token(*rows[0]) if rows else None

    async def tokens(self) -> Sequence[Token]:
        return [_token(*row) for row in await self._do("SELECT body, revoked_at FROM tokens ORDER BY number")]

    async def has_tokens(self) -> bool:
        return bool(await self._do("SELECT 1 FROM tokens LIMIT 1"))

    async def revoke_token(self, token_id: str, at: datetime) -> bool:
        changed = await self._do(
            "UPDATE tokens SET revoked_at = ? WHERE token_id = ? AND revoked_at IS NULL RETURNING 1",
            at.isoformat(), token_id,
        )  # fmt: skip
        return bool(changed)

    async def open_session(self, session: Pass, most: int) -> None:
        owner, until = session.principal.id, session.until.timestamp()

        def make_room(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?)", (owner, until, session.digest))
            for row in connection.execute(
                "SELECT until, digest FROM sessions WHERE owner = ? ORDER BY until DESC LIMIT -1 OFFSET ?",
                (owner, most),
            ).fetchall():
                connection.execute("DELETE FROM sessions WHERE owner = ? AND until = ? AND digest = ?", (owner, *row))
                connection.execute("DELETE FROM passes WHERE kind = 'session' AND digest = ?", row[1:])

        await self._keep("session", session, make_room)

    async def session(self, digest: str, now: datetime) -> Pass | None:
        rows = await self._do(
            "SELECT body FROM passes WHERE kind = 'session' AND digest = ? AND until > ?", digest, now.timestamp()
        )  # fmt: skip
        return PASS.validate_json(rows[0][0]) if rows else None

    async def end_session(self, digest: str) -> None:
        def end(connection: sqlite3.Connection) -> None:
            for until, body in connection.execute(
                "DELETE FROM passes WHERE kind = 'session' AND digest = ? RETURNING until, body", (digest,)
            ).fetchall():
                connection.execute(
                    "DELETE FROM sessions WHERE owner = ? AND until = ? AND digest = ?",
                    (PASS.validate_json(body).principal.id, until, digest),
                )

        if await self._is_there():
            await self._call(end)

    async def add_ticket(self, ticket: Pass) -> None:
        await self._keep("ticket", ticket)

    async def take_ticket(self, digest: str, now: datetime) -> Pass | None:
        rows = await self._do("DELETE FROM passes WHERE kind = 'ticket' AND digest = ? RETURNING until, body", digest)
        return PASS.validate_json(rows[0][1]) if rows and now.timestamp() < rows[0][0] else None

    async def _keep(
        self, kind: str, kept: Pass, then: Callable[[sqlite3.Connection], None] = lambda connection: None
    ) -> None:
        """And forgets some of those that have ended by this machine's clock. ``then``: in the same transaction."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM passes WHERE (kind, digest) IN "
                "(SELECT kind, digest FROM passes WHERE until < CAST(strftime('%s', 'now') AS REAL) "
                "ORDER BY until LIMIT ?)",
                (_FORGOTTEN_AT_A_TIME,),
            )
            connection.execute(
                "DELETE FROM sessions WHERE (owner, until, digest) IN (SELECT owner, until, digest FROM sessions "
                "WHERE until < CAST(strftime('%s', 'now') AS REAL) ORDER BY until LIMIT ?)",
                (_FORGOTTEN_AT_A_TIME,),
            )
            connection.execute(
                "INSERT INTO passes VALUES (?, ?, ?, ?)",
                (kind, kept.digest, kept.until.timestamp(), PASS.dump_json(kept)),
            )
            then(connection)

        await self._call(write)

    async def _write(self, statement: str, *values: object) -> None:
        await self._call(lambda connection: connection.execute(statement, values))

    async def _do(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What it returns; nothing where there is no file: there is nothing in it either."""
        if not await self._is_there():
            return []
        return await self._call(lambda connection: connection.execute(statement, values).fetchall())

    async def _is_there(self) -> bool:
        return self._connection is not None or await asyncio.to_thread(self._path.exists)

    async def _call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._open()
            with self._connection:
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise BusUnavailableError("Who may do what cannot be read now.", cause=cause_of(error)) from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self._path, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _token(body: bytes, revoked_at: str | None) -> Token:
    token = TOKEN.validate_json(body)
    return token if revoked_at is None else replace(token, revoked_at=datetime.fromisoformat(revoked_at))
