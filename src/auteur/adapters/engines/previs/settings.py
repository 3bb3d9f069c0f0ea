"""What an operator sets for previs, whichever of its entry points is asked: `BACKEND_PREVIS_…`."""

import importlib.util
from typing import Literal

from pydantic import BaseModel

RendererChoice = Literal["auto", "gl", "numpy"]


class PrevisSettings(BaseModel):
    """``renderer``: what draws the sets; ``auto`` takes GL where it can be had, else numpy."""

    renderer: RendererChoice = "auto"

    @property
    def drawn_by(self) -> Literal["gl", "numpy"]:
        """What will draw, as far as it can be told without trying: GL where its package is there and not ruled out."""
        return "gl" if self.renderer != "numpy" and importlib.util.find_spec("moderngl") is not None else "numpy"
