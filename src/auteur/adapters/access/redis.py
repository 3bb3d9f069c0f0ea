"""`AccessStore` on the Redis that a fleet shares: a token made or revoked by one process counts for all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from auteur.adapters.access.codec import PASS, TOKEN
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.access import Pass, Token


class RedisAccessStore:
    """`AccessStore` on a `RedisDatabase`: tokens in a hash, revocations in another, passes with their end."""

    def __init__(self, database: RedisDatabase) -> None:
        self._database = database
        self._tokens, self._revoked = database.key("access:tokens"), database.key("access:revoked")

    async def add_token(self, token: Token) -> None:
        await self._database.execute(("HSET", self._tokens, token.token_id, TOKEN.dump_json(token)))

    async def token(self, token_id: str) -> Token | None:
        body, revoked_at = await self._database.execute(
            ("HGET", self._tokens, token_id), ("HGET", self._revoked, token_id)
        )
        return None if body is None else _token(body, revoked_at)

    async def tokens(self) -> Sequence[Token]:
        bodies, revoked = await self._database.execute(("HGETALL", self._tokens), ("HGETALL", self._revoked))
        revoked_at = _pairs(revoked)
        found = [_token(body, revoked_at.get(token_id)) for token_id, body in _pairs(bodies).items()]
        return sorted(found, key=lambda token: (token.created_at, token.token_id))

    async def has_tokens(self) -> bool:
        (count,) = await self._database.execute(("HLEN", self._tokens))
        return bool(count)

    async def revoke_token(self, token_id: str, at: datetime) -> bool:
        (known,) = await self._database.execute(("HEXISTS", self._tokens, token_id))
        if not known:
            return False
        (first,) = await self._database.execute(("HSETNX", self._revoked, token_id, at.isoformat()))
        return bool(first)

    async def open_session(self, session: Pass, most: int) -> None:
        own, ends_ms = self._sessions_of(session), _milliseconds(session)
        *_, too_many = await self._database.execute(
            self._keeping("session", session),
            ("ZADD", own, ends_ms, session.digest), ("PEXPIREAT", own, ends_ms), ("ZRANGE", own, 0, -most - 1),
        )  # fmt: skip
        digests = [digest.decode() for digest in too_many]
        if digests:
            await self._database.execute(
                ("ZREM", own, *digests), ("DEL", *(self._key("session", digest) for digest in digests))
            )

    async def session(self, digest: str, now: datetime) -> Pass | None:
        (body,) = await self._database.execute(("GET", self._key("session", digest)))
        return _still(body, now)

    async def end_session(self, digest: str) -> None:
        (body,) = await self._database.execute(("GETDEL", self._key("session", digest)))
        if body is not None:
            await self._database.execute(("ZREM", self._sessions_of(PASS.validate_json(body)), digest))

    async def add_ticket(self, ticket: Pass) -> None:
        await self._database.execute(self._keeping("ticket", ticket))

    async def take_ticket(self, digest: str, now: datetime) -> Pass | None:
        (body,) = await self._database.execute(("GETDEL", self._key("ticket", digest)))
        return _still(body, now)

    def _keeping(self, kind: str, kept: Pass) -> tuple[str | int | bytes, ...]:
        return "SET", self._key(kind, kept.digest), PASS.dump_json(kept), "PXAT", _milliseconds(kept)

    def _sessions_of(self, session: Pass) -> str:
        return self._database.key(f"access:sessions:{session.principal.id}")

    def _key(self, kind: str, digest: str) -> str:
        return self._database.key(f"access:{kind}:{digest}")


def _milliseconds(kept: Pass) -> int:
    return int(kept.until.timestamp() * 1000)


def _still(body: bytes | None, now: datetime) -> Pass | None:
    kept = None if body is None else PASS.validate_json(body)
    return kept if kept is not None and now < kept.until else None


def _token(body: bytes, revoked_at: bytes | None) -> Token:
    token = TOKEN.validate_json(body)
    return token if revoked_at is None else replace(token, revoked_at=datetime.fromisoformat(revoked_at.decode()))


def _pairs(answer: dict[bytes, bytes] | list[bytes]) -> dict[bytes, bytes]:
    """HGETALL's answer, as either version of the protocol has it."""
    return answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=True))
