"""Carries a project over that an auteur of before kept as a log and a snapshot of the whole."""

import asyncio
from typing import Any
from weakref import WeakValueDictionary

import structlog

from auteur.adapters.log.carry import fold
from auteur.adapters.log.codec import decode_event, decode_snapshot
from auteur.adapters.log.redis.record import fields_of, guard_of, word
from auteur.adapters.log.redis.scripts import CARRY, meta_key
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.task import Task

log = structlog.get_logger(__name__)

_EVENTS, _RECORDS = 500, 100
_CARRYING: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()
"""What this process carries over now, by database and project."""


async def carry_over(database: RedisDatabase, project_id: str) -> None:
    """Makes records of all that log and snapshot tell; does nothing where it is done. Raises `BusUnavailableError`.

    Any number of processes may do it at a time: what they write is the same, and counts once. In this process one does
    it, and all who ask wait for that one.
    """
    async with _CARRYING.setdefault((id(database), project_id), asyncio.Lock()):
        await _carry_over(database, project_id)


async def _carry_over(database: RedisDatabase, project_id: str) -> None:
    meta = meta_key(database, project_id)
    home = meta.removesuffix("meta")
    known, snapshot = await database.execute(("HMGET", meta, "seq", "v"), ("HGET", f"{home}state", "body"))
    head, version = known
    if version is not None:
        return
    last_seq = int(head or 0)
    events = []
    after = 0
    while after < last_seq:
        (entries,) = await database.execute(("XRANGE", f"{home}log", f"{after + 1}", f"{last_seq}", "COUNT", _EVENTS))
        if not entries:
            break
        for entry_id, fields in entries:
            after = int(entry_id.partition(b"-")[0])
            events.append((after, decode_event(_field(fields, b"e"))))
    snapshot_seq, tasks = decode_snapshot(snapshot) if snapshot else (0, {})
    found = fold(snapshot_seq, tasks, events)
    for start in range(0, len(found), _RECORDS):
        await _write(database, meta, last_seq, found[start : start + _RECORDS], last=False)
    if await _write(database, meta, last_seq, [], last=True):
        log.info("a project was carried over to records", project_id=project_id, tasks=len(found))


async def _write(database: RedisDatabase, meta: str, last_seq: int, tasks: list[Task], *, last: bool) -> bool:
    words: list[object] = [str(last_seq), "1" if last else "0"]
    for task in tasks:
        fields = {"g": guard_of(task, str(task.queued_seq)), **fields_of(task)}
        lane = word(task.request.lane) or "-"
        pairs = [part for pair in fields.items() for part in pair]
        words += [task.task_id, task.queued_seq, task.status.value, lane, task.size_bytes, len(fields), *pairs]
    _, done = await database.evaluate(CARRY, [meta], *words)
    return bool(done)


async def carry_list(database: RedisDatabase) -> None:
    """Enters the projects of before in the lists of today; does nothing where it is done. Raises
    `BusUnavailableError`."""
    key, cursor = database.key, "0"
    while True:
        (answer,) = await database.execute(("SSCAN", key("projects"), cursor, "COUNT", _EVENTS))
        cursor, members = answer[0], list(answer[1])
        logs = [("XREVRANGE", f"{key('')}{{{member.decode()}}}:log", "+", "-", "COUNT", 1) for member in members]
        newest = await database.execute(*logs) if logs else []
        commands: list[tuple[object, ...]] = []
        for member, entries in zip(members, newest, strict=True):
            at = int(_field(entries[0][1], b"t")) if entries else 0
            commands += [("ZADD", key("active"), "NX", at, member)]
            commands += [("ZADD", key(name), "NX", 0, member) for name in ("trimmable", "retained")]
        if commands:
            # only what was read: a process of before may add one meanwhile
            await database.execute(*commands, ("SREM", key("projects"), *members))
        if int(cursor) == 0:
            return


def _field(fields: Any, name: bytes) -> Any:
    """A field of an entry, however the client has answered it."""
    pairs = fields.items() if isinstance(fields, dict) else zip(fields[::2], fields[1::2], strict=True)
    return next(value for known, value in pairs if known == name)
