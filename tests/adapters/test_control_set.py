"""The set as glTF: opened by another program's reader, and drawn again with the file's own camera.

What the drawing shows must be what the other passes say: the same outlines, the same distances.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auteur.adapters.engines.previs.controls import solids
from auteur.adapters.engines.previs.frame import render_frame
from auteur.domain.task import CONTROL_FILES
from tests.adapters.test_controls import pixels_of

trimesh = pytest.importorskip("trimesh", reason="the development group brings the reader of glTF: uv sync")

WIDTH, HEIGHT = 240, 160
SETS = [
    ("two shot of two friends talking in a kitchen at noon", 5),
    ("dutch angle, a detective walking in a rainy alley at night, 35mm", 6),
    ("interior, a woman sits at a desk in a room, lamp", 7),
    ("a car in a desert, mountains", 11),
]


class Opened:
    """A set as another program has it: triangles of the world by thing, and the camera of the file."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, length, told_bytes, told_kind = struct.unpack_from("<4sIII4s", data)
        assert (magic, version, length, told_kind) == (b"glTF", 2, len(data), b"JSON")
        self.told: dict[str, Any] = json.loads(data[20 : 20 + told_bytes])
        scene = trimesh.load_scene(path)
        self.triangles: dict[str, list[np.ndarray]] = {}
        for node in scene.graph.nodes_geometry:
            place, geometry = scene.graph[node]
            corners = trimesh.transform_points(scene.geometry[geometry].vertices, place)
            parent = scene.graph.transforms.parents[node]
            name = node if parent == scene.graph.base_frame else parent
            self.triangles.setdefault(name, []).append(corners[scene.geometry[geometry].faces])
        node = next(node for node in self.told["nodes"] if "camera" in node)
        self.lens = self.told["cameras"][node["camera"]]["perspective"]
        x, y, z, w = node["rotation"]
        self.turn = trimesh.transformations.quaternion_matrix([w, x, y, z])[:3, :3]
        self.at = np.array(node["translation"])

    def drawn(self, width: int, height: int) -> tuple[np.ndarray, list[str], np.ndarray]:
        """Distance along the camera's axis and the number of the thing, by pixel, of all triangles."""
        names = list(self.triangles)
        depth = np.full((height, width), np.inf)
        owner = np.full((height, width), -1)
        focal = height / 2 / np.tan(self.lens["yfov"] / 2)
        for number, name in enumerate(names):
            corners = (np.concatenate(self.triangles[name]) - self.at) @ self.turn * [1, 1, -1]
            self._draw(corners, number, focal, depth, owner)
        return depth, names, owner

    def _draw(self, corners: np.ndarray, number: int, focal: float, depth: np.ndarray, owner: np.ndarray) -> None:
        height, width = depth.shape
        across = corners[:, :, 2].min(axis=1) < self.lens["znear"]  # behind the camera, or through it
        with np.errstate(divide="ignore", invalid="ignore"):
            x = width / 2 + corners[:, :, 0] / corners[:, :, 2] * focal
            y = height / 2 - corners[:, :, 1] / corners[:, :, 2] * focal
        left, right = np.ceil(x.min(axis=1) - 0.5), np.floor(x.max(axis=1) - 0.5)
        top, bottom = np.ceil(y.min(axis=1) - 0.5), np.floor(y.max(axis=1) - 0.5)
        inside = (left <= right) & (top <= bottom) & (right >= 0) & (bottom >= 0) & (left < width) & (top < height)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        whole = corners[:, :, 2].max(axis=1) > 0
        faces = np.sum(normals * corners[:, 0], axis=1) > 0  # what looks away is hidden by what does not; z is ahead
        for triangle in np.flatnonzero(faces & ((inside & ~across) | (across & whole))):
            if across[triangle]:
                box = slice(0, height), slice(0, width)
            else:
                box = (
                    slice(int(max(top[triangle], 0)), int(min(bottom[triangle], height - 1)) + 1),
                    slice(int(max(left[triangle], 0)), int(min(right[triangle], width - 1)) + 1),
                )
            u = (np.arange(box[1].start, box[1].stop) + 0.5 - width / 2)[None, :] / focal
            v = (height / 2 - np.arange(box[0].start, box[0].stop) - 0.5)[:, None] / focal
            a, b, c = corners[triangle]
            normal = np.cross(b - a, c - a)
            with np.errstate(divide="ignore", invalid="ignore"):
                z = (normal @ a) / (normal[0] * u + normal[1] * v + normal[2])
                met = np.stack([u * z, v * z, z], axis=2)
                sides = [np.cross(end - start, met - start) @ normal for start, end in ((a, b), (b, c), (c, a))]
                hit = np.logical_and.reduce([side >= 0 for side in sides]) & (z > self.lens["znear"])
                hit &= z < depth[box]
            depth[box][hit] = z[hit]
            owner[box][hit] = number


@pytest.mark.parametrize(("prompt", "seed"), SETS)
def test_the_set_seen_by_its_own_camera_is_what_the_passes_show(tmp_path: Path, prompt: str, seed: int) -> None:
    size = {"width_px": WIDTH, "height_px": HEIGHT}
    params = {"prompt": prompt, "seed": seed, **size, "steps": 1, "style": "previs", "control": list(CONTROL_FILES)}
    arguments = {"params": params, "directory": str(tmp_path), "draft": "frame.png", "suffix": ""}
    understood = render_frame(arguments, lambda report: None)["understood"]
    opened = Opened(tmp_path / "control-set.glb")
    assert abs(opened.lens["aspectRatio"] - WIDTH / HEIGHT) < 1e-9
    assert abs(np.degrees(opened.lens["yfov"]) - understood["camera"]["yfov_deg"]) < 1e-6
    depth, names, owner = opened.drawn(WIDTH, HEIGHT)
    color = pixels_of(tmp_path / "control-segmentation.png")
    legend = json.loads((tmp_path / "control-segmentation.json").read_text())["segments"]
    for entry in legend:
        if entry["name"] == "sky" or entry["name"].startswith("ridge"):
            continue
        mine = owner == names.index(entry["name"])
        said = (color == entry["color"]).all(axis=2)
        if entry["name"] in ("ground", "sea"):  # where the water begins is painted with foam
            continue
        both, either = (mine & said).sum(), (mine | said).sum()
        # a round outline has 64 corners, so a pixel of it may fall to the other side
        outline = (np.diff(said, axis=0)).sum() + (np.diff(said, axis=1)).sum()
        assert either - both <= max(0.01 * either, 0.05 * outline + 4), (prompt, entry["name"], both / max(either, 1))
    figures = np.isin(owner, [number for number, name in enumerate(names) if name not in ("ground", "sea")])
    grounds = [
        entry["color"] for entry in legend if entry["kind"] in ("ground", "sea", "sky", "hills", "mountains", "skyline")
    ]
    forms = ~np.any([(color == ground).all(axis=2) for ground in grounds], axis=0)
    assert (figures & forms).sum() / (figures | forms).sum() > 0.99, "the whole silhouette"
    scale = understood["controls"]["depth"]
    value = pixels_of(tmp_path / "control-depth16.png").astype(float)
    metres = scale["near_m"] + value * scale["unit_m"]
    told = (value < scale["nothing"]) & np.isfinite(depth)
    error = np.abs(depth - metres)[told] / metres[told]
    assert np.quantile(error, 0.98) < 0.005, "of the distance"
    assert np.quantile(error, 0.5) < 0.0005, "of the distance"


def test_a_set_is_nodes_with_names_and_colours(tmp_path: Path) -> None:
    params: dict[str, Any] = {
        "prompt": "two friends by a campfire at night",
        "seed": 2,
        "width_px": 96,
        "height_px": 64,
    }
    params |= {"steps": 1, "style": "board", "control": ["set"]}
    arguments = {"params": params, "directory": str(tmp_path), "draft": "frame.png", "suffix": ""}
    assert [file["name"] for file in render_frame(arguments, lambda report: None)["controls"]] == ["control-set.glb"]
    told = Opened(tmp_path / "control-set.glb").told
    roots = [told["nodes"][index]["name"] for index in told["scenes"][0]["nodes"]]
    assert {"friend 1", "friend 2", "campfire", "ground", "camera"} <= set(roots)
    assert len(set(roots)) == len(roots)
    flame = next(m for m in told["materials"] if m["name"].startswith("campfire") and "extensions" in m)
    assert max(flame["emissiveFactor"]) == 1
    assert told["extensionsUsed"] == ["KHR_materials_emissive_strength"]
    assert all(len(m["pbrMetallicRoughness"]["baseColorFactor"]) == 4 for m in told["materials"])
    assert all(accessor["bufferView"] < len(told["bufferViews"]) for accessor in told["accessors"])
    assert told["buffers"][0]["byteLength"] % 4 == 0


@pytest.mark.parametrize("solid", [solids.ball(), solids.box(), solids.cone(0.6), solids.cone(1.9), solids.cone(0.02)])
def test_a_solid_is_closed_and_its_faces_look_outward(solid: solids.Solid) -> None:
    corners = solid.points[solid.triangles].astype(float)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.linalg.norm(normals, axis=1) > 0).all(), "no face without area"
    assert (np.sum(normals * solid.normals[solid.triangles].mean(axis=1), axis=1) > 0).all()
    assert np.allclose(np.linalg.norm(solid.normals, axis=1), 1, atol=1e-6)
    assert np.allclose(normals.sum(axis=0), 0, atol=1e-6), "its faces cancel out: it has no hole"
    assert np.sum(corners[:, 0] * np.cross(corners[:, 1], corners[:, 2])) > 0, "inside is inside"
