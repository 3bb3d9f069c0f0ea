"""Reads a shot in words into plain data: `read_shot`.

The vocabulary finds phrases, the grammar relates them, and what neither took is told. Twelve rules and the format of
the vocabulary are in docs/reading.md.
"""

from collections.abc import Iterable

from auteur.adapters.engines.previs.reading.draft import ShotDraft
from auteur.adapters.engines.previs.reading.grammar.walk import Grammar
from auteur.adapters.engines.previs.reading.languages.detect import language_of
from auteur.adapters.engines.previs.reading.languages.reader import read_in
from auteur.adapters.engines.previs.reading.lexing import Piece, lex
from auteur.adapters.engines.previs.reading.shot import Shot, Span
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load


def read_shot(prompt: str, language: str | None = None, names: Iterable[str] = ()) -> Shot:
    """The shot that the prompt describes. ``language``: a code that has a vocabulary; None lets the words say it.
    ``names``: of people who are known beforehand, a project's cast: so called, any word is somebody.

    Never raises for a prompt of any content; what was not understood is named in the result.
    """
    language = language or language_of(prompt)
    if language != "en":
        return read_in(prompt, language, names)
    vocabulary = load(language)
    pieces = lex(prompt, vocabulary, names)
    draft = ShotDraft()
    grammar = Grammar(pieces, draft, vocabulary)
    grammar.inside = set()
    grammar.read()
    return draft.frozen(vocabulary.language, unread(pieces), spans(prompt, pieces))


def spans(prompt: str, pieces: list[Piece]) -> tuple[Span, ...]:
    """The words that were read, those of one thing together."""
    found: list[Span] = []
    last: Piece | None = None
    for at, piece in enumerate(pieces):
        if piece.field is None and piece.read_as and piece.has(*_EXEMPT, "relation", "path", "with"):
            # a small word that was put right: its correction is told with what it leads to
            near = (one.field for one in (*pieces[at + 1 :], *reversed(pieces[:at])) if one.field)
            piece.field = next(near, None)
        if piece.field is None:
            continue
        span = Span(
            start=piece.start,
            end=piece.end,
            text=prompt[piece.start : piece.end],
            field=piece.field,
            read_as=piece.read_as,
            value=_value(piece),
        )
        joined = last is not None and piece.group and last.group == piece.group and last.field == piece.field
        if (
            joined
            and not prompt[found[-1].end : piece.start].strip(" -'\u2019")
            and not piece.read_as
            and not found[-1].read_as
        ):
            start = found[-1].start
            value = found[-1].value or span.value
            span = Span(start=start, end=piece.end, text=prompt[start : piece.end], field=piece.field, value=value)
            found.pop()
        found.append(span)
        last = piece
    return tuple(found)


_ROLES = {
    "size": ("size", "size_bare"), "kind": ("kind",), "angle": ("angle",), "moves": ("move", "move_weak"),
    "time_of_day": ("time_of_day",), "weather": ("weather",), "season": ("season",),
    "light": ("light", "light_colour", "light_adjective"), "place": ("place",),
}  # fmt: skip


def _value(piece: Piece) -> str | None:
    """What the words say in the terms of the field they went into."""
    if piece.field in ("lens_mm", "stop"):
        return piece.norm if piece.tokens[0].kind == "number" else None
    entry = piece.get(*_ROLES.get(piece.field or "", ()))
    return entry.value if entry is not None else None


def unread(pieces: list[Piece]) -> tuple[str, ...]:
    """Every word of meaning that no field took, in the prompt's spelling; what is glued together is one word."""
    left: list[str] = []
    last: Piece | None = None
    for piece in pieces:
        glued = last is not None and piece.tokens[0].glued and not piece.tokens[0].hyphen and last.end == piece.start
        if (
            piece.field is None
            and piece.kind == "word"
            and glued
            and last is not None
            and last.kind == "number"
            and not last.field
        ):
            left[-1] += piece.tokens[0].text
        elif piece.field is None and piece.kind in ("word", "number") and not piece.has(*_EXEMPT):
            if piece.tokens[0].kind == "number":
                left.append("".join(token.text for token in piece.tokens))
                last = piece
                continue
            left += [token.text for token in piece.tokens if token.kind != "mark" and token.norm not in _SMALL]
        elif piece.field is None and len(piece.tokens) > 1:
            left += [token.text for token in piece.tokens if token.norm in _MEANT]  # the first, of whom nobody is known
        last = piece
    return tuple(left)


_EXEMPT = ("function", "be", "article", "pronoun", "owner", "we", "conjunction")
_MEANT = frozenset({"first", "second", "former", "latter", "audience", "viewer"})
"""Words of meaning inside phrases that point to somebody."""
_SMALL = frozenset({"of", "the", "a", "an", "on", "in", "to", "at", "out", "from", "with", "and", "by", "is"})
