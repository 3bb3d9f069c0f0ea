"""The service or a worker that strikes itself at one moment of a task's life, once a file says that it may:

``python -m tests.faults.moments MOMENT HOW FILE serve|worker …``
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain import executor
from auteur.domain.executor import Executor
from auteur.domain.task import Task
from auteur.entrypoints.cli import main

AWAY_S = 20.0
SAID = "struck at "
Strike = Callable[[], None]


def at_claim(strike: Strike) -> None:
    """The task was taken from its queue, and nothing is recorded of that."""
    begin = Executor._begin

    async def struck(self: Executor, task: Task, eta_s: float | None) -> None:
        strike()
        await begin(self, task, eta_s)

    Executor._begin = struck  # type: ignore[method-assign]


def begun(strike: Strike) -> None:
    """The start is recorded, and nothing is made."""
    begin = Executor._begin

    async def struck(self: Executor, task: Task, eta_s: float | None) -> None:
        await begin(self, task, eta_s)
        strike()

    Executor._begin = struck  # type: ignore[method-assign]


def mid_run(strike: Strike) -> None:
    """The engine has told of its progress."""
    report = executor._Context.report

    def struck(self: Any, progress: float, **said: Any) -> None:
        if progress > 0.3:
            strike()
        report(self, progress, **said)

    executor._Context.report = struck  # type: ignore[method-assign]


def files_kept(strike: Strike) -> None:
    """The files lie in their place, and not yet the record beside them."""
    describe = WorkspaceArtifactStore.describe

    async def struck(self: WorkspaceArtifactStore, task: Task) -> None:
        strike()
        await describe(self, task)

    WorkspaceArtifactStore.describe = struck  # type: ignore[method-assign]


def before_ending(strike: Strike) -> None:
    """All files are kept, and the ending is not recorded."""
    conclude = Executor._conclude

    async def struck(self: Executor, task: Task, work: "asyncio.Task[Any]") -> bool:
        if not work.cancelled() and work.exception() is None:
            strike()
        return await conclude(self, task, work)

    Executor._conclude = struck  # type: ignore[method-assign]


def after_ending(strike: Strike) -> None:
    """The ending is recorded, and neither the queue nor who waits for the task knows."""
    run = Executor.run

    async def struck(self: Executor, *args: Any, **said: Any) -> None:
        await run(self, *args, **said)
        strike()

    Executor.run = struck  # type: ignore[method-assign]


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def block() -> None:
    """As a handler of somebody's that computes where it must not."""
    time.sleep(AWAY_S)


MOMENTS = {one.__name__: one for one in (at_claim, begun, mid_run, files_kept, before_ending, after_ending)}
HOW = {one.__name__: one for one in (kill, freeze, block)}


def once(how: Strike, moment: str, allowed: Path) -> Strike:
    """Strikes the first time that it is allowed, and says when."""
    struck = False

    def strike() -> None:
        nonlocal struck
        if not struck and allowed.exists():
            struck = True
            os.write(2, f"{SAID}{moment}: {datetime.now(UTC).isoformat()}\n".encode())
            how()

    return strike


if __name__ == "__main__":
    named, by, file = (sys.argv.pop(1) for _ in range(3))
    MOMENTS[named](once(HOW[by], named, Path(file)))
    main()
