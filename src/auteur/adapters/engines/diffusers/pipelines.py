"""The models that a child process holds: loaded once, kept by least recent use within a memory setting."""

import json
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import torch

from auteur.adapters.engines.diffusers.faults import check_device, loading_failed
from auteur.adapters.engines.diffusers.memory import free_memory, is_cuda, is_out_of_memory, let_go, memory_of
from auteur.adapters.engines.diffusers.previews import LatentPreview
from auteur.domain.errors import HandlerError

_SHARE_OF_DEVICE, _SHARE_OF_MACHINE = 0.8, 0.5
"""What models may take where nothing is set."""
_ITEM_BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2}

Key = tuple[str, ...]
Tell = Callable[[str], None]


@dataclass(slots=True)
class Kept:
    """A loaded model. ``derived``: pipelines of other classes that share its weights, by what they are made of;
    ``previews``: the one for its latents, None where there can be none, once that was found out."""

    name: str
    part: Any
    size_bytes: int
    derived: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    previews: list[LatentPreview | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a task computes with. ``model``: settings; ``pipeline``: the class, None for the model's own;
    ``controls``: passes, in the order of their pictures."""

    name: str
    model: Mapping[str, Any]
    pipeline: str | None
    controls: Sequence[str]
    downloads: bool


class ModelStore:
    """``allowed_bytes``: what the loaded models may take; None for a share of what the device has."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._in_use: set[Key] = set()
        self.allowed_bytes: int | None = None

    def pipeline(self, wanted: Wanted, tell: Tell) -> tuple[Any, Kept]:
        """The pipeline, ready to be called, and the model behind it. ``tell``: said what is being loaded.

        Raises `HandlerError`.
        """
        device, dtype = device_and_dtype(wanted.model)
        check_device(device)
        own: Key = (wanted.model["model"], device, str(dtype), wanted.model.get("variant", ""), _adapter(wanted.model))
        nets: list[Key] = [(wanted.model["controlnet"][control], device, str(dtype)) for control in wanted.controls]
        needed = self._in_use = {own, *nets}

        def load_model() -> Any:
            pipe = diffusers.DiffusionPipeline.from_pretrained(
                _path(wanted.model["model"]),
                dtype=dtype,
                variant=wanted.model.get("variant"),
                local_files_only=not wanted.downloads,
            )
            _load_adapter(pipe, wanted)
            pipe.set_progress_bar_config(disable=True)
            return pipe.to(device)

        def load_net(reference: str) -> Any:
            local = not wanted.downloads
            net = diffusers.AutoModel.from_pretrained(_path(reference), dtype=dtype, local_files_only=local)
            return net.to(device)

        base = self._get(own, wanted.name, wanted, needed, load_model, tell)
        controls = [
            self._get(key, f"the ControlNet for {control}", wanted, needed, partial(load_net, key[0]), tell)
            for key, control in zip(nets, wanted.controls, strict=True)
        ]
        return self._derived(base, wanted, nets, controls), base

    def _get(self, key: Key, name: str, wanted: Wanted, needed: set[Key], load: Callable[[], Any], tell: Tell) -> Kept:
        device = key[1]
        if key in self._kept:
            self._kept.move_to_end(key)
            self._make_room(0, device, needed)
            return self._kept[key]
        expected = expected_bytes(Path(key[0]).expanduser(), getattr(torch, key[2].removeprefix("torch.")).itemsize)
        self._check(name, expected, device)
        self._make_room(expected, device, needed)
        tell(f"Loading {name}")
        try:
            part = self._loaded(load, device)
        except Exception as error:
            directory = Path(key[0]).expanduser()
            raise loading_failed(
                name, error, directory=directory, downloads=wanted.downloads, device=device, model_bytes=expected
            ) from error
        kept = self._kept[key] = Kept(name, part, weights_bytes(part))
        try:
            self._check(name, kept.size_bytes, device)
        except HandlerError:
            self._drop(key)
            raise
        finally:
            del part
        self._make_room(0, device, needed | {key})
        return kept

    def _loaded(self, load: Callable[[], Any], device: str) -> Any:
        """What is loaded. Out of memory, as where another program has a part of the device, it has one more try without
        what else is held."""
        try:
            return load()
        except Exception as error:
            if self._kept.keys() <= self._in_use or not is_out_of_memory(error):
                raise
            let_go(error, device)
        self.let_go_of_others()
        return load()

    def _allowed(self, device: str) -> int:
        if self.allowed_bytes is not None:
            return self.allowed_bytes
        _, total = memory_of(device)
        return int(total * (_SHARE_OF_MACHINE if device == "cpu" else _SHARE_OF_DEVICE))

    def _check(self, name: str, size_bytes: int, device: str) -> None:
        allowed = self._allowed(device)
        if size_bytes > allowed:
            raise HandlerError(
                f"{name} takes {size_bytes / 1e9:.3g} GB; models may take {allowed / 1e9:.3g} GB here.",
                reason="model_too_large",
                model_bytes=size_bytes,
                allowed_bytes=allowed,
            )

    def _make_room(self, wanted_bytes: int, device: str, needed: Iterable[Key]) -> None:
        """Lets go what was not used for longest, until what is wanted fits beside the rest."""
        allowed, held = self._allowed(device), set(needed)
        for key in [key for key in self._kept if key not in held]:
            if wanted_bytes + sum(kept.size_bytes for kept in self._kept.values()) <= allowed:
                return
            self._drop(key)

    def _drop(self, key: Key) -> None:
        del self._kept[key]
        for kept in self._kept.values():
            kept.derived = {made_of: pipe for made_of, pipe in kept.derived.items() if key not in made_of}
        free_memory(key[1])

    def let_go_of_others(self) -> None:
        """Keeps only what the pipeline that was last asked for is made of."""
        for key in self._kept.keys() - self._in_use:
            self._drop(key)

    def loaded(self) -> list[dict[str, Any]]:
        """What is held, the least recently used first."""
        return [{"name": kept.name, "size_bytes": kept.size_bytes} for kept in self._kept.values()]

    def _derived(self, base: Kept, wanted: Wanted, nets: Sequence[Key], controls: Sequence[Kept]) -> Any:
        scheduler = wanted.model.get("scheduler")
        made_of = (wanted.pipeline, scheduler, *nets)
        if made_of not in base.derived:
            try:
                base.derived[made_of] = _derive(base.part, wanted.pipeline, scheduler, [kept.part for kept in controls])
            except Exception as error:
                directory = Path(wanted.model["model"]).expanduser()
                raise loading_failed(wanted.name, error, directory=directory, downloads=wanted.downloads) from error
        return base.derived[made_of]


def _derive(base: Any, pipeline: str | None, scheduler: str | None, controls: Sequence[Any]) -> Any:
    """A pipeline of the class with the base's weights; the base itself where nothing is otherwise."""
    chosen = getattr(diffusers, pipeline) if pipeline else type(base)
    more = {"controlnet": controls[0] if len(controls) == 1 else list(controls)} if controls else {}
    if chosen is type(base) and not more and not scheduler:
        return base
    pipe = chosen.from_pipe(base, dtype=base.dtype, **more)
    pipe.set_progress_bar_config(disable=True)
    if scheduler:
        pipe.scheduler = getattr(diffusers, scheduler).from_config(pipe.scheduler.config)
    return pipe


def _load_adapter(pipe: Any, wanted: Wanted) -> None:
    adapter = wanted.model.get("ip_adapter")
    if adapter is None:
        return
    pipe.load_ip_adapter(
        _path(adapter["path"]),
        subfolder=adapter["subfolder"],
        weight_name=adapter.get("weight_name") or _only_weights(Path(_path(adapter["path"])) / adapter["subfolder"]),
        local_files_only=not wanted.downloads,
    )


def _only_weights(directory: Path) -> str | None:
    found = [path.name for path in directory.glob("*.safetensors")]
    return found[0] if len(found) == 1 else None


def _adapter(model: Mapping[str, Any]) -> str:
    return json.dumps(model.get("ip_adapter"), sort_keys=True)


def _path(reference: str) -> str:
    path = Path(reference).expanduser()
    return str(path) if path.is_dir() else reference


def device_and_dtype(model: Mapping[str, Any]) -> tuple[str, Any]:
    """Where a model computes and in what: as set, else on the first accelerator in half the width."""
    device: str = model.get("device") or ("cuda" if torch.cuda.is_available() else "cpu")
    if "dtype" in model:
        return device, getattr(torch, model["dtype"])
    if device == "cpu":
        return device, torch.float32
    if is_cuda(device) and torch.cuda.is_available() and not torch.cuda.is_bf16_supported():
        return device, torch.float16
    return device, torch.bfloat16


def weights_bytes(part: Any) -> int:
    """What the weights of a model, or of all models of a pipeline, take in memory."""
    modules = [part] if isinstance(part, torch.nn.Module) else [*part.components.values()]
    tensors = {
        id(tensor): tensor.nbytes
        for module in modules
        if isinstance(module, torch.nn.Module)
        for tensor in [*module.parameters(), *module.buffers()]
    }
    return sum(tensors.values())


def expected_bytes(directory: Path, item_bytes: int) -> int:
    """What a model's files will take once loaded, by the heads of its safetensors; 0 where it is not in a directory."""
    if not directory.is_dir():
        return 0
    folders = [directory] if (directory / "config.json").is_file() else [*directory.iterdir()]
    return sum(_elements(path) for folder in folders for path in _weights(folder)) * item_bytes


def _weights(folder: Path) -> list[Path]:
    """The folder's weights: without variants where there are others."""
    found = sorted(folder.glob("*.safetensors"))
    plain = [path for path in found if path.stem.count(".") == 0]
    return plain or found


def _elements(path: Path) -> int:
    """How many numbers a file of weights holds."""
    try:
        with path.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            head = json.loads(file.read(min(size, 100 << 20)))
        ends = [
            (tensor["data_offsets"][1] - tensor["data_offsets"][0]) // _ITEM_BYTES.get(tensor["dtype"], 1)
            for name, tensor in head.items()
            if name != "__metadata__"
        ]
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return 0  # the loader says what is wrong with it
    return int(sum(ends))


def preview_of(kept: Kept, pipe: Any) -> LatentPreview | None:
    """The model's preview, made when first asked for."""
    if not kept.previews:
        kept.previews.append(LatentPreview.of(pipe))
    return kept.previews[0]


def seconds_since(started: float) -> float:
    """For metrics."""
    return round(time.perf_counter() - started, 3)
