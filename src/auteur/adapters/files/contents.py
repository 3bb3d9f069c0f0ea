"""What lies in a bucket, told of as `ArtifactStore.stored` has it, from lists of its keys."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from auteur.adapters.files.names import ATTEMPT, DESCRIPTION, ID, UPLOAD, UPLOADS
from auteur.adapters.files.objects import StoredObject
from auteur.domain.ports import StoredFiles


async def files_of(project_id: str, pages: AsyncIterator[Sequence[StoredObject]]) -> AsyncIterator[StoredFiles]:
    """The uploads and attempts of a project. A store lists by key, so that what an attempt left comes together; a file
    there is whole, so there are no drafts, and thumbnails lie elsewhere."""
    attempt: StoredFiles | None = None
    async for page in pages:
        for found in page:
            _, *names = found.key.split("/")
            if attempt is not None:
                if found.key.startswith(f"{attempt.path}/"):
                    attempt = _with(attempt, found)
                    continue
                yield attempt
                attempt = None
            if names[0] == UPLOADS and len(names) == 2 and UPLOAD.fullmatch(names[1]):
                yield StoredFiles(
                    kind="upload",
                    project_id=project_id,
                    path=found.key,
                    size_bytes=found.size_bytes,
                    changed_at=found.modified_at,
                )
            elif len(names) > 2 and ID.fullmatch(names[0]) and ATTEMPT.fullmatch(names[1]):
                begun = StoredFiles(
                    kind="attempt",
                    project_id=project_id,
                    task_id=names[0],
                    attempt=int(names[1]),
                    path=f"{project_id}/{names[0]}/{names[1]}",
                    size_bytes=0,
                    changed_at=found.modified_at,
                )
                attempt = _with(begun, found)
    if attempt is not None:
        yield attempt


def _with(attempt: StoredFiles, found: StoredObject) -> StoredFiles:
    return replace(
        attempt,
        size_bytes=attempt.size_bytes + found.size_bytes,
        changed_at=max(attempt.changed_at, found.modified_at),
        is_described=attempt.is_described or found.key == f"{attempt.path}/{DESCRIPTION}",
    )
