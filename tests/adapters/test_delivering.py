"""Many endings, a receiver that fails half the time, two workers on each real backend. `make faults`: a thousand."""

import asyncio
import contextlib
import os
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auteur.adapters.addresses import ListedHosts
from auteur.adapters.webhooks import HttpWebhookSender, SendingRules
from auteur.domain.delivering import DeliveryLimits, WebhookDeliverer
from auteur.domain.events import TaskCancelled
from auteur.domain.signing import SigningSecret
from auteur.domain.webhooks import RetryPolicy, Webhook
from tests.adapters.test_webhooks import trust
from tests.backends import ground
from tests.fakes import of, queued
from tests.receiver import Receiver
from tests.waiting import LONG_S

COUNT = 1000 if os.environ.get("AUTEUR_FAULTS") else 200


@pytest.mark.parametrize("backend", ["sqlite", "redis"])
async def test_every_ending_arrives_at_a_receiver_that_fails_half_the_time(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(7)
    receiver = Receiver(lambda message, before: chance.choice(["take", "take", "500", "break"]))
    secret = SigningSecret.drawn()
    receiver.secrets = [secret.text]
    faults: list[Exception] = []
    async with (
        receiver.listening(),
        ground(backend, tmp_path, lambda: request.getfixturevalue("redis_server")) as world,
        contextlib.AsyncExitStack() as stack,
    ):
        rules = SendingRules(listed=ListedHosts([("localhost", receiver.port)]), plain_http=True)
        hook = Webhook(
            webhook_id="wh_1", project_id="film", url=receiver.url, keys=(secret,), created_at=datetime.now(UTC)
        )  # fmt: skip
        await world.webhooks[0].add(hook, at_most=1)
        policy = RetryPolicy(first_s=0.01, longest_s=0.1, longest_rest_s=0.05)
        for outbox in world.outboxes:
            worker = WebhookDeliverer(
                outbox, HttpWebhookSender(rules, trust), lambda: datetime.now(UTC), policy,
                DeliveryLimits(per_endpoint=16, poll_s=0.01),
                on_outcome=lambda *outcome: None, on_fault=faults.append,
            )  # fmt: skip
            working = asyncio.create_task(worker.run())
            stack.callback(working.cancel)
        ids = [f"t-{number:04}" for number in range(COUNT)]
        for start in range(0, COUNT, 100):
            some = ids[start : start + 100]
            await world.buses[0].publish_all([queued(task_id) for task_id in some])
            now = {"at": datetime.now(UTC)}
            await world.buses[0].publish_all([TaskCancelled(**{**of(t), **now}, attempt=0) for t in some])
        await receiver.until(
            "every ending",
            lambda: len({attempt.id for attempt in receiver.attempts if attempt.behaviour == "take"}) == COUNT,
            2 * LONG_S,
        )
        async with asyncio.timeout(LONG_S):
            while (await world.outboxes[0].backlog()).waiting:
                await asyncio.sleep(0.02)
    assert faults == []
    assert all(attempt.is_signed for attempt in receiver.attempts)
    assert {attempt.message["data"]["task_id"] for attempt in receiver.taken} == set(ids)
    assert Counter(attempt.id for attempt in receiver.taken).most_common(1)[0][1] == 1, "who took it is asked no more"
