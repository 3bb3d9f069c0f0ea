"""Warm child processes in which engines compute, so that nothing blocks the event loop and a stop is a real stop.

A job is a function named ``module:function``. It gets plain JSON arguments and a ``report`` callable, and returns plain
JSON. Parent and child speak JSON lines over the child's stdin and a private copy of its stdout:

    parent -> child   {"job": "module:function", "arguments": {…}, "number": n}, {"stop": n} where it may be asked to
    child -> parent   {"report": {…}}*  then one of  {"result": {…}}  {"refused": {…}}  {"unwritable": errno}
                      {"stopped": n}  {"crashed": "traceback"}

The child ends when its stdin does, so it never outlives its parent, however that died.
"""

import asyncio
import contextlib
import itertools
import json
import signal
from collections.abc import Mapping
from typing import Any, Self

from auteur.adapters.children.command import command
from auteur.adapters.children.hearing import heard
from auteur.adapters.engines import child
from auteur.adapters.engines.child import GIVE_WAY, Report
from auteur.domain.errors import HandlerError, workspace_error

_LINE_LIMIT = 1 << 20
_DIES_WITHIN_S = 1.0


class EngineCrashedError(Exception):
    """The job raised what no job should; the text is the child's traceback, for operators only."""


class EngineProcesses:
    """A pool that grows with demand and keeps ``max_idle`` children warm. Open with ``async with``.

    ``gives_way``: the children take only what all other programs of the machine leave; for a laptop on which somebody
    works, never for a machine that is there to render, where any other work would stop them. ``at_most``: how many
    children there are at a time; further jobs wait for one. ``stop_grace_s``: how long a cancelled job may take to stop
    at its next report, before its child, and what that has loaded, is killed.
    """

    def __init__(
        self, *, max_idle: int, gives_way: bool = False, at_most: int | None = None, stop_grace_s: float = 0.0
    ) -> None:
        self._max_idle = max_idle
        self._gives_way = gives_way
        self._room = asyncio.Semaphore(at_most) if at_most is not None else None
        self._stop_grace_s = stop_grace_s
        self._numbers = itertools.count(1)
        self._idle: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()
        self._apart: list[EngineProcesses] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for pool in self._apart:
            await pool.__aexit__(*exc)
        for process in list(self._all):
            await self._kill(process)

    def apart(self, *, at_most: int, stop_grace_s: float) -> "EngineProcesses":
        """A pool of an engine's own, whose children hold what is dear to load; it is closed with this one."""
        pool = EngineProcesses(max_idle=at_most, gives_way=self._gives_way, at_most=at_most, stop_grace_s=stop_grace_s)
        self._apart.append(pool)
        return pool

    @property
    def is_full(self) -> bool:
        """Whether a job that is given now must wait for another."""
        return self._room is not None and self._room.locked()

    async def run(self, job: str, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
        """Runs one job in a child of its own. When cancelled, the job has stopped or its child is killed before this
        returns.

        Raises `HandlerError` as the job raised it, its cause an `EngineCrashedError` where it gave one; or retryable
        when the child died; `WorkspaceUnavailableError` where its files cannot be written; and `EngineCrashedError`.
        """
        async with self._room or contextlib.nullcontext():
            return await self._run({"job": job, "arguments": arguments, "number": next(self._numbers)}, report)

    async def _run(self, request: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
        process = self._idle.pop() if self._idle else await self._spawn()
        stays = False
        try:
            answer = await self._converse(process, request, report)
            stays = not answer.get("last", False)
        except asyncio.CancelledError:
            stays = await self._stop(process, request["number"])
            raise
        finally:
            if stays and process.returncode is None and len(self._idle) < self._max_idle:
                self._idle.append(process)
            else:
                await self._kill(process)
        if "refused" in answer:
            refused = answer["refused"]
            cause = EngineCrashedError(refused["cause"]) if refused["cause"] else None
            raise HandlerError(refused["message"], retryable=refused["retryable"], **refused["details"]) from cause
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
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _DIES_WITHIN_S)
        if process.returncode == -signal.SIGKILL:
            raise HandlerError(
                "The engine's process was killed while it worked; the machine may have run out of memory.",
                retryable=True,
            )
        raise HandlerError("The engine's process died while it worked.", retryable=True)

    async def _stop(self, process: asyncio.subprocess.Process, number: int) -> bool:
        """Asks the job to stop; whether it did within the grace, so that its child can go on with the next."""
        if not self._stop_grace_s:
            return False
        ending = asyncio.create_task(self._converse(process, {"stop": number}, lambda said: None))
        try:
            await asyncio.wait({ending}, timeout=self._stop_grace_s)
        finally:
            ending.cancel()
        return ending.done() and not ending.cancelled() and ending.exception() is None

    async def _spawn(self) -> asyncio.subprocess.Process:
        with heard("engine") as stderr:
            process = await asyncio.create_subprocess_exec(
                *command(child.__name__, *([GIVE_WAY] if self._gives_way else [])),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
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
