"""What an operator sets for previs, whichever of its entry points is asked: `BACKEND_PREVIS_…`."""

from typing import Literal

from pydantic import BaseModel

RendererChoice = Literal["auto", "gl", "numpy"]


class PrevisSettings(BaseModel):
    """``renderer``: what draws the sets; ``auto`` takes GL where it can be had, else numpy."""

    renderer: RendererChoice = "auto"
