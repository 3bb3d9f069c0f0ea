"""What nobody should send: told in the one shape, by field, shortly, and never with a 500."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import hypothesis.strategies as st
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI
from hypothesis import given, settings

from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings

PROJECT = "/api/v1/projects/film"
TASKS, UPLOADS, BATCHES = f"{PROJECT}/tasks", f"{PROJECT}/uploads", f"{PROJECT}/batches"
BODY: dict[str, Any] = {"task_type": "text_to_image", "params": {"prompt": "a field"}, "quality": "draft"}
JSON = {"Content-Type": "application/json"}


shared = pytest.mark.asyncio(loop_scope="module")
"""Of tests that ask a service which stands for all of them, and is by none made another."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    home = tmp_path_factory.mktemp("standing")
    given = {"max_body_bytes": 4 << 20, "principal_requests_per_second": 10_000, "shutdown_drain": 0.0}
    made = build(load_settings(workspace_root=home, backend="memory", **given))
    async with lifetime(made), client_of(create_app(made, opened=True)) as client:
        yield client


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    made = build(load_settings(workspace_root=tmp_path, backend="memory", max_body_bytes=4 << 20, shutdown_drain=0.0))
    async with lifetime(made):
        yield create_app(made, opened=True)


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


def told(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error, which has the one shape."""
    assert answer.status_code == status, answer.text[:500]
    body = answer.json()
    assert set(body) == {"error", "request_id", "timestamp"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["request_id"] == answer.headers["x-request-id"]
    error: dict[str, Any] = body["error"]
    return error


def fields(error: dict[str, Any]) -> list[str]:
    return [problem["field"] for problem in error["details"]["problems"]]


def a_scope(method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    """A request as a server hands it on, whatever it holds."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
        "headers": [(b"host", b"localhost:8000"), *headers],
    }


# --- bodies --------------------------------------------------------------------------------------------------------


@shared
@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ('{"task_type": "a", "task_type": "b", "params": {}}', 400, "task_type"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a", "prompt": "b"}}', 400, "params.prompt"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a", "seed": 1e400}}', 400, "params.seed"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a", "seed": %s}}' % ("9" * 4000), 400, "params.seed"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a\\u0000b"}}', 422, "prompt"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a\\u001b[2J"}}', 422, "prompt"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a\x7f"}}', 422, "prompt"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a\\u0085"}}', 422, "prompt"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a\\uffff"}}', 422, "prompt"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a"}, "shot": "12A\\n"}', 422, "shot"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a"}, "shot": "\\u202e21"}', 422, "shot"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a"}, "metadata": {"a": "\\u0000"}}', 422, "metadata.a"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a"}, "metadata": {"a\\nb": 1}}', 422, "metadata"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a", "seed": "5"}}', 422, "seed"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a", "seed": true}}', 422, "seed"),
        ('{"task_type": "text_to_image", "params": {"prompt": "a", "seed": 5.0}}', 422, "seed"),
    ],
)
async def test_what_is_wrong_with_a_body_is_told_by_field(
    standing: httpx.AsyncClient, body: str, status: int, field: str
) -> None:
    error = told(await standing.post(TASKS, content=body.encode(), headers=JSON), status)
    assert field in fields(error)


async def test_in_a_batch_it_is_told_by_request_and_field(http: httpx.AsyncClient) -> None:
    requests = [BODY, {**BODY, "params": {"prompt": "a\0b"}}, {**BODY, "metadata": {"a": "\x9b"}}]
    error = told(await http.post(BATCHES, json={"requests": requests}), 422)
    assert [(problem["index"], problem["field"]) for problem in error["details"]["problems"]] == [
        (1, "params.prompt"),
        (2, "metadata.a"),
    ]
    twice = b'{"requests": [{"name": "a", "task_type": "t", "params": {}, "name": "b"}]}'
    assert fields(told(await http.post(BATCHES, content=twice, headers=JSON), 400)) == ["requests.0.name"]


@shared
@pytest.mark.parametrize(
    "kind",
    [
        "application/json; charset=utf-16",
        "application/json; charset=no-such",
        'application/json; charset="idna"',
        "application/json;charset=undefined",
        "application/json; charset=a\0b",
        "text/plain",
        "application/jsonp",
        "",
    ],
)
async def test_a_body_is_utf_8_json_or_refused_as_of_another_kind(standing: httpx.AsyncClient, kind: str) -> None:
    told(await standing.post(TASKS, content=json.dumps(BODY).encode(), headers={"Content-Type": kind}), 415)


async def test_utf_8_may_be_said_and_packing_may_not(http: httpx.AsyncClient) -> None:
    for kind in ("application/json;charset=UTF-8", 'Application/JSON ; charset="utf-8"'):
        told(await http.post(TASKS, content=b"{}", headers={"Content-Type": kind}), 422)
    for packed in ("gzip", "br", "identity, gzip"):
        told(await http.post(TASKS, content=b"{}", headers={**JSON, "Content-Encoding": packed}), 415)
    two = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    told(await http.post(TASKS, content=b"{}", headers=two), 415)


@shared
@pytest.mark.parametrize("charset", ["undefined", "idna", "rot13", "utf-16", "no-such", "a\0b", "punycode"])
async def test_no_codec_that_a_client_names_is_asked(standing: httpx.AsyncClient, charset: str) -> None:
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc\r\n--x--\r\n'
    kind = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    told(await standing.post(UPLOADS, content=form, headers=kind), 415)


@shared
@pytest.mark.parametrize(
    ("kind", "form", "status"),
    [
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=" + "y" * 3000, b"--x", 400),
        ("multipart/form-data; boundary=x", b"", 400),
        ("multipart/form-data; boundary=x", b"\0\0\0", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nA: b\r\n\r\nc\r\n--x--", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nc\r\n--x--", 400),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name*=no-such''%ff; filename*=x'y'%zz\r\n\r\nc\r\n--x--",
            400,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00.png"\r\n\r\nc\r\n--x--',
            None,
        ),
    ],
)
async def test_a_form_that_is_none_is_told_in_the_one_shape(
    standing: httpx.AsyncClient, kind: str, form: bytes, status: int | None
) -> None:
    answer = await standing.post(UPLOADS, content=form, headers={"Content-Type": kind})
    assert answer.status_code < 500
    told(answer, status or answer.status_code)


# --- parameters ----------------------------------------------------------------------------------------------------


@shared
@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(
            (f"limit={number}", "limit")
            for number in ("1_0", "%205", "5%20", "%2B5", "5.0", "1e2", "%D9%A3", "", "0x5")
        ),
        *(
            (f"limit={number}", "limit")
            for number in ("05", "-0", "true", "5%0A", "5%00", "9" * 5000, "0", "201", "-1")
        ),
        *((f"favourite={truth}", "favourite") for truth in ("1", "yes", "on", "True", "t", "", "true%0A")),
        ("limit=5&limit=6", "limit"),
        ("limit=5&limit=5", "limit"),
        ("cursor=open.1&cursor=open.2", "cursor"),
        ("staus=failed", "staus"),
        ("Limit=5", "Limit"),
        ("=5", ""),
        (f"{'x' * 5000}=1", "x" * 64),
        ("status=lost", "status.0"),
    ],
)
async def test_a_parameter_is_as_described_or_refused_by_name(
    standing: httpx.AsyncClient, query: str, field: str
) -> None:
    assert fields(told(await standing.get(f"{TASKS}?{query}"), 422)) == [field]


async def test_what_the_description_allows_is_taken(http: httpx.AsyncClient) -> None:
    for query in ("limit=1", "limit=200", "favourite=true", "favourite=false", "status=failed&status=queued", "q=sea"):
        assert (await http.get(f"{TASKS}?{query}")).status_code == 200, query
    # an address of a file may carry what a page adds against its browser's cache
    assert told(await http.get(f"{PROJECT}/artifacts/uploads/x.png?t=123"), 404)["code"] == "ARTIFACT_NOT_FOUND"
    assert fields(told(await http.get(f"{PROJECT}/artifacts/uploads/x.png?width=1_0"), 422)) == ["width"]
    assert fields(told(await http.get(f"{PROJECT}/artifacts/uploads/x.png?width=64&width=128"), 422)) == ["width"]


@shared
@pytest.mark.parametrize("key", [b"a\tb", b"\xff", b"a\x00b", b"a\x7f", b"", b"x" * 256], ids=ascii)
async def test_a_key_is_printable_ascii(standing: httpx.AsyncClient, key: bytes) -> None:
    headers = [(b"Content-Type", b"application/json"), (b"Idempotency-Key", key)]
    assert fields(told(await standing.post(TASKS, json=BODY, headers=headers), 422)) == ["idempotency-key"]


async def test_a_key_is_given_once(http: httpx.AsyncClient) -> None:
    headers = [("Content-Type", "application/json"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert fields(told(await http.post(TASKS, json=BODY, headers=headers), 422)) == ["Idempotency-Key"]


# --- paths and methods ---------------------------------------------------------------------------------------------

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X" * 5000]


def known_paths(app: FastAPI) -> list[str]:
    names = {"project_id": "film", "path": "a/1/b.png"}
    described = [re.sub(r"{(.*?)}", lambda found: names.get(found[1], "x"), path) for path in app.openapi()["paths"]]
    return [
        *described,
        "/",
        "/api",
        "/api/docs",
        "/api/redoc",
        "/api/openapi.json",
        "/api/asyncapi.json",
        "/assets/studio.js",
    ]


async def test_what_a_405_allows_is_what_is_answered(app: FastAPI, http: httpx.AsyncClient) -> None:
    assert len(known_paths(app)) > 20
    for path in known_paths(app):
        refused: dict[str, set[str]] = {}
        for method in METHODS:
            if path.endswith("/events") and method == "GET":
                continue  # never ends; HEAD says the same
            answer = await http.request(method, path)
            assert answer.status_code < 500, (method, path)
            if answer.status_code == 405:
                refused[method] = set(answer.headers["allow"].split(", "))
                if method != "HEAD":
                    error = told(answer, 405)
                    assert set(error["details"]["allowed"]) == refused[method]
                    assert len(error["message"]) < 100
        answered = set(METHODS) - refused.keys()
        assert all(allowed == answered for allowed in refused.values()), (path, answered, refused)


@shared
@pytest.mark.parametrize(
    "path", ["/api/v1/info", "/health/live", "/metrics", TASKS, f"{TASKS}/t/lineage", "/", "/api/docs"]
)
async def test_a_line_break_at_its_end_is_part_of_a_path(standing: httpx.AsyncClient, path: str) -> None:
    told(await standing.get(f"{path}%0A"), 404)
    told(await standing.get(f"{path}%0A%0A"), 404)
    for name in ("film%0A", "film%00", "%0Afilm", "fi%0Alm", "film%E2%80%AE"):
        told(await standing.get(f"/api/v1/projects/{name}/tasks"), 422)


async def test_a_socket_is_not_opened_where_a_path_ends_in_a_line_break(app: FastAPI) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {**a_scope("GET", "/ws/film%0A", b"", []), "type": "websocket", "subprotocols": []}
    del scope["method"]
    await app({**scope, "extensions": {"websocket.http.response": {}}}, receive, send)
    assert (sent[0]["type"], sent[0]["status"]) == ("websocket.http.response.start", 404)
    sent.clear()
    await app(scope, receive, send)
    assert sent[0]["type"] == "websocket.close"


@shared
@pytest.mark.parametrize(
    "path",
    [
        "..%2F..%2Fetc%2Fpasswd",
        "uploads%2F..%2F..%2Fother%2Fuploads%2Fx.png",
        "%2Fetc%2Fpasswd",
        "uploads/%00.png",
        "uploads",
        "uploads/",
        "uploads//x.png",
        "uploads/./x.png",
        "uploads/x.png/",
        "uploads/x.png%0A",
        "./uploads/x.png",
        "uploads/%FF.png",
        "uploads/" + "y" * 300,
        "/".join(["a"] * 600),
        "uploads\\x.png",
        "uploads/.hidden",
        "uploads/x.png.",
        "%ED%A0%80",
        "uploads/%C2%85",
        "a" * 8000,
        "other/uploads/x.png",
        "~root/x",
        "C:%5Cx",
        "uploads/x.draft",
        "uploads/%E2%80%AEgnp.x",
    ],
)
async def test_what_is_no_path_of_a_file_is_not_there(standing: httpx.AsyncClient, path: str) -> None:
    for query in ("", "?width=64"):
        error = told(await standing.get(f"{PROJECT}/artifacts/{path}{query}"), 404)
        assert "passwd" not in json.dumps(error) or error["code"] == "RESOURCE_NOT_FOUND"


@shared
@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=x", "bytes=5-1", "lines=1-2", "bytes=" + "0-0," * 2000])
async def test_a_range_of_the_pages_own_files_never_brings_another_shape(
    standing: httpx.AsyncClient, asked: str
) -> None:
    answer = await standing.get("/assets/studio.js", headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    again = await standing.get("/assets/studio.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@shared
@pytest.mark.parametrize(
    ("origin", "method", "headers", "status", "code"),
    [
        ("http://evil.example", "POST", "", 400, "FORBIDDEN_ORIGIN"),
        ("null", "POST", "", 400, "FORBIDDEN_ORIGIN"),
        ("http://localhost:3000", "PROPFIND", "", 400, "BAD_REQUEST"),
        ("http://localhost:3000", "POST", "x-" + "w" * 5000, 400, "BAD_REQUEST"),
        ("http://localhost:3000", "POST", "content-type", 200, None),
    ],
)
async def test_a_preflight_that_is_refused_has_the_one_shape(
    standing: httpx.AsyncClient, origin: str, method: str, headers: str, status: int, code: str | None
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    answer = await standing.options(TASKS, headers={name: value for name, value in asked.items() if value})
    assert answer.status_code == status
    if code is not None:
        error = told(answer, status)
        assert error["code"] == code
        assert len(answer.content) < 600
        assert "origin" in answer.headers["vary"].lower()


# --- sizes ---------------------------------------------------------------------------------------------------------


def a_request(**said: Any) -> bytes:
    return json.dumps({**BODY, **said}).encode()


REFUSED = {
    "not json": lambda word: a_request()[:-1] + word.encode(),
    "a text that does not end": lambda word: b'{"a": "' + word.encode(),
    "an unknown field": lambda word: a_request(**{f"x{word}": 1}),
    "unknown fields": lambda word: a_request(**{f"x{n}": 1 for n in range(20 + len(word) // 64)}),
    "an unknown parameter": lambda word: a_request(params={"prompt": "a", f"x{word}": 1}),
    "unknown parameters": lambda word: a_request(params={f"x{n}": 1 for n in range(min(20 + len(word) // 64, 4000))}),
    "a prompt": lambda word: a_request(params={"prompt": word}),
    "a prompt with a control": lambda word: a_request(params={"prompt": f"{word}\0"}),
    "a parameter's value": lambda word: a_request(params={"prompt": "a", "shot_size": word}),
    "an input": lambda word: a_request(task_type="image_to_video", params={"source_image": word}),
    "a url": lambda word: a_request(task_type="image_to_video", params={"source_image": f"ftp://{word}"}),
    "a task's output": lambda word: a_request(task_type="image_to_video", params={"source_image": {"from_task": word}}),
    "a task type": lambda word: a_request(task_type=word),
    "a quality": lambda word: a_request(quality=word),
    "an engine": lambda word: a_request(engine=word),
    "a shot": lambda word: a_request(shot=word),
    "metadata": lambda word: a_request(metadata={"scene": word * 4}),
    "a name in metadata": lambda word: a_request(metadata={word: []}),
    "a name twice": lambda word: b'{"%s": 1, "%s": 2}' % (word.encode(), word.encode()),
    "a number": lambda word: a_request(params={"seed": int("9" * min(len(word), 4000))}),
    "depth": lambda word: b"[" * len(word),
    "a list": lambda word: json.dumps(list(word)).encode(),
    "a text": lambda word: json.dumps(word).encode(),
}


@shared
@pytest.mark.parametrize("way", REFUSED)
async def test_an_answer_does_not_grow_with_the_body_that_it_refuses(standing: httpx.AsyncClient, way: str) -> None:
    sizes = []
    for word in ("w" * 1200, "w" * 1_000_000):
        answer = await standing.post(TASKS, content=REFUSED[way](word), headers=JSON)
        assert 400 <= answer.status_code < 500, answer.text[:300]
        told(answer, answer.status_code)
        sizes.append(len(answer.content))
    assert max(sizes) < 6000
    assert sizes[1] < sizes[0] + 64


ASKED: dict[str, Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]] = {
    "path": lambda http, word: http.get(f"/{word}"),
    "project": lambda http, word: http.get(f"/api/v1/projects/{word}/tasks"),
    "task": lambda http, word: http.get(f"{TASKS}/{word}"),
    "artifact": lambda http, word: http.get(f"{PROJECT}/artifacts/{word}"),
    "query": lambda http, word: http.get(f"{TASKS}?{word}=1"),
    "method": lambda http, word: http.request(word, "/api/v1/info"),
    "cursor": lambda http, word: http.get(f"{TASKS}?cursor={word}"),
    "position": lambda http, word: http.get(f"{PROJECT}/events?after={word}"),
    "key": lambda http, word: http.post(TASKS, json=BODY, headers={"Idempotency-Key": word}),
    "kind": lambda http, word: http.post(TASKS, content=b"{}", headers={"Content-Type": word}),
    "range": lambda http, word: http.get(f"{PROJECT}/artifacts/a", headers={"Range": word, "If-None-Match": word}),
}


@shared
@pytest.mark.parametrize("way", ASKED)
async def test_an_answer_does_not_grow_with_the_words_of_the_request(standing: httpx.AsyncClient, way: str) -> None:
    sizes = []
    for word in ("w" * 1000, "w" * 60_000):
        answer = await ASKED[way](standing, word)
        told(answer, answer.status_code)
        assert answer.status_code >= 400
        sizes.append(len(answer.content))
    assert sizes[1] < sizes[0] + 64


# --- clients that go away ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [(TASKS, "application/json"), (BATCHES, "application/json"), (UPLOADS, "multipart/form-data; boundary=x")],
)
async def test_a_client_that_goes_away_in_mid_body_is_one_line_for_who_debugs(
    app: FastAPI, path: str, kind: str
) -> None:
    sent: list[Any] = []
    said = iter(
        [
            {
                "type": "http.request",
                "body": b'--x\r\nContent-Disposition: form-data; name="file"; ',
                "more_body": True,
            },
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(said)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = a_scope("POST", path, b"", [(b"content-type", kind.encode()), (b"content-length", b"1000")])
    with structlog.testing.capture_logs() as lines:
        await app(scope, receive, send)
    assert sent == []
    assert [(line["event"], line["log_level"], line["path"]) for line in lines] == [("client went away", "debug", path)]


# --- anything ------------------------------------------------------------------------------------------------------

WORDS = ["api", "v1", "projects", "film", "tasks", "artifacts", "uploads", "batches", "events", "shots", "promote"]
WORDS += ["lineage", "%2e%2e", "%0a", "%00", "%c2%85", "ws"]
HEADERS = [
    "content-type",
    "idempotency-key",
    "range",
    "if-none-match",
    "if-range",
    "accept",
    "content-length",
    "origin",
]
HEADERS += ["if-modified-since", "last-event-id", "x-request-id", "content-encoding", "transfer-encoding", "expect"]
KINDS = [b"application/json", b"multipart/form-data; boundary=x", b"multipart/form-data"]
VALUES = st.binary(max_size=40) | st.sampled_from(
    [*KINDS, b"bytes=0-1", b"*", b"Mon, 99 Foo 9999999 25:61:61 GMT", b"9" * 5000]
)
LINES = [b"--x\r\n", b"--x--", b"\r\n", b"\r\n\r\n", b'Content-Disposition: form-data; name="file"; filename="a"']
FORMS = st.lists(st.sampled_from(LINES) | st.binary(max_size=20), max_size=8).map(b"".join)
PARTS = st.sampled_from(WORDS) | st.binary(max_size=6).map(lambda some: "".join(f"%{byte:02x}" for byte in some))


def test_no_bytes_whatever_bring_a_500(tmp_path: Path) -> None:
    made = build(load_settings(workspace_root=tmp_path, backend="memory"))
    made.closing().set()  # so that a stream of events ends at once
    app = create_app(made, opened=True)

    async def ask(method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        sent: list[Any] = []
        answered = asyncio.Event()
        said = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            for message in said:
                return message
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(a_scope(method, path, query, headers), receive, send)
        status = sent[0]["status"]
        assert status < 500 or status == 503, sent
        kind = dict(sent[0]["headers"]).get(b"content-type", b"")
        if status >= 400 and method != "HEAD" and not path.startswith("/health"):
            assert kind == b"application/json"
            assert set(json.loads(b"".join(one.get("body", b"") for one in sent[1:]))) == {
                "error",
                "request_id",
                "timestamp",
            }

    @given(
        method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "HEAD"]),
        parts=st.lists(PARTS, max_size=7),
        query=st.binary(max_size=30) | st.sampled_from([b"limit=1_0", b"after=0", b"width=\xff", b"q=%00"]),
        headers=st.lists(st.tuples(st.sampled_from(HEADERS).map(str.encode), VALUES), max_size=5),
        body=st.binary(max_size=200) | FORMS,
    )
    @settings(max_examples=300)
    def try_anything(
        method: str, parts: list[str], query: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        asyncio.run(ask(method, "/" + "/".join(parts), query, headers, body))

    try_anything()
