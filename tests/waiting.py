"""Deadlines of tests: generous, for the machine may be busy, and they say what was awaited."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

LONG_S = 120.0
"""Longer than anything takes that happens at all, on a machine that does ten other things."""


@contextlib.asynccontextmanager
async def awaited(what: str, timeout_s: float = LONG_S) -> AsyncIterator[None]:
    """What is inside happens within so many seconds, or the test fails with what it was waiting for."""
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise AssertionError(f"waited for {what} in vain, {timeout_s:g} s long") from None
