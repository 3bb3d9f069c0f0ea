"""Packages that offer engines, as a studio would install them: made for one test, found through real metadata."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from auteur.adapters.engines.tools import EngineTools
from auteur.domain.ports import TaskHandler
from auteur.testing.engines import EngineCase, take_in

MATTE = '''
"""One colour as a picture: the smallest engine there is that computes in a child process."""

from auteur.adapters.engines.inputs import FileInput, find_picture, is_deferred, locate
from auteur.adapters.engines.parameters import Parameters, draw_seed
from auteur.domain.errors import HandlerError
from auteur.domain.ports import DRAFT_SUFFIX, Draft, EngineStatus, HandlerResult
from auteur.domain.task import TaskInput, TaskType


class MatteParameters(Parameters):
    steps: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    seed: int | None = None
    source_image: FileInput | None = None
    colour_name: str | None = None


class Matte:
    def __init__(self, tools):
        self._processes = tools.processes
        self._artifacts = tools.artifacts

    @property
    def task_types(self):
        schema = MatteParameters.model_json_schema()
        preset = frozenset({"steps", "width_px", "height_px"})
        return (TaskType(name="matte", engine="matte", summary="A colour.", params_schema=schema,
                         preset_parameters=preset, inputs=(TaskInput("source_image"),)),)

    def check(self, task_type, params):
        return MatteParameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        effective = MatteParameters.read(params).model_dump(exclude_none=True)
        effective.setdefault("seed", draw_seed())
        if "source_image" in effective and not is_deferred(effective["source_image"]):
            path, _ = await find_picture(self._artifacts, project_id, "source_image", effective["source_image"])
            effective["source_image"] = path
        return effective

    async def status(self):
        return EngineStatus(up=True, details={"colours": 16777216})

    def estimate_s(self, task_type, params):
        return 0.01 * params["steps"]

    async def run(self, task, context):
        params, name = task.request.params, "matte.png"
        if params.get("colour_name"):
            raise HandlerError("There is no such colour.")
        if "source_image" in params:
            await locate(self._artifacts, task.project_id, params["source_image"])
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


async def matte_case(handler: TaskHandler, tools: EngineTools, directory: Path) -> EngineCase:
    """What the studio's engine takes and refuses."""
    Image.new("RGB", (64, 64)).save(directory / "still.png")
    params = {"source_image": await take_in(tools, directory / "still.png")}
    refused = [{"steps": "many"}, {"colour": "red"}, {"source_image": "nothing.png"}]
    return EngineCase(
        handler, tools, "matte", params, {"steps": 3000}, refused, repeats=2, failing=[{"colour_name": "grue"}]
    )


RIVAL = '''
"""Another engine for `text_to_image`, which a file brings down: it says `up`, `down`, `hangs`, or `falls` in a task."""

import asyncio
from pathlib import Path

from PIL import Image
from pydantic import BaseModel

from auteur.adapters.engines.parameters import Parameters
from auteur.adapters.engines.tools import EngineNotConfiguredError
from auteur.domain.errors import EngineDownError
from auteur.domain.ports import DRAFT_SUFFIX, Draft, EngineStatus, HandlerResult
from auteur.domain.task import TaskType


class RivalSettings(BaseModel):
    switch: Path | None = None


class RivalParameters(Parameters):
    prompt: str
    sampler: str | None = None
    seed: int | None = None
    width_px: int | None = None
    height_px: int | None = None


class Rival:
    def __init__(self, switch):
        self._switch = switch

    def _state(self):
        return self._switch.read_text().strip()

    @property
    def task_types(self):
        schema, preset = RivalParameters.model_json_schema(), frozenset({"width_px", "height_px"})
        return (TaskType(name="text_to_image", engine="rival", summary="A colour.", params_schema=schema,
                         preset_parameters=preset),)

    async def status(self):
        if self._state() == "hangs":
            await asyncio.sleep(3600)
        up = self._state() in ("up", "falls")
        return EngineStatus(up=up, reason="" if up else "no server answers")

    def check(self, task_type, params):
        return RivalParameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        return {"seed": 7, **RivalParameters.read(params).model_dump(exclude_none=True)}

    def estimate_s(self, task_type, params):
        return 0.1

    async def run(self, task, context):
        context.report(0.0)
        if self._state() != "up":
            self._switch.write_text("down")
            raise EngineDownError("rival", "the connection was lost")
        params = task.request.params
        size = (params["width_px"], params["height_px"])
        Image.new("RGB", size, (90, 20, 20)).save(context.directory / f"rival.png{DRAFT_SUFFIX}", "PNG")
        draft = Draft(name="rival.png", kind="image", media_type="image/png", width_px=size[0], height_px=size[1])
        return HandlerResult(drafts=(draft,))


def make(tools):
    settings = tools.settings.read(RivalSettings)
    if settings.switch is None:
        raise EngineNotConfiguredError("set BACKEND_RIVAL_SWITCH")
    return Rival(settings.switch)
'''


def make_rival(site: Path) -> None:
    """A second engine for frames, which is off until somebody sets its switch."""
    make_package(site, "studio_rival", {"rival": "studio_rival.engine:make"}, {"engine": RIVAL})


CHATTER = '''
"""Tells of its progress as often as it may, for as long as it is asked to."""

import asyncio

from PIL import Image

from auteur.adapters.engines.parameters import Parameters
from auteur.domain.ports import DRAFT_SUFFIX, Draft, HandlerResult
from auteur.domain.task import TaskType


class ChatterParameters(Parameters):
    prompt: str = "talk"
    seconds: float = 5.0


class Chatter:
    @property
    def task_types(self):
        return (TaskType(name="chatter", engine="chatter", summary="Talks.",
                         params_schema=ChatterParameters.model_json_schema(), preset_parameters=frozenset()),)

    def check(self, task_type, params):
        return ChatterParameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        return ChatterParameters.read(params).model_dump(exclude_none=True)

    def estimate_s(self, task_type, params):
        return params["seconds"]

    async def run(self, task, context):
        loop = asyncio.get_running_loop()
        began, seconds, number = loop.time(), task.request.params["seconds"], 0
        while (spent := loop.time() - began) < seconds:
            number += 1
            context.report(spent / seconds, message=f"word {number}", stage=f"part {number % 2}")
            await asyncio.sleep(0.05)
        Image.new("RGB", (64, 64), (20, 90, 20)).save(context.directory / f"talk.png{DRAFT_SUFFIX}", "PNG")
        draft = Draft(name="talk.png", kind="image", media_type="image/png", width_px=64, height_px=64)
        return HandlerResult(drafts=(draft,))


def make(tools):
    return Chatter()
'''


def make_chatter(site: Path) -> None:
    """An engine that talks."""
    make_package(site, "studio_chatter", {"chatter": "studio_chatter.engine:make"}, {"engine": CHATTER})
