"""Who asks: tokens, sessions and tickets, and whether they still count."""

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeVar

from auteur.domain.access import ANONYMOUS, EVERYTHING, Demand, Grant, Pass, Principal, Token, parse_name
from auteur.domain.errors import InvalidGrantError, TokenNotFoundError, UnauthenticatedError, UnavailableError
from auteur.domain.ports import AccessStore, Clock, TokenVerifier

T = TypeVar("T")

TICKET_LIFE = timedelta(seconds=30)
MOST_SESSIONS = 100
"""Of one principal, at a time: browsers of one person, or of a studio that shares a token."""
_PREFIX = "aut"
_REMEMBERED_S = 5.0
"""How long this process goes by what it last read of a token or session: as long one that was revoked or ended
elsewhere may go on asking here."""
_REMEMBERED = 4096
_LONGEST_SECRET = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy:
    """``demand``: whether whoever asks must say who they are. ``fixed``: principals by the SHA-256 (hex) of secrets
    that are not in the store, made by `fixed`. ``session_life``: how long a browser stays signed in.
    ``recheck_s``: how often it is asked whether who has a conversation may still have it."""

    demand: Demand
    fixed: Mapping[str, Principal]
    session_life: timedelta = timedelta(hours=12)
    recheck_s: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A secret, to be shown once, and until when it is good."""

    secret: str
    kept: Pass


class Authenticator:
    """Says who asks. What is shown is compared as digests, in constant time."""

    def __init__(
        self,
        store: AccessStore,
        verifier: TokenVerifier | None,
        policy: AccessPolicy,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._verifier = verifier
        self._policy = policy
        self._clock = clock
        self._monotonic = monotonic
        self._tokens = _Remembered(store.token, monotonic)
        self._sessions = _Remembered(lambda digest: store.session(digest, clock()), monotonic)
        self._any_tokens: tuple[float, bool] | None = None
        self._fixed = {principal.token_id for principal in policy.fixed.values()}

    async def is_demanded(self) -> bool:
        """Whether whoever asks must say who they are. Raises `UnavailableError` as long as that cannot be known."""
        if self._policy.demand != "if_there_are_tokens":
            return self._policy.demand == "always"
        now = self._monotonic()
        if self._any_tokens is None or now - self._any_tokens[0] > _REMEMBERED_S:
            try:
                self._any_tokens = now, await self._store.has_tokens()
            except UnavailableError:
                if self._any_tokens is None:  # not known yet, and nobody comes in on a guess
                    raise
                self._any_tokens = now, self._any_tokens[1]  # not every request waits for a store that is away
        return self._any_tokens[1]

    async def nobody(self) -> Principal:
        """Who asks without showing anything. Raises `UnauthenticatedError`, `UnavailableError`."""
        if await self.is_demanded():
            raise UnauthenticatedError()
        return ANONYMOUS

    async def bearer(self, secret: str) -> Principal:
        """Who shows this token. Raises `UnauthenticatedError`, `UnavailableError`."""
        if not 1 <= len(secret) <= _LONGEST_SECRET:
            raise UnauthenticatedError(_NOT_GOOD)
        given = digest_of(secret)
        for digest, principal in self._policy.fixed.items():
            if hmac.compare_digest(digest, given):
                return principal
        if self._verifier is not None and self._verifier.knows(secret):
            return await self._verifier.verify(secret)
        prefix, _, rest = secret.partition("_")
        token_id, _, _ = rest.partition("_")
        token = (
            await self._tokens.get(token_id)
            if prefix == _PREFIX and token_id.isalnum() and len(token_id) <= 32
            else None
        )
        # compared whether there is such a token or not, so that the time tells nothing
        same = hmac.compare_digest(token.digest if token else _NO_DIGEST, given)
        if token is None or not same or not token.is_good(self._clock()):
            raise UnauthenticatedError(_NOT_GOOD)
        return token.principal

    async def session(self, secret: str) -> Principal:
        """Whose session it is. Raises `UnauthenticatedError`, `UnavailableError`."""
        digest = digest_of(secret)
        found = await self._sessions.get(digest)
        if found is None:
            raise UnauthenticatedError("The session has ended; sign in again.")
        # its end is known from here on, also while the store cannot be asked
        principal = replace(found.principal, session=digest, expires_at=found.until)
        await self._require_good(principal)
        return principal

    async def ticket(self, secret: str) -> Principal:
        """Whose ticket it is; it is used up. Raises `UnauthenticatedError`, `UnavailableError`."""
        found = await self._store.take_ticket(digest_of(secret), self._clock())
        if found is None:
            raise UnauthenticatedError("The ticket is unknown, too old, or was used before; ask for another.")
        await self._require_good(found.principal)
        return found.principal

    async def open_session(self, principal: Principal) -> Issued:
        """A session for who asks; the oldest of `MOST_SESSIONS` ends for it. Raises `UnavailableError`."""
        issued = self._issued(replace(principal, session=None), self._policy.session_life)
        await self._store.open_session(issued.kept, MOST_SESSIONS)
        return issued

    async def end_session(self, secret: str) -> None:
        """Harmless to repeat. Raises `UnavailableError`."""
        digest = digest_of(secret)
        await self._store.end_session(digest)
        self._sessions.forget(digest)

    async def issue_ticket(self, principal: Principal) -> Issued:
        """A ticket for one conversation of who asks. Raises `UnavailableError`."""
        issued = self._issued(principal, TICKET_LIFE)
        await self._store.add_ticket(issued.kept)
        return issued

    async def is_good(self, principal: Principal) -> bool:
        """Whether what it came with still counts. Raises `UnavailableError` where that cannot be known."""
        if principal.expires_at is not None and self._clock() >= principal.expires_at:
            return False
        if principal.session is not None and await self._sessions.get(principal.session) is None:
            return False
        if principal.token_id is not None and principal.token_id not in self._fixed:
            token = await self._tokens.get(principal.token_id)
            return token is not None and token.is_good(self._clock())
        return not principal.is_anonymous or not await self.is_demanded()

    async def denied(self, principal: Principal) -> None:
        """Returns when what it came with no longer counts; for who has a conversation, and is not asked again."""
        if principal.is_anonymous and self._policy.demand == "never":
            await asyncio.Event().wait()
        while True:
            await asyncio.sleep(self._policy.recheck_s)
            with contextlib.suppress(UnavailableError):  # nobody is sent away because it cannot be known now
                if not await self.is_good(principal):
                    return

    async def _require_good(self, principal: Principal) -> None:
        if not await self.is_good(principal):
            raise UnauthenticatedError(_NOT_GOOD)

    def _issued(self, principal: Principal, life: timedelta) -> Issued:
        secret = secrets.token_urlsafe(32)
        until = self._clock() + life
        if principal.expires_at is not None:
            until = min(until, principal.expires_at)
        return Issued(secret=secret, kept=Pass(digest=digest_of(secret), principal=principal, until=until))


class _Remembered(Generic[T]):
    """What was last read of each of some thousand, for a short while."""

    def __init__(self, read: Callable[[str], Awaitable[T | None]], monotonic: Callable[[], float]) -> None:
        self._ask = read
        self._monotonic = monotonic
        self._read: OrderedDict[str, tuple[float, T | None]] = OrderedDict()

    async def get(self, key: str) -> T | None:
        now = self._monotonic()
        read = self._read.get(key)
        if read is None or now - read[0] > _REMEMBERED_S:
            read = now, await self._ask(key)
            self._read[key] = read
            self._read.move_to_end(key)
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        return read[1]

    def forget(self, key: str) -> None:
        self._read.pop(key, None)


class TokenOffice:
    """Makes, lists and revokes tokens."""

    def __init__(self, store: AccessStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(
        self, name: str, projects: Collection[str], may: Collection[str], life: timedelta | None
    ) -> tuple[str, Token]:
        """A new token, and its secret, which nobody can read again. Raises `InvalidGrantError`, `UnavailableError`."""
        if life is not None and life <= timedelta():
            raise InvalidGrantError("A token lives for some time.")
        now, token_id = self._clock(), secrets.token_hex(6)
        secret = f"{_PREFIX}_{token_id}_{secrets.token_urlsafe(32)}"
        token = Token(
            token_id=token_id,
            name=parse_name(name),
            digest=digest_of(secret),
            grants=(Grant.of(projects, may),),
            created_at=now,
            expires_at=None if life is None else now + life,
        )
        await self._store.add_token(token)
        return secret, token

    async def all(self) -> Sequence[Token]:
        """All tokens, the oldest first. Raises `UnavailableError`."""
        return await self._store.tokens()

    async def revoke(self, token_id: str) -> None:
        """Takes a token back, for good. Raises `TokenNotFoundError`, `UnavailableError`."""
        if not await self._store.revoke_token(token_id, self._clock()):
            raise TokenNotFoundError(f"No token {token_id[:32]!r} is in use.")


def fixed(principal_id: str, secret: str) -> tuple[str, Principal]:
    """Whoever shows a secret that is kept elsewhere, with all permissions: an entry of `AccessPolicy.fixed`. Sessions
    that were opened with it end when it is another one."""
    digest = digest_of(secret)
    token_id = f"fixed-{digest[:16]}"
    return digest, Principal(
        id=principal_id, name=principal_id, grants=(EVERYTHING,), token_id=token_id, limited=False
    )  # fmt: skip


def digest_of(secret: str) -> str:
    """SHA-256 (hex). Secrets here are random and long, so a slow hash would protect nothing more."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


_NO_DIGEST = digest_of(secrets.token_urlsafe(32))
_NOT_GOOD = "The token is unknown, expired or revoked."
