"""What a delivered message costs the service: CPU for each socket and event, beside the kernel's share and a peer's.

Run it with ``python benchmarks/delivery.py [sockets] [events] [what …]``. All in one run: ``send`` is a process that
does nothing but write the same bytes to as many sockets; ``websockets`` the library's own broadcast; ``embedded`` the
service, less what it takes with nobody listening. One other process holds all sockets and throws away what comes.
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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.studio import Service
from tests.processor import cpu_s

SOCKETS = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 1000
EVENTS = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 300
EVERY_S = 0.03
HANDSHAKE = (
    b"GET %s HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
LAST = re.compile(rb"Pass %d of %d" % (EVENTS, EVENTS))
"""In what is heard last."""


def listen(port: int, path: str, sockets: int) -> None:
    """A process of its own: opens the sockets, says ``open``, and ``heard`` when each has heard the last message."""
    chosen, held, marks = selectors.DefaultSelector(), [], 0
    for _ in range(sockets):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(HANDSHAKE % (path.encode(), port))
        held.append(client)
    for client in held:
        greeting = b""
        while b"\r\n\r\n" not in greeting:
            greeting += client.recv(1 << 16)
        client.setblocking(False)
        chosen.register(client, selectors.EVENT_READ)
    print("open", flush=True)
    buffer = bytearray(1 << 18)
    seen: dict[int, int] = {}
    while marks < sockets:
        for key, _ in chosen.select():
            size = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
            assert size, "nobody hangs up here"
            if LAST.search(memoryview(buffer)[:size]):
                marks += 1
    print("heard", len(seen), flush=True)
    sys.stdin.read()


def bare(frame_bytes: int) -> None:
    """The floor: says its port, takes sockets until a line comes, then writes to each, as often as the service does."""
    door = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(door.getsockname()[1], flush=True)
    held = []
    for _ in range(SOCKETS):
        client, _ = door.accept()
        client.recv(1 << 16)
        client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        held.append(client)
    sys.stdin.readline()
    began = time.process_time()
    for number in range(1, EVENTS + 1):
        frame = (b"Pass %d of %d" % (number, EVENTS)).ljust(frame_bytes)
        for client in held:
            client.send(frame)
        time.sleep(EVERY_S)
    print(time.process_time() - began, flush=True)
    sys.stdin.read()


async def broadcast(frame_bytes: int) -> None:
    """The peer: websockets' own broadcast, on uvloop."""
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
        for number in range(1, EVENTS + 1):
            tell(held, f"Pass {number} of {EVENTS}".ljust(frame_bytes))
            await asyncio.sleep(EVERY_S)
        print(time.process_time() - began, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def child(*words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, __file__, str(SOCKETS), str(EVENTS), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def floor(what: str, frame_bytes: int) -> float:
    """Microseconds of a message and socket."""
    with child(what, frame_bytes) as server:
        port = int(said(server))
        with child("listen", port, "/", SOCKETS) as listener:
            assert said(listener) == "open"
            assert server.stdin is not None
            server.stdin.write("go\n")
            server.stdin.flush()
            took = float(said(server))
            said(listener)
            listener.kill()
        server.kill()
    return took / EVENTS / SOCKETS * 1e6


async def embedded(sockets: int) -> float:
    """Seconds of CPU that the service takes for all events."""
    os.environ |= {"TALK_EVENTS": str(EVENTS), "TALK_EVERY_S": str(EVERY_S)}
    with tempfile.TemporaryDirectory() as directory:
        service = await Service(
            Path(directory),
            module=("benchmarks.talking",),
            max_connections=8192,
            max_connections_per_address=8192,
            log_level="ERROR",
        ).start()
        assert service.process is not None
        try:
            port = int(service.url.rsplit(":", 1)[1])
            listener = await asyncio.to_thread(child, "listen", port, "/ws/film", max(sockets, 1))
            assert await asyncio.to_thread(said, listener) == "open"
            await asyncio.sleep(1)
            before = cpu_s(service.process.pid)
            service.process.send_signal(signal.SIGUSR1)
            await asyncio.to_thread(said, listener)
            took = cpu_s(service.process.pid) - before
            listener.kill()
            listener.wait()
            return took
        finally:
            await service.kill()


async def main() -> None:
    frame_bytes = 420
    print(json.dumps({"sockets": SOCKETS, "events": EVENTS}))
    send = floor("bare", frame_bytes)
    print(f"send: {send:.1f} us")
    peer = floor("broadcast", frame_bytes)
    print(f"websockets' broadcast: {peer:.1f} us, {peer / send:.2f} of send")
    one = await embedded(1)
    many = await embedded(SOCKETS)
    each = (many - one) / EVENTS / (SOCKETS - 1) * 1e6
    print(f"embedded: {each:.1f} us, {each / send:.2f} of send; {one / EVENTS * 1e6:.0f} us an event with one socket")


if __name__ == "__main__":
    match sys.argv[3:]:
        case ["listen", port, path, sockets]:
            listen(int(port), path, int(sockets))
        case ["bare", size]:
            bare(int(size))
        case ["broadcast", size]:
            import uvloop

            uvloop.run(broadcast(int(size)))
        case _:
            asyncio.run(main())
