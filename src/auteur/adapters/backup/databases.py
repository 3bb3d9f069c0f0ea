"""SQLite files, copied while others write to them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

_BUSY_S = 30.0


def databases_in(directory: Path) -> Iterator[Path]:
    """The database files below it, whoever keeps them there."""
    for folder, _, names in os.walk(directory):
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix == ".db" and path.is_file() and not path.is_symlink():
                yield path


def copy_database(source: Path, target: Path) -> None:
    """The database as it stands at one moment, in one file. A writer waits for none of it in WAL mode.

    Raises `sqlite3.Error` where it cannot be read or is damaged.
    """
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_S)) as read,
        closing(sqlite3.connect(target, isolation_level=None)) as written,
    ):
        read.backup(written)  # in one step: one that pauses begins again with every write of another process
        check_database(written)
        written.execute("PRAGMA journal_mode = DELETE")


def check_database(connection: sqlite3.Connection) -> None:
    """Raises `sqlite3.DatabaseError` where the pages do not hold together."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(str(found).splitlines()[0])
