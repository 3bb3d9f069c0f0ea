"""The words that records are searched by: entered for many records at a time, and read from the records until then.

An acceptance would write five pages of the file for its words alone, and what enters them for many writes hardly more.
Nobody who searches waits for that: whatever was accepted since is looked through itself, a few records.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from auteur.domain.state import TaskQuery, text_searched_in

AT_A_TIME = 16
"""Records of one process whose words wait at most: each is looked through by who searches."""
_AT_MOST = 500
"""Records of one transaction."""
_ENTERED = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'words_up_to'"
_LAST = "(SELECT coalesce(max(number), 0) FROM tasks)"


def begin_words(connection: sqlite3.Connection) -> None:
    """Has the file know up to which record words were entered: up to the last, where each had its own as it was
    accepted. Whatever else an auteur of before did to the file is made good."""
    connection.execute(f"INSERT OR IGNORE INTO meta VALUES ('words_up_to', {_LAST})")
    _end_at_last(connection)
    connection.execute(f"DELETE FROM words WHERE rowid > ({_ENTERED})")


def enter_words(connection: sqlite3.Connection) -> int:
    """Enters the words of records that wait for it, in the transaction that is open; how many there were, 0 for none
    left."""
    rows = connection.execute(
        "SELECT t.number, p.number, t.request, t.metadata FROM tasks AS t NOT INDEXED"
        f" CROSS JOIN projects AS p ON p.project_id = t.project_id WHERE t.number > ({_ENTERED})"
        " ORDER BY t.number LIMIT ?",
        (_AT_MOST,),
    ).fetchall()
    if rows:
        connection.executemany(
            "INSERT INTO words (rowid, project, text) VALUES (?, ?, ?)",
            ((number, project_token(project), _text(request, metadata)) for number, project, request, metadata in rows),
        )
        connection.execute("UPDATE meta SET value = ? WHERE name = 'words_up_to'", (rows[-1][0],))
    return len(rows)


def remove_words(connection: sqlite3.Connection, number: int) -> None:
    """Removes the words of a record that was removed. Its number may be given again where it was the last."""
    connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
    _end_at_last(connection)


def found_by_words(
    connection: sqlite3.Connection, project_id: str, project_number: int, query: TaskQuery
) -> tuple[str, list[Any]]:
    """What holds of the number of each record that the query's words find, with its values."""
    wanted = " AND ".join(f'"{word}"*' for word in query.words)
    values: list[Any] = [f"{{project}} : {project_token(project_number)} AND {{text}} : ({wanted})"]
    waiting = connection.execute(
        f"SELECT number, request, metadata FROM tasks NOT INDEXED WHERE number > ({_ENTERED}) AND project_id = ?",
        (project_id,),
    )
    found = [number for number, request, metadata in waiting if query.finds(_text(request, metadata))]
    also = f" UNION ALL VALUES {', '.join(['(?)'] * len(found))}" if found else ""
    return f"number IN (SELECT rowid FROM words WHERE words MATCH ?{also})", values + found


def project_token(project_number: int) -> str:
    """The word that marks a project's rows in the index of words."""
    return f"p{project_number}"


def _end_at_last(connection: sqlite3.Connection) -> None:
    connection.execute(
        f"UPDATE meta SET value = {_LAST} WHERE name = 'words_up_to' AND CAST(value AS INTEGER) > {_LAST}"
    )


def _text(request: bytes, metadata: bytes) -> str:
    asked: Mapping[str, Any] = from_json(request)
    return text_searched_in(asked["params"].get("prompt"), asked.get("shot"), from_json(metadata))
