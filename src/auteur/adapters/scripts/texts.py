"""From bytes to lines of text, as every reader of scripts needs them."""

import re
import unicodedata

from auteur.domain.errors import UnreadableScriptError

MOST_BYTES = 4 << 20
"""A feature of 120 pages has about 200 kB."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\x0b": "\n", "\x0c": "\n", "\u200b": "", "\ufeff": ""})
_SURROGATES = re.compile("[\ud800-\udfff\ufffe\uffff]")


def require_bytes(data: bytes) -> None:
    """Raises `UnreadableScriptError` for what is empty or too large."""
    if not data.strip():
        raise UnreadableScriptError("The script is empty.")
    require_size(len(data))


def require_size(size_bytes: int) -> None:
    """Raises `UnreadableScriptError` for what is too large."""
    if size_bytes > MOST_BYTES:
        raise UnreadableScriptError(f"The script is larger than {MOST_BYTES >> 20} MiB.", max_bytes=MOST_BYTES)


def decoded(data: bytes, *, guess: str | None = None) -> tuple[str, str]:
    """The text, and the encoding that it had: UTF-8, UTF-16 with its mark, or ``guess`` where it is neither.

    The text is composed (NFC), has one kind of line end, plain spaces, and no byte order mark. Raises
    `UnreadableScriptError` for what is no text.
    """
    require_bytes(data)
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if guess is None or b"\0" in data:
            raise UnreadableScriptError(
                f"The script is not {encoding.upper()} text: byte {error.start + 1} is none. Save it as UTF-8."
            ) from None
        encoding, text = guess, data.decode(guess, errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    text = unicodedata.normalize("NFC", text)
    if (met := _CONTROLS.search(text)) is not None:
        line = text.count("\n", 0, met.start()) + 1
        raise UnreadableScriptError(
            f"The script is no text: line {line} holds the character U+{ord(met[0]):04X}.", line=line
        )
    return _SURROGATES.sub("\ufffd", text), encoding
