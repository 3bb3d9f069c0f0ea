"""Reads the language of the set out of a sentence: shot size, angle, lens, light, place, people, props, move.

What is not said is left to the place and the seed. What was understood is plain data, for a director to correct.
Terms: Steven D. Katz, Film Directing Shot by Shot, 1991; shot names as on a camera report.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

Table = Sequence[tuple[str, str]]

SIZES: Table = (
    ("extreme_close_up", r"extreme close[- ]?ups?|ecu|macro"),
    ("medium_close_up", r"medium close[- ]?ups?|mcu"),
    ("close_up", r"close[- ]?ups?|cu|portrait of|headshot|face of"),
    ("over_the_shoulder", r"over[- ]the[- ]shoulders?|ots"),
    ("two_shot", r"two[- ]shots?"),
    ("insert", r"inserts?(?: shot| of)|detail (?:shot )?of|cutaway"),
    ("extreme_wide", r"extreme (?:wide|long)(?: shots?)?|ews|els|establishing(?: shots?)?|aerial|panorama|vista"),
    ("cowboy", r"cowboy shots?|american shots?|medium (?:long|wide) shots?"),
    ("full", r"full(?: body)? shots?|full[- ]length|full figure"),
    ("medium", r"medium shots?|mid[- ]?shots?|waist shots?|ms"),
    ("wide", r"wide(?: shots?| angle)?|long shots?|ws|ls"),
)
ANGLES: Table = (
    ("overhead", r"over ?head|bird'?s[- ]eye|top[- ]down|god'?s eye|from above, straight"),
    ("high", r"high[- ]angle|from above|looking down"),
    ("low", r"low[- ]angle|worm'?s[- ]eye|from below|looking up|hero shot"),
    ("dutch", r"dutch|canted|tilted (?:frame|horizon)"),
    ("eye", r"eye[- ]level"),
)
TIMES: Table = (
    ("golden", r"golden hour|magic hour|sunset|setting sun|sundown"),
    ("dawn", r"dawn|sunrise|daybreak|first light|rising sun"),
    ("dusk", r"dusk|twilight|blue hour|nightfall|evening"),
    ("night", r"night(?: ?time)?|midnight|moon ?(?:light|lit)?|starry|after dark"),
    ("noon", r"noon|mid-?day|high sun"),
    ("morning", r"mornings?"),
    ("afternoon", r"afternoons?"),
    ("day", r"day(?: ?light| ?time)?|sunny|bright"),
)
WEATHERS: Table = (
    ("storm", r"storm(?:y|s)?|thunder\w*|lightning|tempest"),
    ("rain", r"rain(?:y|ing|s)?|drizzle|downpour|wet street"),
    ("snow", r"snow(?:y|ing|s|fall|storm)?|blizzard|winter|frozen"),
    ("fog", r"fogg?y?|mist(?:y)?|haze|hazy|smoke|smoky"),
    ("overcast", r"overcast|cloud(?:y|s)|gr[ae]y sky|gloomy"),
    ("clear", r"clear(?: sky)?|sunny|cloudless"),
)
PLACES: Table = (
    ("kitchen", r"kitchens?|diner|cafe|café|restaurant|bar|pub"),
    ("corridor", r"corridors?|hall ?ways?|tunnels?|passage(?:way)?s?|subway|spaceship interior"),
    (
        "room",
        r"rooms?|bedrooms?|office|study|apartment|library|hotel|studio|attic|cell|indoors?|interior",
    ),
    (
        "coast",
        r"coast\w*|beach(?:es)?|sea(?:side|shore)?|ocean|shore|harbou?r|cliffs?|island|lake|lighthouse|pier",
    ),
    ("desert", r"deserts?|dunes?|sahara|canyon|mesas?|wasteland|mars|badlands"),
    ("village", r"villages?|towns?|hamlet|farm(?:house)?|suburb\w*|cottages?|church"),
    ("forest", r"forests?|woods?|woodland|jungle|grove|pines|trees"),
    ("mountain", r"mountains?|peaks?|alps|alpine|summit|ridge|valley|glacier|himalaya\w*"),
    ("city", r"cit(?:y|ies)|streets?|alleys?|downtown|skyline|urban|avenue|rooftops?|skyscrapers?|metropolis|traffic"),
    (
        "field",
        r"fields?|meadows?|prairie|plains?|grass\w*|savannah?|farmland|hill(?:s|side)?|park|garden|road|highway",
    ),
)
PROPS: Table = (
    ("lighthouse", r"lighthouses?"),
    ("car", r"cars?|taxis?|cabs?|trucks?|vans?|sedan|convertible|jeep"),
    ("boat", r"boats?|ships?|sail(?:boats?|ing)|yachts?|trawler|ferry"),
    ("house", r"houses?|cottages?|cabins?|huts?|barns?|farmhouse|chapel|church"),
    ("tower", r"towers?|castle|water ?tower|windmill|silo"),
    ("tent", r"tents?|camp(?:site|ing)?"),
    ("campfire", r"camp ?fires?|bon ?fires?|fires?|flames?"),
    ("table", r"tables?|desks?|breakfast|dinner|meal"),
    ("chair", r"chairs?|armchairs?|throne|stool"),
    ("bench", r"bench(?:es)?|pew"),
    ("bed", r"beds?|mattress"),
    ("lamp", r"lamps?|lanterns?|lamp ?posts?|street ?lights?"),
    ("candle", r"candles?|candle ?lit"),
    ("cup", r"cups?|mugs?|coffee|tea|glass(?:es)?|bottles?|whisk(?:e)?y|wine"),
    ("book", r"books?|letters?|diary|newspaper|map"),
    ("phone", r"phones?|telephones?|laptops?|computers?|screens?|tv|television"),
    ("door", r"doors?|doorway|gate"),
    ("rock", r"rocks?|boulders?|stones?|monolith|standing stones?"),
    ("tree", r"(?:lone |single |old |oak |dead |a )tree|palm|cactus|cacti"),
    ("horse", r"horses?|riders?|stallion|mare|cowboys? on"),
    ("dog", r"dogs?|wol(?:f|ves)|cats?|fox"),
)
MOVES: Table = (
    ("dolly_zoom", r"dolly zoom|vertigo(?: effect)?|zolly"),
    ("push_in", r"push(?:es|ing)?[- ]in|dolly in|zoom(?:s|ing)? in|move in|moves in|closer|track(?:s|ing)? in"),
    ("pull_out", r"pull(?:s|ing)?[- ](?:out|back)|dolly out|zoom(?:s|ing)? out|reveal"),
    ("pan_left", r"pan(?:s|ning)? left|whip left|truck(?:s|ing)? left|track(?:s|ing)? left"),
    ("pan_right", r"pan(?:s|ning)? right|whip right|truck(?:s|ing)? right|track(?:s|ing)? right|pan(?:s|ning)?"),
    ("tilt_up", r"tilt(?:s|ing)? up|crane up|rises?|pedestal up"),
    ("tilt_down", r"tilt(?:s|ing)? down|crane down|descends?"),
    ("hold", r"hold(?:s)?|static|locked[- ]off|still"),
    ("drift", r"drift(?:s|ing)?|float(?:s|ing)?|handheld|hand[- ]held"),
)
POSES: Table = (
    ("sit", r"sit(?:s|ting)?|seated|crouch\w*"),
    ("run", r"run(?:s|ning)?|sprint\w*|chas\w+|flee\w*"),
    ("walk", r"walk(?:s|ing)?|stroll\w*|strid\w+|march\w*|wander\w*"),
    ("raise", r"wav(?:es|ing)|arms? raised|cheer\w*|reach\w*|danc\w+|pray\w*"),
    ("lie", r"lie(?:s)?|lying|asleep|sleep(?:s|ing)?"),
)
PERSON = (
    r"(?:m[ae]n|wom[ae]n|girls?|boys?|child(?:ren)?|kids?|persons?|people|figures?|soldiers?|detectives?|cowboys?"
    r"|lovers?|friends?|strangers?|couple|crowd|actors?|actress(?:es)?|heroe?s?|heroine|king|queen|knights?|astronauts?"
    r"|dancers?|workers?|farmers?|fisherm[ae]n|sailors?|keepers?|riders?|police(?:m[ae]n)?|priests?|monks?|travell?ers?"
    r"|hikers?|writers?|doctors?|nurses?|students?|teachers?|chefs?|cooks?|waiters?|waitress|mother|father|brothers?"
    r"|sisters?|twins|old man|old woman|spy|spies|agents?|gangsters?|witch(?:es)?|wizards?|robots?|silhouettes?)"
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "the": 1, "lone": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_CROWDS = frozenset({"crowd", "people", "soldiers", "dancers", "workers", "monks", "students", "actors", "knights"})
_PAIRS = frozenset({"couple", "lovers", "friends", "twins", "kids", "children", "brothers", "sisters", "strangers"})
_INTERIORS = frozenset({"room", "kitchen", "corridor"})
INDOORS = re.compile(r"\b(?:int\b|interior|inside|indoors?)", re.I)
OUTDOORS = re.compile(r"\b(?:ext\b|exterior|outside|outdoors?)", re.I)
LENS = re.compile(r"\b(\d{1,3})\s?mm\b", re.I)
STOP = re.compile(r"\b(?:f|t)\s?/?\s?(\d{1,2}(?:\.\d)?)\b", re.I)

SHOT_NAMES = tuple(name for name, _ in SIZES)
ANGLE_NAMES = tuple(name for name, _ in ANGLES)
TIME_NAMES = tuple(name for name, _ in TIMES)
WEATHER_NAMES = tuple(name for name, _ in WEATHERS)
PLACE_NAMES = tuple(name for name, _ in PLACES)
MAX_PEOPLE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A sentence, understood. None where the sentence says nothing and place or seed shall decide."""

    size: str
    angle: str
    lens_mm: float
    f_stop: float
    time_of_day: str
    weather: str
    interior: bool
    place: str
    people: int
    pose: str | None
    props: tuple[str, ...]
    move: str | None
    said: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        """Plain data, for the result."""
        return {**asdict(self), "props": list(self.props), "said": list(self.said)}


_Default = TypeVar("_Default", str, None)

_LENS_FOR = {"extreme_wide": 24.0, "wide": 28.0, "full": 35.0, "cowboy": 40.0, "two_shot": 40.0, "medium": 50.0}


def read(
    prompt: str,
    *,
    size: str | None = None,
    angle: str | None = None,
    lens_mm: float | None = None,
    time_of_day: str | None = None,
    weather: str | None = None,
    place: str | None = None,
) -> Shot:
    """The shot that the sentence describes; the keyword arguments override what it says."""
    said: dict[str, str] = {}

    def find(subject: str, table: Table, default: _Default) -> str | _Default:
        name = find_term(prompt, table)
        if name is None:
            return default
        said[subject] = name
        return name

    props = tuple(name for name, pattern in PROPS if _matches(prompt, pattern))
    people = count_people(prompt)
    if people:
        said["people"] = str(people)
    found_place = find("place", PLACES, None) or _place_from(prompt, props)
    if place is None:
        place = found_place
        if INDOORS.search(prompt) and place not in _INTERIORS:
            place = "room"
        elif OUTDOORS.search(prompt) and place in _INTERIORS:
            place = "city"
    found_size = find("size", SIZES, None)
    size = size or found_size or ("medium" if people == 1 and not props else "two_shot" if people == 2 else "wide")
    if size in ("two_shot", "over_the_shoulder"):
        people = max(people, 2)
    angle = angle or find("angle", ANGLES, "eye")
    lens = LENS.search(prompt)
    stop = STOP.search(prompt)
    if lens:
        said["lens_mm"] = lens[1]
    if stop:
        said["f_stop"] = stop[1]
    said |= {"props": ", ".join(props)} if props else {}
    return Shot(
        size=size,
        angle=angle,
        lens_mm=lens_mm or (min(max(float(lens[1]), 8), 400) if lens else _LENS_FOR.get(size, 75.0)),
        f_stop=min(max(float(stop[1]), 0.95), 32) if stop else 4.0,
        time_of_day=time_of_day or find("time_of_day", TIMES, "day"),
        weather=weather or find("weather", WEATHERS, "clear"),
        interior=place in _INTERIORS,
        place=place,
        people=people,
        pose=find("pose", POSES, None),
        props=props,
        move=find("move", MOVES, None),
        said=tuple(sorted(said)),
    )


def read_move(prompt: str) -> str | None:
    """The camera move that the sentence names, None if it names none."""
    return find_term(prompt, MOVES)


def find_term(prompt: str, table: Table) -> str | None:
    """The first name of the table, in the table's order, whose words the sentence has."""
    return next((name for name, pattern in table if _matches(prompt, pattern)), None)


def finds(prompt: str, pattern: str) -> Iterator[re.Match[str]]:
    """Where the sentence has these words, whole."""
    return re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", prompt, re.I)


def _matches(prompt: str, pattern: str) -> bool:
    return next(finds(prompt, pattern), None) is not None


def _place_from(prompt: str, props: Sequence[str]) -> str:
    at_home: Mapping[str, str] = {"bed": "room", "table": "room", "boat": "coast", "car": "city", "tent": "forest"}
    at_home = {**at_home, "cup": "room", "book": "room", "phone": "room", "candle": "room", "door": "room"}
    return next((at_home[prop] for prop in props if prop in at_home), "field")


def count_people(prompt: str) -> int:
    """How many are named, up to `MAX_PEOPLE`."""
    total = 0
    for match in re.finditer(rf"\b(?:(\w+)\s+)?(?:\w+\s+)?\b{PERSON}\b", prompt, re.I):
        words = match[0].lower().split()
        number = next((_NUMBERS[word] for word in words if word in _NUMBERS), 0)
        digits = next((int(word) for word in words if word.isdecimal() and len(word) < 3), 0)
        if number > 1 or digits:
            total += number if number > 1 else digits
        else:
            total += (
                7 if (words[-1] in _CROWDS and number != 1) or words[-1] == "crowd" else 2 if words[-1] in _PAIRS else 1
            )
    return min(total, MAX_PEOPLE)
