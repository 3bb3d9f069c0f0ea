"""What every engine promises, tried on the real ones."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from auteur.adapters.engines.previs.animatic import AnimaticHandler, MoveParameters
from auteur.adapters.engines.previs.motion.move import EASE_NAMES, MOVE_NAMES
from auteur.adapters.engines.previs.storyboard import StoryboardHandler
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX, HandlerResult, TaskHandler
from auteur.domain.task import Task, TaskStatus
from tests.fakes import START, a_request

PRESET = {"steps": 4, "width_px": 96, "height_px": 96}
FROM_PRESET = dict.fromkeys(PRESET, "preset")


@dataclass
class Engine:
    """A handler with what it takes, and what it must refuse."""

    handler: TaskHandler
    artifacts: WorkspaceArtifactStore
    task_type: str
    params: dict[str, Any]
    long: dict[str, Any]
    refused: list[dict[str, Any]]


@dataclass
class Told:
    """`TaskContext` that writes everything down."""

    directory: Path
    reports: list[tuple[float, str | None]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def report(
        self, progress: float, *, stage: str | None = None, message: str | None = None, preview: str | None = None
    ) -> None:
        self.reports.append((progress, preview))
        self.begun.set()
        if preview:
            with Image.open(self.directory / preview) as picture:
                picture.load()


@pytest.fixture(params=["text_to_image", "image_to_video"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    artifacts = WorkspaceArtifactStore(tmp_path)

    async def still() -> AsyncIterator[bytes]:
        Image.radial_gradient("L").convert("RGB").save(tmp_path / "still.png")
        yield (tmp_path / "still.png").read_bytes()

    path = await artifacts.receive("film", still(), ".png")
    async with EngineProcesses(max_idle=1) as processes:
        if request.param == "text_to_image":
            prompt = {"prompt": "a lighthouse"}
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
                {**prompt, "colour": "red"},
            ]
            yield Engine(StoryboardHandler(processes), artifacts, request.param, prompt, {**prompt, "steps": 200}, bad)
        else:
            source: dict[str, Any] = {"source_image": path}
            bad = [
                {},
                {"source_image": "nothing.png"},
                {"source_image": "../other/uploads/x.png"},
                {**source, "duration_s": 0.4},
                {**source, "duration_s": 61},
                {**source, "fps": 11},
                {**source, "fps": 24.5},
                {**source, "move": "fly"},
                {**source, "width_px": 97},
                {**source, "sound": True},
            ]
            short = {**source, "duration_s": 0.5, "fps": 12}
            yield Engine(
                AnimaticHandler(processes, artifacts),
                artifacts,
                request.param,
                short,
                {**source, "duration_s": 60},
                bad,
            )


async def prepared(engine: Engine, params: dict[str, Any]) -> dict[str, Any]:
    given = engine.handler.check(engine.task_type, params)
    origins = {**FROM_PRESET, **dict.fromkeys(given, "caller")}
    return dict(await engine.handler.prepare(engine.task_type, "film", {**PRESET, **given}, origins))


def a_task(engine: Engine, params: dict[str, Any]) -> Task:
    return Task(
        task_id="t-1",
        project_id="film",
        request=a_request(task_type=engine.task_type, params=params),
        metadata={},
        status=TaskStatus.RUNNING,
        queued_at=START,
        queued_seq=1,
        attempt=1,
    )


async def run(engine: Engine, params: dict[str, Any], attempt: int = 1) -> tuple[HandlerResult, Told]:
    told = Told(await engine.artifacts.begin("film", "t-1", attempt))
    return await engine.handler.run(a_task(engine, params), told), told


async def test_it_says_what_it_makes(engine: Engine) -> None:
    (task_type,) = engine.handler.task_types
    assert task_type.name == engine.task_type
    assert set(task_type.params_schema["properties"]) >= set(engine.params) | task_type.preset_parameters
    assert task_type.params_schema["additionalProperties"] is False


async def test_progress_ascends_and_previews_are_whole_pictures(engine: Engine) -> None:
    _, told = await run(engine, await prepared(engine, {**engine.params, "steps": 12}))
    shares = [share for share, _ in told.reports]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert 0.95 <= shares[-1] <= 1.0
    assert len(shares) >= 6
    if engine.task_type == "text_to_image":
        assert any(preview for _, preview in told.reports)


async def test_what_it_made_is_there_as_it_says(engine: Engine) -> None:
    made, told = await run(engine, await prepared(engine, engine.params))
    assert made.drafts
    for draft in made.drafts:
        assert (told.directory / f"{draft.name}{DRAFT_SUFFIX}").stat().st_size > 0
        assert not (told.directory / draft.name).exists(), "no final name before the attempt has won"
    first = made.drafts[0]
    assert (first.width_px, first.height_px) == (96, 96)


async def test_the_same_parameters_make_the_same_files(engine: Engine) -> None:
    params = await prepared(engine, engine.params)
    digests = []
    for attempt in range(1, 9):  # often enough that chance shows
        made, told = await run(engine, params, attempt)
        digests.append(
            [
                hashlib.sha256((told.directory / f"{draft.name}{DRAFT_SUFFIX}").read_bytes()).hexdigest()
                for draft in made.drafts
            ]
        )
    assert all(digest == digests[0] for digest in digests)


async def test_effective_parameters_are_plain_complete_and_stay_as_they_are(engine: Engine) -> None:
    once = await prepared(engine, engine.params)
    assert {"seed", "steps", "width_px", "height_px"} <= set(once)
    assert None not in once.values()
    assert await prepared(engine, once) == once


async def test_a_seed_is_drawn_when_none_is_given(engine: Engine) -> None:
    assert len({(await prepared(engine, engine.params))["seed"] for _ in range(5)}) == 5


async def test_it_guesses_longer_for_more_work(engine: Engine) -> None:
    small = engine.handler.estimate_s(engine.task_type, await prepared(engine, engine.params))
    large = engine.handler.estimate_s(engine.task_type, await prepared(engine, {**engine.long, "width": 2048}))
    assert small is not None
    assert large is not None
    assert 0 < small < large


async def test_what_it_cannot_use_is_refused_by_field(engine: Engine) -> None:
    for params in engine.refused:
        with pytest.raises(InvalidParamsError) as refused:
            await prepared(engine, params)
        problems = refused.value.details["problems"]
        assert all(problem["field"] and problem["message"] for problem in problems), params


async def test_stopping_it_stops_the_real_work_and_leaves_no_final_file(engine: Engine) -> None:
    params = await prepared(engine, {**engine.long, "width": 512, "height": 512})
    told = Told(await engine.artifacts.begin("film", "t-1", 1))
    work = asyncio.create_task(engine.handler.run(a_task(engine, params), told))
    async with asyncio.timeout(10):
        await told.begun.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    reports = len(told.reports)
    files = {path.name for path in told.directory.iterdir()}
    await asyncio.sleep(0.3)
    assert len(told.reports) == reports
    assert {path.name for path in told.directory.iterdir()} == files, "nothing is written any more"
    assert not files & {"frame.png", "shot.mp4", "poster.jpg"}


async def test_unwanted_props_are_left_out(tmp_path: Path) -> None:
    async with EngineProcesses(max_idle=1) as processes:
        artifacts = WorkspaceArtifactStore(tmp_path)
        frame = Engine(StoryboardHandler(processes), artifacts, "text_to_image", {}, {}, [])
        asked = {"prompt": "a car and a lamp in a street", "steps": 1}
        with_car, _ = await run(frame, await prepared(frame, asked))
        without, _ = await run(frame, await prepared(frame, {**asked, "negative_prompt": "no cars"}))
    assert (with_car.understood["props"], without.understood["props"]) == (["car", "lamp"], ["lamp"])


@pytest.mark.parametrize(
    "reference",
    ["uploads/{name}", "film/uploads/{name}", "/api/v1/projects/film/artifacts/uploads/{name}",
     "http://localhost:8000/api/v1/projects/film/artifacts/uploads/{name}"],
)  # fmt: skip
async def test_a_still_may_be_named_by_url_or_path(tmp_path: Path, reference: str) -> None:
    artifacts = WorkspaceArtifactStore(tmp_path)

    async def still() -> AsyncIterator[bytes]:
        Image.new("RGB", (300, 100)).save(tmp_path / "still.png")
        yield (tmp_path / "still.png").read_bytes()

    path = await artifacts.receive("film", still(), ".png")
    async with EngineProcesses(max_idle=1) as processes:
        shot = Engine(AnimaticHandler(processes, artifacts), artifacts, "image_to_video", {}, {}, [])
        params = await prepared(shot, {"source_image": reference.format(name=path.rpartition("/")[2])})
    assert params["source_image"] == path
    assert abs(params["width_px"] / params["height_px"] - 3) < 0.1


def test_the_moves_that_can_be_asked_for_are_the_moves_that_can_be_made() -> None:
    asked = MoveParameters.model_json_schema()["properties"]
    assert tuple(asked["move"]["anyOf"][0]["enum"]) == MOVE_NAMES
    assert tuple(asked["ease"]["enum"]) == EASE_NAMES
