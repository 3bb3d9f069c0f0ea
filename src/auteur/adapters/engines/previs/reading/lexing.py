"""Finds the vocabulary in a prompt: the longest phrase first, typing errors forgiven."""

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


@dataclass(slots=True, eq=False)
class Piece:
    """A phrase of the vocabulary, a word that it does not have, a number or a mark. ``field``: what it was read into,
    None while it was not; ``group``: pieces of one thing share it."""

    tokens: list[Token]
    entries: list[Entry] = field(default_factory=list)
    read_as: str | None = None
    field: str | None = None
    group: int = 0

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


def lex(prompt: str, vocabulary: Vocabulary) -> list[Piece]:
    """The prompt as pieces, in its order; every token stands in one."""
    every = tokens(prompt)
    shouted = sum(token.capitals for token in every if token.kind == "word") * 2 > sum(t.kind == "word" for t in every)
    norms = [token.norm for token in every]
    corrected: dict[int, str] = {}
    for at, token in enumerate(every):
        if token.kind != "word" or (token.capital and not _may_be_mistyped(every, at, shouted)):
            continue
        if (meant := vocabulary.correct(token.norm)) is not None:
            if token.capital and len(meant) < 6 and sorted(meant) != sorted(token.norm):
                continue
            corrected[at] = norms[at] = meant
    pieces: list[Piece] = []
    at = 0
    while at < len(every):
        found: list[Entry] = []
        length = 1
        for length in range(min(vocabulary.reach.get(norms[at], 0), len(every) - at), 0, -1):
            part = every[at : at + length]
            found = [
                *vocabulary.exact.get(tuple(token.text for token in part), ()),
                *vocabulary.phrases.get(tuple(norms[at : at + length]), ()),
            ]
            if found and _whole(every, at, length):
                break
            found = []
        length = length if found else 2 if _numbered(every, at) else 1
        part = every[at : at + length]
        read_as = " ".join(norms[at : at + length]) if any(k in corrected for k in range(at, at + length)) else None
        pieces.append(Piece(part, found, read_as))
        at += length
    return pieces


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
