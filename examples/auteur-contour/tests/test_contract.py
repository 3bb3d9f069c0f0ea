"""What auteur asks of every engine, and what this one promises beside it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from auteur.adapters.engines.tools import EngineSettingError, EngineSettings, EngineTools
from auteur.domain.ports import DRAFT_SUFFIX
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, engine_tools, made, prepared, take_in
from auteur_contour.engine import make


def a_picture(path: Path, size: tuple[int, int] = (160, 120)) -> Path:
    """A bright disc on a dark ground."""
    picture = Image.new("RGB", size, (40, 44, 60))
    middle = size[0] // 2, size[1] // 2
    ImageDraw.Draw(picture).circle(middle, size[1] // 4, (220, 200, 150))
    picture.save(path)
    return path


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[EngineTools]:
    async with engine_tools(tmp_path / "workspace") as tools:
        yield tools


@pytest.fixture
async def case(tmp_path: Path, tools: EngineTools) -> EngineCase:
    params = {"source_image": await take_in(tools, a_picture(tmp_path / "still.png"))}
    large = await take_in(tools, a_picture(tmp_path / "large.png", (1600, 1200)))
    refused = [
        {},
        {"source_image": "nothing.png"},
        {**params, "steps": 0},
        {**params, "detail": 1.5},
        {**params, "weight_px": "wide"},
        {**params, "colour": "red"},
    ]
    return EngineCase(make(tools), tools, "line_drawing", params, {"source_image": large, "steps": 200}, refused)


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_engine_keeps_the_contract(case: EngineCase, check: EngineCheck) -> None:
    await check(case)


async def drawn(case: EngineCase, **params: object) -> np.ndarray:
    result, context = await made(case, await prepared(case, {**case.params, "grain": 0, **params}))
    with Image.open(context.directory / f"{result.drafts[0].name}{DRAFT_SUFFIX}") as drawing:
        return np.asarray(drawing.convert("L"))


async def test_lines_are_drawn_where_the_picture_has_edges_and_nowhere_else(case: EngineCase) -> None:
    drawing = await drawn(case)
    height, width = drawing.shape
    row = drawing[height // 2].astype(int)
    edges = [width // 2 - height // 4, width // 2 + height // 4]
    assert all(row[edge - 3 : edge + 4].min() < 100 for edge in edges), "the disc has an outline"
    assert row[width // 2] > 230, "inside it is paper"
    assert row[5] > 230, "outside too"


async def test_a_heavier_line_takes_more_ink(case: EngineCase) -> None:
    assert (await drawn(case, weight_px=6)).mean() < (await drawn(case, weight_px=1)).mean()


async def test_another_seed_is_another_sheet_of_paper(case: EngineCase) -> None:
    one, other = [await drawn(case, grain=1, seed=seed) for seed in (1, 2)]
    assert (one != other).any()


async def test_no_side_is_longer_than_the_operator_allows(case: EngineCase, tools: EngineTools) -> None:
    small = replace(tools, settings=EngineSettings("contour", {"contour_max_side_px": "64"}))
    assert (await drawn(replace(case, handler=make(small)))).shape == (48, 64)


def test_a_setting_that_cannot_be_used_is_named(tools: EngineTools) -> None:
    with pytest.raises(EngineSettingError) as wrong:
        make(replace(tools, settings=EngineSettings("contour", {"contour_max_side_px": "huge"})))
    assert wrong.value.name == "CONTOUR_MAX_SIDE_PX"
