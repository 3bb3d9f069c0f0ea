"""Copies of the file while others write to it, and what becomes of a copy that is put in its place again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from auteur.adapters.log.sqlite.database import begin_new_epoch

_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that the record of a task that succeeded names. ``path``: in the workspace."""

    project_id: str
    task_id: str
    path: str
    size_bytes: int
    sha256: str


def named_files(path: Path) -> Iterator[NamedFile]:
    """The files of all tasks that succeeded, of a file that nobody writes to; in flat memory. Nothing, where it was
    written by a release that kept no records. Raises `sqlite3.Error`."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tasks'").fetchone():
            return
        rows = connection.execute(
            "SELECT project_id, task_id, result FROM tasks WHERE status = 'succeeded' AND result IS NOT NULL"
        )
        while some := rows.fetchmany(_AT_A_TIME):
            for project_id, task_id, result in some:
                for artifact in from_json(result)["artifacts"]:
                    yield NamedFile(project_id, task_id, artifact["path"], artifact["size_bytes"], artifact["sha256"])


def begin_anew(path: Path) -> None:
    """Makes a copy the log from now on: what came after it was made is not known here, and its numbers will be used
    again, so that no bookmark of before may be honoured. Leaves alone what is no log. Raises `sqlite3.Error`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            return
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        begin_new_epoch(connection)
        connection.execute("DELETE FROM meta WHERE name = 'open_since_boot'")
        connection.execute("COMMIT")
