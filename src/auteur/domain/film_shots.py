"""From scenes to shots: how a scene's action and dialogue are covered when nobody has said so yet.

The rules, in order; each follows the practice of continuity coverage (Katz, *Film Directing Shot by Shot*; Arijon,
*Grammar of the Film Language*). The same script gives the same shots.

1. A scene begins with a wide shot of its place: establishing outside, a master inside, with its first action.
2. What the writer says of the camera is done as it stands: a paragraph, or a note ``[[…]]``, that begins with a size,
   an angle, a move, ``ANGLE ON``, ``CLOSE ON``, ``POV``, ``INSERT``, ``OTS`` …, and Final Draft's shots. Where the
   first paragraph does so, it is the first shot.
3. Each paragraph of action is a shot, a long one several, cut between sentences: of one person a medium single, of two
   a two-shot, of more a group, of nobody a wide. A thing in capitals has an insert after it; capitals that stand alone
   over a paragraph are what that paragraph shows.
4. Each change of speaker is a shot: of two who begin to talk a medium two-shot, then over-the-shoulder shots in turn,
   from medium to closer, then close singles; who speaks alone is a single. Whoever is heard and not seen (V.O., O.S.)
   is covered by who hears it. Two who speak at once are a two-shot; a word or two stay in the two-shot before them.
5. The line: of those who meet in a scene the first is on the left and looks right, the second on the right and looks
   left, the next outwards in turns, and so they stay until it ends; where the words of the first shot give sides,
   those hold.
6. Two shots in a row that show the same person differ in size, and none is the fourth of one size in a row.
7. A dissolve that the script asks for is of one second, into the shot after it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from auteur.domain.film import FilmShot, Script, ScriptElement, ScriptScene, Speech
from auteur.domain.film_blocking import place_of
from auteur.domain.film_library import resource_name
from auteur.domain.film_timing import frames_for, seconds_to_frames, words_in

LONGEST_PROMPT = 1000
_LONGEST_ACTION, _LONGEST_SPEECH = 20_000, 5000
_MOST_SPEECHES, _MOST_NOTES, _MOST_CAST = 100, 50, 100
_LONG_PARAGRAPH_WORDS = 40
_STAYS_WORDS = 2
_SINGLES_AFTER = 5
_DISSOLVES = re.compile(
    r"\b(?:dissolve|cross[\s-]?fade|überblend\w*|fondu enchaîné|fundido encadenado)\b", re.IGNORECASE
)
_UNSEEN = re.compile(r"\b(?:v\.?\s?o|o\.?\s?[sc]|off|on (?:the )?(?:phone|radio|tv)|filtered|voice)\b", re.IGNORECASE)
_STORY_TIMES = re.compile(
    r"(?:continuous|later|same(?: time)?|moments? later|the same|that (?:day|night)|später|plus tard|más tarde)\.?",
    re.IGNORECASE,
)  # fmt: skip
_CAMERA = re.compile(
    r"(?:(?:extreme|medium|big|very|slow|fast|quick|static|high|low|wide|full|long|tight|loose|another|reverse|new)"
    r"[\s-]+){0,3}"
    r"(?:e?cu|x?cu|mcu|bcu|mls|mws|ms|ws|ls|fs|els|ews|ots|o/s|pov|2s|h/a|l/a|close[\s-]?up|close on|close shot|"
    r"tight on|angle on|angle|insert|cutaway|establishing|master|two[\s-]shot|three[\s-]shot|wide|medium|shot|"
    r"over[\s-]the[\s-]shoulder|over \w+['’]s shoulder|overhead|bird['’]s[\s-]eye|top shot|low|high|dutch|canted|"
    r"aerial|drone|tracking|tracks? with|dolly|push(?:es)? in|pulls? (?:back|out)|crane|pan|tilt|zoom|whip pan|"
    r"rack focus|handheld|hand-held|steadicam|locked off|favou?ring|on)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CAMERA_NEEDS = re.compile(
    r"\s*(?:[-–—:,.]|on\b|of\b|from\b|shot\b|angle\b|through\b|the\b|\d+ ?mm\b|over\b|as\b)", re.IGNORECASE
)
_WEAK = re.compile(
    r"(?:high|low|wide|medium|on|pan|tilt|angle|shot|overhead|ms|ls|fs|static|master|crane)\b", re.IGNORECASE
)
_ABBREVIATED = frozenset({"cu", "ecu", "els", "ews", "fs", "ls", "mcu", "mls", "ms", "mws", "ots", "ws", "xcu", "bcu"})
_SURE = re.compile(r"(?:[A-Z]{2,4}|[HL]/A|O/S)\b")
_WORD = re.compile(r"[^\W_]+")
_PRONOUN = re.compile(r"(?:He|She|They|Er|Sie|Il|Elle|Ils|Elles)\b")
_HE_OR_SHE = re.compile(r"\b(?:he|him|his|she|her|hers)\b", re.IGNORECASE)
_HE_OR_SHE_IS = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}
_SEXES = {"he": "man", "she": "woman"}
_DEVICES = re.compile(
    r"\b(?:intercom|radio|tv|television|phone|voices?|loudspeaker|tannoy|narrator|pa)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)]*\s+|(?<=[。！？])")
_THING = re.compile(
    r"\b(?:(?:A|An|The|His|Her|Their|Its|One|Two|a|an|the|his|her|their|its|one|this|that|THE|AN)\s+|(?<=^)A\s+)"
    r"([^\W\d_a-zß-öø-ÿ]{3,}(?:[\s-][^\W\d_a-zß-öø-ÿ]{3,}){0,2})(?![\w’'])"
)
_SIDES = re.compile(
    r"[^.;,!?]{0,40}?\b(?:(?P<left>left|links|gauche|izquierda|sinistra|esquerda)|"
    r"(?P<right>right|rechts|droite|derecha|destra|direita))\b",
    re.IGNORECASE,
)
_SAID_SIZES = tuple(
    (size, re.compile(rf"\b(?:{words})\b", re.IGNORECASE))
    for size, words in (
        ("extreme_close_up", r"e?xcu|ecu|bcu|(?:extreme|big) close[\s-]?up"),
        ("medium_close_up", r"mcu|medium close[\s-]?up"),
        ("close_up", r"cu|close[\s-]?up|close on|tight on|close shot"),
        ("medium_wide", r"mws|mls|medium (?:wide|long)|cowboy"), ("full", r"fs|full"),
        ("extreme_wide", r"ews|els|extreme (?:wide|long)"), ("wide", r"ws|ls|wide|long shot"),
        ("medium", r"ms|medium|2s"), ("medium_close_up", r"ots|over[\s-]the[\s-]shoulder|over \w+['’]s shoulder"),
    )
)  # fmt: skip
"""What size a writer's shot has, the first that its words say."""
_UNSAID_SIZE = "medium"
"""What a shot of somebody becomes of which no size is said."""
_APART = re.compile(r"\b(?:insert|cutaway|pov|aerial)\b", re.IGNORECASE)
_MONOTONOUS = 4
_SIZES = {
    "wide": ("wide", "full", "extreme_wide", "medium_wide"),
    "single": ("medium", "medium_close_up", "medium_wide", "full"),
    "speaker": ("medium_close_up", "close_up", "medium"),
    "two": ("medium", "medium_wide", "full", "medium_close_up"),
    "group": ("wide", "full", "medium_wide"),
    "over": ("medium", "medium_close_up", "close_up"),
}
"""By what a shot is of, the sizes that it may have, the usual one first."""
_AGE = re.compile(r",\s*\d+\w*$")
_TO_BLACK = re.compile(r"(?:FADE|CUT|SMASH CUT|DISSOLVE)S?(?: TO| IN| OUT| FROM)?(?: (?:BLACK|WHITE))?[.:]?")
_SOUNDS = frozenset(
    {
        "BANG",
        "BEEP",
        "CLICK",
        "CRASH",
        "DOG",
        "KNOCK",
        "LIGHT",
        "MUSIC",
        "RING",
        "SCREAM",
        "SILENCE",
        "SLAM",
        "SOUND",
        "THUNDER",
    }
)
_INTRODUCED = re.compile(
    r"\b([^\W\d_a-zß-öø-ÿ]{2,}(?:[\s-][^\W\d_a-zß-öø-ÿ]{2,}){0,2})(?=\s*(?:\(\d|, \d\d?s?\b|\((?:early|mid|late)))"
)


def shots_of(script: Script, rate: Fraction, scenes: Sequence[str] | None = None) -> tuple[FilmShot, ...]:
    """The shots of a script, named ``SCENE-1``, ``SCENE-2`` …; a shot list's are as they were given.

    ``rate``: frames a second. ``scenes``: only these, by their labels (`labels_of`).
    """
    if script.shots:
        return tuple(
            _bounded(shot if shot.frames else replace(shot, frames=frames_for(shot.action, shot.speeches, rate)))
            for shot in script.shots
            if scenes is None or shot.scene in scenes
        )
    people = _People.of(script)
    told = (ScriptScene(heading="", line=1, elements=script.before),) if not script.scenes else script.scenes
    shots: list[FilmShot] = []
    time: str | None = None
    dissolves = any(_is_dissolve(element) for element in script.before) if script.scenes else False
    for label, scene in zip(labels_of(told), told, strict=True):
        if scene.time is not None and not _STORY_TIMES.fullmatch(scene.time):
            time = scene.time
        elif scene.time is None:
            time = None
        if scenes is None or label in scenes:
            coverage = _Coverage(scene, label, _heading(scene, time), people, rate, dissolves=dissolves)
            shots += coverage.shots()
        dissolves = bool(scene.elements) and any(map(_is_dissolve, scene.elements[-2:]))
    return tuple(map(_bounded, shots))


def labels_of(scenes: Sequence[ScriptScene]) -> list[str]:
    """What each scene is called: the writer's number, or its place in the script; never the same twice."""
    given = {scene.number for scene in scenes}
    labels: dict[str, None] = {}
    for place, scene in enumerate(scenes, 1):
        label = (scene.number or (str(place) if str(place) not in given else f"{place}x"))[:40]
        unique, times = label, 1
        while unique in labels:
            times += 1
            unique = f"{label}.{times}"
        labels[unique] = None
    return list(labels)


def _heading(scene: ScriptScene, time: str | None) -> str:
    """The heading with the time of day that holds, where the scene says only when in the story it is."""
    if scene.time is None or time is None or scene.time == time or not _STORY_TIMES.fullmatch(scene.time):
        return scene.heading
    cut = scene.heading.rfind(scene.time)
    return f"{scene.heading[:cut]}{time}{scene.heading[cut + len(scene.time) :]}"


def _is_dissolve(element: ScriptElement) -> bool:
    return element.kind == "transition" and _DISSOLVES.search(element.text) is not None


# --- who is there -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _People:
    """Who speaks or is introduced in a script: how each is found by a word of the name, what a sentence calls them, and
    which pronoun."""

    by_word: dict[str, list[tuple[str, re.Pattern[str]]]]
    called: dict[str, str]
    pronouns: dict[str, str]
    said: dict[str, set[str]]

    @classmethod
    def of(cls, script: Script) -> "_People":
        elements = [*script.before, *(element for scene in script.scenes for element in scene.elements)]
        names = dict.fromkeys(each.character for each in elements if each.character)
        actions = [element.text for element in elements if element.kind == "action"]
        cues = [set(_WORD.findall(name.casefold())) for name in names]
        for text in actions:
            for new in (introduced[1] for introduced in _INTRODUCED.finditer(text)):
                parts = set(_WORD.findall(new.casefold()))
                if not any(parts <= cue or cue <= parts for cue in cues if cue):  # INSPECTOR VALE speaks as VALE
                    names[new] = None
        by_word: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for name in names:
            words = _WORD.findall(name)
            if not words:
                continue
            short = next((word for word in reversed(words) if len(word) > 2 and word.isalpha()), words[-1])
            pattern = re.compile(rf"(?<!\w)(?:{re.escape(name)}|{re.escape(short)})(?!\w)", re.IGNORECASE)
            by_word.setdefault(short.casefold(), []).append((name, pattern))
        for word, called in by_word.items():
            if len(called) > 1:  # DRIVER 1 and DRIVER 2: the driver is neither in particular
                whole = [(name, re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)) for name, _ in called]
                by_word[word] = whole
        people = cls(by_word, {}, {}, {})
        for text in actions:
            there = people.within(text)
            if len(there) == 1 and (said := _HE_OR_SHE.findall(text)):
                people.pronouns.setdefault(there[0], _HE_OR_SHE_IS[said[0].casefold()])
                people.said.setdefault(there[0], set()).update(_HE_OR_SHE_IS[each.casefold()] for each in said)
            for name in there:
                met = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
                if name not in people.called and met is not None and not met[0].isupper() and met[0] != name:
                    people.called[name] = met[0]
        return people

    def within(self, text: str) -> tuple[str, ...]:
        """Those whom the text names, in its order."""
        found = []
        for word in dict.fromkeys(map(str.casefold, _WORD.findall(text))):
            for name, pattern in self.by_word.get(word, ()):
                if (met := pattern.search(text)) is not None:
                    found.append((met.start(), name))
        return tuple(dict.fromkeys(name for _, name in sorted(found)))

    def call(self, name: str) -> str:
        """A name as a sentence has it: capitals of a cue are its form, not the name's."""
        if name in self.called:
            said = self.called[name]
            return f"the {said}" if said[:1].islower() else said
        name = _AGE.sub("", name)
        return " ".join(part.capitalize() if part.isupper() and len(part) > 1 else part for part in name.split())

    def listed(self, names: Sequence[str]) -> str:
        """Several, as a sentence has them."""
        called = [self.call(name) for name in names]
        return f"{', '.join(called[:-1])} and {called[-1]}"


def sexes_of(script: Script) -> dict[str, str]:
    """Who of a script is a woman and who is a man, by the name that a shot's ``cast`` has: those of whom alone a
    paragraph tells with "she" or "he", and never with the other word. Nobody else: a name is no proof."""
    found = _People.of(script).said
    return {name: _SEXES[word] for name, words in found.items() if len(words) == 1 for word in words}


# --- a scene ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A shot in the making. ``frame``: how it is framed, with ``{size}`` where its size stands; empty where ``action``
    says it itself. ``kind``: of `_SIZES`, none where the words give the size or it has none; ``of``: whom it shows;
    ``size``: the wanted one, if it is not the kind's usual."""

    frame: str
    line: int
    page: int
    action: str = ""
    kind: str = ""
    of: tuple[str, ...] = ()
    size: str | None = None
    speeches: list[Speech] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cast: list[str] = field(default_factory=list)
    is_two_shot: bool = False
    is_of_speaker: bool = False
    dissolves: bool = False


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one person says until another does."""

    name: str
    speeches: tuple[Speech, ...]
    manner: str
    is_dual: bool
    is_unseen: bool
    line: int
    page: int


class _Coverage:
    """The shots of one scene."""

    def __init__(
        self, scene: ScriptScene, label: str, heading: str, people: _People, rate: Fraction, *, dissolves: bool
    ) -> None:  # fmt: skip
        self._scene, self._label, self._heading = scene, label, heading
        self._people, self._rate = people, rate
        self._drafts: list[_Draft] = []
        self._row: list[str] = []
        self._partner: dict[str, str] = {}
        self._are_placed = False
        self._exchanges = 0
        self._dissolves = dissolves
        self._early_notes: list[str] = []

    def shots(self) -> Iterator[FilmShot]:
        """In order, named and timed."""
        self._cover()
        if not self._drafts:
            self._add(self._wide(), self._scene.line, self._scene.page, kind="wide")
        self._size()
        for number, draft in enumerate(self._drafts, 1):
            action = draft.action
            prompt = ". ".join(
                each.strip().rstrip(".") for each in (draft.frame, action, self._heading) if each.strip()
            )
            yield FilmShot(
                name=f"{self._label}-{number}",
                prompt=shortened(f"{prompt}."),
                scene=self._label,
                heading=self._scene.heading or None,
                line=draft.line,
                page=draft.page,
                action=action,
                speeches=tuple(draft.speeches),
                notes=tuple(draft.notes),
                cast=tuple(dict.fromkeys(draft.cast)),
                set_name=resource_name(self._scene.place or "") or None,
                frames=frames_for(action, draft.speeches, self._rate),
                dissolve_frames=seconds_to_frames(Fraction(1), self._rate) if draft.dissolves else 0,
            )

    def _cover(self) -> None:
        elements = [each for each in self._scene.elements if each.kind not in ("synopsis", "section", "page_break")]
        place = 0
        while place < len(elements):
            element = elements[place]
            after = place + 1
            if element.cue_line is not None:
                while after < len(elements) and (
                    elements[after].cue_line is not None or _is_plain_note(elements[after])
                ):
                    after += 1
                self._dialogue(elements[place:after])
            elif element.kind == "action" and (
                _TO_BLACK.fullmatch(element.text) or _stands_over_a_title(elements, place)
            ):
                self._remark(element.text)
            elif element.kind in ("action", "shot"):
                following = elements[after] if after < len(elements) else None
                if following is not None and following.kind == "action" and _stands_over(element.text):
                    subject = element.text.strip(" :")
                    self._subject(subject, following.text, element)
                    after += 1
                else:
                    self._action(element)
            elif element.kind == "transition":
                self._dissolves = _is_dissolve(element)
                if not self._dissolves and after < len(elements):
                    self._remark(f"Transition: {element.text}")
            elif element.kind == "note" and _names_a_shot(element.text):
                self._explicit(element, re.sub(r"^\s*shot\s*:\s*", "", element.text, flags=re.IGNORECASE))
            elif element.kind == "note":
                self._remark(element.text)
            else:
                self._remark(f"{'Sung' if element.kind == 'lyrics' else 'Title'}: {element.text}")
            place = after

    # --- action

    def _action(self, element: ScriptElement) -> None:
        text = " ".join(element.text.split())
        if element.kind == "shot" or _names_a_shot(text):
            self._explicit(element, text)
            return
        pieces = _pieces(text)
        for piece in pieces:
            self._one(piece, element)

    def _one(self, text: str, element: ScriptElement) -> None:
        there = self._people.within(text)
        if not self._drafts:
            self._add(self._wide(), element.line, element.page, text, self._place(text, there), kind="wide")
            return
        there = there or self._meant(text)
        things = [] if text.isupper() else [
            thing for thing in (met[1] for met in _THING.finditer(text))
            if not self._people.within(thing) and thing.split()[-1].removesuffix("S") not in _SOUNDS
        ]  # fmt: skip
        if things and not there and words_in(text) <= 12:
            self._add(f"Insert of the {things[0].lower()}", element.line, element.page, text)
            return
        self._frame(there, element.line, element.page, text)
        for thing in things[:2]:
            self._add(f"Insert of the {thing.lower()}", element.line, element.page)

    def _meant(self, text: str) -> tuple[str, ...]:
        """Whom a paragraph means that begins with a pronoun: those of the shots before it."""
        if (met := _PRONOUN.match(text)) is None:
            return ()
        recent = dict.fromkeys(name for draft in reversed(self._drafts[-4:]) for name in draft.cast)
        if met[0] in ("They", "Ils", "Elles"):
            both = tuple(recent)[:2]
            return both if len(both) == 2 else tuple(self._row) if len(self._row) == 2 else ()
        other = {"He": "she", "She": "he"}.get(met[0])
        return tuple(name for name in recent if self._people.pronouns.get(name) != other or other is None)[:1]

    def _frame(self, there: Sequence[str], line: int, page: int, action: str) -> None:
        """A shot of these people, doing that."""
        kind = ("wide", "single", "two")[len(there)] if len(there) < 3 else "group"
        self._add("", line, page, action, there, kind=kind)  # they have their places before their sides are said
        called = [self._people.call(name) for name in there]
        match kind:
            case "wide":
                frame = "{size} shot"
            case "single":
                frame = f"{{size}} of {self._single(there[0])}"
            case "two":
                frame = f"{{size}} two-shot of {called[0]} and {called[1]}"
            case _:
                frame = f"{{size}} group shot of {self._people.listed(there)}"
        self._drafts[-1].frame = frame

    def _wide(self) -> str:
        outside = self._scene.int_ext in ("EXT", "EST")
        return "Wide establishing shot" if outside else "Wide master shot"

    def _explicit(self, element: ScriptElement, text: str) -> None:
        there = self._people.within(text)
        there = there if self._drafts else self._place(text, there)
        self._add("", element.line, element.page, " ".join(text.split()), there)

    def _subject(self, subject: str, text: str, element: ScriptElement) -> None:
        text = " ".join(text.split())
        if not text[:1].islower():  # a word over a list, as MONTAGE
            self._remark_of_next(subject)
            self._one(text, element)
            return
        owner = self._people.within(subject)
        named = " ".join(
            self._people.call(part) if self._people.within(part) else part.lower() for part in subject.split()
        )
        if owner and subject.casefold() == owner[0].casefold():
            self._frame(owner[:1], element.line, element.page, f"{self._people.call(owner[0])} {text}")
        else:
            self._add(f"Insert of {named}", element.line, element.page, f"{named.capitalize()} {text}")

    # --- dialogue

    def _dialogue(self, elements: Sequence[ScriptElement]) -> None:
        turns = list(_turns(elements))
        for place, turn in enumerate(turns):
            self._speak(turn, self._hearer(turns, place))
        for element in elements:
            if element.kind == "note":
                self._remark(element.text)

    def _speak(self, turn: _Turn, hearer: str | None) -> None:
        self._cover_turn(turn, hearer)
        if turn.manner and self._drafts:
            self._drafts[-1].notes.append(f"{turn.name} {turn.manner}")

    def _cover_turn(self, turn: _Turn, hearer: str | None) -> None:
        last = self._drafts[-1] if self._drafts else None
        if hearer is not None and not turn.is_unseen:
            self._partner |= {turn.name: hearer, hearer: turn.name}
        if turn.is_dual and not turn.is_unseen and last is not None and last.speeches and last.is_of_speaker:
            others = [speech.character for speech in last.speeches]
            pair = f"{self._people.call(others[-1])} and {self._people.call(turn.name)}"
            last.frame, last.kind, last.of = f"{{size}} two-shot of {pair}, both speaking", "two", (*last.of, turn.name)
            last.action, last.is_two_shot, last.size = "", True, None
            last.cast += [turn.name]
            self._take_places([turn.name])
            last.speeches += turn.speeches
        elif turn.is_unseen:
            self._unseen(turn, hearer, last)
        elif hearer is None:
            self._say("speaker", turn, (turn.name,))
        elif self._exchanges == 0:
            self._exchanges = 1
            self._say("two", turn, (turn.name, hearer))
        elif (
            last is not None and last.is_two_shot and words_in(" ".join(s.text for s in turn.speeches)) <= _STAYS_WORDS
        ):
            last.speeches += turn.speeches
        elif self._exchanges < _SINGLES_AFTER:
            self._exchanges += 1
            size = "medium" if self._exchanges <= _SINGLES_AFTER // 2 + 1 else "medium_close_up"
            self._say("over", turn, (turn.name, hearer), size=size)
        else:
            self._exchanges += 1
            close = (self._exchanges - _SINGLES_AFTER - 1) // 2 % 2
            self._say("speaker", turn, (turn.name,), size="close_up" if close else None, towards=hearer)

    def _unseen(self, turn: _Turn, hearer: str | None, last: _Draft | None) -> None:
        if hearer is not None and (last is None or last.is_of_speaker):
            self._say("speaker", turn, (hearer,), tail=", listening")
        elif last is not None:
            last.speeches += turn.speeches
        else:
            self._say("wide", turn, ())

    def _hearer(self, turns: Sequence[_Turn], place: int) -> str | None:
        """Whom somebody speaks to: who spoke before, else who answers; of those who are seen. None: nobody there."""
        name = turns[place].name
        around = [*reversed(turns[:place]), *turns[place + 1 :]]
        if (to := re.match(r"\(to (?:the )?(.+?)\)", turns[place].manner)) is not None:
            met = [each for each in self._people.within(to[1]) if each != name]
            return met[0] if met else None
        for turn in around:
            if turn.name != name and not turn.is_unseen:
                return turn.name
        for other in reversed(self._row):
            if other != name:
                return other
        for draft in reversed(self._drafts[-2:]):
            for other in draft.cast:
                if other != name:
                    return other
        return None

    def _take_places(self, names: Iterable[str]) -> None:
        """Everybody has a place from when first seen: the left one, the right one, then outwards."""
        self._row += [name for name in dict.fromkeys(names) if name not in self._row]

    def _sided(self, text: str, there: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Those whom the words put on the left before those whom they put on the right, and who is on which."""
        sides: dict[str, str] = {}
        for name in there:
            for word in _WORD.findall(self._people.call(name)):
                met = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
                if len(word) > 2 and met is not None and (side := _SIDES.match(text, met.end())) is not None:
                    sides[name] = str(side.lastgroup)
        return tuple(sorted(there, key=lambda name: {"left": 0, "right": 2}.get(sides.get(name, ""), 1))), sides

    def _single(self, name: str, towards: str | None = None) -> str:
        side = self._side(name, towards)
        return f"{self._people.call(name)}, {side}" if side else self._people.call(name)

    def _place(self, text: str, there: Sequence[str]) -> tuple[str, ...]:
        """Those of the first shot, in the order of their sides. Where its words put somebody elsewhere than on a side,
        only the set knows who is on which."""
        sided, sides = self._sided(text, there)
        self._are_placed = bool(there) and (len(sides) < len(there) or len(set(sides.values())) < len(there))
        return sided

    def _side(self, name: str, towards: str | None = None) -> str:
        """On which side of the frame somebody is, and looks to which: by where the other one is, with whom they spoke
        last unless it is said; whom they look at, where the set says who is on which side."""
        spoken = towards is not None
        towards = towards or self._partner.get(name)
        if towards is None or name not in self._row or towards not in self._row:
            return ""
        if self._are_placed:
            return f"looking at {self._people.call(towards)}" if spoken else ""
        is_left = place_of(self._row.index(name)) < place_of(self._row.index(towards))
        return "frame left, looking right" if is_left else "frame right, looking left"

    # --- drafts

    def _say(
        self,
        kind: str,
        turn: _Turn,
        cast: Sequence[str],
        *,
        size: str | None = None,
        towards: str | None = None,
        tail: str = "",
    ) -> None:
        """A shot in which this is said. ``cast``: who is in it, of an over-the-shoulder whose face first."""
        if not self._drafts and kind not in ("two", "wide") and not turn.is_unseen:
            self._add(self._wide(), self._scene.line, self._scene.page, "", cast, kind="wide")
        self._add("", turn.line, turn.page, "", cast, kind=kind)
        draft = self._drafts[-1]
        if kind == "wide":
            draft.frame = self._wide()
        elif kind == "two":
            who, other = map(self._people.call, cast)
            draft.frame = f"{{size}} two-shot of {who} and {other}, facing each other"
        elif kind == "over":
            who, other = map(self._people.call, cast)
            side = "" if self._are_placed else f", {who} {self._side(*cast)}"
            draft.frame = f"OTS {other} onto {who}, {{size}}{side}"
            draft.of = (cast[0],)
        else:
            draft.frame = f"{{size}} of {self._single(cast[0], towards)}{tail}"
        draft.size, draft.speeches, draft.is_two_shot = size, list(turn.speeches), kind == "two"
        draft.is_of_speaker = not turn.is_unseen

    def _add(
        self, frame: str, line: int, page: int, action: str = "", cast: Iterable[str] = (), *, kind: str = ""
    ) -> None:
        there = list(cast)
        draft = _Draft(frame, line, page, action, kind, tuple(there), cast=there, dissolves=self._dissolves)
        draft.notes, self._early_notes = self._early_notes, []
        self._dissolves = False
        self._take_places(there)
        self._drafts.append(draft)

    def _size(self) -> None:
        """Gives each shot the size that is wanted, or where the shot before has that of somebody of them, or three have
        had it, the next that will do."""
        last: tuple[str | None, frozenset[str]] = (None, frozenset())
        past_a_shoulder = False
        run: list[str | None] = []
        seen: set[str] = set()
        for draft in self._drafts:
            seen.update(draft.cast)
            of = frozenset(seen if draft.kind == "wide" else draft.of)
            if draft.kind:
                usual = _SIZES[draft.kind]
                wanted = usual if draft.size is None else (draft.size, *(each for each in usual if each != draft.size))
                is_first = "{size}" not in draft.frame
                # who is past a shoulder is seen alone; of the others, one may stand in another's frame
                alone = draft.kind == "over" or (past_a_shoulder and len(seen) < 3)
                meets = of == last[1] or (not alone and (past_a_shoulder or of & last[1]))
                free = (
                    size for size in wanted
                    if not (size == last[0] and meets) and run != [size] * (_MONOTONOUS - 1)
                )  # fmt: skip
                size = "wide" if is_first else next(free, wanted[0])
                draft.frame = draft.frame.replace("{size}", _words_of(size, draft.kind))
                last = (size, of)
            else:
                last = (_said_size(draft.frame or draft.action, of), of)
            past_a_shoulder = draft.kind == "over"
            run = [*run, last[0]][1 - _MONOTONOUS :] if last[0] is not None else []

    def _remark(self, text: str) -> None:
        """A note on the shot that stands before it, else on the first."""
        (self._drafts[-1].notes if self._drafts else self._early_notes).append(" ".join(text.split()))

    def _remark_of_next(self, text: str) -> None:
        self._early_notes.append(" ".join(text.split()))


def _bounded(shot: FilmShot) -> FilmShot:
    """The shot as a document and a hand-over can hold it: a monologue in parts, and of very many notes or speeches the
    last together. Nothing is left out of what is said; of who is there, those after the hundredth."""
    speeches = [
        replace(speech, text=part, character=speech.character[:200], extension=(speech.extension or "")[:50] or None)
        for speech in shot.speeches
        for part in _parts(speech.text)
    ]
    notes = [*shot.notes, *(f"{speech.character}: {speech.text}" for speech in speeches[_MOST_SPEECHES:])]
    if len(notes) > _MOST_NOTES:
        notes = [*notes[: _MOST_NOTES - 1], " / ".join(notes[_MOST_NOTES - 1 :])]
    return replace(
        shot, speeches=tuple(speeches[:_MOST_SPEECHES]), notes=tuple(notes), cast=shot.cast[:_MOST_CAST],
        action=shot.action if len(shot.action) <= _LONGEST_ACTION else f"{shot.action[: _LONGEST_ACTION - 1]}…",
    )  # fmt: skip


def _parts(text: str) -> Iterator[str]:
    """A long text cut between words, or where there is no blank in it."""
    while len(text) > _LONGEST_SPEECH:
        cut = text.rfind(" ", 1, _LONGEST_SPEECH) + 1 or _LONGEST_SPEECH
        yield text[:cut].strip()
        text = text[cut:].strip()
    yield text


def shortened(prompt: str) -> str:
    """At most as long as an engine takes, cut between words; the whole stands in the shot's action."""
    return prompt if len(prompt) <= LONGEST_PROMPT else prompt[: LONGEST_PROMPT - 1].rsplit(" ", 1)[0][:LONGEST_PROMPT]


# --- reading paragraphs -------------------------------------------------------------------------------------------


def _is_plain_note(element: ScriptElement) -> bool:
    return element.kind == "note" and not _names_a_shot(element.text)


def _names_a_shot(text: str) -> bool:
    """Whether the words begin with what a camera does."""
    text = text.strip()
    if re.match(r"shot\s*:", text, re.IGNORECASE):
        return True
    met = _CAMERA.match(text)
    if met is None:
        return False
    words = text[: met.start("rest")].strip()
    if words.lower() in _ABBREVIATED and not words.isupper():  # Ms. is a person
        return False
    if _SURE.match(words) or words.isupper():
        return bool(met["rest"].strip(" .")) or len(words) > 2
    if _WEAK.match(words):
        return bool(re.match(r"\s*(?:[-–—:,.]|angle\b|shot\b)", met["rest"])) or words.lower().endswith(
            ("shot", "angle")
        )
    return _CAMERA_NEEDS.match(met["rest"]) is not None


def _words_of(size: str, kind: str) -> str:
    """The size as the frame of such a shot has it."""
    words = size.replace("close_up", "close-up").replace("_", " ")
    if kind == "over":
        return words if words.endswith("up") else f"{words} shot"
    words = words.capitalize()
    return words if kind in ("wide", "two", "group") or words.endswith("up") else f"{words} shot"


def _said_size(text: str, of: Collection[str]) -> str | None:
    """The size of a shot in a writer's words; None where it has none, as an insert, or shows nobody and says none."""
    if _APART.search(text):
        return None
    found = (size for size, pattern in _SAID_SIZES if pattern.search(text))
    return next(found, _UNSAID_SIZE if of else None)


def _stands_over_a_title(elements: Sequence[ScriptElement], place: int) -> bool:
    """Whether a paragraph only says that a title comes, as THE CARD READS:."""
    follows = elements[place + 1].kind if place + 1 < len(elements) else None
    return elements[place].text.isupper() and elements[place].text.endswith(":") and follows == "centered"


def _stands_over(text: str) -> bool:
    """Whether a paragraph is a few capitals that name what the next shows."""
    if _names_a_shot(text):
        return False
    return "\n" not in text and text.upper() == text and len(text.split()) <= 5 and text[-1:] not in ".!?" and any(
        map(str.isalpha, text)
    )  # fmt: skip


def _pieces(text: str) -> list[str]:
    """A long paragraph cut between sentences into parts of about the same length."""
    words = words_in(text)
    if words <= _LONG_PARAGRAPH_WORDS:
        return [text]
    share = words / -(-words // _LONG_PARAGRAPH_WORDS)
    pieces: list[list[str]] = [[]]
    counted = 0
    for sentence in _SENTENCE.split(text):
        if not sentence:
            continue
        if pieces[-1] and counted >= share:
            pieces.append([])
            counted = 0
        pieces[-1].append(sentence)
        counted += words_in(sentence)
    return [" ".join(piece) for piece in pieces]


def _turns(elements: Sequence[ScriptElement]) -> Iterator[_Turn]:
    """Speeches in order; of one person after another, joined."""
    turn: _Turn | None = None
    for element in elements:
        if element.cue_line is None or element.character is None:
            continue
        said = (
            (Speech(character=element.character, text=" ".join(element.text.split()), extension=element.extension),)
            if element.kind != "parenthetical" else ()
        )  # fmt: skip
        manner = element.text if element.kind == "parenthetical" else ""
        if turn is not None and turn.name == element.character and turn.is_dual == element.is_dual:
            turn = replace(
                turn, speeches=turn.speeches + said, manner=f"{turn.manner} {manner}".strip() if manner else turn.manner
            )
            continue
        if turn is not None:
            yield turn
        unseen = bool(_UNSEEN.search(element.extension or "") or _DEVICES.search(element.character))
        turn = _Turn(
            element.character, said, manner, element.is_dual, unseen, element.cue_line, element.page
        )  # fmt: skip
    if turn is not None:
        yield turn
