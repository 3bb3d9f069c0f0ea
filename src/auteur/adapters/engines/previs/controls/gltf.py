"""The set with its people and its camera as one glTF file, as 3D programs open it.

glTF 2.0 binary (Khronos, ISO/IEC 12113): metres, y up. Why it is written here and not by a library:
docs/decisions/0020-controls-of-one-pass.md.
"""

import json
import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls import solids
from auteur.adapters.engines.previs.controls.camera import describe, quaternion
from auteur.adapters.engines.previs.controls.solids import Solid
from auteur.adapters.engines.previs.rendering.forms import Form, Material, Vector
from auteur.adapters.engines.previs.rendering.world import Camera, Set

_FLOAT, _UNSIGNED_SHORT, _ARRAY, _ELEMENTS = 5126, 5123, 34962, 34963
_GROUND_REACH_M = 4000.0
_ZNEAR_M = 0.02
_STRENGTH = "KHR_materials_emissive_strength"


def write(world: Set, camera: Camera, width_px: int, height_px: int) -> bytes:
    """The file's bytes: a node for each thing with its forms below it, the ground, the water, and the camera."""
    return _Writer().document(world, camera, width_px, height_px)


class _Writer:
    """One document as it grows. A form's mesh is its shape in one material; each shape's triangles are kept once."""

    def __init__(self) -> None:
        self._binary = bytearray()
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._meshes: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._nodes: list[dict[str, Any]] = []
        self._extensions: set[str] = set()
        self._shapes: dict[tuple[str, float], dict[str, Any]] = {}
        self._known: dict[tuple[Any, ...], int] = {}

    def document(self, world: Set, camera: Camera, width_px: int, height_px: int) -> bytes:
        roots = [self._thing(world, index) for index in range(len(world.things))]
        roots += self._grounds(world)
        roots.append(self._camera(camera, width_px, height_px))
        content: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "auteur previs"},
            "scene": 0,
            "scenes": [{"name": "set", "nodes": roots}],
            "nodes": self._nodes,
            "cameras": [_lens(camera, width_px, height_px)],
            "meshes": self._meshes,
            "materials": self._materials,
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": len(self._binary)}],
        }
        if self._extensions:
            content["extensionsUsed"] = sorted(self._extensions)
        return _packed({name: part for name, part in content.items() if part != []}, bytes(self._binary))

    def _thing(self, world: Set, index: int) -> int:
        """A thing stands where the middle of its forms is, on the ground; its forms stand where they are from there."""
        thing = world.things[index]
        forms = [form for form in world.forms if form.thing == index]
        middle = np.mean([form.at for form in forms], axis=0) * [1, 0, 1] if forms else np.zeros(3)
        children = [self._form(form, middle, thing.kind) for form in forms]
        node: dict[str, Any] = {"name": thing.name, "translation": _plain(middle), "extras": {"kind": thing.kind}}
        return self._node(node | ({"children": children} if children else {}))

    def _form(self, form: Form, from_: NDArray[np.float64], kind: str) -> int:
        length = np.linalg.norm(form.matrix, axis=0)
        turn = form.matrix / length
        if np.linalg.det(turn) < 0:  # every form is its own mirror image
            turn = turn * [-1, 1, 1]
        return self._node(
            {
                "mesh": self._mesh(form, kind),
                "translation": _plain(form.at - from_),
                "rotation": list(quaternion(turn)),
                "scale": _plain(length),
            }
        )

    def _grounds(self, world: Set) -> list[int]:
        if world.ground is None:
            return []
        far, shore = _GROUND_REACH_M, world.sea_z
        parts = [("ground", -far if shore is None else shore, far, world.ground.color)]
        if shore is not None:
            parts.append(("sea", -far, shore, (0.012, 0.035, 0.045)))
        return [
            self._node({"name": name, "mesh": self._plain_mesh(name, solids.floor(-far, far, back, front), color)})
            for name, back, front, color in parts
        ]

    def _camera(self, camera: Camera, width_px: int, height_px: int) -> int:
        told = describe(camera, width_px, height_px)
        return self._node(
            {"name": "camera", "camera": 0, "translation": told["position_m"], "rotation": told["rotation"]}
        )

    def _node(self, node: dict[str, Any]) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _mesh(self, form: Form, kind: str) -> int:
        shape = form.shape, form.taper if form.shape == "cone" else 1.0
        material = self._material(form.material, kind)
        key = ("mesh", shape, material)
        if key not in self._known:
            if shape not in self._shapes:
                solid = {"ball": solids.ball, "box": solids.box}.get(form.shape, lambda: solids.cone(form.taper))()
                self._shapes[shape] = self._primitive(solid)
            self._known[key] = self._add_mesh(f"{kind} {form.shape}", self._shapes[shape], material)
        return self._known[key]

    def _plain_mesh(self, name: str, solid: Solid, color: Vector) -> int:
        return self._add_mesh(name, self._primitive(solid), self._material(Material(color), name))

    def _add_mesh(self, name: str, primitive: dict[str, Any], material: int) -> int:
        self._meshes.append({"name": name, "primitives": [{**primitive, "material": material}]})
        return len(self._meshes) - 1

    def _material(self, material: Material, kind: str) -> int:
        key = ("material", kind, material.color, material.glow)
        if key not in self._known:
            self._known[key] = len(self._materials)
            number = 1 + sum(1 for known in self._known if known[:2] == key[:2] and known != key)
            base = [min(max(float(c), 0.0), 1.0) for c in material.color]
            surface = {"baseColorFactor": [*base, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.9}
            made: dict[str, Any] = {"name": f"{kind} {number}", "pbrMetallicRoughness": surface}
            brightest = max(material.glow)
            if brightest > 0:
                made["emissiveFactor"] = [float(c) / max(brightest, 1.0) for c in material.glow]
            if brightest > 1:
                made["extensions"] = {_STRENGTH: {"emissiveStrength": float(brightest)}}
                self._extensions.add(_STRENGTH)
            self._materials.append(made)
        return self._known[key]

    def _primitive(self, solid: Solid) -> dict[str, Any]:
        attributes = {"POSITION": self._accessor(solid.points, "VEC3", _FLOAT, _ARRAY, bounds=True)}
        attributes["NORMAL"] = self._accessor(solid.normals, "VEC3", _FLOAT, _ARRAY)
        indices = self._accessor(solid.triangles.reshape(-1), "SCALAR", _UNSIGNED_SHORT, _ELEMENTS)
        return {"attributes": attributes, "indices": indices}

    def _accessor(self, values: NDArray[Any], kind: str, component: int, target: int, bounds: bool = False) -> int:
        data = values.tobytes()
        view = {"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data), "target": target}
        self._binary += data + bytes(-len(data) % 4)
        self._views.append(view)
        accessor: dict[str, Any] = {"bufferView": len(self._views) - 1, "componentType": component}
        accessor |= {"count": len(values), "type": kind}
        if bounds:
            accessor |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        self._accessors.append(accessor)
        return len(self._accessors) - 1


def _lens(camera: Camera, width_px: int, height_px: int) -> dict[str, Any]:
    yfov = 2 * math.atan(0.5 * height_px / (camera.focal * width_px))
    perspective = {"yfov": yfov, "aspectRatio": width_px / height_px, "znear": _ZNEAR_M, "zfar": 2 * _GROUND_REACH_M}
    return {"name": "camera", "type": "perspective", "perspective": perspective}


def _packed(content: dict[str, Any], binary: bytes) -> bytes:
    told = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    told += b" " * (-len(told) % 4)
    chunks = struct.pack("<I4s", len(told), b"JSON") + told + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _plain(vector: NDArray[np.float64]) -> list[float]:
    return [float(value) for value in vector]
