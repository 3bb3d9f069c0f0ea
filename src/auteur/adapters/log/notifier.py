"""Live notice inside one process: rings when a project's log has grown. The log itself is the message."""

import asyncio
import contextlib
import itertools
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator

from auteur.domain.events import Position, RecordedEvent

PAGE_BYTES = 64 << 10
"""Of events as they lie in the log: what a listener holds of it at most while it does not go on, or one event."""
_PAGE = 200
_FROM_MEMORY = 8
"""Events of a tail that one listener holds: they may have left the tail long before it goes on."""

ReadLog = Callable[[str, Position | None, int], Awaitable[Iterable[RecordedEvent]]]
"""Up to so many events after a position, none only if there are none; made as they are taken, of `PAGE_BYTES`."""


class RecentEvents:
    """The newest events of the projects heard of last, so that listeners who keep up read no log.

    ``events``: kept per project; ``projects``: how many. A tail has no gaps: what does not follow begins it anew.
    """

    def __init__(self, *, events: int = 64, projects: int = 512) -> None:
        self._events = events
        self._projects = projects
        self._recent: OrderedDict[str, deque[RecordedEvent]] = OrderedDict()

    def add(self, recorded: RecordedEvent) -> None:
        """Keeps one more event."""
        project_id, position = recorded.event.project_id, recorded.position
        tail = self._recent.setdefault(project_id, deque(maxlen=self._events))
        self._recent.move_to_end(project_id)
        if len(self._recent) > self._projects:
            self._recent.popitem(last=False)
        if tail and tail[-1].position != Position(position.epoch, position.seq - 1):
            tail.clear()
        tail.append(recorded)

    def after(self, project_id: str, after: Position | None, limit: int) -> list[RecordedEvent] | None:
        """A few events after the position, ``limit`` at most; None where only the log can tell."""
        tail = self._recent.get(project_id)
        if not tail or after is None or after.epoch != tail[0].position.epoch:
            return None
        skip = after.seq + 1 - tail[0].position.seq
        return list(itertools.islice(tail, skip, skip + min(limit, _FROM_MEMORY))) if 0 <= skip <= len(tail) else None

    def forget(self, project_id: str) -> None:
        """Drops one project's tail."""
        self._recent.pop(project_id, None)

    def clear(self) -> None:
        """Drops all: somebody else may have written meanwhile."""
        self._recent.clear()


class Notifier:
    """One bell per listener, so that a slow one holds nobody up. ``left``: told of a project that nobody follows any
    more."""

    def __init__(self, left: Callable[[str], None] | None = None) -> None:
        self._left = left
        self._bells: dict[str, set[asyncio.Event]] = {}

    @property
    def projects(self) -> list[str]:
        """Whose log is followed now."""
        return list(self._bells)

    def is_followed(self, project_id: str) -> bool:
        """Whether anybody listens to the project."""
        return project_id in self._bells

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return sum(map(len, self._bells.values()))

    def notify(self, project_id: str) -> None:
        """Wakes the project's listeners."""
        for bell in self._bells.get(project_id, ()):
            bell.set()

    def notify_all_projects(self) -> None:
        """Wakes everybody."""
        for project_id in self._bells:
            self.notify(project_id)

    @contextlib.contextmanager
    def listen(self, project_id: str) -> Iterator[asyncio.Event]:
        """A bell for as long as the context lasts."""
        bell = asyncio.Event()
        self._bells.setdefault(project_id, set()).add(bell)
        try:
            yield bell
        finally:
            self._bells[project_id].discard(bell)
            if not self._bells[project_id]:
                del self._bells[project_id]
                if self._left is not None:
                    self._left(project_id)

    async def follow(
        self, project_id: str, after: Position | None, read: ReadLog
    ) -> AsyncGenerator[RecordedEvent, None]:
        """History joined with live: reads the log whenever the bell has rung, never past what was taken."""
        with self.listen(project_id) as bell:
            while True:
                bell.clear()
                before = after
                for recorded in await read(project_id, after, _PAGE):
                    yield recorded
                    after = recorded.position
                if after == before:
                    await bell.wait()
