"""Webhooks: who is told of a project's endings, what waits to be told, and how often it is tried."""

import hashlib
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from auteur.domain.events import Event, RecordedEvent, TaskCancelled, TaskFailed, TaskQueued, TaskSucceeded
from auteur.domain.signing import SigningSecret, TaskWebhook

EndingType = Literal["task.succeeded", "task.failed", "task.cancelled"]
ENDING_TYPES: tuple[EndingType, ...] = get_args(EndingType)
DisabledBecause = Literal["asked", "gone"]
"""A person said so, or the receiver answered 410."""
_OWN = uuid.UUID("5b7d4f2e-2d0a-4a39-9d53-8d1f6b0f7c11")


def ending_type(event: Event) -> EndingType | None:
    """The type of message that tells of the event; None for what is no ending."""
    match event:
        case TaskSucceeded():
            return "task.succeeded"
        case TaskFailed():
            return "task.failed"
        case TaskCancelled():
            return "task.cancelled"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A subscription to the endings of a project's tasks or, where ``task_id`` is set, to that of one task.

    ``keys``: the secrets that sign, the newest first. ``types``: what it hears of. ``disabled``: why it hears nothing,
    None while it does. Url and secrets are in no repr.
    """

    webhook_id: str
    project_id: str
    url: str = field(repr=False)
    keys: tuple[SigningSecret, ...] = field(repr=False)
    created_at: datetime
    types: tuple[EndingType, ...] = ENDING_TYPES
    description: str = ""
    disabled: DisabledBecause | None = None
    task_id: str | None = None

    @property
    def endpoint(self) -> str:
        """What is tried, waited for and spared as one: a subscription, or all tasks' own webhooks with the same url."""
        if self.task_id is None:
            return self.webhook_id
        return f"url_{hashlib.sha256(self.url.encode()).hexdigest()[:32]}"

    def hears(self, kind: EndingType) -> bool:
        """Whether an ending of that type is for it, now."""
        return self.disabled is None and kind in self.types

    def rotated(self, new: SigningSecret, now: datetime, overlap: timedelta) -> "Webhook":
        """With a new secret; the one before counts for the overlap still, and none before that one."""
        before = [replace(key, until=min(key.until or now + overlap, now + overlap)) for key in self.keys[:1]]
        return replace(self, keys=(new, *(key for key in before if overlap and key.counts(now))))


def own_webhook(event: TaskQueued, given: TaskWebhook) -> Webhook:
    """The subscription that a task brings with it."""
    return Webhook(
        webhook_id=f"wh_{uuid.uuid5(_OWN, f'{event.project_id}/{event.task_id}').hex}",
        project_id=event.project_id,
        task_id=event.task_id,
        url=given.url,
        keys=(given.secret,),
        created_at=event.at,
    )


def delivery_id(recorded: RecordedEvent, webhook_id: str) -> str:
    """Names one message to one subscription, the same at every attempt: what the receiver knows repeats by. It has no
    dot, for the signature separates by dots, and sorts as the log does. On Redis `owe.lua` says the same."""
    position = recorded.position
    return f"msg_{position.epoch}-{position.seq:012d}-{webhook_id.removeprefix('wh_')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An ending that a subscription is to hear of. ``since``: when it began to wait, that is when it happened, or was
    replayed. ``attempts``: begun since then. ``died_at``: when it was given up, None while it waits; ``reason``: what
    was wrong at the last attempt, in words for people."""

    delivery_id: str
    webhook_id: str
    endpoint: str
    recorded: RecordedEvent
    since: datetime
    attempts: int = 0
    died_at: datetime | None = None
    reason: str = ""

    @property
    def project_id(self) -> str:
        return self.recorded.event.project_id

    @property
    def task_id(self) -> str:
        return getattr(self.recorded.event, "task_id", "")

    @property
    def type(self) -> EndingType:
        kind = ending_type(self.recorded.event)
        assert kind is not None
        return kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that whoever holds this may attempt, until its lease ends. ``failures``: how often the endpoint failed
    since it last took anything."""

    webhook: Webhook
    delivery: Delivery
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an attempt came to. ``again_at``: when the delivery is due again; None: it is given up, unless ``taken``.
    ``rest_until``: before that the endpoint is not asked again; None: at once. ``gone``: it wants nothing any more.
    ``given_up_before``: some of what waits for the same endpoint since before then is given up, too."""

    taken: bool
    at: datetime
    reason: str = ""
    again_at: datetime | None = None
    rest_until: datetime | None = None
    gone: bool = False
    given_up_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """A page of what was given up, the newest first; it may have fewer than there was room for, and still a ``next``.
    ``next``: where the next page begins, None at the end."""

    deliveries: Sequence[Delivery]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits over all projects. ``oldest_at``: when the oldest of it happened."""

    waiting: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a receiver answered. ``status``: None where it did not; ``reason``: in words for people, nothing of its
    own."""

    status: int | None
    reason: str

    @property
    def taken(self) -> bool:
        """Only 2xx is: a redirect is not followed, for what it leads to was not asked for."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When what was not taken is tried again.

    A delivery: after ``first_s``, then three times as long each time, at most ``longest_s``; what fails when it is
    ``give_up_s`` old is a dead letter. An endpoint that failed ``rest_after`` times in a row rests: then one delivery
    at a time is tried there, after ``first_s``, then twice as long each time, at most ``longest_rest_s``. All waits are
    shortened by up to a fifth, by chance, so that what failed together does not come back together.
    """

    first_s: float = 5.0
    longest_s: float = 4 * 3600.0
    give_up_s: float = 86_400.0
    rest_after: int = 5
    longest_rest_s: float = 300.0
    chance: Callable[[], float] = random.random

    def wait_s(self, attempts: int) -> float:
        """How long after the attempt of that number, 1 is the first."""
        return self._jittered(min(self.first_s * 3.0 ** min(attempts - 1, 40), self.longest_s))

    def rest_s(self, failures: int) -> float:
        """How long an endpoint rests that failed so often in a row."""
        over = failures - self.rest_after
        return self._jittered(min(self.first_s * 2.0 ** min(over, 40), self.longest_rest_s)) if over >= 0 else 0.0

    def verdict(self, claim: Claim, answer: Answer, now: datetime) -> Verdict:
        """What follows from an answer."""
        if answer.taken:
            return Verdict(taken=True, at=now)
        if answer.gone:
            return Verdict(taken=False, at=now, reason=answer.reason, gone=True)
        oldest = now - timedelta(seconds=self.give_up_s)
        gives_up = claim.delivery.since <= oldest
        rest_s = self.rest_s(claim.failures + 1)
        return Verdict(
            taken=False,
            at=now,
            reason=answer.reason,
            again_at=None if gives_up else now + timedelta(seconds=self.wait_s(claim.delivery.attempts)),
            rest_until=now + timedelta(seconds=rest_s) if rest_s else None,
            given_up_before=oldest if rest_s else None,
        )

    def _jittered(self, seconds: float) -> float:
        return seconds * (1 - 0.2 * self.chance())
