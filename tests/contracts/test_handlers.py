"""What every engine promises, tried on the real ones."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from auteur.adapters.engines.editorial.plugin import make
from auteur.adapters.engines.previs.animatic import MoveParameters
from auteur.adapters.engines.previs.motion.easing import EASE_NAMES
from auteur.adapters.engines.previs.motion.over_still import MOVE_NAMES
from auteur.adapters.engines.previs.plugin import animatic, storyboard
from auteur.domain.task import CONTROL_FILES
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, engine_tools, made, prepared, take_in


@pytest.fixture(params=["text_to_image", "image_to_video", "text_to_video", "film_animatic"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EngineCase]:
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "still.png")
    async with engine_tools(tmp_path) as tools:
        path = await take_in(tools, tmp_path / "still.png")
        if request.param == "text_to_image":
            prompt = {"prompt": "a lighthouse, two friends", "control": list(CONTROL_FILES)}
            bad: list[dict[str, Any]] = [
                {},
                {"prompt": ""},
                {"prompt": "x" * 1001},
                {**prompt, "steps": 0},
                {**prompt, "steps": True},
                {**prompt, "width_px": 63},
                {**prompt, "width": 4097},
                {**prompt, "seed": -1},
                {**prompt, "seed": 2**32},
                {**prompt, "aspect": "3:1"},
                {**prompt, "style": "oil"},
                {**prompt, "shot": "selfie"},
                {**prompt, "lens_mm": float("nan")},
                {**prompt, "lens_mm": "35"},
                {**prompt, "lens_mm": True},
                {**prompt, "colour": "red"},
                {**prompt, "control": ["depth", "depth"]},
                {**prompt, "control": ["xray"]},
            ]
            long = {**prompt, "steps": 200, "width": 1024, "height": 1024}
            yield EngineCase(storyboard(tools), tools, request.param, prompt, long, bad, repeats=8)
        elif request.param == "film_animatic":
            film: dict[str, Any] = {"shots": [{"name": "1", "frames": 12}], "takes": [path]}
            bad = [
                {},
                {"shots": []},
                {**film, "takes": []},
                {**film, "takes": [path, path]},
                {**film, "takes": ["nothing.png"]},
                {**film, "takes": ["../other/uploads/x.png"]},
                {**film, "takes": [7]},
                {**film, "shots": [{"name": "1"}, {"name": "1"}], "takes": [path, path]},
                {**film, "shots": [{"name": "a\nb"}]},
                {**film, "shots": [{"name": "1", "frames": -1}]},
                {**film, "shots": [{"name": "1", "frames": 1.5}]},
                {**film, "shots": [{"name": "1", "length": 3}]},
                {**film, "shots_file": "uploads/x.json"},
                {"takes": [path], "shots_file": "uploads/x.json"},
                {**film, "rate": "23.98"},
                {**film, "rate": 24},
                {**film, "start": "01:00:00;00"},
                {**film, "start": "01:00:00:24"},
                {**film, "width_px": 97},
                {**film, "track": "nothing.wav"},
            ]
            long = {"shots": [{"name": "1", "frames": 20_000}], "takes": [path], "width_px": 512, "height_px": 512}
            instead = {"shots_file": "shots"}
            yield EngineCase(make(tools), tools, request.param, film, long, bad, repeats=3, instead=instead)
        elif request.param == "text_to_video":
            shot: dict[str, Any] = {"prompt": "wide shot, a man walking in a field, pan left"}
            bad = [
                {},
                {"prompt": ""},
                {**shot, "move": "fly"},
                {**shot, "move": "push_in+fly"},
                {**shot, "move": ""},
                {**shot, "degrees": 0},
                {**shot, "steps": 65},
                {**shot, "width_px": 97},
                {**shot, "fps": 24.5},
                {**shot, "fps": "24 fps"},
                {**shot, "fps": True},
                {**shot, "audio": "nothing.wav"},
                {**shot, "audio": 3},
                {**shot, "control": ["depth"]},
            ]
            short = {**shot, "duration_s": 0.5, "fps": 12}
            long = {**shot, "duration_s": 60, "steps": 16, "width": 512, "height": 512}
            yield EngineCase(animatic(tools), tools, request.param, short, long, bad, repeats=3)
        else:
            source: dict[str, Any] = {"source_image": path}
            bad = [
                {},
                {"source_image": "nothing.png"},
                {"source_image": "../other/uploads/x.png"},
                {**source, "duration_s": 0.4},
                {**source, "duration_s": 61},
                {**source, "duration_s": "4"},
                {**source, "duration_s": True},
                {**source, "fps": 11},
                {**source, "fps": 24.5},
                {**source, "move": "fly"},
                {**source, "width_px": 97},
                {**source, "sound": True},
                {**source, "audio": "nothing.wav"},
                {**source, "prompt": "dolly zoom on the door"},
            ]
            short = {**source, "duration_s": 0.5, "fps": 12}
            long = {**source, "duration_s": 60, "width": 512, "height": 512}
            yield EngineCase(animatic(tools), tools, request.param, short, long, bad, repeats=8)


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract(engine: EngineCase, check: EngineCheck) -> None:
    await check(engine)


async def test_progress_is_told_from_the_beginning_in_many_steps(engine: EngineCase) -> None:
    steps = {} if engine.task_type.startswith("film") else {"steps": 12}
    _, context = await made(engine, await prepared(engine, {**engine.params, **steps}))
    shares = [share for share, _ in context.reports]
    assert shares[0] == 0.0
    assert 0.95 <= shares[-1] <= 1.0
    assert len(shares) >= (6 if steps else 4)
    if engine.task_type == "text_to_image":
        assert any(preview for _, preview in context.reports)


async def test_unwanted_props_are_left_out(tmp_path: Path) -> None:
    async with engine_tools(tmp_path) as tools:
        frame = EngineCase(storyboard(tools), tools, "text_to_image", {}, {}, [])
        asked = {"prompt": "a car and a lamp in a street", "steps": 1}
        with_car, _ = await made(frame, await prepared(frame, asked))
        without, _ = await made(frame, await prepared(frame, {**asked, "negative_prompt": "no cars"}))
    shown = [[prop["what"] for prop in made.understood["props"]] for made in (with_car, without)]
    assert shown == [["car", "lamp"], ["lamp"]]
    assert without.understood["without"] == ["car"]


@pytest.mark.parametrize(
    "reference",
    ["uploads/{name}", "contract/uploads/{name}", "/api/v1/projects/contract/artifacts/uploads/{name}",
     "http://localhost:8000/api/v1/projects/contract/artifacts/uploads/{name}"],
)  # fmt: skip
async def test_a_still_may_be_named_by_url_or_path(tmp_path: Path, reference: str) -> None:
    Image.new("RGB", (300, 100)).save(tmp_path / "still.png")
    async with engine_tools(tmp_path) as tools:
        path = await take_in(tools, tmp_path / "still.png")
        shot = EngineCase(animatic(tools), tools, "image_to_video", {}, {}, [])
        params = await prepared(shot, {"source_image": reference.format(name=path.rpartition("/")[2])})
    assert params["source_image"] == path
    assert abs(params["width_px"] / params["height_px"] - 3) < 0.1


def test_the_moves_that_can_be_asked_for_are_the_moves_that_can_be_made() -> None:
    asked = MoveParameters.model_json_schema()["properties"]
    assert tuple(asked["move"]["anyOf"][0]["enum"]) == MOVE_NAMES
    assert tuple(asked["ease"]["enum"]) == EASE_NAMES
