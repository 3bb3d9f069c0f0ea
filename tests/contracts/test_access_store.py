"""What every `AccessStore` promises, on the ground of two processes: written in one, read in the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auteur.adapters.access.memory import MemoryAccessStore
from auteur.adapters.access.redis import RedisAccessStore
from auteur.adapters.access.sqlite import SqliteAccessStore
from auteur.domain.access import ANONYMOUS, EVERYTHING, Grant, Pass, Principal, Token
from auteur.domain.ports import AccessStore
from tests.backends import BACKENDS, redis_databases
from tests.fakes import START

GRANT = Grant.of(["film-*"], ["read", "cancel"])
TOKEN = Token(token_id="a1", name="Ada", digest="d" * 64, grants=(GRANT,), created_at=START)
LATER = START + timedelta(seconds=30)
MOST = 100


@pytest.fixture(params=BACKENDS)
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[AccessStore, AccessStore]]:
    if request.param == "memory":
        store = MemoryAccessStore()
        yield store, store
    elif request.param == "sqlite":
        async with SqliteAccessStore(tmp_path / "access.db") as one, SqliteAccessStore(tmp_path / "access.db") as other:
            yield one, other
    else:
        one, other = redis_databases(request.param, lambda: request.getfixturevalue("redis_server"))
        async with one, other:
            yield RedisAccessStore(one), RedisAccessStore(other)


Stores = tuple[AccessStore, AccessStore]


async def test_a_token_is_read_as_it_was_kept(stores: Stores) -> None:
    here, there = stores
    token = Token(
        token_id="b2",
        name="Grace & co",
        digest="e" * 64,
        grants=(GRANT, EVERYTHING),
        created_at=START,
        expires_at=LATER,
    )
    assert await there.token("b2") is None
    assert not await there.has_tokens()
    await here.add_token(token)
    assert await there.token("b2") == token
    assert await there.has_tokens()


async def test_tokens_are_listed_the_oldest_first(stores: Stores) -> None:
    here, there = stores
    for number in range(5):
        made = START + timedelta(minutes=number)
        await here.add_token(
            Token(token_id=f"t{number}", name="x", digest="f" * 64, grants=(GRANT,), created_at=made)
        )  # fmt: skip
    assert [token.token_id for token in await there.tokens()] == ["t0", "t1", "t2", "t3", "t4"]


async def test_a_token_is_revoked_once_and_stays_so(stores: Stores) -> None:
    here, there = stores
    await here.add_token(TOKEN)
    assert not await here.revoke_token("unknown", LATER)
    asked = await asyncio.gather(*(store.revoke_token("a1", LATER) for store in (here, there) for _ in range(5)))
    assert sum(asked) == 1
    revoked = await there.token("a1")
    assert revoked is not None
    assert revoked.revoked_at == LATER
    assert [token.revoked_at for token in await here.tokens()] == [LATER]
    assert await here.has_tokens(), "revoking the last token opens no door"


@pytest.mark.parametrize(
    "principal",
    [
        TOKEN.principal,
        ANONYMOUS,
        Principal(id="user:ada", name="Ädä", grants=(GRANT, EVERYTHING), expires_at=LATER, session="f" * 64),
    ],
    ids=["token", "anonymous", "person"],
)
async def test_a_session_is_there_until_it_ends(stores: Stores, principal: Principal) -> None:
    here, there = stores
    session = Pass(digest="1" * 64, principal=principal, until=_soon())
    await here.open_session(session, MOST)
    assert await there.session("1" * 64, START) == session
    assert await there.session("1" * 64, session.until) is None
    assert await there.session("2" * 64, START) is None


async def test_a_session_that_was_ended_is_gone_for_all(stores: Stores) -> None:
    here, there = stores
    await here.open_session(Pass(digest="1" * 64, principal=TOKEN.principal, until=_soon()), MOST)
    await there.end_session("1" * 64)
    await there.end_session("1" * 64)
    assert await here.session("1" * 64, START) is None


async def test_of_too_many_sessions_of_one_principal_the_one_that_ends_first_makes_room(stores: Stores) -> None:
    here, there = stores
    other = Pass(digest="a" * 64, principal=ANONYMOUS, until=_soon())
    await here.open_session(other, 3)
    made = [
        Pass(digest=f"{number}" * 64, principal=TOKEN.principal, until=_soon() + timedelta(seconds=number))
        for number in (2, 1, 3, 4, 5)
    ]
    for number, session in enumerate(made):
        await (here, there)[number % 2].open_session(session, 3)
    left = [session.digest[0] for session in made if await there.session(session.digest, START) is not None]
    assert left == ["3", "4", "5"]
    assert await there.session(other.digest, START) == other, "somebody else's"
    await here.end_session("5" * 64)
    await there.open_session(made[1], 3)
    assert await here.session(made[1].digest, START) == made[1], "one that was ended leaves its place"


async def test_of_many_who_take_a_ticket_one_gets_it(stores: Stores) -> None:
    here, there = stores
    ticket = Pass(digest="3" * 64, principal=TOKEN.principal, until=_soon())
    await here.add_ticket(ticket)
    taken = await asyncio.gather(*(store.take_ticket("3" * 64, START) for store in (here, there) for _ in range(10)))
    assert [found for found in taken if found is not None] == [ticket]
    assert await here.take_ticket("3" * 64, START) is None


async def test_a_ticket_that_is_too_old_is_nobody_s(stores: Stores) -> None:
    here, there = stores
    ticket = Pass(digest="4" * 64, principal=TOKEN.principal, until=_soon())
    await here.add_ticket(ticket)
    assert await there.take_ticket("4" * 64, ticket.until) is None


async def test_a_session_is_no_ticket_and_a_ticket_no_session(stores: Stores) -> None:
    here, there = stores
    await here.open_session(Pass(digest="5" * 64, principal=TOKEN.principal, until=_soon()), MOST)
    await here.add_ticket(Pass(digest="6" * 64, principal=TOKEN.principal, until=_soon()))
    assert await there.take_ticket("5" * 64, START) is None
    assert await there.session("6" * 64, START) is None


async def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    async with SqliteAccessStore(tmp_path / "inside" / "access.db") as store:
        await store.add_token(TOKEN)
        files = list((tmp_path / "inside").iterdir())
        assert files
        assert {file.stat().st_mode & 0o077 for file in files} == {0}


def _soon() -> datetime:
    """By a clock that servers keep, too: what has ended by theirs is gone already."""
    return datetime.now(UTC) + timedelta(hours=1)


async def test_where_nobody_has_a_token_no_file_is_kept(tmp_path: Path) -> None:
    async with SqliteAccessStore(tmp_path / "access.db") as store:
        assert not await store.has_tokens()
        assert await store.token("a1") is None
        assert await store.tokens() == []
        assert not await store.revoke_token("a1", LATER)
        assert await store.session("1" * 64, START) is None
        assert await store.take_ticket("1" * 64, START) is None
        await store.end_session("1" * 64)
        assert list(tmp_path.iterdir()) == []
