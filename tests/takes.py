"""Takes as engines leave them, made without rendering: plain pictures and films that say where their camera was."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.editorial.work import make
from auteur.adapters.engines.film import Film
from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.controls.staged import camera_track, describe_stage
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky
from auteur.adapters.engines.previs.staging.stage import Lens, PersonMark, PropMark, Sensor, Stage
from auteur.adapters.engines.stills import save_png

SIZE = (96, 54)
SKY = Sky(zenith=(0, 0, 1), horizon=(1, 1, 1), sun=(0, 1, 0), sun_color=(1, 1, 1))
LENS = Lens(
    sensor=Sensor(name="super_35", width_mm=24.89, height_mm=18.66), focal_mm=50.0, stop=2.8, frame_width_mm=24.89,
    frame_height_mm=14.000625, focus_m=3.0,
)  # fmt: skip


def a_camera(step: int = 0) -> Camera:
    """One that pushes in, pans, rolls and zooms as it goes on; no value of it is round."""
    return Camera(
        at=(0.4 + 0.013 * step, 1.61, 3.07 - 0.041 * step), target=(0.03 * step, 1.5, -0.11), roll=0.02 * step,
        focal=50 / 24.89 * (1 + 0.007 * step), focus_m=3.0 - 0.04 * step,
    )  # fmt: skip


def a_stage(camera: Camera) -> Stage:
    """Maria and Tom at a table, in a room with two walls."""
    maria = PersonMark(
        name="Maria", at=(-0.5, 0.0, 0.0), facing_rad=1.4, look_rad=1.57, height_m=1.7, pose="stand", joints={}
    )
    tom = replace(maria, name="Tom", at=(0.5, 0.0, -0.2), facing_rad=-1.4, look_rad=-1.57)
    table = PropMark(name="table", at=(0.0, 0.0, -1.2), heading_rad=0.3, size_m=(1.4, 0.75, 0.8))
    return Stage(
        world=Set(forms=(), lights=(), sky=SKY, ground=None), camera=camera, lens=LENS, people=(maria, tom),
        props=(table,), walls=((-2.5, -2.5, 2.5, -2.5), (-2.5, -2.5, -2.5, 2.5)), assumed={},
    )  # fmt: skip


def understood(camera: Camera, **read: Any) -> dict[str, Any]:
    """What a take says that it understood."""
    told = {"camera": describe(camera, *SIZE), "stage": describe_stage(a_stage(camera), *SIZE)}
    return {"size": "medium", "kind": ["two_shot"], "moves": [{"kind": "push_in"}], **told, **read}


def a_still(folder: Path, name: str, color: tuple[int, int, int], camera: Camera | None = None, **read: Any) -> Any:
    """A still of one colour, as `read_take` gets it; without a camera it says nothing."""
    path = folder / name / "1" / "frame.png"
    path.parent.mkdir(parents=True)
    facts: dict[str, Any] = {"params": {"prompt": f"the prompt of {name}", "seed": 7}}
    if camera is not None:
        facts["understood"] = understood(camera, **read)
    save_png(Image.new("RGB", SIZE, color), path, facts=facts, description=name)
    return {"path": str(path), "reference": f"{name}/1/frame.png"}


def a_clip(folder: Path, name: str, frames: int, rate: Fraction) -> Any:
    """A film whose frames get lighter, two values each, with its camera's way beside it."""
    path = folder / name / "1" / "shot.mp4"
    path.parent.mkdir(parents=True)
    facts = {"understood": understood(a_camera()), "params": {}}
    with Film(path, SIZE, rate, facts=facts, title=name) as film:
        for frame in range(frames):
            film.add(Image.new("RGB", SIZE, (40 + 2 * frame,) * 3))
    track = path.with_name("camera.json")
    cameras = [a_camera(step) for step in range(frames)]
    track.write_text(json.dumps(camera_track(cameras, LENS, rate, *SIZE)))
    return {"path": str(path), "reference": f"{name}/1/shot.mp4", "track": str(track)}


def hand_over(
    task_type: str, folder: Path, shots: Sequence[Mapping[str, Any]], takes: Sequence[Any], **params: Any
) -> tuple[Path, dict[str, Any]]:
    """Does the task's work here; answers where its files are, and its result."""
    out = folder / f"out-{task_type}-{len(list(folder.iterdir()))}"
    out.mkdir()
    given = {"title": "Two Doors", "rate": "24", **params, "shots": list(shots)}
    track = given.pop("track_file", None)
    reports: list[float] = []
    result = make(
        {
            "task_type": task_type, "params": given, "takes": list(takes), "track": track, "directory": str(out),
            "suffix": "",
        },
        lambda said: reports.append(said["progress"]),
    )  # fmt: skip
    assert reports[0] == 0.0
    assert reports == sorted(reports)
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith("preview")) == sorted(
        file["name"] for file in result["files"]
    )
    return out, result
