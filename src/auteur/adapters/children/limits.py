"""What a process may take of the machine. Where the system knows no such limits (Windows), none are set."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None  # type: ignore[assignment]

_M_ARENA_MAX = -8  # malloc.h
_FILES = 64


def confine(memory_bytes: int) -> None:
    """For the rest of this process's life: at most that much memory, no file written, no core left; and where the
    machine has none left, it is the first to go. To be called when all is imported."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)  # each would reserve 64 MB of what may be taken
    if resource is None:
        return
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
    ):
        with contextlib.suppress(OSError, ValueError):  # macOS knows RLIMIT_AS and does not keep it
            hard = resource.getrlimit(what)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (most, most))


def allow_cpu(seconds: float) -> None:
    """From now on at most so much more time of the processor; then the kernel ends the process (SIGXCPU)."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + seconds) + 1
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def peak_bytes() -> int:
    """The most memory that this process ever held; 0 where nobody knows."""
    with contextlib.suppress(OSError, StopIteration):
        # not what getrusage says: on Linux a child begins with the peak of its parent
        status = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) << 10
    return 0 if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def give_back_memory() -> None:
    """Hands to the system what was freed and is still kept for later, where the C library (glibc) can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


@contextlib.contextmanager
def memory_bounded(more_bytes: int) -> Iterator[None]:
    """What runs within may take so much more memory than the process has now, and gets a `MemoryError` beyond.

    For a child that does one thing at a time: the limit is the whole process's.
    """
    held = _address_space()
    if resource is None or held is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = held + more_bytes
    most = most if soft == resource.RLIM_INFINITY else min(most, soft)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return None
