"""The engine contract is worth something only if it fails for an engine that breaks it: mutants it must catch."""

from pathlib import Path

import pytest

from auteur.adapters.engines.discovery import discover, installed
from auteur.testing.engines import ENGINE_CHECKS, engine_tools
from tests.plugins import JOB, MATTE, make_package, matte_case

# what is wrong with it: what of the source is replaced, by what, and the check that catches it
MUTANTS: dict[str, tuple[str, str, str]] = {
    "it draws no seed": ("draw_seed())", "7)", "effective_parameters_are_plain_complete_and_stay_as_they_are"),
    "it tells of absent parameters": (
        "exclude_none=True", "exclude_none=False", "effective_parameters_are_plain_complete_and_stay_as_they_are",
    ),
    "it takes anything": (
        "return MatteParameters.read(params).given()", 'return {}', "what_it_cannot_use_is_refused_by_field",
    ),
    "it hides what it takes": ('schema = MatteParameters', 'schema = Parameters', "it_says_what_it_makes"),
    "it guesses the same for all": ('* params["steps"]', "", "it_guesses_longer_for_more_work"),
    "it makes something else each time": (
        'params["seed"] & 255,', "time.time_ns() >> 10 & 255,", "the_same_parameters_make_the_same_files",
    ),
    "its picture is of another size": (
        '(params["width_px"], params', '(7, params', "what_it_made_is_there_as_it_says",
    ),
    "it names no file": ("drafts=(Draft(", "drafts=() and (Draft(", "what_it_made_is_there_as_it_says"),
    "it takes the final name itself": (
        '{name}{DRAFT_SUFFIX}")}', '{name}")}', "what_it_made_is_there_as_it_says",
    ),
    "its progress falls": (
        'done / params["steps"]}', '1 - done / params["steps"]}', "progress_ascends_and_previews_are_whole_pictures",
    ),
    "it cannot be stopped": (
        "        await self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "        import asyncio\n"
        "        work = asyncio.ensure_future("
        "self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said)))\n"
        "        await asyncio.shield(work)",
        "stopping_it_stops_the_real_work_and_leaves_no_final_file",
    ),
    "it says that it is done when it is stopped": (
        "        await self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "        import asyncio, contextlib\n"
        "        with contextlib.suppress(asyncio.CancelledError):\n"
        "            await self._processes.run("
        "\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "stopping_it_stops_the_real_work_and_leaves_no_final_file",
    ),
}  # fmt: skip


CHECKS = {check.__name__: check for check in ENGINE_CHECKS}


def test_every_check_has_a_mutant_that_it_catches() -> None:
    assert {broken for _, _, broken in MUTANTS.values()} == set(CHECKS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
async def test_it_catches(site: Path, tmp_path: Path, mutant: str) -> None:
    before, after, broken = MUTANTS[mutant]
    assert (MATTE + JOB).count(before) == 1, "the mutant must differ in one place"
    modules = {"engine": MATTE.replace(before, after), "job": JOB.replace(before, after)}
    make_package(site, "studio_matte", {"matte": "studio_matte.engine:make"}, modules)
    async with engine_tools(tmp_path / "workspace") as tools:
        case = matte_case(discover(installed(), tools, {"matte"}).found[0].handler, tools)
        with pytest.raises(AssertionError):
            await CHECKS[broken](case)
