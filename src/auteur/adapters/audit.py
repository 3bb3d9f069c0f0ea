"""The audit trail: a line of the log for each change, with who asked for it and from where.

Who, from where and by which request is bound to the conversation by the door it came through, and is on every line.
"""

from typing import Any

import structlog

AUDIT_LOGGER = "auteur.audit"
log = structlog.get_logger(AUDIT_LOGGER)


def asked_by(principal_id: str, name: str, address: str | None) -> None:
    """Binds who asks, and from which address, to all that is logged from here on in this conversation."""
    structlog.contextvars.bind_contextvars(principal=principal_id, principal_name=name, client=address or "local")


def audit(action: str, **what: Any) -> None:
    """Tells of a change that was made, or of a door that stayed shut. ``what``: ids, never contents or secrets."""
    log.info(action, audit=True, **what)
