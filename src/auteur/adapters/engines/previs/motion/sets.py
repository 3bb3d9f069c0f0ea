"""From parameters to a shot and its stage, for what moves: the same as for a still."""

from auteur.adapters.engines.previs.shooting import staged

__all__ = ["staged"]
