"""A few children that decode what strangers sent: started with the first of it, ended when nothing more comes.

A decoder is a hundred thousand lines of C that read a stranger's file. In a child it may crash, run for ever or ask for
all memory there is: its limits end it, whoever asked hears that the file cannot be used, and the next file gets
another child. It is given a file's bytes or path and nothing else: no environment, so no secret.
"""

import asyncio
import atexit
import contextlib
import errno
import itertools
import json
import os
import queue
import signal
import subprocess
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

import structlog

from auteur.adapters.children.command import command
from auteur.adapters.children.hearing import heard
from auteur.adapters.decoding import child, frames
from auteur.adapters.decoding.child import UndecodableError
from auteur.domain.errors import UnavailableError

log = structlog.get_logger(__name__)

Answer = tuple[Mapping[str, Any], bytes]

TOO_LARGE = "The file is larger than any that is read."
TOO_LONG = "The file takes too long to decode."
TOO_MUCH = "The file takes more memory than there is."
DAMAGED = "The file is damaged, or only a part of one."
_STARTS_WITHIN_S = 60.0
_LEAVES_WITHIN_S = 1.0
_PIPE_BYTES = 1 << 20
_SIGXCPU = getattr(signal, "SIGXCPU", None)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one child: its memory, address space included; time of the processor, and time that passes, for one job.
    ``file_bytes``: the largest file; ``retires_at_bytes``: one that once held so much memory is not kept."""

    file_bytes: int
    memory_bytes: int
    cpu_s: float
    wall_s: float
    retires_at_bytes: int


@dataclass(order=True, slots=True)
class _Call:
    """``rank``: a lower one goes first."""

    rank: int
    number: int
    job: str = field(compare=False)
    arguments: Mapping[str, Any] = field(compare=False)
    source: Path | BinaryIO = field(compare=False)
    loop: asyncio.AbstractEventLoop = field(compare=False)
    future: "asyncio.Future[Answer]" = field(compare=False)

    def settle(self, answer: Answer | None, error: BaseException | None = None) -> None:
        def tell() -> None:
            if self.future.done():
                return
            if error is not None:
                self.future.set_exception(error)
            elif answer is not None:
                self.future.set_result(answer)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(tell)


class DecodingPool:
    """Up to ``at_most`` children at a time, each kept for ``idle_s`` after its last job. One for the whole process,
    whatever event loops there are: it holds nothing of anybody, and costs nothing until the first job.

    ``name``: what the log calls its children. ``jobs``: the module whose functions are their jobs.
    """

    def __init__(self, name: str, jobs: str, limits: Limits, *, at_most: int, idle_s: float) -> None:
        self._name = name
        self._jobs = jobs
        self._limits = limits
        self._at_most = at_most
        self._idle_s = idle_s
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting: queue.PriorityQueue[_Call] = queue.PriorityQueue()
        self._threads = 0
        self._idle = 0

    async def ask(
        self, job: str, source: Path | BinaryIO, arguments: Mapping[str, Any] | None = None, *, quick: bool = False
    ) -> Answer:
        """What the job returns. ``quick``: it goes before those that are not.

        Raises `UndecodableError` where the source cannot be used, also where the child died of it; `OSError` where a
        path cannot be opened; `UnavailableError` where no child can be started.
        """
        size_bytes = await asyncio.to_thread(_size_bytes, source)
        if size_bytes > self._limits.file_bytes:
            raise UndecodableError(TOO_LARGE, max_bytes=self._limits.file_bytes)
        loop = asyncio.get_running_loop()
        call = _Call(int(not quick), next(self._numbers), job, arguments or {}, source, loop, loop.create_future())
        with self._lock:
            self._waiting.put(call)
            if self._waiting.qsize() > self._idle and self._threads < self._at_most:
                self._threads += 1
                threading.Thread(target=self._serve, name=f"decodes {self._name}", daemon=True).start()
        return await call.future

    def _serve(self) -> None:
        """One thread's life, with one child at a time. It blocks, as the event loop may not."""
        worker: _Child | None = None
        while (call := self._next()) is not None:
            if call.future.cancelled():
                continue
            try:
                for is_last_try in (False, True):
                    if worker is None or not worker.lives:
                        worker = self._start()
                    try:
                        answer = worker.run(call.job, call.source, call.arguments)
                        break
                    except _DiedError as died:
                        # whoever else ended it, as the kernel does for want of memory, may not have meant this file
                        if is_last_try or not died.was_innocent:
                            raise UndecodableError(died.reason) from None
                call.settle(answer)
            except BaseException as error:
                if not isinstance(error, UndecodableError | OSError | UnavailableError):
                    log.error("a decoding crashed", job=call.job, exc_info=error)
                    error = UndecodableError(DAMAGED)
                call.settle(None, error)
            finally:
                if worker is not None and not worker.stays:
                    worker.end()
                    worker = None
            del call
        if worker is not None:
            worker.end()

    def _next(self) -> _Call | None:
        with self._lock:
            self._idle += 1
        try:
            return self._waiting.get(timeout=self._idle_s)
        except queue.Empty:
            with self._lock:
                if not self._waiting.empty():
                    return self._waiting.get()
                self._threads -= 1
                return None
        finally:
            with self._lock:
                self._idle -= 1

    def _start(self) -> "_Child":
        # without an environment; where the interpreter itself needs one to be found, with the parent's
        environments: list[dict[str, str] | None] = [{}, None] if os.name == "posix" else [None]
        for environment in environments:
            with contextlib.suppress(OSError, _DiedError):
                return _Child(self._name, self._jobs, self._limits, environment)
        log.error("no child to decode in can be started", child=self._name)
        raise UnavailableError("Pictures cannot be read now.")


class _DiedError(Exception):
    """The child is gone. ``was_innocent``: it may not have been the file's doing."""

    def __init__(self, reason: str, *, was_innocent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_innocent = was_innocent


class _Child:
    """One child process. Used by one thread at a time."""

    def __init__(self, name: str, jobs: str, limits: Limits, environment: Mapping[str, str] | None) -> None:
        self._name = name
        self._limits = limits
        self._timed_out = False
        self._began = False
        self.stays = True
        """Whether it is fit for another job."""
        with heard(name) as stderr:
            self._process = subprocess.Popen(
                command(child.__name__, jobs, json.dumps(asdict(limits))),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pipesize=_PIPE_BYTES,
                stderr=stderr,
                env=environment,
            )
        _alive.add(self)
        with self._watched(_STARTS_WITHIN_S):
            if self._hear() is None:
                raise self._died()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def run(self, job: str, source: Path | BinaryIO, arguments: Mapping[str, Any]) -> Answer:
        """Raises `_DiedError`, `UndecodableError`, and `OSError` for a path that cannot be opened."""
        self._began = False
        path = str(source.absolute()) if isinstance(source, Path) else None
        asked = {"job": job, "arguments": arguments, "path": path}
        with self._watched(self._limits.wall_s):
            self.stays = False  # unless it comes to an end below
            with contextlib.suppress(BrokenPipeError):  # its silence says the same
                self._say(asked, source)
            while (heard_ := self._hear()) is not None:
                said, body = heard_
                if "began" in said:
                    self._began = True
                    continue
                self.stays = not said["last"]
                return self._understood(job, said, body)
        raise self._died()

    def _say(self, asked: Mapping[str, Any], source: Path | BinaryIO) -> None:
        assert self._process.stdin is not None
        if isinstance(source, Path):
            frames.write(self._process.stdin, asked)  # type: ignore[arg-type]
            return
        frames.write_file(self._process.stdin, asked, source, _size_bytes(source))  # type: ignore[arg-type]

    def _hear(self) -> Answer | None:
        assert self._process.stdout is not None
        try:
            return frames.read(self._process.stdout)  # type: ignore[arg-type]
        except (frames.BrokenFrameError, OSError):
            return None

    def _understood(self, job: str, said: Mapping[str, Any], body: bytes) -> Answer:
        if "made" in said:
            return said["made"], body
        if "refused" in said:
            raise UndecodableError(TOO_MUCH if said["refused"] is None else said["refused"], **said["details"])
        if "errno" in said:
            code = said["errno"] or errno.EIO
            raise OSError(code, os.strerror(code))  # of the class that fits: FileNotFoundError
        log.error("a decoding crashed", job=job, traceback=said["crashed"])
        raise UndecodableError(DAMAGED)

    @contextlib.contextmanager
    def _watched(self, seconds: float) -> Iterator[None]:
        def kill() -> None:
            self._timed_out = True
            self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _died(self) -> _DiedError:
        self.end()
        code = self._process.returncode
        ended_by = -code if code < 0 else None
        if self._timed_out or (ended_by is not None and ended_by == _SIGXCPU):
            reason, innocent = TOO_LONG, False
        elif ended_by in (signal.SIGTERM, getattr(signal, "SIGKILL", None)):
            reason, innocent = TOO_MUCH, True
        else:
            reason, innocent = DAMAGED, not self._began
        log.warning("a decoding child died", child=self._name, reason=reason, exit_code=code)
        return _DiedError(reason, was_innocent=innocent)

    def end(self) -> None:
        """It is gone when this returns."""
        self.stays = False
        _alive.discard(self)
        self._close(self._process.stdin)
        with contextlib.suppress(subprocess.TimeoutExpired):  # what it dies of by itself is worth knowing
            self._process.wait(_LEAVES_WITHIN_S)
        self._process.kill()
        self._process.wait()
        self._close(self._process.stdout)

    @staticmethod
    def _close(pipe: IO[bytes] | None) -> None:
        with contextlib.suppress(OSError):  # what is left in its buffer has nobody to go to
            if pipe is not None:
                pipe.close()


def _size_bytes(source: Path | BinaryIO) -> int:
    if isinstance(source, Path):
        return source.stat().st_size
    return source.seek(0, os.SEEK_END) or source.tell()  # that of a spooled file returns nothing


_alive: "weakref.WeakSet[_Child]" = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for one in list(_alive):
        one.end()
