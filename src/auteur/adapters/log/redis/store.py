"""`StateStore` on Redis."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from auteur.adapters.log.outbox import microseconds
from auteur.adapters.log.redis.answers import (
    ascending,
    counts_of,
    descending,
    indexed,
    open_task,
    page_of,
    pairs_of,
    read_place,
    shot_of,
)
from auteur.adapters.log.redis.carry import carry_list, carry_over
from auteur.adapters.log.redis.lists import SUBMITTING_US
from auteur.adapters.log.redis.record import moment, read_record
from auteur.adapters.log.redis.scripts import (
    LOOK,
    OPEN_TASKS,
    PAGES,
    PURGE,
    REMOVABLE,
    SHOTS,
    SUMMARY,
    TASK,
    ask,
    meta_key,
)
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.errors import ProjectDeletedError, TaskDeletedError, TaskForgottenError, TaskNotFoundError
from auteur.domain.events import Position
from auteur.domain.state import (
    OpenTask,
    ProjectCounts,
    ProjectPage,
    ProjectState,
    ProjectSummary,
    Shot,
    TaskPage,
    TaskQuery,
    TaskReading,
)
from auteur.domain.task import ENDED, OPEN, Task, TaskStatus

_BATCH = 200
_SPARE = 20
"""How many more projects are read than are asked for: some may be deleted, or never have begun."""
_SCANNED = 2000
"""How many records one search looks at; then it says where it stopped."""
_STATUSES = tuple(TaskStatus)


class RedisStateStore:
    """`StateStore` on a `RedisDatabase`, the same one as the bus."""

    def __init__(self, database: RedisDatabase) -> None:
        self._database = database

    async def task(self, project_id: str, task_id: str) -> TaskReading:
        run, (said, *answer) = await self._ask(TASK, project_id, task_id)
        if said == b"GONE":
            raise TaskDeletedError(project_id, task_id)
        if said == b"FORGOTTEN":
            raise TaskForgottenError(project_id, task_id)
        if said == b"UNKNOWN":
            raise TaskNotFoundError(project_id, task_id)
        token, seq, record = answer
        position = Position(token.decode() + run, seq)
        return TaskReading(task=read_record(project_id, record), position=position, queue_position=record[2] or None)

    async def task_and_open(self, project_id: str, task_id: str) -> tuple[TaskReading | None, ProjectCounts]:
        run, (_, token, seq, record, counts) = await self._ask(LOOK, project_id, task_id)
        if record == b"GONE":
            raise TaskDeletedError(project_id, task_id)
        if record == b"FORGOTTEN":
            raise TaskForgottenError(project_id, task_id)
        reading = None
        if record:
            task = read_record(project_id, record)
            position = Position(token.decode() + run, seq)
            reading = TaskReading(task=task, position=position, queue_position=record[2] or None)
        return reading, counts_of(run, counts)

    async def counts(self, project_id: str) -> ProjectCounts:
        run, (_, counts) = await self._ask(PAGES, project_id)
        return counts_of(run, counts)

    async def project(self, project_id: str, *, open_limit: int, ended_limit: int) -> ProjectState:
        run, (_, counts, opened, ended) = await self._ask(
            PAGES, project_id, *ascending(OPEN, 0, open_limit), *descending(ENDED, None, ended_limit)
        )
        return ProjectState(
            project_id=project_id,
            counts=counts_of(run, counts),
            open=page_of(project_id, opened, open_limit),
            ended=page_of(project_id, ended, ended_limit),
        )

    async def tasks(self, project_id: str, query: TaskQuery, *, before_seq: int | None, limit: int) -> TaskPage:
        statuses = [status for status in _STATUSES if status in query.statuses]
        indexes = [status.value for status in statuses]
        if query.shot is not None:
            indexes = [f"shot:{query.shot}"]
        elif query.favourite:
            indexes = ["favourites"]
        narrow = query == TaskQuery(
            statuses=query.statuses
        )  # the indexes are the query: nothing need be looked through
        if narrow:
            _, (_, _, records) = await self._ask(PAGES, project_id, *descending(statuses, before_seq, limit))
            return page_of(project_id, records, limit)
        found: list[Any] = []
        for _ in range(_SCANNED // _BATCH):
            bound = "+inf" if before_seq is None else before_seq
            _, (_, _, records) = await self._ask(PAGES, project_id, "\n".join(indexes), bound, _BATCH, "newest")
            for record in records:
                before_seq = int(record[1])
                if record[4] and query.matches(read_record(project_id, record)):
                    found.append(record)
                    if len(found) > limit:
                        return page_of(project_id, found, limit)
            if len(records) < _BATCH:
                return page_of(project_id, found, limit)
        page = page_of(project_id, found, limit)
        return TaskPage(
            tasks=page.tasks, next_seq=before_seq, queue_positions=page.queue_positions, partial=True
        )  # fmt: skip

    async def open_tasks(
        self, project_id: str, *, after_seq: int = 0, limit: int, status: TaskStatus | None = None
    ) -> TaskPage:
        statuses = OPEN if status is None else (status,)
        _, (_, _, records) = await self._ask(PAGES, project_id, *ascending(statuses, after_seq, limit))
        return page_of(project_id, records, limit)

    async def dependants(self, project_id: str, task_id: str, *, after_seq: int = 0, limit: int) -> TaskPage:
        _, (_, _, records) = await self._ask(PAGES, project_id, *indexed(f"dependants:{task_id}", after_seq, limit))
        return page_of(project_id, records, limit)

    async def oldest_ended(
        self, project_id: str, limit: int, *, ended_before: datetime | None = None
    ) -> Sequence[Task]:
        bound = "" if ended_before is None else microseconds(ended_before)
        _, (_, records) = await self._ask(REMOVABLE, project_id, limit, bound)
        return [read_record(project_id, record) for record in records]

    async def unfinished(self) -> Sequence[OpenTask]:
        found: list[OpenTask] = []
        unfinished = self._database.key("unfinished")
        (members,) = await self._database.execute(("SMEMBERS", unfinished))
        listed = sorted(member.decode() for member in members)
        for start in range(0, len(listed), _BATCH):
            batch = listed[start : start + _BATCH]
            found += await self._open_of(batch)
            idle = sorted({*batch} - {known.project_id for known in found})
            if idle:  # off the list; a task that was queued meanwhile brings its project back
                await self._database.execute(("SREM", unfinished, *idle))
                late = await self._open_of(idle)
                # whoever submits enters both lists first: what is active now may still have its first event to come
                (active,) = await self._database.execute(("ZMSCORE", self._database.key("active"), *idle))
                since = microseconds(datetime.now(UTC)) - SUBMITTING_US
                again = {known.project_id for known in late}
                again |= {name for name, at in zip(idle, active, strict=True) if at and float(at) > since}
                if again:
                    await self._database.execute(("SADD", unfinished, *again))
                found += late
        return found

    async def shots(self, project_id: str, *, after: str | None, limit: int) -> Sequence[Shot]:
        _, (_, *shots) = await self._ask(SHOTS, project_id, after or "", limit)
        return [shot_of(project_id, *shot) for shot in shots]

    async def projects(self, *, after: str | None, limit: int) -> ProjectPage:
        score, name = read_place(after)
        await carry_list(self._database)
        key = self._database.key("active")
        found: list[ProjectSummary] = []
        while True:
            (listed,) = await self._database.execute(
                ("ZREVRANGEBYSCORE", key, score, "-inf", "WITHSCORES", "LIMIT", 0, limit + _SPARE)
            )
            places = [(member.decode(), int(at)) for member, at in pairs_of(listed)]
            following = [place for place in places if name is None or (place[1], place[0]) < (int(score), name)]
            for number, (project_id, active_at) in enumerate(following):
                if len(found) == limit:
                    last_id, last_at = following[number - 1] if number else (name, int(score))
                    return ProjectPage(projects=found, next=f"{last_at}/{last_id}")
                summary = await self._summary(project_id, active_at)
                found += [summary] if summary else []
            if len(places) < limit + _SPARE or not following:
                return ProjectPage(projects=found)
            name, score = following[-1][0], str(following[-1][1])

    async def overdue(self, ended_before: datetime, limit: int) -> Sequence[str]:
        await carry_list(self._database)
        key = self._database.key("retained")
        due_us = microseconds(ended_before)
        (due,) = await self._database.execute(("ZRANGEBYSCORE", key, "-inf", due_us, "LIMIT", 0, limit))
        found = []
        for member in due:
            project_id = member.decode()
            try:
                oldest = [task.ended_at for task in await self.oldest_ended(project_id, 1)]
            except ProjectDeletedError:
                oldest = []
            if oldest and oldest[0] is not None and oldest[0] < ended_before:
                found.append(project_id)
                continue
            # looked at again when its oldest is too old; where tasks are only open, when one that ends now is
            ended_at = oldest[0] if oldest else None
            since_us = microseconds(ended_at or datetime.now(UTC))
            stays = ended_at or await self._open_of([project_id])
            if stays:
                await self._database.execute(("ZADD", key, since_us, project_id))
                continue
            # whoever submits enters the lists first, and its event may still have to come: it was on this one already
            _, at = await self._database.execute(
                ("ZREM", key, project_id), ("ZSCORE", self._database.key("active"), project_id)
            )
            if at and float(at) > microseconds(datetime.now(UTC)) - SUBMITTING_US:
                await self._database.execute(("ZADD", key, "NX", since_us, project_id))
        return found

    async def purge(self, project_id: str, limit: int) -> bool:
        _, done = await self._database.evaluate(PURGE, [meta_key(self._database, project_id)], limit)
        if done:
            key = self._database.key
            lists = [("ZREM", key(name), project_id) for name in ("active", "trimmable", "retained")]
            await self._database.execute(*lists, ("SREM", key("purging"), project_id))
        return bool(done)

    async def purging(self) -> Sequence[str]:
        (members,) = await self._database.execute(("SMEMBERS", self._database.key("purging")))
        listed = [member.decode() for member in members]
        if not listed:
            return []
        # listed before the event that deletes it: what counts is whether that came
        asked = [("HGET", meta_key(self._database, project_id), "deleted") for project_id in listed]
        answers = await self._database.execute(*asked)
        return [project_id for project_id, deleted in zip(listed, answers, strict=True) if deleted == b"1"]

    async def _ask(self, script: Script, project_id: str, *args: Any) -> tuple[str, list[Any]]:
        return await ask(self._database, script, project_id, *args, carry_over=carry_over)

    async def _open_of(self, project_ids: Sequence[str]) -> list[OpenTask]:
        found = []
        for project_id in project_ids:
            try:
                _, (_, *tasks) = await self._ask(OPEN_TASKS, project_id)
            except ProjectDeletedError:
                continue
            found += [open_task(project_id, *task) for task in tasks]
        return found

    async def _summary(self, project_id: str, active_at: int) -> ProjectSummary | None:
        try:
            run, (_, counts, newest_at, poster) = await self._ask(SUMMARY, project_id)
        except ProjectDeletedError:
            return None
        known = counts_of(run, counts)
        if known.position is None:  # listed, but its first event never came
            return None
        return ProjectSummary(
            project_id=project_id,
            by_status=known.by_status,
            size_bytes=known.size_bytes,
            active_at=moment(str(max(int(newest_at), active_at)).encode()),
            poster=read_record(project_id, poster).poster if poster else None,
        )
