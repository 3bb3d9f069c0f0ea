"""When what was not taken is tried again, who signs, and that a worker delivers everything in the end."""

import asyncio
import contextlib
import itertools
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryWebhookOutbox, MemoryWebhookStore
from auteur.domain.delivering import DeliveryLimits, Outcome, WebhookDeliverer
from auteur.domain.errors import BusUnavailableError, InvalidRequestError
from auteur.domain.events import Position, RecordedEvent, TaskCancelled
from auteur.domain.signing import SigningSecret, TaskWebhook, signed_headers
from auteur.domain.subscribing import WebhookChanges, WebhookOffice
from auteur.domain.webhooks import Answer, Claim, Delivery, RetryPolicy, Webhook
from tests.fakes import START, of, queued
from tests.waiting import awaited

SECRET = SigningSecret.drawn()
HOOK = Webhook(
    webhook_id="wh_1", project_id="film", url="https://receiver.example/", keys=(SECRET,), created_at=START
)  # fmt: skip
OWED = Delivery(
    delivery_id="msg_1", webhook_id="wh_1", endpoint="wh_1", since=START,
    recorded=RecordedEvent(Position("e", 1), TaskCancelled(**of("t-1"), attempt=0)),
)  # fmt: skip
FINE, BAD = Answer(status=204, reason="answers 204"), Answer(status=500, reason="answers 500")


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_one_message_is_tried_for_a_day_soon_at_first_and_ever_more_rarely() -> None:
    policy = RetryPolicy(chance=lambda: 0.0)
    now, attempt, times = START, 0, []
    while True:
        attempt += 1
        times.append((now - START).total_seconds())
        verdict = policy.verdict(
            Claim(webhook=HOOK, delivery=replace(OWED, attempts=attempt), failures=0), BAD, now
        )  # fmt: skip
        if verdict.again_at is None:
            break
        now = verdict.again_at
    assert times[:8] == [0, 5, 20, 65, 200, 605, 1820, 5465]
    assert 12 <= len(times) <= 15
    assert 86_400 <= times[-1] <= 86_400 + 4 * 3600
    assert max(b - a for a, b in itertools.pairwise(times)) == 4 * 3600


def test_what_failed_together_does_not_come_back_together() -> None:
    policy = RetryPolicy()
    waits = {policy.wait_s(3) for _ in range(100)}
    assert len(waits) > 90
    assert 45 * 0.8 <= min(waits) < max(waits) <= 45


def test_an_endpoint_rests_after_some_failures_longer_each_time_and_never_long() -> None:
    policy = RetryPolicy(chance=lambda: 0.0)
    assert [policy.rest_s(failures) for failures in (1, 4, 5, 6, 7, 20, 10_000)] == [0, 0, 5, 10, 20, 300, 300]


def test_only_2xx_is_taken_and_410_ends_it() -> None:
    for status in (None, 100, 199, 300, 301, 307, 400, 404, 429, 500, 503):
        assert not Answer(status=status, reason="").taken
    assert all(Answer(status=status, reason="").taken for status in (200, 202, 204, 299))
    verdict = RetryPolicy().verdict(
        Claim(webhook=HOOK, delivery=OWED, failures=0), Answer(status=410, reason=""), START
    )
    assert verdict.gone
    assert verdict.again_at is None


def test_a_secret_signs_until_it_is_too_old_and_no_third_one_does() -> None:
    first, second, third = HOOK.keys[0], SigningSecret.drawn(), SigningSecret.drawn()
    turned = HOOK.rotated(second, START, timedelta(hours=24))
    again = turned.rotated(third, later(60), timedelta(hours=24))

    def signatures(hook: Webhook, at: datetime) -> list[str]:
        return signed_headers(hook.keys, "msg_1", at, b"{}")["webhook-signature"].split(" ")

    at = later(61)
    assert signatures(turned, at) == [key.signature("msg_1", int(at.timestamp()), b"{}") for key in (second, first)]
    assert signatures(again, at) == [key.signature("msg_1", int(at.timestamp()), b"{}") for key in (third, second)]
    assert len(signatures(turned, later(86_400))) == 1
    assert HOOK.rotated(second, START, timedelta()).keys == (second,)


@pytest.mark.parametrize("text", ["", "whsec_", "sekret", "whsec_!!!!", "whsec_" + "A" * 8, "whsec_" + "A" * 400, "ä"])
def test_what_is_no_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        SigningSecret.parse(text)
    assert not text or text not in refused.value.message.replace("whsec_ and", "") or text == "whsec_"


def test_no_repr_shows_a_secret_or_a_url() -> None:
    own = TaskWebhook(url="https://receiver.example/", secret=SECRET)
    for thing in (HOOK, own, SECRET, Claim(webhook=HOOK, delivery=OWED, failures=0), replace(queued(), webhook=own)):
        assert SECRET.text not in repr(thing)
        assert "receiver" not in repr(thing)


class ScriptedSender:
    """Takes and refuses as the script says; checks nothing."""

    def __init__(self, answers: Any) -> None:
        self.answers = answers
        self.sent: list[str] = []
        self.open: Counter[str] = Counter()
        self.widest: Counter[str] = Counter()

    def check(self, url: str) -> None:
        return

    async def send(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        self.sent.append(delivery.task_id)
        self.open[webhook.webhook_id] += 1
        self.widest[webhook.webhook_id] = max(self.widest[webhook.webhook_id], self.open[webhook.webhook_id])
        try:
            found = self.answers(webhook, delivery)
            return await found if asyncio.iscoroutine(found) else found
        finally:
            self.open[webhook.webhook_id] -= 1


class MovingClock:
    """Goes a while further with every look."""

    def __init__(self, step_s: float) -> None:
        self.now, self.step_s = START, step_s

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=self.step_s)
        return self.now


@contextlib.asynccontextmanager
async def at_work(outbox: Any, sender: ScriptedSender, clock: MovingClock, **limits: Any) -> Any:
    heard: list[Outcome] = []
    faults: list[Exception] = []
    deliverer = WebhookDeliverer(
        outbox, sender, clock, RetryPolicy(), DeliveryLimits(**{"poll_s": 0.001, **limits}),
        on_outcome=lambda claim, answer, outcome: heard.append(outcome), on_fault=faults.append,
    )  # fmt: skip
    working = asyncio.create_task(deliverer.run())
    try:
        yield heard
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert faults == []


async def a_studio(count: int, hooks: int = 1) -> tuple[MemoryHub, list[str]]:
    hub = MemoryHub(history_limit=10_000)
    for number in range(hooks):
        hook = replace(HOOK, webhook_id=f"wh_{number}", url=f"https://receiver.example/{number}")
        await MemoryWebhookStore(hub).add(hook, at_most=9)
    ids = [f"t-{number:04}" for number in range(count)]
    for task_id in ids:
        await MemoryProgressBus(hub).publish(queued(task_id))
        await MemoryProgressBus(hub).publish(TaskCancelled(**of(task_id), attempt=0))
    return hub, ids


async def test_a_receiver_that_is_silent_delays_no_other_and_gets_few_at_a_time() -> None:
    hub, ids = await a_studio(30, hooks=2)

    async def silence() -> Answer:
        await asyncio.Event().wait()
        raise AssertionError("nobody answers")

    sender = ScriptedSender(lambda hook, owed: silence() if hook.webhook_id == "wh_0" else FINE)
    outbox = MemoryWebhookOutbox(hub)
    async with at_work(outbox, sender, MovingClock(0.001), at_once=8) as heard, awaited("all for who answers"):
        while heard.count("delivered") < len(ids):
            await asyncio.sleep(0)
    assert sender.widest["wh_0"] == 4


async def test_what_is_never_taken_is_a_dead_letter_after_its_day_and_all_of_it() -> None:
    hub, ids = await a_studio(20)
    sender = ScriptedSender(lambda hook, owed: BAD)
    outbox = MemoryWebhookOutbox(hub)
    async with at_work(outbox, sender, MovingClock(60)), awaited("all to be given up"):
        while len((await outbox.dead("film", after=None, limit=99)).deliveries) < len(ids):
            await asyncio.sleep(0)
    assert (await outbox.backlog()).waiting == 0


async def test_old_dead_letters_are_let_go() -> None:
    hub, _ = await a_studio(5)
    outbox = MemoryWebhookOutbox(hub)
    sender = ScriptedSender(lambda hook, owed: Answer(status=410, reason="answers 410"))
    clock = MovingClock(60)
    async with at_work(outbox, sender, clock, keep_dead_s=3600, expire_every_s=0.0), awaited("no letter any more"):
        while hub.projects["film"].webhooks.owed:
            await asyncio.sleep(0)
    assert len(sender.sent) >= 1


async def test_a_log_that_cannot_be_reached_for_a_while_costs_nothing_but_time() -> None:
    hub, ids = await a_studio(10)

    class Away(MemoryWebhookOutbox):
        calls = 0

        async def claim(self, *args: Any, **kwargs: Any) -> Any:
            self._fail()
            return await super().claim(*args, **kwargs)

        async def settle(self, *args: Any) -> bool:
            self._fail()
            return await super().settle(*args)

        def _fail(self) -> None:
            Away.calls += 1
            if Away.calls % 2:
                raise BusUnavailableError("away")

    sender = ScriptedSender(lambda hook, owed: FINE)
    async with at_work(Away(hub), sender, MovingClock(1)), awaited("all to be delivered"):
        while hub.projects["film"].webhooks.owed:
            await asyncio.sleep(0)
    assert set(sender.sent) == set(ids)


async def test_the_office_checks_what_it_is_given_and_says_what_is_wrong() -> None:
    hub = MemoryHub()
    office = WebhookOffice(
        MemoryWebhookStore(hub), MemoryWebhookOutbox(hub), ScriptedSender(None), MovingClock(1), lambda: "1-2",
        at_most=1, overlap=timedelta(hours=1),
    )  # fmt: skip
    hook = await office.create("film", "https://receiver.example/")
    for about, field in (
        (office.create("film", "nowhere"), "url"),
        (office.create("film", "https://x.example/", []), "types"),
        (office.change("film", hook.webhook_id, WebhookChanges(description="a\nb")), "description"),
        (office.change("film", hook.webhook_id, WebhookChanges(description="a" * 201)), "description"),
        (office.change("film", hook.webhook_id, WebhookChanges(url="https://u@x.example/")), "url"),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            await about
        assert [problem["field"] for problem in refused.value.details["problems"]] == [field]
    off = await office.change("film", hook.webhook_id, WebhookChanges(enabled=False, types=("task.failed",)))
    assert (off.disabled, off.types, off.keys) == ("asked", ("task.failed",), hook.keys)
    assert (await office.rotate("film", hook.webhook_id)).keys[1].text == hook.keys[0].text
