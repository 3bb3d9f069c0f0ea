"""Puts a script together as its reader meets it: elements into scenes, each with its line and page."""

from auteur.adapters.scripts.headings import split
from auteur.adapters.scripts.markup import plain
from auteur.adapters.scripts.pages import PageCount
from auteur.domain.errors import UnreadableScriptError
from auteur.domain.film import ElementKind, Script, ScriptElement, ScriptScene

MOST_SCENES = 5000
_MOST_WARNINGS = 100


class Composer:
    """A script in the making. ``page``: of an element, where the file itself says it."""

    def __init__(self) -> None:
        self._title_page: dict[str, str] = {}
        self._before: list[ScriptElement] = []
        self._scenes: list[ScriptScene] = []
        self._into = self._before
        self._section: str | None = None
        self._speaker: tuple[str, str | None, int, bool] | None = None
        self._is_silent = False
        self._names: dict[str, str] = {}
        self._pages = PageCount()
        self._warnings: list[str] = []

    def title(self, key: str, lines: list[str]) -> None:
        """A key of the title page; one that is there twice has the lines of both."""
        before = self._title_page.get(key)
        self._title_page[key] = "\n".join([before, *lines] if before is not None else lines)

    def warn(self, sentence: str) -> None:
        """Says what could not be read."""
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings.append(sentence)

    def heading(self, text: str, line: int, number: str | None = None) -> None:
        """Begins a scene. Raises `UnreadableScriptError` for one too many."""
        self.end_speech()
        self._close()
        if len(self._scenes) >= MOST_SCENES:
            raise UnreadableScriptError(f"The script has more than {MOST_SCENES} scenes.", line=line)
        self._pages.add_heading()
        heading = split(text, number)
        self._scenes.append(
            ScriptScene(
                heading=heading.text,
                line=line,
                page=self._pages.page,
                number=heading.number,
                int_ext=heading.int_ext,
                place=heading.place,
                time=heading.time,
                section=self._section,
            )
        )
        self._into = []

    def section(self, text: str, line: int) -> None:
        """A section: the scenes after it are in it."""
        self._section = text
        self.add("section", text, line)

    def add(self, kind: ElementKind, text: str, line: int) -> None:
        """An element that nobody speaks."""
        self._into.append(ScriptElement(kind=kind, text=text, line=line, page=self._pages.page))
        self._pages.add(kind, text)

    def notes(self, notes: list[tuple[int, str]]) -> None:
        """Notes, in order."""
        for line, text in notes:
            self.add("note", plain(" ".join(text.split())), line)

    def cue(self, name: str, extension: str | None, line: int, *, is_dual: bool = False) -> None:
        """Who speaks from here on. A name is written as it was the first time, whatever its case is now."""
        self.end_speech()
        self._pages.add_cue()
        self._speaker = (self._names.setdefault(name.casefold(), name), extension, line, is_dual)
        self._is_silent = True

    def speech(self, kind: ElementKind, text: str, line: int) -> None:
        """What the one who speaks says or does."""
        if self._speaker is None:
            self.add("action", text, line)
            return
        name, extension, cue_line, is_dual = self._speaker
        self._is_silent = False
        self._into.append(
            ScriptElement(
                kind=kind,
                text=text,
                line=line,
                character=name,
                extension=extension,
                is_dual=is_dual,
                cue_line=cue_line,
                page=self._pages.page,
            )
        )
        self._pages.add(kind, text)

    def end_speech(self) -> None:
        """Nobody speaks any more. A cue that nothing followed was a line of action."""
        if self._speaker is not None and self._is_silent:
            name, extension, line, _ = self._speaker
            self.add("action", f"{name} ({extension})" if extension else name, line)
        self._speaker = None

    def script(self) -> Script:
        """All of it."""
        self.end_speech()
        self._close()
        title = next((text for key, text in self._title_page.items() if key.lower() in _TITLES), None)
        if not self._scenes:
            self.warn("No heading of a scene was found: all of it is one.")
        return Script(
            title=" ".join(plain(title).split()) if title else None,
            title_page=self._title_page,
            before=tuple(self._before),
            scenes=tuple(self._scenes),
            warnings=tuple(self._warnings),
        )

    def _close(self) -> None:
        if self._scenes and self._into is not self._before:
            last = self._scenes[-1]
            self._scenes[-1] = ScriptScene(
                heading=last.heading,
                line=last.line,
                page=last.page,
                number=last.number,
                int_ext=last.int_ext,
                place=last.place,
                time=last.time,
                section=last.section,
                elements=tuple(self._into),
            )


_TITLES = frozenset({"title", "titel", "titre", "título", "titulo", "titolo", "название", "タイトル", "片名"})
