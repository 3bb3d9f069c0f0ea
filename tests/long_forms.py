"""What `make long` runs beside the rest: variants of what `make test` tries already, which cost it minutes.

Each pattern is of the names that pytest gives; the reason says what the short form still has. ``AUTEUR_LONG=1`` runs
all.
"""

# ruff: noqa: E501 - a name of a test is as long as it is

import os
import re

import pytest

LONG = bool(os.environ.get("AUTEUR_LONG"))
VARIANTS = {
    # what has a target of its own, and is tried briefly by others
    r"openapi/": "make openapi; tests/documents hold the document",
    r"machine/": "make machine; the promises hold over faults, too",
    r"clients/test_typescript\.py::test_in_node\[(cuts|service)": "make clients; a page hears each event over cuts of its line",
    r"e2e/test_assistants\w*\.py::.*\[http 202[56]": "make assistants; the same tools by stdio",
    r"e2e/test_assistants_child\.py::test_(it_ends|a_token|what_is_no_message|a_picture)": "what it is called with is tried beside it",
    r"e2e/test_assistants\.py::test_(a_token_that_is_revoked|a_service_that_is_restarted)": "a wait is bounded, and given up",
    r"faults/test_storage\.py": "make storage; tests/adapters/test_bucket.py kills the store, too",
    r"faults/test_faults\.py::test_the_promises_hold_over\[(nothing|log deleted|answers)": "server and connections fail",
    r"faults/test_faults\.py::test_the_harness_catches\[(no_result_kept|retries)": "other defects are caught",
    r"faults/test_(clients|secrets)\.py::.*\[embedded\]": "a fleet has all of it",
    r"faults/test_records\.py::.*\[in peace\]": "carried over by who was killed half-way is more",
    r"film/test_coverage\.py::test_no_shot_of_a_script\w*\[[123]-": "three scripts and six pages are left",
    # what is tried on the other log, by the other wording, at the other width
    r"e2e/test_proxy\.py::test_every_link\w*\[(strips-service[123]|passes-service[023])\]": "one of each kind is left",
    r"e2e/test_proxy\.py::test_the_page_works\w*\[(strips-/|passes-/|strips-)-": "one of four",
    r"e2e/test_proxy\.py::test_(the_command_line|server_sent)\w*\[strips": "one of two",
    r"e2e/test_keeping\.py::test_(by_default|what_takes|when_the_log)\w*\[redis\]": "the contracts try both logs",
    r"e2e/test_keeping\.py::test_a_rule_of_age\w*\[embedded\]": "the contracts try both logs",
    r"e2e/test_keeping\.py::test_(the_command_line_deletes|who_is_asked|files_that_no_record)": "tests/entrypoints/test_keeping.py",
    r"e2e/test_routing\.py::test_(the_first_of|an_engine_that_(hangs|is_down))\w*\[fleet\]": "one service has all of it",
    r"e2e/test_routing\.py::test_a_task_(that_wished|under_which)\w*\[embedded\]": "a fleet has all of it",
    r"e2e/test_page_large\.py": "benchmarks/page.py measures it; every take is found by scrolling in test_page_work.py",
    r"e2e/test_page_access\.py::test_axe\w*\[(360-dark|1280-light)\]": "each width and each theme is left",
    r"e2e/test_form_and_viewer\.py::test_axe\w*\[(360-dark|1280-light)\]": "each width and each theme is left",
    r"e2e/test_frames\.py::test_more_open\w*\[(redis-(four|three|six)|sqlite-(four|three))": "ASCII on both, six bytes on one",
    r"e2e/test_frames\.py::test_it_connects\w*\[sqlite\]": "on Redis it is tried",
    r"e2e/test_documentation\.py::.*\[/api/redoc\]": "it is the page at /api/docs",
    r"e2e/test_documented\.py::.*\[docs/tutorial": "the README's words are tried",
    r"e2e/test_backup\.py::test_(redis_and_the_workspace\w*\[append|a_record_whose|a_bookmark)": "under load and by snapshot it is tried",
    r"e2e/test_upgrade\.py::test_what_the_last_release_left_can_be_backed_up": "that it goes on is tried",
    r"e2e/test_webhooks\.py::test_two_replicas": "every ending arrives, and what was owed by who was killed",
    r"e2e/test_workers\.py::test_a_flooding": "benchmarks/fairness.py measures it",
    r"e2e/test_own_task\.py::test_(when_it_dies|what_a_service_left)": "while it works others are recovered",
    r"e2e/test_same\.py::.*\[memory\]": "on SQLite it is the same story",
    r"e2e/test_tracing\.py::test_one_trace\w*\[embedded\]": "on Redis it is one trace",
    r"e2e/test_legacy\.py::test_whose_token": "test_signing_in.py ends the sockets of a revoked token",
    r"client/test_following\.py::test_(waiting_may_be|a_loss_is_said|what_cannot_be)\w*\[stream": "the line does not matter to it",
    r"client/test_following\.py::test_who_has_another_token": "tests/client/test_asking.py",
    r"entrypoints/test_cli\.py::test_a_result_that_cannot_be_put\w*\[embedded\]": "at a service it is the same",
    r"documents/test_generated\.py::test_what_the_document_does_not_allow": "what it allows compiles",
    r"adapters/test_controls\.py::test_the_same_set_at_another_size\w*\[(a crowd|dutch|interior|high angle|a village)": "nine others",
}
COLLECTED = pytest.StashKey[list[str]]()
"""What there is, left out or not: the names of all tests of this run."""
_COMPILED = re.compile("|".join(VARIANTS))


def is_left_out(nodeid: str) -> bool:
    """Whether the test waits for `make long`."""
    return not LONG and _COMPILED.search(nodeid) is not None
