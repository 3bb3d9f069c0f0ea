"""What a child says on its stderr: lines of the log, however it comes, and not more than a log can take."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from auteur.adapters.children.hearing import Hearing
from auteur.adapters.engines.process import EngineProcesses
from tests.waiting import LONG_S

HERE = "tests.adapters.test_hearing"


def heard(*pieces: bytes, minutes: float = 0.0) -> list[dict[str, Any]]:
    now = 0.0
    with capture_logs() as logs:
        hearing = Hearing("test", lambda: now)
        for piece in pieces:
            hearing.feed(piece)
            now += minutes * 60
        hearing.end()
    return [dict(log) for log in logs]


@pytest.mark.parametrize(
    "pieces",
    [(b"one\ntwo\n",), (b"o", b"ne\nt", b"wo"), (b"\r\none\r\n\n", b"two\r"), (b"one\r", b"\ntwo")],
)
def test_lines_are_whole_however_they_come(pieces: tuple[bytes, ...]) -> None:
    assert [log["text"] for log in heard(*pieces)] == ["one", "two"]


def test_a_line_may_say_how_grave_it_is_but_never_that_the_service_failed() -> None:
    logs = heard(b"\x1ewarning\tPIL\tbent\n\x1ecritical\tPIL\tbroken\n\x1einfo\tPIL\tso\n\x1enonsense\n")
    assert [(log["log_level"], log["said_by"], log["text"]) for log in logs] == [
        ("warning", "PIL", "bent"),
        ("warning", "PIL", "broken"),
        ("info", "PIL", "so"),
        ("info", None, "nonsense"),
    ]


def test_a_flood_is_cut_and_counted_and_the_next_minute_is_heard_again() -> None:
    logs = heard(b"x\n" * 1000, b"y\n" * 5, minutes=1.5)
    assert [log.get("text") for log in logs] == ["x"] * 30 + [None] + ["y"] * 5
    assert logs[30]["lines"] == 970


def test_a_line_without_end_holds_no_memory() -> None:
    hearing = Hearing("test")
    with capture_logs() as logs:
        for _ in range(10_000):
            hearing.feed(b"\xff" * 4096)
    assert len(hearing._rest) <= 3 * 4096
    assert len(logs) == 30


def chatter(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    import logging
    import os
    import warnings

    warnings.warn("of /srv/studio/film/frame.png", UserWarning, stacklevel=1)
    logging.getLogger("torch").error("a kernel is missing")
    os.write(2, b"12%|###   | 3/25\r")
    sys.stdout.write("printed\n")
    sys.stdout.flush()
    return {}


async def test_what_an_engine_s_child_says_is_logged() -> None:
    with capture_logs() as logs:
        async with EngineProcesses(max_idle=0) as processes:
            await processes.run(f"{HERE}:chatter", {}, lambda said: None)
        async with asyncio.timeout(LONG_S):
            while len([log for log in logs if log["event"] == "said by a child process"]) < 4:
                await asyncio.sleep(0.01)
    assert {(log["child"], log["said_by"], log["text"]) for log in logs} == {
        ("engine", "py.warnings", "UserWarning: of frame.png"),
        ("engine", "torch", "a kernel is missing"),
        ("engine", None, "12%|### | 3/25"),
        ("engine", None, "printed"),
    }
