"""A project's log as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from auteur.adapters.background import end
from auteur.adapters.live.feed import ProjectFeed
from auteur.domain.errors import ProjectDeletedError, UnavailableError
from auteur.domain.events import Position

_SILENCE_S = 15.0


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
    then, and is told what keeps it out."""
    ends = [asyncio.create_task(closing.wait()), asyncio.ensure_future(denied())]
    try:
        async with aclosing(feed.follow(project_id, position, resumes=resumes)) as told:
            coming: asyncio.Task[tuple[str, str]] | None = None
            try:
                while True:
                    coming = coming or asyncio.create_task(anext(told))
                    await asyncio.wait({coming, *ends}, timeout=_SILENCE_S, return_when=asyncio.FIRST_COMPLETED)
                    if ends[1].done():
                        return
                    if coming.done():
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
        await end(ends)
