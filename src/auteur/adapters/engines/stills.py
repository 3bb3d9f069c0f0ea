"""Pictures that an engine leaves: the result with what it was made of, and previews on the way."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.colour import srgb_chunks, srgb_profile

_PREVIEW_SIDE_PX = 512


def save_png(picture: Image.Image, path: Path, *, facts: Mapping[str, Any], description: str) -> None:
    """Writes the picture, tagged as sRGB. Text chunks say what it was made of: ``facts`` as JSON under ``auteur``."""
    chunks = srgb_chunks()
    chunks.add_itxt("auteur", json.dumps(facts, sort_keys=True))
    chunks.add_itxt("Description", description)
    picture.save(path, "PNG", pnginfo=chunks, compress_level=6)


def save_jpeg(picture: Image.Image, path: Path, *, quality: int = 90) -> None:
    """Writes the picture with the profile of sRGB."""
    picture.save(path, "JPEG", quality=quality, icc_profile=srgb_profile())


def save_preview(picture: Image.Image, directory: Path, name: str) -> str:
    """Keeps a small JPEG of the picture, whole or not at all; returns its name."""
    small = picture.copy()
    small.thumbnail((_PREVIEW_SIDE_PX, _PREVIEW_SIDE_PX))
    draft = directory / f".{name}"
    save_jpeg(small, draft, quality=82)
    draft.rename(directory / name)
    return name
