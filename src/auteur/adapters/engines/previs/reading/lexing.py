"""Finds the vocabulary in a prompt: the longest phrase first, typing errors forgiven."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from auteur.adapters.engines.previs.reading.tokens import Token, tokens
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, Vocabulary

NOUNS = (
    "person",
    "name_female",
    "name_male",
    "animal",
    "vehicle",
    "thing",
    "place",
    "clothing",
    "body",
    "event",
    "part",
)
"""Roles of nouns, in the order in which they are tried where nothing else decides."""
_DETERMINERS = frozenset({"a", "an", "the", "his", "her", "their", "its", "one", "my", "your", "our"})
VERBS = ("pose", "hold", "wear", "look", "action", "exist")
_READ_WITHOUT = ("person", "name_female", "name_male", "title")
"""Roles of words that make a name of a person without being told that it is one."""
_AGE = re.compile(r"[,(]\s*\d+\w*\)?\s*$")


@dataclass(slots=True, eq=False)
class Piece:
    """A phrase of the vocabulary, a word that it does not have, a number or a mark. ``field``: what it was read into,
    None while it was not; ``group``: pieces of one thing share it."""

    tokens: list[Token]
    entries: list[Entry] = field(default_factory=list)
    read_as: str | None = None
    field: str | None = None
    group: int = 0
    told: bool = False
    """A name of somebody who is known, whatever else the word means."""

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def norm(self) -> str:
        return self.read_as or " ".join(token.norm for token in self.tokens)

    @property
    def kind(self) -> str:
        return self.tokens[0].kind if len(self.tokens) == 1 else "word"

    @property
    def capital(self) -> bool:
        return self.tokens[0].capital

    def get(self, *roles: str) -> Entry | None:
        """The first entry that has one of these roles, in the order of the roles."""
        return next((entry for role in roles for entry in self.entries if entry.role == role), None)

    def has(self, *roles: str) -> bool:
        return any(entry.role in roles for entry in self.entries)

    @property
    def text_is_title(self) -> bool:
        """One capital, then small letters."""
        return self.tokens[0].text.istitle()

    @property
    def noun(self) -> Entry | None:
        return self.get(*NOUNS)

    @property
    def verb(self) -> Entry | None:
        return self.get(*VERBS)


def plain_name(name: str) -> str:
    """What a name is compared by: small letters, no article before it, no age behind it, no marks in it. ``THE HOST,
    30`` and ``the Host`` are one."""
    words = [token.norm for token in tokens(_AGE.sub("", name)) if token.kind in ("word", "number")]
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)


def lex(prompt: str, vocabulary: Vocabulary, names: Iterable[str] = ()) -> list[Piece]:
    """The prompt as pieces, in its order; every token stands in one. ``names``: of people who are known to be somebody,
    where the words alone say something else, or nothing: the Host, Intercom."""
    every = tokens(prompt)
    known = _told(names, vocabulary)
    shouted = sum(token.capitals for token in every if token.kind == "word") * 2 > sum(t.kind == "word" for t in every)
    norms = [token.norm for token in every]
    corrected = _corrected(every, norms, vocabulary, shouted)
    pieces: list[Piece] = []
    at = 0
    while at < len(every):
        if length := _name_here(every, at, known):
            pieces.append(Piece(every[at : at + length], told=True))
            at += length
            continue
        found: list[Entry] = []
        length = 1
        for length in range(min(vocabulary.reach.get(norms[at], 0), len(every) - at), 0, -1):
            part = every[at : at + length]
            found = [
                *vocabulary.exact.get(tuple(token.text for token in part), ()),
                *vocabulary.phrases.get(tuple(norms[at : at + length]), ()),
            ]
            if found and _whole(every, at, length) and not _parted(every, at, length, found, vocabulary):
                break
            found = []
        length = length if found else 1
        if _joined_name(every, at, vocabulary) and at + 1 not in corrected and length == 1:
            found, length = [], 2
        elif not found and _numbered(every, at):
            length = 2
        part = every[at : at + length]
        read_as = " ".join(norms[at : at + length]) if any(k in corrected for k in range(at, at + length)) else None
        pieces.append(Piece(part, found, read_as))
        at += length
    return pieces


def _corrected(every: list[Token], norms: list[str], vocabulary: Vocabulary, shouted: bool) -> dict[int, str]:
    """The words that were mistyped, by their place, with what was meant; ``norms`` is put right. A capital is a
    name's, unless others are mistyped, too, or letters only changed places."""
    found: dict[int, str] = {}
    small = sorted(range(len(every)), key=lambda at: every[at].capital)
    for at in small:
        token = every[at]
        if token.kind != "word" or (token.capital and not _may_be_mistyped(every, at, shouted)):
            continue
        begins = at == 0 or every[at - 1].kind in ("mark", "line")
        if token.capitals and not shouted and len(token.norm) > 2 and begins:
            continue  # a script's way to write who acts
        meant = _of_a_shot(every, at, vocabulary) or vocabulary.correct(token.norm)
        swapped = meant is not None and sorted(meant) == sorted(token.norm)
        if meant is None or (token.capital and not swapped and (len(meant) < 6 or not found)):
            continue
        found[at] = norms[at] = meant
    return found


_BEFORE_SHOT = (
    "long", "wide", "medium", "close", "full", "tight", "low", "high", "two", "three", "single", "group", "master",
    "insert", "establishing", "tracking", "dolly", "crane", "drone", "aerial", "overhead", "pov", "reaction",
)  # fmt: skip
_SHOTS = frozenset({"shot", "shto", "sht", "shoot", "shots", "angle", "angel", "up"})


def _of_a_shot(every: list[Token], at: int, vocabulary: Vocabulary) -> str | None:
    """What a short word before *shot* or *angle* was meant to be, where letters were left out of it: lng shot."""
    word, after = every[at].norm, every[at + 1] if at + 1 < len(every) else None
    if after is None or after.norm not in _SHOTS or word in vocabulary.known or not 1 < len(word) < 6:
        return None
    meant = [one for one in _BEFORE_SHOT if one[0] == word[0] and len(one) > len(word) and _left_out(word, one)]
    meant += [one for one in _BEFORE_SHOT if len(one) == len(word) < 5 and _differs_by_one(word, one)]
    return meant[0] if len(meant) == 1 else None


def _differs_by_one(word: str, other: str) -> bool:
    return word[0] == other[0] and sum(a != b for a, b in zip(word, other, strict=True)) == 1


def _left_out(word: str, whole: str) -> bool:
    """Whether a word is the other with one or two of its letters left out."""
    letters = iter(whole)
    return len(whole) - len(word) < 3 and all(letter in letters for letter in word)


_STOP_OR_STAND = frozenset(
    {"stands", "stops", "parks", "passes", "swings", "rises", "sails", "drips", "guides", "guards", "sweeps"}
)
_ONE = frozenset({"a", "an", "one", "each", "every", "another", "this", "that"})
_ITS = frozenset({"the", "his", "her", "their", "its", "my", "our", "your"})
_ONTO = frozenset({"on", "onto", "to", "toward", "towards"})
_MANY = frozenset({"both", "several", "many", "these", "those", "some", "all", "few", "no", "of", "more"})


def _parted(every: list[Token], at: int, length: int, found: list[Entry], vocabulary: Vocabulary) -> bool:
    """Whether a phrase is two here: a coat stands, the bus stops; the first light of day."""
    last = every[at + length - 1]
    if length == 2 and every[at].norm == "the" and all(entry.role in ("pronoun", "camera") for entry in found):
        reach = min(vocabulary.reach.get(last.norm, 0), len(every) - at - 1)
        longer = (tuple(token.norm for token in every[at + 1 : at + 1 + more]) for more in range(reach, 1, -1))
        return any(one in vocabulary.phrases for one in longer)
    if length == 2 and every[at].norm in ("truck", "trucks") and at and last.kind == "word":
        return _is_a_vehicle(every, at, vocabulary)
    if length > 1 and last.norm in ("left", "right", "l", "r") and at + length + 1 < len(every):
        to, end = every[at + length : at + length + 2]
        return to.norm == "to" and end.norm in ("left", "right", "l", "r")  # whip pan left to right
    if [token.norm for token in every[at : at + length]] == ["from", "behind"] and at + 2 < len(every):
        return every[at + 2].norm in _ONE | _ITS  # from behind the hedge
    if length == 2 and every[at].norm in ("close", "tight") and last.norm == "on" and at:
        said = vocabulary.phrases.get((every[at - 1].norm,), ())
        return any(entry.form == "plural" and entry.role in NOUNS for entry in said)  # the doors close on a hand
    if length < 2 or last.hyphen or not all(entry.form == "plural" and entry.role in NOUNS for entry in found):
        return False
    if not any(one.role in VERBS and one.form == "third" for one in vocabulary.phrases.get((last.norm,), ())):
        return False
    for before in reversed(every[max(0, at - 4) : at]):
        if before.kind != "word" or before.norm in _MANY:
            return False
        if before.norm in _ONE:
            return True
        if before.norm in _ITS:
            return last.norm in _STOP_OR_STAND
        entries = vocabulary.phrases.get((before.norm,), ())
        if any(one.role in ("number", "quantity", "relation", "path") for one in entries):
            return False
    return False


def _is_a_vehicle(every: list[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Whether a truck that is in, out, left or right of something is one with wheels: by an article or what it is like
    before it (a slow one is a move), and what it is in behind it (a truck in on him, in to him, is a move)."""
    before = every[at - 1].norm
    roles = {entry.role for entry in vocabulary.phrases.get((before,), ())}
    after = every[at + 2] if at + 2 < len(every) else None
    if "speed" in roles or after is None or after.kind != "word":
        return False
    return ("colour" in roles or "trait" in roles) or (before in _ONE | _ITS and after.norm not in _ONTO)


def _told(names: Iterable[str], vocabulary: Vocabulary) -> set[tuple[str, ...]]:
    """The words of those names that the vocabulary does not make people of itself. Driver 2 is one driver, not two."""

    def is_read(words: tuple[str, ...]) -> bool:
        phrases = [words, *((one,) for one in words)]
        return any(entry.role in _READ_WITHOUT for one in phrases for entry in vocabulary.phrases.get(one, ()))

    told = {tuple(plain_name(name).split()) for name in names}
    return {words for words in told if words and ((words[-1].isdigit() and len(words) > 1) or not is_read(words))}


def _name_here(every: list[Token], at: int, known: set[tuple[str, ...]]) -> int:
    """How many tokens a name has that begins here, its article among them: 0 where none does. It has a capital: hope is
    no Hope."""
    if not known or every[at].kind != "word":
        return 0
    first = at + (every[at].norm == "the" and at + 1 < len(every))
    for words in sorted(known, key=len, reverse=True):
        end, left = first, list(words)
        while left and end < len(every) and every[end].norm in ("#", left[0]):
            left = left[every[end].norm != "#" :]
            end += 1
        if not left and every[first].capital:
            return end - at
    return 0


def _joined_name(every: list[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Whether two words that a hyphen joins are one name, whatever the first means alone: Sun-hee."""
    after = every[at + 1] if at + 1 < len(every) else None
    if after is None or not after.hyphen or after.kind != "word" or len(after.norm) > 5 or not every[at].text.istitle():
        return False
    more = every[at + 2] if at + 2 < len(every) else None
    if more is not None and more.hyphen:
        return False
    return after.text.islower() and (after.norm,) not in vocabulary.phrases and after.norm not in vocabulary.plain


def _numbered(every: list[Token], at: int) -> bool:
    """Whether a number and a letter are one name: shot 12A."""
    after = every[at + 1] if at + 1 < len(every) else None
    if every[at].kind != "number" or after is None or not after.glued or after.hyphen or len(after.norm) != 1:
        return False
    return after.norm.isascii() and after.norm.isalpha() and after.norm not in ("m", "k", "s", "x", "f", "t")


def _may_be_mistyped(every: list[Token], at: int, shouted: bool) -> bool:
    """A capitalised word in the middle of a sentence is a name; at its beginning it may be any word."""
    if shouted and every[at].capitals:
        return True
    return len(every[at].norm) > 3 and (at == 0 or every[at - 1].kind in ("mark", "line")) and every[at - 1].norm != "("


def _whole(every: list[Token], at: int, length: int) -> bool:
    """Whether a phrase is not a piece of a larger whole: no full stop at its end that ends the sentence is lost, and no
    letter or digit is glued to it."""
    last = at + length - 1
    if every[last].kind == "word" and last + 1 < len(every):
        after = every[last + 1]
        if after.glued and not after.hyphen and after.kind == "number" and len(every[last].norm) == 1:
            return False
    on = length > 1 and every[at].norm == "head" and every[last].norm == "on" and not every[last].hyphen
    if on and last + 1 < len(every) and every[last + 1].norm in _DETERMINERS:
        return False  # his head on his arms is not head-on
    before = every[at - 1] if at else None
    short = length == 1 and len(every[at].norm) == 1 and every[at].kind == "word" and every[at].norm.isascii()
    return not (short and before is not None and every[at].glued and before.kind == "word")
