"""Loads the words of a language: what a phrase may say, longest first, and which known word a mistyped one was.

A file is TOML. ``language`` and ``name`` say whose words they are, ``inflection = "english"`` asks for regular English
forms. Phrases stand in strings, parted by commas or line ends, and match whatever their capitals and hyphens; one that
begins with ``!`` matches only in the capitals it is written in.

* ``[terms.ROLE]``: ``value = "phrase, phrase"``: each phrase says that value; in other languages than English it may
  stand for several forms (`forms.expand`). The roles are fields of a shot (``size``,
  ``kind``, ``angle``, ``move``, ``time_of_day`` …) and the small words that grammar needs (``relation``, ``negation``
  …).
* ``[nouns]``: ``role = "form/form/+plural = value"``: without a value the first form is the value, ``+`` marks a
  plural, and a plural alone stands for many.
* ``[verbs]``: the same; forms that end in -ing are told from the others.
* ``[lists]``: the same without forms.
* ``plain``: common words that say nothing of a shot, in their first form; none is corrected into one that does.
  ``common.LANGUAGE.txt`` beside the file has more of them: those that would be.
* ``[facts]`` (English only): which values are female, male, a pair …, whatever the language of the words.

A phrase may say several things; the grammar decides by what stands around it.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, NamedTuple

from auteur.adapters.engines.previs.reading.tokens import tokens
from auteur.adapters.engines.previs.reading.vocabulary.by_ear import Heard
from auteur.adapters.engines.previs.reading.vocabulary.english import plural, verb_forms
from auteur.adapters.engines.previs.reading.vocabulary.forms import expand

_SHORTEST_CORRECTED = 4
_ONE_EDIT_UP_TO = 6
_ENDINGS = ("ed", "d", "er", "ly", "y", "en", "ish", "est", "al", "ic")


class Entry(NamedTuple):
    """What a phrase may say: ``value`` in ``role``. ``form``: plural of a noun; ing, past or third of a verb."""

    role: str
    value: str
    form: str = ""
    verb: str = ""
    """Of a verb that says a pose, itself: a chase is a run, and a chase."""


class Vocabulary:
    """The phrases of one language. ``phrases``: by their tokens; ``exact``: those that need their capitals;
    ``reach``: how many tokens the longest phrase has that begins with a token."""

    def __init__(self, language: str, name: str) -> None:
        self.language = language
        self.name = name
        self.phrases: dict[tuple[str, ...], list[Entry]] = {}
        self.exact: dict[tuple[str, ...], list[Entry]] = {}
        self.reach: dict[str, int] = {}
        self.same: dict[str, str] = {}
        """By sign, the one that the phrases are written with: of a traditional character, the simplified one."""
        self.offered: dict[str, dict[str, str]] = {}
        """By role and value, the first phrase that says it."""
        self.plain: set[str] = set()
        """Common words that say nothing of a shot: no typing errors of those that do."""

    def add(self, phrase: str, entry: Entry) -> None:
        """A phrase that says it."""
        shelf = self.phrases
        if phrase.startswith("!"):
            shelf, phrase = self.exact, phrase[1:]
            key = tuple(token.text for token in tokens(phrase))
        elif phrase.isascii() and phrase.replace(" ", "a").isalpha():
            key = tuple(phrase.lower().split(" "))  # what `tokens` makes of it, without its care
        else:
            key = tuple(token.norm for token in tokens(phrase))
            if len(key) > 1 and key[-1] == "'":
                key = (*key[:-2], key[-2] + "'")  # an article or a preposition that lost its vowel
        entries = shelf.setdefault(key, [])
        if entry not in entries:
            entries.append(entry)
        first = key[0].casefold()
        if self.reach.get(first, 0) < len(key):
            self.reach[first] = len(key)

    def read(self, data: Mapping[str, Any]) -> None:
        """What a file says."""
        inflection = data.get("inflection", "")
        if signs := data.get("characters"):
            self.same |= dict(zip(signs["traditional"], signs["simplified"], strict=True))
        for role, values in data.get("terms", {}).items():
            offered = self.offered.setdefault(role, {})
            for value, said in values.items():
                for item in _items(said):
                    for phrase in (item,) if inflection in ("", "english") else expand(item, inflection):
                        offered.setdefault(value, phrase.removeprefix("!"))
                        self.add(phrase, Entry(role, value))
        english = data.get("inflection") == "english"
        for word in _items(data.get("plain", "")):
            self.plain |= {word, plural(word), *verb_forms(word)} if english else {word}
        for role, said in data.get("lists", {}).items():
            for forms, value in _entries(said):
                for form in forms:
                    self.add(form, Entry(role, value))
        for role, said in data.get("nouns", {}).items():
            for forms, value in _entries(said):
                if english and " of " not in forms[0] and not any(form.startswith("+") for form in forms):
                    forms.append("+" + plural(forms[0]))
                for form in forms:
                    self.add(form.removeprefix("+"), Entry(role, value, "plural" if form.startswith("+") else ""))
        for role, said in data.get("verbs", {}).items():
            for forms, value in _entries(said):
                made = verb_forms(forms[0]) if english else ()
                for form in (*forms, *made[:2], *(made[2:] if len(forms) == 1 else ())):
                    first = form.partition(" ")[0]
                    kind = "ing" if first.endswith("ing") and len(first) > 4 else ""
                    if made and not kind and form != forms[0]:
                        kind = "third" if form == made[0] else "past"
                    own = forms[0] if role == "pose" and forms[0].partition(" ")[0] != value else ""
                    self.add(form, Entry(role, value, kind, own))

    def borrow(self, other: "Vocabulary") -> None:
        """Phrases of another language; one that means something here keeps its meaning: Spanish *pan* is bread."""
        for key, entries in other.phrases.items():
            if key not in self.phrases:
                self.phrases[key] = list(entries)
                self.reach[key[0]] = max(self.reach.get(key[0], 0), len(key))
        for key, entries in other.exact.items():
            if tuple(word.casefold() for word in key) not in self.phrases:
                self.exact[key] = list(entries)
                first = key[0].casefold()
                self.reach[first] = max(self.reach.get(first, 0), len(key))

    @cached_property
    def words(self) -> Sequence[str]:
        """Every word of every phrase that is long enough to be corrected to, each once."""
        known = {word: None for key in self.phrases for word in key if len(word) >= _SHORTEST_CORRECTED}
        return tuple(word for word in known if word.isalpha())

    @cached_property
    def known(self) -> frozenset[str]:
        """Every word that stands in any phrase."""
        every = (word for shelf in (self.phrases, self.exact) for key in shelf for word in key)
        return frozenset(word.casefold() for word in every)

    @cached_property
    def common(self) -> frozenset[str]:
        """Common words that no phrase has and that look like one that a phrase has: conveys is no convoy."""
        file = files(__package__) / f"common.{self.language}.txt"
        return frozenset(file.read_text(encoding="utf-8").split()) if file.is_file() else frozenset()

    @cached_property
    def heard(self) -> Heard:
        """The same words by what they sound like."""
        return Heard(self.words, self.language)

    def correct(self, word: str) -> str | None:
        """The known word that this one was meant to be, None if there is none or several.

        One edit in words of up to six letters, two in longer ones; neighbouring letters that changed places are one
        edit (optimal string alignment). Where none is so near, one that sounds the same: clowdy. A word that is known
        is never corrected, nor is a common one (`plain`).
        """
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        if len(word) < _SHORTEST_CORRECTED - 1 or word in self.known or word in self.plain or not word.isalpha():
            return None
        if word in self.common:
            return None
        if len(word) < _SHORTEST_CORRECTED:
            swapped = word[0] + word[2] + word[1]  # so short, only neighbours that changed places: dgo
            return swapped if (swapped,) in self.phrases and word[1] != word[2] else None
        edits = 1 if len(word) <= _ONE_EDIT_UP_TO else 2
        near = process.extract(word, self.words, scorer=OSA.distance, score_cutoff=edits, limit=8)
        letters = set(word)
        unlike = {one[0]: not self.heard.alike(word, one[0]) for one in near}
        moved = {one[0]: sorted(one[0]) == sorted(word) for one in near}
        ranked = sorted(
            near,
            key=lambda one: (
                one[1], one[0][0] != word[0], not moved[one[0]], unlike[one[0]], letters != set(one[0]), one[2],
            ),
        )  # fmt: skip
        ranked = [one for one in ranked if one[0][0] == word[0] or (one[1] == 1 and sorted(one[0]) == sorted(word))]
        ranked = [one for one in ranked if len(word) > _ONE_EDIT_UP_TO or _slipped(word, one[0]) or not unlike[one[0]]]
        ranked = [one for one in ranked if one[1] < 2 or _twice(word, one[0])]
        best = ranked[0][0] if ranked else None
        if best is not None and word.startswith(best) and word[len(best) :] in _ENDINGS:
            return None  # a form that the file does not have is no typing error
        return best or self.heard.like(word)


_BY_EAR = ("er", "or", "ar")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _near(one: str, other: str) -> bool:
    """Whether two letters are neighbours on a keyboard; letters beyond it always count as such."""
    places = {letter: (row, at) for row, letters in enumerate(_KEYS) for at, letter in enumerate(letters)}
    if one not in places or other not in places:
        return True
    (row, at), (row2, at2) = places[one], places[other]
    return abs(row - row2) <= 1 and abs(at - at2) <= 1


def _slipped(typed: str, meant: str) -> bool:
    """Whether fingers slip so: letters swapped, one left out, one hit twice or beside its key. A short word that
    differs otherwise is another word, poem no poet."""
    if sorted(typed) == sorted(meant) or len(typed) < len(meant):
        return True
    if typed[:-2] == meant[:-2] and typed.endswith(_BY_EAR) and meant.endswith(_BY_EAR):
        return True  # sailer
    at = next((n for n, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other), len(meant))
    if len(typed) == len(meant):
        return _near(typed[at], meant[at])
    before, after = typed[at - 1 : at], typed[at + 1 : at + 2]
    if typed[at] in typed[at + 1 : at + 3]:
        return True  # a letter that came too early, too: sohot
    return any(one and (one == typed[at] or _near(one, typed[at])) for one in (before, after)) or at == len(meant)


def _twice(typed: str, meant: str) -> bool:
    """Whether two slips may have made this of that: two letters replaced are another word, floured not flooded."""
    lost = Counter(meant)
    lost.subtract(typed)
    return abs(len(typed) - len(meant)) == 2 or sum(count for count in lost.values() if count > 0) < 2


def _items(said: str) -> Iterator[str]:
    for line in said.split("\n"):
        for item in line.split(","):
            if item := item.strip():
                yield item


def _entries(said: str) -> Iterator[tuple[list[str], str]]:
    """Forms and value of each item."""
    for item in _items(said):
        left, mark, value = item.partition(" = ")
        forms = left.strip().split("/")
        yield forms, value.strip() if mark else forms[0].removeprefix("+")


def languages() -> list[str]:
    """The languages that have a file, by code."""
    return sorted(file.name[:-5] for file in files(__package__).iterdir() if file.name.endswith(".toml"))


@cache
def _data(language: str) -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / f"{language}.toml").read_text(encoding="utf-8"))


@cache
def load(language: str) -> Vocabulary:
    """The words of a language; camera terms of English are in each, because crews mix them in.

    Raises `FileNotFoundError` for a language that has no file.
    """
    data = _data(language)
    vocabulary = Vocabulary(data["language"], data["name"])
    vocabulary.read(data)
    for borrowed in data.get("borrows", ()):
        other = _data(borrowed)
        roles = set(other.get("borrowed", ()))
        lent = Vocabulary(other["language"], other["name"])
        lent.read({"terms": {role: said for role, said in other["terms"].items() if role in roles}})
        vocabulary.borrow(lent)
    return vocabulary


@cache
def facts() -> Mapping[str, frozenset[str]]:
    """What is true of values, by the name of the fact."""
    return {name: frozenset(_items(said)) for name, said in _data("en")["facts"].items()}


def rises(start: str | None, end: str | None) -> bool | None:
    """Whether it goes up from one thing to another, by what lies low and what lies high (values of any language); None
    where they do not say it, and where neither is named."""
    low, high = facts()["low"], facts()["high"]

    def height(name: str | None) -> int | None:
        return None if name is None else 0 if name in low else 2 if name in high else 1

    one, other = height(start), height(end)
    if one is not None and other is not None:
        return None if one == other else other > one
    if one is not None:
        return {0: True, 2: False}.get(one)
    return {0: False, 2: True}.get(other) if other is not None else None
