import importlib.metadata
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from auteur.adapters.engines.discovery import Engines, discover
from auteur.adapters.engines.editorial.handler import OFFERS
from auteur.adapters.engines.installed import installed
from auteur.adapters.engines.tools import EngineTools
from auteur.entrypoints.container import build
from auteur.entrypoints.settings import WrongSettingError, load_settings
from auteur.testing.engines import ENGINE_CHECKS, EngineCheck, engine_tools
from tests.plugins import make_matte, make_package, matte_case
from tests.warm import ran

OWN = {"text_to_image", "image_to_video", "text_to_video", *OFFERS}


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[EngineTools]:
    async with engine_tools(tmp_path / "workspace") as tools:
        yield tools


def found(tools: EngineTools, *wanted: str) -> Engines:
    return discover(installed(), tools, wanted)


def offered(engines: Engines) -> set[str]:
    return {task_type.name for task_type in engines.task_types}


async def test_the_built_in_engines_are_found_like_any_other(tools: EngineTools) -> None:
    engines = found(tools)
    assert offered(engines) == OWN
    assert engines.problems == ()
    declared = importlib.metadata.distribution("auteur").entry_points.select(group="auteur.engines")
    assert engines.names == {point.name for point in declared}


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_a_studios_package_is_found_and_keeps_the_contract(
    site: Path, tmp_path: Path, tools: EngineTools, check: EngineCheck
) -> None:
    make_matte(site)
    handler = next(engine.handler for engine in found(tools).found if engine.name == "matte")
    await check(await matte_case(handler, tools, tmp_path))


BROKEN: dict[str, tuple[str, str]] = {
    "its module is missing": ("studio_broken.nowhere:make", "ModuleNotFoundError: No module named 'studio_broken.now"),
    "its factory is missing": ("studio_broken.engine:nothing", "AttributeError: module 'studio_broken.engine' has no"),
    "it is no module at all": ("studio_broken.engine: make it", "has no"),
    "its import raises": ("studio_broken.raises:make", "RuntimeError: no licence found"),
    "its import leaves": ("studio_broken.leaves:make", "SystemExit: 3"),
    "its syntax is wrong": ("studio_broken.syntax:make", "SyntaxError: "),
    "it raises": ("studio_broken.engine:raises", "ValueError: two lines of text"),
    "it is no factory": ("studio_broken.engine:NUMBER", "TypeError: 'int' object is not callable"),
    "it gives nothing": ("studio_broken.engine:nothing_made", "gave no task handler: it has no check"),
    "it offers nothing": ("studio_broken.engine:idle", "task_types are not a list of TaskType"),
    "it offers names only": ("studio_broken.engine:named", "task_types are not a list of TaskType"),
    "its task types raise": ("studio_broken.engine:shy", "OSError: no weights"),
    "it makes what another makes": ("studio_broken.engine:taken", "text_to_image is made by storyboard of auteur"),
}  # fmt: skip

ENGINE = """
from types import SimpleNamespace
from auteur.domain.task import TaskType

NUMBER = 7
METHODS = dict.fromkeys(("check", "prepare", "estimate_s", "run"), print)

def raises(tools):
    raise ValueError("two lines\\n   of text")

def nothing_made(tools):
    return None

def idle(tools):
    return SimpleNamespace(task_types=[], **METHODS)

def named(tools):
    return SimpleNamespace(task_types=["matte"], **METHODS)

def taken(tools):
    kinds = [TaskType(name=name, engine="previs", summary="x", params_schema={}, preset_parameters=frozenset())
             for name in ("fresh", "text_to_image")]
    return SimpleNamespace(task_types=kinds, **METHODS)

class Shy:
    check = prepare = estimate_s = run = print

    @property
    def task_types(self):
        raise OSError("no weights")

def shy(tools):
    return Shy()
"""


def make_broken(site: Path, value: str) -> None:
    modules = {
        "engine": ENGINE,
        "raises": "raise RuntimeError('no licence found')",
        "leaves": "raise SystemExit(3)",
        "syntax": "def make(",
    }
    make_package(site, "studio_broken", {"broken": value}, modules)


@pytest.mark.parametrize("kind", BROKEN, ids=str)
async def test_a_broken_engine_is_left_out_by_name_and_the_others_work(
    site: Path, tools: EngineTools, kind: str
) -> None:
    value, reason = BROKEN[kind]
    make_broken(site, value)
    make_matte(site)
    engines = found(tools)
    assert offered(engines) == {*OWN, "matte"}, "all of the broken one is left out, and nothing else"
    (problem,) = engines.problems
    assert str(problem).startswith("engine broken of studio_broken is left out: ")
    assert reason in problem.reason
    assert "\n" not in str(problem)


async def test_of_two_engines_of_one_name_the_built_in_one_stays(site: Path, tools: EngineTools) -> None:
    make_package(site, "a_studio", {"storyboard": "a_studio.engine:make"}, {"engine": "raise AssertionError"})
    engines = found(tools)
    assert offered(engines) == OWN
    assert [str(problem) for problem in engines.problems] == [
        "engine storyboard of a_studio is left out: its name is taken by auteur"
    ]


async def test_only_chosen_engines_are_made(site: Path, tools: EngineTools) -> None:
    make_broken(site, "studio_broken.leaves:make")
    make_matte(site)
    engines = found(tools, "matte", "storyboard")
    assert offered(engines) == {"matte", "text_to_image"}
    assert engines.problems == (), "what is not chosen is not even imported"
    assert engines.names == {"storyboard", "animatic", "cog", "comfyui", "diffusers", "editorial", "matte", "broken"}


OFF = """
from auteur.adapters.engines.tools import EngineNotConfiguredError

def make(tools):
    raise EngineNotConfiguredError("set BACKEND_FAR_SERVERS")
"""


async def test_an_engine_that_nobody_has_set_up_is_off_and_no_fault(site: Path, tools: EngineTools) -> None:
    make_package(site, "studio_far", {"far": "studio_far.engine:make"}, {"engine": OFF})
    engines = found(tools)
    assert engines.problems == ()
    (off,) = [engine for engine in engines.off if engine.package == "studio_far"]
    assert (off.name, off.reason) == ("far", "set BACKEND_FAR_SERVERS")


def test_a_start_says_nothing_of_an_engine_that_is_off(site: Path, tmp_path: Path) -> None:
    make_package(site, "studio_far", {"far": "studio_far.engine:make"}, {"engine": OFF})
    with structlog.testing.capture_logs() as lines:
        build(load_settings(workspace_root=tmp_path)).engines()
    assert [line["log_level"] for line in lines if line.get("engine") == "far"] == ["debug"]
    with pytest.raises(WrongSettingError) as refused:
        build(load_settings(workspace_root=tmp_path, engines="far,storyboard")).engines()
    assert str(refused.value) == "BACKEND_ENGINES: engine far is not configured: set BACKEND_FAR_SERVERS"


async def test_an_engine_whose_extra_is_missing_says_what_to_install(site: Path, tools: EngineTools) -> None:
    make_package(
        site,
        "studio_far",
        {"far": "studio_far.engine:make"},
        {"engine": "import a_library_that_is_not_here"},
        extras=["far"],
    )
    said = "install studio_far[far]: there is no module a_library_that_is_not_here"
    engines = found(tools)
    assert engines.problems == ()
    assert said in [engine.reason for engine in engines.off]
    set_up = discover(installed(), tools, settings={"far_servers": "http://127.0.0.1:1"})
    assert [problem.reason for problem in set_up.problems] == [said], "who set it up wants to hear of it"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            "matte,storybord",
            "BACKEND_ENGINES: must be some of animatic, broken, cog, comfyui, diffusers, editorial, matte, storyboard, "
            "by comma",
        ),
        ("matte, broken", "BACKEND_ENGINES: engine broken of studio_broken is left out: ValueError: two lines of text"),
    ],
)
def test_an_engine_asked_for_by_name_that_cannot_be_had_stops_the_start(
    site: Path, tmp_path: Path, wanted: str, said: str
) -> None:
    make_broken(site, "studio_broken.engine:raises")
    make_matte(site)
    with pytest.raises(WrongSettingError) as refused:
        build(load_settings(workspace_root=tmp_path, engines=wanted)).engines()
    assert str(refused.value) == said


def test_a_service_with_a_broken_engine_starts_without_it(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_broken(site, "studio_broken.engine:raises")
    assert set(build(load_settings(workspace_root=tmp_path)).router().task_types) == OWN
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "broken" in line]
    assert "an engine is left out" in line
    assert "ValueError: two lines of text" in line


def run_auteur(site: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKEND_")}
    path = os.pathsep.join([str(site), *filter(None, [environment.get("PYTHONPATH")])])
    return ran("auteur", *words, env={**environment, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **settings}, cwd=site)


def test_the_command_line_makes_a_shot_with_a_studios_engine(tmp_path: Path) -> None:
    site = tmp_path / "site"
    make_matte(site)
    where: dict[str, Any] = {"BACKEND_WORKSPACE_ROOT": str(tmp_path / "workspace")}
    done = run_auteur(site, "generate", "--type", "matte", "--quality", "draft", "--param", "steps=2", **where)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).name == "matte.png"
    refused = run_auteur(site, "generate", "--type", "matte", BACKEND_ENGINES="storyboard", **where)
    assert refused.returncode == 3
    assert "UNKNOWN_TASK_TYPE" in refused.stderr
