"""`ProjectLibrary` on Redis."""

from collections.abc import Sequence
from datetime import datetime

from auteur.adapters.log.redis.scripts import BROWSE, SHELVE, meta_key
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import (
    DocumentChangedError,
    DocumentNotFoundError,
    ProjectDeletedError,
    TooManyDocumentsError,
)
from auteur.domain.film_library import Document, DocumentKind


class RedisProjectLibrary:
    """`ProjectLibrary` on a `RedisDatabase`, the same one as the bus."""

    def __init__(self, database: RedisDatabase) -> None:
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
        wanted = "" if expected is None else str(expected)
        said, *rest = await self._shelve(project_id, "put", kind, name, wanted, at_most, at.isoformat(), body)
        if said == b"MANY":
            raise TooManyDocumentsError(kind, at_most)
        if said == b"CHANGED":
            raise DocumentChangedError(kind, name, int(rest[0]) or None)
        return Document(
            project_id=project_id, kind=kind, name=name, version=int(rest[0]), updated_at=at, body=body
        )  # fmt: skip

    async def document(self, project_id: str, kind: DocumentKind, name: str) -> Document:
        meta = meta_key(self._database, project_id)
        deleted, found = await self._database.execute(
            ("HGET", meta, "deleted"), ("HGET", f"{meta.removesuffix('meta')}doc:{kind}", name)
        )
        if deleted == b"1":
            raise ProjectDeletedError(project_id)
        if found is None:
            raise DocumentNotFoundError(project_id, kind, name)
        return _document(project_id, kind, name, found)

    async def documents(
        self, project_id: str, kind: DocumentKind, *, after: str | None, limit: int
    ) -> Sequence[Document]:
        key = meta_key(self._database, project_id)
        _, (said, *found) = await self._database.evaluate(BROWSE, [key], kind, after or "", limit)
        if said == b"DELETED":
            raise ProjectDeletedError(project_id)
        pairs = zip(found[::2], found[1::2], strict=True)
        return [_document(project_id, kind, name.decode(), body) for name, body in pairs]

    async def remove(self, project_id: str, kind: DocumentKind, name: str, *, expected: int | None) -> None:
        wanted = "" if expected is None else str(expected)
        said, *rest = await self._shelve(project_id, "remove", kind, name, wanted)
        if said == b"UNKNOWN":
            raise DocumentNotFoundError(project_id, kind, name)
        if said == b"CHANGED":
            raise DocumentChangedError(kind, name, int(rest[0]))

    async def _shelve(self, project_id: str, *args: str | int) -> Sequence[bytes]:
        _, answer = await self._database.evaluate(SHELVE, [meta_key(self._database, project_id)], *args)
        if answer[0] == b"DELETED":
            raise ProjectDeletedError(project_id)
        return list(answer)


def _document(project_id: str, kind: DocumentKind, name: str, value: bytes) -> Document:
    version, at, body = value.decode().split(" ", 2)
    return Document(
        project_id=project_id, kind=kind, name=name, version=int(version), updated_at=datetime.fromisoformat(at),
        body=body,
    )  # fmt: skip
