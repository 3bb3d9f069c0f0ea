"""Signing in: a browser's session, and tickets for its sockets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.domain.access import Principal
from auteur.domain.authentication import TICKET_LIFE, Authenticator
from auteur.domain.errors import UnauthenticatedError, UnavailableError
from auteur.domain.ports import Clock
from auteur.entrypoints.http.access import SESSION_COOKIE, SUBPROTOCOL, TICKET_PREFIX, session_secret
from auteur.protocol.model import ALWAYS_TOLD, Model
from auteur.protocol.service import Access

_NOT_KEPT = {"Cache-Control": "no-store"}


class GrantView(Model):
    """``may`` do this with projects whose id fits one of the patterns."""

    projects: list[str]
    may: list[str]


class PrincipalView(Model):
    """Who asks. ``expires_at``: when what they came with ends by itself."""

    model_config = ALWAYS_TOLD

    id: str
    name: str
    grants: list[GrantView]
    expires_at: datetime | None = None

    @classmethod
    def of(cls, principal: Principal) -> "PrincipalView":
        """The wire's view of a principal."""
        grants = [GrantView(projects=list(grant.projects), may=sorted(grant.may)) for grant in principal.grants]
        return cls(id=principal.id, name=principal.name, grants=grants, expires_at=principal.expires_at)


class SessionView(Model):
    """``access``: ``token`` where whoever asks must say who they are, ``anonymous`` where nobody has to. ``principal``:
    who asks; null where that is nobody yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "access": "token",
                    "principal": {
                        "id": "tok_7c1e",
                        "name": "ada",
                        "grants": [{"projects": ["film-*"], "may": ["cancel", "read", "submit"]}],
                        "expires_at": "2026-12-26T09:00:00Z",
                    },
                },
                {"access": "anonymous", "principal": None},
            ]
        }
    )

    access: Access
    principal: PrincipalView | None


class TicketView(Model):
    """``ticket`` opens one socket, once, within ``expires_in_s``: offer ``protocols`` to it, as they stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ticket": "…", "protocols": ["auteur.v1", "auteur.ticket.…"], "expires_in_s": 30.0}]
        }
    )

    ticket: str
    protocols: list[str]
    expires_in_s: float


async def access_of(authenticator: Authenticator) -> Access:
    """What is said of access where it can be known."""
    try:
        return "token" if await authenticator.is_demanded() else "anonymous"
    except UnavailableError:
        return "unknown"


def session_routes(authenticator: Authenticator, clock: Clock, service_path: str, public_url: str | None) -> APIRouter:
    """Sign in, out, and tickets. ``service_path``: under which browsers keep the cookie."""
    router = APIRouter(prefix="/api/v1", tags=["access"])

    @router.get("/session", summary="Whether a token is needed, and who asks", response_model=SessionView)
    async def read_session(request: Request, response: Response) -> SessionView:
        response.headers.update(_NOT_KEPT)
        return await view(request.state.principal)

    @router.post("/session", summary="Sign in: a cookie for the bearer token that is shown", response_model=SessionView)
    async def sign_in(request: Request, response: Response) -> SessionView:
        """Show the token as `Authorization: Bearer`. The cookie is for this host alone, and no script can read it."""
        principal = request.state.principal
        if principal is None:
            raise UnauthenticatedError()
        response.headers.update(_NOT_KEPT)
        if not principal.is_anonymous and "authorization" in request.headers:
            issued = await authenticator.open_session(principal)
            left_s = int((issued.kept.until - clock()).total_seconds())
            response.set_cookie(SESSION_COOKIE, issued.secret, max_age=max(left_s, 1), **cookie(request))
            audit("signed in")
        return await view(principal)

    @router.delete("/session", status_code=204, summary="Sign out")
    async def sign_out(request: Request) -> Response:
        """Harmless to repeat. Sockets that were opened with the session are closed."""
        secret = session_secret(request.headers)
        if secret:
            await authenticator.end_session(secret)
            audit("signed out")
        response = Response(status_code=204, headers=_NOT_KEPT)
        response.delete_cookie(SESSION_COOKIE, **cookie(request))
        return response

    @router.post("/tickets", status_code=201, summary="A ticket for one socket", response_model=TicketView)
    async def issue_ticket(request: Request, response: Response) -> TicketView:
        """For browsers, which cannot show a token to a socket: `new WebSocket(address, protocols)`."""
        response.headers.update(_NOT_KEPT)
        issued = await authenticator.issue_ticket(request.state.principal)
        return TicketView(
            ticket=issued.secret,
            protocols=[SUBPROTOCOL, TICKET_PREFIX + issued.secret],
            expires_in_s=TICKET_LIFE.total_seconds(),
        )

    async def view(principal: Principal | None) -> SessionView:
        known = PrincipalView.of(principal) if principal is not None else None
        return SessionView(access=await access_of(authenticator), principal=known)

    def cookie(request: Request) -> Mapping[str, Any]:
        secure = request.url.scheme == "https" or (public_url or "").startswith("https://")
        return {"path": service_path or "/", "httponly": True, "secure": secure, "samesite": "strict"}

    return router
