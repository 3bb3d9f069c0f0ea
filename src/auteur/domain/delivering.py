"""Delivers what endings owe to webhooks: claims, attempts, says what became of it, again and again."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from auteur.domain.errors import UnavailableError
from auteur.domain.ports import Clock, WebhookOutbox, WebhookSender
from auteur.domain.webhooks import Answer, Claim, RetryPolicy, Verdict

Outcome = Literal["delivered", "failed", "dead", "gone"]
OUTCOMES: tuple[Outcome, ...] = ("delivered", "failed", "dead", "gone")
"""What an attempt came to: taken; to be tried again; given up; the receiver wants no more."""

_EXPIRED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLimits:
    """``at_once``: attempts of this process at a time; ``per_endpoint``: of all processes to one. ``lease_s``: for how
    long a delivery is one process's alone, longer than any attempt takes. ``poll_s``: how soon what is due is found.
    ``keep_dead_s``: how long dead letters are kept, looked after every ``expire_every_s``."""

    at_once: int = 32
    per_endpoint: int = 4
    lease_s: float = 40.0
    poll_s: float = 1.0
    keep_dead_s: float = 30 * 86_400.0
    expire_every_s: float = 300.0


class WebhookDeliverer:
    """The worker of one process; any number of processes have one each.

    A receiver that is slow or down holds up ``per_endpoint`` attempts at most, and soon but one. An attempt that is
    broken off by a stop or a crash is made again when its lease ends. ``on_outcome``: hears of every attempt.
    """

    def __init__(
        self,
        outbox: WebhookOutbox,
        sender: WebhookSender,
        clock: Clock,
        policy: RetryPolicy,
        limits: DeliveryLimits,
        *,
        on_outcome: Callable[[Claim, Answer, Outcome], None],
        on_fault: Callable[[Exception], None],
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._policy = policy
        self._limits = limits
        self._on_outcome = on_outcome
        self._on_fault = on_fault
        self._attempts: set[asyncio.Task[None]] = set()
        self._free = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        """Begins no further attempt; `run` ends with the last one that is under way."""
        self._stopping = True
        self._free.set()

    async def run(self) -> None:
        """Delivers until it is stopped, or cancelled; then attempts under way are broken off."""
        expire_at = 0.0
        try:
            while not self._stopping:
                found = 0
                self._free.clear()
                try:
                    found = await self._claim()
                    now = asyncio.get_running_loop().time()
                    if now >= expire_at:
                        expire_at = now + self._limits.expire_every_s
                        await self._expire()
                except UnavailableError:
                    pass  # said by those who watch the connection
                except Exception as error:
                    self._on_fault(error)
                if not found and not self._stopping:
                    await self._rest()
            if self._attempts:
                await asyncio.wait(self._attempts)
        finally:
            for attempt in self._attempts:
                attempt.cancel()
            await asyncio.gather(*self._attempts, return_exceptions=True)

    async def _claim(self) -> int:
        """Begins what is due, as far as there is room; how many."""
        room = self._limits.at_once - len(self._attempts)
        if room <= 0:
            return 0
        claims = await self._outbox.claim(
            self._clock(),
            lease_s=self._limits.lease_s,
            limit=room,
            per_endpoint=self._limits.per_endpoint,
            rest_after=self._policy.rest_after,
        )
        for claim in claims:
            attempt = asyncio.create_task(self._attempt(claim), name="webhook")
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempts.discard)
        return len(claims)

    async def _rest(self) -> None:
        """Until an attempt is over, and so may have made room for another, or for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.poll_s):
                await self._free.wait()

    async def _attempt(self, claim: Claim) -> None:
        try:
            answer = await self._sender.send(claim.webhook, claim.delivery, self._clock())
            verdict = self._policy.verdict(claim, answer, self._clock())
            self._on_outcome(claim, answer, _outcome(verdict))
            await self._outbox.settle(claim, verdict)
        except UnavailableError:
            pass  # it is claimed again when its lease ends: twice rather than never
        except Exception as error:
            self._on_fault(error)
        finally:
            self._free.set()

    async def _expire(self) -> None:
        before = self._clock() - timedelta(seconds=self._limits.keep_dead_s)
        while await self._outbox.expire(before, _EXPIRED_AT_ONCE):
            pass


def _outcome(verdict: Verdict) -> Outcome:
    if verdict.taken:
        return "delivered"
    if verdict.gone:
        return "gone"
    return "dead" if verdict.again_at is None else "failed"
