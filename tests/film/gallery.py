"""Writes the gallery of the sixty sentences, docs/gallery.md, and its pictures: ``python -m tests.film.gallery docs``.

``python -m tests.film.gallery docs --text`` writes what was read and what the frame cannot have, and no picture.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.rendering.renderers import open_renderer
from auteur.adapters.engines.previs.shooting import staged
from tests.film.facts import SENTENCES

BEGIN, END = "<!-- readings: generated -->", "<!-- /readings -->"
WIDTH_PX, PASSES, SEED, QUALITY = 400, 4, 7, 72
_QUIET = ("read_by", "language", "reads", "not_understood")


def ratio(aspect: str | None) -> float:
    """Width over height of what the words call ``2.39:1`` or ``16:9``; 16:9 where they say nothing."""
    wide, _, high = (aspect or "16:9").partition(":")
    return float(wide) / float(high or 1)


def parameters(sentence: Mapping[str, Any]) -> dict[str, Any]:
    """The shot as `text_to_image` gets it: as wide as the gallery, or as high where it is upright."""
    shape = ratio(read_shot(sentence["prompt"]).aspect)
    wide = WIDTH_PX if shape >= 1 else round(WIDTH_PX * 9 / 16 * shape)
    return {"prompt": sentence["prompt"], "seed": SEED, "width_px": wide, "height_px": round(wide / shape)}


def drawn(sentence: Mapping[str, Any]) -> Image.Image:
    """The picture, as numpy draws it: the same everywhere."""
    params = parameters(sentence)
    _, made = staged(params)
    size = params["width_px"], params["height_px"]
    with open_renderer(made.world, made.camera, *size, PASSES, SEED, choice="numpy", ink=False) as renderer:
        for _ in range(PASSES):
            renderer.add_pass()
        return Image.fromarray(renderer.picture())


def gallery() -> str:
    """Every sentence with its picture, what was read and what the frame cannot have, as Markdown."""
    return "\n".join(_one(sentence) for sentence in SENTENCES)


def _one(sentence: Mapping[str, Any]) -> str:
    shot, made = staged(parameters(sentence))
    read = shot.as_data()
    said = [f"- {name}: {_said(name, value)}" for name, value in read.items() if name not in _QUIET and value]
    left = ", ".join(f"`{word}`" for word in read["not_understood"]) or "nothing"
    said += [f"- not understood: {left}"]
    said += [f"- not met: {told}" for told in made.unmet]
    prompt = sentence["prompt"].replace("\n\n", " / ").replace("\n", " / ")
    number = sentence["id"]
    picture = f"![{number}](film/gallery/{number}.webp)"
    return f"### {number} ({read['language']})\n\n{picture}\n\n> {prompt}\n\n" + "\n".join([*said, ""])


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_said(name, one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(key, one)}" for key, one in value.items() if one not in (None, [], 1))
    return str(value)


def written(page: str) -> str:
    """The page with the gallery as it is now."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{gallery()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    docs = Path(sys.argv[1])
    path = docs / "gallery.md"
    path.write_text(written(path.read_text("utf-8")), "utf-8")
    if "--text" not in sys.argv:
        pictures = docs / "film" / "gallery"
        pictures.mkdir(exist_ok=True)
        for each in SENTENCES:
            drawn(each).save(pictures / f"{each['id']}.webp", quality=QUALITY, method=6)
