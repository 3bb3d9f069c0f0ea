"""The child's side: its two ways to speak. Stdout belongs to the conversation with its parent, stderr to the log."""

import logging
import os
import sys
import warnings
from typing import TextIO

MARK = "\x1e"
"""Begins a line on stderr that says of itself how grave it is and who says it: level, logger and text, by tabs."""


def take_stdout() -> int:
    """A descriptor of the conversation with the parent, for the child alone: whoever prints speaks to stderr from now.

    What is warned of and logged in the child goes there too, in lines that the parent's log understands.
    """
    conversation = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.showwarning = _tell_warning
    root = logging.getLogger()
    root.handlers = [_ToParent()]
    root.setLevel(logging.WARNING)
    return conversation


def _tell_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    _tell("warning", "py.warnings", f"{category.__name__}: {message}")


def _tell(level: str, logger: str, text: str) -> None:
    sys.stderr.write(f"{MARK}{level}\t{logger}\t{' '.join(text.split())}\n")
    sys.stderr.flush()


class _ToParent(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _tell(record.levelname.lower(), record.name, record.getMessage())
