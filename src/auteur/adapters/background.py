"""Tasks beside the current one: ending them for sure, and not being held up by them.

`asyncio.wait_for` of Python 3.11, which clients of servers use, now and then swallows a cancellation. Here a task that
is to end is cancelled until it has, and work that must not swallow its caller's cancellation runs in a task of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

T = TypeVar("T")

_AGAIN_S = 0.2
_left_behind: set["asyncio.Task[Any]"] = set()


async def end(tasks: "Collection[asyncio.Task[Any]]") -> None:
    """Cancels the tasks until all have ended."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_S)


async def within(limit_s: float, work: Callable[[], Awaitable[T]]) -> T:
    """The work's outcome. Raises `TimeoutError` after the limit; the work is then cancelled and left behind, as it is
    left to go on when the caller is cancelled."""

    async def run() -> T:
        return await work()

    task = asyncio.create_task(run())
    _left_behind.add(task)
    task.add_done_callback(_forget)
    await asyncio.wait({task}, timeout=limit_s)
    if not task.done():
        task.cancel()
        raise TimeoutError
    return task.result()


def _forget(task: "asyncio.Task[Any]") -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()  # seen, also where nobody waits for it any more
