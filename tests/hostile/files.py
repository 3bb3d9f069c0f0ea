"""What stands in the workspace though nobody brought it: links, pipes, devices, folders, odd names."""

from tests.hostile.entry import FILM, accepted, get, head, http, refused, submit, task
from tests.hostile.ground import ODD_FILES, odd_file

NOT_A_FILE = refused(404, 422, 415)
_SMALL = ("empty", "words")
"""Files all the same, though no pictures."""


def _at(what: str) -> str:
    return f"{FILM}/artifacts/{odd_file(what)}"


ENTRIES = [
    *(http(f"reads: {what}", get(_at(what)), to=accepted() if what in _SMALL else NOT_A_FILE) for what in ODD_FILES),
    *(http(f"asks for the head of: {what}", head("HEAD", _at(what)), to=accepted() if what in _SMALL else NOT_A_FILE)
      for what in ODD_FILES),
    *(http(f"reads a part of: {what}", get(_at(what), "Range: bytes=0-9"),
           to=accepted(200, 206) | refused(416) if what in _SMALL else NOT_A_FILE) for what in ODD_FILES),
    *(http(f"wants a thumbnail of: {what}", get(f"{_at(what)}?width=64"), to=NOT_A_FILE) for what in ODD_FILES),
    *(http(f"reads below: {what}", get(f"{_at(what)}/etc/passwd"), to=NOT_A_FILE) for what in ODD_FILES),
    *(http(f"makes a film by url of: {what}", submit(task(task_type="image_to_video", params={"source_image":
           _at(what)})), to=NOT_A_FILE) for what in ODD_FILES),
    http("reads a name that is no UTF-8", get(f"{FILM}/artifacts/uploads/%ff%fe.png"), to=NOT_A_FILE),
    http("reads a name with a line break", get(f"{FILM}/artifacts/uploads/a%0ab.png"), to=NOT_A_FILE),
    http("lists projects beside a folder that is no UTF-8", get("/api/v1/projects"), to=accepted()),
]  # fmt: skip
