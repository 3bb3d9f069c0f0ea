"""The child's life: it takes a picture or a film, says what became of it, and waits for the next. See `pool`."""

import gc
import importlib
import io
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from auteur.adapters.children.inside import take_stdout
from auteur.adapters.children.limits import allow_cpu, confine, give_back_memory, peak_bytes
from auteur.adapters.decoding import frames

Source = Path | BinaryIO
Job = Callable[..., tuple[Mapping[str, Any], bytes]]
"""Gets the source and its arguments; returns plain data, and bytes. Raises `UndecodableError`, and `OSError` for a path
that cannot be opened."""


class UndecodableError(Exception):
    """What is wrong with a source, fit for whoever sent it, with more about it as plain data."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


def main() -> None:
    """The child's whole life; its arguments: the module of its jobs, and its limits as JSON."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    limits = json.loads(sys.argv.pop())
    jobs = importlib.import_module(sys.argv.pop())
    requests = _Requests(sys.stdin.buffer)
    out = os.fdopen(take_stdout(), "wb")
    gc.freeze()
    confine(limits["memory_bytes"])
    frames.write(out, {"ready": True})
    while True:
        asked, body = requests.next()
        allow_cpu(limits["cpu_s"])
        frames.write(out, {"began": True})
        said, made = _answer(getattr(jobs, asked["job"]), asked, body)
        del body
        frames.write(out, {**said, "last": peak_bytes() > limits["retires_at_bytes"]}, made)
        del asked, said, made
        give_back_memory()


def _answer(job: Job, asked: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], bytes]:
    path = asked["path"]
    try:
        made, data = job(io.BytesIO(body) if path is None else Path(path), **asked["arguments"])
        return {"made": made}, data
    except UndecodableError as error:
        return {"refused": error.message, "details": error.details}, b""
    except MemoryError:
        return {"refused": None, "details": {}}, b""
    except OSError as error:
        return {"errno": error.errno}, b""
    except BaseException:
        return {"crashed": traceback.format_exc()}, b""


class _Requests:
    """Read in a thread, so that the parent's end is the child's, also in the middle of a job."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def next(self) -> tuple[dict[str, Any], bytes]:
        return self._read.get()

    def _run(self) -> None:
        try:
            while (request := frames.read(self._stream)) is not None:
                self._read.put(request)
                del request
        finally:  # also where the body has no room in memory
            os._exit(0)
