"""Reads a `.env` file as python-dotenv does, for the probe, which imports only the standard library. A test holds the
two equal."""

import re
from collections.abc import Iterator, Mapping


def read_assignments(file: str, environment: Mapping[str, str]) -> dict[str, str | None]:
    """The names and values in the file; None for a name without a value. ``${NAME}`` in a value stands for what an
    earlier line, else the environment, says. Raises `OSError`, and `UnicodeDecodeError` where it is not UTF-8."""
    with open(file, encoding="utf-8") as opened:
        text = opened.read().removeprefix("\ufeff")
    known: dict[str, str | None] = {}
    for name, value in _assignments(text):
        known[name] = None if value is None else _resolve(value, {**environment, **known})
    return known


class _Reader:
    """A place in a text, moved on by what is taken."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, pattern: str) -> str | None:
        """What matches here, its group if it has one; None if nothing does."""
        found = re.compile(pattern, re.DOTALL).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[found.lastindex or 0]


def _assignments(text: str) -> Iterator[tuple[str, str | None]]:
    """The names and values of a `.env` file, as python-dotenv reads them; lines that are none are passed over."""
    reader = _Reader(text)
    while reader.at < len(text):
        reader.take(r"\s*")
        reader.take(r"export[^\S\r\n]+")
        name = reader.take(r"'([^']+)'|(?!['#])([^=#\s]+)")
        value: str | None = None
        is_well_formed = name is not None or reader.take(r"(?=#|\Z)") is not None
        if is_well_formed:
            reader.take(r"[^\S\r\n]*")
            if reader.take(r"=(?=[^\S\r\n]+#)") is not None:
                value = ""
            elif reader.take(r"=[^\S\r\n]*") is not None:
                value = _value(reader)
                is_well_formed = value is not None
        if is_well_formed:
            reader.take(r"[^\S\r\n]*#[^\r\n]*")
            is_well_formed = reader.take(r"[^\S\r\n]*(?:\r\n|\n|\r|\Z)") is not None
        if not is_well_formed:
            reader.take(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
        elif name is not None:
            yield name, value


def _value(reader: _Reader) -> str | None:
    """The value that begins here; None for a quote that is not closed."""
    for quote, escapes in (("'", r"\\[\\']"), ('"', r"\\[\\'\"abfnrtv]")):
        if reader.take(f"(?={quote})") is not None:
            inside = reader.take(rf"{quote}((?:\\.|[^{quote}\\])*){quote}")
            if inside is None:
                return None
            return re.sub(escapes, lambda found: found[0].encode().decode("unicode-escape"), inside)
    return re.sub(r"\s+#.*", "", reader.take(r"[^\r\n]*") or "").rstrip()


def _resolve(value: str, known: Mapping[str, str | None]) -> str:
    """With ``${NAME}`` and ``${NAME:-default}`` replaced."""
    return re.sub(r"\$\{([^}:]*)(?::-([^}]*))?\}", lambda found: known.get(found[1], found[2] or "") or "", value)
