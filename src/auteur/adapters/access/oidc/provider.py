"""The identity provider as it is asked: for its configuration, and for its keys.

It is asked at addresses that the operator set, or that its own configuration names; nothing of a token decides where.
No redirect is followed, no proxy of the environment asked, nothing packed is unpacked, and all of it has a deadline.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from auteur.adapters.access.oidc.keys import Keys, KeySetError, read_key_set
from auteur.domain.errors import InvalidMessageError
from auteur.protocol.json import read_json

_CONFIGURATION = "/.well-known/openid-configuration"
_HEADERS = {"User-Agent": "auteur", "Accept": "application/json", "Accept-Encoding": "identity"}
_LONGEST_URL = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLimits:
    """``total_s``: for the configuration and the keys together, the slowest drip included. ``max_bytes``: of each."""

    total_s: float = 5.0
    connect_s: float = 3.0
    max_bytes: int = 512 << 10


class ProviderError(Exception):
    """The provider gives no keys now; the text says why and shows nothing that it has sent."""


class IdentityProvider:
    """``issuer``: as its tokens name it, exactly. ``jwks_url``: where its keys are; None asks its configuration.
    ``trust``: makes what its certificate is checked against."""

    def __init__(
        self, issuer: str, jwks_url: str | None, trust: Callable[[], ssl.SSLContext], limits: ProviderLimits
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._make_trust = trust
        self._trust: ssl.SSLContext | None = None
        self._limits = limits

    async def keys(self) -> Keys:
        """Its keys of now. Raises `ProviderError`."""
        try:
            async with asyncio.timeout(self._limits.total_s):
                if self._trust is None:
                    self._trust = await asyncio.to_thread(self._make_trust)
                url = self._jwks_url or await self._discovered()
                body = await self._fetch(url, "keys")
                return await asyncio.to_thread(read_key_set, _parsed(body, "keys"))
        except TimeoutError:
            raise ProviderError(f"no answer within {self._limits.total_s:g} s") from None
        except KeySetError as error:
            raise ProviderError(f"its keys cannot be read: {error}") from None

    async def _discovered(self) -> str:
        url = self._issuer.rstrip("/") + _CONFIGURATION
        told = _parsed(await self._fetch(url, "configuration"), "configuration")
        if not isinstance(told, dict) or told.get("issuer") != self._issuer:
            raise ProviderError("its configuration is that of another issuer")
        jwks_url = told.get("jwks_uri")
        if not isinstance(jwks_url, str) or not self._may_be_asked(jwks_url):
            raise ProviderError("its configuration names no address of keys that may be asked")
        return jwks_url

    def _may_be_asked(self, url: str) -> bool:
        """Without TLS only where the provider itself is asked without."""
        try:
            parts, own = urlsplit(url), urlsplit(self._issuer)
            if len(url) > _LONGEST_URL or not parts.hostname or "@" in parts.netloc:
                return False
            return parts.scheme == "https" or (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        except ValueError:
            return False

    async def _fetch(self, url: str, what: str) -> bytes:
        assert self._trust is not None
        timeout = httpx.Timeout(self._limits.total_s, connect=self._limits.connect_s)
        try:
            request = httpx.Request("GET", url, headers=_HEADERS, extensions={"timeout": timeout.as_dict()})
            # a transport alone: a client would have cookies, look at redirects and proxies, and tell urls in the log
            async with httpx.AsyncHTTPTransport(verify=self._trust, trust_env=False) as transport:
                answer = await transport.handle_async_request(request)
                try:
                    return await self._read(answer, what)
                finally:
                    await answer.aclose()
        except httpx.TimeoutException:
            raise ProviderError(f"no answer within {self._limits.total_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError):
            raise ProviderError(f"it cannot be reached for its {what}") from None

    async def _read(self, answer: httpx.Response, what: str) -> bytes:
        if answer.status_code != 200:
            raise ProviderError(f"asked for its {what} it answers {answer.status_code}")
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise ProviderError(f"it packs its {what}, though asked not to")
        body = bytearray()
        async for piece in answer.aiter_raw(1 << 14):
            body += piece
            if len(body) > self._limits.max_bytes:
                raise ProviderError(f"its {what} has more than {self._limits.max_bytes} bytes")
        return bytes(body)


def _parsed(body: bytes, what: str) -> Any:
    try:
        return read_json(body)
    except InvalidMessageError:
        raise ProviderError(f"its {what} is no JSON that can be read") from None
