"""That the soak finds what it is there for; the soak itself is ``make soak``."""

from pathlib import Path

import pytest

from tests.soak.looking import Held
from tests.soak.stage import Soak

QUIET = Held(memory_mb=100.0, descriptors=30, threads=4, children=2, children_mb=100.0, tasks={"feed": 3})


@pytest.mark.timeout(600)
async def test_a_descriptor_that_each_socket_leaves_open_is_found(tmp_path: Path) -> None:
    async with Soak(tmp_path, "embedded", leak="descriptor", quiet_s=10) as soak:
        found = await soak.run(0.2)
    assert soak.crowd.done["sockets"] > 20
    assert [said for said in found if said.startswith("service: descriptors ")], found


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (Held(140.0, 30, 4, 2, 100.0, {"feed": 3}), "memory"),
        (Held(100.0, 90, 4, 2, 100.0, {"feed": 3}), "descriptors"),
        (Held(100.0, 30, 40, 2, 100.0, {"feed": 3}), "threads"),
        (Held(100.0, 30, 4, 9, 100.0, {"feed": 3}), "children"),
        (Held(100.0, 30, 4, 2, 100.0, {"feed": 3, "forgotten": 50}), "task_count"),
    ],
)
def test_whatever_is_left_is_named(after: Held, what: str) -> None:
    assert [said.partition(" ")[0] for said in after.beyond(QUIET)] == [what]


def test_what_is_back_where_it_was_is_not_named() -> None:
    assert QUIET.beyond(QUIET) == []
