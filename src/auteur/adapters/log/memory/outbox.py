"""`WebhookStore` and `WebhookOutbox` of one process."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from auteur.adapters.log.memory.bus import MemoryDelivery, MemoryEndpoint, MemoryHub, MemoryProject, MemoryWebhooks
from auteur.adapters.log.outbox import DISABLED, EXPIRED_AT_ONCE, RECEIVER_DOWN, Place, microseconds
from auteur.domain.errors import DeadLetterNotFoundError, TooManyWebhooksError, WebhookNotFoundError
from auteur.domain.webhooks import Backlog, Claim, DeadLetters, Verdict, Webhook


class MemoryWebhookStore:
    """`WebhookStore` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        project = self._hub.project(webhook.project_id)
        if len(project.webhooks.subscribed) >= at_most:
            raise TooManyWebhooksError(at_most)
        self._hub.projects[webhook.project_id] = project
        project.webhooks.subscribed[webhook.webhook_id] = webhook

    async def webhook(self, project_id: str, webhook_id: str) -> Webhook:
        found = self._hub.project(project_id).webhooks.subscribed.get(webhook_id)
        if found is None:
            raise WebhookNotFoundError(project_id, webhook_id)
        return found

    async def webhooks(self, project_id: str) -> Sequence[Webhook]:
        return list(self._hub.project(project_id).webhooks.subscribed.values())

    async def replace(self, webhook: Webhook) -> None:
        await self.webhook(webhook.project_id, webhook.webhook_id)
        self._hub.project(webhook.project_id).webhooks.subscribed[webhook.webhook_id] = webhook

    async def remove(self, project_id: str, webhook_id: str) -> None:
        await self.webhook(project_id, webhook_id)
        kept = self._hub.project(project_id).webhooks
        del kept.subscribed[webhook_id]
        kept.owed = {name: owed for name, owed in kept.owed.items() if owed.delivery.webhook_id != webhook_id}


class MemoryWebhookOutbox:
    """`WebhookOutbox` on a hub. Looks at all that is owed: for tests and trials, not for a studio."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def claim(
        self, now: datetime, *, lease_s: float, limit: int, per_endpoint: int, rest_after: int
    ) -> Sequence[Claim]:
        claims: list[Claim] = []
        for project in self._hub.projects.values():
            kept = project.webhooks
            waiting = sorted(
                (owed for owed in kept.owed.values() if owed.delivery.died_at is None),
                key=lambda owed: (owed.due_at, owed.delivery.delivery_id),
            )
            taken = [owed.delivery.endpoint for owed in waiting if owed.is_leased and owed.due_at > now]
            for owed in waiting:
                if len(claims) >= limit:
                    return claims
                endpoint = kept.endpoints.get(owed.delivery.endpoint, MemoryEndpoint())
                most = 1 if endpoint.failures >= rest_after else per_endpoint
                rests = endpoint.rests_until is not None and endpoint.rests_until > now
                if owed.due_at > now or rests or taken.count(owed.delivery.endpoint) >= most:
                    continue
                webhook = _webhook_of(kept, owed)
                if webhook is None:
                    del kept.owed[owed.delivery.delivery_id]
                elif webhook.disabled is not None:
                    _bury(owed, now, DISABLED)
                else:
                    owed.delivery = replace(owed.delivery, attempts=owed.delivery.attempts + 1)
                    owed.due_at, owed.is_leased = now + timedelta(seconds=lease_s), True
                    taken.append(owed.delivery.endpoint)
                    claims.append(Claim(webhook=webhook, delivery=owed.delivery, failures=endpoint.failures))
        return claims

    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        project = self._hub.projects.get(claim.delivery.project_id, MemoryProject())
        kept = project.webhooks
        owed = kept.owed.get(claim.delivery.delivery_id)
        if owed is None:
            return False
        is_ours = owed.delivery.died_at is None and owed.delivery.attempts == claim.delivery.attempts
        if not (is_ours or verdict.taken):
            return False
        endpoint = kept.endpoints.setdefault(claim.delivery.endpoint, MemoryEndpoint())
        owed.is_leased = False
        if verdict.taken:
            kept.endpoints[claim.delivery.endpoint] = MemoryEndpoint()
            del kept.owed[claim.delivery.delivery_id]
            if claim.webhook.task_id is not None:
                kept.of_tasks.pop(claim.webhook.task_id, None)
        else:
            endpoint.failures += 1
            endpoint.rests_until = verdict.rest_until
            if verdict.gone or verdict.again_at is None:
                _bury(owed, verdict.at, verdict.reason)
            else:
                owed.due_at = verdict.again_at
                owed.delivery = replace(owed.delivery, reason=verdict.reason)
            if verdict.gone and claim.webhook.webhook_id in kept.subscribed:
                known = kept.subscribed[claim.webhook.webhook_id]
                kept.subscribed[claim.webhook.webhook_id] = replace(known, disabled="gone")
            if verdict.given_up_before is not None:
                self._give_up(kept, claim.delivery.endpoint, verdict)
        if not any(
            o.delivery.endpoint == claim.delivery.endpoint and not o.delivery.died_at for o in kept.owed.values()
        ):
            kept.endpoints.pop(claim.delivery.endpoint, None)
        return True

    def _give_up(self, kept: MemoryWebhooks, endpoint: str, verdict: Verdict) -> None:
        assert verdict.given_up_before is not None
        old = [
            owed
            for owed in kept.owed.values()
            if owed.delivery.endpoint == endpoint
            and owed.delivery.died_at is None
            and not owed.is_leased
            and owed.delivery.since <= verdict.given_up_before
        ]
        for owed in sorted(old, key=lambda owed: owed.due_at)[:EXPIRED_AT_ONCE]:
            _bury(owed, verdict.at, owed.delivery.reason or RECEIVER_DOWN)

    async def dead(self, project_id: str, *, after: str | None, limit: int) -> DeadLetters:
        kept = self._hub.project(project_id).webhooks
        found = sorted(
            (
                Place(microseconds(owed.delivery.died_at), owed.delivery.delivery_id)
                for owed in kept.owed.values()
                if owed.delivery.died_at is not None and _webhook_of(kept, owed) is not None
            ),
            key=lambda place: (place.died_us, place.delivery_id),
            reverse=True,
        )
        if after is not None:
            begin = Place.parse(after)
            found = [p for p in found if (p.died_us, p.delivery_id) < (begin.died_us, begin.delivery_id)]
        page = found[:limit]
        return DeadLetters(
            deliveries=[kept.owed[place.delivery_id].delivery for place in page],
            next=str(page[-1]) if len(found) > limit else None,
        )

    async def replay(self, project_id: str, delivery_id: str | None, now: datetime, *, limit: int) -> int:
        kept = self._hub.project(project_id).webhooks
        dead = sorted(
            (owed for owed in kept.owed.values() if owed.delivery.died_at and _webhook_of(kept, owed) is not None),
            key=lambda owed: (owed.delivery.died_at, owed.delivery.delivery_id),
        )
        if delivery_id is not None:
            dead = [owed for owed in dead if owed.delivery.delivery_id == delivery_id]
            if not dead:
                raise DeadLetterNotFoundError(project_id, delivery_id)
        for owed in dead[:limit]:
            owed.delivery = replace(owed.delivery, died_at=None, attempts=0, since=now)
            owed.due_at, owed.is_leased = now, False
        return len(dead[:limit])

    async def expire(self, died_before: datetime, limit: int) -> int:
        gone = 0
        for project in self._hub.projects.values():
            for name, owed in list(project.webhooks.owed.items()):
                if gone < limit and owed.delivery.died_at is not None and owed.delivery.died_at < died_before:
                    del project.webhooks.owed[name]
                    if owed.delivery.task_id in project.webhooks.of_tasks:
                        own = project.webhooks.of_tasks[owed.delivery.task_id]
                        if own.webhook_id == owed.delivery.webhook_id:
                            del project.webhooks.of_tasks[owed.delivery.task_id]
                    gone += 1
        return gone

    async def backlog(self) -> Backlog:
        waiting = [
            owed.delivery.since
            for project in self._hub.projects.values()
            for owed in project.webhooks.owed.values()
            if owed.delivery.died_at is None
        ]
        return Backlog(len(waiting), min(waiting, default=None))


def _webhook_of(kept: MemoryWebhooks, owed: MemoryDelivery) -> Webhook | None:
    own = kept.of_tasks.get(owed.delivery.task_id)
    if own is not None and own.webhook_id == owed.delivery.webhook_id:
        return own
    return kept.subscribed.get(owed.delivery.webhook_id)


def _bury(owed: MemoryDelivery, at: datetime, reason: str) -> None:
    owed.delivery = replace(owed.delivery, died_at=at, reason=reason)
    owed.is_leased = False
