"""Nothing of the interface changes without a line of the changelog that names it."""

import pytest

from tests.documents.compare import DOCUMENTS, ROOT, current, released, unreleased, untold


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_changed_since_the_release_is_in_the_changelog(name: str) -> None:
    changes = DOCUMENTS[name](released(name), current(name))
    missing = untold(changes, unreleased((ROOT / "CHANGELOG.md").read_text("utf-8")))
    assert missing == [], "name each in a line of CHANGELOG.md, and say so where it is breaking:\n" + "\n".join(
        f"- `{change.subject}`: {change.what}{' (breaking)' if change.breaks else ''}" for change in missing
    )
