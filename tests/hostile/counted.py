"""``python -m auteur`` as it is, and a thread beside it that says how many of asyncio's tasks there are.

Whoever connects to the socket that ``HOSTILE_COUNTS`` names is told. Nothing else of the service is touched.
"""

import asyncio.tasks
import os
import socket
import threading

from auteur.__main__ import main


def _count() -> int:
    while True:
        try:
            return sum(not task.done() for task in list(asyncio.tasks._all_tasks))  # type: ignore[attr-defined]
        except RuntimeError:  # the set changed while it was walked
            continue


def _tell(listener: socket.socket) -> None:
    while True:
        asking, _ = listener.accept()
        with asking:
            asking.sendall(str(_count()).encode())


if __name__ == "__main__":
    if path := os.environ.get("HOSTILE_COUNTS"):
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen()
        threading.Thread(target=_tell, args=[listening], daemon=True).start()
    main()
