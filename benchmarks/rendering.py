"""GL beside numpy: CPU seconds a pass, a film, the start, memory, size on disk; and how far their pictures are apart.

    python benchmarks/rendering.py [side in pixels] [passes]

CPU seconds are those of the process with all its threads, so that what Mesa's rasteriser does in its own counts too.
"""

import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
from PIL import Image

from auteur.adapters.engines.film import Film
from auteur.adapters.engines.previs.rendering.renderers import open_renderer
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.previs.shooting import staged

PROMPTS = (
    "wide shot of a city at night",
    "wide shot of a lighthouse at dusk",
    "medium shot of a woman in a kitchen at noon",
    "two riders in a desert at golden hour",
    "a man in a foggy forest",
    "a village under snow",
    "close up of a man by a campfire at night, field",
)
SIDE_PX = int(sys.argv[1]) if len(sys.argv) > 1 else 512
PASSES = int(sys.argv[2]) if len(sys.argv) > 2 else 10
SEED = 7
FRAMES = 96

STARTS = """
import os, resource, time
from auteur.adapters.engines.previs.rendering.renderers import open_renderer
from auteur.adapters.engines.previs.shooting import staged
stage = staged({{"prompt": {prompt!r}, "seed": 7, "width_px": 512, "height_px": 512}})[1]
begun = time.process_time()
with open_renderer(stage.world, stage.camera, 512, 512, 1, 7, choice={choice!r}, ink=False) as renderer:
    opened = time.process_time()
    renderer.add_pass()
    renderer.picture()
drawn = time.process_time()
print(renderer.name, opened - begun, drawn - opened, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def set_up(prompt: str) -> tuple[Set, Camera]:
    """What is drawn, from where, of a shot in words."""
    stage = staged({"prompt": prompt, "seed": SEED, "width_px": SIDE_PX, "height_px": SIDE_PX})[1]
    return stage.world, stage.camera


def drawn(world: Set, camera: Camera, choice: str) -> tuple[np.ndarray, float, float]:
    """The picture, CPU seconds a pass, and of developing it; the first pass, which compiles, does not count."""
    with open_renderer(world, camera, SIDE_PX, SIDE_PX, PASSES, SEED, choice=choice, ink=False) as renderer:
        assert renderer.name == choice, "there is no GL here"
        renderer.add_pass()
        renderer.picture()
    with open_renderer(world, camera, SIDE_PX, SIDE_PX, PASSES, SEED, choice=choice, ink=False) as renderer:
        begun = time.process_time()
        for _ in range(PASSES - 1):
            renderer.add_pass()
        renderer.picture()  # all that was asked of the driver is done now
        all_but_one = time.process_time()
        renderer.add_pass()
        renderer.picture()
        one_more = time.process_time()
        picture = renderer.picture()
        developed = time.process_time() - one_more
        return picture, (all_but_one - begun - developed) / (PASSES - 1), developed


def film_s(world: Set, camera: Camera, choice: str, passes: int, directory: Path) -> float:
    """CPU seconds of a film with a move through the set: rendered, developed, encoded and written."""
    begun = time.process_time()
    size = 512, 512
    with (
        open_renderer(world, camera, *size, passes, SEED, choice=choice, ink=False) as renderer,
        Film(directory / "film.mp4", size, 24, facts={}, title="A move") as film,
    ):
        for frame in range(FRAMES):
            aside = 0.4 * math.sin(frame / FRAMES)
            renderer.retake(replace(camera, at=(camera.at[0] + aside, camera.at[1], camera.at[2] - aside)))
            for _ in range(passes):
                renderer.add_pass()
            film.add(Image.fromarray(renderer.picture()))
    return time.process_time() - begun


def start(choice: str, cache: Path) -> str:
    source = STARTS.format(prompt=PROMPTS[0], choice=choice)
    environment = os.environ | {"MESA_SHADER_CACHE_DIR": str(cache)}
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True)
    name, opening, drawing, resident = done.stdout.split()
    return (
        f"{name}: open {float(opening):.2f}, first picture {float(drawing):.2f} CPU s, {float(resident):.0f} MB in all"
    )


def installed_mb(*packages: str) -> float:
    found = 0
    for package in packages:
        try:
            found += sum(Path(file.locate()).stat().st_size for file in files(package) or () if file.locate().exists())
        except PackageNotFoundError:
            return math.nan
    return found / 1e6


def main() -> None:
    print(f"{SIDE_PX} px, {PASSES} passes; CPU ms a pass")
    print("| set | numpy | GL | ratio | developing, numpy / GL | mean difference, worst channel | more than 12 apart |")
    print("|---|---|---|---|---|---|---|")
    sets = {prompt: set_up(prompt) for prompt in PROMPTS}
    for prompt, (world, camera) in sets.items():
        ours, ours_s, ours_developed = drawn(world, camera, "numpy")
        theirs, theirs_s, theirs_developed = drawn(world, camera, "gl")
        apart = np.abs(ours.astype(int) - theirs.astype(int))
        print(
            f"| {prompt}, {len(world.forms)} forms | {ours_s * 1e3:.0f} | {theirs_s * 1e3:.0f} | "
            f"{ours_s / theirs_s:.1f} | {ours_developed * 1e3:.0f} / {theirs_developed * 1e3:.0f} | "
            f"{apart.mean(axis=(0, 1)).max():.3f} | {(apart.max(axis=2) > 12).mean():.3%} |"
        )
    with tempfile.TemporaryDirectory() as directory:
        print(f"\n{FRAMES} frames of 512 x 512, drawn, encoded and written; CPU s")
        for prompt, (world, camera) in list(sets.items())[:3]:
            for passes in (2, 3, 4):
                print(f"  {passes} passes: GL {film_s(world, camera, 'gl', passes, Path(directory)):5.1f}  {prompt}")
            print(f"  2 passes: numpy {film_s(world, camera, 'numpy', 2, Path(directory)):5.1f}  {prompt}")
        print("\nin a process of its own, without and with the shaders that Mesa keeps on disk")
        for choice in ("numpy", "gl", "gl"):
            print(f"  {start(choice, Path(directory))}")
    print(f"\nthe extra gl on disk: {installed_mb('moderngl', 'glcontext'):.1f} MB")


if __name__ == "__main__":
    main()
