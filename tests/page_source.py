"""Parts of the page's source, bundled for a test; skipped without Node, or where `npm ci` was not run."""

import shutil
import subprocess
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
WEB = HOME / "web"
ESBUILD = HOME / "node_modules" / ".bin" / "esbuild"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None or not ESBUILD.exists(), reason="no Node, or its packages are not installed (`npm ci`)"
)


def bundled(into: Path, *sources: str, **options: str) -> Path:
    """The sources, relative to ``web/``, with all that they import, as files in ``into``."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    subprocess.run(
        [
            str(ESBUILD), *(str(WEB / source) for source in sources), "--bundle", f"--outdir={into}", "--jsx=automatic",
            "--jsx-import-source=preact", "--charset=utf8", "--log-level=error", *flags,
        ],
        check=True, cwd=HOME,
    )  # fmt: skip
    return into
