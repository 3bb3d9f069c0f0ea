"""The rules and the dashboard of docker/monitoring/ ask for what the service tells, on a real Prometheus.

Where there is none, as on Debian after ``apt install prometheus``, what needs one is skipped.
"""

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest

from auteur.adapters.metrics import Metrics
from auteur.domain.errors import Cause
from tests.e2e.studio import TINY, Service, Worker
from tests.e2e.test_keeping import running
from tests.servers import RedisServer, free_port
from tests.waiting import LONG_S

MONITORING = Path(__file__).parents[2] / "docker" / "monitoring"
TASKS = "/api/v1/projects/film/tasks"
BODY = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
real = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")), reason="needs Prometheus: apt install prometheus"
)


def named_in(text: str) -> set[str]:
    return set(re.findall(r"\b(?:auteur_[a-z_]+|process_[a-z_]+)\b", text))


def expressions(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]


def read_dashboard() -> dict[str, Any]:
    (path,) = (MONITORING / "grafana" / "dashboards").glob("*.json")
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def asked_for() -> set[str]:
    """Every metric that a rule, or a panel, names."""
    rules = re.findall(r"expr: (\|\n(?: {10,}.*\n)+|.*)", (MONITORING / "alerts.yml").read_text())
    assert len(rules) >= 20
    return named_in(" ".join([*rules, *expressions(read_dashboard())]))


def told_by(exposition: str) -> set[str]:
    """The metrics of an answer of /metrics, also those that have no value now."""
    told = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE):
        told |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return told


# --- without a Prometheus ------------------------------------------------------------------------------------------


async def test_every_metric_that_is_asked_for_is_one_that_the_service_tells(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.http() as http:
        told = told_by((await http.get("/metrics")).text)
    assert asked_for() <= told, "a rule or a panel asks for what nobody tells"
    ours = {name for name in told if name.startswith("auteur_") and not name.endswith(("_created", "_sum", "_count"))}
    assert ours <= asked_for(), "the service tells what nobody looks at"


async def test_readiness_log_disk_and_refusals_are_told(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.http() as http:
        assert (await http.get("/api/v1/projects/film/tasks/nothing")).status_code == 404
        assert (await http.post(TASKS, json={})).status_code == 422
        assert (await http.request("QUERY", "/health")).status_code == 405
        text = (await http.get("/metrics")).text
        for line in (
            "auteur_ready 1.0",
            'auteur_requests_refused_total{code="TASK_NOT_FOUND"} 1.0',
            'auteur_requests_refused_total{code="VALIDATION_ERROR"} 1.0',
            'auteur_http_requests_total{method="other",status="405"} 1.0',
            'auteur_log_lines_total{level="error"} 0.0',
            'auteur_tasks_ended_total{ending="worker_lost"} 0.0',
        ):
            assert line in text, line
        assert re.search(r"^auteur_workspace_free_bytes [1-9]", text, re.MULTILINE)
        assert re.search(r'^auteur_build\{deployment="sqlite",version="\S+"\} 1.0', text, re.MULTILINE)
        assert re.search(r"^process_resident_memory_bytes [1-9]", text, re.MULTILINE)
        async with asyncio.timeout(LONG_S):
            while "auteur_event_loop_lag_seconds_count 0.0" in (await http.get("/metrics")).text:
                await asyncio.sleep(0.05)
        (tmp_path / ".auteur" / "auteur.db").unlink()
        text = (await http.get("/metrics")).text
        assert "auteur_ready 0.0" in text
        assert 'auteur_part_failing{code="missing",part="database"} 1.0' in text
        assert 'auteur_log_lines_total{level="warning"} 0.0' not in text, "that it cannot be used is told in the log"


def test_no_label_takes_a_name_that_a_client_gave() -> None:
    metrics = Metrics()
    for number in range(500):
        metrics.count_answer(f"M{number}", 400, 0.1, f"CODE_{number}")
    metrics.show_failing({"redis": Cause("unreachable", "away")})
    metrics.show_failing({})
    text = generate_latest(metrics.registry).decode()
    assert len(re.findall(r"^auteur_requests_refused_total\{", text, re.MULTILINE)) <= 101
    assert len(re.findall(r"^auteur_http_requests_total\{", text, re.MULTILINE)) == 1
    assert "auteur_part_failing{" not in text


async def test_a_worker_tells_what_it_made_and_which_engines_it_has(tmp_path: Path, redis_server: RedisServer) -> None:
    given = {"redis_url": redis_server.url, "redis_state_prefix": f"{tmp_path.name}:"}
    port = free_port()
    async with running(tmp_path, run_tasks="false", **given) as service, service.http() as http:
        worker = await Worker(tmp_path, worker_metrics_port=port, **given).start()
        try:
            await http.post(TASKS, json=BODY)
            async with asyncio.timeout(LONG_S), httpx.AsyncClient() as ask:
                text = ""
                while 'auteur_tasks_ended_total{ending="succeeded"} 1.0' not in text:
                    text = (await ask.get(f"http://127.0.0.1:{port}/metrics")).text
                    await asyncio.sleep(0.05)
            assert 'auteur_engine_up{engine="previs",task_type="text_to_image"} 1.0' in text
            assert "auteur_task_duration_seconds_count 1.0" in text
            other = Worker(tmp_path, worker_metrics_port=port, **given)
            with pytest.raises(AssertionError, match="WORKER_METRICS_PORT: cannot listen there"):
                await other.start()
            assert other.process is not None
            assert other.process.returncode == 2
        finally:
            assert await worker.stop() == 0


async def test_what_a_worker_tells_is_kept_from_who_shows_no_token_where_there_is_one(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    token, port = "t" * 40, free_port()
    given = {"redis_url": redis_server.url, "worker_metrics_port": port, "host": "0.0.0.0"}
    open_to_all = Worker(tmp_path, **given)
    with pytest.raises(AssertionError, match="WORKER_METRICS_PORT: others reach it"):
        await open_to_all.start()
    worker = await Worker(tmp_path, token=token, **given).start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as ask:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {token}"}):
                answer = await ask.get("/metrics", headers=headers)
                assert (answer.status_code, answer.content) == (401, b"")
            told = await ask.get("/metrics", headers={"Authorization": f"Bearer {token}"})
            assert "auteur_build" in told.text
    finally:
        assert await worker.stop() == 0


# --- with one ------------------------------------------------------------------------------------------------------


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)


@real
def test_the_rules_and_the_configuration_are_sound_and_the_rules_do_what_they_say() -> None:
    for words in (
        ("check", "config", MONITORING / "prometheus.yml"),
        ("check", "rules", MONITORING / "alerts.yml"),
        ("test", "rules", MONITORING / "alerts_test.yml"),
    ):
        checked = promtool(*words)
        assert checked.returncode == 0, checked.stdout + checked.stderr


@real
@pytest.mark.parametrize(
    "change",
    [
        ("auteur_ready == 0", "auteur_ready == 1"),
        ("max(auteur_workers_present) == 0", "min(auteur_workers_present) == 0"),
        ("max by (engine, task_type) (auteur_engine_up)", "min by (engine, task_type) (auteur_engine_up)"),
        ("sum(max by (lane) (auteur_tasks_waiting))", "sum(auteur_tasks_waiting)"),
        ('outcome=~"dead|gone"', 'outcome=~"failed|gone"'),
        ('ending!~"succeeded|cancelled"', 'ending!~"succeeded"'),
        ('status=~"5.."', 'status=~"4.."'),
        ("_bytes / auteur_workspace_size_bytes < 0.1", "_bytes / auteur_workspace_size_bytes < 0.6"),
    ],
    ids=lambda change: change[0][:30],
)
def test_a_rule_that_is_changed_is_found(change: tuple[str, str], tmp_path: Path) -> None:
    shutil.copy(MONITORING / "alerts_test.yml", tmp_path)
    rules = (MONITORING / "alerts.yml").read_text()
    assert change[0] in rules
    (tmp_path / "alerts.yml").write_text(rules.replace(*change))
    assert promtool("test", "rules", tmp_path / "alerts_test.yml").returncode != 0


class Prometheus:
    """A server of its own, on the shipped rules, that looks at one service."""

    def __init__(self, directory: Path, target: str) -> None:
        self.port = free_port()
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=LONG_S)
        shutil.copy(MONITORING / "alerts.yml", directory)
        (directory / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            "rule_files: [alerts.yml]\n"
            f"scrape_configs: [{{job_name: auteur, static_configs: [{{targets: ['{target}']}}]}}]\n"
        )
        self.command = [
            "prometheus", f"--config.file={directory / 'prometheus.yml'}", f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]  # fmt: skip
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        nothing = asyncio.subprocess.DEVNULL
        self.process = await asyncio.create_subprocess_exec(*self.command, stdout=nothing, stderr=nothing)

    async def stop(self) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        await self.process.wait()
        await self.http.aclose()

    async def until(self, path: str, holds: Callable[[Any], bool], **query: str) -> Any:
        """What it answers, when that holds."""
        said: Any = None
        try:
            async with asyncio.timeout(LONG_S):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        answer = await self.http.get(f"/api/v1/{path}", params=query)
                        if answer.status_code == 200:
                            said = answer.json()["data"]
                            if holds(said):
                                return said
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{path} {query}: {said}") from None


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[tuple[Service, Prometheus]]:
    (tmp_path / "studio").mkdir()
    (tmp_path / "prometheus").mkdir()
    async with running(tmp_path / "studio") as service:
        prometheus = Prometheus(tmp_path / "prometheus", service.url.removeprefix("http://"))
        await prometheus.start()
        try:
            yield service, prometheus
        finally:
            await prometheus.stop()


@real
async def test_a_prometheus_finds_all_that_rules_and_panels_ask_for(watched: tuple[Service, Prometheus]) -> None:
    service, prometheus = watched
    async with service.socket() as socket:
        await socket.ending(await socket.start())
        await prometheus.until("query", lambda data: [v["value"][1] for v in data["result"]] == ["1"], query="up")
        sockets = await prometheus.until("query", lambda data: bool(data["result"]), query="auteur_websockets_open")
        assert sockets["result"][0]["value"][1] == "1"
    known = await prometheus.until("targets/metadata", lambda data: len(data) > 20)
    told = told_by("\n".join(f"# TYPE {entry['metric']} {entry['type']}" for entry in known))
    assert asked_for() <= told
    groups = (await prometheus.until("rules", lambda data: _all_evaluated(data["groups"])))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) >= 20
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []
    for expression in expressions(read_dashboard()):
        await prometheus.until("query", lambda data: "result" in data, query=expression)


def _all_evaluated(groups: list[dict[str, Any]]) -> bool:
    return bool(groups) and all(rule["health"] != "unknown" for group in groups for rule in group["rules"])


@real
async def test_an_alert_is_pending_when_its_cause_is_there(watched: tuple[Service, Prometheus]) -> None:
    service, prometheus = watched
    await prometheus.until("query", lambda data: [v["value"][1] for v in data["result"]] == ["1"], query="auteur_ready")
    database = service.workspace / ".auteur" / "auteur.db"
    database.rename(database.with_suffix(".away"))
    told = await prometheus.until(
        "alerts", lambda data: "AuteurNotReady" in {a["labels"]["alertname"] for a in data["alerts"]}
    )
    assert {alert["state"] for alert in told["alerts"]} <= {"pending", "firing"}
    cause = await prometheus.until("query", lambda data: bool(data["result"]), query="auteur_part_failing == 1")
    assert cause["result"][0]["metric"].items() >= {"part": "database", "code": "missing"}.items()
    database.with_suffix(".away").rename(database)
    await prometheus.until("query", lambda data: [v["value"][1] for v in data["result"]] == ["1"], query="auteur_ready")


# --- the compose file ----------------------------------------------------------------------------------------------


def test_what_compose_mounts_for_monitoring_is_there_and_is_published_on_loopback_alone() -> None:
    text = (MONITORING.parent / "compose.yaml").read_text()
    mounted = re.findall(r"- \./(\S+?):(\S+?):ro", text)
    assert len(mounted) == 4
    for source, _ in mounted:
        assert (MONITORING.parent / source).exists(), source
    for published in re.findall(r'^ +- "?([^"\n]*:\d+)"?$', text, re.MULTILINE):
        assert published.startswith("127.0.0.1:"), published
    provider = (MONITORING / "grafana/provisioning/dashboards/auteur.yml").read_text()
    (place,) = re.findall(r"path: (\S+)", provider)
    assert ("monitoring/grafana/dashboards", place) in mounted
    assert re.findall(r"BACKEND_WORKER_METRICS_PORT: \"(\d+)\"", text) == re.findall(
        r"names: \[worker\]\s+type: A\s+port: (\d+)", (MONITORING / "prometheus.yml").read_text()
    )


def test_the_dashboards_panels_have_places_of_their_own() -> None:
    panels = read_dashboard()["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)
