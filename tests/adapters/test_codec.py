from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from auteur.adapters.log.codec import UnreadableRecordError, decode_event, decode_snapshot, encode_event
from auteur.domain.events import TaskProgressed, TaskQueued
from auteur.domain.task import Routing
from tests.fakes import a_request, of, queued


def test_a_record_says_its_version_and_kind() -> None:
    record = from_json(encode_event(queued()))
    assert (record["v"], record["kind"]) == (1, "TaskQueued")


@pytest.mark.parametrize(
    "record", [b'{"v": 2, "kind": "TaskQueued", "event": {}}', b'{"v": 1, "kind": "TaskEaten"}', b"[]"]
)
def test_a_record_of_another_time_is_refused_and_not_misread(record: bytes) -> None:
    with pytest.raises(UnreadableRecordError):
        decode_event(record)
    if b"TaskEaten" not in record:
        with pytest.raises(UnreadableRecordError):
            decode_snapshot(record)


FLOATS = st.floats() | st.integers(0, 9)
PLAIN = st.none() | st.booleans() | st.floats() | st.text(max_size=9)


@given(
    progress=FLOATS,
    eta_s=st.none() | FLOATS,
    timeout_s=FLOATS,
    estimate_s=st.none() | FLOATS,
    said=st.none() | st.text(max_size=9),
    metadata=st.dictionaries(st.text(max_size=5), PLAIN, max_size=3),
)
def test_what_is_written_in_one_go_is_what_was_written_in_two(
    progress: float, eta_s: float | None, timeout_s: float, estimate_s: float | None, said: str | None,
    metadata: dict[str, Any],
) -> None:  # fmt: skip
    about = {**of(), "metadata": metadata}
    request = a_request(params={"of": metadata}, timeout_s=timeout_s, estimate_s=estimate_s, notice=said)
    routed = replace(request, routing=Routing(reason="asked", passed_over={"e": "down"}), waits_for=("t-0",))
    for event in (
        TaskProgressed(**about, attempt=1, progress=progress, stage=said, message=said, eta_s=eta_s),
        TaskQueued(**about, request=request),
        TaskQueued(**about, request=routed, take=3),
    ):
        data = TypeAdapter(type(event)).dump_python(event, mode="json", exclude={"webhook"})
        assert encode_event(event) == to_json({"v": 1, "kind": type(event).__name__, "event": data})
