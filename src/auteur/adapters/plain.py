"""What a library says, as one line that a log may have: no path of this machine, no secret, no end of lines."""

import re

_MOST_CHARACTERS = 500
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_USER_OF_URL = re.compile(r"(?<=://)[^\s/@]*@")
_QUERY_OF_URL = re.compile(r"(\w+://[^\s?#]*)[?#]\S*")
_SECRET = re.compile(
    r"(?i)\b((?:\w*[_-])?(?:token|secret|password|passwd|key|authorization|cookie)\"?'?)\s*[=:]\s*\S.*"
)
_FOLDERS = re.compile(r"(?<![\w.:/\\])(?:~?/|[A-Za-z]:[\\/])(?:[^\s/\\'\"<>|*?:,;()\[\]{}=]+[\\/])+")


def plain(text: str) -> str:
    """One line of at most 500 characters; of a path the last part, of a url neither user nor query."""
    line = _UNPRINTABLE.sub(" ", text[: 8 * _MOST_CHARACTERS]).strip()
    line = _QUERY_OF_URL.sub(r"\1", _USER_OF_URL.sub("", line))
    line = _FOLDERS.sub("", _SECRET.sub(r"\1=…", line))
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}…"
