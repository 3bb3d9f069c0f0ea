"""What is owed to one webhook costs no more, whatever waits for another, rests, died or was delivered before."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.redis.outbox import RedisWebhookOutbox
from auteur.adapters.log.redis.webhooks import RedisWebhookStore
from auteur.adapters.log.sqlite.outbox import SqliteWebhookOutbox
from auteur.adapters.log.sqlite.webhooks import SqliteWebhookStore
from auteur.adapters.redis.database import RedisDatabase
from auteur.adapters.redis.line import Line
from auteur.domain.events import Event, TaskCancelled
from auteur.domain.ports import WebhookOutbox, WebhookStore
from auteur.domain.signing import SigningSecret, TaskWebhook
from auteur.domain.webhooks import Claim, Verdict
from tests.contracts.test_growth import Log, embedded, on_redis
from tests.contracts.test_webhook_outbox import a_webhook, cancelled
from tests.fakes import START, of, queued

YOUNG, OLD = 120, 720
"""More than a page, or than one verdict gives up beside its own: those are bounded, and alike in both."""
MOST = 1.3
RESTS, DIES, TAKES, FRESH = (a_webhook(number) for number in range(1, 5))
FAR = START + timedelta(days=10)


def both(log: Log) -> tuple[WebhookStore, WebhookOutbox]:
    if isinstance(log.database, RedisDatabase):
        return RedisWebhookStore(log.database), RedisWebhookOutbox(log.database)
    return SqliteWebhookStore(log.database), SqliteWebhookOutbox(log.database)


async def end_task(log: Log, task_id: str, at: datetime) -> None:
    await log.bus.publish(queued(task_id))
    await log.bus.publish(TaskCancelled(**{**of(task_id), "at": at}, attempt=0))


async def claims(outbox: WebhookOutbox, at: datetime, per_endpoint: int = 1000) -> list[Claim]:
    return list(await outbox.claim(at, lease_s=60, limit=1000, per_endpoint=per_endpoint, rest_after=3))


async def grow(log: Log, size: int) -> tuple[WebhookStore, WebhookOutbox]:
    """So many endings that wait for one who rests, died for another, and were delivered to a third."""
    store, outbox = both(log)
    for webhook in (RESTS, DIES, TAKES):
        await store.add(webhook, at_most=9)
    rested = Verdict(taken=False, at=START, reason="no", again_at=FAR, rest_until=FAR)
    for number in range(size):
        await end_task(log, f"g-{number}", START)
        for claim in await claims(outbox, START):
            verdict = {
                RESTS.webhook_id: rested,
                DIES.webhook_id: Verdict(taken=False, at=START, reason="no"),
                TAKES.webhook_id: Verdict(taken=True, at=START),
            }[claim.webhook.webhook_id]
            assert await outbox.settle(claim, verdict)
    await store.remove("film", TAKES.webhook_id)
    await store.replace(a_webhook(2, disabled="asked"))
    await store.add(FRESH, at_most=9)
    return store, outbox


async def costs(log: Log, size: int) -> dict[str, dict[str, int]]:
    """What each act costs, by unit."""
    store, outbox = await grow(log, size)
    found: dict[str, dict[str, int]] = {}

    async def measured(name: str, act: Callable[[], Awaitable[Any]]) -> Any:
        before = await log.spent()
        result = await act()
        after = await log.spent()
        found[name] = {unit: after[unit] - before[unit] for unit in after}
        return result

    soon = START + timedelta(seconds=5)
    await log.bus.publish(queued("m-1"))
    ending = TaskCancelled(**{**of("m-1"), "at": soon}, attempt=0)
    await measured("an ending", lambda: log.bus.publish(ending))
    (claim,) = await measured("a claim", lambda: claims(outbox, soon))
    assert claim.webhook == FRESH
    again = Verdict(
        taken=False, at=soon, reason="no", again_at=soon, rest_until=soon, given_up_before=START - timedelta(days=1)
    )
    await measured("a refusal", lambda: outbox.settle(claim, again))
    (claim,) = await claims(outbox, soon)
    await measured("a delivery", lambda: outbox.settle(claim, Verdict(taken=True, at=soon)))
    assert await measured("nothing to claim", lambda: claims(outbox, soon)) == []
    await measured("dead letters", lambda: outbox.dead("film", after=None, limit=10))
    await measured("webhooks", lambda: store.webhooks("film"))
    (probe,) = await claims(outbox, FAR, per_endpoint=1)
    probed = Verdict(
        taken=False, at=FAR, reason="no", again_at=FAR + timedelta(days=1), rest_until=FAR + timedelta(days=1),
        given_up_before=START - timedelta(days=1),
    )  # fmt: skip
    await measured("a probe that fails", lambda: outbox.settle(probe, probed))
    return found


@pytest.mark.parametrize("opened", [embedded, on_redis])
async def test_what_waits_rests_and_died_costs_others_nothing(
    opened: Callable[[Path], AbstractAsyncContextManager[Log]], tmp_path: Path
) -> None:
    async with opened(tmp_path / "young") as log:
        young = await costs(log, YOUNG)
    async with opened(tmp_path / "old") as log:
        old = await costs(log, OLD)
    grown = {
        (name, unit): (cost, old[name][unit])
        for name, known in young.items()
        for unit, cost in known.items()
        if old[name][unit] > cost * MOST + 100 * (unit != "commands")
    }
    assert grown == {}


async def test_where_nobody_hears_an_ending_it_makes_no_trip_more(tmp_path: Path) -> None:
    """The list of those who owe is written, on Redis, only where somebody is to hear of it."""
    async with on_redis(tmp_path) as log:
        own = TaskWebhook(url="https://own.example/", secret=SigningSecret.drawn())
        for task_id in ("t-0", "t-1"):  # the first of all finds out what may be written
            begins, ends = await trips(log, queued(task_id)), await trips(log, cancelled(task_id))
        assert await trips(log, replace(queued("t-2"), webhook=own)) == begins
        assert await trips(log, cancelled("t-2")) > ends
        assert await trips(log, queued("t-3")) == begins
        assert await trips(log, cancelled("t-3")) == ends == 1


async def trips(log: Log, event: Event) -> int:
    """How often the server is asked, one after the other, to record it."""
    asked, send = 0, Line._send

    def counted(line: Line) -> None:
        nonlocal asked
        asked += 1
        send(line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Line, "_send", counted)
        await log.bus.publish(event)
    return asked
