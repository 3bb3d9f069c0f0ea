"""Who stands where in a scene of a film, the same for all its shots: told in words beside each shot's own.

Everybody takes a place when first seen: the first on the left, the second on the right, then outwards in turns. So who
comes in later moves nobody, and the line between two is where it was. What the first shot says of its people holds for
the scene.
"""

import re
from collections.abc import Sequence

from auteur.domain.film import FilmShot

MOST_PLACES = 8
"""How many of a scene have a place of their own."""
LONGEST = 1000
SINCE = "Since then:"
"""After this stands where some have gone: the others are where they were."""
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)]*\s+|(?<=[。！？])")
_AGE = re.compile(r",\s*\d+\w*$")
_ELSEWHERE = re.compile(r"\b(?:pov|insert|cutaway|aerial)\b", re.IGNORECASE)
"""What such a shot shows may be anywhere, and takes nobody into the scene."""
_PRONOUN = re.compile(r"(?:then )?(?:he|she)\b", re.IGNORECASE)
_GOES = re.compile(
    r"\b(?:walks|goes|crosses|moves|runs|steps|comes|returns|hurries|strolls|limps)\b[^.;,]*?\b(?:to|towards?) "
    r"(?P<to>(?:the|a|an|his|her|their) [^\W\d_]+(?: [^\W\d_]+)?)",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\b(?:(?:exits|leaves|departs)(?P<what> (?:the|this|her|his|their) [^\W\d_]+)?"
    r"(?= *(?:[.;,!]|$| and | with | through | by ))"
    r"|(?:walks|goes|runs|storms|strides|slips|hurries|rushes|heads|limps|stumbles) (?:out|off|away)\b)",
    re.IGNORECASE,
)
_PLACES = frozenset(
    ["room", "house", "flat", "apartment", "kitchen", "office", "bar", "shop", "building", "car", "frame", "scene",
     "hall", "church", "court", "courtroom", "stage", "party", "bedroom", "bathroom", "hotel", "restaurant", "table",
     "garden", "yard", "street", "square", "station", "train", "ward", "hospital", "school", "class", "classroom"]
)  # fmt: skip
"""What one leaves to be gone; who leaves a note is there."""
_WORD = re.compile(r"[^\W\d_]{3,}")


def place_of(index: int) -> float:
    """Where across the set, in shoulders' widths from its middle, who took this place stands: left below 0."""
    return (-1 if index % 2 == 0 else 1) * (index // 2 + 1)


def blockings(shots: Sequence[FilmShot]) -> list[str]:
    """For each shot, in order, who has come in by then, and what holds of them; empty where nobody has."""
    words: dict[str | None, list[str]] = {}
    gone: dict[str | None, dict[str, str]] = {}
    called: dict[tuple[str | None, str], str] = {}
    told = []
    for shot, company in zip(shots, companies(shots), strict=True):
        scene = shot.scene
        if scene is None or scene not in words:
            words[scene] = _of_people(shot)
            gone.pop(scene, None)
        for name in shot.cast:
            called.setdefault((scene, name), _called(name, shot.prompt))
        moved = gone.setdefault(scene, {})
        for name in shot.cast:  # who is seen again has come back
            if moved.get(name, "").endswith(" leaves."):
                del moved[name]
        names = ", ".join(called.get((scene, name), name) for name in company)
        said = " ".join([f"{names}.", *words[scene], *([SINCE] if moved else []), *moved.values()])
        told.append(said.strip()[:LONGEST] if company else "")
        for name in shot.cast:
            if _leaves(name, shot):
                moved.pop(name, None)
                moved[name] = f"{called[scene, name]} leaves."
            elif (place := _goes(name, shot)) is not None:
                moved.pop(name, None)
                moved[name] = f"{called[scene, name]} {place}."
    return told


def companies(shots: Sequence[FilmShot]) -> list[tuple[str, ...]]:
    """For each shot, in order, whom it shows and who else of the scene has come in by then, in the order of their
    places: `MOST_PLACES` at most, those whom it shows before others."""
    rows: dict[str | None, dict[str, None]] = {}
    told = []
    for shot in shots:
        if shot.scene is None:
            told.append(shot.cast[:MOST_PLACES])
            continue
        row = rows.setdefault(shot.scene, {})
        if not _ELSEWHERE.search(shot.prompt):
            row.update(dict.fromkeys(shot.cast))
        there = dict.fromkeys([*row, *shot.cast])
        kept = {*list(dict.fromkeys([*shot.cast, *row]))[:MOST_PLACES]}
        told.append(tuple(name for name in there if name in kept))
    return told


def _called(name: str, prompt: str) -> str:
    """The name as the prompt has it, whatever case a cue is in; an age is no part of it."""
    plain = _AGE.sub("", name)
    found = re.findall(rf"(?<!\w){re.escape(plain)}(?!\w)", prompt, re.IGNORECASE)
    return next((each for each in found if not each.isupper()), plain)


def _of_people(shot: FilmShot) -> list[str]:
    """The sentences of a shot that name somebody of whom it shows: where they are."""
    return [each for each in _sentences(shot) if any(_names(name, each) for name in shot.cast)]


def _sentences(shot: FilmShot) -> list[str]:
    return [each for each in _SENTENCE.split(" ".join(shot.action.split())) if each]


def _names(name: str, sentence: str) -> bool:
    """Whether a sentence names somebody, by a word of the name."""
    return bool({word.casefold() for word in _WORD.findall(name)} & {w.casefold() for w in _WORD.findall(sentence)})


def _leaves(name: str, shot: FilmShot) -> bool:
    """Whether somebody is gone by the end of a shot, if its words say so: they leave, exit, walk out, and nothing that
    they do is told after it."""
    for sentence in reversed(_sentences(shot)):
        alone = len(shot.cast) == 1 and _PRONOUN.match(sentence) is not None
        met = _LEAVES.search(sentence)
        if met is not None and (alone or _names(name, sentence[: met.start()])):
            others = [other for other in shot.cast if other != name]
            nearer = any(_names(other, sentence[: met.start()].rpartition(",")[2]) for other in others)
            what = (met["what"] or "").split()[-1:]
            return not (nearer and not _names(name, sentence[: met.start()].rpartition(",")[2])) and (
                not what or what[0].casefold() in _PLACES
            )
        if alone or _names(name, sentence):
            return False
    return False


def _goes(name: str, shot: FilmShot) -> str | None:
    """Where somebody has gone by the end of a shot, if its words say so: beside that is where they are from then on."""
    for sentence in reversed(_sentences(shot)):
        met = _GOES.search(sentence)
        alone = len(shot.cast) == 1 and _PRONOUN.match(sentence) is not None
        if met is not None and (alone or _names(name, sentence[: met.start()])) and not _names(name, met["to"]):
            return f"by {met['to']}"
    return None
