"""python-socketio behind uvicorn, told as `benchmarks.crowd` tells every peer: says its port, waits for a line, tells
all, says its CPU seconds."""

import asyncio
import socket
import sys
import time

import socketio
import uvicorn

EVENTS, EVERY_S, SIZE = int(sys.argv[1]), float(sys.argv[2]) / 1000, int(sys.argv[3])


async def main() -> None:
    io = socketio.AsyncServer(async_mode="asgi", transports=["websocket"], ping_interval=60, http_compression=False)
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    config = uvicorn.Config(
        socketio.ASGIApp(io), log_config=None, ws_ping_interval=None, ws_per_message_deflate=False, lifespan="off"
    )
    serving = asyncio.create_task(uvicorn.Server(config).serve([listener]))
    print(listener.getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.process_time()
    for number in range(1, EVENTS + 1):
        await io.emit("event", f"Pass {number} of {EVENTS}".ljust(SIZE))
        await asyncio.sleep(EVERY_S)
    print(time.process_time() - began, flush=True)
    await serving


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
