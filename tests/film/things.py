"""Writes the list of what every noun of the English vocabulary is drawn as: ``python -m tests.film.things docs``."""

import sys
import textwrap
from collections import defaultdict
from pathlib import Path

from auteur.adapters.engines.previs.staging.props import BODILESS, canonical, is_nothing, kin
from auteur.adapters.engines.previs.staging.waters import SHORES
from tests.film.saying import nouns

_HEAD = """\
# What things are drawn as

Every thing, animal and vehicle of `reading/vocabulary/en.toml`, and what the stage makes of it. Written by
`python -m tests.film.things docs`; a test compares. Nothing is another thing silently: what is drawn as its nearest
kin, and what is a plain block with a card on it, stands in `unmet` of each picture (*Drawn as a horse: zebra.*, *Drawn
as a plain block: stethoscope.*), and so does what has no body and is not drawn (*No rainbow of its own is drawn.*).
"""


def listed() -> str:
    """The page, as Markdown."""
    itself, near = defaultdict(list), defaultdict(list)
    blocks, nothing, places, waters = [], [], [], []
    for noun in nouns():
        if noun in SHORES:
            waters.append(noun)
        elif is_nothing(noun):
            nothing.append(noun)
        elif noun.lower().replace("-", " ") in BODILESS:
            places.append(noun)
        elif (kind := canonical(noun)) is None:
            blocks.append(noun)
        elif kin(noun):
            near[kind].append(noun)
        else:
            itself[kind].append(noun)
    parts = [
        _HEAD,
        _told("Water: the place has it, or a shore is chosen where it lies", waters),
        _told("Of the place, the air, a body or the picture: not a thing that stands somewhere", places),
        _told("Nothing of its own, and said", nothing),
        _told("A plain block, and said", blocks),
        _table("Its nearest kin, and said", near),
        _table("Itself", itself),
    ]
    return "\n".join(parts)


def _told(title: str, names: list[str]) -> str:
    return "\n".join([f"## {title}\n", textwrap.fill(", ".join(names), 118, break_on_hyphens=False), ""])


def _table(title: str, found: dict[str, list[str]]) -> str:
    rows = [f"| {kind} | {', '.join(names)} |" for kind, names in sorted(found.items())]
    return "\n".join([f"## {title}\n", "| drawn as | nouns |", "|---|---|", *rows, ""])


if __name__ == "__main__":
    (Path(sys.argv[1]) / "things.md").write_text(listed(), "utf-8")
