"""Every move as geometry: where the camera is, what it sees, and that it goes through nothing."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from auteur.adapters.engines.previs.controls.camera import project
from auteur.adapters.engines.previs.motion.clear import Solid
from auteur.adapters.engines.previs.motion.moves import MOVERS
from auteur.adapters.engines.previs.motion.naming import MOVE_NAMES, degrees_in
from auteur.adapters.engines.previs.motion.path import CameraPath, Take, plan
from auteur.adapters.engines.previs.motion.rig import Rig
from auteur.adapters.engines.previs.motion.sway import BANDS, Sway
from auteur.adapters.engines.previs.reading.shot import MOVES, CameraMove, Person, Shot
from auteur.adapters.engines.previs.rendering.forms import Form, Material
from auteur.adapters.engines.previs.rendering.tracing import camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky, Thing
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people import person
from auteur.adapters.engines.previs.staging.stage import Lens, PersonMark, Sensor, Stage

WIDTH, HEIGHT, FRAMES, FPS = 640, 360, 49, Fraction(24)
SKY = Sky((0, 0, 1), (1, 1, 1), (0, 1, 0), (1, 1, 1))


class Fixed:
    """Chance without surprises, for people who look alike."""

    def choice(self, of: Any) -> Any:
        return of[0]

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def random(self) -> float:
        return 0.5


def stage(
    *,
    at: tuple[float, float, float] = (0.3, 1.5, 4.0),
    target: tuple[float, float, float] = (0.0, 1.45, 0.0),
    facing: float = 0.4,
    pose: str = "stand",
    boxes: tuple[tuple[tuple[float, float, float], tuple[float, float, float]], ...] = (),
    roll: float = 0.0,
) -> Stage:
    """One person at the origin, and boxes (middle, half sizes)."""
    heap = Props(Fixed())  # type: ignore[arg-type]
    person(heap, (0.0, 0.0, 0.0), facing, "stand")
    forms, things = list(heap.forms), list(heap.things)
    for middle, half in boxes:
        forms.append(Form("box", np.diag(half), np.array(middle), Material((1, 1, 1)), thing=len(things)))
        things.append(Thing("wall", f"wall {len(things)}"))
    world = Set(tuple(forms), (), SKY, Material((1, 1, 1)), things=tuple(things), figures=tuple(heap.figures))
    distance = math.dist(at, target)
    focal = 35 / 24.89
    camera = Camera(at, target, focal, roll, 35 / 1000 / 2.8, distance)
    lens = Lens(
        sensor=Sensor(name="Super 35", width_mm=24.89, height_mm=18.66),
        focal_mm=35,
        stop=2.8,
        frame_width_mm=24.89,
        frame_height_mm=24.89 * HEIGHT / WIDTH,
        focus_m=distance,
    )
    mark = PersonMark(
        name="Ada",
        at=(0.0, 0.0, 0.0),
        facing_rad=facing,
        look_rad=facing,
        height_m=1.76,
        pose=pose,
        joints=heap.figures[0].joints,
    )
    return Stage(world=world, camera=camera, lens=lens, people=(mark,), assumed={})


def take(kind: str, on: Stage | None = None, *, shot: Shot | None = None, **how: Any) -> Take:
    planned = {name: how.pop(name) for name in ("degrees", "ease", "frames", "fps", "seed") if name in how}
    moves = [CameraMove(kind=one, **how) for one in kind.split("+")]
    settings = {"frames": FRAMES, "fps": FPS, "seed": 3, **planned}
    return plan(shot or Shot(size="medium"), on or stage(), moves=moves, **settings)


def path(kind: str, on: Stage | None = None, **how: Any) -> CameraPath:
    return take(kind, on, **how).path


def seen(camera: Camera, *points: tuple[float, float, float]) -> np.ndarray:
    return project(np.array(points, float), camera, WIDTH, HEIGHT)


def width_of_subject(camera: Camera, subject: np.ndarray) -> float:
    """Of half a metre across the axis, where the subject is."""
    right, _, _ = camera_axes(camera)
    pair = seen(camera, tuple(subject - right * 0.25), tuple(subject + right * 0.25))
    return float(pair[1, 0] - pair[0, 0])


SUBJECT = np.array([0.0, 1.45, 0.0])
FAR = (1.2, 1.0, -9.0)


def test_every_move_of_the_vocabulary_is_made() -> None:
    assert set(MOVES) <= set(MOVERS)
    assert set(MOVE_NAMES) == set(MOVERS)


@pytest.mark.parametrize("roll", [0.0, 0.3])
@pytest.mark.parametrize("target", [(0.0, 1.45, 0.0), (3.0, 5.0, 1.0), (0.3, 0.0, 3.999), (0.3, -4.0, 4.0)])
def test_a_rig_stands_as_the_camera_that_it_was_made_of(target: tuple[float, float, float], roll: float) -> None:
    camera = stage(target=target, roll=roll).camera
    again = Rig.of(camera).camera(stop_m=camera.aperture_m / camera.focal)
    for one, other in zip(camera_axes(camera), camera_axes(again), strict=True):
        assert one == pytest.approx(other, abs=1e-9)
    assert again.at == pytest.approx(camera.at)
    assert (again.focal, again.aperture_m) == pytest.approx((camera.focal, camera.aperture_m))
    assert again.focus_m == pytest.approx(camera.focus_m)


def test_a_tilt_over_the_top_does_not_turn_the_picture() -> None:
    rig = Rig.of(stage().camera)
    ups = []
    for tilt in np.linspace(1.3, 1.55, 60):
        rig.tilt = tilt
        ups.append(camera_axes(rig.camera(stop_m=0))[1])
    assert max(float(np.linalg.norm(a - b)) for a, b in pairwise(ups)) < 0.01


@pytest.mark.parametrize(
    ("kind", "grows"), [("push_in", True), ("pull_out", False), ("zoom_in", True), ("zoom_out", False)]
)
def test_dollies_and_zooms_change_the_frame_by_one_size(kind: str, grows: bool) -> None:
    moved = path(kind)
    first, last = moved.at(0), moved.at(FRAMES - 1)
    face = np.mean([stage().people[0].joints[name] for name in ("left_eye", "right_eye")], axis=0)
    ratio = width_of_subject(last, face) / width_of_subject(first, face)
    assert ratio == pytest.approx(0.66 / 0.46 if grows else 0.66 / 0.86, rel=1e-6)
    assert moved.told[0]["to_size"] == ("medium_close_up" if grows else "medium_wide")
    if not kind.startswith("zoom"):
        assert seen(first, tuple(face))[0, :2] == pytest.approx(seen(last, tuple(face))[0, :2]), "no head is cut"
    assert (first.at == last.at) is kind.startswith("zoom")
    assert (first.focal == last.focal) is not kind.startswith("zoom")


def test_a_dolly_has_parallax_and_a_zoom_has_none() -> None:
    def beside(camera: Camera) -> float:
        points = seen(camera, (0.4, 1.5, 0.0), FAR)
        return float((points[0, 0] - WIDTH / 2) / (points[1, 0] - WIDTH / 2))

    for kind, stays in (("push_in", False), ("zoom_in", True)):
        moved = path(kind)
        assert (abs(beside(moved.at(FRAMES - 1)) / beside(moved.at(0)) - 1) < 1e-6) is stays


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("speed", ["slow", None, "fast"])
def test_a_dolly_zoom_keeps_the_subjects_width_and_changes_the_background(direction: str, speed: str | None) -> None:
    moved = path("dolly_zoom", direction=direction, speed=speed)
    cameras = [moved.at(frame) for frame in range(FRAMES)]
    widths = [width_of_subject(camera, SUBJECT) for camera in cameras]
    assert max(widths) / min(widths) - 1 < 1e-6
    behind = [width_of_subject(camera, np.array(FAR)) for camera in cameras]
    changes = np.diff(behind)
    assert (changes < 0).all() if direction == "in" else (changes > 0).all()
    assert max(behind) / min(behind) > 1.2
    distances = [camera.focus_m for camera in cameras]
    assert [c.focal / cameras[0].focal for c in cameras] == pytest.approx([d / distances[0] for d in distances])


@pytest.mark.parametrize(
    ("direction", "side"), [("left", -1), ("right", 1), ("clockwise", -1), ("counterclockwise", 1)]
)
@pytest.mark.parametrize("degrees", [30.0, 180.0, 360.0])
def test_an_orbit_keeps_its_distance_and_its_subject(direction: str, side: int, degrees: float) -> None:
    moved = path("orbit", direction=direction, degrees=degrees, ease="linear")
    cameras = [moved.at(frame) for frame in range(FRAMES)]
    for camera in cameras:
        assert math.dist(camera.at, SUBJECT) == pytest.approx(math.dist(cameras[0].at, SUBJECT))
        assert seen(camera, tuple(SUBJECT))[0, :2] == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=1e-6)
    angles = np.unwrap([math.atan2(camera.at[0], camera.at[2]) for camera in cameras])
    assert math.degrees(angles[-1] - angles[0]) == pytest.approx(side * degrees)
    assert (cameras[1].at[0] - cameras[0].at[0]) * side > 0, "to its left is -x, before the set"


def test_trucks_pedestals_and_cranes_go_where_they_say() -> None:
    for kind, axis, sign in (
        ("truck_left", 0, -1), ("truck_right", 0, 1), ("pedestal_up", 1, 1), ("pedestal_down", 1, -1),
        ("crane_up", 1, 1), ("crane_down", 1, -1),
    ):  # fmt: skip
        moved = path(kind)
        first, middle, last = (moved.at(frame) for frame in (0, (FRAMES - 1) / 2, FRAMES - 1))
        assert (last.at[axis] - first.at[axis]) * sign > 0.2, kind
        framed = stage().camera
        if kind.startswith("crane"):
            for camera in (first, middle, last):
                assert seen(camera, tuple(SUBJECT))[0, :2] == pytest.approx((WIDTH / 2, HEIGHT / 2), abs=1e-6)
            assert (first if sign > 0 else last).at == pytest.approx(framed.at)
        else:
            assert middle.at == pytest.approx(framed.at)
            assert camera_axes(first)[2] == pytest.approx(camera_axes(last)[2])


@pytest.mark.parametrize(
    ("kind", "axis", "sign"), [("pan_left", 0, 1), ("pan_right", 0, -1), ("tilt_up", 1, 1), ("tilt_down", 1, -1)]
)
def test_pans_and_tilts_turn_on_the_spot(kind: str, axis: int, sign: int) -> None:
    moved = path(kind, degrees=20.0)
    cameras = [moved.at(frame) for frame in range(FRAMES)]
    assert {camera.at for camera in cameras} == {cameras[0].at}
    places = [seen(camera, FAR)[0, axis] for camera in cameras]
    assert (places[-1] - places[0]) * sign > 50, "what is seen goes the other way"
    turn = math.acos(float(camera_axes(cameras[0])[2] @ camera_axes(cameras[-1])[2]))
    assert math.degrees(turn) == pytest.approx(20, abs=0.05)


def test_a_pan_ends_on_what_is_named() -> None:
    on = stage(boxes=(((3.0, 1.0, -1.0), (0.3, 1.0, 0.3)),))
    on = replace(on, world=replace(on.world, things=(*on.world.things[:-1], Thing("door", "door 1"))))
    moved = path("pan_right", on, target="the door")
    assert seen(moved.at(FRAMES - 1), (3.0, 1.0, -1.0))[0, 0] == pytest.approx(WIDTH / 2, abs=0.5)


def test_a_whip_pan_is_still_quick_and_still_again() -> None:
    moved = path("whip_pan", frames=73)
    turns = [
        math.degrees(math.acos(min(float(camera_axes(moved.at(k))[2] @ camera_axes(moved.at(k + 1))[2]), 1)))
        for k in range(72)
    ]
    assert sum(turns) == pytest.approx(90, abs=0.01)
    assert sum(turn > 0.001 for turn in turns) <= 11
    assert max(turns) > 12
    assert camera_axes(moved.at(72))[2] == pytest.approx(camera_axes(stage().camera)[2])


def test_a_rack_focus_goes_from_mark_to_mark_and_nothing_else_does() -> None:
    on = stage(boxes=(((0.8, 1.0, -3.0), (0.3, 1.0, 0.3)),))
    on = replace(on, world=replace(on.world, things=(*on.world.things[:-1], Thing("door", "door 1"))))
    moved = path("rack_focus", on, origin="Ada", target="door")
    cameras = [moved.at(frame) for frame in range(FRAMES)]
    ahead = camera_axes(cameras[0])[2]
    eyes = [on.people[0].joints[name] for name in ("left_eye", "right_eye")]
    assert cameras[0].focus_m == pytest.approx(float((np.mean(eyes, axis=0) - cameras[0].at) @ ahead))
    assert cameras[-1].focus_m == pytest.approx(float((np.array([0.8, 1.0, -3.0]) - cameras[0].at) @ ahead))
    assert (np.diff([camera.focus_m for camera in cameras]) >= 0).all()
    assert {(camera.at, camera.focal) for camera in cameras} == {(cameras[0].at, cameras[0].focal)}


def test_the_focus_stays_on_the_subject_while_the_camera_goes() -> None:
    for kind in ("push_in", "truck_left", "crane_up", "orbit", "dolly_zoom"):
        for frame in (0, 20, FRAMES - 1):
            camera = path(kind).at(frame)
            depth = float((SUBJECT - camera.at) @ camera_axes(camera)[2])
            assert camera.focus_m == pytest.approx(depth), kind


@pytest.mark.parametrize("kind", BANDS)
def test_a_carried_camera_sways_in_its_band_and_by_its_seed(kind: str) -> None:
    band = BANDS[kind]
    rate, seconds = 48.0, 200.0
    sway = Sway(band, 5, rate)
    times = np.arange(int(seconds * rate)) / rate
    values = np.array([np.concatenate(sway.at(time)) for time in times])
    power = np.abs(np.fft.rfft((values - values.mean(axis=0)) * np.hanning(len(values))[:, None], axis=0)) ** 2
    hertz = np.fft.rfftfreq(len(values), 1 / rate)
    inside = (hertz > 0.8 * band.low_hz - 0.02) & (hertz < 1.1 * band.high_hz)
    assert (power[inside].sum(axis=0) / power.sum(axis=0) > 0.98).all()
    assert values[:, :3].std(axis=0) == pytest.approx([band.shift_m] * 3, rel=0.12)
    assert values[:, 3].std() == pytest.approx(band.turn_rad, rel=0.12)
    again, other = Sway(band, 5, rate).at(1.5), Sway(band, 6, rate).at(1.5)
    assert (again[0] == sway.at(1.5)[0]).all()
    assert not np.allclose(other[0], again[0])
    lower = power[(hertz > band.low_hz) & (hertz < band.low_hz * 2)].mean()
    upper = power[(hertz > band.high_hz / 2) & (hertz < band.high_hz)].mean()
    assert lower > upper, "slow unrest is larger than quick"


def test_moves_combine() -> None:
    both, push, held = (path(kind) for kind in ("handheld+push_in", "push_in", "handheld"))
    last = FRAMES - 1
    went = np.array(push.at(last).at) - push.at(0).at
    together = np.array(both.at(last).at) - both.at(0).at
    assert np.linalg.norm(together - went) < 0.15
    assert both.at(last).at != push.at(last).at
    assert np.linalg.norm(np.array(held.at(last).at) - held.at(0).at) < 0.15
    assert [told["kind"] for told in both.told] == ["push_in", "handheld"]


@pytest.mark.parametrize("kind", MOVE_NAMES)
def test_a_moment_asked_for_alone_is_that_of_the_whole_and_the_next_is_near(kind: str) -> None:
    moved, again = path(kind), path(kind)
    cameras = [moved.at(frame) for frame in range(FRAMES)]
    assert again.at(31) == cameras[31]
    assert moved.at(7) == cameras[7]
    limit = 0.5 if kind == "whip_pan" else 0.12
    for one, other in pairwise(cameras):
        assert math.dist(one.at, other.at) < 0.45
        assert np.linalg.norm(camera_axes(one)[1] - camera_axes(other)[1]) < limit
        assert np.linalg.norm(camera_axes(one)[2] - camera_axes(other)[2]) < limit


@pytest.mark.parametrize("ease", ["linear", "in", "out", "in_out"])
def test_a_move_is_eased(ease: str) -> None:
    moved = path("truck_right", ease=ease)
    steps = [math.dist(moved.at(k).at, moved.at(k + 1).at) for k in range(FRAMES - 1)]
    begins, ends = steps[0] < 0.2 * max(steps), steps[-1] < 0.2 * max(steps)
    assert (begins, ends) == (ease in ("in", "in_out"), ease in ("out", "in_out"))


# --- what stands in the way ------------------------------------------------------------------------------------------


def clear_of(moved: CameraPath, on: Stage) -> bool:
    solid = Solid(on)
    places = np.array([moved.at(frame).at for frame in np.linspace(0, FRAMES - 1, 200)])
    distance, _ = solid.near(places)
    return bool((distance > 0.15).all() and (places[:, 1] > 0.09).all())


@pytest.mark.parametrize(
    ("kind", "wall"),
    [
        ("truck_right", ((1.2, 1.5, 4.0), (0.02, 1.5, 2.0))),
        ("pull_out", ((0.0, 1.5, 4.6), (3.0, 1.5, 0.02))),
        ("orbit", ((-2.5, 1.5, 2.0), (0.02, 1.5, 1.5))),
        ("crane_up", ((0.0, 2.0, 4.0), (3.0, 0.02, 3.0))),
        ("dolly_zoom", ((0.0, 1.5, 3.2), (3.0, 1.5, 0.02))),
        ("steadicam+truck_left", ((-0.6, 1.5, 4.0), (0.02, 1.5, 2.0))),
    ],
)
def test_a_camera_stops_before_a_wall_and_says_so(kind: str, wall: Any) -> None:
    on = stage(boxes=(wall,))
    direction = {"orbit": "left", "dolly_zoom": "in"}.get(kind)
    free, moved = path(kind, direction=direction), path(kind, on, direction=direction)
    assert not clear_of(free, on), "the wall is not in the way"
    assert clear_of(moved, on)
    assert any("the wall is in it" in note for note in moved.notes)
    assert 0 <= moved.reach < 1


def test_walls_of_the_plan_stop_it_too() -> None:
    on = replace(stage(), walls=((-5.0, 4.8, 5.0, 4.8),))
    moved = path("pull_out", on)
    assert max(moved.at(frame).at[2] for frame in range(FRAMES)) < 4.8
    assert moved.notes == (f"the camera goes {round(100 * moved.reach)} % of its way: a wall is in it",)


def test_a_camera_does_not_go_into_a_person_or_the_ground() -> None:
    on = stage(at=(0.2, 1.5, 1.0))
    moved = path("push_in", on, target="extreme close-up", shot=Shot(size="close_up"))
    assert clear_of(moved, on)
    low = stage(at=(0.0, 0.25, 4.0), target=(0.0, 0.4, 0.0))
    assert min(path("pedestal_down", low).at(frame).at[1] for frame in range(FRAMES)) > 0.09


def test_a_camera_that_was_put_beside_a_shoulder_may_leave_it() -> None:
    on = stage(at=(0.25, 1.45, 0.28), target=(0.5, 1.5, -4.0))
    assert path("pull_out", on).reach == 1


def test_the_side_that_is_free_is_taken_where_nobody_says_which() -> None:
    on = stage(boxes=(((-2.5, 1.5, 2.0), (0.02, 1.5, 1.5)),))
    moved = path("orbit", on)
    assert (moved.reach, moved.notes) == (1.0, ())
    assert moved.at(FRAMES - 1).at[0] > 1
    assert path("orbit", on, direction="left").reach < 1


# --- people who walk -------------------------------------------------------------------------------------------------


def walked(pose: str = "walk", facing: float = math.pi / 2, kind: str = "static", **how: Any) -> Take:
    on = stage(facing=facing, pose=pose, **how)
    return take(kind, on, shot=Shot(size="full", people=(Person(who="Ada", pose=pose),)))


def joints(of: Take, frame: float) -> dict[str, np.ndarray]:
    return {name: np.array(point) for name, point in of.world(frame).figures[0].joints.items()}


@pytest.mark.parametrize(("pose", "speed"), [("walk", 1.3), ("run", 3.1)])
def test_a_person_walks_ahead_on_feet_that_do_not_slide(pose: str, speed: float) -> None:
    shot = walked(pose)
    frames = np.arange(0, FRAMES - 1, 0.5)
    poses = [joints(shot, frame) for frame in frames]
    necks = np.array([pose["neck"] for pose in poses])
    gone = np.diff(necks[:, 0]) * 48
    assert gone.mean() == pytest.approx(speed, rel=0.02)
    assert np.abs(necks[:, 2]).max() < 0.1, "straight on"
    for side in ("left", "right"):
        ankle = np.array([pose[f"{side}_ankle"] for pose in poses])
        down = (ankle[:-1, 1] < 0.0905) & (ankle[1:, 1] < 0.0905)
        assert 0.1 < down.mean() < 0.8
        slides = np.linalg.norm(np.diff(ankle, axis=0)[down][:, [0, 2]], axis=1)
        assert np.median(slides) < 0.006, "metres in half a frame"
        assert (ankle[:, 1] > 0.08).all(), "no foot in the ground"
        assert ankle[:, 1].max() > 0.13
    lengths = [float(np.linalg.norm(pose["left_knee"] - pose["left_hip"])) for pose in poses]
    assert max(lengths) - min(lengths) < 1e-6


def test_arms_swing_against_the_legs() -> None:
    poses = [joints(walked(), frame) for frame in range(FRAMES)]
    foot = [pose["left_ankle"][0] - pose["neck"][0] for pose in poses]
    hand = [pose["left_wrist"][0] - pose["neck"][0] for pose in poses]
    assert np.corrcoef(foot, hand)[0, 1] < -0.8


def test_the_body_keeps_its_forms_and_who_stands_stays_the_same_object() -> None:
    shot = walked(boxes=(((5.0, 1.0, -5.0), (1.0, 1.0, 1.0)),))
    before, after = shot.world(0), shot.world(20)
    assert len(before.forms) == len(after.forms)
    assert after.forms[-1] is shot.path.stage.world.forms[-1]
    for one, other in zip(before.forms, after.forms, strict=True):
        sizes = [np.sort(np.linalg.norm(form.matrix, axis=0)) for form in (one, other)]
        assert sizes[0] == pytest.approx(sizes[1])


def test_who_comes_ends_on_the_mark_who_goes_begins_there_who_crosses_has_it_in_the_middle() -> None:
    def place(facing: float, frame: int) -> np.ndarray:
        return joints(walked(facing=facing), frame)["neck"] * [1, 0, 1]

    for facing, frame in ((0.0, FRAMES - 1), (math.pi, 0), (math.pi / 2, (FRAMES - 1) // 2)):
        assert np.linalg.norm(place(facing, frame)) < 0.12


def test_a_camera_that_follows_keeps_its_distance_and_the_person_in_frame() -> None:
    for facing in (0.0, math.pi / 2, math.pi):
        shot = walked(facing=facing, kind="tracking")
        gaps, places = [], []
        for frame in range(FRAMES):
            camera, neck = shot.path.at(frame), joints(shot, frame)["neck"]
            gaps.append(np.array(camera.at) - shot.bodies[0].walk.place(frame / 24))
            places.append(seen(camera, tuple(neck))[0, :2])
        assert np.ptp(gaps, axis=0).max() < 1e-9
        assert np.ptp(places, axis=0).max() < 20
        assert math.dist(shot.path.at(0).at, shot.path.at(FRAMES - 1).at) > 2


def test_people_and_the_camera_beside_them_stop_where_a_wall_is() -> None:
    shot = walked(facing=math.pi / 2, boxes=(((1.2, 1.0, 0.0), (0.05, 1.0, 3.0)),))
    assert max(joints(shot, frame)["neck"][0] for frame in range(FRAMES)) < 1.0
    assert any(note.startswith("Ada goes") for note in shot.path.notes)
    still = joints(shot, FRAMES - 1)
    assert abs(still["left_ankle"][0] - still["right_ankle"][0]) < 0.1, "and stands there"
    follows = walked(facing=math.pi / 2, kind="tracking", boxes=(((1.8, 1.0, 4.0), (0.05, 1.0, 0.5)),))
    assert clear_of(follows.path, follows.path.stage)
    assert any("beside them" in note for note in follows.path.notes)


def test_who_turns_ends_as_they_were_staged() -> None:
    on = stage(facing=0.3)
    shot = take("static", on, shot=Shot(size="full", people=(Person(who="Ada", action="turning"),)))
    first, last = joints(shot, 0), joints(shot, FRAMES - 1)
    assert np.linalg.norm(first["nose"] - last["nose"]) > 0.15
    assert last["nose"] == pytest.approx(np.array(on.people[0].joints["nose"]), abs=1e-6)


def test_who_sits_does_not_walk() -> None:
    assert walked("sit").bodies == []


# --- as values -------------------------------------------------------------------------------------------------------


def test_the_cameras_file_has_every_frame_and_turns_evenly() -> None:
    moved = path("orbit", degrees=360.0, fps=Fraction(24000, 1001))
    data = json.loads(json.dumps(moved.as_data(WIDTH, HEIGHT), allow_nan=False))
    assert (data["rate"], data["frames"], len(data["samples"])) == ("24000/1001", FRAMES, FRAMES)
    turns = np.array([sample["rotation"] for sample in data["samples"]])
    assert (np.sum(turns[1:] * turns[:-1], axis=1) > 0.9).all()
    for frame in (0, 17, FRAMES - 1):
        sample, camera = data["samples"][frame], moved.at(frame)
        assert sample["position_m"] == pytest.approx(camera.at, abs=1e-8)
        assert sample["focal_mm"] == pytest.approx(35)
        x, y, z, w = sample["rotation"]
        ahead = [-2 * (x * z + w * y), -2 * (y * z - w * x), -(1 - 2 * (x * x + y * y))]
        assert ahead == pytest.approx(camera_axes(camera)[2], abs=1e-7)
    assert data["moves"][0]["degrees"] == 360.0


@pytest.mark.parametrize(
    ("prompt", "degrees"),
    [
        ("slow 180 orbit around the table", 180.0),
        ("orbits 45 degrees", 45.0),
        ("a full circle around them", 360.0),
        ("90° arc", 90.0),
        ("50mm, 1.85:1, a woman of 80", None),
        ("pan left", None),
    ],
)
def test_how_far_it_turns_is_read(prompt: str, degrees: float | None) -> None:
    assert degrees_in(prompt) == degrees
