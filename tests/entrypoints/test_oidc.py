"""Signing in with a token of the studio's identity provider, through the whole service."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.entrypoints.access import examine_access
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import WrongSettingError, load_settings
from tests.e2e.studio import environment
from tests.identity_provider import AUDIENCE, IdentityProvider, unsigned

GROUPS = {"artists": {"projects": ["film-*"], "may": ["read", "submit"]}}


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with IdentityProvider().serving() as there:
        yield there


@pytest.fixture
async def container(tmp_path: Path, provider: IdentityProvider) -> AsyncIterator[Container]:
    settings = load_settings(
        workspace_root=tmp_path, backend="memory", shutdown_drain=0.0, oidc_issuer=provider.issuer,
        oidc_audience=AUDIENCE, oidc_groups=json.dumps(GROUPS),
    )  # fmt: skip
    made = build(settings)
    async with lifetime(made):
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


def shown(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_who_has_a_token_of_the_provider_may_what_its_groups_may(
    http: httpx.AsyncClient, provider: IdentityProvider
) -> None:
    assert code(await http.get("/api/v1/projects")) == (401, "UNAUTHENTICATED")
    artist = shown(provider.token())
    assert (await http.get("/api/v1/projects", headers=artist)).status_code == 200
    assert code(await http.get("/api/v1/projects/secret", headers=artist)) == (404, "PROJECT_NOT_FOUND")
    assert code(await http.delete("/api/v1/projects/film-a", headers=artist)) == (403, "FORBIDDEN")
    told = (await http.get("/api/v1/session", headers=artist)).json()["principal"]
    assert (told["id"], told["name"]) == ("oidc:ada", "Ada Lovelace")
    assert told["grants"] == [{"projects": ["film-*"], "may": ["read", "submit"]}]


async def test_who_is_in_no_group_is_known_and_sees_nothing(
    http: httpx.AsyncClient, provider: IdentityProvider
) -> None:
    guest = shown(provider.token(groups=[]))
    assert (await http.get("/api/v1/projects", headers=guest)).json() == {"projects": [], "next": None}
    assert code(await http.get("/api/v1/projects/film-a", headers=guest)) == (404, "PROJECT_NOT_FOUND")
    assert code(await http.get("/metrics", headers=guest)) == (403, "FORBIDDEN")


async def test_a_session_and_a_ticket_end_with_the_token_that_opened_them(
    http: httpx.AsyncClient, container: Container, provider: IdentityProvider
) -> None:
    exp = int(time.time()) + 100
    answer = await http.post("/api/v1/session", headers=shown(provider.token(exp=exp, name="Zoë\ud800")))
    assert answer.json()["principal"]["name"] == "Zoë"
    age = next(part for part in answer.headers["set-cookie"].split("; ") if part.startswith("Max-Age="))
    assert 0 < int(age.partition("=")[2]) <= 100
    assert (await http.get("/api/v1/projects")).status_code == 200, "by the session alone"
    authenticator = container.authenticator()
    who = await authenticator.bearer(provider.token(exp=int(time.time()) + 5))
    assert who.expires_at is not None
    for issued in (await authenticator.issue_ticket(who), await authenticator.open_session(who)):
        assert issued.kept.until == who.expires_at
    late = await authenticator.bearer(provider.token(exp=int(time.time()) - 5))
    assert not await authenticator.is_good(late), "the leeway is for a request, and opens nothing that lasts"
    session = await authenticator.open_session(late)
    with pytest.raises(Exception, match="session has ended"):
        await authenticator.session(session.secret)


async def test_a_token_that_does_not_count_is_refused_with_the_one_error_shape(
    http: httpx.AsyncClient, provider: IdentityProvider
) -> None:
    none = unsigned({"alg": "none", "kid": "first"}, provider.claims())
    for token in (provider.token(aud="other"), none, provider.token() + "x" * 1_000_000, "a.b.c"):
        answer = await http.get("/api/v1/projects", headers=shown(token))
        assert code(answer) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert len(answer.content) < 600


async def test_without_the_provider_its_tokens_wait_and_others_do_not(
    http: httpx.AsyncClient, container: Container, provider: IdentityProvider
) -> None:
    provider.go_away()
    answer = await http.get("/api/v1/projects", headers=shown(provider.token()))
    assert code(answer) == (503, "SERVICE_UNAVAILABLE")
    assert "retry-after" in answer.headers
    own, _ = await container.token_office().create("Ada", ["*"], ["read"], None)
    assert (await http.get("/api/v1/projects", headers=shown(own))).status_code == 200


async def test_the_doctor_says_whether_the_provider_gives_keys(
    container: Container, provider: IdentityProvider
) -> None:
    settings = container.settings()
    (well,) = await examine_access(settings)
    assert (well.good, well.found) == (True, "keys of the identity provider that verify signatures: 1")
    provider.signing.clear()
    assert [finding.good for finding in await examine_access(settings)] == [False]
    provider.go_away()
    (away,) = await examine_access(settings)
    assert (away.good, away.found) == (
        False, "the identity provider gives no keys: it cannot be reached for its configuration"
    )  # fmt: skip
    assert await examine_access(settings.model_copy(update={"oidc_issuer": None})) == []


async def auteur(workspace: Path, *words: str, **settings: object) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WITHOUT_JWT, *words, env=environment(workspace, **settings), cwd=workspace,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


WITHOUT_JWT = """
import sys
sys.modules["jwt"] = None  # as if it were not installed: importing it raises ModuleNotFoundError
from auteur.__main__ import main
main()
"""


async def test_without_the_extra_the_start_says_which_one_is_missing(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"oidc_issuer": "http://127.0.0.1:1", "oidc_audience": "x"}
    returned, said = await auteur(tmp_path, "serve", "--port", "0", **settings)
    assert returned == 2
    assert said.strip().splitlines() == ["auteur: BACKEND_OIDC_ISSUER needs a package more: pip install 'auteur[oidc]'"]


def test_a_mapping_of_groups_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    for groups in ("[]", "{", '{"a": {"projects": ["*"]}}', '{"a": {"projects": ["*"], "may": ["everything"]}}'):
        with pytest.raises(WrongSettingError, match="BACKEND_OIDC_GROUPS"):
            load_settings(workspace_root=tmp_path, oidc_groups=groups)
