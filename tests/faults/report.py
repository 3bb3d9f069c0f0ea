"""The figures of a fault run as a table: ``python -m tests.faults.report FILE``."""

import json
import sys
from pathlib import Path

COLUMNS = {
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
}


def main(path: Path) -> None:
    """Prints one row for each fault."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS)]
    lines += [["-" if row[name] is None else str(row[name]) for name in COLUMNS] for row in rows]
    sys.stdout.write("".join(f"| {' | '.join(line)} |\n" for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
