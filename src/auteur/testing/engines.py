"""The contract of an engine, as checks that any test framework can run. With pytest and pytest-asyncio:

    @pytest.fixture
    async def case(tmp_path):
        async with engine_tools(tmp_path) as tools:
            yield EngineCase(make(tools), tools, "matte", params={…}, long={…}, refused=[{}, …])

    @pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
    async def test_our_engine_keeps_the_contract(case, check):
        await check(case)

A check raises AssertionError, with words that say what was broken.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineTools
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX, HandlerResult, TaskHandler
from auteur.domain.task import Task, TaskRequest, TaskStatus, TaskType

PROJECT_ID, TASK_ID = "contract", "t-1"
_PRESET = {"steps": 4, "width_px": 96, "height_px": 96}
_BEGINS_WITHIN_S = 30.0
_STOPS_WITHIN_S = 10.0
"""The cancel grace that a service allows unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class EngineCase:
    """An engine with what it takes, and what it must refuse.

    ``params``: a small task, a second or less; ``long``: one that takes many seconds, to be stopped; ``refused``:
    params that `check` or `prepare` must refuse. The presets' parameters (``steps``, ``width_px``, ``height_px``) are
    filled in where the engine takes them. ``repeats``: how often a task is made to see that it comes out the same.
    """

    handler: TaskHandler
    tools: EngineTools
    task_type: str
    params: Mapping[str, Any]
    long: Mapping[str, Any]
    refused: Sequence[Mapping[str, Any]]
    repeats: int = 3


@dataclass
class RecordingContext:
    """`TaskContext` that writes everything down. ``begun`` is set at the first report. ``stages``: in order."""

    directory: Path
    reports: list[tuple[float, str | None]] = field(default_factory=list)
    stages: list[str | None] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def report(
        self, progress: float, *, stage: str | None = None, message: str | None = None, preview: str | None = None
    ) -> None:
        self.reports.append((progress, preview))
        self.stages.append(stage)
        self.begun.set()
        if preview:
            with Image.open(self.directory / preview) as picture:
                picture.load()  # whole, as soon as it is told of


@asynccontextmanager
async def engine_tools(workspace: Path) -> AsyncIterator[EngineTools]:
    """Real tools on a workspace of the test's own."""
    async with EngineProcesses(max_idle=1) as processes:
        yield EngineTools(processes, WorkspaceArtifactStore(workspace))


async def take_in(tools: EngineTools, picture: Path) -> str:
    """Brings a picture into the project that the checks work in; returns its path for parameters."""

    async def chunks() -> AsyncIterator[bytes]:
        yield await asyncio.to_thread(picture.read_bytes)

    return await tools.artifacts.receive(PROJECT_ID, chunks(), picture.suffix)


async def prepared(case: EngineCase, params: Mapping[str, Any]) -> dict[str, Any]:
    """The effective parameters, as the service comes to them. Raises `InvalidParamsError`."""
    given = case.handler.check(case.task_type, params)
    preset = {name: _PRESET[name] for name in _task_type(case).preset_parameters}
    origins = {**dict.fromkeys(preset, "preset"), **dict.fromkeys(given, "caller")}
    return dict(await case.handler.prepare(case.task_type, PROJECT_ID, {**preset, **given}, origins))


async def made(case: EngineCase, params: Mapping[str, Any], attempt: int = 1) -> tuple[HandlerResult, RecordingContext]:
    """Runs one attempt with effective parameters."""
    context = RecordingContext(await case.tools.artifacts.begin(PROJECT_ID, TASK_ID, attempt))
    return await case.handler.run(_task(case, params), context), context


async def it_says_what_it_makes(case: EngineCase) -> None:
    task_type = _task_type(case)
    properties = set(task_type.params_schema["properties"])
    assert task_type.engine, "a result must say which engine made it"
    assert task_type.summary, "a catalogue must say what it makes"
    assert properties >= set(case.params), f"undeclared parameters: {set(case.params) - properties}"
    assert properties >= task_type.preset_parameters, "what a preset fills in must be a parameter"
    assert task_type.preset_parameters <= set(_PRESET), "a preset knows steps, width_px and height_px"
    assert task_type.params_schema["additionalProperties"] is False, "unknown parameters must be refused"


async def progress_ascends_and_previews_are_whole_pictures(case: EngineCase) -> None:
    _, context = await made(case, await prepared(case, case.params))
    shares = [share for share, _ in context.reports]
    assert shares, "nothing was reported"
    assert shares == sorted(shares), f"progress fell: {shares}"
    assert all(0 <= share <= 1 for share in shares), f"progress is a share from 0.0 to 1.0: {shares}"


async def what_it_made_is_there_as_it_says(case: EngineCase) -> None:
    result, context = await made(case, await prepared(case, case.params))
    assert result.drafts, "a task makes at least one file"
    for draft in result.drafts:
        path = context.directory / f"{draft.name}{DRAFT_SUFFIX}"
        assert path.is_file(), f"{path.name} is missing"
        assert path.stat().st_size > 0, f"{path.name} is empty"
        assert not (context.directory / draft.name).exists(), "no final name before the attempt has won"
        if draft.kind == "image":
            with Image.open(path) as picture:
                assert picture.size == (draft.width_px, draft.height_px), f"{draft.name} is {picture.size}"


async def the_same_parameters_make_the_same_files(case: EngineCase) -> None:
    params = await prepared(case, case.params)
    digests = set()
    for attempt in range(1, case.repeats + 1):
        result, context = await made(case, params, attempt)
        files = [(context.directory / f"{draft.name}{DRAFT_SUFFIX}").read_bytes() for draft in result.drafts]
        digests.add(tuple(hashlib.sha256(data).hexdigest() for data in files))
    assert len(digests) == 1, "the same effective parameters gave different files"


async def effective_parameters_are_plain_complete_and_stay_as_they_are(case: EngineCase) -> None:
    once = await prepared(case, case.params)
    assert _task_type(case).preset_parameters <= set(once), "what the preset gave must be among them"
    assert None not in once.values(), "what is absent is left out"
    assert json.loads(json.dumps(once, allow_nan=False)) == once, "they must be plain JSON"
    assert await prepared(case, once) == once, "given its own answer again it must answer the same"
    if "seed" in _task_type(case).params_schema["properties"]:
        assert "seed" in once, "a seed that nobody chose is drawn and recorded"
        drawn = {(await prepared(case, case.params))["seed"] for _ in range(5)}
        assert len(drawn) > 1 or "seed" in case.params, "every task without a seed gets one of its own"


async def it_guesses_longer_for_more_work(case: EngineCase) -> None:
    small = case.handler.estimate_s(case.task_type, await prepared(case, case.params))
    large = case.handler.estimate_s(case.task_type, await prepared(case, case.long))
    assert (small is None) == (large is None), "either it can guess or it cannot"
    if small is not None and large is not None:
        assert 0 < small < large, f"{small} s for little work, {large} s for much"


async def what_it_cannot_use_is_refused_by_field(case: EngineCase) -> None:
    assert case.refused, "say what it refuses"
    for params in case.refused:
        try:
            await prepared(case, params)
        except InvalidParamsError as refused:
            problems = refused.details["problems"]
            assert problems, f"no problem is told for {params}"
            assert all(problem["field"] and problem["message"] for problem in problems), params
        else:
            raise AssertionError(f"accepted: {params}")


async def stopping_it_stops_the_real_work_and_leaves_no_final_file(case: EngineCase) -> None:
    params = await prepared(case, case.long)
    context = RecordingContext(await case.tools.artifacts.begin(PROJECT_ID, TASK_ID, 1))
    work = asyncio.create_task(case.handler.run(_task(case, params), context))
    begun = asyncio.create_task(context.begun.wait())
    await asyncio.wait({work, begun}, timeout=_BEGINS_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    assert context.begun.is_set(), "it reports nothing when it begins"
    assert not work.done(), "`long` was over before it could be stopped"
    work.cancel()
    await asyncio.wait({work}, timeout=_STOPS_WITHIN_S)
    assert work.done(), "it did not stop within the grace"
    with suppress(asyncio.CancelledError):
        work.result()
        raise AssertionError("it must raise CancelledError when it is stopped")
    before = _state(context)
    await asyncio.sleep(0.3)  # work that goes on behind our back would show
    assert _state(context) == before, "it goes on after it was stopped"
    partial = [name for name, _ in before[1] if name.endswith(DRAFT_SUFFIX)]
    finals = {name.removesuffix(DRAFT_SUFFIX) for name in partial} & {name for name, _ in before[1]}
    assert not finals, f"no final name before the attempt has won: {finals}"


EngineCheck = Callable[[EngineCase], Awaitable[None]]
ENGINE_CHECKS: tuple[EngineCheck, ...] = (
    it_says_what_it_makes,
    progress_ascends_and_previews_are_whole_pictures,
    what_it_made_is_there_as_it_says,
    the_same_parameters_make_the_same_files,
    effective_parameters_are_plain_complete_and_stay_as_they_are,
    it_guesses_longer_for_more_work,
    what_it_cannot_use_is_refused_by_field,
    stopping_it_stops_the_real_work_and_leaves_no_final_file,
)
"""All of the contract; each is independent of the others."""


def _task_type(case: EngineCase) -> TaskType:
    for task_type in case.handler.task_types:
        if task_type.name == case.task_type:
            return task_type
    raise AssertionError(f"the engine does not offer {case.task_type}")


def _task(case: EngineCase, params: Mapping[str, Any]) -> Task:
    request = TaskRequest(
        task_type=case.task_type,
        quality="draft",
        params=params,
        origins=dict.fromkeys(params, "caller"),
        lane="interactive",
        timeout_s=300.0,
        message_id="m-1",
        fingerprint="f-1",
        queue_position=1,
    )
    return Task(
        task_id=TASK_ID,
        project_id=PROJECT_ID,
        request=request,
        metadata={},
        status=TaskStatus.RUNNING,
        queued_at=datetime.now(UTC),
        queued_seq=1,
        attempt=1,
    )


def _state(context: RecordingContext) -> tuple[int, list[tuple[str, int]]]:
    files = sorted((path.name, path.stat().st_size) for path in context.directory.iterdir())
    return len(context.reports), files
