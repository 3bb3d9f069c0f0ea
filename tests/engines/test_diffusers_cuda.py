"""diffusers on a card of CUDA, where there is one: memory that really ends, and what of it is given back."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.errors import HandlerError
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck
from tests.engines.conftest import importable
from tests.engines.test_diffusers import (  # noqa: F401
    Engine,
    case_of,
    engine,
    in_the_middle,
    painted,
    pixels_of,
    tiny,
    warm,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
LARGE = {"width": 4096, "height": 4096, "steps": 2}
ROOM_BYTES = 600 << 20


@pytest.fixture(scope="module", autouse=True)
def _card() -> None:
    importable("torch", "diffusers")
    probe = "import torch; print(torch.cuda.is_available())"
    if subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True).stdout.strip() != b"True":
        pytest.skip("there is no card of CUDA here")


@pytest.fixture
def models(tiny: Path) -> dict[str, Any]:  # noqa: F811
    return {"text_to_image": {"model": str(tiny / "sd"), "device": "cuda"}}


@contextlib.asynccontextmanager
async def taken(leave_bytes: int) -> AsyncIterator[None]:
    """Another program has the card but for so much."""
    async with EngineProcesses(max_idle=0) as others:
        begun = asyncio.Event()
        arguments = {"leave_bytes": leave_bytes}
        holding = asyncio.create_task(others.run("tests.engines.card:hold", arguments, lambda said: begun.set()))
        ready = asyncio.create_task(begun.wait())
        await asyncio.wait({holding, ready}, return_when=asyncio.FIRST_COMPLETED)
        assert not holding.done(), holding
        try:
            yield
        finally:
            holding.cancel()
            await asyncio.wait({holding})


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract_holds_on_a_card(check: EngineCheck, engine: Engine, models: dict[str, Any]) -> None:  # noqa: F811
    handler, tools = engine(models)
    params = {"prompt": "a lighthouse", "steps": 4, "width_px": 64, "height_px": 64}
    long = {**params, "steps": 200, "width_px": 1024, "height_px": 1024}
    await check(EngineCase(handler, tools, "text_to_image", params, long, [{}, {**params, "steps": 0}]))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
async def test_a_seed_gives_the_same_picture_in_another_process_on_the_card(
    dtype: str,
    engine: Engine,  # noqa: F811
    models: dict[str, Any],
) -> None:
    models["text_to_image"]["dtype"] = dtype
    _, here = await painted(case_of(*engine(models)))
    async with EngineProcesses(max_idle=1) as others:
        result, there = await painted(case_of(*engine(models, processes=others)), attempt=2)
    assert (result.metrics["device"], result.metrics["dtype"]) == ("cuda", dtype)
    assert pixels_of(here) == pixels_of(there)


async def test_of_the_card_a_task_keeps_its_model_alone_however_it_ended(
    engine: Engine,  # noqa: F811
    models: dict[str, Any],
    tmp_path: Path,
) -> None:
    async with EngineProcesses(max_idle=1) as own:
        case = case_of(*engine(models, processes=own))
        (pool,) = own._apart

        async def kept() -> Any:
            return await pool.run("tests.engines.card:kept", {}, lambda said: None)

        result, _ = await painted(case, width=1024, height=1024)
        assert result.metrics["working_bytes"] > 64 << 20
        at_first = await kept()
        while (await kept())["reserved"] > at_first["allocated"] + (48 << 20):
            await asyncio.sleep(0.05)  # until a moment after the task
        attempt = tmp_path / "workspace" / "contract" / "t-1" / "2"
        work = asyncio.create_task(painted(case, attempt=2, width=1024, height=1024, steps=200))
        await in_the_middle(attempt)
        work.cancel()
        await asyncio.wait({work})
        stopped = await kept()
        assert stopped["allocated"] <= at_first["allocated"] + (8 << 20)
        assert stopped["reserved"] <= stopped["allocated"] + (48 << 20)


async def test_where_memory_ends_it_says_so_and_what_it_says_would_fit_does(
    engine: Engine,  # noqa: F811
    models: dict[str, Any],
) -> None:
    async with EngineProcesses(max_idle=1) as own:
        case = case_of(*engine(models, processes=own))
        await painted(case, width=1024, height=1024)
        async with taken(ROOM_BYTES):
            with pytest.raises(
                HandlerError, match=r"^Out of memory: the model takes 2\.2 MB of .* of cuda, and"
            ) as lost:
                await painted(case, attempt=2, **LARGE)
            details = lost.value.details
            assert details["reason"] == "out_of_memory"
            assert details["asked_bytes"] > 0
            size = details["would_fit"]
            assert size["width_px"] < LARGE["width"]
            await painted(case, attempt=3, width=size["width_px"], height=size["height_px"], steps=2)
        await painted(case, attempt=4, **LARGE)


async def test_a_card_that_is_full_before_it_begins_is_told_and_used_when_it_is_free(
    engine: Engine,  # noqa: F811
    models: dict[str, Any],
) -> None:
    async with EngineProcesses(max_idle=1) as own:
        case = case_of(*engine(models, processes=own))
        async with taken(0):
            with pytest.raises(HandlerError, match="memory") as lost:
                await painted(case)
            assert lost.value.details["reason"] == "out_of_memory"
        await painted(case, attempt=2)


async def test_a_card_that_is_not_there_is_told(engine: Engine, tiny: Path) -> None:  # noqa: F811
    with pytest.raises(HandlerError, match="is not there"):
        await painted(case_of(*engine({"text_to_image": {"model": str(tiny / "sd"), "device": "cuda:99"}})))
