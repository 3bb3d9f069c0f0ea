"""Which renderer draws a frame: as it is set, in the engine's process, and told in the result."""

from pathlib import Path
from typing import Any, cast

import pytest

from auteur.adapters.engines.previs import plugin
from auteur.adapters.engines.previs.settings import PrevisSettings
from auteur.adapters.engines.previs.storyboard import StoryboardHandler
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineSettingError, EngineSettings, EngineTools

FRAME = {"prompt": "a man in a field", "seed": 7, "width_px": 96, "height_px": 64, "steps": 2, "style": "previs"}


def tools(**given: str) -> EngineTools:
    unused = cast(Any, None)
    return EngineTools(unused, unused, EngineSettings("storyboard", given))


def settings_of(handler: object) -> PrevisSettings:
    assert isinstance(handler, StoryboardHandler)
    return handler._settings


def test_the_setting_reaches_the_engine() -> None:
    assert settings_of(plugin.storyboard(tools())).renderer == "auto"
    assert settings_of(plugin.storyboard(tools(previs_renderer="numpy"))).renderer == "numpy"
    asked = tools(previs_renderer="gl")
    plugin.storyboard(asked)
    assert "previs_renderer" in asked.settings.known, "else it is called misspelt"


def test_a_renderer_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(EngineSettingError) as refused:
        plugin.storyboard(tools(previs_renderer="vulkan"))
    assert refused.value.name == "PREVIS_RENDERER"


async def frame(directory: Path, renderer: str) -> tuple[bytes, str]:
    directory.mkdir()
    place = {"directory": str(directory), "draft": "frame.png", "suffix": "", "renderer": renderer}
    async with EngineProcesses(max_idle=0) as processes:
        made = await processes.run(
            "auteur.adapters.engines.previs.frame:render_frame", {"params": FRAME, **place}, lambda said: None
        )
    return (directory / "frame.png").read_bytes(), made["metrics"]["renderer"]


@pytest.mark.parametrize("renderer", ["gl", "numpy"])
async def test_two_processes_draw_the_same_bytes_and_say_by_what(renderer: str, tmp_path: Path) -> None:
    one, by = await frame(tmp_path / "one", renderer)
    if by != renderer:
        pytest.skip("there is no GL in the engine's process: numpy drew, and said so")
    assert (one, by) == await frame(tmp_path / "two", renderer)
