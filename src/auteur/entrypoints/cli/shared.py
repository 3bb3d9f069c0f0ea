"""What the commands share: the application they belong to, what they say and where, and the service they speak to.

Nothing of the service is imported where a module is read, only where a command runs: help, version and completion are
asked for more often than work.
"""

import asyncio
import dataclasses
import functools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from auteur.entrypoints.remote_studio import RemoteStudio
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import Studio

T = TypeVar("T")
STOPPED, BROKEN_PIPE = 130, 141
MAKING, LOOKING, CHANGING, KEEPING, SERVING = (
    "Make", "Look", "Change", "Keep and remove", "Serve and operate",
)  # fmt: skip

app = typer.Typer(
    no_args_is_help=True,
    help="From a sentence to a frame to a moving shot.",
    epilog="""Examples:
  auteur generate "wide shot of a lighthouse at dusk" -q draft
  auteur generate "slow push in" -i frame.png -o shot.mp4
  auteur list -p film --status failed
  auteur watch film --json | jq .type
  auteur list --url https://films.example/studio --token-file token.txt

Exit codes: 0 done; 1 a task failed, or this machine cannot; 2 wrong use or
settings; 3 the service refused; 4 no service answers; 130 stopped.""",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Project = Annotated[str, typer.Option("--project", "-p", help="The project it belongs to.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        "--server",
        help="A running service; else BACKEND_SERVICE_URL, else this workspace's own, else none is needed.",
        rich_help_panel="Service",
    ),
]
TokenFile = Annotated[
    str | None,
    typer.Option(
        help="A file that holds the token to show, one line; else BACKEND_TOKEN.",
        metavar="FILE",
        rich_help_panel="Service",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]


@functools.cache
def out() -> "Console":
    """Where results go."""
    return _console(stderr=False)


@functools.cache
def err() -> "Console":
    """Where everything else goes."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    class Quiet(Console):
        """Who reads no more is told nothing."""

        def on_broken_pipe(self) -> NoReturn:
            end_quietly()

    is_read_by_a_program = not stderr and not sys.stdout.isatty()
    return Quiet(stderr=stderr, width=10_000 if is_read_by_a_program else None)


def end_quietly() -> NoReturn:
    """Ends the process as one whose reader has gone, like any other program in a pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(BROKEN_PIPE)


def complain(text: str) -> None:
    """Says what is wrong, as one line."""
    err().print(f"auteur: {_plain(text)}", style="red", markup=False, highlight=False, soft_wrap=True)


def remark(text: str) -> None:
    """Says something beside the result, as one line."""
    err().print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


def announce(text: str) -> None:
    """Says what the process does from now on, as one line."""
    err().print(text, markup=False, highlight=False, soft_wrap=True)


def tell(text: str) -> None:
    """Says a line of the result."""
    out().print(_plain(text), markup=False, highlight=False, soft_wrap=True)


def tell_json(value: Any) -> None:
    """Says the result for programs: one document, or a line where it is given a text."""
    text = value if isinstance(value, str) else json.dumps(as_data(value), ensure_ascii=False, indent=2)
    out().print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)


def tell_table(table: "Table") -> None:
    """Says a result for people: within the terminal's width; whole, where another program reads it."""
    out().print(table)


def _plain(text: str) -> str:
    from auteur.domain.text import shown

    return shown(text)


def as_data(value: Any) -> Any:
    """A frozen model of the client as JSON has it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: as_data(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: as_data(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(inside) for inside in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def warn_of_unknown_variables() -> None:
    """Says which variables look like settings and are none."""
    from auteur.adapters.engines.installed import engine_names
    from auteur.entrypoints.settings import unknown_variables

    for said in unknown_variables(engine_names()):
        err().print(f"auteur: {said}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def settings_to_ask() -> "Settings":
    """The settings of a command that asks a service, or does its work here (`open_studio`): only what goes wrong is
    logged."""
    from auteur.entrypoints.settings import load_settings

    settings = load_settings()
    warn_of_unknown_variables()
    return settings.model_copy(update={"log_level": "ERROR", "log_format": "console", "debug": False})


def quiet_settings() -> "Settings":
    """The settings of a command that does its work in this process: only what goes wrong is logged."""
    from auteur.entrypoints.logs import configure_logs

    settings = settings_to_ask()
    configure_logs(settings)
    return settings


async def find_service(settings: "Settings", url: str | None, token_file: str | None = None) -> "RemoteStudio | None":
    """The named service, which must answer; else this workspace's own if it runs. Raises `CommandError`."""
    from auteur.entrypoints.remote_studio import RemoteStudio
    from auteur.entrypoints.service_file import local_secret, running_service
    from auteur.entrypoints.studios import NotReachableError

    named = url or settings.service_url
    where = named or running_service(settings)
    if where is None:
        return None
    token = settings.token.get_secret_value() if settings.token is not None else None
    if token_file is not None:
        token = _token_in(token_file)
    if named is None and token is None:  # read anew each time: the next process that serves here has another
        studio = RemoteStudio(where, settings.workspace, lambda: local_secret(settings))
    else:
        studio = RemoteStudio(where, settings.workspace, token)
    if await studio.answers():
        return studio
    await studio.close()
    if named is not None:
        raise NotReachableError(f"No service answers at {where}.")
    return None


@asynccontextmanager
async def open_studio(settings: "Settings", running: "RemoteStudio | None") -> "AsyncIterator[Studio]":
    """The running service, or one opened here. Raises what `lifetime` raises."""
    if running is not None:
        try:
            yield running
        finally:
            await running.close()
        return
    from auteur.entrypoints.container import build, lifetime
    from auteur.entrypoints.local_studio import EmbeddedStudio
    from auteur.entrypoints.logs import configure_logs

    configure_logs(settings)
    container = build(settings, own_tasks_only=True)
    async with lifetime(container):
        yield EmbeddedStudio(container)


def _token_in(file: str) -> str:
    from auteur.entrypoints.studios import CommandError

    with open(file, encoding="utf-8") as opened:
        token = opened.read(64 << 10).strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise CommandError(f"{file} holds no token: one line of printable ASCII is taken")
    return token


# --- Ctrl-C --------------------------------------------------------------------------------------------------------


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command. The first Ctrl-C cancels it, so that it says at once what goes on without it; a second one ends
    the process, whatever it still does. Raises `KeyboardInterrupt` where it was cancelled."""
    times = 0
    before = signal.getsignal(signal.SIGINT)
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        main = loop.create_task(work)

        def interrupted(*_: object) -> None:
            nonlocal times
            times += 1
            if times > 1:
                _end_at_once()
            loop.call_soon_threadsafe(main.cancel)  # wakes the loop, too

        signal.signal(signal.SIGINT, interrupted)
        try:
            return loop.run_until_complete(main)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            if not times:
                signal.signal(signal.SIGINT, before)


def _end_at_once() -> NoReturn:
    """As Ctrl-C ends a program that does not listen, with the terminal as it was."""
    if err().is_terminal:
        err().show_cursor(True)
        sys.stderr.write("\n")
        sys.stderr.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
    raise AssertionError("the signal ends the process")
