"""A few children that decode what strangers sent: started with the first of it, ended when nothing more comes.

A decoder is a hundred thousand lines of C that read a stranger's file. In a child it may crash, run for ever or ask for
all memory there is: its limits end it, whoever asked hears that the file cannot be used, and the next file gets
another child. It is given a file's bytes or path and nothing else: no environment, so no secret.
"""

import asyncio
import contextlib
import itertools
import os
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from auteur.adapters.decoding.child import UndecodableError
from auteur.adapters.decoding.worker import DAMAGED, Answer, DiedError, Limits, Worker, size_bytes
from auteur.domain.errors import UnavailableError

log = structlog.get_logger(__name__)

TOO_LARGE = "The file is larger than any that is read."
_NOT_NOW = "Pictures cannot be read now."


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
        if await asyncio.to_thread(size_bytes, source) > self._limits.file_bytes:
            raise UndecodableError(TOO_LARGE, max_bytes=self._limits.file_bytes)
        loop = asyncio.get_running_loop()
        call = _Call(int(not quick), next(self._numbers), job, arguments or {}, source, loop, loop.create_future())
        with self._lock:
            if self._waiting.qsize() >= self._idle and self._threads < self._at_most:
                self._begin_thread()
            self._waiting.put(call)
        return await call.future

    def _begin_thread(self) -> None:
        """One more. Raises `UnavailableError` where there is none at all: as long as one lives, all have their turn."""
        try:
            threading.Thread(target=self._serve, name=f"decodes {self._name}", daemon=True).start()
        except RuntimeError:  # the system gives no more
            if not self._threads:
                raise UnavailableError(_NOT_NOW) from None
        else:
            self._threads += 1

    def _serve(self) -> None:
        """One thread's life, with one child at a time. It blocks, as the event loop may not."""
        worker: Worker | None = None
        while (call := self._next()) is not None:
            if call.future.cancelled():
                continue
            try:
                for is_last_try in (False, True):
                    if worker is not None and not worker.lives:
                        worker.end()  # also one that died while it had nothing to do has pipes
                        worker = None
                    worker = worker or self._start()
                    try:
                        answer = worker.run(call.job, call.source, call.arguments)
                        break
                    except DiedError as died:
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
                with contextlib.suppress(queue.Empty):  # never waited for here: the event loop wants the lock, too
                    return self._waiting.get_nowait()
                self._threads -= 1
                return None
        finally:
            with self._lock:
                self._idle -= 1

    def _start(self) -> "Worker":
        # without an environment; where the interpreter itself needs one to be found, with the parent's
        environments: list[dict[str, str] | None] = [{}, None] if os.name == "posix" else [None]
        for environment in environments:
            with contextlib.suppress(OSError, DiedError):
                return Worker(self._name, self._jobs, self._limits, environment)
        log.error("no child to decode in can be started", child=self._name)
        raise UnavailableError(_NOT_NOW)
