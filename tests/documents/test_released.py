"""Nothing of the interface changes without a line of the changelog that names it."""

import copy

import pytest

from tests.documents.compare import DOCUMENTS, RELEASED, ROOT, Document, current, released, unreleased, untold
from tests.documents.schemas import Change


def missing(name: str, now: Document) -> list[Change]:
    """What changed since the release and stands in no line of the changelog."""
    said = unreleased((ROOT / "CHANGELOG.md").read_text("utf-8"), (RELEASED / "CHANGELOG.md").read_text("utf-8"))
    return untold(DOCUMENTS[name](released(name), now), said)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_changed_since_the_release_is_in_the_changelog(name: str) -> None:
    found = missing(name, current(name))
    assert found == [], "name each in a line of CHANGELOG.md, and say so where it is breaking:\n" + "\n".join(
        f"- `{change.subject}`: {change.what}{' (breaking)' if change.breaks else ''}" for change in found
    )


def test_a_message_that_changes_unsaid_is_found() -> None:
    now = copy.deepcopy(current("asyncapi.json"))
    progress = now["components"]["schemas"]["ProgressMessage"]
    progress["properties"]["planted"] = {"type": "integer"}
    del progress["properties"]["eta_s"]
    found = [str(change) for change in missing("asyncapi.json", now)]
    assert "progress: eta_s is gone (breaks clients)" in found


def test_a_route_that_changes_unsaid_is_found() -> None:
    now = copy.deepcopy(current("openapi.json"))
    now["paths"]["/api/v1/planted"] = {"get": {"operationId": "read_planted", "responses": {}}}
    del now["paths"]["/api/v1/quality"]
    found = [str(change) for change in missing("openapi.json", now)]
    assert found == ["GET /api/v1/planted: is new", "GET /api/v1/quality: is gone (breaks clients)"]
