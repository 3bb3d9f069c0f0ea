"""What reading a message costs, beside the parser alone: from the text of a frame to a message, checks included.

Before is what was done until names that are given twice and characters that nobody sees were refused: the parser, a
look at depth and numbers, the model. Each figure is processor time, the best of many runs that take turns; goal: the
whole at most 1.15 times as dear as before. Run it with ``python benchmarks/reading.py``.
"""

import json
import math
import time
import timeit
import uuid
from collections.abc import Callable
from typing import Any

from pydantic_core import from_json

from auteur.protocol.incoming import StartBatchMessage, StartGenerationMessage, parse
from auteur.protocol.json import read_json

GOAL = 1.15
PROMPT = "wide shot of a lighthouse at dusk, rain, a man with an umbrella walks along the pier and looks back"


def request(number: int, prompt: str) -> dict[str, Any]:
    return {
        "task_type": "text_to_image",
        "quality": "draft",
        "params": {"prompt": prompt, "seed": number, "steps": 20, "width": 1024, "height": 576},
        "shot": f"{number}A",
        "metadata": {"scene": "harbour", "act": 2},
    }


def a_start(prompt: str, **more: Any) -> str:
    return json.dumps({"id": str(uuid.uuid4()), "type": "start_generation", **request(1, prompt), **more})


BYTES = "A" * 1_000_000
CASES: dict[str, str | bytes] = {
    "a start": a_start(PROMPT),
    "a start with colons": a_start(f"INT. HOUSE - NIGHT: {PROMPT}", timestamp="2026-11-26T03:10:00Z"),
    "a start with line breaks": a_start(f"{PROMPT}\n\t{PROMPT}\n"),
    "a start with escapes": a_start(f"{PROMPT}, a café, a jetée"),
    "a body with a url of 1 MB": a_start(PROMPT).replace('"seed"', f'"source_image": "data:,{BYTES}", "seed"').encode(),
    "a batch of 60": json.dumps({"type": "start_batch", "requests": [request(n, PROMPT) for n in range(60)]}),
}


def before(text: str | bytes) -> Any:
    data = from_json(text, allow_inf_nan=False, cache_strings="none")
    level: list[Any] = [data]
    for _ in range(33):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise ValueError
        if not below:
            return data
        level = below
    raise ValueError


def command_of(data: Any) -> Any:
    said = parse(data, "film")
    assert isinstance(said, StartGenerationMessage | StartBatchMessage)
    if isinstance(said, StartBatchMessage):
        return said.batch("film", str(said.id), None)
    return said.command("film", str(said.id), None)


def texts_of(command: Any) -> None:
    for one in getattr(command, "requests", [command]):
        one.check_texts()


def best(*works: Callable[[], Any]) -> list[float]:
    """Microseconds for one call of each, the best of runs that take turns."""
    number = max(1, int(0.01 / max(timeit.timeit(works[1], number=3) / 3, 1e-7)))
    runs = [
        [timeit.timeit(work, timer=time.process_time, number=number) / number * 1e6 for work in works]
        for _ in range(60)
    ]
    return [min(column) for column in zip(*runs, strict=True)]


def main() -> None:
    heads = ("bytes", "parser", "read before", "now", "ratio", "whole before", "now", "ratio", "texts")
    print(f"{'':28}" + "".join(f"{head:>13}" for head in heads))
    for name, text in CASES.items():
        command = command_of(read_json(text))
        parser, read_then, read_now, then, now, texts = best(
            lambda text=text: from_json(text, allow_inf_nan=False, cache_strings="none"),
            lambda text=text: before(text),
            lambda text=text: read_json(text),
            lambda text=text: command_of(before(text)),
            lambda text=text: command_of(read_json(text)),
            lambda command=command: texts_of(command),
        )
        figures = [
            *(f"{cost:10.1f} µs" for cost in (parser, read_then, read_now)),
            f"{read_now / read_then:13.2f}",
            *(f"{cost:10.1f} µs" for cost in (then, now)),
            f"{now / then:13.2f}",
            f"{texts:10.1f} µs",
        ]
        print(f"{name:28}{len(text):13}" + "".join(figures))
    print(f"goal: the whole, {GOAL}; texts are looked at once more where a task is accepted, whoever asks for it")


main()
