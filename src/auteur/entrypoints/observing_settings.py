"""The settings of what a process shows of itself to an operator's tools. A part of `Settings`, which reads them."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from auteur.entrypoints.values import LogLevel


def _traces_endpoint(value: str | None) -> str | None:
    """``http://host:port/path`` or ``https://…``; None for nothing."""
    if not value or not value.strip():
        return None
    parts = urlsplit(value.strip())
    plain = parts.hostname and parts.username is None and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or not plain:
        raise ValueError("must be like http://collector:4318/v1/traces, without user, query or fragment")
    return parts.geturl()


class ObservingSettings(BaseModel, defer_build=True):
    """The log, metrics of workers, and traces."""

    debug: bool = Field(False, description="Log at DEBUG whatever log_level says.")
    log_level: LogLevel = Field("INFO", description="Least level logged.")
    log_format: Literal["json", "console"] = Field("json", description="One JSON object a line, or for people.")

    worker_metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Port on which `auteur worker` answers /metrics, on host; not set: none."
    )
    traces_endpoint: Annotated[str | None, AfterValidator(_traces_endpoint)] = Field(
        None,
        description="Where OpenTelemetry traces go by OTLP over HTTP, as http://collector:4318/v1/traces; needs the "
        "extra otel. Not set: as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT say, else nowhere.",
    )


def standard_traces_endpoint(variables: Mapping[str, str]) -> str | None:
    """Where the variables that all programs share say that traces go."""
    if exact := variables.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip():
        return exact
    shared = variables.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    return f"{shared.rstrip('/')}/v1/traces" if shared else None
