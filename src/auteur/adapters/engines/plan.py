"""The floor plan of a shot: walls, things, people with where they face, the camera with its field of view and its move.

Drawn from plain data, `understood.stage` and `understood.camera`, as primitives that SVG and PNG are both made of, so
that the two never differ. Seen from above: x to the right, z, towards the default camera, downwards.

Long because what is drawn, and both ways in which it is drawn, must be read together to be kept the same.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]

PAPER, INK, FAINT = "#ffffff", "#22262b", "#b9bfc6"
_WALL, _PROP, _PROP_EDGE = "#3a3f46", "#e4e7ea", "#8b929a"
_PERSON, _PERSON_EDGE = "#2f6fb2", "#173f69"
_CAMERA, _FIELD, _FIELD_EDGE = "#c2401c", "#f6d9cf", "#e0957d"
_LEAST_ACROSS_M = 3.0
_MARGIN_M = 0.7
_SHOULDERS_M = 0.23
_OVERSAMPLED = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """A polygon or, open, a line of points in pixels. ``width``: of its stroke in pixels."""

    points: tuple[Point, ...]
    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle in pixels."""

    at: Point
    radius: float
    fill: str
    stroke: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text, its middle at ``at``; ``anchor``: middle, start or end of the line."""

    at: Point
    text: str
    size: float
    color: str = INK
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Plan:
    """A drawing of so many pixels, from back to front."""

    width: int
    height: int
    parts: tuple[Shape | Disc | Words, ...]


@dataclass(slots=True)
class _Sheet:
    """Metres of the set onto pixels of the drawing."""

    left: float
    top: float
    scale: float
    parts: list[Shape | Disc | Words] = field(default_factory=list)

    def at(self, x: float, z: float) -> Point:
        return round((x - self.left) * self.scale, 2), round((z - self.top) * self.scale, 2)

    def shape(self, points: Sequence[Point], **how: Any) -> None:
        self.parts.append(Shape(tuple(self.at(*point) for point in points), **how))


def draw_plan(
    understood: Mapping[str, Any],
    *,
    width: int,
    height: int,
    title: str = "",
    path_m: Sequence[Sequence[float]] = (),
) -> Plan | None:
    """The plan, None where nothing says where the camera is. ``path_m``: the camera's places of a film, x, y, z;
    without them a move that was asked for is drawn as an arrow of a metre."""
    camera = _mapping(understood.get("camera"))
    at, ahead = _vector(camera.get("position_m")), _vector(camera.get("ahead"))
    if at is None or ahead is None:
        return None
    stage = _mapping(understood.get("stage"))
    people = [person for person in map(_mapping, _list(stage.get("people"))) if _vector(person.get("at_m"))]
    props = [
        prop
        for prop in map(_mapping, _list(stage.get("props")))
        if _vector(prop.get("at_m")) and _vector(prop.get("size_m"))
    ]
    path = [(found[0], found[2]) for found in map(_vector, path_m) if found is not None]
    sheet = _sheet(at, people, props, path, width, height)
    reach = 2 * math.hypot(width, height) / sheet.scale
    heading = math.atan2(ahead[0], ahead[2])
    xfov = math.radians(min(max(float(camera.get("xfov_deg") or 40.0), 1.0), 175.0))
    flat = math.hypot(ahead[0], ahead[2]) > 0.2
    if flat:
        edges = [
            (at[0] + reach * math.sin(heading + turn), at[2] + reach * math.cos(heading + turn))
            for turn in (-xfov / 2, xfov / 2)
        ]
        sheet.shape([(at[0], at[2]), *edges], fill=_FIELD, stroke=_FIELD_EDGE, width=1.0)
    for wall in _list(stage.get("walls_m")):
        ends = _numbers(wall, 4)
        if ends is not None:
            sheet.shape([(ends[0], ends[1]), (ends[2], ends[3])], stroke=_WALL, width=4.0, is_closed=False)
    for prop in props:
        _prop(sheet, prop)
    for person in people:
        _person(sheet, person)
    _move(sheet, at, heading, path, understood)
    _camera_mark(sheet, (at[0], at[2]), heading, flat)
    _scale_bar(sheet, width, height)
    if title:
        sheet.parts.append(Words((12, 18), title, 15, INK, "start"))
    return Plan(width, height, tuple(sheet.parts))


def _sheet(
    at: Sequence[float], people: Sequence[Any], props: Sequence[Any], path: Sequence[Point], width: int, height: int
) -> _Sheet:
    """People, the camera and its way are all inside; of things what is not far off."""
    seen = [(at[0], at[2]), *path]
    seen += [(person["at_m"][0], person["at_m"][2]) for person in people]
    reach = 6.0 + max(math.dist(seen[0], point) for point in seen)
    for prop in props:
        place, size = prop["at_m"], prop["size_m"]
        if math.dist((place[0], place[2]), seen[0]) < reach:
            half = math.hypot(size[0], size[2]) / 2
            seen += [(place[0] - half, place[2] - half), (place[0] + half, place[2] + half)]
    xs, zs = [x for x, _ in seen], [z for _, z in seen]
    across = max(max(xs) - min(xs), _LEAST_ACROSS_M) + 2 * _MARGIN_M
    deep = max(max(zs) - min(zs), _LEAST_ACROSS_M * height / width) + 2 * _MARGIN_M
    scale = min(width / across, height / deep)
    middle_x, middle_z = (max(xs) + min(xs)) / 2, (max(zs) + min(zs)) / 2
    return _Sheet(middle_x - width / scale / 2, middle_z - height / scale / 2, scale)


def _prop(sheet: _Sheet, prop: Mapping[str, Any]) -> None:
    (x, _, z), (wide, _, deep) = prop["at_m"], prop["size_m"]
    turn = math.radians(float(prop.get("heading_deg") or 0.0))
    corners = [(-wide / 2, -deep / 2), (wide / 2, -deep / 2), (wide / 2, deep / 2), (-wide / 2, deep / 2)]
    across, along = (math.cos(turn), -math.sin(turn)), (math.sin(turn), math.cos(turn))
    turned = [(x + a * across[0] + b * along[0], z + a * across[1] + b * along[1]) for a, b in corners]
    sheet.shape(turned, fill=_PROP, stroke=_PROP_EDGE, width=1.2)
    if max(wide, deep) * sheet.scale > 30:
        sheet.parts.append(Words(sheet.at(x, z), str(prop.get("name", "")), 11, _PROP_EDGE))


def _person(sheet: _Sheet, person: Mapping[str, Any]) -> None:
    x, z = person["at_m"][0], person["at_m"][2]
    radius = max(_SHOULDERS_M * sheet.scale, 6.0)
    for name, length, color in (("facing_deg", 1.9, _PERSON_EDGE), ("look_deg", 3.0, _PERSON)):
        turn = math.radians(float(person.get(name) or 0.0))
        tip = radius * length / sheet.scale
        end = (x + tip * math.sin(turn), z + tip * math.cos(turn))
        if name == "facing_deg":
            sides = [
                (x + radius / sheet.scale * math.sin(turn + s), z + radius / sheet.scale * math.cos(turn + s))
                for s in (-1.1, 1.1)
            ]
            sheet.shape([sides[0], end, sides[1]], fill=color)
        else:
            sheet.shape([(x, z), end], stroke=color, width=1.6, is_closed=False)
    sheet.parts.append(Disc(sheet.at(x, z), radius, _PERSON, _PERSON_EDGE, 1.5))
    at = sheet.at(x, z)
    above = math.cos(math.radians(float(person.get("facing_deg") or 0.0))) > 0  # the name is where the nose is not
    sheet.parts.append(Words((at[0], at[1] + (-1 if above else 1) * (radius + 10)), str(person.get("name", "")), 12))


def _camera_mark(sheet: _Sheet, at: Point, heading: float, flat: bool) -> None:
    size = 11.0 / sheet.scale
    ahead = (math.sin(heading), math.cos(heading))
    side = (ahead[1], -ahead[0])

    def point(along: float, across: float) -> Point:
        return (
            at[0] + size * (along * ahead[0] + across * side[0]),
            at[1] + size * (along * ahead[1] + across * side[1]),
        )

    sheet.shape([point(-1.6, -0.75), point(0, -0.75), point(0, 0.75), point(-1.6, 0.75)], fill=_CAMERA)
    if flat:
        sheet.shape([point(0, -0.3), point(0.9, -0.75), point(0.9, 0.75), point(0, 0.3)], fill=_CAMERA)
    else:  # straight down or up
        sheet.parts.append(Disc(sheet.at(*at), 5, PAPER, _CAMERA, 2))


_ARROWS: Mapping[str, tuple[float, float]] = {
    "push_in": (1.0, 0.0), "pull_out": (-1.0, 0.0), "truck_left": (0.0, -1.0), "truck_right": (0.0, 1.0),
    "dolly_zoom": (1.0, 0.0), "tracking": (1.0, 0.0), "truck": (0.0, 1.0),
}  # fmt: skip
_TURNS: Mapping[str, int] = {"pan_left": -1, "pan_right": 1, "pan": 1, "whip_pan": 1, "orbit": 1}


def _move(
    sheet: _Sheet, at: Sequence[float], heading: float, path: Sequence[Point], understood: Mapping[str, Any]
) -> None:
    if len(path) > 1 and max(math.dist(path[0], point) for point in path) > 0.05:
        _arrow(sheet, path)
        return
    ahead, side = (math.sin(heading), math.cos(heading)), (-math.cos(heading), math.sin(heading))
    for move in map(_mapping, _list(understood.get("moves"))):
        kind = str(move.get("kind"))
        if kind in _ARROWS:
            along, across = _ARROWS[kind]
            end = (at[0] + along * ahead[0] + across * side[0], at[2] + along * ahead[1] + across * side[1])
            _arrow(sheet, [(at[0], at[2]), end])
        elif kind in _TURNS:
            steps = [heading - _TURNS[kind] * math.radians(turn) for turn in range(-20, 21, 4)]
            _arrow(sheet, [(at[0] + 0.9 * math.sin(turn), at[2] + 0.9 * math.cos(turn)) for turn in steps])


def _arrow(sheet: _Sheet, path: Sequence[Point]) -> None:
    sheet.shape(path, stroke=_CAMERA, width=2.5, is_closed=False)
    end = path[-1]
    before = next((point for point in reversed(path) if math.dist(point, end) * sheet.scale > 6), path[0])
    turn = math.atan2(end[0] - before[0], end[1] - before[1])
    size = 10.0 / sheet.scale
    sides = [(end[0] - size * math.sin(turn + s), end[1] - size * math.cos(turn + s)) for s in (-0.45, 0.45)]
    sheet.shape([sides[0], end, sides[1]], fill=_CAMERA)


def _scale_bar(sheet: _Sheet, width: int, height: int) -> None:
    metres = next((m for m in (1, 2, 5, 10, 20, 50, 100) if m * sheet.scale >= 40), 200)
    long = metres * sheet.scale
    x, y = width - 14 - long, height - 14
    sheet.parts.append(Shape(((x, y - 4), (x, y), (x + long, y), (x + long, y - 4)), None, INK, 1.5, False))
    sheet.parts.append(Words((x + long / 2, y - 9), f"{metres} m", 11))


# --- the two kinds of files -------------------------------------------------------------------------------------------


def as_svg(plan: Plan) -> str:
    """The drawing as SVG 1.1."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{plan.width}" height="{plan.height}" '
        f'viewBox="0 0 {plan.width} {plan.height}" font-family="Noto Sans, sans-serif">',
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
    ]
    for part in plan.parts:
        if isinstance(part, Shape):
            points = " ".join(f"{x:g},{y:g}" for x, y in part.points)
            tag = "polygon" if part.is_closed else "polyline"
            stroke = f' stroke="{part.stroke}" stroke-width="{part.width:g}"' if part.stroke else ""
            lines.append(f'<{tag} points="{points}" fill="{part.fill or "none"}"{stroke} stroke-linejoin="round"/>')
        elif isinstance(part, Disc):
            lines.append(
                f'<circle cx="{part.at[0]:g}" cy="{part.at[1]:g}" r="{part.radius:g}" fill="{part.fill}" '
                f'stroke="{part.stroke}" stroke-width="{part.width:g}"/>'
            )
        else:
            lines.append(
                f'<text x="{part.at[0]:g}" y="{part.at[1]:g}" font-size="{part.size:g}" fill="{part.color}" '
                f'text-anchor="{part.anchor}" dominant-baseline="central">{escape(_printable(part.text))}</text>'
            )
    return "\n".join([*lines, "</svg>"]) + "\n"


def as_picture(plan: Plan) -> Image.Image:
    """The drawing as pixels, RGB."""
    much = _OVERSAMPLED
    image = Image.new("RGB", (plan.width * much, plan.height * much), PAPER)
    draw = ImageDraw.Draw(image)
    for part in plan.parts:
        if isinstance(part, Shape):
            points = [(x * much, y * much) for x, y in part.points]
            if part.fill:
                draw.polygon(points, fill=part.fill)
            if part.stroke:
                line = [*points, points[0]] if part.is_closed else points
                draw.line(line, fill=part.stroke, width=round(part.width * much), joint="curve")
        elif isinstance(part, Disc):
            (x, y), r = part.at, part.radius
            box = ((x - r) * much, (y - r) * much, (x + r) * much, (y + r) * much)
            draw.ellipse(box, fill=part.fill, outline=part.stroke, width=round(part.width * much))
    image = image.resize((plan.width, plan.height), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(image)
    for part in plan.parts:
        if isinstance(part, Words):
            anchor = {"middle": "mm", "start": "lm", "end": "rm"}[part.anchor]
            draw.text(part.at, _printable(part.text), font=_font(round(part.size)), anchor=anchor, fill=part.color)
    return image


@lru_cache(maxsize=16)
def _font(size_px: int) -> Any:
    return ImageFont.load_default(size_px)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:60]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _numbers(value: Any, count: int) -> list[float] | None:
    if not isinstance(value, (list, tuple)) or len(value) != count:
        return None
    if not all(isinstance(one, (int, float)) and math.isfinite(one) for one in value):
        return None
    return [float(one) for one in value]


def _vector(value: Any) -> list[float] | None:
    return _numbers(value, 3)
