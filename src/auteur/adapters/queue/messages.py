"""Messages of Taskiq's brokers: taken, and said to be done with."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

from taskiq import AckableMessage, AsyncBroker

from auteur.adapters.background import within

_PATIENCE_S = 1.0


async def messages_of(broker: AsyncBroker) -> AsyncGenerator[AckableMessage, None]:
    """What the broker brings; one without acknowledgements is told nothing. Close it."""
    async with contextlib.aclosing(broker.listen()) as messages:
        async for message in messages:
            yield message if isinstance(message, AckableMessage) else AckableMessage(data=message, ack=_nothing)


async def _nothing() -> None:
    """What a broker without acknowledgements is told."""


async def acknowledged(leaving: "asyncio.Future[None]") -> None:
    """Returns when what was said beside the ending is heard, or will not be."""
    if not leaving.done():  # mostly it came with the answer to the ending
        await asyncio.wait({leaving}, timeout=_PATIENCE_S)
    if leaving.done() and not leaving.cancelled():
        leaving.exception()  # seen: a message that comes again finds its task ended


async def acknowledge(ack: Callable[[], Any]) -> None:
    """Tells the broker; one that does not hear it sends the message again, which the log makes harmless."""
    with contextlib.suppress(Exception):
        await within(_PATIENCE_S, ack)
