"""What is kept in a log is what would be told: byte for byte, for every kind of event."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auteur.domain.events import (
    CancelRequested,
    Event,
    Position,
    ProjectDeleted,
    RecordedEvent,
    TakeCircled,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskImported,
    TaskMarked,
    TaskProgressed,
    TaskPromoted,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.task import Artifact, Failure, TaskResult
from auteur.protocol.outgoing import render
from auteur.protocol.texts import draft_text, finish_text, is_true_here
from auteur.protocol.translate import message_id, to_message
from auteur.protocol.views import reached_under
from tests.fakes import a_request, of, queued

AT = Position("abcd1234", 17)


def told(event: Event, position: Position = AT) -> str:
    """As it is told where nothing was kept."""
    message = to_message(RecordedEvent(position, event))
    return "" if message is None else render(message)


def kept(event: Event, position: Position = AT) -> str:
    draft = draft_text(event)
    assert draft is not None
    return finish_text(draft, event.project_id, position)


_PICTURE = Artifact(
    name="frame.png", kind="image", path="film/t-1/1/a frame.png", media_type="image/png", size_bytes=9, sha256="0" * 64
)
RESULT = TaskResult(engine="e", artifacts=(_PICTURE,), params={"prompt": "ü", "position": "abc-1"}, seed=3)
ALL: list[Event] = [
    queued(),
    queued(shot="12A", notice='a "notice"\n', waits_for=("t-0",)),
    queued(notice="", engine=""),
    TaskQueued(**of(), request=queued(shot="12A").request, take=3),
    TaskUnblocked(**of()),
    TaskStarted(**of(), attempt=1, worker="w", eta_s=3.0),
    TaskProgressed(**of(), attempt=1, progress=0.5),
    TaskProgressed(**of(), attempt=1, progress=1, stage="s", message="m", preview="t-1/1/a b.jpg", eta_s=1),
    TaskRequeued(**of(), attempt=1, reason="engine_down"),
    CancelRequested(**of()),
    TaskSucceeded(**of(), attempt=1, result=RESULT, duration_s=1.5),
    TaskFailed(**of(), attempt=1, failure=Failure(code="X", message="ü", details={"position": "abc-1"})),
    TaskCancelled(**of(), attempt=1),
    TaskMarked(**of(), favourite=True),
    TakeCircled(**of(), shot="12A", take=1, circled=False),
    TaskPromoted(**of(), promoted_to="t-2"),
    TaskDeleted(**of(), reason="age"),
    ProjectDeleted(project_id="film", at=datetime(2026, 1, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize("event", ALL, ids=lambda event: type(event).__name__)
def test_what_is_kept_is_what_is_told(event: Event) -> None:
    assert kept(event) == told(event)


def test_every_kind_of_event_is_among_them() -> None:
    kinds = {type(event).__name__ for event in ALL} | {TaskImported.__name__}
    assert kinds == {kind.__name__ for kind in Event.__args__}  # type: ignore[attr-defined]


PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=9)
NAMES = st.sampled_from(["shot", "id", "position", "text", "told", "from", "record"]) | st.text(max_size=5)


@given(
    progress=st.floats(0, 1) | st.integers(0, 1),
    said=st.fixed_dictionaries(
        {},
        optional={
            "stage": st.text(max_size=9),
            "message": st.text(max_size=30),
            "preview": st.text(max_size=9),
            "eta_s": st.floats(0, 1e9) | st.integers(0, 9),
        },
    ),
    metadata=st.dictionaries(NAMES, PLAIN, max_size=4),
    at=st.datetimes(timezones=st.just(UTC)),
    seq=st.integers(1, 10**15 - 1),
)
def test_progress_is_kept_as_it_is_told_whatever_it_says(
    progress: float, said: dict[str, Any], metadata: dict[str, Any], at: datetime, seq: int
) -> None:
    event = TaskProgressed(**{**of(), "at": at, "metadata": metadata}, attempt=2, progress=progress, **said)
    assert kept(event, Position("0", seq)) == told(event, Position("0", seq))


@given(
    params=st.dictionaries(
        NAMES,
        st.recursive(
            PLAIN | st.floats(),
            lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ),
    said=st.fixed_dictionaries(
        {},
        optional={
            "engine": st.none() | st.text(max_size=9),
            "shot": st.none() | st.text(max_size=9),
            "notice": st.none() | st.text(max_size=30),
            "promoted_from": st.none() | st.text(max_size=9),
            "waits_for": st.lists(st.text(max_size=9), max_size=3).map(tuple),
            "origins": st.dictionaries(NAMES, st.text(max_size=9), max_size=3),
            "queue_position": st.integers(0, 10**6),
        },
    ),
    take=st.none() | st.integers(1, 10**6),
    metadata=st.dictionaries(NAMES, PLAIN, max_size=4),
)
def test_an_acceptance_is_kept_as_it_is_told_whatever_it_says(
    params: dict[str, Any], said: dict[str, Any], take: int | None, metadata: dict[str, Any]
) -> None:
    request = a_request(params=params, **said)
    event = TaskQueued(**{**of(), "metadata": metadata}, request=request, take=take)
    assert kept(event) == told(event)


@given(project=st.text(max_size=20), position=st.text(max_size=20))
def test_an_id_is_the_uuid_of_its_name(project: str, position: str) -> None:
    space = uuid.UUID("0f7c2b0e-8f0b-4a38-9d1c-0b3e2f6d7a55")
    assert message_id(project, position) == str(uuid.uuid5(space, f"{project}/{position}"))


def test_what_names_files_is_made_anew_for_who_reaches_them_elsewhere() -> None:
    event = TaskSucceeded(**of(), attempt=1, result=RESULT, duration_s=1.5)
    with reached_under("/studio"):
        assert kept(event) != told(event)
        assert not is_true_here(kept(event))
        assert is_true_here(kept(TaskCancelled(**of(), attempt=1)))
    assert is_true_here(kept(event))
