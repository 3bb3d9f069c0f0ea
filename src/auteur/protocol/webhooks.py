"""Webhooks and dead letters as HTTP takes and shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from auteur.domain.errors import InvalidRequestError
from auteur.domain.signing import MAX_URL_LENGTH, SigningSecret, TaskWebhook
from auteur.domain.subscribing import MAX_DESCRIPTION_LENGTH, WebhookChanges
from auteur.domain.webhooks import ENDING_TYPES, DeadLetters, Delivery, DisabledBecause, EndingType, Webhook
from auteur.protocol.model import Model

_URL = "An https: url, without user and fragment; of a public host at port 443, unless the operator lists it."


class WebhookCreation(Model):
    """The body of a request for a webhook."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str = Field(
        min_length=1, max_length=MAX_URL_LENGTH, repr=False, description=_URL, examples=["https://studio.example/hook"]
    )
    types: list[EndingType] = Field(
        default_factory=lambda: list(ENDING_TYPES), min_length=1, description="What it hears of; all, if left out."
    )
    description: str = Field("", max_length=MAX_DESCRIPTION_LENGTH, description="One line, for people.")


class WebhookPatch(Model):
    """What of a webhook shall differ; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: str | None = Field(None, min_length=1, max_length=MAX_URL_LENGTH, repr=False, description=_URL)
    types: list[EndingType] | None = Field(None, min_length=1)
    description: str | None = Field(None, max_length=MAX_DESCRIPTION_LENGTH)
    enabled: bool | None = Field(None, description="What waits for one that is disabled becomes dead letters.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("needs url, types, description or enabled")
        return self

    def changes(self) -> WebhookChanges:
        """As the domain takes it."""
        return WebhookChanges(url=self.url, types=self.types, description=self.description, enabled=self.enabled)


class TaskWebhookRequest(Model):
    """Who shall hear of the task's ending, and the secret that the message is signed with. Neither is shown again."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    url: str = Field(
        min_length=1, max_length=MAX_URL_LENGTH, repr=False, examples=["https://studio.example/hook"],
        description="As of a project's webhook.",
    )  # fmt: skip
    secret: str = Field(
        min_length=1, max_length=128, repr=False, description="`whsec_` and the base64 of 24 to 64 random bytes."
    )

    @field_validator("secret")
    @classmethod
    def _signs(cls, value: str) -> str:
        try:
            SigningSecret.parse(value)
        except InvalidRequestError as error:
            raise ValueError(error.details["problems"][0]["message"]) from None
        return value

    def given(self) -> TaskWebhook:
        """As the domain takes it."""
        return TaskWebhook(url=self.url, secret=SigningSecret(self.secret))


class WebhookView(Model):
    """A webhook. ``disabled``: why it hears nothing: ``asked``, or ``gone``, its receiver answered 410."""

    webhook_id: str
    project_id: str
    url: str = Field(repr=False)
    types: list[EndingType]
    description: str
    enabled: bool
    disabled: DisabledBecause | None = None
    created_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """Without its secrets."""
        return cls(
            webhook_id=webhook.webhook_id,
            project_id=webhook.project_id,
            url=webhook.url,
            types=list(webhook.types),
            description=webhook.description,
            enabled=webhook.disabled is None,
            disabled=webhook.disabled,
            created_at=webhook.created_at,
        )


class SecretWebhookView(WebhookView):
    """The same with its new ``secret``, which is shown this once."""

    secret: str = Field(repr=False, description="`whsec_…`, as libraries for Standard Webhooks take it.")

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """With its newest secret."""
        return cls(**WebhookView.of(webhook).model_dump(), secret=webhook.keys[0].text)


class WebhookListView(Model):
    """A project's webhooks, the oldest first."""

    webhooks: list[WebhookView]

    @classmethod
    def of(cls, webhooks: Sequence[Webhook]) -> Self:
        return cls(webhooks=[WebhookView.of(webhook) for webhook in webhooks])


class DeadLetterView(Model):
    """A message that was given up. ``delivery_id``: its ``webhook-id``; ``occurred_at``: when the task ended;
    ``reason``: what was wrong at the last attempt."""

    delivery_id: str
    webhook_id: str
    task_id: str
    type: EndingType
    occurred_at: datetime
    died_at: datetime
    attempts: int
    reason: str

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        assert delivery.died_at is not None
        return cls(
            delivery_id=delivery.delivery_id,
            webhook_id=delivery.webhook_id,
            task_id=delivery.task_id,
            type=delivery.type,
            occurred_at=delivery.recorded.event.at,
            died_at=delivery.died_at,
            attempts=delivery.attempts,
            reason=delivery.reason,
        )


class DeadLetterListView(Model):
    """A page of dead letters, the newest first. ``next``: the cursor of the next page."""

    dead_letters: list[DeadLetterView]
    next: str | None = None

    @classmethod
    def of(cls, page: DeadLetters) -> Self:
        return cls(dead_letters=[DeadLetterView.of(delivery) for delivery in page.deliveries], next=page.next)


class ReplayView(Model):
    """How many messages wait again."""

    replayed: int
