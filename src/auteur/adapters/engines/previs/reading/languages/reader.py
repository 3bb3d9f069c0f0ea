"""Reads a shot in another language than English."""

from collections.abc import Iterable, Iterator
from functools import cache

from auteur.adapters.engines.previs.reading.languages.eastern import ordered
from auteur.adapters.engines.previs.reading.languages.grammar.links import ARTICLES
from auteur.adapters.engines.previs.reading.languages.grammar.walk import Walk
from auteur.adapters.engines.previs.reading.languages.items import items
from auteur.adapters.engines.previs.reading.languages.names import Names
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.reading.tokens import tokens
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Vocabulary, load


def read_in(prompt: str, language: str, names: Iterable[str] = ()) -> Shot:
    """The shot that the prompt says, by the words of that language. ``names``: of people who are known beforehand."""
    vocabulary = load(language)
    names = tuple(names)
    found = items(prompt, vocabulary, (*names, *_written_as_names(prompt, vocabulary)))
    if language in ("ja", "zh"):
        found = ordered(found, language)
    return Walk(prompt, found, language, Names(language, _given(), names)).read()


_SMALL = ("fr", "es", "it", "pt")
"""Where nouns have small letters."""
_ACTS = frozenset({"pose", "action", "look", "look_toward", "hold", "wear"})
_IS = frozenset({"est", "était", "es", "está", "estaba", "era", "è", "é", "sta", "stava", "estava"})
_NO_NAME = frozenset({"Ella"})


def _written_as_names(prompt: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Given names that are words as well, where they are written as names: with a capital amid a sentence, and without
    an article; at its beginning where the word has an accent that the name has not, or somebody does something."""
    if vocabulary.language not in _SMALL:
        return
    every = tokens(prompt)
    for at, token in enumerate(every):
        if token.text not in _given() or token.text in _NO_NAME:
            continue
        known = _roles(vocabulary, token.norm)
        if at and every[at - 1].kind == "word":
            before = every[at - 1]
            is_name = not before.capital and before.norm not in ARTICLES
        else:
            after = every[at + 1].norm if at + 1 < len(every) else ""
            acts = after in _IS or bool(_roles(vocabulary, after) & _ACTS)
            is_name = not known or (acts and not known & _ACTS)
        if is_name:
            yield token.text


def _roles(vocabulary: Vocabulary, word: str) -> frozenset[str]:
    return frozenset(entry.role for entry in vocabulary.phrases.get((word,), ()))


@cache
def _given() -> frozenset[str]:
    english = load("en")
    return frozenset(
        " ".join(key).capitalize()
        for key, entries in english.phrases.items()
        for entry in entries
        if entry.role in ("name_female", "name_male")
    )
