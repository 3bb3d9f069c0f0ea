"""All who hear a project's log and are level with it: one reader for all, and one frame for each event.

No task, timer, queue or generator is there for one of them. Whoever has too much waiting leaves, follows the log by
itself, and comes back when it is level again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from auteur.adapters.live.listening import PlacesListener, Whereabouts
from auteur.adapters.live.outbox import Outbox
from auteur.domain.errors import HistoryLostError, ProjectDeletedError, UnavailableError
from auteur.domain.events import Position, RecordedEvent
from auteur.domain.ports import ProgressBus

log = structlog.get_logger(__name__)

Frame = Callable[[str, Position | None], bytes]
"""How a text and its position go out on a kind of line."""
Render = Callable[[RecordedEvent], str | None]


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

    async def put_page(self, told: Sequence[tuple[str, Position]]) -> None:
        """The same for some that follow each other, at once."""
        await self.outbox.put(*[self.frame(text, position) for text, position in told])

    def heard(self, position: Position | None) -> None:
        """It has been told, by itself, all up to here."""
        self.greeted = True
        if self.listener is not None:
            self.listener.heard(position)

    def leave(self) -> None:
        """It hears no more from its hub."""
        if self.hub is not None:
            self.hub.leave(self)


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
        self._level: dict[Frame, set[Ear]] = {}
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

    def _end(self) -> None:
        """From here on nobody joins it."""
        self._ended = True
        self._emptied(self)

    def _admit(self, ear: Ear) -> None:
        self._level.setdefault(ear.frame, set()).add(ear)
        if ear.listener is not None:
            ear.listener.goes_with(self._here)

    def _take_out(self, ear: Ear) -> None:
        """Where it is stays with it."""
        level = self._level.get(ear.frame)
        if level is not None and ear in level:
            level.discard(ear)
            if not level:
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
                        raise ProjectDeletedError(self._project_id)
                    if not self._count:  # all were left behind; the first that is level again begins another
                        self._end()
                        return
        except HistoryLostError:
            for ear in self._end_all():
                ear.lost()
        except (ProjectDeletedError, UnavailableError) as error:
            for ear in self._end_all():
                ear.ended(error)
        except Exception:
            log.exception("a project cannot be followed", project_id=self._project_id)
            for ear in self._end_all():
                ear.ended(UnavailableError("Something went wrong here; the operator's log has it."))

    def _end_all(self) -> "list[Ear]":
        self._end()
        ears = self._everybody()
        for ear in ears:
            self._take_out(ear)
        return ears

    def _everybody(self) -> list[Ear]:
        return [ear for ears in (*self._level.values(), *self._early.values()) for ear in ears]

    def _let_go(self, ear: Ear) -> None:
        self._take_out(ear)
        ear.lagged(self._here.position)

    def _tell(self, recorded: RecordedEvent) -> None:
        """One event to all who are level. Those without room for it stay where they are, and follow by themselves."""
        text = self._render(recorded)
        behind: list[Ear] = []
        if text is not None:
            for frame_of, ears in self._level.items():
                frame = frame_of(text, recorded.position)
                behind += [ear for ear in ears if not ear.outbox.tell(frame)]
        for ear in behind:
            self._let_go(ear)
        self._here.moved(recorded.position)
        for ear in self._early.pop(recorded.position, ()):
            self._admit(ear)
        others = [at for at in self._early if at.epoch != recorded.position.epoch or at.seq < recorded.position.seq]
        for at in others:
            for ear in list(self._early[at]):  # of another log than the one that began here
                self._take_out(ear)
                ear.lost()
