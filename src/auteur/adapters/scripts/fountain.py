"""A reader of Fountain, the whole syntax of fountain.io/syntax: lines into the elements of `auteur.domain.film`.

It never fails on text: what is no element of another kind is action. Every word of the file is in the title page, in a
heading, in an element, or in the boneyard; lines are those of the file.

Long because the syntax is read in one place: what a line is depends on what stands around it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from auteur.adapters.scripts.composing import Composer
from auteur.adapters.scripts.headings import is_natural
from auteur.adapters.scripts.markup import plain
from auteur.domain.film import Script

_BONEYARD_OR_NOTE = re.compile(r"/\*|\[\[")
_BLANKS = re.compile(r"[ \t]*")
_KEY = re.compile(r"(?![.!@>~=#\[(])([^\s:][^:]{0,63}):(?!//)[ \t]*(.*)")
_INDENTED = re.compile(r"(?:\t| {2,})\s*\S")
_EXTENSION = re.compile(r"[ \t]*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_SECTION = re.compile(r"(#{1,6})[ \t]*(.*)")
_MOST_OF_A_PARENTHETICAL = 6
_LONGEST_CUE, _LONGEST_HEADING = 200, 500


@dataclass(slots=True)
class _Line:
    """A line without notes and boneyard. ``was_hidden``: nothing but these stood on it; ``notes``: those that begin on
    it; ``is_joined``: blank, but two blanks hold the speech together."""

    number: int
    text: str
    was_hidden: bool
    notes: list[tuple[int, str]]

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()

    @property
    def is_joined(self) -> bool:
        return not self.was_hidden and self.is_blank and len(self.text) >= 2


def read_fountain(text: str) -> Script:
    """Reads text that `texts.decoded` has prepared."""
    composer = Composer()
    lines = _lines(text, composer)
    start = _title_page(lines, composer)
    _Body(lines, composer).read(start)
    return composer.script()


# --- notes and boneyard -------------------------------------------------------------------------------------------


def _lines(text: str, composer: Composer) -> list[_Line]:
    """The lines without notes and boneyard, which may go over several."""
    kept: list[str] = []
    notes: dict[int, list[tuple[int, str]]] = {}
    hidden: set[int] = set()
    line, place = 1, 0
    closed = {"/*": True, "[[": True}
    for kind, start, end, content in _hidden(text, closed):
        line += text.count("\n", place, start)
        kept.append(text[place:start])
        over = text.count("\n", start, end)
        if kind == "note":
            notes.setdefault(line, []).append((line, content))
        hidden.update(range(line, line + over + 1))
        kept.append("\n" * over)
        line, place = line + over, end
        if start == 0 or text[start - 1].isspace():  # blanks on both sides are one
            place += _blanks(text, end)
    kept.append(text[place:])
    for mark, is_closed in closed.items():
        if not is_closed:
            composer.warn(f"A {'boneyard' if mark == '/*' else 'note'} is opened and not closed: it is read as text.")
    return [
        _Line(number, text, number in hidden and not text.strip(), notes.get(number, []))
        for number, text in enumerate("".join(kept).split("\n"), 1)
    ]


def _hidden(text: str, closed: dict[str, bool]) -> Iterator[tuple[Literal["note", "boneyard"], int, int, str]]:
    """Notes and boneyard in order, with where each begins and ends. No mark is looked for twice from the same place, so
    that no text is dear to read."""
    found = {"*/": -1, "]]": -1, "\n\n": -1}

    def ahead(mark: str, place: int) -> int:
        if found[mark] < place:
            at = text.find(mark, place)
            found[mark] = at if at >= 0 else len(text)
        return found[mark]

    place = 0
    while (met := _BONEYARD_OR_NOTE.search(text, place)) is not None:
        is_note = met[0] == "[["
        end = ahead("]]" if is_note else "*/", met.end())
        if end == len(text):
            closed[met[0]] = False
            place = met.end()
        elif is_note and ahead("\n\n", met.end()) < end:  # a blank line ends a note that nothing holds together
            place = met.end()
        else:
            end += text[end : end + 3] == "]]]"  # the first belongs to what is noted
            yield "note" if is_note else "boneyard", met.start(), end + 2, text[met.end() : end]
            place = end + 2


def _blanks(text: str, place: int) -> int:
    """How many blanks begin there."""
    met = _BLANKS.match(text, place)
    return len(met[0]) if met is not None else 0


# --- title page ---------------------------------------------------------------------------------------------------


def _title_page(lines: list[_Line], composer: Composer) -> int:
    """Reads the title page, if there is one; returns the place of the first line after it."""
    first = next((place for place, line in enumerate(lines) if not line.is_blank), len(lines))
    place = first
    while place < len(lines) and not lines[place].is_blank:
        text = lines[place].text
        met = _KEY.fullmatch(text.rstrip())
        values: list[str] = []
        if met is None or (place == first and is_natural(text.strip())):
            break
        after = place + 1
        while after < len(lines) and _INDENTED.match(lines[after].text):
            values.append(lines[after].text.strip())
            after += 1
        if met[2].strip():
            values.insert(0, met[2].strip())
        if place == first and not values:  # "FADE IN:" and the like
            return first
        composer.title(met[1].strip(), values)
        place = after
    for passed in range(first, place):
        composer.notes(lines[passed].notes)
        lines[passed].notes = []
    return place


# --- the body -----------------------------------------------------------------------------------------------------


class _Body:
    def __init__(self, lines: list[_Line], composer: Composer) -> None:
        self._lines = lines
        self._to = composer
        self._follows = [False] * len(lines)
        follows = False
        for place in range(len(lines) - 1, -1, -1):
            self._follows[place] = follows
            if not lines[place].was_hidden:
                follows = not lines[place].is_blank

    def read(self, place: int) -> None:
        """Block by block: where one begins, a heading, cue or transition may stand."""
        while place < len(self._lines):
            line = self._lines[place]
            if line.is_blank or self._one_line(line) or self._heading(line) or self._transition(place):
                self._to.notes(line.notes)
                place += 1
            elif (cue := self._cue(place)) is not None:
                place = self._speech(cue, place + 1)
            else:
                place = self._action(place)

    def _one_line(self, line: _Line, *, is_inside: bool = False) -> bool:
        """What is told by the mark it begins with, wherever it stands. ``is_inside``: of a paragraph, where a lone
        sharp or equals sign may be the writer's own."""
        text = line.text.strip()
        if len(text) >= 3 and not text.strip("="):
            self._to.add("page_break", "", line.number)
        elif text[0] == "=" and text[1:2] != "=" and (text[1:2] == " " or not is_inside):
            self._to.add("synopsis", plain(text[1:].strip()), line.number)
        elif (met := _SECTION.fullmatch(text)) and met[2] and (not is_inside or text[len(met[1])] in " \t"):
            self._to.section(plain(met[2].strip()), line.number)
        elif text[0] == "~":
            self._to.add("lyrics", plain(text[1:].strip()), line.number)
        elif text[0] == ">":
            is_centered = text[-1] == "<" and len(text) > 1
            inner = text[1:-1] if is_centered else text[1:]
            self._to.add("centered" if is_centered else "transition", plain(inner.strip()), line.number)
        else:
            return False
        return True

    def _heading(self, line: _Line) -> bool:
        text = line.text.strip()
        is_forced = text[0] == "." and text[1:2].isalnum()
        if len(text) > _LONGEST_HEADING or (not is_forced and not is_natural(text)):
            return False
        self._to.heading(text[1:] if is_forced else text, line.number)
        return True

    def _transition(self, place: int) -> bool:
        """A line alone in capitals that ends in ``TO:``, with no blank after it."""
        text = self._lines[place].text
        if not text.endswith("TO:") or any(map(str.islower, text)) or self._goes_on(place):
            return False
        self._to.add("transition", plain(text.strip()), self._lines[place].number)
        return True

    def _goes_on(self, place: int) -> bool:
        """Whether text follows on the next line, beyond notes and boneyard."""
        return self._follows[place]

    def _cue(self, place: int) -> "_Cue | None":
        line = self._lines[place]
        text = line.text.strip()
        if not self._goes_on(place) or text[0] == "!" or len(text) > _LONGEST_CUE:
            return None
        is_dual = text.endswith("^")
        text = text.rstrip("^").rstrip()
        is_forced = text[:1] == "@"
        text = text[1:].strip() if is_forced else text
        name, extension = without_extension(text)
        if not name or not (is_forced or _is_a_name(name)):
            return None
        return _Cue(plain(name), extension, is_dual, line.number)

    def _speech(self, cue: "_Cue", place: int) -> int:
        """What follows a cue, up to a blank line. Returns the place after it."""
        self._to.cue(cue.name, cue.extension, cue.line, is_dual=cue.is_dual)
        said: list[str] = []
        began = 0
        notes = list(self._lines[place - 1].notes)

        def finish() -> None:
            if text := "\n".join(said).strip():
                self._to.speech("dialogue", plain(text), began)
            said.clear()
            self._to.notes(notes)
            notes.clear()

        while place < len(self._lines):
            line = self._lines[place]
            if line.is_blank and not line.is_joined and not (line.was_hidden and self._goes_on(place)):
                break
            text = line.text.strip()
            after = place + 1
            if line.was_hidden:
                pass
            elif text[:1] == "(" and (closing := self._closing(place)) is not None:
                finish()
                whole = "\n".join(each.text.strip() for each in self._lines[place : closing + 1])
                self._to.speech("parenthetical", plain(whole), line.number)
                after = closing + 1
            elif text[:1] == "~":
                finish()
                self._to.speech("lyrics", plain(text[1:].strip()), line.number)
            elif text[:1] == "!" or (text[:1] in "=#>" and text and self._is_marked(line)):
                break
            else:
                began = began if said else line.number
                said.append(text)
            for passed in range(place, after):
                notes += self._lines[passed].notes
            place = after
        finish()
        self._to.end_speech()
        return place

    def _is_marked(self, line: _Line) -> bool:
        text = line.text.strip()
        if text[0] == ">":
            return True
        return (len(text) >= 3 and not text.strip("=")) or bool(re.match(r"(?:=|#{1,6})[ \t]+\S", text))

    def _closing(self, place: int) -> int | None:
        """The place of the line on which a bracket is closed that the line opens, where nothing follows on it."""
        depth = 0
        for at in range(place, min(place + _MOST_OF_A_PARENTHETICAL, len(self._lines))):
            text = self._lines[at].text.strip()
            if not text:
                return None
            depth += text.count("(") - text.count(")")
            if depth <= 0:
                return at if text[-1] == ")" else None
        return None

    def _action(self, place: int) -> int:
        """A paragraph: lines up to a blank one, or to one that is of another kind wherever it stands."""
        first = place
        said: list[str] = []
        notes: list[tuple[int, str]] = []
        while place < len(self._lines):
            line = self._lines[place]
            text = line.text.strip()
            if not text or (place > first and self._is_other(line)):
                break
            said.append(text[1:].strip() if text[0] == "!" and len(text) > 1 else text)
            notes += line.notes
            place += 1
        self._to.add("action", plain("\n".join(said)), self._lines[first].number)
        self._to.notes(notes)
        return place

    def _is_other(self, line: _Line) -> bool:
        text = line.text.strip()
        return text[0] == "~" or (text[0] in "=#>" and self._is_marked(line))


@dataclass(frozen=True, slots=True)
class _Cue:
    name: str
    extension: str | None
    is_dual: bool
    line: int


def without_extension(text: str) -> tuple[str, str | None]:
    """A cue's name, and what stands in brackets after it."""
    cut = text.find("(")
    if cut < 0:
        return text.strip(), None
    if (met := _EXTENSION.fullmatch(text, cut)) is not None:
        return text[:cut].strip(), met[1].strip() or None
    found = [each.strip() for each in re.findall(r"\(([^()]*)\)", text[cut:])]
    left = re.sub(r"\([^()]*\)", "", text[cut:]).strip()
    return (text[:cut].strip(), ", ".join(found) or None) if found and not left else (text.strip(), None)


_ENDS = re.compile("[。、！？「」『』…]")


def _is_a_name(name: str) -> bool:
    """Whether a line is a cue: letters, and none of them small. Scripts without capitals have short names."""
    if name.endswith("TO:") or not any(map(str.isalpha, name)):
        return False
    if any(letter.islower() and letter != "ß" for letter in name):
        return False
    if any(map(str.isupper, name)):
        return True
    return len(name) <= 16 and _ENDS.search(name) is None
