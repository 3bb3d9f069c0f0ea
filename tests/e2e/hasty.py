"""The command line, in a service that asks four times a second whether who has a conversation may still have it."""

import sys

from auteur.domain import authentication
from auteur.entrypoints import access
from auteur.entrypoints.cli import main

_policy = access.AccessPolicy


def hasty(**given: object) -> authentication.AccessPolicy:
    return _policy(**{**given, "recheck_s": 0.25})  # type: ignore[arg-type]


if __name__ == "__main__":
    access.AccessPolicy = hasty  # type: ignore[assignment,misc]
    authentication._REMEMBERED_S = 0.25
    sys.exit(main())
