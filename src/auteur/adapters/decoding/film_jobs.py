"""What children do with films and sounds."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import av

from auteur.adapters import films
from auteur.adapters.colour import srgb_profile
from auteur.adapters.decoding.child import Source, UndecodableError

Made = tuple[Mapping[str, Any], bytes]

_QUALITY = 90

av.logging.set_level(None)  # FFmpeg tells of each damaged block; that the file cannot be used says it once


def begin(source: Source, kind: str | None) -> Made:
    """See `films.begin`."""
    return _asked(source, lambda file: (asdict(films.begin(file, kind)), b""))


def whole(source: Source, kind: str) -> Made:
    """See `films.whole`."""
    return _asked(source, lambda file: (asdict(films.whole(file, kind)), b""))


def poster(source: Source) -> Made:
    """The first picture as a JPEG, and its size."""

    def make(file: BinaryIO) -> Made:
        picture = films.first_picture(file)
        into = io.BytesIO()
        picture.save(into, "JPEG", quality=_QUALITY, icc_profile=srgb_profile())
        return {"width_px": picture.width, "height_px": picture.height}, into.getvalue()

    return _asked(source, make)


def _asked(source: Source, work: Callable[[BinaryIO], Made]) -> Made:
    with _file(source) as file:
        try:
            return work(file)
        except films.UnreadableFilmError:
            raise UndecodableError("The file is no film or sound that can be read.") from None


@contextmanager
def _file(source: Source) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with open(source, "rb") as file:
            yield file
    else:
        yield source
