"""A small ComfyUI: a real HTTP and WebSocket server that speaks as the recorded ones do, and fails as a test asks.

It queues, runs one prompt at a time, keeps a history in memory, and forgets all of it when it is killed. What a prompt
does is a `Script`: written by a test, or read from a recording (`tests/fixtures/wire/comfyui`).
"""

import asyncio
import io
import json
import re
import socket
import struct
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.waiting import LONG_S

RECORDINGS = Path(__file__).parent / "fixtures" / "wire" / "comfyui"
Frame = dict[str, Any] | bytes


@dataclass
class Script:
    """What a prompt does: frames, one after the other; then, where there is a gate, it waits there, telling of its
    progress if it ``ticks``, and can be interrupted; then its ending. ``refusal``: what it is refused with instead."""

    frames: list[Frame] = field(default_factory=list)
    outcome: str = "success"
    outputs: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    refusal: tuple[int, Any] | None = None
    node_errors: dict[str, Any] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    deaf: bool = False
    ticks: bool = False


@dataclass
class Submitted:
    """A prompt as it was posted."""

    prompt_id: str
    client_id: str
    workflow: dict[str, Any]
    number: int
    script: Script
    state: str = "pending"
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)


class LittleComfy:
    """``jobs``: as 0.33 has them; without, as 0.3.64 is; ``"read"``: as versions between, which tell and do not cancel.

    ``posted``: all prompts that it has taken, in order, also those that it has forgotten since. Faults: ``swallow``
    (answers of so many POSTs never come, the prompt is taken), ``fail`` (so many POSTs are answered 500 and not taken),
    ``history_delay_s``, ``deaf`` (its sockets say nothing), ``frozen`` (nothing is answered until it is set).
    """

    def __init__(self, *, jobs: bool | str = True, script: Callable[[dict[str, Any]], Script] | None = None) -> None:
        self.jobs = jobs
        self.script = script or (lambda workflow: Script())
        self.version = "0.33.0" if jobs else "0.3.64"
        self.posted: list[Submitted] = []
        self.ended: list[tuple[str, str]] = []
        self.uploads: dict[str, bytes] = {}
        self.headers: list[dict[str, str]] = []
        self.files: dict[str, bytes] = {}
        self.flags: list[Any] = []
        self.interrupts: list[str | None] = []
        self.object_info: dict[str, Any] = {}
        self.swallow = self.fail = 0
        self.history_delay_s = 0.0
        self.deaf = False
        self.cut_sockets = 0
        self.thaw = asyncio.Event()
        self.thaw.set()
        self.port = 0
        self._sockets: dict[str, WebSocket] = {}
        self._pending: list[Submitted] = []
        self._running: Submitted | None = None
        self._history: dict[str, Any] = {}
        self._wake = asyncio.Event()
        self._server: uvicorn.Server | None = None
        self._listening: socket.socket
        self._tasks: list[asyncio.Task[Any]] = []
        self.changed = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- its life --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Answers; on the port that it had, if it had one."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._pending, self._running, self._history, self._sockets = [], None, {}, {}
        config = uvicorn.Config(
            self._app(), log_level="critical", lifespan="off", ws="websockets-sansio", timeout_graceful_shutdown=0
        )
        self._server, self._listening = uvicorn.Server(config), listening
        self._tasks = [
            asyncio.create_task(self._server.serve(sockets=[listening])),
            asyncio.create_task(self._work()),
        ]
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def kill(self) -> None:
        """Is gone at once, with all that it held in memory; files stay."""
        assert self._server is not None
        self.thaw.set()
        self._tasks[1].cancel()
        self._server.should_exit = self._server.force_exit = True
        await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                task.exception()
        self._listening.close()
        self._server = None

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when it is true; asked whenever something happens here."""
        async with asyncio.timeout(LONG_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def _app(self) -> Starlette:
        async def system(request: Request) -> Response:
            return JSONResponse(
                {"system": {"comfyui_version": self.version}, "devices": [{"name": "cpu", "type": "cpu"}]}
            )

        async def object_info(request: Request) -> Response:
            return JSONResponse(self.object_info)

        async def remaining(request: Request) -> Response:
            return JSONResponse({"exec_info": {"queue_remaining": len(self._pending) + (self._running is not None)}})

        async def queue(request: Request) -> Response:
            running = [self._running] if self._running else []
            return JSONResponse(
                {"queue_running": [_entry(p) for p in running], "queue_pending": [_entry(p) for p in self._pending]}
            )

        async def change_queue(request: Request) -> Response:
            for prompt_id in (await request.json()).get("delete", []):
                self._delete(prompt_id)
            return Response()

        async def interrupt(request: Request) -> Response:
            body = await request.body()
            prompt_id = json.loads(body).get("prompt_id") if body else None
            self.interrupts.append(prompt_id)
            if self._running is not None and prompt_id in (None, self._running.prompt_id):
                self._running.interrupted.set()
            return Response()

        async def history(request: Request) -> Response:
            known = self._history.get(request.path_params["id"])
            return JSONResponse({request.path_params["id"]: known} if known else {})

        async def job(request: Request) -> Response:
            prompt_id = request.path_params["id"]
            for prompt in [*self._pending, *([self._running] if self._running else [])]:
                if prompt.prompt_id == prompt_id:
                    status = "pending" if prompt.state == "pending" else "in_progress"
                    return JSONResponse({"id": prompt_id, "status": status, "outputs_count": 0})
            record = self._history.get(prompt_id)
            if record is None:
                return JSONResponse({"error": "Job not found"}, 404)
            said = dict(record["status"]["messages"])
            status = "completed" if record["status"]["status_str"] == "success" else "failed"
            if "execution_interrupted" in said and self.jobs is True:
                status = "cancelled"
            answer = {
                "id": prompt_id,
                "status": status,
                "outputs": record["outputs"],
                "execution_status": record["status"],
            }
            if "execution_error" in said:
                answer["execution_error"] = said["execution_error"]
            return JSONResponse(answer)

        async def cancel(request: Request) -> Response:
            prompt_id = request.path_params["id"]
            if self._delete(prompt_id):
                return JSONResponse({"cancelled": True})
            if self._running is not None and self._running.prompt_id == prompt_id:
                self._running.interrupted.set()
                return JSONResponse({"cancelled": True})
            return JSONResponse({"cancelled": False})

        async def upload(request: Request) -> Response:
            form = await request.form()
            picture = form["image"]
            assert not isinstance(picture, str)
            data, name = await picture.read(), str(picture.filename)
            await picture.close()
            folder = str(form.get("subfolder", ""))
            stem, _, suffix = name.rpartition(".")
            number = 0
            while self.uploads.get(f"{folder}/{name}", data) != data:
                number += 1
                name = f"{stem} ({number}).{suffix}"
            self.uploads[f"{folder}/{name}"] = data
            return JSONResponse({"name": name, "subfolder": folder, "type": "input"})

        async def view(request: Request) -> Response:
            name = request.query_params["filename"]
            if ".." in name:
                return Response(status_code=400)
            data = self.files.get(name)
            return Response(status_code=404) if data is None else Response(data, media_type="application/octet-stream")

        routes = [
            Route("/system_stats", system),
            Route("/object_info", object_info),
            Route("/prompt", remaining),
            Route("/prompt", self._post, methods=["POST"]),
            Route("/queue", queue),
            Route("/queue", change_queue, methods=["POST"]),
            Route("/interrupt", interrupt, methods=["POST"]),
            Route("/history/{id}", history),
            Route("/upload/image", upload, methods=["POST"]),
            Route("/view", view),
            WebSocketRoute("/ws", self._serve_socket),
        ]
        if self.jobs:
            routes.append(Route("/api/jobs/{id}", job))
        if self.jobs is True:
            routes.append(Route("/api/jobs/{id}/cancel", cancel, methods=["POST"]))
        app = Starlette(routes=routes)

        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                self.headers.append({key.decode(): value.decode() for key, value in scope["headers"]})
                await self.thaw.wait()
            await app(scope, receive, send)

        return guarded  # type: ignore[return-value]

    async def _post(self, request: Request) -> Response:
        body = await request.json()
        if self.fail:
            self.fail -= 1
            return PlainTextResponse("500 Internal Server Error\n\nServer got itself in trouble", 500)
        script = self.script(body["prompt"])
        if script.refusal is not None:
            status, answer = script.refusal
            return JSONResponse(answer, status) if isinstance(answer, dict) else PlainTextResponse(str(answer), status)
        prompt_id = body.get("prompt_id") or str(uuid.uuid4())
        if self.jobs and str(uuid.UUID(prompt_id)) != prompt_id:
            return JSONResponse({"error": {"type": "invalid_prompt_id", "message": "prompt_id must be a UUID"}}, 400)
        prompt = Submitted(prompt_id, body.get("client_id", ""), body["prompt"], len(self.posted), script)
        self.posted.append(prompt)
        self._pending.append(prompt)
        self._wake.set()
        self.changed.set()
        if self.swallow:
            self.swallow -= 1
            await asyncio.sleep(3600)
        return JSONResponse({"prompt_id": prompt_id, "number": prompt.number, "node_errors": script.node_errors})

    def _delete(self, prompt_id: str) -> bool:
        found = [prompt for prompt in self._pending if prompt.prompt_id == prompt_id]
        self._pending = [prompt for prompt in self._pending if prompt not in found[:1]]
        for prompt in found[:1]:
            self.ended.append((prompt.prompt_id, "deleted"))
        self.changed.set()
        return bool(found)

    def delete(self, prompt_id: str) -> None:
        """As a person would, in ComfyUI's own page."""
        self._delete(prompt_id)

    def interrupt(self) -> None:
        """As a person would: whatever runs."""
        assert self._running is not None
        self._running.interrupted.set()

    async def _serve_socket(self, ws: WebSocket) -> None:
        client_id = ws.query_params.get("clientId") or uuid.uuid4().hex
        await ws.accept()
        self._sockets[client_id] = ws
        self.changed.set()
        await ws.send_json(
            {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client_id}}
        )
        try:
            first = await ws.receive_text()
            self.flags.append(json.loads(first))
            self.changed.set()
            while True:
                await ws.receive_text()
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._sockets.pop(client_id, None)  # by id, whoever has it now: as the real one does

    async def cut(self) -> None:
        """All sockets are gone; the server itself stays."""
        for ws in list(self._sockets.values()):
            await ws.close(1011)
        self.cut_sockets += 1

    # --- its work --------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            while not self._pending:
                self._wake.clear()
                await self._wake.wait()
            prompt = self._pending.pop(0)
            prompt.state, self._running = "in_progress", prompt
            self.changed.set()
            await self._execute(prompt)

    async def _execute(self, prompt: Submitted) -> None:
        script = prompt.script
        start = {"prompt_id": prompt.prompt_id, "timestamp": 1}
        await self._tell(prompt, {"type": "execution_start", "data": start})
        for frame in script.frames:
            await self._tell(prompt, _owned(frame, prompt.prompt_id))
        outcome = script.outcome
        if script.gate is not None:
            waits = [asyncio.create_task(script.gate.wait()), asyncio.create_task(prompt.interrupted.wait())]
            ticks = 0
            while not any(task.done() for task in waits):
                await asyncio.wait(waits, timeout=0.02 if script.ticks else None, return_when=asyncio.FIRST_COMPLETED)
                ticks += script.ticks
                if script.ticks:
                    data = {"node": "2", "value": ticks, "max": 10_000, "prompt_id": prompt.prompt_id}
                    await self._tell(prompt, {"type": "progress", "data": data})
            for task in waits:
                task.cancel()
            if prompt.interrupted.is_set():
                outcome = "interrupted"
        kind = f"execution_{outcome}"
        data = {"prompt_id": prompt.prompt_id, **(script.error if outcome == "error" else {})}
        ok = outcome == "success"
        outputs = {node: shown for node, shown in script.outputs.items() if ok or outcome == "error"}
        record = {
            "prompt": _entry(prompt),
            "outputs": outputs,
            "status": {
                "status_str": "success" if ok else "error",
                "completed": ok,
                "messages": [["execution_start", start], [kind, data]],
            },
        }
        await self._tell(prompt, {"type": kind, "data": data})
        await asyncio.sleep(self.history_delay_s)
        self._history[prompt.prompt_id] = record
        self._running = None
        self.ended.append((prompt.prompt_id, outcome))
        self.changed.set()
        await self._tell(prompt, {"type": "executing", "data": {"node": None, "prompt_id": prompt.prompt_id}})

    async def _tell(self, prompt: Submitted, frame: Frame) -> None:
        ws = self._sockets.get(prompt.client_id)
        if ws is None or self.deaf or prompt.script.deaf:
            return
        with suppress(WebSocketDisconnect, RuntimeError):
            await (ws.send_bytes(frame) if isinstance(frame, bytes) else ws.send_json(frame))


def _entry(prompt: Submitted) -> list[Any]:
    return [prompt.number, prompt.prompt_id, prompt.workflow, {"client_id": prompt.client_id}, []]


def _owned(frame: Frame, prompt_id: str) -> Frame:
    """The frame, about this prompt."""
    if isinstance(frame, bytes):
        return frame
    text = json.dumps(frame)
    known = frame.get("data", {}).get("prompt_id")
    return dict(json.loads(text.replace(str(known), prompt_id))) if known else frame


@asynccontextmanager
async def little_comfy(
    *, jobs: bool | str = True, script: Callable[[dict[str, Any]], Script] | None = None
) -> AsyncIterator[LittleComfy]:
    comfy = LittleComfy(jobs=jobs, script=script)
    await comfy.start()
    try:
        yield comfy
    finally:
        if comfy._server is not None:
            await comfy.kill()


def picture(colour: int = 0, size: tuple[int, int] = (8, 8)) -> bytes:
    """A PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (colour & 255, 90, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def preview_frame(image: bytes, ids: dict[str, Any] | None = None) -> bytes:
    """A picture of what is under way, as the socket carries it: with ids or without."""
    if ids is None:
        return struct.pack(">II", 1, 2) + image
    about = json.dumps(ids).encode()
    return struct.pack(">II", 4, len(about)) + about + image


# --- recordings ----------------------------------------------------------------------------------------------------


@dataclass
class Recorded:
    """One prompt of a recording: what was posted, and what came of it."""

    file: str
    workflow: dict[str, Any]
    script: Script
    version: str

    def __str__(self) -> str:
        return f"{self.file}:{self.script.outcome}"


def recorded() -> list[Recorded]:
    """All prompts of the recordings that were posted by a client whose frames were recorded, and all refusals."""
    found = []
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        version = "0.3.64" if path.name.startswith("v0.3.64") else "0.33.0"
        for row in rows:
            asked = row.get("req")
            if row.get("http") != "POST /prompt" or not isinstance(asked, dict) or "prompt" not in asked:
                continue
            workflow = asked["prompt"]
            if isinstance(workflow, str):  # cut by the recorder: a history that was asked for later has it whole
                workflow = _workflow_in_history(rows, asked.get("prompt_id"))
            if not isinstance(workflow, dict) or not all(
                isinstance(n, dict) and "class_type" in n for n in workflow.values()
            ):
                continue
            script = _script(rows, row)
            if script is not None:
                found.append(Recorded(path.name.removesuffix(".jsonl"), workflow, script, version))
    return found


def _workflow_in_history(rows: list[dict[str, Any]], prompt_id: str | None) -> Any:
    for row in rows:
        if row.get("http") == f"GET /history/{prompt_id}" and prompt_id in row["body"]:
            return row["body"][prompt_id]["prompt"][2]
    return None


def _script(rows: list[dict[str, Any]], row: dict[str, Any]) -> Script | None:
    if row["status"] != 200:
        return Script(refusal=(row["status"], row["body"]), outcome="refused")
    answer = row["body"]
    if answer.get("node_errors"):
        return Script(node_errors=answer["node_errors"], outcome="refused", gate=asyncio.Event())
    prompt_id = answer["prompt_id"]
    frames: list[Frame] = []
    outputs: dict[str, Any] = {}
    mine = False
    for later in rows:
        said = later.get("json") or _mended(later.get("json_cut"))
        if said is not None:
            data = said.get("data", {})
            if data.get("prompt_id") != prompt_id:
                continue
            kind = said["type"]
            mine = True
            if kind == "executed":
                outputs[str(data["node"])] = data["output"]
            if kind in ("execution_success", "execution_error", "execution_interrupted"):
                outcome = kind.removeprefix("execution_")
                return Script(frames=frames, outcome=outcome, outputs=outputs, error=data)
            if kind != "execution_start":
                frames.append(said)
        elif mine and "binary" in later:
            jpeg = io.BytesIO()
            Image.new("RGB", (16, 16)).save(jpeg, "JPEG")
            frames.append(preview_frame(jpeg.getvalue(), later.get("metadata")))
    return None


def _mended(cut: str | None) -> dict[str, Any] | None:
    """A message that the recorder has cut, as far as it goes."""
    if cut is None:
        return None
    whole = re.sub(r",\s*(\"[^\"]*\":?\s*\"?[^\"]*)?$", "", cut)
    for ending in ("", "}", "}}", "]}}", "}]}}", "]}]}}"):
        try:
            said = json.loads(whole + ending)
        except ValueError:
            continue
        return said if isinstance(said, dict) else None
    return None
