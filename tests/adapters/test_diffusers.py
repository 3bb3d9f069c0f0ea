"""What the service knows of diffusers without torch: settings, signatures, offers; with a child that speaks as one.

The sources that are read here are the test's own, in the shape in which diffusers writes them. The real ones are tried
in tests/engines.
"""

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from auteur.adapters.engines.diffusers.handler import DiffusersHandler
from auteur.adapters.engines.diffusers.plugin import make, read_offers
from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.adapters.engines.tools import EngineNotConfiguredError, EngineSettingError, EngineSettings, EngineTools
from auteur.domain.errors import HandlerError, InvalidParamsError
from auteur.domain.ports import TaskHandler
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, engine_tools, made, prepared, take_in

SOURCES = {
    "paint/pipeline_paint.py": """
class PaintPipeline(DiffusionPipeline):
    def __call__(self, prompt: str = None, height: int = None, width: int = None, num_inference_steps: int = 50,
                 guidance_scale: float = 7.5, negative_prompt=None, ip_adapter_image=None, generator=None, **kwargs):
        pass
""",
    "paint/pipeline_paint_img2img.py": """
class PaintImg2ImgPipeline(PaintPipeline):
    def __call__(self, prompt: str = None, image=None, strength: float = 0.75, num_inference_steps: int = 50,
                 generator=None):
        pass
""",
    "controlnet/pipeline_paint_controlnet.py": """
class PaintControlNetPipeline(DiffusionPipeline):
    def __call__(self, prompt: str = None, image=None, height=None, width=None, num_inference_steps: int = 50,
                 controlnet_conditioning_scale: float = 1.0, generator=None):
        pass
""",
    "film/pipeline_film.py": """
class FilmPipeline(DiffusionPipeline):
    def __call__(self, image, height: int = 480, width: int = 832, num_frames: int = 21, num_inference_steps=50,
                 generator=None, *, motion_bucket_id: int = 127):
        pass

class LongFilmPipeline(FilmPipeline):
    pass
""",
    "enlarge/pipeline_enlarge.py": """
class EnlargePipeline(DiffusionPipeline):
    def __call__(self, prompt=None, image=None, num_inference_steps: int = 75, noise_level: int = 20):
        pass
""",
}

JOB = '''
"""Says and writes what the real job does, without a model."""

import time

from PIL import Image


def generate(arguments, report):
    params = arguments["params"]
    report({"progress": 0.0, "stage": "loading", "message": "Loading"})
    size = params.get("width_px", 64), params.get("height_px", 64)
    for done in range(params["steps"]):
        report({"progress": done / params["steps"], "stage": "sampling"})
        time.sleep(0.01)
    colour = (params["seed"] & 255, params["seed"] >> 8 & 255, len(arguments["inputs"]))
    Image.new("RGB", size, colour).save(f"{arguments['directory']}/frame.png{arguments['suffix']}", "PNG")
    draft = {"name": "frame.png", "kind": "image", "media_type": "image/png", "width_px": size[0], "height_px": size[1]}
    told = {name: arguments[name] for name in ("pipeline", "controls", "threads", "memory_bytes", "downloads")}
    return {"drafts": [draft], "metrics": {"render_s": 0.01 * params["steps"], **told}, "understood": {},
            "loaded": [{"name": arguments["name"], "size_bytes": 1}]}
'''


@pytest.fixture
def studio(site: Path, tmp_path: Path) -> Path:
    """A folder of models, beside an installation of diffusers that has only sources."""
    for name in ("torch", "transformers", "accelerate", "safetensors"):
        (site / name).mkdir()
        (site / name / "__init__.py").write_text("raise AssertionError('the service imports nothing of this')")
    for path, source in SOURCES.items():
        file = site / "diffusers" / "pipelines" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    (site / "diffusers" / "__init__.py").write_text("raise AssertionError('nor this')")
    (site / "studio_paint").mkdir()
    (site / "studio_paint" / "__init__.py").touch()
    (site / "studio_paint" / "job.py").write_text(JOB)
    for name in ("Paint", "Film", "LongFilm", "Enlarge", "Unheard"):
        model(tmp_path / "models" / name.lower(), f"{name}Pipeline")
    return tmp_path / "models"


def model(directory: Path, pipeline: Any, blocks: int = 4) -> None:
    (directory / "vae").mkdir(parents=True)
    (directory / "model_index.json").write_text(json.dumps({"_class_name": pipeline, "vae": ["diffusers", "X"]}))
    (directory / "vae" / "config.json").write_text(json.dumps({"block_out_channels": [8] * blocks}))


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[EngineTools]:
    async with engine_tools(tmp_path / "workspace") as made_tools:
        yield made_tools


def given(tools: EngineTools, models: Any, **more: str) -> EngineTools:
    said = models if isinstance(models, str) else json.dumps(models)
    settings = {"diffusers_models": said, **{f"diffusers_{name}": value for name, value in more.items()}}
    return replace(tools, settings=EngineSettings("diffusers", settings))


def painting(tools: EngineTools, models: Mapping[str, Any], **more: str) -> TaskHandler:
    """The engine with a child that paints one colour."""
    own = given(tools, models, **more)
    settings = own.settings.read(DiffusersSettings)
    return DiffusersHandler(read_offers(settings), own, settings, job="studio_paint.job:generate")


@pytest.fixture(params=["text_to_image", "image_to_image", "upscale"])
async def case(request: pytest.FixtureRequest, studio: Path, tools: EngineTools, tmp_path: Path) -> EngineCase:
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "still.png")
    source = {"source_image": await take_in(tools, tmp_path / "still.png")}
    models = {"text_to_image": str(studio / "paint"), "image_to_image": str(studio / "paint"),
              "upscale": str(studio / "enlarge")}  # fmt: skip
    params: dict[str, Any] = {"prompt": "a lighthouse"} if request.param == "text_to_image" else source
    params = {"prompt": "at night", **source} if request.param == "image_to_image" else params
    bad: list[dict[str, Any]] = [
        {},
        {**params, "steps": 0},
        {**params, "steps": 201},
        {**params, "seed": -1},
        {**params, "colour": "red"},
        {**params, "prompt": "x" * 2001},
    ]
    if request.param == "text_to_image":
        bad += [{**params, "width": 100}, {**params, "source_image": "x.png"}, {**params, "guidance_scale": 51}]
    else:
        bad += [{**params, "source_image": "nothing.png"}]
    if request.param == "image_to_image":
        bad += [
            {**params, "strength": 0.0},
            {**params, "strength": 0.2, "steps": 4},
            {**params, "negative_prompt": "x"},
        ]
    return EngineCase(painting(tools, models), tools, request.param, params, {**params, "steps": 200}, bad, repeats=2)


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract_holds_beside_a_child_that_speaks_as_it_should(case: EngineCase, check: EngineCheck) -> None:
    await check(case)


async def test_only_what_the_pipeline_takes_is_offered(studio: Path, tools: EngineTools) -> None:
    handler = painting(
        tools, {"text_to_image": str(studio / "paint"), "image_to_image": str(studio / "paint"),
                "image_to_video": str(studio / "film"), "upscale": str(studio / "enlarge")}
    )  # fmt: skip
    offered = {task_type.name: set(task_type.params_schema["properties"]) for task_type in handler.task_types}
    assert offered == {
        "text_to_image": {"prompt", "negative_prompt", "seed", "steps", "width_px", "height_px", "aspect",
                          "guidance_scale"},
        "image_to_image": {"prompt", "source_image", "seed", "steps", "width_px", "height_px", "strength"},
        "image_to_video": {"source_image", "seed", "steps", "width_px", "height_px", "duration_s", "fps", "frames",
                           "motion_bucket_id"},
        "upscale": {"prompt", "source_image", "seed", "steps", "noise_level"},
    }  # fmt: skip
    by_name = {task_type.name: task_type for task_type in handler.task_types}
    assert by_name["image_to_image"].params_schema["properties"]["strength"]["default"] == 0.75
    assert by_name["upscale"].preset_parameters == {"steps"}


async def test_a_controlnet_becomes_an_input_for_its_pass(studio: Path, tools: EngineTools, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "pass.png")
    handler = painting(
        tools,
        {"text_to_image": {"model": str(studio / "paint"), "controlnet": {"depth": "/nets/d", "pose": "/nets/p"}}},
    )
    (task_type,) = handler.task_types
    assert {(given.name, given.control) for given in task_type.inputs} == {
        ("control_depth", "depth"),
        ("control_pose", "pose"),
    }
    path = await take_in(tools, tmp_path / "pass.png")
    frame = EngineCase(handler, tools, "text_to_image", {}, {}, [])
    with_depth, _ = await made(frame, await prepared(frame, {"prompt": "x", "control_depth": path}))
    assert with_depth.metrics["pipeline"] == "PaintControlNetPipeline"
    assert with_depth.metrics["controls"] == ["depth"]
    without, _ = await made(frame, await prepared(frame, {"prompt": "x"}), attempt=2)
    assert (without.metrics["pipeline"], without.metrics["controls"]) == ("PaintPipeline", [])


async def test_what_another_task_is_still_to_make_is_left_as_it_is(
    studio: Path, tools: EngineTools, tmp_path: Path
) -> None:
    handler = painting(tools, {"image_to_image": str(studio / "paint")})
    waits = {"from_task": "t-0", "artifact": "frame.png"}
    asked = {"prompt": "x", "source_image": waits, "steps": 4, "width_px": 512, "height_px": 512}
    origins = {"prompt": "caller", "source_image": "caller", "steps": "preset", "width_px": "preset",
               "height_px": "preset"}  # fmt: skip
    effective = await handler.prepare("image_to_image", "contract", asked, origins)
    assert effective["source_image"] == waits
    Image.new("RGB", (200, 100)).save(tmp_path / "late.png")
    path = await take_in(tools, tmp_path / "late.png")
    found = await handler.prepare("image_to_image", "contract", {**effective, "source_image": path}, origins)
    assert (found["source_image"], found["seed"]) == (path, effective["seed"])
    assert (found["width_px"], found["height_px"]) == (720, 360)  # its shape, in the preset's number of pixels
    assert await handler.prepare("image_to_image", "contract", found, origins) == found


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (96, 96)),
        ({"aspect": "16:9"}, (128, 72)),
        ({"width": 256, "aspect": "16:9"}, (256, 144)),
        ({"width": 640, "height": 64}, (640, 64)),
    ],
)
async def test_sizes_are_what_the_model_can_make(
    asked: dict[str, Any], size: tuple[int, int], studio: Path, tools: EngineTools
) -> None:
    frame = EngineCase(painting(tools, {"text_to_image": str(studio / "paint")}), tools, "text_to_image", {}, {}, [])
    effective = await prepared(frame, {"prompt": "x", **asked})
    assert (effective["width_px"], effective["height_px"]) == size


async def test_a_preset_that_is_too_large_for_the_model_is_made_smaller_and_a_callers_wish_is_not(
    studio: Path, tools: EngineTools
) -> None:
    handler = painting(tools, {"text_to_image": {"model": str(studio / "paint"), "max_pixels": 512 * 512}})
    preset = {"prompt": "x", "steps": 4, "width_px": 2048, "height_px": 2048}
    from_preset = {"prompt": "caller", "width_px": "preset", "height_px": "preset"}
    effective = await handler.prepare("text_to_image", "p", preset, from_preset)
    assert (effective["width_px"], effective["height_px"]) == (512, 512)
    effective = await handler.prepare("text_to_image", "p", preset, dict.fromkeys(preset, "caller"))
    assert (effective["width_px"], effective["height_px"]) == (2048, 2048)


async def test_a_model_may_have_presets_of_its_own(studio: Path, tools: EngineTools) -> None:
    presets = {"draft": {"steps": 4, "guidance_scale": 1.5}, "ultra": {"width_px": 768}}
    (task_type,) = painting(tools, {"text_to_image": {"model": str(studio / "paint"), "presets": presets}}).task_types
    assert task_type.presets == presets


async def test_a_side_that_no_latent_fits_is_refused_by_name(studio: Path, tools: EngineTools) -> None:
    model(studio / "deep", "PaintPipeline", blocks=6)
    handler = painting(tools, {"text_to_image": str(studio / "deep")})
    with pytest.raises(InvalidParamsError) as refused:
        handler.check("text_to_image", {"prompt": "x", "width": 520})
    assert refused.value.details["problems"] == [{"field": "width", "message": "Input should be a multiple of 32"}]


async def test_a_film_is_as_long_as_asked_or_as_the_model_is_made_for(
    studio: Path, tools: EngineTools, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "still.png")
    source = {"source_image": await take_in(tools, tmp_path / "still.png")}
    handler = painting(tools, {"image_to_video": {"model": str(studio / "longfilm"), "fps": 8}})
    film = EngineCase(handler, tools, "image_to_video", {}, {}, [])
    assert (await prepared(film, source))["frames"] == 21
    assert (await prepared(film, {**source, "duration_s": 2}))["frames"] == 16
    assert (await prepared(film, {**source, "num_frames": 5, "duration_s": 2}))["frames"] == 5
    with pytest.raises(InvalidParamsError):
        await prepared(film, {**source, "duration_s": 60, "fps": 60})


async def test_a_picture_that_is_large_already_is_not_enlarged(
    studio: Path, tools: EngineTools, tmp_path: Path
) -> None:
    Image.new("RGB", (300, 100)).save(tmp_path / "still.png")
    path = await take_in(tools, tmp_path / "still.png")
    handler = painting(tools, {"upscale": {"model": str(studio / "enlarge"), "max_source_px": 256}})
    with pytest.raises(InvalidParamsError) as refused:
        await prepared(EngineCase(handler, tools, "upscale", {}, {}, []), {"source_image": path})
    (problem,) = refused.value.details["problems"]
    assert problem["field"] == "source_image"
    assert "300 x 100" in problem["message"]


async def test_what_is_set_reaches_the_child(studio: Path, tools: EngineTools) -> None:
    handler = painting(tools, {"text_to_image": str(studio / "paint")}, memory="12GB", threads="3", downloads="true")
    frame = EngineCase(handler, tools, "text_to_image", {}, {}, [])
    result, _ = await made(frame, await prepared(frame, {"prompt": "x"}))
    assert {name: result.metrics[name] for name in ("memory_bytes", "threads", "downloads")} == {
        "memory_bytes": 12_000_000_000,
        "threads": 3,
        "downloads": True,
    }


async def test_threads_leave_half_of_the_machine_to_others_unless_set(studio: Path, tools: EngineTools) -> None:
    frame = EngineCase(painting(tools, {"text_to_image": str(studio / "paint")}), tools, "text_to_image", {}, {}, [])
    result, _ = await made(frame, await prepared(frame, {"prompt": "x"}))
    assert result.metrics["threads"] == max(1, len(os.sched_getaffinity(0)) // 2)


async def test_the_status_tells_what_is_loaded_and_when_a_model_is_gone(
    studio: Path, tools: EngineTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"{name}-1")
    handler: Any = painting(tools, {"text_to_image": str(studio / "paint")})
    frame = EngineCase(handler, tools, "text_to_image", {}, {}, [])
    assert (await handler.status()).details["loaded"] == []
    await made(frame, await prepared(frame, {"prompt": "x"}))
    status = await handler.status()
    assert status.up
    assert status.details["loaded"] == [{"name": "paint", "size_bytes": 1}]
    assert str(studio) not in json.dumps(status.details)
    (studio / "paint" / "model_index.json").unlink()
    status = await handler.status()
    assert (status.up, status.reason) == (False, "the model for text_to_image is no longer where it was")


async def test_a_child_that_was_killed_is_told_and_the_next_task_gets_another(
    studio: Path, site: Path, tools: EngineTools
) -> None:
    (site / "studio_paint" / "job.py").write_text(
        JOB.replace("    params = ", "    if arguments['params']['prompt'] == 'die':\n        import os, signal\n"
                    f"        os.kill(os.getpid(), {signal.SIGKILL.value})\n    params = ", 1)
    )  # fmt: skip
    frame = EngineCase(painting(tools, {"text_to_image": str(studio / "paint")}), tools, "text_to_image", {}, {}, [])
    with pytest.raises(HandlerError, match="may have run out of memory") as killed:
        await made(frame, await prepared(frame, {"prompt": "die"}))
    assert killed.value.retryable
    await made(frame, await prepared(frame, {"prompt": "live"}), attempt=2)


# --- settings ------------------------------------------------------------------------------------------------------


async def test_it_is_off_where_no_model_is_set(studio: Path, tools: EngineTools) -> None:
    with pytest.raises(EngineNotConfiguredError, match=r"^set BACKEND_DIFFUSERS_MODELS$"):
        make(replace(tools, settings=EngineSettings("diffusers", {})))


@pytest.mark.parametrize("missing", ["torch", "diffusers", "safetensors"])
async def test_a_missing_extra_is_one_line_that_says_what_to_install(
    missing: str, studio: Path, tools: EngineTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    words = rf"^install auteur\[diffusers\]: there is no module {missing}$"
    with pytest.raises(EngineNotConfiguredError, match=words):
        make(replace(tools, settings=EngineSettings("diffusers", {})))
    with pytest.raises(EngineSettingError, match=words):
        make(given(tools, {"text_to_image": str(studio / "paint")}))


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ("{", "Invalid JSON"),
        ("[]", "should be an object"),
        ({"text_to_music": "x/y"}, "text_to_music: Input should be"),
        ({"text_to_image": {"model": "x/y", "dtype": "int8"}}, "text_to_image.dtype: Input should be"),
        ({"text_to_image": {"model": "x/y", "controlnet": {"smell": "z"}}}, "controlnet.smell: Input should be"),
        ({"text_to_image": {"model": "x/y", "device": "tpu"}}, "text_to_image.device: "),
        ({"text_to_image": {"weights": "x/y"}}, "text_to_image.model: Field required"),
        ({"text_to_image": "/nowhere"}, "text_to_image: the model is no directory here"),
        ({"text_to_image": "{models}"}, "holds no model of diffusers"),
        ({"text_to_image": "{models}/broken"}, "cannot be read"),
        ({"text_to_image": "{models}/own"}, "a pipeline of its own code"),
        ({"text_to_image": "{models}/unheard"}, "a pipeline that the installed diffusers does not have"),
        ({"upscale": "{models}/paint"}, "a pipeline that takes no picture"),
        (
            {"image_to_video": {"model": "{models}/film", "presets": {"draft": {"strength": 0.5}}}},
            "a preset draft with strength, which its pipeline does not take",
        ),
        ({"upscale": {"model": "{models}/enlarge", "presets": {"draft": {"steps": 0}}}}, "presets.draft.steps: Input"),
        ({"image_to_video": {"model": "{models}/film", "controlnet": {"depth": "x/y"}}}, "no pipeline that takes one"),
        ({"image_to_video": {"model": "{models}/film", "ip_adapter": {"path": "x/y"}}}, "a pipeline that takes none"),
    ],
)
async def test_a_wrong_setting_is_told_in_one_line_that_does_not_repeat_it(
    models: Any, problem: str, studio: Path, tools: EngineTools
) -> None:
    model(studio / "own", ["pipeline", "Mine"])
    (studio / "broken").mkdir()
    (studio / "broken" / "model_index.json").write_text("{")
    said = models if isinstance(models, str) else json.dumps(models).replace("{models}", str(studio))
    with pytest.raises(EngineSettingError) as refused:
        make(given(tools, said))
    assert refused.value.name == "DIFFUSERS_MODELS"
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(studio) not in str(refused.value)
    assert "/nowhere" not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("memory", "much"), ("memory", "0"), ("threads", "0"), ("downloads", "?")])
async def test_a_number_that_is_none_is_refused_by_name(
    name: str, value: str, studio: Path, tools: EngineTools
) -> None:
    with pytest.raises(EngineSettingError) as refused:
        make(given(tools, {"text_to_image": str(studio / "paint")}, **{name: value}))
    assert refused.value.name == f"DIFFUSERS_{name.upper()}"
