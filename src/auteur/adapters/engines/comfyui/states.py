"""What ComfyUI says of a prompt, whichever of its answers says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal


class Standing(Enum):
    """A prompt without an ending. ``UNKNOWN``: neither waiting nor running nor ended, which is not the same as done."""

    QUEUED = "queued"
    RUNNING = "running"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ended:
    """The ending of a prompt. ``outputs``: by node id what it has shown or saved; ``error``: of a failed one, what the
    server says of the node."""

    outcome: Literal["succeeded", "failed", "interrupted"]
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)


State = Standing | Ended


def of_job(job: Mapping[str, Any]) -> State:
    """From an answer of ``/api/jobs/{id}``."""
    match job.get("status"):
        case "pending":
            return Standing.QUEUED
        case "in_progress":
            return Standing.RUNNING
        case "completed":
            return Ended("succeeded", job.get("outputs") or {})
        case "cancelled":
            return Ended("interrupted", job.get("outputs") or {})
    ended = of_record({"outputs": job.get("outputs"), "status": job.get("execution_status")})
    return ended if ended.error else Ended(ended.outcome, ended.outputs, job.get("execution_error") or {})


def of_record(record: Mapping[str, Any]) -> Ended:
    """From a record of ``/history``. An interrupted prompt is an error there, too: only its messages tell."""
    outputs, status = record.get("outputs") or {}, record.get("status") or {}
    said = {message[0]: message[1] for message in status.get("messages") or ()}
    if "execution_interrupted" in said:
        return Ended("interrupted", outputs)
    if status.get("status_str") == "success":
        return Ended("succeeded", outputs)
    return Ended("failed", outputs, said.get("execution_error") or {})


def of_queue(queue: Mapping[str, Any], prompt_id: str) -> Standing:
    """From an answer of ``/queue``."""
    if any(entry[1] == prompt_id for entry in queue.get("queue_running") or ()):
        return Standing.RUNNING
    if any(entry[1] == prompt_id for entry in queue.get("queue_pending") or ()):
        return Standing.QUEUED
    return Standing.UNKNOWN


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that a node has saved on the server. ``kind``: ``output`` or ``temp``."""

    node: str
    filename: str
    subfolder: str
    kind: str


def files_of(outputs: Mapping[str, Mapping[str, Any]]) -> list[StoredFile]:
    """All files among what the nodes have shown, in the order of the nodes; text and numbers are no files."""
    found = []
    for node, shown in outputs.items():
        for entries in shown.values():
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and isinstance(entry.get("filename"), str):
                    kind = str(entry.get("type") or "output")
                    found.append(StoredFile(node, entry["filename"], str(entry.get("subfolder") or ""), kind))
    return found
