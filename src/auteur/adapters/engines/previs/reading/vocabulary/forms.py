"""The regular forms of words in other languages than English, from a notation in the files.

* ``kind/er/ern``: kind, kinder, kindern: what follows a stroke is added to the first form;
* ``sedi{a|e}``: sedia, sedie;
* ``rot~``: the endings of an adjective or participle in that language;
* ``innen//außen``: a stroke that is written.
"""

import re
from collections.abc import Iterator, Mapping

_CHOICE = re.compile(r"\{([^{}]*)\}")
_GERMAN = ("", "e", "er", "es", "en", "em")
_ROMANCE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "spanish": {"o": ("o", "a", "os", "as"), "e": ("e", "es"), "a": ("a", "as"), "": ("", "a", "es", "as")},
    "portuguese": {"o": ("o", "a", "os", "as"), "e": ("e", "es"), "a": ("a", "as"), "": ("", "a", "es", "as")},
    "italian": {"o": ("o", "a", "i", "e"), "e": ("e", "i"), "a": ("a", "e", "i"), "": ("",)},
    "french": {"e": ("e", "es"), "x": ("x", "se", "ses"), "s": ("s", "se", "ses"), "": ("", "e", "s", "es")},
}


def expand(phrase: str, inflection: str) -> Iterator[str]:
    """All forms that the notation stands for; ``inflection``: the language by its English name, in lower case."""
    for chosen in _choices(phrase):
        words = [list(_word(word, inflection)) for word in chosen.split(" ")]
        found = [""]
        for forms in words:
            found = [f"{before} {form}".strip() for before in found for form in forms]
        yield from dict.fromkeys(found)


def _choices(phrase: str) -> Iterator[str]:
    match = _CHOICE.search(phrase)
    if match is None:
        yield phrase
        return
    for choice in match[1].split("|"):
        yield from _choices(phrase[: match.start()] + choice + phrase[match.end() :])


def _word(word: str, inflection: str) -> Iterator[str]:
    if word.endswith("~"):
        stem = word[:-1]
        if inflection == "german":
            yield from (stem + ending for ending in _GERMAN)
            return
        endings = _ROMANCE.get(inflection, {"": ("",)})
        last = next((one for one in endings if one and stem.endswith(one)), "")
        yield from (stem[: len(stem) - len(last)] + ending for ending in endings[last])
    elif "//" in word:
        yield word.replace("//", "/")
    elif "/" in word and word.replace("/", "").isalpha():
        first, *endings = word.split("/")
        yield first
        yield from (first + ending for ending in endings)
    else:
        yield word
