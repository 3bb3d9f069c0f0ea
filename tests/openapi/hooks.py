"""What the suite cannot know by itself: that with each status stand the codes that it may carry."""

import json
from typing import Any

import schemathesis


@schemathesis.check
def told_code(ctx: Any, response: Any, case: Any) -> bool | None:
    """An error's code is one of those by which the examples of its status are named."""
    if response.status_code < 400 or case.method.upper() == "HEAD":
        return None
    answer = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    told = answer.get("content", {}).get("application/json", {}).get("examples", {})
    code = json.loads(response.content)["error"]["code"] if told else None
    if told and code not in told:
        raise AssertionError(
            f"{case.method} {case.path}: {response.status_code} carries {code}, told are {sorted(told)}"
        )
    return None
