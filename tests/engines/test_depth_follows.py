"""A depth pass of previs steers a model's picture: its order of near and far follows the set.

The model is a toy that this test teaches on a processor (`depth_model`): real classes, learned weights, and pictures in
which near is bright. It has seen boxes and balls, and no frame of previs. What is shown is that a pass reaches the
ControlNet whole, upright and the right way round, not that a toy paints well.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from auteur.adapters.engines.diffusers.plugin import make
from auteur.adapters.engines.previs.plugin import storyboard
from auteur.adapters.engines.tools import EngineSettings, EngineTools
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.task import CONTROL_FILES
from auteur.testing.engines import EngineCase, engine_tools, made, prepared, take_in
from tests.engines.conftest import importable

PROMPTS = (
    "wide shot of a lighthouse at dusk",
    "a woman in a kitchen at noon",
    "a car in a street",
    "a man in a forest",
)
SEEDS = (1, 2)
_SIDE_PX = 32


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    importable("torch", "diffusers", "transformers")
    folder = tmp_path_factory.mktemp("depth")
    taught = subprocess.run(
        [sys.executable, "-m", "tests.engines.depth_model", str(folder)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert taught.returncode == 0, taught.stderr
    return folder


async def depth_pass(tools: EngineTools, prompt: str, place: Path) -> Path:
    """The depth pass of a previs frame; near is bright."""
    frame = EngineCase(storyboard(tools), tools, "text_to_image", {}, {}, [])
    asked = {"prompt": prompt, "control": ["depth"], "steps": 1, "width": 64, "height": 64, "seed": 5}
    _, context = await made(frame, await prepared(frame, asked))
    kept = place / "depth.png"
    kept.write_bytes((context.directory / f"{CONTROL_FILES['depth']}.partial").read_bytes())
    return kept


def ranks(values: Any) -> Any:
    """Mean ranks: what is equal shares one."""
    _, inverse, counts = np.unique(np.round(values, 6), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse.reshape(-1)]


def rank_correlation(one: Any, other: Any) -> float:
    """Spearman's: 1 where the order is the same, 0 where they have nothing to do with each other."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def grey(path: Path) -> Any:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((_SIDE_PX, _SIDE_PX)).convert("L"), float).reshape(-1)


async def test_near_and_far_in_the_picture_follow_the_pass(taught: Path, tmp_path: Path) -> None:
    models = {"text_to_image": {"model": str(taught / "model"), "controlnet": {"depth": str(taught / "depth")}}}
    settings = EngineSettings("diffusers", {"diffusers_models": json.dumps(models), "diffusers_threads": "1"})
    followed, left = [], []
    async with engine_tools(tmp_path) as given:
        tools = EngineTools(given.processes, WorkspaceArtifactStore(tmp_path), settings)
        picture = EngineCase(make(tools), tools, "text_to_image", {}, {}, [])
        for prompt in PROMPTS:
            depth = await depth_pass(given, prompt, tmp_path)
            path = await take_in(given, depth)
            for seed in SEEDS:
                asked = {"prompt": "a place", "steps": 20, "width": _SIDE_PX, "height": _SIDE_PX, "seed": seed,
                         "guidance_scale": 1.0}  # fmt: skip
                for params, found in [({**asked, "control_depth": path}, followed), (asked, left)]:
                    _, context = await made(picture, await prepared(picture, params))
                    found.append(rank_correlation(grey(depth), grey(context.directory / "frame.png.partial")))
    seconds = json.loads((taught / "taught.json").read_text())["seconds"]
    print(  # noqa: T201
        f"\nrank correlation of pass and picture over {len(followed)} pictures, taught in {seconds} s: with the pass "
        f"{np.mean(followed):.2f} (least {min(followed):.2f}), without {np.mean(left):.2f} (most {max(left):.2f})"
    )
    assert np.mean(followed) > 0.5
    assert np.mean(followed) > np.mean(left) + 0.25
