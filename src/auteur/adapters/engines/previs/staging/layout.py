"""Who and what stands where: told by the words, the place and the seed, never by the camera.

The front of a set is +z: "frame left" is -x, "background" is -z. In whatever order they are named, all stand in the
same place.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auteur.adapters.engines.previs.reading.shot import Person, Prop, Shot
from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.people.looks import Looks, color_of, looks_of
from auteur.adapters.engines.previs.staging.stage import CastMember, PropMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one person is. ``at``: on the floor under the hips; ``seat_m``: how high they sit, lie or lean;
    ``entry``: what the shot says of them; ``partner``: whom they face; ``carried_by``: in whose arms they are."""

    name: str
    at: Vector
    facing_rad: float
    height_m: float
    pose: str
    entry: Person
    seat_m: float | None = None
    partner: str | None = None
    carried_by: str | None = None


@dataclass(slots=True)
class Layout:
    """``people`` by name; ``props`` by name, with those that were built already as parts of the place; ``kinds``: which
    kinds of things of the place those are; ``held_as``: what is said of a thing in
    somebody's hand; ``crowded``: what found no free floor."""

    people: dict[str, Standing] = field(default_factory=dict)
    props: dict[str, PropMark] = field(default_factory=dict)
    entries: dict[str, Prop] = field(default_factory=dict)
    built: set[str] = field(default_factory=set)
    kinds: dict[str, frozenset[str]] = field(default_factory=dict)
    held_as: dict[str, tuple[str, ...]] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)
    unmet: list[str] = field(default_factory=list)
    assumed: dict[str, object] = field(default_factory=dict)

    def find(self, name: str | None) -> PropMark | Standing | None:
        """What goes by the name: a person, one of a group, or a thing."""
        if not name:
            return None
        wanted = name.lower()
        for known in (self.people, self.props):
            for called, mark in known.items():
                if called.lower() == wanted:
                    return mark
        for called, standing in self.people.items():
            if standing.entry.who.lower() == wanted or wanted in called.lower().split():
                return standing
        for called, prop in self.props.items():
            if called.rsplit(" ", 1)[0].lower() == wanted or wanted.split()[-1] == called.split()[0].lower():
                return prop
        return None


def merged(shots: Sequence[Shot]) -> Shot:
    """All that the shots of one scene say of who and what is there, as one shot: its layout is the scene's.

    What an earlier shot leaves open, a later one may say; the camera of the first stays.
    """
    people: dict[tuple[str, int], Person] = {}
    props: dict[tuple[str, str | None], Prop] = {}
    for shot in shots:
        before: Counter[str] = Counter()
        for person in shot.people:
            key = (person.who, before[person.who])
            people[key] = _filled(people.get(key), person)
            before[person.who] += person.who[:1].islower()  # a man and another man; whoever has a name is one
        for prop in shot.props:
            props.setdefault((prop.what, prop.to), prop)
        for name in (shot.pov_of, *(_shoulders(shot))):
            if name:
                people.setdefault((name, 0), Person(who=name))
    first = shots[0]
    place = next((shot.place for shot in shots if shot.place), None)
    indoors = next((shot.int_ext for shot in shots if shot.int_ext), None)
    return replace(first, people=tuple(people.values()), props=tuple(props.values()), place=place, int_ext=indoors)


def _filled(known: Person | None, said: Person) -> Person:
    if known is None:
        return said
    where, side, depth, pose = known.where or said.where, known.side or said.side, known.depth or said.depth, known.pose
    return replace(
        known, where=where, side=side, depth=depth, pose=pose or said.pose, count=max(known.count, said.count)
    )


def _shoulders(shot: Shot) -> tuple[str | None, ...]:
    return (shot.over_shoulder.of, shot.over_shoulder.on) if shot.over_shoulder else ()


def stream(seed: int, *of: str) -> random.Random:
    """Chance of its own for each thing that is drawn, so that none depends on how much another drew."""
    return random.Random("/".join((str(seed), *of)))


SETTLED = frozenset({"slump"})
"""Poses that the place gives, whatever the words call it: asleep, at a desk, is over the desk."""
CROWDS = frozenset({"crowd", "audience", "mob", "party", "wedding party", "congregation", "jury", "choir", "team"})
"""Words for many of whom nobody says how many."""
_A_CROWD, _MOST = 8, 24


def roll_call(people: Sequence[Person]) -> list[tuple[str, Person]]:
    """What each is called, and what is said of it: as the shot says, numbered where several go by one noun, as those of
    a group do, and two of whom different things are said; eight for one of the `CROWDS`, two dozen at most of one."""
    counts = [_A_CROWD if one.count == 1 and one.who.lower() in CROWDS else min(one.count, _MOST) for one in people]
    totals: Counter[str] = Counter()
    for one, count in zip(people, counts, strict=True):
        totals[one.who] += count
    given: Counter[str] = Counter()
    found = []
    for one, count in zip(people, counts, strict=True):
        for _ in range(count):
            given[one.who] += 1
            found.append((one.who if totals[one.who] == 1 else f"{one.who} {given[one.who]}", one))
    return found


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def looks_for(name: str, entry: Person, cast: Mapping[str, CastMember], seed: int) -> Looks:
    """How someone looks: by name and nature, and as the cast has them. One of the cast is the same in every set:
    ``seed``, the set's, counts for the others alone."""
    member = cast.get(name) or cast.get(entry.who)
    build = (member.build,) if member and member.build else ()
    # a number in a name would be read as an age
    called = name if name == entry.who else f"{entry.who} {_LETTERS[int(name.rsplit(' ', 1)[-1]) % 26]}"
    if member is None:
        return looks_of(called, (entry.who, *entry.traits, *build), seed)
    known = member.full_name or called
    looks = looks_of(known, (entry.who, *entry.traits, *build), 0)
    top, legs = ([*(color_of(word) for word in member.colours), None, None])[:2]
    looks = looks.dressed(top, legs)
    return replace(looks, height_m=member.height_m) if member.height_m else looks


def is_unwanted(word: str, without: Iterable[str]) -> bool:
    """Whether the shot says that there is none of it."""
    everybody = {"people", "person", "anyone", "nobody", "someone"}
    return any(
        word.lower() in (other.lower(), f"{other.lower()}s", other.lower().removesuffix("s")) for other in without
    ) or (word == "person" and any(other.lower() in everybody for other in without))
