"""One door to all readers: a file of any kind that is read becomes a `Script`."""

from fractions import Fraction

from auteur.adapters.scripts.fountain import read_fountain
from auteur.adapters.scripts.shotlist import looks_like_one, read_shot_list
from auteur.adapters.scripts.texts import MOST_BYTES, decoded, require_bytes, require_size
from auteur.domain.errors import UnreadableScriptError
from auteur.domain.film import Script

__all__ = ["MOST_BYTES", "read_script", "require_size"]

_PLAIN = (".txt", ".md")
_FOUNTAIN = (".fountain", ".spmd", *_PLAIN)
_TABLE = (".csv", ".tsv", ".tab")
_OTHERS = {b"%PDF": "a PDF", b"PK\x03\x04": "a packed document", b"\xd0\xcf\x11\xe0": "an old Office document"}


def read_script(data: bytes, name: str, rate: Fraction) -> Script:
    """Reads Fountain, FDX or a shot list, as the name's ending says, or else the content. What is called plain text is
    Fountain, or where it has no scene the shot list that a spreadsheet saved so.

    ``rate``: frames a second, for durations in a shot list. Raises `UnreadableScriptError`.
    """
    require_bytes(data)
    for start, what in _OTHERS.items():
        if data.startswith(start):
            raise UnreadableScriptError(f"This is {what}: give Fountain, FDX, or a shot list as CSV.")
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if ending == ".fdx" or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<FinalDraft")):
        from auteur.adapters.scripts.fdx import read_fdx  # a reader of XML, which no start needs

        return read_fdx(data)
    if ending in _TABLE:
        return read_shot_list(data, rate)
    if ending not in _FOUNTAIN:
        text, _ = decoded(data, guess="cp1252")
        if looks_like_one(text):
            return read_shot_list(data, rate)
    script = read_fountain(decoded(data)[0])
    if ending in _PLAIN and not script.scenes and looks_like_one(decoded(data)[0]):
        return read_shot_list(data, rate)
    return script
