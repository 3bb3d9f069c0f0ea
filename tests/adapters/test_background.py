import asyncio
import contextlib

import pytest

from auteur.adapters.background import end, within


async def test_a_task_that_swallows_its_cancellation_is_ended_all_the_same() -> None:
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while swallowed < 3:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
            swallowed += 1

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await end([task])
    assert task.done()
    await end([task])
    await end([])


async def test_work_within_its_limit_gives_its_outcome() -> None:
    async def double(number: int) -> int:
        return 2 * number

    async def fail() -> None:
        raise KeyError("no")

    assert await within(1, lambda: double(4)) == 8
    with pytest.raises(KeyError):
        await within(1, fail)


async def test_work_over_its_limit_is_cancelled_and_its_caller_goes_on_at_once() -> None:
    stopped = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.2)
            stopped.set()
            raise

    with pytest.raises(TimeoutError):
        await within(0.01, stubborn)
    assert not stopped.is_set()
    await stopped.wait()


async def test_a_caller_that_is_cancelled_leaves_the_work_to_end() -> None:
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.set()

    caller = asyncio.create_task(within(1, work))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await done.wait()
