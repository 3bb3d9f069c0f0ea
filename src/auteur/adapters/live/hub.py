"""All who hear a project's log and are level with it: one reader for all, and one frame for each event.

No task, timer, queue or generator is there for one of them. For whom nothing waits no more is done than a call of its
transport, and what is read in one turn of the loop goes out at once. Whoever has too much waiting leaves, follows the
log by itself, and comes back when it is level again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from auteur.adapters.live.line import Write
from auteur.adapters.live.listening import PlacesListener, Whereabouts
from auteur.adapters.live.outbox import Outbox
from auteur.domain.errors import HistoryLostError, ProjectDeletedError, UnavailableError
from auteur.domain.events import Position, RecordedEvent
from auteur.domain.ports import ProgressBus

log = structlog.get_logger(__name__)

Frame = Callable[[str, Position | None], bytes]
"""How a text and its position go out on a kind of line."""
Render = Callable[[RecordedEvent], str | None]

_AT_ONCE, _AT_ONCE_BYTES = 32, 64 << 10
"""What is joined into one write at most."""


@dataclass(slots=True, eq=False, kw_only=True)
class Ear:
    """One conversation, as its hub knows it. ``listener``: who is told places for it. ``lagged``: told where it was
    left behind, to follow by itself from there; ``lost``: called where nobody can go on from where it is, to be greeted
    anew; ``ended``: told why it hears no more. All return at once."""

    outbox: Outbox
    frame: Frame
    lagged: Callable[[Position | None], None]
    lost: Callable[[], None]
    ended: Callable[[Exception], None]
    listener: PlacesListener | None = None
    greeted: bool = field(default=False, init=False)
    hub: "ProjectHub | None" = field(default=None, init=False)

    async def put(self, text: str, position: Position | None) -> None:
        """Tells it while it follows by itself. Raises `TooSlowError`."""
        await self.outbox.put(self.frame(text, position))

    async def put_page(self, texts: Sequence[str], first: Position) -> None:
        """The same at once for what follows each other from ``first`` on; ``""`` is not told."""
        frames = [self.frame(text, Position(first.epoch, seq)) for seq, text in enumerate(texts, first.seq) if text]
        if frames:
            await self.outbox.put(*frames)

    def heard(self, position: Position | None) -> None:
        """It has been told, by itself, all up to here."""
        self.greeted = True
        if self.listener is not None:
            self.listener.heard(position)

    def leave(self) -> None:
        """It hears no more from its hub."""
        if self.hub is not None:
            self.hub.leave(self)

    def redirected(self, way: Write | None) -> None:
        """The shortest way to it is had from now on, or gone."""
        if self.hub is not None:
            self.hub.redirected(self, way)


@dataclass(slots=True, eq=False)
class _Level:
    """Those on one kind of line that are level. ``direct``: to whom there is a shortest way, and it; ``others``: who
    are asked first, each time, whether there is room."""

    direct: dict[Ear, Write] = field(default_factory=dict)
    others: dict[Ear, None] = field(default_factory=dict)


class ProjectHub:
    """One per project that somebody follows, and dialect. Begins at ``position``; ``emptied``: told when nobody is
    left, or when it cannot go on."""

    def __init__(
        self,
        bus: ProgressBus,
        project_id: str,
        position: Position | None,
        render: Render,
        emptied: "Callable[[ProjectHub], None]",
    ) -> None:
        self._bus = bus
        self._project_id = project_id
        self._render = render
        self._emptied = emptied
        self._here = Whereabouts(position)
        self._level: dict[Frame, _Level] = {}
        self._read: list[tuple[str | None, Position]] = []
        self._read_bytes = 0
        self._telling: asyncio.Handle | None = None
        self._early: dict[Position, list[Ear]] = {}
        self._count = 0
        self._ended = False
        self._running = asyncio.create_task(self._run(), name="hub")

    def join(self, ear: Ear, position: Position | None) -> bool:
        """Whether it is told from here on by this hub: where it is level with it, or ahead. At once: nothing may be
        told to it between this and what put it at this position."""
        here = self._here.position
        if self._ended:
            return False
        if position != here:
            if position is None or (here is not None and (position.epoch != here.epoch or position.seq < here.seq)):
                return False
            self._early.setdefault(position, []).append(ear)
        else:
            self._admit(ear)
        ear.hub = self
        self._count += 1
        return True

    def leave(self, ear: Ear) -> None:
        """It hears no more. The last one ends the hub."""
        self._take_out(ear)
        if not self._count and not self._ended:
            self._running.cancel()
            self._end()

    def redirected(self, ear: Ear, way: Write | None) -> None:
        """The shortest way to one is had from now on, or gone."""
        level = self._level.get(ear.frame)
        if level is None:
            return
        if way is None and ear in level.direct:
            del level.direct[ear]
            level.others[ear] = None
        elif way is not None and ear in level.others:
            del level.others[ear]
            level.direct[ear] = way

    def _end(self) -> None:
        """From here on nobody joins it."""
        self._ended = True
        if self._telling is not None:
            self._telling.cancel()
        self._emptied(self)

    def _admit(self, ear: Ear) -> None:
        level = self._level.setdefault(ear.frame, _Level())
        way = ear.outbox.direct(ear.redirected, _AT_ONCE)
        if way is None:
            level.others[ear] = None
        else:
            level.direct[ear] = way
        if ear.listener is not None:
            ear.listener.goes_with(self._here)

    def _take_out(self, ear: Ear) -> None:
        """Where it is stays with it."""
        level = self._level.get(ear.frame)
        if level is not None and (ear in level.direct or ear in level.others):
            ear.outbox.direct(None, 0)
            level.direct.pop(ear, None)
            level.others.pop(ear, None)
            if not level.direct and not level.others:
                del self._level[ear.frame]
            if ear.listener is not None:
                ear.listener.goes_with(Whereabouts(self._here.position))
        else:
            for position, ears in list(self._early.items()):
                if ear in ears:
                    ears.remove(ear)
                    if not ears:
                        del self._early[position]
        ear.hub = None
        self._count -= 1

    async def _run(self) -> None:
        try:
            async with contextlib.aclosing(self._bus.subscribe(self._project_id, self._here.position)) as events:
                async for recorded in events:
                    self._tell(recorded)
                    if recorded.is_last:
                        self._tell_read()
                        raise ProjectDeletedError(self._project_id)
                    if self._ended:  # all were left behind; the first that is level again begins another
                        return
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Nobody is told more, and all are told why. What was read before is told first."""
        if self._read and not self._ended:
            try:
                self._tell_read()
            except Exception as fault:
                error = fault
        if not isinstance(error, HistoryLostError | ProjectDeletedError | UnavailableError):
            log.error("a project cannot be followed", project_id=self._project_id, exc_info=error)
            error = UnavailableError("Something went wrong here; the operator's log has it.")
        for ear in self._end_all():
            if isinstance(error, HistoryLostError):
                ear.lost()
            else:
                ear.ended(error)

    def _end_all(self) -> "list[Ear]":
        self._end()
        ears = self._everybody()
        for ear in ears:
            self._take_out(ear)
        return ears

    def _everybody(self) -> list[Ear]:
        level = [ear for level in self._level.values() for ear in (*level.direct, *level.others)]
        return level + [ear for ears in self._early.values() for ear in ears]

    def _let_go(self, ear: Ear) -> None:
        self._take_out(ear)
        ear.lagged(self._here.position)

    def _tell(self, recorded: RecordedEvent) -> None:
        """One event to all who are level, with what else is read in this turn of the loop."""
        text = self._render(recorded)
        self._read.append((text, recorded.position))
        self._read_bytes += len(text or "")
        if len(self._read) >= _AT_ONCE or self._read_bytes >= _AT_ONCE_BYTES:
            self._tell_read()
        elif self._telling is None:
            self._telling = asyncio.get_running_loop().call_soon(self._turn_ends)

    def _turn_ends(self) -> None:
        self._telling = None
        try:
            self._tell_read()
        except Exception as error:
            self._running.cancel()
            self._fail(error)

    def _tell_read(self) -> None:
        """What was read is told. Who waits for it to come so far joins where it does."""
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        read, self._read, self._read_bytes = self._read, [], 0
        begin = 0
        for number, (_, position) in enumerate(read, 1):
            if number == len(read) or position in self._early:
                self._tell_together(read[begin:number])
                begin = number
                for ear in self._early.pop(position, ()):
                    self._admit(ear)
            if self._early:
                for at in [at for at in self._early if at.epoch != position.epoch or at.seq < position.seq]:
                    for ear in list(self._early[at]):  # of another log than the one that began here
                        self._take_out(ear)
                        ear.lost()
        if not self._count and not self._ended:
            self._end()
            if asyncio.current_task() is not self._running:
                self._running.cancel()

    def _tell_together(self, read: Sequence[tuple[str | None, Position]]) -> None:
        """Some that follow each other. Those without room for one stay before it, and follow by themselves."""
        told = [(text, position) for text, position in read if text is not None]
        asked: list[tuple[Frame, list[Ear]]] = []
        for frame_of, level in self._level.items():
            ways, others = list(level.direct.values()), list(level.others)  # may change while it is written
            if ways and told:
                frames = [frame_of(text, position) for text, position in told]
                frame = frames[0] if len(frames) == 1 else b"".join(frames)
                for write in ways:
                    write(frame)
            if others:
                asked.append((frame_of, others))
        if not asked:
            self._here.moved(read[-1][1])
            return
        for text, position in read:
            self._ask(asked, text, position)

    def _ask(self, asked: Sequence[tuple[Frame, list[Ear]]], text: str | None, position: Position) -> None:
        """One event to those who may have no room for it."""
        behind: list[Ear] = []
        if text is not None:
            for frame_of, ears in asked:
                frame = frame_of(text, position)
                without_room = {ear for ear in ears if not ear.outbox.tell(frame)}
                if without_room:
                    ears[:] = [ear for ear in ears if ear not in without_room]
                    behind += without_room
        for ear in behind:
            self._let_go(ear)
        self._here.moved(position)
