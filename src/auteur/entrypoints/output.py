"""Where the command line puts a result: looked at before the work is done, and written whole or not at all."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import IO

_BLOCK = bytes(4096)


class CannotWriteError(Exception):
    """The result cannot be put where it was asked for; the text is one line that names the place."""


class Target:
    """A file, or a directory that the result is put into under its own name.

    Raises `CannotWriteError` if nothing can be written there now.
    """

    def __init__(self, place: str) -> None:
        """``place``: as it was typed; a slash at the end says that a directory is meant."""
        self._place = Path(place)
        with _said_of(self._place):
            real = self._place.resolve()
            self._is_directory = real.is_dir()
            self._is_file = self._is_directory or real.is_file() or not real.exists()
            if place.endswith(("/", os.sep)) and not self._is_directory:
                raise NotADirectoryError(None, "there is no such directory")
            home = real if self._is_directory else real.parent
            if not home.is_dir():
                raise FileNotFoundError(None, f"there is no directory {home}")
            if real.is_file() and not os.access(real, os.W_OK):
                raise PermissionError(None, "the file may not be written")
            if self._is_file:
                with tempfile.TemporaryFile(dir=home) as probe:  # there is room, and we may
                    probe.write(_BLOCK)

    @property
    def is_directory(self) -> bool:
        """Whether several files can be put there."""
        return self._is_directory

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[Path, IO[bytes]]]:
        """The path as it is to be told, and a file to write. The path has the content when the block has ended well;
        otherwise it is as it was. ``name``: the result's own. Raises `CannotWriteError`."""
        path = self._place / name if self._is_directory else self._place
        with _said_of(path):
            if not self._is_file:  # a device or a pipe takes the bytes as they come
                with open(path, "wb") as device:
                    yield path, device
                return
            real = path.resolve()
            if real.is_dir():
                raise IsADirectoryError(None, "it is a directory")
            draft = real.with_name(f".{uuid.uuid4().hex}.partial")
            try:
                with open(draft, "xb") as file:
                    yield path, file
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(real)
            finally:
                draft.unlink(missing_ok=True)


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = error.strerror or "not possible"
        raise CannotWriteError(f"Cannot write {path}: {said[:1].lower()}{said[1:]}.") from None
    except (RuntimeError, ValueError):  # a circle of links, a name that no file can have
        raise CannotWriteError(f"Cannot write {path}: it is no place for a file.") from None


def free_target(name: str) -> Target:
    """In the working directory, where nobody named a place: ``frame.png``, or ``frame-2.png`` where that is there.

    Raises `CannotWriteError`.
    """
    stem, suffix = Path(name).stem, Path(name).suffix
    names = chain([name], (f"{stem}-{number}{suffix}" for number in count(2)))
    return Target(next(free for free in names if not os.path.lexists(free)))
