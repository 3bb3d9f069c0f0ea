"""Runs the suite beside busy loops, to see that it does not depend on the machine's mood.

``python -m tests.loaded [runs] [loops] [pytest's words …]``: without words, what ``make test`` runs. Prints a line a
run; exits with 1 where any failed.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

_WHOLE = (
    ("-n", "4", "--dist", "loadfile", "--no-loadscope-reorder", "--ignore", "tests/faults"),
    ("-n", "2", "tests/faults"),
)


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """That many processes that do nothing but take processor time."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def run(words: Sequence[str]) -> tuple[bool, str]:
    """Whether pytest was content, and its last line."""
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", *words], capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.stderr.write(ran.stdout[-20_000:] + ran.stderr[-2000:])
    return ran.returncode == 0, (ran.stdout.strip().splitlines() or ["no output"])[-1]


def main() -> int:
    """The exit code."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    loops = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    parts = [tuple(sys.argv[3:])] if len(sys.argv) > 3 else list(_WHOLE)
    failed = 0
    with busy(loops):
        for number in range(1, runs + 1):
            began = time.monotonic()
            results = [run(words) for words in parts]
            failed += not all(good for good, _ in results)
            said = "; ".join(last for _, last in results)
            sys.stdout.write(f"run {number}: {said} ({time.monotonic() - began:.0f} s)\n")
            sys.stdout.flush()
    sys.stdout.write(f"{runs - failed} of {runs} runs passed beside {loops} busy loops\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
