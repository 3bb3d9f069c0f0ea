"""One conversation, as who tells places in the queue knows it: how far it is, and what it is owed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from auteur.domain.events import Position
from auteur.domain.waiting import PlacesTold

Tell = Callable[[PlacesTold], bool]
"""Takes places for one conversation, at once; False where it has no room for them now."""


@dataclass(slots=True, eq=False)
class PlacesListener:
    """One conversation, as the watch knows it. ``owed``: what it has to be told beside what changes: the first places
    after a greeting, many where it missed something. ``later``: what it is told when it has heard the log that far."""

    tell: Tell
    wake: Callable[[], None]
    position: Position | None = None
    owed: Literal["nothing", "first", "missed"] = "first"
    greeted: bool = False
    later: tuple[int, PlacesTold] | None = None

    def heard(self, position: str) -> None:
        """The conversation has told all of the log up to here."""
        epoch, _, seq = position.rpartition("-")
        self.position = Position(epoch, int(seq)) if epoch else None
        if self.later is not None and self.position is not None and self.position.seq >= self.later[0]:
            self._give(self.later[1])
            self.later = None
        if not self.greeted:
            self.greeted = True
            self.wake()

    def offer(self, told: PlacesTold, at: Position | None) -> bool:
        """Tells it in step with the log: what is said of a task never comes before the event that made it so. False
        where it has to be made again, of a later position."""
        here = self.position
        if at == here or at is None:
            return self._give(told)
        if here is not None and (here.epoch != at.epoch or here.seq > at.seq):
            return False
        self.later = (at.seq, told)
        return True

    def _give(self, told: PlacesTold) -> bool:
        if not self.tell(told):
            self.owed = "missed"
            self.wake()
            return False
        return True
