"""A process that does next to nothing, asked all the while: how long the machine itself lets anybody wait.

Promises about time are made for a machine that has time. What a bystander waits for too is not the service's doing.
"""

import asyncio
import contextlib
import sys

from tests.faults.record import Waits, now


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
                await reader.read()
            waits.seen.append((began, now() - began))
            await asyncio.sleep(0.05)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _stand_by() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b".")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_stand_by())
