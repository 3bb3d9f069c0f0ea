"""The job behind `text_to_image`: reads, blocks, renders, writes a PNG and its controls. Runs in an engine process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.controls.passes import Controls
from auteur.adapters.engines.previs.controls.staged import describe_stage
from auteur.adapters.engines.previs.reading.meanings import as_data
from auteur.adapters.engines.previs.rendering.renderers import PassRenderer, open_renderer
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.stills import save_png, save_preview

ENGINE = "previs"
_PREVIEWS = 8


def render_frame(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Renders one frame.

    ``arguments``: ``params`` (effective parameters of `text_to_image`), ``directory`` (where to write), ``draft`` (the
    picture's file name in it), ``suffix`` (what names of drafts end in), ``renderer`` (a `RendererChoice`),
    ``reading`` (what a language model read, or why it did not). Returns ``understood``, ``metrics`` and ``controls``,
    what lies beside the picture. Each pass is one report.
    """
    params = arguments["params"]
    wanted = params.get("control", [])
    rendered = 0.9 if wanted else 0.98
    directory = Path(arguments["directory"])
    steps, width_px, height_px = params["steps"], params["width_px"], params["height_px"]
    started = time.perf_counter()
    report({"progress": 0.0, "stage": "blocking", "message": "Blocking the shot"})
    shot, made = staged(params, arguments.get("reading"))
    world, camera = made.world, made.camera
    if params["style"] == "board":
        camera = replace(camera, aperture_m=0.0)  # ink has no depth of field
    board = params["style"] == "board"
    seed, choice = params["seed"], arguments.get("renderer", "auto")
    with open_renderer(world, camera, width_px, height_px, steps, seed, choice=choice, ink=board) as renderer:
        picture = _drawn(renderer, board, directory, rendered, report)
    controls = Controls(world, camera, width_px, height_px, params["seed"], directory, arguments["suffix"])
    rendered_at = time.perf_counter()
    if wanted:
        said = {"stage": "controls", "message": "Making the control passes"}
        controls.make(wanted, lambda share: report({"progress": rendered + share * (0.98 - rendered), **said}))
    controlled_at = time.perf_counter()
    report({"progress": 0.98, "stage": "writing", "message": "Writing the frame"})
    understood = shot.as_data() | as_data(params["prompt"], shot)
    understood |= {
        "assumed": made.assumed,
        "unmet": list(made.unmet),
        "camera": describe(camera, width_px, height_px, made.lens),
    }
    understood["stage"] = describe_stage(made, width_px, height_px)
    if failed := (arguments.get("reading") or {}).get("failed"):
        understood["reader_failed"] = failed
    if controls.facts:
        understood["controls"] = controls.facts
    facts = {"engine": ENGINE, "task_type": "text_to_image", "params": params, "understood": understood}
    save_png(picture, directory / arguments["draft"], facts=facts, description=params["prompt"])
    metrics: dict[str, Any] = {"passes": steps, "forms": len(world.forms), "render_s": round(rendered_at - started, 3)}
    metrics |= {"renderer": renderer.name}
    if wanted:
        metrics["controls_s"] = round(controlled_at - rendered_at, 3)
    return {"understood": understood, "metrics": metrics, "controls": controls.files}


def _drawn(
    renderer: PassRenderer,
    board: bool,
    directory: Path,
    rendered: float,
    report: Callable[[Mapping[str, Any]], None],
) -> Image.Image:
    """All passes of the picture, with a look at it now and then. ``rendered``: the share of the job that this is."""
    draw, steps = renderer.board if board else renderer.picture, renderer.passes
    every = max(1, -(-steps // _PREVIEWS))
    for done in range(1, steps + 1):

        def beat(share: float, before: int = done - 1) -> None:
            if share * 8 % 1 < 0.1:
                said = {"stage": "rendering", "message": f"Pass {before + 1} of {steps}"}
                report({"progress": (before + share) / steps * rendered, **said})

        renderer.add_pass(beat)
        said: dict[str, Any] = {
            "progress": done / steps * rendered,
            "stage": "rendering",
            "message": f"Pass {done} of {steps}",
        }
        if done % every == 0 and done < steps:
            said["preview"] = save_preview(Image.fromarray(draw()), directory, f"preview-{done:03}.jpg")
        report(said)
    return Image.fromarray(draw())
