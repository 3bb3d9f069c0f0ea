"""The only reader of the environment. Every setting is ``BACKEND_`` + its name; `.env` in the working directory too."""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from auteur import __version__
from auteur.adapters.secret_files import SecretFileError, secrets_from_files, with_files
from auteur.entrypoints.access_settings import AccessSettings
from auteur.entrypoints.addresses import LOOPBACK_NAMES, Hosts, is_loopback, read_origin, split_host
from auteur.entrypoints.edge_settings import EdgeSettings
from auteur.entrypoints.engine_settings import EngineRoutingSettings
from auteur.entrypoints.misspelt import EnvFileError, misspelt, values_in
from auteur.entrypoints.observing_settings import ObservingSettings, standard_traces_endpoint
from auteur.entrypoints.quality_settings import QualitySettings
from auteur.entrypoints.reader_settings import ReaderSettings
from auteur.entrypoints.storage_settings import StorageSettings
from auteur.entrypoints.values import (
    PREFIX,
    AllowedHosts,
    Host,
    KeyPrefix,
    Origins,
    PublicUrl,
    RedisUrl,
    RootPath,
    WrongSettingError,
    choose,
    has_room_inside,
)
from auteur.entrypoints.webhook_settings import WebhookSettings

__all__ = ["PREFIX", "Settings", "WrongSettingError", "choose", "load_settings", "unknown_variables", "variables"]

_ENV_FILE = ".env"


class Settings(
    QualitySettings,
    AccessSettings,
    StorageSettings,
    EdgeSettings,
    EngineRoutingSettings,
    ReaderSettings,
    ObservingSettings,
    WebhookSettings,
):
    """How this process behaves. Durations are seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_ENV_FILE,
        env_file_encoding="utf-8-sig",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    app_name: str = Field("Auteur Movie Director API", description="Name told by health and info.")
    version: str = Field(__version__, description="Version told by health and info.")

    host: Host = Field("127.0.0.1", description="Address to listen on; loopback unless others shall reach it.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    public_url: PublicUrl = Field(
        None, description="Where browsers reach this service, if not on loopback: its host and origin are its own."
    )
    root_path: RootPath = Field(
        None, description="Path under which a proxy serves it, as /studio, stripped or not; else that of public_url."
    )
    frontend_url: Origins = Field("http://localhost:3000", description="Origins of the studio's frontend, by comma.")
    allowed_hosts: AllowedHosts = Field(
        None,
        description="Hosts requests may be for, by comma: name, name:port, *.example.org, [::1], or * for any. "
        "Loopback and public_url always may; not set, nobody else when bound to loopback, else any.",
    )

    workspace_root: Path | None = Field(
        None, description="Where results and the embedded database live; /workspace in a container, else ./workspace."
    )
    backend: Literal["sqlite", "memory"] = Field("sqlite", description="Where the embedded service keeps its log.")
    redis_url: RedisUrl = Field(
        None,
        description="Redis 7 or Valkey that any number of replicas share: redis://host:6379/0, rediss:// or unix://; "
        "else embedded.",
    )
    redis_progress_channel: str = Field(
        "auteur:progress",
        min_length=1,
        max_length=256,
        description="Channel that tells every event; and, with `:{project}` after it, those of one project.",
    )
    redis_state_prefix: KeyPrefix = Field("auteur:project:", description="What the keys in Redis begin with.")
    worker_lease: float = Field(
        6, ge=2, le=600, description="After how long without a sign a worker of the fleet counts as gone."
    )

    ws_heartbeat_interval: float = Field(30, gt=0, le=3600, description="Seconds between WebSocket pings.")
    ws_message_queue_size: int = Field(100, ge=2, le=100_000, description="Messages waiting for one client at most.")
    ws_messages_per_second: int = Field(20, ge=1, le=10_000, description="Messages one socket may send a second.")

    max_concurrent_tasks: int = Field(3, ge=1, le=1024, description="Tasks that run at a time.")
    engine_priority: Literal["low", "normal"] | None = Field(
        None,
        description="low: engines let other programs go first (niceness 10), and get on beside them; "
        "normal: their share. Not set: low embedded, normal with Redis.",
    )
    run_tasks: bool = Field(True, description="Whether `auteur serve` runs tasks itself; false where workers do.")
    worker_lanes: str = Field("", description="Lanes this process takes tasks of, by comma; empty: all.")
    worker_task_types: str = Field("", description="Task types this process takes, by comma; empty: all it can.")
    engines: str = Field("", description="Engines to use, by comma, as their packages name them; empty: all installed.")
    max_queued_per_project: int = Field(1000, ge=1, le=1_000_000, description="Tasks of a project that may wait.")
    max_blocked_per_project: int = Field(1000, ge=0, description="Tasks of a project that may wait for other tasks.")
    max_queued: int = Field(10_000, ge=1, le=10_000_000, description="Tasks that may wait in all.")
    max_attempts: int = Field(3, ge=1, le=100, description="Attempts before a task that loses its worker fails.")
    cancel_grace: float = Field(10, gt=0, le=600, description="How long a handler may take to stop.")
    shutdown_drain: float = Field(15, ge=0, le=3600, description="How long running tasks may finish at shutdown.")
    history_events: int = Field(10_000, ge=200, le=10_000_000, description="Events kept per project.")
    history_days: float = Field(30, ge=1, le=36_500, description="How long events are kept in Redis.")
    max_body_bytes: int = Field(256 << 10, ge=1024, description="Largest request body.")
    max_batch_bytes: int = Field(4 << 20, ge=1024, description="Largest body of a batch of requests.")
    max_upload_bytes: int = Field(64 << 20, ge=1024, description="Largest upload.")
    mcp: bool = Field(
        False,
        description="Serve assistants at /mcp (Model Context Protocol, streamable HTTP). Needs the extra mcp.",
    )

    service_url: str | None = Field(
        None, description="The service that the command line asks, where `--url` names none; else this workspace's own."
    )

    is_docker: bool = Field(False, description="Set in the container image.")
    container_name: str = Field(
        "auteur-backend", description="Names the worker in the log of events, with host and process."
    )

    @model_validator(mode="after")
    def _somebody_runs_tasks(self) -> Self:
        if self.redis_url is None and not self.run_tasks:
            raise ValueError(f"{PREFIX}RUN_TASKS must be true without {PREFIX}REDIS_URL: nobody else would run them")
        return self

    @model_validator(mode="after")
    def _has_one_root_path(self) -> Self:
        public = urlsplit(self.public_url or "").path
        if self.root_path and public and self.root_path != public:
            raise ValueError(f"{PREFIX}ROOT_PATH must be the path of {PREFIX}PUBLIC_URL, or one of them without")
        return self

    @model_validator(mode="after")
    def _workspace_leaves_room_for_names(self) -> Self:
        try:
            has_room = has_room_inside(self.workspace)
        except (OSError, RuntimeError):
            raise ValueError(f"{PREFIX}WORKSPACE_ROOT: no directory can be there") from None
        if not has_room:
            raise ValueError(f"{PREFIX}WORKSPACE_ROOT: the path is too long")
        return self

    @property
    def workspace(self) -> Path:
        """The workspace's root, absolute."""
        return (self.workspace_root or Path("/workspace" if self.is_docker else "workspace")).resolve()

    @property
    def log_backend(self) -> Literal["sqlite", "memory", "redis"]:
        """Where the log is kept: in Redis as soon as one is named."""
        return "redis" if self.redis_url is not None else self.backend

    @property
    def engines_give_way(self) -> bool:
        """Whether engines run only when nothing else wants to: a laptop is somebody's, a worker is there to render."""
        return (self.engine_priority or ("low" if self.redis_url is None else "normal")) == "low"

    @property
    def private_directory(self) -> Path:
        """Where the service keeps its own files; no project id begins with a dot."""
        return self.workspace / ".auteur"

    @property
    def traces_to(self) -> str | None:
        """Where traces are sent, None for nowhere. Raises `WrongSettingError`."""
        if self.traces_endpoint is not None:
            return self.traces_endpoint
        return standard_traces_endpoint(os.environ)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)

    @property
    def service_path(self) -> str:
        """Under which path browsers reach the service: empty, or like ``/studio``."""
        return self.root_path or urlsplit(self.public_url or "").path

    def origins(self, port: int) -> list[str]:
        """The origins whose pages may talk to the service: the frontend's, and its own. ``port``: where it listens."""
        own = [f"http://{name}:{port}" for name in LOOPBACK_NAMES]
        public = [read_origin(self.public_url)] if self.public_url else []
        return [*(origin for origin in self.frontend_url.split(",") if origin), *map(read_origin, own), *public]

    def hosts(self) -> Hosts:
        """The hosts that the service answers for."""
        names = set(LOOPBACK_NAMES)
        if self.is_loopback:
            names.add(self.host)
        if self.public_url:
            names.add(split_host(urlsplit(self.public_url).netloc)[0])
        if self.allowed_hosts is not None:
            return Hosts.read([*names, *self.allowed_hosts.split(",")])
        return Hosts.read(names)

    @property
    def answers_for_any_host(self) -> bool:
        """Whether requests for hosts that nobody named are answered: those of a network, whose names none can guess."""
        return self.allowed_hosts is None and not self.is_loopback


def load_settings(**changes: Any) -> Settings:
    """The settings of this process; ``changes`` win over the environment. Raises `WrongSettingError`."""
    try:
        in_files: dict[str, Any] = dict(secrets_from_files(Settings.model_fields, variables(), changes))
    except SecretFileError as error:
        raise WrongSettingError(f"{PREFIX}{error.name.upper()}: {error}") from None
    try:
        return Settings(**in_files, **changes)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        message = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            raise WrongSettingError(message) from None
        name, *inside = problem["loc"]
        where = f" ({'.'.join(map(str, inside))})" if inside else ""
        file = "_FILE" if name in in_files else ""
        raise WrongSettingError(f"{PREFIX}{str(name).upper()}{file}{where}: {message}") from None


def variables() -> dict[str, str]:
    """All that is set with the prefix, by name without it, in lower case. Raises `WrongSettingError`."""
    found = {**_env_file_values(), **os.environ}
    return {n[len(PREFIX) :].lower(): v for n, v in found.items() if n.upper().startswith(PREFIX) and v is not None}


def unknown_variables(engines: Collection[str] = ()) -> list[str]:
    """What looks like a setting in the environment or in `.env` and is none, most likely misspelt: one line each, with
    the nearest setting there is; settings of the ``engines`` are left to those. Raises `WrongSettingError` where `.env`
    cannot be read."""
    found = dict.fromkeys(os.environ, "")
    found |= {name: f" in {_ENV_FILE}" for name in _env_file_values() if name not in found}
    theirs = tuple(f"{PREFIX}{engine.upper().replace('-', '_')}_" for engine in engines)
    ours = {name: where for name, where in found.items() if not name.upper().startswith(theirs)}
    return list(misspelt(ours, PREFIX, with_files(Settings.model_fields)))


def _env_file_values() -> dict[str, str | None]:
    try:
        return values_in(_ENV_FILE)
    except EnvFileError as error:
        raise WrongSettingError(str(error)) from None
