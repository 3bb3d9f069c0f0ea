"""Every hostile input once, against a real service; what comes of each kind is a test of its own."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.catalogue import CATALOGUE
from tests.hostile.ground import embedded
from tests.hostile.judge import problems_of_log
from tests.hostile.runner import KEPT, Held, Ran, at_rest, run, settled


@dataclass(frozen=True, repr=False)
class Tried:
    """What came of all of them."""

    runs: dict[tuple[str, str], Ran]
    log: str
    hidden: dict[str, str]
    before: Held
    after: Held
    returncode: int | None


async def _try(directory: Path) -> Tried:
    async with embedded(directory) as ground:
        before = await at_rest(ground)
        runs = await run(ground, CATALOGUE)
        assert ground.service.process is not None
        after = await settled(ground, before) if ground.service.process.returncode is None else before
        return Tried(
            {(ran.entry.kind, ran.entry.name): ran for ran in runs},
            ground.log, ground.hidden(), before, after, ground.service.process.returncode,
        )  # fmt: skip


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """All of them, sent to one service, several at once."""
    return asyncio.run(_try(tmp_path_factory.mktemp("hostile")))


def test_no_two_inputs_have_one_name() -> None:
    names = Counter((entry.kind, entry.name) for entry in CATALOGUE)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(CATALOGUE) >= 300


# whoever is first waits for all to be sent
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", sorted({entry.kind for entry in CATALOGUE}))
def test_what_comes_of_it_is_what_must(tried: Tried, kind: str) -> None:
    of_kind = [tried.runs[entry.kind, entry.name] for entry in CATALOGUE if entry.kind == kind]
    wrong = [f"{ran.entry.name}: {'; '.join(ran.problems)}. It was: {ran.outcome}" for ran in of_kind if ran.problems]
    assert not wrong, f"{len(wrong)} of {len(of_kind)}\n" + "\n".join(wrong)


@pytest.mark.timeout(600)
def test_the_service_lives_and_its_log_has_no_line_that_is_not_of_our_shape(tried: Tried) -> None:
    assert tried.returncode is None
    problems = problems_of_log(tried.log, tried.hidden)
    assert not problems, f"{len(problems)}, the first: " + "\n".join(problems[:5])


@pytest.mark.timeout(600)
def test_files_and_tasks_are_given_back(tried: Tried) -> None:
    assert tried.after.files <= tried.before.files + KEPT, (tried.before, tried.after)
    assert tried.after.tasks <= tried.before.tasks, (tried.before, tried.after)
