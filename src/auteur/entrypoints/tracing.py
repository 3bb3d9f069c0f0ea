"""Whether traces are told, and where to: asked once, here; who tells none loads nothing for it and runs nothing."""

from typing import TYPE_CHECKING

from auteur import __version__
from auteur.adapters.metrics import MeteredProgressBus, Metrics
from auteur.domain.ports import ProgressBus
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError

if TYPE_CHECKING:
    from auteur.adapters.tracing import Traces


def traces_of(settings: Settings) -> "Traces | None":
    """What tells traces, None where none are wanted. Raises `WrongSettingError` where its package is not installed."""
    if settings.traces_to is None:
        return None
    try:
        from auteur.adapters.tracing import Traces
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        raise WrongSettingError(
            f"{PREFIX}TRACES_ENDPOINT (or OTEL_EXPORTER_OTLP_ENDPOINT) needs a package more: pip install 'auteur[otel]'"
        ) from None
    return Traces(settings.traces_to, service=settings.container_name, version=__version__)


def watched_bus(log_bus: ProgressBus, metrics: Metrics, traces: "Traces | None") -> ProgressBus:
    """The log, with what passes through it counted and, where traces are told, told."""
    metered = MeteredProgressBus(log_bus, metrics)
    return metered if traces is None else traces.bus(metered)
