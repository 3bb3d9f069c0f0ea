"""What a child says on its stderr becomes lines of the parent's log, so many a minute and no more."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

from auteur.adapters.children.inside import MARK
from auteur.adapters.plain import plain

log = structlog.get_logger(__name__)

_ENDS = re.compile(rb"[\r\n]+")
_LINES_A_MINUTE = 30
_MOST_BYTES = 8192
_LEVELS = {"debug": "debug", "info": "info"}
"""All else is a warning: how grave it is for the service, what comes of the job says."""


@contextmanager
def heard(child: str) -> Iterator[int]:
    """A descriptor to give to a new child as its stderr. What it, and whoever it starts, says there is logged.

    Heard by a thread, not by the event loop: whoever the child started may outlive it and hold its stderr, which must
    keep nobody who waits for the child.
    """
    ours, theirs = os.pipe()
    threading.Thread(target=_hear, args=(ours, Hearing(child)), name=f"hears {child}", daemon=True).start()
    try:
        yield theirs
    finally:
        os.close(theirs)


def _hear(descriptor: int, hearing: "Hearing") -> None:
    with suppress(OSError):
        while said := os.read(descriptor, _MOST_BYTES):
            hearing.feed(said)
    with suppress(OSError):
        os.close(descriptor)
    hearing.end()


class Hearing:
    """One child's stderr, in whatever pieces it comes. ``child``: what the log calls it.

    Not safe for several threads at a time. ``clock``: seconds, monotonic.
    """

    def __init__(self, child: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._child = child
        self._clock = clock
        self._rest = b""
        self._since = clock()
        self._told = self._left_out = 0

    def feed(self, data: bytes) -> None:
        """What the child has just said."""
        *lines, self._rest = _ENDS.split(self._rest + data)
        if len(self._rest) > _MOST_BYTES:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._tell(line)

    def end(self) -> None:
        """The child will say nothing more."""
        self._tell(self._rest)
        self._rest = b""
        self._tell_left_out()

    def _tell(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        level, said_by = "info", None
        if text.startswith(MARK) and text.count("\t") >= 2:
            named, said_by, text = text.removeprefix(MARK).split("\t", 2)
            level = _LEVELS.get(named, "warning")
        if not (text := plain(text)):
            return
        if self._clock() - self._since >= 60:
            self._tell_left_out()
            self._since, self._told = self._clock(), 0
        if self._told >= _LINES_A_MINUTE:
            self._left_out += 1
            return
        self._told += 1
        getattr(log, level)("said by a child process", child=self._child, said_by=said_by and plain(said_by), text=text)

    def _tell_left_out(self) -> None:
        if self._left_out:
            log.warning("a child process said more than the log takes", child=self._child, lines=self._left_out)
        self._left_out = 0
