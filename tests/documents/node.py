"""Node, with what the checks of the documents need of it."""

import asyncio
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "node_modules"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None or not (MODULES / "@asyncapi" / "parser").is_dir(),
    reason="no Node here, or not its packages; `make node` installs them where it can",
)


async def run_node(script: Path, *arguments: str, given: str = "", cwd: Path = ROOT) -> tuple[int, str]:
    """Exit code of the script, and what it says."""
    assert NODE is not None
    process = await asyncio.create_subprocess_exec(
        NODE, str(script), *arguments, cwd=cwd, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, told.decode()
