"""Files that a workflow is given: brought to the server under a name that follows from what is in them."""

import asyncio
import hashlib
from pathlib import Path

from auteur.adapters.decoding import pictures


async def ready(path: Path, kind: str) -> tuple[str, bytes]:
    """Name and bytes for an upload. The same file has the same name, so that the server keeps it once.

    A picture comes as a person sees it, as a PNG of 8 bits: nodes that load one clip sixteen bits, and know nothing of
    colour profiles. One with transparency stays as it is where the server can read it: a mask may be meant. Raises
    `UnreadableImageError`, `OSError`, `UnavailableError`.
    """
    data, suffix = b"", ".png"
    if kind == "image":
        data = await pictures.as_png(path, keeps_alpha=True)
    if not data:
        data, suffix = await asyncio.to_thread(path.read_bytes), path.suffix.lower()
    digest = await asyncio.to_thread(hashlib.sha256, data)
    return f"{digest.hexdigest()[:32]}{suffix}", data
