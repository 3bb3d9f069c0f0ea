"""Settings that are secrets, from files: ``<NAME>_FILE`` names one that holds the value of ``<NAME>``.

So a secret is in no environment, which every child process inherits and every inspection of a container shows.
"""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

SUFFIX = "_file"
_MAX_BYTES = 64 << 10


class SecretFileError(Exception):
    """A secret that cannot be had from its file. ``name``: of the setting that names the file, in lower case; the text
    shows nothing of the file, nor where it is."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def secrets_among(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The names of the settings that are secrets."""
    return [name for name, field in fields.items() if SecretStr in (field.annotation, *get_args(field.annotation))]


def secrets_from_files(
    fields: Mapping[str, FieldInfo], given: Mapping[str, str], decided: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Name and value of each secret that is in a file. ``given``: what is set, by name; ``decided``: what is not to be
    looked for. Raises `SecretFileError`."""
    for name in secrets_among(fields):
        file = given.get(name + SUFFIX)
        if not file or name in decided:
            continue
        if given.get(name):
            raise SecretFileError(name + SUFFIX, "the secret itself is set too; only one of them can be")
        try:
            yield name, read_secret(file)
        except ValueError as error:
            raise SecretFileError(name + SUFFIX, str(error)) from None


def with_files(names: Mapping[str, Any]) -> list[str]:
    """All names of settings, and for each secret that of its file."""
    return [*names, *(name + SUFFIX for name in secrets_among(names))]


def read_secret(path: str) -> str:
    """The line in the file. Raises `ValueError` in words for who wrote the setting."""
    try:
        # a pipe without a writer would wait for one
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        why = (error.strerror or "").lower() if isinstance(error, OSError) else ""
        raise ValueError(f"the file cannot be read{why and ': '}{why}") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("must name a regular file")
        content = os.read(descriptor, _MAX_BYTES + 1)
    except OSError:
        raise ValueError("the file cannot be read") from None
    finally:
        os.close(descriptor)
    if len(content) > _MAX_BYTES:
        raise ValueError(f"the file has more than {_MAX_BYTES} bytes")
    try:
        secret = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8 text") from None
    if not secret.strip():
        raise ValueError("the file is empty")
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in secret):
        raise ValueError("the file must have one line, without NUL or other control characters")
    return secret
