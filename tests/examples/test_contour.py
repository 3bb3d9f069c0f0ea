"""The example package as a studio would have it: built, installed in an environment of its own, found, and at work."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

SOURCE = Path(__file__).parents[2] / "examples" / "auteur-contour"


@dataclass(frozen=True)
class Environment:
    """A virtual environment that has auteur and what it needs, and nothing else until something is installed."""

    home: Path

    def run(self, *words: str, cwd: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BACKEND_", "PYTEST_"))}
        return subprocess.run(
            [str(self.home / "bin" / "python"), *words],
            env={**inherited, "NO_COLOR": "1", "COLUMNS": "200", **settings},
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=110,
            check=False,
        )


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The example installed by pip, from source, with nothing fetched."""
    directory = tmp_path_factory.mktemp("contour")
    home = directory / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=110)
    (site,) = (home / "lib").glob("python*/site-packages")
    (site / "auteur-and-what-it-needs.pth").write_text(
        "\n".join(path for path in sys.path if path and Path(path).is_dir() and Path(path) != SOURCE.parents[1])
    )
    source = shutil.copytree(SOURCE, directory / "source", ignore=shutil.ignore_patterns("__pycache__"))
    environment = Environment(home)
    built = environment.run(
        "-m", "pip", "install", "--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check",
        str(source), cwd=directory,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return environment


def a_picture(path: Path) -> Path:
    picture = Image.new("RGB", (160, 120), (40, 44, 60))
    ImageDraw.Draw(picture).circle((80, 60), 30, (220, 200, 150))
    picture.save(path)
    return path


def test_it_is_found_and_up(studio: Environment, tmp_path: Path) -> None:
    listed = studio.run("-m", "auteur", "engines", "--json", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    (row,) = [row for row in json.loads(listed.stdout) if row["name"] == "contour"]
    assert row == {
        "name": "contour", "package": "auteur-contour", "version": "1.0.0", "state": "up", "reason": "",
        "engine": "contour", "places": {"line_drawing": 1},
    }  # fmt: skip


def test_a_line_is_drawn_from_the_command_line(studio: Environment, tmp_path: Path) -> None:
    words = ["generate", "--type", "line_drawing", "--quality", "draft", "--param", "grain=0", "--engine", "contour"]
    done = studio.run(
        "-m", "auteur", *words, "--image", str(a_picture(tmp_path / "still.png")), cwd=tmp_path,
        BACKEND_CONTOUR_MAX_SIDE_PX="80",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Image.open(done.stdout.strip()) as drawing:
        assert drawing.size == (80, 60)
        shades = drawing.convert("L").getextrema()
    assert isinstance(shades, tuple)
    assert shades[0] < 100 < 230 < shades[1], "ink on paper"


def test_its_settings_are_checked_at_the_start(studio: Environment, tmp_path: Path) -> None:
    refused = studio.run("-m", "auteur", "engines", cwd=tmp_path, BACKEND_CONTOUR_MAX_SIDE_PX="huge")
    assert refused.returncode == 2
    assert refused.stderr.startswith("auteur: BACKEND_CONTOUR_MAX_SIDE_PX: Input should be a valid integer")


def test_its_own_tests_and_the_contract_pass(studio: Environment, tmp_path: Path) -> None:
    tests = shutil.copytree(SOURCE / "tests", tmp_path / "tests")
    shutil.copy(SOURCE / "pyproject.toml", tmp_path)
    done = studio.run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests), cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"\b[1-9]\d* passed", done.stdout), done.stdout
