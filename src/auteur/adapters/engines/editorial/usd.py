"""A shot's camera as animated OpenUSD, text (`.usda`): metres, y up, a time code a frame.

Lens and aperture are told in tenths of the stage's unit, as UsdGeomCamera has it: 50 mm are 0.5 where the unit is a
metre. The millimetres stand beside them as custom data, for who reads the file with his eyes.
"""

from fractions import Fraction

from auteur.adapters.engines.editorial.takes import CameraSample, ShotCamera

_TENTHS_A_MM = 0.01
_CLIP_M = (0.02, 8000.0)


def write(name: str, shot_name: str, camera: ShotCamera, frames: int, rate: Fraction) -> str:
    """The file. ``name``: the prim's, an identifier; ``frames``: how long the camera is on, from time code 0.

    A camera that stands is told once a property, one that moves at every frame.
    """
    samples = [camera.at(frame) for frame in range(frames)]
    per_second = repr(float(rate))
    lines = [
        "#usda 1.0",
        "(",
        f'    defaultPrim = "{name}"',
        f"    endTimeCode = {frames - 1}",
        f"    framesPerSecond = {per_second}",
        "    metersPerUnit = 1",
        "    startTimeCode = 0",
        f"    timeCodesPerSecond = {per_second}",
        '    upAxis = "Y"',
        ")",
        "",
        f'def Camera "{name}" (',
        "    customData = {",
        "        dictionary auteur = {",
        f"            string shot = {_quoted(shot_name)}",
        f"            string sensor = {_quoted(camera.sensor)}",
        f"            double frameWidthMm = {camera.frame_width_mm!r}",
        f"            double frameHeightMm = {camera.frame_height_mm!r}",
        f"            double focalLengthMm = {samples[0].focal_mm!r}",
        f'            string rate = "{rate.numerator}/{rate.denominator}"',
        "        }",
        "    }",
        ")",
        "{",
        f"    float2 clippingRange = ({_CLIP_M[0]!r}, {_CLIP_M[1]!r})",
        *_animated("float focalLength", [repr(sample.focal_mm * _TENTHS_A_MM) for sample in samples]),
        *_animated("float focusDistance", [repr(sample.focus_m) for sample in samples]),
    ]
    if camera.stop:
        lines.append(f"    float fStop = {camera.stop!r}")
    lines += [
        f"    float horizontalAperture = {camera.frame_width_mm * _TENTHS_A_MM!r}",
        '    token projection = "perspective"',
        f"    float verticalAperture = {camera.frame_height_mm * _TENTHS_A_MM!r}",
        *_animated("matrix4d xformOp:transform", [_matrix(sample) for sample in samples]),
        '    uniform token[] xformOpOrder = ["xformOp:transform"]',
        "}",
        "",
    ]
    return "\n".join(lines)


def _animated(declared: str, values: list[str]) -> list[str]:
    if len(set(values)) == 1:
        return [f"    {declared} = {values[0]}"]
    return [
        f"    {declared}.timeSamples = {{",
        *(f"        {frame}: {value}," for frame, value in enumerate(values)),
        "    }",
    ]


def _matrix(sample: CameraSample) -> str:
    """Camera to world for row vectors, as USD multiplies: rows are right, up, back and the place."""
    rows = [(*axis, 0.0) for axis in sample.axes] + [(*sample.position_m, 1.0)]
    return "( " + ", ".join("(" + ", ".join(repr(float(value)) for value in row) + ")" for row in rows) + " )"


def _quoted(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
