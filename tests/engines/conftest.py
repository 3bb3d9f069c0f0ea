"""Engines tried on the programs that studios run. Nothing is fetched here: what is not there is skipped by name.

    COMFYUI_HOME     ComfyUI's source folder, as git clone leaves it
    COMFYUI_PYTHON   a Python that has its requirements.txt installed, with torch for this machine
    COG_PYTHON       a Python that has cog installed

diffusers is tried where torch and diffusers can be imported by the Python that runs the tests.
"""

import importlib.util
import os
from pathlib import Path

import pytest

BRING = {
    "COMFYUI_HOME": "COMFYUI_HOME must name the source folder of ComfyUI (git clone, no models are needed)",
    "COMFYUI_PYTHON": "COMFYUI_PYTHON must name a Python with ComfyUI's requirements.txt and torch installed",
    "COG_PYTHON": "COG_PYTHON must name a Python with cog installed",
}


def brought(*names: str) -> tuple[Path, ...]:
    """What these environment variables name; skips the test, with words, where one is not set or not there."""
    for name in names:
        if not os.environ.get(name) or not Path(os.environ[name]).exists():
            pytest.skip(BRING[name])
    return tuple(Path(os.environ[name]).absolute() for name in names)


def importable(*modules: str) -> None:
    """Skips the test where a module is not installed in this Python."""
    lacking = [module for module in modules if importlib.util.find_spec(module) is None]
    if lacking:
        pytest.skip(f"{' and '.join(lacking)} must be installed in the Python that runs the tests")


@pytest.fixture(scope="session")
def comfyui_program() -> tuple[Path, Path]:
    """ComfyUI's Python and its source folder."""
    home, python = brought("COMFYUI_HOME", "COMFYUI_PYTHON")
    return python, home


@pytest.fixture(scope="session")
def cog_python() -> Path:
    """A Python that has cog."""
    (python,) = brought("COG_PYTHON")
    return python
