"""Servers of others, to measure beside: each in an environment of its own, never in this project's."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / "build" / "peers"
PYTHON = ("python-socketio==5.14.3", "uvicorn==0.54.0", "uvloop==0.23.0", "websockets==17.4")
NODE = ("ws@8", "socket.io@4")


def python_socketio() -> Sequence[str] | None:
    """The words that start it; None where it cannot be installed."""
    place = PLACE / "python"
    if not (place / ".done").exists():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        words = [place / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *PYTHON]
        if subprocess.run(words, stderr=subprocess.DEVNULL).returncode:
            return None
        (place / ".done").touch()
    return [str(place / "bin/python"), str(HERE / "python_socketio.py")]


def node(name: str) -> Sequence[str] | None:
    """The words that start ``name``.mjs; None where there is no Node, or npm brings nothing."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    place = PLACE / "node"
    if not (place / ".done").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        words = [npm, "install", "--prefix", place, "--no-save", "--no-audit", "--no-fund", "--loglevel=error", *NODE]
        (place / "package.json").write_text("{}")
        if subprocess.run(words, stdout=subprocess.DEVNULL, cwd=place).returncode:
            return None
        (place / ".done").touch()
    return [program, str(HERE / f"{name}.mjs"), str(place)]


def versions() -> dict[str, str]:
    """Of those that are installed."""
    found = {
        name: subprocess.check_output([name, "--version"], text=True).strip() for name in ["node"] if shutil.which(name)
    }
    for package in ("ws", "socket.io"):
        told = PLACE / "node" / "node_modules" / package / "package.json"
        if told.exists():
            found[package] = json.loads(told.read_text())["version"]
    if (PLACE / "python" / ".done").exists():
        found["python-socketio"] = PYTHON[0].rpartition("=")[2]
    return found
