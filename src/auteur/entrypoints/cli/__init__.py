"""The command line: serving, making, watching, keeping, backing up and diagnosing, a module each."""

import sys

from auteur.domain.errors import AuteurError
from auteur.entrypoints.cli import (
    assistants,
    backing_up,
    batching,
    diagnosing,
    keeping,
    making,
    serving,
    tokens,
    watching,
)
from auteur.entrypoints.cli.shared import app, complain
from auteur.entrypoints.client import ServiceError
from auteur.entrypoints.container import WorkspaceInUseError
from auteur.entrypoints.output import CannotWriteError
from auteur.entrypoints.server import CannotListenError
from auteur.entrypoints.settings import WrongSettingError

COMMANDS = (serving, making, batching, watching, keeping, backing_up, diagnosing, tokens, assistants)
"""Importing a module adds its commands."""


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 it could not be done, 2 wrong settings or usage, 130 stopped."""
    try:
        app()
    except WrongSettingError as error:
        complain(str(error))
        sys.exit(2)
    except (CannotListenError, CannotWriteError, WorkspaceInUseError, ServiceError) as error:
        complain(str(error))
        sys.exit(1)
    except AuteurError as error:
        complain(error.message)
        sys.exit(1)
    except OSError as error:
        complain(_told_of(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _told_of(error: OSError) -> str:
    said = error.strerror or type(error).__name__
    return f"{error.filename}: {said}" if error.filename is not None else said
