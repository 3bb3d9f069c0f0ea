"""What a pass of the previs renderer costs at the four presets, or those named, in CPU seconds, over a floor of
the same run: ``python benchmarks/render.py [preset …]``.

    python benchmarks/render.py [preset …]

The floor is what any renderer in numpy pays: making one ray per pixel and shading it by one dot product.
"""

import sys
import time

import numpy as np

from auteur.adapters.engines.previs.rendering.render import Renderer
from auteur.adapters.engines.previs.shooting import staged

PROMPTS = (
    "wide shot of a city at night",
    "wide shot of a lighthouse at dusk",
    "a woman in a kitchen at noon",
    "close-up of a man in a forest, fog",
)
PRESETS = {"draft": (512, 10), "standard": (1024, 20), "high": (1536, 30), "ultra": (2048, 50)}


def floor_s(side: int) -> float:
    begun = time.process_time()
    x, y = np.meshgrid(np.linspace(-1, 1, side, dtype=np.float32), np.linspace(-1, 1, side, dtype=np.float32))
    length = np.sqrt(x * x + y * y + 1)
    shade = np.maximum((0.3 * x + 0.8 * y + 0.5) / length, 0)
    picture = (shade[..., None] * np.array([0.9, 0.8, 0.7], np.float32) * 255).astype(np.uint8)
    assert picture.shape == (side, side, 3)
    return time.process_time() - begun


for quality in sys.argv[1:] or PRESETS:
    side, passes = PRESETS[quality]
    for prompt in PROMPTS:
        made = staged({"prompt": prompt, "seed": 7, "width_px": side, "height_px": side})[1]
        world, camera = made.world, made.camera
        renderer = Renderer(world, camera, side, side, passes, 7, ink=False)
        renderer.add_pass()
        floor = min(floor_s(side) for _ in range(3))
        begun = time.process_time()
        renderer.add_pass()
        took = time.process_time() - begun
        print(
            f"{quality:>8} {side:>4} px  {took:6.2f} CPU s a pass, {took / floor:5.1f} x floor, "
            f"{took * passes:6.1f} CPU s a frame  {len(world.forms):>3} forms  {prompt}"
        )
