"""The WebSocket conversation as an AsyncAPI 3.0 document, made from the models that speak it."""

from collections.abc import Mapping
from typing import Any

from auteur.entrypoints.settings import Settings
from auteur.protocol.translate import message_schemas


def document(settings: Settings) -> Mapping[str, Any]:
    """The document. Source: AsyncAPI specification 3.0.0."""
    schemas = message_schemas()
    messages = {
        name: {"name": name, "payload": schema, "summary": schema.get("description", "").partition("\n")[0]}
        for name, schema in {**schemas["incoming"], **schemas["outgoing"]}.items()
    }
    project = {"$ref": "#/channels/project"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": settings.app_name, "version": settings.version},
        "defaultContentType": "application/json",
        "channels": {
            "project": {
                "address": f"{settings.service_path}/ws/{{project_id}}",
                "description": "Every socket of a project hears everything. `?after=POSITION` resumes.",
                "parameters": {"project_id": {"description": "[A-Za-z0-9][A-Za-z0-9._-]{0,127}"}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "say": {
                "action": "receive",
                "channel": project,
                "messages": [{"$ref": f"#/channels/project/messages/{name}"} for name in schemas["incoming"]],
            },
            "hear": {
                "action": "send",
                "channel": project,
                "messages": [{"$ref": f"#/channels/project/messages/{name}"} for name in schemas["outgoing"]],
            },
        },
        "components": {"messages": messages},
    }
