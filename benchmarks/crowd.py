"""What a delivered message costs, in every shape of a crowd: CPU of the server for each message, of a bare `send`.

    python benchmarks/crowd.py sockets N | projects N | replicas N | slow N | stalled N | peers N   [events]

``sockets``: so many that follow one project, embedded; ``projects``: so many of two; ``replicas``: two over one
Redis, half of the sockets each; ``slow`` and ``stalled``: so many, of which 1 reads 4 KiB in 100 ms, or 50 do not read,
and how late the others are told, by what the event loop worked from before an event was published until they were;
``peers``: the others, on the same. One other process holds the sockets and throws away what comes: it says what it
worked, and where that is most of a core, the figure is refused: it would be its own. Floor and subject are of one
run. What the service takes for recording, with one socket or none, is not counted.
"""

import asyncio
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import peers
from tests.e2e.studio import Service
from tests.fakes import of, queued
from tests.processor import cpu_s
from tests.servers import RedisServer

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskProgressed, TaskStarted

HANDSHAKE = (
    b"GET %s HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
FRAME_BYTES = 440
MOST_WORKED = 0.85
"""Of a core, by the process that listens."""
ENTER_NAMESPACE = b"\x81\x82\0\0\0\x0040"
"""A Socket.IO client's word, as a masked frame."""


def pace_s(sockets: int) -> float:
    """Between two events: so that who listens has time for them."""
    return max(0.004, sockets * 30e-6)


def listen(port: int, path: str, sockets: int, last: str, manner: str) -> None:
    """A process of its own: opens the sockets, says ``open``, then the share of a core that it worked when
    each has heard the last message. ``path``: ``%d`` in it is a number that each two share. ``manner``: ``all``;
    ``slow``, of the first; ``stalled``, of the first 50; ``socketio``, of all."""
    chosen, held = selectors.DefaultSelector(), []
    behind = {"slow": 1, "stalled": 50}.get(manner, 0)
    for number in range(sockets):
        client = socket.socket()
        if number < behind:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        client.connect(("127.0.0.1", port))
        client.sendall(HANDSHAKE % ((path % (number // 2) if "%d" in path else path).encode(), port))
        held.append(client)
    for number, client in enumerate(held):
        greeting = b""
        while b"\r\n\r\n" not in greeting:
            greeting += client.recv(4096)
        if manner == "socketio":
            client.sendall(ENTER_NAMESPACE)
        client.setblocking(False)
        if number >= behind:
            chosen.register(client, selectors.EVENT_READ)
    print("open", flush=True)
    buffer, wanted, marks, began = bytearray(1 << 18), re.compile(last.encode()), 0, 0.0
    slow, read_at = held[0] if manner == "slow" else None, 0.0
    while marks < sockets - behind:
        for key, _ in chosen.select(0.05 if slow else None):
            if not began:
                began, worked = time.monotonic(), time.process_time()
            size = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
            assert size, "nobody hangs up here"
            if wanted.search(memoryview(buffer)[:size]):
                marks += 1
        if slow and time.monotonic() - read_at > 0.1:
            read_at = time.monotonic()
            with suppress(BlockingIOError):
                slow.recv(4096)
    print((time.process_time() - worked) / (time.monotonic() - began), flush=True)
    sys.stdin.read()


def bare(sockets: int, events: int) -> None:
    """The floor: says its port, takes sockets until a line comes, then writes to each, as often as the service does."""
    door = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(door.getsockname()[1], flush=True)
    held = []
    for _ in range(sockets):
        client, _ = door.accept()
        client.recv(1 << 16)
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held.append(client)
    sys.stdin.readline()
    began = time.process_time()
    for number in range(1, events + 1):
        frame = (b"Pass %d of %d" % (number, events)).ljust(FRAME_BYTES)
        for client in held:
            client.send(frame)
        time.sleep(pace_s(sockets))
    print(time.process_time() - began, flush=True)
    sys.stdin.read()


async def broadcast(sockets: int, events: int) -> None:
    """A peer: websockets' own broadcast, on uvloop."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.asyncio.server import broadcast as tell

    held: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        held.add(connection)
        await connection.wait_closed()

    async with serve(hold, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=4096) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        began = time.process_time()
        for number in range(1, events + 1):
            tell(held, f"Pass {number} of {events}".ljust(FRAME_BYTES))
            await asyncio.sleep(pace_s(sockets))
        print(time.process_time() - began, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def start(*words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen([*map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def listener(port: int, path: str, sockets: int, events: int, manner: str = "all") -> "subprocess.Popen[str]":
    """One that has opened its sockets."""
    process = start(sys.executable, __file__, "listen", port, path, sockets, f"Pass {events} of {events}", manner)
    assert said(process) == "open"
    return process


def heard(process: "subprocess.Popen[str]") -> None:
    """Returns when it has heard all."""
    worked = float(said(process))
    if worked > MOST_WORKED:
        raise SystemExit(f"the process that listens worked {worked:.0%} of a core: this would be its figure")


def floor(words: Sequence[object], sockets: int, events: int, *, path: str = "/", manner: str = "all") -> float:
    """Microseconds of a message, of a server that says its port, waits for a line, and says its seconds."""
    with start(*words) as server:
        try:
            with listener(int(said(server)), path, sockets, events, manner) as process:
                time.sleep(1)
                assert server.stdin is not None
                server.stdin.write("go\n")
                server.stdin.flush()
                took = float(said(server))
                heard(process)
                process.kill()
        finally:
            server.kill()
    return took / events / sockets * 1e6


def send_us(sockets: int, events: int) -> float:
    return floor([sys.executable, __file__, "bare", sockets, events], sockets, events)


async def embedded_s(
    sockets: int,
    events: int,
    *,
    pace: float,
    manner: str = "all",
    projects: int = 1,
    late_ms: list[float] | None = None,
) -> float:
    """Seconds of CPU of the service for all events. ``late_ms``: is given how late each was told, the soonest first."""
    os.environ |= {"TALK_EVENTS": str(events), "TALK_EVERY_S": str(pace), "TALK_PROJECTS": str(projects)}
    with tempfile.TemporaryDirectory() as directory:
        kept = Path(directory) / "late.json"
        if late_ms is not None:
            os.environ |= {"TALK_LATE": str(kept), "TALK_NOTE_BYTES": "900"}
        service = await Service(
            Path(directory), module=("benchmarks.talking",), max_connections=8192, max_connections_per_address=8192,
            log_level="ERROR",
        ).start()  # fmt: skip
        assert service.process is not None
        try:
            port = int(service.url.rsplit(":", 1)[1])
            path = "/ws/film-%d" if projects > 1 else "/ws/film"
            process = await asyncio.to_thread(listener, port, path, sockets, events, manner)
            await asyncio.sleep(1)
            before = cpu_s(service.process.pid)
            service.process.send_signal(signal.SIGUSR1)
            await asyncio.to_thread(heard, process)
            took = cpu_s(service.process.pid) - before
            while late_ms is not None and not late_ms:
                await asyncio.sleep(0.1)
                with suppress(FileNotFoundError, ValueError):
                    late_ms += json.loads(kept.read_text())
            process.kill()
            process.wait()
            return took
        finally:
            await service.kill()
            os.environ.pop("TALK_LATE", None)
            os.environ.pop("TALK_NOTE_BYTES", None)


async def replicated_s(sockets: int, events: int) -> float:
    """Seconds of CPU of two replicas, half of the sockets each; who publishes is another process: this one."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        server = RedisServer(Path(directory) / "redis").start()
        stack.callback(server.stop)
        replicas = []
        try:
            for name in "ab":
                workspace = Path(directory) / name
                workspace.mkdir()
                replicas.append(
                    await Service(
                        workspace, redis_url=server.url, run_tasks="false", max_connections=8192,
                        max_connections_per_address=8192, log_level="ERROR",
                    ).start()
                )  # fmt: skip
            ports = [int(replica.url.rsplit(":", 1)[1]) for replica in replicas]
            listeners = [
                await asyncio.to_thread(listener, port, "/ws/film", max(sockets // 2, 1), events) for port in ports
            ]
            pids = [replica.process.pid for replica in replicas if replica.process is not None]
            async with RedisDatabase.at(server.url, deadline_s=10) as database:
                bus = RedisProgressBus(database)
                await bus.publish(queued())
                await bus.publish(TaskStarted(**of(), attempt=1, worker="w"))
                await asyncio.sleep(1)
                before = sum(map(cpu_s, pids))
                for number in range(1, events + 1):
                    told = {"stage": "rendering", "message": f"Pass {number} of {events}", "eta_s": 1.5}
                    await bus.publish(TaskProgressed(**of(), attempt=1, progress=round(number / events, 4), **told))
                    await asyncio.sleep(pace_s(sockets))
                for process in listeners:
                    await asyncio.to_thread(heard, process)
                took = sum(map(cpu_s, pids)) - before
            for process in listeners:
                process.kill()
                process.wait()
            return took
        finally:
            for replica in replicas:
                await replica.kill()


def told(name: str, us: float, send: float) -> None:
    print(f"{name}: {us:.1f} us a message, {us / send:.2f} of send ({send:.1f} us)", flush=True)


async def main(what: str, number: int, events: int) -> None:
    sockets = number * 2 if what == "projects" else number
    send = send_us(sockets, min(events, 200))
    each = events * max(sockets - 1, 1) / 1e6
    if what == "sockets":
        one = await embedded_s(1, events, pace=pace_s(sockets)) if sockets > 1 else 0
        many = await embedded_s(sockets, events, pace=pace_s(sockets))
        told(f"{sockets} sockets" if sockets > 1 else "an event with one socket", (many - one) / each, send)
    elif what == "projects":
        one = await embedded_s(2, events, pace=0.05, projects=number, manner="one")
        many = await embedded_s(sockets, events, pace=0.05, projects=number)
        told(f"{number} projects of 2", (many - one) / events / sockets * 1e6, send)
    elif what == "replicas":
        one = await replicated_s(2, events)
        many = await replicated_s(sockets, events)
        told(f"{sockets} sockets on two replicas", (many - one) / events / (sockets - 2) * 1e6, send)
        told(f"{sockets} sockets on two replicas, with reading", many / events / sockets * 1e6, send)
    elif what in ("slow", "stalled"):
        one = await embedded_s(1, events, pace=0.01)
        alone = (await embedded_s(sockets, events, pace=0.015) - one) / each
        beside = (await embedded_s(sockets, events, pace=0.015, manner=what) - one) / each
        told(f"{sockets} sockets, all read", alone, send)
        told(f"{sockets} sockets, {'1 slow' if what == 'slow' else '50 stalled'}", beside, send)
        print(f"beside them: {beside / alone:.2f} of all read")
        p99_ms = []
        for among in ("all", what):
            late_ms: list[float] = []
            await embedded_s(sockets, events, pace=0.015, manner=among, late_ms=late_ms)
            p99_ms.append(late_ms[int(len(late_ms) * 0.99)])
        print(
            f"told late, p99: {p99_ms[0]:.1f} ms where all read, {p99_ms[1]:.1f} ms: {p99_ms[1] / p99_ms[0]:.2f} of it"
        )
    else:
        own = [sys.executable, __file__, "broadcast", sockets, events]
        rows: dict[str, Sequence[object] | None] = {"websockets' broadcast": own}
        others = [events, int(pace_s(sockets) * 1000), FRAME_BYTES]
        for name, words in (
            ("ws", peers.node("ws")),
            ("socket.io", peers.node("socketio")),
            ("python-socketio", peers.python_socketio()),
        ):
            rows[name] = words and [*words, *others]
        for name, words in rows.items():
            if words is None:
                print(f"{name}: not here")
                continue
            is_io = "socket" in name and "io" in name and name != "websockets' broadcast"
            path = "/socket.io/?EIO=4&transport=websocket" if is_io else "/"
            told(name, floor(words, sockets, events, path=path, manner="socketio" if is_io else "all"), send)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["listen", port, path, sockets, last, manner]:
            listen(int(port), path, int(sockets), last, manner)
        case ["bare", sockets, events]:
            bare(int(sockets), int(events))
        case ["broadcast", sockets, events]:
            import uvloop

            uvloop.run(broadcast(int(sockets), int(events)))
        case [what, number, *events]:
            asyncio.run(main(what, int(number), int(events[0]) if events else 200))
        case _:
            raise SystemExit(__doc__)
