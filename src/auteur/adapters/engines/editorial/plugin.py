"""The entry point of the engine."""

from auteur.adapters.engines.editorial.handler import EditorialHandler
from auteur.adapters.engines.tools import EngineTools
from auteur.domain.ports import TaskHandler


def make(tools: EngineTools) -> TaskHandler:
    """Boards, cuts and hand-overs of a film's takes."""
    return EditorialHandler(tools.processes, tools.artifacts)
