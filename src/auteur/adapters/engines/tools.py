"""What an engine may use: all that its factory is given."""

from collections.abc import Callable
from dataclasses import dataclass

from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.ports import ArtifactStore, TaskHandler


@dataclass(frozen=True, slots=True)
class EngineTools:
    """``processes``: child processes to compute in; ``artifacts``: the files of projects, to find a task's inputs."""

    processes: EngineProcesses
    artifacts: ArtifactStore


EngineFactory = Callable[[EngineTools], TaskHandler]
"""What an entry point of the group `auteur.engines` names. Called once a process, before anything is open."""
