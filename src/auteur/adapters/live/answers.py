"""What is done for a message of a client, and what only that client hears of it."""

from collections.abc import Mapping
from typing import Any

from auteur.adapters.audit import audit
from auteur.domain.access import Permission, Principal
from auteur.domain.archive import ProjectArchive
from auteur.domain.commands import CancelTask, DeleteProject, DeleteTask, MarkTask
from auteur.domain.dispatcher import Submission, TaskDispatcher
from auteur.domain.errors import TaskEndedError
from auteur.domain.ports import Clock, NewId, StateStore
from auteur.domain.promotion import TakePromoter
from auteur.protocol.incoming import (
    CancelMessage,
    DeleteProjectMessage,
    DeleteTaskMessage,
    IncomingMessage,
    MarkMessage,
    PingMessage,
    PromoteMessage,
    StartBatchMessage,
    StartGenerationMessage,
)
from auteur.protocol.outgoing import BatchStartedMessage, PongMessage, ServerMessage, TaskDeletedMessage
from auteur.protocol.translate import marked_message, to_message

_NEEDED: Mapping[type[IncomingMessage], Permission] = {
    StartGenerationMessage: Permission.SUBMIT,
    StartBatchMessage: Permission.SUBMIT,
    PromoteMessage: Permission.SUBMIT,
    MarkMessage: Permission.SUBMIT,
    CancelMessage: Permission.CANCEL,
    DeleteTaskMessage: Permission.MANAGE,
    DeleteProjectMessage: Permission.MANAGE,
}
"""What a message needs beside the permission to read, which the socket itself needs."""


class Answers:
    """Answers the messages of one principal about one project."""

    def __init__(
        self,
        project_id: str,
        principal: Principal,
        dispatcher: TaskDispatcher,
        promoter: TakePromoter,
        store: StateStore,
        archive: ProjectArchive,
        clock: Clock,
        new_id: NewId,
        *,
        request_id: str,
    ) -> None:
        self._project_id = project_id
        self._principal = principal
        self._dispatcher = dispatcher
        self._promoter = promoter
        self._store = store
        self._archive = archive
        self._clock = clock
        self._new_id = new_id
        self._request_id = request_id

    async def answer(self, said: IncomingMessage, message_id: str) -> ServerMessage | None:
        """Does it, and returns what only the one who asked hears; what was recorded is heard through the log, as by
        everybody. Raises `ForbiddenError` and whatever the service raises."""
        if (needed := _NEEDED.get(type(said))) is not None:
            self._principal.require(needed, self._project_id)
        match said:
            case StartGenerationMessage():
                command = said.command(self._project_id, message_id, self._request_id)
                return self._told(await self._dispatcher.submit(command))
            case PromoteMessage():
                wish = said.promotion(self._project_id, said.task_id, message_id, self._request_id)
                return self._told(await self._promoter.promote(wish))
            case StartBatchMessage():
                batch = said.batch(self._project_id, message_id, self._request_id)
                submissions = await self._dispatcher.submit_batch(batch)
                repeated = submissions[0].repeated
                audit("batch accepted", tasks=len(submissions), repeated=repeated)
                ids = [submission.task.task_id for submission in submissions]
                names = {name: task_id for name, task_id in zip(batch.names, ids, strict=True) if name is not None}
                return BatchStartedMessage(**self._common(message_id), task_ids=ids, names=names, repeated=repeated)
            case CancelMessage():
                before = (await self._store.task(self._project_id, said.task_id)).task
                if before.ended:
                    raise TaskEndedError(before.task_id, before.status.value)
                await self._dispatcher.cancel(CancelTask(project_id=self._project_id, task_id=said.task_id))
                audit("cancel asked for", task_id=said.task_id)
            case MarkMessage():
                marks = MarkTask(
                    project_id=self._project_id, task_id=said.task_id, favourite=said.favourite, circled=said.circled
                )
                marking = await self._archive.mark(marks)
                audit("task marked", task_id=said.task_id, recorded=marking.recorded)
                if not marking.recorded:  # what was recorded is heard through the log, as by everybody
                    return marked_message(**self._common(message_id), task=marking.reading.task)
            case DeleteTaskMessage():
                deletion = DeleteTask(project_id=self._project_id, task_id=said.task_id)
                if await self._archive.delete_task(deletion):
                    audit("task deleted", task_id=said.task_id)
                else:
                    return TaskDeletedMessage(
                        **self._common(message_id), task_id=said.task_id, reason="asked", metadata={}
                    )  # fmt: skip
            case DeleteProjectMessage():
                await self._archive.delete_project(DeleteProject(project_id=self._project_id))
                audit("project deleted")
            case PingMessage():
                return PongMessage(**self._common(message_id))
        return None

    def _told(self, submission: Submission) -> ServerMessage | None:
        """The answer to who asked for a task."""
        task = submission.task
        task_type = task.request.task_type
        audit("task accepted", task_id=task.task_id, task_type=task_type, repeated=submission.repeated)
        return to_message(submission.accepted) if submission.repeated else None

    def _common(self, reply_to: str) -> dict[str, Any]:
        """What every direct answer has."""
        now = self._clock()
        return {"id": self._new_id(), "project_id": self._project_id, "timestamp": now, "reply_to": reply_to}
