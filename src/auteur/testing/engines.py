"""The contract of an engine, as checks that any test framework can run. With pytest and pytest-asyncio:

    @pytest.fixture
    async def case(tmp_path):
        async with engine_tools(tmp_path) as tools:
            yield EngineCase(make(tools), tools, "matte", params={…}, long={…}, refused=[{}, …])

    @pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
    async def test_our_engine_keeps_the_contract(case, check):
        await check(case)

A check raises AssertionError, with words that say what was broken.

Long because every check of the contract stands here once, each with the words that say what was broken.
"""

import asyncio
import hashlib
import json
import os
import re
import time
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
from auteur.domain.errors import InvalidParamsError, TaskFailure, UnavailableError
from auteur.domain.ports import DRAFT_SUFFIX, EngineStatus, HandlerResult, TaskHandler
from auteur.domain.task import Task, TaskRequest, TaskStatus, TaskType

PROJECT_ID, TASK_ID = "contract", "t-1"
_PRESET = {"steps": 4, "width_px": 96, "height_px": 96}
_BEGINS_WITHIN_S = 30.0
_STOPS_WITHIN_S = 10.0
"""The cancel grace that a service allows unless it is told otherwise."""
_ANSWERS_WITHIN_S = 2.0
_WATCHED_S, _BUSY_S = 0.6, 0.06
_NOT_WORDS = re.compile(
    r"Traceback|\w+(?:Error|Exception|Warning)\b|<\w[\w.]* (?:object|at) |\b0x[0-9a-f]{6,}"
    r"|(?<![\w:/.])(?:/[\w.@+-]+){2,}"
)
"""What a user must not read: a traceback, the name of a class, an object, a path of the machine."""


@dataclass(frozen=True, slots=True)
class EngineCase:
    """An engine with what it takes, and what it must refuse.

    ``params``: a small task, a second or less; ``long``: one that takes many seconds, to be stopped; ``refused``:
    params that `check` or `prepare` must refuse. The presets' parameters (``steps``, ``width_px``, ``height_px``) are
    filled in where the engine takes them. ``repeats``: how often a task is made to see that it comes out the same.
    ``failing``: params that are accepted and cannot be made. ``is_idle``: of an engine that has its work done
    elsewhere, whether nothing of it is left there. ``instead``: by an input's name, the parameter whose place it takes.

    A handler that is an asynchronous context manager is opened by who makes the case.
    """

    handler: TaskHandler
    tools: EngineTools
    task_type: str
    params: Mapping[str, Any]
    long: Mapping[str, Any]
    refused: Sequence[Mapping[str, Any]]
    repeats: int = 3
    failing: Sequence[Mapping[str, Any]] = ()
    is_idle: Callable[[], Awaitable[bool]] | None = None
    instead: Mapping[str, str] = field(default_factory=dict)


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
    assert properties >= {taken.name for taken in task_type.inputs}, "an input must be a parameter"


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
    assert _is_json(once), "they must be plain JSON"
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
            _assert_words(refused.message)
        else:
            raise AssertionError(f"accepted: {params}")


async def stopping_it_stops_the_real_work_and_leaves_no_final_file(case: EngineCase) -> None:
    work, context = await _begun(case)
    work.cancel()
    await asyncio.wait({work}, timeout=_STOPS_WITHIN_S)
    assert work.done(), "it did not stop within the grace"
    with suppress(asyncio.CancelledError):
        work.result()
        raise AssertionError("it must raise CancelledError when it is stopped")
    await _nothing_goes_on(case, context)


async def a_time_limit_stops_the_real_work_too(case: EngineCase) -> None:
    """As the service does it: in the middle, in whatever the engine awaits then, and while another task goes on."""
    other, other_context = await _begun(case, attempt=2)
    work, context = await _begun(case)
    try:
        async with asyncio.timeout(_STOPS_WITHIN_S):
            with suppress(TimeoutError):
                async with asyncio.timeout(0):
                    await work
    except TimeoutError:
        raise AssertionError("it did not stop within the grace") from None
    assert work.cancelled(), "it must raise CancelledError when its time is over"
    before = len(other_context.reports)
    async with asyncio.timeout(_BEGINS_WITHIN_S):
        while len(other_context.reports) == before and not other.done():  # noqa: ASYNC110 - of the engine's own
            await asyncio.sleep(0.02)
    assert not other.done(), "stopping one task must not end another"
    other.cancel()
    await asyncio.wait({other}, timeout=_STOPS_WITHIN_S)
    await _nothing_goes_on(case, context)


async def what_goes_wrong_is_told_in_words(case: EngineCase) -> None:
    """An input that is gone when the task runs, and what the case names as failing."""
    for params in [*case.failing, *(case.params for name in _given_inputs(case) if name)]:
        effective = await prepared(case, params)
        if params not in case.failing:
            effective |= {name: f"{effective[name]}.gone" for name in _given_inputs(case)}
        try:
            await made(case, effective)
        except (TaskFailure, UnavailableError) as error:
            _assert_words(error.message)
        except Exception as error:
            raise AssertionError(
                f"{type(error).__name__} is not told to the user: raise HandlerError with words for them"
            ) from error
        else:
            raise AssertionError(f"it must fail: {params}")


async def an_input_that_is_still_to_be_made_is_left_alone(case: EngineCase) -> None:
    for taken in _task_type(case).inputs:
        params = {name: value for name, value in case.params.items() if name != case.instead.get(taken.name)}
        for named in ({"from_task": "t-0"}, {"from_task": "t-0", "artifact": "frame.png"}):
            value = [named] if taken.many else named
            try:
                once = await prepared(case, {**params, taken.name: value})
                again = await prepared(case, once)
            except Exception as error:
                raise AssertionError(f"{taken.name} cannot name another task's output: {error}") from error
            told = once.get(taken.name)
            expected = [named] if taken.many else named
            assert _without_none(told) == expected, f"{taken.name} must stay as it is: {told}"
            assert again == once, "given its own answer again it must answer the same"


async def it_says_in_time_how_it_is(case: EngineCase) -> None:
    status = getattr(case.handler, "status", None)
    if status is None:
        return  # it counts as up
    for _ in range(3):
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                answer = await status()
        except Exception as error:
            raise AssertionError(f"it must answer within {_ANSWERS_WITHIN_S:g} s, and never raise") from error
        assert isinstance(answer, EngineStatus), "a state is an EngineStatus"
        assert answer.up or answer.reason, "an engine that is down says why"
        _assert_words(answer.reason)
        assert "\n" not in answer.reason, "a reason is one line"
        assert _is_json(dict(answer.details)), "details must be plain JSON"


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
    a_time_limit_stops_the_real_work_too,
    what_goes_wrong_is_told_in_words,
    an_input_that_is_still_to_be_made_is_left_alone,
    it_says_in_time_how_it_is,
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


async def _begun(case: EngineCase, attempt: int = 1) -> tuple["asyncio.Task[HandlerResult]", RecordingContext]:
    """A long task that has begun."""
    params = await prepared(case, case.long)
    context = RecordingContext(await case.tools.artifacts.begin(PROJECT_ID, TASK_ID, attempt))
    work = asyncio.create_task(case.handler.run(_task(case, params), context))
    begun = asyncio.create_task(context.begun.wait())
    await asyncio.wait({work, begun}, timeout=_BEGINS_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    assert context.begun.is_set(), "it reports nothing when it begins"
    assert not work.done(), "`long` was over before it could be stopped"
    return work, context


async def _nothing_goes_on(case: EngineCase, context: RecordingContext) -> None:
    """Work that goes on behind our back shows: in reports, in files, in processor time here or in children, or there
    where it is done."""
    before, used_s = _state(context), _processor_s()
    await asyncio.sleep(_WATCHED_S)
    assert _state(context) == before, "it goes on after it was stopped"
    busy_s = sum(now_s - used_s.get(pid, 0.0) for pid, now_s in _processor_s().items())
    assert busy_s < _BUSY_S, f"something still computes after it was stopped: {busy_s:.2f} s in {_WATCHED_S} s"
    names = {name for name, _ in before[1]}
    finals = {name.removesuffix(DRAFT_SUFFIX) for name in names if name.endswith(DRAFT_SUFFIX)} & names
    assert not finals, f"no final name before the attempt has won: {finals}"
    if case.is_idle is not None:
        try:
            async with asyncio.timeout(_STOPS_WITHIN_S):
                while not await case.is_idle():  # noqa: ASYNC110 - it is asked, it does not tell
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError("the work goes on elsewhere after it was stopped") from None


def _processor_s() -> dict[int, float]:
    """Processor time in seconds, by process: this one and all that it has begun and that live; elsewhere than on Linux
    this one only."""
    used_s = {os.getpid(): time.process_time()}
    waiting = [os.getpid()] if Path("/proc/self/task").is_dir() else []
    while waiting:
        pid = waiting.pop()
        with suppress(OSError, ValueError):  # it has just ended
            for thread in Path(f"/proc/{pid}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
            if pid != os.getpid():
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                used_s[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used_s


def _is_json(value: Any) -> bool:
    try:
        return bool(json.loads(json.dumps(value, allow_nan=False)) == value)
    except (TypeError, ValueError):
        return False


def _without_none(value: Any) -> Any:
    """Without what is absent, inside of objects and lists."""
    if isinstance(value, Mapping):
        return {name: _without_none(inside) for name, inside in value.items() if inside is not None}
    return [_without_none(inside) for inside in value] if isinstance(value, list) else value


def _given_inputs(case: EngineCase) -> list[str]:
    return [taken.name for taken in _task_type(case).inputs if isinstance(case.params.get(taken.name), str)]


def _assert_words(said: str) -> None:
    found = _NOT_WORDS.search(said)
    assert found is None, f"{found and found[0]!r} is nothing for a user to read: {said}"


def _state(context: RecordingContext) -> tuple[int, list[tuple[str, int]]]:
    files = sorted((path.name, path.stat().st_size) for path in context.directory.iterdir())
    return len(context.reports), files
