"""Processes of the command line that begin warm: forked from one that has read its modules already.

Most of what a short-lived ``auteur`` costs is reading modules, 0.9 of 1.1 s, and the suite starts hundreds. What is
forked is a process like any other: a number, an environment, a directory, files and signals of its own; it runs the
same ``main`` to the same end. What a warm start cannot show is that a cold one works: of each command the first in a
run begins cold, and so does whatever names a module of its own, runs on a terminal or is the probe. With
``AUTEUR_LONG=1`` everything begins cold.

``python -m tests.warm FD`` is the process that forks: it has no threads, opens nothing, and ends with whoever asks.
"""

import asyncio
import atexit
import contextlib
import gc
import importlib
import importlib.metadata
import json
import os
import re
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.long_forms import LONG
from tests.waiting import awaited

HOME = Path(__file__).parents[1]
MODULES = ("auteur", "auteur.entrypoints.cli")
"""What may begin warm: those that change the program before it runs must be read before it."""
_READ_BEFORE = (
    "auteur.entrypoints.cli",
    "auteur.entrypoints.server",
    "auteur.entrypoints.local_studio",
    "auteur.entrypoints.remote_studio",
    "auteur.entrypoints.fleet",
    "auteur.entrypoints.embedded",
    "auteur.adapters.engines.previs.storyboard",
    "encodings.idna",
    "tomllib",
    "uvicorn.lifespan.off",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)
_FILES = 4
"""That go with each request: where its end is told, and its standard input, output and errors."""
_MESSAGE_BYTES = 1 << 17


def can_be_warm(module: str, env: Mapping[str, str]) -> bool:
    """Whether the process would be the one that a cold start makes: what the interpreter itself reads is as here."""
    return not LONG and hasattr(os, "pidfd_open") and module in MODULES and _of_the_interpreter(env) == _OWN


_begun: set[str] = set()


def _is_the_first(command: str) -> bool:
    """Whether no process of that command was begun in this run of the suite, by whichever worker."""
    if command in _begun:
        return False
    _begun.add(command)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return True
    seen = Path(tempfile.gettempdir(), f"auteur-warm-{run}")
    atexit.register(shutil.rmtree, seen, ignore_errors=True)
    with contextlib.suppress(FileExistsError):
        seen.mkdir(exist_ok=True)
        (seen / command).touch(exist_ok=False)
        return True
    return False


def _of_the_interpreter(env: Mapping[str, str]) -> dict[str, str]:
    """What is read before the first line of a program is; the path is put right afterwards."""
    return {
        name: value
        for name, value in env.items()
        if (name.startswith(("PYTHON", "LC_")) and name != "PYTHONPATH") or name in ("LANG", "LANGUAGE", "TZ")
    }


_OWN = _of_the_interpreter({**os.environ, "PYTHONUNBUFFERED": "1"})
"""Of this process as it began, whatever a test sets meanwhile."""


class _Forking:
    """The process that forks, and the line on which it is asked to."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
                env={**os.environ, **_OWN, "PYTHONPATH": str(HOME)},
                cwd=HOME,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self.end)

    def ask(self, request: object, files: Sequence[int]) -> None:
        text = json.dumps(request).encode()
        assert len(text) < _MESSAGE_BYTES
        socket.send_fds(self._line, [text], list(files))

    def end(self) -> None:
        """What it forked goes on, if it has not ended."""
        self._line.close()
        self._process.wait()


_forking: list[_Forking] = []


class Forked:
    """What a process of asyncio's is to who started it, as far as the tests ask."""

    def __init__(self, pid: int, told: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout: asyncio.StreamReader | None = None
        self.stderr: asyncio.StreamReader | None = None
        self._ended = asyncio.create_task(self._wait(told, line))

    async def _wait(self, told: asyncio.StreamReader, line: asyncio.StreamWriter) -> int:
        try:
            self.returncode = int(await told.readline())
        finally:
            line.close()
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def communicate(self) -> tuple[bytes, bytes]:
        async def whole(stream: asyncio.StreamReader | None) -> bytes:
            return await stream.read() if stream else b""

        out, err, _ = await asyncio.gather(whole(self.stdout), whole(self.stderr), self.wait())
        return out, err

    def send_signal(self, number: int) -> None:
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = asyncio.subprocess.Process | Forked


async def command_line(
    module: str,
    *words: str,
    env: Mapping[str, str],
    cwd: Path,
    stdout: "int | IO[bytes] | None" = None,
    stderr: "int | IO[bytes] | None" = None,
    begins_cold: bool = False,
) -> Process:
    """``python -m module words …`` as a process, warm where that makes no difference.

    ``stdout``, ``stderr``: as for ``asyncio.create_subprocess_exec``; by default this process's own.
    """
    command = next((word for word in words if re.fullmatch("[a-z-]+", word)), "options")
    if begins_cold or not can_be_warm(module, env) or _is_the_first(command):
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *words, env=env, cwd=cwd, stdout=stdout, stderr=stderr
        )
    if not _forking:
        _forking.append(_Forking())
    with contextlib.ExitStack() as theirs:
        ours, told = socket.socketpair()
        theirs.enter_context(told)
        files, readable = [told.fileno(), 0], {}
        for number, wanted in ((1, stdout), (2, stderr)):
            if wanted == asyncio.subprocess.PIPE:
                reading, writing = os.pipe()
                theirs.callback(os.close, writing)
                readable[number] = os.fdopen(reading, "rb", 0)
                files.append(writing)
            elif wanted == asyncio.subprocess.STDOUT:
                files.append(files[-1])
            elif wanted == asyncio.subprocess.DEVNULL:
                files.append(theirs.enter_context(open(os.devnull, "wb")).fileno())
            else:
                files.append(number if wanted is None else wanted if isinstance(wanted, int) else wanted.fileno())
        _forking[0].ask({"module": module, "words": words, "env": dict(env), "cwd": str(cwd)}, files)
    told_by, line = await asyncio.open_unix_connection(sock=ours)
    process = Forked(int(await told_by.readline()), told_by, line)
    for number, pipe in readable.items():
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda to=reader: asyncio.StreamReaderProtocol(to), pipe)  # type: ignore[misc]
        setattr(process, ("stdout", "stderr")[number - 1], reader)
    return process


def ran(module: str, *words: str, env: Mapping[str, str], cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The same where nothing else goes on: what it said, and its exit code."""

    async def to_the_end() -> "subprocess.CompletedProcess[str]":
        pipe = asyncio.subprocess.PIPE
        process = await command_line(module, *words, env=env, cwd=cwd, stdout=pipe, stderr=pipe)
        async with awaited("the command to end"):
            out, err = await process.communicate()
        return subprocess.CompletedProcess(words, process.returncode or 0, out.decode(), err.decode())

    return asyncio.run(to_the_end())


def _fork_when_asked(line: socket.socket) -> dict[str, object]:
    """Returns in each process that is forked, with what it was forked for; the one that forks stays inside."""
    running: dict[int, tuple[int, int]] = {}
    poll = select.poll()
    poll.register(line, select.POLLIN)
    while True:
        for ready, _ in poll.poll():
            if ready != line.fileno():
                poll.unregister(ready)
                pid, told = running.pop(ready)
                with contextlib.suppress(BrokenPipeError):  # who asked no longer wants to know
                    os.write(told, f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n".encode())
                os.close(ready)
                os.close(told)
                continue
            text, files, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, _FILES)
            if not text:
                os._exit(0)
            told, *standard = files
            if pid := os.fork():
                os.write(told, f"{pid}\n".encode())
                child = os.pidfd_open(pid)
                running[child] = (pid, told)
                poll.register(child, select.POLLIN)
                for file in standard:
                    os.close(file)
                continue
            for place, file in enumerate(standard):
                os.dup2(file, place)
            for file in (*files, *running, *(known for _, known in running.values()), line.detach()):
                os.close(file)
            asked: dict[str, object] = json.loads(text)
            return asked


def _stands_for_what_was_read(place: Path) -> bool:
    """Whether a module there would have been read before one that was, or instead: a test's stub of a package, say."""
    first = {*sys.modules, "sitecustomize", "usercustomize"}
    return place.is_dir() and any(entry.name.partition(".")[0] in first for entry in place.iterdir())


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is meant for who asks
    rest = sys.path[2:]  # after the directory and PYTHONPATH
    for module in _READ_BEFORE:
        importlib.import_module(module)
    for engine in importlib.metadata.distribution("auteur").entry_points.select(group="auteur.engines"):
        engine.load()
    gc.freeze()
    asked = _fork_when_asked(socket.socket(fileno=int(sys.argv[1])))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["env"])  # type: ignore[call-overload]
    os.chdir(str(asked["cwd"]))
    places = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    if any(_stands_for_what_was_read(Path(place)) for place in places if place != str(HOME)):
        os.execv(sys.executable, [sys.executable, "-m", str(asked["module"]), *asked["words"]])  # type: ignore[misc]
    sys.path[:] = [os.getcwd(), *places, *rest]
    sys.argv[:] = ["", *asked["words"]]  # type: ignore[misc]
    runpy.run_module(str(asked["module"]), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
