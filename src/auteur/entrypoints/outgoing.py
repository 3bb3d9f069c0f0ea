"""What speaks HTTP to others, made when it is first used: a service that fetches nothing and tells nobody loads nothing
of it. What was set for it is read at once.
"""

import functools
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from auteur.adapters.addresses import ListedHosts
from auteur.domain.ports import ArtifactStore, InputFetcher, WebhookSender
from auteur.domain.webhooks import Answer, Delivery, Webhook
from auteur.entrypoints.settings import Settings
from auteur.entrypoints.values import read_hosts


class _WhenFetched:
    """`InputFetcher`, made when it is first used."""

    def __init__(self, make: Callable[[], InputFetcher]) -> None:
        self._made = functools.cache(make)

    async def fetch(self, project_id: str, name: str, url: str, kind: str) -> str:
        return await self._made().fetch(project_id, name, url, kind)


def input_fetcher(artifacts: ArtifactStore, settings: Settings) -> InputFetcher:
    """What brings in the inputs that requests name by url."""
    listed = ListedHosts.read(read_hosts(settings.url_input_hosts))

    def make() -> InputFetcher:
        from auteur.adapters.inputs.fetcher import UrlInputFetcher
        from auteur.adapters.inputs.https import FetchLimits, HttpsSource

        source = HttpsSource(
            FetchLimits(max_bytes=settings.max_upload_bytes, total_s=settings.url_input_timeout),
            _trusting(settings.url_input_ca_file),
            listed=listed,
            only_listed=settings.url_inputs == "listed",
        )
        return UrlInputFetcher(
            artifacts, None if settings.url_inputs == "off" else source, max_bytes=settings.max_upload_bytes
        )

    return _WhenFetched(make)


class _WhenSent:
    """`WebhookSender`, made when it is first used."""

    def __init__(self, make: Callable[[], WebhookSender]) -> None:
        self._made = functools.cache(make)

    def check(self, url: str) -> None:
        self._made().check(url)

    async def send(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        return await self._made().send(webhook, delivery, at)


def webhook_sender(settings: Settings) -> WebhookSender:
    """What speaks to receivers."""
    listed = ListedHosts.read(read_hosts(settings.webhook_hosts))

    def make() -> WebhookSender:
        from auteur.adapters.webhooks import HttpWebhookSender, SendingRules

        rules = SendingRules(
            timeout_s=settings.webhook_timeout,
            listed=listed,
            only_listed=settings.webhooks == "listed",
            plain_http=settings.webhook_http,
            off=settings.webhooks == "off",
        )
        return HttpWebhookSender(rules, _trusting(settings.webhook_ca_file))

    return _WhenSent(make)


def _trusting(ca_file: Path | None) -> Callable[[], ssl.SSLContext]:
    """Makes what certificates are checked against: the public authorities, and those in the file."""

    def trust() -> ssl.SSLContext:
        import httpx

        context = httpx.create_ssl_context(trust_env=False)
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
        return context

    return trust
