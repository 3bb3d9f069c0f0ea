"""The command line: serving, making, looking, changing, watching, keeping, backing up and diagnosing, a module each."""

import sys
from typing import Annotated, Any

import typer

from auteur import __version__
from auteur.entrypoints.cli import (
    assistants,
    backing_up,
    batching,
    changing,
    diagnosing,
    filming,
    keeping,
    looking,
    making,
    resources,
    serving,
    tokens,
    watching,
    webhooks,
)
from auteur.entrypoints.cli.shared import STOPPED, app, complain, end_quietly

COMMANDS = (
    making,
    batching,
    filming,
    resources,
    looking,
    watching,
    changing,
    keeping,
    backing_up,
    serving,
    assistants,
    diagnosing,
    tokens,
    webhooks,
)
"""Importing a module adds its commands; help shows them in this order."""
_PLACES = {module.__name__: place for place, module in enumerate(COMMANDS)}
app.registered_commands.sort(key=lambda command: _PLACES[getattr(command.callback, "__module__", "")])


_UsageError: Any = typer.BadParameter.__mro__[2]
"""Root of what is wrong with words on a command line, which typer does not name."""


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"auteur {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """From a sentence to a frame to a moving shot."""


def main() -> None:
    """Runs the command line. Exit codes: 0 done; 1 a task failed, or it cannot be done on this machine; 2 wrong use or
    settings; 3 the service refused; 4 no service answers; 130 stopped with Ctrl-C; 141 nobody reads what is said."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        sys.exit(STOPPED)
    except BrokenPipeError:
        end_quietly()
    except OSError as error:
        complain(_told_of(error))
        sys.exit(1)
    except Exception as error:
        code, said = _ending(error)
        complain(said)
        sys.exit(code)


def _ending(error: Exception) -> tuple[int, str]:
    """The exit code and the line that tell of an error; raises what is a fault of ours."""
    if isinstance(error, _UsageError):
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()
            sys.exit(error.exit_code)
        said = error.format_message()
        return (
            error.exit_code,
            f"{said}{'' if said.endswith(('.', '?', ')')) else '.'} See `{_asked_of(error)} --help`.",
        )
    from auteur.domain.errors import AuteurError
    from auteur.entrypoints.addresses import CannotListenError
    from auteur.entrypoints.output import CannotWriteError
    from auteur.entrypoints.service_file import WorkspaceInUseError
    from auteur.entrypoints.settings import WrongSettingError
    from auteur.entrypoints.studios import CommandError

    match error:
        case CommandError():
            return error.exit_code, str(error)
        case WrongSettingError():
            return 2, str(error)
        case AuteurError():
            return 1, error.message
        case CannotListenError() | CannotWriteError() | WorkspaceInUseError():
            return 1, str(error)
    raise error


def _asked_of(error: Any) -> str:
    return str(error.ctx.command_path) if getattr(error, "ctx", None) is not None else "auteur"


def _told_of(error: OSError) -> str:
    said = error.strerror or type(error).__name__
    return f"{error.filename}: {said}" if error.filename is not None else said
