"""A process that does next to nothing, asked all the while: how long the machine itself lets anybody wait.

Promises about time are made for a machine that has time. What a bystander waits for too is not the service's doing; nor
is it that two milliseconds of work take it ten while eight others want the same two processors.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator

from tests.faults.record import Waits, now

_WORK_S = 0.002
_PAUSE_S = 0.05


class Timed:
    """How long something took, and what it may have taken on this machine at that time."""

    def __init__(self) -> None:
        self._waits = Waits()
        self._began = now()
        self._ended: float | None = None

    @property
    def took_s(self) -> float:
        return (self._ended or now()) - self._began

    def is_within(self, promised_s: float) -> bool:
        """Whether it took no longer than was promised, by the measure of a bystander."""
        return self.took_s <= self._waits.limit_s(promised_s, self._began, self._began + self.took_s)


@contextlib.asynccontextmanager
async def timed() -> AsyncIterator[Timed]:
    """Times what is inside, beside a bystander."""
    found = Timed()
    watching = asyncio.create_task(watch(found._waits))
    try:
        while not found._waits.seen and not watching.done():
            await asyncio.sleep(0.01)
        found._began = now()
        yield found
        found._ended = now()
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def watch(waits: Waits) -> None:
    """Runs a bystander and asks it, until cancelled."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.bystander", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        while True:
            began = now()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(writer):  # also of one that is cancelled while it waits
                slowness = float(await reader.read())
            waits.add(began, now() - began, slowness)
            await asyncio.sleep(_PAUSE_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _slowness() -> float:
    """How many times longer a piece of work takes than it takes of the processor."""
    began, done_at = time.perf_counter(), time.process_time() + _WORK_S
    while time.process_time() < done_at:
        pass
    return (time.perf_counter() - began) / _WORK_S


async def _stand_by() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{_slowness():.3f}".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_stand_by())
