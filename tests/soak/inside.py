"""The service, or a worker, that tells what it holds: ``python -m tests.soak.inside DIRECTORY [LEAK] serve|worker …``.

On SIGUSR1 it writes ``DIRECTORY/PID.json``: its tasks and threads by name, and how many blocks of memory it has.
``LEAK`` is a fault of its own, so that the soak itself can be tried: ``descriptor`` leaves a file open for every
socket, ``task`` a task, ``memory`` 100 kB.
"""

import asyncio
import gc
import json
import os
import re
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from auteur.adapters.live.websocket import WebSocketSession
from auteur.entrypoints.cli import main

_LEFT: list[Any] = []


def tell_on_signal(directory: Path) -> None:
    """Has this process say what it holds, whenever it is asked to."""
    count = 0

    def tell(*_: object) -> None:
        nonlocal count
        count += 1
        gc.collect()
        told = {
            "count": count,
            "tasks": Counter(_kind(task.get_name(), task) for task in asyncio.all_tasks()),
            "threads": Counter(re.sub(r"\d+", "n", thread.name) for thread in threading.enumerate()),
            # not the objects: who lists them holds a tuple that another thread is still building, which breaks that
            "blocks": sys.getallocatedblocks(),
        }
        draft = directory / f"{os.getpid()}.draft"
        draft.write_text(json.dumps(told))
        draft.rename(directory / f"{os.getpid()}.json")

    signal.signal(signal.SIGUSR1, tell)


def _kind(name: str, task: asyncio.Task[Any]) -> str:
    """A task's own name, or that of what it runs."""
    if re.fullmatch(r"Task-\d+", name):
        name = getattr(task.get_coro(), "__qualname__", name)
    return re.sub(r"[0-9a-f]{8,}|\d+", "n", name)


def leak(kind: str) -> None:
    """Leaves something behind for every socket."""
    run = WebSocketSession.run

    async def leaking(self: WebSocketSession, after: str | None) -> None:
        if kind == "descriptor":
            _LEFT.append(os.open("/dev/null", os.O_RDONLY))
        elif kind == "task":
            _LEFT.append(asyncio.create_task(asyncio.Event().wait(), name="forgotten"))
        else:
            _LEFT.append(os.urandom(100_000))
        await run(self, after)

    WebSocketSession.run = leaking  # type: ignore[method-assign]


if __name__ == "__main__":
    tell_on_signal(Path(sys.argv.pop(1)))
    if sys.argv[1] in ("descriptor", "task", "memory"):
        leak(sys.argv.pop(1))
    main()
