"""Frames as they stand on the wire, right and wrong."""

import json
import struct
from typing import Any

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    masked: bool = True,
    length: int | None = None,
    form: int | None = None,
) -> bytes:
    """A frame. ``length``: what its head says, whatever follows; ``form``: 7, 16 or 64 bits for it, if not the least
    that hold it."""
    said = len(payload) if length is None else length
    form = form or (7 if said < 126 else 16 if said < 1 << 16 else 64)
    first, mask_bit = (0x80 if fin else 0) | rsv << 4 | opcode, 0x80 if masked else 0
    sized = {
        7: bytes([mask_bit | said & 0x7F]),
        16: bytes([mask_bit | 126]) + struct.pack(">H", said & 0xFFFF),
        64: bytes([mask_bit | 127]) + struct.pack(">Q", said & (1 << 64) - 1),
    }[form]
    if not masked:
        return bytes([first]) + sized + payload
    mask = b"\x11\x22\x33\x44"
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    veiled = (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(payload), "big")
    return bytes([first]) + sized + mask + veiled


def text(value: Any) -> bytes:
    """A message in one text frame: text or bytes as they are, anything else as JSON."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return frame(TEXT, value if isinstance(value, bytes) else json.dumps(value).encode())


def close(code: int | None = None, reason: bytes = b"") -> bytes:
    """A close frame."""
    return frame(CLOSE, (b"" if code is None else struct.pack(">H", code)) + reason)


def handshake(path: str, *headers: str, host: str = "@HOST@", key: str = "AQIDBAUGBwgJCgsMDQ4PEA==") -> bytes:
    """A client's request to open a socket, well formed."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "X-Request-ID: @ID@",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
