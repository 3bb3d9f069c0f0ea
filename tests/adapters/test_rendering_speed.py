"""The numpy renderer is quick by doing less, never by doing something else."""

import numpy as np
import pytest

from auteur.adapters.engines.previs.rendering import forms, render
from auteur.adapters.engines.previs.rendering.render import Renderer
from auteur.adapters.engines.previs.rendering.shading import Shader
from tests.adapters.plain_renderer import plain_sum
from tests.adapters.reference_sets import SETS

WIDTH_PX, HEIGHT_PX, PASSES, SEED = 150, 101, 2, 7


def drawn(name: str) -> Renderer:
    renderer = Renderer(*SETS[name], WIDTH_PX, HEIGHT_PX, PASSES, SEED)
    for _ in range(PASSES):
        renderer.add_pass()
    return renderer


@pytest.mark.parametrize("name", SETS)
def test_no_pixel_differs_from_the_formulas(name: str) -> None:
    plain = plain_sum(*SETS[name], WIDTH_PX, HEIGHT_PX, PASSES, SEED)
    assert (drawn(name)._sum.transpose(1, 2, 0) == plain).all()


@pytest.mark.parametrize("name", ["by day", "street by night", "sea at dusk", "room"])
def test_in_how_many_bands_a_picture_is_drawn_cannot_be_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, boards = [], []
    for pixels in (1, 7 * WIDTH_PX, 1 << 20):
        monkeypatch.setattr(render, "_BAND_PIXELS", pixels)
        renderer = drawn(name)
        pictures.append(renderer.picture())
        boards.append(renderer.board())
    assert all((other == pictures[0]).all() for other in pictures)
    assert all((other == boards[0]).all() for other in boards)


@pytest.mark.parametrize("name", ["by day", "street by night", "sea at dusk", "room"])
def test_in_how_many_pieces_it_is_computed_cannot_be_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = []
    for points in (97, 1 << 14, 1 << 30):
        monkeypatch.setattr(forms, "PIECE", points)
        pictures.append(drawn(name)._sum)
    assert all((other == pictures[0]).all() for other in pictures)


def test_the_sky_is_computed_only_where_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    whole = Shader.sky

    def counted(self: Shader, d: list[np.ndarray]) -> list[np.ndarray]:
        asked.append(d[0].size)
        return whole(self, d)

    monkeypatch.setattr(Shader, "sky", counted)
    drawn("street by night")
    assert 0 < sum(asked) < 0.5 * PASSES * WIDTH_PX * HEIGHT_PX
