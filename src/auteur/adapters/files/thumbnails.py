"""Small pictures of large ones: WebP at a few widths, made once, kept beside the file under a hidden name.

Being beside it they go when its directory goes, and being hidden they are no files of the project. They are a
convenience: where they cannot be kept, they are made anew each time.
"""

import asyncio
import io
import os
import uuid
from contextlib import suppress
from pathlib import Path

from PIL.Image import Resampling

from auteur.adapters.files.disk import open_regular
from auteur.adapters.images import decode, identify
from auteur.domain.ports import DRAFT_SUFFIX

WIDTHS_PX = (64, 128, 256, 512, 1024)
"""Few, so that any number of wishes makes few files."""

_TALLEST = 4
"""How many times its width a thumbnail may be high; what is taller still becomes narrower."""

_AT_ONCE = 2
_QUALITY = 80


class Thumbnails:
    """Makes and keeps thumbnails. In one process each is made once, however many ask for it at a time; two processes
    may both make one, and the same file results."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._pending: dict[Path, asyncio.Task[bytes]] = {}

    async def read(self, source: Path, width_px: int) -> bytes:
        """A WebP of the picture at the smallest of `WIDTHS_PX` that is as wide as asked, or at the widest; never wider
        than the picture itself. Raises `UnreadableImageError`, and `OSError` where the picture cannot be opened."""
        step = next((width for width in WIDTHS_PX if width >= width_px), WIDTHS_PX[-1])
        kept = thumbnail_of(source, step)
        pending = self._pending.get(kept)
        if pending is None:
            pending = self._pending[kept] = asyncio.create_task(self._read_or_make(source, kept, step))
            pending.add_done_callback(lambda done: self._forget(kept, done))
        return await asyncio.shield(pending)  # one who leaves does not stop what others wait for

    async def _read_or_make(self, source: Path, kept: Path, step: int) -> bytes:
        found = await asyncio.to_thread(_read, source, kept)
        if found is not None:
            return found
        async with self._gate:
            return await asyncio.to_thread(_make, source, kept, step)

    def _forget(self, kept: Path, done: "asyncio.Task[bytes]") -> None:
        del self._pending[kept]
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits for it any more


def thumbnail_of(source: Path, step: int) -> Path:
    """Where the thumbnail of a picture is kept."""
    return source.with_name(f".{source.name}.{step}.webp")


def _read(source: Path, kept: Path) -> bytes | None:
    """The thumbnail that is kept, None if there is none of the picture as it is now."""
    made_of = source.stat()
    with suppress(OSError):
        if kept.stat().st_mtime_ns == made_of.st_mtime_ns:
            with open_regular(kept) as file:
                return file.read()
    return None


def _make(source: Path, kept: Path, step: int) -> bytes:
    made_of = source.stat()
    still = identify(source)
    scale = min(step / still.width_px, _TALLEST * step / still.height_px, 1.0)
    width, height = max(round(still.width_px * scale), 1), max(round(still.height_px * scale), 1)
    picture = decode(source, near=(2 * width, 2 * height)).resize((width, height), Resampling.LANCZOS)
    into = io.BytesIO()
    picture.save(into, "WEBP", quality=_QUALITY)
    data = into.getvalue()
    _keep(data, kept, made_of)
    if not source.exists():  # removed meanwhile: the directory must not outlive it because of us
        with suppress(OSError):
            kept.unlink(missing_ok=True)
            kept.parent.rmdir()
    return data


def _keep(data: bytes, kept: Path, made_of: os.stat_result) -> None:
    """Whole under its name, or not at all: where the workspace is full or read-only, it is answered and not kept."""
    draft = kept.with_name(f"{kept.name}.{uuid.uuid4().hex[:8]}{DRAFT_SUFFIX}")
    try:
        with open(draft, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.utime(draft, ns=(made_of.st_atime_ns, made_of.st_mtime_ns))
        draft.rename(kept)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
