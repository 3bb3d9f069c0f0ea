"""What parent and decoding child say to each other: a length, JSON, and the bytes that it speaks of."""

import json
import shutil
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">I")
_MOST_JSON_BYTES = 1 << 20
_SIZE = "body_bytes"


class BrokenFrameError(Exception):
    """What was said is cut off, or no frame."""


def write(stream: BinaryIO, said: Mapping[str, Any], body: bytes = b"") -> None:
    """Says it, with the bytes that belong to it."""
    stream.write(_head({**said, _SIZE: len(body)}))
    stream.write(body)
    stream.flush()


def write_file(stream: BinaryIO, said: Mapping[str, Any], file: BinaryIO, size_bytes: int) -> None:
    """Says it, with all of the file."""
    stream.write(_head({**said, _SIZE: size_bytes}))
    file.seek(0)
    shutil.copyfileobj(file, stream, 1 << 18)
    stream.flush()


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """What was said, and its bytes; None where the other side is gone. Raises `BrokenFrameError`."""
    if not (length := stream.read(_LENGTH.size)):
        return None
    if len(length) < _LENGTH.size:
        raise BrokenFrameError
    (size,) = _LENGTH.unpack(length)
    if size > _MOST_JSON_BYTES:
        raise BrokenFrameError
    try:
        said = json.loads(stream.read(size))
        body_bytes = said.pop(_SIZE)
        body = stream.read(body_bytes)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenFrameError from error
    if len(body) < body_bytes:
        raise BrokenFrameError
    return said, body


def _head(said: Mapping[str, Any]) -> bytes:
    text = json.dumps(said).encode()
    return _LENGTH.pack(len(text)) + text
