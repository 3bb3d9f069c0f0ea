"""The OpenAPI document against the running service, by schemathesis: what is allowed, and what is not.

Every operation is asked by its examples, by each rule of its schemas kept and broken, at random, and in chains; every
answer is held to the document: status, headers, type, schema. ``OPENAPI_EXAMPLES`` asks for more, of another chance
every time: ``make openapi``.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.e2e.studio import HOME, Service
from tests.openapi.planted import FAULTS

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("OPENAPI_EXAMPLES")


async def tried(service: Service, *options: str) -> tuple[int, str]:
    """Exit code and report of the suite."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run",
        f"{service.url}/api/openapi.json", "--checks", "all", "--mode", "all", "--no-color", *options,
        cwd=service.workspace, env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.openapi.hooks", "PYTHONPATH": str(HOME)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, told.decode()


@pytest.mark.timeout(7200 if EXAMPLES else 600)
async def test_every_answer_is_as_the_document_says_and_nothing_else_is_accepted(tmp_path: Path) -> None:
    chance = ["--max-examples", EXAMPLES] if EXAMPLES else ["--max-examples", "3", "--generation-deterministic"]
    service = await Service(tmp_path, log_level="WARNING").start()
    try:
        code, report = await tried(service, *chance)
    finally:
        await service.kill()
    assert code == 0, report
    assert "Traceback" not in service.log, service.log[-5000:]
    assert '"exception"' not in service.log, service.log[-5000:]
    if EXAMPLES:
        sys.stdout.write(report[-1200:])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS if EXAMPLES else [*FAULTS][:1])
async def test_the_suite_finds(tmp_path: Path, fault: str) -> None:
    service = await Service(tmp_path, module=("tests.openapi.planted", fault), log_level="WARNING").start()
    try:
        code, report = await tried(
            service, "--include-name", "GET /api/v1/projects", "--phases", "coverage", "--generation-deterministic"
        )
    finally:
        await service.kill()
    assert code == 1, report
