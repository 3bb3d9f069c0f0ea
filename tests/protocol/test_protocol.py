"""The wire: what is said in is strict, what is said out is the same for all."""

import contextlib
import json
import uuid

import hypothesis.strategies as st
import pytest
from hypothesis import given

from auteur.domain.errors import InvalidMessageError, InvalidRequestError
from auteur.domain.events import CancelRequested, Position, RecordedEvent, TaskProgressed, TaskStarted
from auteur.protocol.incoming import StartGenerationMessage, message_id_of, parse
from auteur.protocol.json import read_json
from auteur.protocol.outgoing import ProgressMessage, TaskStartedMessage, render
from auteur.protocol.translate import error_message, to_message
from tests.fakes import of, queued

START = {"type": "start_generation", "task_type": "text_to_image", "params": {"prompt": "x"}}


def test_a_message_of_the_story_is_understood() -> None:
    frame = json.dumps({**START, "id": str(uuid.uuid4()), "project_id": "film", "quality": "draft"})
    said = parse(read_json(frame), "film")
    assert isinstance(said, StartGenerationMessage)
    command = said.command("film", str(said.id), "req")
    assert (command.task_type, command.quality, command.params) == ("text_to_image", "draft", {"prompt": "x"})


def test_an_id_is_drawn_when_there_is_none() -> None:
    assert parse({"type": "ping"}, "film").id != parse({"type": "ping"}, "film").id


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(InvalidMessageError) as refused:
        parse({**START, "qualty": "draft"}, "film")
    assert [p["field"] for p in refused.value.details["problems"]] == ["qualty"]


def test_a_time_is_a_text_and_a_name_is_matched_whole() -> None:
    parse({"type": "ping", "timestamp": "2026-11-26T09:00:00Z"}, "film")
    batch = {"type": "start_batch", "requests": [{"task_type": "t", "params": {}, "name": "frame-1\n"}]}
    for data, field in (
        ({"type": "ping", "timestamp": 5}, "timestamp"),
        ({"type": "ping", "timestamp": "5"}, "timestamp"),
        ({"type": "ping", "timestamp": True}, "timestamp"),
        (batch, "requests.0.name"),
    ):
        with pytest.raises(InvalidMessageError) as refused:
            parse(data, "film")
        assert refused.value.details["problems"][0]["field"] == field


def test_what_is_wrong_is_named_as_the_caller_wrote_it() -> None:
    for data, field in (
        ({**START, "cancel": 1}, "cancel"),
        ({**START, "metadata": {"mark": [1]}}, "metadata.mark"),
        ({"type": "mark", "task_id": "t"}, "type"),
        ({}, "type"),
    ):
        with pytest.raises(InvalidMessageError) as refused:
            parse(data, "film")
        assert refused.value.details["problems"][0]["field"] == field


def test_an_unknown_type_is_not_repeated() -> None:
    with pytest.raises(InvalidMessageError) as refused:
        parse({"type": "x" * 50_000}, "film")
    (problem,) = refused.value.details["problems"]
    assert "'start_generation'" in problem["message"]
    assert len(problem["message"]) < 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_json_brings_anything_but_a_message_or_an_invalid_message_error(data: object) -> None:
    for text in (json.dumps(data), json.dumps({**START, "params": data}), json.dumps({**START, "metadata": data})):
        try:
            parse(read_json(text), "film")
        except InvalidMessageError as error:
            render(error_message("film", "m", of()["at"], error, None))


@given(st.text())
def test_no_text_brings_anything_but_an_invalid_message_error(text: str) -> None:
    with contextlib.suppress(InvalidMessageError):
        message_id_of(read_json(text))


def test_32_levels_are_read_and_33_are_not() -> None:
    read_json("[" * 32 + "]" * 32)
    with pytest.raises(InvalidMessageError):
        read_json("[" * 34 + "1" + "]" * 34)


def test_an_event_is_rendered_the_same_always() -> None:
    recorded = RecordedEvent(Position("abc", 7), TaskStarted(**of(), attempt=2, worker="w", eta_s=4.0))
    first, second = (to_message(recorded) for _ in range(2))
    assert first is not None
    assert second is not None
    assert render(first) == render(second)
    data = json.loads(render(first))
    assert data["position"] == "abc-7"
    assert (data["type"], data["progress"], data["attempt"], data["eta_s"]) == ("progress", 0.0, 2, 4.0)
    assert data["timestamp"] == "2026-11-23T09:00:00Z"
    uuid.UUID(data["id"])


def test_acceptance_answers_the_message_that_asked() -> None:
    message = to_message(RecordedEvent(Position("abc", 1), queued(message_id="m-9")))
    assert isinstance(message, TaskStartedMessage)
    assert (message.reply_to, message.queue_position, message.params) == ("m-9", 1, {"steps": 2})


def test_a_cancel_request_is_not_told_its_ending_is() -> None:
    assert to_message(RecordedEvent(Position("abc", 2), CancelRequested(**of()))) is None


def test_a_preview_is_told_by_its_url() -> None:
    event = TaskProgressed(**of(), attempt=1, progress=0.5, preview="t-1/1/preview 1.jpg")
    message = to_message(RecordedEvent(Position("abc", 2), event))
    assert isinstance(message, ProgressMessage)
    assert message.preview_url == "/api/v1/projects/film/artifacts/t-1/1/preview%201.jpg"


@pytest.mark.parametrize(
    "text", ["", "abc", "abc-", "-1", "abc-x", "a b-1", "abc-1-2-", "é-1", "x" * 70 + "-1", "abc--1"]
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        Position.parse(text)


def test_a_position_is_read_back() -> None:
    assert Position.parse("abc-12") == Position("abc", 12)
    assert Position.parse("0") is None


def test_metadata_that_is_not_plain_is_told_once_for_each_name() -> None:
    with pytest.raises(InvalidMessageError) as refused:
        parse({"type": "start_generation", "task_type": "x", "params": {}, "metadata": {"a": [], "b": "c"}}, "film")
    assert [problem["field"] for problem in refused.value.details["problems"]] == ["metadata.a"]
