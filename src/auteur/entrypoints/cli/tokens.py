"""``auteur token``: who may come in where a token is needed."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.shared import SERVING, announce, app, out, quiet_settings, remark, run, tell

if TYPE_CHECKING:
    from auteur.domain.access import Token
    from auteur.domain.authentication import TokenOffice
    from auteur.entrypoints.settings import Settings

tokens = typer.Typer(
    no_args_is_help=True, help="Make, list and revoke tokens.", pretty_exceptions_enable=False, add_completion=False
)
app.add_typer(tokens, name="token", rich_help_panel=SERVING)

_LIFE = re.compile(r"([1-9]\d{0,4})([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def _life(text: str) -> timedelta | None:
    if text == "never":
        return None
    match = _LIFE.fullmatch(text)
    if match is None:
        raise typer.BadParameter("a number with m, h, d or w after it, as 90d; or never")
    return int(match[1]) * _UNITS[match[2]]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


@tokens.command("create")
def create(
    name: Annotated[str, typer.Option(help="Who it is for.")],
    projects: Annotated[str, typer.Option(help="Projects by comma; * is any run of characters, as film-*.")],
    may: Annotated[str, typer.Option(help="Some of read, submit, cancel, manage, by comma.")],
    expires: Annotated[str, typer.Option(help="When it ends by itself: 12h, 90d, 4w, or never.")] = "90d",
    as_json: Annotated[bool, typer.Option("--json", help="One object, for programs.")] = False,
) -> None:
    """Make a token. It is shown once, and kept as a hash."""
    life = _life(expires)
    secret, token = run(_create(quiet_settings(), name, _words(projects), _words(may), life))
    if as_json:
        tell(json.dumps({"token": secret, **_told(token)}))
        return
    remark(f"{token.name} may {', '.join(_words(may))} in {projects}; it ends {_day(token.expires_at)}.")
    remark("This is the only time it is shown:")
    tell(secret)


@tokens.command("list")
def list_tokens(as_json: Annotated[bool, typer.Option("--json", help="A list, for programs.")] = False) -> None:
    """Show all tokens that were made, without their secrets."""
    found = run(_all(quiet_settings()))
    if as_json:
        tell(json.dumps([_told(token) for token in found]))
        return
    if not found:
        remark("No token was made.")
        return
    from rich.table import Column, Table

    table = Table(
        Column("id", no_wrap=True), "name", "projects", "may", "made", "ends", "state", box=None, header_style="dim"
    )
    for token in found:
        told = _told(token)
        table.add_row(
            token.token_id, token.name, ", ".join(told["projects"]), ", ".join(told["may"]), _day(token.created_at),
            _day(token.expires_at), told["state"],
        )  # fmt: skip
    out().print(table)


@tokens.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(help="Its id, as `auteur token list` shows it.", metavar="ID")],
) -> None:
    """Take a token back, for good: requests with it are refused within 5 s, open sockets closed within 20 s."""
    run(_revoke(quiet_settings(), token_id))
    announce(f"token {token_id} is revoked")


async def _create(
    settings: "Settings", name: str, projects: Sequence[str], may: Sequence[str], life: timedelta | None
) -> "tuple[str, Token]":
    from auteur.adapters.audit import audit

    async with _office(settings) as office:
        secret, token = await office.create(name, projects, may, life)
    audit("token created", token_id=token.token_id, name=token.name, projects=list(projects), may=list(may))
    return secret, token


async def _all(settings: "Settings") -> "Sequence[Token]":
    async with _office(settings) as office:
        return await office.all()


async def _revoke(settings: "Settings", token_id: str) -> None:
    from auteur.adapters.audit import audit

    async with _office(settings) as office:
        await office.revoke(token_id)
    audit("token revoked", token_id=token_id)


@asynccontextmanager
async def _office(settings: "Settings") -> "AsyncIterator[TokenOffice]":
    """Where tokens are kept, beside a service that may be running: nothing else of it is opened."""
    from auteur.adapters.audit import asked_by
    from auteur.entrypoints.container import token_office

    asked_by("local", "command line", None)
    async with token_office(settings) as office:
        yield office


def _told(token: "Token") -> dict[str, Any]:
    from auteur.domain.access import Permission

    now = datetime.now(UTC)
    good = token.is_good(now)
    return {
        "id": token.token_id,
        "name": token.name,
        "projects": sorted({pattern for grant in token.grants for pattern in grant.projects}),
        "may": [permission for permission in Permission if any(permission in grant.may for grant in token.grants)],
        "created_at": token.created_at.isoformat(),
        "expires_at": None if token.expires_at is None else token.expires_at.isoformat(),
        "state": "good" if good else "revoked" if token.revoked_at is not None else "expired",
    }


def _day(at: datetime | None) -> str:
    return "never" if at is None else at.strftime("%Y-%m-%d %H:%M UTC")
