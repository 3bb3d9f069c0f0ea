"""The engine contract is worth something only if it fails for an engine that breaks it: mutants it must catch."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auteur.adapters.engines.discovery import discover
from auteur.adapters.engines.installed import installed
from auteur.testing import engines as contract
from auteur.testing.engines import ENGINE_CHECKS, engine_tools
from tests.plugins import JOB, MATTE, make_matte, make_package, matte_case

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
    "its time limit does not reach the work": (
        "        await self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "        import asyncio\n"
        "        work = asyncio.ensure_future("
        "self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said)))\n"
        "        await asyncio.shield(work)",
        "a_time_limit_stops_the_real_work_too",
    ),
    "stopping one task ends all": (
        "        await self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "        try:\n"
        "            await self._processes.run("
        "\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))\n"
        "        finally:\n"
        "            await self._processes.__aexit__()",
        "a_time_limit_stops_the_real_work_too",
    ),
    "a program that it began goes on": (
        "        await self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "        import os, sys, studio_matte\n"
        "        left = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, '-c', 'while True: pass'])\n"
        "        studio_matte.stop = lambda: (os.kill(left, 9), os.waitpid(left, 0))\n"
        "        await self._processes.run("
        "\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "stopping_it_stops_the_real_work_and_leaves_no_final_file",
    ),
    "its thread goes on": (
        "        await self._processes.run(\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "        import threading, studio_matte\n"
        "        over = threading.Event()\n"
        "        left = threading.Thread(target=lambda: [None for _ in iter(over.is_set, True)])\n"
        "        left.start()\n"
        "        studio_matte.stop = lambda: (over.set(), left.join())\n"
        "        await self._processes.run("
        "\"studio_matte.job:paint\", arguments, lambda said: context.report(**said))",
        "stopping_it_stops_the_real_work_and_leaves_no_final_file",
    ),
    "its error shows where the file lay": (
        "await locate(self._artifacts, task.project_id, params[\"source_image\"])",
        "raise HandlerError(f'{context.directory}/x.png is missing')",
        "what_goes_wrong_is_told_in_words",
    ),
    "its error names a class": (
        "There is no such colour.", "KeyError: 'grue'", "what_goes_wrong_is_told_in_words",
    ),
    "what went wrong is not told": (
        "raise HandlerError(\"There", "raise KeyError(\"There", "what_goes_wrong_is_told_in_words",
    ),
    "it makes what cannot be made": (
        "if params.get(\"colour_name\"):", "if False:", "what_goes_wrong_is_told_in_words",
    ),
    "what it refuses is told with a class's name": (
        "return MatteParameters.read(params).given()",
        "from auteur.domain.errors import InvalidParamsError\n"
        "        try:\n"
        "            return MatteParameters.read(params).given()\n"
        "        except Exception as error:\n"
        "            raise InvalidParamsError([{'field': 'steps', 'message': repr(error)}])",
        "what_it_cannot_use_is_refused_by_field",
    ),
    "it looks for what is still to be made": (
        " and not is_deferred(effective[\"source_image\"])", "",
        "an_input_that_is_still_to_be_made_is_left_alone",
    ),
    "it forgets what is still to be made": (
        "            path, _ = await", "            pass\n"
        "        elif effective.pop(\"source_image\", None):\n"
        "            return effective\n"
        "        if isinstance(effective.get(\"source_image\"), str):\n"
        "            path, _ = await",
        "an_input_that_is_still_to_be_made_is_left_alone",
    ),
    "its input is no parameter": (
        "TaskInput(\"source_image\")", "TaskInput(\"picture\")", "it_says_what_it_makes",
    ),
    "it never says how it is": (
        "return EngineStatus(up=True,", "import asyncio\n"
        "        await asyncio.sleep(60)\n"
        "        return EngineStatus(up=True,",
        "it_says_in_time_how_it_is",
    ),
    "it is down and does not say why": ("EngineStatus(up=True,", "EngineStatus(up=False,", "it_says_in_time_how_it_is"),
    "it raises when it is asked": (
        "return EngineStatus(up=True,", "raise OSError\n        return EngineStatus(up=True,",
        "it_says_in_time_how_it_is",
    ),
    "its details are no data": ("16777216}", "object()}", "it_says_in_time_how_it_is"),
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
        case = await matte_case(discover(installed(), tools, {"matte"}).found[0].handler, tools, tmp_path)
        try:
            with pytest.raises(AssertionError):
                await CHECKS[broken](case)
        finally:  # what a mutant leaves behind would be found by the next test
            getattr(sys.modules["studio_matte"], "stop", lambda: None)()


async def test_it_catches_work_that_goes_on_elsewhere(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_matte(site)
    monkeypatch.setattr(contract, "_STOPS_WITHIN_S", 1.0)

    async def is_idle() -> bool:
        return False

    async with engine_tools(tmp_path / "workspace") as tools:
        case = await matte_case(discover(installed(), tools, {"matte"}).found[0].handler, tools, tmp_path)
        with pytest.raises(AssertionError, match="goes on elsewhere"):
            await contract.stopping_it_stops_the_real_work_and_leaves_no_final_file(replace(case, is_idle=is_idle))
