"""Objects of a store, and the digests by which they are known."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PART_BYTES = 8 << 20
"""How much of a large file is sent at a time: what a break costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as the store tells of it. ``sha256``: as it was written beside the object, None where nobody did, or
    where it was not asked for."""

    key: str
    size_bytes: int
    modified_at: datetime
    etag: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Of a file: ``etag`` as a store makes it of the parts in which the file is sent."""

    size_bytes: int
    sha256: str
    etag: str


def digests_of(path: Path) -> Digests:
    """Reads the file once. Raises `OSError`."""
    whole, parts, size_bytes = hashlib.sha256(), [], 0
    with open(path, "rb") as file:
        while part := file.read(PART_BYTES):
            whole.update(part)
            parts.append(hashlib.md5(part, usedforsecurity=False))
            size_bytes += len(part)
    if size_bytes > PART_BYTES:
        of_parts = hashlib.md5(b"".join(part.digest() for part in parts), usedforsecurity=False)
        etag = f"{of_parts.hexdigest()}-{len(parts)}"
    else:
        etag = (parts[0] if parts else hashlib.md5(b"", usedforsecurity=False)).hexdigest()
    return Digests(size_bytes=size_bytes, sha256=whole.hexdigest(), etag=etag)
