"""Sends inputs to a service, some at a time, and says what came of each."""

import asyncio
import contextlib
import json
import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.entry import Entry
from tests.hostile.exchange import Outcome, exchange
from tests.hostile.ground import Ground
from tests.hostile.judge import problems_of
from tests.waiting import awaited

AT_A_TIME, WAITING_AT_A_TIME = 8, 40
KEPT = AT_A_TIME
MOST_TO_SERVER = 2 * (AT_A_TIME + WAITING_AT_A_TIME)
"""Files that stay open when they were needed once: connections to a server, pipes to children. A file that each input
of a kind left open would be many more. ``MOST_TO_SERVER``: connections to the log's server, when all come at a time."""


@dataclass(frozen=True, repr=False)
class Ran:
    """An input, when it was sent, what came of it and what is wrong with that."""

    entry: Entry
    began: float
    ended: float
    outcome: Outcome
    problems: list[str]


async def run(ground: Ground, entries: Sequence[Entry], *, at_a_time: int = AT_A_TIME) -> list[Ran]:
    """All of them, several at once, in about this order. Those that wait for a deadline do so beside them."""
    room, waiting_room = asyncio.Semaphore(at_a_time), asyncio.Semaphore(WAITING_AT_A_TIME)
    hidden = ground.hidden()

    async def one(place: int, entry: Entry) -> Ran:
        async with waiting_room if entry.slow else room:
            key = str(uuid.uuid4())
            render = ground.rendering(f"h{place}.{key[:8]}", key)
            began = time.monotonic()
            outcome = await exchange(*ground.address, entry, render)
            return Ran(entry, began, time.monotonic(), outcome, problems_of(entry, outcome, key, hidden))

    return list(await asyncio.gather(*(one(place, entry) for place, entry in enumerate(entries))))


@dataclass(frozen=True)
class Held:
    """What a process holds: open files, asyncio's tasks, threads, memory. Connections to the log's server are counted
    apart: as many are kept as were needed at a time."""

    files: int
    to_server: int
    tasks: int
    threads: int
    memory_bytes: int
    of_tasks: dict[str, int]


def held_by(ground: Ground) -> Held:
    """What the service's process holds now."""
    assert ground.service.process is not None
    at = Path("/proc") / str(ground.service.process.pid)
    status = dict(line.split(":", 1) for line in (at / "status").read_text().splitlines() if ":" in line)
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(ground.counts))
        with asking.makefile() as told:
            names = json.load(told)
    memory = int(status["VmRSS"].removesuffix("kB")) << 10
    to_server = _connections(at, ground.server_port) if ground.server_port else 0
    files = len(os.listdir(at / "fd")) - to_server
    return Held(files, to_server, len(names), int(status["Threads"]), memory, dict(Counter(names)))


def _connections(process: Path, port: int) -> int:
    """How many sockets of the process are connected to that port of this machine."""
    lines = [line.split() for line in (process / "net" / "tcp").read_text().splitlines()[1:]]
    inodes = {f"socket:[{fields[9]}]" for fields in lines if int(fields[2].partition(":")[2], 16) == port}
    held = 0
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held += os.readlink(descriptor) in inodes
    return held


async def at_rest(ground: Ground) -> Held:
    """What is held once each attempt that is under way is watched, too: that begins a moment after the attempt."""
    async with awaited("all attempts to be watched"):
        while True:
            now = held_by(ground)
            if now.of_tasks.get("Executor._wait_for_control", 0) >= now.of_tasks.get("LocalTaskQueue._run_one", 0):
                return now
            await asyncio.sleep(0.05)


async def settled(ground: Ground, before: Held, *, within_s: float = 60) -> Held:
    """Waits until no more files and tasks are held than before; what is held then, or when patience ends."""
    ends = time.monotonic() + within_s
    while True:
        now = held_by(ground)
        if (now.files <= before.files + KEPT and now.tasks <= before.tasks) or time.monotonic() > ends:
            return now
        await asyncio.sleep(0.05)


def in_flight(runs: Iterable[Ran], at: float, took: float) -> list[Entry]:
    """What was on its way then, that which filled the most of the time first."""
    met = [(min(ran.ended, at + took) - max(ran.began, at), ran.entry) for ran in runs if not ran.entry.slow]
    found = {entry.name: entry for share, entry in sorted(met, key=lambda one: -one[0]) if share > 0}
    return list(found.values())
