"""Puts the people of a shot where the words have them, and says who faces whom.

Long because all ways to be told from a thing, a seat or a person are one walk over the same people.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from auteur.adapters.engines.previs.reading.shot import Person, Shot, Where
from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.building import Kind, kind_of
from auteur.adapters.engines.previs.staging.floor import Floor, Footprint, footprint, heading_to
from auteur.adapters.engines.previs.staging.implied import told_by_itself
from auteur.adapters.engines.previs.staging.layout import (
    CROWDS,
    SETTLED,
    Layout,
    Standing,
    is_unwanted,
    looks_for,
    roll_call,
    stream,
)
from auteur.adapters.engines.previs.staging.places import SEATED, Place, Post
from auteur.adapters.engines.previs.staging.props import canonical
from auteur.adapters.engines.previs.staging.props.outdoors import TREAD_M, TREADS
from auteur.adapters.engines.previs.staging.stage import CastMember, PropMark
from auteur.adapters.engines.previs.staging.things import AIR_M, LIES, Things

_LYING_M = (0.38, 0.95)
_LAP_M = 0.12
"""How far the hips of one who lies over a desk are from its edge."""
SEAT_M = 0.45
_PAIR_M = {"embrace": 0.36, "fight": 0.8, "dance": 0.5}
_TALK_M = 0.95
_APART_M = 0.35
_FURNITURE_M = 3.2
"""What is larger is no seat that one takes unasked: a car."""
_PILLOW_M = 0.2
_ASTRAY_M = 0.8
"""Whoever stands farther than this from where the words put them is said to."""
_MOVES = frozenset({"walk", "run"})
_AS_NEAR_M = 0.15
_NEAR_SEAT_M = 3.5
"""How far from the middle of the action one goes to sit down."""


def lay_out(
    shot: Shot,
    seed: int,
    floor: Floor,
    fixtures: Mapping[str, PropMark],
    cast: Mapping[str, CastMember],
    place: Place | None = None,
    row: Sequence[str] = (),
    settled: Layout | None = None,
) -> Layout:
    """Puts props and people on their marks. ``fixtures``: what the place has, by name, to be used before another is
    brought; ``cast``: what is known of people by name; ``place``: where some have their work, and what it has to sit
    on: who finds no seat there gets a chair, or what one sits on outdoors. ``row``: names in the order in which they
    took their places, those of whom no more is said: left, right, then outwards; ``settled``: who and what stands
    already, and stays: it is added to."""
    layout = settled or Layout()
    for mark in layout.props.values():
        if mark.name not in layout.built and mark.at[1] < 0.05:
            floor.take(footprint(mark))
    for standing in layout.people.values():
        floor.take(Footprint(standing.at[0], standing.at[2], 0.2, 0.2, standing.facing_rad))
    fixtures = {name: mark for name, mark in fixtures.items() if name not in layout.built}
    posts = place.posts if place else ()
    indoors = place is None or place.interior
    manned = {
        person.who: post
        for person in shot.people
        for post in posts
        if person.who.lower() in post.who and (person.where is None or (person.where.to or "").lower() in post.called)
    }
    known = [post for post in manned.values() if post.thing in fixtures]
    used = {called: fixtures[post.thing] for post in known for called in post.called}
    things = Things(layout, floor, {**fixtures, **used}, seed, shot, indoors)
    things.put_all()
    _People(layout, floor, things, seed, shot, manned, place, row).stand_all(cast)
    return layout


class _People:
    """One standing up of people: those who are told from a thing, those of whom less is said, those told from them."""

    def __init__(
        self,
        layout: Layout,
        floor: Floor,
        things: Things,
        seed: int,
        shot: Shot,
        manned: Mapping[str, Post],
        place: Place | None,
        row: Sequence[str] = (),
    ) -> None:
        self.layout = layout
        self.floor = floor
        self.things = things
        self.seed = seed
        self.shot = shot
        self.manned = manned
        self.place = place
        self.row = list(row)
        self._seats: dict[str, int] = {}
        self._taken: dict[str, set[int]] = {}
        self._full: set[str] = set()
        self._raised: dict[str, float] = {}

    def stand_all(self, cast: Mapping[str, CastMember]) -> None:
        entries = [
            (name, person)
            for name, person in roll_call(self.shot.people)
            if not is_unwanted(person.who, self.shot.without) and not is_unwanted("person", self.shot.without)
        ]
        self.things.say(
            sum(person.count for person in self.shot.people) <= 24,
            "More than two dozen people: the rest are not shown.",
        )
        for who, post in self.manned.items():
            name, person = next((pair for pair in entries if pair[1].who == who), (who, None))
            if person is None or name in self.layout.people:
                continue
            self.layout.people[name] = Standing(
                name=name, at=post.at, facing_rad=post.heading_rad, pose=person.pose or post.pose, entry=person,
                seat_m=post.seat_m if (person.pose or post.pose) == "sit" else None,
                height_m=looks_for(name, person, cast, self.seed).height_m,
            )  # fmt: skip
        entries = [pair for pair in entries if pair[0] not in self.layout.people]
        placed = [pair for pair in entries if pair[1].where and self._names_a_thing(pair[1].where.to)]
        follow = [pair for pair in entries if pair not in placed and pair[1].where and pair[1].where.to]
        if self.place is not None and self.place.name in SEATED:  # beside who sits is the next seat
            follow = [pair for pair in follow if pair[1].pose not in (None, "sit", "sleep")]
        free = [pair for pair in entries if pair not in placed and pair not in follow]
        for name, person in sorted(placed, key=lambda pair: pair[0]):
            self._stand(name, person, cast, *self._at_thing(name, person))
        self._stand_free(free, cast)
        for name, person in sorted(follow, key=lambda pair: pair[0]):
            self._stand(name, person, cast, *self._at_person(name, person))
        self.things.by_people()
        self._pair_up()
        self._carry()

    def _carry(self) -> None:
        """Who is in somebody's arms is there, and not on the floor as well."""
        people = self.layout.people
        for name, standing in people.items():
            for what in standing.entry.holding:
                held = next((known for known in people if known.lower() == what.lower() and known != name), None)
                if held is not None:
                    people[held] = replace(people[held], carried_by=name, pose="lie", seat_m=None, partner=None)

    def _names_a_thing(self, name: str | None) -> bool:
        return isinstance(self.layout.find(name), PropMark) or bool(name and self.things.fixture(name))

    def _stand(
        self,
        name: str,
        person: Person,
        cast: Mapping[str, CastMember],
        wanted: Sequence[tuple[float, float]],
        facing: float,
        seat_m: float | None,
        crowded: bool = False,
        pose: str | None = None,
    ) -> None:
        """On the first of the wanted places that is free. ``crowded``: there, whatever else is there: it is a seat."""
        pose = pose if pose in SETTLED else person.pose or pose or "stand"
        half = _LYING_M if pose in LIES else (AIR_M, AIR_M)
        if pose in _PAIR_M:
            half = (0.16, 0.16)
        if crowded and self._is_taken(wanted[0]):  # a seat has one, and nobody stands on another
            crowded, seat_m = False, SEAT_M if pose == "sit" else None
        if crowded:
            spot, free = Footprint(*wanted[0], *half, facing), True
        else:
            spot, free = self.floor.room_for(wanted, half, facing if pose in LIES else 0.0)
        free = free and min(math.dist((spot.x, spot.z), place) for place in wanted) < _ASTRAY_M
        self.things.say(free or not person.where, f"There is no free floor for {name} where the words put them.")
        self.floor.take(replace(spot, half_x=0.2, half_z=0.2) if crowded else spot)
        if pose == "sit" and seat_m == SEAT_M and not crowded:
            self._seats[self.things.bring_seat(name, (spot.x, spot.z), facing)] = 0
        self.layout.people[name] = Standing(
            name=name, at=(spot.x, self._raised.pop(name, 0.0) if crowded else 0.0, spot.z), facing_rad=facing,
            pose=pose, entry=person, seat_m=seat_m,
            height_m=looks_for(name, person, cast, self.seed).height_m,
        )  # fmt: skip

    def _is_taken(self, place: tuple[float, float]) -> bool:
        return any(math.dist(place, other.at[::2]) < _APART_M for other in self.layout.people.values())

    def _at_thing(
        self, name: str, person: Person
    ) -> tuple[Sequence[tuple[float, float]], float, float | None, bool, str | None]:
        assert person.where is not None
        mark = self.layout.find(person.where.to)
        assert isinstance(mark, PropMark)
        if person.where.relation in ("on", "in") and self.layout.props.get(mark.name) is mark:
            mark = self._free_one(mark)
        entry = self.layout.entries.get(mark.name)
        relation, kind = person.where.relation, kind_of(entry.what if entry is not None else mark.name)
        if relation == "on" and person.pose == "lean":
            relation = "against"
        if person.action == "knock" and relation in ("on", "beside", "in_front_of", "against"):
            c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
            away = mark.size_m[2] / 2 + _REACH_M
            return [(mark.at[0] + away * s, mark.at[2] + away * c)], mark.heading_rad + _ASIDE_RAD, None, True, None
        rng = stream(self.seed, "beside", name)
        half = mark.size_m[0] / 2, mark.size_m[2] / 2
        pose = person.pose
        if (
            relation in ("on", "in", "against")
            and kind.seat_m is not None
            and pose in (None, "sit", "ride", "sleep", "lie")
        ):
            if pose in LIES and kind.bed_m is not None:
                # a bed is as deep as one is long: feet to the front; a sofa is wide, and one lies across
                along = mark.size_m[2] < mark.size_m[0]
                turn = mark.heading_rad + (math.pi / 2 if along else 0.0)
                if along:
                    self._full.add(mark.name)
                x, z = self._seat_on(mark, 1 if along else 2)
                if not along:  # the head on the pillow, whoever it is
                    up = half[1] - _PILLOW_M - 0.46 * looks_for(name, person, {}, self.seed).height_m
                    x, z = x - up * math.sin(turn), z - up * math.cos(turn)
                return [(x, z)], turn, kind.bed_m, True, "lie"
            x, z = self._seat_on(mark, max(1, round(mark.size_m[0] / 0.65)), person.side)
            seat = kind.seat_m
            if canonical(mark.name) == "car" and mark.name != "convertible":
                if relation == "in":
                    seat = _CAR_SEAT_M  # under its roof
                elif relation == "on":  # its bonnet
                    x, z = x + _BONNET_M * math.sin(mark.heading_rad), z + _BONNET_M * math.cos(mark.heading_rad)
            return [(x, z)], mark.heading_rad, seat, True, "sit"
        if (
            relation in ("on", "in", "beside")
            and canonical(mark.name) == "steps"
            and mark.name not in self.layout.built
        ):
            return [self._tread(name, mark)], mark.heading_rad, None, True, None
        if _dozes(person) and relation in ("beside", "behind", "against", "on") and _is_desk(kind):
            # over it, from the side that its drawers are on
            c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
            back = -half[1] - _LAP_M
            place = (mark.at[0] + back * s, mark.at[2] + back * c)
            self._seats[self.things.bring_seat(name, place, mark.heading_rad)] = 0
            return [place], mark.heading_rad, SEAT_M, True, "slump"
        if pose == "sit" and relation in ("beside", "around") and _is_desk(kind):
            return self._at_table(mark)
        air = AIR_M + 0.06
        side = rng.choice((-1, 1))
        edge = half[0] - 0.1 if mark.size_m[1] > 1.2 and half[0] > 0.3 else 0.0  # behind what hides one: at its edge
        local: dict[str, tuple[tuple[float, float], float]] = {
            "behind": ((side * edge, -half[1] - air), 0.0),
            "in_front_of": ((0.0, half[1] + air), rng.uniform(-0.3, 0.3)),
            "left_of": ((-half[0] - air, 0.0), 0.5),
            "right_of": ((half[0] + air, 0.0), -0.5),
            "against": ((rng.uniform(-0.4, 0.4) * half[0], half[1] + 0.24), rng.uniform(-0.3, 0.3)),
            "under": ((0.0, 0.0), 0.0),
            "in": ((0.0, 0.05), 0.0),
            "on": ((rng.uniform(-0.3, 0.3) * half[0], 0.6 * half[1]), 0.0),
        }
        (x, z), turn = local.get(relation, ((side * (half[0] + air), 0.15), -side * 0.55))
        if relation == "around":
            count = self._seats[mark.name] = self._seats.get(mark.name, -1) + 1
            angle = math.tau * (count * 0.381966) + 0.4
            x, z = (half[0] + air) * math.sin(angle), -(half[1] + air) * math.cos(angle)
            turn = math.atan2(-x, -z)
        c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
        place = (mark.at[0] + x * c + z * s, mark.at[2] + z * c - x * s)
        other = (mark.at[0] - x * c + z * s, mark.at[2] + z * c + x * s)
        under = relation == "under" and kind.top_m is not None
        seated = SEAT_M if pose == "sit" and not under else 0.0 if under else None
        crowded = under or relation in ("in", "on") or (relation == "against" and pose == "lean")
        either = [place, other] if relation in ("beside", "around", "against", "on", "in", "under") else [place]
        return either, turn + mark.heading_rad, seated, crowded, "crouch" if under else None

    def _free_one(self, mark: PropMark) -> PropMark:
        """Of several of a kind that each have one seat, the first on which nobody sits: two riders have two horses."""
        entry = self.layout.entries.get(mark.name)
        if entry is None or kind_of(entry.what).seat_m is None or mark.size_m[0] > 1.3:
            return mark
        alike = [one for name, one in self.layout.props.items() if self._is_a(name, entry.what)]
        return next((one for one in alike if self._seats.get(one.name, -1) < 0), mark)

    def _is_a(self, name: str, what: str) -> bool:
        return name in self.layout.entries and self.layout.entries[name].what == what

    def _at_table(self, mark: PropMark) -> tuple[Sequence[tuple[float, float]], float, float | None, bool, str | None]:
        """The next place at a table: one sits behind it, two across it from each other, the front is taken last."""
        alone = sum(
            person.count for person in self.shot.people if person.where and person.where.to == mark.name
        ) == 1  # fmt: skip
        count = self._seats[mark.name] = self._seats.get(mark.name, -1) + 1
        half, air = (mark.size_m[0] / 2, mark.size_m[2] / 2), 0.26
        wide = 0.25 * mark.size_m[0]
        places = [
            (-half[0] - air, 0.0, math.pi / 2), (half[0] + air, 0.0, -math.pi / 2), (-wide, -half[1] - air, 0.0),
            (wide, -half[1] - air, 0.0), (-wide, half[1] + air, math.pi), (wide, half[1] + air, math.pi),
        ]  # fmt: skip
        x, z, turn = (0.0, -half[1] - air, 0.0) if alone else places[count % len(places)]
        c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
        return [(mark.at[0] + x * c + z * s, mark.at[2] + z * c - x * s)], turn + mark.heading_rad, SEAT_M, False, "sit"

    def _tread(self, name: str, mark: PropMark) -> tuple[float, float]:
        """The next place on a flight of steps: in rows of three, from the second tread up, in one another's gaps."""
        count = self._seats[mark.name] = self._seats.get(mark.name, -1) + 1
        row, column = count // 3 % (TREADS - 1) + 1, (0, -1, 1)[count % 3]
        scale = mark.size_m[0] / TREAD_M[0]
        self._raised[name] = mark.at[1] + TREAD_M[1] * (row + 1) * scale
        x, z = (
            (column * 0.8 + (0.3 if row % 2 else -0.1)) * scale,
            mark.size_m[2] / 2 - TREAD_M[2] * (row + 0.5) * scale,
        )
        c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
        return mark.at[0] + x * c + z * s, mark.at[2] + z * c - x * s

    def _seat_on(self, mark: PropMark, seats: int, side: str | None = None) -> tuple[float, float]:
        """The next free seat of a piece, over its width: who is on the left of the frame has one on the left for who
        looks at its front."""
        count = self._seats[mark.name] = self._seats.get(mark.name, -1) + 1
        taken = self._taken.setdefault(mark.name, set())
        free = [k for k in range(seats) if k not in taken] or [count % seats]
        middle = (seats - 1) / 2
        if side in ("left", "right", "center"):
            wanted = {"left": -0.5, "right": 0.5, "center": 0.0}[side]
            seat = min(free, key=lambda k: ((k - middle) * wanted < 0, abs(k - middle - wanted), k))
        else:
            seat = free[0] if seats < 4 else min(free, key=lambda k: (abs(k - middle), k))
        taken.add(seat)
        aside = (seat - middle) * mark.size_m[0] * 0.86 / seats
        c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
        return mark.at[0] + aside * c, mark.at[2] - aside * s

    def _at_person(
        self, name: str, person: Person
    ) -> tuple[Sequence[tuple[float, float]], float, float | None, bool, str | None]:
        assert person.where is not None
        other = self.layout.find(person.where.to)
        seat = SEAT_M if person.pose == "sit" else None
        if not isinstance(other, Standing):
            return [(0.0, 0.0)], 0.0, seat, False, None
        rng = stream(self.seed, "beside", name)
        side = rng.choice((-1, 1))
        step = {
            "behind": (0.35 * side, -1.0), "in_front_of": (-0.3 * side, 0.95), "left_of": (-0.75, 0.0),
            "right_of": (0.75, 0.0), "on": (0.0, 0.5), "above": (0.0, -0.5), "around": (0.7 * side, -0.2),
        }.get(person.where.relation, (0.72 * side, 0.05))  # fmt: skip
        x, z = other.at[0] + step[0], other.at[2] + step[1]
        return [(x, z), (other.at[0] - step[0], z)], other.facing_rad + rng.uniform(-0.2, 0.2), seat, False, None

    def _stand_free(self, entries: list[tuple[str, Person]], cast: Mapping[str, CastMember]) -> None:
        """Those of whom the words say no more than a side: before or around what is in the middle."""
        entries = sorted(entries, key=lambda pair: pair[0])
        middle = next((mark for mark in self.layout.props.values() if mark.at[:3:2] == (0.0, 0.0)), None)
        seats = [
            mark
            for mark in self.layout.props.values()
            if kind_of(mark.name).seat_m is not None and mark.at[1] < 0.05 and max(mark.size_m) < _FURNITURE_M
        ]
        plain = [pair for pair in entries if not pair[1].side and not pair[1].depth]
        for name, person in entries:
            pose = person.pose
            if self.place is not None and self.place.name in SEATED and pose in (None, "sleep"):
                pose = "sit"  # and asleep there
                person = replace(person, pose=pose, action=person.action or ("sleep" if person.pose else None))
            if pose in ("sit", "ride", *LIES):
                fit = next((mark for mark in seats if self._takes(mark, pose or "")), None)
                if fit is not None:
                    on = replace(person, where=_on(fit.name))
                    self._stand(name, on, cast, *self._at_thing(name, on))
                    continue
            if pose == "sit" and (seat_of := self._own_seat(name)) is not None:
                (x, _, z), heading, high = seat_of
                self._stand(name, person, cast, [(x, z)], heading, high, True, "sit")
                continue
            wanted, facing = self._behind_the_first(name, person) or self._slot(name, person, plain, middle)
            seat = SEAT_M if pose == "sit" else None
            self._stand(name, person, cast, wanted, facing, seat)

    def _behind_the_first(self, name: str, person: Person) -> tuple[list[tuple[float, float]], float] | None:
        """Behind the one whom the words begin with, where that one has a place at a thing and this one is told of by
        itself, with no place: so that a frame of the first can have both."""
        first = self.shot.people[0]
        lead = self.layout.people.get(first.who)
        if lead is None or first.where is None or not told_by_itself(first, person):
            return None
        if self.row or person.depth or person.where is not None or person.count > 1:
            return None
        side = stream(self.seed, "slot", name).choice((-1, 1))
        c, s = math.cos(lead.facing_rad), math.sin(lead.facing_rad)
        wanted = [
            (lead.at[0] + x * side * c - z * s, lead.at[2] - z * c - x * side * s)
            for x, z in ((1.2, 4.6), (-1.2, 4.6), (2.0, 3.2), (-2.0, 3.2), (2.2, 2.0), (-2.2, 2.0))
        ]
        return wanted, heading_to((wanted[0][0], 0.0, wanted[0][1]), lead.at)

    def _own_seat(self, name: str = "") -> tuple[Vector, float, float] | None:
        """The nearest seat of the place itself that nobody sits on: where on the floor, its heading, how high. Who has
        a place in a row sits on that side."""
        if self.place is None:
            return None
        middle = self.place.spots[0][0] if self.place.name in SEATED else (0.0, 0.0, 0.0)
        seats = [
            (*piece.seat(index), (piece.piece.seat_m or 0.0) + piece.mark.at[1])
            for piece in self.place.pieces
            if piece.piece.seat_m and piece.mark.at[1] < 0.2
            for index in range(piece.piece.seats)
        ]
        free = [
            seat
            for seat in seats
            if math.hypot(seat[0][0], seat[0][2]) < _NEAR_SEAT_M
            and all(math.dist(seat[0][::2], other.at[::2]) > 0.4 for other in self.layout.people.values())
        ]
        side = (-1 if self.row.index(name) % 2 == 0 else 1) if name in self.row else 0
        away = {index: math.dist(seat[0][::2], middle[::2]) for index, seat in enumerate(free)}
        near = min(away.values(), default=0.0) + _AS_NEAR_M
        best = min(
            (index for index in away if away[index] <= near),
            key=lambda index: (side * (free[index][0][0] - middle[0]) < -0.1, round(away[index], 3)),
            default=None,
        )
        return None if best is None else free[best]

    def _takes(self, mark: PropMark, pose: str) -> bool:
        kind = kind_of(mark.name)
        used = self._seats.get(mark.name, -1) + 1
        if mark.name in self._full:
            return False
        if pose in LIES:
            return kind.bed_m is not None and used < (1 if mark.size_m[2] < mark.size_m[0] else 2)
        return used < max(1, round(mark.size_m[0] / 0.65))

    def _slot(
        self, name: str, person: Person, plain: list[tuple[str, Person]], middle: PropMark | None
    ) -> tuple[list[tuple[float, float]], float]:
        """Where they stand in the row, and their heading."""
        rng = stream(self.seed, "slot", name)
        back = 0.0 if middle is None else -(middle.size_m[2] / 2 + AIR_M + 0.08)
        z = {"foreground": 1.3, "background": -2.6}.get(person.depth or "", back)
        index = next((k for k, pair in enumerate(plain) if pair[0] == name), None)
        count = len(plain)
        apart = _PAIR_M.get(person.pose or "", _TALK_M)
        if name in self.row and not person.side:
            return self._place_in_row(name, person, middle, z, apart)
        if index is None:
            x = {"left": -0.62, "right": 0.62, "center": 0.0}.get(person.side or "", rng.uniform(-0.3, 0.3))
            return [(x, z), (x * 1.6, z)], -0.25 * (x > 0) + 0.25 * (x < 0)
        if count == 1:
            return [(0.0, z)], rng.uniform(-0.5, 0.5)
        if count == 2 and middle is not None and middle.size_m[0] > 0.9:
            side = -1 if index == 0 else 1
            return [(side * (middle.size_m[0] / 2 + AIR_M + 0.05), 0.0)], -side * 1.1
        if count == 2:
            side = -1 if index == 0 else 1
            return [(side * apart / 2, z)], -side * (1.1 if person.pose not in _MOVES else 0.2)
        lone = [pair for pair in plain if not _is_many(pair[1])]
        if 0 < len(lone) <= 2 and count - len(lone) >= 5:  # who is spoken of is before the many
            if not _is_many(person):
                place = lone.index(plain[index])
                return [((place - (len(lone) - 1) / 2) * 0.9, z + 1.1)], rng.uniform(-0.2, 0.2)
            many = [pair for pair in plain if _is_many(pair[1])]
            index, count = many.index(plain[index]), len(many)
            parted = any(pair[1].action == "part" or pair[1].pose in _MOVES for pair in plain)
        else:
            parted = False
        row, rows = index % _row(count), -(-count // _row(count))
        in_row = min(_row(count), count - (index // _row(count)) * _row(count))
        x = (row - (in_row - 1) / 2) * 0.74 + (0.37 if (index // _row(count)) % 2 else 0.0)
        x += math.copysign(0.55, x if abs(x) > 0.01 else rng.uniform(-1, 1)) if parted else 0.0
        z += -0.85 * (index // _row(count)) - 0.12 * abs(row - (in_row - 1) / 2) + 0.4 * (rows - 1)
        return [(x + rng.uniform(-0.05, 0.05), z)], -0.12 * x + rng.uniform(-0.2, 0.2)

    def _place_in_row(
        self, name: str, person: Person, middle: PropMark | None, z: float, apart: float
    ) -> tuple[list[tuple[float, float]], float]:
        """Whoever came in first on the left, the second on the right, then outwards: who comes later moves nobody."""
        index = self.row.index(name)
        side, out = (-1 if index % 2 == 0 else 1), index // 2
        near = apart / 2
        if middle is not None and middle.size_m[0] > 0.9 and not person.depth and out == 0:
            near, z = middle.size_m[0] / 2 + AIR_M + 0.05, 0.0  # one at each end of it
        x = side * (near + 0.78 * out)
        rng = stream(self.seed, "slot", name)
        alone = len(self.row) == 1
        turn = rng.uniform(-0.5, 0.5) if alone else -side * (1.1 if person.pose not in _MOVES else 0.2)
        return [(x, z - 0.12 * out)], turn

    def _pair_up(self) -> None:
        """Who faces whom: two alone with each other, and those of whom it is said."""
        people = self.layout.people
        for name, standing in list(people.items()):
            entry = standing.entry
            partner = self.layout.find(entry.looking_at)
            close = [other for other in people.values() if other.name != name]
            if not isinstance(partner, Standing) or partner.name == name:
                partner = None
                if entry.facing == "each_other" or standing.pose in _PAIR_M:
                    partner = min(close, key=lambda other: _across(standing, other), default=None)
                elif len(people) == 2 and standing.seat_m is None and not entry.where and standing.pose not in _MOVES:
                    partner = close[0] if math.dist(close[0].at, standing.at) < 2.6 else None
            if partner is not None:
                people[name] = replace(standing, partner=partner.name)


def _is_many(person: Person) -> bool:
    """Whether nobody in particular is meant."""
    return person.count >= 5 or person.who.lower() in CROWDS


def _across(one: Standing, other: Standing) -> float:
    """How far off somebody is, to whom one turns: for who sits, whoever sits before them first."""
    away = math.dist(other.at, one.at)
    if one.seat_m is None:
        return away
    return away * (1.0 if math.cos(heading_to(one.at, other.at) - one.facing_rad) > 0.6 else 3.0)


_REACH_M, _ASIDE_RAD = 0.5, 2.3
"""To what one knocks on, and how one turns to it: seen from the side."""
_CAR_SEAT_M = 0.33
_BONNET_M = 1.5
"""From the middle of a car."""


def _dozes(person: Person) -> bool:
    return person.pose in LIES or person.action == "sleep"


def _is_desk(kind: Kind) -> bool:
    """Whether one sits at it and lays the arms on it."""
    return kind.top_m is not None and 0.6 < kind.top_m < 0.95 and kind.bed_m is None and kind.seat_m is None


def _row(count: int) -> int:
    """How many stand in the first row."""
    return count if count <= 5 else -(-count // 2) if count <= 12 else -(-count // 3)


def _on(name: str) -> Where:
    return Where(relation="on", to=name)
