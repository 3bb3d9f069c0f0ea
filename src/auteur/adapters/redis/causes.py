"""What a Redis refuses, or why nobody is reached there, in the words of health and log."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from redis.exceptions import RedisError

from auteur.domain.errors import BusUnavailableError, Cause

READ_ONLY_REPLICA = Cause("read_only_replica", "read-only replica")
MEMORY_FULL = Cause("memory_full", "memory full (maxmemory)")
CLUSTER = Cause("cluster", "a Redis Cluster, which is not supported: name a single server")
SENTINEL = Cause("sentinel", "a Sentinel, which holds no data: name the server itself")
TOO_OLD = Cause("too_old", "older than Redis 7.0")
NAMELESS_RUN = Cause("no_run_id", "INFO tells no run_id")
UNREACHABLE = Cause("unreachable", "not reachable")
NO_ANSWER = Cause("no_answer", "not reachable: no answer in time")

UNSUPPORTED = frozenset({CLUSTER, SENTINEL, TOO_OLD, NAMELESS_RUN})
"""What waiting does not mend."""

_ACL = re.compile(r"NOPERM|ACL failure|The user executing the script|No permissions to access|has no permissions")
_COMMAND = re.compile(r"'([A-Za-z]+(?:\|[A-Za-z-]+)?)' command")
_CHANNEL = re.compile(r"access (?:a|the '.*') channel|publish to the channel")
_KEY = re.compile(r"access (?:a|the '.*') key|access at least one of the keys")
_UNKNOWN = re.compile(r"unknown command '?`?([A-Za-z]+)")

_BY_TEXT = [
    (re.compile(pattern), Cause(code, words))
    for pattern, code, words in (
        (r"MISCONF.*No space left", "disk_full", "MISCONF: cannot write its file, disk full"),
        (r"MISCONF", "cannot_persist", "MISCONF: cannot write its file"),
        (r"MASTERDOWN", "master_down", "replica without its master"),
        (r"READONLY", READ_ONLY_REPLICA.code, READ_ONLY_REPLICA.words),
        (r"\bOOM\b", MEMORY_FULL.code, MEMORY_FULL.words),
        (r"LOADING", "loading", "loading"),
        (r"NOREPLICAS", "too_few_replicas", "fewer replicas than min-replicas-to-write"),
        (r"CLUSTERDOWN", "cluster_down", "cluster down"),
        (r"CROSSSLOT|^MOVED|^ASK |TRYAGAIN", CLUSTER.code, CLUSTER.words),
        (r"NOAUTH|Authentication required", "password_missing", "no password given, but one is asked for"),
        (r"WRONGPASS|invalid (password|username)|AUTH.* no|AUTH.* without any", "wrong_password", "wrong password"),
        (r"max number of clients", "too_many_clients", "too many clients"),
        (r"DENIED", "protected_mode", "protected mode"),
        (r"^BUSY ", "busy", "busy with a script"),
        (r"DB index|invalid DB", "no_such_database", "no database of this number"),
    )
]
_WRITES = {"disk_full", "cannot_persist", "read_only_replica", "too_few_replicas", "no_permission", "master_down"}


def cause_of(error: BaseException) -> Cause:
    """The cause behind an error of the client's, found in the server's words or below the connection."""
    text = f"{getattr(error, 'status_code', None) or ''} {error}".strip()
    if _ACL.search(text):
        return _permission(text)
    for pattern, cause in _BY_TEXT:
        if pattern.search(text):
            return cause
    if unknown := _UNKNOWN.search(text):
        return Cause("no_such_command", f"no command {unknown[1].upper()} there")
    return _connection(error)


def unavailable(cause: Cause) -> BusUnavailableError:
    """The error to raise for a cause, with words for who only wanted a picture."""
    if cause == MEMORY_FULL:
        return BusUnavailableError("The event log is full; no new work can be taken.", cause=cause)
    if cause in UNSUPPORTED:
        return BusUnavailableError(f"The event log cannot be kept on this Redis: {cause.words}.", cause=cause)
    can = "written" if cause.code in _WRITES else "reached"
    return BusUnavailableError(f"The event log cannot be {can} now.", cause=cause)


class _Translated:
    """A class, and not a generator, for each call of the server passes here."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RedisError | OSError | TimeoutError | EOFError):
            raise unavailable(cause_of(error)) from error


_TRANSLATED = _Translated()


def translated() -> AbstractContextManager[None]:
    """Redis' errors end here: every one is `BusUnavailableError` with its cause, and shows nothing of the inside."""
    return _TRANSLATED


class Telling:
    """As `translated`; ``tell`` is told each cause."""

    def __init__(self, tell: Callable[[Cause], None]) -> None:
        self._tell = tell

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        try:
            _TRANSLATED.__exit__(None, error, None)
        except BusUnavailableError as unusable:
            self._tell(unusable.cause or UNREACHABLE)
            raise
        if isinstance(error, BusUnavailableError):
            self._tell(error.cause or UNREACHABLE)


def refused(command: str, text: str) -> Cause:
    """The cause why a script's command was refused, given the server's words."""
    return no_permission(command) if _ACL.search(text) and not _KEY.search(text) else cause_of(Exception(text))


def no_permission(for_what: str) -> Cause:
    """The server's user lacks a right."""
    return Cause("no_permission", f"no permission for {for_what}")


def _permission(text: str) -> Cause:
    if command := _COMMAND.search(text):
        return no_permission(command[1].upper().replace("|", " "))
    if _CHANNEL.search(text):
        return no_permission("the channels")
    if _KEY.search(text):
        return no_permission("the keys")
    return no_permission("the database" if "database" in text else "a command")


def _connection(error: BaseException) -> Cause:
    for below in _chain(error):
        if isinstance(below, ssl.SSLCertVerificationError):
            return Cause("tls_certificate", "TLS: the server's certificate is not accepted")
        if isinstance(below, ssl.SSLError):
            return Cause("tls", "TLS: no agreement with the server")
        if isinstance(below, socket.gaierror):
            return Cause("unknown_host", "not reachable: no host of this name")
        if isinstance(below, FileNotFoundError):
            return Cause("no_socket", "not reachable: no socket at this path")
        if isinstance(below, PermissionError):
            return Cause("socket_permission", "not reachable: no permission for the socket")
    if any(isinstance(below, TimeoutError) or type(below).__name__ == "TimeoutError" for below in _chain(error)):
        return NO_ANSWER
    return UNREACHABLE


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
