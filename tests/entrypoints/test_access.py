"""Who asks, over HTTP, in process: every route has its line in the table, and the table holds."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Route, WebSocketRoute

from auteur.domain.authentication import digest_of
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.http.access import _COMPILED, SESSION_COOKIE, need_of
from auteur.entrypoints.settings import load_settings

OPERATOR = "operator-" + "o" * 40
BODY = {"task_type": "text_to_image", "params": {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1}}

CLOSED = [
    ("GET", "/api/v1/projects"),
    ("GET", "/api/v1/projects/film"),
    ("GET", "/api/v1/projects/film/tasks"),
    ("GET", "/api/v1/projects/film/tasks/t"),
    ("GET", "/api/v1/projects/film/events"),
    ("GET", "/api/v1/projects/film/artifacts/t/1/frame.png"),
    ("HEAD", "/api/v1/projects/film/artifacts/t/1/frame.png"),
    ("GET", "/api/v1/projects/film/artifacts/t/1/frame.png?width=64"),
    ("GET", "/api/v1/projects/film/shots"),
    ("POST", "/api/v1/projects/film/tasks"),
    ("POST", "/api/v1/projects/film/batches"),
    ("POST", "/api/v1/projects/film/uploads"),
    ("DELETE", "/api/v1/projects/film"),
    ("GET", "/api/v1/task-types"),
    ("GET", "/api/v1/quality"),
    ("POST", "/api/v1/tickets"),
    ("GET", "/metrics"),
    ("GET", "/anything/else"),
]
NO_TOKENS = [
    "Bearer wrong",
    "Bearer " + OPERATOR + "x",
    "Bearer " + OPERATOR[:-1],
    "Bearer aut_0123456789ab_" + "x" * 43,
    "Bearer aut__",
    "Bearer aut_" + "a" * 9000,
    "Basic " + OPERATOR,
    "Bearer",
    "Bearer  ",
    "bearer\t" + OPERATOR,
    OPERATOR,
    "Bearer a b",
    "Bearer \u00e9".encode("latin-1").decode("latin-1"),
]
PERMITTED = [
    ("read", "GET", "", 200),
    ("read", "GET", "/tasks", 200),
    ("read", "POST", "/tasks", 403),
    ("read", "POST", "/batches", 403),
    ("read", "POST", "/uploads", 403),
    ("read", "POST", "/tasks/t/promote", 403),
    ("read", "PATCH", "/tasks/t", 403),
    ("read", "POST", "/tasks/t/cancel", 403),
    ("read", "DELETE", "/tasks/t", 403),
    ("read", "DELETE", "", 403),
    ("submit", "GET", "", 403),
    ("submit", "POST", "/tasks", 202),
    ("cancel", "POST", "/tasks/t/cancel", 404),
    ("cancel", "POST", "/tasks", 403),
    ("manage", "DELETE", "/tasks/t", 404),
    ("manage", "GET", "/tasks", 403),
]


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    settings = load_settings(
        workspace_root=tmp_path, backend="memory", token=OPERATOR, principal_requests_per_second=50, shutdown_drain=0.0
    )
    made = build(settings)
    async with lifetime(made):
        yield made


@pytest.fixture
def app(container: Container) -> FastAPI:
    return create_app(container, opened=True)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


def shown(secret: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def made(container: Container, projects: str, may: str, life: timedelta | None = None) -> str:
    secret, _ = await container.token_office().create("Ada", projects.split(","), may.split(","), life)
    return secret


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_every_route_has_a_line_of_its_own(app: FastAPI) -> None:
    """So that a new route is thought about; what has none needs at least to be known."""
    routes = list(all_routes(app.routes))
    assert len(routes) > 30
    for method, path in routes:
        filled = path.replace("{project_id:path}", "film").replace("{project_id}", "film")
        filled = filled.replace("{path:path}", "a/b.png").replace("{task_id}", "t").replace("{name}", "n")
        filled = filled.replace("{webhook_id}", "wh_1").replace("{delivery_id}", "msg_1")
        assert "{" not in filled
        lines = [need for methods, pattern, need in _COMPILED if method in methods and pattern.fullmatch(filled)]
        assert lines, f"{method} {path} has no line in the table"


def all_routes(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Method and path of each, those of included routers too."""
    for route in routes:
        if isinstance(route, WebSocketRoute):
            yield "WEBSOCKET", route.path
        elif isinstance(route, Route):
            yield from ((method, route.path) for method in (route.methods or ()) if method != "HEAD")
        else:
            yield from all_routes(route.original_router.routes)


def test_what_has_no_line_needs_everything_below_a_project_and_else_to_be_known() -> None:
    assert need_of("PUT", "/api/v1/projects/film/new")[0].permission == "manage"
    assert need_of("POST", "/api/v1/projects/film/new")[0].permission == "manage"
    assert need_of("GET", "/api/v1/new")[0].asks
    assert need_of("POST", "/api/v1/projects/film/tasks\n")[0].permission == "manage", "matched whole"


async def test_who_shows_nothing_gets_nothing(http: httpx.AsyncClient) -> None:
    for method, path in CLOSED:
        answer = await http.request(method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        if method != "HEAD":
            assert code(answer) == (401, "UNAUTHENTICATED")


async def test_what_has_no_data_in_it_is_for_everybody(http: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/studio.js", "/health", "/health/live", "/health/ready", "/api/docs"):
        assert (await http.get(path)).status_code == 200, path


async def test_who_is_not_known_is_told_what_the_service_is_and_no_more(http: httpx.AsyncClient) -> None:
    told = (await http.get("/api/v1/info")).json()
    assert told["access"] == "token"
    assert set(told) == {"name", "version", "protocol_version", "access", "links"}
    assert "limits" in (await http.get("/api/v1/info", headers=shown(OPERATOR))).json()
    assert (await http.get("/health")).json()["access"] == "token"
    metrics = (await http.get("/metrics", headers=shown(OPERATOR))).text
    assert 'auteur_access{access="token"} 1.0' in metrics


async def test_a_token_that_is_none_is_refused_on_every_door_that_asks(http: httpx.AsyncClient) -> None:
    for header in NO_TOKENS:
        for path in ("/api/v1/projects", "/api/v1/info", "/metrics"):
            answer = await http.get(path, headers={"Authorization": header.encode("latin-1")})
            assert code(answer) == (401, "UNAUTHENTICATED"), header[:60]
            assert len(answer.content) < 600


async def test_two_authorizations_are_none(http: httpx.AsyncClient) -> None:
    twice = [("Authorization", f"Bearer {OPERATOR}")] * 2
    assert code(await http.get("/api/v1/projects", headers=twice)) == (401, "UNAUTHENTICATED")


async def test_a_secret_in_a_query_is_not_looked_at(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/projects", params={"token": OPERATOR, "access_token": OPERATOR})
    assert answer.status_code == 401


async def test_a_permission_is_for_what_it_says(http: httpx.AsyncClient, container: Container) -> None:
    secrets = {may: await made(container, "film-*", may) for may in ("read", "submit", "cancel", "manage")}
    for may, method, path, status in PERMITTED:
        sent = {"json": BODY} if method in ("POST", "PATCH") else {}
        answer = await http.request(method, f"/api/v1/projects/film-a{path}", headers=shown(secrets[may]), **sent)
        assert answer.status_code == status, (may, method, path)
        if status == 403:
            assert code(answer) == (403, "FORBIDDEN")


async def test_a_project_that_is_not_granted_is_not_there(http: httpx.AsyncClient, container: Container) -> None:
    await http.post("/api/v1/projects/secret/tasks", json=BODY, headers=shown(OPERATOR))
    secret = shown(await made(container, "film-*", "read,submit,cancel,manage"))
    for method, path in (("GET", ""), ("GET", "/tasks/t"), ("POST", "/tasks"), ("DELETE", ""), ("GET", "/events")):
        for project in ("secret", "film", "xfilm-a", "Film-a"):
            answer = await http.request(method, f"/api/v1/projects/{project}{path}", headers=secret)
            assert code(answer) == (404, "PROJECT_NOT_FOUND"), (method, project, path)
            other = await http.request(method, f"/api/v1/projects/never-heard-of{path}", headers=secret)
            assert answer.json()["error"] == other.json()["error"], "whether there is one is not told"


async def handshake(app: FastAPI, path: str, headers: Mapping[str, str]) -> int:
    """The status that a socket's handshake is answered with; what is accepted is left at once."""
    said: list[Any] = []
    heard = iter(["websocket.connect"])

    async def receive() -> Any:
        return {"type": next(heard, "websocket.disconnect"), "code": 1000}

    async def send(message: Any) -> None:
        said.append(message)

    told = [(name.lower().encode(), value.encode()) for name, value in {"Host": "localhost:8000", **headers}.items()]
    await app(
        {
            "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "ws",
            "headers": told, "subprotocols": [], "client": ("127.0.0.1", 1),
            "extensions": {"websocket.http.response": {}},
        },
        receive, send,
    )  # fmt: skip
    return 101 if said[0]["type"] == "websocket.accept" else int(said[0]["status"])


async def test_a_prefix_said_twice_leads_nowhere(tmp_path: Path) -> None:
    """The router would take it off once more, after the first half of the path was judged."""
    container = build(load_settings(workspace_root=tmp_path, backend="memory", token=OPERATOR, root_path="/studio"))
    async with lifetime(container):
        app = create_app(container, opened=True)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as http:
            granted = shown(await made(container, "film-*", "read,submit,cancel,manage"))
            assert await handshake(app, "/studio/studio/ws/secret", granted) == 404
            assert await handshake(app, "/studio/ws/secret", granted) == 404
            assert await handshake(app, "/studio/ws/film-a", granted) == 101
            for path in ("/api/v1/projects/secret", "/api/v1/projects/film-a", "/metrics", "/health", ""):
                answer = await http.get(f"/studio/studio{path}", headers=granted)
                assert code(answer) == (404, "RESOURCE_NOT_FOUND"), path
            for prefix in ("", "/studio"):
                assert (await http.get(f"{prefix}/api/v1/projects/film-a", headers=granted)).status_code == 200
                assert (await http.get(f"{prefix}/api/v1/projects/secret", headers=granted)).status_code == 404


async def test_a_list_shows_what_may_be_read_and_leads_through_all_of_it(
    http: httpx.AsyncClient, container: Container
) -> None:
    for number in range(7):
        for name in ("film", "other"):
            path = f"/api/v1/projects/{name}-{number}/tasks"
            assert (await http.post(path, json=BODY, headers=shown(OPERATOR))).status_code == 202
    secret = await made(container, "film-*", "read")
    seen: list[str] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/api/v1/projects", params=query, headers=shown(secret))).json()
        assert len(page["projects"]) <= 3
        seen += [project["project_id"] for project in page["projects"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(seen) == [f"film-{number}" for number in range(7)]
    blind = await made(container, "film-*", "submit")
    assert (await http.get("/api/v1/projects", headers=shown(blind))).json() == {"projects": [], "next": None}


async def test_metrics_are_for_who_may_read_everything(http: httpx.AsyncClient, container: Container) -> None:
    some, every = await made(container, "film-*", "read"), await made(container, "*", "read")
    assert code(await http.get("/metrics", headers=shown(some))) == (403, "FORBIDDEN")
    assert (await http.get("/metrics", headers=shown(every))).status_code == 200


async def test_a_browser_signs_in_and_out(http: httpx.AsyncClient, container: Container) -> None:
    secret = await made(container, "film-*", "read")
    answer = await http.post("/api/v1/session", headers=shown(secret))
    assert answer.json()["principal"]["name"] == "Ada"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert secret not in cookie
    assert (await http.get("/api/v1/projects/film-a")).status_code == 200
    assert code(await http.get("/api/v1/projects/other")) == (404, "PROJECT_NOT_FOUND")
    kept = http.cookies[SESSION_COOKIE]
    assert (await http.delete("/api/v1/session")).status_code == 204
    again = await http.get("/api/v1/projects/film-a", headers={"Cookie": f"{SESSION_COOKIE}={kept}"})
    assert code(again) == (401, "UNAUTHENTICATED")
    assert (await http.get("/api/v1/session")).json() == {"access": "token", "principal": None}


async def test_a_session_is_over_with_the_token_that_opened_it(
    http: httpx.AsyncClient, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auteur.domain.authentication._REMEMBERED_S", -1.0)
    secret, token = await container.token_office().create("Ada", ["*"], ["read"], None)
    await http.post("/api/v1/session", headers=shown(secret))
    assert (await http.get("/api/v1/projects")).status_code == 200
    await container.token_office().revoke(token.token_id)
    assert code(await http.get("/api/v1/projects")) == (401, "UNAUTHENTICATED")
    assert code(await http.get("/api/v1/projects", headers=shown(secret))) == (401, "UNAUTHENTICATED")


async def test_the_operator_s_session_is_over_when_the_token_is_another(container: Container, tmp_path: Path) -> None:
    first = container.authenticator()
    issued = await first.open_session(await first.bearer(OPERATOR))
    assert (await first.session(issued.secret)).id == "operator"
    changed = build(container.settings().model_copy(update={"token": None, "require_token": True}))
    async with changed.access_home():
        with pytest.raises(Exception, match="unknown, expired or revoked"):
            await changed.authenticator().session(issued.secret)


async def test_a_token_ends_when_it_said_it_would(container: Container, http: httpx.AsyncClient) -> None:
    secret = await made(container, "*", "read", timedelta(microseconds=1))
    assert code(await http.get("/api/v1/projects", headers=shown(secret))) == (401, "UNAUTHENTICATED")


async def test_one_token_cannot_ask_without_end(http: httpx.AsyncClient, container: Container) -> None:
    secret, other = await made(container, "*", "read"), await made(container, "*", "read")
    answers = await asyncio.gather(*(http.get("/api/v1/projects", headers=shown(secret)) for _ in range(400)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert code(refused[0]) == (429, "RATE_LIMITED")
    assert "retry-after" in refused[0].headers
    assert (await http.get("/api/v1/projects", headers=shown(other))).status_code == 200


async def test_what_is_kept_is_no_secret(container: Container, http: httpx.AsyncClient) -> None:
    secret = await made(container, "*", "read")
    answer = await http.post("/api/v1/session", headers=shown(secret))
    ticket = (await http.post("/api/v1/tickets", headers=shown(secret))).json()["ticket"]
    kept = b"".join(file.read_bytes() for file in container.settings().private_directory.rglob("access.db*"))
    assert digest_of(secret).encode() in kept
    for value in (secret, secret.split("_", 2)[2], http.cookies[SESSION_COOKIE], ticket, OPERATOR):
        assert value.encode() not in kept
    assert OPERATOR not in repr(container.settings())
    assert answer.status_code == 200


def test_an_openapi_client_is_told_of_401_and_403(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for path, operations in paths.items():
        if path.startswith("/api/v1/projects"):
            for operation in operations.values():
                assert {"401", "403"} <= set(operation["responses"]), path
    assert json.dumps(paths).count("session")


def test_the_document_says_what_has_to_be_shown_and_where(app: FastAPI) -> None:
    """So that a client made of it shows a token, and the page of the documents has a place for one."""
    document = app.openapi()
    schemes = document["components"]["securitySchemes"]
    assert (schemes["token"]["type"], schemes["token"]["scheme"]) == ("http", "bearer")
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", SESSION_COOKIE)
    needed = [{"token": []}, {"session": []}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            asks, lets_in = not path.startswith("/health"), path in ("/api/v1/info", "/api/v1/session")
            wanted = [*needed, {}] if lets_in else needed if asks else []
            assert operation["security"] == wanted, (method, path)


def test_the_document_of_an_open_service_says_that_nothing_has_to_be_shown(tmp_path: Path) -> None:
    paths = create_app(build(load_settings(workspace_root=tmp_path, backend="memory"))).openapi()["paths"]
    assert paths["/api/v1/projects"]["get"]["security"] == [{"token": []}, {"session": []}, {}]


async def test_a_foreign_page_is_told_nothing_of_credentials(http: httpx.AsyncClient) -> None:
    for origin, is_told in (("http://evil.example", False), ("http://localhost:8000", True)):
        asked = {"Access-Control-Request-Method": "POST", "Origin": origin}
        for answer in (
            await http.get("/api/v1/projects", headers={**shown(OPERATOR), "Origin": origin}),
            await http.options("/api/v1/projects/film/tasks", headers=asked),
        ):
            assert any(name.startswith("access-control-") for name in answer.headers) == is_told, origin
            assert "Origin" in answer.headers["vary"]


async def test_what_depends_on_who_asks_is_kept_by_nobody(http: httpx.AsyncClient) -> None:
    """Nor by a proxy before several people, who come with a cookie."""
    for path in (
        "/api/v1/projects",
        "/api/v1/projects/film",
        "/api/v1/projects/film/tasks",
        "/api/v1/info",
        "/metrics",
    ):
        for headers in ({}, shown(OPERATOR)):
            assert (await http.get(path, headers=headers)).headers["cache-control"] == "no-store", path
    assert (await http.get("/")).headers["cache-control"] == "no-cache"


async def test_a_report_does_not_wait_for_a_store_of_tokens_that_does_not_answer(
    container: Container, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang() -> bool:
        await asyncio.Event().wait()
        raise AssertionError("nobody rings")

    monkeypatch.setattr(container.authenticator(), "is_demanded", hang)
    assert (await http.get("/health")).json()["access"] == "unknown"
