"""How webhooks are sent by this process: the parts of it made of the settings, and what it tells of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from auteur.adapters.background import end
from auteur.adapters.metrics import Metrics
from auteur.domain.delivering import DeliveryLimits, Outcome, WebhookDeliverer
from auteur.domain.errors import InvalidRequestError, UnavailableError
from auteur.domain.ports import Clock, NewId, WebhookOutbox, WebhookSender, WebhookStore
from auteur.domain.signing import TaskWebhook, parse_webhook_url
from auteur.domain.subscribing import WebhookOffice
from auteur.domain.webhooks import Answer, Claim, RetryPolicy
from auteur.entrypoints.settings import Settings

log = structlog.get_logger(__name__)

_LONGEST_REST_S = 300.0
_DRAIN_S = 3.0
_LEASE_BEYOND_S = 20.0
"""How much longer than an attempt its lease is: for what the log takes before and after."""


def webhook_office(
    store: WebhookStore,
    outbox: WebhookOutbox,
    sender: WebhookSender,
    clock: Clock,
    new_id: NewId,
    settings: Settings,
) -> WebhookOffice:
    """Where webhooks of projects are made and changed."""
    overlap = timedelta(seconds=settings.webhook_secret_overlap)
    return WebhookOffice(store, outbox, sender, clock, new_id, at_most=settings.max_webhooks, overlap=overlap)


def webhook_deliverer(
    outbox: WebhookOutbox, sender: WebhookSender, clock: Clock, metrics: Metrics, settings: Settings
) -> WebhookDeliverer:
    """What delivers in this process."""

    def on_outcome(claim: Claim, answer: Answer, outcome: Outcome) -> None:
        metrics.webhook_attempts.labels(outcome).inc()
        delivery = claim.delivery
        tell = log.debug if outcome == "delivered" else log.info if outcome == "failed" else log.warning
        tell(
            _TOLD[outcome],
            project_id=delivery.project_id,
            task_id=delivery.task_id,
            webhook_id=delivery.webhook_id,
            delivery_id=delivery.delivery_id,
            attempt=delivery.attempts,
            reason=answer.reason,
        )

    def on_fault(error: Exception) -> None:
        log.error("webhooks cannot be delivered", exc_info=error)

    return WebhookDeliverer(
        outbox,
        sender,
        clock,
        RetryPolicy(
            first_s=settings.webhook_first_retry,
            longest_s=settings.webhook_longest_retry,
            give_up_s=settings.webhook_give_up,
            longest_rest_s=min(_LONGEST_REST_S, settings.webhook_longest_retry),
        ),
        DeliveryLimits(
            at_once=settings.webhook_concurrency,
            lease_s=settings.webhook_timeout + _LEASE_BEYOND_S,
            poll_s=min(1.0, settings.webhook_first_retry),
            keep_dead_s=settings.webhook_dead_days * 86_400,
        ),
        on_outcome=on_outcome,
        on_fault=on_fault,
    )


_TOLD: dict[Outcome, str] = {
    "delivered": "a webhook was delivered",
    "failed": "a webhook is tried again",
    "dead": "a webhook was given up and is a dead letter",
    "gone": "a receiver of webhooks is gone",
}


def check_task_webhook(webhook: TaskWebhook, sender: WebhookSender) -> None:
    """Returns if a task may bring it. Raises `InvalidRequestError` that names the field."""
    try:
        sender.check(parse_webhook_url(webhook.url))
    except InvalidRequestError as error:
        problems = [{**p, "field": f"webhook.{p['field']}"} for p in error.details.get("problems", ())]
        raise InvalidRequestError(f"webhook.{error.message}", problems=problems) from None


@asynccontextmanager
async def delivering(
    deliverer: WebhookDeliverer, outbox: WebhookOutbox, clock: Clock, metrics: Metrics, settings: Settings
) -> AsyncIterator[None]:
    """Delivers while it is open, where this process is to; shows what waits in any case."""

    async def show_backlog() -> None:
        with suppress(UnavailableError):
            backlog = await outbox.backlog()
            age_s = (clock() - backlog.oldest_at).total_seconds() if backlog.oldest_at else 0.0
            metrics.webhooks_waiting.set(backlog.waiting)
            metrics.webhooks_oldest.set(max(age_s, 0.0))

    metrics.before_reading.append(show_backlog)
    working = []
    if settings.webhook_deliver and settings.webhooks != "off":
        working.append(asyncio.create_task(deliverer.run(), name="webhooks"))
    try:
        yield
    finally:
        deliverer.stop()
        if working:  # what is broken off is sent again, but only when its lease ends
            await asyncio.wait(working, timeout=min(settings.shutdown_drain, _DRAIN_S))
        await end(working)
        metrics.before_reading.remove(show_backlog)
