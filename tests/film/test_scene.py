"""A scene of ten shots, read, staged and checked as a project's are: sound as it is, and with an error of each kind.

The errors are planted in what was staged: the camera goes across the line, or hardly away; somebody looks elsewhere,
goes back, or is seen in one size all the time.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.controls.staged import describe_stage
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.stage import PersonMark, Stage
from auteur.domain.continuity import check, staged_shot

SET = {"name": "kitchen", "place": "INT. KITCHEN", "layout": "Maria on the left, Tom on the right", "time": "night"}
CAST = [{"name": "maria", "called": "Maria"}, {"name": "tom", "called": "Tom"}]
SHOTS = (
    "Wide master, Maria and Tom talk",
    "Medium two-shot of Maria and Tom",
    "Over the shoulder of Tom onto Maria, medium close-up",
    "Over the shoulder of Maria onto Tom, medium close-up",
    "Close-up single of Maria, looking at Tom",
    "Close-up single of Tom, looking at Maria",
    "Medium wide two-shot of Maria and Tom",
    "Full shot, Tom walks to the right",
    "Medium shot, Tom walks to the right",
    "Close-up single of Maria, looking at Tom",
)
Planted = Callable[[Stage], Stage]


@functools.cache
def on_the_set(words: str) -> tuple[Shot, Stage]:
    return staged(
        {"prompt": words, "seed": 5, "width_px": 640, "height_px": 360, "set": SET | {"seed": 5}, "cast": CAST}
    )


def told(words: str, planted: Planted) -> dict[str, Any]:
    """What a take of the shot says that it understood."""
    shot, made = on_the_set(words)
    made = planted(made)
    seen = {"camera": describe(made.camera, 640, 360, made.lens), "stage": describe_stage(made, 640, 360)}
    return shot.as_data() | {"assumed": made.assumed} | seen


def findings(errors: dict[int, Planted], shots: tuple[str, ...] = SHOTS) -> list[tuple[str, str, str]]:
    takes = [told(words, errors.get(number, lambda made: made)) for number, words in enumerate(shots, 1)]
    checked = [staged_shot(f"7-{number}", "7", take) for number, take in enumerate(takes, 1)]
    assert None not in checked
    return [(found.kind, found.first, found.second) for found in check([shot for shot in checked if shot is not None])]


def who(made: Stage, name: str) -> PersonMark:
    return next(mark for mark in made.people if mark.name == name)


def across(made: Stage) -> Stage:
    """The camera on the other side of the line between the two, as far from it."""
    one, two = who(made, "Maria").at, who(made, "Tom").at
    turn = math.atan2(two[2] - one[2], two[0] - one[0])

    def mirrored(point: tuple[float, float, float]) -> tuple[float, float, float]:
        x, z = point[0] - one[0], point[2] - one[2]
        c, s = math.cos(2 * turn), math.sin(2 * turn)
        return one[0] + x * c + z * s, point[1], one[2] + x * s - z * c

    camera = made.camera
    return replace(made, camera=replace(camera, at=mirrored(camera.at), target=mirrored(camera.target)))


def turned(name: str, degrees: float) -> Planted:
    """The camera so many degrees farther around somebody."""

    def plant(made: Stage) -> Stage:
        middle = who(made, name).at
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

        def round_(point: tuple[float, float, float]) -> tuple[float, float, float]:
            x, z = point[0] - middle[0], point[2] - middle[2]
            return middle[0] + x * c + z * s, point[1], middle[2] + z * c - x * s

        camera = made.camera
        return replace(made, camera=replace(camera, at=round_(camera.at), target=round_(camera.target)))

    return plant


def looks_off(made: Stage) -> Stage:
    people = (
        replace(mark, look_rad=mark.look_rad + math.pi * 0.8) if mark.name == "Tom" else mark for mark in made.people
    )
    return replace(made, people=tuple(people))


def test_ten_staged_shots_of_one_scene_are_sound() -> None:
    assert findings({}) == []


def test_a_staged_camera_across_the_line_is_found() -> None:
    assert ("line", "7-6", "7-7") in findings({7: across})


def test_a_staged_camera_that_hardly_turns_is_found() -> None:
    shots = (*SHOTS[:5], SHOTS[4], *SHOTS[6:])
    assert ("thirty_degrees", "7-5", "7-6") in findings({6: turned("Maria", -12)}, shots)
    assert "thirty_degrees" not in {kind for kind, _, _ in findings({6: turned("Maria", -40)}, shots)}


def test_staged_looks_that_do_not_meet_are_found() -> None:
    assert "eyeline" in {kind for kind, _, second in findings({6: looks_off}) if second == "7-6"}


def test_who_goes_back_at_a_cut_between_staged_shots_is_found() -> None:
    shots = (*SHOTS[:8], "Medium shot, Tom walks to the left", SHOTS[9])
    assert ("screen_direction", "7-8", "7-9") in findings({}, shots)


@pytest.mark.parametrize("first", [5, 6])
def test_staged_shots_of_one_size_in_a_row_are_found(first: int) -> None:
    shots = (
        *SHOTS[: first - 1],
        *(f"Close-up single of {name}" for name in ("Tom", "Maria", "Tom", "Maria")),
        SHOTS[6],
    )
    assert "sizes" in {kind for kind, _, _ in findings({}, shots)}
