"""What a shot's words imply is on the stage: things in hands, people in arms, rows on steps, seats, rooms, exposure."""

import math
from dataclasses import replace

import numpy as np
import pytest

from auteur.adapters.engines.previs.motion.take import Filmed, planned
from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import CameraMove, OverShoulder, Person, PlaceRead, Prop, Shot, Where
from auteur.adapters.engines.previs.rendering.developing import GRADES, graded
from auteur.adapters.engines.previs.rendering.forms import Form
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.blocking import stage
from auteur.adapters.engines.previs.staging.floor import reach
from auteur.adapters.engines.previs.staging.optics import seen
from auteur.adapters.engines.previs.staging.stage import CastMember, Stage

WIDE = 16 / 9
FIELD = PlaceRead(name="field")


def forms_of(made: Stage, kind: str) -> list[Form]:
    return [form for form in made.world.forms if made.world.things[form.thing].kind == kind]


def middle(forms: list[Form]) -> np.ndarray:
    ends = [reach(form) for form in forms]
    low, high = np.min([end[0] for end in ends], axis=0), np.max([end[1] for end in ends], axis=0)
    return np.asarray((low + high) / 2)


@pytest.mark.parametrize(
    ("words", "joint", "headed"),
    [
        ("Close-up on the pianist's hands, backlit", "right_hand", False),
        ("Hands in close-up, kneading dough", "right_hand", False),
        ("CU hands of an old man, trembling", "right_hand", False),
        ("Close on the boy's feet in the mud", "right_foot", False),
        ("Close-up of a woman, her hand on her cheek", "nose", True),
        ("Close-up of a woman who looks at her hands", "nose", True),
    ],
)
def test_a_close_up_is_of_the_part_that_it_is_said_to_be_of(words: str, joint: str, headed: bool) -> None:
    for seed in range(3):
        _, made = staged({"prompt": words, "seed": seed, "width_px": 512, "height_px": 512})
        joints = made.people[0].joints
        (u, v, depth), (_, head, _) = seen([joints[joint], joints["nose"]], made.camera, 1.0)
        assert depth > 0
        assert 0.1 < u < 0.9
        assert 0.1 < v < 0.95
        assert (0 < head < 1) == headed
        assert not any("The head of" in told for told in made.unmet)


@pytest.mark.parametrize(("thing", "away_m"), [("cup", 0.2), ("knife", 0.35), ("suitcase", 0.6), ("umbrella", 1.1)])
def test_what_somebody_holds_is_at_the_hand(thing: str, away_m: float) -> None:
    for seed in range(3):
        made = stage(Shot(size="full", people=(Person(who="Ada", holding=(thing,)),), place=FIELD), WIDE, seed)
        held = forms_of(made, thing)
        assert held
        hand = np.array(made.people[0].joints["right_hand"])
        assert np.linalg.norm(middle(held) - hand) < away_m
        ends = [reach(form) for form in held]
        assert any((low - 0.06 <= hand).all() and (hand <= high + 0.06).all() for low, high in ends), (
            "in it, not near it"
        )


@pytest.mark.parametrize(("colour", "strongest"), [("red", 0), ("blue", 2)])
def test_what_is_worn_has_the_colour_that_the_words_give_it(colour: str, strongest: int) -> None:
    for seed in range(3):
        made = stage(read_shot(f"wide shot of a man in a {colour} coat on a beach"), WIDE, seed)
        coat = [form for form in forms_of(made, "person") if int(np.argmax(form.material.color)) == strongest
                and max(form.material.color) > 3 * sorted(form.material.color)[1]]  # fmt: skip
        assert len(coat) >= 5, "not a button alone"


@pytest.mark.parametrize(("action", "thing"), [("rinse", "knife"), ("read", "newspaper"), ("smoke", "cigarette")])
def test_what_somebody_handles_is_in_the_hand_and_nowhere_else(action: str, thing: str) -> None:
    shot = Shot(size="full", people=(Person(who="Ada", action=action),), props=(Prop(what=thing),), place=FIELD)
    made = stage(shot, WIDE, 1)
    assert all(prop.name != thing for prop in made.props)
    hands = [np.array(made.people[0].joints[f"{own}_hand"]) for own in ("left", "right")]
    assert min(np.linalg.norm(middle(forms_of(made, thing)) - hand) for hand in hands) < 0.4
    put = replace(shot, props=(Prop(what=thing, relation="on", to="table"), Prop(what="table")))
    assert any(prop.name == thing for prop in stage(put, WIDE, 1).props), "it is where the words put it"


def _of(made: Stage, name: str) -> list[tuple[object, ...]]:
    """The forms of a person, as seen from where they stand and look."""
    index = next(k for k, thing in enumerate(made.world.things) if thing.name == name)
    mark = next(mark for mark in made.people if mark.name == name)
    c, s = math.cos(mark.facing_rad), math.sin(mark.facing_rad)
    back = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    return [
        (form.shape, np.round(back @ (form.at - np.array(mark.at)), 6).tolist(), tuple(form.material.color))
        for form in made.world.forms if form.thing == index
    ]  # fmt: skip


def test_one_of_the_cast_has_one_face_hair_and_build_in_every_set() -> None:
    member = CastMember(
        name="Ada", full_name="Ada Okafor", height_m=1.66, build="broad grey hair", colours=("red", "black")
    )
    seen = []
    for seed, place, indoors in ((1, "kitchen", "INT"), (2, "street", "EXT"), (3, "field", "EXT")):
        shot = Shot(
            size="full", people=(Person(who="Ada", facing="profile", look="right"),),
            place=PlaceRead(name=place), int_ext=indoors,
        )  # fmt: skip
        made = stage(shot, WIDE, seed, cast=[member])
        assert made.people[0].height_m == 1.66
        seen.append(_of(made, "Ada"))
    assert seen[0] == seen[1] == seen[2]
    other = stage(replace(shot, people=(replace(shot.people[0], who="Ben"),)), WIDE, 3)
    assert _of(other, "Ben") != seen[0], "another is somebody else"


def test_who_is_carried_lies_in_the_arms_once() -> None:
    people = (Person(who="fireman", holding=("child",)), Person(who="child"))
    made = stage(Shot(size="medium", people=people, place=FIELD), WIDE, 4)
    by_name = {mark.name: mark for mark in made.people}
    assert set(by_name) == {"fireman", "child"}
    assert not forms_of(made, "child"), "no doll beside the child"
    hands = np.mean([by_name["fireman"].joints[f"{own}_hand"] for own in ("left", "right")], axis=0)
    hips = np.mean([by_name["child"].joints[f"{own}_hip"] for own in ("left", "right")], axis=0)
    assert np.linalg.norm(hands - hips) < 0.4
    assert hips[1] > 0.7


def test_a_party_on_steps_stands_in_rows_nobody_in_another() -> None:
    people = (Person(who="wedding party", where=Where(relation="on", to="steps")),)
    made = stage(Shot(size="wide", people=people, props=(Prop(what="steps"),), place=FIELD, int_ext="EXT"), WIDE, 5)
    spots = [mark.at for mark in made.people]
    assert len(spots) == 8
    assert min(math.dist(a, b) for k, a in enumerate(spots) for b in spots[:k]) > 0.4
    levels = {round(mark.at[1], 3) for mark in made.people}
    assert len(levels) == 3
    assert min(levels) > 0
    for mark in made.people:  # feet on a tread
        tops = [reach(form) for form in forms_of(made, "steps")]
        under = [high[1] for low, high in tops if low[0] < mark.at[0] < high[0] and low[2] < mark.at[2] < high[2]]
        assert max(under) == pytest.approx(mark.at[1], abs=0.01)


def test_six_in_a_van_sit_on_its_seats_and_face_each_other() -> None:
    officers = Person(who="officer", count=6, pose="sit", facing="each_other")
    made = stage(Shot(people=(officers,), place=PlaceRead(name="van", within="police"), int_ext="INT"), WIDE, 7)
    assert not any("chair" in prop.name for prop in made.props)
    for mark in made.people:
        assert math.cos(mark.facing_rad - math.copysign(math.pi / 2, -mark.at[0])) > 0.8, "to the other side"


def test_past_a_driver_one_sees_the_road() -> None:
    ben = Person(who="Ben")
    past = OverShoulder(of="Ben", on=None)
    car = PlaceRead(name="car")
    shot = Shot(kind=("over_the_shoulder",), over_shoulder=past, people=(ben,), place=car, int_ext="INT/EXT")
    made = stage(shot, WIDE, 7)
    (mark,) = made.people
    assert mark.pose == "sit"
    ahead = np.array(made.camera.target) - np.array(made.camera.at)
    assert ahead @ np.array([math.sin(mark.facing_rad), 0, math.cos(mark.facing_rad)]) > 0.8 * np.linalg.norm(ahead)
    assert forms_of(made, "car"), "in the car, not in the street"


@pytest.mark.parametrize(
    ("shot", "place"),
    [
        (Shot(people=(Person(who="Ada"),), props=(Prop(what="sink"),)), "kitchen"),
        (Shot(people=(Person(who="Ada", looking_at="sea"),)), "beach"),
        (Shot(people=(Person(who="Ada", pose="sleep"),), props=(Prop(what="bed"),)), "bedroom"),
        (Shot(props=(Prop(what="lighthouse"),)), "coast"),
        (Shot(place=PlaceRead(name="lake", words=("frozen lake",))), "frozen lake"),
        (Shot(place=PlaceRead(name="bridge", within="rope", words=("rope bridge",))), "rope bridge"),
    ],
)  # fmt: skip
def test_where_a_shot_is_follows_from_all_that_is_said(shot: Shot, place: str) -> None:
    made = stage(shot, WIDE, 2)
    if shot.place is None:
        assert made.assumed["place"] == place
    else:
        whole = stage(Shot(place=PlaceRead(name=place)), WIDE, 2)
        assert made.world.ground == whole.world.ground
        assert made.world.sea_z == whole.world.sea_z


def test_whom_the_camera_follows_goes_and_whose_face_is_not_shown_turns_away() -> None:
    along = CameraMove(kind="tracking", direction="right", follows="Ada")
    rides = stage(
        Shot(people=(Person(who="cyclist"),), moves=(replace(along, follows="cyclist"),), place=FIELD), WIDE, 1
    )
    assert math.cos(rides.people[0].facing_rad - math.pi / 2) > 0.9
    assert any(prop.name == "bicycle" for prop in rides.props)
    behind = stage(
        Shot(people=(Person(who="Ada"),), moves=(CameraMove(kind="steadicam", follows="Ada"),), place=FIELD), WIDE, 1
    )
    hidden = stage(Shot(people=(Person(who="Ada"),), without=("face",), place=FIELD), WIDE, 1)
    for made in (behind, hidden):
        mark, camera = made.people[0], made.camera
        away = math.atan2(camera.at[0] - mark.at[0], camera.at[2] - mark.at[2]) - mark.facing_rad
        assert math.cos(away) < -0.5


def test_a_lamp_beside_a_face_does_not_burn_it_out() -> None:
    plain = Shot(size="close_up", people=(Person(who="Ada"),), place=PlaceRead(name="cellar"), int_ext="INT")
    for light in ("candle", "lamp", "neon", "fire"):
        world = stage(replace(plain, light=(light,), time_of_day="night"), WIDE, 1).world
        face = np.array(stage(replace(plain, light=(light,), time_of_day="night"), WIDE, 1).people[0].joints["nose"])
        fallen = sum(max(lamp.power) * 0.8 / (np.linalg.norm(face - lamp.at) ** 2 + 0.17) for lamp in world.lights)
        assert fallen * world.exposure < 5.5, light


def test_a_picture_is_graded_as_the_words_say() -> None:
    shown = np.random.default_rng(1).integers(0, 256, (8, 9, 3), np.uint8)
    assert graded(shown, None) is shown
    grey = graded(shown, "black_and_white")
    assert (grey[..., 0] == grey[..., 1]).all()
    assert (grey[..., 1] == grey[..., 2]).all()
    assert len({graded(shown, grade).tobytes() for grade in GRADES}) == len(GRADES)
    with pytest.raises(ValueError, match="no grade purple"):
        graded(shown, "purple")
    said = staged(
        {"prompt": "film noir, black and white, a man in an alley", "seed": 1, "width_px": 64, "height_px": 36}
    )
    assert said[1].world.grade == "black_and_white"


@pytest.mark.parametrize("weather", ["rain", "snow"])
def test_rain_and_snow_fall_the_same_however_a_frame_is_asked_for(weather: str) -> None:
    params = {
        "prompt": f"a woman in a field, {weather}, static camera", "seed": 3, "width_px": 96, "height_px": 54,
        "fps": 24, "duration_s": 0.5, "ease": "in_out", "style": "render", "steps": 1,
    }  # fmt: skip
    take, _ = planned(params)

    def frames(order: list[int], choice: str = "numpy") -> dict[int, bytes]:
        with Filmed(take, 96, 54, 1, 3, choice=choice) as filmed:  # type: ignore[arg-type]
            return {frame: filmed.picture(frame).tobytes() for frame in order}

    forwards, backwards, alone = frames([0, 1, 5, 9]), frames([9, 5, 1, 0]), frames([5])
    assert forwards == backwards
    assert alone[5] == forwards[5]
    assert len(set(forwards.values())) == 4, "and it falls"


@pytest.mark.parametrize(
    ("words", "poses"),
    [
        ("Clara at a table, INT. KITCHEN", {"Clara": "sit"}),
        ("Two men around a table", {"man 1": "sit", "man 2": "sit"}),
        ("Ein Mann am Tisch, Küche", {"man": "sit"}),
        ("Clara by a table, INT. KITCHEN", {"Clara": "stand"}),
        ("Clara slices bread at a table", {"Clara": "stand"}),
        ("A waiter at a table", {"waiter": "stand"}),
        ("A man watches from a bench, park", {"man": "sit"}),
        ("Three cyclists on a country road", {"cyclist 1": "ride", "cyclist 2": "ride", "cyclist 3": "ride"}),
        ("Two knights on horseback", {"knight 1": "ride", "knight 2": "ride"}),
    ],
)
def test_who_is_at_a_table_or_on_something_sits_on_a_seat_of_their_own(words: str, poses: dict[str, str]) -> None:
    _, made = staged({"prompt": words, "seed": 4, "width_px": 640, "height_px": 360})
    assert {mark.name: mark.pose for mark in made.people} == poses
    places = [mark.at for mark in made.people]
    assert all(math.dist(one, other) > 0.4 for one in places for other in places if one is not other)


def test_who_leaves_goes_to_the_side_or_to_the_door_that_is_named() -> None:
    for words, way in (("Vera exits frame left", -1), ("Vera exits frame right", 1)):
        _, made = staged({"prompt": f"{words}, full shot, INT. OFFICE", "seed": 4, "width_px": 640, "height_px": 360})
        (u, _, _), (ahead, _, _) = seen(
            [made.people[0].at, tuple(np.add(made.people[0].at, _ahead(made.people[0].facing_rad)))], made.camera, WIDE
        )
        assert (ahead - u) * way > 0
    _, made = staged({"prompt": "Tom leaves through the door", "seed": 4, "width_px": 640, "height_px": 360})
    lens = np.array(made.camera.at) - np.array(made.people[0].at)
    assert float(np.dot(lens, _ahead(made.people[0].facing_rad))) < 0, "he is seen from behind"


def _ahead(heading: float) -> np.ndarray:
    return np.array((math.sin(heading), 0.0, math.cos(heading)))


def test_a_hand_that_is_on_a_cheek_is_at_the_face() -> None:
    for words, near in (("a hand on her cheek", True), ("her hands behind her back", False)):
        _, made = staged({"prompt": f"Medium shot of Ines, {words}", "seed": 4, "width_px": 640, "height_px": 360})
        joints = made.people[0].joints
        hands = [np.array(joints[f"{own}_hand"]) for own in ("left", "right")]
        assert (min(np.linalg.norm(hand - np.array(joints["chin"])) for hand in hands) < 0.25) == near


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("Two men play chess in a park", "chessboard"),
        ("Three men play cards, bar", "card"),
        ("Around the chess players", "chessboard"),
        ("Due uomini giocano a carte, osteria", "card"),
    ],
)
def test_who_plays_at_a_board_sits_across_it(words: str, thing: str) -> None:
    _, made = staged({"prompt": words, "seed": 4, "width_px": 640, "height_px": 360})
    assert {mark.pose for mark in made.people} == {"sit"}
    assert forms_of(made, thing)
    table = next(prop for prop in made.props if prop.name == "table")
    assert all(math.dist(mark.at, table.at) < 1.5 for mark in made.people)
