"""The TypeScript client, built as it is published, against real services: in Node, in a browser, in Deno.

The tests themselves are Node's, in clients/typescript/test. `make clients` runs the long forms: a thousand cuts of the
line, ten restarts, a hundred thousand messages.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.studio import HOME

CLIENT = HOME / "clients" / "typescript"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not (HOME / "node_modules" / "typescript").is_dir(),
    reason="the TypeScript client is tried where Node is, after `npm ci`",
)
_PATIENCE_S = 3600


def ran(*command: str, **settings: str) -> str:
    """What a program says that ends well."""
    environment = {**os.environ, "AUTEUR_PYTHON": sys.executable, **settings}
    done = subprocess.run(command, cwd=CLIENT, env=environment, text=True, capture_output=True, timeout=_PATIENCE_S)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def built() -> Path:
    """The client as it is published."""
    shutil.rmtree(CLIENT / "dist", ignore_errors=True)
    ran("npx", "--no-install", "tsc", "-p", ".")
    return CLIENT / "dist"


@pytest.mark.timeout(_PATIENCE_S)
@pytest.mark.parametrize("file", sorted(path.name for path in (CLIENT / "test").glob("*.test.mjs")))
def test_in_node(file: str) -> None:
    said = ran(str(NODE), "--test", f"test/{file}")
    sys.stdout.write(said)
    assert "# pass 0" not in said
