"""What the commands share: the application they belong to, what they say and where, and the service they speak to."""

from typing import Annotated

import typer
from rich.console import Console

from auteur.entrypoints.client import RemoteStudio, ServiceError
from auteur.entrypoints.container import running_service
from auteur.entrypoints.factories import engine_names
from auteur.entrypoints.logs import configure_logs
from auteur.entrypoints.service_file import local_secret
from auteur.entrypoints.settings import Settings, load_settings, unknown_variables

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="From a sentence to a frame to a moving shot.",
    pretty_exceptions_enable=False,
)  # fmt: skip
out = Console()
err = Console(stderr=True)

Project = Annotated[str, typer.Option("--project", "-p", help="The project it belongs to.")]
Server = Annotated[str | None, typer.Option(help="A running service; else this workspace's own, else none is needed.")]


def complain(text: str) -> None:
    """Says what is wrong, as one line."""
    err.print(f"auteur: {text}", style="red", markup=False, highlight=False, soft_wrap=True)


def remark(text: str) -> None:
    """Says something beside the result, as one line."""
    err.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


def announce(text: str) -> None:
    """Says what the process does from now on, as one line."""
    err.print(text, markup=False, highlight=False, soft_wrap=True)


def tell(text: str) -> None:
    """Says a line of the result."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def warn_of_unknown_variables() -> None:
    """Says which variables look like settings and are none."""
    for said in unknown_variables(engine_names()):
        err.print(f"auteur: {said}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def quiet_settings() -> Settings:
    """The settings of a command that does its work in this process: only what goes wrong is logged."""
    settings = load_settings()
    warn_of_unknown_variables()
    quiet = settings.model_copy(update={"log_level": "ERROR", "log_format": "console", "debug": False})
    configure_logs(quiet)
    return quiet


async def find_service(settings: Settings, server: str | None) -> RemoteStudio | None:
    """The named service, which must answer; else this workspace's own if it runs. Raises `ServiceError`."""
    url = server or running_service(settings)
    if url is None:
        return None
    token = settings.token.get_secret_value() if settings.token is not None else None
    if server is None and token is None:
        token = local_secret(settings)
    studio = RemoteStudio(url, settings.workspace, token)
    if await studio.answers():
        return studio
    if server is not None:
        raise ServiceError(f"No service answers at {server}.")
    return None
