"""A project's log as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from auteur.adapters.live.feed import ProjectFeed
from auteur.domain.errors import ProjectDeletedError, UnavailableError
from auteur.domain.events import Position

_SILENCE_S = 15.0


async def server_sent(
    feed: ProjectFeed, project_id: str, position: Position | None, *, resumes: bool, closing: asyncio.Event
) -> AsyncIterator[str]:
    stopped = asyncio.create_task(closing.wait())
    try:
        async with aclosing(feed.follow(project_id, position, resumes=resumes)) as told:
            coming: asyncio.Task[tuple[str, str]] | None = None
            try:
                while True:
                    coming = coming or asyncio.create_task(anext(told))
                    await asyncio.wait({coming, stopped}, timeout=_SILENCE_S, return_when=asyncio.FIRST_COMPLETED)
                    if coming.done():
                        text, at = coming.result()
                        coming = None
                        yield f"id: {at}\ndata: {text}\n\n"
                    elif stopped.done():
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
        stopped.cancel()
