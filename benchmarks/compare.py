"""All that is measured, as ratios to floors and peers of the same run, beside the ratios that were kept.

    python benchmarks/compare.py [--keep] [--runs N] [--table] [case …]

A ratio beyond 1.25 of the kept one is measured again, twice at most, and the least counts: others only ever add.
Where it stays beyond, that is said, and the exit code is 1. ``--keep`` writes what it finds to `baseline.json` instead,
the median of its runs; ``--runs``: how often each case is measured; ``--table``: as a table of Markdown. Never are
absolute times kept: they are another machine's. Each case is a command of its own, which is said beside its name.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import peers

HERE = Path(__file__).parent
KEPT = HERE / "baseline.json"
BEYOND = 1.25
_US = r"[\d.]+ us"

Ratios = dict[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """One command, and the ratios in what it prints: each a name, and a pattern with the group ``ratio`` and those that
    the name has. ``is_inverse``: more is better. ``patience_s``: for all of it."""

    words: Sequence[str]
    found: Mapping[str, str]
    is_inverse: bool = False
    patience_s: float = 300

    def measure(self) -> Ratios:
        words = [sys.executable, *self.words]
        said = subprocess.run(words, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, timeout=self.patience_s)
        if said.returncode:
            raise SystemExit(f"{' '.join(self.words)} ended with {said.returncode}:\n{said.stdout}")
        ratios = {}
        for name, pattern in self.found.items():
            for match in re.finditer(pattern, said.stdout, re.M):
                told = match.groupdict()
                ratio = float(told["ratio"])
                ratios[name.format(**told)] = 1 / ratio if self.is_inverse else ratio
        if not ratios:
            raise SystemExit(f"{' '.join(self.words)} says none of its ratios:\n{said.stdout}")
        return ratios


def start() -> Ratios:
    """Processor time of whole processes, of a bare Python's: each three times in turn, the least."""
    kinds: dict[str, Callable[[str], float]] = {
        "python -c pass": lambda place: _ended_s([sys.executable, "-c", "pass"], place),
        "auteur --help": lambda place: _ended_s([sys.executable, "-m", "auteur", "--help"], place),
        "auteur health": lambda place: _ended_s([sys.executable, "-m", "auteur", "health"], place),
        "auteur serve, to ready": _serving_s,
    }
    took: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(4):
        for name, run in kinds.items():
            with tempfile.TemporaryDirectory() as place:
                took[name].append(run(place))
    bare, *others = (min(each[1:]) for each in took.values())  # the first one warms
    return {name: other / bare for name, other in zip(list(kinds)[1:], others, strict=True)}


def _ended_s(words: Sequence[str], place: str) -> float:
    environment = {**os.environ, "BACKEND_WORKSPACE_ROOT": place, "BACKEND_PORT": "9"}  # nobody answers there
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, env=environment, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _serving_s(place: str) -> float:
    environment = {**os.environ, "BACKEND_WORKSPACE_ROOT": place}
    words = [sys.executable, "-m", "auteur", "serve", "--port", "0"]
    with subprocess.Popen(words, env=environment, cwd=place, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "listens on" not in (line := process.stderr.readline()):
            assert line, "it did not start"
        ticks = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        process.kill()
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _crowd(*words: str) -> Case:
    return Case(
        ("benchmarks/crowd.py", *words),
        {
            "{name}": rf"^(?P<name>.*): {_US} a message, (?P<ratio>[\d.]+) of send",
            f"{words[0]} {words[1]}, of all read": r"^beside them: (?P<ratio>[\d.]+)",
        },
    )


CASES: dict[str, Case | Callable[[], Ratios]] = {
    "socket": _crowd("sockets", "1", "300"),
    "sockets-100": _crowd("sockets", "100", "1000"),
    "sockets-1000": _crowd("sockets", "1000", "150"),
    "sockets-2000": _crowd("sockets", "2000", "100"),
    "projects": _crowd("projects", "1000", "15"),
    "replicas": _crowd("replicas", "1000", "150"),
    "slow": _crowd("slow", "500", "300"),
    "stalled": _crowd("stalled", "500", "900"),
    "peers": _crowd("peers", "1000", "100"),
    "idle": Case(("benchmarks/idle.py", "500"), {"an idle socket, of uvicorn's": r"(?P<ratio>[\d.]+) of uvicorn's"}),
    "append": Case(
        ("benchmarks/recording.py", "4000"),
        {"record {name}": rf"^(?P<name>[^:]*at a time): {_US}, (?P<ratio>[\d.]+) of that"},
    ),
    "append-redis": Case(
        ("benchmarks/recording.py", "2000", "redis"),
        {"record on Redis, {name}": r"^(?P<name>[^:]*at a time): .*: (?P<ratio>[\d.]+) and [\d.]+ of that"},
    ),
    "resume": Case(
        ("benchmarks/resume.py", "10000", "5"),
        {"resume, an event, of its write": r"^resume: .*, (?P<ratio>[\d.]+) of that"},
    ),
    "growth": Case(
        ("benchmarks/growth.py", "sqlite", "1000"),
        {"{name} at 1 000 tasks, of 10": r"^(?P<name>\w[\w ]*?) +10: .*\| 1000: .* x(?P<ratio>[\d.]+)"},
    ),
    "fleet": Case(
        ("benchmarks/fleet.py", "600"), {"a task, of bare Taskiq's": r"^ratio: (?P<ratio>[\d.]+)"}, is_inverse=True
    ),
    "start": start,
    "render": Case(
        ("benchmarks/render.py", "draft"),
        {"a draft's pass, {prompt}": r"^ *draft .* (?P<ratio>[\d.]+) x floor.* forms  (?P<prompt>.*)$"},
    ),
}


def machine() -> str:
    """On what this runs."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = match[1] if (match := re.search(r"model name\s*: (.*)", told)) else platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in ("uvloop", "uvicorn", "websockets", "redis"))
    others = ", ".join(f"{name} {told}" for name, told in peers.versions().items())
    system = f"{platform.system()} {platform.release()}, CPython {platform.python_version()}"
    return f"{os.cpu_count()} x {model}, {system}; {packages}" + (f"; {others}" if others else "")


def measured(case: str) -> Ratios:
    found = CASES[case]
    return found.measure() if isinstance(found, Case) else found()


def over_runs(runs: Sequence[Ratios]) -> dict[str, list[float]]:
    """What each run found of each."""
    found: dict[str, list[float]] = {}
    for run in runs:
        for name, ratio in run.items():
            found.setdefault(name, []).append(ratio)
    return found


def beyond(found: Mapping[str, Sequence[float]], kept: Mapping[str, float]) -> list[str]:
    """Which stay beyond what was kept, in every run."""
    return [name for name, ratios in found.items() if name in kept and min(ratios) > BEYOND * kept[name]]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", action="store_true")
    options.add_argument("--table", action="store_true")
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("case", nargs="*", choices=[[], *CASES], default=[])
    asked = options.parse_args()
    kept: Ratios = json.loads(KEPT.read_text())["ratios"] if KEPT.exists() else {}
    print(machine(), flush=True)
    if asked.table:
        print("\n| case | what | ratio, lowest to highest | kept |\n|---|---|---|---|", flush=True)
    all_found: Ratios = {}
    worse: list[str] = []
    for case in asked.case or CASES:
        began = time.monotonic()
        runs = [measured(case) for _ in range(asked.runs)]
        while not asked.keep and beyond(over_runs(runs), kept) and len(runs) < asked.runs + 2:
            runs.append(measured(case))
        found = over_runs(runs)
        for name, ratios in found.items():
            all_found[name] = round(statistics.median(ratios), 3)
            told = " to ".join(f"{ratio:.2f}" for ratio in sorted({min(ratios), max(ratios)}))
            was = f"{kept[name]:.2f}" if name in kept else "new"
            print(f"| {case} | {name} | {told} | {was} |" if asked.table else f"{case}: {name}: {told} (kept {was})")
        if asked.keep:
            all_kept = {**kept, **all_found}
            said = {"machine": machine(), "measured": f"{datetime.now(UTC):%Y-%m-%d}", "ratios": all_kept}
            KEPT.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")
        else:
            worse += beyond(found, kept)
        print(f"{case}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    for name in worse:
        print(f"BEYOND {BEYOND} of what was kept: {name}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
