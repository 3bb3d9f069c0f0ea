"""The connection that all callers share: to each its own answer, whoever gives up, and a new one where it was cut."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio.connection import ConnectionPool
from redis.exceptions import ConnectionError, RedisError, ResponseError

from auteur.adapters.redis.address import RedisAddress
from auteur.adapters.redis.line import Line
from tests.servers import RedisServer
from tests.waiting import LONG_S


@pytest.fixture
async def line(redis_server: RedisServer) -> AsyncIterator[Line]:
    made = a_line(redis_server, LONG_S)
    yield made
    await made.close()


def a_line(server: RedisServer, deadline_s: float) -> Line:
    pool: Any = RedisAddress.parse(server.url).pool(ConnectionPool)
    return Line(pool.make_connection, deadline_s=deadline_s)


async def test_each_of_many_hears_its_own_answer_over_one_connection(line: Line) -> None:
    said = await asyncio.gather(*(line.ask([("ECHO", str(n)), ("ECHO", f"{n}!")]) for n in range(300)))
    assert said == [[str(n).encode(), f"{n}!".encode()] for n in range(300)]
    ids = {int((await line.ask([("CLIENT", "ID")]))[0]) for _ in range(3)}
    assert len(ids) == 1


async def test_an_error_of_the_server_is_the_answer_of_who_asked_wrongly_alone(line: Line) -> None:
    wrong, right = await asyncio.gather(line.ask([("ECHO",), ("ECHO", "a")]), line.ask([("ECHO", "b")]))
    assert isinstance(wrong[0], ResponseError)
    assert (wrong[1], right) == (b"a", [b"b"])


async def test_who_gives_up_takes_nobody_elses_answer_along(line: Line) -> None:
    await line.ask([("PING",)])
    given_up = asyncio.create_task(line.ask([("ECHO", "nobody hears")]))
    heard = asyncio.create_task(line.ask([("ECHO", "heard")]))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await heard == [b"heard"]
    assert await line.ask([("ECHO", "next")]) == [b"next"]


async def test_a_connection_that_was_cut_is_made_anew(line: Line) -> None:
    (before,) = await line.ask([("CLIENT", "ID")])
    with pytest.raises(ConnectionError):
        await line.ask([("CLIENT", "KILL", "ID", str(before), "SKIPME", "no"), ("BLPOP", "never", "0")])
    (after,) = await line.ask([("CLIENT", "ID")])
    assert after != before


async def test_what_a_frozen_server_does_not_answer_fails_in_time_and_then_it_is_asked_anew(
    redis_server: RedisServer,
) -> None:
    line = a_line(redis_server, 0.5)
    await line.ask([("PING",)])
    redis_server.freeze()
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(LONG_S):
                await line.ask([("PING",)])
    finally:
        redis_server.thaw()
    async with asyncio.timeout(LONG_S):
        while True:
            try:
                assert await line.ask([("ECHO", "again")]) == [b"again"]
                break
            except (RedisError, TimeoutError):
                continue
    await line.close()


async def test_a_connection_that_is_cut_while_it_is_made_is_said_as_one_that_is_lost() -> None:
    """uvloop has a word of its own for a transport that is gone."""

    class Cut:
        async def connect(self) -> None:
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

        async def disconnect(self, nowait: bool) -> None:
            pass

    line = Line(Cut, deadline_s=LONG_S)
    with pytest.raises(ConnectionError, match="closed=True"):
        await line.ask([("PING",)])
