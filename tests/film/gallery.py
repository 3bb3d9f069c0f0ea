"""Writes the gallery of readings in docs/reading.md: ``python -m tests.film.gallery docs/reading.md``."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auteur.adapters.engines.previs.reading.sentences import read_shot
from tests.film.facts import SENTENCES

BEGIN, END = "<!-- readings: generated -->", "<!-- /readings -->"
_QUIET = ("read_by", "language", "reads", "not_understood")


def gallery() -> str:
    """Every sentence with what was read, as Markdown."""
    return "\n".join(_one(sentence) for sentence in SENTENCES)


def _one(sentence: Mapping[str, Any]) -> str:
    read = read_shot(sentence["prompt"]).as_data()
    said = [f"- {name}: {_said(name, value)}" for name, value in read.items() if name not in _QUIET and value]
    left = ", ".join(f"`{word}`" for word in read["not_understood"]) or "nothing"
    prompt = sentence["prompt"].replace("\n\n", " / ").replace("\n", " / ")
    return (
        f"### {sentence['id']} ({read['language']})\n\n> {prompt}\n\n"
        + "\n".join([*said, f"- not understood: {left}"])
        + "\n"
    )


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_said(name, one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(key, one)}" for key, one in value.items() if one not in (None, [], 1))
    return str(value)


def written(page: str) -> str:
    """The page with the gallery as it is now."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{gallery()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text("utf-8")), "utf-8")
