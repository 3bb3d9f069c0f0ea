"""Which words of meaning were left, given the spans that somebody read; small words are no news."""

from collections.abc import Sequence

from auteur.adapters.engines.previs.reading.languages.detect import language_of
from auteur.adapters.engines.previs.reading.languages.grammar.walk import SILENT
from auteur.adapters.engines.previs.reading.languages.items import MARK, items
from auteur.adapters.engines.previs.reading.shot import Span
from auteur.adapters.engines.previs.reading.tokens import tokens
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load

_SMALL = frozenset({"function", "be", "article", "pronoun", "owner", "we", "conjunction", "relation", "with", "path"})
_PREPOSITIONS = frozenset({"of", "the", "a", "an", "on", "in", "to", "at", "out", "from", "with", "and", "by", "is"})


def left_over(prompt: str, spans: Sequence[Span]) -> list[str]:
    """The words that no span covers, in the prompt's order and spelling."""

    def is_read(start: int, end: int) -> bool:
        return any(span.start < end and start < span.end for span in spans)

    language = language_of(prompt)
    vocabulary = load(language)
    if language != "en":
        return [
            item.text
            for item in items(prompt, vocabulary)
            if item.role not in (MARK, *SILENT) and not is_read(item.start, item.end) and item.text.strip()
        ]
    return [
        token.text
        for token in tokens(prompt)
        if token.kind in ("word", "number") and not is_read(token.start, token.end)
        and token.norm not in _PREPOSITIONS
        and not any(entry.role in _SMALL for entry in vocabulary.phrases.get((token.norm,), ()))
    ]  # fmt: skip
