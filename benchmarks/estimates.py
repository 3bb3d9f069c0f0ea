"""What a frame of previs costs in processor time, against what `text_to_image` says that it will: ``[gl|numpy]``."""

import sys
import tempfile
import time
from statistics import median

from auteur.adapters.engines.previs.frame import render_frame
from auteur.adapters.engines.previs.settings import PrevisSettings
from auteur.adapters.engines.previs.storyboard import FrameParameters, StoryboardHandler

PROMPTS = (
    "wide shot of a lighthouse at dusk",
    "INT. KITCHEN - NIGHT. Medium shot of Maria at the table, Tom behind her",
    "OTS Tom onto Maria, 50mm, an office",
    "close-up of Leda by the window",
    "EXT. STREET - MORNING. Wide, two men walk past cars",
    "a bar, three people, candle light, medium wide",
)
SIZES = ((256, 144, 4), (512, 512, 6), (512, 512, 10), (768, 432, 12), (1024, 576, 16))


def main(renderer: str) -> None:
    """Prints, for each size, the median of the prompts and the estimate."""
    handler = StoryboardHandler(None, PrevisSettings(renderer=renderer))  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        for width_px, height_px, steps in ((64, 64, 1), *SIZES):
            taken = []
            for prompt in PROMPTS:
                asked = {"prompt": prompt, "width_px": width_px, "height_px": height_px, "steps": steps, "seed": 3}
                params = FrameParameters.read(asked).model_dump(exclude_none=True)
                job = {"params": params, "directory": folder, "draft": "frame.png", "suffix": "", "renderer": renderer}
                began = time.process_time()
                render_frame(job, lambda said: None)
                taken.append(time.process_time() - began)
            said = handler.estimate_s("text_to_image", params)
            spread = f"{min(taken):.2f} to {max(taken):.2f}"
            print(
                f"{renderer} {width_px} x {height_px}, {steps} passes: {median(taken):.2f} s ({spread}), said {said} s"
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "numpy")
