"""Looks for inputs that break something: ``python -m tests.fuzz [TARGET …]``; ``FUZZ_SECONDS`` says how long for each.

By atheris, which follows the code's branches, where it is installed; else by Hypothesis, which alters what the corpus
has. What is found is written to the corpus as ``found-…``, and the exit code is 1: put it right,
and the input stays. New inputs that reach new code are kept beside the corpus only while this runs, unless
``FUZZ_KEEP`` is set: then the least set of them that reaches as much is added.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time

from tests.fuzz.replay import CORPUS, mutate
from tests.fuzz.targets import TARGETS


def by_atheris(name: str, seconds: float) -> bool:
    """Whether it found nothing. In a process of its own, since a finding ends it."""
    with tempfile.TemporaryDirectory() as directory:
        kept, child = CORPUS / name, (sys.executable, "-m", "tests.fuzz.atheris_child", name)
        command = [
            *child, directory, str(kept), f"-max_total_time={seconds:.0f}", "-max_len=4096", "-timeout=20",
            f"-artifact_prefix={kept}/found-", "-print_final_stats=1",
        ]  # fmt: skip
        if os.environ.get("FUZZ_VERBOSE") is None:
            command.append("-verbosity=0")
        code = subprocess.run(command, check=False).returncode
        if os.environ.get("FUZZ_KEEP"):
            subprocess.run([*child, str(kept), directory, "-merge=1"], check=False, stderr=subprocess.DEVNULL)
    return code == 0


def by_hypothesis(name: str, seconds: float) -> bool:
    """Whether it found nothing."""
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        found = mutate(name, 2000, derandomize=False)
        count += 2000
        if found is not None:
            path = CORPUS / name / f"found-{hashlib.sha256(found).hexdigest()[:12]}"
            path.write_bytes(found)
            print(f"{name}: found {path}")
            return False
    print(f"{name}: {count} inputs, nothing found")
    return True


def main(names: list[str]) -> int:
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    way = by_atheris if importlib.util.find_spec("atheris") else by_hypothesis
    wrong = []
    for name in names or list(TARGETS):
        print(f"--- {name}, {seconds:.0f} s, {way.__name__.replace('_', ' ')}", flush=True)
        if not way(name, seconds):
            wrong.append(name)
    print(f"nothing found in {len(names or TARGETS)} targets" if not wrong else f"found something: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
