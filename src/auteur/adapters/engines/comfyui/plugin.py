"""The entry point of the ComfyUI engine, and its settings."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from pydantic import BaseModel, Field, SecretStr, field_validator

from auteur.adapters.engines.tools import EngineNotConfiguredError, EngineSettingError, EngineTools
from auteur.domain.ports import TaskHandler

log = structlog.get_logger(__name__)

OWN_TEMPLATES = Path(__file__).parent / "workflows"


class ComfySettings(BaseModel):
    """``BACKEND_COMFYUI_<NAME>``.

    ``servers``: their urls, by comma. ``templates``: the folder of workflow templates; else auteur's own. ``slots``:
    how many prompts a server holds of one process at a time. ``timeout``: seconds for an answer; a server stands still
    for some when it clears its memory. ``ping_timeout``: the same for its socket. ``patience``: seconds that a task
    waits for a server that is away. ``token``: sent as a bearer token, for a proxy before the servers, as ComfyUI
    itself asks for none. ``header``: another such header, as ``X-Key: value``. ``previews``: whether pictures of what
    is under way are asked for. ``max_output_bytes``: the largest file that is fetched.
    """

    servers: str = ""
    templates: Path | None = None
    slots: Annotated[int, Field(ge=1, le=64)] = 2
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0
    ping_timeout: Annotated[float, Field(gt=0, le=600)] = 60.0
    patience: Annotated[float, Field(ge=0, le=3600)] = 120.0
    token: SecretStr | None = None
    header: SecretStr | None = None
    previews: bool = True
    max_output_bytes: Annotated[int, Field(ge=1)] = 2 << 30

    @field_validator("servers")
    @classmethod
    def _are_urls(cls, servers: str) -> str:
        for url in _by_comma(servers):
            try:
                parts = urlsplit(url)
                is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
                _ = parts.port
            except ValueError:
                is_good = False
            if not is_good:
                raise ValueError("must be urls as http://127.0.0.1:8188, by comma")
        return servers

    @field_validator("header")
    @classmethod
    def _is_a_header(cls, header: SecretStr | None) -> SecretStr | None:
        if header is not None:
            name, colon, value = header.get_secret_value().partition(":")
            if not colon or not name.strip() or not value.strip() or not value.isascii() or not value.isprintable():
                raise ValueError("must be a name, a colon and a value")
        return header

    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        headers = {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        if self.header is not None:
            name, _, value = self.header.get_secret_value().partition(":")
            headers[name.strip()] = value.strip()
        return headers


def make(tools: EngineTools) -> TaskHandler:
    """What the templates make. Raises `EngineNotConfiguredError`, `EngineSettingError`."""
    settings = tools.settings.read(ComfySettings)
    urls = _by_comma(settings.servers)
    if not urls:
        raise EngineNotConfiguredError("set BACKEND_COMFYUI_SERVERS to the urls of ComfyUI servers, by comma")
    from auteur.adapters.engines.comfyui.client import ComfyClient  # where it is off, nobody waits for all of this
    from auteur.adapters.engines.comfyui.handler import ComfyHandler
    from auteur.adapters.engines.comfyui.pool import Server, ServerPool
    from auteur.adapters.engines.comfyui.templates import load

    templates, problems = load(settings.templates or OWN_TEMPLATES)
    for problem in problems:
        log.error("a workflow template is left out", reason=problem)
    if not templates:
        raise EngineSettingError("COMFYUI_TEMPLATES", problems[0])
    servers = [
        Server(ComfyClient(url, settings.headers(), settings.timeout), settings.slots) for url in dict.fromkeys(urls)
    ]
    return ComfyHandler(
        ServerPool(servers, settings.patience),
        tools.artifacts,
        templates,
        problems,
        ping_timeout_s=settings.ping_timeout,
        previews=settings.previews,
        most_bytes=settings.max_output_bytes,
    )


def _by_comma(text: str) -> list[str]:
    return [url.strip().rstrip("/") for url in text.split(",") if url.strip()]
