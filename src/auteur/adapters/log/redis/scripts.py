"""The scripts of the log: each is `project.lua` and what it does."""

from typing import Any

import structlog

from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.errors import BusUnavailableError

log = structlog.get_logger(__name__)


def _script(name: str, flags: str, *parts: str) -> Script:
    return Script(__package__, name, flags, parts)


PUBLISH = _script("publish", "", "project", "begin_again", "publish")
PUBLISH_ALWAYS = _script("publish_always", "allow-oom", "project", "begin_again", "publish")
"""For endings, and what leads to them: written even while the server is full."""
REPAIR = _script("repair", "allow-oom", "project", "begin_again", "repair")
READ = _script("read", "no-writes", "project", "read")
LOAD = _script("load", "no-writes", "project", "load")
SAVE = _script("save", "", "project", "save")
TRIM = _script("trim", "allow-oom", "project", "trim")


async def about(database: RedisDatabase, script: Script, project_id: str, *args: Any) -> tuple[str, list[Any]]:
    """Evaluates a reading script about a project; repairs the log first if it is unsound."""
    keys = database.keys_of(project_id)
    for _ in range(3):
        run, answer = await database.evaluate(script, keys, *args)
        if answer[0] != b"UNSOUND":
            return run, answer
        _, repaired = await database.evaluate(REPAIR, keys, database.new_token())
        if repaired:
            log.error("a project's log was damaged from outside and begins again", project_id=project_id)
    raise BusUnavailableError("The event log is damaged faster than it can be repaired.")
