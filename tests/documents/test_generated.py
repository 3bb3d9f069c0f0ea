"""Clients that others' generators make of the document compile, and submit a task to the running service."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.documents.node import MODULES, needs_node, run_node
from tests.e2e.studio import HOME, Service

GENERATED = Path(__file__).with_name("generated")
TOOLS = HOME / "build" / "generators" / "bin"
TOKEN = "the-token-of-an-operator-for-tests-only"
OPENAPI = HOME / "docs" / "openapi.json"


async def ran(*command: str, cwd: Path, **environment: str) -> str:
    """What the program says; it has to end well."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told
    return told


async def made(service: Service, told: str, **headers: str) -> None:
    said = json.loads(told.strip().splitlines()[-1])
    assert (said["status"], said["picture"], said["refused"]) == ("succeeded", "image/png", "INVALID_PARAMS")
    async with service.http(headers=headers) as http:
        task = (await http.get(f"/api/v1/projects/film/tasks/{said['task_id']}")).json()
    assert (task["status"], task["metadata"]) == ("succeeded", {"node": 7})


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    """A folder beside the service's."""
    folder = tmp_path / "client"
    folder.mkdir()
    return folder


@needs_node
@pytest.mark.timeout(600)
async def test_types_made_by_openapi_typescript_submit_a_task(service: Service, ground: Path) -> None:
    shutil.copy(GENERATED / "submit.ts", ground)
    (ground / "node_modules").symlink_to(MODULES)
    (ground / "package.json").write_text('{"type": "module"}')
    generator = MODULES / "openapi-typescript" / "bin" / "cli.js"
    code, told = await run_node(generator, str(OPENAPI), "-o", str(ground / "http.ts"))
    assert code == 0, told
    options = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--target", "es2022",
               "--module", "nodenext", "--types", "node", "submit.ts"]  # fmt: skip
    code, told = await run_node(MODULES / "typescript" / "bin" / "tsc", *options, cwd=ground)
    assert code == 0, told
    code, told = await run_node(ground / "submit.js", service.url, "film", cwd=ground)
    assert code == 0, told
    await made(service, told)


@needs_node
@pytest.mark.timeout(600)
async def test_what_the_document_does_not_allow_does_not_compile(ground: Path) -> None:
    (ground / "package.json").write_text('{"type": "module"}')
    (ground / "node_modules").symlink_to(MODULES)
    generator = MODULES / "openapi-typescript" / "bin" / "cli.js"
    assert (await run_node(generator, str(OPENAPI), "-o", str(ground / "http.ts")))[0] == 0
    source = (GENERATED / "submit.ts").read_text("utf-8")
    (ground / "submit.ts").write_text(source.replace('quality: "draft"', 'qualty: "draft"'))
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "--types", "node", "submit.ts"]
    code, told = await run_node(MODULES / "typescript" / "bin" / "tsc", *options, cwd=ground)
    assert code != 0
    assert "'qualty' does not exist" in told


@pytest.mark.skipif(
    not (TOOLS / "openapi-python-client").exists(), reason="no openapi-python-client here; `make generated` brings it"
)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", [{"token": TOKEN, "require_token": True}], indirect=True)
async def test_a_client_made_by_openapi_python_client_submits_a_task(service: Service, ground: Path) -> None:
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    told = await ran(
        str(TOOLS / "openapi-python-client"), "generate", "--path", str(OPENAPI), "--meta", "none",
        "--output-path", str(ground / "auteur_generated"), "--fail-on-warning", cwd=ground, PATH=path,
    )  # fmt: skip
    assert "WARNING" not in told.upper()
    shutil.copy(GENERATED / "submit.py", ground)
    await ran(
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports",
        "silent",  # what the generator wrote is not ours
        "--python-executable",
        str(TOOLS / "python"),
        "submit.py",
        cwd=ground,
    )
    await made(
        service,
        await ran(str(TOOLS / "python"), "submit.py", service.url, "film", TOKEN, cwd=ground),
        Authorization=f"Bearer {TOKEN}",
    )
