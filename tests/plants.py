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
_PATIENCE_S = 130.0
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
TOLD, KEPT = "Receivers are told what was kept", "tests/contracts/test_told.py"
SLOW = "Too slow is who reads nothing in 8 s"
WATCHED = "One watch for all conversations of a principal, one for a stop"
ROUTE, HTTP = "No FastAPI between the middleware and a socket", "src/auteur/entrypoints/http"
FROZEN = "What a start makes is not looked through"
SERVING = (
    "tests/entrypoints/test_serving.py"
    "::test_who_serves_or_works_collects_what_comes_and_looks_through_nothing_of_the_start"
)
LATE = "What is not needed at a start is loaded or built when it is"
START = (
    "tests/entrypoints/test_container.py"
    "::test_a_start_loads_no_more_than_serving_takes_and_builds_no_model_that_nobody_asked_for"
)
REDIS, STORE = "tests/adapters/test_redis.py", "tests/contracts/test_state_store.py"
LOOK, ONE = "One look for a submission", "An event writes its project once"
LISTS = "A project is entered in lists once in half a minute"
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
        f"{LOG}/sqlite/jobs.py",
        "            if connection.total_changes != written:\n", "            if False:\n",
        "tests/adapters/test_sqlite.py::test_what_is_refused_after_it_wrote_something_leaves_nothing_and_takes_nobody_with_it",
    ),
    Plant(
        "Commits are shared", "one is refused as a repetition of what was never committed", "P6, P8",
        f"{LOG}/sqlite/database.py",
        "not committed now\n                job.error = error\n",
        "not committed now\n                job.error = job.error or error\n",
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
        TOLD, "a receiver is told nothing of what was kept, or of another kind", "P2", f"{LOG}/sqlite/owing.py",
        "encode_told(event) if hearing", "encode_event(event) if hearing",
        f"{KEPT}::test_a_receiver_is_told_what_was_kept_byte_for_byte",
    ),
    Plant(
        TOLD, "a receiver is told files as another host has them", "P2", "src/auteur/adapters/webhooks.py",
        "    if text is None or not is_true_here(text):\n", "    if text is None:\n",
        f"{KEPT}::test_a_receiver_is_told_what_was_kept_byte_for_byte",
    ),
    Plant(
        TOLD, "what waits in a file of before is told to nobody", "P6", "src/auteur/adapters/webhooks.py",
        "    if text is None or not is_true_here(text):\n", "    if text is not None and not is_true_here(text):\n",
        f"{KEPT}::test_what_waits_for_a_receiver_in_a_file_of_before_is_told_as_well",
    ),
    Plant(
        SLOW, "who reads slowly is closed as one who does not read", "P10", f"{LIVE}/outbox.py",
        "                    if waiting - self._waiting() < _READS_BYTES:\n", "                    if True:\n",
        "tests/adapters/test_live.py::test_who_takes_a_little_at_a_time_is_waited_for_and_who_takes_nothing_is_not",
    ),
    Plant(
        SLOW, "who reads nothing is waited for without end", "P10, P16", f"{LIVE}/outbox.py",
        "                    if waiting - self._waiting() < _READS_BYTES:\n", "                    if False:\n",
        "tests/adapters/test_live.py::test_who_takes_a_little_at_a_time_is_waited_for_and_who_takes_nothing_is_not",
    ),
    Plant(
        SLOW, "the only one of a project is waited for without end", "P10, P16", f"{LIVE}/outbox.py",
        "                    if waiting - self._waiting() < _READS_BYTES:\n", "                    if False:\n",
        f"{STORY}::test_the_only_client_of_a_project_is_let_go_when_it_does_not_read",
    ),
    Plant(
        WATCHED, "of several conversations one is told of a stop", "P11", f"{LIVE}/conversations.py",
        "            for end in list(known.ends):\n                end(S",
        "            for end in list(known.ends)[:1]:\n                end(S",
        f"{STORY}::test_a_stop_ends_all_conversations_and_one_task_waits_for_it",
    ),
    Plant(
        WATCHED, "of several conversations one ends with the token", "access", f"{LIVE}/conversations.py",
        "        for end in list(known.ends):\n            end(U",
        "        for end in list(known.ends)[:1]:\n            end(U",
        f"{STORY}::test_who_is_denied_is_ended_everywhere_and_nobody_else",
    ),
    Plant(
        WATCHED, "who comes with a token that has ended is watched by nobody", "access", f"{LIVE}/conversations.py",
        "        del self._known[principal]  #", "        #",
        f"{STORY}::test_who_is_denied_is_ended_everywhere_and_nobody_else",
    ),
    Plant(
        WATCHED, "the watch stays when all have left", "P16", f"{LIVE}/conversations.py",
        "                known.watching.cancel()\n", "                pass\n",
        f"{STORY}::test_a_stop_ends_all_conversations_and_one_task_waits_for_it",
    ),
    Plant(
        ROUTE, "what is no project is refused without a word", "P13", f"{HTTP}/websocket.py",
        'WebSocketRoute("/ws/{project_id:path}", ', 'WebSocketRoute("/ws/{project_id}", ',
        "tests/e2e/test_watching.py::test_what_can_never_be_served_is_refused_with_a_code_that_says_so",
    ),
    Plant(
        ROUTE, "a client's subprotocol is not accepted, so that browsers with a token hang up", "access",
        f"{HTTP}/websocket.py", "SUBPROTOCOL if SUBPROTOCOL in", "None if SUBPROTOCOL in",
        "tests/e2e/test_signing_in.py::test_a_ticket_opens_one_socket_once",
    ),
    Plant(
        FROZEN, "in a service nothing is collected any more", "P16", "src/auteur/entrypoints/server.py",
        "    gc.enable()\n", "    pass\n", f"{SERVING}[serve]",
    ),
    Plant(
        FROZEN, "in a worker nothing is collected any more", "P16", "src/auteur/entrypoints/server.py",
        "    async with served, lifetime(container), _beating():\n        _collect_from_here()\n",
        "    async with served, lifetime(container), _beating():\n", f"{SERVING}[worker]",
    ),
    Plant(
        LATE, "another one is made for each use, and fetches what is being fetched", "P16",
        "src/auteur/entrypoints/outgoing.py", "self._made = functools.cache(make)", "self._made = make",
        "tests/entrypoints/test_url_inputs.py::test_shots_that_name_one_url_at_the_same_time_bring_it_in_once",
    ),
    Plant(
        LATE, "a package that is missing is missed amid work", "P18", "src/auteur/entrypoints/cli/serving.py",
        "    container.verifier()  #", "    #",
        "tests/entrypoints/test_oidc.py::test_without_the_extra_the_start_says_which_one_is_missing",
    ),
    Plant(
        LATE, "Pillow is in the service again", "the gain", "src/auteur/adapters/files/names.py",
        "from auteur.adapters.stills import MEDIA_TYPES", "from auteur.adapters.images import MEDIA_TYPES", START,
    ),
    Plant(
        LATE, "each model is built at a start again", "the gain", "src/auteur/protocol/model.py",
        "defer_build=True", "defer_build=False", START,
    ),
    Plant(
        LOOK, "the id of a deleted task is new", "P8", f"{LOG}/redis/look.lua",
        "if record == '' and", "if false and",
        f"{STORE}::test_what_a_submission_must_know_is_what_task_and_counts_say",
    ),
    Plant(
        ONE, "what is counted is forgotten", "P19", f"{LOG}/redis/publish.lua",
        "number((project.said[field] or 0) + by)", "number(by)", f"{STORE}::test_open_tasks_are_counted_by_lane",
    ),
    Plant(
        ONE, "what was just counted anew is written over", "P19", f"{LOG}/redis/publish.lua",
        "  begin_again(project, ARGV[1])\n  project.recounted = true\n", "  begin_again(project, ARGV[1])\n",
        f"{REDIS}::test_lanes_are_right_where_what_was_counted_was_deleted",
    ),
    Plant(
        "What is too old is looked for when it can be", "it stays", "retention", f"{LOG}/redis/publish.lua",
        "if tonumber(project.said.o or '0') < too_old_us or not project.said.o then", "if not project.said.o then",
        f"{REDIS}::test_old_events_go_and_records_stay",
    ),
    Plant(
        "An ending asks once whom it concerns", "what waits is not let go on", "P1", f"{LOG}/redis/publish.lua",
        ", key('blocked'), key('queued')) == 0", ") == 0",
        f"{REDIS}::test_an_ending_says_how_many_wait",
    ),
    Plant(
        "An ending asks once whom it concerns", "a webhook does not hear of it", "webhooks", f"{LOG}/redis/publish.lua",
        "key('wh:hooks'), key('wh:own'), ", "", "tests/contracts/test_webhook_outbox.py",
    ),
    Plant(
        LISTS, "a project that the server has lost is found by no sweep", "P1", f"{LOG}/redis/lists.py",
        "        if anew or (not is_whole and listed_in != run):\n", "        if False:\n",
        f"{REDIS}::test_a_project_is_entered_again_where_the_server_has_lost_its_lists",
    ),
    Plant(
        LISTS, "what was taken off meanwhile is found by no sweep", "P1", f"{LOG}/redis/store.py",
        "                again |= {name for", "                again & {name for",
        f"{REDIS}::test_a_project_is_entered_once_in_a_while_and_stays_listed_whoever_takes_it_off",
    ),
    Plant(
        LISTS, "events get older than they may", "retention", f"{LOG}/redis/lists.py",
        "        if at and float(at) > now - SUBMITTING_US:\n", "        if False:\n",
        f"{REDIS}::test_a_project_whose_only_event_was_looked_at_stays_among_those_that_get_too_old",
    ),
    Plant(
        "A plain submission is asked plainly", "what is not plain is not refused", "P8",
        "src/auteur/entrypoints/http/plain_route.py",
        "            if request.scope[", "            if False and request.scope[",
        "tests/entrypoints/test_http.py::test_what_the_framework_looks_at_it_looks_at",
    ),
    Plant(
        "An acceptance is written without its model", "it says something else than others are told", "P2, P17",
        "src/auteur/protocol/texts.py",
        "    if request.notice is not None:\n", "    if request.notice:\n", "tests/protocol/test_texts.py",
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
    source = str(place / "src")  # for the test, and for the services that it starts
    environment = {**os.environ, "PYTHONPATH": source, "STUDIO_SITE": source}
    try:
        ended = subprocess.run(words, cwd=place, env=environment, stdout=subprocess.DEVNULL, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:  # what was planted keeps the test's loop from its end, too
        return False
    return ended.returncode == 0


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
