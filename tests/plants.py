"""What made the service faster could have broken promises: each such defect, planted, and the test that must say so.

``python -m tests.plants [word]`` (``make plants``) copies the sources, plants one defect after another, runs the test
beside it; prints the table that docs/performance.md has. Exit code 1 where a test did not notice, or does not hold
without the defect.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIVE, EDGE, LOG = "src/auteur/adapters/live", "src/auteur/entrypoints/edge", "src/auteur/adapters/log"


@dataclass(frozen=True, slots=True)
class Plant:
    """``gain``: what was made faster; ``could``: what that could have broken; ``then`` is put where ``now`` is."""

    gain: str
    could: str
    promise: str
    file: str
    now: str
    then: str
    test: str


HUB, STORY = "One hub for all who are level", "tests/adapters/test_hub.py"
WAY, PAGE = "The shortest way out", "A page is one write"
OPEN, FRAMES = "tests/websocket/test_conversing.py", "Nothing of what led to a socket stays with it"
PLANTS = (
    Plant(
        HUB, "who joins amid what was read hears it twice, or not", "P2, P3", f"{LIVE}/hub.py",
        "            if number == len(read) or position in self._early:", "            if number == len(read):",
        f"{STORY}::test_each_hears_each_event_once_whoever_stalls_and_comes_when",
    ),
    Plant(
        HUB, "who is left behind is forgotten", "P3, P4", f"{LIVE}/hub.py",
        "        ear.lagged(self._here.position)\n", "        pass\n",
        f"{STORY}::test_who_does_not_read_follows_by_itself_and_comes_back_when_it_reads",
    ),
    Plant(
        HUB, "who is left behind goes on from too far", "P3", f"{LIVE}/hub.py",
        "            self._let_go(ear)\n        self._here.moved(position)\n",
        "            self._here.moved(position)\n            self._let_go(ear)\n        self._here.moved(position)\n",
        f"{STORY}::test_each_hears_each_event_once_whoever_stalls_and_comes_when",
    ),
    Plant(
        HUB, "a deleted project is not told of as the last", "P1, P3", f"{LIVE}/hub.py",
        "                    if recorded.is_last:\n", "                    if False:\n",
        f"{STORY}::test_a_deleted_project_is_told_as_the_last_to_all",
    ),
    Plant(
        HUB, "a fault while it tells leaves all waiting", "P4", f"{LIVE}/hub.py",
        "            self._running.cancel()\n            self._fail(error)\n", "            pass\n",
        f"{STORY}::test_a_fault_at_the_end_of_a_turn_is_said_to_all",
    ),
    Plant(
        WAY, "it is taken though something waits: no bound holds", "P10", f"{LIVE}/hub.py",
        "            del level.direct[ear]\n            level.others[ear] = None\n", "            pass\n",
        f"{STORY}::test_each_hears_each_event_once_whoever_stalls_and_comes_when",
    ),
    Plant(
        WAY, "that something waits is not noticed", "P10", f"{EDGE}/sockets.py",
        "        self.transport.set_write_buffer_limits(high=0)  #", "        #", "tests/websocket/test_line.py",
    ),
    Plant(
        WAY, "an event follows a close frame", "P11", f"{EDGE}/sockets.py",
        "        if has_said_close:\n", "        if False:\n", "tests/websocket/test_line.py",
    ),
    Plant(
        WAY, "it is taken to a client that is gone", "P16", f"{EDGE}/sockets.py",
        "        super().connection_lost(exc)\n        self._redirect()\n", "        super().connection_lost(exc)\n",
        "tests/websocket/test_line.py",
    ),
    Plant(
        "What is read at once leaves at once", "more waits for one than may", "P10", f"{LIVE}/outbox.py",
        "if told is None or frames <= self._limits.outbox_messages else None", "if True else None",
        f"{STORY}::test_what_is_read_at_once_is_written_at_once_and_the_shortest_way_where_nothing_waits",
    ),
    Plant(
        PAGE, "a page waits for one who may have less", "P10", f"{LIVE}/outbox.py",
        "            if len(sizes) + messages - 1 >=", "            if len(sizes) - 1000 >=",
        "tests/adapters/test_live.py::test_what_waits_for_a_client_is_bounded_in_messages",
    ),
    Plant(
        "Commits are shared", "one that is refused leaves something, or takes others with it", "P6, P8",
        f"{LOG}/sqlite/database.py",
        "                    for job in jobs:\n                        _run_within(connection, job)\n",
        "                    for job in jobs:\n                        job.outcome = job.work(connection)\n",
        "tests/adapters/test_sqlite.py::test_what_waits_at_the_same_time_is_committed_together_and_refused_by_itself",
    ),
    Plant(
        "Commits are shared", "one is refused as a repetition of what was never committed", "P6, P8",
        f"{LOG}/sqlite/database.py",
        "                job.error = error\n\n    async def check",
        "                job.error = job.error or error\n\n    async def check",
        "tests/adapters/test_sqlite.py::test_who_was_refused_for_what_was_not_committed_is_told_that_it_cannot_be_known",
    ),
    Plant(
        "The client's text is kept in the log", "files are named as another host has them", "P2",
        "src/auteur/protocol/texts.py",
        "    return not reached_at() or _FILES not in text\n", "    return True\n", "tests/protocol/test_texts.py",
    ),
    Plant(
        "Progress is written without its model", "it says something else than others are told", "P2, P17",
        "src/auteur/protocol/texts.py",
        "    if event.eta_s is not None:\n", "    if event.eta_s:\n", "tests/protocol/test_texts.py",
    ),
    Plant(
        FRAMES, "what an open socket counts for is never given back", "P16", f"{EDGE}/conversing.py",
        "        protocol.ended()\n", "        pass\n", f"{OPEN}::test_the_end_is_told_once_however_it_comes",
    ),
    Plant(
        FRAMES, "a message is lost with who waited for it", "P8", f"{EDGE}/conversing.py",
        "                self._waiting = None\n        message",
        "                self._waiting = self._messages = None\n        message",
        f"{OPEN}::test_messages_wait_in_order_and_none_is_lost_with_who_waited_for_it",
    ),
    Plant(
        FRAMES, "a socket counts for nothing once it is open", "P10", "src/auteur/entrypoints/http/access.py",
        "                when_it_ends(scope, stack.pop_all().close)\n", "                pass\n",
        f"{OPEN}::test_an_open_socket_counts_and_is_told_links_as_it_was_reached",
    ),
    Plant(
        FRAMES, "files are named as another host has them", "P2", "src/auteur/entrypoints/http/middleware.py",
        "            reached_under(self._root_path)\n", "            pass\n",
        f"{OPEN}::test_an_open_socket_counts_and_is_told_links_as_it_was_reached",
    ),
)  # fmt: skip


def holds(place: Path, test: str) -> bool:
    """Whether the test does, on the sources there."""
    words: Sequence[str] = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--timeout",
        "100",
        "-p",
        "no:cacheprovider",
        test,
    ]
    environment = {**os.environ, "PYTHONPATH": str(place / "src")}
    return subprocess.run(words, cwd=place, env=environment, stdout=subprocess.DEVNULL).returncode == 0


def main(word: str = "") -> int:
    """The exit code."""
    unnoticed = 0
    plants = [plant for plant in PLANTS if word in f"{plant.gain} {plant.could} {plant.test}"]
    with tempfile.TemporaryDirectory() as held:
        place = Path(held) / "tree"
        place.mkdir()
        for part in ("src", "tests", "benchmarks", "docs", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, place / part)
        sound: dict[str, bool] = {}
        print("| what is faster | could have broken | promise | says so |\n|---|---|---|---|")
        for plant in plants:
            if plant.test not in sound:
                sound[plant.test] = holds(place, plant.test)
            file = place / plant.file
            was = file.read_text()
            assert plant.now in was, f"{plant.file} has changed: {plant.now!r}"
            file.write_text(was.replace(plant.now, plant.then, 1))
            noticed = sound[plant.test] and not holds(place, plant.test)
            file.write_text(was)
            unnoticed += not noticed
            test = plant.test.removeprefix("tests/")
            says = f"`{test}`" if noticed else f"NOT NOTICED by `{test}`"
            print(f"| {plant.gain} | {plant.could} | {plant.promise} | {says} |", flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
