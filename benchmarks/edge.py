"""What the edge costs, and what other servers let through: CPU time of the serving process, so that a busy machine says
little about it.

``python benchmarks/edge.py`` measures a small request and a small WebSocket message with the edge against plain
uvicorn, in turns in one run; the goal is a ratio of at most 1.1. ``… edge.py servers`` sends the inputs of
tests/entrypoints/edge_inputs.py to every server there is to choose from, and measures each; it needs granian, hypercorn
and zttp beside what auteur needs.
"""

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.entrypoints.edge_inputs import HEAD, REFUSED, TAKEN, answers_in, get, handshake
from tests.processor import cpu_s

ROUNDS = 7
REQUESTS, MESSAGES, IDLE = 10_000, 6000, 500
PATIENCE_S = 3.0
CROWD, CROWD_STAYS_S = 10_000, 12
ASKED = get(
    HEAD + b"User-Agent: benchmark\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n",
    target=b"/health/live",
)
OPENED = handshake()
MESSAGE = b"\x81\x9a\0\0\0\0" + b'{"type":"ping","id":"a-b"}'
BODY = b'{"status":"alive","more":"' + b"a" * 60 + b'"}'


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The least there is."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message.get("text") or ""})
        return
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    length = (b"content-length", str(len(BODY)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": BODY})


def serve(kind: str, port: int) -> None:
    """Serves in this process until it is ended; the service itself where the last argument is ``whole``."""
    import uvicorn

    served: Any = app
    if kind == "granian":
        os.execv(
            sys.executable,
            [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--no-access-log",
             "--working-dir", str(Path(__file__).parent), "edge:app"],
        )  # fmt: skip
    if kind == "hypercorn":
        os.execv(
            sys.executable,
            [sys.executable, "-m", "hypercorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "uvloop",
             "edge:app"],
        )  # fmt: skip
    if sys.argv[-1] == "whole":
        from auteur.entrypoints.app import create_app
        from auteur.entrypoints.container import build
        from auteur.entrypoints.settings import load_settings

        served = create_app(build(load_settings(backend="memory", log_level="WARNING")), opened=True)
    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if kind == "edge":
        from auteur.entrypoints.edge import sockets
        from auteur.entrypoints.edge.connections import Connections
        from auteur.entrypoints.edge.limits import Edge
        from auteur.entrypoints.server import server_config

        sockets._FRAMES_BURST = 1 << 40  # counted all the same
        config = server_config(served, Edge(Connections(20_000, 20_000)))
    else:
        config = uvicorn.Config(
            served,
            log_config=None,
            access_log=False,
            lifespan="off",
            interface="asgi3",
            http=kind,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            server_header=False,
            proxy_headers=False,
        )
    config.load()
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        runner.run(uvicorn.Server(config).serve([listener]))


def _fastest_loop() -> Any:
    from auteur.entrypoints.server import fastest_loop

    return fastest_loop()


class Served:
    """One server, in a process of its own."""

    def __init__(self, kind: str, *words: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.kind = kind
        self.directory = tempfile.TemporaryDirectory()
        self.log = open(Path(self.directory.name, "log"), "w")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve", kind, str(self.port), *words],
            stdout=self.log,
            stderr=self.log,
            cwd=self.directory.name,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        for _ in range(600):
            with contextlib.suppress(OSError), self.connected() as connection:
                connection.sendall(ASKED)
                if connection.recv(1 << 16):
                    return
            assert self.process.poll() is None, self.logged
            time.sleep(0.1)
        raise SystemExit(f"{kind} does not answer:\n{self.logged}")

    @property
    def logged(self) -> str:
        return Path(self.log.name).read_text()

    @contextlib.contextmanager
    def connected(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield connection

    def _family(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    def cpu_s(self) -> float:
        return sum(map(cpu_s, self._family()))

    def rss_kb(self) -> int:
        return sum(
            int(line.split()[1])
            for pid in self._family()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmRSS")
        )

    def request_us(self) -> float:
        """CPU time of a request on a connection that stays; for some servers one stays for a thousand."""
        before = self.cpu_s()
        for _ in range(REQUESTS // 500):
            with self.connected() as connection:
                for _ in range(500):
                    connection.sendall(ASKED)
                    received = b""
                    while not received.endswith(b"}"):
                        data = connection.recv(1 << 16)
                        assert data, received
                        received += data
                    assert received.startswith(b"HTTP/1.1 200"), received[:300]
        return (self.cpu_s() - before) / REQUESTS * 1e6

    def message_us(self) -> float:
        """CPU time of a message and its echo."""
        with self._open() as connection:
            before = self.cpu_s()
            for _ in range(MESSAGES):
                connection.sendall(MESSAGE)
                size = 28
                while size > 0:
                    size -= len(connection.recv(size))
            return (self.cpu_s() - before) / MESSAGES * 1e6

    @contextlib.contextmanager
    def _open(self) -> Iterator[socket.socket]:
        with self.connected() as connection:
            connection.sendall(OPENED)
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(1)
            assert received.startswith(b"HTTP/1.1 101"), received
            yield connection

    def idle_kb(self) -> float:
        """Memory of a socket that says nothing."""
        before = self.rss_kb()
        with contextlib.ExitStack() as stack:
            for _ in range(IDLE):
                stack.enter_context(self._open())
            return (self.rss_kb() - before) / IDLE

    def crowd(self) -> str:
        """What becomes of many connections that say nothing, and of a request among them."""
        before = self.rss_kb()
        with contextlib.ExitStack() as stack:
            for _ in range(CROWD):
                stack.enter_context(self.connected())
            grown = self.rss_kb() - before
            answered = self.verdict(get(HEAD + b"Connection: close\r\n"))
            time.sleep(CROWD_STAYS_S)
            held = sum(name.is_symlink() for pid in self._family() for name in Path(f"/proc/{pid}/fd").iterdir())
        return f"{CROWD} idle connections: {grown / 1024:.0f} MB, a request {answered}, {held} files open later"

    def verdict(self, sent: bytes) -> str:
        """What becomes of an input: its statuses, and whether the connection stays open."""
        received, ended = b"", False
        with self.connected() as connection:
            connection.settimeout(PATIENCE_S)
            try:
                connection.sendall(sent)
            except TimeoutError:
                return "not read"
            except OSError:
                pass
            try:
                while data := connection.recv(1 << 16):
                    received += data
                ended = True
            except ConnectionResetError:
                ended = True
            except TimeoutError:
                pass
        try:
            statuses = [str(answer.status) for answer in answers_in(received)]
        except (AssertionError, KeyError, ValueError):
            statuses = [received[:12].decode("latin-1")]
        return " ".join([*statuses, *([] if ended or statuses else ["open"])]) or "closed"

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.directory.cleanup()


def judged(verdict: str, wanted: tuple[int, ...]) -> str:
    """In a word: as wanted, refused in another way, taken, left open or a fault."""
    if verdict == " ".join(map(str, wanted)):
        return "as wanted"
    if verdict in ("open", "not read"):
        return "left open"
    last = verdict.rpartition(" ")[2]
    if last.startswith("5") and last not in ("501", "505"):
        return "500"
    return "taken" if last in ("200", "101") else "refused"


def compare_servers() -> None:
    for kind in sys.argv[2:] or ("edge", "httptools", "h11", "zttp", "hypercorn", "granian"):
        served = Served(kind)
        try:
            costs = [f"{served.request_us():.0f} us a request"]
            with contextlib.suppress(AssertionError, OSError):
                costs += [f"{served.idle_kb():.0f} kB an idle socket", f"{served.message_us():.0f} us a message"]
            print(f"{kind}: {', '.join(costs)}", flush=True)
            count: Counter[str] = Counter()
            told = []
            with ThreadPoolExecutor(16) as threads:
                verdicts = list(threads.map(served.verdict, (sent for sent, _ in REFUSED.values())))
            for (name, (_, wanted)), verdict in zip(REFUSED.items(), verdicts, strict=True):
                word = judged(verdict, wanted)
                count[word] += 1
                if word in ("taken", "left open", "500"):
                    told.append(f"{name}: {verdict}")
            taken = sum(served.verdict(sent).startswith("200") for sent, _ in TAKEN.values())
            loud = sum("Traceback" in line for line in served.logged.splitlines())
            warned = sum("Invalid HTTP request" in line for line in served.logged.splitlines())
            print(f"   of {len(REFUSED)} {dict(count)}; of {len(TAKEN)} requests {taken} answered; ", end="")
            print(f"{loud} tracebacks, {warned} warnings")
            print("   " + "\n   ".join(told))
            print(f"   {served.crowd()}", flush=True)
        finally:
            served.end()


def compare_with_plain() -> None:
    for words, name in (((), "the least application"), (("whole",), "the service, /health/live")):
        pair = [Served(kind, *words) for kind in ("httptools", "edge")]
        try:
            measured: dict[str, list[list[float]]] = {"request": [[], []], "message": [[], []]}
            for _ in range(ROUNDS):
                for served, into in zip(pair, measured["request"], strict=True):
                    into.append(served.request_us())
                if not words:
                    for served, into in zip(pair, measured["message"], strict=True):
                        into.append(served.message_us())
            for what, (plain, edge) in measured.items():
                if plain:
                    one, other = statistics.median(plain), statistics.median(edge)
                    print(
                        f"{name}: {one:.0f} us a {what} plain, {other:.0f} with the edge, {other / one:.2f}", flush=True
                    )
        finally:
            for served in pair:
                served.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["servers"]:
        compare_servers()
    else:
        compare_with_plain()
