"""What the client knows is what the wire has; the two ways of waiting have the same doors."""

import dataclasses
import inspect

import pytest
from pydantic import BaseModel

from auteur.adapters.live import close_codes
from auteur.client import AsyncAuteur, Auteur, BlockingSubscription, Subscription, events, lines, models
from auteur.entrypoints.http.artifacts import UploadView
from auteur.protocol import outgoing, projects, views

VIEWS: dict[type, type[BaseModel]] = {
    models.Artifact: views.ArtifactView,
    models.Batch: views.BatchView,
    models.Counts: projects.CountsView,
    models.Failure: views.FailureView,
    models.Lineage: views.LineageView,
    models.Project: projects.ProjectView,
    models.ProjectPage: projects.ProjectListView,
    models.ProjectSummary: projects.ProjectSummaryView,
    models.Relative: views.RelativeView,
    models.Result: views.ResultView,
    models.Routing: views.RoutingView,
    models.Shot: projects.ShotView,
    models.ShotPage: projects.ShotListView,
    models.Task: views.TaskView,
    models.TaskPage: views.TaskListView,
    models.Upload: UploadView,
}
MESSAGES = {
    kind.model_fields["type"].default: kind
    for _, kind in inspect.getmembers(outgoing, inspect.isclass)
    if issubclass(kind, outgoing.ServerMessage) and "type" in kind.model_fields
}
ANSWERS = {"batch_started", "pong"}
"""Told to who asked on the socket, which a subscription never does."""


@pytest.mark.parametrize("model", VIEWS, ids=lambda model: model.__name__)
def test_a_model_has_the_fields_of_the_wire(model: type) -> None:
    fields = {one.name: one for one in dataclasses.fields(model)}
    told = VIEWS[model].model_fields
    assert fields.keys() == told.keys()
    for name, field in told.items():
        is_optional = not field.is_required() or type(None) in getattr(field.annotation, "__args__", ())
        has_default = (
            fields[name].default is not dataclasses.MISSING or fields[name].default_factory is not dataclasses.MISSING
        )
        assert has_default or not is_optional, f"{name} may be left out"


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_an_event_has_the_fields_of_its_message(name: str) -> None:
    if name in ANSWERS:
        assert name not in events.KINDS
        return
    kind = events.KINDS[name]
    fields = {one.name for one in dataclasses.fields(kind)} - {"data", "lost"}
    told = set(MESSAGES[name].model_fields) - {"protocol", "reply_to"}
    assert fields - {"reply_to"} - (set() if "task_id" in told else {"task_id"}) == told


def test_a_message_that_is_not_known_yet_is_an_event_all_the_same() -> None:
    told = {"type": "queue_news", "id": "1", "project_id": "film", "timestamp": "2026-11-26T09:00:00Z", "place": 3}
    event = events.event_of(told)
    assert (type(event), event.type, event.data["place"]) == (events.Event, "queue_news", 3)


def test_the_two_ways_of_waiting_have_the_same_doors() -> None:
    def doors(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert doors(Auteur) == doors(AsyncAuteur)
    for name in doors(AsyncAuteur):
        one, other = (inspect.getattr_static(kind, name) for kind in (AsyncAuteur, Auteur))
        if inspect.isfunction(one):
            given, taken = (list(inspect.signature(way).parameters) for way in (one, other))
            assert given == taken, name
    assert (
        inspect.signature(Auteur.__init__).parameters.keys()
        == inspect.signature(AsyncAuteur.__init__).parameters.keys()
    )
    held = {"position", "is_connected", "connections"}
    assert held <= doors(BlockingSubscription)
    assert all(f"self.{name}" in inspect.getsource(Subscription) for name in held)


def test_the_close_codes_are_those_of_the_service() -> None:
    assert (lines.GONE, lines.SIGNED_OUT) == (close_codes.GONE, close_codes.SIGNED_OUT)
