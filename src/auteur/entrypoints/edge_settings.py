"""The settings of the edge: how long a request may take to come, how many connections there may be, whom to believe."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from auteur.entrypoints.edge.framing import MAX_HEAD_BYTES
from auteur.entrypoints.edge.proxies import TrustedProxies


def _proxies(value: str) -> str:
    """Addresses and networks by comma, of which each can be read."""
    TrustedProxies.read(value)
    return value


class EdgeSettings(BaseSettings):
    """The part of the settings that says what a connection may do."""

    trusted_proxies: Annotated[str, AfterValidator(_proxies)] = Field(
        "",
        description="Addresses and networks by comma, as 10.0.0.7 or 10.0.0.0/8, of the proxies whose X-Forwarded-For, "
        "-Proto, -Host and Forwarded are believed; not set: nobody's.",
    )
    max_connections: int = Field(4096, ge=16, le=1_000_000, description="Connections at a time, in all.")
    max_connections_per_address: int = Field(
        512,
        ge=1,
        le=1_000_000,
        description="Connections at a time of one address, or of one /64 of IPv6; behind a trusted proxy, its requests "
        "and sockets. Loopback and trusted proxies have as many as there may be in all.",
    )
    max_header_bytes: int = Field(MAX_HEAD_BYTES, ge=1024, le=1 << 20, description="Largest head of a request.")
    request_line_timeout: float = Field(
        5, gt=0, le=3600, description="How long the first line of a request may take to come."
    )
    header_timeout: float = Field(
        8, gt=0, le=3600, description="How long the whole head of a request may take to come."
    )
    body_timeout: float = Field(
        20,
        gt=0,
        le=86_400,
        description="How long the body of a request may pause, if it comes faster than the least rate.",
    )
    body_min_rate: float = Field(
        512, gt=0, description="Bytes a second that a body must come with on average; slower ones are ended."
    )
    keep_alive_timeout: float = Field(
        5, gt=0, le=3600, description="How long a connection may stay open with nothing asked."
    )
