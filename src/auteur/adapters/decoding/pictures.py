"""Pictures, read in a child: what `images` does, with what a hostile file may do to a process kept away from this one.

Each function raises `UnreadableImageError`; `OSError` where a path cannot be opened; `UnavailableError` where no child
can be started.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from auteur.adapters.decoding.child import UndecodableError
from auteur.adapters.decoding.pool import DecodingPool
from auteur.adapters.decoding.worker import DAMAGED, Answer, Limits
from auteur.adapters.heads import MAX_FILE_BYTES
from auteur.adapters.stills import MEDIA_TYPES, PICTURE_MEMORY_BYTES, ImageInfo
from auteur.domain.errors import UnreadableImageError

LIMITS = Limits(
    file_bytes=MAX_FILE_BYTES,
    memory_bytes=PICTURE_MEMORY_BYTES,
    cpu_s=15.0,  # the largest JPEG 2000 took 4
    wall_s=60.0,
    retires_at_bytes=256 << 20,
)

_pool = DecodingPool("pictures", "auteur.adapters.decoding.picture_jobs", LIMITS, at_most=2, idle_s=120.0)


async def identify(source: Path | BinaryIO) -> ImageInfo:
    """Kind and upright size by the file's head; the pixels are not decoded."""
    return _info(await _asked("identify", source, quick=True))


async def verify(source: Path | BinaryIO) -> ImageInfo:
    """As `identify`, and sure that the whole first picture can be decoded."""
    return _info(await _asked("verify", source))


async def read_here() -> list[str]:
    """The media types that can be read in this installation: what the child has that reads them."""
    found: list[str] = (await _asked("kinds", io.BytesIO(), quick=True))[0]["media_types"]
    return found


async def thumbnail(source: Path, width_px: int, *, tallest: float) -> bytes:
    """A WebP of that width in pixels, never wider than the picture, nor higher than ``tallest`` times the width."""
    return (await _asked("thumbnail", source, {"width_px": width_px, "tallest": tallest}))[1]


async def as_png(source: Path, *, keeps_alpha: bool = False) -> bytes:
    """A PNG of 8 bits, as a person sees the picture. ``keeps_alpha``: of a PNG or WebP with transparency nothing is
    made, and the answer is empty."""
    return (await _asked("as_png", source, {"keeps_alpha": keeps_alpha}))[1]


def _info(answer: Answer) -> ImageInfo:
    """What the child says of a picture, if it can be so: a decoder may have been made to say anything."""
    about = answer[0]
    suffix, width_px, height_px = about.get("suffix"), about.get("width_px"), about.get("height_px")
    if not isinstance(width_px, int) or not isinstance(height_px, int) or suffix not in MEDIA_TYPES:
        raise UnreadableImageError(DAMAGED)
    return ImageInfo(MEDIA_TYPES[suffix], suffix, width_px, height_px)


async def _asked(
    job: str, source: Path | BinaryIO, arguments: Mapping[str, Any] | None = None, *, quick: bool = False
) -> Answer:
    try:
        return await _pool.ask(job, source, arguments, quick=quick)
    except UndecodableError as error:
        raise UnreadableImageError(error.message, **error.details) from None
