"""The types of single settings: how each is read and judged.

What cannot be used raises `ValueError` with words for who wrote the setting, never with what was written.
"""

import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from auteur.domain import strict_json
from auteur.domain.quality import QualityPreset
from auteur.entrypoints.addresses import Hosts, bare_host, read_origin, read_root_path, split_host

PREFIX = "BACKEND_"
"""What the name of every variable begins with."""

Presets = dict[str, dict[str, Any]]
"""By quality: steps, resolution, and perhaps lane, as they are written."""

_LONGEST_INSIDE = 512  # project, task, attempt and file name, below the workspace
_LONGEST_PATH, _LONGEST_NAME = 4096, 255
_RESOLUTION = re.compile(r"(\d{2,4})x(\d{2,4})")
_LANES = {"draft": "interactive", "standard": "standard", "high": "heavy", "ultra": "heavy"}


def read_preset(name: str, preset: Mapping[str, Any], timeout_s: float) -> QualityPreset:
    """The preset of that quality, as it is written."""
    match = _RESOLUTION.fullmatch(str(preset.get("resolution", "")))
    steps = preset.get("steps")
    if match is None or not isinstance(steps, int) or not 1 <= steps <= 200:
        raise ValueError(f"{name}: needs steps from 1 to 200 and a resolution like 1024x1024")
    width_px, height_px = int(match[1]), int(match[2])
    if not (64 <= width_px <= 4096 and 64 <= height_px <= 4096):
        raise ValueError(f"{name}: the sides of a resolution are from 64 to 4096 pixels")
    lane = preset.get("lane", _LANES.get(name, "standard"))
    return QualityPreset(steps=steps, width_px=width_px, height_px=height_px, lane=str(lane), timeout_s=timeout_s)


def has_room_inside(workspace: Path) -> bool:
    """Whether the names of projects, tasks and files still fit into a path there."""
    path = os.fsencode(workspace)
    names = path.split(os.sep.encode())
    return len(path) + _LONGEST_INSIDE <= _LONGEST_PATH and max(map(len, names)) <= _LONGEST_NAME


def read_json_setting(value: Any) -> Any:
    """What JSON text says; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return strict_json.loads(value)
    except strict_json.DuplicateNameError as error:
        raise ValueError(f"must say everything once: {error}") from None
    except ValueError:
        raise ValueError("must be JSON") from None


def _presets(presets: Presets) -> Presets:
    """Presets of which each can be read, at least one."""
    if not presets:
        raise ValueError("must name at least one quality")
    return _each_readable(presets)


def _overrides(overrides: dict[str, Presets]) -> dict[str, Presets]:
    """Presets by task type, of which each can be read."""
    for presets in overrides.values():
        _each_readable(presets)
    return overrides


def _each_readable(presets: Presets) -> Presets:
    for name, preset in presets.items():
        read_preset(name, preset, 1.0)
    return presets


def _upper_case(value: Any) -> Any:
    """Text in capitals, so that either way of writing it is right."""
    return value.upper() if isinstance(value, str) else value


def _host(value: str) -> str:
    """An address to listen on."""
    return bare_host(value.strip())


def _public_url(value: str | None) -> str | None:
    """An origin and perhaps a path, in one spelling; None for nothing."""
    if not value or not value.strip():
        return None
    origin, parts = read_origin(value), urlsplit(value.strip())
    if parts.query or parts.fragment:
        raise ValueError("must be like https://films.example, or with a path, and nothing after it")
    return origin + read_root_path(parts.path)


def _path(value: str | None) -> str | None:
    """A path under which the service is reached; None for the root."""
    return None if value is None else read_root_path(value) or None


def _origins(value: str) -> str:
    """Origins by comma, in one spelling."""
    return ",".join(read_origin(origin) for origin in value.split(",") if origin.strip())


def _hosts(value: str | None) -> str | None:
    """Hosts by comma, of which each can be read; None for nothing."""
    if value is None or not value.strip():
        return None
    Hosts.read(value.split(","))
    return value


def read_hosts(value: str) -> list[tuple[str, int | None]]:
    """Single hosts by comma, each with its port where one is named; IPv6 without brackets."""
    named = [split_host(host) for host in value.split(",") if host.strip()]
    return [(bare_host(name), port) for name, port in named]


def _single_hosts(value: str) -> str:
    """Hosts by comma, of which each can be read."""
    read_hosts(value)
    return value


def _authorities(value: Path | None) -> Path | None:
    """A file of certificates."""
    if value is not None:
        try:
            ssl.create_default_context(cafile=value)
        except OSError:  # of which SSLError is one
            raise ValueError("must be a file of certificates in PEM") from None
    return value


def _redis_url(value: SecretStr | None) -> SecretStr | None:
    """An address that `RedisAddress` reads; None for nothing."""
    if value is None or not value.get_secret_value():
        return None
    from auteur.adapters.redis.address import RedisAddress  # only those who set one wait for redis-py

    RedisAddress.parse(value.get_secret_value())  # its errors are ours: they show no value
    return value


def _model_url(value: str | None) -> str | None:
    """The address of an interface, without what is asked there; None for nothing."""
    if value is None or not value.strip():
        return None
    try:
        parts = urlsplit(value.strip())
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be like http://127.0.0.1:11434/v1, without a password or a query")
    return value.strip().rstrip("/").removesuffix("/chat/completions")


def _bearer(value: SecretStr | None) -> SecretStr | None:
    """What can be sent in a header; None for nothing."""
    if value is None or not value.get_secret_value():
        return None
    if not (value.get_secret_value().isascii() and value.get_secret_value().isprintable()):
        raise ValueError("must be printable ASCII")
    return value


def _key_prefix(value: str) -> str:
    """What keys in Redis may begin with."""
    if "{" in value or "}" in value:
        raise ValueError("must not contain braces: they mark what decides the slot in a cluster")
    return value


Host = Annotated[str, AfterValidator(_host)]
PublicUrl = Annotated[str | None, AfterValidator(_public_url)]
RootPath = Annotated[str | None, AfterValidator(_path)]
Origins = Annotated[str, AfterValidator(_origins)]
SingleHosts = Annotated[str, AfterValidator(_single_hosts)]
AuthoritiesFile = Annotated[Path | None, AfterValidator(_authorities)]
AllowedHosts = Annotated[str | None, AfterValidator(_hosts)]
ModelUrl = Annotated[str | None, AfterValidator(_model_url)]
Bearer = Annotated[SecretStr | None, AfterValidator(_bearer)]
RedisUrl = Annotated[SecretStr | None, AfterValidator(_redis_url)]
KeyPrefix = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_key_prefix)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper_case)]
QualityPresets = Annotated[Presets, NoDecode, BeforeValidator(read_json_setting), AfterValidator(_presets)]
QualityOverrides = Annotated[
    dict[str, Presets], NoDecode, BeforeValidator(read_json_setting), AfterValidator(_overrides)
]
LaneWeights = Annotated[dict[str, int], NoDecode, BeforeValidator(read_json_setting)]
TaskTimeouts = Annotated[dict[str, dict[str, float]], NoDecode, BeforeValidator(read_json_setting)]


EngineOrder = Annotated[dict[str, list[str]], NoDecode, BeforeValidator(read_json_setting)]


class WrongSettingError(Exception):
    """A setting that cannot be used; the text is one line that names the variable and never its value."""


def choose(name: str, wanted: str, known: set[str]) -> tuple[str, ...]:
    """Those of the known that are wanted, by comma; all if none is named. Raises `WrongSettingError`."""
    named = {part.strip() for part in wanted.split(",") if part.strip()}
    if named - known:
        raise WrongSettingError(f"{PREFIX}{name}: must be some of {', '.join(sorted(known))}, by comma")
    return tuple(sorted(named or known))
