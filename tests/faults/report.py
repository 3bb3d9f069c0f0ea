"""The figures of a fault run as tables: ``python -m tests.faults.report FILE``."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROMISES = [f"P{number}" for number in range(1, 20)]
DEPLOYMENTS = ("embedded", "replicas", "fleet")

FAULTS = {
    "fault": "fault",
    "accepted": "accepted",
    "events": "events",
    "told_anew": "told anew",
    "refusals": "refusals",
    "slowest_refusal_s": "slowest refusal, s",
    "slowest_probe_s": "slowest probe, s",
    "not_ready_after_s": "not ready after, s",
    "ready_after_s": "ready after, s",
    "worst_repair_s": "worst repair, s",
    "bystander_s": "bystander, s",
}


FLEETS = {
    "fleet": "run",
    "tasks": "tasks",
    "events": "events",
    "harms": "workers",
    "hand_overs": "hand-overs",
    "hand_over_p50_s": "hand-over p50, s",
    "hand_over_worst_s": "worst, s",
    "cancels": "cancels",
    "worst_cancel_s": "worst cancel, s",
    "worst_exit_s": "worst exit, s",
    "exit_codes": "exit codes",
    "longest_run_s": "longest run, s",
}


STORAGES = {
    "storage": "run",
    "tasks": "tasks",
    "took_s": "took, s",
    "store_away_s": "store away, s",
    "not_ready_after_s": "not ready after, s",
    "ready_after_s": "ready after, s",
    "by_attempt": "tasks made",
    "files_whole": "files whole",
    "megabytes": "MB",
    "lost_attempts_left": "lost attempts left",
}


def main(path: Path) -> None:
    """Prints the matrix, what was measured of each promise, and the figures of replicas, of a fleet, and of machines
    without a shared disk."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    seen = [row for row in rows if "matrix" in row]
    if seen:
        _print(list(_matrix(seen)))
        _print(list(_promises(seen)))
    for first, columns in (("fault", FAULTS), ("fleet", FLEETS), ("storage", STORAGES)):
        if any(first in row for row in rows):
            _print([list(columns.values()), *([_plain(row[name]) for name in columns] for row in rows if first in row)])


def _matrix(rows: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Faults against promises: ``+`` it held, a number: so often it did not, nothing: the fault does not touch it."""
    yield ["fault", "on", *PROMISES, "load"]
    for row in rows:
        cells = [str(row["broken"].get(one, "+")) if one in row["held"] else "" for one in PROMISES]
        yield [row["matrix"], row["on"], *cells, str(row["load"])]


def _promises(rows: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Each promise on each deployment: under how many faults it was looked at, how often it broke, what was worst."""
    yield ["promise", "on", "faults", "broken", "worst measured"]
    for promise in PROMISES:
        for on in DEPLOYMENTS:
            looked = [row for row in rows if row["on"] == on and promise in row["held"]]
            if not looked:
                continue
            worst: dict[str, float] = defaultdict(float)
            for row in looked:
                for name, value in row["figures"].get(promise, {}).items():
                    worst[name] = max(worst[name], value)
            broken = sum(row["broken"].get(promise, 0) for row in looked)
            figures = "; ".join(f"{name} {value:g}" for name, value in worst.items())
            yield [promise, on, str(len(looked)), str(broken), figures or "-"]


def _print(lines: list[list[str]]) -> None:
    lines.insert(1, ["---"] * len(lines[0]))
    sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
