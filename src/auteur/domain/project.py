"""Reading a project: its state at one position, and everything else by opaque cursors from there."""

import contextlib
import re
from collections import deque

from auteur.domain.access import Permission, Principal
from auteur.domain.errors import InvalidRequestError, TaskDeletedError, TaskNotFoundError
from auteur.domain.ports import StateStore
from auteur.domain.state import (
    ENDED_FROM_NEWEST,
    Lineage,
    ProjectPage,
    ProjectState,
    ProjectSummary,
    TaskPage,
    TaskQuery,
    ended_cursor,
    open_cursor,
    words_of,
)
from auteur.domain.task import ENDED, Task, parse_project_id

_OPEN_LIMIT, _ENDED_LIMIT = 200, 10
"""What a state holds at most. Few ended tasks: whoever opens a project shall not wait longer because it is older."""
_CURSOR = re.compile(r"(?:(open|ended|before)\.([0-9]{1,15})|ended)")
_MAX_WORDS = 16
_LOOKED_AT = 1000
"""How many projects a page of them looks at for those that somebody may see."""
_GENERATIONS, _RELATIVES = 30, 100
"""How far up a lineage is followed, and how many tasks of it are told of."""


def parse_words(text: str) -> tuple[str, ...]:
    """The words to search for. Raises `InvalidRequestError` where there is none, or too many."""
    words = tuple(dict.fromkeys(words_of(text)))
    if not words or len(words) > _MAX_WORDS:
        raise InvalidRequestError(f"A search has 1 to {_MAX_WORDS} words of letters or digits.")
    return words


class ProjectReader:
    """Reads of a project what fits into one answer, and says where to go on."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def projects(self, reader: Principal, *, after: str | None, limit: int) -> ProjectPage:
        """Projects that the reader may see, the one active last first. One who may see few of very many may get a page
        with less than there is room for, and go on by its ``next``.

        Raises `InvalidRequestError`, `BusUnavailableError`.
        """
        found: list[ProjectSummary] = []
        looked_at = 0
        while True:
            page = await self._store.projects(after=after, limit=limit - len(found))
            found += [known for known in page.projects if reader.may(Permission.READ, known.project_id)]
            looked_at, after = looked_at + len(page.projects), page.next
            if after is None or len(found) >= limit or looked_at >= _LOOKED_AT:
                return ProjectPage(projects=found, next=after)

    async def state(self, project_id: str, *, ended_limit: int | None = None) -> ProjectState:
        """The project at one position. Empty for an unknown one. ``ended_limit``: how many ended tasks it tells of,
        where that matters.

        Raises `InvalidProjectIdError`, `ProjectDeletedError`, `BusUnavailableError`.
        """
        parse_project_id(project_id)
        return await self._store.project(project_id, open_limit=_OPEN_LIMIT, ended_limit=ended_limit or _ENDED_LIMIT)

    async def check(self, project_id: str) -> None:
        """Returns if the project was not deleted. Raises `ProjectDeletedError`, `BusUnavailableError`."""
        await self._store.counts(project_id)

    async def lineage(self, project_id: str, task_id: str) -> Lineage:
        """The chain that a task stands in, from either end; what it costs is bounded.

        Raises `InvalidProjectIdError`, `TaskNotFoundError`, `DeletedError`, `BusUnavailableError`.
        """
        task = (await self._store.task(parse_project_id(project_id), task_id)).task
        gone: list[str] = []
        above: list[Task] = [task]
        while (before := above[-1].request.promoted_from) is not None and len(above) < _GENERATIONS:
            found = await self._found(project_id, before)
            if found is None:
                gone.append(before)
                break
            above.append(found)
        known = {one.task_id: one for one in above}
        cut = before is not None and before not in (*gone, *known)
        tasks: list[Task] = []
        unseen = deque([above[-1].task_id])
        while unseen and len(tasks) < _RELATIVES:
            next_id = unseen.popleft()
            one = known.get(next_id) or await self._found(project_id, next_id)
            if one is None:
                gone.append(next_id)
            else:
                tasks.append(one)
                unseen += one.promoted_to
        named = {one.task_id for one in tasks}
        tasks += (one for one in reversed(above) if one.task_id not in named)
        return Lineage(tasks=tasks, gone=gone, partial=cut or bool(unseen))

    async def _found(self, project_id: str, task_id: str) -> Task | None:
        with contextlib.suppress(TaskNotFoundError, TaskDeletedError):
            return (await self._store.task(project_id, task_id)).task
        return None

    async def page(
        self, project_id: str, query: TaskQuery, cursor: str | None, limit: int
    ) -> tuple[TaskPage, str | None]:
        """A page of tasks, and the cursor of the next. ``query`` is what the first page's was; a cursor that goes on
        from a state needs none: it leads through the open tasks, then through the ended ones, newest first.

        Raises `InvalidProjectIdError`, `InvalidRequestError`, `ProjectDeletedError`, `BusUnavailableError`.
        """
        parse_project_id(project_id)
        match = _CURSOR.fullmatch(cursor or "before.0")
        if match is None:
            raise InvalidRequestError("A cursor is what the service sent as `next`.")
        listing, seq = match[1] or ENDED_FROM_NEWEST, int(match[2] or 0)
        if listing == "open":
            page = await self._store.open_tasks(project_id, after_seq=seq, limit=limit)
            return page, ENDED_FROM_NEWEST if page.next_seq is None else open_cursor(page.next_seq)
        if listing == "ended":
            query = TaskQuery(statuses=frozenset(ENDED))
        page = await self._store.tasks(project_id, query, before_seq=seq or None, limit=limit)
        if page.next_seq is None:
            return page, None
        return page, ended_cursor(page.next_seq) if listing == "ended" else f"before.{page.next_seq}"
