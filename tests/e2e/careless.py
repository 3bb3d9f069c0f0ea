"""The command line, in a service in which one thing is left out that keeps people apart: the suite must find each."""

import re
import sys

from starlette.types import Receive, Scope, Send

from auteur.adapters.access.sqlite import SqliteAccessStore
from auteur.domain.access import Pass
from auteur.entrypoints.cli import main
from auteur.entrypoints.http import access, same_site


def forget_scope() -> None:
    """One route that nobody thought about."""
    forgotten = (frozenset({"DELETE"}), re.compile(r"/api/v1/projects/(?P<project>[^/]*)/tasks/[^/]*"), access.KNOWN)
    access._COMPILED = (forgotten, *access._COMPILED)


def forget_socket_scope() -> None:
    forgotten = (frozenset({"WEBSOCKET"}), re.compile(r"/ws/(?P<project>.*)"), access.KNOWN)
    access._COMPILED = (forgotten, *access._COMPILED)


def forget_legacy_scope() -> None:
    forgotten = (frozenset({"WEBSOCKET"}), re.compile(r"/legacy/ws/(?P<project>.*)"), access.KNOWN)
    access._COMPILED = (forgotten, *access._COMPILED)


def ask_no_origin() -> None:
    async def anybody(self: same_site.SameSiteMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    same_site.SameSiteMiddleware.__call__ = anybody  # type: ignore[method-assign]


def take_tickets_twice() -> None:
    async def look(self: SqliteAccessStore, digest: str, now: object) -> Pass | None:
        rows = await self._do("SELECT body FROM passes WHERE kind = 'ticket' AND digest = ?", digest)
        from auteur.adapters.access.codec import PASS

        return PASS.validate_json(rows[0][0]) if rows else None

    SqliteAccessStore.take_ticket = look  # type: ignore[method-assign,assignment]


PLANTED = {
    "scope": forget_scope,
    "socket": forget_socket_scope,
    "legacy socket": forget_legacy_scope,
    "origin": ask_no_origin,
    "ticket": take_tickets_twice,
}

if __name__ == "__main__":
    PLANTED[sys.argv.pop(1)]()
    sys.exit(main())
