"""What is read out of a sentence, and that the picture shows it."""

import hashlib

import numpy as np
import pytest

from auteur.adapters.engines.previs.reading.choices import ANGLE_NAMES, SHOT_NAMES
from auteur.adapters.engines.previs.rendering.render import Renderer
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.stage import Stage


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("wide shot of a lighthouse at dusk", {"size": "wide", "time_of_day": "dusk"}),
        ("EWS, two riders in a desert canyon, golden hour", {"size": "extreme_wide", "time_of_day": "golden_hour"}),
        ("medium close-up of a woman in a kitchen at noon", {"size": "medium_close_up", "time_of_day": "noon"}),
        ("close up, an old man in a forest, fog", {"size": "close_up", "weather": ["fog"]}),
        ("over the shoulder, two friends by a campfire", {"kind": ["over_the_shoulder"]}),
        ("bird's-eye view of a car on a city street", {"angle": "overhead"}),
        (
            "dutch angle, a detective in a rainy alley at night, 35mm, f/2",
            {"dutch": True, "lens_mm": 35.0, "stop": 2.0},
        ),
        ("insert of a cup of coffee on a table", {"kind": ["insert"]}),
        ("INT. 4 strangers, night", {"int_ext": "INT", "time_of_day": "night"}),
        ("xyzzy quux", {"size": None, "not_understood": ["xyzzy", "quux"]}),
    ],
)
def test_the_language_of_the_set_is_read(prompt: str, wanted: dict[str, object]) -> None:
    shot = staged({"prompt": prompt, "seed": 3, "width_px": 96, "height_px": 64})[0].as_data()
    assert {name: shot[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("two shot on a pier at dusk", 2),
        ("over the shoulder, a kitchen", 2),
        ("three-shot in a bar", 3),
        ("two shot of a dog and a cat", 0),
        ("two shot, an empty street, no people", 0),
        ("a pier at dusk", 0),
    ],
)
def test_a_shot_for_people_has_them_though_none_is_named_and_says_so(prompt: str, count: int) -> None:
    shot, made = staged({"prompt": prompt, "seed": 3, "width_px": 96, "height_px": 64})
    assert (len(made.people), len(made.assumed.get("people", []))) == (count, count)
    assert shot.people == (), "nobody was read"


def test_those_of_the_cast_are_in_a_shot_for_people_before_others() -> None:
    cast = [{"name": name.lower(), "called": name} for name in ("Jo", "Ada", "Tom")]
    _, made = staged({"prompt": "two shot", "seed": 3, "width_px": 96, "height_px": 64, "cast": cast})
    assert sorted(made.assumed["people"]) == ["Ada", "Jo"]
    assert {mark.name for mark in made.people} == {"Ada", "Jo", "Tom"}, "who else is on the set stays there"


def test_what_is_given_overrides_what_is_said() -> None:
    given = {"shot": "close_up", "angle": "high", "lens_mm": 90}
    params = {"prompt": "wide low angle shot, 24mm", "seed": 3, "width_px": 96, "height_px": 64, **given}
    shot = staged(params)[0]
    assert (shot.size, shot.angle, shot.lens_mm) == ("close_up", "high", 90)


@pytest.mark.parametrize(
    ("prompt", "moves"), [("slow push in on the door", ["push_in"]), ("we pan left", ["pan_left"]), ("a door", [])]
)
def test_a_move_is_read(prompt: str, moves: list[str]) -> None:
    shot = staged({"prompt": prompt, "seed": 3, "width_px": 96, "height_px": 64})[0]
    assert [move.kind for move in shot.moves] == moves


def set_up(prompt: str, seed: int = 3, size: tuple[int, int] = (96, 64), **how: object) -> Stage:
    return staged({"prompt": prompt, "seed": seed, "width_px": size[0], "height_px": size[1], **how})[1]


def picture(prompt: str, seed: int = 7, passes: int = 2, size: tuple[int, int] = (96, 64), **how: object) -> np.ndarray:
    made = set_up(prompt, seed, size, **how)
    renderer = Renderer(made.world, made.camera, *size, passes, seed)
    for _ in range(passes):
        renderer.add_pass()
    return renderer.picture()


def test_a_lighthouse_at_dusk_does_not_look_like_a_kitchen_at_noon() -> None:
    prompts = [
        "wide shot of a lighthouse at dusk",
        "medium shot of a woman in a kitchen at noon",
        "two riders in a desert at golden hour",
        "a detective in a rainy city at night",
        "a man in a foggy forest",
        "a village under snow",
    ]
    pictures = [picture(prompt).astype(float) for prompt in prompts]
    for i, one in enumerate(pictures):
        assert one.std() > 8, f"{prompts[i]}: an empty picture"
        for j in range(i):
            assert np.abs(one - pictures[j]).mean() > 15, (prompts[i], prompts[j])


def test_night_is_darker_than_noon() -> None:
    assert picture("a field at night").mean() < 0.6 * picture("a field at noon").mean()


def test_the_same_seed_gives_the_same_picture_and_another_a_different_one() -> None:
    digests = [hashlib.sha256(picture("a forest", seed).tobytes()).hexdigest() for seed in (1, 1, 2)]
    assert digests[0] == digests[1] != digests[2]


def test_more_passes_come_closer_to_the_whole() -> None:
    whole = picture("a lighthouse at noon", passes=64).astype(float)
    errors = [np.abs(picture("a lighthouse at noon", passes=n).astype(float) - whole).mean() for n in (1, 4, 16)]
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize("size", SHOT_NAMES)
@pytest.mark.parametrize("place", ["coast", "kitchen"])
def test_every_shot_size_shows_something(size: str, place: str) -> None:
    shown = picture(f"a woman, {place}", size=(48, 32), passes=1)
    assert shown.std() > 4
    made = set_up(f"a woman, {place}", shot=size)
    framed = Renderer(made.world, made.camera, 48, 32, 1, 3)
    framed.add_pass()
    assert framed.picture().std() > 4


def test_a_closer_shot_shows_less() -> None:
    def distance(size: str) -> float:
        camera = set_up("a woman in a field", shot=size, lens_mm=50).camera
        return float(np.linalg.norm(np.array(camera.at) - np.array(camera.target)))

    order = ["extreme_close_up", "close_up", "medium_close_up", "medium", "cowboy", "full", "wide", "extreme_wide"]
    distances = [distance(size) for size in order]
    assert distances == sorted(distances)


@pytest.mark.parametrize("angle", ANGLE_NAMES)
def test_every_angle_can_be_placed(angle: str) -> None:
    camera = set_up("a man in a field", angle=angle).camera
    rises = camera.at[1] - camera.target[1]
    if angle in ("high", "overhead"):
        assert rises > 0.3
    if angle == "low":
        assert rises < 0
    assert (camera.roll != 0) == (angle == "dutch")


def test_the_board_is_ink_on_paper() -> None:
    made = set_up("a lighthouse")
    renderer = Renderer(made.world, made.camera, 192, 128, 2, 3)
    renderer.add_pass()
    renderer.add_pass()
    page = renderer.board()
    assert page.shape == (128, 192, 3)
    assert np.median(page) > 200, "most of it is paper"
    assert (page.mean(axis=2) < 90).mean() > 0.005, "some of it is ink"
