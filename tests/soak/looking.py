"""What processes hold: memory, descriptors, threads, tasks, children, asked from outside and from inside."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Held:
    """``memory_mb``: resident. ``tasks``: of asyncio, by what they run. ``blocks``: of memory that
    Python's objects take. ``children_mb``: of all its children."""

    memory_mb: float
    descriptors: int
    threads: int
    children: int
    children_mb: float
    tasks: Mapping[str, int]
    blocks: int = 0

    @property
    def task_count(self) -> int:
        return sum(self.tasks.values())

    def beyond(self, baseline: "Held", *, memory_share: float = 0.15, memory_mb: float = 16) -> list[str]:
        """In what it is more than it was.

        Pools keep what they opened once, so a few descriptors or threads may have come with a moment that was busier
        than any before the baseline; what leaks, leaks with every conversation, and there are hundreds.
        """
        found = []
        bound = baseline.memory_mb * (1 + memory_share) + memory_mb
        if self.memory_mb > bound:
            found.append(f"memory {baseline.memory_mb:.0f} -> {self.memory_mb:.0f} MB, bound {bound:.0f}")
        for name, slack in (("descriptors", 12), ("threads", 4), ("children", 2), ("task_count", 4)):
            before, after = getattr(baseline, name), getattr(self, name)
            if after > before + slack:
                more = {kind: n for kind, n in self.tasks.items() if n != baseline.tasks.get(kind, 0)}
                found.append(f"{name} {before} -> {after}" + (f" {more}" if name == "task_count" else ""))
        return found


class Looker:
    """Asks the processes. ``directory``: where those that run `tests.soak.inside` write."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._asked: dict[int, int] = {}

    async def look(self, pid: int, *, inside: bool = True) -> Held:
        tasks, blocks = {}, 0
        if inside:
            self._asked[pid] = self._asked.get(pid, 0) + 1
            os.kill(pid, signal.SIGUSR1)
            told = await self._told(pid)
            tasks, blocks = told["tasks"], told["blocks"]
        children = children_of(pid)
        return Held(
            memory_mb=memory_mb(pid),
            descriptors=len(os.listdir(f"/proc/{pid}/fd")),
            threads=len(os.listdir(f"/proc/{pid}/task")),
            children=len(children),
            children_mb=sum(map(memory_mb, children)),
            tasks=tasks,
            blocks=blocks,
        )

    async def _told(self, pid: int) -> dict[str, Any]:
        path = self._directory / f"{pid}.json"
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(FileNotFoundError):
                    told: dict[str, Any] = json.loads(path.read_text())
                    if told["count"] >= self._asked[pid]:
                        return told
                await asyncio.sleep(0.02)


def memory_mb(pid: int) -> float:
    """Resident memory; nothing of a process that is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def children_of(pid: int) -> list[int]:
    """Its children, of whichever of its threads."""
    found: list[int] = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return found


def table(rows: Sequence[tuple[float, str, Held]]) -> str:
    """Samples as a table: at which minute, of which process."""
    lines = ["| minute | process | memory, MB | descriptors | threads | tasks | blocks | children | their MB |"]
    lines.append("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for minute, name, held in rows:
        cells = (held.descriptors, held.threads, held.task_count or "-", held.blocks or "-", held.children)
        told = " | ".join(map(str, cells))
        lines.append(f"| {minute:.1f} | {name} | {held.memory_mb:.1f} | {told} | {held.children_mb:.0f} |")
    return "\n".join(lines)
