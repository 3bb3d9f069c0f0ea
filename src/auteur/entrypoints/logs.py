"""Structured logs: one JSON object a line for machines, or colours for people; ours and the libraries' alike."""

import logging
import sys
import threading
import warnings
from pathlib import PurePath
from typing import TextIO

import structlog

from auteur.adapters.audit import AUDIT_LOGGER
from auteur.adapters.plain import plain
from auteur.entrypoints.access import token_demand
from auteur.entrypoints.settings import Settings

log = structlog.get_logger(__name__)


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """uvicorn 0.54 calls every socket that is refused with a response an error; the refusal is logged already."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


def _plainly(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Of what libraries say: one line, without this machine's folders and without secrets."""
    event["event"] = plain(str(event["event"]))
    return event


def _printable(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """For people: what a client says, its path, say, shall neither command their terminal nor turn the line round."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = "".join(
                char if char.isprintable() else char.encode("unicode_escape").decode() for char in value
            )
    return event


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    where = f"{PurePath(filename).stem}:{lineno}"
    log.warning("a library warns", kind=category.__name__, text=plain(str(message)), where=where)


def log_what_nobody_catches() -> None:
    """For a process whose stderr is its log: what ends a thread, or fails where nothing can be raised, is told there,
    and not as a bare traceback."""

    def of_thread(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_type is not SystemExit:
            name = failed.thread.name if failed.thread else None
            log.error("a thread crashed", thread=name, exc_info=failed.exc_value)

    def unraisable(failed: "sys.UnraisableHookArgs") -> None:
        log.error("an error nobody could be told", where=plain(str(failed.err_msg or "")), exc_info=failed.exc_value)

    threading.excepthook = of_thread
    sys.unraisablehook = unraisable


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
            _printable,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _plainly],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    warnings.showwarning = _log_warning
    root.setLevel("DEBUG" if settings.debug else settings.log_level)
    if token_demand(settings) != "never":  # where people have names, what they change is told whatever else is not
        logging.getLogger(AUDIT_LOGGER).setLevel("INFO")
    # uvicorn tells every socket's path with its query, and every start in its own words: ours say it
    logging.getLogger("uvicorn.error").setLevel("WARNING")
    logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("asyncio", "PIL", "httpx", "httpcore", "websockets", "filelock"):
        logging.getLogger(chatty).setLevel("WARNING")
