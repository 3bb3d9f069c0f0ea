"""Says of a staged shot what its frame should have and has not, a sentence each: of what is measured, not guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auteur.adapters.engines.previs.reading.shot import Person, Shot
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies, waters
from auteur.adapters.engines.previs.staging.building import named
from auteur.adapters.engines.previs.staging.implied import part_shown, told_by_itself
from auteur.adapters.engines.previs.staging.layout import Layout
from auteur.adapters.engines.previs.staging.measuring import Measure, Shown
from auteur.adapters.engines.previs.staging.optics import seen
from auteur.adapters.engines.previs.staging.props import BODILESS, canonical, kin
from auteur.adapters.engines.previs.staging.sightlines import Sightlines
from auteur.adapters.engines.previs.staging.stage import PersonMark

_SINGLE = ("extreme_close_up", "close_up", "medium_close_up")
SPECK = 2.5e-4
"""The share of the frame under which something is no more than a dot: some twenty pixels of a small picture."""
_A_BIT, _A_CORNER = 0.2, 0.1
"""The share of a thing under which it is not recognised by what is seen of it, unless that is large; and at all."""
_LARGE, _THERE = 0.03, 0.007
_HIDDEN, _PARTLY = 0.9, 0.35
_MANY = 40


def of_sides(camera: Camera, aspect: float, marks: Sequence[PersonMark], sides: Mapping[str, str | None]) -> list[str]:
    """Who is on the other side of the frame than was asked. ``sides``: by name."""
    told = []
    for mark, (u, _, _) in zip(marks, seen([bodies.head(mark) for mark in marks], camera, aspect), strict=True):
        side = sides.get(mark.name)
        if (side == "left" and u > 0.5) or (side == "right" and u < 0.5):
            told.append(f"{mark.name} is not on the {side} of the frame.")
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A staged shot, for telling of it. ``parts``: which things of the set each prop is, ``bodies_of``: and each
    person; ``held``: the things that are in hands, by kind; ``names``, ``kinds``: of all things of the set; ``ways``:
    past what is left of it; ``sea_z``: as a set has it; ``said``: the people whom the shot at hand names."""

    shot: Shot
    layout: Layout
    people: Mapping[str, PersonMark]
    bodies_of: Mapping[str, int]
    said: frozenset[str]
    parts: Mapping[str, frozenset[int]]
    held: Mapping[str, frozenset[int]]
    names: Sequence[str]
    kinds: Sequence[str]
    measure: Measure
    ways: Sightlines
    sea_z: float | None

    def told(self) -> list[str]:
        """All that is named and not seen, not whole, or not drawn as what it is."""
        return [
            *self._of_people(), *self._of_things(), *self._of_crowding(), *self._of_water(), *self._of_forms(),
        ]  # fmt: skip

    def _of_people(self) -> list[str]:
        told = []
        camera, aspect = self.measure.camera, self.measure.aspect
        aside = self._looked_at_from_aside()
        for name in self.people:
            if name not in self.said or name not in self.bodies_of or name in aside:
                continue
            mark = self.people[name]
            shown = self.measure.of({self.bodies_of[name]})
            u, v, depth = seen([bodies.head(mark)], camera, aspect)[0]
            headed = depth > 0 and 0 < u < 1 and 0 < v < 1
            hidden = 1 - shown.part / shown.inside if shown.inside > 0 else 0.0
            if shown.inside == 0 or (shown.frame < SPECK and not headed):
                told.append(f"{name} is not in the frame.")
            elif shown.frame < SPECK and hidden < _HIDDEN:
                told.append(f"{name} is too small to be seen in this frame.")
            elif hidden >= _HIDDEN:
                told.append(f"{name} is hidden{self._by(shown)}.")
            elif hidden >= _PARTLY:
                told.append(f"{name} is partly hidden{self._by(shown)}.")
            elif headed and hidden > 0.04 and (before := self._before_the_face(mark)):
                told.append(f"{name} is partly hidden by {' and '.join(self.names[thing] for thing in before)}.")
            elif headed and hidden < _PARTLY and self._is_cut(mark, u, v, depth):
                told.append(f"{name} is not in the frame whole.")
            elif not headed and not self._is_of_hands:
                told.append(f"The head of {name} is not in the frame.")
        return told

    def _looked_at_from_aside(self) -> set[str]:
        """Those whom a close single names only as whom its one looks at: they are beside the frame."""
        if self.shot.size not in _SINGLE or {"two_shot", "over_the_shoulder", "group"} & set(self.shot.kind):
            return set()
        first, *others = self.shot.people or (None,)
        if first is None or not first.looking_at or first.look:
            return set()
        return {one.who for one in others if one == Person(who=one.who) and one.who == first.looking_at}

    def _is_cut(self, mark: PersonMark, u: float, v: float, depth: float) -> bool:
        """Whether a side of the frame cuts the head, of one whom the size is not of."""
        first = self.shot.people[0] if self.shot.people else None
        entry = next((person for person in self.shot.people if person.who == mark.name), None)
        if first is None or entry is None or self.shot.size is None or not told_by_itself(first, entry):
            return False
        wide = self.measure.camera.focal * bodies.head_radius(mark) / depth
        tall = wide * self.measure.aspect
        return not (wide < u < 1 - wide and tall < v < 1 - tall)

    @property
    def _is_of_hands(self) -> bool:
        return bool({"insert", "over_the_shoulder"} & set(self.shot.kind)) or part_shown(self.shot) is not None

    def _before_the_face(self, mark: PersonMark) -> list[int]:
        """What is before the middle of the head, other than their own body."""
        return sorted(self.ways.between(self.measure.camera.at, [bodies.head(mark)])[0] - {self.bodies_of[mark.name]})

    def _by(self, shown: Shown) -> str:
        names = [self.names[thing] for thing in shown.behind]
        return f" by {' and '.join(names)}" if names else ""

    def _of_things(self) -> list[str]:
        told = []
        for what, names in self._things_named().items():
            shown = [self.measure.of(things) for things in names.values()]
            faults = [self._fault(one) for one in shown]
            if len(shown) == 1 and faults[0] is not None and self._one_of_its_kind_is_seen(what):
                continue
            if len(shown) > 1 and any(fault is None for fault in faults):
                there = sum(fault is None for fault in faults)
                if there < len(shown):
                    told.append(f"{there} of the {len(shown)} ({what}) {'is' if there == 1 else 'are'} seen.")
            elif shown and faults[0] is not None:
                called = f"The {next(iter(names))}" if len(shown) == 1 else f"Each {what}"
                told.append(f"{called} {faults[0]}.")
        return told

    def _one_of_its_kind_is_seen(self, noun: str) -> bool:
        """Whether the place has another that is called so, or built as that, and is seen."""
        kinds = {noun, canonical(noun) or noun}
        held = frozenset(thing for things in self.held.values() for thing in things)
        others = [index for index, kind in enumerate(self.kinds) if kind in kinds and index not in held]
        return any(self._fault(self.measure.of({index})) is None for index in others[:_MANY])

    def _things_named(self) -> dict[str, dict[str, frozenset[int]]]:
        """The things of the set that each noun of the shot is, one by one, by name."""
        nouns = dict.fromkeys([prop.what for prop in self.shot.props])
        nouns |= dict.fromkeys(thing for person in self.shot.people for thing in person.holding)
        found = {}
        for noun in nouns:
            ones = {
                name: things
                for name, things in self.parts.items()
                if things and (name == noun or getattr(self.layout.entries.get(name), "what", None) == noun)
            }
            in_hand = any(noun in person.holding for person in self.shot.people)
            if noun in self.held and (in_hand or not ones):
                ones = {noun: self.held[noun]}
            if ones:
                found[noun] = ones
        return found

    def _fault(self, shown: Shown) -> str | None:
        """What keeps a thing from being recognised; None where it is."""
        hidden = 1 - shown.part / shown.inside if shown.inside > 0 else 0.0
        if shown.frame < _THERE:
            if shown.inside < 0.02:
                return "lies outside the frame"
            if hidden >= _HIDDEN:
                return f"is hidden{self._by(shown)}"
        if shown.frame < SPECK:
            return "is too small to be seen in this frame"
        if shown.part < _A_CORNER or (shown.part < _A_BIT and shown.frame < _LARGE):
            return f"is mostly hidden{self._by(shown)}" if hidden > 0.6 else "is in the frame in part only"
        return None

    def _of_crowding(self) -> list[str]:
        """What found no free floor and does stand in something that is left of the set."""
        told = []
        for name in sorted(self.layout.crowded & self.parts.keys()):
            others = self.ways.met_by(self.parts[name]) - set(self.bodies_of.values())
            if others:
                told.append(f"There is no free floor for the {name}: it stands in {self.names[min(others)]}.")
        return told

    def _of_water(self) -> list[str]:
        """Water that is named, and none is seen."""
        asked = waters.asked(self.shot)
        if not asked or self.measure.water(self.sea_z) > 0.006:
            return []
        return [f"No water is in the frame: {', '.join(asked)}."]

    def _of_forms(self) -> list[str]:
        """What has no form of its own."""
        nouns = [noun for noun in self._things_named() if noun not in BODILESS and noun not in waters.SHORES]
        wholes = {noun: self._whole(noun) for noun in nouns}
        blocks = [noun for noun, whole in wholes.items() if canonical(whole) is None]
        near = [(noun, kin(whole)) for noun, whole in wholes.items()]
        told = [f"Drawn as a plain block: {', '.join(blocks)}."] if blocks else []
        told += [f"Drawn as {_article(other)}: {noun}." for noun, other in near if other]
        return told

    def _whole(self, noun: str) -> str:
        """The noun with what is said of it, where that is its name."""
        return next((named(noun, prop.traits) for prop in self.shot.props if prop.what == noun), noun)


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
