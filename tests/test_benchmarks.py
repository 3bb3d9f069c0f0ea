"""What is measured is compared with what was kept: a ratio that became worse is said, and nothing else is."""

import json
from pathlib import Path

import pytest
from benchmarks import compare


def test_only_what_stays_beyond_in_every_run_is_said() -> None:
    kept = {"slower": 2.0, "noisy": 2.0, "faster": 2.0, "as it was": 2.0}
    found = {"slower": [2.6, 2.7], "noisy": [3.9, 2.1], "faster": [0.5], "as it was": [2.5], "new": [99.0]}
    assert compare.beyond(found, kept) == ["slower"]


def test_what_stays_beyond_fails_and_is_measured_again_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    measured = iter([1.3, 1.4, 1.3])
    kept = tmp_path / "baseline.json"
    kept.write_text(json.dumps({"ratios": {"a ratio": 1.0}}))
    monkeypatch.setattr(compare, "KEPT", kept)
    monkeypatch.setattr(compare, "CASES", {"case": lambda: {"a ratio": next(measured)}})
    monkeypatch.setattr("sys.argv", ["compare.py"])
    assert compare.main() == 1
    assert "BEYOND 1.25 of what was kept: a ratio" in capsys.readouterr().out
    assert not list(measured), "three times before it is said"
    monkeypatch.setattr(compare, "CASES", {"case": lambda: {"a ratio": 1.2}})
    assert compare.main() == 0


def test_the_kept_ratios_are_those_of_cases_that_there_are() -> None:
    kept = json.loads(compare.KEPT.read_text())
    assert kept["ratios"]
    assert all(ratio > 0 for ratio in kept["ratios"].values())
    for case in compare.CASES.values():
        if isinstance(case, compare.Case):
            assert (compare.HERE.parent / case.words[0]).exists()


def test_a_case_that_says_no_ratio_is_no_measurement() -> None:
    with pytest.raises(SystemExit, match="says none of its ratios"):
        compare.Case(("-c", "print('nothing')"), {"a": r"(?P<ratio>\d+) of"}).measure()
    assert compare.Case(("-c", "print('4.0 of that')"), {"a": r"(?P<ratio>[.\d]+) of"}, is_inverse=True).measure() == {
        "a": 0.25
    }
