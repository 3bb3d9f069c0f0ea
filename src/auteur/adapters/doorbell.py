"""Live notice inside one process: rings when a project's log has grown. The log itself is the message."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence

from auteur.domain.events import Position, RecordedEvent

_PAGE = 200

ReadLog = Callable[[str, Position | None, int], Awaitable[Sequence[RecordedEvent]]]


class Doorbell:
    """One bell per listener, so that a slow one holds nobody up."""

    def __init__(self) -> None:
        self._bells: dict[str, set[asyncio.Event]] = {}

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return sum(map(len, self._bells.values()))

    def ring(self, project_id: str) -> None:
        """Wakes the project's listeners."""
        for bell in self._bells.get(project_id, ()):
            bell.set()

    def ring_all(self) -> None:
        """Wakes everybody."""
        for project_id in self._bells:
            self.ring(project_id)

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

    async def follow(
        self, project_id: str, after: Position | None, read: ReadLog
    ) -> AsyncGenerator[RecordedEvent, None]:
        """History joined with live: reads the log whenever the bell has rung, never past what was taken."""
        with self.listen(project_id) as bell:
            while True:
                bell.clear()
                events = await read(project_id, after, _PAGE)
                for recorded in events:
                    yield recorded
                    after = recorded.position
                if not events:
                    await bell.wait()
