"""`WebhookSender` over HTTPS: one signed POST, to the address that was looked at, and to no other.

A name is resolved once for each attempt. If each of its addresses is public, or the operator lists the host, the
connection is made to one of exactly these, and the certificate is checked for the name; so a name that answers
differently the second time gains nothing. Nothing of this process goes out beside the message: no cookie, no
credentials, no proxy of the environment. Of an answer the head is read, no more than 64 KiB of it; its body is
not, redirects are not followed.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
from pydantic_core import to_json

from auteur import __version__
from auteur.adapters.addresses import HTTPS_PORT, Address, ListedHosts, Resolve, addresses_of, host_name, resolve
from auteur.domain.errors import InvalidRequestError
from auteur.domain.signing import signed_headers
from auteur.domain.webhooks import Answer, Delivery, Webhook
from auteur.protocol.outgoing import render
from auteur.protocol.texts import is_true_here
from auteur.protocol.translate import to_message

_HTTP_PORT = 80
_SILENT = "no public host answers there"
"""Said of a name that is unknown, of an address that is refused and of one that is closed alike: who reads it shall not
learn from it what there is inside the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRules:
    """``timeout_s``: for a whole attempt. ``listed``: hosts that may be private, or at another port; ``only_listed``:
    no others are asked. ``plain_http``: whether listed hosts may be asked by http:, too. ``off``: nobody is."""

    timeout_s: float = 10.0
    listed: ListedHosts
    only_listed: bool = False
    plain_http: bool = False
    off: bool = False


class HttpWebhookSender:
    """`WebhookSender`. ``trust``: makes what certificates are checked against."""

    def __init__(
        self, rules: SendingRules, trust: Callable[[], ssl.SSLContext], *, resolve: Resolve = resolve
    ) -> None:  # fmt: skip
        self._rules = rules
        self._make_trust = trust
        self._trust: ssl.SSLContext | None = None
        self._resolve = resolve

    def check(self, url: str) -> None:
        self._target(url)

    async def send(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        body = payload(delivery)
        headers = {
            "content-type": "application/json",
            "user-agent": f"auteur/{__version__}",
            "accept": "*/*",
            "accept-encoding": "identity",
            **signed_headers(webhook.keys, delivery.delivery_id, at, body),
        }
        try:
            async with asyncio.timeout(self._rules.timeout_s):
                return await self._post(webhook.url, headers, body)
        except TimeoutError:
            return Answer(status=None, reason=f"no answer within {self._rules.timeout_s:g} s")
        except InvalidRequestError as error:  # settings have changed since it was accepted
            return Answer(status=None, reason=error.message)

    async def _post(self, text: str, headers: dict[str, str], body: bytes) -> Answer:
        url, host, port = self._target(text)
        addresses = await addresses_of(host, port, self._resolve, is_listed=(host, port) in self._rules.listed)
        for address in addresses:
            try:
                return await self._ask(url, host, port, address, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if _is_about_certificate(error):
                    return Answer(status=None, reason="its host's certificate is not valid")
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
                return Answer(status=None, reason="its server breaks off")
        return Answer(status=None, reason=_SILENT)

    async def _ask(
        self, url: httpx.URL, host: str, port: int, address: Address, headers: dict[str, str], body: bytes
    ) -> Answer:
        if self._trust is None:
            self._trust = await asyncio.to_thread(self._make_trust)
        pinned = url.copy_with(host=str(address), port=port)
        request = httpx.Request(
            "POST",
            pinned,
            headers={**headers, "host": url.netloc.decode("ascii")},
            content=body,
            extensions={
                "sni_hostname": host,
                "timeout": httpx.Timeout(self._rules.timeout_s, connect=self._rules.timeout_s / 2).as_dict(),
            },
        )
        # a transport alone: a client would have cookies, follow or look at redirects, and tell urls in the log
        async with httpx.AsyncHTTPTransport(verify=self._trust, trust_env=False) as transport:
            answer = await transport.handle_async_request(request)
            await answer.aclose()
            return Answer(status=answer.status_code, reason=f"answers {answer.status_code}")

    def _target(self, text: str) -> tuple[httpx.URL, str, int]:
        """Url, host and port, if the rules let it be asked as far as the url alone tells. Raises
        `InvalidRequestError`."""
        if self._rules.off:
            raise _refusal("cannot be used: this service sends no webhooks")
        try:
            url = httpx.URL(text)
        except (httpx.InvalidURL, ValueError):
            raise _refusal("is no url that can be read") from None
        host = host_name(url.raw_host)
        if host is None or url.userinfo:
            raise _refusal("is no url that can be read")
        port = url.port or (HTTPS_PORT if url.scheme == "https" else _HTTP_PORT)
        listed = (host, port) in self._rules.listed
        if url.scheme != "https" and not (url.scheme == "http" and listed and self._rules.plain_http):
            raise _refusal("must be an https: url")
        if not listed and port != HTTPS_PORT:
            raise _refusal(f"may name no other port than {HTTPS_PORT}")
        if not listed and self._rules.only_listed:
            raise _refusal("must be of a host that this service's operator lists")
        return url, host, port


def payload(delivery: Delivery) -> bytes:
    """What is sent: type, time of the ending, and the message that sockets hear of it; the same bytes every time. What
    was kept of it with the ending is not made again."""
    recorded = delivery.recorded
    text = recorded.text
    if text is None or not is_true_here(text):
        message = to_message(recorded)
        assert message is not None
        text = render(message)
    about = to_json(delivery.type), to_json(recorded.event.at), text.encode()
    return b'{"type":%b,"timestamp":%b,"data":%b}' % about


def _refusal(problem: str) -> InvalidRequestError:
    return InvalidRequestError(f"url {problem}", problems=[{"field": "url", "message": problem}])


def _is_about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
