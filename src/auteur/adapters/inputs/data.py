"""``data:`` urls (RFC 2397)."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from auteur.adapters.inputs.problems import UnusableInputError

_HEAD = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_SPACE = re.compile(rb"[\t\n\f\r ]+")


def read_data_url(url: str, kind: str, max_bytes: int) -> bytes:
    """What the url holds. Raises `UnusableInputError` where that is not said to be of the kind, or is too much."""
    head = _HEAD.match(url)
    if head is None:
        raise UnusableInputError("is no data: url that can be read")
    kinds = ("image", "video") if kind == "visual" else (kind,)
    if head[1].strip().lower().partition("/")[0] not in kinds:
        raise UnusableInputError(f"is a data: url whose media type is not {' or '.join(f'{one}/…' for one in kinds)}")
    try:
        encoded = unquote_to_bytes(url[head.end() :])
    except UnicodeEncodeError:
        raise UnusableInputError("is no data: url that can be read") from None
    if not head[2].lower().replace(" ", "").endswith(";base64"):
        return _within(encoded, max_bytes)
    text = _SPACE.sub(b"", encoded).rstrip(b"=")
    try:
        return _within(base64.b64decode(text + b"=" * (-len(text) % 4), validate=True), max_bytes)
    except binascii.Error:
        raise UnusableInputError("is a data: url whose base64 cannot be read") from None


def _within(data: bytes, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise UnusableInputError(f"has more than {max_bytes} bytes")
    return data
