"""Every method on every route, and HEAD wherever GET is."""

from tests.hostile.entry import FILM, Verdict, accepted, get, head, http, refused
from tests.hostile.framing import BAD

READABLE = {
    "the page": ("/", (200,)),
    "a part of the page": ("/assets/studio.js", (200,)),
    "the way to the documents": ("/api", (307,)),
    "the documents": ("/api/docs", (200,)),
    "the other documents": ("/api/redoc", (200,)),
    "the interface": ("/api/openapi.json", (200,)),
    "the socket's interface": ("/api/asyncapi.json", (200,)),
    "liveness": ("/health/live", (200,)),
    "readiness": ("/health/ready", (200,)),
    "health": ("/health", (200,)),
    "the metrics": ("/metrics", (200,)),
    "what it is": ("/api/v1/info", (200,)),
    "task types": ("/api/v1/task-types", (200,)),
    "qualities": ("/api/v1/quality", (200,)),
    "projects": ("/api/v1/projects", (200,)),
    "a project": (FILM, (200,)),
    "tasks": (f"{FILM}/tasks", (200,)),
    "a task": (f"{FILM}/tasks/@MADE@", (200,)),
    "kin": (f"{FILM}/tasks/@MADE@/lineage", (200,)),
    "shots": (f"{FILM}/shots", (200,)),
    "events": (f"{FILM}/events", (200,)),
    "a file": (f"{FILM}/artifacts/@MADE@/1/frame.png", (200,)),
    "a thumbnail": (f"{FILM}/artifacts/@MADE@/1/frame.png?width=64", (200,)),
    "an upload": (f"{FILM}/artifacts/@UPLOAD@", (200,)),
}
_MANY = ("liveness", "what it is", "tasks", "a task", "a file", "the page")
NOT_SO = refused(405, 501)


def _ok(statuses: tuple[int, ...]) -> Verdict:
    return accepted(*statuses)


ENTRIES = [
    *(http(f"HEAD of {name}", head("HEAD", path), to=_ok(statuses)) for name, (path, statuses) in READABLE.items()),
    *(http(f"HEAD of {name} with a body", head("HEAD", path, "Content-Length: 5") + b"hello", to=_ok(statuses) | BAD)
      for name, (path, statuses) in READABLE.items() if name in _MANY),
    *(http(f"{method} of {name}", head(method, READABLE[name][0], "Content-Length: 0"), to=NOT_SO | refused(415, 400))
      for method in ("PUT", "TRACE", "LINK") for name in _MANY),
    *(http(f"OPTIONS of {name}", head("OPTIONS", READABLE[name][0]), to=NOT_SO | accepted(200, 204)) for name in _MANY),
    http("HEAD of nothing", head("HEAD", "/nothing"), to=refused(404)),
    http("HEAD of a file out of the project", head("HEAD", f"{FILM}/artifacts/..%2f..%2fetc%2fpasswd"),
         to=refused(404)),
    http("HEAD of a deleted project", head("HEAD", "/api/v1/projects/gone"), to=refused(410)),
    http("HEAD of a file with ranges", head("HEAD", READABLE["a file"][0], "Range: bytes=0-1,5-6"),
         to=accepted(200, 206)),
    http("HEAD of events, a hundred", head("HEAD", f"{FILM}/events") + get("/health/live"), to=accepted()),
    http("POST to a probe", head("POST", "/health/live", "Content-Length: 0"), to=NOT_SO),
    http("DELETE of all projects", head("DELETE", "/api/v1/projects"), to=NOT_SO),
    http("DELETE of a file", head("DELETE", READABLE["a file"][0]), to=NOT_SO),
    http("PATCH of a project", head("PATCH", FILM, "Content-Length: 0"), to=NOT_SO),
    http("POST to a task", head("POST", f"{FILM}/tasks/@MADE@", "Content-Length: 0"), to=NOT_SO),
    http("GET of a cancel", get(f"{FILM}/tasks/@MADE@/cancel"), to=NOT_SO),
    http("GET of a promotion", get(f"{FILM}/tasks/@MADE@/promote"), to=NOT_SO),
    http("GET of batches", get(f"{FILM}/batches"), to=NOT_SO),
    http("GET of uploads", get(f"{FILM}/uploads"), to=NOT_SO),
    http("GET of a socket's path", get("/ws/stage"), to=refused(404, 400, 426)),
    http("POST to a socket's path", head("POST", "/ws/stage", "Content-Length: 0"), to=refused(404, 405, 400, 426)),
]  # fmt: skip
