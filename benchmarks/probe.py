"""What one `auteur health` costs: processor time (user and system) of the whole process, beside a bare Python and
beside a command line that imports the service to ask the same.

The goal is a maximum under 80 ms. The kinds take turns, so that a busy moment falls on all. Run it with ``make bench``
or ``python benchmarks/probe.py [runs]``.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from auteur.entrypoints.heartbeat import Heartbeat

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
GOAL_MS = 80
AS_BEFORE = """
import asyncio, sys
import auteur.entrypoints.cli  # whose import is what costs
from auteur.entrypoints.remote_studio import RemoteStudio
from auteur.entrypoints.settings import load_settings
settings = load_settings()
studio = RemoteStudio(f"http://127.0.0.1:{settings.port}", settings.workspace)
sys.exit(0 if asyncio.run(studio.answers()) else 1)
"""


def cpu_ms(words: list[str], environment: dict[str, str]) -> float:
    """Processor milliseconds of one run, which must say "alive"."""
    process = subprocess.Popen([sys.executable, *words], env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    return (used.ru_utime + used.ru_stime) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as workspace, open(Path(workspace, "log"), "w") as log:
        environment = {**os.environ, "BACKEND_WORKSPACE_ROOT": workspace, "TMPDIR": workspace}
        service = subprocess.Popen(
            [sys.executable, "-m", "auteur", "serve", "--port", "0"], env=environment, cwd=workspace, stderr=log
        )
        os.environ["TMPDIR"] = workspace
        heartbeat = Heartbeat()
        heartbeat.beat()
        try:
            while not (found := re.search(r"http://127.0.0.1:(\d+)", Path(workspace, "log").read_text())):
                assert service.poll() is None, Path(workspace, "log").read_text()
                time.sleep(0.05)
            environment["BACKEND_PORT"] = found[1]
            kinds = {
                "python -c pass": ["-c", "pass"],
                "auteur health": ["-m", "auteur", "health"],
                "auteur health --worker": ["-m", "auteur", "health", "--worker"],
                "with the service imported": ["-c", AS_BEFORE],
            }
            took: dict[str, list[float]] = {name: [] for name in kinds}
            for words in kinds.values():
                cpu_ms(words, environment)  # warm
            for number in range(RUNS):
                for name, words in kinds.items():
                    if name != "with the service imported" or number % 10 == 0:
                        heartbeat.beat()
                        took[name].append(cpu_ms(words, environment))
        finally:
            heartbeat.close()
            service.terminate()
            service.wait()
    bare = statistics.median(took["python -c pass"])
    before = statistics.median(took["with the service imported"])
    print(f"{'':26} {'runs':>5} {'min':>7} {'median':>7} {'max':>7} ms   of a bare Python   of the import")
    for name, each in took.items():
        middle = statistics.median(each)
        print(
            f"{name:26} {len(each):5} {min(each):7.1f} {middle:7.1f} {max(each):7.1f}      "
            f"{middle / bare:16.2f}   {middle / before:13.3f}"
        )
    worst = max(took["auteur health"] + took["auteur health --worker"])
    print(f"worst probe {worst:.1f} ms, goal {GOAL_MS}")


main()
