"""The compose file on a real engine: ``make docker-test``. Each check is tried against a stack in which its cause is
planted, and must fail there.

``AUTEUR_BUSY_LOOPS=8 make docker-test`` does the same while so many programs take all the processor time they can get.
Everything may then take longer, and nothing may be marked unhealthy.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

HOME = Path(__file__).parents[2]
TINY = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 2, "seed": 1}
SLOW = {**TINY, "steps": 150, "width_px": 256, "height_px": 256}
GRACE_S = 30
BUSY_LOOPS = int(os.environ.get("AUTEUR_BUSY_LOOPS", "0"))
PATIENCE = 4 if BUSY_LOOPS else 1
pytestmark = [
    pytest.mark.skipif(not os.environ.get("AUTEUR_DOCKER"), reason="needs a Docker engine: make docker-test"),
    pytest.mark.timeout(600 * PATIENCE),
]


class Stack:
    """The stack of docker/compose.yaml under a name and ports of its own, with its workspace on this machine."""

    def __init__(self, directory: Path, name: str, port: int, override: dict[str, Any] | None = None) -> None:
        self.workspace = directory / "workspace"
        self.workspace.mkdir()
        os.chown(self.workspace, 10001, 10001)
        self.port = port
        self.files = ["-f", str(HOME / "docker/compose.yaml")]
        if override:
            (directory / "override.json").write_text(json.dumps({"services": override}))
            self.files += ["-f", str(directory / "override.json")]
        self.name = name
        self.scale = (1, 1) if override else (2, 5)
        self.patience_s = 20.0 if override else 90.0
        self.health: list[str] = []
        self.environment = {
            **os.environ,
            "AUTEUR_WORKSPACE": str(self.workspace),
            "BACKEND_PUBLISHED_PORT": f"{port}-{port + 1}",
            "BACKEND_DEFAULT_QUALITY": "draft",
        }

    def compose(self, *words: str) -> str:
        done = subprocess.run(
            ["docker", "compose", "-p", self.name, *self.files, *words],
            env=self.environment, capture_output=True, text=True, timeout=400 * PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def up(self) -> float:
        """Seconds until everything is healthy."""
        began = time.monotonic()
        backends, workers = self.scale
        scale = ["--scale", f"backend={backends}", "--scale", f"worker={workers}"]
        self.compose("up", "-d", "--wait", "--wait-timeout", str(120 * PATIENCE), *scale)
        return time.monotonic() - began

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Keeps what the engine says of the containers' health: it forgets soon, and a state that was mended too."""
        words = ["--filter", "event=health_status", "--filter", f"label=com.docker.compose.project={self.name}"]
        shown = "{{.Actor.Attributes.name}} {{.Action}}"
        with subprocess.Popen(
            ["docker", "events", *words, "--format", shown], stdout=subprocess.PIPE, text=True
        ) as events:
            assert events.stdout is not None
            hearing = threading.Thread(target=lambda: self.health.extend(map(str.strip, events.stdout or ())))
            hearing.start()
            try:
                yield
            finally:
                events.terminate()
                hearing.join()

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def wait(self, condition: Callable[[], bool], timeout_s: float, what: str) -> float:
        began = time.monotonic()
        timeout_s *= PATIENCE
        while not condition():
            assert time.monotonic() - began < timeout_s, f"not within {timeout_s} s: {what}"
            time.sleep(0.1)
        return time.monotonic() - began

    def get(self, path: str, body: Any = None, replica: int = 0) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port + replica}{path}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, None

    def submit(self, params: dict[str, Any], project: str = "film") -> str:
        body = {"task_type": "text_to_image", "params": params}
        found: list[str] = []

        def accepted() -> bool:
            status, answer = self.get(f"/api/v1/projects/{project}/tasks", body)
            if status == 202:
                found.append(answer["task_id"])
            return bool(found)

        self.wait(accepted, 30, "a task to be accepted")
        return found[0]

    def tasks(self, project: str = "film") -> dict[str, Any]:
        status, state = self.get(f"/api/v1/projects/{project}")
        return {task["task_id"]: task for task in state["tasks"]} if status == 200 else {}

    def ended(self, *task_ids: str) -> None:
        def all_ended() -> bool:
            tasks = self.tasks()
            return all(tasks.get(task_id, {}).get("status") == "succeeded" for task_id in task_ids)

        self.wait(all_ended, self.patience_s, "tasks to end")

    def ready(self) -> bool:
        return all(self.get("/health/ready", replica=number)[0] == 200 for number in (0, 1))


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def inspect(container: str, what: str) -> str:
    return docker("inspect", "-f", what, container)


@contextlib.contextmanager
def running(directory: Path, name: str, port: int, override: dict[str, Any] | None = None) -> Iterator[Stack]:
    stack = Stack(directory, name, port, override)
    with stack.listening():
        try:
            print(f"{name}: up and healthy after {stack.up():.1f} s")  # noqa: T201
            yield stack
        finally:
            stack.compose("down", "-v", "--timeout", "5")


@pytest.fixture(scope="module", autouse=True)
def busy_loops() -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY_LOOPS)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack"), "auteur-test", 18100) as made:
        yield made


# --- the checks ----------------------------------------------------------------------------------------------------


def nobody_is_root(stack: Stack) -> None:
    for service in ("backend", "worker"):
        for container in stack.containers(service):
            assert docker("exec", container, "id", "-u") == "10001"


def nothing_is_lost_over_down_and_up(stack: Stack) -> None:
    before = [stack.submit({**TINY, "seed": seed}) for seed in range(3)]
    stack.ended(*before)
    open_task = stack.submit(SLOW)
    stack.compose("down", "--timeout", str(GRACE_S))
    stack.up()
    stack.ended(*before, open_task)


def nothing_was_marked_unhealthy(stack: Stack) -> None:
    assert any(said.endswith("healthy") for said in stack.health), "the engine was heard"
    assert [said for said in stack.health if said.endswith("unhealthy")] == []


def a_stop_is_clean_and_within_its_grace(stack: Stack) -> None:
    for service in ("backend", "worker"):
        container = stack.containers(service)[0]
        began = time.monotonic()
        docker("stop", "-t", str(GRACE_S), container)
        assert time.monotonic() - began < GRACE_S - 5
        assert inspect(container, "{{.State.ExitCode}}") in ("0", "143")
        docker("start", container)
    stack.up()


def test_the_dockerfile_has_no_known_mistakes() -> None:
    found = subprocess.run(
        [str(Path(sys.prefix, "bin/hadolint")), str(HOME / "docker/Dockerfile")], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout


# --- the real stack ------------------------------------------------------------------------------------------------


def test_the_orchestrator_finds_everything_healthy(stack: Stack) -> None:
    for service, count in (("backend", 2), ("worker", 5), ("redis", 1)):
        found = stack.containers(service)
        assert len(found) == count
        assert {inspect(container, "{{.State.Health.Status}}") for container in found} == {"healthy"}
    stack.wait(stack.ready, 10, "readiness")
    status, health = stack.get("/health")
    assert (status, set(health["checks"].values())) == (200, {"ok", "not_used"})
    assert stack.get("/api/v1/info")[1]["default_quality"] == "draft", "the environment is passed on"
    ports = json.loads(inspect(stack.containers("redis")[0], "{{json .NetworkSettings.Ports}}"))
    assert not any(ports.values()), "Redis is not published"
    assert "8000/tcp" in inspect(stack.containers("backend")[0], "{{json .Config.ExposedPorts}}")


def test_a_shot_comes_through_the_socket_and_lies_on_this_machine(stack: Stack) -> None:
    async def conversation() -> Any:
        async with connect(f"ws://127.0.0.1:{stack.port + 1}/ws/film") as socket:
            asked = {"type": "start_generation", "task_type": "text_to_image", "params": TINY}
            await socket.send(json.dumps({"id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", **asked}))
            async for text in socket:
                message = json.loads(text)
                if message["type"] in ("complete", "error"):
                    return message
        raise AssertionError("the socket ended")

    message = asyncio.run(asyncio.wait_for(conversation(), 60))
    assert message["type"] == "complete", message
    (artifact,) = message["result"]["artifacts"]
    made = (stack.workspace / artifact["path"]).read_bytes()
    assert hashlib.sha256(made).hexdigest() == artifact["sha256"]


def test_nobody_is_root(stack: Stack) -> None:
    nobody_is_root(stack)


def test_the_image_has_no_compiler_and_needs_no_tools(stack: Stack) -> None:
    look = "for tool in gcc cc make curl nc; do command -v $tool; done; true"
    assert docker("run", "--rm", "--entrypoint", "sh", "auteur:local", "-c", look) == ""


def test_nothing_is_written_outside_the_volumes(stack: Stack) -> None:
    stack.ended(stack.submit({**TINY, "seed": 77}))
    for container in stack.containers("backend") + stack.containers("worker"):
        refused = subprocess.run(["docker", "exec", container, "touch", "/opt/x"], capture_output=True, text=True)
        assert "Read-only" in refused.stderr
        assert docker("diff", container) == ""
        assert inspect(container, "{{json .HostConfig.CapDrop}}") == '["ALL"]'


@pytest.mark.parametrize("service", ["backend", "worker", "redis"])
def test_a_killed_process_comes_back_and_nothing_is_lost(stack: Stack, service: str) -> None:
    tasks = [stack.submit({**SLOW, "seed": seed}) for seed in range(3)]
    container = stack.containers(service)[0]
    restarts = int(inspect(container, "{{.RestartCount}}"))
    os.kill(int(inspect(container, "{{.State.Pid}}")), signal.SIGKILL)
    stack.wait(lambda: int(inspect(container, "{{.RestartCount}}")) > restarts, 30, f"{service} to be restarted")
    stack.wait(stack.ready, 30, "readiness")
    stack.ended(*tasks)


def test_redis_cut_off_the_network_and_back(stack: Stack) -> None:
    task = stack.submit(SLOW)
    network, container = f"{stack.name}_default", stack.containers("redis")[0]
    docker("network", "disconnect", network, container)
    stack.wait(lambda: stack.get("/health/ready")[0] == 503, 5, "readiness to turn false")
    assert stack.get("/health/live")[0] == 200
    status, _ = stack.get("/api/v1/projects/film/tasks", {"task_type": "text_to_image", "params": TINY})
    assert status == 503
    docker("network", "connect", "--alias", "redis", network, container)
    stack.wait(stack.ready, 10, "readiness to come back")
    stack.ended(task)


def test_a_stop_is_clean_and_within_its_grace(stack: Stack) -> None:
    a_stop_is_clean_and_within_its_grace(stack)


def test_nothing_is_lost_over_down_and_up(stack: Stack) -> None:
    nothing_is_lost_over_down_and_up(stack)


def test_a_probe_costs_less_than_80_ms_of_processor_time(stack: Stack) -> None:
    measure = (
        "import os, subprocess, sys\n"
        "for _ in range(5):\n"
        "    before = os.times()\n"
        "    subprocess.run(['auteur', 'health', *sys.argv[1:]], check=True)\n"
        "    after = os.times()\n"
        "    print(sum(after[2:4]) - sum(before[2:4]))\n"
    )
    for service, words in (("backend", []), ("worker", ["--worker"])):
        said = docker("exec", stack.containers(service)[0], "python", "-c", measure, *words)
        took = [float(line) for line in said.splitlines()]
        print(f"a probe of a {service}: {min(took) * 1000:.0f} to {max(took) * 1000:.0f} ms")  # noqa: T201
        assert min(took) < 0.08, took


def test_nothing_was_ever_marked_unhealthy(stack: Stack) -> None:
    """The last of the stack's: it looks back over all of them."""
    nothing_was_marked_unhealthy(stack)


# --- the checks themselves -----------------------------------------------------------------------------------------

DEAF = ["python", "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(9999)"]


@pytest.mark.parametrize(
    ("check", "override"),
    [
        (
            nothing_is_lost_over_down_and_up,
            {"redis": {"command": ["redis-server", "--appendonly", "no", "--save", ""]}},
        ),
        # both, for what one of them makes first as root the other could not write; and without its capabilities root
        # may not make anything there
        (nobody_is_root, {name: {"user": "0:0", "cap_add": ["DAC_OVERRIDE"]} for name in ("backend", "worker")}),
        (
            a_stop_is_clean_and_within_its_grace,
            {"worker": {"entrypoint": DEAF, "command": [], "healthcheck": {"test": ["CMD", "true"]}}},
        ),
    ],
    ids=["append-only off", "root", "signal ignored"],
)
def test_a_planted_cause_is_found(
    tmp_path: Path, check: Callable[[Stack], None], override: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("stack")  # the image is built once, and the good stack is there
    with running(tmp_path, "auteur-planted", 18200, override) as planted, pytest.raises(AssertionError):
        check(planted)


@pytest.mark.parametrize("service", ["backend", "worker"])
def test_a_frozen_process_is_marked_unhealthy_and_that_is_heard(
    tmp_path: Path, service: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("stack")
    override = {service: {"healthcheck": {"interval": "2s", "start_period": "1s"}}}
    with running(tmp_path, "auteur-planted", 18200, override) as planted:
        (container,) = planted.containers(service)
        process = int(inspect(container, "{{.State.Pid}}"))
        os.kill(process, signal.SIGSTOP)
        planted.wait(lambda: planted.health[-1].endswith(f"{service}-1 health_status: unhealthy"), 60, "the mark")
        with pytest.raises(AssertionError, match=rf"{service}-1 health_status: unhealthy"):
            nothing_was_marked_unhealthy(planted)
        os.kill(process, signal.SIGCONT)
        planted.wait(lambda: planted.health[-1].endswith(f"{service}-1 health_status: healthy"), 30, "the mark's end")
