"""``python -m auteur`` as it is, and a thread beside it that says which of asyncio's tasks there are.

Whoever connects to the socket that ``HOSTILE_COUNTS`` names is told. Nothing else of the service is touched.
"""

import asyncio.tasks
import json
import os
import socket
import threading

from auteur.__main__ import main


def _names() -> list[str]:
    while True:
        try:
            tasks = list(asyncio.tasks._all_tasks)  # type: ignore[attr-defined]
            return [getattr(task.get_coro(), "__qualname__", "") for task in tasks if not task.done()]
        except RuntimeError:  # the set changed while it was walked
            continue


def _tell(listener: socket.socket) -> None:
    while True:
        asking, _ = listener.accept()
        with asking:
            asking.sendall(json.dumps(_names()).encode())


if __name__ == "__main__":
    if path := os.environ.get("HOSTILE_COUNTS"):
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen()
        threading.Thread(target=_tell, args=[listening], daemon=True).start()
    main()
