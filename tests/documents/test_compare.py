"""The check of the documents finds what changed, says whether it breaks clients, and what the changelog lacks."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.documents.compare import asyncapi_changes, current, openapi_changes, released, unreleased, untold
from tests.documents.schemas import Change

Edit = Callable[[Any], Any]
OPENAPI, ASYNCAPI = released("openapi.json"), released("asyncapi.json")
TASKS = "/api/v1/projects/{project_id}/tasks"
ONE = TASKS + "/{task_id}"


def route(path: str, method: str) -> Callable[[Any], Any]:
    return lambda document: document["paths"][path][method]


def schema(name: str) -> Callable[[Any], Any]:
    return lambda document: document["components"]["schemas"][name]


def at(place: Callable[[Any], Any], edit: Edit) -> Edit:
    return lambda document: edit(place(document))


def put(**fields: Any) -> Edit:
    return lambda part: part.update(fields)


def needs(name: str) -> Edit:
    return lambda part: part.setdefault("required", []).append(name)


def with_field(name: str, field: Any) -> Edit:
    return lambda part: part["properties"].update({name: field})


def without(*path: Any) -> Edit:
    def edit(part: Any) -> None:
        for step in path[:-1]:
            part = part[step]
        del part[path[-1]]

    return edit


def both(*edits: Edit) -> Edit:
    def edit(part: Any) -> None:
        for one in edits:
            one(part)

    return edit


def field(name: str, edit: Edit) -> Edit:
    return lambda part: edit(part["properties"][name])


TEXT = {"type": "string"}
STATUS = ("properties", "status", "enum")
OF_ROUTES: dict[str, tuple[Edit, str, str, bool]] = {
    "a route is gone": (without("paths", ONE, "patch"), f"PATCH {ONE}", "is gone", True),
    "a route is new": (
        at(lambda d: d["paths"][ONE], put(put=route(ONE, "get")(OPENAPI))), f"PUT {ONE}", "is new", False
    ),
    "a route is called otherwise": (at(route(ONE, "get"), put(operationId="get")), f"GET {ONE}", "is called get", True),
    "a route is among others": (at(route(ONE, "get"), put(tags=["x"])), f"GET {ONE}", "is among ['x']", False),
    "a route asks who comes": (
        at(route("/health", "get"), put(security=[{"token": []}])), "GET /health", "asks who comes", True
    ),
    "a parameter is gone": (at(route(TASKS, "get"), without("parameters", 1)), f"GET {TASKS}", "status is gone", True),
    "a parameter is new": (
        at(route(TASKS, "get"), lambda o: o["parameters"].append({"in": "query", "name": "x", "schema": TEXT})),
        f"GET {TASKS}", "parameter x is new", False,
    ),
    "a parameter is new and required": (
        at(
            route(TASKS, "get"),
            lambda o: o["parameters"].append({"in": "query", "name": "x", "schema": TEXT, "required": True}),
        ),
        f"GET {TASKS}", "parameter x is new and required", True,
    ),
    "a parameter is required": (
        at(route(TASKS, "get"), lambda o: o["parameters"][1].update(required=True)), f"GET {TASKS}", "is required", True
    ),
    "a parameter's bound is closer": (
        at(route("/api/v1/projects", "get"), lambda o: o["parameters"][0]["schema"].update(maximum=10)),
        "GET /api/v1/projects", "maximum of parameter limit is 10", True,
    ),
    "a parameter's bound is wider": (
        at(route("/api/v1/projects", "get"), lambda o: o["parameters"][0]["schema"].update(maximum=1000)),
        "GET /api/v1/projects", "maximum of parameter limit is 1000", False,
    ),
    "a body is taken no more": (at(route(TASKS, "post"), without("requestBody")), f"POST {TASKS}", "no body", True),
    "a body is of another kind": (
        at(route(TASKS, "post"), lambda o: o["requestBody"].update(content={"text/plain": {}})),
        f"POST {TASKS}", "the body is no application/json any more", True,
    ),
    "an answer is another": (
        at(
            route(TASKS, "post"),
            lambda o: o["responses"]["202"]["content"]["application/json"].update(
                schema={"$ref": "#/components/schemas/BatchView"}
            ),
        ),
        f"POST {TASKS}", "answer 202 is BatchView, and was TaskView", True,
    ),
    "an answer is gone": (at(route(TASKS, "post"), without("responses", "202")), f"POST {TASKS}", "202", True),
    "an error is new": (
        at(route(ONE, "get"), lambda o: o["responses"].update({"418": {}})), f"GET {ONE}", "with 418", False
    ),
    "a code is told no more": (
        at(route(TASKS, "post"), without("responses", "429", "content", "application/json", "examples", "QUEUE_FULL")),
        f"POST {TASKS}", "429 never carries QUEUE_FULL any more", True,
    ),
    "a code is new": (
        at(
            route(TASKS, "post"),
            lambda o: o["responses"]["429"]["content"]["application/json"]["examples"].update(TIRED={}),
        ),
        f"POST {TASKS}", "429 may carry TIRED", False,
    ),
    "a header is gone": (
        at(route(TASKS, "post"), without("responses", "202", "headers", "Location")),
        f"POST {TASKS}", "202 has no header Location", True,
    ),
    "a field that is heard is gone": (
        at(schema("TaskView"), without("properties", "stage")), "TaskView", "stage is gone", True
    ),
    "a field that is heard is new": (
        at(schema("TaskView"), both(with_field("eta_s", {"type": "number"}), needs("eta_s"))),
        "TaskView", "eta_s is new and required", False,
    ),
    "a field that is heard may be missing": (
        at(schema("TaskView"), lambda s: s["required"].remove("shot")), "TaskView", "shot may be left out now", True
    ),
    "a field that is heard may be null": (
        at(schema("ArtifactView"), field("name", lambda f: (f.pop("type"), f.update(anyOf=[TEXT, {"type": "null"}])))),
        "ArtifactView", "name may be null", True,
    ),
    "a field that is heard is another type": (
        at(schema("TaskView"), field("attempt", put(type="string"))), "TaskView", "attempt is no integer any more", True
    ),
    "a value that is heard is new": (
        at(schema("TaskView"), field("status", lambda f: f["enum"].append("lost"))),
        "TaskView", 'status may be "lost"', False,
    ),
    "a value that is heard is gone": (
        at(schema("TaskView"), field("status", lambda f: f["enum"].remove("blocked"))),
        "TaskView", 'status is never "blocked" any more', True,
    ),
    "a field that is said is new": (
        at(schema("GenerationRequest"), with_field("due", TEXT)), "GenerationRequest", "due is new", False
    ),
    "a field that is said is new and required": (
        at(schema("GenerationRequest"), both(with_field("due", TEXT), needs("due"))),
        "GenerationRequest", "due is new and required", True,
    ),
    "a field that is said is required": (
        at(schema("GenerationRequest"), needs("quality")), "GenerationRequest", "quality is required now", True
    ),
    "a field that is said need not be": (
        at(schema("GenerationRequest"), lambda s: s["required"].remove("params")),
        "GenerationRequest", "params may be left out now", False,
    ),
    "a field that is said is refused": (
        at(schema("GenerationRequest"), without("properties", "shot")), "GenerationRequest", "shot is gone", True
    ),
    "a text that is said is bounded closer": (
        at(schema("GenerationRequest"), field("task_type", put(maxLength=8))),
        "GenerationRequest", "maxLength of task_type is 8, and was 128", True,
    ),
    "a text that is said has a form": (
        at(schema("GenerationRequest"), field("task_type", put(pattern="^x$"))),
        "GenerationRequest", "pattern of task_type is ^x$", True,
    ),
    "a list that is said holds something else": (
        at(schema("BatchRequest"), field("requests", put(items={"$ref": "#/components/schemas/Marks"}))),
        "BatchRequest", "each of requests is Marks, and was NamedRequest", True,
    ),
    "a default is another": (
        at(schema("GenerationRequest"), field("quality", put(default="draft"))),
        "GenerationRequest", "quality is 'draft' where it is left out", False,
    ),
    "what is kept under names is another": (
        at(schema("ResultView"), field("params", put(additionalProperties={"type": "string"}))),
        "ResultView", "other fields of params takes less", False,
    ),
    "a schema is gone": (without("components", "schemas", "LineageView"), "LineageView", "is gone", True),
}  # fmt: skip

OF_MESSAGES: dict[str, tuple[Edit, str, str, bool]] = {
    "a message is gone": (without("components", "messages", "task_promoted"), "task_promoted", "is gone", True),
    "a message is new": (
        at(lambda d: d["components"]["messages"], put(whisper={"payload": {"type": "object"}})), "whisper", "new", False
    ),
    "a field of a message is new": (
        at(schema("ProgressMessage"), with_field("place", {"type": "integer"})), "progress", "place is new", False
    ),
    "a field of a message is gone": (
        at(schema("ProgressMessage"), without("properties", "eta_s")), "progress", "eta_s is gone", True
    ),
    "a message needs a field": (
        at(schema("CancelMessage"), both(with_field("why", TEXT), needs("why"))),
        "cancel", "why is new and required", True,
    ),
    "a view in messages": (
        at(schema("ArtifactView"), without("properties", "fps")), "ArtifactView", "fps is gone", True
    ),
    "a channel is elsewhere": (
        at(lambda d: d["channels"]["project"], put(address="/socket")), "/socket", "was /ws/{project_id}", True
    ),
    "a channel is gone": (
        without("channels", "events"), "/api/v1/projects/{project_id}/events", "is gone", True
    ),
    "a close code is gone": (
        at(lambda d: d["channels"]["project"], without("x-close-codes", "4410")),
        "/ws/{project_id}", "is never closed with 4410", True,
    ),
    "a close code is new": (
        at(lambda d: d["channels"]["project"]["x-close-codes"], put(**{"4444": "x"})),
        "/ws/{project_id}", "is also closed with 4444", False,
    ),
    "an operation is gone": (without("operations", "mark"), "mark", "is no operation any more", True),
    "an answer is gone": (
        at(lambda d: d["operations"]["ping"]["reply"], put(messages=[])), "ping", "is not answered by pong", True
    ),
    "an answer is new": (
        at(
            lambda d: d["operations"]["ping"]["reply"]["messages"],
            lambda m: m.append({"$ref": "#/channels/project/messages/error"}),
        ),
        "ping", "may be answered by error", False,
    ),
}  # fmt: skip


def found(old: Any, edit: Edit, changes_of: Callable[[Any, Any], list[Change]]) -> list[Change]:
    new = copy.deepcopy(old)
    edit(new)
    return changes_of(old, new)


@pytest.mark.parametrize("name", OF_ROUTES)
def test_a_change_of_a_route_is_found(name: str) -> None:
    edit, subject, what, breaks = OF_ROUTES[name]
    changes = found(OPENAPI, edit, openapi_changes)
    assert any(one.subject == subject and what in one.what and one.breaks is breaks for one in changes), changes
    assert breaks or not any(one.breaks for one in changes), changes


@pytest.mark.parametrize("name", OF_MESSAGES)
def test_a_change_of_a_message_is_found(name: str) -> None:
    edit, subject, what, breaks = OF_MESSAGES[name]
    changes = found(ASYNCAPI, edit, asyncapi_changes)
    assert any(one.subject == subject and what in one.what and one.breaks is breaks for one in changes), changes
    assert breaks or not any(one.breaks for one in changes), changes


def test_words_for_people_and_the_order_of_things_are_no_change() -> None:
    for document, changes_of in ((OPENAPI, openapi_changes), (ASYNCAPI, asyncapi_changes)):
        told = json.loads(json.dumps(document, sort_keys=True).replace("The ", "A ").replace("project", "project"))
        assert changes_of(document, told) == []


def test_a_line_of_the_changelog_names_what_changed() -> None:
    new_route = Change("POST /api/v1/projects/{project_id}/tasks/{task_id}/promote", "is new", False)
    message, view = Change("progress", "place is new", False), Change("TaskView", "stage is gone", True)
    log = (
        "# Changelog\n\n## Unreleased\n\n- A take is promoted (`POST …/tasks/{id}/promote`).\n- Breaking: "
        "`TaskView.stage`\n  is gone.\n\n## 1.0.0\n\n- `progress` tells the place.\n"
    )
    assert untold([new_route, message, view], unreleased(log)) == [message]
    assert untold([message], unreleased(log.replace("`TaskView", "`progress` `TaskView"))) == []
    assert untold([view], unreleased(log.replace("Breaking", "Better"))) == [view]
    whole = log.replace("…/tasks/{id}", "/api/v1/projects/{p}/tasks/{t}")
    assert untold([new_route], unreleased(whole)) == []
    assert untold([new_route], unreleased(log.replace("POST …", "GET …"))) == [new_route]
    assert untold([new_route], unreleased(log.replace("Unreleased", "1.1.0"))) == [new_route]
    before = log.replace("- Breaking", "## 0.9.0\n\n- Breaking").replace("Unreleased", "0.9.1")
    assert unreleased(log, before) == []
    later = log.replace("## Unreleased\n", "## Unreleased\n\n### More\n\n- `progress` tells\n  more.\n\n### Less\n")
    assert unreleased(later, before) == ["`progress` tells more."]


def test_the_documents_are_compared_as_the_code_makes_them() -> None:
    assert current("openapi.json")["openapi"].startswith("3.1")
    assert current("asyncapi.json")["asyncapi"].startswith("3.")
