"""The HTTP side, in process, on memory."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from PIL import Image

from auteur.domain.errors import BusUnavailableError
from auteur.domain.state import TaskReading
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.waiting import LONG_S

TASKS = "/api/v1/projects/film/tasks"
TINY = {"prompt": "a field", "width": 64, "height": 64, "steps": 1, "seed": 1}
BODY = {"task_type": "text_to_image", "params": TINY, "quality": "draft"}


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    settings = load_settings(workspace_root=tmp_path, backend="memory", max_upload_bytes=300_000, shutdown_drain=0.0)
    made = build(settings)
    async with lifetime(made):
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(container, opened=True)

    @app.get("/explode")
    async def explode() -> None:
        raise RuntimeError("password=hunter2")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def ended(http: httpx.AsyncClient, location: str) -> dict[str, Any]:
    async with asyncio.timeout(LONG_S):
        while True:
            task: dict[str, Any] = (await http.get(location)).json()
            if task["ended_at"]:
                return task
            await asyncio.sleep(0.02)


def assert_shape(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["error"]["code"]) == (status, code), body
    assert set(body) == {"error", "request_id", "timestamp"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["timestamp"].endswith(("Z", "+00:00"))
    return body


async def test_a_task_is_asked_for_followed_and_fetched(http: httpx.AsyncClient) -> None:
    answer = await http.post(TASKS, json={**BODY, "metadata": {"shot": 3}})
    assert answer.status_code == 202
    task = await ended(http, answer.headers["location"])
    assert (task["status"], task["metadata"], task["progress"]) == ("succeeded", {"shot": 3}, 1.0)
    assert task["origins"]["steps"] == "caller"
    (artifact,) = task["result"]["artifacts"]
    found = await http.get(artifact["url"])
    assert found.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(found.content)).size == (64, 64)
    assert (await http.head(artifact["url"])).headers["content-length"] == str(artifact["size_bytes"])
    part = await http.get(artifact["url"], headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"PNG")
    beyond = await http.get(artifact["url"], headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    listed = (await http.get(TASKS)).json()
    assert listed == {"tasks": [task], "next": None}
    assert (await http.get("/api/v1/projects/film")).json()["tasks"] == [task]


async def test_an_idempotency_key_makes_repeats_harmless(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(http.post(TASKS, json=BODY, headers={"Idempotency-Key": "take-1"}) for _ in range(100))
    )
    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["task_id"] for a in answers}) == 1
    other = await http.post(TASKS, json={**BODY, "quality": "high"}, headers={"Idempotency-Key": "take-1"})
    assert_shape(other, 409, "IDEMPOTENCY_CONFLICT")


async def test_a_plain_request_is_answered_as_the_framework_answers_it(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(**changes: Any) -> tuple[int, dict[str, str], bytes]:
        answer = await http.post(TASKS, headers={"Idempotency-Key": "take 1"}, **{"json": BODY, **changes})
        body = answer.json()
        for drawn in ("request_id", "timestamp"):  # of an error, anew each time
            body.pop(drawn, None)
        is_error = answer.status_code >= 400
        answer.headers.pop("x-request-id")
        return answer.status_code, dict(answer.headers), json.dumps(body).encode() if is_error else answer.content

    _, headers, _ = await ask()
    await ended(http, headers["location"])
    kinds: tuple[dict[str, Any], ...] = ({}, {"json": {**BODY, "quality": "high"}}, {"json": {}}, {"content": b"{"})
    plain = [await ask(**kind) for kind in kinds]
    assert [status for status, _, _ in plain] == [202, 409, 422, 415]
    monkeypatch.setattr("auteur.entrypoints.http.plain_route._KEY", re.compile(rb"(?!)"))
    assert [await ask(**kind) for kind in kinds] == plain


async def test_what_the_framework_looks_at_it_looks_at(http: httpx.AsyncClient) -> None:
    unknown = await http.post(f"{TASKS}?wait=1", json=BODY)
    assert "wait" in str(assert_shape(unknown, 422, "VALIDATION_ERROR")["error"]["details"])
    for keys in (["a", "a"], ["x" * 256], ["\u00e9"], [""]):
        headers = [("Idempotency-Key", key.encode("latin-1")) for key in keys]
        refused = await http.post(TASKS, json=BODY, headers=[(name.encode(), key) for name, key in headers])
        assert_shape(refused, 422, "VALIDATION_ERROR")
    assert (await http.get(TASKS)).json()["tasks"] == []


async def test_what_was_accepted_is_told_as_accepted_also_where_it_cannot_be_read_any_more(
    http: httpx.AsyncClient, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = container.store()
    read = store.task

    async def away(project_id: str, task_id: str) -> TaskReading:
        await read(project_id, task_id)  # unknown, before it is accepted
        raise BusUnavailableError("away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(store, "task", away)
        answer = await http.post(TASKS, json=BODY, headers={"Idempotency-Key": "take-1"})
    told = answer.json()
    assert (answer.status_code, told["status"], told["queue_position"]) == (202, "queued", 1)
    again = await http.post(TASKS, json=BODY, headers={"Idempotency-Key": "take-1"})
    assert again.json()["task_id"] == told["task_id"]


async def test_a_list_is_paged_newest_first_and_filtered(http: httpx.AsyncClient) -> None:
    made = [(await http.post(TASKS, json={**BODY, "params": {**TINY, "seed": i}})).json()["task_id"] for i in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await http.get(f"{TASKS}?limit=3{cursor}")).json()
        seen += [task["task_id"] for task in page["tasks"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == made[::-1]
    await ended(http, f"{TASKS}/{made[-1]}")
    assert {t["status"] for t in (await http.get(f"{TASKS}?status=succeeded")).json()["tasks"]} <= {"succeeded"}


async def test_a_cancel_over_http_is_harmless_to_repeat(http: httpx.AsyncClient) -> None:
    for seed in range(4):
        answer = await http.post(TASKS, json={**BODY, "params": {**TINY, "steps": 200, "width": 512, "seed": seed}})
        location = answer.headers["location"]
    for _ in range(3):
        cancelled = (await http.post(f"{location}/cancel")).json()
        assert (cancelled["status"], cancelled["error"]["code"]) == ("cancelled", "TASK_CANCELLED")


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/nothing", None, 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/api/v1/projects/film/tasks/nobody", None, 404, "TASK_NOT_FOUND"),
        ("POST", "/api/v1/projects/film/tasks/nobody/cancel", None, 404, "TASK_NOT_FOUND"),
        ("GET", "/api/v1/projects/film/artifacts/nobody/1/frame.png", None, 404, "ARTIFACT_NOT_FOUND"),
        ("GET", "/api/v1/projects/film/artifacts/..%2F..%2Fetc%2Fpasswd", None, 404, "ARTIFACT_NOT_FOUND"),
        (
            "GET",
            "/api/v1/projects/film/artifacts/uploads%2F..%2F..%2F..%2Fetc%2Fpasswd",
            None,
            404,
            "ARTIFACT_NOT_FOUND",
        ),
        ("PUT", TASKS, None, 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v1/projects/-film/tasks", None, 422, "INVALID_PROJECT_ID"),
        ("GET", f"{TASKS}?limit=0", None, 422, "VALIDATION_ERROR"),
        ("GET", f"{TASKS}?status=lost", None, 422, "VALIDATION_ERROR"),
        ("GET", f"{TASKS}?cursor=x", None, 422, "VALIDATION_ERROR"),
        ("GET", "/api/v1/projects/film/events?after=x", None, 422, "VALIDATION_ERROR"),
        ("POST", TASKS, b"{", 400, "INVALID_MESSAGE"),
        ("POST", TASKS, b'{"task_type": NaN}', 400, "INVALID_MESSAGE"),
        ("POST", TASKS, b'{"task_type": "\\ud800"}', 400, "INVALID_MESSAGE"),
        ("POST", TASKS, b'{"params": {"steps": 1e400}}', 400, "INVALID_MESSAGE"),
        ("POST", TASKS, b"[" * 50_000, 400, "INVALID_MESSAGE"),
        ("POST", TASKS, b"[]", 422, "VALIDATION_ERROR"),
        ("POST", TASKS, b"{}", 422, "VALIDATION_ERROR"),
        ("POST", TASKS, json.dumps({**BODY, "extra": 1}).encode(), 422, "VALIDATION_ERROR"),
        ("POST", TASKS, json.dumps({**BODY, "quality": "x"}).encode(), 422, "UNKNOWN_QUALITY"),
        ("POST", TASKS, json.dumps({**BODY, "task_type": "x"}).encode(), 422, "UNKNOWN_TASK_TYPE"),
        ("POST", TASKS, json.dumps({**BODY, "params": {}}).encode(), 422, "INVALID_PARAMS"),
        ("POST", TASKS, b"x" * 300_000, 413, "BODY_TOO_LARGE"),
        ("GET", "/explode", None, 500, "INTERNAL_ERROR"),
    ],
)
async def test_every_error_has_the_one_shape(
    http: httpx.AsyncClient, method: str, path: str, content: bytes | None, status: int, code: str
) -> None:
    answer = await http.request(method, path, content=content, headers={"Content-Type": "application/json"})
    assert_shape(answer, status, code)
    assert "hunter2" not in answer.text
    assert (await http.get("/api/v1/projects/film/tasks")).json()["tasks"] == []


async def test_a_body_that_grows_too_large_while_it_arrives_is_cut_off(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 10_000

    answer = await http.post(TASKS, content=endless(), headers={"Content-Type": "application/json"})
    assert_shape(answer, 413, "BODY_TOO_LARGE")


async def test_a_body_of_another_kind_is_refused(http: httpx.AsyncClient) -> None:
    assert_shape(await http.post(TASKS, data={"a": "b"}), 415, "UNSUPPORTED_MEDIA_TYPE")
    assert_shape(await http.post("/api/v1/projects/film/uploads", json={}), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("file", b"no picture", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("file", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("file", b"\x89PNG\r\n\x1a\n" + b"x" * 50, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("picture", b"x", 400, "INVALID_MESSAGE"),
        ("file", b"x" * 500_000, 413, "BODY_TOO_LARGE"),
    ],
)
async def test_what_is_no_picture_is_not_taken_in(
    http: httpx.AsyncClient, container: Container, name: str, data: bytes, status: int, code: str
) -> None:
    answer = await http.post("/api/v1/projects/film/uploads", files={name: ("innocent.png", data)})
    assert_shape(answer, status, code)
    assert not (container.settings().workspace / "film" / "uploads").exists()


async def test_a_404_says_what_would_have_been_right(http: httpx.AsyncClient) -> None:
    body = assert_shape(await http.get("/api/v1/tasktypes"), 404, "RESOURCE_NOT_FOUND")
    assert body["error"]["details"]["similar"][0] == "/api/v1/task-types"
    allowed = assert_shape(await http.delete("/api/v1/info"), 405, "METHOD_NOT_ALLOWED")
    assert allowed["error"]["details"]["allowed"] == ["GET", "HEAD"]


@pytest.mark.parametrize(
    ("given", "kept"), [("take-7.b_2", True), ("x" * 65, False), ("a b", False), ("<script>", False), ("", False)]
)
async def test_a_well_formed_request_id_is_kept(http: httpx.AsyncClient, given: str, kept: bool) -> None:
    answer = await http.get("/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert answer.headers["x-request-id"]


async def test_health_tells_what_works(http: httpx.AsyncClient, container: Container) -> None:
    report = (await http.get("/health")).json()
    assert (report["status"], report["service"]) == ("healthy", "Auteur Movie Director API")
    assert report["checks"] == {"api": "ok", "database": "ok", "redis": "not_used", "workspace": "ok", "workers": "ok"}
    assert (await http.get("/health/ready")).status_code == 200
    root = container.settings().workspace
    root.rename(root.with_name("gone"))
    root.write_text("in the way")
    try:
        answer = await http.get("/health")
        assert (answer.status_code, answer.json()["checks"]["workspace"]) == (503, "unavailable")
        assert str(root) not in answer.text
        assert (await http.get("/health/ready")).status_code == 503
        assert (await http.get("/health/live")).status_code == 200
    finally:
        root.unlink()
        root.with_name("gone").rename(root)


async def test_what_can_be_asked_for_is_told(http: httpx.AsyncClient) -> None:
    info = (await http.get("/api/v1/info")).json()
    handed_over = [
        "film_animatic", "film_board", "film_cameras", "film_contact_sheet", "film_continuity", "film_cut",
        "film_keyframes", "film_plans", "film_shot_list",
    ]  # fmt: skip
    assert info["task_types"] == [*handed_over, "image_to_video", "text_to_image", "text_to_video"]
    types = {made["name"]: made for made in (await http.get("/api/v1/task-types")).json()["task_types"]}
    assert list(types) == info["task_types"]
    assert types["text_to_image"]["params_schema"]["properties"]["prompt"]["maxLength"] == 1000
    quality = (await http.get("/api/v1/quality")).json()
    assert quality["qualities"]["high"]["preset"] == {"steps": 30, "width_px": 1536, "height_px": 1536}
    assert quality["default"] == "standard"


async def test_the_documents_describe_the_routes_and_the_socket(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/api/openapi.json")).json()["paths"]
    assert "requestBody" in paths["/api/v1/projects/{project_id}/tasks"]["post"]
    (limit,) = (one for one in paths["/api/v1/projects"]["get"]["parameters"] if one["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 200)
    socket = (await http.get("/api/asyncapi.json")).json()
    assert socket["asyncapi"] == "3.0.0"
    assert {"start_generation", "progress", "complete", "error"} <= set(socket["components"]["messages"])
    for path in ("/api/docs", "/api/redoc", "/", "/assets/studio.js", "/assets/studio.css"):
        assert (await http.get(path)).status_code == 200


async def test_the_document_tells_bounds_in_words_of_json_schema(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/api/openapi.json")).json()["paths"]
    told = {
        (path, one["name"]): one["schema"]
        for path, operations in paths.items()
        for operation in operations.values()
        for one in operation.get("parameters", ())
    }
    assert told["/api/v1/projects", "limit"] | {"minimum": 1, "maximum": 200} == told["/api/v1/projects", "limit"]
    assert told["/api/v1/projects/{project_id}/artifacts/{path}", "width"]["maximum"] == 16_384
    assert [place for place, schema in told.items() if {"ge", "le", "gt", "lt", "min_length"} & set(schema)] == []


async def test_metrics_count_what_happened(http: httpx.AsyncClient) -> None:
    answer = await http.post(TASKS, json=BODY)
    await ended(http, answer.headers["location"])
    text = (await http.get("/metrics")).text
    assert 'auteur_tasks_accepted_total{lane="interactive",quality="draft",task_type="text_to_image"} 1.0' in text
    assert 'auteur_tasks_ended_total{ending="succeeded"} 1.0' in text


WORDS = "api v1 projects film tasks artifacts uploads events quality studio ws .. %2e%2e %00 cancel health live"
PARTS = st.sampled_from(WORDS.split()) | st.text(max_size=12).map(lambda text: quote(text, safe=""))
QUERIES = st.dictionaries(st.sampled_from(["after", "limit", "cursor", "status"]), st.text(max_size=12), max_size=3)
NAMES = st.sampled_from(["task_type", "params", "quality", "metadata", "prompt", "x"])
BODIES = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
).map(lambda data: json.dumps(data).encode())
KINDS = ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain"]


def test_no_request_brings_a_500(tmp_path: Path) -> None:
    made = build(load_settings(workspace_root=tmp_path, backend="memory"))
    made.closing().set()  # so that a stream of events ends at once
    app = create_app(made, opened=True)

    async def ask(method: str, path: str, query: dict[str, str], body: bytes, kind: str) -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            address = f"http://localhost:8000{path}"  # a path may begin with two slashes
            answer = await client.request(method, address, params=query, content=body, headers={"Content-Type": kind})
        assert answer.status_code != 500, answer.text
        if answer.status_code >= 400 and method != "HEAD" and not path.startswith("/health"):  # a report of its own
            assert set(answer.json()) == {"error", "request_id", "timestamp"}

    @given(
        method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
        parts=st.lists(PARTS, max_size=7),
        query=QUERIES,
        body=BODIES,
        kind=st.sampled_from(KINDS),
    )
    @settings(max_examples=400)
    def try_anything(method: str, parts: list[str], query: dict[str, str], body: bytes, kind: str) -> None:
        asyncio.run(ask(method, "/" + "/".join(parts), query, body, kind))

    try_anything()


async def test_a_closing_service_says_so(http: httpx.AsyncClient, container: Container) -> None:
    container.dispatcher().close()
    container.closing().set()
    answer = await http.post(TASKS, json=BODY)
    assert_shape(answer, 503, "SHUTTING_DOWN")
    assert answer.headers["retry-after"]
    assert (await http.get("/health")).json()["checks"]["api"] == "stopping"


async def test_head_is_answered_wherever_get_is_with_its_headers_and_no_body(http: httpx.AsyncClient) -> None:
    made = await http.post(TASKS, json=BODY)
    task = await ended(http, made.headers["location"])
    described = (await http.get("/api/openapi.json")).json()["paths"]
    assert [path for path, operations in described.items() if ("get" in operations) != ("head" in operations)] == []
    names = [operation["operationId"] for operations in described.values() for operation in operations.values()]
    assert len(set(names)) == len(names)
    hook = (await http.post("/api/v1/projects/film/webhooks", json={"url": "https://receiver.example/"})).json()
    known = {"project_id": "film", "task_id": task["task_id"], "path": task["result"]["artifacts"][0]["path"][5:]}
    known["webhook_id"] = hook["webhook_id"]
    known["name"] = "pier"
    for kept in ("sets", "cast", "films"):
        assert (await http.put(f"/api/v1/projects/film/{kept}/pier", json={})).status_code == 200, kept
    paths = [path.format(**known) for path, operations in described.items() if "get" in operations]
    assert len(paths) > 10
    paths.remove("/api/v1/projects/film/events")  # never ends; see below
    paths += ["/", "/assets/studio.js", "/api", "/api/docs", "/api/redoc", "/api/openapi.json", "/api/asyncapi.json"]
    paths += ["/api/v1/projects/-film", f"{TASKS}/nobody", "/nothing", f"{TASKS}?limit=0"]  # errors have their head too
    changing = ("x-request-id", "content-length")
    for path in paths:
        get, head = await http.get(path), await http.head(path)
        assert head.status_code == get.status_code, path
        assert head.content == b"", path
        same = [{k: v for k, v in answer.headers.items() if k not in changing} for answer in (get, head)]
        assert same[0] == same[1], path
        assert ("content-length" in head.headers) == ("content-length" in get.headers), path
    assert int((await http.head(task["result"]["artifacts"][0]["url"])).headers["content-length"]) > 0


async def test_the_head_of_a_stream_that_never_ends_is_answered_at_once(http: httpx.AsyncClient) -> None:
    before = asyncio.all_tasks()
    async with asyncio.timeout(LONG_S):
        head = await http.head("/api/v1/projects/film/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    left = {task.get_name() for task in asyncio.all_tasks() - before}
    assert left <= {"places-follow", "places-tell"}, (
        "nothing goes on behind it but what is kept for who comes back soon"
    )


async def test_head_where_get_is_not_possible_is_refused_with_what_is(http: httpx.AsyncClient) -> None:
    answer = await http.head("/api/v1/projects/film/uploads")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "POST", b"")
    for path in (TASKS, "/health/live", "/api/v1/projects/film/artifacts/a"):
        assert "HEAD" in (await http.delete(path)).headers["allow"].split(", ")


async def test_a_project_may_be_called_like_the_folder_of_uploads(http: httpx.AsyncClient) -> None:
    project = "/api/v1/projects/uploads"
    data = io.BytesIO()
    Image.new("RGB", (64, 64)).save(data, "PNG")
    brought = (await http.post(f"{project}/uploads", files={"file": ("a.png", data.getvalue())})).json()
    made = await ended(http, (await http.post(f"{project}/tasks", json=BODY)).headers["location"])
    (artifact,) = made["result"]["artifacts"]
    assert (await http.get(artifact["url"])).content[1:4] == b"PNG"
    assert (await http.get(brought["url"])).content == data.getvalue()
    for reference in (brought["path"], brought["url"], brought["path"].removeprefix("uploads/"), artifact["path"]):
        move = {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": reference}}
        answer = await http.post(f"{project}/tasks", json=move)
        assert answer.status_code == 202, (reference, answer.text)
