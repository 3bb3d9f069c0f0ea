"""Hosts, origins and paths as people write them in settings and browsers in headers, brought to one form.

Whatever cannot be read raises `ValueError` with words for who wrote the setting, never with what was written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_OWN_PATHS = ("api", "assets", "health", "legacy", "metrics", "ws")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?", re.IGNORECASE)
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class CannotListenError(Exception):
    """The address cannot be listened on."""


def bare_host(text: str) -> str:
    """A host without the brackets that IPv6 has in urls."""
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def in_url(host: str) -> str:
    """A host as it stands in a url: IPv6 in brackets, its zone escaped."""
    return f"[{bare_host(host).replace('%', '%25')}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return host.lower() == "localhost" or ip_address(bare_host(host)).is_loopback
    except ValueError:
        return False


def is_address(name: str) -> bool:
    """Whether a name from `split_host` is an address, which no foreign name server can point elsewhere."""
    try:
        ip_address(bare_host(name))
    except ValueError:
        return False
    return True


def split_host(text: str) -> tuple[str, int | None]:
    """Name and port of ``name``, ``name:port``, ``[IPv6]``, ``[IPv6]:port`` or a bare IPv6, in one spelling.

    Names are lower case, without the dot of the root, in ASCII; IPv6 is compressed and in brackets.
    """
    text = text.strip()
    if text.startswith("["):
        literal, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError("an IPv6 address stands in brackets, as [::1] or [::1]:8000")
        return _ipv6(literal), _port(rest[1:]) if rest else None
    if text.count(":") > 1:
        return _ipv6(text), None
    name, colon, port = text.partition(":")
    name = name.lower().removesuffix(".")
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise ValueError("a host name cannot be read") from None
    if not _NAME.fullmatch(name):
        raise ValueError("a host name has letters, digits, dots and hyphens")
    return name, _port(port) if colon else None


def read_origin(text: str) -> str:
    """The origin of a url, spelled as browsers send it."""
    try:
        parts = urlsplit(text.strip())
        if parts.scheme.lower() not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
            raise ValueError
        name, port = split_host(parts.netloc)
    except ValueError:
        raise ValueError("must be like https://films.example or http://localhost:3000") from None
    scheme = parts.scheme.lower()
    return f"{scheme}://{name}" + ("" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}")


def spelled_origin(header: str) -> str | None:
    """An Origin header in the spelling of `read_origin`; None for ``null``, and for what no browser sends."""
    found = _ORIGIN.fullmatch(header)
    if not found or found[1].endswith("."):
        return None
    try:
        return read_origin(header)
    except ValueError:
        return None


def read_root_path(text: str) -> str:
    """The path under which a proxy serves this service: empty, or with a slash before each part and none after."""
    path = text.strip().rstrip("/")
    if not path:
        return ""
    first, *_ = segments = path.removeprefix("/").split("/")
    if not path.startswith("/") or not all(map(_SEGMENT.fullmatch, segments)) or {".", ".."} & set(segments):
        raise ValueError("must be a path like /studio: a slash, then letters, digits and . _ ~ -")
    if first in _OWN_PATHS:  # a proxy may strip the prefix or not, and nobody could tell which was meant
        raise ValueError(f"must not begin with a path of the service itself: /{', /'.join(_OWN_PATHS)}")
    return path


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which hosts a service answers for. ``names``: with a port, for this port only; ``suffixes``: of any name
    below them, as ``.example.org``; ``every``: all there are."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    suffixes: frozenset[tuple[str, int | None]] = frozenset()
    every: bool = False

    @classmethod
    def read(cls, texts: Iterable[str]) -> Self:
        """From ``*``, ``name``, ``name:port``, ``*.example.org``, addresses. Raises `ValueError`."""
        names, suffixes, everything = set(), set(), False
        for text in filter(None, map(str.strip, texts)):
            if text == "*":
                everything = True
            elif text.startswith("*."):
                name, port = split_host(text[2:])
                suffixes.add((f".{name}", port))
            else:
                names.add(split_host(text))
        if not (names or suffixes or everything):
            raise ValueError("must name a host")
        return cls(frozenset(names), frozenset(suffixes), everything)

    def know(self, header: str) -> bool:
        """Whether a Host header is for one of them. One without a port is for either of those that go unsaid: behind a
        proxy nobody here knows which."""
        if self.every:
            return True
        try:
            name, given = split_host(header)
        except ValueError:
            return False
        ports = {None, given} if given is not None else {None, *_DEFAULT_PORTS.values()}
        return any((name, port) in self.names for port in ports) or any(
            name.endswith(suffix) and port in ports for suffix, port in self.suffixes
        )


def _ipv6(text: str) -> str:
    address = text.partition("%")[0]  # a zone is known to this machine only, browsers do not send it
    try:
        found = ip_address(address)
    except ValueError:
        raise ValueError("an IPv6 address cannot be read") from None
    if found.version != 6:
        raise ValueError("only IPv6 addresses stand in brackets")
    return f"[{found.compressed}]"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:6]) < 65536):
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)
