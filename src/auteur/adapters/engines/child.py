"""The child's side of the engines' processes: the jobs are run here, one after the other. See `process`."""

import contextlib
import ctypes
import errno
import importlib
import json
import os
import queue
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from auteur.adapters.children.inside import take_stdout
from auteur.domain.errors import HandlerError

Report = Callable[[Mapping[str, Any]], None]
Job = Callable[[Mapping[str, Any], Report], Mapping[str, Any]]

GIVE_WAY = "--give-way"
_NICENESS = 10
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
_PROBE_BYTES = 256 << 10
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


class EngineBrokenError(HandlerError):
    """A refusal by a job after which its process is of no use any more: the next job gets another one."""


class JobStopped(BaseException):
    """Raised by ``report`` in the child when nobody wants the job's result any more. No `Exception`, so that no library
    on the way takes it for one of its own."""


def _serve() -> None:
    """The child's life: one job after the other, until the parent is gone."""
    if GIVE_WAY in sys.argv:
        _give_way()
    _keep_memory()
    out = os.fdopen(take_stdout(), "w", encoding="utf-8", buffering=1)
    requests = _Requests()

    def say(message: Mapping[str, Any]) -> None:
        out.write(json.dumps(message) + "\n")

    while True:
        request = requests.next()
        number = request["number"]

        def report(said: Mapping[str, Any], number: int = number) -> None:
            if requests.to_stop == number:
                raise JobStopped
            say({"report": said})

        try:
            module, _, function = request["job"].partition(":")
            work: Job = getattr(importlib.import_module(module), function)
            say({"result": work(request["arguments"], report)})
        except HandlerError as error:
            refused = {"message": error.message, "retryable": error.retryable, "details": dict(error.details)}
            cause = "".join(traceback.format_exception(error.__cause__)) if error.__cause__ else None
            say({"refused": {**refused, "cause": cause}, "last": isinstance(error, EngineBrokenError)})
        except JobStopped:
            say({"stopped": number})
        except BrokenPipeError:
            _end()
        except OSError as error:
            code = _why_unwritable(error, request["arguments"].get("directory"))
            say({"crashed": traceback.format_exc()} if code is None else {"unwritable": code})
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

    By niceness, and not by Linux's idle class: beside programs that take all there is, a process of that class stands
    still, and a frame that was asked for on a busy machine never comes.
    """
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


class _Requests:
    """What the parent asks for. Stdin is read in a thread, so that a stop, and the parent's end, are noticed in the
    middle of a job. ``to_stop``: the job that nobody wants any more."""

    def __init__(self) -> None:
        self.to_stop = 0
        self._jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> dict[str, Any]:
        """Waits for a job."""
        return self._jobs.get()

    def _read(self) -> None:
        for line in sys.stdin:
            request = json.loads(line)
            if "stop" in request:
                self.to_stop = request["stop"]
            else:
                self._jobs.put(request)
        _end()


def _end() -> NoReturn:
    os._exit(0)


def main() -> None:
    """The child's whole life."""
    # Ctrl-C in a terminal reaches the whole group; the parent decides what becomes of the work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve()
