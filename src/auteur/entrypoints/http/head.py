"""HEAD in the interface's description; `HeadMiddleware` answers it."""

from typing import Any

from fastapi import FastAPI


def tell_of_head(app: FastAPI) -> None:
    """Has the OpenAPI document say of every GET that HEAD is answered too."""
    describe = app.openapi

    def with_head() -> dict[str, Any]:
        described = describe()  # kept by FastAPI until another route is added
        for operations in described["paths"].values():
            if "get" in operations and "head" not in operations:
                operations["head"] = _head_of(operations["get"])
        return described

    app.openapi = with_head  # type: ignore[method-assign]


def _head_of(get: dict[str, Any]) -> dict[str, Any]:
    responses = {status: {"description": said["description"]} for status, said in get["responses"].items()}
    summary = f"The headers of: {get.get('summary', 'GET')}"
    return {**get, "operationId": f"{get['operationId']}_head", "summary": summary, "responses": responses}
