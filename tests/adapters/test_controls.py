"""The control passes, checked by geometry: known points through the stated camera, against what the files say.

The projection is written here again, from the numbers in the result alone.
"""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from auteur.adapters.engines.previs.controls.palette import class_of
from auteur.adapters.engines.previs.controls.pose import people
from auteur.adapters.engines.previs.controls.primary import trace
from auteur.adapters.engines.previs.frame import render_frame
from auteur.adapters.engines.previs.plugin import storyboard
from auteur.adapters.engines.previs.rendering.forms import Form, Material
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people import person as mannequin
from auteur.adapters.engines.previs.storyboard import FrameParameters
from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX
from auteur.domain.task import CONTROL_FILES
from auteur.testing.engines import EngineCase, engine_tools, made, prepared


async def test_controls_are_files_beside_the_frame_and_change_no_pixel_of_it(tmp_path: Path) -> None:
    for style in ("previs", "board"):
        async with engine_tools(tmp_path) as tools:
            case = EngineCase(storyboard(tools), tools, "text_to_image", {}, {}, [])
            asked: dict[str, Any] = {"prompt": "two friends by a car", "seed": 3, "steps": 2, "style": style}
            bare, there = await made(case, await prepared(case, asked), 1)
            pixels = pixels_of(there.directory / f"frame.png{DRAFT_SUFFIX}")
            params = await prepared(case, {**asked, "control": list(CONTROL_FILES)})
            full, here = await made(case, params, 2)
        assert (pixels == pixels_of(here.directory / f"frame.png{DRAFT_SUFFIX}")).all()
        assert [draft.name for draft in bare.drafts] == ["frame.png"]
        names = [draft.name for draft in full.drafts]
        assert names[0] == "frame.png", "the picture comes first: it stands for the take"
        assert set(CONTROL_FILES.values()) | {"control-depth16.png", "control-pose.json"} <= set(names)
        assert {draft.kind for draft in full.drafts[1:]} == {"control"}
        for draft in full.drafts[1:]:
            path = here.directory / f"{draft.name}{DRAFT_SUFFIX}"
            if draft.media_type == "image/png":
                assert pixels_of(path).shape[1::-1] == (draft.width_px, draft.height_px) == (96, 96)
            elif draft.media_type == "application/json":
                json.loads(path.read_text())
            else:
                assert draft.media_type == "model/gltf-binary"
        assert len(json.dumps(full.understood)) < 4096, "what is told to every client stays small"


async def test_the_passes_are_told_in_one_order_however_they_are_asked_for() -> None:
    asked = {"prompt": "a car", "control": ["set", "depth", "pose"]}
    assert FrameParameters.read(asked).given()["control"] == ["depth", "pose", "set"]


@pytest.mark.parametrize("control", [["depht"], ["depth", "depth"], "depth", [None], [*CONTROL_FILES, "depth"], {}])
def test_an_unknown_or_doubled_pass_is_refused_by_field(control: object) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        FrameParameters.read({"prompt": "a car", "control": control})
    assert {problem["field"].split(".")[0] for problem in refused.value.details["problems"]} == {"control"}


# --- by geometry --------------------------------------------------------------------------------------------------

PROMPTS = [
    "two shot of two friends talking in a kitchen at noon",
    "over the shoulder, two friends by a campfire at night",
    "a crowd before a church, dawn",
    "dutch angle, a detective walking in a rainy alley at night, 35mm",
    "interior, a woman sits at a desk in a room, lamp",
    "wide shot of a lighthouse at dusk, a keeper",
    "close up of a man in a forest, 400mm",
    "low angle, three soldiers run through the snow in the mountains",
    "bird's-eye view of a car and a dog on a city street",
    "extreme wide shot of a horse and a tent in the desert",
    "a corridor, a man asleep, 12mm",
    "insert of a cup of coffee and a book on a table",
    "high angle, a boat and a bench by the sea",
    "a village, a house, a tree, 90mm",
]
SIZES = [(144, 96), (96, 96), (170, 96), (64, 120), (239, 100)]
shots = given(prompt=st.sampled_from(PROMPTS), seed=st.integers(0, 2**32 - 1), size=st.sampled_from(SIZES))
often = settings(max_examples=8, suppress_health_check=list(HealthCheck))


class Told:
    """A frame's files, and the camera read out of the result's numbers again."""

    def __init__(self, directory: Path, prompt: str, seed: int, size: tuple[int, int]) -> None:
        self.width, self.height = size
        params = {"prompt": prompt, "seed": seed, "width_px": size[0], "height_px": size[1], "steps": 1}
        params |= {"style": "previs", "control": list(CONTROL_FILES)}
        arguments = {"params": params, "directory": str(directory), "draft": "frame.png", "suffix": ""}
        self.understood = json.loads(json.dumps(render_frame(arguments, lambda report: None)["understood"]))
        self.camera = self.understood["camera"]
        self.world = staged(params)[1].world
        scale = self.understood["controls"]["depth"]
        value = pixels_of(directory / "control-depth16.png").astype(float)
        self.unit = scale["unit_m"]
        self.depth = np.where(value == scale["nothing"], np.inf, scale["near_m"] + value * self.unit)
        self.inverse = pixels_of(directory / "control-depth.png")
        self.normal = pixels_of(directory / "control-normals.png")
        self.line = pixels_of(directory / "control-lineart.png")
        self.color = pixels_of(directory / "control-segmentation.png")
        self.pose = json.loads((directory / "control-pose.json").read_text())
        self.legend = json.loads((directory / "control-segmentation.json").read_text())["segments"]
        self.named = {tuple(entry["color"]): entry["name"] for entry in self.legend}

    def turn(self) -> np.ndarray:
        """The camera's right, up and back as columns, from the quaternion."""
        x, y, z, w = self.camera["rotation"]
        return np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )

    def focal(self) -> float:
        """Pixels, from the stated angle of view."""
        return float(self.height / 2 / np.tan(np.radians(self.camera["yfov_deg"]) / 2))

    def project(self, point: np.ndarray) -> tuple[float, float, float]:
        right, up, back = (np.asarray(point) - self.camera["position_m"]) @ self.turn()
        scale = self.focal() / -back if back else np.inf
        return self.width / 2 + right * scale, self.height / 2 - up * scale, -back

    def points(self) -> np.ndarray:
        """Where in the set each pixel looks at, from the distances; infinite for the sky. Shape (height, width, 3)."""
        x = (np.arange(self.width) + 0.5 - self.width / 2)[None, :, None] / self.focal()
        y = (self.height / 2 - np.arange(self.height) - 0.5)[:, None, None] / self.focal()
        right, up, back = self.turn().T
        with np.errstate(invalid="ignore"):
            return self.camera["position_m"] + self.depth[..., None] * (x * right + y * up - back)

    def name_at(self, x: float, y: float) -> str:
        return self.named[tuple(self.color[int(y), int(x)])]

    def names_around(self, x: float, y: float) -> set[str]:
        """What is seen within a pixel."""
        around = self.color[max(int(y) - 1, 0) : int(y) + 2, max(int(x) - 1, 0) : int(x) + 2].reshape(-1, 3)
        return {self.named[tuple(c)] for c in around}

    def within(self, x: float, y: float, reach: int = 0) -> bool:
        return reach <= x < self.width - reach and reach <= y < self.height - reach


@shots
@often
def test_a_known_point_lies_where_the_passes_say(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    at = np.array(told.camera["position_m"])
    for form in told.world.forms:
        name = told.world.things[form.thing].name
        for point in surface_points(form, at):
            x, y, depth = told.project(point)
            if depth < 0.05 or not told.within(x, y, 1):
                continue
            around = slice(int(y) - 1, int(y) + 2), slice(int(x) - 1, int(x) + 2)
            near, names = told.depth[around], {told.named[tuple(c)] for c in told.color[around].reshape(-1, 3)}
            step = 0.51 * told.unit + 1e-4 * depth
            if name in names:
                continue
            # what is seen there is of another thing: it is nearer, which the depth proves, unless this is but a thread
            assert (near < depth - step).any() or pixels_across(form, depth, told.focal()) < 2, (
                prompt,
                seed,
                size,
                name,
                point,
            )


@shots
@often
def test_a_distance_seen_is_the_distance_of_the_surface_that_the_colour_names(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    points = told.points()
    flat, names = points.reshape(-1, 3), np.array([told.named[tuple(c)] for c in told.color.reshape(-1, 3)])
    depth = told.depth.ravel()
    for name in set(names):
        here = (names == name) & np.isfinite(depth)
        if name in ("ground", "sea"):
            error = np.abs(flat[here][:, 1])
        elif name == "sky" or name.startswith("ridge"):
            assert not here.any(), "nothing far off has a distance"
            continue
        else:
            forms = [form for form in told.world.forms if told.world.things[form.thing].name == name]
            error = np.min([off_surface(form, flat[here]) for form in forms], axis=0)
        slack = 0.6 * told.unit * np.linalg.norm(flat[here] - told.camera["position_m"], axis=1) / depth[here] + 1e-4
        assert (error <= slack + 1e-5 * depth[here]).all(), (prompt, seed, size, name, float(error.max()))
    seen = np.isfinite(depth)
    light = told.inverse.ravel()[seen].astype(int)
    assert (np.diff(light[np.lexsort((-light, depth[seen]))]) <= 0).all(), "what is farther is never lighter"
    assert told.inverse.max() == 255, "the nearest is white"


@shots
@often
def test_normals_are_those_of_the_forms(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    points = told.points()
    encoded = told.normal.astype(float) / 127.5 - 1
    decoded = encoded * [-1, 1, 1]  # red is left
    sky = ~np.isfinite(told.depth)
    length = np.linalg.norm(decoded, axis=2)
    assert np.abs(length - 1).max() < 0.02
    decoded /= length[..., None]
    names = np.array([[told.named[tuple(c)] for c in row] for row in told.color])
    ground = np.isin(names, ("ground", "sea")) & ~sky
    assert np.allclose(decoded[ground], [0, 1, 0] @ told.turn(), atol=0.009)
    agreed: list[float] = []
    for index, thing in enumerate(told.world.things):
        mine = points[(names == thing.name) & ~sky]
        said = decoded[(names == thing.name) & ~sky]
        forms = [form for form in told.world.forms if form.thing == index]
        off = np.array([off_surface(form, mine) for form in forms])
        alone = (off < 4 * told.unit + 0.002).sum(axis=0) == 1
        for form, distance in zip(forms, off, strict=True):
            there = alone & (distance < told.unit + 0.0005)
            if np.linalg.norm(form.matrix, axis=0).min() > 40 * told.unit:  # else its distance says too little
                agreed += list(np.sum(normals_of(form, mine[there]) @ told.turn() * said[there], axis=1))
    # but for pixels on an edge, where the distance alone does not say which of two faces it is
    assert not agreed or np.quantile(agreed, 0.03) > 0.995, (prompt, seed, size)
    assert agreed or not told.world.figures


@example(prompt="a crowd before a church, dawn", seed=371, size=(144, 96))  # an ear beside the head that hides the rest
@example(prompt="a crowd before a church, dawn", seed=680704358, size=(144, 96))  # rounded into the next pixel
@shots
@often
def test_keypoints_are_the_joints_through_the_camera(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    assert (told.pose["canvas_width"], told.pose["canvas_height"]) == size
    assert len(told.pose["people"]) == sum(thing.kind == "person" for thing in told.world.things)
    for person in told.pose["people"]:
        flat = np.array(person["pose_keypoints_2d"]).reshape(18, 3)
        solid = np.array(person["pose_keypoints_3d"]).reshape(18, 4)
        assert (solid[:, 3] == 1).all()
        for (px, py, confidence), joint in zip(flat, solid[:, :3], strict=True):
            x, y, depth = told.project(joint)
            if confidence:
                assert abs(x - px) < 0.01, "to a hundredth of a pixel"
                assert abs(y - py) < 0.01, "to a hundredth of a pixel"
                assert person["name"] in told.names_around(px, py)
                mine = told.name_at(px, py) == person["name"]
                assert mine or told.depth[int(py), int(px)] > depth - told.unit, "nothing of another is before it"
            else:
                assert (px, py) == (0, 0)
                x, y = round(x, 3), round(y, 3)  # as it would be told
                inside = depth > 0 and told.within(x, y)
                hidden = inside and (
                    told.depth[int(y), int(x)] < depth or person["name"] not in told.names_around(x, y)
                )
                assert not inside or hidden, "not seen, and nothing is nearer"


def test_the_eighteen_keypoints_are_a_body_in_the_order_of_openpose() -> None:
    """Of a mannequin that stands and looks at the camera: its right is on the picture's left."""
    front = Camera(at=(0.0, 1.0, 4.0), target=(0.0, 1.0, 0.0), focal=1.2)
    for seed in range(3):
        world = standing(seed)
        (body,) = people(world, trace(world, front, 200, 300), front)
        x, y, seen = np.array(body["pose_keypoints_2d"]).reshape(18, 3).T
        assert seen.all(), "all of it is in the picture"
        head_to_foot = [[14, 0, 1, 2], [15, 0, 1, 5], [2, 3, 4], [5, 6, 7], [1, 8, 9, 10], [1, 11, 12, 13]]
        assert all((np.diff(y[chain]) >= 0).all() for chain in head_to_foot), seed
        for right, left in ((2, 5), (3, 6), (4, 7), (8, 11), (9, 12), (10, 13), (14, 15), (16, 17)):
            assert x[right] < 100 < x[left], "right and left are the person's own"
        assert x[16] < x[14] < x[15] < x[17], "ears are outside of the eyes"
        back = Camera(at=(0.0, 1.0, -4.0), target=(0.0, 1.0, 0.0), focal=1.2)
        (body,) = people(world, trace(world, back, 200, 300), back)
        x, _, seen = np.array(body["pose_keypoints_2d"]).reshape(18, 3).T
        assert not seen[[0, 14, 15]].any(), "from behind a head has no face"
        assert seen[[1, 2, 5, 8, 11]].all()
        assert x[2] > 100 > x[5], "and right is right"


def test_what_stands_before_a_person_hides_its_joints() -> None:
    front = Camera(at=(0.0, 1.0, 4.0), target=(0.0, 1.0, 0.0), focal=1.2)
    world = standing(1, lambda heap: heap.box((0.0, 0.0, 1.0), (2.0, 1.0, 0.1), (0.5, 0.5, 0.5)))
    (body,) = people(world, trace(world, front, 200, 300), front)
    seen = np.array(body["pose_keypoints_2d"]).reshape(18, 3)[:, 2]
    places = np.array(body["pose_keypoints_3d"]).reshape(18, 4)
    assert not seen[[9, 10, 12, 13]].any(), "the legs are behind the wall"
    assert seen[[0, 1, 2, 5, 14, 15]].all(), "the rest looks over it"
    assert (places[[10, 13], 1] < 0.2).all(), "and its feet are where they are"


def standing(seed: int, more: Callable[[Props], None] = lambda heap: None) -> Set:
    """A mannequin that looks towards +z, with more of what there is."""
    heap = Props(random.Random(seed))
    mannequin(heap, (0.0, 0.0, 0.0), 0.0, "stand")
    with heap.thing("wall"):
        more(heap)
    sky = Sky((0.2, 0.3, 0.5), (0.6, 0.6, 0.6), (0.0, 1.0, 0.0), (1.0, 1.0, 1.0))
    things, figures = tuple(heap.things), tuple(heap.figures)
    return Set(tuple(heap.forms), (), sky, Material((0.2, 0.2, 0.2)), things=things, figures=figures)


@shots
@often
def test_the_horizon_is_where_the_camera_says(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    names = np.array([[told.named[tuple(c)] for c in row] for row in told.color])
    low = np.isin(names, ("ground", "sea"))
    open_ = ~np.isfinite(told.depth) & ~low
    right, up, back = told.turn().T
    for column in range(told.width):
        edges = np.flatnonzero(open_[:-1, column] & low[1:, column])
        u = (column + 0.5 - told.width / 2) / told.focal()
        v = (back[1] - right[1] * u) / up[1] if abs(up[1]) > 1e-9 else np.inf
        meant = told.height / 2 - v * told.focal()
        assert all(abs(edge + 1 - meant) <= 1 for edge in edges), (prompt, seed, size, column)
    stated = told.camera["horizon_y_px"]
    if stated is not None:
        assert abs(stated - (told.height / 2 - back[1] / up[1] * told.focal())) < 0.01


@shots
@often
def test_the_legend_counts_what_the_picture_shows(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    assert len(told.named) == len(told.legend), "each colour means one thing"
    assert sum(entry["pixels"] for entry in told.legend) == size[0] * size[1], "and each pixel means something"
    for entry in told.legend:
        mask = (told.color == entry["color"]).all(axis=2)
        assert mask.sum() == entry["pixels"]
        assert "#{:02x}{:02x}{:02x}".format(*entry["color"]) == entry["hex"]
        if entry["box"]:
            left, top, right, bottom = entry["box"]
            assert mask[top:bottom, left:right].sum() == entry["pixels"]
            edges = mask[top], mask[bottom - 1], mask[:, left], mask[:, right - 1]
            assert all(edge.any() for edge in edges), "and no smaller one does"
    people = [entry["name"] for entry in told.legend if entry["kind"] == "person"]
    assert sorted(people) == sorted(person["name"] for person in told.pose["people"])


@shots
@often
def test_lines_are_where_one_thing_ends_and_nowhere_on_the_open_ground_or_sky(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, seed: int, size: tuple[int, int]
) -> None:
    told = Told(tmp_path_factory.mktemp("frame"), prompt, seed, size)
    ids = told.color.astype(int) @ [65536, 256, 1]
    ends = np.zeros(ids.shape, bool)
    ends[:-1] |= ids[:-1] != ids[1:]
    ends[:, :-1] |= ids[:, :-1] != ids[:, 1:]
    assert (grown(told.line > 127, 1)[ends]).mean() > 0.999 if ends.any() else True
    plain = [color for color, name in told.named.items() if name in ("ground", "sea", "sky")]
    empty = np.isin(ids, [r * 65536 + g * 256 + b for r, g, b in plain]) & ~grown(ends, 3)
    assert not told.line[empty].any()


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_same_set_at_another_size_has_heads_and_horizon_in_the_same_place(tmp_path: Path, prompt: str) -> None:
    places = []
    for number, size in enumerate([(96, 64), (192, 128), (384, 256)]):
        (tmp_path / str(number)).mkdir()
        told = Told(tmp_path / str(number), prompt, 5, size)
        solid = [np.array(person["pose_keypoints_3d"]).reshape(18, 4)[0, :3] for person in told.pose["people"]]
        noses = [np.array(told.project(nose)[:2]) / size for nose in solid]
        horizon = (told.camera["horizon_y_px"] or 0) / size[1]
        places.append(np.array([horizon, *np.ravel(noses)]))
    assert np.ptp(places, axis=0).max() < 0.001, "of the frame"


def test_every_kind_of_thing_that_is_built_has_a_class_of_its_own() -> None:
    kinds = set()
    props = (
        "car boat house tower tent fire table chair bench bed lamp door rock lone tree horse dog cup book phone candle"
    )
    for place in ("coast", "desert", "forest", "mountain", "city", "village", "field", "room", "kitchen", "corridor"):
        for prompt in (
            f"{place}, {props}, lighthouse",
            f"{place}, a man sits",
            *(f"{place}, {p}" for p in props.split()),
        ):
            world = staged({"prompt": f"{prompt}, night", "width_px": 96, "height_px": 64, "seed": 1})[1].world
            kinds |= {thing.kind for thing in world.things}
            assert all(world.things[form.thing] for form in world.forms)
    assert kinds > {"person", "wall"}
    assert {kind for kind in kinds if class_of(kind) == "box"} == set()


def surface_points(form: Form, eye: np.ndarray) -> np.ndarray:
    """Some points of the form's surface that face the eye, a hair inside its outline."""
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    if form.shape == "box":
        local = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.98
    elif form.shape == "ball":
        away = np.linalg.inv(form.matrix) @ (eye - form.at)
        local = np.array([[np.cos(a) * np.cos(b), np.sin(b), np.sin(a) * np.cos(b)] for a in turns for b in (-1, 0, 1)])
        local = np.array([p for p in [*local, [0, 0.99, 0]] if p @ away > 1])
    else:
        local = np.array(
            [[np.cos(a) * w, h, np.sin(a) * w] for a in turns for h, w in ((0.02, 0.98), (0.98, 0.98 * form.taper))]
        )
    return form.at + local @ form.matrix.T if len(local) else np.zeros((0, 3))


def normals_of(form: Form, points: np.ndarray) -> np.ndarray:
    """The unit normals of the form's surface at points of it."""
    local = (points - form.at) @ np.linalg.inv(form.matrix).T
    if form.shape == "ball":
        normal = local
    elif form.shape == "box":
        normal = np.where(np.abs(local) == np.abs(local).max(axis=1, keepdims=True), np.sign(local), 0)
    else:
        wide = 1 + (form.taper - 1) * local[:, 1]
        reach = np.linalg.norm(form.matrix, axis=0)
        caps = np.minimum(np.abs(local[:, 1]), np.abs(local[:, 1] - 1)) * reach[1]
        on_cap = caps < np.abs(np.hypot(local[:, 0], local[:, 2]) - wide) * reach[0]
        normal = np.stack([local[:, 0], (1 - form.taper) * wide, local[:, 2]], axis=1)
        normal[on_cap] = np.stack([0 * caps, np.sign(local[:, 1] - 0.5), 0 * caps], axis=1)[on_cap]
    world = normal @ np.linalg.inv(form.matrix)
    return world / np.linalg.norm(world, axis=1, keepdims=True)


def pixels_across(form: Form, depth: float, focal: float) -> float:
    """How wide the form is where it is narrowest."""
    reach = np.linalg.norm(form.matrix, axis=0) * ([1, 0.5, 1] if form.shape == "cone" else 1)
    if form.shape == "cone":
        reach = reach * [min(1, form.taper), 1, min(1, form.taper)]
    return float(2 * reach.min() * focal / depth)


def off_surface(form: Form, points: np.ndarray) -> np.ndarray:
    """About how far the points are from the form's surface, in metres."""
    reach = np.linalg.norm(form.matrix, axis=0)
    local = (points - form.at) @ np.linalg.inv(form.matrix).T
    if form.shape == "ball":
        radius = np.linalg.norm(local, axis=1)
        slope = np.linalg.norm(local @ np.linalg.inv(form.matrix), axis=1) / np.maximum(radius, 1e-9)
        return np.abs(radius - 1) / np.maximum(slope, 1e-9)
    if form.shape == "box":
        outside = np.linalg.norm(np.maximum(np.abs(local) - 1, 0) * reach, axis=1)
        return outside + np.where(outside > 0, 0, np.min(np.abs(1 - np.abs(local)) * reach, axis=1))
    wide = 1 + (form.taper - 1) * local[:, 1]
    round_ = np.maximum(np.hypot(local[:, 0], local[:, 2]), 1e-9)
    out_of_it = np.stack([local[:, 0] / round_, np.full(len(local), 1 - form.taper), local[:, 2] / round_], axis=1)
    slope = np.linalg.norm(out_of_it @ np.linalg.inv(form.matrix), axis=1)  # a cone may be flat
    side = np.abs(round_ - wide) / np.maximum(slope, 1e-9)
    beyond = np.maximum(np.maximum(-local[:, 1], local[:, 1] - 1), 0) * reach[1]
    caps = np.minimum(np.abs(local[:, 1]), np.abs(local[:, 1] - 1)) * reach[1]
    out = np.maximum(np.hypot(local[:, 0], local[:, 2]) - wide, 0) * reach[0]
    return np.minimum(side + beyond, caps + out)


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """The mask and what is so many pixels beside it."""
    wide = np.pad(mask, by)
    return np.max([np.roll(wide, (y, x), (0, 1)) for y in range(-by, by + 1) for x in range(-by, by + 1)], axis=0)[
        by:-by, by:-by
    ]


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)
