"""Where attempts are worked on, on this machine's own disk, until what they made is kept elsewhere.

Each process has a directory of its own, and holds a lock beside it while it lives: what a process that was killed left
is removed by the next that begins.
"""

import os
import shutil
import threading
import uuid
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from auteur.adapters.files.disk import remove_tree

_LOCK = ".lock"


class Scratch:
    """Directories below ``root``. What is here is nothing that must not be lost."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._mine: Path | None = None
        self._lock: FileLock | None = None
        self._once = threading.Lock()

    def begin(self, *names: str) -> Path:
        """An empty directory of that name. Raises `OSError`."""
        directory = self.home().joinpath(*names)
        remove_tree(directory)
        directory.mkdir(parents=True)
        return directory.resolve()

    def at(self, *names: str) -> Path:
        """The path of that name, whether anything is there. Raises `OSError`."""
        return self.home().joinpath(*names)

    def end(self, *names: str) -> None:
        """Removes the directory, with those above that are empty then. Harmless when it is gone."""
        if self._mine is None:
            return
        directory = self._mine.joinpath(*names)
        shutil.rmtree(directory, ignore_errors=True)
        for above in directory.parents:
            if above == self._mine:
                return
            with suppress(OSError):  # it holds something: then it stays
                above.rmdir()

    def home(self) -> Path:
        """This process's directory. Raises `OSError`."""
        with self._once:
            while self._mine is None:
                self._root.mkdir(parents=True, exist_ok=True)
                self._remove_what_was_left()
                self._take(self._root / f"{os.getpid()}-{uuid.uuid4().hex[:8]}")
            return self._mine

    def _take(self, directory: Path) -> None:
        path = directory.with_name(f"{directory.name}{_LOCK}")
        lock = FileLock(path, thread_local=False)
        with suppress(Timeout):  # somebody who begins too took it for one that was left
            lock.acquire(blocking=False)
            if path.exists():
                directory.mkdir()
                self._mine, self._lock = directory, lock

    def _remove_what_was_left(self) -> None:
        for lock in self._root.glob(f"*{_LOCK}"):
            held = FileLock(lock, thread_local=False)
            with suppress(Timeout, OSError):
                held.acquire(blocking=False)
                shutil.rmtree(lock.with_name(lock.name.removesuffix(_LOCK)), ignore_errors=True)
                lock.unlink(missing_ok=True)
                held.release()
