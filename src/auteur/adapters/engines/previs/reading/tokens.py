"""Cuts a prompt into tokens that know where they stand, in code points of the prompt."""

import re
import unicodedata
from dataclasses import dataclass

_PIECES = re.compile(
    r"(?P<cjk>[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])"
    r"|(?P<number>\d+(?:[.,]\d+)?)"
    r"|(?P<word>[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff](?:[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[\u0300-\u036f])*"
    r"(?:['\u2019](?:[^\W\d_]|[\u0300-\u036f])+)*)"
    r"|(?P<line>\n)"
    r"|(?P<mark>--+|\.\.\.+|['\u2019]s\b|[^\w\s]|_)"
)
_ELISIONS = frozenset({
    "l", "d", "qu", "n", "c", "j", "m", "t", "s", "jusqu", "lorsqu", "puisqu", "dell", "nell", "all", "sull", "dall",
    "un", "quell", "com",
})  # fmt: skip
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_FULL_STOPS = {
    "\u3002": ".",
    "\uff0e": ".",
    "\uff0c": ",",
    "\u3001": ",",
    "\uff1b": ";",
    "\uff1a": ":",
    "\u2026": "...",
}


@dataclass(frozen=True, slots=True)
class Token:
    """``norm``: folded, for look-up; ``text``: as it stands from ``start`` up to, not including, ``end``; ``kind``:
    word, number, mark or line; ``glued``: no blank before it; ``hyphen``: a hyphen joins it to the one before."""

    norm: str
    text: str
    start: int
    end: int
    kind: str
    glued: bool = False
    hyphen: bool = False

    @property
    def capital(self) -> bool:
        """Begins with a capital letter."""
        return self.text[:1].isupper()

    @property
    def capitals(self) -> bool:
        """Two letters or more and all of them capitals."""
        return len(self.text) > 1 and self.text.isupper()


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of the text. A hyphen between two words is no token; a dash is ``-``, a possessive
    is ``'s``, and a sign of Chinese or Japanese writing stands alone."""
    found: list[Token] = []
    last = 0
    hyphen = False
    for match in _PIECES.finditer(text):
        start, end = match.span()
        piece = match[0]
        glued = start == last and start > 0
        last = end
        if piece in _DASHES:
            around = text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()
            if around and piece in "-\u2010\u2011":
                hyphen = True
                continue
            found.append(Token("-", piece, start, end, "mark", glued))
            continue
        kind = match.lastgroup or "mark"
        if kind == "word":
            for at, part in _parts(piece):
                norm = unicodedata.normalize("NFKC", part).casefold().replace("\u2019", "'")
                joined = (glued or hyphen) if at == 0 else True
                sort = "mark" if norm == "'s" else "word"
                found.append(Token(norm, part, start + at, start + at + len(part), sort, joined, hyphen and at == 0))
        elif kind == "line":
            found.append(Token("\n", piece, start, end, "line", glued))
        else:
            norm = unicodedata.normalize("NFKC", piece).casefold().replace("\u2019", "'")
            norm = _FULL_STOPS.get(piece, norm)
            kind = "word" if kind == "cjk" else kind
            if kind == "number":
                norm = norm.replace(",", ".") if len(norm.partition(",")[2]) < 3 else norm.replace(",", "")
            found.append(Token(norm, piece, start, end, kind, glued or hyphen, hyphen))
        hyphen = False
    return found


def _parts(word: str) -> list[tuple[int, str]]:
    """A word without its elided article and its possessive, which stand beside it."""
    plain = word.replace("\u2019", "'")
    before, mark, after = plain.partition("'")
    if mark and before.casefold() in _ELISIONS and after.casefold() not in ("s", "t", "re", "ll", "ve", "d", "m"):
        cut = len(before) + 1
        return [(0, word[:cut]), *((cut + at, part) for at, part in _parts(word[cut:]))]
    if plain.casefold().endswith("'s") and len(plain) > 2:
        return [(0, word[:-2]), (len(word) - 2, word[-2:])]
    return [(0, word)]
