"""``auteur mcp``."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from auteur.adapters.secret_files import read_secret
from auteur.entrypoints.assistants import require_sdk, serve_stdio
from auteur.entrypoints.cli.shared import Server, app, find_service, quiet_settings, remark
from auteur.entrypoints.client import ServiceError
from auteur.entrypoints.mcp.room import Address, RefusedError, away
from auteur.entrypoints.service_file import local_secret, running_service
from auteur.entrypoints.settings import Settings, WrongSettingError


@app.command("mcp")
def mcp_command(
    server: Server = None,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that is shown to the service; else BACKEND_TOKEN.")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="A folder that the assistant may bring pictures from; else none.")
    ] = None,
) -> None:
    """Serve an assistant over stdin and stdout (Model Context Protocol), as a client of a running service."""
    require_sdk("auteur mcp")
    settings = quiet_settings()
    token = _token(settings, token_file)
    if pictures is not None and not pictures.is_dir():
        raise WrongSettingError("--pictures must name a folder")
    if asyncio.run(find_service(settings, server)) is None:
        raise ServiceError(
            "No service runs on this workspace; start one with `auteur serve`, or name one with --server."
        )
    if sys.stdin.isatty():
        remark("auteur mcp speaks with a program, which starts it by itself: docs/assistants.md. Stop with Ctrl-C.")

    def where() -> Address:
        """Of the service now: one that was restarted may have another port, and has another secret of its own."""
        url = server or running_service(settings)
        if url is None:
            raise away("No service runs on this workspace now; `auteur serve` starts one.")
        return Address(url, token or (local_secret(settings) if server is None else None))

    try:
        asyncio.run(serve_stdio(where, pictures))
    except RefusedError as error:
        raise ServiceError(f"{error.message} ({error.code})") from None
    except asyncio.CancelledError:
        sys.exit(143)


def _token(settings: Settings, file: Path | None) -> str | None:
    if file is not None:
        try:
            return read_secret(str(file))
        except ValueError as error:
            raise WrongSettingError(f"--token-file: {error}") from None
    return settings.token.get_secret_value() if settings.token is not None else None
