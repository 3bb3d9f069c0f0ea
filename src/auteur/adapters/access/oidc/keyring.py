"""The provider's keys as they are kept here, and when they are fetched anew."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

import structlog

from auteur.adapters.access.oidc.keys import Keys, VerifyingKey
from auteur.adapters.access.oidc.provider import ProviderError
from auteur.domain.errors import UnavailableError

log = structlog.get_logger(__name__)

FRESH_S = 300.0
"""How long keys are gone by without asking again: as long a withdrawn one may go on counting."""
PAUSE_S = 5.0
"""The least time between two fetches, whoever asks for whatever key: a flood here is none at the provider."""


class KeyRing:
    """``fetch``: all keys of now; raises `ProviderError`."""

    def __init__(self, fetch: Callable[[], Awaitable[Keys]], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._keys: Keys | None = None
        self._fetched_at = -math.inf
        self._tried_at = -math.inf
        self._is_away = False
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str, algorithm: str) -> VerifyingKey | None:
        """The key of that id, for that algorithm; fetched anew if there is none, or what is kept is old. While the
        provider is away, what is kept counts on. Raises `UnavailableError` where keys could never be had."""
        now, kept = self._monotonic(), self._kept(kid, algorithm)
        if kept is not None and now - self._fetched_at < FRESH_S:
            return kept
        if self._fetching is None and now - self._tried_at >= PAUSE_S:
            self._tried_at = now
            self._fetching = asyncio.create_task(self._renew(), name="keys of the identity provider")
        # whose key is kept does not wait for a provider that was away the last time
        if self._fetching is not None and not (kept is not None and self._is_away):
            await asyncio.shield(self._fetching)  # others wait for it, too
        if self._keys is None:
            raise UnavailableError("The identity provider cannot be asked for its keys now.")
        return self._kept(kid, algorithm)

    def _kept(self, kid: str, algorithm: str) -> VerifyingKey | None:
        return None if self._keys is None else self._keys.get((kid, algorithm))

    async def _renew(self) -> None:
        try:
            self._keys = await self._fetch()
            self._fetched_at = self._monotonic()
            if self._is_away:
                log.info("the identity provider gives keys again")
            self._is_away = False
        except ProviderError as error:
            if not self._is_away:
                log.warning("the identity provider gives no keys; those that are kept count on", reason=str(error))
            self._is_away = True
        except Exception:
            self._is_away = True
            log.exception("the identity provider's keys cannot be fetched")
        finally:
            self._fetching = None
