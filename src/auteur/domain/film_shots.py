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
   then close singles; who speaks alone is a single. Whoever is heard and not seen (V.O., O.S.) is covered by who hears
   it. Two who speak at once are a two-shot; a word or two stay in the two-shot before them.
5. The line: of those who meet in a scene the first is on the left and looks right, the second on the right and looks
   left, and so they stay until it ends.
6. A dissolve that the script asks for is of one second, into the shot after it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from auteur.domain.film import FilmShot, Script, ScriptElement, ScriptScene, Speech
from auteur.domain.film_library import resource_name
from auteur.domain.film_timing import frames_for, seconds_to_frames, words_in

LONGEST_PROMPT = 1000
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
_DEVICES = re.compile(
    r"\b(?:intercom|radio|tv|television|phone|voices?|loudspeaker|tannoy|narrator|pa)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)]*\s+|(?<=[。！？])")
_THING = re.compile(
    r"\b(?:(?:A|An|The|His|Her|Their|Its|One|Two|a|an|the|his|her|their|its|one|this|that|THE|AN)\s+|(?<=^)A\s+)"
    r"([^\W\d_a-zß-öø-ÿ]{3,}(?:[\s-][^\W\d_a-zß-öø-ÿ]{3,}){0,2})(?![\w’'])"
)
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
            shot if shot.frames else replace(shot, frames=frames_for(shot.action, shot.speeches, rate))
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
    return tuple(shots)


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
    """Who speaks or is introduced in a script: how each is found by a word of the name, and what a sentence calls
    them."""

    by_word: dict[str, list[tuple[str, re.Pattern[str]]]]
    called: dict[str, str]

    @classmethod
    def of(cls, script: Script) -> "_People":
        elements = [*script.before, *(element for scene in script.scenes for element in scene.elements)]
        names = dict.fromkeys(each.character for each in elements if each.character)
        actions = [element.text for element in elements if element.kind == "action"]
        for text in actions:
            names.update(dict.fromkeys(met[1] for met in _INTRODUCED.finditer(text)))
        by_word: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for name in names:
            words = _WORD.findall(name)
            if not words:
                continue
            short = next((word for word in reversed(words) if len(word) > 2 and word.isalpha()), words[-1])
            pattern = re.compile(rf"(?<!\w)(?:{re.escape(name)}|{re.escape(short)})(?!\w)", re.IGNORECASE)
            by_word.setdefault(short.casefold(), []).append((name, pattern))
        people = cls(by_word, {})
        for text in actions:
            for name in people.within(text):
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


# --- a scene ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A shot in the making. ``frame``: how it is framed; empty where ``action`` says it itself."""

    frame: str
    line: int
    page: int
    action: str = ""
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
        self._sides: dict[str, str] = {}
        self._exchanges = 0
        self._dissolves = dissolves
        self._early_notes: list[str] = []

    def shots(self) -> Iterator[FilmShot]:
        """In order, named and timed."""
        self._cover()
        if not self._drafts:
            self._add(self._wide(), self._scene.line, self._scene.page)
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
            self._add(self._wide(), element.line, element.page, text, there)
            return
        there = there or self._meant(text)
        things = [] if text.isupper() else [
            thing for thing in (met[1] for met in _THING.finditer(text))
            if not self._people.within(thing) and thing.split()[-1].removesuffix("S") not in _SOUNDS
        ]  # fmt: skip
        if things and not there and words_in(text) <= 12:
            self._add(f"Insert of the {things[0].lower()}", element.line, element.page, text)
            return
        self._add(self._framing(there), element.line, element.page, text, there)
        for thing in things[:2]:
            self._add(f"Insert of the {thing.lower()}", element.line, element.page)

    def _meant(self, text: str) -> tuple[str, ...]:
        """Whom a paragraph means that begins with a pronoun: those of the shots before it."""
        if (met := _PRONOUN.match(text)) is None:
            return ()
        recent = dict.fromkeys(name for draft in reversed(self._drafts[-3:]) for name in draft.cast)
        if met[0] in ("They", "Ils", "Elles"):
            both = tuple(recent)[:2]
            return both if len(both) == 2 else tuple(self._sides)[:2] if len(self._sides) == 2 else ()
        return tuple(recent)[:1]

    def _framing(self, there: Sequence[str]) -> str:
        match len(there):
            case 0:
                return "Wide shot"
            case 1:
                return f"Medium shot of {self._single(there[0])}"
            case 2:
                return f"Medium two-shot of {self._people.call(there[0])} and {self._people.call(there[1])}"
        return f"Wide group shot of {self._people.listed(there)}"

    def _wide(self) -> str:
        outside = self._scene.int_ext in ("EXT", "EST")
        return "Wide establishing shot" if outside else "Wide master shot"

    def _explicit(self, element: ScriptElement, text: str) -> None:
        self._add("", element.line, element.page, " ".join(text.split()), self._people.within(text))

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
            self._add(
                self._framing(owner[:1]), element.line, element.page, f"{self._people.call(owner[0])} {text}", owner
            )
        else:
            self._add(f"Insert of {named}", element.line, element.page, f"{named.capitalize()} {text}")

    # --- dialogue

    def _dialogue(self, elements: Sequence[ScriptElement]) -> None:
        turns = list(_turns(elements))
        for turn in turns:
            if not turn.is_unseen:
                self._take_side(turn.name)
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
        if turn.is_dual and not turn.is_unseen and last is not None and last.speeches and last.is_of_speaker:
            others = [speech.character for speech in last.speeches]
            last.frame = (
                f"Medium two-shot of {self._people.call(others[-1])} and {self._people.call(turn.name)}, both speaking"
            )
            last.action, last.is_two_shot = "", True
            last.cast += [turn.name]
            last.speeches += turn.speeches
        elif turn.is_unseen:
            self._unseen(turn, hearer, last)
        elif hearer is None:
            self._say(f"Medium close-up of {self._single(turn.name)}", turn, (turn.name,))
        elif self._exchanges == 0:
            self._exchanges = 1
            frame = (
                f"Medium two-shot of {self._people.call(turn.name)} and {self._people.call(hearer)}, facing each other"
            )
            self._say(frame, turn, (turn.name, hearer), is_two_shot=True)
        elif (
            last is not None and last.is_two_shot and words_in(" ".join(s.text for s in turn.speeches)) <= _STAYS_WORDS
        ):
            last.speeches += turn.speeches
        elif self._exchanges < _SINGLES_AFTER:
            self._exchanges += 1
            who, side = self._people.call(turn.name), self._side(turn.name)
            frame = f"OTS {self._people.call(hearer)} onto {who}, medium shot"
            frame += f", {who} {side}" if side else ""
            self._say(frame, turn, (turn.name, hearer))
        else:
            self._exchanges += 1
            size = "Medium close-up" if self._exchanges % 8 else "Close-up"
            self._say(f"{size} of {self._single(turn.name)}", turn, (turn.name,))

    def _unseen(self, turn: _Turn, hearer: str | None, last: _Draft | None) -> None:
        if hearer is not None and (last is None or last.is_of_speaker):
            self._say(f"Medium close-up of {self._single(hearer)}, listening", turn, (hearer,))
        elif last is not None:
            last.speeches += turn.speeches
        else:
            self._say(self._wide(), turn, ())

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
        for other in reversed(self._sides):
            if other != name:
                return other
        for draft in reversed(self._drafts[-2:]):
            for other in draft.cast:
                if other != name:
                    return other
        return None

    def _take_side(self, name: str) -> None:
        if name not in self._sides:
            self._sides[name] = "left" if len(self._sides) % 2 == 0 else "right"

    def _single(self, name: str) -> str:
        side = self._side(name)
        return f"{self._people.call(name)}, {side}" if side else self._people.call(name)

    def _side(self, name: str) -> str:
        if len(self._sides) < 2 or name not in self._sides:
            return ""
        side = self._sides[name]
        return f"frame {side}, looking {'right' if side == 'left' else 'left'}"

    # --- drafts

    def _say(self, frame: str, turn: _Turn, cast: Sequence[str], *, is_two_shot: bool = False) -> None:
        if not self._drafts and not is_two_shot and not turn.is_unseen:
            self._add(self._wide(), self._scene.line, self._scene.page, "", cast)
        self._add(frame, turn.line, turn.page, "", cast)
        draft = self._drafts[-1]
        draft.speeches, draft.is_two_shot = list(turn.speeches), is_two_shot
        draft.is_of_speaker = not turn.is_unseen

    def _add(self, frame: str, line: int, page: int, action: str = "", cast: Iterable[str] = ()) -> None:
        draft = _Draft(frame, line, page, action, cast=list(cast), dissolves=self._dissolves)
        draft.notes, self._early_notes = self._early_notes, []
        self._dissolves = False
        self._drafts.append(draft)

    def _remark(self, text: str) -> None:
        """A note on the shot that stands before it, else on the first."""
        (self._drafts[-1].notes if self._drafts else self._early_notes).append(" ".join(text.split()))

    def _remark_of_next(self, text: str) -> None:
        self._early_notes.append(" ".join(text.split()))


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
