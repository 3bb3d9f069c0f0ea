"""Where a project stands: the snapshot, brought up to date from the log."""

import contextlib
from collections import OrderedDict
from collections.abc import Sequence

from auteur.domain.errors import HistoryLostError, TaskNotFoundError, UnavailableError
from auteur.domain.events import Event, RecordedEvent
from auteur.domain.ports import OpenTask, ProgressBus, StateStore
from auteur.domain.project import ProjectState
from auteur.domain.task import Task

_PAGE = 500


class ProjectTracker:
    """Loads and records. What it remembers between calls is only a place to read on from, never an answer.

    ``snapshot_every``: events between two snapshots; must stay well below the length of the kept history.
    """

    def __init__(
        self, bus: ProgressBus, store: StateStore, *, snapshot_every: int = 100, remembered_projects: int = 256
    ) -> None:
        self._bus = bus
        self._store = store
        self._snapshot_every = snapshot_every
        self._remembered_projects = remembered_projects
        self._remembered: OrderedDict[str, ProjectState] = OrderedDict()

    async def load(self, project_id: str) -> ProjectState:
        """The state up to all that was recorded before the call. Empty for an unknown project.

        Raises `BusUnavailableError`.
        """
        remembered = self._remembered.get(project_id)
        if remembered is not None:
            try:
                return self._remember(await self._catch_up(remembered))
            except HistoryLostError:
                self._remembered.pop(project_id, None)
        snapshot = await self._store.load(project_id)
        if snapshot is not None:
            try:
                return self._remember(await self._catch_up(snapshot))
            except HistoryLostError:
                pass  # the log began again: what it holds now is the truth
        return self._remember(await self._catch_up(ProjectState(project_id=project_id)))

    async def task(self, project_id: str, task_id: str) -> Task:
        """One task. Raises `TaskNotFoundError` and `BusUnavailableError`."""
        task = (await self.load(project_id)).tasks.get(task_id)
        if task is None:
            raise TaskNotFoundError(project_id, task_id)
        return task

    async def projects(self) -> Sequence[str]:
        """The ids of all projects, sorted. Raises `BusUnavailableError`."""
        return await self._bus.projects()

    async def record(self, event: Event) -> RecordedEvent:
        """Publishes the event; saves a snapshot when one is due. Raises what `ProgressBus.publish` raises."""
        recorded = await self._bus.publish(event)
        if recorded.position.seq % self._snapshot_every == 0:
            with contextlib.suppress(UnavailableError):  # the event is recorded; the next snapshot will do
                await self._store.save(await self.load(event.project_id))
        return recorded

    async def unfinished(self) -> Sequence[OpenTask]:
        """All tasks without an ending, in every project. Raises `BusUnavailableError`."""
        return await self._bus.unfinished()

    async def _catch_up(self, state: ProjectState) -> ProjectState:
        while True:
            events = await self._bus.history(state.project_id, state.position, _PAGE)
            state = state.apply_all(events)
            if len(events) < _PAGE:
                return state

    def _remember(self, state: ProjectState) -> ProjectState:
        known = self._remembered.get(state.project_id)
        newer = (
            known is not None
            and known.position is not None
            and state.position is not None
            and known.position.epoch == state.position.epoch
            and known.position.seq > state.position.seq
        )
        if state.position is not None and not newer:
            self._remembered[state.project_id] = state
            self._remembered.move_to_end(state.project_id)
            if len(self._remembered) > self._remembered_projects:
                self._remembered.popitem(last=False)
        return state
