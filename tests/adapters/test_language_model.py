"""A language model reads instead of the rules: asked over real HTTP of a server that speaks the protocol."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import structlog
from pydantic import SecretStr

from auteur.adapters.engines.previs.reading.answer import AnswerError, read_answer, schema
from auteur.adapters.engines.previs.reading.language_model import ModelReader, NotReadError
from auteur.adapters.engines.previs.reading.leftover import left_over
from auteur.adapters.engines.previs.reading.shot import Shot, shot_of
from auteur.adapters.engines.tools import LanguageModel
from auteur.entrypoints.settings import WrongSettingError, load_settings
from tests.language_model import speaking
from tests.waiting import awaited

PROMPT = "CU Maria by the window, wistful, 50mm, night"
SAID = {
    "language": "en",
    "size": "close_up",
    "lens_mm": 50,
    "time_of_day": "night",
    "people": [{"who": "Maria", "where": {"relation": "beside", "to": "window"}}],
    "props": [{"what": "window"}],
    "said": [
        {"words": "CU", "field": "size"},
        {"words": "Maria", "field": "people"},
        {"words": "window", "field": "props"},
        {"words": "50mm", "field": "lens_mm"},
        {"words": "night", "field": "time_of_day"},
    ],
}


def reader(url: str, *, timeout_s: float = 20.0, key: str | None = None) -> ModelReader:
    return ModelReader(LanguageModel(url, "tiny", SecretStr(key) if key else None, timeout_s), left_over)


def read(said: Any, prompt: str = PROMPT) -> Shot:
    text = said if isinstance(said, str) else json.dumps(said)
    return read_answer(text, prompt, "tiny", lambda spans: left_over(prompt, spans))


async def test_what_the_model_reads_is_the_shot_with_spans_of_the_prompts_own_words() -> None:
    async with speaking(SAID) as server:
        shot = await reader(server.url, key="secret-1").read(PROMPT)
    assert (shot.read_by, shot.size, shot.lens_mm, shot.time_of_day) == ("tiny", "close_up", 50, "night")
    assert shot.people[0].who == "Maria"
    assert shot.people[0].where is not None
    assert [PROMPT[span.start : span.end] for span in shot.reads] == ["CU", "Maria", "window", "50mm", "night"]
    assert shot.not_understood == ("wistful",)
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == "Bearer secret-1"
    assert asked.body["model"] == "tiny"
    assert asked.body["messages"][-1] == {"role": "user", "content": PROMPT}
    assert asked.body["response_format"]["json_schema"]["strict"] is True
    jsonschema.Draft202012Validator.check_schema(asked.body["response_format"]["json_schema"]["schema"])


def test_the_schema_takes_what_is_taken_and_leaves_nothing_open() -> None:
    def objects(part: Any) -> list[dict[str, Any]]:
        if isinstance(part, list):
            return [found for one in part for found in objects(one)]
        if not isinstance(part, dict):
            return []
        own = [part] if part.get("type") == "object" else []
        return own + [found for one in part.values() for found in objects(one)]

    found = objects(schema())
    assert len(found) > 8
    for one in found:
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("refuses", "it answers 401"),
        ("is busy", "it answers 503"),
        ("redirects", "it answers 302"),
        ("breaks off", "it cannot be reached"),
        ("endless", "its answer is too long"),
        ("cut off", "it was cut off"),
        ("declines", "it refuses to read"),
        ("no completion", "it is no chat completion"),
    ],
)
async def test_an_answer_of_no_use_is_told_without_its_words(behaviour: str, why: str) -> None:
    async with speaking(SAID, behaviour) as server:
        with pytest.raises(NotReadError) as caught:
            await reader(server.url, key="secret-2").read(PROMPT)
    assert why in str(caught.value)
    assert "secret-2" not in str(caught.value)
    assert str(server.port) not in str(caught.value)
    assert len(server.asked) == 1, "asked once"


async def test_a_model_that_is_away_or_slow_is_given_up() -> None:
    async with speaking(SAID) as server:
        url = server.url
    with pytest.raises(NotReadError, match="cannot be reached"):
        await reader(url).read(PROMPT)
    async with speaking(SAID, "silent") as server:
        with pytest.raises(NotReadError, match=r"did not answer within 0\.3 s"):
            await reader(server.url, timeout_s=0.3).read(PROMPT)


async def test_a_cancelled_reading_leaves_no_request_behind() -> None:
    async with speaking(SAID, "silent") as server:
        reading = asyncio.create_task(reader(server.url, timeout_s=600).read(PROMPT))
        async with awaited("the request"):
            await server.came.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        async with awaited("the connection to be closed"):
            await server.gone.wait()


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("not JSON at all", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "schema"),
        ({**SAID, "size": "enormous"}, "schema at size"),
        ({**SAID, "lens_mm": "fifty"}, "schema at lens_mm"),
        ({**SAID, "people": [{"who": ""}]}, "schema at people.0.who"),
        ({**SAID, "people": [{"who": "Maria", "hacked": 1}]}, "schema at people.0"),
        ({**SAID, "moves": [{"kind": "teleport"}]}, "schema at moves.0.kind"),
        ({**SAID, "said": []}, "names no words"),
        ({**SAID, "said": [{"words": "elsewhere", "field": "size"}]}, "names no words"),
    ],
)
def test_what_breaks_the_schema_or_names_no_words_is_refused(said: Any, where: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read(said)
    assert where in str(caught.value)
    assert "teleport" not in str(caught.value)


def test_a_value_that_no_word_of_the_prompt_bears_out_is_thrown_away() -> None:
    shot = read(
        {**SAID, "season": "winter", "weather": ["snow"], "said": [*SAID["said"], {"words": "Mar", "field": "season"}]}
    )
    assert shot.season is None, "Mar is no word of the prompt"
    assert shot.weather == ()
    assert shot.size == "close_up"


def test_a_fence_around_the_answer_is_no_fault_and_words_stand_where_they_are_next() -> None:
    prompt = "\U0001f3ac night, night"
    said = {"time_of_day": "night", "said": [{"words": "NIGHT", "field": "time_of_day"}] * 2}
    shot = read(f"```json\n{json.dumps(said)}\n```", prompt)
    assert [(span.start, span.end) for span in shot.reads] == [(2, 7), (9, 14)], "code points, each once"
    assert shot.not_understood == ()


def test_a_word_inside_a_japanese_sentence_is_found() -> None:
    prompt = "夜の交差点、女が一人"
    shot = read({"language": "ja", "time_of_day": "night", "said": [{"words": "夜", "field": "time_of_day"}]}, prompt)
    assert shot.reads[0].end == 1
    assert "女" in shot.not_understood


def test_a_shot_survives_the_way_to_the_engines_process() -> None:
    for shot in (read(SAID), Shot()):
        assert shot_of(json.loads(json.dumps(shot.as_data()))) == shot


def test_the_settings_say_which_model_and_never_show_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("BACKEND_READER_URL", "http://127.0.0.1:11434/v1/")
    with pytest.raises(WrongSettingError, match="set both or none"):
        load_settings()
    monkeypatch.setenv("BACKEND_READER_MODEL", "tiny")
    monkeypatch.setenv("BACKEND_READER_KEY_FILE", str(tmp_path / "key"))
    settings = load_settings()
    assert settings.reader_url == "http://127.0.0.1:11434/v1"
    assert settings.reader_key is not None
    assert settings.reader_key.get_secret_value() == "from-a-file"
    assert "from-a-file" not in repr(settings)
    for wrong in ("ftp://host/v1", "http://user:word@host/v1", "http://host/v1?key=1", "host"):
        monkeypatch.setenv("BACKEND_READER_URL", wrong)
        with pytest.raises(WrongSettingError) as caught:
            load_settings()
        assert wrong not in str(caught.value)


async def test_the_key_is_in_no_line_of_the_log() -> None:
    model = LanguageModel("http://127.0.0.1:9/v1", "tiny", SecretStr("secret-3"), 1.0)
    with structlog.testing.capture_logs() as lines, pytest.raises(NotReadError):
        await ModelReader(model, left_over).read(PROMPT)
    assert "secret-3" not in repr((lines, model))
