"""What the check of a crowd's histories finds: each fault that it is there for, planted in a history without one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.crowd import Conversation, faults

KINDS = ["task_queued", "task_started", "progress", "progress", "progress", "complete"]
WHOLE: list[dict[str, Any]] = [
    {"type": kind, "task_id": "t", "position": f"e-{number}", "digest": str(number)}
    for number, kind in enumerate(KINDS, 1)
]


def history() -> list[Conversation]:
    """Of one that was cut after the third, and came back with what it had."""
    seen = [(number, str(number)) for number in range(1, len(WHOLE) + 1)]
    return [Conversation(None, 0, False, seen[:3]), Conversation(3), Conversation(3, 3, True, seen[3:])]


def gap(reader: list[Conversation]) -> None:
    del reader[2].seen[0]


def twice(reader: list[Conversation]) -> None:
    reader[2].seen.insert(0, reader[0].seen[-1])


def out_of_order(reader: list[Conversation]) -> None:
    reader[0].seen[1:] = reversed(reader[0].seen[1:])


def something_else(reader: list[Conversation]) -> None:
    reader[2].seen[1] = (5, "other")


def too_little(reader: list[Conversation]) -> None:
    reader[2].seen.pop()


def greeted_too_late(reader: list[Conversation]) -> None:
    reader[2].begins = 4
    del reader[2].seen[0]


def a_loss_where_none_was(reader: list[Conversation]) -> None:
    reader[2].recovered = False


def test_a_history_without_a_fault_has_none() -> None:
    assert faults(WHOLE, [history()]) == []


@pytest.mark.parametrize(
    "plant", [gap, twice, out_of_order, something_else, too_little, greeted_too_late, a_loss_where_none_was]
)
def test_a_fault_in_what_one_saw_is_found(plant: Callable[[list[Conversation]], None]) -> None:
    reader = history()
    plant(reader)
    assert faults(WHOLE, [history(), reader])


def test_an_ending_that_lacks_is_double_or_is_not_the_last_is_found() -> None:
    for change in ("lacks", "double", "not the last"):
        whole = copy.deepcopy(WHOLE)
        match change:
            case "lacks":
                whole[-1]["type"] = "progress"
            case "double":
                whole[-2]["type"] = "error"
            case "not the last":
                whole[-1]["type"], whole[-2]["type"] = "progress", "complete"
        assert faults(whole, []), change
