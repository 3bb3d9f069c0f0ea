"""diffusers for real: the pipelines' own classes with weights so small that a processor runs them in a blink."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import av
import pytest
import pytest_asyncio
from PIL import Image

from auteur.adapters.engines.diffusers.handler import DiffusersHandler
from auteur.adapters.engines.diffusers.plugin import read_offers
from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineSettingError, EngineSettings, EngineTools
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import HandlerError
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, RecordingContext, made, prepared, take_in
from tests.e2e.studio import Service
from tests.engines import planted_seeds as planted
from tests.engines.conftest import importable

pytestmark = pytest.mark.asyncio(loop_scope="module")
REAL, PLANTED = "auteur.adapters.engines.diffusers.generate:generate", "tests.engines.planted:generate"
TYPES = ("text_to_image", "image_to_image", "image_to_video", "upscale")
_HOME = Path(__file__).parents[2]


class WarmProcesses(EngineProcesses):
    """Gives every engine the same children: importing torch takes ten seconds, and there are many tests."""

    def apart(self, *, at_most: int, stop_grace_s: float) -> EngineProcesses:
        return self._apart[0] if self._apart else super().apart(at_most=at_most, stop_grace_s=stop_grace_s)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny models, made in a process of its own."""
    importable("torch", "diffusers", "transformers")
    folder = tmp_path_factory.mktemp("models")
    made_them = subprocess.run(
        [sys.executable, "-m", "tests.engines.tiny", str(folder)],
        cwd=_HOME, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made_them.returncode == 0, made_them.stderr
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def warm() -> AsyncIterator[WarmProcesses]:
    async with WarmProcesses(max_idle=1) as processes:
        yield processes


Engine = Callable[..., tuple[DiffusersHandler, EngineTools]]


@pytest.fixture
def engine(tiny: Path, warm: WarmProcesses, tmp_path: Path) -> Engine:
    """Makes the engine; ``models`` by task type, all of the tiny ones unless given; on the processor, unless they say
    otherwise: `test_diffusers_cuda` is of the other kind."""

    def make(
        models: Mapping[str, Any] | None = None, *, job: str = REAL, processes: EngineProcesses = warm, **settings: str
    ) -> tuple[DiffusersHandler, EngineTools]:
        models = models or {"text_to_image": str(tiny / "sd"), "image_to_image": str(tiny / "sd"),
                            "image_to_video": str(tiny / "svd"), "upscale": str(tiny / "upscale")}  # fmt: skip
        models = {name: {"device": "cpu", **(model if isinstance(model, dict) else {"model": model})}
                  for name, model in models.items()}  # fmt: skip
        said = {"diffusers_models": json.dumps(models), **{f"diffusers_{name}": v for name, v in settings.items()}}
        tools = EngineTools(
            processes, WorkspaceArtifactStore(tmp_path / "workspace"), EngineSettings("diffusers", said)
        )
        known = tools.settings.read(DiffusersSettings)
        return DiffusersHandler(read_offers(known), tools, known, job=job), tools

    return make


@pytest_asyncio.fixture(loop_scope="module")
async def still(engine: Engine, tmp_path: Path) -> str:
    Image.radial_gradient("L").convert("RGB").resize((96, 64)).save(tmp_path / "still.png")
    return await take_in(engine()[1], tmp_path / "still.png")


def asked_of(task_type: str, still: str) -> dict[str, Any]:
    return {
        "text_to_image": {"prompt": "a lighthouse", "steps": 4, "width_px": 64, "height_px": 64},
        "image_to_image": {"prompt": "at night", "source_image": still, "steps": 4, "width_px": 96, "height_px": 64},
        "image_to_video": {"source_image": still, "steps": 2, "frames": 3, "width_px": 64, "height_px": 64},
        "upscale": {"source_image": still, "steps": 2},
    }[task_type]


def case_of(handler: DiffusersHandler, tools: EngineTools, task_type: str = "text_to_image") -> EngineCase:
    return EngineCase(handler, tools, task_type, {}, {}, [])


async def painted(case: EngineCase, attempt: int = 1, **params: Any) -> tuple[Any, RecordingContext]:
    """A small picture of the words, or whatever else is asked."""
    asked = {"prompt": "a lighthouse", "steps": 3, "width": 64, "height": 64, "seed": 7, **params}
    return await made(case, await prepared(case, asked), attempt)


def pixels_of(context: RecordingContext) -> bytes:
    with Image.open(context.directory / "frame.png.partial") as picture:
        return picture.tobytes()


def children() -> set[int]:
    """The processes that run jobs for this one."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {int(pid) for pid in listed if b"adapters.engines.child" in Path(f"/proc/{pid}/cmdline").read_bytes()}


# --- the contract, and the service's own way ----------------------------------------------------------------------


@pytest.mark.parametrize("task_type", TYPES)
@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract_holds_for_the_real_thing(
    check: EngineCheck, task_type: str, engine: Engine, still: str
) -> None:
    handler, tools = engine()
    params = asked_of(task_type, still)
    long = {**params, "steps": 200}
    if task_type != "upscale":
        long |= {"width_px": 256, "height_px": 256}
    refused = [{}, {**params, "steps": 0}, {**params, "colour": "red"}, {**params, "seed": -1}]
    if task_type == "text_to_image":
        refused += [{**params, "width": 65}, {**params, "prompt": ""}]
    else:
        refused += [{**params, "source_image": "nothing.png"}]
    await check(EngineCase(handler, tools, task_type, params, long, refused))


async def test_all_four_go_through_the_service_from_the_request_to_the_file(
    tiny: Path, tmp_path: Path, still_file: Path
) -> None:
    models = {"text_to_image": str(tiny / "sd"), "image_to_image": str(tiny / "sd"),
              "image_to_video": str(tiny / "svd"), "upscale": str(tiny / "upscale")}  # fmt: skip
    service = await Service(
        tmp_path, engines="diffusers", diffusers_models=json.dumps(models), engine_priority="normal"
    ).start()
    try:
        async with service.socket() as socket, service.http() as http:
            first = await socket.ending(
                await socket.start({"prompt": "a lighthouse", "steps": 4, "width": 64, "height": 64}), 120
            )
            assert first["type"] == "complete", (first, service.log)
            assert first["result"]["engine"] == "diffusers"
            (frame,) = first["result"]["artifacts"]
            ends = {}
            for task_type in TYPES[1:]:
                params = {**asked_of(task_type, ""), "source_image": frame["url"]}
                ends[task_type] = await socket.ending(await socket.start(params, task_type=task_type), 120)
                assert ends[task_type]["type"] == "complete", (ends[task_type], service.log)
            shot, poster = ends["image_to_video"]["result"]["artifacts"]
            with av.open(str(service.workspace / shot["path"])) as container:
                stream = container.streams.video[0]
                assert (stream.frames, stream.width, stream.height) == (3, 64, 64)
                assert stream.codec_context.colorspace == 1
            assert poster["media_type"] == "image/jpeg"
            (large,) = ends["upscale"]["result"]["artifacts"]
            assert (large["width_px"], large["height_px"]) == (256, 256)
            assert (await http.get(large["url"])).status_code == 200
            stages = {message.get("stage") for message in socket.heard if message["type"] == "progress"}
            assert {"loading", "sampling"} <= stages
        assert "Traceback" not in service.log
    finally:
        assert await service.stop() == 0


@pytest.fixture
def still_file(tmp_path: Path) -> Path:
    path = tmp_path / "source.png"
    Image.radial_gradient("L").convert("RGB").save(path)
    return path


# --- steps, previews, seeds ---------------------------------------------------------------------------------------


async def test_every_step_is_told_and_previews_are_pictures_of_the_frames_shape(engine: Engine) -> None:
    case = case_of(*engine())
    _, context = await painted(case, steps=150, width=256, height=128)
    shares = [share for share, _ in context.reports]
    assert len(set(shares)) >= 150
    previews = [name for _, name in context.reports if name]
    assert previews
    with Image.open(context.directory / previews[-1]) as picture:
        assert picture.width / picture.height == 2


async def test_a_seed_gives_the_same_picture_in_another_process(engine: Engine) -> None:
    _, here = await painted(case_of(*engine()))
    async with EngineProcesses(max_idle=1) as others:
        _, there = await painted(case_of(*engine(processes=others)), attempt=2)
    _, other_seed = await painted(case_of(*engine()), attempt=3, seed=8)
    assert pixels_of(here) == pixels_of(there) != pixels_of(other_seed)


async def test_image_to_image_does_as_many_steps_as_the_strength_leaves(engine: Engine, still: str) -> None:
    case = case_of(*engine(), "image_to_image")
    result, _ = await painted(case, source_image=still, steps=10, strength=0.5)
    assert result.metrics["steps"] == 5


async def test_a_film_says_how_many_frames_the_pipeline_made(engine: Engine, tiny: Path, still: str) -> None:
    importable("ftfy")  # Wan's pipelines want it, and come without
    case = case_of(*engine({"image_to_video": {"model": str(tiny / "wan"), "fps": 8}}), "image_to_video")
    result, context = await made(
        case, await prepared(case, {"source_image": still, "steps": 2, "frames": 8, "width": 32, "height": 32})
    )
    assert result.metrics["frames"] == result.understood["frames"] == 9  # it makes four for each and one
    with av.open(str(context.directory / "shot.mp4.partial")) as container:
        assert container.streams.video[0].frames == 9
    assert result.drafts[0].duration_s == 9 / 8


# --- stopping, dying, threads -------------------------------------------------------------------------------------


LONG = {"steps": 200, "width": 256, "height": 256}


async def in_the_middle(attempt: Path) -> None:
    """Returns when a preview shows that steps are being made."""
    async with asyncio.timeout(120):
        while not list(attempt.glob("preview-*")):
            await asyncio.sleep(0.01)


async def test_a_cancelled_task_stops_between_two_steps_and_the_model_stays_loaded(
    engine: Engine, tmp_path: Path
) -> None:
    case = case_of(*engine())
    await painted(case)
    before = children()
    attempt = tmp_path / "workspace" / "contract" / "t-1" / "2"
    work = asyncio.create_task(painted(case, attempt=2, **LONG))
    await in_the_middle(attempt)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not list(attempt.glob("frame*"))
    assert children() == before
    result, _ = await painted(case, attempt=3)
    assert result.metrics["load_s"] < 0.1
    assert children() == before


async def test_a_child_that_is_killed_in_the_middle_is_told_as_such_and_the_next_task_works(
    engine: Engine, tmp_path: Path
) -> None:
    async with EngineProcesses(max_idle=1) as own:
        case = case_of(*engine(processes=own))
        known = children()
        attempt = tmp_path / "workspace" / "contract" / "t-1" / "1"
        work = asyncio.create_task(painted(case, **LONG))
        await in_the_middle(attempt)
        (child,) = children() - known
        os.kill(child, 9)
        with pytest.raises(
            HandlerError, match="was killed while it worked; the machine may have run out of memory"
        ) as lost:
            await work
        assert lost.value.retryable
        assert not list(attempt.glob("frame*"))
        await painted(case, attempt=2)


async def test_threads_are_no_more_than_were_set(engine: Engine) -> None:
    case = case_of(*engine(threads="1"))
    await painted(case)
    before = {pid: _cpu_s(pid) for pid in children()}
    result, _ = await painted(case, steps=60, width=256, height=256)
    used = max(_cpu_s(pid) - before[pid] for pid in children())
    assert result.metrics["threads"] == 1
    assert used <= result.metrics["total_s"] * 1.2 + 0.1


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- models -------------------------------------------------------------------------------------------------------


async def loaded(handler: DiffusersHandler) -> list[str]:
    return [model["name"] for model in (await handler.status()).details["loaded"]]


async def test_the_model_used_longest_ago_makes_room(engine: Engine, still: str) -> None:
    handler, tools = engine(memory="14MB")  # sd takes 4.3, upscale 4.8, svd 8.1
    for attempt, (task_type, held) in enumerate(
        [
            ("text_to_image", ["sd"]),
            ("upscale", ["sd", "upscale"]),
            ("image_to_image", ["upscale", "sd"]),  # the same weights as the first
            ("image_to_video", ["sd", "svd"]),
            ("upscale", ["svd", "upscale"]),
        ],
        1,
    ):
        case = case_of(handler, tools, task_type)
        await made(case, await prepared(case, asked_of(task_type, still)), attempt)
        assert (await loaded(handler))[-len(held) :] == held, (await handler.status()).details["loaded"]
        held_bytes = sum(model["size_bytes"] for model in (await handler.status()).details["loaded"])
        assert held_bytes <= 14_000_000


async def test_a_model_larger_than_all_that_is_allowed_is_refused_before_it_is_loaded(engine: Engine) -> None:
    case = case_of(*engine(memory="1MB"))
    with pytest.raises(HandlerError, match=r"sd takes 0\.00\d+ GB; models may take 0\.001 GB here") as refused:
        await painted(case)
    assert refused.value.details["reason"] == "model_too_large"
    assert refused.value.details["model_bytes"] == pytest.approx(4_335_412, rel=0.01)


async def test_a_name_on_the_hub_is_looked_for_on_this_machine_unless_fetching_is_allowed(engine: Engine) -> None:
    models = {"text_to_image": "nobody-of-this-name/nothing"}
    with pytest.raises(
        EngineSettingError, match="is not on this machine; fetch it, or set BACKEND_DIFFUSERS_DOWNLOADS"
    ):
        engine(models)
    handler, _ = engine(models, downloads="true")
    (task_type,) = handler.task_types  # everything, since nobody knows its pipeline yet
    assert {"prompt", "steps", "width_px", "guidance_scale"} <= set(task_type.params_schema["properties"])


async def test_half_the_width_takes_half_the_memory(engine: Engine, tiny: Path) -> None:
    model = {"model": str(tiny / "sd"), "dtype": "bfloat16"}
    result, _ = await painted(case_of(*engine({"text_to_image": model})))
    assert result.metrics["model_bytes"] == pytest.approx(4_335_412 / 2, rel=0.02)
    assert result.metrics["dtype"] == "bfloat16"


async def test_another_scheduler_may_be_set_for_one_task_type(engine: Engine, tiny: Path, still: str) -> None:
    handler, tools = engine({"text_to_image": {"model": str(tiny / "sd"), "scheduler": "EulerDiscreteScheduler"},
                             "image_to_image": str(tiny / "sd")})  # fmt: skip
    _, euler = await painted(case_of(handler, tools))
    again = case_of(handler, tools, "image_to_image")
    await made(again, await prepared(again, asked_of("image_to_image", still)), 2)
    _, ddim = await painted(case_of(*engine()), attempt=3)
    assert pixels_of(euler) != pixels_of(ddim)


async def test_a_control_pass_and_its_scale_change_the_picture(engine: Engine, tiny: Path, still: str) -> None:
    nets = {"depth": str(tiny / "controlnet"), "pose": str(tiny / "controlnet")}
    case = case_of(*engine({"text_to_image": {"model": str(tiny / "sd"), "controlnet": nets}}))
    seen = []
    for attempt, params in enumerate(
        [{}, {"control_depth": still}, {"control_depth": still, "control_scale": 0.0},
         {"control_depth": still, "control_pose": still}], 1,
    ):  # fmt: skip
        result, context = await painted(case, attempt, **params)
        seen.append(pixels_of(context))
    assert result.metrics["pipeline"] == "StableDiffusionControlNetPipeline"
    plain, depth, silent, both = seen
    assert plain == silent
    assert len({plain, depth, both}) == 3


async def test_a_picture_to_take_after_changes_the_picture_and_none_counts_for_nothing(
    engine: Engine, tiny: Path, still: str
) -> None:
    adapter = {"path": str(tiny / "adapter")}
    case = case_of(*engine({"text_to_image": {"model": str(tiny / "sd"), "ip_adapter": adapter}}))
    _, with_picture = await painted(case, ip_adapter_image=still, ip_adapter_scale=1.0)
    _, without = await painted(case, attempt=2)
    _, plain = await painted(case_of(*engine()), attempt=3)
    assert pixels_of(without) == pixels_of(plain) != pixels_of(with_picture)


def _cut_short(model: Path) -> None:
    weights = model / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def _without_vae(model: Path) -> None:
    shutil.rmtree(model / "vae")


def _without_weights(model: Path) -> None:
    (model / "text_encoder" / "model.safetensors").unlink()


@pytest.mark.parametrize(("harm", "part"), [(_cut_short, "unet"), (_without_vae, "vae"), (_without_weights, "")])
async def test_a_broken_model_is_told_without_its_path_and_the_engine_goes_on(
    harm: Callable[[Path], None], part: str, engine: Engine, tiny: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny / "sd", broken)
    harm(broken)
    with pytest.raises(
        HandlerError, match=r"^broken cannot be loaded: a file of it.* is missing or damaged"
    ) as refused:
        await painted(case_of(*engine({"text_to_image": str(broken)})))
    assert part in refused.value.message
    assert str(tmp_path) not in json.dumps([refused.value.message, refused.value.details])
    assert refused.value.__cause__ is not None  # for operators
    await painted(case_of(*engine()), attempt=2)


async def test_a_device_that_is_not_there_is_told(engine: Engine, tiny: Path) -> None:
    probe = subprocess.run(
        [sys.executable, "-c", "import torch; print(torch.cuda.is_available())"], capture_output=True, check=True
    )
    if probe.stdout.strip() == b"True":
        pytest.skip("there is a CUDA device here")
    with pytest.raises(HandlerError, match="device that this model is set to run on is not there"):
        await painted(case_of(*engine({"text_to_image": {"model": str(tiny / "sd"), "device": "cuda"}})))


# --- what goes wrong while it computes ----------------------------------------------------------------------------


async def test_out_of_memory_once_it_makes_room_and_tries_again(engine: Engine, still: str) -> None:
    handler, tools = engine(job=PLANTED)
    other = case_of(handler, tools, "upscale")
    await made(other, await prepared(other, asked_of("upscale", still)))
    assert "upscale" in await loaded(handler)
    result, context = await painted(case_of(handler, tools), attempt=2, seed=planted.ONCE_OUT_OF_MEMORY)
    assert result.metrics["steps"] == 3
    assert await loaded(handler) == ["sd"]
    shares = [share for share, _ in context.reports]
    assert shares == sorted(shares)


@pytest.mark.parametrize("seed", [planted.ALWAYS_OUT_OF_MEMORY, planted.TOO_LARGE])
async def test_out_of_memory_twice_it_says_what_there_is_and_what_would_fit(seed: int, engine: Engine) -> None:
    handler, tools = engine(job=PLANTED)
    before = children()
    await painted(case_of(handler, tools), seed=planted.TAKES_MUCH)
    with pytest.raises(HandlerError, match=r"^Out of memory: the model takes 4\.3 MB of the machine's") as refused:
        await painted(case_of(handler, tools), attempt=2, seed=seed, width=1024, height=512, steps=1)
    details = refused.value.details
    assert details["reason"] == "out_of_memory"
    assert details["model_bytes"] == pytest.approx(4_335_412, rel=0.01)
    assert details["asked_bytes"] == {planted.ALWAYS_OUT_OF_MEMORY: int(2.5 * 2**30), planted.TOO_LARGE: 1 << 46}[seed]
    size = details["would_fit"]
    each = planted.SHARE_OF_MACHINE * details["total_bytes"]  # what a pixel was said to take
    assert size["width_px"] * size["height_px"] * each < details["free_bytes"] * 1.1
    assert size["width_px"] / size["height_px"] == pytest.approx(2, abs=0.2)
    assert size["width_px"] % 8 == 0
    assert not refused.value.retryable
    await painted(case_of(handler, tools), attempt=3)
    assert children() != before  # what held the memory is gone for sure


async def test_nothing_is_said_to_fit_where_nobody_has_seen_what_such_work_takes(engine: Engine) -> None:
    with pytest.raises(HandlerError, match="A smaller size, fewer frames, or dtype float16 takes less") as refused:
        await painted(case_of(*engine(job=PLANTED)), seed=planted.ALWAYS_OUT_OF_MEMORY, width=1024, height=1024)
    assert "would_fit" not in refused.value.details


async def test_who_has_no_memory_left_is_understood_in_the_drivers_words_too(engine: Engine) -> None:
    handler, tools = engine(job=PLANTED)
    with pytest.raises(HandlerError, match="Out of memory") as refused:
        await painted(case_of(handler, tools), seed=planted.DRIVER_OUT_OF_MEMORY)
    assert refused.value.details["reason"] == "out_of_memory"
    assert not refused.value.retryable


async def test_a_model_that_finds_no_memory_has_that_of_the_others_for_one_more_try(engine: Engine, still: str) -> None:
    handler, tools = engine(job=PLANTED)
    other = case_of(handler, tools, "upscale")
    await made(other, await prepared(other, asked_of("upscale", still)))
    await painted(case_of(handler, tools), attempt=2, seed=planted.LOADS_ONLY_ALONE)
    assert await loaded(handler) == ["sd"]
    with pytest.raises(HandlerError, match=r"^There is not enough memory to load upscale: it takes 4") as refused:
        await made(other, await prepared(other, asked_of("upscale", still) | {"seed": planted.LOADS_NEVER}), 3)
    assert refused.value.details["reason"] == "out_of_memory"
    assert refused.value.details["model_bytes"] > 4_000_000
    await made(other, await prepared(other, asked_of("upscale", still)), 4)


async def test_what_is_no_number_is_no_picture(engine: Engine) -> None:
    with pytest.raises(HandlerError, match="computed no picture") as refused:
        await painted(case_of(*engine(job=PLANTED)), seed=planted.NO_NUMBER)
    assert "float32" in refused.value.message


async def test_a_device_that_fails_is_given_up_with_its_process_and_the_task_tried_again(engine: Engine) -> None:
    handler, tools = engine(job=PLANTED)
    await painted(case_of(handler, tools))
    before = children()
    with pytest.raises(HandlerError, match="The device failed") as lost:
        await painted(case_of(handler, tools), attempt=2, seed=planted.DEVICE_LOST)
    assert lost.value.retryable
    await painted(case_of(handler, tools), attempt=3)
    assert children().isdisjoint(before)
