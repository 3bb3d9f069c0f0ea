"""Which language a prompt is in, by its words; terms of the camera in English belong to every language."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from auteur.adapters.engines.previs.reading.languages.items import fold
from auteur.adapters.engines.previs.reading.tokens import tokens
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Vocabulary, load

_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30fa]")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_ROMANCE_AND_GERMAN = ("de", "fr", "es", "it", "pt")
_SMALL = ("function", "of", "with", "relation", "number", "negation", "conjunction", "pronoun", "to", "from")
_PLAIN = 0.75
"""The share of English words from which on a prompt is plainly English."""
_ENGLISH_ALONE = frozenset({
    "the", "of", "and", "with", "at", "by", "from", "his", "her", "she", "he", "they", "their", "is", "are", "into",
    "onto", "over", "under", "behind", "through", "night", "day", "dawn", "dusk", "morning", "street", "kitchen", "man",
    "woman", "window", "door", "table", "looks", "walks", "stands", "sits", "slow", "light", "close", "wide", "shot",
})  # fmt: skip
"""Words that hardly stand in a sentence of another language, and one of which stands in most of English."""
_MOST, _MARGIN = 1.2, 0.5
"""What a word speaks at most for a language, and by how much another must have more than English."""
_UNITS = frozenset({"mm", "m", "cm", "f", "t", "k"})
_JAPANESE_SIGNS = frozenset("\u50cd\u5f81\u8fbc\u5ce0\u7551\u5e83\u6ca2\u685c\u7dd1\u58f0\u5186\u99c5\u6c17")
"""Characters that Chinese writes otherwise."""


def language_of(prompt: str) -> str:
    """Its code; English where no other has more of its words."""
    if _KANA.search(prompt):
        return "ja"
    if _HAN.search(prompt):
        return "ja" if any(sign in _JAPANESE_SIGNS for sign in prompt) else "zh"
    words = [token for token in tokens(prompt) if (token.kind == "word" and token.norm.isalpha()) or "'" in token.norm]
    if not words:
        return "en"
    norms = [token.norm for token in words if token.norm not in _UNITS]
    if _plainly_english(norms):
        return "en"
    scores: dict[str, float] = {}
    scores["en"] = sum(_english().get(norm, 0.0) for norm in norms)
    if scores["en"] + _MARGIN >= _MOST * len(norms):
        return "en"  # none of the others, each of which is loaded to be asked, could have so many more
    for language in _ROMANCE_AND_GERMAN:
        known = _weights(language)
        scores[language] = sum(known.get(norm, known.get(fold(norm), 0.0) * 0.9) for norm in norms)
    best = max(scores, key=lambda one: (scores[one], one == "en"))
    return best if scores[best] > scores["en"] + _MARGIN else "en"


def _plainly_english(norms: Sequence[str]) -> bool:
    """Whether so many of the words are English that no other language need be loaded to be sure. Camera terms that
    every language borrows and given names speak for none."""
    if not all(norm.isascii() for norm in norms):
        return False
    known = _english()
    lent = load("en").known
    own = [norm for norm in norms if norm in known or norm not in lent]
    return any(norm in _ENGLISH_ALONE for norm in norms) and sum(norm in known for norm in own) >= _PLAIN * len(own)


@cache
def _weights(language: str) -> Mapping[str, float]:
    """By word, how much it speaks for the language: small words most, camera terms that English lends none."""
    english = load("en")
    vocabulary = load(language)
    found: dict[str, float] = {}
    for key, entries in vocabulary.phrases.items():
        roles = {entry.role for entry in entries}
        if key in english.phrases and roles <= _roles(english, key):
            continue
        share = 1.0 if len(key) == 1 else 0.4
        for word in key:
            if not word.isalpha() and "'" not in word:
                continue
            small = roles & set(_SMALL) and len(key) == 1
            found[word] = max(found.get(word, 0.0), _MOST if small else share)
            found.setdefault(fold(word), found[word] * 0.9)
    return found


def _roles(vocabulary: Vocabulary, key: tuple[str, ...]) -> set[str]:
    return {entry.role for entry in vocabulary.phrases.get(key, ())}


@cache
def _english() -> Mapping[str, float]:
    vocabulary = load("en")
    found: dict[str, float] = {}
    lent = {"size", "kind", "compound", "angle", "dutch", "move", "int_ext", "aspect", "unit", "style", "sound"}
    lent |= {"name_female", "name_male", "title"}
    for key, entries in vocabulary.phrases.items():
        roles = {entry.role for entry in entries}
        if roles <= lent:
            continue
        small = len(key) == 1 and len(key[0]) <= 4
        for word in key:
            if word.isalpha():
                found[word] = max(found.get(word, 0.0), _MOST if small else 1.0 if len(key) == 1 else 0.4)
    for word in ("the", "a", "an", "of", "and", "on", "in", "at", "with", "is", "are", "her", "his", "to", "from"):
        found[word] = _MOST
    return found
