"""The engines as an operator sees them: in the settings, at a terminal, and in a log."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import WrongSettingError, load_settings
from tests.plugins import JOB, MATTE, make_matte, make_package, make_rival
from tests.warm import ran


@pytest.fixture
def studio(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A studio with an engine that works, one that is broken, and one that has a switch."""
    make_matte(site)
    make_package(
        site, "studio_broken", {"broken": "studio_broken.engine:make"}, {"engine": "raise OSError('no licence')"}
    )
    make_rival(site)
    (tmp_path / "switch").write_text("up")
    return site


def auteur(site: Path, *words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BACKEND_")}
    given = {f"BACKEND_{name.upper()}": str(value) for name, value in settings.items()}
    path = os.pathsep.join([str(site), *filter(None, [environment.get("PYTHONPATH")])])
    return ran(
        "auteur",
        *words,
        env={**environment, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", "NO_COLOR": "1", **given},
        cwd=site.parent,
    )


def rows(site: Path, **settings: object) -> tuple[int, dict[str, dict[str, Any]]]:
    done = auteur(site, "engines", "--json", **settings)
    assert done.stderr == ""
    return done.returncode, {row["name"]: row for row in json.loads(done.stdout)}


def test_every_engine_is_listed_with_its_package_its_place_and_why_it_is_not_up(studio: Path, tmp_path: Path) -> None:
    code, found = rows(studio)
    assert code == 1, "one that should be up is not"
    assert found["matte"] == {
        "name": "matte", "package": "studio_matte", "version": "1.0", "state": "up", "reason": "",
        "engine": "matte", "places": {"matte": 1},
    }  # fmt: skip
    assert (found["broken"]["state"], found["broken"]["reason"]) == ("left out", "OSError: no licence")
    assert (found["rival"]["state"], found["rival"]["reason"]) == ("off", "set BACKEND_RIVAL_SWITCH")
    assert found["storyboard"]["places"] == {"text_to_image": 1}
    code, found = rows(studio, rival_switch=tmp_path / "switch", engines="storyboard,rival")
    assert code == 0
    assert (found["rival"]["state"], found["rival"]["places"]) == ("up", {"text_to_image": 1})
    assert found["storyboard"]["places"] == {"text_to_image": 2}, "previs is the last"
    assert found["broken"]["state"] == "not chosen"


@pytest.mark.parametrize(("state", "reason"), [("down", "no server answers"), ("hangs", "no answer within 2 s")])
def test_one_that_is_down_or_hangs_is_told_in_time(studio: Path, tmp_path: Path, state: str, reason: str) -> None:
    (tmp_path / "switch").write_text(state)
    code, found = rows(studio, rival_switch=tmp_path / "switch", engines="storyboard,rival")
    assert (code, found["rival"]["state"], found["rival"]["reason"]) == (1, "down", reason)


def test_the_extra_to_install_is_told_with_its_brackets(site: Path) -> None:
    make_package(
        site, "studio_far", {"far": "studio_far.engine:make"}, {"engine": "import a_library_that_is_not_here"},
        extras=["far"],
    )  # fmt: skip
    said = "install studio_far[far]: there is no module a_library_that_is_not_here"
    doctor = auteur(site, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert f"far is off: {said}" in doctor.stdout
    assert f"far: {said}" in auteur(site, "engines").stdout


def test_people_read_a_table_and_the_doctor_says_the_same(studio: Path, tmp_path: Path) -> None:
    (tmp_path / "switch").write_text("down")
    table = auteur(studio, "engines", rival_switch=tmp_path / "switch")
    (line,) = [line for line in table.stdout.splitlines() if "studio_rival" in line]
    assert line.split() == ["rival", "rival", "studio_rival", "1.0", "text_to_image", "(1.)", "down"]
    assert "rival: no server answers" in table.stdout.splitlines()
    doctor = auteur(studio, "doctor", rival_switch=tmp_path / "switch")
    assert doctor.returncode == 1
    assert "rival of studio_rival is down: no server answers" in doctor.stdout
    assert "broken of studio_broken is left out: OSError: no licence" in doctor.stdout
    assert "rival is off: set BACKEND_RIVAL_SWITCH" in auteur(studio, "doctor").stdout


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ('{"*": ["comfy"]}', "BACKEND_ENGINE_ORDER: an engine is one of broken, "),
        ('{"*": ["storyboard"]}', "BACKEND_ENGINE_ORDER: an engine is one of broken, "),
        ('{"*": "previs"}', "BACKEND_ENGINE_ORDER (*): Input should be a valid list"),
        ("previs", "BACKEND_ENGINE_ORDER: must be JSON"),
    ],
)
def test_an_order_of_engines_that_there_are_not_stops_the_start(
    studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, said: str
) -> None:
    monkeypatch.setenv("BACKEND_RIVAL_SWITCH", str(tmp_path / "switch"))
    with pytest.raises(WrongSettingError) as refused:
        build(load_settings(workspace_root=tmp_path, engine_order=order)).router()
    assert str(refused.value).startswith(said)


def test_an_order_may_name_what_is_off_and_a_task_type_of_it(studio: Path, tmp_path: Path) -> None:
    order = '{"inpaint": ["rival"], "text_to_image": ["rival", "previs"]}'
    router = build(load_settings(workspace_root=tmp_path, engine_order=order)).router()
    assert [route.engine for route in router.routes("text_to_image")] == ["previs"]


OPENS = """
from studio_opens.matte import Matte

class Opens(Matte):
    async def __aenter__(self):
        raise RuntimeError("no device")

    async def __aexit__(self, *exc):
        pass

def make(tools):
    return Opens(tools)
"""


async def test_an_engine_that_cannot_be_opened_is_down_and_the_others_work(site: Path, tmp_path: Path) -> None:
    make_package(
        site, "studio_opens", {"opens": "studio_opens.engine:make"}, {"engine": OPENS, "matte": MATTE, "job": JOB}
    )
    container = build(load_settings(workspace_root=tmp_path, backend="memory"))
    async with lifetime(container):
        router = container.router()
        (opens,) = router.routes("matte")
        assert router.status(opens).reason == "it could not be opened"
        assert router.status(router.routes("text_to_image")[0]).up
