"""`WebhookOutbox` on Redis.

Deliveries lie beside the log of their project, in its slot; which projects are to be looked at, and when, is a list in
another. It is written before the event that makes it true, as the other lists are: so a project stays on it for a while
although nothing is found there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from auteur.adapters.log.codec import stored_event
from auteur.adapters.log.outbox import DISABLED, EXPIRED_AT_ONCE, RECEIVER_DOWN, Place, microseconds, moment
from auteur.adapters.log.redis.lists import owing_keys
from auteur.adapters.log.redis.record import hook_in
from auteur.adapters.log.redis.scripts import CLAIM, DEAD, EXPIRE, RELIST, REPLAY, SETTLE, meta_key
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import DeadLetterNotFoundError, ProjectDeletedError
from auteur.domain.events import Position
from auteur.domain.webhooks import Backlog, Claim, DeadLetters, Delivery, Verdict

_PROJECTS = 50
"""How many projects one claim looks at."""
_COUNTED = 1000
"""How many projects are counted."""
_APPENDING_US = 60_000_000
"""Longer than any event takes from the list to the log."""
_SOON_US = 1_000_000
"""How soon a project is looked at again of which an event may still have to come."""


class RedisWebhookOutbox:
    """`WebhookOutbox` on a `RedisDatabase`, the same one as the bus."""

    def __init__(self, database: RedisDatabase) -> None:
        self._database = database
        self._due, self._entered = owing_keys(database)
        # the projects with dead letters: when to look there, and when they were last entered
        self._dying, self._dying_entered = (
            database.key(f"{{webhooks!}}:{name}") for name in ("dying", "dying-entered")
        )

    async def claim(
        self, now: datetime, *, lease_s: float, limit: int, per_endpoint: int, rest_after: int
    ) -> Sequence[Claim]:
        at = microseconds(now)
        (listed,) = await self._database.execute(("ZRANGEBYSCORE", self._due, "-inf", at, "LIMIT", 0, _PROJECTS))
        claims: list[Claim] = []
        for member in listed:
            if len(claims) >= limit:
                break
            project_id = member.decode()
            (entered,) = await self._database.execute(("HGET", self._entered, project_id))
            for is_listed in (0, 1):
                arguments = (at, at + int(lease_s * 1e6), limit - len(claims), per_endpoint, rest_after, DISABLED)
                _, (look_at, dies, *found) = await self._database.evaluate(
                    CLAIM, [self._meta(project_id)], *arguments, is_listed
                )
                claims += [_claim(*one) for one in found]
                if not dies:
                    break
                await self._list_dying(project_id, at)
            await self._relist((self._due, self._entered), project_id, entered, look_at, at)
        return claims

    async def _relist(
        self, keys: tuple[str, str], project_id: str, entered: bytes | None, look_at: bytes, at: int
    ) -> None:
        """Has the project be looked at when something is due there, and soon where something may be on its way."""
        is_fresh = entered is not None and int(entered) > microseconds(datetime.now(UTC)) - _APPENDING_US
        times = [int(look_at)] if look_at else []
        if is_fresh:
            times.append(at + _SOON_US)
        again = min(times) if times else ""
        await self._database.evaluate(RELIST, list(keys), project_id, entered or b"", again)

    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        project_id = claim.delivery.project_id
        how = "taken" if verdict.taken else "gone" if verdict.gone else "again" if verdict.again_at else "dead"
        before = verdict.given_up_before
        arguments = (
            claim.delivery.delivery_id, claim.delivery.attempts, microseconds(verdict.at), how, verdict.reason,
            microseconds(verdict.again_at) if verdict.again_at else 0,
            microseconds(verdict.rest_until) if verdict.rest_until else 0,
            "" if before is None else microseconds(before), EXPIRED_AT_ONCE, RECEIVER_DOWN,
        )  # fmt: skip
        if how != "taken":
            await self._list_dying(project_id, microseconds(verdict.at))
        _, (settled, look_at) = await self._database.evaluate(SETTLE, [self._meta(project_id)], *arguments)
        if look_at:
            await self._enter(project_id, int(look_at))
        return bool(settled)

    async def _enter(self, project_id: str, look_at: int) -> None:
        """Has whoever looks there now not say that it need not be looked at before."""
        await self._database.execute(
            ("HSET", self._entered, project_id, microseconds(datetime.now(UTC))),
            ("ZADD", self._due, "LT", look_at, project_id),
        )

    async def _list_dying(self, project_id: str, at: int) -> None:
        """Entered before anything dies there, so that its end is not missed."""
        await self._database.execute(
            ("HSET", self._dying_entered, project_id, microseconds(datetime.now(UTC))),
            ("ZADD", self._dying, "NX", at, project_id),
        )

    async def dead(self, project_id: str, *, after: str | None, limit: int) -> DeadLetters:
        begin = Place.parse(after) if after is not None else None
        place = (begin.died_us, begin.delivery_id) if begin else ("", "")
        _, (stopped, *found) = await self._database.evaluate(DEAD, [self._meta(project_id)], *place, limit + 1)
        deleted, stopped_at, stopped_behind = stopped
        if deleted:
            raise ProjectDeletedError(project_id)
        letters = [_delivery(*one) for one in found[:limit]]
        begin = None
        if len(found) > limit:
            begin = Place(int(found[limit - 1][5]), found[limit - 1][0].decode())
        elif stopped_at:
            begin = Place(int(stopped_at), stopped_behind.decode())
        return DeadLetters(deliveries=letters, next=None if begin is None else str(begin))

    async def replay(self, project_id: str, delivery_id: str | None, now: datetime, *, limit: int) -> int:
        at = microseconds(now)
        await self._enter(project_id, at)
        _, replayed = await self._database.evaluate(REPLAY, [self._meta(project_id)], at, limit, delivery_id or "")
        if replayed < 0:
            raise ProjectDeletedError(project_id)
        if delivery_id is not None and not replayed:
            raise DeadLetterNotFoundError(project_id, delivery_id)
        return int(replayed)

    async def expire(self, died_before: datetime, limit: int) -> int:
        before = microseconds(died_before)
        (listed,) = await self._database.execute(
            ("ZRANGEBYSCORE", self._dying, "-inf", f"({before}", "LIMIT", 0, _PROJECTS)
        )
        gone = 0
        for member in listed:
            if gone >= limit:
                break
            project_id = member.decode()
            (entered,) = await self._database.execute(("HGET", self._dying_entered, project_id))
            _, (count, first) = await self._database.evaluate(
                EXPIRE, [self._meta(project_id)], before, limit - gone
            )  # fmt: skip
            await self._relist((self._dying, self._dying_entered), project_id, entered, first, before)
            gone += count
        return gone

    async def backlog(self) -> Backlog:
        (listed,) = await self._database.execute(("ZRANGE", self._due, 0, _COUNTED - 1))
        if not listed:
            return Backlog()
        keys = [f"{self._meta(member.decode()).removesuffix('meta')}wh:waiting" for member in listed]
        asked = [("ZCARD", key) for key in keys] + [("ZRANGE", key, 0, 0, "WITHSCORES") for key in keys]
        answers = await self._database.execute(*asked)
        oldest = [_score(answer) for answer in answers[len(keys) :] if answer]
        return Backlog(sum(answers[: len(keys)]), moment(min(oldest)) if oldest else None)

    def _meta(self, project_id: str) -> str:
        return meta_key(self._database, project_id)


def _score(answer: Any) -> int:
    """The first score of an answer WITHSCORES, however the client has it."""
    first = answer[0]
    return int(float(first[1] if isinstance(first, tuple | list) else answer[1]))


def _delivery(
    name: bytes, event: bytes, about: bytes, attempts: int, reason: bytes, died_us: bytes | None = None
) -> Delivery:
    webhook_id, endpoint, epoch, seq, since = about.decode().split(" ")
    return Delivery(
        delivery_id=name.decode(),
        webhook_id=webhook_id,
        endpoint=endpoint,
        recorded=stored_event(Position(epoch, int(seq)), event),
        since=moment(int(since)),
        attempts=int(attempts),
        died_at=None if died_us is None else moment(int(died_us)),
        reason=reason.decode(),
    )


def _claim(
    name: bytes, event: bytes, about: bytes, attempts: int, reason: bytes, hook: bytes, failures: int
) -> Claim:  # fmt: skip
    delivery = _delivery(name, event, about, attempts, reason)
    return Claim(webhook=hook_in(hook), delivery=delivery, failures=int(failures))
