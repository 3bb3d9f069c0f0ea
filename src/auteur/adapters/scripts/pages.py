"""On which page of a script a line stands, by the measures of a typed page.

Twelve-point Courier on US letter: 55 lines a page, 61 characters a line of action, 35 of a speech, 26 of a
parenthetical (David Trottier, *The Screenwriter's Bible*, on format).
"""

import math

from auteur.domain.film import ElementKind

LINES_A_PAGE = 55
_WIDTHS: dict[ElementKind, int] = {"dialogue": 35, "lyrics": 35, "parenthetical": 26}
_UNPRINTED = frozenset({"note", "synopsis", "section"})


class PageCount:
    """Counts printed lines, from page 1."""

    def __init__(self) -> None:
        self._lines = 0

    @property
    def page(self) -> int:
        """Where the next line stands."""
        return 1 + self._lines // LINES_A_PAGE

    def add(self, kind: ElementKind, text: str) -> None:
        """An element that is printed here."""
        if kind == "page_break":
            self._lines = math.ceil(self._lines / LINES_A_PAGE) * LINES_A_PAGE
        elif kind not in _UNPRINTED:
            width = _WIDTHS.get(kind, 61)
            rows = sum(max(1, math.ceil(len(line) / width)) for line in text.split("\n"))
            self._lines += rows + (0 if kind in _WIDTHS else 1)

    def add_heading(self) -> None:
        """A heading with the two blank lines before it and the one after; it is never the last line of a page."""
        left = LINES_A_PAGE - self._lines % LINES_A_PAGE
        self._lines += left if left < 4 else 0
        self._lines += 3

    def add_cue(self) -> None:
        """A cue and the blank line before it."""
        self._lines += 2
