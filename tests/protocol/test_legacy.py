"""The dialect of the existing frontend: the same messages, read and written otherwise."""

import json
import uuid
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.errors import InvalidMessageError
from auteur.domain.events import (
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskMarked,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.project import ProjectReader
from auteur.domain.task import Failure, TaskResult
from auteur.domain.waiting import Place, PlacesTold
from auteur.protocol.dialects.legacy import CLOSED_FOR_GOOD, PLACES_TOLD, REFERENCES, LegacyDialect
from auteur.protocol.dialects.native import NativeDialect
from auteur.protocol.incoming import CancelMessage, PingMessage, StartBatchMessage, StartGenerationMessage
from auteur.protocol.json import read_json
from auteur.protocol.outgoing import ConnectedMessage, PongMessage
from auteur.protocol.projects import ProjectView
from auteur.protocol.translate import error_message, queue_message, to_message
from tests.fakes import START, of, queued

LEGACY = LegacyDialect()
ASKED: dict[str, Any] = {"task_type": "text_to_image", "params": {"prompt": "x"}}
RESULT = TaskResult(engine="e", artifacts=(), params={"steps": 1}, seed=3, metrics={}, understood={})
FRAMES = {"heartbeat", "task_progress", "task_complete", "task_error"}


def said(payload: Any, type_: str = "start_generation", **beside: Any) -> Any:
    return read_json(json.dumps({"type": type_, "payload": payload, "timestamp": "2026-11-26T09:00:00Z", **beside}))


def heard(event: Any) -> list[dict[str, Any]]:
    message = to_message(RecordedEvent(Position("abc", 7), event))
    return [] if message is None else [json.loads(text) for text in LEGACY.write(message)]


# --- what it says ----------------------------------------------------------------------------------------------------


def test_a_request_in_the_envelope_is_the_request_that_it_is_without() -> None:
    message_id = str(uuid.uuid4())
    read = LEGACY.read(said({**ASKED, "id": message_id, "quality": "draft", "metadata": {"shot": 7}}), "film")
    native = NativeDialect().read({"type": "start_generation", **ASKED, "id": message_id, "quality": "draft",
                                   "metadata": {"shot": 7}}, "film")  # fmt: skip
    assert read == native
    assert isinstance(read, StartGenerationMessage)
    assert LEGACY.message_id_of(said({**ASKED, "id": message_id})) == message_id


@pytest.mark.parametrize("payload", [None, {}, {"client": "studio", "at": 5}])
@pytest.mark.parametrize("timestamp", ["2026-11-26T09:00:00Z", 1764147600000, 1764147600.5, None])
def test_a_heartbeat_is_one_whatever_it_carries(payload: Any, timestamp: Any) -> None:
    assert isinstance(LEGACY.read({"type": "heartbeat", "payload": payload, "timestamp": timestamp}, "f"), PingMessage)
    assert isinstance(LEGACY.read({"type": "heartbeat"}, "f"), PingMessage)


def test_the_other_messages_are_said_in_the_envelope_too() -> None:
    assert isinstance(LEGACY.read(said({"task_id": "t"}, "cancel"), "film"), CancelMessage)
    batch = LEGACY.read(said({"requests": [{**ASKED, "style_refs": ["noir"]}]}, "start_batch"), "film")
    assert isinstance(batch, StartBatchMessage)
    assert batch.requests[0].metadata == {"style_refs": '["noir"]'}


@pytest.mark.parametrize(
    "value",
    [None, "anna", ["anna", "ben"], [], {"id": 7, "name": "Ann\u00e9"}, 3, 0.5, True, "[no", '"quoted"', ""],
)
@pytest.mark.parametrize("name", REFERENCES)
def test_what_later_stories_name_is_metadata_and_comes_back_as_it_was(name: str, value: Any) -> None:
    read = LEGACY.read(said({**ASKED, name: value, "metadata": {"node": 4}}), "film")
    assert isinstance(read, StartGenerationMessage)
    assert read.metadata["node"] == 4
    assert name in read.metadata
    (frame,) = heard(replace(queued(), metadata=read.metadata))
    assert frame["payload"][name] == value
    assert type(frame["payload"][name]) is type(value)
    assert frame["payload"]["metadata"] == read.metadata


def test_metadata_of_another_door_that_looks_like_json_is_told_as_it_is() -> None:
    (frame,) = heard(replace(queued(), metadata={"style_refs": "[noir"}))
    assert frame["payload"]["style_refs"] == "[noir"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (said({**ASKED, "qualty": "draft"}), "payload.qualty"),
        (said({"task_type": "t"}), "payload.params"),
        (said({**ASKED, "type": "cancel"}), "payload.type"),
        (said({**ASKED, "style_refs": [], "metadata": {"style_refs": "x"}}), "payload.style_refs"),
        (said({**ASKED, "metadata": {"a": []}}), "payload.metadata.a"),
        (said({**ASKED, "character_refs": ["x" * 5000]}), "payload.metadata"),
        (said({"requests": [{**ASKED, "location_ref": 1, "metadata": {"location_ref": 1}}]}, "start_batch"),
         "payload.requests.0.location_ref"),
        (said(ASKED, "task_progress"), "type"),
        (said(ASKED, evil=1), "evil"),
        (said([1]), "payload"),
        ({"payload": {}}, "type"),
        ({"type": 7, "payload": {}}, "type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_as_the_client_wrote_it(data: Any, field: str) -> None:
    with pytest.raises(InvalidMessageError) as refused:
        LEGACY.read(data, "film")
    assert refused.value.details["problems"][0]["field"] == field


def test_another_project_is_refused() -> None:
    with pytest.raises(InvalidMessageError):
        LEGACY.read(said({**ASKED, "project_id": "other"}), "film")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_json_brings_anything_but_a_message_or_a_refusal_that_can_be_told(data: object) -> None:
    for text in (
        json.dumps(data),
        json.dumps({"type": "start_generation", "payload": data}),
        json.dumps({"type": "heartbeat", "payload": {}, "timestamp": data}),
        json.dumps({"type": "start_generation", "payload": {**ASKED, "character_refs": data, "metadata": data}}),
        json.dumps({"type": "start_batch", "payload": {"requests": data}}),
    ):
        reply_to = None
        try:
            read = read_json(text)
            reply_to = LEGACY.message_id_of(read)
            LEGACY.read(read, "film")
        except InvalidMessageError as error:
            (told,) = LEGACY.write(error_message("film", "m", START, error, reply_to))
            assert json.loads(told)["type"] == "task_error"


# --- what it hears ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "type_", "told"),
    [
        (queued(queue_position=4), "task_progress", {"progress": 0.0, "message": "Waits, place 4", "stage": "queued"}),
        (queued(waits_for=("t-0",), queue_position=0), "task_progress", {"message": "Waits for other tasks"}),
        (TaskStarted(**of(), attempt=1, worker="w", eta_s=4.0), "task_progress", {"progress": 0.0, "eta_s": 4.0}),
        (TaskProgressed(**of(), attempt=1, progress=0.25, message="Pass 1", preview="t-1/1/p.jpg"), "task_progress",
         {"progress": 0.25, "message": "Pass 1", "preview_url": "/api/v1/projects/film/artifacts/t-1/1/p.jpg"}),
        (TaskRequeued(**of(), attempt=1, reason="shutdown"), "task_progress", {"progress": 0.0, "stage": "queued"}),
        (TaskSucceeded(**of(), attempt=1, result=RESULT, duration_s=1.5), "task_complete",
         {"progress": 1.0, "duration": 1.5}),
        (TaskFailed(**of(), attempt=1, failure=Failure(code="TASK_TIMEOUT", message="Too long.")), "task_error",
         {"error": "Too long.", "message": "Too long.", "error_code": "TASK_TIMEOUT"}),
        (TaskCancelled(**of(), attempt=1), "task_error", {"error_code": "TASK_CANCELLED"}),
    ],
)  # fmt: skip
def test_an_event_is_told_in_its_words(event: Any, type_: str, told: dict[str, Any]) -> None:
    (frame,) = heard(event)
    assert set(frame) == {"type", "payload", "timestamp"}
    assert (frame["type"], frame["timestamp"]) == (type_, "2026-11-23T09:00:00Z")
    payload = frame["payload"]
    assert (payload["task_id"], payload["project_id"], payload["metadata"]) == ("t-1", "film", {"shot": 7})
    assert {name: payload[name] for name in told} == told
    assert 0.0 <= payload.get("progress", 0.0) <= 1.0
    if type_ == "task_complete":
        native = to_message(RecordedEvent(Position("abc", 7), event))
        assert payload["result"] == json.loads(NativeDialect().write(native)[0])["result"], "as everybody hears it"  # type: ignore[arg-type]


def test_what_it_has_no_word_for_it_does_not_hear() -> None:
    assert heard(TaskMarked(**of(), favourite=True)) == []
    assert heard(TaskDeleted(**of(), reason="asked")) == []


def test_a_heartbeat_is_answered_with_one() -> None:
    (told,) = LEGACY.write(PongMessage(id="m", project_id="film", timestamp=START, reply_to="x"))
    assert json.loads(told)["type"] == "heartbeat"


def test_a_refusal_is_an_error_of_no_task_that_names_the_request() -> None:
    error = InvalidMessageError("No.", problems=[{"field": "payload.a", "message": "is none"}])
    (told,) = LEGACY.write(error_message("film", "m", START, error, "asked"))
    payload = json.loads(told)["payload"]
    assert "task_id" not in payload
    assert (payload["error"], payload["error_code"], payload["reply_to"]) == ("No.", "INVALID_MESSAGE", "asked")
    assert payload["details"]["problems"][0]["field"] == "payload.a"


def test_places_are_told_one_by_one_of_those_who_are_near() -> None:
    near = tuple(Place(task_id=f"t-{n}", queue_position=n, starts_in_s=n * 1.0) for n in range(1, 100))
    told = PlacesTold(project_id="film", at=START, waiting=99, places=near)
    frames = [json.loads(text) for text in LEGACY.write(queue_message(told, "m"))]
    assert [frame["payload"]["task_id"] for frame in frames] == [f"t-{n}" for n in range(1, PLACES_TOLD + 1)]
    assert frames[2]["payload"]["message"] == "Waits, place 3, starts in about 3 s"
    assert {frame["type"] for frame in frames} == {"task_progress"}


async def test_the_state_is_told_as_if_each_task_had_just_come_so_far() -> None:
    hub = MemoryHub()
    bus = MemoryProgressBus(hub)
    for number in range(5):
        await bus.publish(queued(f"t-{number}"))
        await bus.publish(TaskStarted(**of(f"t-{number}"), attempt=1, worker="w"))
    await bus.publish(TaskSucceeded(**of("t-0"), attempt=1, result=RESULT, duration_s=1.0))
    await bus.publish(TaskFailed(**of("t-1"), attempt=1, failure=Failure(code="X", message="It broke.")))
    await bus.publish(TaskCancelled(**of("t-2"), attempt=1))
    await bus.publish(TaskProgressed(**of("t-3"), attempt=1, progress=0.5, message="Half"))
    await bus.publish(TaskRequeued(**of("t-4"), attempt=1, reason="retry"))
    state = await ProjectReader(MemoryStateStore(hub)).state("film", ended_limit=LEGACY.ended_told)
    greeting = ConnectedMessage(
        id="m", project_id="film", timestamp=START, position="0", recovered=False, state=ProjectView.of(state)
    )
    frames = [json.loads(text) for text in LEGACY.write(greeting)]
    told = [(f["type"], f["payload"]["task_id"], f["payload"].get("progress")) for f in frames]
    assert told == [
        ("task_complete", "t-0", 1.0), ("task_error", "t-1", None), ("task_error", "t-2", None),
        ("task_progress", "t-3", 0.5), ("task_progress", "t-4", 0.0),
    ]  # fmt: skip
    assert frames[-1]["payload"]["message"] == "Waits, place 1"


@pytest.mark.parametrize("code", [1012, 4008])
def test_who_shall_come_back_is_closed_with_what_it_comes_back_after(code: int) -> None:
    assert LEGACY.close_code(code) == code != CLOSED_FOR_GOOD


@pytest.mark.parametrize("code", [4400, 4401, 4410])
def test_who_shall_stay_away_is_closed_with_the_one_code_that_it_understands(code: int) -> None:
    assert LEGACY.close_code(code) == CLOSED_FOR_GOOD
