"""Warm child processes in which engines compute, so that nothing blocks the event loop and a stop is a real stop.

A job is a function named ``module:function``. It gets plain JSON arguments and a ``report`` callable, and returns plain
JSON. Parent and child speak JSON lines over the child's stdin and a private copy of its stdout:

    parent -> child   {"job": "module:function", "arguments": {…}}
    child -> parent   {"report": {…}}*  then one of  {"result": {…}}  {"refused": {…}}  {"unwritable": errno}
                      {"crashed": "traceback"}

The child ends when its stdin does, so it never outlives its parent, however that died.
"""

import asyncio
import contextlib
import ctypes
import errno
import importlib
import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Self

from auteur.domain.errors import HandlerError, workspace_error

Report = Callable[[Mapping[str, Any]], None]
Job = Callable[[Mapping[str, Any], Report], Mapping[str, Any]]

_LINE_LIMIT = 1 << 20
_NICENESS = 10
_BOOT = f"import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from {__name__} import main; main()"
"""The child imports from where the parent does, so that the jobs of every engine that was found are found there too."""
_GIVE_WAY = "--give-way"
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_PROBE_BYTES = 256 << 10
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


class EngineCrashedError(Exception):
    """The job raised what no job should; the text is the child's traceback, for operators only."""


class EngineProcesses:
    """A pool that grows with demand and keeps ``max_idle`` children warm. Open with ``async with``.

    ``gives_way``: the children take only what all other programs of the machine leave; for a laptop on which somebody
    works, never for a machine that is there to render, where any other work would stop them.
    """

    def __init__(self, *, max_idle: int, gives_way: bool = False) -> None:
        self._max_idle = max_idle
        self._options = [_GIVE_WAY] if gives_way else []
        self._idle: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for process in list(self._all):
            await self._kill(process)

    async def run(self, job: str, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
        """Runs one job in a child of its own. When cancelled, the child is killed before this returns.

        Raises `HandlerError` as the job raised it, or retryable when the child died, `WorkspaceUnavailableError` where
        its files cannot be written, and `EngineCrashedError`.
        """
        process = self._idle.pop() if self._idle else await self._spawn()
        try:
            answer = await self._converse(process, {"job": job, "arguments": arguments}, report)
        except BaseException:
            await self._kill(process)
            raise
        if process.returncode is None and len(self._idle) < self._max_idle:
            self._idle.append(process)
        else:
            await self._kill(process)
        if "refused" in answer:
            refused = answer["refused"]
            raise HandlerError(refused["message"], retryable=refused["retryable"], **refused["details"])
        if "unwritable" in answer:
            raise workspace_error(OSError(answer["unwritable"], "the engine could not write"))
        if "crashed" in answer:
            raise EngineCrashedError(answer["crashed"])
        result: Mapping[str, Any] = answer["result"]
        return result

    async def _converse(
        self, process: asyncio.subprocess.Process, request: Mapping[str, Any], report: Report
    ) -> Mapping[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError):  # a dead child is noticed by its silence below
            process.stdin.write(json.dumps(request).encode() + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            message: Mapping[str, Any] = json.loads(line)
            if "report" not in message:
                return message
            report(message["report"])
        raise HandlerError("The engine's process died while it worked.", retryable=True)

    async def _spawn(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # nothing that lies in the working directory takes a module's place
            "-c",
            _BOOT,
            *self._options,
            json.dumps(sys.path),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
        )
        self._all.add(process)
        return process

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        self._all.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _serve() -> None:
    """The child's life: one job after the other, until the parent is gone."""
    if _GIVE_WAY in sys.argv:
        _give_way()
    _keep_memory()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a chatty library must not speak into the conversation
    jobs = _read_jobs()

    def say(message: Mapping[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")

    while True:
        request = jobs()
        try:
            module, _, function = request["job"].partition(":")
            work: Job = getattr(importlib.import_module(module), function)
            say({"result": work(request["arguments"], lambda report: say({"report": report}))})
        except HandlerError as error:
            refused = {"message": error.message, "retryable": error.retryable, "details": dict(error.details)}
            say({"refused": refused})
        except BrokenPipeError:
            _end()
        except OSError as error:
            cause = _why_unwritable(error, request["arguments"].get("directory"))
            say({"crashed": traceback.format_exc()} if cause is None else {"unwritable": cause})
        except BaseException:
            say({"crashed": traceback.format_exc()})


def _why_unwritable(error: OSError, directory: str | None) -> int | None:
    """The error number if it was the writing that failed, None if not. Encoders in C lose it: then the place itself is
    asked."""
    if error.errno in _UNWRITABLE:
        return error.errno
    if directory is None:
        return None
    try:
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(bytes(_PROBE_BYTES))
    except OSError as found:
        return found.errno if found.errno in _UNWRITABLE else None
    return None


def _give_way() -> None:
    """Whoever waits for an answer comes before whoever waits for a picture.

    Linux has a policy for that: an idle-class process uses all that is left, and gives way at once. Where nothing is
    left it stands still, so this is asked for, never a matter of course.
    """
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(_NICENESS)


def _keep_memory() -> None:
    """Has glibc reuse large blocks instead of returning them to the kernel after each use.

    Handing them back and forth cost up to a tenth of a pass, and the kernel's clearing of pages delayed the other
    processes by milliseconds. Elsewhere, where there is no ``mallopt``, nothing changes.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD):
            mallopt(parameter, 1 << 30)


def _read_jobs() -> Callable[[], Any]:
    """Reads stdin in a thread, so that its end is noticed in the middle of a job too."""
    arrived = threading.Semaphore(0)
    lines: list[str] = []

    def read() -> None:
        for line in sys.stdin:
            lines.append(line)
            arrived.release()
        _end()

    threading.Thread(target=read, daemon=True).start()

    def next_job() -> Any:
        arrived.acquire()
        return json.loads(lines.pop(0))

    return next_job


def _end() -> NoReturn:
    os._exit(0)


def main() -> None:
    """The child's whole life."""
    # Ctrl-C in a terminal reaches the whole group; the parent decides what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve()
