"""What a video model needs to fill a shot in, as one archive a shot: its ends, its clip, its controls, its camera."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters.engines.editorial.cut import Cut, CutShot, source_frame
from auteur.adapters.engines.editorial.facts import camera_facts
from auteur.adapters.engines.editorial.models import warnings_for
from auteur.adapters.engines.editorial.takes import iter_frames

_DAY = (1980, 1, 1, 0, 0, 0)
"""What every entry is dated: the same shot is the same archive."""
_PACKED_ALREADY = frozenset({".png", ".mp4", ".jpg", ".glb"})


def write_pack(cut: Cut, shot: CutShot, model: str | None, path: Path) -> list[str]:
    """Writes the archive: ``first.png``, ``last.png``, ``clip.mp4`` of a film, ``controls/``, ``camera.json``,
    ``prompt.txt``, ``shot.json``. Answers the warnings, which are in ``shot.json``, too."""
    take = shot.take
    warnings = []
    if model is not None and take.width_px:
        warnings = warnings_for(model, shot.frames, cut.rate, take.width_px, take.height_px)
    if take.path is None:
        warnings.append("There is no take yet: the pack has words alone.")
    with zipfile.ZipFile(path, "w") as archive:
        for name, picture in zip(("first.png", "last.png"), _ends(cut, shot), strict=True):
            if picture is not None:
                _add(archive, name, _png(picture))
        if take.is_film and take.path is not None:
            _add(archive, f"clip{take.path.suffix.lower()}", take.path.read_bytes())
        for name, found in sorted(take.controls.items()):
            _add(archive, f"controls/{name}", found.read_bytes())
        if take.camera is not None:
            _add(archive, "camera.json", _json(_camera(cut, shot)))
        _add(archive, "prompt.txt", (_prompt(shot) + "\n").encode())
        _add(archive, "shot.json", _json(_about(cut, shot, model, warnings)))
    return warnings


def _ends(cut: Cut, shot: CutShot) -> tuple[Image.Image | None, Image.Image | None]:
    """The first and the last picture of the shot as it is in the cut; of a still both are the same."""
    if shot.take.path is None or not shot.take.is_film:
        picture = shot.take.picture()
        return picture, picture
    last = source_frame(shot, shot.end - 1, cut.rate)
    first, latest = None, None
    for number, picture in enumerate(iter_frames(shot.take.path)):
        first, latest = first or picture, picture
        if number == last:
            break
    return first, latest


def _camera(cut: Cut, shot: CutShot) -> dict[str, Any]:
    camera = shot.take.camera
    assert camera is not None
    samples = [
        {
            "frame": frame, "position_m": list(sample.position_m), "rotation": list(sample.rotation),
            "focal_mm": sample.focal_mm, "focus_m": sample.focus_m,
        }
        for frame, sample in ((frame, camera.at(frame)) for frame in range(shot.frames))
    ]  # fmt: skip
    rate = f"{cut.rate.numerator}/{cut.rate.denominator}"
    return {"rate": rate, "frames": shot.frames, **camera_facts(camera), "samples": samples}


def _about(cut: Cut, shot: CutShot, model: str | None, warnings: list[str]) -> dict[str, Any]:
    return {
        "name": shot.name, "frames": shot.frames, "rate": f"{cut.rate.numerator}/{cut.rate.denominator}",
        "width_px": shot.take.width_px, "height_px": shot.take.height_px, "seed": shot.take.params.get("seed"),
        "take": shot.take.reference, "model": model, "warnings": warnings,
        **{key: shot.shot[key] for key in ("scene", "heading", "action", "speeches", "notes") if shot.shot.get(key)},
    }  # fmt: skip


def _prompt(shot: CutShot) -> str:
    told = shot.shot.get("prompt") or shot.take.params.get("prompt") or shot.shot.get("action") or shot.name
    return " ".join(str(told).split())


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=4)
    return file.getvalue()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_STORED if Path(name).suffix in _PACKED_ALREADY else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)
