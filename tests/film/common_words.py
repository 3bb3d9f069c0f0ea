"""Remakes a list of common words from a count of words: ``python -m tests.film.common_words en counts.json.gz 300``.

The list (``vocabulary/common.LANGUAGE.txt``) has the words of the count that stand in it at least that often, that no
phrase of the vocabulary has, and that would be taken for a typing error of one. The count is one JSON object of words
and numbers, or lines of a word and a number; either may be compressed (``.gz``). Words that the list has and the count
does not ask for stay, so that what was mended by hand is kept; ``--anew`` drops them.
"""

import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from types import SimpleNamespace

from auteur.adapters.engines.previs.reading.languages import items
from auteur.adapters.engines.previs.reading.vocabulary import vocabulary as module

LINE = 120


def counts(path: Path) -> dict[str, int]:
    """How often each word stands in the counted texts, from a file of either form."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    if text.lstrip().startswith("{"):
        return {str(word): int(number) for word, number in json.loads(text).items()}
    rows = (line.split() for line in text.splitlines() if line.strip())
    return {row[0]: int(row[1]) for row in rows}


def corrected(words: Mapping[str, int], language: str, at_least: int) -> set[str]:
    """The words that are common and would be corrected into one of the vocabulary, were they not listed."""
    vocabulary = module.load(language)
    bare = SimpleNamespace(
        known=vocabulary.known,
        plain=vocabulary.plain,
        words=vocabulary.words,
        phrases=vocabulary.phrases,
        common=frozenset(),
        heard=vocabulary.heard,
    )
    often = (word for word, number in words.items() if number >= at_least and word == word.casefold())
    if language == "en":
        return {word for word in often if module.Vocabulary.correct(bare, word) is not None}  # type: ignore[arg-type]
    bare.correct = lambda word: module.Vocabulary.correct(bare, word)  # type: ignore[arg-type]
    return {word for word in often if items._corrected(word, bare) is not None}  # type: ignore[arg-type]


def main(arguments: list[str]) -> None:
    language, path, at_least = arguments[:3]
    found = corrected(counts(Path(path)), language, int(at_least))
    file = Path(module.__file__).parent / f"common.{language}.txt"
    if "--anew" not in arguments:
        found |= set(file.read_text("utf-8").split())
    known = module.load(language).known
    listed = " ".join(sorted(word for word in found if word not in known))
    file.write_text(fill(listed, LINE, break_long_words=False, break_on_hyphens=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
