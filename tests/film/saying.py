"""Sentences by chance, and what each of them names: sizes by things by people by relations by places by sides."""

import functools
import random
from dataclasses import dataclass

from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load

SIZES = (
    "wide shot", "wide shot", "full shot", "extreme wide shot", "medium wide shot", "medium shot", "close-up", "WS",
    "long shot", "",
)  # fmt: skip
PEOPLE = ("man", "woman", "boy", "girl", "nurse", "soldier", "sailor", "farmer", "old man", "waiter", "Anna", "Tom")
WEARING = ("", "", "", " in a red coat", " in a hat", " with an umbrella")
DOING = ("", "", " standing", " walking", " sitting", " looking left", " seen from behind", " running")
LARGE = (
    "lighthouse", "church", "house", "tower", "windmill", "castle", "tree", "pine", "barn", "statue", "ferris wheel",
    "car", "bus", "truck", "tractor", "tank", "elephant", "giraffe", "hot air balloon", "cabin", "fountain",
)  # fmt: skip
FURNITURE = ("table", "chair", "bench", "sofa", "lamp", "piano", "bed", "desk", "mirror", "bookcase", "door", "window")
SMALL = ("cup", "book", "bottle", "candle", "suitcase", "guitar", "apple", "newspaper", "lantern", "knife", "hat")
ANIMALS = ("dog", "cat", "horse", "cow", "swan", "penguin", "bear", "sheep")
RELATIONS = ("beside", "behind", "in front of", "next to", "near", "left of", "right of")
SIDES = ("", "", "", " on the left", " on the right", " in the background", " in the foreground")
OUTDOORS = (
    "",
    "",
    " in a field",
    " in a street",
    " on a beach",
    " in a forest",
    " in the desert",
    " in a park",
    " on a hill",
)
INDOORS = ("", " in a kitchen", " in a living room", " in a bar", " in an office", " in a bedroom", " on a stage")
WATERS = ("sea", "lake", "river", "ocean", "harbour")
WET = ("waves", "surf", "foam", "the tide coming in", "sea spray")
TIMES = ("", "", " at dusk", " at night", " at noon", " in fog", " in the rain", ", golden hour")
BY = ("by", "at", "near", "beside")


@dataclass(frozen=True, slots=True)
class Saying:
    """``words``: the sentence; ``things`` and ``people``: the nouns in it; ``water``: whether it names any, and
    somebody who is on its shore."""

    words: str
    things: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    water: bool = False
    ashore: bool = False
    height: tuple[int, int] = (16, 9)

    @property
    def aspect(self) -> float:
        return self.height[0] / self.height[1]


@functools.cache
def nouns() -> tuple[str, ...]:
    """Every thing, animal and vehicle of the vocabulary."""
    found = {
        entry.value
        for entries in load("en").phrases.values()
        for entry in entries
        if entry.role in ("thing", "animal", "vehicle") and entry.value.isascii()
    }
    return tuple(sorted(found))


def said(seed: int) -> Saying:
    """The sentence of that number."""
    rng = random.Random(f"said/{seed}")
    shape = rng.choice(((16, 9), (16, 9), (16, 9), (239, 100), (4, 3), (1, 1), (9, 16)))
    size = rng.choice(SIZES)
    begin = f"{size} of " if size else ""
    who = rng.choice(PEOPLE)
    one = who if who[0].isupper() else f"{_a(who)}"
    person = f"{one}{rng.choice(WEARING)}{rng.choice(DOING)}"
    side, time = rng.choice(SIDES), rng.choice(TIMES)
    kind = rng.randrange(10)
    if kind == 0:  # the big thing first, somebody after it
        thing = rng.choice(LARGE)
        return Saying(f"{begin}{_a(thing)}{time}, {person}{side}", (thing,), (who,), height=shape)
    if kind == 1:
        thing, place = rng.choice(LARGE + ANIMALS), rng.choice(OUTDOORS)
        return Saying(
            f"{begin}{person} {rng.choice(RELATIONS)} {_a(thing)}{place}{time}", (thing,), (who,), height=shape
        )
    if kind == 2:
        thing, place = rng.choice(FURNITURE), rng.choice(INDOORS)
        return Saying(f"{begin}{person}{place}, {_a(thing)}{side}{time}", (thing,), (who,), height=shape)
    if kind == 3:
        thing, place = rng.choice(SMALL), rng.choice(INDOORS)
        return Saying(f"{begin}{_a(thing)} on a table{place}{time}, {person}", (thing, "table"), (who,), height=shape)
    if kind == 4:
        water = rng.choice(WATERS)
        return Saying(
            f"{begin}{person} {rng.choice(BY)} the {water}{time}", (), (who,), water=True, ashore=True, height=shape
        )
    if kind == 5:
        thing = rng.choice(("lighthouse", "rock", "boat", "dog", "umbrella", "house"))
        return Saying(
            f"{begin}{_a(thing)}{time}, {rng.choice(WET)}, {person}{side}", (thing,), (who,), water=True, height=shape
        )
    if kind == 6:  # any noun of the vocabulary, alone
        thing = rng.choice(nouns())
        return Saying(
            f"{begin}{_a(thing)}{rng.choice(('', ' in a field', ' in a street'))}{time}", (thing,), height=shape
        )
    if kind == 7:  # any noun, and somebody
        thing = rng.choice(nouns())
        return Saying(f"{begin}{person} {rng.choice(RELATIONS)} {_a(thing)}{time}", (thing,), (who,), height=shape)
    if kind == 8:
        other = rng.choice([name for name in PEOPLE if name != who])
        thing = rng.choice(LARGE + FURNITURE)
        two = other if other[0].isupper() else _a(other)
        return Saying(f"{begin}{person} and {two}, {_a(thing)}{side}{time}", (thing,), (who, other), height=shape)
    thing, more = rng.sample(LARGE + ANIMALS, 2)
    return Saying(f"{begin}{_a(thing)} and {_a(more)}{rng.choice(OUTDOORS)}{time}", (thing, more), height=shape)


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
