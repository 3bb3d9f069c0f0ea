"""What a file is, by what it holds: never by its name, its url or what a server says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from auteur.adapters.images import MAX_PIXELS, verify
from auteur.adapters.inputs.problems import UnusableInputError
from auteur.domain.errors import UnreadableImageError

_MATROSKA = b"\x1a\x45\xdf\xa3"


@dataclass(frozen=True, slots=True)
class _Container:
    """A format by its first bytes. ``demuxer``: FFmpeg's name. One that names other files, as a playlist does, is none
    of them: a demuxer that is not named to FFmpeg would be chosen by the file."""

    is_it: Callable[[bytes], bool]
    demuxer: str
    suffix: Callable[[bytes, str], str]


def _suffix_of_mp4(head: bytes, kind: str) -> str:
    return ".m4a" if kind == "audio" else ".mov" if head[8:12] == b"qt  " else ".mp4"


_CONTAINERS = (
    _Container(lambda head: head[4:8] == b"ftyp", "mov", _suffix_of_mp4),
    _Container(
        lambda head: head.startswith(_MATROSKA), "matroska", lambda head, _: ".webm" if b"webm" in head else ".mkv"
    ),
    _Container(lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE", "wav", lambda *_: ".wav"),
    _Container(lambda head: head.startswith(b"fLaC"), "flac", lambda *_: ".flac"),
    _Container(lambda head: head.startswith(b"OggS"), "ogg", lambda *_: ".ogg"),
    _Container(
        lambda head: head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"), "mp3", lambda *_: ".mp3"
    ),
)


def suffix_of(file: BinaryIO, kind: str) -> str:
    """The extension of a file of that kind, of which the first picture or sound can be decoded. Blocks.

    Raises `UnusableInputError`.
    """
    if kind == "image":
        try:
            return verify(file).suffix
        except UnreadableImageError as error:
            raise UnusableInputError(f"cannot be used: {error.message}") from None
    file.seek(0)
    head = file.read(64)
    container = next((known for known in _CONTAINERS if known.is_it(head)), None)
    if container is None or not _has(file, container.demuxer, kind):
        raise UnusableInputError(f"cannot be used: the file is no {kind} that can be read")
    return container.suffix(head, kind)


def _has(file: BinaryIO, demuxer: str, kind: str) -> bool:
    """Whether a stream of that kind begins with something that can be decoded."""
    import av  # 40 MB that a process which only accepts pictures need not have

    file.seek(0)
    try:
        with av.open(file, "r", format=demuxer) as opened:
            stream = next(stream for stream in opened.streams if stream.type == kind)
            size = getattr(stream, "width", 0) * getattr(stream, "height", 0)
            return size <= MAX_PIXELS and next(iter(opened.decode(stream)), None) is not None
    except Exception:  # FFmpeg raises what the file makes it; and there may be no such stream
        return False
