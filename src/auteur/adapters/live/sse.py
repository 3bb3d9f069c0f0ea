"""A project's log as server-sent events."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from auteur.adapters.background import end
from auteur.adapters.live.feed import ProjectFeed
from auteur.domain.errors import ProjectDeletedError, UnavailableError
from auteur.domain.events import Position
from auteur.domain.waiting import PlacesTold

_SILENCE_S = 15.0
_MOST_PLACES = 4


async def server_sent(
    feed: ProjectFeed,
    project_id: str,
    position: Position | None,
    *,
    resumes: bool,
    closing: asyncio.Event,
    denied: Callable[[], Awaitable[None]],
) -> AsyncIterator[str]:
    """The stream, until the process stops or ``denied`` returns: who reads may do so no longer. The client comes back
    then, and is told what keeps it out. What is no event of the log has no id: the client's bookmark stays where it is.
    """
    places: deque[str] = deque()
    placed = asyncio.Event()

    def tell(told: PlacesTold) -> bool:
        texts = feed.write_places(told)
        if len(places) + len(texts) > _MOST_PLACES:
            return False
        places.extend(texts)
        placed.set()
        return True

    ends = [asyncio.create_task(closing.wait()), asyncio.ensure_future(denied())]
    noticing = asyncio.create_task(placed.wait())
    try:
        with feed.attend(project_id, tell) as heard:
            follow = feed.follow(project_id, position, resumes=resumes, heard=heard)
            async with aclosing(follow) as told:
                coming: asyncio.Task[tuple[str, str]] | None = None
                try:
                    while True:
                        coming = coming or asyncio.create_task(anext(told))
                        await asyncio.wait(
                            {coming, noticing, *ends}, timeout=_SILENCE_S, return_when=asyncio.FIRST_COMPLETED
                        )
                        if ends[1].done():
                            return
                        if noticing.done():  # told when it was put there: what comes of the log comes after it
                            placed.clear()
                            noticing = asyncio.create_task(placed.wait())
                            while places:
                                yield f"data: {places.popleft()}\n\n"
                        elif coming.done():
                            text, at = coming.result()
                            coming = None
                            yield f"id: {at}\ndata: {text}\n\n"
                        elif ends[0].done():
                            return
                        else:
                            yield ": still here\n\n"
                except UnavailableError:
                    return  # the client comes back with its position
                except ProjectDeletedError:
                    return  # the last event said so, and who comes back is told
                finally:
                    if coming is not None:
                        coming.cancel()
                        await asyncio.wait({coming})
    finally:
        await end([*ends, noticing])
