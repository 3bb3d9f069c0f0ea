"""The fuzzers' corpus, again in every run, and some that are made of it; ``make fuzz`` looks for more."""

import json

import pytest

from tests.fuzz import replay
from tests.fuzz.replay import CORPUS, inputs, mutate
from tests.fuzz.targets import TARGETS


# the file of a form that is cut short is closed by who collects it: Starlette has handed it to nobody
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <function SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_of_the_corpus_breaks_it_nor_what_is_made_of_it(name: str) -> None:
    for data in inputs(name):
        TARGETS[name](data)
    found = mutate(name, 300, derandomize=True)
    if found is not None:
        TARGETS[name](found)


def test_each_target_has_a_corpus_and_it_is_small() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 256 << 10


def test_a_reader_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        assert "NaN" not in json.dumps(json.loads(text)) if text.startswith('{"') and text.endswith("}") else True

    monkeypatch.setitem(replay.TARGETS, "json_text", lenient)
    assert mutate("json_text", 2000, derandomize=True) is not None
