"""Pictures as they are brought, and files as they are put down: whole, or not at all."""

import asyncio
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from auteur.client.errors import NotAuteurError
from auteur.client.models import Artifact

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | AsyncIterable[bytes]
"""A path, the bytes themselves, an open file, or parts as they come."""
_IN_MEMORY = 4 << 20


@asynccontextmanager
async def opened(source: Source, name: str | None) -> AsyncIterator[tuple[str, IO[bytes]]]:
    """The picture's name and a file that can be read again from its beginning: what cannot is kept in a temporary one,
    on the disk where it is large. Raises `OSError`."""
    if isinstance(source, str | os.PathLike):
        file = await asyncio.to_thread(open, source, "rb")
        with file:
            yield name or Path(source).name, file
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as kept:
        if isinstance(source, bytes | bytearray | memoryview):
            kept.write(source)
        elif isinstance(source, AsyncIterable):
            async for part in source:
                kept.write(part)
        else:
            await asyncio.to_thread(shutil.copyfileobj, source, kept)
        yield name or "picture", kept


async def put_down(parts: AsyncIterator[bytes], target: Path, artifact: Artifact | None) -> None:
    """Writes the parts to ``target``, which is as it was until all are there and right. Raises `OSError`, and
    `NotAuteurError` where they are not what the artifact says."""
    draft = target.with_name(f".{uuid.uuid4().hex}.partial")
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with await asyncio.to_thread(open, draft, "xb") as file:
            async for part in parts:
                await asyncio.to_thread(file.write, part)
                digest.update(part)
                size_bytes += len(part)
            await asyncio.to_thread(_settle, file)
        if artifact is not None and (size_bytes, digest.hexdigest()) != (artifact.size_bytes, artifact.sha256):
            raise NotAuteurError(f"What was sent for {artifact.name} is not the file that was made.")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _settle(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
