"""Which way surfaces face."""

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls.primary import Primary


def picture(seen: Primary) -> NDArray[np.uint8]:
    """Normals of the camera's space as ControlNet 1.1 takes them: red is left, green is up, blue is to the camera.

    ``value = round(127.5 * (1 + component))``. The sky faces the camera, 128 128 255, as a backdrop does.
    """
    red, green, blue = -seen.normal[0], seen.normal[1], seen.normal[2]
    blue = np.where(np.isfinite(seen.depth), blue, np.float32(1))
    return np.rint((np.stack([red, green, blue], axis=2) + 1) * 127.5).astype(np.uint8)
