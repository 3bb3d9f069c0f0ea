"""What auteur adds to a pipeline of diffusers, a task:

    python -m benchmarks.diffusers [--model tiny | sd15 | sdxl] [--device cpu | cuda] [--runs N] [--steps N] [--side PX]

Needs `auteur[diffusers]`. A Stable Diffusion (the tests' tiny one, or `benchmarks.models`' of the real sizes, random
weights) makes the same picture by turns in one warm child: called barely, its picture saved as PNG; and as a task of
the engine, from its parameters to its committed file. Wall time of both, from the parent and in the child, processor
time of the child, and of the process that keeps it, which for the bare call only waits.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auteur.adapters.engines.diffusers.handler import DiffusersHandler
from auteur.adapters.engines.diffusers.plugin import read_offers
from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineTools
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.testing.engines import EngineCase, made, prepared

SEED, PROMPT = 7, "a lighthouse"
SIZES = {"tiny": (10, 64), "sd15": (30, 512), "sdxl": (30, 1024)}
"""By model: steps, and the picture's side in pixels."""
WARM_UPS = 2
_HERE = "benchmarks.diffusers"
_bare: dict[str, Any] = {}
_spent: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one picture. ``wall_s``: seen from the parent, until the file is there; ``child_s``: in the child;
    ``around_s``: of the wall's what is not the pipeline's own work, which wanders by more than all that is around it.
    """

    wall_s: float
    child_s: float
    around_s: float
    child_cpu_s: float
    parent_cpu_s: float


def cpu_s() -> float:
    own = os.times()
    return own.user + own.system


def bare(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """The pipeline as anybody would call it, in the same kind of process."""
    import diffusers
    import torch

    torch.set_num_threads(1)
    if not _bare:
        _bare["pipe"] = diffusers.DiffusionPipeline.from_pretrained(
            arguments["model"], dtype=getattr(torch, arguments["dtype"]), local_files_only=True
        ).to(arguments["device"])
        _bare["pipe"].set_progress_bar_config(disable=True)
    begun, begun_cpu = time.perf_counter(), time.process_time()
    side = arguments["side"]
    picture = _bare["pipe"](
        PROMPT, num_inference_steps=arguments["steps"], width=side, height=side,
        generator=torch.Generator().manual_seed(SEED),
    ).images[0]  # fmt: skip
    piped_s = time.perf_counter() - begun
    picture.save(arguments["path"], "PNG")
    return {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - begun_cpu, "piped_s": piped_s}


def as_task(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """The engine's job, its times told with the metrics."""
    from auteur.adapters.engines.diffusers.generate import generate
    from auteur.adapters.engines.diffusers.work import Work

    if not _spent:
        for name in ("_called", "_told"):  # the call with the steps' callbacks, and these
            setattr(Work, name, _timed(getattr(Work, name), name))
    _spent.update(_called=0.0, _told=0.0)
    begun, begun_cpu = time.perf_counter(), time.process_time()
    result = generate(arguments, report)
    took = {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - begun_cpu}
    result["metrics"] |= took | {"piped_s": _spent["_called"] - _spent["_told"]}
    return result


def _timed(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        begun = time.perf_counter()
        try:
            return method(*given)
        finally:
            _spent[name] += time.perf_counter() - begun

    return timed


async def main(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await compare(asked, Path(folder))


async def compare(asked: argparse.Namespace, folder: Path) -> None:
    """Both ways by turns, the one that begins alternating too."""
    model = asked.models / asked.model if asked.models else folder / asked.model
    if not model.is_dir():
        maker = ["tests.engines.tiny", folder, "sd"] if asked.model == "tiny" else _maker(asked, folder)
        subprocess.run([sys.executable, "-m", *map(str, maker)], check=True, capture_output=True)
        model = folder / "sd" if asked.model == "tiny" else model
    steps, side = asked.steps or SIZES[asked.model][0], asked.side or SIZES[asked.model][1]
    dtype = asked.dtype or ("float32" if asked.device == "cpu" else "bfloat16")
    settings = DiffusersSettings.model_validate(
        {"models": {"text_to_image": {"model": str(model), "device": asked.device, "dtype": dtype}}, "threads": 1}
    )
    async with EngineProcesses(max_idle=1) as processes:
        store = WorkspaceArtifactStore(folder / "workspace")
        tools = EngineTools(processes, store)
        handler = DiffusersHandler(read_offers(settings), tools, settings, job=f"{_HERE}:as_task")
        case = EngineCase(handler, tools, "text_to_image", {}, {}, [])
        params = {"prompt": PROMPT, "steps": steps, "width": side, "height": side, "seed": SEED}
        (pool,) = processes._apart
        barely = {"model": str(model), "device": asked.device, "dtype": dtype, "steps": steps, "side": side,
                  "path": str(folder / "bare.png")}  # fmt: skip

        async def alone() -> Took:
            begun, begun_cpu = time.perf_counter(), cpu_s()
            said = await pool.run(f"{_HERE}:bare", barely, lambda said: None)
            wall = time.perf_counter() - begun
            return Took(wall, said["s"], wall - said["piped_s"], said["cpu_s"], cpu_s() - begun_cpu)

        async def task() -> Took:
            begun, begun_cpu = time.perf_counter(), cpu_s()
            result, context = await made(case, await prepared(case, params))
            assert len(await store.commit("contract", "t-1", 1, result.drafts)) == 1
            asked.previews = [name for _, name in context.reports if name]
            asked.metrics = result.metrics
            told, wall = result.metrics, time.perf_counter() - begun
            return Took(wall, told["s"], wall - told["piped_s"], told["cpu_s"], cpu_s() - begun_cpu)

        pairs = []
        for number in range(asked.runs + WARM_UPS):
            first, second = (alone, task) if number % 2 else (task, alone)
            one, other = await first(), await second()
            pairs.append((one, other) if number % 2 else (other, one))
    told = asked.metrics
    print(f"{asked.model}, {told['dtype']} on {told['device']}, {side} x {side}, {steps} steps, "
          f"{len(asked.previews)} previews, {told['model_bytes'] / 1e9:.2f} GB of weights, "
          f"peak {told.get('peak_bytes', 0) / 1e9:.2f} GB, loaded in {told['load_s']:.1f} s")  # fmt: skip
    tell(pairs[WARM_UPS:])


def _maker(asked: argparse.Namespace, folder: Path) -> list[Any]:
    return ["benchmarks.models", asked.models or folder, asked.device, asked.model]


def tell(pairs: Sequence[tuple[Took, Took]]) -> None:
    """Medians and quartiles of the bare call, and of what a task adds to the bare call beside it."""
    for name, words in (
        ("wall_s", "wall, s, until the file is there"),
        ("around_s", "of it around the pipeline's work"),
        ("child_s", "wall, s, in the child"),
        ("child_cpu_s", "processor, s, in the child"),
        ("parent_cpu_s", "processor, s, in the parent"),
    ):
        alone = statistics.median(getattr(bare, name) for bare, _ in pairs)
        whole = statistics.median(bare.wall_s for bare, _ in pairs)
        added = [getattr(task, name) - getattr(bare, name) for bare, task in pairs]
        quarters = statistics.quantiles(added)
        share = f", {statistics.median(added) / whole:+.2%} of the wall" if "cpu" not in name else ""
        print(f"  {words:34} bare {alone:.4f}, a task adds {statistics.median(added):+.4f} (quartiles "
              f"{quarters[0]:+.4f} to {quarters[2]:+.4f}){share}; {len(pairs)} pairs")  # fmt: skip


def asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What auteur adds to a pipeline of diffusers")
    parser.add_argument("--model", choices=SIZES, default="tiny")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--side", type=int)
    parser.add_argument("--models", type=Path, help="a folder in which the model is, or is left for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(asked_for()))
