"""What a model says of its progress and its troubles, made fit for people."""

import math
import re
from collections.abc import Mapping
from typing import Any

_TAIL = 4096
_MAX_WORDS = 300
_PERCENT = re.compile(r"(\d{1,3})%\|")
_COUNT = re.compile(r"(?<![\d/.])(\d{1,7})/(\d{1,7})(?![\d/.])")
_WRAPPED = re.compile(r"(?:Prediction failed|Setup failed|setup failed|worker setup failed(?: \(slot [^)]*\))?): ")
_CLASS = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning))(?:: |\Z)")
_URL = re.compile(r"\b(?:https?|data|file):\S+")
_PATH = re.compile(r"(?<![\w.:/])/(?:[^\s/'\":,)]+/)+([^\s/'\":,)]*)")


def share_of(metrics: Any, logs: Any) -> float | None:
    """How far a prediction says it is, 0.0 to 1.0: its own metric ``progress``, else the last bar or count in its logs.

    None where it says nothing.
    """
    told = metrics.get("progress") if isinstance(metrics, Mapping) else None
    if isinstance(told, int | float) and not isinstance(told, bool) and math.isfinite(told):
        return min(max(told if told <= 1 else told / 100, 0.0), 1.0)
    for line in reversed(_lines(logs)):
        if bars := _PERCENT.findall(line):
            return min(int(bars[-1]) / 100, 1.0)
        for done, whole in reversed(_COUNT.findall(line)):
            if int(whole) > 0 and int(done) <= int(whole):
                return int(done) / int(whole)
    return None


def last_line(logs: Any) -> str | None:
    """What the logs say now, None where they say nothing."""
    for line in reversed(_lines(logs)):
        if said := plain(line):
            return said
    return None


def plain(text: Any) -> str:
    """The text in one line and within bounds, without addresses and without folders of the model's machine."""
    line = " ".join(str(text).split())
    line = _PATH.sub(r"\1", _URL.sub("an address", line))
    return line if len(line) <= _MAX_WORDS else line[: _MAX_WORDS - 1] + "…"


def error_of(text: Any) -> str:
    """What went wrong, without the names that a program wraps around it."""
    said = str(text or "").strip()
    lines = [line for line in said.splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in lines):
        said = lines[-1]  # the last line of a traceback is the error
    while match := _WRAPPED.match(said):
        said = said[match.end() :]
    if (match := _CLASS.match(said)) and any(letter.isalpha() for letter in said[match.end() :]):
        said = said[match.end() :]
    return plain(said).rstrip(".") or "it does not say why"


def _lines(logs: Any) -> list[str]:
    return re.split(r"[\r\n]+", str(logs or "")[-_TAIL:])
