"""The suite of what is owed to webhooks is worth something only if it fails for an adapter that breaks the contract."""

import inspect
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.memory import MemoryHub, MemoryWebhookOutbox
from auteur.adapters.log.memory.bus import MemoryProgressBus, MemoryWebhooks
from auteur.adapters.log.sqlite import database as sqlite_database
from auteur.adapters.redis.database import Script
from auteur.domain.events import Event, RecordedEvent
from auteur.domain.webhooks import Claim, Verdict
from tests.backends import HISTORY, Ground, ground, memory_ground
from tests.contracts import test_webhook_outbox
from tests.contracts.test_the_contract_itself import Rewording, World, broken_by, in_files, never

PROMISES: list[str] = [
    name
    for name, test in vars(test_webhook_outbox).items()
    if name.startswith("test_") and list(inspect.signature(test).parameters) == ["world"]
]


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has `broken_by` ask for the promises of this suite."""
    suite = {name: vars(test_webhook_outbox)[name] for name in PROMISES}
    monkeypatch.setattr("tests.contracts.test_the_contract_itself.PROMISES", suite)


# --- memory --------------------------------------------------------------------------------------------------------


class OwesAfterwards(MemoryProgressBus):
    """Not in the same act: one who is killed between, or refused after, leaves it out."""

    async def publish(self, event: Event) -> RecordedEvent:
        recorded = await super().publish(event)
        self._hub.projects[event.project_id].webhooks.owed.clear()
        return recorded


class ForgetsLeases(MemoryWebhookOutbox):
    async def claim(self, *args: Any, **kwargs: Any) -> list[Claim]:  # type: ignore[override]
        claims = list(await super().claim(*args, **kwargs))
        for one in claims:
            owed = self._hub.projects[one.delivery.project_id].webhooks.owed[one.delivery.delivery_id]
            owed.due_at, owed.is_leased = one.delivery.since, False
        return claims


class BelievesEverybody(MemoryWebhookOutbox):
    """Also who has lost his lease."""

    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        owed = self._hub.projects[claim.delivery.project_id].webhooks.owed.get(claim.delivery.delivery_id)
        if owed is not None:
            object.__setattr__(claim.delivery, "attempts", owed.delivery.attempts)
        return await super().settle(claim, verdict)


class NeverRests(MemoryWebhookOutbox):
    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        object.__setattr__(verdict, "rest_until", None)
        return await super().settle(claim, verdict)


class KeepsWhatWasTaken(MemoryWebhookOutbox):
    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        kept: MemoryWebhooks = self._hub.projects[claim.delivery.project_id].webhooks
        before = kept.owed.get(claim.delivery.delivery_id)
        settled = await super().settle(claim, verdict)
        if before is not None:
            kept.owed.setdefault(claim.delivery.delivery_id, before)
        return settled


def in_memory(
    bus: type[MemoryProgressBus] = MemoryProgressBus, outbox: type[MemoryWebhookOutbox] = MemoryWebhookOutbox
) -> World:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def world() -> Any:
        there: Ground = memory_ground(MemoryHub(history_limit=HISTORY), bus, outbox=outbox)
        yield there

    return world


MEMORY_MUTANTS: dict[str, Callable[[], World]] = {
    "owes afterwards": lambda: in_memory(bus=OwesAfterwards),
    "forgets leases": lambda: in_memory(outbox=ForgetsLeases),
    "believes everybody": lambda: in_memory(outbox=BelievesEverybody),
    "never rests": lambda: in_memory(outbox=NeverRests),
    "keeps what was taken": lambda: in_memory(outbox=KeepsWhatWasTaken),
}


@pytest.mark.parametrize("name", MEMORY_MUTANTS)
async def test_memory_that_breaks_a_promise_is_caught(name: str) -> None:
    assert await broken_by(MEMORY_MUTANTS[name](), PROMISES) != []


async def test_memory_as_it_is_breaks_none() -> None:
    assert await broken_by(in_memory(), PROMISES) == []


# --- SQLite --------------------------------------------------------------------------------------------------------


class Reworded:
    """A connection to which something is said in other words."""

    def __init__(self, connection: sqlite3.Connection, rewording: Rewording) -> None:
        self._connection, self._rewording = connection, rewording

    def execute(self, statement: str, *values: Any) -> Any:
        return self._connection.execute(self._rewording(statement), *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


SQLITE_MUTANTS = {
    "hears while disabled": (" AND disabled IS NULL ORDER BY number", " ORDER BY number"),
    "own webhooks hear of all": ("task_id IN ('', ?)", "(task_id IN ('', ?) OR 1)"),
    "no look at new ones": ("INSERT INTO endpoints", "INSERT OR IGNORE INTO endpoints_elsewhere"),
    "no lease": (", due_at = ?, leased = 1 WHERE", ", due_at = ? * 0, leased = 1 WHERE"),
    "full is not full": ("SELECT count(*), min(due_at) FROM deliveries", "SELECT 0, min(due_at) FROM deliveries"),
    "failures not counted": ("failures = failures + 1", "failures = failures"),
    "stays dead when replayed": ("SET died_at = NULL, attempts = 0", "SET attempts = 0"),
    "replayed attempts count on": ("died_at = NULL, attempts = 0,", "died_at = NULL,"),
    "gone is not disabled": ("SET disabled = 'gone'", "SET disabled = disabled"),
    "project's end keeps who hears": ("DELETE FROM endpoints WHERE project_id = ?", "SELECT 1 WHERE 0 AND 1 = ?"),
    "all die together": ("WHERE NOT leased AND since <= ?", "WHERE NOT leased AND since > ?"),
    "nothing expires": ("WHERE died_at < ? ORDER BY", "WHERE 0 AND died_at < ? ORDER BY"),
    "pages meet some twice": ("(died_at, delivery_id) < (?, ?)", "(died_at, delivery_id || 'x') <= (?, ? || 'x')"),
    "more than may be": ("SELECT count(*) FROM webhooks", "SELECT 0 FROM webhooks"),
    "order lost": ("ORDER BY due_at, delivery_id LIMIT", "ORDER BY due_at DESC, delivery_id DESC LIMIT"),
}


@pytest.mark.parametrize("name", SQLITE_MUTANTS)
async def test_sqlite_that_breaks_a_promise_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run, rewording = sqlite_database.SqliteDatabase._run, Rewording(*SQLITE_MUTANTS[name])

    def reworded(self: Any, work: Callable[[Any], Any]) -> Any:
        return run(self, lambda connection: work(Reworded(connection, rewording)))  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite_database.SqliteDatabase, "_run", reworded)
    assert await broken_by(in_files(tmp_path), PROMISES, rewording) != []


async def test_sqlite_as_it_is_breaks_none(tmp_path: Path) -> None:
    assert await broken_by(in_files(tmp_path), PROMISES) == []


# --- Redis ---------------------------------------------------------------------------------------------------------

REDIS_MUTANTS = {
    "hears while disabled": ("if flag ~= 'e' or not", "if not"),
    "hears of all types": (" or not string.find(',' .. types .. ',', ',' .. TYPES[said.kind] .. ',', 1, true)", ""),
    "own webhook forgotten": ("  if own then enter(own,", "  if false then enter(own,"),
    "no lease": ("redis.call('ZADD', queue, ARGV[2], name)", "local unheard = queue"),
    "full is not full": ("redis.call('ZADD', leases, ARGV[2], name)", "local unheard = leases"),
    "failures not counted": ("redis.call('HINCRBY', key('wh:failures'), endpoint, 1)", "local unheard = endpoint"),
    "never rests": ("redis.call('HSET', key('wh:rests'), endpoint, ARGV[7])", "local unheard = endpoint"),
    "believes everybody": (" and redis.call('HGET', key('wh:attempts'), name) == ARGV[2]) then", ") then"),
    "stays dead when replayed": (
        "redis.call('ZREM', key('wh:dead'), name)\n    redis.call('HDEL'", "redis.call('HDEL'"
    ),
    "replayed attempts count on": ("redis.call('HDEL', key('wh:attempts'), name)", "local unheard = name"),
    "gone is not disabled": ("'g' .. string.sub(hook, 2)", "hook"),
    "nothing expires": ("    drop(name, known)\n    remove_own(known.hook)", "    local unheard = known"),
    "more than may be": ("if redis.call('HLEN', hooks) >= tonumber(ARGV[4])", "if false"),
    "disabled is claimed": ("elseif string.sub(hook, 1, 2) ~= 'e ' then", "elseif false then"),
    "off the list too early": ("if (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[2] then", "if false then"),
}  # fmt: skip


@pytest.mark.parametrize("name", REDIS_MUTANTS)
async def test_redis_that_breaks_a_promise_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rewording, whole = Rewording(*REDIS_MUTANTS[name]), Script.text
    monkeypatch.setattr(Script, "text", lambda self, run: rewording(whole(self, run)))
    assert await broken_by(lambda: ground("fakeredis", tmp_path, never), PROMISES, rewording) != []


async def test_redis_as_it_is_breaks_none(tmp_path: Path) -> None:
    assert await broken_by(lambda: ground("fakeredis", tmp_path, never), PROMISES) == []
