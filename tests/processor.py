"""Other processes, as Linux tells of them: their processor time, and that they stand still."""

import contextlib
import os
import signal
import time
from pathlib import Path


def cpu_s(pid: int, *, with_ended_children: bool = False) -> float:
    """Seconds that the process has taken so far, and, if asked for, those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_ended_children else 13])) / os.sysconf("SC_CLK_TCK")


def freeze(pid: int) -> None:
    """Stops the process, and returns when every thread of it stands still: on a busy machine some go on for a while."""
    os.kill(pid, signal.SIGSTOP)
    while not all(_stands_still(thread) for thread in Path(f"/proc/{pid}/task").iterdir()):
        time.sleep(0.001)


def _stands_still(thread: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):  # a thread that has ended
        return (thread / "stat").read_text().rpartition(")")[2].split()[0] in "TtZX"
    return True
