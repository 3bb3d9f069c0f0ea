"""The regular forms of words in other languages than English, from a notation in the files.

* ``kind/er/ern``: kind, kinder, kindern: what follows a stroke is added to the first form;
* ``sedi{a|e}``: sedia, sedie;
* ``rot~``: the endings of an adjective or participle in that language;
* ``見る~``: the forms of a Japanese verb;
* ``innen//außen``: a stroke that is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

_CHOICE = re.compile(r"\{([^{}]*)\}")
_GERMAN = ("", "e", "er", "es", "en", "em")
_ROMANCE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "spanish": {"o": ("o", "a", "os", "as"), "e": ("e", "es"), "a": ("a", "as"), "": ("", "a", "es", "as")},
    "portuguese": {"o": ("o", "a", "os", "as"), "e": ("e", "es"), "a": ("a", "as"), "": ("", "a", "es", "as")},
    "italian": {"o": ("o", "a", "i", "e"), "e": ("e", "i"), "a": ("a", "e", "i"), "": ("",)},
    "french": {"e": ("e", "es"), "x": ("x", "se", "ses"), "s": ("s", "se", "ses"), "": ("", "e", "s", "es")},
}

_CONTRACTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "french": {"de": ("d'", "du", "des"), "à": ("au", "aux")},
    "spanish": {"de": ("del",), "a": ("al",)},
    "italian": {
        "di": ("del", "dello", "della", "dell'", "dei", "degli", "delle"),
        "a": ("al", "allo", "alla", "all'", "ai", "agli", "alle"),
    },
    "portuguese": {"de": ("do", "da", "dos", "das"), "a": ("ao", "à", "aos", "às")},
}
"""What the last word of a phrase becomes with the article after it."""
_U_ROW = {
    "\u3046": ("\u3063\u3066", "\u3063\u305f"), "\u3064": ("\u3063\u3066", "\u3063\u305f"),
    "\u308b": ("\u3063\u3066", "\u3063\u305f", "\u3066", "\u305f"), "\u304f": ("\u3044\u3066", "\u3044\u305f"),
    "\u3050": ("\u3044\u3067", "\u3044\u3060"), "\u3059": ("\u3057\u3066", "\u3057\u305f"),
    "\u306c": ("\u3093\u3067", "\u3093\u3060"), "\u3076": ("\u3093\u3067", "\u3093\u3060"),
    "\u3080": ("\u3093\u3067", "\u3093\u3060"),
}  # fmt: skip
_PROGRESSIVE = ("\u3044\u308b", "\u3044\u305f", "\u3044")


def expand(phrase: str, inflection: str) -> Iterator[str]:
    """All forms that the notation stands for; ``inflection``: the language by its English name, in lower case.

    Raises: ValueError where a brace is not closed, or not opened: such a word would be known to nobody.
    """
    if phrase.count("{") != phrase.count("}"):
        raise ValueError(f"{phrase!r}: a brace without its other")
    for chosen in _choices(phrase):
        words = [list(_word(word, inflection)) for word in chosen.split(" ")]
        found = [""]
        for forms in words:
            found = [f"{before} {form}".strip() for before in found for form in forms]
        for one in dict.fromkeys(found):
            yield one
            before, _, last = one.rpartition(" ")
            for joined in _CONTRACTIONS.get(inflection, {}).get(last, ()) if before else ():
                yield f"{before} {joined}"


def _choices(phrase: str) -> Iterator[str]:
    match = _CHOICE.search(phrase)
    if match is None:
        yield phrase
        return
    for choice in match[1].split("|"):
        yield from _choices(phrase[: match.start()] + choice + phrase[match.end() :])


def _word(word: str, inflection: str) -> Iterator[str]:
    endings: Sequence[str]
    if word.endswith("~"):
        stem = word[:-1]
        if inflection == "japanese":
            yield from _japanese(stem)
            return
        if inflection == "german":
            yield from (stem + ending for ending in _GERMAN)
            return
        table = _ROMANCE.get(inflection, {"": ("",)})
        last = next((one for one in table if one and stem.endswith(one)), "")
        yield from (stem[: len(stem) - len(last)] + ending for ending in table[last])
    elif "//" in word:
        yield word.replace("//", "/")
    elif "/" in word and word.replace("/", "").replace("-", "").isalpha():
        first, *endings = word.split("/")
        yield first
        yield from (first + ending for ending in endings)
    else:
        yield word


def _japanese(verb: str) -> Iterator[str]:
    """A verb by its dictionary form: the te-form, the past, and what goes on; both ways where it may be either."""
    yield verb
    for ending in _U_ROW.get(verb[-1:], ()):
        form = verb[:-1] + ending
        yield form
        if ending[-1] in "\u3066\u3067":
            yield from (form + goes_on for goes_on in _PROGRESSIVE)
