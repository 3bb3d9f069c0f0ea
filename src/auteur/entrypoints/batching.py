"""How a batch is followed from its submission to the last ending, wherever the service is."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from auteur.client import Connected, Event, Task, is_ending
from auteur.client.events import ending_of
from auteur.entrypoints.studios import BatchStarted, FilmStarted

Started = TypeVar("Started", bound=BatchStarted)


def film_started(made: Mapping[str, Any]) -> FilmStarted:
    """What was answered to who makes a film."""
    return FilmStarted(list(made["tasks"].values()), made["tasks"], made)


async def follow_batch(
    events: AsyncGenerator[Event, None],
    submit: Callable[[], Awaitable[Started]],
    read: Callable[[str], Awaitable[Task]],
) -> AsyncGenerator[Started | Event, None]:
    """Tells `BatchStarted` and then what happens to its tasks, until each has its ending.

    ``events``: all of the project, `Connected` first, and again with the state where some were lost. ``submit``: asks
    for the batch once these are heard. ``read``: one task, whose ending may have been lost.
    """
    left: set[str] = set()
    started = False
    async with aclosing(events) as heard:
        async for event in heard:
            if isinstance(event, Connected) and not started:
                answer, started = await submit(), True
                left = set(answer.task_ids)
                yield answer
            elif isinstance(event, Connected) and event.state is not None:
                for task_id in sorted(left):
                    ending = ending_of(await read(task_id))
                    if ending is not None:
                        left.discard(task_id)
                        yield ending
            elif event.task_id in left:
                yield event
                if is_ending(event):
                    left.discard(event.task_id)
            if started and not left:
                return
