"""Ten shots of a scene in which all is well, and the same with an error of each kind planted in it."""

import math
from dataclasses import replace
from typing import Any

import pytest

from auteur.domain.continuity import Finding, StagedShot, check, staged_shot

MARIA, TOM, DOOR = (-0.6, 0.0), (0.6, 0.0), (3.5, -1.5)


def heading(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.degrees(math.atan2(other[0] - one[0], other[1] - one[1]))


def told(
    at: tuple[float, float, float],
    target: tuple[float, float, float],
    people: list[dict[str, Any]],
    size: str,
    kind: tuple[str, ...] = (),
    over: str | None = None,
) -> dict[str, Any]:
    """What a take says that it understood, with the camera's axes as a camera has them."""
    ahead = [b - a for a, b in zip(at, target, strict=True)]
    long = math.hypot(*ahead)
    ahead = [value / long for value in ahead]
    flat = math.hypot(ahead[0], ahead[2])
    right = [-ahead[2] / flat, 0.0, ahead[0] / flat]
    return {
        "size": size, "kind": list(kind), "over_shoulder": {"of": over, "on": None} if over else None,
        "people": [{"who": one["name"], "looking_at": one.pop("looking_at", None)} for one in people],
        "camera": {"position_m": list(at), "right": right, "ahead": ahead, "yfov_deg": 30.0},
        "stage": {"people": people},
    }  # fmt: skip


def person(name: str, at: tuple[float, float], towards: tuple[float, float], **more: Any) -> dict[str, Any]:
    turn = heading(at, towards)
    return {
        "name": name, "at_m": [at[0], 0.0, at[1]], "facing_deg": turn, "look_deg": turn, "height_m": 1.7,
        "pose": "stand", "in_frame": True, **more,
    }  # fmt: skip


def maria(**more: Any) -> dict[str, Any]:
    return person("Maria", MARIA, TOM, **more)


def tom(**more: Any) -> dict[str, Any]:
    return person("Tom", TOM, MARIA, **more)


def at(angle_deg: float, away_m: float, around: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float, float]:
    """A place of the camera, seen from a point: 0 is in front of the scene, where the audience sits."""
    turn = math.radians(angle_deg)
    return around[0] + away_m * math.sin(turn), 1.6, around[1] + away_m * math.cos(turn)


def aimed(point: tuple[float, float]) -> tuple[float, float, float]:
    return point[0], 1.5, point[1]


def scene() -> list[dict[str, Any]]:
    """Ten shots: master, both sides of a dialogue, a two-shot, somebody who goes to the door, and the end of it."""
    centre = (0.0, 0.0)
    return [
        told(at(0, 7), aimed(centre), [maria(), tom()], "wide", ("master",)),
        told(at(25, 3), aimed(centre), [maria(), tom()], "medium", ("two_shot",)),
        told(at(55, 1.9, MARIA), aimed(MARIA), [maria(), tom()], "medium_close_up", ("over_the_shoulder",), "Tom"),
        told(at(-55, 1.9, TOM), aimed(TOM), [maria(), tom()], "medium_close_up", ("over_the_shoulder",), "Maria"),
        told(at(50, 1.2, MARIA), aimed(MARIA), [maria()], "close_up", ("single",)),
        told(at(-50, 1.2, TOM), aimed(TOM), [tom()], "close_up", ("single",)),
        told(at(-10, 3.4), aimed(centre), [maria(), tom()], "medium_wide", ("two_shot",)),
        told(at(10, 5, (2.0, -0.8)), aimed((2.0, -0.8)), [person("Tom", (1.5, -0.4), DOOR, pose="walk")], "full"),
        told(at(-25, 4, (3.0, -1.2)), aimed((3.0, -1.2)), [person("Tom", (2.9, -1.2), DOOR, pose="walk")], "medium"),
        told(at(45, 1.3, MARIA), aimed(MARIA), [person("Maria", MARIA, DOOR)], "close_up", ("single",)),
    ]  # fmt: skip


def found(shots: list[dict[str, Any]]) -> list[Finding]:
    staged = [staged_shot(f"7-{number}", "7", shot) for number, shot in enumerate(shots, 1)]
    assert None not in staged
    return check([shot for shot in staged if shot is not None])


def kinds(shots: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(finding.kind, finding.first, finding.second) for finding in found(shots)]


def test_in_a_sound_scene_nothing_is_found() -> None:
    assert kinds(scene()) == []


def test_a_camera_across_the_line_is_found_once_and_who_changes_sides_is_named() -> None:
    shots = scene()
    shots[6] = told(at(170, 3.4), aimed((0.0, 0.0)), [maria(), tom()], "medium_wide", ("two_shot",))
    assert kinds(shots) == [("line", "7-6", "7-7")]
    [finding] = found(shots)
    assert "Maria and Tom" in finding.reason


def test_a_single_across_the_line_is_found_too() -> None:
    shots = scene()
    shots[5] = told(at(-130, 1.2, TOM), aimed(TOM), [tom()], "close_up", ("single",))
    assert kinds(shots) == [("line", "7-5", "7-6")]


def test_a_shot_on_the_line_and_a_camera_that_crosses_it_while_it_runs_may_go_over() -> None:
    neutral = scene()
    neutral[5] = told(at(90, 2.5, TOM), aimed(TOM), [tom(), maria()], "medium", ("two_shot",))
    neutral[6] = told(at(170, 3.4), aimed((0.0, 0.0)), [maria(), tom()], "medium_wide", ("two_shot",))
    assert kinds(neutral[:7]) == []
    moved = [staged_shot(f"7-{number}", "7", shot) for number, shot in enumerate(scene()[:2], 1)]
    across = told(at(170, 3.4), aimed((0.0, 0.0)), [maria(), tom()], "full", ("two_shot",))
    last = staged_shot("7-3", "7", across)
    assert moved[1] is not None
    assert last is not None
    moved[1] = replace(moved[1], camera_end=at(170, 3.0))
    assert check([shot for shot in [*moved, last] if shot is not None]) == []


def test_a_jump_of_less_than_thirty_degrees_at_one_size_is_found() -> None:
    shots = scene()
    shots[6] = told(at(40, 1.3, TOM), aimed(TOM), [tom()], "close_up", ("single",))
    shots[5] = told(at(30, 1.2, TOM), aimed(TOM), [tom()], "close_up", ("single",))
    assert ("thirty_degrees", "7-6", "7-7") in kinds(shots)
    shots[6] = told(at(40, 0.7, TOM), aimed(TOM), [tom()], "extreme_close_up", ("single",))
    assert "thirty_degrees" not in {kind for kind, _, _ in kinds(shots)}


def test_looks_that_do_not_meet_are_found() -> None:
    shots = scene()
    shots[5] = told(
        at(-50, 1.2, TOM), aimed(TOM), [tom(look_deg=heading(TOM, (3.0, 0.5)), looking_at="Maria")], "close_up"
    )
    findings = found(shots)
    assert {finding.kind for finding in findings} == {"eyeline"}
    assert {finding.second for finding in findings} == {"7-6"}


def test_who_walks_and_turns_round_at_the_cut_is_found() -> None:
    shots = scene()
    walking = [person("Tom", (2.9, -1.2), DOOR, pose="walk")]
    shots[8] = told(at(155, 4, (3.0, -1.2)), aimed((3.0, -1.2)), walking, "medium")
    assert kinds(shots) == [("screen_direction", "7-8", "7-9")]


def test_four_shots_of_one_size_in_a_row_are_found() -> None:
    shots = scene()
    for place in (6, 7):
        shots[place]["size"] = "close_up"
    assert ("sizes", "7-5", "7-8") in kinds(shots)


def test_each_scene_is_checked_by_itself() -> None:
    shots = scene()
    across = told(at(170, 3.4), aimed((0.0, 0.0)), [maria(), tom()], "medium_wide", ("two_shot",))
    staged = [staged_shot("7-1", "7", shots[0]), staged_shot("8-1", "8", across)]
    assert check([shot for shot in staged if shot is not None]) == []


@pytest.mark.parametrize(
    "nonsense",
    [{}, {"camera": 7}, {"camera": {"position_m": [1, 2]}}, {"camera": {"position_m": [1, 2, float("nan")]}}],
)
def test_what_does_not_say_where_its_camera_was_is_not_checked(nonsense: dict[str, Any]) -> None:
    assert staged_shot("1", "1", nonsense) is None
    assert staged_shot("1", None, scene()[0]) is None


def test_a_size_that_nobody_named_is_seen_by_its_distance() -> None:
    near, far = (
        staged_shot("1", "1", {**told(at(0, away), aimed(MARIA), [maria()], "x"), "size": None}) for away in (1.0, 9.0)
    )
    assert isinstance(near, StagedShot)
    assert isinstance(far, StagedShot)
    assert (near.drawn_size, far.drawn_size) == ("close_up", "wide")


def test_who_has_crossed_begins_another_line_and_who_has_not_is_found() -> None:
    there, gone = staged("7-1", at(0, 4), [maria(), tom()]), [person("Maria", DOOR, TOM), person("Tom", TOM, DOOR)]
    assert not check([there, staged("7-2", at(180, 4, DOOR), gone)])
    assert {one.kind for one in check([there, staged("7-2", at(180, 4), [maria(), tom()], size="full")])} == {"line"}


def staged(
    name: str, camera: tuple[float, float, float], people: list[dict[str, Any]], size: str = "wide"
) -> StagedShot:
    found = staged_shot(name, "7", told(camera, (0.0, 1.5, 0.0), people, size))
    assert found is not None
    return found
