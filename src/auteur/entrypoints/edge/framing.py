"""Where a request's head and the chunks of its body end, and what their bytes may be.

Every byte is judged here before the parser sees it, and less is allowed than the parser takes: where a proxy before us
and we could read the same bytes as different requests, they are refused (RFC 9112, 11.2). How the bytes were cut on
their way changes no verdict.
"""

import re

MAX_HEAD_BYTES = 32 << 10
MAX_TARGET_BYTES = 8000
MAX_NAME_BYTES, MAX_VALUE_BYTES = 128, 7900  # websockets leaves a handshake with a line over 8192 bytes open for ever
MAX_HEADERS = 100  # and one with more than 128 headers
MAX_EXTENSION_BYTES = 256
MAX_EXTENSIONS_BYTES = 4096
CHUNKS_A_TURN = 256  # then others have theirs: a chunk of one byte costs as much as one of a megabyte
_MAX_TRAILERS_BYTES = 4096
_LONGEST_SIZE_LINE = 16 + MAX_EXTENSION_BYTES + 2

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"QUERY"})
"""Those that are handed on; a route says which it knows."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_FIELD = rb"%s{1,%d}+:[\t\x20-\x7e\x80-\xff]{0,%d}+\r\n" % (_TOKEN, MAX_NAME_BYTES, MAX_VALUE_BYTES)
_ADDRESSED = rb" [\x21\x22\x24-\x7e]{1,%d}+ HTTP/1\.[01]\r\n" % MAX_TARGET_BYTES
_HEAD = re.compile(rb"(?:%s)%s(?:%s){0,%d}+\r\n" % (b"|".join(METHODS), _ADDRESSED, _FIELD, MAX_HEADERS))
_REQUEST_LINE = re.compile(rb"(%s{1,32}+)%s" % (_TOKEN, _ADDRESSED))
_FIELD_LINE = re.compile(_FIELD)
_VERSION = re.compile(rb"HTTP/[0-9](?:\.[0-9])?")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?=[^\n])")
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16}+)((?:;[\t\x20-\x7e]{0,%d}+)?)\r\n" % (MAX_EXTENSION_BYTES - 1))
_BEGUN_CHUNK_SIZE = re.compile(rb"(?:[0-9A-Fa-f]{1,16}+(?:;[\t\x20-\x7e]{0,%d}+)?)?\r?" % (MAX_EXTENSION_BYTES - 1))


class RefusedError(Exception):
    """Bytes that are no request, or none that is taken here. Says the status, a code and a sentence for the client."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def bad_request(message: str) -> RefusedError:
    """What breaks the rules of HTTP/1.1."""
    return RefusedError(400, "BAD_REQUEST", message)


class HeadReader:
    """Gathers one head at a time. ``max_bytes``: how large one may be.

    Whatever is wrong is refused with the line that has it: no more than a head's worth is ever kept.
    """

    __slots__ = ("_begun", "_bytes", "_line_at", "_lines", "_max_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._clear()

    def _clear(self) -> None:
        self._bytes = b""
        self._begun = False
        self._line_at = self._lines = 0

    @property
    def is_begun(self) -> bool:
        """Whether any byte of the next head has come."""
        return self._begun

    @property
    def has_request_line(self) -> bool:
        """Whether the first line of the next head is whole."""
        return self._lines > 0

    def feed(self, data: bytes) -> tuple[bytes, bytes] | None:
        """The whole head and what came after it, or None while more is to come. Raises `RefusedError`."""
        if not self._begun:
            if data[:2] == b"\r\n":  # an empty line before a request is overlooked (RFC 9112, 2.2): one
                data = data[2:]
                if not data:
                    self._begun = True
                    return None
            self._begun = True
            end = data.find(b"\r\n\r\n") + 4
            if 4 <= end <= self._max_bytes:
                head = data if end == len(data) else data[:end]
                if _HEAD.fullmatch(head):
                    self._begun = False
                    return head, data[end:]
        self._bytes += data
        end = self._walk()
        if not end:
            return None
        head, rest = self._bytes[:end], self._bytes[end:]
        self._clear()
        return head, rest

    def _walk(self) -> int:
        """Judges every line that is whole; where the head ends, or 0. Raises `RefusedError`."""
        data = self._bytes
        while True:
            after = data.find(b"\n", self._line_at) + 1
            if not after:
                self._judge_begun_line(data)
                return 0
            line = data[self._line_at : after]
            if self._lines == 0:
                if not (found := _REQUEST_LINE.fullmatch(line)) or found[1] not in METHODS:
                    raise _wrong_request_line(line)
            elif line == b"\r\n":
                if after > self._max_bytes:
                    raise self._too_large()
                return after
            elif not _FIELD_LINE.fullmatch(line):
                raise _wrong_field_line(line)
            if self._lines > MAX_HEADERS or after > self._max_bytes:
                raise self._too_large()
            self._lines += 1
            self._line_at = after

    def _judge_begun_line(self, data: bytes) -> None:
        if self._lines == 0 and len(data) > MAX_TARGET_BYTES + 64:
            raise _too_long_a_target()
        if len(data) - self._line_at > MAX_NAME_BYTES + MAX_VALUE_BYTES + 3 or len(data) > self._max_bytes:
            raise self._too_large()
        if _CONTROL.search(data, self._line_at):
            raise bad_request("The head of the request has a control character, or a line that does not end in CR LF.")

    def _too_large(self) -> RefusedError:
        return RefusedError(
            431,
            "HEADERS_TOO_LARGE",
            f"A request may have {MAX_HEADERS} headers, {MAX_VALUE_BYTES} bytes in each and {self._max_bytes} in all.",
        )


def _too_long_a_target() -> RefusedError:
    return RefusedError(414, "URI_TOO_LONG", f"The address of a request may have {MAX_TARGET_BYTES} bytes.")


def _wrong_request_line(line: bytes) -> RefusedError:
    words = line.removesuffix(b"\r\n").split(b" ")
    if not line.endswith(b"\r\n") or _NO_VALUE.search(line, 0, len(line) - 2):
        return bad_request("The request line has a control character, or does not end in CR LF.")
    if len(words) == 3 and _VERSION.fullmatch(words[2]) and not words[2].startswith(b"HTTP/1."):
        return RefusedError(505, "HTTP_VERSION_NOT_SUPPORTED", "This service speaks HTTP/1.1.")
    if len(line) > MAX_TARGET_BYTES + 64 or (len(words) > 1 and len(words[1]) > MAX_TARGET_BYTES):
        return _too_long_a_target()
    if _REQUEST_LINE.fullmatch(line):
        return RefusedError(501, "NOT_IMPLEMENTED", "This service does not know that method.")
    return bad_request("The request line is not a method, an address and HTTP/1.1 with one space between.")


def _wrong_field_line(line: bytes) -> RefusedError:
    name, colon, _ = line.partition(b":")
    if not line.endswith(b"\r\n") or _NO_VALUE.search(line, 0, len(line) - 2):
        return bad_request("A header has a control character, or does not end in CR LF.")
    if line[:1] in (b" ", b"\t"):
        return bad_request("A header is continued on the next line, which is no longer allowed.")
    if not colon or name[-1:] in (b" ", b"\t", b"") or not re.fullmatch(_TOKEN + rb"+", name):
        return bad_request("A header has no name of letters, digits and hyphens with a colon right behind it.")
    return RefusedError(
        431, "HEADERS_TOO_LARGE", f"A header may have {MAX_VALUE_BYTES} bytes, and its name {MAX_NAME_BYTES}."
    )


_SIZE, _DATA, _AFTER_DATA, _TRAILER = range(4)


class ChunkReader:
    """Follows one chunked body. Trailers are read over and not handed on: the server would take them for headers."""

    __slots__ = ("_extensions", "_left", "_state", "_trailers", "turn_is_over")

    def __init__(self) -> None:
        self.turn_is_over = False
        self._state = _SIZE
        self._left = self._extensions = self._trailers = 0

    def feed(self, data: bytes) -> tuple[int, int, bool]:
        """Follows ``data`` for at most `CHUNKS_A_TURN` chunks. Raises `RefusedError`.

        Returns up to where it is for the parser, up to where it was read, and whether the body has ended; what was not
        read is to be given again with what comes next, or, when ``turn_is_over``, soon. The parser wants an empty line
        after the end.
        """
        at = handed = 0
        end = len(data)
        chunks = 0
        self.turn_is_over = False
        while at < end:
            if self._state == _SIZE:
                if chunks == CHUNKS_A_TURN:
                    self.turn_is_over = True
                    break
                chunks += 1
                found = _CHUNK_SIZE.match(data, at)
                if not found:
                    if not _BEGUN_CHUNK_SIZE.fullmatch(data, at, min(end, at + _LONGEST_SIZE_LINE)):
                        raise bad_request("A chunk has no size of up to 16 hexadecimal digits, or too much behind it.")
                    break
                self._extensions += len(found[2])
                if self._extensions > MAX_EXTENSIONS_BYTES:
                    raise bad_request("The chunks have more extensions than a body has use for.")
                at = handed = found.end()
                self._left = int(found[1], 16)
                self._state = _DATA if self._left else _TRAILER
            elif self._state == _DATA:
                taken = min(self._left, end - at)
                self._left -= taken
                at = handed = at + taken
                if not self._left:
                    self._state = _AFTER_DATA
            elif self._state == _AFTER_DATA:
                if data[at : at + 2] != b"\r\n":
                    if data[at : at + 2] == b"\r":
                        break
                    raise bad_request("A chunk is longer or shorter than it says.")
                at = handed = at + 2
                self._state = _SIZE
            else:
                after = data.find(b"\n", at) + 1
                line = data[at : after or end]
                if self._trailers + len(line) > _MAX_TRAILERS_BYTES:
                    raise RefusedError(431, "HEADERS_TOO_LARGE", "There is too much after the last chunk.")
                if not after:
                    break
                self._trailers += len(line)
                at = after
                if line == b"\r\n":
                    return handed, at, True
                if not _FIELD_LINE.fullmatch(line):
                    raise _wrong_field_line(line)
        return handed, at, False
