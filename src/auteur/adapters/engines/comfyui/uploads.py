"""Files that a workflow is given: brought to the server under a name that follows from what is in them."""

import hashlib
import io
from pathlib import Path

from PIL import Image

from auteur.adapters.images import decode

_WITH_ALPHA = frozenset({"RGBA", "LA", "PA"})
_TAKEN_AS_IT_IS = frozenset({"PNG", "WEBP"})


def ready(path: Path, kind: str) -> tuple[str, bytes]:
    """Name and bytes for an upload. The same file has the same name, so that the server keeps it once.

    A picture comes as a person sees it, as a PNG of 8 bits: nodes that load one clip sixteen bits, and know nothing of
    colour profiles. One with transparency stays as it is where the server can read it: a mask may be meant. Raises
    `UnreadableImageError`, `OSError`.
    """
    if kind != "image" or _is_transparent(path):
        data, suffix = path.read_bytes(), path.suffix.lower()
    else:
        buffer = io.BytesIO()
        decode(path).save(buffer, "PNG", compress_level=1)
        data, suffix = buffer.getvalue(), ".png"
    return f"{hashlib.sha256(data).hexdigest()[:32]}{suffix}", data


def _is_transparent(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            shows_through = picture.mode in _WITH_ALPHA or "transparency" in picture.info
            return picture.format in _TAKEN_AS_IT_IS and shows_through
    except Exception:  # Pillow raises what the file makes it: then `decode` says what is wrong
        return False
