"""Tokens, cookies and tickets that nobody was given. What is shown counts, also where nothing need be shown."""

from tests.hostile.entry import FILM, accepted, get, head, http, post, refused, submit, task
from tests.hostile.framing import BAD
from tests.hostile.handshakes import OPENS
from tests.hostile.wire import handshake

NOBODY = refused(401, 400, 431)

TOKENS = {
    "nothing": "",
    "a word": "token",
    "another scheme": "Basic YWRtaW46YWRtaW4=",
    "a scheme and no token": "Bearer ",
    "a scheme and spaces": "Bearer      ",
    "a word behind the scheme": "Bearer admin",
    "two words behind the scheme": "Bearer admin admin",
    "a token of dots": "Bearer ...",
    "a signed token of no algorithm": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    "a signed token with a key from elsewhere": "Bearer eyJhbGciOiJSUzI1NiIsImprdSI6Imh0cDovLzA6MS9rIn0.e30.AA",
    "a signed token of noise": "Bearer " + "A" * 300 + "." + "B" * 300 + "." + "C" * 300,
    "a token with a NUL": "Bearer a%00b",
    "a token beyond ASCII": "Bearer tökén",
    "a token of bytes": "Bearer \udcff\udcfe",
    "a token with quotes": "Bearer ' OR 1=1 --",
    "a token of 7 000 letters": "Bearer " + "a" * 7000,
    "two tokens with a comma": "Bearer a, Bearer b",
    "a token with a tab": "Bearer\tadmin",
}  # fmt: skip
COOKIES = {
    "a session that nobody opened": "auteur_session=admin",
    "a session of nothing": "auteur_session=",
    "a session of 6 000 letters": "auteur_session=" + "a" * 6000,
    "two sessions": "auteur_session=a; auteur_session=b",
    "a session with quotes": 'auteur_session="\' OR 1=1 --"',
    "a session of bytes": "auteur_session=\udcff\udcfe",
    "a session with a NUL escaped": "auteur_session=%00%0d%0a",
    "cookies of semicolons": ";" * 2000,
    "a cookie of an equals sign": "=",
    "a name that begins as ours": "auteur_session2=x; auteur_sessio=y",
}
TICKETS = {
    "nobody was given": "auteur.v1, auteur.ticket.admin",
    "is nothing": "auteur.v1, auteur.ticket.",
    "has 6 000 letters": "auteur.v1, auteur.ticket." + "a" * 6000,
    "is given a hundred times": ", ".join(["auteur.v1", *["auteur.ticket.a"] * 100]),
    "comes without the protocol": "auteur.ticket.admin",
}
_DOORS = {
    "what it is": get("/api/v1/info"),
    "a project": get(FILM),
    "asks for a task": submit(task()),
    "the metrics": get("/metrics"),
    "a file": get(f"{FILM}/artifacts/@MADE@/1/frame.png"),
}


def _showing(data: bytes, header: str) -> bytes:
    line = header.encode("utf-8", "surrogateescape")
    return data.replace(b"\r\nX-Request-ID", b"\r\n" + line + b"\r\nX-Request-ID", 1)


ENTRIES = [
    *(http(f"a token: {name}, to {door}", _showing(data, f"Authorization: {value}"), to=NOBODY)
      for name, value in TOKENS.items() for door, data in _DOORS.items() if door in ("a project", "asks for a task")),
    *(http(f"a token: a word behind the scheme, to {door}", _showing(data, "Authorization: Bearer admin"), to=NOBODY)
      for door, data in _DOORS.items() if door not in ("a project", "asks for a task")),
    http("a token twice", _showing(get(FILM), "Authorization: Bearer a\r\nAuthorization: Bearer b"), to=NOBODY),
    http("a token to a probe", _showing(get("/health/live"), "Authorization: Bearer admin"), to=accepted()),
    http("a token in the query", get(f"{FILM}?token=planted&access_token=planted"), to=accepted() | refused(422)),
    *(http(f"a cookie: {name}", _showing(get(FILM), f"Cookie: {value}"), to=accepted() | NOBODY)
      for name, value in COOKIES.items()),
    http("signs in with a token that nobody was given", head("POST", "/api/v1/session", "Content-Length: 0",
         "Authorization: Bearer admin"), to=NOBODY),
    http("signs in with a body", post("/api/v1/session", {"token": "admin"}), to=accepted() | NOBODY | refused(422)),
    http("signs out of what is no session", head("DELETE", "/api/v1/session", "Cookie: auteur_session=admin"),
         to=accepted(204) | NOBODY),
    http("signs out a hundred times", head("DELETE", "/api/v1/session") * 100, to=accepted(204)),
    http("wants a ticket, fifty times", head("POST", "/api/v1/tickets", "Content-Length: 0") * 50, to=accepted(201)),
    http("wants a ticket with a body", post("/api/v1/tickets", {"for": "admin"}), to=accepted(201) | refused(422)),
    http("wants a ticket for a page of another origin", head("POST", "/api/v1/tickets", "Content-Length: 0",
         "Origin: http://evil.example"), to=refused(403)),
    *(http(f"a ticket that {name}", handshake("/ws/stage", f"Sec-WebSocket-Protocol: {value}"),
           to=NOBODY | refused(403) | BAD | (OPENS if name == "is nothing" else NOBODY))
      for name, value in TICKETS.items()),
    http("a socket with a token that nobody was given", handshake("/ws/stage", "Authorization: Bearer admin"),
         to=NOBODY | refused(403)),
    http("a socket with a session that nobody opened", handshake("/ws/stage", "Cookie: auteur_session=admin"),
         to=OPENS | NOBODY | refused(403)),
]  # fmt: skip
