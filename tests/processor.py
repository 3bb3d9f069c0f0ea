"""Processor time of other processes, as Linux tells it."""

import os
from pathlib import Path


def cpu_s(pid: int, *, with_ended_children: bool = False) -> float:
    """Seconds that the process has taken so far, and, if asked for, those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if with_ended_children else 13])) / os.sysconf("SC_CLK_TCK")
