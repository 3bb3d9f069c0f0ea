import pytest
from pydantic_core import from_json

from auteur.adapters.log.codec import UnreadableRecordError, decode_event, decode_snapshot, encode_event
from tests.fakes import queued


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
