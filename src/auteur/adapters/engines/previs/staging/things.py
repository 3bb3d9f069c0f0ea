"""Puts the things of a shot where the words have them: those that others refer to first.

Long because every way to be placed, by a relation, on a top, on the floor, afloat, aloft, far off, is one walk.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import replace

from auteur.adapters.engines.previs.reading.shot import Person, Prop, Shot
from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging import places
from auteur.adapters.engines.previs.staging.building import Kind, kind_of, named
from auteur.adapters.engines.previs.staging.floor import Floor, Footprint, footprint, heading_to
from auteur.adapters.engines.previs.staging.layout import Layout, Standing, is_unwanted, roll_call, stream
from auteur.adapters.engines.previs.staging.props import BODILESS, buildings, canonical, is_nothing
from auteur.adapters.engines.previs.staging.stage import PropMark
from auteur.adapters.engines.previs.staging.waters import SHORES

_NEAR_M, _SEEN_M = 5.0, 45.0
"""How far from the action something is that is used, and a building that is seen."""
AIR_M = 0.3
"""Half the floor that someone on their feet has."""
_DOOR_M = (1.0, 2.1, 0.2)
_OF_A_BUILDING = frozenset({"window", "door", "front door", "roof", "chimney", "doorway", "wall", "gable", "spire"})
_ROLLS = frozenset({"ball"})
"""What lies on the ground and not on a table, where nothing else is said."""
LIES = frozenset({"lie", "sleep"})
_IN_THE_AIR = frozenset({"smoke", "steam", "dust", "mist"})
"""What a room is filled with."""
_FLOATS = frozenset({"boat", "sailboat", "trawler", "ship"})
_FLIES = frozenset({"helicopter", "plane", "bird", "spaceship"})
_WAYS = {"left": -math.pi / 2, "right": math.pi / 2, "away": math.pi, "camera": 0.0}
_BUILT_M = 6.0
"""What is larger stands farther off, where there is room for it."""
_AFLOAT_M, _ALOFT_M = 0.8, 11.0
_FARTHEST_M = 90.0
_ON_ROCK = frozenset({"lighthouse"})
"""What stands in the sea."""


def _way(rider: Person, rng: random.Random) -> float:
    """Whither what is ridden goes."""
    return _WAYS.get(rider.facing or rider.direction or "", rng.uniform(-0.6, 0.6))


def _on_a_top(prop: Prop, kind: Kind) -> tuple[Prop, Kind]:
    """A thing as it is where it stands on a table: a lamp is a table lamp there."""
    if canonical(named(prop.what, prop.traits)) != "lamp":
        return prop, kind
    return replace(prop, traits=(*prop.traits, "table")), kind_of("table lamp")


class Things:
    """One laying out of things. Those that are told from where a person is wait for `by_people`."""

    def __init__(
        self,
        layout: Layout,
        floor: Floor,
        fixtures: Mapping[str, PropMark],
        seed: int,
        shot: Shot,
        indoors: bool = True,
    ) -> None:
        self.layout = layout
        self.floor = floor
        self.fixtures = dict(fixtures)
        self.seed = seed
        self.shot = shot
        self.indoors = indoors
        self._later: list[tuple[str, Prop]] = []
        self._on: dict[str, int] = {}

    def put_all(self) -> None:
        entries: list[tuple[str, Prop]] = []
        for prop in sorted(self.shot.props, key=lambda prop: (prop.what, prop.to or "", prop.relation or "")):
            if is_unwanted(prop.what, self.shot.without):
                continue
            if prop.what in SHORES and (self.floor.sea_z is not None or canonical(prop.what) is None):
                continue  # it is the place's
            whole = named(prop.what, prop.traits)  # an arm is of a body, a robot arm is a machine
            if (prop.what.lower() in BODILESS and whole == prop.what) or (
                canonical(prop.what) is None and places.is_set(prop.what)
            ):
                drawn = prop.what.lower() in BODILESS and not is_nothing(prop.what)
                drawn = drawn or (self.indoors and prop.what.lower() in _IN_THE_AIR)
                self.say(drawn, f"No {prop.what} of its own is drawn.")
                continue
            names = [prop.what, *(f"{prop.what} {k}" for k in range(2, min(prop.count, 12) + 1))]
            entries += [(name, prop) for name in names if name not in self.layout.props]  # the scene has it already
        held = {thing for person in self.shot.people for thing in person.holding}
        self.layout.held_as |= {prop.what: prop.traits for _, prop in entries if prop.what in held and prop.traits}
        entries = [(name, prop) for name, prop in entries if not (prop.what in held and prop.relation is None)]
        known = {prop.what for _, prop in entries} | set(self.layout.props)
        called = {called for name, person in roll_call(self.shot.people) for called in (person.who, name)}
        later = [(name, prop) for name, prop in entries if prop.to in called]
        entries = [pair for pair in entries if pair not in later]
        wanted = {person.where.to for person in self.shot.people if person.where} | {prop.to for _, prop in entries}
        for name in sorted(filter(None, wanted)):
            if (
                name.lower() in BODILESS
                or (canonical(name) is None and places.is_set(name))
                or (name in SHORES and self.floor.sea_z is not None)
            ):
                continue
            if name not in known and name not in called and name.lower() not in ("camera", "lens", "frame"):
                if self.fixture(name) is None:
                    entries.append((name, Prop(what=name)))
                known.add(name)
        homes = [
            prop.what
            for _, prop in entries
            if prop.what not in _OF_A_BUILDING and hasattr(buildings, (canonical(prop.what) or "").replace(" ", "_"))
        ]
        parts = [pair for pair in entries if self._is_a_part(pair[1], homes)]
        entries = [pair for pair in entries if pair not in parts]
        central = self._central(entries)
        while entries:
            ready = [
                (name, prop)
                for name, prop in entries
                if not prop.relation or not prop.to or self.layout.find(prop.to) or prop.to == prop.what
            ] or entries[:1]
            ready.sort(key=lambda pair: (pair[0] != central, kind_of(pair[1].what, pair[1].traits).is_small, pair[0]))
            for name, prop in ready:
                entries.remove((name, prop))
                self._put(name, prop, central)
        for name, _ in parts:  # a house's window is the house's own
            home = self.layout.find(homes[0])
            assert isinstance(home, PropMark)
            out = home.size_m[2] / 2
            x, z = home.at[0] + out * math.sin(home.heading_rad), home.at[2] + out * math.cos(home.heading_rad)
            self.layout.props[name] = replace(home, name=name, at=(x, home.at[1], z), size_m=_DOOR_M)
            self.layout.built.add(name)
            self.layout.kinds[name] = frozenset({homes[0]})
        self._later = later

    def _is_a_part(self, prop: Prop, homes: list[str]) -> bool:
        """Whether it is built with a building that is a thing of the shot: its door, seen from outside."""
        if not homes or self.indoors or prop.what not in _OF_A_BUILDING:
            return False
        return prop.relation is None or (prop.relation in ("in", "on") and prop.to in homes)

    def _central(self, entries: list[tuple[str, Prop]]) -> str | None:
        """The piece of furniture that the action is about: it stands in the middle."""
        about = [person.where.to for person in self.shot.people if person.where]
        carried = [prop.to for _, prop in entries]
        sitting = any(person.pose in ("sit", *LIES) for person in self.shot.people)

        def weight(pair: tuple[str, Prop]) -> float:
            name, kind = pair[0], kind_of(pair[1].what)
            if kind.is_small or kind.is_large or kind.hung_m is not None or pair[1].side or pair[1].depth:
                return 0.0
            told = 2.0 * (name in about) + 1.5 * (name in carried)
            return told + (kind.top_m is not None) * 1.0 + (sitting and kind.seat_m is not None) * 1.2

        best = max(entries, key=weight, default=None)
        return best[0] if best and weight(best) > 0.5 else None

    def fixture(self, name: str) -> PropMark | None:
        """The place's own, if it has one that nobody has spoken of yet."""
        called = name.lower()
        kind = canonical(called)
        if called not in self.fixtures and kind is not None and hasattr(buildings, kind):
            called = kind  # a church's spire is the church
        mark = self.fixtures.get(called)
        near_m = _SEEN_M if kind is not None and hasattr(buildings, kind) else _NEAR_M
        if mark is not None and math.hypot(mark.at[0], mark.at[2]) > near_m:
            mark = None  # too far from where the action is: another is brought
        if mark is not None:
            del self.fixtures[called]
            self.layout.props[name] = replace(mark, name=name)
            self.layout.built |= {name, mark.name}
            self.layout.kinds[name] = frozenset({mark.name})
        return mark

    def _put(self, name: str, prop: Prop, central: str | None) -> None:
        if prop.relation is None and prop.side is None and prop.depth is None and self.fixture(prop.what):
            return
        kind = kind_of(prop.what, prop.traits)
        target = self.layout.find(prop.to) if prop.relation else None
        if isinstance(target, PropMark) and prop.relation == "on" and kind_of(target.name).top_m:
            prop, kind = _on_a_top(prop, kind)
        if isinstance(target, PropMark) and prop.to != prop.what:
            at, heading = self._related(prop, kind, target)
        elif kind.is_small and canonical(prop.what) not in _ROLLS:
            at, heading = self._on_something(prop, kind)
        else:
            at, heading = self._on_the_floor(name, prop, kind, central)
        self._enter(name, prop, kind, at, heading)

    def _enter(self, name: str, prop: Prop, kind: Kind, at: Vector, heading: float) -> None:
        mark = PropMark(name=name, at=at, heading_rad=heading, size_m=kind.size_m)
        self.layout.props[name] = mark
        self.layout.entries[name] = prop
        if at[1] < 0.05:
            self.floor.take(footprint(mark))

    def _related(self, prop: Prop, kind: Kind, target: PropMark) -> tuple[Vector, float]:
        """Where the relation puts it. On a top things stand beside each other."""
        rng = stream(self.seed, "prop", prop.what, prop.to or "")
        own_kind = kind_of(target.name)
        top = own_kind.top_m or own_kind.seat_m or own_kind.bed_m or target.size_m[1]
        count = self._on[target.name] = self._on.get(target.name, -1) + 1
        x, y, z = target.at
        half = target.size_m[0] / 2, target.size_m[2] / 2
        own = kind.size_m[0] / 2, kind.size_m[2] / 2
        aside = (0.0, -0.3, 0.3, -0.55, 0.55)[count % 5] * max(half[0] - own[0], 0.0)
        gap = 0.03 if kind.is_small else 0.15
        local: dict[str, Vector] = {
            "on": (aside, top, 0.25 * max(half[1] - own[1], 0.0)),
            "in": (0.0, 0.4 * top if top < 0.5 else 0.0, 0.0),
            "above": (0.0, top + 0.35, 0.0),
            "under": (0.5 * min(half[0], own[0]), 0.0, 0.35 * half[1])
            if own_kind.top_m
            else (0.3 * half[0] + 0.6 * own[0], 0.0, 0.6 * own[1]),
            "left_of": (-half[0] - own[0] - gap, 0.0, 0.0),
            "right_of": (half[0] + own[0] + gap, 0.0, 0.0),
            "behind": (0.0, 0.0, -half[1] - own[1] - gap),
            "in_front_of": (0.0, 0.0, half[1] + own[1] + gap),
            "against": (rng.uniform(-0.3, 0.3) * half[0], 0.0, half[1] + own[1] + 0.01),
        }
        side = rng.choice((-1, 1))
        beside: Vector = (side * (half[0] + own[0] + gap), 0.0, 0.1 * half[1])
        dx, dy, dz = local.get(prop.relation or "", beside)
        turn = target.heading_rad
        c, s = math.cos(turn), math.sin(turn)
        place = (x + dx * c + dz * s, y + dy, z + dz * c - dx * s)
        if prop.relation in ("on", "in", "above", "under") or y > 0.05:
            return place, turn + (rng.uniform(-0.5, 0.5) if kind.is_small else 0.0)
        spot, free = self.floor.room_for([(place[0], place[2])], own, turn)
        self.say(free, f"There is no free floor {(prop.relation or 'beside').replace('_', ' ')} the {target.name}.")
        return (spot.x, 0.0, spot.z), turn

    def _on_something(self, prop: Prop, kind: Kind) -> tuple[Vector, float]:
        """A small thing without a place of its own: on what has a top, else on a table that is brought."""
        tops = [mark for mark in self.layout.props.values() if kind_of(mark.name).top_m and mark.at[1] < 0.05]
        wants_own = prop.depth is not None or prop.side is not None
        if not tops or wants_own:
            name = "table" if "table" not in self.layout.props else f"table {len(self.layout.props) + 1}"
            brought = Prop(what="table", side=prop.side, depth=prop.depth)
            self._enter(name, brought, kind_of("table"), *self._on_the_floor(name, brought, kind_of("table"), name))
            self.layout.assumed.setdefault("brought", [])
            self.layout.assumed["brought"] = [*self._brought(), f"a table for the {prop.what}"]
            tops = [self.layout.props[name]]
        return self._related(replace(prop, relation="on", to=tops[0].name), kind, tops[0])

    def _brought(self) -> list[object]:
        told = self.layout.assumed.get("brought", [])
        return list(told) if isinstance(told, list) else []

    def _on_the_floor(self, name: str, prop: Prop, kind: Kind, central: str | None) -> tuple[Vector, float]:
        rng = stream(self.seed, "prop", name)
        half = kind.size_m[0] / 2, kind.size_m[2] / 2
        deep = half[1]
        x = {"left": -1.25 - half[0] * 0.6, "right": 1.25 + half[0] * 0.6, "center": 0.0}.get(prop.side or "")
        z = {"foreground": 1.5, "background": -2.6 - deep}.get(prop.depth or "")
        what = canonical(named(prop.what, prop.traits))
        riders = (one for one in self.shot.people if one.pose == "ride" and one.where and one.where.to == name)
        rider = next(riders, None)
        if what in _FLIES and prop.depth == "background":
            return (x if x is not None else rng.uniform(-3, 3), _ALOFT_M, -26.0 - deep), rng.uniform(-0.6, 0.6)
        if kind.hung_m is not None and kind.is_large:  # over heads, at the back
            across = x if x is not None else rng.uniform(-0.6, 0.6)
            spot, _ = self.floor.room_for([(across, z or -8.0), (across, -5.5), (across, -3.4)], half)
            return (spot.x, kind.hung_m, spot.z), 0.0
        if what in _FLOATS and self.floor.sea_z is not None and prop.depth is None:
            # broadside: where the water begins, or as far out as it takes to be seen whole
            away = self.floor.sea_z - half[0] - max(_AFLOAT_M, self._far_m(name, kind) - 4.0)
            for shift in (0.0, 1.0, -1.0, 2.0, -2.0):
                spot = Footprint((x or 0.0) + shift * deep * 1.2, away, deep, half[0])
                if self.floor.is_free(spot, on_water=True):
                    break
            return (spot.x, 0.0, spot.z), math.pi / 2
        if kind.is_large:
            z = (
                z
                if z is not None
                else (-2.2 if self.shot.people else -1.0) - deep - (2.0 if kind.size_m[1] > 4 else 0.0)
            )
            x = x if x is not None else rng.choice((-1, 1)) * (0.5 + half[0] * (0.6 if self.shot.people else 0.0))
            away_m = self._far_m(name, kind) if self.shot.people and prop.depth is None and not self.indoors else 0.0
            if away_m > -z:
                x, z = math.copysign(abs(x) + 0.12 * (away_m + z), x), -away_m
            if what in _ON_ROCK and self.floor.sea_z is not None and z < self.floor.sea_z:  # on rocks of its own
                for across in (x, -x, 1.6 * x, -1.6 * x):
                    if self.floor.is_free(Footprint(across, z, *half), on_water=True):
                        return (across, 0.0, z), 0.0
            wanted = [(x, z), (-x, z)]
            if self.floor.sea_z is not None:
                wanted = [(across, max(z, self.floor.sea_z + half[1] + 0.4)) for across, _ in wanted]
            shore = -math.inf if self.floor.sea_z is None else self.floor.sea_z + half[1] + 0.4
            back = [
                (side * (abs(x) + aside), max(z - away, shore))
                for away in (0, 5, 10, 16)
                for aside in (0, 6, 12, 20)
                for side in (-1, 1)
            ]
            far = max(kind.size_m) > _BUILT_M and not self.indoors  # a gate stays where the action is
            spot, free = self.floor.room_for([*wanted, *back] if far else wanted, half, home=None if far else (0, 0))
            self._crowd(name, free)
            return (spot.x, 0.0, spot.z), 0.0 if rider is None else _way(rider, rng)
        if kind.hung_m is not None and prop.depth is None:
            wanted = [(x if x is not None else rng.uniform(-0.8, 0.8), -1.4)]
            return (wanted[0][0], kind.hung_m, wanted[0][1]), 0.0
        if name == central and x is None and z is None:
            wanted = [(0.0, 0.0), (0.0, -0.4)]
        elif x is not None or z is not None:
            wanted = [(x if x is not None else rng.uniform(-0.4, 0.4), z if z is not None else -0.5)]
        else:
            side = rng.choice((-1, 1))
            wanted = [(side * (1.0 + half[0]), -0.9), (-side * (1.0 + half[0]), -0.9), (side * 2.2, -1.6)]
        spot, free = self.floor.room_for(wanted, half)
        self._crowd(name, free)
        if rider is not None:
            return (spot.x, 0.0, spot.z), _way(rider, rng)
        turn = 0.0 if kind.seat_m is None and kind.top_m is None else heading_to((spot.x, 0, spot.z), (0, 0, 4.5)) * 0.5
        return (spot.x, 0.0, spot.z), turn

    def _far_m(self, name: str, kind: Kind) -> float:
        """How far behind people something large is to stand to be seen whole with them; 0 for what they are at."""
        at = {person.where.to for person in self.shot.people if person.where}
        if name in at or any(prop.to == name for prop in self.shot.props):
            return 0.0
        wide, tall, _ = kind.size_m
        return min(max(3.0 * tall - 8.0, 1.1 * wide - 8.0), _FARTHEST_M)

    def _crowd(self, name: str, free: bool) -> None:
        """Notes that something stands where something else may be: whether it is, is seen on the staged shot."""
        if not free:
            self.layout.crowded.add(name)

    def say(self, met: bool, sentence: str) -> None:
        if not met:
            self.layout.unmet.append(sentence)

    def bring_seat(self, name: str, place: tuple[float, float], heading: float) -> str:
        """What is under someone who sits where the set has no seat; its name."""
        kind = "chair" if self.indoors else "stump"
        seat = f"{kind} of {name}"
        mark = PropMark(name=seat, at=(place[0], 0.0, place[1]), heading_rad=heading, size_m=kind_of(kind).size_m)
        self.layout.props[seat] = mark
        self.layout.entries[seat] = Prop(what=kind)
        self.layout.assumed["brought"] = [*self._brought(), f"a {kind} for {name}"]
        return seat

    def by_people(self) -> None:
        """Puts what is beside, behind or before a person."""
        for name, prop in self._later:
            self._put_by_person(name, prop)

    def _is_put_between(self, name: str, prop: Prop, by: Standing) -> bool:
        """Half way from one to the nearest other: on the table that is there, at its back, so that they see each other,
        else on the floor. Not where nobody else is."""
        others = [other for other in self.layout.people.values() if other.name != by.name]
        if not others:
            return False
        kind = kind_of(prop.what, prop.traits)
        other = min(others, key=lambda one: (math.dist(one.at, by.at), one.name))
        x, z = (by.at[0] + other.at[0]) / 2, (by.at[2] + other.at[2]) / 2
        for mark in self.layout.props.values():
            top = kind_of(mark.name).top_m
            if top and mark.at[1] < 0.05 and math.dist((x, z), mark.at[::2]) < max(mark.size_m[::2]) / 2:
                prop, kind = _on_a_top(prop, kind)
                back = -0.8 * max((mark.size_m[2] - kind.size_m[2]) / 2, 0.0)
                c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
                at = (mark.at[0] + back * s, mark.at[1] + top, mark.at[2] + back * c)
                self._enter(name, prop, kind, at, mark.heading_rad)
                return True
        spot, free = self.floor.room_for([(x, z)], (kind.size_m[0] / 2, kind.size_m[2] / 2))
        self.say(free, f"There is no free floor for the {name} between {by.name} and {other.name}.")
        self._enter(name, prop, kind, (spot.x, 0.0, spot.z), 0.0)
        return True

    def _put_by_person(self, name: str, prop: Prop) -> None:
        """A thing that is told from where a person is."""
        kind = kind_of(prop.what)
        by = self.layout.find(prop.to)
        assert isinstance(by, Standing)
        rng = stream(self.seed, "prop", name)
        half = kind.size_m[0] / 2, kind.size_m[2] / 2
        air = AIR_M + 0.08
        side = rng.choice((-1, 1))
        if prop.relation == "between" and self._is_put_between(name, prop, by):
            return
        floats = canonical(named(prop.what, prop.traits)) in _FLOATS and self.floor.sea_z is not None
        if floats and prop.relation in ("behind", "beside", "left_of", "right_of"):  # it lies where the water is
            where = {"left_of": "left", "right_of": "right"}.get(prop.relation)
            afloat = replace(prop, relation=None, to=None, side=where)  # type: ignore[arg-type]
            self._enter(name, prop, kind, *self._on_the_floor(name, afloat, kind, None))
            return
        far = self._far_m(name, kind) if kind.is_large and prop.relation == "behind" else 0.0
        step = {
            "behind": (0.2 * side, -max(air + half[1], far)), "in_front_of": (0.0, air + half[1]),
            "left_of": (-air - half[0], 0.0), "right_of": (air + half[0], 0.0),
        }.get(prop.relation or "", (side * (air + half[0]), 0.0))  # fmt: skip
        wanted = [(by.at[0] + step[0], by.at[2] + step[1]), (by.at[0] - step[0], by.at[2] + step[1])]
        if far:  # as far as it takes, and behind all the same
            wanted = [
                (by.at[0] + step[0] + turn * aside, by.at[2] + step[1] - away)
                for away in (0, 4, 8, 14, 20, 30)
                for aside in (0, 4, 8)
                for turn in (side, -side)
            ]
        spot, free = self.floor.room_for(wanted, half, home=None if far else (0.0, 0.0))
        self.say(free, f"There is no free floor for the {name} beside {by.name}.")
        self._enter(name, prop, kind, (spot.x, 0.0, spot.z), 0.0)
