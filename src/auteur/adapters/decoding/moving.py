"""Films and sounds, read in a child, as `pictures` are.

Each function raises `UnusableFilmError`; `OSError` where a path cannot be opened; `UnavailableError` where no child can
be started.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from auteur.adapters.decoding.child import UndecodableError
from auteur.adapters.decoding.pool import DecodingPool
from auteur.adapters.decoding.worker import Answer, Limits
from auteur.adapters.films import HEAD_BYTES, SUFFIXES, FilmInfo, may_be_one

LIMITS = Limits(
    file_bytes=64 << 30,  # a path's content is read piece by piece
    memory_bytes=3 << 30,
    cpu_s=600.0,  # of a long film every frame is looked at
    wall_s=1800.0,
    retires_at_bytes=512 << 20,
)
_FIRST_FRAME = Limits(file_bytes=64 << 30, memory_bytes=2 << 30, cpu_s=15.0, wall_s=60.0, retires_at_bytes=256 << 20)

_JOBS = "auteur.adapters.decoding.film_jobs"
_whole = DecodingPool("films", _JOBS, LIMITS, at_most=1, idle_s=60.0)
_first = DecodingPool("films", _JOBS, _FIRST_FRAME, at_most=1, idle_s=60.0)


class UnusableFilmError(Exception):
    """The text says what is wrong with a film or sound, fit for whoever sent it."""


async def sound(file: BinaryIO) -> FilmInfo | None:
    """What the sound is, if the file holds one; its first bytes decide whether a child is asked."""
    file.seek(0)
    if not may_be_one(file.read(HEAD_BYTES)):
        return None
    try:
        return await begin(file, "audio")
    except UnusableFilmError:
        return None


async def begin(source: Path | BinaryIO, kind: str | None = None) -> FilmInfo:
    """What the film is, or the sound, of which something can be decoded. ``kind``: what it has to be."""
    return _info(await _asked(_first, "begin", source, {"kind": kind}))


async def whole(source: Path, kind: str) -> FilmInfo:
    """As `begin`, its length by what is really in it: takes as long as decoding all of it does."""
    return _info(await _asked(_whole, "whole", source, {"kind": kind}))


async def poster(source: Path) -> tuple[bytes, int, int]:
    """The first picture as a JPEG, its width and height in pixels."""
    about, data = await _asked(_first, "poster", source, {})
    return data, about["width_px"], about["height_px"]


def _info(answer: Answer) -> FilmInfo:
    """What the child says of a film, if its container is one that there is."""
    film = FilmInfo(**answer[0])
    if film.kind not in ("video", "audio") or film.suffix not in SUFFIXES:
        raise UnusableFilmError("The file is no film or sound that can be read.")
    return film


async def _asked(pool: DecodingPool, job: str, source: Path | BinaryIO, arguments: Mapping[str, Any]) -> Answer:
    try:
        return await pool.ask(job, source, arguments)
    except UndecodableError as error:
        raise UnusableFilmError(error.message) from None
