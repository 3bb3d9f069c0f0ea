"""One child that decodes, as the thread that asks it sees it: a question, and an answer or its death."""

import atexit
import contextlib
import errno
import json
import os
import signal
import subprocess
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import structlog

from auteur.adapters.children.command import command
from auteur.adapters.children.hearing import heard
from auteur.adapters.decoding import child, frames
from auteur.adapters.decoding.child import UndecodableError

log = structlog.get_logger(__name__)

Answer = tuple[Mapping[str, Any], bytes]

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


class DiedError(Exception):
    """The child is gone. ``was_innocent``: it may not have been the file's doing."""

    def __init__(self, reason: str, *, was_innocent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_innocent = was_innocent


class Worker:
    """One child process. Used by one thread at a time."""

    def __init__(self, name: str, jobs: str, limits: Limits, environment: Mapping[str, str] | None) -> None:
        self._name = name
        self._limits = limits
        self._timed_out = False
        self._began = False
        self._was_ended = False
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
        """Raises `DiedError`, `UndecodableError`, and `OSError` for a path that cannot be opened."""
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
        frames.write_file(self._process.stdin, asked, source, size_bytes(source))  # type: ignore[arg-type]

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

    def _died(self) -> DiedError:
        was_ended = self._was_ended
        self.end()
        code = self._process.returncode
        ended_by = -code if code < 0 else None
        if self._timed_out or (ended_by is not None and ended_by == _SIGXCPU):
            reason, innocent = TOO_LONG, False
        elif ended_by in (signal.SIGTERM, getattr(signal, "SIGKILL", None)):
            reason, innocent = TOO_MUCH, True
        else:
            reason, innocent = DAMAGED, not self._began
        if not was_ended:  # as all are when this process ends
            log.warning("a decoding child died", child=self._name, reason=reason, exit_code=code)
        return DiedError(reason, was_innocent=innocent)

    def end(self) -> None:
        """It is gone when this returns."""
        self.stays = False
        self._was_ended = True
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


def size_bytes(source: Path | BinaryIO) -> int:
    if isinstance(source, Path):
        return source.stat().st_size
    return source.seek(0, os.SEEK_END) or source.tell()  # that of a spooled file returns nothing


_alive: "weakref.WeakSet[Worker]" = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for one in list(_alive):
        one.end()
