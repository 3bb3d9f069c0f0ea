"""`ProjectLibrary` in one SQLite file."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.webhooks import require_project
from auteur.domain.errors import DocumentChangedError, DocumentNotFoundError, TooManyDocumentsError
from auteur.domain.film_library import Document, DocumentKind


class SqliteProjectLibrary:
    """`ProjectLibrary` on a `SqliteDatabase`. Names are compared byte by byte, which in UTF-8 is by code points."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def put(
        self,
        project_id: str,
        kind: DocumentKind,
        name: str,
        body: str,
        at: datetime,
        *,
        expected: int | None,
        at_most: int,
    ) -> Document:
        def write(connection: sqlite3.Connection) -> Document:
            require_project(connection, project_id)
            version = _version(connection, project_id, kind, name)
            if expected is not None and expected != version:
                raise DocumentChangedError(kind, name, version or None)
            if not version:
                (there,) = connection.execute(
                    "SELECT count(*) FROM documents WHERE project_id = ? AND kind = ?", (project_id, kind)
                ).fetchone()
                if there >= at_most:
                    raise TooManyDocumentsError(kind, at_most)
            connection.execute(
                "INSERT OR REPLACE INTO documents (project_id, kind, name, version, updated_at, body)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (project_id, kind, name, version + 1, at.isoformat(), body),
            )
            return Document(
                project_id=project_id, kind=kind, name=name, version=version + 1, updated_at=at, body=body
            )  # fmt: skip

        return await self._database.transact(write)

    async def document(self, project_id: str, kind: DocumentKind, name: str) -> Document:
        def read(connection: sqlite3.Connection) -> Document:
            require_project(connection, project_id)
            row = connection.execute(
                "SELECT version, updated_at, body FROM documents WHERE project_id = ? AND kind = ? AND name = ?",
                (project_id, kind, name),
            ).fetchone()
            if row is None:
                raise DocumentNotFoundError(project_id, kind, name)
            return _document(project_id, kind, name, *row)

        return await self._database.read(read)

    async def documents(
        self, project_id: str, kind: DocumentKind, *, after: str | None, limit: int
    ) -> Sequence[Document]:
        def read(connection: sqlite3.Connection) -> Sequence[Document]:
            require_project(connection, project_id)
            rows = connection.execute(
                "SELECT name, version, updated_at, body FROM documents"
                " WHERE project_id = ? AND kind = ? AND name > ? ORDER BY name LIMIT ?",
                (project_id, kind, after or "", limit),
            )
            return [_document(project_id, kind, *row) for row in rows]

        return await self._database.read(read)

    async def remove(self, project_id: str, kind: DocumentKind, name: str, *, expected: int | None) -> None:
        def write(connection: sqlite3.Connection) -> None:
            require_project(connection, project_id)
            version = _version(connection, project_id, kind, name)
            if not version:
                raise DocumentNotFoundError(project_id, kind, name)
            if expected is not None and expected != version:
                raise DocumentChangedError(kind, name, version)
            connection.execute(
                "DELETE FROM documents WHERE project_id = ? AND kind = ? AND name = ?", (project_id, kind, name)
            )

        await self._database.transact(write)


def _version(connection: sqlite3.Connection, project_id: str, kind: str, name: str) -> int:
    """0 where it is not there."""
    row = connection.execute(
        "SELECT version FROM documents WHERE project_id = ? AND kind = ? AND name = ?", (project_id, kind, name)
    ).fetchone()
    return int(row[0]) if row is not None else 0


def _document(
    project_id: str, kind: DocumentKind, name: str, version: int, updated_at: str, body: str
) -> Document:  # fmt: skip
    return Document(
        project_id=project_id, kind=kind, name=name, version=version,
        updated_at=datetime.fromisoformat(updated_at), body=body,
    )  # fmt: skip
