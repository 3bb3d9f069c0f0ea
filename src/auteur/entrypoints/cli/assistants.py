"""``auteur mcp``."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from auteur.entrypoints.cli.shared import SERVING, TokenFile, Url, app, find_service, quiet_settings, remark


@app.command("mcp", rich_help_panel=SERVING, epilog="auteur mcp --token-file assistant-token --pictures references")
def mcp_command(
    pictures: Annotated[
        Path | None, typer.Option(help="A folder that the assistant may bring pictures from; else none.")
    ] = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Serve an assistant over stdin and stdout (Model Context Protocol), as a client of a running service."""
    from auteur.adapters.secret_files import read_secret
    from auteur.entrypoints.assistants import require_sdk, serve_stdio
    from auteur.entrypoints.mcp.room import Address, RefusedError, away
    from auteur.entrypoints.service_file import local_secret, running_service
    from auteur.entrypoints.settings import WrongSettingError
    from auteur.entrypoints.studios import NotReachableError
    from auteur.entrypoints.studios import RefusedError as ServiceRefusedError

    require_sdk("auteur mcp")
    settings = quiet_settings()
    token = settings.token.get_secret_value() if settings.token is not None else None
    if token_file is not None:
        try:
            token = read_secret(token_file)
        except ValueError as error:
            raise WrongSettingError(f"--token-file: {error}") from None
    if pictures is not None and not pictures.is_dir():
        raise WrongSettingError("--pictures must name a folder")
    named = url or settings.service_url

    def where() -> Address:
        """Of the service now: one that was restarted may have another port, and has another secret of its own."""
        found = named or running_service(settings)
        if found is None:
            raise away("No service runs on this workspace now; `auteur serve` starts one.")
        return Address(found, token or (local_secret(settings) if named is None else None))

    async def speak() -> None:
        running = await find_service(settings, url)
        if running is None:
            raise NotReachableError(
                "No service runs on this workspace; start one with `auteur serve`, or name one with --url."
            )
        await running.close()
        if sys.stdin.isatty():
            remark("auteur mcp speaks with a program, which starts it by itself: docs/assistants.md. Stop with Ctrl-C.")
        await serve_stdio(where, pictures)

    try:
        asyncio.run(speak())
    except RefusedError as error:
        raise ServiceRefusedError(f"{error.message} ({error.code})") from None
    except asyncio.CancelledError:
        sys.exit(143)
