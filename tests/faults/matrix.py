"""What was seen of each promise under each fault, a line each: kept where ``AUTEUR_FAULTS`` names a file."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

Figures = Mapping[str, Mapping[str, float]]
"""By promise, what was measured of it, by its name with the unit."""

IN_FULL = bool(os.environ.get("AUTEUR_FAULTS"))
long = pytest.mark.skipif(not IN_FULL, reason="a long fault run: make faults")


def keep(
    fault: str, on: str, held: Iterable[str], *, broken: Iterable[str] = (), figures: Figures | None = None
) -> None:
    """``on``: embedded, replicas or fleet; ``held``: the promises that were looked at; ``broken``: what was found, the
    promise first."""
    if not IN_FULL:
        return
    row = {
        "matrix": fault,
        "on": on,
        "held": sorted(set(held), key=number_of),
        "broken": Counter(said.split()[0] for said in broken),
        "figures": figures or {},
        "load": round(os.getloadavg()[0], 1),
    }
    with Path(os.environ["AUTEUR_FAULTS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def number_of(promise: str) -> int:
    return int(promise[1:])
