"""The service as it is, killed by itself at the worst moment: ``python -m tests.e2e.dying MOMENT serve …``."""

import os
import signal
import sys
from typing import Any

from auteur.adapters.log.sqlite import bus as sqlite_bus
from auteur.domain.chains import Chains
from auteur.entrypoints.cli import main


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_settling() -> None:
    """The origin's ending is recorded, and nothing of what waits for it."""

    async def settle(*_: Any) -> Any:
        die()

    Chains.settle = settle  # type: ignore[method-assign]


def within_a_batch() -> None:
    """Half of the batch is written, and nothing committed."""
    write, written = sqlite_bus.write_record, 0

    def write_record(*args: Any) -> Any:
        nonlocal written
        written += 1
        if written == 20:
            die()
        return write(*args)

    sqlite_bus.write_record = write_record


if __name__ == "__main__":
    {"before_settling": before_settling, "within_a_batch": within_a_batch}[sys.argv.pop(1)]()
    main()
