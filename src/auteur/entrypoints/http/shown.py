"""The examples of the OpenAPI document."""

from datetime import UTC, datetime
from typing import Any

from auteur.entrypoints.http.failures import Failure
from auteur.protocol.examples import incoming, views
from auteur.protocol.service import InfoView
from auteur.protocol.views import ErrorDetail, ErrorView

Schema = dict[str, Any]

_SAID_AS = {  # by the schema of a body, the message that says the same
    "GenerationRequest": "start_generation",
    "BatchRequest": "start_batch",
    "PromotionRequest": "promote",
    "Marks": "mark",
}
_OF_MESSAGES = ("type", "id", "project_id", "timestamp", "task_id")
_SHOWN_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def error_view(failure: Failure) -> ErrorView:
    """How the failure is told."""
    _, code, message, details = failure
    error = ErrorDetail(code=code, message=message, details=dict(details))
    return ErrorView(error=error, request_id="req_5f1d0c9b7a3e2468", timestamp=_SHOWN_AT)


class ExamplesOfDocument:
    """Those of the document: each stands once, among its components, and is referred to from where it belongs."""

    def __init__(self, components: Schema) -> None:
        self._components = components
        self._views: dict[str, dict[str, Any]] = {}
        for name, view in views().items():
            data = view.model_dump(mode="json", exclude_unset=isinstance(view, InfoView))
            self._views.setdefault(name.partition(".")[0], {})[name] = data

    def of_answer(self, content: Schema) -> None:
        """Adds those of the view that the answer holds."""
        known = self._views.get(_named(content.get("schema", {})), {})
        if known:
            content["examples"] = {name: self._kept(name, value) for name, value in known.items()}

    def of_body(self, content: Schema) -> None:
        """Adds that of the request that the body holds."""
        name = _named(content["schema"])
        if message := _SAID_AS.get(name):
            body = {field: value for field, value in incoming()[message].items() if field not in _OF_MESSAGES}
            content["examples"] = {name: self._kept(name, body)}

    def of_failure(self, failure: Failure) -> Schema:
        """A reference to how the failure is told."""
        return self._kept(failure[1], error_view(failure).model_dump(mode="json"))

    def _kept(self, name: str, value: Any) -> Schema:
        self._components[name] = {"value": value}
        return {"$ref": f"#/components/examples/{name}"}


def _named(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
