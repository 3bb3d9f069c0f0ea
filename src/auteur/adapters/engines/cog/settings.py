"""What an operator sets for models behind Cog's HTTP interface: `BACKEND_COG_MODELS` and what goes with it."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from auteur.domain import strict_json

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Kind = Literal["image", "video", "audio"]
OutputKind = Literal["image", "video", "audio", "file"]


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address like http://127.0.0.1:5000")
    return text.rstrip("/")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class InputSetting(_Strict):
    """One parameter under a name of ours. ``name``: what the model calls it; ``kind``: of the file that it takes;
    ``control``: the control pass that it takes, as ``depth``."""

    name: str = Field(min_length=1)
    kind: Kind | None = None
    control: str | None = None


class StartSetting(_Strict):
    """How the model's server is started on this machine. ``folder``: where; ``environment``: added to this process'."""

    command: Annotated[list[str], Field(min_length=1)]
    folder: Path = Path()
    environment: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], Annotated[str, Field(pattern=r"^[^\n\x00]*$")]
    ] = {}


class ModelSetting(_Strict):
    """One model. ``inputs``: by our name, the model's; ``presets``: by quality, parameters that it means here;
    ``output``: what kind of files it makes, where they do not tell; ``schema``: a file with its OpenAPI document;
    ``slots``: predictions that it runs at a time; ``setup_s``: how long its start may take; ``files_from``: origins
    beside its own from which its outputs may be fetched."""

    url: Annotated[str, Field(min_length=1)]
    summary: str = ""
    inputs: dict[str, str | InputSetting] = {}
    presets: dict[str, dict[str, Any]] = {}
    output: OutputKind | None = None
    schema_file: Path | None = Field(None, alias="schema")
    slots: int = Field(1, ge=1, le=64)
    setup_s: float = Field(600, gt=0, le=86_400)
    files_from: list[str] = []
    start: StartSetting | None = None

    @field_validator("url")
    @classmethod
    def _is_address(cls, text: str) -> str:
        return _web_address(text)

    @model_validator(mode="after")
    def _starts_here(self) -> Self:
        if self.start is not None and (not self.is_local or urlsplit(self.url).port is None):
            raise ValueError("a server that is started here needs a url on loopback with a port")
        return self

    @property
    def is_local(self) -> bool:
        """Whether its server is on this machine's loopback."""
        return urlsplit(self.url).hostname in _LOOPBACK

    @property
    def renamed(self) -> dict[str, InputSetting]:
        """By the model's name of an input: what is set for it, ``name`` being ours."""
        found = {}
        for ours, theirs in self.inputs.items():
            whole = InputSetting(name=theirs) if isinstance(theirs, str) else theirs
            found[whole.name] = whole.model_copy(update={"name": ours})
        return found


class CogSettings(BaseModel):
    """``BACKEND_COG_…``. Times are seconds."""

    models: dict[str, ModelSetting] = Field({}, description="JSON, or a file that holds it: task type to model.")
    webhook_url: str | None = Field(None, description="Where models reach this process; not set: those started here.")
    listen: str = Field("127.0.0.1:0", description="host:port on which this process hears from models.")
    away_s: float = Field(30, gt=0, le=3600, description="How long a server may be away before an attempt is given up.")
    cancel_s: float = Field(7, gt=0, le=600, description="How long a model may take to stop when it is told to.")
    lost_s: float = Field(5, gt=0, le=600, description="How long an idle server may owe us the end of a prediction.")
    max_output_mb: int = Field(512, ge=1, le=65_536, description="The most that one prediction may give back.")

    @field_validator("models", mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        text, beside = str(given).strip(), Path()
        if not text.startswith("{"):
            try:
                text, beside = Path(text).read_text("utf-8"), Path(text).parent
            except (OSError, UnicodeDecodeError, ValueError):
                raise ValueError("is no JSON object and no file that can be read") from None
        strict_json.refuse_duplicates(text)
        try:
            found = _MODELS.validate_json(text)
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in problem["loc"])
            message = problem["msg"].removeprefix("Value error, ")
            raise ValueError(f"{where}: {message}" if where else message) from None
        starters: dict[str, str] = {}
        for name, model in found.items():
            if model.start is not None and starters.setdefault(model.url, name) != name:
                raise ValueError(f"{name}.start: the server of {starters[model.url]} is the same, and is started there")
        # a server is started for all task types that it makes
        first = sorted(found.items(), key=lambda item: item[1].start is None)
        return {name: _placed(model, beside) for name, model in first}

    @field_validator("webhook_url")
    @classmethod
    def _is_address(cls, text: str | None) -> str | None:
        return None if text is None else _web_address(text)

    @field_validator("listen")
    @classmethod
    def _is_place(cls, text: str) -> str:
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            raise ValueError("must be host:port, as 0.0.0.0:9100")
        return text

    @property
    def listen_at(self) -> tuple[str, int]:
        """Host and port to listen on; port 0 takes a free one."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


_MODELS = TypeAdapter(
    dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], ModelSetting], config=ConfigDict(defer_build=True)
)


def _placed(model: ModelSetting, beside: Path) -> ModelSetting:
    """Paths in a file are meant from where it lies."""
    changed: dict[str, Any] = {}
    if model.schema_file is not None:
        changed["schema_file"] = (beside / model.schema_file).absolute()
    if model.start is not None:
        changed["start"] = model.start.model_copy(update={"folder": (beside / model.start.folder).absolute()})
    return model.model_copy(update=changed)


def read_document(path: Path) -> dict[str, Any] | None:
    """The OpenAPI document in the file, None where there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
