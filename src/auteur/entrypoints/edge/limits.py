"""What every connection of one server shares: its bounds, who is counted, and whom it believes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from auteur.entrypoints.addresses import is_loopback
from auteur.entrypoints.edge.connections import Connections
from auteur.entrypoints.edge.framing import MAX_HEAD_BYTES
from auteur.entrypoints.edge.proxies import TrustedProxies
from auteur.entrypoints.edge_settings import EdgeSettings


@dataclass(frozen=True, slots=True)
class Deadlines:
    """In seconds. ``line``: until a request's first line is there, ``head``: until its head is, ``handshake``: until a
    WebSocket's is answered, all from its beginning; ``body``: how long a body may pause, which each ``body_rate`` bytes
    earn a second of; ``keep_alive``: how long a connection may wait for its next request; ``linger``: how long one that
    was refused may read why."""

    line: float = 5.0
    head: float = 8.0
    handshake: float = 9.5
    body: float = 20.0
    body_rate: float = 512.0
    keep_alive: float = 5.0
    linger: float = 5.0

    def body_due(self, due: float | None, now: float, size: int) -> float:
        """By when more of a body has to come, after ``size`` bytes of it have; ``due``: by when those had to. On one
        clock."""
        if due is None:
            return now + self.body
        return min(due + size / self.body_rate, now + self.body)


@dataclass(frozen=True, slots=True)
class Edge:
    """``most_lingering``: how many refused connections may read their answer at a time."""

    connections: Connections
    deadlines: Deadlines = field(default_factory=Deadlines)
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    max_head_bytes: int = MAX_HEAD_BYTES
    most_lingering: int = 256
    lingering: set[object] = field(default_factory=set)

    @classmethod
    def of(cls, settings: EdgeSettings, room: Callable[[int], int]) -> Self:
        """From the settings. ``room``: how many connections of those wanted this process can hold."""
        return cls(
            Connections(room(settings.max_connections), settings.max_connections_per_address),
            Deadlines(
                line=settings.request_line_timeout,
                head=settings.header_timeout,
                body=settings.body_timeout,
                body_rate=settings.body_min_rate,
                keep_alive=settings.keep_alive_timeout,
            ),
            TrustedProxies.read(settings.trusted_proxies),
            settings.max_header_bytes,
        )

    def is_bounded(self, address: str) -> bool:
        """Whether an address has a bound of its own: not a trusted proxy, which brings many, and not this machine,
        whose proxy may not be named."""
        return not is_loopback(address) and address not in self.proxies
