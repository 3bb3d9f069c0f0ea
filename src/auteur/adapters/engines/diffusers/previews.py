"""Latents -> a small picture, by one matrix: a thousandth of what the model's own decoder costs.

How latents stand for colours differs from model to model. Each model's matrix is found with its own encoder, by least
squares over a picture of many colours, once it is loaded and first needed.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

_CELLS = 16
_SIDE_PX = 256


class LatentPreview:
    """``matrix``: [channels + 1, 3], from a latent and 1 to red, green and blue from 0 to 1."""

    def __init__(self, matrix: Any) -> None:
        self._matrix = matrix

    @classmethod
    def of(cls, pipe: Any) -> "LatentPreview | None":
        """The preview of a pipeline's latents; None where they are not a grid that its encoder makes."""
        vae = getattr(pipe, "vae", None)
        scale = getattr(pipe, "vae_scale_factor", None) or getattr(pipe, "vae_scale_factor_spatial", None)
        if vae is None or not isinstance(scale, int) or not hasattr(vae, "encode"):
            return None
        colours = np.random.default_rng(0).random((_CELLS // 2, _CELLS // 2, 3), np.float32)
        colours = colours.repeat(2, 0).repeat(2, 1)  # two latents a patch, so that one is within
        picture = torch.from_numpy(colours.repeat(scale, 0).repeat(scale, 1)).permute(2, 0, 1)[None] * 2 - 1
        try:
            with torch.no_grad():
                if "Wan" in type(vae).__name__ or hasattr(vae.config, "temperal_downsample"):
                    picture = picture[:, :, None]
                latents = vae.encode(picture.to(vae.device, vae.dtype)).latent_dist.mode()
                latents = _normalised(vae.config, latents.float())
        except (AttributeError, RuntimeError, ValueError, TypeError):
            return None
        cells = _cells(latents)
        if cells.ndim != 3 or cells.shape[:2] != (_CELLS, _CELLS):
            return None
        known = np.concatenate([cells.reshape(-1, cells.shape[-1]), np.ones((cells.shape[0] * cells.shape[1], 1))], 1)
        matrix, *_ = np.linalg.lstsq(known, colours.reshape(-1, 3), rcond=None)
        return cls(matrix)

    def picture(self, latents: Any) -> Image.Image | None:
        """The picture that the latents are on their way to; None where they are not of this kind."""
        cells = _cells(latents)
        if cells.ndim != 3 or cells.shape[-1] + 1 != len(self._matrix):
            return None
        pixels = cells @ self._matrix[:-1] + self._matrix[-1]
        if not np.isfinite(pixels).all():
            return None
        small = Image.fromarray((pixels.clip(0, 1) * 255).astype(np.uint8))
        scale = max(_SIDE_PX // max(small.size), 1)
        return small.resize((small.width * scale, small.height * scale), Image.Resampling.BICUBIC)


def _cells(latents: Any) -> Any:
    """[height, width, channels] of the first picture, of a film's middle frame."""
    grid = latents[0].detach().float().cpu()
    if grid.ndim == 4:
        grid = grid[:, grid.shape[1] // 2]
    return grid.permute(1, 2, 0).numpy() if grid.ndim == 3 else grid.numpy()


def _normalised(config: Any, latents: Any) -> Any:
    """As the denoiser sees them."""
    mean, deviation = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and deviation is not None:
        shape = (1, -1, *[1] * (latents.ndim - 2))
        return (latents - torch.tensor(mean).view(shape).to(latents)) / torch.tensor(deviation).view(shape).to(latents)
    shift = getattr(config, "shift_factor", None) or 0.0
    return (latents - shift) * getattr(config, "scaling_factor", 1.0)
