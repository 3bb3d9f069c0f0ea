"""What children do with pictures."""

import io
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from PIL import AvifImagePlugin, Image
from PIL.Image import Resampling

from auteur.adapters import images
from auteur.adapters.colour import srgb_chunks, srgb_profile
from auteur.adapters.decoding.child import Source, UndecodableError
from auteur.adapters.stills import MEDIA_TYPES
from auteur.domain.errors import UnreadableImageError

Made = tuple[Mapping[str, Any], bytes]
T = TypeVar("T")

_THREADS = 2
_QUALITY = 80
_WITH_ALPHA = frozenset({"RGBA", "LA", "PA"})
_SHOWS_THROUGH = frozenset({"PNG", "WEBP"})

AvifImagePlugin.DEFAULT_MAX_THREADS = _THREADS  # one for each processor would each take a stack of what may be taken


def identify(source: Source) -> Made:
    """See `images.identify`."""
    return asdict(_said(lambda: images.identify(source))), b""


def verify(source: Source) -> Made:
    """See `images.verify`."""
    return asdict(_said(lambda: images.verify(source))), b""


def kinds(_nothing: Source) -> Made:
    """The media types that can be read here."""
    return {"media_types": sorted(MEDIA_TYPES[suffix] for suffix in images.READ)}, b""


def thumbnail(source: Source, width_px: int, tallest: float) -> Made:
    """A WebP as wide as that and at most ``tallest`` times as high, never larger than the picture."""

    def make() -> bytes:
        still = images.identify(source)
        scale = min(width_px / still.width_px, tallest * width_px / still.height_px, 1.0)
        size = max(round(still.width_px * scale), 1), max(round(still.height_px * scale), 1)
        picture = images.decode(source, near=(2 * size[0], 2 * size[1])).resize(size, Resampling.LANCZOS)
        return _saved(picture, "WEBP", quality=_QUALITY, icc_profile=srgb_profile())

    return {}, _said(make)


def as_png(source: Source, keeps_alpha: bool) -> Made:
    """A PNG of 8 bits, as a person sees the picture; nothing where one with transparency is to be kept as it is."""

    def make() -> bytes:
        if keeps_alpha and _is_transparent(source):
            return b""
        return _saved(images.decode(source), "PNG", compress_level=1, pnginfo=srgb_chunks())

    return {}, _said(make)


def _is_transparent(source: Source) -> bool:
    with images.opened(source) as picture:
        shows_through = picture.mode in _WITH_ALPHA or "transparency" in picture.info
        return picture.format in _SHOWS_THROUGH and shows_through


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    into = io.BytesIO()
    picture.save(into, kind, **how)
    return into.getvalue()


def _said(work: Callable[[], T]) -> T:
    try:
        return work()
    except UnreadableImageError as error:
        raise UndecodableError(error.message, **error.details) from None
