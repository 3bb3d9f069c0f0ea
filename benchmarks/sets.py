"""Draws the sheets of docs/sets.md, and tells how many forms sets and people have.

Run it with `python -m benchmarks.sets docs/film`.

Every place is seen in a wide, every piece, pose and light once, small, at draft quality. What cannot be told apart on a
sheet has to be built better.
"""

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from auteur.adapters.engines.previs.reading.shot import TIMES_OF_DAY, WEATHERS, Shot
from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.rendering.render import Renderer
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky
from auteur.adapters.engines.previs.staging.light import is_dark, light
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people import POSES, looks_of, person
from auteur.adapters.engines.previs.staging.pieces import PIECES, put
from auteur.adapters.engines.previs.staging.places import ENTRIES, build_place

Cell = tuple[str, Image.Image]
_GREY = Sky((0.45, 0.5, 0.6), (0.7, 0.7, 0.72), (0.45, 0.65, 0.6), (2.2, 2.0, 1.8), 0.05)
_STYLES = (
    "natural",
    "backlit",
    "silhouette",
    "rim",
    "side",
    "top",
    "hard",
    "soft",
    "low_key",
    "high_key",
    "window",
    "lamp",
    "candle",
    "fire",
    "torch",
    "moon",
    "neon",
    "headlights",
    "screen",
    "fluorescent",
    "shafts",
    "red",
)
_WHO = (
    ("Maria", "smile"),
    ("old man", ""),
    ("boy", "laugh"),
    ("detective", "smoke"),
    ("bride", "smile"),
    ("officer", "salute"),
    ("fat man", "argue"),
    ("girl", "wave"),
    ("nurse", "read"),
    ("astronaut", ""),
    ("knight", ""),
    ("chef", ""),
    ("fisherman", ""),
    ("judge", ""),
    ("grandmother", "knit"),
    ("cowboy", ""),
)


def _drawn(world: Set, camera: Camera, size: tuple[int, int], passes: int = 2) -> Image.Image:
    renderer = Renderer(world, camera, *size, passes, 1)
    for _ in range(passes):
        renderer.add_pass()
    return Image.fromarray(renderer.picture())


def _sheet(cells: Sequence[Cell], columns: int, path: Path) -> None:
    wide, high = cells[0][1].size
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * wide, rows * (high + 12)), (240, 240, 238))
    draw = ImageDraw.Draw(sheet)
    for index, (name, picture) in enumerate(cells):
        x, y = index % columns * wide, index // columns * (high + 12)
        sheet.paste(picture, (x, y + 12))
        draw.text((x + 2, y), name, fill=(0, 0, 0))
    sheet.save(path, quality=80, optimize=True)
    print(f"{path}: {len(cells)} pictures, {path.stat().st_size / 1000:.0f} kB")


def _places(path: Path) -> None:
    cells, counts = [], {}
    started = time.process_time()
    for name in ENTRIES:
        heap = Props(random.Random(3))
        place = build_place(heap, name, seed=5)
        eye: Vector = (0.5, 1.6, 5.6) if place.interior else (0.6, 1.65, 6.5)
        target: Vector = (0.0, 1.5, -3.0)
        if name == "car interior":
            eye, target = (0.0, 1.16, -0.62), (0.0, 1.05, 3.0)
        camera = Camera(at=eye, target=target, focal=1.0)
        struck = place.struck(eye)
        lit = light(Shot(), place, camera, random.Random(2), lights=heap.lights)
        world = Set(
            forms=tuple(form for index, form in enumerate(heap.forms) if index not in struck),
            lights=lit.lights,
            sky=lit.sky,
            ground=lit.ground,
            haze=lit.haze,
            haze_color=lit.haze_color,
            sea_z=place.sea_z,
            stage_m=8 if place.interior else 14,
            exposure=lit.exposure,
            bounce=lit.bounce,
            things=tuple(heap.things),
        )
        counts[name] = len(heap.forms)
        cells.append((f"{name} {len(heap.forms)}", _drawn(world, camera, (176, 106))))
    _sheet(cells, 8, path)
    most = sorted(counts, key=lambda name: -counts[name])[:5]
    print(
        f"places: {len(counts)}, forms: median {statistics.median(counts.values())}, "
        f"most {', '.join(f'{name} {counts[name]}' for name in most)}; {time.process_time() - started:.1f} s of CPU"
    )


def _alone(
    build: Callable[[Props], object], at: Vector, target: Vector, size: tuple[int, int], focal: float = 1.6
) -> Cell:
    heap = Props(random.Random(1))
    build(heap)
    world = Set(
        forms=tuple(heap.forms),
        lights=tuple(heap.lights[:8]),
        sky=_GREY,
        ground=Material((0.35, 0.34, 0.32)),
        things=tuple(heap.things),
        figures=tuple(heap.figures),
        stage_m=max(1.5, math.dist(at, target) * 0.7),
        exposure=0.55,
        bounce=0.2,
    )
    return str(len(heap.forms)), _drawn(world, Camera(at=at, target=target, focal=focal), size)


def _pieces(path: Path) -> None:
    cells = []
    for name, piece in PIECES.items():
        wide, high, deep = piece.size_m
        radius = math.hypot(wide, high, deep) / 2
        middle: Vector = (0.0, piece.hung_m + high / 2, 0.0)
        away = radius * 3.6
        at: Vector = (away * 0.55, middle[1] + away * 0.32, away * 0.78)

        def build(heap: Props, name: str = name) -> None:
            put(heap, name)

        _, picture = _alone(build, at, middle, (84, 72))
        cells.append((f"{name[:14]}", picture))
    _sheet(cells, 18, path)
    print(f"pieces: {len(PIECES)}")


def _people(path: Path) -> None:
    cells = []
    for who, action in _WHO:

        def build(heap: Props, who: str = who, action: str = action) -> None:
            person(heap, (0, 0, 0), 0.3, "stand", None, who=who, action=action, look=(0.8, 1.6, 2.5))

        high = looks_of(who, (), 0).height_m
        count, picture = _alone(build, (0.0, high * 0.86, 2.5), (0, high * 0.76, 0), (132, 150), 1.9)
        cells.append((f"{who} {count}", picture))
    for name in POSES:

        def pose(heap: Props, name: str = name) -> None:
            seat = 0.95 if name in ("ride", "cycle") else None
            person(heap, (0, 0, 0), 0.6, name, 1.76, who="woman" if len(name) % 2 else "man", seat_m=seat)

        count, picture = _alone(pose, (0.3, 1.3, 4.2), (0, 0.85, 0), (132, 150), 1.7)
        cells.append((f"{name} {count}", picture))
    _sheet(cells, 10, path)


def _lights(path: Path) -> None:
    cells = []
    wanted = [("room", Shot(light=(style,))) for style in _STYLES]
    wanted += [("park", Shot(time_of_day=hour)) for hour in TIMES_OF_DAY]
    wanted += [("park", Shot(weather=(weather,))) for weather in WEATHERS]
    wanted += [("park", Shot(season=season)) for season in ("spring", "summer", "autumn", "winter")]
    for where, shot in wanted:
        heap = Props(random.Random(3))
        dark = is_dark(shot)
        place = build_place(heap, where, seed=5, dark=dark, season=shot.season)
        person(heap, (0.3, 0, 0), 0.35, "stand", 1.74, who="Maria")
        eye: Vector = (0.0, 1.5, 2.6) if where == "room" else (0.4, 1.5, 4.2)
        camera = Camera(at=eye, target=(0.1, 1.32, 0.0), focal=1.1)
        lit = light(shot, place, camera, random.Random(4), lights=heap.lights, about=(0.3, 1.3, 0.0), front=0.35)
        world = Set(
            forms=tuple(heap.forms),
            lights=lit.lights,
            sky=lit.sky,
            ground=lit.ground,
            haze=lit.haze,
            stage_m=8,
            haze_color=lit.haze_color,
            exposure=lit.exposure,
            bounce=lit.bounce,
            fall=lit.fall,
            things=tuple(heap.things),
        )
        name = (*shot.light, *shot.weather, shot.time_of_day or "", shot.season or "")
        cells.append((" ".join(filter(None, name)), _drawn(world, camera, (150, 96), 4)))
    _sheet(cells, 9, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--only", choices=("places", "pieces", "people", "lights"))
    args = parser.parse_args()
    args.directory.mkdir(parents=True, exist_ok=True)
    for name, draw in (("places", _places), ("pieces", _pieces), ("people", _people), ("lights", _lights)):
        if args.only in (None, name):
            draw(args.directory / f"{name}.jpg")


if __name__ == "__main__":
    main()
