"""Which web pages may do what: the rules of Host, Origin and Sec-Fetch-Site. Pure ASGI, to cover sockets too."""

from collections.abc import Collection
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from auteur.entrypoints.addresses import Hosts, is_address, spelled_origin, split_host
from auteur.entrypoints.http.errors import error_response, refuse

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_ECHO = 128


class SameSiteMiddleware:
    """Keeps foreign web pages out: sockets and changes are for known ``origins``, and, unless ``any_host``, all
    requests for known ``hosts``, so that a foreign name resolving to this machine reads nothing either.

    An origin is scheme, host and port, all three. Programs that send no Origin are not browsers and pass; a browser
    that says the request comes from another site passes for ``origins`` alone. CORS covers neither sockets nor changes.
    """

    def __init__(self, app: ASGIApp, *, origins: Collection[str], hosts: Hosts, any_host: bool) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._hosts = hosts
        self._any_host = any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif refused := self._judge(scope):
            await refuse(scope, receive, send, error_response(*refused))
        else:
            await self._app(scope, receive, send)

    def _judge(self, scope: Scope) -> tuple[int, str, str, dict[str, Any]] | None:
        """Status, code, message and details of the refusal, or None for what may pass."""
        host, origins, is_cross_site = "", [], False
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1")
            elif name == b"origin":
                origins.append(value.decode("latin-1"))
            elif name == b"sec-fetch-site":
                is_cross_site = is_cross_site or value.strip().lower() == b"cross-site"
        if not self._any_host and not self._hosts.know(host):
            return _wrong_host(host)
        if not origins and not is_cross_site:
            return None
        if len(origins) > 1:
            return _foreign(None)
        if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
            return None
        origin = spelled_origin(origins[0]) if origins else None
        if origin in self._origins or (
            origin and not is_cross_site and self._is_own(origin, scope.get("scheme", "http"), host)
        ):
            return None
        return _foreign(origins[0] if origins else None)

    def _is_own(self, origin: str, scheme: str, host: str) -> bool:
        """Whether it is the service's own pages': the origin is the one that was asked, and that host is ours by name,
        or is an address, which no foreign name server can have pointed here."""
        secure = scheme in ("https", "wss")
        if origin != spelled_origin(f"{'https' if secure else 'http'}://{host}"):
            return False
        return self._hosts.know(host) or (self._any_host and is_address(split_host(host)[0]))


def _wrong_host(host: str) -> tuple[int, str, str, dict[str, Any]]:
    message = (
        "This service does not answer for that host name. BACKEND_ALLOWED_HOSTS lists those it answers for, and "
        "BACKEND_PUBLIC_URL names the one browsers use."
    )
    settings = ["BACKEND_ALLOWED_HOSTS", "BACKEND_PUBLIC_URL"]
    return 421, "WRONG_HOST", message, {"host": host[:_LONGEST_ECHO], "settings": settings}


def _foreign(origin: str | None) -> tuple[int, str, str, dict[str, Any]]:
    message = (
        "Pages of this origin may not do that. BACKEND_FRONTEND_URL lists the origins that may; if the page is the "
        "service's own, BACKEND_PUBLIC_URL says where browsers find it."
    )
    details: dict[str, Any] = {"settings": ["BACKEND_FRONTEND_URL", "BACKEND_PUBLIC_URL"]}
    if origin is not None:
        details["origin"] = origin[:_LONGEST_ECHO]
    return 403, "FORBIDDEN_ORIGIN", message, details
