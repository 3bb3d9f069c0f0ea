import re
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
