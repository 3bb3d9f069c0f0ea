"""A prompt in another language -> its phrases, each with all that it may say; the longest wins, blanks or none."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from auteur.adapters.engines.previs.reading.lexing import plain_name
from auteur.adapters.engines.previs.reading.tokens import Token, tokens
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, Vocabulary, load

UNKNOWN = "unknown"
MARK = "mark"
_SHORTEST_TYPO = 6
_SHORTEST_HEARD = 5
_SHORTEST_HEAD = 4
_SHORTEST_LENT = 5
_KATAKANA = re.compile(r"[\u30a0-\u30fa\u30fc-\u30ff]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_HEADS = ("place", "thing", "person", "clothing", "light_word", "weather", "time_of_day")
_LINKS = ("", "s", "n", "en", "es", "er", "e")
_NUMBERS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("style", re.compile(r"\b\d{2,3}\s?-?\s?mm[\s-]*(?:film|pellicule|pel\u00edcula|pellicola)\b", re.I)),
    (
        "lens_mm",
        re.compile(
            r"(?<![\d.])(?<!\d,)(\d{1,3}(?:[.,]\d)?)\s?-?\s?(?:mm\b|mm(?=[^a-z])|\u6beb\u7c73|\u30df\u30ea|\u339c|millim[e\u00e8\u00ed]tr\w*|mil[i\u00ed]metros?\b)",
            re.I,
        ),
    ),
    ("stop", re.compile(r"(?<![^\W\d_])[ft]\s?/?\s?(\d{1,2}(?:[.,]\d)?)(?![\d:])", re.I)),
    ("stop", re.compile(r"(?:\bBlende|\bdiafram\w+|\u5149\u5708|\u7d5e\u308a)\s?f?/?\s?(\d{1,2}(?:[.,]\d)?)", re.I)),
    ("aspect", re.compile(r"(?<![\d.,:])(\d(?:[.,]\d{1,2})?|\d{1,2})\s?[:\uff1a]\s?(\d{1,2})(?![\d:])")),
    ("aspect", re.compile(r"(?<![\d.,])(2[.,](?:39|35|40|4|20|00)|1[.,](?:85|66|78|33|37))(?![\d.,]?\d)")),
    ("style", re.compile(r"(?<![^\W_])[248]k\b", re.I)),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A phrase of the prompt from ``start`` up to, not including, ``end``. ``senses``: all that it may say, the
    likeliest first; ``read_as``: what a mistyped word was read as; ``attributes``: what a compound says besides."""

    text: str
    start: int
    end: int
    senses: tuple[Entry, ...]
    read_as: str | None = None
    attributes: tuple[Entry, ...] = ()
    forward: bool = False
    """Of a verb: belongs to the noun after it (Japanese and Chinese)."""

    @property
    def role(self) -> str:
        """Of the likeliest sense."""
        return self.senses[0].role

    @property
    def value(self) -> str:
        """Of the likeliest sense."""
        return self.senses[0].value

    def has(self, *roles: str) -> bool:
        """Whether it may be one of them."""
        return any(entry.role in roles for entry in self.senses)

    def sense(self, *roles: str) -> Entry | None:
        """The likeliest sense in one of the roles, the first role before the second."""
        return next((entry for role in roles for entry in self.senses if entry.role == role), None)

    def only(self, role: str, value: str | None = None) -> "Item":
        """The same in one role alone."""
        found = tuple(e for e in self.senses if e.role == role) or self.senses
        return replace(self, senses=(Entry(role, value),) if value is not None else found)


def items(prompt: str, vocabulary: Vocabulary, names: Iterable[str] = ()) -> list[Item]:
    """All phrases, marks and unknown words, in order. ``names``: of people, whatever else their words say."""
    called = list(_called(prompt, names))
    found = sorted([*_numbers(prompt), *_phrases(prompt, vocabulary)], key=lambda item: (item.start, -item.end))
    found = [one for one in found if not any(one.start < name.end and name.start < one.end for name in called)]
    found = sorted([*called, *found], key=lambda item: (item.start, -item.end))
    kept: list[Item] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _called(prompt: str, names: Iterable[str]) -> Iterator[Item]:
    """Where the names stand, each one unknown word: that it is somebody is for `Names` to say."""
    told = sorted({tuple(plain_name(name).split()) for name in names}, key=len, reverse=True)
    every = tokens(prompt)
    at = 0
    while at < len(every):
        after = every[at + 1 :][:1]
        alone = not after or after[0].kind != "word" or after[0].norm in _AFTER_A_SIGN
        length = next((n for words in told if (n := len(words)) and _is_called(every[at : at + n], words, alone)), 0)
        if length:
            start, end = every[at].start, every[at + length - 1].end
            yield Item(prompt[start:end], start, end, (Entry(UNKNOWN, ""),))
        at += length or 1


_AFTER_A_SIGN = frozenset("\u304c\u306f\u3092\u306e\u3068\u306b\u3082\u3055\u541b\u69d8\u5148\u7684\u5728\u548c")
"""What stands after a name of one sign: a particle, a title."""


def _is_called(found: Sequence[Token], words: Sequence[str], alone: bool) -> bool:
    """Whether these tokens are the name: with a capital where its script has them, and with the -s of what is hers."""
    if len(found) != len(words) or not (found[0].capital or (_CJK.match(found[0].text) and (len(words) > 1 or alone))):
        return False
    norms = [one.norm for one in found]
    return norms[:-1] == list(words[:-1]) and norms[-1] in (words[-1], f"{words[-1]}s")


def fold(word: str) -> str:
    """Without accents: how people type in haste. Other scripts stay as they are."""
    if not any("\u00c0" <= sign <= "\u024f" for sign in word):
        return word
    plain = unicodedata.normalize("NFD", word.replace("\u00df", "ss").replace("\u0153", "oe"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _numbers(prompt: str) -> Iterator[Item]:
    taken: list[tuple[int, int]] = []
    for role, pattern in _NUMBERS:
        for match in pattern.finditer(prompt):
            start, end = match.span()
            if any(start < other and one < end for one, other in taken):
                continue
            taken.append((start, end))
            said = [one.replace(",", ".") for one in match.groups() if one]
            if role == "aspect":
                value = ":".join(said) if len(said) == 2 else f"{said[0]}:1"
            else:
                value = said[0] if said else match[0]
            yield Item(match[0], start, end, (Entry(role, value),))


def _phrases(prompt: str, vocabulary: Vocabulary) -> Iterator[Item]:
    taken = [(item.start, item.end) for item in _numbers(prompt)]
    every = [one for one in tokens(prompt) if not any(start <= one.start < end for start, end in taken)]
    katakana = _known_runs(prompt, vocabulary)
    at = 0
    while at < len(every):
        token = every[at]
        if run := next((one for one in katakana if one[0] <= token.start < one[1]), None):
            yield Item(prompt[token.start : run[1]], token.start, run[1], (Entry(UNKNOWN, ""),))
            while at < len(every) and every[at].start < run[1]:
                at += 1
            continue
        size, senses, read_as, attributes = _longest(every, at, vocabulary)
        if not senses and token.kind == "mark":
            yield Item(token.text, token.start, token.end, (Entry(MARK, token.norm),))
            at += 1
            continue
        if not senses and token.kind == "line":
            yield Item("\n", token.start, token.end, (Entry(MARK, "\n"),))
            at += 1
            continue
        if not senses:
            size = 1
            while _CJK.match(token.text) and at + size < len(every):
                nearby = every[at + size]
                if not _CJK.match(nearby.text) or not nearby.glued or _longest(every, at + size, vocabulary)[1]:
                    break
                size += 1
            senses = (Entry(UNKNOWN, ""),)
        end = every[at + size - 1].end
        yield Item(prompt[token.start : end], token.start, end, senses, read_as, attributes)
        at += size


def _known_runs(prompt: str, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """The runs of katakana that are no words of ours: within them nothing is looked for."""
    return [match.span() for match in _KATAKANA.finditer(prompt) if not _divides(match[0], vocabulary)]


def _divides(run: str, vocabulary: Vocabulary) -> bool:
    reached = {0}
    for start in range(len(run)):
        if start not in reached:
            continue
        for end in range(start + 1, len(run) + 1):
            if tuple(run[start:end]) in vocabulary.phrases:
                reached.add(end)
    return len(run) in reached


@cache
def _folded(language: str) -> Mapping[tuple[str, ...], tuple[Entry, ...]]:
    found: dict[tuple[str, ...], list[Entry]] = {}
    for key, entries in load(language).phrases.items():
        found.setdefault(tuple(map(fold, key)), []).extend(entries)
    return {key: tuple(dict.fromkeys(entries)) for key, entries in found.items()}


@cache
def _folded_reach(language: str) -> Mapping[str, int]:
    reach: dict[str, int] = {}
    for key in _folded(language):
        reach[key[0]] = max(reach.get(key[0], 0), len(key))
    return reach


def _longest(
    every: Sequence[Token], at: int, vocabulary: Vocabulary
) -> tuple[int, tuple[Entry, ...], str | None, tuple[Entry, ...]]:
    """How many tokens, what they may say, what was corrected, and what parts of a compound say besides."""
    token = every[at]
    same = vocabulary.same
    norms = [same.get(one.norm, one.norm) for one in every[at : at + 14]]
    longest = min(_folded_reach(vocabulary.language).get(fold(norms[0]), 0), len(norms))
    exact = min(vocabulary.reach.get(norms[0].casefold(), 0), len(norms))
    for size in range(max(longest, exact), 0, -1):
        if any(one.kind == "line" for one in every[at : at + size]):
            continue
        key = tuple(norms[:size])
        if entries := vocabulary.phrases.get(key):
            return size, tuple(entries), None, ()
        if entries := vocabulary.exact.get(tuple(one.text for one in every[at : at + size])):
            return size, tuple(entries), None, ()
        if found := _folded(vocabulary.language).get(tuple(map(fold, key))):
            return size, found, None, ()
    if token.kind != "word" or _CJK.match(token.text):
        return 1, (), None, ()
    if lent := _lent(token.norm):
        return 1, lent, None, ()
    if vocabulary.language == "de" and (compound := _compound(token.norm, vocabulary)):
        return 1, (compound[0],), None, compound[1]
    if token.capital and vocabulary.language != "de" and at > 0:
        return 1, (), None, ()  # a name is never corrected
    if len(token.norm) >= _SHORTEST_HEARD and (word := _corrected(token.norm, vocabulary)):
        return 1, tuple(vocabulary.phrases[(word,)]), word, ()
    return 1, (), None, ()


def _lent(word: str) -> tuple[Entry, ...]:
    """People, animals and vehicles by their English nouns, which travel: cowboy, sheriff, jeep."""
    found = load("en").phrases.get((word,), ())
    roles = {"person": "person", "animal": "thing", "vehicle": "thing"}
    return tuple(Entry(roles[e.role], e.value) for e in found if e.role in roles and len(word) >= _SHORTEST_LENT)[:1]


def _corrected(word: str, vocabulary: Vocabulary) -> str | None:
    """A known phrase of one word that is one edit away, or sounds the same: endings carry meaning, so two edits are too
    many."""
    from rapidfuzz.distance import OSA

    found = vocabulary.correct(word)
    if found is None or (found,) not in vocabulary.phrases or len(found) < _SHORTEST_TYPO - 1:
        return None
    if vocabulary.heard.alike(word, found):
        return found
    if len(word) < _SHORTEST_TYPO:
        return None
    return found if OSA.distance(word, found) <= (1 if len(word) < 10 else 2) else None


def _compound(word: str, vocabulary: Vocabulary) -> tuple[Entry, tuple[Entry, ...]] | None:
    """A German compound by its last part, which says what it is; and what the first part says."""
    for cut in range(2, len(word) - 2):
        head, first = word[cut:], word[:cut]
        entries = vocabulary.phrases.get((head,), ())
        sense = next((entry for role in _HEADS for entry in entries if entry.role == role), None)
        if sense is None or len(head) < 3:
            continue
        parts = next(
            (
                vocabulary.phrases[(first[: len(first) - len(link)],)]
                for link in _LINKS
                if first.endswith(link) and (first[: len(first) - len(link)],) in vocabulary.phrases
            ),
            None,
        )
        if parts is None and (len(head) < _SHORTEST_HEAD or len(first) < 3):
            continue
        told = tuple(e for e in parts or () if e.role in ("time_of_day", "season", "weather", "light"))
        return sense, told[:1] if sense.role in ("place", "light_word", "weather", "time_of_day") else ()
    return None
