"""The job behind every task type of the engine. Runs in its child process.

What needs torch is imported when the first job has said that it begins: that takes ten seconds, and a start-up that is
silent looks like one that hangs.
"""

import time
from collections.abc import Mapping
from typing import Any

from auteur.adapters.engines.child import Report


def generate(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Makes one picture or film.

    ``arguments``: ``task_type``, ``params`` (effective), ``model`` (its settings), ``name`` (how it is called),
    ``pipeline`` (the class, None for the model's own), ``controls`` (passes that are given), ``inputs`` (absolute paths
    by parameter), ``multiple_of`` (pixels), ``directory`` and ``suffix`` (where to write, and what names end with),
    ``memory_bytes`` (for loaded models, or None), ``pixel_bytes`` (what such work was seen to take for a pixel and
    frame, or 0), ``threads``, ``downloads``. Returns ``drafts``, ``metrics``,
    ``understood`` and ``loaded``. Each step is one report; ``report`` raises where the task is to stop.
    """
    started = time.perf_counter()
    report({"progress": 0.0, "stage": "loading", "message": "Getting ready"})
    from auteur.adapters.engines.diffusers.memory import handed_back  # see above
    from auteur.adapters.engines.diffusers.work import Work

    work = Work(arguments, report)
    with handed_back(work.device):
        made = work.make()
    made["metrics"]["total_s"] = round(time.perf_counter() - started, 3)
    return made
