"""``python -m tests.hostile``: each input twenty times, some at once, embedded and on a fleet; prints a table by kind.

Exits with 1 where a promise is broken: an answer that is not as it must be, others that waited, a line in the log that
is not of our shape, what was not given back.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.e2e.studio import HOME
from tests.faults.record import TURNS
from tests.hostile.bystander import SOCKET_EVERY_S, Watching, standing_by
from tests.hostile.catalogue import KINDS
from tests.hostile.entry import Entry
from tests.hostile.ground import Ground, embedded, fleet
from tests.hostile.judge import problems_of_log
from tests.hostile.runner import KEPT, MOST_TO_SERVER, Ran, held_by, in_flight, run, settled

OTHERS_MAY_WAIT_S = 0.25
"""For each of `TURNS` at the processor that an answer takes, what one took of a process that does nothing is added."""
MEMORY_MAY_GROW_BYTES = 64 << 20
SUSPECTS, TRIES = 16, 5
"""How many of those that were on their way when others waited are tried alone, and how often."""
QUIET_S = 5.0
HEAVY_SHARE = 4
"""What is many megabytes is sent so many times less often."""
_COLUMNS = (
    "kind", "entries", "sent", "refused", "accepted", "not as it must be", "500s", "errors logged",
    "others waited at most, ms", "the machine alone, ms", "memory before, MB", "after, MB",
)  # fmt: skip

GROUNDS: dict[str, Callable[[Path], AbstractAsyncContextManager[Ground]]] = {"embedded": embedded, "fleet": fleet}


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _row(*cells: object) -> None:
    _say("|", " | ".join(map(str, cells)), "|")


def _is_refused(ran: Ran) -> bool:
    outcome = ran.outcome
    if outcome.answers:
        return outcome.answers[0].status >= 400
    return outcome.end == "closed" or any(m["type"] == "error" and "task_id" not in m for m in outcome.messages)


def _repeated(entries: Sequence[Entry], rounds: int) -> list[Entry]:
    return [e for number in range(rounds) for e in entries if not e.heavy or number % HEAVY_SHARE == 0]


async def _one_kind(
    ground: Ground, watching: Watching, kind: str, entries: Sequence[Entry], rounds: int
) -> tuple[list[object], list[str]]:
    """A row of the table, and what is wrong."""
    hidden, before, marks = ground.hidden(), held_by(ground), ground.marks()
    began = time.monotonic()
    runs = await run(ground, _repeated([e.of(kind) for e in entries], rounds))
    after = await settled(ground, before)
    ended = time.monotonic()
    logged = problems_of_log(ground.said_since(marks), hidden)
    wait, when = watching.worst(began, ended, "http", "socket")
    alone, _ = watching.worst(began, ended, "machine")
    wrong = {f"{ran.entry.name}: {problem}" for ran in runs for problem in ran.problems}
    found = [f"[{kind}] {problem}" for problem in sorted(wrong)]
    found += [f"[{kind}] logged: {problem[:400]}" for problem in dict.fromkeys(logged)][:20]
    if wait > OTHERS_MAY_WAIT_S + TURNS * alone:
        for entry in in_flight(runs, when, wait)[:SUSPECTS]:
            least = await _alone(ground, watching, entry)
            if least > OTHERS_MAY_WAIT_S:
                found.append(f"[{kind}] {entry.name}: others waited {least * 1000:.0f} ms each time that it came")
    if after.tasks > before.tasks:
        found.append(f"[{kind}] not given back: {before} before, {after} after")
    bad = sum(bool(ran.problems) for ran in runs)
    answered_500 = sum(answer.status == 500 for ran in runs for answer in ran.outcome.answers)
    refused = sum(map(_is_refused, runs))
    row = [
        kind, len(entries), len(runs), refused, len(runs) - refused, bad, answered_500, len(logged),
        f"{wait * 1000:.0f}", f"{alone * 1000:.0f}", before.memory_bytes >> 20, after.memory_bytes >> 20,
    ]  # fmt: skip
    return row, found


async def _alone(ground: Ground, watching: Watching, entry: Entry) -> float:
    """How long others wait in any case for an input that comes alone: the least of some tries, since what a busy
    machine adds it adds to some."""
    waits = []
    for _ in range(TRIES):
        began = time.monotonic()
        await run(ground, [entry])
        await asyncio.sleep(2 * SOCKET_EVERY_S)  # so that others ask once more
        waits.append(watching.worst(began, time.monotonic(), "http", "socket")[0])
    return min(waits)


async def _on(where: str, rounds: int, only: str) -> list[str]:
    """Everything on one ground; what is wrong."""
    found: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        async with GROUNDS[where](Path(directory)) as ground, standing_by(*ground.address, HOME) as watching:
            began = time.monotonic()
            await asyncio.sleep(QUIET_S)
            quiet, _ = watching.worst(began, time.monotonic(), "http", "socket")
            kinds = {kind: entries for kind, entries in KINDS.items() if only.lower() in kind.lower()}
            _say(f"\n## {where}: {sum(map(len, kinds.values()))} inputs\n")
            _say(f"others alone wait at most {quiet * 1000:.0f} ms\n")
            # once, so that what is made at the first need is not counted as kept
            await run(ground, [e for entries in kinds.values() for e in entries if not e.slow])
            first = await settled(ground, held_by(ground))
            _row(*_COLUMNS)
            _row(*["---"] * len(_COLUMNS))
            for kind, entries in kinds.items():
                row, problems = await _one_kind(ground, watching, kind, entries, rounds)
                _row(*row)
                found += problems
            last = await settled(ground, first)
            _say(f"\nheld after the first round: {first}\nheld at the end: {last}")
            if last.files > first.files + KEPT:
                found.append(f"files not given back: {first} after the first round, {last} at the end")
            if last.to_server > MOST_TO_SERVER:
                found.append(f"connections to the server not given back: {last}")
            if last.memory_bytes > first.memory_bytes + MEMORY_MAY_GROW_BYTES:
                found.append(f"memory grew from {first.memory_bytes >> 20} to {last.memory_bytes >> 20} MB")
            found += [f"a bystander was cut off: {broken}" for broken in watching.broken[:10]]
            warnings: dict[str, int] = {}
            for line in ground.log.splitlines():
                if '"level": "warning"' in line:
                    event = str(json.loads(line).get("event"))[:60]
                    warnings[event] = warnings.get(event, 0) + 1
            _say(f"warnings logged: {warnings or 'none'}")
            assert ground.service.process is not None
            if ground.service.process.returncode is not None:
                found.append(f"the service is gone: {ground.service.process.returncode}")
    return [f"{where}: {problem}" for problem in found]


async def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    asked.add_argument("--rounds", type=int, default=20, help="how often each input is sent")
    asked.add_argument("--only", default="", help="kinds whose name contains this")
    asked.add_argument("--where", choices=[*GROUNDS], action="append", help="embedded, fleet; both if not given")
    chosen = asked.parse_args()
    found: list[str] = []
    for where in chosen.where or GROUNDS:
        found += await _on(where, chosen.rounds, chosen.only)
    _say(f"\n{len(found)} broken promises" if found else "\nevery promise was kept")
    for problem in found:
        _say("-", problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
