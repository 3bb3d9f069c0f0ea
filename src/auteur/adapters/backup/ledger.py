"""What a tape holds, written down on disk: a workspace may have a million files, and memory stays flat."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it was read. ``name``: on the tape; ``sha256``: in hexadecimal."""

    name: str
    size_bytes: int
    sha256: str

    def line(self) -> bytes:
        """As the manifest has it."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Ledger:
    """A table of entries in a file of its own, at a path where nothing is yet."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(
            "CREATE TABLE entries (name BLOB PRIMARY KEY, size_bytes INTEGER, sha256 TEXT, named INTEGER DEFAULT 0)"
            " WITHOUT ROWID"
        )
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """The file may go then."""
        self._connection.close()

    def add(self, entry: Entry) -> None:
        """Writes it down; of two of one name the later counts."""
        given = (_key(entry.name), entry.size_bytes, entry.sha256)
        self._connection.execute("INSERT OR REPLACE INTO entries (name, size_bytes, sha256) VALUES (?, ?, ?)", given)

    def find(self, name: str) -> Entry | None:
        """The entry of that name."""
        found = "SELECT size_bytes, sha256 FROM entries WHERE name = ?"
        row = self._connection.execute(found, (_key(name),)).fetchone()
        return None if row is None else Entry(name, *row)

    def mark(self, name: str, look: int) -> None:
        """Notes that a record named it when it was looked at for the so-manieth time."""
        self._connection.execute("UPDATE entries SET named = ? WHERE name = ?", (look, _key(name)))

    def unnamed(self, look: int) -> Iterator[str]:
        """The names that were not marked in that look."""
        last = b""
        while row := self._connection.execute(
            "SELECT name FROM entries WHERE named != ? AND name > ? ORDER BY name LIMIT 1", (look, last)
        ).fetchone():
            last = row[0]
            yield last.decode("utf-8", "surrogateescape")

    def drop(self, name: str) -> None:
        """Strikes it out."""
        self._connection.execute("DELETE FROM entries WHERE name = ?", (_key(name),))

    def totals(self) -> tuple[int, int]:
        """How many files, and their bytes."""
        files, size_bytes = self._connection.execute("SELECT count(*), total(size_bytes) FROM entries").fetchone()
        return int(files), int(size_bytes)

    def __iter__(self) -> Iterator[Entry]:
        for name, size_bytes, sha256 in self._connection.execute(
            "SELECT name, size_bytes, sha256 FROM entries ORDER BY name"
        ):
            yield Entry(name.decode("utf-8", "surrogateescape"), size_bytes, sha256)


def _key(name: str) -> bytes:
    """Names of files need not be text; SQLite's are."""
    return name.encode("utf-8", "surrogateescape")
