"""The Cog engine on recorded conversations, of coglet 0.23 and of Cog 0.16 before it."""

import asyncio
import hashlib
import io
import json
import socket
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from auteur.adapters.engines.cog.handler import CogHandler
from auteur.adapters.engines.cog.plugin import make
from auteur.adapters.engines.cog.schema import ModelSchema, SchemaError
from auteur.adapters.engines.cog.settings import CogSettings, ModelSetting
from auteur.adapters.engines.cog.words import error_of, last_line, plain, share_of
from auteur.adapters.engines.tools import EngineNotConfiguredError, EngineSettingError, EngineSettings, EngineTools
from auteur.domain.errors import HandlerError, InvalidParamsError, UnavailableError
from auteur.domain.ports import DRAFT_SUFFIX, HandlerResult
from auteur.testing.engines import EngineCase, RecordingContext, engine_tools, made, prepared, take_in
from tests.recorded_cog import RecordedCog, as_data, openapi, picture
from tests.servers import free_port
from tests.waiting import LONG_S

ASKED: dict[str, Any] = {"prompt": "a lighthouse", "steps": 10}
QUICK = {"cog_away_s": "0.5", "cog_lost_s": "0.3", "cog_cancel_s": "3"}


def tools_for(tools: EngineTools, models: Mapping[str, Any], folder: Path | None = None, **given: str) -> EngineTools:
    settings = EngineSettings("cog", {"cog_models": json.dumps(models), **QUICK, **given})
    return replace(tools, settings=settings, folder=folder)


@asynccontextmanager
async def engine(
    cog: RecordedCog,
    tmp_path: Path,
    *,
    model: Mapping[str, Any] | None = None,
    hears: bool = True,
    **given: str,
) -> AsyncIterator[EngineCase]:
    """``hears``: whether the model reaches us."""
    if hears:
        port = free_port()
        given = {"cog_webhook_url": f"http://127.0.0.1:{port}", "cog_listen": f"127.0.0.1:{port}", **given}
    async with engine_tools(tmp_path / "work") as tools:
        tools = tools_for(tools, {"paint": {"url": cog.url, **(model or {})}}, tmp_path / "private", **given)
        async with await asyncio.to_thread(make, tools) as handler:
            yield EngineCase(handler, tools, "paint", ASKED, {}, [])


async def make_one(case: EngineCase, params: Mapping[str, Any] = ASKED) -> tuple[HandlerResult, RecordingContext]:
    async with asyncio.timeout(LONG_S):
        return await made(case, await prepared(case, params))


async def refusal(case: EngineCase, params: Mapping[str, Any] = ASKED) -> HandlerError:
    with pytest.raises(HandlerError) as refused:
        await make_one(case, params)
    return refused.value


async def until(condition: Any) -> None:
    async with asyncio.timeout(LONG_S):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def cog() -> AsyncIterator[RecordedCog]:
    async with RecordedCog() as server:
        server.answers = ["async with webhook, all events"]
        server.tells = server.webhooks("webhooks all events")
        yield server


# --- what a model takes --------------------------------------------------------------------------------------------


def schema_of(document: Mapping[str, Any], **setting: Any) -> ModelSchema:
    return ModelSchema(document, ModelSetting(url="http://127.0.0.1:1", **setting))


def test_both_releases_describe_one_model_as_the_same_parameters() -> None:
    first, second = schema_of(openapi("0.16")), schema_of(openapi("0.23"))
    assert first.params_schema == second.params_schema
    described = first.params_schema
    assert list(described["properties"]) == [
        "prompt", "seed", "steps", "width_px", "height_px", "image", "mode", "step_time",
    ]  # fmt: skip
    assert described["additionalProperties"] is False
    assert described["required"] == ["prompt"]
    assert first.preset_parameters == {"steps", "width_px", "height_px"}
    assert [(found.name, found.kind) for found in first.files] == [("image", "image")]


def document_of(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"components": {"schemas": {"Input": {"type": "object", "properties": properties}}}}


def test_names_of_a_model_never_meet_names_of_ours() -> None:
    words = ["copy", "json", "schema", "model_config", "read", "_hidden", "class"]
    schema = schema_of(document_of(**{word: {"type": "string"} for word in words}))
    params = schema.parameters.read(dict.fromkeys(words, "x")).model_dump(by_alias=True, exclude_unset=True)
    assert schema.for_model(params) == dict.fromkeys(words, "x")
    with pytest.raises(InvalidParamsError):
        schema.parameters.read({"field_0": "x"})


def test_steps_of_a_model_that_has_two_words_for_them_stay_apart() -> None:
    schema = schema_of(document_of(steps={"type": "integer"}, num_inference_steps={"type": "integer"}))
    assert list(schema.params_schema["properties"]) == ["steps", "num_inference_steps"]
    assert schema.for_model({"steps": 3, "num_inference_steps": 4}) == {"steps": 3, "num_inference_steps": 4}


def test_a_file_of_settings_renames_inputs_and_says_what_they_are() -> None:
    inputs = {"source_image": "image", "look": {"name": "mode"}, "depth": {"name": "guide", "control": "depth"}}
    document = openapi("0.23")
    document["components"]["schemas"]["Input"]["properties"]["guide"] = {"type": "string", "format": "uri"}
    schema = schema_of(document, inputs=inputs)
    assert {"source_image", "look", "depth"} <= set(schema.params_schema["properties"])
    assert {(found.name, found.control) for found in schema.files} == {("source_image", None), ("depth", "depth")}
    with pytest.raises(SchemaError, match="no input 'shape'"):
        schema_of(document, inputs={"form": "shape"})


def test_a_model_may_mean_something_else_by_a_quality() -> None:
    with pytest.raises(SchemaError, match="it has no parameter 'passes'"):
        schema_of(openapi("0.23"), presets={"draft": {"passes": 4}})


async def test_what_a_quality_means_for_a_model_is_offered_with_it(cog: RecordedCog, tmp_path: Path) -> None:
    presets = {"draft": {"steps": 4, "mode": "spin"}}
    async with engine(cog, tmp_path, model={"presets": presets}) as case:
        (offered,) = case.handler.task_types
        assert offered.presets == presets
        origins = {"steps": "preset", "mode": "preset", "prompt": "caller"}
        params = await case.handler.prepare("paint", "contract", {"prompt": "p", **presets["draft"]}, origins)
    assert (params["steps"], params["mode"]) == (4, "spin")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "prompt"),
        ({"prompt": 3}, "prompt"),
        ({**ASKED, "steps": 5000}, "steps"),
        ({**ASKED, "steps": "3"}, "steps"),
        ({**ASKED, "mode": "nope"}, "mode"),
        ({**ASKED, "bogus": 1}, "bogus"),
        ({**ASKED, "step_time": float("nan")}, "step_time"),
        ({**ASKED, "image": "/etc/hostname"}, "image"),
        ({**ASKED, "image": "file:///etc/hostname"}, "image"),
    ],
)
async def test_what_the_model_would_drop_or_trip_over_is_refused_by_field(
    cog: RecordedCog, tmp_path: Path, params: dict[str, Any], field: str
) -> None:
    async with engine(cog, tmp_path) as case:
        with pytest.raises(InvalidParamsError) as refused:
            await prepared(case, params)
    assert refused.value.details["problems"][0]["field"] == field
    assert cog.asked == []


async def test_null_is_left_out_a_seed_is_drawn_and_a_preset_is_fitted(cog: RecordedCog, tmp_path: Path) -> None:
    async with engine(cog, tmp_path) as case:
        given = {"prompt": "p", "seed": None, "image": None}
        origins = {"prompt": "caller", "width_px": "preset", "steps": "preset"}
        params = await case.handler.prepare("paint", "contract", {**given, "width_px": 4096, "steps": 50}, origins)
    assert params["width_px"] == 2048
    assert "image" not in params
    assert 0 <= params["seed"] < 2**32


async def test_a_model_that_is_away_is_known_from_its_last_visit(cog: RecordedCog, tmp_path: Path) -> None:
    async with engine(cog, tmp_path) as case:
        (before,) = case.handler.task_types
    await cog.leave()
    async with engine(cog, tmp_path) as case:
        (now,) = case.handler.task_types
        assert now == before
        assert isinstance(case.handler, CogHandler)
        status = await case.handler.status()
        assert (status.up, status.reason) == (False, "paint: its server cannot be reached")


async def test_a_model_nobody_has_seen_is_refused_until_it_comes(cog: RecordedCog, tmp_path: Path) -> None:
    port = int(cog.url.rpartition(":")[2])
    await cog.leave()
    async with engine(cog, tmp_path) as case:
        assert isinstance(case.handler, CogHandler)
        with pytest.raises(UnavailableError, match="not been reached"):
            case.handler.check("paint", ASKED)
        await cog.listen(port)
        await until(lambda: case.handler.task_types[0].params_schema["properties"])
        assert (await case.handler.status()).up
        # the preset was filled in before anybody knew what the model takes
        params = await prepared(case, ASKED)
        assert params["width_px"] == 96


# --- a prediction --------------------------------------------------------------------------------------------------


async def test_a_recorded_prediction_becomes_a_picture_with_ascending_progress(
    cog: RecordedCog, tmp_path: Path
) -> None:
    async with engine(cog, tmp_path) as case:
        result, context = await make_one(case)
        (draft,) = result.drafts
        data = (context.directory / f"{draft.name}{DRAFT_SUFFIX}").read_bytes()
    assert (draft.name, draft.media_type, draft.width_px, draft.height_px) == ("output.png", "image/png", 64, 64)
    assert hashlib.sha256(data).digest() == hashlib.sha256(picture()).digest()
    shares = [share for share, _ in context.reports]
    assert shares == sorted(shares)
    assert 0.196 in shares  # the metric of the second webhook
    assert cog.heard == [200, 200, 200]
    (asked,) = cog.begun
    assert asked["id"].isalnum()
    assert asked["headers"]["Prefer"] == "respond-async"
    assert None not in asked["input"].values()
    assert {"num_inference_steps", "steps_px"}.isdisjoint(asked["input"])
    assert asked["input"]["steps"] == 10
    assert list(context.directory.iterdir()) == [context.directory / f"output.png{DRAFT_SUFFIX}"]


async def test_before_coglet_the_answer_itself_is_the_end(tmp_path: Path) -> None:
    async with RecordedCog("0.16") as cog, engine(cog, tmp_path) as case:
        cog.answers = ["PUT sync"]
        result, _ = await make_one(case)
        assert result.drafts[0].name == "output.png"
        assert "Prefer" not in cog.begun[0]["headers"]


async def test_a_model_that_cannot_reach_us_streams_its_progress(tmp_path: Path) -> None:
    async with RecordedCog() as cog, engine(cog, tmp_path, hears=False) as case:
        cog.streamed = cog.said["SSE of an iterator predictor"]["events"]
        cog.answers = ["stream"]
        cog.document = openapi("0.23")
        cog.document["components"]["schemas"]["Output"] = {"type": "array", "items": {"format": "uri"}}
        result, context = await make_one(case)
        assert [draft.name for draft in result.drafts] == ["output-1.png", "output-2.png"]
        shares = [share for share, _ in context.reports]
        assert shares == sorted(shares)
        assert any(0.1 < share < 0.6 for share in shares)
        assert "webhook" not in cog.begun[0]


async def test_a_model_without_streams_is_asked_again_and_answers_at_its_end(tmp_path: Path) -> None:
    async with RecordedCog() as cog, engine(cog, tmp_path, hears=False) as case:
        cog.answers = [(406, {}), "PUT sync"]
        result, _ = await make_one(case)
        assert len(result.drafts) == 1
        assert [asked["id"] for asked in cog.begun] == [cog.begun[0]["id"]] * 2


async def test_a_place_that_is_not_free_yet_is_asked_for_again_under_the_same_id(
    cog: RecordedCog, tmp_path: Path
) -> None:
    cog.answers = ["PUT other id while busy", "predict while starting", "async with webhook, all events"]
    async with engine(cog, tmp_path) as case:
        await make_one(case)
    assert len(cog.begun) == 3
    assert len({asked["id"] for asked in cog.begun}) == 1


async def test_a_full_server_is_told_from_one_whose_worker_is_dead(cog: RecordedCog, tmp_path: Path) -> None:
    cog.answers = ["predict after a worker crash"]
    async with engine(cog, tmp_path) as case:
        asking = asyncio.create_task(refusal(case))
        await until(lambda: len(cog.begun) > 2)
        cog.health = cog.said["health after a worker crash"]["response"]["body"]
        error = await asking
    assert error.retryable
    assert "worker has died" in error.message


async def test_a_server_that_its_own_check_calls_unhealthy_still_works(cog: RecordedCog, tmp_path: Path) -> None:
    cog.health = cog.said["health unhealthy"]["response"]["body"]
    async with engine(cog, tmp_path) as case:
        result, _ = await make_one(case)
    assert result.drafts


async def test_a_worker_that_crashes_is_worth_another_attempt(cog: RecordedCog, tmp_path: Path) -> None:
    cog.tells = cog.webhooks("webhook of a crash")
    async with engine(cog, tmp_path) as case:
        error = await refusal(case)
    assert (error.message, error.retryable) == ("The model's worker crashed while it worked.", True)


@pytest.mark.parametrize("release", ["0.23", "0.16"])
async def test_the_predictors_own_words_are_the_error_in_both_releases(release: str, tmp_path: Path) -> None:
    async with RecordedCog(release) as cog, engine(cog, tmp_path) as case:
        if release == "0.23":
            cog.answers = ["async with webhook, all events"]
            cog.tells = cog.webhooks("webhook of a failed prediction")
        else:
            cog.answers = ["predictor raises"]
        error = await refusal(case)
    assert error.message == "The model failed: predictor failed on purpose at step 3."
    assert not error.retryable


async def test_a_crash_before_coglet_takes_the_server_and_is_worth_another_attempt(tmp_path: Path) -> None:
    async with RecordedCog("0.16") as cog, engine(cog, tmp_path) as case:
        cog.answers = ["os._exit in predict"]
        error = await refusal(case)
    assert error.retryable


@pytest.mark.parametrize("release", ["0.23", "0.16"])
async def test_what_the_model_refuses_is_told_by_our_names(release: str, tmp_path: Path) -> None:
    async with RecordedCog(release) as cog, engine(cog, tmp_path, model={"inputs": {"passes": "steps"}}) as case:
        cog.answers = ["invalid: steps too big" if release == "0.23" else "invalid: too big"]
        error = await refusal(case, {"prompt": "p"})
    assert error.details["problems"][0]["field"] == "passes"
    assert "500" in error.message
    assert not error.retryable


def cut_jpeg() -> bytes:
    """Half a picture, of which some decoders make a whole one."""
    kept = io.BytesIO()
    Image.effect_noise((256, 256), 90).convert("RGB").save(kept, "JPEG")
    return kept.getvalue()[: kept.tell() // 2]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (None, "gave nothing back"),
        ([], "gave nothing back"),
        ("data:image/png;base64,iVBORw0KGgo*", "cut short or damaged"),
        ("data:image/png;base64,", "is empty"),
        (as_data(picture()[:-40]), "no image that can be read"),
        (as_data(cut_jpeg()).replace("image/png", "image/jpeg"), "no image that can be read"),
        (as_data(cut_jpeg()).replace("image/png", "application/octet-stream"), "no image that can be read"),
        (as_data(b"<html>busy</html>"), "no image that can be read"),
        (as_data(b"<html>busy</html>").replace("image/png", "video/mp4"), "no video that can be read"),
        ("/tmp/tmpqeowot7b/out.png", "on the model's own machine"),
        ("file:///etc/passwd", "on the model's own machine"),
        ("http://127.0.0.1:1/out.png", "files_from"),
        ("http://[half", "no usable address"),
    ],
)  # fmt: skip
async def test_a_success_without_a_whole_output_is_a_failure(
    cog: RecordedCog, tmp_path: Path, output: Any, words: str
) -> None:
    *_, last = cog.webhooks("webhooks all events")
    cog.tells = [{**last, "output": output}]
    async with engine(cog, tmp_path) as case:
        error = await refusal(case)
    assert words in error.message
    assert not error.retryable
    assert cog.heard == [200]


async def test_films_sounds_words_and_data_are_kept_as_what_they_are(cog: RecordedCog, tmp_path: Path) -> None:
    *_, last = cog.webhooks("webhooks all events")
    assert cog.document is not None
    cog.document["components"]["schemas"]["Output"] = {"type": "object"}
    film, sound = as_data(a_film()), as_data(a_sound())
    said = {
        "clip": film.replace("image/png", "video/mp4"),
        "track": sound.replace("image/png", "audio/x-wav"),
        "words": "a dog",
    }
    async with engine(cog, tmp_path) as case:
        cog.tells = [{**last, "output": said}]
        result, _ = await make_one(case)
        clip, track = result.drafts
        assert (clip.kind, clip.media_type, clip.width_px, clip.height_px, clip.fps) == (
            "video",
            "video/mp4",
            64,
            48,
            12,
        )
        assert (track.kind, track.duration_s) == ("audio", 0.5)
        assert json.loads(result.understood["text"]) == {"words": "a dog"}
        cog.document["components"]["schemas"]["Output"] = {"type": "string"}
        cog.tells = [{**last, "output": "a dog on a beach"}]
        result, context = await make_one(case)
        assert [draft.name for draft in result.drafts] == ["output.txt"]
        assert (context.directory / f"output.txt{DRAFT_SUFFIX}").read_text() == "a dog on a beach"
        assert result.understood == {"text": "a dog on a beach"}


def a_film() -> bytes:
    kept = io.BytesIO()
    with av.open(kept, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(6):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    return kept.getvalue()


def a_sound() -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    return kept.getvalue()


async def test_fewer_pictures_than_were_asked_for_are_a_failure(cog: RecordedCog, tmp_path: Path) -> None:
    assert cog.document is not None
    schemas = cog.document["components"]["schemas"]
    schemas["Input"]["properties"]["num_outputs"] = {"type": "integer", "default": 1}
    schemas["Output"] = {"type": "array", "items": {"type": "string", "format": "uri"}}
    *_, last = cog.webhooks("webhooks all events")
    cog.tells = [{**last, "output": [as_data(picture())] * 2}]
    async with engine(cog, tmp_path) as case:
        assert len((await make_one(case, {**ASKED, "num_outputs": 2}))[0].drafts) == 2
        error = await refusal(case, {**ASKED, "num_outputs": 3})
    assert "2 of 3" in error.message


async def test_an_end_that_cannot_be_kept_is_told_again_and_then_kept(cog: RecordedCog, tmp_path: Path) -> None:
    *_, last = cog.webhooks("webhooks all events")
    cog.tells = ()
    async with engine(cog, tmp_path) as case:
        params = await prepared(case, ASKED)
        work = asyncio.create_task(made(case, params))
        await until(lambda: cog.hook)
        (folder,) = (tmp_path / "work").glob("*/*/1")
        folder.rename(tmp_path / "away")
        assert await cog.tell(last) == 503
        (tmp_path / "away").rename(folder)
        assert await cog.tell(last) == 200
        result, _ = await work
    assert len(result.drafts) == 1


async def test_what_comes_after_the_end_changes_nothing(cog: RecordedCog, tmp_path: Path) -> None:
    first, *_, last = cog.webhooks("webhooks all events")
    cog.tells = [last]
    async with engine(cog, tmp_path) as case:
        _, context = await make_one(case)
        reports = list(context.reports)
        assert await cog.tell(last) == 404  # forgotten: it is never told again
        assert await cog.tell(first) == 404
    assert context.reports == reports


async def test_only_who_knows_the_secret_tells_an_end_and_only_of_its_own_prediction(
    cog: RecordedCog, tmp_path: Path
) -> None:
    first, *_, last = cog.webhooks("webhooks all events")
    cog.tells = [first]
    async with engine(cog, tmp_path) as case:
        work = asyncio.create_task(make_one(case))
        await until(lambda: cog.heard)
        guessed = cog.hook.replace(cog.hook.split("/")[-2], "guess")
        assert await cog.tell({**last, "output": None}, guessed) == 404
        async with httpx.AsyncClient(trust_env=False) as http:
            other = await http.post(cog.hook, json={**last, "output": None, "id": "another"})
        assert other.status_code == 404
        assert await cog.tell(last) == 200
        result, _ = await work
    assert result.drafts


async def test_a_request_without_an_answer_is_asked_after_and_never_repeated(cog: RecordedCog, tmp_path: Path) -> None:
    first, *_, last = cog.webhooks("webhooks all events")
    cog.answers = ["drop", "PUT same id, invalid input, while running (peek)"]
    async with engine(cog, tmp_path) as case:
        work = asyncio.create_task(make_one(case))
        await until(lambda: len(cog.asked) > 2)
        assert await cog.tell(first) == 200
        assert await cog.tell(last) == 200
        await work
    assert len(cog.begun) == 1
    assert all(asked["id"] == cog.begun[0]["id"] for asked in cog.asked)


async def test_a_request_without_an_answer_that_does_not_run_is_lost(cog: RecordedCog, tmp_path: Path) -> None:
    cog.answers = ["drop", "PUT same id, invalid input, after the end (peek)"]
    async with engine(cog, tmp_path) as case:
        error = await refusal(case)
    assert error.retryable
    assert len(cog.begun) == 1


async def test_an_idle_server_that_told_no_end_has_lost_the_prediction(cog: RecordedCog, tmp_path: Path) -> None:
    cog.answers = ["async with webhook, all events", "PUT same id, invalid input, after the end (peek)"]
    cog.tells = cog.tells[:1]
    async with engine(cog, tmp_path) as case:
        error = await refusal(case)
    assert (error.message, error.retryable) == (
        "The model's server knows no more of the prediction and told no end of it.",
        True,
    )
    assert len(cog.begun) == 1


@pytest.mark.parametrize("how", ["gone", "anew", "dead"])
async def test_gone_begun_anew_and_without_a_worker_are_told_apart(cog: RecordedCog, tmp_path: Path, how: str) -> None:
    cog.tells = cog.tells[:1]
    async with engine(cog, tmp_path) as case:
        asking = asyncio.create_task(refusal(case))
        await until(lambda: cog.heard)
        if how == "gone":
            await cog.leave()
        elif how == "anew":
            cog.health = {**cog.health, "setup": {**cog.health["setup"], "started_at": "2026-11-25T09:00:00+00:00"}}
        else:
            dead = cog.said["health after the worker was killed"]["response"]["body"]
            cog.health = {**dead, "setup": cog.health["setup"]}
        error = await asking
    words = {"gone": "server ended", "anew": "started again", "dead": "worker died"}
    assert words[how] in error.message
    assert error.retryable
    assert len(cog.begun) == 1


async def test_a_server_nobody_reaches_is_worth_another_attempt(cog: RecordedCog, tmp_path: Path) -> None:
    async with engine(cog, tmp_path) as case:
        params = await prepared(case, ASKED)
        await cog.leave()
        with pytest.raises(HandlerError, match="cannot be reached") as refused:
            await made(case, params)
    assert refused.value.retryable


async def test_a_set_up_that_failed_says_why(tmp_path: Path) -> None:
    async with RecordedCog("0.16") as cog, engine(cog, tmp_path) as case:
        cog.health = cog.said["health after setup raised"]["response"]["body"]
        error = await refusal(case)
    assert error.message == "The model could not be set up: Predictor errored during setup: weights are missing."


async def test_where_somebody_else_listens_already_the_answer_is_waited_for(cog: RecordedCog, tmp_path: Path) -> None:
    """As when a command of the same settings makes something of its own beside the service."""
    cog.answers = ["PUT sync"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = {"cog_webhook_url": f"http://127.0.0.1:{port}", "cog_listen": f"127.0.0.1:{port}"}
        async with engine(cog, tmp_path, **given) as case:
            result, _ = await make_one(case)
    assert result.drafts
    assert "webhook" not in cog.begun[0]


# --- cancel --------------------------------------------------------------------------------------------------------


async def stopped(case: EngineCase, cog: RecordedCog) -> None:
    params = await prepared(case, ASKED)
    work = asyncio.create_task(made(case, params))
    await until(lambda: cog.begun)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(LONG_S):
            await work


async def test_cancel_is_repeated_until_the_end_is_told(cog: RecordedCog, tmp_path: Path) -> None:
    *_, last = cog.webhooks("webhooks of a cancelled prediction")
    cog.tells, cog.cancels, cog.cancelled_tells = cog.tells[:1], [200], [last]
    async with engine(cog, tmp_path) as case:
        await stopped(case, cog)
    assert set(cog.cancelled) == {cog.begun[0]["id"]}
    assert len(cog.begun) == 1


async def test_cancel_is_repeated_until_the_model_knows_it_no_more(tmp_path: Path) -> None:
    async with RecordedCog("0.16") as cog, engine(cog, tmp_path) as case:
        cog.health = {**cog.health, "status": "BUSY"}
        cog.cancels = [cog.said[f"cancel {number}"]["response"]["status"] for number in (1, 2)]
        cog.answers = ["PUT async with webhook"]
        await stopped(case, cog)
        assert len(cog.cancelled) >= 2


async def test_a_model_that_does_not_stop_holds_nobody_for_longer_than_was_set(
    cog: RecordedCog, tmp_path: Path
) -> None:
    cog.tells, cog.cancels = cog.tells[:1], [200]
    async with engine(cog, tmp_path, cog_cancel_s="0.5") as case:
        begun = asyncio.get_running_loop().time()
        await stopped(case, cog)
        assert asyncio.get_running_loop().time() - begun < 10
    assert len(cog.cancelled) > 2


async def test_what_a_killed_process_left_is_cancelled_by_the_next(cog: RecordedCog, tmp_path: Path) -> None:
    left = tmp_path / "private" / "cog" / "out" / "0123"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "abc123").write_text(json.dumps({"url": cog.url}))
    (left / "def456").write_text("{half")
    cog.cancels = [200, 404]
    async with engine(cog, tmp_path):
        await until(lambda: not left.exists())
    assert cog.cancelled == ["abc123", "abc123"]


# --- files in ------------------------------------------------------------------------------------------------------


async def test_a_small_file_goes_as_data_and_a_large_one_is_fetched(
    cog: RecordedCog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.radial_gradient("L").save(tmp_path / "still.png")
    cog.tells = ()
    *_, last = cog.webhooks("webhooks all events")
    async with engine(cog, tmp_path) as case:
        path = await take_in(case.tools, tmp_path / "still.png")
        for limit in (1 << 20, 10):
            monkeypatch.setattr("auteur.adapters.engines.cog.handler._MAX_DATA_BYTES", limit)
            seen = len(cog.begun)
            work = asyncio.create_task(make_one(case, {**ASKED, "image": path}))
            await until(lambda seen=seen: len(cog.begun) > seen)
            sent = cog.begun[-1]["input"]["image"]
            if limit == 10:
                async with httpx.AsyncClient(trust_env=False) as http:
                    assert (await http.get(sent)).content == (tmp_path / "still.png").read_bytes()
            else:
                assert sent == as_data((tmp_path / "still.png").read_bytes())
            assert await cog.tell(last) == 200
            await work
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(sent)).status_code == 404


# --- words and settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metrics", "logs", "share"),
    [
        ({"progress": 0.4}, "100%|#| 5/5", 0.4),
        ({"progress": 40}, "", 0.4),
        ({"progress": True}, " 30%|###", 0.3),
        ({"progress": float("nan")}, "step 2/8", 0.25),
        ({}, "\r 10%|#| 1/10\r 20%|#| 2/10 [00:00<00:00]", 0.2),
        (None, "image 3/4 of 2026/11/25", 0.75),
        ({}, "1/0", None),
        ({}, "7/3", None),
        ({}, None, None),
    ],
)
def test_progress_is_the_metric_else_the_last_bar_or_count(metrics: Any, logs: Any, share: float | None) -> None:
    assert share_of(metrics, logs) == share


def test_words_of_a_model_show_neither_folders_nor_addresses() -> None:
    assert plain("cannot open /home/someone/.cache/weights/unet.bin now") == "cannot open unet.bin now"
    assert "127.0.0.1" not in plain("Not Found for url: http://127.0.0.1:9/hook/secret/1")
    assert last_line("loading\r\n 40%|####\n\n") == "40%|####"
    assert error_of("Prediction failed: Prediction failed: SystemExit: 3") == "SystemExit: 3"
    assert error_of("Traceback (most recent call last):\n  File x\nValueError: too dark.") == "too dark"
    assert error_of(None) == "it does not say why"


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({"cog_models": "nowhere.json"}, "COG_MODELS", "no file that can be read"),
        ({"cog_models": "{half"}, "COG_MODELS", "Invalid JSON"),
        ({"cog_models": '{"paint": {"url": "ftp://x"}}'}, "COG_MODELS", "paint.url: must be an address"),
        ({"cog_models": '{"Paint It": {"url": "http://x"}}'}, "COG_MODELS", "Paint It"),
        ({"cog_models": '{"paint": {"url": "http://x", "sluts": 2}}'}, "COG_MODELS", "paint.sluts"),
        ({"cog_models": '{"paint": {"url": "http://far:1", "start": {"command": ["x"]}}}'}, "COG_MODELS", "loopback"),
        ({"cog_models": '{"paint": {"url": "http://x"}}', "cog_listen": "here"}, "COG_LISTEN", "host:port"),
        (
            {"cog_models": '{"paint": {"url": "http://x"}}', "cog_webhook_url": "http://me:9100"},
            "COG_LISTEN",
            "must name the port",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_the_place_in_it(given: dict[str, str], name: str, words: str) -> None:
    settings = EngineSettings("cog", given)
    with pytest.raises(EngineSettingError) as wrong:
        make(replace(_no_tools(), settings=settings))
    assert wrong.value.name == name
    assert words in str(wrong.value)


def test_without_a_model_the_engine_is_off_and_says_what_to_set() -> None:
    with pytest.raises(EngineNotConfiguredError, match="BACKEND_COG_MODELS"):
        make(_no_tools())


def test_paths_in_a_file_of_settings_are_meant_from_where_it_lies(tmp_path: Path) -> None:
    command = {"command": ["python"], "folder": "model"}
    models = {"paint": {"url": "http://127.0.0.1:5000", "schema": "paint.json", "start": command}}
    (tmp_path / "models.json").write_text(json.dumps(models))
    (model,) = CogSettings.model_validate({"models": str(tmp_path / "models.json")}).models.values()
    assert model.schema_file == tmp_path / "paint.json"
    assert model.start is not None
    assert model.start.folder == tmp_path / "model"


def _no_tools() -> EngineTools:
    return EngineTools(None, None)  # type: ignore[arg-type]
