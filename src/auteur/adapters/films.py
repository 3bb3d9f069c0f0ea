"""Any film or sound that people have -> what it is, and its first picture. For processes that may be lost, as `images`.

A demuxer is chosen here, by the file's first bytes, from a short list. FFmpeg left to itself would try some three
hundred, among them those of playlists, which open other files and addresses.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

from auteur.adapters.heads import MAX_PIXELS

MAX_FRAMES = 200_000
"""Of a film: two hours at 25 a second are 180 000."""

_A_SECOND = 1_000_000
"""Of a container's own clock: AV_TIME_BASE."""
_MATROSKA = b"\x1a\x45\xdf\xa3"
HEAD_BYTES = 377


class UnreadableFilmError(Exception):
    """The file is no film or sound that can be read."""


@dataclass(frozen=True, slots=True)
class FilmInfo:
    """What a film or a sound is. ``kind``: ``video`` or ``audio``; ``suffix``: that of its container."""

    kind: str
    suffix: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class _Container:
    """A format by its first bytes. ``demuxer``: FFmpeg's name."""

    is_it: Callable[[bytes], bool]
    demuxer: str
    suffix: Callable[[bytes, str], str]


def _suffix_of_mp4(head: bytes, kind: str) -> str:
    return ".m4a" if kind == "audio" else ".mov" if head[8:12] == b"qt  " else ".mp4"


_CONTAINERS = (
    _Container(lambda head: head[4:8] in (b"ftyp", b"moov", b"wide", b"mdat"), "mov", _suffix_of_mp4),
    _Container(
        lambda head: head.startswith(_MATROSKA), "matroska", lambda head, _: ".webm" if b"webm" in head[:64] else ".mkv"
    ),
    _Container(lambda head: head[:4] == b"RIFF" and head[8:12] == b"AVI ", "avi", lambda *_: ".avi"),
    _Container(lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE", "wav", lambda *_: ".wav"),
    _Container(lambda head: head[:1] == b"G" and head[188:189] == b"G" == head[376:377], "mpegts", lambda *_: ".ts"),
    _Container(lambda head: head.startswith(b"fLaC"), "flac", lambda *_: ".flac"),
    _Container(lambda head: head.startswith(b"OggS"), "ogg", lambda *_: ".ogg"),
    _Container(
        lambda head: head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"), "mp3", lambda *_: ".mp3"
    ),
)


SUFFIXES = frozenset({".mp4", ".m4a", ".mov", ".webm", ".mkv", ".avi", ".wav", ".ts", ".flac", ".ogg", ".mp3"})
"""Of all containers that are read."""


def may_be_one(head: bytes) -> bool:
    """Whether a file that begins so may be a film or a sound: by its first bytes alone, nothing is opened."""
    return any(known.is_it(head) for known in _CONTAINERS)


def begin(file: BinaryIO, kind: str | None = None) -> FilmInfo:
    """What the film is, or the sound, of which something can be decoded. ``kind``: the one that it has to be.

    Raises `UnreadableFilmError`.
    """
    with _opened(file) as (container, known, head):
        streams = {stream.type: stream for stream in reversed(container.streams)}
        kind = kind or ("video" if "video" in streams else "audio")
        stream = streams.get(kind)
        if stream is None or next(_frames(container, stream), None) is None:
            raise UnreadableFilmError
        duration_s = None if container.duration is None else round(container.duration / _A_SECOND, 6)
        return _info(stream, kind, known.suffix(head, kind), duration_s)


def whole(file: BinaryIO, kind: str) -> FilmInfo:
    """As `begin`, its length by what is really in it: all of it is decoded. Raises `UnreadableFilmError`."""
    with _opened(file) as (container, known, head):
        stream: Any = next((stream for stream in container.streams if stream.type == kind), None)
        if stream is None:
            raise UnreadableFilmError
        length = 0
        for number, frame in enumerate(_frames(container, stream), 1):
            if kind == "video" and number > MAX_FRAMES:
                raise UnreadableFilmError
            length += 1 if kind == "video" else frame.samples
        rate = stream.average_rate if kind == "video" else stream.rate
        if not length:
            raise UnreadableFilmError
        return _info(stream, kind, known.suffix(head, kind), round(float(length / rate), 6) if rate else None)


def first_picture(file: BinaryIO) -> Any:
    """The first frame, as a Pillow image. Raises `UnreadableFilmError`."""
    with _opened(file) as (container, _, _):
        for stream in container.streams.video:
            for frame in _frames(container, stream):
                return frame.to_image()
    raise UnreadableFilmError


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a film says of itself. ``frames`` and ``rate``: of its pictures, exact; ``comment``: its metadata's."""

    width_px: int
    height_px: int
    frames: int
    rate: Fraction
    comment: str | None


def facts(file: BinaryIO) -> FilmFacts:
    """What the film says of itself; its pictures are not decoded. Raises `UnreadableFilmError`."""
    with _opened(file) as (container, _, _):
        stream: Any = next(iter(container.streams.video), None)
        if stream is None or not (rate := stream.average_rate or stream.guessed_rate):
            raise UnreadableFilmError
        _check(stream)
        comment, size = container.metadata.get("comment"), (stream.width, stream.height)
        frames = stream.frames or sum(packet.size > 0 for packet in container.demux(stream))
        return FilmFacts(*size, max(frames, 1), Fraction(rate), comment)


def pictures(file: BinaryIO) -> Iterator[Any]:
    """The frames of the first pictures in a film, as PyAV has them, within bounds. Raises `UnreadableFilmError`."""
    with _opened(file) as (container, _, _):
        for stream in container.streams.video[:1]:
            yield from _frames(container, stream)


def sound(file: BinaryIO) -> Iterator[Any]:
    """The frames of the first sound in a film or sound file, as PyAV has them. Raises `UnreadableFilmError`."""
    with _opened(file) as (container, _, _):
        stream = next((stream for stream in container.streams if stream.type == "audio"), None)
        if stream is None:
            raise UnreadableFilmError
        yield from container.decode(stream)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[Any, _Container, bytes]]:
    import av  # 40 MB that a process which only asks what a `FilmInfo` is need not have

    file.seek(0)
    head = file.read(HEAD_BYTES)
    known = next((known for known in _CONTAINERS if known.is_it(head)), None)
    if known is None:
        raise UnreadableFilmError
    file.seek(0)
    try:
        with av.open(file, "r", format=known.demuxer) as container:
            yield container, known, head
    except (UnreadableFilmError, MemoryError):
        raise
    except Exception as error:  # FFmpeg raises what the file makes it
        raise UnreadableFilmError from error


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """Each within bounds; its size is asked for before the first is decoded, and of each, since it may change."""
    _check(stream)
    for frame in container.decode(stream):
        _check(frame)
        yield frame


def _check(sized: Any) -> None:
    if (getattr(sized, "width", 0) or 0) * (getattr(sized, "height", 0) or 0) > MAX_PIXELS:
        raise UnreadableFilmError


def _info(stream: Any, kind: str, suffix: str, duration_s: float | None) -> FilmInfo:
    if kind == "audio":
        return FilmInfo(kind, suffix, duration_s=duration_s)
    rate = stream.average_rate
    return FilmInfo(kind, suffix, stream.width, stream.height, duration_s, float(rate) if rate else None)
