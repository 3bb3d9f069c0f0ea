"""``https:`` urls: fetched from the address that was looked at, and from no other.

A name is resolved once at every hop. If each of its addresses is public, the connection is made to one of exactly
these, and the certificate is checked for the name; so a name that answers differently the second time gains nothing.
Nothing of this process goes out: no cookie, no credentials, no address that it came by; and no proxy of the
environment is asked.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import httpx

from auteur.adapters.addresses import (
    HTTPS_PORT,
    Address,
    ListedHosts,
    Resolve,
    addresses_of,
    host_name,
    resolve,
)
from auteur.adapters.inputs.problems import UNREACHABLE, UnusableInputError

_LONGEST_URL = 8192
_CHUNK_BYTES = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"User-Agent": "auteur", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """``total_s``: for all of it, redirects and the slowest drip included. ``connect_s``, ``read_s``: for a connection,
    and between two pieces of an answer. ``redirects``: how many are followed."""

    max_bytes: int
    total_s: float = 30.0
    connect_s: float = 5.0
    read_s: float = 10.0
    redirects: int = 5


class HttpsSource:
    """Fetches urls. ``trust``: makes what certificates are checked against. ``listed``: hosts that may be private, or
    at another port; ``only_listed``: no others are asked."""

    def __init__(
        self,
        limits: FetchLimits,
        trust: Callable[[], ssl.SSLContext],
        *,
        listed: ListedHosts,
        only_listed: bool = False,
        resolve: Resolve = resolve,
    ) -> None:
        self._limits = limits
        self._make_trust = trust
        self._trust: ssl.SSLContext | None = None
        self._listed = listed
        self._only_listed = only_listed
        self._resolve = resolve

    async def download(self, url: str, file: BinaryIO) -> None:
        """Writes what the url names into the file. Raises `UnusableInputError`, and `OSError` of the file."""
        try:
            async with asyncio.timeout(self._limits.total_s):
                at = _parsed(url)
                for _ in range(self._limits.redirects + 1):
                    further = await self._hop(at, file)
                    if further is None:
                        return
                    at = further
        except TimeoutError:
            raise UnusableInputError(f"cannot be fetched within {self._limits.total_s:g} s") from None
        raise UnusableInputError(f"is redirected more than {self._limits.redirects} times")

    async def _hop(self, url: httpx.URL, file: BinaryIO) -> httpx.URL | None:
        """Asks once; returns where it is sent on to."""
        host, port = _host(url)
        for address in await self._addresses(host, port):
            try:
                return await self._ask(url, host, port, address, file)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _is_about_certificate(error):
                    raise UnusableInputError("cannot be fetched: its host's certificate is not valid") from None
        raise UnusableInputError(UNREACHABLE)

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        """Where the host may be asked: none, if any of its addresses is not for everybody."""
        listed = (host, port) in self._listed
        if not listed and port != HTTPS_PORT:
            raise UnusableInputError(f"cannot be fetched: a url may name no other port than {HTTPS_PORT}")
        if not listed and self._only_listed:
            return ()
        return await addresses_of(host, port, self._resolve, is_listed=listed)

    async def _ask(self, url: httpx.URL, host: str, port: int, address: Address, file: BinaryIO) -> httpx.URL | None:
        if self._trust is None:
            self._trust = await asyncio.to_thread(self._make_trust)
        limits = self._limits
        timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s)
        headers = {**_HEADERS, "Host": url.netloc.decode("ascii")}
        pinned = url.copy_with(host=str(address), port=port, fragment=None)
        extensions = {"sni_hostname": host, "timeout": timeout.as_dict()}
        request = httpx.Request("GET", pinned, headers=headers, extensions=extensions)
        try:
            # a transport alone: a client would have cookies, follow or look at redirects, and tell urls in the log
            async with httpx.AsyncHTTPTransport(verify=self._trust, trust_env=False) as transport:
                answer = await transport.handle_async_request(request)
                try:
                    if answer.status_code in _REDIRECTS and "location" in answer.headers:
                        return _parsed(answer.headers["location"], url)
                    if answer.status_code != 200:
                        raise UnusableInputError(f"cannot be fetched: its server answers {answer.status_code}")
                    await self._read(answer, file)
                    return None
                finally:
                    await answer.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except httpx.TimeoutException:
            raise UnusableInputError(f"cannot be fetched: its server is silent for {limits.read_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise UnusableInputError("cannot be fetched: its server breaks off") from None

    async def _read(self, answer: httpx.Response, file: BinaryIO) -> None:
        """The bytes as they come: what is packed is not unpacked, so that a little cannot become much."""
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise UnusableInputError("cannot be fetched: its server packs what it sends, though asked not to")
        most = self._limits.max_bytes
        told = answer.headers.get("content-length", "0")
        size = int(told) if told.isdecimal() and len(told) < 20 else 0
        if size > most:
            raise UnusableInputError(f"has more than {most} bytes")
        size = 0
        async for chunk in answer.aiter_raw(_CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise UnusableInputError(f"has more than {most} bytes")
            await asyncio.to_thread(file.write, chunk)


def _parsed(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """The url, if it is one of https and carries no credentials."""
    try:
        if len(text) > _LONGEST_URL:
            raise UnusableInputError(f"is longer than {_LONGEST_URL} characters")
        url = httpx.URL(text) if base is None else base.join(text)
    except (httpx.InvalidURL, ValueError):  # of which UnicodeError is one
        raise UnusableInputError("is no url that can be read") from None
    if url.scheme != "https":
        raise UnusableInputError("is redirected to a url that is not https:")
    if url.userinfo:
        raise UnusableInputError("must not carry a user or password")
    return url


def _host(url: httpx.URL) -> tuple[str, int]:
    """Name or address, and port. IPv6 without brackets."""
    host = host_name(url.raw_host)
    if host is None:
        raise UnusableInputError("is no url that can be read")
    return host, HTTPS_PORT if url.port is None else url.port


def _is_about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
