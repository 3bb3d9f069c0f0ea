"""Signatures by which a receiver knows that a message is ours and new (Standard Webhooks, https://www.standardwebhooks.com).

A secret is written ``whsec_`` and base64 of 24 to 64 random bytes. What is signed is ``id.timestamp.body``, with
HMAC-SHA256; a message may carry several signatures, so that a secret can be exchanged while both count.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from auteur.domain.errors import InvalidRequestError
from auteur.domain.text import line_problem

PREFIX = "whsec_"
_BYTES = 32
_FEWEST_BYTES, _MOST_BYTES = 24, 64
MAX_URL_LENGTH = 2048


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """``text``: as a person copies it; in no repr. ``until``: when it ceases to count, None for never."""

    text: str = field(repr=False)
    until: datetime | None = None

    @classmethod
    def drawn(cls) -> "SigningSecret":
        """A new one."""
        return cls(PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode())

    @classmethod
    def parse(cls, text: str, name: str = "secret") -> "SigningSecret":
        """One that a caller brings. Raises `InvalidRequestError` that names the field and repeats nothing of it."""
        try:
            size = len(_key(text)) if text.startswith(PREFIX) else 0
        except ValueError:
            size = 0
        if not _FEWEST_BYTES <= size <= _MOST_BYTES:
            problem = f"must be {PREFIX} and the base64 of {_FEWEST_BYTES} to {_MOST_BYTES} random bytes"
            raise InvalidRequestError(f"{name} {problem}", problems=[{"field": name, "message": problem}])
        return cls(text)

    def counts(self, now: datetime) -> bool:
        """Whether messages are signed with it now."""
        return self.until is None or now < self.until

    def signature(self, message_id: str, timestamp_s: int, body: bytes) -> str:
        """``v1,`` and base64, of one message."""
        signed = f"{message_id}.{timestamp_s}.".encode() + body
        return "v1," + base64.b64encode(hmac.digest(_key(self.text), signed, hashlib.sha256)).decode()


def _key(text: str) -> bytes:
    """Raises `ValueError`."""
    try:
        return base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("no base64") from None


def signed_headers(keys: Sequence[SigningSecret], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of one attempt: id, time and one signature for each secret that counts then, the newest first."""
    timestamp_s = int(at.timestamp())
    signatures = [key.signature(message_id, timestamp_s, body) for key in keys if key.counts(at)]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWebhook:
    """Who hears of one task's ending, named by who asked for the task. Neither is in any repr: a url may be one that
    only its owner knows."""

    url: str = field(repr=False)
    secret: SigningSecret


def parse_webhook_url(text: str, name: str = "url") -> str:
    """The text, if it can be a url that messages are sent to, as far as its form tells; whether its host may be asked
    is for `WebhookSender.check`. Raises `InvalidRequestError` that repeats nothing of it."""

    def refuse(problem: str) -> InvalidRequestError:
        return InvalidRequestError(f"{name} {problem}", problems=[{"field": name, "message": problem}])

    if not text or len(text) > MAX_URL_LENGTH or line_problem(text) or not text.isascii() or " " in text:
        raise refuse(f"must be a url of at most {MAX_URL_LENGTH} ASCII characters")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise refuse("is no url that can be read") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise refuse("must be an https: url with a host")
    if "@" in parts.netloc:
        raise refuse("must not carry a user or password")
    if parts.fragment:
        raise refuse("must not carry a fragment")
    return text
