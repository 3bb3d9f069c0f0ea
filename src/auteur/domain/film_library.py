"""What a project keeps beside its tasks: sets, cast members and films, each a document with a name and a version."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from auteur.domain.errors import InvalidRequestError

DocumentKind = Literal["set", "cast", "film"]
DOCUMENT_KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
MAX_NAME_LENGTH = 64
_BETWEEN = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """``name``: as `resource_name` has it; ``version``: 1, 2, 3 … as it was put; ``body``: JSON text."""

    project_id: str
    kind: DocumentKind
    name: str
    version: int
    updated_at: datetime
    body: str

    @property
    def tag(self) -> str:
        """Another one for every other state of it, also where it was deleted and put anew."""
        return f"{self.version}-{hashlib.sha256(self.body.encode()).hexdigest()[:16]}"


def resource_name(text: str) -> str:
    """The name under which something that people call so is kept: ``STONE HUT / HILLSIDE`` is ``stone-hut-hillside``.
    Empty where no letter or digit is in it. Given its own answer again, it answers the same."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return _BETWEEN.sub("-", plain)[: MAX_NAME_LENGTH + 1].strip("-_")[:MAX_NAME_LENGTH].strip("-_")


def parse_resource_name(text: str) -> str:
    """`resource_name`. Raises `InvalidRequestError` where there is none."""
    name = resource_name(text)
    if not name:
        problem = "needs a letter or a digit"
        raise InvalidRequestError(f"name {problem}", problems=[{"field": "name", "message": problem}])
    return name
