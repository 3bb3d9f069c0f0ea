"""What the headers of a request say of it: whom it is for, how long its body is, whether it opens a socket."""

import base64
import binascii
import functools
import re
from dataclasses import dataclass

from auteur.entrypoints.addresses import split_host
from auteur.entrypoints.edge.framing import RefusedError, bad_request

Headers = list[tuple[bytes, bytes]]
"""As ASGI has them: names in lower case."""

_SINGLE = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"upgrade", b"sec-websocket-key", b"sec-websocket-version"}
)
_CODINGS = re.compile(rb"(?!chunked\b)[a-z]+(?:[\t ]*,[\t ]*[a-z]+)*", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_HOST = re.compile(rb"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?]*)(.*)")


@dataclass(slots=True)
class Framed:
    """A request of which the framing is plain. ``target``: in origin form. ``length``: of the body in bytes, None for a
    chunked one. ``opens_socket``: whether it is the handshake of a WebSocket."""

    target: bytes
    length: int | None
    opens_socket: bool


@functools.lru_cache(maxsize=256)
def is_authority(text: bytes) -> bool:
    """Whether a Host header, or what stands for it, is a name or an address, perhaps with a port, and nothing else."""
    if not _HOST.fullmatch(text):
        return False
    try:
        split_host(text.decode("ascii"))
    except ValueError:
        return False
    return True


def frame(method: bytes, target: bytes, version: str, headers: Headers) -> Framed:
    """Judges a head. Raises `RefusedError`. An absolute target's authority takes Host's place (RFC 9112, 3.2.2)."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _SINGLE:
            if name in found:
                raise bad_request(f"The request has several headers {name.decode()}.")
            found[name] = value
    host = found.get(b"host")
    if host is not None and len(found) == 1 and target[:1] == b"/" and is_authority(host):
        return Framed(target, 0, False)  # what most are
    if host is None:
        if version != "1.0":
            raise bad_request("The request has no Host.")
    elif not is_authority(host):
        raise bad_request("The request's Host is no name or address with a port.")
    if target[:1] != b"/":
        target = _origin_form(target, headers)
    opens_socket = found.get(b"upgrade", b"").lower() == b"websocket" and _says_upgrade(headers)
    if opens_socket:
        _judge_handshake(method, version, found)
    return Framed(target, _length(version, found), opens_socket)


def _length(version: str, found: dict[bytes, bytes]) -> int | None:
    length, coding = found.get(b"content-length"), found.get(b"transfer-encoding")
    if coding is not None:
        if length is not None:
            raise bad_request("The request says its length and that it comes in chunks: it can only be one.")
        if version == "1.0":
            raise bad_request("HTTP/1.0 knows no Transfer-Encoding.")
        if coding.lower() != b"chunked":
            if _CODINGS.fullmatch(coding):
                raise RefusedError(501, "NOT_IMPLEMENTED", "This service knows no Transfer-Encoding but chunked.")
            raise bad_request("The request's Transfer-Encoding cannot be read.")
        return None
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise bad_request("The request's Content-Length is no number.")
    return int(length)


def _origin_form(target: bytes, headers: Headers) -> bytes:
    found = _ABSOLUTE.fullmatch(target)
    if not found:
        if target == b"*":
            raise RefusedError(501, "NOT_IMPLEMENTED", "This service answers no question about itself as a whole.")
        raise bad_request("The request's address begins with neither a slash nor http://.")
    authority, rest = found[1], found[2]
    if not is_authority(authority):
        raise bad_request("The request's address has no name or address with a port, or a user in it.")
    headers[:] = [(name, value) for name, value in headers if name != b"host"]
    headers.append((b"host", authority))
    return rest if rest.startswith(b"/") else b"/" + rest


def _says_upgrade(headers: Headers) -> bool:
    options = b",".join(value for name, value in headers if name == b"connection").lower().split(b",")
    return b"upgrade" in (option.strip() for option in options)


def _judge_handshake(method: bytes, version: str, found: dict[bytes, bytes]) -> None:
    if method != b"GET":
        raise RefusedError(405, "METHOD_NOT_ALLOWED", "A socket is opened with GET.", {"Allow": "GET"})
    if version == "1.0" or found.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in found:
        raise bad_request("A socket is opened with HTTP/1.1 and without a body.")
    if found.get(b"sec-websocket-version") != b"13":
        newest = {"Sec-WebSocket-Version": "13", "Upgrade": "websocket"}
        raise RefusedError(426, "UPGRADE_REQUIRED", "This service speaks version 13 of the WebSocket protocol.", newest)
    try:
        key = base64.b64decode(found.get(b"sec-websocket-key", b""), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 16:
        raise bad_request("The handshake's Sec-WebSocket-Key is not 16 bytes in base64.")
