"""Writing to a local disk, so that what is said to be there survives a crash."""

import asyncio
import errno
import os
import shutil
import stat
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import IO, TypeVar

from auteur.adapters.causes import cause_of
from auteur.domain.errors import workspace_error

_PROBE_BYTES = 64 << 10
"""More than a file system keeps beside a file's name, so that a full one shows."""
_LEAST_FREE_BYTES = 1 << 20

T = TypeVar("T")


async def in_workspace(work: Callable[[], T]) -> T:
    """Runs it in a thread. Raises `WorkspaceUnavailableError` where the file system refuses."""
    return await _translated(asyncio.to_thread(work))


def remove_tree(directory: Path) -> None:
    """Removes a directory with all that is in it. What somebody else removes at the same time is no reason to stop:
    an attempt may still be tidied away while its project goes. Harmless where there is none; raises `OSError`."""
    if sys.version_info >= (3, 12):
        shutil.rmtree(directory, onexc=_pass_over_what_is_gone)
    else:
        shutil.rmtree(directory, onerror=lambda work, path, told: _pass_over_what_is_gone(work, path, told[1]))


def _pass_over_what_is_gone(work: Callable[..., object], path: str, error: BaseException) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


async def check_writable(*directories: Path) -> None:
    """Returns if files can be written there: where several are on one disk, in the first of these. Raises
    `WorkspaceUnavailableError`.

    In a thread of its own: the few that all share may be at work on large files, and that is no fault of the disk.
    """
    thread = ThreadPoolExecutor(1, "probe")
    try:
        await _translated(asyncio.get_running_loop().run_in_executor(thread, _probe_all, directories))
    finally:
        thread.shutdown(wait=False)


async def _translated(work: Awaitable[T]) -> T:
    try:
        return await work
    except OSError as error:
        failure = workspace_error(error)
        failure.cause = cause_of(error)
        raise failure from error


def _probe_all(directories: Sequence[Path]) -> None:
    tried: set[int] = set()
    for directory in directories:
        directory.mkdir(parents=True, exist_ok=True)
        disk = directory.stat().st_dev
        if disk not in tried:
            tried.add(disk)
            probe(directory)


def probe(directory: Path) -> None:
    """Returns if files can be written there. Raises `OSError`."""
    mine = directory / f".probe-{os.getpid()}"
    directory.mkdir(parents=True, exist_ok=True)
    try:
        mine.write_bytes(bytes(_PROBE_BYTES))
    finally:
        with suppress(OSError):
            mine.unlink(missing_ok=True)  # two may look at a time
    if shutil.disk_usage(directory).free < _LEAST_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def create(path: Path) -> IO[bytes]:
    """A new file, and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "xb")


def open_regular(path: Path) -> BufferedReader:
    """The file, for reading, if it is one: no link, folder, pipe, socket or device, and none that took its place since
    somebody looked. Never waits for who writes into a pipe. Raises `OSError`, `FileNotFoundError` where it is no file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):  # a link, a socket or pipe, a folder
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return os.fdopen(handle, "rb")


def sync(path: Path) -> None:
    """What was written there survives a power cut. Raises `OSError`, also for a pipe, and waits for nobody."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
