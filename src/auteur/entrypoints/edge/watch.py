"""One deadline that moves, for the price of one timer."""

import asyncio
from collections.abc import Callable

_SECOND_LOOK_S = 0.05


class Watch:
    """Calls ``is_due`` when ``due``, on the loop's clock, has passed and was not moved.

    A timer that fires looks whether the deadline has moved on, and waits again: moving it costs an assignment. A
    deadline has passed only at the second look: where this process is what is late, the bytes may be there unread.
    """

    __slots__ = ("_is_due", "_looked", "_loop", "_timer", "due")

    def __init__(self, loop: asyncio.AbstractEventLoop, is_due: Callable[[], None]) -> None:
        self.due: float | None = None
        self._loop = loop
        self._is_due = is_due
        self._timer: asyncio.TimerHandle | None = None
        self._looked = False

    def expect(self, due: float) -> None:
        """Something has to come by then."""
        self.due = due
        if self._timer is not None:
            # a second look that is on its way stays: or whoever sends a byte before each would never be too late
            if self._looked or self._timer.when() <= due:
                return
            self._timer.cancel()
        self._looked = False
        self._timer = self._loop.call_at(due, self._look)

    def end(self) -> None:
        """Nothing is expected any more."""
        self.due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self.due is None:
            return
        if self.due > self._loop.time():
            self._looked = False
            self._timer = self._loop.call_at(self.due, self._look)
        elif not self._looked:
            self._looked = True
            self._timer = self._loop.call_later(_SECOND_LOOK_S, self._look)
        else:
            self.due = None
            self._is_due()
