"""A place while it is built: walls that can be struck, doors, windows, pieces that people use, and marks on the floor.

The action happens about the origin; the front of a set, from where it is seen first, is +z. Metres, radians.

Long because all that a wall can carry is told in one place.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.staging.materials import CLOTH, WHITE, WOOD, Props, scaled
from auteur.adapters.engines.previs.staging.pieces import PieceMark
from auteur.adapters.engines.previs.staging.props import PIECES, Look, put

Segment = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A door or a window. ``at``: the middle of its foot, on the floor; ``heading_rad``: into the room; ``size_m``: its
    width and height; ``sill_m``: how high it begins; ``glow``: what comes through is as bright as that."""

    kind: str
    at: Vector
    heading_rad: float
    size_m: tuple[float, float]
    sill_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A wall, or a ceiling, that can be struck where it is between the camera and the action. ``outward``: its
    normal, away from the room; ``at``: a point on it; ``forms``: which forms of the heap are on it."""

    at: Vector
    outward: Vector
    forms: range
    segment: Segment | None = None

    def hides_from(self, eye: Vector) -> bool:
        """Whether a camera there is behind it."""
        return sum((eye[i] - self.at[i]) * self.outward[i] for i in range(3)) > -0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where in a place somebody has their work: a judge behind the bench. ``who``: nouns; ``thing``: the kind of thing
    that it is at, ``called``: what else that is called there; ``at``: on what they stand or sit on; ``pose``: theirs,
    where the words give none; ``seat_m``: above that."""

    who: frozenset[str]
    thing: str
    called: frozenset[str]
    at: Vector
    heading_rad: float = 0.0
    pose: str = "stand"
    seat_m: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What a place gives. ``ground``: None for no ground; ``ridges``: silhouettes far off (height, roughness);
    ``sea_z``: where its water begins; ``interior``; ``walls``: for the plan; ``flats``: what can be struck; ``pieces``:
    what people can use; ``spots``: free marks on the floor and headings there; ``doors`` and ``windows``; ``clear``:
    the floor that is free for action (x, z, x, z); ``posts``: where some have their work; ``ceiling_m``: None under
    the sky; ``said``: a sentence where another place was built than was named; ``front_m``: where the fourth wall is,
    ``fourth``: builds it."""

    ground: Material | None
    ridges: Sequence[tuple[float, float]] = ()
    sea_z: float | None = None
    name: str = ""
    interior: bool = False
    walls: tuple[Segment, ...] = ()
    flats: tuple[Flat, ...] = ()
    pieces: tuple[PieceMark, ...] = ()
    spots: tuple[tuple[Vector, float], ...] = ()
    doors: tuple[Opening, ...] = ()
    windows: tuple[Opening, ...] = ()
    clear: Segment = (-2.0, -1.5, 2.0, 3.0)
    ceiling_m: float | None = None
    said: str | None = None
    front_m: float | None = None
    fourth: Callable[[], Flat] | None = None
    posts: tuple[Post, ...] = ()

    def close(self, eye: Vector) -> bool:
        """Builds the fourth wall, if a room has one and a camera there is within; answers whether it did. Called when
        all else is built, and once."""
        return (
            self.fourth is not None
            and self.front_m is not None
            and eye[2] < self.front_m - 0.05
            and bool(self.fourth())
        )

    def struck(self, eye: Vector) -> frozenset[int]:
        """The forms to leave out for a camera there: of walls that it stands behind, and of a ceiling that it is over.

        What stands before a wall, on the floor, stays.
        """
        return frozenset(index for flat in self.flats if flat.hides_from(eye) for index in flat.forms)


@dataclass(slots=True)
class Site:
    """A place being built on a heap. ``dark``: its lamps are lit; ``front``: it has a wall on the camera's first side,
    too."""

    s: Props
    dark: bool = False
    season: str | None = None
    front: bool = True
    traits: tuple[str, ...] = ()
    ground: Material | None = None
    ridges: Sequence[tuple[float, float]] = ()
    sea_z: float | None = None
    walls: list[Segment] = field(default_factory=list)
    flats: list[Flat] = field(default_factory=list)
    pieces: list[PieceMark] = field(default_factory=list)
    spots: list[tuple[Vector, float]] = field(default_factory=list)
    doors: list[Opening] = field(default_factory=list)
    windows: list[Opening] = field(default_factory=list)
    clear: Segment = (-2.0, -1.5, 2.0, 3.0)
    ceiling_m: float | None = None
    front_m: float | None = None
    fourth: Callable[[], Flat] | None = None
    posts: list[Post] = field(default_factory=list)

    @property
    def rng(self) -> random.Random:
        return self.s.rng

    def done(self, name: str, interior: bool) -> Place:
        """The place as a value."""
        return Place(
            ground=self.ground, ridges=tuple(self.ridges), sea_z=self.sea_z, name=name, interior=interior,
            walls=tuple(self.walls), flats=tuple(self.flats), pieces=tuple(self.pieces),
            spots=tuple(self.spots) or tuple(self._spots()), doors=tuple(self.doors), windows=tuple(self.windows),
            clear=self.clear, ceiling_m=self.ceiling_m, front_m=self.front_m, fourth=self.fourth,
            posts=tuple(self.posts),
        )  # fmt: skip

    def _spots(self) -> Iterator[tuple[Vector, float]]:
        x0, z0, x1, z1 = self.clear
        for along, deep in (
            (0.5, 0.4),
            (0.3, 0.4),
            (0.7, 0.4),
            (0.4, 0.15),
            (0.6, 0.15),
            (0.2, 0.65),
            (0.8, 0.65),
            (0.5, 0.8),
        ):
            x, z = x0 + (x1 - x0) * along, z0 + (z1 - z0) * deep
            yield (x, 0.0, z), math.atan2(-x * 0.4, 3.0)

    def floor(self, color: Vector, pattern: str = "earth", scale: float = 5.0) -> None:
        """The ground."""
        self.ground = Material(color, pattern=pattern, scale=scale)

    def piece(
        self,
        kind: str,
        x: float,
        z: float,
        heading: float = 0.0,
        *,
        y: float = 0.0,
        look: Look | None = None,
        called: str | None = None,
    ) -> None:
        """One of the pieces, for people to use."""
        look = look or Look(dark=self.dark, season=self.season)
        mark = put(self.s, kind, (x, y, z), heading, look=look, called=called)
        if (called or kind) not in self.s.without:
            self.pieces.append(PieceMark(piece=PIECES[kind], mark=mark))

    def tree(self, kind: str, x: float, z: float, high: float, *, traits: tuple[str, ...] = ()) -> None:
        """One that grew so high."""
        look = Look(dark=self.dark, season=self.season, size_m=(0.0, high, 0.0), traits=traits)
        put(self.s, kind, (x, 0, z), self.rng.uniform(0, math.tau), look=look)

    def around(self, count: int, near: float, far: float) -> list[tuple[float, float]]:
        """Places on the floor behind and beside the action, never between it and the first camera."""
        spots = []
        for _ in range(count):
            distance = near + (far - near) * self.rng.random() ** 0.7
            angle = self.rng.uniform(-0.2, math.pi + 0.2)
            spots.append((distance * math.cos(angle), -distance * math.sin(angle)))
        return spots

    def ring(self, count: int, near: float, far: float) -> list[tuple[float, float]]:
        """Places on the floor all around, evenly, at a chance distance."""
        turn = self.rng.uniform(0, math.tau)
        spots = []
        for k in range(count):
            distance = self.rng.uniform(near, far)
            angle = turn + (k + self.rng.uniform(-0.3, 0.3)) * math.tau / count
            spots.append((distance * math.cos(angle), distance * math.sin(angle)))
        return spots

    # --- walls --------------------------------------------------------------------------------------------------------

    @contextmanager
    def flat(self, at: Vector, outward: Vector, segment: Segment | None = None) -> Iterator[None]:
        """What is built meanwhile is on a wall or a ceiling that can be struck."""
        first = len(self.s.forms)
        yield
        self.flats.append(Flat(at=at, outward=outward, forms=range(first, len(self.s.forms)), segment=segment))
        if segment:
            self.walls.append(segment)

    def wall(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        high: float,
        color: Vector,
        *,
        pattern: str = "plain",
        scale: float = 1.0,
        on_it: Callable[[], None] = lambda: None,
        skirting: bool = True,
        thing: str = "wall",
        foot: float = 0.0,
    ) -> None:
        """A wall from start to end, the room on its left hand. ``on_it`` builds what hangs on it, told from its middle:
        +x along it, +z into the room. Walls cast no shadow: light comes from the grid."""
        (x0, z0), (x1, z1) = start, end
        long = math.hypot(x1 - x0, z1 - z0)
        middle = ((x0 + x1) / 2, 0.0, (z0 + z1) / 2)
        nx, nz = (z0 - z1) / long, (x1 - x0) / long
        inward = math.atan2(nx, nz)
        with self.flat(middle, (-nx, 0.0, -nz), (x0, z0, x1, z1)), self.s.placed(middle, inward):
            with self.s.thing(thing):
                self.s.box(
                    (0, foot, -0.1),
                    (long + 0.2, high - foot, 0.2),
                    color,
                    pattern=pattern,
                    scale=scale,
                    shadow=False,
                )
            if skirting:
                with self.s.thing("skirting"):
                    self.s.box((0, 0, 0.02), (long, 0.11, 0.04), scaled(WHITE, 0.8), shadow=False)
            on_it()

    def room(
        self,
        wide: float,
        back: float,
        front: float,
        high: float,
        color: Vector,
        *,
        on_back: Callable[[], None] = lambda: None,
        on_left: Callable[[], None] = lambda: None,
        on_right: Callable[[], None] = lambda: None,
        on_front: Callable[[], None] = lambda: None,
        ceiling: Vector | None = (0.55, 0.54, 0.5),
        pattern: str = "plain",
        scale: float = 1.0,
        skirting: bool = True,
    ) -> None:
        """Four walls, the back one at ``-back``, the front one at ``front``, and a ceiling."""
        x = wide / 2
        how = {"pattern": pattern, "scale": scale, "skirting": skirting}
        self.wall((-x, -back), (x, -back), high, color, on_it=on_back, **how)  # type: ignore[arg-type]
        self.wall((x, -back), (x, front), high, scaled(color, 0.9), on_it=on_right, **how)  # type: ignore[arg-type]
        state = self.rng.getstate()

        def fourth() -> Flat:
            outer, self.s.rng = self.s.rng, random.Random()
            self.s.rng.setstate(state)
            self.wall((x, front), (-x, front), high, color, on_it=on_front, **how)  # type: ignore[arg-type]
            self.s.rng = outer
            return self.flats[-1]

        self.front_m, self.fourth = front, fourth
        if self.front:
            fourth()
            self.fourth = None
        self.wall((-x, front), (-x, -back), high, scaled(color, 0.9), on_it=on_left, **how)  # type: ignore[arg-type]
        if ceiling is not None:
            self.lid(wide, back, front, high, ceiling)
        self.clear = (-x + 0.5, -back + 0.7, x - 0.5, front - 0.4)
        self.ceiling_m = high

    def lid(self, wide: float, back: float, front: float, high: float, color: Vector) -> None:
        """A ceiling."""
        with self.flat((0, high, 0), (0, 1, 0)), self.s.thing("ceiling"):
            self.s.box((0, high, (front - back) / 2), (wide + 0.4, 0.1, back + front + 0.4), color, shadow=False)
        self.ceiling_m = high

    # --- what hangs on a wall, told from its middle -------------------------------------------------------------------

    def window(
        self, x: float, *, wide: float = 1.5, sill: float = 0.9, high: float = 1.5, arched: bool = False
    ) -> None:
        """With the day in it, or the night."""
        glow: Vector = (0.012, 0.02, 0.05) if self.dark else (2.4, 2.5, 2.6)
        frame = scaled(WHITE, 0.9)
        with self.s.thing("window"):
            self.s.box((x, sill, 0.02), (wide, high, 0.1), frame, shadow=False)
            self.s.box(
                (x, sill + 0.07, 0.05), (wide - 0.14, high - 0.14, 0.1), (0.1, 0.12, 0.15), glow=glow, shadow=False
            )
            self.s.box((x, sill, 0.08), (0.05, high, 0.1), frame, shadow=False)
            self.s.box((x, sill + high * 0.45, 0.08), (wide, 0.05, 0.1), frame, shadow=False)
            if arched:
                self.s.limb(
                    (x, sill + high, -0.03), (x, sill + high, 0.1), wide / 2, (0.1, 0.12, 0.15), glow=glow, shadow=False
                )
            else:
                self.s.box((x, sill - 0.05, 0.1), (wide + 0.14, 0.05, 0.18), frame, shadow=False)
        at = self.s.whole((x, 0.0, 0.0))
        self.windows.append(Opening(kind="window", at=at, heading_rad=self.s.heading, size_m=(wide, high), sill_m=sill))

    def door(
        self,
        x: float,
        *,
        wide: float = 0.95,
        high: float = 2.1,
        color: Vector | None = None,
        open_: bool = False,
        pane: bool = False,
    ) -> None:
        """Shut, or open on what is dark behind it."""
        paint = color or scaled(WOOD, 1.1)
        open_ = open_ or ("open door" in self.traits and abs(self.s.heading) < 0.1)  # one that is seen into
        with self.s.thing("door"):
            self.s.box((x, 0, 0.02), (wide + 0.16, high + 0.08, 0.1), scaled(WHITE, 0.7), shadow=False)
            if open_:
                self.s.box((x, 0, 0.05), (wide, high, 0.06), (0.015, 0.015, 0.02), shadow=False)
                with self.s.placed((x - wide / 2, 0, 0.08), -1.3):
                    self.s.box((wide / 2, 0, 0), (wide, high - 0.03, 0.05), paint)
            else:
                self.s.box((x, 0, 0.05), (wide, high, 0.06), paint, shadow=False)
                for y, tall in ((0.2, high * 0.33), (high * 0.5, high * 0.42)):
                    glow: Vector = (0.5, 0.48, 0.4) if pane and y > 0.5 else (0, 0, 0)
                    self.s.box((x, y, 0.085), (wide * 0.66, tall, 0.02), scaled(paint, 1.5), glow=glow, shadow=False)
                self.s.ball((x + wide * 0.4, 1.0, 0.12), 0.035, (0.5, 0.38, 0.14))
        self.doors.append(
            Opening(kind="door", at=self.s.whole((x, 0.0, 0.0)), heading_rad=self.s.heading, size_m=(wide, high))
        )

    def hang(self, kind: str, x: float, *, z: float = 0.05, look: Look | None = None, y: float = 0.0) -> None:
        """A piece that hangs on the wall."""
        put(self.s, kind, (x, y, z), look=look or Look(dark=self.dark))

    # --- odds and ends ------------------------------------------------------------------------------------------------

    def tubes(
        self, places: Sequence[tuple[float, float]], high: float, *, wide: float = 0.3, long: float = 1.4, lit: int = 4
    ) -> None:
        """Strip lights under a ceiling; so many of them light more than themselves."""
        with self.flat((0, high, 0), (0, 1, 0)):
            for x, z in places:
                with self.s.thing("lamp"):
                    self.s.box((x, high - 0.07, z), (wide, 0.05, long), WHITE, glow=(3.0, 3.0, 2.7), shadow=False)
        for x, z in places[:lit]:
            self.s.light((x, high - 0.35, z), (2.2, 2.2, 1.95))

    def things_on(self, y: float, x0: float, x1: float, z: float, count: int, kinds: Sequence[str]) -> None:
        """Small things in a row on a shelf or a counter."""
        for k in range(count):
            x = x0 + (x1 - x0) * (k + 0.5) / count + self.rng.uniform(-0.04, 0.04)
            put(
                self.s,
                self.rng.choice(kinds),
                (x, y, z + self.rng.uniform(-0.04, 0.04)),
                self.rng.uniform(-0.5, 0.5),
                look=Look(dark=False),
            )

    def goods(self, wide: float, high: float, deep: float, rows: int, across: int) -> None:
        """A shelf full of goods, told from its foot: boxes in rows, a form each."""
        with self.s.thing("shelf"):
            self.s.box((0, 0, -deep / 2), (wide, high, 0.04), scaled(WOOD, 0.7))
            for row in range(rows):
                y = 0.1 + (high - 0.15) * row / rows
                self.s.box((0, y - 0.03, 0), (wide, 0.03, deep), scaled(WOOD, 1.2))
                for k in range(across):
                    tall = (high / rows) * self.rng.uniform(0.45, 0.8)
                    x = -wide / 2 + wide * (k + 0.5) / across
                    self.s.box((x, y, 0.02), (wide / across * 0.8, tall, deep * 0.7), self.rng.choice((*CLOTH, WHITE)))

    def facade(
        self,
        x: float,
        z: float,
        wide: float,
        high: float,
        deep: float,
        heading: float,
        *,
        shop: bool = False,
        color: Vector | None = None,
    ) -> None:
        """A house of a row, its front to where it is headed: windows by pattern, a door, at times a shop under them."""
        wall = color or self.rng.choice(
            ((0.4, 0.35, 0.28), (0.3, 0.26, 0.24), (0.36, 0.2, 0.15), (0.45, 0.42, 0.36), (0.28, 0.3, 0.3))
        )
        glow: Vector = (2.2, 1.5, 0.7) if self.dark else (0, 0, 0)
        with self.s.placed((x, 0, z), heading), self.s.thing("building"):
            self.s.box(
                (0, 3.2, -deep / 2),
                (wide, high - 3.2, deep),
                wall,
                pattern="windows",
                scale=self.rng.uniform(2.0, 2.6),
                glow=glow,
            )
            self.s.box((0, 0, -deep / 2), (wide, 3.2, deep), scaled(wall, 0.6))
            self.s.box((-wide * 0.32, 0, 0.02), (1.0, 2.2, 0.1), scaled(WOOD, 0.9))
            pane: Vector = scaled((1.6, 1.2, 0.7), 0.8) if self.dark else (0.1, 0.1, 0.1)
            if shop:
                self.s.box((wide * 0.14, 0.5, 0.03), (wide * 0.55, 1.9, 0.1), (0.06, 0.07, 0.08), glow=pane)
                tint = self.rng.choice(CLOTH)
                self.s.box((wide * 0.12, 2.5, 0.45), (wide * 0.62, 0.06, 1.0), tint, tilt=0.3)
                self.s.box((0, 2.75, 0.05), (wide * 0.94, 0.45, 0.12), scaled(tint, 0.7))
            else:
                self.s.box((wide * 0.18, 0.9, 0.03), (1.4, 1.4, 0.1), (0.06, 0.07, 0.08), glow=pane)
        c, sn = math.cos(heading), math.sin(heading)
        half = wide / 2
        self.walls.append((x - half * c, z + half * sn, x + half * c, z - half * sn))


Builder = Callable[[Site], None]


def steps(*each: Callable[[], None]) -> Callable[[], None]:
    """One after the other."""

    def run() -> None:
        for step in each:
            step()

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A place that can be built."""

    name: str
    build: Builder
    interior: bool


ENTRIES: dict[str, Entry] = {}
"""All places, by name."""


def place(name: str | None = None, *, interior: bool = False) -> Callable[[Builder], Builder]:
    """Enters a builder among the places, under its own name if no other is given."""

    def entered(build: Builder) -> Builder:
        called = name or build.__name__.strip("_").replace("_", " ")
        assert called not in ENTRIES, called
        ENTRIES[called] = Entry(name=called, build=build, interior=interior)
        return build

    return entered
