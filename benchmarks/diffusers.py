"""What auteur adds to a pipeline of diffusers, in CPU seconds a task: ``python -m benchmarks.diffusers [<runs>]``.

Needs `auteur[diffusers]`. A tiny Stable Diffusion (the tests') makes the same picture by turns in one warm child:
called barely, its picture saved as PNG; and as a task of the engine, from its parameters to its committed file.
Processor time of the child, and of the process that keeps it, which for the bare call only waits.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from auteur.adapters.engines.diffusers.handler import DiffusersHandler
from auteur.adapters.engines.diffusers.plugin import read_offers
from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineTools
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.testing.engines import EngineCase, made, prepared

STEPS, SIDE_PX, SEED, PROMPT = 10, 64, 7, "a lighthouse"
_HERE = "benchmarks.diffusers"
_bare: dict[str, Any] = {}


def cpu_s() -> float:
    own = os.times()
    return own.user + own.system


def bare(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """The pipeline as anybody would call it, in the same kind of process."""
    import diffusers
    import torch

    torch.set_num_threads(1)
    if not _bare:
        _bare["pipe"] = diffusers.DiffusionPipeline.from_pretrained(arguments["model"], local_files_only=True)
        _bare["pipe"].set_progress_bar_config(disable=True)
    begun = time.process_time()
    picture = _bare["pipe"](
        PROMPT, num_inference_steps=STEPS, width=SIDE_PX, height=SIDE_PX, generator=torch.Generator().manual_seed(SEED)
    ).images[0]
    picture.save(arguments["path"], "PNG")
    return {"cpu_s": time.process_time() - begun}


def as_task(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """The engine's job, its processor time told with the metrics."""
    from auteur.adapters.engines.diffusers.generate import generate

    begun = time.process_time()
    result = generate(arguments, report)
    result["metrics"]["cpu_s"] = time.process_time() - begun
    return result


async def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "tests.engines.tiny", folder, "sd"], check=True, capture_output=True)
        model = f"{folder}/sd"
        async with EngineProcesses(max_idle=1) as processes:
            store = WorkspaceArtifactStore(Path(folder) / "workspace")
            tools = EngineTools(processes, store)
            settings = DiffusersSettings.model_validate({"models": {"text_to_image": {"model": model}}, "threads": 1})
            handler = DiffusersHandler(read_offers(settings), tools, settings, job=f"{_HERE}:as_task")
            case = EngineCase(handler, tools, "text_to_image", {}, {}, [])
            asked = {"prompt": PROMPT, "steps": STEPS, "width": SIDE_PX, "height": SIDE_PX, "seed": SEED}
            (pool,) = processes._apart
            pairs = []
            for _ in range(runs + 2):  # the first two warm up
                begun = cpu_s()
                alone = await pool.run(
                    f"{_HERE}:bare", {"model": model, "path": f"{folder}/bare.png"}, lambda said: None
                )
                waiting = cpu_s() - begun
                begun = cpu_s()
                result, context = await made(case, await prepared(case, asked))
                drafts = await store.commit("contract", "t-1", 1, result.drafts)
                keeping = cpu_s() - begun
                assert len(drafts) == 1
                pairs.append((alone["cpu_s"], result.metrics["cpu_s"], waiting, keeping))
                del context
            tell(pairs[2:])


def tell(pairs: list[tuple[float, float, float, float]]) -> None:
    alone, child = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    added = [pair[1] - pair[0] for pair in pairs]
    kept = [pair[3] - pair[2] for pair in pairs]
    both = [one + other for one, other in zip(added, kept, strict=True)]
    quarters = statistics.quantiles(both)
    print(f"bare pipeline            {statistics.median(alone):.3f} CPU s a picture")
    print(f"as a task, in the child  {statistics.median(child):.3f} CPU s; {statistics.median(added):+.3f} s")
    print(f"as a task, in the parent {statistics.median(kept):+.3f} CPU s (with its files committed)")
    print(f"added in all             {statistics.median(both):+.3f} CPU s a task, quartiles {quarters[0]:+.3f} to "
          f"{quarters[2]:+.3f}, {len(pairs)} pairs")  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
