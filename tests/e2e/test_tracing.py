"""One trace from what was asked for to the worker that made it, on a real collector; and nothing where none is."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.collector import Collector, Span
from tests.e2e.studio import LONG, TINY, Service, Worker, environment
from tests.e2e.test_keeping import running
from tests.entrypoints.test_cli import auteur
from tests.servers import RedisServer, free_port

pytestmark = pytest.mark.timeout(400)  # many processes start, on whatever machine
TASKS = "/api/v1/projects/film/tasks"
PLANTED = "zanzibar"
BODY = {"task_type": "text_to_image", "quality": "draft", "params": {**TINY, "prompt": f"a field in {PLANTED}"}}
_NO_SDK = """
import sys

class NoSdk:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")):
            raise ModuleNotFoundError("it is not there", name=name)

sys.meta_path.insert(0, NoSdk())
"""
GIVEN = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Collector]:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    async with Collector() as made:
        yield made


@asynccontextmanager
async def studio(deployment: str, place: Path, server: RedisServer, **settings: object) -> AsyncIterator[Service]:
    """A service; on Redis one that runs no tasks, and a worker that does."""
    if deployment == "embedded":
        async with running(place, **settings) as service:
            yield service
        return
    settings |= {"redis_url": server.url, "redis_state_prefix": f"{place.name}:"}
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running(place, run_tasks="false", **settings))
        worker = await Worker(place, **{**settings, "container_name": "the-worker"}).start()
        stack.push_async_callback(worker.stop)
        yield service


def by_name(spans: list[Span], task_id: str) -> dict[str, Span]:
    return {span.name: span for span in spans if span.about.get("auteur.task_id") == task_id}


@pytest.mark.parametrize("deployment", ["embedded", "redis"])
async def test_one_trace_leads_from_the_request_to_the_run(
    deployment: str, tmp_path: Path, redis_server: RedisServer, collector: Collector
) -> None:
    endpoint = f"{collector.url}/v1/traces"
    async with studio(deployment, tmp_path, redis_server, traces_endpoint=endpoint) as service, service.http() as http:
        headers = {"traceparent": f"00-{GIVEN}-00f067aa0ba902b7-01", "X-Api-Key": PLANTED}
        answer = await http.post(TASKS, json=BODY, headers=headers)
        task_id = answer.json()["task_id"]
        spans = await collector.until(lambda spans: any(span.name == "attempt" for span in spans))
        spans = await collector.until(lambda spans: any(span.name == "run text_to_image" for span in spans))
        spans = await collector.until(lambda spans: any(span.name.startswith("POST ") for span in spans))
        (asked,) = [span for span in spans if span.name == "POST /api/v1/projects/{project_id}/tasks"]
        found = by_name(spans, task_id)
        assert set(found) == {"accept text_to_image", "queue", "run text_to_image", "attempt"}
        accepted, queued, run, attempt = (
            found[name] for name in ("accept text_to_image", "queue", "run text_to_image", "attempt")
        )
        assert {span.trace for span in (asked, *found.values())} == {GIVEN}
        assert asked.parent == "00f067aa0ba902b7"
        assert (accepted.parent, queued.parent, run.parent) == (asked.id, accepted.id, accepted.id)
        assert attempt.parent == run.id
        assert asked.about["http.response.status_code"] == 202
        assert asked.about["auteur.request_id"] == answer.headers["x-request-id"] == run.about["auteur.request_id"]
        assert attempt.about.items() >= {
            "auteur.task_type": "text_to_image", "auteur.engine": "previs", "auteur.quality": "draft",
            "auteur.attempt": 1, "auteur.ending": "succeeded",
        }.items()  # fmt: skip
        assert queued.begin_ns <= queued.end_ns <= run.end_ns
        assert run.begin_ns <= attempt.begin_ns <= attempt.end_ns <= run.end_ns
        if deployment == "redis":
            assert (asked.service, run.service) == ("auteur-backend", "the-worker")
        await http.get("/health/ready")
        await http.get("/metrics")
    assert collector.paths == {"/v1/traces"}
    assert not [span for span in collector.spans if "health" in span.name or "metrics" in span.name]
    assert PLANTED.encode() not in b"".join(collector.raw), "what somebody wrote is nobody's who watches"


async def test_a_message_of_a_socket_begins_a_trace_and_a_cancelled_attempt_says_so(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{collector.url}/otlp/")
    async with running(tmp_path) as service, service.socket() as socket:
        one = await socket.start({**LONG, "prompt": PLANTED})
        await socket.wait(lambda message: message.get("stage") == "started")
        await socket.say("cancel", task_id=one)
        await socket.ending(one)
        two = await socket.start()
        await socket.ending(two)
        spans = await collector.until(
            lambda spans: len([s for s in spans if s.name in ("attempt", "run text_to_image")]) == 4
        )
        spans = await collector.until(lambda spans: len([s for s in spans if s.name == "socket message"]) >= 2)
    ends = {}
    for task_id in (one, two):
        found = by_name(spans, task_id)
        root = next(span for span in spans if span.id == found["accept text_to_image"].parent)
        assert (root.name, root.parent) == ("socket message", "")
        assert {span.trace for span in found.values()} == {root.trace}
        ends[task_id] = found["attempt"].about["auteur.ending"]
    assert ends == {one: "cancelled", two: "succeeded"}
    assert len({span.trace for span in spans if span.name == "socket message"}) >= 3, "each message has its own"
    assert collector.paths == {"/otlp/v1/traces"}
    assert PLANTED.encode() not in b"".join(collector.raw)


async def test_a_batch_and_what_waits_for_it_are_in_the_trace_of_their_request(
    tmp_path: Path, collector: Collector
) -> None:
    requests = [
        {**BODY, "name": "frame"},
        {"task_type": "image_to_video", "quality": "draft", "params": {
            "source_image": {"from_task": "#frame"}, "duration_s": 0.5, "steps": 1,
        }},
    ]  # fmt: skip
    async with running(tmp_path, traces_endpoint=f"{collector.url}/v1/traces") as service, service.http() as http:
        answer = await http.post("/api/v1/projects/film/batches", json={"requests": requests})
        assert answer.status_code == 202, answer.text
        spans = await collector.until(lambda spans: len([s for s in spans if s.name.startswith("run ")]) == 2)
        spans = await collector.until(lambda spans: any(s.name.startswith("POST") for s in spans))
    assert len({span.trace for span in spans if span.about.get("auteur.task_id")}) == 1
    assert {span.about["auteur.ending"] for span in spans if span.name == "attempt"} == {"succeeded"}


async def test_a_collector_that_is_away_holds_nobody_up(tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}/v1/traces"
    service = await Service(tmp_path, traces_endpoint=endpoint, shutdown_drain=1).start()
    async with service.socket() as socket:
        ending = await socket.ending(await socket.start())
        assert ending["type"] == "complete"
    assert await service.stop() == 0  # it waits for that 40 s at most
    assert "Traceback" not in service.log


async def test_what_is_not_installed_or_no_address_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_NO_SDK)
    monkeypatch.setenv("STUDIO_SITE", str(site))
    for command in ("serve", "worker"):
        given = {"redis_url": "redis://127.0.0.1:1"} if command == "worker" else {"port": 0}
        code, out, err = await auteur(tmp_path, command, traces_endpoint="http://127.0.0.1:1/v1/traces", **given)
        assert (code, out) == (2, "")
        assert "pip install 'auteur[otel]'" in err
        assert err.count("\n") == 1
    for wrong in ("collector:4318", "ftp://x", "http://", "http://user:pass@host/v1", "http://host/?q=1"):
        code, out, err = await auteur(tmp_path, "serve", traces_endpoint=wrong)
        assert (code, out) == (2, "")
        assert err.startswith("auteur: BACKEND_TRACES_ENDPOINT: ")
        assert "pass" not in err


def test_who_tells_no_traces_loads_nothing_for_them(tmp_path: Path) -> None:
    program = """
import sys
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build
from auteur.entrypoints.settings import load_settings
from auteur.adapters.metrics import MeteredProgressBus
container = build(load_settings())
create_app(container)
assert type(container.bus()) is MeteredProgressBus
assert not [name for name in sys.modules if name.startswith(("auteur.adapters.tracing", "opentelemetry.exporter"))]
"""
    clean = {name: value for name, value in environment(tmp_path).items() if not name.startswith("OTEL_")}
    clean["FASTAPI_OTEL_AUTO_CONFIGURE"] = "true"  # the framework's own switch turns nothing on either
    subprocess.run([sys.executable, "-c", program], env=clean, cwd=tmp_path, check=True)


async def test_a_caller_who_writes_nonsense_for_a_trace_gets_an_answer(tmp_path: Path, collector: Collector) -> None:
    async with running(tmp_path, traces_endpoint=f"{collector.url}/v1/traces") as service:
        for given in ("", "00", "ff-" + "f" * 40, "x" * 5000, "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "\xff"):
            async with httpx.AsyncClient(base_url=service.url) as http:
                answer = await http.get("/api/v1/projects/film", headers=[(b"traceparent", given.encode("latin-1"))])
                assert answer.status_code == 200
        spans = await collector.until(lambda spans: len(spans) >= 6)
    assert all(span.parent == "" for span in spans)
