"""What looks like a setting and is none: misspelt names, in the environment and in `.env`."""

import difflib
import io
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

_ALIKE = 0.88


class EnvFileError(Exception):
    """A `.env` file that cannot be read; the text names it and shows nothing of it."""


def values_in(env_file: str) -> dict[str, str | None]:
    """The names and values in the file, none without such a file. Raises `EnvFileError`."""
    path = Path(env_file).absolute()
    try:
        if not path.is_file() and not path.is_dir():  # nothing, or a pipe, which is read only once
            return {}
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise EnvFileError(f"{path} cannot be read: {(error.strerror or 'not possible').lower()}") from None
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16 without a mark decodes, into names that nobody has written
        raise EnvFileError(f"{path} is not UTF-8 text; save it as UTF-8")
    return dict(dotenv_values(stream=io.StringIO(text)))


def misspelt(found: Mapping[str, str], prefix: str, settings: Collection[str]) -> Iterator[str]:
    """A line for each name that looks like a setting and is none, with the nearest setting there is.

    ``found``: by name, where it was found, empty for the environment. ``settings``: without the prefix.
    """
    known = {f"{prefix}{name}".upper(): name.upper() for name in settings}
    for name, where in sorted(found.items()):
        if name.upper() in known:
            continue
        ours = name.upper().startswith(prefix)
        near = (
            difflib.get_close_matches(name.upper().removeprefix(prefix), known.values(), n=1)
            if ours
            else [full.removeprefix(prefix) for full in difflib.get_close_matches(name.upper(), known, 1, _ALIKE)]
        )
        if ours or near:
            hint = f"; did you mean {prefix}{near[0]}?" if near else "."
            yield f"{name}{where} is no setting and is ignored{hint}"
