"""File systems that are full, or may only be read, for tests that need a real one."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import LONG_S


@contextlib.contextmanager
def small_file_system(place: Path, size: str) -> Iterator[Path]:
    """A file system of its own in memory, of ``size`` (as ``64k``). Skips the test where none can be mounted."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},nr_inodes=1000", "tmpfs", str(place)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(path: Path) -> None:
    """Grows the file until its file system has no room left."""
    with contextlib.suppress(OSError), open(path, "ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def make_read_only(place: Path) -> None:
    """From now on the mounted file system may be read and not written, as soon as nobody writes a file of it."""
    command, until = ["mount", "-o", "remount,ro", str(place)], time.monotonic() + LONG_S
    while (said := subprocess.run(command, capture_output=True, text=True, check=False)).returncode:
        assert time.monotonic() < until, f"the file system stays in use: {said.stderr}"
        time.sleep(0.01)


def make_writable(place: Path) -> None:
    """The opposite of `make_read_only`."""
    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)


def files_in(place: Path) -> list[str]:
    """All files below, sorted, without directories; also while somebody removes some of them."""
    found = [Path(here, name) for here, _, names in os.walk(place) for name in names]
    return sorted(path.relative_to(place).as_posix() for path in found)
