"""`AccessStore` of one process, which ends with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from auteur.domain.access import Pass, Token


class MemoryAccessStore:
    """`AccessStore` in dictionaries."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._sessions: dict[str, Pass] = {}
        self._of_owner: dict[str, list[Pass]] = {}
        self._tickets: dict[str, Pass] = {}

    async def add_token(self, token: Token) -> None:
        self._tokens[token.token_id] = token

    async def token(self, token_id: str) -> Token | None:
        return self._tokens.get(token_id)

    async def tokens(self) -> Sequence[Token]:
        return sorted(self._tokens.values(), key=lambda token: (token.created_at, token.token_id))

    async def has_tokens(self) -> bool:
        return bool(self._tokens)

    async def revoke_token(self, token_id: str, at: datetime) -> bool:
        token = self._tokens.get(token_id)
        if token is None or token.revoked_at is not None:
            return False
        self._tokens[token_id] = replace(token, revoked_at=at)
        return True

    async def open_session(self, session: Pass, most: int) -> None:
        own = self._of_owner.setdefault(session.principal.id, [])
        self._sessions[session.digest] = session
        own[:] = sorted((kept for kept in (*own, session) if kept.digest in self._sessions), key=attrgetter("until"))
        for kept in own[:-most]:
            del self._sessions[kept.digest]
        del own[:-most]

    async def session(self, digest: str, now: datetime) -> Pass | None:
        found = self._sessions.get(digest)
        if found is not None and now >= found.until:
            del self._sessions[digest]
            return None
        return found

    async def end_session(self, digest: str) -> None:
        self._sessions.pop(digest, None)

    async def add_ticket(self, ticket: Pass) -> None:
        self._tickets[ticket.digest] = ticket

    async def take_ticket(self, digest: str, now: datetime) -> Pass | None:
        found = self._tickets.pop(digest, None)
        return found if found is not None and now < found.until else None
