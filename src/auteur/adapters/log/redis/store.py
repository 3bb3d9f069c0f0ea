"""`StateStore` on Redis."""

from dataclasses import replace

from auteur.adapters.log.codec import decode_state, encode_state
from auteur.adapters.log.redis.scripts import LOAD, SAVE, about
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import Position
from auteur.domain.project import ProjectState


class RedisStateStore:
    """`StateStore` on a `RedisDatabase`; the same one as the bus, whose log says what a snapshot is worth."""

    def __init__(self, database: RedisDatabase) -> None:
        self._database = database

    async def load(self, project_id: str) -> ProjectState | None:
        run, (said, *answer) = await about(self._database, LOAD, project_id)
        if said == b"NONE":
            return None
        token, base, base_at, snapshot_token, snapshot_seq, body = answer
        state, epoch = decode_state(body), token.decode() + run
        if snapshot_token == token:  # whatever the server's run was then: what is kept holds
            return replace(state, position=Position(epoch, snapshot_seq))
        return await self._rebase(state, Position(epoch, base), int(base_at))

    async def _rebase(self, state: ProjectState, base: Position, lost_at_us: int) -> ProjectState:
        """The best that is known of a project whose log was lost: the older snapshot, less the tasks that ended in the
        part that was lost. The same for everybody who asks, and whenever."""
        tasks = dict(state.tasks)
        open_tasks = [task_id for task_id, task in tasks.items() if not task.ended]
        if open_tasks:
            *_, ended = self._database.keys_of(state.project_id)
            (scores,) = await self._database.execute(("ZMSCORE", ended, *open_tasks))
            for task_id, score in zip(open_tasks, scores, strict=True):
                if score is not None and float(score) <= lost_at_us:
                    del tasks[task_id]
        return replace(state, position=base if base.seq else None, tasks=tasks)

    async def save(self, state: ProjectState) -> None:
        if state.position is not None:
            keys = self._database.keys_of(state.project_id)
            await self._database.evaluate(SAVE, keys, state.position.epoch, state.position.seq, encode_state(state))
