"""What somebody wants done in the file, and how it is answered."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from auteur.adapters.causes import cause_of
from auteur.domain.errors import BusUnavailableError, Cause


@dataclass(slots=True, eq=False)
class Job:
    """What somebody waits for. ``synced``: of a transaction, whether it must survive a loss of power; None: no
    transaction of ours. ``then``: makes of what came of it what is answered, in the event loop, whoever still waits.
    ``outcome``: once it ran."""

    work: Callable[[sqlite3.Connection], Any]
    waiting: "asyncio.Future[Any]"
    synced: bool | None = None
    then: Callable[[Any], Any] | None = None
    outcome: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Tells who asked, in the event loop."""
        outcome = self.outcome
        if self.then is not None and self.error is None:
            outcome = self.then(outcome)
        if self.waiting.done():
            return  # who asked was cancelled
        if self.error is not None:
            self.waiting.set_exception(self.error)
        else:
            self.waiting.set_result(outcome)


def run_all(connection: sqlite3.Connection, jobs: Sequence[Job]) -> bool:
    """All in the transaction that is open. Of several, what is refused before it wrote anything is told so: there is
    nothing to take back. False where one was refused later: then the whole is to be taken back, and done by
    `run_each`. What goes wrong with the file itself is raised: it concerns all.

    A savepoint each would cost a third of a group: with each of them the words that are searched are written out.
    """
    if len(jobs) == 1:
        jobs[0].outcome = jobs[0].work(connection)
        return True
    for job in jobs:
        written, job.error = connection.total_changes, None
        try:
            job.outcome = job.work(connection)
        except (sqlite3.OperationalError, OSError):
            raise
        except BaseException as error:
            if connection.total_changes != written:
                return False
            job.error = _refusal(error)
    return True


def run_each(connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """The same, where what one wrote before it was refused is taken back by itself."""
    for job in jobs:
        job.outcome = job.error = None
        connection.execute("SAVEPOINT one")
        try:
            job.outcome = job.work(connection)
        except (sqlite3.OperationalError, OSError):
            raise
        except BaseException as error:
            job.error = _refusal(error)
            connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")


def _refusal(error: BaseException) -> BaseException:
    return unavailable(cause_of(error)) if isinstance(error, sqlite3.Error) else error


def unavailable(cause: Cause) -> BusUnavailableError:
    """The error of a file that cannot be used."""
    return BusUnavailableError("The project database cannot be used now.", cause=cause)
