"""A project's log as clients hear it, over whatever wire: a greeting, then every event once, and every loss said."""

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence

from auteur.adapters.live.hub import Ear, ProjectHub
from auteur.adapters.live.listening import PlacesListener, Tell
from auteur.adapters.live.places import PlacesWatch
from auteur.domain.errors import HistoryLostError, ProjectDeletedError
from auteur.domain.events import Position, RecordedEvent, ToldPage
from auteur.domain.ports import Clock, NewId, ProgressBus
from auteur.domain.project import ProjectReader
from auteur.domain.waiting import PlacesTold
from auteur.protocol.dialects.dialect import Dialect
from auteur.protocol.dialects.native import NativeDialect
from auteur.protocol.outgoing import ConnectedMessage
from auteur.protocol.projects import ProjectView
from auteur.protocol.texts import is_true_here
from auteur.protocol.translate import queue_message, to_message
from auteur.protocol.views import reached_at

_LARGE = 32 << 10
_GREETING_KEPT_S = 1.0
_SOON_S = 0.02
_PAGE, _PAGE_BYTES, _MADE, _TURNS = 200, 64 << 10, 8, 4
"""Who is behind reads so many events at a time, and bytes; makes so many texts at a time where none was kept; and so
many conversations at a time: those that are level are not kept waiting by many that come back, and what one holds
while its client does not read is little."""


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
        recovered, is_level = resumes, False
        if begins and resumes:
            try:
                is_level = not await self._bus.history(project_id, bookmark, 1)
                if is_level:
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
                is_level = is_level or not recovered
            try:
                await self._until_level(project_id, ear, bookmark, is_level=is_level)
                return
            except HistoryLostError:
                begins, recovered = True, False  # said with a new greeting

    async def _until_level(self, project_id: str, ear: Ear, position: Position | None, *, is_level: bool) -> None:
        """``is_level``: nothing followed the position a moment ago, so that a hub may begin there."""
        while not self._joins(project_id, ear, position, is_level=is_level):
            messages, size_bytes = ear.outbox.page
            async with self._turns:
                page = await self._read(project_id, position, min(_PAGE, messages), min(_PAGE_BYTES, size_bytes))
                texts: Sequence[str] = () if page is None else await self._page_of(page)
            is_level = page is None
            if page is None:
                if project_id in self._hubs:  # what it has told is read a moment later
                    await asyncio.sleep(_SOON_S)
                continue
            await ear.put_page(texts, page.first)
            position, is_last = page.position, page.is_last
            page, texts = None, ()  # they may be large, and are not kept as long as the client is followed
            ear.heard(position)
            if is_last:
                raise ProjectDeletedError(project_id)

    def _joins(self, project_id: str, ear: Ear, position: Position | None, *, is_level: bool) -> bool:
        """Whether a hub tells it from here on. None begins for who is far behind: it tells one event at a time."""
        return (is_level or project_id in self._hubs) and self._hub_of(project_id, position).join(ear, position)

    async def _read(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        """What follows, as it is kept; None if nothing does."""
        if self.dialect.is_kept and not reached_at():
            return await self._bus.told(project_id, after, limit, most_bytes)
        found = await self._bus.history(project_id, after, min(_MADE, limit))
        return ToldPage(found[0].position, found, found[-1].is_last) if found else None

    async def _page_of(self, page: ToldPage) -> Sequence[str]:
        """A page as these clients hear it, ``""`` for what they do not hear."""
        if all(type(told) is str for told in page.told):
            return page.told  # type: ignore[return-value]
        texts, made = [], 0
        for told in page.told:
            if isinstance(told, str):
                texts.append(told)
                continue
            texts.append(self.render(told) or "")
            made += 1
            if made % _MADE == 0:  # others have their turn while much is to be made
                await asyncio.sleep(0)
        return texts

    def _kept(self, recorded: RecordedEvent) -> str | None:
        """The text that was kept with the event, where it is what these clients hear; ``""`` if they hear nothing."""
        text = recorded.text if self.dialect.is_kept else None
        return text if text is not None and is_true_here(text) else None

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
        if (kept := self._kept(recorded)) is not None:
            return kept or None
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
