"""What `make long` runs beside the rest: variants of what `make test` tries already, which cost it minutes.

Each pattern is of the names that pytest gives; the reason says what the short form still has. ``AUTEUR_LONG=1`` runs
all.
"""

# ruff: noqa: E501 - a name of a test is as long as it is

import os
import re

LONG = bool(os.environ.get("AUTEUR_LONG"))
VARIANTS = {
    r"e2e/test_assistants\.py::test_(a_task_is_stopped|what_is_wrong|a_token_may_here|a_wait_is_bounded)\w*\[http 2025": (
        "the door by HTTP is tried by six others, and says the same words"
    ),
    r"e2e/test_assistants\.py::test_(what_no_tool_takes|a_service_that_stops_answers)\w*\[http 2025": "as by stdio, and 2026",
    r"e2e/test_proxy\.py::test_every_link\w*\[(strips|passes)-service[23]\]": "two ways of saying the prefix are left",
    r"e2e/test_proxy\.py::test_the_page_works\w*\[(strips|passes)-/-": "without the last slash it is tried",
    r"e2e/test_keeping\.py::test_(by_default_all_stays|what_takes_too_much)\w*\[redis\]": "the contracts try both logs",
    r"e2e/test_keeping\.py::test_a_rule_of_age\w*\[embedded\]": "the contracts try both logs",
    r"e2e/test_routing\.py::test_(the_first_of_the_order|an_engine_that_hangs)\w*\[embedded\]": "a fleet has all of it",
    r"e2e/test_routing\.py::test_a_task_(that_wished|under_which)\w*\[embedded\]": "a fleet has all of it",
    r"e2e/test_page_large\.py::.*\[shots\]": "the newest first is tried, by the same window",
    r"e2e/test_frames\.py::test_more_open\w*\[(redis-(four|three|six)|sqlite-(four|three))": "ASCII on both, six bytes on one",
    r"e2e/test_documentation\.py::.*\[/api/redoc\]": "it is the page at /api/docs",
    r"client/test_following\.py::test_waiting_may_be_given_up\w*\[stream\]": "the line does not matter to who waits",
    r"faults/test_faults\.py::test_the_promises_hold_over\[(nothing|log deleted)": "server, connections and answers fail",
    r"faults/test_faults\.py::test_the_harness_catches\[no_result_kept": "two other defects are caught",
    r"faults/test_records\.py::.*\[in peace\]": "carried over by who was killed half-way is more",
    r"adapters/test_controls\.py::test_the_same_set_at_another_size\w*\[(a crowd|dutch|interior|high angle|a village)": (
        "nine other sets are tried"
    ),
}
_COMPILED = re.compile("|".join(VARIANTS))


def is_left_out(nodeid: str) -> bool:
    """Whether the test waits for `make long`."""
    return not LONG and _COMPILED.search(nodeid) is not None
