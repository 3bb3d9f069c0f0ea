"""All conversations of this process, and what ends many of them: a stop, and a token that no longer counts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from auteur.domain.access import Principal
from auteur.domain.errors import ShuttingDownError, UnauthenticatedError

End = Callable[[Exception], None]
"""Ends one conversation, at once; told why."""
SILENCE_S = 15.0


@dataclass(slots=True)
class _Known:
    """Those of one principal, and who watches whether it still counts."""

    ends: set[End] = field(default_factory=set)
    watching: "asyncio.Task[None] | None" = None


class Conversations:
    """One per process. ``closing``: set when the process stops; ``denied``: returns when what a principal came with no
    longer counts. However many conversations there are, one task waits for a stop, and one for each principal."""

    def __init__(self, closing: asyncio.Event, denied: Callable[[Principal], Awaitable[None]]) -> None:
        self._closing = closing
        self._denied = denied
        self._known: dict[Principal, _Known] = {}
        self._beats: set[Callable[[], None]] = set()
        self._stopping: asyncio.Task[None] | None = None
        self._beating: asyncio.TimerHandle | None = None

    @contextlib.contextmanager
    def attend(self, principal: Principal, end: End) -> Iterator[None]:
        """One conversation, as long as it is entered: ``end`` is told `ShuttingDownError` or `UnauthenticatedError`."""
        known = self._known.setdefault(principal, _Known())
        if known.watching is None:
            known.watching = asyncio.create_task(self._watch(principal, known), name="access")
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(), name="closing")
        known.ends.add(end)
        try:
            yield
        finally:
            known.ends.discard(end)
            if not known.ends:
                known.watching.cancel()
                if self._known.get(principal) is known:
                    del self._known[principal]
                if not self._known and self._stopping is not None:
                    self._stopping.cancel()
                    self._stopping = None

    @contextlib.contextmanager
    def beat(self, beat: Callable[[], None]) -> Iterator[None]:
        """Has it called each `SILENCE_S`, as long as it is entered: one timer for all."""
        self._beats.add(beat)
        if self._beating is None:
            self._beating = asyncio.get_running_loop().call_later(SILENCE_S, self._beat)
        try:
            yield
        finally:
            self._beats.discard(beat)
            if not self._beats and self._beating is not None:
                self._beating.cancel()
                self._beating = None

    def _beat(self) -> None:
        self._beating = asyncio.get_running_loop().call_later(SILENCE_S, self._beat)
        for beat in list(self._beats):
            beat()

    async def _stop(self) -> None:
        await self._closing.wait()
        for known in list(self._known.values()):
            for end in list(known.ends):
                end(ShuttingDownError("The service is stopping."))

    async def _watch(self, principal: Principal, known: _Known) -> None:
        await self._denied(principal)
        del self._known[principal]  # who comes meanwhile is watched anew
        for end in list(known.ends):
            end(UnauthenticatedError("Sign in again: what was shown no longer counts."))
