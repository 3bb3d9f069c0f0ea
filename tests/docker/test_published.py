"""What the compose files publish, as the compose client reads them; no engine is needed."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parents[2]


def has_compose() -> bool:
    try:
        return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


pytestmark = pytest.mark.skipif(not has_compose(), reason="needs the client of docker compose")


def read(*files: str, **environment: str) -> dict[str, Any]:
    """The services of these files, as they would be started."""
    given = [word for file in files for word in ("-f", str(HOME / "docker" / file))]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BACKEND_", "AUTEUR_"))}
    done = subprocess.run(
        ["docker", "compose", *given, "--profile", "*", "config", "--format", "json"],
        env=clean | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    return services


def published(services: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Of the studio itself. What watches it, under a profile of its own, is published on loopback whatever else is."""
    found = [(name, port.get("host_ip")) for name, service in services.items() for port in service.get("ports", ())]
    watching = [host for name, host in found if name in ("grafana", "prometheus")]
    assert watching == ["127.0.0.1"] * 2
    return [(name, host) for name, host in found if name not in ("grafana", "prometheus")]


def test_the_stack_is_published_on_loopback_alone() -> None:
    services = read("compose.yaml")
    assert published(services) == [("backend", "127.0.0.1")]
    assert "BACKEND_ALLOW_ANONYMOUS" not in json.dumps(services)


def test_on_a_network_nobody_comes_in_without_a_token_and_loopback_is_not_published_beside_it() -> None:
    services = read("compose.yaml", "network.yaml", BACKEND_OIDC_GROUPS='{"a": {"projects": ["*"], "may": ["read"]}}')
    assert published(services) == [("backend", "0.0.0.0")]
    backend = services["backend"]
    assert backend["environment"]["BACKEND_REQUIRE_TOKEN"] == "true"
    assert backend["environment"]["BACKEND_TOKEN_FILE"] == "/run/secrets/operator-token"
    assert json.loads(backend["environment"]["BACKEND_OIDC_GROUPS"]) == {"a": {"projects": ["*"], "may": ["read"]}}
    assert "BACKEND_TOKEN" not in backend["environment"], "what is in the environment is shown by every inspection"
    assert [secret["source"] for secret in backend["secrets"]] == ["operator-token"]
    assert backend["read_only"]
    assert backend["cap_drop"] == ["ALL"]


def test_on_a_network_a_single_address_may_be_named() -> None:
    services = read("compose.yaml", "network.yaml", BACKEND_PUBLISHED_ADDRESS="10.1.2.3")
    assert published(services) == [("backend", "10.1.2.3")]
