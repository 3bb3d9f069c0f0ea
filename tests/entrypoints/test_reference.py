import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from auteur.entrypoints.reference import PAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_what_is_set_here_changes_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [PAGES[name]() for name in ("openapi.json", "asyncapi.json")]
    for name, value in (
        ("APP_NAME", "Another"),
        ("PUBLIC_URL", "https://films.example/studio"),
        ("REQUIRE_TOKEN", "true"),
        ("PORT", "9"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("ENGINES", "animatic"),
    ):
        monkeypatch.setenv(f"BACKEND_{name}", value)
    assert [PAGES[name]() for name in ("openapi.json", "asyncapi.json")] == before


def test_what_is_loaded_beside_it_and_the_width_of_the_terminal_change_no_page() -> None:
    strange = "from auteur.domain.errors import TaskFailure\n"
    strange += "class Strange(TaskFailure):\n    code = 'OF_SOMEBODY_ELSE'\n"
    load = "import importlib, pkgutil, auteur.adapters, auteur.entrypoints, auteur.testing, sys\n"
    load += "for at in (auteur.adapters, auteur.entrypoints, auteur.testing):\n"
    load += "    for module in pkgutil.walk_packages(at.__path__, at.__name__ + '.'):\n"
    load += "        if '.diffusers.' not in module.name and '__main__' not in module.name:\n"
    load += "            importlib.import_module(module.name)\n"
    told = "from auteur.entrypoints.reference import PAGES\n"
    told += (
        "sys.stdout.reconfigure(encoding='utf-8')\nprint(PAGES['protocol.md'](), PAGES['cli.md'](), sep='\\0', end='')"
    )
    here = {**os.environ, "COLUMNS": "30", "TERM": "dumb", "LANG": "C", "NO_COLOR": "1"}
    run = subprocess.run([sys.executable, "-c", strange + load + told], env=here, capture_output=True, check=True)
    assert run.stdout.decode().split("\0") == [(DOCS / name).read_text("utf-8") for name in ("protocol.md", "cli.md")]


def test_every_object_that_a_message_holds_is_described() -> None:
    page = PAGES["protocol.md"]()
    named = set(re.findall(r"^\| `\w+` \| (?:list of )?([A-Z]\w+) \|", page, re.MULTILINE))
    assert {"ResultView", "TaskView", "NamedRequest"} <= named
    assert named <= set(re.findall(r"^### `(\w+)`$", page, re.MULTILINE))


def test_no_meaning_of_a_code_breaks_off() -> None:
    rows = re.findall(r"^\| `[A-Z_]+` \| .* \| (.*) \|$", PAGES["protocol.md"](), re.MULTILINE)
    assert len(rows) > 30
    assert [row for row in rows if not row.endswith(".")] == []


def test_every_code_that_the_source_says_has_a_row() -> None:
    said = {
        code
        for path in (ROOT / "src" / "auteur").rglob("*.py")
        if not {"client", "cli"} & set(path.parts)  # which say why they have no answer to show
        for code in re.findall(
            r"""(?:\bcode(?::\s*\w+)?\s*=|\b[1-5]\d\d[,:]|RefusedError\(|error_response\(|refuse\()\s*"([A-Z][A-Z_]{3,})\"""",
            path.read_text(encoding="utf-8"),
        )
    }
    rows = re.findall(r"^\| `([A-Z_]+)` \|", PAGES["protocol.md"](), re.MULTILINE)
    assert {"BAD_REQUEST", "TASK_ENDED", "FORBIDDEN_ORIGIN", "NOT_ANSWERED"} <= said
    assert said - set(rows) == set()
    assert len(rows) == len(set(rows))
