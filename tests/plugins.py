"""Packages that offer engines, as a studio would install them: made for one test, found through real metadata."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from auteur.adapters.engines.tools import EngineTools
from auteur.domain.ports import TaskHandler
from auteur.testing.engines import EngineCase

MATTE = '''
"""One colour as a picture: the smallest engine there is that computes in a child process."""

from auteur.adapters.engines.parameters import Parameters, draw_seed
from auteur.domain.ports import DRAFT_SUFFIX, Draft, HandlerResult
from auteur.domain.task import TaskType


class MatteParameters(Parameters):
    steps: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    seed: int | None = None


class Matte:
    def __init__(self, tools):
        self._processes = tools.processes

    @property
    def task_types(self):
        schema = MatteParameters.model_json_schema()
        preset = frozenset({"steps", "width_px", "height_px"})
        return (TaskType(name="matte", engine="matte", summary="A colour.", params_schema=schema,
                         preset_parameters=preset),)

    def check(self, task_type, params):
        return MatteParameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        effective = MatteParameters.read(params).model_dump(exclude_none=True)
        effective.setdefault("seed", draw_seed())
        return effective

    def estimate_s(self, task_type, params):
        return 0.01 * params["steps"]

    async def run(self, task, context):
        params, name = task.request.params, "matte.png"
        arguments = {"params": params, "path": str(context.directory / f"{name}{DRAFT_SUFFIX}")}
        await self._processes.run("studio_matte.job:paint", arguments, lambda said: context.report(**said))
        size = {"width_px": params["width_px"], "height_px": params["height_px"]}
        return HandlerResult(drafts=(Draft(name=name, kind="image", media_type="image/png", **size),))


def make(tools):
    return Matte(tools)
'''

JOB = """
import time

from PIL import Image


def paint(arguments, report):
    params = arguments["params"]
    colour = (params["seed"] & 255, params["seed"] >> 8 & 255, 90)
    for done in range(params["steps"]):
        report({"progress": done / params["steps"]})
        time.sleep(0.01)
    Image.new("RGB", (params["width_px"], params["height_px"]), colour).save(arguments["path"], "PNG")
    report({"progress": 1.0})
    return {}
"""


def make_package(
    site: Path, name: str, offers: Mapping[str, str], modules: Mapping[str, str], extras: Sequence[str] = ()
) -> None:
    """Installs a package into ``site``: modules by name, and what it offers in the group `auteur.engines`."""
    (site / name).mkdir(parents=True)
    (site / name / "__init__.py").touch()
    for module, source in modules.items():
        (site / name / f"{module}.py").write_text(source)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    provides = "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{provides}")
    lines = [f"{point} = {value}" for point, value in offers.items()]
    (info / "entry_points.txt").write_text("\n".join(["[auteur.engines]", *lines, ""]))


def make_matte(site: Path) -> None:
    """A studio's engine that works."""
    make_package(site, "studio_matte", {"matte": "studio_matte.engine:make"}, {"engine": MATTE, "job": JOB})


def matte_case(handler: TaskHandler, tools: EngineTools) -> EngineCase:
    """What the studio's engine takes and refuses."""
    return EngineCase(handler, tools, "matte", {}, {"steps": 3000}, [{"steps": "many"}, {"colour": "red"}], repeats=2)
