"""Frames by chance obey the grammar of the shot, and the rules that say so find what is broken on purpose.

``FILM_SHOTS`` says how many shots by chance (150); `make film-geometry` tries 2 000.
"""

import math
import os
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from auteur.adapters.engines.previs.reading.shot import OverShoulder, Person, PlaceRead, Prop, Shot, Where
from auteur.adapters.engines.previs.staging.blocking import merged, stage
from auteur.adapters.engines.previs.staging.sensors import SENSORS, frame_mm, mounted, sharpness
from auteur.adapters.engines.previs.staging.stage import Stage
from tests.film.rules import Looked, broken, eyes
from tests.film.shots import ASPECTS, draw, with_relation

SHOTS = int(os.environ.get("FILM_SHOTS", "150"))
PATIENT = 600 + SHOTS


@pytest.mark.timeout(PATIENT)
def test_frames_by_chance_obey_the_grammar_of_the_shot() -> None:
    wrong: dict[int, list[str]] = {}
    silent, roomy = 0, 0
    for seed in range(SHOTS):
        shot, aspect = draw(seed)
        made = stage(shot, aspect, seed)
        looked = Looked(shot, made, aspect)
        if _is_roomy(looked):  # a close-up of one of three, or an insert, has the rest outside, and says so
            roomy += 1
            silent += not made.unmet
        found = broken(shot, made, aspect)
        if found:
            wrong[seed] = found
    assert len(wrong) <= SHOTS * 0.002, wrong
    assert silent > roomy * 0.7, "most can be met, and nothing need be said of them"


def _is_roomy(seen: Looked) -> bool:
    """Whether the frame is as wide as what is named asks."""
    special = {"over_the_shoulder", "insert", "pov"} & set(seen.shot.kind)
    wide = seen.size in ("medium_wide", "full", "wide", "extreme_wide") or not (seen.shot.size or seen.shot.props)
    return wide and not special and seen.shot.angle != "worms_eye"


def test_the_same_set_from_two_angles_has_everybody_where_they_stood() -> None:
    for seed in range(max(SHOTS // 5, 20)):
        shot, aspect = draw(seed)
        rng = random.Random(seed)
        shuffled = list(shot.people)
        rng.shuffle(shuffled)
        other = replace(
            shot, size=rng.choice(("close_up", "full", "wide")), angle=rng.choice(("low", "high", "overhead", None)),
            lens_mm=rng.choice((18, 35, 90)), people=tuple(shuffled), dutch=not shot.dutch, camera_height=None,
        )  # fmt: skip
        one, two = stage(shot, aspect, seed), stage(other, rng.choice(ASPECTS), seed)
        assert {mark.name: mark.at for mark in one.people} == {mark.name: mark.at for mark in two.people}, seed
        assert {mark.name: (mark.at, mark.heading_rad) for mark in one.props} == {
            mark.name: (mark.at, mark.heading_rad) for mark in two.props
        }, seed


def test_shots_of_a_scene_share_its_set_and_its_people_whatever_the_camera_does() -> None:
    place = PlaceRead(name="kitchen")
    tom, maria = Person(who="Tom"), Person(who="Maria", pose="sit")
    two = Shot(kind=("two_shot",), people=(tom, maria), props=(Prop(what="table"),), place=place, int_ext="INT")
    onto = Shot(kind=("over_the_shoulder",), over_shoulder=OverShoulder(of="Tom", on="Maria"), people=(maria, tom))
    alone = Shot(kind=("single",), size="close_up", people=(Person(who="Tom"),))
    scene = merged([two, onto, alone])
    stages = [stage(shot, 1.85, seed, scene=scene, set_seed=5) for seed, shot in enumerate((two, onto, alone))]
    for made in stages[1:]:
        assert {mark.name: mark.at for mark in made.people} == {mark.name: mark.at for mark in stages[0].people}
        assert made.world.sky.zenith == stages[0].world.sky.zenith
    cameras = {made.camera.at for made in stages}
    assert len(cameras) == 3
    line = [mark.at for mark in stages[0].people]
    sides = {_side(line[0], line[1], made.camera.at) > 0 for made in stages}
    assert len(sides) == 1, "all on one side of the line between the two"


def _side(a: tuple[float, ...], b: tuple[float, ...], at: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (at[2] - a[2]) - (b[2] - a[2]) * (at[0] - a[0])


def test_people_stand_as_they_are_told_from_a_thing() -> None:
    for seed in range(60):
        shot = with_relation(seed)
        made = stage(shot, 16 / 9, seed)
        (mark,) = made.people
        thing = next(prop for prop in made.props if prop.name == shot.props[0].what)
        if made.unmet and any("no free floor" in told or "no room" in told for told in made.unmet):
            continue
        dx, dz = mark.at[0] - thing.at[0], mark.at[2] - thing.at[2]
        c, s = math.cos(thing.heading_rad), math.sin(thing.heading_rad)
        across, along = dx * c - dz * s, dx * s + dz * c  # from the thing's own front
        where = shot.people[0].where
        assert where is not None
        held = {"behind": along < 0, "in_front_of": along > 0, "left_of": across < 0, "right_of": across > 0,
                "beside": abs(across) > abs(along) * 0.5}[where.relation]  # fmt: skip
        near = math.hypot(dx, dz) < math.hypot(thing.size_m[0], thing.size_m[2]) / 2 + 1.6
        assert held, (seed, where, across, along)
        assert near, (seed, where, across, along)


@pytest.mark.parametrize("relation", ["on", "under", "beside", "left_of", "right_of", "behind", "in_front_of"])
def test_things_lie_as_they_are_told_from_others(relation: str) -> None:
    for seed in range(6):
        shot = Shot(
            props=(Prop(what="book", relation=relation, to="table"), Prop(what="table")),
            place=PlaceRead(name="room"), int_ext="INT",
        )  # fmt: skip
        props = {mark.name: mark for mark in stage(shot, 1.5, seed).props}
        book, table = props["book"], props["table"]
        dx, dz = book.at[0] - table.at[0], book.at[2] - table.at[2]
        c, s = math.cos(table.heading_rad), math.sin(table.heading_rad)
        across, along = dx * c - dz * s, dx * s + dz * c
        over = abs(across) < table.size_m[0] / 2 and abs(along) < table.size_m[2] / 2
        held = {
            "on": over and book.at[1] == pytest.approx(table.size_m[1], abs=0.06),
            "under": over and book.at[1] < 0.1,
            "beside": not over and abs(across) < table.size_m[0] / 2 + 0.6,
            "left_of": across < 0 and not over,
            "right_of": across > 0 and not over,
            "behind": along < 0 and not over,
            "in_front_of": along > 0 and not over,
        }[relation]
        assert held, (relation, seed, across, along, book.at)


def test_what_shall_not_be_there_is_not() -> None:
    shot = Shot(
        people=(Person(who="Ada"), Person(who="extra", count=4)), props=(Prop(what="car"), Prop(what="bench")),
        without=("car", "extras"), place=PlaceRead(name="field"), int_ext="EXT",
    )  # fmt: skip
    made = stage(shot, 16 / 9, 3)
    assert [mark.name for mark in made.people] == ["Ada"]
    assert not {mark.name for mark in made.props} & {"car"}


def test_who_looks_at_another_is_seen_to() -> None:
    for seed in range(12):
        people = (Person(who="Ada", looking_at="Ben"), Person(who="Ben", looking_at="camera"))
        made = stage(Shot(size="medium", people=people, place=PlaceRead(name="field")), 16 / 9, seed)
        by_name = {mark.name: mark for mark in made.people}
        for name, to in (("Ada", eyes(by_name["Ben"])), ("Ben", made.camera.at)):
            mark = by_name[name]
            wanted = math.atan2(to[0] - eyes(mark)[0], to[2] - eyes(mark)[2])
            off = math.atan2(math.sin(wanted - mark.look_rad), math.cos(wanted - mark.look_rad))
            assert abs(off) < math.radians(22), (seed, name, math.degrees(off))


def test_two_on_a_bench_are_seen_from_its_front_each_on_the_side_that_was_said() -> None:
    where = Where(relation="on", to="bench")
    people = (Person(who="sister", side="left", where=where), Person(who="brother", side="right", where=where))
    for seed in range(4):
        made = stage(Shot(people=people, props=(Prop(what="bench"),), place=PlaceRead(name="park")), 16 / 9, seed)
        camera, marks = made.camera, {mark.name: mark for mark in made.people}
        for mark in marks.values():
            to = math.atan2(camera.at[0] - mark.at[0], camera.at[2] - mark.at[2])
            assert math.cos(to - mark.facing_rad) > 0.3, "the face is seen"
        right = (camera.at[2] - camera.target[2], camera.target[0] - camera.at[0])
        across = {name: mark.at[0] * right[0] + mark.at[2] * right[1] for name, mark in marks.items()}
        assert across["sister"] < across["brother"]


def test_who_sleeps_at_a_desk_lies_over_it_and_a_judge_sits_behind_the_bench() -> None:
    at = Person(who="Elias", pose="sleep", where=Where(relation="beside", to="desk"))
    made = stage(Shot(people=(at,), props=(Prop(what="desk"),), place=PlaceRead(name="room"), int_ext="INT"), 16 / 9, 3)
    assert made.people[0].pose == "slump"
    assert made.people[0].joints["nose"][1] > 0.7
    judge = Person(who="judge", where=Where(relation="beside", to="bench"))
    court = Shot(people=(judge,), props=(Prop(what="bench"),), place=PlaceRead(name="courtroom"), int_ext="INT")
    mark = stage(court, 16 / 9, 3).people[0]
    assert (mark.pose, mark.at[1]) == ("sit", 0.8)


def test_light_that_is_not_drawn_is_said() -> None:
    assert len(stage(replace(PLAIN, light=("flicker", "lens_flare")), 16 / 9, 1).unmet) == 2


def test_a_seat_is_sat_on_and_a_bed_lain_on() -> None:
    sits = Shot(people=(Person(who="Ada", pose="sit"),), props=(Prop(what="bench"),), place=PlaceRead(name="field"))
    lies = Shot(
        people=(Person(who="Ada", pose="sleep", where=Where(relation="on", to="bed")),), props=(Prop(what="bed"),)
    )
    for shot, thing in ((sits, "bench"), (lies, "bed")):
        made = stage(shot, 16 / 9, 2)
        (mark,) = made.people
        under = next(prop for prop in made.props if prop.name == thing)
        away = math.dist(mark.at[::2], under.at[::2])
        assert away < max(under.size_m[0], under.size_m[2]) / 2, (thing, mark.at, under)


# --- the rules find what is broken ------------------------------------------------------------------------------------

PLAIN = Shot(size="medium", people=(Person(who="Ada"),), place=PlaceRead(name="field"), int_ext="EXT")
PAIR = replace(PLAIN, kind=("two_shot",), people=(Person(who="Ada"), Person(who="Ben")))
PAST = replace(PAIR, size=None, kind=("over_the_shoulder",), over_shoulder=OverShoulder(of="Ben", on="Ada"))
THING = Shot(kind=("insert",), props=(Prop(what="cup", relation="on", to="table"), Prop(what="table")))
EYES = Shot(kind=("pov",), pov_of="Leo", people=(Person(who="Ada"),), place=PlaceRead(name="field"))


def _moved(made: Stage, right: float = 0.0, up: float = 0.0, nearer: float = 1.0) -> Stage:
    """The camera elsewhere, its axis kept parallel; ``nearer``: the share of the way to its target that is left."""
    camera = made.camera
    ahead = [b - a for a, b in zip(camera.at, camera.target, strict=True)]
    flat = math.hypot(ahead[0], ahead[2])
    step = (right * -ahead[2] / flat, up, right * ahead[0] / flat)
    reach = made.lens.focus_m * (1 - nearer) / math.sqrt(sum(part * part for part in ahead))
    at = tuple(a + s + part * reach for a, s, part in zip(camera.at, step, ahead, strict=True))
    target = tuple(a + part for a, part in zip(at, ahead, strict=True))
    return replace(made, camera=replace(camera, at=at, target=target))  # type: ignore[arg-type]


def _side_by_side(made: Stage) -> Stage:
    one, two = made.people
    return replace(made, people=(one, replace(two, at=(one.at[0] + 0.1, 0.0, one.at[2]), joints=one.joints)))


BREAKS: dict[str, tuple[Shot, Callable[[Stage], Stage], str]] = {
    "a camera too far to the side": (PLAIN, lambda made: _moved(made, right=1.4), "head"),
    "a camera too near": (PLAIN, lambda made: _moved(made, nearer=0.55), "size"),
    "a camera too far away": (PLAIN, lambda made: _moved(made, nearer=1.9), "size"),
    "a camera too high": (PLAIN, lambda made: _moved(made, up=0.3), "eye level"),
    "a lens that is another": (PLAIN, lambda made: replace(made, camera=replace(made.camera, focal=3.3)), "lens"),
    "a roll that nobody asked for": (PLAIN, lambda made: replace(made, camera=replace(made.camera, roll=0.3)), "roll"),
    "a person left out": (PAIR, lambda made: replace(made, people=made.people[:1]), "count"),
    "two in one place": (PAIR, _side_by_side, "bodies"),
    "two before each other": (PAIR, _side_by_side, "apart"),
    "a shoulder out of the frame": (PAST, lambda made: _moved(made, right=1.5), "shoulder"),
    "a shoulder that hides": (PAST, lambda made: _moved(made, nearer=0.7, up=-0.4), "shoulder"),
    "an insert from too far": (THING, lambda made: _moved(made, nearer=2.2), "insert"),
    "an insert that is cut": (THING, lambda made: _moved(made, right=0.2), "insert"),
    "eyes that look past": (EYES, lambda made: _moved(made, right=0.8), "pov"),
    "low from above": (replace(PLAIN, angle="low"), lambda made: _moved(made, up=1.4), "low"),
    "high from below": (replace(PLAIN, angle="high"), lambda made: _moved(made, up=-2.0), "high"),
    "a camera in somebody": (
        PLAIN, lambda made: replace(made, camera=replace(made.camera, at=made.people[0].joints["nose"])), "camera",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_the_rules_find(what: str) -> None:
    shot, spoil, rule = BREAKS[what]
    for seed in range(3):
        made = stage(shot, 16 / 9, seed)
        assert broken(shot, made, 16 / 9) == []
        told = broken(shot, spoil(made), 16 / 9)
        assert any(sentence.startswith(rule) for sentence in told), (seed, told)


# --- the camera that exists -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", SENSORS)
def test_the_frame_is_the_largest_of_its_shape_on_the_sensor(name: str, aspect: float) -> None:
    sensor = SENSORS[name]
    width, height = frame_mm(sensor, aspect)
    assert width / height == pytest.approx(aspect)
    assert width == pytest.approx(sensor.width_mm) or height == pytest.approx(sensor.height_mm)
    assert width <= sensor.width_mm + 1e-9
    assert height <= sensor.height_mm + 1e-9


def test_a_lens_sees_on_each_sensor_what_it_sees_on_the_day() -> None:
    """The horizontal angle of view is 2 atan(w / 2f): 28 mm on Super 35 has 47.9 degrees, on full frame 65.5."""
    shot = replace(PLAIN, lens_mm=28)
    seen = {}
    for name in ("super_35", "full_frame", "super_16"):
        camera = stage(shot, 16 / 9, 1, sensor=name).camera
        seen[name] = math.degrees(2 * math.atan(0.5 / camera.focal))
    assert seen == pytest.approx({"super_35": 47.93, "full_frame": 65.47, "super_16": 25.20}, abs=0.02)


def test_a_longer_lens_stands_farther_away_by_its_length() -> None:
    away = {}
    for lens in (25, 50, 100):
        made = stage(replace(PLAIN, lens_mm=lens), 16 / 9, 4)
        away[lens] = made.lens.focus_m
    assert away[50] / away[25] == pytest.approx(2, rel=0.08)
    assert away[100] / away[50] == pytest.approx(2, rel=0.08)


def test_what_is_sharp_follows_from_the_stop() -> None:
    """Super 35, 16:9, 50 mm at 3 m: the hyperfocal distance is f^2 / (N c) with c a 1500th of 28.56 mm."""
    wide_open = sharpness(mounted(SENSORS["super_35"], 16 / 9, 50, 2.0, 3.0))
    stopped = sharpness(mounted(SENSORS["super_35"], 16 / 9, 50, 16.0, 3.0))
    assert wide_open.hyperfocal_m == pytest.approx(0.05**2 / (2 * 0.02856 / 1500) + 0.05, rel=1e-3)
    assert wide_open.near_m == pytest.approx(2.87, abs=0.01)
    assert wide_open.far_m == pytest.approx(3.14, abs=0.01)
    assert stopped.near_m < wide_open.near_m
    assert stopped.far_m is not None
    assert stopped.far_m > 4.5
    assert sharpness(mounted(SENSORS["super_35"], 16 / 9, 18, 16.0, 3.0)).far_m is None


def test_the_blur_of_the_picture_is_the_lens_s() -> None:
    made = stage(replace(PLAIN, lens_mm=85, stop=2.0), 16 / 9, 1)
    assert made.camera.aperture_m == pytest.approx(0.085 / 2)
    away = Looked(replace(PLAIN), made, 16 / 9).at(eyes(made.people[0]))[2]
    assert made.camera.focus_m == pytest.approx(away, abs=1e-6)
