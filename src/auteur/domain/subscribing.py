"""Who is told of a project's endings: makes, changes and removes webhooks, and replays what they missed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from auteur.domain.errors import InvalidRequestError
from auteur.domain.ports import Clock, NewId, WebhookOutbox, WebhookSender, WebhookStore
from auteur.domain.signing import SigningSecret, parse_webhook_url
from auteur.domain.task import parse_project_id
from auteur.domain.text import line_problem
from auteur.domain.webhooks import ENDING_TYPES, DeadLetters, EndingType, Webhook

MAX_DESCRIPTION_LENGTH = 200
_REPLAYED_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanges:
    """What shall differ; None for what stays."""

    url: str | None = None
    types: Sequence[EndingType] | None = None
    description: str | None = None
    enabled: bool | None = None


class WebhookOffice:
    """The one door to webhooks of projects. ``at_most``: webhooks of a project; ``overlap``: for how long a secret
    counts still after a new one was drawn. Raises everywhere what `parse_project_id`, the store and the outbox do."""

    def __init__(
        self,
        store: WebhookStore,
        outbox: WebhookOutbox,
        sender: WebhookSender,
        clock: Clock,
        new_id: NewId,
        *,
        at_most: int,
        overlap: timedelta,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._new_id = new_id
        self._at_most = at_most
        self._overlap = overlap

    async def create(
        self, project_id: str, url: str, types: Sequence[EndingType] = ENDING_TYPES, description: str = ""
    ) -> Webhook:
        """A new one, with its secret. Raises `InvalidRequestError`, `TooManyWebhooksError`."""
        webhook = Webhook(
            webhook_id=f"wh_{self._new_id().replace('-', '')}",
            project_id=parse_project_id(project_id),
            url=self._checked(url),
            keys=(SigningSecret.drawn(),),
            created_at=self._clock(),
            types=_distinct(types),
            description=_line(description),
        )
        await self._store.add(webhook, at_most=self._at_most)
        return webhook

    async def read(self, project_id: str, webhook_id: str) -> Webhook:
        return await self._store.webhook(parse_project_id(project_id), webhook_id)

    async def all(self, project_id: str) -> Sequence[Webhook]:
        """The oldest first."""
        return await self._store.webhooks(parse_project_id(project_id))

    async def change(self, project_id: str, webhook_id: str, changes: WebhookChanges) -> Webhook:
        """As it is then. Raises `InvalidRequestError`, `WebhookNotFoundError`."""
        webhook = await self.read(project_id, webhook_id)
        if changes.url is not None:
            webhook = replace(webhook, url=self._checked(changes.url))
        if changes.types is not None:
            webhook = replace(webhook, types=_distinct(changes.types))
        if changes.description is not None:
            webhook = replace(webhook, description=_line(changes.description))
        if changes.enabled is not None:
            webhook = replace(webhook, disabled=None if changes.enabled else webhook.disabled or "asked")
        await self._store.replace(webhook)
        return webhook

    async def rotate(self, project_id: str, webhook_id: str) -> Webhook:
        """With a new secret; the one before counts for a while still."""
        webhook = await self.read(project_id, webhook_id)
        webhook = webhook.rotated(SigningSecret.drawn(), self._clock(), self._overlap)
        await self._store.replace(webhook)
        return webhook

    async def remove(self, project_id: str, webhook_id: str) -> None:
        await self._store.remove(parse_project_id(project_id), webhook_id)

    async def dead_letters(self, project_id: str, *, after: str | None, limit: int) -> DeadLetters:
        """The newest first."""
        return await self._outbox.dead(parse_project_id(project_id), after=after, limit=limit)

    async def replay(self, project_id: str, delivery_id: str) -> None:
        """Has one wait again."""
        await self._outbox.replay(parse_project_id(project_id), delivery_id, self._clock(), limit=1)

    async def replay_all(self, project_id: str) -> int:
        """Has all wait again; how many. One that dies meanwhile may stay."""
        parse_project_id(project_id)
        now, replayed = self._clock(), 0
        while some := await self._outbox.replay(project_id, None, now, limit=_REPLAYED_AT_ONCE):
            replayed += some
            if some < _REPLAYED_AT_ONCE:
                break
        return replayed

    def _checked(self, url: str) -> str:
        parse_webhook_url(url)
        self._sender.check(url)
        return url


def _distinct(types: Sequence[EndingType]) -> tuple[EndingType, ...]:
    """In the order of all. Raises `InvalidRequestError` where there is none."""
    if not types:
        problem = f"needs one at least of {', '.join(ENDING_TYPES)}"
        raise InvalidRequestError(f"types {problem}", problems=[{"field": "types", "message": problem}])
    return tuple(kind for kind in ENDING_TYPES if kind in types)


def _line(text: str) -> str:
    problem = line_problem(text)
    if problem is None and len(text) > MAX_DESCRIPTION_LENGTH:
        problem = f"has more than {MAX_DESCRIPTION_LENGTH} characters"
    if problem:
        raise InvalidRequestError(
            f"description {problem}", problems=[{"field": "description", "message": problem}]
        )  # fmt: skip
    return text
