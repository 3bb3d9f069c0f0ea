"""A project's log as clients hear it, over whatever wire: a greeting, then every event once, and every loss said."""

import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator

from auteur.domain.errors import HistoryLostError, ProjectDeletedError
from auteur.domain.events import Position, ProjectDeleted, RecordedEvent
from auteur.domain.ports import Clock, NewId, ProgressBus
from auteur.domain.project import ProjectReader
from auteur.protocol.outgoing import ConnectedMessage, render
from auteur.protocol.projects import ProjectView
from auteur.protocol.translate import to_message

_LARGE = 32 << 10


class ProjectFeed:
    """One per process. Each event is rendered once for all who hear it: the newest ``remembered`` texts are kept."""

    def __init__(
        self, bus: ProgressBus, reader: ProjectReader, clock: Clock, new_id: NewId, *, remembered: int = 2048
    ) -> None:
        self._bus = bus
        self._reader = reader
        self._clock = clock
        self._new_id = new_id
        self._remembered = remembered
        self._texts: OrderedDict[tuple[str, Position], str | None] = OrderedDict()

    async def follow(
        self, project_id: str, bookmark: Position | None, *, resumes: bool
    ) -> AsyncGenerator[tuple[str, str], None]:
        """Yields rendered messages, each with its position; never ends.

        The first is a `ConnectedMessage`. ``resumes``: go on after ``bookmark`` (None: from the oldest event kept);
        otherwise, and whenever the bookmark cannot be honoured, with the state as it is now and what follows.
        Raises `BusUnavailableError`, and `ProjectDeletedError` when the project is gone: the last message says so,
        unless it was gone before.
        """
        recovered = resumes
        if resumes:
            try:
                if not await self._bus.history(project_id, bookmark, 1):
                    await self._reader.check(project_id)  # of a deleted project nothing would ever follow
            except HistoryLostError:
                recovered = False
        while True:
            greeting, bookmark = await self._greeting(project_id, bookmark, recovered=recovered)
            yield greeting, str(bookmark or 0)
            del greeting  # it may be large, and is not kept as long as the client is followed
            try:
                async with contextlib.aclosing(self._bus.subscribe(project_id, bookmark)) as events:
                    async for recorded in events:
                        text = self.render(recorded)
                        if text is not None:
                            yield text, str(recorded.position)
                        if isinstance(recorded.event, ProjectDeleted):
                            raise ProjectDeletedError(project_id)
            except HistoryLostError:
                recovered = False  # said with a new greeting

    def render(self, recorded: RecordedEvent) -> str | None:
        """The event as a text frame, None if clients do not hear it."""
        key = (recorded.event.project_id, recorded.position)
        if key in self._texts:
            return self._texts[key]
        message = to_message(recorded)
        text = None if message is None else render(message)
        if text is not None and len(text) > _LARGE:
            return text  # seldom, and many of them would fill the memory
        self._texts[key] = text
        if len(self._texts) > self._remembered:
            self._texts.popitem(last=False)
        return text

    async def _greeting(
        self, project_id: str, position: Position | None, *, recovered: bool
    ) -> tuple[str, Position | None]:
        """The greeting and where it leaves the client: at its position, or at that of the state as it is now."""
        view = None
        if not recovered:
            state = await self._reader.state(project_id)
            position = state.position
            view = ProjectView.of(state)
        message = ConnectedMessage(
            id=self._new_id(),
            project_id=project_id,
            timestamp=self._clock(),
            position=str(position or 0),
            recovered=recovered,
            state=view,
        )
        return render(message), position
