"""Tokens of an identity provider, against a real one: what counts, what does not, and how its keys are kept."""

import asyncio
import hashlib
import hmac
import json
import math
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from auteur.adapters.access.oidc.keyring import FRESH_S, PAUSE_S, KeyRing
from auteur.adapters.access.oidc.keys import read_key_set
from auteur.adapters.access.oidc.provider import IdentityProvider as Asked
from auteur.adapters.access.oidc.provider import ProviderError, ProviderLimits
from auteur.adapters.access.oidc.verifier import OidcTokenVerifier, TokenRules
from auteur.domain.access import Grant
from auteur.domain.errors import UnauthenticatedError, UnavailableError
from tests.https_server import body, drip, endless, redirect, silence
from tests.identity_provider import (
    AUDIENCE,
    CONFIGURATION,
    KEYS,
    RSA_KEY,
    IdentityProvider,
    base64url,
    jwk,
    private_key,
    public_pem,
    unsigned,
)

LEEWAY_S = 30
GRANTS = {
    "artists": Grant.of(["film-*"], ["read", "submit"]),
    "leads": Grant.of(["*"], ["manage"]),
    "*": Grant.of(["public"], ["read"]),
}
OTHER_RSA = rsa.generate_private_key(65537, 2048)


class Time:
    """A monotonic clock that goes on when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with IdentityProvider().serving() as there:
        yield there


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def verifier(provider: IdentityProvider, clock: Time) -> OidcTokenVerifier:
    return verifier_of(provider, clock)


def verifier_of(provider: IdentityProvider, clock: Time, **changes: Any) -> OidcTokenVerifier:
    rules = {"issuer": provider.issuer, "audience": AUDIENCE, "leeway_s": LEEWAY_S, "groups_claim": "groups"}
    asked = asked_of(provider, changes.pop("jwks_url", None))
    return OidcTokenVerifier(TokenRules(grants=GRANTS, **{**rules, **changes}), KeyRing(asked.keys, clock))


def asked_of(provider: IdentityProvider, jwks_url: str | None = None, total_s: float = 600.0) -> Asked:
    return Asked(provider.issuer, jwks_url, ssl.create_default_context, ProviderLimits(total_s=total_s))


async def refused(verifier: OidcTokenVerifier, token: str) -> None:
    with pytest.raises(UnauthenticatedError) as told:
        await verifier.verify(token)
    assert told.value.message == "The token is unknown, expired or revoked.", "why is not told"


# --- who it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RS256", "RS384", "RS512", "PS256", "PS512", "ES256", "ES384", "ES512", "EdDSA"])
async def test_a_token_signed_by_the_provider_counts(
    provider: IdentityProvider, verifier: OidcTokenVerifier, kind: str
) -> None:
    provider.signing["key"] = kind, private_key(kind)
    exp = int(time.time()) + 99
    token = provider.token("key", exp=exp)
    assert verifier.knows(token)
    who = await verifier.verify(token)
    assert (who.id, who.name, who.token_id, who.session) == ("oidc:ada", "Ada Lovelace", None, None)
    assert who.expires_at == datetime.fromtimestamp(exp, UTC)
    assert who.limited
    assert provider.heard == [CONFIGURATION, KEYS]


async def test_what_is_no_jwt_is_somebody_else_s(verifier: OidcTokenVerifier) -> None:
    for token in ("aut_0123456789ab_" + "x" * 43, "", ".", "..", "a.b", "a.b.c.d.e", "ab.cd.ef ", "ab.cd.e\n", "ä.b.c"):
        assert not verifier.knows(token), token


@pytest.mark.parametrize(
    ("groups", "granted"),
    [
        (["artists"], ["artists", "*"]),
        (["artists", "leads", "others"], ["artists", "leads", "*"]),
        ("artists", ["artists", "*"]),
        (["*"], ["*"]),
        (["Artists", "artists "], ["*"]),
        ([], ["*"]),
        (None, ["*"]),
        ({"artists": True}, ["*"]),
        ([["artists"], 7, None], ["*"]),
        (True, ["*"]),
    ],
)
async def test_groups_decide_what_its_holder_may(
    provider: IdentityProvider, verifier: OidcTokenVerifier, groups: Any, granted: list[str]
) -> None:
    who = await verifier.verify(provider.token(groups=groups))
    assert who.grants == tuple(GRANTS[group] for group in granted)


async def test_who_was_granted_nothing_is_known_and_may_nothing(provider: IdentityProvider, clock: Time) -> None:
    rules = TokenRules(
        issuer=provider.issuer, audience=AUDIENCE, leeway_s=0, groups_claim="roles", grants={"leads": GRANTS["leads"]}
    )
    who = await OidcTokenVerifier(rules, KeyRing(asked_of(provider).keys, clock)).verify(provider.token())
    assert who.id == "oidc:ada"
    assert who.grants == ()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": None, "preferred_username": "ada", "email": "a@b.example"}, "ada"),
        ({"name": None, "email": "a@b.example"}, "a@b.example"),
        ({"name": "  "}, "ada"),
        ({"name": 7}, "ada"),
        ({"name": "Ada\x1b[31m\r\nLove\u202elace\ud800\x00"}, "Ada[31mLovelace"),
        ({"name": "x" * 5000}, "x" * 64),
    ],
)
async def test_a_name_is_for_people_and_leads_nothing_astray(
    provider: IdentityProvider, verifier: OidcTokenVerifier, changes: Mapping[str, Any], name: str
) -> None:
    assert (await verifier.verify(provider.token(**changes))).name == name


# --- what does not count -------------------------------------------------------------------------------------------

CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("another issuer", {"iss": "http://127.0.0.1/realm"}),
    ("an issuer that only begins so", {"iss": "SAME/"}),
    ("an issuer in a list", {"iss": ["SAME"]}),
    ("no issuer", {"iss": None}),
    ("another audience", {"aud": "other"}),
    ("an audience that only begins so", {"aud": AUDIENCE + "s"}),
    ("a list of other audiences", {"aud": ["a", "b"]}),
    ("an empty list of audiences", {"aud": []}),
    ("an audience that is an object", {"aud": {AUDIENCE: True}}),
    ("no audience", {"aud": None}),
    ("expired beyond the leeway", {"exp": time.time() - 3600}),
    ("no expiry", {"exp": None}),
    ("an expiry in words", {"exp": "9999999999"}),
    ("an expiry that is true", {"exp": True}),
    ("an expiry without end", {"exp": math.inf}),
    ("an expiry beyond all calendars", {"exp": 10**15}),
    ("an expiry beyond all numbers", {"exp": 10**400}),
    ("not yet", {"nbf": time.time() + 3600}),
    ("not yet, in words", {"nbf": "0"}),
    ("made in the future", {"iat": time.time() + 3600}),
    ("made at no time", {"iat": [0]}),
    ("no subject", {"sub": None}),
    ("an empty subject", {"sub": ""}),
    ("a subject that is a number", {"sub": 7}),
    ("a subject of two lines", {"sub": "ada\nroot"}),
    ("a subject with NUL", {"sub": "ada\x00"}),
    ("a subject with half a character", {"sub": "ada\ud800"}),
    ("a subject of 300 characters", {"sub": "a" * 300}),
    ("a logout token", {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
]


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in CLAIMS])
async def test_a_claim_that_is_wrong_is_refused(
    provider: IdentityProvider, verifier: OidcTokenVerifier, changes: dict[str, Any]
) -> None:
    same = {"SAME": provider.issuer, "SAME/": provider.issuer + "/"}
    if isinstance(changes.get("iss"), str):
        changes = {"iss": same.get(changes["iss"], changes["iss"])}
    elif isinstance(changes.get("iss"), list):
        changes = {"iss": [provider.issuer]}
    kind, key = provider.signing["first"]
    token = jwt.PyJWS().encode(json.dumps(provider.claims(**changes)).encode(), key, kind, {"kid": "first"})
    await refused(verifier, token)
    assert provider.fetches == 1, "the key was found, so it was the claim"
    await verifier.verify(provider.token())


async def test_clocks_may_differ_by_the_leeway(provider: IdentityProvider, verifier: OidcTokenVerifier) -> None:
    now = time.time()
    for changes in ({"exp": now - LEEWAY_S + 25}, {"nbf": now + 5}, {"iat": now + 5}):
        await verifier.verify(provider.token(**changes))
    strict = verifier_of(provider, Time(), leeway_s=0)
    for changes in ({"exp": now - 1}, {"nbf": now + 3600}):
        await refused(strict, provider.token(**changes))


async def test_one_of_several_audiences_is_enough(provider: IdentityProvider, verifier: OidcTokenVerifier) -> None:
    assert (await verifier.verify(provider.token(aud=["other", AUDIENCE]))).id == "oidc:ada"


def hs256_with_the_public_key(provider: IdentityProvider) -> str:
    head = {"alg": "HS256", "kid": "first", "typ": "JWT"}
    signed = unsigned(head, provider.claims()).rpartition(".")[0]
    return f"{signed}.{base64url(hmac.digest(public_pem(RSA_KEY), signed.encode(), hashlib.sha256))}"


def cut(token: str) -> str:
    return token.rpartition(".")[0] + "."


def changed(token: str) -> str:
    head, claims, signature = token.split(".")
    return f"{head}.{claims[:-4]}AAAA.{signature}"


def with_key(provider: IdentityProvider, **header: Any) -> str:
    return jwt.encode(provider.claims(), OTHER_RSA, "RS256", {"kid": "first", **header})


TRICKS: list[tuple[str, Callable[[IdentityProvider], str]]] = [
    ("signed with the public key", hs256_with_the_public_key),
    ("signed by nothing", lambda p: unsigned({"alg": "none", "kid": "first"}, p.claims())),
    ("signed by None", lambda p: unsigned({"alg": "None", "kid": "first"}, p.claims())),
    ("signed by NONE with a signature", lambda p: unsigned({"alg": "NONE", "kid": "first"}, p.claims(), b"x" * 256)),
    ("no algorithm", lambda p: unsigned({"kid": "first"}, p.claims(), b"x" * 256)),
    ("a list of algorithms", lambda p: unsigned({"alg": ["RS256"], "kid": "first"}, p.claims(), b"x")),
    ("a curve of coins", lambda p: unsigned({"alg": "ES256K", "kid": "first"}, p.claims(), b"x" * 64)),
    ("the signature cut off", lambda p: cut(p.token())),
    ("the claims changed", lambda p: changed(p.token())),
    ("signed by somebody else", with_key),
    ("a key that it brings along", lambda p: with_key(p, jwk=jwk(OTHER_RSA, "first", "RS256"))),
    ("an address of keys", lambda p: with_key(p, jku=f"{p.issuer}/mine")),
    ("an address of certificates", lambda p: with_key(p, x5u=f"{p.issuer}/mine")),
    ("another algorithm than the key's own", lambda p: jwt.encode(p.claims(), RSA_KEY, "RS384", {"kid": "first"})),
    (
        "of a curve, with a key of RSA",
        lambda p: jwt.encode(p.claims(), private_key("ES256"), "ES256", {"kid": "first"}),
    ),
    ("no key id", lambda p: jwt.encode(p.claims(), RSA_KEY, "RS256")),
    ("an empty key id", lambda p: jwt.encode(p.claims(), RSA_KEY, "RS256", {"kid": ""})),
    ("a key id that is a path", lambda p: with_key(p, kid="../../../../dev/null")),
    ("a key id that is a question to a database", lambda p: with_key(p, kid="first' UNION SELECT 'x")),
    ("a key id that is an object", lambda p: unsigned({"alg": "RS256", "kid": {"a": 1}}, p.claims(), b"x" * 256)),
    ("something critical", lambda p: p.token(header={"crit": ["exp"], "exp": 1})),
    ("not encoded", lambda p: unsigned({"alg": "RS256", "kid": "first", "b64": False}, p.claims(), b"x" * 256)),
    ("a logout token by type", lambda p: p.token(header={"typ": "logout+jwt"})),
    ("a type that is a list", lambda p: unsigned({"alg": "RS256", "kid": "first", "typ": ["JWT"]}, {}, b"x" * 256)),
    ("a header that is no object", lambda p: f"{base64url(b'[1]')}.{base64url(b'{}')}.{base64url(b'x')}"),
    ("a header that is no JSON", lambda p: f"{base64url(b'{')}.{base64url(b'{}')}.{base64url(b'x')}"),
    ("a header that is no UTF-8", lambda p: f"{base64url(bytes([123, 255]))}.{base64url(b'{}')}.{base64url(b'x')}"),
    ("a deep header", lambda p: f"{base64url(b'[' * 1500)}.{base64url(b'{}')}.{base64url(b'x')}"),
    ("one character of base64 too many", lambda p: "A" * 5 + ".AAAA.AAAA"),
    ("a million characters", lambda p: p.token(name="x" * 1_000_000)),
]


@pytest.mark.parametrize("trick", [pytest.param(trick, id=name) for name, trick in TRICKS])
async def test_a_trick_is_refused(
    provider: IdentityProvider, verifier: OidcTokenVerifier, trick: Callable[[IdentityProvider], str]
) -> None:
    await refused(verifier, trick(provider))
    assert set(provider.heard) <= {CONFIGURATION, KEYS}, "nobody decides with a token whom this asks"
    await verifier.verify(provider.token())


async def test_the_provider_is_not_asked_about_what_can_be_refused_without(
    provider: IdentityProvider, verifier: OidcTokenVerifier
) -> None:
    for head in ({"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256", "kid": None}, {"alg": "RS256", "crit": ["x"]}):
        await refused(verifier, unsigned({"kid": "first", **head}, provider.claims(), b"x" * 32))
    await refused(verifier, hs256_with_the_public_key(provider))
    assert provider.heard == []


async def test_claims_that_are_deep_are_refused_though_they_are_signed(
    provider: IdentityProvider, verifier: OidcTokenVerifier
) -> None:
    for claims in (b"[" * 5000, b"[]", b"null", b"\xff", b'{"exp":'):
        await refused(verifier, jwt.PyJWS().encode(claims, RSA_KEY, "RS256", {"kid": "first"}))


async def test_why_a_token_was_refused_is_in_the_log_and_nothing_of_it(
    provider: IdentityProvider, verifier: OidcTokenVerifier, capsys: pytest.CaptureFixture[str]
) -> None:
    token = provider.token(aud="planted-audience", name="planted-name")
    await refused(verifier, token)
    said = "".join(capsys.readouterr())
    assert "it is for another audience" in said
    assert "planted" not in said
    assert token.rpartition(".")[2] not in said


# --- which keys count ----------------------------------------------------------------------------------------------


def test_only_keys_that_verify_signatures_count() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    edge = private_key("ES256")
    no_use = jwk(RSA_KEY, "good", "RS256", use=None, alg=None)
    listed: list[Any] = [
        no_use,
        jwk(edge, "curve", "ES256", alg=None),
        jwk(RSA_KEY, "encrypts", "RS256", use="enc"),
        jwk(RSA_KEY, "signs", "RS256", key_ops=["sign"]),
        jwk(RSA_KEY, "does seven", "RS256", key_ops=7),
        jwk(RSA_KEY, "uses", "RS256", use=["sig"]),
        jwk(RSA_KEY, "lists", "RS256", alg=["RS256"]),
        jwk(RSA_KEY, "symmetric", "RS256", alg="HS256"),
        jwk(RSA_KEY, "wrong kind", "RS256", alg="ES256"),
        jwk(edge, "wrong curve", "ES256", alg="ES384"),
        jwk(weak, "weak", "RS256"),
        jwk(RSA_KEY, "", "RS256"),
        jwk(RSA_KEY, "none", "RS256", kid=None),
        jwk(RSA_KEY, "long", "RS256", kid="x" * 300),
        jwk(RSA_KEY, "number", "RS256", kid=7),
        jwk(RSA_KEY, "public", "RS256", d="AQAB"),
        jwk(RSA_KEY, "broken", "RS256", n="!"),
        jwk(RSA_KEY, "huge", "RS256", n="A" * 100_000),
        {**jwk(edge, "off the curve", "ES256"), "x": base64url(b"\1" * 32), "y": base64url(b"\2" * 32)},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"},
        {"kty": "EC", "crv": "secp256k1", "kid": "coins", "x": "AA", "y": "AA"},
        "text", None, 7, [], {},
    ]  # fmt: skip
    found = read_key_set({"keys": listed})
    rs, ps = (f"RS{size}" for size in (256, 384, 512)), (f"PS{size}" for size in (256, 384, 512))
    assert set(found) == {*(("good", name) for name in (*rs, *ps)), ("curve", "ES256")}


def test_the_first_of_two_keys_of_one_id_counts() -> None:
    listed = [
        jwk(RSA_KEY, "same", "RS256"),
        jwk(OTHER_RSA, "same", "RS256"),
        jwk(private_key("EdDSA"), "same", "EdDSA"),
    ]
    found = read_key_set({"keys": listed})
    assert found["same", "RS256"].public.public_numbers() == RSA_KEY.public_key().public_numbers()  # type: ignore[union-attr]
    assert ("same", "EdDSA") in found


async def test_a_private_key_in_the_set_lets_nobody_in(provider: IdentityProvider, verifier: OidcTokenVerifier) -> None:
    edge = private_key("ES256")
    provider.signing["second"] = "ES256", edge
    told = [(RSA_KEY, "first", "RS256"), (edge, "second", "ES256")]
    private = [
        {**jwt.get_algorithm_by_name(kind).to_jwk(key, as_dict=True), "kid": kid, "key_ops": ["sign", "verify"]}
        for key, kid, kind in told
    ]
    assert all("d" in key for key in private)
    provider.tells(KEYS, {"keys": private})
    await refused(verifier, provider.token())
    await refused(verifier, provider.token("second"))


# --- how the provider is asked -------------------------------------------------------------------------------------


CONFIGURATIONS: list[Any] = [
    {"issuer": "https://id.elsewhere.example", "jwks_uri": "OWN"},
    {"issuer": "SAME/", "jwks_uri": "OWN"},
    {"issuer": ["SAME"], "jwks_uri": "OWN"},
    {"jwks_uri": "OWN"},
    {"issuer": "SAME"},
    {"issuer": "SAME", "jwks_uri": 7},
    {"issuer": "SAME", "jwks_uri": "OTHER"},
    {"issuer": "SAME", "jwks_uri": "file:///etc/passwd"},
    {"issuer": "SAME", "jwks_uri": "https://user:password@127.0.0.1/keys"},
    {"issuer": "SAME", "jwks_uri": "https://[::1"},
    {"issuer": "SAME", "jwks_uri": "https://" + "x" * 3000},
    [],
    "text",
]


@pytest.mark.parametrize("told", CONFIGURATIONS)
async def test_a_configuration_that_is_not_the_issuer_s_own_is_not_gone_by(
    provider: IdentityProvider, verifier: OidcTokenVerifier, told: Any
) -> None:
    async with IdentityProvider().serving() as other:
        other.signing = provider.signing
        text = json.dumps(told).replace("SAME", provider.issuer).replace("OWN", f"{provider.issuer}/keys")
        provider.tells(CONFIGURATION, json.loads(text.replace("OTHER", f"{other.issuer}/keys")))
        with pytest.raises(UnavailableError):
            await verifier.verify(provider.token())
        assert provider.heard == [CONFIGURATION]
        assert other.heard == [], "without TLS nobody is asked but the provider itself"


BAD_ANSWERS = [
    ("an error", body(b"", status="500 Broken"), "answers 500"),
    ("a redirect", redirect(KEYS + "/elsewhere"), "answers 302"),
    ("no JSON", body(b"<html>"), "no JSON"),
    ("deep JSON", body(b"[" * 100_000), "no JSON"),
    ("a list", body(b"[]"), "no list of keys"),
    ("no list", body(b'{"keys": {}}'), "no list of keys"),
    ("10 000 keys", body(json.dumps({"keys": [{}] * 10_000}).encode()), "more than 64 keys"),
    ("a megabyte", body(b" " * (1 << 20)), "more than 524288 bytes"),
    ("a body without end", endless(b" " * 65_536), "more than 524288 bytes"),
    ("packed", body(b"x", "Content-Encoding: gzip"), "packs"),
    ("half an answer", body(b"{}", "Content-Length: 999"), "cannot be reached"),
    ("no HTTP", body(b"", status="\x00\x00"), "cannot be reached"),
]


@pytest.mark.parametrize(("answer", "why"), [pytest.param(*bad, id=name) for name, *bad in BAD_ANSWERS])
async def test_keys_that_cannot_be_read_are_none(provider: IdentityProvider, answer: Any, why: str) -> None:
    provider.answers[KEYS] = answer
    with pytest.raises(ProviderError, match=why):
        await asked_of(provider).keys()
    assert provider.heard == [CONFIGURATION, KEYS], "no redirect is followed"


@pytest.mark.parametrize("answer", [pytest.param(silence, id="silence"), pytest.param(drip(0.05), id="drip")])
async def test_a_provider_that_takes_its_time_is_not_waited_for(provider: IdentityProvider, answer: Any) -> None:
    provider.answers[CONFIGURATION] = answer
    with pytest.raises(ProviderError, match="no answer within"):
        await asked_of(provider, total_s=0.5).keys()


async def test_the_address_of_keys_that_was_set_is_asked_alone(provider: IdentityProvider, clock: Time) -> None:
    verifier = verifier_of(provider, clock, jwks_url=f"http://127.0.0.1:{provider.port}{KEYS}")
    await verifier.verify(provider.token())
    assert provider.heard == [KEYS]


# --- when it is asked ----------------------------------------------------------------------------------------------


async def test_a_new_key_is_fetched_when_a_token_names_it(
    provider: IdentityProvider, verifier: OidcTokenVerifier, clock: Time
) -> None:
    await verifier.verify(provider.token())
    provider.signing["second"] = "ES256", private_key("ES256")
    clock.now += PAUSE_S
    assert (await verifier.verify(provider.token("second"))).id == "oidc:ada"
    assert (await verifier.verify(provider.token("first"))).id == "oidc:ada"
    assert provider.fetches == 2


async def test_a_flood_of_unknown_keys_is_none_at_the_provider(
    provider: IdentityProvider, verifier: OidcTokenVerifier, clock: Time
) -> None:
    good = provider.token()
    await verifier.verify(good)
    for _ in range(3):
        clock.now += PAUSE_S
        tokens = [with_key(provider, kid=f"unknown-{number}") for number in range(20)]
        await asyncio.gather(*(refused(verifier, token) for token in tokens))
        for token in tokens:
            await refused(verifier, token)
        await verifier.verify(good)
    assert provider.fetches == 4, "once at the beginning, and once for each pause"


async def test_many_who_come_at_once_share_one_fetch(provider: IdentityProvider, verifier: OidcTokenVerifier) -> None:
    tokens = [provider.token(sub=f"ada-{number}") for number in range(30)]
    who = await asyncio.gather(*map(verifier.verify, tokens))
    assert len({principal.id for principal in who}) == 30
    assert provider.fetches == 1


async def test_who_goes_away_takes_the_fetch_from_nobody(
    provider: IdentityProvider, verifier: OidcTokenVerifier
) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def answer(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go_on.wait()
        await body(json.dumps({"keys": [jwk(RSA_KEY, "first", "RS256")]}).encode())(writer)

    provider.answers[KEYS] = answer
    first = asyncio.create_task(verifier.verify(provider.token()))
    await asked.wait()
    second = asyncio.create_task(verifier.verify(provider.token()))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go_on.set()
    assert (await second).id == "oidc:ada"
    assert provider.fetches == 1


async def test_a_key_that_was_withdrawn_counts_no_longer(
    provider: IdentityProvider, verifier: OidcTokenVerifier, clock: Time
) -> None:
    old = provider.token()
    await verifier.verify(old)
    del provider.signing["first"]
    provider.signing["second"] = "EdDSA", private_key("EdDSA")
    clock.now += FRESH_S
    await refused(verifier, old)
    await verifier.verify(provider.token("second"))


async def test_keys_count_on_while_the_provider_is_away(
    provider: IdentityProvider, verifier: OidcTokenVerifier, clock: Time
) -> None:
    token = provider.token()
    await verifier.verify(token)
    provider.go_away()
    for _ in range(3):
        clock.now += FRESH_S
        assert (await verifier.verify(token)).id == "oidc:ada"
    provider.signing["second"] = "ES256", private_key("ES256")
    clock.now += PAUSE_S
    await refused(verifier, provider.token("second"))  # waits for what was begun while it was away
    await provider.come_back()
    clock.now += PAUSE_S
    assert (await verifier.verify(provider.token("second"))).id == "oidc:ada"


async def test_a_provider_that_hangs_keeps_nobody_waiting_whose_key_is_known(
    provider: IdentityProvider, verifier: OidcTokenVerifier, clock: Time
) -> None:
    token = provider.token()
    await verifier.verify(token)
    provider.answers[CONFIGURATION] = body(b"", status="503 Busy")
    clock.now += FRESH_S
    await verifier.verify(token)
    hanging, go_on = asyncio.Event(), asyncio.Event()

    async def hang(writer: asyncio.StreamWriter) -> None:
        hanging.set()
        await go_on.wait()

    provider.answers[CONFIGURATION] = hang
    clock.now += PAUSE_S
    asking = asyncio.create_task(verifier.verify(token))
    await hanging.wait()
    done, _ = await asyncio.wait([asking], timeout=60)
    assert done, "it waits for the provider"
    await verifier.verify(token)
    go_on.set()


async def test_without_keys_nobody_can_be_known_and_it_is_said_so(
    provider: IdentityProvider, verifier: OidcTokenVerifier, clock: Time
) -> None:
    token = provider.token()
    provider.go_away()
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await verifier.verify(token)
    await provider.come_back()
    clock.now += PAUSE_S
    assert (await verifier.verify(token)).id == "oidc:ada"
