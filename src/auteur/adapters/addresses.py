"""Which hosts of the outside world may be asked: addresses of the public internet, and what the operator has listed.

What is not listed in RFC 6890's and IANA's registries as globally reachable unicast is not public. That is asked of the
address to which the connection is then made, so that it does not matter how a name or a number was spelled, nor what a
name resolves to the second time.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Self

HTTPS_PORT = 443

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""The addresses of a host. Raises `OSError` where there is none."""

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
_MOST_ADDRESSES = 4
_NOT_PUBLIC_4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a cloud's own services, told to every machine there, at a public address
    )
)  # fmt: skip
_GLOBAL_UNICAST_6 = ip_network("2000::/3")
"""All that was ever given out: mapped and translated IPv4, unique local, link-local and multicast lie outside."""
_NOT_PUBLIC_6 = tuple(
    ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)


def is_public(address: Address) -> bool:
    """Whether the address is of the public internet, and stands for no other one that may not be."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return (
        address.scope_id is None
        and address in _GLOBAL_UNICAST_6
        and not any(address in network for network in _NOT_PUBLIC_6)
    )


class ListedHosts:
    """Hosts that may be asked although they are not public, or at another port."""

    def __init__(self, hosts: Iterable[tuple[str, int]] = ()) -> None:
        self._hosts = frozenset(hosts)

    @classmethod
    def read(cls, hosts: Iterable[tuple[str, int | None]]) -> Self:
        """Hosts by name and port, None for that of https. A name is lower case, in ASCII; IPv6 without brackets."""
        return cls((name, port or HTTPS_PORT) for name, port in hosts)

    def __contains__(self, host: object) -> bool:
        return host in self._hosts


def host_name(raw: bytes) -> str | None:
    """The host of a url as it is looked up: lower case, without the last dot, IPv6 without brackets; None for what can
    be none."""
    host = raw.decode("ascii").lower().removesuffix(".")
    return host if ":" in host or _NAME.fullmatch(host) else None


async def resolve(host: str, port: int) -> Sequence[Address]:
    """`Resolve` as the system does it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [ip_address(address[0]) for *_, address in found]


async def addresses_of(host: str, port: int, resolve: Resolve, *, is_listed: bool) -> Sequence[Address]:
    """Where the host may be asked: a few of its addresses, or none, if any of them is not for everybody.
    ``is_listed``: whether the operator lets it be a private one."""
    try:
        found = list(dict.fromkeys(await resolve(host, port)))
    except (OSError, UnicodeError, ValueError):
        return ()
    return found[:_MOST_ADDRESSES] if is_listed or all(map(is_public, found)) else ()
