"""One conversation, as who tells places in the queue knows it: how far it is, and what it is owed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from auteur.domain.events import Position
from auteur.domain.waiting import PlacesTold

Tell = Callable[[PlacesTold], bool]
"""Takes places for one conversation, at once; False where it has no room for them now."""


@dataclass(slots=True, eq=False)
class Whereabouts:
    """How far in the log a conversation is, or all those that are equally far. ``late``: who is to be told places as
    soon as it is further."""

    position: Position | None = None
    late: "set[PlacesListener]" = field(default_factory=set)

    def moved(self, position: Position | None) -> None:
        """All of the log up to here was told."""
        self.position = position
        if self.late:
            for listener in list(self.late):
                listener.catch_up()


@dataclass(slots=True, eq=False)
class PlacesListener:
    """One conversation, as the watch knows it. ``owed``: what it has to be told beside what changes: the first places
    after a greeting, many where it missed something. ``later``: what it is told when it has heard the log that far."""

    tell: Tell
    wake: Callable[[], None]
    owed: Literal["nothing", "first", "missed"] = "first"
    greeted: bool = False
    later: tuple[int, PlacesTold] | None = None
    here: Whereabouts = field(default_factory=Whereabouts)

    @property
    def position(self) -> Position | None:
        """How far the conversation is."""
        return self.here.position

    def heard(self, position: Position | None) -> None:
        """The conversation by itself has told all of the log up to here."""
        self.here.moved(position)
        if not self.greeted:
            self.greeted = True
            self.wake()

    def goes_with(self, here: Whereabouts) -> None:
        """From now on it is as far as these."""
        self.here.late.discard(self)
        self.here = here
        if self.later is not None:
            here.late.add(self)
            self.catch_up()

    def offer(self, told: PlacesTold, at: Position | None) -> bool:
        """Tells it in step with the log: what is said of a task never comes before the event that made it so. False
        where it has to be made again, of a later position."""
        here = self.position
        if at == here or at is None:
            return self._give(told)
        if here is not None and (here.epoch != at.epoch or here.seq > at.seq):
            return False
        self.later = (at.seq, told)
        self.here.late.add(self)
        return True

    def catch_up(self) -> None:
        """Tells what was kept for later, if it is so far."""
        here = self.position
        if self.later is None:
            self.here.late.discard(self)
        elif here is not None and here.seq >= self.later[0]:
            (_, told), self.later = self.later, None
            self.here.late.discard(self)
            self._give(told)

    def _give(self, told: PlacesTold) -> bool:
        if not self.tell(told):
            self.owed = "missed"
            self.wake()
            return False
        return True
