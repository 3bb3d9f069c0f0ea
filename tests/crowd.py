"""Two thousand sockets on one project, some of which stall, are cut and come back at random: what each saw, checked.

``python -m tests.crowd [sockets] [seconds] [seed]`` (``make crowd``): embedded, three tasks that tell at once. One
process holds the sockets and keeps what each saw; another follows quietly, and keeps how late it heard. Checked
afterwards, offline: one order for all, no gap, nothing twice, one ending a task, its last word (P1, P2, P3); how
late the quiet one heard, beside the same with nobody in disorder, and that who never reads is gone (P10); what is left
when all are gone (P16). Exit code 1 where a history has a fault, somebody is left, or those that read come no further
for a minute; how late depends on the processors that there are, and is said.
"""

import asyncio
import contextlib
import hashlib
import json
import math
import os
import random
import re
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from benchmarks.crowd import HANDSHAKE
from benchmarks.talking import ROUNDS

from tests.e2e.studio import Service
from tests.e2e.test_watching import open_sockets
from tests.faults.stalled import descriptors, resident_kib

NEVER_READ, TASKS, NOTE_BYTES, LOOKS = 50, 3, 900, 4
GONE_WITHIN_S, STILL_S = 30.0, 60.0
_POSITION = re.compile(rb'"position":"([^"]+)"')
_PONG = b"\x8a\x80\x00\x00\x00\x00"

Seen = tuple[int, str]
"""A place in the log, and a digest of what was said there."""


@dataclass(slots=True)
class Conversation:
    """From a greeting to its end. ``came_with``: the place of its bookmark, None without one."""

    came_with: int | None
    begins: int | None = None
    recovered: bool = False
    seen: list[Seen] = field(default_factory=list)


def faults(whole: Sequence[Mapping[str, Any]], readers: Iterable[Sequence[Conversation]]) -> list[str]:
    """What does not hold. ``whole``: the log, read in the end, with digests; ``readers``: all conversations of each."""
    found = []
    truth: dict[int, str] = {}
    ended: dict[str, int] = {}
    for number, message in enumerate(whole, 1):
        place, task = _place(message["position"]), message.get("task_id")
        truth[place] = message["digest"]
        if place != number:
            found.append(f"the log has {place} where {number} should be")
        if task in ended:
            found.append(f"{message['type']} at {place} is behind the ending at {ended[task]}")
        if message["type"] in ("complete", "error"):
            ended[task] = place
    tasks = {message["task_id"] for message in whole if "task_id" in message}
    found += [f"a task has no ending: {task}" for task in tasks - set(ended)]
    for number, conversations in enumerate(readers):
        at = 0
        for one in conversations:
            if one.begins is None:
                continue  # cut before it was greeted
            if one.came_with is not None and (not one.recovered or one.begins != one.came_with):
                found.append(f"reader {number} came with {one.came_with} and was greeted at {one.begins}")
            if one.begins < at:
                found.append(f"reader {number} was at {at} and was greeted at {one.begins}")
            at = one.begins
            for place, told in one.seen:
                if place != at + 1:
                    found.append(f"reader {number} was told {place} after {at}")
                if truth.get(place) != told:
                    found.append(f"reader {number} was told something else at {place}")
                at = place
        if at != len(whole):
            found.append(f"reader {number} ended at {at} of {len(whole)}")
    return found


def _place(position: str) -> int:
    return int(position.rpartition("-")[2])


class Reader:
    """One client. What it is told is kept as a place and a digest."""

    def __init__(self, port: int, *, small: bool = False) -> None:
        self.port, self.small = port, small
        self.keeps, self.kept = False, list[dict[str, Any]]()
        self.conversations: list[Conversation] = []
        self.bookmark: str | None = None
        self.closed_with: list[int] = []
        self.come()

    def come(self, *, anew: bool = False) -> None:
        """Opens a conversation: with its bookmark, or as one that has forgotten it."""
        after = None if anew else self.bookmark
        self.conversations.append(Conversation(_place(after) if after else None))
        self.socket = socket.socket()
        if self.small:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.socket.connect(("127.0.0.1", self.port))
        path = f"/ws/film?after={after}" if after else "/ws/film"
        self.socket.sendall(HANDSHAKE % (path.encode(), self.port))
        self.socket.setblocking(False)
        self.held, self.is_open = b"", False

    def hear(self) -> bool:
        """What has come; whether the conversation goes on."""
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        self.held += data
        if not self.is_open:
            head, found, rest = self.held.partition(b"\r\n\r\n")
            if not found:
                return True
            assert b" 101 " in head.splitlines()[0], head
            self.is_open, self.held = True, rest
        return self._take_frames()

    def _take_frames(self) -> bool:
        held, begin = self.held, 0
        while len(held) - begin >= 2:
            size, start = held[begin + 1], begin + 2
            if size > 125:
                width = 2 if size == 126 else 8
                size, start = int.from_bytes(held[start : start + width], "big"), start + width
            if len(held) < start + size or len(held) < start:
                break
            kind, payload = held[begin] & 15, held[start : start + size]
            begin = start + size
            if kind == 1:
                self._take(payload)
            elif kind == 8:
                self.closed_with.append(int.from_bytes(payload[:2], "big"))
                return False
            elif kind == 9:
                with contextlib.suppress(OSError):
                    self.socket.send(_PONG[:1] + bytes((0x80 | size,)) + _PONG[2:] + payload)
        self.held = held[begin:]
        return True

    def _take(self, payload: bytes) -> None:
        conversation = self.conversations[-1]
        if conversation.begins is None:
            greeting = json.loads(payload)
            conversation.begins, conversation.recovered = _place(greeting["position"]), greeting["recovered"]
            self.bookmark = greeting["position"] if conversation.begins else None
        elif found := _POSITION.search(payload):
            self.bookmark = found[1].decode()
            told = hashlib.blake2b(payload, digest_size=8).hexdigest()
            conversation.seen.append((_place(self.bookmark), told))
            if self.keeps:
                self.kept.append({**json.loads(payload), "digest": told})

    @property
    def at(self) -> int:
        return _place(self.bookmark) if self.bookmark else 0


def hold(port: int, sockets: int, seconds: float, seed: int, events: int, path: str) -> None:
    """A process of its own: all sockets. Says ``open``; on a line, has them stall, be cut and come back for so long,
    then reads to the end, or until nobody comes further, writes what each saw to a file, and says ``read``."""
    dice = random.Random(seed)
    chosen = selectors.DefaultSelector()
    readers = [Reader(port) for _ in range(sockets - NEVER_READ)]
    for reader in readers:
        chosen.register(reader.socket, selectors.EVENT_READ, reader)
    counts = {"stalled": 0, "cut": 0, "came anew": 0, "closed by the service": 0}

    def come_back(reader: Reader, *, anew: bool = False) -> None:
        with contextlib.suppress(KeyError):
            chosen.unregister(reader.socket)
        reader.socket.close()
        reader.come(anew=anew)
        chosen.register(reader.socket, selectors.EVENT_READ, reader)

    def read(wait_s: float) -> None:
        for key, _ in chosen.select(wait_s):
            if not key.data.hear():
                counts["closed by the service"] += 1
                come_back(key.data)

    def is_asked() -> bool:
        return bool(asked.select(0))

    asked = selectors.DefaultSelector()
    asked.register(sys.stdin, selectors.EVENT_READ)
    while any(not reader.conversations[-1].seen and reader.conversations[-1].begins is None for reader in readers):
        read(0.1)
    print("open", flush=True)
    while not is_asked():
        read(0.05)
    sys.stdin.readline()
    never = [Reader(port, small=True) for _ in range(NEVER_READ)]
    until, wakes = time.monotonic() + seconds, list[tuple[float, Reader]]()
    disturbed_at = time.monotonic()
    while (now := time.monotonic()) < until:
        read(0.01)
        stalled = {reader for _, reader in wakes}
        for reader in dice.sample(readers, int((now - disturbed_at) * sockets / 50)):
            disturbed_at = now
            if reader in stalled:
                continue
            match dice.choice(["stall", "stall", "cut", "anew"]):
                case "stall":
                    counts["stalled"] += 1
                    chosen.unregister(reader.socket)
                    wakes.append((now + dice.choice([0.1, 1.0, 12.0]) * dice.random(), reader))
                case "cut":
                    counts["cut"] += 1
                    come_back(reader)
                case "anew":
                    counts["came anew"] += 1
                    come_back(reader, anew=True)
        for due, reader in [wake for wake in wakes if wake[0] < now]:
            wakes.remove((due, reader))
            chosen.register(reader.socket, selectors.EVENT_READ, reader)
    for _, reader in wakes:
        chosen.register(reader.socket, selectors.EVENT_READ, reader)
    furthest, since = 0, time.monotonic()
    while (come := sum(reader.at for reader in readers)) < events * len(readers):
        if come > furthest:
            furthest, since = come, time.monotonic()
        elif time.monotonic() - since > STILL_S:
            break  # what each saw tells who waits
        read(0.1)
    Path(path).write_text(
        json.dumps(
            {
                "counts": counts,
                "readers": [
                    [[one.came_with, one.begins, one.recovered, one.seen] for one in reader.conversations]
                    for reader in readers
                ],
            }
        )
    )
    print("read", flush=True)
    sys.stdin.readline()
    for one in (*readers, *never):
        one.socket.close()


def quiet(port: int) -> None:
    """A process of its own: one client that reads; for each line it says how late it has heard, in ms, since then."""
    reader, late = Reader(port), list[float]()
    reader.keeps = True
    chosen = selectors.DefaultSelector()
    chosen.register(reader.socket, selectors.EVENT_READ)
    chosen.register(sys.stdin, selectors.EVENT_READ)
    print("open", flush=True)
    while True:
        for key, _ in chosen.select():
            if key.fileobj is reader.socket:
                if not reader.hear():
                    return
                now = datetime.now(UTC)
                for message in reader.kept:
                    if message["type"] == "progress":
                        late.append((now - datetime.fromisoformat(message["timestamp"])).total_seconds() * 1000)
                reader.kept.clear()
            else:
                if not sys.stdin.readline():
                    return
                print(json.dumps(sorted(late)), flush=True)
                late.clear()


class Helper:
    """A process of this file."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crowd", *map(str, words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    async def said(self) -> str:
        assert self.process.stdout is not None
        line = await asyncio.to_thread(self.process.stdout.readline)
        assert line, "it ended"
        return line.strip()

    def ask(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def p99(sorted_ms: Sequence[float]) -> float:
    return sorted_ms[int(len(sorted_ms) * 0.99)]


async def main(sockets: int, seconds: float, seed: int) -> int:
    """The exit code."""
    every_s = sockets * TASKS * 50e-6
    calm = int(seconds / every_s / 4)
    events_each = calm + int(seconds / every_s) + 50
    os.environ |= {
        "TALK_EVENTS": str(events_each), "TALK_EVERY_S": str(every_s), "TALK_NOTE_BYTES": str(NOTE_BYTES),
        "TALK_ENDS": "1",
    }  # fmt: skip
    events = TASKS * (events_each + 3 * math.ceil(events_each / ROUNDS))
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        service = await Service(
            Path(directory), module=("benchmarks.talking",), max_connections=8192, max_connections_per_address=8192,
            log_level="ERROR",
        ).start()  # fmt: skip
        assert service.process is not None
        port, helpers = int(service.url.rsplit(":", 1)[1]), list[Helper]()
        kept = Path(directory) / "seen.json"
        try:
            async with service.http() as http:
                await open_sockets(http)  # over a connection that stays
                files = descriptors(service)
                before_kib = resident_kib(service)
                holder = Helper("hold", port, sockets, seconds, seed, events, kept)
                helpers.append(holder)
                assert await holder.said() == "open"
                idle_kib = (resident_kib(service) - before_kib) / sockets
                listener = Helper("quiet", port)
                helpers.append(listener)
                assert await listener.said() == "open"
                for _ in range(TASKS):
                    service.process.send_signal(signal.SIGUSR1)
                    await asyncio.sleep(every_s / TASKS)
                await asyncio.sleep(calm * every_s)
                listener.ask()
                alone = json.loads(await listener.said())
                holder.ask()
                going = asyncio.create_task(gone(http, sockets - NEVER_READ + 1, GONE_WITHIN_S + seconds))
                assert await holder.said() == "read"
                listener.ask()
                beside = json.loads(await listener.said())
                gone_s, left = await going
                if left:
                    bad.append(f"{left} that never read are left after {gone_s:.0f} s")
                whole = await asyncio.to_thread(whole_log, port, events)
                if len(whole) != events:
                    bad.append(f"the log has {len(whole)} of {events} events")
                seen = json.loads(kept.read_text())
                readers = [
                    [Conversation(came, begins, recovered, [(place, told) for place, told in told_])
                     for came, begins, recovered, told_ in reader]
                    for reader in seen["readers"]
                ]  # fmt: skip
                bad += faults(whole, readers)
                for helper in helpers:
                    helper.end()
                ended = time.monotonic()
                while (left_sockets := await open_sockets(http)) or descriptors(service) > files:
                    if time.monotonic() - ended > STILL_S:
                        bad.append(f"{left_sockets} sockets and {descriptors(service) - files} files are left")
                        break
                    await asyncio.sleep(0.2)
                left_files = descriptors(service) - files
        finally:
            for helper in helpers:
                helper.end()
            await service.kill()
    told = sum(len(one.seen) for reader in readers for one in reader)
    ratio = p99(beside) / p99(alone)
    done = ", ".join(f"{number} {what}" for what, number in seen["counts"].items())
    print(f"{sockets} sockets, {seconds:.0f} s, seed {seed}: {done}")
    print(f"P1, P2, P3: {len(whole)} events, {told} heard by {len(readers)}; faults {len(bad)}")
    print(f"P10: p99 {p99(alone):.1f} ms alone, {p99(beside):.1f} ms beside, ratio {ratio:.2f}")
    print(f"P10: {NEVER_READ} that never read were gone after {gone_s:.0f} s")
    print(f"P16: {idle_kib:.0f} KiB an idle socket; sockets left {left_sockets}, files left {max(left_files, 0)}")
    for what in bad[:20]:
        print(f"BROKEN: {what}")
    return 1 if bad else 0


async def gone(http: httpx.AsyncClient, others: int, within_s: float) -> tuple[float, int]:
    """After how long no more sockets are open than the others, which may be cut and come back meanwhile: so it is asked
    some times; and how many more there are in the end."""
    began, seen_s = time.monotonic(), list[float]()
    while len(seen_s) < LOOKS:
        await asyncio.sleep(0.5)
        left, now_s = max(await open_sockets(http) - others, 0), time.monotonic() - began
        if left:
            seen_s.clear()
            if now_s > within_s:
                return now_s, left
        else:
            seen_s.append(now_s)
    return seen_s[0], 0


def whole_log(port: int, events: int) -> list[dict[str, Any]]:
    """All of it, as a client that comes with position 0 is told it; less, where no more comes."""
    reader = Reader(port)
    reader.keeps = True
    reader.socket.close()
    reader.bookmark = "0"
    reader.come()
    reader.socket.settimeout(30)
    while len(reader.kept) < events and reader.hear():
        pass
    reader.socket.close()
    return reader.kept


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    match sys.argv[1:]:
        case ["hold", port, sockets, seconds, seed, events, path]:
            hold(int(port), int(sockets), float(seconds), int(seed), int(events), path)
        case ["quiet", port]:
            quiet(int(port))
        case numbers:
            sockets, seconds, seed = [*map(int, numbers), *[2000, 60, 1][len(numbers) :]]
            sys.exit(asyncio.run(main(sockets, seconds, seed)))
