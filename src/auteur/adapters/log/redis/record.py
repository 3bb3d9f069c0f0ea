"""Records as hashes: short names, times in microseconds, and what never changes packed.

g   what the guard knows: <status> <attempt> <handed back> <cancel> <lane> <type> <quality> <queued at> <seq> <worker>
q   request and metadata, packed; s, the shot; k, the take; w, until it ends, the tasks it has waited for, by line
a   when the newest attempt began; p, how far it is; m, stage and message; v, preview
e   result or failure, packed; x, when it ended; b, its bytes, with a p behind where there is a picture
f   1 for a favourite; o, the tasks that were made of it, by line
"""

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from pydantic_core import from_json, to_json

from auteur.adapters.log import outbox
from auteur.adapters.log.codec import FAILURE, REQUEST, RESULT, UnreadableRecordError
from auteur.adapters.log.outbox import microseconds
from auteur.domain.events import Beginning, Event, TakeCircled, TaskEvent, TaskMarked, TaskQueued, TaskStarted
from auteur.domain.signing import TaskWebhook
from auteur.domain.task import Task, TaskRequest, TaskResult, TaskStatus
from auteur.domain.webhooks import Webhook, own_webhook

Fields = Mapping[bytes, bytes]

_DICTIONARY_1 = (
    b'"metrics":{"passes":20,"frames":96,"forms":"render_s":"encode_s":},"understood":{"size":"close_up","medium","wide",'
    b'"angle":"eye_level","lens_mm":35.0,"time":"day","night","dusk","dawn","weather":"clear","place":"interior":false,'
    b'"people":1,"props":[],"move":"push_in"},"artifacts":[{"name":"shot.mp4","kind":"video","path":"'
    b'"media_type":"video/mp4","size_bytes":"sha256":"duration_s":4.0,"fps":24.0},{"name":"poster.jpg","kind":"image",'
    b'"media_type":"image/jpeg","name":"frame.png","kind":"image","path":"media_type":"image/png","size_bytes":'
    b'"width_px":1024,"height_px":1024,"duration_s":null,"fps":null}],"seed":{"result":{"engine":"previs",'
    b'{"failure":{"code":"TASK_CANCELLED","HANDLER_ERROR","WORKER_LOST","TASK_TIMEOUT","message":"details":{}}}'
    b'"request":{"task_type":"image_to_video","source_image":"uploads/","duration_s":4.0,"fps":24,"ease":"in_out",'
    b'"task_type":"text_to_image","quality":"standard","draft","high","ultra","params":{"prompt":"wide shot of a '
    b'","steps":20,"width_px":1024,"height_px":1024,"style":"previs","seed":},"origins":{"prompt":"caller",'
    b'"steps":"preset","width_px":"preset","height_px":"preset","style":"engine","seed":"engine"},"lane":"interactive",'
    b'"standard","heavy","timeout_s":300.0,"message_id":"fingerprint":"queue_position":1,"request_id":"req_","shot":null,'
    b'"estimate_s":1.0,"notice":null},"metadata":{"shot":"12A","node":"user":}}'
)
"""What most records say. Written records need it as it is: never change it, add another version."""


def pack(data: Any) -> bytes:
    """JSON data, small. The first byte is the version."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=_DICTIONARY_1)
    return b"\x01" + packer.compress(to_json(data)) + packer.flush()


def unpack(packed: bytes) -> Any:
    """What `pack` packed. Raises `UnreadableRecordError`."""
    if packed[:1] != b"\x01":
        raise UnreadableRecordError("a record of another version")
    return from_json(zlib.decompressobj(-15, zdict=_DICTIONARY_1).decompress(packed[1:]))


def moment(text: bytes) -> datetime:
    """The time that `microseconds` gave, as Redis answers it."""
    return outbox.moment(int(text))


@functools.lru_cache(maxsize=1024)
def word(text: str | None) -> str:
    """Any text as one word of a guard. What it is asked for, it is mostly asked for again."""
    return quote(text or "", safe="/:._-")


def guard_of(task: Task, seq: str = "SEQ") -> str:
    """The guard of a record; ``SEQ`` stands for what the log gives."""
    request = task.request
    return " ".join(
        (
            task.status.value, str(task.attempt), str(task.handed_back), str(int(task.cancel_requested)),
            word(request.lane) or "-", word(request.task_type) or "-", word(request.quality) or "-",
            str(microseconds(task.queued_at)), seq, word(task.worker),
        )
    )  # fmt: skip


def _asked_fields(task: Task) -> dict[str, Any]:
    """What of a record says what was asked for: of one that is accepted now all there is."""
    request = REQUEST.dump_python(task.request, mode="json", exclude_defaults=True)
    fields: dict[str, Any] = {"q": pack({"request": request, "metadata": task.metadata})}
    if task.request.shot is not None:
        fields["s"] = task.request.shot
    return fields


def fields_of(task: Task) -> dict[str, Any]:
    """A whole record but its guard and its take."""
    fields = _asked_fields(task)
    changes = {name: getattr(task, name) for name in ("started_at", "ended_at", "favourite", "preview", "failure")}
    changes |= {"progress": task.progress, "stage": task.stage, "message": task.message, "result": task.result}
    if task.promoted_to:
        fields["o"] = "\n".join(task.promoted_to)
    changed, _ = changes_of({**changes, "status": task.status}, task.request)
    return fields | changed


def changes_of(changes: Mapping[str, Any], request: TaskRequest | None = None) -> tuple[dict[str, Any], list[str]]:
    """A change set as fields to set and fields to remove. ``request``: where known, what the result need not repeat."""
    fields: dict[str, Any] = {}
    if "progress" in changes:
        implied = float(changes.get("status") is TaskStatus.SUCCEEDED)
        fields["p"] = None if changes["progress"] == implied else repr(changes["progress"])
    if "stage" in changes:
        said = [changes["stage"], changes["message"]]
        fields["m"] = to_json(said) if any(said) else None
    if "preview" in changes:
        fields["v"] = changes["preview"]
    for name, field in (("started_at", "a"), ("ended_at", "x")):
        if name in changes:
            fields[field] = changes[name] and microseconds(changes[name])
    if "favourite" in changes:
        fields["f"] = "1" if changes["favourite"] else None
    if changes.get("result") is not None:
        result = RESULT.dump_python(changes["result"], mode="json", exclude_defaults=True)
        if request is not None and request.params == changes["result"].params:
            result.pop("params", None)
        fields["e"] = pack({"result": result})
        fields["b"] = size_of(changes["result"])
    if changes.get("failure") is not None:
        fields["e"] = pack({"failure": FAILURE.dump_python(changes["failure"], mode="json")})
    set_fields = {name: value for name, value in fields.items() if value is not None}
    return set_fields, [name for name in fields if name not in set_fields]


def size_of(result: TaskResult) -> str:
    """The bytes of a result, and whether there is a picture."""
    return f"{result.size_bytes}{'p' if result.poster else ''}"


def read_record(project_id: str, answer: Sequence[Any]) -> Task:
    """The record in an answer of `records.lua`."""
    task_id, _, _, circled, pairs = answer
    fields: Fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
    status, attempt, handed_back, cancel, _, _, _, queued_at, seq, worker = fields[b"g"].decode().split(" ")
    packed = unpack(fields[b"q"])
    request = REQUEST.validate_python(packed["request"])
    ending = unpack(fields[b"e"]) if b"e" in fields else {}
    if "result" in ending:
        ending["result"].setdefault("params", request.params)
    stage, message = from_json(fields[b"m"]) if b"m" in fields else (None, None)
    state = TaskStatus(status)
    return Task(
        task_id=task_id.decode(),
        project_id=project_id,
        request=request,
        metadata=packed["metadata"],
        status=state,
        queued_at=moment(queued_at.encode()),
        queued_seq=int(seq),
        take=int(fields[b"k"]) if b"k" in fields else None,
        progress=float(fields[b"p"]) if b"p" in fields else float(state is TaskStatus.SUCCEEDED),
        stage=stage,
        message=message,
        preview=fields[b"v"].decode() if b"v" in fields else None,
        attempt=int(attempt),
        worker=unquote(worker) or None,
        handed_back=int(handed_back),
        cancel_requested=cancel == "1",
        favourite=b"f" in fields,
        circled=bool(circled),
        started_at=moment(fields[b"a"]) if b"a" in fields else None,
        ended_at=moment(fields[b"x"]) if b"x" in fields else None,
        result=RESULT.validate_python(ending["result"]) if "result" in ending else None,
        failure=FAILURE.validate_python(ending["failure"]) if "failure" in ending else None,
        promoted_to=tuple(fields[b"o"].decode().split("\n")) if b"o" in fields else (),
    )


_FLAGS: Mapping[str | None, str] = {None: "e", "asked": "a", "gone": "g"}


def hook_value(webhook: Webhook) -> bytes:
    """A webhook as `outbox.lua` has it."""
    head = f"{_FLAGS[webhook.disabled]} {webhook.endpoint} {','.join(webhook.types)} "
    return head.encode() + outbox.encode_webhook(replace(webhook, disabled=None))


def hook_in(value: bytes) -> Webhook:
    """What `hook_value` wrote."""
    flag, _, _, body = value.split(b" ", 3)
    disabled = {b"e": None, b"a": "asked", b"g": "gone"}[flag]
    return replace(outbox.decode_webhook(body), disabled=disabled)  # type: ignore[arg-type]


def change_arguments(event: Event, own: TaskWebhook | None = None) -> list[Any]:
    """What `publish.lua` must be told of an event beside the event: its arguments 6 on. ``own``: the webhook that the
    task brings."""
    guard, shot, own_take, waits_for, size, flags = "", "", "", "", "0", ""
    status, fields, removed = "", {}, []  # type: ignore[var-annotated]
    if isinstance(event, Beginning):
        task = event.record(0)
        guard, shot = guard_of(task), task.request.shot or ""
        fields = _asked_fields(task) if isinstance(event, TaskQueued) else fields_of(task)
        waits_for = "\n".join(dict.fromkeys(task.needs))
        own_take = str(getattr(event, "task", task).take or "")
        size = str(task.size_bytes)
        flags = "f" if task.favourite else ""
    elif isinstance(event, TaskEvent):
        changes = event.changes()
        fields, removed = changes_of(changes)
        status = changes["status"].value if "status" in changes else ""
        size = str(fields.get("b", "0")).rstrip("p")
        flags = "h" if event.counts() else ""
        if (added := event.adds()) is not None:
            fields["o"] = added
            flags += "o"
        if isinstance(event, TaskMarked):
            flags = "f" if event.favourite else "n"
        if isinstance(event, TakeCircled):
            flags, shot = ("c" if event.circled else "u"), event.shot
    pairs = [part for pair in fields.items() for part in pair]
    hook, hook_body = "", b""
    if own is not None and isinstance(event, TaskQueued):
        webhook = own_webhook(event, own)
        hook, hook_body = webhook.webhook_id, hook_value(webhook)
    return [
        status, guard, shot, own_take, waits_for, size, flags, microseconds(event.at), hook, hook_body,
        len(fields), *pairs, len(removed), *removed,
    ]  # fmt: skip


def worker_of(event: Event) -> str:
    """The worker that an event names, as one word."""
    return word(event.worker) if isinstance(event, TaskStarted) else ""
