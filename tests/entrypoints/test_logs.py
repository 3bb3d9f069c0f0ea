import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from auteur.entrypoints.logs import configure_logs
from auteur.entrypoints.settings import load_settings


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = before, level
    structlog.reset_defaults()
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).filters.clear()
        logging.getLogger(name).disabled = False


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure_logs(load_settings(log_format=log_format))
    address = "redis://:" + "hunter2@somewhere"
    try:
        raise ValueError("it went wrong")
    except ValueError:
        structlog.get_logger("test").exception("failed", what=len(address))
    said = capsys.readouterr().err
    assert "it went wrong" in said
    assert "test_a_traceback_shows_no_values" in said
    assert "hunter2" not in said


def test_a_line_is_one_json_object_with_its_context(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(load_settings(log_format="json"))
    with structlog.contextvars.bound_contextvars(request_id="req-1"):
        structlog.get_logger("test").warning("said", number=3)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["number"], line["request_id"], line["level"]) == ("said", 3, "req-1", "warning")
