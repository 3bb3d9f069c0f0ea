"""The sign of life of a worker, which has no port to be asked at: a file that says when its event loop last turned.

The file lies in a directory that only its user can enter, ``auteur-{uid}`` under ``TMPDIR`` or ``/tmp``, and is called
after its process. That process holds a lock on it, which the kernel releases when the process ends, however it ends:
so a file without a lock belongs to nobody, and a process id that was given anew deceives no one. The time in it is the
monotonic clock's, which all processes of a machine share and which no one sets.

Only the standard library is used, because a probe imports this.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows has none: there a file's age alone decides
    fcntl = None  # type: ignore[assignment]

BEAT_S = 2.0
STALE_S = 5 * BEAT_S
_PREFIX = "worker-"
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Heartbeat:
    """The file of this process. Blocking calls, to be made by one thread at a time."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._path = ""

    def beat(self) -> None:
        """Says that this process is alive now; makes the file again if somebody took it away. Raises `OSError` where
        it can be made nowhere."""
        if self._is_there():
            with suppress(OSError):  # full, or gone: tried elsewhere below
                _write_now(self._descriptor)
                return
        self.close()
        self._open()

    def close(self) -> None:
        """Takes the file away. Harmless to repeat."""
        if self._descriptor >= 0:
            if self._is_there():
                with suppress(OSError):
                    os.unlink(self._path)
            os.close(self._descriptor)
            self._descriptor = -1

    def _is_there(self) -> bool:
        if self._descriptor < 0:
            return False
        try:
            return os.path.samestat(os.lstat(self._path), os.fstat(self._descriptor))
        except OSError:
            return False

    def _open(self) -> None:
        problem: OSError | None = None
        for directory in directories():
            try:
                _make_own(directory)
                while not self._is_there():  # until it is locked, a probe may take it for a dead one's
                    self.close()
                    self._create(directory)
                return
            except OSError as error:
                problem = problem or error
                self.close()
        raise problem or FileNotFoundError("there is no directory for temporary files")

    def _create(self, directory: str) -> None:
        self._path = os.path.join(directory, f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}")
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINKS, 0o600)
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # waits no longer than somebody looks at it
        _write_now(self._descriptor)


def directories() -> list[str]:
    """Where this user's heartbeats lie: a worker takes the first that it can have, a probe looks into all.

    Not the workspace, because it is shared with other machines. ``XDG_RUNTIME_DIR`` is not the first, because it ends
    with its user's last session, and a worker may go on.
    """
    user = os.geteuid() if hasattr(os, "geteuid") else os.environ.get("USERNAME", "user")
    temporary = os.environ.get("TMPDIR") or ("/tmp" if os.name == "posix" else os.environ.get("TEMP") or ".")
    parents = [temporary, os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"]
    return [os.path.join(parent, f"auteur-{user}") for parent in parents if os.path.isdir(parent)]


def beats() -> list[tuple[int, float]]:
    """The workers of this user that are there: process id, and for how many seconds it has not shown itself, the
    longest first; beyond `STALE_S` its event loop does not turn. What dead ones left is removed."""
    found = []
    for directory in directories():
        for name in _names(directory):
            with suppress(OSError, ValueError):
                age_s = _look(os.path.join(directory, name))
                if age_s is not None:
                    found.append((int(name.split("-")[1]), age_s))
    return sorted(found, key=lambda beat: -beat[1])


def _look(path: str) -> float | None:
    """Seconds since its last beat; None, and the file is gone, if its process is."""
    with _opened(path) as descriptor:
        content = os.read(descriptor, 64)
        age_s = time.monotonic() - float(content) if content.endswith(b"\n") else float("inf")
        if fcntl is None:
            left_behind = not 0 <= age_s < 10 * STALE_S
        else:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                left_behind = True
            except BlockingIOError:
                left_behind = False
    if left_behind:
        os.unlink(path)
        return None
    return age_s


def _write_now(descriptor: int) -> None:
    """Always of the same length, so that a reader never meets the rest of an older one."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, b"%020.3f\n" % time.monotonic())


@contextmanager
def _opened(path: str) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | _NO_LINKS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _make_own(directory: str) -> None:
    """Raises `PermissionError` where the directory is somebody else's, or a link."""
    with suppress(FileExistsError):
        os.mkdir(directory, 0o700)
    if not _belongs_to_us(directory):
        raise PermissionError(1, "belongs to somebody else", directory)
    os.chmod(directory, 0o700)


def _names(directory: str) -> list[str]:
    """The files there, if only this user can have put them there: what others say of our workers is not believed."""
    with suppress(OSError):
        if _belongs_to_us(directory) and not stat.S_IMODE(os.lstat(directory).st_mode) & 0o022:
            return [name for name in os.listdir(directory) if name.startswith(_PREFIX)]
    return []


def _belongs_to_us(directory: str) -> bool:
    about = os.lstat(directory)
    return stat.S_ISDIR(about.st_mode) and (not hasattr(os, "geteuid") or about.st_uid == os.geteuid())
