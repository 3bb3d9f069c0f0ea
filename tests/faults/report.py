"""The figures of a fault run as tables: ``python -m tests.faults.report FILE``."""

import json
import sys
from pathlib import Path
from typing import Any

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
    """Prints one row for each fault, for each run of a fleet, and for each of machines without a shared disk."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for first, columns in (("fault", FAULTS), ("fleet", FLEETS), ("storage", STORAGES)):
        if not any(first in row for row in rows):
            continue
        lines = [list(columns.values()), ["---"] * len(columns)]
        lines += [[_plain(row[name]) for name in columns] for row in rows if first in row]
        sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{number} {name}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
