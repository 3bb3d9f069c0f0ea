"""Which engines can work now: asked in the background, remembered, and never waited for."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from auteur.domain.ports import EngineStatus, TaskHandler

_MAX_REASON = 1000
_LONGEST_HOLD_S = 60.0
_DOWN = "it is down"

OnChange = Callable[[TaskHandler, Sequence[str], EngineStatus], None]
"""Told once when an engine goes down or comes back for some of its task types, and why it is down."""


@dataclass(slots=True)
class _Way:
    """What is known of one task type of an engine. ``held_until``: till then it counts as down whatever the engine says
    of itself, as a task has just found it so; ``failures``: how often that was in a row; ``down_since``: since when it
    is down, or makes nothing."""

    held_until: float = 0.0
    held_reason: str = ""
    failures: int = 0
    down_since: float | None = None
    told: bool = True


@dataclass(slots=True)
class _Known:
    """What is known of one engine. ``ways``: by task type."""

    handler: TaskHandler
    ways: dict[str, _Way]
    status: EngineStatus | None = None
    asked_at: float = 0.0
    asking: "asyncio.Task[EngineStatus] | None" = None


class EngineAvailability:
    """Asks each engine for its `status` every ``ask_every_s``, one question at a time; who has not answered within
    ``answer_within_s`` is down. An engine that hangs costs nobody anything.

    An engine without `status` is up, except for a while after a task has found it down. What nobody has asked yet
    counts as up. Open with ``async with`` to have it asked; without, it is asked when somebody wants to know.
    """

    def __init__(
        self,
        handlers: Iterable[TaskHandler],
        *,
        ask_every_s: float = 5.0,
        answer_within_s: float = 2.0,
        on_change: OnChange = lambda handler, task_types, status: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._handlers = tuple(handlers)
        self._known = {  # a handler need not be hashable
            id(handler): _Known(handler, {made.name: _Way() for made in handler.task_types})
            for handler in self._handlers
        }
        self._ask_every_s = ask_every_s
        self._answer_within_s = answer_within_s
        self._on_change = on_change
        self._monotonic = monotonic
        self._began = monotonic()
        self._watching: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._watching = [
            asyncio.create_task(self._watch(handler), name="engine-status")
            for handler in self._handlers
            if _is_asked(handler)
        ]
        return self

    async def __aexit__(self, *exc: object) -> None:
        asking = [known.asking for known in self._known.values() if known.asking is not None]
        for task in (*self._watching, *asking):
            task.cancel()
        if self._watching or asking:
            await asyncio.wait([*self._watching, *asking], timeout=self._answer_within_s)
        self._watching = []

    def of(self, handler: TaskHandler, task_type: str | None = None) -> EngineStatus:
        """What is known of the engine now, for the task type; None: it is up if it can make any. Asks nobody."""
        known = self._known[id(handler)]
        if task_type is not None:
            return self._of(known, task_type)
        found = {name: self._of(known, name) for name in known.ways}
        down = {name: status for name, status in found.items() if not status.up}
        if len(down) == len(found):
            return next(iter(down.values()))
        status = known.status or EngineStatus(up=True)
        more = [f"{name}: {found.reason}" for name, found in down.items() if found.reason not in status.reason]
        return replace(status, reason="; ".join([*filter(None, [status.reason]), *more]))

    def _of(self, known: _Known, task_type: str) -> EngineStatus:
        way, status = known.ways[task_type], known.status or EngineStatus(up=True)
        if self._monotonic() < way.held_until:
            return EngineStatus(up=False, reason=way.held_reason)
        if status.up and task_type in status.unavailable:
            return EngineStatus(up=False, reason=status.unavailable[task_type], details=status.details)
        return replace(status, reason="") if status.up else status

    def down_for_s(self, handler: TaskHandler | None, task_type: str) -> float:
        """For how long the engine cannot make the task type, in seconds; where a task found it down, until one was made
        there. None: an engine that is not here, and was not as long as this process runs."""
        since = self._began if handler is None else self._known[id(handler)].ways[task_type].down_since
        return 0.0 if since is None else self._monotonic() - since

    async def known(self, handler: TaskHandler, task_type: str) -> EngineStatus:
        """As `of`; where the engine was never asked, or not for long, its answer is waited for, but not beyond
        the limit."""
        known = self._known[id(handler)]
        if _is_asked(handler):
            kept_s = self._ask_every_s + (self._answer_within_s if self._watching else 0.0)
            if known.status is None or self._monotonic() - known.asked_at > kept_s:
                await self._ask(handler)
        return self.of(handler, task_type)

    async def asked(self, handler: TaskHandler, task_type: str | None = None) -> EngineStatus:
        """Asks now, and waits for the answer within the limit."""
        if _is_asked(handler):
            await self._ask(handler)
        return self.of(handler, task_type)

    def report_down(self, handler: TaskHandler, task_type: str, reason: str) -> None:
        """A task of the type has found the engine down. For the type it then counts as such until it can have come
        back: for a while that doubles when it was not so."""
        way = self._known[id(handler)].ways[task_type]
        hold_s = min(self._ask_every_s * 2**way.failures, max(_LONGEST_HOLD_S, self._ask_every_s))
        way.failures += 1
        way.held_until = self._monotonic() + hold_s
        way.held_reason = _in_one_line(reason)
        self._tell(handler)

    def give_up(self, handler: TaskHandler, reason: str) -> None:
        """The engine cannot be used as long as this process runs."""
        for way in self._known[id(handler)].ways.values():
            way.held_until, way.held_reason = math.inf, _in_one_line(reason)
        self._tell(handler)

    def report_up(self, handler: TaskHandler, task_type: str) -> None:
        """A task of the type was made there."""
        way = self._known[id(handler)].ways[task_type]
        way.failures, way.held_until = 0, 0.0
        self._tell(handler)

    async def _watch(self, handler: TaskHandler) -> None:
        while True:
            await self._ask(handler)
            await asyncio.sleep(self._ask_every_s)

    async def _ask(self, handler: TaskHandler) -> None:
        """Waits for an answer within the limit. A question that is open is not asked again."""
        known = self._known[id(handler)]
        if known.asking is None or known.asking.done():
            known.asking = asyncio.create_task(handler.status(), name="engine-status")  # type: ignore[attr-defined]
            known.asking.add_done_callback(_seen)
        asking = known.asking
        await asyncio.wait({asking}, timeout=self._answer_within_s)
        if not asking.done():
            asking.cancel()  # it may not heed that: it is asked again when it has
        known.status = self._read(asking)
        known.asked_at = self._monotonic()
        self._tell(handler)

    def _read(self, asking: "asyncio.Task[EngineStatus]") -> EngineStatus:
        given_up = asking.cancelled() and asking.cancelling()  # by who waited for the same answer before us
        if not asking.done() or given_up:
            return EngineStatus(up=False, reason=f"no answer within {self._answer_within_s:g} s")
        with contextlib.suppress(Exception, asyncio.CancelledError):  # a stranger's code may raise anything
            status = asking.result()
            if isinstance(status, EngineStatus):
                unavailable = {name: _in_one_line(reason) for name, reason in dict(status.unavailable).items()}
                reason = "" if status.up and not status.reason else _in_one_line(status.reason)
                return EngineStatus(up=bool(status.up), reason=reason, details=status.details, unavailable=unavailable)
        return EngineStatus(up=False, reason="it cannot say how it is")

    def _tell(self, handler: TaskHandler) -> None:
        changed: dict[tuple[bool, str], list[str]] = {}
        known = self._known[id(handler)]
        for name, way in known.ways.items():
            status = self._of(known, name)
            if status.up and way.failures == 0:
                way.down_since = None
            elif not status.up and way.down_since is None:
                way.down_since = self._monotonic()
            if status.up != way.told:
                way.told = status.up
                changed.setdefault((status.up, status.reason), []).append(name)
        for (up, reason), names in changed.items():
            self._on_change(handler, names, EngineStatus(up=up, reason=reason))


def _seen(asking: "asyncio.Task[EngineStatus]") -> None:
    """An answer that comes too late is no error that nobody looked at."""
    if not asking.cancelled():
        asking.exception()


def _is_asked(handler: TaskHandler) -> bool:
    return callable(getattr(handler, "status", None))


def _in_one_line(reason: object) -> str:
    return " ".join(str(reason).split())[:_MAX_REASON] or _DOWN
