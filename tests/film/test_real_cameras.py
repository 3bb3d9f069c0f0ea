"""The cameras that are handed over are those that previs filmed with: shots with moves, read back by other programs."""

import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pycmx
import pytest
from pxr import Gf, Usd, UsdGeom

from auteur.adapters.engines.previs.footage import FootageParameters
from auteur.adapters.engines.previs.motion.take import render_take
from auteur.adapters.engines.previs.shooting import staged
from tests.takes import hand_over

SHOTS = (
    ("Medium shot of Maria at the table. Slow push in. INT. KITCHEN - NIGHT", 24),
    ("Wide shot, EXT. FIELD - DAY. A man walks. Orbit left, handheld", 23.976),
    ("Close-up of Tom, 85mm, dolly zoom", 25),
    ("Crane up and pan left over a street at dusk. Dutch angle", 29.97),
)


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each take as it is handed over, and the samples of the camera.json that its engine wrote."""
    found = []
    for index, (prompt, fps) in enumerate(SHOTS):
        directory = tmp_path_factory.mktemp(f"take{index}")
        asked = {
            "prompt": prompt, "width_px": 96, "height_px": 64, "steps": 1, "fps": fps, "seed": 5,
            "duration_s": 0.5,
        }  # fmt: skip
        params = FootageParameters.read(asked).model_dump(exclude_none=True)
        render_take(
            {
                "params": params, "audio": None, "renderer": "numpy", "directory": str(directory), "draft": "shot.mp4",
                "poster": "poster.jpg", "camera": "camera.json",
            },
            lambda said: None,
        )  # fmt: skip
        track = directory / "camera.json"
        take = {"path": str(directory / "shot.mp4"), "reference": f"t{index}/1/shot.mp4", "track": str(track)}
        found.append((take, json.loads(track.read_text())))
    return found


def test_a_dolly_zoom_keeps_the_subjects_width_in_every_frame_that_its_file_tells(
    takes: list[tuple[dict[str, Any], Any]],
) -> None:
    """By the numbers of camera.json alone, and where the stage says that the subject's eyes are."""
    (index,) = (k for k, (prompt, _) in enumerate(SHOTS) if "dolly zoom" in prompt)
    samples = takes[index][1]["samples"]
    _, made = staged({"prompt": SHOTS[index][0], "seed": 5, "width_px": 96, "height_px": 64})
    joints = made.people[0].joints
    eyes = (np.array(joints["left_eye"]) + np.array(joints["right_eye"])) / 2
    behind = eyes + 2.0 * (eyes - samples[0]["position_m"])
    widths = [[_width(sample, middle) for middle in (eyes, behind)] for sample in samples]
    of_subject, of_what_is_behind = np.array(widths).T
    assert of_subject.max() / of_subject.min() < 1.01
    assert of_what_is_behind.max() / of_what_is_behind.min() > 1.1
    assert len({round(sample["focal_mm"], 4) for sample in samples}) == len(samples), "it zooms at every frame"


def _width(sample: dict[str, Any], middle: np.ndarray) -> float:
    """How wide half a metre across the camera's axis is behind the lens, in millimetres, around a point of the set."""
    x, y, z, w = sample["rotation"]
    right = np.array([1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)])
    back = np.array([2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)])
    ends = [middle + side * right - sample["position_m"] for side in (-0.25, 0.25)]
    left, end = (sample["focal_mm"] * (point @ right) / -(point @ back) for point in ends)
    return float(end - left)


@pytest.mark.parametrize("index", range(len(SHOTS)))
def test_usd_and_gltf_have_the_camera_of_the_take_at_every_frame(
    takes: list[tuple[dict[str, Any], Any]], tmp_path: Path, index: int
) -> None:
    take, told = takes[index]
    samples, rate = told["samples"], f"{SHOTS[index][1]:g}"
    frames = round(SHOTS[index][1] / 2)
    assert len(samples) == frames
    places = {tuple(one["position_m"]) for one in samples} | {tuple(one["rotation"]) for one in samples}
    assert len(places) > frames, "the camera moves"
    out, _ = hand_over("film_cameras", tmp_path, [{"name": "1"}], [take], rate=rate, formats=["usda", "glb"])
    stage = Usd.Stage.Open(str(out / "1.usda"))
    camera = UsdGeom.Camera(stage.GetDefaultPrim())
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, frames - 1)
    values = gltf(out / "1.glb", frames)
    for frame, sample in enumerate(samples):
        x, y, z, w = sample["rotation"]
        turned = Gf.Matrix4d(Gf.Rotation(Gf.Quatd(w, x, y, z)), Gf.Vec3d(*sample["position_m"]))
        seen = camera.GetCamera(frame)
        assert Gf.IsClose(seen.transform, turned, 1e-5), frame
        assert seen.focalLength * 100 == pytest.approx(sample["focal_mm"], rel=1e-5)
        assert seen.focusDistance == pytest.approx(sample["focus_m"], rel=1e-5)
        assert values["translation"][frame] == pytest.approx(sample["position_m"], abs=1e-5)
        assert abs(float(np.dot(values["rotation"][frame], sample["rotation"]))) == pytest.approx(1, abs=1e-5)
        yfov = 2 * np.arctan(told["lens"]["frame_height_mm"] / 2 / sample["focal_mm"])
        assert values["pointer"][frame, 0] == pytest.approx(yfov, rel=1e-4)
    seconds = values["input"][:, 0]
    assert seconds == pytest.approx([float(n / exact(rate)) for n in range(frames)], abs=1e-6)


def test_the_cut_of_real_takes_is_read_as_it_is_by_three_programs(
    takes: list[tuple[dict[str, Any], Any]], tmp_path: Path
) -> None:
    shots = [{"name": f"1-{n + 1}", "frames": length} for n, length in enumerate((12, 7, 24, 5))]
    shots[2]["dissolve_frames"] = 4
    given = {
        "rate": "24",
        "formats": ["otio", "edl", "fcpxml", "xmeml"],
        "start": "01:00:00:00",
        "media_base": "",
        "track": None,
    }
    out, _ = hand_over("film_cut", tmp_path, shots, [take for take, _ in takes], **given)
    clips = list(otio.adapters.read_from_file(str(out / "cut.otio")).find_clips())
    lengths = [clip.duration().to_frames() for clip in clips]
    assert [clip.name for clip in clips] == [shot["name"] for shot in shots]
    assert lengths == [shot["frames"] for shot in shots]
    for clip, (_, told) in zip(clips, takes, strict=True):
        first = clip.metadata["auteur"]["camera"]["first"]
        assert list(first["position_m"]) == pytest.approx(told["samples"][0]["position_m"])
        assert first["focal_mm"] == pytest.approx(told["samples"][0]["focal_mm"])
    with (out / "cut.edl").open() as file:
        events = [edit for event in pycmx.parse_cmx3600(file).events for edit in event.edits]
    ends = [sum(lengths[: n + 1]) for n in range(4)]
    found = sorted(
        {int(event.record_out.split(":")[-1]) + 24 * int(event.record_out.split(":")[-2]) for event in events}
    )
    assert found == ends
    read = otio.adapters.read_from_file(str(out / "cut.xml"), "fcp_xml")
    assert sum(one.duration().to_frames() for one in read.find_clips()) == sum(lengths)


def exact(rate: str) -> Fraction:
    return {"23.976": Fraction(24000, 1001), "29.97": Fraction(30000, 1001)}.get(rate) or Fraction(rate)


def gltf(path: Path, frames: int) -> dict[str, np.ndarray]:
    """What is animated in the file, by the node's property; ``input``: the seconds of the first channel."""
    data = path.read_bytes()
    [length] = struct.unpack_from("<I", data, 12)
    told, binary = json.loads(data[20 : 20 + length]), data[28 + length :]

    def values(accessor: int) -> np.ndarray:
        about = told["accessors"][accessor]
        start = told["bufferViews"][about["bufferView"]]["byteOffset"]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[about["type"]]
        return np.frombuffer(binary, "<f4", about["count"] * width, start).reshape(-1, width)

    [animation] = told["animations"]
    found = {
        channel["target"]["path"]: values(animation["samplers"][channel["sampler"]]["output"])
        for channel in animation["channels"]
    }
    node = next(one for one in told["nodes"] if "camera" in one)
    for key in ("translation", "rotation"):  # what does not change stands in the node
        found.setdefault(key, np.repeat([node.get(key, [0, 0, 0, 1][-4:])], frames, axis=0))
    found.setdefault("pointer", np.full((frames, 1), told["cameras"][0]["perspective"]["yfov"]))
    found["input"] = values(animation["samplers"][0]["input"])
    return found
