"""Where the TypeScript client lies, what runs it, and how it is built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.studio import HOME

CLIENT = HOME / "clients" / "typescript"
MODULES = HOME / "node_modules"
NODE = shutil.which("node")
HERE = NODE is not None and (MODULES / "typescript").is_dir()
WHY_NOT = "the TypeScript client is tried where Node is, after `npm ci`"
PATIENCE_S = 3600


def deno() -> str | None:
    """The program, of the machine or of npm's package of that name."""
    of_npm = MODULES / ".bin" / "deno"
    return shutil.which("deno") or (str(of_npm) if of_npm.exists() else None)


def environment(**settings: str) -> dict[str, str]:
    return {**os.environ, "AUTEUR_PYTHON": sys.executable, "DENO_NO_UPDATE_CHECK": "1", **settings}


def ran(*command: str, **settings: str) -> str:
    """What a program says that ends well."""
    done = subprocess.run(
        command, cwd=CLIENT, env=environment(**settings), text=True, capture_output=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def built() -> Path:
    """The client as it is published, made anew where its source is newer."""
    made = CLIENT / "dist" / "index.js"
    sources = [*(CLIENT / "src").glob("*.ts"), CLIENT / "tsconfig.json"]
    if not made.exists() or made.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        shutil.rmtree(CLIENT / "dist", ignore_errors=True)
        ran("npx", "--no-install", "tsc", "-p", ".")
    return made


def in_a_page(entry: str) -> str:
    """A function that runs it in a page, with all that it imports; what it exports is the page's `auteur` then."""
    how = ("--bundle", "--format=esm", "--target=es2022", "--external:ws", "--log-level=error")
    bundle = ran("npx", "--no-install", "esbuild", entry, *how)
    body, _, exported = bundle.partition("\nexport {")
    return f"async () => {{ {body}\n{f'window.auteur = {{{exported}' if exported else ''} }}"
