from pathlib import Path

import pytest

from auteur.entrypoints.reference import PAGES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_what_an_error_means_is_told_whole() -> None:
    table = PAGES["protocol.md"]().partition("## Error codes")[2]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows
    cut = [row for row in rows if not row.endswith((". |", "`. |")) or row.count("`") % 2]
    assert cut == []
