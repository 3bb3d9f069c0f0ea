"""What every `WebhookStore` and `WebhookOutbox` promise, and what a `ProgressBus` promises them: an ending is owed to
who hears of it from the moment it is recorded, until it was taken.

Each test gets the ground of two processes, writes in one and reads in the other.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.redis import outbox as redis_outbox
from auteur.adapters.log.redis.scripts import RELIST, SETTLE
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.errors import (
    DeadLetterNotFoundError,
    InvalidRequestError,
    ProjectDeletedError,
    TaskEndedError,
    TooManyWebhooksError,
    WebhookNotFoundError,
)
from auteur.domain.events import Event, ProjectDeleted, TaskCancelled, TaskFailed, TaskStarted, TaskSucceeded
from auteur.domain.ports import WebhookOutbox
from auteur.domain.signing import SigningSecret, TaskWebhook
from auteur.domain.task import Failure, TaskResult
from auteur.domain.webhooks import Claim, Verdict, Webhook
from tests.backends import BACKENDS, Ground, ground
from tests.fakes import START, of, queued

SECRET = SigningSecret.drawn()
LEASE_S = 30.0


@pytest.fixture(params=BACKENDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as there:
        yield there


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_webhook(number: int = 1, project_id: str = "film", **changes: Any) -> Webhook:
    values: dict[str, Any] = {
        "webhook_id": f"wh_{number:032x}",
        "project_id": project_id,
        "url": f"https://receiver.example/{number}",
        "keys": (SECRET,),
        "created_at": later(number),
    }
    return Webhook(**{**values, **changes})


def cancelled(task_id: str = "t-1", at: datetime = START, project_id: str = "film") -> TaskCancelled:
    return TaskCancelled(project_id=project_id, task_id=task_id, at=at, metadata={"shot": 7}, attempt=0)


async def endings(world: Ground, count: int, project_id: str = "film") -> list[str]:
    """So many tasks that ended, a second after the other."""
    ids = [f"t-{number:03}" for number in range(count)]
    for number, task_id in enumerate(ids):
        await world.buses[0].publish(queued(task_id, project_id=project_id))
        await world.buses[0].publish(cancelled(task_id, later(number), project_id))
    return ids


async def claim(outbox: WebhookOutbox, at: float = 1000, limit: int = 100, per_endpoint: int = 100) -> Sequence[Claim]:
    return await outbox.claim(later(at), lease_s=LEASE_S, limit=limit, per_endpoint=per_endpoint, rest_after=3)


def taken(at: float = 1000) -> Verdict:
    return Verdict(taken=True, at=later(at))


def again(at: float, again_at: float, rest_until: float | None = None) -> Verdict:
    rest = None if rest_until is None else later(rest_until)
    return Verdict(taken=False, at=later(at), reason="answers 500", again_at=later(again_at), rest_until=rest)


def dead(at: float) -> Verdict:
    return Verdict(taken=False, at=later(at), reason="answers 500")


def tasks(claims: Sequence[Claim]) -> list[str]:
    return [claim.delivery.task_id for claim in claims]


# --- subscriptions -------------------------------------------------------------------------------------------------


async def test_a_webhook_is_read_as_it_was_kept_and_told_by_nobody_else(world: Ground) -> None:
    here, there = world.webhooks
    old = replace(SECRET, until=later(60))
    whole = a_webhook(
        1, types=("task.failed",), keys=(SigningSecret.drawn(), old), description="the colourist’s", disabled="asked"
    )
    await here.add(whole, at_most=5)
    await here.add(a_webhook(2), at_most=5)
    assert await there.webhook("film", whole.webhook_id) == whole
    assert await there.webhooks("film") == [whole, a_webhook(2)]
    assert await there.webhooks("other") == []
    with pytest.raises(WebhookNotFoundError):
        await there.webhook("other", whole.webhook_id)
    assert SECRET.text not in repr(whole)
    assert "receiver" not in repr(whole)


async def test_a_project_has_no_more_webhooks_than_it_may_whoever_adds_at_once(world: Ground) -> None:
    adding = (world.webhooks[n % 2].add(a_webhook(n), at_most=3) for n in range(8))
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(isinstance(outcome, TooManyWebhooksError) for outcome in outcomes) == 5
    assert len(await world.webhooks[0].webhooks("film")) == 3


async def test_a_webhook_is_changed_and_removed_and_what_is_unknown_is_said_to_be(world: Ground) -> None:
    here, there = world.webhooks
    await here.add(a_webhook(), at_most=5)
    changed = replace(a_webhook(), url="https://elsewhere.example/", types=("task.succeeded",), disabled="asked")
    await there.replace(changed)
    assert await here.webhook("film", changed.webhook_id) == changed
    await there.remove("film", changed.webhook_id)
    assert await here.webhooks("film") == []
    with pytest.raises(WebhookNotFoundError):
        await here.replace(changed)
    with pytest.raises(WebhookNotFoundError):
        await here.remove("film", changed.webhook_id)


# --- what is owed --------------------------------------------------------------------------------------------------


async def test_every_kind_of_ending_is_owed_with_the_event_as_it_was_recorded(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    result = TaskResult(engine="script", artifacts=(), params={"steps": 2})
    ends: list[Event] = [
        TaskSucceeded(**of("t-1"), attempt=1, result=result, duration_s=1.5),
        TaskFailed(**of("t-2"), attempt=1, failure=Failure(code="HANDLER_ERROR", message="no")),
        TaskCancelled(**of("t-3"), attempt=1),
    ]
    recorded = []
    for event in ends:
        task_id = event.task_id  # type: ignore[union-attr]
        await world.buses[0].publish(queued(task_id))
        await world.buses[0].publish(TaskStarted(**of(task_id), attempt=1, worker="w"))
        assert await claim(world.outboxes[1]) == [], "what has not ended is owed to nobody"
        recorded.append(await world.buses[0].publish(event))
        (found,) = await claim(world.outboxes[1])
        assert found.delivery.recorded == recorded[-1]
        assert found.webhook == a_webhook()
        assert (found.delivery.attempts, found.failures, found.delivery.since) == (1, 0, START)
        assert await world.outboxes[1].settle(found, taken())
    assert await claim(world.outboxes[0], at=10**6) == []


async def test_an_ending_is_owed_to_each_who_hears_of_its_type_and_to_no_other(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(1), at_most=9)
    await world.webhooks[0].add(a_webhook(2, types=("task.failed", "task.cancelled")), at_most=9)
    await world.webhooks[0].add(a_webhook(3, types=("task.succeeded",)), at_most=9)
    await world.webhooks[0].add(a_webhook(4, disabled="asked"), at_most=9)
    await world.webhooks[0].add(a_webhook(5, project_id="other"), at_most=9)
    await endings(world, 1)
    found = await claim(world.outboxes[1])
    assert sorted(one.webhook.webhook_id for one in found) == [a_webhook(1).webhook_id, a_webhook(2).webhook_id]
    assert len({one.delivery.delivery_id for one in found}) == 2
    assert (await world.outboxes[0].dead("film", after=None, limit=9)).deliveries == [], "nor kept for later"


async def test_a_refused_ending_is_owed_to_nobody(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 1)
    with pytest.raises(TaskEndedError):
        await world.buses[1].publish(cancelled("t-000"))
    assert len(await claim(world.outboxes[0])) == 1


async def test_endings_that_are_recorded_together_are_owed_together_in_their_order(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    ids = [f"t-{number}" for number in range(5)]
    await world.buses[0].publish_all([queued(task_id) for task_id in ids])
    await world.buses[0].publish_all([cancelled(task_id) for task_id in ids])
    assert tasks(await claim(world.outboxes[1])) == ids


async def test_a_task_s_own_webhook_hears_of_it_alone_and_is_gone_then(world: Ground) -> None:
    own = TaskWebhook(url="https://own.example/", secret=SECRET)
    asked = await world.buses[0].publish(replace(queued("t-1"), webhook=own))
    assert asked.event == queued("t-1"), "what is told of the log has no secret in it"
    await world.buses[0].publish(queued("t-2"))
    for task_id in ("t-1", "t-2"):
        await world.buses[0].publish(cancelled(task_id))
    (found,) = await claim(world.outboxes[1])
    assert (found.webhook.task_id, found.webhook.url, found.webhook.keys) == ("t-1", own.url, (SECRET,))
    assert await world.webhooks[1].webhooks("film") == []
    assert (await world.buses[1].history("film", None, 10))[0].event == queued("t-1")
    assert await world.outboxes[0].settle(found, taken())
    assert await claim(world.outboxes[1], at=10**6) == []


async def test_own_webhooks_at_one_url_are_one_endpoint(world: Ground) -> None:
    for number in range(6):
        own = TaskWebhook(url=f"https://own.example/{number % 2}", secret=SECRET)
        await world.buses[0].publish(replace(queued(f"t-{number}"), webhook=own))
        await world.buses[0].publish(cancelled(f"t-{number}"))
    assert sorted(tasks(await claim(world.outboxes[1], per_endpoint=2))) == ["t-0", "t-1", "t-2", "t-3"]


# --- claims --------------------------------------------------------------------------------------------------------


async def test_what_one_has_claimed_no_other_gets_until_the_lease_ends(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 10)
    claims = await asyncio.gather(*(claim(world.outboxes[n % 2], limit=3) for n in range(8)))
    names = [one.delivery.delivery_id for some in claims for one in some]
    assert len(names) == len(set(names)) == 10
    assert await claim(world.outboxes[0], at=1000 + LEASE_S - 1) == []
    over = await claim(world.outboxes[1], at=1000 + LEASE_S)
    assert sorted(one.delivery.delivery_id for one in over) == sorted(names)
    assert {one.delivery.attempts for one in over} == {2}


async def test_who_outlived_his_lease_changes_nothing_any_more_unless_it_was_taken(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 1)
    (early,) = await claim(world.outboxes[0])
    (late,) = await claim(world.outboxes[1], at=1000 + LEASE_S)
    assert not await world.outboxes[0].settle(early, dead(1031))
    assert not await world.outboxes[0].settle(early, again(1031, 9000))
    assert await world.outboxes[0].settle(early, taken(1032)), "it is at the receiver"
    assert not await world.outboxes[1].settle(late, again(1033, 1034))
    assert await claim(world.outboxes[0], at=10**6) == []
    assert (await world.outboxes[0].dead("film", after=None, limit=5)).deliveries == []


async def test_what_is_due_first_comes_first(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    ids = await endings(world, 5)
    assert tasks(await claim(world.outboxes[1], at=2)) == ids[:3], "the others have not happened yet"
    assert tasks(await claim(world.outboxes[1])) != ids[:3]


async def test_what_was_not_taken_is_due_again_when_the_verdict_says(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 1)
    (first,) = await claim(world.outboxes[0])
    assert await world.outboxes[0].settle(first, again(1001, 1050))
    assert await claim(world.outboxes[1], at=1049) == []
    (second,) = await claim(world.outboxes[1], at=1050)
    assert second.delivery.delivery_id == first.delivery.delivery_id
    assert (second.delivery.attempts, second.failures, second.delivery.reason) == (2, 1, "answers 500")


async def test_of_one_endpoint_a_few_are_claimed_at_a_time_by_all_together(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 10)
    here = await claim(world.outboxes[0], per_endpoint=3)
    assert len(here) == 3
    assert await claim(world.outboxes[1], per_endpoint=3) == []
    assert await world.outboxes[0].settle(here[0], taken())
    assert len(await claim(world.outboxes[1], per_endpoint=3)) == 1
    assert len(await claim(world.outboxes[0], at=1000 + LEASE_S, per_endpoint=3)) == 3, "whose holders are dead"


async def test_an_endpoint_that_failed_often_is_tried_once_at_a_time_and_when_it_has_rested(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 10)
    for failing in await claim(world.outboxes[0], limit=3):
        assert await world.outboxes[0].settle(failing, again(1001, 5000, rest_until=1100))
    assert await claim(world.outboxes[1], at=1099) == []
    (probe,) = await claim(world.outboxes[1], at=1100)
    assert probe.failures == 3
    assert await claim(world.outboxes[0], at=1101) == []
    assert await world.outboxes[1].settle(probe, taken(1102))
    assert len(await claim(world.outboxes[0], at=1102)) == 6, "it is up again: all that is due"


async def test_who_rests_or_is_full_delays_no_other(world: Ground) -> None:
    for number in range(1, 7):
        await world.webhooks[0].add(a_webhook(number), at_most=9)
    await endings(world, 8)
    for _ in range(3):
        for one in await claim(world.outboxes[0], at=100, limit=100, per_endpoint=1):
            if one.webhook.webhook_id != a_webhook(6).webhook_id:
                assert await world.outboxes[0].settle(one, again(100, 101, rest_until=9000))
            else:
                assert await world.outboxes[0].settle(one, again(100, 101))
    found = await claim(world.outboxes[1], at=200, limit=3)
    assert {one.webhook.webhook_id for one in found} == {a_webhook(6).webhook_id}


async def test_new_endings_do_not_wake_an_endpoint_that_rests(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await world.buses[0].publish(queued("t-x"))
    await endings(world, 1)
    (one,) = await claim(world.outboxes[0])
    assert await world.outboxes[0].settle(one, again(1001, 5000, rest_until=1100))
    await world.buses[1].publish(cancelled("t-x", later(1010)))
    assert await claim(world.outboxes[1], at=1099) == []
    assert tasks(await claim(world.outboxes[1], at=1100)) == ["t-x"]


async def test_what_is_owed_to_one_who_was_removed_goes_and_to_one_who_is_disabled_dies(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(1), at_most=5)
    await world.webhooks[0].add(a_webhook(2), at_most=5)
    await endings(world, 2)
    await world.webhooks[1].remove("film", a_webhook(1).webhook_id)
    await world.webhooks[1].replace(a_webhook(2, disabled="asked"))
    for _ in range(3):
        assert await claim(world.outboxes[0]) == []
    letters = (await world.outboxes[1].dead("film", after=None, limit=9)).deliveries
    assert [letter.webhook_id for letter in letters] == [a_webhook(2).webhook_id] * 2
    assert {letter.reason for letter in letters} == {"its webhook is disabled"}
    assert (await world.outboxes[0].backlog()).waiting == 0


async def test_what_changes_about_a_webhook_counts_for_what_waits(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 1)
    moved = a_webhook(url="https://elsewhere.example/", keys=(SigningSecret.drawn(),))
    await world.webhooks[1].replace(moved)
    (found,) = await claim(world.outboxes[0])
    assert found.webhook == moved


async def test_one_who_answers_that_it_is_gone_is_disabled(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 2)
    one, other = await claim(world.outboxes[0])
    assert await world.outboxes[0].settle(one, Verdict(taken=False, at=later(1001), reason="answers 410", gone=True))
    assert (await world.webhooks[1].webhook("film", one.webhook.webhook_id)).disabled == "gone"
    assert await world.outboxes[0].settle(other, again(1001, 1002))
    assert await claim(world.outboxes[1], at=2000) == []
    assert len((await world.outboxes[1].dead("film", after=None, limit=9)).deliveries) == 2
    await world.buses[0].publish(queued("t-x"))
    await world.buses[0].publish(cancelled("t-x", later(3000)))
    assert await claim(world.outboxes[1], at=4000) == []


# --- dead letters --------------------------------------------------------------------------------------------------


async def test_what_was_given_up_is_listed_the_newest_first_page_by_page(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 7)
    for number, one in enumerate(await claim(world.outboxes[0])):
        assert await world.outboxes[0].settle(one, dead(1001 + number // 2))  # some at the same time
    assert await claim(world.outboxes[1], at=10**6) == []
    whole = await world.outboxes[1].dead("film", after=None, limit=50)
    assert whole.next is None
    assert [letter.died_at for letter in whole.deliveries] == [later(1001 + n) for n in (3, 2, 2, 1, 1, 0, 0)]
    assert {(letter.reason, letter.attempts) for letter in whole.deliveries} == {("answers 500", 1)}
    paged, after = [], None
    for size in (3, 3, 3):
        page = await world.outboxes[0].dead("film", after=after, limit=size)
        paged += page.deliveries
        after = page.next
    assert paged == whole.deliveries
    assert after is None
    assert (await world.outboxes[0].dead("other", after=None, limit=5)).deliveries == []
    for nowhere in ("", "x", "1", "-1/x", "9" * 30 + "/x"):
        with pytest.raises(InvalidRequestError):
            await world.outboxes[0].dead("film", after=nowhere, limit=5)


async def test_a_dead_letter_is_replayed_once_and_as_if_it_had_happened_now(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 2)
    one, other = await claim(world.outboxes[0])
    for letter in (one, other):
        assert await world.outboxes[0].settle(letter, dead(1001))
    name = one.delivery.delivery_id
    assert await world.outboxes[1].replay("film", name, later(2000), limit=1) == 1
    with pytest.raises(DeadLetterNotFoundError):
        await world.outboxes[0].replay("film", name, later(2000), limit=1)
    with pytest.raises(DeadLetterNotFoundError):
        await world.outboxes[0].replay("other", other.delivery.delivery_id, later(2000), limit=1)
    assert await claim(world.outboxes[0], at=1999) == []
    (found,) = await claim(world.outboxes[0], at=2000)
    assert (found.delivery.delivery_id, found.delivery.attempts, found.delivery.since) == (name, 1, later(2000))
    assert [left.delivery_id for left in (await world.outboxes[0].dead("film", after=None, limit=9)).deliveries] == [
        other.delivery.delivery_id
    ]


async def test_all_dead_letters_are_replayed_some_at_a_time(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    ids = await endings(world, 5)
    for one in await claim(world.outboxes[0]):
        assert await world.outboxes[0].settle(one, dead(1001))
    assert await world.outboxes[1].replay("film", None, later(2000), limit=3) == 3
    assert await world.outboxes[1].replay("film", None, later(2000), limit=3) == 2
    assert await world.outboxes[1].replay("film", None, later(2000), limit=3) == 0
    assert sorted(tasks(await claim(world.outboxes[0], at=2000))) == ids


async def test_a_dead_letter_of_a_task_s_own_webhook_can_be_replayed(world: Ground) -> None:
    own = TaskWebhook(url="https://own.example/", secret=SECRET)
    await world.buses[0].publish(replace(queued("t-1"), webhook=own))
    await world.buses[0].publish(cancelled("t-1"))
    (found,) = await claim(world.outboxes[1])
    assert await world.outboxes[0].settle(found, Verdict(taken=False, at=later(1001), reason="answers 410", gone=True))
    assert await world.outboxes[1].replay("film", None, later(2000), limit=9) == 1
    (found,) = await claim(world.outboxes[1], at=2000)
    assert found.webhook.url == own.url


async def test_others_that_waited_too_long_for_the_same_endpoint_are_given_up_with_one(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(1), at_most=5)
    await world.webhooks[0].add(a_webhook(2), at_most=5)
    await endings(world, 6)
    one = next(c for c in await claim(world.outboxes[0], per_endpoint=1) if c.webhook == a_webhook(1))
    verdict = replace(again(1001, 2000, rest_until=1500), given_up_before=later(3))
    assert await world.outboxes[0].settle(one, verdict)
    letters = (await world.outboxes[1].dead("film", after=None, limit=9)).deliveries
    assert one.delivery.task_id == "t-000"
    assert sorted(letter.task_id for letter in letters) == ["t-000", "t-001", "t-002", "t-003"]
    assert {letter.webhook_id for letter in letters} == {a_webhook(1).webhook_id}


async def test_dead_letters_that_are_too_old_go(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 6)
    for number, one in enumerate(await claim(world.outboxes[0])):
        assert await world.outboxes[0].settle(one, dead(2000 + number))
    assert await world.outboxes[1].expire(later(2000), 100) == 0
    assert await world.outboxes[1].expire(later(2004), 3) == 3
    assert await world.outboxes[1].expire(later(2004), 3) == 1
    assert await world.outboxes[1].expire(later(2004), 3) == 0
    left = (await world.outboxes[0].dead("film", after=None, limit=9)).deliveries
    assert [letter.died_at for letter in left] == [later(2005), later(2004)]
    assert await world.outboxes[1].expire(later(9000), 3) == 2


async def test_what_waits_is_counted_over_all_projects(world: Ground) -> None:
    assert (await world.outboxes[0].backlog()).waiting == 0
    for project_id in ("film", "other"):
        await world.webhooks[0].add(a_webhook(project_id=project_id), at_most=5)
        await endings(world, 3, project_id)
    backlog = await world.outboxes[1].backlog()
    assert (backlog.waiting, backlog.oldest_at) == (6, START)
    claims = await claim(world.outboxes[0], at=1)
    for one in claims:
        assert await world.outboxes[0].settle(one, taken(1))
    backlog = await world.outboxes[1].backlog()
    assert (backlog.waiting, backlog.oldest_at) == (2, later(2))


# --- the end of a project ------------------------------------------------------------------------------------------


async def test_an_ending_that_comes_while_another_finds_nothing_is_found_next(world: Ground) -> None:
    """Also where who finds nothing takes the project off the list of where to look: whoever enters it in between has
    entered it later."""
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 1)
    (first,) = await claim(world.outboxes[0])
    assert await world.outboxes[0].settle(first, taken())

    async def meanwhile() -> None:
        await world.buses[1].publish(queued("t-late"))
        await world.buses[1].publish(cancelled("t-late", later(5)))

    with pytest.MonkeyPatch.context() as patch, just_before(RELIST, world.outboxes[0], meanwhile) as was_between:
        patch.setattr(redis_outbox, "_APPENDING_US", 0)  # as if it had been entered long ago
        found = [*await claim(world.outboxes[0], at=1000 + 2 * LEASE_S)]
    if not was_between():  # who looks in one step leaves nothing between
        await meanwhile()
    found += await claim(world.outboxes[1], at=1001 + 2 * LEASE_S)
    assert tasks(found) == ["t-late"]


async def test_what_dies_while_the_dead_of_before_go_goes_in_its_time_too(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 2)
    first, second = await claim(world.outboxes[0])
    assert await world.outboxes[0].settle(first, dead(1001))

    async def meanwhile() -> None:
        assert await world.outboxes[1].expire(later(1500), limit=10) == 1

    with just_before(SETTLE, world.outboxes[0], meanwhile) as was_between:
        assert await world.outboxes[0].settle(second, dead(2000))
    if not was_between():
        await meanwhile()
    assert await world.outboxes[1].expire(later(3000), limit=10) == 1
    assert (await world.outboxes[1].dead("film", after=None, limit=5)).deliveries == []


async def test_what_died_because_its_webhook_was_disabled_goes_in_its_time(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    await endings(world, 3)
    await world.webhooks[0].replace(replace(a_webhook(), disabled="asked"))
    assert await claim(world.outboxes[0], at=1000) == []
    assert len((await world.outboxes[1].dead("film", after=None, limit=5)).deliveries) == 3
    assert await world.outboxes[1].expire(later(3000), limit=10) == 3


@contextlib.contextmanager
def just_before(
    script: Script, outbox: WebhookOutbox, meanwhile: Callable[[], Awaitable[None]]
) -> Iterator[Callable[[], bool]]:
    """On Redis: has somebody act once between two steps of another, of which the second is the script. Gives whether
    that came to pass."""
    happened = False
    evaluate = RedisDatabase.evaluate

    async def interrupted(self: RedisDatabase, asked: Script, *args: Any) -> Any:
        nonlocal happened
        if asked is script and not happened:
            happened = True
            await meanwhile()
        return await evaluate(self, asked, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisDatabase, "evaluate", interrupted)
        yield lambda: happened
    assert happened == isinstance(outbox, redis_outbox.RedisWebhookOutbox)


async def test_with_its_project_goes_who_hears_of_it_and_what_is_owed(world: Ground) -> None:
    await world.webhooks[0].add(a_webhook(), at_most=5)
    own = TaskWebhook(url="https://own.example/", secret=SECRET)
    await world.buses[0].publish(replace(queued("t-x"), webhook=own))
    await world.buses[0].publish(cancelled("t-x"))
    await endings(world, 3)
    (held, letter, *_) = await claim(world.outboxes[0])
    assert await world.outboxes[0].settle(letter, dead(1001))
    await world.buses[0].publish(ProjectDeleted(project_id="film", at=later(1002)))
    for about in (
        world.webhooks[1].webhooks("film"),
        world.webhooks[1].webhook("film", a_webhook().webhook_id),
        world.webhooks[1].add(a_webhook(2), at_most=5),
        world.webhooks[1].replace(a_webhook()),
        world.webhooks[1].remove("film", a_webhook().webhook_id),
        world.outboxes[1].dead("film", after=None, limit=5),
        world.outboxes[1].replay("film", None, later(2000), limit=5),
    ):
        with pytest.raises(ProjectDeletedError):
            await about
    await world.outboxes[0].settle(held, again(1003, 1004))
    assert await claim(world.outboxes[1], at=10**6) == []
    while not await world.stores[1].purge("film", 2):
        pass
    assert (await world.outboxes[1].backlog()).waiting == 0
    assert await claim(world.outboxes[1], at=10**6) == []


@pytest.mark.parametrize("backend", ["redis", "fakeredis", "sqlite"])
async def test_of_a_project_that_is_gone_no_secret_stays(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with ground(backend, tmp_path, lambda: request.getfixturevalue("redis_server")) as world:
        await world.webhooks[0].add(a_webhook(), at_most=5)
        own = TaskWebhook(url="https://own.example/", secret=SECRET)
        await world.buses[0].publish(replace(queued("t-x"), webhook=own))
        await world.buses[0].publish(cancelled("t-x"))
        await endings(world, 3)
        for one in (await claim(world.outboxes[0]))[:2]:
            assert await world.outboxes[0].settle(one, dead(1001))
        assert await _kept_of_webhooks(world)
        await world.buses[0].publish(ProjectDeleted(project_id="film", at=later(1002)))
        while not await world.stores[1].purge("film", 2):
            pass
        assert await _kept_of_webhooks(world) == []


async def _kept_of_webhooks(world: Ground) -> list[Any]:
    database = world.outboxes[0]._database  # type: ignore[attr-defined]
    if isinstance(database, RedisDatabase):
        (keys,) = await database.execute(("KEYS", f"{database.key('')}*}}:wh:*"))
        return list(keys)

    def rows(connection: Any) -> list[Any]:
        tables = ("webhooks", "endpoints", "deliveries")
        return [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]

    return list(await database.call(rows))
