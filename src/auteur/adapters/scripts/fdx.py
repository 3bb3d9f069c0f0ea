"""A reader of Final Draft's FDX: the paragraphs of ``FinalDraft/Content``, by their ``Type``.

All runs of text of a paragraph are read, whatever their style; a scene's number is the writer's; the second of two
speeches side by side (``DualDialogue``) is dual. Notes stand after the paragraph that holds them. Entities, outside
references and document types are refused, and so is what lies deeper than a script does. Lines are those of the file.
"""

from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

from auteur.adapters.scripts.composing import Composer
from auteur.adapters.scripts.fountain import without_extension
from auteur.adapters.scripts.texts import require_bytes
from auteur.domain.errors import UnreadableScriptError
from auteur.domain.film import ElementKind, Script

_DEEPEST = 40
_KINDS: dict[str, ElementKind] = {"Transition": "transition", "Shot": "shot", "Lyrics": "lyrics"}
_TOLD_IN_A_SPEECH: dict[str, ElementKind] = {"Dialogue": "dialogue", "Parenthetical": "parenthetical"}


def read_fdx(data: bytes) -> Script:
    """Raises `UnreadableScriptError` for what is no FDX, is damaged, or holds entities."""
    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    require_bytes(data)
    reader = _Reader()
    try:
        parseString(data, reader, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableScriptError("The FDX declares a document type or entities, which are not read.") from None
    except SAXException as error:
        line = getattr(error, "getLineNumber", lambda: None)()
        said = getattr(error, "getMessage", lambda: "")()
        raise UnreadableScriptError(f"The FDX is damaged at line {line}: {said}.", line=line) from None
    except (ValueError, LookupError):
        raise UnreadableScriptError("The FDX says an encoding that it does not have.") from None
    if not reader.is_fdx:
        raise UnreadableScriptError("This XML is no script of Final Draft: it has no FinalDraft element.")
    return reader.script()


class _Paragraph:
    """``is_foreign``: of something else that lies in a scene, as the beats of an outline."""

    def __init__(self, kind: str, number: str | None, line: int) -> None:
        self.kind, self.number, self.line = kind, number, line
        self.runs: list[str] = []
        self.notes: list[tuple[int, str]] = []
        self.breaks_page = False
        self.is_foreign = False


class _Reader(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.is_fdx = False
        self._composer = Composer()
        self._path: list[str] = []
        self._open: list[_Paragraph] = []
        self._note: list[str] | None = None
        self._note_line = 0
        self._is_text = False
        self._cues_side_by_side: int | None = None
        self._title: list[str] = []
        self._where: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:
        self._where = locator

    def script(self) -> Script:
        """What was read."""
        if self._title:
            self._composer.title("Title", self._title[:1])
            if self._title[1:]:
                self._composer.title("Title page", self._title[1:])
        return self._composer.script()

    def startElement(self, name: str, attrs: Any) -> None:
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise UnreadableScriptError(f"The FDX is nested more than {_DEEPEST} deep.")
        if len(self._path) == 1:
            self.is_fdx = name == "FinalDraft"
        line = self._where.getLineNumber() or 1 if self._where is not None else 1
        if name == "ScriptNote":
            self._note, self._note_line = [], line
        elif name == "Paragraph" and self._note is None:
            if self._open and not self._open[-1].is_foreign and self._path[-2:-1] == ["DualDialogue"]:
                self._tell(self._open[-1])
            self._open.append(_Paragraph(attrs.get("Type") or "Action", attrs.get("Number") or None, line))
            self._open[-1].is_foreign = self._path[-2:-1] not in (["Content"], ["DualDialogue"])
            self._open[-1].breaks_page = attrs.get("StartsNewPage") == "Yes"
        elif name == "DualDialogue":
            self._cues_side_by_side = 0
        elif name == "Text":
            self._is_text = True

    def endElement(self, name: str) -> None:
        self._path.pop()
        if name == "Text":
            self._is_text = False
        elif name == "ScriptNote" and self._note is not None:
            text = " ".join("".join(self._note).split())
            if text and self._open:
                self._open[-1].notes.append((self._note_line, text))
            elif text and self._is_body():
                self._composer.notes([(self._note_line, text)])
            self._note = None
        elif name == "Paragraph" and self._note is not None:
            self._note.append(" ")
        elif name == "Paragraph" and self._open:
            self._tell(self._open.pop())
        elif name == "DualDialogue":
            self._cues_side_by_side = None

    def characters(self, content: str) -> None:
        if not self._is_text:
            return
        if self._note is not None:
            self._note.append(content)
        elif self._open:
            self._open[-1].runs.append(content)

    def _is_body(self) -> bool:
        return self._path[:2] == ["FinalDraft", "Content"]

    def _tell(self, paragraph: _Paragraph) -> None:
        """Adds a paragraph, once: one that holds a pair of speeches has no text left when it ends."""
        text = "".join(paragraph.runs).replace("\u00a0", " ").replace("\r", "\n").strip()
        notes, paragraph.runs, paragraph.notes = paragraph.notes, [], []
        if "TitlePage" in self._path:
            self._title += [text] if text else []
        elif self._is_body() and not paragraph.is_foreign:
            if text:
                self._add(paragraph, text)
            self._composer.notes(notes)

    def _add(self, paragraph: _Paragraph, text: str) -> None:
        if paragraph.breaks_page:
            self._composer.add("page_break", "", paragraph.line)
        kind = paragraph.kind
        if kind in _TOLD_IN_A_SPEECH:
            self._composer.speech(_TOLD_IN_A_SPEECH[kind], text, paragraph.line)
            return
        if kind == "Character":
            name, extension = without_extension(text.removesuffix("^").strip())
            if self._cues_side_by_side is not None:
                self._cues_side_by_side += 1
            self._composer.cue(name, extension, paragraph.line, is_dual=(self._cues_side_by_side or 0) > 1)
            return
        if kind == "Scene Heading":
            self._composer.heading(text, paragraph.line, paragraph.number)
            return
        self._composer.end_speech()
        if kind in ("New Act", "End of Act", "Outline 1", "Outline 2", "Outline 3", "Outline 4"):
            self._composer.section(text, paragraph.line)
        else:
            self._composer.add(_KINDS.get(kind, "action"), text, paragraph.line)
