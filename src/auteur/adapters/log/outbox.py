"""Webhooks and deliveries as they are kept, whatever keeps them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from auteur.domain.errors import InvalidRequestError
from auteur.domain.events import Event, TaskQueued
from auteur.domain.signing import TaskWebhook
from auteur.domain.webhooks import Webhook
from auteur.protocol.model import Adapter

_WEBHOOK = Adapter(Webhook)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

DISABLED = "its webhook is disabled"
RECEIVER_DOWN = "its receiver took nothing for too long"
EXPIRED_AT_ONCE = 100
"""How many deliveries one verdict gives up beside its own."""


def encode_webhook(webhook: Webhook) -> bytes:
    """With its secrets, for the database alone."""
    return _WEBHOOK.dump_json(webhook)


def decode_webhook(data: bytes | str) -> Webhook:
    """What `encode_webhook` wrote."""
    return _WEBHOOK.validate_json(data)


def microseconds(at: datetime) -> int:
    """A time as databases keep it."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """The time that `microseconds` gave."""
    return _EPOCH + at_us * _MICROSECOND


def taken_apart(event: Event) -> tuple[Event, TaskWebhook | None]:
    """The event as the log has it, and what is kept beside it."""
    if isinstance(event, TaskQueued) and event.webhook is not None:
        return replace(event, webhook=None), event.webhook
    return event, None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of dead letters begins: behind the one that died then."""

    died_us: int
    delivery_id: str

    def __str__(self) -> str:
        return f"{self.died_us}/{self.delivery_id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """What `str` wrote. Raises `InvalidRequestError`."""
        died, _, name = text.partition("/")
        if not (died.isdecimal() and died.isascii() and len(died) <= 17 and name and len(name) <= 256):
            raise InvalidRequestError("This is no place in the list of dead letters.")
        return cls(int(died), name)
