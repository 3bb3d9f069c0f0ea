"""What is known of a still without opening one: the kinds that there are, and what is told of one that was read.

Which of them can be read is the decoder's business, and that is loaded in children alone: a service has no Pillow.
"""

from dataclasses import dataclass

PICTURE_MEMORY_BYTES = 2 << 30
"""What decoding one may take, address space included. The largest WebP takes half of it."""

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
    ".jp2": "image/jp2",
    ".heic": "image/heic",
}
"""By the suffix under which it is kept: every kind that any installation reads."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a still is. Width and height as it is seen: upright."""

    media_type: str
    suffix: str
    width_px: int
    height_px: int
