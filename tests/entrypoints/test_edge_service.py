"""The whole service behind its edge: what is refused by bytes, by host and by origin, and what its log says of it."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from auteur.entrypoints.http.same_site import SameSiteMiddleware
from auteur.entrypoints.server import room_for
from auteur.entrypoints.settings import Settings, WrongSettingError, load_settings
from tests.e2e.studio import Service
from tests.entrypoints.edge_inputs import (
    HEAD,
    KEY,
    REFUSED,
    VERSION,
    Answer,
    converse,
    get,
    handshake,
    post,
)
from tests.waiting import LONG_S

OURS = b"Origin: http://localhost:3000\r\n"


@pytest.fixture
async def service(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    running = await Service(tmp_path, **{"log_level": "DEBUG", **getattr(request, "param", {})}).start()
    yield running
    await running.kill()
    assert "Traceback" not in running.log, running.log[-4000:]
    loud = [line for line in running.log_lines if line["level"] in ("warning", "error", "critical")]
    assert loud == []


def port_of(service: Service) -> int:
    return int(service.url.rpartition(":")[2])


def assert_refused(answer: Answer, status: int) -> dict[str, Any]:
    """The error, of which the shape is the one there is."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json) == {"error", "request_id", "timestamp"}
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    assert len(answer.body) < 1500
    error: dict[str, Any] = answer.json["error"]
    return error


async def assert_alive(service: Service) -> None:
    async with service.http() as http:
        assert (await http.get("/health/live")).status_code == 200


async def test_the_service_refuses_every_input_and_says_it_once_to_who_debugs(service: Service) -> None:
    port = port_of(service)
    wanted = {name: verdict for name, (_, verdict) in REFUSED.items() if len(verdict) == 1}
    gate = asyncio.Semaphore(8)

    async def ask(name: str) -> list[Answer]:
        async with gate:
            return await converse(port, REFUSED[name][0])

    answers = await asyncio.gather(*map(ask, wanted))
    for answered, (name, verdict) in zip(answers, wanted.items(), strict=True):
        assert tuple(answer.status for answer in answered) == verdict, name
        assert_refused(answered[0], verdict[0])
    ids = [answered[0].json["request_id"] for answered in answers]
    told = [line for line in service.log_lines if line.get("request_id") in ids]
    assert {line["level"] for line in told} == {"debug"}
    assert len({line["request_id"] for line in told}) == len(told)
    await assert_alive(service)


@pytest.mark.parametrize("service", [{"keep_alive_timeout": 0.5}], indirect=True)
async def test_a_client_that_leaves_in_the_middle_of_a_body_is_one_line(service: Service) -> None:
    wholes = {
        "/api/v1/projects/film/tasks": (
            b"Content-Type: application/json\r\nContent-Length: 300\r\n",
            b'{"task_type": ',
        ),
        "/api/v1/projects/film/uploads": (
            b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 3000\r\n",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc',
        ),
    }
    for path, (headers, body) in wholes.items():
        name = f"leaves-{path.rpartition('/')[2]}"
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(service))
        writer.write(post(headers + b"X-Request-ID: " + name.encode() + b"\r\n", body, path.encode()))
        await writer.drain()
        await asyncio.sleep(0.1)  # so that both ways are met: before the route reads, and while it does
        writer.transport.abort()
        async with asyncio.timeout(LONG_S):
            while not (told := [line for line in service.log_lines if line.get("request_id") == name]):
                await asyncio.sleep(0.05)
        assert [(line["event"], line["level"]) for line in told] == [("client went away", "debug")]
    await assert_alive(service)


async def test_a_body_that_breaks_the_framing_is_one_line(service: Service) -> None:
    broken = post(
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nX-Request-ID: breaks\r\n",
        b"3\r\n{}nonsense",
        b"/api/v1/projects/film/tasks",
    )
    (answer,) = await converse(port_of(service), broken)
    assert_refused(answer, 400)
    await assert_alive(service)
    told = [line for line in service.log_lines if line.get("request_id") == "breaks"]
    assert [(line["event"], line["level"]) for line in told] == [("request refused", "debug")]


async def test_a_body_over_the_limit_hears_why_although_it_still_comes(service: Service) -> None:
    answers = await converse(
        port_of(service), post(b"Content-Length: 99000000\r\n", b"a" * 900_000, b"/api/v1/projects/film/tasks")
    )
    assert assert_refused(answers[0], 413)["code"] == "BODY_TOO_LARGE"


async def test_a_socket_at_no_path_is_refused_in_the_one_shape(service: Service) -> None:
    (answer,) = await converse(port_of(service), handshake(target=b"/nowhere"))
    assert assert_refused(answer, 404)["code"] == "RESOURCE_NOT_FOUND"


async def test_an_absolute_address_is_judged_by_the_host_it_names(service: Service) -> None:
    close = HEAD + b"Connection: close\r\n"
    (answer,) = await converse(port_of(service), get(close, target=b"http://evil.example/api/v1/info"))
    assert assert_refused(answer, 421)["code"] == "WRONG_HOST"
    (answer,) = await converse(port_of(service), get(close, target=b"http://127.0.0.1/health/live"))
    assert answer.status == 200


@pytest.mark.parametrize("service", [{"trusted_proxies": "127.0.0.1", "max_connections_per_address": 2}], indirect=True)
async def test_the_origin_of_a_page_behind_a_proxy_has_the_scheme_that_the_proxy_says(service: Service) -> None:
    secure = b"X-Forwarded-Proto: https\r\nX-Forwarded-For: 192.0.2.1\r\n"
    for headers, status in (
        (b"Origin: https://localhost\r\n" + secure, 101),
        (b"Origin: https://localhost\r\n", 403),
        (b"Origin: http://localhost\r\n" + secure, 403),
        (b"Origin: http://localhost\r\n", 101),
    ):
        closed = b"\x88\x80\0\0\0\0"
        (answer,) = await converse(port_of(service), handshake(KEY + VERSION + headers), closed)
        assert answer.status == status, headers


# --- hosts and origins


def judge(
    settings: Settings, method: str, headers: list[tuple[str, str]], scheme: str = "http"
) -> tuple[int, dict[str, Any]]:
    """What the rules make of a request: 200 where it passes, and the error."""

    async def passes(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    rules = SameSiteMiddleware(
        passes, origins=settings.origins(8000), hosts=settings.hosts(), any_host=settings.answers_for_any_host
    )
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope: Scope = {"type": "http", "method": method, "scheme": scheme, "path": "/", "headers": raw}
    if method == "WS":
        scope |= {
            "type": "websocket",
            "scheme": scheme.replace("http", "ws"),
            "extensions": {"websocket.http.response": {}},
        }
    asyncio.run(_call(rules, scope, receive, send))
    return int(sent[0]["status"]), json.loads(sent[1]["body"])


async def _call(app: Any, *args: Any) -> None:
    await app(*args)


LOOPBACK: dict[str, Any] = {}
PUBLIC = {"host": "0.0.0.0", "public_url": "https://films.example", "frontend_url": "https://front.example:8443"}
NAMED = {"host": "0.0.0.0", "allowed_hosts": "films.example", "frontend_url": ""}
ANY = {"host": "0.0.0.0", "frontend_url": ""}

ORIGINS = [
    # settings, scheme, host, origin, whether it is let in
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3000", True),
    (LOOPBACK, "http", "localhost:8000", "HTTP://LOCALHOST:3000", True),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:8000", True),
    (LOOPBACK, "http", "127.0.0.1:8000", "http://localhost:8000", True),
    (LOOPBACK, "http", "[::1]:8000", "http://[::1]:8000", True),
    (LOOPBACK, "http", "localhost", "http://localhost:80", True),
    (LOOPBACK, "http", "localhost:80", "http://localhost", True),
    (LOOPBACK, "http", "localhost:9000", "http://localhost:9000", True),
    (LOOPBACK, "http", "localhost:8000", "https://localhost:3000", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3001", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost", False),
    (LOOPBACK, "http", "localhost:8000", "https://localhost:8000", False),
    (LOOPBACK, "https", "localhost:8000", "http://localhost:9000", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost.:3000", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3000/", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3000/a", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3000 ", False),
    (LOOPBACK, "http", "localhost:8000", "http://me@localhost:3000", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3000@evil.example", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:3000.evil.example", False),
    (LOOPBACK, "http", "localhost:8000", "http://evil.example", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost.evil.example:3000", False),
    (LOOPBACK, "http", "localhost:8000", "http://localhost:03000x", False),
    (LOOPBACK, "http", "localhost:8000", "localhost:3000", False),
    (LOOPBACK, "http", "localhost:8000", "file://", False),
    (LOOPBACK, "http", "localhost:8000", "chrome-extension://abcdef", False),
    (LOOPBACK, "http", "localhost:8000", "null", False),
    (LOOPBACK, "http", "localhost:8000", "", False),
    (PUBLIC, "http", "films.example", "https://films.example", True),
    (PUBLIC, "http", "films.example", "https://films.example:443", True),
    (PUBLIC, "http", "other.example", "https://front.example:8443", True),
    (PUBLIC, "http", "films.example", "http://films.example", True),  # the very one that was asked, of a known host
    (PUBLIC, "https", "films.example", "http://films.example", False),
    (PUBLIC, "http", "films.example", "https://films.example:8443", False),
    (PUBLIC, "http", "films.example", "https://front.example", False),
    (PUBLIC, "http", "films.example", "http://front.example:8443", False),
    (NAMED, "http", "films.example:8000", "http://films.example:8000", True),
    (NAMED, "https", "films.example", "https://films.example:443", True),
    (NAMED, "http", "films.example", "https://films.example", False),
    (NAMED, "http", "films.example:8000", "http://films.example", False),
    (ANY, "http", "192.0.2.7:8000", "http://192.0.2.7:8000", True),
    (ANY, "http", "192.0.2.7:8000", "http://192.0.2.7", False),
    (ANY, "http", "evil.example", "http://evil.example", False),
]


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


_SETTINGS: dict[str, Settings] = {}


def settings_of(given: dict[str, Any]) -> Settings:
    """The same for the same: to read them takes ten times as long as to judge by them."""
    if (name := repr(given)) not in _SETTINGS:
        _SETTINGS[name] = load_settings(**given)
    return _SETTINGS[name]


@pytest.mark.parametrize(("given", "scheme", "host", "origin", "is_let_in"), ORIGINS)
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT", "WS", "GET", "HEAD", "OPTIONS"])
def test_an_origin_is_scheme_host_and_port(
    given: dict[str, Any], scheme: str, host: str, origin: str, is_let_in: bool, method: str
) -> None:
    status, body = judge(settings_of(given), method, [("host", host), ("origin", origin)], scheme)
    reads = method in ("GET", "HEAD", "OPTIONS")
    assert status == (200 if is_let_in or reads else 403)
    if status == 403:
        assert body["error"]["code"] == "FORBIDDEN_ORIGIN"
        assert "BACKEND_FRONTEND_URL" in body["error"]["message"]


@pytest.mark.parametrize("method", ["POST", "DELETE", "WS"])
@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        ("cross-site", None, 403),
        ("Cross-Site", None, 403),
        ("same-origin", None, 200),
        ("same-site", None, 200),
        ("none", None, 200),
        ("cross-site", "http://localhost:3000", 200),
        ("cross-site", "http://localhost:8000", 200),
        ("cross-site", "http://localhost:9000", 403),  # ours by the host that was asked, which no setting names
        ("cross-site", "http://evil.example", 403),
        ("cross-site", "null", 403),
        ("same-origin", "http://evil.example", 403),
    ],
)
def test_what_a_browser_calls_cross_site_is_for_the_origins_that_are_named(
    method: str, site: str, origin: str | None, status: int
) -> None:
    headers = [("host", "localhost:9000"), ("sec-fetch-site", site)] + ([("origin", origin)] if origin else [])
    assert judge(load_settings(), method, headers)[0] == status
    assert judge(load_settings(), "GET", headers)[0] == 200


@pytest.mark.parametrize("method", ["POST", "WS", "GET"])
def test_several_origins_are_refused(method: str) -> None:
    ours = ("origin", "http://localhost:3000")
    assert judge(load_settings(), method, [("host", "localhost"), ours, ours])[0] == 403


def test_a_refusal_does_not_grow_with_what_it_refuses() -> None:
    _, of_origin = judge(load_settings(), "POST", [("host", "localhost"), ("origin", "http://" + "a" * 7000)])
    _, of_host = judge(load_settings(), "GET", [("host", "a" * 7000)])
    assert max(len(json.dumps(body)) for body in (of_origin, of_host)) < 900
    assert "BACKEND_ALLOWED_HOSTS" in of_host["error"]["message"]


@pytest.mark.parametrize(
    "value", ["nonsense", "10.0.0.1/8", "10.0.0.0/33", "*", "films.example", "10.0.0.0/8;::1", "127.0.0.1:80"]
)
def test_a_wrong_list_of_proxies_is_one_line_without_its_value(value: str) -> None:
    with pytest.raises(WrongSettingError) as wrong:
        load_settings(trusted_proxies=value)
    assert str(wrong.value).startswith("BACKEND_TRUSTED_PROXIES: must be addresses and networks")
    assert value not in str(wrong.value)


def test_there_is_room_for_as_many_connections_as_files_may_be_opened() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
        assert room_for(1024) == 1024 if hard >= 1536 else hard - 512
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(1536, hard)
        assert room_for(10_000_000) < 10_000_000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
