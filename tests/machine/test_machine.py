"""The service as a black box under any sequence of what people do. A short pass is in every run.

At length, by ``make machine``: more and longer stories, embedded and on two replicas that share Redis, with processes
killed in between.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.ground import Ground
from tests.machine.machine import Studio
from tests.machine.planted import FAULTS

STORIES = os.environ.get("MACHINE_STORIES")
SHORT = {"max_examples": 25, "stateful_step_count": 16, "derandomize": True}
AT_LENGTH = {"max_examples": int(STORIES or 1), "stateful_step_count": 40, "database": None}


def tell_stories(ground: Ground, *, may_kill: bool, **how: Any) -> None:
    """What the service does meanwhile is not repeated exactly: a story is told as it was met, and not made shorter."""

    class Told(Studio):
        pass

    Told.ground, Told.may_kill = ground, may_kill
    run_state_machine_as_test(
        Told,
        settings=settings(
            **how, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck), print_blob=False
        ),
    )


@contextmanager
def opened(ground: Ground) -> Iterator[Ground]:
    try:
        ground.open()
        yield ground
    finally:
        ground.close()


@pytest.mark.timeout(14_400 if STORIES else 900)
@pytest.mark.parametrize("mode", ["embedded", "fleet"] if STORIES else ["embedded"])
def test_the_promises_hold_whatever_people_do(tmp_path: Path, mode: str) -> None:
    with opened(Ground(tmp_path, mode)) as ground:
        tell_stories(ground, may_kill=bool(STORIES), **(AT_LENGTH if STORIES else {**SHORT, "max_examples": 15}))
    assert "Traceback" not in ground.log, ground.log[-5000:]
    assert '"exception"' not in ground.log, ground.log[-5000:]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", FAULTS if STORIES else [*FAULTS][:2])
def test_the_machine_finds(tmp_path: Path, fault: str) -> None:
    with opened(Ground(tmp_path, "embedded", planted=fault)) as ground, pytest.raises((AssertionError, Flaky)):
        tell_stories(ground, may_kill=False, **SHORT)
