"""A tar file, written and read from front to back in flat memory.

Any tar shows and unpacks it. It is read by less than tar allows: regular files with plain relative names. Links,
devices, sparse files, and headers that claim more than there is are refused before anything of them is written.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

BLOCK_BYTES = tarfile.BLOCKSIZE
_CHUNK_BYTES = 1 << 20
_MAX_NAME_BYTES = 4096
_MAX_PART_BYTES = 255


class UnusableBackupError(Exception):
    """A file is no backup, or no longer the one that was made; says in one line what is wrong."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the tape. ``modified_at``: seconds since 1970."""

    name: str
    size_bytes: int
    modified_at: float


class TapeWriter:
    """Appends files to ``out``; close it with `close`."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def begin(self, member: Member) -> None:
        """The header; exactly ``size_bytes`` are to follow, then `pad`."""
        info = tarfile.TarInfo(member.name)
        info.size, info.mtime, info.mode = member.size_bytes, int(member.modified_at), 0o600
        self._out.write(info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape"))

    def write(self, chunk: bytes) -> None:
        """Some of the file's content."""
        self._out.write(chunk)

    def pad(self, size_bytes: int) -> None:
        """Ends a file of that size."""
        self._out.write(bytes(-size_bytes % BLOCK_BYTES))

    def close(self) -> None:
        """Ends the tape; leaves the file open."""
        self._out.write(bytes(2 * BLOCK_BYTES))


class TapeReader:
    """The files of a tape, one after another: ``for member in tape`` and then `content`, before the next.

    ``size_bytes``: of the whole tape. Raises `UnusableBackupError`.
    """

    def __init__(self, source: IO[bytes], size_bytes: int) -> None:
        self._source = source
        self._size_bytes = size_bytes
        self._read_bytes = 0
        self._open: Member | None = None

    def __iter__(self) -> Iterator[Member]:
        while (header := self._header()) is not None:
            name = header.name
            if header.type == tarfile.GNUTYPE_LONGNAME:
                name = self._long_name(header)
                header = self._header()
                if header is None:
                    raise UnusableBackupError("it ends in the midst of a file")
            if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
                raise UnusableBackupError(f"it holds something that is no plain file: {_shown(name)}")
            if not 0 <= header.size <= self._size_bytes - self._read_bytes:
                raise UnusableBackupError(f"it ends in the midst of a file: {_shown(name)}")
            member = self._open = Member(_checked(name), header.size, float(header.mtime))
            yield member
            if self._open is member:
                for _ in self.content(member):
                    pass

    def content(self, member: Member) -> Iterator[bytes]:
        """The bytes of the file that was given last."""
        self._open = None
        left = member.size_bytes
        while left:
            chunk = self._take(min(left, _CHUNK_BYTES))
            left -= len(chunk)
            yield chunk
        self._take(-member.size_bytes % BLOCK_BYTES)

    def _header(self) -> tarfile.TarInfo | None:
        """The next header; None at the end of the tape."""
        block = self._take(BLOCK_BYTES)
        if not any(block):
            if any(self._take(BLOCK_BYTES)) or self._read_bytes != self._size_bytes:
                raise UnusableBackupError("something follows its end")
            return None
        try:
            return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            raise UnusableBackupError("it is no backup of auteur's, or was altered") from None

    def _long_name(self, header: tarfile.TarInfo) -> str:
        if not 0 < header.size <= _MAX_NAME_BYTES:
            raise UnusableBackupError("it holds a name that is too long")
        name = self._take(header.size).rstrip(b"\0")
        self._take(-header.size % BLOCK_BYTES)
        return name.decode("utf-8", "surrogateescape")

    def _take(self, size_bytes: int) -> bytes:
        taken = self._source.read(size_bytes)
        self._read_bytes += len(taken)
        if len(taken) != size_bytes:
            raise UnusableBackupError("it is cut off")
        return taken


def is_plain(name: str) -> bool:
    """Whether the name leads to a place below the one where a tape is unpacked, on any machine."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or len(_bytes(part)) > _MAX_PART_BYTES for part in parts):
        return False
    is_short = len(_bytes(name)) < _MAX_NAME_BYTES
    return is_short and "\\" not in name and not any(ord(letter) < 32 for letter in name)


def _checked(name: str) -> str:
    if not is_plain(name):
        raise UnusableBackupError(f"it holds a name that leads elsewhere: {_shown(name)}")
    return name


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _shown(name: str) -> str:
    return ascii(name[:200])
