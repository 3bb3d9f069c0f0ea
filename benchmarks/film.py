"""Thirty shots at draft, and all that is handed over of them: processor seconds of each step.

    python benchmarks/film.py [shots [renderer]]

Runs the jobs in this process, as an engine's child does, without the service around them.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from auteur.adapters.engines.editorial.handler import OFFERS
from auteur.adapters.engines.editorial.work import make
from auteur.adapters.engines.previs.frame import render_frame

PROMPTS = (
    "INT. KITCHEN - NIGHT, medium close-up of Maria at the table, 50mm, slow push in",
    "OTS Tom onto Maria, 85mm, INT. KITCHEN - NIGHT",
    "wide shot, a man walks in a rainy alley at night, pan left, 28mm",
    "two shot of two friends talking in a kitchen at noon, 35mm, handheld",
    "EXT. DESERT - DAY, a car on the road, mountains, crane up",
    "INT. OFFICE - EVENING, a woman sits at a desk, lamp, 40mm",
)
DRAFT = {"width_px": 682, "height_px": 384, "steps": 10, "style": "previs"}  # the preset in 16:9
SIZE = {"width_px": 682, "height_px": 384}


def main(count: int, renderer: str) -> None:
    """Makes the shots, then each hand-over, and prints what each took."""
    with tempfile.TemporaryDirectory() as folder:
        takes, shots = [], []
        before = _cpu_s()
        for number in range(count):
            prompt = PROMPTS[number % len(PROMPTS)]
            at = Path(folder) / f"take{number}" / "1"
            at.mkdir(parents=True)
            arguments = {
                "params": {**DRAFT, "prompt": prompt, "seed": number}, "directory": str(at), "draft": "frame.png",
                "suffix": "", "renderer": renderer,
            }  # fmt: skip
            render_frame(arguments, lambda said: None)
            takes.append({"path": str(at / "frame.png"), "reference": f"take{number}/1/frame.png"})
            shot = {"name": f"{number // 6 + 1}-{number % 6 + 1}", "scene": str(number // 6 + 1), "prompt": prompt}
            shots.append({**shot, "frames": 72, "dissolve_frames": 12 * (number % 6 == 0), "action": prompt})
        told = {"shots": _cpu_s() - before}
        for task_type, offer in OFFERS.items():
            out = Path(folder) / task_type
            out.mkdir()
            given: dict[str, Any] = {"title": "Benchmark", "rate": "24", "shots": shots, "takes": None}
            params = offer.model.read({**given, **(SIZE if task_type == "film_animatic" else {})}).model_dump()
            before = _cpu_s()
            make(
                {
                    "task_type": task_type, "params": params, "takes": takes, "track": None, "directory": str(out),
                    "suffix": "",
                },
                lambda said: None,
            )  # fmt: skip
            told[task_type] = _cpu_s() - before
        print(json.dumps({name: round(seconds, 2) for name, seconds in told.items()}, indent=1))
        print(f"{count} shots: {sum(told.values()):.1f} s of processor time on {os.cpu_count()} cores")


def _cpu_s() -> float:
    return time.process_time()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30, sys.argv[2] if len(sys.argv) > 2 else "auto")
