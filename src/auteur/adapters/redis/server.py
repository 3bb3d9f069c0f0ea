"""What a server says of itself (INFO), and what follows from it: whether it can hold a log, and what it may lose."""

import re
from collections.abc import Mapping
from typing import Any

from auteur.adapters.redis.causes import CLUSTER, NAMELESS_RUN, SENTINEL, TOO_OLD
from auteur.domain.errors import Cause


def unsupported(server: Mapping[str, Any]) -> Cause | None:
    """Why a server can never hold the log, by what it says of itself (INFO)."""
    mode = server.get("server_mode") or server.get("redis_mode")
    if mode == "sentinel":
        return SENTINEL
    if server.get("cluster_enabled") or mode == "cluster":
        return CLUSTER
    version = re.match(r"\d+", str(server.get("redis_version", "")))
    if version is None or int(version[0]) < 7:
        return TOO_OLD
    return None if server.get("run_id") else NAMELESS_RUN


def risks_of(server: Mapping[str, Any]) -> list[str]:
    """How a server, by what it says of itself, may lose what was accepted."""
    risks = []
    if not server.get("aof_enabled"):
        risks.append("redis keeps no append-only file, so what it holds is lost when it stops: set appendonly yes")
    if server.get("maxmemory_policy", "noeviction") != "noeviction":
        risks.append("redis evicts what it holds when it is full: set maxmemory-policy noeviction")
    return risks
