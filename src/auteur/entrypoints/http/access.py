"""Who may do what over HTTP and sockets: one table, and the middleware that goes by it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auteur.adapters.audit import asked_by, audit
from auteur.adapters.live.limits import Allowance, TooManyConversationsError
from auteur.domain.access import Permission, Principal
from auteur.domain.authentication import Authenticator
from auteur.domain.errors import AccessError, AuteurError, UnauthenticatedError
from auteur.entrypoints.http.errors import refuse, response_for
from auteur.entrypoints.http.middleware import when_it_ends

SESSION_COOKIE = "auteur_session"
SUBPROTOCOL = "auteur.v1"
"""What a browser offers beside its ticket, and what it is answered with."""
TICKET_PREFIX = "auteur.ticket."
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="auteur"'}
_BEARER = re.compile(r"bearer +(\S.*)", re.IGNORECASE)
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Need:
    """What a request needs. ``asks``: whether it matters who asks; ``lets_in``: also who shows nothing, or what counts
    no longer. ``permission`` None: none; ``everywhere``: for every project."""

    permission: Permission | None = None
    everywhere: bool = False
    asks: bool = True
    lets_in: bool = False


OPEN = Need(asks=False)
WELCOME = Need(lets_in=True)
KNOWN = Need()
_READ, _SUBMIT, _CANCEL, _MANAGE = map(Need, Permission)

_PROJECT = r"/api/v1/projects/(?P<project>[^/]*)"
TABLE: tuple[tuple[str, str, Need], ...] = (
    # what has no data in it: the page, the documents, and whether the service is well
    ("GET", r"/|/assets/[^/]*|/api|/api/(docs|redoc|async|openapi\.json|asyncapi\.json)", OPEN),
    ("GET", r"/health(/live|/ready)?", OPEN),
    ("GET", r"/api/v1/info", WELCOME),
    ("GET|POST|DELETE", r"/api/v1/session", WELCOME),
    ("GET", r"/api/v1/(task-types|quality|projects)", KNOWN),
    ("POST", r"/api/v1/tickets", KNOWN),
    ("POST", r"/mcp", KNOWN),  # what it asks for is asked of the other routes, and judged there
    ("GET", r"/metrics", Need(Permission.READ, everywhere=True)),
    # a webhook tells somebody else all that ends here, and its url may itself be a secret
    ("GET|POST|PATCH|DELETE", _PROJECT + r"/(webhooks|dead-letters)(/.*)?", _MANAGE),
    ("GET", _PROJECT + r"(/.*)?", _READ),
    ("POST", _PROJECT + r"/(tasks|batches|uploads|films|tasks/[^/]*/promote)", _SUBMIT),
    ("POST", _PROJECT + r"/films/[^/]*/exports", _SUBMIT),
    ("PUT", _PROJECT + r"/(sets|cast|films)/[^/]*", _SUBMIT),
    ("PATCH", _PROJECT + r"/tasks/[^/]*", _SUBMIT),
    ("POST", _PROJECT + r"/tasks/[^/]*/cancel", _CANCEL),
    ("DELETE", _PROJECT + r"(/(tasks|sets|cast|films)/[^/]*)?", _MANAGE),
    ("WEBSOCKET", r"(/legacy)?/ws/(?P<project>.*)", _READ),
)
"""By method and path, the first that fits. What no line is about needs to be known, and below a project everything."""
_COMPILED = tuple((frozenset(methods.split("|")), re.compile(path, re.DOTALL), need) for methods, path, need in TABLE)
_OTHERWISE = (
    (re.compile(_PROJECT + r"(/.*)?", re.DOTALL), _MANAGE),
    (re.compile(r".*", re.DOTALL), KNOWN),
)


def need_of(method: str, path: str) -> tuple[Need, str]:
    """What a request needs, and the project that it is about, empty for none."""
    method = "GET" if method == "HEAD" else method
    for methods, pattern, need in _COMPILED:
        if method in methods and (match := pattern.fullmatch(path)):
            return need, match.groupdict().get("project") or ""
    for pattern, need in _OTHERWISE:
        if match := pattern.fullmatch(path):
            return need, match.groupdict().get("project") or ""
    raise AssertionError("the last line fits everything")


class PrincipalLimits:
    """What one principal may ask of this process, over all its connections: requests and messages a second, and
    conversations at a time."""

    def __init__(self, per_s: int, conversations: int, monotonic: Callable[[], float]) -> None:
        self._per_s = per_s
        self._conversations = conversations
        self._monotonic = monotonic
        self._allowances: dict[str, Allowance] = {}
        self._open: dict[str, int] = {}

    def spend(self, principal: Principal) -> None:
        """Takes one off. Raises `RateLimitedError`."""
        if not principal.limited:
            return
        allowance = self._allowances.pop(principal.id, None) or Allowance(self._per_s, self._monotonic)
        self._allowances[principal.id] = allowance  # the one heard of last is last
        if len(self._allowances) > _REMEMBERED:
            del self._allowances[next(iter(self._allowances))]
        allowance.spend()

    @contextmanager
    def conversation(self, principal: Principal) -> Iterator[None]:
        """One more, as long as it is entered. Raises `TooManyConversationsError`."""
        if not principal.limited:
            yield
            return
        if self._open.get(principal.id, 0) >= self._conversations:
            raise TooManyConversationsError(
                f"At most {self._conversations} sockets and event streams at a time.",
                limit=self._conversations, retry_after_s=5,
            )  # fmt: skip
        self._open[principal.id] = self._open.get(principal.id, 0) + 1
        try:
            yield
        finally:
            self._open[principal.id] -= 1
            if not self._open[principal.id]:
                del self._open[principal.id]


class AccessMiddleware:
    """Says who asks, and lets through what they may. What they showed counts even where nobody has to show anything: a
    wrong token is refused everywhere.

    The principal is `scope["state"]["principal"]` then.
    """

    def __init__(self, app: ASGIApp, *, authenticator: Authenticator, limits: PrincipalLimits) -> None:
        self._app = app
        self._authenticator = authenticator
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        method = "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]
        need, project_id = need_of(method, scope["path"])
        if method == "OPTIONS":  # changes nothing and shows nothing: a preflight, or 405
            need = OPEN
        if need.asks and method != "WEBSOCKET":
            send = _kept_by_nobody(send)
        address = scope["client"][0] if scope.get("client") else None
        with ExitStack() as stack:
            try:
                principal = await self._principal(scope, need) if need.asks else None
                if principal is not None:
                    asked_by(principal.id, principal.name, address)
                    self._limits.spend(principal)
                    _check(principal, need, project_id)
                    is_long = method == "WEBSOCKET" or (project_id and scope["path"].endswith("/events"))
                    if is_long and principal.limited:
                        stack.enter_context(self._limits.conversation(principal))
            except AuteurError as error:
                if isinstance(error, AccessError) and _shown(scope):
                    audit("refused", reason=error.code, client=address, method=method)
                headers = _CHALLENGE if isinstance(error, UnauthenticatedError) else {}
                await refuse(scope, receive, send, response_for(error, headers))
                return
            scope.setdefault("state", {})["principal"] = principal
            await self._app(scope, receive, send)
            if principal is not None and principal.limited:
                when_it_ends(scope, stack.pop_all().close)

    async def _principal(self, scope: Scope, need: Need) -> Principal | None:
        """Who asks; None where nobody has to say so. Raises `UnauthenticatedError`, `UnavailableError`."""
        headers = Headers(scope=scope)
        if given := headers.getlist("authorization"):
            match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
            if match is None:
                raise UnauthenticatedError("One Authorization header is taken, as: Bearer and a token.")
            return await self._authenticator.bearer(match[1])
        if scope["type"] == "websocket" and (ticket := _ticket(scope)):
            return await self._authenticator.ticket(ticket)
        try:
            if secret := session_secret(headers):
                return await self._authenticator.session(secret)
            return await self._authenticator.nobody()
        except AuteurError:
            if need.lets_in:  # a session that ended shall not keep its owner from signing in again
                return None
            raise


def _kept_by_nobody(send: Send) -> Send:
    """What depends on who asks is not for the next who does: caches between know nothing of our cookie. A route that
    says who may keep its answer has thought about it."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return send_unkept


def _check(principal: Principal, need: Need, project_id: str) -> None:
    if need.permission is None:
        return
    if need.everywhere:
        principal.require_everywhere(need.permission)
    else:
        principal.require(need.permission, project_id)


def session_secret(headers: Headers) -> str | None:
    """What the session's cookie holds."""
    for header in headers.getlist("cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == SESSION_COOKIE and value:
                return value[:256]
    return None


def _ticket(scope: Scope) -> str | None:
    offered = [name for name in scope.get("subprotocols", ()) if name.startswith(TICKET_PREFIX)]
    return offered[0].removeprefix(TICKET_PREFIX)[:256] if offered else None


def _shown(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "authorization" in headers or bool(session_secret(headers)) or bool(_ticket(scope))
