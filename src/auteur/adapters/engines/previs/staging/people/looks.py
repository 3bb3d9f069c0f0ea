"""Who somebody looks like: build, age, hair and clothes, from a noun or a name and what was said of the person.

Long because it has lists of words.
"""

import random
import zlib
from dataclasses import dataclass, replace

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import COLOURS, scaled

SKIN: tuple[Vector, ...] = (
    (0.55, 0.36, 0.26),
    (0.62, 0.43, 0.33),
    (0.5, 0.32, 0.22),
    (0.36, 0.22, 0.15),
    (0.2, 0.12, 0.08),
    (0.44, 0.29, 0.19),
)
HAIR: tuple[Vector, ...] = (
    (0.02, 0.015, 0.015),
    (0.06, 0.035, 0.02),
    (0.14, 0.075, 0.03),
    (0.34, 0.23, 0.09),
    (0.2, 0.06, 0.02),
)
GREY: Vector = (0.42, 0.41, 0.4)
TOPS: tuple[Vector, ...] = (
    (0.3, 0.06, 0.05), (0.05, 0.11, 0.25), (0.38, 0.34, 0.26), (0.06, 0.16, 0.1), (0.09, 0.09, 0.1), (0.48, 0.33, 0.1),
    (0.4, 0.41, 0.42), (0.12, 0.2, 0.25),
)  # fmt: skip
LEGS: tuple[Vector, ...] = ((0.04, 0.055, 0.1), (0.05, 0.05, 0.055), (0.16, 0.12, 0.08), (0.13, 0.14, 0.15))
MEN_HAIR, WOMEN_HAIR = ("short", "short", "parted", "bald", "curly"), ("long", "bob", "bun", "ponytail", "curly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """``sex``: man or woman; ``age``: child, teen, adult, elderly; ``girth``: 1 is middling; ``height_m``: upright;
    ``hair_style``: short, parted, bald, curly, long, bob, bun, ponytail; colours are linear RGB; ``wearing``: what the
    person always has on."""

    sex: str = "man"
    age: str = "adult"
    girth: float = 1.0
    height_m: float = 1.76
    skin: Vector = SKIN[0]
    hair: Vector = HAIR[1]
    hair_style: str = "short"
    beard: bool = False
    top: Vector = TOPS[1]
    legs: Vector = LEGS[0]
    shoes: Vector = (0.04, 0.03, 0.025)
    wearing: tuple[str, ...] = ()

    def dressed(self, top: Vector | None = None, legs: Vector | None = None) -> "Looks":
        """The same in other colours."""
        return replace(self, top=top or self.top, legs=legs or self.legs)


_WOMEN = frozenset(
    [
        "woman",
        "women",
        "girl",
        "mother",
        "daughter",
        "sister",
        "aunt",
        "grandmother",
        "grandma",
        "lady",
        "wife",
        "widow",
        "bride",
        "queen",
        "princess",
        "actress",
        "waitress",
        "nun",
        "witch",
        "nurse",
        "her",
        "she",
        "girlfriend",
        "mom",
        "mum",
        "maid",
        "hostess",
        "stewardess",
        "ballerina",
        "heroine",
        "goddess",
        "mrs",
        "ms",
        "miss",
        "saleswoman",
        "policewoman",
        "businesswoman",
        "barmaid",
        "niece",
        "seamstress",
        "empress",
        "duchess",
        "mermaid",
    ]
)
_MEN = frozenset(
    [
        "man",
        "men",
        "boy",
        "father",
        "son",
        "brother",
        "uncle",
        "grandfather",
        "grandpa",
        "gentleman",
        "husband",
        "widower",
        "groom",
        "king",
        "prince",
        "actor",
        "waiter",
        "monk",
        "wizard",
        "fireman",
        "policeman",
        "fisherman",
        "sailor",
        "soldier",
        "farmer",
        "butcher",
        "miner",
        "knight",
        "samurai",
        "swordsman",
        "cowboy",
        "priest",
        "boyfriend",
        "dad",
        "butler",
        "guy",
        "bloke",
        "him",
        "he",
        "mr",
        "sir",
        "father-in-law",
        "nephew",
        "emperor",
        "duke",
        "pope",
        "lumberjack",
        "boxer",
        "bishop",
    ]
)
_CHILDREN = frozenset(
    [
        "child",
        "children",
        "kid",
        "boy",
        "girl",
        "baby",
        "toddler",
        "infant",
        "schoolboy",
        "schoolgirl",
        "son",
        "daughter",
        "twin",
        "twins",
        "siblings",
    ]
)
_TEENS = frozenset(["teenager", "teen", "teenagers", "youth", "student", "pupil", "adolescent"])
_OLD = frozenset(["elderly", "old", "grandfather", "grandmother", "grandpa", "grandma", "aged", "ancient", "widow"])
_HEAVY = frozenset(
    ["fat", "heavy", "large", "stout", "big", "obese", "burly", "plump", "overweight", "chubby", "bulky", "huge"]
)
_SLIGHT = frozenset(
    ["thin", "slim", "slight", "skinny", "lean", "slender", "frail", "small", "gaunt", "petite", "tiny"]
)

_COSTUME: dict[str, tuple[str, ...]] = {
    "bride": ("wedding dress", "veil"),
    "groom": ("suit",),
    "detective": ("hat", "coat"),
    "nurse": ("nurse uniform",),
    "doctor": ("white coat",),
    "surgeon": ("white coat", "mask"),
    "scientist": ("white coat",),
    "soldier": ("uniform", "helmet"),
    "officer": ("police uniform", "cap"),
    "policeman": ("police uniform", "cap"),
    "cop": ("police uniform", "cap"),
    "police": ("police uniform", "cap"),
    "policewoman": ("police uniform", "cap"),
    "guard": ("police uniform", "cap"),
    "fireman": ("fire suit", "helmet"),
    "firefighter": ("fire suit", "helmet"),
    "miner": ("overalls", "helmet"),
    "worker": ("overalls", "helmet"),
    "astronaut": ("space suit",),
    "judge": ("robe",),
    "priest": ("robe",),
    "monk": ("robe",),
    "nun": ("robe", "headscarf"),
    "king": ("crown", "cape"),
    "queen": ("crown", "dress"),
    "princess": ("crown", "dress"),
    "knight": ("armour",),
    "samurai": ("kimono",),
    "swordsman": ("kimono",),
    "cowboy": ("cowboy hat",),
    "chef": ("apron", "chef hat"),
    "cook": ("apron", "chef hat"),
    "waiter": ("suit", "apron"),
    "waitress": ("apron",),
    "butler": ("suit",),
    "butcher": ("apron",),
    "sailor": ("striped shirt", "cap"),
    "fisherman": ("fire suit", "cap"),
    "captain": ("cap", "uniform"),
    "farmer": ("overalls", "straw hat"),
    "wizard": ("wizard hat", "robe"),
    "witch": ("wizard hat", "robe"),
    "pilot": ("cap", "uniform"),
    "cyclist": ("helmet",),
    "diver": ("mask",),
    "dancer": ("dress",),
    "ballerina": ("dress",),
    "businessman": ("suit",),
    "businesswoman": ("suit",),
    "agent": ("suit",),
    "gangster": ("suit", "hat"),
    "lawyer": ("suit",),
    "banker": ("suit",),
    "spy": ("coat", "hat"),
    "robber": ("mask",),
    "thief": ("hood",),
    "skater": ("cap",),
    "clockmaker": ("apron", "glasses"),
    "ghost": ("wedding dress", "veil"),
    "clown": ("clown nose",),
    "construction worker": ("overalls", "helmet"),
    "mechanic": ("overalls",),
    "pirate": ("hat",),
}
"""What somebody who is called so has on."""

_MENS_ENDS = (
    "luca",
    "joshua",
    "noah",
    "elisha",
    "ezra",
    "mustafa",
    "andrea",
    "nikita",
    "jonah",
    "joe",
    "charlie",
    "archie",
)
_WOMENS = frozenset(
    [
        "ines",
        "lucie",
        "anne",
        "jane",
        "kate",
        "claire",
        "grace",
        "rose",
        "alice",
        "sophie",
        "marie",
        "charlotte",
        "elizabeth",
        "margaret",
        "ruth",
        "helen",
        "mary",
        "susan",
        "karen",
        "judith",
        "emily",
        "lily",
        "lucy",
        "amy",
        "chloe",
        "zoe",
        "nancy",
        "sally",
        "betty",
        "carol",
        "esther",
        "rachel",
        "agnes",
        "edith",
        "iris",
        "pearl",
        "joan",
        "jean",
        "madeleine",
        "simone",
        "yvonne",
        "camille",
        "beatrice",
        "florence",
        "audrey",
        "ingrid",
        "astrid",
        "heidi",
        "gretchen",
        "ines",
        "lourdes",
        "carmen",
        "pilar",
        "soledad",
        "mei",
        "yuki",
    ]
)


def looks_of(who: str, traits: tuple[str, ...] = (), seed: int = 0) -> Looks:
    """The looks that go with a noun or a name. Deterministic: the same name, traits and seed look the same in every
    shot.

    A name's sex is a guess by its ending, which a cast overrides.
    """
    rng = random.Random(zlib.crc32(who.strip().lower().encode()) ^ (seed * 2654435761 & 0xFFFFFFFF))
    words = [*who.lower().replace("-", " ").replace(".", " ").split(), *(w for t in traits for w in t.lower().split())]
    singular = {
        *words,
        *(w[:-1] for w in words if w.endswith("s")),
        *(w[:-3] + "man" for w in words if w.endswith("men")),
    }
    sex = _sex(who, singular, rng)
    age = "adult"
    if singular & _CHILDREN and not singular & {"teenage", "grown"}:
        age = "child"
    if singular & _TEENS or "teenage" in singular:
        age = "teen"
    if singular & _OLD or any(w in ("60s", "70s", "80s", "90s") for w in words):
        age = "elderly"
    years = next((int(w) for w in words if w.isdigit() and int(w) < 110), None)
    if years is not None:
        age = "child" if years < 13 else "teen" if years < 18 else "elderly" if years > 64 else "adult"
    tall = {"child": 1.22, "teen": 1.64, "adult": 1.77, "elderly": 1.7}[age] - (
        0.1 if sex == "woman" and age != "child" else 0
    )
    tall += rng.uniform(-0.05, 0.07) + 0.12 * ("tall" in singular) - 0.12 * ("short" in singular)
    if singular & {"baby", "infant", "toddler"}:
        tall = 0.9
    girth = rng.uniform(0.93, 1.07) * (1.38 if singular & _HEAVY else 0.84 if singular & _SLIGHT else 1.0)
    hair = rng.choice(HAIR)
    if age == "elderly" or singular & {"grey", "gray", "white-haired"}:
        hair = GREY
    for word, color in (("blond", HAIR[3]), ("blonde", HAIR[3]), ("redhead", HAIR[4]), ("brunette", HAIR[1])):
        hair = color if word in singular else hair
    style = rng.choice(WOMEN_HAIR if sex == "woman" else MEN_HAIR)
    if style == "bald" and age in ("child", "teen"):
        style = "short"
    style = "bald" if singular & {"bald", "shaved"} else style
    wearing = next((_COSTUME[w] for w in singular if w in _COSTUME), ())
    top = rng.choice(TOPS)
    return Looks(
        sex=sex,
        age=age,
        girth=girth,
        height_m=round(tall, 3),
        skin=rng.choice(SKIN),
        hair=hair,
        hair_style=style,
        beard=sex == "man"
        and age in ("adult", "elderly")
        and (bool(singular & {"bearded", "beard"}) or rng.random() < 0.22),
        top=scaled(top, rng.uniform(0.8, 1.2)),
        legs=rng.choice(LEGS),
        wearing=wearing,
    )


def color_of(words: str) -> Vector | None:
    """The colour that is among the words, if one is."""
    return next((COLOURS[w] for w in words.lower().split() if w in COLOURS), None)


def _sex(who: str, words: set[str], rng: random.Random) -> str:
    if words & _WOMEN:
        return "woman"
    if words & _MEN:
        return "man"
    first = who.strip().split(" ")[0].lower() if who.strip() else ""
    if who[:1].isupper():
        if first in _WOMENS or (
            first.endswith(("a", "ie", "elle", "ette", "ine", "lyn", "een")) and first not in _MENS_ENDS
        ):
            return "woman"
        return "man"
    return rng.choice(("man", "woman"))
