"""Requests for tasks whose every field says what it must not."""

from typing import Any

from tests.hostile.entry import FILM, TINY, Verdict, accepted, called, http, refused, submit, task
from tests.hostile.ground import ODD_FILES, odd_file

WRONG = refused(422, 400)

FRAME: dict[str, list[Any]] = {
    "prompt": [None, "", 7, True, [], {}, "x" * 1001, "a\0b", "a\x1b[2Jb", "a\x7fb", "a\u0085b"],
    "negative_prompt": [7, ["a"], "x" * 1001, "a\0b"],
    "seed": [-1, 2**32, 2**64, 10**100, 1.5, 1.0, "1", True, [1]],
    "width_px": [0, -64, 63, 4097, 10**9, 10**30, 64.0, "64", True, [64]],
    "height_px": [0, -64, 63, 4097, 2**63, "64"],
    "steps": [0, -1, 201, 10**12, 1.0, "1", False],
    "aspect": ["16:0", "0:1", "16/9", "", 1.78, "1:1\n"],
    "style": ["oil", "", None, ["board"]],
    "shot": ["close up", "", 7, "wide\n", "*"],
    "angle": ["sideways", "", "low\n"],
    "lens_mm": [0, -35, 7.999, 401, 1e308, "35", True, [35]],
    "control": ["depth", ["smell"], ["depth", "depth"], [None], [["depth"]], ["depth"] * 100, {"depth": 1}],
}
MOTION: dict[str, list[Any]] = {
    "duration_s": [0, -4, 0.49, 61, 1e308, "4", True],
    "fps": [0, -24, 11, 61, 24.5, "24p", "24/0", 10**12],
    "move": ["spin", "", 7, "hold\n"],
    "ease": ["bounce", None],
    "caption": ["x" * 201, 7, "a\0b"],
    "width_px": [65, 62, 4098],
}
SOURCES: dict[str, Any] = {
    "nothing": "",
    "a path out of the project": "../../../etc/passwd",
    "an absolute path": "/etc/passwd",
    "a path of another project": "/api/v1/projects/elsewhere/artifacts/@ELSEWHERE@/1/frame.png",
    "a path out by its escapes": "uploads/%2e%2e/%2e%2e/etc/passwd",
    "a path with a NUL": "uploads/a\0.png",
    "a path of 30 000 letters": "a/" * 15_000,
    "a path with a backslash": "uploads\\..\\..\\etc\\passwd",
    "a url of a file": "file:///etc/passwd",
    "a url of an own protocol": "gopher://127.0.0.1:6379/_INFO",
    "a url of ftp": "ftp://127.0.0.1/a.png",
    "a url without a host": "https://",
    "a url of brackets": "https://[",
    "a url of brackets that do not open": "https://]/a.png",
    "a url of IPv6 that is none": "https://[::zz]/a.png",
    "a url of this machine": "https://127.0.0.1/a.png",
    "a url of this machine as a number": "https://2130706433/a.png",
    "a url of this machine in IPv6": "https://[::1]/a.png",
    "a url of this machine within IPv6": "https://[::ffff:127.0.0.1]/a.png",
    "a url of the cloud": "https://169.254.169.254/latest/meta-data",
    "a url with a user": "https://a:b@127.0.0.1/a.png",
    "a url with a port of letters": "https://127.0.0.1:x/a.png",
    "a url with a port of a hundred digits": "https://127.0.0.1:" + "8" * 100 + "/a.png",
    "a url with a line break": "https://127.0.0.1/a.png\r\nHost: evil",
    "a url with a NUL": "https://127.0.0.1\0.example/a.png",
    "a url beyond ASCII": "https://ⓛocalhost/a.png",
    "a url whose name is too long for IDNA": "https://" + "ü" * 300 + "/a.png",
    "a data url of nothing": "data:",
    "a data url that is no base64": "data:image/png;base64,@@@",
    "a data url of half a picture": "data:image/png;base64,iVBORw0KGgo=",
    "a data url of a page": "data:text/html,<script>alert(1)</script>",
    "a data url of PostScript": "data:application/postscript,%25!PS",
    "a data url whose charset is a codec": "data:image/png;charset=zlib,xxx",
    "an object of nothing": {},
    "a task of nothing": {"from_task": ""},
    "a task of a number": {"from_task": 7},
    "a task of nobody": {"from_task": "nobody"},
    "a task with a line break": {"from_task": "@MADE@\n"},
    "a task with a NUL": {"from_task": "a\0b"},
    "a task of another project": {"from_task": "@ELSEWHERE@"},
    "a task that was deleted": {"from_task": "@GONE@"},
    "a task that was stopped": {"from_task": "@STOPPED@"},
    "a name outside a batch": {"from_task": "#frame-1"},
    "a hash and no name": {"from_task": "#"},
    "a file that the task has not made": {"from_task": "@MADE@", "artifact": "other.png"},
    "a file out of the task": {"from_task": "@MADE@", "artifact": "../../../../etc/passwd"},
    "a file of 10 000 letters": {"from_task": "@MADE@", "artifact": "a" * 10_000},
    "a file of a list": {"from_task": "@MADE@", "artifact": ["frame.png"]},
    "a field that there is not": {"from_task": "@MADE@", "evil": 1},
    "a list of a path": ["uploads/a.png"],
    "a number": 7,
    "true": True,
}
BODY: dict[str, list[Any]] = {
    "task_type": ["", None, 7, "text_to_smell", "text_to_image\n", "../text_to_image", "x" * 129, "__class__", ["a"]],
    "quality": ["", "lo", 7, "draft\n", "DRAFT", "x" * 65],
    "engine": ["", "nobody", 7, "previs\n", "../previs", "x" * 65],
    "shot": ["", "   ", 7, "a\nb", "a\0b", "\x1b[2J", "x" * 65, "\u202eevil", "\u2028"],
    "metadata": [
        None, [], "a", {"a": {"b": 1}}, {"a": [1]}, {"a": "x" * 5000}, {f"k{n}": n for n in range(2000)},
        {"k" * 5000: 1}, {"a": "\0"}, {"\0": "a"},
    ],
    "params": [None, [], "a", 7],
    "project_id": ["film"],
    "message_id": ["@KEY@"],
    "timeout_s": [10**9],
    "lane": ["interactive"],
}  # fmt: skip
FINE: dict[str, dict[str, Any]] = {
    "a prompt from right to left": {"prompt": "\u202e a field \u202c"},
    "a prompt of marks upon marks": {"prompt": "a" + "\u0301" * 900},
    "a prompt of families": {"prompt": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 150},
    "a prompt that is a format": {"prompt": "%s%n{0.__class__}${jndi:ldap://127.0.0.1/a}{{7*7}}"},
    "a prompt that is SQL": {"prompt": "'; DROP TABLE tasks; --"},
    "a prompt that is a page": {"prompt": "<script>alert(1)</script>"},
    "a prompt of numbers": {"prompt": "100000 lighthouses, 99999999999 trees"},
    "a prompt of spaces and a word": {"prompt": " " * 999 + "a"},
    "a prompt of every word it knows": {"prompt": "wide close low high dutch dusk rain forest city man woman " * 16},
}


def _moving(source: Any, **more: Any) -> dict[str, Any]:
    return {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": source, **more}}


def _verdict(value: Any) -> Verdict:
    """JSON Schema calls 1.0 an integer, JSON itself no such thing."""
    return WRONG | accepted(202) if isinstance(value, float) and value.is_integer() else WRONG


_UPLOAD = "@UPLOAD@"

ENTRIES = [
    *(http(f"{name} is {called(value)}", submit(task({**TINY, name: value})), to=_verdict(value))
      for name, values in FRAME.items() for value in values if (name, value) != ("style", None)),
    *(http(f"motion: {name} is {called(value)}", submit(_moving(_UPLOAD, **{name: value})), to=_verdict(value))
      for name, values in MOTION.items() for value in values),
    *(http(f"a source that is {name}", submit(_moving(value)), to=WRONG) for name, value in SOURCES.items()),
    *(http(f"a source that is an upload by name: {what}", submit(_moving(odd_file(what))), to=WRONG)
      for what in ODD_FILES),
    *(http(f"{name} of the request is {called(value)}", submit(task(**{name: value})), to=WRONG)
      for name, values in BODY.items() for value in values),
    *(http(name, submit(task({**TINY, **params})), to=accepted(202)) for name, params in FINE.items()),
    http("a prompt of letters beyond all planes", submit(task({**TINY, "prompt": "\U0010ffff\ufffe" * 100})),
         to=accepted(202) | WRONG),
    http("a parameter that there is not", submit(task({**TINY, "evil": 1})), to=WRONG),
    http("both names of a side", submit(task({**TINY, "width": 128})), to=WRONG),
    http("sides that contradict the aspect", submit(task({**TINY, "aspect": "16:9"})), to=WRONG),
    http("parameters of 40 KB", submit(task({"prompt": "a", "x": "y" * 40_000})), to=WRONG),
    http("no parameters", submit(task({})), to=WRONG),
    http("a parameter of 30 000 letters that there is not", submit(task({**TINY, "p" * 30_000: 1})), to=WRONG),
    http("two thousand parameters that there are not", submit(task({**TINY, **{f"p{n}": 1 for n in range(2000)}})),
         to=WRONG),
    http("a motion of a parameter of 30 000 letters", submit(_moving({"from_task": "@MADE@", "p" * 30_000: 1})),
         to=WRONG),
    http("the parameters of another type", submit(task({**TINY, "fps": 24})), to=WRONG),
    http("a task in a project of a path", submit(task()).replace(FILM.encode(), b"/api/v1/projects/..%2fetc"),
         to=refused(404, 422, 400)),
    http("a task in a deleted project", submit(task()).replace(FILM.encode(), b"/api/v1/projects/gone"),
         to=refused(410)),
    http("a task in a project that ends in a line break", submit(task()).replace(FILM.encode(), FILM.encode() + b"%0A"),
         to=refused(422, 400, 404)),
]  # fmt: skip
