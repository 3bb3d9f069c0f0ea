"""The dialect of `/ws/{project_id}` and of server-sent events: the messages as they are (docs/protocol.md)."""

from collections.abc import Sequence
from typing import Any

from auteur.protocol.incoming import IncomingMessage, message_id_of, parse
from auteur.protocol.outgoing import ServerMessage, render


class NativeDialect:
    """`Dialect` in which nothing is written otherwise."""

    is_kept = True
    resumes = True
    ended_told: int | None = None

    def read(self, data: Any, project_id: str) -> IncomingMessage:
        return parse(data, project_id)

    def message_id_of(self, data: Any) -> str | None:
        return message_id_of(data)

    def write(self, message: ServerMessage) -> Sequence[str]:
        return [render(message)]

    def close_code(self, code: int) -> int:
        return code
