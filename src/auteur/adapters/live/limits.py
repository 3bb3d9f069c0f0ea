"""What one socket may ask of the service: how fast it talks, how large its messages are, what may wait for it."""

from collections.abc import Callable
from dataclasses import dataclass

from auteur.domain.errors import InvalidMessageError, LimitExceededError


class MessageTooLargeError(InvalidMessageError):
    """A frame over the limit."""

    code = "MESSAGE_TOO_LARGE"


class RateLimitedError(LimitExceededError):
    """More messages a second than one socket may send."""

    code = "RATE_LIMITED"


class TooManyConversationsError(LimitExceededError):
    """More conversations at a time than one token or person may have."""

    code = "TOO_MANY_CONVERSATIONS"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """``outbox_messages`` and ``outbox_bytes`` of memory: what waits for a client at most. ``slow_after_s``: how long
    it may make the outbox wait. ``messages_per_s``: how fast it may talk. ``frame_bytes``: its largest message."""

    outbox_messages: int = 100
    outbox_bytes: int = 512 << 10
    slow_after_s: float = 8.0
    messages_per_s: int = 20
    frame_bytes: int = 64 << 10


class Allowance:
    """A token bucket of one second's worth: ``rate`` messages a second, and as many at once after a silence."""

    def __init__(self, rate: int, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._left = float(rate)
        self._spent_at = monotonic()

    def spend(self) -> None:
        """Takes one message off. Raises `RateLimitedError` when none is left."""
        now = self._monotonic()
        self._left = min(float(self._rate), self._left + (now - self._spent_at) * self._rate)
        self._spent_at = now
        if self._left < 1:
            raise RateLimitedError(f"At most {self._rate} messages a second.", limit=self._rate, retry_after_s=1)
        self._left -= 1
