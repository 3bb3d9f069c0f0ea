"""A task by the client that openapi-python-client makes of the document: ``submit.py SERVICE PROJECT TOKEN``."""

import json
import sys
import time

from auteur_generated import AuthenticatedClient
from auteur_generated.api.tasks import list_tasks, read_task, submit_task
from auteur_generated.models import (
    ErrorView,
    GenerationRequest,
    GenerationRequestMetadata,
    GenerationRequestParams,
    ResultView,
    TaskListView,
    TaskView,
)


def main(service: str, project: str, token: str) -> None:
    """Submits, waits for the ending, asks for nonsense, and prints what came of it."""
    with AuthenticatedClient(base_url=service, token=token) as client:
        params = GenerationRequestParams.from_dict({"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1})
        metadata = GenerationRequestMetadata.from_dict({"node": 7})
        body = GenerationRequest(task_type="text_to_image", params=params, quality="draft", metadata=metadata)
        task = submit_task.sync(project, client=client, body=body)
        assert isinstance(task, TaskView), task
        while task.ended_at is None:
            time.sleep(0.05)
            read = read_task.sync(project, task.task_id, client=client)
            assert isinstance(read, TaskView), read
            task = read
        listed = list_tasks.sync(project, client=client)
        assert isinstance(listed, TaskListView)
        assert [one.task_id for one in listed.tasks] == [task.task_id]
        empty = GenerationRequest(task_type="text_to_image", params=GenerationRequestParams())
        refused = submit_task.sync(project, client=client, body=empty)
        assert isinstance(refused, ErrorView)
        assert isinstance(task.result, ResultView)
        picture = task.result.artifacts[0].media_type
        told = {"task_id": task.task_id, "status": str(task.status), "picture": picture, "refused": refused.error.code}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
