"""The scripts of the log: each is `project.lua` and what it does; and how a project is asked about."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.errors import BusUnavailableError, ProjectDeletedError

log = structlog.get_logger(__name__)


def _script(name: str, flags: str, *parts: str) -> Script:
    return Script(__package__, name, flags, ("project", *parts))


PUBLISH = _script("publish", "", "begin_again", "outbox", "owe", "publish")
PUBLISH_ALWAYS = _script("publish_always", "allow-oom", "begin_again", "outbox", "owe", "publish")
"""For endings, what leads to them, and what frees memory: written even while the server is full."""
REPAIR = _script("repair", "allow-oom", "begin_again", "repair")
READ = _script("read", "no-writes", "read")
TASK = _script("task", "no-writes", "records", "task")
LOOK = _script("look", "no-writes", "records", "look")
PAGES = _script("pages", "no-writes", "records", "pages")
OPEN_TASKS = _script("open", "no-writes", "open")
SHOTS = _script("shots", "no-writes", "records", "shots")
REMOVABLE = _script("removable", "no-writes", "records", "removable")
SUMMARY = _script("summary", "no-writes", "records", "summary")
PURGE = _script("purge", "allow-oom", "purge")
TRIM = _script("trim", "allow-oom", "trim")
CARRY = _script("carry", "allow-oom", "carry")
HOOKS = _script("hooks", "", "outbox", "hooks")
CLAIM = _script("claim", "allow-oom", "outbox", "claim")
SETTLE = _script("settle", "allow-oom", "outbox", "settle")
DEAD = _script("dead", "no-writes", "outbox", "dead")
REPLAY = _script("replay", "", "outbox", "replay")
EXPIRE = _script("expire", "allow-oom", "outbox", "expire")
SHELVE = _script("shelve", "", "shelve")
BROWSE = _script("browse", "no-writes", "browse")
RELIST = Script(__package__, "relist", "allow-oom", ("relist",))
"""Of no project: its keys are those of the lists."""


def meta_key(database: RedisDatabase, project_id: str) -> str:
    """The key that a script about a project is given; the project's others begin like it."""
    return database.key(f"{{{project_id}}}:meta")


CarryOver = Callable[[RedisDatabase, str], Awaitable[None]]


async def ask(
    database: RedisDatabase,
    script: Script,
    project_id: str,
    *args: Any,
    carry_over: CarryOver,
    first: Sequence[Sequence[Any]] = (),
) -> tuple[str, list[Any]]:
    """Evaluates a script about a project, and in the same trip the commands ``first``; carries the project over from an
    auteur of before, or repairs its log, where that stands in the way. Raises `ProjectDeletedError`,
    `BusUnavailableError`."""
    key = meta_key(database, project_id)
    for _ in range(4):
        if first:
            run, answer = await database.evaluate_after(first, script, [key], *args)
        else:
            run, answer = await database.evaluate(script, [key], *args)
        if answer[0] == b"OLD":
            await carry_over(database, project_id)
        elif answer[0] == b"DELETED":
            raise ProjectDeletedError(project_id)
        elif answer[0] == b"UNSOUND":
            _, repaired = await database.evaluate(REPAIR, [key], database.new_token())
            if repaired:
                log.error("a project's log was damaged from outside and begins again", project_id=project_id)
        else:
            return run, answer
    raise BusUnavailableError("The event log is damaged faster than it can be repaired.")
