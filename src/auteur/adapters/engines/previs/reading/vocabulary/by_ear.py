"""Words spelled by ear: what a word sounds like, so that clowdy is cloudy, Schpiegel is Spiegel and obeja is oveja.

A key is the word with each way to write a sound made one. It is rough on purpose: vowels that are taken for each other
are one. Only words that nothing else explains are looked up by it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

_RULES: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (
        (r"^(?:kn|gn|pn)", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^wh", "w"), (r"ph", "f"), (r"t?ch|tj", "C"),
        (r"sh|ti(?=on)|ci(?=a)", "S"), (r"dg(?=[eiy])", "j"), (r"gh(?=t|$)", ""), (r"ck", "k"),
        (r"s?c(?=[eiy])", "s"), (r"qu", "kw"), (r"[cq]", "k"), (r"x", "ks"), (r"z", "s"), (r"mb$", "m"),
        (r"(?:er|or|ar|re|our|ur|ir)$", "R"), (r"(?:le|[aeio]l)$", "il"), (r"(?<=[^aeiouy])e(?=s?$)", ""),
        (r"(.)\1", r"\1"), (r"a[iy]|e[iy](?=g|gh)|a", "a"), (r"(?:ea|ee|ie|ei|ey|[eiy])+", "i"),
        (r"(?:oo|ou|ow|oa|au|aw|ew|[ou])+", "o"),
    ),
    "de": (
        (r"ph|v", "f"), (r"schp|shp|sp", "sp"), (r"scht|sht|st", "st"), (r"th|dt", "t"), (r"d$", "t"), (r"b$", "p"),
        (r"g$", "k"), (r"chs|x|ks", "X"), (r"ck", "k"), (r"qu|kw", "Q"), (r"sch|sh", "S"), (r"tz|ts|z", "z"),
        (r"\u00e4u|eu|oi|oy", "O"), (r"[ae][iy]", "A"), (r"ieh?|ih|y", "i"), (r"\u00e4|ae", "e"),
        (r"(?<=[aeiou\u00f6\u00fc])h", ""), (r"\u00df", "s"), (r"c(?!h)", "k"), (r"(.)\1", r"\1"), (r"e(?=[rln]$)", ""),
    ),
    "fr": (
        (r"eau|aux?", "o"), (r"ph", "f"),
        (r"(?:\u00e9e?|et|er|ez|ai[st]?|ait)s?$", "E"), (r"ei|ai|[\u00e9\u00e8\u00ea]", "e"),
        (r"(?:ss|sc|\u00e7|c)(?=[eiy])|\u00e7|ss|z", "s"), (r"ch|sh", "C"), (r"qu|ck|c|k", "k"), (r"gu(?=[ei])", "G"),
        (r"ge?(?=[eiao])|j", "j"), (r"h", ""), (r"y", "i"), (r"(?:[ae][mn])(?![aeiou])", "A"),
        (r"(?:ein|ain|[iu][mn])(?![aeiou])", "I"), (r"(.)\1", r"\1"), (r"e?[stxdp]?$", ""),
    ),
    "es": (
        (r"ll", "y"), (r"ch", "C"), (r"h", ""), (r"v", "b"), (r"z|c(?=[ei])", "s"), (r"qu|k|c", "k"),
        (r"g(?=[ei])|x", "j"), (r"gu(?=[ei])", "g"), (r"(.)\1", r"\1"), (r"m(?=[bp])", "n"),
    ),
    "it": (
        (r"ch", "k"), (r"c?qu|cu(?=[aeio])", "Q"), (r"c(?=[ei])", "C"), (r"c", "k"), (r"gli", "li"),
        (r"gn|ni(?=[aeo])", "N"),
        (r"gh", "g"), (r"h", ""), (r"[jy]", "i"), (r"(.)\1", r"\1"),
    ),
    "pt": (
        (r"ch|x|sh", "X"), (r"\u00e7|ss|sc(?=[ei])|c(?=[ei])|z|s", "s"), (r"lh|li(?=[aeo])", "L"),
        (r"nh|ni(?=[aeo])", "N"),
        (r"h", ""), (r"qu|k|c", "k"), (r"g(?=[ei])|j", "j"), (r"(?:\u00e3o|am)$", "M"), (r"(.)\1", r"\1"),
        (r"o(?=s?$)", "u"),
        (r"e(?=s?$)", "i"), (r"m(?=[bp]|$)", "n"),
    ),
}  # fmt: skip
_BEGINS = {"c": "cksq", "k": "kcq", "q": "qck", "s": "scz", "z": "zs", "f": "fpv", "v": "vfb", "b": "bv", "n": "nkg",
           "r": "rw", "w": "wh", "j": "jg", "g": "gj", "y": "yl", "l": "ly", "p": "pf", "t": "t"}  # fmt: skip
"""With which letters a word may begin that sounds like one with this."""
_SILENT = "aeiouh"
LONGEST = 3
"""How many edits two spellings of one sound may differ by."""


@cache
def _compiled(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), made) for pattern, made in _RULES.get(language, ()))


def sound(word: str, language: str) -> str:
    """What a word in small letters sounds like; the word itself in a language without rules."""
    for pattern, made in _compiled(language):
        word = pattern.sub(made, word)
    plain = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


class Heard:
    """The words of a vocabulary by what they sound like; those of one letter are listened to when one is asked for."""

    def __init__(self, words: Sequence[str], language: str) -> None:
        self._language = language
        self._begin: dict[str, list[str]] = {}
        for word in words:
            self._begin.setdefault(word[:1], []).append(word)
        self._sounds: dict[str, dict[str, list[str]]] = {}

    def like(self, word: str) -> str | None:
        """The word that this one sounds like, None if there is none. Of several, the one that is written most alike."""
        if self._language not in _RULES or len(word) < 4:
            return None
        from rapidfuzz.distance import OSA

        wanted = sound(word, self._language)
        first = word[0]
        letters = set(_BEGINS.get(first, first)) | (set(_SILENT) if first in _SILENT else set())
        found = [known for letter in sorted(letters) for known in self._of(letter).get(wanted, ())]
        ranked = sorted((OSA.distance(word, known), known) for known in found)
        best = (
            ranked[0] if ranked and ranked[0][0] <= (LONGEST if len(word) > 5 else 2 if len(word) > 4 else 1) else None
        )
        return best[1] if best is not None else None

    def alike(self, one: str, other: str) -> bool:
        """Whether two words sound the same, as far as these rules know the language."""
        return self._language in _RULES and sound(one, self._language) == sound(other, self._language)

    def _of(self, letter: str) -> Mapping[str, list[str]]:
        if letter not in self._sounds:
            sounds: dict[str, list[str]] = {}
            for word in self._begin.get(letter, ()):
                sounds.setdefault(sound(word, self._language), []).append(word)
            self._sounds[letter] = sounds
        return self._sounds[letter]
