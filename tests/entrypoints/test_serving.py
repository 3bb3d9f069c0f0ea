"""A process that serves or works: its garbage collector, off until it does, and its end."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.studio import environment
from tests.waiting import LONG_S

_LOOKS = f"""
import gc, os, threading, time

def look():
    until = time.monotonic() + {LONG_S / 2}
    while not (gc.isenabled() and gc.get_freeze_count() > 10_000) and time.monotonic() < until:
        time.sleep(0.02)
    print(gc.isenabled(), gc.get_freeze_count() > 10_000, flush=True)
    os._exit(0)

threading.Thread(target=look, daemon=True).start()
from auteur.__main__ import main
main()
"""


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_who_serves_or_works_collects_what_comes_and_looks_through_nothing_of_the_start(
    command: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    words, settings = ["serve", "--port", "0"], {}
    if command == "worker":
        words, settings = ["worker"], {"redis_url": request.getfixturevalue("redis_server").url}
    told = subprocess.run(
        [sys.executable, "-c", _LOOKS, *words],
        env=environment(tmp_path, **settings),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[-1:] == ["True True"], told.stderr


def test_a_signal_while_the_interpreter_puts_itself_away_leaves_the_exit_code() -> None:
    """Handlers in Python are gone by then, so that it would end by the signal; what is ignored stays so."""
    over = (
        "import signal\n"
        "from auteur.entrypoints.server import run\n"
        "async def main():\n"
        "    signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "run(main())\n"
        "print(signal.getsignal(signal.SIGTERM).name, signal.getsignal(signal.SIGINT).name)\n"
    )
    told = subprocess.run([sys.executable, "-c", over], capture_output=True, text=True, check=True)
    assert told.stdout == "SIG_IGN SIG_IGN\n"
