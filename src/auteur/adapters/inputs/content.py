"""What a file is, by what it holds: never by its name, its url or what a server says of it."""

import contextlib
from typing import BinaryIO

from auteur.adapters.decoding import moving, pictures
from auteur.adapters.inputs.problems import UnusableInputError
from auteur.domain.errors import UnreadableImageError


async def suffix_of(file: BinaryIO, kind: str) -> str:
    """The extension of a file of that kind, of which the first picture or sound can be decoded.

    Raises `UnusableInputError`.
    """
    try:
        if kind == "image":
            return (await pictures.verify(file)).suffix
        if kind == "visual":
            with contextlib.suppress(UnreadableImageError):
                return (await pictures.verify(file)).suffix
            kind = "video"
        return (await moving.begin(file, kind)).suffix
    except UnreadableImageError as error:
        raise UnusableInputError(f"cannot be used: {error.message}") from None
    except moving.UnusableFilmError:
        raise UnusableInputError(f"cannot be used: the file is no {kind} that can be read") from None
