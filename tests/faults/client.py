"""What a client knows: the state of its last greeting, changed by every message after it.

Written after docs/protocol.md alone, so that it can speak against the service.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.record import Message, place, without_null

OPEN = ("blocked", "queued", "running")
MAX_PROMOTIONS = 50
_NEVER_TOLD = {"queue_position", "cancel_requested"}


class Client:
    """``is_whole``: it knows all tasks of the project; else only those that a bounded greeting had room for, or that
    were told of since it came back. ``is_greeted``: it was given a state. ``carried_seq``: until then, endings
    left in a record what was said last."""

    def __init__(self, carried_seq: int = 0) -> None:
        self._carried_seq = carried_seq
        self.tasks: dict[str, dict[str, Any]] = {}
        self.is_whole = False
        self.is_greeted = False
        self.deleted: set[str] = set()

    def take(self, message: Message) -> Iterator[str]:
        """Learns from a message; gives what may not be said after what was said before."""
        kind = message["type"]
        if kind == "connected":
            if message.get("state"):
                self.is_greeted, self.is_whole = True, message["state"].get("next") is None
                self.tasks = {task["task_id"]: dict(task) for task in message["state"]["tasks"]}
                self.deleted = set()
        elif kind == "project_deleted":
            self.tasks, self.is_whole = {}, True
        elif message["task_id"] in self.deleted:
            yield f"{kind} of {message['task_id']}, which is no more"
        elif kind == "task_deleted" or message.get("error_code") == "RECORD_LOST":
            self.tasks.pop(message["task_id"], None)
            self.deleted.add(message["task_id"])
        else:
            known = self.tasks.setdefault(message["task_id"], {})
            if kind in ("progress", "complete", "error") and known.get("status") not in (None, *OPEN):
                yield f"{kind} of {message['task_id']} after its ending"
            changes = _changes(message, known)
            if kind in ("complete", "error") and place(message["position"])[1] <= self._carried_seq:
                changes = {name: value for name, value in changes.items() if value is not None}
            known.update(changes)
            if message.get("circled"):
                for other in self.tasks.values():
                    if other is not known and other.get("shot") == message["shot"]:
                        other["circled"] = False

    def differs(self, state: dict[str, Any]) -> Iterator[str]:
        """What of a state at the same position is not as it was told."""
        tasks = {task["task_id"]: task for task in state["tasks"]}
        for task_id, task in tasks.items():
            known = self.tasks.get(task_id)
            if known is None:
                if self.is_whole or (self.is_greeted and task["status"] in OPEN):
                    yield f"{task_id} is in the state, and nobody was told"
                continue
            wrong = {
                name: (task.get(name), value)
                for name, value in known.items()
                if name not in _NEVER_TOLD and without_null(task.get(name)) != without_null(value)
            }
            if wrong:
                yield f"{task_id}: in the state and as it was told {wrong}"
        rest = state.get("next")
        for task_id in self.tasks.keys() - tasks.keys():
            is_open = self.tasks[task_id].get("status") in OPEN
            if rest is None or (is_open and not rest.startswith("open")):
                yield f"{task_id} is not in the state"
        tally = Counter(task.get("status", "unknown") for task in (self.tasks if self.is_whole else tasks).values())
        if self.is_whole or rest is None:
            counts = {name: n for name, n in state["counts"].items() if n and name != "size_bytes"}
            if counts != dict(tally):
                yield f"it counts {counts}, and there are {dict(tally)}"


def _changes(message: Message, known: Mapping[str, Any]) -> dict[str, Any]:
    at = message["timestamp"]
    match message["type"]:
        case "task_started":
            same = ("task_id", "project_id", "task_type", "quality", "params", "origins", "metadata", "shot", "take")
            return {
                **{name: message.get(name) for name in (*same, "notice", "promoted_from")},
                **dict.fromkeys(("stage", "message", "preview_url", "started_at", "ended_at", "result", "error")),
                "status": "blocked" if message.get("waits_for") else "queued",
                "waits_for": message.get("waits_for") or [],
                "promoted_to": [],
                "progress": 0.0,
                "attempt": 0,
                "favourite": False,
                "circled": False,
                "queued_at": at,
            }
        case "progress" if message.get("stage") == "queued":
            nothing = dict.fromkeys(("stage", "message", "preview_url"))
            return {"status": "queued", "waits_for": [], "progress": 0.0, **nothing}
        case "progress" if message.get("stage") == "started":
            begun = {"status": "running", "attempt": message["attempt"], "started_at": at}
            return {**begun, "progress": 0.0, "stage": None, "message": None}
        case "progress":
            said = {name: message.get(name) for name in ("progress", "stage", "message")}
            return said | ({"preview_url": message["preview_url"]} if message.get("preview_url") else {})
        case "complete":
            made = {"status": "succeeded", "progress": 1.0, "result": message["result"]}
        case "error":
            error = {"code": message["error_code"], "message": message["message"]}
            details = message.get("details") or {}
            cancelled = message["error_code"] == "TASK_CANCELLED"
            made = {"status": "cancelled" if cancelled else "failed", "error": {**error, "details": details}}
        case "task_marked":
            return {name: message[name] for name in ("favourite", "circled") if message.get(name) is not None}
        case "task_promoted":  # the newest at the end, and no more of them than a state tells
            rest = [one for one in known.get("promoted_to", ()) if one != message["promoted_to"]]
            return {"promoted_to": [*rest, message["promoted_to"]][-MAX_PROMOTIONS:]}
        case "task_imported":
            return dict(message["task"])
        case kind:
            raise AssertionError(f"a client does not know what {kind} is")
    return {**made, "waits_for": [], "ended_at": at, **dict.fromkeys(("stage", "message", "preview_url"))}
