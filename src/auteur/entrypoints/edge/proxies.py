"""What proxies say of whom they bring: believed where the setting names them, and of nobody else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from auteur.entrypoints.edge.framing import bad_request
from auteur.entrypoints.edge.requests import Headers, is_authority

_MOST_HOPS = 32
_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*):\d{1,5}")
_ELEMENT = re.compile(r"""[\t ]*(?:[A-Za-z]+=(?:"[^"\\,;]*"|[^"\\,;= \t]*)(?:[\t ]*;[\t ]*|(?=[\t ]*$)))*[\t ]*""")
_PAIR = re.compile(r"""([A-Za-z]+)=(?:"([^"]*)"|([^"; \t]*))""")


@dataclass(frozen=True, slots=True)
class Brought:
    """What a trusted proxy says of a request. ``client``: the address nearest to it that no trusted proxy has;
    ``scheme`` and ``host``: as the client asked for it. None where nothing is said."""

    client: str | None = None
    scheme: str | None = None
    host: bytes | None = None


def plain_address(address: str) -> str:
    """An address in one spelling: IPv4 also where a socket of IPv6 shows it as ``::ffff:127.0.0.1``."""
    return address[7:] if address.startswith("::ffff:") and "." in address else address


class TrustedProxies:
    """The addresses and networks whose forwarding headers are believed."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network] = ()) -> None:
        self._networks = tuple(networks)

    @classmethod
    def read(cls, text: str) -> Self:
        """Addresses and networks by comma. Raises `ValueError`, without what was written."""
        networks = []
        for part in filter(None, map(str.strip, text.split(","))):
            try:
                networks.append(ip_network(part.removeprefix("[").removesuffix("]")))
            except ValueError:
                raise ValueError(
                    "must be addresses and networks by comma, as 10.0.0.7 or 10.0.0.0/8, which ends in zero bits"
                ) from None
        return cls(networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in self._networks)

    def read_headers(self, headers: Headers) -> Brought:
        """What a trusted proxy says. Raises `RefusedError` where it contradicts itself: then one of the two families of
        headers is the client's own."""
        said: dict[bytes, list[str]] = {}
        for name, value in headers:
            if name == b"forwarded" or name.startswith(b"x-forwarded-"):
                said.setdefault(name, []).append(value.decode("latin-1"))
        if not said:
            return Brought()
        customary = self._customary(said)
        if b"forwarded" not in said:
            return customary
        standard = self._standard(",".join(said[b"forwarded"]))
        for mine, other in zip(_parts(customary), _parts(standard), strict=True):
            if None not in (mine, other) and mine != other:
                raise bad_request("Forwarded and X-Forwarded headers contradict each other.")
        return Brought(
            standard.client or customary.client, standard.scheme or customary.scheme, standard.host or customary.host
        )

    def _customary(self, said: dict[bytes, list[str]]) -> Brought:
        hops = ",".join(said.get(b"x-forwarded-for", [])).split(",")
        scheme = ",".join(said.get(b"x-forwarded-proto", []))
        host = ",".join(said.get(b"x-forwarded-host", []))
        return Brought(self._client(hops), _scheme(scheme), _host(host))

    def _standard(self, text: str) -> Brought:
        elements = text.split(",")
        if not all(map(_ELEMENT.fullmatch, elements)):
            raise bad_request("The header Forwarded cannot be read.")
        pairs = [{m[1].lower(): m[2] or m[3] or "" for m in _PAIR.finditer(element)} for element in elements]
        last = pairs[-1]
        return Brought(
            self._client([pair.get("for", "") for pair in pairs]),
            _scheme(last.get("proto", "")),
            _host(last.get("host", "")),
        )

    def _client(self, hops: list[str]) -> str | None:
        """Each proxy adds whom it saw at the end: from there, the first that is no trusted proxy. Beyond a hop that
        cannot be read nobody knows anything."""
        nearest = None
        for hop in reversed(hops[-_MOST_HOPS:]):
            text = hop.strip()
            found = _PORT.fullmatch(text)
            address = _address((found[1] if found else text).removeprefix("[").removesuffix("]"))
            if address is None:
                break
            nearest = str(address)
            if nearest not in self:
                break
        return nearest


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if len(text) > 64:
        return None
    try:
        return ip_address(plain_address(text.partition("%")[0].lower()))
    except ValueError:
        return None


def _parts(brought: Brought) -> tuple[str | None, str | None, bytes | None]:
    return brought.client, brought.scheme, brought.host


def _scheme(text: str) -> str | None:
    """That of the nearest proxy, which is the last."""
    last = text.rpartition(",")[2].strip().lower()
    scheme = {"ws": "http", "wss": "https"}.get(last, last)
    return scheme if scheme in ("http", "https") else None


def _host(text: str) -> bytes | None:
    last = text.rpartition(",")[2].strip().encode("latin-1")
    if last and not is_authority(last):
        raise bad_request("The host that the proxy says was asked for is none.")
    return last or None
