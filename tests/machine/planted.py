"""The service with a fault that stories must bring to light: ``python -m tests.machine.planted FAULT serve …``."""

import itertools
import sys
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

from auteur.adapters.live.feed import ProjectFeed
from auteur.domain import dispatcher
from auteur.domain.commands import StartGeneration
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.events import RecordedEvent, TaskProgressed, TaskStarted
from auteur.domain.project import ProjectReader
from auteur.entrypoints.cli import main
from auteur.entrypoints.http import projects


def every_key_is_new() -> None:
    """The same request again is another task."""
    submit, count, turn = TaskDispatcher.submit, itertools.count(), ContextVar("turn", default=0)

    async def forgetful(self: TaskDispatcher, command: StartGeneration) -> Any:
        turn.set(next(count))
        return await submit(self, command)

    TaskDispatcher.submit = forgetful  # type: ignore[method-assign]
    known = dispatcher.task_id_of
    dispatcher.task_id_of = lambda project, message: known(project, f"{message}/{turn.get()}")


def an_event_is_not_told() -> None:
    """Every fourth that is on the way to an ending is recorded, and nobody hears of it."""
    render, count = ProjectFeed.render, itertools.count(1)

    def silent(self: ProjectFeed, recorded: RecordedEvent) -> str | None:
        key = (recorded.event.project_id, recorded.position)
        on_the_way = isinstance(recorded.event, TaskStarted | TaskProgressed)
        if on_the_way and key not in self._texts and next(count) % 4 == 0:
            self._texts[key] = None
        return render(self, recorded)

    ProjectFeed.render = silent  # type: ignore[method-assign]


def streams_tell_otherwise() -> None:
    """What a stream says of how far a task is, is not what a socket says."""
    told = projects.server_sent

    async def otherwise(*args: Any, **options: Any) -> AsyncIterator[str]:
        async for text in told(*args, **options):
            yield text.replace('"attempt":1', '"attempt":2')

    projects.server_sent = otherwise


def a_page_leaves_one_out() -> None:
    """Where a list goes on, a task is lost."""
    page = ProjectReader.page

    async def leaving_out(self: ProjectReader, *args: Any) -> Any:
        found, cursor = await page(self, *args)
        if cursor is not None and cursor.startswith("before."):
            cursor = f"before.{int(cursor.removeprefix('before.')) - 1}"
            found_next, _ = await page(self, *args[:2], cursor, 1)
            if found_next.readings:
                cursor = f"before.{found_next.readings[0].task.queued_seq}"
        return found, cursor

    ProjectReader.page = leaving_out  # type: ignore[method-assign]


FAULTS = {
    fault.__name__: fault
    for fault in (every_key_is_new, an_event_is_not_told, streams_tell_otherwise, a_page_leaves_one_out)
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    main()
