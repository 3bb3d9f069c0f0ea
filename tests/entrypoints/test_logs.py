import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest
import structlog

from auteur.adapters.plain import plain
from auteur.entrypoints.logs import configure_logs
from auteur.entrypoints.settings import load_settings


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level, shown = list(root.handlers), root.level, warnings.showwarning
    yield
    warnings.showwarning = shown
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


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("said", ["/\x1b[2J", "/\x9b31m", "/a\u202eb", "/a\u2028b", "/a\rb", "/\x00", "/\x07"])
def test_what_a_client_says_commands_no_terminal(
    capsys: pytest.CaptureFixture[str], log_format: str, said: str
) -> None:
    configure_logs(load_settings(log_format=log_format))
    structlog.get_logger("test").warning("request", path=said, words=[said], by={"path": said})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()


def test_what_libraries_warn_of_and_log_is_a_line_of_ours_without_folders_and_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_logs(load_settings(log_format="json"))
        warnings.warn("cannot read /srv/studio/secret-film/frame.png\nnor its neighbour", UserWarning, stacklevel=1)
        logging.getLogger("PIL").warning("https://user:hunter2@host/a?token=hunter2 and password: hunter2")
    warned, logged = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (warned["event"], warned["level"], warned["kind"]) == ("a library warns", "warning", "UserWarning")
    assert warned["text"] == "cannot read frame.png nor its neighbour"
    assert "/" not in warned["where"]
    assert logged["event"] == "https://host/a and password=…"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("two\nlines\tand\x1b[31mcolour\x00", "two lines and [31mcolour"),
        ("/usr/lib/python3/dist-packages/PIL/TiffImagePlugin.py:935: Truncated", "TiffImagePlugin.py:935: Truncated"),
        ("open('/home/ada/.ssh/id_rsa')", "open('id_rsa')"),
        (r"C:\Users\ada\film\frame.png is gone", "frame.png is gone"),
        ("file=/srv/a/b.png, 16/9, and/or", "file=b.png, 16/9, and/or"),
        ("api_key=abc def", "api_key=…"),
        ('{"token": "abc"}', '{"token"=…'),
        ("redis://:pw@host:6379/0?password=x", "redis://host:6379/0"),
        ("x" * 1000, "x" * 500 + "…"),
        ("lone \ud800 half", "lone half"),
        ("", ""),
    ],
)
def test_one_line_of_what_a_library_says(said: str, line: str) -> None:
    assert plain(said) == line


PROCESS = """
import gc, logging, threading, warnings
from auteur.entrypoints.logs import configure_logs, log_what_nobody_catches
from auteur.entrypoints.settings import load_settings
configure_logs(load_settings(log_format="json"))
log_what_nobody_catches()
class Unfinished:
    def __del__(self): raise ValueError("cannot be told")
def crash(): raise ValueError("ends the thread")
warnings.warn("of something")
Unfinished(); gc.collect()
thread = threading.Thread(target=crash); thread.start(); thread.join()
logging.getLogger("asyncio").error("Task exception was never retrieved")
"""


def test_a_process_says_nothing_bare() -> None:
    run = subprocess.run([sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["event"] for line in lines] == [
        "a library warns",
        "an error nobody could be told",
        "a thread crashed",
        "Task exception was never retrieved",
    ]
    assert run.stdout == ""
