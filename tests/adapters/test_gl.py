"""The GL renderer draws what the numpy renderer draws; where there is no GL, numpy does."""

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auteur.adapters.engines.previs.rendering import renderers
from auteur.adapters.engines.previs.rendering.forms import INTERSECT, Material
from auteur.adapters.engines.previs.rendering.patterns import PATTERNS
from auteur.adapters.engines.previs.rendering.renderers import PassRenderer, open_renderer
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from tests.adapters.reference_sets import EYE, SETS, form

WIDTH_PX, HEIGHT_PX, PASSES, SEED = 144, 96, 2, 7
SAME, SOME = 1.0, 0.01
"""How far apart the renderers may be: the mean of each channel in code values; the share of pixels more than 12."""


@pytest.fixture(autouse=True)
def _untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers, "_tried", renderers._Tried())


@pytest.fixture(scope="module")
def _gl() -> None:
    pytest.importorskip("moderngl", reason="GL is not installed: auteur[gl]")
    from auteur.adapters.engines.previs.rendering.gl.device import device

    try:
        device()
    except Exception as error:
        pytest.skip(f"there is no GL here: {type(error).__name__}: {error}")


@pytest.fixture(params=["gl", "numpy"])
def choice(request: pytest.FixtureRequest) -> Any:
    if request.param == "gl":
        request.getfixturevalue("_gl")
    return request.param


def opened(choice: Any, world: Set, camera: Camera, **how: Any) -> PassRenderer:
    renderer = open_renderer(world, camera, WIDTH_PX, HEIGHT_PX, PASSES, SEED, choice=choice, **how)
    assert renderer.name == choice
    return renderer


def drawn(renderer: PassRenderer) -> np.ndarray:
    for _ in range(renderer.passes):
        renderer.add_pass()
    return renderer.picture()


def apart(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    difference = np.abs(one.astype(int) - other.astype(int))
    return float(difference.mean(axis=(0, 1)).max()), float((difference.max(axis=2) > 12).mean())


@pytest.mark.usefixtures("_gl")
@pytest.mark.parametrize("name", SETS)
def test_gl_and_numpy_draw_the_same_picture(name: str) -> None:
    with opened("gl", *SETS[name]) as gl, opened("numpy", *SETS[name]) as numpy:
        one, other = drawn(gl), drawn(numpy)
        assert one.std() > 4, "an empty picture"
        mean, many = apart(one, other)
        assert mean < SAME
        assert many < SOME
        assert apart(gl.board(), numpy.board())[0] < SAME


@pytest.mark.usefixtures("_gl")
def test_the_pictures_of_two_sets_are_further_apart_than_those_of_two_renderers() -> None:
    pictures = []
    for world, camera in SETS.values():
        with opened("gl", world, camera) as gl:
            pictures.append(drawn(gl))
    for index, one in enumerate(pictures):
        assert all(apart(one, other)[0] > 2 * SAME for other in pictures[:index])


def test_the_same_values_give_the_same_bytes(choice: Any) -> None:
    world, camera = SETS["street by night"]
    first = drawn(opened(choice, world, camera))
    drawn(opened(choice, *SETS["room"]))
    assert (drawn(opened(choice, world, camera)) == first).all()


def moved(world: Set, by: float) -> Set:
    """The first of its forms elsewhere, the others the same objects."""
    first = world.forms[0]
    return replace(world, forms=(replace(first, at=first.at + np.array([by, 0, 0])), *world.forms[1:]))


@pytest.mark.parametrize("name", ["by day", "room", "street by night"])
def test_a_take_is_as_if_it_were_the_only_one(choice: Any, name: str) -> None:
    world, camera = SETS[name]
    takes = [
        (replace(camera, at=(0.1 * take, 1.6, 6.5)), moved(world, 0.2 * take) if take % 2 else world)
        for take in range(4)
    ]
    with opened(choice, world, camera, ink=False) as film:
        for there, then in takes:
            film.retake(there, then)
            with opened(choice, then, there, anchor=camera.target) as alone:
                assert (drawn(film) == drawn(alone)).all()


def test_a_take_of_another_set_is_that_set(choice: Any) -> None:
    world, camera = SETS["by day"]
    with opened(choice, world, camera) as film:
        for name in ("room", "sea at dusk", "nothing at all", "rain"):
            film.retake(SETS[name][1], SETS[name][0])
            with opened(choice, *SETS[name], anchor=camera.target) as alone:
                assert (drawn(film) == drawn(alone)).all()


def test_an_open_shutter_sees_both_moments(choice: Any) -> None:
    world, camera = SETS["by day"]
    there = replace(camera, at=(0.8, 1.7, 7.0))
    with opened(choice, world, camera) as still, opened(choice, world, there, anchor=camera.target) as other:
        alone = drawn(still), drawn(other)
        still.retake(camera)
        still.add_pass()
        still.follow(there)
        still.add_pass()
        blurred = still.picture().astype(int)
        assert apart(blurred, alone[0])[0] > 1
        assert apart(blurred, alone[1])[0] > 1
        low, high = np.minimum(*alone).astype(int), np.maximum(*alone).astype(int)
        assert ((blurred >= low - 40) & (blurred <= high + 40)).mean() > 0.9


@pytest.mark.usefixtures("_gl")
def test_what_is_opened_is_freed() -> None:
    world, camera = SETS["street by night"]
    side_px = 512
    at_least = 4 * (4 + 4 + 1 + 1) * side_px**2  # bytes: light, what is seen, depth, and the picture

    def use() -> None:
        with open_renderer(world, camera, side_px, side_px, 1, SEED, choice="gl") as renderer:
            for take in range(2):
                renderer.retake(camera, moved(world, 0.1 * take))
                renderer.add_pass()
                renderer.picture()

    for _ in range(3):
        use()
    before, files, threads = resident_bytes(), held("fd"), held("task")
    times = 12
    for _ in range(times):
        use()
    assert resident_bytes() - before < times * at_least / 3
    assert held("fd") == files
    assert held("task") == threads


def held(what: str) -> int:
    return len(os.listdir(f"/proc/self/{what}"))


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.usefixtures("_gl")
def test_what_ends_in_the_middle_is_freed_too() -> None:
    class StoppedError(Exception):
        pass

    def stop(share: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError), opened("gl", *SETS["room"]) as renderer:
        renderer.add_pass(stop)
    with opened("gl", *SETS["room"]) as one, opened("numpy", *SETS["room"]) as other:
        assert apart(drawn(one), drawn(other))[0] < SAME


# --- where there is no GL ---------------------------------------------------------------------------------------------


def no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if ".rendering.gl" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "moderngl", None)  # type: ignore[arg-type]


def no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("moderngl", reason="GL is not installed: auteur[gl]")
    from auteur.adapters.engines.previs.rendering.gl import device

    def refuse() -> None:
        raise RuntimeError("(detect) glcontext: eglInitialize failed\n(0x3001)")

    monkeypatch.setattr(device, "_open", refuse)
    monkeypatch.setattr(device, "_devices", {})


def bad_shader(monkeypatch: pytest.MonkeyPatch) -> None:
    from auteur.adapters.engines.previs.rendering.gl import device

    whole = device._source
    monkeypatch.setattr(device, "_source", lambda name: whole(name) + "\nnot GLSL" * (name == "surface.frag"))
    monkeypatch.setattr(device.device(), "_programs", {})


Fault = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(params=[no_module, no_context, bad_shader], ids=lambda fault: fault.__name__)
def fault(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param is bad_shader:
        request.getfixturevalue("_gl")
    request.param(monkeypatch)
    return str(request.param.__name__)


@pytest.mark.parametrize("wished", ["gl", "auto"])
def test_without_gl_numpy_draws_and_one_line_says_so(fault: str, wished: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with open_renderer(*SETS["by day"], 32, 24, 1, SEED, choice=wished) as renderer:
                assert renderer.name == "numpy"
                assert drawn(renderer).shape == (24, 32, 3)
    said = [record.getMessage() for record in caplog.records]
    if fault == "no_module" and wished == "auto":
        assert said == [], "nobody asked for it"
    else:
        assert len(said) == 1
        assert said[0].startswith("GL cannot be used here, so numpy draws: ")
        assert "\n" not in said[0]
    if fault == "no_module" and wished == "gl":
        assert "install auteur[gl]" in said[0]


@pytest.mark.usefixtures("_gl")
def test_what_gl_does_not_know_is_drawn_by_numpy_and_the_next_set_by_gl(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PATTERNS, "tartan", PATTERNS["tiles"])
    strange = replace(SETS["by day"][0], ground=Material((0.5, 0.1, 0.1), pattern="tartan"))
    for world, name in ((strange, "numpy"), (SETS["by day"][0], "gl"), (strange, "numpy")):
        with open_renderer(world, EYE, 32, 24, 1, SEED) as renderer:
            assert renderer.name == name
            drawn(renderer)
    assert [record.getMessage() for record in caplog.records if "pattern" in record.getMessage()] == [
        "GL cannot be used here, so numpy draws: UndrawableError: a material of a pattern that GL does not know"
    ]


@pytest.mark.usefixtures("_gl")
def test_gl_knows_every_shape_and_every_pattern() -> None:
    from auteur.adapters.engines.previs.rendering.gl import packing

    assert set(packing.PATTERNS) == {"plain", *PATTERNS}
    assert set(packing.SHAPES) == set(INTERSECT)
    drawn_here = {material.pattern for world, _ in SETS.values() for material in materials(world)}
    assert drawn_here >= set(PATTERNS), "the reference sets have them all"


def materials(world: Set) -> list[Material]:
    return [*(form.material for form in world.forms), *([world.ground] if world.ground else [])]


def test_numpy_is_numpy_whatever_is_installed() -> None:
    with open_renderer(*SETS["by day"], 32, 24, 1, SEED, choice="numpy") as renderer:
        assert renderer.name == "numpy"


@pytest.mark.usefixtures("_gl")
def test_auto_takes_gl_where_it_can_be_had() -> None:
    with open_renderer(*SETS["by day"], 32, 24, 1, SEED) as renderer:
        assert renderer.name == "gl"


@pytest.mark.usefixtures("_gl")
def test_a_fork_has_a_context_of_its_own() -> None:
    from auteur.adapters.engines.previs.rendering.gl import device

    assert device.device() is device.device()
    assert set(device._devices) == {(os.getpid(), next(iter(device._devices))[1])}


def test_a_form_of_no_size_and_a_camera_in_the_ground_end_no_job(choice: Any, tmp_path: Path) -> None:
    flat = form("box", (0.0, 1.0, 0.0), (1.0, 1e-9, 1.0), (0.5, 0.5, 0.5))
    world = replace(SETS["by day"][0], forms=(flat, form("cone", (0.5, 0.0, 0.0), (0.5, 1.0, 0.5), (0.5, 0.1, 0.1))))
    with opened(choice, world, replace(EYE, at=(0.0, -0.5, 7.0))) as renderer, np.errstate(all="ignore"):
        assert drawn(renderer).shape == (HEIGHT_PX, WIDTH_PX, 3)
