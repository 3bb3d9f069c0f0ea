"""Structured logs: one JSON object a line for machines, or colours for people; ours and the libraries' alike."""

import logging
import sys

import structlog

from auteur.adapters.audit import AUDIT_LOGGER
from auteur.entrypoints.access import token_demand
from auteur.entrypoints.settings import Settings


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """uvicorn 0.54 calls every socket that is refused with a response an error; the refusal is logged already."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


def configure_logs(settings: Settings) -> None:
    """Sets up structlog and the standard library's logging for this process."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    last: list[structlog.typing.Processor]
    if settings.log_format == "json":
        # frames without their locals: those hold what nobody may read in a log
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        last = [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer()]
    else:
        last = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel("DEBUG" if settings.debug else settings.log_level)
    if token_demand(settings) != "never":  # where people have names, what they change is told whatever else is not
        logging.getLogger(AUDIT_LOGGER).setLevel("INFO")
    # uvicorn tells every socket's path with its query, and every start in its own words: ours say it
    logging.getLogger("uvicorn.error").setLevel("WARNING")
    logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("asyncio", "PIL", "httpx", "httpcore", "websockets", "filelock"):
        logging.getLogger(chatty).setLevel("WARNING")
