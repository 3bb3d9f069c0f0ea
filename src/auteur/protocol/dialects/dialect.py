"""What a dialect is. The messages are the same in all (`incoming`, `outgoing`); a dialect is how they are written."""

from collections.abc import Sequence
from typing import Any, Protocol

from auteur.protocol.incoming import IncomingMessage
from auteur.protocol.outgoing import ServerMessage


class Dialect(Protocol):
    """Reads what a client says, and writes what it hears.

    ``is_kept``: whether its clients hear the texts that are kept in the log (`protocol.texts`), or what `write` makes
    of each message. ``resumes``: whether its clients keep a position and come back with it; others are greeted with the
    state each time, and with up to ``ended_told`` of what has ended, since nobody knows what they have missed.
    """

    is_kept: bool
    resumes: bool
    ended_told: int | None

    def read(self, data: Any, project_id: str) -> IncomingMessage:
        """The message that the JSON of a text frame says. Raises `InvalidMessageError` naming what is wrong by the
        field that the client wrote, never repeating it."""
        ...

    def message_id_of(self, data: Any) -> str | None:
        """The id of what may be no message, if it has one that can be answered."""
        ...

    def write(self, message: ServerMessage) -> Sequence[str]:
        """The message as text frames; none where the dialect has no word for it."""
        ...

    def close_code(self, code: int) -> int:
        """What says in the dialect what this code says in ours: whether to come back."""
        ...
