"""Who asks: each law as a check, and mutants that break one each, of which every one must be found."""

import contextlib
import hmac
import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from auteur.adapters.access import memory
from auteur.domain import access, authentication
from auteur.domain.access import Grant, Permission, Principal
from auteur.domain.errors import (
    BusUnavailableError,
    ForbiddenError,
    InvalidGrantError,
    ProjectHiddenError,
    TokenNotFoundError,
    UnauthenticatedError,
)
from tests.fakes import START

OPERATOR = "o" * 40


class World:
    """An authenticator, an office and a store, of the modules that are given, on clocks that a check moves."""

    def __init__(self, module: ModuleType, store: ModuleType, demand: str = "always") -> None:
        self.module = module
        self.now, self.elapsed_s = START, 0.0
        self.store = store.MemoryAccessStore()
        known = dict([module.fixed("operator", OPERATOR)])
        policy = module.AccessPolicy(demand=demand, fixed=known, session_life=timedelta(hours=1))
        self.authenticator = module.Authenticator(self.store, None, policy, self.clock, lambda: self.elapsed_s)
        self.office = module.TokenOffice(self.store, self.clock)

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.elapsed_s += seconds

    async def token(self, life: timedelta | None = None) -> tuple[str, Any]:
        made: tuple[str, Any] = await self.office.create("Ada", ["film-*"], ["read"], life)
        return made


Check = Callable[[ModuleType, ModuleType], Awaitable[None]]
CHECKS: list[Check] = []


def check(law: Check) -> Check:
    CHECKS.append(law)
    return law


async def refused(asked: Awaitable[object]) -> None:
    with pytest.raises(UnauthenticatedError):
        await asked


@check
async def a_token_is_who_it_was_made_for(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    secret, token = await world.token()
    found = await world.authenticator.bearer(secret)
    assert (found.id, found.name) == (f"token:{token.token_id}", "Ada")
    assert found.may(Permission.READ, "film-1")
    assert not found.may(Permission.READ, "film")
    assert (await world.authenticator.bearer(OPERATOR)).id == "operator"


@check
async def what_is_nearly_a_token_is_none(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    secret, token = await world.token()
    other, _ = await world.token()
    head, _, tail = secret.rpartition("_")
    for wrong in (
        "", secret[:-1], secret + "x", secret.upper(), head, head + "_", f"{head}_{other.rpartition('_')[2]}", tail,
        token.digest, f"{head}_{token.digest}", OPERATOR[:-1], OPERATOR + "o", "aut_" + token.token_id, "x" * 100_000,
        "\udc80", "é" * 40,
    ):  # fmt: skip
        await refused(world.authenticator.bearer(wrong))


@check
async def a_token_counts_until_its_end_and_not_after(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    secret, _ = await world.token(timedelta(minutes=10))
    world.wait(599)
    principal = await world.authenticator.bearer(secret)
    assert await world.authenticator.is_good(principal)
    world.wait(1)
    await refused(world.authenticator.bearer(secret))
    assert not await world.authenticator.is_good(principal)


@check
async def a_revoked_token_is_nobody_s_within_five_seconds(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    secret, token = await world.token()
    principal = await world.authenticator.bearer(secret)
    issued = await world.authenticator.open_session(principal)
    ticket = await world.authenticator.issue_ticket(principal)
    await world.office.revoke(token.token_id)
    world.wait(5.1)
    await refused(world.authenticator.bearer(secret))
    await refused(world.authenticator.session(issued.secret))
    await refused(world.authenticator.ticket(ticket.secret))
    assert not await world.authenticator.is_good(principal)
    with pytest.raises(TokenNotFoundError):
        await world.office.revoke(token.token_id)


@check
async def a_ticket_opens_once_and_soon(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    principal = await world.authenticator.bearer((await world.token())[0])
    ticket = await world.authenticator.issue_ticket(principal)
    late = await world.authenticator.issue_ticket(principal)
    world.wait(29)
    assert (await world.authenticator.ticket(ticket.secret)).id == principal.id
    await refused(world.authenticator.ticket(ticket.secret))
    world.wait(1)
    await refused(world.authenticator.ticket(late.secret))
    await refused(world.authenticator.session(late.secret))


@check
async def a_session_ends_with_its_time_its_owner_s_wish_or_its_token(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    secret, _ = await world.token(timedelta(minutes=10))
    principal = await world.authenticator.bearer(secret)
    issued = await world.authenticator.open_session(principal)
    assert issued.kept.until == START + timedelta(minutes=10), "no longer than the token"
    inside = await world.authenticator.session(issued.secret)
    assert await world.authenticator.is_good(inside)
    await world.authenticator.end_session(issued.secret)
    await refused(world.authenticator.session(issued.secret))
    assert not await world.authenticator.is_good(inside)
    signed_elsewhere = module.replace(principal, token_id=None, expires_at=START + timedelta(minutes=5))
    assert await world.authenticator.is_good(signed_elsewhere)
    world.wait(300)
    assert not await world.authenticator.is_good(signed_elsewhere)
    longer = await world.authenticator.open_session(await world.authenticator.bearer(OPERATOR))
    world.wait(3599)
    inside = await world.authenticator.session(longer.secret)
    world.wait(1)
    await refused(world.authenticator.session(longer.secret))
    assert not await world.authenticator.is_good(inside)


@check
async def a_session_ends_with_its_time_also_while_the_store_is_away(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    issued = await world.authenticator.open_session(await world.authenticator.bearer(OPERATOR))
    inside = await world.authenticator.session(issued.secret)

    async def away(*_: object) -> None:
        raise BusUnavailableError("away")

    world.store.session = away
    world.wait(3599)
    with pytest.raises(BusUnavailableError):
        await world.authenticator.is_good(inside)
    world.wait(1)
    assert not await world.authenticator.is_good(inside)


@check
async def a_session_of_another_operator_s_token_is_none(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    issued = await world.authenticator.open_session(await world.authenticator.bearer(OPERATOR))
    assert (await world.authenticator.session(issued.secret)).id == "operator"
    policy = module.AccessPolicy(demand="always", fixed=dict([module.fixed("operator", "p" * 40)]))
    changed = module.Authenticator(world.store, None, policy, world.clock, lambda: world.elapsed_s)
    await refused(changed.session(issued.secret))


@check
async def what_is_kept_is_a_digest_and_compared_in_constant_time(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    secret, token = await world.token()
    compared: list[tuple[str, str]] = []
    real = hmac.compare_digest

    def noted(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return real(one, other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hmac, "compare_digest", noted)
        for shown in (secret, secret + "x", "aut_unknown_" + "x" * 43):
            compared.clear()
            with contextlib.suppress(UnauthenticatedError):
                await world.authenticator.bearer(shown)
            assert len(compared) == 2, "with the operator's, and with a token's whether there is one or not"
            assert all(len(part) == 64 and part != shown for pair in compared for part in pair)
    assert secret not in repr(token)
    assert token.digest not in repr(token)
    assert secret not in str(vars(world.store))


@check
async def where_tokens_are_asked_for_nobody_comes_in_without(module: ModuleType, store: ModuleType) -> None:
    await refused(World(module, store).authenticator.nobody())
    assert (await World(module, store, "never").authenticator.nobody()).id == "anonymous"


@check
async def a_container_is_open_until_there_is_a_token_and_then_for_good(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store, "if_there_are_tokens")
    anybody = await world.authenticator.nobody()
    kept = module.replace(anybody)  # as a store gives it back
    ticket = await world.authenticator.issue_ticket(kept)
    assert await world.authenticator.is_good(anybody)
    assert await world.authenticator.is_good(kept)
    _, token = await world.token()
    world.wait(5.1)
    await refused(world.authenticator.nobody())
    assert not await world.authenticator.is_good(anybody), "whoever was in is asked now, too"
    assert not await world.authenticator.is_good(kept)
    await refused(world.authenticator.ticket(ticket.secret))
    await world.office.revoke(token.token_id)
    world.wait(5.1)
    await refused(world.authenticator.nobody())


@check
async def nobody_comes_in_on_a_guess(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store, "if_there_are_tokens")

    asked = 0

    async def away() -> bool:
        nonlocal asked
        asked += 1
        raise BusUnavailableError("away")

    world.store.has_tokens, there = away, world.store.has_tokens
    with pytest.raises(BusUnavailableError):
        await world.authenticator.nobody()
    world.store.has_tokens = there
    await world.authenticator.nobody()
    world.wait(60)
    world.store.has_tokens = away
    asked = 0
    for _ in range(3):
        assert (await world.authenticator.nobody()).id == "anonymous", "an outage shuts no door that was open"
    assert asked == 1, "and not each request waits for it"


@check
async def what_was_read_is_not_remembered_without_end(module: ModuleType, store: ModuleType) -> None:
    world = World(module, store)
    for number in range(6000):
        with contextlib.suppress(UnauthenticatedError):
            await world.authenticator.bearer(f"aut_{number}_x")
    assert len(world.authenticator._tokens._read) <= 4096


@pytest.mark.parametrize("law", CHECKS, ids=lambda law: law.__name__)
async def test_the_law_holds(law: Check) -> None:
    await law(authentication, memory)


MUTANTS = {  # what is broken: module, what stands there, what stands there instead
    "compared as text": (authentication, "hmac.compare_digest(token.digest if token else _NO_DIGEST, given)",
                         "(token is not None and token.digest == given)"),
    "the operator's compared as text": (authentication, "if hmac.compare_digest(digest, given):",
                                        "if digest == given:"),
    "any secret of a known id": (authentication, "if token is None or not same or", "if token is None or"),
    "a revoked token counts": (authentication, "not same or not token.is_good(self._clock())", "not same"),
    "remembered for ever": (authentication, "if read is None or now - read[0] > _REMEMBERED_S:", "if read is None:"),
    "all remembered": (authentication, "if len(self._read) > _REMEMBERED:", "if False:"),
    "a ticket twice": (memory, "self._tickets.pop(digest, None)", "self._tickets.get(digest)"),
    "an old ticket": (memory, "if found is not None and now < found.until else None", ""),
    "an ended session is remembered": (authentication, "self._sessions.forget(digest)", "pass"),
    "a conversation of an old session": (
        authentication, "session=digest, expires_at=found.until)", "session=digest)",
    ),
    "a session cannot be ended": (memory, "self._sessions.pop(digest, None)", "pass"),
    "a ticket outlives its token": (
        authentication, "        await self._require_good(found.principal)\n        return found.principal",
        "        return found.principal",
    ),
    "a session outlives its token": (
        authentication, "        await self._require_good(principal)\n        return principal",
        "        return principal",
    ),
    "a conversation outlives its session": (
        authentication, "if principal.session is not None and", "if False and",
    ),
    "a conversation outlives its end": (
        authentication, "if principal.expires_at is not None and self._clock() >= principal.expires_at:", "if False:",
    ),
    "a session outlives the operator's token": (
        authentication, "if principal.token_id is not None and principal.token_id not in self._fixed:",
        'if principal.token_id is not None and not principal.token_id.startswith("fixed"):',
    ),
    "longer than the token": (authentication, "until = min(until, principal.expires_at)", "pass"),
    "in on a guess": (
        authentication, "if self._any_tokens is None:  # not known yet, and nobody comes in on a guess\n"
        "                    raise", "return False",
    ),
    "each request waits for a store that is away": (
        authentication, "self._any_tokens = now, self._any_tokens[1]", "pass",
    ),
    "open again without tokens": (memory, "return bool(self._tokens)",
                                  "return any(t.revoked_at is None for t in self._tokens.values())"),
    "whoever was in stays": (authentication, "return not principal.is_anonymous or not await self.is_demanded()",
                             "return True"),
    "the secret is kept": (authentication, "digest=digest_of(secret),\n            grants",
                           "digest=secret,\n            grants"),
    "revoked again": (memory, "if token is None or token.revoked_at is not None:", "if token is None:"),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
async def test_a_mutant_is_found(name: str) -> None:
    broken, stands, instead = MUTANTS[name]
    source = inspect.getsource(broken)
    assert stands in source, "the mutant fits the code"
    mutant = ModuleType(broken.__name__)
    exec(compile(source.replace(stands, instead, 1), broken.__file__ or "", "exec"), vars(mutant))
    modules = [mutant if module is broken else module for module in (authentication, memory)]
    for law in CHECKS:
        try:
            await law(*modules)
        except (Exception, pytest.fail.Exception):
            return
    pytest.fail("no check found it")


# --- grants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("*", ["film", "a", "film-1.x_y"], []),
        ("film-*", ["film-", "film-1", "film-a-b"], ["film", "xfilm-1", "Film-1"]),
        ("film", ["film"], ["film-1", "afilm", "fil", "Film"]),
        ("*-draft", ["a-draft"], ["draft", "a-draft-b"]),
        ("a*b*c", ["abc", "axbxc"], ["ab", "acb"]),
    ],
)
def test_a_pattern_covers_what_it_says(pattern: str, covered: list[str], not_covered: list[str]) -> None:
    grant = Grant.of([pattern], ["read"])
    assert all(map(grant.covers, covered))
    assert not any(map(grant.covers, not_covered))


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not Grant.of(["a*" * 63 + "b"], ["read"]).covers("a" * 127 + "c")


@pytest.mark.parametrize(
    ("projects", "may"),
    [
        ([], ["read"]), (["film"], []), (["film"], ["write"]), (["../x"], ["read"]), (["film\n"], ["read"]),
        (["[a-z]"], ["read"]), (["?"], ["read"]), ([""], ["read"]), (["x" * 129], ["read"]), (["a"] * 65, ["read"]),
    ],
)  # fmt: skip
def test_a_grant_that_cannot_be_is_refused(projects: list[str], may: list[str]) -> None:
    with pytest.raises(InvalidGrantError):
        Grant.of(projects, may)


def test_who_was_granted_nothing_of_a_project_does_not_learn_of_it() -> None:
    principal = Principal(
        id="x", name="x", grants=(Grant.of(["film-*"], ["read"]), Grant.of(["own"], list(Permission)))
    )
    principal.require(Permission.READ, "film-1")
    principal.require(Permission.MANAGE, "own")
    with pytest.raises(ForbiddenError):
        principal.require(Permission.SUBMIT, "film-1")
    with pytest.raises(ProjectHiddenError):
        principal.require(Permission.READ, "other")
    with pytest.raises(ForbiddenError):
        principal.require_everywhere(Permission.READ)
    access.ANONYMOUS.require_everywhere(Permission.MANAGE)
