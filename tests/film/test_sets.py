"""Places, pieces, people and light, held to what they promise: sizes, marks, walls, joints, looks, levels of light."""

import itertools
import math
import random

import numpy as np
import pytest

from auteur.adapters.engines.previs.controls.pose import KEYPOINTS, people
from auteur.adapters.engines.previs.controls.primary import trace
from auteur.adapters.engines.previs.reading.shot import LIGHTS, POSES, TIMES_OF_DAY, WEATHERS, Shot
from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.rendering.render import Renderer
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.light import light
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people import POSES as BUILT
from auteur.adapters.engines.previs.staging.people import Looks, looks_of, person, pose_of, wears
from auteur.adapters.engines.previs.staging.pieces import PIECES, Extent, Look, put
from auteur.adapters.engines.previs.staging.places import ENTRIES, Place, build_place, resolve
from auteur.adapters.engines.previs.staging.props import canonical, measure, place_prop

_SKY = Sky((0.4, 0.4, 0.5), (0.6, 0.6, 0.6), (0.3, 0.8, 0.5), (1.5, 1.5, 1.4), 0.05)


def built(name: str, seed: int = 5, **how: object) -> tuple[Place, Props]:
    heap = Props(random.Random(1))
    return build_place(heap, name, seed=seed, **how), heap  # type: ignore[arg-type]


def forms_of(heap: Props) -> list[tuple[object, ...]]:
    return [(f.shape, f.matrix.round(9).tolist(), f.at.round(9).tolist(), f.material) for f in heap.forms]


@pytest.mark.parametrize("name", ENTRIES)
def test_a_place_has_room_for_the_action_and_comes_of_its_own_seed_alone(name: str) -> None:
    place, heap = built(name)
    other = Props(random.Random(99))
    build_place(other, name, seed=5)
    assert forms_of(heap) == forms_of(other), "chance of the shot changes nothing"
    assert len(heap.forms) <= 320, "what a pass costs is bounded"
    assert place.spots, "somebody can stand there"
    for (x, y, z), _ in place.spots:
        eye = np.array([x, y + (1.45 if (place.ceiling_m or 9) > 1.6 else 1.1), z])
        boxes = [form for form in heap.forms if form.shape == "box"]
        inside = [f for f in boxes if (np.abs(np.linalg.solve(f.matrix, eye - f.at)) < 1).all()]
        assert not inside, (name, (x, z), [heap.things[f.thing].kind for f in inside])
    for mark in place.pieces:
        assert all(side > 0 for side in mark.mark.size_m)


def test_another_seed_is_another_set_of_the_same_place() -> None:
    (_, one), (_, two) = built("forest", 1), built("forest", 2)
    assert forms_of(one) != forms_of(two)


def test_the_median_place_has_under_a_hundred_and_fifty_forms() -> None:
    assert np.median([len(built(name)[1].forms) for name in ENTRIES]) < 150


@pytest.mark.parametrize("name", ["kitchen", "bar", "office", "prison cell", "living room"])
def test_walls_are_struck_from_behind_and_stand_from_within(name: str) -> None:
    place, heap = built(name)
    inside = (0.0, 1.5, 0.0)
    assert not place.struck(inside)
    (west, _, east, _) = min(x for x, *_ in place.walls), 0, max(x for x, *_ in place.walls), 0
    for eye in ((0.0, 1.6, 9.0), (0.0, 1.6, -9.0), (west - 3, 1.6, 0.0), (east + 3, 1.6, 0.0), (0.0, 9.0, 0.1)):
        struck = place.struck(eye)
        assert struck, eye
        ray = np.array(inside) - eye
        for index, form in enumerate(heap.forms):
            if heap.things[form.thing].kind in ("wall", "ceiling") and index not in struck:
                o, d = np.linalg.solve(form.matrix, eye - form.at), np.linalg.solve(form.matrix, ray)
                d = np.where(np.abs(d) < 1e-9, 1e-9, d)
                first, second = (-1 - o) / d, (1 - o) / d
                enter, leave = np.minimum(first, second).max(), np.maximum(first, second).min()
                assert not (enter < leave and 0 < enter < 0.98), (name, eye, heap.things[form.thing].name)
    segments = {tuple(np.round(segment, 6)) for segment in place.walls}
    assert len(segments) == len(place.walls) == 4, "the plan has each wall once"


def test_the_fourth_wall_is_built_for_a_camera_within_and_not_for_one_without() -> None:
    place, heap = built("kitchen", front=False)
    count = len(heap.forms)
    assert not place.close((0.0, 1.6, 6.0))
    assert len(heap.forms) == count
    assert place.close((0.0, 1.6, 0.5))
    assert len(heap.forms) > count
    whole, _ = built("kitchen")
    assert {*whole.walls} > {*place.walls}


@pytest.mark.parametrize(
    ("name", "within", "int_ext", "found", "told"),
    [
        ("kitchen", "farmhouse", "INT", "kitchen", False),
        ("flat", None, "INT", "living room", False),
        ("church", None, "EXT", "village square", False),
        ("night market", None, None, "market street", False),
        ("palace", None, "INT", "ballroom", True),
        ("mountain road", None, "EXT", "mountain road", False),
        ("zorble", None, "INT", "stage", True),
        ("zorble", "hospital", "INT", "hospital corridor", True),
        (None, None, "INT", "stage", False),
    ],
)
def test_a_place_that_is_not_known_is_the_nearest_and_says_so(
    name: str | None, within: str | None, int_ext: str | None, found: str, told: bool
) -> None:
    built_as, said = resolve(name, within, int_ext)
    assert built_as == found
    assert bool(said) == told
    assert not told or str(name) in str(said)


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_is_as_large_as_it_says_and_turns_about_its_foot(name: str) -> None:
    heap = Props(random.Random(1))
    look = Look(size_m=(0.6, 0.7, 0.5)) if name == "block" else None
    put(heap, name, look=look)
    extent, said = Extent.of(heap), PIECES[name].size_m if name != "block" else (0.6, 0.7, 0.5)
    high = extent.high[1] - PIECES[name].hung_m
    for measured, meant in ((extent.size_m[0], said[0]), (extent.size_m[2], said[2])):
        assert abs(measured - meant) < 0.36 * max(measured, meant) + 0.05, (extent.size_m, said)
    hung = PIECES[name].hung_m > 0
    assert hung or name in ("rock", "tree", "pine") or abs(high - said[1]) < 0.36 * max(high, said[1]) + 0.05
    turned = Props(random.Random(1))
    mark = put(turned, name, (3.0, 0.5, -2.0), math.pi / 2, look=look)
    moved = Extent.of(turned)
    assert np.allclose([moved.low[0] - 3, moved.low[1] - 0.5], [extent.low[2], extent.low[1]], atol=1e-6)
    assert mark.at == pytest.approx((3.0, 0.5 + PIECES[name].hung_m, -2.0))
    assert mark.heading_rad == pytest.approx(math.pi / 2)


def test_a_noun_that_nobody_knows_is_a_block_of_a_sensible_size_called_by_its_name() -> None:
    heap = Props(random.Random(1))
    mark = place_prop(heap, "frobnicator", (1.0, 0.0, 0.0))
    assert canonical("frobnicator") is None
    assert (mark.name, heap.things[0].kind) == ("frobnicator", "frobnicator")
    assert mark.size_m == measure("frobnicator")
    assert all(0.2 < side < 1 for side in mark.size_m)
    assert canonical("old oak") == "tree"
    assert canonical("coffee cup") == "cup"
    assert canonical("suitcases") == "suitcase"


def body(pose: str = "stand", **how: object) -> tuple[dict[str, Vector], Props]:
    heap = Props(random.Random(3))
    return person(heap, (0.0, 0.0, 0.0), 0.0, pose, 1.76, looks=Looks(), **how), heap  # type: ignore[arg-type]


@pytest.mark.parametrize("pose", [*POSES, *BUILT])
def test_every_pose_keeps_its_bones_and_stays_over_the_floor(pose: str) -> None:
    assert pose_of(pose) is not None
    joints, heap = body(pose)
    assert {*KEYPOINTS, "crown", "chin", "left_hand", "right_hand", "left_foot", "right_foot"} <= joints.keys()
    at = {name: np.array(point) for name, point in joints.items()}
    for own in ("left", "right"):
        for a, b, long in (
            ("shoulder", "elbow", 0.29),
            ("elbow", "wrist", 0.26),
            ("hip", "knee", 0.43),
            ("knee", "ankle", 0.43),
        ):
            assert np.linalg.norm(at[f"{own}_{a}"] - at[f"{own}_{b}"]) == pytest.approx(long, abs=1e-6), (own, a, b)
    assert Extent.of(heap).low[1] > -0.1, "nothing is in the ground"
    assert np.linalg.norm(at["crown"] - at["chin"]) == pytest.approx(0.25, abs=0.03)


def test_poses_differ_from_each_other() -> None:
    shapes = {pose: np.array([point for _, point in sorted(body(pose)[0].items())]) for pose in BUILT}
    for one, two in itertools.combinations(shapes, 2):
        assert np.abs(shapes[one] - shapes[two]).max() > 0.08, (one, two)


@pytest.mark.parametrize(
    "target", [(3.0, 1.6, 3.0), (-3.0, 1.6, 3.0), (0.5, 3.4, 3.0), (0.0, 0.2, 1.6), (-2.0, 1.6, 5.0)]
)
def test_the_nose_points_to_what_is_looked_at(target: Vector) -> None:
    joints, _ = body(look=target)
    at = {name: np.array(point) for name, point in joints.items()}
    ears = (at["left_ear"] + at["right_ear"]) / 2
    ahead, way = at["nose"] - ears, np.array(target) - ears
    cosine = ahead @ way / np.linalg.norm(ahead) / np.linalg.norm(way)
    assert math.degrees(math.acos(min(cosine, 1.0))) < 24


def test_a_neck_turns_seventy_degrees_and_no_further() -> None:
    joints, _ = body(look=(0.5, 1.6, -5.0))
    left, right = np.array(joints["left_ear"]), np.array(joints["right_ear"])
    turn = math.degrees(math.atan2(-(left - right)[2], (left - right)[0]))
    assert turn == pytest.approx(70, abs=1)


def test_one_sits_as_high_as_the_seat_and_reaches_where_a_hand_shall_be() -> None:
    for seat in (0.4, 0.46, 0.72):
        joints, _ = body("sit", seat_m=seat)
        assert joints["left_hip"][1] == pytest.approx(seat + 0.075, abs=0.03)
    point = (0.35, 1.2, 0.3)
    joints, _ = body(hands={"left": point})
    assert joints["left_wrist"] == pytest.approx(point, abs=0.01)


def test_held_things_are_in_the_hand_and_worn_things_on_the_body() -> None:
    bare = len(body()[1].forms)
    for what in ("knife", "umbrella", "suitcase", "newspaper", "rifle", "child", "guitar", "frobnicator"):
        joints, heap = body(holding=(what,))
        own = [form for form in heap.forms if heap.things[form.thing].kind == what]
        assert own, what
        hands = [np.array(joints[f"{side}_hand"]) for side in ("left", "right")]
        nearest = min(np.linalg.norm(form.at - hand) for form in own for hand in hands)
        assert nearest < 0.45, what
    for what in ("hat", "red scarf", "glasses", "apron", "coat", "helmet", "dress"):
        assert wears(what)
        assert len(body(wearing=(what,))[1].forms) > bare, what
    assert wears("blue jeans")
    assert not wears("zorble")


def test_a_name_looks_the_same_in_every_shot_and_words_change_who_one_is() -> None:
    assert looks_of("Maria") == looks_of("Maria")
    assert looks_of("Maria", seed=2) != looks_of("Maria", seed=3)
    assert looks_of("Maria").sex == "woman"
    assert looks_of("boy").height_m < 1.4 < looks_of("fisherman").height_m
    assert looks_of("old man").age == "elderly"
    assert looks_of("man", ("fat",)).girth > 1.2 > looks_of("man", ("thin",)).girth + 0.2
    assert "wedding dress" in looks_of("bride").wearing


def test_a_body_far_off_has_half_the_forms_of_one_that_is_near() -> None:
    assert len(body(near=False)[1].forms) < 0.6 * len(body()[1].forms) < 50


def test_the_pose_pass_sees_a_body_from_the_front_and_no_face_from_behind() -> None:
    _, heap = body()
    world = Set(
        tuple(heap.forms), (), _SKY, Material((0.2,) * 3), things=tuple(heap.things), figures=tuple(heap.figures)
    )
    for z, face in ((4.0, True), (-4.0, False)):
        camera = Camera(at=(0.0, 1.0, z), target=(0.0, 1.0, 0.0), focal=1.2)
        (told,) = people(world, trace(world, camera, 200, 300), camera)
        seen = np.array(told["pose_keypoints_2d"]).reshape(18, 3)[:, 2]
        assert seen[[0, 14, 15]].all() == face


def lit(where: str = "studio", *, eye: Vector = (0.0, 1.5, 3.0), **said: object) -> np.ndarray:
    """A person in the light that was asked for; display values, shape (height, width, 3)."""
    shot = Shot(**said)  # type: ignore[arg-type]
    heap = Props(random.Random(3))
    place = build_place(heap, where, seed=5)
    person(heap, (0.0, 0.0, 0.0), 0.0, "stand", 1.76, looks=Looks(top=(0.3, 0.3, 0.3), legs=(0.3, 0.3, 0.3)))
    camera = Camera(at=eye, target=(0.0, 1.3, 0.0), focal=1.2)
    made = light(shot, place, camera, random.Random(4), lights=heap.lights, about=(0.0, 1.3, 0.0))
    world = Set(
        tuple(heap.forms), made.lights, made.sky, made.ground, haze=made.haze, haze_color=made.haze_color, stage_m=6,
        exposure=made.exposure, bounce=made.bounce, fall=made.fall, things=tuple(heap.things),
    )  # fmt: skip
    renderer = Renderer(world, camera, 60, 48, 3, 1)
    for _ in range(3):
        renderer.add_pass()
    return renderer.picture().astype(float)


_BODY = (slice(22, 46), slice(26, 34))
_BEHIND = (slice(2, 20), slice(2, 14))


def test_a_silhouette_is_dark_before_a_bright_ground_indoors_and_out() -> None:
    for where in ("studio", "stage"):
        picture = lit(where, light=("silhouette",))
        assert picture[_BODY].mean() < 0.5 * picture[_BEHIND].mean(), where


def test_levels_and_directions_are_what_they_are_called() -> None:
    plain, low, high = lit("stage"), lit("stage", light=("low_key",)), lit("stage", light=("high_key",))
    assert low.mean() < 0.6 * plain.mean() < plain.mean() < high.mean()
    front, back = lit("studio")[_BODY].mean(), lit("studio", light=("backlit",))[_BODY].mean()
    assert back < front
    side = lit("studio", light=("side",))[_BODY].mean(axis=(0, 2))
    assert abs(side[:3].mean() - side[-3:].mean()) > 12, "one half of it is darker"


def test_sources_have_their_colours() -> None:
    def balance(*said: str) -> float:
        red, _, blue = lit("stage", light=said, time_of_day="night")[_BODY].mean(axis=(0, 1))
        return float(red / blue)

    assert balance("candle") > 1.5 > 1.0 > balance("moon")
    assert balance("fire") > 1.5
    assert balance("screen") < 1.0
    assert balance("lamp", "red") > balance("lamp", "blue") + 0.5


def test_hours_and_weathers_are_told_apart() -> None:
    hours = {hour: lit(time_of_day=hour) for hour in TIMES_OF_DAY}
    weathers = {weather: lit(weather=(weather,)) for weather in WEATHERS}
    for pictures in (hours, weathers):
        for one, two in itertools.combinations(pictures, 2):
            assert np.abs(pictures[one] - pictures[two]).mean() > 1.5, (one, two)
    assert hours["night"].mean() < 0.6 * hours["noon"].mean()


def test_all_that_light_can_be_called_is_lit_and_what_is_not_drawn_is_said() -> None:
    heap = Props(random.Random(1))
    place = build_place(heap, "room")
    for name in LIGHTS:
        made = light(
            Shot(light=(name,)), place, Camera((0, 1.5, 3), (0, 1.3, 0), 1.2), random.Random(1), lights=heap.lights
        )
        assert len(made.lights) <= 8
        assert np.isfinite([*made.sky.sun, *made.sky.zenith, made.exposure]).all()
        assert bool(made.unmet) == (name in ("flicker", "lens_flare"))


@pytest.mark.parametrize(("prompt", "within"), [
    ("A man in a car", True), ("A family in a car, daytime", True), ("Medium shot of a driver in a truck", True),
    ("A man asleep in a car in the rain", True), ("INT. CAR - NIGHT. A man sleeps.", True),
    ("A car in the rain, a man asleep inside", True), ("On a bus, a woman sleeps", True),
    ("Two kids in the back seat of a taxi", True), ("A woman in the passenger seat", True),
    ("A driver behind the wheel of a taxi", True), ("He sits on the back seat of the bus", True),
    ("Wide shot of a car on a road, two people in the car", False), ("A man sits on a car in the desert", False),
    ("EXT. ROAD - DAY. A man in a car.", False),
])  # fmt: skip
def test_who_rides_is_seen_within_and_sits_and_from_afar_no_head_is_above_the_roof(prompt: str, within: bool) -> None:
    _, made = staged({"prompt": prompt, "seed": 7, "width_px": 640, "height_px": 360})
    assert all(mark.pose == "sit" for mark in made.people)
    cars = [prop for prop in made.props if prop.name in ("car", "truck", "taxi", "bus")]
    assert bool(cars) is not within
    if within:
        assert not [said for said in made.unmet if said.endswith("is hidden by car 1.")]
    elif " in " in prompt and "on a car" not in prompt:
        assert all(mark.joints["crown"][1] < cars[0].at[1] + cars[0].size_m[1] for mark in made.people)


def test_a_wheel_at_which_nobody_is_and_an_engine_that_runs_are_no_things_beside_the_van() -> None:
    for more in ({}, {"set": {"name": "yard", "place": "EXT. YARD"}}):
        words = "One van, engine on, nobody at the wheel"
        _, made = staged({"prompt": words, "seed": 7, "width_px": 640, "height_px": 360} | more)
        assert [prop.name for prop in made.props] == ["van"]


@pytest.mark.parametrize(("place", "front"), [
    ("bakery", "storefront"), ("bar", "storefront"), ("hospital", "entrance"), ("police station", "entrance"),
    ("courthouse", "portico"), ("museum", "portico"),
])  # fmt: skip
def test_outside_a_building_is_before_its_front_also_on_a_set_that_is_entered_in_other_shots(
    place: str, front: str
) -> None:
    assert resolve(place, None, "EXT") == (front, None)
    asked = {"seed": 7, "width_px": 640, "height_px": 360, "set": {"name": "it", "place": place, "seed": 4}}
    for side in ("EXT", "INT"):
        _, made = staged(asked | {"prompt": f"Wide shot. {side}. {place.upper()} - NIGHT. A man waits."})
        assert bool(made.world.sky.ridges) is (side == "EXT"), "there is a horizon, or there is none"
    _, empty = staged(asked | {"prompt": f"Wide shot. EXT. {place.upper()} - NIGHT."})
    assert not empty.assumed.get("wild"), "nothing of the front is taken away when nobody is before it"


def test_who_kisses_is_held_who_is_in_a_ring_boxes_there_and_a_ball_is_on_the_ground() -> None:
    asked = {"seed": 7, "width_px": 640, "height_px": 360}
    for words in ("A couple kisses on a bridge", "A man and a woman kiss in the rain", "Two old friends hug"):
        _, made = staged(asked | {"prompt": words})
        one, other = made.people
        assert one.pose == other.pose == "embrace"
        assert math.dist(one.at, other.at) < 0.5
    ring, _ = staged(asked | {"prompt": "Two boxers face each other in a ring"})
    assert ring.place is not None
    assert (ring.place.name, ring.props) == ("boxing ring", ())
    _, park = staged(asked | {"prompt": "A dog chases a ball in a park"})
    assert {prop.name: prop.at[1] for prop in park.props}["ball"] < 0.05
    _, stage = staged(asked | {"prompt": "A ballerina on stage in a spotlight"})
    assert not stage.props
    bed, _ = staged(asked | {"prompt": "A doctor looks at a patient in a hospital bed"})
    assert [person.where and person.where.relation for person in bed.people] == [None, "in"]


def test_who_knocks_stands_before_the_door_and_reaches_to_it() -> None:
    _, made = staged({"prompt": "A hand knocks on a wooden door", "seed": 7, "width_px": 640, "height_px": 360})
    (door,), (person,) = made.props, made.people
    hand, shoulder = person.joints["right_hand"], person.joints["right_shoulder"]
    assert math.dist(hand[::2], door.at[::2]) < math.dist(shoulder[::2], door.at[::2])
    assert all(abs(joint[2] - door.at[2]) > 0.1 for name, joint in person.joints.items() if name != "right_hand")


def test_the_door_of_a_house_is_the_house_s_and_what_is_held_has_the_colour_that_was_said() -> None:
    asked = {"seed": 7, "width_px": 640, "height_px": 360}
    _, made = staged(asked | {"prompt": "A cottage with a chimney, a man at the door"})
    kinds = [thing.kind for thing in made.world.things]
    assert not {"door", "chimney", "tower"} & set(kinds)
    house = {prop.name: prop for prop in made.props}["cottage"]
    (man,) = made.people
    assert man.at[2] > house.at[2], "before its front"
    for words in ("A girl with a red umbrella", "A red umbrella in the hand of a girl", "A girl holds a red umbrella"):
        _, held = staged(asked | {"prompt": words})
        index = next(at for at, thing in enumerate(held.world.things) if thing.kind.startswith("umbrella"))
        assert any(
            form.material.color[0] > 3 * form.material.color[2] for form in held.world.forms if form.thing == index
        ), words
