"""`ProjectLibrary` of one process."""

from collections.abc import Sequence
from datetime import datetime

from auteur.adapters.log.memory.bus import MemoryHub
from auteur.domain.errors import DocumentChangedError, DocumentNotFoundError, TooManyDocumentsError
from auteur.domain.film_library import Document, DocumentKind


class MemoryProjectLibrary:
    """`ProjectLibrary` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

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
        kept = self._kept(project_id)
        there = kept.get((kind, name))
        version = there.version if there is not None else 0
        if expected is not None and expected != version:
            raise DocumentChangedError(kind, name, version or None)
        if there is None and sum(of == kind for of, _ in kept) >= at_most:
            raise TooManyDocumentsError(kind, at_most)
        document = Document(
            project_id=project_id, kind=kind, name=name, version=version + 1, updated_at=at, body=body
        )  # fmt: skip
        self._hub.documents.setdefault(project_id, kept)[kind, name] = document
        return document

    async def document(self, project_id: str, kind: DocumentKind, name: str) -> Document:
        found = self._kept(project_id).get((kind, name))
        if found is None:
            raise DocumentNotFoundError(project_id, kind, name)
        return found

    async def documents(
        self, project_id: str, kind: DocumentKind, *, after: str | None, limit: int
    ) -> Sequence[Document]:
        kept = self._kept(project_id)
        names = sorted(name for of, name in kept if of == kind and (after is None or name > after))
        return [kept[kind, name] for name in names[:limit]]

    async def remove(self, project_id: str, kind: DocumentKind, name: str, *, expected: int | None) -> None:
        document = await self.document(project_id, kind, name)
        if expected is not None and expected != document.version:
            raise DocumentChangedError(kind, name, document.version)
        del self._kept(project_id)[kind, name]

    def _kept(self, project_id: str) -> dict[tuple[str, str], Document]:
        self._hub.project(project_id)  # raises where it is deleted
        return self._hub.documents.get(project_id, {})
