"""Reads a shot in another language than English."""

from collections.abc import Iterable
from functools import cache

from auteur.adapters.engines.previs.reading.languages.eastern import ordered
from auteur.adapters.engines.previs.reading.languages.grammar.walk import Walk
from auteur.adapters.engines.previs.reading.languages.items import items
from auteur.adapters.engines.previs.reading.languages.names import Names
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load


def read_in(prompt: str, language: str, names: Iterable[str] = ()) -> Shot:
    """The shot that the prompt says, by the words of that language. ``names``: of people who are known beforehand."""
    vocabulary = load(language)
    names = tuple(names)
    found = items(prompt, vocabulary, names)
    if language in ("ja", "zh"):
        found = ordered(found, language)
    return Walk(prompt, found, language, Names(language, _given(), names)).read()


@cache
def _given() -> frozenset[str]:
    english = load("en")
    return frozenset(
        " ".join(key).capitalize()
        for key, entries in english.phrases.items()
        for entry in entries
        if entry.role in ("name_female", "name_male")
    )
