"""Hosts and origins that are not this service's: what a foreign page, a rebound name or a confused proxy would send."""

from tests.hostile.entry import CLOSED, FILM, accepted, head, http, post, refused, task
from tests.hostile.framing import BAD
from tests.hostile.wire import handshake

WRONG_HOST = refused(421, 400) | CLOSED
FOREIGN = refused(403)

HOSTS = {
    "no host": "",
    "a foreign host": "evil.example",
    "a foreign host with our port": "evil.example:@PORT@",
    "a name below ours": "evil.localhost:@PORT@",
    "ours below a foreign name": "localhost.evil.example:@PORT@",
    "a user before our host": "evil.example@localhost:@PORT@",
    "a password before our host": "a:b@127.0.0.1:@PORT@",
    "our host before a user": "localhost:@PORT@@evil.example",
    "a path behind our host": "localhost:@PORT@/evil",
    "a query behind our host": "localhost?evil.example",
    "a fragment behind our host": "localhost#evil.example",
    "two hosts in one line": "localhost, evil.example",
    "two hosts with a space": "localhost evil.example",
    "a url": "http://localhost:@PORT@",
    "a port of letters": "localhost:http",
    "a negative port": "localhost:-1",
    "a port of 65536": "localhost:65536",
    "a port of a thousand digits": "localhost:" + "8" * 1000,
    "a port in Arabic digits": "localhost:٨٠",
    "brackets that do not close": "[::1",
    "brackets that do not open": "::1]",
    "brackets around a name": "[localhost]",
    "brackets of nothing": "[]",
    "IPv6 with a path in its zone": "[::1%/evil.example]:@PORT@",
    "a host of 4 000 letters": "a" * 4000,
    "a host of dots": "....",
    "a host with a NUL": "local\0host",
    "a host with a quote": 'localhost"',
    "a host with a tab": "local\thost",
    "a host beyond ASCII": "lócalhost",
    "a host in punycode that is none": "xn--\udcff",
    "the address of everything": "0.0.0.0:@PORT@",
    "another address of loopback": "127.1:@PORT@",
    "loopback as a number": "2130706433:@PORT@",
    "loopback in octal": "0177.0.0.1:@PORT@",
    "an address of the cloud": "169.254.169.254",
    "a wildcard": "*",
}

ORIGINS = {
    "a foreign page": "http://evil.example",
    "a page without an origin": "null",
    "our host by a foreign scheme": "ftp://@HOST@",
    "our host by https": "https://@HOST@",
    "our host at another port": "http://127.0.0.1:1",
    "our host without its port": "http://127.0.0.1",
    "a name that begins as ours": "http://@HOST@.evil.example",
    "a name that ends as ours": "http://evil-@HOST@",
    "ours as a user of another": "http://@HOST@@evil.example",
    "another as a user of ours": "http://evil.example@@HOST@",
    "ours with a path": "http://@HOST@/evil",
    "ours with a slash": "http://@HOST@/",
    "ours with a query": "http://@HOST@?",
    "ours with a fragment": "http://@HOST@#",
    "two origins in one line": "http://@HOST@ http://evil.example",
    "two origins with a comma": "http://@HOST@, http://evil.example",
    "an origin of nothing": "",
    "an origin of a file": "file://",
    "an origin of an extension": "chrome-extension://abcdefghijklmnop",
    "an origin without a scheme": "@HOST@",
    "an origin without a host": "http://",
    "an origin of brackets": "http://[",
    "an origin of brackets that do not open": "http://]",
    "an origin of IPv6 that is none": "http://[::zz]",
    "an origin with a port of letters": "http://127.0.0.1:x",
    "an origin with a NUL": "http://127.0.0.1\x7f",
    "an origin of 4 000 letters": "http://" + "a" * 4000,
    "an origin beyond ASCII": "http://lócalhost",
    "the frontend at another port": "http://localhost:3001",
    "the frontend below a foreign name": "http://localhost:3000.evil.example",
}

FETCHED = {
    "from another site": ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"],
    "from another site with its origin": ["Sec-Fetch-Site: cross-site", "Origin: http://evil.example"],
    "from another site without an origin": ["Sec-Fetch-Site: cross-site", "Origin: null"],
}
"""By a browser, which says so. (That of a frontend that is allowed says so too, with its origin.)"""

PREFLIGHTS = {
    "a foreign page asks whether it may": ("http://evil.example", "DELETE", "content-type"),
    "a page without an origin asks whether it may": ("null", "POST", "content-type"),
    "a page asks for every header": ("http://localhost:3000", "POST", "*"),
    "a page asks for a header of 4 000 letters": ("http://localhost:3000", "POST", "x" * 4000),
    "a page asks for a thousand headers": ("http://localhost:3000", "POST", ",".join(["x"] * 1000)),
    "a page asks for a method that nobody knows": ("http://localhost:3000", "BREW", "content-type"),
    "a page asks for a method of nothing": ("http://localhost:3000", "", ""),
}


def _preflight(origin: str, method: str, wanted: str) -> bytes:
    return head("OPTIONS", f"{FILM}/tasks", f"Origin: {origin}", f"Access-Control-Request-Method: {method}",
                f"Access-Control-Request-Headers: {wanted}")  # fmt: skip


def _asked_for(target: str, host: str = "@HOST@") -> bytes:
    return head("GET", target, host=host)


ENTRIES = [
    *(http(f"host: {name}", head("GET", "/api/v1/info", host=host), to=WRONG_HOST) for name, host in HOSTS.items()),
    http("host: twice", head("GET", "/api/v1/info", "Host: evil.example"), to=WRONG_HOST),
    http("host: twice the same", head("GET", "/api/v1/info", "Host: @HOST@"), to=WRONG_HOST),
    http("host: a foreign one on a probe", head("GET", "/health/live", host="evil.example"), to=WRONG_HOST),
    http("host: a foreign one in a socket's request", handshake("/ws/stage", host="evil.example"), to=WRONG_HOST),
    http("host: a user before it in a socket's request", handshake("/ws/stage", host="a@@HOST@"), to=WRONG_HOST),
    http("host: none in a socket's request", handshake("/ws/stage").replace(b"Host: @HOST@\r\n", b""), to=WRONG_HOST),
    http("target: a url of a foreign host", _asked_for("http://evil.example/api/v1/info"), to=WRONG_HOST),
    http("target: a foreign url with our host beside it", _asked_for("http://evil.example/api/v1/info", "localhost"),
         to=WRONG_HOST),
    http("target: a url of ours with a user", _asked_for("http://a:b@@HOST@/api/v1/info"), to=WRONG_HOST),
    http("target: a url of another scheme", _asked_for("ftp://@HOST@/api/v1/info"), to=WRONG_HOST | refused(404)),
    http("target: a url without a host", _asked_for("http:///api/v1/info"), to=WRONG_HOST | refused(404)),
    http("target: two slashes", _asked_for("//evil.example/api/v1/info"), to=WRONG_HOST | refused(404)),
    http("target: a backslash", _asked_for("\\\\evil.example\\api"), to=WRONG_HOST | refused(404)),
    *(http(f"origin: {name}, asks for a task", post(f"{FILM}/tasks", task(), f"Origin: {origin}"), to=FOREIGN | BAD)
      for name, origin in ORIGINS.items()),
    *(http(f"origin: {name}, opens a socket", handshake("/ws/stage", f"Origin: {origin}"), to=FOREIGN | BAD)
      for name, origin in ORIGINS.items()),
    http("origin: twice", post(f"{FILM}/tasks", task(), "Origin: http://@HOST@", "Origin: http://evil.example"),
         to=FOREIGN | BAD),
    http("origin: twice, the other way", post(f"{FILM}/tasks", task(), "Origin: http://evil.example",
         "Origin: http://@HOST@"), to=FOREIGN | BAD),
    http("origin: a foreign page deletes", head("DELETE", f"{FILM}/tasks/@OTHER@", "Origin: http://evil.example"),
         to=FOREIGN),
    http("origin: a foreign page marks", post(f"{FILM}/tasks/@OTHER@", {"favourite": True},
         "Origin: http://evil.example", method="PATCH"), to=FOREIGN),
    *(http(f"fetched: {name}, asks for a task", post(f"{FILM}/tasks", task(), *lines), to=FOREIGN)
      for name, lines in FETCHED.items()),
    *(http(f"fetched: {name}, opens a socket", handshake("/ws/stage", *lines), to=FOREIGN)
      for name, lines in FETCHED.items()),
    *(http(f"preflight: {name}", _preflight(*asked), to=refused(400, 403))
      for name, asked in PREFLIGHTS.items()),
    http("preflight: without a method", head("OPTIONS", f"{FILM}/tasks", "Origin: http://localhost:3000"),
         to=refused(403, 405) | accepted(200, 204)),
]  # fmt: skip
