"""The control passes, checked by geometry: known points through the stated camera, against what the files say.

The projection is written here again, from the numbers in the result alone.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from auteur.adapters.engines.previs.frame import render_frame
from auteur.adapters.engines.previs.plugin import storyboard
from auteur.adapters.engines.previs.storyboard import FrameParameters
from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX
from auteur.domain.task import CONTROL_FILES
from auteur.testing.engines import EngineCase, engine_tools, made, prepared


async def test_controls_are_files_beside_the_frame_and_change_no_pixel_of_it(tmp_path: Path) -> None:
    for style in ("previs", "board"):
        async with engine_tools(tmp_path) as tools:
            case = EngineCase(storyboard(tools), tools, "text_to_image", {}, {}, [])
            asked: dict[str, Any] = {"prompt": "two friends by a car", "seed": 3, "steps": 2, "style": style}
            bare, there = await made(case, await prepared(case, asked), 1)
            pixels = pixels_of(there.directory / f"frame.png{DRAFT_SUFFIX}")
            params = await prepared(case, {**asked, "control": ["depth", "normals"]})
            full, here = await made(case, params, 2)
        assert (pixels == pixels_of(here.directory / f"frame.png{DRAFT_SUFFIX}")).all()
        assert [draft.name for draft in bare.drafts] == ["frame.png"]
        names = [draft.name for draft in full.drafts]
        assert names[0] == "frame.png", "the picture comes first: it stands for the take"
        assert {"control-depth.png", "control-depth16.png", "control-normals.png"} <= set(names)
        assert {draft.kind for draft in full.drafts[1:]} == {"control"}
        for draft in full.drafts[1:]:
            path = here.directory / f"{draft.name}{DRAFT_SUFFIX}"
            if draft.media_type == "image/png":
                assert pixels_of(path).shape[1::-1] == (draft.width_px, draft.height_px) == (96, 96)
            elif draft.media_type == "application/json":
                json.loads(path.read_text())
            else:
                assert draft.media_type == "model/gltf-binary"
        assert len(json.dumps(full.understood)) < 4096, "what is told to every client stays small"


async def test_the_passes_are_told_in_one_order_however_they_are_asked_for() -> None:
    asked = {"prompt": "a car", "control": ["set", "depth", "pose"]}
    assert FrameParameters.read(asked).given()["control"] == ["depth", "pose", "set"]


@pytest.mark.parametrize("control", [["depht"], ["depth", "depth"], "depth", [None], [*CONTROL_FILES, "depth"], {}])
def test_an_unknown_or_doubled_pass_is_refused_by_field(control: object) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        FrameParameters.read({"prompt": "a car", "control": control})
    assert {problem["field"].split(".")[0] for problem in refused.value.details["problems"]} == {"control"}


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


def render(directory: Path, prompt: str, seed: int, width_px: int, height_px: int, **more: Any) -> dict[str, Any]:
    """A frame with all its passes; what the engine says of it."""
    size = {"width_px": width_px, "height_px": height_px}
    params = {"prompt": prompt, "seed": seed, **size, "steps": 1, "style": "previs", "control": list(CONTROL_FILES)}
    arguments = {"params": {**params, **more}, "directory": str(directory), "draft": "frame.png", "suffix": ""}
    return render_frame(arguments, lambda report: None)
