"""Where a Redis is, and how to be let in: a URL read once, for every connection of the log, the queue and the lease."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import unquote, urlsplit

from redis.asyncio.connection import Connection, ConnectionPool, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

PoolT = TypeVar("PoolT", bound=ConnectionPool)

_KINDS: Mapping[str, type[Any]] = {
    "redis": Connection,
    "rediss": SSLConnection,
    "unix": UnixDomainSocketConnection,
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WORD = re.compile(r"[!-~]{1,128}")


class AddressError(ValueError):
    """A URL that cannot be used. The text names what is wrong with it, and shows no value."""


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One server: the ``connection`` class of redis-py that goes there, and its options."""

    connection: type[Any]
    options: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Reads ``redis://``, ``rediss://`` or ``unix://``; user and password percent-encoded. Raises `AddressError`.

        redis-py's own reading lets a URL change how answers are decoded and how often a write is sent, and passes over
        a database that is no number.
        """
        _refuse_by_scheme(url.partition(":")[0].lower())  # before the rest, whose form may be another's
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:
            raise AddressError(
                "must be an address like redis://host:6379/0; in user and password every character but letters, digits "
                "and - . _ ~ is percent-encoded"
            ) from None
        if parts.fragment or "#" in url or "@" in parts.query or (scheme != "unix" and "@" in parts.path):
            raise AddressError("the characters # ? / and @ of a user or password must be percent-encoded")
        found: dict[str, Any] = {}
        if scheme == "unix":
            if host or port or not parts.path.startswith("/"):
                raise AddressError("a socket's path begins with a slash: unix:///run/redis.sock")
            found["path"] = _plain(parts.path, "path")
        else:
            if "," in parts.netloc.rpartition("@")[2]:
                raise AddressError("must name one host")
            found |= {"host": _plain(host or "localhost", "host"), "port": port or 6379}
        for name, value in (("username", parts.username), ("password", parts.password)):
            if value:
                found[name] = _plain(value, name)
        return cls(_KINDS[scheme], {**found, **_options(parts.query, scheme), **_database(scheme, parts)}).tried()

    def tried(self) -> Self:
        """Itself, if the files that it names can be used. Raises `AddressError`."""
        if self.connection is SSLConnection:
            try:
                SSLConnection(**self.options).ssl_context.get()
            except (OSError, ValueError):  # ssl.SSLError is an OSError
                raise AddressError("the ssl_ files must be readable, in PEM form, and belong to each other") from None
        return self

    def pool(self, kind: Callable[..., PoolT], **options: Any) -> PoolT:
        """A pool of connections that decode nothing and try each command once, whatever redis-py does by default."""
        return kind(
            connection_class=self.connection,
            **self.options,
            **options,
            protocol=2,
            decode_responses=False,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
        )


def _refuse_by_scheme(scheme: str) -> None:
    if "sentinel" in scheme:
        raise AddressError(
            "Redis Sentinel is not supported, because a failover may lose what was accepted: name the server itself"
        )
    if "cluster" in scheme:
        raise AddressError("Redis Cluster is not supported: name a single server")
    if scheme not in _KINDS:
        raise AddressError("must be an address like redis://host:6379/0, rediss:// or unix://")


def _plain(text: str, what: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise AddressError(f"the {what} must be UTF-8, percent-encoded") from None


def _database(scheme: str, parts: Any) -> dict[str, int]:
    named = [value for name, value in _pairs(parts.query) if name == "db"]
    if scheme != "unix" and parts.path.strip("/"):
        named.append(parts.path.strip("/"))
    if not all(re.fullmatch(r"[0-9]{1,5}", value) for value in named):
        raise AddressError("the database must be a number, as in redis://host:6379/0")
    numbers = {int(value) for value in named}
    if len(numbers) > 1:
        raise AddressError("names two databases")
    return {"db": numbers.pop()} if numbers else {}


def _pairs(query: str) -> list[tuple[str, str]]:
    """Like parse_qsl, but a plus sign is itself: values here are paths, not words of a form."""
    split = [pair.partition("=") for pair in query.split("&") if pair]
    return [(_plain(name, "option's name"), _plain(value, "option's value")) for name, _, value in split]


def _options(query: str, scheme: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in _pairs(query):
        if name == "db":
            continue
        said = name if _NAME.fullmatch(name) else "of another form"
        if name not in _OPTIONS:
            raise AddressError(f"the option {said} cannot be set; those that can are db, {', '.join(_OPTIONS)}")
        if name in found:
            raise AddressError(f"the option {name} is given twice")
        if name.startswith("ssl_") and scheme != "rediss":
            raise AddressError(f"the option {name} needs rediss://")
        try:
            found[name] = _OPTIONS[name](value)
        except ValueError as error:
            raise AddressError(f"the option {name} {error}") from None
    return found


def _word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError("must be 1 to 128 printable characters without spaces")
    return value


def _file(value: str) -> str:
    if not os.access(value, os.R_OK):
        raise ValueError("must name what can be read")
    return value


def _yes(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.lower() == "true"


def _verification(value: str) -> str:
    if value not in ("none", "optional", "required"):
        raise ValueError("must be none, optional or required")
    return value


_OPTIONS: Mapping[str, Callable[[str], Any]] = {
    "client_name": _word,
    "ssl_ca_certs": _file,
    "ssl_ca_path": _file,
    "ssl_certfile": _file,
    "ssl_keyfile": _file,
    "ssl_cert_reqs": _verification,
    "ssl_check_hostname": _yes,
}
