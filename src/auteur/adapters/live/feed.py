"""A project's log as clients hear it, over whatever wire: a greeting, then every event once, and every loss said."""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence

from auteur.adapters.live.hub import Ear, ProjectHub
from auteur.adapters.live.listening import PlacesListener, Tell
from auteur.adapters.live.places import PlacesWatch
from auteur.domain.errors import HistoryLostError, ProjectDeletedError
from auteur.domain.events import Position, ProjectDeleted, RecordedEvent
from auteur.domain.ports import Clock, NewId, ProgressBus
from auteur.domain.project import ProjectReader
from auteur.domain.waiting import PlacesTold
from auteur.protocol.dialects.dialect import Dialect
from auteur.protocol.dialects.native import NativeDialect
from auteur.protocol.outgoing import ConnectedMessage
from auteur.protocol.projects import ProjectView
from auteur.protocol.translate import queue_message, to_message

_LARGE = 32 << 10
_GREETING_KEPT_S = 1.0
_SOON_S = 0.02
_PAGE, _TURNS = 8, 4
"""Who is behind reads so many events at a time, and so many conversations at a time: those that are level are not kept
waiting by many that come back, and what one holds while its client does not read is little."""


Greeting = tuple[Sequence[str], Position | None]
"""The frames of a greeting, and where it leaves the client."""


class ProjectFeed:
    """One per process and dialect. Each event is written once for all who hear it: the newest ``remembered`` texts are
    kept. ``watch``: who tells places in the queue; where there is none, nobody hears of them."""

    def __init__(
        self,
        bus: ProgressBus,
        reader: ProjectReader,
        clock: Clock,
        new_id: NewId,
        *,
        watch: PlacesWatch | None = None,
        dialect: Dialect | None = None,
        remembered: int = 2048,
    ) -> None:
        self._bus = bus
        self._reader = reader
        self._clock = clock
        self._new_id = new_id
        self._watch = watch
        self.dialect: Dialect = dialect or NativeDialect()
        self._remembered = remembered
        self._texts: OrderedDict[tuple[str, Position], str | None] = OrderedDict()
        self._places: deque[tuple[PlacesTold, Sequence[str]]] = deque(maxlen=8)
        self._hubs: dict[str, ProjectHub] = {}
        self._turns = asyncio.Semaphore(_TURNS)
        self._greetings: dict[str, asyncio.Task[Greeting]] = {}

    @contextlib.contextmanager
    def attend(self, project_id: str, tell: Tell) -> Iterator[PlacesListener | None]:
        """Has ``tell`` told of places in the queue as long as it is entered, and never before the event that made it
        so. Gives what knows how far the client is; None where nobody tells places."""
        if self._watch is None:
            yield None
        else:
            with self._watch.attend(project_id, tell) as listener:
                yield listener

    def write_places(self, told: PlacesTold) -> Sequence[str]:
        """Places in the queue as text frames, written once for all who hear them."""
        for known, texts in self._places:
            if known is told:
                return texts
        texts = self.dialect.write(queue_message(told, self._new_id()))
        self._places.append((told, texts))
        return texts

    async def tell(self, project_id: str, ear: Ear, bookmark: Position | None, *, begins: bool, resumes: bool) -> None:
        """Tells a conversation what it has not heard, until it is level with the log; from then on a hub tells it, and
        this returns. Whoever lags behind has it called again, with ``begins`` false.

        ``begins``: the first that is told is a `ConnectedMessage`. ``resumes``: go on after ``bookmark`` (None: from
        the oldest event kept); otherwise, and whenever the bookmark cannot be honoured, with the state as it is now
        and what follows. Raises `TooSlowError`, `BusUnavailableError`, and `ProjectDeletedError` when the project is
        gone: the last message says so, unless it was gone before.
        """
        recovered = resumes
        if begins and resumes:
            try:
                if not await self._bus.history(project_id, bookmark, 1):
                    await self._reader.check(project_id)  # of a deleted project nothing would ever follow
            except HistoryLostError:
                recovered = False
        while True:
            if begins:
                frames, bookmark = await self._greeting(project_id, bookmark, recovered=recovered)
                for frame in frames:
                    await ear.put(frame, bookmark)
                frames, frame = (), ""  # they may be large, and are not kept as long as the client is followed
                ear.heard(bookmark)
            try:
                await self._until_level(project_id, ear, bookmark)
                return
            except HistoryLostError:
                begins, recovered = True, False  # said with a new greeting

    async def _until_level(self, project_id: str, ear: Ear, position: Position | None) -> None:
        while not self._hub_of(project_id, position).join(ear, position):
            async with self._turns:
                told = [
                    (self.render(recorded), recorded.position, isinstance(recorded.event, ProjectDeleted))
                    for recorded in await self._bus.history(project_id, position, _PAGE)
                ]
            if not told:  # what the hub has told is read a moment later
                await asyncio.sleep(_SOON_S)
            for text, position, is_last in told:
                if text is not None:
                    await ear.put(text, position)
                ear.heard(position)
                if is_last:
                    raise ProjectDeletedError(project_id)
            del told

    def _hub_of(self, project_id: str, position: Position | None) -> ProjectHub:
        """The project's; one that begins at the position where there is none."""
        hub = self._hubs.get(project_id)
        if hub is None:

            def emptied(hub: ProjectHub) -> None:
                if self._hubs.get(project_id) is hub:
                    del self._hubs[project_id]

            hub = self._hubs[project_id] = ProjectHub(self._bus, project_id, position, self.render, emptied)
        return hub

    def render(self, recorded: RecordedEvent) -> str | None:
        """The event as a text frame, None if clients do not hear it."""
        key = (recorded.event.project_id, recorded.position)
        if key in self._texts:
            return self._texts[key]
        message = to_message(recorded)
        text = None if message is None else next(iter(self.dialect.write(message)), None)
        if text is not None and len(text) > _LARGE:
            return text  # seldom, and many of them would fill the memory
        self._texts[key] = text
        if len(self._texts) > self._remembered:
            self._texts.popitem(last=False)
        return text

    async def _greeting(self, project_id: str, position: Position | None, *, recovered: bool) -> Greeting:
        """At the client's position, or at that of the state as it is now."""
        if self.dialect.resumes or recovered:
            return await self._greet(project_id, position, recovered=recovered)
        # its clients come back all at the same moment: one reading is for all of them, and what follows it is the log's
        greeting = self._greetings.get(project_id)
        if greeting is None:
            greeting = asyncio.create_task(self._greet(project_id, None, recovered=False), name="greeting")
            self._greetings[project_id] = greeting
            greeting.add_done_callback(lambda made: self._keep_a_while(project_id, made))
        return await asyncio.shield(greeting)

    def _keep_a_while(self, project_id: str, made: "asyncio.Task[Greeting]") -> None:
        if made.cancelled() or made.exception() is not None:
            del self._greetings[project_id]
        else:
            made.get_loop().call_later(_GREETING_KEPT_S, self._greetings.pop, project_id)

    async def _greet(self, project_id: str, position: Position | None, *, recovered: bool) -> Greeting:
        view = None
        if not recovered:
            state = await self._reader.state(project_id, ended_limit=self.dialect.ended_told)
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
        return self.dialect.write(message), position
