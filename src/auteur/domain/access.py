"""Who may do what: a principal, what it was granted, and the one question that every door asks."""

import fnmatch
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from auteur.domain.errors import ForbiddenError, InvalidGrantError, ProjectHiddenError

EVERY_PROJECT = "*"
Demand = Literal["never", "always", "if_there_are_tokens"]
"""Whether whoever asks must say who they are."""
_PATTERN = re.compile(r"[A-Za-z0-9*][A-Za-z0-9._*-]{0,127}")
_MAX_PATTERNS = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,63}")


class Permission(StrEnum):
    """What may be done with a project. None implies another."""

    READ = "read"
    """See it, its tasks, files and events."""
    SUBMIT = "submit"
    """Ask for tasks, promote and mark takes, bring pictures."""
    CANCEL = "cancel"
    """Stop tasks."""
    MANAGE = "manage"
    """Delete tasks and the project."""


@dataclass(frozen=True, slots=True)
class Grant:
    """``may`` do this with every project whose id fits one of the ``projects``; ``*`` is any run of characters."""

    projects: tuple[str, ...]
    may: frozenset[Permission]

    @classmethod
    def of(cls, projects: Collection[str], may: Collection[str]) -> Self:
        """From words. Raises `InvalidGrantError`."""
        if not 1 <= len(projects) <= _MAX_PATTERNS or not all(map(_PATTERN.fullmatch, projects)):
            raise InvalidGrantError("Projects are named by their id, or with * for any characters, as film-*.")
        if not may or set(may) - set(Permission):
            raise InvalidGrantError(f"What may be done is some of {', '.join(Permission)}.")
        return cls(tuple(projects), frozenset(map(Permission, may)))

    def covers(self, project_id: str) -> bool:
        """Whether it is about that project."""
        return any(fnmatch.fnmatchcase(project_id, pattern) for pattern in self.projects)


EVERYTHING = Grant((EVERY_PROJECT,), frozenset(Permission))


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whoever asks for something: a person or a program.

    ``id`` is stable and never shows a secret; ``name`` is for people. ``token_id``: the token that it came with, which
    may be revoked. ``session``: the digest of its session, which may be ended. ``expires_at``: when it is nobody any
    more, whatever else. ``limited``: whether what it asks for is counted.
    """

    id: str
    name: str
    grants: tuple[Grant, ...]
    token_id: str | None = None
    session: str | None = None
    expires_at: datetime | None = None
    limited: bool = True

    @property
    def is_anonymous(self) -> bool:
        """Whether it is whoever asks; also one that was kept, and is not the same object any more."""
        return self.id == ANONYMOUS.id

    def may(self, permission: Permission, project_id: str) -> bool:
        """Whether it was granted that."""
        return any(permission in grant.may and grant.covers(project_id) for grant in self.grants)

    def may_everywhere(self, permission: Permission) -> bool:
        """Whether it was granted that for every project there is or will be."""
        return any(permission in grant.may and EVERY_PROJECT in grant.projects for grant in self.grants)

    def require(self, permission: Permission, project_id: str) -> None:
        """Returns if it may. Raises `ProjectHiddenError` where it was granted nothing of the project, so that it does
        not learn whether there is one; `ForbiddenError` where it was granted something else."""
        if self.may(permission, project_id):
            return
        if not any(grant.covers(project_id) for grant in self.grants):
            raise ProjectHiddenError()
        raise ForbiddenError(permission.value)

    def require_everywhere(self, permission: Permission) -> None:
        """Returns if it may, whatever the project. Raises `ForbiddenError`."""
        if not self.may_everywhere(permission):
            raise ForbiddenError(permission.value)


ANONYMOUS = Principal(id="anonymous", name="anonymous", grants=(EVERYTHING,), limited=False)
"""Whoever asks where nobody has to say who they are."""


def parse_name(text: str) -> str:
    """What a token may be called. Raises `InvalidGrantError`."""
    if not _NAME.fullmatch(text):
        raise InvalidGrantError(
            "A name starts with a letter or digit and has up to 64 of letters, digits, space . _ @ + -"
        )
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A secret that was given to somebody, as it is kept: its SHA-256 ``digest`` (hex), never the secret."""

    token_id: str
    name: str
    digest: str = field(repr=False)
    grants: tuple[Grant, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def principal(self) -> Principal:
        """Who comes with it."""
        return Principal(
            id=f"token:{self.token_id}", name=self.name, grants=self.grants, token_id=self.token_id,
            expires_at=self.expires_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What stands for a principal for a while: a session of a browser, or a ticket for one conversation.

    ``digest``: SHA-256 (hex) of its secret. ``until``: when it ends.
    """

    digest: str = field(repr=False)
    principal: Principal
    until: datetime
