"""Waiting for a task's end, and no longer than a conversation has patience."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import anyio

from auteur.adapters.background import end
from auteur.entrypoints.mcp.answers import ENDED
from auteur.entrypoints.mcp.room import RefusedError, Room, task_path

Tell = Callable[[float, str], Awaitable[None]]
"""Progress from 0 to 1, and what happens."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 4.0
_FIRST_PROGRESS = 0.001
"""What a task that waits has made: more than nothing, since each notification must say more than the one before."""


class Rising:
    """Passes progress on as the protocol wants it: each time more than before. What says less, a task that is tried
    again, is silent until it has caught up."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told = -1.0

    async def __call__(self, progress: float, said: str) -> None:
        if progress > self._told:
            self._told = progress
            await self._tell(progress, said)


async def watch(room: Room, project_id: str, task_id: str, wait_s: float, tell: Tell) -> Mapping[str, Any]:
    """The task's view at its end, or after ``wait_s`` seconds as it stands then. Raises `RefusedError`.

    A service that goes away is waited for, and the stream goes on where it was cut.
    """
    where = task_path(project_id, task_id)
    view = await room.ask("GET", where)
    rising = Rising(tell)
    await rising(*_stand(view))
    if view["status"] in ENDED:
        return view
    waiting = asyncio.create_task(_until_it_ends(room, project_id, task_id, rising), name="watch")
    try:
        await asyncio.wait({waiting}, timeout=wait_s)
        if waiting.done():
            ended = waiting.result()
            return ended if ended is not None else view
    finally:
        with anyio.CancelScope(shield=True):  # who calls may have been cancelled, for good
            await end([waiting])
        if not waiting.cancelled():
            waiting.exception()  # seen
    try:
        return await room.ask("GET", where)
    except RefusedError as error:
        if error.temporary:
            return view
        raise


async def _until_it_ends(room: Room, project_id: str, task_id: str, tell: Rising) -> Mapping[str, Any] | None:
    """The task's view at its end; None where the service stops and does not come back here."""
    after: str | None = None
    pause_s = _FIRST_PAUSE_S
    where = task_path(project_id, task_id)
    while True:
        try:
            async with aclosing(room.events(project_id, after)) as heard:
                async for message in heard:
                    pause_s = _FIRST_PAUSE_S
                    after = message.get("position", after)
                    kind = message["type"]
                    if kind == "connected":  # what was before it is in the record
                        view = await room.ask("GET", where)
                        if view["status"] in ENDED:
                            return view
                        await tell(*_stand(view))
                    elif message.get("task_id") == task_id:
                        if kind == "progress":
                            await tell(*_progress(message))
                        elif kind in ("complete", "error", "task_deleted"):
                            return await room.ask("GET", where)
                    elif kind == "project_deleted":
                        return await room.ask("GET", where)
        except RefusedError as error:
            if error.code == "HISTORY_LOST":
                after = None
            elif error.code == "SHUTTING_DOWN" and not room.comes_back:
                return None
            elif not error.temporary or error.code == "TOO_MANY_CONVERSATIONS" or not room.comes_back:
                raise
        if not room.comes_back:
            return None
        await asyncio.sleep(pause_s * random.uniform(0.5, 1))
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


def _stand(view: Mapping[str, Any]) -> tuple[float, str]:
    """How far a task is, and in words."""
    if view["status"] in ENDED:
        return 1.0, str(view["status"])
    if view["status"] == "running":
        return max(view["progress"], _FIRST_PROGRESS), str(view["message"] or view["stage"] or "running")
    if view["status"] == "blocked":
        return 0.0, "waits for other tasks"
    place = view.get("queue_position")
    return 0.0, "waits" if place is None else f"waits, place {place}"


def _progress(message: Mapping[str, Any]) -> tuple[float, str]:
    said = str(message.get("message") or message.get("stage") or "running")
    left = message.get("eta_s")
    return max(message["progress"], _FIRST_PROGRESS), said if left is None else f"{said}, {left:.0f} s left"
